/*
 * operators import: one request, whose file is named by its full name, for it is read by whoever owns the ledger; and a bar while it
 * runs, where somebody looks at a terminal and the ledger is ours.
 *
 * Owns the full name for the length of the request.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 40 };

/* One line that is written over; the end takes it away. */
static void draw(void *arg, unsigned long long done, unsigned long long total)
{
    int *last = arg;
    int percent = total == 0 ? 100 : (int)(done * 100 / total);
    if (percent == *last)
        return;
    *last = percent;
    if (percent == 100) {
        fprintf(stderr, "\r%*s\r", WIDTH + 8, "");
        return;
    }
    fputs("\r[", stderr);
    for (int i = 0; i < WIDTH; i++)
        fputc(i * 100 < percent * WIDTH ? '#' : '.', stderr);
    fprintf(stderr, "] %2d %%", percent);
    fflush(stderr);
}

int cli_import(struct cli *c)
{
    int last = -1;
    int exit_code = cli_open_engine(c);
    if (exit_code != 0)
        return exit_code;
    char *full = realpath(c->arg[0], NULL);
    if (full != NULL)
        c->arg[0] = full;
    if (isatty(STDERR_FILENO))
        gln_context_progress(c->context, draw, &last);
    exit_code = cli_ask(c);
    if (last >= 0 && last < 100)
        draw(&last, 1, 1);
    gln_context_progress(c->context, NULL, NULL);
    free(full);
    return exit_code;
}
