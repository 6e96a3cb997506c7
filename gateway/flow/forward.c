/*
 * Forward: sends what is queued, in the lane's order, and says in the ledger what came of it.
 *
 * Its lane is decided once more at that moment (recall.c): that is the decision's T. A filing is durably `sending`, with its signed
 * bytes and our evidence in the same commit, before the first byte leaves. After the send it is `sent` (with the reply's bytes, before
 * anybody reads them), `deferred` when it certainly did not arrive, `held` when a person must act, or `in-doubt`. What is found
 * `sending` at start-up is in doubt. Nothing is sent twice by itself. Whatever came back is stored with it.
 *
 * A SOAP fault is an answer: the bundle says whether it refused the message. Until it has, and where it cannot tell, the filing is in doubt.
 */
#include "flow/internal.h"

#include <string.h>

#include "util/str.h"

/** Growing, with up to a fifth of jitter, so that many filings do not come back at once. */
static int64_t retry_delay(const struct errand *e)
{
    int64_t delay = e->message->retry_first_ms;
    unsigned char noise = 0;

    for (int i = 1; i < e->f.attempts && delay < e->message->retry_most_ms; i++)
        delay *= 2;
    if (delay > e->message->retry_most_ms)
        delay = e->message->retry_most_ms;
    (void)random_bytes(e->ctx, &noise, sizeof noise);
    return delay + delay * noise / (5 * 256);
}

/** The context's error as the reason to hold a filing, with its alert. */
static void hold_reason(struct errand *e, char reason[240])
{
    str_copy(reason, 240, reason_of_error(e->ctx));
    errand_alert(e, "held", reason);
    context_ok(e->ctx);
}

/** Held for a person. */
static int hold(struct errand *e)
{
    char reason[240];

    hold_reason(e, reason);
    return errand_move(e, FILING_HELD, reason, -1, NULL, 0);
}

/** Trouble of the kind that passes (ledger, memory) goes up; what a person must mend holds the filing. */
int filing_hold(struct errand *e, int status)
{
    return status == GLN_E_STORE || status == GLN_E_MEMORY || status == GLN_E_BUSY ? status : hold(e);
}

/** Reads what keep stored and signs it. */
static int sign(struct signed_message *out, struct errand *e)
{
    struct ledger *l = e->gw->ledger;
    struct buf outbound = BUF_INIT;
    struct buf text = BUF_INIT;
    struct secret_slots slots = {0};
    int status = ledger_attachment(l, e->ctx, e->f.id, "outbound", &outbound);

    if (status == GLN_OK)
        status = ledger_attachment(l, e->ctx, e->f.id, "slots", &text);
    if (status == GLN_E_NOT_FOUND && outbound.len > 0) {
        context_ok(e->ctx);
        status = GLN_OK;
    }
    if (status == GLN_OK)
        status = slots_get(&slots, e->ctx, text.data != NULL ? text.data : "", text.len);
    if (status == GLN_OK)
        status = flow_sign(out, e->gw, e->ctx, e->message, &e->identity, e->params.items, e->key,
                           outbound.data, outbound.len, &slots);
    secret_slots_free(&slots);
    buf_free(&text);
    buf_free(&outbound);
    return status;
}

/** A step after a send, and what came back. */
static int step(struct errand *e, enum filing_state to, const char *reason, int64_t due_ms,
                const struct buf *reply)
{
    const struct ledger_blob blob = {"reply", reply->data, reply->len};

    return errand_move(e, to, reason, due_ms, &blob, reply->len > 0 ? 1 : 0);
}

static int delivered(struct errand *e, const struct buf *reply)
{
    int status = step(e, FILING_SENT, REASON(MSG_REASON_TAKEN, ""), ask_due(e), reply);

    /* the answer itself may have come by another way while the line was still open */
    if (status != GLN_OK)
        return status == GLN_E_CONFLICT ? GLN_OK : status;
    return e->message->reply.sheet != NULL && reply->len > 0 ? reply_read(e, &e->message->reply, reply)
                                                             : GLN_OK;
}

static int not_sent(struct errand *e, const struct buf *reply, const char *why)
{
    int64_t delay = retry_delay(e);
    char reason[240];

    if (e->f.attempts < e->message->retry_times)
        return step(e, FILING_DEFERRED, REASON(MSG_REASON_NOT_ARRIVED, why), due_now() + delay, reply);
    context_fail(e->ctx, GLN_E_NETWORK, MSG_FLOW_RETRIES_SPENT, why);
    hold_reason(e, reason);
    return step(e, FILING_HELD, reason, -1, reply);
}

static int refused(struct errand *e, const struct buf *reply, const char *why)
{
    const char *reason = REASON(MSG_REASON_REFUSED, why);

    errand_alert(e, "held", reason);
    return step(e, FILING_HELD, reason, -1, reply);
}

