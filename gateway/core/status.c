/*
 * The public status table (GLN_STATUS_TABLE of <greenlane.h>): texts and the command's exit codes.
 * Owns nothing. A status that is not in the table is treated as GLN_E_INTERNAL: text, exit code 3, HTTP 500.
 * No other file maps a status to an exit code or to HTTP.
 */
#include "core/status.h"

static const struct {
    int status, exit_code, http;
    const char *text;
} table[] = {
#define ROW(name, value, exit_code, http, text) {GLN_##name, exit_code, http, text},
    GLN_STATUS_TABLE(ROW)
#undef ROW
};

enum { COUNT = sizeof table / sizeof table[0] };

static unsigned find(int status)
{
    for (unsigned i = 0; i < COUNT; i++)
        if (table[i].status == status)
            return i;
    return COUNT - 1;
}

const char *gln_status_text(int status)
{
    return table[find(status)].text;
}

int gln_status_exit(int status)
{
    return table[find(status)].exit_code;
}

int status_http(int status)
{
    return table[find(status)].http;
}
