/** @file
 * What this room keeps in a context to use again: a parser, compiled patterns, the EXSLT functions by name, contexts of
 * libxslt.
 */
#ifndef XML_SCRATCH_H
#define XML_SCRATCH_H

#include <libxml/hash.h>
#include <libxml/parser.h>

#include "core/context.h"

enum { KEPT_CONTEXTS = 8 };

struct xml_stylesheet;
/** A context of libxslt for the next run of a stylesheet. */
struct kept_context {
    struct xml_stylesheet *sheet;            /**< owned, counted; NULL: the place is free */
    struct _xsltTransformContext *transform; /**< owned */
    unsigned uses;
};
void kept_context_free(struct kept_context *k);

struct xml_scratch {
    xmlParserCtxtPtr
        parser; /**< owned; NULL until needed, and after a document that failed or left much behind */
    xmlHashTablePtr patterns; /**< owned: pattern text -> xmlRegexpPtr */
    xmlHashTablePtr exslt;    /**< owned: name and namespace -> function */
    struct kept_context kept[KEPT_CONTEXTS];
};

/** The context's scratch, made on first use; NULL: no memory. */
struct xml_scratch *xml_scratch(struct gln_context *ctx);

#endif
