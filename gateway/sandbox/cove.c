/*
 * The two operations on a COVE. RecibirCove takes a message that keeps the schema and answers with an operation number at once,
 * whatever is wrong with its content; ConsultarRespuestaCove says later, for each invoice, the eDocument or the errors.
 *
 * How VUCEM says "not yet" is not in the public documents: here it is an answer without respuestasOperaciones. So is what it
 * says to a question whose signature is wrong: here it is only a leyenda.
 */
#include "sandbox/vucem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

static void put_element(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "<%s>", name);
    buf_put_xml(out, text);
    buf_printf(out, "</%s>", name);
}

static void put_begin(struct buf *out, const char *name)
{
    buf_printf(out, "<%s xmlns=\"" COVE_NS "\">", name);
}

/* --- RecibirCove --- */

static void check_country(struct buf *errors, const struct xml_node *party)
{
    const char *country = party != NULL ? xml_find_text(party, "domicilio/pais") : NULL;
    size_t letters = country != NULL ? strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
    if (letters != 3 || country[3] != '\0') {
        buf_puts(errors, "País : no existe el pais en el catálogo\n");
    }
}

/* Everything that is wrong with one comprobante. */
static void check_invoice(struct sandbox *s, struct gln_context *ctx, const struct soap *q,
                          const struct xml_node *n, struct buf *errors)
{
    struct xml_doc *alone = NULL;
    struct buf cadena = BUF_INIT;
    const struct xml_run run = {.codes = NULL};
    if (xml_doc_of(&alone, ctx, n) == GLN_OK &&
        xml_transform_text(&cadena, s->cadena, ctx, alone, &run) == GLN_OK) {
        firma_check(errors, s, ctx, xml_child(n, "firmaElectronica"), &cadena, q->rfc);
    } else {
        buf_puts(errors, "Cadena original : La cadena original es inválida\n");
    }
    check_country(errors, xml_child(n, "emisor"));
    check_country(errors, xml_child(n, "destinatario"));
    for (size_t i = 0; i < s->faults.reject_count; i++) {
        if (s->faults.rejects[i].cove) {
            buf_printf(errors, "%s\n", s->faults.rejects[i].text);
        }
    }
    xml_doc_free(alone);
    buf_free(&cadena);
}

/* COVE, the year, and seven characters nobody else has here. */
static void new_document(struct sandbox *s, char out[16])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct civil c = {.year = 0};
    char tail[8] = "SBX0000";
    long n = ++s->vucem.last_document;
    time_civil(&c, clock_wall_ms(&s->clock), "America/Mexico_City");
    for (int i = 6; i > 2; i--) {
        tail[i] = digits[n % 36];
        n /= 36;
    }
    snprintf(out, 16, "COVE%02d%s", c.year % 100, tail);
}

static void judge_invoice(struct sandbox *s, struct gln_context *ctx, const struct soap *q,
                          const struct xml_node *n, struct invoice *out)
{
    const char *number = xml_find_text(n, "numeroFacturaOriginal");
    const char *amends = xml_find_text(n, "e-document");
    str_copy(out->number, sizeof out->number, number != NULL ? number : "");
    check_invoice(s, ctx, q, n, &out->errors);
    if (out->errors.len > 0) {
        return;
    }
    if (amends != NULL && *amends != '\0') {
        str_copy(out->document, sizeof out->document, amends);
        snprintf(out->adenda, sizeof out->adenda, "ADEN%09ld", ++s->vucem.last_document % 1000000000);
    } else {
        new_document(s, out->document);
    }
}

static struct operation *new_operation(struct sandbox *s, const struct soap *q, size_t invoices)
{
    struct vucem *v = &s->vucem;
    if (v->operation_count == v->operation_cap) {
        size_t cap = v->operation_cap != 0 ? 2 * v->operation_cap : 16;
        struct operation *more = realloc(v->operations, cap * sizeof *more);
        if (more == NULL) {
            return NULL;
        }
        v->operations = more;
        v->operation_cap = cap;
    }
    struct operation *o = &v->operations[v->operation_count];
    memset(o, 0, sizeof *o);
    o->invoices = calloc(invoices, sizeof *o->invoices);
    if (o->invoices == NULL) {
        return NULL;
    }
    v->operation_count++;
    o->number = 10000000 + ++v->last_operation;
    str_copy(o->rfc, sizeof o->rfc, q->rfc);
    o->received_ms = clock_wall_ms(&s->clock);
    o->pending = s->faults.pending;
    o->waiting = s->faults.manual;
    return o;
}

/* A message that breaks the schema becomes a fault; true when it keeps it. */
static bool keeps_schema(struct sandbox *s, struct gln_context *ctx, struct soap *q)
{
    struct xml_doc *message = NULL;
    struct buf why = BUF_INIT;
    bool valid = false;
    int status = xml_doc_of(&message, ctx, q->request);
    if (status == GLN_OK) {
        status = xml_schema_valid(s->cove_schema, ctx, message, &valid, &why);
    }
    if (!valid) {
        context_fail(ctx, GLN_E_INPUT, MSG_TEXT, status == GLN_OK && why.len > 0 ? why.data : "schema");
        q->fault_code = "S:Client";
        q->fault = context_text(ctx, LANG_EN);
    }
    xml_doc_free(message);
    buf_free(&why);
    return valid;
}

