/*
 * Waiting for customs: polling for an answer where the destination is polled, seeing that an answer is overdue, and what becomes of
 * a filing in doubt.
 *
 * A poll is a question and changes nothing at customs, so it may be repeated; it is sealed like a message but leaves no evidence.
 * The interval doubles from the bundle's first to its most. A filing in doubt is asked about where it can be; otherwise it waits
 * for its answer, then for a person, or is sent again if the bundle says so of the action it was sent as. What is sent again as
 * another action is another message: its bytes and its action are kept with the filing, in the commit that queues it.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <string.h>

#include "util/str.h"

/** How long the filing has been in its state, by the gateway's clock, which a test may have stopped. */
static int64_t waited_ms(const struct errand *e)
{
    int64_t waited = clock_wall_ms(e->ctx->clock) - e->f.changed_ms;

    return waited > 0 ? waited : 0;
}

static bool is_overdue(const struct errand *e)
{
    int64_t after = e->message->overdue_ms;

    return e->f.state == FILING_SENT && after > 0 && waited_ms(e) >= after;
}

static bool can_ask(const struct errand *e)
{
    return e->message->poll.transform != NULL && e->f.operation[0] != '\0';
}

bool filing_polls(const struct errand *e)
{
    switch (e->f.state) {
    case FILING_SENT:
        return can_ask(e) && !is_overdue(e);
    case FILING_OVERDUE:
    case FILING_ANSWERED:
        return can_ask(e);
    case FILING_IN_DOUBT:
        return e->message->doubt_inquire && can_ask(e);
    default:
        return false;
    }
}

int64_t ask_due(const struct errand *e)
{
    const struct route_poll *poll = &e->message->poll;
    int64_t waited = waited_ms(e);
    int64_t due = -1;
    int64_t overdue = -1;

    if (poll->transform != NULL) {
        /* as long again as it has waited so far: doubling, without a counter to keep */
        due = waited / 2 < poll->first_ms ? poll->first_ms : waited / 2;
        due = due > poll->most_ms ? poll->most_ms : due;
        due = due_now() + endpoint_ms(&e->identity, poll->carrier.endpoint, "every", due);
    }
    if (e->f.state == FILING_OVERDUE || e->f.state == FILING_ANSWERED || e->message->overdue_ms == 0)
        return due;
    overdue = due_now() + (waited < e->message->overdue_ms ? e->message->overdue_ms - waited : 0);
    return due >= 0 && due < overdue ? due : overdue;
}

/** The question, sealed, wrapped and masked. */
static int poll_make(struct signed_message *out, struct errand *e)
{
    const struct route_poll *poll = &e->message->poll;
    const struct sealing how = {&poll->seal, poll->envelope, &e->identity, e->params.items, e->key};
    struct xml_run run = {.codes = e->ctx->engine->codes, .params = e->params.items};
    struct xml_doc *in = NULL;
    struct xml_doc *question = NULL;
    int status = xml_doc_new(&in, e->ctx, GLN_NS, "poll");

    run.source = in;
    if (status == GLN_OK)
        status = xml_transform(&question, poll->transform, e->ctx, in, &run);
    if (status == GLN_OK)
        status = sealed_write(out, e->gw, e->ctx, &how, question);
    xml_doc_free(question);
    xml_doc_free(in);
    return status;
}

int reply_read(struct errand *e, const struct route_reply *how, const struct buf *reply)
{
    const struct inbound in = {e->destination, how, e->f.environment, e->f.id, reply->data, reply->len};
    struct buf what = BUF_INIT;
    size_t tied = 0;
    int status = flow_acknowledge(e->gw, e->ctx, &in, &tied, &what);

    if (status != GLN_OK && status != GLN_E_STORE && status != GLN_E_MEMORY && status != GLN_E_CONFLICT) {
        errand_alert(e, "a reply of customs cannot be read", context_text(e->ctx, LANG_EN));
        context_ok(e->ctx);
        status = GLN_OK;
    }
    buf_free(&what);
    return status;
}

static int later(struct errand *e, const char *why)
{
    if (why != NULL && *why != '\0')
        errand_alert(e, "customs could not be asked", why);
    return errand_move(e, e->f.state, NULL, ask_due(e), NULL, 0);
}

