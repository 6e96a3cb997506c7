/*
 * What an identity's document says against what its destination knows: settings and secrets by name, those it cannot be filed with without,
 * the addresses of every endpoint, the series. All findings, each with its place, before anything is stored.
 *
 * Which settings a destination has, its bundle says; what every endpoint and seal has, is said here (docs/destinations.md).
 * Owns nothing.
 */
#include "desk/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct checking {
    struct desk *k;
    const struct xml_doc *doc;
    const struct xml_node *root;
    const struct route_destination *d;
    int status;
};

static void say(struct checking *c, const struct xml_node *n, enum message_id id, const char *const *args,
                size_t count)
{
    if (c->status == GLN_OK && findings_say(&c->k->found, DESK_IDENTITY_RULE, GLN_ERROR, xml_place(c->doc, n),
                                            NULL, id, args, count) != GLN_OK)
        c->status = context_no_memory(c->k->ctx);
}
#define SAY(c, n, id, ...) say(c, n, id, CTX_ARGS(__VA_ARGS__))

static const char *const properties[] = {
    "carrier", "url", "ca", "client-certificate", "ciphers", "timeout", "connect-timeout", "every", "first"};
static const char *const of_all[] = {"seal.charset", "seal.digest"};

/** What a name could be, one after the other: whether it is `name`, else the nearest so far. */
struct search {
    const char *name;
    bool there;
    size_t least; /**< edits to the nearest; NEAR and one: none is near */
    char near[65];
};
enum { NEAR = 3 };

static void try_name(struct search *s, const char *candidate)
{
    size_t d = name_edits(s->name, candidate, NEAR);

    s->there = s->there || d == 0;
    if (d < s->least) {
        s->least = d;
        str_copy(s->near, sizeof s->near, candidate);
    }
}

static void try_endpoint(struct search *s, const char *endpoint)
{
    for (size_t i = 0; endpoint != NULL && i < sizeof properties / sizeof properties[0]; i++) {
        struct buf name = BUF_INIT;

        buf_printf(&name, "endpoint.%s%s%s", endpoint, *endpoint != '\0' ? "." : "", properties[i]);
        if (!name.failed)
            try_name(s, name.data);
        buf_free(&name);
    }
}

/** Calls for each endpoint of the destination's messages. */
static void each_endpoint(const struct route_destination *d, void (*fn)(void *arg, const char *endpoint),
                          void *arg)
{
    for (size_t i = 0; i < d->message_count; i++) {
        const struct route_message *m = &d->messages[i];

        fn(arg, m->carrier.endpoint);
        if (m->poll.transform != NULL)
            fn(arg, m->poll.carrier.endpoint);
        if (m->inbox != NULL)
            fn(arg, m->inbox);
    }
}

static void endpoint_names(void *arg, const char *endpoint)
{
    try_endpoint(arg, endpoint);
}

static void check_setting(struct checking *c, const struct xml_node *n)
{
    const char *name = xml_attr(n, "name");
    struct search s = {.name = name, .least = NEAR + 1};

    if (name == NULL)
        return; /* reading it says so */
    for (const struct xml_node *e = xml_first(c->d->identity); e != NULL; e = xml_next(e))
        if (xml_is(e, "setting"))
            try_name(&s, xml_attr(e, "name"));
    for (size_t i = 0; i < sizeof of_all / sizeof of_all[0]; i++)
        try_name(&s, of_all[i]);
    try_endpoint(&s, "");
    each_endpoint(c->d, endpoint_names, &s);
    if (!s.there && s.near[0] != '\0')
        SAY(c, n, MSG_DESK_IDENTITY_SETTING_NEAR, c->d->name, name, s.near);
    else if (!s.there)
        SAY(c, n, MSG_DESK_IDENTITY_SETTING, c->d->name, name);
}

static bool says(const struct checking *c, const char *element, const char *name)
{
    for (const struct xml_node *n = xml_first(c->root); n != NULL; n = xml_next(n))
        if (xml_is(n, element) && str_eq(xml_attr(n, "name"), name))
            return true;
    return false;
}

static void needs_address(void *arg, const char *endpoint)
{
    struct checking *c = arg;
    struct buf name = BUF_INIT;

    buf_printf(&name, "endpoint.%s.url", endpoint);
    if (!name.failed && !says(c, "setting", name.data) && !says(c, "setting", "endpoint.url"))
        SAY(c, c->root, MSG_DESK_IDENTITY_LACKS_SETTING, c->d->name, name.data);
    buf_free(&name);
}

static void check_needs(struct checking *c)
{
    for (const struct xml_node *e = xml_first(c->d->identity); e != NULL; e = xml_next(e)) {
        const char *name = xml_attr(e, "name");

        if (!str_eq(xml_attr(e, "need"), "yes") || says(c, xml_name(e), name))
            continue;
        SAY(c, c->root,
            xml_is(e, "secret") ? MSG_DESK_IDENTITY_LACKS_SECRET : MSG_DESK_IDENTITY_LACKS_SETTING,
            c->d->name, name);
    }
    each_endpoint(c->d, needs_address, c);
}

static void check_series(struct checking *c, const struct xml_node *n)
{
    const char *kind = xml_attr(n, "kind") != NULL ? xml_attr(n, "kind") : "";
    const char *first = xml_attr(n, "first") != NULL ? xml_attr(n, "first") : "";
    const char *last = xml_attr(n, "last") != NULL ? xml_attr(n, "last") : "";
    const struct route_series *s = route_series(c->d, kind);
    char width[24];
    bool good;

    if (s == NULL) {
        SAY(c, n, MSG_DESK_SERIES_KIND, c->d->name, kind);
        return;
    }
    good = str_is_digits(first, strlen(first)) && str_is_digits(last, strlen(last)) && *first != '\0' &&
           strlen(first) <= (size_t)s->width && strlen(last) <= (size_t)s->width && *last != '\0' &&
           strtoll(first, NULL, 10) <= strtoll(last, NULL, 10);
    desk_number(width, s->width);
    if (!good)
        SAY(c, n, MSG_DESK_SERIES_FIRST_LAST, kind, first, last, width);
}

static void check_parts(struct checking *c)
{
    for (const struct xml_node *n = xml_first(c->root); n != NULL; n = xml_next(n)) {
        if (xml_is(n, "setting") && c->d->identity != NULL)
            check_setting(c, n);
        else if (xml_is(n, "series"))
            check_series(c, n);
    }
    if (c->d->identity != NULL)
        check_needs(c);
}

int desk_identity_check(struct desk *k)
{
    const struct route_table *t = k->ctx->engine->routes;
    struct xml_doc *doc = NULL;
    struct checking c = {.k = k};
    int status = xml_read(&doc, k->ctx, k->in->body, k->in->body_len);

    if (status != GLN_OK)
        return status;
    c.doc = doc;
    c.root = xml_root(doc);
    c.d = route_find(t, xml_attr(c.root, "destination"));
    if (c.d != NULL) {
        check_parts(&c);
    } else if (xml_attr(c.root, "destination") != NULL) { /* without one, reading says so */
        struct buf known = BUF_INIT;

        for (size_t i = 0; i < route_count(t); i++)
            buf_printf(&known, "%s%s", i > 0 ? ", " : "", route_at(t, i)->name);
        SAY(&c, c.root, MSG_FLOW_DESTINATION, xml_attr(c.root, "destination"),
            known.data != NULL ? known.data : "-");
        buf_free(&known);
    }
    xml_doc_free(doc);
    return c.status;
}
