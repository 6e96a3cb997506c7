/* See ledger_bed.h. */
#include "unit/ledger_bed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "store/store.h"

void bed_begin(struct bed *b)
{
    char key[96];

    memset(b, 0, sizeof *b);
    /* in memory where there is such a folder: what is tested here does not depend on the disk */
    snprintf(b->folder, sizeof b->folder, "%s/greenlane-ledger-XXXXXX",
             access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/ledger", b->folder);
    snprintf(key, sizeof key, "%s/key", b->folder);
    ck_assert_int_eq(options_init(&b->options), GLN_OK);
    context_init(&b->ctx, &b->options);
    b->clock.frozen = true;
    b->clock.frozen_ms = BED_TIME;
    b->ctx.clock = &b->clock;
    ck_assert_int_eq(sealer_open(&b->sealer, &b->ctx, key, true), GLN_OK);
    bed_open(b);
}

void bed_open(struct bed *b)
{
    int status = ledger_open(&b->ledger, &b->ctx, b->path, b->sealer);

    ck_assert_msg(status == GLN_OK, "%s", context_text(&b->ctx, LANG_EN));
}

void bed_close(struct bed *b)
{
    ledger_close(b->ledger);
    b->ledger = NULL;
}

void bed_end(struct bed *b)
{
    static const char *const names[] = {"key", "ledger", "ledger-wal", "ledger-shm", "ledger.lock", NULL};

    bed_close(b);
    for (size_t i = 0; names[i]; i++) {
        char name[128];

        snprintf(name, sizeof name, "%s/%s", b->folder, names[i]);
        unlink(name);
    }
    rmdir(b->folder);
    sealer_free(b->sealer);
    context_clear(&b->ctx);
    options_free(&b->options);
}

void bed_declaration(struct bed *b, struct bed_declaration *d)
{
    static const char original[] = "<Declaration>one</Declaration>";

    memset(d, 0, sizeof *d);
    ledger_new_id(b->ledger, &b->ctx, d->id);
    d->filing[0] = (struct ledger_new_filing){.destination = "us-ace",
                                              .message = "cargo-release",
                                              .action = "add",
                                              .identity = "acme",
                                              .environment = "TEST",
                                              .key = "9ZZ00000017",
                                              .outbound = "A  outbound",
                                              .outbound_len = 11,
                                              .source_map = "map",
                                              .slots = "slots"};
    d->d = (struct ledger_new_declaration){.id = d->id,
                                           .submitter = "broker-1",
                                           .format = "dms",
                                           .original = original,
                                           .original_len = sizeof original - 1,
                                           .decision = "{\"lane\":\"standard\"}",
                                           .filings = d->filing,
                                           .filing_count = 1};
}

static int take_first(void *arg, const struct ledger_filing *f)
{
    *(int64_t *)arg = f->id;
    return 1;
}

int64_t bed_first_filing(struct bed *b, const char *declaration)
{
    int64_t id = 0;

    ck_assert_int_eq(ledger_filings(b->ledger, &b->ctx, declaration, take_first, &id), GLN_OK);
    return id;
}

int64_t bed_keep(struct bed *b, struct bed_declaration *d, struct buf *receipt)
{
    struct buf own = BUF_INIT;
    bool replayed;
    int status = ledger_keep(b->ledger, &b->ctx, &d->d, receipt ? receipt : &own, &replayed);

    ck_assert_msg(status == GLN_OK, "%s", context_text(&b->ctx, LANG_EN));
    ck_assert(!replayed);
    buf_free(&own);
    return bed_first_filing(b, d->id);
}

int64_t bed_keep_one(struct bed *b, struct buf *receipt)
{
    struct bed_declaration d;

    bed_declaration(b, &d);
    return bed_keep(b, &d, receipt);
}

static int run_one(struct store_conn *c, struct gln_context *ctx, const char *sql)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);
    int status = st ? stmt_run(st, ctx) : ctx->error.status;

    ck_assert_msg(status == GLN_OK, "%s: %s", sql, context_text(ctx, LANG_EN));
    return status;
}

static int run_all(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    static const char *const tables[] = {
        "declarations", "filings", "changes", "attachments", "receipts", "numbers", "dues",
        "certificates", "series",  "inbound", "settlements", "archives", "archived"};
    static const char *const what[] = {"no_update", "kept"};
    char copy[1024], statement[128];

    for (size_t i = 0; i < 2 * sizeof tables / sizeof tables[0]; i++) {
        snprintf(statement, sizeof statement, "DROP TRIGGER IF EXISTS %s_%s", tables[i / 2], what[i % 2]);
        run_one(c, ctx, statement);
    }
    ck_assert_uint_lt(strlen(arg), sizeof copy);
    memcpy(copy, arg, strlen(arg) + 1);
    for (char *p = copy, *end; *p; p = end) {
        end = p + strcspn(p, ";");
        if (*end)
            *end++ = '\0';
        run_one(c, ctx, p);
    }
    return GLN_OK;
}

void bed_tamper(struct bed *b, const char *sql)
{
    struct store *s;
    char copy[1024];

    snprintf(copy, sizeof copy, "%s", sql);
    ck_assert_int_eq(store_open(&s, &b->ctx, b->path, ""), GLN_OK);
    ck_assert_int_eq(store_write(s, &b->ctx, run_all, copy), GLN_OK);
    store_close(s);
}

bool bed_good(struct bed *b, struct buf *report)
{
    struct buf own = BUF_INIT;
    bool good = false;

    ck_assert_msg(ledger_look(&b->ledger, &b->ctx, b->path, b->sealer) == GLN_OK, "%s",
                  context_text(&b->ctx, LANG_EN));
    ck_assert_int_eq(ledger_verify(b->ledger, &b->ctx, LANG_EN, &good, report ? report : &own), GLN_OK);
    bed_close(b);
    buf_free(&own);
    return good;
}

pid_t bed_fork(struct bed *b, void (*child)(struct bed *b, int out), int *told)
{
    int pipes[2];
    pid_t pid;

    ck_assert_int_eq(pipe(pipes), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        close(pipes[0]);
        child(b, pipes[1]);
        _exit(9);
    }
    close(pipes[1]);
    *told = pipes[0];
    return pid;
}

void bed_killed(pid_t pid)
{
    int status;

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child ended by itself: status %d",
                  status);
}
