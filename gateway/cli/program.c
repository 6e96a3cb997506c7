/*
 * sandbox and demo are programs of their own (greenlane-sandbox, greenlane-demo): the command becomes them. They are looked for in
 * $GREENLANE_LIBEXECDIR; without it, where they were installed; and where nothing was installed, in the build folder this command was
 * run from, which is then also where the program finds the others and, unless it is told, its data.
 *
 * Owns nothing: on success this never returns. No shell is involved.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* The folder this command lies in; a program of libtool's lies in .libs below it. False when it is not known. */
static bool own_folder(char out[PATH_SIZE])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_SIZE - 1);
    if (n <= 0 || n >= PATH_SIZE - 1)
        return false;
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash == NULL || slash == out)
        return false;
    *slash = '\0';
    slash = strrchr(out, '/');
    if (slash != NULL && strcmp(slash, "/.libs") == 0)
        *slash = '\0';
    return true;
}

/* Joins, into an array of PATH_SIZE; false when it is too long or there is no such program. */
static bool find(char *out, const char *folder, const char *name)
{
    int n = snprintf(out, PATH_SIZE, "%s/%s", folder, name);
    return n > 0 && n < PATH_SIZE && access(out, X_OK) == 0;
}

/* What a program of a build folder is told in its environment; whoever has said something already is heard first. */
enum { PLACES = 4 };
struct places {
    char text[PLACES][PATH_SIZE + 32];
    size_t count;
};

static void put_place(struct places *p, const char *name, const char *value)
{
    if (getenv(name) == NULL)
        snprintf(p->text[p->count++], sizeof p->text[0], "%s=%s", name, value);
}

static void put_places(struct places *p, const char *build, const char *source)
{
    static const char *const programs[PLACES - 1][2] = {
        {"GREENLANE", "greenlane"}, {"GREENLANED", "greenlaned"}, {"GREENLANE_SANDBOX", "greenlane-sandbox"}};
    char path[PATH_SIZE];
    for (size_t i = 0; i < PLACES - 1; i++)
        if (find(path, build, programs[i][1]))
            put_place(p, programs[i][0], path);
    put_place(p, "GREENLANE_DATADIR", source);
}

/* The source tree a build folder is of, as its make wrote it down. */
static bool source_of(char out[PATH_SIZE], const char *build)
{
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof path, "%s/examples/demo/made/source", build);
    FILE *in = n > 0 && n < PATH_SIZE ? fopen(path, "r") : NULL;
    if (in == NULL)
        return false;
    bool good = fgets(out, PATH_SIZE, in) != NULL;
    fclose(in);
    if (good)
        out[strcspn(out, "\n")] = '\0';
    return good;
}

static bool find_in_build(char *out, const char *name, struct places *p)
{
    char build[PATH_SIZE], source[PATH_SIZE];
    if (!own_folder(build) || !source_of(source, build))
        return false;
    put_places(p, build, source);
    return strcmp(name, "greenlane-demo") == 0 ? find(out, source, "examples/demo/greenlane-demo")
                                               : find(out, build, name);
}

/* The environment with the places added. NULL: no memory. */
static char **environment(struct places *p)
{
    size_t n = 0;
    while (environ[n] != NULL)
        n++;
    char **all = calloc(n + p->count + 1, sizeof *all);
    if (all == NULL)
        return NULL;
    memcpy(all, environ, n * sizeof *all);
    for (size_t i = 0; i < p->count; i++)
        all[n + i] = p->text[i];
    return all;
}

int cli_run_program(struct cli *c)
{
    const char *folder = getenv("GREENLANE_LIBEXECDIR");
    char name[64], path[PATH_SIZE];
    char *argv[CLI_MAX_ARGS + 2];
    struct places places = {.count = 0};
    bool told = folder != NULL && folder[0] != '\0';
    snprintf(name, sizeof name, "greenlane-%s", c->command->name);
    if (!find(path, told ? folder : GREENLANE_LIBEXECDIR, name) &&
        (told || !find_in_build(path, name, &places))) {
        cli_say(stderr, c, TEXT_NO_PROGRAM, name, told ? folder : GREENLANE_LIBEXECDIR, NULL);
        return 3;
    }
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
    char **env = environment(&places);
    if (env != NULL)
        execve(path, argv, env);
    cli_say(stderr, c, TEXT_CANNOT_RUN, path, strerror(env == NULL ? ENOMEM : errno), NULL);
    free(env);
    return 3;
}
