/*
 * Folding (xml/fold.h). One table: character, how ASCII writes it, and the combining mark that its letter carries, so that a
 * letter and a mark sent as two characters are the same as the one composed of them.
 *
 * What is not in the table has no form, and that is said rather than replaced: a question mark in a name that customs
 * reads would be a name of our own invention.
 */
#include "xml/fold.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct form {
    uint16_t code;
    char ascii[4];
    uint16_t mark; /* 0: not a letter with one mark */
};

/* Sorted by code. */
/* clang-format off */
static const struct form forms[] = {
    {0x00A0, " ", 0}, {0x00AA, "a", 0}, {0x00AB, "\"", 0}, {0x00B4, "'", 0}, {0x00BA, "o", 0},
    {0x00BB, "\"", 0}, {0x00C0, "A", 0x300}, {0x00C1, "A", 0x301}, {0x00C2, "A", 0x302},
    {0x00C3, "A", 0x303}, {0x00C4, "A", 0x308}, {0x00C5, "A", 0x30A}, {0x00C6, "AE", 0},
    {0x00C7, "C", 0x327}, {0x00C8, "E", 0x300}, {0x00C9, "E", 0x301}, {0x00CA, "E", 0x302},
    {0x00CB, "E", 0x308}, {0x00CC, "I", 0x300}, {0x00CD, "I", 0x301}, {0x00CE, "I", 0x302},
    {0x00CF, "I", 0x308}, {0x00D0, "D", 0}, {0x00D1, "N", 0x303}, {0x00D2, "O", 0x300},
    {0x00D3, "O", 0x301}, {0x00D4, "O", 0x302}, {0x00D5, "O", 0x303}, {0x00D6, "O", 0x308},
    {0x00D7, "x", 0}, {0x00D8, "O", 0}, {0x00D9, "U", 0x300}, {0x00DA, "U", 0x301}, {0x00DB, "U", 0x302},
    {0x00DC, "U", 0x308}, {0x00DD, "Y", 0x301}, {0x00DE, "TH", 0}, {0x00DF, "ss", 0}, {0x00E0, "a", 0x300},
    {0x00E1, "a", 0x301}, {0x00E2, "a", 0x302}, {0x00E3, "a", 0x303}, {0x00E4, "a", 0x308},
    {0x00E5, "a", 0x30A}, {0x00E6, "ae", 0}, {0x00E7, "c", 0x327}, {0x00E8, "e", 0x300},
    {0x00E9, "e", 0x301}, {0x00EA, "e", 0x302}, {0x00EB, "e", 0x308}, {0x00EC, "i", 0x300},
    {0x00ED, "i", 0x301}, {0x00EE, "i", 0x302}, {0x00EF, "i", 0x308}, {0x00F0, "d", 0},
    {0x00F1, "n", 0x303}, {0x00F2, "o", 0x300}, {0x00F3, "o", 0x301}, {0x00F4, "o", 0x302},
    {0x00F5, "o", 0x303}, {0x00F6, "o", 0x308}, {0x00F8, "o", 0}, {0x00F9, "u", 0x300},
    {0x00FA, "u", 0x301}, {0x00FB, "u", 0x302}, {0x00FC, "u", 0x308}, {0x00FD, "y", 0x301},
    {0x00FE, "th", 0}, {0x00FF, "y", 0x308}, {0x0100, "A", 0x304}, {0x0101, "a", 0x304},
    {0x0102, "A", 0x306}, {0x0103, "a", 0x306}, {0x0104, "A", 0x328}, {0x0105, "a", 0x328},
    {0x0106, "C", 0x301}, {0x0107, "c", 0x301}, {0x0108, "C", 0x302}, {0x0109, "c", 0x302},
    {0x010A, "C", 0x307}, {0x010B, "c", 0x307}, {0x010C, "C", 0x30C}, {0x010D, "c", 0x30C},
    {0x010E, "D", 0x30C}, {0x010F, "d", 0x30C}, {0x0110, "D", 0}, {0x0111, "d", 0}, {0x0112, "E", 0x304},
    {0x0113, "e", 0x304}, {0x0114, "E", 0x306}, {0x0115, "e", 0x306}, {0x0116, "E", 0x307},
    {0x0117, "e", 0x307}, {0x0118, "E", 0x328}, {0x0119, "e", 0x328}, {0x011A, "E", 0x30C},
    {0x011B, "e", 0x30C}, {0x011C, "G", 0x302}, {0x011D, "g", 0x302}, {0x011E, "G", 0x306},
    {0x011F, "g", 0x306}, {0x0120, "G", 0x307}, {0x0121, "g", 0x307}, {0x0122, "G", 0x327},
    {0x0123, "g", 0x327}, {0x0124, "H", 0x302}, {0x0125, "h", 0x302}, {0x0126, "H", 0}, {0x0127, "h", 0},
    {0x0128, "I", 0x303}, {0x0129, "i", 0x303}, {0x012A, "I", 0x304}, {0x012B, "i", 0x304},
    {0x012C, "I", 0x306}, {0x012D, "i", 0x306}, {0x012E, "I", 0x328}, {0x012F, "i", 0x328},
    {0x0130, "I", 0x307}, {0x0131, "i", 0}, {0x0132, "IJ", 0}, {0x0133, "ij", 0}, {0x0134, "J", 0x302},
    {0x0135, "j", 0x302}, {0x0136, "K", 0x327}, {0x0137, "k", 0x327}, {0x0138, "k", 0},
    {0x0139, "L", 0x301}, {0x013A, "l", 0x301}, {0x013B, "L", 0x327}, {0x013C, "l", 0x327},
    {0x013D, "L", 0x30C}, {0x013E, "l", 0x30C}, {0x0141, "L", 0}, {0x0142, "l", 0}, {0x0143, "N", 0x301},
    {0x0144, "n", 0x301}, {0x0145, "N", 0x327}, {0x0146, "n", 0x327}, {0x0147, "N", 0x30C},
    {0x0148, "n", 0x30C}, {0x014C, "O", 0x304}, {0x014D, "o", 0x304}, {0x014E, "O", 0x306},
    {0x014F, "o", 0x306}, {0x0150, "O", 0x30B}, {0x0151, "o", 0x30B}, {0x0152, "OE", 0}, {0x0153, "oe", 0},
    {0x0154, "R", 0x301}, {0x0155, "r", 0x301}, {0x0156, "R", 0x327}, {0x0157, "r", 0x327},
    {0x0158, "R", 0x30C}, {0x0159, "r", 0x30C}, {0x015A, "S", 0x301}, {0x015B, "s", 0x301},
    {0x015C, "S", 0x302}, {0x015D, "s", 0x302}, {0x015E, "S", 0x327}, {0x015F, "s", 0x327},
    {0x0160, "S", 0x30C}, {0x0161, "s", 0x30C}, {0x0162, "T", 0x327}, {0x0163, "t", 0x327},
    {0x0164, "T", 0x30C}, {0x0165, "t", 0x30C}, {0x0166, "T", 0}, {0x0167, "t", 0}, {0x0168, "U", 0x303},
    {0x0169, "u", 0x303}, {0x016A, "U", 0x304}, {0x016B, "u", 0x304}, {0x016C, "U", 0x306},
    {0x016D, "u", 0x306}, {0x016E, "U", 0x30A}, {0x016F, "u", 0x30A}, {0x0170, "U", 0x30B},
    {0x0171, "u", 0x30B}, {0x0172, "U", 0x328}, {0x0173, "u", 0x328}, {0x0174, "W", 0x302},
    {0x0175, "w", 0x302}, {0x0176, "Y", 0x302}, {0x0177, "y", 0x302}, {0x0178, "Y", 0x308},
    {0x0179, "Z", 0x301}, {0x017A, "z", 0x301}, {0x017B, "Z", 0x307}, {0x017C, "z", 0x307},
    {0x017D, "Z", 0x30C}, {0x017E, "z", 0x30C}, {0x017F, "s", 0}, {0x0218, "S", 0x326},
    {0x0219, "s", 0x326}, {0x021A, "T", 0x326}, {0x021B, "t", 0x326}, {0x1E9E, "SS", 0}, {0x2010, "-", 0},
    {0x2011, "-", 0}, {0x2012, "-", 0}, {0x2013, "-", 0}, {0x2014, "-", 0}, {0x2015, "-", 0},
    {0x2018, "'", 0}, {0x2019, "'", 0}, {0x201A, "'", 0}, {0x201B, "'", 0}, {0x201C, "\"", 0},
    {0x201D, "\"", 0}, {0x201E, "\"", 0}, {0x2026, "...", 0}, {0x2032, "'", 0}, {0x2033, "\"", 0},
    {0x2039, "'", 0}, {0x203A, "'", 0}, {0x2212, "-", 0},
};
/* clang-format on */

