/*
 * From a place in our outbound message, as customs names it in a rejection, back to the sender's own line.
 *
 * The source map kept with the filing says which outbound field came from which node; the original is parsed again for the node's place
 * and its WCO pointer. The numbers of nodes are the same, since they are given in the order of the bytes.
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void blame_clear(struct blame *b)
{
    xml_doc_free(b->original);
    source_map_free(&b->map);
    memset(b, 0, sizeof *b);
}

int blame_load(struct blame *b, struct gln_gateway *gw, struct gln_context *ctx,
               const struct ledger_filing *f)
{
    struct buf bytes = BUF_INIT;
    struct buf map = BUF_INIT;
    int status = ledger_declaration_part(gw->ledger, ctx, f->declaration, "original", &bytes);

    memset(b, 0, sizeof *b);
    if (status == GLN_OK)
        status = ledger_attachment(gw->ledger, ctx, f->id, "source-map", &map);
    if (status == GLN_OK)
        status = map_get(&b->map, ctx, map.data != NULL ? map.data : "", map.len);
    if (status == GLN_OK)
        status = xml_read(&b->original, ctx, bytes.data, bytes.len);
    buf_free(&bytes);
    buf_free(&map);
    return status;
}

static unsigned number_attr(const struct xml_node *n, const char *name)
{
    const char *text = xml_attr(n, name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static bool of_record(const struct source_row *r, const char *record, size_t len)
{
    return r->name != NULL && strncmp(r->name, record, len) == 0 &&
           (r->name[len] == '/' || r->name[len] == '\0');
}

/** The row of occurrence n of a record that covers the columns; else the first of that record that has a source. */
static const struct source_row *row_of_record(const struct source_map *map, const struct xml_node *location)
{
    const char *record = xml_attr(location, "record");
    unsigned wanted = number_attr(location, "occurrence");
    unsigned from = number_attr(location, "from");
    unsigned to = number_attr(location, "to");
    size_t len = strlen(record);
    const struct source_row *first = NULL;
    uint32_t last = 0;
    unsigned seen = 0;

    for (size_t i = 0; i < map->count; i++) {
        const struct source_row *r = &map->items[i];

        if (!of_record(r, record, len))
            continue;
        if (seen == 0 || r->record != last)
            seen++;
        last = r->record;
        if (seen != (wanted != 0 ? wanted : 1) || r->src == NULL)
            continue;
        if (first == NULL)
            first = r;
        if (from != 0 && r->from != 0 && r->from <= (to != 0 ? to : from) && r->to >= from)
            return r;
    }
    return first;
}

static const struct source_row *row_of_path(const struct source_map *map, const char *path)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->items[i].src != NULL && str_eq(map->items[i].name, path))
            return &map->items[i];
    return NULL;
}

bool blame_find(const struct blame *b, const struct gln_context *ctx, const struct xml_node *location,
                struct blamed *out)
{
    const struct source_row *row = NULL;
    const struct xml_node *n;

    memset(out, 0, sizeof *out);
    if (xml_attr(location, "record") != NULL)
        row = row_of_record(&b->map, location);
    else if (xml_attr(location, "path") != NULL)
        row = row_of_path(&b->map, xml_attr(location, "path"));
    if (row == NULL)
        return false;
    out->place = xml_place_by_src(b->original, row->src);
    out->title = row->title != NULL ? row->title : row->name;
    n = xml_node_by_src(b->original, row->src);
    if (n != NULL) {
        xml_path(&out->xpath, n);
        xml_pointer_put(&out->pointer, ctx->engine->pointers, n);
    }
    return true;
}

void blamed_free(struct blamed *b)
{
    buf_free(&b->xpath);
    buf_free(&b->pointer);
}
