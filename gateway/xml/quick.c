/*
 * Stylesheets made quick (xml/quick.h). Instructions that are understood are taken over (xml/quick_parts.h). In others, such as
 * xsl:for-each and xsl:variable, the compiled XPath is exchanged for a call of a function whose name is the number of the expression;
 * the function asks the second evaluator, and libxml2's own compiled form where that gives up. So nothing of what a stylesheet means
 * changes, and every refusal is libxslt's and ours as before.
 *
 * What is kept for a run: the arena its values are in, emptied when nobody is asking, and the globals it has met. Local variables are found on
 * libxslt's stack at each question, for templates come and go; both are read where they lie, not copied as libxml2 does.
 */
#include "xml/quick.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/imports.h>
#include <libxslt/variables.h>
#include <libxslt/xsltutils.h>

#include "xml/native.h"
#include "xml/quick_parts.h"

enum { MEMORY_MOST = 64 << 20 };

/* --- making --- */

struct making {
    struct lean_scope scope; /* first: the callbacks get back to the rest from it */
    struct quick *quick;
    xsltStylesheetPtr style;
    xsltTemplatePtr templ; /* NULL: in a variable of the stylesheet */
    xmlNodePtr at;         /* the instruction: whose prefixes count */
    bool aliases;          /* result namespaces are exchanged: no literal result element is ours */
    bool failed;
};

static const char *uri_in(const struct lean_scope *s, const char *prefix, size_t len)
{
    const struct making *m = (const struct making *)s;
    xmlChar *name = xmlStrndup((const xmlChar *)prefix, (int)len);
    xmlNsPtr ns = name != NULL ? xmlSearchNs(m->at->doc, m->at, name) : NULL;
    xmlFree(name);
    return ns != NULL ? (const char *)ns->href : NULL;
}

static bool slot_in(const struct lean_scope *s, const char *name, size_t len, size_t *slot)
{
    const struct making *m = (const struct making *)s;
    struct quick *q = m->quick;
    const xmlChar *own = xmlDictLookup(m->style->dict, (const xmlChar *)name, (int)len);
    for (*slot = 0; own != NULL && *slot < q->variable_count; ++*slot)
        if (q->variables[*slot] == own)
            return true;
    if (own == NULL || q->variable_count == VARIABLES_MOST)
        return false;
    q->variables[q->variable_count++] = own;
    return true;
}

/** The lean form, or NULL. */
static const struct lean_expr *compile(struct making *m, const xmlChar *text)
{
    const struct lean_names names = {.scope = &m->scope};
    return text != NULL ? lean_compile(&m->quick->arena, (const char *)text, &names) : NULL;
}

static struct quick_expr *add_expr(struct making *m)
{
    struct quick *q = m->quick;
    if (q->count == q->cap) {
        size_t cap = q->cap == 0 ? 128 : q->cap * 2;
        struct quick_expr *exprs = realloc(q->exprs, cap * sizeof *exprs);
        if (exprs == NULL) {
            m->failed = true;
            return NULL;
        }
        q->exprs = exprs;
        q->cap = cap;
    }
    q->exprs[q->count] = (struct quick_expr){NULL, NULL};
    return &q->exprs[q->count];
}

/** Puts the call where the expression stands. */
static void exchange(struct making *m, xsltStylePreCompPtr comp)
{
    char text[32];
    const struct lean_expr *lean = compile(m, comp->select);
    struct quick_expr *e = lean != NULL ? add_expr(m) : NULL;
    if (e == NULL)
        return;
    snprintf(text, sizeof text, "q%zu()", m->quick->count);
    xmlXPathCompExprPtr called = xmlXPathCtxtCompile(m->style->xpathCtxt, (const xmlChar *)text);
    if (called == NULL) {
        m->failed = true;
        return;
    }
    *e = (struct quick_expr){lean, comp->comp};
    comp->comp = called;
    m->quick->count++;
}

static bool is_instruction(const xmlNode *n)
{
    return n->ns != NULL && n->psvi != NULL && xmlStrEqual(n->ns->href, XSLT_NAMESPACE);
}

static void add_step(struct making *m, xmlNodePtr inst, const struct quick_step *draft)
{
    struct quick_step *s = arena_take(&m->quick->arena, sizeof *s);
    if (s == NULL) {
        m->failed = true;
        return;
    }
    *s = *draft;
    if (step_take(s, inst)) {
        s->next = m->quick->steps;
        m->quick->steps = s;
    }
}

