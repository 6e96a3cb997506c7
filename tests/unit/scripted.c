#include "unit/scripted.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "util/file.h"

static void send_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        data += sent;
        n -= (size_t)sent;
    }
}

static void read_request(struct scripted *s)
{
    buf_clear(&s->last);
    for (;;) {
        char c[4096];
        ssize_t n = recv(s->peer, c, sizeof c, 0);
        if (n <= 0) {
            return;
        }
        buf_put(&s->last, c, (size_t)n);
        const char *end = strstr(s->last.data, "\r\n\r\n");
        const char *length = strstr(s->last.data, "Content-Length: ");
        size_t body = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
        if (end != NULL && s->last.len >= (size_t)(end + 4 - s->last.data) + body) {
            s->requests++;
            return;
        }
    }
}

static void flood(struct scripted *s)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 110000000\r\n\r\n";
    static char piece[100000];
    send_all(s->peer, head, sizeof head - 1);
    for (int i = 0; i < 1100; i++) {
        send_all(s->peer, piece, sizeof piece);
    }
}

static void send_file(struct scripted *s, const char *path)
{
    struct buf bytes = BUF_INIT;
    char head[80];
    ck_assert_msg(file_read(&bytes, path, 0) == 0, "%s", path);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes.len);
    send_all(s->peer, head, strlen(head));
    send_all(s->peer, bytes.data, bytes.len);
    buf_free(&bytes);
}

static void step(struct scripted *s, const char *what)
{
    if (strcmp(what, "accept") == 0) {
        s->peer = accept(s->listener, NULL, NULL);
    } else if (strcmp(what, "read") == 0) {
        read_request(s);
    } else if (strcmp(what, "close") == 0) {
        close(s->peer);
        s->peer = -1;
    } else if (strcmp(what, "flood") == 0) {
        flood(s);
    } else if (strncmp(what, "file:", 5) == 0) {
        send_file(s, what + 5);
    } else if (strcmp(what, "wait") == 0) {
        char c[4096];
        while (recv(s->peer, c, sizeof c, 0) > 0) {
        }
    } else {
        send_all(s->peer, what, strlen(what));
    }
}

static void *run(void *arg)
{
    struct scripted *s = arg;
    for (size_t i = 0; s->steps[i] != NULL; i++) {
        step(s, s->steps[i]);
    }
    return NULL;
}

void scripted_begin(struct scripted *s, const char *const *steps)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    memset(s, 0, sizeof *s);
    s->peer = -1;
    s->steps = steps;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(s->listener, (struct sockaddr *)&a, n), 0);
    ck_assert_int_eq(listen(s->listener, 10), 0);
    ck_assert_int_eq(getsockname(s->listener, (struct sockaddr *)&a, &n), 0);
    s->port = ntohs(a.sin_port);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u/x", (unsigned)s->port);
    ck_assert_int_eq(pthread_create(&s->thread, NULL, run, s), 0);
}

bool scripted_end(struct scripted *s)
{
    pthread_join(s->thread, NULL);
    struct pollfd p = {.fd = s->listener, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

void scripted_free(struct scripted *s)
{
    if (s->peer >= 0) {
        close(s->peer);
    }
    close(s->listener);
    buf_free(&s->last);
}
