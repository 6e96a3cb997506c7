/**
 * @file unit/twins.h
 * @brief A stylesheet run as libxslt has it alone and as it is made quick (xml/quick.h).
 */
#ifndef UNIT_TWINS_H
#define UNIT_TWINS_H

#include <stdbool.h>

#include "xml/transform.h"

/** True: the same tree with the same places, or the same error. What differs goes to stderr. */
bool twins_agree(struct gln_context *ctx, const char *sheet, const struct xml_doc *in,
                 const struct xml_run *run);

#endif
