/* Alerts about what is unusual: what raises one, what does not, and that a repetition counts once. */
#include "unit/main.h"

#include <stdio.h>
#include <string.h>

#include "trust/identity.h"
#include "trust/watch.h"
#include "unit/ledger_bed.h"
#include "util/str.h"

static struct bed bed;

static void begin(void)
{
    bed_begin(&bed);
    ck_assert_int_eq(store_schema(ledger_store(bed.ledger), &bed.ctx, trust_schema), GLN_OK);
    ck_assert_int_eq(store_schema(ledger_store(bed.ledger), &bed.ctx, watch_schema), GLN_OK);
}

/* What came of one declaration: the kinds that were raised, in their order. */
static char raised[64];

static void keep_found(const struct watch_note *n)
{
    raised[0] = '\0';
    for (int i = 0; i < WATCH_SECURITY; i++)
        if (n->found[i].text[0] != '\0')
            snprintf(raised + strlen(raised), sizeof raised - strlen(raised), "%s%s", *raised ? " " : "",
                     watch_word((enum watch_kind)i));
}

struct row {
    const char *submitter, *importer, *place;
    const char *numbers; /* each letter a number */
    int64_t after_ms;    /* since the row before */
    enum lane_alert alert;
    const char *environment;
    const char *raised;
};

static void declare(const struct row *r, const char *key, bool again)
{
    char numbers[32][80];
    struct watch w = {.numbers = numbers, .number_count = strlen(r->numbers), .alert = r->alert};
    struct watch_note n = {.watch = &w, .past = 3, .numbers = 4, .window_ms = 60000};
    struct bed_declaration d;
    struct buf receipt = BUF_INIT;
    bool replayed;

    bed.clock.frozen_ms += r->after_ms;
    bed_declaration(&bed, &d);
    for (size_t i = 0; i < w.number_count; i++)
        snprintf(numbers[i], sizeof numbers[i], "MID:CN%c", r->numbers[i]);
    str_copy(w.importer, sizeof w.importer, r->importer);
    str_copy(w.place, sizeof w.place, r->place);
    str_copy(w.destination, sizeof w.destination, "US");
    str_copy(w.environment, sizeof w.environment, r->environment != NULL ? r->environment : "TEST");
    n.declaration = d.id;
    n.submitter = d.d.submitter = r->submitter;
    n.at_ms = bed.clock.frozen_ms;
    d.d.idempotency_key = key;
    d.d.also = watch_write;
    d.d.also_arg = &n;
    ck_assert_msg(ledger_keep(bed.ledger, &bed.ctx, &d.d, &receipt, &replayed) == GLN_OK, "%s",
                  context_text(&bed.ctx, LANG_EN));
    ck_assert_int_eq(replayed, again);
    keep_found(&n);
    buf_free(&receipt);
}

static void declare_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        declare(&rows[i], NULL, false);
        ck_assert_msg(str_eq(raised, rows[i].raised), "row %zu: '%s', not '%s'", i, raised, rows[i].raised);
    }
}

static void put_count(void *arg, const char *submitter, const char *kind, int64_t times)
{
    buf_printf(arg, "%s/%s=%lld ", submitter, kind, (long long)times);
}

static void counts_are(const char *environment, const char *asker, const char *wanted)
{
    struct buf b = BUF_INIT;
    buf_puts(&b, "");
    ck_assert_int_eq(watch_counts(ledger_store(bed.ledger), &bed.ctx, environment, asker, put_count, &b),
                     GLN_OK);
    ck_assert_str_eq(b.data != NULL ? b.data : "", wanted);
    buf_free(&b);
}

START_TEST(a_port_the_importer_has_not_used)
{
    static const struct row rows[] = {
        {"a", "EI:1", "2304", "", 1, ALERT_NONE, NULL, ""},
        {"a", "EI:1", "2501", "", 1, ALERT_NONE, NULL, ""}, /* too little past to call it unusual */
        {"a", "EI:1", "2304", "", 1, ALERT_NONE, NULL, ""},
        {"a", "EI:1", "2501", "", 1, ALERT_NONE, NULL, ""},
        {"a", "EI:1", "2704", "", 1, ALERT_NONE, NULL, "port"},
        {"a", "EI:1", "2704", "", 1, ALERT_NONE, NULL, ""},
        {"a", "EI:1", "", "", 1, ALERT_NONE, NULL, ""},       /* says none */
        {"a", "EI:2", "2705", "", 1, ALERT_NONE, NULL, ""},   /* another importer has a past of his own */
        {"a", "", "9999", "", 1, ALERT_NONE, NULL, ""},       /* nobody that can be told apart */
        {"a", "EI:1", "9999", "", 1, ALERT_NONE, "PROD", ""}, /* practice is no past */
    };
    begin();
    declare_all(rows, sizeof rows / sizeof rows[0]);
    bed_end(&bed);
}
END_TEST

