/*
 * The dispatchers: threads that do outbound work piece by piece, and sleep until the next is due or a request woke them.
 *
 * A filing is in one thread's hands at a time; flow_step() sees to that. Trouble of our own (a full disk) is logged once while it
 * lasts and tried again with a growing pause. A sending under way cannot be broken off without leaving it in doubt, so stopping
 * waits for it as long as the grace allows.
 */
#include "relay/relay.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/clock.h"
#include "util/str.h"

enum { LONGEST_SLEEP_MS = 5000, FIRST_PAUSE_MS = 500 };

struct dispatcher {
    struct daemon *daemon;
    struct seat seat;
    pthread_t thread;
    int64_t pause_ms; /**< after trouble; 0: none at the moment */
};

static struct timespec in_ms(clockid_t clock, int64_t ms)
{
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Sleeps until woken or the time is over; false when we stop. `unless` the count of wakings has moved on. */
static bool rest(struct daemon *d, int64_t ms, unsigned long seen)
{
    struct timespec until = in_ms(CLOCK_MONOTONIC, ms);
    pthread_mutex_lock(&d->mutex);
    int e = 0;
    while (!d->stopping && d->wakings == seen && ms > 0 && e != ETIMEDOUT) {
        e = pthread_cond_timedwait(&d->work, &d->mutex, &until);
    }
    bool go_on = !d->stopping;
    pthread_mutex_unlock(&d->mutex);
    return go_on;
}

static unsigned long wakings(struct daemon *d)
{
    pthread_mutex_lock(&d->mutex);
    unsigned long n = d->wakings;
    pthread_mutex_unlock(&d->mutex);
    return n;
}

/* One piece of work; how long to rest after it. */
static int64_t step(struct dispatcher *p)
{
    struct daemon *d = p->daemon;
    struct gln_context *ctx = seat_context(d, &p->seat);
    int64_t wait_ms = -1;
    int status = ctx != NULL ? flow_step(d->gateway, ctx, &wait_ms) : GLN_E_MEMORY;
    metrics_step(&d->metrics, status != GLN_OK);
    if (status == GLN_OK) {
        if (p->pause_ms != 0) {
            log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "outbound work goes on");
        }
        p->pause_ms = 0;
        return wait_ms < 0 || wait_ms > LONGEST_SLEEP_MS ? LONGEST_SLEEP_MS : wait_ms;
    }
    if (p->pause_ms == 0) {
        log_write(&d->log, LOG_LEVEL_ERROR, "relay", NULL, "outbound work stands still: %s",
                  ctx != NULL ? context_text(ctx, LANG_EN) : gln_status_text(status));
    }
    p->pause_ms = p->pause_ms == 0 ? FIRST_PAUSE_MS : 2 * p->pause_ms;
    if (p->pause_ms > LONGEST_SLEEP_MS) {
        p->pause_ms = LONGEST_SLEEP_MS;
    }
    return p->pause_ms;
}

static void *run(void *arg)
{
    struct dispatcher *p = arg;
    unsigned long seen;
    int64_t wait_ms;
    do {
        seen = wakings(p->daemon);
        wait_ms = step(p);
    } while (rest(p->daemon, wait_ms, seen));
    return NULL;
}

int dispatch_start(struct daemon *d, int count)
{
    sigset_t all, before;
    int e = 0;
    d->dispatchers = calloc((size_t)count, sizeof *d->dispatchers);
    if (d->dispatchers == NULL) {
        return context_no_memory(d->ctx);
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < count && e == 0; i++) {
        d->dispatchers[i].daemon = d;
        e = pthread_create(&d->dispatchers[i].thread, NULL, run, &d->dispatchers[i]);
        d->dispatcher_count += e == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (e != 0) {
        char text[128];
        return context_fail(d->ctx, GLN_E_INTERNAL, MSG_HTTP_THREAD, strerror_r(e, text, sizeof text));
    }
    return GLN_OK;
}

void dispatch_wake(struct daemon *d)
{
    pthread_mutex_lock(&d->mutex);
    d->wakings++;
    pthread_cond_broadcast(&d->work);
    pthread_mutex_unlock(&d->mutex);
}

void dispatch_leave(struct daemon *d)
{
    pthread_mutex_lock(&d->mutex);
    d->stopping = true;
    pthread_cond_broadcast(&d->work);
    pthread_mutex_unlock(&d->mutex);
}

bool dispatch_stop(struct daemon *d, int64_t grace_ms)
{
    struct timespec until = in_ms(CLOCK_REALTIME, grace_ms);
    bool all = true;
    dispatch_leave(d);
    for (int i = 0; i < d->dispatcher_count; i++) {
        if (pthread_timedjoin_np(d->dispatchers[i].thread, NULL, &until) != 0) {
            all = false;
        } else {
            seat_leave(&d->dispatchers[i].seat);
        }
    }
    if (all) {
        free(TAKE(&d->dispatchers));
        d->dispatcher_count = 0;
    }
    return all;
}
