/*
 * Mending (xml/schema.h). libxml2 stops looking at an element's children at the first one that does not fit. So a copy of the
 * document is mended there and validated again, at all such places at once:
 *
 *   - a name that no schema file declares is taken out, with all its namesakes there;
 *   - otherwise an element that was expected may be missing: it is put in, empty, before the one that did not fit. If that fits
 *     then, the finding is "missing"; if not, up to four more are tried the same way, for several may be missing in a row;
 *   - else the element itself is what does not belong there, and it is taken out.
 *
 * What was put in is marked by having no original, and errors in it are not the sender's. Each round costs one validation; after
 * the last round the rest is reported as it stands, and that there may be more.
 */
#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/schema_check.h"

enum { ROUNDS = 40, GUESSES = 5 };

/** An element before which something was put in, in the round before. */
struct guess {
    xmlNodePtr node;
    xmlNodePtr added[GUESSES];
    int count;
    char *expected; /* owned: the list when it first did not fit */
};

struct mending {
    struct schema_check *check;
    struct guess *guesses; /* owned; in document order */
    size_t count, cap;
};

/** Ties each element of the copy to its original. */
static void tie(xmlNodePtr copy, xmlNodePtr original)
{
    xmlNodePtr top = copy;
    while (copy != NULL) {
        copy->_private = original;
        if (copy->type == XML_ELEMENT_NODE && copy->children != NULL) {
            copy = copy->children;
            original = original->children;
            continue;
        }
        while (copy != top && copy->next == NULL) {
            copy = copy->parent;
            original = original->parent;
        }
        copy = copy == top ? NULL : copy->next;
        original = original->next;
    }
}

static xmlNodePtr sibling(xmlNodePtr n)
{
    do
        n = n->next;
    while (n != NULL && n->type != XML_ELEMENT_NODE);
    return n;
}

static void take_out(xmlNodePtr n)
{
    xmlUnlinkNode(n);
    xmlFreeNode(n);
}

/** Says that `node` and its namesakes may not stand there, and takes them out: those that follow directly, or all. */
static void drop(struct schema_check *c, xmlNodePtr node, const char *expected, bool all)
{
    xmlNodePtr next;
    xmlChar *name = xmlStrdup(node->name);
    if (name == NULL) {
        c->rc = context_no_memory(c->ctx);
        return;
    }
    schema_note_dropped(c, node->parent, name);
    for (xmlNodePtr n = node; n != NULL; n = next) {
        next = sibling(n);
        bool same = xmlStrEqual(n->name, name);
        if (!same && !all)
            break;
        if (!same)
            continue;
        schema_say_unexpected(c, n, expected);
        take_out(n);
    }
    xmlFree(name);
}

static bool named(const xmlNode *n, const struct buf *name, const struct buf *ns)
{
    return strcmp((const char *)n->name, name->data) == 0 &&
           strcmp(xml_ns(xml_keyhole(n)), ns->len > 0 ? ns->data : "") == 0;
}

/** The last of the list: in a row of optional elements the one that had to come. False if it is no name. */
static bool last_name(const char *list, struct buf *name, struct buf *ns)
{
    struct buf n = BUF_INIT, s = BUF_INIT;
    buf_clear(name);
    while (schema_next_name(&list, &n, &s)) {
        buf_clear(name);
        buf_clear(ns);
        buf_put(name, n.data, n.len);
        buf_put(ns, s.data, s.len);
    }
    buf_free(&n);
    buf_free(&s);
    return name->len > 0 && strcmp(name->data, "*") != 0;
}

/** Is one of the expected among those that follow? Then `node` is out of order. */
static bool comes_later(xmlNodePtr node, const char *list)
{
    struct buf name = BUF_INIT, ns = BUF_INIT;
    bool found = false;
    while (!found && schema_next_name(&list, &name, &ns))
        for (xmlNodePtr n = sibling(node); n != NULL && !found; n = sibling(n))
            found = named(n, &name, &ns);
    buf_free(&name);
    buf_free(&ns);
    return found;
}

static xmlNodePtr put_in(xmlNodePtr before, const struct buf *name, const struct buf *ns)
{
    xmlNodePtr n = xmlNewDocNode(before->doc, NULL, (const xmlChar *)name->data, NULL);
    if (n == NULL)
        return NULL;
    xmlAddPrevSibling(before, n);
    if (ns->len > 0) {
        n->ns = xmlSearchNsByHref(n->doc, n, (const xmlChar *)ns->data);
        if (n->ns == NULL)
            n->ns = xmlNewNs(n, (const xmlChar *)ns->data, NULL);
    }
    return n;
}

