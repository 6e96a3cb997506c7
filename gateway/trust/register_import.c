/*
 * One batch of a source into the register's tables: what is new is added, what changed begins a new version, what is no longer
 * listed is withdrawn as of the list's day; what is the same costs a look into a table in memory and no statement at all.
 *
 * Runs inside one store_write(): all or nothing. Owns the table of the source's keys. Time is linear in the rows (the table's hash is
 * seeded at random, so that no list can be made to collide). A status of a list that would hide behind an older event, because its
 * date lies before that event's, takes effect as of the list's day too.
 */
#include "trust/register_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trust/register_sql.h"
#include "util/json.h"
#include "util/str.h"

enum { DIGEST = 16 };

struct slot {
    uint64_t hash;
    size_t key;          /* offset in the keys */
    int64_t entry, line; /* line 0: not seen in this batch */
    unsigned char digest[DIGEST];
    bool used, current, listed;
};
struct register_import {
    struct store_conn *c;
    struct gln_context *ctx;
    struct register_batch b;
    struct register_counts counts;
    int64_t now_ms, batch, previous, listed;
    uint64_t seed;
    struct slot *slots; /* owned; a power of two of them */
    size_t slot_count, slots_used;
    struct buf keys, scratch, folded;
    struct register_sealing *sealing; /* owned */
};

/* ---- the table of keys ---- */

static uint64_t hash_of(const struct register_import *im, const char *key)
{
    uint64_t h = im->seed;
    for (const char *p = key; *p != '\0'; p++) {
        h = (h ^ (unsigned char)*p) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 29;
    }
    return h;
}

static struct slot *probe(const struct register_import *im, uint64_t hash, const char *key)
{
    size_t i = (size_t)hash & (im->slot_count - 1);
    while (im->slots[i].used &&
           (im->slots[i].hash != hash || strcmp(im->keys.data + im->slots[i].key, key) != 0))
        i = (i + 1) & (im->slot_count - 1);
    return &im->slots[i];
}

static bool grow(struct register_import *im)
{
    size_t wanted = im->slot_count == 0 ? 1024 : im->slot_count * 2;
    struct slot *old = im->slots, *more = calloc(wanted, sizeof *more);
    if (more == NULL)
        return false;
    for (size_t i = 0; i < im->slot_count; i++) {
        size_t at = (size_t)old[i].hash & (wanted - 1);
        while (old[i].used && more[at].used)
            at = (at + 1) & (wanted - 1);
        if (old[i].used)
            more[at] = old[i];
    }
    free(old);
    im->slots = more;
    im->slot_count = wanted;
    return true;
}

/* The slot of a key, made if it is not there; NULL without memory. */
static struct slot *slot_of(struct register_import *im, const char *key)
{
    uint64_t hash = hash_of(im, key);
    if (im->slots_used * 2 >= im->slot_count && !grow(im))
        return NULL;
    struct slot *s = probe(im, hash, key);
    if (s->used)
        return s;
    *s = (struct slot){.used = true, .hash = hash, .key = im->keys.len};
    buf_put(&im->keys, key, strlen(key) + 1);
    im->slots_used++;
    return im->keys.failed ? NULL : s;
}

/* ---- beginning ---- */

/* The last version of every key the source ever had. */
static int read_known(struct register_import *im)
{
    struct store_stmt *st =
        register_bind(im->c, im->ctx,
                      "SELECT key, entry, digest, listed, until_ms IS NULL FROM operator WHERE source=?1 AND "
                      "environment=?2 ORDER BY id",
                      ARGS(arg_text(im->b.source), arg_text(im->b.environment)));
    if (st == NULL)
        return im->ctx->error.status;
    int step;
    while ((step = stmt_step(st, im->ctx)) == 1) {
        size_t len;
        struct slot *s = slot_of(im, stmt_col_text(st, 0));
        const void *digest = stmt_col_blob(st, 2, &len);
        if (s == NULL) {
            step = context_no_memory(im->ctx);
            break;
        }
        im->listed -= s->current && s->listed;
        s->entry = stmt_col_int(st, 1);
        s->current = stmt_col_int(st, 4) != 0;
        s->listed = s->current && stmt_col_int(st, 3) != 0;
        im->listed += s->listed;
        if (len == DIGEST)
            memcpy(s->digest, digest, DIGEST);
    }
    stmt_done(st);
    return step;
}

