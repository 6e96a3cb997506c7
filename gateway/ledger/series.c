/*
 * Number series: ranges per identity, kind and year.
 *
 * A number is reserved (its own commit, before the message is made), then kept (in the commit of ledger_keep()) or a gap (with its
 * reason). Each of these is a row of `numbers`; series_now holds the next number to try, numbers_now the state of every number that
 * ever left a series. A number is never given twice: not after a gap, not after a change of the range,
 * nor by another identity of the same owner (number_owners; two identities may file under one filer code).
 *
 * A reservation found when the ledger is opened belonged to an owner that died before keep: it becomes a gap then.
 */
#include "ledger/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "util/str.h"

struct series_key {
    const char *identity, *kind;
    int year;
    int64_t at_ms;
};

static int64_t ten_to(int n)
{
    int64_t v = 1;

    while (n-- > 0)
        v *= 10;
    return v;
}

/* A row of `numbers` and the state that follows from it. */
static int put_event(struct store_conn *c, struct gln_context *ctx, const struct series_key *k, int64_t value,
                     const char *event, const struct cell *filing, const char *note)
{
    int status = row_put(c, ctx, TABLE_NUMBERS,
                         CELLS(cell_text(k->identity), cell_text(k->kind), cell_int(k->year), cell_int(value),
                               cell_text(event), cell_int(k->at_ms), filing ? *filing : cell_text(NULL),
                               cell_text(note)),
                         NULL);

    if (status == GLN_OK)
        status =
            sql_run(c, ctx,
                    "INSERT INTO numbers_now(identity, kind, year, value, state) VALUES(?1, ?2, ?3, ?4, ?5) "
                    "ON CONFLICT DO UPDATE SET state = excluded.state",
                    CELLS(cell_text(k->identity), cell_text(k->kind), cell_int(k->year), cell_int(value),
                          cell_text(event)));
    return status;
}

/* What the statement finds: 'r' reserved, 'k' kept, 'g' gap, 0 never given, < 0: status. Ends it; NULL: the context's error. */
static int state_found(struct store_stmt *st, struct gln_context *ctx)
{
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0)
        more = stmt_col_text(st, 0)[0];
    stmt_done(st);
    return more;
}

static int number_state(struct store_conn *c, struct gln_context *ctx, const struct series_key *k,
                        int64_t value)
{
    return state_found(
        sql_bind(
            c, ctx,
            "SELECT state FROM numbers_now WHERE identity = ?1 AND kind = ?2 AND year = ?3 AND value = ?4",
            CELLS(cell_text(k->identity), cell_text(k->kind), cell_int(k->year), cell_int(value))),
        ctx);
}

/* Whether another identity of the same owner was given it: a state as above. */
static int owner_state(struct store_conn *c, struct gln_context *ctx, const struct series_key *k,
                       int64_t value)
{
    return state_found(
        sql_bind(c, ctx,
                 "SELECT n.state FROM number_owners me JOIN number_owners o ON o.owner = me.owner "
                 "JOIN numbers_now n ON n.identity = o.identity "
                 "WHERE me.identity = ?1 AND o.identity <> ?1 AND n.kind = ?2 AND n.year = ?3 "
                 "AND n.value = ?4 LIMIT 1",
                 CELLS(cell_text(k->identity), cell_text(k->kind), cell_int(k->year), cell_int(value))),
        ctx);
}

/* Of this identity or another of its owner. */
static int given(struct store_conn *c, struct gln_context *ctx, const struct series_key *k, int64_t value)
{
    int state = number_state(c, ctx, k, value);

    return state != 0 ? state : owner_state(c, ctx, k, value);
}

static int put_owner(struct store_conn *c, struct gln_context *ctx, const char *identity, const char *owner)
{
    return sql_run(
        c, ctx,
        "INSERT INTO number_owners(identity, owner) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET owner "
        "= excluded.owner WHERE owner <> excluded.owner",
        CELLS(cell_text(identity), cell_text(owner)));
}

struct range {
    int64_t first, last, next;
    int width;
    bool found;
};

