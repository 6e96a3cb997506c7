/*
 * The outbound half, one piece of work at a time: flow_step() takes what is due next and does its next thing.
 *
 * Several threads may step one gateway: a filing in one thread's hands is skipped by the others, and of one destination only so many
 * are in hand at once, so that a destination that does not answer leaves threads to the others. What is due is asked of the ledger by
 * the system's clock; the order is the ledger's (ledger/due.c).
 */
#include "flow/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

#define MASK(state) (1U << (state))

static int step_deferred(struct errand *e)
{
    return errand_move(e, FILING_QUEUED, REASON(MSG_REASON_TRIED_AGAIN, ""), 0, NULL, 0);
}

/** What each state's filing does when it is due. */
static const struct {
    enum filing_state state;
    int (*act)(struct errand *e);
} acts[] = {
    {FILING_QUEUED, filing_send}, {FILING_DEFERRED, step_deferred}, {FILING_SENT, filing_ask},
    {FILING_OVERDUE, filing_ask}, {FILING_ANSWERED, filing_ask},    {FILING_IN_DOUBT, filing_doubt},
};

static unsigned all_states(void)
{
    unsigned mask = 0;

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        mask |= MASK(acts[i].state);
    return mask;
}

/** A filing in some thread's hands. */
struct in_hand {
    int64_t filing;
    char destination[32];
};

/** How long to wait when what is due goes to destinations that are full: whoever ends there takes the next himself. */
#define FULL_PAUSE_MS 200

static size_t in_hand_of(const struct gln_gateway *gw, const char *destination)
{
    size_t n = 0;

    for (size_t i = 0; i < gw->busy_count; i++)
        n += str_eq(gw->busy[i].destination, destination);
    return n;
}

/** Adds to the list of filings in hand; false if one is in another thread's, or its destination is full by now. */
static bool take(struct gln_gateway *gw, const struct ledger_filing *f, size_t share)
{
    bool taken;

    pthread_mutex_lock(&gw->lock);
    taken = share == 0 || in_hand_of(gw, f->destination) < share;
    for (size_t i = 0; i < gw->busy_count; i++)
        taken = taken && gw->busy[i].filing != f->id;
    if (taken && gw->busy_count == gw->busy_cap) {
        size_t cap = gw->busy_cap != 0 ? gw->busy_cap * 2 : 16;
        struct in_hand *more = realloc(gw->busy, cap * sizeof *more);

        taken = more != NULL;
        if (taken) {
            gw->busy = more;
            gw->busy_cap = cap;
        }
    }
    if (taken) {
        struct in_hand *h = &gw->busy[gw->busy_count++];

        h->filing = f->id;
        str_copy(h->destination, sizeof h->destination, f->destination);
    }
    pthread_mutex_unlock(&gw->lock);
    return taken;
}

static void give_back(struct gln_gateway *gw, int64_t id)
{
    pthread_mutex_lock(&gw->lock);
    for (size_t i = 0; i < gw->busy_count; i++)
        if (gw->busy[i].filing == id) {
            gw->busy[i] = gw->busy[--gw->busy_count];
            break;
        }
    pthread_mutex_unlock(&gw->lock);
}

/** What is in hand now, for ledger_next_due(): filings, and destinations that have as many of them as they may. */
struct hands {
    int64_t *skip;
    char (*full)[32];
    size_t count, full_count;
};

static void hands_free(struct hands *h)
{
    free(h->skip);
    free(h->full);
}

static int hands_read(struct hands *h, struct gln_gateway *gw, struct gln_context *ctx, size_t share)
{
    *h = (struct hands){0};
    pthread_mutex_lock(&gw->lock);
    h->skip = calloc(gw->busy_count + 1, sizeof *h->skip);
    h->full = calloc(gw->busy_count + 1, sizeof *h->full);
    for (size_t i = 0; h->skip != NULL && h->full != NULL && i < gw->busy_count; i++) {
        h->skip[h->count++] = gw->busy[i].filing;
        if (share > 0 && in_hand_of(gw, gw->busy[i].destination) >= share)
            memcpy(h->full[h->full_count++], gw->busy[i].destination, sizeof *h->full);
    }
    pthread_mutex_unlock(&gw->lock);
    return h->skip != NULL && h->full != NULL ? GLN_OK : context_no_memory(ctx);
}

/** The next filing that is due and in nobody's hands. GLN_E_NOT_FOUND without an error text. */
static int next_filing(struct gln_gateway *gw, struct gln_context *ctx, size_t share, struct ledger_filing *f,
                       int64_t *wait_ms)
{
    struct hands h;
    int64_t now = due_now(), next_ms = -1;
    int status = hands_read(&h, gw, ctx, share);

    if (status == GLN_OK) {
        const struct ledger_due q = {.mask = all_states(),
                                     .now_ms = now,
                                     .aged_ms = clock_wall_ms(ctx->clock) -
                                                option_int(ctx->options, OPT_QUEUE_FLOOR),
                                     .skip = h.skip,
                                     .skip_count = h.count,
                                     .full = (const char(*)[32])h.full,
                                     .full_count = h.full_count};

        status = ledger_next_due(gw->ledger, ctx, &q, f, &next_ms);
    }
    hands_free(&h);
    if (status == GLN_E_NOT_FOUND)
        context_ok(ctx);
    *wait_ms = next_ms < 0 ? -1 : next_ms > now ? next_ms - now : FULL_PAUSE_MS;
    return status;
}

