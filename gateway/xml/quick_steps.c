/*
 * The instructions that need not go through libxslt's own (xml/quick.h): literal result elements, xsl:value-of, xsl:if, xsl:choose. Each
 * does what its namesake in libxslt does with the same stylesheet, and hands over to it whenever the second evaluator is not sure.
 *
 * libxslt calls a step as it calls an instruction, or an extension element. Children that are steps, texts or instructions are called
 * from here; where a variable is among them libxslt walks the list, since variables end with the list they stand in.
 */
#include <string.h>

#include <libxml/parserInternals.h>
#include <libxslt/xsltInternals.h>

#include <libxslt/namespaces.h>
#include <libxslt/preproc.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>

#include "xml/native.h"
#include "xml/quick_parts.h"

/** The budget of instructions; false: stop. */
static bool may_go_on(xsltTransformContextPtr t)
{
    if (t->opLimit != 0 && t->opCount++ >= t->opLimit)
        t->state = XSLT_STATE_STOPPED;
    return t->state != XSLT_STATE_STOPPED;
}

/* --- texts --- */

/** A short text needs no memory of its own: libxml2's parser keeps it in the same place. */
static void fill(xmlNodePtr text, const xmlChar *content)
{
    size_t len = strlen((const char *)content);
    if (len < sizeof(void *)) {
        memcpy(&text->properties, content, len + 1);
        text->content = (xmlChar *)&text->properties;
    } else {
        text->content = xmlStrndup(content, (int)len);
    }
}

static void put_text(xsltTransformContextPtr t, const xmlChar *content, bool raw)
{
    xmlNodePtr into = t->insert;
    if (*content == '\0')
        return;
    if (raw || into->type != XML_ELEMENT_NODE || into->children != NULL || t->style->cdataSection != NULL) {
        xsltCopyTextString(t, into, content, raw);
        return;
    }
    xmlNodePtr text = xmlNewText(NULL);
    if (text == NULL) {
        t->state = XSLT_STATE_STOPPED;
        return;
    }
    fill(text, content);
    text->doc = into->doc;
    text->parent = into;
    into->children = into->last = text;
    t->lasttext = NULL;
}

/* --- lists --- */

static void do_list(xsltTransformContextPtr t, xmlNodePtr at, xmlNodePtr list, xmlNodePtr into)
{
    for (xmlNodePtr n = list; n != NULL && may_go_on(t); n = n->next) {
        t->insert = into;
        t->inst = n;
        if (n->type == XML_ELEMENT_NODE) {
            xsltElemPreCompPtr comp = n->psvi;
            comp->func(t, at, n, comp);
        } else if (n->content != NULL) {
            put_text(t, n->content, n->name == xmlStringTextNoenc);
        }
    }
    t->insert = into;
}

static void do_children(xsltTransformContextPtr t, xmlNodePtr at, const xmlNode *inst,
                        const struct quick_step *s)
{
    if (s->plain_list)
        xsltApplyOneTemplate(t, at, inst->children, NULL, NULL);
    else
        do_list(t, at, inst->children, t->insert);
}

/* --- literal result elements --- */

static bool same_ns(const xmlNs *a, const xmlNs *b)
{
    if (a == NULL || b == NULL || a->href == NULL || b->href == NULL ||
        (a->prefix == NULL) != (b->prefix == NULL))
        return false;
    return strcmp((const char *)a->href, (const char *)b->href) == 0 &&
           (a->prefix == NULL || strcmp((const char *)a->prefix, (const char *)b->prefix) == 0);
}

/** What a template's own element declares stands at its top elements. */
static bool inherit(const struct quick_step *s, xmlNodePtr made, const xmlNs *around)
{
    bool added = false;
    for (int i = 0; i < s->inherited_count; i++) {
        const xmlNs *wanted = s->inherited[i];
        if (same_ns(around, wanted))
            continue;
        const xmlNs *there = xmlSearchNs(made->doc, made, wanted->prefix);
        if (there == NULL || !xmlStrEqual(there->href, wanted->href))
            added = xmlNewNs(made, wanted->href, wanted->prefix) != NULL || added;
    }
    return added;
}

