/*
 * The register inside a file of lane cases (trust/cases.c): its programmes, arrangements, operators, certificates and bindings, filled
 * straight into the tables, without an operators file in between.
 *
 * Owns the register until it is whole. A row that cannot be right refuses the file with the row's name, as in operators.c: half a
 * register would answer the cases wrongly.
 */
#include "trust/decide.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct reading {
    struct operators *o;
    struct gln_context *ctx;
    const struct json_in *root;
    bool failed; /* no memory */
    int max_age; /* of a list, in days */
};

const char *case_text(const struct json_in *o, const char *key)
{
    const char *s = json_in_str(json_in_get(o, key));
    return s == NULL ? "" : s;
}

static const char *keep(struct reading *r, const char *text)
{
    return register_keep(r->o, text, &r->failed);
}

static int missing(struct reading *r, const char *where, const char *what)
{
    return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_MISSING, where, what);
}

/* A member that must be there; kept. */
static int need(struct reading *r, const struct json_in *o, const char *key, const char *where,
                const char **out)
{
    *out = keep(r, json_in_str(json_in_get(o, key)));
    if (r->failed)
        return context_no_memory(r->ctx);
    return *out != NULL && (*out)[0] != '\0' ? GLN_OK : missing(r, where, key);
}

static int day(struct reading *r, const struct json_in *o, const char *key, const char *where,
               day_number *out)
{
    const char *text = json_in_str(json_in_get(o, key));
    return day_parse(out, text) ? GLN_OK
                                : context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_VALUE, where, key, text);
}

/* " A B ": an array of texts as a list of the register. */
static const char *words(struct reading *r, const struct json_in *array)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < json_in_len(array); i++)
        buf_printf(&b, " %s",
                   json_in_str(json_in_at(array, i)) != NULL ? json_in_str(json_in_at(array, i)) : "");
    const char *kept = register_keep_list(r->o, b.data, &r->failed);
    r->failed = r->failed || b.failed;
    buf_free(&b);
    return kept;
}

/* ---- programmes ---- */

struct own {
    struct buf list;
    const char *programme;
};

static int own_of(void *arg, const char *key, const struct json_in *value)
{
    struct own *own = arg;
    for (size_t i = 0; i < json_in_len(value); i++)
        if (str_eq(json_in_str(json_in_at(value, i)), own->programme))
            buf_printf(&own->list, " %s", key);
    return 0;
}

static int secure_class(void *arg, const char *key, const struct json_in *value)
{
    if (json_in_true(value))
        buf_printf(arg, " %s", key);
    return 0;
}

static int add_programme(void *arg, const char *key, const struct json_in *value)
{
    struct reading *r = arg;
    struct programme *p = REGISTER_MORE(r->o->programmes);
    struct buf classes = BUF_INIT;
    struct own own = {BUF_INIT, key};
    if (p == NULL)
        return context_no_memory(r->ctx);
    p->code = keep(r, key);
    p->country = keep(r, case_text(value, "country"));
    p->max_list_age_days = r->max_age;
    (void)json_in_each(json_in_get(r->root, "own_programme"), own_of, &own);
    (void)json_in_each(json_in_get(value, "security_class"), secure_class, &classes);
    p->own_of = register_keep_list(r->o, own.list.data, &r->failed);
    p->security_classes = register_keep_list(r->o, classes.data, &r->failed);
    p->zone = keep(r, case_text(json_in_get(r->root, "zones"), case_text(value, "country")));
    r->failed = r->failed || own.list.failed || classes.failed;
    buf_free(&own.list);
    buf_free(&classes);
    if (r->failed)
        return context_no_memory(r->ctx);
    return day_at(0, p->zone) != 0 ? GLN_OK
                                   : context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_VALUE, key, "zone", p->zone);
}

/* ---- arrangements ---- */

