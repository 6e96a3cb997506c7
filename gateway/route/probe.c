/*
 * The XPaths of a bundle, compiled together into two stylesheets at load: the probe looks at a pivot and says which
 * principal, number, key and action it sees; the maker builds a whole number from a serial.
 *
 * XSLT and not an XPath API, because the budget, the extension functions and the fences of transforms then hold here too, and one
 * walk answers all questions. Whatever a bundle writes into an attribute stays XPath: it is escaped on the way in.
 *
 * Making a stylesheet's context costs more than what it is asked here. So the same questions go to xml/ask.h first, in the same order and
 * for the same answers; where one of them is beyond it, or it is not sure, the stylesheet is run.
 */
#include "route/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/reader.h"

static const char sheet_head[] =
    "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\""
    " xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" xmlns:dec=\"urn:wco:datamodel:WCO:DEC-DMS:2\""
    " xmlns:ds=\"urn:wco:datamodel:WCO:Declaration_DS:DMS:2\" xmlns:gln=\"" GLN_NS "\""
    " exclude-result-prefixes=\"md dec ds gln\">";

/** <xsl:attribute name="NAME"><xsl:value-of select="SELECT"/></xsl:attribute> */
static void value_put(struct buf *b, const char *name, const char *select)
{
    if (select == NULL)
        return;
    buf_printf(b, "<xsl:attribute name=\"%s\"><xsl:value-of select=\"", name);
    buf_put_xml(b, select);
    buf_puts(b, "\"/></xsl:attribute>");
}

static const char *child_attr(const struct xml_node *n, const char *child, const char *attr)
{
    const struct xml_node *c = xml_child(n, child);

    return c != NULL ? xml_attr(c, attr) : NULL;
}

static void action_put(struct buf *b, const struct route_message *m)
{
    buf_puts(b, "<xsl:attribute name=\"action\"><xsl:choose>");
    for (size_t i = 0; i < m->action_count; i++) {
        const struct route_action *a = &m->actions[i];

        buf_puts(b, "<xsl:when test=\"number(dec:FunctionCode) = number('");
        buf_put_xml(b, a->function);
        buf_puts(b, "')");
        if (a->type != NULL) {
            buf_puts(b, " and normalize-space(dec:TypeCode) = '");
            buf_put_xml(b, a->type);
            buf_puts(b, "'");
        }
        buf_printf(b, "\">%zu</xsl:when>", i);
    }
    buf_puts(b, "</xsl:choose></xsl:attribute>");
}

static void message_row_put(struct buf *b, const struct route_message *m, const struct xml_node *n)
{
    const char *when = child_attr(n, "when", "test");

    buf_puts(b, "<message name=\"");
    buf_put_xml(b, m->name);
    buf_puts(b, "\"><xsl:if test=\"");
    buf_put_xml(b, when != NULL ? when : "true()");
    buf_puts(b, "\"><xsl:attribute name=\"applies\">yes</xsl:attribute></xsl:if>");
    value_put(b, "number", child_attr(n, "number", "from"));
    value_put(b, "key", child_attr(n, "key", "from"));
    value_put(b, "deadline", child_attr(n, "deadline", "from"));
    action_put(b, m);
    buf_puts(b, "</message>");
}

static void probe_text(struct buf *b, const struct route_destination *d)
{
    const struct xml_node *root = xml_root(d->file);
    size_t i = 0;

    buf_puts(b, sheet_head);
    buf_puts(b, "<xsl:template match=\"/\"><probe><xsl:for-each select=\"/md:MetaData/dec:Declaration\">");
    value_put(b, "principal", child_attr(root, "principal", "from"));
    for (const struct xml_node *n = xml_first(root); n != NULL; n = xml_next(n))
        if (xml_is(n, "message"))
            message_row_put(b, &d->messages[i++], n);
    buf_puts(b, "</xsl:for-each></probe></xsl:template></xsl:stylesheet>");
}

/** Declares every $identity-NAME a make= may use: an undeclared parameter is an error in XSLT. */
static void params_put(struct buf *b, const struct route_destination *d)
{
    static const char *const fixed[] = {"kind", "serial", "year", "principal", "role", "environment", "date"};

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        buf_printf(b, "<xsl:param name=\"%s\"/>", fixed[i]);
    for (size_t i = 0; i < d->practice_count; i++) {
        buf_puts(b, "<xsl:param name=\"identity-");
        buf_put_xml(b, d->practice[i].name);
        buf_puts(b, "\"/>");
    }
}

/** The digit that makes gln:check-digit() true, tried one after the other: ten calls for a number drawn once. */
static void check_put(struct buf *b, const char *kind)
{
    for (char digit = '0'; digit <= '9'; digit++) {
        buf_puts(b, "<xsl:if test=\"gln:check-digit('");
        buf_put_xml(b, kind);
        buf_printf(b, "', concat($base, '%c'))\">%c</xsl:if>", digit, digit);
    }
}