void cove_receive(struct sandbox *s, struct gln_context *ctx, struct soap *q, struct buf *out)
{
    size_t count = 0;
    char number[24], hour[40];
    for (const struct xml_node *n = xml_first(q->request); n != NULL; n = xml_next(n)) {
        count += xml_is(n, "comprobantes");
    }
    if (count == 0) {
        put_begin(out, "solicitarRecibirCoveServicioResponse");
        put_element(out, "mensajeInformativo", "No se recibieron comprobantes");
        buf_puts(out, "</solicitarRecibirCoveServicioResponse>");
        return;
    }
    if (!keeps_schema(s, ctx, q)) {
        return;
    }
    struct operation *o = new_operation(s, q, count);
    if (o == NULL) {
        q->fault_code = "S:Server";
        q->fault = "out of memory";
        return;
    }
    for (const struct xml_node *n = xml_first(q->request); n != NULL; n = xml_next(n)) {
        judge_invoice(s, ctx, q, n, &o->invoices[o->invoice_count++]);
    }
    s->vucem.coves++;
    snprintf(number, sizeof number, "%ld", o->number);
    vucem_time(hour, o->received_ms);
    put_begin(out, "solicitarRecibirCoveServicioResponse");
    put_element(out, "numeroDeOperacion", number);
    put_element(out, "horaRecepcion", hour);
    put_element(out, "mensajeInformativo", "La recepción del COVE fue exitosa.");
    buf_puts(out, "</solicitarRecibirCoveServicioResponse>");
}

/* --- ConsultarRespuestaCove --- */

static struct operation *find_operation(struct vucem *v, const char *number, const char *rfc)
{
    for (size_t i = 0; i < v->operation_count; i++) {
        char text[24];
        snprintf(text, sizeof text, "%ld", v->operations[i].number);
        if (strcmp(text, number) == 0 && strcmp(v->operations[i].rfc, rfc) == 0) {
            return &v->operations[i];
        }
    }
    return NULL;
}

static void put_errors(struct buf *out, const struct invoice *v)
{
    const char *line = v->errors.data;
    buf_puts(out, "<errores>");
    while (line != NULL && *line != '\0') {
        size_t n = strcspn(line, "\n");
        char *text = str_ndup(line, n);
        if (text != NULL) {
            put_element(out, "mensaje", text);
        }
        free(text);
        line += n + (line[n] == '\n');
    }
    buf_puts(out, "</errores>");
}

static bool put_invoices(struct buf *out, const struct operation *o)
{
    bool errors = false;
    for (size_t i = 0; i < o->invoice_count; i++) {
        const struct invoice *v = &o->invoices[i];
        buf_puts(out, "<respuestasOperaciones>");
        put_element(out, "numeroFacturaORelacionFacturas", v->number);
        put_element(out, "contieneError", v->errors.len > 0 ? "true" : "false");
        if (v->errors.len > 0) {
            errors = true;
            put_errors(out, v);
        } else {
            put_element(out, "eDocument", v->document);
        }
        if (v->adenda[0] != '\0') {
            put_element(out, "numeroAdenda", v->adenda);
        }
        buf_puts(out, "</respuestasOperaciones>");
    }
    return errors;
}

static void put_result(struct buf *out, struct operation *o)
{
    static const char good[] = "Tiene 240 d&iacute;as a partir de esta fecha para utilizar su Acuse de "
                               "Valor, si en ese tiempo no es "
                               "utilizado, ser&aacute; dado de baja del sistema.";
    if (o->waiting || o->pending > 0) {
        o->pending -= o->pending > 0;
        return;
    }
    bool errors = put_invoices(out, o);
    put_element(out, "leyenda", errors ? "La operación fue procesada con errores." : good);
}

void cove_ask(struct sandbox *s, struct gln_context *ctx, struct soap *q, struct buf *out)
{
    struct buf cadena = BUF_INIT, errors = BUF_INIT;
    char hour[40];
    const char *number = xml_find_text(q->request, "numeroOperacion");
    if (number == NULL) {
        number = "";
    }
    s->vucem.questions++;
    buf_printf(&cadena, "|%s|%s|", number, q->rfc);
    firma_check(&errors, s, ctx, xml_child(q->request, "firmaElectronica"), &cadena, q->rfc);
    struct operation *o = find_operation(&s->vucem, number, q->rfc);
    vucem_time(hour, clock_wall_ms(&s->clock));
    put_begin(out, "solicitarConsultarRespuestaCoveServicioResponse");
    put_element(out, "numeroOperacion", number);
    put_element(out, "horaRecepcion", hour);
    if (errors.len > 0) {
        errors.data[strcspn(errors.data, "\n")] = '\0';
        put_element(out, "leyenda", errors.data);
    } else if (o == NULL) {
        put_element(out, "leyenda", "No existe el número de operación para este usuario.");
    } else {
        put_result(out, o);
    }
    buf_puts(out, "</solicitarConsultarRespuestaCoveServicioResponse>");
    buf_free(&cadena);
    buf_free(&errors);
}
