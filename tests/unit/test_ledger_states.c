/* States and their steps, attachments, what comes in from customs, recovery after a crash. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/ledger_bed.h"
#include "util/str.h"

Suite *ledger_states_suite(void);

static int move(struct bed *b, int64_t id, enum filing_state from, enum filing_state to, int64_t due)
{
    return ledger_move(b->ledger, &b->ctx, id, from, to, "because", "ana", due);
}

static struct ledger_filing get(struct bed *b, int64_t id)
{
    struct ledger_filing f;

    ck_assert_int_eq(ledger_filing_get(b->ledger, &b->ctx, id, &f), GLN_OK);
    return f;
}

START_TEST(only_legal_steps)
{
    /* How to bring a filing that starts queued into each state. */
    static const enum filing_state ways[FILING_STATE_COUNT][5] = {
        [FILING_SENDING] = {FILING_SENDING, FILING_STATE_COUNT},
        [FILING_DEFERRED] = {FILING_SENDING, FILING_DEFERRED, FILING_STATE_COUNT},
        [FILING_HELD] = {FILING_HELD, FILING_STATE_COUNT},
        [FILING_IN_DOUBT] = {FILING_SENDING, FILING_IN_DOUBT, FILING_STATE_COUNT},
        [FILING_SENT] = {FILING_SENDING, FILING_SENT, FILING_STATE_COUNT},
        [FILING_OVERDUE] = {FILING_SENDING, FILING_SENT, FILING_OVERDUE, FILING_STATE_COUNT},
        [FILING_ANSWERED] = {FILING_SENDING, FILING_ANSWERED, FILING_STATE_COUNT},
        [FILING_CLOSED] = {FILING_SENDING, FILING_ANSWERED, FILING_CLOSED, FILING_STATE_COUNT},
        [FILING_CANCELLED] = {FILING_CANCELLED, FILING_STATE_COUNT},
        [FILING_QUEUED] = {FILING_STATE_COUNT},
    };
    struct bed b;

    bed_begin(&b);
    for (enum filing_state from = FILING_QUEUED; from < FILING_STATE_COUNT; from++) {
        for (enum filing_state to = 0; to < FILING_STATE_COUNT; to++) {
            int64_t id = bed_keep_one(&b, NULL);
            enum filing_state now = FILING_QUEUED;
            bool legal = filing_transition_legal(from, to) || from == to;

            for (size_t i = 0; ways[from][i] != FILING_STATE_COUNT; now = ways[from][i++])
                ck_assert_int_eq(move(&b, id, now, ways[from][i], 0), GLN_OK);
            ck_assert_int_eq(move(&b, id, from, to, 0), legal ? GLN_OK : GLN_E_CONFLICT);
            ck_assert_int_eq(get(&b, id).state, legal ? to : from);
        }
    }
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_end(&b);
}
END_TEST

