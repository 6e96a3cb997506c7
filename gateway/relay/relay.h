/** @file
 * Inside of greenlaned: the gateway behind HTTPS and the local socket, the threads that send, and what is told about them.
 *
 * Threads: main waits for signals and does what they ask; HTTP workers answer; dispatchers step the gateway. Each worker and
 * dispatcher has a seat with a context of its own, made anew when the engine was reloaded.
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <pthread.h>

#include "core/config.h"
#include "desk/desk.h"
#include "http/http.h"

#define RELAY_SETS_MAX 64

/** What the command line said. */
struct arguments {
    const char *config;               /**< settings file; NULL: none */
    const char *sets[RELAY_SETS_MAX]; /**< "name=value" */
    size_t set_count;
};

/* --- metrics --- */
#define METRICS_BUCKETS 10
struct metrics {
    pthread_mutex_t mutex;
    uint64_t by_status[600]; /**< answers by HTTP status */
    uint64_t buckets[METRICS_BUCKETS], count;
    double seconds; /**< sum */
    uint64_t steps, step_failures;
    int64_t started_ms; /**< wall */
};
void metrics_init(struct metrics *m);
void metrics_answer(struct metrics *m, int http_status, int64_t took_ms);
void metrics_step(struct metrics *m, bool failed);
/** The page of /metrics, in Prometheus' text form. `asker`: the submitter who reads it, NULL the operator. */
int metrics_page(struct buf *out, struct metrics *m, struct gln_gateway *gw, struct gln_context *ctx,
                 const char *asker);

/** The place of one thread: its context, and of which engine it is. */
struct seat {
    struct gln_context *ctx;
    unsigned generation;
};

struct daemon {
    const struct arguments *args;
    struct log_file file;
    struct log_sink log;
    struct options
        options; /**< a copy of what it was started with; what a reload cannot change is read here */

    pthread_mutex_t mutex; /**< of the next four */
    struct gln_engine *engine;
    unsigned generation; /**< counts reloads, from 1 */
    bool stopping;
    unsigned long wakings; /**< counts the times something may have become due */
    pthread_cond_t work;   /**< something may be due, or we stop */

    struct gln_context *ctx; /**< of the main thread, from the first engine */
    struct gln_gateway *gateway;
    struct tls_server *tls;
    struct http_server *server;
    struct seat *worker_seats;
    struct dispatcher *dispatchers;
    int dispatcher_count;
    struct metrics metrics;
};

/** Everything up and listening; on failure one line in `error`, and the status; daemon_stop() is due then too. */
int daemon_start(struct daemon *d, const struct arguments *args, char *error, size_t size);
/** Reads the settings and compiles what they name, no more. */
int daemon_check(const struct arguments *args, char *error, size_t size);
/** Settings, schemas, rules, bundles, operators and certificates anew; what cannot be read leaves the old ones. */
void daemon_reload(struct daemon *d);
/** Requests end, sendings end, the ledger is closed. False when a sending did not end in time: leave by _exit(). */
bool daemon_stop(struct daemon *d);

/** The seat's context, of the present engine; NULL without memory. */
struct gln_context *seat_context(struct daemon *d, struct seat *seat);
void seat_leave(struct seat *seat);

/* dispatch.c */
int dispatch_start(struct daemon *d, int count);
void dispatch_wake(struct daemon *d);
/** Nothing new is begun from here on; what is under way goes on. */
void dispatch_leave(struct daemon *d);
/** False when one did not end within the time. */
bool dispatch_stop(struct daemon *d, int64_t grace_ms);

/* answer.c: the HTTP handler; `arg` is the daemon */
void relay_handle(void *arg, int worker, const struct http_request *in, struct http_response *out);

/* notify.c: what systemd is told, e.g. "READY=1"; nothing without $NOTIFY_SOCKET */
void notify(const char *state);

#endif
