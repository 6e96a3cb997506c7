/** @file
 * Inside of the sandbox's ACE: a batch as lines of 80 columns, its conditions, and the answers made from it.
 */
#ifndef SANDBOX_ACE_H
#define SANDBOX_ACE_H

#include "sandbox/sandbox.h"

#define ACE_LINES_MAX 100000

struct lines {
    char (*at)[81]; /**< owned; padded with blanks, NUL-terminated */
    size_t count;
    bool last_short; /**< the last one had fewer than 80 columns */
};

/** Columns `from` to `to` without blanks at the end; `out` holds to - from + 2 bytes. */
void columns_get(char *out, const char *line, int from, int to);
bool columns_blank(const char *line, int from, int to);
bool columns_same(const char *a, const char *b, int from, int to);
/** A record of 80 blanks with its identifier; then texts put at columns, cut at `to`. */
void record_begin(char line[81], const char *id);
void record_put(char line[81], int from, int to, const char *text);
void record_end(struct buf *out, const char line[81]);

/** Why a batch is rejected as a whole: X0 and X1 records, and their number. */
struct rejection {
    struct buf records;
    int count;
};
/** Looks at the envelope and the syntax of one batch, lines [first, end). False when it was rejected. */
bool envelope_check(const struct sandbox *s, const struct lines *l, size_t first, size_t end,
                    struct rejection *why);

/** Delivers the SX of an accepted batch, does what it asks to the entries, and delivers what SO says of them. */
void release_answer(struct sandbox *s, struct gln_context *ctx, const struct lines *l, size_t first,
                    size_t end, size_t box);
/** The SO that says an entry is released (98) or cancelled (23). */
void release_notify(struct sandbox *s, struct gln_context *ctx, struct entry *e, const char *code);

struct entry *ace_entry(struct ace *a, const char *number);
/** Gives the bytes to the transmitter: at once, or when POST /answer says so. */
void ace_deliver(struct sandbox *s, size_t box, struct buf *bytes);
/** MMDDYY and HHMM of the sandbox's clock in New York. */
void ace_now(struct sandbox *s, char date[7], char time[5]);
bool entry_check_digit(const char *number);

#endif
