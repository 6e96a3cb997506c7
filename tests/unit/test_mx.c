/*
 * The bundle mx-vucem: its stylesheets against files, and the seal: each comprobante's cadena signed by its own bytes. Needs no
 * corpus; test_mx_corpus.c has what does.
 */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/seal.h"
#include "unit/golden.h"
#include "unit/pki.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/schema.h"

static char pki[256];
static bool made;
static struct options options;
static struct gln_context ctx;
static struct clock_source frozen = {true, 1784829600000}; /* 2026-07-23T18:00:00Z */
static struct xml_codes *codes;

static void setup(void)
{
    char path[512];

    ck_assert(made);
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ctx.clock = &frozen;
    source_path(path, sizeof path, "schemas/codes");
    ck_assert_msg(xml_codes_load(&codes, &ctx, path) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
}

static void teardown(void)
{
    xml_codes_free(codes);
    context_clear(&ctx);
    options_free(&options);
}

static struct xml_schema *schema_of(const char *name)
{
    struct xml_schema *s = NULL;
    char path[512];

    source_path(path, sizeof path, name);
    ck_assert_msg(xml_schema_load(&s, &ctx, path) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    return s;
}

static void check_valid(const struct xml_schema *s, const struct xml_doc *doc, const char *what)
{
    struct buf why = BUF_INIT;
    bool valid = false;

    ck_assert_int_eq(xml_schema_valid(s, &ctx, doc, &valid, &why), GLN_OK);
    ck_assert_msg(valid, "%s: %s", what, why.data != NULL ? why.data : "");
    buf_free(&why);
}

/* Every element of an outbound message leads back to the sender's bytes. */
static void check_places(const struct golden *g, const struct xml_node *n)
{
    for (; n != NULL; n = xml_next(n)) {
        const char *src = xml_attr_ns(n, GLN_NS, "src");

        ck_assert_msg(src != NULL, "%s: %s has no gln:src", g->stem, xml_name(n));
        ck_assert_msg(xml_place_by_src(g->in, src).known, "%s: %s: no place %s", g->stem, xml_name(n), src);
        check_places(g, xml_first(n));
    }
}

static struct xml_node *named(const struct xml_node *n, const char *name)
{
    for (n = xml_first(n); n != NULL && !xml_is(n, name); n = xml_next(n))
        ;
    return (struct xml_node *)(uintptr_t)n;
}

/* Each Response is valid in an envelope of its own. */
static void check_responses(const struct golden *g)
{
    struct xml_schema *s = schema_of("schemas/wco/answer.xsd");

    ck_assert_ptr_nonnull(xml_first(xml_root(g->out)));
    for (const struct xml_node *n = xml_first(xml_root(g->out)); n != NULL; n = xml_next(n)) {
        struct xml_doc *doc = NULL;

        ck_assert_ptr_nonnull(named(n, "text"));
        ck_assert_int_eq(xml_doc_new(&doc, &ctx, "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2", "MetaData"),
                         GLN_OK);
        ck_assert_int_eq(xml_graft(&ctx, xml_root(doc), named(n, "Response")), GLN_OK);
        check_valid(s, doc, g->stem);
        xml_doc_free(doc);
    }
    xml_schema_free(s);
}

START_TEST(golden)
{
    struct golden g;

    golden_run(&g, &ctx, codes, "mx-vucem", (size_t)_i);
    if (g.out != NULL && strstr(g.sheet, "/cove.xsl") != NULL) {
        struct xml_schema *s = schema_of("schemas/mx-vucem/cove.xsd");

        check_valid(s, g.out, g.stem);
        check_places(&g, xml_first(xml_root(g.out)));
        xml_schema_free(s);
    } else if (g.out != NULL && xml_is(xml_root(g.out), "answers")) {
        check_responses(&g);
    }
    golden_clear(&g);
}
END_TEST

static struct xml_stylesheet *sheet_of(const char *name)
{
    struct xml_stylesheet *s = NULL;
    char path[512];
    char file[128];

    snprintf(file, sizeof file, "transforms/mx-vucem/%s", name);
    source_path(path, sizeof path, file);
    ck_assert_msg(xml_stylesheet_load(&s, &ctx, path) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    return s;
}

/* The COVE of a golden input. */
static struct xml_doc *cove_of(const char *name, const char *const *params)
{
    struct xml_stylesheet *s = sheet_of("cove.xsl");
    struct xml_run run = {.codes = codes, .params = params};
    struct xml_doc *in = NULL;
    struct xml_doc *out = NULL;
    char folder[512];
    struct buf b = BUF_INIT;

    source_path(folder, sizeof folder, "tests/transforms/mx-vucem");
    pki_read(&b, folder, name);
    ck_assert_int_eq(xml_read(&in, &ctx, b.data, b.len), GLN_OK);
    ck_assert_msg(xml_transform(&out, s, &ctx, in, &run) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    xml_doc_free(in);
    xml_stylesheet_free(s);
    buf_free(&b);
    return out;
}

static struct cert *cert_of(const char *name)
{
    struct buf b = BUF_INIT;
    struct cert *c = NULL;
    char file[128];

    snprintf(file, sizeof file, "efirma-%s.cer", name);
    pki_read(&b, pki, file);
    ck_assert_int_eq(cert_parse(&c, &ctx, b.data, b.len), GLN_OK);
    buf_free(&b);
    return c;
}

static struct key *key_of(const char *name)
{
    struct buf b = BUF_INIT;
    struct buf word = BUF_INIT;
    struct key *k = NULL;
    char file[128];

    snprintf(file, sizeof file, "efirma-%s.key", name);
    pki_read(&b, pki, file);
    snprintf(file, sizeof file, "efirma-%s.password", name);
    pki_read(&word, pki, file);
    ck_assert_int_eq(key_parse(&k, NULL, &ctx, b.data, b.len, word.data), GLN_OK);
    buf_free(&b);
    buf_free(&word);
    return k;
}

/* The signature of a unit is good over these bytes, and the certificate is the signer's. */
static bool signed_over(const struct xml_node *unit, const struct cert *c, enum digest d, const char *bytes,
                        size_t len)
{
    struct buf sig = BUF_INIT;
    struct buf der = BUF_INIT;
    struct buf own = BUF_INIT;
    const char *firma = xml_find_text(unit, "firmaElectronica/firma");
    const char *certificado = xml_find_text(unit, "firmaElectronica/certificado");
    bool good = false;

    ck_assert(base64_get(&sig, firma, strlen(firma)));
    ck_assert(base64_get(&der, certificado, strlen(certificado)));
    ck_assert_int_eq(cert_der(&own, &ctx, c), GLN_OK);
    ck_assert_uint_eq(own.len, der.len);
    ck_assert_int_eq(memcmp(own.data, der.data, own.len), 0);
    ck_assert_int_eq(cert_verify(&good, &ctx, c, d, bytes, len, sig.data, sig.len), GLN_OK);
    buf_free(&sig);
    buf_free(&der);
    buf_free(&own);
    return good;
}

static const char *const apoderado[] = {
    "action",         "add",           "role", "apoderado", "identity-patente", "3999",
    "identity-email", "a@example.com", NULL};
static const char *const agente[] = {"action", "add", "role", "agente", NULL};
static const char *const agente_utf8[] = {"action", "add", "role", "agente", "identity-seal.charset",
                                          "utf8",   NULL};

START_TEST(each_comprobante_has_its_own_signature)
{
    struct xml_doc *doc = cove_of("export-two-invoices.in.xml", apoderado);
    struct xml_stylesheet *s = sheet_of("cadena.xsl");
    struct xml_schema *xsd = schema_of("schemas/mx-vucem/cove.xsd");
    struct seal_cadena how = {s, "comprobantes", "firmaElectronica", "ascii", DIGEST_SHA256};
    struct key *k = key_of("uno");
    struct cert *c = cert_of("uno");
    const struct xml_node *first = NULL;
    const struct xml_node *second = NULL;
    const char *one;
    const char *two;
    struct buf shown = BUF_INIT;

    ck_assert_int_eq(seal_cadena_text(&shown, &ctx, doc, &how), GLN_OK);
    ck_assert_msg(seal_cadena(&ctx, doc, &how, k, c) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    first = xml_first(xml_root(doc));
    second = xml_next(first);
    ck_assert_ptr_null(xml_next(second));
    one = xml_find_text(first, "firmaElectronica/cadenaOriginal");
    two = xml_find_text(second, "firmaElectronica/cadenaOriginal");
    ck_assert_str_eq(shown.data, one);
    ck_assert_int_eq(strncmp(one, "|TOCE.EXP|EX-2|0|2026-07-02|2|ZZE180605RMA|", 42), 0);
    ck_assert_int_eq(strncmp(two, "|TOCE.EXP|EX-1|0|2026-07-01|2|ZZE180605RMA|", 42), 0);
    ck_assert_ptr_nonnull(strstr(one, "|Tapa|"));
    ck_assert_ptr_null(strstr(two, "|Tapa|"));
    ck_assert_ptr_null(strstr(one, "||"));
    ck_assert(signed_over(first, c, DIGEST_SHA256, one, strlen(one)));
    ck_assert(signed_over(second, c, DIGEST_SHA256, two, strlen(two)));
    ck_assert(!signed_over(second, c, DIGEST_SHA256, one, strlen(one)));
    check_valid(xsd, doc, "sealed");
    how.digest = DIGEST_SHA1;
    ck_assert_int_eq(seal_cadena(&ctx, doc, &how, k, c), GLN_OK);
    one = xml_find_text(first, "firmaElectronica/cadenaOriginal");
    ck_assert(signed_over(first, c, DIGEST_SHA1, one, strlen(one)));
    ck_assert(!signed_over(first, c, DIGEST_SHA256, one, strlen(one)));
    buf_free(&shown);
    xml_schema_free(xsd);
    xml_stylesheet_free(s);
    xml_doc_free(doc);
    key_free(k);
    cert_free(c);
}
END_TEST

/* ISO-8859-1 of a text that has no other characters. */
static struct buf latin1(const char *text)
{
    struct buf out = BUF_INIT;
    const char *end = text + strlen(text);

    while (text < end)
        buf_putc(&out, (char)utf8_next(&text, end));
    return out;
}

START_TEST(charset_decides_the_bytes_signed)
{
    static const struct {
        const char *const *params;
        const char *charset;
        bool utf8;
    } rows[] = {{agente, "ascii", false}, {agente, NULL, false}, {agente_utf8, "utf8", true}};
    struct xml_stylesheet *s = sheet_of("cadena.xsl");
    struct key *k = key_of("uno");
    struct cert *c = cert_of("uno");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xml_doc *doc = cove_of("import-agente.in.xml", rows[i].params);
        struct seal_cadena how = {s, "comprobantes", "firmaElectronica", rows[i].charset, DIGEST_SHA256};
        const struct xml_node *unit = xml_first(xml_root(doc));
        const char *cadena;
        struct buf narrow;

        ck_assert_msg(seal_cadena(&ctx, doc, &how, k, c) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
        cadena = xml_find_text(unit, "firmaElectronica/cadenaOriginal");
        ck_assert_ptr_nonnull(strstr(cadena, "|ÑA&010101AB9|"));
        narrow = latin1(cadena);
        ck_assert(signed_over(unit, c, DIGEST_SHA256, cadena, strlen(cadena)) == rows[i].utf8);
        ck_assert(signed_over(unit, c, DIGEST_SHA256, narrow.data, narrow.len) == !rows[i].utf8);
        buf_free(&narrow);
        xml_doc_free(doc);
    }
    {
        struct xml_doc *doc = cove_of("import-agente.in.xml", agente_utf8);
        struct seal_cadena how = {s, "comprobantes", "firmaElectronica", "latin1", DIGEST_SHA256};

        ck_assert_int_eq(seal_cadena(&ctx, doc, &how, k, c), GLN_E_INPUT);
        ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "’"));
        xml_doc_free(doc);
    }
    xml_stylesheet_free(s);
    key_free(k);
    cert_free(c);
}
END_TEST

START_TEST(wrong_keys_do_not_sign)
{
    struct xml_doc *doc = cove_of("import-agente.in.xml", agente);
    struct xml_stylesheet *s = sheet_of("cadena.xsl");
    struct seal_cadena how = {s, "comprobantes", "firmaElectronica", "ascii", DIGEST_SHA256};
    struct key *k = key_of("uno");
    struct key *old = key_of("vencida");
    struct key *ec = NULL;
    struct cert *c = cert_of("uno");
    struct cert *expired = cert_of("vencida");

    ck_assert_int_eq(seal_cadena(&ctx, doc, &how, old, expired), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_ES), "AAA010101AAA venció"));
    ck_assert_int_eq(seal_cadena(&ctx, doc, &how, old, c), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "does not belong"));
    ck_assert_int_eq(key_generate_ec(&ec, &ctx), GLN_OK);
    ck_assert_int_eq(seal_cadena(&ctx, doc, &how, ec, c), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "RSA"));
    how.unit = "facturas";
    ck_assert_int_eq(seal_cadena(&ctx, doc, &how, k, c), GLN_E_CONFIG);
    ck_assert_str_eq(xml_find_text(xml_root(doc), "comprobantes/firmaElectronica/firma"), "");
    xml_stylesheet_free(s);
    xml_doc_free(doc);
    key_free(k);
    key_free(old);
    key_free(ec);
    cert_free(c);
    cert_free(expired);
}
END_TEST

