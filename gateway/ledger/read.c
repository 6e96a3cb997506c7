/*
 * Reading filings: by id, by key, by operation number, of a declaration; their history and attachments. The next one due: due.c.
 *
 * All of it on the store's readers, beside the writer; a call sees one state of the ledger. The functions handed in by callers run
 * while a row is under the cursor: what they are given lives until they return.
 */
#include "ledger/own.h"

#include <string.h>

#include "util/str.h"

/* The action it was sent as last: the newest one that is attached, else the one it was kept with. */
#define FILING_ACTION                                                                                        \
    "coalesce((SELECT CAST(a.data AS TEXT) FROM attachments a WHERE a.filing = f.id AND a.kind = 'action' "  \
    "ORDER BY a.id DESC LIMIT 1), f.action)"
#define FILING_COLUMNS                                                                                       \
    "f.id, f.declaration, f.destination, f.message, " FILING_ACTION                                          \
    ", f.identity, f.environment, f.key, f.number, "                                                         \
    "n.state, n.lane, n.attempts, n.due_ms, f.created_ms, n.changed_ms, n.reason, n.operation, n.document, " \
    "n.outcome, n.deadline_ms"
#define FILING_FROM "SELECT " FILING_COLUMNS " FROM filings f JOIN filings_now n ON n.filing = f.id "

static void fill(char *to, size_t size, struct store_stmt *st, int col)
{
    const char *s = stmt_col_text(st, col);

    str_copy(to, size, s ? s : "");
}

static int filing_fill(struct ledger_filing *out, struct gln_context *ctx, struct store_stmt *st)
{
    const char *state = stmt_col_text(st, 9);

    memset(out, 0, sizeof *out);
    out->id = stmt_col_int(st, 0);
    fill(out->declaration, sizeof out->declaration, st, 1);
    fill(out->destination, sizeof out->destination, st, 2);
    fill(out->message, sizeof out->message, st, 3);
    fill(out->action, sizeof out->action, st, 4);
    fill(out->identity, sizeof out->identity, st, 5);
    fill(out->environment, sizeof out->environment, st, 6);
    fill(out->key, sizeof out->key, st, 7);
    fill(out->number, sizeof out->number, st, 8);
    out->lane = stmt_col_int(st, 10) == LANE_EXPEDITED ? LANE_EXPEDITED : LANE_STANDARD;
    out->attempts = (int)stmt_col_int(st, 11);
    out->due_ms = stmt_col_int(st, 12);
    out->created_ms = stmt_col_int(st, 13);
    out->changed_ms = stmt_col_int(st, 14);
    fill(out->reason, sizeof out->reason, st, 15);
    fill(out->operation, sizeof out->operation, st, 16);
    fill(out->document, sizeof out->document, st, 17);
    fill(out->outcome, sizeof out->outcome, st, 18);
    out->deadline_ms = stmt_col_int(st, 19);
    if (!state || !filing_state_parse(&out->state, state))
        return context_fail(ctx, GLN_E_STORE, MSG_LEDGER_STATE_UNKNOWN, state ? state : "");
    return GLN_OK;
}

/* One filing under the cursor, or 0 when there is none. */
static int filing_one(struct store_stmt *st, struct gln_context *ctx, struct ledger_filing *out, bool *found)
{
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *found = more > 0;
    if (*found)
        more = filing_fill(out, ctx, st);
    stmt_done(st);
    return more;
}

struct get_arg {
    int64_t id;
    const char *destination, *environment, *text;
    const char *action; /**< by key: of this action only; "": of any. NULL: not by key */
    bool notice;
    struct ledger_filing *out;
};

static int get(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct get_arg *a = arg;
    struct number_text number;
    bool found;
    int status = filing_one(sql_bind(c, ctx, FILING_FROM "WHERE f.id = ?1", CELLS(cell_int(a->id))), ctx,
                            a->out, &found);

    if (status == GLN_OK && !found)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_FILING_NONE, number_text(&number, a->id));
    return status;
}

int ledger_filing_get(struct ledger *l, struct gln_context *ctx, int64_t id, struct ledger_filing *out)
{
    struct get_arg a = {.id = id, .out = out};

    return store_read(l->store, ctx, get, &a);
}

static int by_text(struct store_conn *c, struct gln_context *ctx, const struct get_arg *a, const char *sql,
                   enum message_id none)
{
    const struct cell cells[] = {cell_text(a->text), cell_text(a->destination), cell_text(a->environment),
                                 cell_text(a->action)};
    bool found;
    int status = filing_one(sql_bind(c, ctx, sql, cells, a->action != NULL ? 4 : 3), ctx, a->out, &found);

    if (status == GLN_OK && !found)
        status = context_fail(ctx, GLN_E_NOT_FOUND, none, a->destination, a->environment, a->text);
    return status;
}

