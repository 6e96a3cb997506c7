/*
 * WCO pointers (xml/rules.h): 42A/67A/68A[2]/23A/21A[1]/145 for a node of a pivot, and back.
 *
 * The table maps element paths to class and attribute ids. A class that may repeat carries the number of its occurrence among
 * the siblings of its name. Elements the table does not know lie inside known ones (a DateTimeString in its date) and add
 * nothing. Read-only once loaded.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/hash.h>

#include "util/str.h"
#include "xml/reader.h"
#include "xml/rules.h"

struct entry {
    const char *id;
    bool many;
};

struct xml_pointers {
    struct xml_doc *doc;     /* owned: the ids lie in it */
    xmlHashTablePtr entries; /* owned: path -> struct entry, owned */
};

enum { DEEPEST = 32 };

static void free_entry(void *entry, const xmlChar *name)
{
    (void)name;
    free(entry);
}

void xml_pointers_free(struct xml_pointers *p)
{
    if (p == NULL)
        return;
    if (p->entries != NULL)
        xmlHashFree(p->entries, free_entry);
    xml_doc_free(p->doc);
    free(p);
}

static int add_entry(struct xml_pointers *p, struct gln_context *ctx, const char *file,
                     const struct xml_node *n)
{
    const char *path = xml_attr(n, "path");
    const char *id = xml_attr(n, "class");
    if (id == NULL)
        id = xml_attr(n, "tag");
    if (path == NULL || id == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_XML_POINTERS, file);
    struct entry *e = malloc(sizeof *e);
    if (e == NULL)
        return context_no_memory(ctx);
    *e = (struct entry){id, str_eq(xml_attr(n, "many"), "yes")};
    if (xmlHashAddEntry(p->entries, (const xmlChar *)path, e) == 0)
        return GLN_OK;
    free(e);
    return context_fail(ctx, GLN_E_CONFIG, MSG_XML_POINTERS, file);
}

int xml_pointers_load(struct xml_pointers **out, struct gln_context *ctx, const char *path)
{
    struct xml_pointers *p = calloc(1, sizeof *p);
    *out = NULL;
    int rc = p != NULL ? xml_read_file(&p->doc, ctx, path) : context_no_memory(ctx);
    if (rc == GLN_OK) {
        p->entries = xmlHashCreate(1024);
        rc = p->entries != NULL ? GLN_OK : context_no_memory(ctx);
    }
    for (struct xml_node *n = rc == GLN_OK ? xml_first(xml_root(p->doc)) : NULL; n != NULL && rc == GLN_OK;
         n = xml_next(n))
        rc = add_entry(p, ctx, path, n);
    if (rc == GLN_OK && xmlHashSize(p->entries) == 0)
        rc = context_fail(ctx, GLN_E_CONFIG, MSG_XML_POINTERS, path);
    if (rc == GLN_OK)
        *out = p;
    else
        xml_pointers_free(p);
    return rc;
}

static const struct entry *find_entry(const struct xml_pointers *p, const struct buf *path)
{
    return path->data != NULL ? xmlHashLookup(p->entries, (const xmlChar *)path->data) : NULL;
}

static bool is_top(const struct xml_pointers *p, const struct xml_node *n)
{
    return xmlHashLookup(p->entries, (const xmlChar *)xml_name(n)) != NULL;
}

static size_t occurrence(const struct xml_node *n)
{
    size_t number = 1;
    for (const struct xml_node *s = xml_first(xml_parent(n)); s != NULL && s != n; s = xml_next(s))
        number += xml_is(s, xml_name(n));
    return number;
}

void xml_pointer_put(struct buf *out, const struct xml_pointers *p, const struct xml_node *n)
{
    const struct xml_node *steps[DEEPEST];
    struct buf path = BUF_INIT;
    size_t depth = 0, start = out->len;
    /* The outermost Declaration or Response: an answer holds a Declaration of its own. */
    size_t top = 0;
    for (const struct xml_node *s = n; s != NULL && depth < DEEPEST; s = xml_parent(s)) {
        steps[depth++] = s;
        if (is_top(p, s))
            top = depth;
    }
    for (size_t i = top; i > 0; i--) {
        if (path.len > 0)
            buf_putc(&path, '/');
        buf_puts(&path, xml_name(steps[i - 1]));
        const struct entry *e = find_entry(p, &path);
        if (e == NULL)
            continue;
        if (out->len > start)
            buf_putc(out, '/');
        buf_puts(out, e->id);
        if (e->many)
            buf_printf(out, "[%zu]", occurrence(steps[i - 1]));
    }
    buf_free(&path);
}

