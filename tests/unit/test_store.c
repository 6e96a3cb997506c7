/* The store: keeping, undoing, grouping, reading beside the writer; files that are no database. */
#include "unit/main.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"
#include "util/file.h"
#include "util/str.h"

Suite *store_suite(void);
Suite *store_full_suite(void);

UNIT_MAIN(store_suite, store_full_suite)

static const char schema[] = "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, name TEXT, data BLOB);";

static struct options options;
static char folder[] = "/tmp/greenlane-store-XXXXXX";
static char path[64];

static void begin(struct gln_context *ctx)
{
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(ctx, &options);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/db", folder);
}

static void end(struct gln_context *ctx)
{
    static const char *const names[] = {"db", "db-wal", "db-shm", NULL};

    for (size_t i = 0; names[i]; i++) {
        char name[80];

        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        unlink(name);
    }
    rmdir(folder);
    context_clear(ctx);
    options_free(&options);
}

struct insert {
    const char *name;
    int fail; /* status to give back after the insert */
};

static int insert(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct insert *in = arg;
    struct store_stmt *st = store_stmt(c, ctx, "INSERT INTO t(name, data) VALUES(?1, ?2)");
    int status;

    if (!st)
        return ctx->error.status;
    stmt_text(st, 1, in->name);
    stmt_blob(st, 2, "\0\1", 2);
    status = stmt_run(st, ctx);
    return status != GLN_OK ? status : in->fail;
}

static int count(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT count(*) FROM t");

    ck_assert_ptr_nonnull(st);
    ck_assert_int_eq(stmt_step(st, ctx), 1);
    *(int64_t *)arg = stmt_col_int(st, 0);
    stmt_done(st);
    return GLN_OK;
}

START_TEST(keeps_and_undoes)
{
    struct gln_context ctx;
    struct store *s;
    struct insert good = {"one", GLN_OK}, bad = {"two", GLN_E_CONFLICT};
    int64_t n = 0;
    struct stat st;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    ck_assert_int_eq(store_write(s, &ctx, insert, &good), GLN_OK);
    ck_assert_int_eq(store_write(s, &ctx, insert, &bad), GLN_E_CONFLICT);
    ck_assert_int_eq(store_read(s, &ctx, count, &n), GLN_OK);
    ck_assert_int_eq(n, 1);
    store_close(s);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);

    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    ck_assert_int_eq(store_read(s, &ctx, count, &n), GLN_OK);
    ck_assert_int_eq(n, 1);
    store_close(s);
    end(&ctx);
}
END_TEST

static int pragma_number(struct store_conn *c, struct gln_context *ctx, const char *sql, int64_t *v)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);

    ck_assert_ptr_nonnull(st);
    ck_assert_int_eq(stmt_step(st, ctx), 1);
    *v = stmt_col_int(st, 0);
    stmt_done(st);
    return GLN_OK;
}

static int settings(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    int64_t v;
    struct store_stmt *st = store_stmt(c, ctx, "PRAGMA journal_mode");

    (void)arg;
    ck_assert_int_eq(stmt_step(st, ctx), 1);
    ck_assert_str_eq(stmt_col_text(st, 0), "wal");
    stmt_done(st);
    pragma_number(c, ctx, "PRAGMA page_size", &v);
    ck_assert_int_eq(v, 16384);
    pragma_number(c, ctx, "PRAGMA synchronous", &v);
    ck_assert_int_eq(v, 2);
    return GLN_OK;
}

START_TEST(is_durable_by_its_settings)
{
    struct gln_context ctx;
    struct store *s;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    ck_assert_int_eq(store_write(s, &ctx, settings, NULL), GLN_OK);
    store_close(s);
    end(&ctx);
}
END_TEST