#define OF_KEY FILING_FROM "WHERE f.key = ?1 AND f.destination = ?2 AND f.environment = ?3 AND "
#define REFUSED "n.outcome IN ('rejected', 'not-processed')"
/* An answer is to something we sent: the newest that has left, of its action where it names one. */
#define RESPONSE                                                                                             \
    OF_KEY "(?4 = '' OR f.action = ?4 OR " FILING_ACTION " = ?4) "                                           \
           "ORDER BY n.state IN ('accepted', 'waiting', 'queued', 'held', 'deferred', 'cancelled'), "        \
           "f.id DESC LIMIT 1"
/* A notice is about what is on file: the newest that customs has taken or may have. */
#define NOTICE                                                                                               \
    OF_KEY "?4 = '' AND n.attempts > 0 AND n.state <> 'cancelled' AND NOT(n.state = 'closed' AND " REFUSED   \
           ") ORDER BY " REFUSED ", n.state IN ('queued', 'held', 'deferred'), f.id DESC LIMIT 1"

static int by_key(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct get_arg *a = arg;

    return by_text(c, ctx, arg, a->notice && *a->action == '\0' ? NOTICE : RESPONSE, MSG_FILING_NO_KEY);
}

static int by_operation(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    return by_text(c, ctx, arg,
                   FILING_FROM "WHERE n.operation = ?1 AND n.operation <> '' AND f.destination = ?2 "
                               "AND f.environment = ?3 ORDER BY f.id DESC LIMIT 1",
                   MSG_FILING_NO_OPERATION);
}

int ledger_filing_by_key(struct ledger *l, struct gln_context *ctx, const char *destination,
                         const char *environment, const char *key, const char *action, bool notice,
                         struct ledger_filing *out)
{
    struct get_arg a = {.destination = destination,
                        .environment = environment,
                        .text = key,
                        .action = action,
                        .notice = notice,
                        .out = out};

    return store_read(l->store, ctx, by_key, &a);
}

int ledger_filing_by_operation(struct ledger *l, struct gln_context *ctx, const char *destination,
                               const char *environment, const char *operation, struct ledger_filing *out)
{
    struct get_arg a = {
        .destination = destination, .environment = environment, .text = operation, .out = out};

    return store_read(l->store, ctx, by_operation, &a);
}

struct amended_arg {
    const char *destination, *environment, *submitter, *number;
    char *id;
};

static int amended(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct amended_arg *a = arg;
    struct store_stmt *st = sql_bind(
        c, ctx,
        "SELECT f.declaration FROM filings f JOIN filings_now n ON n.filing = f.id "
        "JOIN declarations d ON d.uid = f.declaration "
        "WHERE ?1 <> '' AND (f.key = ?1 OR f.number = ?1 OR n.document = ?1) AND f.destination = ?2 AND "
        "f.environment = ?3 "
        "AND " OWNER_OF("d") " = ?4 AND f.action <> 'cancel' AND n.state <> 'cancelled' "
                             "AND n.outcome NOT IN ('rejected', 'not-processed') ORDER BY f.id DESC LIMIT 1",
        CELLS(cell_text(a->number), cell_text(a->destination), cell_text(a->environment),
              cell_text(a->submitter)));
    int more = st != NULL ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0)
        fill(a->id, 33, st, 0);
    stmt_done(st);
    if (more == 0)
        return context_fail(ctx, GLN_E_NOT_FOUND, MSG_FILING_NO_KEY, a->destination, a->environment,
                            a->number);
    return more > 0 ? GLN_OK : more;
}

int ledger_amended(struct ledger *l, struct gln_context *ctx, const char *destination,
                   const char *environment, const char *submitter, const char *number, char id[33])
{
    struct amended_arg a = {destination, environment, submitter, number, id};

    return store_read(l->store, ctx, amended, &a);
}

struct filings_arg {
    const char *declaration;
    int (*each)(void *arg, const struct ledger_filing *f);
    void *arg;
};

