/*
 * Arguments and results of extension functions (xml/run.h), and how a function ends a run.
 *
 * Most arguments are a node set of one element with one text, or a string: those are copied once, trimmed. A function that
 * refuses leaves the message and place in the context, stops libxslt and pushes an empty string, since XPath's stack must
 * stay balanced.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>

#include "util/str.h"
#include "xml/run.h"

bool args_take(struct args *a, xmlXPathParserContextPtr xpath, int count, int least, int most)
{
    memset(a, 0, sizeof *a);
    xsltTransformContextPtr transform = xsltXPathGetTransformContext(xpath);
    if (transform == NULL || transform->_private == NULL || count < least || count > most) {
        xmlXPathErr(xpath, XPATH_INVALID_ARITY);
        return false;
    }
    a->run = transform->_private;
    a->xpath = xpath;
    for (int i = count - 1; i >= 0; i--)
        a->object[i] = valuePop(xpath);
    a->count = count;
    for (int i = 0; i < count; i++) {
        if (a->object[i] == NULL) {
            args_free(a);
            xmlXPathErr(xpath, XPATH_STACK_ERROR);
            return false;
        }
    }
    return true;
}

void args_free(struct args *a)
{
    for (int i = 0; i < a->count; i++) {
        xmlXPathFreeObject(a->object[i]);
        free(a->text[i]);
    }
    a->count = 0;
}

static const char *plain_text(const xmlNode *n)
{
    const xmlNode *child = n->type == XML_ELEMENT_NODE || n->type == XML_ATTRIBUTE_NODE ? n->children : n;
    if (child == NULL)
        return "";
    bool single = child == n || child->next == NULL;
    if (single && (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE))
        return (const char *)child->content;
    return NULL;
}

static char *trimmed(const char *s)
{
    static const char blanks[] = " \t\r\n";
    s += strspn(s, blanks);
    size_t n = strlen(s);
    while (n > 0 && strchr(blanks, s[n - 1]) != NULL)
        n--;
    return str_ndup(s, n);
}

xmlNodePtr arg_node(const struct args *a, int i)
{
    const xmlXPathObject *o = i < a->count ? a->object[i] : NULL;
    if (o == NULL || (o->type != XPATH_NODESET && o->type != XPATH_XSLT_TREE) || o->nodesetval == NULL ||
        o->nodesetval->nodeNr == 0)
        return NULL;
    xmlNodePtr first = o->nodesetval->nodeTab[0];
    for (int k = 1; k < o->nodesetval->nodeNr; k++)
        if (first->type != XML_NAMESPACE_DECL && o->nodesetval->nodeTab[k]->type != XML_NAMESPACE_DECL &&
            xmlXPathCmpNodes(o->nodesetval->nodeTab[k], first) > 0)
            first = o->nodesetval->nodeTab[k];
    return first->type != XML_NAMESPACE_DECL ? first : NULL;
}

const char *arg_text(struct args *a, int i)
{
    if (i >= a->count)
        return "";
    if (a->text[i] != NULL)
        return a->text[i];
    const xmlXPathObject *o = a->object[i];
    xmlNodePtr node = arg_node(a, i);
    const char *plain = NULL;
    if (o->type == XPATH_STRING)
        plain = (const char *)o->stringval;
    else if (node != NULL)
        plain = plain_text(node);
    if (plain != NULL) {
        a->text[i] = trimmed(plain);
    } else {
        xmlChar *made = node != NULL ? xmlXPathCastNodeToString(node) : xmlXPathCastToString(a->object[i]);
        a->text[i] = made != NULL ? trimmed((const char *)made) : NULL;
        xmlFree(made);
    }
    return a->text[i] != NULL ? a->text[i] : "";
}

void return_text(struct args *a, const char *text)
{
    valuePush(a->xpath, xmlXPathNewCString(text));
}

void return_bool(struct args *a, bool value)
{
    valuePush(a->xpath, xmlXPathNewBoolean(value));
}

void return_number(struct args *a, double value)
{
    valuePush(a->xpath, xmlXPathNewFloat(value));
}

void return_nothing(struct args *a)
{
    return_text(a, "");
}

void run_stop(struct run *run, int status)
{
    if (run->status == GLN_OK)
        run->status = status;
    run->transform->state = XSLT_STATE_STOPPED;
}

int run_fail(struct gln_context *ctx, int status, struct place place, const char *en, const char *es)
{
    const char *const texts[LANG_COUNT] = {en, es};
    int rc = context_fail_at(ctx, status, place, MSG_TEXT, "");
    for (int i = 0; i < LANG_COUNT; i++) {
        struct buf b = BUF_INIT;
        buf_puts(&b, ctx->error.text[i]); /* the place, as the context writes it */
        for (const char *s = texts[i]; *s != '\0'; s++)
            buf_putc(&b, strchr("\r\n\t", *s) != NULL ? ' ' : *s);
        char *text = buf_take(&b, NULL);
        if (text != NULL) {
            free(ctx->error.text[i]);
            ctx->error.text[i] = text;
        }
    }
    return rc;
}

static xmlNodePtr at_or_current(const struct args *a, xmlNodePtr node)
{
    return node != NULL ? node : a->xpath->context->node;
}

void refuse(struct args *a, xmlNodePtr node, enum message_id id, const char *first, const char *second)
{
    struct run *run = a->run;
    return_nothing(a);
    if (run->lenient || run->status != GLN_OK)
        return;
    struct place place = place_of(run, at_or_current(a, node));
    run_stop(run, context_fail_at(run->ctx, GLN_E_INPUT, place, id, first, second));
}

void refuse_with(struct args *a, xmlNodePtr node, const char *en, const char *es)
{
    struct run *run = a->run;
    return_nothing(a);
    if (run->status != GLN_OK)
        return;
    struct place place = place_of(run, at_or_current(a, node));
    run_stop(run, run_fail(run->ctx, GLN_E_INPUT, place, en, es));
}
