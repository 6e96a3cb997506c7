/*
 * Identities in the ledger's database: stored, listed, rotated, removed; their secrets sealed, and opened only for a use.
 *
 * Owns the tables of trust_schema. A secret or a certificate that is replaced stays, with the time it ended, so that what was signed
 * yesterday can be explained tomorrow; an identity that is removed stays too, and its name is not given again. The seal binds identity,
 * environment and secret name: a sealed value copied to another row does not open.
 *
 * One more secret of every identity, SETTINGS, is no secret: a digest of all the others' circumstances (whom it files for, where its addresses
 * are, its certificate), sealed with the same key, so that nobody without the key file can make one. What is to be sent is sent only by an
 * identity that fits it: a password does not go to an address that was written into the database by somebody else.
 */
#include "trust/identity.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/token.h"
#include "trust/identity_read.h"
#include "trust/key_cache.h"
#include "util/str.h"

/** The secret that is none: see above. No document can name it. */
#define SETTINGS ":settings"

/* ---- writing ---- */

struct writing {
    const struct identity_draft *draft;
    const struct sealer *sealer;
    const char *environment; /* of the stored identity */
    int64_t now_ms;
};

static int seal_name(struct buf *out, struct gln_context *ctx, const char *identity, const char *environment,
                     const char *secret)
{
    buf_printf(out, "greenlane identity %s %s %s", identity, environment, secret);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}

static int put_sealed(struct store_conn *c, struct gln_context *ctx, const struct writing *w,
                      const char *identity, const char *name, const struct buf *value)
{
    struct buf aad = BUF_INIT, sealed = BUF_INIT;
    int status = seal_name(&aad, ctx, identity, w->environment, name);
    if (status == GLN_OK)
        status = sealer_seal(&sealed, ctx, w->sealer, aad.data, value->data, value->len);
    struct store_stmt *end = NULL, *add = NULL;
    if (status == GLN_OK) {
        end = store_stmt(
            c, ctx, "UPDATE identity_secret SET until_ms=? WHERE identity=? AND name=? AND until_ms IS NULL");
        add = store_stmt(c, ctx,
                         "INSERT INTO identity_secret(identity, name, sealed, since_ms) VALUES(?,?,?,?)");
        status = end != NULL && add != NULL ? GLN_OK : ctx->error.status;
    }
    if (status == GLN_OK) {
        stmt_int(end, 1, w->now_ms);
        stmt_text(end, 2, identity);
        stmt_text(end, 3, name);
        status = stmt_run(end, ctx);
    }
    if (status == GLN_OK) {
        stmt_text(add, 1, identity);
        stmt_text(add, 2, name);
        stmt_blob(add, 3, sealed.data, sealed.len);
        stmt_int(add, 4, w->now_ms);
        status = stmt_run(add, ctx);
    }
    buf_free(&aad);
    buf_free(&sealed);
    return status;
}

static int write_certificate(struct store_conn *c, struct gln_context *ctx, const struct writing *w)
{
    struct buf der = BUF_INIT;
    if (w->draft->identity.cert == NULL)
        return GLN_OK;
    int status = cert_der(&der, ctx, w->draft->identity.cert);
    struct store_stmt *end = NULL, *add = NULL;
    if (status == GLN_OK) {
        end = store_stmt(c, ctx,
                         "UPDATE identity_certificate SET until_ms=? WHERE identity=? AND until_ms IS NULL");
        add = store_stmt(c, ctx, "INSERT INTO identity_certificate(identity, der, since_ms) VALUES(?,?,?)");
        status = end != NULL && add != NULL ? GLN_OK : ctx->error.status;
    }
    if (status == GLN_OK) {
        stmt_int(end, 1, w->now_ms);
        stmt_text(end, 2, w->draft->identity.name);
        status = stmt_run(end, ctx);
    }
    if (status == GLN_OK) {
        stmt_text(add, 1, w->draft->identity.name);
        stmt_blob(add, 2, der.data, der.len);
        stmt_int(add, 3, w->now_ms);
        status = stmt_run(add, ctx);
    }
    buf_free(&der);
    return status;
}

