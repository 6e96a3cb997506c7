/* Keep: what is in a receipt and in the ledger after it, keys of idempotency, references, many senders at once. */
#include "unit/main.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "unit/ledger_bed.h"
#include "util/json.h"
#include "util/str.h"

Suite *ledger_keep_suite(void);

static void same_part(struct bed *b, const char *id, const char *part, const char *expected)
{
    struct buf out = BUF_INIT;

    ck_assert_int_eq(ledger_declaration_part(b->ledger, &b->ctx, id, part, &out), GLN_OK);
    ck_assert_str_eq(out.data, expected);
    buf_free(&out);
}

START_TEST(everything_is_there)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT, out = BUF_INIT;
    struct ledger_filing f;
    struct ledger_declaration got;
    int64_t id;

    bed_begin(&b);
    bed_declaration(&b, &d);
    d.d.lrn = "LRN-1";
    d.d.lane = LANE_EXPEDITED;
    d.filing[0].number = "9ZZ00000017";
    id = bed_keep(&b, &d, &receipt);
    bed_close(&b);
    bed_open(&b);

    same_part(&b, d.id, "original", "<Declaration>one</Declaration>");
    same_part(&b, d.id, "decision", "{\"lane\":\"standard\"}");
    same_part(&b, d.id, "receipt", receipt.data);
    ck_assert_int_eq(ledger_declaration_part(b.ledger, &b.ctx, d.id, "findings", &out), GLN_E_NOT_FOUND);
    ck_assert_int_eq(ledger_declaration_part(b.ledger, &b.ctx, d.id, "nonsense", &out), GLN_E_NOT_FOUND);

    ck_assert_int_eq(ledger_filing_get(b.ledger, &b.ctx, id, &f), GLN_OK);
    ck_assert_str_eq(f.declaration, d.id);
    ck_assert_str_eq(f.destination, "us-ace");
    ck_assert_str_eq(f.message, "cargo-release");
    ck_assert_str_eq(f.action, "add");
    ck_assert_str_eq(f.identity, "acme");
    ck_assert_str_eq(f.environment, "TEST");
    ck_assert_str_eq(f.key, "9ZZ00000017");
    ck_assert_str_eq(f.number, "9ZZ00000017");
    ck_assert_int_eq(f.state, FILING_QUEUED);
    ck_assert_int_eq(f.lane, LANE_EXPEDITED);
    ck_assert_int_eq(f.created_ms, BED_TIME);
    ck_assert_int_eq(f.due_ms, BED_TIME);
    ck_assert_int_eq(f.attempts, 0);
    ck_assert_str_eq(f.outcome, "");
    ck_assert_int_eq(ledger_attachment(b.ledger, &b.ctx, id, "outbound", &out), GLN_OK);
    ck_assert_str_eq(out.data, "A  outbound");
    buf_clear(&out);
    ck_assert_int_eq(ledger_attachment(b.ledger, &b.ctx, id, "slots", &out), GLN_OK);
    ck_assert_str_eq(out.data, "slots");
    ck_assert_int_eq(ledger_attachment(b.ledger, &b.ctx, id, "signed", &out), GLN_E_NOT_FOUND);

    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, "LRN-1", NULL, &got), GLN_OK);
    ck_assert_str_eq(got.id, d.id);
    ck_assert_str_eq(got.submitter, "broker-1");
    ck_assert_str_eq(got.format, "dms");
    ck_assert_int_eq(got.lane, LANE_EXPEDITED);
    ck_assert_int_eq(got.received_ms, BED_TIME);
    buf_free(&receipt);
    buf_free(&out);
    bed_end(&b);
}
END_TEST

START_TEST(receipt_says)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT;
    struct json_in *j;
    char error[80], hex[65];
    unsigned char digest[32];
    int64_t link;

    bed_begin(&b);
    bed_declaration(&b, &d);
    bed_keep(&b, &d, &receipt);
    j = json_in_parse(receipt.data, receipt.len, error, sizeof error);
    ck_assert_msg(j != NULL, "%s", error);
    digest_sha256(digest, d.d.original, d.d.original_len);
    digest_hex(hex, digest);
    ck_assert_str_eq(json_in_str(json_in_get(j, "id")), d.id);
    ck_assert_str_eq(json_in_str(json_in_get(j, "received")), "2026-07-23T18:00:00.000Z");
    ck_assert_str_eq(json_in_str(json_in_get(j, "sha256")), hex);
    ck_assert(json_in_int(json_in_get(j, "link"), &link));
    ck_assert_int_ge(link, 4); /* certificate, declaration, filing, change */
    json_in_free(j);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

