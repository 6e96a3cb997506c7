/*
 * The gateway on one machine: engine, ledger, the key that seals secrets, the register of operators.
 *
 * Opening takes the ledger's lock (GLN_E_BUSY when another process has it), finds every filing that was being sent when the last
 * owner stopped, which is then in doubt, and reads the answers that were stored but not read. Looking does none of it, and writes nothing:
 * but a ledger of an earlier version is opened once to make its tables those of this one.
 */
#include "flow/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/rows.h"
#include "trust/register_store.h"
#include "util/file.h"
#include "util/str.h"

/** `name` in the folder of the ledger; owned by the caller. */
static char *beside_ledger(const struct options *o, const char *name)
{
    const char *ledger = option_text(o, OPT_LEDGER);
    const char *slash = strrchr(ledger, '/');
    char *dir =
        slash == NULL ? str_dup(".") : str_ndup(ledger, slash == ledger ? 1 : (size_t)(slash - ledger));
    char *path = dir != NULL ? path_join(dir, name) : NULL;

    free(dir);
    return path;
}

static int open_sealer(struct gln_gateway *gw, struct gln_context *ctx)
{
    const char *set = option_text(ctx->options, OPT_KEY_FILE);
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    const char *ledger = option_text(ctx->options, OPT_LEDGER);
    struct stat st;
    char *path = NULL;
    bool create = false;
    int status;

    if (*set != '\0') {
        path = str_dup(set);
    } else if (credentials != NULL && *credentials != '\0') {
        path = path_join(credentials, "greenlane-key");
        if (path != NULL && access(path, F_OK) != 0)
            free(TAKE(&path));
    }
    if (path == NULL) {
        path = beside_ledger(ctx->options, "greenlane.key");
        create = true;
    }
    if (path == NULL)
        return context_no_memory(ctx);
    /* a key is made with a new ledger only: no other opens what one that is there holds */
    if (stat(ledger, &st) == 0 && st.st_size > 0 && access(path, F_OK) != 0 && errno == ENOENT)
        status = context_fail(ctx, GLN_E_KEY, MSG_FLOW_KEY_FILE_GONE, path, ledger);
    else
        status = sealer_open(&gw->sealer, ctx, path, create);
    free(path);
    return status;
}

/** The one place where the register in use changes. Takes `fresh`, which may be NULL: the register is down. */
static void swap_operators(struct gln_gateway *gw, struct operators *fresh)
{
    struct operators *old;

    pthread_mutex_lock(&gw->lock);
    old = gw->operators;
    gw->operators = fresh;
    pthread_mutex_unlock(&gw->lock);
    operators_free(old);
}

/** The operators file into the tables, if it is another than last time. */
static int read_operators_file(struct gln_gateway *gw, struct gln_context *ctx, const char *shipped)
{
    const char *set = option_text(ctx->options, OPT_OPERATORS);
    char *path = *set != '\0' ? str_dup(set) : beside_ledger(ctx->options, "operators.xml");
    struct buf bytes = BUF_INIT;
    char why[160];
    int status;
    int err;

    if (path == NULL)
        return context_no_memory(ctx);
    err = file_read(&bytes, path, 64 << 20);
    if (err == ENOENT && *set == '\0') /* there need be none: lists and attestations can be all */
        err = 0;
    status = err != 0 ? context_fail(ctx, GLN_E_CONFIG, MSG_FLOW_FILE, path, strerror_r(err, why, sizeof why))
                      : register_file(ctx, ledger_store(gw->ledger), bytes.data, bytes.len, path, shipped,
                                      ledger_register_put);
    buf_free(&bytes);
    free(path);
    return status;
}

char *gateway_shipped(const struct gln_context *ctx)
{
    return engine_data_path(ctx->options, "schemas/greenlane/programmes.xml");
}

