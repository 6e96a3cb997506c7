/*
 * Runs libcheck suites as one TAP program.
 *
 * libcheck writes the TAP lines itself; "-" sends them to stdout instead of a file. Its own summary stays silent,
 * since tests/run prints the output of a program that failed. A program without a single test is a failure:
 * a list that became empty by accident must not look like success.
 */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>

Suite *unit_suite(const char *name, const TTest *const tests[])
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; tests[i] != NULL; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}

int unit_run(unit_suite_fn *const suites[], size_t count)
{
    SRunner *runner = srunner_create(NULL);
    int ran;
    int failed;

    for (size_t i = 0; i < count; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    ran = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (ran == 0)
        fprintf(stderr, "no test ran\n");
    return ran == 0 || failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
