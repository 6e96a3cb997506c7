/*
 * The desk: the table of requests, who may make them, and the shape of a refusal. Every face of Greenlane, the command, HTTPS and
 * the local socket, comes through here, so none can do what the others cannot.
 *
 * A handler fills the reply's body, or returns a status and leaves the text in the context; the problem document is made here.
 * What belongs to operating the gateway (identities, the ledger) is for the local operator only. A submitter sees his own
 * declarations and no others: to him, another's does not exist. Whoever is named as a submitter must be one.
 */
#include "desk/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

/* REGISTER: it asks the register of operators, which is read for it if it was not yet */
enum { LOCAL_ONLY = 1, CREATED = 2, REGISTER = 4 };

/** `*` stands for one segment. What does not begin with v1 is the same for everybody. */
static const struct {
    const char *method, *pattern;
    desk_handler *handler;
    unsigned flags;
} table[] = {
    {"POST", "v1/declarations", desk_submit, CREATED},
    {"GET", "v1/declarations", desk_list, 0},
    {"GET", "v1/declarations/*", desk_show, 0},
    {"GET", "v1/declarations/*/explain", desk_explain, 0},
    {"GET", "v1/declarations/*/settled", desk_settled, 0},
    {"GET", "v1/declarations/*/*", desk_part, 0},
    {"POST", "v1/declarations/*/*", desk_act, 0},
    {"POST", "v1/filings/*/resolve", desk_resolve, LOCAL_ONLY},
    {"POST", "v1/check", desk_check, 0},
    {"POST", "v1/transform", desk_transform, 0},
    {"GET", "v1/identities", desk_identities, LOCAL_ONLY},
    {"POST", "v1/identities", desk_identity_add, LOCAL_ONLY | CREATED},
    {"GET", "v1/identities/*", desk_identity_show, LOCAL_ONLY},
    {"POST", "v1/identities/*/*", desk_identity_act, LOCAL_ONLY},
    {"GET", "v1/submitters", desk_submitters, LOCAL_ONLY},
    {"GET", "v1/bindings", desk_bindings, LOCAL_ONLY},
    {"POST", "v1/submitters", desk_submitter_add, LOCAL_ONLY | CREATED},
    {"POST", "v1/submitters/*/*", desk_submitter_act, LOCAL_ONLY},
    {"POST", "v1/bindings", desk_binding_add, LOCAL_ONLY | CREATED},
    {"POST", "v1/bindings/remove", desk_binding_remove, LOCAL_ONLY},
    {"GET", "v1/signers", desk_signers, LOCAL_ONLY},
    {"POST", "v1/signers", desk_signer_add, LOCAL_ONLY | CREATED},
    {"POST", "v1/signers/*/remove", desk_signer_remove, LOCAL_ONLY},
    {"GET", "v1/messengers", desk_messengers, LOCAL_ONLY},
    {"POST", "v1/messengers", desk_messenger_add, LOCAL_ONLY | CREATED},
    {"POST", "v1/messengers/remove", desk_messenger_remove, LOCAL_ONLY},
    {"GET", "v1/ledger/verify", desk_ledger_verify, LOCAL_ONLY},
    {"POST", "v1/ledger/verify", desk_ledger_verify, 0},
    {"POST", "v1/ledger/archive", desk_ledger_archive, LOCAL_ONLY},
    {"GET", "v1/ledger/export", desk_ledger_export, LOCAL_ONLY},
    {"GET", "v1/operators", desk_operators, LOCAL_ONLY | REGISTER},
    {"GET", "v1/operators/*", desk_operator_show, LOCAL_ONLY | REGISTER},
    {"GET", "v1/operators/*/history", desk_operator_history, LOCAL_ONLY | REGISTER},
    {"POST", "v1/operators/attest", desk_operator_attest, LOCAL_ONLY | REGISTER | CREATED},
    {"POST", "v1/operators/bind", desk_operator_bind, LOCAL_ONLY | REGISTER | CREATED},
    {"POST", "v1/operators/import", desk_operator_import, LOCAL_ONLY},
    {"POST", "v1/operators/unbind", desk_operator_unbind, LOCAL_ONLY | REGISTER},
    {"POST", "v1/operators/*/*", desk_operator_say, LOCAL_ONLY | REGISTER},
    {"GET", "v1/arrangements", desk_arrangements, LOCAL_ONLY | REGISTER},
    {"POST", "v1/arrangements/*/*", desk_arrangement_act, LOCAL_ONLY | REGISTER},
    {"GET", "v1/destinations", desk_destinations, 0},
    {"GET", "v1/certs", desk_certs, LOCAL_ONLY},
    {"GET", "healthz", desk_health, 0},
    {"GET", "readyz", desk_ready, 0},
};
enum { ROWS = sizeof table / sizeof table[0] };

