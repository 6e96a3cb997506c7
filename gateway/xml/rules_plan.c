/*
 * The plan of compiled rules (xml/run.h): for each element name what must hold there, as expressions for the second evaluator
 * (xml/lean.h). The rule compiler writes it into the compiled stylesheet, from the same rules as the stylesheet's own templates:
 *
 *   <g:plan><g:let name="" value=""/>...  variables of all rules
 *     <g:on name="dec:Declaration">
 *       <g:choose><g:rule if="" sound=""><g:let name="" value=""/>...</g:rule>...</g:choose>...
 *
 * Of each choose the first rule whose `if` is true counts; `sound` must be true then. An element is handed to the stylesheet where it is
 * not, and wherever the evaluator gives up or did not understand a rule: a finding is never lost by the plan, only time.
 * Read-only once read, shared by threads.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/hash.h>

#include "util/str.h"
#include "xml/lean.h"

#define PLAN_NS "urn:greenlane:rules:1"

enum { LETS_MOST = 16, GLOBALS_MOST = 64, MEMORY_MOST = 16 << 20 };

struct plan_rule {
    struct plan_rule *next;
    struct lean_expr *when, *sound;
    struct lean_expr *lets[LETS_MOST];
    size_t let_count;
};
struct plan_choose {
    struct plan_choose *next;
    struct plan_rule *rules;
};
struct plan_element {
    const char *ns;
    struct plan_element *next; /* of the same name in another namespace */
    struct plan_choose *chooses;
    bool unclear; /* something in it was not understood */
};

struct rules_plan {
    struct arena arena;    /* all below */
    xmlHashTablePtr names; /* local name -> struct plan_element; owned */
    const char *global_names[GLOBALS_MOST];
    struct lean_expr *globals[GLOBALS_MOST];
    size_t global_count;
};

bool elements_add(struct elements *list, const xmlNode *n)
{
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 64 : list->cap * 2;
        xmlNodePtr *items = realloc(list->items, cap * sizeof(xmlNodePtr));
        if (items == NULL)
            return false;
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = (xmlNodePtr)(uintptr_t)n;
    return true;
}

void rules_plan_free(struct rules_plan *p)
{
    if (p == NULL)
        return;
    if (p->names != NULL)
        xmlHashFree(p->names, NULL);
    arena_free(&p->arena);
    free(p);
}

/* --- reading --- */

/** False: not understood. */
static bool read_rule(struct rules_plan *p, struct plan_rule *rule, const struct xml_node *n)
{
    const char *names[GLOBALS_MOST + LETS_MOST];
    struct lean_names known = {.names = names, .count = p->global_count};
    memcpy(names, p->global_names, sizeof p->global_names);
    const char *when = xml_attr(n, "if"), *sound = xml_attr(n, "sound");
    rule->when = when != NULL ? lean_compile(&p->arena, when, &known) : NULL;
    for (const struct xml_node *let = xml_first(n); let != NULL; let = xml_next(let)) {
        if (rule->let_count == LETS_MOST)
            return false;
        struct lean_expr *e = lean_compile(&p->arena, xml_attr(let, "value"), &known);
        if (e == NULL)
            return false;
        rule->lets[rule->let_count++] = e;
        names[known.count++] = xml_attr(let, "name");
    }
    rule->sound = sound != NULL ? lean_compile(&p->arena, sound, &known) : NULL;
    return rule->when != NULL && rule->sound != NULL;
}

static bool read_choose(struct rules_plan *p, struct plan_choose *choose, const struct xml_node *n)
{
    struct plan_rule **last = &choose->rules;
    for (n = xml_first(n); n != NULL; n = xml_next(n)) {
        struct plan_rule *rule = arena_take(&p->arena, sizeof *rule);
        if (rule == NULL || !read_rule(p, rule, n))
            return false;
        *last = rule;
        last = &rule->next;
    }
    return true;
}

static struct plan_element *of_namespace(struct plan_element *e, const char *ns)
{
    while (e != NULL && strcmp(e->ns, ns) != 0)
        e = e->next;
    return e;
}

static int read_element(struct rules_plan *p, struct gln_context *ctx, const struct xml_node *n)
{
    struct plan_element *e = arena_take(&p->arena, sizeof *e);
    const char *name = xml_attr(n, "name");
    const char *colon = name != NULL ? strchr(name, ':') : NULL;
    const char *ns = colon != NULL ? lean_namespace(name, (size_t)(colon - name)) : NULL;
    if (e == NULL)
        return context_no_memory(ctx);
    if (ns != NULL)
        e->next = xmlHashLookup(p->names, (const xmlChar *)colon + 1);
    if (ns == NULL || of_namespace(e->next, ns) != NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_XML_RULES, name != NULL ? name : "", "");
    e->ns = ns;
    struct plan_choose **last = &e->chooses;
    for (const struct xml_node *c = xml_first(n); c != NULL && !e->unclear; c = xml_next(c)) {
        struct plan_choose *choose = arena_take(&p->arena, sizeof *choose);
        e->unclear = choose == NULL || !read_choose(p, choose, c);
        *last = choose;
        last = choose != NULL ? &choose->next : last;
    }
    return xmlHashUpdateEntry(p->names, (const xmlChar *)colon + 1, e, NULL) == 0 ? GLN_OK
                                                                                  : context_no_memory(ctx);
}

