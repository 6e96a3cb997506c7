/** @file
 * What persons do to the register: attest, bind, unbind, revoke, reinstate, confirm an arrangement; and what it can tell about an operator.
 * Each is one write with its row in the ledger's chain.
 */
#ifndef TRUST_REGISTER_ACTS_H
#define TRUST_REGISTER_ACTS_H

#include "trust/register_store.h"

/** The entries behind one operator. */
struct register_entries {
    int64_t *items; /**< owned */
    size_t count;
};

/** A person's word that he saw a certificate to be good. Strings borrowed; NULL where nothing is said. */
struct register_attestation {
    const char *environment, *kind, *value, *given, *name, *tax;
    const char *programme, *class_code, *number, *who, *sha256, *document;
    day_number seen, from, to;
    int days;
    bool consent;
};
int register_attest(struct gln_context *ctx, struct store *s, const struct register_attestation *a,
                    register_note *note);

struct register_bond {
    const char *environment, *submitter, *operator_id, *capacity, *document, *who;
    int64_t entry;
    day_number from, to;
};
int register_bond(struct gln_context *ctx, struct store *s, const struct register_bond *b,
                  register_note *note);
/** Ends what register_bond() made; GLN_E_NOT_FOUND if nothing did (a binding of the operators file is the file's to end). */
int register_unbond(struct gln_context *ctx, struct store *s, const struct register_bond *b,
                    const struct register_entries *entries, register_note *note);

/** A person's word about a status: a revocation, or its end. GLN_E_NOT_FOUND: the operator has no certificate of that programme. */
struct register_word {
    const char *environment, *operator_id, *programme, *who, *why;
    enum status status;
    day_number effective;
};
int register_say(struct gln_context *ctx, struct store *s, const struct register_word *w,
                 const struct register_entries *entries, register_note *note);

/** The customer vouches for an arrangement from a day on, or no longer (`roles` NULL). */
struct register_confirmation {
    const char *environment, *id, *roles, *source, *who;
    day_number effective;
};
int register_confirm(struct gln_context *ctx, struct store *s, const struct register_confirmation *a,
                     register_note *note);

/* --- what is known of an operator --- */
enum fact_kind { FACT_ROW, FACT_IDENTIFIER, FACT_CERTIFICATE, FACT_STATUS, FACT_BINDING, FACT_END };
/** One thing somebody said. Strings live during the call; NULL where nothing was said. */
struct register_fact {
    enum fact_kind kind;
    int64_t at_ms, until_ms; /**< when it was learned, when it ended; 0: it holds */
    const char *source, *who, *a, *b, *c;
    day_number d1, d2, d3;
    int64_t entry;
    bool listed;
};
/**
 * | kind | a | b | c | d1 | d2 | d3 |
 * | ROW (listed or not) | name | tax id | key | list's day | | |
 * | IDENTIFIER | kind | number | as given | | | |
 * | CERTIFICATE | programme | class | number | from | to | its own list's day |
 * | STATUS | programme | class | status | effective | | | (`who`: a person, where the word is one's own)
 * | BINDING | submitter | capacity | document | from | to | |
 */
int register_facts(struct gln_context *ctx, struct store *s, const struct register_entries *entries,
                   bool history, int (*each)(void *arg, const struct register_fact *f), void *arg);

/** Attestations that hold or held, for the calendar: the day they end. */
int register_attestations(struct gln_context *ctx, struct store *s, const char *environment,
                          int (*each)(void *arg, const char *operator_id, const char *name, const char *what,
                                      const char *who, day_number seen, day_number last),
                          void *arg);

/* --- finding operators in a register in memory --- */
/**
 * "RFC:ABC010203AB1", or a number whose kind its form (or the register) makes certain. GLN_E_ARGUMENT says what to write. The kind is static
 * text.
 */
int register_identify(const struct operators *o, struct gln_context *ctx, const char *text, const char **kind,
                      char value[64]);
/** The operator of that id, or of that number; GLN_E_NOT_FOUND, GLN_E_CONFLICT (the number is of several). */
int register_operator(const struct operators *o, struct gln_context *ctx, const char *text, size_t *index);
int register_entries_of(struct register_entries *out, struct gln_context *ctx, const struct operators *o,
                        size_t index);

#endif
