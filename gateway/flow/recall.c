/*
 * Recall: a lane that was decided when a filing was kept is decided again, from the same facts, before the filing leaves.
 *
 * Twice: for everything that is not sent yet when the register changes (so that the queue's order follows at once), and for each filing
 * at the moment it would leave, whatever happened since (a certificate ends by itself at midnight of its zone). That moment is T; the
 * decision is not touched afterwards. A decision that differs is a row of the ledger with the filing ("lane"); the one that was kept
 * with the declaration stays what it was. Only what was expedited and is not any more goes back into the queue.
 *
 * A binding that ended meanwhile holds a filing as the option unbound-importer says. Whoever released it has answered that question: it
 * is not held for it again.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <string.h>

#include "util/json.h"
#include "util/str.h"

/** A decision taken again. */
struct again {
    struct buf json;
    struct buf receipt; /**< what a receipt about it says; empty: standard */
    struct lane_decision now;
    char was[8];        /**< primary reason of the decision before */
    bool changed;       /**< lane or primary reason */
    bool hold;          /**< the submitter is not bound to the importer any more */
    int64_t at_ms;      /**< of this recall, the same for all it looks at */
    char submitter[96]; /**< "": the local operator */
    char environment[8];
};

static void again_free(struct again *a)
{
    buf_free(&a->json);
    buf_free(&a->receipt);
    lane_decision_free(&a->now);
}

/** The newest decision about a filing. */
static int decision_read(struct buf *out, struct gln_gateway *gw, struct gln_context *ctx,
                         const struct ledger_filing *f)
{
    int status = ledger_attachment(gw->ledger, ctx, f->id, "lane", out);

    if (status == GLN_E_NOT_FOUND) {
        context_ok(ctx);
        status = ledger_declaration_part(gw->ledger, ctx, f->declaration, "decision", out);
    }
    return status;
}

/** What the decision before said: its primary reason, and whether it knew that the submitter was not bound. */
static void before_read(struct again *a, const struct buf *decision, bool *unbound)
{
    char why[160];
    struct json_in *root = json_in_parse(decision->data, decision->len, why, sizeof why);
    const struct json_in *reasons = json_in_get(root, "reasons");
    const char *primary = json_in_str(json_in_get(root, "primary"));

    str_copy(a->was, sizeof a->was, primary != NULL ? primary : "");
    *unbound = false;
    for (size_t i = 0; i < json_in_len(reasons); i++)
        *unbound = *unbound || str_eq(json_in_str(json_in_at(reasons, i)), "A03");
    json_in_free(root);
}

/** GLN_E_NOT_FOUND also for what cannot be read: sending must not stand still for it. */
static int facts_read(struct lane_facts **out, struct gln_context *ctx, const struct ledger_filing *f,
                      const struct buf *decision)
{
    int status = lane_facts_read(out, ctx, decision->data != NULL ? decision->data : "", decision->len);

    if (status != GLN_E_STORE)
        return status;
    log_write(ctx->log, LOG_LEVEL_ALERT, "lane", f->declaration, "not decided again: %s",
              context_text(ctx, LANG_EN));
    return GLN_E_NOT_FOUND;
}

/** Decides again by the register in use. GLN_E_NOT_FOUND, without a text: the decision holds no facts to do it from. */
static int decide_again(struct again *a, struct gln_gateway *gw, struct gln_context *ctx,
                        const struct ledger_filing *f)
{
    struct buf decision = BUF_INIT;
    struct lane_facts *facts = NULL;
    bool unbound = false;
    int status = decision_read(&decision, gw, ctx, f);

    if (status == GLN_OK)
        status = facts_read(&facts, ctx, f, &decision);
    if (status == GLN_OK) {
        before_read(a, &decision, &unbound);
        facts->at_ms = clock_wall_ms(ctx->clock);
        facts->known_ms = 0;
        facts_settings(facts, ctx);
        str_copy(a->submitter, sizeof a->submitter, facts->submitter != NULL ? facts->submitter : "");
        str_copy(a->environment, sizeof a->environment, facts->environment != NULL ? facts->environment : "");
        pthread_mutex_lock(&gw->lock);
        status = lane_decide(&a->now, ctx, gw->operators, facts);
        pthread_mutex_unlock(&gw->lock);
    }
    if (status == GLN_OK) {
        lane_json(&a->json, &a->now, facts);
        a->changed = a->now.lane != f->lane || !str_eq(a->was, a->now.primary);
        a->hold = a->now.importer_unbound && !unbound &&
                  str_eq(option_text(ctx->options, OPT_IMPORTER_UNBOUND), "hold") &&
                  filing_transition_legal(f->state, FILING_HELD);
        if (a->json.failed)
            status = context_no_memory(ctx);
    }
    if (status == GLN_OK && a->now.lane == LANE_EXPEDITED)
        status = lane_receipt(&a->receipt, ctx, &a->now, facts);
    lane_facts_free(facts);
    buf_free(&decision);
    if (status == GLN_E_NOT_FOUND)
        context_ok(ctx);
    return status;
}

