/*
 * Under which identity a filing is made: exactly one, by what it names and by what its submitter is bound to.
 *
 * Owns nothing. None that fits, two that fit, and one that fits but is another's are three different answers; there is no default,
 * and TEST and PROD are never looked at together.
 */
#include "trust/identity.h"

#include <string.h>

struct choice {
    const char *submitter, *environment, *destination, *principal, *wanted;
    int64_t now_ms;
    size_t fitting, allowed;
    struct buf name, second; /* of those allowed */
};

/* $1 environment, $2 destination, $3 principal or NULL, $4 now, $5 submitter or NULL, $6 the one name wanted or NULL */
static const char choose_sql[] =
    "SELECT i.name, ?5 IS NULL OR EXISTS(SELECT 1 FROM submitter_binding b WHERE b.identity=i.name AND "
    "b.submitter=?5 AND b.ended_ms IS NULL"
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