/* --- the request --- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/** Percent-decodes in place; '+' is a blank. A broken escape stays as it is. */
static char *decode(char *text)
{
    char *to = text;

    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0 && (p[1] != '0' || p[2] != '0')) {
            *to++ = (char)(hex(p[1]) * 16 + hex(p[2]));
            p += 2;
        } else {
            *to++ = *p == '+' ? ' ' : *p;
        }
    }
    *to = '\0';
    return text;
}

static void cut_query(struct desk *k, char *at)
{
    while (at != NULL && *at != '\0' && k->query_count < DESK_QUERY) {
        char *next = strchr(at, '&');
        char *value;

        if (next != NULL)
            *next++ = '\0';
        value = strchr(at, '=');
        if (value != NULL)
            *value++ = '\0';
        k->query[k->query_count].name = decode(at);
        k->query[k->query_count++].value = value != NULL ? decode(value) : "";
        at = next;
    }
}

static void cut_path(struct desk *k)
{
    char *at = k->path;
    char *question = strchr(at, '?');

    if (question != NULL)
        *question++ = '\0';
    cut_query(k, question);
    while (*at == '/')
        at++;
    while (*at != '\0' && k->segment_count < DESK_SEGMENTS) {
        char *next = strchr(at, '/');

        if (next != NULL)
            *next++ = '\0';
        k->segments[k->segment_count++] = decode(at);
        at = next != NULL ? next : strchr(at, '\0');
    }
}

static bool fits(const struct desk *k, const char *pattern)
{
    size_t i = 0;

    while (*pattern != '\0') {
        size_t len = strcspn(pattern, "/");

        if (i == k->segment_count)
            return false;
        if (!(len == 1 && *pattern == '*') &&
            (strlen(k->segments[i]) != len || memcmp(k->segments[i], pattern, len) != 0))
            return false;
        i++;
        pattern += len + (pattern[len] == '/');
    }
    return i == k->segment_count;
}

const char *desk_query(const struct desk *k, const char *name)
{
    for (size_t i = 0; i < k->query_count; i++)
        if (str_eq(k->query[i].name, name))
            return k->query[i].value;
    return NULL;
}

bool desk_yes(const struct desk *k, const char *name)
{
    const char *value = desk_query(k, name);

    return value != NULL && !str_eq(value, "no") && !str_eq(value, "0") && !str_eq(value, "false");
}

const char *desk_segment(const struct desk *k, size_t i)
{
    return i < k->segment_count ? k->segments[i] : "";
}

const char *desk_who(const struct desk *k)
{
    return k->in->submitter != NULL ? k->in->submitter : "operator";
}

/* --- the reply --- */

void desk_type(struct desk *k, const char *content_type)
{
    str_copy(k->out->content_type, sizeof k->out->content_type, content_type);
}

void desk_say(struct desk *k, enum message_id id, const char *const *args, size_t n)
{
    message_put(&k->out->body, id, k->in->language, args, n);
    buf_putc(&k->out->body, '\n');
}

void desk_number(char out[24], int64_t n)
{
    snprintf(out, 24, "%lld", (long long)n);
}

static const struct findings *findings_of(const struct desk *k)
{
    return k->d != NULL && k->d->findings.count > 0 ? &k->d->findings : &k->found;
}

/** What went wrong in one line; where there are findings, how many, and the first. */
static void detail(struct buf *out, const struct desk *k, const struct findings *found)
{
    const char *text = context_text(k->ctx, k->in->language);
    char count[24];

    if (*text != '\0' || found->count == 0) {
        buf_puts(out, text);
        return;
    }
    desk_number(count, (int64_t)found->count);
    message_put(out, MSG_DESK_FINDINGS, k->in->language,
                CTX_ARGS(count, found->items[0].text[k->in->language]));
}

