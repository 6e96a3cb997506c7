/* The lane decision: rows of our own; test_trust_cases has the published ones. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/lane.h"
#include "trust/register.h"
#include "trust/register_store.h"
#include "util/str.h"
#include "xml/transform.h"

Suite *trust_lane_suite(void);

static struct options options;
static struct gln_context ctx;

static void setup(void)
{
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
}

static void teardown(void)
{
    context_clear(&ctx);
    options_free(&options);
}

static bool listed(const struct lane_decision *d, const char *reason)
{
    for (size_t i = 0; i < d->reason_count; i++)
        if (strcmp(d->reasons[i], reason) == 0)
            return true;
    return false;
}

/* ---- rows of our own ---- */

static const char register_text[] =
    "<operators xmlns=\"urn:greenlane:operators:1\">"
    "<programme code=\"US-CTPAT\" country=\"US\" zone=\"America/New_York\" own-of=\"US\"><class code=\"T2\" "
    "security=\"yes\"/></programme>"
    "<programme code=\"EU-AEO\" country=\"EU\" zone=\"Europe/Brussels\"><class code=\"AEOF\" "
    "security=\"yes\"/></programme>"
    "<arrangement id=\"A\" home=\"EU-AEO\" destination=\"US\" state=\"force\" effective=\"2012-07-01\" "
    "roles=\"EX MF\" identifiers=\"MID\" consent=\"yes\" source=\"t\"/>"
    "<operator id=\"1\" name=\"Orion Imports, Inc.\"><identifier kind=\"EI\" value=\"12-3456789\"/>"
    "<certificate programme=\"US-CTPAT\" class=\"T2\" environment=\"TEST\" from=\"2024-01-01\" "
    "to=\"2027-12-31\" list-date=\"2026-07-01\"><status value=\"CERTIFIED\" "
    "from=\"2024-01-01\"/></certificate></operator>"
    "<operator id=\"2\" name=\"TWIN\"><identifier kind=\"34\" value=\"123-45-6789\"/></operator>"
    "<operator id=\"3\" name=\"N&#xD3;RDWERK GMBH\"><identifier kind=\"MID\" value=\"DENOR12HAM\"/>"
    "<certificate programme=\"EU-AEO\" class=\"AEOF\" environment=\"TEST\" from=\"2024-01-01\" "
    "list-date=\"2026-07-01\" consent=\"yes\"><status value=\"CERTIFIED\" "
    "from=\"2024-01-01\"/></certificate></operator>"
    "<binding submitter=\"good\" operator=\"1\" from=\"2026-01-01\" to=\"2026-12-31\"/>"
    "</operators>";

