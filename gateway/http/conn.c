/*
 * One connection: accepted, its TLS handshake, and the walk through the states of server.h.
 *
 * Every state that waits for the peer has a deadline, so that a slow or silent peer costs one connection and nothing else: a head
 * must be complete HTTP_HEAD_MS after its first byte, a body must keep a least pace, a silent connection goes after the
 * idle time. The loop thread owns all of it; while a worker has the request, the connection waits untouched.
 */
#include "http/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "util/clock.h"
#include "util/str.h"

/* The most of a request that lies unread in memory beyond what its body has taken. */
enum { INPUT_MAX = 65536 };

void conn_wait(struct conn *c, int64_t ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    event_add(c->deadline, &tv);
}

void conn_wait_transfer(struct conn *c, size_t bytes)
{
    int64_t allowed = c->server->settings.idle_ms + (int64_t)(bytes / HTTP_SLOWEST_KIBPS * 1000 / 1024);
    int64_t left = c->started_ms + allowed - clock_mono_ms();
    conn_wait(c, left > 0 ? left : 0);
}

/* How long a handshake or a head may take. */
static int64_t head_ms(const struct http_server *s)
{
    return s->settings.idle_ms < HTTP_HEAD_MS ? s->settings.idle_ms : HTTP_HEAD_MS;
}

/* Takes the peer away; the rest of the connection may stay until a worker gives it back. */
static void conn_hang_up(struct conn *c)
{
    if (c->bev == NULL) {
        return;
    }
    if (c->ssl != NULL && c->state != CONN_HANDSHAKE) {
        SSL_set_shutdown(c->ssl, SSL_RECEIVED_SHUTDOWN);
        SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
    bufferevent_free(TAKE(&c->bev));
    c->ssl = NULL;
    event_del(c->deadline);
}

void conn_free(struct conn *c)
{
    struct http_server *s = c->server;
    if (c->state == CONN_WORK) {
        conn_hang_up(c);
        return;
    }
    conn_hang_up(c);
    body_release(c);
    buf_free(&c->out.body);
    buf_free(&c->subject);
    buf_free(&c->peer);
    free(c->head_text);
    event_free(c->deadline);
    if (c->prev != NULL) {
        c->prev->following = c->following;
    } else {
        s->conns = c->following;
    }
    if (c->following != NULL) {
        c->following->prev = c->prev;
    }
    free(c);
    s->conn_count--;
    for (size_t i = 0; i < 2; i++) {
        if (s->listeners[i] != NULL && !s->draining) {
            evconnlistener_enable(s->listeners[i]);
        }
    }
    if (s->draining && s->conns == NULL) {
        event_base_loopbreak(s->base);
    }
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    (void)fd;
    (void)what;
    bool begun = c->state == CONN_BODY ||
                 (c->state == CONN_HEAD && evbuffer_get_length(bufferevent_get_input(c->bev)) > 0);
    if (begun) {
        answer_refuse(c, 408);
    } else {
        conn_free(c);
    }
}

/* The request is complete: to the workers with it. */
static void dispatch(struct conn *c)
{
    struct http_request *in = &c->in;
    memset(in, 0, sizeof *in);
    in->method = c->head.method;
    in->path = c->head.target;
    in->content_type = http_head_get(&c->head, "Content-Type");
    in->accept = http_head_get(&c->head, "Accept");
    in->accept_language = http_head_get(&c->head, "Accept-Language");
    in->idempotency_key = http_head_get(&c->head, "Idempotency-Key");
    in->soap_action = http_head_get(&c->head, "SOAPAction");
    in->authorization = http_head_get(&c->head, "Authorization");
    in->local = c->local;
    in->submitter = c->local ? http_head_get(&c->head, "Greenlane-Submitter") : NULL;
    in->cert_fingerprint = c->fingerprint[0] != '\0' ? c->fingerprint : NULL;
    in->cert_subject = in->cert_fingerprint != NULL && c->subject.data != NULL ? c->subject.data : NULL;
    in->cert_der = in->cert_fingerprint != NULL ? c->peer.data : NULL;
    in->cert_der_len = in->cert_der != NULL ? c->peer.len : 0;
    in->body = c->body.data != NULL ? c->body.data : "";
    in->body_len = c->body.len;
    c->close_after = !c->head.keep_alive;
    c->state = CONN_WORK;
    event_del(c->deadline);
    bufferevent_disable(c->bev, EV_READ);
    work_push(c->server, c);
}

/* Takes a whole head out of the input. 0: not there yet; 1: parsed; else the status to refuse with. */
static int head_read(struct conn *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    char start[2];
    while (evbuffer_copyout(input, start, 2) == 2 && memcmp(start, "\r\n", 2) == 0) {
        evbuffer_drain(input, 2);
    }
    size_t len = evbuffer_get_length(input);
    if (len == 0) {
        return 0;
    }
    if (c->started_ms == 0) {
        c->started_ms = clock_mono_ms();
        conn_wait(c, head_ms(c->server));
    }
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    if (end.pos < 0) {
        return len > HTTP_HEAD_MAX ? 431 : 0;
    }
    size_t n = (size_t)end.pos + 4;
    if (n > HTTP_HEAD_MAX) {
        return 431;
    }
    free(c->head_text);
    c->head_text = malloc(n + 1);
    if (c->head_text == NULL || evbuffer_remove(input, c->head_text, n) != (int)n) {
        return 503;
    }
    c->head_text[n] = '\0';
    int status = http_head_parse(&c->head, c->head_text, n);
    return status == 0 ? 1 : status;
}

void conn_advance(struct conn *c)
{
    int step = 0;
    if (c->state == CONN_LINGER) {
        struct evbuffer *input = bufferevent_get_input(c->bev);
        evbuffer_drain(input, evbuffer_get_length(input));
        return;
    }
    if (c->state == CONN_HEAD) {
        step = head_read(c);
        if (step == 1) {
            c->started_ms = clock_mono_ms();
            c->state = CONN_BODY;
            step = body_begin(c);
        }
    }
    if (c->state == CONN_BODY && step == 0) {
        step = body_read(c);
    }
    if (step == 1) {
        dispatch(c);
    } else if (step > 1) {
        answer_refuse(c, step);
    }
}

static void on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    conn_advance(arg);
}

