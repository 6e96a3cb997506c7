/*
 * Reads layout files (urn:greenlane:layout:1, schemas/greenlane/layout.xsd) into struct layout. A layout may include others
 * beside it; records, structures, width and delimiter all end up in one. The file is ours, so a mistake in it is
 * GLN_E_CONFIG and names the record. Owns all strings.
 */
#include "codec/layout.h"

#include <stdlib.h>
#include <string.h>

#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

static const char *const class_text[CLASS_COUNT] = {
#define FIELD_CLASS_TEXT(name, text, message) text,
    FIELD_CLASSES(FIELD_CLASS_TEXT)
#undef FIELD_CLASS_TEXT
};

struct loader {
    struct gln_context *ctx;
    struct layout *l;
    const char *path;
    int depth; /**< of includes */
};

static int wrong(struct loader *ld, const char *where, const char *what)
{
    struct buf b = BUF_INIT;
    int status;

    buf_printf(&b, "%s: %s", where != NULL ? where : "?", what);
    status = context_fail(ld->ctx, GLN_E_CONFIG, MSG_LAYOUT_WRONG, ld->path, b.data != NULL ? b.data : what);
    buf_free(&b);
    return status;
}

/* A number from an attribute; `def` if absent; -1 if it is none. */
static long number(const struct xml_node *n, const char *name, long def)
{
    const char *text = xml_attr(n, name);
    char *end;
    long value;

    if (text == NULL)
        return def;
    value = strtol(text, &end, 10);
    return *text == '\0' || *end != '\0' || value < 0 || value > 100000 ? -1 : value;
}

static bool said_yes(const struct xml_node *n, const char *name)
{
    return str_eq(xml_attr(n, name), "yes");
}

static bool class_parse(enum field_class *out, const char *text)
{
    for (int i = 0; i < CLASS_COUNT; i++) {
        if (str_eq(text, class_text[i])) {
            *out = (enum field_class)i;
            return true;
        }
    }
    return false;
}

/* Copies an attribute; false when memory ran out. An absent one leaves NULL. */
static bool take(char **out, const struct xml_node *n, const char *name)
{
    const char *text = xml_attr(n, name);

    *out = str_dup(text);
    return text == NULL || *out != NULL;
}

/* Columns, class and decimals; false if one of them is wrong. */
static bool field_shape(struct layout_field *f, const struct xml_node *n, unsigned width)
{
    const char *cls = xml_attr(n, "class");
    const char *accept = xml_attr(n, "accept");
    long from = number(n, "from", -1);
    long length = number(n, "len", -1);
    long decimals = number(n, "decimals", 0);

    if (from < 1 || length < 1 || from + length - 1 > (long)width || decimals < 0 || decimals > 18)
        return false;
    f->from = (uint16_t)from;
    f->length = (uint16_t)length;
    f->decimals = (uint8_t)decimals;
    return class_parse(&f->cls, cls) && class_parse(&f->accept, accept != NULL ? accept : cls);
}

static int field_load(struct loader *ld, struct layout_field *f, const struct xml_node *n, const char *record)
{
    const char *use = xml_attr(n, "use");

    if (!field_shape(f, n, ld->l->width))
        return wrong(ld, record, "columns, class or decimals of a field");
    f->use = use != NULL && use[0] != '\0' ? use[0] : '-';
    f->blank_allowed = said_yes(n, "blank");
    f->zeros_unused = str_eq(xml_attr(n, "unused"), "zeros");
    f->blanks_left = str_eq(xml_attr(n, "fill"), "blanks");
    if (!take(&f->title, n, "title") || !take(&f->constant, n, "constant"))
        return context_no_memory(ld->ctx);
    if (f->constant != NULL && strlen(f->constant) != f->length)
        return wrong(ld, record, "a constant that does not fill its field");
    if (xml_is(n, "filler"))
        return GLN_OK;
    if (xml_attr(n, "name") == NULL || f->title == NULL)
        return wrong(ld, record, "a field has no name or no title");
    return take(&f->name, n, "name") ? GLN_OK : context_no_memory(ld->ctx);
}

/* "79-80=|01|02" -> columns and texts. */
static int when_load(struct loader *ld, struct layout_record *r, const char *text)
{
    char *end;
    long from, to;

    if (text == NULL)
        return GLN_OK;
    from = strtol(text, &end, 10);
    to = *end == '-' ? strtol(end + 1, &end, 10) : from;
    if (*end != '=' || from < 1 || to < from || to > ld->l->width)
        return wrong(ld, r->name, "when is COLUMN-COLUMN=TEXT|TEXT");
    r->when_from = (uint16_t)from;
    r->when_length = (uint16_t)(to - from + 1);
    r->when = str_dup(end + 1);
    return r->when != NULL ? GLN_OK : context_no_memory(ld->ctx);
}

/* The fields in order must cover each column once. */
static int tiles(struct loader *ld, const struct layout_record *r)
{
    unsigned next = 1;

    for (size_t i = 0; i < r->count; i++) {
        if (r->fields[i].from != next)
            return wrong(ld, r->name, "its fields do not follow one another without a gap");
        next += r->fields[i].length;
    }
    return next == ld->l->width + 1u ? GLN_OK : wrong(ld, r->name, "its fields do not fill the record");
}