START_TEST(one_importer)
{
    static const struct {
        const char *kind, *id, *name, *submitter, *environment;
        bool claimed;
        enum lane lane;
        const char *primary;
        enum lane_alert alert;
    } rows[] = {
        {"EI", "12-3456789", NULL, NULL, "TEST", false, LANE_EXPEDITED, "P01", ALERT_NONE},
        {"EI", "123456789", "ORION IMPORTS INC", "good", "TEST", true, LANE_EXPEDITED, "P01", ALERT_NONE},
        {"EI", "123456789", NULL, "stranger", "TEST", false, LANE_STANDARD, "A03", ALERT_SECURITY},
        {"EI", "123456789", "ORION EXPORTS INC", NULL, "TEST", false, LANE_STANDARD, "B07", ALERT_SECURITY},
        {"EI", "123456789", NULL, NULL, "PROD", false, LANE_STANDARD, "A04", ALERT_REVIEW},
        /* the same nine digits as a social security number are another person */
        {"34", "123456789", NULL, NULL, "TEST", false, LANE_STANDARD, "E01", ALERT_NONE},
        {"ANI", "123456789", NULL, NULL, "TEST", false, LANE_STANDARD, "B03", ALERT_NONE},
        {NULL, "123456789", NULL, NULL, "TEST", false, LANE_STANDARD, "B05", ALERT_REVIEW},
        {"EI", "987654321", NULL, NULL, "TEST", true, LANE_STANDARD, "A02", ALERT_SECURITY},
        {"EI", "12345", NULL, NULL, "TEST", false, LANE_STANDARD, "B02", ALERT_NONE},
        {"EI", "12345678\xD0\xB0", NULL, NULL, "TEST", false, LANE_STANDARD, "B02", ALERT_NONE},
        {"SVI", "abc", NULL, NULL, "TEST", false, LANE_STANDARD, "B06", ALERT_NONE},
        {"EI", "", NULL, NULL, "TEST", false, LANE_STANDARD, "E01", ALERT_NONE},
    };
    struct operators *o = NULL;
    setup();
    ck_assert_int_eq(operators_load(&o, &ctx, register_text, sizeof register_text - 1, "t"), GLN_OK);
    ck_assert_uint_eq(operators_count(o), 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct party p = {.role = "IM", .kind = rows[i].kind, .id = rows[i].id, .name = rows[i].name};
        struct lane_facts f = {.destination = "US",
                               .zone = "America/New_York",
                               .environment = rows[i].environment,
                               .submitter = rows[i].submitter,
                               .claimed = rows[i].claimed,
                               .parties = &p,
                               .party_count = 1};
        struct lane_decision d;
        ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
        ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
        ck_assert_msg(d.lane == rows[i].lane && str_eq(d.primary, rows[i].primary) &&
                          d.alert == rows[i].alert,
                      "row %zu: lane %d primary %s alert %d", i, d.lane, d.primary, d.alert);
        ck_assert_int_eq(listed(&d, "A01"), rows[i].claimed);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

/* A trusted party further on in the chain: which role it has, and its number with or without its kind. */
START_TEST(one_actor)
{
    static const struct {
        const char *kind, *id, *code, *reason;
    } rows[] = {
        /* the message has no place for his name, and his number is public: it says of nobody that the goods are his */
        {"MID", "DENOR12HAM", "MF", "B01"}, {NULL, "denor12ham", "MF", "B01"},
        {NULL, "DENOR12HAM", NULL, "B01"},  {NULL, NULL, "MF", "B01"},
        {NULL, "DENOR12HAM", "ZZ", "B10"},  {NULL, "FRAUT99PAR", "MF", "B03"},
        {NULL, "?", "MF", "B02"},
    };
    struct operators *o = NULL;
    setup();
    ck_assert_int_eq(operators_load(&o, &ctx, register_text, sizeof register_text - 1, "t"), GLN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct party p = {.role = "ACTOR", .kind = rows[i].kind, .id = rows[i].id, .code = rows[i].code};
        struct lane_facts f = {.destination = "US",
                               .zone = "America/New_York",
                               .environment = "TEST",
                               .parties = &p,
                               .party_count = 1};
        struct lane_decision d;
        ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
        ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
        ck_assert_msg(listed(&d, rows[i].reason), "row %zu: primary %s, not %s", i, d.primary,
                      rows[i].reason);
        ck_assert_int_eq(d.lane, LANE_STANDARD);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

START_TEST(explained_in_both_languages)
{
    struct party parties[] = {{.role = "CA", .kind = "SCAC", .id = "ZQLT", .path = "/a"},
                              {.role = "MF", .kind = "MID", .id = "denor12ham", .name = "Nordwerk GmbH"}};
    struct lane_facts f = {.destination = "US",
                           .zone = "America/New_York",
                           .environment = "TEST",
                           .parties = parties,
                           .party_count = 2};
    struct operators *o = NULL;
    struct lane_decision d;
    struct buf json = BUF_INIT, en = BUF_INIT, es = BUF_INIT;
    setup();
    ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
    ck_assert_int_eq(operators_load(&o, &ctx, register_text, sizeof register_text - 1, "t"), GLN_OK);
    ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
    ck_assert_str_eq(d.primary, "P02");
    lane_json(&json, &d, &f);
    ck_assert_int_eq(lane_explain(&en, &ctx, json.data, json.len, LANG_EN), GLN_OK);
    ck_assert_int_eq(lane_explain(&es, &ctx, json.data, json.len, LANG_ES), GLN_OK);
    ck_assert_ptr_nonnull(strstr(en.data, "* P02: a partner is certified"));
    ck_assert_ptr_nonnull(strstr(en.data, "arrangement A: in force since 2012-07-01"));
    ck_assert_ptr_nonnull(strstr(en.data, "B04: "));
    ck_assert_ptr_nonnull(strstr(es.data, "* P02: un socio"));
    ck_assert_int_eq(lane_explain(&en, &ctx, "{", 1, LANG_EN), GLN_E_STORE);
    lane_decision_free(&d);
    operators_free(o);
    buf_free(&json);
    buf_free(&en);
    buf_free(&es);
    teardown();
}
END_TEST

/* What a decision was made from comes back whole, and makes the same decision again. */
START_TEST(facts_survive)
{
    struct party parties[] = {
        {.role = "IM", .kind = "EI", .id = "12-3456789", .name = "Orion \"Imports\" Inc", .path = "/D/I[1]"},
        {.role = "ACTOR",
         .id = "DENOR12HAM",
         .code = "MF",
         .tax = "\xC3\x91"
                "1"}};
    struct lane_facts f = {.destination = "US",
                           .zone = "America/New_York",
                           .environment = "TEST",
                           .submitter = "good",
                           .claimed = true,
                           .fast = true,
                           .driver = true,
                           .parties = parties,
                           .party_count = 2};
    struct lane_facts *again = NULL;
    struct operators *o = NULL;
    struct lane_decision d;
    struct buf first = BUF_INIT, second = BUF_INIT;
    setup();
    ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00.123Z"));
    ck_assert(time_parse(&f.known_ms, "2026-07-03T15:00:00Z"));
    ck_assert_int_eq(operators_load(&o, &ctx, register_text, sizeof register_text - 1, "t"), GLN_OK);
    ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
    lane_json(&first, &d, &f);
    lane_decision_free(&d);
    ck_assert_int_eq(lane_facts_read(&again, &ctx, first.data, first.len), GLN_OK);
    ck_assert(again->at_ms == f.at_ms && again->known_ms == f.known_ms && again->claimed && again->fast &&
              again->driver && !again->seal && !again->other_sellers);
    ck_assert_str_eq(again->parties[0].name, parties[0].name);
    ck_assert_str_eq(again->parties[1].tax, parties[1].tax);
    ck_assert_ptr_null(again->parties[1].kind);
    ck_assert_int_eq(lane_decide(&d, &ctx, o, again), GLN_OK);
    lane_json(&second, &d, again);
    lane_decision_free(&d);
    ck_assert_str_eq(first.data, second.data);
    ck_assert_ptr_nonnull(strstr(first.data, "\"ruleset\":\"greenlane-lane:"));
    lane_facts_free(again);
    operators_free(o);
    buf_free(&first);
    buf_free(&second);
    teardown();
}
END_TEST

START_TEST(facts_that_are_not_there)
{
    static const struct {
        const char *json;
        int status;
        const char *says;
    } rows[] = {
        {"{\"verdict\":\"STANDARD\",\"at\":\"2026-07-02T15:00:00.000Z\"}", GLN_E_NOT_FOUND, "2026-07-02T15"},
        {"{", GLN_E_STORE, "cannot be read"},
        {"{\"facts\":{}}", GLN_E_STORE, "cannot be read"},
        {"{\"facts\":{\"destination\":\"US\",\"zone\":\"UTC\",\"environment\":\"TEST\",\"at\":\"x\"}}",
         GLN_E_STORE, "cannot be read"},
        {"{\"facts\":{\"destination\":\"US\",\"zone\":\"UTC\",\"environment\":\"TEST\","
         "\"at\":\"2026-07-02T15:00:00Z\",\"parties\":[{\"id\":\"1\"}]}}",
         GLN_E_STORE, "cannot be read"},
    };
    setup();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lane_facts *f = NULL;
        ck_assert_int_eq(lane_facts_read(&f, &ctx, rows[i].json, strlen(rows[i].json)), rows[i].status);
        ck_assert_ptr_null(f);
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), rows[i].says) != NULL, "row %zu: %s", i,
                      context_text(&ctx, LANG_EN));
    }
    teardown();
}
END_TEST

