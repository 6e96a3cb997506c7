/*
 * Writing (xml/tree.h): UTF-8, no indentation, what canonical XML would also escape; and the places secrets will take.
 *
 * Attributes and declarations of our own namespace stay behind. An element that carries gln:secret is written as a mask of one
 * length, whatever it holds, and its place is noted: the secret itself never enters the bytes here.
 * A subtree gets the namespaces that are in scope where it stands.
 */
#include "xml/tree.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/native.h"

#define MASK "********"

int secret_slots_add(struct secret_slots *s, size_t offset, size_t length, const char *name, bool fixed)
{
    if (s->count == s->cap) {
        size_t cap = s->cap == 0 ? 4 : s->cap * 2;
        struct secret_slot *items = realloc(s->items, cap * sizeof *items);
        if (items == NULL)
            return GLN_E_MEMORY;
        s->items = items;
        s->cap = cap;
    }
    struct secret_slot *slot = &s->items[s->count++];
    *slot = (struct secret_slot){.offset = offset, .length = length, .fixed = fixed};
    str_copy(slot->name, sizeof slot->name, name);
    return GLN_OK;
}

void secret_slots_free(struct secret_slots *s)
{
    free(s->items);
    memset(s, 0, sizeof *s);
}

static bool ours(const xmlNs *ns)
{
    return ns != NULL && ns->href != NULL && strcmp((const char *)ns->href, GLN_NS) == 0;
}

static const char *escape_of(char c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return attribute ? NULL : "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    case '\n':
        return attribute ? "&#10;" : NULL;
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

static void put_escaped(struct buf *out, const xmlChar *text, bool attribute)
{
    const char *set = attribute ? "&<\"\t\n\r" : "&<>\r";
    const char *s = (const char *)text;
    while (s != NULL && *s != '\0') {
        size_t plain = strcspn(s, set);
        buf_put(out, s, plain);
        s += plain;
        if (*s != '\0')
            buf_puts(out, escape_of(*s++, attribute));
    }
}

static void put_name(struct buf *out, const xmlNs *ns, const xmlChar *name)
{
    if (ns != NULL && ns->prefix != NULL) {
        buf_puts(out, (const char *)ns->prefix);
        buf_putc(out, ':');
    }
    buf_puts(out, (const char *)name);
}

static void put_declaration(struct buf *out, const xmlNs *ns)
{
    if (ours(ns))
        return;
    buf_puts(out, ns->prefix != NULL ? " xmlns:" : " xmlns");
    buf_puts(out, (const char *)ns->prefix);
    buf_puts(out, "=\"");
    put_escaped(out, ns->href, true);
    buf_putc(out, '"');
}

static bool declared_between(const xmlNode *from, const xmlNode *until, const xmlChar *prefix)
{
    for (const xmlNode *n = from; n != until; n = n->parent)
        for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
            if (xmlStrEqual(ns->prefix, prefix))
                return true;
    return false;
}

/** What the ancestors of the top element declare and nothing nearer hides. */
static void put_inherited(struct buf *out, const xmlNode *top)
{
    for (const xmlNode *n = top->parent; n != NULL && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
            if (!declared_between(top, n, ns->prefix))
                put_declaration(out, ns);
}

static const char *put_start(struct buf *out, const xmlNode *n, bool top)
{
    const char *secret = NULL;
    buf_putc(out, '<');
    put_name(out, n->ns, n->name);
    for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
        put_declaration(out, ns);
    if (top)
        put_inherited(out, n);
    for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
        if (ours(a->ns)) {
            if (strcmp((const char *)a->name, "secret") == 0 && a->children != NULL)
                secret = (const char *)a->children->content;
            continue;
        }
        buf_putc(out, ' ');
        put_name(out, a->ns, a->name);
        buf_puts(out, "=\"");
        for (const xmlNode *t = a->children; t != NULL; t = t->next)
            put_escaped(out, t->content, true);
        buf_putc(out, '"');
    }
    return secret;
}

static void put_end(struct buf *out, const xmlNode *n)
{
    buf_puts(out, "</");
    put_name(out, n->ns, n->name);
    buf_putc(out, '>');
}

/** Writes an element's start, or the whole of one without children. True: its children come next. */
static bool put_element(struct buf *out, struct secret_slots *slots, int *rc, const xmlNode *n, bool top)
{
    const char *secret = put_start(out, n, top);
    if (secret != NULL) {
        buf_putc(out, '>');
        if (slots != NULL && *rc == GLN_OK)
            *rc = secret_slots_add(slots, out->len, strlen(MASK), secret, false);
        buf_puts(out, MASK);
        put_end(out, n);
        return false;
    }
    if (n->children == NULL) {
        buf_puts(out, "/>");
        return false;
    }
    buf_putc(out, '>');
    return true;
}

static void put_other(struct buf *out, const xmlNode *n)
{
    if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
        put_escaped(out, n->content, false);
    } else if (n->type == XML_COMMENT_NODE) {
        buf_puts(out, "<!--");
        buf_puts(out, (const char *)n->content);
        buf_puts(out, "-->");
    } else if (n->type == XML_PI_NODE) {
        buf_puts(out, "<?");
        buf_puts(out, (const char *)n->name);
        if (n->content != NULL) {
            buf_putc(out, ' ');
            buf_puts(out, (const char *)n->content);
        }
        buf_puts(out, "?>");
    }
}

int xml_write(struct buf *out, struct secret_slots *slots, struct gln_context *ctx, const struct xml_node *n,
              bool fragment)
{
    const xmlNode *top = xml_native(n);
    const xmlNode *at = top;
    int rc = GLN_OK;
    if (!fragment)
        buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    while (at != NULL) {
        bool down = false;
        if (at->type == XML_ELEMENT_NODE)
            down = put_element(out, slots, &rc, at, at == top);
        else
            put_other(out, at);
        if (down) {
            at = at->children;
            continue;
        }
        while (at != top && at->next == NULL) {
            at = at->parent;
            put_end(out, at);
        }
        at = at == top ? NULL : at->next;
    }
    return out->failed || rc != GLN_OK ? context_no_memory(ctx) : GLN_OK;
}
