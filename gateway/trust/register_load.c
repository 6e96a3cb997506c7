/*
 * The tables into the register in memory, as known at an instant: programmes and arrangements (shipped, then the customer's over them),
 * operators with identifiers and certificates of both environments, then merged (register_merge.c) and closed.
 *
 * Owns the register until it is whole. A row counts if it came in by then and had not ended; a status counts if it was learned by
 * then too. What a source learned together with the certificate itself counts as always known with it.
 */
#include "trust/register_store.h"

#include <stdlib.h>
#include <string.h>

#include "trust/batches.h"
#include "trust/register_merge.h"
#include "trust/register_sql.h"
#include "util/str.h"

struct loading {
    struct store_conn *c;
    struct gln_context *ctx;
    struct operators *o;
    struct register_raw raw;
    const char *environment;
    int64_t known_ms;
    bool failed; /* no memory */
};

#define VISIBLE "learned_ms<=?1 AND (until_ms IS NULL OR until_ms>?1)"
/* An operator's row that holds, or the last of one that was taken back and that a person had spoken about. */
#define THERE                                                                                                \
    "o.learned_ms<=?1 AND (o.until_ms IS NULL OR o.until_ms>?1 OR (EXISTS(SELECT 1 FROM status_event s "     \
    "WHERE s.entry=o.entry AND s.batch IS NULL AND s.learned_ms<=?1) AND NOT EXISTS(SELECT 1 FROM operator " \
    "n WHERE n.entry=o.entry AND n.id>o.id AND n.learned_ms<=?1)))"

static const char *keep(struct loading *l, struct store_stmt *st, int col)
{
    return register_keep(l->o, stmt_col_text(st, col), &l->failed);
}

/* Runs a query with ?1 = the instant, ?2 = the environment, and `each` for every row. */
static int rows(struct loading *l, const char *sql, bool environment,
                int (*each)(struct loading *l, struct store_stmt *st))
{
    struct store_stmt *st = register_bind(l->c, l->ctx, sql, ARGS(arg_int(l->known_ms)));
    int step = st == NULL ? l->ctx->error.status : 1;
    if (st != NULL && environment)
        stmt_text(st, 2, l->environment);
    while (step == 1 && (step = stmt_step(st, l->ctx)) == 1) {
        int status = each(l, st);
        if (status == GLN_OK && l->failed)
            status = context_no_memory(l->ctx);
        step = status == GLN_OK ? 1 : status;
    }
    stmt_done(st);
    return step;
}

static int programme_row(struct loading *l, struct store_stmt *st)
{
    const struct programme *there = register_programme(l->o, stmt_col_text(st, 0));
    /* what only the shipped row says of it stays */
    struct programme shipped = {.code = NULL};
    if (there != NULL)
        shipped = *there;
    struct programme *p = there == NULL ? REGISTER_MORE(l->o->programmes)
                                        : &l->o->programmes.items[there - l->o->programmes.items];
    if (p == NULL)
        return context_no_memory(l->ctx);
    *p = (struct programme){.code = keep(l, st, 0),
                            .country = keep(l, st, 1),
                            .zone = keep(l, st, 2),
                            .own_of = keep(l, st, 3),
                            .classes = keep(l, st, 4),
                            .security_classes = keep(l, st, 5),
                            .max_list_age_days = (int)stmt_col_int(st, 6),
                            .aliases = shipped.aliases,
                            .claim = shipped.claim,
                            .claim_of_partner = shipped.claim_of_partner};
    return GLN_OK;
}

static struct arrangement *arrangement_of(struct operators *o, const char *id)
{
    for (size_t i = 0; i < o->arrangements.count; i++)
        if (str_eq(o->arrangements.items[i].id, id))
            return &o->arrangements.items[i];
    return NULL;
}

/* A row of the customer's file stands whole; a confirmation (no home of its own) only changes what it confirms. */
static int arrangement_row(struct loading *l, struct store_stmt *st)
{
    struct arrangement *a = arrangement_of(l->o, stmt_col_text(st, 0));
    bool whole = !stmt_col_null(st, 1);
    if (a == NULL && !whole)
        return GLN_OK;
    if (a == NULL)
        a = REGISTER_MORE(l->o->arrangements);
    if (a == NULL)
        return context_no_memory(l->ctx);
    if (whole)
        *a = (struct arrangement){.id = keep(l, st, 0),
                                  .home = keep(l, st, 1),
                                  .destination = keep(l, st, 2),
                                  .ended = (day_number)stmt_col_int(st, 5),
                                  .kinds = keep(l, st, 7),
                                  .consent = stmt_col_int(st, 8) != 0};
    a->state = (enum arrangement_state)stmt_col_int(st, 3);
    a->effective = (day_number)stmt_col_int(st, 4);
    a->roles = keep(l, st, 6);
    a->source = keep(l, st, 9);
    a->confirmed = true;
    a->confirmed_by = keep(l, st, 10);
    return GLN_OK;
}

