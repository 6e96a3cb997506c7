/*
 * Whether a certificate is revoked: what lists and responders answer, what is kept of it when they are gone, and what is not believed.
 * The responder's answers are made by openssl for the run; a scripted server gives them.
 */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow.h"
#include "flow/revocation.h"
#include "unit/pki.h"
#include "unit/scripted.h"
#include "util/file.h"
#include "util/str.h"

#define DAY_MS 86400000LL

static char pki[256];
static bool made;
static struct options options;
static struct gln_engine engine;
static struct gln_context ctx;
static struct clock_source moved;
static struct cert *good, *bad; /* of one authority; the second is revoked */
static struct scripted server;

static const char *path_of(const char *name)
{
    static char paths[8][320];
    static size_t next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", pki, name);
    return path;
}

static void option(const char *name, const char *value)
{
    char err[256];

    ck_assert_msg(options_set(&options, name, value, err, sizeof err) == GLN_OK, "%s", err);
}

static void setup(void)
{
    ck_assert(made);
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    ctx.engine = &engine;
    ck_assert_int_eq(revocation_new(&engine.revocation, &ctx), GLN_OK);
    good = pki_cert(&ctx, pki, "efirma-uno.cer");
    bad = pki_cert(&ctx, pki, "efirma-revocada.cer");
    option("authorities", path_of("sat-ca.pem"));
    option("revocation-timeout", "30s");
}

static void teardown(void)
{
    cert_free(good);
    cert_free(bad);
    revocation_free(TAKE(&engine.revocation));
    ctx.engine = NULL;
    context_clear(&ctx);
    options_free(&options);
}

static bool run(const char *text)
{
    char line[2048];

    snprintf(line, sizeof line, "cd '%s' && { %s; } >>openssl.log 2>&1", pki, text);
    return system(line) == 0;
}

/* The gateway's clock from here on: so many days from now. */
static void days_later(int64_t days)
{
    moved = (struct clock_source){true, clock_wall_ms(NULL) + days * DAY_MS};
    ctx.clock = &moved;
}

static struct revocation_answer ask(const struct cert *c)
{
    const struct revocation_question q = {.cert = c, .whose = "uno", .refusal = GLN_E_KEY};
    struct revocation_answer a;

    ck_assert_int_eq(revocation_ask(engine.revocation, &ctx, &q, &a), GLN_OK);
    ck_assert_str_eq(context_text(&ctx, LANG_EN), "");
    return a;
}

static int permits(const struct cert *c)
{
    const struct revocation_question q = {.cert = c, .whose = "uno", .refusal = GLN_E_KEY};

    return revocation_permits(&ctx, &q, NULL);
}

/* One exchange: the answer is that file. */
static void serve(const char *file)
{
    static char step[400];
    static const char *const steps[] = {"accept", "read", step, "close", NULL};

    snprintf(step, sizeof step, "file:%s", path_of(file));
    scripted_begin(&server, steps);
}

/* Nobody is there any more; no connection was made but those of the script. */
static void gone(void)
{
    ck_assert(scripted_end(&server));
    scripted_free(&server);
}

START_TEST(an_answer_is_kept_until_its_next_update)
{
    struct revocation_answer a;

    serve("good.der");
    option("revocation-responder", server.url);
    option("revocation-max-age", "10d");
    a = ask(good);
    ck_assert_int_eq(a.word, SAYS_GOOD);
    ck_assert_str_eq(a.source, server.url);
    ck_assert_int_gt(a.until_ms, clock_wall_ms(NULL) + 29 * DAY_MS);
    gone();
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
    days_later(9);
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
    /* a newer one is asked for in vain: the old one holds still */
    days_later(11);
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
    ck_assert_int_eq(permits(good), GLN_OK);
    /* and now no more */
    days_later(31);
    a = ask(good);
    ck_assert_int_lt(a.word, SAYS_GOOD);
    ck_assert_int_eq(a.why, MSG_REVOCATION_UNREACHED);
    /* what is known of one says nothing of another */
    ctx.clock = NULL;
    ck_assert_int_lt(ask(bad).word, SAYS_GOOD);
}
END_TEST

