/*
 * Submitters: who may send, by which client certificate; whose signature on a declaration is whose; who may bring what another
 * signed; and which identities a submitter may use.
 *
 * Owns nothing but the rows it writes. A certificate is one submitter's at a time. What has ended stays, with the time it did.
 */
#include "trust/identity.h"

#include <string.h>

#include "util/file.h"
#include "util/str.h"

struct row {
    const char *a, *b, *document;
    int64_t from_ms, to_ms, now_ms;
    struct buf *out;
    const char *sql;
    enum message_id none; /* said when there is no such row */
};

static int insert_submitter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    struct store_stmt *st =
        store_stmt(c, ctx,
                   "INSERT OR IGNORE INTO submitter(name, fingerprint, added_ms) SELECT ?1, ?2, ?3 WHERE NOT "
                   "EXISTS(SELECT 1 FROM submitter WHERE name=?1)");
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

int submitter_add(struct store *s, struct gln_context *ctx, const char *name, const char *cert_fingerprint,
                  const struct entered *by)
{
    struct row r = {.a = name, .b = cert_fingerprint, .now_ms = clock_wall_ms(ctx->clock)};
    if (!path_is_plain(name) || strlen(name) > SUBMITTER_NAME_MAX)
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_SUBMITTER_NAME);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (str_eq(name, ours[i]))
            return context_fail(ctx, GLN_E_ARGUMENT, MSG_SUBMITTER_OURS, name);
    return register_enter(s, ctx, by, "submitter", name, insert_submitter, &r);
}

/* The one text a statement finds by ?1; `none` names it when there is no row. */
static int read_text(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    struct store_stmt *st = store_stmt(c, ctx, r->sql);
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, r->a);
    int status = stmt_step(st, ctx);
    if (status == 1) {
        buf_puts(r->out, stmt_col_text(st, 0));
        status = GLN_OK;
    } else if (status == 0) {
        status = context_fail(ctx, GLN_E_NOT_FOUND, r->none, r->a);
    }
    stmt_done(st);
    return status;
}

int submitter_by_cert(struct store *s, struct gln_context *ctx, const char *fingerprint, struct buf *name)
{
    struct row r = {.a = fingerprint,
                    .out = name,
                    .sql = "SELECT name FROM submitter WHERE fingerprint=?1 AND ended_ms IS NULL",
                    .none = MSG_SUBMITTER_UNKNOWN};
    return store_read(s, ctx, read_text, &r);
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

static int is_submitter(struct store_conn *c, struct gln_context *ctx, const char *name)
{
    return exists(c, ctx, "SELECT 1 FROM submitter WHERE name=? AND ended_ms IS NULL", name,
                  MSG_SUBMITTER_NONE);
}

static int find_submitter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    return is_submitter(c, ctx, r->a);
}

int submitter_known(struct store *s, struct gln_context *ctx, const char *name)
{
    struct row r = {.a = name};
    return store_read(s, ctx, find_submitter, &r);
}

/* Both kinds of binding have the same columns. */
static int run_bound(struct store_stmt *st, struct gln_context *ctx, const struct row *r)
{
    stmt_text(st, 1, r->a);
    stmt_text(st, 2, r->b);
    stmt_int(st, 3, r->from_ms);
    stmt_int(st, 4, r->to_ms);
    stmt_text(st, 5, r->document);
    stmt_int(st, 6, r->now_ms);
    return stmt_run(st, ctx);
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
    return st == NULL ? ctx->error.status : run_bound(st, ctx, r);
}

int submitter_bind(struct store *s, struct gln_context *ctx, const char *submitter, const char *identity,
                   int64_t from_ms, int64_t to_ms, const char *document, const struct entered *by)
{
    struct row r = {.a = submitter,
                    .b = identity,
                    .document = document,
                    .from_ms = from_ms,
                    .to_ms = to_ms,
                    .now_ms = clock_wall_ms(ctx->clock)};
    return register_enter(s, ctx, by, "identity-binding", r.a, insert_binding, &r);
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
    struct listing l = {
        each, arg,
        "SELECT name, fingerprint, added_ms, 0, NULL FROM submitter WHERE ended_ms IS NULL ORDER BY "
        "name"};
    return store_read(s, ctx, read_rows, &l);
}

int binding_list(struct store *s, struct gln_context *ctx,
                 int (*each)(void *arg, const char *submitter, const char *identity, int64_t from_ms,
                             int64_t to_ms, const char *document),
                 void *arg)
{
    struct listing l = {each, arg,
                        "SELECT submitter, identity, from_ms, to_ms, document FROM submitter_binding WHERE "
                        "ended_ms IS NULL ORDER BY submitter, identity, id"};
    return store_read(s, ctx, read_rows, &l);
}

/* ---- signers ---- */