static int nested(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    static const char sql[] = "SELECT id FROM t ORDER BY id";
    struct store_stmt *outer = store_stmt(c, ctx, sql);
    int seen = 0;

    while (stmt_step(outer, ctx) == 1) {
        struct store_stmt *inner = store_stmt(c, ctx, sql);

        ck_assert_ptr_ne(inner, outer);
        while (stmt_step(inner, ctx) == 1)
            seen++;
        stmt_done(inner);
    }
    stmt_done(outer);
    ck_assert_ptr_eq(store_stmt(c, ctx, "SELECT 1"), store_stmt(c, ctx, "SELECT 1"));
    *(int *)arg = seen;
    return GLN_OK;
}

START_TEST(same_statement_inside_itself)
{
    struct gln_context ctx;
    struct store *s;
    struct insert in = {"x", GLN_OK};
    int seen = 0;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(store_write(s, &ctx, insert, &in), GLN_OK);
    ck_assert_int_eq(store_read(s, &ctx, nested, &seen), GLN_OK);
    ck_assert_int_eq(seen, 9);
    store_close(s);
    end(&ctx);
}
END_TEST

static int null_and_blob(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT ?1, ?2, ?3");
    size_t len = 0;

    (void)arg;
    stmt_text(st, 1, NULL);
    stmt_blob(st, 2, NULL, 0);
    stmt_int(st, 3, INT64_MIN);
    ck_assert_int_eq(stmt_step(st, ctx), 1);
    ck_assert(stmt_col_null(st, 0));
    ck_assert_ptr_null(stmt_col_text(st, 0));
    ck_assert(!stmt_col_null(st, 1));
    stmt_col_blob(st, 1, &len);
    ck_assert_uint_eq(len, 0);
    ck_assert_int_eq(stmt_col_int(st, 2), INT64_MIN);
    stmt_done(st);
    return GLN_OK;
}

START_TEST(null_is_not_empty)
{
    struct gln_context ctx;
    struct store *s;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    ck_assert_int_eq(store_read(s, &ctx, null_and_blob, NULL), GLN_OK);
    store_close(s);
    end(&ctx);
}
END_TEST

static int wrong_sql(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    (void)arg;
    ck_assert_ptr_null(store_stmt(c, ctx, "SELECT a FROM nowhere"));
    return ctx->error.status;
}

static int write_in_read(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    return insert(c, ctx, arg);
}

START_TEST(readers_cannot_write)
{
    struct gln_context ctx;
    struct store *s;
    struct insert in = {"x", GLN_OK};

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    ck_assert_int_eq(store_read(s, &ctx, write_in_read, &in), GLN_E_STORE);
    ck_assert_int_eq(store_read(s, &ctx, wrong_sql, NULL), GLN_E_INTERNAL);
    ck_assert_msg(strstr(context_text(&ctx, LANG_EN), "nowhere"), "%s", context_text(&ctx, LANG_EN));
    store_close(s);
    end(&ctx);
}
END_TEST

static int refuse(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    (void)c;
    ++*(int *)arg;
    return context_fail(ctx, GLN_E_KEY, MSG_TEXT, "no hook today");
}

START_TEST(hook_undoes_the_group)
{
    struct gln_context ctx;
    struct store *s;
    struct insert in = {"x", GLN_OK}, bad = {"y", GLN_E_CONFLICT};
    int calls = 0;
    int64_t n = -1;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    store_hook(s, &(struct store_hooks){.before_commit = refuse, .arg = &calls});
    ck_assert_int_eq(store_write(s, &ctx, insert, &in), GLN_E_KEY);
    ck_assert_str_eq(context_text(&ctx, LANG_ES), "no hook today");
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(store_write(s, &ctx, insert, &bad), GLN_E_CONFLICT);
    ck_assert_int_eq(calls, 1); /* nothing to commit, nothing to sign */
    ck_assert_int_eq(store_read(s, &ctx, count, &n), GLN_OK);
    ck_assert_int_eq(n, 0);
    store_close(s);
    end(&ctx);
}
END_TEST

#define THREADS 16
#define WRITES 50

struct worker {
    struct store *s;
    int bad; /* how many of ours came back otherwise than asked */
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct gln_context ctx;

