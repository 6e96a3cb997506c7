/* XML-DSig: what we sign xmlsec1 accepts, what we accept is what was signed, and the known attacks fail for the reason they should. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/seal.h"
#include "unit/pki.h"
#include "util/file.h"
#include "xml/reader.h"

Suite *seal_dsig_suite(void);

#define DSIG "http://www.w3.org/2000/09/xmldsig#"

static char pki[256];
static bool made;
static struct options options;
static struct gln_context ctx;
static struct clock_source frozen = {true, 1784829600000}; /* 2026-07-23T18:00:00Z */
static struct buf trusted = BUF_INIT;

static const char plain[] =
    "<?xml version=\"1.0\"?>\n<md:MetaData xmlns:md=\"urn:envelope\" xmlns=\"urn:body\" a='1\t2'>\n"
    "  <Declaration xmlns:unused=\"urn:u\"><ID schemeID=\"RFC\">\xc3\x91&amp;A010101AB9</ID>"
    "<Amount currencyID=\"USD\">125.00</Amount><!-- said --><Text>a &lt; b&#13;\n</Text></Declaration>"
    "<md:Empty/></md:MetaData>";

static void setup(void)
{
    ck_assert(made);
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ctx.clock = &frozen;
    pki_read(&trusted, pki, "sat-ca.pem");
    pki_read(&trusted, pki, "ca.pem");
}

static void teardown(void)
{
    buf_free(&trusted);
    context_clear(&ctx);
    options_free(&options);
}

static struct key *key_of(const char *name, const char *password_file)
{
    struct buf b = BUF_INIT;
    struct buf word = BUF_INIT;
    struct key *k = NULL;

    pki_read(&b, pki, name);
    if (password_file != NULL)
        pki_read(&word, pki, password_file);
    ck_assert_int_eq(key_parse(&k, NULL, &ctx, b.data, b.len, word.data), GLN_OK);
    buf_free(&b);
    buf_free(&word);
    return k;
}