START_TEST(a_submitter_who_is_new_to_the_importer)
{
    static const struct row rows[] = {
        {"a", "EI:1", "", "", 1, ALERT_NONE, NULL, ""}, /* the first of all is nobody's successor */
        {"a", "EI:1", "", "", 1, ALERT_NONE, NULL, ""},
        {"b", "EI:1", "", "", 1, ALERT_NONE, NULL, "submitter"},
        {"b", "EI:1", "", "", 1, ALERT_NONE, NULL, ""},
        {"", "EI:1", "", "", 1, ALERT_NONE, NULL, "submitter"}, /* the operator is one too */
        {"b", "EI:2", "", "", 1, ALERT_NONE, NULL, ""},
    };
    begin();
    declare_all(rows, sizeof rows / sizeof rows[0]);
    bed_end(&bed);
}
END_TEST

START_TEST(many_doubtful_numbers)
{
    static const struct row rows[] = {
        {"a", "", "", "ABC", 1, ALERT_NONE, NULL, ""},
        {"a", "", "", "ABC", 1, ALERT_NONE, NULL, ""}, /* the same ones again are not many */
        {"b", "", "", "D", 1, ALERT_NONE, NULL, ""},   /* another submitter's */
        {"a", "", "", "D", 1, ALERT_NONE, NULL, "numbers"},
        {"a", "", "", "ABCDE", 1, ALERT_NONE, NULL, ""}, /* told of once */
        {"a", "", "", "FGH", 1, ALERT_NONE, NULL, "numbers"},
        {"c", "", "", "ABC", 1, ALERT_NONE, NULL, ""},
        {"c", "", "", "D", 60001, ALERT_NONE, NULL, ""}, /* the first three are out of the window */
        {"c", "", "", "EFG", 60000, ALERT_NONE, NULL, "numbers"},
        {"d", "", "", "ABCDEFGHIJKL", 1, ALERT_NONE, NULL, "numbers"},
    };
    begin();
    declare_all(rows, sizeof rows / sizeof rows[0]);
    bed_end(&bed);
}
END_TEST

START_TEST(counted_by_submitter)
{
    static const struct row rows[] = {
        {"a", "EI:1", "", "", 1, ALERT_SECURITY, NULL, ""},
        {"a", "EI:1", "", "", 1, ALERT_SECURITY, NULL, ""},
        {"a", "EI:1", "", "", 1, ALERT_REVIEW, NULL, ""},
        {"b", "EI:1", "", "", 1, ALERT_NONE, NULL, "submitter"},
        {"stranger", "EI:1", "", "", 1, ALERT_NONE, NULL, "submitter"},
        {"other", "EI:1", "", "", 1, ALERT_NONE, NULL, "submitter"},
        {"", "EI:3", "", "", 1, ALERT_SECURITY, NULL, ""},
        {"a", "EI:1", "", "", 1, ALERT_SECURITY, "PROD", ""},
    };
    struct row again = {"a", "EI:9", "", "ABCD", 0, ALERT_SECURITY, NULL, "numbers"};
    begin();
    ck_assert_int_eq(submitter_add(ledger_store(bed.ledger), &bed.ctx, "a", NULL, NULL), GLN_OK);
    ck_assert_int_eq(submitter_add(ledger_store(bed.ledger), &bed.ctx, "b", NULL, NULL), GLN_OK);
    declare_all(rows, sizeof rows / sizeof rows[0]);
    counts_are("TEST", NULL,
               "(local)/security=1 (others)/submitter=2 a/review=1 a/security=2 b/submitter=1 ");
    counts_are("TEST", "b", "(others)/review=1 (others)/security=3 (others)/submitter=2 b/submitter=1 ");
    counts_are("PROD", NULL, "a/security=1 ");
    /* a repetition of the same submission is no second one */
    declare(&again, "key", false);
    ck_assert_str_eq(raised, "numbers");
    declare(&again, "key", true);
    ck_assert_str_eq(raised, "");
    counts_are("TEST", "a", "(others)/security=1 (others)/submitter=3 a/numbers=1 a/review=1 a/security=3 ");
    bed_end(&bed);
}
END_TEST

static void put_alert(void *arg, const char *kind, int64_t at_ms, const char *reason)
{
    ck_assert_int_eq(at_ms, bed.clock.frozen_ms);
    buf_printf(arg, "%s: ", kind);
    reason_show(arg, reason, LANG_EN);
    buf_puts(arg, "\n");
    reason_show(arg, reason, LANG_ES);
    buf_puts(arg, "\n");
}

