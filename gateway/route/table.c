/*
 * The table of destinations: every folder of transforms/ that holds a destination.xml, in order of name.
 *
 * One broken bundle fails the whole load, with file and line: a destination that silently is not there would be found
 * out at the border. The table is read-only once loaded and shared by all threads.
 */
#include "route/route.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "route/internal.h"
#include "util/file.h"
#include "util/str.h"

struct route_table {
    struct route_destination *items; /**< owned */
    size_t count;
};

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool holds_bundle(const char *transforms_dir, const char *name)
{
    char *dir = NULL;
    char *file = NULL;
    bool found;

    if (!path_is_plain(name))
        return false;
    dir = path_join(transforms_dir, name);
    if (dir != NULL)
        file = path_join(dir, "destination.xml");
    found = file != NULL && access(file, F_OK) == 0;
    free(file);
    free(dir);
    return found;
}

static void names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/** Names of the bundles, sorted. *names is owned by the caller also on failure. */
static int bundles_list(char ***names, size_t *count, struct gln_context *ctx, const char *transforms_dir)
{
    DIR *dir = opendir(transforms_dir);
    struct dirent *entry;
    char why[160];
    int status = GLN_OK;

    if (dir == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_ROUTE_NO_FOLDER, transforms_dir,
                            strerror_r(errno, why, sizeof why));
    while (status == GLN_OK && (entry = readdir(dir)) != NULL) {
        char **more;

        if (!holds_bundle(transforms_dir, entry->d_name))
            continue;
        more = realloc(*names, (*count + 1) * sizeof **names);
        if (more == NULL) {
            status = context_no_memory(ctx);
            break;
        }
        *names = more;
        more[*count] = str_dup(entry->d_name);
        if (more[*count] == NULL)
            status = context_no_memory(ctx);
        else
            ++*count;
    }
    closedir(dir);
    if (*count > 1)
        qsort(*names, *count, sizeof **names, name_order);
    return status;
}

static int table_fill(struct route_table *t, const struct route_loader *with, const char *transforms_dir,
                      char *const *names, size_t count)
{
    int status = GLN_OK;

    t->items = calloc(count > 0 ? count : 1, sizeof *t->items);
    if (t->items == NULL)
        return context_no_memory(with->ctx);
    for (size_t i = 0; status == GLN_OK && i < count; i++) {
        char *dir = path_join(transforms_dir, names[i]);

        if (dir == NULL)
            return context_no_memory(with->ctx);
        t->count++;
        status = destination_load(&t->items[i], with, dir, names[i]);
        free(dir);
    }
    return status;
}

int route_load(struct route_table **out, struct gln_context *ctx, const char *transforms_dir,
               const char *schema_path, const char *rules_compiler, const char *const *core_rules)
{
    struct route_table *t = calloc(1, sizeof *t);
    struct xml_schema *schema = NULL;
    struct route_loader with = {.ctx = ctx, .rules_compiler = rules_compiler, .core_rules = core_rules};
    char **names = NULL;
    size_t count = 0;
    int status;

    *out = NULL;
    if (t == NULL)
        return context_no_memory(ctx);
    status = xml_schema_load(&schema, ctx, schema_path);
    if (status != GLN_OK)
        goto out;
    with.schema = schema;
    status = bundles_list(&names, &count, ctx, transforms_dir);
    if (status != GLN_OK)
        goto out;
    status = table_fill(t, &with, transforms_dir, names, count);
    if (status == GLN_OK)
        *out = TAKE(&t);
out:
    names_free(names, count);
    xml_schema_free(schema);
    route_free(t);
    return status;
}

void route_free(struct route_table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        destination_clear(&t->items[i]);
    free(t->items);
    free(t);
}

size_t route_count(const struct route_table *t)
{
    return t->count;
}

const struct route_destination *route_at(const struct route_table *t, size_t i)
{
    return i < t->count ? &t->items[i] : NULL;
}

const struct route_destination *route_find(const struct route_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->items[i].name, name))
            return &t->items[i];
    return NULL;
}

const struct route_message *route_message(const struct route_destination *d, const char *name)
{
    for (size_t i = 0; i < d->message_count; i++)
        if (str_eq(d->messages[i].name, name))
            return &d->messages[i];
    return NULL;
}

const struct route_action *route_action(const struct route_message *m, const char *name)
{
    for (size_t i = 0; i < m->action_count; i++)
        if (str_eq(m->actions[i].name, name))
            return &m->actions[i];
    return NULL;
}

const struct route_series *route_series(const struct route_destination *d, const char *kind)
{
    for (size_t i = 0; i < d->series_count; i++)
        if (str_eq(d->series[i].kind, kind))
            return &d->series[i];
    return NULL;
}
