/*
 * Grouped commits and pooled readers.
 *
 * Writers queue. The first in the queue while nobody commits is the leader: it takes all that have gathered, runs them in one
 * transaction, each in its own savepoint, commits, wakes them, and passes the lead to whoever came meanwhile. So the group
 * grows by itself with the time a commit takes, and a lone writer waits for nobody.
 *
 * Each waiter has its own condition: nobody is woken in vain. The leader runs a follower's function with the follower's
 * context, which is safe because the follower is blocked.
 *
 * If the transaction itself is lost (full disk, I/O error, a failing COMMIT), every writer of the group gets that error and
 * nothing of the group is stored. An error inside one function undoes that function's savepoint only.
 */
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>

#include "store/conn.h"
#include "util/str.h"

typedef int store_fn(struct store_conn *c, struct gln_context *ctx, void *arg);

struct request {
    store_fn *fn;
    void *arg;
    struct gln_context *ctx;
    int status;
    bool done, lead; /**< under the store's mutex */
    pthread_cond_t wake;
    struct request *next;
};

/** Idle readers kept; more are opened when more threads read at once, and closed after. */
#define READERS_KEPT 8

struct store {
    pthread_mutex_t mutex;
    struct store_conn *writer;    /**< used by the leader only */
    struct store_hooks hooks;     /**< functions may be NULL */
    bool committing;              /**< there is a leader */
    struct request *first, *last; /**< the queue */
    uint64_t commits, writes;
    enum conn_mode mode;     /**< of further readers */
    struct store_conn *idle; /**< readers */
    int idle_count;
};

int store_open(struct store **out, struct gln_context *ctx, const char *path, const char *schema)
{
    struct store *s = calloc(1, sizeof *s);
    int status;

    *out = NULL;
    if (!s)
        return context_no_memory(ctx);
    pthread_mutex_init(&s->mutex, NULL);
    s->mode = CONN_READER;
    status = conn_open(&s->writer, ctx, path, CONN_WRITER);
    if (status == GLN_OK)
        status = store_schema(s, ctx, schema);
    if (status != GLN_OK)
        store_close(s);
    else
        *out = s;
    return status;
}

int store_open_file(struct store **out, struct gln_context *ctx, const char *path)
{
    struct store *s = calloc(1, sizeof *s);
    int status;

    *out = NULL;
    if (!s)
        return context_no_memory(ctx);
    pthread_mutex_init(&s->mutex, NULL);
    s->mode = CONN_FILE;
    status = conn_open(&s->writer, ctx, path, CONN_FILE);
    if (status != GLN_OK)
        store_close(s);
    else
        *out = s;
    return status;
}

int store_make_plain(struct store *s, struct gln_context *ctx)
{
    return conn_exec(s->writer, ctx, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE;");
}

void store_close(struct store *s)
{
    if (!s)
        return;
    while (s->idle) {
        struct store_conn *c = s->idle;

        s->idle = c->next;
        conn_close(c);
    }
    conn_close(s->writer);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

struct schema_arg {
    const char *ddl;
};

static int run_schema(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    return conn_exec(c, ctx, ((struct schema_arg *)arg)->ddl);
}

int store_schema(struct store *s, struct gln_context *ctx, const char *schema)
{
    struct schema_arg arg = {schema};

    return store_write(s, ctx, run_schema, &arg);
}

void store_hook(struct store *s, const struct store_hooks *hooks)
{
    s->hooks = *hooks;
}

void store_stats(struct store *s, uint64_t *commits, uint64_t *writes)
{
    pthread_mutex_lock(&s->mutex);
    *commits = s->commits;
    *writes = s->writes;
    pthread_mutex_unlock(&s->mutex);
}

/* Runs one statement that is kept: BEGIN, SAVEPOINT and their kin. */
static int command(struct store_conn *c, struct gln_context *ctx, const char *sql)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);

    return st ? stmt_run(st, ctx) : ctx->error.status;
}

/* One function in its savepoint. False: the whole transaction is gone. */
static bool run_one(struct store_conn *c, struct request *r)
{
    r->status = command(c, r->ctx, "SAVEPOINT one");
    if (r->status != GLN_OK)
        return sqlite3_get_autocommit(c->db) == 0;
    r->status = r->fn(c, r->ctx, r->arg);
    if (sqlite3_get_autocommit(c->db) != 0) /* SQLite rolled back by itself: full disk, I/O error, memory */
        return false;
    if (r->status == GLN_OK) {
        r->status = command(c, r->ctx, "RELEASE one");
        return r->status == GLN_OK;
    }
    return sqlite3_exec(c->db, "ROLLBACK TO one; RELEASE one", NULL, NULL, NULL) == SQLITE_OK;
}

