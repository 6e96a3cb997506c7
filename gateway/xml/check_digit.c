/*
 * Check digits (xml/check_digit.h), one row of a table a kind.
 *
 * Each rule sees the number without its digit as a list of code points, since an RFC may hold an N with tilde.
 * Numbers that an authority prints with a digit that does not compute exist (RFC above all): whether a wrong digit is an
 * error is for a rule to say, not for this file.
 */
#include "xml/check_digit.h"

#include <stdint.h>
#include <string.h>

#include "util/str.h"

enum { LONGEST = 18 };

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint32_t c)
{
    return c >= 'A' && c <= 'Z';
}

/** A = 10 and on, leaving out multiples of 11. */
static int iso6346_value(uint32_t c)
{
    if (is_digit(c))
        return (int)(c - '0');
    int value = (int)(c - 'A') + 10;
    return value + (value > 10) + (value > 20) + (value > 30);
}

static char weighed(const uint32_t *c, int n)
{
    long sum = 0;
    for (int i = 0; i < n; i++)
        sum += (long)iso6346_value(c[i]) << i;
    return (char)('0' + sum % 11 % 10);
}

static bool mrn(char *digit, const uint32_t *c, int n)
{
    if (n != 17)
        return false;
    for (int i = 0; i < n; i++) {
        bool fits = i < 2 ? is_digit(c[i]) : i < 4 ? is_letter(c[i]) : is_digit(c[i]) || is_letter(c[i]);
        if (!fits)
            return false;
    }
    *digit = weighed(c, n);
    return true;
}

static bool iso6346(char *digit, const uint32_t *c, int n)
{
    if (n != 10)
        return false;
    for (int i = 0; i < n; i++)
        if (i < 4 ? !is_letter(c[i]) : !is_digit(c[i]))
            return false;
    *digit = weighed(c, n);
    return true;
}

/** A-I = 1-9, J-R = 1-9, S-Z = 2-9. */
static int filer_value(uint32_t c)
{
    if (is_digit(c))
        return (int)(c - '0');
    int place = (int)(c - 'A');
    return place < 9 ? place + 1 : place < 18 ? place - 8 : place - 16;
}

static bool us_entry(char *digit, const uint32_t *c, int n)
{
    int sum = 0;
    if (n != 10)
        return false;
    for (int i = 0; i < n; i++) {
        if (i < 3 ? !is_digit(c[i]) && !is_letter(c[i]) : !is_digit(c[i]))
            return false;
        int value = filer_value(c[i]);
        if (i % 2 == 1)
            value = value * 2 > 9 ? (value * 2 + 1) % 10 : value * 2;
        sum += value;
    }
    *digit = (char)('0' + (10 - sum % 10) % 10);
    return true;
}

static int rfc_value(uint32_t c)
{
    if (is_digit(c))
        return (int)(c - '0');
    if (c == '&')
        return 24;
    if (c == 0xD1)
        return 38;
    if (!is_letter(c))
        return -1;
    return (int)(c - 'A') + (c < 'O' ? 10 : 11);
}

static bool rfc(char *digit, const uint32_t *c, int n)
{
    if (n != 11 && n != 12)
        return false;
    /* A company's number is one character shorter; a blank before it (37 * 13) makes the places equal. */
    int sum = n == 11 ? 481 : 0;
    for (int i = 0; i < n; i++) {
        int value = rfc_value(c[i]);
        if (value < 0)
            return false;
        sum += value * (n + 1 - i);
    }
    int rest = 11 - sum % 11;
    *digit = rest == 11 ? '0' : rest == 10 ? 'A' : (char)('0' + rest);
    return true;
}

static const struct {
    const char *name;
    bool (*compute)(char *digit, const uint32_t *c, int n);
} kinds[] = {{"mrn", mrn}, {"iso6346", iso6346}, {"us-entry", us_entry}, {"rfc", rfc}};

bool check_digit_of(char *digit, const char *kind, const char *value)
{
    uint32_t c[LONGEST];
    int n = 0;
    const char *end = value + strlen(value);
    while (value < end && n < LONGEST)
        c[n++] = utf8_next(&value, end);
    for (size_t i = 0; value == end && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return kinds[i].compute(digit, c, n);
    return false;
}

bool check_digit_right(const char *kind, const char *value)
{
    size_t len = strlen(value);
    char body[64];
    char digit;
    if (len < 2 || len >= sizeof body)
        return false;
    memcpy(body, value, len - 1);
    body[len - 1] = '\0';
    return check_digit_of(&digit, kind, body) && digit == value[len - 1];
}
