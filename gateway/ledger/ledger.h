/** @file
 * The durable ledger: declarations, filings, their states, numbers, answers, evidence; a hash chain over every row that was
 * ever written, with signed heads.
 *
 * Threads: all functions may be called by many threads. Writers are grouped: whoever commits takes along what has gathered
 * while the last commit ran, so that many submitters share one fsync and nobody waits for a timer.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "core/context.h"
#include "core/filing.h"
#include "crypto/crypto.h"
#include "store/store.h"
#include "util/buf.h"

struct ledger;

/**
 * Opens or makes the ledger at `path` and takes its lock: GLN_E_BUSY (text names the owner) when another process has it. Numbers
 * reserved by an owner that died before keep become gaps. `sealer` is borrowed and must outlive the ledger. GLN_E_STORE, before anything
 * is written: the last row is not covered by a head this gateway signed, so that somebody else wrote it.
 */
int ledger_open(struct ledger **out, struct gln_context *ctx, const char *path, struct sealer *sealer);
/** The same to look at it only, whatever its rows are: nothing is written, signed or mended; what writes fails. GLN_E_NOT_FOUND: there is none. */
int ledger_look(struct ledger **out, struct gln_context *ctx, const char *path, struct sealer *sealer);
void ledger_close(struct ledger *l);
struct store *ledger_store(struct ledger *l); /**< the database, for trust/ (identities, operators) */
/** The gateway's own key and certificate (evidence, receipts, heads), made with the ledger, kept sealed in it. Counted references: free both. */
int ledger_signer(struct ledger *l, struct gln_context *ctx, struct key **key, struct cert **cert);

/* --- numbers --- */
/**
 * Reserves the next number of (identity, kind, year); GLN_E_NOT_FOUND: no series; GLN_E_CONFLICT: used up. Text without check digit,
 * zero-padded as the series says. `owner`: whose numbers they are to customs; what another identity of the same owner was given is
 * passed over. NULL: the identity's alone.
 */
int series_reserve(struct ledger *l, struct gln_context *ctx, const char *identity, const char *owner,
                   const char *kind, int year, struct buf *number);
/** Whose numbers an identity gives, for one that gave some before its owner was kept. */
int series_owner(struct ledger *l, struct gln_context *ctx, const char *identity, const char *owner);
/** Whether a filing to this destination ever carried the whole number, whatever became of it. */
int ledger_number_used(struct ledger *l, struct gln_context *ctx, const char *destination,
                       const char *environment, const char *number, bool *used);
/** The same range again changes nothing; another range of the same (identity, kind, year) counts from now on. Numbers once given are never given again. */
int series_define(struct ledger *l, struct gln_context *ctx, const char *identity, const char *kind, int year,
                  int64_t first, int64_t last, int width);
/** Whether a range the identity has or had, of any year, holds the serial; NULL: whether it has any. */
int series_holds(struct ledger *l, struct gln_context *ctx, const char *identity, const char *kind,
                 const char *serial, bool *out);
/** A reservation that will not be kept: recorded as a gap with its reason. */
int series_gap(struct ledger *l, struct gln_context *ctx, const char *identity, const char *kind, int year,
               const char *number, const char *reason);