static void put_ns(xsltTransformContextPtr t, const struct quick_step *s, xmlNodePtr inst, xmlNodePtr made)
{
    xmlNsPtr around = made->parent->type == XML_ELEMENT_NODE ? made->parent->ns : NULL;
    if (inst->nsDef != NULL)
        xsltCopyNamespaceList(t, made, inst->nsDef);
    made->ns =
        inst->nsDef == NULL && same_ns(around, inst->ns) ? around : xsltGetNamespace(t, inst, inst->ns, made);
    if (inherit(s, made, around) && made->ns != NULL)
        made->ns = xsltGetNamespace(t, inst, made->ns, made);
}

/** The namespace that the attribute of a parent has is declared there, or above. */
static xmlNsPtr attr_ns(xsltTransformContextPtr t, const xmlAttr *source, xmlNodePtr made)
{
    const xmlNode *parent = made->parent;
    if (source->ns == NULL)
        return NULL;
    if (made->nsDef == NULL && parent->type == XML_ELEMENT_NODE && parent->properties != NULL &&
        same_ns(parent->properties->ns, source->ns))
        return parent->properties->ns;
    return xsltGetNamespace(t, source->parent, source->ns, made);
}

/** What stands in an attribute, in `text`. */
static void attr_value(xsltTransformContextPtr t, struct run *run, xmlNodePtr at, const struct quick_attr *a,
                       xmlNodePtr text)
{
    struct asking before;
    bool sure = false;
    if (a->value != NULL) {
        struct lean_run *r = ask_begin(&before, run);
        const char *value = lean_text(r, a->value, at);
        sure = !r->lost;
        if (sure)
            fill(text, (const xmlChar *)value);
        ask_end(run, &before);
    } else if (a->fixed != NULL) {
        fill(text, a->fixed);
        sure = true;
    }
    if (!sure)
        text->content = xsltEvalAVT(t, a->source->psvi, a->source->parent);
    if (text->content == NULL)
        fill(text, (const xmlChar *)"");
}

static bool put_attr(xsltTransformContextPtr t, struct run *run, xmlNodePtr at, const struct quick_attr *a,
                     xmlNodePtr made, xmlAttrPtr *last)
{
    xmlNsPtr ns = attr_ns(t, a->source, made);
    xmlAttrPtr attr = xmlMalloc(sizeof *attr);
    xmlNodePtr text = xmlNewText(NULL);
    if (attr == NULL || text == NULL) {
        xmlFree(attr);
        xmlFreeNode(text);
        return false;
    }
    memset(attr, 0, sizeof *attr);
    attr->type = XML_ATTRIBUTE_NODE;
    attr->name = a->source->name;
    attr->ns = ns;
    attr->doc = made->doc;
    attr->parent = made;
    attr->children = attr->last = text;
    attr->prev = *last;
    text->parent = (xmlNodePtr)attr;
    text->doc = made->doc;
    if (*last != NULL)
        (*last)->next = attr;
    else
        made->properties = attr;
    *last = attr;
    attr_value(t, run, at, a, text);
    return true;
}

static xmlNodePtr put_element(xsltTransformContextPtr t, xmlNodePtr inst)
{
    xmlNodePtr into = t->insert;
    xmlNodePtr made = xmlNewDocNodeEatName(into->doc, NULL, (xmlChar *)(uintptr_t)inst->name, NULL);
    if (made == NULL)
        return NULL;
    made->doc = t->output;
    made->parent = into;
    made->prev = into->last;
    if (into->last != NULL)
        into->last->next = made;
    else
        into->children = made;
    into->last = made;
    return made;
}

static void do_element(xsltTransformContextPtr t, xmlNodePtr at, xmlNodePtr inst, xsltElemPreCompPtr comp)
{
    const struct quick_step *s = (const struct quick_step *)(const void *)comp;
    xmlNodePtr into = t->insert, made = put_element(t, inst);
    xmlAttrPtr last = NULL;
    bool good = made != NULL;
    if (good)
        put_ns(t, s, inst, made);
    t->insert = made;
    for (const struct quick_attr *a = s->attrs; good && a != NULL; a = a->next)
        good = put_attr(t, t->_private, at, a, made, &last);
    if (!good)
        t->state = XSLT_STATE_STOPPED;
    else if (inst->children != NULL)
        do_children(t, at, inst, s);
    t->insert = into;
}

/* --- instructions --- */