/* Signs `text` as efirma-uno (RSA) or client-alba (EC), appends the bytes that would be sent. */
static void sign(struct buf *out, const char *text, bool rsa)
{
    struct xml_doc *doc = NULL;
    struct key *k = rsa ? key_of("efirma-uno.key", "efirma-uno.password") : key_of("client-alba.key", NULL);
    struct cert *c = pki_cert(&ctx, pki, rsa ? "efirma-uno.cer" : "client-alba.pem");

    ck_assert_msg(xml_read(&doc, &ctx, text, strlen(text)) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_msg(seal_xmldsig(&ctx, doc, k, c) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(xml_write(out, NULL, &ctx, xml_root(doc), false), GLN_OK);
    xml_doc_free(doc);
    key_free(k);
    cert_free(c);
}

/* Verifies bytes; the reason in English, "" when good. */
static const char *verdict(const struct buf *b, struct xml_doc **out)
{
    struct xml_doc *doc = NULL;
    bool present = false;
    bool good = false;
    struct cert *signer = NULL;

    context_ok(&ctx);
    ck_assert_msg(xml_read(&doc, &ctx, b->data, b->len) == GLN_OK, "%s: %s", context_text(&ctx, LANG_EN),
                  b->data);
    ck_assert_int_eq(seal_verify(&ctx, doc, trusted.data, trusted.len, &present, &good, &signer), GLN_OK);
    ck_assert(present);
    ck_assert_int_eq(good, signer != NULL);
    ck_assert_int_eq(good, *context_text(&ctx, LANG_EN) == '\0');
    cert_free(signer);
    if (out != NULL)
        *out = doc;
    else
        xml_doc_free(doc);
    return context_text(&ctx, LANG_EN);
}

/* A copy of `b` with the first `from` replaced; the test fails if there is none. */
static struct buf replaced(const struct buf *b, const char *from, const char *to)
{
    struct buf out = BUF_INIT;
    const char *at = strstr(b->data, from);

    ck_assert_msg(at != NULL, "%s is not in %s", from, b->data);
    buf_put(&out, b->data, (size_t)(at - b->data));
    buf_puts(&out, to);
    buf_puts(&out, at + strlen(from));
    return out;
}

/* The text from `open` to the end of `close`. */
static char *piece(const struct buf *b, const char *open, const char *close)
{
    const char *from = strstr(b->data, open);
    const char *to = from != NULL ? strstr(from, close) : NULL;

    ck_assert_ptr_nonnull(to);
    return strndup(from, (size_t)(to - from) + strlen(close));
}

START_TEST(xmlsec1_accepts_what_we_sign)
{
    for (int rsa = 0; rsa < 2; rsa++) {
        struct buf b = BUF_INIT;
        char path[512];
        char command[4096];

        sign(&b, plain, rsa);
        snprintf(path, sizeof path, "%s/signed-%d.xml", pki, rsa);
        ck_assert_int_eq(file_write(path, b.data, b.len, 0600), 0);
        snprintf(
            command, sizeof command,
            "xmlsec1 --verify --trusted-pem '%s/sat-ca.pem' --trusted-pem '%s/ca.pem' '%s' >'%s.log' 2>&1",
            pki, pki, path, path);
        ck_assert_msg(system(command) == 0, "%s", command);
        buf_free(&b);
    }
}
END_TEST

START_TEST(we_accept_what_xmlsec1_signs)
{
    static const char template[] =
        "<md:MetaData xmlns:md=\"urn:envelope\"><a>x</a><ds:Signature xmlns:ds=\"" DSIG "\"><ds:SignedInfo>"
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>"
        "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512\"/>"
        "<ds:Reference URI=\"\">\n<ds:Transforms><ds:Transform Algorithm=\"" DSIG "enveloped-signature\"/>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>"
        "<ds:DigestMethod "
        "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/><ds:DigestValue/></ds:Reference>"
        "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature></"
        "md:MetaData>";
    char path[512];
    char command[2048];
    struct buf b = BUF_INIT;
    const char *why;

    snprintf(path, sizeof path, "%s/template.xml", pki);
    ck_assert_int_eq(file_write(path, template, sizeof template - 1, 0600), 0);
    snprintf(
        command, sizeof command,
        "cd '%s' && openssl pkcs8 -inform DER -in efirma-uno.key -passin file:efirma-uno.password -out "
        "plain.pem && "
        "xmlsec1 --sign --privkey-pem plain.pem,efirma-uno.pem --output theirs.xml template.xml 2>sign.log",
        pki);
    ck_assert_msg(system(command) == 0, "%s", command);
    pki_read(&b, pki, "theirs.xml");
    why = verdict(&b, NULL);
    ck_assert_msg(*why == '\0', "%s", why);
    buf_free(&b);
}
END_TEST

START_TEST(good_signature_is_stripped)
{
    for (int rsa = 0; rsa < 2; rsa++) {
        struct buf b = BUF_INIT;
        struct buf back = BUF_INIT;
        struct buf before = BUF_INIT;
        struct xml_doc *doc = NULL;
        struct xml_doc *bare = NULL;
        const char *why;

        sign(&b, plain, rsa);
        why = verdict(&b, &doc);
        ck_assert_msg(*why == '\0', "%s", why);
        ck_assert_int_eq(xml_write(&back, NULL, &ctx, xml_root(doc), false), GLN_OK);
        ck_assert_int_eq(xml_read(&bare, &ctx, plain, sizeof plain - 1), GLN_OK);
        ck_assert_int_eq(xml_write(&before, NULL, &ctx, xml_root(bare), false), GLN_OK);
        ck_assert_str_eq(back.data, before.data);
        xml_doc_free(doc);
        xml_doc_free(bare);
        buf_free(&b);
        buf_free(&back);
        buf_free(&before);
    }
}
END_TEST

START_TEST(unsigned_document_is_no_failure)
{
    static const char *const rows[] = {"<a/>", "<a><Signature>x</Signature></a>",
                                       "<a xmlns=\"urn:x\"><Signature><SignedInfo/></Signature></a>"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xml_doc *doc = NULL;
        bool present = true;
        bool good = true;

        ck_assert_int_eq(xml_read(&doc, &ctx, rows[i], strlen(rows[i])), GLN_OK);
        ck_assert_int_eq(seal_verify(&ctx, doc, trusted.data, trusted.len, &present, &good, NULL), GLN_OK);
        ck_assert(!present);
        ck_assert(!good);
        ck_assert_str_eq(context_text(&ctx, LANG_EN), "");
        xml_doc_free(doc);
    }
}
END_TEST

START_TEST(attacks_fail_for_their_reason)
{
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
        /* content */
        {"125.00", "999.00", "changed after"},
        {"currencyID=\"USD\"", "currencyID=\"MXN\"", "changed after"},
        {"<md:Empty", "<md:Empty xmlns:g=\"urn:greenlane:xslt:1\" g:src=\"7\"", "changed after"},
        {"<md:Empty", "<?customs yes?><md:Empty", "changed after"},
        /* reference */
        {"URI=\"\"", "URI=\"#part\"", "whole document"},
        {" URI=\"\"", "", "whole document"},
        {"URI=\"\"", "URI=\"#xpointer(/)\"", "whole document"},
        /* transforms */
        {"<Transform Algorithm=\"" DSIG "enveloped-signature\"/>", "", "enveloped-signature and"},
        {"<Transforms>", "<Transforms><Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>",
         "enveloped-signature and"},
        {"<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
         "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>",
         "enveloped-signature and"},
        {"<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
         "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><InclusiveNamespaces "
         "xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"md\"/></Transform>",
         "enveloped-signature and"},
        {"<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
         "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"/>",
         "enveloped-signature and"},
        {"<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
         "<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
         "enveloped-signature and"},
        /* algorithms */
        {"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", "algorithm"},
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
         "algorithm"},
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
         "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "algorithm"},
        {"<SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>",
         "<SignatureMethod "
         "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"><HMACOutputLength>8"
         "</HMACOutputLength></SignatureMethod>",
         "algorithm"},
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
         "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "no certificate that fits"},
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
         "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "not made with the key"},
        /* shape */
        {"</Reference>",
         "</Reference><Reference URI=\"\"><Transforms/><DigestMethod "
         "Algorithm=\"x\"/><DigestValue/></Reference>",
         "another form"},
        {"</KeyInfo>", "</KeyInfo><Object><Declaration xmlns=\"urn:body\"/></Object>", "another form"},
        {"<SignedInfo>", "<SignedInfo>text", "another form"},
        {"<SignedInfo>", "<SignedInfo><?pi x?>", "another form"},
        {"<SignatureValue>", "<SignatureValue>!", "no certificate that fits"},
        {"<SignatureValue>", "<SignatureValue>AAAA", "not made with the key"},
        {"<X509Data>", "<KeyValue/><X509Data>", ""},
        {"<X509Certificate>", "<X509SubjectName>CN=x</X509SubjectName><X509Certificate>", ""},
        {"<X509Certificate>", "<X509Certificate>AAAA", "no certificate that fits"},
    };
    struct buf b = BUF_INIT;

    sign(&b, plain, true);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf bad = replaced(&b, rows[i].from, rows[i].to);
        const char *why = verdict(&bad, NULL);

        ck_assert_msg(*rows[i].why != '\0' ? strstr(why, rows[i].why) != NULL : *why == '\0', "row %zu: %s",
                      i, why);
        buf_free(&bad);
    }
    buf_free(&b);
}
END_TEST

