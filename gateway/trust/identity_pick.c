/*
 * Who may file under which identity: submitters, their bindings, and the choice of exactly one identity for a filing.
 *
 * Owns nothing but the rows it writes. None that fits, two that fit, and one that fits but is another's are three different answers;
 * there is no default, and TEST and PROD are never looked at together.
 */
#include "trust/identity.h"

#include <string.h>

#include "util/file.h"
#include "util/str.h"

struct row {
    const char *a, *b, *document;
    int64_t from_ms, to_ms, now_ms;
    struct buf *out;
};

static int insert_submitter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    struct store_stmt *st = store_stmt(c, ctx, "INSERT OR IGNORE INTO submitter VALUES(?,?,?)");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, r->a);
    stmt_text(st, 2, r->b);
    stmt_int(st, 3, r->now_ms);
    int status = stmt_run(st, ctx);
    return status == GLN_OK && store_changes(c) == 0
               ? context_fail(ctx, GLN_E_CONFLICT, MSG_SUBMITTER_TAKEN, r->a)
               : status;
}

/* Who did it, in the ledger's history, when it was no submitter. */
static const char *const ours[] = {"operator", "gateway", "greenlane", "local"};

int submitter_add(struct store *s, struct gln_context *ctx, const char *name, const char *cert_fingerprint)
{
    struct row r = {.a = name, .b = cert_fingerprint, .now_ms = clock_wall_ms(ctx->clock)};
    if (!path_is_plain(name) || strlen(name) > SUBMITTER_NAME_MAX)
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_SUBMITTER_NAME);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (str_eq(name, ours[i]))
            return context_fail(ctx, GLN_E_ARGUMENT, MSG_SUBMITTER_OURS, name);
    return store_write(s, ctx, insert_submitter, &r);
}

static int read_submitter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    struct store_stmt *st = store_stmt(c, ctx, "SELECT name FROM submitter WHERE fingerprint=?");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, r->a);
    int status = stmt_step(st, ctx);
    if (status == 1) {
        buf_puts(r->out, stmt_col_text(st, 0));
        status = GLN_OK;
    } else if (status == 0) {
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_SUBMITTER_UNKNOWN, r->a);
    }
    stmt_done(st);
    return status;
}

int submitter_by_cert(struct store *s, struct gln_context *ctx, const char *fingerprint, struct buf *name)
{
    struct row r = {.a = fingerprint, .out = name};
    return store_read(s, ctx, read_submitter, &r);
}

static int exists(struct store_conn *c, struct gln_context *ctx, const char *sql, const char *name,
                  enum message_id none)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, name);
    int step = stmt_step(st, ctx);
    stmt_done(st);
    return step == 1 ? GLN_OK : step == 0 ? context_fail(ctx, GLN_E_NOT_FOUND, none, name) : step;
}

static int find_submitter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    return exists(c, ctx, "SELECT 1 FROM submitter WHERE name=?", r->a, MSG_SUBMITTER_NONE);
}

int submitter_known(struct store *s, struct gln_context *ctx, const char *name)
{
    struct row r = {.a = name};
    return store_read(s, ctx, find_submitter, &r);
}

static int insert_binding(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    int status = find_submitter(c, ctx, arg);
    if (status == GLN_OK)
        status = exists(c, ctx, "SELECT 1 FROM identity WHERE name=? AND removed_ms IS NULL", r->b,
                        MSG_IDENTITY_NONE);
    if (status != GLN_OK)
        return status;
    struct store_stmt *st = store_stmt(c, ctx,
                                       "INSERT INTO submitter_binding(submitter, identity, from_ms, to_ms, "
                                       "document, added_ms) VALUES(?,?,?,?,?,?)");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, r->a);
    stmt_text(st, 2, r->b);
    stmt_int(st, 3, r->from_ms);
    stmt_int(st, 4, r->to_ms);
    stmt_text(st, 5, r->document);
    stmt_int(st, 6, r->now_ms);
    return stmt_run(st, ctx);
}

int submitter_bind(struct store *s, struct gln_context *ctx, const char *submitter, const char *identity,
                   int64_t from_ms, int64_t to_ms, const char *document)
{
    struct row r = {.a = submitter,
                    .b = identity,
                    .document = document,
                    .from_ms = from_ms,
                    .to_ms = to_ms,
                    .now_ms = clock_wall_ms(ctx->clock)};
    return store_write(s, ctx, insert_binding, &r);
}

struct listing {
    int (*each)(void *arg, const char *a, const char *b, int64_t from_ms, int64_t to_ms, const char *more);
    void *arg;
    const char *sql;
};

