/** @file
 * The register in memory: operators, identifiers, certificates, arrangements, bindings; sorted for searching, read-only once
 * built, shared by threads. Loaders (register_load() from the tables, operators_load() from a file) fill it and then close it.
 */
#ifndef TRUST_REGISTER_H
#define TRUST_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/context.h"
#include "trust/lane.h"

/** A civil date as CCYYMMDD; 0: open. */
typedef int32_t day_number;

enum status {
    STATUS_APPLIED,
    STATUS_CERTIFIED,
    STATUS_VALIDATED,
    STATUS_SUSPENDED,
    STATUS_REVOKED,
    STATUS_WITHDRAWN
};
/** Only FORCE grants. UNCONFIRMED: shipped, but what is public about it leaves open whether, for whom or since when. */
enum arrangement_state { ARRANGEMENT_PLAN, ARRANGEMENT_PILOT, ARRANGEMENT_FORCE, ARRANGEMENT_UNCONFIRMED };

struct programme {
    const char *code, *country, *zone;
    int max_list_age_days;
    const char
        *security_classes; /**< " T1 T2 T3 ": the classes that count for security, blanks around each */
    const char *own_of;    /**< " US ": the destinations whose own programme it is */
    const char *classes;   /**< " T1 T2 T3 ": all that are known */
    const char *aliases;   /**< " NEEC ACS-PILOT ": names it had; NULL: none */
    const char
        *claim; /**< IC, SO, CI: the identifier of the pedimento that says it of its holder; NULL: none */
    bool claim_of_partner; /**< whose: anybody's but the importer's; else the importer's */
};
/** Which complements a claim has, in their order: " class rfc "; schemas/greenlane/programmes.xml explains the words. */
struct claim_shape {
    const char *programme, *class_code; /**< class_code NULL: every class that has no other */
    const char *complements;
};
/** The identifier of a foreign supplier under an arrangement with that destination. */
struct supplier_claim {
    const char *destination, *key, *complements;
};
struct identifier {
    const char *kind, *value; /**< normalised */
    size_t operator_index;
    const char *given; /**< as the source wrote it; NULL in a register from the tables */
    bool ambiguous;    /**< one source gives it to several names: whoever else carries it, it says nobody */
};
/** What a voice says of a certificate from a day on. A voice is one source's row, or what persons said of one; see certificate_status(). */
struct event {
    enum status status;
    day_number from;    /**< in the issuer's zone */
    int64_t learned_ms; /**< since when it is known */
    int64_t told;       /**< in which order the voice told it; of what it told at once the worse counts */
    unsigned voice;
    bool person; /**< a person's word: it can take a status away and never give one */
};
struct certificate {
    size_t operator_index, programme_index;
    const char *class_code, *environment;
    day_number from, to; /**< both inclusive; to 0: open */
    day_number list_date;
    int max_age_days; /**< 0: the programme's; an attestation has its own */
    bool consent;
    day_number consent_from, consent_to; /**< both inclusive; 0: open */
    const char *number;                  /**< of the certificate; NULL: not said */
    const char *source;                  /**< the list, file or attestation it is known from */
    int64_t batch;                       /**< the number of that source's batch; 0: none */
    struct event *events;                /**< those of a voice stand together */
    size_t event_count;
};
struct operator_row {
    const char *id, *name, *tax;
    size_t first_certificate, certificate_count;
};
struct arrangement {
    const char *id, *home, *destination;
    day_number effective, ended; /**< effective 0: not known, so not in force; ended inclusive, 0: open */
    const char *roles, *kinds;   /**< " EX MF ", " MID " */
    bool consent;
    enum arrangement_state state;
    const char *signed_on; /**< as published, a day or a month; it says nothing about force; NULL: not said */
    const char *source;    /**< where the row was read; NULL: not said */
    bool confirmed;        /**< the customer vouches for it, not Greenlane */
    const char *confirmed_by; /**< who; NULL: nobody */
};
struct binding {
    const char *submitter;
    size_t operator_index;
    day_number from, to;             /**< both inclusive; 0: open */
    const char *capacity, *document; /**< NULL: not said */
};
/** One source's row behind an operator; several sources' rows may be one operator. */
struct source_entry {
    int64_t entry; /**< its number in the tables */
    size_t operator_index;
};

/** One list, file or attestation as it was brought in. */
struct batch {
    int64_t id, newest; /**< newest: the batch a certificate of this one stands on (batches.c) */
    const char *source, *environment;
    const char *sha256;      /**< of the list's bytes, or of the evidence's */
    const char *attested_by; /**< NULL: no attestation */
};

#define TABLE(type)                                                                                          \
    struct {                                                                                                 \
        type *items;                                                                                         \
        size_t count, cap;                                                                                   \
    }

