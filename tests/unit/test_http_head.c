/* http/head.c: what is read, and what is refused with which status. */
#include "unit/main.h"

#include <stdio.h>
#include <string.h>

#include "http/head.h"

static int parse(struct http_head *h, char text[1024], const char *head)
{
    size_t n = strlen(head);
    ck_assert_uint_lt(n, 1024);
    memcpy(text, head, n + 1);
    return http_head_parse(h, text, n);
}

static const struct {
    const char *head;
    int status;
} cases[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET /a?b=c HTTP/1.0\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    {"", 400},
    {"GET /\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: a\n\n", 400},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"GET / XTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nx\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n\r\n", 415},
};

START_TEST(every_case_has_its_status)
{
    struct http_head h;
    char text[1024];
    int got = parse(&h, text, cases[_i].head);
    ck_assert_msg(got == cases[_i].status, "row %d: %d instead of %d", _i, got, cases[_i].status);
}
END_TEST

START_TEST(fields_are_found_in_any_case)
{
    struct http_head h;
    char text[1024];
    ck_assert_int_eq(parse(&h, text,
                           "PUT /p?q HTTP/1.1\r\nhOST: a\r\nX-Y: \t b c \t\r\nExpect: "
                           "100-continue\r\ncontent-length: 0042\r\n\r\n"),
                     0);
    ck_assert_str_eq(h.method, "PUT");
    ck_assert_str_eq(h.target, "/p?q");
    ck_assert_str_eq(http_head_get(&h, "Host"), "a");
    ck_assert_str_eq(http_head_get(&h, "x-y"), "b c");
    ck_assert_ptr_null(http_head_get(&h, "X"));
    ck_assert(h.expect_continue);
    ck_assert(h.has_length && h.length == 42 && !h.chunked);
}
END_TEST

START_TEST(keep_alive_by_version_and_field)
{
    static const struct {
        const char *head;
        bool keep;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_head h;
        char text[1024];
        ck_assert_int_eq(parse(&h, text, rows[i].head), 0);
        ck_assert_msg(h.keep_alive == rows[i].keep, "row %zu", i);
    }
}
END_TEST

START_TEST(too_many_fields)
{
    struct http_head h;
    static char text[16384];
    size_t n = 0;
    n += (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < HTTP_FIELDS_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "X-%d: y\r\n", i);
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "\r\n");
    ck_assert_int_eq(http_head_parse(&h, text, n), 431);
}
END_TEST

START_TEST(a_zero_byte_is_refused)
{
    struct http_head h;
    char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
    ck_assert_int_eq(http_head_parse(&h, text, sizeof text - 1), 400);
}
END_TEST

Suite *http_head_suite(void);
Suite *http_head_suite(void)
{
    Suite *s = suite_create("http/head");
    TCase *t = tcase_create("http/head");
    tcase_add_loop_test(t, every_case_has_its_status, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(t, fields_are_found_in_any_case);
    tcase_add_test(t, keep_alive_by_version_and_field);
    tcase_add_test(t, too_many_fields);
    tcase_add_test(t, a_zero_byte_is_refused);
    suite_add_tcase(s, t);
    return s;
}