/* Where the key is on a token. A new row forgets that a PIN was refused: the new one has been tried. */
static int write_token(struct store_conn *c, struct gln_context *ctx, const struct writing *w)
{
    if (w->draft->identity.key_uri == NULL)
        return GLN_OK;
    struct store_stmt *end =
        store_stmt(c, ctx, "UPDATE identity_token SET until_ms=? WHERE identity=? AND until_ms IS NULL");
    struct store_stmt *add =
        store_stmt(c, ctx, "INSERT INTO identity_token(identity, uri, since_ms) VALUES(?,?,?)");
    if (end == NULL || add == NULL)
        return ctx->error.status;
    stmt_int(end, 1, w->now_ms);
    stmt_text(end, 2, w->draft->identity.name);
    int status = stmt_run(end, ctx);
    if (status == GLN_OK) {
        stmt_text(add, 1, w->draft->identity.name);
        stmt_text(add, 2, w->draft->identity.key_uri);
        stmt_int(add, 3, w->now_ms);
        status = stmt_run(add, ctx);
    }
    return status;
}

static void put_piece(struct buf *b, const void *data, size_t len)
{
    buf_printf(b, "%zu:", len);
    buf_put(b, data, len);
}

/** Over everything that says what is filed with it and where to. */
static int identity_digest(unsigned char out[32], struct gln_context *ctx, const struct identity *id)
{
    const char *const texts[] = {id->name,      id->environment, id->destination,
                                 id->principal, id->role,        id->custody};
    struct buf b = BUF_INIT, der = BUF_INIT;
    int status = id->cert != NULL ? cert_der(&der, ctx, id->cert) : GLN_OK;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put_piece(&b, texts[i], strlen(texts[i]));
    buf_printf(&b, "%lld:%lld:", (long long)id->valid_from_ms, (long long)id->valid_to_ms);
    put_piece(&b, der.data, der.len);
    put_piece(&b, id->key_uri, id->key_uri != NULL ? strlen(id->key_uri) : 0);
    for (size_t i = 0; i < id->setting_count; i++) {
        put_piece(&b, id->settings[i].name, strlen(id->settings[i].name));
        put_piece(&b, id->settings[i].value, strlen(id->settings[i].value));
    }
    if (status == GLN_OK && b.failed)
        status = context_no_memory(ctx);
    if (status == GLN_OK)
        digest_sha256(out, b.data, b.len);
    buf_free(&b);
    buf_free(&der);
    return status;
}

struct get {
    const char *name;
    struct identity *out;
};
static int read_one(struct store_conn *c, struct gln_context *ctx, void *arg);

/** What is stored by now becomes what counts. */
static int write_seal(struct store_conn *c, struct gln_context *ctx, const struct writing *w,
                      const char *name)
{
    struct identity now = {0};
    struct buf digest = BUF_INIT;
    unsigned char bytes[32];
    int status = read_one(c, ctx, &(struct get){name, &now});
    if (status == GLN_OK)
        status = identity_digest(bytes, ctx, &now);
    if (status == GLN_OK) {
        buf_put(&digest, bytes, sizeof bytes);
        status = digest.failed ? context_no_memory(ctx) : put_sealed(c, ctx, w, name, SETTINGS, &digest);
    }
    buf_free(&digest);
    identity_free(&now);
    return status;
}

static int write_parts(struct store_conn *c, struct gln_context *ctx, const struct writing *w)
{
    int status = write_certificate(c, ctx, w);
    if (status == GLN_OK)
        status = write_token(c, ctx, w);
    for (size_t i = 0; status == GLN_OK && i < w->draft->secret_count; i++)
        status = put_sealed(c, ctx, w, w->draft->identity.name, w->draft->secrets[i].name,
                            &w->draft->secrets[i].value);
    return status == GLN_OK ? write_seal(c, ctx, w, w->draft->identity.name) : status;
}

