/* Keys, certificates, signatures and CMS, with a PKI made for the run. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/revocation.h"
#include "unit/pki.h"
#include "util/file.h"

Suite *crypto_keys_suite(void);

static char pki[256];
static bool made;
static struct options options;
static struct gln_context ctx;
static struct clock_source frozen = {true, 1784829600000}; /* 2026-07-23T18:00:00Z */

static void setup(void)
{
    ck_assert(made);
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ctx.clock = &frozen;
}

static void teardown(void)
{
    context_clear(&ctx);
    options_free(&options);
}

/* "efirma-uno": the key with its password file. */
static struct key *key_of(const char *name)
{
    char file[128];
    struct buf b = BUF_INIT;
    struct buf word = BUF_INIT;
    struct key *k = NULL;

    snprintf(file, sizeof file, "%s.key", name);
    pki_read(&b, pki, file);
    snprintf(file, sizeof file, "%s.password", name);
    pki_read(&word, pki, file);
    ck_assert_msg(key_parse(&k, NULL, &ctx, b.data, b.len, word.data) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    buf_free(&b);
    buf_free(&word);
    return k;
}

/* What an appending function says of a certificate. */
static void expect(void (*what)(struct buf *, const struct cert *), const struct cert *c, const char *text)
{
    struct buf b = BUF_INIT;

    what(&b, c);
    ck_assert_str_eq(b.len > 0 ? b.data : "", text);
    buf_free(&b);
}

START_TEST(efirma_certificate_is_read)
{
    struct cert *c = pki_cert(&ctx, pki, "efirma-uno.cer");
    struct cert *same = pki_cert(&ctx, pki, "efirma-uno.pem");
    struct cert *server = pki_cert(&ctx, pki, "server.pem");
    struct buf a = BUF_INIT;
    struct buf b = BUF_INIT;

    expect(cert_rfc, c, "ÑA&010101AB9");
    expect(cert_rfc, server, "");
    expect(cert_sat_serial, server, "");
    cert_sat_serial(&a, c);
    ck_assert_uint_eq(a.len, 20);
    ck_assert_int_eq(strncmp(a.data, "3000100000", 10), 0);
    buf_clear(&a);
    cert_serial(&a, c);
    ck_assert_int_eq(strncmp(a.data, "33303030", 8), 0);
    buf_clear(&a);
    cert_subject_part(&a, c, "2.5.4.5");
    ck_assert_str_eq(a.data, " / XXXX010101HDFXXX05");
    buf_clear(&a);
    cert_subject_part(&a, c, "2.5.4.11");
    ck_assert_uint_eq(a.len, 0);
    cert_subject(&a, c);
    ck_assert_ptr_nonnull(strstr(a.data, "CN=Uno & Ñandú SA"));
    buf_clear(&a);
    cert_fingerprint(&a, c);
    cert_fingerprint(&b, same);
    ck_assert_uint_eq(a.len, 64);
    ck_assert_str_eq(a.data, b.data);
    ck_assert(cert_is_rsa(c));
    ck_assert(!cert_is_rsa(server));
    buf_free(&a);
    buf_free(&b);
    cert_free(c);
    cert_free(same);
    cert_free(server);
    cert_free(NULL);
}
END_TEST

START_TEST(der_and_pem_come_back_as_they_were)
{
    struct cert *c = pki_cert(&ctx, pki, "efirma-uno.pem");
    struct buf file = BUF_INIT;
    struct buf out = BUF_INIT;

    pki_read(&file, pki, "efirma-uno.cer");
    ck_assert_int_eq(cert_der(&out, &ctx, c), GLN_OK);
    ck_assert_uint_eq(out.len, file.len);
    ck_assert_int_eq(memcmp(out.data, file.data, out.len), 0);
    buf_clear(&file);
    buf_clear(&out);
    pki_read(&file, pki, "efirma-uno.pem");
    ck_assert_int_eq(cert_pem(&out, &ctx, c), GLN_OK);
    ck_assert_str_eq(out.data, file.data);
    buf_free(&file);
    buf_free(&out);
    cert_free(c);
}
END_TEST

START_TEST(wrong_certificates_are_refused)
{
    static const char *const rows[] = {"", "hello", "0", "\x30\x82\x01",
                                       "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cert *c = NULL;

        ck_assert_int_eq(cert_parse(&c, &ctx, rows[i], strlen(rows[i])), GLN_E_KEY);
        ck_assert_ptr_null(c);
    }
}
END_TEST

START_TEST(dates_decide_by_the_clock_given)
{
    struct cert *old = pki_cert(&ctx, pki, "efirma-vencida.cer");
    struct cert *c = pki_cert(&ctx, pki, "efirma-uno.cer");
    struct key *k = key_of("efirma-uno");
    struct clock_source before = {true, 1400000000000}; /* 2014 */
    struct clock_source then = {true, 1500000000000};   /* 2017-07-14 */
    int64_t from;
    int64_t to;

    cert_validity(old, &from, &to);
    ck_assert_int_eq(from, 1494892800000);
    ck_assert_int_eq(to, 1621123200000);
    ck_assert(cert_valid_at(old, from));
    ck_assert(!cert_valid_at(old, from - 1));
    ck_assert(cert_valid_at(old, to));
    ck_assert(!cert_valid_at(old, to + 1000));

    ck_assert_int_eq(cert_usable(&ctx, old, NULL), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "AAA010101AAA expired on 2021-05-16"));
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_ES), "venció"));
    ctx.clock = &then;
    ck_assert_int_eq(cert_usable(&ctx, old, NULL), GLN_OK);
    ctx.clock = &before;
    ck_assert_int_eq(cert_usable(&ctx, old, NULL), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "only from 2017"));
    ctx.clock = &frozen;
    ck_assert_int_eq(cert_usable(&ctx, c, k), GLN_OK);
    ck_assert_int_eq(cert_usable(&ctx, old, k), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "does not belong"));
    key_free(k);
    cert_free(c);
    cert_free(old);
}
END_TEST

