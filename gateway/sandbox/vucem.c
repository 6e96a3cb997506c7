/*
 * VUCEM's side of the wire: SOAP 1.1, one WS-Security header with a UsernameToken, two services.
 *
 * SOAP 1.1 over HTTP is text/xml with a SOAPAction in quotes, and a fault has the status 500.
 *
 *   POST /ventanilla/RecibirCoveService               solicitarRecibirCoveServicio
 *   POST /ventanilla/ConsultarRespuestaCoveService    solicitarConsultarRespuestaCoveServicio
 *
 * Faults have the codes and texts that were seen in real answers where such were seen. A wsu:Timestamp is accepted and not judged, for
 * we know no answer to a stale one.
 */
#include "sandbox/vucem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/crypto.h"
#include "util/str.h"
#include "xml/reader.h"

#define WSSE "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define WSU "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"

static const struct {
    const char *path, *action, *request;
    void (*run)(struct sandbox *s, struct gln_context *ctx, struct soap *q, struct buf *out);
    bool files;
} services[] = {
    {"/ventanilla/RecibirCoveService", "\"http://www.ventanillaunica.gob.mx/RecibirCove\"",
     "solicitarRecibirCoveServicio", cove_receive, true},
    {"/ventanilla/ConsultarRespuestaCoveService",
     "\"http://www.ventanillaunica.gob.mx/ConsultarRespuestaCove\"",
     "solicitarConsultarRespuestaCoveServicio", cove_ask, false},
};

void vucem_time(char out[40], int64_t wall_ms)
{
    struct civil c;
    if (!time_civil(&c, wall_ms, "America/Mexico_City")) {
        time_format(out, wall_ms);
        return;
    }
    int minutes = abs(c.offset_s) / 60;
    snprintf(out, 40, "%04d-%02d-%02dT%02d:%02d:%02d.000%c%02d:%02d", c.year % 10000, c.month % 100,
             c.day % 100, c.hour % 100, c.minute % 100, c.second % 100, c.offset_s < 0 ? '-' : '+',
             minutes / 60 % 100, minutes % 60);
}

static void set_fault(struct soap *q, const char *code, const char *text)
{
    q->fault_code = code;
    q->fault = text;
}

/* The one Security header and what it says of who asks. */
static void judge_security(const struct sandbox *s, struct soap *q, const struct xml_node *header)
{
    const struct xml_node *security = NULL;
    int count = 0;
    for (const struct xml_node *n = header != NULL ? xml_first(header) : NULL; n != NULL; n = xml_next(n)) {
        if (xml_is(n, "Security") && strcmp(xml_ns(n), WSSE) == 0) {
            security = n;
            count++;
        }
    }
    if (count > 1) {
        set_fault(q, "wsse:InvalidSecurity", "Found more than one Security header for role null");
        return;
    }
    const char *name = security != NULL ? xml_find_text(security, "UsernameToken/Username") : NULL;
    const char *password = security != NULL ? xml_find_text(security, "UsernameToken/Password") : NULL;
    const struct web_user *u = name != NULL ? accounts_user(&s->accounts, name) : NULL;
    bool good = u != NULL && password != NULL && strlen(password) == strlen(u->password) &&
                bytes_equal(password, u->password, strlen(password));
    if (!good) {
        set_fault(q, "wsse:FailedAuthentication", "Failed to assert identity with UsernameToken.");
        return;
    }
    q->rfc = u->rfc;
}

static void read_soap(const struct sandbox *s, struct gln_context *ctx, const struct http_request *in,
                      struct soap *q, const char *action)
{
    if (in->soap_action == NULL || strcmp(in->soap_action, action) != 0) {
        set_fault(q, "S:Client", "SOAPAction is not the operation's");
        return;
    }
    if (xml_read(&q->doc, ctx, in->body, in->body_len) != GLN_OK) {
        set_fault(q, "S:Client", context_text(ctx, LANG_EN));
        return;
    }
    const struct xml_node *root = xml_root(q->doc);
    const struct xml_node *body = xml_child(root, "Body");
    if (!xml_is(root, "Envelope") || strcmp(xml_ns(root), SOAP_NS) != 0 || body == NULL) {
        set_fault(q, "S:VersionMismatch", "not a SOAP 1.1 envelope");
        return;
    }
    judge_security(s, q, xml_child(root, "Header"));
    q->request = xml_first(body);
}

