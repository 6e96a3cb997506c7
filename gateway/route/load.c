/*
 * Reads one bundle: destination.xml, checked by its schema first, then everything it names is compiled.
 *
 * After the schema check the shape of the file is taken for granted; what the schema cannot say (a layout, codec, series
 * or action that is named but not there) is checked here. Strings are borrowed from the file, which the destination owns.
 */
#include "route/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

struct reading {
    struct route_destination *d;
    struct gln_context *ctx;
    const struct route_loader *with;
    const char *path; /**< of destination.xml, for messages */
};

/** Milliseconds of "5s", "10min"; the schema has checked the form. */
static int64_t duration_ms(const char *text, int64_t otherwise)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    int64_t n = 0;

    if (text == NULL)
        return otherwise;
    while (*text >= '0' && *text <= '9')
        n = n * 10 + (*text++ - '0');
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (str_eq(units[i].unit, text))
            return n * units[i].ms;
    return otherwise;
}

static size_t children(const struct xml_node *n, const char *name)
{
    size_t count = 0;

    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        count += xml_is(c, name);
    return count;
}

static int fail(const struct reading *r, const struct xml_node *at, enum message_id id, const char *a,
                const char *b)
{
    return context_fail_at(r->ctx, GLN_E_CONFIG, xml_place(r->d->file, at), id, r->path, a, b);
}

/** An array for the children `name` of `n`; NULL when there are none (or no memory: *status). */
static void *array_for(const struct reading *r, const struct xml_node *n, const char *name, size_t size,
                       int *status)
{
    size_t count = children(n, name);
    void *array;

    *status = GLN_OK;
    if (count == 0)
        return NULL;
    array = calloc(count, size);
    if (array == NULL)
        *status = context_no_memory(r->ctx);
    return array;
}

static int sheet_load(struct xml_stylesheet **out, const struct reading *r, const char *href)
{
    char *path;
    int status;

    if (href == NULL)
        return GLN_OK;
    path = path_join(r->d->dir, href);
    if (path == NULL)
        return context_no_memory(r->ctx);
    status = xml_stylesheet_load(out, r->ctx, path);
    free(path);
    return status;
}

static int codec_of(const struct codec **codec, const struct layout **layout, const struct reading *r,
                    const struct xml_node *n, const char *name)
{
    const char *layout_name = xml_attr(n, "layout");

    *codec = codec_find(name);
    if (*codec == NULL)
        return fail(r, n, MSG_ROUTE_NO_CODEC, name, "");
    if (layout_name == NULL)
        return GLN_OK;
    for (size_t i = 0; i < r->d->layout_count; i++)
        if (str_eq(r->d->layouts[i].name, layout_name)) {
            *layout = r->d->layouts[i].layout;
            return GLN_OK;
        }
    return fail(r, n, MSG_ROUTE_NO_LAYOUT, layout_name, "");
}

static int seal_read(struct route_seal *out, const struct reading *r, const struct xml_node *parent)
{
    const struct xml_node *n = xml_child(parent, "seal");

    if (n == NULL)
        return GLN_OK;
    out->kind = xml_attr(n, "kind");
    out->unit = xml_attr(n, "unit");
    out->into = xml_attr(n, "into");
    return sheet_load(&out->cadena, r, xml_attr(n, "cadena"));
}

static int envelope_read(struct xml_stylesheet **out, const struct reading *r, const struct xml_node *parent)
{
    const struct xml_node *n = xml_child(parent, "envelope");

    return n == NULL ? GLN_OK : sheet_load(out, r, xml_attr(n, "href"));
}

static void carrier_read(struct route_carrier *out, const struct xml_node *parent)
{
    const struct xml_node *n = xml_child(parent, "carrier");

    out->endpoint = xml_attr(n, "endpoint");
    out->soap_action = xml_attr(n, "action");
    out->content_type = xml_attr(n, "content-type");
}

static int reply_read(struct route_reply *out, const struct reading *r, const struct xml_node *n)
{
    const char *name;
    int status;

    if (n == NULL)
        return GLN_OK;
    name = xml_attr(n, "codec");
    status = codec_of(&out->codec, &out->layout, r, n, name != NULL ? name : "xml");
    return status == GLN_OK ? sheet_load(&out->sheet, r, xml_attr(n, "href")) : status;
}

