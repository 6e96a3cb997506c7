/* The register on the database: batches, versions, as known at K, several sources as one operator, TEST and PROD. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trust/register_acts.h"
#include "trust/register_store.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/schema.h"

Suite *trust_register_suite(void);

static struct options options;
static struct clock_source stopped = {.frozen = true};
static struct gln_context ctx;
static struct store *store;
static char dir[] = "/tmp/greenlane-register-XXXXXX", *path, *shipped;

static void at(const char *instant)
{
    ck_assert(time_parse(&stopped.frozen_ms, instant));
}

static int64_t ms(const char *instant)
{
    int64_t out = 0;
    ck_assert(time_parse(&out, instant));
    return out;
}

static void setup(void)
{
    const char *source = getenv("GREENLANE_SRCDIR");
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    at("2026-07-01T12:00:00Z");
    ctx.clock = &stopped;
    ck_assert_ptr_nonnull(mkdtemp(dir));
    path = path_join(dir, "db");
    shipped = path_join(source == NULL ? "." : source, "schemas/greenlane/programmes.xml");
    ck_assert_int_eq(store_open(&store, &ctx, path, register_schema), GLN_OK);
}

static void teardown(void)
{
    char *command = path_join(dir, "db-wal"), *other = path_join(dir, "db-shm");
    store_close(store);
    unlink(path);
    unlink(command);
    unlink(other);
    rmdir(dir);
    free(command);
    free(other);
    free(path);
    free(shipped);
    context_clear(&ctx);
    options_free(&options);
}

/* ---- one row of a source in few words ---- */

struct line {
    const char *key, *name, *kind, *value, *programme, *class_code, *status, *effective, *environment;
};
struct list {
    const char *source, *as_of, *environment;
    enum source_kind kind;
    int max_shrink;
    bool dry_run;
    const struct line *lines;
    size_t count;
    struct register_counts counts;
};

static int put_line(struct register_import *im, const struct line *l, int64_t number)
{
    struct event event = {.status = status_parse(l->status), .learned_ms = INT64_MIN};
    struct identifier id = {.kind = l->kind, .value = l->value, .given = l->value};
    struct row_certificate c = {.programme = l->programme,
                                .class_code = l->class_code,
                                .consent = true,
                                .from = 20240101,
                                .to = 20271231,
                                .events = &event,
                                .event_count = 1};
    const struct register_row row = {.key = l->key,
                                     .name = l->name,
                                     .identifiers = &id,
                                     .identifier_count = 1,
                                     .certificates = &c,
                                     .certificate_count = 1};
    ck_assert(day_parse(&event.from, l->effective));
    return register_put(im, &row, number);
}

static int write_list(struct store_conn *c, struct gln_context *context, void *arg)
{
    struct list *l = arg;
    struct register_batch b = {.kind = l->kind,
                               .source = l->source,
                               .environment = l->environment == NULL ? "PROD" : l->environment,
                               .who = "ana",
                               .sha256 = "00",
                               .max_shrink = l->max_shrink == 0 ? 100 : l->max_shrink,
                               .dry_run = l->dry_run};
    struct register_import *im = NULL;
    ck_assert(day_parse(&b.as_of, l->as_of));
    int status = register_begin(&im, c, context, &b);
    for (size_t i = 0; status == GLN_OK && i < l->count; i++)
        status = put_line(im, &l->lines[i], (int64_t)i + 1);
    if (status == GLN_OK)
        status = register_end(im, NULL, &l->counts);
    register_import_free(im);
    return status;
}

#define LIST(source_, as_of_, ...)                                                                           \
    (struct list)                                                                                            \
    {                                                                                                        \
        .source = source_, .as_of = as_of_, .lines = (const struct line[]){__VA_ARGS__},                     \
        .count = sizeof((const struct line[]){__VA_ARGS__}) / sizeof(struct line)                            \
    }

static int import(struct list *l)
{
    context_ok(&ctx);
    return store_write(store, &ctx, write_list, l);
}

