/** @file
 * A ledger in a folder of its own, for tests, and declarations to put into it.
 */
#ifndef UNIT_LEDGER_BED_H
#define UNIT_LEDGER_BED_H

#include <sys/types.h>

#include "ledger/ledger.h"

struct bed {
    char folder[64], path[96];
    struct options options;
    struct clock_source clock;
    struct gln_context ctx;
    struct sealer *sealer;
    struct ledger *ledger; /**< NULL while closed */
};

#define BED_TIME INT64_C(1784829600000) /* 2026-07-23T18:00:00Z */

void bed_begin(struct bed *b);
void bed_open(struct bed *b);  /**< opens the ledger (asserts) */
void bed_close(struct bed *b); /**< closes the ledger only */
void bed_end(struct bed *b);   /**< closes and removes all */

/** A declaration of one filing; change members before bed_keep(). */
struct bed_declaration {
    char id[33];
    struct ledger_new_filing filing[2];
    struct ledger_new_declaration d;
};
void bed_declaration(struct bed *b, struct bed_declaration *d);
/** Keeps it (asserts) and gives the id of its first filing; `receipt` may be NULL. */
int64_t bed_keep(struct bed *b, struct bed_declaration *d, struct buf *receipt);
/** A plain one. */
int64_t bed_keep_one(struct bed *b, struct buf *receipt);
/** The id of a declaration's first filing. */
int64_t bed_first_filing(struct bed *b, const char *declaration);

/** Runs SQL statements, separated by ';', on the closed ledger's file, as somebody who tampers with it would. */
void bed_tamper(struct bed *b, const char *sql);
/** Opens, verifies, closes; the report goes to `report` (may be NULL). */
bool bed_good(struct bed *b, struct buf *report);

/** Forks; the child runs `child`, which never returns, and tells what it did on its `out`. The pipe's end to read goes to *told. */
pid_t bed_fork(struct bed *b, void (*child)(struct bed *b, int out), int *told);
/** Waits for the child that was killed; fails the test when it ended by itself. */
void bed_killed(pid_t pid);

#endif
