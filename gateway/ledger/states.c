/*
 * Filings' states and attachments: state_change() is the one place a state changes, here and in keep.c; each change is a row with its
 * reason, who and when, and a line in the log.
 *
 * filings_now follows from the rows: it is what next_due and the lists read, and what ledger_verify() derives anew.
 */
#include "ledger/own.h"

#include <string.h>

#include "core/reason.h"
#include "util/json.h"
#include "util/str.h"

static int read_state(struct store_conn *c, struct gln_context *ctx, int64_t filing, enum filing_state *state,
                      int64_t *due_ms)
{
    struct number_text number;
    struct store_stmt *st =
        sql_bind(c, ctx, "SELECT state, due_ms FROM filings_now WHERE filing = ?1", CELLS(cell_int(filing)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0) {
        *due_ms = stmt_col_int(st, 1);
        more = filing_state_parse(state, stmt_col_text(st, 0)) ? GLN_OK : GLN_E_INTERNAL;
        if (more != GLN_OK)
            context_fail(ctx, more, MSG_LEDGER_STATE_UNKNOWN, stmt_col_text(st, 0));
    } else if (more == 0) {
        more = context_fail(ctx, GLN_E_NOT_FOUND, MSG_FILING_NONE, number_text(&number, filing));
    }
    stmt_done(st);
    return more;
}

int state_change(struct store_conn *c, struct gln_context *ctx, const struct step *s)
{
    int64_t due = s->due_ms == 0 ? s->at_ms : s->due_ms;
    struct number_text number;
    int status = row_put(c, ctx, TABLE_CHANGES,
                         CELLS(cell_int(s->filing), cell_int(s->at_ms), cell_text(filing_state_name(s->from)),
                               cell_text(filing_state_name(s->to)), cell_text(s->reason), cell_text(s->who),
                               cell_int(due)),
                         NULL);

    if (status == GLN_OK)
        status = sql_run(c, ctx,
                         "UPDATE filings_now SET state = ?2, due_ms = ?3, attempts = attempts + ?4, "
                         "changed_ms = ?5, reason = ?6 WHERE filing = ?1",
                         CELLS(cell_int(s->filing), cell_text(filing_state_name(s->to)), cell_int(due),
                               cell_int(s->to == FILING_SENDING), cell_int(s->at_ms),
                               cell_text(s->reason ? s->reason : "")));
    if (status == GLN_OK)
        log_write(ctx->log, LOG_LEVEL_DEBUG, "ledger", number_text(&number, s->filing), "%s -> %s: %s",
                  filing_state_name(s->from), filing_state_name(s->to), s->reason ? s->reason : "");
    return status;
}

/* A new due time without a change of state; the row names the change it came after. */
static int due_change(struct store_conn *c, struct gln_context *ctx, const struct step *s)
{
    int64_t due = s->due_ms == 0 ? s->at_ms : s->due_ms;
    struct store_stmt *st =
        sql_bind(c, ctx, "SELECT max(id) FROM changes WHERE filing = ?1", CELLS(cell_int(s->filing)));
    int status = st ? stmt_step(st, ctx) : ctx->error.status;
    int64_t change = status > 0 ? stmt_col_int(st, 0) : 0;

    stmt_done(st);
    if (status < 0)
        return status;
    status = row_put(c, ctx, TABLE_DUES,
                     CELLS(cell_int(s->filing), cell_int(s->at_ms), cell_int(due), cell_int(change)), NULL);
    if (status == GLN_OK)
        status = sql_run(c, ctx, "UPDATE filings_now SET due_ms = ?2 WHERE filing = ?1",
                         CELLS(cell_int(s->filing), cell_int(due)));
    return status;
}

/* The attachments that show in struct ledger_filing. */
static const struct {
    const char *kind, *sql;
} shown[] = {
    {"operation", "UPDATE filings_now SET operation = ?2 WHERE filing = ?1"},
    {"document", "UPDATE filings_now SET document = ?2 WHERE filing = ?1"},
    {"outcome", "UPDATE filings_now SET outcome = ?2 WHERE filing = ?1"},
};

bool lane_of(enum lane *out, const void *decision, size_t len)
{
    char why[160];
    struct json_in *root = json_in_parse(decision, len, why, sizeof why);
    const char *verdict = json_in_str(json_in_get(root, "verdict"));
    bool good = str_eq(verdict, "EXPEDITED") || str_eq(verdict, "STANDARD");

    if (good)
        *out = str_eq(verdict, "EXPEDITED") ? LANE_EXPEDITED : LANE_STANDARD;
    json_in_free(root);
    return good;
}

/* A decision that counts from now on. */
static int set_lane(struct store_conn *c, struct gln_context *ctx, int64_t filing,
                    const struct ledger_blob *b)
{
    enum lane lane;

    if (!lane_of(&lane, b->data, b->len))
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_LEDGER_NO_VERDICT);
    return sql_run(c, ctx, "UPDATE filings_now SET lane = ?2 WHERE filing = ?1",
                   CELLS(cell_int(filing), cell_int(lane)));
}

