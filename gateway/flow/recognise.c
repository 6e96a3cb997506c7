/*
 * Recognise: which parties the declaration names, and whether it claims a trusted-trader status anywhere. Who they are is for
 * trust/ to say, by the register; a claim is only remembered (lane.c) and never sent on.
 *
 * A seller's certificate never counts, but goods of a seller who is not one of those whose does are not covered (E07).
 *
 * Claims stand in four places: AEOMutualRecognitionParty, an AuthorisationHolder of an AEO category, an additional document
 * (C501 to C503 the authorisation, Y022 to Y029 a party's certificate, Y031 a third country's operator), and the
 * identifiers IC, OE, SO and CI of Mexico's MX.IDENT.
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct role {
    const char *role, *path;
};
static const struct role header_roles[] = {
    {"IM", "GoodsShipment/Importer"},
    {"EX", "Exporter"},
    {"EX", "GoodsShipment/Exporter"},
    {"CA", "Consignment/Carrier"},
    {"CA", "GoodsShipment/Consignment/Carrier"},
    {"AG", "Agent"},
};

/** A text the declaration keeps for its parties and claims. NULL in or no memory: NULL; memory shows in *failed. */
static const char *text_keep(struct gln_declaration *d, char *text, bool *failed)
{
    char **more = text != NULL ? realloc(d->texts, (d->text_count + 1) * sizeof *more) : NULL;

    if (more == NULL) {
        free(text);
        *failed = true;
        return NULL;
    }
    d->texts = more;
    return more[d->text_count++] = text;
}

static const char *path_keep(struct gln_declaration *d, const struct xml_node *n, bool *failed)
{
    struct buf path = BUF_INIT;

    xml_path(&path, n);
    return text_keep(d, buf_take(&path, NULL), failed);
}

/** The number of a party by its kind: one that says whom, a tax id beside it, or none. */
static void party_number(struct party *p, const struct xml_node *id)
{
    const char *kind = id != NULL ? xml_attr(id, "schemeID") : NULL;
    const char *text = id != NULL ? xml_text(id) : NULL;

    if (str_eq(kind, "TAXID") || str_eq(kind, "CURP")) {
        p->tax = text;
    } else if (!str_eq(kind, "NONE")) {
        p->kind = kind;
        p->id = text;
    }
}

static struct party *party_more(struct gln_declaration *d)
{
    struct party *more = realloc(d->parties, (d->party_count + 1) * sizeof *more);

    if (more == NULL)
        return NULL;
    d->parties = more;
    more[d->party_count] = (struct party){0};
    return &more[d->party_count++];
}

static void party_read(struct party *p, const struct xml_node *n)
{
    p->name = xml_find_text(n, "Name");
    p->code = xml_find_text(n, "RoleCode");
    p->line = xml_find_text(n, "Address/Line");
    p->city = xml_find_text(n, "Address/CityName");
    party_number(p, xml_child(n, "ID"));
}

static int party_add(struct gln_declaration *d, const char *role, const struct xml_node *n)
{
    struct party *p = party_more(d);
    bool failed = p == NULL;

    if (p != NULL) {
        p->role = role;
        party_read(p, n);
        p->path = path_keep(d, n, &failed);
    }
    return failed ? context_no_memory(d->ctx) : GLN_OK;
}

/** Whether an additional document claims a status: its category and type, or both in the type (the forms in use). */
static bool document_claims(const struct xml_node *n)
{
    static const char *const claims[] = {"C501", "C502", "C503", "Y022", "Y023", "Y024",
                                         "Y025", "Y026", "Y027", "Y028", "Y029", "Y031"};
    const char *category = xml_find_text(n, "CategoryCode");
    const char *type = xml_find_text(n, "TypeCode");

    if (type == NULL)
        return false;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        if (str_eq(type, claims[i]) || (category != NULL && category[0] == claims[i][0] &&
                                        category[1] == '\0' && str_eq(type, claims[i] + 1)))
            return true;
    return false;
}

/** Whether `text` begins with one of these words, whatever its case and the blanks before it. */
static const char *begins_with(const char *text, const char *const *words, size_t count)
{
    while (text != NULL && *text == ' ')
        text++;
    for (size_t i = 0; text != NULL && i < count; i++) {
        size_t n = strlen(words[i]), k = 0;

        while (k < n && str_upper(text[k]) == words[i][k])
            k++;
        if (k == n)
            return text;
    }
    return NULL;
}

static bool identifier_claims(const struct xml_node *n)
{
    static const char *const words[] = {"IC", "OE", "SO", "CI"};
    const char *text;

    if (!str_eq(xml_find_text(n, "StatementCode"), "MX.IDENT"))
        return false;
    text = begins_with(xml_find_text(n, "StatementDescription"), words, sizeof words / sizeof words[0]);
    return text != NULL && (text[2] == '\0' || text[2] == ':' || text[2] == ' ');
}

static bool is_claim(const struct xml_node *n)
{
    static const char *const aeo[] = {"AEO"};

    if (xml_is(n, "AEOMutualRecognitionParty"))
        return true;
    if (xml_is(n, "AuthorisationHolder"))
        return begins_with(xml_find_text(n, "CategoryCode"), aeo, 1) != NULL;
    if (xml_is(n, "AdditionalDocument"))
        return document_claims(n);
    return xml_is(n, "AdditionalInformation") && identifier_claims(n);
}

/** Part `which` of "OE:number:country", from 0; NULL if empty or absent. */
static const char *part_keep(struct gln_declaration *d, const char *text, int which, bool *failed)
{
    for (; which > 0 && text != NULL; which--) {
        text = strchr(text, ':');
        text = text != NULL ? text + 1 : NULL;
    }
    if (text == NULL || *text == ':' || *text == '\0')
        return NULL;
    return text_keep(d, str_ndup(text, strcspn(text, ":")), failed);
}