START_TEST(same_key_same_receipt)
{
    struct bed b;
    struct bed_declaration d, again;
    struct buf first = BUF_INIT, second = BUF_INIT;
    bool replayed, found;

    bed_begin(&b);
    bed_declaration(&b, &d);
    d.d.idempotency_key = "k1";
    bed_keep(&b, &d, &first);
    bed_declaration(&b, &again);
    again.d.idempotency_key = "k1";
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &again.d, &second, &replayed), GLN_OK);
    ck_assert(replayed);
    ck_assert_str_eq(first.data, second.data);
    ck_assert_int_eq(bed_first_filing(&b, again.id), 0);

    ck_assert_int_eq(
        ledger_replay(b.ledger, &b.ctx, "broker-1", "k1", d.d.original, d.d.original_len, &found, &second),
        GLN_OK);
    ck_assert(found);
    ck_assert_str_eq(first.data, second.data);
    ck_assert_int_eq(
        ledger_replay(b.ledger, &b.ctx, "broker-2", "k1", d.d.original, d.d.original_len, &found, &second),
        GLN_OK);
    ck_assert(!found);
    ck_assert_int_eq(ledger_replay(b.ledger, &b.ctx, "broker-1", "k1", "x", 1, &found, &second),
                     GLN_E_CONFLICT);

    again.d.original = "other bytes";
    again.d.original_len = 11;
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &again.d, &second, &replayed), GLN_E_CONFLICT);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), d.id), "%s", context_text(&b.ctx, LANG_EN));
    again.d.submitter = "broker-2";
    bed_keep(&b, &again, NULL);
    buf_free(&first);
    buf_free(&second);
    bed_end(&b);
}
END_TEST

START_TEST(reference_used_once_alive)
{
    struct bed b;
    struct bed_declaration d, again;
    struct buf receipt = BUF_INIT;
    bool replayed;
    int64_t id;

    bed_begin(&b);
    bed_declaration(&b, &d);
    d.d.lrn = "L-7";
    id = bed_keep(&b, &d, NULL);
    bed_declaration(&b, &again);
    again.d.lrn = "L-7";
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &again.d, &receipt, &replayed), GLN_E_CONFLICT);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), d.id), "%s", context_text(&b.ctx, LANG_EN));
    ck_assert_uint_eq(receipt.len, 0);
    again.d.submitter = "broker-2"; /* another's references are another's */
    bed_keep(&b, &again, NULL);

    ck_assert_int_eq(
        ledger_move(b.ledger, &b.ctx, id, FILING_QUEUED, FILING_CANCELLED, "not wanted", "ana", -1), GLN_OK);
    bed_declaration(&b, &again);
    again.d.lrn = "L-7";
    id = bed_keep(&b, &again, NULL);
    ck_assert_int_eq(ledger_attach(b.ledger, &b.ctx, id, "outcome", "rejected", 8), GLN_OK);
    bed_declaration(&b, &again);
    again.d.lrn = "L-7";
    bed_keep(&b, &again, NULL);
    bed_end(&b);
}
END_TEST

/* With lrn-window a reference is not free again at once, even where nothing of it lives. */
START_TEST(reference_free_after_its_window)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT;
    bool replayed;
    char why[128];
    int64_t id;

    bed_begin(&b);
    ck_assert_int_eq(options_set(&b.options, "lrn-window", "48h", why, sizeof why), GLN_OK);
    bed_declaration(&b, &d);
    d.d.lrn = "L-7";
    id = bed_keep(&b, &d, NULL);
    ck_assert_int_eq(
        ledger_move(b.ledger, &b.ctx, id, FILING_QUEUED, FILING_CANCELLED, "not wanted", "ana", -1), GLN_OK);
    b.clock.frozen_ms += INT64_C(48) * 3600000 - 1;
    bed_declaration(&b, &d);
    d.d.lrn = "L-7";
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed), GLN_E_CONFLICT);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "2026-07-23T18:00:00.000Z"), "%s",
                  context_text(&b.ctx, LANG_EN));
    d.d.submitter = "broker-2";
    bed_keep(&b, &d, NULL);
    b.clock.frozen_ms += 1;
    bed_declaration(&b, &d);
    d.d.lrn = "L-7";
    bed_keep(&b, &d, NULL);
    bed_end(&b);
}
END_TEST