static int poll_read(struct route_poll *out, const struct reading *r, const struct xml_node *parent)
{
    const struct xml_node *n = xml_child(parent, "poll");
    int status;

    if (n == NULL)
        return GLN_OK;
    out->first_ms = duration_ms(xml_attr(n, "first"), 2000);
    out->most_ms = duration_ms(xml_attr(n, "most"), 600000);
    carrier_read(&out->carrier, n);
    status = sheet_load(&out->transform, r, xml_attr(n, "href"));
    if (status == GLN_OK)
        status = seal_read(&out->seal, r, n);
    if (status == GLN_OK)
        status = envelope_read(&out->envelope, r, n);
    return status == GLN_OK ? reply_read(&out->reply, r, xml_child(n, "reply")) : status;
}

static int actions_read(struct route_message *m, const struct reading *r, const struct xml_node *n)
{
    int status;

    m->actions = array_for(r, n, "action", sizeof *m->actions, &status);
    if (m->actions == NULL)
        return status;
    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        if (xml_is(c, "action"))
            m->actions[m->action_count++] = (struct route_action){.function = xml_attr(c, "function"),
                                                                  .type = xml_attr(c, "type"),
                                                                  .name = xml_attr(c, "name")};
    return GLN_OK;
}

/** What is sent again when it may have arrived, and as what: nothing, unless the bundle says so of the action it was sent as. */
static int doubt_read(struct route_message *m, const struct reading *r, const struct xml_node *n)
{
    const struct xml_node *c = xml_child(n, "doubt");

    m->doubt_inquire = c != NULL && str_eq(xml_attr(c, "inquire"), "yes");
    m->doubt_after_ms = duration_ms(c != NULL ? xml_attr(c, "after") : NULL, 1800000);
    for (const struct xml_node *s = c != NULL ? xml_first(c) : NULL; s != NULL; s = xml_next(s)) {
        const char *sent = xml_attr(s, "action"), *as = xml_attr(s, "as");

        if (!xml_is(s, "send"))
            continue;
        if (route_action(m, sent) == NULL || route_action(m, as) == NULL)
            return fail(r, s, MSG_ROUTE_DOUBT_ACTION, m->name, route_action(m, sent) == NULL ? sent : as);
        for (size_t i = 0; i < m->action_count; i++)
            if (str_eq(m->actions[i].name, sent))
                m->actions[i].doubt_as = as;
    }
    return GLN_OK;
}

static void habits_read(struct route_message *m, const struct xml_node *n)
{
    const struct xml_node *c = xml_child(n, "inbox");
    const char *times;

    if (c != NULL) {
        m->inbox = xml_attr(c, "endpoint");
        m->inbox_every_ms = duration_ms(xml_attr(c, "every"), 30000);
    }
    c = xml_child(n, "retry");
    times = c != NULL ? xml_attr(c, "times") : NULL;
    m->retry_first_ms = duration_ms(c != NULL ? xml_attr(c, "first") : NULL, 5000);
    m->retry_most_ms = duration_ms(c != NULL ? xml_attr(c, "most") : NULL, 600000);
    m->retry_times = times != NULL ? (int)strtol(times, NULL, 10) : 8;
    c = xml_child(n, "overdue");
    m->overdue_ms = duration_ms(c != NULL ? xml_attr(c, "after") : NULL, 0);
}

static int number_read(struct route_message *m, const struct reading *r, const struct xml_node *n)
{
    const struct xml_node *c = xml_child(n, "number");

    if (c == NULL || xml_attr(c, "series") == NULL)
        return GLN_OK;
    m->series = route_series(r->d, xml_attr(c, "series"));
    return m->series != NULL ? GLN_OK : fail(r, c, MSG_ROUTE_NO_SERIES, xml_attr(c, "series"), "");
}

static void titles_read(const char *title[LANG_COUNT], const struct xml_node *n)
{
    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        if (xml_is(c, "title")) {
            const char *lang = xml_attr_ns(c, "http://www.w3.org/XML/1998/namespace", "lang");

            title[lang != NULL ? language_parse(lang) : LANG_EN] = xml_text(c);
        }
}

static int message_schema(struct route_message *m, const struct reading *r, const struct xml_node *n)
{
    const struct xml_node *c = xml_child(n, "schema");
    char *path;
    int status;

    if (c == NULL)
        return GLN_OK;
    path = path_join(r->d->dir, xml_attr(c, "href"));
    if (path == NULL)
        return context_no_memory(r->ctx);
    status = xml_schema_load(&m->schema, r->ctx, path);
    free(path);
    return status;
}

