/* TLS server contexts: who is let in, and the host's OpenSSL left alone. The client is openssl's own, over a memory pair. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "crypto/crypto.h"
#include "unit/pki.h"

Suite *crypto_tls_suite(void);

static char pki[256];
static bool made;
static struct options options;
static struct gln_context ctx;

static void setup(void)
{
    ck_assert(made);
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
}

static void teardown(void)
{
    context_clear(&ctx);
    options_free(&options);
}

static char *in_pki(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/%s", pki, name);
    return out;
}

static SSL_CTX *client_new(const char *name, int max_version)
{
    char path[512];
    char file[128];
    SSL_CTX *client = SSL_CTX_new(TLS_client_method());

    ck_assert_int_eq(SSL_CTX_load_verify_locations(client, in_pki(path, sizeof path, "ca.pem"), NULL), 1);
    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_security_level(client, 0);
    if (max_version != 0)
        SSL_CTX_set_max_proto_version(client, max_version);
    if (name != NULL) {
        snprintf(file, sizeof file, "%s.pem", name);
        ck_assert_int_eq(
            SSL_CTX_use_certificate_file(client, in_pki(path, sizeof path, file), SSL_FILETYPE_PEM), 1);
        snprintf(file, sizeof file, "%s.key", name);
        ck_assert_int_eq(
            SSL_CTX_use_PrivateKey_file(client, in_pki(path, sizeof path, file), SSL_FILETYPE_PEM), 1);
    }
    return client;
}

/* Shakes hands in memory; true when both sides are content. */
static bool handshake(SSL *server, SSL *client)
{
    BIO *a = NULL;
    BIO *b = NULL;
    char byte = 0;

    ck_assert_int_eq(BIO_new_bio_pair(&a, 0, &b, 0), 1);
    SSL_set_bio(server, a, a);
    SSL_set_bio(client, b, b);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    for (int i = 0; i < 20; i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
        SSL_read(client, &byte, 1);
    }
    return SSL_is_init_finished(server) && SSL_is_init_finished(client);
}

START_TEST(clients_are_judged)
{
    static const struct {
        const char *client, *ca;
        bool require;
        int version;
        bool lets_in, shows;
    } rows[] = {
        {NULL, NULL, false, 0, true, false},
        {"client-alba", NULL, false, 0, true, false},
        {NULL, "ca.pem", true, 0, false, false},
        {NULL, "ca.pem", false, 0, true, false},
        {"client-alba", "ca.pem", true, 0, true, true},
        {"client-alba", "ca.pem", false, TLS1_2_VERSION, true, true},
        {"client-malo", "ca.pem", true, 0, true, true},
        {"client-malo", "both.pem", true, 0, false, false},
        {"client-alba", "both.pem", true, 0, true, true},
        {"client-alba", "sat-ca.pem", true, 0, false, false},
        {"client-alba", "ca.pem", true, TLS1_1_VERSION, false, false},
    };
    char cert[512];
    char key[512];
    char ca[512];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tls_server *server = NULL;
        SSL_CTX *client = client_new(rows[i].client, rows[i].version);
        struct buf subject = BUF_INIT;
        char fingerprint[65] = "";
        SSL *here;
        SSL *there;
        const struct tls_clients clients = {rows[i].ca != NULL ? in_pki(ca, sizeof ca, rows[i].ca) : NULL,
                                            rows[i].require, true};
        int status = tls_server_new(&server, &ctx, in_pki(cert, sizeof cert, "server.pem"),
                                    in_pki(key, sizeof key, "server.key"), &clients);

        ck_assert_msg(status == GLN_OK, "%s", context_text(&ctx, LANG_EN));
        here = tls_server_session(server);
        there = SSL_new(client);
        ck_assert_ptr_nonnull(here);
        ck_assert_msg(handshake(here, there) == rows[i].lets_in, "row %zu", i);
        ck_assert_msg(tls_session_peer(here, fingerprint, &subject, NULL) == rows[i].shows, "row %zu", i);
        if (rows[i].shows) {
            ck_assert_uint_eq(strlen(fingerprint), 64);
            ck_assert_ptr_nonnull(strstr(subject.data, "CN="));
        }
        buf_free(&subject);
        SSL_free(here);
        SSL_free(there);
        SSL_CTX_free(client);
        tls_server_free(server);
    }
    tls_server_free(NULL);
}
END_TEST

START_TEST(wrong_files_are_named)
{
    static const struct {
        const char *cert, *key, *ca, *word;
    } rows[] = {
        {"none.pem", "server.key", NULL, "none.pem"},
        {"server.pem", "none.key", NULL, "none.key"},
        {"server.pem", "client-alba.key", NULL, "does not belong"},
        {"server.pem", "efirma-uno.key", NULL, "efirma-uno.key"},
        {"server.pem", "server.key", "none.pem", "none.pem"},
        {"server.pem", "server.key", "server.key", "server.key"},
    };
    char cert[512];
    char key[512];
    char ca[512];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tls_server *server = NULL;
        const struct tls_clients clients = {rows[i].ca != NULL ? in_pki(ca, sizeof ca, rows[i].ca) : NULL,
                                            true, true};

        ck_assert_int_eq(tls_server_new(&server, &ctx, in_pki(cert, sizeof cert, rows[i].cert),
                                        in_pki(key, sizeof key, rows[i].key), &clients),
                         GLN_E_CONFIG);
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), rows[i].word) != NULL, "row %zu: %s", i,
                      context_text(&ctx, LANG_EN));
        ck_assert_ptr_null(server);
    }
}
END_TEST

START_TEST(hosts_error_queue_is_left_alone)
{
    struct cert *c = NULL;
    struct key *k = NULL;

    ERR_raise(ERR_LIB_USER, 42);
    ck_assert_int_eq(cert_parse(&c, &ctx, "\x30\x01", 2), GLN_E_KEY);
    ck_assert_int_eq(key_parse(&k, NULL, &ctx, "junk", 4, "x"), GLN_E_KEY);
    ck_assert_int_eq(ERR_GET_LIB(ERR_get_error()), ERR_LIB_USER);
    ck_assert_uint_eq(ERR_get_error(), 0);
    ck_assert_int_eq(cert_parse(&c, &ctx, "\x30\x01", 2), GLN_E_KEY);
    ck_assert_uint_eq(ERR_get_error(), 0);
}
END_TEST

Suite *crypto_tls_suite(void)
{
    Suite *suite = suite_create("crypto/tls");
    TCase *tcase = tcase_create("crypto/tls");
    char command[1024];

    made = pki_make(pki, sizeof pki,
                    "--client alba --revoked malo --efirma uno:ZZI150312QB0:ZZZZ010101HDFXXX05:Uno");
    snprintf(command, sizeof command, "cd '%s' && cat ca.pem crl.pem >both.pem", pki);
    made = made && system(command) == 0;
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, clients_are_judged);
    tcase_add_test(tcase, wrong_files_are_named);
    tcase_add_test(tcase, hosts_error_queue_is_left_alone);
    suite_add_tcase(suite, tcase);
    return suite;
}
