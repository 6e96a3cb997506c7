/* Decimals: exact values, rounding half-up, refusals. */
#include "unit/main.h"

#include <string.h>

#include "util/decimal.h"

Suite *util_decimal_suite(void);

static const char *calc(char op, const char *x, const char *y, int scale)
{
    static char out[64];
    struct decimal a, b, r;
    if (!decimal_parse(&a, x) || !decimal_parse(&b, y))
        return "unread";
    bool good = op == '+'   ? decimal_add(&r, a, b)
                : op == '-' ? decimal_sub(&r, a, b)
                : op == '*' ? decimal_mul(&r, a, b)
                : op == '/' ? decimal_div(&r, a, b, scale)
                            : decimal_round(&r, a, scale);
    return good && decimal_text(out, sizeof out, r) ? out : "refused";
}

START_TEST(arithmetic)
{
    static const struct {
        char op;
        const char *x, *y;
        int scale;
        const char *want;
    } rows[] = {
        {'+', "0.1", "0.2", 0, "0.3"},
        {'+', "99999999999999999999999999999999999999", "1", 0, "100000000000000000000000000000000000000"},
        {'+', "170141183460469231731687303715884105727", "1", 0, "refused"},
        {'-', "1", "1.000001", 0, "-0.000001"},
        {'*', "100.000", "1.250000", 0, "125"},
        {'*', "0.000000001", "0.0000000001", 0, "refused"},
        {'*', "-12.5", "0.04", 0, "-0.5"},
        {'/', "1", "3", 6, "0.333333"},
        {'/', "-2", "3", 2, "-0.67"},
        {'/', "1", "0", 2, "refused"},
        {'r', "2.5", "0", 0, "3"},
        {'r', "-2.5", "0", 0, "-3"},
        {'r', "1.005", "0", 2, "1.01"},
        {'r', "7", "0", 4, "7.0000"},
        {'r', "0.4999999", "0", 0, "0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_str_eq(calc(rows[i].op, rows[i].x, rows[i].y, rows[i].scale), rows[i].want);
}
END_TEST

START_TEST(reading)
{
    static const char *const bad[] = {
        "", " ", ".", "-", "1e3", "1,5", "0x1", "1 2", "--1", "1.2.3", "0.1234567890123456789"};
    static const char *const good[] = {"0",  "-0",  "+5",        ".5",
                                       "5.", " 7 ", "\t-3.20\n", "0.1234567890123456780"};
    struct decimal d;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!decimal_parse(&d, bad[i]), "%s was read", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(decimal_parse(&d, good[i]), "%s was not read", good[i]);
    ck_assert(!decimal_parse(&d, NULL));
}
END_TEST

START_TEST(order)
{
    static const struct {
        const char *x, *y;
        int want;
    } rows[] = {{"1", "1.000", 0},
                {"-1", "1", -1},
                {"2", "1.999999", 1},
                {"-2", "-1.5", -1},
                {"0", "-0.000", 0},
                {"99999999999999999999999999999999999999", "0.000000000000000001", 1},
                {"-99999999999999999999999999999999999999", "-0.000000000000000001", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct decimal a, b;
        ck_assert(decimal_parse(&a, rows[i].x) && decimal_parse(&b, rows[i].y));
        ck_assert_int_eq(decimal_cmp(a, b), rows[i].want);
        ck_assert_int_eq(decimal_cmp(b, a), -rows[i].want);
    }
}
END_TEST

START_TEST(text_needs_room)
{
    struct decimal d;
    char out[6];
    ck_assert(decimal_parse(&d, "-1.25"));
    ck_assert(decimal_text(out, 6, d));
    ck_assert_str_eq(out, "-1.25");
    ck_assert(!decimal_text(out, 5, d));
}
END_TEST

Suite *util_decimal_suite(void)
{
    static const TTest *tests[] = {NULL, NULL, NULL, NULL, NULL};
    tests[0] = arithmetic;
    tests[1] = reading;
    tests[2] = order;
    tests[3] = text_needs_room;
    return unit_suite("util/decimal", tests);
}