static struct operators *load(const char *environment, int64_t known_ms)
{
    struct operators *o = NULL;
    ck_assert_msg(register_load(&o, &ctx, store, environment, known_ms, shipped) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    return o;
}

/* The lane of an importer with an EI at an instant. */
static void decide(struct operators *o, const char *kind, const char *id, const char *instant,
                   const char *primary)
{
    struct party p = {.role = "IM", .kind = kind, .id = id};
    struct lane_facts f = {.destination = "US",
                           .zone = "America/New_York",
                           .environment = "PROD",
                           .at_ms = ms(instant),
                           .known_ms = stopped.frozen_ms,
                           .parties = &p,
                           .party_count = 1};
    struct lane_decision d;
    ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
    ck_assert_msg(strcmp(d.primary, primary) == 0, "%s at %s: %s, not %s", id, instant, d.primary, primary);
    lane_decision_free(&d);
}

#define ORION(status_, day_)                                                                                 \
    {                                                                                                        \
        "k1", "ORION INC", "EI", "123456789", "US-CTPAT", "T2", status_, day_, NULL                          \
    }
#define LUNA(status_, day_)                                                                                  \
    {                                                                                                        \
        "k2", "LUNA INC", "EI", "222222222", "US-CTPAT", "T2", status_, day_, NULL                           \
    }

START_TEST(known_then_and_now)
{
    struct list first =
        LIST("cbp", "2026-07-01", ORION("CERTIFIED", "2024-01-01"), LUNA("CERTIFIED", "2024-01-01"));
    struct list second = LIST("cbp", "2026-07-03", ORION("SUSPENDED", "2026-07-02"));
    struct list same = second, third = LIST("cbp", "2026-07-05", ORION("CERTIFIED", "2024-01-01"),
                                            LUNA("CERTIFIED", "2024-01-01"));
    ck_assert_int_eq(import(&first), GLN_OK);
    ck_assert_int_eq(first.counts.added, 2);
    at("2026-07-03T12:00:00Z");
    second.dry_run = true;
    ck_assert_int_eq(import(&second), GLN_OK);
    ck_assert_int_eq(second.counts.changed, 1);
    ck_assert_int_eq(second.counts.removed, 1);
    struct operators *o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-02T15:00:00Z", "P01"); /* a dry run leaves all as it was */
    operators_free(o);
    second.dry_run = false;
    ck_assert_int_eq(import(&second), GLN_OK);
    ck_assert_int_eq(import(&same), GLN_OK);
    ck_assert_int_eq(same.counts.added + same.counts.changed + same.counts.removed, 0);
    o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-03T15:00:00Z", "C03");
    decide(o, "EI", "123456789", "2026-07-01T15:00:00Z", "P01");
    decide(o, "EI", "222222222", "2026-07-03T15:00:00Z",
           "C04"); /* vanished: withdrawn as of the list's day */
    decide(o, "EI", "222222222", "2026-07-02T15:00:00Z", "P01");
    operators_free(o);
    o = load("PROD", ms("2026-07-02T23:00:00Z"));
    decide(o, "EI", "123456789", "2026-07-02T15:00:00Z", "P01");
    decide(o, "EI", "222222222", "2026-07-02T15:00:00Z", "P01");
    operators_free(o);
    o = load("PROD", ms("2026-06-30T00:00:00Z"));
    ck_assert_uint_eq(operators_count(o), 0);
    operators_free(o);
    at("2026-07-05T12:00:00Z"); /* back again, dated as before: it counts from the list that says so */
    ck_assert_int_eq(import(&third), GLN_OK);
    o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-05T15:00:00Z", "P01");
    decide(o, "EI", "222222222", "2026-07-05T15:00:00Z", "P01");
    ck_assert_uint_eq(operators_count(o), 2);
    operators_free(o);
}
END_TEST

START_TEST(refusals)
{
    struct list good =
        LIST("cbp", "2026-07-01", ORION("CERTIFIED", "2024-01-01"), LUNA("CERTIFIED", "2024-01-01"));
    struct list older = LIST("cbp", "2026-06-30", ORION("CERTIFIED", "2024-01-01"));
    struct list future = LIST("cbp", "2026-07-02", ORION("CERTIFIED", "2024-01-01"));
    struct list shrinks = LIST("cbp", "2026-07-01", ORION("CERTIFIED", "2024-01-01"));
    struct list twice =
        LIST("cbp", "2026-07-01", ORION("CERTIFIED", "2024-01-01"), ORION("REVOKED", "2024-01-01"));
    struct list kind = good;
    shrinks.max_shrink = 49;
    kind.kind = SOURCE_ATTESTATION;
    const struct {
        struct list *list;
        const char *says;
    } rows[] = {{&older, "older than the one of 2026-07-01"},
                {&future, "still to come"},
                {&shrinks, "1 of 2 operators would vanish"},
                {&twice, "row 2: 'k1' is there already, in row 1"},
                {&kind, "of another sort"}};
    ck_assert_int_eq(import(&good), GLN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_ne(import(rows[i].list), GLN_OK);
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), rows[i].says) != NULL, "%s: %s", rows[i].says,
                      context_text(&ctx, LANG_EN));
        ck_assert_ptr_null(strchr(context_text(&ctx, LANG_ES), '\n'));
    }
    struct operators *o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-01T15:00:00Z", "P01");
    decide(o, "EI", "222222222", "2026-07-01T15:00:00Z", "P01");
    operators_free(o);
}
END_TEST

