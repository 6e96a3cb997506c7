/*
 * Nodes and places in stylesheets and rules: src, path, item, facts, fail; and how libxslt finds all functions.
 *
 * Functions are looked up through one hook per run, never in libxslt's or libxml2's process-wide registers. libxslt keeps the
 * address it got in the compiled stylesheet, so the hook costs nothing after the first call. A function that does not exist
 * is answered with one that says so in the context; libxml2 would print to stderr.
 * Of EXSLT only sets and node-set are there: dates read the system's clock, math computes in doubles, dynamic
 * evaluates text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libexslt/exslt.h>
#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/extra.h>
#include <libxslt/functions.h>

#include "xml/quick.h"
#include "xml/run.h"

#define EXSLT_COMMON "http://exslt.org/common"

static const xmlNode *element_at(const xmlNode *n)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->type == XML_DOCUMENT_NODE ? NULL : n->parent;
    return n;
}

static void put_number(char *out, size_t number)
{
    char digits[24];
    size_t n = 0;
    for (; number != 0; number /= 10)
        digits[n++] = (char)('0' + number % 10);
    while (n > 0)
        *out++ = digits[--n];
    *out = '\0';
}

void src_of(const struct run *run, const xmlNode *node, char out[24])
{
    out[0] = '\0';
    for (const xmlNode *n = element_at(node); n != NULL; n = element_at(n->parent)) {
        size_t number = n->doc == run->source->tree ? xml_place_number(n) : 0;
        const char *given = number == 0 ? xml_attr_ns(xml_keyhole(n), GLN_NS, "src") : NULL;
        if (number != 0)
            put_number(out, number);
        else if (given != NULL)
            snprintf(out, 24, "%s", given);
        if (out[0] != '\0')
            return;
    }
}

struct place place_of(const struct run *run, const xmlNode *node)
{
    char src[24];
    src_of(run, node, src);
    return xml_place_by_src(run->source, src);
}

static void src(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    char number[24];
    if (!args_take(&a, xpath, count, 0, 1))
        return;
    src_of(a.run, count == 1 ? arg_node(&a, 0) : xpath->context->node, number);
    return_text(&a, number);
    args_free(&a);
}

static void path(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 0, 1))
        return;
    const xmlNode *node = count == 1 ? arg_node(&a, 0) : xpath->context->node;
    const xmlNode *element = element_at(node);
    if (element != NULL)
        xml_path(&b, xml_keyhole(element));
    if (element != NULL && node->type == XML_ATTRIBUTE_NODE) {
        buf_puts(&b, "/@");
        buf_puts(&b, (const char *)node->name);
    }
    return_text(&a, b.data != NULL ? b.data : "");
    buf_free(&b);
    args_free(&a);
}

static bool know_items(struct run *run)
{
    size_t cap = 0;
    run->items_known = true;
    const struct xml_node *shipment = xml_root(run->in);
    if (shipment != NULL && !xml_is(shipment, "Declaration"))
        shipment = xml_child(shipment, "Declaration");
    if (shipment != NULL)
        shipment = xml_child(shipment, "GoodsShipment");
    for (struct xml_node *n = xml_first(shipment); n != NULL; n = xml_next(n)) {
        if (!xml_is(n, "GovernmentAgencyGoodsItem"))
            continue;
        if (run->item_count == cap) {
            cap = cap == 0 ? 64 : cap * 2;
            xmlNodePtr *items = realloc(run->items, cap * sizeof(xmlNodePtr));
            if (items == NULL)
                return false;
            run->items = items;
        }
        run->items[run->item_count++] = xml_native(n);
    }
    return true;
}

static void item(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 1, 1))
        return;
    if (!a.run->items_known && !know_items(a.run))
        run_stop(a.run, context_no_memory(a.run->ctx));
    size_t n = strtoul(arg_text(&a, 0), NULL, 10);
    valuePush(xpath, xmlXPathNewNodeSet(n > 0 && n <= a.run->item_count ? a.run->items[n - 1] : NULL));
    args_free(&a);
}

/* The content of an element, without the blanks around it, is `text`. */
static bool says(const xmlNode *n, const char *text)
{
    static const char blanks[] = " \t\r\n";
    const xmlNode *child = n->children;
    bool plain = child != NULL && child->next == NULL && child->type == XML_TEXT_NODE;
    xmlChar *made = plain ? NULL : xmlXPathCastNodeToString((xmlNodePtr)(uintptr_t)n);
    const char *own = (const char *)(plain ? child->content : made);
    size_t len = strlen(text);
    bool same = false;
    if (own != NULL) {
        own += strspn(own, blanks);
        same = strncmp(own, text, len) == 0 && own[len + strspn(own + len, blanks)] == '\0';
    }
    xmlFree(made);
    return same;
}

xmlNodePtr fact_told(const xmlNode *info, const char *key)
{
    xmlNodePtr value = NULL;
    bool fits = false;
    if (info->type != XML_ELEMENT_NODE || strcmp((const char *)info->name, "AdditionalInformation") != 0)
        return NULL;
    for (xmlNodePtr n = info->children; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)n->name, "StatementCode") == 0)
            fits = says(n, key);
        else if (strcmp((const char *)n->name, "StatementDescription") == 0)
            value = n;
    }
    return fits ? value : NULL;
}