START_TEST(where_a_filing_starts)
{
    struct bed b;
    struct bed_declaration d;
    struct ledger_filing f;
    int64_t id;

    bed_begin(&b);
    bed_declaration(&b, &d);
    d.filing[0].waits_for = "the COVE's number";
    d.filing[1] = d.filing[0];
    d.filing[1].waits_for = NULL;
    d.filing[1].hold_reason = "sender not bound to the importer";
    d.d.filing_count = 2;
    id = bed_keep(&b, &d, NULL);
    ck_assert_int_eq(ledger_filing_get(b.ledger, &b.ctx, id, &f), GLN_OK);
    ck_assert_int_eq(f.state, FILING_WAITING);
    ck_assert_str_eq(f.reason, "the COVE's number");
    ck_assert_int_eq(f.due_ms, -1);
    ck_assert_int_eq(ledger_filing_get(b.ledger, &b.ctx, id + 1, &f), GLN_OK);
    ck_assert_int_eq(f.state, FILING_HELD);
    ck_assert_str_eq(f.reason, "sender not bound to the importer");
    bed_end(&b);
}
END_TEST

START_TEST(wrong_id_is_refused)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT;
    bool replayed;

    bed_begin(&b);
    bed_declaration(&b, &d);
    d.d.id = "../../etc/passwd";
    ck_assert_int_eq(ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed), GLN_E_ARGUMENT);
    bed_end(&b);
}
END_TEST

struct found {
    char ids[8][33];
    int n;
};

static int take(void *arg, const struct ledger_declaration *d)
{
    struct found *f = arg;

    memcpy(f->ids[f->n++], d->id, 33);
    return f->n == 8;
}

START_TEST(lists)
{
    struct bed b;
    struct bed_declaration d[4];
    struct ledger_query q = {0};
    struct found f = {.n = 0};
    struct ledger_declaration got;
    char prefix[33];

    bed_begin(&b);
    for (int i = 0; i < 4; i++) {
        bed_declaration(&b, &d[i]);
        d[i].d.submitter = i < 2 ? "a" : "b";
        d[i].d.lrn = i == 3 ? "X" : NULL;
        if (i == 1)
            d[i].filing[0].destination = "mx-vucem";
        if (i == 2)
            d[i].filing[0].hold_reason = "look at it";
        bed_keep(&b, &d[i], NULL);
    }
    ck_assert_int_eq(ledger_list(b.ledger, &b.ctx, &q, take, &f), GLN_OK);
    ck_assert_int_eq(f.n, 4);
    ck_assert_str_eq(f.ids[0], d[3].id);
    ck_assert_str_eq(f.ids[3], d[0].id);
    q = (struct ledger_query){.submitter = "a", .limit = 1};
    f.n = 0;
    ck_assert_int_eq(ledger_list(b.ledger, &b.ctx, &q, take, &f), GLN_OK);
    ck_assert_int_eq(f.n, 1);
    ck_assert_str_eq(f.ids[0], d[1].id);
    q = (struct ledger_query){.submitter = "a", .after = d[1].id};
    f.n = 0;
    ck_assert_int_eq(ledger_list(b.ledger, &b.ctx, &q, take, &f), GLN_OK);
    ck_assert_int_eq(f.n, 1);
    ck_assert_str_eq(f.ids[0], d[0].id);
    q = (struct ledger_query){.state = "held", .destination = "us-ace"};
    f.n = 0;
    ck_assert_int_eq(ledger_list(b.ledger, &b.ctx, &q, take, &f), GLN_OK);
    ck_assert_int_eq(f.n, 1);
    ck_assert_str_eq(f.ids[0], d[2].id);
    q = (struct ledger_query){.state = "held' OR 1=1 --"};
    ck_assert_int_eq(ledger_list(b.ledger, &b.ctx, &q, take, &f), GLN_E_ARGUMENT);

    str_copy(prefix, 9, d[0].id); /* the same millisecond: not unique */
    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, prefix, NULL, &got), GLN_E_CONFLICT);
    str_copy(prefix, 31, d[0].id);
    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, prefix, NULL, &got), GLN_OK);
    ck_assert_str_eq(got.id, d[0].id);
    ck_assert_int_eq(ledger_declaration_get(b.ledger, &b.ctx, "nothing", NULL, &got), GLN_E_NOT_FOUND);
    bed_end(&b);
}
END_TEST

