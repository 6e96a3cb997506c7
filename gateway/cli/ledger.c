/*
 * ledger archive and ledger verify: what is asked about files that are not sent but read by whoever owns the ledger, under their full
 * names.
 *
 * Owns nothing beyond a call. A file that begins as SQLite's do is an archive, every other one a receipt.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* The full name of a file that need not be there yet; NULL: its folder is not. */
static char *full_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - file) + 1;
    char *folder = malloc(length + 2), *full = NULL;
    if (folder == NULL)
        return NULL;
    memcpy(folder, slash == NULL ? "." : file, length == 0 ? 1 : length);
    folder[length == 0 ? 1 : length] = '\0';
    char *real = realpath(folder, NULL);
    free(folder);
    if (real != NULL) {
        size_t size = strlen(real) + strlen(file + length) + 2;
        full = malloc(size);
        if (full != NULL)
            snprintf(full, size, "%s%s%s", real, strcmp(real, "/") == 0 ? "" : "/", file + length);
    }
    free(real);
    return full;
}

static int ask(struct cli *c, const char *method, char *path)
{
    gln_reply reply = {0};
    int status = path == NULL ? GLN_E_MEMORY : cli_request(c, method, path, NULL, 0, &reply);
    free(path);
    return path == NULL ? 3 : cli_show_reply(c, status, &reply);
}

int cli_ledger_archive(struct cli *c)
{
    const char *file = c->value[CLI_OUTPUT];
    if (c->value[CLI_BEFORE] == NULL || file == NULL) {
        cli_say(stderr, c, TEXT_WANTS, c->command->name, file == NULL ? "--output" : "--before",
                c->command->args);
        return 2;
    }
    int exit_code = cli_open_engine(c);
    if (exit_code != 0)
        return exit_code;
    char *full = full_name(file), *path = cli_path(c);
    cli_add_query(&path, "output", full != NULL ? full : file);
    free(full);
    c->value[CLI_OUTPUT] = NULL; /* the answer is not what goes there */
    return ask(c, c->command->method, path);
}

static bool is_archive(const char *file)
{
    char head[16] = "";
    FILE *in = fopen(file, "rb");
    bool good = in != NULL && fread(head, 1, sizeof head, in) == sizeof head &&
                memcmp(head, "SQLite format 3", sizeof head) == 0;
    if (in != NULL)
        fclose(in);
    return good;
}

int cli_ledger_verify(struct cli *c)
{
    const char *file = c->arg_count > 0 ? c->arg[0] : c->value[CLI_ARCHIVE];
    if (file == NULL || !is_archive(file) || (c->arg_count > 0 && c->value[CLI_ARCHIVE] != NULL))
        return cli_ask(c);
    int exit_code = cli_open_engine(c);
    if (exit_code != 0)
        return exit_code;
    c->arg_count = 0;
    c->value[CLI_ARCHIVE] = file;
    return ask(c, "GET", cli_path(c));
}
