/** @file
 * The report of ledger_verify(), shared by its two halves.
 */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include "ledger/own.h"

struct check {
    struct store_conn *c;
    struct gln_context *ctx;
    const struct ledger *l; /**< NULL: of an archive's file, with no ledger to compare with */
    int language;
    struct buf *report;
    size_t wrong; /**< lines said */
};

/** A line of the report; after a hundred only that there is more. Arguments may be NULL. */
void check_say(struct check *k, enum message_id id, const char *const *args, size_t n);
#define CHECK_SAY(k, ...) CHECK_SAY_(k, __VA_ARGS__, "")
#define CHECK_SAY_(k, id, ...) check_say(k, id, CTX_ARGS(__VA_ARGS__))

/** verify.c: walks the chain of an archive's file on `c`, where rows may be missing; *head: its last link. */
int verify_file(struct check *k, struct store_conn *c, struct chain_link *head);
/** receipt.c: every receipt that is kept: its signature, its declaration's bytes, and the link it names against the chain. */
int check_receipts(struct check *k);
/** verify_now.c: current states against the rows they follow from. */
int check_now(struct check *k);

#endif