static int add_arrangement(struct reading *r, const struct json_in *v)
{
    static const struct {
        const char *name;
        enum arrangement_state state;
    } states[] = {{"force", ARRANGEMENT_FORCE},
                  {"pilot", ARRANGEMENT_PILOT},
                  {"plan", ARRANGEMENT_PLAN},
                  {"unconfirmed", ARRANGEMENT_UNCONFIRMED}};
    struct arrangement *a = REGISTER_MORE(r->o->arrangements);
    if (a == NULL)
        return context_no_memory(r->ctx);
    a->state = ARRANGEMENT_PLAN; /* any other word grants nothing */
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (str_eq(case_text(v, "state"), states[i].name))
            a->state = states[i].state;
    a->roles = words(r, json_in_get(v, "roles"));
    a->kinds = words(r, json_in_get(v, "idt"));
    a->consent = json_in_true(json_in_get(v, "consent"));
    int status = need(r, v, "id", "arrangements", &a->id);
    if (status == GLN_OK)
        status = need(r, v, "home", a->id, &a->home);
    if (status == GLN_OK)
        status = need(r, v, "dest", a->id, &a->destination);
    if (status == GLN_OK)
        status = day(r, v, "eff", a->id, &a->effective);
    return status == GLN_OK ? day(r, v, "end", a->id, &a->ended) : status;
}

/* ---- operators and their certificates ---- */

/* An instant, in UTC when it says no zone. */
static bool instant(int64_t *out, const char *text)
{
    char utc[40];
    if (strlen(text) + 2 > sizeof utc)
        return false;
    str_copy(utc, sizeof utc, text);
    str_copy(utc + strlen(utc), 2, "Z");
    return time_parse(out, text) || time_parse(out, utc);
}

static int add_events(struct reading *r, const struct json_in *list, struct certificate *c, const char *where)
{
    c->events = calloc(json_in_len(list) + 1, sizeof *c->events);
    if (c->events == NULL)
        return context_no_memory(r->ctx);
    for (size_t i = 0; i < json_in_len(list); i++) {
        const struct json_in *v = json_in_at(list, i);
        const char *learned = json_in_str(json_in_get(v, "learned"));
        struct event *e = &c->events[c->event_count++];
        *e = (struct event){.status = status_parse(case_text(v, "status")), .learned_ms = INT64_MIN};
        if (learned != NULL && !instant(&e->learned_ms, learned))
            return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_VALUE, where, "learned", learned);
        int status = day(r, v, "from", where, &e->from);
        if (status != GLN_OK)
            return status;
    }
    return GLN_OK;
}

static int find_programme(struct reading *r, struct certificate *c, const char *code, const char *where)
{
    while (c->programme_index < r->o->programmes.count &&
           !str_eq(r->o->programmes.items[c->programme_index].code, code))
        c->programme_index++;
    return c->programme_index < r->o->programmes.count
               ? GLN_OK
               : context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_UNKNOWN, where, "programmes", code);
}

static int add_certificate(struct reading *r, const struct json_in *v, size_t owner, const char *where)
{
    struct certificate *c = REGISTER_MORE(r->o->certificates);
    if (c == NULL)
        return context_no_memory(r->ctx);
    c->operator_index = owner;
    c->consent = json_in_true(json_in_get(v, "consent"));
    int status = find_programme(r, c, case_text(v, "prog"), where);
    if (status == GLN_OK)
        status = need(r, v, "cls", where, &c->class_code);
    if (status == GLN_OK)
        status = need(r, v, "env", where, &c->environment);
    if (status == GLN_OK)
        status = day(r, v, "vf", where, &c->from);
    if (status == GLN_OK)
        status = day(r, v, "vt", where, &c->to);
    if (status == GLN_OK)
        status = day(r, v, "asof", where, &c->list_date);
    return status == GLN_OK ? add_events(r, json_in_get(v, "events"), c, where) : status;
}

static int add_identifier(struct reading *r, const struct json_in *pair, size_t owner, const char *where)
{
    const char *kind = json_in_str(json_in_at(pair, 0)), *given = json_in_str(json_in_at(pair, 1));
    char value[64];
    bool changed;
    if (kind == NULL || given == NULL)
        return missing(r, where, "ids");
    if (identifier_kind(kind) == NULL || !identifier_normalise(value, sizeof value, kind, given, &changed))
        return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_VALUE, where, kind, given);
    struct identifier *id = REGISTER_MORE(r->o->identifiers);
    if (id == NULL)
        return context_no_memory(r->ctx);
    *id = (struct identifier){.kind = keep(r, kind), .value = keep(r, value), .operator_index = owner};
    return r->failed ? context_no_memory(r->ctx) : GLN_OK;
}

