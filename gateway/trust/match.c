/*
 * Step 4 of the decision: one party against the register. Well-formed, of a usable kind, exactly one match, and the name and tax id
 * those of the match.
 *
 * Owns nothing. Which kinds an arrangement accepts is asked later (evidence.c); here a kind is usable when the register can hold it.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

static const char actor_roles[] = " CS FW MF WH "; /* CL704 */
static const char *const importer_kinds[] = {"EI", "34", "ANI", "IOR", NULL};
static const char *const partner_kinds[] = {"AEO", "EORI", "MID", "RFC", "SCAC", "CAAT", "TIN", NULL};

bool role_is_partner(const char *role)
{
    static const char *const partners[] = {"EX", "MF", "FW", "CS", "WH"};
    for (size_t i = 0; i < sizeof partners / sizeof partners[0]; i++)
        if (str_eq(role, partners[i]))
            return true;
    return false;
}

const char *match_role(const struct match *m)
{
    return str_eq(m->party->role, "ACTOR") && m->party->code != NULL ? m->party->code : m->party->role;
}

static enum lane_reason actor_trouble(const struct operators *o, const struct party *p)
{
    if (!str_eq(p->role, "ACTOR"))
        return REASON_NONE;
    if (p->id == NULL || p->id[0] == '\0' || p->code == NULL || p->code[0] == '\0')
        return REASON_B01;
    return register_lists(o->role_codes != NULL ? o->role_codes : actor_roles, p->code) ? REASON_NONE
                                                                                        : REASON_B10;
}

/* All operators behind one kind and value; more than one different operator is ambiguous. */
static void look(struct match *m, const struct operators *o, const char *kind, size_t *found)
{
    size_t count;
    const struct identifier *id = register_find(o, kind, m->value, &count);
    for (size_t i = 0; i < count; i++) {
        if (*found > 0 && id[i].operator_index == m->row_index && strcmp(m->kind, kind) == 0)
            continue;
        (*found)++;
        m->row_index = id[i].operator_index;
        m->row = &o->rows.items[m->row_index];
        m->kind = kind;
    }
}

static enum lane_reason find(struct match *m, const struct operators *o, const char *kind, const char *id)
{
    size_t found = 0;
    if (!identifier_normalise(m->value, sizeof m->value, kind, id, &m->normalised))
        return REASON_B02;
    look(m, o, kind, &found);
    return found == 0 ? REASON_B03 : found > 1 ? REASON_B05 : REASON_NONE;
}

/*
 * A number without a kind: an importer's is of the importer's family, anybody else's of the other kinds. Two kinds that fit are two
 * matches.
 */
static enum lane_reason find_untyped(struct match *m, const struct operators *o, const struct party *p)
{
    const char *const *kinds = str_eq(p->role, "IM") ? importer_kinds : partner_kinds;
    bool formed = false;
    size_t found = 0;
    for (size_t i = 0; kinds[i] != NULL; i++) {
        struct match at = *m;
        if (!identifier_normalise(at.value, sizeof at.value, kinds[i], p->id, &at.normalised))
            continue;
        formed = true;
        look(&at, o, kinds[i], &found);
        if (at.row != NULL || found == 0)
            *m = at;
    }
    if (!formed)
        return REASON_B02;
    return found == 0 ? REASON_B03 : found > 1 ? REASON_B05 : REASON_NONE;
}

/* Name and tax id against the register's. */
static enum name_match compare(const struct match *m)
{
    const struct party *p = m->party;
    if (p->tax != NULL && p->tax[0] != '\0' && m->row->tax != NULL && !name_equal(p->tax, m->row->tax))
        return NAME_OTHER;
    return p->name != NULL && p->name[0] != '\0' ? name_compare(p->name, m->row->name) : NAME_SAME;
}

static void compare_all(struct match *m)
{
    const struct party *p = m->party;
    enum name_match name = m->row != NULL && m->trouble == REASON_NONE ? compare(m) : NAME_SAME;
    if (name != NAME_SAME)
        m->trouble = REASON_B07;
    m->near = name == NAME_NEAR;
    /* a code of a given name and address that they do not make is a person's to look at, known or not */
    if (str_eq(m->kind, "MID") && m->trouble != REASON_B02)
        (void)mid_differs(m->computed, m->value, p->name, p->line, p->city);
}

void match_party(struct match *m, const struct operators *o, const struct party *p)
{
    *m = (struct match){.party = p, .kind = p->kind, .trouble = actor_trouble(o, p)};
    if (m->trouble != REASON_NONE || p->id == NULL || p->id[0] == '\0')
        return;
    if (p->kind == NULL || p->kind[0] == '\0')
        m->trouble = find_untyped(m, o, p);
    else if (identifier_kind(p->kind) == NULL)
        m->trouble = REASON_B06;
    else
        m->trouble = find(m, o, p->kind, p->id);
    compare_all(m);
    if (m->trouble == REASON_B03 || m->trouble == REASON_B05)
        m->row = NULL;
}

/* ---- sellers ---- */

static bool said(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* -1: the two numbers cannot be compared. */
static int numbers_equal(const struct party *a, const struct party *b)
{
    char x[64], y[64];
    bool changed, formed;
    const char *kind = said(a->kind) ? a->kind : b->kind;
    if (!said(a->id) || !said(b->id) || (said(a->kind) && said(b->kind) && !str_eq(a->kind, b->kind)))
        return -1;
    formed = identifier_normalise(x, sizeof x, kind, a->id, &changed);
    formed = identifier_normalise(y, sizeof y, kind, b->id, &changed) && formed;
    return formed ? str_eq(x, y) : str_eq(a->id, b->id);
}

bool lane_other_seller(const struct party *parties, size_t count, const struct party *seller)
{
    for (size_t i = 0; i < count; i++) {
        const struct party *p = &parties[i];
        const struct match m = {.party = p};
        int same = numbers_equal(p, seller);
        if (role_is_partner(match_role(&m)) &&
            (same > 0 || (same < 0 && said(p->name) && said(seller->name) &&
                          name_compare(seller->name, p->name) == NAME_SAME)))
            return false;
    }
    return true;
}