static void maker_text(struct buf *b, const struct route_destination *d)
{
    const struct xml_node *root = xml_root(d->file);

    buf_puts(b, sheet_head);
    buf_puts(b, "<xsl:output method=\"text\"/>");
    params_put(b, d);
    buf_puts(b, "<xsl:template match=\"/\"><xsl:choose>");
    for (const struct xml_node *n = xml_first(root); n != NULL; n = xml_next(n)) {
        const char *make = xml_attr(n, "make");
        const char *check = xml_attr(n, "check");

        if (!xml_is(n, "series"))
            continue;
        buf_puts(b, "<xsl:when test=\"$kind = '");
        buf_put_xml(b, xml_attr(n, "kind"));
        buf_puts(b, "'\"><xsl:variable name=\"base\" select=\"");
        buf_put_xml(b, make != NULL ? make : "$serial");
        buf_puts(b, "\"/><xsl:value-of select=\"$base\"/>");
        if (check != NULL)
            check_put(b, check);
        buf_puts(b, "</xsl:when>");
    }
    buf_puts(b, "<xsl:otherwise/></xsl:choose></xsl:template></xsl:stylesheet>");
}

/* --- the same without a stylesheet --- */

/** What one question is for: an attribute of the probe or of a message's row. False: go no further. */
typedef bool question_use(void *arg, size_t message, const char *name, const char *xpath, size_t action);
enum { NO_MESSAGE = 10000 };

static bool question_put(question_use *use, void *arg, size_t message, const char *name, const char *xpath)
{
    return xpath == NULL || use(arg, message, name, xpath, 0);
}

static bool applies_put(question_use *use, void *arg, size_t i, const char *when)
{
    struct buf b = BUF_INIT;

    buf_printf(&b, "boolean(%s)", when != NULL ? when : "true()");
    bool ok = !b.failed && use(arg, i, "applies", b.data, 0);
    buf_free(&b);
    return ok;
}

static bool actions_put(question_use *use, void *arg, size_t i, const struct route_message *m)
{
    bool ok = true;

    for (size_t k = 0; ok && k < m->action_count; k++) {
        const struct route_action *a = &m->actions[k];
        struct buf b = BUF_INIT;

        buf_printf(&b, "number(dec:FunctionCode) = number('%s')", a->function);
        if (a->type != NULL)
            buf_printf(&b, " and normalize-space(dec:TypeCode) = '%s'", a->type);
        ok = !b.failed && use(arg, i, "action", b.data, k);
        buf_free(&b);
    }
    return ok;
}

static bool each_question(const struct route_destination *d, question_use *use, void *arg)
{
    const struct xml_node *root = xml_root(d->file);
    bool ok = question_put(use, arg, NO_MESSAGE, "principal", child_attr(root, "principal", "from"));
    size_t i = 0;

    for (const struct xml_node *n = xml_first(root); ok && n != NULL; n = xml_next(n)) {
        if (!xml_is(n, "message"))
            continue;
        ok = applies_put(use, arg, i, child_attr(n, "when", "test")) &&
             question_put(use, arg, i, "number", child_attr(n, "number", "from")) &&
             question_put(use, arg, i, "key", child_attr(n, "key", "from")) &&
             question_put(use, arg, i, "deadline", child_attr(n, "deadline", "from")) &&
             actions_put(use, arg, i, &d->messages[i]);
        i++;
    }
    return ok;
}

static bool question_add(void *arg, size_t message, const char *name, const char *xpath, size_t action)
{
    (void)message;
    (void)name;
    (void)action;
    return xml_asks_add(arg, xpath);
}

static struct xml_asks *probe_asks_new(const struct route_destination *d)
{
    struct xml_asks *a = xml_asks_new(NULL);

    if (a != NULL && !each_question(d, question_add, a)) {
        xml_asks_free(a);
        a = NULL;
    }
    return a;
}

/* One question for each series: its make=, and its check digit behind it. */
static struct xml_asks *maker_asks_new(const struct route_destination *d)
{
    const char *names[128] = {"kind", "serial", "year", "principal", "role", "environment", "date"};
    struct buf owned[64] = {BUF_INIT};
    size_t n = 7;
    bool ok = d->practice_count <= sizeof owned / sizeof owned[0];

