/* A key on a token of SoftHSM: signing from several threads, beside threads that open and close it; what is touched of the host. */
#include "unit/main.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "crypto/token.h"

Suite *crypto_token_suite(void);

static const char *const modules[] = {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so",
                                      "/usr/local/lib/softhsm/libsofthsm2.so"};
static const char *module;
static struct options options;
static struct gln_context ctx;
static char dir[] = "/tmp/greenlane-token-XXXXXX";
static struct cert *cert;

/* A token 'unit' in a folder of its own, with a P-256 key as object 'key'; the certificate is ours. */
static void setup(void)
{
    char command[1024], path[128];
    struct key *key = NULL;
    struct buf pem = BUF_INIT;
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    for (size_t i = 0; module == NULL && i < sizeof modules / sizeof modules[0]; i++)
        module = access(modules[i], R_OK) == 0 ? modules[i] : NULL;
    ck_assert_msg(module != NULL, "no softhsm2: see packages.txt");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(key_generate_ec(&key, &ctx), GLN_OK);
    ck_assert_int_eq(key_self_sign(&cert, &ctx, key, "unit", 30), GLN_OK);
    ck_assert_int_eq(key_pem(&pem, &ctx, key), GLN_OK);
    snprintf(path, sizeof path, "%s/conf", dir);
    setenv("SOFTHSM2_CONF", path, 1);
    snprintf(command, sizeof command,
             "cd %s && mkdir tokens && echo directories.tokendir = %s/tokens >conf && cat >key.pem && "
             "softhsm2-util --init-token --free --label unit --so-pin 12345678 --pin 1234 && "
             "softhsm2-util --import key.pem --token unit --label key --id 01 --pin 1234",
             dir, dir);
    FILE *tool = popen(command, "w");
    ck_assert_ptr_nonnull(tool);
    ck_assert_uint_eq(fwrite(pem.data, 1, pem.len, tool), pem.len);
    ck_assert_int_eq(pclose(tool), 0);
    buf_free(&pem);
    key_free(key);
}

static void teardown(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
    cert_free(cert);
    context_clear(&ctx);
    options_free(&options);
}

static int open_key(struct key **out, struct gln_context *c, const char *uri, const char *pin, bool *refused)
{
    const struct token_key where = {module, uri, pin};
    return key_token(out, c, &where, false, refused);
}

static bool signs(const struct key *key, struct gln_context *c)
{
    struct buf signature = BUF_INIT;
    bool good = false;
    bool ran =
        key_sign(&signature, c, key, DIGEST_SHA256, "|a|b|", 5) == GLN_OK &&
        cert_verify(&good, c, cert, DIGEST_SHA256, "|a|b|", 5, signature.data, signature.len) == GLN_OK;
    buf_free(&signature);
    return ran && good;
}

enum { THREADS = 4, TIMES = 50 };

/* One key for all of them, and each opens it for itself now and then. */
static void *work(void *shared)
{
    struct gln_context own;
    size_t good = 0;
    context_init(&own, &options);
    for (int i = 0; i < TIMES; i++) {
        struct key *key = NULL;
        bool refused;
        if (i % 10 != 0 || open_key(&key, &own, "pkcs11:token=unit;object=key", "1234", &refused) == GLN_OK)
            good += signs(key != NULL ? key : shared, &own);
        key_free(key);
    }
    context_clear(&own);
    return (void *)good; /* NOLINT: a count */
}

START_TEST(threads)
{
    pthread_t ids[THREADS];
    struct key *key = NULL;
    bool refused;
    ck_assert_msg(open_key(&key, &ctx, "pkcs11:token=unit;object=key", "1234", &refused) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    ck_assert(key_matches(key, cert));
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&ids[i], NULL, work, key), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;
        pthread_join(ids[i], &good);
        ck_assert_uint_eq((size_t)good, TIMES);
    }
    ck_assert(!key_spent(key));
    key_free(key);
}
END_TEST