static int by_code(const void *key, const void *row)
{
    uint32_t code = *(const uint32_t *)key;
    const struct form *f = row;
    return code < f->code ? -1 : code > f->code;
}

static const struct form *form_of(uint32_t code)
{
    return bsearch(&code, forms, sizeof forms / sizeof forms[0], sizeof forms[0], by_code);
}

/** The one character for a letter and a combining mark; 0 if there is none. */
static uint32_t composed(uint32_t letter, uint32_t mark)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (forms[i].mark == mark && letter < 0x80 && forms[i].ascii[0] == (char)letter)
            return forms[i].code;
    return 0;
}

static bool put_folded(struct buf *out, uint32_t c, uint32_t limit)
{
    if (c < limit) {
        utf8_put(out, c);
        return true;
    }
    const struct form *f = form_of(c);
    if (f != NULL)
        buf_puts(out, f->ascii);
    return f != NULL;
}

static bool blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0;
}

/** The next character with the combining mark behind it taken in. */
static uint32_t next_composed(const char **s, const char *end)
{
    uint32_t c = utf8_next(s, end);
    const char *behind = *s;
    if (behind == end)
        return c;
    uint32_t mark = utf8_next(&behind, end);
    uint32_t one = mark >= 0x300 && mark < 0x370 ? composed(c, mark) : 0;
    if (one == 0)
        return c;
    *s = behind;
    return one;
}

