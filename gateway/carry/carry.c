/*
 * The carriers by name, and the plain requests for what is not a filing (the daemon's local socket, a revocation list, an OCSP answer).
 *
 * A carrier is one row of the table and one file. libcurl is initialised once and never cleaned up: a host program may use it too.
 */
#include "carry/web.h"

#include <string.h>

#include <curl/curl.h>

static const struct carrier *const carriers[] = {&carrier_https, &carrier_soap, &carrier_folder};

static const struct carrier *carrier_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof carriers / sizeof carriers[0]; i++) {
        if (strcmp(carriers[i]->name, name) == 0) {
            return carriers[i];
        }
    }
    return NULL;
}

/* The endpoint's carrier; NULL and the error in the context when the endpoint does not name both carrier and place. */
static const struct carrier *carrier_of(struct gln_context *ctx, const struct carry_endpoint *e)
{
    const struct carrier *c = carrier_find(e->carrier);
    if (c == NULL) {
        context_fail(ctx, GLN_E_CONFIG, MSG_CARRY_UNKNOWN, e->carrier != NULL ? e->carrier : "");
    } else if (e->url == NULL || *e->url == '\0') {
        context_fail(ctx, GLN_E_CONFIG, MSG_CARRY_NO_URL, e->carrier);
        c = NULL;
    }
    return c;
}

int carry_send(struct gln_context *ctx, const struct carry_endpoint *e, const void *data, size_t len,
               enum carry_outcome *outcome, struct buf *reply, struct buf *why)
{
    const struct carrier *c = carrier_of(ctx, e);
    *outcome = CARRY_NOT_SENT;
    return c == NULL ? ctx->error.status : c->send(ctx, e, data, len, outcome, reply, why);
}

int carry_fetch(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *out, struct buf *tag)
{
    const struct carrier *c = carrier_of(ctx, e);
    return c == NULL ? ctx->error.status : c->fetch(ctx, e, out, tag);
}

int carry_done(struct gln_context *ctx, const struct carry_endpoint *e, const char *tag)
{
    const struct carrier *c = carrier_of(ctx, e);
    return c == NULL ? ctx->error.status : c->done(ctx, e, tag);
}

int carry_probe(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *why)
{
    const struct carrier *c = carrier_of(ctx, e);
    return c == NULL ? ctx->error.status : c->probe(ctx, e, why);
}

int carry_request(struct gln_context *ctx, const char *unix_socket, const char *method, const char *url,
                  const char *const *headers, const void *body, size_t len, int *http_status,
                  struct buf *reply, struct buf *reply_headers)
{
    struct web_call call = {.unix_socket = unix_socket,
                            .method = method,
                            .url = url,
                            .headers = headers,
                            .body = body,
                            .body_len = len,
                            .reply = reply,
                            .head = reply_headers};
    *http_status = 0;
    int status = web_run(ctx, &call);
    if (status != GLN_OK) {
        return status;
    }
    *http_status = (int)call.status;
    if (call.too_long) {
        return context_fail(ctx, GLN_E_LIMIT, MSG_CARRY_LONG, url);
    }
    if (call.failed != 0 || call.status == 0) {
        bool late = call.failed == CURLE_OPERATION_TIMEDOUT;
        return context_fail(ctx, late ? GLN_E_TIMEOUT : GLN_E_NETWORK, MSG_CARRY_FAILED,
                            unix_socket != NULL ? unix_socket : url, call.text);
    }
    return GLN_OK;
}

int carry_published(struct gln_context *ctx, const struct carry_published *what, struct buf *reply,
                    struct buf *why)
{
    const struct carry_endpoint times = {.connect_timeout_ms = what->timeout_ms,
                                         .timeout_ms = what->timeout_ms};
    struct buf type = BUF_INIT;
    const char *headers[2] = {NULL};
    struct web_call call = {.endpoint = &times,
                            .method = what->body != NULL ? "POST" : "GET",
                            .url = what->url,
                            .headers = headers,
                            .body = what->body,
                            .body_len = what->body_len,
                            .reply = reply,
                            .most = what->most,
                            .published = true};
    int status = GLN_OK;

    if (what->body != NULL) {
        buf_printf(&type, "Content-Type: %s", what->content_type);
        headers[0] = type.data;
    }
    status = type.failed ? context_no_memory(ctx) : web_run(ctx, &call);
    buf_free(&type);
    if (status != GLN_OK) {
        return status;
    }
    if (call.too_long) {
        buf_printf(why, "more than %zu bytes", what->most);
    } else if (call.failed != 0 || call.status == 0) {
        buf_puts(why, call.text[0] != '\0' ? call.text : "no answer");
    } else if (call.status != 200) {
        buf_printf(why, "HTTP %ld", call.status);
    }
    return why->failed ? context_no_memory(ctx) : GLN_OK;
}

int carry_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? GLN_OK : GLN_E_INTERNAL;
}

void carry_shutdown(void)
{
}
