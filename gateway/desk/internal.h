/** @file
 * Between the files of desk/: one request in work, and the handlers of the table.
 */
#ifndef DESK_INTERNAL_H
#define DESK_INTERNAL_H

#include "desk/desk.h"
#include "util/json.h"

enum { DESK_SEGMENTS = 8, DESK_QUERY = 16 };

struct desk {
    struct gln_gateway *gw;
    struct gln_context *ctx;
    const struct desk_request *in;
    struct desk_reply *out;
    char *path; /**< owned copy, cut into the pieces below */
    const char *segments[DESK_SEGMENTS];
    size_t segment_count;
    struct {
        const char *name, *value;
    } query[DESK_QUERY];
    size_t query_count;
    bool untrue; /**< a check ran and its verdict is no: GLN_E_FINDINGS, with the reply as it is */
    struct findings
        found; /**< owned; what a document other than a declaration has; into a problem document */
    struct gln_declaration *d; /**< owned; its findings go into a problem document. May be NULL */
};

typedef int desk_handler(struct desk *k);

/** Value of a query parameter, NULL if absent. */
const char *desk_query(const struct desk *k, const char *name);
bool desk_yes(const struct desk *k, const char *name);    /**< present and not "no", "0", "false" */
const char *desk_segment(const struct desk *k, size_t i); /**< "" past the end */
/** Who does it, for the ledger's history. */
const char *desk_who(const struct desk *k);
/** Who enters an identity or a submitter, for the chain. */
#define DESK_ENTERED(k) (&(const struct entered){ledger_register_put, desk_who(k)})
void desk_type(struct desk *k, const char *content_type);
/** A line of text for people: message `id` in the asked language. */
void desk_say(struct desk *k, enum message_id id, const char *const *args, size_t n);
#define DESK_SAY(k, id, ...) desk_say(k, id, CTX_ARGS(__VA_ARGS__))
void desk_number(char out[24], int64_t n);
/** The day of an instant, of UTC; "-" for 0. */
void desk_day_text(char out[25], int64_t ms);
/** The reply to a change: one line, or a small object. `more` may be NULL. */
int desk_done(struct desk *k, enum message_id id, const char *name, const char *more);
/** The declaration a path names, if the asker may see it; GLN_E_NOT_FOUND otherwise, whether it exists or not. */
int desk_declaration(struct desk *k, const char *id, struct ledger_declaration *out);
/** All filings of a declaration. *items owned by the caller. */
int desk_filings(struct desk *k, const char *declaration, struct ledger_filing **items, size_t *count);
/** What the filings together say, for a declaration's state: status GLN_OK, GLN_E_REJECTED, GLN_E_IN_DOUBT; *open: something still moves by itself. */
int desk_outcome(const struct ledger_filing *items, size_t count, bool *open);

#define DESK_IDENTITY_RULE "GLN-IDENTITY"
/** What is wrong with the identity's document in the body, for its destination, into `found`. GLN_OK when the check ran. */
int desk_identity_check(struct desk *k);

const char *desk_lane_text(const struct desk *k, enum lane lane);

/** Files a dead declaration (all filings rejected or cancelled) anew. */
int desk_again(struct desk *k, const struct ledger_declaration *old, const struct ledger_filing *items,
               size_t count);

/* handlers */
desk_handler desk_submit, desk_list, desk_show, desk_settled, desk_part, desk_explain, desk_act, desk_resolve;
desk_handler desk_check, desk_transform;
desk_handler desk_identities, desk_identity_add, desk_identity_show, desk_identity_act, desk_submitter_add,
    desk_binding_add, desk_submitters, desk_bindings;
desk_handler desk_submitter_act, desk_binding_remove;
desk_handler desk_signers, desk_signer_add, desk_signer_remove, desk_messengers, desk_messenger_add,
    desk_messenger_remove;
desk_handler desk_ledger_archive, desk_ledger_verify, desk_ledger_export, desk_destinations, desk_certs;
desk_handler desk_operators, desk_operator_show, desk_operator_history, desk_arrangements;
desk_handler desk_operator_attest, desk_operator_bind, desk_operator_unbind, desk_operator_say,
    desk_operator_import, desk_arrangement_act;
desk_handler desk_health, desk_ready;

/* for the register's handlers, desk/operators.c */
/** The operator a person names, from the register in use: his entries (owned by the caller) and what he is called there. */
struct register_entries;
int desk_operator(struct desk *k, const char *text, struct register_entries *entries, struct buf *id);
/** A query's day; 0 when absent. `must`: it must be there. */
int desk_day(struct desk *k, const char *name, bool must, int32_t *out);
/** Whether there is no register; the error says why (GLN_E_STORE). */
bool desk_register_down(struct desk *k);
/** A query that must be there. GLN_E_ARGUMENT names it. */
int desk_must(struct desk *k, const char *name, const char **out);
/** The bytes of a file a query names, on this machine. */
int desk_file(struct desk *k, const char *path, size_t most, struct buf *out);
/** A change of the register was made: one line, or a small object; the register in use is built anew. */
int desk_register_done(struct desk *k, enum message_id id, const char *const *args, size_t n);
#define DESK_REGISTER_DONE(k, id, ...) desk_register_done(k, id, CTX_ARGS(__VA_ARGS__))

/** An instant in the query, or a day of UTC: its first moment, or the last one, for `until` a day holds on that day too. 0 when absent. */
int desk_instant(struct desk *k, const char *name, bool last, int64_t *out);

#endif