static int read_rows(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct listing *l = arg;
    struct store_stmt *st = store_stmt(c, ctx, l->sql);
    if (st == NULL)
        return ctx->error.status;
    int step;
    while ((step = stmt_step(st, ctx)) == 1)
        if (l->each(l->arg, stmt_col_text(st, 0), stmt_col_text(st, 1), stmt_col_int(st, 2),
                    stmt_col_int(st, 3), stmt_col_text(st, 4)) != 0)
            break;
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

int submitter_list(struct store *s, struct gln_context *ctx,
                   int (*each)(void *arg, const char *name, const char *fingerprint, int64_t added_ms,
                               int64_t unused, const char *none),
                   void *arg)
{
    struct listing l = {each, arg,
                        "SELECT name, fingerprint, added_ms, 0, NULL FROM submitter ORDER BY name"};
    return store_read(s, ctx, read_rows, &l);
}

int binding_list(struct store *s, struct gln_context *ctx,
                 int (*each)(void *arg, const char *submitter, const char *identity, int64_t from_ms,
                             int64_t to_ms, const char *document),
                 void *arg)
{
    struct listing l = {each, arg,
                        "SELECT submitter, identity, from_ms, to_ms, document FROM submitter_binding ORDER "
                        "BY submitter, identity, id"};
    return store_read(s, ctx, read_rows, &l);
}

/* ---- the choice ---- */

struct choice {
    const char *submitter, *environment, *destination, *principal, *wanted;
    int64_t now_ms;
    size_t fitting, allowed;
    struct buf name, second; /* of those allowed */
};

/* $1 environment, $2 destination, $3 principal or NULL, $4 now, $5 submitter or NULL, $6 the one name wanted or NULL */
static const char choose_sql[] =
    "SELECT i.name, ?5 IS NULL OR EXISTS(SELECT 1 FROM submitter_binding b WHERE b.identity=i.name AND "
    "b.submitter=?5"
    " AND b.from_ms<=?4 AND (b.to_ms=0 OR b.to_ms>=?4)) FROM identity i WHERE i.environment=?1 AND "
    "i.destination=?2"
    " AND (?3 IS NULL OR i.principal=?3) AND i.removed_ms IS NULL AND i.valid_from<=?4"
    " AND (i.valid_to=0 OR i.valid_to>=?4) AND (?6 IS NULL OR i.name=?6) ORDER BY i.name";

static int read_choice(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct choice *k = arg;
    struct store_stmt *st = store_stmt(c, ctx, choose_sql);
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, k->environment);
    stmt_text(st, 2, k->destination);
    stmt_text(st, 3, k->principal);
    stmt_int(st, 4, k->now_ms);
    stmt_text(st, 5, k->submitter);
    stmt_text(st, 6, k->wanted);
    int step;
    while ((step = stmt_step(st, ctx)) == 1) {
        k->fitting++;
        if (stmt_col_int(st, 1) != 0 && k->allowed++ < 2)
            buf_puts(k->allowed == 1 ? &k->name : &k->second, stmt_col_text(st, 0));
    }
    stmt_done(st);
    return step;
}

static int verdict(struct gln_context *ctx, const struct choice *k)
{
    const char *principal = k->principal == NULL ? "-" : k->principal;
    if (k->allowed == 1)
        return GLN_OK;
    if (k->allowed > 1 && k->principal == NULL)
        return context_fail(ctx, GLN_E_CONFLICT, MSG_IDENTITY_TWO_UNNAMED, k->environment, k->destination,
                            k->name.data, k->second.data);
    if (k->allowed > 1)
        return context_fail(ctx, GLN_E_CONFLICT, MSG_IDENTITY_TWO_FIT, k->environment, k->destination,
                            principal, k->name.data, k->second.data);
    if (k->fitting > 0)
        return context_fail(ctx, GLN_E_FORBIDDEN, MSG_IDENTITY_NOT_YOURS, k->submitter, principal,
                            k->destination);
    return context_fail(ctx, GLN_E_NOT_FOUND, MSG_IDENTITY_NONE_FITS, k->environment, k->destination,
                        principal);
}

int identity_pick(struct store *s, struct gln_context *ctx, const char *submitter, const char *environment,
                  const char *destination, const char *principal, const char *wanted, struct identity *out)
{
    struct choice k = {.submitter = submitter,
                       .environment = environment,
                       .destination = destination,
                       .principal = principal != NULL && principal[0] != '\0' ? principal : NULL,
                       .wanted = wanted,
                       .now_ms = clock_wall_ms(ctx->clock)};
    memset(out, 0, sizeof *out);
    int status = store_read(s, ctx, read_choice, &k);
    if (status == GLN_OK)
        status = verdict(ctx, &k);
    if (status == GLN_OK)
        status = identity_get(s, ctx, k.name.data, out);
    buf_free(&k.name);
    buf_free(&k.second);
    return status;
}
