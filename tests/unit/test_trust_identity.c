/* Identities: reading, sealing, rotation, and the choice of exactly one. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust/identity.h"
#include "util/file.h"
#include "util/str.h"

Suite *trust_identity_suite(void);

static struct options options;
static struct clock_source stopped = {.frozen = true};
static struct gln_context ctx;
static struct store *store;
static struct sealer *sealer;
static char dir[] = "/tmp/greenlane-identity-XXXXXX";

static char *in_dir(const char *name)
{
    char *path = path_join(dir, name);
    ck_assert_ptr_nonnull(path);
    return path;
}

static void put(const char *name, const char *data, size_t len)
{
    char *path = in_dir(name);
    ck_assert_int_eq(file_write(path, data, len, 0600), 0);
    free(path);
}

/* A key and a certificate of 30 days, beginning at the context's clock. */
static void make_pair(const char *key_name, const char *cert_name)
{
    struct key *key = NULL;
    struct cert *cert = NULL;
    struct buf b = BUF_INIT;
    ck_assert_int_eq(key_generate_ec(&key, &ctx), GLN_OK);
    ck_assert_int_eq(key_self_sign(&cert, &ctx, key, "unit", 30), GLN_OK);
    ck_assert_int_eq(key_pem(&b, &ctx, key), GLN_OK);
    put(key_name, b.data, b.len);
    buf_clear(&b);
    ck_assert_int_eq(cert_pem(&b, &ctx, cert), GLN_OK);
    put(cert_name, b.data, b.len);
    buf_free(&b);
    key_free(key);
    cert_free(cert);
}

