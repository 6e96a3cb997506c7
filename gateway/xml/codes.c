/*
 * Code lists (xml/transform.h): every *.xml of a folder, one list a file, in one table by value and list.
 *
 * A value may stand in several rows of a list, with dates that do not overlap; the rows hang on each other. The documents
 * stay, since rows point into them. Read-only once loaded, shared by threads.
 * A file that cannot be read, a list without an id and a list met twice fail the load: a missing list must not
 * look like a list without codes.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/hash.h>

#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/transform.h"

struct row {
    struct row *next; /* the same value in the same list at other dates */
    struct xml_node *node;
    const char *from, *to; /* CCYYMMDD, both days included; NULL: without bound */
};

struct xml_codes {
    struct xml_doc **docs; /* owned */
    size_t count;
    xmlHashTablePtr rows;  /* value, list -> struct row, owned */
    xmlHashTablePtr lists; /* id -> root of the document */
};

static const xmlChar *u(const char *s)
{
    return (const xmlChar *)s;
}

static void free_rows(void *data, const xmlChar *name)
{
    (void)name;
    for (struct row *r = data, *next; r != NULL; r = next) {
        next = r->next;
        free(r);
    }
}

void xml_codes_free(struct xml_codes *c)
{
    if (c == NULL)
        return;
    if (c->rows != NULL)
        xmlHashFree(c->rows, free_rows);
    if (c->lists != NULL)
        xmlHashFree(c->lists, NULL);
    for (size_t i = 0; i < c->count; i++)
        xml_doc_free(c->docs[i]);
    free(c->docs);
    free(c);
}

static int add_row(struct xml_codes *c, struct gln_context *ctx, const char *list, struct xml_node *node)
{
    const char *value = xml_attr(node, "value");
    struct row *row = value != NULL ? calloc(1, sizeof *row) : NULL;
    if (value == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_XML_CODE_VALUE, list);
    if (row == NULL)
        return context_no_memory(ctx);
    *row = (struct row){NULL, node, xml_attr(node, "from"), xml_attr(node, "to")};
    struct row *first = xmlHashLookup2(c->rows, u(value), u(list));
    if (first != NULL) {
        row->next = first->next;
        first->next = row;
        return GLN_OK;
    }
    if (xmlHashAddEntry2(c->rows, u(value), u(list), row) != 0) {
        free(row);
        return context_no_memory(ctx);
    }
    return GLN_OK;
}

static int add_list(struct xml_codes *c, struct gln_context *ctx, const char *path)
{
    struct xml_doc *doc;
    int rc = xml_read_file(&doc, ctx, path);
    if (rc != GLN_OK)
        return rc;
    struct xml_doc **docs = realloc(c->docs, (c->count + 1) * sizeof(struct xml_doc *));
    if (docs == NULL) {
        xml_doc_free(doc);
        return context_no_memory(ctx);
    }
    c->docs = docs;
    c->docs[c->count++] = doc;
    struct xml_node *root = xml_root(doc);
    const char *list = xml_attr(root, "id");
    if (!xml_is(root, "codes") || list == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_XML_CODE_LIST, path);
    if (xmlHashAddEntry(c->lists, u(list), root) != 0)
        return context_fail(ctx, GLN_E_CONFIG, MSG_XML_CODE_TWICE, path, list);
    for (struct xml_node *n = xml_first(root); n != NULL && rc == GLN_OK; n = xml_next(n))
        if (xml_is(n, "code"))
            rc = add_row(c, ctx, list, n);
    return rc;
}

static int only_xml(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return e->d_name[0] != '.' && n > 4 && strcmp(e->d_name + n - 4, ".xml") == 0;
}

int xml_codes_load(struct xml_codes **out, struct gln_context *ctx, const char *folder)
{
    struct dirent **entries = NULL;
    *out = NULL;
    int count = scandir(folder, &entries, only_xml, alphasort);
    if (count < 0) {
        char why[128];
        return context_fail(ctx, GLN_E_CONFIG, MSG_XML_FILE, folder, strerror_r(errno, why, sizeof why));
    }
    struct xml_codes *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->rows = xmlHashCreate(4096);
        c->lists = xmlHashCreate(64);
    }
    int rc = c != NULL && c->rows != NULL && c->lists != NULL ? GLN_OK : context_no_memory(ctx);
    for (int i = 0; i < count; i++) {
        char *path = rc == GLN_OK ? path_join(folder, entries[i]->d_name) : NULL;
        if (path != NULL)
            rc = add_list(c, ctx, path);
        else if (rc == GLN_OK)
            rc = context_no_memory(ctx);
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (rc == GLN_OK)
        *out = c;
    else
        xml_codes_free(c);
    return rc;
}

bool xml_codes_has(const struct xml_codes *c, const char *list, const char *value, const char *date,
                   bool *known_list)
{
    bool known = c != NULL && xmlHashLookup(c->lists, u(list)) != NULL;
    if (known_list != NULL)
        *known_list = known;
    if (!known)
        return false;
    for (const struct row *r = xmlHashLookup2(c->rows, u(value), u(list)); r != NULL; r = r->next)
        if (date == NULL ||
            ((r->from == NULL || strcmp(r->from, date) <= 0) && (r->to == NULL || strcmp(date, r->to) <= 0)))
            return true;
    return false;
}

const char *xml_codes_attr(const struct xml_codes *c, const char *list, const char *value, const char *name)
{
    const struct row *r = c != NULL ? xmlHashLookup2(c->rows, u(value), u(list)) : NULL;
    return r != NULL ? xml_attr(r->node, name) : NULL;
}
