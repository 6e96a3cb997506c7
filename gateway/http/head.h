/** @file
 * The head of an HTTP/1.x request: request line and fields, judged strictly. Knows no sockets.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 32768 /* bytes of a whole head, its empty line included */
#define HTTP_FIELDS_MAX 100

struct http_field {
    const char *name, *value; /**< into the head's own text; the value without blanks around it */
};

struct http_head {
    const char *method, *target; /**< into the text given to http_head_parse() */
    int minor;                   /**< HTTP/1.minor */
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t count;
    bool has_length, chunked;
    bool expect_continue; /**< the client waits for 100 before it sends the body */
    bool keep_alive;      /**< the connection may be used again after the answer */
    uint64_t length;      /**< Content-Length, 0 if none */
};

/**
 * Parses `text` (`len` bytes, from the request line to the empty line, NUL-terminated past the end) in place. Returns 0, or the
 * status to answer with: 400, 415, 417, 431, 501, 505. Nothing ambiguous is read charitably (request smuggling).
 */
int http_head_parse(struct http_head *h, char *text, size_t len);

/** The value of a field (any case of the name), NULL if absent. */
const char *http_head_get(const struct http_head *h, const char *name);

#endif
