/*
 * What is done with a file and without a ledger about lanes and receipts.
 *
 * lane --cases: decides the cases of a file, without a ledger. The lines go to standard output, what came out otherwise than the file
 * expects to standard error, and the exit code is 1 then. verify receipt: what is wrong with it goes to standard output, exit code 1.
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

int cli_verify(struct cli *c)
{
    char *receipt = NULL, *anchor = NULL, *report = NULL;
    size_t length = 0, anchor_length = 0;
    if (c->value[CLI_ANCHOR] == NULL) {
        cli_say(stderr, c, TEXT_WANTS, c->command->name, "--anchor", c->command->args);
        return 2;
    }
    int exit_code = cli_open_engine(c);
    if (exit_code == 0)
        exit_code = cli_read_file(c, c->arg[0], &receipt, &length);
    if (exit_code == 0)
        exit_code = cli_read_file(c, c->value[CLI_ANCHOR], &anchor, &anchor_length);
    if (exit_code == 0) {
        int status =
            gln_receipt_verify(c->context, receipt, length, anchor, anchor_length, c->language, &report);
        exit_code = gln_status_exit(status);
        if (report == NULL)
            cli_say(stderr, c, TEXT_FILE_ERROR, c->value[CLI_ANCHOR],
                    gln_context_error(c->context, c->language), NULL);
        else if (!cli_write_output(c, report, strlen(report)))
            exit_code = 3;
    }
    gln_free(report);
    free(anchor);
    free(receipt);
    return exit_code;
}