static size_t child_count(const struct xml_node *n)
{
    size_t count = 0;

    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        count++;
    return count;
}

/* A new, empty record at the end of the layout; NULL when memory ran out. */
static struct layout_record *record_new(struct layout *l)
{
    struct layout_record *r;

    if (l->count == l->cap) {
        size_t cap = l->cap != 0 ? l->cap * 2 : 32;
        struct layout_record *grown = realloc(l->records, cap * sizeof *grown);

        if (grown == NULL)
            return NULL;
        l->records = grown;
        l->cap = cap;
    }
    r = &l->records[l->count++];
    memset(r, 0, sizeof *r);
    return r;
}

static bool record_names(struct layout_record *r, const struct xml_node *n)
{
    return take(&r->name, n, "name") && take(&r->ids, n, "id") && take(&r->title, n, "title") &&
           take(&r->applications, n, "application") && take(&r->variant, n, "variant");
}

static int record_load(struct loader *ld, const struct xml_node *n)
{
    struct layout_record *r = record_new(ld->l);
    int status;

    if (r == NULL || !record_names(r, n))
        return context_no_memory(ld->ctx);
    if (r->name == NULL || r->ids == NULL || r->applications == NULL || xml_first(n) == NULL)
        return wrong(ld, r->name, "a record needs name, id, application and fields");
    r->passed = said_yes(n, "passed");
    status = when_load(ld, r, xml_attr(n, "when"));
    if (status != GLN_OK)
        return status;
    r->fields = calloc(child_count(n), sizeof *r->fields);
    if (r->fields == NULL)
        return context_no_memory(ld->ctx);
    for (const struct xml_node *f = xml_first(n); f != NULL && status == GLN_OK; f = xml_next(f))
        status = field_load(ld, &r->fields[r->count++], f, r->name);
    return status == GLN_OK ? tiles(ld, r) : status;
}

static uint32_t limit(const struct xml_node *n, const char *name, uint32_t def)
{
    if (str_eq(xml_attr(n, name), "n"))
        return UINT32_MAX;
    return (uint32_t)number(n, name, def);
}

static int items_load(struct loader *ld, struct layout_item *group, const struct xml_node *n, int depth);

static int item_load(struct loader *ld, struct layout_item *it, const struct xml_node *n, int depth)
{
    char **name = &it->name;
    const char *attribute = "ref";

    it->kind = ITEM_RECORD;
    if (xml_is(n, "any")) {
        it->kind = ITEM_ANY;
        name = &it->refs;
        attribute = "refs";
    } else if (xml_is(n, "group")) {
        it->kind = ITEM_GROUP;
        attribute = "name";
    }
    it->least = limit(n, "min", 1);
    it->most = limit(n, "max", 1);
    if (!take(name, n, attribute))
        return context_no_memory(ld->ctx);
    if (*name == NULL)
        return wrong(ld, xml_name(n), "an item of a structure has no name");
    return it->kind == ITEM_GROUP ? items_load(ld, it, n, depth + 1) : GLN_OK;
}

/* Items of a structure; the depth and width of groups are bounded, since the machine keeps them in arrays. */
static int items_load(struct loader *ld, struct layout_item *group, const struct xml_node *n, int depth)
{
    size_t count = child_count(n);
    int status = GLN_OK;

    if (count == 0 || count > GROUP_ITEMS || depth >= STRUCTURE_DEPTH)
        return wrong(ld, group->name, "a group is empty, too long or too deep");
    group->children = calloc(count, sizeof *group->children);
    if (group->children == NULL)
        return context_no_memory(ld->ctx);
    for (const struct xml_node *c = xml_first(n); c != NULL && status == GLN_OK; c = xml_next(c))
        status = item_load(ld, &group->children[group->count++], c, depth);
    return status;
}

static int structure_load(struct loader *ld, const struct xml_node *n)
{
    struct layout *l = ld->l;
    struct layout_structure *s;

    if (l->structure_count == l->structure_cap) {
        size_t cap = l->structure_cap != 0 ? l->structure_cap * 2 : 8;
        struct layout_structure *grown = realloc(l->structures, cap * sizeof *grown);

        if (grown == NULL)
            return context_no_memory(ld->ctx);
        l->structures = grown;
        l->structure_cap = cap;
    }
    s = &l->structures[l->structure_count++];
    memset(s, 0, sizeof *s);
    s->root.kind = ITEM_GROUP;
    s->root.least = s->root.most = 1;
    s->lenient = str_eq(xml_attr(n, "order"), "lenient");
    if (!take(&s->application, n, "application"))
        return context_no_memory(ld->ctx);
    if (s->application == NULL)
        return wrong(ld, "structure", "it names no application");
    return items_load(ld, &s->root, n, 1);
}

