/*
 * XSD validation (xml/schema.h): compiling schemas, and the two questions: all findings, or yes and no.
 *
 * A document without content errors costs one validation. With them a copy is mended and validated again (schema_mend.c);
 * how often is capped, so that the cost stays in proportion to the document. Attributes of our own namespace in trees that
 * we made are unlinked while they are judged and put back where they were.
 *
 * No xsi:schemaLocation is followed and no schema is fetched: all its files are read by our own reader first.
 */
#include "xml/schema.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/graph.h"
#include "xml/load.h"
#include "xml/schema_check.h"
#include "xml/scratch.h"

/** Notes the elements that a schema file declares. */
static int note_names(void *table, struct gln_context *ctx, const struct xml_doc *doc)
{
    const struct xml_node *root = xml_root(doc);
    const struct xml_node *n = root;
    while (n != NULL) {
        const char *name = xml_is(n, "element") ? xml_attr(n, "name") : NULL;
        if (name != NULL && xmlHashLookup(table, (const xmlChar *)name) == NULL &&
            xmlHashAddEntry(table, (const xmlChar *)name, table) != 0)
            return context_no_memory(ctx);
        if (xml_first(n) != NULL) {
            n = xml_first(n);
            continue;
        }
        while (n != NULL && n != root && xml_next(n) == NULL)
            n = xml_parent(n);
        n = n == root ? NULL : xml_next(n);
    }
    return GLN_OK;
}

static void keep_first(void *data, xmlErrorPtr e)
{
    struct buf *text = data;
    if (e->level < XML_ERR_ERROR || text->len > 0)
        return;
    buf_puts(text, e->message != NULL ? e->message : "");
    while (text->len > 0 && (text->data[text->len - 1] == '\n' || text->data[text->len - 1] == ' '))
        text->data[--text->len] = '\0';
}