static void setup(void)
{
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ck_assert(time_parse(&stopped.frozen_ms, "2026-07-23T18:00:00Z"));
    ctx.clock = &stopped;
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char *db = in_dir("ledger"), *seal = in_dir("seal.key");
    ck_assert_msg(store_open(&store, &ctx, db, trust_schema) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_msg(sealer_open(&sealer, &ctx, seal, true) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    free(db);
    free(seal);
    make_pair("a.key", "a.cer");
    make_pair("b.key", "b.cer");
    put("password", "SECRET\n", 7);
    put("empty", "\n", 1);
}

static void teardown(void)
{
    store_close(store);
    sealer_free(sealer);
    context_clear(&ctx);
    options_free(&options);
    static const char *const names[] = {"a.key", "a.cer",  "b.key",      "b.cer",      "password",
                                        "empty", "ledger", "ledger-wal", "ledger-shm", "seal.key"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = in_dir(names[i]);
        unlink(path);
        free(path);
    }
    rmdir(dir);
}

static void document(struct buf *b, const char *name, const char *environment, const char *principal,
                     const char *inside)
{
    buf_clear(b);
    buf_printf(
        b,
        "<identity xmlns=\"urn:greenlane:identity:1\" name=\"%s\" environment=\"%s\" destination=\"us-ace\" "
        "principal=\"%s\" role=\"filer\" custody=\"held\">%s</identity>",
        name, environment, principal, inside);
}

static int add(const char *name, const char *environment, const char *principal, const char *inside)
{
    struct buf b = BUF_INIT;
    document(&b, name, environment, principal, inside);
    int status = identity_add(store, &ctx, sealer, b.data, b.len, dir, NULL);
    buf_free(&b);
    return status;
}

#define FULL                                                                                                 \
    "<setting name=\"site\" value=\"2304\"/><setting name=\"endpoint.ca\" file=\"a.cer\"/><certificate "     \
    "file=\"a.cer\"/>"                                                                                       \
    "<key file=\"a.key\"/><secret name=\"abi-password\" file=\"password\"/>"

START_TEST(kept_as_given)
{
    struct identity id, none;
    struct key *key = NULL;
    struct buf secret = BUF_INIT;
    setup();
    ck_assert_msg(add("one", "TEST", "ZZZ", FULL) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(identity_get(store, &ctx, "one", &id), GLN_OK);
    ck_assert_str_eq(id.principal, "ZZZ");
    ck_assert_str_eq(identity_setting(&id, "site"), "2304");
    ck_assert(str_starts(identity_setting(&id, "endpoint.ca"), dir));
    ck_assert_ptr_null(identity_setting(&id, "absent"));
    ck_assert_int_eq(identity_key(store, &ctx, sealer, &id, &key), GLN_OK);
    ck_assert(key_matches(key, id.cert));
    ck_assert_int_eq(identity_secret(store, &ctx, sealer, "one", "abi-password", &secret), GLN_OK);
    ck_assert_str_eq(secret.data, "SECRET");
    ck_assert_int_eq(identity_secret(store, &ctx, sealer, "one", "ws-password", &secret), GLN_E_KEY);
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_E_CONFLICT);
    ck_assert_int_eq(identity_get(store, &ctx, "two", &none), GLN_E_NOT_FOUND);
    key_free(key);
    identity_free(&id);
    buf_free(&secret);
    teardown();
}
END_TEST

START_TEST(secrets_lie_sealed)
{
    static const char *const files[] = {"ledger", "ledger-wal"};
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_OK);
    for (size_t i = 0; i < 2; i++) {
        struct buf b = BUF_INIT;
        char *path = in_dir(files[i]);
        (void)file_read(&b, path, 0);
        ck_assert(b.data == NULL || memmem(b.data, b.len, "SECRET", 6) == NULL);
        ck_assert(b.data == NULL || memmem(b.data, b.len, "PRIVATE KEY", 11) == NULL);
        buf_free(&b);
        free(path);
    }
    teardown();
}
END_TEST

START_TEST(refused_before_anything_is_stored)
{
    static const struct {
        const char *inside;
        int status;
        const char *says;
    } rows[] = {
        {"<certificate file=\"b.cer\"/><key file=\"a.key\"/>", GLN_E_KEY, "does not belong"},
        {"<key file=\"a.key\"/>", GLN_E_KEY, "no certificate"},
        {"<key file=\"nowhere\"/>", GLN_E_CONFIG, "nowhere"},
        {"<secret name=\"abi-password\" file=\"empty\"/>", GLN_E_CONFIG, "empty"},
        {"<secret name=\"key\" file=\"password\"/>", GLN_E_CONFIG, "name"},
        {"<secret name=\"x\" file=\"password\"/><secret name=\"x\" file=\"password\"/>", GLN_E_CONFIG,
         "twice"},
        {"<password>SECRET</password>", GLN_E_CONFIG, "no element 'password'"},
        {"<setting name=\"a\"/>", GLN_E_CONFIG, "setting"},
        {"<certificate file=\"password\"/>", GLN_E_KEY, ""},
    };
    struct identity id;
    setup();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(add("bad", "TEST", "ZZZ", rows[i].inside), rows[i].status);
        ck_assert_msg(strstr(context_text(&ctx, LANG_EN), rows[i].says) != NULL, "row %zu: %s", i,
                      context_text(&ctx, LANG_EN));
    }
    ck_assert_int_eq(add("bad", "SOME", "ZZZ", ""), GLN_E_CONFIG);
    ck_assert_int_eq(add("b/d", "TEST", "ZZZ", ""), GLN_E_CONFIG);
    ck_assert_int_eq(identity_get(store, &ctx, "bad", &id), GLN_E_NOT_FOUND);
    teardown();
}
END_TEST

START_TEST(an_expired_certificate_neither_enters_nor_signs)
{
    struct identity id;
    struct key *key = NULL;
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_OK);
    ck_assert_int_eq(identity_get(store, &ctx, "one", &id), GLN_OK);
    ck_assert_int_eq(identity_may_sign(&id, &ctx), GLN_OK);
    stopped.frozen_ms += 31LL * 86400000;
    ck_assert_int_eq(identity_key(store, &ctx, sealer, &id, &key), GLN_E_KEY);
    /* nor does one whose key is elsewhere */
    ck_assert_int_eq(identity_may_sign(&id, &ctx), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "expired"));
    ck_assert_int_eq(add("two", "TEST", "ZZZ", FULL), GLN_E_KEY);
    identity_free(&id);
    teardown();
}
END_TEST