/* Opened and closed again and again, and after each way to fail; a wrong PIN is tried once, another while it is open not at all. */
START_TEST(again_and_again)
{
    static const char right[] = "pkcs11:token=unit;object=key";
    struct key *key = NULL, *other = NULL;
    bool refused;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(open_key(&key, &ctx, right, "1234", &refused), GLN_OK);
        ck_assert(signs(key, &ctx));
        ck_assert_int_eq(open_key(&other, &ctx, right, "4321", &refused), GLN_E_KEY);
        ck_assert(!refused);
        ck_assert_int_eq(open_key(&other, &ctx, "pkcs11:token=unit;object=none", "1234", &refused),
                         GLN_E_KEY);
        ck_assert_int_eq(open_key(&other, &ctx, "pkcs11:token=none", "1234", &refused), GLN_E_KEY);
        ck_assert(!refused);
        ck_assert(signs(key, &ctx));
        key_free(key);
    }
    ck_assert_int_eq(open_key(&key, &ctx, right, "4321", &refused), GLN_E_KEY);
    ck_assert(refused);
    ck_assert_int_eq(open_key(&key, &ctx, right, "4321", &refused), GLN_E_KEY);
    ck_assert(refused);
    ck_assert_int_eq(open_key(&key, &ctx, right, "1234", &refused), GLN_OK);
    ck_assert(signs(key, &ctx));
    key_free(key);
}
END_TEST

/* The host's OpenSSL errors stay, though the engine clears its thread's. */
START_TEST(errors_of_the_host)
{
    struct key *key = NULL;
    bool refused;
    ERR_raise(ERR_LIB_USER, 77);
    ck_assert_int_eq(open_key(&key, &ctx, "pkcs11:token=none", "1234", &refused), GLN_E_KEY);
    ck_assert_int_eq(open_key(&key, &ctx, "pkcs11:token=unit", "1234", &refused), GLN_OK);
    key_free(key);
    ck_assert_int_eq(ERR_GET_REASON(ERR_get_error()), 77);
    ck_assert_uint_eq(ERR_get_error(), 0);
}
END_TEST

static const struct {
    const char *uri;
    bool good;
} uris[] = {
    {"pkcs11:token=a", true},
    {"pkcs11:serial=0A%20b;id=%01%02;type=private", true},
    {"pkcs11:manufacturer=m;model=x;object=a%3bb", true},
    {"pkcs11:object=a", false},
    {"pkcs11:", false},
    {"pkcs11:token=", false},
    {"pkcs11:token", false},
    {"pkcs11:token=a b", false},
    {"pkcs11:token=a%4", false},
    {"pkcs11:token=a%zz", false},
    {"pkcs11:token=a;slot-id=1", false},
    {"pkcs11:token=a?pin-value=1234", false},
    {"pkcs11:token=a;pin-value=1234", false},
    {"pkcs11:token=a&pin-source=/x", false},
    {"file:/x", false},
};

START_TEST(uri)
{
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ck_assert_int_eq(token_uri_check(&ctx, uris[_i].uri), uris[_i].good ? GLN_OK : GLN_E_CONFIG);
    if (strstr(uris[_i].uri, "pin-") != NULL) {
        ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "pin-file"));
        ck_assert_ptr_null(strstr(context_text(&ctx, LANG_EN), "1234"));
    }
    context_clear(&ctx);
    options_free(&options);
}
END_TEST

Suite *crypto_token_suite(void)
{
    Suite *s = suite_create("crypto/token");
    TCase *c = tcase_create("token");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, threads);
    tcase_add_test(c, again_and_again);
    tcase_add_test(c, errors_of_the_host);
    suite_add_tcase(s, c);
    c = tcase_create("uri");
    tcase_add_loop_test(c, uri, 0, sizeof uris / sizeof uris[0]);
    suite_add_tcase(s, c);
    return s;
}