/* --- keep --- */
/** One filing as keep writes it. Strings borrowed; NULL where there is none. */
struct ledger_new_filing {
    const char *destination, *message;  /**< "us-ace", "cargo-release" */
    const char *action;                 /**< add, replace, update, cancel, query */
    const char *identity, *environment; /**< identity's name; TEST or PROD */
    const char *
        key; /**< correlation key answers are tied by (destination-wide unique where the destination says so), e.g. the entry number */
    const char *
        number; /**< the whole number the message carries (an entry number with filer and check digit); NULL: none. Shown as ledger_filing.number */
    bool
        number_is_new; /**< `number` is given to something new: GLN_E_CONFLICT where a living filing of the same message carries it */
    /**
     * The reserved serial made final here; NULL: none was drawn. One that was not reserved (the sender brought the number) is taken
     * out of the series if it lies in it; one that was given before is GLN_E_CONFLICT.
     */
    const char *series_kind, *serial;
    int series_year;
    int64_t deadline_ms;     /**< when it must have arrived by law, as far as the message says; 0: unknown */
    const char *waits_for;   /**< not NULL: starts in `waiting` for this reason */
    const char *hold_reason; /**< not NULL: starts `held` */
    const void *outbound;    /**< message before signing, secrets masked */
    size_t outbound_len;
    const char *source_map; /**< serialised (text), see flow/ */
    const char *slots;      /**< serialised secret slots */
};
struct ledger_new_declaration {
    const char *id;        /**< made by ledger_new_id() */
    const char *submitter; /**< who sent it; "" = local operator */
    const char *
        signer; /**< whose signature it carries, and so whose declaration it is; NULL: unsigned, it is the submitter's */
    const char *signer_fingerprint; /**< of the certificate; with `signer` */
    const char *
        lrn; /**< FunctionalReferenceID. One of the same signer, or of the same submitter if it is unsigned, that was used before, in a declaration with a filing that is neither cancelled nor rejected: GLN_E_CONFLICT, the text names that declaration */
    const char *
        idempotency_key; /**< NULL: none. The same key of the same submitter with the same bytes: the first receipt again; other bytes: GLN_E_CONFLICT */
    const char *format;  /**< dms, edifact, ... */
    const void *original;
    size_t original_len;
    enum lane lane;
    const char *decision;     /**< JSON of the lane decision */
    const char *lane_receipt; /**< what a receipt about the lane says, a JSON object; NULL: none is made */
    const char *findings;     /**< JSON of warnings */
    const struct ledger_new_filing *filings;
    size_t filing_count;
    /** Not NULL: written in the same transaction, only when it is kept and was not before. Another room's tables; it calls no ledger. */
    int (*also)(struct store_conn *c, struct gln_context *ctx, void *arg);
    void *also_arg;
};
void ledger_new_id(struct ledger *l, struct gln_context *ctx,
                   char id[33]); /**< time-ordered, 32 characters */
/**
 * The one durable commit. On GLN_OK everything is on disk, numbers are final, and `receipt` holds the signed receipt (JSON:
 * id, time, sha256 of the original, chain head, signature, certificate). *replayed: true if this key had been kept before.
 */
int ledger_keep(struct ledger *l, struct gln_context *ctx, const struct ledger_new_declaration *d,
                struct buf *receipt, bool *replayed);

/** Before numbers are drawn: was this key of this submitter kept already? *found and its receipt; other bytes under the key: GLN_E_CONFLICT. ledger_keep() checks again. */
int ledger_replay(struct ledger *l, struct gln_context *ctx, const char *submitter,
                  const char *idempotency_key, const void *original, size_t len, bool *found,
                  struct buf *receipt);

/* --- customs' bytes as they came, before anybody read them --- */
struct ledger_inbound {
    int64_t id, received_ms;
    char destination[32], environment[8];
    char settled[256]; /**< what became of it: "tied", "orphan: ..."; "" not read yet */
};
/** Durable on return. *seen: the very same bytes of this destination and environment were stored before; *id is then the old row. */
int ledger_inbound_keep(struct ledger *l, struct gln_context *ctx, const char *destination,
                        const char *environment, const void *data, size_t len, int64_t *id, bool *seen);
int ledger_inbound_settle(struct ledger *l, struct gln_context *ctx, int64_t id, const char *what);
int ledger_inbound_get(struct ledger *l, struct gln_context *ctx, int64_t id, struct ledger_inbound *out,
                       struct buf *data); /**< data may be NULL */
/** Oldest first those whose `settled` starts with `prefix`; "" and exact: not settled yet (prefix NULL). */
int ledger_inbound_list(struct ledger *l, struct gln_context *ctx, const char *prefix,
                        int (*each)(void *arg, const struct ledger_inbound *in), void *arg);

/* --- the register of operators --- */
/** All of them, in order, until `each` returns nonzero. Inside a store_read(). */
int ledger_register_each(struct store_conn *c, struct gln_context *ctx,
                         int (*each)(void *arg, int64_t id, const char *data), void *arg);
/** Whether there is one of this kind. */
int ledger_register_has(struct ledger *l, struct gln_context *ctx, const char *kind, bool *there);
/** One change of the register, in the chain: inside the store_write() that makes it. `data` is JSON. */
int ledger_register_put(struct store_conn *c, struct gln_context *ctx, int64_t at_ms, const char *kind,
                        const char *who, const char *data);

/* --- states --- */
/** The only way a state changes. Writes from, to, reason, who, when, chained. GLN_E_CONFLICT if the filing is not in `from` or the step is not legal. `due_ms`: when it wants attention next (0: at once, -1: never). */
int ledger_move(struct ledger *l, struct gln_context *ctx, int64_t filing, enum filing_state from,
                enum filing_state to, const char *reason, const char *who, int64_t due_ms);
