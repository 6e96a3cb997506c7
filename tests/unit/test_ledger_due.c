/* Which filing goes next: lanes, deadlines, the floor under a flood, destinations that are full, ledgers of before. */
#include "unit/main.h"

#include <stdio.h>
#include <string.h>

#include "unit/ledger_bed.h"
#include "util/str.h"

Suite *ledger_due_suite(void);

#define QUEUED (1u << FILING_QUEUED)
#define DEFERRED (1u << FILING_DEFERRED)

static int due_move(struct bed *b, int64_t id, enum filing_state from, enum filing_state to, int64_t due)
{
    return ledger_move(b->ledger, &b->ctx, id, from, to, "because", "ana", due);
}

static int64_t ask(struct bed *b, const struct ledger_due *q, int64_t *next_ms)
{
    struct ledger_filing f;
    int status = ledger_next_due(b->ledger, &b->ctx, q, &f, next_ms);

    ck_assert(status == GLN_OK || status == GLN_E_NOT_FOUND);
    return status == GLN_OK ? f.id : 0;
}

static int64_t next(struct bed *b, unsigned mask, int64_t now, const int64_t *skip, size_t count,
                    int64_t *next_ms)
{
    const struct ledger_due q = {.mask = mask, .now_ms = now, .skip = skip, .skip_count = count};

    return ask(b, &q, next_ms);
}

START_TEST(expedited_goes_first)
{
    struct bed b;
    struct bed_declaration d;
    int64_t standard, standard2, fast, next_ms;

    bed_begin(&b);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME, NULL, 0, &next_ms), 0);
    ck_assert_int_eq(next_ms, -1);
    standard = bed_keep_one(&b, NULL);
    b.clock.frozen_ms += 10;
    standard2 = bed_keep_one(&b, NULL);
    b.clock.frozen_ms += 10;
    bed_declaration(&b, &d);
    d.d.lane = LANE_EXPEDITED;
    fast = bed_keep(&b, &d, NULL);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, NULL, 0, &next_ms), fast);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, &fast, 1, &next_ms), standard);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, (int64_t[]){fast, standard}, 2, &next_ms), standard2);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, (int64_t[]){fast, standard, standard2}, 3, &next_ms), 0);
    ck_assert_int_eq(next(&b, DEFERRED, BED_TIME + 30, NULL, 0, &next_ms), 0);

    /* an older one that was deferred comes by its due time, before what queued later */
    ck_assert_int_eq(due_move(&b, fast, FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
    ck_assert_int_eq(due_move(&b, fast, FILING_SENDING, FILING_DEFERRED, BED_TIME + 1000), GLN_OK);
    ck_assert_int_eq(next(&b, QUEUED | DEFERRED, BED_TIME + 30, NULL, 0, &next_ms), standard);
    ck_assert_int_eq(due_move(&b, standard, FILING_QUEUED, FILING_HELD, -1), GLN_OK);
    ck_assert_int_eq(due_move(&b, standard2, FILING_QUEUED, FILING_HELD, -1), GLN_OK);
    ck_assert_int_eq(next(&b, QUEUED | DEFERRED, BED_TIME + 30, NULL, 0, &next_ms), 0);
    ck_assert_int_eq(next_ms, BED_TIME + 1000);
    ck_assert_int_eq(next(&b, QUEUED | DEFERRED, BED_TIME + 1000, NULL, 0, &next_ms), fast);
    bed_end(&b);
}
END_TEST

/* Kept `after_ms` later than the one before. */
static int64_t keep(struct bed *b, int64_t after_ms, enum lane lane, const char *destination,
                    int64_t deadline_ms)
{
    struct bed_declaration d;

    b->clock.frozen_ms += after_ms;
    bed_declaration(b, &d);
    d.d.lane = lane;
    d.filing[0].destination = destination;
    d.filing[0].deadline_ms = deadline_ms;
    return bed_keep(b, &d, NULL);
}

START_TEST(deadlines_order_a_lane)
{
    struct bed b;
    int64_t none, late, soon, same, fast, next_ms;
    struct ledger_filing f;

    bed_begin(&b);
    none = keep(&b, 0, LANE_STANDARD, "us-ace", 0);
    late = keep(&b, 1, LANE_STANDARD, "us-ace", BED_TIME + 90000000);
    soon = keep(&b, 1, LANE_STANDARD, "mx-vucem", BED_TIME + 50000000);
    same = keep(&b, 1, LANE_STANDARD, "us-ace", BED_TIME + 50000000);
    fast = keep(&b, 1, LANE_EXPEDITED, "us-ace", 0);
    const int64_t order[] = {fast, soon, same, late, none};

    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, order, i, &next_ms), order[i]);
    ck_assert_int_eq(ledger_filing_get(b.ledger, &b.ctx, soon, &f), GLN_OK);
    ck_assert_int_eq(f.deadline_ms, BED_TIME + 50000000);
    /* a deadline does not make a filing due before its time */
    ck_assert_int_eq(due_move(&b, soon, FILING_QUEUED, FILING_HELD, -1), GLN_OK);
    ck_assert_int_eq(due_move(&b, soon, FILING_HELD, FILING_QUEUED, BED_TIME + 1000), GLN_OK);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, &fast, 1, &next_ms), same);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_tamper(&b, "UPDATE filings_now SET deadline_ms = 1 WHERE filing = 3");
    ck_assert(!bed_good(&b, NULL));
    bed_end(&b);
}
END_TEST

