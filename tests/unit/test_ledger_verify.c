/*
 * Tampering: a ledger with something of every kind in it is changed in its file in every way a table offers, and verify must see it;
 * what it cannot see from inside (all cut back together) a receipt must see.
 */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/ledger_bed.h"
#include "util/json.h"

Suite *ledger_verify_suite(void);

/* Three declarations, moved, attached, with numbers, a due time, inbound; closed. `receipt`: of the last one. */
static void fill(struct bed *b, struct buf *receipt)
{
    struct bed_declaration d;
    struct buf n = BUF_INIT;
    int64_t id = 0, inbound;
    bool seen;

    bed_begin(b);
    ck_assert_int_eq(series_define(b->ledger, &b->ctx, "acme", "entry-number", 2026, 1, 99, 7), GLN_OK);
    for (int i = 0; i < 3; i++) {
        bed_declaration(b, &d);
        ck_assert_int_eq(series_reserve(b->ledger, &b->ctx, "acme", NULL, "entry-number", 2026, &n), GLN_OK);
        d.filing[0].series_kind = "entry-number";
        d.filing[0].series_year = 2026;
        d.filing[0].serial = n.data;
        id = bed_keep(b, &d, receipt);
        if (i == 2)
            break;
        ck_assert_int_eq(ledger_move(b->ledger, &b->ctx, id, FILING_QUEUED, FILING_SENDING, "go", "w", -1),
                         GLN_OK);
        ck_assert_int_eq(ledger_attach(b->ledger, &b->ctx, id, "operation", "OP", 2), GLN_OK);
        ck_assert_int_eq(ledger_move(b->ledger, &b->ctx, id, FILING_SENDING, FILING_SENT, "gone", "w", 0),
                         GLN_OK);
        ck_assert_int_eq(ledger_move_with(b->ledger, &b->ctx, id, FILING_SENT, FILING_SENT, NULL, "w",
                                          BED_TIME + 5, NULL, 0),
                         GLN_OK);
    }
    ck_assert_int_eq(ledger_inbound_keep(b->ledger, &b->ctx, "us-ace", "TEST", "x", 1, &inbound, &seen),
                     GLN_OK);
    ck_assert_int_eq(ledger_inbound_settle(b->ledger, &b->ctx, inbound, "tied"), GLN_OK);
    bed_close(b);
    buf_free(&n);
}