static int write_settings(struct store_conn *c, struct gln_context *ctx, const struct identity *id,
                          int64_t now_ms)
{
    struct store_stmt *st =
        store_stmt(c, ctx, "UPDATE identity_setting SET until_ms=? WHERE identity=? AND until_ms IS NULL");
    if (st == NULL)
        return ctx->error.status;
    stmt_int(st, 1, now_ms);
    stmt_text(st, 2, id->name);
    int status = stmt_run(st, ctx);
    for (size_t i = 0; status == GLN_OK && i < id->setting_count; i++) {
        st = store_stmt(c, ctx,
                        "INSERT INTO identity_setting(identity, position, name, value, since_ms) "
                        "VALUES(?,?,?,?,?)");
        if (st == NULL)
            return ctx->error.status;
        stmt_text(st, 1, id->name);
        stmt_int(st, 2, (int64_t)i);
        stmt_text(st, 3, id->settings[i].name);
        stmt_text(st, 4, id->settings[i].value);
        stmt_int(st, 5, now_ms);
        status = stmt_run(st, ctx);
    }
    return status;
}

static int write_new(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct writing *w = arg;
    const struct identity *id = &w->draft->identity;
    struct store_stmt *st =
        store_stmt(c, ctx, "INSERT OR IGNORE INTO identity VALUES(?,?,?,?,?,?,?,?,?,NULL)");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, id->name);
    stmt_text(st, 2, id->environment);
    stmt_text(st, 3, id->destination);
    stmt_text(st, 4, id->principal);
    stmt_text(st, 5, id->role);
    stmt_text(st, 6, id->custody);
    stmt_int(st, 7, id->valid_from_ms);
    stmt_int(st, 8, id->valid_to_ms);
    stmt_int(st, 9, w->now_ms);
    int status = stmt_run(st, ctx);
    if (status == GLN_OK && store_changes(c) == 0)
        status = context_fail(ctx, GLN_E_CONFLICT, MSG_IDENTITY_TAKEN, id->name);
    if (status == GLN_OK)
        status = write_settings(c, ctx, id, w->now_ms);
    return status == GLN_OK ? write_parts(c, ctx, w) : status;
}

int identity_add(struct store *s, struct gln_context *ctx, const struct sealer *sealer, const void *doc,
                 size_t len, const char *base_dir, const struct entered *by)
{
    struct identity_draft draft;
    int status = identity_draft_read(&draft, ctx, doc, len, base_dir, false);
    if (status != GLN_OK)
        return status;
    struct writing w = {&draft, sealer, draft.identity.environment, clock_wall_ms(ctx->clock)};
    status = register_enter(s, ctx, by, "identity", draft.identity.name, write_new, &w);
    identity_draft_free(&draft);
    return status;
}

static int write_rotation(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct writing *w = arg;
    int status = w->draft->identity.setting_count > 0 ? write_settings(c, ctx, &w->draft->identity, w->now_ms)
                                                      : GLN_OK;
    return status == GLN_OK ? write_parts(c, ctx, w) : status;
}

/* What may not change by a rotation: it would be another identity. */
static int same_identity(struct gln_context *ctx, const struct identity *now, const struct identity *wanted)
{
    const struct {
        const char *name, *is, *wanted;
    } fixed[] = {{"name", now->name, wanted->name},
                 {"environment", now->environment, wanted->environment},
                 {"destination", now->destination, wanted->destination},
                 {"principal", now->principal, wanted->principal},
                 {"role", now->role, wanted->role},
                 {"custody", now->custody, wanted->custody}};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (fixed[i].wanted != NULL && !str_eq(fixed[i].is, fixed[i].wanted))
            return context_fail(ctx, GLN_E_CONFLICT, MSG_IDENTITY_ROTATE_FIXED, now->name, fixed[i].name);
    return GLN_OK;
}

