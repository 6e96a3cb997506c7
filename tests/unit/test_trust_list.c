/* Lists of operators: what is read, and what is refused in one line with row and column. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trust/list.h"
#include "trust/list_csv.h"
#include "util/file.h"
#include "util/str.h"

Suite *trust_list_suite(void);

static struct options options;
static struct clock_source stopped = {.frozen = true};
static struct gln_context ctx;
static struct store *store;
static char dir[] = "/tmp/greenlane-list-XXXXXX", *path, *shipped;

static void setup(void)
{
    const char *source = getenv("GREENLANE_SRCDIR");
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ck_assert(time_parse(&stopped.frozen_ms, "2026-07-02T12:00:00Z"));
    ctx.clock = &stopped;
    ck_assert_ptr_nonnull(mkdtemp(dir));
    path = path_join(dir, "db");
    shipped = path_join(source == NULL ? "." : source, "schemas/greenlane/programmes.xml");
    ck_assert_int_eq(store_open(&store, &ctx, path, register_schema), GLN_OK);
}

static void teardown(void)
{
    char *wal = path_join(dir, "db-wal"), *shm = path_join(dir, "db-shm");
    store_close(store);
    unlink(path);
    unlink(wal);
    unlink(shm);
    rmdir(dir);
    free(wal);
    free(shm);
    free(path);
    free(shipped);
    context_clear(&ctx);
    options_free(&options);
}

static int import(const char *list, size_t len, const char *mapping, struct register_counts *counts)
{
    const struct list_request r = {.bytes = list,
                                   .len = len,
                                   .mapping = mapping,
                                   .mapping_len = mapping == NULL ? 0 : strlen(mapping),
                                   .shipped = shipped,
                                   .batch = {.kind = SOURCE_LIST,
                                             .source = "t",
                                             .environment = "PROD",
                                             .who = "ana",
                                             .sha256 = "00",
                                             .as_of = 20260701,
                                             .max_shrink = 100}};
    context_ok(&ctx);
    return list_import(&ctx, store, &r, counts);
}

#define HEAD "EI,name,programme,class,status,effective\n"
#define GOOD "12-3456789,\"Orion, \"\"the\"\" Inc\",US-CTPAT,T2,CERTIFIED,2024-01-01\r\n"
#define TEXT(s) s, sizeof s - 1

START_TEST(what_is_read)
{
    struct register_counts counts;
    struct operators *o = NULL;
    ck_assert_msg(import(TEXT("\xEF\xBB\xBF" HEAD GOOD "\r\n 222222222 , \"Luna\nInc\" ,NEEC,O,APPLIED,\n"),
                         NULL, &counts) == GLN_OK,
                  "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(counts.rows, 2);
    ck_assert_int_eq(register_load(&o, &ctx, store, "PROD", 0, shipped), GLN_OK);
    ck_assert_uint_eq(operators_count(o), 2);
    ck_assert_str_eq(o->rows.items[0].name, "Orion, \"the\" Inc");
    ck_assert_str_eq(o->rows.items[1].name, "Luna\nInc");
    const struct certificate *c = &o->certificates.items[1];
    ck_assert_str_eq(o->programmes.items[c->programme_index].code, "MX-OEA"); /* by its old name */
    ck_assert_int_eq(c->list_date, 20260701);
    ck_assert_uint_eq(c->event_count, 1);
    ck_assert_int_eq(c->events[0].status, STATUS_APPLIED);
    ck_assert_int_eq(c->events[0].from, 20260701);
    operators_free(o);
}
END_TEST