START_TEST(rotation_replaces_and_remembers)
{
    struct identity id;
    struct key *key = NULL, *again = NULL;
    struct key_cache *cache = NULL;
    struct buf doc = BUF_INIT, secret = BUF_INIT;
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_OK);
    ck_assert_int_eq(key_cache_new(&cache, &ctx), GLN_OK);
    ck_assert_int_eq(identity_get(store, &ctx, "one", &id), GLN_OK);
    ck_assert_int_eq(identity_key_kept(cache, store, &ctx, sealer, &id, &key), GLN_OK);
    ck_assert_int_eq(identity_key_kept(cache, store, &ctx, sealer, &id, &again), GLN_OK);
    ck_assert_ptr_eq(key, again); /* the kept one */
    key_free(again);
    key_cache_clear(cache);
    ck_assert_int_eq(identity_key_kept(cache, store, &ctx, sealer, &id, &again), GLN_OK);
    ck_assert_ptr_ne(key, again); /* none was kept */
    key_free(key);
    key_free(again);
    identity_free(&id);
    put("password", "OTHER", 5);
    buf_puts(&doc, "<identity xmlns=\"urn:greenlane:identity:1\" name=\"one\"><certificate file=\"b.cer\"/>"
                   "<key file=\"b.key\"/><secret name=\"abi-password\" file=\"password\"/></identity>");
    ck_assert_msg(identity_rotate(store, &ctx, sealer, "one", doc.data, doc.len, dir, NULL) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    ck_assert_int_eq(identity_get(store, &ctx, "one", &id), GLN_OK);
    ck_assert_int_eq(identity_key_kept(cache, store, &ctx, sealer, &id, &key), GLN_OK);
    ck_assert(key_matches(key, id.cert)); /* not the one kept before */
    ck_assert_str_eq(identity_setting(&id, "site"), "2304");
    ck_assert_int_eq(identity_secret(store, &ctx, sealer, "one", "abi-password", &secret), GLN_OK);
    ck_assert_str_eq(secret.data, "OTHER");
    document(&doc, "one", "PROD", "ZZZ", "");
    ck_assert_int_eq(identity_rotate(store, &ctx, sealer, "one", doc.data, doc.len, dir, NULL),
                     GLN_E_CONFLICT);
    ck_assert_int_eq(identity_remove(store, &ctx, "one", NULL), GLN_OK);
    ck_assert_int_eq(identity_remove(store, &ctx, "one", NULL), GLN_E_NOT_FOUND);
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_E_CONFLICT);
    key_free(key);
    key_cache_free(cache);
    identity_free(&id);
    buf_free(&doc);
    buf_free(&secret);
    teardown();
}
END_TEST

static int run_sql(struct store_conn *c, struct gln_context *cx, void *arg)
{
    struct store_stmt *st = store_stmt(c, cx, arg);
    return st != NULL ? stmt_run(st, cx) : cx->error.status;
}

static void file(const char *sql)
{
    int status = store_write(store, &ctx, run_sql, (void *)(uintptr_t)sql);
    ck_assert_msg(status == GLN_OK, "%s: %s", sql, context_text(&ctx, LANG_EN));
}

static int unchanged(const char *name)
{
    struct identity id;
    int status = identity_get(store, &ctx, name, &id);
    if (status == GLN_OK)
        status = identity_unchanged(store, &ctx, sealer, &id);
    identity_free(&id);
    return status;
}

/* What anybody who may write the file can do; without the key file nobody makes it count. */
static const char *const ways[] = {
    "UPDATE identity_setting SET value='https://other.example/' WHERE name='site'",
    "UPDATE identity_setting SET name='port' WHERE name='site'",
    "INSERT INTO identity_setting(identity, position, name, value, since_ms) VALUES('one', 9, 'x', 'y', 1)",
    "UPDATE identity_setting SET until_ms=1 WHERE name='site'",
    "UPDATE identity SET principal='YYY'",
    "UPDATE identity SET role='transmitter'",
    "UPDATE identity SET valid_to=1",
    "UPDATE identity SET environment='PROD'",
    "UPDATE identity_certificate SET until_ms=1",
    "UPDATE identity_certificate SET der=(SELECT der FROM identity_certificate WHERE identity='two') WHERE "
    "identity='one'",
    "UPDATE identity_secret SET sealed=(SELECT sealed FROM identity_secret WHERE identity='two' AND name="
    "':settings') WHERE identity='one' AND name=':settings'",
    "DELETE FROM identity_secret WHERE identity='one' AND name=':settings'",
};