static int in_doubt(struct errand *e, const struct buf *reply, const char *why)
{
    const char *reason = REASON(MSG_REASON_IN_DOUBT, why);

    errand_alert(e, "in doubt", reason);
    return step(e, FILING_IN_DOUBT, reason, due_now() + e->message->doubt_after_ms, reply);
}

/** What the bundle makes of a fault: one that refused the message closes the filing, after any other a person decides. */
static int faulted(struct errand *e, const struct buf *reply, const char *why)
{
    const char *reason = REASON(MSG_REASON_FAULT, why);
    struct ledger_filing now;
    int status = step(e, FILING_IN_DOUBT, reason, due_now() + e->message->doubt_after_ms, reply);

    if (status == GLN_OK)
        status = reply_read(e, &e->message->reply, reply);
    if (status == GLN_OK)
        status = ledger_filing_get(e->gw->ledger, e->ctx, e->f.id, &now);
    if (status == GLN_OK && now.state == FILING_IN_DOUBT)
        errand_alert(e, "in doubt", reason);
    return status;
}

bool reply_is_fault(const struct route_carrier *how, enum carry_outcome outcome, const struct buf *reply)
{
    return how->soap_action != NULL && outcome != CARRY_NOT_SENT && reply != NULL && reply->len > 0 &&
           carry_is_fault(reply->data, reply->len);
}

int filing_arrive(struct errand *e, enum carry_outcome outcome, const struct buf *reply, const char *why)
{
    struct buf kept = BUF_INIT;
    int status = reply->len > 0 ? reply_cover(&kept, e, reply) : GLN_OK;

    if (status != GLN_OK) {
        buf_free(&kept);
        return status;
    }
    if (e->message->reply.sheet != NULL && reply_is_fault(&e->message->carrier, outcome, &kept))
        status = faulted(e, &kept, why);
    else if (outcome == CARRY_DELIVERED)
        status = delivered(e, &kept);
    else if (outcome == CARRY_REFUSED)
        status = refused(e, &kept, why);
    else if (outcome == CARRY_IN_DOUBT)
        status = in_doubt(e, &kept, why);
    else
        status = not_sent(e, &kept, why);
    buf_free(&kept);
    /* an answer was faster than our own record of the send */
    return status == GLN_E_CONFLICT ? GLN_OK : status;
}

static int send_and_record(struct errand *e, const struct parcel *p)
{
    enum carry_outcome outcome = CARRY_NOT_SENT;
    struct buf reply = BUF_INIT;
    struct buf why = BUF_INIT;
    int status = carry_send(e->ctx, &p->endpoint.at, p->bytes.data, p->bytes.len, &outcome, &reply, &why);

    if (status != GLN_OK) {
        /* the attempt was not even made */
        buf_puts(&why, reason_of_error(e->ctx));
        context_ok(e->ctx);
        outcome = CARRY_NOT_SENT;
    }
    status = filing_arrive(e, outcome, &reply, why.data != NULL ? why.data : "");
    buf_free(&reply);
    buf_free(&why);
    return status;
}

void parcel_clear(struct parcel *p)
{
    secret_buf_free(&p->bytes);
    endpoint_close(&p->endpoint);
}

int filing_depart(struct errand *e, struct parcel *out)
{
    struct signed_message s = {0};
    struct buf slots = BUF_INIT;
    int status = recall_departing(e);

    if (status == GLN_OK)
        status = endpoint_for(&out->endpoint, e->gw, e->ctx, &e->identity, &e->message->carrier);
    if (status == GLN_OK)
        status = sign(&s, e);
    if (status == GLN_OK)
        status = secrets_insert(&out->bytes, e->gw, e->ctx, &e->identity, &s.bytes, &s.slots);
    slots_put(&slots, &s.slots);
    if (status == GLN_OK && slots.failed)
        status = context_no_memory(e->ctx);
    if (status == GLN_OK) {
        const struct ledger_blob blobs[] = {{"signed", s.bytes.data, s.bytes.len},
                                            {"evidence", s.evidence.data, s.evidence.len},
                                            {"signed-slots", slots.data, slots.len}};

        status =
            errand_move(e, FILING_SENDING, REASON(MSG_REASON_LEAVING, ""), -1, blobs, slots.len > 0 ? 3 : 2);
    }
    if (status == GLN_OK)
        e->f.attempts++;
    buf_free(&slots);
    signed_message_free(&s);
    return status;
}

int filing_send(struct errand *e)
{
    struct parcel p = {0};
    int status = filing_depart(e, &p);

    if (status == GLN_OK)
        status = send_and_record(e, &p);
    else if (status == GLN_E_CONFLICT)
        status = GLN_OK;
    else
        status = filing_hold(e, status);
    parcel_clear(&p);
    return status;
}
