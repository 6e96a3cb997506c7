/*
 * A kept decision made again (trust/lane.h) with the register of the tables, as it was known when the decision was made or as it is
 * known now. Nothing is written and nothing in the queue moves; that is for recall.
 *
 * Owns the register it loads. The one in use is not touched.
 */
#include "flow/internal.h"

#include <stdlib.h>

#include "trust/register_store.h"

/* When the facts of a decision were what was known. */
static int known_then(struct gln_context *ctx, const struct buf *kept, int64_t *known_ms)
{
    struct lane_facts *f = NULL;
    int status = lane_facts_read(&f, ctx, kept->data, kept->len);

    if (status == GLN_OK)
        *known_ms = f->known_ms != 0 ? f->known_ms : f->at_ms;
    lane_facts_free(f);
    return status;
}

int flow_decide_again(struct buf *decision, struct buf *text, struct gln_gateway *gw, struct gln_context *ctx,
                      const struct buf *kept, bool now, int language)
{
    char *shipped = gateway_shipped(ctx);
    struct operators *register_then = NULL;
    struct lane_again how = {.codes = ctx->engine->codes, .known_ms = clock_wall_ms(ctx->clock), .now = now};
    int status = shipped == NULL ? context_no_memory(ctx) : GLN_OK;

    if (status == GLN_OK && !now)
        status = known_then(ctx, kept, &how.known_ms);
    if (status == GLN_OK)
        status = register_load(&register_then, ctx, ledger_store(gw->ledger),
                               option_text(ctx->options, OPT_ENVIRONMENT), now ? 0 : how.known_ms, shipped);
    how.ops = register_then;
    if (status == GLN_OK)
        status = lane_decide_again(decision, text, ctx, kept->data, kept->len, &how, language);
    operators_free(register_then);
    free(shipped);
    return status;
}
