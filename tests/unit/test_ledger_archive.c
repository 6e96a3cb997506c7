/*
 * Archives: what goes and what stays, what is never given again, what both sides prove, what is found when somebody works on either, and
 * kill -9 while one is made.
 */
#include "unit/main.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/ledger_bed.h"

Suite *ledger_archive_suite(void);

#define DAY INT64_C(86400000)

static void put_path(char path[128], const struct bed *b, const char *name)
{
    snprintf(path, 128, "%s/%s", b->folder, name);
}

static void clean(const struct bed *b, const char *name)
{
    static const char *const ends[] = {"", ".new", ".new-wal", ".new-shm"};
    char path[160];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s/%s%s", b->folder, name, ends[i]);
        unlink(path);
    }
}

/* Keeps one under a key, a reference and a number, and ends it. */
static void keep_ended(struct bed *b, const char *key, const char *lrn, const char *number, char id[33],
                       struct buf *receipt)
{
    struct bed_declaration d;
    int64_t filing;

    bed_declaration(b, &d);
    d.d.idempotency_key = key;
    d.d.lrn = lrn;
    d.filing[0].number = number;
    d.filing[0].number_is_new = number != NULL;
    filing = bed_keep(b, &d, receipt);
    ck_assert_int_eq(ledger_attach(b->ledger, &b->ctx, filing, "note", "seen", 4), GLN_OK);
    ck_assert_int_eq(
        ledger_move(b->ledger, &b->ctx, filing, FILING_QUEUED, FILING_SENDING, "gln:leaving", "g", -1),
        GLN_OK);
    ck_assert_int_eq(ledger_move(b->ledger, &b->ctx, filing, FILING_SENDING, FILING_SENT, "sent", "g", -1),
                     GLN_OK);
    ck_assert_int_eq(ledger_move(b->ledger, &b->ctx, filing, FILING_SENT, FILING_CLOSED, "over", "g", -1),
                     GLN_OK);
    memcpy(id, d.id, 33);
}

/* One that is open, with the newest row of each table. */
static void keep_newest(struct bed *b)
{
    ck_assert_int_eq(ledger_attach(b->ledger, &b->ctx, bed_keep_one(b, NULL), "note", "seen", 4), GLN_OK);
}

static void expect_archived(struct bed *b, int64_t before_ms, const char *path, int64_t wanted)
{
    int64_t n = -1;
    int status = ledger_archive(b->ledger, &b->ctx, before_ms, path, &n);

    ck_assert_msg(status == GLN_OK, "%s", context_text(&b->ctx, LANG_EN));
    ck_assert_int_eq(n, wanted);
}

static bool whole(struct bed *b, struct buf *report)
{
    bool good = false;

    ck_assert_int_eq(ledger_verify(b->ledger, &b->ctx, LANG_EN, &good, report), GLN_OK);
    return good;
}

static bool file_good(struct bed *b, const char *path, struct buf *report)
{
    bool good = false;
    int status = ledger_verify_archive(b->ledger, &b->ctx, LANG_EN, path, &good, report);

    ck_assert_msg(status == GLN_OK, "%s", context_text(&b->ctx, LANG_EN));
    return good;
}

START_TEST(what_ended_goes_and_is_proved)
{
    struct bed b;
    struct ledger_declaration got;
    struct buf receipt = BUF_INIT, other = BUF_INIT, report = BUF_INIT;
    char path[128], old[33], late[33];
    bool good = false;

    bed_begin(&b);
    put_path(path, &b, "archive");
    bed_keep_one(&b, NULL); /* open, and the oldest */
    keep_ended(&b, "key-1", "LRN-1", "ZZZ00000019", old, &receipt);
    b.clock.frozen_ms += 10 * DAY;
    keep_ended(&b, "key-2", "LRN-2", NULL, late, NULL);
    bed_keep_one(&b, &other);
    expect_archived(&b, BED_TIME + DAY, path, 1);
    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, old, NULL, &got), GLN_E_NOT_FOUND);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "archive"), "%s", context_text(&b.ctx, LANG_EN));
    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, late, NULL, &got), GLN_OK);
    ck_assert_msg(whole(&b, &report), "%s", report.data);
    ck_assert_msg(file_good(&b, path, &report), "%s", report.data);
    ck_assert_ptr_nonnull(strstr(report.data, "archived"));
    buf_clear(&report);
    ck_assert_int_eq(
        ledger_verify_receipt(b.ledger, &b.ctx, LANG_EN, receipt.data, receipt.len, &good, &report), GLN_OK);
    ck_assert_msg(good, "%s", report.data);
    ck_assert_int_eq(
        ledger_verify_receipt_in(b.ledger, &b.ctx, LANG_EN, path, receipt.data, receipt.len, &good, &report),
        GLN_OK);
    ck_assert_msg(good, "%s", report.data);
    ck_assert_int_eq(
        ledger_verify_receipt_in(b.ledger, &b.ctx, LANG_EN, path, other.data, other.len, &good, &report),
        GLN_OK);
    ck_assert(!good); /* it was never in there */
    bed_close(&b);
    bed_open(&b);
    ck_assert_msg(whole(&b, &report), "%s", report.data);
    ck_assert_int_eq(ledger_archive(b.ledger, &b.ctx, BED_TIME + DAY, path, &(int64_t){0}), GLN_E_ARGUMENT);
    clean(&b, "archive");
    expect_archived(&b, BED_TIME + DAY, path, 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_msg(whole(&b, &report), "%s", report.data);
    buf_free(&receipt);
    buf_free(&other);
    buf_free(&report);
    bed_end(&b);
}
END_TEST

