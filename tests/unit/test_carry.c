/* The carriers: what every kind of exchange is called, and that nothing is ever sent twice. */
#include "unit/main.h"

Suite *carry_outcome_suite(void);
Suite *carry_folder_suite(void);
Suite *carry_tls_suite(void);

UNIT_MAIN(carry_outcome_suite, carry_folder_suite, carry_tls_suite)
