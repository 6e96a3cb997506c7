/* https and soap against a server that does what a script says. */
#include "unit/main.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carry/web.h"
#include "unit/scripted.h"

/* No resolver needs to be asked about a label of over 63 characters. */
#define LABEL "no-name-is-as-long-as-this-one-here"

#define FAULT                                                                                                \
    "<?xml version='1.0'?><!-- a > b --><S:Envelope xmlns:S='u' a='>'><S:Header><Fault/></S:Header><S:Body>" \
    "<S:Fault><faultcode>S:Client</faultcode></S:Fault></S:Body></S:Envelope>"

struct side {
    struct options options;
    struct gln_context ctx;
    struct buf reply, why;
    enum carry_outcome outcome;
};

static void side_begin(struct side *s)
{
    memset(s, 0, sizeof *s);
    ck_assert_int_eq(carry_init(), GLN_OK);
    ck_assert_int_eq(options_init(&s->options), GLN_OK);
    context_init(&s->ctx, &s->options);
}

static void side_end(struct side *s)
{
    context_clear(&s->ctx);
    options_free(&s->options);
    buf_free(&s->reply);
    buf_free(&s->why);
    carry_shutdown();
}

static int send_to(struct side *s, const char *carrier, const char *url)
{
    struct carry_endpoint e = {.carrier = carrier,
                               .url = url,
                               .soap_action = "urn:act",
                               .connect_timeout_ms = 5000,
                               .timeout_ms = 20000};
    buf_clear(&s->reply);
    buf_clear(&s->why);
    return carry_send(&s->ctx, &e, "payload", 7, &s->outcome, &s->reply, &s->why);
}

#define ANSWER(line, more, body) "HTTP/1.1 " line "\r\n" more "Connection: close\r\n\r\n" body