static int compile(struct xml_schema *s, struct gln_context *ctx, const char *path)
{
    struct buf text = BUF_INIT;
    load_lock();
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
    if (parser != NULL) {
        xmlSchemaSetParserStructuredErrors(parser, keep_first, &text);
        s->compiled = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    load_unlock();
    int rc = GLN_OK;
    if (s->compiled == NULL)
        rc = context_fail(ctx, GLN_E_CONFIG, MSG_XML_SCHEMA, path, text.data);
    buf_free(&text);
    return rc;
}

int xml_schema_load(struct xml_schema **out, struct gln_context *ctx, const char *path)
{
    struct xml_doc *doc = NULL;
    *out = NULL;
    struct xml_schema *s = calloc(1, sizeof *s);
    if (s != NULL)
        s->names = xmlHashCreate(1024);
    int rc = s != NULL && s->names != NULL ? GLN_OK : context_no_memory(ctx);
    if (rc == GLN_OK)
        rc = xml_graph_read(&doc, ctx, path, &xml_graph_xsd, note_names, s->names);
    xml_doc_free(doc);
    if (rc == GLN_OK)
        rc = compile(s, ctx, path);
    if (rc == GLN_OK)
        *out = s;
    else
        xml_schema_free(s);
    return rc;
}

void xml_schema_free(struct xml_schema *s)
{
    if (s == NULL)
        return;
    if (s->compiled != NULL)
        xmlSchemaFree(s->compiled);
    if (s->names != NULL)
        xmlHashFree(s->names, NULL);
    free(s);
}

/** Our own attributes, out of the tree for a while: each still knows its neighbours. */
struct aside {
    xmlAttrPtr *items; /* owned */
    size_t count, cap;
};

static bool unlink_attr(struct aside *a, xmlAttrPtr attr)
{
    if (a->count == a->cap) {
        size_t cap = a->cap == 0 ? 256 : a->cap * 2;
        xmlAttrPtr *items = realloc(a->items, cap * sizeof(xmlAttrPtr));
        if (items == NULL)
            return false;
        a->items = items;
        a->cap = cap;
    }
    a->items[a->count++] = attr;
    if (attr->prev != NULL)
        attr->prev->next = attr->next;
    else
        attr->parent->properties = attr->next;
    if (attr->next != NULL)
        attr->next->prev = attr->prev;
    return true;
}

static void put_back(struct aside *a)
{
    while (a->count > 0) {
        xmlAttrPtr attr = a->items[--a->count];
        if (attr->prev != NULL)
            attr->prev->next = attr;
        else
            attr->parent->properties = attr;
        if (attr->next != NULL)
            attr->next->prev = attr;
    }
    free(a->items);
    a->items = NULL;
    a->cap = 0;
}

static bool set_aside(struct aside *a, xmlNodePtr root)
{
    xmlNodePtr n = root;
    while (n != NULL) {
        for (xmlAttrPtr attr = n->properties, next; attr != NULL; attr = next) {
            next = attr->next;
            if (attr->ns != NULL && strcmp((const char *)attr->ns->href, GLN_NS) == 0 &&
                !unlink_attr(a, attr))
                return false;
        }
        struct xml_node *below = xml_first(xml_keyhole(n));
        if (below != NULL) {
            n = xml_native(below);
            continue;
        }
        while (n != root && xml_next(xml_keyhole(n)) == NULL)
            n = n->parent;
        n = n == root ? NULL : xml_native(xml_next(xml_keyhole(n)));
    }
    return true;
}

static void on_error(void *data, xmlErrorPtr e)
{
    struct schema_check *c = data;
    if (e->level >= XML_ERR_ERROR && c->rc == GLN_OK)
        schema_word(c, e);
}

void schema_run(struct schema_check *c, xmlDocPtr tree)
{
    schema_forget_complaints(c);
    c->faceted = NULL;
    xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(c->schema->compiled);
    if (validator == NULL) {
        c->rc = context_no_memory(c->ctx);
        return;
    }
    xmlSchemaSetValidStructuredErrors(validator, on_error, c);
    if (xmlSchemaValidateDoc(validator, tree) < 0 && c->rc == GLN_OK)
        c->rc = context_fail(c->ctx, GLN_E_INTERNAL, MSG_XML_VALIDATOR);
    xmlSchemaFreeValidCtxt(validator);
}

static int check(const struct xml_schema *s, struct gln_context *ctx, const struct xml_doc *doc,
                 struct findings *out, size_t most, bool all)
{
    struct schema_check c = {.ctx = ctx, .schema = s, .doc = doc, .out = out, .most = most};
    struct aside ours = {0};
    if (doc->places.text == NULL && !set_aside(&ours, xmlDocGetRootElement(doc->tree)))
        c.rc = context_no_memory(ctx);
    if (c.rc == GLN_OK)
        schema_run(&c, doc->tree);
    if (c.rc == GLN_OK && c.count > 0 && all)
        schema_mend(&c);
    else if (c.rc == GLN_OK && c.count > 0)
        schema_say_unexpected(&c, c.complaints[0].node, c.complaints[0].expected);
    put_back(&ours);
    schema_forget_complaints(&c);
    free(c.complaints);
    free(c.seen);
    return c.rc;
}

int xml_schema_check(const struct xml_schema *s, struct gln_context *ctx, const struct xml_doc *doc,
                     struct findings *out)
{
    int rc = check(s, ctx, doc, out, (size_t)option_int(ctx->options, OPT_MAX_FINDINGS), true);
    findings_sort(out);
    return rc;
}

int xml_schema_valid(const struct xml_schema *s, struct gln_context *ctx, const struct xml_doc *doc,
                     bool *valid, struct buf *err)
{
    struct findings found = {0};
    int rc = check(s, ctx, doc, &found, 1, false);
    *valid = rc == GLN_OK && found.errors == 0;
    if (err != NULL && found.count > 0) {
        if (found.items[0].xpath != NULL)
            buf_printf(err, "%s: ", found.items[0].xpath);
        buf_puts(err, found.items[0].text[LANG_EN]);
    }
    findings_free(&found);
    return rc;
}