/** Puts the last of `expected` before g->node. False: nothing to try. */
static bool guess_one(struct guess *g, const char *expected)
{
    struct buf name = BUF_INIT, ns = BUF_INIT;
    bool again = false;
    bool good = expected != NULL && g->count < GUESSES && last_name(expected, &name, &ns);
    for (int i = 0; good && i < g->count; i++)
        again = again || named(g->added[i], &name, &ns);
    if (good && !again) {
        g->added[g->count] = put_in(g->node, &name, &ns);
        good = g->added[g->count] != NULL;
        g->count += good;
    }
    buf_free(&name);
    buf_free(&ns);
    return good && !again;
}

static bool keep_guess(struct mending *m, const struct guess *g)
{
    if (m->count == m->cap) {
        size_t cap = m->cap == 0 ? 16 : m->cap * 2;
        struct guess *more = realloc(m->guesses, cap * sizeof *more);
        if (more == NULL) {
            m->check->rc = context_no_memory(m->check->ctx);
            return false;
        }
        m->guesses = more;
        m->cap = cap;
    }
    m->guesses[m->count++] = *g;
    return true;
}

/** The guess held: all that was put in was missing. */
static void confirmed(struct schema_check *c, struct guess *g)
{
    for (int i = 0; i < g->count; i++)
        schema_say_missing(c, g->node, (const char *)g->added[i]->name);
    free(g->expected);
}

/** The guess did not hold: what was put in goes, and so does the element. */
static void refuted(struct schema_check *c, struct guess *g)
{
    for (int i = 0; i < g->count; i++)
        take_out(g->added[i]);
    drop(c, g->node, g->expected, false);
    free(g->expected);
}

/** An element that did not fit for the first time. */
static void first_aid(struct mending *m, const struct complaint *complaint)
{
    struct schema_check *c = m->check;
    xmlNodePtr node = complaint->node;
    struct guess g = {.node = node};
    if (schema_original(c, node) == NULL) { /* put in by us, and not welcome either */
        take_out(node);
        return;
    }
    if (xmlHashLookup(c->schema->names, node->name) == NULL) {
        drop(c, node, complaint->expected, true);
        return;
    }
    if (complaint->expected == NULL || comes_later(node, complaint->expected) ||
        !guess_one(&g, complaint->expected)) {
        drop(c, node, complaint->expected, false);
        return;
    }
    g.expected = str_dup(complaint->expected);
    if (!keep_guess(m, &g))
        free(g.expected);
}

static bool has_guess(const struct complaint *complaint)
{
    const xmlNode *before = complaint->node->prev;
    return before != NULL && before->type == XML_ELEMENT_NODE && before->_private == NULL;
}

/** One round: judges the guesses of the last by the complaints of this validation, and mends at each complaint. */
static void mend_once(struct mending *m)
{
    struct schema_check *c = m->check;
    struct guess *old = m->guesses;
    size_t old_count = m->count, next = 0;
    m->guesses = NULL;
    m->count = m->cap = 0;
    for (size_t i = 0; i < c->count && c->rc == GLN_OK; i++) {
        const struct complaint *complaint = &c->complaints[i];
        if (!has_guess(complaint)) {
            first_aid(m, complaint);
            continue;
        }
        while (next < old_count && old[next].node != complaint->node)
            confirmed(c, &old[next++]);
        if (next == old_count) {
            first_aid(m, complaint);
            continue;
        }
        struct guess *g = &old[next++];
        if (!guess_one(g, complaint->expected))
            refuted(c, g);
        else if (!keep_guess(m, g))
            free(g->expected);
    }
    while (next < old_count)
        confirmed(c, &old[next++]);
    free(old);
}

/** What is left when the rounds are used up. */
static void give_up(struct mending *m)
{
    struct schema_check *c = m->check;
    for (size_t i = 0; i < c->count && c->rc == GLN_OK; i++)
        schema_say_unexpected(c, c->complaints[i].node, c->complaints[i].expected);
    for (size_t i = 0; i < m->count; i++)
        free(m->guesses[i].expected);
    m->count = 0;
    if (c->rc == GLN_OK)
        schema_say_more(c);
}

void schema_mend(struct schema_check *c)
{
    struct mending m = {.check = c};
    xmlDocPtr copy = xmlCopyDoc(c->doc->tree, 1);
    if (copy == NULL) {
        c->rc = context_no_memory(c->ctx);
        return;
    }
    copy->_private = NULL;
    tie(xmlDocGetRootElement(copy), xmlDocGetRootElement(c->doc->tree));
    c->on_copy = true;
    schema_run(c, copy);
    int round = 0;
    for (; (c->count > 0 || m.count > 0) && c->rc == GLN_OK && !c->out->cut && round < ROUNDS; round++) {
        mend_once(&m);
        if (c->rc == GLN_OK)
            schema_run(c, copy);
    }
    if (c->rc == GLN_OK && (c->count > 0 || c->out->cut))
        give_up(&m);
    for (size_t i = 0; i < m.count; i++)
        free(m.guesses[i].expected);
    free(m.guesses);
    xmlFreeDoc(copy);
}
