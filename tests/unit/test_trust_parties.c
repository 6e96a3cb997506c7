/* The lane decision over the parties of a declaration together: who vouches for whose goods, and who blocks. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "trust/lane.h"
#include "util/str.h"

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

#define CERTIFIED(programme, class, more)                                                                    \
    "<certificate programme=\"" programme                                                                    \
    "\" class=\"" class "\" environment=\"TEST\" from=\"2024-01-01\" list-date=\"2026-07-01\" "              \
                        "consent=\"yes\"><status "                                                           \
                        "value=\"CERTIFIED\" from=\"2024-01-01\"/>" more "</certificate>"
#define SUSPENDED "<status value=\"SUSPENDED\" from=\"2026-06-01\"/>"
#define REVOKED "<status value=\"REVOKED\" from=\"2026-06-01\"/>"
#define OPERATOR(id, name, kind, value, certificates)                                                        \
    "<operator id=\"" id "\" name=\"" name "\"><identifier kind=\"" kind "\" value=\"" value                 \
    "\"/>" certificates "</operator>"
static const char world[] =
    "<operators xmlns=\"urn:greenlane:operators:1\">"
    "<programme code=\"US-CTPAT\" country=\"US\" zone=\"America/New_York\" own-of=\"US\"><class code=\"T2\" "
    "security=\"yes\"/></programme>"
    "<programme code=\"EU-AEO\" country=\"EU\" zone=\"Europe/Brussels\"><class code=\"AEOF\" "
    "security=\"yes\"/></programme>"
    "<programme code=\"MX-OEA\" country=\"MX\" zone=\"America/Mexico_City\" own-of=\"MX\"><class code=\"O\" "
    "security=\"yes\"/></programme>"
    "<arrangement id=\"A\" home=\"EU-AEO\" destination=\"US\" state=\"force\" effective=\"2012-07-01\" "
    "roles=\"EX MF\" identifiers=\"MID\" source=\"t\"/>" OPERATOR(
        "good", "ORION IMPORTS INC", "EI", "12-3456789",
        CERTIFIED("US-CTPAT", "T2", "")) OPERATOR("plain", "PLAIN IMPORTS INC", "EI", "11-1111111",
                                                  "") OPERATOR("bad", "BAD IMPORTS INC", "EI", "22-2222222",
                                                               CERTIFIED("US-CTPAT", "T2", SUSPENDED))
        OPERATOR("hats", "TWO HATS INC", "EI", "33-3333333",
                 CERTIFIED("US-CTPAT", "T2", "")
                     CERTIFIED("MX-OEA", "O", REVOKED)) OPERATOR("one", "ONE INC", "EI", "44-4444444", "")
            OPERATOR("two", "TWO INC", "EI", "44-4444444", "") OPERATOR(
                "north", "NORDWERK GMBH", "MID", "DENOR12HAM", CERTIFIED("EU-AEO", "AEOF", ""))
                OPERATOR("south", "SUEDWERK AG", "MID", "DESUE34MUN",
                         CERTIFIED("EU-AEO", "AEOF", "")) OPERATOR("both", "BEIDE GMBH", "MID", "DEBEI56BER",
                                                                   CERTIFIED("EU-AEO", "AEOF", "")
                                                                       CERTIFIED("US-CTPAT", "T2", SUSPENDED))
                    OPERATOR("works", "MAQUILA SA", "MID", "MXMAQ1TIJ", CERTIFIED("US-CTPAT", "T2", ""))
                        OPERATOR("road", "RIO TRUCKING LLC", "SCAC", "RIOT", CERTIFIED("US-CTPAT", "T2", ""))
                            OPERATOR("foreign", "FERNFAHRT GMBH", "SCAC", "FERN",
                                     CERTIFIED("EU-AEO", "AEOF", ""))
                                OPERATOR("broker", "BROKERS LLC", "SCAC", "BRKR",
                                         CERTIFIED("US-CTPAT", "T2", ""))
                                    OPERATOR(
                                        "late", "LATE BROKERS LLC", "SCAC", "LATE",
                                        CERTIFIED(
                                            "US-CTPAT",
                                            "T2",
                                            SUSPENDED)) "<binding submitter=\"house\" operator=\"good\" "
                                                        "from=\"2026-07-02\" to=\"2026-07-10\"/>"
                                                        "<binding submitter=\"house\" operator=\"plain\"/>"
                                                        "</operators>";

#define IM(number)                                                                                           \
    {                                                                                                        \
        .role = "IM", .kind = "EI", .id = number                                                             \
    }
#define GOOD IM("12-3456789")
#define PLAIN IM("11-1111111")
#define NORTH                                                                                                \
    {                                                                                                        \
        .role = "MF", .kind = "MID", .id = "DENOR12HAM", .name = "Nordwerk GmbH"                             \
    }
#define WORKS                                                                                                \
    {                                                                                                        \
        .role = "MF", .kind = "MID", .id = "MXMAQ1TIJ"                                                       \
    }
#define ROAD                                                                                                 \
    {                                                                                                        \
        .role = "CA", .kind = "SCAC", .id = "RIOT"                                                           \
    }
#define NAMED(r, n)                                                                                          \
    {                                                                                                        \
        .role = r, .name = n                                                                                 \
    }

static const struct together {
    const char *what;
    struct party parties[5];
    const char *submitter, *at; /* at: NULL, noon of 2 July */
    enum lane lane;
    const char *primary, *also; /* also: NULL, nothing more is asked */
    enum lane_alert alert;
} togethers[] = {
    /* white space as the transform folds it */
    {"a tab after the number", {IM("12-3456789\t")}, "house", NULL, LANE_EXPEDITED, "P01", "B04", 0},
    {"a line of its own", {IM("\r\n  12-3456789\n")}, "house", NULL, LANE_EXPEDITED, "P01", "B04", 0},
    {"a tab within it", {IM("12-34\t56789")}, "house", NULL, LANE_EXPEDITED, "P01", "B04", 0},
    {"a tab does not hide a suspension",
     {IM("22-2222222\t"), NORTH},
     NULL,
     NULL,
     LANE_STANDARD,
     "C03",
     NULL,
     0},
    {"nor whose he is",
     {IM("12-3456789\t"), NORTH},
     "thief",
     NULL,
     LANE_STANDARD,
     "A03",
     NULL,
     ALERT_SECURITY},
    {"a tab round a maker's code",
     {PLAIN, {.role = "MF", .kind = "MID", .id = "\tDENOR12HAM\n"}},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     "B04",
     0},
    {"a tab within it is no code",
     {PLAIN, {.role = "MF", .kind = "MID", .id = "DENOR\t12HAM"}},
     "house",
     NULL,
     LANE_STANDARD,
     "B02",
     NULL,
     0},
    /* an importer who is nobody the register knows */
    {"an importer who is known, and a maker who is certified",
     {PLAIN, NORTH},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"one who is not known", {IM("99-9999999"), NORTH}, NULL, NULL, LANE_STANDARD, "B03", NULL, 0},
    {"by anybody", {IM("99-9999999"), NORTH}, "thief", NULL, LANE_STANDARD, "B03", NULL, 0},
    {"whose number is none", {IM("12-34567\xEF\xBC\x97"), NORTH}, NULL, NULL, LANE_STANDARD, "B02", NULL, 0},
    {"or of no kind",
     {{.role = "IM", .kind = "ei", .id = "22-2222222"}, NORTH},
     NULL,
     NULL,
     LANE_STANDARD,
     "B06",
     NULL,
     0},
    {"or two's", {IM("44-4444444"), NORTH}, NULL, NULL, LANE_STANDARD, "B05", NULL, ALERT_REVIEW},
    {"or not there", {NAMED("IM", "SOMEBODY INC"), NORTH}, NULL, NULL, LANE_STANDARD, "E01", NULL, 0},
    /* every maker, exporter and seller */
    {"a certified exporter does not vouch for the maker",
     {PLAIN,
      {.role = "EX", .kind = "MID", .id = "DENOR12HAM", .name = "Nordwerk GmbH"},
      {.role = "MF", .kind = "MID", .id = "CNSHA1SHE"}},
     "house",
     NULL,
     LANE_STANDARD,
     "B03",
     "E07",
     0},
    {"nor for one without a number",
     {PLAIN, {.role = "EX", .kind = "MID", .id = "DENOR12HAM"}, NAMED("MF", "SHADY WORKS")},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"but for himself",
     {PLAIN, {.role = "EX", .kind = "MID", .id = "DENOR12HAM"}, NAMED("MF", "Nordwerk G.m.b.H.")},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"nor a maker for the exporter",
     {PLAIN, NORTH, NAMED("EX", "Handelshaus Ulm KG")},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"who may be himself",
     {PLAIN, NORTH, NAMED("EX", "NORDWERK GMBH"), NAMED("SE", "Nordwerk GmbH")},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"but nearly is not enough",
     {PLAIN, NORTH, NAMED("EX", "NORDWREK GMBH")},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"two makers, each certified, and the one sells",
     {PLAIN, NORTH, {.role = "MF", .kind = "MID", .id = "DESUE34MUN"}, NAMED("SE", "Suedwerk AG")},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"a seller who is another",
     {PLAIN, NORTH, NAMED("SE", "Telares Ulm KG")},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"without a name", {PLAIN, NORTH, NAMED("SE", NULL)}, "house", NULL, LANE_STANDARD, "E07", NULL, 0},
    {"who is the importer",
     {PLAIN, NORTH, NAMED("SE", "Plain Imports Inc")},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"who is certified and made nothing of it",
     {PLAIN, NORTH, NAMED("SE", "Suedwerk AG")},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"with the maker's number",
     {PLAIN, NORTH, {.role = "SE", .kind = "MID", .id = "denor12ham "}},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"with it untyped",
     {PLAIN, NORTH, {.role = "SE", .id = "DENOR12HAM"}},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"with the maker's name and another number",
     {PLAIN, NORTH, {.role = "SE", .kind = "MID", .id = "DENOR99HAM", .name = "Nordwerk GmbH"}},
     "house",
     NULL,
     LANE_STANDARD,
     "E07",
     NULL,
     0},
    {"with a number of a kind that says nothing",
     {PLAIN, NORTH, {.role = "SE", .kind = "DUNS", .id = "123456789", .name = "Nordwerk GmbH"}},
     "house",
     NULL,
     LANE_EXPEDITED,
     "P02",
     NULL,
     0},
    {"with the maker's number and another name",
     {PLAIN, NORTH, {.role = "SE", .kind = "MID", .id = "DENOR12HAM", .name = "SHADY LTD"}},
     "house",
     NULL,
     LANE_STANDARD,
     "B07",
     NULL,
     ALERT_SECURITY},
    {"a certified forwarder makes no goods",
     {PLAIN,
      {.role = "ACTOR", .code = "FW", .kind = "MID", .id = "DENOR12HAM"},
      NAMED("EX", "Nordwerk GmbH")},
     "house",
     NULL,
     LANE_STANDARD,
     "D04",
     NULL,
     0},
    /* what blocks every path */
    {"a name that is another's beside a certified importer",
     {GOOD, {.role = "MF", .kind = "MID", .id = "DENOR12HAM", .name = "SHADY TRADING LTD"}},
     "house",
     NULL,
     LANE_STANDARD,
     "B07",
     NULL,
     ALERT_SECURITY},
    {"a maker suspended in the destination's own programme",
     {GOOD, {.role = "MF", .kind = "MID", .id = "DEBEI56BER"}},
     "house",
     NULL,
     LANE_STANDARD,
     "C03",
     NULL,
     0},
    {"an importer suspended, and a maker nobody knows",
     {IM("22-2222222"), {.role = "MF", .kind = "MID", .id = "CNSHA1SHE"}},
     NULL,
     NULL,
     LANE_STANDARD,
     "C03",
     "B03",
     0},
    {"revoked in a third programme",
     {IM("33-3333333")},
     NULL,
     NULL,
     LANE_EXPEDITED,
     "P01",
     "F06",
     ALERT_REVIEW},
    /* the days of a binding are those of the destination's zone, the last among them */
    {"the day before, in New York",
     {GOOD},
     "house",
     "2026-07-02T03:30:00Z",
     LANE_STANDARD,
     "A03",
     NULL,
     ALERT_SECURITY},
    {"its first day", {GOOD}, "house", "2026-07-02T04:30:00Z", LANE_EXPEDITED, "P01", NULL, 0},
    {"its last day", {GOOD}, "house", "2026-07-11T03:30:00Z", LANE_EXPEDITED, "P01", NULL, 0},
    {"the day after", {GOOD}, "house", "2026-07-11T04:30:00Z", LANE_STANDARD, "A03", NULL, ALERT_SECURITY},
    /* the broker, and a carrier nobody knows */
    {"only the broker",
     {PLAIN, {.role = "AG", .kind = "SCAC", .id = "BRKR"}},
     "house",
     NULL,
     LANE_STANDARD,
     "E03",
     NULL,
     0},
    {"only a broker who is suspended",
     {PLAIN, {.role = "AG", .kind = "SCAC", .id = "LATE"}},
     "house",
     NULL,
     LANE_STANDARD,
     "E01",
     NULL,
     0},
    {"an unknown carrier is not why",
     {IM("22-2222222"), {.role = "CA", .kind = "SCAC", .id = "ZQLT"}},
     NULL,
     NULL,
     LANE_STANDARD,
     "C03",
     "B03",
     0},
    {"nor where nothing applies",
     {PLAIN, {.role = "CA", .kind = "SCAC", .id = "ZQLT"}},
     NULL,
     NULL,
     LANE_STANDARD,
     "E01",
     "B03",
     0},
    {"an unknown maker is",
     {PLAIN, {.role = "MF", .kind = "MID", .id = "CNSHA1SHE"}},
     NULL,
     NULL,
     LANE_STANDARD,
     "B03",
     NULL,
     0},
};

