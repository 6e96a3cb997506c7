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
const char *const importer_kinds[] = {"EI", PERSON_KIND, "ANI", UNTYPED_KIND, NULL};
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

/* All operators behind one kind and value; more than one different operator is ambiguous, and so is a number of several names. */
static void look(struct match *m, const struct operators *o, const char *kind, size_t *found)
{
    size_t count;
    const struct identifier *id = register_find(o, kind, m->value, &count);
    for (size_t i = 0; i < count; i++) {
        if (*found > 0 && id[i].operator_index == m->row_index && strcmp(m->kind, kind) == 0)
            continue;
        *found += id[i].ambiguous ? 2 : 1;
        m->row_index = id[i].operator_index;
        m->row = &o->rows.items[m->row_index];
        m->kind = kind;
    }
}

static bool is_importer_kind(const char *kind)
{
    for (size_t i = 0; importer_kinds[i] != NULL; i++)
        if (str_eq(importer_kinds[i], kind))
            return true;
    return false;
}

/* Whether another operator has the same digits in the register without a kind: whose they are nobody can say. */
static bool untyped_other(const struct match *m, const struct operators *o, const char *kind)
{
    size_t count = 0;
    const struct identifier *id =
        is_importer_kind(kind) ? register_find(o, UNTYPED_KIND, m->value, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        if (m->row == NULL || id[i].operator_index != m->row_index)
            return true;
    return false;
}

static enum lane_reason find(struct match *m, const struct operators *o, const char *kind, const char *id)
{
    size_t found = 0;
    if (!identifier_normalise(m->value, sizeof m->value, kind, id, &m->normalised))
        return REASON_B02;
    look(m, o, kind, &found);
    if (untyped_other(m, o, kind))
        return REASON_B05;
    return found == 0 ? REASON_B03 : found > 1 ? REASON_B05 : REASON_NONE;
}

/*
 * A number without a kind: an importer's is of the importer's family, anybody else's of the other kinds. Two kinds that fit are two
 * matches.
 */
static enum lane_reason find_untyped(struct match *m, const struct operators *o, const struct party *p)
{
    bool importer = str_eq(p->role, "IM") || str_eq(p->kind, UNTYPED_KIND);
    const char *const *kinds = importer ? importer_kinds : partner_kinds;
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
    if (p->kind == NULL || p->kind[0] == '\0' || str_eq(p->kind, UNTYPED_KIND))
        m->trouble = find_untyped(m, o, p);
    else if (identifier_kind(p->kind) == NULL)
        m->trouble = REASON_B06;
    else
        m->trouble = find(m, o, p->kind, p->id);
    compare_all(m);
    if (m->trouble == REASON_B03 || m->trouble == REASON_B05)
        m->row = NULL;
}

/* ---- whose goods they are ---- */

/* Of how many different operators a party without a number of its own is told by its name; more are not told apart, in any order. */
enum { MANY_OPERATORS = 64 };
struct counting {
    size_t rows[MANY_OPERATORS];
    size_t count;
    bool many;
};

static bool said(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool counts(const struct counting *c, size_t row_index)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i] == row_index)
            return true;
    return false;
}

/* Whose goods they are: makers, exporters, sellers. */
static bool has_goods(const struct match *m)
{
    const char *role = match_role(m);
    return str_eq(role, "MF") || str_eq(role, "EX") || str_eq(role, "SE");
}

/* By its number, if it has one of a kind the register holds; by its name otherwise. */
static bool is_counted(const struct match *m, const struct operators *o, const struct counting *c)
{
    const struct party *p = m->party;
    if (m->covered || (m->row != NULL && m->trouble == REASON_NONE))
        return m->covered || counts(c, m->row_index);
    if ((said(p->id) && m->trouble != REASON_B06) || !said(p->name) || c->many)
        return false;
    for (size_t i = 0; i < c->count; i++) {
        const struct match as = {.party = p, .row = &o->rows.items[c->rows[i]]};
        if (compare(&as) == NAME_SAME)
            return true;
    }
    return false;
}

bool goods_covered(const struct operators *o, const struct match *matches, size_t count)
{
    struct counting c = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        if (!matches[i].covered || !has_goods(&matches[i]) || counts(&c, matches[i].row_index))
            continue;
        c.many = c.many || c.count == MANY_OPERATORS;
        if (!c.many)
            c.rows[c.count++] = matches[i].row_index;
    }
    for (size_t i = 0; i < count; i++)
        if (has_goods(&matches[i]) && !is_counted(&matches[i], o, &c))
            return false;
    return c.count > 0;
}
