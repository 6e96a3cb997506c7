/*
 * An outbound message as people read it. How is codec/'s to know (outbound_explain): each record, under it each field with
 * its columns, its name, the value, the line and column of the sender's file it came from, and the WCO pointer and path of that
 * place. A message without a map is shown as it is.
 */
#include "flow/flow.h"

void flow_columns(struct buf *out, const struct gln_context *ctx, const struct outbound *o,
                  const struct xml_doc *source)
{
    if (o->map.count == 0)
        buf_put(out, o->bytes.data, o->bytes.len);
    else
        outbound_explain(out, o, source, ctx->engine->pointers, LANG_EN);
}