START_TEST(a_revoked_one_does_not_count)
{
    struct revocation_answer a;

    serve("revoked.der");
    option("revocation-responder", server.url);
    a = ask(bad);
    ck_assert_int_eq(a.word, SAYS_REVOKED);
    ck_assert_int_gt(a.revoked_ms, 0);
    gone();
    ck_assert_int_eq(permits(bad), GLN_E_KEY);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "the certificate of uno was revoked (20"));
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_ES), "fue revocado"));
    context_ok(&ctx);
    /* nobody says otherwise, so it stays revoked when that answer's time is over */
    days_later(60);
    ck_assert_int_eq(ask(bad).word, SAYS_REVOKED);
    ck_assert_int_eq(ask(bad).word, SAYS_REVOKED);
    option("revocation", "off");
    ck_assert_int_eq(permits(bad), GLN_OK);
}
END_TEST

/* What one answer about `good` is worth. */
static const struct {
    const char *file;
    int64_t later; /* days */
    enum says word;
    enum message_id why;
} answers[] = {
    {"good.der", 0, SAYS_GOOD, MSG_NONE},
    {"delegated.der", 0, SAYS_GOOD, MSG_NONE},
    {"good.der", 60, SAYS_STALE, MSG_REVOCATION_STALE},
    {"good.der", -1, SAYS_STALE, MSG_REVOCATION_STALE},
    {"stranger.der", 0, SAYS_FORGED, MSG_REVOCATION_FORGED},
    {"colleague.der", 0, SAYS_FORGED, MSG_REVOCATION_FORGED}, /* of the same authority, but not for that */
    {"revoked.der", 0, SAYS_NOTHING, MSG_REVOCATION_SILENT},  /* about another certificate */
    {"later.der", 0, SAYS_NOTHING, MSG_REVOCATION_SILENT},
    {"sat-ca.pem", 0, SAYS_RUBBISH, MSG_REVOCATION_RUBBISH},
};

START_TEST(answers_are_judged)
{
    struct revocation_answer a;

    serve(answers[_i].file);
    option("revocation-responder", server.url);
    days_later(answers[_i].later);
    a = ask(good);
    gone();
    ck_assert_int_eq(a.word, answers[_i].word);
    ck_assert_int_eq(a.why, answers[_i].why);
    ck_assert(!a.nobody_asked);
    /* the policy is about those that say neither */
    option("revocation", "hard");
    ck_assert_int_eq(permits(good), a.word == SAYS_GOOD ? GLN_OK : GLN_E_NETWORK);
    option("revocation", "soft");
    context_ok(&ctx);
    ck_assert_int_eq(permits(good), GLN_OK);
}
END_TEST

START_TEST(one_that_is_down_is_left_alone_for_a_while)
{
    static const char *const steps[] = {"accept", "read", "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n",
                                        "close", NULL};
    struct revocation_answer a;

    scripted_begin(&server, steps);
    option("revocation-responder", server.url);
    a = ask(good);
    ck_assert_int_eq(a.why, MSG_REVOCATION_UNREACHED);
    ck_assert_str_eq(a.detail, "HTTP 503");
    a = ask(good);
    ck_assert_int_eq(a.why, MSG_REVOCATION_UNREACHED);
    ck_assert_str_eq(a.detail, "HTTP 503");
    gone();
    option("revocation", "hard");
    ck_assert_int_eq(permits(good), GLN_E_NETWORK);
    ck_assert_ptr_nonnull(strstr(context_text(&ctx, LANG_EN), "HTTP 503"));
}
END_TEST

START_TEST(a_list_is_fetched_once_for_all)
{
    serve("sat-crl.pem");
    option("revocation-lists", server.url);
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
    gone();
    ck_assert_int_eq(ask(bad).word, SAYS_REVOKED);
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
}
END_TEST

