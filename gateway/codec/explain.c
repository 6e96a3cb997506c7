/*
 * From outbound bytes back to the sender's: which row of the source map a place in an answer means, and the whole message as a
 * table for people. Owns nothing, fails only for want of memory; a place that cannot be found is NULL, not an error, since
 * customs may speak of something we did not send.
 *
 * Masked secrets stay masked, for only the kept bytes are shown.
 */
#include "codec/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

/* --- where an answer points --- */

static bool is_record_row(const struct source_row *r)
{
    return r->from == 0 && r->record != 0;
}

/* The row of the record itself: by number, by its text, or by name and occurrence. */
static const struct source_row *record_row(const struct source_map *map, const char *bytes, size_t length,
                                           const struct outbound_place *where)
{
    const struct source_row *by_name = NULL;
    unsigned seen = 0, of_name = 0;

    for (size_t i = 0; i < map->count; i++) {
        const struct source_row *r = &map->items[i];

        if (!is_record_row(r))
            continue;
        if (where->number != 0 && r->record == where->number)
            return r;
        if (where->record == NULL || !str_eq(r->name, where->record))
            continue;
        of_name++;
        if (where->text != NULL && r->offset + r->length <= length && strlen(where->text) == r->length &&
            memcmp(bytes + r->offset, where->text, r->length) == 0)
            return r;
        if (++seen == (where->occurrence != 0 ? where->occurrence : 1))
            by_name = r;
    }
    /* Without a match of the text, the name alone only tells if there is one record of it. */
    return where->occurrence != 0 || of_name == 1 ? by_name : NULL;
}

/* The field in the columns; for the record as a whole (from 0) any field that has a source. */
static const struct source_row *field_row(const struct source_map *map, const struct source_row *record,
                                          const struct outbound_place *where)
{
    const struct source_row *found = NULL;
    unsigned to = where->to != 0 ? where->to : where->from;

    for (const struct source_row *r = record + 1; r < map->items + map->count; r++) {
        if (r->record != record->record)
            break;
        if (where->from != 0 && (r->to < where->from || r->from > to))
            continue;
        if (found == NULL || (found->src == NULL && r->src != NULL))
            found = r;
    }
    return found;
}

/* How much of `path` the name of a row covers, whole steps; 0: none. A step without a position means the first. */
static size_t path_covered(const char *name, const char *path)
{
    const char *p = path;

    while (*name != '\0') {
        if (*p != '[' && strncmp(name, "[1]", 3) == 0) {
            name += 3;
            continue;
        }
        if (*name++ != *p++)
            return 0;
    }
    if (strncmp(p, "[1]", 3) == 0)
        p += 3;
    return *p == '\0' || *p == '/' ? (size_t)(p - path) : 0;
}

/* The element of the path, else the nearest one around it. */
static const struct source_row *path_row(const struct source_map *map, const char *path)
{
    const struct source_row *best = NULL;
    size_t best_length = 0;

    for (size_t i = 0; i < map->count; i++) {
        size_t n = map->items[i].name != NULL ? path_covered(map->items[i].name, path) : 0;

        if (n > best_length) {
            best = &map->items[i];
            best_length = n;
        }
    }
    return best;
}

const struct source_row *outbound_locate(const struct source_map *map, const void *bytes, size_t length,
                                         const struct outbound_place *where)
{
    const struct source_row *record, *field;

    if (where->path != NULL)
        return path_row(map, where->path);
    record = record_row(map, bytes, length, where);
    if (record == NULL || (where->from == 0 && record->src != NULL))
        return record;
    field = field_row(map, record, where);
    if (field == NULL)
        return record;
    return field->src != NULL || where->from != 0 ? field : record;
}

/* --- the message as a table --- */

/* Blanks up to `width` characters behind what was written since `from`. */
static void pad(struct buf *out, size_t from, size_t width)
{
    size_t n = out->data != NULL && out->len > from ? utf8_chars(out->data + from, out->len - from) : 0;

    buf_fill(out, ' ', n < width ? width - n : 1);
}

enum { COLUMN_COLUMNS = 8, COLUMN_FIELD = 38, COLUMN_VALUE = 36, COLUMN_PLACE = 8, COLUMN_POINTER = 30 };

