/** @file
 * Codec `xml`: trees that are written and read as XML.
 */
#ifndef CODEC_TREE_H
#define CODEC_TREE_H

#include "codec/codec.h"

int tree_encode(struct outbound *out, struct gln_context *ctx, const struct layout *l,
                const struct xml_doc *in, const struct xml_doc *source);
int tree_decode(struct xml_doc **out, struct gln_context *ctx, const struct layout *l, const void *data,
                size_t len);

#endif
