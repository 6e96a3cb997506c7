/*
 * The batches of the register's sources in memory: which list, file or attestation a certificate stands on, by the digest of its bytes, and
 * who attested it. For the evidence of a decision and for the receipt about it.
 *
 * A certificate names the batch that brought it as it is. That of a list that says it again unchanged is not written down anew, so what it
 * stands on is the newest batch of the same source and environment; an attestation stands on its own.
 * Owns nothing; the texts are the register's.
 */
#include "trust/batches.h"

#include <stdlib.h>

#include "trust/register_sql.h"
#include "trust/register_store.h"
#include "util/str.h"

static int by_id(const void *a, const void *b)
{
    const struct batch *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* The rows of a source and environment from `first` on: the last is what all of them stand on. */
static void end_group(struct operators *o, size_t first)
{
    for (size_t i = first; i < o->batches.count; i++) {
        struct batch *b = &o->batches.items[i];
        b->newest = b->attested_by != NULL ? b->id : o->batches.items[o->batches.count - 1].id;
    }
}

static int batch_row(struct operators *o, struct gln_context *ctx, struct store_stmt *st, size_t *first)
{
    bool failed = false;
    const struct batch *last = o->batches.count > 0 ? &o->batches.items[o->batches.count - 1] : NULL;
    if (last != NULL &&
        (!str_eq(last->source, stmt_col_text(st, 1)) || !str_eq(last->environment, stmt_col_text(st, 2)))) {
        end_group(o, *first);
        *first = o->batches.count;
    }
    struct batch *b = REGISTER_MORE(o->batches);
    if (b == NULL)
        return context_no_memory(ctx);
    bool attested = stmt_col_int(st, 4) == SOURCE_ATTESTATION;
    *b = (struct batch){.id = stmt_col_int(st, 0),
                        .source = register_keep(o, stmt_col_text(st, 1), &failed),
                        .environment = register_keep(o, stmt_col_text(st, 2), &failed),
                        .sha256 = register_keep(o, stmt_col_text(st, 3), &failed),
                        .attested_by = attested ? register_keep(o, stmt_col_text(st, 5), &failed) : NULL};
    return failed ? context_no_memory(ctx) : GLN_OK;
}

int batches_load(struct operators *o, struct gln_context *ctx, struct store_conn *c, int64_t known_ms)
{
    size_t first = 0;
    struct store_stmt *st = register_bind(
        c, ctx,
        "SELECT id, source, environment, sha256, kind, who FROM source_batch WHERE fetched_ms<=?1 ORDER BY "
        "source, environment, as_of, id",
        ARGS(arg_int(known_ms)));
    int step = st == NULL ? ctx->error.status : 1;
    while (step == 1 && (step = stmt_step(st, ctx)) == 1) {
        int status = batch_row(o, ctx, st, &first);
        step = status == GLN_OK ? 1 : status;
    }
    stmt_done(st);
    if (step == GLN_OK && o->batches.count > 0) {
        end_group(o, first);
        qsort(o->batches.items, o->batches.count, sizeof o->batches.items[0], by_id);
    }
    return step;
}

static const struct batch *find(const struct operators *o, int64_t id)
{
    const struct batch key = {.id = id};
    return o->batches.count == 0
               ? NULL
               : bsearch(&key, o->batches.items, o->batches.count, sizeof o->batches.items[0], by_id);
}

const struct batch *batch_behind(const struct operators *o, const struct certificate *c)
{
    const struct batch *own = find(o, c->batch);
    return own == NULL ? NULL : find(o, own->newest);
}