static void do_value(xsltTransformContextPtr t, xmlNodePtr at, xmlNodePtr inst, xsltElemPreCompPtr comp)
{
    const struct quick_step *s = (const struct quick_step *)(const void *)comp;
    struct asking before;
    struct lean_run *r = ask_begin(&before, t->_private);
    const char *text = lean_text(r, s->value, at);
    bool sure = !r->lost;
    if (sure)
        put_text(t, (const xmlChar *)text, s->own.noescape);
    ask_end(t->_private, &before);
    if (!sure)
        s->plain->func(t, at, inst, (xsltElemPreCompPtr)s->plain);
}

/** 1 or 0; -1: not sure. */
static int answer(xsltTransformContextPtr t, const struct lean_expr *test, const xmlNode *at)
{
    struct asking before;
    struct lean_run *r = ask_begin(&before, t->_private);
    bool truth = lean_truth(r, test, at);
    int result = r->lost ? -1 : truth;
    ask_end(t->_private, &before);
    return result;
}

static void do_if(xsltTransformContextPtr t, xmlNodePtr at, xmlNodePtr inst, xsltElemPreCompPtr comp)
{
    const struct quick_step *s = (const struct quick_step *)(const void *)comp;
    int yes = answer(t, s->value, at);
    if (yes < 0)
        s->plain->func(t, at, inst, (xsltElemPreCompPtr)s->plain);
    else if (yes > 0 && inst->children != NULL)
        do_children(t, at, inst, s);
}

static bool is(const xmlNode *n, const char *name)
{
    return strcmp((const char *)n->name, name) == 0;
}

static void do_choose(xsltTransformContextPtr t, xmlNodePtr at, xmlNodePtr inst, xsltElemPreCompPtr comp)
{
    const struct quick_step *s = (const struct quick_step *)(const void *)comp;
    int yes = 0;
    for (const xmlNode *n = inst->children; n != NULL && yes == 0; n = n->next) {
        bool last = is(n, "otherwise");
        const struct quick_step *branch = last ? s : n->psvi;
        yes = last ? 1 : answer(t, branch->value, at);
        if (yes > 0 && n->children != NULL)
            do_children(t, at, n, branch);
    }
    if (yes < 0)
        s->plain->func(t, at, inst, (xsltElemPreCompPtr)s->plain);
}

/* --- taking the places --- */

/** All branches are understood, and in the order XSLT asks for. */
static bool whole(const xmlNode *choose)
{
    for (const xmlNode *n = choose->children; n != NULL; n = n->next) {
        const xsltElemPreComp *branch = n->psvi;
        if (n->type != XML_ELEMENT_NODE)
            return false;
        if (is(n, "otherwise") ? n->next != NULL : branch == NULL || branch->func != do_if)
            return false;
    }
    return choose->children != NULL;
}

bool step_take(struct quick_step *s, xmlNodePtr inst)
{
    if (s->plain == NULL) {
        s->own.func = do_element;
        s->own.type = XSLT_FUNC_EXTENSION;
        s->own.inst = inst;
    } else {
        s->own = *s->plain;
        if (s->plain->type == XSLT_FUNC_VALUEOF)
            s->own.func = do_value;
        else if (s->plain->type == XSLT_FUNC_IF || s->plain->type == XSLT_FUNC_WHEN)
            s->own.func = do_if;
        else if (s->plain->type == XSLT_FUNC_CHOOSE && whole(inst))
            s->own.func = do_choose;
        else
            return false;
    }
    inst->psvi = &s->own;
    return true;
}

void step_settle(struct quick_step *s)
{
    const void *marker = xsltExtMarker;
    const xmlNode *list = s->own.inst;
    if (s->own.func == do_choose) /* its branches have steps of their own, but for the last */
        list = is(list->last, "otherwise") ? list->last : NULL;
    for (const xmlNode *n = list != NULL ? list->children : NULL; n != NULL; n = n->next) {
        const xsltElemPreComp *comp = n->psvi;
        bool known = n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE;
        if (n->type == XML_ELEMENT_NODE && n->ns != NULL && comp != NULL)
            known = xmlStrEqual(n->ns->href, XSLT_NAMESPACE) ? comp->func != NULL : n->psvi != marker;
        if (!known)
            s->plain_list = true;
    }
}
