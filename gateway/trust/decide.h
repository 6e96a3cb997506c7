/** @file
 * Between lane.c (the decision), evidence.c (what one certificate is worth) and lane_text.c (words).
 */
#ifndef TRUST_DECIDE_H
#define TRUST_DECIDE_H

#include "trust/register.h"
#include "util/json.h"

/* X(CODE, alert, in the order a primary reason is chosen; facts of aeo section 10) */
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
    X(F06, REVIEW)

enum lane_reason {
#define LANE_REASON_ENUM(code, alert) REASON_##code,
    LANE_REASONS(LANE_REASON_ENUM)
#undef LANE_REASON_ENUM
        REASON_COUNT,
    REASON_NONE = REASON_COUNT
};
const char *lane_reason_code(enum lane_reason r);

/** One party against the register. */
struct match {
    const struct party *party;
    char value[64];                 /**< normalised identifier; "" if none */
    const char *kind;               /**< the kind it matched as */
    const struct operator_row *row; /**< NULL: not known */
    size_t row_index;
    enum lane_reason trouble; /**< B..: why the party does not count; REASON_NONE */
    bool normalised;          /**< B04 */
};

/** What one certificate is worth for a filing. */
struct worth {
    const struct certificate *certificate;
    const struct programme *programme;
    bool own;                /**< of the destination's own programme */
    enum lane_reason reason; /**< REASON_P01, REASON_P02, or why not; REASON_NONE: says nothing here */
    const struct arrangement *arrangement; /**< the row used or found wanting; NULL */
    enum status status;                    /**< at T, as known */
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

/** Everything lane_decide() read of the declaration, as the member "facts" (facts.c). */
void facts_write(struct json_out *j, const struct lane_facts *f);

/** The register a file of cases carries with it (cases_register.c); the texts of errors name the row. */
int cases_register(struct operators **out, struct gln_context *ctx, const struct json_in *root);
/** A member that is a text; "" if it is none. */
const char *case_text(const struct json_in *o, const char *key);

#endif