static int filings(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct filings_arg *a = arg;
    struct store_stmt *st = sql_bind(c, ctx, FILING_FROM "WHERE f.declaration = ?1 ORDER BY f.position",
                                     CELLS(cell_text(a->declaration)));
    struct ledger_filing f;
    int more = ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0) {
        more = filing_fill(&f, ctx, st);
        if (more != GLN_OK || a->each(a->arg, &f) != 0)
            break;
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_filings(struct ledger *l, struct gln_context *ctx, const char *declaration,
                   int (*each)(void *arg, const struct ledger_filing *f), void *arg)
{
    struct filings_arg a = {declaration, each, arg};

    return store_read(l->store, ctx, filings, &a);
}

/* --- history and attachments --- */

struct history_arg {
    int64_t filing;
    int (*each)(void *arg, const struct ledger_change *c);
    void *arg;
};

static int history(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct history_arg *a = arg;
    struct store_stmt *st = sql_bind(
        c, ctx, "SELECT at_ms, from_state, to_state, reason, who FROM changes WHERE filing = ?1 ORDER BY id",
        CELLS(cell_int(a->filing)));
    int more = ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0) {
        struct ledger_change change = {.at_ms = stmt_col_int(st, 0)};
        const char *from = stmt_col_text(st, 1), *to = stmt_col_text(st, 2);

        change.reason = stmt_col_text(st, 3) ? stmt_col_text(st, 3) : "";
        change.who = stmt_col_text(st, 4) ? stmt_col_text(st, 4) : "";
        if (!from || !to || !filing_state_parse(&change.from, from) || !filing_state_parse(&change.to, to)) {
            more = context_fail(ctx, GLN_E_STORE, MSG_LEDGER_STATE_UNKNOWN, to ? to : "");
            break;
        }
        if (a->each(a->arg, &change) != 0)
            break;
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_history(struct ledger *l, struct gln_context *ctx, int64_t filing,
                   int (*each)(void *arg, const struct ledger_change *c), void *arg)
{
    struct history_arg a = {filing, each, arg};

    return store_read(l->store, ctx, history, &a);
}

/* What keep wrote into the filing itself, under the names of attachments. */
static const struct {
    const char *kind, *sql;
} kept_parts[] = {
    {"outbound", "SELECT created_ms, outbound FROM filings WHERE id = ?1"},
    {"source-map", "SELECT created_ms, source_map FROM filings WHERE id = ?1 AND source_map IS NOT NULL"},
    {"slots", "SELECT created_ms, slots FROM filings WHERE id = ?1 AND slots IS NOT NULL"},
};

struct attachments_arg {
    int64_t filing;
    const char *kind;
    bool newest; /**< that one only */
    int (*each)(void *arg, int64_t at_ms, const void *data, size_t len);
    void *arg;
    bool any;
};

static int attachments_run(struct store_stmt *st, struct gln_context *ctx, struct attachments_arg *a)
{
    int more = ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0) {
        size_t len;
        const void *p = stmt_col_blob(st, 1, &len);

        a->any = true;
        if (a->each(a->arg, stmt_col_int(st, 0), p ? p : "", len) != 0 || a->newest)
            break;
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static int attachments(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct attachments_arg *a = arg;
    const char *sql =
        a->newest ? "SELECT at_ms, data FROM attachments WHERE filing = ?1 AND kind = ?2 ORDER BY id DESC"
                  : "SELECT at_ms, data FROM attachments WHERE filing = ?1 AND kind = ?2 ORDER BY id";
    int status =
        attachments_run(sql_bind(c, ctx, sql, CELLS(cell_int(a->filing), cell_text(a->kind))), ctx, a);

    for (size_t i = 0; status == GLN_OK && !a->any && i < sizeof kept_parts / sizeof kept_parts[0]; i++)
        if (str_eq(kept_parts[i].kind, a->kind))
            status = attachments_run(sql_bind(c, ctx, kept_parts[i].sql, CELLS(cell_int(a->filing))), ctx, a);
    return status;
}

static int take_bytes(void *arg, int64_t at_ms, const void *data, size_t len)
{
    (void)at_ms;
    buf_put(arg, data, len);
    return 0;
}

int ledger_attachment(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *kind,
                      struct buf *out)
{
    struct attachments_arg a = {filing, kind, true, take_bytes, out, false};
    struct number_text number;
    int status = store_read(l->store, ctx, attachments, &a);

    if (status == GLN_OK && !a.any)
        status =
            context_fail(ctx, GLN_E_NOT_FOUND, MSG_FILING_NO_ATTACHMENT, number_text(&number, filing), kind);
    return status == GLN_OK && out->failed ? context_no_memory(ctx) : status;
}

int ledger_attachments(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *kind,
                       int (*each)(void *arg, int64_t at_ms, const void *data, size_t len), void *arg)
{
    struct attachments_arg a = {filing, kind, false, each, arg, false};

    return store_read(l->store, ctx, attachments, &a);
}

static int counts(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    int64_t *n = arg;
    struct store_stmt *st = store_stmt(c, ctx, "SELECT state, count(*) FROM filings_now GROUP BY state");
    enum filing_state state;
    int more = ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0)
        if (stmt_col_text(st, 0) && filing_state_parse(&state, stmt_col_text(st, 0)))
            n[state] = stmt_col_int(st, 1);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_counts(struct ledger *l, struct gln_context *ctx, int64_t n[FILING_STATE_COUNT])
{
    memset(n, 0, FILING_STATE_COUNT * sizeof *n);
    return store_read(l->store, ctx, counts, n);
}