START_TEST(signature_that_was_moved_or_doubled_is_refused)
{
    struct buf b = BUF_INIT;
    struct buf bad;
    struct buf wrapped = BUF_INIT;
    char *signature;
    char *twice = NULL;
    char *inside = NULL;
    struct buf without;

    sign(&b, plain, true);
    signature = piece(&b, "<Signature ", "</Signature>");
    without = replaced(&b, signature, "");

    inside = malloc(strlen(signature) + 32);
    snprintf(inside, strlen(signature) + 32, "%s</Declaration>", signature);
    bad = replaced(&without, "</Declaration>", inside);
    ck_assert_ptr_nonnull(strstr(verdict(&bad, NULL), "not a child"));
    buf_free(&bad);

    twice = malloc(2 * strlen(signature) + 1);
    snprintf(twice, 2 * strlen(signature) + 1, "%s%s", signature, signature);
    bad = replaced(&b, signature, twice);
    ck_assert_ptr_nonnull(strstr(verdict(&bad, NULL), "more than one"));
    buf_free(&bad);

    /* the signed document inside another root */
    buf_puts(&wrapped, "<md:MetaData xmlns:md=\"urn:envelope\"><Declaration xmlns=\"urn:body\"/>");
    buf_puts(&wrapped, strstr(b.data, "<md:MetaData"));
    buf_puts(&wrapped, "</md:MetaData>");
    ck_assert_ptr_nonnull(strstr(verdict(&wrapped, NULL), "not a child"));

    free(signature);
    free(twice);
    free(inside);
    buf_free(&without);
    buf_free(&wrapped);
    buf_free(&b);
}
END_TEST

