/*
 * Parse: bytes become the pivot. What the bytes are is found out from the bytes alone; neither a name nor a Content-Type is
 * asked. One dialect is read, WCO XML of the DMS family in its envelope; the others are known by sight, so that the refusal can
 * say what was sent and what to send instead.
 *
 * An XML signature on the declaration is verified (signer.c) and taken off, since the schema has no place for it.
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

#define NS_ENVELOPE "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
#define NS_DECLARATION "urn:wco:datamodel:WCO:DEC-DMS:2"
#define NS_RESPONSE "urn:wco:datamodel:WCO:RES-DMS:2"

/** Dialects by their root; `ns` is a prefix of the namespace; the first fit counts. */
static const struct {
    const char *root, *ns, *name;
} dialects[] = {
    {"Declaration", NS_DECLARATION, "a bare Danish DMS declaration without envelope"},
    {"Declaration", "urn:wco:datamodel:WCO:GoodsDeclaration:", "a Brazilian DU-E declaration"},
    {"Declaration", "urn:wco:datamodel:TW:", "a Taiwanese declaration"},
    {"Declaration", "urn:wco:datamodel:WCO:", "a Dutch Single Window declaration"},
    {"DocumentMetadata", "urn:wco:datamodel:WCO:DM:", "a New Zealand TSW message"},
    {"DocumentMetaData", "urn:wco:datamodel:WCO:Declaration:", "a Canadian CARM declaration"},
    {"Manifest", "urn:Declaration:datamodel:standard:CN:", "a Chinese manifest"},
    {NULL, "urn:wco:datamodel:WCO:CIS:", "an EU ICS2 message"},
    {"submitDeclarationRequest", "http://uk/gov/hmrc/", "a declaration in HMRC's inner wrapper"},
    {"Envelope", "http://schemas.xmlsoap.org/soap/envelope/", "a SOAP message"},
    {"Envelope", "http://www.w3.org/2003/05/soap-envelope", "a SOAP message"},
};

static int refuse_root(struct gln_declaration *d, const struct xml_node *root)
{
    struct place at = xml_place(d->pivot, root);

    if (*xml_ns(root) == '\0')
        return context_fail_at(d->ctx, GLN_E_INPUT, at, MSG_FLOW_NO_NAMESPACE, xml_name(root));
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        if ((dialects[i].root == NULL || xml_is(root, dialects[i].root)) &&
            str_starts(xml_ns(root), dialects[i].ns))
            return context_fail_at(d->ctx, GLN_E_INPUT, at, MSG_FLOW_DIALECT, dialects[i].name,
                                   xml_name(root), xml_ns(root));
    return context_fail_at(d->ctx, GLN_E_INPUT, at, MSG_FLOW_UNKNOWN_ROOT, xml_name(root), xml_ns(root));
}

/** The element the envelope is about: the first one that is not of the envelope's own. */
static const struct xml_node *payload(const struct xml_node *root)
{
    const struct xml_node *n = xml_first(root);

    while (n != NULL && str_eq(xml_ns(n), NS_ENVELOPE))
        n = xml_next(n);
    return n;
}

static int check_root(struct gln_declaration *d)
{
    const struct xml_node *root = xml_root(d->pivot);
    const struct xml_node *body;

    if (!xml_is(root, "MetaData") || !str_eq(xml_ns(root), NS_ENVELOPE))
        return refuse_root(d, root);
    body = payload(root);
    if (body == NULL)
        return context_fail_at(d->ctx, GLN_E_INPUT, xml_place(d->pivot, root), MSG_FLOW_NO_BODY);
    if (xml_is(body, "Declaration") && str_eq(xml_ns(body), NS_DECLARATION))
        return GLN_OK;
    struct place at = xml_place(d->pivot, body);
    if (*xml_ns(body) == '\0')
        return context_fail_at(d->ctx, GLN_E_INPUT, at, MSG_FLOW_BODY_NO_NAMESPACE, xml_name(body));
    if (xml_is(body, "Response") && str_eq(xml_ns(body), NS_RESPONSE))
        return context_fail_at(d->ctx, GLN_E_INPUT, at, MSG_FLOW_ANSWER);
    return context_fail_at(d->ctx, GLN_E_INPUT, at, MSG_FLOW_UNKNOWN_BODY, xml_name(body), xml_ns(body));
}

static int refuse_content(struct gln_context *ctx, enum xml_sniff what)
{
    static const struct {
        enum xml_sniff what;
        enum message_id id;
        const char *arg;
    } rows[] = {
        {SNIFF_EMPTY, MSG_FLOW_EMPTY, ""},        {SNIFF_BINARY, MSG_FLOW_BINARY, ""},
        {SNIFF_EDIFACT, MSG_FLOW_EDI, "EDIFACT"}, {SNIFF_X12, MSG_FLOW_EDI, "ANSI X12"},
        {SNIFF_TEXT, MSG_FLOW_TEXT, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].what == what)
            return context_fail(ctx, GLN_E_INPUT, rows[i].id, rows[i].arg);
    return GLN_OK;
}

int flow_parse(struct gln_declaration *d, struct gln_gateway *gw)
{
    enum xml_sniff what = xml_sniff(d->original.data, d->original.len);
    int status;

    if (what != SNIFF_XML &&
        (what != SNIFF_EMPTY ||
         d->original.len == 0)) /* blanks are the reader's, which knows how many may be */
        return refuse_content(d->ctx, what);
    status = xml_read_compact(&d->pivot, d->ctx, d->original.data, d->original.len);
    if (status == GLN_OK)
        status = check_root(d);
    if (status == GLN_OK)
        status = signature_take(d, gw);
    if (status == GLN_OK)
        d->format = "dms";
    return status;
}
