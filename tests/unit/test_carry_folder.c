/* The carrier `folder`. */
#include "unit/main.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "carry/carry.h"
#include "util/file.h"

struct side {
    struct options options;
    struct gln_context ctx;
    char folder[200];
    struct carry_endpoint e;
    struct buf reply, why, out, tag;
};

static void side_begin(struct side *s)
{
    const char *tmp = getenv("TMPDIR");
    memset(s, 0, sizeof *s);
    ck_assert_int_eq(options_init(&s->options), GLN_OK);
    context_init(&s->ctx, &s->options);
    snprintf(s->folder, sizeof s->folder, "%s/carry-XXXXXX", tmp != NULL ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(s->folder));
    s->e.carrier = "folder";
    s->e.url = s->folder;
}

static void side_end(struct side *s)
{
    context_clear(&s->ctx);
    options_free(&s->options);
    buf_free(&s->reply);
    buf_free(&s->why);
    buf_free(&s->out);
    buf_free(&s->tag);
}

static void put(const struct side *s, const char *name, const char *text)
{
    char *path = path_join(s->folder, name);
    ck_assert_int_eq(file_write(path, text, strlen(text), 0600), 0);
    free(path);
}

static bool there(const struct side *s, const char *name)
{
    char *path = path_join(s->folder, name);
    bool yes = access(path, F_OK) == 0;
    free(path);
    return yes;
}

START_TEST(what_is_sent_is_what_is_fetched)
{
    struct side s;
    enum carry_outcome outcome;
    side_begin(&s);
    struct clock_source clock = {true, 1784829600123};
    s.ctx.clock = &clock;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(carry_send(&s.ctx, &s.e, i == 0 ? "first" : "other", 5, &outcome, &s.reply, &s.why),
                         GLN_OK);
        ck_assert_int_eq(outcome, CARRY_DELIVERED);
        clock.frozen_ms++;
    }
    ck_assert_int_eq(carry_fetch(&s.ctx, &s.e, &s.out, &s.tag), GLN_OK);
    ck_assert_str_eq(s.out.data, "first");
    ck_assert_msg(strncmp(s.tag.data, "20260723T180000.123Z-", 21) == 0, "%s", s.tag.data);
    ck_assert_int_eq(carry_done(&s.ctx, &s.e, s.tag.data), GLN_OK);
    side_end(&s);
}
END_TEST

START_TEST(oldest_name_first_until_it_is_done)
{
    struct side s;
    side_begin(&s);
    put(&s, "b", "two");
    put(&s, "a", "one");
    put(&s, ".hidden", "no");
    put(&s, "0.tmp", "no");
    put(&s, "0.part", "no");
    put(&s, "0.msg.tmp-x1y2z3", "no");
    for (int i = 0; i < 2; i++) {
        buf_clear(&s.out);
        buf_clear(&s.tag);
        ck_assert_int_eq(carry_fetch(&s.ctx, &s.e, &s.out, &s.tag), GLN_OK);
        ck_assert_str_eq(s.out.data, "one");
        ck_assert_str_eq(s.tag.data, "a");
    }
    ck_assert_int_eq(carry_done(&s.ctx, &s.e, "a"), GLN_OK);
    ck_assert(there(&s, "done/a") && !there(&s, "a"));
    ck_assert_int_eq(carry_done(&s.ctx, &s.e, "a"), GLN_OK);
    put(&s, "a", "again");
    ck_assert_int_eq(carry_done(&s.ctx, &s.e, "a"), GLN_OK);
    ck_assert(there(&s, "done/a") && there(&s, "done/a.1"));
    ck_assert_int_eq(carry_done(&s.ctx, &s.e, "b"), GLN_OK);
    buf_clear(&s.out);
    ck_assert_int_eq(carry_fetch(&s.ctx, &s.e, &s.out, &s.tag), GLN_E_NOT_FOUND);
    ck_assert_uint_eq(s.out.len, 0);
    side_end(&s);
}
END_TEST

START_TEST(too_big_a_file_does_not_stop_the_others)
{
    struct side s;
    side_begin(&s);
    char *path = path_join(s.folder, "a");
    put(&s, "a", "x");
    ck_assert_int_eq(truncate(path, (off_t)101 << 20), 0);
    put(&s, "b", "two");
    ck_assert_int_eq(carry_fetch(&s.ctx, &s.e, &s.out, &s.tag), GLN_OK);
    ck_assert_str_eq(s.out.data, "two");
    ck_assert(there(&s, "refused/a"));
    ck_assert_int_eq(carry_done(&s.ctx, &s.e, "b"), GLN_OK);
    put(&s, "a", "x");
    ck_assert_int_eq(truncate(path, (off_t)101 << 20), 0);
    ck_assert_int_eq(carry_fetch(&s.ctx, &s.e, &s.out, &s.tag), GLN_E_NOT_FOUND);
    ck_assert(there(&s, "refused/a.1"));
    free(path);
    side_end(&s);
}
END_TEST

START_TEST(folders_that_are_not_there)
{
    struct side s;
    enum carry_outcome outcome;
    side_begin(&s);
    char *none = path_join(s.folder, "none");
    s.e.url = none;
    ck_assert_int_eq(carry_send(&s.ctx, &s.e, "x", 1, &outcome, &s.reply, &s.why), GLN_OK);
    ck_assert_int_eq(outcome, CARRY_NOT_SENT);
    ck_assert_ptr_nonnull(strstr(s.why.data, "none"));
    ck_assert_int_eq(carry_fetch(&s.ctx, &s.e, &s.out, &s.tag), GLN_E_NETWORK);
    free(none);
    side_end(&s);
}
END_TEST

START_TEST(a_name_cannot_leave_the_folder)
{
    struct side s;
    side_begin(&s);
    static const char *const names[] = {"../a", "/etc/passwd", ".a", "", "done/a"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(carry_done(&s.ctx, &s.e, names[i]), GLN_E_ARGUMENT);
    }
    side_end(&s);
}
END_TEST

Suite *carry_folder_suite(void);
Suite *carry_folder_suite(void)
{
    const TTest *const tests[] = {what_is_sent_is_what_is_fetched,         oldest_name_first_until_it_is_done,
                                  too_big_a_file_does_not_stop_the_others, folders_that_are_not_there,
                                  a_name_cannot_leave_the_folder,          NULL};
    return unit_suite("carry/folder", tests);
}