START_TEST(question_is_signed_and_says_only_what_it_should)
{
    static const char *const params[] = {
        "operation", "10000001", "principal", "ZZI150312QB0", "now", "2026-07-23T18:00:00.000Z", NULL};
    struct xml_stylesheet *ask = sheet_of("consulta.xsl");
    struct xml_stylesheet *cadena = sheet_of("consulta-cadena.xsl");
    struct xml_stylesheet *soap = sheet_of("soap.xsl");
    struct seal_cadena how = {cadena, ".", "firmaElectronica", "ascii", DIGEST_SHA256};
    struct xml_run run = {.params = params};
    struct xml_doc *in = NULL;
    struct xml_doc *doc = NULL;
    struct xml_doc *wrapped = NULL;
    struct key *k = key_of("uno");
    struct cert *c = cert_of("uno");
    struct buf out = BUF_INIT;
    struct secret_slots slots = {0};

    ck_assert_int_eq(xml_doc_new(&in, &ctx, GLN_NS, "poll"), GLN_OK);
    ck_assert_int_eq(xml_transform(&doc, ask, &ctx, in, &run), GLN_OK);
    ck_assert_msg(seal_cadena(&ctx, doc, &how, k, c) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_str_eq(xml_find_text(xml_root(doc), "firmaElectronica/cadenaOriginal"),
                     "|10000001|ZZI150312QB0|");
    ck_assert(signed_over(xml_root(doc), c, DIGEST_SHA256, "|10000001|ZZI150312QB0|", 23));
    ck_assert_int_eq(xml_transform(&wrapped, soap, &ctx, doc, &run), GLN_OK);
    ck_assert_int_eq(xml_write(&out, &slots, &ctx, xml_root(wrapped), false), GLN_OK);
    ck_assert_ptr_null(strstr(out.data, "greenlane"));
    ck_assert_ptr_null(strstr(out.data, "gln"));
    ck_assert_uint_eq(slots.count, 1);
    ck_assert_str_eq(slots.items[0].name, "ws-password");
    ck_assert_int_eq(strncmp(out.data + slots.items[0].offset, "********</wsse:Password>", 24), 0);
    secret_slots_free(&slots);
    buf_free(&out);
    xml_stylesheet_free(ask);
    xml_stylesheet_free(cadena);
    xml_stylesheet_free(soap);
    xml_doc_free(in);
    xml_doc_free(doc);
    xml_doc_free(wrapped);
    key_free(k);
    cert_free(c);
}
END_TEST

static Suite *mx_suite(void)
{
    Suite *suite = suite_create("mx-vucem");
    TCase *tcase = tcase_create("mx-vucem");
    size_t count = golden_count("mx-vucem");

    made = count > 0 && pki_make(pki, sizeof pki, "--efirma uno:ZZI150312QB0:ZZZZ010101HDFXXX05:Uno");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, golden, 0, (int)count);
    tcase_add_test(tcase, each_comprobante_has_its_own_signature);
    tcase_add_test(tcase, charset_decides_the_bytes_signed);
    tcase_add_test(tcase, wrong_keys_do_not_sign);
    tcase_add_test(tcase, question_is_signed_and_says_only_what_it_should);
    suite_add_tcase(suite, tcase);
    return suite;
}

UNIT_MAIN(mx_suite)
