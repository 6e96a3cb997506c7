/*
 * What the register can tell: everything anybody said of an operator, now or ever, the attestations and when they end, and which
 * operator a person means by what he typed.
 *
 * Reads only. Owns nothing but the list of entries it hands out.
 */
#include <stdlib.h>
#include <string.h>

#include "trust/register_acts.h"
#include "trust/register_sql.h"
#include "util/civil.h"
#include "util/str.h"

struct telling {
    const struct register_entries *entries;
    bool history;
    int (*each)(void *arg, const struct register_fact *f);
    void *arg;
};

/* entry ?1; ?2: 1 for all that ever was. Columns: at, until, source, who, a, b, c, d1, d2, d3, listed. */
static const struct {
    enum fact_kind kind;
    const char *sql;
} stories[] = {
    {FACT_ROW,
     ("SELECT o.learned_ms, o.until_ms, o.source, b.who, o.name, o.tax, o.key, CASE WHEN ?2 THEN "
      "b.as_of ELSE (SELECT max(n.as_of) FROM source_batch n WHERE n.source=o.source AND "
      "n.environment=o.environment) END, NULL, NULL, o.listed FROM operator o JOIN source_batch b ON "
      "b.id=o.batch WHERE o.entry=?1 AND (?2 OR o.until_ms IS NULL) ORDER BY o.id")},
    {FACT_IDENTIFIER,
     ("SELECT o.learned_ms, o.until_ms, o.source, NULL, i.kind, i.value_norm, "
      "i.value_as_given, NULL, NULL, NULL, o.listed FROM operator o JOIN operator_identifier "
      "i ON i.operator=o.id WHERE o.entry=?1 AND o.until_ms IS NULL AND NOT ?2 ORDER BY "
      "i.position")},
    {FACT_CERTIFICATE, ("SELECT c.learned_ms, c.until_ms, b.source, b.who, c.programme, c.class, c.number, "
                        "c.day_from, c.day_to, c.list_date, 1 FROM certificate c JOIN source_batch b ON "
                        "b.id=c.batch WHERE c.entry=?1 AND (?2 OR c.until_ms IS NULL) ORDER BY c.id")},
    {FACT_STATUS,
     ("SELECT s.learned_ms, s.until_ms, coalesce(b.source, ''), CASE WHEN s.batch IS NULL THEN "
      "s.who END, s.programme, s.class, s.status, s.effective, NULL, NULL, 1 FROM status_event s "
      "LEFT JOIN source_batch b ON b.id=s.batch WHERE s.entry=?1 AND (?2 OR s.until_ms IS NULL) "
      "ORDER BY s.effective, s.id")},
    {FACT_BINDING,
     ("SELECT n.learned_ms, n.revoked_ms, coalesce(b.source, ''), n.who, n.submitter, "
      "n.capacity, n.document, n.day_from, n.day_to, NULL, 1 FROM operator_binding n LEFT JOIN "
      "source_batch b ON b.id=n.batch WHERE n.entry=?1 AND (?2 OR n.revoked_ms IS NULL) ORDER BY "
      "n.id")},
};

