/*
 * Answers: what a handler made, and what the server says itself when a request cannot be read (a problem document, RFC 9457).
 *
 * Nothing a handler puts into a header can end its line. After a refusal the connection is closed, but not before the client had a
 * moment to read the answer: closing on unread bytes would make its kernel throw the answer away.
 */
#include "http/server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>

#include "util/clock.h"
#include "util/json.h"
#include "util/str.h"

enum { COPY_MAX = 16384 }; /* a body up to this goes into one piece with its head */

struct reason {
    int status;
    const char *text, *detail;
};

static const struct reason reasons[] = {
    {200, "OK", NULL},
    {201, "Created", NULL},
    {202, "Accepted", NULL},
    {204, "No Content", NULL},
    {400, "Bad Request", "the request is not well-formed HTTP/1.1; the connection is closed"},
    {401, "Unauthorized", NULL},
    {403, "Forbidden", NULL},
    {404, "Not Found", NULL},
    {405, "Method Not Allowed", NULL},
    {406, "Not Acceptable", NULL},
    {408, "Request Timeout", "the request did not arrive in time; send it again"},
    {409, "Conflict", NULL},
    {413, "Content Too Large", "the body is over the size limit; send a smaller one, or raise the limit"},
    {415, "Unsupported Media Type", "the body must not be content-encoded"},
    {417, "Expectation Failed", "only Expect: 100-continue is understood"},
    {422, "Unprocessable Content", NULL},
    {429, "Too Many Requests", NULL},
    {431, "Request Header Fields Too Large", "the head of the request is over 32768 bytes or 100 fields"},
    {500, "Internal Server Error", NULL},
    {501, "Not Supported", "this transfer coding is not understood; use Content-Length or chunked"},
    {502, "Bad Gateway", NULL},
    {503, "Service Unavailable", "too much is being received at once; try again in a moment"},
    {504, "Gateway Timeout", NULL},
    {505, "HTTP Version Not Supported", "HTTP/1.1 is spoken here"},
};

static const struct reason *reason_of(int status)
{
    static const struct reason unknown = {0, "Unknown", NULL};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return &reasons[i];
        }
    }
    return &unknown;
}

/* A header line; control characters are left out, an empty value makes no line. */
static void put_field(struct buf *b, const char *name, const char *value)
{
    if (*value == '\0') {
        return;
    }
    buf_printf(b, "%s: ", name);
    for (; *value != '\0'; value++) {
        unsigned char u = (unsigned char)*value;
        if (u >= 0x20 && u != 0x7f) {
            buf_putc(b, *value);
        }
    }
    buf_puts(b, "\r\n");
}

static void put_date(struct buf *b)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(clock_wall_ms(NULL) / 1000);
    struct tm tm;
    if (gmtime_r(&now, &tm) != NULL) {
        buf_printf(b, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n", days + 3 * tm.tm_wday, tm.tm_mday,
                   months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    }
}

static void put_head(struct buf *b, const struct conn *c)
{
    const struct http_response *out = &c->out;
    buf_printf(b, "HTTP/1.1 %d %s\r\n", out->status, reason_of(out->status)->text);
    put_date(b);
    put_field(b, "Content-Type", out->content_type);
    put_field(b, "Location", out->location);
    put_field(b, "Retry-After", out->retry_after);
    put_field(b, "Greenlane-Status", out->own_status);
    if (out->status != 204) {
        buf_printf(b, "Content-Length: %zu\r\n", out->body.len);
    }
    buf_puts(b, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
    buf_puts(b, c->close_after ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
}

static void free_body(const void *data, size_t len, void *arg)
{
    (void)data;
    (void)len;
    free(arg);
}

/* Gives head and body to the output. False when there is no memory for it. */
static bool put_answer(struct conn *c)
{
    struct evbuffer *output = bufferevent_get_output(c->bev);
    struct buf head = BUF_INIT;
    put_head(&head, c);
    bool good = !head.failed && evbuffer_add(output, head.data, head.len) == 0;
    buf_free(&head);
    bool bodiless = c->out.body.len == 0 || c->out.status == 204 ||
                    (c->head.method != NULL && strcmp(c->head.method, "HEAD") == 0);
    if (!good || bodiless) {
        return good;
    }
    if (c->out.body.len <= COPY_MAX) {
        return evbuffer_add(output, c->out.body.data, c->out.body.len) == 0;
    }
    size_t len = 0;
    char *data = buf_take(&c->out.body, &len);
    if (data == NULL || evbuffer_add_reference(output, data, len, free_body, data) != 0) {
        free(data);
        return false;
    }
    return true;
}

void answer_send(struct conn *c)
{
    size_t len = c->out.body.len;
    c->state = CONN_ANSWER;
    body_release(c);
    c->close_after = c->close_after || c->server->draining;
    if (c->bev == NULL || c->out.drop) {
        conn_free(c);
        return;
    }
    if (c->out.status < 200 || c->out.status > 599 || c->out.body.failed) {
        buf_free(&c->out.body);
        memset(&c->out, 0, sizeof c->out);
        c->out.status = 500;
    }
    bool put = put_answer(c);
    buf_free(&c->out.body);
    if (!put) {
        conn_free(c);
        return;
    }
    c->started_ms = clock_mono_ms();
    conn_wait_transfer(c, len);
}

void answer_refuse(struct conn *c, int status)
{
    const struct reason *r = reason_of(status);
    struct json_out j;
    memset(&c->out, 0, sizeof c->out);
    c->out.status = status;
    str_copy(c->out.content_type, sizeof c->out.content_type, "application/problem+json");
    if (status == 503) {
        str_copy(c->out.retry_after, sizeof c->out.retry_after, "1");
    }
    json_begin(&j, &c->out.body);
    json_open_object(&j, NULL);
    json_str(&j, "type", "about:blank");
    json_str(&j, "title", r->text);
    json_int(&j, "status", status);
    json_str(&j, "detail", r->detail != NULL ? r->detail : r->text);
    json_end_object(&j);
    log_write(c->server->log, LOG_LEVEL_NOTICE, "http", NULL, "a request was refused: %d, %s", status,
              r->detail != NULL ? r->detail : r->text);
    c->close_after = true;
    c->linger = true;
    bufferevent_disable(c->bev, EV_READ);
    answer_send(c);
}

void answer_finished(struct conn *c)
{
    if (c->linger) {
        c->state = CONN_LINGER;
        if (c->ssl == NULL) {
            shutdown(bufferevent_getfd(c->bev), SHUT_WR);
        }
        conn_wait(c, HTTP_LINGER_MS);
        bufferevent_enable(c->bev, EV_READ);
        conn_advance(c);
        return;
    }
    if (c->close_after || c->server->draining) {
        conn_free(c);
        return;
    }
    c->state = CONN_HEAD;
    c->started_ms = 0;
    memset(&c->head, 0, sizeof c->head);
    conn_wait(c, c->server->settings.idle_ms);
    bufferevent_enable(c->bev, EV_READ);
    conn_advance(c);
}