/** A value that is one expression in braces, nothing else. */
static const struct lean_expr *braced(struct making *m, const xmlChar *text)
{
    size_t len = strlen((const char *)text);
    if (len < 3 || text[0] != '{' || text[len - 1] != '}' || strcspn((const char *)text + 1, "{}") != len - 2)
        return NULL;
    xmlChar *inner = xmlStrndup(text + 1, (int)len - 2);
    const struct lean_expr *e = compile(m, inner);
    xmlFree(inner);
    return e;
}

/** False: it is none that can be made here. */
static bool add_attr(struct making *m, struct quick_attr ***last, const xmlAttr *source)
{
    const xmlNode *text = source->children;
    struct quick_attr *a = arena_take(&m->quick->arena, sizeof *a);
    if (a == NULL || !xmlDictOwns(m->style->dict, source->name) ||
        (source->ns != NULL && (xmlStrEqual(source->ns->href, XSLT_NAMESPACE) ||
                                xmlStrEqual(source->ns->href, XML_XML_NAMESPACE))) ||
        (text != NULL && (text->type != XML_TEXT_NODE || text->next != NULL)))
        return false;
    a->source = source;
    a->fixed = text != NULL && text->content != NULL ? text->content : (const xmlChar *)"";
    if (source->psvi != NULL) {
        a->value = braced(m, a->fixed);
        a->fixed = NULL;
    }
    **last = a;
    *last = &a->next;
    return true;
}

static void visit_literal(struct making *m, xmlNodePtr n)
{
    struct quick_step draft = {.plain = NULL};
    struct quick_attr **last = &draft.attrs;
    if (m->aliases || n->ns == NULL || n->psvi != NULL || xmlStrEqual(n->ns->href, XSLT_NAMESPACE) ||
        !xmlDictOwns(m->style->dict, n->name))
        return;
    for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
        if (!add_attr(m, &last, a))
            return;
    if (m->templ != NULL && n->parent == m->templ->elem) {
        draft.inherited = m->templ->inheritedNs;
        draft.inherited_count = m->templ->inheritedNs != NULL ? m->templ->inheritedNsNr : 0;
    }
    add_step(m, n, &draft);
}

static void visit_instruction(struct making *m, xmlNodePtr n)
{
    struct quick_step draft = {.plain = n->psvi};
    switch (draft.plain->type) {
    case XSLT_FUNC_FOREACH:
    case XSLT_FUNC_APPLYTEMPLATES:
    case XSLT_FUNC_WITHPARAM:
    case XSLT_FUNC_PARAM:
    case XSLT_FUNC_VARIABLE:
        if (draft.plain->comp != NULL)
            exchange(m, draft.plain);
        break;
    case XSLT_FUNC_VALUEOF:
        draft.value = compile(m, draft.plain->select);
        break;
    case XSLT_FUNC_IF:
    case XSLT_FUNC_WHEN:
        draft.value = compile(m, draft.plain->test);
        break;
    default:
        break;
    }
    if (draft.value != NULL && draft.plain->comp != NULL)
        add_step(m, n, &draft);
}

static void visit(struct making *m, xmlNodePtr n)
{
    m->at = n;
    if (n->type == XML_ELEMENT_NODE && is_instruction(n))
        visit_instruction(m, n);
    else if (n->type == XML_ELEMENT_NODE)
        visit_literal(m, n);
}

/** After their branches. */
static void visit_choose(struct making *m, xmlNodePtr n)
{
    struct quick_step draft = {.plain = n->psvi};
    if (n->type == XML_ELEMENT_NODE && is_instruction(n) && draft.plain->type == XSLT_FUNC_CHOOSE)
        add_step(m, n, &draft);
}

static void visit_below(struct making *m, xmlNodePtr top, void (*what)(struct making *, xmlNodePtr))
{
    for (xmlNodePtr n = top->children; n != NULL;) {
        what(m, n);
        if (n->type == XML_ELEMENT_NODE && n->children != NULL) {
            n = n->children;
            continue;
        }
        while (n->next == NULL && n->parent != top)
            n = n->parent;
        n = n->next;
    }
}

static void add_param(struct making *m, const xsltStackElem *v)
{
    struct quick *q = m->quick;
    if (v->comp == NULL || v->comp->type != XSLT_FUNC_PARAM || v->nameURI != NULL)
        return;
    if (q->param_count == PARAMS_MOST)
        m->failed = true;
    else
        q->params[q->param_count++] = v->name;
}