bool text_is_plain(const char *text)
{
    char before = ' ';
    if (*text == '\0')
        return true;
    for (; *text >= 0x20 && *text < 0x7F && (*text != ' ' || before != ' '); text++)
        before = *text;
    return *text == '\0' && before != ' ';
}

bool text_fold(struct buf *out, const char *text, const char *charset)
{
    static const struct {
        const char *name;
        uint32_t limit; /* characters below are left alone */
    } charsets[] = {{"ascii", 0x80}, {"latin1", 0x100}, {"utf8", 0x110000}};
    uint32_t limit = 0;
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
        if (strcmp(charset, charsets[i].name) == 0)
            limit = charsets[i].limit;
    const char *s = text, *end = text + strlen(text);
    size_t start = out->len;
    bool good = limit != 0, gap = false;
    if (good && text_is_plain(text)) {
        buf_put(out, text, strlen(text));
        return true;
    }
    while (s < end && good) {
        uint32_t c = next_composed(&s, end);
        if (blank(c)) {
            gap = out->len > start;
            continue;
        }
        if (gap)
            buf_putc(out, ' ');
        gap = false;
        good = c >= 0x20 && (c < 0x7F || c > 0x9F) && put_folded(out, c, limit);
    }
    if (!good && out->data != NULL) {
        out->len = start;
        out->data[start] = '\0';
    }
    return good;
}

static uint32_t upper(uint32_t c)
{
    /* Every `step`-th character of a range, from its first, lies `down` above its capital. */
    static const struct {
        uint16_t first, last, step, down;
    } ranges[] = {
        {'a', 'z', 1, 0x20},  {0xE0, 0xF6, 1, 0x20},   {0xF8, 0xFE, 1, 0x20},
        {0x101, 0x12F, 2, 1}, {0x131, 0x131, 1, 0xE8}, {0x133, 0x137, 2, 1},
        {0x13A, 0x148, 2, 1}, {0x14B, 0x177, 2, 1},    {0x17A, 0x17E, 2, 1},
    };
    if (c == 0xFF)
        return 0x178;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i].first && c <= ranges[i].last && (c - ranges[i].first) % ranges[i].step == 0)
            return c - ranges[i].down;
    return c;
}

void text_upper(struct buf *out, const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        const char *start = text;
        while (text<end && * text> 0 && (*text < 'a' || *text > 'z'))
            text++;
        buf_put(out, start, (size_t)(text - start));
        if (text < end && *text >= 'a' && *text <= 'z')
            buf_putc(out, (char)(*text++ - 0x20));
        else if (text < end)
            utf8_put(out, upper(utf8_next(&text, end)));
    }
}
