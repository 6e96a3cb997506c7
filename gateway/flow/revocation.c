/*
 * Whether a certificate is revoked (flow/revocation.h): the order in which sources are asked, what is kept of their answers, and
 * what follows when none answers.
 *
 * Kept: files as read, until they change on disk; lists and answers from the network, until their next update, though after
 * `revocation-max-age` a newer one is asked for; and failures, for as long as `revocation-timeout`, so that a source that is down
 * slows down one filing in a while and not each. One table holds all of it, at most KEPT entries and KEPT_BYTES; the one that was not asked for longest
 * gives place. The lock is never held while something is read or fetched; two threads that miss the same thing both fetch it.
 *
 * Every answer is judged by crypto/ against the certificate's own authority before it is kept. Nothing here is fatal.
 */
#include "flow/revocation.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "carry/carry.h"
#include "flow/flow.h"
#include "util/file.h"
#include "util/str.h"

enum { KEPT = 512, SOURCES = 32, OCSP_MOST = 1 << 20 };
#define LIST_MOST ((size_t)64 << 20)
#define KEPT_BYTES ((size_t)256 << 20)

enum kind { FROM_FILE, FROM_LIST, FROM_RESPONDER };

struct kept {
    char *owned;      /* NULL: free */
    const char *name; /* path or address; in the table it is `owned` */
    enum kind kind;
    unsigned char who[32];   /* FROM_RESPONDER: digest of the certificate */
    struct authorities *set; /* owned; files and lists; NULL: none was had yet */
    struct saying saying;    /* FROM_RESPONDER; SAYS_NOTHING: none was had yet */
    int64_t had_ms;          /* wall, when that came */
    struct stat file;        /* FROM_FILE, as it was then */
    size_t size;
    int64_t rest_until; /* monotonic; a failure is not repeated before */
    enum message_id why;
    char detail[160]; /* of the failure */
    uint64_t asked;
};

struct revocation {
    pthread_mutex_t lock;
    uint64_t asked;
    struct kept items[KEPT];
};

int revocation_new(struct revocation **out, struct gln_context *ctx)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return context_no_memory(ctx);
    pthread_mutex_init(&(*out)->lock, NULL);
    return GLN_OK;
}

static void forget(struct kept *k)
{
    free(k->owned);
    authorities_free(k->set);
    memset(k, 0, sizeof *k);
}

void revocation_free(struct revocation *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < KEPT; i++)
        forget(&r->items[i]);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* --- the table --- */

static struct kept *find(struct revocation *r, const struct kept *key)
{
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &r->items[i];

        if (k->owned != NULL && k->kind == key->kind && str_eq(k->name, key->name) &&
            memcmp(k->who, key->who, sizeof k->who) == 0)
            return k;
    }
    return NULL;
}

/* What is kept of that name, kind and certificate is copied into `key`, which gets a reference of its own. */
static void look_up(struct revocation *r, struct kept *key)
{
    const char *name = key->name;
    struct kept *k;

    pthread_mutex_lock(&r->lock);
    k = find(r, key);
    if (k != NULL) {
        k->asked = ++r->asked;
        *key = *k;
        key->owned = NULL;
        key->name = name;
        authorities_ref(key->set);
    }
    pthread_mutex_unlock(&r->lock);
}

/* The free place, or that of the entry that was not asked for longest; *total: bytes kept. */
static struct kept *oldest(struct revocation *r, size_t *total)
{
    struct kept *old = NULL;

    *total = 0;
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &r->items[i];

        *total += k->size;
        if (old == NULL || (old->owned != NULL && (k->owned == NULL || k->asked < old->asked)))
            old = k;
    }
    return old;
}

/* When it is bytes that are short, the largest thing gives place. */
static void make_room(struct revocation *r, size_t wanted)
{
    size_t total;

    for (oldest(r, &total); total > 0 && total + wanted > KEPT_BYTES; oldest(r, &total)) {
        struct kept *big = &r->items[0];

        for (size_t i = 1; i < KEPT; i++)
            if (r->items[i].size > big->size)
                big = &r->items[i];
        forget(big);
    }
}