/* A list may be as old as the last, never older, and never of tomorrow. */
static int check_date(struct register_import *im)
{
    char wanted[11], last[11];
    int64_t newest = 0;
    day_text(wanted, im->b.as_of);
    if (im->b.as_of > day_at(im->now_ms, "UTC"))
        return context_fail(im->ctx, GLN_E_CONFLICT,
                            im->b.kind == SOURCE_ATTESTATION ? MSG_IMPORT_SEEN : MSG_IMPORT_FUTURE,
                            im->b.source, wanted);
    if (im->b.kind != SOURCE_LIST)
        return GLN_OK;
    int status = register_number(im->c, im->ctx, &newest, 0,
                                 "SELECT max(as_of) FROM source_batch WHERE source=?1 AND environment=?2",
                                 ARGS(arg_text(im->b.source), arg_text(im->b.environment)));
    day_text(last, (day_number)newest);
    if (status == GLN_OK && im->b.as_of < newest)
        status = context_fail(im->ctx, GLN_E_CONFLICT, MSG_IMPORT_OLDER, im->b.source, wanted, last);
    return status;
}

/* A source is one thing for good: a list's name is not given to an attestation. */
static int check_kind(struct register_import *im)
{
    int64_t kind;
    if (im->b.kind == SOURCE_LIST &&
        (str_eq(im->b.source, NAME_FILE) || str_eq(im->b.source, NAME_ATTESTATION)))
        return context_fail(im->ctx, GLN_E_CONFLICT, MSG_IMPORT_RESERVED, im->b.source);
    int status = register_number(im->c, im->ctx, &kind, im->b.kind,
                                 "SELECT kind FROM source_batch WHERE source=?1 ORDER BY id LIMIT 1",
                                 ARGS(arg_text(im->b.source)));
    if (status == GLN_OK && kind != (int64_t)im->b.kind)
        status = context_fail(im->ctx, GLN_E_CONFLICT, MSG_IMPORT_KIND, im->b.source);
    return status;
}

static int begin(struct register_import *im)
{
    int status = random_bytes(im->ctx, &im->seed, sizeof im->seed);
    if (status == GLN_OK)
        status = check_kind(im);
    if (status == GLN_OK)
        status = check_date(im);
    if (status == GLN_OK)
        status = register_sealing_begin(&im->sealing, im->c, im->ctx);
    if (status == GLN_OK)
        status = register_number(im->c, im->ctx, &im->batch, 0, "SELECT max(id) FROM source_batch", NULL, 0);
    if (status == GLN_OK)
        status = register_number(im->c, im->ctx, &im->previous, 0,
                                 "SELECT max(id) FROM source_batch WHERE source=?1 AND environment=?2",
                                 ARGS(arg_text(im->b.source), arg_text(im->b.environment)));
    im->batch++;
    return status == GLN_OK ? read_known(im) : status;
}

int register_begin(struct register_import **out, struct store_conn *c, struct gln_context *ctx,
                   const struct register_batch *b)
{
    struct register_import *im = calloc(1, sizeof *im);
    *out = NULL;
    if (im == NULL)
        return context_no_memory(ctx);
    *im = (struct register_import){.c = c, .ctx = ctx, .b = *b, .now_ms = clock_wall_ms(ctx->clock)};
    int status = register_untouched(c, ctx);
    if (status == GLN_OK)
        status = begin(im);
    if (status == GLN_OK)
        *out = im;
    else
        register_import_free(im);
    return status;
}

void register_import_free(struct register_import *im)
{
    if (im == NULL)
        return;
    free(im->slots);
    buf_free(&im->keys);
    buf_free(&im->scratch);
    buf_free(&im->folded);
    register_sealing_free(im->sealing);
    free(im);
}

/* ---- one row ---- */

static void digest_text(struct buf *b, const char *text)
{
    buf_puts(b, text);
    buf_putc(b, text == NULL ? '\1' : '\0');
}

