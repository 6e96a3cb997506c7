/*
 * Recognise: which parties the declaration names, and whether it claims a trusted-trader status anywhere. Who they are is for
 * trust/ to say, by the register; a claim is only remembered (lane.c) and never sent on.
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

static int party_add(struct gln_declaration *d, const char *role, const struct xml_node *n)
{
    const struct xml_node *id = xml_child(n, "ID");
    struct buf path = BUF_INIT;
    struct party *more = realloc(d->parties, (d->party_count + 1) * sizeof *more);
    char **paths = realloc(d->party_paths, (d->party_count + 1) * sizeof *paths);

    if (more != NULL)
        d->parties = more;
    if (paths != NULL)
        d->party_paths = paths;
    xml_path(&path, n);
    if (more == NULL || paths == NULL || path.failed) {
        buf_free(&path);
        return context_no_memory(d->ctx);
    }
    paths[d->party_count] = buf_take(&path, NULL);
    d->party_count++;
    more[d->party_count - 1] = (struct party){
        .role = role,
        .kind = id != NULL ? xml_attr(id, "schemeID") : NULL,
        .id = id != NULL ? xml_text(id) : NULL,
        .name = xml_find_text(n, "Name"),
        .code = xml_find_text(n, "RoleCode"),
        .path = paths[d->party_count - 1],
    };
    return GLN_OK;
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

static bool is_claim(const struct xml_node *n)
{
    static const char *const mexican[] = {"IC", "OE", "SO", "CI"};
    const char *text;

    if (xml_is(n, "AEOMutualRecognitionParty"))
        return true;
    if (xml_is(n, "AuthorisationHolder")) {
        text = xml_find_text(n, "CategoryCode");
        return text != NULL && str_starts(text, "AEO");
    }
    if (xml_is(n, "AdditionalDocument"))
        return document_claims(n);
    if (!xml_is(n, "AdditionalInformation") || !str_eq(xml_find_text(n, "StatementCode"), "MX.IDENT"))
        return false;
    text = xml_find_text(n, "StatementDescription");
    for (size_t i = 0; text != NULL && i < sizeof mexican / sizeof mexican[0]; i++)
        if (strncmp(text, mexican[i], 2) == 0 && (text[2] == '\0' || text[2] == ':'))
            return true;
    return false;
}

static bool claims_in(const struct xml_node *parent)
{
    for (const struct xml_node *c = xml_first(parent); c != NULL; c = xml_next(c))
        if (is_claim(c))
            return true;
    return false;
}

/** The parties that stand at a shipment or an item: makers, and those named for mutual recognition. */
static int children_read(struct gln_declaration *d, const struct xml_node *parent)
{
    int status = GLN_OK;

    d->claimed = d->claimed || claims_in(parent);
    for (const struct xml_node *c = xml_first(parent); status == GLN_OK && c != NULL; c = xml_next(c)) {
        if (xml_is(c, "Manufacturer"))
            status = party_add(d, "MF", c);
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
    for (size_t i = 0; i < d->party_count; i++)
        free(d->party_paths[i]);
    free(d->party_paths);
    free(d->parties);
    d->parties = NULL;
    d->party_paths = NULL;
    d->party_count = 0;
}
