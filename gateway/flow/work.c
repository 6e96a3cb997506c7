/*
 * The outbound half for hosts that sign and send themselves (<greenlane.h>, "Step by step"): the same moves as flow_step(), with the
 * host in the place of key and carrier.
 *
 * A signature the host makes is kept with the filing, by the digest of what it signs, so that a message of several units is signed
 * one after the other and a restart asks for none twice. A send is `sending` in the ledger before its bytes are handed out.
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct gln_work {
    struct errand e;
    int kind;
    bool poll; /**< the send is a question about the filing */
    bool told; /**< the host said what came of it */
    struct buf data;
    const char *digest;
    struct parcel parcel;
    /* while signing */
    struct {
        bool missing; /**< a signature was needed and not there: `data` is to be signed */
        enum digest digest;
    } wanted;
};

/* --- the key that is elsewhere --- */

struct search {
    const unsigned char *digest;
    struct buf *out;
    bool found;
};

/** Kept as 32 bytes SHA-256 of the signed bytes, then the signature. */
static int match(void *arg, int64_t at_ms, const void *data, size_t len)
{
    struct search *s = arg;

    (void)at_ms;
    if (len <= 32 || !bytes_equal(data, s->digest, 32))
        return 0;
    buf_clear(s->out);
    buf_put(s->out, (const char *)data + 32, len - 32);
    s->found = true;
    return 0;
}

static int sign_elsewhere(void *arg, struct gln_context *ctx, enum digest d, const void *data, size_t len,
                          struct buf *out)
{
    struct gln_work *w = arg;
    unsigned char digest[32];
    struct buf kept = BUF_INIT;
    struct search s = {digest, &kept, false};
    int status;

    digest_sha256(digest, data, len);
    status = ledger_attachments(w->e.gw->ledger, ctx, w->e.f.id, "remote-signature", match, &s);
    if (status == GLN_E_NOT_FOUND)
        status = GLN_OK;
    if (status == GLN_OK && s.found) {
        buf_put(out, kept.data, kept.len);
    } else if (status == GLN_OK) {
        w->wanted.missing = true;
        w->wanted.digest = d;
        buf_clear(&w->data);
        buf_put(&w->data, data, len);
        status = context_fail(ctx, GLN_E_KEY, MSG_FLOW_SIGN_ELSEWHERE, w->e.identity.name);
    }
    buf_free(&kept);
    return status;
}

/* --- what is next --- */

static int depart(struct gln_work *w)
{
    struct errand *e = &w->e;
    int status = GLN_OK;

    if (e->identity.cert != NULL && str_eq(e->identity.custody, "remote"))
        status = key_external(&e->key, e->ctx, e->identity.cert, sign_elsewhere, w);
    if (status == GLN_OK)
        status = w->poll ? poll_depart(e, &w->parcel) : filing_depart(e, &w->parcel);
    if (w->wanted.missing) {
        context_ok(e->ctx);
        w->kind = GLN_WORK_SIGN;
        w->digest = w->wanted.digest == DIGEST_SHA1 ? "sha1" : "sha256";
        return w->data.failed ? context_no_memory(e->ctx) : GLN_OK;
    }
    w->kind = GLN_WORK_SEND;
    return status;
}

/** One filing that is due: *made when it is work for the host; otherwise what it wanted was done here. */
static int consider(struct gln_work *w, bool *made)
{
    struct errand *e = &w->e;
    int status;

    *made = false;
    w->poll = filing_polls(e);
    if (!w->poll && e->f.state != FILING_QUEUED)
        return errand_act(e);
    status = depart(w);
    if (status == GLN_OK)
        *made = true;
    else if (status != GLN_E_CONFLICT && w->poll)
        status = poll_arrive(e, CARRY_NOT_SENT, NULL, context_text(e->ctx, LANG_EN));
    else if (status != GLN_E_CONFLICT)
        status = filing_hold(e, status);
    return status;
}

static void work_clear(struct gln_work *w)
{
    errand_done(&w->e);
    buf_free(&w->data);
    parcel_clear(&w->parcel);
    memset(&w->wanted, 0, sizeof w->wanted);
}

