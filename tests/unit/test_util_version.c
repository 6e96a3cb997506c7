#include "unit/main.h"

#include <stdio.h>

#include "util/version.h"

Suite *util_version_suite(void);

START_TEST(version_has_three_numbers)
{
    int major = -1;
    int minor = -1;
    int patch = -1;
    char rest = 0;

    ck_assert_int_eq(sscanf(version_text(), "%d.%d.%d%c", &major, &minor, &patch, &rest), 3);
    ck_assert_int_ge(major, 0);
    ck_assert_int_ge(minor, 0);
    ck_assert_int_ge(patch, 0);
}
END_TEST

START_TEST(version_is_configured_one)
{
    ck_assert_str_eq(version_text(), PACKAGE_VERSION);
}
END_TEST

Suite *util_version_suite(void)
{
    static const TTest *tests[3];

    tests[0] = version_has_three_numbers;
    tests[1] = version_is_configured_one;
    return unit_suite("util/version", tests);
}
