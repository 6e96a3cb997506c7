/*
 * The keyhole (xml/tree.h): walking a tree and asking for names, text, attributes, places and paths.
 *
 * An xml_node is libxml2's element node, so nothing is allocated here. Text that a transform's result holds in several pieces
 * is joined in the tree the first time it is asked for; its string value does not change by that. The places of a result
 * are found by the gln:src attributes it carries.
 */
#include "xml/tree.h"

#include <stdlib.h>
#include <string.h>

#include "xml/native.h"

void xml_doc_free(struct xml_doc *doc)
{
    if (doc == NULL)
        return;
    if (doc->tree != NULL)
        xmlFreeDoc(doc->tree);
    places_free(&doc->places);
    free(doc);
}

struct xml_doc *xml_doc_behind(const xmlNode *n)
{
    return n->doc != NULL ? n->doc->_private : NULL;
}

xmlDocPtr xml_doc_release(struct xml_doc *doc)
{
    xmlDocPtr tree = doc->tree;
    doc->tree = NULL;
    if (tree != NULL)
        tree->_private = NULL;
    xml_doc_free(doc);
    return tree;
}

size_t xml_doc_node_count(const struct xml_doc *doc)
{
    if (doc->nodes != 0)
        return doc->nodes;
    size_t count = 0;
    xmlNodePtr root = xmlDocGetRootElement(doc->tree);
    for (xmlNodePtr n = root; n != NULL;) {
        if (n->type == XML_ELEMENT_NODE) {
            count++;
            for (xmlAttrPtr a = n->properties; a != NULL; a = a->next)
                count++;
        }
        if (n->type == XML_ELEMENT_NODE && n->children != NULL) {
            n = n->children;
            continue;
        }
        while (n != root && n->next == NULL)
            n = n->parent;
        n = n == root ? NULL : n->next;
    }
    return count;
}

static struct xml_node *element_from(xmlNodePtr n)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return xml_keyhole(n);
}

struct xml_node *xml_root(const struct xml_doc *doc)
{
    return doc != NULL ? xml_keyhole(xmlDocGetRootElement(doc->tree)) : NULL;
}

struct xml_node *xml_first(const struct xml_node *n)
{
    return n != NULL ? element_from(xml_native(n)->children) : NULL;
}

struct xml_node *xml_next(const struct xml_node *n)
{
    return n != NULL ? element_from(xml_native(n)->next) : NULL;
}

struct xml_node *xml_parent(const struct xml_node *n)
{
    xmlNodePtr parent = n != NULL ? xml_native(n)->parent : NULL;
    return parent != NULL && parent->type == XML_ELEMENT_NODE ? xml_keyhole(parent) : NULL;
}

const char *xml_name(const struct xml_node *n)
{
    return (const char *)xml_native(n)->name;
}

const char *xml_ns(const struct xml_node *n)
{
    xmlNsPtr ns = xml_native(n)->ns;
    return ns != NULL && ns->href != NULL ? (const char *)ns->href : "";
}

bool xml_is(const struct xml_node *n, const char *name)
{
    return n != NULL && strcmp(xml_name(n), name) == 0;
}

/** Text of a list of nodes that is one text, or several to be joined; comments and instructions between them are passed over. */
static const char *text_of(xmlNodePtr first)
{
    xmlNodePtr text = NULL;
    for (xmlNodePtr n = first, next; n != NULL; n = next) {
        next = n->next;
        if (n->type != XML_TEXT_NODE && n->type != XML_CDATA_SECTION_NODE)
            continue;
        if (text == NULL) {
            text = n;
            continue;
        }
        xmlNodeAddContent(text, n->content);
        xmlUnlinkNode(n);
        xmlFreeNode(n);
    }
    return text != NULL && text->content != NULL ? (const char *)text->content : "";
}

const char *xml_text(const struct xml_node *n)
{
    return n != NULL ? text_of(xml_native(n)->children) : "";
}

const char *xml_attr_ns(const struct xml_node *n, const char *ns, const char *name)
{
    if (n == NULL)
        return NULL;
    for (xmlAttrPtr a = xml_native(n)->properties; a != NULL; a = a->next) {
        const char *href = a->ns != NULL ? (const char *)a->ns->href : "";
        if (strcmp((const char *)a->name, name) == 0 && strcmp(href, ns) == 0)
            return text_of(a->children);
    }
    return NULL;
}