static int date_row(struct loading *l, struct store_stmt *st)
{
    struct raw_date *d = REGISTER_MORE(l->raw.dates);
    if (d == NULL)
        return context_no_memory(l->ctx);
    *d = (struct raw_date){keep(l, st, 0), keep(l, st, 1), (day_number)stmt_col_int(st, 2)};
    return GLN_OK;
}

static day_number list_date(const struct loading *l, const char *source, const char *environment)
{
    for (size_t i = 0; i < l->raw.dates.count; i++)
        if (str_eq(l->raw.dates.items[i].source, source) &&
            str_eq(l->raw.dates.items[i].environment, environment))
            return l->raw.dates.items[i].as_of;
    return 0;
}

static int operator_row(struct loading *l, struct store_stmt *st)
{
    struct operator_row *row = REGISTER_MORE(l->o->rows);
    struct raw_operator *raw = REGISTER_MORE(l->raw.operators);
    if (row == NULL || raw == NULL)
        return context_no_memory(l->ctx);
    const char *source = stmt_col_text(st, 2), *key = stmt_col_text(st, 3);
    const char *last = l->raw.last_source;
    if (last == NULL || strcmp(last, source) != 0)
        l->raw.last_source = last = register_keep(l->o, source, &l->failed);
    row->name = keep(l, st, 4);
    row->tax = keep(l, st, 5);
    if (stmt_col_int(st, 7) == SOURCE_FILE) {
        row->id = register_keep(l->o, key, &l->failed);
    } else {
        struct buf id = BUF_INIT;
        buf_printf(&id, "%s:%s", source, key);
        row->id = id.failed ? NULL : register_keep(l->o, id.data, &l->failed);
        l->failed = l->failed || id.failed;
        buf_free(&id);
    }
    bool gone = stmt_col_int(st, 10) != 0;
    *raw = (struct raw_operator){.version = stmt_col_int(st, 0),
                                 .entry = stmt_col_int(st, 1),
                                 .source = last,
                                 .folded = keep(l, st, 6),
                                 .foreign = !str_eq(stmt_col_text(st, 8), l->environment),
                                 .whole = stmt_col_int(st, 7) != SOURCE_LIST,
                                 .listed = stmt_col_int(st, 9) != 0 && !gone,
                                 .gone = gone};
    return GLN_OK;
}

static int identifier_row(struct loading *l, struct store_stmt *st)
{
    size_t index = raw_of_entry(&l->raw, stmt_col_int(st, 0));
    const char *kind = stmt_col_text(st, 1);
    if (index == SIZE_MAX)
        return GLN_OK;
    struct identifier *id = REGISTER_MORE(l->o->identifiers);
    if (id == NULL)
        return context_no_memory(l->ctx);
    id->kind = identifier_kind(kind);
    if (id->kind == NULL)
        id->kind = register_keep(l->o, kind, &l->failed);
    id->value = keep(l, st, 2);
    id->operator_index = index;
    return GLN_OK;
}

static int certificate_row(struct loading *l, struct store_stmt *st)
{
    size_t index = raw_of_entry(&l->raw, stmt_col_int(st, 0));
    const struct programme *p = register_programme(l->o, stmt_col_text(st, 1));
    if (index == SIZE_MAX || p == NULL) /* a programme nobody describes any more says nothing */
        return GLN_OK;
    struct certificate *c = REGISTER_MORE(l->o->certificates);
    struct raw_certificate *raw = REGISTER_MORE(l->raw.certificates);
    if (c == NULL || raw == NULL)
        return context_no_memory(l->ctx);
    *c = (struct certificate){.operator_index = index,
                              .programme_index = (size_t)(p - l->o->programmes.items),
                              .class_code = keep(l, st, 2),
                              .number = keep(l, st, 3),
                              .environment = str_eq(stmt_col_text(st, 4), "PROD") ? "PROD" : "TEST",
                              .from = (day_number)stmt_col_int(st, 5),
                              .to = (day_number)stmt_col_int(st, 6),
                              .consent = stmt_col_int(st, 7) != 0,
                              .consent_from = (day_number)stmt_col_int(st, 8),
                              .consent_to = (day_number)stmt_col_int(st, 9),
                              .list_date = (day_number)stmt_col_int(st, 10),
                              .max_age_days = (int)stmt_col_int(st, 11),
                              .batch = stmt_col_int(st, 12),
                              .source = l->raw.operators.items[index].source};
    if (c->list_date == 0)
        c->list_date = list_date(l, c->source, c->environment);
    *raw = (struct raw_certificate){stmt_col_int(st, 0), stmt_col_int(st, 13)};
    return GLN_OK;
}

