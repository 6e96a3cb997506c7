/*
 * The gateway in <greenlane.h>: open, one request, one step, close; and the same request to another process by its local socket.
 *
 * What the desk answers is handed over as it is. The local socket speaks HTTP: whom the operator acts for goes in the header
 * Greenlane-Submitter, the status comes back in Greenlane-Status, and from the HTTP status alone where that header is missing.
 */
#include "desk/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "carry/carry.h"
#include "util/file.h"
#include "util/str.h"

int gln_gateway_open(gln_gateway **out, gln_context *context)
{
    if (out == NULL || context == NULL || context->engine == NULL)
        return GLN_E_ARGUMENT;
    context_ok(context);
    return gateway_open(out, context);
}

static int find(struct gln_context *ctx)
{
    const char *path = option_text(ctx->options, OPT_LEDGER);

    context_ok(ctx);
    return access(path, F_OK) != 0 && errno == ENOENT
               ? context_fail(ctx, GLN_E_NOT_FOUND, MSG_LEDGER_NONE, path)
               : GLN_OK;
}

int gln_gateway_find(gln_gateway **out, gln_context *context)
{
    struct buf why = BUF_INIT;
    int status;

    if (out == NULL || context == NULL || context->engine == NULL)
        return GLN_E_ARGUMENT;
    *out = NULL;
    status = find(context);
    if (status == GLN_OK)
        status = gateway_open(out, context);
    if (status != GLN_E_STORE)
        return status;
    buf_puts(&why, context_text(context, LANG_EN));
    status = gateway_look(out, context);
    if (status == GLN_OK)
        log_write(context->log, LOG_LEVEL_ALERT, "ledger", NULL, "only to be read, as it stands: %s",
                  why.data != NULL ? why.data : "");
    buf_free(&why);
    return status;
}

int gln_gateway_look(gln_gateway **out, gln_context *context)
{
    int status;

    if (out == NULL || context == NULL || context->engine == NULL)
        return GLN_E_ARGUMENT;
    *out = NULL;
    status = find(context);
    return status == GLN_OK ? gateway_look(out, context) : status;
}

void gln_gateway_close(gln_gateway *gateway)
{
    gateway_close(gateway);
}

static bool request_good(const gln_request *r, const gln_reply *reply)
{
    return r != NULL && reply != NULL && r->struct_size == sizeof *r && reply->struct_size == sizeof *reply &&
           r->method != NULL && r->path != NULL && (r->body != NULL || r->body_length == 0);
}

static void reply_empty(gln_reply *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->struct_size = sizeof *reply;
}

int gln_gateway_request(gln_gateway *gateway, gln_context *context, const gln_request *request,
                        gln_reply *reply)
{
    struct desk_request in;
    struct desk_reply out;

    if (gateway == NULL || context == NULL || !request_good(request, reply))
        return GLN_E_ARGUMENT;
    reply_empty(reply);
    in = (struct desk_request){
        .method = request->method,
        .path = request->path,
        .submitter = request->submitter,
        .text = request->accept != NULL && str_starts(request->accept, "text/plain"),
        .language = language_parse(request->language != NULL ? request->language : "en"),
        .content_type = request->content_type,
        .idempotency_key = request->idempotency_key,
        .body = request->body,
        .body_len = request->body_length,
    };
    desk_request(gateway, context, &in, &out);
    reply->status = out.status;
    reply->http_status = out.http_status;
    str_copy(reply->content_type, sizeof reply->content_type, out.content_type);
    str_copy(reply->location, sizeof reply->location, out.location);
    buf_reserve(&out.body, 1);
    reply->body = buf_take(&out.body, &reply->body_length);
    return reply->body != NULL ? GLN_OK : GLN_E_MEMORY;
}

/* --- by the local socket --- */