int gln_gateway_next(gln_gateway *gateway, gln_context *context, gln_work **out, int *wait_ms)
{
    struct gln_work *w;
    int64_t wait = 0;
    bool made = false;
    int status = GLN_OK;

    if (gateway == NULL || context == NULL || out == NULL || wait_ms == NULL)
        return GLN_E_ARGUMENT;
    *out = NULL;
    *wait_ms = 0;
    context_ok(context);
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return context_no_memory(context);
    while (status == GLN_OK && !made) {
        w->e = (struct errand){.gw = gateway, .ctx = context};
        status = errand_next(&w->e, 0, &wait);
        if (status == GLN_OK)
            status = consider(w, &made);
        if (!made)
            work_clear(w);
        if (status == GLN_E_CONFLICT) {
            context_ok(context);
            status = GLN_OK;
        }
    }
    if (made) {
        *out = w;
        return GLN_OK;
    }
    free(w);
    if (status != GLN_E_NOT_FOUND)
        return status;
    context_ok(context);
    *wait_ms = wait > INT32_MAX ? INT32_MAX : (int)wait;
    return GLN_OK;
}

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

int gln_work_task(const gln_work *work, gln_task *out)
{
    const struct carry_endpoint *e;

    if (work == NULL || out == NULL || out->struct_size != sizeof *out)
        return GLN_E_ARGUMENT;
    e = &work->parcel.endpoint.at;
    *out = (gln_task){
        .struct_size = sizeof *out,
        .kind = work->kind,
        .filing = work->e.f.id,
        .identity = work->e.f.identity,
        .data = work->kind == GLN_WORK_SIGN ? work->data.data : work->parcel.bytes.data,
        .length = work->kind == GLN_WORK_SIGN ? work->data.len : work->parcel.bytes.len,
        .digest = or_empty(work->digest),
        .carrier = or_empty(e->carrier),
        .url = or_empty(e->url),
        .soap_action = or_empty(e->soap_action),
        .content_type = or_empty(e->content_type),
    };
    return GLN_OK;
}

int gln_work_signed(gln_work *work, const void *signature, size_t length)
{
    struct gln_context *ctx;
    struct buf kept = BUF_INIT;
    unsigned char digest[32];
    bool good = false;
    int status;

    if (work == NULL || signature == NULL || work->kind != GLN_WORK_SIGN || work->told)
        return GLN_E_ARGUMENT;
    ctx = work->e.ctx;
    context_ok(ctx);
    status = cert_verify(&good, ctx, work->e.identity.cert, work->wanted.digest, work->data.data,
                         work->data.len, signature, length);
    if (status == GLN_OK && !good)
        status = context_fail(ctx, GLN_E_KEY, MSG_FLOW_SIGNATURE_ALIEN, work->e.identity.name);
    if (status != GLN_OK)
        return status;
    digest_sha256(digest, work->data.data, work->data.len);
    buf_put(&kept, digest, sizeof digest);
    buf_put(&kept, signature, length);
    status = kept.failed ? context_no_memory(ctx)
                         : ledger_attach(work->e.gw->ledger, ctx, work->e.f.id, "remote-signature", kept.data,
                                         kept.len);
    buf_free(&kept);
    work->told = status == GLN_OK;
    return status;
}

static int tell(gln_work *work, enum carry_outcome outcome, const void *reply, size_t length, const char *why)
{
    struct buf bytes = BUF_INIT;
    int status;

    buf_put(&bytes, reply, reply != NULL ? length : 0);
    if (bytes.failed)
        return context_no_memory(work->e.ctx);
    status = work->poll ? poll_arrive(&work->e, outcome, &bytes, or_empty(why))
                        : filing_arrive(&work->e, outcome, &bytes, or_empty(why));
    buf_free(&bytes);
    work->told = status == GLN_OK;
    return status;
}

int gln_work_sent(gln_work *work, int outcome, const void *reply, size_t length, const char *why)
{
    static const enum carry_outcome outcomes[] = {[GLN_DELIVERED] = CARRY_DELIVERED,
                                                  [GLN_NOT_SENT] = CARRY_NOT_SENT,
                                                  [GLN_MAYBE_SENT] = CARRY_IN_DOUBT,
                                                  [GLN_REFUSED] = CARRY_REFUSED};

    if (work == NULL || work->kind != GLN_WORK_SEND || work->told || outcome < GLN_DELIVERED ||
        outcome > GLN_REFUSED)
        return GLN_E_ARGUMENT;
    context_ok(work->e.ctx);
    return tell(work, outcomes[outcome], reply, length, why);
}

void gln_work_free(gln_work *work)
{
    if (work == NULL)
        return;
    if (work->kind == GLN_WORK_SEND && !work->told)
        (void)tell(work, CARRY_IN_DOUBT, NULL, 0, REASON(MSG_REASON_HANDED_OUT, ""));
    work_clear(work);
    free(work);
}

int gln_gateway_receive(gln_gateway *gateway, gln_context *context, const char *destination, const void *data,
                        size_t length)
{
    if (gateway == NULL || context == NULL || destination == NULL || data == NULL)
        return GLN_E_ARGUMENT;
    context_ok(context);
    return inbox_receive(gateway, context, destination, data, length);
}
