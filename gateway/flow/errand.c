/*
 * What every step of the outbound half needs: a filing's destination, message and identity, its endpoint, its secrets.
 *
 * Secrets are read here, just before a send, into a buffer that is wiped after it; no other buffer, log line or error text ever holds
 * one. An error here is a reason to hold the filing, so its text says what a person must do.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

int64_t due_now(void)
{
    return clock_wall_ms(NULL);
}

static void errand_params(struct errand *e)
{
    struct params *p = &e->params;

    params_init(p);
    params_identity(p, &e->identity);
    params_put(p, "action", e->f.action);
    params_put(p, "number", e->f.number);
    params_put(p, "key", e->f.key);
    params_put(p, "lrn", "");
    params_put(p, "environment", e->f.environment);
    params_put(p, "lane", lane_name(e->f.lane));
    params_put(p, "reasons", "");
    params_put(p, "operation", e->f.operation);
    params_put(p, "document", e->f.document);
    params_now(p, e->ctx, e->destination->zone);
}

int errand_prepare(struct errand *e)
{
    int status;

    e->destination = route_find(e->ctx->engine->routes, e->f.destination);
    if (e->destination == NULL)
        return context_fail(e->ctx, GLN_E_NOT_FOUND, MSG_FLOW_GONE, e->f.destination, e->f.message);
    e->message = route_message(e->destination, e->f.message);
    if (e->message == NULL)
        return context_fail(e->ctx, GLN_E_NOT_FOUND, MSG_FLOW_GONE, e->f.destination, e->f.message);
    status = identity_get(ledger_store(e->gw->ledger), e->ctx, e->f.identity, &e->identity);
    if (status != GLN_OK)
        return status;
    errand_params(e);
    return e->params.failed ? context_no_memory(e->ctx) : GLN_OK;
}

void errand_clear(struct errand *e)
{
    key_free(e->key);
    e->key = NULL;
    identity_free(&e->identity);
    memset(&e->identity, 0, sizeof e->identity);
    params_free(&e->params);
}

static void change_log(const struct errand *e, const char *id, enum filing_state to, const char *reason)
{
    struct buf text = BUF_INIT;

    reason_show(&text, reason, LANG_EN);
    log_write(e->ctx->log, LOG_LEVEL_NOTICE, "flow", id, "%s -> %s: %s", filing_state_name(e->f.state),
              filing_state_name(to), text.data != NULL ? text.data : "");
    buf_free(&text);
}

int errand_move(struct errand *e, enum filing_state to, const char *reason, int64_t due_ms,
                const struct ledger_blob *blobs, size_t count)
{
    char id[24];
    int status;

    status = ledger_move_with(e->gw->ledger, e->ctx, e->f.id, e->f.state, to, reason, "gateway", due_ms,
                              blobs, count);
    if (status == GLN_E_CONFLICT)
        context_ok(e->ctx);
    if (status != GLN_OK)
        return status;
    snprintf(id, sizeof id, "%lld", (long long)e->f.id);
    if (e->f.state != to)
        change_log(e, id, to, reason);
    e->f.state = to;
    return GLN_OK;
}

void errand_alert(const struct errand *e, const char *what, const char *why)
{
    struct buf text = BUF_INIT;
    char id[24];

    snprintf(id, sizeof id, "%lld", (long long)e->f.id);
    reason_show(&text, why, LANG_EN);
    log_write(e->ctx->log, LOG_LEVEL_ALERT, "flow", id, "%s: %s", what, text.data != NULL ? text.data : "");
    buf_free(&text);
}

/* --- secrets --- */

void secret_buf_free(struct buf *b)
{
    if (b->data != NULL)
        bytes_wipe(b->data, b->cap);
    buf_free(b);
}

