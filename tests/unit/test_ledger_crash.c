/*
 * kill -9 at random points (the seed is fixed): a child keeps declarations as fast as it can, two threads, and tells each receipt on a
 * pipe once keep has given it. After it is killed every receipt told is found and good, the chain is whole, and every number that
 * was drawn is kept or a gap.
 */
#include "unit/main.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/ledger_bed.h"

Suite *ledger_crash_suite(void);

struct keeper {
    struct bed *b;
    int out;
};

/* In the child: for ever draw, keep, tell. A receipt fits PIPE_BUF, so lines of two threads do not mix. */
static void *keep_on(void *arg)
{
    struct keeper *k = arg;
    struct gln_context ctx;

    context_init(&ctx, &k->b->options);
    for (;;) {
        struct bed_declaration d;
        struct buf receipt = BUF_INIT, number = BUF_INIT;
        bool replayed;

        bed_declaration(k->b, &d);
        if (series_reserve(k->b->ledger, &ctx, "acme", NULL, "entry-number", 2026, &number) != GLN_OK)
            _exit(3);
        d.filing[0].series_kind = "entry-number";
        d.filing[0].series_year = 2026;
        d.filing[0].serial = number.data;
        if (ledger_keep(k->b->ledger, &ctx, &d.d, &receipt, &replayed) != GLN_OK)
            _exit(4);
        buf_putc(&receipt, '\n');
        if (receipt.len > 4096 || write(k->out, receipt.data, receipt.len) != (ssize_t)receipt.len)
            _exit(5);
        buf_free(&receipt);
        buf_free(&number);
    }
    return NULL;
}

static void child(struct bed *b, int out)
{
    struct keeper k = {b, out};
    pthread_t thread;

    if (ledger_open(&b->ledger, &b->ctx, b->path, b->sealer) != GLN_OK)
        _exit(1);
    if (pthread_create(&thread, NULL, keep_on, &k) != 0)
        _exit(2);
    keep_on(&k);
    _exit(0);
}

/* Runs the child until it has told `bytes` bytes, kills it, reads what is left in the pipe. */
static void run_and_kill(struct bed *b, size_t bytes, struct buf *told)
{
    int pipe;
    char chunk[512];
    pid_t pid = bed_fork(b, child, &pipe);
    bool killed = false;

    for (;;) {
        size_t left = killed ? sizeof chunk : bytes - told->len;
        ssize_t n = read(pipe, chunk, left < sizeof chunk ? left : sizeof chunk);

        if (n <= 0)
            break;
        buf_put(told, chunk, (size_t)n);
        if (!killed && told->len >= bytes) {
            kill(pid, SIGKILL);
            killed = true;
        }
    }
    close(pipe);
    bed_killed(pid);
}

static int check_receipts(struct bed *b, const struct buf *told)
{
    int n = 0;

    for (char *line = told->data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        struct buf report = BUF_INIT;
        bool good = false;

        ck_assert_int_eq(
            ledger_verify_receipt(b->ledger, &b->ctx, LANG_EN, line, (size_t)(end - line), &good, &report),
            GLN_OK);
        ck_assert_msg(good, "%s", report.data);
        buf_free(&report);
        n++;
    }
    return n;
}

struct tally {
    int kept, gaps, reserved;
};

static int tally_line(void *arg, const char *text, size_t len)
{
    struct tally *t = arg;

    (void)len;
    t->kept += strstr(text, "\"event\":\"kept\"") != NULL;
    t->gaps += strstr(text, "\"event\":\"gap\"") != NULL;
    t->reserved += strstr(text, "\"event\":\"reserved\"") != NULL;
    return 0;
}

START_TEST(nothing_receipted_is_lost)
{
    struct bed b;
    unsigned seed = 20260723;
    int receipts = 0;
    int64_t counts[FILING_STATE_COUNT];

    bed_begin(&b);
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 9999999, 7), GLN_OK);
    bed_close(&b);
    for (int round = 0; round < 12; round++) {
        struct buf told = BUF_INIT, report = BUF_INIT;
        struct tally t = {0};
        bool good = false;

        seed = seed * 1103515245u + 12345u;
        run_and_kill(&b, 2000 + (seed >> 8) % 60000, &told);
        bed_open(&b);
        receipts += check_receipts(&b, &told);
        ck_assert_int_eq(ledger_verify(b.ledger, &b.ctx, LANG_EN, &good, &report), GLN_OK);
        ck_assert_msg(good, "%s", report.data);
        ck_assert_int_eq(ledger_export(b.ledger, &b.ctx, tally_line, &t), GLN_OK);
        ck_assert_int_eq(t.reserved, t.kept + t.gaps);
        ck_assert_int_eq(ledger_counts(b.ledger, &b.ctx, counts), GLN_OK);
        ck_assert_int_eq(counts[FILING_QUEUED], t.kept);
        ck_assert_int_ge(t.kept, receipts);
        bed_close(&b);
        buf_free(&told);
        buf_free(&report);
    }
    ck_assert_int_gt(receipts, 12);
    bed_end(&b);
}
END_TEST

Suite *ledger_crash_suite(void)
{
    const TTest *const tests[] = {nothing_receipted_is_lost, NULL};

    return unit_suite("ledger_crash", tests);
}