static int digest_row(unsigned char out[32], struct register_import *im, const struct register_row *r)
{
    struct buf *b = &im->scratch;
    buf_clear(b);
    const char *const texts[] = {r->name, r->country, r->address, r->tax};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        digest_text(b, texts[i]);
    for (size_t i = 0; i < r->identifier_count; i++) {
        digest_text(b, r->identifiers[i].kind);
        digest_text(b, r->identifiers[i].value);
        digest_text(b, r->identifiers[i].given);
    }
    for (size_t i = 0; i < r->certificate_count; i++) {
        const struct row_certificate *c = &r->certificates[i];
        digest_text(b, c->programme);
        digest_text(b, c->class_code);
        digest_text(b, c->number);
        const day_number days[] = {c->from,         c->to,         c->list_date, c->consent,
                                   c->consent_from, c->consent_to, im->b.days};
        buf_put(b, days, sizeof days);
        for (size_t e = 0; e < c->event_count; e++) {
            buf_put(b, &c->events[e].status, sizeof c->events[e].status);
            buf_put(b, &c->events[e].from, sizeof c->events[e].from);
            buf_put(b, &c->events[e].learned_ms, sizeof c->events[e].learned_ms);
        }
    }
    if (b->failed)
        return context_no_memory(im->ctx);
    digest_sha256(out, b->data, b->len);
    return GLN_OK;
}

/* One row, and into the table's seal: the statement's values are the columns, in the seal's order. */
static int insert(struct register_import *im, enum register_table t, const char *sql, const struct arg *args,
                  size_t n)
{
    int status = register_run(im->c, im->ctx, sql, args, n);
    if (status == GLN_OK)
        register_sealing_put(im->sealing, t, args, n);
    return status;
}

static int write_operator(struct register_import *im, const struct register_row *r, const struct slot *s,
                          int64_t id)
{
    buf_clear(&im->folded);
    name_fold(&im->folded, r->name);
    if (im->folded.failed)
        return context_no_memory(im->ctx);
    int status = insert(
        im, TABLE_OPERATOR,
        "INSERT INTO operator(id, entry, source, environment, key, name, name_folded, country, address, tax, "
        "listed, digest, batch, learned_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
        "?14)",
        ARGS(arg_int(id), arg_int(s->entry), arg_text(im->b.source), arg_text(im->b.environment),
             arg_text(r->key), arg_text(r->name), arg_text(im->folded.len == 0 ? "" : im->folded.data),
             arg_text(r->country), arg_text(r->address), arg_text(r->tax), arg_int(1),
             arg_blob(s->digest, DIGEST), arg_int(im->batch), arg_int(im->now_ms)));
    for (size_t i = 0; status == GLN_OK && i < r->identifier_count; i++) {
        const struct identifier *n = &r->identifiers[i];
        status =
            insert(im, TABLE_IDENTIFIER,
                   "INSERT INTO operator_identifier(operator, position, kind, value_norm, value_as_given) "
                   "VALUES(?1, ?2, ?3, ?4, ?5)",
                   ARGS(arg_int(id), arg_int((int64_t)i), arg_text(n->kind), arg_text(n->value),
                        arg_text(n->given == NULL ? n->value : n->given)));
    }
    return status;
}

static int write_certificate(struct register_import *im, int64_t entry, const struct row_certificate *c)
{
    bool attested = im->b.kind == SOURCE_ATTESTATION;
    return insert(
        im, TABLE_CERTIFICATE,
        "INSERT INTO certificate(id, entry, programme, class, number, environment, day_from, day_to, "
        "consent, "
        "consent_from, consent_to, list_date, days, batch, learned_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
        "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        ARGS(arg_int(register_sealing_next(im->sealing, TABLE_CERTIFICATE)), arg_int(entry),
             arg_text(c->programme), arg_text(c->class_code), arg_text(c->number),
             arg_text(im->b.environment), arg_day(c->from), arg_day(c->to), arg_int(c->consent),
             arg_day(c->consent_from), arg_day(c->consent_to), arg_day(attested ? im->b.as_of : c->list_date),
             arg_int(im->b.days), arg_int(im->batch), arg_int(im->now_ms)));
}

static int write_event(struct register_import *im, int64_t entry, const char *programme,
                       const char *class_code, enum status status, day_number effective, int64_t learned_ms)
{
    bool said = learned_ms != INT64_MIN;
    if (effective == 0)
        effective = im->b.as_of;
    return insert(
        im, TABLE_EVENT,
        "INSERT INTO status_event(id, entry, programme, class, status, effective, learned_ms, learned_said, "
        "kept_ms, batch, who, note) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        ARGS(arg_int(register_sealing_next(im->sealing, TABLE_EVENT)), arg_int(entry), arg_text(programme),
             arg_text(class_code), arg_text(status_text(status)), arg_int(effective),
             arg_int(said ? learned_ms : im->now_ms), arg_int(said), arg_int(im->now_ms), arg_int(im->batch),
             arg_text(im->b.who), arg_text(NULL)));
}

