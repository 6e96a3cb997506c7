/*
 * The manufacturer identification code as it is computed from name and address (19 CFR part 102, appendix), to compare with the one a
 * declaration gives. Nothing is ever overwritten with it: the maker's own customs may know it by another.
 *
 * Only the part after the two letters of the country is made. Those stand for the origin of the goods, so that one maker rightly
 * has several codes, and in Canada for a province, which an address need not name.
 *
 * Owns nothing. Letters with accents count as those without; a name in another alphabet makes no code.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

enum { MAX_WORD = 8, MAX_NUMBER = 24 };

static bool letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Upper-case ASCII of what is Latin; a sign of another alphabet becomes a blank, an apostrophe nothing. */
static void plain(char *out, size_t size, const char *text)
{
    static const char latin_1[] = "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO OUUUUYTY";
    const char *p = text, *end = text + strlen(text);
    size_t n = 0;
    while (p < end && n + 1 < size) {
        uint32_t c = utf8_next(&p, end);
        if (c >= 0xC0 && c <= 0xFF)
            c = (unsigned char)latin_1[c - 0xC0];
        if (c == '\'' || c == 0x2019)
            continue;
        out[n++] = c < 0x80 ? str_upper((char)c) : ' ';
    }
    out[n] = '\0';
}

/* The next word of letters and digits: at most MAX_WORD of it, *whole its full length. */
static bool next_word(const char **p, char word[MAX_WORD + 1], size_t *whole)
{
    *whole = 0;
    while (**p != '\0' && !letter(**p) && !digit(**p))
        (*p)++;
    for (; letter(**p) || digit(**p); (*p)++)
        if ((*whole)++ < MAX_WORD)
            word[*whole - 1] = **p;
    word[*whole < MAX_WORD ? *whole : MAX_WORD] = '\0';
    return *whole > 0;
}

static bool ignored(const char *word)
{
    static const char *const words[] = {"A", "AN", "AND", "OF", "THE"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* Single letters in a row are one word, whatever they are: A B C, which is no article. */
static bool next_counted(const char **p, char word[MAX_WORD + 1])
{
    size_t whole;
    while (next_word(p, word, &whole)) {
        if (whole == 1) {
            const char *ahead = *p;
            char more[MAX_WORD + 1];
            size_t n = 1;
            while (next_word(&ahead, more, &whole) && whole == 1) {
                if (n < MAX_WORD)
                    word[n++] = more[0];
                *p = ahead;
            }
            word[n] = '\0';
        }
        if (!ignored(word))
            return true;
    }
    return false;
}

static void put_first(struct buf *out, const char *text, size_t most)
{
    for (size_t i = 0; i < most && text[i] != '\0'; i++)
        buf_putc(out, text[i]);
}

/* 12TH: the number of a street. */
static bool ordinal(const char *after)
{
    static const char *const ends[] = {"ST", "ND", "RD", "TH"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (strncmp(after, ends[i], 2) == 0 && !letter(after[2]) && !digit(after[2]))
            return true;
    return false;
}

/* One number: digits, with commas and hyphens between digits left out. *p moves behind it. */
static void take_number(const char **p, char number[MAX_NUMBER + 1])
{
    size_t n = 0;
    for (; digit(**p) || ((**p == ',' || **p == '-') && digit((*p)[1])); (*p)++)
        if (digit(**p) && n < MAX_NUMBER && (n > 0 || **p != '0'))
            number[n++] = **p;
    number[n] = '\0';
}

static void put_number(struct buf *out, const char *address)
{
    char largest[MAX_NUMBER + 1] = "", number[MAX_NUMBER + 1];
    for (const char *p = address; *p != '\0';) {
        if (!digit(*p)) {
            p++;
            continue;
        }
        take_number(&p, number);
        if (ordinal(p))
            continue;
        size_t n = strlen(number), best = strlen(largest);
        if (n > best || (n == best && strcmp(number, largest) > 0))
            str_copy(largest, sizeof largest, number);
    }
    put_first(out, largest, 4);
}

bool mid_compute(char out[MID_SIZE], const char *name, const char *address, const char *city)
{
    char text[512], word[MAX_WORD + 1];
    struct buf b = BUF_INIT;
    const char *p = text;
    size_t letters = 0;
    out[0] = '\0';
    plain(text, sizeof text, name);
    for (int i = 0; i < 2 && next_counted(&p, word); i++)
        put_first(&b, word, 3);
    bool named = b.len > 0;
    plain(text, sizeof text, address != NULL ? address : "");
    put_number(&b, text);
    plain(text, sizeof text, city != NULL ? city : "");
    for (p = text; *p != '\0' && letters < 3; p++)
        if (letter(*p)) {
            buf_putc(&b, *p);
            letters++;
        }
    if (named && !b.failed)
        str_copy(out, MID_SIZE, b.data);
    buf_free(&b);
    return out[0] != '\0';
}

bool mid_differs(char computed[MID_SIZE], const char *mid, const char *name, const char *address,
                 const char *city)
{
    computed[0] = '\0';
    if (name == NULL || address == NULL || city == NULL || strlen(mid) < 5 ||
        !mid_compute(computed, name, address, city))
        return false;
    if (strcmp(mid + 2, computed) != 0)
        return true;
    computed[0] = '\0';
    return false;
}