/* What the lists of one file say of a certificate. */
static enum says list_says(const char *file, const struct cert *c, const struct cert *issuer)
{
    struct authorities *a = NULL;
    struct buf bytes = BUF_INIT;
    enum says word;

    pki_read(&bytes, pki, file);
    ck_assert_int_eq(authorities_parse(&a, &ctx, bytes.data, bytes.len), GLN_OK);
    word = authorities_say(&ctx, a, c, issuer).word;
    ck_assert_int_eq(authorities_say(&ctx, a, c, issuer).word, word); /* kept */
    authorities_free(a);
    buf_free(&bytes);
    return word;
}

START_TEST(revocation_lists_are_heeded)
{
    struct cert *revoked = pki_cert(&ctx, pki, "efirma-revocada.cer");
    struct cert *c = pki_cert(&ctx, pki, "efirma-uno.cer");
    struct cert *client = pki_cert(&ctx, pki, "client-malo.pem");
    struct cert *sat_ca = pki_cert(&ctx, pki, "sat-ca.pem");
    struct cert *tls_ca = pki_cert(&ctx, pki, "ca.pem");
    struct authorities *a = NULL;
    struct cert *issuer;
    struct buf ca = BUF_INIT;

    ck_assert_int_eq(list_says("sat-crl.pem", revoked, sat_ca), SAYS_REVOKED);
    ck_assert_int_eq(list_says("sat-crl.pem", c, sat_ca), SAYS_GOOD);
    ck_assert_int_eq(list_says("crl.pem", client, tls_ca), SAYS_REVOKED);
    ck_assert_int_eq(list_says("sat-crl.pem", client, tls_ca), SAYS_NOTHING);
    ck_assert_int_eq(list_says("crl.pem", c, sat_ca), SAYS_NOTHING);
    ck_assert_int_eq(authorities_parse(&a, &ctx, "rubbish", 7), GLN_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "neither a certificate nor a revocation list"));
    context_ok(&ctx);
    pki_read(&ca, pki, "sat-ca.pem");
    ck_assert_int_eq(authorities_parse(&a, &ctx, ca.data, ca.len), GLN_OK);
    issuer = authorities_issuer(&ctx, a, c);
    ck_assert_ptr_nonnull(issuer);
    ck_assert_ptr_null(authorities_issuer(&ctx, a, client));
    ck_assert(cert_own_issuer(issuer));
    ck_assert(!cert_own_issuer(c));
    ck_assert_int_eq(ocsp_say(&ctx, c, issuer, "rubbish", 7, 1000).word, SAYS_RUBBISH);
    cert_free(issuer);
    authorities_free(a);
    buf_free(&ca);
    cert_free(sat_ca);
    cert_free(tls_ca);
    cert_free(revoked);
    cert_free(c);
    cert_free(client);
}
END_TEST

