/*
 * Strings (util/str.h): bytes and UTF-8, never the locale. Case is ASCII case only, because the identifiers the gateway
 * compares are ASCII and because a Turkish locale must not change what a filer code is.
 * Owns nothing but the copies it returns, which the caller frees. Nothing here is fatal: no memory gives NULL.
 */
#include "util/str.h"

#include <stdlib.h>
#include <string.h>

char *str_dup(const char *s)
{
    return s == NULL ? NULL : str_ndup(s, strlen(s));
}

char *str_ndup(const char *s, size_t n)
{
    if (s == NULL)
        return NULL;
    char *copy = malloc(n + 1);
    if (copy != NULL) {
        memcpy(copy, s, n);
        copy[n] = '\0';
    }
    return copy;
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
    return s != NULL && prefix != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

void str_copy(char *dst, size_t size, const char *src)
{
    if (size == 0)
        return;
    size_t n = src == NULL ? 0 : strlen(src);
    if (n >= size)
        n = size - 1;
    if (n > 0)
        memcpy(dst, src, n);
    dst[n] = '\0';
}

char str_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool str_is_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return n > 0;
}

/* Length of the sequence a lead byte announces and the smallest code point it may carry; 0: not a lead byte. */
static unsigned lead_length(unsigned char c, uint32_t *bits, uint32_t *least)
{
    static const struct {
        unsigned char mask, value;
        uint32_t least;
    } row[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (unsigned i = 0; i < 4; i++)
        if ((c & row[i].mask) == row[i].value) {
            *bits = c & (unsigned char)~row[i].mask;
            *least = row[i].least;
            return i + 1;
        }
    return 0;
}

/* One code point; false for anything RFC 3629 forbids (overlong, surrogate, past U+10FFFF, cut). */
static bool decode(const unsigned char *s, size_t n, uint32_t *out, size_t *used)
{
    uint32_t code = 0, least = 0;
    unsigned len = lead_length(s[0], &code, &least);
    if (len == 0 || len > n)
        return false;
    for (unsigned i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return false;
        code = code << 6 | (s[i] & 0x3Fu);
    }
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    *out = code;
    *used = len;
    return true;
}

bool utf8_valid(const char *s, size_t n, size_t *bad_at)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t i = 0;
    while (i < n) {
        uint32_t code;
        size_t used = 1;
        if (p[i] >= 0x80 && !decode(p + i, n - i, &code, &used)) {
            if (bad_at != NULL)
                *bad_at = i;
            return false;
        }
        i += used;
    }
    return true;
}

size_t utf8_chars(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

uint32_t utf8_next(const char **s, const char *end)
{
    uint32_t code = 0xFFFD;
    size_t used = 1;
    if (*s >= end)
        return 0;
    if (!decode((const unsigned char *)*s, (size_t)(end - *s), &code, &used)) {
        code = 0xFFFD;
        used = 1;
    }
    *s += used;
    return code;
}

void utf8_put(struct buf *b, uint32_t c)
{
    char out[4];
    size_t n = 0;
    if (c < 0x80) {
        out[n++] = (char)c;
    } else if (c < 0x800) {
        out[n++] = (char)(0xC0 | c >> 6);
        out[n++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out[n++] = (char)(0xE0 | c >> 12);
        out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        out[n++] = (char)(0x80 | (c & 0x3F));
    } else {
        out[n++] = (char)(0xF0 | c >> 18);
        out[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        out[n++] = (char)(0x80 | (c & 0x3F));
    }
    buf_put(b, out, n);
}

void buf_put_xml(struct buf *b, const char *text)
{
    static const struct {
        char c;
        const char *escape;
    } table[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},   {'"', "&quot;"},
                 {'\'', "&#39;"}, {'\r', "&#13;"}, {'\n', "&#10;"}, {'\t', "&#9;"}};
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        const char *escape = NULL;
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
            if (table[i].c == *p)
                escape = table[i].escape;
        if (escape != NULL)
            buf_puts(b, escape);
        else
            buf_putc(b, *p);
    }
}
