/*
 * Dates by form and pattern (xml/dates.h).
 *
 * A form is a pattern of digits and, at its end, whether a zone follows. Seconds go to 59, since no authority counts leap
 * seconds. Zones are checked and not applied: a date is written in the zone it was given in.
 */
#include "xml/dates.h"

#include <stdint.h>
#include <string.h>

#include "util/clock.h"
#include "util/str.h"

struct form {
    const char *code;
    const char *pattern;
    bool zone;
};

static const struct form forms[] = {
    {"101", "YYMMDD", false},         {"102", "CCYYMMDD", false},    {"203", "CCYYMMDDhhmm", false},
    {"204", "CCYYMMDDhhmmss", false}, {"205", "CCYYMMDDhhmm", true}, {"304", "CCYYMMDDhhmmss", true},
};

static const char tokens[][3] = {"CC", "YY", "MM", "DD", "hh", "mm", "ss"};

/** Where token `i` stands in the parts. */
static char *part(struct date_parts *d, size_t i)
{
    char *const parts[] = {d->year, d->year + 2, d->month, d->day, d->hour, d->minute, d->second};
    return parts[i];
}

static int number(const char *two)
{
    return (two[0] - '0') * 10 + (two[1] - '0');
}

static size_t token_at(const char *s)
{
    size_t count = sizeof tokens / sizeof tokens[0];
    for (size_t i = 0; i < count; i++)
        if (s[0] == tokens[i][0] && s[1] == tokens[i][1])
            return i;
    return count;
}

/** Z, +hh or -hh, with or without mm; a 205 of UN/EDIFACT has hhmm, a 304 of the WCO hh. */
static bool zone_fits(const char *s)
{
    if (strcmp(s, "Z") == 0)
        return true;
    size_t n = strlen(s);
    if ((s[0] != '+' && s[0] != '-') || (n != 3 && n != 5) || !str_is_digits(s + 1, n - 1))
        return false;
    return number(s + 1) <= 14 && (n == 3 || number(s + 3) <= 59);
}

static bool calendar(const struct date_parts *d)
{
    int year = number(d->year) * 100 + number(d->year + 2);
    return date_valid(year, number(d->month), number(d->day)) && number(d->hour) <= 23 &&
           number(d->minute) <= 59 && number(d->second) <= 59;
}

static bool read_form(struct date_parts *out, const char *text, const struct form *f)
{
    size_t n = strlen(f->pattern);
    *out = (struct date_parts){"2000", "00", "00", "00", "00", "00"};
    if (strlen(text) < n || !str_is_digits(text, n))
        return false;
    for (size_t i = 0; i < n; i += 2)
        memcpy(part(out, token_at(f->pattern + i)), text + i, 2);
    return (f->zone ? zone_fits(text + n) : text[n] == '\0') && calendar(out);
}

bool date_read(struct date_parts *out, const char *text, const char *form)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].code, form) == 0)
            return read_form(out, text, &forms[i]);
    return false;
}

void date_write(struct buf *out, const struct date_parts *d, const char *pattern)
{
    struct date_parts copy = *d;
    while (*pattern != '\0') {
        size_t i = token_at(pattern);
        if (i < sizeof tokens / sizeof tokens[0]) {
            buf_put(out, part(&copy, i), 2);
            pattern += 2;
        } else {
            buf_putc(out, *pattern++);
        }
    }
}
