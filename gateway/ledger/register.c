/*
 * Changes of the register of operators, of identities and submitters in the hash chain: who, when, what, as JSON. Their own tables are trust/'s; this
 * row is written in the same transaction, so that the next signed head vouches for both or for neither.
 *
 * Owns nothing.
 */
#include "ledger/ledger.h"

#include "ledger/rows.h"

int ledger_register_put(struct store_conn *c, struct gln_context *ctx, int64_t at_ms, const char *kind,
                        const char *who, const char *data)
{
    return row_put(c, ctx, TABLE_REGISTER,
                   CELLS(cell_int(at_ms), cell_text(kind), cell_text(who), cell_text(data)), NULL);
}

int ledger_register_each(struct store_conn *c, struct gln_context *ctx,
                         int (*each)(void *arg, int64_t id, const char *data), void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT id, data FROM register ORDER BY id");
    int more = st != NULL ? 1 : ctx->error.status;

    while (more > 0 && (more = stmt_step(st, ctx)) > 0) {
        const char *data = stmt_col_text(st, 1);

        if (each(arg, stmt_col_int(st, 0), data != NULL ? data : "") != 0)
            more = GLN_OK;
    }
    stmt_done(st);
    return more;
}

struct asking {
    const char *kind;
    bool there;
};

static int read_kind(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct asking *a = arg;
    struct store_stmt *st = store_stmt(c, ctx, "SELECT 1 FROM register WHERE kind=? LIMIT 1");
    int more = st != NULL ? GLN_OK : ctx->error.status;

    if (st != NULL) {
        stmt_text(st, 1, a->kind);
        more = stmt_step(st, ctx);
    }
    a->there = more > 0;
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_register_has(struct ledger *l, struct gln_context *ctx, const char *kind, bool *there)
{
    struct asking a = {.kind = kind};
    int status = store_read(ledger_store(l), ctx, read_kind, &a);

    *there = a.there;
    return status;
}