int poll_arrive(struct errand *e, enum carry_outcome outcome, const struct buf *reply, const char *why)
{
    struct buf kept = BUF_INIT;
    int status;

    if (outcome != CARRY_DELIVERED && !reply_is_fault(&e->message->poll.carrier, outcome, reply))
        return later(e, why != NULL ? why : "");
    /* the next time is set first: an answer that is pending leaves it, one that closes takes it away */
    status = later(e, outcome == CARRY_DELIVERED ? NULL : why);
    if (status == GLN_OK)
        status = reply_cover(&kept, e, reply);
    if (status == GLN_OK)
        status = reply_read(e, &e->message->poll.reply, &kept);
    buf_free(&kept);
    return status;
}

int poll_depart(struct errand *e, struct parcel *out)
{
    struct signed_message s = {0};
    int status = endpoint_for(&out->endpoint, e->gw, e->ctx, &e->identity, &e->message->poll.carrier);

    if (status == GLN_OK)
        status = poll_make(&s, e);
    if (status == GLN_OK)
        status = secrets_insert(&out->bytes, e->gw, e->ctx, &e->identity, &s.bytes, &s.slots);
    signed_message_free(&s);
    return status;
}

static int poll(struct errand *e)
{
    enum carry_outcome outcome = CARRY_NOT_SENT;
    struct parcel p = {0};
    struct buf reply = BUF_INIT;
    struct buf why = BUF_INIT;
    int status = poll_depart(e, &p);

    if (status == GLN_OK)
        status = carry_send(e->ctx, &p.endpoint.at, p.bytes.data, p.bytes.len, &outcome, &reply, &why);
    if (status == GLN_OK)
        status = poll_arrive(e, outcome, &reply, why.data);
    else if (status != GLN_E_STORE && status != GLN_E_MEMORY)
        status = later(e, context_text(e->ctx, LANG_EN));
    buf_free(&reply);
    buf_free(&why);
    parcel_clear(&p);
    return status;
}

/** A reply that was stored and not read, for we stopped in between: it holds the number to ask with. */
static int reply_again(struct errand *e)
{
    struct buf reply = BUF_INIT;
    int status = ledger_attachment(e->gw->ledger, e->ctx, e->f.id, "reply", &reply);

    if (status == GLN_E_NOT_FOUND) {
        context_ok(e->ctx);
        return later(e, NULL);
    }
    if (status == GLN_OK)
        status = later(e, NULL);
    if (status == GLN_OK)
        status = reply_read(e, &e->message->reply, &reply);
    buf_free(&reply);
    return status;
}

int filing_ask(struct errand *e)
{
    if (is_overdue(e)) {
        errand_alert(e, "overdue", "customs has not answered in the usual time");
        return errand_move(e, FILING_OVERDUE, REASON(MSG_REASON_OVERDUE, ""), ask_due(e), NULL, 0);
    }
    if (can_ask(e))
        return poll(e);
    if (e->message->poll.transform != NULL && e->message->reply.sheet != NULL)
        return reply_again(e);
    return errand_move(e, e->f.state, NULL, ask_due(e), NULL, 0);
}

/** The declaration is made into its message once more, as another action. */
static int remake(struct errand *e, const char *as, struct gln_declaration **out)
{
    struct buf original = BUF_INIT;
    struct gln_declaration *d = NULL;
    int status = ledger_declaration_part(e->gw->ledger, e->ctx, e->f.declaration, "original", &original);

    if (status == GLN_OK)
        status = flow_receive(&d, e->ctx, original.data, original.len);
    if (status == GLN_OK) {
        d->wish.destination = e->destination;
        d->wish.message = e->message;
        d->wish.instead_action = as;
        d->wish.instead_number = e->f.number;
        d->wish.identity = str_dup(e->f.identity);
        d->wish.preview = true;
        d->wish.judged = true;
        status = d->wish.identity != NULL ? flow_run(d, e->gw, "transform") : context_no_memory(e->ctx);
    }
    buf_free(&original);
    if (status == GLN_OK && d->draft_count == 1)
        *out = TAKE(&d);
    gln_declaration_free(d);
    return status;
}

static const char sent_again[] = "sent again, since the first may have arrived";

