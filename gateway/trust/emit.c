/*
 * What may be said outbound about certified operators, from the register alone and whatever the lane: for the US the checked importer
 * number, MID and SCAC, which are fields it has anyway, for it has none that claims a status; for Mexico the identifiers IC, OE, SO and CI
 * of record 507 with their complements (Annex 22, appendix 8). CI comes from its own certificate only.
 *
 * Which identifier claims which programme, whose line it is, which one a supplier under an arrangement has, and what stands in their
 * complements: all of that is data of the programmes that ship (schemas/greenlane/programmes.xml).
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

/* A claim of a certificate: what it is written as, and what stands behind its complements. */
struct claiming {
    const struct match *m;
    const struct worth *w;
    const char *key, *complements; /* " class rfc " */
};

static bool word_is(const char *word, size_t n, const char *what)
{
    return strlen(what) == n && memcmp(word, what, n) == 0;
}

/* What a complement holds; NULL: the register does not know it. */
static const char *complement(const struct emission *e, const struct claiming *c, const char *word, size_t n)
{
    const struct match *m = c->m;
    if (word_is(word, n, "class"))
        return c->w->certificate->class_code;
    if (word_is(word, n, "rfc"))
        return str_eq(m->kind, "RFC") ? m->value : m->row->tax;
    if (word_is(word, n, "aeo"))
        return str_eq(m->kind, "AEO") ? m->value : c->w->certificate->number;
    return word_is(word, n, "country") ? country_code(e, c->w->programme->country) : NULL;
}

static void put_claim(struct emission *e, const struct claiming *c)
{
    static const char *const names[] = {"complement1", "complement2", "complement3"};
    const char *word = c->complements, *lacks = NULL;
    json_open_object(&e->json, NULL);
    json_str(&e->json, "field", "507");
    json_str(&e->json, "key", c->key);
    for (size_t i = 0; i < 3 && *(word += strspn(word, " ")) != '\0'; i++) {
        size_t n = strcspn(word, " ");
        const char *value = complement(e, c, word, n);
        if (value != NULL)
            json_str(&e->json, names[i], value);
        else if (lacks == NULL)
            lacks = names[i];
        word += n;
    }
    if (lacks != NULL)
        json_str(&e->json, "lacks", lacks);
    operator_write(&e->json, c->m->row);
    json_str(&e->json, "programme", c->w->programme->code);
    json_str(&e->json, "class", c->w->certificate->class_code);
    json_end_object(&e->json);
}

/* A foreign supplier under an arrangement. */
static void supplier(struct emission *e, const struct match *m, const struct worth *w)
{
    for (size_t i = 0; i < e->operators->supplier_claims.count; i++) {
        const struct supplier_claim *s = &e->operators->supplier_claims.items[i];
        if (str_eq(s->destination, e->facts->destination))
            put_claim(e, &(struct claiming){m, w, s->key, s->complements});
    }
}

/* The complements of a certificate's claim: of its class, else of its programme. */
static const char *shape(const struct emission *e, const struct worth *w)
{
    const char *general = "";
    for (size_t i = 0; i < e->operators->shapes.count; i++) {
        const struct claim_shape *s = &e->operators->shapes.items[i];
        if (!str_eq(s->programme, w->programme->code))
            continue;
        if (s->class_code == NULL)
            general = s->complements;
        else if (str_eq(s->class_code, w->certificate->class_code))
            return s->complements;
    }
    return general;
}

void emit_certificate(struct emission *e, const struct match *m, const struct worth *w)
{
    const struct programme *p = w->programme;
    bool importer = str_eq(m->party->role, "IM");
    if (!w->sound)
        return;
    if (w->reason == REASON_P02) {
        supplier(e, m, w);
        return;
    }
    if (p->claim == NULL || importer == p->claim_of_partner || !str_eq(p->country, e->facts->destination))
        return;
    if (p->claim_of_partner || !w->own || w->reason == REASON_P01)
        put_claim(e, &(struct claiming){m, w, p->claim, shape(e, w)});
}