struct operators {
    TABLE(struct programme) programmes;
    TABLE(struct operator_row) rows;
    TABLE(struct identifier) identifiers;   /**< sorted by kind and value once closed */
    TABLE(struct certificate) certificates; /**< grouped by operator */
    TABLE(struct arrangement) arrangements;
    TABLE(struct binding) bindings;
    TABLE(struct claim_shape) shapes;
    TABLE(struct supplier_claim) supplier_claims;
    TABLE(struct batch) batches; /**< by id; empty where the register is not from the tables */
    const char *role_codes; /**< " CS FW ": those an AEOMutualRecognitionParty may have; NULL: CL704's four */
    TABLE(struct source_entry) entries; /**< by number; empty where the register is not from the tables */
    TABLE(char *) strings;              /**< owned: every text above that is not static, in blocks */
    char *free_text;                    /**< room left in the last block */
    size_t free_text_len;
};

/** Room for one more element of a table; NULL without memory. The element is zeroed and counted. */
void *register_more(void **items, size_t *count, size_t *cap, size_t size);
#define REGISTER_MORE(table)                                                                                 \
    register_more((void **)&(table).items, &(table).count, &(table).cap, sizeof *(table).items)
/** A copy that lives as long as the register; NULL in, NULL out; *failed set without memory. */
const char *register_keep(struct operators *o, const char *text, bool *failed);
/** " A B ": a list with a blank around each entry, for register_lists(). */
const char *register_keep_list(struct operators *o, const char *text, bool *failed);
bool register_lists(const char *list, const char *entry);
/** Sorts; after it the register is read-only. */
void register_close(struct operators *o);

/** Whether the holder's consent to the exchange of data stands on a day. */
bool certificate_consents(const struct certificate *c, day_number day);
/**
 * The status that counts on `today` by what was learned until `known_ms`: of each voice its last word (the later day; of one day what it told
 * last; of that what was learned last; of that the worse), and of the voices' last words the worst. `withdrawn`: leaving counts.
 */
enum status certificate_status(const struct certificate *c, day_number today, int64_t known_ms,
                               bool withdrawn);
/** The programme of that code, or that had that name; NULL if there is none. */
const struct programme *register_programme(const struct operators *o, const char *code);
enum status status_parse(const char *text); /**< a word that is none: STATUS_APPLIED */
bool status_known(const char *text);
#define STATUS_WORDS "APPLIED, CERTIFIED, VALIDATED, SUSPENDED, REVOKED, WITHDRAWN"
const char *status_text(enum status s);
const char *arrangement_state_text(enum arrangement_state s);
/**
 * Reads a document (an operators file, or the shipped programmes) onto what is in `o` already; it is not closed. A programme that is
 * there counts as the document's own. `name`: put before an error's text; NULL: nothing.
 */
int operators_read(struct operators *o, struct gln_context *ctx, const void *xml_bytes, size_t len,
                   const char *name);

bool day_parse(day_number *out, const char *text);    /**< CCYY-MM-DD; "" and NULL are 0 */
void day_text(char out[11], day_number d);            /**< CCYY-MM-DD; "" for 0 */
day_number day_at(int64_t wall_ms, const char *zone); /**< 0 if the zone is not known */
/** The same, with the zones' files kept; `kept` NULL: not. */
day_number day_at_kept(int64_t wall_ms, const char *zone, struct zones_kept *kept);
int64_t day_count(day_number d); /**< days since 1970-01-01 */

/* --- identifiers --- */
/** Upper-case ASCII, blanks at the ends off; for RFC and the importer numbers also - _ . and blanks inside. False: not of the kind's form. `out` holds at least 64 bytes. */
bool identifier_normalise(char *out, size_t size, const char *kind, const char *given, bool *changed);
/** The kind as the register names it, a static text; NULL: it knows no such kind. */
const char *identifier_kind(const char *kind);
/**
 * The kind of a number of the importer's family by how it is written: NN-NNNNNNN[XX] is an EI, NNN-NN-NNNN a 34, YYDDPP-NNNNN an ANI. NULL: it
 * does not tell, for without its dashes it may be of two kinds.
 */
const char *identifier_importer_kind(const char *given);
/** False: its authority gives the number a check digit, and it ends in another (RFC). SAT's own fail theirs now and then: worth a warning, no more. `value` normalised. */
bool identifier_digit_right(const char *kind, const char *value);
#define PERSON_KIND "34" /**< a social security number: nobody's to read twice */
#define UNTYPED_KIND                                                                                         \
    "IOR" /**< an importer's number of which is not said whether it is an EI, a 34 or an ANI */
/** The importer's family of kinds; NULL ends it. */
extern const char *const importer_kinds[];
/** The id of an operator, or the key of its row, without the number of a person that may be in it. */
void operator_id_put(struct buf *out, const char *id);
/** EI, 34 and ANI are one family; an untyped number is looked for in all kinds of it. */
bool name_equal(const char *a, const char *b); /**< case, accents, punctuation and blanks aside */
/** Bytes to put in, take out, replace or swap to make one of the other; `most` and one: they are more than that. */
size_t name_edits(const char *a, const char *b, size_t most);
/** What name_equal() compares: capitals and digits only, of Latin letters without their accents. */
void name_fold(struct buf *out, const char *name);
/** A Latin letter of U+00C0..U+017F without its accent, a blank for a sign among them; any other code point itself. */
uint32_t letter_unaccented(uint32_t c);

/** All identifiers of a kind and value: *count of them from the returned one on. */
const struct identifier *register_find(const struct operators *o, const char *kind, const char *value,
                                       size_t *count);

#endif