static int write_new(struct register_import *im, const struct register_row *r, struct slot *s)
{
    int64_t id = register_sealing_next(im->sealing, TABLE_OPERATOR);
    if (s->entry == 0)
        s->entry = id;
    int status = write_operator(im, r, s, id);
    for (size_t i = 0; status == GLN_OK && i < r->certificate_count; i++) {
        const struct row_certificate *c = &r->certificates[i];
        status = write_certificate(im, s->entry, c);
        for (size_t e = 0; status == GLN_OK && e < c->event_count; e++)
            status = write_event(im, s->entry, c->programme, c->class_code, c->events[e].status,
                                 c->events[e].from, c->events[e].learned_ms);
    }
    return status;
}

/* ---- a row that was there before ---- */

static int end_version(struct register_import *im, int64_t entry)
{
    return register_run(im->c, im->ctx, "UPDATE operator SET until_ms=?2 WHERE entry=?1 AND until_ms IS NULL",
                        ARGS(arg_int(entry), arg_int(im->now_ms)));
}

static int end_certificate(struct register_import *im, int64_t entry, const char *programme,
                           const char *class_code)
{
    return register_run(im->c, im->ctx,
                        "UPDATE certificate SET until_ms=?4 WHERE entry=?1 AND programme=?2 AND class=?3 AND "
                        "until_ms IS NULL",
                        ARGS(arg_int(entry), arg_text(programme), arg_text(class_code), arg_int(im->now_ms)));
}

/* The last event of a list's lineage, by day and then by row; *from 0: there is none. */
static int last_event(struct register_import *im, int64_t entry, const struct row_certificate *c,
                      enum status *status_now, day_number *from)
{
    struct store_stmt *st = register_bind(
        im->c, im->ctx,
        "SELECT status, effective FROM status_event WHERE entry=?1 AND programme=?2 AND class=?3 AND batch "
        "IS NOT NULL AND until_ms IS NULL ORDER BY effective DESC, id DESC LIMIT 1",
        ARGS(arg_int(entry), arg_text(c->programme), arg_text(c->class_code)));
    int step = st == NULL ? im->ctx->error.status : stmt_step(st, im->ctx);
    *from = 0;
    *status_now = STATUS_APPLIED;
    if (step == 1) {
        *status_now = status_parse(stmt_col_text(st, 0));
        *from = (day_number)stmt_col_int(st, 1);
    }
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

static bool negative(enum status s)
{
    return s == STATUS_SUSPENDED || s == STATUS_REVOKED || s == STATUS_WITHDRAWN || s == STATUS_APPLIED;
}

/* What a list now says of a certificate whose past is known. */
static int follow_list(struct register_import *im, int64_t entry, const struct row_certificate *c)
{
    for (size_t i = 0; i < c->event_count; i++) {
        const struct event *e = &c->events[i];
        enum status now;
        day_number from;
        int status = last_event(im, entry, c, &now, &from);
        if (status != GLN_OK)
            return status;
        day_number effective = e->from == 0 ? im->b.as_of : e->from;
        if (from != 0 && now == e->status && (effective >= from || !negative(now)))
            continue;
        bool hidden = from != 0 && effective < from;
        if (!hidden || negative(e->status))
            status = write_event(im, entry, c->programme, c->class_code, e->status, e->from, e->learned_ms);
        if (status == GLN_OK && hidden)
            status =
                write_event(im, entry, c->programme, c->class_code, e->status, im->b.as_of, e->learned_ms);
        if (status != GLN_OK)
            return status;
    }
    return GLN_OK;
}

/* A file says the whole past: what it no longer says is taken back, what it says newly was learned now. */
static int follow_file(struct register_import *im, int64_t entry, const struct row_certificate *c)
{
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < c->event_count; i++) {
        const struct event *e = &c->events[i];
        bool said = e->learned_ms != INT64_MIN;
        int64_t there;
        status = register_run(
            im->c, im->ctx,
            "UPDATE status_event SET until_ms=NULL WHERE id=(SELECT id FROM status_event WHERE entry=?1 AND "
            "programme=?2 AND class=?3 AND status=?4 AND effective=?5 AND learned_said=?6 AND (?6=0 OR "
            "learned_ms=?7) AND until_ms=?8 AND batch IS NOT NULL ORDER BY id LIMIT 1)",
            ARGS(arg_int(entry), arg_text(c->programme), arg_text(c->class_code),
                 arg_text(status_text(e->status)), arg_int(e->from), arg_int(said),
                 arg_int(said ? e->learned_ms : 0), arg_int(im->now_ms)));
        there = store_changes(im->c);
        if (status == GLN_OK && there == 0)
            status = write_event(im, entry, c->programme, c->class_code, e->status, e->from, e->learned_ms);
    }
    return status;
}

