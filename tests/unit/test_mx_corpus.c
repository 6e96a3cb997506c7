/*
 * What needs the corpus (GREENLANE_CORPUS): the worked example with SAT's test e.firma, byte for byte, real answers of VUCEM, and our
 * schema beside VUCEM's own. Without the corpus it says so and skips.
 */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/seal.h"
#include "unit/golden.h"
#include "unit/pki.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/schema.h"

static struct options options;
static struct gln_context ctx;
/* SAT's test certificates were valid from May 2017 to May 2021. */
static struct clock_source then = {true, 1577880000000}; /* 2020-01-01T12:00:00Z */
static struct xml_codes *codes;

static void setup(void)
{
    char path[512];

    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ctx.clock = &then;
    source_path(path, sizeof path, "schemas/codes");
    ck_assert_int_eq(xml_codes_load(&codes, &ctx, path), GLN_OK);
}

static void teardown(void)
{
    xml_codes_free(codes);
    context_clear(&ctx);
    options_free(&options);
}

/* Appends a file of the corpus, without blanks at its end. */
static void corpus(struct buf *out, const char *name)
{
    pki_read(out, getenv("GREENLANE_CORPUS"), name);
    while (out->len > 0 && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == ' '))
        out->data[--out->len] = '\0';
}

static struct xml_doc *corpus_doc(const char *name)
{
    struct buf b = BUF_INIT;
    struct xml_doc *doc = NULL;

    corpus(&b, name);
    ck_assert_msg(xml_read(&doc, &ctx, b.data, b.len) == GLN_OK, "%s: %s", name, context_text(&ctx, LANG_EN));
    buf_free(&b);
    return doc;
}

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