/** Keeps why the register cannot be read, for whoever asks; after a success, that it can. */
static void keep_reason(struct gln_gateway *gw, const struct gln_context *ctx, int status)
{
    pthread_mutex_lock(&gw->lock);
    gw->register_read = true;
    gw->down_ms = clock_mono_ms();
    for (int i = 0; i < LANG_COUNT; i++) {
        free(gw->down[i]);
        gw->down[i] = status == GLN_OK ? NULL : str_dup(context_text(ctx, i));
    }
    pthread_mutex_unlock(&gw->lock);
}

/** The error of a call, put aside while others run; to be put back after context_ok(). */
static struct error error_take(struct gln_context *ctx)
{
    struct error taken = ctx->error;

    ctx->error = (struct error){.status = GLN_OK};
    return taken;
}

static bool was_asked(struct gln_gateway *gw)
{
    bool asked;

    pthread_mutex_lock(&gw->lock);
    asked = gw->register_read;
    pthread_mutex_unlock(&gw->lock);
    return asked;
}

/** The tables are read also when the operators file was refused, but for the first time: then nobody knows what it would have said. */
static int load_operators(struct gln_gateway *gw, struct gln_context *ctx, bool first)
{
    char *shipped = gateway_shipped(ctx);
    struct operators *fresh = NULL;
    struct error why;
    bool had;
    int loaded = GLN_OK;
    int status;

    pthread_mutex_lock(&gw->building);
    had = gw->operators != NULL;
    if (first && was_asked(gw)) { /* another thread was faster */
        pthread_mutex_unlock(&gw->building);
        free(shipped);
        return GLN_OK;
    }
    if (shipped == NULL)
        status = context_no_memory(ctx);
    else
        status = gw->looks ? GLN_OK : read_operators_file(gw, ctx, shipped);
    if (status == GLN_OK)
        context_ok(ctx);
    why = error_take(ctx);
    if (status == GLN_OK || (status != GLN_E_MEMORY && had)) {
        loaded = register_load(&fresh, ctx, ledger_store(gw->ledger),
                               option_text(ctx->options, OPT_ENVIRONMENT), 0, shipped);
        if (loaded != GLN_E_MEMORY) /* none, rather than one that is not what stands in the tables */
            swap_operators(gw, fresh);
        if (loaded != GLN_OK && had)
            log_write(
                ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
                "the register of operators cannot be read any more, so nobody is expedited until it can: %s",
                context_text(ctx, LANG_EN));
    }
    if (status == GLN_OK) {
        status = loaded;
    } else {
        context_ok(ctx);
        ctx->error = why;
    }
    keep_reason(gw, ctx, status);
    pthread_mutex_unlock(&gw->building);
    free(shipped);
    return status;
}

int gateway_reload_operators(struct gln_gateway *gw, struct gln_context *ctx)
{
    int status = load_operators(gw, ctx, false);
    struct error why;
    int recalled;

    if (status == GLN_OK)
        context_ok(ctx);
    why = error_take(ctx);
    recalled = flow_recall(gw, ctx);
    /* the new register is in use: each filing is decided by it when it leaves, only the queue's order is the old one */
    if (recalled != GLN_OK)
        log_write(ctx->log, LOG_LEVEL_ALERT, "lane", NULL,
                  "what waits could not be decided again at once: %s", context_text(ctx, LANG_EN));
    context_ok(ctx);
    ctx->error = why;
    return status;
}

/** So often a register that cannot be read is tried again. */
enum { AGAIN_MS = 5000 };

/** The register for the first time. Without it the gateway works on: every declaration goes standard (F02), and a person is told. */
static void first_operators(struct gln_gateway *gw, struct gln_context *ctx)
{
    if (load_operators(gw, ctx, true) != GLN_OK)
        log_write(ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
                  "the register of operators cannot be read, so nobody is expedited until it can: %s",
                  context_text(ctx, LANG_EN));
    context_ok(ctx);
}