static int range_read(struct store_conn *c, struct gln_context *ctx, const struct series_key *k,
                      struct range *r)
{
    struct store_stmt *st = sql_bind(
        c, ctx,
        "SELECT first, last, next, width FROM series_now WHERE identity = ?1 AND kind = ?2 AND year = ?3",
        CELLS(cell_text(k->identity), cell_text(k->kind), cell_int(k->year)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    r->found = more > 0;
    if (r->found) {
        r->first = stmt_col_int(st, 0);
        r->last = stmt_col_int(st, 1);
        r->next = stmt_col_int(st, 2);
        r->width = (int)stmt_col_int(st, 3);
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* Whether a range, the newest or one before, holds the value (-1: is there at all): 1, 0, < 0: status. Of any year. */
static int ranges_hold(struct store_conn *c, struct gln_context *ctx, const char *identity, const char *kind,
                       int64_t value)
{
    struct store_stmt *st =
        sql_bind(c, ctx,
                 "SELECT 1 FROM series WHERE identity = ?1 AND kind = ?2 AND (?3 < 0 OR ?3 BETWEEN first "
                 "AND last) LIMIT 1",
                 CELLS(cell_text(identity), cell_text(kind), cell_int(value)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    stmt_done(st);
    return more;
}

static int fail_series(struct gln_context *ctx, int status, enum message_id id, const struct series_key *k)
{
    struct number_text year;

    return context_fail(ctx, status, id, k->identity, k->kind, number_text(&year, k->year));
}

struct define_arg {
    struct series_key key;
    struct range range;
};

static int define(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct define_arg *a = arg;
    struct range old;
    int status = range_read(c, ctx, &a->key, &old);

    if (status != GLN_OK || (old.found && old.first == a->range.first && old.last == a->range.last &&
                             old.width == a->range.width))
        return status;
    status = row_put(c, ctx, TABLE_SERIES,
                     CELLS(cell_text(a->key.identity), cell_text(a->key.kind), cell_int(a->key.year),
                           cell_int(a->range.first), cell_int(a->range.last), cell_int(a->range.width),
                           cell_int(a->key.at_ms)),
                     NULL);
    if (status != GLN_OK)
        return status;
    return sql_run(c, ctx,
                   "INSERT INTO series_now(identity, kind, year, first, last, width, next) "
                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?4) ON CONFLICT DO UPDATE SET first = excluded.first, "
                   "last = excluded.last, width = excluded.width, next = excluded.first",
                   CELLS(cell_text(a->key.identity), cell_text(a->key.kind), cell_int(a->key.year),
                         cell_int(a->range.first), cell_int(a->range.last), cell_int(a->range.width)));
}

int series_define(struct ledger *l, struct gln_context *ctx, const char *identity, const char *kind, int year,
                  int64_t first, int64_t last, int width)
{
    struct define_arg a = {{identity, kind, year, clock_wall_ms(ctx->clock)},
                           {.first = first, .last = last, .width = width}};

    if (first < 0 || last < first || width < 1 || width > 18 || last >= ten_to(width))
        return fail_series(ctx, GLN_E_ARGUMENT, MSG_SERIES_RANGE, &a.key);
    return store_write(l->store, ctx, define, &a);
}

struct reserve_arg {
    struct series_key key;
    const char *owner;
    struct buf *number;
};

static int reserve(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct reserve_arg *a = arg;
    struct range r;
    int state;
    int status = a->owner ? put_owner(c, ctx, a->key.identity, a->owner) : GLN_OK;

    if (status == GLN_OK)
        status = range_read(c, ctx, &a->key, &r);
    if (status != GLN_OK)
        return status;
    if (!r.found)
        return fail_series(ctx, GLN_E_NOT_FOUND, MSG_SERIES_NONE, &a->key);
    while (r.next <= r.last && (state = given(c, ctx, &a->key, r.next)) != 0) {
        if (state < 0)
            return state;
        r.next++;
    }
    if (r.next > r.last)
        return fail_series(ctx, GLN_E_CONFLICT, MSG_SERIES_USED_UP, &a->key);
    status = put_event(c, ctx, &a->key, r.next, "reserved", NULL, NULL);
    if (status == GLN_OK)
        status =
            sql_run(c, ctx, "UPDATE series_now SET next = ?4 WHERE identity = ?1 AND kind = ?2 AND year = ?3",
                    CELLS(cell_text(a->key.identity), cell_text(a->key.kind), cell_int(a->key.year),
                          cell_int(r.next + 1)));
    buf_clear(a->number);
    buf_printf(a->number, "%0*lld", r.width, (long long)r.next);
    return status == GLN_OK && a->number->failed ? context_no_memory(ctx) : status;
}

int series_reserve(struct ledger *l, struct gln_context *ctx, const char *identity, const char *owner,
                   const char *kind, int year, struct buf *number)
{
    struct reserve_arg a = {{identity, kind, year, clock_wall_ms(ctx->clock)}, owner, number};
    int status = store_write(l->store, ctx, reserve, &a);

    if (status != GLN_OK)
        buf_clear(number);
    return status;
}

static int owner_known(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const char *const *a = arg;
    struct store_stmt *st = sql_bind(c, ctx, "SELECT 1 FROM number_owners WHERE identity = ?1 AND owner = ?2",
                                     CELLS(cell_text(a[0]), cell_text(a[1])));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    stmt_done(st);
    return more;
}

static int owner_write(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const char *const *a = arg;

    return put_owner(c, ctx, a[0], a[1]);
}

int series_owner(struct ledger *l, struct gln_context *ctx, const char *identity, const char *owner)
{
    const char *a[] = {identity, owner};
    int status = store_read(l->store, ctx, owner_known, a);

    if (status == 0)
        status = store_write(l->store, ctx, owner_write, a);
    return status < 0 ? status : GLN_OK;
}

static int parse_number(struct gln_context *ctx, const char *text, int64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || !str_is_digits(text, strlen(text)) || text[0] == '\0')
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_NUMBER_NOT_DIGITS, text);
    return GLN_OK;
}

int series_final(struct store_conn *c, struct gln_context *ctx, const char *identity, const char *kind,
                 int year, const char *serial, int64_t filing, int64_t at_ms)
{
    struct series_key k = {identity, kind, year, at_ms};
    struct cell owner = cell_int(filing);
    int64_t value;
    int state;
    int status = parse_number(ctx, serial, &value);

    if (status != GLN_OK || (status = state = number_state(c, ctx, &k, value)) < 0)
        return status;
    if (state == 'r')
        return put_event(c, ctx, &k, value, "kept", &owner, NULL);
    if (state == 0 && (status = state = owner_state(c, ctx, &k, value)) < 0)
        return status;
    if (state != 0)
        return context_fail(ctx, GLN_E_CONFLICT, MSG_NUMBER_GIVEN, serial, identity, kind);
    status = ranges_hold(c, ctx, identity, kind, value);
    if (status == 0 && (status = ranges_hold(c, ctx, identity, kind, -1)) > 0)
        return context_fail(ctx, GLN_E_CONFLICT, MSG_NUMBER_OUTSIDE, serial, identity, kind);
    return status > 0 ? put_event(c, ctx, &k, value, "kept", &owner, REASON(MSG_REASON_NUMBER_BROUGHT, ""))
                      : status;
}

struct holds_arg {
    const char *identity, *kind;
    int64_t value;
    bool *holds;
};

static int holds(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct holds_arg *a = arg;
    int status = ranges_hold(c, ctx, a->identity, a->kind, a->value);

    *a->holds = status > 0;
    return status < 0 ? status : GLN_OK;
}

int series_holds(struct ledger *l, struct gln_context *ctx, const char *identity, const char *kind,
                 const char *serial, bool *out)
{
    struct holds_arg a = {identity, kind, -1, out};
    int status = serial != NULL ? parse_number(ctx, serial, &a.value) : GLN_OK;

    return status == GLN_OK ? store_read(l->store, ctx, holds, &a) : status;
}

struct gap_arg {
    struct series_key key;
    int64_t value;
    const char *number, *reason;
};

static int gap(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct gap_arg *a = arg;
    int state = number_state(c, ctx, &a->key, a->value);

    if (state < 0)
        return state;
    if (state != 'r')
        return context_fail(ctx, GLN_E_CONFLICT, MSG_NUMBER_NOT_RESERVED, a->number, a->key.identity,
                            a->key.kind);
    return put_event(c, ctx, &a->key, a->value, "gap", NULL, a->reason);
}

int series_gap(struct ledger *l, struct gln_context *ctx, const char *identity, const char *kind, int year,
               const char *number, const char *reason)
{
    struct gap_arg a = {{identity, kind, year, clock_wall_ms(ctx->clock)}, 0, number, reason};
    int status = parse_number(ctx, number, &a.value);

    return status == GLN_OK ? store_write(l->store, ctx, gap, &a) : status;
}

/* The next reservation; *more false when there is none. Texts are copied, since its row changes under the cursor. */
static int next_reserved(struct store_conn *c, struct gln_context *ctx, struct buf text[2], int *year,
                         int64_t *value, bool *more)
{
    struct store_stmt *st = store_stmt(
        c, ctx, "SELECT identity, kind, year, value FROM numbers_now WHERE state = 'reserved' LIMIT 1");
    int rc = st ? stmt_step(st, ctx) : ctx->error.status;

    *more = rc > 0;
    for (int i = 0; i < 2 && *more; i++) {
        buf_clear(&text[i]);
        buf_puts(&text[i], stmt_col_text(st, i));
        buf_putc(&text[i], '\0');
    }
    *year = *more ? (int)stmt_col_int(st, 2) : 0;
    *value = *more ? stmt_col_int(st, 3) : 0;
    stmt_done(st);
    if (rc >= 0 && (text[0].failed || text[1].failed))
        return context_no_memory(ctx);
    return rc < 0 ? rc : GLN_OK;
}

static int recover(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct buf text[2] = {BUF_INIT, BUF_INIT};
    struct series_key k = {.at_ms = clock_wall_ms(ctx->clock)};
    int64_t value;
    bool more = true;
    int status = GLN_OK;

    (void)arg;
    while (status == GLN_OK && more) {
        status = next_reserved(c, ctx, text, &k.year, &value, &more);
        if (status != GLN_OK || !more)
            break;
        k.identity = text[0].data;
        k.kind = text[1].data;
        status = put_event(c, ctx, &k, value, "gap", NULL, REASON(MSG_REASON_GAP_STOPPED, ""));
    }
    buf_free(&text[0]);
    buf_free(&text[1]);
    return status;
}

static int any_reserved(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT 1 FROM numbers_now WHERE state = 'reserved' LIMIT 1");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *(bool *)arg = more > 0;
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int series_recover(struct ledger *l, struct gln_context *ctx)
{
    bool any = false;
    int status = store_read(l->store, ctx, any_reserved, &any);

    return status == GLN_OK && any ? store_write(l->store, ctx, recover, NULL) : status;
}
