/*
 * The operators file (schemas/greenlane/operators.xsd) into the register: programmes, own programmes, arrangements, operators with
 * identifiers and certificates, bindings. The file is the customer's own record of what he has seen and who answers for it. The
 * programmes and arrangements that ship (schemas/greenlane/programmes.xml) are read by the same rows.
 *
 * Owns the register until it is whole. A row that cannot be right (an unknown programme, a date that is none, a malformed identifier)
 * refuses the whole file with its line, for half a register would decide wrongly; the register in use stays.
 */
#include "trust/register.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/reader.h"

#define OPERATORS_NS "urn:greenlane:operators:1"
#define PROGRAMMES_NS "urn:greenlane:programmes:1"

struct loader {
    struct operators *o;
    struct gln_context *ctx;
    const struct xml_doc *doc;
    bool failed; /* no memory */
};

static int refuse(struct loader *l, const struct xml_node *n, enum message_id id, const char *a,
                  const char *b)
{
    return context_fail_at(l->ctx, GLN_E_CONFIG, xml_place(l->doc, n), id, a == NULL ? "" : a,
                           b == NULL ? "" : b);
}

static const char *keep(struct loader *l, const struct xml_node *n, const char *attribute)
{
    return register_keep(l->o, xml_attr(n, attribute), &l->failed);
}

/* An attribute that must be there. */
static int need(struct loader *l, const struct xml_node *n, const char *attribute, const char **out)
{
    *out = keep(l, n, attribute);
    if (l->failed)
        return context_no_memory(l->ctx);
    return *out != NULL && (*out)[0] != '\0' ? GLN_OK
                                             : refuse(l, n, MSG_OPERATORS_MISSING, xml_name(n), attribute);
}

static int day(struct loader *l, const struct xml_node *n, const char *attribute, day_number *out)
{
    const char *text = xml_attr(n, attribute);
    return day_parse(out, text) ? GLN_OK : refuse(l, n, MSG_OPERATORS_DATE, attribute, text);
}

static bool yes(const struct xml_node *n, const char *attribute)
{
    return str_eq(xml_attr(n, attribute), "yes");
}

/* The complements of a programme's claim, or of that of one of its classes. */
static int add_shape(struct loader *l, const struct xml_node *n, const char *programme,
                     const char *class_code)
{
    const char *complements = xml_attr(n, "complements");
    struct claim_shape *s = complements != NULL ? REGISTER_MORE(l->o->shapes) : NULL;
    if (s == NULL)
        return complements != NULL ? context_no_memory(l->ctx) : GLN_OK;
    s->programme = register_keep(l->o, programme, &l->failed);
    s->class_code = register_keep(l->o, class_code, &l->failed);
    s->complements = register_keep_list(l->o, complements, &l->failed);
    return l->failed ? context_no_memory(l->ctx) : GLN_OK;
}

static int add_shapes(struct loader *l, const struct xml_node *n)
{
    const char *programme = xml_attr(n, "code");
    int status = add_shape(l, n, programme, NULL);
    for (const struct xml_node *c = xml_first(n); status == GLN_OK && c != NULL; c = xml_next(c))
        status = add_shape(l, c, programme, xml_attr(c, "code"));
    return status;
}

static int add_supplier_claim(struct loader *l, const struct xml_node *n)
{
    struct supplier_claim *s = REGISTER_MORE(l->o->supplier_claims);
    if (s == NULL)
        return context_no_memory(l->ctx);
    s->complements = register_keep_list(l->o, xml_attr(n, "complements"), &l->failed);
    int status = need(l, n, "destination", &s->destination);
    return status == GLN_OK ? need(l, n, "key", &s->key) : status;
}

static int add_programme(struct loader *l, const struct xml_node *n)
{
    struct programme *p = REGISTER_MORE(l->o->programmes);
    struct buf classes = BUF_INIT, all = BUF_INIT, aliases = BUF_INIT;
    if (p == NULL)
        return context_no_memory(l->ctx);
    p->country = keep(l, n, "country");
    p->claim = keep(l, n, "claim");
    p->claim_of_partner = str_eq(xml_attr(n, "claim-of"), "partner");
    p->own_of = register_keep_list(l->o, xml_attr(n, "own-of"), &l->failed);
    const char *age = xml_attr(n, "max-list-age-days");
    p->max_list_age_days = age == NULL ? 31 : (int)strtol(age, NULL, 10);
    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c)) {
        const char *code = xml_attr(c, xml_is(c, "alias") ? "name" : "code");
        buf_printf(xml_is(c, "alias") ? &aliases : &all, " %s", code == NULL ? "" : code);
        if (yes(c, "security"))
            buf_printf(&classes, " %s", code == NULL ? "" : code);
    }
    l->failed = l->failed || classes.failed || all.failed || aliases.failed;
    p->security_classes = register_keep_list(l->o, classes.data, &l->failed);
    p->classes = register_keep_list(l->o, all.data, &l->failed);
    p->aliases = register_keep_list(l->o, aliases.data, &l->failed);
    buf_free(&classes);
    buf_free(&all);
    buf_free(&aliases);
    int status = need(l, n, "code", &p->code);
    if (status == GLN_OK)
        status = need(l, n, "zone", &p->zone);
    if (status == GLN_OK && day_at(0, p->zone) == 0)
        status = refuse(l, n, MSG_OPERATORS_ZONE, p->zone, NULL);
    return status;
}