START_TEST(somebody_was_faster)
{
    struct bed b;
    int64_t id;

    bed_begin(&b);
    id = bed_keep_one(&b, NULL);
    ck_assert_int_eq(move(&b, id, FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
    ck_assert_int_eq(move(&b, id, FILING_QUEUED, FILING_SENDING, -1), GLN_E_CONFLICT);
    ck_assert_str_eq(context_text(&b.ctx, LANG_EN),
                     "filing 1 is 'sending', not 'queued': somebody was faster");
    ck_assert_int_eq(move(&b, 4711, FILING_QUEUED, FILING_SENDING, -1), GLN_E_NOT_FOUND);
    ck_assert_int_eq(get(&b, id).attempts, 1);
    bed_end(&b);
}
END_TEST

struct life {
    int n;
    char text[400];
};

static int note_change(void *arg, const struct ledger_change *c)
{
    struct life *l = arg;
    size_t used = strlen(l->text);

    l->n++;
    snprintf(l->text + used, sizeof l->text - used, "%s>%s %s by %s;", filing_state_name(c->from),
             filing_state_name(c->to), c->reason, c->who);
    return 0;
}

START_TEST(moves_with_attachments)
{
    static const struct ledger_blob blobs[] = {{"operation", "OP-77", 5}, {"answer", "<a/>", 4}};
    struct bed b;
    struct life life = {0};
    struct ledger_filing f;
    struct buf out = BUF_INIT;
    int64_t id;

    bed_begin(&b);
    id = bed_keep_one(&b, NULL);
    ck_assert_int_eq(move(&b, id, FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
    /* not legal: none of the blobs may stay */
    ck_assert_int_eq(
        ledger_move_with(b.ledger, &b.ctx, id, FILING_SENDING, FILING_CLOSED, "r", "w", 0, blobs, 2),
        GLN_E_CONFLICT);
    ck_assert_int_eq(ledger_attachment(b.ledger, &b.ctx, id, "answer", &out), GLN_E_NOT_FOUND);
    ck_assert_int_eq(ledger_move_with(b.ledger, &b.ctx, id, FILING_SENDING, FILING_SENT, "gone", "carrier",
                                      BED_TIME + 5000, blobs, 2),
                     GLN_OK);
    f = get(&b, id);
    ck_assert_str_eq(f.operation, "OP-77");
    ck_assert_int_eq(f.state, FILING_SENT);
    ck_assert_int_eq(f.due_ms, BED_TIME + 5000);
    ck_assert_int_eq(ledger_attachment(b.ledger, &b.ctx, id, "answer", &out), GLN_OK);
    ck_assert_str_eq(out.data, "<a/>");
    /* same state: attachments and the due time, no change in the history */
    ck_assert_int_eq(ledger_move_with(b.ledger, &b.ctx, id, FILING_SENT, FILING_SENT, NULL, "poll",
                                      BED_TIME + 9000, &(struct ledger_blob){"note", "asked", 5}, 1),
                     GLN_OK);
    ck_assert_int_eq(get(&b, id).due_ms, BED_TIME + 9000);
    ck_assert_int_eq(ledger_history(b.ledger, &b.ctx, id, note_change, &life), GLN_OK);
    ck_assert_str_eq(life.text, "accepted>queued gln:kept by broker-1;queued>sending because by ana;"
                                "sending>sent gone by carrier;");
    ck_assert_int_eq(ledger_filing_by_operation(b.ledger, &b.ctx, "us-ace", "TEST", "OP-77", &f), GLN_OK);
    ck_assert_int_eq(f.id, id);
    ck_assert_int_eq(ledger_filing_by_operation(b.ledger, &b.ctx, "us-ace", "PROD", "OP-77", &f),
                     GLN_E_NOT_FOUND);
    ck_assert_int_eq(ledger_filing_by_operation(b.ledger, &b.ctx, "us-ace", "TEST", "", &f), GLN_E_NOT_FOUND);
    ck_assert_int_eq(ledger_filing_by_key(b.ledger, &b.ctx, "us-ace", "TEST", "9ZZ00000017", "", false, &f),
                     GLN_OK);
    ck_assert_int_eq(ledger_filing_by_key(b.ledger, &b.ctx, "mx-vucem", "TEST", "9ZZ00000017", "", false, &f),
                     GLN_E_NOT_FOUND);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    buf_free(&out);
    bed_end(&b);
}
END_TEST

static int join(void *arg, int64_t at_ms, const void *data, size_t len)
{
    (void)at_ms;
    buf_put(arg, data, len);
    buf_putc(arg, '|');
    return 0;
}

START_TEST(newest_attachment_counts)
{
    struct bed b;
    struct buf out = BUF_INIT;
    int64_t id;

    bed_begin(&b);
    id = bed_keep_one(&b, NULL);
    ck_assert_int_eq(ledger_attach(b.ledger, &b.ctx, id, "outcome", "pending", 7), GLN_OK);
    ck_assert_int_eq(ledger_attach(b.ledger, &b.ctx, id, "outcome", "accepted", 8), GLN_OK);
    ck_assert_int_eq(ledger_attach(b.ledger, &b.ctx, 99, "outcome", "x", 1), GLN_E_NOT_FOUND);
    ck_assert_str_eq(get(&b, id).outcome, "accepted");
    ck_assert_int_eq(ledger_attachments(b.ledger, &b.ctx, id, "outcome", join, &out), GLN_OK);
    ck_assert_str_eq(out.data, "pending|accepted|");
    buf_free(&out);
    bed_end(&b);
}
END_TEST

#define STANDARD "{\"verdict\":\"STANDARD\",\"primary\":\"C03\"}"

static int relane(struct bed *b, int64_t id, const char *decision)
{
    return ledger_relane(b->ledger, &b->ctx, id, decision, strlen(decision), NULL);
}

START_TEST(a_lane_changes_before_sending_only)
{
    struct bed b;
    struct bed_declaration d;
    struct ledger_declaration kept;
    struct buf out = BUF_INIT;
    int64_t id;

    bed_begin(&b);
    bed_declaration(&b, &d);
    d.d.lane = LANE_EXPEDITED;
    id = bed_keep(&b, &d, NULL);
    ck_assert_int_eq(relane(&b, id, "{}"), GLN_E_ARGUMENT);
    ck_assert_int_eq(get(&b, id).lane, LANE_EXPEDITED);
    ck_assert_int_eq(relane(&b, id, STANDARD), GLN_OK);
    ck_assert_int_eq(get(&b, id).lane, LANE_STANDARD);
    ck_assert_int_eq(get(&b, id).state, FILING_QUEUED);
    ck_assert_int_eq(ledger_attachment(b.ledger, &b.ctx, id, "lane", &out), GLN_OK);
    ck_assert_str_eq(out.data, STANDARD);
    /* what was decided at keep stays as it was, beside what holds now */
    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, d.id, NULL, &kept), GLN_OK);
    ck_assert_int_eq(kept.lane, LANE_EXPEDITED);
    ck_assert_int_eq(kept.lane_now, LANE_STANDARD);
    ck_assert_int_eq(move(&b, id, FILING_QUEUED, FILING_HELD, -1), GLN_OK);
    ck_assert_int_eq(relane(&b, id, "{\"verdict\":\"EXPEDITED\"}"), GLN_OK);
    ck_assert_int_eq(get(&b, id).lane, LANE_EXPEDITED);
    ck_assert_int_eq(move(&b, id, FILING_HELD, FILING_QUEUED, 0), GLN_OK);
    ck_assert_int_eq(move(&b, id, FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
    ck_assert_int_eq(relane(&b, id, STANDARD), GLN_E_CONFLICT);
    ck_assert_int_eq(move(&b, id, FILING_SENDING, FILING_IN_DOUBT, 0), GLN_OK);
    ck_assert_int_eq(relane(&b, id, STANDARD), GLN_E_CONFLICT);
    ck_assert_int_eq(relane(&b, 4711, STANDARD), GLN_E_NOT_FOUND);
    ck_assert_int_eq(get(&b, id).lane, LANE_EXPEDITED);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    buf_free(&out);
    bed_end(&b);
}
END_TEST

START_TEST(a_lane_that_does_not_follow)
{
    struct bed b;
    struct buf report = BUF_INIT;
    int64_t ids[4], id;
    size_t count = 0;

    bed_begin(&b);
    id = bed_keep_one(&b, NULL);
    bed_keep_one(&b, NULL);
    ck_assert_int_eq(relane(&b, id, "{\"verdict\":\"EXPEDITED\"}"), GLN_OK);
    ck_assert_int_eq(ledger_filings_in(b.ledger, &b.ctx, FILING_QUEUED, 0, ids, 4, &count), GLN_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(ledger_filings_in(b.ledger, &b.ctx, FILING_QUEUED, id, ids, 4, &count), GLN_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], id + 1);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_tamper(&b, "UPDATE filings_now SET lane = 0 WHERE filing = 1");
    ck_assert(!bed_good(&b, &report));
    ck_assert_msg(strstr(report.data, "filing 1: lane is '0', but its rows say '1'"), "%s", report.data);
    bed_tamper(&b, "UPDATE filings_now SET lane = 1");
    buf_clear(&report);
    ck_assert(!bed_good(&b, &report));
    ck_assert_msg(strstr(report.data, "filing 2: lane is '1', but its rows say '0'"), "%s", report.data);
    buf_free(&report);
    bed_end(&b);
}
END_TEST

START_TEST(sending_becomes_in_doubt)
{
    struct bed b;
    struct life life = {0};
    int64_t sending, queued, moved;

    bed_begin(&b);
    sending = bed_keep_one(&b, NULL);
    queued = bed_keep_one(&b, NULL);
    ck_assert_int_eq(move(&b, sending, FILING_QUEUED, FILING_SENDING, -1), GLN_OK);
    bed_close(&b);
    bed_open(&b);
    ck_assert_int_eq(ledger_recover(b.ledger, &b.ctx, &moved), GLN_OK);
    ck_assert_int_eq(moved, 1);
    ck_assert_int_eq(get(&b, sending).state, FILING_IN_DOUBT);
    ck_assert_int_eq(get(&b, queued).state, FILING_QUEUED);
    ck_assert_int_eq(ledger_history(b.ledger, &b.ctx, sending, note_change, &life), GLN_OK);
    ck_assert_int_eq(life.n, 3);
    ck_assert_int_eq(ledger_recover(b.ledger, &b.ctx, &moved), GLN_OK);
    ck_assert_int_eq(moved, 0);
    bed_end(&b);
}
END_TEST

static int note_inbound(void *arg, const struct ledger_inbound *in)
{
    buf_printf(arg, "%lld:%s;", (long long)in->id, in->settled);
    return 0;
}

static void expect_inbound(struct bed *b, const char *prefix, const char *expected)
{
    struct buf out = BUF_INIT;

    buf_puts(&out, "");
    ck_assert_int_eq(ledger_inbound_list(b->ledger, &b->ctx, prefix, note_inbound, &out), GLN_OK);
    ck_assert_str_eq(out.data ? out.data : "", expected);
    buf_free(&out);
}

START_TEST(inbound_kept_before_read)
{
    struct bed b;
    struct ledger_inbound in;
    struct buf data = BUF_INIT;
    int64_t one, two, id;
    bool seen;

    bed_begin(&b);
    ck_assert_int_eq(ledger_inbound_keep(b.ledger, &b.ctx, "us-ace", "TEST", "SX\0x", 4, &one, &seen),
                     GLN_OK);
    ck_assert(!seen);
    ck_assert_int_eq(ledger_inbound_keep(b.ledger, &b.ctx, "us-ace", "TEST", "SX\0x", 4, &id, &seen), GLN_OK);
    ck_assert(seen);
    ck_assert_int_eq(id, one);
    ck_assert_int_eq(ledger_inbound_keep(b.ledger, &b.ctx, "us-ace", "PROD", "SX\0x", 4, &two, &seen),
                     GLN_OK);
    ck_assert(!seen);
    expect_inbound(&b, NULL, "1:;2:;");
    ck_assert_int_eq(ledger_inbound_settle(b.ledger, &b.ctx, one, "orphan: no such entry"), GLN_OK);
    ck_assert_int_eq(ledger_inbound_settle(b.ledger, &b.ctx, 77, "tied"), GLN_E_NOT_FOUND);
    expect_inbound(&b, NULL, "2:;");
    expect_inbound(&b, "orphan", "1:orphan: no such entry;");
    expect_inbound(&b, "", "1:orphan: no such entry;2:;");
    ck_assert_int_eq(ledger_inbound_settle(b.ledger, &b.ctx, one, "tied"), GLN_OK);
    ck_assert_int_eq(ledger_inbound_get(b.ledger, &b.ctx, one, &in, &data), GLN_OK);
    ck_assert_str_eq(in.settled, "tied");
    ck_assert_str_eq(in.destination, "us-ace");
    ck_assert_int_eq(in.received_ms, BED_TIME);
    ck_assert_uint_eq(data.len, 4);
    ck_assert_mem_eq(data.data, "SX\0x", 4);
    ck_assert_int_eq(ledger_inbound_get(b.ledger, &b.ctx, 77, &in, NULL), GLN_E_NOT_FOUND);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    buf_free(&data);
    bed_end(&b);
}
END_TEST

Suite *ledger_states_suite(void)
{
    const TTest *const tests[] = {only_legal_steps,
                                  somebody_was_faster,
                                  moves_with_attachments,
                                  newest_attachment_counts,
                                  sending_becomes_in_doubt,
                                  inbound_kept_before_read,
                                  a_lane_changes_before_sending_only,
                                  a_lane_that_does_not_follow,
                                  NULL};

    return unit_suite("ledger_states", tests);
}
