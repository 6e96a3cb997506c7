/* The HTTP room: heads by rows of cases, the server by plain sockets on loopback. */
#include "unit/main.h"

Suite *http_head_suite(void);
Suite *http_server_suite(void);
Suite *http_limits_suite(void);

UNIT_MAIN(http_head_suite, http_server_suite, http_limits_suite)