static int add_programme_claims(struct loader *l, const struct xml_node *n)
{
    int status = add_programme(l, n);
    return status == GLN_OK ? add_shapes(l, n) : status;
}

static int add_arrangement(struct loader *l, const struct xml_node *n)
{
    static const struct {
        const char *name;
        enum arrangement_state state;
    } states[] = {
        {"force", ARRANGEMENT_FORCE}, {"pilot", ARRANGEMENT_PILOT}, {"unconfirmed", ARRANGEMENT_UNCONFIRMED}};
    struct arrangement *a = REGISTER_MORE(l->o->arrangements);
    if (a == NULL)
        return context_no_memory(l->ctx);
    /* any other word grants nothing */
    a->state = ARRANGEMENT_PLAN;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (str_eq(xml_attr(n, "state"), states[i].name))
            a->state = states[i].state;
    a->roles = register_keep_list(l->o, xml_attr(n, "roles"), &l->failed);
    a->kinds = register_keep_list(l->o, xml_attr(n, "identifiers"), &l->failed);
    a->consent = yes(n, "consent");
    a->source = keep(l, n, "source");
    a->signed_on = keep(l, n, "signed");
    int status = need(l, n, "id", &a->id);
    if (status == GLN_OK)
        status = need(l, n, "home", &a->home);
    if (status == GLN_OK)
        status = need(l, n, "destination", &a->destination);
    if (status == GLN_OK)
        status = day(l, n, "effective", &a->effective);
    return status == GLN_OK ? day(l, n, "ended", &a->ended) : status;
}

static int add_identifier(struct loader *l, const struct xml_node *n, size_t owner)
{
    char value[64];
    bool changed;
    const char *kind = xml_attr(n, "kind"), *given = xml_attr(n, "value");
    if (str_eq(kind, UNTYPED_KIND) && given != NULL && identifier_importer_kind(given) != NULL)
        kind = identifier_importer_kind(given);
    if (identifier_kind(kind) == NULL || given == NULL ||
        !identifier_normalise(value, sizeof value, kind, given, &changed))
        return refuse(l, n, MSG_OPERATORS_IDENTIFIER, kind, given);
    struct identifier *id = REGISTER_MORE(l->o->identifiers);
    if (id == NULL)
        return context_no_memory(l->ctx);
    *id = (struct identifier){.kind = register_keep(l->o, kind, &l->failed),
                              .value = register_keep(l->o, value, &l->failed),
                              .operator_index = owner,
                              .given = register_keep(l->o, given, &l->failed)};
    return l->failed ? context_no_memory(l->ctx) : GLN_OK;
}

static int add_event(struct loader *l, const struct xml_node *n, struct certificate *c)
{
    struct event *e = &c->events[c->event_count];
    const char *learned = xml_attr(n, "learned");
    if (!status_known(xml_attr(n, "value")))
        return refuse(l, n, MSG_OPERATORS_STATUS, xml_attr(n, "value"), STATUS_WORDS);
    *e = (struct event){.status = status_parse(xml_attr(n, "value"))};
    if (learned != NULL && !time_parse(&e->learned_ms, learned))
        return refuse(l, n, MSG_OPERATORS_DATE, "learned", learned);
    if (learned == NULL)
        e->learned_ms = INT64_MIN;
    c->event_count++;
    return day(l, n, "from", &e->from);
}

static int add_events(struct loader *l, const struct xml_node *n, struct certificate *c)
{
    size_t count = 0;
    int status = GLN_OK;
    for (const struct xml_node *s = xml_first(n); s != NULL; s = xml_next(s))
        count++;
    c->events = calloc(count + 1, sizeof *c->events);
    if (c->events == NULL)
        return context_no_memory(l->ctx);
    for (const struct xml_node *s = xml_first(n); status == GLN_OK && s != NULL; s = xml_next(s))
        status = add_event(l, s, c);
    return status;
}

static int add_certificate(struct loader *l, const struct xml_node *n, size_t owner)
{
    struct certificate *c = REGISTER_MORE(l->o->certificates);
    const char *programme;
    if (c == NULL)
        return context_no_memory(l->ctx);
    c->operator_index = owner;
    c->consent = yes(n, "consent");
    c->number = keep(l, n, "number");
    int status = need(l, n, "programme", &programme);
    if (status != GLN_OK)
        return status;
    const struct programme *p = register_programme(l->o, programme);
    if (p == NULL)
        return refuse(l, n, MSG_OPERATORS_PROGRAMME, programme, NULL);
    c->programme_index = (size_t)(p - l->o->programmes.items);
    status = need(l, n, "class", &c->class_code);
    if (status == GLN_OK)
        status = need(l, n, "environment", &c->environment);
    if (status == GLN_OK)
        status = day(l, n, "from", &c->from);
    if (status == GLN_OK)
        status = day(l, n, "to", &c->to);
    if (status == GLN_OK)
        status = day(l, n, "list-date", &c->list_date);
    return status == GLN_OK ? add_events(l, n, c) : status;
}