/** A global that is not understood stays without an expression: who asks for it gives up. */
static void read_global(struct rules_plan *p, const struct xml_node *n)
{
    const struct lean_names known = {.names = p->global_names, .count = p->global_count};
    const char *name = xml_attr(n, "name"), *value = xml_attr(n, "value");
    if (p->global_count == GLOBALS_MOST || name == NULL || value == NULL)
        return;
    p->globals[p->global_count] = lean_compile(&p->arena, value, &known);
    p->global_names[p->global_count++] = arena_text(&p->arena, name, strlen(name));
}

int rules_plan_read(struct rules_plan **out, struct gln_context *ctx, const struct xml_doc *compiled)
{
    struct rules_plan *p = calloc(1, sizeof *p);
    const struct xml_node *n = xml_child(xml_root(compiled), "plan");
    int rc = GLN_OK;
    *out = NULL;
    if (p != NULL)
        p->names = xmlHashCreate(128);
    if (p == NULL || p->names == NULL)
        rc = context_no_memory(ctx);
    else if (n == NULL)
        rc = context_fail(ctx, GLN_E_CONFIG, MSG_XML_RULES, "plan", "");
    for (n = rc == GLN_OK ? xml_first(n) : NULL; n != NULL && rc == GLN_OK; n = xml_next(n)) {
        if (xml_is(n, "let"))
            read_global(p, n);
        else
            rc = read_element(p, ctx, n);
    }
    for (size_t i = 0; rc == GLN_OK && i < p->global_count; i++)
        if (p->global_names[i] == NULL)
            rc = context_no_memory(ctx);
    if (rc == GLN_OK)
        *out = TAKE(&p);
    rules_plan_free(p);
    return rc;
}

/* --- asking --- */

static bool rule_holds(struct lean_run *r, const struct plan_rule *rule, const xmlNode *n)
{
    for (size_t i = 0; i < rule->let_count; i++) {
        size_t slot = r->global_count + i;
        if (!lean_eval(r, rule->lets[i], n, &r->values[slot]))
            return false;
        r->known[slot] = true;
    }
    return lean_truth(r, rule->sound, n);
}

static bool is_sound(struct lean_run *r, const struct plan_element *e, const xmlNode *n)
{
    r->current = n;
    for (const struct plan_choose *c = e->chooses; c != NULL && !r->lost; c = c->next)
        for (const struct plan_rule *rule = c->rules; rule != NULL && !r->lost; rule = rule->next)
            if (lean_truth(r, rule->when, n)) {
                if (!rule_holds(r, rule, n))
                    return false;
                break;
            }
    return !r->lost;
}

static const xmlNode *next_element(const xmlNode *n)
{
    const xmlNode *next = n->children;
    while (next == NULL && n != NULL && n->type != XML_DOCUMENT_NODE) {
        next = n->next;
        n = n->parent;
    }
    return next;
}

/* What the plan has for an element. A tree read by one parser has each name once, so that what was found for one is found for the
 * next of its name by two addresses. */
enum { SEEN_BITS = 10, SEEN = 1 << SEEN_BITS };
struct seen {
    const xmlChar *name;
    const xmlNs *ns;
    const struct plan_element *element;
};
static const struct plan_element *plan_of(const struct rules_plan *p, struct seen *seen, const xmlNode *n)
{
    uint64_t mixed = (uint64_t)(uintptr_t)n->name *
                     UINT64_C(0x9E3779B97F4A7C15); /* Knuth's multiplier: 2^64 over the golden ratio */
    struct seen *s = &seen[mixed >> (64 - SEEN_BITS)];
    if (s->name != n->name || s->ns != n->ns)
        *s = (struct seen){
            n->name, n->ns,
            of_namespace(xmlHashLookup(p->names, n->name), n->ns != NULL ? (const char *)n->ns->href : "")};
    return s->element;
}

static bool ask(struct elements *out, const struct rules_plan *p, struct lean_run *r, const xmlDoc *tree)
{
    struct seen seen[SEEN] = {0};
    for (const xmlNode *n = tree->children; n != NULL; n = next_element(n)) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        const struct plan_element *e = p == NULL ? NULL : plan_of(p, seen, n);
        if (p != NULL && e == NULL)
            continue;
        bool sound = e != NULL && !e->unclear && is_sound(r, e, n);
        arena_clear(r->arena);
        r->lost = false;
        if (!sound && !elements_add(out, n))
            return false;
    }
    return true;
}

int rules_plan_ask(struct elements *out, const struct rules_plan *plan, struct gln_context *ctx,
                   const struct xml_doc *pivot, const struct xml_run *how)
{
    static const struct xml_run nothing = {NULL, NULL, NULL};
    struct lean_value values[GLOBALS_MOST + LETS_MOST];
    bool known[GLOBALS_MOST + LETS_MOST] = {false};
    struct arena arena = {.most = MEMORY_MOST}, keep = {.most = MEMORY_MOST};
    struct run run = {.ctx = ctx, .how = how != NULL ? how : &nothing, .in = pivot, .lenient = true};
    struct lean_run r = {.run = &run, .arena = &arena, .keep = &keep, .values = values, .known = known};
    run.scratch = xml_scratch(ctx);
    if (run.scratch == NULL)
        return context_no_memory(ctx);
    r.most = 1000000 + 1000 * xml_doc_node_count(pivot);
    if (plan != NULL) {
        r.globals = plan->globals;
        r.global_count = plan->global_count;
    }
    bool good = ask(out, plan, &r, pivot->tree);
    arena_free(&arena);
    arena_free(&keep);
    return good ? GLN_OK : context_no_memory(ctx);
}