static void visit_sheet(struct making *m)
{
    for (xsltTemplatePtr t = m->style->templates; t != NULL; t = t->next) {
        m->templ = t;
        if (t->elem != NULL) {
            visit_below(m, t->elem, visit);
            visit_below(m, t->elem, visit_choose);
        }
    }
    m->templ = NULL;
    for (xsltStackElemPtr v = m->style->variables; v != NULL; v = v->next) {
        add_param(m, v);
        if (v->comp != NULL && v->comp->inst != NULL) {
            visit(m, v->comp->inst);
            visit_below(m, v->comp->inst, visit);
            visit_below(m, v->comp->inst, visit_choose);
        }
    }
}

bool quick_attach(struct quick **out, xsltStylesheetPtr style)
{
    struct making m = {.scope = {uri_in, slot_in}, .quick = calloc(1, sizeof *m.quick), .style = style};
    *out = NULL;
    if (m.quick == NULL)
        return false;
    for (xsltStylesheetPtr s = style; s != NULL; s = xsltNextImport(s))
        m.aliases = m.aliases || s->nsAliases != NULL;
    for (xsltStylesheetPtr s = style; s != NULL && !m.failed; s = xsltNextImport(s)) {
        m.style = s;
        if (s->dict == style->dict)
            visit_sheet(&m);
    }
    for (struct quick_step *s = m.quick->steps; s != NULL; s = s->next)
        step_settle(s);
    *out = m.quick; /* also when it failed: the style has calls into it */
    return !m.failed;
}

void quick_free(struct quick *q)
{
    if (q == NULL)
        return;
    for (size_t i = 0; i < q->count; i++)
        xmlXPathFreeCompExpr(q->exprs[i].plain);
    free(q->exprs);
    arena_free(&q->arena);
    free(q);
}

/* --- variables --- */

static bool value_of(struct lean_run *r, xmlXPathObjectPtr o, struct lean_value *out)
{
    xmlNodeSetPtr set;
    switch (o->type) {
    case XPATH_STRING:
        *out = (struct lean_value){.type = LEAN_TEXT, .text = (const char *)o->stringval};
        return true;
    case XPATH_BOOLEAN:
        *out = (struct lean_value){.type = LEAN_BOOL, .truth = o->boolval != 0};
        return true;
    case XPATH_NUMBER:
        *out = (struct lean_value){.type = LEAN_NUMBER, .number = o->floatval};
        return true;
    case XPATH_NODESET:
    case XPATH_XSLT_TREE:
        set = o->nodesetval;
        *out = (struct lean_value){.type = LEAN_NODES};
        if (set != NULL && set->nodeNr > 0) {
            out->nodes = set->nodeTab;
            out->count = (size_t)set->nodeNr;
        }
        return true;
    default:
        return lean_give_up(r);
    }
}

static xsltStackElemPtr local_named(const xsltTransformContext *t, const xmlChar *name)
{
    for (int i = t->varsNr; i > t->varsBase; i--)
        if (t->varsTab[i - 1]->name == name && t->varsTab[i - 1]->nameURI == NULL)
            return t->varsTab[i - 1];
    return NULL;
}

static bool variable(struct lean_run *r, size_t slot, struct lean_value *out)
{
    struct quick_run *q = r->run->quick;
    xsltTransformContextPtr t = r->run->transform;
    const xmlChar *name = r->run->sheet->quick->variables[slot];
    xsltStackElemPtr found = local_named(t, name);
    if (t->depth >= RUN_DEEP)
        return lean_give_up(r);
    if (found == NULL && q->globals[slot] == NULL)
        q->globals[slot] = xmlHashLookup2(t->globalVars, name, NULL);
    if (found == NULL)
        found = q->globals[slot];
    if (found != NULL && !found->computed)
        xmlXPathFreeObject(xsltVariableLookup(t, name, NULL));
    return found != NULL && found->computed && found->value != NULL ? value_of(r, found->value, out)
                                                                    : lean_give_up(r);
}

/* --- asking --- */

bool quick_begin(struct run *run)
{
    struct quick_run *q = calloc(1, sizeof *q);
    if (q == NULL)
        return false;
    q->arena.most = MEMORY_MOST;
    q->lean = (struct lean_run){.run = run, .arena = &q->arena, .keep = &q->arena, .variable = variable};
    q->lean.most = 20000000 + 10000 * xml_doc_node_count(run->in);
    run->quick = q;
    return true;
}