static int tell(struct store_conn *c, struct gln_context *ctx, const struct telling *t, size_t story,
                int64_t entry)
{
    struct store_stmt *st =
        register_bind(c, ctx, stories[story].sql, ARGS(arg_int(entry), arg_int(t->history)));
    int step = st == NULL ? ctx->error.status : 1;
    while (step == 1 && (step = stmt_step(st, ctx)) == 1) {
        const struct register_fact f = {.kind = stories[story].kind,
                                        .at_ms = stmt_col_int(st, 0),
                                        .until_ms = stmt_col_int(st, 1),
                                        .source = stmt_col_text(st, 2),
                                        .who = stmt_col_text(st, 3),
                                        .a = stmt_col_text(st, 4),
                                        .b = stmt_col_text(st, 5),
                                        .c = stmt_col_text(st, 6),
                                        .d1 = (day_number)stmt_col_int(st, 7),
                                        .d2 = (day_number)stmt_col_int(st, 8),
                                        .d3 = (day_number)stmt_col_int(st, 9),
                                        .entry = entry,
                                        .listed = stmt_col_int(st, 10) != 0};
        if (t->each(t->arg, &f) != 0)
            break;
    }
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

static int tell_all(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct telling *t = arg;
    int status = GLN_OK;
    for (size_t k = 0; k < sizeof stories / sizeof stories[0]; k++)
        for (size_t i = 0; status == GLN_OK && i < t->entries->count; i++)
            status = tell(c, ctx, t, k, t->entries->items[i]);
    return status;
}

int register_facts(struct gln_context *ctx, struct store *s, const struct register_entries *entries,
                   bool history, int (*each)(void *arg, const struct register_fact *f), void *arg)
{
    struct telling t = {entries, history, each, arg};
    return store_read(s, ctx, tell_all, &t);
}

/* ---- the calendar ---- */

struct calendar {
    const char *environment;
    int (*each)(void *arg, const char *operator_id, const char *name, const char *what, const char *who,
                day_number seen, day_number last);
    void *arg;
};

static day_number days_later(day_number d, int days)
{
    struct civil c;
    civil_from_seconds(&c, (day_count(d) + days) * 86400);
    return c.year * 10000 + c.month * 100 + c.day;
}

static int read_calendar(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct calendar *k = arg;
    struct store_stmt *st = register_bind(
        c, ctx,
        "SELECT o.source || ':' || o.key, o.name, x.programme || '/' || x.class, b.who, x.list_date, x.days, "
        "x.day_to FROM operator o JOIN certificate x ON x.entry=o.entry JOIN source_batch b ON b.id=x.batch "
        "WHERE o.environment=?1 AND o.source='" NAME_ATTESTATION
        "' AND o.until_ms IS NULL AND x.until_ms IS NULL "
        "ORDER "
        "BY x.list_date, o.id",
        ARGS(arg_text(k->environment)));
    int step = st == NULL ? ctx->error.status : 1;
    while (step == 1 && (step = stmt_step(st, ctx)) == 1) {
        day_number seen = (day_number)stmt_col_int(st, 4), to = (day_number)stmt_col_int(st, 6);
        day_number last = days_later(seen, (int)stmt_col_int(st, 5));
        if (k->each(k->arg, stmt_col_text(st, 0), stmt_col_text(st, 1), stmt_col_text(st, 2),
                    stmt_col_text(st, 3), seen, to != 0 && to < last ? to : last) != 0)
            break;
    }
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

int register_attestations(struct gln_context *ctx, struct store *s, const char *environment,
                          int (*each)(void *arg, const char *operator_id, const char *name, const char *what,
                                      const char *who, day_number seen, day_number last),
                          void *arg)
{
    struct calendar k = {environment, each, arg};
    return store_read(s, ctx, read_calendar, &k);
}

/* ---- whom a person means ---- */

static const char *const kinds[] = {"EI",  "34",   "ANI",  "IOR",  "RFC", "MID",
                                    "AEO", "EORI", "SCAC", "CAAT", "TIN"};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* "RFC:..." names its kind; NULL if the text does not. */
static const char *kind_named(const char *text, const char **rest)
{
    const char *colon = strchr(text, ':');
    for (size_t i = 0; colon != NULL && i < KINDS; i++)
        if (strlen(kinds[i]) == (size_t)(colon - text) &&
            strncmp(kinds[i], text, (size_t)(colon - text)) == 0) {
            *rest = colon + 1;
            return kinds[i];
        }
    return NULL;
}

/* A number of the importer's family: by how it is written, else the one kind of which the register has it. */
static int importer_kind(const struct operators *o, struct gln_context *ctx, const char *number,
                         const char **kind, char value[64])
{
    size_t finds = 0, count;
    bool changed;
    if (!identifier_normalise(value, 64, UNTYPED_KIND, number, &changed))
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_OPERATORS_IDENTIFIER, UNTYPED_KIND, number);
    *kind = identifier_importer_kind(number);
    for (size_t i = 0; *kind == NULL && o != NULL && importer_kinds[i] != NULL; i++)
        finds += register_find(o, importer_kinds[i], value, &count) != NULL;
    for (size_t i = 0; finds == 1 && *kind == NULL; i++)
        if (register_find(o, importer_kinds[i], value, &count) != NULL)
            *kind = importer_kinds[i];
    return *kind != NULL ? GLN_OK : context_fail(ctx, GLN_E_ARGUMENT, MSG_REGISTER_IOR, number);
}

int register_identify(const struct operators *o, struct gln_context *ctx, const char *text, const char **kind,
                      char value[64])
{
    const char *rest = text, *formed = NULL, *found = NULL;
    size_t forms = 0, finds = 0, count;
    bool changed;
    *kind = kind_named(text, &rest);
    if (*kind == NULL && identifier_importer_kind(text) != NULL)
        *kind = identifier_importer_kind(text);
    if (str_eq(*kind, UNTYPED_KIND))
        return importer_kind(o, ctx, rest, kind, value);
    if (*kind != NULL)
        return identifier_normalise(value, 64, *kind, rest, &changed)
                   ? GLN_OK
                   : context_fail(ctx, GLN_E_ARGUMENT, MSG_OPERATORS_IDENTIFIER, *kind, rest);
    for (size_t i = 0; i < KINDS; i++) {
        if (!identifier_normalise(value, 64, kinds[i], text, &changed))
            continue;
        formed = kinds[i];
        forms++;
        if (o != NULL && register_find(o, kinds[i], value, &count) != NULL) {
            found = kinds[i];
            finds++;
        }
    }
    *kind = finds == 1 ? found : finds == 0 && forms == 1 ? formed : NULL;
    if (*kind == NULL)
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_REGISTER_KIND, text);
    return identifier_normalise(value, 64, *kind, text, &changed) ? GLN_OK : GLN_E_ARGUMENT;
}

