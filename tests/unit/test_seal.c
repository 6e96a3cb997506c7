#include "unit/main.h"

Suite *seal_dsig_suite(void);

UNIT_MAIN(seal_dsig_suite)
