/* The table of cheats: what people try to get into the expedited lane, and what becomes of it. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <greenlane.h>

#include "seal/seal.h"
#include "trust/lane.h"
#include "unit/pki.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

static struct options options;
static struct gln_context ctx;
static char pki[256];
static bool made;

static const char register_text[] =
    "<operators xmlns=\"urn:greenlane:operators:1\">"
    "<programme code=\"US-CTPAT\" country=\"US\" zone=\"America/New_York\" own-of=\"US\"><class code=\"T2\" "
    "security=\"yes\"/></programme>"
    "<programme code=\"EU-AEO\" country=\"EU\" zone=\"Europe/Brussels\"><class code=\"AEOF\" "
    "security=\"yes\"/></programme>"
    "<programme code=\"ZZ-AEO\" country=\"ZZ\" zone=\"UTC\"><class code=\"X\" security=\"yes\"/></programme>"
    "<programme code=\"YY-AEO\" country=\"YY\" zone=\"UTC\"><class code=\"X\" security=\"yes\"/></programme>"
    "<arrangement id=\"A\" home=\"EU-AEO\" destination=\"US\" state=\"force\" effective=\"2012-07-01\" "
    "roles=\"EX MF\" identifiers=\"MID\" source=\"t\"/>"
    "<arrangement id=\"Z\" home=\"ZZ-AEO\" destination=\"US\" state=\"force\" effective=\"2012-07-01\" "
    "ended=\"2026-07-01\" roles=\"EX MF\" identifiers=\"MID\" source=\"t\"/>"
    "<arrangement id=\"Y\" home=\"YY-AEO\" destination=\"US\" state=\"unconfirmed\" effective=\"2012-07-01\" "
    "roles=\"EX MF\" identifiers=\"MID\" source=\"t\"/>"
#define CERTIFICATE(programme, class, environment)                                                           \
    "<certificate programme=\"" programme                                                                    \
    "\" class=\"" class "\" environment=\"" environment "\" from=\"2024-01-01\" to=\"2027-12-31\" "          \
                        "list-date=\"2026-07-01\" consent=\"yes\"><status "                                  \
                        "value=\"CERTIFIED\" from=\"2024-01-01\"/></certificate>"
    "<operator id=\"1\" name=\"ORION IMPORTS INC\"><identifier kind=\"EI\" "
    "value=\"12-3456789\"/>" CERTIFICATE(
        "US-CTPAT", "T2",
        "PROD") "</operator>"
                "<operator id=\"2\" name=\"OTHER IMPORTS INC\"><identifier kind=\"EI\" "
                "value=\"11-1111111\"/></operator>"
                "<operator id=\"3\" name=\"NORDWERK GMBH\" tax=\"DE55\"><identifier kind=\"MID\" "
                "value=\"DENOR12HAM\"/>"
                "<identifier kind=\"AEO\" value=\"DEAEOF00025/99\"/>" CERTIFICATE(
                    "EU-AEO", "AEOF",
                    "PROD") "</operator>"
                            "<operator id=\"4\" name=\"TRIAL INC\"><identifier kind=\"EI\" "
                            "value=\"22-2222222\"/>" CERTIFICATE(
                                "US-CTPAT", "T2",
                                "TEST") "</operator>"
                                        "<operator id=\"5\" name=\"FORMER LTD\"><identifier kind=\"MID\" "
                                        "value=\"ZZFOR1PAR\"/>" CERTIFICATE(
                                            "ZZ-AEO", "X",
                                            "PROD") "</operator>"
                                                    "<operator id=\"6\" name=\"HOPEFUL LTD\"><identifier "
                                                    "kind=\"MID\" value=\"YYHOP1PAR\"/>" CERTIFICATE(
                                                        "YY-AEO", "X",
                                                        "PROD") "</operator>"
                                                                "<binding submitter=\"house\" "
                                                                "operator=\"1\"/><binding "
                                                                "submitter=\"house\" operator=\"4\"/>"
                                                                "<binding submitter=\"thief\" "
                                                                "operator=\"2\"/>"
                                                                "</operators>";

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

static const struct cheat {
    const char *what;
    struct party parties[2];
    struct claim claim;
    const char *submitter;
    const char *primary;
    enum lane_alert alert;
    enum lane lane;
} cheats[] = {
    {"nobody cheats",
     {{.role = "IM", .kind = "EI", .id = "12-3456789", .name = "Orion Imports, Inc."}},
     {0},
     "house",
     "P01",
     ALERT_NONE,
     LANE_EXPEDITED},
    {"a tag in the message, and a number nobody has",
     {{.role = "IM", .kind = "EI", .id = "99-9999999"}},
     {.carrier = "AuthorisationHolder", .code = "AEOF", .number = "DE0000000000000"},
     "house",
     "A02",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"a claim with a number nobody has beside an importer who is certified",
     {{.role = "IM", .kind = "EI", .id = "12-3456789"}},
     {.carrier = "AdditionalDocument", .code = "Y022", .number = "DEAEOF99999/99"},
     "house",
     "A02",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"a claim with the number of somebody who is no party",
     {{.role = "IM", .kind = "EI", .id = "11-1111111"}},
     {.carrier = "AdditionalDocument", .code = "Y022", .number = "de aeof 00025/99"},
     "thief",
     "E01",
     ALERT_REVIEW,
     LANE_STANDARD},
    {"a claim of one's own that is true grants nothing by itself",
     {{.role = "IM", .kind = "EI", .id = "11-1111111"}},
     {.carrier = "MX.IDENT", .code = "IC"},
     "thief",
     "E01",
     ALERT_NONE,
     LANE_STANDARD},
    {"another importer's number, by somebody not bound to him",
     {{.role = "IM", .kind = "EI", .id = "12-3456789"}},
     {0},
     "thief",
     "A03",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"the same with a certified maker beside it",
     {{.role = "IM", .kind = "EI", .id = "12-3456789"}, {.role = "MF", .kind = "MID", .id = "DENOR12HAM"}},
     {0},
     "thief",
     "A03",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"a certified maker's code under another name",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM", .name = "SHADY TRADING LTD"}},
     {0},
     "thief",
     "B07",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"the same under a name that is nearly his",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM", .name = "NORDWREK GMBH"}},
     {0},
     "thief",
     "B07",
     ALERT_REVIEW,
     LANE_STANDARD},
    {"the right name with another tax id",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM", .name = "NORDWERK GMBH", .tax = "DE56"}},
     {0},
     "thief",
     "B07",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"a name with a Cyrillic letter in it",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM", .name = "N\xD0\x9ERDWERK GMBH"}},
     {0},
     "thief",
     "B07",
     ALERT_SECURITY,
     LANE_STANDARD},
    {"a number with a Cyrillic letter in it",
     {{.role = "MF", .kind = "MID", .id = "DEN\xD0\x9ER12HAM"}},
     {0},
     "thief",
     "B02",
     ALERT_NONE,
     LANE_STANDARD},
    {"a number with a full-width digit in it",
     {{.role = "IM", .kind = "EI", .id = "12345678\xEF\xBC\x99"}},
     {0},
     "house",
     "B02",
     ALERT_NONE,
     LANE_STANDARD},
    {"a number with a control character in it",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM\x01"}},
     {0},
     "thief",
     "B02",
     ALERT_NONE,
     LANE_STANDARD},
    {"lower case and blanks around are only untidy",
     {{.role = "MF", .kind = "MID", .id = "  denor12ham "}},
     {0},
     "thief",
     "P02",
     ALERT_NONE,
     LANE_EXPEDITED},
    {"blanks within a code are not",
     {{.role = "MF", .kind = "MID", .id = "DENOR 12HAM"}},
     {0},
     "thief",
     "B02",
     ALERT_NONE,
     LANE_STANDARD},
    {"the importer's number as a social security number",
     {{.role = "IM", .kind = "34", .id = "123456789"}},
     {0},
     "house",
     "B03",
     ALERT_NONE,
     LANE_STANDARD},
    {"a number of the portal that proves nothing",
     {{.role = "MF", .kind = "SVI", .id = "oboImp92011"}},
     {0},
     "thief",
     "B06",
     ALERT_NONE,
     LANE_STANDARD},
    {"an arrangement that ended yesterday",
     {{.role = "MF", .kind = "MID", .id = "ZZFOR1PAR"}},
     {0},
     "thief",
     "D03",
     ALERT_NONE,
     LANE_STANDARD},
    {"an arrangement nobody has confirmed",
     {{.role = "MF", .kind = "MID", .id = "YYHOP1PAR"}},
     {0},
     "thief",
     "D02",
     ALERT_NONE,
     LANE_STANDARD},
    {"a certificate of the practice environment",
     {{.role = "IM", .kind = "EI", .id = "22-2222222"}},
     {0},
     "house",
     "A04",
     ALERT_REVIEW,
     LANE_STANDARD},
    {"a certified maker beside one nobody knows",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM"}, {.role = "MF", .kind = "MID", .id = "CNUNK1SHE"}},
     {0},
     "thief",
     "B03",
     ALERT_NONE,
     LANE_STANDARD},
    {"a certified maker beside one without a number",
     {{.role = "MF", .kind = "MID", .id = "DENOR12HAM"}, {.role = "MF", .name = "UNKNOWN WORKS"}},
     {0},
     "thief",
     "E07",
     ALERT_NONE,
     LANE_STANDARD},
    {"half a mutual-recognition party",
     {{.role = "ACTOR", .kind = "MID", .id = "DENOR12HAM"}},
     {0},
     "thief",
     "B01",
     ALERT_NONE,
     LANE_STANDARD},
};

START_TEST(table_of_cheats)
{
    struct operators *o = NULL;
    setup();
    ck_assert_msg(operators_load(&o, &ctx, register_text, sizeof register_text - 1, "t") == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    for (size_t i = 0; i < sizeof cheats / sizeof cheats[0]; i++) {
        const struct cheat *c = &cheats[i];
        struct lane_decision d;
        struct lane_facts f = {.destination = "US",
                               .zone = "America/New_York",
                               .environment = "PROD",
                               .submitter = c->submitter,
                               .claimed = c->claim.carrier != NULL,
                               .parties = c->parties,
                               .party_count = c->parties[1].role != NULL ? 2 : 1,
                               .claims = &c->claim,
                               .claim_count = c->claim.carrier != NULL};
        ck_assert(time_parse(&f.at_ms, "2026-07-02T15:00:00Z"));
        ck_assert_int_eq(lane_decide(&d, &ctx, o, &f), GLN_OK);
        ck_assert_msg(d.lane == c->lane && str_eq(d.primary, c->primary) && d.alert == c->alert,
                      "%s: lane %d, %s, alert %d", c->what, d.lane, d.primary, d.alert);
        /* nothing a message says of itself goes out */
        ck_assert_msg(strstr(d.emitted, "99999") == NULL && strstr(d.emitted, "IC") == NULL, "%s: %s",
                      c->what, d.emitted);
        lane_decision_free(&d);
    }
    operators_free(o);
    teardown();
}
END_TEST