START_TEST(several_sources)
{
    /* one number in two sources; the worse word counts, from its day on, whoever says it */
    struct list a =
        LIST("a", "2026-07-01", ORION("CERTIFIED", "2024-01-01"),
             {"m1", "NORD GMBH", "MID", "DENOR12HAM", "EU-AEO", "AEOF", "CERTIFIED", "2024-01-01", NULL});
    struct list b =
        LIST("b", "2026-07-01",
             {"x", "Orion, Inc.", "EI", "123456789", "US-CTPAT", "T2", "SUSPENDED", "2026-06-20", NULL},
             {"m2", "Nord G.m.b.H.", "MID", "DENOR12HAM", "EU-AEO", "AEOS", "CERTIFIED", "2024-01-01", NULL},
             {"m3", "NORDEN AG", "MID", "DENOR12HAM", "EU-AEO", "AEOF", "CERTIFIED", "2024-01-01", NULL});
    ck_assert_int_eq(import(&a), GLN_OK);
    ck_assert_int_eq(import(&b), GLN_OK);
    struct operators *o = load("PROD", 0);
    ck_assert_uint_eq(operators_count(o), 3); /* Orion, Nord, and Norden, who only shares the MID */
    ck_assert_uint_eq(o->entries.count, 5);
    decide(o, "EI", "123456789", "2026-07-01T15:00:00Z", "C03");
    for (size_t i = 0; i < o->rows.items[0].certificate_count; i++)
        ck_assert_int_eq(o->certificates.items[i].operator_index, 0);
    ck_assert_uint_eq(o->rows.items[0].certificate_count, 2);
    operators_free(o);
    /* one number, two names, one source: two operators, and the number is ambiguous */
    struct list c =
        LIST("c", "2026-07-01",
             {"1", "ALPHA", "EI", "987654321", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL},
             {"2", "OMEGA", "EI", "987654321", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
    ck_assert_int_eq(import(&c), GLN_OK);
    o = load("PROD", 0);
    decide(o, "EI", "987654321", "2026-07-01T15:00:00Z", "B05");
    operators_free(o);
}
END_TEST

START_TEST(test_and_prod)
{
    struct list test =
        LIST("t", "2026-07-01", ORION("CERTIFIED", "2024-01-01"), LUNA("REVOKED", "2024-01-01"));
    struct list prod = LIST("p", "2026-07-01", LUNA("CERTIFIED", "2024-01-01"));
    test.environment = "TEST";
    ck_assert_int_eq(import(&test), GLN_OK);
    ck_assert_int_eq(import(&prod), GLN_OK);
    struct operators *o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-01T15:00:00Z", "A04"); /* known in TEST only */
    decide(o, "EI", "222222222", "2026-07-01T15:00:00Z", "P01"); /* TEST's revocation is none here */
    ck_assert_uint_eq(o->certificates.count, 2);
    operators_free(o);
}
END_TEST

/* ---- several words ---- */

/* What a person says of the operator of an EI. */
static void person(const char *number, enum status status, const char *effective)
{
    struct operators *o = load("PROD", 0);
    struct register_entries entries;
    struct register_word w = {
        .environment = "PROD", .operator_id = number, .programme = "US-CTPAT", .who = "ana", .why = "letter"};
    size_t count, index;
    w.status = status;
    ck_assert(day_parse(&w.effective, effective));
    const struct identifier *id = register_find(o, "EI", number, &count);
    ck_assert_ptr_nonnull(id);
    index = id->operator_index;
    ck_assert_int_eq(register_entries_of(&entries, &ctx, o, index), GLN_OK);
    ck_assert_msg(register_say(&ctx, store, &w, &entries, NULL) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    free(entries.items);
    operators_free(o);
}

/* What the register says of a number today, and that it says the same of its status. */
static void says(const char *number, const char *day, const char *primary, const char *status)
{
    struct operators *o = load("PROD", 0);
    char instant[25];
    size_t count;
    snprintf(instant, sizeof instant, "%sT15:00:00Z", day);
    decide(o, "EI", number, instant, primary);
    const struct identifier *id = register_find(o, "EI", number, &count);
    ck_assert_ptr_nonnull(id);
    const struct operator_row *row = &o->rows.items[id->operator_index];
    const struct certificate *c = &o->certificates.items[row->first_certificate + row->certificate_count - 1];
    enum status found = certificate_status(c, day_at(ms(instant), "UTC"), stopped.frozen_ms, true);
    ck_assert_msg(strcmp(status_text(found), status) == 0, "%s of %s: %s, not %s", day, number,
                  status_text(found), status);
    operators_free(o);
}

/* A source that changes its mind about one and the same day: what it said last counts, be it good or bad. */
START_TEST(words_of_one_day)
{
    static const char *const words[] = {"APPLIED", "SUSPENDED", "CERTIFIED", "REVOKED", "APPLIED", "REVOKED"};
    static const char *const primary[] = {"C05", "C03", "P01", "C04", "C05", "C04"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct list l = LIST("cbp", "2026-07-01", ORION(words[i], "2026-07-01"));
        ck_assert_int_eq(import(&l), GLN_OK);
        says("123456789", "2026-07-01", primary[i], words[i]);
    }
    /* gone and there again on one day, by the same instant's clock */
    struct list both =
        LIST("two", "2026-07-01", LUNA("CERTIFIED", "2024-01-01"),
             {"k9", "NOVA INC", "EI", "999999999", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
    struct list cut =
        LIST("two", "2026-07-01",
             {"k9", "NOVA INC", "EI", "999999999", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
    ck_assert_int_eq(import(&both), GLN_OK);
    ck_assert_int_eq(import(&cut), GLN_OK);
    says("222222222", "2026-07-01", "C04", "WITHDRAWN");
    ck_assert_int_eq(import(&both), GLN_OK);
    says("222222222", "2026-07-01", "P01", "CERTIFIED");
    /* what one row says at once has no order: the worse */
    struct list other =
        LIST("other", "2026-07-01",
             {"k9", "NOVA INC", "EI", "999999999", "US-CTPAT", "T2", "SUSPENDED", "2026-07-01", NULL});
    ck_assert_int_eq(import(&other), GLN_OK);
    says("999999999", "2026-07-01", "C03", "SUSPENDED");
    person("222222222", STATUS_REVOKED, "2026-07-01");
    says("222222222", "2026-07-01", "C04", "REVOKED");
    person("222222222", STATUS_CERTIFIED, "2026-07-01");
    says("222222222", "2026-07-01", "P01", "CERTIFIED");
    /* a person ends his own word, not a source's */
    person("999999999", STATUS_CERTIFIED, "2026-07-01");
    says("999999999", "2026-07-01", "C03", "SUSPENDED");
}
END_TEST

/* A person's word holds until a person takes it back, whatever class, name or source the number has later. */
START_TEST(a_persons_word_stays)
{
    struct list t2 = LIST("cbp", "2026-07-01", ORION("CERTIFIED", "2024-01-01"));
    struct list t3 =
        LIST("cbp", "2026-07-01",
             {"k1", "ORION INC", "EI", "123456789", "US-CTPAT", "T3", "CERTIFIED", "2024-01-01", NULL});
    struct list renamed = LIST(
        "cbp", "2026-07-01",
        {"k1:T1", "ORION WORLD INC", "EI", "123456789", "US-CTPAT", "T1", "CERTIFIED", "2024-01-01", NULL});
    struct list elsewhere =
        LIST("other", "2026-07-01",
             {"x", "ORION WORLD INC", "EI", "123456789", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
    ck_assert_int_eq(import(&t2), GLN_OK);
    person("123456789", STATUS_REVOKED, "2026-07-01");
    says("123456789", "2026-07-01", "C04", "REVOKED");
    struct list *const later[] = {&t3, &t2, &renamed, &elsewhere};
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        ck_assert_int_eq(import(later[i]), GLN_OK);
        says("123456789", "2026-07-01", "C04", "REVOKED");
    }
    struct operators *o = load("PROD", 0);
    ck_assert_uint_eq(operators_count(o), 1);
    ck_assert_str_eq(o->rows.items[0].name, "ORION WORLD INC"); /* not the row that is listed no more */
    ck_assert_str_eq(o->rows.items[0].id, "cbp:k1:T1");
    operators_free(o);
    person("123456789", STATUS_CERTIFIED, "2026-07-01");
    o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-01T15:00:00Z", "P01");
    operators_free(o);
}
END_TEST

/* A number one source gives to several names says nobody, however many sources more carry it. */
START_TEST(ambiguous_stays_ambiguous)
{
    struct list two =
        LIST("two", "2026-07-01",
             {"1", "MARS INC", "EI", "555555555", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL},
             {"2", "VENUS INC", "EI", "555555555", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
    static const char *const names[] = {"ALPHA INC", "MARS INC", "NEPTUNE INC", "VENUS INC", "ZETA INC"};
    ck_assert_int_eq(import(&two), GLN_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct list l =
            LIST(names[i], "2026-07-01",
                 {"1", names[i], "EI", "555555555", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
        ck_assert_int_eq(import(&l), GLN_OK);
        struct operators *o = load("PROD", 0);
        decide(o, "EI", "555555555", "2026-07-01T15:00:00Z", "B05");
        operators_free(o);
    }
    /* and certain again once the source has one name for it, whatever it listed before */
    struct list one =
        LIST("two", "2026-07-01",
             {"2", "VENUS INC", "EI", "555555555", "US-CTPAT", "T2", "CERTIFIED", "2024-01-01", NULL});
    ck_assert_int_eq(import(&one), GLN_OK);
    struct operators *o = load("PROD", 0);
    decide(o, "EI", "555555555", "2026-07-01T15:00:00Z", "P01");
    ck_assert_uint_eq(operators_count(o), 1);
    operators_free(o);
}
END_TEST

/* ---- the operators file ---- */

#define HEAD                                                                                                 \
    "<operators xmlns=\"urn:greenlane:operators:1\"><programme code=\"US-CTPAT\" country=\"US\" "            \
    "zone=\"America/New_York\" own-of=\"US\" max-list-age-days=\"90\"><class code=\"T2\" "                   \
    "security=\"yes\"/></programme>"
#define OPERATOR(events)                                                                                     \
    "<operator id=\"O-1\" name=\"ORION INC\"><identifier kind=\"EI\" value=\"12-3456789\"/><certificate "    \
    "programme=\"US-CTPAT\" class=\"T2\" environment=\"PROD\" from=\"2024-01-01\" "                          \
    "list-date=\"2026-06-30\">" events "</certificate></operator>"
#define BOUND "<binding submitter=\"alfa\" operator=\"O-1\" document=\"power\"/>"
#define GOOD "<status value=\"CERTIFIED\" from=\"2024-01-01\"/>"

static int read_file(const char *text)
{
    context_ok(&ctx);
    return register_file(&ctx, store, text, strlen(text), "operators.xml", shipped, NULL);
}

START_TEST(the_file)
{
    ck_assert_int_eq(read_file(HEAD OPERATOR(GOOD) BOUND "</operators>"), GLN_OK);
    struct operators *o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-01T15:00:00Z", "P01");
    ck_assert_str_eq(o->rows.items[0].id, "O-1");
    ck_assert_uint_eq(o->bindings.count, 1);
    ck_assert_str_eq(o->bindings.items[0].document, "power");
    ck_assert_int_eq(register_programme(o, "US-CTPAT")->max_list_age_days, 90); /* the file's own row */
    ck_assert_ptr_nonnull(register_programme(o, "NEEC"));
    operators_free(o);
    at("2026-07-02T12:00:00Z");
    ck_assert_int_eq(read_file(HEAD OPERATOR(GOOD "<status value=\"SUSPENDED\" from=\"2026-07-01\"/>") BOUND
                               "</operators>"),
                     GLN_OK);
    o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-02T15:00:00Z", "C03");
    operators_free(o);
    o = load("PROD", ms("2026-07-01T13:00:00Z"));
    decide(o, "EI", "123456789", "2026-07-02T15:00:00Z", "P01");
    operators_free(o);
    at("2026-07-03T12:00:00Z"); /* taken back: an error of the customer's own */
    ck_assert_int_eq(read_file(HEAD OPERATOR(GOOD) BOUND "</operators>"), GLN_OK);
    o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-03T15:00:00Z", "P01");
    ck_assert_uint_eq(o->bindings.count, 1);
    operators_free(o);
    ck_assert_int_ne(read_file(HEAD "<operator id=\"x\"/></operators>"), GLN_OK);
    o = load("PROD", 0);
    decide(o, "EI", "123456789", "2026-07-03T15:00:00Z", "P01");
    operators_free(o);
    ck_assert_int_eq(read_file(""), GLN_OK); /* the file is gone */
    o = load("PROD", 0);
    ck_assert_uint_eq(operators_count(o), 0);
    operators_free(o);
}
END_TEST

/* What ships: of the form its schema says, and nothing in force but what a public day stands behind. */
/* The file may take its operator back; what a person said of him is not the file's. */
START_TEST(a_word_outlives_the_file)
{
    struct list list = LIST("cbp", "2026-07-01", ORION("CERTIFIED", "2024-01-01"));
    ck_assert_int_eq(read_file(HEAD OPERATOR(GOOD) "</operators>"), GLN_OK);
    person("123456789", STATUS_REVOKED, "2026-07-01");
    ck_assert_int_eq(read_file(""), GLN_OK);
    struct operators *o = load("PROD", 0);
    ck_assert_uint_eq(operators_count(o), 0);
    operators_free(o);
    ck_assert_int_eq(import(&list), GLN_OK);
    says("123456789", "2026-07-01", "C04", "REVOKED");
    person("123456789", STATUS_CERTIFIED, "2026-07-01");
    says("123456789", "2026-07-01", "P01", "CERTIFIED");
}
END_TEST

START_TEST(shipped_rows)
{
    struct xml_schema *schema = NULL;
    struct xml_doc *doc = NULL;
    bool valid = false;
    struct buf why = BUF_INIT;
    char *xsd = str_dup(shipped);
    ck_assert_ptr_nonnull(xsd);
    str_copy(strrchr(xsd, '.'), 5, ".xsd");
    ck_assert_int_eq(xml_schema_load(&schema, &ctx, xsd), GLN_OK);
    ck_assert_int_eq(xml_read_file(&doc, &ctx, shipped), GLN_OK);
    ck_assert_int_eq(xml_schema_valid(schema, &ctx, doc, &valid, &why), GLN_OK);
    ck_assert_msg(valid, "%s", why.data);
    struct operators *o = load("PROD", 0);
    size_t in_force = 0;
    for (size_t i = 0; i < o->arrangements.count; i++) {
        const struct arrangement *a = &o->arrangements.items[i];
        ck_assert_ptr_nonnull(register_programme(o, a->home));
        ck_assert_ptr_nonnull(a->source);
        ck_assert(!a->confirmed);
        in_force += a->state == ARRANGEMENT_FORCE;
        if (a->state == ARRANGEMENT_FORCE)
            ck_assert(strcmp(a->id, "A-EU-US") == 0 || strcmp(a->id, "A-KR-MX") == 0);
    }
    ck_assert_uint_eq(in_force, 2);
    operators_free(o);
    xml_doc_free(doc);
    xml_schema_free(schema);
    buf_free(&why);
    free(xsd);
}
END_TEST

/* 10,000 rows under one MID and one name are one operator, and take no time to speak of. */
START_TEST(many_of_one_mid)
{
    enum { MANY = 10000 };
    struct line *lines = calloc(MANY, sizeof *lines);
    char(*keys)[16] = calloc(MANY, sizeof *keys);
    ck_assert(lines != NULL && keys != NULL);
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        lines[i] = (struct line){
            keys[i], i % 2 == 0 ? "NORD GMBH" : keys[i],     "MID",        "DENOR12HAM", "EU-AEO",
            "AEOF",  i % 4 == 0 ? "CERTIFIED" : "SUSPENDED", "2024-01-01", NULL};
    }
    struct list list = {.source = "mid", .as_of = "2026-07-01", .lines = lines, .count = MANY};
    int64_t before = clock_mono_ms();
    ck_assert_int_eq(import(&list), GLN_OK);
    struct operators *o = load("PROD", 0);
    ck_assert_uint_eq(operators_count(o), MANY / 2 + 1);
    operators_free(o);
    ck_assert_int_lt(clock_mono_ms() - before, 20000);
    free(lines);
    free(keys);
}
END_TEST

Suite *trust_register_suite(void)
{
    const TTest *const tests[] = {known_then_and_now,
                                  refusals,
                                  several_sources,
                                  test_and_prod,
                                  words_of_one_day,
                                  a_persons_word_stays,
                                  ambiguous_stays_ambiguous,
                                  a_word_outlives_the_file,
                                  the_file,
                                  shipped_rows,
                                  many_of_one_mid};
    Suite *s = suite_create("trust/register");
    TCase *c = tcase_create("register");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return s;
}

UNIT_MAIN(trust_register_suite)