/** Writes down what changed. GLN_E_CONFLICT: somebody was faster, the filing has left or moved. */
static int record(const struct again *a, struct gln_gateway *gw, struct gln_context *ctx,
                  const struct ledger_filing *f)
{
    const struct ledger_blob blob = {"lane", a->json.data, a->json.len};
    char id[24];
    int status;

    if (a->hold)
        status = ledger_move_with(gw->ledger, ctx, f->id, f->state, FILING_HELD,
                                  REASON(MSG_REASON_UNBOUND, ""), "gateway", -1, &blob, 1);
    else
        status = ledger_relane(gw->ledger, ctx, f->id, a->json.data, a->json.len, a->receipt.data);
    if (status == GLN_E_CONFLICT)
        context_ok(ctx);
    if (status != GLN_OK)
        return status;
    snprintf(id, sizeof id, "%lld", (long long)f->id);
    log_write(ctx->log, a->now.alert == ALERT_SECURITY ? LOG_LEVEL_ALERT : LOG_LEVEL_NOTICE, "lane", id,
              "decided again before sending: %s (%s), it was %s (%s)%s", lane_name(a->now.lane),
              a->now.primary, lane_name(f->lane), a->was, a->hold ? "; held for a person" : "");
    if (a->now.alert == ALERT_NONE)
        return GLN_OK;
    return watch_recalled(ledger_store(gw->ledger), ctx,
                          &(struct watch_recall){.environment = a->environment,
                                                 .declaration = f->declaration,
                                                 .submitter = a->submitter,
                                                 .primary = a->now.primary,
                                                 .alert = a->now.alert,
                                                 .at_ms = a->at_ms});
}

static int recall_one(struct gln_gateway *gw, struct gln_context *ctx, int64_t filing, int64_t at_ms,
                      size_t *changed)
{
    struct again a = {.at_ms = at_ms};
    struct ledger_filing f;
    int status = ledger_filing_get(gw->ledger, ctx, filing, &f);

    if (status == GLN_OK)
        status = decide_again(&a, gw, ctx, &f);
    if (status == GLN_OK && (a.changed || a.hold)) {
        status = record(&a, gw, ctx, &f);
        *changed += status == GLN_OK;
    }
    again_free(&a);
    return status == GLN_E_NOT_FOUND || status == GLN_E_CONFLICT ? GLN_OK : status;
}

static const enum filing_state waiting[] = {FILING_ACCEPTED, FILING_WAITING, FILING_QUEUED, FILING_HELD,
                                            FILING_DEFERRED};

int flow_waits(struct gln_gateway *gw, struct gln_context *ctx, bool *waits)
{
    int64_t id;
    size_t count = 0;
    int status = GLN_OK;

    for (size_t s = 0; status == GLN_OK && count == 0 && s < sizeof waiting / sizeof waiting[0]; s++)
        status = ledger_filings_in(gw->ledger, ctx, waiting[s], 0, &id, 1, &count);
    *waits = count > 0;
    return status;
}

int flow_recall(struct gln_gateway *gw, struct gln_context *ctx)
{
    int64_t ids[256], at_ms = clock_wall_ms(ctx->clock);
    size_t count = 0, changed = 0;
    int status = GLN_OK;

    for (size_t s = 0; s < sizeof waiting / sizeof waiting[0]; s++) {
        int64_t after = 0;

        do {
            status = ledger_filings_in(gw->ledger, ctx, waiting[s], after, ids, sizeof ids / sizeof ids[0],
                                       &count);
            for (size_t i = 0; status == GLN_OK && i < count; i++)
                status = recall_one(gw, ctx, after = ids[i], at_ms, &changed);
        } while (status == GLN_OK && count > 0);
        if (status != GLN_OK)
            return status;
    }
    if (changed > 0)
        log_write(ctx->log, LOG_LEVEL_NOTICE, "lane", NULL,
                  "the register changed: %zu filing(s) not sent yet were decided otherwise", changed);
    return GLN_OK;
}

int recall_departing(struct errand *e)
{
    struct again a = {.at_ms = clock_wall_ms(e->ctx->clock)};
    bool goes = true;
    int status;

    gateway_register(e->gw, e->ctx);
    status = decide_again(&a, e->gw, e->ctx, &e->f);

    if (status == GLN_OK && (a.changed || a.hold)) {
        goes = !a.hold && (e->f.lane == LANE_STANDARD || a.now.lane == LANE_EXPEDITED);
        status = record(&a, e->gw, e->ctx, &e->f);
    }
    again_free(&a);
    if (status == GLN_E_NOT_FOUND)
        return GLN_OK;
    return status == GLN_OK && !goes ? GLN_E_CONFLICT : status;
}
