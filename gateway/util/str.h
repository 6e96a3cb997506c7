/** @file
 * Strings: copies that check, ASCII-only case, UTF-8 walking, escapes. No locale is ever consulted.
 */
#ifndef UTIL_STR_H
#define UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/** Moves a pointer out of its place and leaves NULL behind. */
#define TAKE(pp) util_take((void **)(pp))
static inline void *util_take(void **pp)
{
    void *p = *pp;
    *pp = NULL;
    return p;
}

char *str_dup(const char *s); /**< NULL in, NULL out */
char *str_ndup(const char *s, size_t n);
bool str_eq(const char *a, const char *b); /**< NULL equals NULL only */
bool str_starts(const char *s, const char *prefix);
void str_copy(
    char *dst, size_t size,
    const char *
        src); /**< for fixed arrays: always terminated, cut at `size` - 1; never for values sent to an authority */
char str_upper(char c); /**< ASCII only */
bool str_is_digits(const char *s, size_t n);
bool utf8_valid(const char *s, size_t n, size_t *bad_at);
size_t utf8_chars(const char *s, size_t n); /**< code points in `n` bytes of valid UTF-8 */
uint32_t utf8_next(const char **s,
                   const char *end); /**< next code point; 0xFFFD and one byte on for a bad byte */
void utf8_put(struct buf *b, uint32_t code_point);
void buf_put_xml(struct buf *b,
                 const char *text); /**< append with & < > " ' escaped, for text and attributes */

#endif
