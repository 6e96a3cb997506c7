/** @file
 * Files that name further files: stylesheets and schemas. Reads all of them by our own reader, so that what libxslt and libxml2
 * then read again is known to be good and near.
 */
#ifndef XML_GRAPH_H
#define XML_GRAPH_H

#include "xml/reader.h"

struct graph_link {
    const char *element, *attribute;
};
struct graph_kind {
    const char *ns;
    const struct graph_link *links; /**< ends with a NULL element */
};
extern const struct graph_kind xml_graph_xslt;
extern const struct graph_kind xml_graph_xsd;

/** Called for each file; anything but GLN_OK ends the walk. */
typedef int graph_visit(void *arg, struct gln_context *ctx, const struct xml_doc *doc);
/**
 * The document at `path`; every file it leads to was read, too, and shown to `visit` (may be NULL). GLN_E_CONFIG with the
 * file's name otherwise.
 */
int xml_graph_read(struct xml_doc **out, struct gln_context *ctx, const char *path,
                   const struct graph_kind *kind, graph_visit *visit, void *arg);

#endif
