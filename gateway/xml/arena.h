/** @file
 * Memory that is given back all at once: what lives as long as one run, or one compiled set of rules.
 */
#ifndef XML_ARENA_H
#define XML_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *first; /**< owned; the newest block */
    size_t used;               /**< bytes of it */
    size_t held, most;         /**< bytes of all blocks, and how many there may be; 0: any number */
};

/** Zeroed memory, aligned for anything; NULL: none left, or over the limit. */
void *arena_take(struct arena *a, size_t size);
/** A copy of `len` bytes with a NUL behind; NULL: no memory. */
char *arena_text(struct arena *a, const char *text, size_t len);
/** Forgets what was taken but keeps one block, for the next run. */
void arena_clear(struct arena *a);
void arena_free(struct arena *a);

#endif
