/*
 * What the first bytes look like (xml/reader.h), by content alone: never a file's name or a Content-Type.
 *
 * Looks past a byte order mark and blanks. XML begins with '<' in UTF-8, ISO-8859-1 or UTF-16; EDIFACT with UNA or UNB;
 * X12 with ISA and a separator. Control characters make the rest binary. Nothing is kept, nothing fails.
 */
#include <string.h>

#include "xml/encoding.h"
#include "xml/reader.h"

static bool blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool letter_or_digit(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool control(unsigned char c)
{
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1C && c != 0x1D && c != 0x1E &&
           c != 0x1F;
}

static enum xml_sniff sniff_utf16(const unsigned char *b, size_t len, bool big_endian)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        unsigned char high = big_endian ? b[i] : b[i + 1];
        unsigned char low = big_endian ? b[i + 1] : b[i];
        if (high == 0 && blank(low))
            continue;
        return high == 0 && low == '<' ? SNIFF_XML : SNIFF_BINARY;
    }
    return SNIFF_EMPTY;
}

/** Text that is no XML, from its first character that is not blank. */
static enum xml_sniff sniff_text(const unsigned char *b, size_t len)
{
    if (len >= 4 && (memcmp(b, "UNA", 3) == 0 || memcmp(b, "UNB", 3) == 0))
        return SNIFF_EDIFACT;
    if (len >= 4 && memcmp(b, "ISA", 3) == 0 && !letter_or_digit(b[3]))
        return SNIFF_X12;
    for (size_t i = 0; i < len && i < 1024; i++)
        if (control(b[i]))
            return SNIFF_BINARY;
    return SNIFF_TEXT;
}

enum xml_sniff xml_sniff(const void *data, size_t len)
{
    if (data == NULL || len == 0)
        return SNIFF_EMPTY;
    struct text_start start = text_look(data, len);
    const unsigned char *b = (const unsigned char *)data + start.skip;
    len -= start.skip;
    if (start.wide)
        return SNIFF_BINARY;
    if (start.encoding == TEXT_UTF16)
        return sniff_utf16(b, len, start.big_endian);
    size_t i = 0;
    while (i < len && blank(b[i]))
        i++;
    if (i == len)
        return SNIFF_EMPTY;
    if (b[i] == '<')
        return SNIFF_XML;
    return sniff_text(b + i, len - i);
}
