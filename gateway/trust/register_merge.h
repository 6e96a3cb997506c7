/** @file
 * Between register_load.c, which reads the rows of all sources, and register_merge.c, which makes one operator of those that are one.
 */
#ifndef TRUST_REGISTER_MERGE_H
#define TRUST_REGISTER_MERGE_H

#include "trust/register.h"

/** Beside operators.rows, by the same index; in order of `entry`. */
struct raw_operator {
    int64_t version, entry;
    const char *source, *folded; /**< borrowed from the register */
    bool foreign;                /**< of the other environment */
    bool whole;                  /**< its source says the whole past at once: no order in what it told */
    bool listed;                 /**< false: its source no longer has it */
    bool gone;                   /**< taken back, and here only for what persons said of it */
};
/** Beside operators.certificates, by the same index. */
struct raw_certificate {
    int64_t entry, learned_ms;
};
struct raw_event {
    int64_t entry;
    const struct programme *programme; /**< NULL: nobody describes it any more */
    const char *class_code;
    bool said; /**< the source named the instant it learned it */
    struct event event;
};
/** The day of the newest batch of a list. */
struct raw_date {
    const char *source, *environment;
    day_number as_of;
};
struct register_raw {
    TABLE(struct raw_operator) operators;
    TABLE(struct raw_certificate) certificates;
    TABLE(struct raw_date) dates;
    TABLE(struct raw_event) events; /**< by entry, then effective day, then row */
    const char *last_source, *last_class;
};
void register_raw_free(struct register_raw *raw);
/** The row of an entry; SIZE_MAX: there is none. */
size_t raw_of_entry(const struct register_raw *raw, int64_t entry);
/** The first of `count` rows, `stride` bytes apart and sorted by entry, with this entry or a later one; `first`: the entry of row 0. */
size_t raw_lower(const int64_t *first, size_t count, size_t stride, int64_t entry);
/**
 * Rows into operators: those that share a number become one (a MID alone is none: only with the same name, as within one source every number
 * is), those of the other environment that this one knows are left out, and each certificate gets its events. A person's word is of the
 * operator and the programme, whatever its class. False without memory.
 */
bool register_merge(struct operators *o, struct register_raw *raw);

#endif
