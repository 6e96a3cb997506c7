/*
 * An outbound message as people read it: each record as it is, under it each field with its columns, its name, the value, the
 * line and column of the sender's file it came from, and the WCO path of that place.
 *
 * All of it comes from the source map the codec made; a message without records is shown as it is. Borrows everything; nothing here can
 * fail but memory, which the buffer remembers.
 */
#include "flow/flow.h"

#include <string.h>

#include "util/str.h"

static void source_put(struct buf *out, const struct gln_context *ctx, const struct xml_doc *source,
                       const char *src)
{
    const struct xml_node *n = src != NULL ? xml_node_by_src(source, src) : NULL;
    struct place at = src != NULL ? xml_place_by_src(source, src) : PLACE_NONE;

    if (at.known)
        buf_printf(out, "  <- %u:%u", (unsigned)at.line, (unsigned)at.column);
    if (n == NULL)
        return;
    buf_puts(out, "  ");
    xml_path(out, n);
    buf_puts(out, "  ");
    xml_pointer_put(out, ctx->engine->pointers, n);
}

static void value_put(struct buf *out, const struct buf *bytes, const struct source_row *r)
{
    size_t len = r->length;

    if (r->offset > bytes->len || len > bytes->len - r->offset)
        return;
    while (len > 0 && (bytes->data[r->offset + len - 1] == ' ' || bytes->data[r->offset + len - 1] == '\n'))
        len--;
    buf_putc(out, '\'');
    buf_put(out, bytes->data + r->offset, len);
    buf_putc(out, '\'');
}

/** The whole line of the message a row lies on. */
static void line_put(struct buf *out, const struct buf *bytes, size_t offset)
{
    size_t end = offset;

    while (end < bytes->len && end - offset < 80 && bytes->data[end] != '\n' && bytes->data[end] != '\r')
        end++;
    buf_put(out, bytes->data + offset, end - offset);
    buf_putc(out, '\n');
}

void flow_columns(struct buf *out, const struct gln_context *ctx, const struct outbound *o,
                  const struct xml_doc *source)
{
    uint32_t record = 0;

    for (size_t i = 0; i < o->map.count; i++) {
        const struct source_row *r = &o->map.items[i];

        if (r->record != record || record == 0) {
            record = r->record;
            line_put(out, &o->bytes, r->offset + 1 - (r->from > 0 ? r->from : 1));
        }
        if (r->from == 0)
            continue;
        buf_printf(out, "  %2u-%-2u  %-32s ", (unsigned)r->from, (unsigned)r->to,
                   r->title != NULL ? r->title : r->name);
        value_put(out, &o->bytes, r);
        source_put(out, ctx, source, r->src);
        buf_putc(out, '\n');
    }
    if (o->map.count == 0)
        buf_put(out, o->bytes.data, o->bytes.len);
}
