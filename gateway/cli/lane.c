/*
 * lane --cases: decides the cases of a file, without a ledger. The lines go to standard output, what came out otherwise than the file
 * expects to standard error, and the exit code is 1 then.
 *
 * Owns nothing beyond a call.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

int cli_lane(struct cli *c)
{
    const char *file = c->value[CLI_CASES];
    char *data = NULL, *lines = NULL, *differences = NULL;
    size_t length = 0;
    if (file == NULL) {
        cli_say(stderr, c, TEXT_WANTS, c->command->name, "--cases", c->command->args);
        return 2;
    }
    int exit_code = cli_open_engine(c);
    if (exit_code == 0)
        exit_code = cli_read_file(c, file, &data, &length);
    if (exit_code != 0)
        return exit_code;
    int status = gln_lane_cases(c->context, data, length, c->language, c->value[CLI_JSON] != NULL, &lines,
                                &differences);
    exit_code = gln_status_exit(status);
    if (lines == NULL) {
        cli_say(stderr, c, TEXT_FILE_ERROR, file, gln_context_error(c->context, c->language), NULL);
    } else {
        if (!cli_write_output(c, lines, strlen(lines)))
            exit_code = 3;
        fputs(differences, stderr);
    }
    gln_free(lines);
    gln_free(differences);
    free(data);
    return exit_code;
}
