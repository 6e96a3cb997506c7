/*
 * Walking files that name further files (xml/graph.h).
 *
 * Addresses are relative paths; anything with a scheme, or a leading slash, is refused: what a schema or stylesheet needs lies
 * beside it. Each file is read once, however often it is named; a circle is for libxslt or libxml2 to judge. More than 256
 * files are not one schema.
 */
#include "xml/graph.h"

#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/str.h"

enum { MOST_FILES = 256 };

static const struct graph_link xslt_links[] = {{"import", "href"}, {"include", "href"}, {NULL, NULL}};
static const struct graph_link xsd_links[] = {{"include", "schemaLocation"},
                                              {"import", "schemaLocation"},
                                              {"redefine", "schemaLocation"},
                                              {NULL, NULL}};

const struct graph_kind xml_graph_xslt = {"http://www.w3.org/1999/XSL/Transform", xslt_links};
const struct graph_kind xml_graph_xsd = {"http://www.w3.org/2001/XMLSchema", xsd_links};

struct walk {
    struct gln_context *ctx;
    const struct graph_kind *kind;
    char *paths[MOST_FILES]; /* owned: seen, in order; those behind `next` are still to be read */
    size_t count, next;
};

/** "a/b/../c" -> "a/c": the same file must have one name. */
static char *tidy(const char *folder, const char *name)
{
    struct buf b = BUF_INIT;
    buf_puts(&b, folder);
    while (*name != '\0') {
        size_t n = strcspn(name, "/");
        char *last = b.len > 1 ? memrchr(b.data, '/', b.len - 1) : NULL;
        bool up = n == 2 && memcmp(name, "..", 2) == 0 && last != NULL && strcmp(last, "/../") != 0;
        if (up) {
            b.len = (size_t)(last - b.data) + 1;
            b.data[b.len] = '\0';
        } else if (n > 0 && !(n == 1 && *name == '.')) {
            buf_put(&b, name, n);
            if (name[n] == '/')
                buf_putc(&b, '/');
        }
        name += n;
        name += *name == '/';
    }
    return buf_take(&b, NULL);
}

static int add_path(struct walk *w, char *path)
{
    if (path == NULL)
        return context_no_memory(w->ctx);
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->paths[i], path) == 0) {
            free(path);
            return GLN_OK;
        }
    }
    if (w->count == MOST_FILES) {
        int rc = context_fail(w->ctx, GLN_E_CONFIG, MSG_XML_GRAPH, path);
        free(path);
        return rc;
    }
    w->paths[w->count++] = path;
    return GLN_OK;
}

static int add_link(struct walk *w, const char *from, const char *to)
{
    if (strchr(to, ':') != NULL || to[0] == '/' || to[0] == '\0')
        return context_fail(w->ctx, GLN_E_CONFIG, MSG_XML_ADDRESS, from, to);
    const char *slash = strrchr(from, '/');
    char *folder = str_ndup(from, slash != NULL ? (size_t)(slash - from) + 1 : 0);
    if (folder == NULL)
        return context_no_memory(w->ctx);
    int rc = add_path(w, tidy(folder, to));
    free(folder);
    return rc;
}

static int follow(struct walk *w, const struct xml_doc *doc, const char *path)
{
    const struct xml_node *root = xml_root(doc);
    for (struct xml_node *n = xml_first(root); n != NULL; n = xml_next(n)) {
        if (strcmp(xml_ns(n), w->kind->ns) != 0)
            continue;
        for (const struct graph_link *l = w->kind->links; l->element != NULL; l++) {
            const char *to = xml_is(n, l->element) ? xml_attr(n, l->attribute) : NULL;
            int rc = to != NULL ? add_link(w, path, to) : GLN_OK;
            if (rc != GLN_OK)
                return rc;
        }
    }
    return GLN_OK;
}

int xml_graph_read(struct xml_doc **out, struct gln_context *ctx, const char *path,
                   const struct graph_kind *kind, graph_visit *visit, void *arg)
{
    struct walk *w = calloc(1, sizeof *w);
    *out = NULL;
    if (w == NULL)
        return context_no_memory(ctx);
    w->ctx = ctx;
    w->kind = kind;
    int rc = add_path(w, str_dup(path));
    while (rc == GLN_OK && w->next < w->count) {
        struct xml_doc *doc;
        const char *name = w->paths[w->next++];
        rc = xml_read_file(&doc, ctx, name);
        if (rc == GLN_OK)
            rc = follow(w, doc, name);
        if (rc == GLN_OK && visit != NULL)
            rc = visit(arg, ctx, doc);
        if (*out == NULL && rc == GLN_OK)
            *out = doc;
        else
            xml_doc_free(doc);
    }
    if (rc != GLN_OK) {
        xml_doc_free(*out);
        *out = NULL;
    }
    for (size_t i = 0; i < w->count; i++)
        free(w->paths[i]);
    free(w);
    return rc;
}
