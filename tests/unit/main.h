/**
 * @file unit/main.h
 * @brief The main() of a unit test program.
 *
 * One program per room, one suite per file:
 *
 *     // tests/unit/test_util.c
 *     #include "unit/main.h"
 *     Suite *util_buf_suite(void);
 *     Suite *util_str_suite(void);
 *     UNIT_MAIN(util_buf_suite, util_str_suite)
 *
 * Each test runs in a child of its own and prints one TAP line. Some tests only: CK_RUN_SUITE, CK_RUN_CASE.
 * In a debugger: CK_FORK=no.
 */
#ifndef UNIT_MAIN_H
#define UNIT_MAIN_H

#include <stddef.h>

#include <check.h>

typedef Suite *unit_suite_fn(void);

/** Runs the suites, prints TAP to stdout; returns 0 when all tests passed and there was at least one. */
int unit_run(unit_suite_fn *const suites[], size_t count);

/** A suite of one case named after it, holding the NULL-terminated list of tests; 60 s each. */
Suite *unit_suite(const char *name, const TTest *const tests[]);

#define UNIT_MAIN(...)                                                                                       \
    int main(void)                                                                                           \
    {                                                                                                        \
        static unit_suite_fn *const suites[] = {__VA_ARGS__};                                                \
        return unit_run(suites, sizeof suites / sizeof suites[0]);                                           \
    }

#endif
