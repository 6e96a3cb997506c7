/*
 * The server as a whole: starts its listeners, its loop thread and its workers, and stops them without losing a request.
 *
 * One thread turns the event loop; handlers run on worker threads and never touch a socket. What crosses between them goes
 * through two lists and an eventfd, so the event base needs no locks. The server's own threads take no signals.
 */
#include "http/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/str.h"

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len, void *arg)
{
    struct http_server *s = arg;
    (void)len;
    (void)from;
    conn_accept(s, fd, l == s->listeners[1]);
    if (s->conn_count >= HTTP_CONNECTIONS_MAX) {
        for (size_t i = 0; i < 2; i++) {
            if (s->listeners[i] != NULL) {
                evconnlistener_disable(s->listeners[i]);
            }
        }
    }
}

/* No descriptors left, most likely: a pause, for the listener would spin otherwise. */
static void on_accept_error(struct evconnlistener *l, void *arg)
{
    struct http_server *s = arg;
    struct timeval second = {.tv_sec = 1, .tv_usec = 0};
    log_write(s->log, LOG_LEVEL_ERROR, "http", NULL, "a connection could not be accepted: %s",
              evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    evconnlistener_disable(l);
    event_add(s->again, &second);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *s = arg;
    (void)fd;
    (void)what;
    for (size_t i = 0; i < 2 && !s->draining; i++) {
        if (s->listeners[i] != NULL) {
            evconnlistener_enable(s->listeners[i]);
        }
    }
}

/* Patience is over: connections go; one whose request a worker still has goes when it comes back. */
static void on_grace(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *s = arg;
    (void)fd;
    (void)what;
    struct conn *following;
    for (struct conn *c = s->conns; c != NULL; c = following) {
        following = c->following;
        conn_free(c);
    }
}

static void drain(struct http_server *s)
{
    s->draining = true;
    for (size_t i = 0; i < 2; i++) {
        if (s->listeners[i] != NULL) {
            evconnlistener_free(TAKE(&s->listeners[i]));
        }
    }
    struct conn *following;
    for (struct conn *c = s->conns; c != NULL; c = following) {
        following = c->following;
        conn_drain(c);
    }
    if (s->conns == NULL) {
        event_base_loopbreak(s->base);
        return;
    }
    struct timeval tv = {.tv_sec = s->grace_ms / 1000, .tv_usec = (s->grace_ms % 1000) * 1000};
    event_add(s->grace, &tv);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *s = arg;
    uint64_t count;
    (void)what;
    ssize_t n = read(fd, &count, sizeof count);
    (void)n;
    struct conn *next;
    for (struct conn *c = work_take_done(s); c != NULL; c = next) {
        next = c->next;
        answer_send(c);
    }
    pthread_mutex_lock(&s->mutex);
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->mutex);
    if (stopping && !s->draining) {
        drain(s);
    }
}

static void *loop_run(void *arg)
{
    struct http_server *s = arg;
    event_base_loop(s->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* Makes the listener over a bound socket; takes `fd`. */
static int add_listener(struct http_server *s, struct gln_context *ctx, size_t which, int fd)
{
    s->listeners[which] =
        evconnlistener_new(s->base, on_accept, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (s->listeners[which] == NULL) {
        evutil_closesocket(fd);
        return context_no_memory(ctx);
    }
    evconnlistener_set_error_cb(s->listeners[which], on_accept_error);
    return GLN_OK;
}

static int open_listeners(struct http_server *s, struct gln_context *ctx, const char *unix_socket)
{
    int fd = -1;
    int status = GLN_OK;
    if (s->settings.address != NULL) {
        status = listen_tcp(s, ctx, &fd);
        if (status == GLN_OK) {
            status = add_listener(s, ctx, 0, fd);
        }
    }
    if (status != GLN_OK || unix_socket == NULL) {
        return status;
    }
    status = listen_unix(ctx, unix_socket, &fd);
    if (status != GLN_OK) {
        return status;
    }
    s->socket_path = str_dup(unix_socket);
    if (s->socket_path == NULL) {
        unlink(unix_socket);
        evutil_closesocket(fd);
        return context_no_memory(ctx);
    }
    return add_listener(s, ctx, 1, fd);
}

static int open_base(struct http_server *s, struct gln_context *ctx)
{
    s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->base = event_base_new();
    if (s->base == NULL || s->wake_fd < 0) {
        return context_no_memory(ctx);
    }
    s->wake = event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
    s->again = evtimer_new(s->base, on_again, s);
    s->grace = evtimer_new(s->base, on_grace, s);
    if (s->wake == NULL || s->again == NULL || s->grace == NULL || event_add(s->wake, NULL) != 0) {
        return context_no_memory(ctx);
    }
    return GLN_OK;
}

/* Threads start with every signal blocked; the caller's mask is put back. */
static int start_threads(struct http_server *s, struct gln_context *ctx)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = work_start(s, ctx);
    if (status == GLN_OK) {
        int e = pthread_create(&s->loop, NULL, loop_run, s);
        s->loop_runs = e == 0;
        if (e != 0) {
            char text[128];
            status = context_fail(ctx, GLN_E_INTERNAL, MSG_HTTP_THREAD, strerror_r(e, text, sizeof text));
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static void free_event(struct event *e)
{
    if (e != NULL) {
        event_free(e);
    }
}

static void server_free(struct http_server *s)
{
    work_stop(s);
    for (size_t i = 0; i < 2; i++) {
        if (s->listeners[i] != NULL) {
            evconnlistener_free(s->listeners[i]);
        }
    }
    free_event(s->wake);
    free_event(s->again);
    free_event(s->grace);
    if (s->base != NULL) {
        /* a callback that was put off still holds its bufferevent, and event_base_free() would only forget it */
        (void)event_base_loop(s->base, EVLOOP_NONBLOCK);
        event_base_free(s->base);
    }
    if (s->wake_fd >= 0) {
        close(s->wake_fd);
    }
    if (s->socket_path != NULL) {
        unlink(s->socket_path);
        free(s->socket_path);
    }
    pthread_cond_destroy(&s->work_came);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

int http_server_start(struct http_server **out, struct gln_context *ctx, const struct http_settings *settings,
                      http_handler handler, void *arg)
{
    *out = NULL;
    struct http_server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return context_no_memory(ctx);
    }
    s->settings = *settings;
    s->log = ctx->log;
    s->handler = handler;
    s->arg = arg;
    s->tls = settings->tls;
    s->wake_fd = -1;
    s->work_end = &s->work;
    s->done_end = &s->done;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->work_came, NULL);
    int status = open_base(s, ctx);
    if (status == GLN_OK) {
        status = open_listeners(s, ctx, settings->unix_socket);
    }
    s->settings.address = NULL;
    s->settings.unix_socket = NULL;
    if (status == GLN_OK) {
        status = start_threads(s, ctx);
    }
    if (status != GLN_OK) {
        server_free(s);
        return status;
    }
    *out = s;
    return GLN_OK;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_server_stop(struct http_server *s, int64_t grace_ms)
{
    if (s == NULL) {
        return;
    }
    pthread_mutex_lock(&s->mutex);
    s->stopping = true;
    s->grace_ms = grace_ms;
    pthread_mutex_unlock(&s->mutex);
    server_wake(s);
    pthread_join(s->loop, NULL);
    server_free(s);
}

void http_server_set_tls(struct http_server *s, struct tls_server *tls)
{
    pthread_mutex_lock(&s->mutex);
    s->tls = tls;
    pthread_mutex_unlock(&s->mutex);
}