static int add_operator(struct loader *l, const struct xml_node *n)
{
    size_t index = l->o->rows.count;
    struct operator_row *row = REGISTER_MORE(l->o->rows);
    if (row == NULL)
        return context_no_memory(l->ctx);
    row->tax = keep(l, n, "tax");
    row->first_certificate = l->o->certificates.count;
    int status = need(l, n, "id", &row->id);
    if (status == GLN_OK)
        status = need(l, n, "name", &row->name);
    for (const struct xml_node *c = xml_first(n); status == GLN_OK && c != NULL; c = xml_next(c))
        status = xml_is(c, "identifier") ? add_identifier(l, c, index) : add_certificate(l, c, index);
    row = &l->o->rows.items[index];
    row->certificate_count = l->o->certificates.count - row->first_certificate;
    return status;
}

static int add_binding(struct loader *l, const struct xml_node *n)
{
    struct binding *b = REGISTER_MORE(l->o->bindings);
    const char *name;
    if (b == NULL)
        return context_no_memory(l->ctx);
    int status = need(l, n, "submitter", &b->submitter);
    if (status == GLN_OK)
        status = need(l, n, "operator", &name);
    if (status != GLN_OK)
        return status;
    while (b->operator_index < l->o->rows.count && !str_eq(l->o->rows.items[b->operator_index].id, name))
        b->operator_index++;
    if (b->operator_index == l->o->rows.count)
        return refuse(l, n, MSG_OPERATORS_OPERATOR, name, NULL);
    b->capacity = keep(l, n, "capacity");
    b->document = keep(l, n, "document");
    status = day(l, n, "from", &b->from);
    return status == GLN_OK ? day(l, n, "to", &b->to) : status;
}

static const struct {
    const char *element;
    int (*add)(struct loader *l, const struct xml_node *n);
} elements[] = {{"programme", add_programme_claims},
                {"supplier-claim", add_supplier_claim},
                {"arrangement", add_arrangement},
                {"operator", add_operator},
                {"binding", add_binding}};

static int load(struct loader *l)
{
    const struct xml_node *root = xml_root(l->doc);
    bool shipped = xml_is(root, "programmes") && str_eq(xml_ns(root), PROGRAMMES_NS);
    if (!shipped && (!xml_is(root, "operators") || !str_eq(xml_ns(root), OPERATORS_NS)))
        return refuse(l, root, MSG_OPERATORS_ROOT, xml_name(root), OPERATORS_NS);
    int status = GLN_OK;
    for (const struct xml_node *n = xml_first(root); status == GLN_OK && n != NULL; n = xml_next(n)) {
        size_t i = 0;
        while (i < sizeof elements / sizeof elements[0] && !xml_is(n, elements[i].element))
            i++;
        status = i < sizeof elements / sizeof elements[0]
                     ? elements[i].add(l, n)
                     : refuse(l, n, MSG_OPERATORS_ELEMENT, xml_name(n), NULL);
    }
    return status == GLN_OK && l->failed ? context_no_memory(l->ctx) : status;
}

/* Puts the file's name before the error's text, in each language. */
static void file_named(struct gln_context *ctx, int status, const char *name)
{
    struct buf text[LANG_COUNT] = {BUF_INIT, BUF_INIT};
    for (int i = 0; i < LANG_COUNT; i++)
        buf_printf(&text[i], "%s:%s", name, context_text(ctx, i));
    context_fail(ctx, status, MSG_TEXT, "");
    for (int i = 0; i < LANG_COUNT; i++) {
        free(ctx->error.text[i]);
        ctx->error.text[i] = buf_take(&text[i], NULL);
    }
}

int operators_read(struct operators *o, struct gln_context *ctx, const void *xml_bytes, size_t len,
                   const char *name)
{
    struct xml_doc *doc = NULL;
    struct loader l = {.ctx = ctx, .o = o};
    int status = xml_read(&doc, ctx, xml_bytes, len);
    l.doc = doc;
    if (status == GLN_OK)
        status = load(&l);
    if (status != GLN_OK && name != NULL)
        file_named(ctx, status, name);
    xml_doc_free(doc);
    return status;
}

int operators_load(struct operators **out, struct gln_context *ctx, const void *xml_bytes, size_t len,
                   const char *name)
{
    struct operators *o = calloc(1, sizeof *o);
    *out = NULL;
    if (o == NULL)
        return context_no_memory(ctx);
    int status = operators_read(o, ctx, xml_bytes, len, name);
    if (status == GLN_OK) {
        register_close(o);
        *out = TAKE(&o);
    }
    operators_free(o);
    return status;
}