static bool give_param(xsltTransformContextPtr t, const xmlChar *name, const char *value)
{
    xsltStackElemPtr elem;
    if (xmlHashLookup(t->globalVars, name) != NULL) /* an importing stylesheet declares it too */
        return true;
    elem = xmlMalloc(sizeof *elem);
    if (elem == NULL)
        return false;
    memset(elem, 0, sizeof *elem);
    elem->name = name;
    elem->computed = 1;
    elem->value = xmlXPathNewCString(value);
    if (elem->value != NULL && xmlHashAddEntry(t->globalVars, name, elem) == 0)
        return true;
    xmlXPathFreeObject(elem->value);
    xmlFree(elem);
    return false;
}

bool quick_params(struct run *run)
{
    const struct quick *q = run->sheet->quick;
    xsltTransformContextPtr t = run->transform;
    if (t->globalVars == NULL)
        t->globalVars = xmlHashCreate(32);
    bool good = t->globalVars != NULL;
    for (const char *const *p = run->how->params; good && *p != NULL; p += 2)
        for (size_t i = 0; good && i < q->param_count; i++)
            if (strcmp((const char *)q->params[i], p[0]) == 0)
                good = give_param(t, q->params[i], p[1]);
    return good;
}

void quick_end(struct run *run)
{
    if (run->quick == NULL)
        return;
    arena_free(&run->quick->arena);
    free(run->quick);
    run->quick = NULL;
}

/** Nodes must be the document's: trees that are built have owners in libxslt. */
static xmlXPathObjectPtr nodes_object(const struct run *run, const struct lean_value *v)
{
    xmlXPathObjectPtr o = xmlXPathNewNodeSet(NULL);
    for (size_t i = 0; o != NULL && i < v->count; i++)
        if (v->nodes[i]->doc != run->in->tree || xmlXPathNodeSetAddUnique(o->nodesetval, v->nodes[i]) != 0) {
            xmlXPathFreeObject(o);
            o = NULL;
        }
    return o;
}

static xmlXPathObjectPtr object_of(const struct run *run, const struct lean_value *v)
{
    switch (v->type) {
    case LEAN_BOOL:
        return xmlXPathNewBoolean(v->truth);
    case LEAN_NUMBER:
        return xmlXPathNewFloat(v->number);
    case LEAN_TEXT:
        return xmlXPathNewCString(v->text);
    case LEAN_NODES:
        break;
    }
    return nodes_object(run, v);
}

struct lean_run *ask_begin(struct asking *before, struct run *run)
{
    struct lean_run *r = &run->quick->lean;
    *before = (struct asking){r->current, r->lost};
    r->current = run->transform->node;
    r->lost = false;
    run->quick->asking++;
    return r;
}

void ask_end(struct run *run, const struct asking *before)
{
    struct quick_run *q = run->quick;
    q->lean.current = before->current;
    q->lean.lost = before->lost;
    if (--q->asking == 0)
        arena_clear(q->lean.arena);
}

static xmlXPathObjectPtr ask(struct run *run, const struct quick_expr *e, const xmlNode *at)
{
    struct asking before;
    struct lean_value v;
    xmlXPathObjectPtr o = NULL;
    struct lean_run *r = ask_begin(&before, run);
    if (lean_eval(r, e->lean, at, &v) && !r->lost)
        o = object_of(run, &v);
    ask_end(run, &before);
    return o;
}

static void call(xmlXPathParserContextPtr xpath, int count)
{
    xsltTransformContextPtr t = xsltXPathGetTransformContext(xpath);
    struct run *run = t != NULL ? t->_private : NULL;
    size_t number = strtoul((const char *)xpath->context->function + 1, NULL, 10);
    if (run == NULL || count != 0 || run->quick == NULL || number >= run->sheet->quick->count) {
        xmlXPathErr(xpath, XPATH_INVALID_ARITY);
        return;
    }
    const struct quick_expr *e = &run->sheet->quick->exprs[number];
    xmlXPathObjectPtr o = ask(run, e, xpath->context->node);
    if (o == NULL)
        o = xmlXPathCompiledEval(e->plain, xpath->context);
    if (o != NULL)
        valuePush(xpath, o);
    else
        xpath->error = XPATH_EXPR_ERROR;
}

xmlXPathFunction quick_function(const char *name)
{
    return name[0] == 'q' && name[1] >= '0' && name[1] <= '9' ? call : NULL;
}