static int event_row(struct loading *l, struct store_stmt *st)
{
    struct raw_event *e = REGISTER_MORE(l->raw.events);
    if (e == NULL)
        return context_no_memory(l->ctx);
    bool person = stmt_col_null(st, 7);
    *e = (struct raw_event){.entry = stmt_col_int(st, 0),
                            .programme = register_programme(l->o, stmt_col_text(st, 1)),
                            .said = stmt_col_int(st, 6) != 0,
                            .event = {.status = status_parse(stmt_col_text(st, 3)),
                                      .from = (day_number)stmt_col_int(st, 4),
                                      .learned_ms = stmt_col_int(st, 5),
                                      .told = stmt_col_int(st, person ? 8 : 7),
                                      .person = person}};
    const char *last = l->raw.last_class, *class_code = stmt_col_text(st, 2);
    if (last == NULL || strcmp(last, class_code) != 0)
        l->raw.last_class = last = register_keep(l->o, class_code, &l->failed);
    e->class_code = last;
    return GLN_OK;
}

static int binding_row(struct loading *l, struct store_stmt *st)
{
    size_t index = raw_of_entry(&l->raw, stmt_col_int(st, 1));
    if (index == SIZE_MAX)
        return GLN_OK;
    struct binding *b = REGISTER_MORE(l->o->bindings);
    if (b == NULL)
        return context_no_memory(l->ctx);
    *b = (struct binding){.submitter = keep(l, st, 0),
                          .operator_index = index,
                          .from = (day_number)stmt_col_int(st, 2),
                          .to = (day_number)stmt_col_int(st, 3),
                          .capacity = keep(l, st, 4),
                          .document = keep(l, st, 5)};
    return GLN_OK;
}

static const struct {
    const char *sql;
    bool environment;
    int (*each)(struct loading *l, struct store_stmt *st);
} queries[] = {
    {("SELECT code, country, zone, own_of, classes, security_classes, max_list_age_days FROM "
      "register_programme WHERE " VISIBLE " AND environment=?2 ORDER BY id"),
     true, programme_row},
    {("SELECT name, home, destination, state, effective, ended, roles, kinds, consent, source, who FROM "
      "register_arrangement WHERE " VISIBLE " AND environment=?2 ORDER BY home IS NULL, id"),
     true, arrangement_row},
    {("SELECT source, environment, max(as_of) FROM source_batch WHERE fetched_ms<=?1 GROUP BY source, "
      "environment"),
     false, date_row},
    {("SELECT o.id, o.entry, o.source, o.key, o.name, o.tax, o.name_folded, b.kind, o.environment, o.listed, "
      "o.until_ms<=?1 FROM operator o JOIN source_batch b ON b.id=o.batch WHERE " THERE
      " ORDER BY o.entry, o.id"),
     false, operator_row},
    {("SELECT o.entry, i.kind, i.value_norm FROM operator o JOIN operator_identifier i ON i.operator=o.id "
      "WHERE " THERE),
     false, identifier_row},
    {("SELECT c.entry, c.programme, c.class, c.number, c.environment, c.day_from, c.day_to, c.consent, "
      "c.consent_from, c.consent_to, c.list_date, c.days, c.batch, c.learned_ms FROM certificate c WHERE "
      "c.learned_ms<=?1 AND (c.until_ms IS NULL OR c.until_ms>?1) ORDER BY c.entry, c.id"),
     false, certificate_row},
    {("SELECT entry, programme, class, status, effective, learned_ms, learned_said, batch, id FROM "
      "status_event WHERE " VISIBLE " AND kept_ms<=?1 ORDER BY entry, effective, id"),
     false, event_row},
    {("SELECT submitter, entry, day_from, day_to, capacity, document FROM operator_binding WHERE "
      "learned_ms<=?1 AND (revoked_ms IS NULL OR revoked_ms>?1) AND environment=?2 ORDER BY id"),
     true, binding_row},
};

static int load(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct loading *l = arg;
    int status = GLN_OK;
    l->c = c;
    l->ctx = ctx;
    for (size_t i = 0; status == GLN_OK && i < sizeof queries / sizeof queries[0]; i++)
        status = rows(l, queries[i].sql, queries[i].environment, queries[i].each);
    return status == GLN_OK ? batches_load(l->o, ctx, c, l->known_ms) : status;
}

int register_load(struct operators **out, struct gln_context *ctx, struct store *s, const char *environment,
                  int64_t known_ms, const char *shipped)
{
    struct loading l = {.o = calloc(1, sizeof *l.o),
                        .environment = environment,
                        .known_ms = known_ms == 0 ? INT64_MAX : known_ms};
    *out = NULL;
    if (l.o == NULL)
        return context_no_memory(ctx);
    int status = register_shipped(l.o, ctx, shipped);
    if (status == GLN_OK)
        status = store_read(s, ctx, load, &l);
    if (status == GLN_OK && !register_merge(l.o, &l.raw))
        status = context_no_memory(ctx);
    if (status == GLN_OK) {
        register_close(l.o);
        *out = TAKE(&l.o);
    }
    register_raw_free(&l.raw);
    operators_free(l.o);
    return status;
}