static int insert_signer(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    int status = is_submitter(c, ctx, r->a);
    if (status != GLN_OK)
        return status;
    struct store_stmt *st =
        store_stmt(c, ctx,
                   "INSERT OR IGNORE INTO submitter_signer(submitter, fingerprint, subject, added_ms) "
                   "VALUES(?,?,?,?)");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, r->a);
    stmt_text(st, 2, r->b);
    stmt_text(st, 3, r->document);
    stmt_int(st, 4, r->now_ms);
    status = stmt_run(st, ctx);
    return status == GLN_OK && store_changes(c) == 0
               ? context_fail(ctx, GLN_E_CONFLICT, MSG_SIGNER_TAKEN, r->b)
               : status;
}

int signer_add(struct store *s, struct gln_context *ctx, const char *submitter, const struct cert *cert,
               const struct entered *by)
{
    struct buf fingerprint = BUF_INIT;
    struct buf subject = BUF_INIT;
    cert_fingerprint(&fingerprint, cert);
    cert_subject(&subject, cert);
    struct row r = {
        .a = submitter, .b = fingerprint.data, .document = subject.data, .now_ms = clock_wall_ms(ctx->clock)};
    int status = fingerprint.failed || subject.failed
                     ? context_no_memory(ctx)
                     : register_enter(s, ctx, by, "signer", r.a, insert_signer, &r);
    buf_free(&fingerprint);
    buf_free(&subject);
    return status;
}

int signer_by_cert(struct store *s, struct gln_context *ctx, const char *fingerprint, struct buf *name)
{
    struct row r = {.a = fingerprint,
                    .out = name,
                    .sql = "SELECT submitter FROM submitter_signer WHERE fingerprint=?1 AND ended_ms IS NULL",
                    .none = MSG_SIGNER_UNKNOWN};
    return store_read(s, ctx, read_text, &r);
}

/* ---- who may bring what another signed ---- */

static int insert_messenger(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    int status = is_submitter(c, ctx, r->a);
    if (status == GLN_OK)
        status = is_submitter(c, ctx, r->b);
    if (status != GLN_OK)
        return status;
    struct store_stmt *st = store_stmt(c, ctx,
                                       "INSERT INTO submitter_messenger(messenger, signer, from_ms, to_ms, "
                                       "document, added_ms) VALUES(?,?,?,?,?,?)");
    return st == NULL ? ctx->error.status : run_bound(st, ctx, r);
}

int messenger_add(struct store *s, struct gln_context *ctx, const char *messenger, const char *signer,
                  int64_t from_ms, int64_t to_ms, const char *document, const struct entered *by)
{
    struct row r = {.a = messenger,
                    .b = signer,
                    .document = document,
                    .from_ms = from_ms,
                    .to_ms = to_ms,
                    .now_ms = clock_wall_ms(ctx->clock)};
    return register_enter(s, ctx, by, "messenger", r.a, insert_messenger, &r);
}

static int read_messenger(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    struct store_stmt *st = store_stmt(c, ctx,
                                       "SELECT 1 FROM submitter_messenger WHERE messenger=?1 AND signer=?2 "
                                       "AND ended_ms IS NULL AND from_ms<=?3 AND (to_ms=0 OR to_ms>=?3)");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, r->a);
    stmt_text(st, 2, r->b);
    stmt_int(st, 3, r->now_ms);
    int step = stmt_step(st, ctx);
    stmt_done(st);
    return step == 1   ? GLN_OK
           : step == 0 ? context_fail(ctx, GLN_E_FORBIDDEN, MSG_MESSENGER_NONE, r->a, r->b)
                       : step;
}

int messenger_may(struct store *s, struct gln_context *ctx, const char *messenger, const char *signer)
{
    struct row r = {.a = messenger, .b = signer, .now_ms = clock_wall_ms(ctx->clock)};
    return store_read(s, ctx, read_messenger, &r);
}

/* ---- what ends ---- */

static int end_rows(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    struct store_stmt *st = store_stmt(c, ctx, r->sql);
    if (st == NULL)
        return ctx->error.status;
    stmt_int(st, 1, r->now_ms);
    stmt_text(st, 2, r->a);
    if (r->b != NULL)
        stmt_text(st, 3, r->b);
    int status = stmt_run(st, ctx);
    return status == GLN_OK && store_changes(c) == 0
               ? context_fail(ctx, GLN_E_NOT_FOUND, r->none, r->a, r->b != NULL ? r->b : "")
               : status;
}

int signer_end(struct store *s, struct gln_context *ctx, const char *fingerprint, const struct entered *by)
{
    struct row r = {.a = fingerprint,
                    .now_ms = clock_wall_ms(ctx->clock),
                    .sql =
                        "UPDATE submitter_signer SET ended_ms=?1 WHERE fingerprint=?2 AND ended_ms IS NULL",
                    .none = MSG_SIGNER_UNKNOWN};
    return register_enter(s, ctx, by, "signer", r.a, end_rows, &r);
}

