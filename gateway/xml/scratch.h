/** @file
 * What this room keeps in a context to use again: a parser, compiled patterns, the EXSLT functions by name.
 */
#ifndef XML_SCRATCH_H
#define XML_SCRATCH_H

#include <libxml/hash.h>
#include <libxml/parser.h>

#include "core/context.h"

struct xml_scratch {
    xmlParserCtxtPtr
        parser; /**< owned; NULL until needed, and after a document that failed or left much behind */
    xmlHashTablePtr patterns; /**< owned: pattern text -> xmlRegexpPtr */
    xmlHashTablePtr exslt;    /**< owned: name and namespace -> function */
};

/** The context's scratch, made on first use; NULL: no memory. */
struct xml_scratch *xml_scratch(struct gln_context *ctx);

#endif