void gateway_register(struct gln_gateway *gw, struct gln_context *ctx)
{
    bool first;
    bool due;

    pthread_mutex_lock(&gw->lock);
    first = !gw->register_read;
    due = gw->down[0] != NULL && clock_mono_ms() - gw->down_ms >= AGAIN_MS;
    if (due)
        gw->down_ms = clock_mono_ms();
    pthread_mutex_unlock(&gw->lock);
    if (first)
        first_operators(gw, ctx);
    if (!due)
        return;
    if (gateway_reload_operators(gw, ctx) == GLN_OK)
        log_write(ctx->log, LOG_LEVEL_NOTICE, "flow", NULL, "the register of operators can be read again");
    context_ok(ctx);
}

void gateway_register_changed(struct gln_gateway *gw, struct gln_context *ctx)
{
    bool waits = true;

    /* nobody has read it, and nothing waits to be decided by it: who does will read what it is now */
    if (!was_asked(gw) && flow_waits(gw, ctx, &waits) == GLN_OK && !waits)
        return;
    if (gateway_reload_operators(gw, ctx) == GLN_OK)
        return;
    log_write(ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
              "the register of operators changed and could not be read anew: %s", context_text(ctx, LANG_EN));
    context_ok(ctx);
}

struct owners {
    struct gln_gateway *gw;
    struct gln_context *ctx;
    int status;
};

static int owner_of(void *arg, const struct identity *id)
{
    struct owners *o = arg;

    o->status = flow_number_owner(o->gw, o->ctx, id);
    return o->status != GLN_OK;
}

/** Identities of a ledger of an earlier version, which did not keep whose numbers they give. */
static int number_owners(struct gln_gateway *gw, struct gln_context *ctx)
{
    struct owners o = {gw, ctx, GLN_OK};
    int status = identity_list(ledger_store(gw->ledger), ctx, owner_of, &o);

    return status == GLN_OK ? o.status : status;
}

static int recover(struct gln_gateway *gw, struct gln_context *ctx)
{
    int64_t moved = 0;
    int status = ledger_recover(gw->ledger, ctx, &moved);

    if (status == GLN_OK && moved > 0)
        log_write(ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
                  "%lld filing(s) were being sent when Greenlane stopped and are now in doubt",
                  (long long)moved);
    if (status == GLN_OK)
        status = inbox_recover(gw, ctx);
    if (status == GLN_OK)
        status = number_owners(gw, ctx);
    return status == GLN_OK ? flow_settings_changed(gw, ctx) : status;
}

/* --- opening --- */

/** What `user_version` of the file says when its tables are those of this version. */
static int64_t schema_version(void)
{
    const char *const schemas[] = {ledger_schema, trust_schema, watch_schema, register_schema, register_ends};
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++)
        for (const char *p = schemas[i]; *p != '\0'; p++)
            h = (h ^ (unsigned char)*p) * 16777619u;
    return h & 0x7fffffff;
}

static int read_version(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, "PRAGMA user_version");
    int more = st != NULL ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0)
        *(int64_t *)arg = stmt_col_int(st, 0);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/** The tables of the other rooms, and the mark that they are there. */
static int open_tables(struct gln_gateway *gw, struct gln_context *ctx)
{
    const char *const schemas[] = {watch_schema, register_schema, register_ends};
    struct store *s = ledger_store(gw->ledger);
    struct buf mark = BUF_INIT;
    int64_t version = 0;
    int status = identity_tables(s, ctx);

    for (size_t i = 0; status == GLN_OK && i < sizeof schemas / sizeof schemas[0]; i++)
        status = store_schema(s, ctx, schemas[i]);
    if (status == GLN_OK)
        status = store_read(s, ctx, read_version, &version);
    buf_printf(&mark, "PRAGMA user_version=%lld;", (long long)schema_version());
    if (status == GLN_OK && mark.failed)
        status = context_no_memory(ctx);
    if (status == GLN_OK && version != schema_version())
        status = store_schema(s, ctx, mark.data);
    buf_free(&mark);
    return status;
}