START_TEST(trust_is_by_authority_by_certificate_and_by_list)
{
    static const struct {
        const char *cert, *bundle[2];
        bool good;
    } rows[] = {
        {"efirma-uno.cer", {"sat-ca.pem", NULL}, true},
        {"efirma-uno.cer", {"ca.pem", NULL}, false},
        {"efirma-uno.cer", {"efirma-uno.pem", NULL}, true},
        {"efirma-uno.cer", {"efirma-dos.pem", NULL}, false},
        {"efirma-vencida.cer", {"sat-ca.pem", NULL}, false},
        {"efirma-revocada.cer", {"sat-ca.pem", NULL}, true},
        {"efirma-revocada.cer", {"sat-ca.pem", "sat-crl.pem"}, false},
        {"efirma-uno.cer", {"sat-ca.pem", "sat-crl.pem"}, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cert *c = pki_cert(&ctx, pki, rows[i].cert);
        struct buf bundle = BUF_INIT;
        bool good = !rows[i].good;

        pki_read(&bundle, pki, rows[i].bundle[0]);
        if (rows[i].bundle[1] != NULL)
            pki_read(&bundle, pki, rows[i].bundle[1]);
        ck_assert_int_eq(cert_trusted(&good, &ctx, c, bundle.data, bundle.len), GLN_OK);
        ck_assert_msg(good == rows[i].good, "row %zu", i);
        buf_free(&bundle);
        cert_free(c);
    }
    {
        struct cert *c = pki_cert(&ctx, pki, "efirma-uno.cer");
        bool good = true;

        ck_assert_int_eq(cert_trusted(&good, &ctx, c, "nothing", 7), GLN_E_CONFIG);
        ck_assert(!good);
        cert_free(c);
    }
}
END_TEST

/* Runs openssl over files of the PKI folder; the test fails when it does. */
static void openssl(const char *arguments)
{
    char command[1024];

    snprintf(command, sizeof command, "cd '%s' && openssl %s 2>openssl.log", pki, arguments);
    ck_assert_msg(system(command) == 0, "%s", command);
}

START_TEST(keys_of_every_form_open)
{
    static const struct {
        const char *make, *file, *password;
    } rows[] = {
        {"pkcs8 -topk8 -nocrypt -in client-alba.key -out k1.pem", "k1.pem", NULL},
        {"pkcs8 -topk8 -nocrypt -in client-alba.key -outform DER -out k2.der", "k2.der", NULL},
        {"pkcs8 -topk8 -v2 aes-256-cbc -in client-alba.key -out k3.pem -passout pass:uno", "k3.pem", "uno"},
        {"pkcs8 -topk8 -v2 des3 -in client-alba.key -outform DER -out k4.der -passout pass:uno", "k4.der",
         "uno"},
        {"ec -in client-alba.key -out k5.pem", "k5.pem", NULL},
        {"ec -in client-alba.key -aes128 -out k6.pem -passout pass:uno", "k6.pem", "uno"},
        {"pkey -in client-alba.key -traditional -outform DER -out k7.der", "k7.der", NULL},
        {"pkcs12 -export -in client-alba.pem -inkey client-alba.key -out k8.p12 -passout pass:uno", "k8.p12",
         "uno"},
        {"pkcs12 -export -in client-alba.pem -inkey client-alba.key -out k9.p12 -passout pass:", "k9.p12",
         NULL},
    };
    struct cert *c = pki_cert(&ctx, pki, "client-alba.pem");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = BUF_INIT;
        struct key *k = NULL;
        struct cert *with = NULL;
        int status;

        openssl(rows[i].make);
        pki_read(&b, pki, rows[i].file);
        status = key_parse(&k, &with, &ctx, b.data, b.len, rows[i].password);
        ck_assert_msg(status == GLN_OK, "%s: %s", rows[i].file, context_text(&ctx, LANG_EN));
        ck_assert(key_matches(k, c));
        ck_assert_int_eq(with != NULL, strstr(rows[i].file, "p12") != NULL);
        key_free(k);
        cert_free(with);
        if (rows[i].password != NULL) {
            ck_assert_int_eq(key_parse(&k, NULL, &ctx, b.data, b.len, "dos"), GLN_E_KEY);
            ck_assert_msg(strstr(context_text(&ctx, LANG_EN), "password is wrong") != NULL, "%s: %s",
                          rows[i].file, context_text(&ctx, LANG_EN));
            ck_assert_ptr_null(k);
            ck_assert_int_eq(key_parse(&k, NULL, &ctx, b.data, b.len, NULL), GLN_E_KEY);
            ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "no password was given"));
        }
        buf_free(&b);
    }
    cert_free(c);
}
END_TEST

