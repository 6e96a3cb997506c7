/* The server against what is too much, too slow or not HTTP; after each, the next good request is served. */
#include "unit/main.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/http_fixture.h"

static const char good[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ngood";

static void is_still_serving(const struct fixture *f)
{
    struct buf out = BUF_INIT;
    ck_assert_int_eq(ask(f, good, &out), 200);
    ck_assert_ptr_nonnull(strstr(out.data, "\r\n\r\ngood"));
    buf_free(&out);
}

static void small(struct http_settings *s)
{
    s->max_body = 800;
    s->max_in_flight = 1000;
}
static void impatient(struct http_settings *s)
{
    s->idle_ms = 150;
}

START_TEST(a_body_over_the_cap)
{
    static const char *const requests[] = {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 801\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n321\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n",
    };
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, small), GLN_OK);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        int fd = dial(&f);
        say(fd, requests[i]);
        hear(fd, &out);
        ck_assert_msg(status_of(&out) == 413, "row %zu: %s", i, out.data);
        ck_assert_ptr_nonnull(strstr(out.data, "application/problem+json"));
        ck_assert_ptr_nonnull(strstr(out.data, "\"status\":413"));
        ck_assert_ptr_nonnull(strstr(out.data, "Connection: close\r\n"));
        close(fd);
    }
    is_still_serving(&f);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(a_client_still_sending_sees_the_refusal)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, small), GLN_OK);
    int fd = dial(&f);
    say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n");
    struct buf much = BUF_INIT;
    buf_fill(&much, 'x', 400000);
    say(fd, much.data);
    hear(fd, &out);
    ck_assert_int_eq(status_of(&out), 413);
    close(fd);
    buf_free(&much);
    buf_free(&out);
    is_still_serving(&f);
    fixture_stop(&f);
}
END_TEST

START_TEST(too_much_in_flight)
{
    struct fixture f;
    struct buf out = BUF_INIT, first = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, small), GLN_OK);
    buf_puts(&first, "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 700\r\n\r\n");
    buf_fill(&first, 'x', 700);
    int fd = dial(&f);
    say(fd, first.data);
    sem_wait(&f.entered);
    ck_assert_int_eq(ask(&f, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 301\r\n\r\n", &out), 503);
    ck_assert_ptr_nonnull(strstr(out.data, "Retry-After: 1\r\n"));
    is_still_serving(&f);
    sem_post(&f.go);
    hear(fd, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "held 700"));
    close(fd);
    ck_assert_int_eq(ask(&f, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", &out), 200);
    buf_free(&first);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(what_is_not_http)
{
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"\x16\x03\x01\x02\x01\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", 400},
    };
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int got = ask(&f, rows[i].request, &out);
        ck_assert_msg(got == rows[i].status, "row %zu: %d", i, got);
    }
    is_still_serving(&f);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(a_head_without_end)
{
    struct fixture f;
    struct buf out = BUF_INIT, head = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    buf_puts(&head, "GET / HTTP/1.1\r\nX: ");
    buf_fill(&head, 'x', 40000);
    ck_assert_int_eq(ask(&f, head.data, &out), 431);
    is_still_serving(&f);
    buf_free(&head);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(silent_and_slow_clients)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, impatient), GLN_OK);
    int silent = dial(&f);
    ck_assert(at_end(silent));
    close(silent);
    int head = dial(&f);
    say(head, "GET / HTTP/1.1\r\nHo");
    hear(head, &out);
    ck_assert_int_eq(status_of(&out), 408);
    close(head);
    int body = dial(&f);
    say(body, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    hear(body, &out);
    ck_assert_int_eq(status_of(&out), 408);
    close(body);
    int kept = dial(&f);
    say(kept, good);
    hear(kept, &out);
    ck_assert_int_eq(status_of(&out), 200);
    ck_assert(at_end(kept));
    close(kept);
    is_still_serving(&f);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(clients_that_leave)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    static const char *const parts[] = {"", "GET /",
                                        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"};
    for (size_t i = 0; i < 3; i++) {
        int fd = dial(&f);
        say(fd, parts[i]);
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    int fd = dial(&f);
    say(fd, "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    sem_wait(&f.entered);
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    sem_post(&f.go);
    is_still_serving(&f);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

Suite *http_limits_suite(void);
Suite *http_limits_suite(void)
{
    const TTest *const tests[] = {a_body_over_the_cap, a_client_still_sending_sees_the_refusal,
                                  too_much_in_flight,  what_is_not_http,
                                  a_head_without_end,  silent_and_slow_clients,
                                  clients_that_leave,  NULL};
    return unit_suite("http/limits", tests);
}