    for (size_t i = 0; ok && i < d->practice_count; i++) {
        buf_printf(&owned[i], "identity-%s", d->practice[i].name);
        names[n++] = owned[i].data;
        ok = !owned[i].failed;
    }
    struct xml_asks *a = ok ? xml_asks_new(names) : NULL;
    for (const struct xml_node *s = xml_first(xml_root(d->file)); a != NULL && s != NULL; s = xml_next(s)) {
        const char *make = xml_attr(s, "make"), *check = xml_attr(s, "check");
        struct buf b = BUF_INIT;

        if (!xml_is(s, "series"))
            continue;
        make = make != NULL ? make : "$serial";
        if (check == NULL)
            buf_printf(&b, "string(%s)", make);
        else
            buf_printf(&b, "concat(%s, gln:check-digit-of('%s', %s))", make, check, make);
        if (b.failed || !xml_asks_add(a, b.data)) {
            xml_asks_free(a);
            a = NULL;
        }
        buf_free(&b);
    }
    for (size_t i = 0; i < d->practice_count && i < sizeof owned / sizeof owned[0]; i++)
        buf_free(&owned[i]);
    return a;
}

struct answering {
    const struct route_destination *destination;
    struct gln_context *ctx;
    const struct xml_doc *pivot;
    const struct xml_node *declaration;
    const struct xml_run *run;
    struct xml_node *root, *row; /* of the probe being built */
    size_t question, message;
    struct buf text;
};

/* The row of a message is begun by its first question. */
static bool row_begin(struct answering *a, size_t message)
{
    if (message == NO_MESSAGE || (a->row != NULL && message == a->message))
        return true;
    a->message = message;
    return xml_add(&a->row, a->ctx, a->root, NULL, "message") == GLN_OK &&
           xml_set_attr(a->ctx, a->row, "name", a->destination->messages[message].name) == GLN_OK;
}

static bool question_answer(void *arg, size_t message, const char *name, const char *xpath, size_t action)
{
    struct answering *a = arg;
    char index[16];

    (void)xpath;
    buf_clear(&a->text);
    if (!row_begin(a, message) || !xml_ask(&a->text, a->destination->probe_asks, a->question++, a->ctx,
                                           a->pivot, a->declaration, a->run))
        return false;
    struct xml_node *to = message == NO_MESSAGE ? a->root : a->row;
    const char *text = a->text.data != NULL ? a->text.data : "";
    bool yes = str_eq(text, "true");
    if (str_eq(name, "applies"))
        return !yes || xml_set_attr(a->ctx, to, name, "yes") == GLN_OK;
    if (!str_eq(name, "action"))
        return xml_set_attr(a->ctx, to, name, text) == GLN_OK;
    snprintf(index, sizeof index, "%zu", action);
    return !yes || xml_attr(to, name) != NULL || xml_set_attr(a->ctx, to, name, index) == GLN_OK;
}

/** False: run the stylesheet. */
static bool probe_ask(struct xml_doc **out, struct gln_context *ctx, const struct route_destination *d,
                      const struct xml_doc *pivot, const struct xml_run *run)
{
    struct answering a = {.destination = d, .ctx = ctx, .pivot = pivot, .run = run, .text = BUF_INIT};
    const struct xml_node *root = xml_root(pivot);
    bool ok = d->probe_asks != NULL && xml_is(root, "MetaData");

    for (const struct xml_node *n = ok ? xml_first(root) : NULL; n != NULL; n = xml_next(n))
        if (xml_is(n, "Declaration") && str_eq(xml_ns(n), "urn:wco:datamodel:WCO:DEC-DMS:2")) {
            ok = a.declaration == NULL;
            a.declaration = n;
        }
    ok = ok && a.declaration != NULL && xml_doc_new(out, ctx, "", "probe") == GLN_OK;
    if (ok) {
        a.root = xml_root(*out);
        ok = each_question(d, question_answer, &a);
    }
    buf_free(&a.text);
    if (!ok) {
        xml_doc_free(*out);
        *out = NULL;
        context_ok(ctx);
    }
    return ok;
}

static int sheet_compile(struct xml_stylesheet **out, struct gln_context *ctx,
                         const struct route_destination *d,
                         void (*text)(struct buf *b, const struct route_destination *d))
{
    struct buf b = BUF_INIT;
    struct xml_doc *doc = NULL;
    int status;

    text(&b, d);
    if (b.failed) {
        buf_free(&b);
        return context_no_memory(ctx);
    }
    status = xml_read(&doc, ctx, b.data, b.len);
    if (status == GLN_OK)
        status = xml_stylesheet_from(out, ctx, doc, d->dir);
    if (status != GLN_OK && status != GLN_E_MEMORY) {
        char *why = str_dup(context_text(ctx, LANG_EN));

        status = context_fail(ctx, GLN_E_CONFIG, MSG_ROUTE_PROBE, d->dir, why != NULL ? why : "");
        free(why);
    }
    xml_doc_free(doc);
    buf_free(&b);
    return status;
}