int messenger_end(struct store *s, struct gln_context *ctx, const char *messenger, const char *signer,
                  const struct entered *by)
{
    struct row r = {.a = messenger,
                    .b = signer,
                    .now_ms = clock_wall_ms(ctx->clock),
                    .sql = "UPDATE submitter_messenger SET ended_ms=?1 WHERE messenger=?2 AND signer=?3 AND "
                           "ended_ms IS NULL",
                    .none = MSG_MESSENGER_NONE};
    return register_enter(s, ctx, by, "messenger", r.a, end_rows, &r);
}

int submitter_unbind(struct store *s, struct gln_context *ctx, const char *submitter, const char *identity,
                     const struct entered *by)
{
    struct row r = {.a = submitter,
                    .b = identity,
                    .now_ms = clock_wall_ms(ctx->clock),
                    .sql = "UPDATE submitter_binding SET ended_ms=?1 WHERE submitter=?2 AND identity=?3 AND "
                           "ended_ms IS NULL",
                    .none = MSG_BINDING_NONE};
    return register_enter(s, ctx, by, "identity-binding", r.a, end_rows, &r);
}

/* With all that says what he may do. */
static int end_submitter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    static const char *const ends[] = {
        "UPDATE submitter SET ended_ms=?1 WHERE name=?2 AND ended_ms IS NULL",
        "UPDATE submitter_binding SET ended_ms=?1 WHERE submitter=?2 AND ended_ms IS NULL",
        "UPDATE submitter_signer SET ended_ms=?1 WHERE submitter=?2 AND ended_ms IS NULL",
        "UPDATE submitter_messenger SET ended_ms=?1 WHERE (messenger=?2 OR signer=?2) AND ended_ms IS NULL"};
    const struct row *r = arg;
    int status = is_submitter(c, ctx, r->a);
    for (size_t i = 0; status == GLN_OK && i < sizeof ends / sizeof ends[0]; i++) {
        struct store_stmt *st = store_stmt(c, ctx, ends[i]);
        if (st == NULL)
            return ctx->error.status;
        stmt_int(st, 1, r->now_ms);
        stmt_text(st, 2, r->a);
        status = stmt_run(st, ctx);
    }
    return status;
}

/* One row ends, and the next begins. */
static int write_rotated(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct row *r = arg;
    int status = is_submitter(c, ctx, r->a);
    struct store_stmt *end =
        store_stmt(c, ctx, "UPDATE submitter SET ended_ms=? WHERE name=? AND ended_ms IS NULL");
    struct store_stmt *add =
        store_stmt(c, ctx, "INSERT OR IGNORE INTO submitter(name, fingerprint, added_ms) VALUES(?,?,?)");
    if (status == GLN_OK && (end == NULL || add == NULL))
        status = ctx->error.status;
    if (status != GLN_OK)
        return status;
    stmt_int(end, 1, r->now_ms);
    stmt_text(end, 2, r->a);
    status = stmt_run(end, ctx);
    if (status != GLN_OK)
        return status;
    stmt_text(add, 1, r->a);
    stmt_text(add, 2, r->b);
    stmt_int(add, 3, r->now_ms);
    status = stmt_run(add, ctx);
    return status == GLN_OK && store_changes(c) == 0
               ? context_fail(ctx, GLN_E_CONFLICT, MSG_SUBMITTER_CERTIFICATE_TAKEN)
               : status;
}

int submitter_rotate(struct store *s, struct gln_context *ctx, const char *name, const char *cert_fingerprint,
                     const struct entered *by)
{
    struct row r = {.a = name, .b = cert_fingerprint, .now_ms = clock_wall_ms(ctx->clock)};
    return register_enter(s, ctx, by, "submitter", name, write_rotated, &r);
}

int submitter_end(struct store *s, struct gln_context *ctx, const char *name, const struct entered *by)
{
    struct row r = {.a = name, .now_ms = clock_wall_ms(ctx->clock)};
    return register_enter(s, ctx, by, "submitter", name, end_submitter, &r);
}

/* ---- lists of signers and messengers ---- */

int signer_list(struct store *s, struct gln_context *ctx,
                int (*each)(void *arg, const char *submitter, const char *fingerprint, int64_t added_ms,
                            int64_t unused, const char *subject),
                void *arg)
{
    struct listing l = {each, arg,
                        "SELECT submitter, fingerprint, added_ms, 0, subject FROM submitter_signer WHERE "
                        "ended_ms IS NULL ORDER BY submitter, id"};
    return store_read(s, ctx, read_rows, &l);
}

int messenger_list(struct store *s, struct gln_context *ctx,
                   int (*each)(void *arg, const char *messenger, const char *signer, int64_t from_ms,
                               int64_t to_ms, const char *document),
                   void *arg)
{
    struct listing l = {each, arg,
                        "SELECT messenger, signer, from_ms, to_ms, document FROM submitter_messenger WHERE "
                        "ended_ms IS NULL ORDER BY messenger, signer, id"};
    return store_read(s, ctx, read_rows, &l);
}
