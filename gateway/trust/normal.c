/*
 * Identifiers and names in the one form they are compared in. ASCII only and without any locale: a Turkish dotless i must not
 * make another operator.
 *
 * Owns nothing. Forms: facts of 19 CFR 102 appendix (MID), CBP Form 5106 (importer numbers; the suffix may not hold O, I, Z), SAT's
 * RFC pattern, 2 letters and up to 15 more for EORI and AEO numbers, NMFTA's SCAC; a TIN of WCO's guidelines is taken as country and
 * national id within 17, as its fields are. A length is counted in characters.
 */
#include "trust/register.h"

#include <string.h>

#include "util/str.h"
#include "xml/check_digit.h"

static bool among(const char *s, size_t n, const char *allowed)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(allowed, s[i]) == NULL)
            return false;
    return true;
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool form_importer(const char *s)
{
    size_t n = strlen(s);
    if ((n == 9 || n == 11) && str_is_digits(s, n))
        return true;
    return n == 11 && str_is_digits(s, 9) && among(s + 9, 2, "ABCDEFGHJKLMNPQRSTUVWXY" DIGITS);
}

static bool form_rfc(const char *s)
{
    const char *p = s, *end = s + strlen(s);
    size_t letters = utf8_chars(s, strlen(s));
    if (letters != 12 && letters != 13)
        return false;
    for (letters -= 9; letters > 0; letters--) {
        uint32_t c = utf8_next(&p, end);
        if (!((c >= 'A' && c <= 'Z') || c == '&' || c == 0xD1))
            return false;
    }
    return str_is_digits(p, 6) && among(p + 6, (size_t)(end - p) - 6, LETTERS DIGITS);
}

static bool form_mid(const char *s)
{
    size_t n = strlen(s);
    return n >= 5 && n <= 15 && among(s, 2, LETTERS) && among(s + 2, n - 2, LETTERS DIGITS);
}

static bool form_aeo(const char *s)
{
    size_t n = strlen(s);
    return n >= 3 && n <= 17 && among(s, 2, LETTERS) && among(s + 2, n - 2, LETTERS DIGITS "/");
}

static bool form_eori(const char *s)
{
    size_t n = strlen(s);
    return n >= 3 && n <= 17 && among(s, 2, LETTERS) && among(s + 2, n - 2, LETTERS DIGITS);
}

static bool form_four(const char *s)
{
    size_t n = strlen(s);
    return n >= 2 && n <= 4 && among(s, n, LETTERS DIGITS);
}

static const struct {
    const char *kind;
    bool (*form)(const char *s);
    const char *dropped; /* characters that mean nothing in this kind */
} kinds[] = {
    {"EI", form_importer, "-_. "},  {"34", form_importer, "-_. "}, {"ANI", form_importer, "-_. "},
    {"IOR", form_importer, "-_. "}, {"RFC", form_rfc, "-_. "},     {"MID", form_mid, ""},
    {"AEO", form_aeo, " "},         {"EORI", form_eori, ""},       {"SCAC", form_four, ""},
    {"CAAT", form_four, ""},        {"TIN", form_eori, ""},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static int find_kind(const char *kind)
{
    for (int i = 0; kind != NULL && i < KINDS; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return i;
    return -1;
}

/* White space is XML's: what the transforms write goes through normalize-space(), and the same number is looked up. */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void blanks_off(const char **p, const char **end)
{
    while (*p < *end && is_space(**p))
        (*p)++;
    while (*end > *p && is_space((*end)[-1]))
        (*end)--;
}

const char *identifier_kind(const char *kind)
{
    int k = find_kind(kind);
    return k < 0 ? NULL : kinds[k].kind;
}

const char *identifier_importer_kind(const char *given)
{
    static const struct {
        const char *kind, *shape; /* 9: a digit, X: a digit or a letter */
    } shapes[] = {
        {"EI", "99-9999999"}, {"EI", "99-9999999XX"}, {"34", "999-99-9999"}, {"ANI", "999999-99999"}};
    const char *end = given + strlen(given);
    blanks_off(&given, &end);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const char *p = given, *s = shapes[i].shape;
        for (; p < end && *s != '\0'; p++, s++)
            if (*s == '-' ? *p != '-' : strchr(*s == '9' ? DIGITS : LETTERS DIGITS, str_upper(*p)) == NULL)
                break;
        if (p == end && *s == '\0')
            return shapes[i].kind;
    }
    return NULL;
}

bool identifier_digit_right(const char *kind, const char *value)
{
    return strcmp(kind, "RFC") != 0 || check_digit_right("rfc", value);
}

bool identifier_normalise(char *out, size_t size, const char *kind, const char *given, bool *changed)
{
    int k = find_kind(kind);
    const char *end = given + strlen(given);
    size_t n = 0;
    const char *p = given;
    blanks_off(&p, &end);
    for (; p < end; p++) {
        unsigned char c = is_space(*p) ? ' ' : (unsigned char)*p;
        if (c < 0x20 || c == 0x7F || n + 1 >= size)
            return false;
        /* the small n-tilde of UTF-8 is C3 B1, the capital C3 91 */
        if (n > 0 && c == 0xB1 && (unsigned char)out[n - 1] == 0xC3)
            c = 0x91;
        if (k < 0 || strchr(kinds[k].dropped, c) == NULL)
            out[n++] = str_upper((char)c);
    }
    out[n] = '\0';
    *changed = strcmp(out, given) != 0;
    return n > 0 && k >= 0 && kinds[k].form(out);
}

/* U+00C0..U+00FF and U+0100..U+017F without their accents; a blank for what is no letter. */
static const char latin_1[] = "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO OUUUUYTY";
static const char latin_a[] = "AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIIIJJJJKKKLLLLLLLLLLNNNNNNNNN"
                              "OOOOOOOORRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";

uint32_t letter_unaccented(uint32_t c)
{
    if (c >= 0xC0 && c <= 0xFF)
        return (unsigned char)latin_1[c - 0xC0];
    if (c >= 0x100 && c < 0x100 + sizeof latin_a - 1)
        return (unsigned char)latin_a[c - 0x100];
    return c;
}

/* The next letter or digit of a name, folded; 0 at the end. Everything else is passed over. */
static uint32_t next_sign(const char **p, const char *end)
{
    while (*p < end) {
        uint32_t c = letter_unaccented(utf8_next(p, end));
        if (c < 0x80) {
            c = (unsigned char)str_upper((char)c);
            if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '&')
                return c;
        } else {
            return c;
        }
    }
    return 0;
}

void name_fold(struct buf *out, const char *name)
{
    const char *end = name + strlen(name);
    for (uint32_t c; (c = next_sign(&name, end)) != 0;)
        utf8_put(out, c);
}

bool name_equal(const char *a, const char *b)
{
    const char *a_end = a + strlen(a), *b_end = b + strlen(b);
    for (;;) {
        uint32_t x = next_sign(&a, a_end), y = next_sign(&b, b_end);
        if (x != y)
            return false;
        if (x == 0)
            return true;
    }
}

void operator_id_put(struct buf *out, const char *id)
{
    static const char kind[] = PERSON_KIND ":";
    while (*id != '\0') {
        /* a part between colons; that after the kind is the number */
        size_t n = strcspn(id, ":");
        bool person = strncmp(id, kind, sizeof kind - 1) == 0;
        n += id[n] == ':';
        buf_put(out, id, n);
        id += n;
        if (person) {
            buf_puts(out, "***");
            id += strcspn(id, ":");
        }
    }
}