static void problem_json(struct desk *k, int status)
{
    const struct findings *found = findings_of(k);
    struct buf detail_text = BUF_INIT;
    struct json_out j;
    char type[48];

    snprintf(type, sizeof type, "urn:greenlane:problem:%d", -status);
    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_str(&j, "type", type);
    json_str(&j, "title", gln_status_text(status));
    json_int(&j, "status", k->out->http_status);
    json_int(&j, "code", status);
    detail(&detail_text, k, found);
    json_str(&j, "detail", detail_text.data != NULL ? detail_text.data : "");
    buf_free(&detail_text);
    if (found->count > 0)
        findings_json(&j, "findings", found, k->in->language);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    desk_type(k, "application/problem+json");
}

static void problem_text(struct desk *k, int status)
{
    const char *text = context_text(k->ctx, k->in->language);
    /* what was sent has its sender's name for it; a list we read ourselves names itself in what went wrong; a wrong call is no file's fault */
    bool own = status == GLN_E_ARGUMENT || str_eq(desk_segment(k, 1), "operators");
    const char *file = own ? NULL : desk_query(k, "file");

    if (findings_of(k)->count > 0)
        findings_text(&k->out->body, findings_of(k), file, k->in->language);
    else if (*text != '\0') {
        if (file != NULL && k->ctx->error.place.known)
            buf_printf(&k->out->body, "%s:", file);
        else if (file != NULL)
            buf_printf(&k->out->body, "%s: ", file);
        buf_printf(&k->out->body, "%s\n", text);
    }
    desk_type(k, "text/plain; charset=utf-8");
}

static void problem(struct desk *k, int status)
{
    buf_clear(&k->out->body);
    k->out->location[0] = '\0';
    k->out->http_status = status_http(status);
    if (k->in->text)
        problem_text(k, status);
    else
        problem_json(k, status);
    if (status == GLN_E_INTERNAL || status == GLN_E_STORE)
        log_write(k->ctx->log, LOG_LEVEL_ERROR, "desk", NULL, "%s %s: %s", k->in->method, k->in->path,
                  context_text(k->ctx, LANG_EN));
}

static int run(struct desk *k)
{
    bool other_method = false;
    int status = GLN_OK;

    for (size_t i = 0; i < ROWS; i++) {
        if (!fits(k, table[i].pattern))
            continue;
        if (!str_eq(table[i].method, k->in->method)) {
            other_method = true;
            continue;
        }
        if ((table[i].flags & LOCAL_ONLY) != 0 && k->in->submitter != NULL)
            return context_fail(k->ctx, GLN_E_FORBIDDEN, MSG_DESK_LOCAL_ONLY);
        if (k->in->submitter != NULL && str_starts(table[i].pattern, "v1/"))
            status = submitter_known(ledger_store(k->gw->ledger), k->ctx, k->in->submitter);
        if ((table[i].flags & REGISTER) != 0)
            gateway_register(k->gw, k->ctx);
        k->out->http_status = (table[i].flags & CREATED) != 0 ? 201 : 200;
        return status == GLN_OK ? table[i].handler(k) : status;
    }
    if (other_method)
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_METHOD, k->in->method, k->in->path);
    return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_PATH, k->in->path);
}

void desk_request(struct gln_gateway *gw, struct gln_context *ctx, const struct desk_request *in,
                  struct desk_reply *out)
{
    struct desk k = {.gw = gw, .ctx = ctx, .in = in, .out = out};
    int status;

    memset(out, 0, sizeof *out);
    context_ok(ctx);
    desk_type(&k, in->text ? "text/plain; charset=utf-8" : "application/json");
    k.path = str_dup(in->path);
    if (k.path == NULL) {
        status = context_no_memory(ctx);
    } else {
        cut_path(&k);
        status = run(&k);
    }
    /* rejected is a fact about a declaration, not a failure of the request */
    if (status != GLN_OK && status != GLN_E_REJECTED && status != GLN_E_IN_DOUBT)
        problem(&k, status);
    out->status = status == GLN_OK && k.untrue ? GLN_E_FINDINGS : status;
    if (out->body.failed) {
        buf_free(&out->body);
        out->status = GLN_E_MEMORY;
        out->http_status = status_http(GLN_E_MEMORY);
    }
    gln_declaration_free(k.d);
    findings_free(&k.found);
    free(k.path);
}
