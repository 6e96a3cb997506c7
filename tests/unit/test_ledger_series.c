/* Numbers: reserved, kept, gaps; never twice. */
#include "unit/main.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unit/ledger_bed.h"

Suite *ledger_series_suite(void);

static int reserve(struct bed *b, struct buf *number)
{
    return series_reserve(b->ledger, &b->ctx, "acme", NULL, "entry-number", 2026, number);
}

static void expect(struct bed *b, const char *number)
{
    struct buf n = BUF_INIT;

    ck_assert_int_eq(reserve(b, &n), GLN_OK);
    ck_assert_str_eq(n.data, number);
    buf_free(&n);
}

START_TEST(in_order_and_used_up)
{
    struct bed b;
    struct buf n = BUF_INIT;

    bed_begin(&b);
    ck_assert_int_eq(reserve(&b, &n), GLN_E_NOT_FOUND);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "'entry-number' for 2026"), "%s",
                  context_text(&b.ctx, LANG_EN));
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 3, 7), GLN_OK);
    expect(&b, "0000001");
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 3, 7), GLN_OK);
    expect(&b, "0000002");
    expect(&b, "0000003");
    ck_assert_int_eq(reserve(&b, &n), GLN_E_CONFLICT);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_ES), "se agotó"), "%s", context_text(&b.ctx, LANG_ES));
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 5, 7), GLN_OK);
    expect(&b, "0000004");
    ck_assert_int_eq(series_reserve(b.ledger, &b.ctx, "acme", NULL, "entry-number", 2027, &n),
                     GLN_E_NOT_FOUND);
    ck_assert_int_eq(series_reserve(b.ledger, &b.ctx, "other", NULL, "entry-number", 2026, &n),
                     GLN_E_NOT_FOUND);
    bed_end(&b);
}
END_TEST

START_TEST(wrong_ranges)
{
    static const struct {
        int64_t first, last;
        int width;
    } rows[] = {{-1, 5, 7}, {5, 4, 7}, {1, 10000000, 7}, {1, 5, 0}, {1, 5, 19}};
    struct bed b;

    bed_begin(&b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(
            series_define(b.ledger, &b.ctx, "acme", "x", 2026, rows[i].first, rows[i].last, rows[i].width),
            GLN_E_ARGUMENT);
    bed_end(&b);
}
END_TEST

START_TEST(kept_once)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT, n = BUF_INIT;
    bool holds = false;
    bool replayed;

    bed_begin(&b);
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 9, 7), GLN_OK);
    ck_assert_int_eq(reserve(&b, &n), GLN_OK);
    bed_declaration(&b, &d);
    d.filing[0].series_kind = "entry-number";
    d.filing[0].series_year = 2026;
    d.filing[0].serial = n.data;
    bed_keep(&b, &d, NULL);
    bed_declaration(&b, &d);
    d.filing[0].series_kind = "entry-number";
    d.filing[0].series_year = 2026;
    d.filing[0].serial = n.data;
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed), GLN_E_CONFLICT);
    ck_assert_int_eq(series_gap(b.ledger, &b.ctx, "acme", "entry-number", 2026, n.data, "late"),
                     GLN_E_CONFLICT);
    ck_assert_int_eq(bed_first_filing(&b, d.id), 0); /* nothing of the refused one stayed */

    d.filing[0].serial = "0000003"; /* brought by the sender, inside the range */
    bed_keep(&b, &d, NULL);
    expect(&b, "0000002");
    expect(&b, "0000004");
    bed_declaration(&b, &d);
    d.filing[0].series_kind = "entry-number";
    d.filing[0].series_year = 2026;
    d.filing[0].serial = "0000010"; /* outside every range */
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed), GLN_E_CONFLICT);
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 20, 29, 7), GLN_OK);
    ck_assert_int_eq(series_holds(b.ledger, &b.ctx, "acme", "entry-number", "0000010", &holds), GLN_OK);
    ck_assert(!holds);
    ck_assert_int_eq(series_holds(b.ledger, &b.ctx, "acme", "entry-number", "0000029", &holds), GLN_OK);
    ck_assert(holds);
    ck_assert_int_eq(series_holds(b.ledger, &b.ctx, "acme", "entry-number", "0000009", &holds), GLN_OK);
    ck_assert(holds); /* of the range before */
    ck_assert_int_eq(series_holds(b.ledger, &b.ctx, "acme", "other", NULL, &holds), GLN_OK);
    ck_assert(!holds);
    d.filing[0].serial = "12x";
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed), GLN_E_ARGUMENT);
    buf_free(&n);
    bed_end(&b);
}
END_TEST