START_TEST(a_list_of_another_authority_says_nothing_and_is_kept)
{
    serve("crl.pem");
    option("revocation-lists", server.url);
    ck_assert_int_eq(ask(good).why, MSG_REVOCATION_SILENT);
    gone();
    ck_assert_int_eq(ask(good).why, MSG_REVOCATION_SILENT);
    ck_assert_int_eq(ask(bad).why, MSG_REVOCATION_SILENT);
}
END_TEST

START_TEST(files_are_read_again_when_they_change)
{
    struct revocation_answer a;

    ck_assert(run("cp empty-crl.pem now.pem"));
    option("revocation-lists", path_of("now.pem"));
    ck_assert_int_eq(ask(bad).word, SAYS_GOOD);
    ck_assert(run("cp sat-crl.pem new.pem && mv new.pem now.pem"));
    ck_assert_int_eq(ask(bad).word, SAYS_REVOKED);
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
    ck_assert(run("rm now.pem"));
    a = ask(good);
    ck_assert_int_eq(a.why, MSG_REVOCATION_UNREACHED);
    ck_assert_str_eq(a.source, path_of("now.pem"));
    /* one of two that can be read is enough */
    option("authorities", path_of("both.pem"));
    ck_assert_int_eq(ask(good).word, SAYS_GOOD);
    ck_assert_int_eq(ask(bad).word, SAYS_REVOKED);
}
END_TEST

START_TEST(an_old_list_still_names_whom_it_names)
{
    option("revocation-lists", path_of("old-crl.pem"));
    ck_assert_int_eq(ask(good).why, MSG_REVOCATION_STALE);
    ck_assert_int_eq(ask(bad).word, SAYS_REVOKED);
    option("revocation-lists", path_of("forged-crl.pem"));
    ck_assert_int_lt(ask(good).word, SAYS_GOOD);
    ck_assert_int_lt(ask(bad).word, SAYS_GOOD);
}
END_TEST

START_TEST(without_authority_or_source_that_is_said)
{
    struct revocation_answer a = ask(good);
    struct cert *root = pki_cert(&ctx, pki, "sat-ca.pem");

    ck_assert(a.nobody_asked);
    ck_assert_int_eq(a.why, MSG_REVOCATION_NO_SOURCE);
    ck_assert_int_eq(permits(good), GLN_OK);
    option("authorities", path_of("ca.pem"));
    a = ask(good);
    ck_assert(a.nobody_asked);
    ck_assert_int_eq(a.why, MSG_REVOCATION_NO_AUTHORITY);
    option("revocation", "hard");
    ck_assert_int_eq(permits(good), GLN_E_NETWORK);
    context_ok(&ctx);
    ck_assert_int_eq(ask(root).word, SAYS_GOOD); /* nobody could revoke it */
    cert_free(root);
}
END_TEST

#define SIGN "openssl x509 -req -in uno.csr -CA sat-ca.pem -CAkey .sat-ca/ca.key -days 60 "

START_TEST(its_own_addresses_are_asked_where_that_is_set)
{
    static char list[400];
    static const char *const steps[] = {"accept", "read",   "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n",
                                        "close",  "accept", "read",
                                        list,     "close",  NULL};
    struct cert *own;
    char text[512];

    snprintf(list, sizeof list, "file:%s", path_of("sat-crl.pem"));
    scripted_begin(&server, steps);
    snprintf(text, sizeof text,
             "printf 'authorityInfoAccess=OCSP;URI:%s\\ncrlDistributionPoints=URI:%s\\n' >own.ext && " SIGN
             "-set_serial 77 -extfile own.ext -out own.pem",
             server.url, server.url);
    ck_assert(run(text));
    own = pki_cert(&ctx, pki, "own.pem");
    ck_assert(ask(own).nobody_asked);
    option("revocation-own-addresses", "on");
    ck_assert_int_eq(ask(own).word, SAYS_GOOD);
    gone();
    ck_assert_int_eq(ask(own).word, SAYS_GOOD);
    cert_free(own);
}
END_TEST

