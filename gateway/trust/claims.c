/*
 * What a message says of certified operators, against the register: each claim that names a number is looked up by it. A number nobody has
 * is a forgery until somebody explains it (A02); a number of an operator who is no party of the declaration is a person's to look at
 * (G02). A claim never grants anything.
 *
 * Owns nothing; a pure function of register and facts.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

size_t operator_by_number(const struct operators *o, const char *number)
{
    static const char *const kinds[] = {"AEO",  "EORI", "TIN", "MID", "RFC", "SCAC",
                                        "CAAT", "EI",   "34",  "ANI", "IOR"};
    char value[64];
    bool changed;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t count = 0;
        if (!identifier_normalise(value, sizeof value, kinds[i], number, &changed))
            continue;
        const struct identifier *id = register_find(o, kinds[i], value, &count);
        if (count > 0)
            return id->operator_index;
    }
    /* the number of a certificate itself */
    for (size_t i = 0; i < o->certificates.count; i++)
        if (o->certificates.items[i].number != NULL && name_equal(o->certificates.items[i].number, number))
            return o->certificates.items[i].operator_index;
    return SIZE_MAX;
}

/*
 * A claim that names a number is looked up by it; one without says by its code whom it means, or nobody. A tag of which no more is known
 * than that it was there means everybody.
 */
unsigned claims_roles(const struct lane_facts *f)
{
    static const struct {
        const char *code;
        unsigned role;
    } about[] = {{"IC", CLAIMED_IM},   {"CI", CLAIMED_IM},   {"OE", CLAIMED_EX},
                 {"Y022", CLAIMED_EX}, {"Y025", CLAIMED_AG}, {"Y028", CLAIMED_CA}};
    bool bare = f->claimed && f->claim_count == 0;
    unsigned roles = 0;
    for (size_t i = 0; bare && i < f->party_count; i++)
        bare = !str_eq(f->parties[i].role, "ACTOR");
    for (size_t i = 0; i < f->claim_count; i++)
        for (size_t k = 0; k < sizeof about / sizeof about[0]; k++)
            if (f->claims[i].number == NULL && f->claims[i].code != NULL &&
                name_equal(f->claims[i].code, about[k].code))
                roles |= about[k].role;
    return bare ? CLAIMED_ALL : roles;
}

static bool is_party(const struct match *matches, size_t count, size_t operator_index)
{
    for (size_t i = 0; i < count; i++)
        if (matches[i].row != NULL && matches[i].row_index == operator_index)
            return true;
    return false;
}

void claims_judge(struct json_out *j, const struct operators *o, const struct lane_facts *f,
                  const struct match *matches, size_t count, bool has[REASON_COUNT])
{
    for (size_t i = 0; i < f->claim_count; i++) {
        const struct claim *c = &f->claims[i];
        bool named = c->number != NULL && c->number[0] != '\0';
        size_t who = named ? operator_by_number(o, c->number) : SIZE_MAX;
        const char *reason = NULL;
        if (named && who == SIZE_MAX) {
            has[REASON_A02] = true;
            reason = lane_reason_code(REASON_A02);
        } else if (named && !is_party(matches, count, who)) {
            has[REASON_G02] = true;
            reason = lane_reason_code(REASON_G02);
        }
        json_open_object(j, NULL);
        json_str(j, "carrier", c->carrier);
        json_str(j, "code", c->code);
        json_str(j, "number", c->number);
        json_str(j, "path", c->path);
        operator_write(j, who == SIZE_MAX ? NULL : &o->rows.items[who]);
        json_str(j, "name", who == SIZE_MAX ? NULL : o->rows.items[who].name);
        json_str(j, "reason", reason);
        json_end_object(j);
    }
}