const char *xml_attr(const struct xml_node *n, const char *name)
{
    return xml_attr_ns(n, "", name);
}

static struct xml_node *child_named(const struct xml_node *n, const char *name, size_t len)
{
    for (struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        if (strncmp(xml_name(c), name, len) == 0 && xml_name(c)[len] == '\0')
            return c;
    return NULL;
}

struct xml_node *xml_child(const struct xml_node *n, const char *name)
{
    return child_named(n, name, strlen(name));
}

struct xml_node *xml_find(const struct xml_node *n, const char *path)
{
    struct xml_node *at = xml_keyhole(xml_native(n));
    while (at != NULL && *path != '\0') {
        size_t len = strcspn(path, "/");
        at = child_named(at, path, len);
        path += len;
        path += *path == '/';
    }
    return at;
}

const char *xml_find_text(const struct xml_node *n, const char *path)
{
    struct xml_node *found = xml_find(n, path);
    return found != NULL ? xml_text(found) : NULL;
}

static bool parse_number(size_t *out, const char *text)
{
    size_t value = 0;
    if (text == NULL || *text == '\0')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (value > SIZE_MAX / 16)
            return false;
        value = value * 10 + (size_t)(*text - '0');
    }
    *out = value;
    return *text == '\0';
}

size_t xml_place_number(const xmlNode *n)
{
    return n->type == XML_ELEMENT_NODE ? (size_t)(uintptr_t)n->_private : 0;
}

struct place xml_place(const struct xml_doc *doc, const struct xml_node *n)
{
    for (; n != NULL; n = xml_parent(n)) {
        size_t number = xml_place_number(xml_native(n));
        if (number != 0)
            return places_row(&doc->places, number - 1);
    }
    return PLACE_NONE;
}

/* gln:src numbers are those of the place table, from 1: 0 never stands for a place. */
struct place xml_place_by_src(const struct xml_doc *doc, const char *src)
{
    size_t number;
    if (doc == NULL || !parse_number(&number, src) || number == 0)
        return PLACE_NONE;
    return places_row(&doc->places, number - 1);
}

struct xml_node *xml_node_by_src(const struct xml_doc *doc, const char *src)
{
    size_t number;
    if (doc == NULL || !parse_number(&number, src) || number == 0 || number > doc->places.count)
        return NULL;
    return doc->places.rows[number - 1].node;
}

struct xml_node *xml_node_at(const struct xml_doc *doc, struct place place)
{
    const struct places *p = &doc->places;
    size_t low = 0, high = p->count;
    if (!place.known)
        return NULL;
    for (size_t i = 0; p->given != NULL && i < p->count; i++)
        if (p->given[i].offset == place.offset)
            return p->rows[i].node;
    if (p->given != NULL)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct place here = places_row(p, middle);
        if (here.offset == place.offset)
            return p->rows[middle].node;
        if (here.offset < place.offset)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool same_name(const xmlNode *a, const xmlNode *b)
{
    return b->type == XML_ELEMENT_NODE && xmlStrEqual(a->name, b->name) &&
           strcmp(xml_ns(xml_keyhole(a)), xml_ns(xml_keyhole(b))) == 0;
}

static void put_step(struct buf *out, const xmlNode *n)
{
    size_t before = 0;
    bool others = false;
    for (const xmlNode *s = n->prev; s != NULL; s = s->prev)
        before += same_name(n, s);
    for (const xmlNode *s = n->next; s != NULL && before == 0 && !others; s = s->next)
        others = same_name(n, s);
    buf_putc(out, '/');
    buf_puts(out, (const char *)n->name);
    if (before > 0 || others)
        buf_printf(out, "[%zu]", before + 1);
}

void xml_path(struct buf *out, const struct xml_node *n)
{
    /* Deeper than the reader allows cannot come in; what is deeper still keeps its innermost steps. */
    enum { DEEPEST = 4096 };
    size_t depth = 0;
    for (const struct xml_node *s = n; s != NULL && depth < DEEPEST; s = xml_parent(s))
        depth++;
    for (size_t i = depth; i > 0; i--) {
        const struct xml_node *step = n;
        for (size_t up = 1; up < i; up++)
            step = xml_parent(step);
        put_step(out, xml_native(step));
    }
}