#define ANSWER "openssl ocsp -index .sat-ca/index -CA sat-ca.pem -issuer sat-ca.pem -ndays 30 "
#define BY_SAT "-rsigner sat-ca.pem -rkey .sat-ca/ca.key "

/* Lists, responders and their answers, which hold for thirty days from now. */
static bool make_answers(void)
{
    static const char *const lines[] = {
        "openssl req -new -newkey rsa:2048 -nodes -keyout uno.plain -subj /CN=answers -out uno.csr",
        "printf 'extendedKeyUsage=OCSPSigning\\n' >ocsp.ext",
        (SIGN "-set_serial 75 -extfile ocsp.ext -out delegate.pem"),
        "printf 'extendedKeyUsage=clientAuth\\n' >client.ext",
        (SIGN "-set_serial 76 -extfile client.ext -out colleague.pem"),
        (ANSWER BY_SAT "-cert efirma-uno.pem -respout good.der"),
        (ANSWER BY_SAT "-cert efirma-revocada.pem -respout revoked.der"),
        (ANSWER "-rsigner ca.pem -rkey .ca/ca.key -cert efirma-uno.pem -respout stranger.der"),
        (ANSWER "-rsigner delegate.pem -rkey uno.plain -cert efirma-uno.pem -respout delegated.der"),
        (ANSWER "-rsigner colleague.pem -rkey uno.plain -cert efirma-uno.pem -respout colleague.der"),
        "printf '\\060\\003\\012\\001\\003' >later.der", /* an OCSPResponse of status tryLater */
        ("openssl ca -config .sat-ca/ca.cnf -gencrl -crl_lastupdate 20240101000000Z "
         "-crl_nextupdate 20240201000000Z -out old-crl.pem"),
        ": >.none && sed 's#^database.*#database = .none#' .sat-ca/ca.cnf >.none.cnf",
        ("openssl ca -config .none.cnf -gencrl -crl_lastupdate 20240101000000Z "
         "-crl_nextupdate 20491231235959Z -out empty-crl.pem"),
        /* an authority of the same name and another key */
        ("openssl req -x509 -newkey rsa:2048 -nodes -keyout fake.key -subj '/O=Servicio de "
         "practica/CN=A.C. de practica/C=MX' -days 60 -out fake.pem"),
        ("openssl ca -config .sat-ca/ca.cnf -cert fake.pem -keyfile fake.key -gencrl -crldays 30 "
         "-out forged-crl.pem"),
        "cat sat-ca.pem sat-crl.pem >both.pem"};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (!run(lines[i])) {
            fprintf(stderr, "cannot make the answers: %s\n", lines[i]);
            return false;
        }
    return true;
}

static Suite *flow_revocation_suite(void)
{
    Suite *suite = suite_create("flow/revocation");
    TCase *tcase = tcase_create("flow/revocation");

    made = pki_make(pki, sizeof pki, "--efirma uno:ZZI150312QB0:ZZZZ010101HDFXXX05:Uno") && make_answers();
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_answer_is_kept_until_its_next_update);
    tcase_add_test(tcase, a_revoked_one_does_not_count);
    tcase_add_loop_test(tcase, answers_are_judged, 0, sizeof answers / sizeof answers[0]);
    tcase_add_test(tcase, one_that_is_down_is_left_alone_for_a_while);
    tcase_add_test(tcase, a_list_is_fetched_once_for_all);
    tcase_add_test(tcase, a_list_of_another_authority_says_nothing_and_is_kept);
    tcase_add_test(tcase, files_are_read_again_when_they_change);
    tcase_add_test(tcase, an_old_list_still_names_whom_it_names);
    tcase_add_test(tcase, without_authority_or_source_that_is_said);
    tcase_add_test(tcase, its_own_addresses_are_asked_where_that_is_set);
    suite_add_tcase(suite, tcase);
    return suite;
}

UNIT_MAIN(flow_revocation_suite)
