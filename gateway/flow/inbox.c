/*
 * Inboxes: where customs leaves answers for us to fetch, one for each identity whose destination has one.
 *
 * What was fetched is stored before the other side is told to forget it, and stored before it is read, secrets of ours in it under
 * stars: customs and service bureaus may give a batch back whole. An answer that
 * cannot be read or tied to a filing stays as an orphan, with an alert; it is never dropped. The same bytes twice are read once.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

#define REREAD_MS 5000 /**< how old the list of inboxes may be */
#define LONGEST_PAUSE_MS                                                                                     \
    60000 /**< between two tries of an inbox that does not answer, unless its own interval is longer */

struct inbox {
    char identity[64], destination[32], environment[8], endpoint[32];
    char url[256]; /**< two identities may share one inbox */
    int64_t every_ms;
    int64_t next_ms;  /**< monotonic */
    int64_t pause_ms; /**< doubles while it does not answer; 0: it answered */
    bool busy;        /**< in one thread's hands; the others have better to do than to wait for it too */
};

struct collecting {
    struct gln_gateway *gw;
    struct gln_context *ctx;
    struct inbox *items;
    size_t count;
};

void inboxes_free(struct gln_gateway *gw)
{
    free(gw->inboxes);
    gw->inboxes = NULL;
    gw->inbox_count = 0;
}

void flow_identities_changed(struct gln_gateway *gw)
{
    pthread_mutex_lock(&gw->lock);
    gw->inboxes_read_ms = 0;
    pthread_mutex_unlock(&gw->lock);
    key_cache_clear(gw->keys);
}

static int inbox_add(struct collecting *c, const struct route_message *m, const struct identity *id)
{
    struct carry_endpoint e;
    struct inbox *more;

    if (endpoint_of(&e, c->ctx, id, m->inbox) != GLN_OK) {
        context_ok(c->ctx);
        return GLN_OK;
    }
    for (size_t i = 0; i < c->count; i++)
        if (str_eq(c->items[i].url, e.url) && str_eq(c->items[i].destination, id->destination))
            return GLN_OK;
    more = realloc(c->items, (c->count + 1) * sizeof *more);
    if (more == NULL)
        return context_no_memory(c->ctx);
    c->items = more;
    more = &c->items[c->count++];
    memset(more, 0, sizeof *more);
    str_copy(more->identity, sizeof more->identity, id->name);
    str_copy(more->destination, sizeof more->destination, id->destination);
    str_copy(more->environment, sizeof more->environment, id->environment);
    str_copy(more->endpoint, sizeof more->endpoint, m->inbox);
    str_copy(more->url, sizeof more->url, e.url);
    more->every_ms = endpoint_ms(id, m->inbox, "every", m->inbox_every_ms);
    return GLN_OK;
}

static int collect(void *arg, const struct identity *id)
{
    struct collecting *c = arg;
    const struct route_destination *d = route_find(c->ctx->engine->routes, id->destination);
    int status = GLN_OK;

    if (d == NULL || !str_eq(id->environment, option_text(c->ctx->options, OPT_ENVIRONMENT)))
        return GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < d->message_count; i++)
        if (d->messages[i].inbox != NULL)
            status = inbox_add(c, &d->messages[i], id);
    return status;
}

/** The one of the list that is the same inbox, NULL if it is gone. Called with the lock held. */
static struct inbox *inbox_same(struct gln_gateway *gw, const struct inbox *b)
{
    for (size_t i = 0; i < gw->inbox_count; i++)
        if (str_eq(gw->inboxes[i].url, b->url) && str_eq(gw->inboxes[i].destination, b->destination))
            return &gw->inboxes[i];
    return NULL;
}

/** Makes the list anew when it is old; an inbox that stays keeps its time. Called with the lock held. */
static int list_refresh(struct gln_gateway *gw, struct gln_context *ctx)
{
    struct collecting c = {.gw = gw, .ctx = ctx};
    int64_t now = clock_mono_ms();
    int status;

    if (gw->inboxes_read_ms != 0 && now < gw->inboxes_read_ms + REREAD_MS)
        return GLN_OK;
    status = identity_list(ledger_store(gw->ledger), ctx, collect, &c);
    if (status != GLN_OK) {
        free(c.items);
        return status;
    }
    for (size_t i = 0; i < c.count; i++) {
        const struct inbox *old = inbox_same(gw, &c.items[i]);

        if (old != NULL) {
            c.items[i].next_ms = old->next_ms;
            c.items[i].pause_ms = old->pause_ms;
            c.items[i].busy = old->busy;
        }
    }
    inboxes_free(gw);
    gw->inboxes = c.items;
    gw->inbox_count = c.count;
    gw->inboxes_read_ms = now;
    return GLN_OK;
}