/**
 * Identities and submitters into the chain, once in a ledger's life: when it is made, or when this version first opens one that had none of
 * them there. What stands in a file whose chain does not hold was perhaps not written by us, and is left as it is.
 */
static int seal_persons(struct gln_gateway *gw, struct gln_context *ctx)
{
    const struct entered by = {ledger_register_put, "greenlane"};
    struct buf report = BUF_INIT;
    size_t count = 0;
    bool sealed = false;
    bool good = false;
    int status = ledger_register_has(gw->ledger, ctx, REGISTER_SEALED, &sealed);

    if (status != GLN_OK || sealed)
        return status;
    status = ledger_verify(gw->ledger, ctx, LANG_EN, &good, &report);
    if (status == GLN_OK && good)
        status = identity_seal_first(ledger_store(gw->ledger), ctx, gw->sealer, &by, &count);
    else if (status == GLN_OK)
        log_write(
            ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
            "identities and submitters are not put into the chain, for it does not hold; see: greenlane "
            "ledger verify");
    if (status == GLN_OK && count > 0)
        log_write(ctx->log, LOG_LEVEL_NOTICE, "flow", NULL,
                  "identities and submitters of an earlier version were put into the chain, as they stood");
    buf_free(&report);
    return status;
}

static int gateway_new(struct gln_gateway **out, struct gln_context *ctx)
{
    struct gln_gateway *gw = calloc(1, sizeof *gw);
    int status;

    *out = gw;
    if (gw == NULL)
        return context_no_memory(ctx);
    pthread_mutex_init(&gw->lock, NULL);
    pthread_mutex_init(&gw->building, NULL);
    gw->engine = engine_ref(ctx->engine);
    status = key_cache_new(&gw->keys, ctx);
    return status == GLN_OK ? open_sealer(gw, ctx) : status;
}

int gateway_open(struct gln_gateway **out, struct gln_context *ctx)
{
    int status = gateway_new(out, ctx);
    struct gln_gateway *gw = *out;

    if (status == GLN_OK)
        status = ledger_open(&gw->ledger, ctx, option_text(ctx->options, OPT_LEDGER), gw->sealer);
    if (status == GLN_OK)
        status = open_tables(gw, ctx);
    if (status == GLN_OK)
        status = seal_persons(gw, ctx);
    if (status == GLN_OK)
        status = recover(gw, ctx);
    if (status != GLN_OK)
        gateway_close(TAKE(out));
    return status;
}

/** *old: its tables are not all those of this version. */
static int look(struct gln_gateway **out, struct gln_context *ctx, bool *old)
{
    int64_t version = 0;
    int status = gateway_new(out, ctx);
    struct gln_gateway *gw = *out;

    if (status == GLN_OK) {
        gw->looks = true;
        status = ledger_look(&gw->ledger, ctx, option_text(ctx->options, OPT_LEDGER), gw->sealer);
    }
    if (status == GLN_OK)
        status = store_read(ledger_store(gw->ledger), ctx, read_version, &version);
    *old = version != schema_version();
    if (status != GLN_OK)
        gateway_close(TAKE(out));
    return status;
}

int gateway_look(struct gln_gateway **out, struct gln_context *ctx)
{
    bool old = false;
    int status = look(out, ctx, &old);

    if (status != GLN_OK || !old)
        return status;
    gateway_close(TAKE(out));
    status = gateway_open(out, ctx);
    gateway_close(TAKE(out));
    return status == GLN_OK ? look(out, ctx, &old) : status;
}

void gateway_close(struct gln_gateway *gw)
{
    if (gw == NULL)
        return;
    operators_free(gw->operators);
    for (int i = 0; i < LANG_COUNT; i++)
        free(gw->down[i]);
    ledger_close(gw->ledger);
    sealer_free(gw->sealer);
    key_cache_free(gw->keys);
    inboxes_free(gw);
    free(gw->busy);
    pthread_mutex_destroy(&gw->lock);
    pthread_mutex_destroy(&gw->building);
    gln_engine_free(gw->engine);
    free(gw);
}