static void head_put(struct buf *out, int language)
{
    static const struct {
        enum message_id id;
        size_t width;
    } heads[] = {{MSG_EXPLAIN_COLUMNS, COLUMN_COLUMNS},
                 {MSG_EXPLAIN_FIELD, COLUMN_FIELD},
                 {MSG_EXPLAIN_VALUE, COLUMN_VALUE},
                 {MSG_EXPLAIN_PLACE, COLUMN_PLACE},
                 {MSG_EXPLAIN_PATH, 0}};

    buf_puts(out, "  ");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t from = out->len;

        message_put(out, heads[i].id, language, NULL, 0);
        if (heads[i].width != 0)
            pad(out, from, heads[i].width);
    }
    buf_putc(out, '\n');
}

static void value_put(struct buf *out, const struct outbound *o, const struct source_row *r)
{
    size_t length = r->length;
    const char *value = o->bytes.data + r->offset;

    if (r->offset + length > o->bytes.len)
        return;
    while (length > 0 && value[length - 1] == ' ')
        length--;
    buf_put(out, value, length);
}

/* The node's pointer, in class and attribute ids, and its path in words, the envelope left out. */
static void path_put(struct buf *out, const struct xml_node *n, const struct xml_pointers *pointers)
{
    static const char envelope[] = "/MetaData";
    struct buf path = BUF_INIT;
    const char *text;
    size_t from = out->len;

    if (pointers != NULL)
        xml_pointer_put(out, pointers, n);
    if (out->len > from)
        pad(out, from, COLUMN_POINTER);
    xml_path(&path, n);
    text = path.data != NULL ? path.data : "";
    buf_puts(out, str_starts(text, envelope) ? text + sizeof envelope - 1 : text);
    buf_free(&path);
}

static void place_put(struct buf *out, const struct source_row *r, const struct xml_doc *source,
                      const struct xml_pointers *pointers)
{
    struct place place = source != NULL && r->src != NULL ? xml_place_by_src(source, r->src) : PLACE_NONE;
    const struct xml_node *node = source != NULL && r->src != NULL ? xml_node_by_src(source, r->src) : NULL;
    size_t from = out->len;

    if (place.known)
        buf_printf(out, "%u:%u", (unsigned)place.line, (unsigned)place.column);
    if (node == NULL)
        return;
    pad(out, from, COLUMN_PLACE);
    path_put(out, node, pointers);
}

static void field_put(struct buf *out, const struct outbound *o, const struct source_row *r,
                      const struct xml_doc *source, const struct xml_pointers *pointers)
{
    size_t from;

    buf_puts(out, "  ");
    from = out->len;
    if (r->from != 0)
        buf_printf(out, r->from == r->to ? "%u" : "%u-%u", (unsigned)r->from, (unsigned)r->to);
    pad(out, from, COLUMN_COLUMNS);
    from = out->len;
    buf_puts(out, r->title != NULL ? r->title : r->name);
    pad(out, from, COLUMN_FIELD);
    from = out->len;
    value_put(out, o, r);
    pad(out, from, COLUMN_VALUE);
    place_put(out, r, source, pointers);
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    buf_putc(out, '\n');
}

static void record_put(struct buf *out, const struct outbound *o, const struct source_row *r, int language)
{
    char number[16];
    const char *args[3] = {number, r->name, r->title};

    snprintf(number, sizeof number, "%u", (unsigned)r->record);
    message_put(out, MSG_EXPLAIN_RECORD, language, args, 3);
    buf_puts(out, "\n  |");
    if (r->offset + r->length <= o->bytes.len)
        buf_put(out, o->bytes.data + r->offset, r->length);
    buf_puts(out, "|\n");
}

void outbound_explain(struct buf *out, const struct outbound *o, const struct xml_doc *source,
                      const struct xml_pointers *pointers, int language)
{
    head_put(out, language);
    for (size_t i = 0; i < o->map.count; i++) {
        const struct source_row *r = &o->map.items[i];

        if (is_record_row(r))
            record_put(out, o, r, language);
        else
            field_put(out, o, r, source, pointers);
    }
}
