/*
 * Encodings (xml/encoding.h). UTF-8, UTF-16 of either order and ISO-8859-1 are read; the XML declaration is asked only when
 * the bytes themselves leave it open, and must not contradict them. The result is one block of UTF-8, which the parser then
 * reads without conversions of its own, so that a pointer into it is a place.
 *
 * A byte that is not valid where it stands, half a surrogate pair or a zero byte is refused here, before any parser sees it:
 * libxml2 would go on in ISO-8859-1 or stop quietly.
 */
#include "xml/encoding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/str.h"

/** A 16-bit byte order mark, or zero bytes where '<' in 16-bit units has them. */
static bool looks_wide(const unsigned char *b, size_t len, bool *mark)
{
    *mark = len >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF));
    return *mark || (len >= 4 && (b[0] == 0) != (b[1] == 0));
}

struct text_start text_look(const void *data, size_t len)
{
    const unsigned char *b = data;
    struct text_start s = {TEXT_UTF8, false, false, 0};
    bool mark;
    if (len >= 3 && memcmp(b, "\xEF\xBB\xBF", 3) == 0) {
        s.skip = 3;
        return s;
    }
    if (!looks_wide(b, len, &mark))
        return s;
    s.encoding = TEXT_UTF16;
    s.big_endian = mark ? b[0] == 0xFE : b[0] == 0;
    s.skip = mark ? 2 : 0;
    if (len >= 4 && b[2] == 0 && b[3] == 0)
        s.wide = !mark || b[0] == 0xFF;
    return s;
}

static bool ascii_stretch(const char *text, size_t len, size_t *at)
{
    size_t i = *at;
    while (len - i >= 8) {
        uint64_t w;
        memcpy(&w, text + i, 8);
        /* a high bit or a zero byte ends the stretch */
        if (((w | ((w - 0x0101010101010101u) & ~w)) & 0x8080808080808080u) != 0)
            break;
        i += 8;
    }
    while (i < len && (unsigned char)text[i] < 0x80 && text[i] != '\0')
        i++;
    *at = i;
    return i == len;
}

/** Validates UTF-8 without zero bytes; *at: the first bad byte. */
static bool clean_utf8(const char *text, size_t len, size_t *at)
{
    size_t i = 0;
    while (!ascii_stretch(text, len, &i)) {
        size_t from = i;
        while (i < len && (unsigned char)text[i] >= 0x80)
            i++;
        size_t bad = 0;
        if (i > from && !utf8_valid(text + from, i - from, &bad)) {
            *at = from + bad;
            return false;
        }
        if (i < len && text[i] == '\0') {
            *at = i;
            return false;
        }
    }
    return true;
}

static int bad_byte(struct places *p, struct gln_context *ctx, const char *encoding, size_t at)
{
    struct buf hex = BUF_INIT;
    buf_printf(&hex, "%02X", (unsigned)(unsigned char)p->text[at]);
    p->len = at; /* what lies behind it cannot be walked */
    struct place place = places_at(p, at);
    int rc = p->text[at] == '\0' ? context_fail_at(ctx, GLN_E_INPUT, place, MSG_XML_NUL)
                                 : context_fail_at(ctx, GLN_E_INPUT, place, MSG_XML_BYTE, encoding, hex.data);
    buf_free(&hex);
    return rc;
}

static int take_utf8(struct places *p, struct gln_context *ctx, const char *data, size_t len)
{
    p->text = malloc(len + 1);
    if (p->text == NULL)
        return context_no_memory(ctx);
    memcpy(p->text, data, len);
    p->text[len] = '\0';
    p->len = len;
    size_t bad;
    return clean_utf8(p->text, len, &bad) ? GLN_OK : bad_byte(p, ctx, "UTF-8", bad);
}

static int take_latin1(struct places *p, struct gln_context *ctx, const char *data, size_t len)
{
    size_t high = 0;
    for (size_t i = 0; i < len; i++)
        high += (unsigned char)data[i] >= 0x80;
    p->encoding = TEXT_LATIN1;
    p->text = malloc(len + high + 1);
    if (p->text == NULL)
        return context_no_memory(ctx);
    char *to = p->text;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c >= 0x80) {
            *to++ = (char)(0xC0 | c >> 6);
            c = 0x80 | (c & 0x3F);
        }
        *to++ = (char)c;
    }
    *to = '\0';
    p->len = len + high;
    const char *zero = memchr(p->text, '\0', p->len);
    return zero == NULL ? GLN_OK : bad_byte(p, ctx, "ISO-8859-1", (size_t)(zero - p->text));
}

static uint32_t unit_at(const unsigned char *b, bool big_endian)
{
    return big_endian ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
}