static int note_gap(void *arg, const char *text, size_t len)
{
    (void)len;
    *(int *)arg += strstr(text, "\"event\":\"gap\"") != NULL;
    return 0;
}

static int gaps(struct bed *b)
{
    int n = 0;

    ck_assert_int_eq(ledger_export(b->ledger, &b->ctx, note_gap, &n), GLN_OK);
    return n;
}

START_TEST(gaps_are_written_down)
{
    struct bed b;

    bed_begin(&b);
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 9, 7), GLN_OK);
    expect(&b, "0000001");
    ck_assert_int_eq(
        series_gap(b.ledger, &b.ctx, "acme", "entry-number", 2026, "0000001", "transform failed"), GLN_OK);
    ck_assert_int_eq(series_gap(b.ledger, &b.ctx, "acme", "entry-number", 2026, "0000001", "again"),
                     GLN_E_CONFLICT);
    ck_assert_int_eq(series_gap(b.ledger, &b.ctx, "acme", "entry-number", 2026, "0000008", "never"),
                     GLN_E_CONFLICT);
    ck_assert_int_eq(gaps(&b), 1);
    expect(&b, "0000002");
    expect(&b, "0000003");
    bed_close(&b); /* as if the owner had died: two reservations stand open */
    bed_open(&b);
    ck_assert_int_eq(gaps(&b), 3);
    expect(&b, "0000004");
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_end(&b);
}
END_TEST

static int reserve_as(struct bed *b, const char *identity, const char *owner, struct buf *n)
{
    return series_reserve(b->ledger, &b->ctx, identity, owner, "entry-number", 2026, n);
}

/* Two identities that file under one filer code, each with a series of its own over the same numbers. */
START_TEST(no_number_by_two_of_one_owner)
{
    static const struct {
        const char *identity, *owner, *wanted;
    } draws[] = {{"one", "us TEST ZZZ", "0000001"},   {"two", "us TEST ZZZ", "0000002"},
                 {"two", "us TEST ZZZ", "0000003"},   {"one", "us TEST ZZZ", "0000004"},
                 {"other", "us TEST 9ZZ", "0000001"}, {"prod", "us PROD ZZZ", "0000001"},
                 {"old", "us TEST ZZZ", "0000005"},   {"one", "us TEST ZZZ", "0000006"}};
    struct bed b;
    struct buf n = BUF_INIT;

    bed_begin(&b);
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; i++)
        ck_assert_int_eq(series_define(b.ledger, &b.ctx, draws[i].identity, "entry-number", 2026, 1, 6, 7),
                         GLN_OK);
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; i++) {
        ck_assert_int_eq(reserve_as(&b, draws[i].identity, draws[i].owner, &n), GLN_OK);
        ck_assert_str_eq(n.data, draws[i].wanted);
    }
    ck_assert_int_eq(reserve_as(&b, "two", "us TEST ZZZ", &n), GLN_E_CONFLICT);
    ck_assert_int_eq(reserve_as(&b, "alone", NULL, &n), GLN_E_NOT_FOUND);
    bed_close(&b);
    bed_open(&b); /* all of them are gaps by now, and stay given */
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "new", "entry-number", 2026, 1, 7, 7), GLN_OK);
    ck_assert_int_eq(series_owner(b.ledger, &b.ctx, "new", "us TEST ZZZ"), GLN_OK);
    ck_assert_int_eq(series_owner(b.ledger, &b.ctx, "new", "us TEST ZZZ"), GLN_OK);
    ck_assert_int_eq(reserve_as(&b, "new", NULL, &n), GLN_OK);
    ck_assert_str_eq(n.data, "0000007");
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    buf_free(&n);
    bed_end(&b);
}
END_TEST