int register_operator(const struct operators *o, struct gln_context *ctx, const char *text, size_t *index)
{
    const char *kind;
    char value[64];
    size_t count = 0;
    if (o == NULL)
        return context_fail(ctx, GLN_E_STORE, MSG_REGISTER_DOWN, "");
    for (size_t i = 0; i < o->rows.count; i++)
        if (strcmp(o->rows.items[i].id, text) == 0) {
            *index = i;
            return GLN_OK;
        }
    if (register_identify(o, ctx, text, &kind, value) != GLN_OK)
        return ctx->error.status == GLN_E_ARGUMENT && strncmp(text, "IOR:", 4) == 0
                   ? ctx->error.status
                   : context_fail(ctx, GLN_E_NOT_FOUND, MSG_REGISTER_NOBODY, text);
    const struct identifier *id = register_find(o, kind, value, &count);
    if (id == NULL)
        return context_fail(ctx, GLN_E_NOT_FOUND, MSG_REGISTER_NOBODY, text);
    for (size_t i = 0; i < count; i++)
        if (id[i].ambiguous || id[i].operator_index != id[0].operator_index)
            return context_fail(ctx, GLN_E_CONFLICT, MSG_REGISTER_SEVERAL, text);
    *index = id[0].operator_index;
    return GLN_OK;
}

int register_entries_of(struct register_entries *out, struct gln_context *ctx, const struct operators *o,
                        size_t index)
{
    *out = (struct register_entries){NULL, 0};
    for (size_t i = 0; i < o->entries.count; i++)
        out->count += o->entries.items[i].operator_index == index;
    out->items = calloc(out->count + 1, sizeof *out->items);
    if (out->items == NULL)
        return context_no_memory(ctx);
    out->count = 0;
    for (size_t i = 0; i < o->entries.count; i++)
        if (o->entries.items[i].operator_index == index)
            out->items[out->count++] = o->entries.items[i].entry;
    return GLN_OK;
}
