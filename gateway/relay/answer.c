/*
 * From HTTP to the desk. Who asks is the local socket's user (the operator, or whom he says he acts for), or the submitter whose client
 * certificate it is; nobody else is answered but to "are you alive, are you ready". The desk decides what a submitter may do.
 * Owns nothing beyond a request. A refusal is a problem document with the status of <greenlane.h>; nothing here is fatal.
 */
#include "relay/relay.h"

#include <stdio.h>
#include <string.h>

#include "flow/revocation.h"
#include "util/clock.h"
#include "util/json.h"
#include "util/str.h"

/* Paths anybody may ask. */
static bool is_public(const char *path)
{
    return strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0;
}

/* A problem document of the relay's own, RFC 9457. */
static void problem(struct http_response *out, int http_status, int status, const char *title,
                    const char *detail)
{
    struct json_out j;
    out->status = http_status;
    str_copy(out->content_type, sizeof out->content_type, "application/problem+json");
    snprintf(out->own_status, sizeof out->own_status, "%d", status);
    json_begin(&j, &out->body);
    json_open_object(&j, NULL);
    json_str(&j, "type", "about:blank");
    json_str(&j, "title", title);
    json_int(&j, "status", http_status);
    json_str(&j, "detail", detail);
    json_end_object(&j);
}

/* The handshake heeds the lists of client-ca; here the other sources are asked, and a connection kept from before a list came is found. */
static int permitted(struct gln_context *ctx, const struct http_request *in, const char *name)
{
    struct revocation_question q = {
        .whose = name, .bundle = option_text(ctx->options, OPT_CLIENT_CA), .refusal = GLN_E_FORBIDDEN};
    struct cert *c = NULL;
    int status = cert_parse(&c, ctx, in->cert_der, in->cert_der_len);
    q.cert = c;
    if (status == GLN_OK) {
        status = revocation_permits(ctx, &q, NULL);
    }
    cert_free(c);
    return status;
}

/* Who asks: the operator, or `name`. False when nobody we know; `out` says so then. */
static bool identify(struct daemon *d, struct gln_context *ctx, const struct http_request *in,
                     struct buf *name, struct http_response *out)
{
    if (in->local || is_public(in->path)) {
        buf_puts(name, in->submitter != NULL ? in->submitter : "");
        return true;
    }
    if (in->cert_fingerprint == NULL) {
        problem(out, 401, GLN_E_FORBIDDEN, "Who are you?", "a client certificate is needed");
        return false;
    }
    int status = submitter_by_cert(ledger_store(d->gateway->ledger), ctx, in->cert_fingerprint, name);
    if (status == GLN_E_NOT_FOUND) {
        log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "certificate %s (%s) is no submitter's",
                  in->cert_fingerprint, in->cert_subject != NULL ? in->cert_subject : "");
        problem(out, 403, GLN_E_FORBIDDEN, "Unknown submitter",
                "this client certificate is no submitter's; see: greenlane submitters add");
        return false;
    }
    if (status == GLN_OK) {
        status = permitted(ctx, in, name->data);
    }
    if (status == GLN_E_FORBIDDEN) {
        log_write(&d->log, LOG_LEVEL_ALERT, "relay", NULL, "%s", context_text(ctx, LANG_EN));
        problem(out, 403, status, "Revoked certificate", context_text(ctx, LANG_EN));
        return false;
    }
    if (status != GLN_OK) {
        problem(out, 503, status, "Not now", context_text(ctx, LANG_EN));
        return false;
    }
    return true;
}

static void ask_desk(struct daemon *d, struct gln_context *ctx, const struct http_request *in,
                     const char *submitter, struct http_response *out)
{
    struct desk_reply reply;
    struct desk_request request = {
        .method = in->method,
        .path = in->path,
        .submitter = submitter,
        .text = in->accept != NULL && str_starts(in->accept, "text/plain"),
        .language = language_parse(in->accept_language != NULL ? in->accept_language : "en"),
        .content_type = in->content_type,
        .idempotency_key = in->idempotency_key,
        .body = in->body,
        .body_len = in->body_len};
    memset(&reply, 0, sizeof reply);
    desk_request(d->gateway, ctx, &request, &reply);
    out->status = reply.http_status;
    out->body = reply.body;
    str_copy(out->content_type, sizeof out->content_type, reply.content_type);
    str_copy(out->location, sizeof out->location, reply.location);
    snprintf(out->own_status, sizeof out->own_status, "%d", reply.status);
    if (out->status == 503) {
        str_copy(out->retry_after, sizeof out->retry_after, "5");
    }
}

static void answer(struct daemon *d, int worker, const struct http_request *in, struct buf *name,
                   struct http_response *out)
{
    struct gln_context *ctx = seat_context(d, &d->worker_seats[worker]);
    if (ctx == NULL) {
        problem(out, 503, GLN_E_MEMORY, "Not now", "out of memory");
        return;
    }
    context_ok(ctx);
    if (!identify(d, ctx, in, name, out)) {
        return;
    }
    const char *asker = in->local && in->submitter == NULL ? NULL : name->data != NULL ? name->data : "";
    if (strcmp(in->path, "/metrics") == 0 && strcmp(in->method, "GET") == 0) {
        int status = metrics_page(&out->body, &d->metrics, d->gateway, ctx, asker);
        if (status == GLN_OK) {
            out->status = 200;
            str_copy(out->content_type, sizeof out->content_type, "text/plain; version=0.0.4; charset=utf-8");
        } else {
            buf_clear(&out->body);
            problem(out, 503, status, "Not now", context_text(ctx, LANG_EN));
        }
        return;
    }
    /* A submitter's name is never empty; of the public paths nothing depends on who asks. */
    ask_desk(d, ctx, in, asker, out);
}

void relay_handle(void *arg, int worker, const struct http_request *in, struct http_response *out)
{
    struct daemon *d = arg;
    struct buf name = BUF_INIT;
    int64_t start = clock_mono_ms();
    answer(d, worker, in, &name, out);
    int64_t took = clock_mono_ms() - start;
    bool reads = strcmp(in->method, "GET") == 0;
    metrics_answer(&d->metrics, out->status, took);
    if (!reads && out->status < 300) {
        dispatch_wake(d);
    }
    log_write(&d->log, reads && out->status < 500 ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE, "relay", NULL,
              "%s %.200s by %s: %d in %lld ms", in->method, in->path,
              in->local && in->submitter == NULL ? "the local socket"
              : name.len > 0                     ? name.data
                                                 : "nobody",
              out->status, (long long)took);
    buf_free(&name);
}