static void put_fault(struct buf *out, const struct soap *q)
{
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><env:Envelope xmlns:env=\"" SOAP_NS
                  "\"><env:Body><env:Fault xmlns:wsse=\"" WSSE "\" xmlns:S=\"" SOAP_NS "\"><faultcode>");
    buf_put_xml(out, q->fault_code);
    buf_puts(out, "</faultcode><faultstring>");
    buf_put_xml(out, q->fault);
    buf_puts(out, "</faultstring></env:Fault></env:Body></env:Envelope>");
}

static void put_envelope(struct sandbox *s, struct buf *out, const struct buf *body)
{
    char from[25], to[25];
    int64_t now = clock_wall_ms(&s->clock);
    time_format(from, now);
    time_format(to, now + 60000);
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><S:Envelope xmlns:S=\"" SOAP_NS
                  "\"><S:Header><wsse:Security xmlns:wsse=\"" WSSE
                  "\" S:mustUnderstand=\"1\"><wsu:Timestamp xmlns:wsu=\"" WSU "\">");
    buf_printf(out, "<wsu:Created>%s</wsu:Created><wsu:Expires>%s</wsu:Expires>", from, to);
    buf_puts(out, "</wsu:Timestamp></wsse:Security></S:Header><S:Body>");
    buf_put(out, body->data, body->len);
    buf_puts(out, "</S:Body></S:Envelope>");
}

static void dispatch(struct sandbox *s, struct gln_context *ctx, struct soap *q, size_t service,
                     struct buf *body)
{
    char text[300];
    const struct xml_node *r = q->request;
    if (q->fault != NULL) {
        return;
    }
    if (r == NULL || !xml_is(r, services[service].request) || strcmp(xml_ns(r), COVE_NS) != 0) {
        snprintf(text, sizeof text, "Cannot find dispatch method for {%.120s}%.120s",
                 r != NULL ? xml_ns(r) : "", r != NULL ? xml_name(r) : "");
        context_fail(ctx, GLN_E_INPUT, MSG_TEXT, text);
        set_fault(q, "S:Client", context_text(ctx, LANG_EN));
        return;
    }
    services[service].run(s, ctx, q, body);
}

static void answer(struct sandbox *s, struct gln_context *ctx, size_t service, const struct http_request *in,
                   struct http_response *out)
{
    struct soap q = {NULL, NULL, NULL, NULL, NULL};
    struct buf body = BUF_INIT;
    pthread_mutex_lock(&s->mutex);
    read_soap(s, ctx, in, &q, services[service].action);
    dispatch(s, ctx, &q, service, &body);
    pthread_mutex_unlock(&s->mutex);
    out->status = q.fault != NULL ? 500 : 200;
    str_copy(out->content_type, sizeof out->content_type, "text/xml; charset=utf-8");
    if (q.fault != NULL) {
        put_fault(&out->body, &q);
    } else {
        put_envelope(s, &out->body, &body);
        out->drop = services[service].files && sandbox_drops(s);
    }
    buf_free(&body);
    xml_doc_free(q.doc);
    context_ok(ctx);
}

/* SOAP 1.1's media type, with or without parameters. */
static bool is_text_xml(const char *type)
{
    static const char name[] = "text/xml";
    return type != NULL && strncasecmp(type, name, sizeof name - 1) == 0 &&
           strchr("; \t", type[sizeof name - 1]) != NULL;
}

void vucem_handle(void *arg, int worker, const struct http_request *in, struct http_response *out)
{
    struct face *face = arg;
    if (!sandbox_enter(face->sandbox, out)) {
        return;
    }
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        if (strcmp(in->path, services[i].path) == 0) {
            if (strcmp(in->method, "POST") == 0 && !is_text_xml(in->content_type)) {
                out->status = 415;
            } else if (strcmp(in->method, "POST") == 0) {
                answer(face->sandbox, &face->contexts[worker], i, in, out);
            } else {
                out->status = 405;
            }
            return;
        }
    }
    out->status = 404;
}

void vucem_answer_waiting(struct sandbox *s)
{
    for (size_t i = 0; i < s->vucem.operation_count; i++) {
        s->vucem.operations[i].waiting = false;
        s->vucem.operations[i].pending = 0;
    }
}

void vucem_free(struct vucem *v)
{
    for (size_t i = 0; i < v->operation_count; i++) {
        struct operation *o = &v->operations[i];
        for (size_t k = 0; k < o->invoice_count; k++) {
            buf_free(&o->invoices[k].errors);
        }
        free(o->invoices);
    }
    free(v->operations);
}
