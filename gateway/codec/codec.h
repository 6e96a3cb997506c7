/** @file
 * Codecs: bytes <-> plain XML tree; they know nothing of customs. Each is one exported table row.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "core/finding.h"
#include "xml/rules.h"
#include "xml/tree.h"

struct layout; /**< a file of schemas/, urn:greenlane:layout:1: records, fields, classes; read-only, shared */
int layout_load(struct layout **out, struct gln_context *ctx, const char *path);
void layout_free(struct layout *l);

/** Which outbound bytes came from which place of the sender's: one row a record or field. */
struct source_row {
    size_t offset, length; /**< in the outbound bytes */
    uint32_t record;       /**< record number from 1 in the message; 0 where there are no records */
    uint16_t from, to;     /**< columns 1-based; 0 for the record as a whole */
    char *name;  /**< owned: "SE10/EntryType"; the row's other strings lie behind it in the same block */
    char *title; /**< official field name; may be NULL */
    char *src;   /**< gln:src number; may be NULL */
};
struct source_map {
    struct source_row *items;
    size_t count, cap;
};
/** Adds a row with copies of its strings (name not NULL); false when memory ran out. The only way to add one. */
bool source_map_add(struct source_map *m, const struct source_row *row);
void source_map_free(struct source_map *m);

struct outbound {
    struct buf bytes; /**< secrets masked */
    struct secret_slots slots;
    struct source_map map;
};
void outbound_free(struct outbound *o);

/** What an answer says about a place in a message of ours: the attributes of <location>; NULL or 0 where it says nothing. */
struct outbound_place {
    const char *record;  /**< "SE15" */
    const char *text;    /**< the record as customs returned it; told from others of its name by this */
    unsigned occurrence; /**< from 1, among records of that name */
    unsigned number;     /**< record number in the batch, from 1 */
    unsigned from, to;   /**< columns */
    const char *path;    /**< of an XML message: "comprobantes[2]/emisor/rfc" */
};
/**
 * The row of the map an answer points at: the field in those columns, else the record; for a path the element, else the nearest
 * one around it. A row that says where the sender wrote it (src) is preferred. NULL: not found. `bytes` are the outbound bytes
 * as kept, secrets masked; needed for `text` only, may be NULL.
 */
const struct source_row *outbound_locate(const struct source_map *map, const void *bytes, size_t length,
                                         const struct outbound_place *where);
/**
 * The message as people read it: each record, and under it each field with its columns, official name, value, the line:column
 * where the sender wrote it and the WCO pointer and path of that node. `source` and `pointers` may be NULL.
 */
void outbound_explain(struct buf *out, const struct outbound *o, const struct xml_doc *source,
                      const struct xml_pointers *pointers, int language);

/** Decode may be lenient or strict by the layout. Errors carry the place (record, column) in the text. */
struct codec {
    const char *name; /**< "fixed", "xml" */
    int (*encode)(struct outbound *out, struct gln_context *ctx, const struct layout *l,
                  const struct xml_doc *in, const struct xml_doc *source);
    int (*decode)(struct xml_doc **out, struct gln_context *ctx, const struct layout *l, const void *data,
                  size_t len);
    /** All values of `in` that do not fit, as findings GLN-FIELD-nnn; NULL: the codec has no fields to check. */
    int (*check)(struct findings *out, struct gln_context *ctx, const struct layout *l,
                 const struct xml_doc *in, const struct xml_doc *source);
};
const struct codec *codec_find(const char *name); /**< NULL if unknown */

#endif