/** One step of a pointer: an id and the number of its occurrence, 1 without one. */
struct step {
    const char *id;
    size_t len;
    size_t number;
};

static bool next_step(const char **pointer, struct step *step)
{
    const char *s = *pointer;
    *step = (struct step){s, strcspn(s, "/["), 1};
    s += step->len;
    if (*s == '[') {
        char *end;
        step->number = strtoul(s + 1, &end, 10);
        if (*end != ']')
            return false;
        s = end + 1;
    }
    if (*s != '/' && *s != '\0')
        return false;
    *pointer = *s == '/' ? s + 1 : s;
    return step->len > 0 && step->number > 0;
}

static bool is_step(const struct entry *e, const struct step *step)
{
    return e != NULL && strlen(e->id) == step->len && memcmp(e->id, step->id, step->len) == 0;
}

/** The child of `n` that a step stands for; `path` grows by its name. */
static struct xml_node *take_step(const struct xml_pointers *p, const struct xml_node *n,
                                  const struct step *step, struct buf *path)
{
    size_t before = path->len, number = 0;
    for (struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c)) {
        buf_putc(path, '/');
        buf_puts(path, xml_name(c));
        if (is_step(find_entry(p, path), step) && ++number == step->number)
            return c;
        path->len = before;
    }
    return NULL;
}

/** The outermost element the table knows by its name alone. */
static struct xml_node *top_of(const struct xml_pointers *p, const struct xml_doc *pivot)
{
    struct xml_node *root = xml_root(pivot);
    if (root == NULL || is_top(p, root))
        return root;
    struct xml_node *n = xml_first(root);
    while (n != NULL && !is_top(p, n))
        n = xml_next(n);
    return n;
}

struct xml_node *xml_pointer_find(const struct xml_pointers *p, const struct xml_doc *pivot,
                                  const char *pointer)
{
    struct buf path = BUF_INIT;
    struct step step;
    struct xml_node *n = top_of(p, pivot);
    if (n != NULL)
        buf_puts(&path, xml_name(n));
    if (n == NULL || !next_step(&pointer, &step) || !is_step(find_entry(p, &path), &step))
        n = NULL;
    while (n != NULL && *pointer != '\0')
        n = next_step(&pointer, &step) ? take_step(p, n, &step, &path) : NULL;
    buf_free(&path);
    return n;
}

/** The name at the end of `full` if it lies just below `path`. */
static const char *name_below(const char *full, const char *path)
{
    size_t len = strlen(path);
    if (strncmp(full, path, len) != 0 || (len > 0 && full[len] != '/'))
        return NULL;
    full += len + (len > 0);
    return strchr(full, '/') == NULL ? full : NULL;
}

const char *xml_pointers_name(const struct xml_pointers *p, const char *path, const char *id, bool *many)
{
    for (const struct xml_node *n = xml_first(xml_root(p->doc)); n != NULL; n = xml_next(n)) {
        const char *name = name_below(xml_attr(n, "path"), path);
        if (name == NULL || (!str_eq(xml_attr(n, "class"), id) && !str_eq(xml_attr(n, "tag"), id)))
            continue;
        if (many != NULL)
            *many = str_eq(xml_attr(n, "many"), "yes");
        return name;
    }
    return NULL;
}

size_t xml_pointers_order(const struct xml_pointers *p, const char *path, const char *name)
{
    size_t order = 0;
    for (const struct xml_node *n = xml_first(xml_root(p->doc)); n != NULL; n = xml_next(n)) {
        order++;
        if (str_eq(name_below(xml_attr(n, "path"), path), name))
            return order;
    }
    return 0;
}
