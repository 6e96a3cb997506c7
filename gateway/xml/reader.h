/** @file
 * The safe XML reader. No DTD, no entity beyond the five and character references, no network, no XInclude; caps on size, depth,
 * nodes and attribute length from the options. UTF-8 (with or without BOM), UTF-16 and ISO-8859-1 in. Every element knows
 * its place in the sender's bytes, in every encoding and past line 65,535.
 */
#ifndef XML_READER_H
#define XML_READER_H

#include "xml/tree.h"

/** What the first bytes look like, by content alone. */
enum xml_sniff { SNIFF_EMPTY, SNIFF_XML, SNIFF_EDIFACT, SNIFF_X12, SNIFF_BINARY, SNIFF_TEXT };
enum xml_sniff xml_sniff(const void *data, size_t len);

/**
 * Reads a document. GLN_E_INPUT (not well-formed, DOCTYPE, bad encoding), GLN_E_LIMIT (a cap): the context's error has
 * text and place. Uses and keeps the context's parser (dropped when its dictionary passes 1 MiB).
 */
int xml_read(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len);
/** The same, but blanks between elements, half of an indented document's nodes, do not enter the tree unless the document may be signed: for data, not for texts. */
int xml_read_compact(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len);
/** The same for files of our own (schemas, bundles, settings): no caps; `name` is put before messages. */
int xml_read_file(struct xml_doc **out, struct gln_context *ctx, const char *path);

#endif
