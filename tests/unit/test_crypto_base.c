/* Digests, base64, random bytes, and secrets at rest. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "util/file.h"

Suite *crypto_base_suite(void);

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

START_TEST(sha256_vectors)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char digest[32];
        char hex[65];

        digest_sha256(digest, rows[i].in, strlen(rows[i].in));
        digest_hex(hex, digest);
        ck_assert_str_eq(hex, rows[i].out);
    }
}
END_TEST

/* The one that needs no memory agrees, whatever the length does to the last block. */
START_TEST(plain_sha256_agrees)
{
    unsigned char data[400], digest[32];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + 3);
    for (size_t len = 0; len <= sizeof data; len++) {
        struct buf other = BUF_INIT;

        sha256_plain(digest, data, len);
        ck_assert_int_eq(digest_put(&other, &ctx, DIGEST_SHA256, data, len), GLN_OK);
        ck_assert_uint_eq(other.len, sizeof digest);
        ck_assert_mem_eq(other.data, digest, sizeof digest);
        buf_free(&other);
    }
}
END_TEST

START_TEST(base64_vectors)
{
    static const struct {
        const char *plain, *text;
    } rows[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xff\xfe\xfd", "//79"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = BUF_INIT;
        struct buf back = BUF_INIT;

        base64_put(&out, rows[i].plain, strlen(rows[i].plain));
        ck_assert_uint_eq(out.len, strlen(rows[i].text));
        ck_assert_int_eq(memcmp(out.len ? out.data : "", rows[i].text, out.len), 0);
        ck_assert(base64_get(&back, rows[i].text, strlen(rows[i].text)));
        ck_assert_uint_eq(back.len, strlen(rows[i].plain));
        ck_assert_int_eq(memcmp(back.len ? back.data : "", rows[i].plain, back.len), 0);
        buf_free(&out);
        buf_free(&back);
    }
}
END_TEST

START_TEST(base64_refuses_what_is_malformed)
{
    static const char *const rows[] = {
        "Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zm9v=", "Zm9$", "=", "Zh==", "Zm9=", "Zm-v"};
    struct buf out = BUF_INIT;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(!base64_get(&out, rows[i], strlen(rows[i])), "%s was taken", rows[i]);
    buf_clear(&out);
    ck_assert(base64_get(&out, " Zm\n9v\r\n\tYg = = ", 16));
    ck_assert_str_eq(out.data, "foob");
    buf_free(&out);
}
END_TEST

START_TEST(random_bytes_differ_and_wiping_wipes)
{
    unsigned char a[32];
    unsigned char b[32];
    static const unsigned char zero[32];

    ck_assert_int_eq(random_bytes(&ctx, a, sizeof a), GLN_OK);
    ck_assert_int_eq(random_bytes(&ctx, b, sizeof b), GLN_OK);
    ck_assert(!bytes_equal(a, b, sizeof a));
    bytes_wipe(a, sizeof a);
    ck_assert(bytes_equal(a, zero, sizeof a));
    bytes_wipe(NULL, 0);
}
END_TEST

/* A path in the test's own folder. */
static char *path_of(const char *name)
{
    const char *tmp = getenv("TMPDIR");
    char file[64];

    snprintf(file, sizeof file, "%s-%d", name, (int)getpid());
    return path_join(tmp != NULL ? tmp : "/tmp", file);
}

START_TEST(sealed_secret_opens_only_at_its_place)
{
    char *path = path_of("seal");
    struct sealer *s = NULL;
    struct sealer *again = NULL;
    struct buf sealed = BUF_INIT;
    struct buf open = BUF_INIT;
    struct stat st;

    ck_assert_int_eq(sealer_open(&s, &ctx, path, false), GLN_E_KEY);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(sealer_open(&s, &ctx, path, true), GLN_OK);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    ck_assert_int_eq(st.st_size, 32);
    ck_assert_int_eq(sealer_open(&again, &ctx, path, true), GLN_OK);

    ck_assert_int_eq(sealer_seal(&sealed, &ctx, s, "identity/a/ws-password", "secreto", 7), GLN_OK);
    ck_assert_ptr_null(memmem(sealed.data, sealed.len, "secreto", 7));
    ck_assert_int_eq(sealer_unseal(&open, &ctx, again, "identity/a/ws-password", sealed.data, sealed.len),
                     GLN_OK);
    ck_assert_uint_eq(open.len, 7);
    ck_assert_str_eq(open.data, "secreto");

    ck_assert_int_eq(sealer_unseal(&open, &ctx, s, "identity/b/ws-password", sealed.data, sealed.len),
                     GLN_E_KEY);
    ck_assert_int_eq(sealer_unseal(&open, &ctx, s, "identity/a/ws-password", sealed.data, sealed.len - 1),
                     GLN_E_KEY);
    ck_assert_int_eq(sealer_unseal(&open, &ctx, s, "identity/a/ws-password", sealed.data, 10), GLN_E_KEY);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.data[i] ^= 1;
        ck_assert_int_eq(sealer_unseal(&open, &ctx, s, "identity/a/ws-password", sealed.data, sealed.len),
                         GLN_E_KEY);
        sealed.data[i] ^= 1;
    }
    ck_assert_uint_eq(open.len, 7);

    buf_free(&sealed);
    buf_free(&open);
    ck_assert_int_eq(sealer_seal(&sealed, &ctx, s, "empty", NULL, 0), GLN_OK);
    ck_assert_int_eq(sealer_unseal(&open, &ctx, s, "empty", sealed.data, sealed.len), GLN_OK);
    ck_assert_uint_eq(open.len, 0);
    buf_free(&sealed);
    buf_free(&open);
    sealer_free(s);
    sealer_free(again);
    sealer_free(NULL);
    unlink(path);
    free(path);
}
END_TEST

START_TEST(key_file_is_refused_when_others_may_read_it)
{
    char *path = path_of("mode");
    struct sealer *s = NULL;
    static const char *const rows[] = {"0640", "0604", "0660", "0644"};

    ck_assert_int_eq(sealer_open(&s, &ctx, path, true), GLN_OK);
    sealer_free(s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(chmod(path, (mode_t)strtol(rows[i], NULL, 8)), 0);
        ck_assert_int_eq(sealer_open(&s, &ctx, path, true), GLN_E_KEY);
        ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "chmod 600"));
    }
    unlink(path);
    ck_assert_int_eq(file_write(path, "short", 5, 0600), 0);
    ck_assert_int_eq(sealer_open(&s, &ctx, path, true), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "32 bytes"));
    unlink(path);
    ck_assert_int_eq(sealer_open(&s, &ctx, "/", true), GLN_E_KEY);
    free(path);
}
END_TEST

Suite *crypto_base_suite(void)
{
    Suite *suite = suite_create("crypto/base");
    TCase *tcase = tcase_create("crypto/base");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, sha256_vectors);
    tcase_add_test(tcase, plain_sha256_agrees);
    tcase_add_test(tcase, base64_vectors);
    tcase_add_test(tcase, base64_refuses_what_is_malformed);
    tcase_add_test(tcase, random_bytes_differ_and_wiping_wipes);
    tcase_add_test(tcase, sealed_secret_opens_only_at_its_place);
    tcase_add_test(tcase, key_file_is_refused_when_others_may_read_it);
    suite_add_tcase(suite, tcase);
    return suite;
}
