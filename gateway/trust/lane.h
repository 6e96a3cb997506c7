/** @file
 * Operators and the lane decision, first version: an operators file (XML, schemas/greenlane/operators.xsd) with programmes, validity
 * and status; parties matched by kind and number; the inbound claim is never trusted by itself. Reason codes: docs/lanes.md.
 */
#ifndef TRUST_LANE_H
#define TRUST_LANE_H

#include "core/context.h"
#include "core/filing.h"
#include "util/buf.h"

/** Version of the rules below; kept with every decision. A change of what any facts decide gets another. */
#define LANE_RULESET "greenlane-lane:3"

struct xml_codes;
struct operators; /**< the operators file, read-only, shared */
int operators_load(struct operators **out, struct gln_context *ctx, const void *xml_bytes, size_t len,
                   const char *name);
void operators_free(struct operators *o);
size_t operators_count(const struct operators *o);

struct party {
    const char *role; /**< IM, EX, MF, SE, CA, AG, ACTOR */
    const char *kind; /**< schemeID as given: EI, 34, ANI, MID, RFC, SCAC, TAXID, ...; NULL if untyped */
    const char *id;   /**< as given; NULL if none */
    const char *name; /**< NULL if none */
    const char *path; /**< xpath in the sender's document */
    const char *code; /**< RoleCode of an ACTOR; NULL if none */
    const char *tax;  /**< tax id given beside the identifier; NULL if none */
    const char *line, *city; /**< of the address, for a maker's code; NULL if none */
};
/** What a message says of somebody's status. It grants nothing; it is looked up, compared and told. */
struct claim {
    const char *carrier; /**< AuthorisationHolder, AdditionalDocument, MX.IDENT */
    const char *code;    /**< AEOF, Y022, OE, ... */
    const char *number;  /**< the number it names; NULL: none */
    const char *path;    /**< xpath in the sender's document */
};
struct lane_facts {
    const char *destination; /**< "US", "MX": the bundle's country */
    const char *zone;        /**< destination's IANA zone */
    const char *environment; /**< TEST, PROD */
    const char *submitter;   /**< NULL: the local operator */
    bool claimed;            /**< the inbound message carried any trusted-trader claim */
    int64_t at_ms;           /**< T */
    int64_t known_ms;        /**< what was learned by then counts; 0: at_ms */
    bool other_sellers;      /**< further sellers, of whom nothing else is said, that are not covered */
    bool fast, driver, seal; /**< FAST asked; driver card and seal on record */
    bool southern;           /**< the goods come from Mexico into the US */
    bool
        own_maker; /**< option fast-maker: on that border the maker by the destination's own programme, elsewhere none */
    const struct party *parties;
    size_t party_count;
    const struct claim *claims;
    size_t claim_count;
    /** Not kept; to be set anew by who decides again (flow: facts_settings()). For the country codes of emitted claims; NULL: none */
    const struct xml_codes *codes;
    bool fiii;                /**< option oe-country: the older of Mexico's two country codes */
    struct zones_kept *zones; /**< set by lane_decide() for the time it takes: its context's */
};
enum lane_alert { ALERT_NONE, ALERT_REVIEW, ALERT_SECURITY };
struct lane_decision {
    enum lane lane;
    char primary[8];     /**< P01, C03, ... */
    char reasons[48][8]; /**< all, in order found, without doubles */
    size_t reason_count;
    bool fast; /**< the whole FAST chain is there: our queue's word, never a field */
    enum lane_alert alert;
    char *
        evidence; /**< owned JSON array: per party what matched (operator, programme, class, validity, status, list date) */
    char *claims; /**< owned JSON array: each claim, and what the register says to it */
    char *
        emitted; /**< owned JSON array: what may be said outbound, from the register only and whatever the lane */
    char (*doubts)
        [80]; /**< owned array of KIND:NUMBER, sorted, each once: what is not in the register or is another's */
    size_t doubt_count;
    bool importer_unbound; /**< A03: the setting unbound-importer decides hold or file */
};
void lane_decision_free(struct lane_decision *d);
const char *lane_verdict(const struct lane_decision *d); /**< EXPEDITED, STANDARD */
const char *lane_alert_name(enum lane_alert alert);      /**< NONE, REVIEW, SECURITY */
/** Never fails on content; `ops` NULL: the register is down (F02). */
int lane_decide(struct lane_decision *out, struct gln_context *ctx, const struct operators *ops,
                const struct lane_facts *facts);
/** The decision as JSON (kept in the ledger), with the facts it was made from, and as text for people in one language. */
void lane_json(struct buf *out, const struct lane_decision *d, const struct lane_facts *facts);
/**
 * The facts of a kept decision, to decide again with another register or for what was known at another time (known_ms). Owned,
 * with all its texts. GLN_E_NOT_FOUND: a decision of before facts were kept; GLN_E_STORE: not a decision.
 */
int lane_facts_read(struct lane_facts **out, struct gln_context *ctx, const char *decision_json, size_t len);
void lane_facts_free(struct lane_facts *f);
/** A kept decision for people to read: without the numbers of persons, which its facts hold. */
int lane_shown(struct buf *out, struct gln_context *ctx, const char *decision_json, size_t len);
/** What a receipt about an expedited lane says: whose certificates it stands on, until when; a JSON object (lane_receipt.c). */
int lane_receipt(struct buf *out, struct gln_context *ctx, const struct lane_decision *d,
                 const struct lane_facts *facts);
/**
 * Decides a kept decision again: `text` says, in one language, whether the answer is the same or what was granted or refused wrongly;
 * `decision` becomes the new decision as JSON. GLN_E_NOT_FOUND: kept without its facts.
 */
struct lane_again {
    const struct operators *ops; /**< as known then, or now; NULL: down */
    int64_t known_ms;            /**< what was learned by then counts */
    const struct xml_codes *codes;
    bool now; /**< the words for it */
};
int lane_decide_again(struct buf *decision, struct buf *text, struct gln_context *ctx, const char *kept,
                      size_t len, const struct lane_again *how, int language);
int lane_explain(struct buf *out, struct gln_context *ctx, const char *decision_json, size_t len,
                 int language);

#endif
