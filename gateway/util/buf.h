/** @file
 * Growable byte buffer. Holds bytes, not strings; `data` is kept NUL-terminated one past `len` so that
 * it may be read as text when it holds no NUL of its own.
 *
 * A failed allocation sets `failed` and makes every later append a no-op, so that callers check once, at the end.
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;  /**< owned; NULL while empty */
    size_t len;  /**< bytes used */
    size_t cap;  /**< bytes allocated, counting the NUL */
    bool failed; /**< an allocation failed; the content is not to be trusted */
};

#define BUF_INIT                                                                                             \
    {                                                                                                        \
        NULL, 0, 0, false                                                                                    \
    }

void buf_free(struct buf *b);                              /**< frees the content; `b` itself stays usable */
void buf_clear(struct buf *b);                             /**< len = 0, keeps the memory */
bool buf_reserve(struct buf *b, size_t more);              /**< room for `more` bytes more */
void buf_put(struct buf *b, const void *data, size_t len); /**< append bytes */
void buf_puts(struct buf *b, const char *text);            /**< append a string; NULL is nothing */
void buf_putc(struct buf *b, char c);                      /**< append one byte */
void buf_fill(struct buf *b, char c, size_t count);        /**< append `count` times `c` */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *buf_take(struct buf *b,
               size_t *len); /**< hands the memory over (NUL-terminated), leaves `b` empty; NULL if failed */

#endif