/** One attachment written together with a move. */
struct ledger_blob {
    const char *kind;
    const void *data;
    size_t len;
};
/** ledger_move() and ledger_attach() of each blob in the same commit: all or nothing. from == to: the attachments and the due time only (legal in every state; no state row but a new due time). */
int ledger_move_with(struct ledger *l, struct gln_context *ctx, int64_t filing, enum filing_state from,
                     enum filing_state to, const char *reason, const char *who, int64_t due_ms,
                     const struct ledger_blob *blobs, size_t count);
/** A filing that is not sent yet gets another lane: the new decision (JSON; its "verdict" is the lane) as an attachment of kind "lane", and the lane that follows. `lane_receipt`: what a receipt about it says, as in struct ledger_new; NULL: none is made. GLN_E_CONFLICT: it has left. */
int ledger_relane(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *decision, size_t len,
                  const char *lane_receipt);
/** Blobs and facts of a filing: kinds "signed", "signed-slots", "evidence", "answer", "transmission", "operation", "document", "note", "outcome", "lane", "deadline", "action" (it was sent again as another one). Appended, never replaced; the newest counts. "operation", "document", "outcome", "deadline", "lane" and "action" also show in struct ledger_filing. */
int ledger_attach(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *kind,
                  const void *data, size_t len);
int ledger_attachment(
    struct ledger *l, struct gln_context *ctx, int64_t filing, const char *kind,
    struct buf *out); /**< newest; also what keep wrote: "outbound", "source-map", "slots"; GLN_E_NOT_FOUND */
/** All of one kind, oldest first. */
int ledger_attachments(struct ledger *l, struct gln_context *ctx, int64_t filing, const char *kind,
                       int (*each)(void *arg, int64_t at_ms, const void *data, size_t len), void *arg);

/* --- reading --- */
struct ledger_filing {
    int64_t id;
    char declaration[33];
    char destination[32], message[48], identity[64], environment[8], key[64], number[32];
    char action[16]; /**< as it is sent, or was last: what is sent again as another action has that one */
    enum filing_state state;
    enum lane lane; /**< by the newest decision */
    int attempts;
    int64_t due_ms, created_ms, changed_ms;
    int64_t deadline_ms; /**< by law; 0: unknown */
    char reason[256];    /**< of the last change */
    char operation[32];  /**< number customs gave the transmission */
    char document[32];   /**< number customs gave the document */
    char outcome[24]; /**< of the newest answer: accepted, rejected, pending, info, not-processed; "" none */
};
int ledger_filing_get(struct ledger *l, struct gln_context *ctx, int64_t id, struct ledger_filing *out);
/** The newest filing customs gave this operation number. */
int ledger_filing_by_operation(struct ledger *l, struct gln_context *ctx, const char *destination,
                               const char *environment, const char *operation, struct ledger_filing *out);
/**
 * The filing with that key that customs' words are for. `action` (never NULL): only what was kept or sent as this one; "": any. The newest
 * that was sent; if none was, the newest. `notice`: not an answer but something customs tells of its own accord; if it names no action,
 * that is for the newest that customs took or may have taken: one that was refused and closed, or never left, is passed over.
 */
int ledger_filing_by_key(struct ledger *l, struct gln_context *ctx, const char *destination,
                         const char *environment, const char *key, const char *action, bool notice,
                         struct ledger_filing *out);
/** The newest declaration this submitter signed, or sent without a signature, with a living filing that carries the number: as key, as our number or as customs' document. Cancellations, what was cancelled and what customs rejected do not count. */
int ledger_amended(struct ledger *l, struct gln_context *ctx, const char *destination,
                   const char *environment, const char *submitter, const char *number, char id[33]);
/** Calls `each` for every filing of a declaration in order; stops when it returns nonzero. */
int ledger_filings(struct ledger *l, struct gln_context *ctx, const char *declaration,
                   int (*each)(void *arg, const struct ledger_filing *f), void *arg);
/** Up to `cap` filings that are in a state, in the order of their ids, of those past `after`. */
int ledger_filings_in(struct ledger *l, struct gln_context *ctx, enum filing_state state, int64_t after,
                      int64_t *ids, size_t cap, size_t *count);