START_TEST(what_is_no_key_is_refused)
{
    static const char *const rows[] = {"", "hello", "\x30\x03\x02\x01\x01",
                                       "-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n"};
    struct buf pem = BUF_INIT;
    struct key *k = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(key_parse(&k, NULL, &ctx, rows[i], strlen(rows[i]), "x"), GLN_E_KEY);
    pki_read(&pem, pki, "server.pem");
    ck_assert_int_eq(key_parse(&k, NULL, &ctx, pem.data, pem.len, NULL), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_ES), "clave privada legible"));
    ck_assert_ptr_null(k);
    key_free(NULL);
    buf_free(&pem);
}
END_TEST

START_TEST(signatures_verify_and_changes_do_not)
{
    static const enum digest digests[] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    struct cert *certs[2] = {pki_cert(&ctx, pki, "efirma-uno.cer"), NULL};
    struct key *keys[2] = {key_of("efirma-uno"), NULL};

    ck_assert_int_eq(key_generate_ec(&keys[1], &ctx), GLN_OK);
    ck_assert_int_eq(key_self_sign(&certs[1], &ctx, keys[1], "Evidencia de práctica", 30), GLN_OK);
    ck_assert(key_is_rsa(keys[0]));
    ck_assert(!key_is_rsa(keys[1]));
    for (size_t i = 0; i < 2; i++) {
        for (size_t d = 0; d < sizeof digests / sizeof digests[0]; d++) {
            struct buf sig = BUF_INIT;
            bool good = false;

            ck_assert_int_eq(key_sign(&sig, &ctx, keys[i], digests[d], "|a|b|", 5), GLN_OK);
            ck_assert_int_eq(cert_verify(&good, &ctx, certs[i], digests[d], "|a|b|", 5, sig.data, sig.len),
                             GLN_OK);
            ck_assert(good);
            ck_assert_int_eq(cert_verify(&good, &ctx, certs[i], digests[d], "|a|c|", 5, sig.data, sig.len),
                             GLN_OK);
            ck_assert(!good);
            sig.data[sig.len - 1] ^= 1;
            ck_assert_int_eq(cert_verify(&good, &ctx, certs[i], digests[d], "|a|b|", 5, sig.data, sig.len),
                             GLN_OK);
            ck_assert(!good);
            ck_assert_int_eq(
                cert_verify(&good, &ctx, certs[1 - i], digests[d], "|a|b|", 5, sig.data, sig.len), GLN_OK);
            ck_assert(!good);
            buf_free(&sig);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ptr_eq(key_ref(keys[i]), keys[i]);
        key_free(keys[i]);
        key_free(keys[i]);
        ck_assert_ptr_eq(cert_ref(certs[i]), certs[i]);
        cert_free(certs[i]);
        cert_free(certs[i]);
    }
}
END_TEST

START_TEST(own_key_goes_through_pem)
{
    struct key *k = NULL;
    struct key *back = NULL;
    struct cert *c = NULL;
    struct buf pem = BUF_INIT;
    int64_t from;
    int64_t to;

    ck_assert_int_eq(key_generate_ec(&k, &ctx), GLN_OK);
    ck_assert_int_eq(key_self_sign(&c, &ctx, k, "Recibos", 400), GLN_OK);
    ck_assert_int_eq(key_pem(&pem, &ctx, k), GLN_OK);
    ck_assert_int_eq(key_parse(&back, NULL, &ctx, pem.data, pem.len, NULL), GLN_OK);
    ck_assert(key_matches(back, c));
    cert_validity(c, &from, &to);
    ck_assert_int_eq(from, frozen.frozen_ms - 60000);
    ck_assert_int_eq(to - frozen.frozen_ms, (int64_t)400 * 86400 * 1000);
    expect(cert_subject, c, "CN=Recibos");
    bytes_wipe(pem.data, pem.len);
    buf_free(&pem);
    key_free(k);
    key_free(back);
    cert_free(c);
}
END_TEST

START_TEST(cms_is_accepted_by_openssl)
{
    static const char text[] = "A2304 9ZZ  ********\r\nwith a lone \n and a NUL \0 inside";
    struct key *k = NULL;
    struct cert *c = NULL;
    struct cert *other = pki_cert(&ctx, pki, "server.pem");
    struct buf cms = BUF_INIT;
    struct buf pem = BUF_INIT;
    char path[512];
    bool good = false;

    ck_assert_int_eq(key_generate_ec(&k, &ctx), GLN_OK);
    ck_assert_int_eq(key_self_sign(&c, &ctx, k, "Evidencia", 4000), GLN_OK);
    ck_assert_int_eq(cms_sign(&cms, &ctx, k, c, text, sizeof text), GLN_OK);
    ck_assert_int_eq(cms_verify(&good, &ctx, c, cms.data, cms.len, text, sizeof text), GLN_OK);
    ck_assert(good);
    ck_assert_int_eq(cms_verify(&good, &ctx, c, cms.data, cms.len, text, sizeof text - 1), GLN_OK);
    ck_assert(!good);
    ck_assert_int_eq(cms_verify(&good, &ctx, other, cms.data, cms.len, text, sizeof text), GLN_OK);
    ck_assert(!good);
    ck_assert_int_eq(cms_verify(&good, &ctx, c, "junk", 4, text, sizeof text), GLN_OK);
    ck_assert(!good);

    ck_assert_int_eq(cert_pem(&pem, &ctx, c), GLN_OK);
    snprintf(path, sizeof path, "%s/evidence.pem", pki);
    ck_assert_int_eq(file_write(path, pem.data, pem.len, 0600), 0);
    snprintf(path, sizeof path, "%s/evidence.cms", pki);
    ck_assert_int_eq(file_write(path, cms.data, cms.len, 0600), 0);
    snprintf(path, sizeof path, "%s/evidence.bin", pki);
    ck_assert_int_eq(file_write(path, text, sizeof text, 0600), 0);
    openssl("cms -verify -binary -inform DER -in evidence.cms -content evidence.bin -CAfile evidence.pem "
            "-attime 1784829600 -out evidence.out");
    openssl("cms -cmsout -print -inform DER -in evidence.cms | grep -q 'UTCTIME:Jul 23 18:00:00 2026 GMT'");
    openssl("cms -cmsout -inform DER -outform DER -in evidence.cms | cmp - evidence.cms");
    buf_free(&cms);
    buf_free(&pem);
    key_free(k);
    cert_free(c);
    cert_free(other);
}
END_TEST

START_TEST(cms_by_an_rsa_key)
{
    static const char text[] = "a text";
    struct key *k = key_of("efirma-uno");
    struct cert *c = pki_cert(&ctx, pki, "efirma-uno.cer");
    struct cert *other = pki_cert(&ctx, pki, "server.pem");
    struct buf cms = BUF_INIT;
    char path[512];
    bool good = false;

    ck_assert_int_eq(cms_sign(&cms, &ctx, k, other, text, sizeof text), GLN_E_KEY);
    ck_assert_uint_eq(cms.len, 0);
    ck_assert_int_eq(cms_sign(&cms, &ctx, k, c, text, sizeof text), GLN_OK);
    ck_assert_int_eq(cms_verify(&good, &ctx, c, cms.data, cms.len, text, sizeof text), GLN_OK);
    ck_assert(good);
    snprintf(path, sizeof path, "%s/rsa.cms", pki);
    ck_assert_int_eq(file_write(path, cms.data, cms.len, 0600), 0);
    openssl("cms -cmsout -inform DER -outform DER -in rsa.cms | cmp - rsa.cms");
    buf_free(&cms);
    key_free(k);
    cert_free(c);
    cert_free(other);
}
END_TEST

Suite *crypto_keys_suite(void)
{
    Suite *suite = suite_create("crypto/keys");
    TCase *tcase = tcase_create("crypto/keys");

    made =
        pki_make(pki, sizeof pki,
                 "--client alba --revoked malo --efirma 'uno:ÑA&010101AB9:XXXX010101HDFXXX05:Uno & Ñandú SA' "
                 "--efirma 'dos:ZZI150312QB0:ZZZZ010101HDFXXX05:Dos Inventada'");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, efirma_certificate_is_read);
    tcase_add_test(tcase, der_and_pem_come_back_as_they_were);
    tcase_add_test(tcase, wrong_certificates_are_refused);
    tcase_add_test(tcase, dates_decide_by_the_clock_given);
    tcase_add_test(tcase, revocation_lists_are_heeded);
    tcase_add_test(tcase, trust_is_by_authority_by_certificate_and_by_list);
    tcase_add_test(tcase, keys_of_every_form_open);
    tcase_add_test(tcase, what_is_no_key_is_refused);
    tcase_add_test(tcase, signatures_verify_and_changes_do_not);
    tcase_add_test(tcase, own_key_goes_through_pem);
    tcase_add_test(tcase, cms_is_accepted_by_openssl);
    tcase_add_test(tcase, cms_by_an_rsa_key);
    suite_add_tcase(suite, tcase);
    return suite;
}
