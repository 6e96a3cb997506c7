/** @file
 * What the files of ledger/ share among themselves.
 */
#ifndef LEDGER_OWN_H
#define LEDGER_OWN_H

#include <pthread.h>

#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "util/json.h"

/**
 * | member                  | set by                    | changes                             |
 * | path, lock, store       | ledger_open               | never                               |
 * | key, cert, cert_base64, cert_id | ledger_open, before the first commit | never                    |
 * | signed_heads            | head_begin                | by the thread that commits          |
 * | id_ms, id_count         | ledger_new_id             | under id_mutex                      |
 * | archive_mutex           | ledger_open               | never                               |
 */
struct ledger {
    char *path;
    int lock; /**< file descriptor; -1: none */
    struct store *store;
    struct sealer *sealer; /**< borrowed */
    struct key *key;
    struct cert *cert;
    struct buf cert_base64; /**< of its DER, for receipts */
    int64_t cert_id;        /**< row of certificates */
    struct head_mark {
        int64_t id, seq;
        unsigned char hash[32];
    } signed_heads
        [2]; /**< the last head that is stored, and the one of the last commit, which may have failed */
    pthread_mutex_t id_mutex;
    int64_t id_ms;
    unsigned id_count;
    pthread_mutex_t archive_mutex; /**< held while an archive is made */
};

#define LEDGER_FORMAT "1"

/* ledger.c */
/** Inside a write: what a ledger of an earlier version lacks, before the schema. */
int ledger_add_columns(struct store_conn *c, struct gln_context *ctx, void *arg);
/** Whose a declaration is, in SQL: the signer's, else his who sent it. `row` has uid and submitter. */
#define OWNER_OF(row)                                                                                        \
    "coalesce((SELECT signer FROM signatures s WHERE s.declaration = " row ".uid), " row ".submitter)"

/* lock.c */
/** Takes the lock on the side file of `path`; *fd, -1 for who looks where there can be none. GLN_E_BUSY names the owner. */
int lock_take(int *fd, struct gln_context *ctx, const char *path, bool looks);
void lock_release(int fd);

/* head.c */
/** What is kept at `path` before anything is written: *there, and then its format and its key are opened. */
int head_open(struct ledger *l, struct gln_context *ctx, bool *there);
/** For who is to write: the last link is one this gateway signed; every commit from here on is signed. GLN_E_STORE: it is not. */
int head_begin(struct ledger *l, struct gln_context *ctx, bool there);
/** The text a head's signature is over. */
void head_text(struct buf *out, int64_t id, int64_t seq, const unsigned char hash[32], int64_t at_ms);

/* receipt.c */
/** What a receipt says. */
struct receipt {
    char id[33], received[25], sha256[65], hash[65];
    int64_t seq;
};
/** Signs it: the receipt as JSON. */
int receipt_make(struct buf *out, struct gln_context *ctx, const struct ledger *l, const struct receipt *r);
/** Writes the members `signature` over `text` and `certificate`. */
int receipt_sign(struct json_out *j, struct gln_context *ctx, const struct ledger *l, const struct buf *text);

/* receipt_lane.c */
#define RECEIPT_LANE_TYPE "greenlane-lane-receipt:1"
/** A receipt about a lane, JSON, signed like the other; `lane`: what trust/ says of it, a JSON object. */
int receipt_lane_make(struct buf *out, struct gln_context *ctx, const struct ledger *l, const char *id,
                      const char *sha256, const char *lane);
/** What its signature is over: a line a member, all but the signature and the certificate. */
void receipt_lane_text(struct buf *out, const struct json_in *j);

/* series.c */
/** Inside a write: makes `serial` final for `filing`. */
int series_final(struct store_conn *c, struct gln_context *ctx, const char *identity, const char *kind,
                 int year, const char *serial, int64_t filing, int64_t at_ms);
/** Every reservation nobody kept becomes a gap. */
int series_recover(struct ledger *l, struct gln_context *ctx);

/* states.c */
struct step {
    int64_t filing;
    enum filing_state from, to;
    const char *reason, *who;
    int64_t due_ms, at_ms;
};
/** Inside a write: a change row and the state that follows. `due_ms` 0 becomes `at_ms`. */
int state_change(struct store_conn *c, struct gln_context *ctx, const struct step *s);

/** The lane a decision's JSON says; false if it says none. */
bool lane_of(enum lane *out, const void *decision, size_t len);

/** Inside a write: a filing's deadline, as an attachment of that kind and as what follows from it. */
int attach_deadline(struct store_conn *c, struct gln_context *ctx, int64_t filing, int64_t deadline_ms,
                    int64_t at_ms);

/** A number as text, for messages. */
struct number_text {
    char s[24];
};
const char *number_text(struct number_text *t, int64_t v);

#endif