/** Appends one secret in the form its slot wants. */
static int secret_put(struct buf *out, struct gln_context *ctx, const struct identity *id,
                      const struct secret_slot *slot, const struct buf *secret)
{
    char width[24];

    if (!slot->fixed) {
        buf_put_xml(out, secret->data != NULL ? secret->data : "");
        return GLN_OK;
    }
    if (secret->len > slot->length) {
        snprintf(width, sizeof width, "%zu", slot->length);
        return context_fail(ctx, GLN_E_CONFIG, MSG_FLOW_SECRET_WIDTH, slot->name, id->name, width);
    }
    buf_put(out, secret->data, secret->len);
    buf_fill(out, ' ', slot->length - secret->len);
    return GLN_OK;
}

int secrets_insert(struct buf *out, struct gln_gateway *gw, struct gln_context *ctx,
                   const struct identity *id, const struct buf *bytes, const struct secret_slots *slots)
{
    size_t at = 0;
    int status = GLN_OK;

    /* Room for all of it at once: growing would leave copies of secrets behind. */
    if (!buf_reserve(out, bytes->len + slots->count * 1024 + 1))
        return context_no_memory(ctx);
    for (size_t i = 0; status == GLN_OK && i < slots->count; i++) {
        const struct secret_slot *slot = &slots->items[i];
        struct buf secret = BUF_INIT;

        if (slot->offset < at || slot->offset + slot->length > bytes->len)
            return context_fail(ctx, GLN_E_INTERNAL, MSG_TEXT, "a place for a secret is outside its message");
        buf_put(out, bytes->data + at, slot->offset - at);
        status = identity_secret(ledger_store(gw->ledger), ctx, gw->sealer, id->name, slot->name, &secret);
        if (status == GLN_OK)
            status = secret_put(out, ctx, id, slot, &secret);
        secret_buf_free(&secret);
        at = slot->offset + slot->length;
    }
    if (status == GLN_OK)
        buf_put(out, bytes->data + at, bytes->len - at);
    return status == GLN_OK && out->failed ? context_no_memory(ctx) : status;
}

/** Stars over each occurrence of `secret`. What is as short as a word of any answer is left: it would hide what customs says. */
static void cover_text(struct buf *bytes, const struct buf *text)
{
    char *at = bytes->data, *end = at + bytes->len;

    while (at != NULL && text->len >= 4 &&
           (at = memmem(at, (size_t)(end - at), text->data, text->len)) != NULL) {
        memset(at, '*', text->len);
        at += text->len;
    }
}

static void cover(void *arg, const struct buf *secret)
{
    struct buf escaped = BUF_INIT;

    buf_put_xml(&escaped, secret->data != NULL ? secret->data : "");
    cover_text(arg, secret);
    cover_text(arg, &escaped);
    secret_buf_free(&escaped);
}

int inbound_cover(struct buf *bytes, struct gln_gateway *gw, struct gln_context *ctx, const char *destination,
                  const char *environment)
{
    return identity_secrets(ledger_store(gw->ledger), ctx, gw->sealer, destination, environment, cover,
                            bytes);
}

int reply_cover(struct buf *out, struct errand *e, const struct buf *reply)
{
    struct secret_slots slots = {0};
    struct buf text = BUF_INIT;

    buf_put(out, reply->data, reply->len);
    if (out->failed)
        return context_no_memory(e->ctx);
    if (ledger_attachment(e->gw->ledger, e->ctx, e->f.id, "signed-slots", &text) == GLN_OK)
        (void)slots_get(&slots, e->ctx, text.data, text.len);
    for (size_t i = 0; i < slots.count; i++) {
        struct buf secret = BUF_INIT;

        if (identity_secret(ledger_store(e->gw->ledger), e->ctx, e->gw->sealer, e->identity.name,
                            slots.items[i].name, &secret) == GLN_OK)
            cover(out, &secret);
        secret_buf_free(&secret);
    }
    /* a secret that is there no more covers nothing; what customs says is kept all the same */
    context_ok(e->ctx);
    secret_slots_free(&slots);
    buf_free(&text);
    return GLN_OK;
}
