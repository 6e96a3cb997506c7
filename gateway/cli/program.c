/*
 * sandbox and demo are programs of their own (greenlane-sandbox, greenlane-demo): the command becomes them. They are looked for in
 * $GREENLANE_LIBEXECDIR, then where they were installed.
 *
 * Owns nothing: on success this never returns. No shell is involved.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_run_program(struct cli *c)
{
    const char *folder = getenv("GREENLANE_LIBEXECDIR");
    char path[4096];
    char *argv[CLI_MAX_ARGS + 2];
    snprintf(path, sizeof path, "%s/greenlane-%s",
             folder != NULL && folder[0] != '\0' ? folder : GREENLANE_LIBEXECDIR, c->command->name);
    size_t n = 0;
    argv[n++] = path;
    for (size_t i = 0; i < c->arg_count; i++) {
        union {
            const char *borrowed;
            char *word;
        } u = {c->arg[i]};
        argv[n++] = u.word;
    }
    argv[n] = NULL;
    fflush(stdout);
    execv(path, argv);
    cli_say(stderr, c, TEXT_CANNOT_RUN, path, strerror(errno), NULL);
    return 3;
}