/** The inbox that is due and in nobody's hands, marked as taken. */
static bool inbox_due(struct gln_gateway *gw, struct inbox *out, int64_t *next_mono)
{
    int64_t now = clock_mono_ms();

    *next_mono = -1;
    for (size_t i = 0; i < gw->inbox_count; i++) {
        struct inbox *b = &gw->inboxes[i];

        if (b->busy)
            continue;
        if (b->next_ms <= now) {
            b->busy = true;
            *out = *b;
            return true;
        }
        if (*next_mono < 0 || b->next_ms < *next_mono)
            *next_mono = b->next_ms;
    }
    return false;
}

static void settle(struct gln_gateway *gw, struct gln_context *ctx, int64_t id, int status, size_t tied,
                   const struct buf *what)
{
    char text[240];
    char number[24];

    snprintf(number, sizeof number, "%lld", (long long)id);
    if (status != GLN_OK)
        snprintf(text, sizeof text, "orphan: %.220s", context_text(ctx, LANG_EN));
    else if (what->len > 0)
        snprintf(text, sizeof text, "orphan: %.220s", what->data);
    else
        snprintf(text, sizeof text, "tied: %zu", tied);
    context_ok(ctx);
    if (str_starts(text, "orphan"))
        log_write(ctx->log, LOG_LEVEL_ALERT, "flow", number, "an answer of customs is an %s", text);
    (void)ledger_inbound_settle(gw->ledger, ctx, id, text);
    context_ok(ctx);
}

/** Reads stored bytes and says in the ledger what became of them. Trouble of the ledger leaves them unread, for later. */
static int read_stored(struct gln_gateway *gw, struct gln_context *ctx, int64_t id, const char *destination,
                       const char *environment, const struct buf *data)
{
    const struct route_destination *d = route_find(ctx->engine->routes, destination);
    struct inbound in = {d, d != NULL ? &d->answers : NULL, environment, 0, data->data, data->len};
    struct buf what = BUF_INIT;
    size_t tied = 0;
    int status;

    if (d == NULL || d->answers.codec == NULL)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_FLOW_GONE, destination, "answers");
    else
        status = flow_acknowledge(gw, ctx, &in, &tied, &what);
    if (status != GLN_E_STORE && status != GLN_E_MEMORY) {
        settle(gw, ctx, id, status, tied, &what);
        status = GLN_OK;
    }
    buf_free(&what);
    return status;
}

/** Stores it, its secrets covered. */
static int inbound_keep(struct gln_gateway *gw, struct gln_context *ctx, const char *destination,
                        const char *environment, struct buf *data, int64_t *id, bool *seen)
{
    int status = inbound_cover(data, gw, ctx, destination, environment);

    return status == GLN_OK ? ledger_inbound_keep(gw->ledger, ctx, destination, environment, data->data,
                                                  data->len, id, seen)
                            : status;
}

static int store_and_read(struct gln_gateway *gw, struct gln_context *ctx, const struct inbox *b,
                          const struct carry_endpoint *e, struct buf *data, const char *tag)
{
    int64_t id = 0;
    bool seen = false;
    int status = inbound_keep(gw, ctx, b->destination, b->environment, data, &id, &seen);

    if (status != GLN_OK)
        return status;
    status = carry_done(ctx, e, tag);
    if (status != GLN_OK) {
        /* it will be fetched again and then recognised */
        log_write(ctx->log, LOG_LEVEL_ERROR, "flow", b->identity, "%s", context_text(ctx, LANG_EN));
        context_ok(ctx);
    }
    if (seen) {
        log_write(ctx->log, LOG_LEVEL_NOTICE, "flow", b->identity,
                  "the same answer came again; it was read before");
        return GLN_OK;
    }
    return read_stored(gw, ctx, id, b->destination, b->environment, data);
}

int inbox_receive(struct gln_gateway *gw, struct gln_context *ctx, const char *destination, const void *data,
                  size_t len)
{
    const char *environment = option_text(ctx->options, OPT_ENVIRONMENT);
    struct buf bytes = BUF_INIT;
    int64_t id = 0;
    bool seen = false;
    int status;

    if (route_find(ctx->engine->routes, destination) == NULL)
        return context_fail(ctx, GLN_E_NOT_FOUND, MSG_FLOW_GONE, destination, "answers");
    buf_put(&bytes, data, len);
    status = bytes.failed ? context_no_memory(ctx)
                          : inbound_keep(gw, ctx, destination, environment, &bytes, &id, &seen);
    if (status == GLN_OK && !seen)
        status = read_stored(gw, ctx, id, destination, environment, &bytes);
    buf_free(&bytes);
    return status;
}