static void facts(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    xmlNodeSetPtr from = a.object[0]->type == XPATH_NODESET ? a.object[0]->nodesetval : NULL;
    xmlXPathObjectPtr found = xmlXPathNewNodeSet(NULL);
    const char *key = arg_text(&a, 1);
    for (int i = 0; from != NULL && found != NULL && i < from->nodeNr; i++)
        for (xmlNodePtr n = from->nodeTab[i]->children; n != NULL; n = n->next) {
            xmlNodePtr value = fact_told(n, key);
            if (value != NULL && xmlXPathNodeSetAddUnique(found->nodesetval, value) != 0)
                run_stop(a.run, context_no_memory(a.run->ctx));
        }
    valuePush(xpath, found);
    args_free(&a);
}

/* The elements the compiled rules are about in this run. */
static void unsound(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 0, 0))
        return;
    xmlXPathObjectPtr found = xmlXPathNewNodeSet(NULL);
    const struct elements *list = a.run->unsound;
    for (size_t i = 0; list != NULL && found != NULL && i < list->count; i++)
        if (xmlXPathNodeSetAddUnique(found->nodesetval, list->items[i]) != 0)
            run_stop(a.run, context_no_memory(a.run->ctx));
    valuePush(xpath, found);
    args_free(&a);
}

static void fail(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 3, 3))
        return;
    refuse_with(&a, arg_node(&a, 0), arg_text(&a, 1), arg_text(&a, 2));
    args_free(&a);
}

const struct function_row functions_node[] = {
    {"src", src},         {"path", path}, {"item", item}, {"facts", facts},
    {"unsound", unsound}, {"fail", fail}, {NULL, NULL},
};

static void unknown(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    const char *name = (const char *)xpath->context->function;
    if (!args_take(&a, xpath, count < ARGS_MOST ? count : ARGS_MOST, 0, ARGS_MOST))
        return;
    return_nothing(&a);
    if (a.run->status == GLN_OK)
        run_stop(a.run, context_fail(a.run->ctx, GLN_E_INTERNAL, MSG_XML_FUNCTION, a.run->sheet->name, name));
    args_free(&a);
}

/* libxslt keeps something of the document for both. */
static void mark_unclean(xmlXPathParserContextPtr xpath)
{
    xsltTransformContextPtr transform = xsltXPathGetTransformContext(xpath);
    struct run *run = transform != NULL ? transform->_private : NULL;
    if (run != NULL)
        run->unclean = true;
}

static void generate_id(xmlXPathParserContextPtr xpath, int count)
{
    mark_unclean(xpath);
    xsltGenerateIdFunction(xpath, count);
}

static void key(xmlXPathParserContextPtr xpath, int count)
{
    mark_unclean(xpath);
    xsltKeyFunction(xpath, count);
}

static void node_set(xmlXPathParserContextPtr xpath, int count)
{
    xsltFunctionNodeSet(xpath, count);
}

xmlXPathFunction function_find(const char *name)
{
    static const struct function_row *const groups[] = {functions_amount, functions_text, functions_node};
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
        for (const struct function_row *r = groups[g]; r->name != NULL; r++)
            if (strcmp(r->name, name) == 0)
                return r->call;
    return NULL;
}

static void keep(void *function, void *table, const xmlChar *name, const xmlChar *ns, const xmlChar *none)
{
    (void)none;
    if (ns != NULL && strncmp((const char *)ns, "http://exslt.org/", 17) == 0)
        xmlHashAddEntry2(table, name, ns, function);
}

bool exslt_known(struct xml_scratch *s)
{
    if (s->exslt != NULL)
        return true;
    xmlXPathContextPtr all = xmlXPathNewContext(NULL);
    s->exslt = xmlHashCreate(32);
    if (all != NULL && s->exslt != NULL) {
        exsltSetsXpathCtxtRegister(all, (const xmlChar *)"set");
        xmlHashScanFull(all->funcHash, keep, s->exslt);
    }
    xmlXPathFreeContext(all);
    return s->exslt != NULL;
}

xmlXPathFunction function_lookup(void *data, const xmlChar *name, const xmlChar *ns)
{
    const struct run *run = data;
    xmlXPathContextPtr xpath = run->transform->xpathCtxt;
    union {
        void *data;
        xmlXPathFunction call;
    } found = {NULL};
    if (ns == NULL && run->quick != NULL && quick_function((const char *)name) != NULL)
        return quick_function((const char *)name);
    if (ns == NULL && strcmp((const char *)name, "generate-id") == 0)
        return generate_id;
    if (ns == NULL && strcmp((const char *)name, "key") == 0)
        return key;
    if (ns == NULL) {
        found.data = xmlHashLookup2(xpath->funcHash, name, NULL);
        return found.data != NULL ? found.call : unknown;
    }
    if (strcmp((const char *)ns, GLN_NS) == 0) {
        xmlXPathFunction ours = function_find((const char *)name);
        return ours != NULL ? ours : unknown;
    }
    if (strcmp((const char *)ns, EXSLT_COMMON) == 0 && strcmp((const char *)name, "node-set") == 0)
        return node_set;
    found.data = xmlHashLookup2(run->scratch->exslt, name, ns);
    return found.data != NULL ? found.call : unknown;
}