static const struct row_certificate *row_has(const struct register_row *r, const char *programme,
                                             const char *class_code)
{
    for (size_t i = 0; i < r->certificate_count; i++)
        if (str_eq(r->certificates[i].programme, programme) &&
            (class_code == NULL || str_eq(r->certificates[i].class_code, class_code)))
            return &r->certificates[i];
    return NULL;
}

/* What an entry holds now: its programmes and classes, as pairs of strings one after the other. */
static int read_held(struct register_import *im, int64_t entry, struct buf *out, size_t *count)
{
    struct store_stmt *st = register_bind(
        im->c, im->ctx,
        "SELECT programme, class FROM certificate WHERE entry=?1 AND until_ms IS NULL ORDER BY id",
        ARGS(arg_int(entry)));
    int step = st == NULL ? im->ctx->error.status : 1;
    while (step == 1 && (step = stmt_step(st, im->ctx)) == 1) {
        const char *programme = stmt_col_text(st, 0), *class_code = stmt_col_text(st, 1);
        buf_put(out, programme, strlen(programme) + 1);
        buf_put(out, class_code, strlen(class_code) + 1);
        (*count)++;
    }
    stmt_done(st);
    return step < 0 ? step : out->failed ? context_no_memory(im->ctx) : GLN_OK;
}

/* A certificate the row no longer has: of a list withdrawn as of its day, unless it only changed its class. */
static int drop_certificate(struct register_import *im, const struct register_row *r, int64_t entry,
                            const char *programme, const char *class_code)
{
    if (im->b.kind == SOURCE_LIST && row_has(r, programme, NULL) == NULL)
        return write_event(im, entry, programme, class_code, STATUS_WITHDRAWN, im->b.as_of, INT64_MIN);
    return end_certificate(im, entry, programme, class_code);
}

static int write_change(struct register_import *im, const struct register_row *r, const struct slot *s)
{
    struct buf held = BUF_INIT;
    size_t count = 0;
    int status = end_version(im, s->entry);
    if (status == GLN_OK)
        status = write_operator(im, r, s, register_sealing_next(im->sealing, TABLE_OPERATOR));
    if (status == GLN_OK)
        status = read_held(im, s->entry, &held, &count);
    const char *p = held.data;
    for (size_t i = 0; status == GLN_OK && i < count; i++) {
        const char *programme = p, *class_code = programme + strlen(programme) + 1;
        p = class_code + strlen(class_code) + 1;
        status = row_has(r, programme, class_code) != NULL
                     ? end_certificate(im, s->entry, programme, class_code)
                     : drop_certificate(im, r, s->entry, programme, class_code);
    }
    if (status == GLN_OK && im->b.kind != SOURCE_LIST)
        status = register_run(im->c, im->ctx,
                              "UPDATE status_event SET until_ms=?2 WHERE entry=?1 AND batch IS NOT NULL AND "
                              "until_ms IS NULL",
                              ARGS(arg_int(s->entry), arg_int(im->now_ms)));
    for (size_t i = 0; status == GLN_OK && i < r->certificate_count; i++) {
        status = write_certificate(im, s->entry, &r->certificates[i]);
        if (status == GLN_OK)
            status = im->b.kind == SOURCE_LIST ? follow_list(im, s->entry, &r->certificates[i])
                                               : follow_file(im, s->entry, &r->certificates[i]);
    }
    buf_free(&held);
    return status;
}

/* A row by its line and key, of which a person's number is not told. */
static int refuse_row(const struct register_import *im, enum message_id id, const char *key, int64_t line,
                      const char *a, const char *b)
{
    char here[24];
    struct buf shown = BUF_INIT;
    snprintf(here, sizeof here, "%lld", (long long)line);
    operator_id_put(&shown, key);
    int status = context_fail(im->ctx, GLN_E_INPUT, id, here,
                              shown.failed || shown.data == NULL ? "" : shown.data, a, b);
    buf_free(&shown);
    return status;
}