/** libxslt finds some mistakes (a prefix nobody declared) only when it runs: so it runs once, over an empty declaration. */
static int probe_try(const struct route_destination *d, struct gln_context *ctx)
{
    static const char empty[] = "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\">"
                                "<Declaration xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\"/></md:MetaData>";
    struct route_probe p = {.principal = ""};
    struct xml_doc *doc = NULL;
    int status = xml_read(&doc, ctx, empty, sizeof empty - 1);

    if (status == GLN_OK)
        status = route_probe(&p, ctx, d, doc, NULL);
    if (status != GLN_OK && status != GLN_E_MEMORY) {
        char *why = str_dup(context_text(ctx, LANG_EN));

        status = context_fail(ctx, GLN_E_CONFIG, MSG_ROUTE_PROBE, d->dir, why != NULL ? why : "");
        free(why);
    }
    route_probe_free(&p);
    xml_doc_free(doc);
    return status;
}

int probe_compile(struct route_destination *d, struct gln_context *ctx)
{
    int status = sheet_compile(&d->probe, ctx, d, probe_text);

    if (status == GLN_OK)
        status = probe_try(d, ctx);
    if (status == GLN_OK && d->series_count > 0)
        status = sheet_compile(&d->maker, ctx, d, maker_text);
    if (status == GLN_OK) {
        d->probe_asks = probe_asks_new(d);
        d->maker_asks = maker_asks_new(d);
    }
    return status;
}

int route_probe(struct route_probe *out, struct gln_context *ctx, const struct route_destination *d,
                const struct xml_doc *pivot, const struct xml_codes *codes)
{
    const char *const params[] = {NULL};
    const struct xml_run run = {.codes = codes, .params = params, .source = pivot};
    int status;

    *out = (struct route_probe){.principal = ""};
    status = probe_ask(&out->doc, ctx, d, pivot, &run) ? GLN_OK
                                                       : xml_transform(&out->doc, d->probe, ctx, pivot, &run);
    if (status == GLN_OK) {
        const char *principal = xml_attr(xml_root(out->doc), "principal");

        out->principal = principal != NULL ? principal : "";
    }
    return status;
}

void route_probe_free(struct route_probe *p)
{
    xml_doc_free(p->doc);
    *p = (struct route_probe){.principal = ""};
}

static const struct xml_node *probe_message(const struct route_probe *p, const struct route_message *m)
{
    if (p->doc == NULL)
        return NULL;
    for (const struct xml_node *n = xml_first(xml_root(p->doc)); n != NULL; n = xml_next(n))
        if (str_eq(xml_attr(n, "name"), m->name))
            return n;
    return NULL;
}

static const char *probe_value(const struct route_probe *p, const struct route_message *m, const char *name)
{
    const struct xml_node *n = probe_message(p, m);
    const char *value = n != NULL ? xml_attr(n, name) : NULL;

    return value != NULL ? value : "";
}

bool route_probe_applies(const struct route_probe *p, const struct route_message *m)
{
    return *probe_value(p, m, "applies") != '\0';
}

const char *route_probe_number(const struct route_probe *p, const struct route_message *m)
{
    return probe_value(p, m, "number");
}

const char *route_probe_key(const struct route_probe *p, const struct route_message *m)
{
    return probe_value(p, m, "key");
}

const char *route_probe_deadline(const struct route_probe *p, const struct route_message *m)
{
    return probe_value(p, m, "deadline");
}

const struct route_action *route_probe_action(const struct route_probe *p, const struct route_message *m)
{
    const char *index = probe_value(p, m, "action");
    size_t i = 0;

    if (*index == '\0')
        return NULL;
    for (; *index >= '0' && *index <= '9'; index++)
        i = i * 10 + (size_t)(*index - '0');
    return i < m->action_count ? &m->actions[i] : NULL;
}

int route_make_number(struct buf *out, struct gln_context *ctx, const struct route_destination *d,
                      const struct route_series *s, const char *serial, const char *const *params)
{
    const char *all[128] = {"kind", s->kind, "serial", serial};
    struct xml_run run = {.params = all};
    struct xml_doc *in = NULL;
    size_t n = 4;
    int status;

    for (; params != NULL && *params != NULL && n + 2 < sizeof all / sizeof all[0]; params += 2) {
        all[n++] = params[0];
        all[n++] = params[1];
    }
    all[n] = NULL;
    status = xml_doc_new(&in, ctx, "", "number");
    if (status == GLN_OK && d->maker_asks != NULL &&
        xml_ask(out, d->maker_asks, (size_t)(s - d->series), ctx, in, xml_root(in), &run)) {
        xml_doc_free(in);
        return GLN_OK;
    }
    if (status == GLN_OK)
        status = xml_transform_text(out, d->maker, ctx, in, &run);
    xml_doc_free(in);
    return status;
}
