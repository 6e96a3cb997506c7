/*
 * What may be said outbound about certified operators, from the register alone and whatever the lane: for the US the checked importer
 * number, MID and SCAC, which are fields it has anyway, for it has none that claims a status; for Mexico the identifiers IC, OE, SO and CI
 * of record 507 with their complements (Annex 22, appendix 8). CI comes from its own certificate only.
 *
 * Which identifier claims which programme stands in the programmes that ship; a supplier under an arrangement is always an OE.
 *
 * It is a record for whoever writes the entry or the pedimento: none of today's messages has a place for a claim.
 * Owns nothing. A complement the register cannot know is left out and named as lacking, never made up.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"
#include "xml/transform.h"

void emit_identifier(struct emission *e, const struct match *m)
{
    static const struct {
        const char *kind, *field;
    } fields[] = {{"EI", "IOR"},  {"34", "IOR"},    {"ANI", "IOR"},
                  {"IOR", "IOR"}, {"SCAC", "SCAC"}, {"MID", "MID"}};
    if (!str_eq(e->facts->destination, "US"))
        return;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!str_eq(fields[i].kind, m->kind))
            continue;
        json_open_object(&e->json, NULL);
        json_str(&e->json, "field", fields[i].field);
        json_str(&e->json, "kind", m->kind);
        /* a social security number is nobody's to read twice */
        json_str(&e->json, "value", str_eq(m->kind, PERSON_KIND) ? "***" : m->value);
        operator_write(&e->json, m->row);
        json_end_object(&e->json);
    }
}

/* The country as appendix 4 codes it; NULL if it has none for it. */
static const char *country_code(const struct emission *e, const char *country)
{
    const struct xml_codes *codes = e->facts->codes;
    const char *m3 = NULL;
    if (codes != NULL && country != NULL) {
        m3 = xml_codes_attr(codes, "iso-3166-1", country, "saai");
        if (m3 == NULL)
            m3 = xml_codes_attr(codes, "iso-3166-1", country, "alpha3");
    }
    return m3 != NULL && e->facts->fiii ? xml_codes_attr(codes, "mx-country", m3, "fiii") : m3;
}

struct line {
    const char *key, *complements[3];
    const char *lacks; /* a complement that is wanted and not known */
};

static void put_line(struct emission *e, const struct line *l, const struct match *m, const struct worth *w)
{
    static const char *const names[] = {"complement1", "complement2", "complement3"};
    json_open_object(&e->json, NULL);
    json_str(&e->json, "field", "507");
    json_str(&e->json, "key", l->key);
    for (size_t i = 0; i < 3; i++)
        if (l->complements[i] != NULL)
            json_str(&e->json, names[i], l->complements[i]);
    if (l->lacks != NULL)
        json_str(&e->json, "lacks", l->lacks);
    operator_write(&e->json, m->row);
    json_str(&e->json, "programme", w->programme->code);
    json_str(&e->json, "class", w->certificate->class_code);
    json_end_object(&e->json);
}

/* A foreign supplier under an arrangement: its AEO number, its country. */
static void supplier(struct emission *e, const struct match *m, const struct worth *w)
{
    struct line l = {.key = "OE"};
    bool own_number = str_eq(m->kind, "AEO") && strlen(m->value) <= 20;
    l.complements[0] = own_number ? m->value : w->certificate->number;
    l.complements[1] = country_code(e, w->programme->country);
    l.lacks = l.complements[0] == NULL ? "complement1" : l.complements[1] == NULL ? "complement2" : NULL;
    put_line(e, &l, m, w);
}

/* A certified partner: its class, its RFC unless it is the broker; parks and railways have a number we do not hold. */
static void partner(struct emission *e, const struct match *m, const struct worth *w)
{
    const char *class_code = w->certificate->class_code;
    struct line l = {.key = w->programme->claim, .complements = {class_code}};
    if (!str_eq(class_code, "AA"))
        l.complements[1] = str_eq(m->kind, "RFC") ? m->value : m->row->tax;
    if (!str_eq(class_code, "AA") && l.complements[1] == NULL)
        l.lacks = "complement2";
    else if (str_eq(class_code, "PI") || str_eq(class_code, "TF"))
        l.lacks = "complement3";
    put_line(e, &l, m, w);
}

static void by_class(struct emission *e, const struct match *m, const struct worth *w)
{
    const struct line l = {.key = w->programme->claim, .complements = {w->certificate->class_code}};
    put_line(e, &l, m, w);
}

void emit_certificate(struct emission *e, const struct match *m, const struct worth *w)
{
    bool importer = str_eq(m->party->role, "IM");
    if (!w->sound || !str_eq(e->facts->destination, "MX"))
        return;
    if (w->reason == REASON_P02)
        supplier(e, m, w);
    else if (w->programme->claim == NULL || importer == w->programme->claim_of_partner)
        return;
    else if (w->programme->claim_of_partner)
        partner(e, m, w);
    else if (!w->own || w->reason == REASON_P01)
        by_class(e, m, w);
}