/* What is deferred is due again in any order; of what is due, reception and deadline count, and a lane decided anew keeps the place. */
START_TEST(deferred_in_their_order)
{
    enum { FLOOR = 1000 };
    struct bed b;
    int64_t older, younger, soon, fast, next_ms;
    const char standard[] = "{\"verdict\":\"STANDARD\"}";
    struct ledger_due q = {.mask = QUEUED | DEFERRED};

    bed_begin(&b);
    older = keep(&b, 0, LANE_STANDARD, "us-ace", 0);
    fast = keep(&b, 1, LANE_EXPEDITED, "us-ace", 0);
    younger = keep(&b, 1, LANE_STANDARD, "us-ace", 0);
    soon = keep(&b, 1, LANE_STANDARD, "us-ace", BED_TIME + 90000000);
    const int64_t dues[][2] = {{older, 400}, {fast, 100}, {younger, 200}, {soon, 500}};

    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(due_move(&b, dues[i][0], FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
        ck_assert_int_eq(due_move(&b, dues[i][0], FILING_SENDING, FILING_DEFERRED, BED_TIME + dues[i][1]),
                         GLN_OK);
    }
    q.now_ms = BED_TIME + 300;
    ck_assert_int_eq(ask(&b, &q, &next_ms), fast);
    ck_assert_int_eq(ledger_relane(b.ledger, &b.ctx, fast, standard, sizeof standard - 1, NULL), GLN_OK);
    ck_assert_int_eq(ask(&b, &q, &next_ms), fast); /* what came before it is not due */
    q.now_ms = BED_TIME + 400;
    ck_assert_int_eq(ask(&b, &q, &next_ms), older);
    q.now_ms = BED_TIME + 500;
    const int64_t order[] = {soon, older, fast, younger};
    q.skip = order;
    for (q.skip_count = 0; q.skip_count < 4; q.skip_count++)
        ck_assert_int_eq(ask(&b, &q, &next_ms), order[q.skip_count]);
    /* back in the queue, in another order than they came */
    for (size_t i = 0; i < 4; i++) {
        b.clock.frozen_ms += 10;
        ck_assert_int_eq(
            due_move(&b, order[3 - i], FILING_DEFERRED, FILING_QUEUED, BED_TIME + 300 + 10 * (int64_t)i),
            GLN_OK);
    }
    for (q.skip_count = 0; q.skip_count < 4; q.skip_count++)
        ck_assert_int_eq(ask(&b, &q, &next_ms), order[q.skip_count]);
    /* past the floor the deadline counts no more, reception does */
    q.now_ms = BED_TIME + 501 + FLOOR;
    q.aged_ms = q.now_ms - FLOOR;
    q.skip_count = 0;
    ck_assert_int_eq(ask(&b, &q, &next_ms), older);
    bed_end(&b);
}
END_TEST

/* One filing can be sent at a time and two expedited ones come meanwhile: the standard one goes when the bound is over, no later. */
START_TEST(floor_under_a_flood)
{
    enum { BOUND = 1000, SEND = 50 };
    struct bed b;
    int64_t standard, younger, waited = -1, next_ms;

    bed_begin(&b);
    keep(&b, 0, LANE_EXPEDITED, "us-ace", BED_TIME + 7);
    standard = keep(&b, 1, LANE_STANDARD, "us-ace", 0);
    younger = keep(&b, 1, LANE_STANDARD, "us-ace", 0);
    for (int round = 0; waited < 0 && round < 100; round++) {
        int64_t now = b.clock.frozen_ms += SEND, id;

        keep(&b, 0, LANE_EXPEDITED, "us-ace", BED_TIME + 7);
        keep(&b, 0, LANE_EXPEDITED, "us-ace", 0);
        id = ask(&b, &(struct ledger_due){.mask = QUEUED, .now_ms = now, .aged_ms = now - BOUND}, &next_ms);
        ck_assert_int_ne(id, younger);
        if (id == standard)
            waited = now - BED_TIME;
        ck_assert_int_eq(due_move(&b, id, FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
    }
    /* those two that came before it may go before it, none of the others */
    ck_assert_int_ge(waited, BOUND);
    ck_assert_int_le(waited, BOUND + 2 * SEND + 1);
    /* without the floor lanes alone count */
    ck_assert_int_ne(next(&b, QUEUED, b.clock.frozen_ms, NULL, 0, &next_ms), younger);
    bed_end(&b);
}
END_TEST

START_TEST(a_full_destination_is_passed_over)
{
    static const char full[][32] = {"us-ace"};
    struct bed b;
    int64_t ace, vucem, next_ms;
    struct ledger_due q = {.mask = QUEUED, .now_ms = BED_TIME + 30, .full = full, .full_count = 1};

    bed_begin(&b);
    ace = keep(&b, 0, LANE_EXPEDITED, "us-ace", 0);
    vucem = keep(&b, 1, LANE_STANDARD, "mx-vucem", 0);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, NULL, 0, &next_ms), ace);
    ck_assert_int_eq(ask(&b, &q, &next_ms), vucem);
    q.skip = &vucem;
    q.skip_count = 1;
    ck_assert_int_eq(ask(&b, &q, &next_ms), 0);
    ck_assert_int_eq(next_ms, BED_TIME); /* there is one, and it could go at once */
    bed_end(&b);
}
END_TEST

START_TEST(a_ledger_of_before_is_filled_in)
{
    struct bed b;
    int64_t id, next_ms;

    bed_begin(&b);
    id = keep(&b, 0, LANE_STANDARD, "mx-vucem", 0);
    bed_close(&b);
    bed_tamper(&b, "DROP INDEX filings_ready;DROP INDEX filings_order;"
                   "ALTER TABLE filings_now DROP COLUMN deadline_ms;"
                   "ALTER TABLE filings_now DROP COLUMN destination;"
                   "CREATE INDEX filings_due ON filings_now(state, lane, due_ms)");
    bed_open(&b);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_open(&b);
    ck_assert_int_eq(next(&b, QUEUED, BED_TIME + 30, NULL, 0, &next_ms), id);
    bed_end(&b);
}
END_TEST

Suite *ledger_due_suite(void)
{
    const TTest *const tests[] = {expedited_goes_first,
                                  deadlines_order_a_lane,
                                  deferred_in_their_order,
                                  floor_under_a_flood,
                                  a_full_destination_is_passed_over,
                                  a_ledger_of_before_is_filled_in,
                                  NULL};

    return unit_suite("ledger_due", tests);
}