START_TEST(a_bad_register_is_refused_whole)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"<operators/>", "not an operators file"},
        {"<operators xmlns=\"urn:greenlane:operators:1\"><x/></operators>", "no element 'x'"},
        {"<operators xmlns=\"urn:greenlane:operators:1\">\n<operator id=\"1\"/></operators>", "t:2:1: "},
        {"<operators xmlns=\"urn:greenlane:operators:1\"><operator id=\"1\" name=\"n\"><identifier "
         "kind=\"EI\" value=\"1\"/></operator></operators>",
         "identifier"},
        {"<operators xmlns=\"urn:greenlane:operators:1\"><operator id=\"1\" name=\"n\"><certificate "
         "programme=\"P\" class=\"x\" environment=\"TEST\"/></operator></operators>",
         "programme 'P'"},
        {"<operators xmlns=\"urn:greenlane:operators:1\"><programme code=\"P\" "
         "zone=\"No/Where\"/></operators>",
         "time zone"},
        {"<operators xmlns=\"urn:greenlane:operators:1\"><binding submitter=\"s\" "
         "operator=\"o\"/></operators>",
         "operator 'o'"},
        {"<operators xmlns=\"urn:greenlane:operators:1\"><programme code=\"P\" zone=\"UTC\"/><operator "
         "id=\"1\" name=\"n\"><certificate programme=\"P\" class=\"x\" environment=\"TEST\" "
         "from=\"0000-00-00\"/></operator></operators>",
         "no date"},
        {"<operators", "t"},
    };
    setup();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct operators *o = NULL;
        ck_assert_int_ne(operators_load(&o, &ctx, rows[i].text, strlen(rows[i].text), "t"), GLN_OK);
        ck_assert_ptr_null(o);
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), rows[i].says) != NULL, "row %zu: %s", i,
                      context_text(&ctx, LANG_EN));
    }
    teardown();
}
END_TEST

