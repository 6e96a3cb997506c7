/** @file
 * Between libxml2's parser and the tree: refuses what must not come in, counts, and notes each element's place.
 */
#ifndef XML_SAX_H
#define XML_SAX_H

#include <libxml/parser.h>

#include "xml/native.h"

/** One reading of one document; the parser's `_private` while it lasts. */
struct reading {
    struct gln_context *ctx;
    struct xml_doc *doc; /**< its places hold the text the parser walks */
    size_t max_depth;    /**< elements; 0: no limit */
    size_t max_nodes;    /**< elements and attributes; 0: no limit */
    int status;          /**< of the first error, whose text and place are in the context then */
};

/** A parser with our handlers; NULL: no memory. */
xmlParserCtxtPtr sax_parser_new(void);
/** Whether blanks between elements enter the tree. */
void sax_keep_blanks(xmlParserCtxtPtr parser, bool keep);
/** Refuses start tags that are over a limit before the parser, which compares each attribute with each, walks into them. */
int sax_foresee(struct gln_context *ctx, const struct places *p);

#endif
