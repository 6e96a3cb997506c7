/*
 * The workers: threads that run the handler, fed by a list of connections whose request is complete.
 *
 * No thread of the server takes signals: they belong to the program's main thread. A handler that never returns holds
 * http_server_stop(), for a thread cannot be ended from outside without losing what it owns.
 */
#include "http/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/str.h"

void server_wake(struct http_server *s)
{
    uint64_t one = 1;
    /* Only a full counter can fail, and then the loop is awake already. */
    ssize_t n = write(s->wake_fd, &one, sizeof one);
    (void)n;
}

static void list_put(struct conn ***end, struct conn *c)
{
    c->next = NULL;
    **end = c;
    *end = &c->next;
}

/* Waits for work; NULL when the workers are to go. */
static struct conn *take_work(struct http_server *s)
{
    pthread_mutex_lock(&s->mutex);
    while (s->work == NULL && !s->workers_go) {
        pthread_cond_wait(&s->work_came, &s->mutex);
    }
    struct conn *c = s->work;
    if (c != NULL) {
        s->work = c->next;
        if (s->work == NULL) {
            s->work_end = &s->work;
        }
    }
    pthread_mutex_unlock(&s->mutex);
    return c;
}

static void *work_run(void *arg)
{
    struct worker *w = arg;
    struct http_server *s = w->server;
    struct conn *c;
    while ((c = take_work(s)) != NULL) {
        memset(&c->out, 0, sizeof c->out);
        s->handler(s->arg, w->number, &c->in, &c->out);
        pthread_mutex_lock(&s->mutex);
        list_put(&s->done_end, c);
        pthread_mutex_unlock(&s->mutex);
        server_wake(s);
    }
    return NULL;
}

void work_push(struct http_server *s, struct conn *c)
{
    pthread_mutex_lock(&s->mutex);
    list_put(&s->work_end, c);
    pthread_cond_signal(&s->work_came);
    pthread_mutex_unlock(&s->mutex);
}

struct conn *work_take_done(struct http_server *s)
{
    pthread_mutex_lock(&s->mutex);
    struct conn *list = s->done;
    s->done = NULL;
    s->done_end = &s->done;
    pthread_mutex_unlock(&s->mutex);
    return list;
}

int work_start(struct http_server *s, struct gln_context *ctx)
{
    int wanted = s->settings.workers > 0 ? s->settings.workers : 1;
    s->workers = calloc((size_t)wanted, sizeof *s->workers);
    if (s->workers == NULL) {
        return context_no_memory(ctx);
    }
    for (int i = 0; i < wanted; i++) {
        s->workers[i].server = s;
        s->workers[i].number = i;
        int e = pthread_create(&s->workers[i].thread, NULL, work_run, &s->workers[i]);
        if (e != 0) {
            char text[128];
            return context_fail(ctx, GLN_E_INTERNAL, MSG_HTTP_THREAD, strerror_r(e, text, sizeof text));
        }
        s->worker_count = i + 1;
    }
    return GLN_OK;
}

void work_stop(struct http_server *s)
{
    pthread_mutex_lock(&s->mutex);
    s->workers_go = true;
    pthread_cond_broadcast(&s->work_came);
    pthread_mutex_unlock(&s->mutex);
    for (int i = 0; i < s->worker_count; i++) {
        pthread_join(s->workers[i].thread, NULL);
    }
    s->worker_count = 0;
    free(TAKE(&s->workers));
}
