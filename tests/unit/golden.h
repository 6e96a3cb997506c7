/**
 * @file unit/golden.h
 * @brief Stylesheets of a bundle against files: tests/transforms/BUNDLE/NAME.in.xml with NAME.params and what must come out.
 *
 * NAME.params has a line `sheet=cove.xsl` and a line `name=value` for each parameter; NAME.out.xml is the tree as it would be
 * written, with a line break between tags; NAME.out.txt is text; NAME.error the message, place included. With GREENLANE_GOLDEN=write
 * in the environment the files are written instead.
 */
#ifndef UNIT_GOLDEN_H
#define UNIT_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

#include "xml/transform.h"

enum { GOLDEN_PARAMS = 32 };

/** One test. */
struct golden {
    char stem[512];  /**< path without .in.xml */
    char sheet[512]; /**< path of the stylesheet */
    char *words;     /**< owned: the text that params points into */
    const char *params[2 * GOLDEN_PARAMS + 1];
    struct xml_doc *in, *out; /**< owned; out is NULL for text and errors */
};

/** Number of tests of a bundle. */
size_t golden_count(const char *bundle);
/** Reads test `index` (by name) and runs it; the test fails where it differs. `codes` may be NULL. */
void golden_run(struct golden *g, struct gln_context *ctx, const struct xml_codes *codes, const char *bundle,
                size_t index);
void golden_clear(struct golden *g);

/** A path below the source tree. */
void source_path(char *out, size_t size, const char *name);

#endif