static int message_read(struct route_message *m, const struct reading *r, const struct xml_node *n)
{
    const struct xml_node *codec = xml_child(n, "codec");
    int status;

    m->name = xml_attr(n, "name");
    m->is_default = str_eq(xml_attr(n, "default"), "yes");
    titles_read(m->title, n);
    carrier_read(&m->carrier, n);
    status = actions_read(m, r, n);
    habits_read(m, n);
    if (status == GLN_OK)
        status = doubt_read(m, r, n);
    if (status == GLN_OK)
        status = number_read(m, r, n);
    if (status == GLN_OK)
        status = codec_of(&m->codec, &m->layout, r, codec, xml_attr(codec, "name"));
    if (status == GLN_OK)
        status = sheet_load(&m->transform, r, xml_attr(xml_child(n, "transform"), "href"));
    if (status == GLN_OK)
        status = message_schema(m, r, n);
    if (status == GLN_OK)
        status = seal_read(&m->seal, r, n);
    if (status == GLN_OK)
        status = envelope_read(&m->envelope, r, n);
    if (status == GLN_OK)
        status = reply_read(&m->reply, r, xml_child(n, "reply"));
    return status == GLN_OK ? poll_read(&m->poll, r, n) : status;
}

static int layouts_read(const struct reading *r, const struct xml_node *root)
{
    struct route_destination *d = r->d;
    int status;

    d->layouts = array_for(r, root, "layout", sizeof *d->layouts, &status);
    for (const struct xml_node *c = xml_first(root); status == GLN_OK && c != NULL; c = xml_next(c)) {
        char *path;

        if (!xml_is(c, "layout"))
            continue;
        path = path_join(d->dir, xml_attr(c, "href"));
        if (path == NULL)
            return context_no_memory(r->ctx);
        d->layouts[d->layout_count].name = xml_attr(c, "name");
        status = layout_load(&d->layouts[d->layout_count].layout, r->ctx, path);
        d->layout_count++;
        free(path);
    }
    return status;
}

/** The destination's rules, in one walk with the core's. */
static int rules_read(const struct reading *r, const struct xml_node *root)
{
    const char *const *core = r->with->core_rules;
    size_t own = children(root, "rules");
    size_t core_count = 0;
    const char **all;
    char **paths;
    size_t i = 0;
    int status = GLN_OK;

    if (own == 0)
        return GLN_OK;
    while (core != NULL && core[core_count] != NULL)
        core_count++;
    all = calloc(core_count + own + 1, sizeof *all);
    paths = calloc(own, sizeof *paths);
    if (all == NULL || paths == NULL)
        status = context_no_memory(r->ctx);
    for (size_t c = 0; status == GLN_OK && c < core_count; c++)
        all[c] = core[c];
    for (const struct xml_node *c = xml_first(root); status == GLN_OK && c != NULL; c = xml_next(c)) {
        if (!xml_is(c, "rules"))
            continue;
        paths[i] = path_join(r->d->dir, xml_attr(c, "href"));
        all[core_count + i] = paths[i];
        if (paths[i++] == NULL)
            status = context_no_memory(r->ctx);
    }
    if (status == GLN_OK)
        status = xml_rules_load(&r->d->rules, r->ctx, r->with->rules_compiler, all);
    for (i = 0; paths != NULL && i < own; i++)
        free(paths[i]);
    free(paths);
    free(all);
    return status;
}

static int series_read(const struct reading *r, const struct xml_node *root)
{
    struct route_destination *d = r->d;
    int status;

    d->series = array_for(r, root, "series", sizeof *d->series, &status);
    for (const struct xml_node *c = xml_first(root); status == GLN_OK && c != NULL; c = xml_next(c))
        if (xml_is(c, "series"))
            d->series[d->series_count++] =
                (struct route_series){.kind = xml_attr(c, "kind"),
                                      .width = (int)strtol(xml_attr(c, "width"), NULL, 10),
                                      .yearly = str_eq(xml_attr(c, "yearly"), "yes")};
    return status;
}