int identity_rotate(struct store *s, struct gln_context *ctx, const struct sealer *sealer, const char *name,
                    const void *doc, size_t len, const char *base_dir, const struct entered *by)
{
    struct identity now = {0};
    struct identity_draft draft = {0};
    int status = identity_get(s, ctx, name, &now);
    if (status == GLN_OK) /* what stays was not written by somebody else */
        status = identity_unchanged(s, ctx, sealer, &now);
    if (status == GLN_OK)
        status = identity_draft_read(&draft, ctx, doc, len, base_dir, true);
    if (status == GLN_OK)
        status = same_identity(ctx, &now, &draft.identity);
    if (status == GLN_OK)
        status = identity_draft_custody(&draft, ctx, PLACE_NONE, now.custody);
    if (status == GLN_OK) {
        struct writing w = {&draft, sealer, now.environment, clock_wall_ms(ctx->clock)};
        status = register_enter(s, ctx, by, "identity", name, write_rotation, &w);
    }
    identity_draft_free(&draft);
    identity_free(&now);
    return status;
}

struct removal {
    const char *name;
    int64_t now_ms;
};

static int write_removal(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    static const char *const ends[] = {
        "UPDATE identity SET removed_ms=? WHERE name=? AND removed_ms IS NULL",
        "UPDATE submitter_binding SET ended_ms=? WHERE identity=? AND ended_ms IS NULL"};
    const struct removal *r = arg;
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < sizeof ends / sizeof ends[0]; i++) {
        struct store_stmt *st = store_stmt(c, ctx, ends[i]);
        if (st == NULL)
            return ctx->error.status;
        stmt_int(st, 1, r->now_ms);
        stmt_text(st, 2, r->name);
        status = stmt_run(st, ctx);
        if (i == 0 && status == GLN_OK && store_changes(c) == 0)
            status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_IDENTITY_NONE, r->name);
    }
    return status;
}

int identity_remove(struct store *s, struct gln_context *ctx, const char *name, const struct entered *by)
{
    struct removal r = {name, clock_wall_ms(ctx->clock)};
    return register_enter(s, ctx, by, "identity", name, write_removal, &r);
}

/* ---- reading ---- */

#define COLUMNS "name, environment, destination, principal, role, custody, valid_from, valid_to"

static int read_settings(struct store_conn *c, struct gln_context *ctx, struct identity *id)
{
    struct store_stmt *st = store_stmt(
        c, ctx,
        "SELECT name, value FROM identity_setting WHERE identity=? AND until_ms IS NULL ORDER BY position");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, id->name);
    int step, status = GLN_OK;
    while (status == GLN_OK && (step = stmt_step(st, ctx)) != 0)
        status = step < 0 ? step : identity_setting_add(id, ctx, stmt_col_text(st, 0), stmt_col_text(st, 1));
    stmt_done(st);
    return status;
}

static int read_current_certificate(struct store_conn *c, struct gln_context *ctx, struct identity *id)
{
    struct store_stmt *st =
        store_stmt(c, ctx, "SELECT der FROM identity_certificate WHERE identity=? AND until_ms IS NULL");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, id->name);
    int status = stmt_step(st, ctx);
    if (status == 1) {
        size_t len;
        const void *der = stmt_col_blob(st, 0, &len);
        status = cert_parse(&id->cert, ctx, der, len);
    }
    stmt_done(st);
    return status;
}

static int read_current_token(struct store_conn *c, struct gln_context *ctx, struct identity *id)
{
    struct store_stmt *st = store_stmt(
        c, ctx, "SELECT uri, refused_ms FROM identity_token WHERE identity=? AND until_ms IS NULL");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, id->name);
    int status = stmt_step(st, ctx);
    if (status == 1) {
        id->key_uri = str_dup(stmt_col_text(st, 0));
        id->pin_refused_ms = stmt_col_int(st, 1);
        status = id->key_uri != NULL ? GLN_OK : context_no_memory(ctx);
    }
    stmt_done(st);
    return status;
}

