/* The server's ordinary work: requests, answers, the local socket, starting and stopping. */
#include "unit/main.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit/http_fixture.h"
#include "util/clock.h"

START_TEST(two_requests_on_one_connection)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    int fd = dial(&f);
    for (int i = 0; i < 2; i++) {
        say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\nhello");
        hear(fd, &out);
        ck_assert_int_eq(status_of(&out), 200);
        ck_assert_ptr_nonnull(strstr(out.data, "\r\n\r\nhello"));
        ck_assert_ptr_nonnull(strstr(out.data, "Content-Type: text/x\r\n"));
    }
    ck_assert(!f.was_local);
    close(fd);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(requests_sent_at_once_are_answered_in_order)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    int fd = dial(&f);
    say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
            "\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2"
            "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    hear(fd, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "\r\n\r\n1"));
    hear(fd, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "\r\n\r\n2"));
    hear(fd, &out);
    ck_assert_int_eq(status_of(&out), 404);
    ck_assert(at_end(fd));
    close(fd);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(a_chunked_body_in_small_pieces)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    int fd = dial(&f);
    const char *text = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n00a;ext=1\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n";
    for (; *text != '\0'; text++) {
        char one[2] = {*text, '\0'};
        say(fd, one);
    }
    hear(fd, &out);
    ck_assert_int_eq(status_of(&out), 200);
    ck_assert_ptr_nonnull(strstr(out.data, "\r\n\r\nabc0123456789"));
    close(fd);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(the_client_is_told_to_go_on)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    int fd = dial(&f);
    say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    hear(fd, &out);
    ck_assert_str_eq(out.data, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "ab");
    hear(fd, &out);
    ck_assert_int_eq(status_of(&out), 200);
    close(fd);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(head_has_no_body_and_big_answers_come_whole)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    int fd = dial(&f);
    say(fd, "HEAD /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    while (!at_end(fd)) {
        buf_puts(&out, "x");
    }
    ck_assert_uint_lt(out.len, 1000);
    close(fd);
    ck_assert_int_eq(ask(&f, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", &out), 200);
    ck_assert_uint_gt(out.len, 5000000);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(a_dropped_request_gets_no_byte)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    ck_assert_int_eq(ask(&f, "GET /drop HTTP/1.1\r\nHost: a\r\n\r\n", &out), 0);
    ck_assert_uint_eq(out.len, 0);
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

START_TEST(a_handler_cannot_add_headers)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    ck_assert_int_eq(ask(&f, "GET /bad-header HTTP/1.1\r\nHost: a\r\n\r\n", &out), 200);
    ck_assert_ptr_nonnull(strstr(out.data, "Location: /aX-Injected: yes\r\n"));
    buf_free(&out);
    fixture_stop(&f);
}
END_TEST

static uint16_t taken_port;
static void take_port(struct http_settings *s)
{
    s->port = taken_port;
}
static void any_address(struct http_settings *s)
{
    s->address = "0.0.0.0";
}

START_TEST(a_port_in_use_is_one_clear_line)
{
    struct fixture f, g;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    taken_port = http_server_port(f.server);
    ck_assert_int_eq(fixture_start(&g, take_port), GLN_E_BUSY);
    ck_assert_ptr_null(g.server);
    ck_assert_ptr_nonnull(strstr(context_text(&g.ctx, LANG_EN), "in use by another program"));
    fixture_stop(&g);
    fixture_stop(&f);
}
END_TEST

START_TEST(without_tls_on_loopback_only)
{
    struct fixture f;
    ck_assert_int_eq(fixture_start(&f, any_address), GLN_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(context_text(&f.ctx, LANG_EN), "without TLS"));
    fixture_stop(&f);
}
END_TEST

static char socket_path[100];
static void on_socket(struct http_settings *s)
{
    s->unix_socket = socket_path;
}

static int dial_socket(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, socket_path, strlen(socket_path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

START_TEST(the_local_socket)
{
    char folder[80];
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/http-XXXXXX", tmp != NULL ? tmp : "/tmp");
    struct fixture f, g;
    struct buf out = BUF_INIT;
    struct stat st;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(socket_path, sizeof socket_path, "%s/s", folder);

    /* One that a dead process left behind is taken over. */
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, socket_path, strlen(socket_path));
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(stale, (struct sockaddr *)&a, sizeof a), 0);
    close(stale);

    ck_assert_int_eq(fixture_start(&f, on_socket), GLN_OK);
    ck_assert_int_eq(stat(socket_path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    int fd = dial_socket();
    say(fd, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    hear(fd, &out);
    ck_assert_int_eq(status_of(&out), 200);
    ck_assert(f.was_local);
    close(fd);

    ck_assert_int_eq(fixture_start(&g, on_socket), GLN_E_BUSY);
    ck_assert_ptr_nonnull(strstr(context_text(&g.ctx, LANG_EN), socket_path));
    fixture_stop(&g);
    ck_assert_int_eq(stat(socket_path, &st), 0);
    fixture_stop(&f);
    ck_assert_int_eq(stat(socket_path, &st), -1);
    rmdir(folder);
    buf_free(&out);
}
END_TEST

static void *stop_it(void *arg)
{
    http_server_stop(arg, 20000);
    return NULL;
}

START_TEST(stopping_finishes_what_runs)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    ck_assert_int_eq(fixture_start(&f, NULL), GLN_OK);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(http_server_port(f.server))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int idle = dial(&f);
    int fd = dial(&f);
    say(fd, "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    sem_wait(&f.entered);
    pthread_t t;
    ck_assert_int_eq(pthread_create(&t, NULL, stop_it, f.server), 0);
    ck_assert(at_end(idle));
    /* Nobody listens any more. */
    int64_t limit = clock_mono_ms() + 20000;
    bool refused = false;
    while (!refused && clock_mono_ms() < limit) {
        int probe = socket(AF_INET, SOCK_STREAM, 0);
        refused = connect(probe, (struct sockaddr *)&a, sizeof a) != 0 && errno == ECONNREFUSED;
        close(probe);
        sched_yield();
    }
    ck_assert(refused);
    sem_post(&f.go);
    hear(fd, &out);
    ck_assert_int_eq(status_of(&out), 200);
    ck_assert_ptr_nonnull(strstr(out.data, "Connection: close\r\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "held 3"));
    pthread_join(t, NULL);
    close(idle);
    close(fd);
    buf_free(&out);
    context_clear(&f.ctx);
    options_free(&f.options);
}
END_TEST

Suite *http_server_suite(void);
Suite *http_server_suite(void)
{
    const TTest *const tests[] = {two_requests_on_one_connection,
                                  requests_sent_at_once_are_answered_in_order,
                                  a_chunked_body_in_small_pieces,
                                  the_client_is_told_to_go_on,
                                  head_has_no_body_and_big_answers_come_whole,
                                  a_dropped_request_gets_no_byte,
                                  a_handler_cannot_add_headers,
                                  a_port_in_use_is_one_clear_line,
                                  without_tls_on_loopback_only,
                                  the_local_socket,
                                  stopping_finishes_what_runs,
                                  NULL};
    return unit_suite("http/server", tests);
}
