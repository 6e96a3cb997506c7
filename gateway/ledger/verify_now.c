/*
 * The second half of ledger_verify(): the tables of current states (filings_now, numbers_now, series_now, inbound_now) against the
 * rows they follow from. The rows themselves have been checked along the chain by then; here, each filing's changes must also make
 * a legal life, each step beginning where the one before ended.
 */
#include "ledger/check.h"

#include <string.h>

#include "util/str.h"

/** A filing's state as its rows say it. */
struct life {
    enum filing_state state;
    int64_t due_ms, attempts, changed_ms, last_change;
    struct buf reason;
};

/* Texts of the filing's newest attachment of a kind, "" if none. */
static int newest_text(struct check *k, int64_t filing, const char *kind, struct buf *out)
{
    struct store_stmt *st = sql_bind(
        k->c, k->ctx, "SELECT data FROM attachments WHERE filing = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1",
        CELLS(cell_int(filing), cell_text(kind)));
    int more = st ? stmt_step(st, k->ctx) : k->ctx->error.status;

    buf_clear(out);
    if (more > 0) {
        size_t len;
        const void *p = stmt_col_blob(st, 0, &len);

        buf_put(out, p, len);
    }
    buf_putc(out, '\0');
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* One change: begins where the last ended, and is legal. */
static void live_on(struct check *k, int64_t filing, struct life *life, struct store_stmt *st)
{
    struct number_text a, b;
    enum filing_state from, to;
    const char *from_name = stmt_col_text(st, 1), *to_name = stmt_col_text(st, 2);

    if (!from_name || !to_name || !filing_state_parse(&from, from_name) ||
        !filing_state_parse(&to, to_name) || from != life->state || !filing_transition_legal(from, to))
        CHECK_SAY(k, MSG_VERIFY_STEP, number_text(&a, filing), number_text(&b, stmt_col_int(st, 0)),
                  from_name, to_name);
    else
        life->state = to;
    life->last_change = stmt_col_int(st, 0);
    life->changed_ms = stmt_col_int(st, 3);
    life->due_ms = stmt_col_int(st, 4);
    life->attempts += life->state == FILING_SENDING;
    buf_clear(&life->reason);
    buf_puts(&life->reason, stmt_col_text(st, 5));
}

static int life_read(struct check *k, int64_t filing, struct life *life)
{
    struct store_stmt *st = sql_bind(
        k->c, k->ctx,
        "SELECT id, from_state, to_state, at_ms, due_ms, reason FROM changes WHERE filing = ?1 ORDER BY id",
        CELLS(cell_int(filing)));
    int more = k->ctx->error.status;

    life->state = FILING_ACCEPTED;
    life->due_ms = life->attempts = life->changed_ms = life->last_change = 0;
    buf_clear(&life->reason);
    while (st && (more = stmt_step(st, k->ctx)) > 0)
        live_on(k, filing, life, st);
    stmt_done(st);
    if (more < 0)
        return more;
    buf_putc(&life->reason, '\0');
    st = sql_bind(k->c, k->ctx,
                  "SELECT due_ms FROM dues WHERE filing = ?1 AND change = ?2 ORDER BY id DESC LIMIT 1",
                  CELLS(cell_int(filing), cell_int(life->last_change)));
    more = st ? stmt_step(st, k->ctx) : k->ctx->error.status;
    if (more > 0)
        life->due_ms = stmt_col_int(st, 0);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static void same_text(struct check *k, int64_t filing, const char *what, const char *now, const char *rows)
{
    struct number_text a;

    if (!str_eq(now ? now : "", rows))
        CHECK_SAY(k, MSG_VERIFY_STATE, number_text(&a, filing), what, now, rows);
}

static void same_number(struct check *k, int64_t filing, const char *what, int64_t now, int64_t rows)
{
    struct number_text a, b;

    if (now != rows)
        same_text(k, filing, what, number_text(&a, now), number_text(&b, rows));
}

/* The lane follows from the newest decision made after keep, or else from keep's. */
static int check_lane(struct check *k, int64_t filing, const char *kept, int64_t now, struct buf *text)
{
    enum lane lane = lane_parse(kept);
    int status = newest_text(k, filing, "lane", text);

    if (status == GLN_OK && !text->failed && text->len > 1 && !lane_of(&lane, text->data, text->len - 1))
        lane = LANE_STANDARD;
    if (status == GLN_OK)
        same_number(k, filing, "lane", now, lane);
    return status;
}

/* Under the cursor: filing, lane text, then filings_now's columns (NULL: no row). */
static int check_filing(struct check *k, struct store_stmt *st, struct life *life, struct buf *text)
{
    static const char *const kinds[] = {"operation", "document", "outcome", "deadline"};
    struct number_text a;
    int64_t filing = stmt_col_int(st, 0);
    int status = life_read(k, filing, life);

    if (status != GLN_OK)
        return status;
    if (stmt_col_null(st, 2)) {
        CHECK_SAY(k, MSG_VERIFY_STATE_MISSING, number_text(&a, filing));
        return GLN_OK;
    }
    same_text(k, filing, "state", stmt_col_text(st, 2), filing_state_name(life->state));
    status = check_lane(k, filing, stmt_col_text(st, 1), stmt_col_int(st, 3), text);
    same_number(k, filing, "due_ms", stmt_col_int(st, 4), life->due_ms);
    same_number(k, filing, "attempts", stmt_col_int(st, 5), life->attempts);
    same_number(k, filing, "changed_ms", stmt_col_int(st, 6), life->changed_ms);
    same_text(k, filing, "reason", stmt_col_text(st, 7), life->reason.data);
    same_text(k, filing, "destination", stmt_col_text(st, 12), stmt_col_text(st, 13));
    for (int i = 0; i < 4 && status == GLN_OK; i++) {
        status = newest_text(k, filing, kinds[i], text);
        if (status == GLN_OK)
            same_text(k, filing, kinds[i], stmt_col_text(st, 8 + i), text->data);
    }
    return text->failed || life->reason.failed ? context_no_memory(k->ctx) : status;
}

static int check_filings(struct check *k)
{
    struct store_stmt *st =
        store_stmt(k->c, k->ctx,
                   "SELECT f.id, f.lane, n.state, n.lane, n.due_ms, n.attempts, n.changed_ms, n.reason, "
                   "n.operation, n.document, n.outcome, n.deadline_ms, n.destination, f.destination FROM "
                   "filings f LEFT JOIN filings_now n ON n.filing = f.id ORDER BY f.id");
    struct life life = {.reason = BUF_INIT};
    struct buf text = BUF_INIT;
    int more = st ? GLN_OK : k->ctx->error.status;

    while (more == GLN_OK && (more = stmt_step(st, k->ctx)) > 0)
        more = check_filing(k, st, &life, &text);
    stmt_done(st);
    buf_free(&life.reason);
    buf_free(&text);
    return more;
}

/* SQL that gives rows of what does not agree, and the message that tells them. */
static const struct disagreement {
    enum message_id id;
    int columns; /**< arguments of the message */
    const char *sql;
} disagreements[] = {
    {MSG_VERIFY_NUMBER, 5,
     "SELECT value, kind, identity, state, said FROM (SELECT o.*, (SELECT n.event FROM numbers n WHERE "
     "n.identity = o.identity AND n.kind = o.kind AND n.year = o.year AND n.value = o.value ORDER BY n.id "
     "DESC LIMIT "
     "1) AS said FROM numbers_now o) WHERE said IS NOT state"},
    {MSG_VERIFY_SERIES, 2,
     "SELECT o.kind, o.identity FROM series_now o WHERE o.next < o.first OR o.next > o.last + 1 OR NOT "
     "EXISTS(SELECT 1 "
     "FROM series s WHERE s.id = (SELECT max(x.id) FROM series x WHERE x.identity = o.identity AND x.kind = "
     "o.kind AND "
     "x.year = o.year) AND s.first = o.first AND s.last = o.last AND s.width = o.width)"},
    {MSG_VERIFY_INBOUND, 3,
     "SELECT inbound, settled, said FROM (SELECT o.*, ifnull((SELECT s.what FROM settlements s WHERE "
     "s.inbound = "
     "o.inbound ORDER BY s.id DESC LIMIT 1), '') AS said FROM inbound_now o) WHERE said IS NOT settled"},
    {MSG_VERIFY_NOW_COUNT, 3,
     "SELECT 'filings_now', a, b FROM (SELECT (SELECT count(*) FROM filings_now) AS a, (SELECT count(*) FROM "
     "filings) "
     "AS b) WHERE a <> b"},
    {MSG_VERIFY_NOW_COUNT, 3,
     "SELECT 'numbers_now', a, b FROM (SELECT (SELECT count(*) FROM numbers_now) AS a, (SELECT count(*) FROM "
     "(SELECT "
     "DISTINCT identity, kind, year, value FROM numbers)) AS b) WHERE a <> b"},
    {MSG_VERIFY_NOW_COUNT, 3,
     "SELECT 'series_now', a, b FROM (SELECT (SELECT count(*) FROM series_now) AS a, (SELECT count(*) FROM "
     "(SELECT "
     "DISTINCT identity, kind, year FROM series)) AS b) WHERE a <> b"},
    {MSG_VERIFY_NOW_COUNT, 3,
     "SELECT 'inbound_now', a, b FROM (SELECT (SELECT count(*) FROM inbound_now) AS a, (SELECT count(*) FROM "
     "inbound) "
     "AS b) WHERE a <> b"},
};

static int check_disagreement(struct check *k, const struct disagreement *d)
{
    struct store_stmt *st = store_stmt(k->c, k->ctx, d->sql);
    int more = k->ctx->error.status;

    while (st && (more = stmt_step(st, k->ctx)) > 0) {
        const char *args[5] = {NULL};

        for (int i = 0; i < d->columns; i++)
            args[i] = stmt_col_text(st, i);
        check_say(k, d->id, args, (size_t)d->columns);
    }
    stmt_done(st);
    return more;
}

int check_now(struct check *k)
{
    int status = check_filings(k);

    for (size_t i = 0; i < sizeof disagreements / sizeof disagreements[0] && status == GLN_OK; i++)
        status = check_disagreement(k, &disagreements[i]);
    return status;
}