static int from_row(struct store_conn *c, struct gln_context *ctx, struct store_stmt *st, struct identity *id)
{
    char **const texts[] = {&id->name,      &id->environment, &id->destination,
                            &id->principal, &id->role,        &id->custody};
    bool good = true;
    memset(id, 0, sizeof *id);
    for (int i = 0; i < 6; i++) {
        *texts[i] = str_dup(stmt_col_text(st, i));
        good = good && *texts[i] != NULL;
    }
    id->valid_from_ms = stmt_col_int(st, 6);
    id->valid_to_ms = stmt_col_int(st, 7);
    int status = good ? read_settings(c, ctx, id) : context_no_memory(ctx);
    if (status == GLN_OK)
        status = read_current_certificate(c, ctx, id);
    return status == GLN_OK ? read_current_token(c, ctx, id) : status;
}

static int read_one(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct get *g = arg;
    struct store_stmt *st =
        store_stmt(c, ctx, "SELECT " COLUMNS " FROM identity WHERE name=? AND removed_ms IS NULL");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, g->name);
    int status = stmt_step(st, ctx);
    if (status == 1)
        status = from_row(c, ctx, st, g->out);
    else if (status == 0)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_IDENTITY_NONE, g->name);
    stmt_done(st);
    return status;
}

int identity_get(struct store *s, struct gln_context *ctx, const char *name, struct identity *out)
{
    struct get g = {name, out};
    memset(out, 0, sizeof *out);
    int status = store_read(s, ctx, read_one, &g);
    if (status != GLN_OK)
        identity_free(out);
    return status;
}

struct listing {
    struct identity *items;
    size_t count;
};

static int read_all(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct listing *l = arg;
    struct store_stmt *st =
        store_stmt(c, ctx, "SELECT " COLUMNS " FROM identity WHERE removed_ms IS NULL ORDER BY name");
    if (st == NULL)
        return ctx->error.status;
    int step, status = GLN_OK;
    while (status == GLN_OK && (step = stmt_step(st, ctx)) != 0) {
        struct identity *more = step < 0 ? NULL : realloc(l->items, (l->count + 1) * sizeof *more);
        if (more == NULL) {
            status = step < 0 ? step : context_no_memory(ctx);
            break;
        }
        l->items = more;
        l->count++;
        status = from_row(c, ctx, st, &l->items[l->count - 1]);
    }
    stmt_done(st);
    return status;
}

int identity_list(struct store *s, struct gln_context *ctx, int (*each)(void *arg, const struct identity *id),
                  void *arg)
{
    struct listing l = {0};
    int status = store_read(s, ctx, read_all, &l);
    for (size_t i = 0; status == GLN_OK && i < l.count; i++)
        if (each(arg, &l.items[i]) != 0)
            break;
    for (size_t i = 0; i < l.count; i++)
        identity_free(&l.items[i]);
    free(l.items);
    return status;
}

/* ---- secrets ---- */

struct opening {
    const char *identity, *secret;
    struct buf sealed, aad;
};

static int read_sealed(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct opening *o = arg;
    struct store_stmt *st =
        store_stmt(c, ctx,
                   "SELECT s.sealed, i.environment FROM identity_secret s JOIN identity i"
                   " ON i.name=s.identity WHERE s.identity=? AND s.name=? AND s.until_ms IS NULL");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, o->identity);
    stmt_text(st, 2, o->secret);
    int status = stmt_step(st, ctx);
    if (status == 1) {
        size_t len;
        const void *sealed = stmt_col_blob(st, 0, &len);
        buf_put(&o->sealed, sealed, len);
        status = seal_name(&o->aad, ctx, o->identity, stmt_col_text(st, 1), o->secret);
    } else if (status == 0) {
        status = context_fail(ctx, GLN_E_KEY, MSG_IDENTITY_NO_SECRET, o->identity, o->secret);
    }
    stmt_done(st);
    return status;
}