static int practice_read(const struct reading *r, const struct xml_node *root)
{
    struct route_destination *d = r->d;
    const struct xml_node *n = xml_child(root, "practice");
    int status;

    d->identity = xml_child(root, "identity");
    d->practice_principal = xml_attr(n, "principal");
    d->practice_role = xml_attr(n, "role");
    d->practice = array_for(r, n, "setting", sizeof *d->practice, &status);
    for (const struct xml_node *c = xml_first(n); status == GLN_OK && c != NULL; c = xml_next(c))
        d->practice[d->practice_count++] = (struct route_setting){xml_attr(c, "name"), xml_attr(c, "value")};
    return status;
}

static int messages_read(const struct reading *r, const struct xml_node *root)
{
    struct route_destination *d = r->d;
    int status;

    d->messages = array_for(r, root, "message", sizeof *d->messages, &status);
    for (const struct xml_node *c = xml_first(root); status == GLN_OK && c != NULL; c = xml_next(c))
        if (xml_is(c, "message"))
            status = message_read(&d->messages[d->message_count++], r, c);
    return status;
}

static int schema_check(const struct reading *r, const struct xml_schema *schema)
{
    struct findings found = {0};
    int status = xml_schema_check(schema, r->ctx, r->d->file, &found);

    if (status == GLN_OK && found.errors > 0) {
        findings_sort(&found);
        status = context_fail_at(r->ctx, GLN_E_CONFIG, found.items[0].place, MSG_ROUTE_BUNDLE, r->path,
                                 found.items[0].text[LANG_EN]);
    }
    findings_free(&found);
    return status;
}

static int parts_read(const struct reading *r, const char *folder_name)
{
    struct route_destination *d = r->d;
    const struct xml_node *root = xml_root(d->file);
    int status;

    d->name = xml_attr(root, "name");
    d->country = xml_attr(root, "country");
    d->zone = xml_attr(root, "zone");
    d->principal_title = xml_attr(root, "principal");
    titles_read(d->title, root);
    if (!str_eq(d->name, folder_name))
        return fail(r, root, MSG_ROUTE_NAME, d->name, folder_name);
    status = layouts_read(r, root);
    if (status == GLN_OK)
        status = series_read(r, root);
    if (status == GLN_OK)
        status = practice_read(r, root);
    if (status == GLN_OK)
        status = messages_read(r, root);
    if (status == GLN_OK)
        status = reply_read(&d->answers, r, xml_child(root, "answers"));
    if (status == GLN_OK)
        status = rules_read(r, root);
    return status == GLN_OK ? probe_compile(d, r->ctx) : status;
}

int destination_load(struct route_destination *d, const struct route_loader *with, const char *dir,
                     const char *folder_name)
{
    struct reading r = {.d = d, .ctx = with->ctx, .with = with};
    char *path = path_join(dir, "destination.xml");
    int status;

    d->dir = str_dup(dir);
    if (path == NULL || d->dir == NULL) {
        free(path);
        return context_no_memory(with->ctx);
    }
    r.path = path;
    status = xml_read_file(&d->file, with->ctx, path);
    if (status == GLN_OK)
        status = schema_check(&r, with->schema);
    if (status == GLN_OK)
        status = parts_read(&r, folder_name);
    free(path);
    return status;
}

static void message_clear(struct route_message *m)
{
    xml_stylesheet_free(m->transform);
    xml_schema_free(m->schema);
    xml_stylesheet_free(m->seal.cadena);
    xml_stylesheet_free(m->envelope);
    xml_stylesheet_free(m->reply.sheet);
    xml_stylesheet_free(m->poll.transform);
    xml_stylesheet_free(m->poll.seal.cadena);
    xml_stylesheet_free(m->poll.envelope);
    xml_stylesheet_free(m->poll.reply.sheet);
    free(m->actions);
}

void destination_clear(struct route_destination *d)
{
    for (size_t i = 0; i < d->message_count; i++)
        message_clear(&d->messages[i]);
    for (size_t i = 0; i < d->layout_count; i++)
        layout_free(d->layouts[i].layout);
    xml_rules_free(d->rules);
    xml_stylesheet_free(d->answers.sheet);
    xml_stylesheet_free(d->probe);
    xml_stylesheet_free(d->maker);
    xml_asks_free(d->probe_asks);
    xml_asks_free(d->maker_asks);
    free(d->messages);
    free(d->layouts);
    free(d->series);
    free(d->practice);
    xml_doc_free(d->file);
    free(d->dir);
}