START_TEST(what_is_refused)
{
    static const struct {
        const char *list;
        size_t len;
        const char *says;
    } rows[] = {
        {TEXT(""), "the list is empty"},
        {TEXT(HEAD "12-3456789,A\0B,US-CTPAT,T2,CERTIFIED,2024-01-01\n"), "row 2, column 2: a NUL"},
        {TEXT(HEAD GOOD "222222222,Lun\xE1,US-CTPAT,T2,CERTIFIED,2024-01-01\n"),
         "row 3, column 2: not UTF-8"},
        {TEXT(HEAD "222222222,A\x1B,US-CTPAT,T2,CERTIFIED,2024-01-01\n"), "row 2, column 2: a control"},
        {TEXT(HEAD "222222222,A\"B,US-CTPAT,T2,CERTIFIED,2024-01-01\n"),
         "row 2, column 2: a quotation mark out of"},
        {TEXT(HEAD "222222222,\"A\"B,US-CTPAT,T2,CERTIFIED,2024-01-01\n"),
         "row 2, column 2: a quotation mark out of"},
        {TEXT(HEAD "222222222,\"AB,US-CTPAT,T2,CERTIFIED,2024-01-01\n"),
         "row 2, column 2: a quotation mark that is never"},
        {TEXT(HEAD "222222222,AB\n"), "row 2 has 2 columns, the first row 6"},
        {TEXT("EI,nombre\n1,2\n"), "column 'nombre'"},
        {TEXT("EI;name\n1;2\n"), "column 'EI;name'"},
        {TEXT("EI,programme,class\n222222222,US-CTPAT,T2\n"), "row 2 has no name"},
        {TEXT("name,programme,class\nA,US-CTPAT,T2\n"), "row 2 has no identifier"},
        {TEXT(HEAD "222222222,A,US-CTPAT,T2,CERTIFIED,0000-00-00\n"),
         "row 2, column effective: '0000-00-00'"},
        {TEXT(HEAD "222222222,A,US-CTPAT,T2,CERTIFIED,2026-02-30\n"),
         "row 2, column effective: '2026-02-30'"},
        {TEXT(HEAD "22222,A,US-CTPAT,T2,CERTIFIED,\n"), "row 2, column EI: '22222' is no number"},
        {TEXT(HEAD "222222222,A,US-XYZ,T2,CERTIFIED,\n"),
         "row 2, column programme: there is no programme 'US-XYZ'"},
        {TEXT(HEAD "222222222,A,US-CTPAT,T9,CERTIFIED,\n"),
         "row 2, column class: the programme has no class 'T9'"},
        {TEXT(HEAD "222222222,,US-CTPAT,T2,CERTIFIED,\n"), "row 2, column name is empty"},
        {TEXT(HEAD GOOD GOOD), "row 3: 'EI:123456789:US-CTPAT:T2' is there already, in row 2"},
        {TEXT("<operators xmlns=\"urn:greenlane:operators:1\"><operator/></operators>"), "operator"},
        {TEXT("<a><b></a>"), "1:"},
    };
    struct register_counts counts;
    struct operators *o = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_ne(import(rows[i].list, rows[i].len, NULL, &counts), GLN_OK);
        for (int language = 0; language < LANG_COUNT; language++)
            ck_assert_ptr_null(strchr(context_text(&ctx, language), '\n'));
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), rows[i].says) != NULL,
                      "row %zu: '%s' does not say '%s'", i, context_text(&ctx, LANG_EN), rows[i].says);
    }
    ck_assert_int_eq(register_load(&o, &ctx, store, "PROD", 0, shipped), GLN_OK);
    ck_assert_uint_eq(operators_count(o), 0);
    operators_free(o);
}
END_TEST