int identity_secret(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                    const char *identity, const char *secret, struct buf *out)
{
    struct opening o = {.identity = identity, .secret = secret};
    int status = store_read(s, ctx, read_sealed, &o);
    if (status == GLN_OK)
        status = sealer_unseal(out, ctx, sealer, o.aad.data, o.sealed.data, o.sealed.len);
    buf_free(&o.sealed);
    buf_free(&o.aad);
    return status;
}

struct opening_all {
    const char *destination, *environment;
    const struct sealer *sealer;
    void (*each)(void *arg, const struct buf *secret);
    void *arg;
};

static int open_row(struct gln_context *ctx, const struct opening_all *o, struct store_stmt *st)
{
    struct buf aad = BUF_INIT, secret = BUF_INIT;
    size_t len;
    const void *sealed = stmt_col_blob(st, 0, &len);
    int status = seal_name(&aad, ctx, stmt_col_text(st, 1), o->environment, stmt_col_text(st, 2));
    if (status == GLN_OK && sealer_unseal(&secret, ctx, o->sealer, aad.data, sealed, len) == GLN_OK)
        o->each(o->arg, &secret);
    else if (status == GLN_OK)
        context_ok(ctx);
    if (secret.data != NULL)
        bytes_wipe(secret.data, secret.cap);
    buf_free(&secret);
    buf_free(&aad);
    return status;
}

static int read_all_sealed(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct opening_all *o = arg;
    struct store_stmt *st =
        store_stmt(c, ctx,
                   "SELECT s.sealed, s.identity, s.name FROM identity_secret s JOIN identity i"
                   " ON i.name=s.identity WHERE i.destination=? AND i.environment=?"
                   " AND s.name NOT IN ('key', '" SETTINGS "')");
    if (st == NULL)
        return ctx->error.status;
    stmt_text(st, 1, o->destination);
    stmt_text(st, 2, o->environment);
    int status = stmt_step(st, ctx);
    while (status == 1) {
        status = open_row(ctx, o, st);
        if (status == GLN_OK)
            status = stmt_step(st, ctx);
    }
    stmt_done(st);
    return status;
}

int identity_secrets(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                     const char *destination, const char *environment,
                     void (*each)(void *arg, const struct buf *secret), void *arg)
{
    struct opening_all o = {destination, environment, sealer, each, arg};
    return store_read(s, ctx, read_all_sealed, &o);
}

int identity_unchanged(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                       const struct identity *id)
{
    unsigned char digest[32];
    struct buf kept = BUF_INIT;
    int status = identity_digest(digest, ctx, id);
    if (status != GLN_OK)
        return status;
    status = identity_secret(s, ctx, sealer, id->name, SETTINGS, &kept);
    if (status == GLN_E_KEY ||
        (status == GLN_OK && (kept.len != sizeof digest || memcmp(kept.data, digest, sizeof digest) != 0)))
        status = context_fail(ctx, GLN_E_KEY, MSG_IDENTITY_CHANGED, id->name);
    buf_free(&kept);
    return status;
}

/* ---- ledgers of earlier versions ---- */

struct first_seal {
    const struct sealer *sealer;
    struct listing all;
    int64_t count; /**< identities and submitters that there are or were */
    bool none;     /**< of a version that sealed no settings */
};

static int read_first(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct first_seal *f = arg;
    struct store_stmt *st =
        store_stmt(c, ctx,
                   "SELECT (SELECT count(*) FROM identity) + (SELECT count(*) FROM submitter), NOT "
                   "EXISTS(SELECT 1 FROM identity_secret WHERE name='" SETTINGS "')");
    int more = st != NULL ? stmt_step(st, ctx) : ctx->error.status;
    if (more > 0) {
        f->count = stmt_col_int(st, 0);
        f->none = stmt_col_int(st, 1) != 0;
    }
    stmt_done(st);
    return more < 0 ? more : f->none ? read_all(c, ctx, &f->all) : GLN_OK;
}

static int seal_first(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct first_seal *f = arg;
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < f->all.count; i++) {
        const struct identity *id = &f->all.items[i];
        struct writing w = {NULL, f->sealer, id->environment, clock_wall_ms(ctx->clock)};
        status = write_seal(c, ctx, &w, id->name);
    }
    return status;
}