/** What may be done next; strings and arrays borrowed. */
struct ledger_due {
    unsigned mask; /**< of states: 1 << state */
    int64_t now_ms;
    int64_t aged_ms; /**< what became due before this goes by age, whatever its lane; 0: lanes alone count */
    const int64_t *skip; /**< filings in other threads' hands; sorted out in C, few */
    size_t skip_count;
    const char (*full)[32]; /**< destinations passed over */
    size_t full_count;
};
/** The next filing that is due, by the order docs/ledger.md gives. GLN_E_NOT_FOUND and *next_ms (wall; -1 none) when none is; *next_ms is in the past when one is due to a destination that is full. */
int ledger_next_due(struct ledger *l, struct gln_context *ctx, const struct ledger_due *q,
                    struct ledger_filing *out, int64_t *next_ms);
struct ledger_declaration {
    char id[33], submitter[96], lrn[72], format[24];
    char signer[96], signer_fingerprint[65]; /**< "": it is not signed */
    enum lane lane;                          /**< as decided when it was kept */
    enum lane lane_now; /**< expedited if one of its filings is, by the newest decision */
    int64_t received_ms;
};
/** `id`: of a declaration, or a prefix of at least 8 that is unique, or a reference (LRN) that is; among those of `submitter`, NULL: of anybody. */
int ledger_declaration_get(struct ledger *l, struct gln_context *ctx, const char *id, const char *submitter,
                           struct ledger_declaration *out);
int ledger_declaration_part(struct ledger *l, struct gln_context *ctx, const char *id, const char *part,
                            struct buf *out); /**< part: original, decision, findings, receipt */
/** Newest first. Each may be NULL: any; submitter: who sent or signed it. */
struct ledger_query {
    const char *state, *destination, *message, *lrn, *submitter, *after;
    int limit;
};
int ledger_list(struct ledger *l, struct gln_context *ctx, const struct ledger_query *q,
                int (*each)(void *arg, const struct ledger_declaration *d), void *arg);
/** Every row of a filing's life, oldest first. */
struct ledger_change {
    int64_t at_ms;
    enum filing_state from, to;
    const char *reason, *who;
};
int ledger_history(struct ledger *l, struct gln_context *ctx, int64_t filing,
                   int (*each)(void *arg, const struct ledger_change *c), void *arg);
/** How many filings are in each state, for /metrics. */
int ledger_counts(struct ledger *l, struct gln_context *ctx, int64_t counts[FILING_STATE_COUNT]);
/** At start-up: every `sending` becomes `in-doubt`. *moved: how many. */
int ledger_recover(struct ledger *l, struct gln_context *ctx, int64_t *moved);

/* --- trust in the ledger itself --- */
/**
 * Walks the whole chain: changed, missing, added, reordered or cut rows, wrong head signatures, current states that do not
 * follow from the rows. A line of `report` each, in `language`; *good. GLN_OK when the check ran.
 */
int ledger_verify(struct ledger *l, struct gln_context *ctx, int language, bool *good, struct buf *report);
/** Checks a receipt's own signature and, with `l` not NULL, that the ledger still holds what it promises, up to the head it names. */
int ledger_verify_receipt(struct ledger *l, struct gln_context *ctx, int language, const void *receipt,
                          size_t len, bool *good, struct buf *report);
/**
 * Moves what has ended and had nothing since `before_ms` into a new file at `path`; *declarations: how many, 0: no file is made. Whatever
 * happens on the way, each is in the ledger or in a file that is whole. GLN_E_ARGUMENT: there is something at `path`.
 */
int ledger_archive(struct ledger *l, struct gln_context *ctx, int64_t before_ms, const char *path,
                   int64_t *declarations);
/** ledger_verify() of an archive: the file by itself, that it comes from this ledger, and that it holds all that was let go into it. */
int ledger_verify_archive(struct ledger *l, struct gln_context *ctx, int language, const char *path,
                          bool *good, struct buf *report);
/** ledger_verify_receipt() against the rows and the chain of an archive. */
int ledger_verify_receipt_in(struct ledger *l, struct gln_context *ctx, int language, const char *path,
                             const void *receipt, size_t len, bool *good, struct buf *report);
/** Every row as one line of JSON (with its newline), in the order of the chain, then the signed heads; stops when `line` returns nonzero. */
int ledger_export(struct ledger *l, struct gln_context *ctx,
                  int (*line)(void *arg, const char *text, size_t len), void *arg);

#endif