static const struct {
    const char *answer;
    enum carry_outcome https, soap;
} rows[] = {
    {ANSWER("200 OK", "", "good"), CARRY_DELIVERED, CARRY_DELIVERED},
    {ANSWER("202 Accepted", "Content-Length: 0\r\n", ""), CARRY_DELIVERED, CARRY_DELIVERED},
    {ANSWER("200 OK", "", FAULT), CARRY_DELIVERED, CARRY_REFUSED},
    {ANSWER("200 OK", "Content-Length: 100\r\n", "cut"), CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {ANSWER("302 Found", "Location: http://127.0.0.1:1/\r\n", ""), CARRY_REFUSED, CARRY_REFUSED},
    {ANSWER("303 See Other", "Location: /y\r\n", ""), CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {ANSWER("400 Bad Request", "", "why"), CARRY_REFUSED, CARRY_REFUSED},
    {ANSWER("403 Forbidden", "Content-Length: 100\r\n", "cut"), CARRY_REFUSED, CARRY_REFUSED},
    {ANSWER("408 Request Timeout", "", ""), CARRY_NOT_SENT, CARRY_NOT_SENT},
    {ANSWER("429 Too Many Requests", "", ""), CARRY_NOT_SENT, CARRY_NOT_SENT},
    {ANSWER("500 Oops", "", "trouble"), CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {ANSWER("500 Oops", "", FAULT), CARRY_IN_DOUBT, CARRY_REFUSED},
    {ANSWER("502 Bad Gateway", "", ""), CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {ANSWER("503 Later", "retry-after: 5\r\n", ""), CARRY_NOT_SENT, CARRY_NOT_SENT},
    {ANSWER("503 Later", "", ""), CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {"not HTTP at all\r\n\r\n", CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {"HTTP/1.1 100 Continue\r\n\r\n", CARRY_IN_DOUBT, CARRY_IN_DOUBT},
    {"", CARRY_IN_DOUBT, CARRY_IN_DOUBT},
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

START_TEST(every_answer_has_its_outcome)
{
    struct side s;
    struct scripted peer;
    bool soap = _i >= ROWS;
    int row = _i % ROWS;
    const char *steps[] = {"accept", "read", rows[row].answer, "close", NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    ck_assert_int_eq(send_to(&s, soap ? "soap" : "https", peer.url), GLN_OK);
    ck_assert_msg(scripted_end(&peer), "row %d: connected again", row);
    ck_assert_msg(s.outcome == (soap ? rows[row].soap : rows[row].https), "row %d, soap %d: outcome %d", row,
                  soap, (int)s.outcome);
    ck_assert_int_eq(peer.requests, 1);
    ck_assert_int_eq(s.outcome == CARRY_DELIVERED, s.why.len == 0);
    if (soap) {
        ck_assert_ptr_nonnull(strstr(peer.last.data, "SOAPAction: \"urn:act\"\r\n"));
        ck_assert_ptr_nonnull(strstr(peer.last.data, "Content-Type: text/xml; charset=utf-8\r\n"));
    }
    ck_assert_ptr_nonnull(strstr(peer.last.data, "POST /x HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(peer.last.data, "\r\n\r\npayload"));
    scripted_free(&peer);
    side_end(&s);
}
END_TEST

START_TEST(nobody_listens)
{
    struct side s;
    struct scripted peer;
    static const char *const steps[] = {NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    scripted_end(&peer);
    scripted_free(&peer);
    ck_assert_int_eq(send_to(&s, "https", peer.url), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    ck_assert_ptr_nonnull(strstr(s.why.data, peer.url));
    side_end(&s);
}
END_TEST

START_TEST(a_name_that_does_not_exist)
{
    struct side s;
    side_begin(&s);
    ck_assert_int_eq(send_to(&s, "https", "https://" LABEL LABEL ".invalid/x"), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    side_end(&s);
}
END_TEST

START_TEST(connections_are_kept)
{
    struct side s;
    struct scripted peer;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    static const char *const steps[] = {"accept", "read", answer, "read", answer, "read", answer, NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(send_to(&s, i == 1 ? "soap" : "https", peer.url), GLN_OK);
        ck_assert_int_eq(s.outcome, CARRY_DELIVERED);
        ck_assert_str_eq(s.reply.data, "ok");
    }
    ck_assert(scripted_end(&peer));
    ck_assert_int_eq(peer.requests, 3);
    scripted_free(&peer);
    side_end(&s);
}
END_TEST

/* What libcurl would do by itself: send it again on a new connection. */
START_TEST(a_kept_connection_that_breaks_is_never_retried)
{
    struct side s;
    struct scripted peer;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    static const char *const steps[] = {"accept", "read", answer, "read", "close", NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    ck_assert_int_eq(send_to(&s, "https", peer.url), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_DELIVERED);
    ck_assert_int_eq(send_to(&s, "https", peer.url), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_IN_DOUBT);
    context_clear(&s.ctx); /* closes what it kept */
    context_init(&s.ctx, &s.options);
    scripted_end(&peer);
    ck_assert_int_eq(peer.requests, 2);
    /* It may have connected again before it was stopped, but then it left without a byte. */
    fcntl(peer.listener, F_SETFL, O_NONBLOCK);
    int again = accept(peer.listener, NULL, NULL);
    char c;
    ck_assert(again < 0 || recv(again, &c, 1, 0) == 0);
    if (again >= 0) {
        close(again);
    }
    scripted_free(&peer);
    side_end(&s);
}
END_TEST

START_TEST(no_answer_in_time)
{
    struct side s;
    struct scripted peer;
    static const char *const steps[] = {"accept", "read", "wait", NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    struct carry_endpoint e = {.carrier = "https", .url = peer.url, .timeout_ms = 200};
    ck_assert_int_eq(carry_send(&s.ctx, &e, "x", 1, &s.outcome, &s.reply, &s.why), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_IN_DOUBT);
    ck_assert(scripted_end(&peer));
    scripted_free(&peer);
    side_end(&s);
}
END_TEST

START_TEST(no_handshake_in_time)
{
    struct side s;
    struct scripted peer;
    char url[80];
    static const char *const steps[] = {"accept", "wait", NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/x", (unsigned)peer.port);
    struct carry_endpoint e = {.carrier = "https", .url = url, .connect_timeout_ms = 200};
    ck_assert_int_eq(carry_send(&s.ctx, &e, "x", 1, &s.outcome, &s.reply, &s.why), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    ck_assert(scripted_end(&peer));
    scripted_free(&peer);
    side_end(&s);
}
END_TEST

START_TEST(an_answer_without_end_is_cut_off)
{
    struct side s;
    struct scripted peer;
    static const char *const steps[] = {"accept", "read", "flood", NULL};
    side_begin(&s);
    scripted_begin(&peer, steps);
    ck_assert_int_eq(send_to(&s, "https", peer.url), GLN_OK);
    ck_assert_int_eq(s.outcome, CARRY_IN_DOUBT);
    ck_assert_uint_le(s.reply.len, CARRY_REPLY_MAX);
    context_clear(&s.ctx);
    ck_assert(scripted_end(&peer));
    scripted_free(&peer);
    options_free(&s.options);
    buf_free(&s.reply);
    buf_free(&s.why);
}
END_TEST

START_TEST(endpoints_that_are_wrong)
{
    static const struct {
        const char *carrier, *url, *text;
    } bad[] = {
        {"pigeon", "https://a/", "no carrier 'pigeon'"},
        {NULL, "https://a/", "no carrier ''"},
        {"https", NULL, "no address"},
        {"https", "", "no address"},
        {"https", "http://customs.example/x", "not an https address"},
        {"https", "http://127.0.0.1@customs.example/x", "not an https address"},
        {"https", "http://127.0.0.1.customs.example/x", "not an https address"},
        {"https", "http://localhost:x@127.0.0.9:48125/x", "not an https address"},
        {"https", "http://localhost%2f@127.0.0.9/x", "not an https address"},
        {"https", "https://somebody:secret@127.0.0.1/x", "not an https address"},
        {"soap", "file:///etc/passwd", "not an https address"},
        {"https", "ftp://127.0.0.1/x", "not an https address"},
    };
    struct side s;
    side_begin(&s);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(send_to(&s, bad[i].carrier, bad[i].url), GLN_E_CONFIG);
        ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
        ck_assert_msg(strstr(context_text(&s.ctx, LANG_EN), bad[i].text) != NULL, "row %zu: %s", i,
                      context_text(&s.ctx, LANG_EN));
    }
    side_end(&s);
}
END_TEST

START_TEST(fetching_and_taking_off)
{
    static const struct {
        const char *answer;
        int status;
        const char *tag; /* after the authority */
    } cases[] = {
        {ANSWER("200 OK", "Location: /box/17\r\n", "message"), GLN_OK, "/box/17"},
        {ANSWER("200 OK", "Location: 18\r\n", "message"), GLN_OK, "/18"},
        {ANSWER("204 No Content", "", ""), GLN_E_NOT_FOUND, NULL},
        {ANSWER("404 Not Found", "", "none"), GLN_E_NOT_FOUND, NULL},
        {ANSWER("500 Oops", "", "x"), GLN_E_NETWORK, NULL},
        {ANSWER("200 OK", "", "message"), GLN_E_NETWORK, NULL},
        {ANSWER("200 OK", "Location: https://elsewhere.invalid/1\r\n", "message"), GLN_E_NETWORK, NULL},
        {ANSWER("200 OK", "Location: /1\r\nContent-Length: 99\r\n", "cut"), GLN_E_NETWORK, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct side s;
        struct scripted peer;
        struct buf out = BUF_INIT, tag = BUF_INIT;
        const char *steps[] = {"accept", "read", cases[i].answer, "close", NULL};
        side_begin(&s);
        scripted_begin(&peer, steps);
        struct carry_endpoint e = {.carrier = "https", .url = peer.url};
        int status = carry_fetch(&s.ctx, &e, &out, &tag);
        ck_assert_msg(status == cases[i].status, "row %zu: %d %s", i, status, context_text(&s.ctx, LANG_EN));
        scripted_end(&peer);
        ck_assert_ptr_nonnull(strstr(peer.last.data, "GET /x HTTP/1.1\r\n"));
        if (status == GLN_OK) {
            ck_assert_str_eq(out.data, "message");
            ck_assert_ptr_nonnull(strstr(tag.data, cases[i].tag));
        } else {
            ck_assert_uint_eq(out.len, 0);
        }
        scripted_free(&peer);
        buf_free(&out);
        buf_free(&tag);
        side_end(&s);
    }
}
END_TEST

START_TEST(taking_off_deletes_by_name)
{
    static const struct {
        const char *answer;
        int status;
    } cases[] = {
        {ANSWER("204 No Content", "", ""), GLN_OK},
        {ANSWER("404 Not Found", "", ""), GLN_OK},
        {ANSWER("500 Oops", "", ""), GLN_E_NETWORK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct side s;
        struct scripted peer;
        char tag[80];
        const char *steps[] = {"accept", "read", cases[i].answer, "close", NULL};
        side_begin(&s);
        scripted_begin(&peer, steps);
        snprintf(tag, sizeof tag, "http://127.0.0.1:%u/box/17", (unsigned)peer.port);
        struct carry_endpoint e = {.carrier = "https", .url = peer.url};
        ck_assert_int_eq(carry_done(&s.ctx, &e, tag), cases[i].status);
        ck_assert_int_eq(carry_done(&s.ctx, &e, "https://elsewhere.invalid/17"), GLN_E_ARGUMENT);
        scripted_end(&peer);
        ck_assert_ptr_nonnull(strstr(peer.last.data, "DELETE /box/17 HTTP/1.1\r\n"));
        scripted_free(&peer);
        side_end(&s);
    }
}
END_TEST

START_TEST(what_a_fault_is)
{
    static const struct {
        const char *xml;
        bool fault;
    } cases[] = {
        {FAULT, true},
        {"<Envelope><Body><Fault/></Body></Envelope>", true},
        {"<e:Envelope><e:Header/><e:Body >\n<!-- <x> --><e:Fault>", true},
        {"<Envelope><Body><Answer><Fault/></Answer></Body></Envelope>", false},
        {"<Envelope><Body><Answer/><Fault/></Body></Envelope>", false},
        {"<Envelope><Header><Body><Fault/></Body></Header><Body><A/></Body></Envelope>", false},
        {"<Fault/>", false},
        {"<Envelope><Body><![CDATA[<Fault>]]></Body></Envelope>", false},
        {"<html><body>Fault</body></html>", false},
        {"<Envelope><Body a='<Fault>'", false},
        {"", false},
        {"<", false},
        {"</a></b><Envelope", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(carry_is_fault(cases[i].xml, strlen(cases[i].xml)) == cases[i].fault, "row %zu", i);
    }
}
END_TEST

Suite *carry_outcome_suite(void);
Suite *carry_outcome_suite(void)
{
    const TTest *const tests[] = {nobody_listens,
                                  a_name_that_does_not_exist,
                                  connections_are_kept,
                                  a_kept_connection_that_breaks_is_never_retried,
                                  no_answer_in_time,
                                  no_handshake_in_time,
                                  an_answer_without_end_is_cut_off,
                                  endpoints_that_are_wrong,
                                  fetching_and_taking_off,
                                  taking_off_deletes_by_name,
                                  what_a_fault_is,
                                  NULL};
    Suite *s = unit_suite("carry/outcome", tests);
    TCase *t = tcase_create("carry/answers");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, every_answer_has_its_outcome, 0, 2 * ROWS);
    suite_add_tcase(s, t);
    return s;
}
