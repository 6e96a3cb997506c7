/*
 * The carriers `https` and `soap`: one POST a message. They differ in two things: soap says SOAPAction and text/xml, and takes a
 * SOAP fault for a refusal.
 *
 * Fetching is GET on the endpoint: 200 is a message, its Location names it, and DELETE on that name says that it is safe with us;
 * 204 or 404 means that nothing waits. A message that was fetched and not taken off is given again.
 */
#include "carry/web.h"

#include <string.h>

#include "util/str.h"

static void explain(struct buf *why, const struct carry_endpoint *e, const struct web_call *call)
{
    if (call->text[0] != '\0') {
        buf_printf(why, "%s: %s", e->url, call->text);
    } else {
        buf_printf(why, "%s: HTTP %ld", e->url, call->status);
    }
}

static int post(struct gln_context *ctx, const struct carry_endpoint *e, bool soap, const void *data,
                size_t len, enum carry_outcome *outcome, struct buf *reply, struct buf *why)
{
    struct buf type = BUF_INIT, action = BUF_INIT, head = BUF_INIT;
    const char *headers[3] = {NULL};
    size_t n = 0;
    const char *usual = soap ? "text/xml; charset=utf-8" : "application/octet-stream";
    buf_printf(&type, "Content-Type: %s", e->content_type != NULL ? e->content_type : usual);
    headers[n++] = type.data;
    if (soap) {
        buf_printf(&action, "SOAPAction: \"%s\"", e->soap_action != NULL ? e->soap_action : "");
        headers[n++] = action.data;
    }
    int status = GLN_OK;
    if (type.failed || action.failed) {
        status = context_no_memory(ctx);
        goto out;
    }
    struct web_call call = {.endpoint = e,
                            .method = "POST",
                            .url = e->url,
                            .headers = headers,
                            .body = len > 0 ? data : "",
                            .body_len = len,
                            .reply = reply,
                            .head = &head};
    status = web_run(ctx, &call);
    if (status == GLN_OK) {
        *outcome = outcome_of(&call, soap);
        if (*outcome != CARRY_DELIVERED) {
            explain(why, e, &call);
        }
    }
out:
    buf_free(&type);
    buf_free(&action);
    buf_free(&head);
    return status;
}

static int https_send(struct gln_context *ctx, const struct carry_endpoint *e, const void *data, size_t len,
                      enum carry_outcome *outcome, struct buf *reply, struct buf *why)
{
    return post(ctx, e, false, data, len, outcome, reply, why);
}

static int soap_send(struct gln_context *ctx, const struct carry_endpoint *e, const void *data, size_t len,
                     enum carry_outcome *outcome, struct buf *reply, struct buf *why)
{
    return post(ctx, e, true, data, len, outcome, reply, why);
}

static int report(struct gln_context *ctx, const struct carry_endpoint *e, const struct web_call *call)
{
    struct buf why = BUF_INIT;
    explain(&why, e, call);
    int status = call->too_long ? context_fail(ctx, GLN_E_LIMIT, MSG_CARRY_LONG, e->url)
                                : context_fail(ctx, GLN_E_NETWORK, MSG_TEXT, why.data);
    buf_free(&why);
    return status;
}

static int https_fetch(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *out,
                       struct buf *tag)
{
    struct buf head = BUF_INIT, location = BUF_INIT;
    struct web_call call = {.endpoint = e, .method = "GET", .url = e->url, .reply = out, .head = &head};
    size_t before = out->len;
    int status = web_run(ctx, &call);
    if (status != GLN_OK) {
        goto out;
    }
    if (call.failed != 0 || call.status != 200) {
        bool none = call.failed == 0 && (call.status == 204 || call.status == 404);
        out->len = before;
        status = none ? context_fail(ctx, GLN_E_NOT_FOUND, MSG_CARRY_NOTHING, e->url) : report(ctx, e, &call);
        goto out;
    }
    if (!web_header(&location, &head, "Location") || !web_resolve(tag, e->url, location.data)) {
        out->len = before;
        status = context_fail(ctx, GLN_E_NETWORK, MSG_CARRY_NO_NAME, e->url);
    }
out:
    buf_free(&head);
    buf_free(&location);
    return status;
}

static int https_done(struct gln_context *ctx, const struct carry_endpoint *e, const char *tag)
{
    struct buf reply = BUF_INIT, url = BUF_INIT;
    int status;
    if (!web_resolve(&url, e->url, tag)) {
        status = context_fail(ctx, GLN_E_ARGUMENT, MSG_CARRY_TAG, tag, e->url);
        goto out;
    }
    struct web_call call = {.endpoint = e, .method = "DELETE", .url = url.data, .reply = &reply};
    status = web_run(ctx, &call);
    if (status == GLN_OK) {
        bool gone = call.failed == 0 &&
                    ((call.status >= 200 && call.status < 300) || call.status == 404 || call.status == 410);
        status = gone ? GLN_OK : report(ctx, e, &call);
    }
out:
    buf_free(&reply);
    buf_free(&url);
    return status;
}

const struct carrier carrier_https = {"https", https_send, https_fetch, https_done, web_probe};
const struct carrier carrier_soap = {"soap", soap_send, https_fetch, https_done, web_probe};