/** One message from one inbox; *did is false when nothing waited, *failed true when it could not be asked. */
static int fetch_one(struct gln_gateway *gw, struct gln_context *ctx, const struct inbox *b, bool *did,
                     bool *failed)
{
    struct identity id = {0};
    struct endpoint e = {0};
    struct buf data = BUF_INIT;
    struct buf tag = BUF_INIT;
    int status = identity_get(ledger_store(gw->ledger), ctx, b->identity, &id);

    *did = false;
    *failed = false;
    if (status == GLN_OK)
        status = endpoint_open(&e, gw, ctx, &id, b->endpoint);
    if (status == GLN_OK)
        status = carry_fetch(ctx, &e.at, &data, &tag);
    if (status == GLN_OK) {
        *did = true;
        status = store_and_read(gw, ctx, b, &e.at, &data, tag.data != NULL ? tag.data : "");
    } else if (status != GLN_E_STORE && status != GLN_E_MEMORY) {
        *failed = status != GLN_E_NOT_FOUND;
        if (*failed && b->pause_ms == 0)
            log_write(ctx->log, LOG_LEVEL_ERROR, "flow", b->identity, "inbox: %s",
                      context_text(ctx, LANG_EN));
        context_ok(ctx);
        status = GLN_OK;
    }
    buf_free(&data);
    buf_free(&tag);
    endpoint_close(&e);
    identity_free(&id);
    return status;
}

/**
 * Gives it back with its next time: at once when there may be more in it, after its interval when it was empty, and after a growing
 * pause when it does not answer, which is logged once.
 */
static int64_t inbox_return(struct gln_gateway *gw, struct gln_context *ctx, const struct inbox *b, bool did,
                            bool failed)
{
    const int64_t longest = b->every_ms > LONGEST_PAUSE_MS ? b->every_ms : LONGEST_PAUSE_MS;
    int64_t pause = b->pause_ms == 0 ? b->every_ms : 2 * b->pause_ms;
    int64_t next = did ? 0 : clock_mono_ms() + b->every_ms;
    struct inbox *mine;

    pause = !failed ? 0 : pause > longest ? longest : pause < 1 ? 1 : pause;
    if (failed)
        next = clock_mono_ms() + pause;
    else if (b->pause_ms != 0)
        log_write(ctx->log, LOG_LEVEL_NOTICE, "flow", b->identity, "inbox: answers again");
    pthread_mutex_lock(&gw->lock);
    mine = inbox_same(gw, b);
    if (mine != NULL) {
        mine->next_ms = next;
        mine->pause_ms = pause;
        mine->busy = false;
    }
    pthread_mutex_unlock(&gw->lock);
    return next;
}

int inbox_step(struct gln_gateway *gw, struct gln_context *ctx, bool *did, int64_t *next_mono)
{
    struct inbox b;
    bool due = false;
    bool failed = false;
    int64_t next;
    int status;

    *did = false;
    pthread_mutex_lock(&gw->lock);
    status = list_refresh(gw, ctx);
    if (status == GLN_OK)
        due = inbox_due(gw, &b, next_mono);
    pthread_mutex_unlock(&gw->lock);
    if (status != GLN_OK || !due)
        return status;
    status = fetch_one(gw, ctx, &b, did, &failed);
    next = inbox_return(gw, ctx, &b, *did, failed);
    if (!*did)
        *next_mono = next;
    return status;
}

/* --- after a crash --- */

struct unread {
    int64_t *ids;
    size_t count;
};
static int unread_add(void *arg, const struct ledger_inbound *in)
{
    struct unread *u = arg;
    int64_t *more = realloc(u->ids, (u->count + 1) * sizeof *more);

    if (more == NULL)
        return GLN_E_MEMORY;
    u->ids = more;
    more[u->count++] = in->id;
    return 0;
}

int inbox_recover(struct gln_gateway *gw, struct gln_context *ctx)
{
    struct unread u = {0};
    int status = ledger_inbound_list(gw->ledger, ctx, NULL, unread_add, &u);

    for (size_t i = 0; status == GLN_OK && i < u.count; i++) {
        struct ledger_inbound in;
        struct buf data = BUF_INIT;

        status = ledger_inbound_get(gw->ledger, ctx, u.ids[i], &in, &data);
        if (status == GLN_OK)
            status = read_stored(gw, ctx, in.id, in.destination, in.environment, &data);
        buf_free(&data);
    }
    free(u.ids);
    return status;
}
