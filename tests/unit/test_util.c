#include "unit/main.h"

Suite *util_version_suite(void);

UNIT_MAIN(util_version_suite)
