/* A disk that is full: nothing of what was refused is stored, everything said to be stored is, and writing goes on after. */
#include "unit/main.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

Suite *store_full_suite(void);

static const char schema[] = "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, data BLOB);";

static struct options options;
static char folder[] = "/tmp/greenlane-full-XXXXXX";
static char path[64];

static void begin(struct gln_context *ctx, struct store **s)
{
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(ctx, &options);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/db", folder);
    ck_assert_int_eq(store_open(s, ctx, path, schema), GLN_OK);
}

static void end(struct gln_context *ctx, struct store *s)
{
    static const char *const names[] = {"", "-wal", "-shm", NULL};

    store_close(s);
    for (size_t i = 0; names[i]; i++) {
        char name[80];

        snprintf(name, sizeof name, "%s%s", path, names[i]);
        unlink(name);
    }
    rmdir(folder);
    context_clear(ctx);
    options_free(&options);
}

static int insert(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    static const char zeros[100000];
    struct store_stmt *st = store_stmt(c, ctx, "INSERT INTO t(data) VALUES(?1)");

    (void)arg;
    ck_assert_ptr_nonnull(st);
    stmt_blob(st, 1, zeros, sizeof zeros);
    return stmt_run(st, ctx);
}

static int count(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT count(*) FROM t");

    ck_assert_int_eq(stmt_step(st, ctx), 1);
    *(int64_t *)arg = stmt_col_int(st, 0);
    stmt_done(st);
    return GLN_OK;
}

static int set_pages(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, arg);

    return stmt_run(st, ctx);
}

static int64_t stored(struct store *s, struct gln_context *ctx)
{
    int64_t n = -1;

    ck_assert_int_eq(store_read(s, ctx, count, &n), GLN_OK);
    return n;
}

/* Writes until it is refused; how many were taken. */
static int64_t fill(struct store *s, struct gln_context *ctx)
{
    for (int64_t n = 0; n < 1000; n++) {
        int status = store_write(s, ctx, insert, NULL);

        if (status == GLN_OK)
            continue;
        ck_assert_int_eq(status, GLN_E_STORE);
        ck_assert_msg(strstr(context_text(ctx, LANG_EN), "no space left"), "%s", context_text(ctx, LANG_EN));
        ck_assert_msg(strstr(context_text(ctx, LANG_ES), "no queda espacio"), "%s",
                      context_text(ctx, LANG_ES));
        return n;
    }
    ck_abort_msg("the disk never became full");
    return -1;
}

START_TEST(database_at_its_limit)
{
    struct gln_context ctx;
    struct store *s;
    char few[] = "PRAGMA max_page_count=60", many[] = "PRAGMA max_page_count=10000";
    int64_t n;

    begin(&ctx, &s);
    ck_assert_int_eq(store_write(s, &ctx, set_pages, few), GLN_OK);
    n = fill(s, &ctx);
    ck_assert_int_gt(n, 2);
    ck_assert_int_eq(stored(s, &ctx), n);
    ck_assert_int_eq(store_write(s, &ctx, set_pages, many), GLN_OK);
    ck_assert_int_eq(store_write(s, &ctx, insert, NULL), GLN_OK);
    ck_assert_int_eq(stored(s, &ctx), n + 1);
    end(&ctx, s);
}
END_TEST

START_TEST(file_cannot_grow)
{
    struct gln_context ctx;
    struct store *s;
    struct rlimit limit, low;
    int64_t n;

    begin(&ctx, &s);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    low = limit;
    low.rlim_cur = 1000000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &low), 0);
    n = fill(s, &ctx);
    ck_assert_int_gt(n, 2);
    ck_assert_int_eq(stored(s, &ctx), n);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(store_write(s, &ctx, insert, NULL), GLN_OK);
    ck_assert_int_eq(stored(s, &ctx), n + 1);
    end(&ctx, s);
}
END_TEST

#define THREADS 8

struct worker {
    struct store *s;
    int64_t kept;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct gln_context ctx;

    context_init(&ctx, &options);
    while (store_write(w->s, &ctx, insert, NULL) == GLN_OK)
        w->kept++;
    context_clear(&ctx);
    return NULL;
}

START_TEST(group_on_a_full_disk)
{
    struct gln_context ctx;
    struct store *s;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    char few[] = "PRAGMA max_page_count=400";
    int64_t kept = 0;

    begin(&ctx, &s);
    ck_assert_int_eq(store_write(s, &ctx, set_pages, few), GLN_OK);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){s, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        kept += workers[i].kept;
    }
    ck_assert_int_gt(kept, THREADS);
    ck_assert_int_eq(stored(s, &ctx), kept);
    end(&ctx, s);
}
END_TEST

Suite *store_full_suite(void)
{
    const TTest *const tests[] = {database_at_its_limit, file_cannot_grow, group_on_a_full_disk, NULL};

    return unit_suite("store_full", tests);
}