START_TEST(digest_made_anew_is_found_by_the_signature)
{
    struct buf mine = BUF_INIT;
    struct buf other = BUF_INIT;
    struct buf bad;
    struct buf text = BUF_INIT;
    char *old_digest;
    char *new_digest;
    struct buf step;

    sign(&mine, plain, true);
    buf_puts(&text, plain);
    step = replaced(&text, "125.00", "999.00");
    sign(&other, step.data, false);
    old_digest = piece(&mine, "<DigestValue>", "</DigestValue>");
    new_digest = piece(&other, "<DigestValue>", "</DigestValue>");
    buf_free(&step);
    step = replaced(&mine, "125.00", "999.00");
    bad = replaced(&step, old_digest, new_digest);
    ck_assert_ptr_nonnull(strstr(verdict(&bad, NULL), "not made with the key"));
    buf_free(&bad);
    buf_free(&step);
    /* the certificate of another whom we trust */
    free(old_digest);
    free(new_digest);
    old_digest = piece(&mine, "<X509Certificate>", "</X509Certificate>");
    sign(&text, plain, false);
    {
        struct cert *c = pki_cert(&ctx, pki, "efirma-dos.cer");
        struct buf der = BUF_INIT;
        struct buf b64 = BUF_INIT;

        ck_assert_int_eq(cert_der(&der, &ctx, c), GLN_OK);
        buf_puts(&b64, "<X509Certificate>");
        base64_put(&b64, der.data, der.len);
        buf_puts(&b64, "</X509Certificate>");
        bad = replaced(&mine, old_digest, b64.data);
        ck_assert_ptr_nonnull(strstr(verdict(&bad, NULL), "not made with the key"));
        buf_free(&der);
        buf_free(&b64);
        cert_free(c);
    }
    free(old_digest);
    buf_free(&bad);
    buf_free(&mine);
    buf_free(&other);
    buf_free(&text);
}
END_TEST

START_TEST(signer_must_be_trusted_and_valid)
{
    struct xml_doc *doc = NULL;
    struct key *k = NULL;
    struct cert *c = NULL;
    struct buf b = BUF_INIT;
    struct clock_source then = {true, 1500000000000};

    ck_assert_int_eq(key_generate_ec(&k, &ctx), GLN_OK);
    ck_assert_int_eq(key_self_sign(&c, &ctx, k, "Stranger", 10), GLN_OK);
    ck_assert_int_eq(xml_read(&doc, &ctx, plain, sizeof plain - 1), GLN_OK);
    ck_assert_int_eq(seal_xmldsig(&ctx, doc, k, c), GLN_OK);
    ck_assert_int_eq(xml_write(&b, NULL, &ctx, xml_root(doc), false), GLN_OK);
    ck_assert_ptr_nonnull(strstr(verdict(&b, NULL), "not trusted"));
    xml_doc_free(doc);
    key_free(k);
    cert_free(c);
    buf_clear(&b);

    k = key_of("efirma-vencida.key", "efirma-vencida.password");
    c = pki_cert(&ctx, pki, "efirma-vencida.cer");
    ck_assert_int_eq(xml_read(&doc, &ctx, plain, sizeof plain - 1), GLN_OK);
    ck_assert_int_eq(seal_xmldsig(&ctx, doc, k, c), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "expired"));
    ctx.clock = &then;
    ck_assert_int_eq(seal_xmldsig(&ctx, doc, k, c), GLN_OK);
    ck_assert_int_eq(xml_write(&b, NULL, &ctx, xml_root(doc), false), GLN_OK);
    ck_assert_str_eq(verdict(&b, NULL), "");
    ctx.clock = &frozen;
    ck_assert_ptr_nonnull(strstr(verdict(&b, NULL), "not trusted"));
    xml_doc_free(doc);
    key_free(k);
    cert_free(c);
    buf_free(&b);
}
END_TEST

