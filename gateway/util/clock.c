/*
 * Wall and monotonic time, RFC 3339, and civil time in a zone (util/clock.h). Zones are in util/zone.c. The only place that
 * asks the system what time it is.
 * Owns nothing. Dates are the proleptic Gregorian calendar, years 1 to 9999; leap seconds do not exist, as in POSIX.
 */
#include "util/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/civil.h"
#include "util/str.h"

static int64_t now_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(const struct clock_source *c)
{
    return c != NULL && c->frozen ? c->frozen_ms : now_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
    return now_ms(CLOCK_MONOTONIC);
}

bool date_valid(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= length[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the Gregorian calendar; years count from March so that the leap day comes last. */
int64_t civil_to_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (int64_t)(month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void civil_from_seconds(struct civil *out, int64_t seconds)
{
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *out = (struct civil){.year = (int)(yoe + era * 400 + (mp >= 10)),
                          .month = (int)(mp < 10 ? mp + 3 : mp - 9),
                          .day = (int)(doy - (153 * mp + 2) / 5 + 1),
                          .hour = (int)(rest / 3600),
                          .minute = (int)(rest / 60 % 60),
                          .second = (int)(rest % 60)};
}

void time_format(char out[25], int64_t wall_ms)
{
    int64_t seconds = wall_ms / 1000, ms = wall_ms % 1000;
    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    struct civil c;
    civil_from_seconds(&c, seconds);
    /* wide enough for any int, so that the compiler need not trust the calendar */
    char text[96];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour,
             c.minute, c.second, (int)ms);
    str_copy(out, 25, text);
}

/* Reads exactly `n` digits. */
static bool number(const char **p, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        *out = *out * 10 + (**p - '0');
    }
    return true;
}

static bool literal(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool fraction_ms(const char **p, int *ms)
{
    *ms = 0;
    if (!literal(p, '.'))
        return true;
    int scale = 100;
    const char *start = *p;
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        *ms += (**p - '0') * scale;
        scale /= 10;
    }
    return *p > start;
}

static bool zone_offset(const char **p, int *minutes)
{
    *minutes = 0;
    if (literal(p, 'Z'))
        return true;
    int sign = **p == '-' ? -1 : 1, hour, minute;
    if (**p != '+' && **p != '-')
        return false;
    (*p)++;
    if (!number(p, 2, &hour) || !literal(p, ':') || !number(p, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = sign * (hour * 60 + minute);
    return true;
}

/* CCYY-MM-DDThh:mm:ss: a digit group and the character that must follow it. */
static bool date_and_time(const char **p, struct civil *c)
{
    const struct {
        int digits;
        int *value;
        char after;
    } part[] = {{4, &c->year, '-'}, {2, &c->month, '-'},  {2, &c->day, 'T'},
                {2, &c->hour, ':'}, {2, &c->minute, ':'}, {2, &c->second, '\0'}};
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        if (!number(p, part[i].digits, part[i].value) ||
            (part[i].after != '\0' && !literal(p, part[i].after)))
            return false;
    return date_valid(c->year, c->month, c->day) && c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

bool time_parse(int64_t *wall_ms, const char *text)
{
    struct civil c = {0};
    int ms, offset;
    const char *p = text;
    if (p == NULL || !date_and_time(&p, &c) || !fraction_ms(&p, &ms) || !zone_offset(&p, &offset) ||
        *p != '\0')
        return false;
    int64_t seconds =
        civil_to_days(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
    *wall_ms = (seconds - (int64_t)offset * 60) * 1000 + ms;
    return true;
}