static bool has_number(const struct party *p)
{
    return p->id != NULL && p->id[0] != '\0';
}

/**
 * The number of an OE is the foreign supplier's own: it is the exporter's, who has none of his own in a Mexican declaration. One who has
 * one already, or a second OE, is a further party of the exporter's name; without an exporter it is nobody's.
 */
static int supplier_number(struct gln_declaration *d, const struct claim *c)
{
    struct party *p = NULL;

    for (size_t i = 0; i < d->party_count && (p == NULL || has_number(p)); i++)
        if (str_eq(d->parties[i].role, "EX") && (p == NULL || !has_number(&d->parties[i])))
            p = &d->parties[i];
    if (p != NULL && has_number(p)) {
        struct party further = {.role = "EX", .name = p->name, .tax = p->tax, .path = c->path};

        p = party_more(d);
        if (p == NULL)
            return context_no_memory(d->ctx);
        *p = further;
    }
    if (p != NULL) {
        p->kind = "AEO";
        p->id = c->number;
    }
    return GLN_OK;
}

/** IC:class, CI:class, OE:number:country, SO:class:RFC. */
static int identifier_read(struct gln_declaration *d, struct claim *c, const struct xml_node *n)
{
    const char *text = xml_find_text(n, "StatementDescription");
    bool failed = false, supplier;

    while (*text == ' ')
        text++;
    supplier = str_upper(text[0]) == 'O';
    c->code = part_keep(d, text, 0, &failed);
    if (supplier || str_upper(text[0]) == 'S')
        c->number = part_keep(d, text, supplier ? 1 : 2, &failed);
    if (failed)
        return context_no_memory(d->ctx);
    return supplier && c->number != NULL ? supplier_number(d, c) : GLN_OK;
}

/** One of the three carriers that are no party. */
static int claim_add(struct gln_declaration *d, const struct xml_node *n)
{
    struct claim *more = realloc(d->claims, (d->claim_count + 1) * sizeof *more), *c;
    bool failed = false;

    if (more == NULL)
        return context_no_memory(d->ctx);
    d->claims = more;
    c = &more[d->claim_count++];
    *c = (struct claim){.path = path_keep(d, n, &failed)};
    if (failed)
        return context_no_memory(d->ctx);
    if (xml_is(n, "AdditionalInformation")) {
        c->carrier = "MX.IDENT";
        return identifier_read(d, c, n);
    }
    c->number = xml_find_text(n, "ID");
    if (xml_is(n, "AuthorisationHolder")) {
        c->carrier = "AuthorisationHolder";
        c->code = xml_find_text(n, "CategoryCode");
    } else {
        const char *category = xml_find_text(n, "CategoryCode"), *type = xml_find_text(n, "TypeCode");
        struct buf both = BUF_INIT;

        buf_printf(&both, "%s%s", category != NULL ? category : "", type);
        c->carrier = "AdditionalDocument";
        c->code = text_keep(d, buf_take(&both, NULL), &failed);
    }
    return failed ? context_no_memory(d->ctx) : GLN_OK;
}

static int claims_read(struct gln_declaration *d, const struct xml_node *parent)
{
    int status = GLN_OK;

    for (const struct xml_node *c = xml_first(parent); status == GLN_OK && c != NULL; c = xml_next(c))
        if (is_claim(c)) {
            d->claimed = true;
            if (!xml_is(c, "AEOMutualRecognitionParty"))
                status = claim_add(d, c);
        }
    return status;
}

/** The parties that stand at a shipment or an item: makers, sellers, and those named for mutual recognition. */
static int children_read(struct gln_declaration *d, const struct xml_node *parent)
{
    int status = claims_read(d, parent);

    for (const struct xml_node *c = xml_first(parent); status == GLN_OK && c != NULL; c = xml_next(c)) {
        if (xml_is(c, "Manufacturer"))
            status = party_add(d, "MF", c);
        else if (xml_is(c, "Seller"))
            status = party_add(d, "SE", c);
        else if (xml_is(c, "AEOMutualRecognitionParty"))
            status = party_add(d, "ACTOR", c);
        else if (xml_is(c, "GovernmentAgencyGoodsItem"))
            status = children_read(d, c);
    }
    return status;
}

int flow_recognise(struct gln_declaration *d, struct gln_gateway *gw)
{
    const struct xml_node *declaration = xml_child(xml_root(d->pivot), "Declaration");
    const struct xml_node *shipment = xml_child(declaration, "GoodsShipment");
    int status = GLN_OK;

    (void)gw;
    for (size_t i = 0; status == GLN_OK && i < sizeof header_roles / sizeof header_roles[0]; i++) {
        const struct xml_node *n = xml_find(declaration, header_roles[i].path);

        if (n != NULL)
            status = party_add(d, header_roles[i].role, n);
    }
    if (status == GLN_OK)
        status = children_read(d, declaration);
    if (status == GLN_OK && shipment != NULL)
        status = children_read(d, shipment);
    return status;
}

void claims_strip(struct xml_node *parent)
{
    struct xml_node *next;

    for (struct xml_node *c = xml_first(parent); c != NULL; c = next) {
        next = xml_next(c);
        if (is_claim(c))
            xml_remove(c);
        else if (xml_is(c, "GoodsShipment") || xml_is(c, "GovernmentAgencyGoodsItem"))
            claims_strip(c);
    }
}

void parties_free(struct gln_declaration *d)
{
    for (size_t i = 0; i < d->text_count; i++)
        free(d->texts[i]);
    free(d->texts);
    free(d->parties);
    free(d->claims);
    d->texts = NULL;
    d->parties = NULL;
    d->claims = NULL;
    d->text_count = d->party_count = d->claim_count = 0;
}
