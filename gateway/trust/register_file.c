/*
 * The operators file as one source of the register: its operators, programmes, arrangements and bindings, brought into the tables
 * when its bytes are others than last time. It is the customer's own record and counts whole: what it no longer says was taken back.
 *
 * Owns what it parsed. A broken file changes nothing; the error has its place.
 */
#include "trust/register_store.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trust/register_sql.h"
#include "util/file.h"
#include "util/str.h"

struct file_import {
    const struct operators *o;
    size_t shipped_programmes, shipped_arrangements; /* those at the front of `o` are not the file's */
    char sha256[65];
    register_note *note;
    struct row_certificate *certificates; /* owned; room for one operator's */
    struct identifier *identifiers;       /* owned; the same */
    size_t certificate_cap, identifier_cap;
};

static void *room(void **items, size_t *cap, size_t wanted, size_t size)
{
    if (wanted > *cap) {
        void *more = realloc(*items, wanted * size);
        if (more == NULL)
            return NULL;
        *items = more;
        *cap = wanted;
    }
    return *items;
}

/* Of an operator what belongs to one environment; false: nothing does. A name without any certificate belongs to both. */
static bool row_of(struct file_import *f, size_t index, const char *environment, struct register_row *row)
{
    const struct operator_row *r = &f->o->rows.items[index];
    size_t count = 0;
    for (size_t i = 0; i < r->certificate_count; i++) {
        const struct certificate *c = &f->o->certificates.items[r->first_certificate + i];
        if (str_eq(c->environment, environment))
            f->certificates[count++] =
                (struct row_certificate){.programme = f->o->programmes.items[c->programme_index].code,
                                         .class_code = c->class_code,
                                         .number = c->number,
                                         .from = c->from,
                                         .to = c->to,
                                         .list_date = c->list_date,
                                         .consent = c->consent,
                                         .events = c->events,
                                         .event_count = c->event_count};
    }
    *row = (struct register_row){.key = r->id,
                                 .name = r->name,
                                 .tax = r->tax,
                                 .identifiers = f->identifiers,
                                 .certificates = f->certificates,
                                 .certificate_count = count};
    return count > 0 || r->certificate_count == 0;
}

static int put_operators(struct file_import *f, struct register_import *im, struct gln_context *ctx,
                         const char *environment)
{
    size_t next = 0; /* identifiers are in the file's order, which is the operators' */
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < f->o->rows.count; i++) {
        struct register_row row;
        size_t first = next;
        while (next < f->o->identifiers.count && f->o->identifiers.items[next].operator_index == i)
            next++;
        if (room((void **)&f->certificates, &f->certificate_cap, f->o->rows.items[i].certificate_count + 1,
                 sizeof *f->certificates) == NULL ||
            room((void **)&f->identifiers, &f->identifier_cap, next - first + 1, sizeof *f->identifiers) ==
                NULL)
            return context_no_memory(ctx);
        bool ours = row_of(f, i, environment, &row);
        row.identifier_count = next - first;
        if (next > first)
            memcpy(f->identifiers, &f->o->identifiers.items[first], (next - first) * sizeof *f->identifiers);
        if (ours)
            status = register_put(im, &row, (int64_t)i + 1);
    }
    return status;
}

int register_put_all(struct register_import *im, struct gln_context *ctx, const struct operators *o,
                     const char *environment)
{
    struct file_import f = {.o = o};
    int status = put_operators(&f, im, ctx, environment);
    free(f.certificates);
    free(f.identifiers);
    return status;
}

static int put_programmes(const struct file_import *f, struct store_conn *c, struct gln_context *ctx,
                          const char *environment, int64_t batch, int64_t now_ms)
{
    int status = register_run(
        c, ctx, "UPDATE register_programme SET until_ms=?2 WHERE environment=?1 AND until_ms IS NULL",
        ARGS(arg_text(environment), arg_int(now_ms)));
    for (size_t i = f->shipped_programmes; status == GLN_OK && i < f->o->programmes.count; i++) {
        const struct programme *p = &f->o->programmes.items[i];
        status = register_run(
            c, ctx,
            "INSERT INTO register_programme(environment, code, country, zone, own_of, classes, "
            "security_classes, "
            "max_list_age_days, batch, learned_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            ARGS(arg_text(environment), arg_text(p->code), arg_text(p->country), arg_text(p->zone),
                 arg_text(p->own_of), arg_text(p->classes), arg_text(p->security_classes),
                 arg_int(p->max_list_age_days), arg_int(batch), arg_int(now_ms)));
    }
    return status;
}

static int put_arrangements(const struct file_import *f, struct store_conn *c, struct gln_context *ctx,
                            const char *environment, int64_t batch, int64_t now_ms)
{
    int status =
        register_run(c, ctx,
                     "UPDATE register_arrangement SET until_ms=?2 WHERE environment=?1 AND batch IS NOT "
                     "NULL AND until_ms IS NULL",
                     ARGS(arg_text(environment), arg_int(now_ms)));
    for (size_t i = f->shipped_arrangements; status == GLN_OK && i < f->o->arrangements.count; i++) {
        const struct arrangement *a = &f->o->arrangements.items[i];
        status = register_run(
            c, ctx,
            "INSERT INTO register_arrangement(environment, name, home, destination, state, effective, ended, "
            "roles, kinds, consent, source, who, sha256, batch, learned_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
            "?7, "
            "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            ARGS(arg_text(environment), arg_text(a->id), arg_text(a->home), arg_text(a->destination),
                 arg_int(a->state), arg_day(a->effective), arg_day(a->ended), arg_text(a->roles),
                 arg_text(a->kinds), arg_int(a->consent), arg_text(a->source), arg_text(NAME_FILE),
                 arg_text(f->sha256), arg_int(batch), arg_int(now_ms)));
    }
    return status;
}

