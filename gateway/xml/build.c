/*
 * Building trees (xml/tree.h): documents of our own, grafts, and what hangs on changing a tree that was read.
 *
 * A namespace is declared where it is first needed, without a prefix; gln: attributes get theirs. What enters as text must be
 * UTF-8 of characters that XML allows, for whatever is built here is written and sent. Removing an element also removes it
 * from the place table, so that a gln:src number never leads to freed memory.
 */
#include "xml/tree.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/native.h"
#include "xml/scratch.h"

int xml_doc_adopt(struct xml_doc **out, struct gln_context *ctx, xmlDocPtr tree)
{
    struct xml_doc *doc = tree != NULL ? calloc(1, sizeof *doc) : NULL;
    if (doc == NULL) {
        if (tree != NULL)
            xmlFreeDoc(tree);
        return context_no_memory(ctx);
    }
    doc->tree = tree;
    tree->_private = doc;
    *out = doc;
    return GLN_OK;
}

static bool xml_character(uint32_t c)
{
    return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
}

static bool fit(const char *text)
{
    while ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x80)
        text++;
    size_t len = strlen(text);
    const char *end = text + len;
    if (!utf8_valid(text, len, NULL))
        return false;
    while (text < end)
        if (!xml_character(utf8_next(&text, end)))
            return false;
    return true;
}

static const xmlChar *u(const char *s)
{
    return (const xmlChar *)s;
}

/** Gives `n` the namespace `uri`, declaring it on `n` if it is not in scope. False: no memory. */
static bool put_ns(xmlNodePtr n, const char *uri, const char *prefix)
{
    xmlNodePtr parent = n->parent;
    if (parent != NULL && parent->type != XML_ELEMENT_NODE)
        parent = NULL;
    if (uri == NULL) {
        n->ns = parent != NULL ? parent->ns : NULL;
        return true;
    }
    if (*uri == '\0') {
        n->ns = NULL;
        return true;
    }
    if (parent != NULL && parent->ns != NULL && xmlStrEqual(parent->ns->href, u(uri))) {
        n->ns = parent->ns;
        return true;
    }
    n->ns = xmlSearchNsByHref(n->doc, n, u(uri));
    if (n->ns == NULL)
        n->ns = xmlNewNs(n, u(uri), prefix != NULL ? u(prefix) : NULL);
    return n->ns != NULL;
}

int xml_doc_new(struct xml_doc **out, struct gln_context *ctx, const char *ns, const char *root_name)
{
    *out = NULL;
    if (xml_scratch(ctx) == NULL)
        return context_no_memory(ctx);
    xmlDocPtr tree = xmlNewDoc(u("1.0"));
    xmlNodePtr root = tree != NULL ? xmlNewDocNode(tree, NULL, u(root_name), NULL) : NULL;
    if (root != NULL)
        xmlDocSetRootElement(tree, root);
    if (root == NULL || !put_ns(root, ns, NULL)) {
        if (tree != NULL)
            xmlFreeDoc(tree);
        return context_no_memory(ctx);
    }
    return xml_doc_adopt(out, ctx, tree);
}

int xml_add(struct xml_node **out, struct gln_context *ctx, struct xml_node *parent, const char *ns,
            const char *name)
{
    xmlNodePtr above = xml_native(parent);
    xmlNodePtr n = xmlNewDocNode(above->doc, NULL, u(name), NULL);
    if (out != NULL)
        *out = NULL;
    if (n == NULL)
        return context_no_memory(ctx);
    xmlAddChild(above, n);
    if (!put_ns(n, ns, NULL)) {
        xmlUnlinkNode(n);
        xmlFreeNode(n);
        return context_no_memory(ctx);
    }
    if (out != NULL)
        *out = xml_keyhole(n);
    return GLN_OK;
}

int xml_add_before(struct xml_node **out, struct gln_context *ctx, struct xml_node *before, const char *ns,
                   const char *name)
{
    struct xml_node *n = NULL;
    int status = xml_add(&n, ctx, xml_parent(before), ns, name);

    if (status == GLN_OK)
        xmlAddPrevSibling(xml_native(before), xml_native(n));
    if (out != NULL)
        *out = n;
    return status;
}

