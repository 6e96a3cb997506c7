/*
 * Which findings the published declarations have, by the library's public face.
 *
 *   published RULES FOLDER...
 *
 * RULES is a rule set that runs beside the core's. Prints for every file of the folders, by name, a line: folder/name, a tab, and each
 * rule that found something with how often, or the name of the status where it could not be read. The clock stands still, so the lines stay the same from day to day.
 */
#include <greenlane.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/str.h"

static const char frozen[] = "2026-07-24T12:00:00Z";

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int not_hidden(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static void print_rules(const gln_declaration *d)
{
    size_t count = gln_declaration_finding_count(d);
    char **rules = calloc(count + 1, sizeof *rules);
    gln_finding f = {.struct_size = sizeof f};

    for (size_t i = 0; rules != NULL && i < count; i++)
        rules[i] = gln_declaration_finding(d, i, GLN_EN, &f) == GLN_OK ? str_dup(f.rule) : NULL;
    if (rules == NULL)
        count = 0;
    qsort(rules, count, sizeof *rules, by_text);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && strcmp(rules[i], rules[i + same]) == 0; same++)
            ;
        printf(same > 1 ? "%s%s*%zu" : "%s%s", i > 0 ? " " : "", rules[i], same);
    }
    printf(count == 0 ? "-\n" : "\n");
    for (size_t i = 0; i < count; i++)
        free(rules[i]);
    free(rules);
}

static int judge(gln_context *ctx, const char *folder, const char *name)
{
    const char *slash = strrchr(folder, '/');
    char *path = path_join(folder, name);
    struct buf bytes = BUF_INIT;
    gln_declaration *d = NULL;
    int status = GLN_E_MEMORY;

    if (path != NULL && file_read(&bytes, path, 0) == 0) {
        printf("%s/%s\t", slash != NULL ? slash + 1 : folder, name);
        status = gln_declaration_read(&d, ctx, bytes.data, bytes.len);
        if (status == GLN_OK)
            status = gln_declaration_check(d, NULL, GLN_CHECK_ALL);
        if (status == GLN_OK)
            print_rules(d);
        else
            printf("%s\n", gln_status_text(status));
        status = GLN_OK;
    } else {
        fprintf(stderr, "published: %s/%s cannot be read\n", folder, name);
    }
    gln_declaration_free(d);
    buf_free(&bytes);
    free(path);
    return status;
}

static int judge_folder(gln_context *ctx, const char *folder)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, not_hidden, alphasort);
    int status = count < 0 ? GLN_E_INPUT : GLN_OK;

    for (int i = 0; i < count; i++) {
        if (status == GLN_OK)
            status = judge(ctx, folder, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return status;
}

int main(int argc, char **argv)
{
    gln_config *config = NULL;
    gln_engine *engine = NULL;
    gln_context *ctx = NULL;
    int status = gln_init();

    if (status == GLN_OK)
        status = gln_config_new(&config);
    if (status == GLN_OK)
        status = gln_config_set(config, "clock", frozen);
    if (status == GLN_OK)
        status = argc > 1 ? gln_config_set(config, "rules", argv[1]) : GLN_E_ARGUMENT;
    if (status == GLN_OK)
        status = gln_engine_new(&engine, config);
    if (status != GLN_OK)
        fprintf(stderr, "published: %s\n", config != NULL ? gln_config_error(config) : "no memory");
    if (status == GLN_OK)
        status = gln_context_new(&ctx, engine);
    for (int i = 2; status == GLN_OK && i < argc; i++)
        status = judge_folder(ctx, argv[i]);
    gln_context_free(ctx);
    gln_engine_free(engine);
    gln_config_free(config);
    gln_shutdown();
    return status == GLN_OK ? 0 : 1;
}
