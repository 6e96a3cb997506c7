/*
 * Reading declarations: one by id, by the beginning of its id, or by its reference; its parts; lists.
 *
 * Beside them, the ids of filings in a state, for whoever walks over all of them.
 *
 * A list's SQL is put together from fixed pieces, never from what callers gave: their values are bound. `after` is the id of the last
 * declaration of the page before: ids grow with time, so a page is stable while new ones arrive.
 */
#include "ledger/own.h"

#include <string.h>

#include "util/str.h"

#define DECLARATION_COLUMNS                                                                                  \
    "d.uid, d.submitter, d.lrn, d.format, d.lane, d.received_ms, (SELECT max(n.lane) FROM filings f JOIN "   \
    "filings_now n ON n.filing = f.id WHERE f.declaration = d.uid), (SELECT signer FROM signatures s WHERE " \
    "s.declaration = d.uid), (SELECT fingerprint FROM signatures s WHERE s.declaration = d.uid)"
#define OF_SUBMITTER                                                                                         \
    "(?3 IS NULL OR d.submitter = ?3 OR EXISTS(SELECT 1 FROM signatures s WHERE s.declaration = d.uid AND "  \
    "s.signer = ?3))"

static void fill(char *to, size_t size, struct store_stmt *st, int col)
{
    const char *s = stmt_col_text(st, col);

    str_copy(to, size, s ? s : "");
}

static void declaration_fill(struct ledger_declaration *out, struct store_stmt *st)
{
    memset(out, 0, sizeof *out);
    fill(out->id, sizeof out->id, st, 0);
    fill(out->submitter, sizeof out->submitter, st, 1);
    fill(out->lrn, sizeof out->lrn, st, 2);
    fill(out->format, sizeof out->format, st, 3);
    out->lane = lane_parse(stmt_col_text(st, 4));
    out->received_ms = stmt_col_int(st, 5);
    out->lane_now = stmt_col_null(st, 6) ? out->lane : (enum lane)(stmt_col_int(st, 6) == LANE_EXPEDITED);
    fill(out->signer, sizeof out->signer, st, 7);
    fill(out->signer_fingerprint, sizeof out->signer_fingerprint, st, 8);
}

struct get_arg {
    const char *id, *submitter;
    struct ledger_declaration *out;
    int found;
};

