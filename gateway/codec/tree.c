/*
 * Codec `xml`: UTF-8 out by xml_write(), in by the safe reader. The source map has one row for each element that says where it
 * comes from: its path without the root and without prefixes ("comprobantes[2]/emisor/rfc"), no record, no columns and no
 * offset. Needs no layout.
 */
#include "codec/tree.h"

#include <string.h>

#include "codec/layout.h"
#include "xml/reader.h"

/*
 * The position of `n` among its brothers of that name, given that of the one before it; 0 for the only one. Brothers of a name
 * stand together in the messages we write, which makes this linear.
 */
static unsigned position(const struct xml_node *before, unsigned before_at, const struct xml_node *n)
{
    const struct xml_node *next = xml_next(n);

    if (before != NULL && xml_is(before, xml_name(n)))
        return before_at + 1;
    return next != NULL && xml_is(next, xml_name(n)) ? 1 : 0;
}

static int map_children(struct source_map *m, struct gln_context *ctx, const struct xml_node *parent,
                        struct buf *path)
{
    const struct xml_node *before = NULL;
    size_t length = path->len;
    unsigned at = 0;
    int status = GLN_OK;

    for (const struct xml_node *n = xml_first(parent); n != NULL && status == GLN_OK; n = xml_next(n)) {
        const char *src = xml_attr_ns(n, GLN_NS, "src");

        at = position(before, at, n);
        before = n;
        buf_puts(path, length != 0 ? "/" : "");
        buf_puts(path, xml_name(n));
        if (at != 0)
            buf_printf(path, "[%u]", at);
        if (path->failed)
            return context_no_memory(ctx);
        if (src != NULL && src[0] != '\0') {
            struct source_row row = {0};

            row.name = path->data;
            row.src = (char *)(uintptr_t)src;
            if (!source_map_add(m, &row))
                return context_no_memory(ctx);
        }
        status = map_children(m, ctx, n, path);
        path->len = length;
        path->data[length] = '\0';
    }
    return status;
}

int tree_encode(struct outbound *out, struct gln_context *ctx, const struct layout *l,
                const struct xml_doc *in, const struct xml_doc *source)
{
    struct buf path = BUF_INIT;
    int status;

    (void)l;
    (void)source;
    memset(out, 0, sizeof *out);
    status = xml_write(&out->bytes, &out->slots, ctx, xml_root(in), false);
    if (status == GLN_OK)
        status = map_children(&out->map, ctx, xml_root(in), &path);
    buf_free(&path);
    if (status != GLN_OK)
        outbound_free(out);
    return status;
}

int tree_decode(struct xml_doc **out, struct gln_context *ctx, const struct layout *l, const void *data,
                size_t len)
{
    (void)l;
    return xml_read(out, ctx, data, len);
}