static int delimiter_load(struct loader *ld, const char *text)
{
    const char *bytes = str_eq(text, "none") ? "" : str_eq(text, "crlf") ? "\r\n" : "\n";

    if (text == NULL)
        return GLN_OK;
    free(ld->l->delimiter);
    ld->l->delimiter = str_dup(bytes);
    return ld->l->delimiter != NULL ? GLN_OK : context_no_memory(ld->ctx);
}

static int file_load(struct loader *ld, const char *path);

static int include_load(struct loader *ld, const char *href)
{
    const char *slash = strrchr(ld->path, '/');
    char *folder = slash != NULL ? str_ndup(ld->path, (size_t)(slash - ld->path)) : str_dup(".");
    char *path = folder != NULL && href != NULL ? path_join(folder, href) : NULL;
    int status;

    if (path == NULL)
        status = href == NULL ? wrong(ld, "include", "href") : context_no_memory(ld->ctx);
    else if (++ld->depth > 8)
        status = wrong(ld, "include", "too deep");
    else
        status = file_load(ld, path);
    ld->depth--;
    free(path);
    free(folder);
    return status;
}

static int element_load(struct loader *ld, const struct xml_node *n)
{
    if (xml_is(n, "include"))
        return include_load(ld, xml_attr(n, "href"));
    if (xml_is(n, "record"))
        return record_load(ld, n);
    if (xml_is(n, "structure"))
        return structure_load(ld, n);
    if (xml_is(n, "switch")) {
        free(ld->l->switch_record);
        free(ld->l->switch_field);
        if (!take(&ld->l->switch_record, n, "record") || !take(&ld->l->switch_field, n, "field"))
            return context_no_memory(ld->ctx);
        return GLN_OK;
    }
    return wrong(ld, xml_name(n), "no such element");
}

static int file_load(struct loader *ld, const char *path)
{
    const char *outer = ld->path;
    struct xml_doc *doc = NULL;
    const struct xml_node *root;
    int status = xml_read_file(&doc, ld->ctx, path);
    long width;

    if (status != GLN_OK)
        return status;
    ld->path = path;
    root = xml_root(doc);
    width = number(root, "width", ld->l->width);
    if (!xml_is(root, "layout") || width < 1 || width > RECORD_WIDTH_MOST)
        status = wrong(ld, xml_name(root), "it is no layout, or its width is");
    else
        ld->l->width = (uint16_t)width;
    if (status == GLN_OK)
        status = delimiter_load(ld, xml_attr(root, "delimiter"));
    if (status == GLN_OK && ld->l->name == NULL && !take(&ld->l->name, root, "name"))
        status = context_no_memory(ld->ctx);
    for (const struct xml_node *n = xml_first(root); n != NULL && status == GLN_OK; n = xml_next(n))
        status = element_load(ld, n);
    ld->path = outer;
    xml_doc_free(doc);
    return status;
}

/* Every record of a structure must have a layout for its application. */
static int resolve(struct loader *ld, const struct layout_item *it, const char *application)
{
    int status = GLN_OK;

    if (it->kind == ITEM_RECORD && layout_record_find(ld->l, it->name, application, NULL) == NULL)
        return wrong(ld, it->name, "a structure names it, and it has no layout for that application");
    for (size_t i = 0; i < it->count && status == GLN_OK; i++)
        status = resolve(ld, &it->children[i], application);
    return status;
}

int layout_load(struct layout **out, struct gln_context *ctx, const char *path)
{
    struct loader ld = {ctx, NULL, path, 0};
    int status;

    *out = NULL;
    ld.l = calloc(1, sizeof *ld.l);
    if (ld.l == NULL)
        return context_no_memory(ctx);
    ld.l->width = 80;
    status = delimiter_load(&ld, "lf");
    if (status == GLN_OK)
        status = file_load(&ld, path);
    if (status == GLN_OK && (ld.l->switch_record == NULL || ld.l->switch_field == NULL))
        status = wrong(&ld, "switch", "it is missing");
    for (size_t i = 0; i < ld.l->structure_count && status == GLN_OK; i++)
        status = resolve(&ld, &ld.l->structures[i].root, ld.l->structures[i].application);
    if (status == GLN_OK)
        *out = TAKE(&ld.l);
    layout_free(ld.l);
    return status;
}

static void item_clear(struct layout_item *it)
{
    for (size_t i = 0; i < it->count; i++)
        item_clear(&it->children[i]);
    free(it->children);
    free(it->name);
    free(it->refs);
}

static void record_clear(struct layout_record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->fields[i].name);
        free(r->fields[i].title);
        free(r->fields[i].constant);
    }
    free(r->fields);
    free(r->name);
    free(r->ids);
    free(r->title);
    free(r->applications);
    free(r->when);
    free(r->variant);
}

void layout_free(struct layout *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->count; i++)
        record_clear(&l->records[i]);
    for (size_t i = 0; i < l->structure_count; i++) {
        item_clear(&l->structures[i].root);
        free(l->structures[i].application);
    }
    free(l->records);
    free(l->structures);
    free(l->name);
    free(l->delimiter);
    free(l->switch_record);
    free(l->switch_field);
    free(l);
}
