/*
 * The body of a request, by Content-Length or in chunks, within two caps: one per request (413) and one over all requests that
 * are in memory at the same time (503, try again). The second is taken as bytes come, so that a client that only announces much
 * takes nothing from the others.
 */
#include "http/server.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "util/clock.h"
#include "util/str.h"

enum { TRAILER_MAX = 8192, RESERVE_AT_ONCE = 1 << 20 };

void body_release(struct conn *c)
{
    c->server->in_flight -= c->reserved;
    c->reserved = 0;
    buf_free(&c->body);
}

static bool fits_in_flight(const struct http_server *s, uint64_t more)
{
    return s->settings.max_in_flight == 0 || s->in_flight + more <= s->settings.max_in_flight;
}

int body_begin(struct conn *c)
{
    const struct http_head *h = &c->head;
    const struct http_server *s = c->server;
    if (h->length > s->settings.max_body) {
        return 413;
    }
    if (!fits_in_flight(s, h->length)) {
        return 503;
    }
    if (!h->chunked && h->length == 0) {
        return 1;
    }
    c->left = (size_t)h->length;
    c->chunk = CHUNK_SIZE;
    c->trailer = 0;
    if (!buf_reserve(&c->body, c->left < RESERVE_AT_ONCE ? c->left : RESERVE_AT_ONCE)) {
        return 503;
    }
    if (h->expect_continue && evbuffer_get_length(bufferevent_get_input(c->bev)) == 0) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        bufferevent_write(c->bev, go_on, sizeof go_on - 1);
    }
    conn_wait_transfer(c, 0);
    return 0;
}

/* Moves up to `left` bytes from the input to the body. 0, or the status to refuse with. */
static int take_bytes(struct conn *c, struct evbuffer *input)
{
    size_t n = evbuffer_get_length(input);
    if (n > c->left) {
        n = c->left;
    }
    if (n == 0) {
        return 0;
    }
    if (!fits_in_flight(c->server, n)) {
        return 503;
    }
    c->server->in_flight += n;
    c->reserved += n;
    if (!buf_reserve(&c->body, n) || evbuffer_remove(input, c->body.data + c->body.len, n) != (int)n) {
        return 503;
    }
    c->body.len += n;
    c->body.data[c->body.len] = '\0';
    c->left -= n;
    return 0;
}

/* A line of the chunked form, without its CRLF; *wait when it is not there yet. Past `max` bytes: NULL without wait. */
static char *chunk_line(struct evbuffer *input, size_t max, bool *wait)
{
    *wait = false;
    char *line = evbuffer_readln(input, NULL, EVBUFFER_EOL_CRLF_STRICT);
    if (line == NULL) {
        *wait = evbuffer_get_length(input) <= max;
    }
    return line;
}

static int chunk_size(struct conn *c, const char *line)
{
    size_t n = strspn(line, "0123456789abcdefABCDEF");
    if (n == 0 || n > 12 || (line[n] != '\0' && line[n] != ';' && line[n] != ' ')) {
        return 400;
    }
    c->left = (size_t)strtoull(line, NULL, 16);
    if (c->left > c->server->settings.max_body - c->body.len) {
        return 413;
    }
    c->chunk = c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
    return 0;
}

/* One line of the chunked form in the state it is read in. 0: go on; 1: the body ends here; else refuse. */
static int chunk_take_line(struct conn *c, const char *line)
{
    if (c->chunk == CHUNK_SIZE) {
        return chunk_size(c, line);
    }
    if (c->chunk == CHUNK_END) {
        c->chunk = CHUNK_SIZE;
        return *line == '\0' ? 0 : 400;
    }
    c->trailer += strlen(line) + 2;
    if (*line == '\0') {
        return 1;
    }
    return c->trailer > TRAILER_MAX ? 431 : 0;
}

static int chunks_read(struct conn *c, struct evbuffer *input)
{
    for (;;) {
        if (c->chunk == CHUNK_DATA) {
            int status = take_bytes(c, input);
            if (status != 0 || c->left > 0) {
                return status;
            }
            c->chunk = CHUNK_END;
        }
        bool wait;
        char *line = chunk_line(input, TRAILER_MAX, &wait);
        if (line == NULL) {
            return wait ? 0 : 400;
        }
        int step = chunk_take_line(c, line);
        free(line);
        if (step != 0) {
            return step;
        }
    }
}

int body_read(struct conn *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    int step;
    if (c->head.chunked) {
        step = chunks_read(c, input);
    } else {
        step = take_bytes(c, input);
        if (step == 0 && c->left == 0) {
            step = 1;
        }
    }
    if (step == 0) {
        conn_wait_transfer(c, c->body.len);
    }
    return step;
}
