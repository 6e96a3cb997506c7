#include "unit/main.h"

Suite *crypto_base_suite(void);
Suite *crypto_keys_suite(void);
Suite *crypto_tls_suite(void);
Suite *crypto_token_suite(void);

UNIT_MAIN(crypto_base_suite, crypto_keys_suite, crypto_tls_suite, crypto_token_suite)