static void sat_efirma(struct key **k, struct cert **c)
{
    struct buf b = BUF_INIT;
    struct buf word = BUF_INIT;

    corpus(&word, "mx/sat-test-certs/FIEL_AAA010101AAA/password.txt");
    pki_read(&b, getenv("GREENLANE_CORPUS"), "mx/sat-test-certs/FIEL_AAA010101AAA/private_key.key");
    ck_assert_msg(key_parse(k, NULL, &ctx, b.data, b.len, word.data) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    buf_clear(&b);
    pki_read(&b, getenv("GREENLANE_CORPUS"), "mx/sat-test-certs/FIEL_AAA010101AAA/certificate.cer");
    ck_assert_int_eq(cert_parse(c, &ctx, b.data, b.len), GLN_OK);
    buf_free(&b);
    buf_free(&word);
}

START_TEST(sat_efirma_is_read)
{
    struct key *k = NULL;
    struct cert *c = NULL;
    struct buf b = BUF_INIT;
    struct buf want = BUF_INIT;
    struct buf der = BUF_INIT;

    sat_efirma(&k, &c);
    ck_assert(key_matches(k, c));
    ck_assert_int_eq(cert_usable(&ctx, c, k), GLN_OK);
    cert_rfc(&b, c);
    ck_assert_str_eq(b.data, "AAA010101AAA");
    buf_clear(&b);
    cert_sat_serial(&b, c);
    ck_assert_str_eq(b.data, "30001000000300023685");
    buf_clear(&b);
    ck_assert_int_eq(cert_der(&der, &ctx, c), GLN_OK);
    base64_put(&b, der.data, der.len);
    corpus(&want, "mx/derived-vectors/fiel-aaa010101aaa.certificado.b64");
    ck_assert_str_eq(b.data, want.data);
    buf_free(&b);
    buf_free(&der);
    buf_free(&want);
    key_free(k);
    cert_free(c);
}
END_TEST

static const char *const importador[] = {"action", "add", "role", "importador", NULL};

/* From the pivot of tests/transforms to the sealed COVE. */
static struct xml_doc *worked_example(enum digest digest)
{
    struct xml_stylesheet *cove = sheet_of("cove.xsl");
    struct xml_stylesheet *cadena = sheet_of("cadena.xsl");
    struct seal_cadena how = {cadena, "comprobantes", "firmaElectronica", "ascii", digest};
    struct xml_run run = {.codes = codes, .params = importador};
    struct xml_doc *in = NULL;
    struct xml_doc *out = NULL;
    struct key *k = NULL;
    struct cert *c = NULL;
    struct buf b = BUF_INIT;
    char folder[512];

    source_path(folder, sizeof folder, "tests/transforms/mx-vucem");
    pki_read(&b, folder, "worked-example.in.xml");
    ck_assert_int_eq(xml_read(&in, &ctx, b.data, b.len), GLN_OK);
    ck_assert_msg(xml_transform(&out, cove, &ctx, in, &run) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    sat_efirma(&k, &c);
    ck_assert_msg(seal_cadena(&ctx, out, &how, k, c) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    xml_doc_free(in);
    buf_free(&b);
    key_free(k);
    cert_free(c);
    xml_stylesheet_free(cove);
    xml_stylesheet_free(cadena);
    return out;
}

START_TEST(worked_example_byte_for_byte)
{
    static const struct {
        enum digest digest;
        const char *file;
    } rows[] = {{DIGEST_SHA256, "mx/derived-vectors/cove-firma.sha256.b64"},
                {DIGEST_SHA1, "mx/derived-vectors/cove-firma.sha1.b64"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xml_doc *doc = worked_example(rows[i].digest);
        const struct xml_node *unit = xml_first(xml_root(doc));
        struct buf want = BUF_INIT;

        corpus(&want, "mx/derived-vectors/cove-cadena.synthetic.txt");
        ck_assert_str_eq(xml_find_text(unit, "firmaElectronica/cadenaOriginal"), want.data);
        buf_clear(&want);
        corpus(&want, rows[i].file);
        ck_assert_str_eq(xml_find_text(unit, "firmaElectronica/firma"), want.data);
        buf_free(&want);
        xml_doc_free(doc);
    }
}
END_TEST

/* The first descendant of that local name. */
static struct xml_node *deep(const struct xml_node *n, const char *name)
{
    for (; n != NULL; n = xml_next(n)) {
        struct xml_node *found;

        if (xml_is(n, name))
            return (struct xml_node *)(uintptr_t)n;
        found = deep(xml_first(n), name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

START_TEST(worked_example_as_a_whole_message)
{
    struct xml_doc *ours = worked_example(DIGEST_SHA256);
    struct xml_doc *theirs = corpus_doc("mx/derived-vectors/cove-request.signed-sha256.synthetic.soap.xml");
    struct buf a = BUF_INIT;
    struct buf b = BUF_INIT;
    const char *x;
    const char *y;

    ck_assert_int_eq(xml_write(&a, NULL, &ctx, xml_root(ours), true), GLN_OK);
    ck_assert_int_eq(xml_write(&b, NULL, &ctx, deep(xml_root(theirs), "solicitarRecibirCoveServicio"), true),
                     GLN_OK);
    /* the start tag may declare the envelope's prefixes */
    x = strstr(a.data, "<oxml:comprobantes>");
    y = strstr(b.data, "<oxml:comprobantes>");
    ck_assert_ptr_nonnull(x);
    ck_assert_ptr_nonnull(y);
    while (*x != '\0' && *x == *y) {
        x++;
        y++;
    }
    ck_assert_msg(*x == *y, "is %.80s, must be %.80s", x, y);
    buf_free(&a);
    buf_free(&b);
    xml_doc_free(ours);
    xml_doc_free(theirs);
}
END_TEST

START_TEST(real_answers_make_sense)
{
    static const struct {
        const char *file, *sheet, *outcome, *closes, *operation, *document, *text;
        int texts;
    } rows[] = {
        {"02-cove-recibir-no-comprobantes", "acuse.xsl", "not-processed", "yes", "", "",
         "No se recibieron comprobantes", 1},
        {"03-fault-failed-authentication", "acuse.xsl", "not-processed", "yes", "", "",
         "Failed to assert identity with UsernameToken.", 1},
        {"16-cove-recibir-ok-acuse", "acuse.xsl", "received", "no", "10000001", "",
         "La recepción del COVE fue exitosa.", 1},
        {"18-fault-no-dispatch-method", "acuse.xsl", "not-processed", "yes", "", "",
         "Cannot find dispatch method for "
         "{http://www.ventanillaunica.gob.mx/ConsultarEdocument/}ConsultarEdocumentRequest",
         1},
        {"27-cove-recibir-sin-correo-sin-numero", "acuse.xsl", "info", "no", "", "",
         "No recibira correo de respuesta ya que no se encontro dirección de correo para enviarla.", 1},
        {"05-cove-consultar-cadena-invalida", "respuesta.xsl", "info", "no", "", "", NULL, 1},
        {"03-fault-failed-authentication", "respuesta.xsl", "info", "no", "", "",
         "Failed to assert identity with UsernameToken.", 1},
        {"08-cove-respuesta-ok-edocument", "respuesta.xsl", "accepted", "yes", "10000001", "COVE15ABC1XY9",
         "Tiene 240 d&iacute;as a partir de esta fecha para utilizar su Acuse de Valor, si en ese tiempo no "
         "es "
         "utilizado, ser&aacute; dado de baja del sistema.",
         1},
        {"10-cove-respuesta-error-cadena-pais", "respuesta.xsl", "rejected", "yes", "10000001", "",
         "Cadena original : La cadena original es inválida", 2},
        {"30-cove-respuesta-ok-adenda-leyenda", "respuesta.xsl", "accepted", "yes", "10000001",
         "COVE16ABC1XY9", NULL, 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xml_stylesheet *s = sheet_of(rows[i].sheet);
        struct xml_run run = {.codes = codes};
        struct xml_doc *out = NULL;
        struct xml_doc *in;
        const struct xml_node *answer;
        char name[256];
        int texts = 0;

        snprintf(name, sizeof name, "mx/cove/responses/%s.xml", rows[i].file);
        in = corpus_doc(name);
        ck_assert_msg(xml_transform(&out, s, &ctx, in, &run) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
        answer = xml_first(xml_root(out));
        ck_assert_ptr_null(xml_next(answer));
        ck_assert_str_eq(xml_attr(answer, "outcome"), rows[i].outcome);
        ck_assert_str_eq(xml_attr(answer, "closes"), rows[i].closes);
        ck_assert_str_eq(xml_attr(answer, "operation"), rows[i].operation);
        ck_assert_str_eq(xml_attr(answer, "document"), rows[i].document);
        if (rows[i].text != NULL)
            ck_assert_str_eq(xml_find_text(answer, "text"), rows[i].text);
        for (const struct xml_node *n = xml_first(answer); n != NULL; n = xml_next(n))
            texts += xml_is(n, "text");
        ck_assert_msg(texts == rows[i].texts, "%s: %d texts", rows[i].file, texts);
        xml_doc_free(in);
        xml_doc_free(out);
        xml_stylesheet_free(s);
    }
}
END_TEST

/* What the two schemas say of one text. */
static bool judged(const struct xml_schema *s, const char *text)
{
    struct xml_doc *doc = NULL;
    bool valid = false;

    ck_assert_msg(xml_read(&doc, &ctx, text, strlen(text)) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(xml_schema_valid(s, &ctx, doc, &valid, NULL), GLN_OK);
    xml_doc_free(doc);
    return valid;
}

static char *replaced(const char *text, const char *from, const char *to)
{
    struct buf out = BUF_INIT;
    const char *at = strstr(text, from);

    ck_assert_msg(at != NULL, "%s", from);
    buf_put(&out, text, (size_t)(at - text));
    buf_puts(&out, to);
    buf_puts(&out, at + strlen(from));
    return buf_take(&out, NULL);
}

/*
 * Mutants of the worked example: each element dropped, doubled, emptied, made too long, and edits of values. `differ` says where ours
 * is meant to judge otherwise: no empty texts, and the two figures of production traffic.
 */
static const struct {
    const char *from, *to;
    bool differ;
} schema_edits[] = {
    {"TOCE.IMP", "TOCE.EXP", false},
    {"TOCE.IMP", "TOCE.TRA", false},
    {">3999<", ">399<", false},
    {">3999<", ">39999<", false},
    {">3999<", ">399A<", false},
    {"2026-07-23", "2026-02-30", false},
    {"2026-07-23", "23/07/2026", false},
    {"<oxml:rfcConsulta>AAA010101AAA", "<oxml:rfcConsulta>AAA010101AA", false},
    {"<oxml:rfcConsulta>AAA010101AAA", "<oxml:rfcConsulta>AAAA010101AAA", false},
    {"<oxml:rfcConsulta>AAA010101AAA", "<oxml:rfcConsulta>AAAAA010101AAA", false},
    {"<oxml:tipoFigura>5", "<oxml:tipoFigura>4", false},
    {"<oxml:tipoFigura>5", "<oxml:tipoFigura>1", true},
    {"<oxml:tipoFigura>5", "<oxml:tipoFigura>2", true},
    {"<oxml:tipoFigura>5", "<oxml:tipoFigura>3", false},
    {"<oxml:tipoFigura>5", "<oxml:tipoFigura>6", false},
    {"<oxml:certificadoOrigen>0", "<oxml:certificadoOrigen>1", false},
    {"<oxml:certificadoOrigen>0", "<oxml:certificadoOrigen>2", false},
    {"<oxml:subdivision>0", "<oxml:subdivision>no", false},
    {"<oxml:tipoIdentificador>0", "<oxml:tipoIdentificador>3", false},
    {"<oxml:tipoIdentificador>0", "<oxml:tipoIdentificador>4", false},
    {">USD<", ">US<", false},
    {">USD<", ">USDX<", false},
    {">100.000<", ">0.001<", false},
    {">100.000<", ">0.000<", false},
    {">100.000<", ">999999999999.999<", false},
    {">100.000<", ">1000000000000<", false},
    {">1.250000<", ">0.000001<", false},
    {">1.250000<", ">0<", false},
    {">1.250000<", ">-1.25<", false},
    {">1.250000<", ">99999999999999999.999999<", false},
    {">1.250000<", ">100000000000000000<", false},
    {">125.000000<", ">1e3<", false},
    {">125.0000<", ">0.01<", false},
    {">125.0000<", ">0.0099<", false},
    {">125.0000<", ">999999999999.9999<", false},
    {">125.0000<", ">1000000000000<", false},
    {"<oxml:observaciones>PRUEBA SINTETICA", "<oxml:observaciones> PRUEBA  SINTETICA ", false},
    {"<oxml:firma>AA==", "<oxml:firma>A", false},
    {"<oxml:comprobantes>", "<oxml:comprobantes><oxml:e-document>COVE151A38OD3</oxml:e-document>", false},
    {"<oxml:comprobantes>", "<oxml:comprobantes><oxml:e-document>COVE151A38OD3X</oxml:e-document>", false},
    {"<oxml:subdivision>",
     "<oxml:numeroExportadorAutorizado>X</oxml:numeroExportadorAutorizado><oxml:subdivision>", false},
    {"<oxml:certificadoOrigen>0</oxml:certificadoOrigen><oxml:subdivision>0</oxml:subdivision>",
     "<oxml:subdivision>0</oxml:subdivision><oxml:certificadoOrigen>0</oxml:certificadoOrigen>", false},
};

START_TEST(our_schema_beside_vucems)
{
    struct buf path = BUF_INIT;
    struct buf text = BUF_INIT;
    struct xml_schema *ours = NULL;
    struct xml_schema *official = NULL;
    char name[512];
    int compared = 0;

    source_path(name, sizeof name, "schemas/mx-vucem/cove.xsd");
    ck_assert_int_eq(xml_schema_load(&ours, &ctx, name), GLN_OK);
    buf_printf(&path, "%s/mx/derived-vectors/RecibirCove.libxml2-patched.xsd", getenv("GREENLANE_CORPUS"));
    ck_assert_msg(xml_schema_load(&official, &ctx, path.data) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    corpus(&text, "mx/derived-vectors/cove-request.unsigned.synthetic.xml");
    ck_assert(judged(ours, text.data));
    ck_assert(judged(official, text.data));
    for (size_t i = 0; i < sizeof schema_edits / sizeof schema_edits[0]; i++, compared++) {
        char *mutant = replaced(text.data, schema_edits[i].from, schema_edits[i].to);

        ck_assert_msg((judged(ours, mutant) != judged(official, mutant)) == schema_edits[i].differ,
                      "%s -> %s", schema_edits[i].from, schema_edits[i].to);
        free(mutant);
    }
    /* each leaf: <oxml:name>value</oxml:name> */
    for (const char *at = text.data; (at = strstr(at, "</oxml:")) != NULL; at++) {
        const char *end = strchr(at, '>') + 1;
        const char *start = at;
        char whole[512];
        char tag[64];
        char twice[1024];
        char longer[1024];
        char stranger[1024];
        struct {
            const char *to;
        } rows[4];

        while (*start != '>')
            start--;
        if (start + 1 == at || start[-1] == '/' || strncmp(at - (at - start), ">", 1) != 0)
            continue;
        while (*start != '<')
            start--;
        if (start[1] == '/')
            continue;
        snprintf(whole, sizeof whole, "%.*s", (int)(end - start), start);
        snprintf(tag, sizeof tag, "%.*s", (int)(end - at - 3), at + 2);
        snprintf(twice, sizeof twice, "%s%s", whole, whole);
        snprintf(longer, sizeof longer, "<%s>%0310d</%s>", tag, 7, tag);
        snprintf(stranger, sizeof stranger, "%s<oxml:extra/>", whole);
        rows[0].to = "";
        rows[1].to = twice;
        rows[2].to = longer;
        rows[3].to = stranger;
        for (size_t i = 0; i < 4; i++, compared++) {
            char *mutant = replaced(text.data, whole, rows[i].to);
            bool a = judged(ours, mutant);
            bool b = judged(official, mutant);

            ck_assert_msg(a == b, "%s -> %.60s: ours %d, VUCEM's %d", whole, rows[i].to, a, b);
            free(mutant);
        }
    }
    ck_assert_int_gt(compared, 150);
    buf_free(&path);
    buf_free(&text);
    xml_schema_free(ours);
    xml_schema_free(official);
}
END_TEST

static Suite *corpus_suite(void)
{
    Suite *suite = suite_create("mx-vucem/corpus");
    TCase *tcase = tcase_create("mx-vucem/corpus");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, sat_efirma_is_read);
    tcase_add_test(tcase, worked_example_byte_for_byte);
    tcase_add_test(tcase, worked_example_as_a_whole_message);
    tcase_add_test(tcase, real_answers_make_sense);
    tcase_add_test(tcase, our_schema_beside_vucems);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    static unit_suite_fn *const suites[] = {corpus_suite};

    if (getenv("GREENLANE_CORPUS") == NULL) {
        printf("1..0 # SKIP GREENLANE_CORPUS is not set\n");
        return EXIT_SUCCESS;
    }
    return unit_run(suites, 1);
}