static void on_written(struct bufferevent *bev, void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_ANSWER && evbuffer_get_length(bufferevent_get_output(bev)) == 0) {
        answer_finished(c);
    }
}

static void handshake_done(struct conn *c)
{
    if (!tls_session_peer(c->ssl, c->fingerprint, &c->subject, &c->peer)) {
        c->fingerprint[0] = '\0';
    }
    c->state = CONN_HEAD;
    conn_wait(c, c->server->settings.idle_ms);
    conn_advance(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg);

/*
 * The client was turned away during the handshake. OpenSSL has written the alert that says why; closing now, over bytes the
 * client has sent already, would make its kernel throw the alert away. So the socket goes on without TLS for a moment.
 */
static void linger_without_tls(struct conn *c)
{
    evutil_socket_t fd = fcntl(bufferevent_getfd(c->bev), F_DUPFD_CLOEXEC, 0);
    bufferevent_free(TAKE(&c->bev));
    c->ssl = NULL;
    c->state = CONN_LINGER;
    if (fd >= 0) {
        c->bev = bufferevent_socket_new(c->server->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    }
    if (c->bev == NULL) {
        if (fd >= 0) {
            evutil_closesocket(fd);
        }
        conn_free(c);
        return;
    }
    shutdown(fd, SHUT_WR);
    bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
    bufferevent_enable(c->bev, EV_READ);
    conn_wait(c, HTTP_LINGER_MS);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct conn *c = arg;
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        handshake_done(c);
        return;
    }
    if (c->state != CONN_HANDSHAKE) {
        conn_free(c);
        return;
    }
    unsigned long e = bufferevent_get_openssl_error(bev);
    const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;
    log_write(c->server->log, LOG_LEVEL_DEBUG, "http", NULL, "TLS handshake failed: %s",
              reason != NULL ? reason : "the client went away");
    if ((what & BEV_EVENT_ERROR) != 0 && e != 0) {
        linger_without_tls(c);
    } else {
        conn_free(c);
    }
}

void conn_drain(struct conn *c)
{
    bool idle = c->state == CONN_HANDSHAKE || c->state == CONN_LINGER ||
                (c->state == CONN_HEAD && evbuffer_get_length(bufferevent_get_input(c->bev)) == 0);
    if (idle) {
        conn_free(c);
    }
}

/* The bufferevent over the socket; closes `fd` on failure. */
static struct bufferevent *open_stream(struct http_server *s, struct conn *c, evutil_socket_t fd)
{
    const int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
    struct bufferevent *bev = NULL;
    pthread_mutex_lock(&s->mutex); /* the certificate may be replaced meanwhile */
    bool plain = s->tls == NULL || c->local;
    c->ssl = plain ? NULL : tls_server_session(s->tls);
    pthread_mutex_unlock(&s->mutex);
    if (plain) {
        bev = bufferevent_socket_new(s->base, fd, options);
    } else {
        if (c->ssl != NULL) {
            bev = bufferevent_openssl_socket_new(s->base, fd, c->ssl, BUFFEREVENT_SSL_ACCEPTING, options);
        }
        if (bev == NULL) {
            SSL_free(TAKE(&c->ssl));
        } else {
            bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
        }
    }
    if (bev == NULL) {
        evutil_closesocket(fd);
    }
    return bev;
}

void conn_accept(struct http_server *s, evutil_socket_t fd, bool local)
{
    struct conn *c = calloc(1, sizeof *c);
    if (c == NULL) {
        evutil_closesocket(fd);
        return;
    }
    c->server = s;
    c->local = local;
    c->deadline = evtimer_new(s->base, on_deadline, c);
    c->bev = c->deadline != NULL ? open_stream(s, c, fd) : NULL;
    if (c->bev == NULL) {
        if (c->deadline == NULL) {
            evutil_closesocket(fd);
        } else {
            event_free(c->deadline);
        }
        free(c);
        return;
    }
    if (!local) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    c->following = s->conns;
    if (s->conns != NULL) {
        s->conns->prev = c;
    }
    s->conns = c;
    s->conn_count++;
    c->state = c->ssl != NULL ? CONN_HANDSHAKE : CONN_HEAD;
    bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, INPUT_MAX);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
    conn_wait(c, c->ssl != NULL ? head_ms(s) : s->settings.idle_ms);
}