static int attach(struct store_conn *c, struct gln_context *ctx, int64_t filing, int64_t at_ms,
                  const struct ledger_blob *b)
{
    int status = row_put(
        c, ctx, TABLE_ATTACHMENTS,
        CELLS(cell_int(filing), cell_int(at_ms), cell_text(b->kind), cell_blob(b->data, b->len, NULL)), NULL);

    for (size_t i = 0; status == GLN_OK && i < sizeof shown / sizeof shown[0]; i++) {
        struct buf text = BUF_INIT;

        if (!str_eq(shown[i].kind, b->kind))
            continue;
        buf_put(&text, b->data, b->len);
        buf_putc(&text, '\0');
        status = text.failed ? context_no_memory(ctx)
                             : sql_run(c, ctx, shown[i].sql, CELLS(cell_int(filing), cell_text(text.data)));
        buf_free(&text);
    }
    return status == GLN_OK && str_eq(b->kind, "lane") ? set_lane(c, ctx, filing, b) : status;
}

int attach_deadline(struct store_conn *c, struct gln_context *ctx, int64_t filing, int64_t deadline_ms,
                    int64_t at_ms)
{
    struct number_text number;
    struct ledger_blob b = {"deadline", number_text(&number, deadline_ms), 0};
    int status;

    b.len = strlen(number.s);
    status = attach(c, ctx, filing, at_ms, &b);
    return status == GLN_OK ? sql_run(c, ctx, "UPDATE filings_now SET deadline_ms = ?2 WHERE filing = ?1",
                                      CELLS(cell_int(filing), cell_int(deadline_ms)))
                            : status;
}

struct move_arg {
    struct step step;
    const struct ledger_blob *blobs;
    size_t count;
};

static int fail_step(struct gln_context *ctx, enum message_id id, const struct step *s,
                     enum filing_state first)
{
    struct number_text number;

    return context_fail(ctx, GLN_E_CONFLICT, id, number_text(&number, s->filing), filing_state_name(first),
                        filing_state_name(id == MSG_FILING_STATE ? s->from : s->to));
}

static int move(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct move_arg *a = arg;
    const struct step *s = &a->step;
    enum filing_state now;
    int64_t due;
    int status = read_state(c, ctx, s->filing, &now, &due);

    if (status != GLN_OK)
        return status;
    if (now != s->from)
        return fail_step(ctx, MSG_FILING_STATE, s, now);
    if (s->from != s->to && !filing_transition_legal(s->from, s->to))
        return fail_step(ctx, MSG_FILING_STEP, s, s->from);
    for (size_t i = 0; i < a->count && status == GLN_OK; i++)
        status = attach(c, ctx, s->filing, s->at_ms, &a->blobs[i]);
    if (status != GLN_OK)
        return status;
    if (s->from != s->to || (s->reason && filing_transition_legal(s->from, s->to)))
        return state_change(c, ctx, s);
    return s->due_ms != due ? due_change(c, ctx, s) : GLN_OK;
}

int ledger_move_with(struct ledger *l, struct gln_context *ctx, int64_t filing, enum filing_state from,
                     enum filing_state to, const char *reason, const char *who, int64_t due_ms,
                     const struct ledger_blob *blobs, size_t count)
{
    struct move_arg a = {{filing, from, to, reason, who, due_ms, clock_wall_ms(ctx->clock)}, blobs, count};

    return store_write(l->store, ctx, move, &a);
}

int ledger_move(struct ledger *l, struct gln_context *ctx, int64_t filing, enum filing_state from,
                enum filing_state to, const char *reason, const char *who, int64_t due_ms)
{
    return ledger_move_with(l, ctx, filing, from, to, reason, who, due_ms, NULL, 0);
}

