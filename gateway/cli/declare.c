/*
 * check and transform: what needs no ledger. With --identity, transform is the gateway's request instead, for identities are kept
 * in the ledger.
 *
 * Owns nothing beyond a call. `check` goes on to the next file after a bad one; its exit code is the worst.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* In the form of a finding, file:line:column, which editors know; as JSON where findings would be: check's go to --output, which for
   transform holds what customs would get. A wrong call is not the file's fault. */
static int told(struct cli *c, const char *file, int status)
{
    char *report = NULL;
    int json = c->value[CLI_JSON] != NULL;
    int exit_code = gln_status_exit(status);
    if (status == GLN_E_ARGUMENT) {
        cli_say(stderr, c, TEXT_ERROR, gln_context_error(c->context, c->language), NULL, NULL);
        return exit_code;
    }
    if (gln_context_report(c->context, file, c->language, json, &report) != GLN_OK)
        cli_say(stderr, c, TEXT_FILE_ERROR, file, gln_context_error(c->context, c->language), NULL);
    else if (!json || c->command->run != cli_check)
        fputs(report, json ? stdout : stderr);
    else if (!cli_write_output(c, report, strlen(report)))
        exit_code = 3;
    gln_free(report);
    return exit_code;
}

static int read_declaration(struct cli *c, const char *file, gln_declaration **out)
{
    char *data = NULL;
    size_t length = 0;
    int exit_code = cli_read_file(c, file, &data, &length);
    if (exit_code != 0)
        return exit_code;
    int status = gln_declaration_read(out, c->context, data, length);
    free(data);
    return status == GLN_OK ? 0 : told(c, file, status);
}

static void summary(struct cli *c, const char *file, const gln_declaration *d)
{
    char number[24];
    size_t errors = gln_declaration_error_count(d), all = gln_declaration_finding_count(d);
    snprintf(number, sizeof number, "%zu", errors > 0 ? errors : all);
    enum cli_text id = errors > 0 ? TEXT_CHECK_BAD : all > 0 ? TEXT_CHECK_WARNINGS : TEXT_CHECK_GOOD;
    cli_say(stdout, c, id, file, number, NULL);
}

/* *wrong: with the call, so that the other files would say the same. */
static int check_file(struct cli *c, const char *file, bool *wrong)
{
    gln_declaration *d = NULL;
    int exit_code = read_declaration(c, file, &d);
    if (exit_code != 0)
        return exit_code;
    unsigned flags = c->value[CLI_SCHEMA_ONLY] != NULL ? GLN_CHECK_SCHEMA_ONLY : GLN_CHECK_ALL;
    char *report = NULL;
    int json = c->value[CLI_JSON] != NULL;
    int status = gln_declaration_check(d, c->value[CLI_FOR], flags);
    *wrong = status == GLN_E_ARGUMENT;
    if (status == GLN_OK)
        status = gln_declaration_report(d, file, c->language, json, &report);
    if (status != GLN_OK) {
        exit_code = told(c, file, status);
    } else {
        exit_code = gln_declaration_error_count(d) > 0 ? 1 : 0;
        if (!cli_write_output(c, report, strlen(report)))
            exit_code = 3;
        if (!json)
            summary(c, file, d);
    }
    gln_free(report);
    gln_declaration_free(d);
    return exit_code;
}

int cli_check(struct cli *c)
{
    int worst = cli_open_engine(c);
    bool wrong = false;
    for (size_t i = 0; c->context != NULL && i < c->arg_count && !wrong; i++) {
        int exit_code = check_file(c, c->arg[i], &wrong);
        if (exit_code > worst)
            worst = exit_code;
    }
    return worst;
}

/* With an identity or a signature, which wants one: the gateway's own request. Where there is no ledger no sole identity can fit. */
static int transform_by_request(struct cli *c)
{
    char *data = NULL;
    size_t length = 0;
    int exit_code = cli_read_file(c, c->arg[0], &data, &length);
    if (exit_code != 0)
        return exit_code;
    char *path = cli_path(c);
    gln_reply reply = {0};
    int status = path == NULL ? GLN_E_MEMORY : cli_request(c, c->command->method, path, data, length, &reply);
    free(path);
    free(data);
    if (status == GLN_E_NOT_FOUND && c->value[CLI_IDENTITY] == NULL) {
        cli_say(stderr, c, TEXT_WANTS, c->command->name, "--identity",
                "FILE --to DESTINATION --signed --identity NAME");
        return 2;
    }
    return cli_show_reply(c, status, &reply);
}

int cli_transform(struct cli *c)
{
    if (c->value[CLI_TO] == NULL) {
        cli_say(stderr, c, TEXT_WANTS, c->command->name, "--to", c->command->args);
        return 2;
    }
    int exit_code = cli_open_engine(c);
    if (exit_code != 0)
        return exit_code;
    if (c->value[CLI_IDENTITY] != NULL || c->value[CLI_SIGNED] != NULL)
        return transform_by_request(c);
    gln_declaration *d = NULL;
    exit_code = read_declaration(c, c->arg[0], &d);
    if (exit_code != 0)
        return exit_code;
    char *out = NULL;
    size_t length = 0;
    int status = c->value[CLI_COLUMNS] != NULL
                     ? gln_declaration_columns(d, c->value[CLI_TO], c->language, &out, &length)
                     : gln_declaration_transform(d, c->value[CLI_TO], &out, &length);
    if (status == GLN_E_FINDINGS) {
        char *report = NULL;
        if (gln_declaration_report(d, c->arg[0], c->language, c->value[CLI_JSON] != NULL, &report) == GLN_OK)
            fputs(report, stderr);
        gln_free(report);
        exit_code = gln_status_exit(status);
    } else if (status != GLN_OK) {
        exit_code = told(c, c->arg[0], status);
    } else if (!cli_write_output(c, out, length)) {
        exit_code = 3;
    }
    gln_free(out);
    gln_declaration_free(d);
    return exit_code;
}
