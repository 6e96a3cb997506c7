/** @file
 * What is unusual about a declaration, seen against those that were kept before it: a place its importer has not declared at, a submitter
 * who has not declared for that importer, many different numbers of one submitter that nobody knows or that are another's. It alerts
 * and never changes a lane. docs/lanes.md tells people what each alert means.
 */
#ifndef TRUST_WATCH_H
#define TRUST_WATCH_H

#include "core/context.h"
#include "core/reason.h"
#include "store/store.h"
#include "trust/lane.h"

/** DDL of its tables: store_schema(ledger_store(l), ctx, watch_schema). None of them is a row of the chain: they follow from what is. */
extern const char watch_schema[];

/* X(NAME, "word in metrics and JSON") */
#define WATCH_KINDS(X)                                                                                       \
    X(PORT, "port")                                                                                          \
    X(SUBMITTER, "submitter")                                                                                \
    X(NUMBERS, "numbers")                                                                                    \
    X(SECURITY, "security")                                                                                  \
    X(REVIEW, "review")
enum watch_kind {
#define WATCH_ENUM(name, word) WATCH_##name,
    WATCH_KINDS(WATCH_ENUM)
#undef WATCH_ENUM
        WATCH_COUNT
};
const char *watch_word(enum watch_kind kind);

/** What is noted of a declaration while its parties are at hand. Owns `numbers`. */
struct watch {
    char importer[80];   /**< KIND:NUMBER, normalised; "": none that can be told apart */
    char place[40];      /**< the customs office it is declared at; "": not said */
    char (*numbers)[80]; /**< as `importer`: those with B03 or B07, each once, sorted */
    size_t number_count;
    char destination[16], environment[8];
    enum lane_alert alert; /**< the lane decision's own */
};
/** Of the facts and their decision; `place` may be NULL. Takes the decision's doubtful numbers. */
void watch_take(struct watch *out, const struct lane_facts *facts, struct lane_decision *d,
                const char *place);
void watch_free(struct watch *w);

/** What is asked and answered in the transaction of keep. */
struct watch_note {
    const struct watch *watch;
    const char *declaration, *submitter; /**< "": the local operator */
    int64_t at_ms;
    int64_t past;      /**< option alert-past */
    int64_t numbers;   /**< option alert-numbers */
    int64_t window_ms; /**< option alert-window */
    /** Of PORT, SUBMITTER and NUMBERS: what is to be said; "" where there is nothing. */
    struct reason found[WATCH_SECURITY];
};
/** For struct ledger_new_declaration: `arg` is a struct watch_note. May be called anew after a failure. */
int watch_write(struct store_conn *c, struct gln_context *ctx, void *arg);

/** A decision made again before sending, with its own alert: one more of the declaration, and counted; once for all filings of it at the same `at_ms`. */
struct watch_recall {
    const char *environment, *declaration, *submitter; /**< submitter "": the local operator */
    const char *primary;                               /**< reason of the decision */
    enum lane_alert alert;                             /**< not NONE */
    int64_t at_ms;
};
int watch_recalled(struct store *s, struct gln_context *ctx, const struct watch_recall *r);

/** The alerts of a declaration in the order they were raised; `reason`: see core/reason.h. */
int watch_of(struct store *s, struct gln_context *ctx, const char *declaration,
             void (*each)(void *arg, const char *kind, int64_t at_ms, const char *reason), void *arg);
/**
 * How many alerts each submitter caused in an environment. Submitters that are in the list of submitters have their name, the local
 * operator is "(local)", all others together "(others)": there are never more names than somebody configured. `asker` NULL: the
 * operator; otherwise a submitter, who reads his own name only.
 */
int watch_counts(struct store *s, struct gln_context *ctx, const char *environment, const char *asker,
                 void (*each)(void *arg, const char *submitter, const char *kind, int64_t times), void *arg);

#endif