/** One code point from 16-bit units at *i; 0 if it is none. */
static uint32_t next_utf16(const unsigned char *b, size_t len, size_t *i, bool big_endian)
{
    if (len - *i < 2)
        return 0;
    uint32_t c = unit_at(b + *i, big_endian);
    if (c >= 0xD800 && c < 0xDC00) {
        uint32_t low = len - *i >= 4 ? unit_at(b + *i + 2, big_endian) : 0;
        if (low < 0xDC00 || low > 0xDFFF)
            return 0;
        *i += 4;
        return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (c >= 0xDC00 && c <= 0xDFFF)
        return 0;
    *i += 2;
    return c;
}

static int take_utf16(struct places *p, struct gln_context *ctx, const char *data, size_t len,
                      bool big_endian)
{
    struct buf text = BUF_INIT;
    buf_reserve(&text, len);
    p->encoding = TEXT_UTF16;
    size_t i = 0;
    bool good = true;
    while (i < len && good) {
        uint32_t c = next_utf16((const unsigned char *)data, len, &i, big_endian);
        good = c != 0;
        if (good && c < 0x80)
            buf_putc(&text, (char)c);
        else if (good)
            utf8_put(&text, c);
    }
    buf_puts(&text, "");
    if (!text.failed && text.data == NULL)
        buf_reserve(&text, 1);
    if (text.failed) {
        buf_free(&text);
        return context_no_memory(ctx);
    }
    p->len = text.len;
    p->text = buf_take(&text, NULL);
    if (good)
        return GLN_OK;
    return context_fail_at(ctx, GLN_E_INPUT, places_at(p, p->len), MSG_XML_UTF16);
}

/** The value of encoding= in an XML declaration at the start of `text`; false if there is none. */
static bool declared(char *out, size_t size, const char *text, size_t len)
{
    size_t limit = len < 512 ? len : 512;
    if (limit < 6 || memcmp(text, "<?xml", 5) != 0)
        return false;
    const char *end = memchr(text, '>', limit);
    if (end == NULL)
        return false;
    for (const char *s = text + 5; s + 8 < end; s++) {
        if (memcmp(s, "encoding", 8) != 0)
            continue;
        s += 8;
        while (s < end && strchr(" \t\r\n=", *s) != NULL)
            s++;
        char quote = *s++;
        size_t n = 0;
        while (s < end && *s != quote && n + 1 < size)
            out[n++] = *s++;
        out[n] = '\0';
        return n > 0;
    }
    return false;
}

enum declared_kind { DECLARED_UTF8, DECLARED_LATIN1, DECLARED_UTF16, DECLARED_OTHER };

static enum declared_kind kind_of(const char *name)
{
    static const struct {
        const char *name;
        enum declared_kind kind;
    } names[] = {
        {"UTF-8", DECLARED_UTF8},
        {"UTF8", DECLARED_UTF8},
        {"US-ASCII", DECLARED_UTF8},
        {"ASCII", DECLARED_UTF8},
        {"ISO-8859-1", DECLARED_LATIN1},
        {"ISO_8859-1", DECLARED_LATIN1},
        {"ISO8859-1", DECLARED_LATIN1},
        {"LATIN1", DECLARED_LATIN1},
        {"LATIN-1", DECLARED_LATIN1},
        {"UTF-16", DECLARED_UTF16},
        {"UTF-16LE", DECLARED_UTF16},
        {"UTF-16BE", DECLARED_UTF16},
        {"ISO-10646-UCS-2", DECLARED_UTF16},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i].name) == 0)
            return names[i].kind;
    return DECLARED_OTHER;
}

static int contradiction(struct gln_context *ctx, const char *name, const char *bytes)
{
    struct place first = {true, 0, 1, 1};
    return context_fail_at(ctx, GLN_E_INPUT, first, MSG_XML_ENCODING_LIE, name, bytes);
}

int text_take(struct places *p, struct gln_context *ctx, const void *data, size_t len)
{
    struct place first = {true, 0, 1, 1};
    struct text_start start = text_look(data, len);
    const char *body = (const char *)data + start.skip;
    size_t n = len - start.skip;
    char name[41];
    p->skipped = start.skip;
    if (start.wide)
        return context_fail_at(ctx, GLN_E_INPUT, first, MSG_XML_ENCODING, "UTF-32");
    if (start.encoding == TEXT_UTF16) {
        int rc = take_utf16(p, ctx, body, n, start.big_endian);
        if (rc == GLN_OK && declared(name, sizeof name, p->text, p->len) && kind_of(name) != DECLARED_UTF16)
            return contradiction(ctx, name, "UTF-16");
        return rc;
    }
    enum declared_kind kind = declared(name, sizeof name, body, n) ? kind_of(name) : DECLARED_UTF8;
    if (kind == DECLARED_OTHER)
        return context_fail_at(ctx, GLN_E_INPUT, first, MSG_XML_ENCODING, name);
    if (kind == DECLARED_UTF16)
        return contradiction(ctx, name, "8-bit");
    if (kind == DECLARED_LATIN1 && start.skip > 0)
        return contradiction(ctx, name, "UTF-8");
    return kind == DECLARED_LATIN1 ? take_latin1(p, ctx, body, n) : take_utf8(p, ctx, body, n);
}