static int put_bindings(const struct file_import *f, struct store_conn *c, struct gln_context *ctx,
                        const char *environment, int64_t batch, int64_t now_ms)
{
    int status =
        register_run(c, ctx,
                     "UPDATE operator_binding SET revoked_ms=?2 WHERE environment=?1 AND batch IS NOT NULL "
                     "AND revoked_ms IS NULL",
                     ARGS(arg_text(environment), arg_int(now_ms)));
    for (size_t i = 0; status == GLN_OK && i < f->o->bindings.count; i++) {
        const struct binding *b = &f->o->bindings.items[i];
        /* an operator with no certificate in this environment has no entry here, and nothing to be bound to */
        status = register_run(
            c, ctx,
            "INSERT INTO operator_binding(environment, submitter, entry, capacity, day_from, day_to, "
            "document, "
            "learned_ms, batch, who) SELECT ?1, ?2, entry, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM operator WHERE "
            "source=?9 AND environment=?1 AND key=?10 AND until_ms IS NULL",
            ARGS(arg_text(environment), arg_text(b->submitter), arg_text(b->capacity), arg_day(b->from),
                 arg_day(b->to), arg_text(b->document), arg_int(now_ms), arg_int(batch), arg_text(NAME_FILE),
                 arg_text(f->o->rows.items[b->operator_index].id)));
    }
    return status;
}

static int write_environment(struct file_import *f, struct store_conn *c, struct gln_context *ctx,
                             const char *environment)
{
    int64_t now_ms = clock_wall_ms(ctx->clock), batch = 0;
    const struct register_batch b = {.kind = SOURCE_FILE,
                                     .source = NAME_FILE,
                                     .environment = environment,
                                     .who = NAME_FILE,
                                     .sha256 = f->sha256,
                                     .as_of = day_at(now_ms, "UTC")};
    struct register_import *im = NULL;
    struct register_counts counts;
    int status = register_begin(&im, c, ctx, &b);
    if (status == GLN_OK)
        status = put_operators(f, im, ctx, environment);
    if (status == GLN_OK)
        status = register_end(im, NULL, &counts);
    if (status == GLN_OK && counts.doubtful > 0)
        log_write(
            ctx->log, LOG_LEVEL_NOTICE, "trust", NULL,
            "operators file: the check digit of %lld RFC(s) is wrong, first that of operator %lld; they are "
            "taken as they are",
            (long long)counts.doubtful, (long long)counts.first_doubtful);
    if (status == GLN_OK)
        status = register_number(c, ctx, &batch, 0, "SELECT max(id) FROM source_batch", NULL, 0);
    if (status == GLN_OK)
        status = put_programmes(f, c, ctx, environment, batch, now_ms);
    if (status == GLN_OK)
        status = put_arrangements(f, c, ctx, environment, batch, now_ms);
    if (status == GLN_OK)
        status = put_bindings(f, c, ctx, environment, batch, now_ms);
    if (status == GLN_OK)
        status = register_tell(im, f->note);
    register_import_free(im);
    return status;
}

static int write_file(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    int status = write_environment(arg, c, ctx, "PROD");
    return status == GLN_OK ? write_environment(arg, c, ctx, "TEST") : status;
}

struct last {
    char sha256[65];
    bool any;
};

static int read_last(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct last *l = arg;
    struct store_stmt *st =
        register_bind(c, ctx, "SELECT sha256 FROM source_batch WHERE source=?1 ORDER BY id DESC LIMIT 1",
                      ARGS(arg_text(NAME_FILE)));
    int step = st == NULL ? ctx->error.status : stmt_step(st, ctx);
    l->any = step == 1;
    str_copy(l->sha256, sizeof l->sha256, step == 1 ? stmt_col_text(st, 0) : "");
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

int register_shipped(struct operators *o, struct gln_context *ctx, const char *shipped)
{
    struct buf bytes = BUF_INIT;
    char why[160];
    int err = shipped == NULL ? 0 : file_read(&bytes, shipped, 16 << 20);
    int status = GLN_OK;
    if (err != 0)
        status =
            context_fail(ctx, GLN_E_CONFIG, MSG_IDENTITY_FILE, shipped, strerror_r(err, why, sizeof why));
    else if (shipped != NULL)
        status = operators_read(o, ctx, bytes.data, bytes.len, shipped);
    buf_free(&bytes);
    return status;
}

static int write_parsed(struct file_import *f, struct gln_context *ctx, struct store *s, const void *bytes,
                        size_t len, const char *name, const char *shipped)
{
    struct operators *o = calloc(1, sizeof *o);
    if (o == NULL)
        return context_no_memory(ctx);
    int status = register_shipped(o, ctx, shipped);
    f->shipped_programmes = o->programmes.count;
    f->shipped_arrangements = o->arrangements.count;
    if (status == GLN_OK && len > 0)
        status = operators_read(o, ctx, bytes, len, name);
    f->o = o;
    if (status == GLN_OK)
        status = store_write(s, ctx, write_file, f);
    operators_free(o);
    free(f->certificates);
    free(f->identifiers);
    return status;
}

int register_file(struct gln_context *ctx, struct store *s, const void *bytes, size_t len, const char *name,
                  const char *shipped, register_note *note)
{
    struct file_import f = {.note = note};
    unsigned char digest[32];
    struct last last;
    digest_sha256(digest, bytes == NULL ? "" : bytes, len);
    digest_hex(f.sha256, digest);
    int status = store_read(s, ctx, read_last, &last);
    if (status != GLN_OK || str_eq(last.sha256, f.sha256) || (len == 0 && !last.any))
        return status;
    return write_parsed(&f, ctx, s, bytes, len, name, shipped);
}