START_TEST(untouched_is_good)
{
    struct bed b;
    struct buf report = BUF_INIT, receipt = BUF_INIT;

    fill(&b, &receipt);
    ck_assert_msg(bed_good(&b, &report), "%s", report.data);
    ck_assert_msg(strstr(report.data, "good: "), "%s", report.data);
    ck_assert(bed_good(&b, NULL)); /* reading changes nothing */
    buf_free(&report);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

/* Every column of every append-only table, changed in one row; the row deleted, the row doubled. */
static const char *const columns[] = {
    "certificates.der",
    "certificates.at_ms",
    "declarations.uid",
    "declarations.submitter",
    "declarations.lrn",
    "declarations.idempotency_key",
    "declarations.format",
    "declarations.lane",
    "declarations.received_ms",
    "declarations.original_sha256",
    "declarations.decision",
    "declarations.findings",
    "declarations.original",
    "filings.declaration",
    "filings.position",
    "filings.destination",
    "filings.message",
    "filings.action",
    "filings.identity",
    "filings.environment",
    "filings.key",
    "filings.number",
    "filings.series_kind",
    "filings.series_year",
    "filings.serial",
    "filings.lane",
    "filings.created_ms",
    "filings.source_map",
    "filings.slots",
    "filings.outbound",
    "receipts.declaration",
    "receipts.at_ms",
    "receipts.body",
    "changes.filing",
    "changes.at_ms",
    "changes.from_state",
    "changes.to_state",
    "changes.reason",
    "changes.who",
    "changes.due_ms",
    "dues.filing",
    "dues.at_ms",
    "dues.due_ms",
    "dues.change",
    "attachments.filing",
    "attachments.at_ms",
    "attachments.kind",
    "attachments.data",
    "series.identity",
    "series.kind",
    "series.year",
    "series.first",
    "series.last",
    "series.width",
    "series.at_ms",
    "numbers.identity",
    "numbers.kind",
    "numbers.year",
    "numbers.value",
    "numbers.event",
    "numbers.at_ms",
    "numbers.filing",
    "numbers.note",
    "inbound.destination",
    "inbound.environment",
    "inbound.received_ms",
    "inbound.sha256",
    "inbound.data",
    "settlements.inbound",
    "settlements.at_ms",
    "settlements.what",
    "chain.tbl",
    "chain.row",
    "chain.digest",
    "chain.hash",
    "heads.at_ms",
    "heads.seq",
    "heads.hash",
    "heads.signature",
    "filings_now.state",
    "filings_now.lane",
    "filings_now.due_ms",
    "filings_now.attempts",
    "filings_now.changed_ms",
    "filings_now.reason",
    "filings_now.operation",
    "filings_now.document",
    "filings_now.outcome",
    "series_now.last",
    "series_now.width",
    "numbers_now.state",
    "inbound_now.settled",
};

static bool seen(struct bed *b, const char *sql)
{
    struct buf report = BUF_INIT;
    struct gln_context *ctx = &b->ctx;
    bool good = true;
    int status;

    bed_tamper(b, sql);
    status = ledger_look(&b->ledger, ctx, b->path, b->sealer);
    if (status != GLN_OK)
        return true; /* so wrong that it is not opened (another certificate) */
    ck_assert_int_eq(ledger_verify(b->ledger, ctx, LANG_EN, &good, &report), GLN_OK);
    ck_assert_msg(good || report.len > 0, "said to be bad without a word");
    ck_assert_msg(!good || strstr(report.data, "good: ") == report.data, "%s", report.data);
    bed_close(b);
    buf_free(&report);
    return !good;
}

START_TEST(a_changed_column)
{
    struct bed b;
    struct buf receipt = BUF_INIT;
    char table[32], column[32], sql[512];

    fill(&b, &receipt);
    ck_assert_int_eq(sscanf(columns[_i], "%31[^.].%31s", table, column), 2);
    /* Values that were NULL, text, number or blob: each becomes something else of its own kind. */
    snprintf(sql, sizeof sql,
             "UPDATE %s SET %s = CASE typeof(%s) WHEN 'integer' THEN %s + 1 WHEN 'blob' THEN CAST(%s || 'x' "
             "AS BLOB) "
             "ELSE ifnull(%s, '') || 'x' END WHERE rowid = (SELECT max(rowid) FROM %s)",
             table, column, column, column, column, column, table);
    if (strcmp(table, "series_now") == 0 || strcmp(table, "numbers_now") == 0)
        snprintf(sql, sizeof sql, "UPDATE %s SET %s = %s || '1'", table, column, column);
    ck_assert_msg(seen(&b, sql), "not seen: %s", sql);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

static const char *const tables[] = {
    "declarations", "filings",     "receipts",    "changes",     "dues",        "attachments",
    "series",       "numbers",     "inbound",     "settlements", "chain",       "heads",
    "certificates", "filings_now", "numbers_now", "series_now",  "inbound_now", NULL};

static bool without_rowid(const char *table)
{
    return strcmp(table, "series_now") == 0 || strcmp(table, "numbers_now") == 0;
}

START_TEST(a_deleted_row)
{
    static const char *const which[] = {"min", "max"};
    struct bed b;
    struct buf receipt = BUF_INIT;
    char sql[160];

    for (size_t i = 0; i < 2; i++) {
        fill(&b, &receipt);
        if (without_rowid(tables[_i]))
            snprintf(sql, sizeof sql, "DELETE FROM %s", tables[_i]);
        else
            snprintf(sql, sizeof sql, "DELETE FROM %s WHERE rowid = (SELECT %s(rowid) FROM %s)", tables[_i],
                     which[i], tables[_i]);
        ck_assert_msg(seen(&b, sql), "not seen: %s", sql);
        bed_end(&b);
    }
    buf_free(&receipt);
}
END_TEST

static const char *const other_ways[] = {
    /* added rows */
    "INSERT INTO changes(filing, at_ms, from_state, to_state, reason, who, due_ms) VALUES(3, 1, 'queued', "
    "'held', 'x', "
    "'y', -1)",
    "INSERT INTO attachments(filing, at_ms, kind, data) VALUES(1, 1, 'operation', 'OTHER')",
    "INSERT INTO attachments(filing, at_ms, kind, data) VALUES(1, 1, 'operation', 'OTHER');UPDATE "
    "filings_now SET "
    "operation = 'OTHER' WHERE filing = 1",
    "INSERT INTO inbound_now(inbound, settled) VALUES(9, '')",
    /* two rows exchanged, with their links or without */
    "UPDATE attachments SET id = 99 WHERE id = 1;UPDATE attachments SET id = 1 WHERE id = 2;UPDATE "
    "attachments SET id = "
    "2 WHERE id = 99",
    "UPDATE chain SET seq = 9999 WHERE seq = 5;UPDATE chain SET seq = 5 WHERE seq = 6;UPDATE chain SET seq = "
    "6 WHERE "
    "seq = 9999",
    /* a link cut out and the rest moved up */
    "DELETE FROM chain WHERE seq = 8;UPDATE chain SET seq = seq - 1 WHERE seq > 8",
    /* a row's value and its type */
    "UPDATE declarations SET original = CAST(original AS TEXT) WHERE id = 1",
    "UPDATE filings SET number = '' WHERE id = 1",
    "UPDATE changes SET due_ms = '1784829600000.5' WHERE id = 1",
    /* the tail: rows and links, heads left; heads, links left */
    "DELETE FROM settlements;DELETE FROM chain WHERE seq = (SELECT max(seq) FROM chain);UPDATE inbound_now "
    "SET settled "
    "= ''",
    "DELETE FROM heads WHERE id >= (SELECT max(id) FROM heads)",
    "DELETE FROM heads",
    "DELETE FROM chain",
    /* a head in the middle */
    "DELETE FROM heads WHERE id = 4",
    "DELETE FROM heads WHERE id = 4;UPDATE heads SET id = id - 1 WHERE id > 4",
    /* the whole tail with its heads, current states left as they were */
    "DELETE FROM changes WHERE id = (SELECT max(id) FROM changes);DELETE FROM receipts WHERE id = 3;DELETE "
    "FROM filings "
    "WHERE id = 3;DELETE FROM declarations WHERE id = 3;DELETE FROM heads WHERE id > 3;DELETE FROM chain "
    "WHERE seq > "
    "(SELECT max(seq) FROM heads)",
    /* life that cannot be, told by current states alone */
    "UPDATE filings_now SET state = 'closed'",
    "UPDATE filings_now SET state = 'held', due_ms = -1 WHERE filing = 3",
    "UPDATE numbers_now SET state = 'gap' WHERE value = 1",
    "UPDATE series_now SET next = 100000",
    "DELETE FROM numbers_now WHERE value = 2",
};

START_TEST(another_way)
{
    struct bed b;
    struct buf receipt = BUF_INIT;

    fill(&b, &receipt);
    ck_assert_msg(seen(&b, other_ways[_i]), "not seen: %s", other_ways[_i]);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

static int64_t count_heads(struct bed *b)
{
    struct buf report = BUF_INIT;
    bool good;
    long long heads = -1;

    ck_assert_int_eq(ledger_look(&b->ledger, &b->ctx, b->path, b->sealer), GLN_OK);
    ck_assert_int_eq(ledger_verify(b->ledger, &b->ctx, LANG_EN, &good, &report), GLN_OK);
    ck_assert_msg(good, "%s", report.data);
    ck_assert_int_eq(sscanf(report.data, "good: %*d rows, %lld", &heads), 1);
    bed_close(b);
    buf_free(&report);
    return heads;
}

/* What this gateway did not sign it does not sign later: neither when it opens the file, nor with what it writes itself. */
START_TEST(what_others_wrote_is_not_signed)
{
    struct bed b;
    struct buf receipt = BUF_INIT;
    int64_t heads, filing, number;

    fill(&b, &receipt);
    heads = count_heads(&b);
    bed_open(&b);
    bed_close(&b);
    ck_assert_int_eq(count_heads(&b), heads); /* opening alone signs nothing */
    bed_tamper(
        &b,
        "INSERT INTO chain(seq, tbl, row, digest, hash) SELECT seq + 1, tbl, row, digest, hash FROM chain "
        "ORDER BY seq DESC LIMIT 1");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ledger_open(&b.ledger, &b.ctx, b.path, b.sealer), GLN_E_STORE);
        ck_assert_ptr_nonnull(strstr(context_text(&b.ctx, LANG_EN), "not signed by this gateway"));
        ck_assert_ptr_null(b.ledger);
        ck_assert(!bed_good(&b, NULL));
    }
    bed_tamper(&b, "DELETE FROM chain WHERE seq = (SELECT max(seq) FROM chain)");
    ck_assert_int_eq(count_heads(&b), heads);

    bed_open(&b);
    filing = bed_keep_one(&b, NULL);
    bed_tamper(&b, "UPDATE chain SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM chain);UPDATE "
                   "heads SET hash = "
                   "zeroblob(32) WHERE id = (SELECT max(id) FROM heads)");
    ck_assert_int_eq(ledger_move(b.ledger, &b.ctx, filing, FILING_QUEUED, FILING_HELD, "x", "w", -1),
                     GLN_E_STORE);
    ck_assert_int_eq(ledger_attach(b.ledger, &b.ctx, filing, "note", "x", 1), GLN_E_STORE);
    ck_assert_int_eq(ledger_inbound_keep(b.ledger, &b.ctx, "us-ace", "TEST", "y", 1, &number, &(bool){false}),
                     GLN_E_STORE);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

/* Who looks changes nothing, and what would write says so. */
START_TEST(looking_writes_nothing)
{
    struct bed b;
    struct buf receipt = BUF_INIT;
    struct ledger *l = NULL;

    fill(&b, &receipt);
    ck_assert_int_eq(ledger_look(&b.ledger, &b.ctx, b.path, b.sealer), GLN_OK);
    ck_assert_int_eq(ledger_look(&l, &b.ctx, b.path, b.sealer), GLN_E_BUSY);
    ck_assert_int_eq(ledger_attach(b.ledger, &b.ctx, 1, "note", "x", 1), GLN_E_STORE);
    bed_close(&b);
    ck_assert_int_eq(ledger_look(&b.ledger, &b.ctx, "/nowhere/ledger", b.sealer), GLN_E_NOT_FOUND);
    ck_assert(bed_good(&b, NULL));
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

static bool receipt_good(struct bed *b, struct ledger *l, const char *receipt, size_t len, struct buf *report)
{
    bool good = true;

    buf_clear(report);
    ck_assert_int_eq(ledger_verify_receipt(l, &b->ctx, LANG_EN, receipt, len, &good, report), GLN_OK);
    return good;
}

/* Everything of the last declaration is cut, heads and current states too, as if it had never been there. */
START_TEST(cut_tail_seen_by_receipt)
{
    struct bed b;
    struct buf receipt = BUF_INIT, report = BUF_INIT, early = BUF_INIT;
    struct bed_declaration d;

    bed_begin(&b);
    bed_keep_one(&b, &early);
    bed_declaration(&b, &d);
    bed_keep(&b, &d, &receipt);
    ck_assert(receipt_good(&b, b.ledger, receipt.data, receipt.len, &report));
    bed_close(&b);
    bed_tamper(
        &b,
        "DELETE FROM receipts WHERE id = 2;DELETE FROM changes WHERE id = 2;DELETE FROM filings WHERE id = "
        "2;DELETE FROM declarations WHERE id = 2;DELETE FROM filings_now WHERE filing = 2;DELETE FROM heads "
        "WHERE id = (SELECT max(id) FROM heads);DELETE FROM chain WHERE seq > (SELECT max(seq) FROM heads)");
    ck_assert(bed_good(&b, NULL)); /* nothing inside tells */
    bed_open(&b);
    ck_assert(!receipt_good(&b, b.ledger, receipt.data, receipt.len, &report));
    ck_assert_msg(strstr(report.data, d.id) && strstr(report.data, "lost or cut"), "%s", report.data);
    ck_assert(receipt_good(&b, b.ledger, early.data, early.len, &report));
    buf_free(&receipt);
    buf_free(&early);
    buf_free(&report);
    bed_end(&b);
}
END_TEST

START_TEST(changed_past_seen_by_receipt)
{
    struct bed b;
    struct buf receipt = BUF_INIT, report = BUF_INIT;

    fill(&b, &receipt);
    bed_tamper(&b, "UPDATE chain SET digest = zeroblob(32) WHERE seq = 3");
    bed_open(&b);
    ck_assert(!receipt_good(&b, b.ledger, receipt.data, receipt.len, &report));
    ck_assert_msg(strstr(report.data, "changed or cut"), "%s", report.data);
    bed_close(&b);
    buf_free(&receipt);
    bed_end(&b);
    fill(&b, &receipt);
    bed_tamper(&b, "UPDATE declarations SET original = CAST('other' AS BLOB)");
    bed_open(&b);
    ck_assert(!receipt_good(&b, b.ledger, receipt.data, receipt.len, &report));
    ck_assert_msg(strstr(report.data, "other bytes"), "%s", report.data);
    buf_free(&receipt);
    buf_free(&report);
    bed_end(&b);
}
END_TEST

START_TEST(receipt_off_line)
{
    static const char *const members[] = {"\"id\":\"", "\"received\":\"", "\"sha256\":\"",
                                          "\"link\":", "\"hash\":\"",     "\"signature\":\""};
    struct bed b, other;
    struct buf receipt = BUF_INIT, report = BUF_INIT;

    bed_begin(&b);
    bed_keep_one(&b, &receipt);
    ck_assert_msg(receipt_good(&b, NULL, receipt.data, receipt.len, &report), "%s", report.data);
    ck_assert(receipt_good(&b, b.ledger, receipt.data, receipt.len, &report));

    bed_begin(&other); /* another gateway's */
    ck_assert(!receipt_good(&other, other.ledger, receipt.data, receipt.len, &report));
    ck_assert_msg(strstr(report.data, "signature good"), "%s", report.data);
    ck_assert_msg(strstr(report.data, "does not have"), "%s", report.data);
    bed_end(&other);

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char *at = strstr(receipt.data, members[i]);
        char was;

        ck_assert_ptr_nonnull(at);
        at += strlen(members[i]) + (i == 5 ? 20 : i == 1 ? 3 : 0);
        was = *at;
        *at = was == '1' ? '2' : '1';
        ck_assert_msg(!receipt_good(&b, NULL, receipt.data, receipt.len, &report), "%s", members[i]);
        *at = was;
    }
    ck_assert(receipt_good(&b, NULL, receipt.data, receipt.len, &report));
    ck_assert(!receipt_good(&b, NULL, "{}", 2, &report));
    ck_assert(!receipt_good(&b, NULL, "junk", 4, &report));
    ck_assert(!receipt_good(&b, NULL, receipt.data, receipt.len / 2, &report));
    buf_free(&receipt);
    buf_free(&report);
    bed_end(&b);
}
END_TEST

struct lines {
    int n;
    bool bad;
};

static int note_line(void *arg, const char *text, size_t len)
{
    struct lines *l = arg;
    char error[80];
    struct json_in *j = json_in_parse(text, len, error, sizeof error);
    int64_t number;

    l->bad = l->bad || !j || text[len - 1] != '\n' || !json_in_int(json_in_get(j, "link"), &number);
    l->n++;
    json_in_free(j);
    return 0;
}

static int stop(void *arg, const char *text, size_t len)
{
    (void)text;
    (void)len;
    return ++*(int *)arg == 2;
}

START_TEST(export_is_json_lines)
{
    struct bed b;
    struct buf receipt = BUF_INIT;
    struct lines lines = {0, false};
    int n = 0;

    fill(&b, &receipt);
    bed_open(&b);
    ck_assert_int_eq(ledger_export(b.ledger, &b.ctx, note_line, &lines), GLN_OK);
    ck_assert(!lines.bad);
    ck_assert_int_gt(lines.n, 30);
    ck_assert_int_eq(ledger_export(b.ledger, &b.ctx, stop, &n), GLN_OK);
    ck_assert_int_eq(n, 2);
    buf_free(&receipt);
    bed_end(&b);
}
END_TEST

START_TEST(report_in_spanish)
{
    struct bed b;
    struct buf receipt = BUF_INIT, report = BUF_INIT;
    bool good = true;

    fill(&b, &receipt);
    bed_tamper(&b, "UPDATE changes SET who = 'nobody'");
    bed_open(&b);
    ck_assert_int_eq(ledger_verify(b.ledger, &b.ctx, LANG_ES, &good, &report), GLN_OK);
    ck_assert(!good);
    ck_assert_msg(strstr(report.data, "changes: la fila 1 fue alterada"), "%s", report.data);
    buf_free(&receipt);
    buf_free(&report);
    bed_end(&b);
}
END_TEST

Suite *ledger_verify_suite(void)
{
    const TTest *const tests[] = {untouched_is_good,
                                  what_others_wrote_is_not_signed,
                                  looking_writes_nothing,
                                  cut_tail_seen_by_receipt,
                                  changed_past_seen_by_receipt,
                                  receipt_off_line,
                                  export_is_json_lines,
                                  report_in_spanish,
                                  NULL};
    Suite *s = unit_suite("ledger_verify", tests);
    TCase *t = tcase_create("tamper");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_changed_column, 0, sizeof columns / sizeof columns[0]);
    tcase_add_loop_test(t, a_deleted_row, 0, sizeof tables / sizeof tables[0] - 1);
    tcase_add_loop_test(t, another_way, 0, sizeof other_ways / sizeof other_ways[0]);
    suite_add_tcase(s, t);
    return s;
}