/** Takes what lies below `n` (and `n` itself) out of the place table. */
static void forget(struct xml_doc *doc, xmlNodePtr top, bool itself)
{
    if (doc == NULL || doc->places.count == 0)
        return;
    for (xmlNodePtr n = top; n != NULL;) {
        size_t number = xml_place_number(n);
        if (number != 0 && (itself || n != top) && number <= doc->places.count)
            doc->places.rows[number - 1].node = NULL;
        if (n->type == XML_ELEMENT_NODE && n->children != NULL) {
            n = n->children;
            continue;
        }
        while (n != top && n->next == NULL)
            n = n->parent;
        n = n == top ? NULL : n->next;
    }
}

int xml_set_text(struct gln_context *ctx, struct xml_node *n, const char *text)
{
    xmlNodePtr element = xml_native(n);
    if (!fit(text))
        return context_fail(ctx, GLN_E_INPUT, MSG_XML_TEXT, xml_name(n));
    forget(xml_doc_behind(element), element, false);
    if (element->children != NULL)
        xmlFreeNodeList(element->children);
    element->children = element->last = NULL;
    if (*text == '\0')
        return GLN_OK;
    xmlNodePtr content = xmlNewDocText(element->doc, u(text));
    if (content == NULL)
        return context_no_memory(ctx);
    xmlAddChild(element, content);
    return GLN_OK;
}

int xml_add_text(struct gln_context *ctx, struct xml_node *parent, const char *ns, const char *name,
                 const char *text)
{
    struct xml_node *n;
    int rc = xml_add(&n, ctx, parent, ns, name);
    return rc == GLN_OK ? xml_set_text(ctx, n, text) : rc;
}

int xml_set_attr(struct gln_context *ctx, struct xml_node *n, const char *name, const char *value)
{
    xmlNodePtr element = xml_native(n);
    xmlNsPtr ns = NULL;
    if (!fit(value))
        return context_fail(ctx, GLN_E_INPUT, MSG_XML_TEXT, xml_name(n));
    if (str_starts(name, "gln:")) {
        name += 4;
        ns = xmlSearchNsByHref(element->doc, element, u(GLN_NS));
        if (ns == NULL || ns->prefix == NULL)
            ns = xmlNewNs(element, u(GLN_NS), u("gln"));
        if (ns == NULL)
            return context_no_memory(ctx);
    }
    return xmlSetNsProp(element, ns, u(name), u(value)) != NULL ? GLN_OK : context_no_memory(ctx);
}

int xml_set_place(struct gln_context *ctx, struct xml_node *n, struct place place)
{
    xmlNodePtr element = xml_native(n);
    struct xml_doc *doc = xml_doc_behind(element);
    size_t number;
    if (doc == NULL || !places_give(&doc->places, place, element, &number))
        return context_no_memory(ctx);
    element->_private = (void *)(uintptr_t)(number + 1);
    return GLN_OK;
}

int xml_graft(struct gln_context *ctx, struct xml_node *parent, const struct xml_node *n)
{
    struct xml_node *copy;
    return xml_graft_before(&copy, ctx, parent, NULL, n);
}

int xml_graft_before(struct xml_node **out, struct gln_context *ctx, struct xml_node *parent,
                     struct xml_node *before, const struct xml_node *n)
{
    xmlNodePtr above = xml_native(parent);
    xmlNodePtr copy = xmlDocCopyNode(xml_native(n), above->doc, 1);
    *out = NULL;
    if (copy == NULL)
        return context_no_memory(ctx);
    if (before != NULL)
        xmlAddPrevSibling(xml_native(before), copy);
    else
        xmlAddChild(above, copy);
    *out = xml_keyhole(copy);
    return GLN_OK;
}

void xml_remove(struct xml_node *n)
{
    if (n == NULL)
        return;
    xmlNodePtr element = xml_native(n);
    forget(xml_doc_behind(element), element, true);
    xmlUnlinkNode(element);
    xmlFreeNode(element);
}

int xml_doc_of(struct xml_doc **out, struct gln_context *ctx, const struct xml_node *n)
{
    *out = NULL;
    xmlDocPtr tree = xmlNewDoc(u("1.0"));
    xmlNodePtr copy = tree != NULL ? xmlDocCopyNode(xml_native(n), tree, 1) : NULL;
    if (copy == NULL) {
        if (tree != NULL)
            xmlFreeDoc(tree);
        return context_no_memory(ctx);
    }
    xmlDocSetRootElement(tree, copy);
    return xml_doc_adopt(out, ctx, tree);
}
