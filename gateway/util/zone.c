/*
 * Civil time in an IANA zone (time_civil of util/clock.h), read from the system's compiled zone files (RFC 8536) so that TZ,
 * localtime() and the host program's own zone stay untouched. Who asks often keeps the file that was read last, for a while.
 *
 * Past the last transition the footer's rule holds (RFC 8536, section 3.3): the POSIX form std offset dst [offset],Mm.w.d/t,
 * which is the only form zone files use for zones with daylight saving time.
 */
#include "util/clock.h"

#include <stdlib.h>
#include <string.h>

#include "util/civil.h"
#include "util/file.h"
#include "util/str.h"

struct zone_file {
    const unsigned char *times, *index, *types; /* of the 64-bit block */
    int64_t time_count, type_count;
    const char *footer;
};

static int64_t big_endian(const unsigned char *p, int bytes)
{
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

/* Size of a data block whose header is at `h`, with times of `width` bytes. */
static int64_t block_size(const unsigned char *h, int width)
{
    int64_t isut = big_endian(h + 20, 4), isstd = big_endian(h + 24, 4), leap = big_endian(h + 28, 4);
    int64_t times = big_endian(h + 32, 4), types = big_endian(h + 36, 4), chars = big_endian(h + 40, 4);
    return times * width + times + types * 6 + chars + leap * (width + 4) + isstd + isut;
}

static bool zone_open(struct zone_file *z, const struct buf *file)
{
    const unsigned char *p = (const unsigned char *)file->data;
    int64_t len = (int64_t)file->len;
    if (len < 44 || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return false;
    int64_t second = 44 + block_size(p, 4);
    if (second < 44 || second > len - 44)
        return false;
    const unsigned char *h = p + second;
    int64_t size = block_size(h, 8);
    if (memcmp(h, "TZif", 4) != 0 || size < 0 || size > len - second - 44)
        return false;
    z->time_count = big_endian(h + 32, 4);
    z->type_count = big_endian(h + 36, 4);
    z->times = h + 44;
    z->index = z->times + z->time_count * 8;
    z->types = z->index + z->time_count;
    z->footer = (const char *)h + 44 + size;
    return z->type_count > 0;
}

/* ---- the footer ---- */

static const char *skip_name(const char *p)
{
    if (*p == '<') {
        while (*p != '\0' && *p != '>')
            p++;
        return *p == '>' ? p + 1 : p;
    }
    while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
        p++;
    return p;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static const char *read_time(const char *p, int64_t *out)
{
    int sign = *p == '-' ? -1 : 1;
    if (*p == '-' || *p == '+')
        p++;
    int64_t part[3] = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        while (*p >= '0' && *p <= '9')
            part[i] = part[i] * 10 + (*p++ - '0');
        if (*p != ':' || i == 2)
            break;
        p++;
    }
    *out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return p;
}

struct change {
    int month, week, day;
    int64_t time;
};

static const char *read_change(const char *p, struct change *c)
{
    if (p[0] != ',' || p[1] != 'M')
        return NULL;
    char *end;
    c->month = (int)strtol(p + 2, &end, 10);
    c->week = *end == '.' ? (int)strtol(end + 1, &end, 10) : 0;
    c->day = *end == '.' ? (int)strtol(end + 1, &end, 10) : -1;
    c->time = 7200;
    p = *end == '/' ? read_time(end + 1, &c->time) : end;
    return c->month >= 1 && c->month <= 12 && c->week >= 1 && c->week <= 5 && c->day >= 0 && c->day <= 6
               ? p
               : NULL;
}

/* The local second of `year` at which the change happens. */
static int64_t change_at(const struct change *c, int year)
{
    int64_t first = civil_to_days(year, c->month, 1);
    int64_t weekday = (first % 7 + 11) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = first + (c->day - weekday + 7) % 7 + (int64_t)(c->week - 1) * 7;
    struct civil at;
    civil_from_seconds(&at, day * 86400);
    if (at.month != c->month)
        day -= 7;
    return day * 86400 + c->time;
}

static bool footer_offset(const char *footer, const char *end, int64_t seconds, int *out)
{
    if (footer >= end || *footer != '\n')
        return false;
    int64_t standard, daylight;
    const char *p = read_time(skip_name(footer + 1), &standard);
    standard = -standard;
    *out = (int)standard;
    if (*p == '\n')
        return true;
    p = skip_name(p);
    daylight = standard + 3600;
    if (*p != ',') {
        p = read_time(p, &daylight);
        daylight = -daylight;
    }
    struct change to_daylight, to_standard;
    p = read_change(p, &to_daylight);
    if (p == NULL || read_change(p, &to_standard) == NULL)
        return false;
    struct civil local;
    civil_from_seconds(&local, seconds + standard);
    int64_t start = change_at(&to_daylight, local.year) - standard;
    int64_t stop = change_at(&to_standard, local.year) - daylight;
    bool summer = start < stop ? seconds >= start && seconds < stop : seconds >= start || seconds < stop;
    *out = (int)(summer ? daylight : standard);
    return true;
}

static bool offset_at(const struct zone_file *z, const char *end, int64_t seconds, int *out)
{
    int64_t low = 0, high = z->time_count; /* first transition later than `seconds` */
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (big_endian(z->times + middle * 8, 8) <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->time_count && footer_offset(z->footer, end, seconds, out))
        return true;
    int64_t type = low == 0 ? 0 : z->index[low - 1];
    if (type >= z->type_count)
        return false;
    *out = (int)big_endian(z->types + type * 6, 4);
    return true;
}

static bool zone_name_safe(const char *zone)
{
    return zone != NULL && zone[0] != '\0' && zone[0] != '/' && strstr(zone, "..") == NULL;
}

void zones_kept_free(struct zones_kept *k)
{
    for (size_t i = 0; i < sizeof k->items / sizeof k->items[0]; i++)
        buf_free(&k->items[i].text);
    memset(k, 0, sizeof *k);
}

/* A zone with its file; NULL: there is none. */
static struct zone_kept *zone_read(struct zones_kept *k, const char *zone)
{
    enum { KEPT_MS = 15 * 60 * 1000, KEPT = sizeof k->items / sizeof k->items[0] };
    int64_t now = clock_mono_ms();
    size_t i = 0;
    while (i < KEPT && !str_eq(zone, k->items[i].zone))
        i++;
    if (i < KEPT && now - k->items[i].read_mono_ms < KEPT_MS)
        return &k->items[i];
    struct zone_kept *z = &k->items[i < KEPT ? i : k->next++ % KEPT];
    z->zone[0] = '\0';
    z->answered = false;
    buf_free(&z->text);
    char *path = path_join("/usr/share/zoneinfo", zone);
    bool good = path != NULL && file_read(&z->text, path, 1 << 20) == 0;
    free(path);
    if (good && strlen(zone) < sizeof z->zone) {
        str_copy(z->zone, sizeof z->zone, zone);
        z->read_mono_ms = now;
    }
    return good ? z : NULL;
}

/* Sets z->offset_s. One decision asks for the same instant again and again. */
static bool zone_offset(struct zone_kept *z, int64_t seconds)
{
    struct zone_file file;
    if (z->answered && z->seconds == seconds)
        return true;
    z->seconds = seconds;
    z->answered =
        zone_open(&file, &z->text) && offset_at(&file, z->text.data + z->text.len, seconds, &z->offset_s);
    return z->answered;
}

bool time_civil(struct civil *out, int64_t wall_ms, const char *zone)
{
    struct zones_kept none = {.next = 0};
    bool good = time_civil_kept(out, wall_ms, zone, &none);
    zones_kept_free(&none);
    return good;
}

bool time_civil_kept(struct civil *out, int64_t wall_ms, const char *zone, struct zones_kept *kept)
{
    if (kept == NULL)
        return time_civil(out, wall_ms, zone);
    int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
    if (str_eq(zone, "UTC")) {
        civil_from_seconds(out, seconds);
        return true;
    }
    if (!zone_name_safe(zone))
        return false;
    struct zone_kept *z = zone_read(kept, zone);
    if (z == NULL || !zone_offset(z, seconds))
        return false;
    civil_from_seconds(out, seconds + z->offset_s);
    out->offset_s = z->offset_s;
    return true;
}
