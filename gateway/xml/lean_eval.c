/*
 * Evaluating (xml/lean.h). A path is walked with a visitor, so that a question ends at the first node that answers it; only what
 * must be counted, summed or kept in a variable is gathered.
 *
 * Where XPath's rules of conversion would be needed beyond text with text, number with number and yes with yes, it gives up: `lost` is
 * set, everything unwinds, and nothing counts. The same when it has looked at more nodes than it may.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/xpath.h>

#include "xml/lean.h"

/** True: enough. */
typedef bool visitor(struct lean_run *r, void *arg, const xmlNode *n);

static bool walk(struct lean_run *r, const struct lean_step *s, const xmlNode *at, visitor *visit, void *arg);

bool lean_give_up(struct lean_run *r)
{
    r->lost = true;
    return false;
}

/** Not a number is the same as nothing. */
static bool same(double a, double b)
{
    return a <= b && a >= b;
}

static const xmlNode *next_below(const xmlNode *n, const xmlNode *top)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL)
        return n->children;
    while (n != top && n->next == NULL)
        n = n->parent;
    return n != top ? n->next : NULL;
}

static bool is_text(const xmlNode *n)
{
    return (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content != NULL;
}

/** The text of a node that has it in pieces. It is joined anew for each question, which counts as looking at nodes. */
static const char *joined(struct lean_run *r, const xmlNode *top)
{
    size_t all = 0;
    for (const xmlNode *n = top->children; n != NULL; n = next_below(n, top))
        all += is_text(n) ? strlen((const char *)n->content) : 0;
    char *text = arena_take(r->arena, all + 1), *end = text;
    r->steps += 1 + all / 16;
    if (text == NULL || r->steps > r->most) {
        lean_give_up(r);
        return "";
    }
    for (const xmlNode *n = top->children; n != NULL; n = next_below(n, top))
        if (is_text(n)) {
            size_t len = strlen((const char *)n->content);
            memcpy(end, n->content, len);
            end += len;
        }
    return text;
}

const char *lean_node_text(struct lean_run *r, const xmlNode *n)
{
    const xmlNode *child = n->type == XML_ELEMENT_NODE || n->type == XML_ATTRIBUTE_NODE ? n->children : n;
    if (child == NULL)
        return "";
    if ((child == n || child->next == NULL) && is_text(child))
        return (const char *)child->content;
    return joined(r, n);
}

static bool in_namespace(struct lean_run *r, const xmlNs *ns, const char *uri)
{
    if (ns == NULL || uri == NULL)
        return ns == NULL && uri == NULL;
    if (ns == r->ns && uri == r->ns_uri)
        return true;
    if (ns->href == NULL || strcmp((const char *)ns->href, uri) != 0)
        return false;
    r->ns = ns;
    r->ns_uri = uri;
    return true;
}

static bool fits(struct lean_run *r, const struct lean_step *s, const xmlNode *n)
{
    if (s->any)
        return true;
    if (n->type != (s->axis == AXIS_ATTRIBUTE ? XML_ATTRIBUTE_NODE : XML_ELEMENT_NODE))
        return false;
    if (s->name == NULL)
        return s->ns == NULL || in_namespace(r, n->ns, s->ns);
    return n->name[0] == (xmlChar)s->name[0] && strcmp((const char *)n->name, s->name) == 0 &&
           in_namespace(r, n->ns, s->ns);
}

/** Asks the predicates of one candidate; `places` counts those that came so far. False: out; *past: no later one can be in. */
static bool passes(struct lean_run *r, const struct lean_expr *tests, const xmlNode *n, size_t *places,
                   bool *past)
{
    for (size_t i = 0; tests != NULL; tests = tests->next, i++) {
        if (i == 4)
            return lean_give_up(r);
        places[i]++;
        if (tests->op == LEAN_CONSTANT) {
            *past = *past || (double)places[i] >= tests->number;
            if (!same((double)places[i], tests->number))
                return false;
        } else if (!lean_truth(r, tests, n)) {
            return false;
        }
    }
    return true;
}

static const xmlNode *first_of(const struct lean_step *s, const xmlNode *at)
{
    bool element = at->type == XML_ELEMENT_NODE;
    switch (s->axis) {
    case AXIS_CHILD:
        return element || at->type == XML_DOCUMENT_NODE ? at->children : NULL;
    case AXIS_ATTRIBUTE:
        return element ? (const xmlNode *)at->properties : NULL;
    case AXIS_SELF:
        return at;
    case AXIS_PARENT:
    case AXIS_ANCESTOR:
        return at->type != XML_DOCUMENT_NODE ? at->parent : NULL;
    case AXIS_PRECEDING_SIBLING:
        return at->type != XML_ATTRIBUTE_NODE && at->type != XML_DOCUMENT_NODE ? at->prev : NULL;
    }
    return NULL;
}

static const xmlNode *next_of(const struct lean_step *s, const xmlNode *n)
{
    switch (s->axis) {
    case AXIS_CHILD:
    case AXIS_ATTRIBUTE:
        return n->next;
    case AXIS_ANCESTOR:
        return n->type != XML_DOCUMENT_NODE ? n->parent : NULL;
    case AXIS_PRECEDING_SIBLING:
        return n->prev;
    case AXIS_SELF:
    case AXIS_PARENT:
        break;
    }
    return NULL;
}

static bool walk(struct lean_run *r, const struct lean_step *s, const xmlNode *at, visitor *visit, void *arg)
{
    size_t places[4] = {0};
    bool past = false;
    if (s == NULL)
        return visit(r, arg, at);
    for (const xmlNode *n = first_of(s, at); n != NULL && !past && !r->lost; n = next_of(s, n)) {
        if (++r->steps > r->most)
            return lean_give_up(r);
        if (fits(r, s, n) && passes(r, s->tests, n, places, &past) && walk(r, s->next, n, visit, arg))
            return true;
    }
    return false;
}

static const xmlNode *root_of(const xmlNode *at)
{
    return (const xmlNode *)at->doc;
}

/** Whether a node of the list is inside another: then what is below them comes out of order. */
static bool nested(const struct lean_value *v)
{
    for (size_t i = 1; i < v->count; i++) {
        const xmlNode *before = v->nodes[i - 1], *n = v->nodes[i]->parent;
        while (n != NULL && n != before && n != before->parent)
            n = n->parent;
        if (n == before)
            return true;
    }
    return false;
}

static bool visit_path(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, visitor *visit,
                       void *arg)
{
    struct lean_value start;
    size_t places[4] = {0};
    bool past = false;
    if (e->a == NULL)
        return walk(r, e->steps, e->absolute ? root_of(at) : at, visit, arg);
    if (!lean_eval(r, e->a, at, &start) || start.type != LEAN_NODES || (e->steps != NULL && nested(&start)))
        return lean_give_up(r);
    for (size_t i = 0; i < start.count && !past && !r->lost; i++)
        if (passes(r, e->tests, start.nodes[i], places, &past) &&
            walk(r, e->steps, start.nodes[i], visit, arg))
            return true;
    return false;
}

static bool visit_nodes(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, visitor *visit,
                        void *arg)
{
    struct lean_value v;
    if (e->op == LEAN_PATH)
        return visit_path(r, e, at, visit, arg);
    if (e->op == LEAN_UNION)
        return visit_nodes(r, e->a, at, visit, arg) || (!r->lost && visit_nodes(r, e->b, at, visit, arg));
    if (!lean_eval(r, e, at, &v) || v.type != LEAN_NODES)
        return lean_give_up(r);
    for (size_t i = 0; i < v.count; i++)
        if (visit(r, arg, v.nodes[i]))
            return true;
    return false;
}

static bool any(struct lean_run *r, void *arg, const xmlNode *n)
{
    (void)r;
    (void)arg;
    (void)n;
    return true;
}

struct gathered {
    const xmlNode **nodes;
    size_t count, cap;
};

static bool gather(struct lean_run *r, void *arg, const xmlNode *n)
{
    struct gathered *g = arg;
    if (g->count == g->cap) {
        size_t cap = g->cap == 0 ? 16 : g->cap * 2;
        const xmlNode **nodes = arena_take(r->arena, cap * sizeof *nodes);
        if (nodes == NULL)
            return !lean_give_up(r);
        if (g->count > 0)
            memcpy(nodes, g->nodes, g->count * sizeof *nodes);
        g->nodes = nodes;
        g->cap = cap;
    }
    g->nodes[g->count++] = n;
    return false;
}

bool lean_add_node(struct lean_run *r, struct lean_value *v, size_t *cap, const xmlNode *n)
{
    struct gathered g = {(const xmlNode **)(uintptr_t)v->nodes, v->count, *cap};
    gather(r, &g, n);
    v->nodes = (xmlNodePtr *)(uintptr_t)g.nodes;
    v->count = g.count;
    *cap = g.cap;
    return !r->lost;
}

static int in_order(const void *a, const void *b)
{
    /* xmlXPathCmpNodes: 1 if the first comes before the second */
    return -xmlXPathCmpNodes(*(xmlNodePtr const *)a, *(xmlNodePtr const *)b);
}

/** Document order, each node once. Comparing two nodes costs a walk among their siblings, so a large set is given up. */
static void settle(struct lean_run *r, struct gathered *g)
{
    size_t kept = 0;
    if (g->count > 64)
        lean_give_up(r);
    if (g->count < 2 || r->lost)
        return;
    qsort(g->nodes, g->count, sizeof *g->nodes, in_order);
    for (size_t i = 0; i < g->count; i++)
        if (kept == 0 || g->nodes[kept - 1] != g->nodes[i])
            g->nodes[kept++] = g->nodes[i];
    g->count = kept;
}

static bool eval_nodes(struct lean_run *r, const struct lean_expr *e, const xmlNode *at,
                       struct lean_value *out)
{
    struct gathered g = {0};
    visit_nodes(r, e, at, gather, &g);
    if (e->unordered && !r->lost)
        settle(r, &g);
    *out =
        (struct lean_value){.type = LEAN_NODES, .nodes = (xmlNodePtr *)(uintptr_t)g.nodes, .count = g.count};
    return !r->lost;
}

static bool eval_variable(struct lean_run *r, size_t slot, struct lean_value *out)
{
    if (r->variable != NULL)
        return r->variable(r, slot, out) && !r->lost;
    if (!r->known[slot]) {
        const struct lean_expr *e = slot < r->global_count ? r->globals[slot] : NULL;
        const xmlNode *current = r->current;
        struct arena *arena = r->arena;
        if (e == NULL)
            return lean_give_up(r);
        r->arena = r->keep;
        r->current = root_of(current);
        r->known[slot] = lean_eval(r, e, r->current, &r->values[slot]);
        r->current = current;
        r->arena = arena;
    }
    *out = r->values[slot];
    return !r->lost;
}

static bool eval_truth(struct lean_run *r, const struct lean_expr *e, const xmlNode *at,
                       struct lean_value *out)
{
    *out = (struct lean_value){.type = LEAN_BOOL, .truth = lean_truth(r, e, at)};
    return !r->lost;
}

bool lean_eval(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, struct lean_value *out)
{
    switch (e->op) {
    case LEAN_PATH:
    case LEAN_UNION:
        return eval_nodes(r, e, at, out);
    case LEAN_LITERAL:
        *out = (struct lean_value){.type = LEAN_TEXT, .text = e->text};
        return true;
    case LEAN_CONSTANT:
        *out = (struct lean_value){.type = LEAN_NUMBER, .number = e->number};
        return true;
    case LEAN_VARIABLE:
        return eval_variable(r, e->slot, out);
    case LEAN_CALL:
        return e->function->call(r, e->a, at, out) && !r->lost;
    default:
        return eval_truth(r, e, at, out);
    }
}

const char *lean_text_of(struct lean_run *r, const struct lean_value *v)
{
    char number[32];
    switch (v->type) {
    case LEAN_TEXT:
        return v->text;
    case LEAN_BOOL:
        return v->truth ? "true" : "false";
    case LEAN_NODES:
        return v->count > 0 ? lean_node_text(r, v->nodes[0]) : "";
    case LEAN_NUMBER:
        break;
    }
    if (!(v->number >= 0 && v->number < 1e9) || !same(v->number, (double)(long)v->number))
        lean_give_up(r);
    else
        snprintf(number, sizeof number, "%ld", (long)v->number);
    const char *text = r->lost ? NULL : arena_text(r->arena, number, strlen(number));
    if (text == NULL)
        lean_give_up(r);
    return text != NULL ? text : "";
}

static bool take_first(struct lean_run *r, void *arg, const xmlNode *n)
{
    (void)r;
    *(const xmlNode **)arg = n;
    return true;
}

const xmlNode *lean_first(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    struct lean_value v;
    const xmlNode *first = NULL;
    if (e->op == LEAN_PATH && !e->unordered) {
        visit_path(r, e, at, take_first, &first);
        return first;
    }
    return lean_eval(r, e, at, &v) && v.type == LEAN_NODES && v.count > 0 ? v.nodes[0] : NULL;
}

const char *lean_text(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    struct lean_value v;
    if (e->op == LEAN_PATH && !e->unordered) {
        const xmlNode *first = lean_first(r, e, at);
        return first != NULL && !r->lost ? lean_node_text(r, first) : "";
    }
    return lean_eval(r, e, at, &v) ? lean_text_of(r, &v) : "";
}

/* --- comparing --- */

static bool is_nodes(struct lean_run *r, const struct lean_expr *e)
{
    struct lean_value v;
    if (e->op == LEAN_VARIABLE)
        return eval_variable(r, e->slot, &v) && v.type == LEAN_NODES;
    return e->op == LEAN_PATH || e->op == LEAN_UNION;
}

struct sought {
    const char *text;
    bool equal;
};

static bool matches(struct lean_run *r, void *arg, const xmlNode *n)
{
    const struct sought *s = arg;
    return (strcmp(lean_node_text(r, n), s->text) == 0) == s->equal && !r->lost;
}

struct pairing {
    const struct lean_expr *other;
    const xmlNode *at;
    bool equal;
};

static bool pairs(struct lean_run *r, void *arg, const xmlNode *n)
{
    const struct pairing *p = arg;
    struct sought s = {lean_node_text(r, n), p->equal};
    return visit_nodes(r, p->other, p->at, matches, &s);
}

/** Neither side is nodes: text with text, number with number, yes with yes. */
static bool equal_values(struct lean_run *r, const struct lean_value *a, const struct lean_value *b,
                         bool equal)
{
    if (a->type != b->type)
        return lean_give_up(r);
    if (a->type == LEAN_NUMBER)
        return same(a->number, b->number) == equal;
    if (a->type == LEAN_BOOL)
        return (a->truth == b->truth) == equal;
    return (strcmp(a->text, b->text) == 0) == equal;
}

static bool compare_equal(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    const struct lean_expr *a = e->a, *b = e->b;
    bool equal = e->op == LEAN_EQ;
    struct lean_value v, w;
    if (is_nodes(r, b) && !is_nodes(r, a)) {
        a = e->b;
        b = e->a;
    }
    if (is_nodes(r, a) && is_nodes(r, b)) {
        struct pairing p = {b, at, equal};
        return visit_nodes(r, a, at, pairs, &p);
    }
    if (!lean_eval(r, b, at, &w) || w.type == LEAN_NODES)
        return lean_give_up(r);
    if (is_nodes(r, a) && w.type == LEAN_TEXT) {
        struct sought s = {w.text, equal};
        return visit_nodes(r, a, at, matches, &s);
    }
    if (!lean_eval(r, a, at, &v) || v.type == LEAN_NODES)
        return lean_give_up(r);
    return equal_values(r, &v, &w, equal);
}

static bool compare_order(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    struct lean_value a, b;
    if (!lean_eval(r, e->a, at, &a) || !lean_eval(r, e->b, at, &b) || a.type != LEAN_NUMBER ||
        b.type != LEAN_NUMBER)
        return lean_give_up(r);
    switch (e->op) {
    case LEAN_LT:
        return a.number < b.number;
    case LEAN_LE:
        return a.number <= b.number;
    case LEAN_GT:
        return a.number > b.number;
    default:
        return a.number >= b.number;
    }
}

static bool truth_of(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    struct lean_value v;
    if (!lean_eval(r, e, at, &v))
        return false;
    switch (v.type) {
    case LEAN_BOOL:
        return v.truth;
    case LEAN_NUMBER:
        return lean_give_up(r); /* in a predicate a number is a position */
    case LEAN_TEXT:
        return *v.text != '\0';
    case LEAN_NODES:
        return v.count > 0;
    }
    return false;
}

bool lean_truth(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    if (r->lost)
        return false;
    switch (e->op) {
    case LEAN_OR:
        return lean_truth(r, e->a, at) || lean_truth(r, e->b, at);
    case LEAN_AND:
        return lean_truth(r, e->a, at) && lean_truth(r, e->b, at);
    case LEAN_EQ:
    case LEAN_NE:
        return compare_equal(r, e, at);
    case LEAN_LT:
    case LEAN_LE:
    case LEAN_GT:
    case LEAN_GE:
        return compare_order(r, e, at);
    case LEAN_PATH:
    case LEAN_UNION:
        return visit_nodes(r, e, at, any, NULL);
    default:
        return truth_of(r, e, at);
    }
}
