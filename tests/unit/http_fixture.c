#include "unit/http_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "util/str.h"

static void handle(void *arg, int worker, const struct http_request *in, struct http_response *out)
{
    struct fixture *f = arg;
    (void)worker;
    f->was_local = in->local;
    str_copy(f->fingerprint, sizeof f->fingerprint, in->cert_fingerprint != NULL ? in->cert_fingerprint : "");
    out->status = 200;
    str_copy(out->content_type, sizeof out->content_type,
             in->content_type != NULL ? in->content_type : "text/plain");
    if (strcmp(in->path, "/hold") == 0) {
        sem_post(&f->entered);
        sem_wait(&f->go);
        buf_printf(&out->body, "held %zu", in->body_len);
    } else if (strcmp(in->path, "/drop") == 0) {
        out->drop = true;
    } else if (strcmp(in->path, "/big") == 0) {
        buf_fill(&out->body, 'x', 5000000);
    } else if (strcmp(in->path, "/bad-header") == 0) {
        str_copy(out->location, sizeof out->location, "/a\r\nX-Injected: yes");
    } else if (strcmp(in->path, "/echo") == 0) {
        buf_put(&out->body, in->body, in->body_len);
    } else {
        out->status = 404;
    }
}

int fixture_start(struct fixture *f, void (*change)(struct http_settings *s))
{
    memset(f, 0, sizeof *f);
    ck_assert_int_eq(options_init(&f->options), GLN_OK);
    context_init(&f->ctx, &f->options);
    sem_init(&f->entered, 0, 0);
    sem_init(&f->go, 0, 0);
    struct http_settings s = {.address = "127.0.0.1",
                              .max_body = 1000000,
                              .max_in_flight = 4000000,
                              .workers = 2,
                              .idle_ms = 20000};
    if (change != NULL) {
        change(&s);
    }
    return http_server_start(&f->server, &f->ctx, &s, handle, f);
}

void fixture_stop(struct fixture *f)
{
    http_server_stop(f->server, 1000);
    context_clear(&f->ctx);
    options_free(&f->options);
}

int dial(const struct fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(http_server_port(f->server))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

void say(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        text += sent;
        n -= (size_t)sent;
    }
}

/* How many bytes of this answer are still to be read, at most; 0 when `b` holds all of it. */
static size_t missing(const struct buf *b)
{
    const char *end = b->len > 0 ? strstr(b->data, "\r\n\r\n") : NULL;
    if (end == NULL) {
        return 1;
    }
    const char *length = strstr(b->data, "Content-Length: ");
    size_t body = length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0;
    return (size_t)(end + 4 - b->data) + body - b->len;
}

void hear(int fd, struct buf *out)
{
    char chunk[65536];
    size_t want;
    buf_clear(out);
    buf_puts(out, "");
    while ((want = missing(out)) > 0) {
        ssize_t n = recv(fd, chunk, want < sizeof chunk ? want : sizeof chunk, 0);
        if (n <= 0) {
            return;
        }
        buf_put(out, chunk, (size_t)n);
    }
}

int status_of(const struct buf *answer)
{
    return answer->len > 12 && strncmp(answer->data, "HTTP/1.1 ", 9) == 0
               ? (int)strtol(answer->data + 9, NULL, 10)
               : 0;
}

int ask(const struct fixture *f, const char *text, struct buf *out)
{
    int fd = dial(f);
    say(fd, text);
    hear(fd, out);
    close(fd);
    return status_of(out);
}

bool at_end(int fd)
{
    char c;
    return recv(fd, &c, 1, 0) == 0;
}