/* ---- a signature that is true, round a declaration that is not ---- */

static void sign(struct buf *out, const struct buf *text)
{
    struct xml_doc *doc = NULL;
    struct buf key_bytes = BUF_INIT, cert_bytes = BUF_INIT;
    struct key *k = NULL;
    struct cert *c = NULL;
    pki_read(&key_bytes, pki, "client-alba.key");
    pki_read(&cert_bytes, pki, "client-alba.pem");
    ck_assert_int_eq(key_parse(&k, NULL, &ctx, key_bytes.data, key_bytes.len, NULL), GLN_OK);
    ck_assert_int_eq(cert_parse(&c, &ctx, cert_bytes.data, cert_bytes.len), GLN_OK);
    ck_assert_int_eq(xml_read(&doc, &ctx, text->data, text->len), GLN_OK);
    ck_assert_msg(seal_xmldsig(&ctx, doc, k, c) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(xml_write(out, NULL, &ctx, xml_root(doc), false), GLN_OK);
    xml_doc_free(doc);
    key_free(k);
    cert_free(c);
    buf_free(&key_bytes);
    buf_free(&cert_bytes);
}

/* How a program that uses the library sees these bytes: GLN_OK only when they are read and the check finds nothing. */
static int as_seen(gln_context *public, const struct buf *bytes)
{
    gln_declaration *d = NULL;
    int status = gln_declaration_read(&d, public, bytes->data, bytes->len);
    if (status == GLN_OK)
        status = gln_declaration_check(d, NULL, GLN_CHECK_SCHEMA_ONLY);
    if (status == GLN_OK && gln_declaration_error_count(d) > 0)
        status = GLN_E_FINDINGS;
    gln_declaration_free(d);
    return status;
}

static struct buf replaced(const struct buf *b, const char *from, const char *to)
{
    struct buf out = BUF_INIT;
    const char *at = strstr(b->data, from);
    ck_assert_msg(at != NULL, "%s is not there", from);
    buf_put(&out, b->data, (size_t)(at - b->data));
    buf_puts(&out, to);
    buf_puts(&out, at + strlen(from));
    return out;
}

/* The signed declaration put inside an unsigned one, at `before`. */
static struct buf wrapped(const struct buf *plain, const struct buf *inner, const char *before)
{
    struct buf all = BUF_INIT;
    const char *root = strstr(inner->data, "<md:MetaData");
    buf_puts(&all, root != NULL ? root : strstr(inner->data, "<MetaData"));
    buf_puts(&all, before);
    struct buf out = replaced(plain, before, all.data);
    buf_free(&all);
    return out;
}

START_TEST(signature_wrapping)
{
    static const char *const places[] = {"</Declaration>", "<GoodsShipment>", "</md:MetaData>"};
    gln_config *config = NULL;
    gln_engine *engine = NULL;
    gln_context *public = NULL;
    struct buf path = BUF_INIT, plain = BUF_INIT, signed_one = BUF_INIT, signature = BUF_INIT, bad;
    setup();
    buf_printf(&path, "%s/examples/declarations/us-truck-entry.xml", getenv("GREENLANE_SRCDIR"));
    ck_assert_int_eq(file_read(&plain, path.data, 0), 0);
    sign(&signed_one, &plain);
    buf_clear(&path);
    buf_printf(&path, "%s/ca.pem", pki);
    ck_assert_int_eq(gln_config_new(&config), GLN_OK);
    ck_assert_int_eq(gln_config_set(config, "signature-trust", path.data), GLN_OK);
    ck_assert_int_eq(gln_config_set(config, "data-dir", getenv("GREENLANE_SRCDIR")), GLN_OK);
    ck_assert_int_eq(gln_config_set(config, "clock", "2026-07-23T18:00:00Z"), GLN_OK);
    ck_assert_msg(gln_engine_new(&engine, config) == GLN_OK, "%s", gln_config_error(config));
    ck_assert_int_eq(gln_context_new(&public, engine), GLN_OK);

    ck_assert_int_eq(as_seen(public, &plain), GLN_OK);
    ck_assert_msg(as_seen(public, &signed_one) == GLN_OK, "%s", gln_context_error(public, GLN_EN));
    /* another importer inside the signed bytes */
    bad = replaced(&signed_one, "Importer>", "Exporter>");
    ck_assert_int_ne(as_seen(public, &bad), GLN_OK);
    buf_free(&bad);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bad = wrapped(&plain, &signed_one, places[i]);
        ck_assert_msg(as_seen(public, &bad) != GLN_OK, "inside at %s", places[i]);
        buf_free(&bad);
    }
    /* the true signature carried over to another declaration */
    const char *from = strstr(signed_one.data, "<Signature"), *to = strstr(signed_one.data, "</Signature>");
    ck_assert(from != NULL && to != NULL);
    buf_put(&signature, from, (size_t)(to - from) + strlen("</Signature>"));
    buf_puts(&signature, "</md:MetaData>");
    bad = replaced(&plain, "GL0000101", "GL0000102");
    struct buf moved = replaced(&bad, "</md:MetaData>", signature.data);
    ck_assert_int_ne(as_seen(public, &moved), GLN_OK);

    buf_free(&moved);
    buf_free(&bad);
    buf_free(&signature);
    gln_context_free(public);
    gln_engine_free(engine);
    gln_config_free(config);
    buf_free(&path);
    buf_free(&plain);
    buf_free(&signed_one);
    teardown();
}
END_TEST

static Suite *suite(void)
{
    static const TTest *tests[3];
    made = pki_make(pki, sizeof pki, "--client alba");
    tests[0] = table_of_cheats;
    tests[1] = made ? signature_wrapping : NULL;
    return unit_suite("trust/cheats", tests);
}

UNIT_MAIN(suite)
