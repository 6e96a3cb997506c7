#include "unit/main.h"

Suite *util_clock_suite(void);
Suite *util_decimal_suite(void);
Suite *util_text_suite(void);
Suite *util_version_suite(void);

UNIT_MAIN(util_version_suite, util_text_suite, util_decimal_suite, util_clock_suite)
