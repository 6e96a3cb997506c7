/*
 * From a place in our outbound message, as customs names it in a rejection, back to the sender's own line.
 *
 * The source map kept with the filing says which outbound field came from which node; the original is parsed again for the node's place
 * and its WCO pointer; an amendment is merged again. The numbers of nodes are the same, since the same bytes give the same tree.
 */
#include "flow/internal.h"
#include "flow/merge.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void blame_clear(struct blame *b)
{
    xml_doc_free(b->original);
    free(b->amended);
    buf_free(&b->outbound);
    source_map_free(&b->map);
    memset(b, 0, sizeof *b);
}

int blame_load(struct blame *b, struct gln_gateway *gw, struct gln_context *ctx,
               const struct ledger_filing *f)
{
    struct buf map = BUF_INIT;
    int status;

    memset(b, 0, sizeof *b);
    status = amend_load(&b->original, &b->amended, &b->amended_count, gw, ctx, f->declaration);
    if (status == GLN_OK)
        status = ledger_attachment(gw->ledger, ctx, f->id, "source-map", &map);
    if (status == GLN_OK)
        status = ledger_attachment(gw->ledger, ctx, f->id, "outbound", &b->outbound);
    if (status == GLN_OK)
        status = map_get(&b->map, ctx, map.data != NULL ? map.data : "", map.len);
    buf_free(&map);
    return status;
}

static unsigned number_attr(const struct xml_node *n, const char *name)
{
    const char *text = xml_attr(n, name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

bool blame_find(const struct blame *b, const struct gln_context *ctx, const struct xml_node *location,
                struct blamed *out)
{
    const struct outbound_place where = {
        .record = xml_attr(location, "record"),
        .text = xml_attr(location, "text"),
        .occurrence = number_attr(location, "occurrence"),
        .number = number_attr(location, "number"),
        .from = number_attr(location, "from"),
        .to = number_attr(location, "to"),
        .path = xml_attr(location, "path"),
    };
    const struct source_row *row = outbound_locate(&b->map, b->outbound.data, b->outbound.len, &where);
    const struct xml_node *n;
    unsigned file;

    memset(out, 0, sizeof *out);
    if (row == NULL || row->src == NULL)
        return false;
    out->place = xml_place_by_src(b->original, row->src);
    file = merge_file(&out->place);
    out->from = file > 0 && file <= b->amended_count ? b->amended[file - 1] : NULL;
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