    context_init(&ctx, &options);
    for (int i = 0; i < WRITES; i++) {
        struct insert in = {"w", i % 10 == 9 ? GLN_E_CONFLICT : GLN_OK};
        int64_t n = 0;

        w->bad += store_write(w->s, &ctx, insert, &in) != in.fail;
        w->bad += store_read(w->s, &ctx, count, &n) != GLN_OK;
        w->bad += n < i - i / 10; /* what this thread was told is kept, it sees */
    }
    context_clear(&ctx);
    return NULL;
}

START_TEST(writers_share_commits)
{
    struct gln_context ctx;
    struct store *s;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    uint64_t commits, writes;
    int64_t n = 0;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){s, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(workers[i].bad, 0);
    }
    store_stats(s, &commits, &writes);
    ck_assert_int_eq(store_read(s, &ctx, count, &n), GLN_OK);
    ck_assert_int_eq(n, THREADS * WRITES * 9 / 10);
    ck_assert_uint_eq(writes, THREADS * WRITES * 9 / 10 + 1); /* and the schema */
    ck_assert_msg(commits < writes, "%llu commits for %llu writes", (unsigned long long)commits,
                  (unsigned long long)writes);
    store_close(s);
    end(&ctx);
}
END_TEST

static void refused(struct gln_context *ctx, const char *file, const char *english, const char *spanish)
{
    struct store *s;

    ck_assert_int_eq(store_open(&s, ctx, file, schema), GLN_E_STORE);
    ck_assert_ptr_null(s);
    ck_assert_msg(strstr(context_text(ctx, LANG_EN), english), "%s", context_text(ctx, LANG_EN));
    ck_assert_msg(strstr(context_text(ctx, LANG_ES), spanish), "%s", context_text(ctx, LANG_ES));
    ck_assert_msg(strstr(context_text(ctx, LANG_EN), file), "the line names the file");
    ck_assert_ptr_null(strchr(context_text(ctx, LANG_EN), '\n'));
}

START_TEST(files_that_are_no_database)
{
    struct gln_context ctx;
    static const char junk[] = "This is a shopping list, and by no means a database file. Bread, milk.";
    struct buf big = BUF_INIT;

    begin(&ctx);
    refused(&ctx, folder, "Is a directory", "no se puede abrir");
    refused(&ctx, "/dev/null", "is not a database", "no es una base de datos");
    refused(&ctx, "/nowhere/at/all/db", "No such file", "no se puede abrir");
    for (int i = 0; i < 300; i++)
        buf_puts(&big, junk);
    ck_assert_int_eq(file_write(path, big.data, big.len, 0600), 0);
    refused(&ctx, path, "is not a database", "no es una base de datos");
    buf_free(&big);
    end(&ctx);
}
END_TEST

START_TEST(damaged_file)
{
    struct gln_context ctx;
    struct store *s;
    struct insert in = {"x", GLN_OK};
    struct buf b = BUF_INIT;
    int status;

    begin(&ctx);
    ck_assert_int_eq(store_open(&s, &ctx, path, schema), GLN_OK);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(store_write(s, &ctx, insert, &in), GLN_OK);
    store_close(s);
    ck_assert_int_eq(file_read(&b, path, 0), 0);
    ck_assert_uint_gt(b.len, 16384 + 4096);
    memset(b.data + 100, 0x55, 4000); /* the schema's own page, after the header */
    ck_assert_int_eq(file_write(path, b.data, b.len, 0600), 0);
    status = store_open(&s, &ctx, path, schema);
    ck_assert_int_eq(status, GLN_E_STORE);
    ck_assert_msg(strstr(context_text(&ctx, LANG_EN), "damaged"), "%s", context_text(&ctx, LANG_EN));
    buf_free(&b);
    end(&ctx);
}
END_TEST

Suite *store_suite(void)
{
    const TTest *const tests[] = {keeps_and_undoes,
                                  is_durable_by_its_settings,
                                  same_statement_inside_itself,
                                  null_is_not_empty,
                                  readers_cannot_write,
                                  hook_undoes_the_group,
                                  writers_share_commits,
                                  files_that_are_no_database,
                                  damaged_file,
                                  NULL};

    return unit_suite("store", tests);
}
