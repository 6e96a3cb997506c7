/** @file
 * Inside of the HTTP room: the server, its connections and its workers.
 *
 * Threads: the loop thread owns the event base, the listeners and all connections. A worker touches of a connection only `in`,
 * `out` and `next`, and only between work_push() and its return on the done list. The mutex guards the two lists, `tls` and
 * `stopping`.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <pthread.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "http/head.h"
#include "http/http.h"

#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_HEAD_MS 10000   /* a TLS handshake, or a head from its first byte, may take so long */
#define HTTP_LINGER_MS 2000  /* what a refused client still sends is read so long, that it sees the answer */
#define HTTP_SLOWEST_KIBPS 4 /* a body or an answer slower than this, past the idle time, is given up */

/*
 * The life of a connection:
 *
 *   HANDSHAKE -> HEAD -> BODY -> WORK -> ANSWER -> HEAD ...
 *                 any refusal: ANSWER -> LINGER -> freed
 */
enum conn_state { CONN_HANDSHAKE, CONN_HEAD, CONN_BODY, CONN_WORK, CONN_ANSWER, CONN_LINGER };
enum chunk_state { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

struct conn {
    struct http_server *server;
    struct conn *prev, *following; /**< all connections of the server; loop thread only */
    struct conn *next;             /**< in the work or done list; guarded by the server's mutex */
    struct bufferevent *bev;       /**< NULL: the peer has gone while a worker was busy */
    struct event *deadline;
    enum conn_state state;
    bool local;           /**< came by the unix socket */
    bool close_after;     /**< no further request on this connection */
    bool linger;          /**< read on for a moment after the answer */
    struct ssl_st *ssl;   /**< belongs to bev; NULL: plain */
    char fingerprint[65]; /**< "" without a client certificate */
    struct buf subject;   /**< of that certificate */
    struct buf peer;      /**< the same, DER */
    char *head_text;      /**< owned; what `head` points into */
    struct http_head head;
    int64_t started_ms; /**< mono; when the present transfer began */
    enum chunk_state chunk;
    size_t left;     /**< bytes of the body, or of its chunk, still to come */
    size_t trailer;  /**< bytes of trailer seen */
    size_t reserved; /**< of the server's in-flight allowance */
    struct buf body;
    struct http_request in;
    struct http_response out;
};

struct worker {
    struct http_server *server;
    int number;
    pthread_t thread;
};

struct http_server {
    struct http_settings settings; /**< numbers only; strings are not kept */
    const struct log_sink *log;
    http_handler handler;
    void *arg;
    uint16_t port;
    char *socket_path; /**< owned; NULL: none */

    struct event_base *base;
    struct evconnlistener *listeners[2];
    struct event *wake, *again, *grace; /**< the eventfd; a paused listener; the end of patience */
    int wake_fd;
    pthread_t loop;
    bool loop_runs;
    struct conn *conns; /**< loop thread only */
    size_t conn_count, in_flight;
    bool draining; /**< loop thread's copy of `stopping` */

    pthread_mutex_t mutex;
    pthread_cond_t work_came;
    struct conn *work, **work_end;
    struct conn *done, **done_end;
    bool stopping;   /**< no new connections; the loop ends when the last request is answered */
    bool workers_go; /**< workers leave when the work list is empty */
    int64_t grace_ms;
    struct tls_server *tls; /**< borrowed; NULL: plain */
    struct worker *workers;
    int worker_count; /**< that run */
};

/* work.c */
int work_start(struct http_server *s, struct gln_context *ctx);
void work_push(struct http_server *s, struct conn *c);
struct conn *work_take_done(struct http_server *s); /**< the whole list */
void work_stop(struct http_server *s);              /**< joins the workers */
void server_wake(struct http_server *s);

/* listen.c */
int listen_tcp(struct http_server *s, struct gln_context *ctx, int *fd);
int listen_unix(struct gln_context *ctx, const char *path, int *fd);

/* conn.c: loop thread only */
void conn_accept(struct http_server *s, evutil_socket_t fd, bool local);
void conn_free(struct conn *c);
void conn_advance(struct conn *c); /**< goes on with what lies in the input buffer */
void conn_drain(struct conn *c);   /**< the server stops: goes at once if no request is under way */
void conn_wait(struct conn *c, int64_t ms);
/** A transfer that began at started_ms and has moved `bytes` so far must move on within the time that is left. */
void conn_wait_transfer(struct conn *c, size_t bytes);

/* body.c: loop thread only. 0: more is to come; 1: complete; else the status to refuse with. */
int body_begin(struct conn *c);
int body_read(struct conn *c);
void body_release(struct conn *c);

/* answer.c: loop thread only */
void answer_send(struct conn *c); /**< c->out, when a worker is done */
void answer_refuse(struct conn *c,
                   int status);       /**< an answer of the server's own; the connection ends after it */
void answer_finished(struct conn *c); /**< everything was written */

#endif
