/** @file
 * Between lane.c (the decision), evidence.c (what one certificate is worth) and lane_text.c (words).
 */
#ifndef TRUST_DECIDE_H
#define TRUST_DECIDE_H

#include "trust/register.h"
#include "util/json.h"

/* X(CODE, alert, in the order a primary reason is chosen; facts of aeo section 10). G.. are Greenlane's own and only notes. */
#define LANE_REASONS(X)                                                                                      \
    X(A02, SECURITY)                                                                                         \
    X(A03, SECURITY)                                                                                         \
    X(A04, REVIEW)                                                                                           \
    X(B07, SECURITY)                                                                                         \
    X(B05, REVIEW)                                                                                           \
    X(B10, NONE)                                                                                             \
    X(B02, NONE)                                                                                             \
    X(B01, NONE)                                                                                             \
    X(B06, NONE)                                                                                             \
    X(B03, NONE)                                                                                             \
    X(C04, NONE)                                                                                             \
    X(C03, NONE)                                                                                             \
    X(C02, NONE)                                                                                             \
    X(C01, NONE)                                                                                             \
    X(C05, NONE)                                                                                             \
    X(C07, NONE)                                                                                             \
    X(F05, REVIEW)                                                                                           \
    X(F01, REVIEW)                                                                                           \
    X(D03, NONE)                                                                                             \
    X(D02, NONE)                                                                                             \
    X(D09, NONE)                                                                                             \
    X(D01, NONE)                                                                                             \
    X(D04, NONE)                                                                                             \
    X(D08, NONE)                                                                                             \
    X(E07, NONE)                                                                                             \
    X(E03, NONE)                                                                                             \
    X(E01, NONE)                                                                                             \
    X(E08, NONE)                                                                                             \
    X(F02, REVIEW)                                                                                           \
    X(P01, NONE)                                                                                             \
    X(P02, NONE)                                                                                             \
    X(P03, NONE)                                                                                             \
    X(A01, NONE)                                                                                             \
    X(B04, NONE)                                                                                             \
    X(E02, NONE)                                                                                             \
    X(F06, REVIEW)                                                                                           \
    X(G01, REVIEW)                                                                                           \
    X(G02, REVIEW)

enum lane_reason {
#define LANE_REASON_ENUM(code, alert) REASON_##code,
    LANE_REASONS(LANE_REASON_ENUM)
#undef LANE_REASON_ENUM
        REASON_COUNT,
    REASON_NONE = REASON_COUNT
};
const char *lane_reason_code(enum lane_reason r);

enum { MID_SIZE = 14 }; /**< 6 of the name, 4 of the address, 3 of the city */
/** One party against the register. */
struct match {
    const struct party *party;
    char value[64];                 /**< normalised identifier; "" if none */
    const char *kind;               /**< the kind it matched as */
    const struct operator_row *row; /**< NULL: not known */
    size_t row_index;
    enum lane_reason trouble; /**< B..: why the party does not count; REASON_NONE */
    bool normalised;          /**< B04 */
    bool covered;             /**< it grants P02 */
    bool link;                /**< in the FAST chain it is certified */
    bool near;                /**< B07, and the name is so near that a person should look */
    char computed[MID_SIZE];  /**< the MID its name and address make, if another than given; "" */
};

/** What one certificate is worth for a filing. */
struct worth {
    const struct certificate *certificate;
    const struct programme *programme;
    bool own;                /**< of the destination's own programme */
    enum lane_reason reason; /**< REASON_P01, REASON_P02, or why not; REASON_NONE: says nothing here */
    const struct arrangement *arrangement; /**< the row used or found wanting; NULL */
    enum status status;                    /**< at T, as known */
    bool sound; /**< of this environment, from a list of the right age, certified and valid at T */
    day_number
        until; /**< last day it can count without anything new: of itself, its list, the arrangement; 0: open */
};
/** Steps 6 to 11 for one certificate of a matched party. */
struct worth certificate_worth(const struct operators *o, const struct lane_facts *f, const struct match *m,
                               const struct certificate *c);
/** SUSPENDED or REVOKED at T as known: REASON_C03, REASON_C04; else REASON_NONE. */
enum lane_reason certificate_negative(const struct operators *o, const struct lane_facts *f,
                                      const struct certificate *c);
bool role_is_partner(const char *role); /**< EX, MF, FW, CS, WH */
/** The role a party counts as: an ACTOR's is its role code. */
const char *match_role(const struct match *m);
void match_party(struct match *m, const struct operators *o, const struct party *p);
/** Whether every maker, exporter and seller is an operator whose certificate counts under an arrangement, and there is one. */
bool goods_covered(const struct operators *o, const struct match *matches, size_t count);
/** The roles that claims name whose code says whom they are about, one bit each of CLAIMED_... (claims.c). */
enum { CLAIMED_IM = 1, CLAIMED_EX = 2, CLAIMED_CA = 4, CLAIMED_AG = 8, CLAIMED_ALL = 16 };
unsigned claims_roles(const struct lane_facts *f);
/** The id of an operator, without the number of a person that may be in it. */
void operator_write(struct json_out *j, const struct operator_row *row);

/** What may be said outbound, gathered while the certificates are judged (emit.c). */
struct emission {
    struct json_out json;
    const struct operators *operators;
    const struct lane_facts *facts;
};
/** The identifiers of a party the register knows: for the US importer number, MID and SCAC. */
void emit_identifier(struct emission *e, const struct match *m);
/** What a certificate gives: the identifiers that claim it, as the programmes that ship say. */
void emit_certificate(struct emission *e, const struct match *m, const struct worth *w);
/** The claims against the register (claims.c), as JSON; notes what they are reason for. `matches`: of the parties. */
void claims_judge(struct json_out *j, const struct operators *o, const struct lane_facts *f,
                  const struct match *matches, size_t count, bool has[REASON_COUNT]);
/** The numbers with B03 or B07 into the decision (watch.c); false without memory. */
bool doubts_gather(struct lane_decision *d, const struct match *matches, size_t count);
/** A number of any kind the register holds: its operator, SIZE_MAX if none. */
size_t operator_by_number(const struct operators *o, const char *number);

/** Name of a party against the register's (name.c). */
enum name_match { NAME_SAME, NAME_NEAR, NAME_OTHER };
enum name_match name_compare(const char *a, const char *b);

/** A MID without its country, from name, address line and city (mid.c); false: the name makes none. */
bool mid_compute(char out[MID_SIZE], const char *name, const char *address, const char *city);
/** Whether a MID, normalised, is not the one these make, which is `computed` then and "" otherwise. False also when one of them is not known. */
bool mid_differs(char computed[MID_SIZE], const char *mid, const char *name, const char *address,
                 const char *city);

/** Everything lane_decide() read of the declaration, as the member "facts" (facts.c). */
void facts_write(struct json_out *j, const struct lane_facts *f);

/** The register a file of cases carries with it (cases_register.c); the texts of errors name the row. */
int cases_register(struct operators **out, struct gln_context *ctx, const struct json_in *root);
/** A member that is a text; "" if it is none. */
const char *case_text(const struct json_in *o, const char *key);

#endif
