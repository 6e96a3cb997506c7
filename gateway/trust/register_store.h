/** @file
 * The register on the ledger's database: sources and their batches, operators, identifiers, certificates, status events,
 * bindings, arrangements. Nothing in it is ever updated away: a row that no longer holds gets the time it ended, so that the
 * register as known at any instant can be built again. Rows of TEST and of PROD never meet.
 */
#ifndef TRUST_REGISTER_STORE_H
#define TRUST_REGISTER_STORE_H

#include "store/store.h"
#include "trust/register.h"
#include "util/json.h"

/** DDL of the register's tables: store_schema(ledger_store(l), ctx, register_schema). */
extern const char register_schema[];
/** After it and trust_schema: that the ends of identities and submitters are logged too. */
extern const char register_ends[];

/**
 * Builds the register of an environment as it was known at `known_ms` (0: all that is known), from the tables and the programmes
 * and arrangements that ship (the file `shipped`; NULL: none). Operators of several sources that carry the same number become
 * one; of two sources that conflict over a status the worse one counts. An operator of the other environment is in it only where
 * this one does not know him, so that the decision can say so.
 */
int register_load(struct operators **out, struct gln_context *ctx, struct store *s, const char *environment,
                  int64_t known_ms, const char *shipped);

/**
 * Puts one row about a change into the ledger's chain, inside the same write: `data` is JSON. ledger_register_put() is one; trust/
 * does not see the ledger.
 */
typedef int register_note(struct store_conn *c, struct gln_context *ctx, int64_t at_ms, const char *kind,
                          const char *who, const char *data);

/* --- the register and the chain: register_seal.c --- */
/** Kind of the chain's row that sealed identities and submitters for the first time, in a new ledger too: what is not in the chain after it, Greenlane did not write. */
#define REGISTER_SEALED "sealed"
/** Who enters something, and how the chain is told: ledger_register_put(). */
struct entered {
    register_note *note;
    const char *who;
};
/**
 * store_write() of `fn`, and after it in the same write the chain's row that seals what it wrote. GLN_E_STORE where rows stand that the chain
 * does not know: they would be sealed with it. `by` NULL: there is no chain.
 */
int register_enter(struct store *s, struct gln_context *ctx, const struct entered *by, const char *kind,
                   const char *name, int (*fn)(struct store_conn *c, struct gln_context *ctx, void *arg),
                   void *arg);
/** Inside the write of a change, before its rows: GLN_E_STORE where rows stand that the chain does not know. */
int register_untouched(struct store_conn *c, struct gln_context *ctx);
struct register_sealing;
/**
 * Inside the write of a change, after its rows: the member `sealed` of what the chain's row says, the rows no row before named. `sealing`: of the
 * rows that were put through it the digest is made already (NULL: of none); the others are read.
 */
int register_seal(struct json_out *j, struct register_sealing *sealing, struct store_conn *c,
                  struct gln_context *ctx);
/** Calls `each` with the number and the data of every row register_note wrote, in order, until it returns nonzero: ledger_register_each() is one. */
typedef int register_notes(struct store_conn *c, struct gln_context *ctx,
                           int (*each)(void *arg, int64_t id, const char *data), void *arg);
/** The register's tables against the chain's rows: a line of `report` for each table and change that do not agree; *good. GLN_OK when the check ran. */
int register_verify(struct gln_context *ctx, struct store *s, register_notes *notes, int language, bool *good,
                    struct buf *report);

/* --- a source's rows --- */
struct row_certificate {
    const char *programme, *class_code, *number; /**< number NULL: not said */
    day_number from, to, list_date;              /**< list_date 0: its batch's */
    bool consent;
    day_number consent_from, consent_to; /**< 0: open */
    const struct event
        *events; /**< learned_ms INT64_MIN: not said, so with the batch; from 0: the batch's day */
    size_t event_count;
};
/** What a source says of one operator; all borrowed, NULL where it says nothing. */
struct register_row {
    const char *key; /**< within the source */
    const char *name, *country, *address, *tax;
    const struct identifier *identifiers;
    size_t identifier_count;
    const struct row_certificate *certificates;
    size_t certificate_count;
};
/** A LIST is whole: what it no longer names is withdrawn. A FILE is the customer's own record: what is gone was taken back. An ATTESTATION is one row. */
#define NAME_FILE "operators-file" /**< names of sources that no list may have */
#define NAME_ATTESTATION "attestation"
enum source_kind { SOURCE_LIST, SOURCE_FILE, SOURCE_ATTESTATION };
/** What a list would change of an operator. Texts hold while the call runs; `before` NULL: it was not listed, `after` NULL: it is not any more. */
struct register_change {
    int64_t line; /**< of the list; 0: not in it */
    const char *key, *before, *after;
};
struct register_batch {
    enum source_kind kind;
    const char *source, *environment, *who, *sha256; /**< never NULL */
    const char *list_name, *document;                /**< NULL: not said */
    day_number as_of;
    int days; /**< how long an attestation holds; 0: as long as the programme lets a list be old */
    bool signature_ok, dry_run;
    int max_shrink; /**< percent of a list's rows that may vanish at once */
    int show;       /**< how many changes a dry run tells, the first ones */
    void (*shown)(void *arg, const struct register_change *change);
    void *shown_arg;
};
struct register_counts {
    int64_t rows, added, changed, removed;
    int64_t doubtful, first_doubtful; /**< numbers with a wrong check digit, and the line of the first */
};
/** One import, inside one store_write(): begin, a put for every row, end. What is refused leaves all as it was once the write fails. */
struct register_import;
int register_begin(struct register_import **out, struct store_conn *c, struct gln_context *ctx,
                   const struct register_batch *b);
/** Tells b->shown of one operator: of `entry` as it is (0: it is not listed), and as `row` says (NULL: gone). */
int register_show(struct store_conn *c, struct gln_context *ctx, const struct register_batch *b,
                  int64_t entry, const struct register_row *row, const char *key, int64_t line);
/** `line`: where the row stands in the source, from 1, for messages. GLN_E_INPUT: its key came before. */
int register_put(struct register_import *im, const struct register_row *row, int64_t line);
/** A put for every operator of a parsed file, with what belongs to one environment. */
int register_put_all(struct register_import *im, struct gln_context *ctx, const struct operators *o,
                     const char *environment);
/** Ends what is no longer listed, writes the batch and, with `note`, the chain's row about it. */
int register_end(struct register_import *im, register_note *note, struct register_counts *counts);
/** The chain's row about the batch, for who has more rows to write after register_end() without a note. */
int register_tell(struct register_import *im, register_note *note);
void register_import_free(struct register_import *im); /**< takes NULL */

/* --- the operators file --- */
/** The programmes and arrangements that ship, onto `o`; `shipped` NULL: nothing. */
int register_shipped(struct operators *o, struct gln_context *ctx, const char *shipped);
/**
 * Brings the tables to what the file says, in both environments, when its bytes are not those last read. `len` 0: there is no file (any more).
 * `shipped`: as for register_load(), for programmes the file does not describe itself.
 */
int register_file(struct gln_context *ctx, struct store *s, const void *bytes, size_t len, const char *name,
                  const char *shipped, register_note *note);

#endif