/* Hands an error on to a writer that did nothing wrong itself. */
static void pass_on(struct request *r, const struct error *e)
{
    struct error *mine = &r->ctx->error;

    r->status = e->status != GLN_OK ? e->status : GLN_E_STORE;
    context_fail(r->ctx, r->status, MSG_TEXT, e->text[LANG_EN] ? e->text[LANG_EN] : "");
    if (mine->text[LANG_ES] && e->text[LANG_ES]) {
        free(mine->text[LANG_ES]);
        mine->text[LANG_ES] = str_dup(e->text[LANG_ES]);
    }
}

/* Undoes everything; whoever thought to have succeeded gets the error of `ctx`. */
static void fail_group(struct store_conn *c, struct request *group, const struct gln_context *ctx)
{
    if (sqlite3_get_autocommit(c->db) == 0)
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    for (struct request *r = group; r; r = r->next)
        if (r->status == GLN_OK)
            pass_on(r, &ctx->error);
}

/* All functions, then the hook, then COMMIT. `ctx` takes the errors of the transaction as a whole. */
static void run_group(struct store *s, struct request *group, struct gln_context *ctx)
{
    struct store_conn *c = s->writer;
    uint64_t good = 0;
    int status = command(c, ctx, "BEGIN IMMEDIATE");

    if (status == GLN_OK && s->hooks.begun)
        status = s->hooks.begun(c, ctx, s->hooks.arg);
    for (struct request *r = group; r && status == GLN_OK; r = r->next) {
        if (!run_one(c, r)) {
            fail_group(c, group, r->ctx);
            return;
        }
        good += r->status == GLN_OK;
    }
    if (good == 0 && status == GLN_OK) {
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
        return;
    }
    if (status == GLN_OK && s->hooks.before_commit)
        status = s->hooks.before_commit(c, ctx, s->hooks.arg);
    if (status == GLN_OK)
        status = command(c, ctx, "COMMIT");
    if (status != GLN_OK) {
        fail_group(c, group, ctx);
        return;
    }
    pthread_mutex_lock(&s->mutex);
    s->commits++;
    s->writes += good;
    pthread_mutex_unlock(&s->mutex);
}

/* The leader's work: `group` is what has gathered, itself included. Mutex not held. */
static void lead(struct store *s, struct request *group)
{
    struct gln_context ctx;

    context_init(&ctx, group->ctx->options);
    ctx.clock = group->ctx->clock;
    ctx.log = group->ctx->log;
    for (struct request *r = group; r; r = r->next)
        r->status = GLN_OK;
    run_group(s, group, &ctx);
    context_clear(&ctx);
}

/* Wakes a group that is done and passes the lead on. Mutex held. A request is gone once it is marked done. */
static void hand_over(struct store *s, struct request *group)
{
    while (group) {
        struct request *next = group->next;

        group->done = true;
        pthread_cond_signal(&group->wake);
        group = next;
    }
    if (s->first) {
        s->first->lead = true;
        pthread_cond_signal(&s->first->wake);
    } else {
        s->committing = false;
    }
}

static void enqueue(struct store *s, struct request *r)
{
    if (s->last)
        s->last->next = r;
    else
        s->first = r;
    s->last = r;
}

int store_write(struct store *s, struct gln_context *ctx, store_fn *fn, void *arg)
{
    struct request me = {.fn = fn, .arg = arg, .ctx = ctx};

    pthread_cond_init(&me.wake, NULL);
    pthread_mutex_lock(&s->mutex);
    enqueue(s, &me);
    if (s->committing) {
        while (!me.done && !me.lead)
            pthread_cond_wait(&me.wake, &s->mutex);
    } else {
        s->committing = true;
    }
    if (!me.done) {
        struct request *group = s->first;

        s->first = s->last = NULL;
        pthread_mutex_unlock(&s->mutex);
        lead(s, group);
        pthread_mutex_lock(&s->mutex);
        hand_over(s, group);
    }
    pthread_mutex_unlock(&s->mutex);
    pthread_cond_destroy(&me.wake);
    return me.status;
}

static int reader_take(struct store *s, struct gln_context *ctx, struct store_conn **out)
{
    pthread_mutex_lock(&s->mutex);
    *out = s->idle;
    if (*out) {
        s->idle = (*out)->next;
        s->idle_count--;
    }
    pthread_mutex_unlock(&s->mutex);
    return *out ? GLN_OK : conn_open(out, ctx, s->writer->path, s->mode);
}

static void reader_give(struct store *s, struct store_conn *c)
{
    pthread_mutex_lock(&s->mutex);
    if (s->idle_count < READERS_KEPT) {
        c->next = s->idle;
        s->idle = c;
        s->idle_count++;
        c = NULL;
    }
    pthread_mutex_unlock(&s->mutex);
    conn_close(c);
}

int store_read(struct store *s, struct gln_context *ctx, store_fn *fn, void *arg)
{
    struct store_conn *c;
    int status = reader_take(s, ctx, &c);

    if (status != GLN_OK)
        return status;
    status = command(c, ctx, "BEGIN");
    if (status == GLN_OK) {
        status = fn(c, ctx, arg);
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    }
    reader_give(s, c);
    return status;
}