static int look(struct gln_context *ctx, struct store_stmt *st, struct get_arg *a)
{
    int more = ctx->error.status;

    a->found = 0;
    while (st && a->found < 2 && (more = stmt_step(st, ctx)) > 0) {
        if (a->found++ == 0)
            declaration_fill(a->out, st);
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static bool id_like(const char *s)
{
    size_t n = strlen(s);

    return n >= 8 && n <= 32 && strspn(s, "0123456789abcdef") == n;
}

/* Not in the ledger any more, or never there. */
static int fail_none(struct store_conn *c, struct gln_context *ctx, const char *id)
{
    struct store_stmt *st = sql_bind(
        c, ctx, "SELECT x.file FROM archived a JOIN archives x ON x.id = a.archive WHERE a.uid = ?1 LIMIT 1",
        CELLS(cell_text(id)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0)
        more = context_fail(ctx, GLN_E_NOT_FOUND, MSG_DECLARATION_ARCHIVED, id, stmt_col_text(st, 0));
    else if (more == 0)
        more = context_fail(ctx, GLN_E_NOT_FOUND, MSG_DECLARATION_NONE, id);
    stmt_done(st);
    return more;
}

static int get(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct get_arg *a = arg;
    struct buf end = BUF_INIT;
    int status = GLN_OK;

    a->found = 0;
    if (id_like(a->id)) {
        buf_printf(&end, "%sg", a->id);
        status = look(
            ctx,
            sql_bind(c, ctx,
                     "SELECT " DECLARATION_COLUMNS
                     " FROM declarations d WHERE d.uid >= ?1 AND d.uid < ?2 AND " OF_SUBMITTER
                     " ORDER BY d.uid LIMIT 2",
                     CELLS(cell_text(a->id), cell_text(end.data ? end.data : ""), cell_text(a->submitter))),
            a);
        buf_free(&end);
    }
    if (status == GLN_OK && a->found == 0)
        status = look(ctx,
                      sql_bind(c, ctx,
                               "SELECT " DECLARATION_COLUMNS
                               " FROM declarations d WHERE d.lrn = ?1 AND " OF_SUBMITTER " LIMIT 2",
                               CELLS(cell_text(a->id), cell_text(NULL), cell_text(a->submitter))),
                      a);
    if (status != GLN_OK || a->found == 1)
        return status;
    return a->found == 0 ? fail_none(c, ctx, a->id)
                         : context_fail(ctx, GLN_E_CONFLICT, MSG_DECLARATION_SEVERAL, a->id);
}

int ledger_declaration_get(struct ledger *l, struct gln_context *ctx, const char *id, const char *submitter,
                           struct ledger_declaration *out)
{
    struct get_arg a = {id, submitter, out, 0};

    return store_read(l->store, ctx, get, &a);
}

static const struct {
    const char *part, *sql;
} parts[] = {
    {"original", "SELECT original FROM declarations WHERE uid = ?1"},
    {"decision", "SELECT decision FROM declarations WHERE uid = ?1"},
    {"findings", "SELECT findings FROM declarations WHERE uid = ?1"},
    {"receipt", "SELECT body FROM receipts WHERE declaration = ?1"},
};

struct part_arg {
    const char *id, *part;
    struct buf *out;
};

static int part(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct part_arg *a = arg;
    struct store_stmt *st;
    size_t i = 0;
    int more;

    while (i < sizeof parts / sizeof parts[0] && !str_eq(parts[i].part, a->part))
        i++;
    if (i == sizeof parts / sizeof parts[0])
        return context_fail(ctx, GLN_E_NOT_FOUND, MSG_DECLARATION_NO_PART, a->id, a->part);
    st = sql_bind(c, ctx, parts[i].sql, CELLS(cell_text(a->id)));
    more = st ? stmt_step(st, ctx) : ctx->error.status;
    if (more == 0) {
        more = context_fail(ctx, GLN_E_NOT_FOUND, MSG_DECLARATION_NONE, a->id);
    } else if (more > 0 && stmt_col_null(st, 0)) {
        more = context_fail(ctx, GLN_E_NOT_FOUND, MSG_DECLARATION_NO_PART, a->id, a->part);
    } else if (more > 0) {
        size_t len;
        const void *p = stmt_col_blob(st, 0, &len);

        buf_put(a->out, p, len);
        more = a->out->failed ? context_no_memory(ctx) : GLN_OK;
    }
    stmt_done(st);
    return more;
}

int ledger_declaration_part(struct ledger *l, struct gln_context *ctx, const char *id, const char *name,
                            struct buf *out)
{
    struct part_arg a = {id, name, out};

    return store_read(l->store, ctx, part, &a);
}

struct list_arg {
    const struct ledger_query *q;
    int (*each)(void *arg, const struct ledger_declaration *d);
    void *arg;
};

/* The list's SQL and its values, in step. */
static size_t list_sql(struct buf *sql, struct cell cells[7], const struct ledger_query *q)
{
    const struct {
        const char *value, *sql;
    } filters[] = {
        {q->lrn, "d.lrn = "},
        {q->submitter,
         "EXISTS(SELECT 1 FROM (SELECT d.submitter AS who UNION ALL SELECT signer FROM signatures s WHERE "
         "s.declaration = d.uid) WHERE who = "},
        {q->after, "d.uid < "},
        {q->state,
         "EXISTS(SELECT 1 FROM filings f JOIN filings_now n ON n.filing = f.id WHERE f.declaration = d.uid "
         "AND n.state = "},
        {q->destination, "EXISTS(SELECT 1 FROM filings f WHERE f.declaration = d.uid AND f.destination = "},
        {q->message, "EXISTS(SELECT 1 FROM filings f WHERE f.declaration = d.uid AND f.message = "},
    };
    size_t n = 0;

    buf_puts(sql, "SELECT " DECLARATION_COLUMNS " FROM declarations d");
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (!filters[i].value)
            continue;
        cells[n++] = cell_text(filters[i].value);
        buf_printf(sql, " %s %s?%zu%s", n == 1 ? "WHERE" : "AND", filters[i].sql, n,
                   strchr(filters[i].sql, '(') ? ")" : "");
    }
    cells[n++] = cell_int(q->limit > 0 ? q->limit : -1);
    buf_printf(sql, " ORDER BY d.uid DESC LIMIT ?%zu", n);
    return n;
}

static int list(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct list_arg *a = arg;
    struct buf sql = BUF_INIT;
    struct cell cells[7];
    size_t n = list_sql(&sql, cells, a->q);
    struct store_stmt *st = sql.failed ? NULL : sql_bind(c, ctx, sql.data, cells, n);
    struct ledger_declaration d;
    int more = sql.failed ? context_no_memory(ctx) : ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0) {
        declaration_fill(&d, st);
        if (a->each(a->arg, &d) != 0)
            break;
    }
    stmt_done(st);
    buf_free(&sql);
    return more < 0 ? more : GLN_OK;
}

int ledger_list(struct ledger *l, struct gln_context *ctx, const struct ledger_query *q,
                int (*each)(void *arg, const struct ledger_declaration *d), void *arg)
{
    struct list_arg a = {q, each, arg};
    enum filing_state state;

    if (q->state && !filing_state_parse(&state, q->state))
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_LEDGER_STATE_UNKNOWN, q->state);
    return store_read(l->store, ctx, list, &a);
}

struct in_arg {
    enum filing_state state;
    int64_t after, *ids;
    size_t cap, count;
};

static int filings_in(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct in_arg *a = arg;
    struct store_stmt *st = sql_bind(
        c, ctx, "SELECT filing FROM filings_now WHERE state = ?1 AND filing > ?2 ORDER BY filing LIMIT ?3",
        CELLS(cell_text(filing_state_name(a->state)), cell_int(a->after), cell_int((int64_t)a->cap)));
    int more = ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0 && a->count < a->cap)
        a->ids[a->count++] = stmt_col_int(st, 0);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_filings_in(struct ledger *l, struct gln_context *ctx, enum filing_state state, int64_t after,
                      int64_t *ids, size_t cap, size_t *count)
{
    struct in_arg a = {state, after, ids, cap, 0};
    int status = store_read(l->store, ctx, filings_in, &a);

    *count = status == GLN_OK ? a.count : 0;
    return status;
}
