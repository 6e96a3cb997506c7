/* Clocks: RFC 3339, the calendar, zones. */
#include "unit/main.h"

#include <string.h>

#include "util/clock.h"

Suite *util_clock_suite(void);

START_TEST(instants_are_read_and_written)
{
    static const struct {
        const char *in, *out;
    } rows[] = {{"2026-07-23T18:00:00Z", "2026-07-23T18:00:00.000Z"},
                {"2026-07-23T18:00:00.25+02:00", "2026-07-23T16:00:00.250Z"},
                {"1970-01-01T00:00:00-00:30", "1970-01-01T00:30:00.000Z"},
                {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
                {"2000-02-29T23:59:59Z", "2000-02-29T23:59:59.000Z"}};
    static const char *const bad[] = {"",
                                      "2026-07-23",
                                      "2026-02-29T00:00:00Z",
                                      "2026-07-23T24:00:00Z",
                                      "2026-07-23T18:00:00",
                                      "2026-07-23T18:00:00+0200",
                                      "2026-7-23T18:00:00Z",
                                      "2026-07-23T18:00:00.Z",
                                      "2026-07-23T18:00:00Zx",
                                      "2026-13-01T00:00:00Z"};
    int64_t ms;
    char text[25];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(time_parse(&ms, rows[i].in), "%s", rows[i].in);
        time_format(text, ms);
        ck_assert_str_eq(text, rows[i].out);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!time_parse(&ms, bad[i]), "%s was read", bad[i]);
}
END_TEST

START_TEST(zones_follow_their_rules)
{
    static const struct {
        const char *utc, *zone;
        int day, hour, minute, offset_s;
    } rows[] = {{"2026-07-01T03:30:00Z", "America/New_York", 30, 23, 30, -4 * 3600},
                {"2026-12-01T03:30:00Z", "America/New_York", 30, 22, 30, -5 * 3600},
                {"2026-07-01T03:30:00Z", "America/Mexico_City", 30, 21, 30, -6 * 3600},
                {"2026-07-01T03:30:00Z", "Asia/Kolkata", 1, 9, 0, 19800},
                {"2026-03-29T00:59:59Z", "Europe/Brussels", 29, 1, 59, 3600},
                {"2026-03-29T01:00:00Z", "Europe/Brussels", 29, 3, 0, 7200},
                {"2055-07-01T12:00:00Z", "Europe/Brussels", 1, 14, 0, 7200},
                {"2055-12-01T12:00:00Z", "America/New_York", 1, 7, 0, -5 * 3600},
                {"2055-01-15T12:00:00Z", "Australia/Sydney", 15, 23, 0, 11 * 3600},
                {"2026-07-01T03:30:00Z", "UTC", 1, 3, 30, 0}};
    struct zones_kept kept = {.next = 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms;
        struct civil c, again;
        ck_assert(time_parse(&ms, rows[i].utc));
        ck_assert_msg(time_civil(&c, ms, rows[i].zone), "%s", rows[i].zone);
        ck_assert(time_civil_kept(&again, ms, rows[i].zone, &kept) && again.day == c.day &&
                  again.hour == c.hour && again.offset_s == c.offset_s);
        ck_assert_msg(c.day == rows[i].day && c.hour == rows[i].hour && c.minute == rows[i].minute &&
                          c.offset_s == rows[i].offset_s,
                      "%s in %s is day %d %d:%d %d", rows[i].utc, rows[i].zone, c.day, c.hour, c.minute,
                      c.offset_s);
    }
    struct civil c;
    ck_assert(!time_civil(&c, 0, "Nowhere/Land"));
    ck_assert(!time_civil(&c, 0, "../../../etc/passwd"));
    ck_assert(!time_civil(&c, 0, "/etc/localtime"));
    ck_assert(!time_civil(&c, 0, NULL));
    ck_assert(!time_civil_kept(&c, 0, "Nowhere/Land", &kept));
    ck_assert(time_civil_kept(&c, 0, "Asia/Kolkata", &kept) && c.offset_s == 19800);
    zones_kept_free(&kept);
}
END_TEST

START_TEST(a_frozen_clock_stands_still)
{
    struct clock_source frozen = {.frozen = true, .frozen_ms = 123456};
    ck_assert_int_eq(clock_wall_ms(&frozen), 123456);
    ck_assert_int_gt(clock_wall_ms(NULL), 1700000000000);
    ck_assert(clock_mono_ms() <= clock_mono_ms());
}
END_TEST

Suite *util_clock_suite(void)
{
    static const TTest *tests[4];
    tests[0] = instants_are_read_and_written;
    tests[1] = zones_follow_their_rules;
    tests[2] = a_frozen_clock_stands_still;
    return unit_suite("util/clock", tests);
}