/* A row may be older than the list it stands in, never younger: nothing makes a list younger than its source says it is. */
static int check_rows_date(const struct register_import *im, const struct register_row *row, int64_t line)
{
    char of[11], as_of[11];
    for (size_t i = 0; i < row->certificate_count; i++) {
        if (im->b.kind != SOURCE_LIST || row->certificates[i].list_date <= im->b.as_of)
            continue;
        day_text(of, row->certificates[i].list_date);
        day_text(as_of, im->b.as_of);
        return refuse_row(im, MSG_IMPORT_LATER, row->key, line, of, as_of);
    }
    return GLN_OK;
}

/* Of a dry run's changes the first few. */
static int show(struct register_import *im, int64_t entry, const struct register_row *row, const char *key,
                int64_t line)
{
    return im->b.show-- > 0 ? register_show(im->c, im->ctx, &im->b, entry, row, key, line) : GLN_OK;
}

int register_put(struct register_import *im, const struct register_row *row, int64_t line)
{
    unsigned char digest[32];
    int status = check_rows_date(im, row, line);
    struct slot *s = status == GLN_OK ? slot_of(im, row->key) : NULL;
    if (status != GLN_OK)
        return status;
    if (s == NULL)
        return context_no_memory(im->ctx);
    if (s->line != 0) {
        char there[24];
        snprintf(there, sizeof there, "%lld", (long long)s->line);
        return refuse_row(im, MSG_IMPORT_TWICE, row->key, line, there, "");
    }
    s->line = line;
    im->counts.rows++;
    for (size_t i = 0; i < row->identifier_count; i++)
        if (!identifier_digit_right(row->identifiers[i].kind, row->identifiers[i].value) &&
            im->counts.doubtful++ == 0)
            im->counts.first_doubtful = line;
    status = digest_row(digest, im, row);
    if (status != GLN_OK || (s->listed && memcmp(s->digest, digest, DIGEST) == 0))
        return status;
    memcpy(s->digest, digest, DIGEST);
    bool was = s->listed;
    im->counts.added += !was;
    im->counts.changed += was;
    if (im->b.dry_run)
        return show(im, was ? s->entry : 0, row, row->key, line);
    return s->entry == 0 ? write_new(im, row, s) : write_change(im, row, s);
}

/* ---- the end ---- */

/* A FILE's row that is gone was taken back: nothing of it holds any more. */
static int take_back(struct register_import *im, int64_t entry)
{
    static const char *const sql[] = {
        "UPDATE operator SET until_ms=?2 WHERE entry=?1 AND until_ms IS NULL",
        "UPDATE certificate SET until_ms=?2 WHERE entry=?1 AND until_ms IS NULL",
        ("UPDATE status_event SET until_ms=?2 WHERE entry=?1 AND batch IS NOT NULL AND until_ms IS NULL")};
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < sizeof sql / sizeof sql[0]; i++)
        status = register_run(im->c, im->ctx, sql[i], ARGS(arg_int(entry), arg_int(im->now_ms)));
    return status;
}

/* A LIST's row that is gone stays as one that is not listed, its certificates withdrawn as of the list's day. */
static int withdraw(struct register_import *im, int64_t entry)
{
    int64_t old;
    int status =
        register_number(im->c, im->ctx, &old, 0,
                        "SELECT id FROM operator WHERE entry=?1 AND until_ms IS NULL", ARGS(arg_int(entry)));
    if (status == GLN_OK)
        status = end_version(im, entry);
    if (status == GLN_OK)
        status = register_run(
            im->c, im->ctx,
            "INSERT INTO operator(id, entry, source, environment, key, name, name_folded, country, address, "
            "tax, listed, digest, batch, learned_ms) SELECT (SELECT max(id) FROM operator)+1, entry, source, "
            "environment, key, name, "
            "name_folded, country, address, tax, 0, digest, ?2, ?3 FROM operator WHERE id=?1",
            ARGS(arg_int(old), arg_int(im->batch), arg_int(im->now_ms)));
    if (status == GLN_OK)
        status =
            register_run(im->c, im->ctx,
                         "INSERT INTO operator_identifier(operator, position, kind, value_norm, "
                         "value_as_given) SELECT (SELECT max(id) FROM operator), position, kind, value_norm, "
                         "value_as_given FROM operator_identifier WHERE operator=?1",
                         ARGS(arg_int(old)));
    return status != GLN_OK
               ? status
               : register_run(
                     im->c, im->ctx,
                     "INSERT INTO status_event(entry, programme, class, status, effective, learned_ms, "
                     "learned_said, kept_ms, batch, who) SELECT entry, programme, class, 'WITHDRAWN', ?2, "
                     "?3, "
                     "0, ?3, ?4, ?5 FROM certificate WHERE entry=?1 AND until_ms IS NULL",
                     ARGS(arg_int(entry), arg_int(im->b.as_of), arg_int(im->now_ms), arg_int(im->batch),
                          arg_text(im->b.who)));
}