/** Value of a header in "Name: value" lines, cut at the line's end, into `out`. */
static bool header_value(const struct buf *headers, const char *name, char *out, size_t size)
{
    const char *at = headers->data;
    size_t len = strlen(name);

    while (at != NULL && *at != '\0') {
        size_t line = strcspn(at, "\r\n");

        if (line > len + 1 && strncasecmp(at, name, len) == 0 && at[len] == ':') {
            size_t skip = len + 1 + strspn(at + len + 1, " ");
            char *value = str_ndup(at + skip, line > skip ? line - skip : 0);

            str_copy(out, size, value != NULL ? value : "");
            free(value);
            return true;
        }
        at += line + strspn(at + line, "\r\n");
    }
    return false;
}

static int status_of_http(int http)
{
    if (http >= 200 && http < 300)
        return GLN_OK;
    for (int status = GLN_E_ARGUMENT; status >= GLN_E_INTERNAL; status--)
        if (status_http(status) == http)
            return status;
    return GLN_E_INTERNAL;
}

/** "Name: value" lines owned by the caller, at most 5 and a NULL. */
static bool headers_make(char *lines[6], const gln_request *r)
{
    const struct {
        const char *name, *value;
    } rows[] = {{"Accept", r->accept != NULL ? r->accept : "application/json"},
                {"Accept-Language", r->language},
                {"Content-Type", r->content_type},
                {"Idempotency-Key", r->idempotency_key},
                {"Greenlane-Submitter", r->submitter}};
    size_t n = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = BUF_INIT;

        if (rows[i].value == NULL)
            continue;
        buf_printf(&b, "%s: %s", rows[i].name, rows[i].value);
        lines[n] = buf_take(&b, NULL);
        if (lines[n++] == NULL)
            return false;
    }
    return true;
}

static const char *socket_of(struct gln_context *ctx, const char *given, struct buf *scratch)
{
    if (given != NULL && *given != '\0')
        return given;
    given = option_text(ctx->options, OPT_SOCKET);
    if (*given != '\0')
        return given;
    buf_printf(scratch, "%s.sock", option_text(ctx->options, OPT_LEDGER));
    return scratch->data;
}

int gln_local_request(gln_context *context, const char *socket_path, const gln_request *request,
                      gln_reply *reply)
{
    char *lines[6] = {NULL};
    struct buf url = BUF_INIT;
    struct buf path = BUF_INIT;
    struct buf body = BUF_INIT;
    struct buf headers = BUF_INIT;
    char number[16] = "";
    int status = GLN_E_MEMORY;

    if (context == NULL || !request_good(request, reply))
        return GLN_E_ARGUMENT;
    context_ok(context);
    reply_empty(reply);
    /* it becomes a line of the request */
    if (request->submitter != NULL && !path_is_plain(request->submitter))
        return context_fail(context, GLN_E_NOT_FOUND, MSG_SUBMITTER_NONE, request->submitter);
    buf_printf(&url, "http://localhost%s", request->path);
    if (headers_make(lines, request) && !url.failed)
        status = carry_request(context, socket_of(context, socket_path, &path), request->method, url.data,
                               (const char *const *)lines, request->body, request->body_length,
                               &reply->http_status, &body, &headers);
    if (status == GLN_OK) {
        reply->status = header_value(&headers, "Greenlane-Status", number, sizeof number)
                            ? (int)strtol(number, NULL, 10)
                            : status_of_http(reply->http_status);
        (void)header_value(&headers, "Content-Type", reply->content_type, sizeof reply->content_type);
        (void)header_value(&headers, "Location", reply->location, sizeof reply->location);
        buf_reserve(&body, 1);
        reply->body = buf_take(&body, &reply->body_length);
        status = reply->body != NULL ? GLN_OK : GLN_E_MEMORY;
    }
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        free(lines[i]);
    buf_free(&url);
    buf_free(&path);
    buf_free(&body);
    buf_free(&headers);
    return status;
}

int gln_gateway_step(gln_gateway *gateway, gln_context *context, int *wait_ms)
{
    int64_t wait = -1;
    int status;

    if (gateway == NULL || context == NULL || wait_ms == NULL)
        return GLN_E_ARGUMENT;
    context_ok(context);
    status = flow_step(gateway, context, &wait);
    *wait_ms = wait > INT32_MAX ? INT32_MAX : (int)wait;
    return status;
}