/* A number is new once among what lives; what amends, and what was cancelled or rejected, does not stand in its way. */
START_TEST(a_whole_number_is_given_once)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT;
    bool replayed, used = true;
    int64_t first;

    bed_begin(&b);
    ck_assert_int_eq(ledger_number_used(b.ledger, &b.ctx, "us-ace", "TEST", "ZZZ00000019", &used), GLN_OK);
    ck_assert(!used);
    bed_declaration(&b, &d);
    d.filing[0].number = "ZZZ00000019";
    d.filing[0].number_is_new = true;
    first = bed_keep(&b, &d, NULL);
    ck_assert_int_eq(ledger_number_used(b.ledger, &b.ctx, d.filing[0].destination, d.filing[0].environment,
                                        "ZZZ00000019", &used),
                     GLN_OK);
    ck_assert(used);
    bed_declaration(&b, &d);
    d.filing[0].identity = "another";
    d.filing[0].number = "ZZZ00000019";
    d.filing[0].number_is_new = true;
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed), GLN_E_CONFLICT);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "ZZZ00000019"), "%s", context_text(&b.ctx, LANG_EN));
    d.filing[0].number_is_new = false;
    bed_keep(&b, &d, NULL);
    bed_declaration(&b, &d);
    d.filing[0].number = "ZZZ00000019";
    d.filing[0].number_is_new = true;
    d.filing[0].environment = "PROD";
    bed_keep(&b, &d, NULL);
    bed_declaration(&b, &d);
    d.filing[0].number = "ZZZ00000027";
    d.filing[0].number_is_new = true;
    first = bed_keep(&b, &d, NULL);
    ck_assert_int_eq(ledger_move(b.ledger, &b.ctx, first, FILING_QUEUED, FILING_CANCELLED, "x", "me", -1),
                     GLN_OK);
    bed_declaration(&b, &d);
    d.filing[0].number = "ZZZ00000027";
    d.filing[0].number_is_new = true;
    bed_keep(&b, &d, NULL);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

#define THREADS 8
#define EACH 25

struct drawer {
    struct bed *b;
    int64_t got[EACH];
};

static void *draw(void *arg)
{
    struct drawer *d = arg;
    struct gln_context ctx;

    context_init(&ctx, &d->b->options);
    for (int i = 0; i < EACH; i++) {
        struct buf n = BUF_INIT;

        if (series_reserve(d->b->ledger, &ctx, "acme", NULL, "entry-number", 2026, &n) == GLN_OK)
            d->got[i] = strtoll(n.data, NULL, 10);
        buf_free(&n);
    }
    context_clear(&ctx);
    return NULL;
}

START_TEST(drawn_at_once)
{
    struct bed b;
    pthread_t threads[THREADS];
    struct drawer drawers[THREADS] = {0};
    int times[THREADS * EACH + 1] = {0};

    bed_begin(&b);
    ck_assert_int_eq(series_define(b.ledger, &b.ctx, "acme", "entry-number", 2026, 1, 9999999, 7), GLN_OK);
    for (int i = 0; i < THREADS; i++) {
        drawers[i].b = &b;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, draw, &drawers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        for (int k = 0; k < EACH; k++) {
            ck_assert_int_ge(drawers[i].got[k], 1);
            ck_assert_int_le(drawers[i].got[k], THREADS * EACH);
            ck_assert_int_eq(times[drawers[i].got[k]]++, 0);
        }
    }
    bed_end(&b);
}
END_TEST

Suite *ledger_series_suite(void)
{
    const TTest *const tests[] = {in_order_and_used_up,         wrong_ranges,  kept_once,
                                  gaps_are_written_down,        drawn_at_once, no_number_by_two_of_one_owner,
                                  a_whole_number_is_given_once, NULL};

    return unit_suite("ledger_series", tests);
}