START_TEST(told_in_both_languages)
{
    static const struct row before[] = {
        {"a", "EI:1", "2304", "", 1, ALERT_NONE, NULL, ""},
        {"a", "EI:1", "2304", "", 1, ALERT_NONE, NULL, ""},
        {"a", "EI:1", "2304", "", 1, ALERT_NONE, NULL, ""},
    };
    struct watch w = {.importer = "EI:1", .place = "2704", .destination = "US", .environment = "TEST"};
    struct watch_note n = {.watch = &w, .submitter = "b", .past = 3, .numbers = 4, .window_ms = 60000};
    struct bed_declaration d;
    struct buf text = BUF_INIT;
    begin();
    declare_all(before, 3);
    bed_declaration(&bed, &d);
    n.declaration = d.id;
    n.at_ms = bed.clock.frozen_ms;
    d.d.also = watch_write;
    d.d.also_arg = &n;
    bed_keep(&bed, &d, NULL);
    ck_assert_int_eq(watch_of(ledger_store(bed.ledger), &bed.ctx, d.id, put_alert, &text), GLN_OK);
    ck_assert_str_eq(text.data,
                     "port: unusual port: this importer has not used customs office 2704 in 3 declarations "
                     "before; sent by 'b'\n"
                     "puerto inusual: este importador no ha usado la aduana 2704 en 3 declaraciones "
                     "anteriores; la envi\xC3\xB3"
                     " 'b'\n"
                     "submitter: new submitter: 'b' has not declared for this importer before, others have 3 "
                     "times\n"
                     "remitente nuevo: 'b' no hab\xC3\xAD"
                     "a declarado para este importador; otros lo hicieron 3 "
                     "veces\n");
    buf_free(&text);
    bed_end(&bed);
}
END_TEST

/* ---- what is noted of the parties ---- */

static const char register_text[] =
    "<operators xmlns=\"urn:greenlane:operators:1\">"
    "<programme code=\"US-CTPAT\" country=\"US\" zone=\"America/New_York\" own-of=\"US\"><class code=\"T2\" "
    "security=\"yes\"/></programme>"
    "<operator id=\"1\" name=\"ORION IMPORTS INC\"><identifier kind=\"EI\" value=\"12-3456789\"/></operator>"
    "</operators>";

START_TEST(what_a_declaration_leaves)
{
    static const struct party parties[] = {
        {.role = "IM", .kind = "EI", .id = " 12-345.6789", .name = "SHADY LTD"},
        {.role = "MF", .kind = "MID", .id = "CNUNK1SHE"},
        {.role = "MF", .kind = "MID", .id = "cnunk1she "},
        {.role = "MF", .id = "CNANY1SHE"},
        {.role = "EX", .kind = "MID", .id = "not one"}, /* malformed: B02 */
        {.role = "CA", .kind = "SVI", .id = "oboImp92011"},
        {.role = "EX", .name = "Nameless"},
    };
    struct lane_facts f = {.destination = "US",
                           .zone = "America/New_York",
                           .environment = "TEST",
                           .parties = parties,
                           .party_count = sizeof parties / sizeof parties[0]};
    struct options options;
    struct gln_context ctx;
    struct operators *o = NULL;
    struct lane_decision d;
    struct watch w;
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ck_assert_int_eq(operators_load(&o, &ctx, register_text, sizeof register_text - 1, "t"), GLN_OK);
    ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
    ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
    watch_take(&w, &f, &d, "  2304 ");
    ck_assert_str_eq(w.importer, "EI:123456789");
    ck_assert_str_eq(w.place, "2304");
    ck_assert_int_eq(w.alert, ALERT_SECURITY);
    ck_assert_uint_eq(w.number_count, 3);
    ck_assert_str_eq(w.numbers[0], "-:CNANY1SHE");
    ck_assert_str_eq(w.numbers[1], "EI:123456789");
    ck_assert_str_eq(w.numbers[2], "MID:CNUNK1SHE");
    watch_free(&w);
    lane_decision_free(&d);
    /* a register that is down still knows whom it is about, and nothing of numbers */
    ck_assert_int_eq(lane_decide(&d, &ctx, NULL, &f), GLN_OK);
    watch_take(&w, &f, &d, NULL);
    ck_assert_str_eq(w.importer, "EI:123456789");
    ck_assert_str_eq(w.place, "");
    ck_assert_uint_eq(w.number_count, 0);
    watch_free(&w);
    lane_decision_free(&d);
    operators_free(o);
    context_clear(&ctx);
    options_free(&options);
}
END_TEST

static Suite *suite(void)
{
    static const TTest *tests[7];
    tests[0] = a_port_the_importer_has_not_used;
    tests[1] = a_submitter_who_is_new_to_the_importer;
    tests[2] = many_doubtful_numbers;
    tests[3] = counted_by_submitter;
    tests[4] = told_in_both_languages;
    tests[5] = what_a_declaration_leaves;
    return unit_suite("trust/watch", tests);
}

UNIT_MAIN(suite)