static int add_operator(struct reading *r, const struct json_in *v)
{
    const struct json_in *certificates = json_in_get(json_in_get(r->root, "registry"), "certs");
    const struct json_in *ids = json_in_get(v, "ids");
    size_t index = r->o->rows.count;
    struct operator_row *row = REGISTER_MORE(r->o->rows);
    if (row == NULL)
        return context_no_memory(r->ctx);
    row->tax = keep(r, json_in_str(json_in_get(v, "tax")));
    row->first_certificate = r->o->certificates.count;
    int status = need(r, v, "id", "ops", &row->id);
    if (status == GLN_OK)
        status = need(r, v, "name", row->id, &row->name);
    const char *id = row->id;
    for (size_t i = 0; status == GLN_OK && i < json_in_len(ids); i++)
        status = add_identifier(r, json_in_at(ids, i), index, id);
    for (size_t i = 0; status == GLN_OK && i < json_in_len(certificates); i++)
        if (str_eq(case_text(json_in_at(certificates, i), "op"), id))
            status = add_certificate(r, json_in_at(certificates, i), index, id);
    row = &r->o->rows.items[index];
    row->certificate_count = r->o->certificates.count - row->first_certificate;
    return status;
}

static int find_operator(struct reading *r, const char *id, const char *where, size_t *index)
{
    *index = 0;
    while (*index < r->o->rows.count && !str_eq(r->o->rows.items[*index].id, id))
        (*index)++;
    return *index < r->o->rows.count
               ? GLN_OK
               : context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_UNKNOWN, where, "ops", id == NULL ? "" : id);
}

static int add_bindings(void *arg, const char *key, const struct json_in *value)
{
    struct reading *r = arg;
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < json_in_len(value); i++) {
        struct binding *b = REGISTER_MORE(r->o->bindings);
        if (b == NULL)
            return context_no_memory(r->ctx);
        b->submitter = keep(r, key);
        status = find_operator(r, json_in_str(json_in_at(value, i)), key, &b->operator_index);
    }
    return status;
}

/* A certificate of an operator that is not there would silently count for nobody. */
static int owners_known(struct reading *r, const struct json_in *certificates)
{
    int status = GLN_OK;
    size_t index;
    for (size_t i = 0; status == GLN_OK && i < json_in_len(certificates); i++)
        status = find_operator(r, case_text(json_in_at(certificates, i), "op"), "certs", &index);
    return status;
}

static int read_all(struct reading *r)
{
    const struct json_in *arrangements = json_in_get(r->root, "arrangements");
    const struct json_in *registry = json_in_get(r->root, "registry"), *ops = json_in_get(registry, "ops");
    int64_t age = 31;
    if (!json_in_is_object(registry))
        return missing(r, "root", "registry");
    if (!json_in_is_object(json_in_get(r->root, "programmes")))
        return missing(r, "root", "programmes");
    (void)json_in_int(json_in_get(r->root, "max_list_age_days"), &age);
    r->max_age = age > 0 && age < 100000 ? (int)age : 31;
    if (json_in_is_array(json_in_get(r->root, "role_codes")))
        r->o->role_codes = words(r, json_in_get(r->root, "role_codes"));
    int status = json_in_each(json_in_get(r->root, "programmes"), add_programme, r);
    for (size_t i = 0; status == GLN_OK && i < json_in_len(arrangements); i++)
        status = add_arrangement(r, json_in_at(arrangements, i));
    for (size_t i = 0; status == GLN_OK && i < json_in_len(ops); i++)
        status = add_operator(r, json_in_at(ops, i));
    if (status == GLN_OK)
        status = owners_known(r, json_in_get(registry, "certs"));
    if (status == GLN_OK)
        status = json_in_each(json_in_get(registry, "bind"), add_bindings, r);
    return status == GLN_OK && r->failed ? context_no_memory(r->ctx) : status;
}

int cases_register(struct operators **out, struct gln_context *ctx, const struct json_in *root)
{
    struct reading r = {.ctx = ctx, .root = root, .o = calloc(1, sizeof *r.o)};
    *out = NULL;
    if (r.o == NULL)
        return context_no_memory(ctx);
    int status = read_all(&r);
    if (status == GLN_OK) {
        register_close(r.o);
        *out = r.o;
    } else {
        operators_free(r.o);
    }
    return status;
}