/* ---- what may be said outbound in Mexico: by the programmes that ship ---- */

#define HOLDER(id, rfc, programme, class)                                                                    \
    "<operator id=\"" id "\" name=\"" id "\"><identifier kind=\"RFC\" value=\"" rfc                          \
    "\"/><certificate programme=\"" programme                                                                \
    "\" class=\"" class "\" environment=\"TEST\" from=\"2024-01-01\" list-date=\"2026-07-01\"><status "      \
                        "value=\"CERTIFIED\" "                                                               \
                        "from=\"2024-01-01\"/></certificate></operator>"
static const char holders[] =
    "<operators xmlns=\"urn:greenlane:operators:1\">" HOLDER("OEA", "LMA010203AB1", "MX-OEA", "O")
        HOLDER("IVA", "CSU010101AB1", "MX-CIVA", "AAA") HOLDER("ROAD", "TTR050607CD2", "MX-SCC", "TT")
            HOLDER("BROKER", "ANO050607CD2", "MX-SCC", "AA") "</operators>";

START_TEST(claims_of_programmes)
{
    static const struct {
        const char *role, *rfc, *key; /* key: NULL, nothing is said */
    } rows[] = {{"IM", "LMA010203AB1", "\"IC\""}, {"EX", "LMA010203AB1", NULL},
                {"IM", "CSU010101AB1", "\"CI\""}, {"EX", "CSU010101AB1", NULL},
                {"CA", "TTR050607CD2", "\"SO\""}, {"AG", "ANO050607CD2", "\"SO\""},
                {"IM", "TTR050607CD2", NULL}};
    struct operators *o = calloc(1, sizeof *o);
    char path[512];
    ck_assert_ptr_nonnull(o);
    setup();
    snprintf(path, sizeof path, "%s/schemas/greenlane/programmes.xml", getenv("GREENLANE_SRCDIR"));
    ck_assert_msg(register_shipped(o, &ctx, path) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_msg(operators_read(o, &ctx, holders, sizeof holders - 1, "t") == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    register_close(o);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct party party = {.role = rows[i].role, .kind = "RFC", .id = rows[i].rfc};
        struct lane_facts f = {.destination = "MX",
                               .zone = "America/Mexico_City",
                               .environment = "TEST",
                               .parties = &party,
                               .party_count = 1};
        struct lane_decision d;
        ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
        ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
        ck_assert_msg(rows[i].key != NULL ? strstr(d.emitted, rows[i].key) != NULL
                                          : strcmp(d.emitted, "[]") == 0,
                      "row %zu: %s", i, d.emitted);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

/* ---- what is said outbound, and of whom nothing is ---- */

static const struct {
    const char *id, *kind, *value, *programme, *class_code, *to; /* programme: NULL, no certificate */
} emitters[] = {
    {"OEA", "RFC", "LMA010203AB1", "MX-OEA", "O", ""},
    {"LATE", "RFC", "CSU010101AB1", "MX-OEA", "O", "2026-07-01"},
    {"CLASS", "RFC", "ANO050607CD2", "MX-TST", "N", ""},
    {"ROAD", "RFC", "TTR050607CD2", "MX-SCC", "TT", ""},
    {"BROKER", "RFC", "BRO050607CD2", "MX-SCC", "AA", ""},
    {"PARK", "RFC", "PAR050607CD2", "MX-SCC", "PI", ""},
    {"RAIL", "RFC", "TRE050607CD2", "MX-SCC", "TF", ""},
    {"CODE", "MID", "MXCOD1TIJ", "MX-SCC", "TT", ""},
    {"EUROPE", "MID", "DEEUR1BER", "EU-AEO", "AEOF", ""},
    {"KOREA", "AEO", "KR1234567890", "KR-AEO", "AAA", ""},
    {"list:34:123456789:1", "34", "123-45-6789", NULL, NULL, NULL},
    {"ONE", "EI", "44-4444444", NULL, NULL, NULL},
    {"TWO", "EI", "44-4444444", NULL, NULL, NULL},
};

static void emitters_read(struct operators *o)
{
    struct buf b = BUF_INIT;
    buf_puts(&b, "<operators xmlns=\"urn:greenlane:operators:1\"><programme code=\"MX-TST\" country=\"MX\" "
                 "zone=\"America/Mexico_City\" own-of=\"MX\" claim=\"IC\" claim-of=\"importer\"><class "
                 "code=\"N\" security=\"no\"/></programme><arrangement id=\"T\" home=\"EU-AEO\" "
                 "destination=\"MX\" state=\"force\" effective=\"2020-01-01\" roles=\"EX\" "
                 "identifiers=\"MID\" source=\"t\"/>");
    for (size_t i = 0; i < sizeof emitters / sizeof emitters[0]; i++) {
        buf_printf(&b, "<operator id=\"%s\" name=\"NAME\"><identifier kind=\"%s\" value=\"%s\"/>",
                   emitters[i].id, emitters[i].kind, emitters[i].value);
        if (emitters[i].programme != NULL)
            buf_printf(&b,
                       "<certificate programme=\"%s\" class=\"%s\" environment=\"TEST\" from=\"2024-01-01\" "
                       "to=\"%s\" list-date=\"2026-07-01\" number=\"C/%s\"><status value=\"CERTIFIED\" "
                       "from=\"2024-01-01\"/></certificate>",
                       emitters[i].programme, emitters[i].class_code, emitters[i].to, emitters[i].id);
        buf_puts(&b, "</operator>");
    }
    buf_puts(&b, "</operators>");
    ck_assert_msg(operators_read(o, &ctx, b.data, b.len, "t") == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    buf_free(&b);
}

static const struct {
    const char *destination;
    struct party party;
    const char *submitter, *has, *lacks; /* has: NULL, nothing at all is said */
    bool fiii;
} emissions[] = {
    {"MX", {.role = "IM", .kind = "RFC", .id = "LMA010203AB1"}, NULL, "\"key\":\"IC\"", "\"OE\"", false},
    {"MX", {.role = "IM", .kind = "RFC", .id = "LMA010203AB1"}, "stranger", NULL, NULL, false},
    {"MX", {.role = "IM", .kind = "RFC", .id = "CSU010101AB1"}, NULL, NULL, NULL, false},
    {"MX", {.role = "IM", .kind = "RFC", .id = "ANO050607CD2"}, NULL, NULL, NULL, false},
    {"MX",
     {.role = "CA", .kind = "RFC", .id = "TTR050607CD2"},
     NULL,
     "\"complement2\":\"TTR050607CD2\"",
     "lacks",
     false},
    {"MX",
     {.role = "AG", .kind = "RFC", .id = "BRO050607CD2"},
     NULL,
     "\"complement1\":\"AA\"",
     "complement2",
     false},
    {"MX",
     {.role = "WH", .kind = "RFC", .id = "PAR050607CD2"},
     NULL,
     "\"complement1\":\"PI\",\"complement2\":\"PAR050607CD2\",\"lacks\":\"complement3\"",
     "complement3\":",
     false},
    {"MX",
     {.role = "CA", .kind = "RFC", .id = "TRE050607CD2"},
     NULL,
     "\"complement2\":\"TRE050607CD2\",\"lacks\":\"complement3\"",
     "complement3\":",
     false},
    {"MX",
     {.role = "CA", .kind = "MID", .id = "MXCOD1TIJ"},
     NULL,
     "\"complement1\":\"TT\",\"lacks\":\"complement2\"",
     "complement2\":",
     false},
    {"US", {.role = "IM", .kind = "RFC", .id = "LMA010203AB1"}, NULL, NULL, NULL, false},
    {"MX",
     {.role = "EX", .kind = "MID", .id = "DEEUR1BER"},
     NULL,
     "\"complement1\":\"C/EUROPE\"",
     "DEEUR1BER",
     false},
    {"MX",
     {.role = "EX", .kind = "AEO", .id = "KR1234567890"},
     NULL,
     "\"complement1\":\"KR1234567890\",\"complement2\":\"KOR\"",
     "C/KOREA",
     false},
    {"MX",
     {.role = "EX", .kind = "AEO", .id = "KR1234567890"},
     NULL,
     "\"complement2\":\"E8\"",
     "KOR\"",
     true},
    {"US", {.role = "MF", .kind = "MID", .id = "DEEUR1BER"}, NULL, "\"value\":\"DEEUR1BER\"", "507", false},
    {"US", {.role = "MF", .kind = "MID", .id = "DEEUR1BER", .name = "SHADY LTD"}, NULL, NULL, NULL, false},
    {"US", {.role = "SE", .kind = "MID", .id = "DEEUR1BER"}, NULL, NULL, NULL, false},
    {"US",
     {.role = "IM", .kind = "34", .id = "123-45-6789"},
     NULL,
     "\"operator\":\"list:34:***:1\"",
     "123",
     false},
    {"US", {.role = "IM", .kind = "EI", .id = "44-4444444"}, "stranger", NULL, NULL, false},
};

START_TEST(what_is_said_of_whom)
{
    struct operators *o = calloc(1, sizeof *o);
    struct xml_codes *codes = NULL;
    char path[512];
    ck_assert_ptr_nonnull(o);
    setup();
    snprintf(path, sizeof path, "%s/schemas/codes", getenv("GREENLANE_SRCDIR"));
    ck_assert_msg(xml_codes_load(&codes, &ctx, path) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    snprintf(path, sizeof path, "%s/schemas/greenlane/programmes.xml", getenv("GREENLANE_SRCDIR"));
    ck_assert_msg(register_shipped(o, &ctx, path) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    emitters_read(o);
    register_close(o);
    for (size_t i = 0; i < sizeof emissions / sizeof emissions[0]; i++) {
        struct lane_facts f = {.destination = emissions[i].destination,
                               .zone = "America/Mexico_City",
                               .environment = "TEST",
                               .submitter = emissions[i].submitter,
                               .parties = &emissions[i].party,
                               .party_count = 1,
                               .codes = codes,
                               .fiii = emissions[i].fiii};
        struct lane_decision d;
        ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
        ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
        if (emissions[i].has == NULL)
            ck_assert_msg(strcmp(d.emitted, "[]") == 0, "row %zu: %s", i, d.emitted);
        else
            ck_assert_msg(strstr(d.emitted, emissions[i].has) != NULL &&
                              strstr(d.emitted, emissions[i].lacks) == NULL,
                          "row %zu: %s", i, d.emitted);
        ck_assert_msg(strstr(d.evidence, "123") == NULL || !str_eq(emissions[i].party.kind, "34"),
                      "row %zu: %s", i, d.evidence);
        /* of two who have the number it is neither */
        ck_assert_msg(!str_eq(d.primary, "B05") || !(d.importer_unbound || strstr(d.evidence, "\"name\":\"")),
                      "row %zu: %s", i, d.evidence);
        lane_decision_free(&d);
    }
    xml_codes_free(codes);
    operators_free(o);
    teardown();
}
END_TEST

Suite *trust_lane_suite(void)
{
    static const TTest *tests[9];
    tests[0] = one_importer;
    tests[1] = explained_in_both_languages;
    tests[2] = a_bad_register_is_refused_whole;
    tests[3] = one_actor;
    tests[4] = facts_survive;
    tests[5] = facts_that_are_not_there;
    tests[6] = claims_of_programmes;
    tests[7] = what_is_said_of_whom;
    return unit_suite("trust/lane", tests);
}

UNIT_MAIN(trust_lane_suite)
