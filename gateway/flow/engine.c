/*
 * The engine: what is compiled once and shared by all threads. Counted: each context holds it, the last one frees it.
 *
 * After gln_engine_new() nothing in it changes but the counter, and what was heard about certificates. The context made here carries the engine's options, clock and
 * log through every room. A context is one thread's at a time.
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/config.h"
#include "flow/revocation.h"
#include "util/file.h"
#include "util/str.h"
#include "util/version.h"

const char *gln_version(void)
{
    return version_text();
}

static void engine_destroy(struct gln_engine *e)
{
    revocation_free(e->revocation);
    route_free(e->routes);
    xml_codes_free(e->codes);
    xml_pointers_free(e->pointers);
    xml_rules_free(e->core_rules);
    xml_schema_free(e->pivot_schema);
    options_free(&e->options);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

struct gln_engine *engine_ref(struct gln_engine *e)
{
    pthread_mutex_lock(&e->lock);
    e->refs++;
    pthread_mutex_unlock(&e->lock);
    return e;
}

void gln_engine_free(gln_engine *engine)
{
    bool last;

    if (engine == NULL)
        return;
    pthread_mutex_lock(&engine->lock);
    last = --engine->refs == 0;
    pthread_mutex_unlock(&engine->lock);
    if (last)
        engine_destroy(engine);
}

/** The folder that holds transforms/ and schemas/. */
static const char *data_dir(const struct options *o)
{
    const char *dir = option_text(o, OPT_DATA_DIR);

    if (*dir == '\0')
        dir = getenv("GREENLANE_DATADIR");
    return dir != NULL && *dir != '\0' ? dir : GREENLANE_DATADIR;
}

char *engine_data_path(const struct options *o, const char *name)
{
    return path_join(data_dir(o), name);
}

/** Paths of the data files, made once for the load. */
enum data_file {
    PIVOT,
    COMPILER,
    CORE_RULES,
    KEYS,
    POINTERS,
    CODES,
    TRANSFORMS,
    DESTINATION_XSD,
    DATA_FILES
};
static const char *const data_names[DATA_FILES] = {
    [PIVOT] = "schemas/wco/pivot.xsd",
    [COMPILER] = "schemas/greenlane/compile-rules.xsl",
    [CORE_RULES] = "schemas/wco/rules/wco-core.sch",
    [KEYS] = "schemas/greenlane/keys.xml",
    [POINTERS] = "schemas/wco/pointers.xml",
    [CODES] = "schemas/codes",
    [TRANSFORMS] = "transforms",
    [DESTINATION_XSD] = "schemas/greenlane/destination.xsd",
};

static void paths_free(char *paths[DATA_FILES])
{
    for (int i = 0; i < DATA_FILES; i++)
        free(paths[i]);
}

static bool paths_make(char *paths[DATA_FILES], const struct options *o)
{
    const char *own = option_text(o, OPT_WCO_SCHEMA_DIR);
    bool ok = true;

    for (int i = 0; i < DATA_FILES; i++) {
        paths[i] = path_join(data_dir(o), data_names[i]);
        ok = ok && paths[i] != NULL;
    }
    if (*own != '\0' || !option_on(o, OPT_EXTENDED_PIVOT)) {
        const char *name = option_on(o, OPT_EXTENDED_PIVOT) ? "pivot.xsd" : "wco-2.15.xsd";
        char *folder = *own != '\0' ? str_dup(own) : path_join(data_dir(o), "schemas/wco");

        free(paths[PIVOT]);
        paths[PIVOT] = folder != NULL ? path_join(folder, name) : NULL;
        ok = ok && paths[PIVOT] != NULL;
        free(folder);
    }
    return ok;
}

static int engine_compile(struct gln_engine *e, struct gln_context *ctx)
{
    char *paths[DATA_FILES] = {NULL};
    int status = paths_make(paths, &e->options) ? GLN_OK : context_no_memory(ctx);

    if (status == GLN_OK)
        status = xml_schema_load(&e->pivot_schema, ctx, paths[PIVOT]);
    if (status == GLN_OK)
        status = xml_codes_load(&e->codes, ctx, paths[CODES]);
    if (status == GLN_OK)
        status = xml_pointers_load(&e->pointers, ctx, paths[POINTERS]);
    if (status == GLN_OK) {
        const char *more = option_text(&e->options, OPT_RULES);
        const char *const rules[] = {paths[CORE_RULES], paths[KEYS], *more != '\0' ? more : NULL, NULL};

        status = xml_rules_load(&e->core_rules, ctx, paths[COMPILER], rules);
        if (status == GLN_OK)
            status = route_load(&e->routes, ctx, paths[TRANSFORMS], paths[DESTINATION_XSD], paths[COMPILER],
                                rules);
    }
    paths_free(paths);
    return status;
}

int gln_engine_new(gln_engine **out, gln_config *config)
{
    struct gln_engine *e;
    struct gln_context ctx;
    int64_t frozen = 0;
    int status;

    if (out == NULL || config == NULL)
        return GLN_E_ARGUMENT;
    *out = NULL;
    config->error[0] = '\0';
    e = calloc(1, sizeof *e);
    if (e == NULL || options_copy(&e->options, &config->options) != GLN_OK) {
        free(e);
        return GLN_E_MEMORY;
    }
    pthread_mutex_init(&e->lock, NULL);
    e->refs = 1;
    e->log = config->log;
    if (time_parse(&frozen, option_text(&e->options, OPT_CLOCK)))
        e->clock = (struct clock_source){true, frozen};
    context_init(&ctx, &e->options);
    ctx.clock = &e->clock;
    ctx.log = &e->log;
    status = revocation_new(&e->revocation, &ctx);
    if (status == GLN_OK)
        status = engine_compile(e, &ctx);
    if (status == GLN_OK)
        *out = e;
    else {
        str_copy(config->error, sizeof config->error, context_text(&ctx, LANG_EN));
        engine_destroy(e);
    }
    context_clear(&ctx);
    return status;
}

int gln_context_new(gln_context **out, gln_engine *engine)
{
    struct gln_context *ctx;

    if (out == NULL)
        return GLN_E_ARGUMENT;
    *out = NULL;
    if (engine == NULL)
        return GLN_E_ARGUMENT;
    ctx = calloc(1, sizeof *ctx);
    if (ctx == NULL)
        return GLN_E_MEMORY;
    context_init(ctx, &engine->options);
    ctx->engine = engine_ref(engine);
    ctx->clock = &engine->clock;
    ctx->log = &engine->log;
    *out = ctx;
    return GLN_OK;
}

void gln_context_free(gln_context *context)
{
    struct gln_engine *e;

    if (context == NULL)
        return;
    e = context->engine;
    context_clear(context);
    free(context);
    gln_engine_free(e);
}

void gln_context_progress(gln_context *context, gln_progress *fn, void *arg)
{
    if (context == NULL)
        return;
    context->progress = fn;
    context->progress_arg = arg;
}

const char *gln_context_error(const gln_context *context, enum gln_language language)
{
    return context_text(context, (int)language);
}