struct attach_arg {
    int64_t filing, at_ms;
    struct ledger_blob blob, also; /**< also: nothing when empty */
};

static int attach_one(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct attach_arg *a = arg;
    enum filing_state state;
    int64_t due;
    int status = read_state(c, ctx, a->filing, &state, &due);

    return status == GLN_OK ? attach(c, ctx, a->filing, a->at_ms, &a->blob) : status;
}

int ledger_attach(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *kind,
                  const void *data, size_t len)
{
    struct attach_arg a = {.filing = filing, .at_ms = clock_wall_ms(ctx->clock), .blob = {kind, data, len}};

    return store_write(l->store, ctx, attach_one, &a);
}

static int relane(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct attach_arg *a = arg;
    enum filing_state state = FILING_CLOSED;
    struct number_text number;
    int64_t due;
    int status = read_state(c, ctx, a->filing, &state, &due);

    if (status == GLN_OK && state != FILING_QUEUED && !filing_transition_legal(state, FILING_QUEUED))
        status = GLN_E_CONFLICT;
    if (status == GLN_E_CONFLICT || state == FILING_IN_DOUBT)
        status = context_fail(ctx, GLN_E_CONFLICT, MSG_FILING_LEFT, number_text(&number, a->filing),
                              filing_state_name(state));
    if (status == GLN_OK)
        status = attach(c, ctx, a->filing, a->at_ms, &a->blob);
    return status == GLN_OK && a->also.len > 0 ? attach(c, ctx, a->filing, a->at_ms, &a->also) : status;
}

/* The receipt names the bytes the sender gave, as the one made when they were kept does. */
static int receipt_for(struct buf *out, struct ledger *l, struct gln_context *ctx, int64_t filing,
                       const char *lane_receipt)
{
    struct ledger_filing f;
    struct buf original = BUF_INIT;
    unsigned char digest[32];
    char hex[65];
    int status = ledger_filing_get(l, ctx, filing, &f);

    if (status == GLN_OK)
        status = ledger_declaration_part(l, ctx, f.declaration, "original", &original);
    if (status == GLN_OK) {
        digest_sha256(digest, original.data, original.len);
        digest_hex(hex, digest);
        status = receipt_lane_make(out, ctx, l, f.declaration, hex, lane_receipt);
    }
    buf_free(&original);
    return status;
}

int ledger_relane(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *decision, size_t len,
                  const char *lane_receipt)
{
    struct attach_arg a = {
        .filing = filing, .at_ms = clock_wall_ms(ctx->clock), .blob = {"lane", decision, len}};
    struct buf receipt = BUF_INIT;
    int status = lane_receipt != NULL ? receipt_for(&receipt, l, ctx, filing, lane_receipt) : GLN_OK;

    a.also = (struct ledger_blob){"lane-receipt", receipt.data, receipt.len};
    if (status == GLN_OK)
        status = store_write(l->store, ctx, relane, &a);
    buf_free(&receipt);
    return status;
}

struct recover_arg {
    int64_t moved;
};

static int next_sending(struct store_conn *c, struct gln_context *ctx, int64_t *filing)
{
    struct store_stmt *st =
        store_stmt(c, ctx, "SELECT filing FROM filings_now WHERE state = 'sending' LIMIT 1");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *filing = more > 0 ? stmt_col_int(st, 0) : 0;
    stmt_done(st);
    return more;
}

static int recover(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct recover_arg *a = arg;
    struct step s = {.from = FILING_SENDING,
                     .to = FILING_IN_DOUBT,
                     .reason = REASON(MSG_REASON_FOUND_SENDING, ""),
                     .who = "gateway",
                     .at_ms = clock_wall_ms(ctx->clock)};
    int more;

    a->moved = 0;
    while ((more = next_sending(c, ctx, &s.filing)) > 0) {
        int status = state_change(c, ctx, &s);

        if (status != GLN_OK)
            return status;
        a->moved++;
    }
    return more;
}

int ledger_recover(struct ledger *l, struct gln_context *ctx, int64_t *moved)
{
    struct recover_arg a = {0};
    int status = store_write(l->store, ctx, recover, &a);

    *moved = status == GLN_OK ? a.moved : 0;
    return status;
}