/* Keeps a copy of `with`, with a reference of its own; without memory it is not kept. */
static void keep(struct revocation *r, const struct kept *with)
{
    size_t total;
    struct kept *k;

    pthread_mutex_lock(&r->lock);
    k = find(r, with);
    if (k != NULL)
        forget(k);
    make_room(r, with->size);
    k = oldest(r, &total);
    forget(k);
    *k = *with;
    k->owned = str_dup(with->name);
    k->name = k->owned;
    authorities_ref(k->set);
    k->asked = ++r->asked;
    if (k->owned == NULL)
        forget(k);
    pthread_mutex_unlock(&r->lock);
}

/* --- one question under way --- */

struct asking {
    struct revocation *r;
    struct gln_context *ctx;
    const struct revocation_question *q;
    struct cert *issuer; /* owned; NULL: not found yet */
    unsigned char who[32];
    struct authorities *files[SOURCES]; /* owned references */
    const char *names[SOURCES];         /* borrowed */
    size_t file_count;
    struct buf lists; /* the setting, cut into strings in place */
    const char *addresses[SOURCES];
    size_t address_count;
    struct revocation_answer *out;
};

/* Takes what a source says, if that is more than what is known. True when the question is answered. */
static bool take(struct asking *a, const char *source, struct saying s, enum message_id why,
                 const char *detail)
{
    static const enum message_id reasons[] = {[SAYS_NOTHING] = MSG_REVOCATION_SILENT,
                                              [SAYS_RUBBISH] = MSG_REVOCATION_RUBBISH,
                                              [SAYS_FORGED] = MSG_REVOCATION_FORGED,
                                              [SAYS_STALE] = MSG_REVOCATION_STALE,
                                              [SAYS_GOOD] = MSG_NONE,
                                              [SAYS_REVOKED] = MSG_NONE};
    struct revocation_answer *out = a->out;

    if (s.word > out->word || out->why == MSG_REVOCATION_NO_SOURCE || out->why == MSG_REVOCATION_SILENT) {
        out->word = s.word;
        out->revoked_ms = s.revoked_ms;
        out->until_ms = s.until_ms;
        out->why = why != MSG_NONE ? why : reasons[s.word];
        str_copy(out->source, sizeof out->source, source);
        str_copy(out->detail, sizeof out->detail, detail);
    }
    return out->word >= SAYS_GOOD;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads a file, or finds it read; what is wrong with it is taken as that source's word. */
static void open_file(struct asking *a, const char *path)
{
    struct kept key = {.kind = FROM_FILE, .name = path};
    struct stat now;
    struct buf bytes = BUF_INIT;
    char why[160] = "";
    int err = 0;

    if (path == NULL || *path == '\0' || a->file_count == SOURCES)
        return;
    look_up(a->r, &key);
    if (stat(path, &now) != 0) {
        err = errno;
    } else if (key.set == NULL || !same_file(&key.file, &now)) {
        authorities_free(TAKE(&key.set));
        err = file_read(&bytes, path, LIST_MOST);
        if (err == 0 && authorities_parse(&key.set, a->ctx, bytes.data, bytes.len) == GLN_OK) {
            key.file = now;
            key.size = bytes.len;
            keep(a->r, &key);
        }
    }
    buf_free(&bytes);
    if (err != 0) {
        authorities_free(TAKE(&key.set));
        take(a, path, (struct saying){SAYS_RUBBISH, 0, 0}, MSG_REVOCATION_UNREACHED,
             strerror_r(err, why, sizeof why));
    } else if (key.set == NULL) {
        take(a, path, (struct saying){SAYS_RUBBISH, 0, 0}, MSG_REVOCATION_RUBBISH,
             context_text(a->ctx, LANG_EN));
        context_ok(a->ctx);
    } else {
        a->names[a->file_count] = path;
        a->files[a->file_count++] = key.set;
    }
}

/* The next word of a text, cut off in place; NULL at the end. */
static char *next_word(char **text)
{
    static const char blanks[] = " \t\r\n";
    char *word = *text != NULL ? *text + strspn(*text, blanks) : NULL;
    char *end = word != NULL ? word + strcspn(word, blanks) : NULL;

    *text = end != NULL && *end != '\0' ? end + 1 : NULL;
    if (end != NULL)
        *end = '\0';
    return word != NULL && *word != '\0' ? word : NULL;
}

static bool is_address(const char *text)
{
    return str_starts(text, "http://") || str_starts(text, "https://");
}

/* The words of `revocation-lists`: addresses are noted, files opened. */
static void open_lists(struct asking *a)
{
    char *rest;
    char *word;

    buf_puts(&a->lists, option_text(a->ctx->options, OPT_REVOCATION_LISTS));
    rest = a->lists.failed ? NULL : a->lists.data;
    while ((word = next_word(&rest)) != NULL)
        if (!is_address(word))
            open_file(a, word);
        else if (a->address_count < SOURCES)
            a->addresses[a->address_count++] = word;
}

static bool ask_files(struct asking *a)
{
    for (size_t i = 0; a->issuer == NULL && i < a->file_count; i++)
        a->issuer = authorities_issuer(a->ctx, a->files[i], a->q->cert);
    if (a->issuer == NULL)
        return false;
    for (size_t i = 0; i < a->file_count; i++) {
        struct saying s = authorities_say(a->ctx, a->files[i], a->q->cert, a->issuer);

        if (s.word != SAYS_NOTHING)
            take(a, a->names[i], s, MSG_NONE, "");
    }
    return a->out->word >= SAYS_GOOD;
}

/* --- the network --- */

static bool holds(const struct saying *s, int64_t now_ms)
{
    return s->word == SAYS_REVOKED || (s->word == SAYS_GOOD && (s->until_ms == 0 || now_ms < s->until_ms));
}

/* Whether a newer one need not be asked for; a list that is not about this certificate is no more so when it is fetched again. */
static bool is_fresh(struct asking *a, const struct kept *k, const struct saying *says, int64_t now_ms)
{
    bool settled = holds(says, now_ms) || (k->set != NULL && says->word == SAYS_NOTHING);

    return settled && now_ms >= k->had_ms &&
           now_ms - k->had_ms < option_int(a->ctx->options, OPT_REVOCATION_MAX_AGE);
}

/* What the kept thing says now. */
static struct saying kept_says(struct asking *a, const struct kept *k)
{
    if (k->kind == FROM_LIST)
        return k->set != NULL ? authorities_say(a->ctx, k->set, a->q->cert, a->issuer)
                              : (struct saying){SAYS_NOTHING, 0, 0};
    return k->saying;
}

static int fetch(struct asking *a, const struct kept *k, struct buf *reply, struct buf *why)
{
    struct buf request = BUF_INIT;
    struct carry_published what = {.url = k->name,
                                   .content_type = "application/ocsp-request",
                                   .most = k->kind == FROM_LIST ? LIST_MOST : OCSP_MOST,
                                   .timeout_ms = option_int(a->ctx->options, OPT_REVOCATION_TIMEOUT)};
    int status = k->kind == FROM_RESPONDER ? ocsp_ask(&request, a->ctx, a->q->cert, a->issuer) : GLN_OK;

    if (status == GLN_OK) {
        what.body = request.data;
        what.body_len = request.len;
        status = carry_published(a->ctx, &what, reply, why);
    }
    buf_free(&request);
    if (status != GLN_OK) {
        buf_puts(why, context_text(a->ctx, LANG_EN));
        context_ok(a->ctx);
    }
    return status;
}

/* Fetches anew; what comes replaces what was kept if it says anything of its own right. False: there was no answer, `why` says it. */
static bool renew(struct asking *a, struct kept *k, struct saying *s, struct buf *why)
{
    struct authorities *set = NULL;
    struct buf reply = BUF_INIT;
    int64_t max_age = option_int(a->ctx->options, OPT_REVOCATION_MAX_AGE);
    bool answered = fetch(a, k, &reply, why) == GLN_OK && why->len == 0;

    if (answered && k->kind == FROM_RESPONDER) {
        *s = ocsp_say(a->ctx, a->q->cert, a->issuer, reply.data, reply.len, max_age);
    } else if (answered && authorities_parse(&set, a->ctx, reply.data, reply.len) == GLN_OK) {
        *s = authorities_say(a->ctx, set, a->q->cert, a->issuer);
    } else if (answered) {
        *s = (struct saying){SAYS_RUBBISH, 0, 0};
        context_ok(a->ctx);
    }
    if (answered && (s->word >= SAYS_GOOD || (set != NULL && s->word == SAYS_NOTHING))) {
        authorities_free(k->set);
        k->set = TAKE(&set);
        k->saying = *s;
        k->had_ms = clock_wall_ms(a->ctx->clock);
        k->size = k->kind == FROM_LIST ? reply.len : 0;
        k->rest_until = 0;
        keep(a->r, k);
    }
    authorities_free(set);
    buf_free(&reply);
    return answered;
}

/* The source failed lately: by what is kept of it, if that holds still. */
static void take_rested(struct asking *a, const struct kept *k, struct saying old, bool known)
{
    /* what held when the source failed may have ended since */
    struct saying s = k->saying.word >= SAYS_GOOD ? (struct saying){SAYS_STALE, 0, 0} : k->saying;

    take(a, k->name, known ? old : s, known ? MSG_NONE : k->why, k->detail);
}

static void take_renewed(struct asking *a, struct kept *k, struct saying old, bool known)
{
    struct buf why = BUF_INIT;
    struct saying s = {SAYS_NOTHING, 0, 0};
    bool answered = renew(a, k, &s, &why);

    if (answered && (s.word >= SAYS_GOOD || (k->kind == FROM_LIST && s.word == SAYS_NOTHING))) {
        take(a, k->name, s, MSG_NONE, "");
    } else {
        k->why = answered ? MSG_NONE : MSG_REVOCATION_UNREACHED;
        str_copy(k->detail, sizeof k->detail, why.data != NULL ? why.data : "");
        k->rest_until = clock_mono_ms() + option_int(a->ctx->options, OPT_REVOCATION_TIMEOUT);
        if (!known)
            k->saying = answered ? s : (struct saying){SAYS_RUBBISH, 0, 0};
        keep(a->r, k);
        take(a, k->name, known ? old : k->saying, known ? MSG_NONE : k->why, k->detail);
    }
    buf_free(&why);
}

/* One source of the network: by what is kept of it, or asked. True when the question is answered. */
static bool ask_source(struct asking *a, enum kind kind, const char *address)
{
    struct kept k = {.kind = kind, .name = address};
    int64_t now_ms = clock_wall_ms(a->ctx->clock);
    struct saying old;
    bool known;

    if (kind == FROM_RESPONDER)
        memcpy(k.who, a->who, sizeof k.who);
    look_up(a->r, &k);
    old = kept_says(a, &k);
    known = holds(&old, now_ms);
    if (is_fresh(a, &k, &old, now_ms))
        take(a, address, old, MSG_NONE, "");
    else if (clock_mono_ms() < k.rest_until)
        take_rested(a, &k, old, known);
    else
        take_renewed(a, &k, old, known);
    authorities_free(k.set);
    return a->out->word >= SAYS_GOOD;
}

/* The certificate's own addresses, where the settings allow it. */
static bool ask_own(struct asking *a, enum kind kind)
{
    struct buf own = BUF_INIT;
    char *rest;
    char *word;
    bool answered = false;

    cert_addresses(&own, a->q->cert, kind == FROM_RESPONDER);
    rest = own.failed ? NULL : own.data;
    while (!answered && (word = next_word(&rest)) != NULL)
        answered = ask_source(a, kind, word);
    buf_free(&own);
    return answered;
}

static void ask_network(struct asking *a)
{
    const char *responder = option_text(a->ctx->options, OPT_REVOCATION_RESPONDER);

    if (*responder != '\0' && ask_source(a, FROM_RESPONDER, responder))
        return;
    for (size_t i = 0; i < a->address_count; i++)
        if (ask_source(a, FROM_LIST, a->addresses[i]))
            return;
    if (option_on(a->ctx->options, OPT_REVOCATION_OWN_ADDRESSES) && !ask_own(a, FROM_RESPONDER))
        (void)ask_own(a, FROM_LIST);
}

int revocation_ask(struct revocation *r, struct gln_context *ctx, const struct revocation_question *q,
                   struct revocation_answer *out)
{
    struct asking a = {.r = r, .ctx = ctx, .q = q, .out = out};
    struct buf der = BUF_INIT;
    int status;

    memset(out, 0, sizeof *out);
    out->why = MSG_REVOCATION_NO_SOURCE;
    if (cert_own_issuer(q->cert)) {
        out->word = SAYS_GOOD;
        return GLN_OK;
    }
    status = cert_der(&der, ctx, q->cert);
    if (status == GLN_OK) {
        digest_sha256(a.who, der.data, der.len);
        open_file(&a, option_text(ctx->options, OPT_AUTHORITIES));
        open_file(&a, q->bundle);
        open_lists(&a);
        if (!ask_files(&a) && a.issuer != NULL)
            ask_network(&a);
        if (a.issuer == NULL && out->why == MSG_REVOCATION_NO_SOURCE)
            out->why = MSG_REVOCATION_NO_AUTHORITY;
        out->nobody_asked = out->why == MSG_REVOCATION_NO_SOURCE || out->why == MSG_REVOCATION_NO_AUTHORITY;
    }
    for (size_t i = 0; i < a.file_count; i++)
        authorities_free(a.files[i]);
    cert_free(a.issuer);
    buf_free(&a.lists);
    buf_free(&der);
    return status;
}

int revocation_permits(struct gln_context *ctx, const struct revocation_question *q,
                       struct revocation_answer *told)
{
    int64_t policy = option_int(ctx->options, OPT_REVOCATION);
    struct revocation_answer heard = {.word = SAYS_NOTHING};
    struct revocation_answer *v = told != NULL ? told : &heard;
    struct buf text = BUF_INIT;
    char when[25] = "";
    int status;

    memset(v, 0, sizeof *v);
    v->nobody_asked = true;
    if (policy == REVOCATION_OFF)
        return GLN_OK;
    status = revocation_ask(ctx->engine->revocation, ctx, q, v);
    if (status != GLN_OK || v->word == SAYS_GOOD)
        return status;
    if (v->word == SAYS_REVOKED) {
        if (v->revoked_ms != 0)
            time_format(when, v->revoked_ms);
        return context_fail(ctx, q->refusal, MSG_REVOCATION_REVOKED, q->whose, when, v->source);
    }
    if (policy == REVOCATION_HARD)
        return context_fail(ctx, GLN_E_NETWORK, v->why, q->whose, v->source, v->detail);
    message_put(&text, v->why, LANG_EN, CTX_ARGS(q->whose, v->source, v->detail));
    log_write(ctx->log, v->nobody_asked ? LOG_LEVEL_DEBUG : LOG_LEVEL_ALERT, "flow", NULL, "%s",
              text.data != NULL ? text.data : "");
    buf_free(&text);
    return GLN_OK;
}