/** What cannot even be looked up (its destination is not installed any more, its identity is gone) waits for a person. */
static int stop(struct errand *e)
{
    char reason[240];

    str_copy(reason, sizeof reason, reason_of_error(e->ctx));
    context_ok(e->ctx);
    errand_alert(e, "stopped", reason);
    return errand_move(e, filing_transition_legal(e->f.state, FILING_HELD) ? FILING_HELD : e->f.state, reason,
                       -1, NULL, 0);
}

int errand_act(struct errand *e)
{
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (acts[i].state == e->f.state)
            return acts[i].act(e);
    return GLN_OK;
}

void errand_done(struct errand *e)
{
    if (e->f.id != 0)
        give_back(e->gw, e->f.id);
    errand_clear(e);
    e->f.id = 0;
}

int errand_next(struct errand *e, size_t share, int64_t *wait_ms)
{
    int status = next_filing(e->gw, e->ctx, share, &e->f, wait_ms);

    if (status == GLN_E_NOT_FOUND) {
        e->f.id = 0;
        return status;
    }
    *wait_ms = 0;
    if (status == GLN_OK && !take(e->gw, &e->f, share)) {
        e->f.id = 0;
        return GLN_E_CONFLICT;
    }
    if (status == GLN_OK)
        status = errand_prepare(e);
    if (status != GLN_OK && status != GLN_E_STORE && status != GLN_E_MEMORY && e->f.id != 0) {
        status = stop(e);
        errand_done(e);
        return status == GLN_OK ? GLN_E_CONFLICT : status;
    }
    return status;
}

static int64_t sooner(int64_t a, int64_t b)
{
    if (a < 0)
        return b;
    return b < 0 || a < b ? a : b;
}

int flow_step(struct gln_gateway *gw, struct gln_context *ctx, int64_t *wait_ms)
{
    struct errand e = {.gw = gw, .ctx = ctx};
    int64_t next_mono = -1;
    int64_t filing_wait = -1;
    bool did = false;
    int status = inbox_step(gw, ctx, &did, &next_mono);

    *wait_ms = 0;
    if (status != GLN_OK || did)
        return status;
    status = errand_next(&e, (size_t)option_int(ctx->options, OPT_DESTINATION_SHARE), &filing_wait);
    if (status == GLN_E_NOT_FOUND) {
        int64_t inbox_wait = next_mono - clock_mono_ms();

        *wait_ms = sooner(filing_wait, next_mono < 0 ? -1 : inbox_wait > 0 ? inbox_wait : 0);
        return GLN_OK;
    }
    if (status == GLN_OK)
        status = errand_act(&e);
    errand_done(&e);
    if (status == GLN_E_CONFLICT) {
        context_ok(ctx);
        status = GLN_OK;
    }
    return status;
}

int flow_resolve(struct gln_gateway *gw, struct gln_context *ctx, int64_t filing, const char *decision,
                 const char *operation, const char *why, const char *who)
{
    static const struct {
        const char *decision;
        enum filing_state to;
        enum message_id reason;
    } rows[] = {
        {"arrived", FILING_SENT, MSG_REASON_PERSON_ARRIVED},
        {"not-arrived", FILING_QUEUED, MSG_REASON_PERSON_NOT_ARRIVED},
        {"close", FILING_CLOSED, MSG_REASON_PERSON_CLOSED},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    struct ledger_blob blob = {"operation", operation, operation != NULL ? strlen(operation) : 0};
    struct ledger_filing f;
    struct reason given;
    char id[24];
    size_t row = 0;
    int status;

    while (row < ROWS && !str_eq(rows[row].decision, decision))
        row++;
    if (row == ROWS)
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_FLOW_DECISION, decision != NULL ? decision : "");
    status = ledger_filing_get(gw->ledger, ctx, filing, &f);
    if (status != GLN_OK)
        return status;
    snprintf(id, sizeof id, "%lld", (long long)filing);
    if (f.state != FILING_IN_DOUBT)
        return context_fail(ctx, GLN_E_CONFLICT, MSG_FLOW_NOT_IN_DOUBT, id, filing_state_name(f.state));
    return ledger_move_with(gw->ledger, ctx, filing, f.state, rows[row].to,
                            why != NULL && *why != '\0' ? reason_by_person(&given, why)
                                                        : reason_make(&given, rows[row].reason, NULL, 0),
                            who, rows[row].to == FILING_CLOSED ? -1 : 0, &blob,
                            operation != NULL && *operation != '\0' ? 1 : 0);
}
