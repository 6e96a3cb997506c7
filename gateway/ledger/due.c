/*
 * The next filing that is due: which of all that could go goes first.
 *
 *   1. What became due before `aged_ms`, in the order it was received, whatever its lane: so that nothing waits without end behind what
 *      came after it.
 *   2. The expedited lane before the standard one.
 *   3. In a lane, what has a deadline, the nearest first; then the rest, in the order it was received.
 *
 * What was deferred or held becomes due again in no such order: each when its pause is over. Of what is deferred and due, and of what is due
 * too long, those longest due are looked at, MANY at most, and put into it. Destinations that are full are passed over whole. Every question below is answered from an
 * index, one row or few, so that the answer does not take longer when many wait.
 */
#include "ledger/own.h"

#include <string.h>

#include "util/str.h"

struct pick {
    int64_t filing; /**< 0: none */
    int64_t due_ms, deadline_ms;
};

struct due_arg {
    const struct ledger_due *q;
    int64_t next_ms;     /**< -1: none */
    struct pick oldest;  /**< of all that became due before aged_ms */
    struct pick lane[2]; /**< the best of each lane */
};

#define NO_DEADLINE INT64_MAX
enum { MANY = 64 };

static bool skipped(const struct ledger_due *q, int64_t filing)
{
    for (size_t i = 0; i < q->skip_count; i++)
        if (q->skip[i] == filing)
            return true;
    return false;
}

static bool full(const struct ledger_due *q, const char *destination)
{
    for (size_t i = 0; i < q->full_count; i++)
        if (str_eq(q->full[i], destination))
            return true;
    return false;
}

static void may_be(int64_t *next_ms, int64_t due_ms)
{
    if (*next_ms < 0 || due_ms < *next_ms)
        *next_ms = due_ms;
}

/* Filings are numbered as they are received. */
static bool older(const struct pick *a, const struct pick *b)
{
    return b->filing == 0 || a->filing < b->filing;
}

static bool nearer(const struct pick *a, const struct pick *b)
{
    if (b->filing == 0 || a->deadline_ms != b->deadline_ms)
        return b->filing == 0 || a->deadline_ms < b->deadline_ms;
    return older(a, b);
}

static void consider(struct due_arg *a, enum lane lane, const struct pick *p)
{
    if (p->due_ms < a->q->aged_ms && older(p, &a->oldest))
        a->oldest = *p;
    if (nearer(p, &a->lane[lane]))
        a->lane[lane] = *p;
}

/* Which rows of an answer are considered. */
struct taking {
    enum lane lane;
    int most;
    bool is_full;   /* none: they move next_ms only */
    bool only_aged; /* after the first, only what is due too long */
};

/* Rows of filing, due, deadline in order: those that are due and in nobody's hands. A later one only moves next_ms. */
static int take(struct gln_context *ctx, struct due_arg *a, struct store_stmt *st, struct taking t)
{
    int more = ctx->error.status;

    for (int taken = 0; st && taken < t.most && (more = stmt_step(st, ctx)) > 0;) {
        int64_t filing = stmt_col_int(st, 0), due = stmt_col_int(st, 1);

        if (due > a->q->now_ms) {
            may_be(&a->next_ms, due);
            break;
        }
        if (skipped(a->q, filing))
            continue;
        if (t.only_aged && taken > 0 && due >= a->q->aged_ms)
            break;
        taken++;
        if (t.is_full)
            may_be(&a->next_ms, due);
        else
            consider(a, t.lane,
                     &(struct pick){filing, due, stmt_col_null(st, 2) ? NO_DEADLINE : stmt_col_int(st, 2)});
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

#define OF_LANE                                                                                              \
    "SELECT filing, due_ms, deadline_ms FROM filings_now WHERE state = ?1 AND destination = ?2 AND "         \
    "lane = ?3 AND "

/* One state, destination and lane. */
static int look(struct store_conn *c, struct gln_context *ctx, struct due_arg *a, enum filing_state state,
                const char *destination, enum lane lane)
{
    /* the first of what has a deadline, the first of what has none */
    static const char *const in_order[] = {
        OF_LANE "deadline_ms IS NOT NULL AND due_ms BETWEEN 0 AND ?4 ORDER BY deadline_ms, filing",
        OF_LANE "deadline_ms IS NULL AND due_ms BETWEEN 0 AND ?4 ORDER BY filing"};
    const struct cell where[] = {cell_text(filing_state_name(state)), cell_text(destination), cell_int(lane),
                                 cell_int(a->q->now_ms)};
    bool is_full = full(a->q, destination), queued = state == FILING_QUEUED;
    struct taking t = {lane, !is_full && (queued || state == FILING_DEFERRED) ? MANY : 1, is_full, queued};
    int status = take(ctx, a, sql_bind(c, ctx, OF_LANE "due_ms >= 0 ORDER BY due_ms, filing", where, 3), t);

    t.most = 1;
    for (size_t i = 0; i < 2 && status == GLN_OK && queued && !is_full; i++)
        status = take(ctx, a, sql_bind(c, ctx, in_order[i], where, 4), t);
    return status;
}

/* The destination that follows `name` among those with filings in the state; 0 when there is none. */
static int next_destination(struct store_conn *c, struct gln_context *ctx, enum filing_state state,
                            char name[32])
{
    struct store_stmt *st = sql_bind(c, ctx,
                                     "SELECT destination FROM filings_now WHERE state = ?1 AND destination "
                                     "> ?2 ORDER BY destination LIMIT 1",
                                     CELLS(cell_text(filing_state_name(state)), cell_text(name)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0)
        str_copy(name, 32, stmt_col_text(st, 0));
    stmt_done(st);
    return more;
}

static int look_state(struct store_conn *c, struct gln_context *ctx, struct due_arg *a,
                      enum filing_state state)
{
    char destination[32] = "";
    int more;

    while ((more = next_destination(c, ctx, state, destination)) > 0) {
        int status = look(c, ctx, a, state, destination, LANE_EXPEDITED);

        if (status == GLN_OK)
            status = look(c, ctx, a, state, destination, LANE_STANDARD);
        if (status != GLN_OK)
            return status;
    }
    return more;
}

static int next_due(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct due_arg *a = arg;
    int status = GLN_OK;

    for (enum filing_state s = 0; s < FILING_STATE_COUNT && status == GLN_OK; s++)
        if (a->q->mask & 1u << s)
            status = look_state(c, ctx, a, s);
    return status;
}

int ledger_next_due(struct ledger *l, struct gln_context *ctx, const struct ledger_due *q,
                    struct ledger_filing *out, int64_t *next_ms)
{
    struct due_arg a = {.q = q, .next_ms = -1};
    int64_t best;
    int status = store_read(l->store, ctx, next_due, &a);

    *next_ms = -1;
    if (status != GLN_OK)
        return status;
    best = a.lane[LANE_EXPEDITED].filing ? a.lane[LANE_EXPEDITED].filing : a.lane[LANE_STANDARD].filing;
    if (a.oldest.filing)
        best = a.oldest.filing;
    if (best != 0)
        return ledger_filing_get(l, ctx, best, out);
    *next_ms = a.next_ms;
    return context_fail(ctx, GLN_E_NOT_FOUND, MSG_FILING_NONE_DUE);
}