START_TEST(nothing_is_given_again)
{
    struct bed b;
    struct bed_declaration d;
    struct buf first = BUF_INIT, again = BUF_INIT;
    char path[128], id[33];
    bool replayed = false, used = false, found = false;

    bed_begin(&b);
    put_path(path, &b, "archive");
    keep_ended(&b, "key-1", "LRN-1", "ZZZ00000019", id, &first);
    keep_newest(&b);
    expect_archived(&b, BED_TIME + DAY, path, 1);

    bed_declaration(&b, &d);
    d.d.idempotency_key = "key-1";
    ck_assert_int_eq(ledger_replay(b.ledger, &b.ctx, d.d.submitter, "key-1", d.d.original, d.d.original_len,
                                   &found, &again),
                     GLN_OK);
    ck_assert(found);
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &again, &replayed), GLN_OK);
    ck_assert(replayed);
    ck_assert_str_eq(again.data, first.data);
    d.d.original = "<Other/>";
    d.d.original_len = 8;
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &again, &replayed), GLN_E_CONFLICT);
    bed_declaration(&b, &d);
    d.d.lrn = "LRN-1";
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &again, &replayed), GLN_E_CONFLICT);
    bed_declaration(&b, &d);
    d.filing[0].number = "ZZZ00000019";
    d.filing[0].number_is_new = true;
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &again, &replayed), GLN_E_CONFLICT);
    ck_assert_int_eq(ledger_number_used(b.ledger, &b.ctx, "us-ace", "TEST", "ZZZ00000019", &used), GLN_OK);
    ck_assert(used);
    buf_free(&first);
    buf_free(&again);
    clean(&b, "archive");
    bed_end(&b);
}
END_TEST

/* The same ids are never used twice: what has the newest row of a table stays. */
START_TEST(the_newest_stays)
{
    struct bed b;
    struct buf report = BUF_INIT;
    char path[128], id[33];

    bed_begin(&b);
    put_path(path, &b, "archive");
    keep_ended(&b, NULL, NULL, NULL, id, NULL);
    expect_archived(&b, BED_TIME + DAY, path, 0);
    keep_ended(&b, NULL, NULL, NULL, id, NULL);
    expect_archived(&b, BED_TIME + DAY, path, 1);
    keep_ended(&b, NULL, NULL, NULL, id, NULL);
    ck_assert_msg(whole(&b, &report), "%s", report.data);
    clean(&b, "archive");
    expect_archived(&b, BED_TIME + DAY, path, 1);
    ck_assert_msg(whole(&b, &report), "%s", report.data);
    buf_free(&report);
    clean(&b, "archive");
    bed_end(&b);
}
END_TEST