static struct operators *world_read(void)
{
    struct operators *o = NULL;
    ck_assert_msg(operators_load(&o, &ctx, world, sizeof world - 1, "t") == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    return o;
}

static struct lane_decision decided(const struct operators *o, struct lane_facts f, const char *at)
{
    struct lane_decision d;
    f.destination = "US";
    f.zone = "America/New_York";
    f.environment = "TEST";
    ck_assert(time_parse(&f.at_ms, at != NULL ? at : "2026-07-02T16:00:00Z"));
    ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
    return d;
}

static size_t filled(const struct party *parties, size_t room)
{
    size_t n = 0;
    while (n < room && parties[n].role != NULL)
        n++;
    return n;
}

START_TEST(parties_together)
{
    setup();
    struct operators *o = world_read();
    for (size_t i = 0; i < sizeof togethers / sizeof togethers[0]; i++) {
        const struct together *t = &togethers[i];
        struct lane_decision d = decided(o,
                                         (struct lane_facts){.submitter = t->submitter,
                                                             .parties = t->parties,
                                                             .party_count = filled(t->parties, 5)},
                                         t->at);
        ck_assert_msg(d.lane == t->lane && str_eq(d.primary, t->primary) && d.alert == t->alert,
                      "%s: lane %d, %s, alert %d", t->what, d.lane, d.primary, d.alert);
        ck_assert_msg(t->also == NULL || listed(&d, t->also), "%s: no %s", t->what, t->also);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

/* However many they are, each is judged: the stranger stands last. */
START_TEST(many_parties)
{
    enum { MANY = 5000 };
    struct party *parties = calloc(MANY, sizeof *parties);
    ck_assert_ptr_nonnull(parties);
    setup();
    struct operators *o = world_read();
    for (size_t i = 0; i < MANY; i++)
        parties[i] = (struct party)NORTH;
    struct lane_decision d = decided(o, (struct lane_facts){.parties = parties, .party_count = MANY}, NULL);
    ck_assert_int_eq(d.lane, LANE_EXPEDITED);
    lane_decision_free(&d);
    parties[MANY - 1] = (struct party)NAMED("MF", "SHADY WORKS");
    d = decided(o, (struct lane_facts){.parties = parties, .party_count = MANY}, NULL);
    ck_assert_int_eq(d.lane, LANE_STANDARD);
    ck_assert_str_eq(d.primary, "E07");
    lane_decision_free(&d);
    operators_free(o);
    free(parties);
    teardown();
}
END_TEST

/* FAST wants every link; without it the filing is expedited all the same. */
START_TEST(fast_wants_every_link)
{
    static const struct {
        struct party parties[5];
        bool driver, seal, fast;
    } rows[] = {
        {{GOOD, WORKS, ROAD}, true, true, true},
        {{GOOD, WORKS, ROAD}, false, true, false},
        {{GOOD, WORKS, ROAD}, true, false, false},
        {{GOOD, WORKS}, true, true, false},
        {{GOOD, ROAD}, true, true, false},
        {{GOOD, NORTH, ROAD}, true, true, true},
        {{GOOD, WORKS, NAMED("MF", "SHADY WORKS"), ROAD}, true, true, false},
        {{GOOD, WORKS, ROAD, {.role = "CA", .kind = "SCAC", .id = "ZQLT"}}, true, true, false},
        /* certified in a programme that says nothing here */
        {{GOOD, WORKS, {.role = "CA", .kind = "SCAC", .id = "FERN"}}, true, true, false},
        /* a public number of somebody further on is no maker */
        {{GOOD, {.role = "ACTOR", .code = "MF", .kind = "MID", .id = "MXMAQ1TIJ"}, ROAD}, true, true, false},
    };
    setup();
    struct operators *o = world_read();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lane_facts f = {.fast = true,
                               .driver = rows[i].driver,
                               .seal = rows[i].seal,
                               .parties = rows[i].parties,
                               .party_count = filled(rows[i].parties, 5)};
        struct lane_decision d = decided(o, f, NULL);
        ck_assert_msg(d.lane == LANE_EXPEDITED && str_eq(d.primary, "P01") && d.fast == rows[i].fast &&
                          listed(&d, rows[i].fast ? "P03" : "E02"),
                      "row %zu: lane %d, %s, fast %d", i, d.lane, d.primary, d.fast);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

/* A claim is a forgery for the party or the number it names, for nobody else. */
START_TEST(whom_a_claim_names)
{
    static const struct {
        struct claim claim;
        struct party parties[4];
        enum lane lane;
        const char *primary;
    } rows[] = {
        /* his own number; the carrier and the maker are not in the register and never said they were */
        {{.carrier = "AuthorisationHolder", .code = "AEOS", .number = "12-3456789"},
         {GOOD,
          {.role = "CA", .kind = "SCAC", .id = "ZQLT"},
          {.role = "MF", .kind = "MID", .id = "CNSHA1SHE"}},
         LANE_EXPEDITED,
         "P01"},
        {{.carrier = "AuthorisationHolder", .code = "AEOS", .number = "US99999999"},
         {GOOD},
         LANE_STANDARD,
         "A02"},
        {{.carrier = "MX.IDENT", .code = "ic"}, {IM("99-9999999")}, LANE_STANDARD, "A02"},
        {{.carrier = "MX.IDENT", .code = "IC"},
         {GOOD, {.role = "CA", .kind = "SCAC", .id = "ZQLT"}},
         LANE_EXPEDITED,
         "P01"},
        {{.carrier = "AdditionalDocument", .code = "Y028"},
         {GOOD, {.role = "CA", .kind = "SCAC", .id = "ZQLT"}},
         LANE_STANDARD,
         "A02"},
        {{.carrier = "AdditionalDocument", .code = "Y025"},
         {GOOD, {.role = "AG", .kind = "SCAC", .id = "ZQLT"}},
         LANE_STANDARD,
         "A02"},
        {{.carrier = "AdditionalDocument", .code = "Y022"},
         {GOOD, {.role = "EX", .kind = "MID", .id = "CNSHA1SHE"}},
         LANE_STANDARD,
         "A02"},
        {{.carrier = "AdditionalDocument", .code = "Y022"},
         {GOOD, {.role = "MF", .kind = "MID", .id = "CNSHA1SHE"}},
         LANE_EXPEDITED,
         "P01"},
        /* the party of mutual recognition is itself the claim */
        {{0},
         {GOOD, {.role = "ACTOR", .code = "WH", .kind = "MID", .id = "CNSHA1SHE"}},
         LANE_STANDARD,
         "A02"},
        {{0},
         {GOOD,
          {.role = "ACTOR", .code = "WH", .kind = "MID", .id = "DENOR12HAM"},
          {.role = "CA", .kind = "SCAC", .id = "ZQLT"}},
         LANE_EXPEDITED,
         "P01"},
        /* no more is known than that there was one */
        {{0}, {GOOD, {.role = "CA", .kind = "SCAC", .id = "ZQLT"}}, LANE_STANDARD, "A02"},
    };
    setup();
    struct operators *o = world_read();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lane_decision d = decided(o,
                                         (struct lane_facts){.claimed = true,
                                                             .parties = rows[i].parties,
                                                             .party_count = filled(rows[i].parties, 4),
                                                             .claims = &rows[i].claim,
                                                             .claim_count = rows[i].claim.carrier != NULL},
                                         NULL);
        ck_assert_msg(d.lane == rows[i].lane && str_eq(d.primary, rows[i].primary) && listed(&d, "A01"),
                      "row %zu: lane %d, %s", i, d.lane, d.primary);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

static Suite *suite(void)
{
    static const TTest *tests[5];
    tests[0] = parties_together;
    tests[1] = many_parties;
    tests[2] = fast_wants_every_link;
    tests[3] = whom_a_claim_names;
    return unit_suite("trust/parties", tests);
}

UNIT_MAIN(suite)