START_TEST(comments_and_entities_change_nothing_or_are_refused)
{
    struct buf b = BUF_INIT;
    struct buf bad;
    struct xml_doc *doc = NULL;
    const char *why;

    sign(&b, plain, true);
    bad = replaced(&b, "125.00", "12<!-- 9 -->5.00");
    why = verdict(&bad, &doc);
    ck_assert_msg(*why == '\0', "%s", why);
    ck_assert_str_eq(xml_find_text(xml_root(doc), "Declaration/Amount"), "125.00");
    xml_doc_free(doc);
    buf_free(&bad);
    bad = replaced(&b, "<DigestValue>", "<DigestValue><!-- x -->");
    why = verdict(&bad, NULL);
    ck_assert_msg(*why == '\0', "%s", why);
    buf_free(&bad);
    bad = replaced(&b, "?>", "?><!DOCTYPE MetaData [<!ATTLIST Declaration Id ID #IMPLIED>]>");
    ck_assert_int_eq(xml_read(&doc, &ctx, bad.data, bad.len), GLN_E_INPUT);
    buf_free(&bad);
    buf_free(&b);
}
END_TEST

START_TEST(notes_of_the_gateway_are_not_signed_and_secrets_prevent_it)
{
    struct xml_doc *doc = NULL;
    struct key *k = key_of("client-alba.key", NULL);
    struct cert *c = pki_cert(&ctx, pki, "client-alba.pem");
    struct buf b = BUF_INIT;
    const char *why;

    ck_assert_int_eq(xml_read(&doc, &ctx, plain, sizeof plain - 1), GLN_OK);
    ck_assert_int_eq(xml_set_attr(&ctx, xml_find(xml_root(doc), "Declaration/ID"), "gln:src", "7"), GLN_OK);
    ck_assert_int_eq(seal_xmldsig(&ctx, doc, k, c), GLN_OK);
    ck_assert_int_eq(xml_write(&b, NULL, &ctx, xml_root(doc), false), GLN_OK);
    ck_assert_ptr_null(strstr(b.data, "src="));
    why = verdict(&b, NULL);
    ck_assert_msg(*why == '\0', "%s", why);
    xml_doc_free(doc);
    ck_assert_int_eq(xml_read(&doc, &ctx, plain, sizeof plain - 1), GLN_OK);
    ck_assert_int_eq(
        xml_set_attr(&ctx, xml_find(xml_root(doc), "Declaration/ID"), "gln:secret", "ws-password"), GLN_OK);
    ck_assert_int_eq(seal_xmldsig(&ctx, doc, k, c), GLN_E_CONFIG);
    xml_doc_free(doc);
    key_free(k);
    cert_free(c);
    buf_free(&b);
}
END_TEST

Suite *seal_dsig_suite(void)
{
    Suite *suite = suite_create("seal/dsig");
    TCase *tcase = tcase_create("seal/dsig");

    made = pki_make(pki, sizeof pki,
                    "--client alba --efirma uno:ZZI150312QB0:ZZZZ010101HDFXXX05:Uno "
                    "--efirma dos:ZZE180605RMA:ZZZZ010101HDFXXX05:Dos");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, xmlsec1_accepts_what_we_sign);
    tcase_add_test(tcase, we_accept_what_xmlsec1_signs);
    tcase_add_test(tcase, good_signature_is_stripped);
    tcase_add_test(tcase, unsigned_document_is_no_failure);
    tcase_add_test(tcase, attacks_fail_for_their_reason);
    tcase_add_test(tcase, signature_that_was_moved_or_doubled_is_refused);
    tcase_add_test(tcase, digest_made_anew_is_found_by_the_signature);
    tcase_add_test(tcase, signer_must_be_trusted_and_valid);
    tcase_add_test(tcase, comments_and_entities_change_nothing_or_are_refused);
    tcase_add_test(tcase, notes_of_the_gateway_are_not_signed_and_secrets_prevent_it);
    suite_add_tcase(suite, tcase);
    return suite;
}
