/*
 * Customs' bytes as they came: kept before anybody reads them, once, and settled when it is known what they were.
 *
 * The same bytes of the same destination and environment are the same message (customs sends again what was not fetched in time, and
 * so do we after a crash): the second keeping gives the first row.
 */
#include "ledger/own.h"

#include <string.h>

#include "util/str.h"

struct inbound_arg {
    const char *destination, *environment;
    const void *data;
    size_t len;
    unsigned char digest[32];
    char hex[65];
    int64_t at_ms, id;
    bool seen;
};

static int find(struct store_conn *c, struct gln_context *ctx, struct inbound_arg *a)
{
    struct store_stmt *st =
        sql_bind(c, ctx,
                 "SELECT id FROM inbound WHERE sha256 = ?1 AND destination = ?2 AND environment = ?3 ORDER "
                 "BY id LIMIT 1",
                 CELLS(cell_text(a->hex), cell_text(a->destination), cell_text(a->environment)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    a->seen = more > 0;
    if (a->seen)
        a->id = stmt_col_int(st, 0);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static int keep(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct inbound_arg *a = arg;
    int status = find(c, ctx, a);

    if (status != GLN_OK || a->seen)
        return status;
    status = row_put(c, ctx, TABLE_INBOUND,
                     CELLS(cell_text(a->destination), cell_text(a->environment), cell_int(a->at_ms),
                           cell_text(a->hex), cell_blob(a->data, a->len, a->digest)),
                     &a->id);
    if (status == GLN_OK)
        status = sql_run(c, ctx, "INSERT INTO inbound_now(inbound, settled) VALUES(?1, '')",
                         CELLS(cell_int(a->id)));
    return status;
}

int ledger_inbound_keep(struct ledger *l, struct gln_context *ctx, const char *destination,
                        const char *environment, const void *data, size_t len, int64_t *id, bool *seen)
{
    struct inbound_arg a = {.destination = destination,
                            .environment = environment,
                            .data = data,
                            .len = len,
                            .at_ms = clock_wall_ms(ctx->clock)};
    int status;

    digest_sha256(a.digest, data, len);
    digest_hex(a.hex, a.digest);
    status = store_write(l->store, ctx, keep, &a);
    *id = status == GLN_OK ? a.id : 0;
    *seen = status == GLN_OK && a.seen;
    return status;
}

struct settle_arg {
    int64_t id, at_ms;
    const char *what;
};

static int settle(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct settle_arg *a = arg;
    struct number_text number;
    int status = sql_run(c, ctx, "UPDATE inbound_now SET settled = ?2 WHERE inbound = ?1",
                         CELLS(cell_int(a->id), cell_text(a->what)));

    if (status == GLN_OK && store_changes(c) != 1)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_INBOUND_NONE, number_text(&number, a->id));
    if (status == GLN_OK)
        status = row_put(c, ctx, TABLE_SETTLEMENTS,
                         CELLS(cell_int(a->id), cell_int(a->at_ms), cell_text(a->what)), NULL);
    return status;
}

int ledger_inbound_settle(struct ledger *l, struct gln_context *ctx, int64_t id, const char *what)
{
    struct settle_arg a = {id, clock_wall_ms(ctx->clock), what ? what : ""};

    return store_write(l->store, ctx, settle, &a);
}

#define INBOUND_COLUMNS "i.id, i.received_ms, i.destination, i.environment, n.settled"

static void inbound_fill(struct ledger_inbound *out, struct store_stmt *st)
{
    out->id = stmt_col_int(st, 0);
    out->received_ms = stmt_col_int(st, 1);
    str_copy(out->destination, sizeof out->destination, stmt_col_text(st, 2));
    str_copy(out->environment, sizeof out->environment, stmt_col_text(st, 3));
    str_copy(out->settled, sizeof out->settled, stmt_col_text(st, 4));
}

struct get_arg {
    int64_t id;
    struct ledger_inbound *out;
    struct buf *data;
};

static int get(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct get_arg *a = arg;
    struct number_text number;
    struct store_stmt *st = sql_bind(c, ctx,
                                     "SELECT " INBOUND_COLUMNS
                                     ", i.data FROM inbound i JOIN inbound_now n ON n.inbound = i.id WHERE "
                                     "i.id = ?1",
                                     CELLS(cell_int(a->id)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0) {
        inbound_fill(a->out, st);
        if (a->data) {
            size_t len;
            const void *p = stmt_col_blob(st, 5, &len);

            buf_put(a->data, p, len);
        }
        more = a->data && a->data->failed ? context_no_memory(ctx) : GLN_OK;
    } else if (more == 0) {
        more = context_fail(ctx, GLN_E_NOT_FOUND, MSG_INBOUND_NONE, number_text(&number, a->id));
    }
    stmt_done(st);
    return more;
}

int ledger_inbound_get(struct ledger *l, struct gln_context *ctx, int64_t id, struct ledger_inbound *out,
                       struct buf *data)
{
    struct get_arg a = {id, out, data};

    return store_read(l->store, ctx, get, &a);
}

struct list_arg {
    const char *prefix;
    int (*each)(void *arg, const struct ledger_inbound *in);
    void *arg;
};

static int list(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct list_arg *a = arg;
    struct ledger_inbound in;
    struct store_stmt *st;
    int more = ctx->error.status;

    if (a->prefix)
        st =
            sql_bind(c, ctx,
                     "SELECT " INBOUND_COLUMNS " FROM inbound_now n JOIN inbound i ON i.id = n.inbound WHERE "
                     "substr(n.settled, 1, length(?1)) = ?1 ORDER BY i.id",
                     CELLS(cell_text(a->prefix)));
    else
        st = store_stmt(c, ctx,
                        "SELECT " INBOUND_COLUMNS
                        " FROM inbound_now n JOIN inbound i ON i.id = n.inbound WHERE "
                        "n.settled = '' ORDER BY i.id");
    while (st && (more = stmt_step(st, ctx)) > 0) {
        inbound_fill(&in, st);
        if (a->each(a->arg, &in) != 0)
            break;
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_inbound_list(struct ledger *l, struct gln_context *ctx, const char *prefix,
                        int (*each)(void *arg, const struct ledger_inbound *in), void *arg)
{
    struct list_arg a = {prefix, each, arg};

    return store_read(l->store, ctx, list, &a);
}