int identity_seal_first(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                        const struct entered *by, size_t *count)
{
    struct first_seal f = {.sealer = sealer};
    int status = store_read(s, ctx, read_first, &f);
    if (status == GLN_OK)
        status = register_enter(s, ctx, by, REGISTER_SEALED, "", seal_first, &f);
    for (size_t i = 0; i < f.all.count; i++)
        identity_free(&f.all.items[i]);
    free(f.all.items);
    *count = (size_t)f.count;
    return status;
}

int identity_key(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                 const struct identity *id, struct key **out)
{
    return identity_key_kept(NULL, s, ctx, sealer, id, out);
}

int identity_may_sign(const struct identity *id, struct gln_context *ctx)
{
    return id->cert == NULL || cert_valid_at(id->cert, clock_wall_ms(ctx->clock))
               ? GLN_OK
               : context_fail(ctx, GLN_E_KEY, MSG_IDENTITY_CERTIFICATE_TIME, id->name);
}

struct refusal {
    const char *identity;
    int64_t now_ms;
};

static int write_refusal(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct refusal *r = arg;
    struct store_stmt *st =
        store_stmt(c, ctx, "UPDATE identity_token SET refused_ms=? WHERE identity=? AND until_ms IS NULL");
    if (st == NULL)
        return ctx->error.status;
    stmt_int(st, 1, r->now_ms);
    stmt_text(st, 2, r->identity);
    return stmt_run(st, ctx);
}

struct reading_key {
    struct store *store;
    const struct identity *id;
};

static int open_held(struct key **out, struct gln_context *ctx, const struct buf *secret, void *arg)
{
    (void)arg;
    return key_parse(out, NULL, ctx, secret->data, secret->len, NULL);
}

/* The token's no to a PIN is written down before it is told: another process would else try it, and tokens lock. */
static int open_token(struct key **out, struct gln_context *ctx, const struct buf *pin, void *arg)
{
    const struct reading_key *r = arg;
    const struct token_key where = {option_text(ctx->options, OPT_PKCS11_MODULE), r->id->key_uri, pin->data};
    struct refusal refusal = {r->id->name, clock_wall_ms(ctx->clock)};
    bool refused = false;
    char at[25];
    if (r->id->pin_refused_ms != 0) {
        time_format(at, r->id->pin_refused_ms);
        return context_fail(ctx, GLN_E_KEY, MSG_IDENTITY_PIN_REFUSED, r->id->name, at);
    }
    int status = key_token(out, ctx, &where, false, &refused);
    if (refused) {
        struct error why = ctx->error;
        ctx->error = (struct error){.status = GLN_OK};
        if (store_write(r->store, ctx, write_refusal, &refusal) != GLN_OK)
            context_ok(ctx); /* the process keeps it in mind all the same */
        ctx->error = why;
    }
    return status;
}

int identity_key_kept(struct key_cache *c, struct store *s, struct gln_context *ctx,
                      const struct sealer *sealer, const struct identity *id, struct key **out)
{
    struct buf secret = BUF_INIT;
    struct reading_key r = {s, id};
    uint64_t cleared = key_cache_cleared(c);
    bool token = str_eq(id->custody, "token");
    *out = NULL;
    if (!token && !str_eq(id->custody, "held"))
        return context_fail(ctx, GLN_E_KEY, MSG_IDENTITY_REMOTE, id->name);
    int status = identity_may_sign(id, ctx);
    if (status == GLN_OK)
        status = identity_secret(s, ctx, sealer, id->name, token ? "pin" : "key", &secret);
    if (status == GLN_OK)
        status = key_cache_read(c, cleared, ctx, id, &secret, token ? open_token : open_held, &r, out);
    if (secret.data != NULL)
        bytes_wipe(secret.data, secret.cap);
    buf_free(&secret);
    return status;
}