START_TEST(what_is_worked_on_is_found)
{
    static const struct {
        const char *sql;
        bool ledger; /**< in the ledger, else in the file */
    } rows[] = {
        {"UPDATE declarations SET original = 'x'", false},
        {"DELETE FROM attachments WHERE id = 1", false},
        {"DELETE FROM changes WHERE id = 2", false},
        {"UPDATE chain SET digest = hash WHERE seq = 3", false},
        {"DELETE FROM heads WHERE id = (SELECT max(id) FROM heads)", false},
        {"DELETE FROM archived_rows WHERE tbl = 'changes'", true},
        {"UPDATE archived SET rows = replace(rows, 'changes 1', 'changes 9')", true},
        {"UPDATE archived SET number = 'y'", true},
        {"DELETE FROM archived", true},
        {"DELETE FROM archives", true},
        {"INSERT INTO archived_rows(tbl, row, archived) VALUES('changes', 5, 1); DELETE FROM changes WHERE "
         "id = 5",
         true},
    };
    struct bed b;
    char path[128], copy[160], command[1024], id[33];

    bed_begin(&b);
    put_path(path, &b, "archive");
    keep_ended(&b, "key-1", "LRN-1", "ZZZ00000019", id, NULL);
    keep_newest(&b);
    expect_archived(&b, BED_TIME + DAY, path, 1);
    bed_close(&b);
    snprintf(copy, sizeof copy, "%s.copy", path);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *target = rows[i].ledger ? b.path : path;
        struct buf report = BUF_INIT;
        bool good;

        snprintf(command, sizeof command, "cp %s %s", target, copy);
        ck_assert_int_eq(system(command), 0);
        if (rows[i].ledger) {
            bed_tamper(&b, rows[i].sql);
        } else {
            struct bed file = b;

            memcpy(file.path, path, sizeof file.path);
            bed_tamper(&file, rows[i].sql);
        }
        bed_open(&b);
        good = whole(&b, &report) && file_good(&b, path, &report);
        bed_close(&b);
        ck_assert_msg(!good, "not found: %s", rows[i].sql);
        snprintf(command, sizeof command, "mv %s %s && rm -f %s-wal %s-shm", copy, target, target, target);
        ck_assert_int_eq(system(command), 0);
        buf_free(&report);
    }
    ck_assert(bed_good(&b, NULL));
    clean(&b, "archive");
    bed_end(&b);
}
END_TEST

/* In the child: makes archives, one after the other, of what has ended by then; tells each on the pipe. */
static void child(struct bed *b, int out)
{
    int64_t n = 0;

    if (ledger_open(&b->ledger, &b->ctx, b->path, b->sealer) != GLN_OK || write(out, "x", 1) != 1)
        _exit(1);
    for (int i = 0;; i++) {
        char path[128], name[32], id[33];

        for (int k = 0; k < 3; k++)
            keep_ended(b, NULL, NULL, NULL, id, NULL);
        snprintf(name, sizeof name, "a%ld-%d", (long)getpid(), i);
        put_path(path, b, name);
        if (ledger_archive(b->ledger, &b->ctx, BED_TIME + DAY, path, &n) != GLN_OK)
            _exit(2);
        if (write(out, "y", 1) != 1)
            _exit(3);
    }
}

/* Kills the child `delay` microseconds after its archive number `archives`. Which moment that hits is chance; each must be good. */
static pid_t run_and_kill(struct bed *b, int archives, unsigned delay)
{
    int told;
    char c;
    pid_t pid = bed_fork(b, child, &told);

    for (int i = 0; i <= archives; i++)
        ck_assert_int_eq(read(told, &c, 1), 1);
    usleep(delay);
    kill(pid, SIGKILL);
    bed_killed(pid);
    close(told);
    return pid;
}

START_TEST(killed_on_the_way_loses_nothing)
{
    struct bed b;
    unsigned seed = 20260723;

    bed_begin(&b);
    bed_close(&b);
    for (int round = 0; round < 8; round++) {
        struct buf report = BUF_INIT;
        pid_t pid;
        int files = 0;

        seed = seed * 1103515245u + 12345u;
        pid = run_and_kill(&b, 1 + round % 2, (seed >> 8) % 30000);
        bed_open(&b);
        ck_assert_msg(whole(&b, &report), "%s", report.data);
        for (int i = 0; i < 64; i++) {
            char path[128], name[32];

            snprintf(name, sizeof name, "a%ld-%d", (long)pid, i);
            put_path(path, &b, name);
            if (access(path, F_OK) == 0) {
                ck_assert_msg(file_good(&b, path, &report), "%s", report.data);
                files++;
            }
            clean(&b, name);
        }
        ck_assert_int_gt(files, 0);
        bed_close(&b);
        buf_free(&report);
    }
    bed_open(&b);
    bed_end(&b);
}
END_TEST

Suite *ledger_archive_suite(void)
{
    const TTest *const tests[] = {
        what_ended_goes_and_is_proved, nothing_is_given_again,          the_newest_stays,
        what_is_worked_on_is_found,    killed_on_the_way_loses_nothing, NULL};

    return unit_suite("ledger_archive", tests);
}