/* One code ten thousand times is one mistake, told of once; as the code of ten thousand operators it is what a MID may be. */
START_TEST(ten_thousand_times_one_code)
{
    struct register_counts counts;
    struct operators *o = NULL;
    struct buf same = BUF_INIT, shared = BUF_INIT;
    buf_puts(&same, "MID,name,programme,class\n");
    buf_puts(&shared, "EI,MID,name,programme,class\n");
    for (int i = 0; i < 10000; i++) {
        buf_puts(&same, "DENOR12HAM,Nordwerk GmbH,EU-AEO,AEOF\n");
        buf_printf(&shared, "%09d,DENOR12HAM,House %d,US-CTPAT,T2\n", 100000000 + i, i);
    }
    ck_assert_int_ne(import(same.data, same.len, NULL, &counts), GLN_OK);
    ck_assert_msg(strstr(context_text(&ctx, LANG_EN), "row 3: 'MID:DENOR12HAM:EU-AEO:AEOF' is there already, "
                                                      "in row 2") != NULL,
                  "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(register_load(&o, &ctx, store, "PROD", 0, shipped), GLN_OK);
    ck_assert_uint_eq(operators_count(o), 0);
    operators_free(o);
    ck_assert_msg(import(shared.data, shared.len, NULL, &counts) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    ck_assert_int_eq(counts.added, 10000);
    ck_assert_int_eq(register_load(&o, &ctx, store, "PROD", 0, shipped), GLN_OK);
    ck_assert_uint_eq(operators_count(o), 10000);
    operators_free(o);
    buf_free(&same);
    buf_free(&shared);
}
END_TEST

#define MAPPING(attributes, columns)                                                                         \
    "<list-mapping xmlns=\"urn:greenlane:list-mapping:1\" " attributes ">" columns "</list-mapping>"

START_TEST(mappings)
{
    static const char csv[] =
        MAPPING("format=\"csv\" separator=\"tab\" dates=\"DD.MM.CCYY\" programme=\"EU-AEO\" "
                "others=\"ignore\"",
                "<column name=\"Code\" to=\"identifier\" kind=\"MID\" key=\"yes\"/><column "
                "name=\"Who\" to=\"name\"/><column name=\"What\" to=\"class\"><value from=\"full\" "
                "to=\"AEOF\"/></column><column name=\"Since\" to=\"from\"/>");
    static const char xml[] =
        MAPPING("format=\"xml\" rows=\"l/e\" programme=\"EU-AEO\" class=\"AEOS\" consent=\"yes\"",
                "<column name=\"@m\" to=\"identifier\" kind=\"MID\"/><column name=\"h/n\" "
                "to=\"name\"/>");
    static const struct {
        const char *mapping, *says;
    } bad[] = {{"<x/>", "list-mapping"},
               {MAPPING("format=\"pdf\"", ""), "'format'"},
               {MAPPING("format=\"xml\"", ""), "'rows'"},
               {MAPPING("format=\"csv\"", "<column name=\"a\" to=\"moon\"/>"), "'to'"},
               {MAPPING("format=\"csv\"", "<column name=\"a\" to=\"identifier\" kind=\"ZZ\"/>"), "'kind'"},
               {MAPPING("format=\"csv\"", "<column name=\"a\" to=\"name\"/>"), "column 'b' is not one"},
               {MAPPING("format=\"csv\" others=\"ignore\"", "<column name=\"a\" to=\"name\"/>"),
                "no 'a' in this list"}};
    struct register_counts counts;
    struct operators *o = NULL;
    ck_assert_msg(import(TEXT("Who\tx\tCode\tWhat\tSince\nNORD\t?\tDENOR12HAM\tfull\t31.12.2024\n"), csv,
                         &counts) == GLN_OK,
                  "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(counts.added, 1);
    ck_assert_int_eq(register_load(&o, &ctx, store, "PROD", 0, shipped), GLN_OK);
    ck_assert_str_eq(o->certificates.items[0].class_code, "AEOF");
    ck_assert_int_eq(o->certificates.items[0].from, 20241231);
    operators_free(o);
    ck_assert_msg(import(TEXT("<r><l><e m=\"DESUD1MUN\"><h><n>SUD</n></h></e><e "
                              "m=\"DEOST1BER\"><h><n>OST</n></h></e></l></r>"),
                         xml, &counts) == GLN_OK,
                  "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(counts.rows, 2);
    ck_assert_int_eq(counts.removed, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_ne(import(TEXT("b\n1\n"), bad[i].mapping, &counts), GLN_OK);
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), bad[i].says) != NULL, "row %zu: %s", i,
                      context_text(&ctx, LANG_EN));
    }
}
END_TEST

Suite *trust_list_suite(void)
{
    const TTest *const tests[] = {what_is_read, what_is_refused, ten_thousand_times_one_code, mappings};
    Suite *s = suite_create("trust/list");
    TCase *c = tcase_create("list");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return s;
}

UNIT_MAIN(trust_list_suite)