/** As another action, so with other bytes. */
static int replace(struct errand *e, const char *as)
{
    struct gln_declaration *d = NULL;
    struct buf slots = BUF_INIT;
    struct buf map = BUF_INIT;
    int status = remake(e, as, &d);

    if (status != GLN_OK || d == NULL) {
        errand_alert(e, "in doubt, and could not be made again", context_text(e->ctx, LANG_EN));
        context_ok(e->ctx);
        return errand_move(e, FILING_IN_DOUBT, REASON(MSG_REASON_NOT_REMADE, ""), -1, NULL, 0);
    }
    slots_put(&slots, &d->drafts[0].outbound.slots);
    map_put(&map, &d->drafts[0].outbound.map);
    {
        const struct ledger_blob blobs[] = {
            {"outbound", d->drafts[0].outbound.bytes.data, d->drafts[0].outbound.bytes.len},
            {"slots", slots.data != NULL ? slots.data : "", slots.len},
            {"source-map", map.data != NULL ? map.data : "", map.len},
            {"action", as, strlen(as)},
            {"note", sent_again, sizeof sent_again - 1},
        };

        status = slots.failed || map.failed
                     ? context_no_memory(e->ctx)
                     : errand_move(e, FILING_QUEUED, REASON(MSG_REASON_REPLACED, as), 0, blobs, 5);
    }
    buf_free(&slots);
    buf_free(&map);
    gln_declaration_free(d);
    return status;
}

/** As the same action: the bytes that are kept. */
static int repeat(struct errand *e, const char *as)
{
    const struct ledger_blob blob = {"note", sent_again, sizeof sent_again - 1};

    return errand_move(e, FILING_QUEUED, REASON(MSG_REASON_REPLACED, as), 0, &blob, 1);
}

/** Changes of a filing that have one of our reasons. */
struct count {
    const char *code;
    int64_t found;
};

static int count_change(void *arg, const struct ledger_change *c)
{
    struct count *n = arg;
    char code[64];

    n->found += str_eq(reason_code(code, c->reason), n->code);
    return 0;
}

/** Where customs cannot be asked: once more, if the settings want that and it was not done too often; else a person decides. */
static int resend(struct errand *e)
{
    static const char note[] = "resent though the first may have arrived (resend-in-doubt)";
    const struct ledger_blob blob = {"note", note, sizeof note - 1};
    int64_t most = option_int(e->ctx->options, OPT_RESEND_TIMES);
    struct count done;
    char code[64], number[24];
    int status;

    if (!option_on(e->ctx->options, OPT_RESEND_IN_DOUBT))
        return errand_move(e, e->f.state, NULL, -1, NULL, 0);
    done = (struct count){reason_code(code, REASON(MSG_REASON_RESENT, "")), 0};
    status = ledger_history(e->gw->ledger, e->ctx, e->f.id, count_change, &done);
    if (status != GLN_OK)
        return status;
    if (done.found < most)
        return errand_move(e, FILING_QUEUED, REASON(MSG_REASON_RESENT, ""), 0, &blob, 1);
    snprintf(number, sizeof number, "%lld", (long long)most);
    errand_alert(e, "in doubt, and resent often enough", REASON(MSG_REASON_RESENT_ENOUGH, number));
    return errand_move(e, e->f.state, NULL, -1, NULL, 0);
}

int filing_doubt(struct errand *e)
{
    const struct route_action *sent = route_action(e->message, e->f.action);

    if (e->message->doubt_inquire && can_ask(e))
        return poll(e);
    if (waited_ms(e) < e->message->doubt_after_ms)
        return errand_move(e, e->f.state, NULL, due_now() + e->message->doubt_after_ms - waited_ms(e), NULL,
                           0);
    if (sent == NULL || sent->doubt_as == NULL)
        return resend(e);
    return str_eq(sent->doubt_as, e->f.action) ? repeat(e, sent->doubt_as) : replace(e, sent->doubt_as);
}

int flow_settings_changed(struct gln_gateway *gw, struct gln_context *ctx)
{
    struct ledger_filing f;
    char code[64];
    int64_t id = 0;
    size_t found = 0;
    int status = GLN_OK;

    if (!option_on(ctx->options, OPT_RESEND_IN_DOUBT))
        return GLN_OK;
    while (status == GLN_OK &&
           (status = ledger_filings_in(gw->ledger, ctx, FILING_IN_DOUBT, id, &id, 1, &found)) == GLN_OK &&
           found == 1) {
        status = ledger_filing_get(gw->ledger, ctx, id, &f);
        if (status == GLN_OK && !str_eq(reason_code(code, f.reason), "not-remade"))
            status = ledger_move(gw->ledger, ctx, id, FILING_IN_DOUBT, FILING_IN_DOUBT, NULL, "greenlane", 0);
        if (status == GLN_E_CONFLICT) /* a person was faster */
            status = GLN_OK;
    }
    return status;
}