#define THREADS 32
#define EACH 20

struct sender {
    struct bed *b;
    int number, bad;
};

static void *send_some(void *arg)
{
    struct sender *s = arg;
    struct gln_context ctx;

    context_init(&ctx, &s->b->options);
    for (int i = 0; i < EACH; i++) {
        struct bed_declaration d;
        struct buf receipt = BUF_INIT;
        char body[64];
        bool replayed, good = false;

        bed_declaration(s->b, &d);
        d.d.original_len = (size_t)snprintf(body, sizeof body, "declaration %d of sender %d", i, s->number);
        d.d.original = body;
        s->bad += ledger_keep(s->b->ledger, &ctx, &d.d, &receipt, &replayed) != GLN_OK;
        if (i == EACH - 1) {
            struct buf report = BUF_INIT;

            ledger_verify_receipt(s->b->ledger, &ctx, LANG_EN, receipt.data, receipt.len, &good, &report);
            s->bad += !good;
            buf_free(&report);
        }
        buf_free(&receipt);
    }
    context_clear(&ctx);
    return NULL;
}

START_TEST(many_senders)
{
    struct bed b;
    pthread_t threads[THREADS];
    struct sender senders[THREADS];
    int64_t counts[FILING_STATE_COUNT];
    uint64_t commits, writes;

    bed_begin(&b);
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){&b, i, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, send_some, &senders[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(senders[i].bad, 0);
    }
    ck_assert_int_eq(ledger_counts(b.ledger, &b.ctx, counts), GLN_OK);
    ck_assert_int_eq(counts[FILING_QUEUED], THREADS * EACH);
    store_stats(ledger_store(b.ledger), &commits, &writes);
    ck_assert_uint_lt(commits, writes);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_end(&b);
}
END_TEST

/* The disk is full while a declaration is kept: refused with one line, nothing of it stays, what was kept before is whole. */
START_TEST(full_disk)
{
    struct bed b;
    struct bed_declaration d;
    struct buf receipt = BUF_INIT;
    struct rlimit limit, low;
    bool replayed;
    int kept = 0, status;
    char *body = calloc(1, 200000);

    bed_begin(&b);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    low = limit;
    low.rlim_cur = 2000000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &low), 0);
    do {
        ck_assert_int_lt(kept, 1000);
        bed_declaration(&b, &d);
        d.d.original = body;
        d.d.original_len = 200000;
        status = ledger_keep(b.ledger, &b.ctx, &d.d, &receipt, &replayed);
        kept += status == GLN_OK;
    } while (status == GLN_OK);
    ck_assert_int_eq(status, GLN_E_STORE);
    ck_assert_msg(strstr(context_text(&b.ctx, LANG_EN), "no space left"), "%s",
                  context_text(&b.ctx, LANG_EN));
    ck_assert_uint_eq(receipt.len, 0);
    ck_assert_int_eq(bed_first_filing(&b, d.id), 0);
    ck_assert_int_ge(kept, 2);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    bed_keep(&b, &d, NULL);
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    free(body);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

Suite *ledger_keep_suite(void)
{
    const TTest *const tests[] = {everything_is_there,
                                  receipt_says,
                                  same_key_same_receipt,
                                  reference_used_once_alive,
                                  reference_free_after_its_window,
                                  where_a_filing_starts,
                                  wrong_id_is_refused,
                                  lists,
                                  many_senders,
                                  full_disk,
                                  NULL};

    return unit_suite("ledger_keep", tests);
}
