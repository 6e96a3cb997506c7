/*
 * Opening and closing a ledger, and the ids it gives.
 *
 * Order of opening: lock, database, format, key, the last head over the last row, and only then the first write; reservations of a dead
 * owner. Whoever fails half-way gives everything back; the lock goes last. A ledger holds no rows in memory: its size is SQLite's caches, whatever is in the file.
 */
#include "ledger/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/str.h"

const char *number_text(struct number_text *t, int64_t v)
{
    /* cppcheck-suppress ctuuninitvar ; it is written here */
    snprintf(t->s, sizeof t->s, "%lld", (long long)v);
    return t->s;
}

/*
 * A ledger of an earlier version of this format lacks two columns of what follows from its rows: they are added and filled, and the
 * order in which filings are due gets its new index with the rest of the schema.
 */
int ledger_add_columns(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    static const char *const steps[] = {
        "ALTER TABLE filings_now ADD COLUMN destination TEXT",
        "ALTER TABLE filings_now ADD COLUMN deadline_ms INTEGER",
        "UPDATE filings_now SET destination = (SELECT f.destination FROM filings f WHERE f.id = filing)",
        "DROP INDEX IF EXISTS filings_due",
    };
    struct store_stmt *st = store_stmt(
        c, ctx,
        "SELECT count(*) FROM pragma_table_info('filings_now') WHERE name IN ('filing', 'destination')");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;
    int status = more < 0 ? more : GLN_OK;
    bool old = more > 0 && stmt_col_int(st, 0) == 1;

    (void)arg;
    stmt_done(st);
    for (size_t i = 0; old && status == GLN_OK && i < sizeof steps / sizeof steps[0]; i++)
        status = sql_run(c, ctx, steps[i], NULL, 0);
    return status;
}

static int ledger_new(struct ledger **out, struct gln_context *ctx, const char *path, struct sealer *sealer)
{
    struct ledger *l;

    *out = NULL;
    if (!sealer)
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_LEDGER_NO_SEALER, path);
    l = calloc(1, sizeof *l);
    if (!l)
        return context_no_memory(ctx);
    l->lock = -1;
    l->sealer = sealer;
    pthread_mutex_init(&l->id_mutex, NULL);
    pthread_mutex_init(&l->archive_mutex, NULL);
    l->path = str_dup(path);
    *out = l;
    return l->path ? GLN_OK : context_no_memory(ctx);
}

/* The whole of it, or nothing. */
static int opened(struct ledger **l, int status)
{
    /* the ledger is ours: whoever writes in its file is no gateway that could be asked instead */
    if (status == GLN_E_BUSY && *l && (*l)->lock >= 0)
        status = GLN_E_STORE;
    if (status != GLN_OK)
        ledger_close(TAKE(l));
    return status;
}

int ledger_open(struct ledger **out, struct gln_context *ctx, const char *path, struct sealer *sealer)
{
    bool there = false;
    int status = ledger_new(out, ctx, path, sealer);
    struct ledger *l = *out;

    if (status == GLN_OK)
        status = lock_take(&l->lock, ctx, path, false);
    if (status == GLN_OK)
        status = store_open(&l->store, ctx, path, "");
    if (status == GLN_OK)
        status = head_open(l, ctx, &there);
    if (status == GLN_OK)
        status = head_begin(l, ctx, there);
    if (status == GLN_OK)
        status = series_recover(l, ctx);
    return opened(out, status);
}

int ledger_look(struct ledger **out, struct gln_context *ctx, const char *path, struct sealer *sealer)
{
    bool there = false;
    int status = ledger_new(out, ctx, path, sealer);
    struct ledger *l = *out;

    if (status == GLN_OK && access(path, F_OK) != 0)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_LEDGER_NONE, path);
    if (status == GLN_OK)
        status = lock_take(&l->lock, ctx, path, true);
    if (status == GLN_OK)
        status = store_open_file(&l->store, ctx, path);
    if (status == GLN_OK)
        status = head_open(l, ctx, &there);
    if (status == GLN_OK && !there)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_LEDGER_NONE, path);
    return opened(out, status);
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    store_close(l->store);
    lock_release(l->lock);
    key_free(l->key);
    cert_free(l->cert);
    buf_free(&l->cert_base64);
    pthread_mutex_destroy(&l->id_mutex);
    pthread_mutex_destroy(&l->archive_mutex);
    free(l->path);
    free(l);
}

struct store *ledger_store(struct ledger *l)
{
    return l->store;
}

int ledger_signer(struct ledger *l, struct gln_context *ctx, struct key **key, struct cert **cert)
{
    (void)ctx;
    *key = key_ref(l->key);
    *cert = cert_ref(l->cert);
    return GLN_OK;
}

/* A UUID of version 7 without its dashes: milliseconds, a counter within the millisecond, 62 random bits. */
void ledger_new_id(struct ledger *l, struct gln_context *ctx, char id[33])
{
    unsigned char b[8] = {0};
    int64_t now = clock_wall_ms(ctx->clock);
    unsigned count;

    pthread_mutex_lock(&l->id_mutex);
    if (now > l->id_ms) {
        l->id_ms = now;
        l->id_count = 0;
    } else if (++l->id_count > 0xfff) {
        l->id_ms++;
        l->id_count = 0;
    }
    now = l->id_ms;
    count = l->id_count;
    pthread_mutex_unlock(&l->id_mutex);
    if (random_bytes(ctx, b, sizeof b) != GLN_OK) /* the time and the counter still make it unique here */
        context_ok(ctx);
    snprintf(id, 33, "%012llx7%03x%02x%02x%02x%02x%02x%02x%02x%02x",
             (unsigned long long)now & 0xffffffffffffu, count, (b[0] & 0x3fu) | 0x80u, b[1], b[2], b[3], b[4],
             b[5], b[6], b[7]);
}
