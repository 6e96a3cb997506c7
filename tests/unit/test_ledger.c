/* Opening and holding a ledger; ids; its key. */
#include "unit/main.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit/ledger_bed.h"
#include "util/file.h"

Suite *ledger_suite(void);
Suite *ledger_due_suite(void);
Suite *ledger_keep_suite(void);
Suite *ledger_series_suite(void);
Suite *ledger_states_suite(void);
Suite *ledger_tie_suite(void);
Suite *ledger_verify_suite(void);
Suite *ledger_crash_suite(void);
Suite *ledger_archive_suite(void);

UNIT_MAIN(ledger_suite, ledger_due_suite, ledger_keep_suite, ledger_series_suite, ledger_states_suite,
          ledger_tie_suite, ledger_verify_suite, ledger_crash_suite, ledger_archive_suite)

START_TEST(one_owner)
{
    struct bed b;
    struct ledger *second;
    char me[64];

    bed_begin(&b);
    ck_assert_int_eq(ledger_open(&second, &b.ctx, b.path, b.sealer), GLN_E_BUSY);
    ck_assert_ptr_null(second);
    snprintf(me, sizeof me, "test_ledger (process %ld)", (long)getpid());
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "(process "), "%s", context_text(&b.ctx, LANG_EN));
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_ES), "en uso por"), "%s", context_text(&b.ctx, LANG_ES));
    bed_close(&b);
    bed_open(&b);
    bed_end(&b);
}
END_TEST

/* In the child: opens the ledger, says so, and waits to be killed. */
static void own(struct bed *b, int out)
{
    if (ledger_open(&b->ledger, &b->ctx, b->path, b->sealer) != GLN_OK || write(out, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

START_TEST(owner_killed)
{
    struct bed b;
    struct ledger *second;
    char byte, name[32];
    int ready;
    pid_t pid;

    bed_begin(&b);
    bed_close(&b);
    pid = bed_fork(&b, own, &ready);
    ck_assert_int_eq(read(ready, &byte, 1), 1);
    ck_assert_int_eq(ledger_open(&second, &b.ctx, b.path, b.sealer), GLN_E_BUSY);
    snprintf(name, sizeof name, "(process %ld)", (long)pid);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), name), "%s", context_text(&b.ctx, LANG_EN));
    kill(pid, SIGKILL);
    bed_killed(pid);
    close(ready);
    bed_open(&b);
    bed_end(&b);
}
END_TEST

START_TEST(ids_grow)
{
    struct bed b;
    char id[33], before[33] = "";

    bed_begin(&b);
    for (int i = 0; i < 10000; i++) { /* more than fit a frozen millisecond */
        ledger_new_id(b.ledger, &b.ctx, id);
        ck_assert_uint_eq(strlen(id), 32);
        ck_assert_uint_eq(strspn(id, "0123456789abcdef"), 32);
        ck_assert_int_lt(strcmp(before, id), 0);
        memcpy(before, id, sizeof id);
    }
    bed_end(&b);
}
END_TEST

START_TEST(key_is_kept)
{
    struct bed b;
    struct key *k1, *k2;
    struct cert *c1, *c2;

    bed_begin(&b);
    ck_assert_int_eq(ledger_signer(b.ledger, &b.ctx, &k1, &c1), GLN_OK);
    bed_close(&b);
    bed_open(&b);
    ck_assert_int_eq(ledger_signer(b.ledger, &b.ctx, &k2, &c2), GLN_OK);
    ck_assert(key_matches(k1, c2));
    ck_assert(key_matches(k2, c1));
    key_free(k1);
    key_free(k2);
    cert_free(c1);
    cert_free(c2);
    bed_end(&b);
}
END_TEST

START_TEST(other_key_file)
{
    struct bed b;
    struct sealer *other;
    char name[128];

    bed_begin(&b);
    bed_close(&b);
    snprintf(name, sizeof name, "%s/key2", b.folder);
    ck_assert_int_eq(sealer_open(&other, &b.ctx, name, true), GLN_OK);
    ck_assert_int_eq(ledger_open(&b.ledger, &b.ctx, b.path, other), GLN_E_KEY);
    ck_assert_ptr_null(b.ledger);
    ck_assert_int_eq(ledger_open(&b.ledger, &b.ctx, b.path, NULL), GLN_E_ARGUMENT);
    sealer_free(other);
    unlink(name);
    bed_open(&b); /* whoever was refused has let go of the lock */
    bed_end(&b);
}
END_TEST

START_TEST(other_format)
{
    struct bed b;

    bed_begin(&b);
    bed_close(&b);
    bed_tamper(&b, "UPDATE meta SET value = '99' WHERE key = 'format'");
    ck_assert_int_eq(ledger_open(&b.ledger, &b.ctx, b.path, b.sealer), GLN_E_STORE);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "format 99"), "%s", context_text(&b.ctx, LANG_EN));
    bed_end(&b);
}
END_TEST

START_TEST(not_a_ledger)
{
    struct bed b;
    char junk[9000];

    bed_begin(&b);
    bed_close(&b);
    memset(junk, 'j', sizeof junk);
    ck_assert_int_eq(file_write(b.path, junk, sizeof junk, 0600), 0);
    ck_assert_int_eq(ledger_open(&b.ledger, &b.ctx, b.path, b.sealer), GLN_E_STORE);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "is not a database"), "%s",
                  context_text(&b.ctx, LANG_EN));
    ck_assert_int_eq(ledger_open(&b.ledger, &b.ctx, "/nowhere/ledger", b.sealer), GLN_E_STORE);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "/nowhere/ledger"), "%s",
                  context_text(&b.ctx, LANG_EN));
    bed_end(&b);
}
END_TEST

Suite *ledger_suite(void)
{
    const TTest *const tests[] = {one_owner,      owner_killed, ids_grow,     key_is_kept,
                                  other_key_file, other_format, not_a_ledger, NULL};

    return unit_suite("ledger", tests);
}
