/** @file
 * Codecs: bytes <-> plain XML tree; they know nothing of customs. Each is one exported table row.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "xml/tree.h"

struct layout; /**< a file of schemas/, urn:greenlane:layout:1: records, fields, classes; read-only, shared */
int layout_load(struct layout **out, struct gln_context *ctx, const char *path);
void layout_free(struct layout *l);

/** Which outbound bytes came from which place of the sender's: one row a record or field. */
struct source_row {
    size_t offset, length; /**< in the outbound bytes */
    uint32_t record;       /**< record number from 1 in the message; 0 where there are no records */
    uint16_t from, to;     /**< columns 1-based; 0 for the record as a whole */
    char *name;            /**< owned: "SE10/EntryType" */
    char *title;           /**< owned: official field name; may be NULL */
    char *src;             /**< owned: gln:src number; may be NULL */
};
struct source_map {
    struct source_row *items;
    size_t count, cap;
};
void source_map_free(struct source_map *m);

struct outbound {
    struct buf bytes; /**< secrets masked */
    struct secret_slots slots;
    struct source_map map;
};
void outbound_free(struct outbound *o);

/** Decode may be lenient or strict by the layout. Errors carry the place (record, column) in the text. */
struct codec {
    const char *name; /**< "fixed", "xml" */
    int (*encode)(struct outbound *out, struct gln_context *ctx, const struct layout *l,
                  const struct xml_doc *in, const struct xml_doc *source);
    int (*decode)(struct xml_doc **out, struct gln_context *ctx, const struct layout *l, const void *data,
                  size_t len);
};
const struct codec *codec_find(const char *name); /**< NULL if unknown */

#endif