static int end_missing(struct register_import *im)
{
    int status = GLN_OK;
    for (size_t i = 0; i < im->slot_count; i++)
        im->counts.removed += im->slots[i].used && im->slots[i].listed && im->slots[i].line == 0;
    if (im->b.kind == SOURCE_LIST && im->counts.removed * 100 > im->listed * im->b.max_shrink) {
        char gone[24], of[24], most[24];
        snprintf(gone, sizeof gone, "%lld", (long long)im->counts.removed);
        snprintf(of, sizeof of, "%lld", (long long)im->listed);
        snprintf(most, sizeof most, "%d", im->b.max_shrink);
        return context_fail(im->ctx, GLN_E_CONFLICT, MSG_IMPORT_SHRINKS, gone, of, most);
    }
    for (size_t i = 0; status == GLN_OK && i < im->slot_count; i++) {
        const struct slot *s = &im->slots[i];
        if (!s->used || !s->listed || s->line != 0)
            continue;
        if (im->b.dry_run)
            status = show(im, s->entry, NULL, im->keys.data + s->key, 0);
        else
            status = im->b.kind == SOURCE_LIST ? withdraw(im, s->entry) : take_back(im, s->entry);
    }
    return status;
}

int register_tell(struct register_import *im, register_note *note)
{
    static const char *const kinds[] = {"list", "file", "attestation"};
    struct buf data = BUF_INIT;
    struct json_out j;
    char as_of[11];
    day_text(as_of, im->b.as_of);
    if (note == NULL)
        return GLN_OK;
    json_begin(&j, &data);
    json_open_object(&j, NULL);
    json_str(&j, "source", im->b.source);
    json_str(&j, "environment", im->b.environment);
    json_int(&j, "batch", im->batch);
    json_str(&j, "list", im->b.list_name);
    json_str(&j, "document", im->b.document);
    json_str(&j, "as_of", as_of);
    json_str(&j, "sha256", im->b.sha256);
    json_bool(&j, "signature", im->b.signature_ok);
    json_int(&j, "rows", im->counts.rows);
    json_int(&j, "added", im->counts.added);
    json_int(&j, "changed", im->counts.changed);
    json_int(&j, "removed", im->counts.removed);
    int status = register_seal(&j, im->sealing, im->c, im->ctx);
    json_end_object(&j);
    if (status == GLN_OK)
        status = data.failed ? context_no_memory(im->ctx)
                             : note(im->c, im->ctx, im->now_ms, kinds[im->b.kind], im->b.who, data.data);
    buf_free(&data);
    return status;
}

int register_end(struct register_import *im, register_note *note, struct register_counts *counts)
{
    int status = im->b.kind == SOURCE_ATTESTATION ? GLN_OK : end_missing(im);
    *counts = im->counts;
    if (status != GLN_OK || im->b.dry_run)
        return status;
    status = register_run(
        im->c, im->ctx,
        "INSERT INTO source_batch(id, source, environment, kind, list_name, document, as_of, fetched_ms, "
        "days, "
        "sha256, signature_ok, rows, added, changed, removed, previous, who) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
        "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        ARGS(arg_int(im->batch), arg_text(im->b.source), arg_text(im->b.environment), arg_int(im->b.kind),
             arg_text(im->b.list_name), arg_text(im->b.document), arg_int(im->b.as_of), arg_int(im->now_ms),
             arg_int(im->b.days), arg_text(im->b.sha256), arg_int(im->b.signature_ok),
             arg_int(im->counts.rows), arg_int(im->counts.added), arg_int(im->counts.changed),
             arg_int(im->counts.removed), im->previous == 0 ? arg_text(NULL) : arg_int(im->previous),
             arg_text(im->b.who)));
    return status == GLN_OK ? register_tell(im, note) : status;
}