START_TEST(changed_in_the_file)
{
    size_t count = 0;
    struct buf doc = BUF_INIT;
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_OK);
    ck_assert_int_eq(
        add("two", "TEST", "WWW",
            "<certificate file=\"b.cer\"/><key file=\"b.key\"/><setting name=\"site\" value=\"1\"/>"),
        GLN_OK);
    ck_assert_int_eq(unchanged("one"), GLN_OK);
    file(ways[_i]);
    ck_assert_int_eq(unchanged("one"), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "is not as it was entered"));
    document(&doc, "one", "TEST", "ZZZ", "<setting name=\"site\" value=\"2\"/>");
    ck_assert_int_ne(identity_rotate(store, &ctx, sealer, "one", doc.data, doc.len, dir, NULL), GLN_OK);
    ck_assert_int_eq(identity_seal_first(store, &ctx, sealer, NULL, &count), GLN_OK);
    ck_assert_int_eq(unchanged("one"), GLN_E_KEY); /* what is sealed already is not sealed as it stands */
    buf_free(&doc);
    teardown();
}
END_TEST

/* A rotation of some settings, and a ledger that knows of no seals. */
START_TEST(sealed_anew)
{
    size_t count = 0;
    struct identity id;
    struct buf doc = BUF_INIT;
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", FULL), GLN_OK);
    document(&doc, "one", "TEST", "ZZZ",
             "<setting name=\"site\" value=\"2\"/><setting name=\"x\" value=\"3\"/>");
    ck_assert_msg(identity_rotate(store, &ctx, sealer, "one", doc.data, doc.len, dir, NULL) == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    ck_assert_int_eq(unchanged("one"), GLN_OK);
    ck_assert_int_eq(identity_get(store, &ctx, "one", &id), GLN_OK);
    ck_assert_uint_eq(id.setting_count, 2);
    ck_assert_str_eq(identity_setting(&id, "site"), "2");
    identity_free(&id);
    file("DELETE FROM identity_secret WHERE name=':settings'");
    file("ALTER TABLE identity_setting RENAME TO old");
    file("CREATE TABLE identity_setting(identity TEXT NOT NULL, position INTEGER NOT "
         "NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(identity, position))");
    file("INSERT INTO identity_setting SELECT identity, position, name, value FROM old "
         "WHERE until_ms IS NULL");
    ck_assert_msg(identity_tables(store, &ctx) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_int_eq(unchanged("one"), GLN_E_KEY);
    ck_assert_int_eq(identity_seal_first(store, &ctx, sealer, NULL, &count), GLN_OK);
    ck_assert_int_eq(unchanged("one"), GLN_OK);
    ck_assert_int_eq(identity_get(store, &ctx, "one", &id), GLN_OK);
    ck_assert_str_eq(identity_setting(&id, "x"), "3");
    identity_free(&id);
    buf_free(&doc);
    teardown();
}
END_TEST

static int pick(const char *submitter, const char *environment, const char *principal)
{
    struct identity id;
    int status = identity_pick(store, &ctx, submitter, environment, "us-ace", principal, NULL, &id);
    identity_free(&id);
    return status;
}

#define LONGEST "0123456789012345678901234567890123456789012345678901234567890123" /* 64 */

/* Two of the same principal, the submitter bound to one: a name neither opens the other nor leaves it open which. */
START_TEST(a_name_picks_only_what_is_his)
{
    struct identity id;
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", ""), GLN_OK);
    ck_assert_int_eq(add("twin", "TEST", "ZZZ", ""), GLN_OK);
    ck_assert_int_eq(submitter_add(store, &ctx, "broker", "ab12", NULL), GLN_OK);
    ck_assert_int_eq(submitter_bind(store, &ctx, "broker", "one", 0, 0, NULL, NULL), GLN_OK);
    ck_assert_int_eq(identity_pick(store, &ctx, "broker", "TEST", "us-ace", "ZZZ", "one", &id), GLN_OK);
    ck_assert_str_eq(id.name, "one");
    identity_free(&id);
    ck_assert_int_eq(identity_pick(store, &ctx, "broker", "TEST", "us-ace", "ZZZ", "twin", &id),
                     GLN_E_FORBIDDEN);
    ck_assert_int_eq(submitter_bind(store, &ctx, "broker", "twin", 0, 0, NULL, NULL), GLN_OK);
    ck_assert_int_eq(pick("broker", "TEST", "ZZZ"), GLN_E_CONFLICT);
    ck_assert_int_eq(identity_pick(store, &ctx, "broker", "TEST", "us-ace", "ZZZ", "twin", &id), GLN_OK);
    ck_assert_str_eq(id.name, "twin");
    identity_free(&id);
    teardown();
}
END_TEST

START_TEST(a_submitter_has_a_plain_name)
{
    static const char *const good[] = {"broker", "Broker_1.west-2", "b", LONGEST};
    static const char *const bad[] = {"",     " ",    "two words", "tab\there", "line\nend", "bell\x07",
                                      "niño", ".dot", "a/b",       "x\x7f",     "a&b",       LONGEST "x"};
    char fingerprint[8];
    setup();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(fingerprint, sizeof fingerprint, "%02zx", i);
        ck_assert_int_eq(submitter_add(store, &ctx, good[i], fingerprint, NULL), GLN_OK);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(submitter_add(store, &ctx, bad[i], "ff", NULL), GLN_E_ARGUMENT);
        ck_assert_ptr_null(strchr(context_text(&ctx, LANG_EN), '\n'));
    }
    teardown();
}
END_TEST

START_TEST(exactly_one_is_picked)
{
    struct buf name = BUF_INIT;
    setup();
    ck_assert_int_eq(add("one", "TEST", "ZZZ", ""), GLN_OK);
    ck_assert_int_eq(add("two", "TEST", "YYY", ""), GLN_OK);
    ck_assert_int_eq(add("one-prod", "PROD", "ZZZ", ""), GLN_OK);
    ck_assert_int_eq(submitter_add(store, &ctx, "broker", "ab12", NULL), GLN_OK);
    ck_assert_int_eq(submitter_add(store, &ctx, "broker", "cd34", NULL), GLN_E_CONFLICT);
    ck_assert_int_eq(submitter_add(store, &ctx, "other", "ab12", NULL), GLN_E_CONFLICT);
    ck_assert_int_eq(submitter_by_cert(store, &ctx, "ab12", &name), GLN_OK);
    ck_assert_str_eq(name.data, "broker");
    ck_assert_int_eq(submitter_by_cert(store, &ctx, "ff", &name), GLN_E_NOT_FOUND);
    ck_assert_int_eq(submitter_bind(store, &ctx, "broker", "one", 0, stopped.frozen_ms + 1000, "poa", NULL),
                     GLN_OK);
    ck_assert_int_eq(submitter_bind(store, &ctx, "nobody", "one", 0, 0, NULL, NULL), GLN_E_NOT_FOUND);
    ck_assert_int_eq(submitter_bind(store, &ctx, "broker", "none", 0, 0, NULL, NULL), GLN_E_NOT_FOUND);

    ck_assert_int_eq(pick(NULL, "TEST", "ZZZ"), GLN_OK);
    ck_assert_int_eq(pick(NULL, "TEST", NULL), GLN_E_CONFLICT);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "one and two"));
    ck_assert_int_eq(pick(NULL, "TEST", "QQQ"), GLN_E_NOT_FOUND);
    ck_assert_int_eq(pick("broker", "TEST", "ZZZ"), GLN_OK);
    ck_assert_int_eq(pick("broker", "TEST", NULL), GLN_OK);
    ck_assert_int_eq(pick("broker", "TEST", "YYY"), GLN_E_FORBIDDEN);
    ck_assert_int_eq(pick("broker", "PROD", "ZZZ"), GLN_E_FORBIDDEN);
    stopped.frozen_ms += 2000;
    ck_assert_int_eq(pick("broker", "TEST", "ZZZ"), GLN_E_FORBIDDEN);
    buf_free(&name);
    teardown();
}
END_TEST

Suite *trust_identity_suite(void)
{
    static const TTest *tests[10];
    tests[0] = kept_as_given;
    tests[1] = secrets_lie_sealed;
    tests[2] = refused_before_anything_is_stored;
    tests[3] = an_expired_certificate_neither_enters_nor_signs;
    tests[4] = rotation_replaces_and_remembers;
    tests[5] = exactly_one_is_picked;
    tests[6] = a_name_picks_only_what_is_his;
    tests[7] = a_submitter_has_a_plain_name;
    tests[8] = sealed_anew;
    Suite *s = unit_suite("trust/identity", tests);
    TCase *t = tcase_create("in the file");
    tcase_add_loop_test(t, changed_in_the_file, 0, sizeof ways / sizeof ways[0]);
    suite_add_tcase(s, t);
    return s;
}

UNIT_MAIN(trust_identity_suite)
