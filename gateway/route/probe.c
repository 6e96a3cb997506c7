/*
 * The XPaths of a bundle, compiled together into two stylesheets at load: the probe looks at a pivot and says which
 * principal, number, key and action it sees; the maker builds a whole number from a serial.
 *
 * XSLT and not an XPath API, because the budget, the extension functions and the fences of transforms then hold here too, and one
 * walk answers all questions. Whatever a bundle writes into an attribute stays XPath: it is escaped on the way in.
 */
#include "route/internal.h"

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
    return status;
}

int route_probe(struct route_probe *out, struct gln_context *ctx, const struct route_destination *d,
                const struct xml_doc *pivot, const struct xml_codes *codes)
{
    const char *const params[] = {NULL};
    const struct xml_run run = {.codes = codes, .params = params, .source = pivot};
    int status;

    *out = (struct route_probe){.principal = ""};
    status = xml_transform(&out->doc, d->probe, ctx, pivot, &run);
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
    if (status == GLN_OK)
        status = xml_transform_text(out, d->maker, ctx, in, &run);
    xml_doc_free(in);
    return status;
}
