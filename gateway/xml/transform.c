/*
 * Running stylesheets (xml/transform.h): a context of libxslt's per run, under a budget, all rights denied.
 *
 * The budget grows with the input: instructions and XPath steps per node, so that what is linear always fits and what is
 * not ends with GLN_E_LIMIT. How deep templates nest is watched where they look at a variable, as all do that recur over
 * data: libxslt's own limit, behind ours, would dump all variables to stdout.
 *
 * A run ends early by gln:fail(), by an amount that cannot be computed, by xsl:message terminate="yes" (our own form becomes an
 * error of the input with its place), by the budget, or by a fault of the stylesheet; the first of these is what is reported.
 * The result keeps its gln:src attributes; xml_write() leaves them out.
 */
#include "xml/transform.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xpathInternals.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xsltutils.h>

#include "util/str.h"
#include "xml/quick.h"
#include "xml/run.h"

enum { MESSAGES_MOST = 4096, TOO_DEEP = 3000 };

static void on_message(void *data, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void on_message(void *data, const char *fmt, ...)
{
    struct run *run = data;
    char piece[MESSAGES_MOST];
    va_list args;
    if (run->messages.len > MESSAGES_MOST)
        return;
    va_start(args, fmt);
    vsnprintf(piece, sizeof piece, fmt, args);
    va_end(args);
    buf_puts(&run->messages, piece);
}

static void on_xpath(void *data, xmlErrorPtr e)
{
    on_message(data, "XPath: %s in '%.200s' ", e->message != NULL ? e->message : "error",
               e->str1 != NULL ? e->str1 : "");
}

static void set_budget(struct run *run)
{
    unsigned long nodes = xml_doc_node_count(run->in);
    run->transform->opLimit = 1000000 + 2000 * nodes;
    run->transform->xpathCtxt->opLimit = 20000000 + 10000 * nodes;
    run->transform->maxTemplateDepth = TOO_DEEP;
    run->transform->maxTemplateVars = INT_MAX;
}

static xmlXPathObjectPtr variable_lookup(void *data, const xmlChar *name, const xmlChar *ns)
{
    struct run *run = data;
    if (run->transform->depth < RUN_DEEP)
        return xsltXPathVariableLookup(run->transform, name, ns);
    if (run->status == GLN_OK)
        run_stop(run, context_fail(run->ctx, GLN_E_LIMIT, MSG_XML_BUDGET, run->sheet->name));
    return NULL;
}

static int prepare(struct run *run)
{
    run->scratch = xml_scratch(run->ctx);
    if (run->scratch == NULL || !exslt_known(run->scratch))
        return context_no_memory(run->ctx);
    run->transform = context_take(run);
    if (run->transform == NULL)
        return context_no_memory(run->ctx);
    run->transform->_private = run;
    xsltSetTransformErrorFunc(run->transform, run, on_message);
    if (xsltSetCtxtSecurityPrefs(run->sheet->denied, run->transform) != 0)
        return context_no_memory(run->ctx);
    run->transform->xpathCtxt->error = on_xpath;
    run->transform->xpathCtxt->userData = run;
    xmlXPathRegisterFuncLookup(run->transform->xpathCtxt, function_lookup, run);
    xmlXPathRegisterVariableLookup(run->transform->xpathCtxt, variable_lookup, run);
    set_budget(run);
    if (run->sheet->quick != NULL && !quick_begin(run))
        return context_no_memory(run->ctx);
    if (run->how->params == NULL)
        return GLN_OK;
    if (run->quick != NULL)
        return quick_params(run) ? GLN_OK : context_no_memory(run->ctx);
    const char **params = (const char **)(uintptr_t)run->how->params;
    return xsltQuoteUserParams(run->transform, params) == 0 ? GLN_OK : context_no_memory(run->ctx);
}

/** Our own form of xsl:message: `gln:fail src|English|Spanish`. False: it is not that. */
static bool said_fail(struct run *run)
{
    char *text = run->messages.data != NULL ? strstr(run->messages.data, "gln:fail ") : NULL;
    if (text == NULL)
        return false;
    text += strlen("gln:fail ");
    char *en = strchr(text, '|');
    char *es = en != NULL ? strchr(en + 1, '|') : NULL;
    if (es == NULL)
        return false;
    *en++ = '\0';
    *es++ = '\0';
    size_t n = strlen(es);
    while (n > 0 && (es[n - 1] == '\n' || es[n - 1] == ' '))
        es[--n] = '\0';
    text += strspn(text, " \t\r\n");
    text[strcspn(text, " \t\r\n")] = '\0';
    run->status = run_fail(run->ctx, GLN_E_INPUT, xml_place_by_src(run->source, text), en, es);
    return true;
}

static bool budget_spent(const struct run *run)
{
    const xmlXPathContext *xpath = run->transform->xpathCtxt;
    return run->transform->opCount >= run->transform->opLimit || xpath->opCount >= xpath->opLimit ||
           (run->messages.data != NULL && strstr(run->messages.data, "infinite template recursion") != NULL);
}

/** Why a run stopped, in the context; GLN_OK if it did not. */
static int verdict(struct run *run, xmlDocPtr result)
{
    if (run->status != GLN_OK)
        return run->status;
    if (run->transform->state == XSLT_STATE_OK && result != NULL)
        return GLN_OK;
    if (budget_spent(run))
        return context_fail(run->ctx, GLN_E_LIMIT, MSG_XML_BUDGET, run->sheet->name);
    if (said_fail(run))
        return run->status;
    struct buf *m = &run->messages;
    while (m->len > 0 && (m->data[m->len - 1] == '\n' || m->data[m->len - 1] == ' '))
        m->data[--m->len] = '\0';
    for (size_t i = 0; i < m->len; i++)
        if (m->data[i] == '\n')
            m->data[i] = ' ';
    return context_fail(run->ctx, GLN_E_INTERNAL, MSG_XML_TRANSFORM, run->sheet->name, m->data);
}

int run_sheet(xmlDocPtr *result, const struct xml_stylesheet *sheet, struct gln_context *ctx,
              const struct xml_doc *in, const struct xml_run *how, const struct elements *unsound)
{
    static const struct xml_run nothing = {NULL, NULL, NULL};
    struct run run = {.ctx = ctx,
                      .sheet = sheet,
                      .how = how != NULL ? how : &nothing,
                      .in = in,
                      .lenient = unsound != NULL,
                      .unsound = unsound};
    run.source = run.how->source != NULL ? run.how->source : in;
    *result = NULL;
    int rc = prepare(&run);
    if (rc == GLN_OK) {
        *result = xsltApplyStylesheetUser(sheet->style, in->tree, NULL, NULL, NULL, run.transform);
        rc = verdict(&run, *result);
    }
    if (rc != GLN_OK && *result != NULL) {
        xmlFreeDoc(*result);
        *result = NULL;
    }
    if (rc != GLN_OK && run.status == GLN_OK)
        run.status = rc;
    if (run.transform != NULL)
        context_give(&run);
    quick_end(&run);
    buf_free(&run.messages);
    free(run.items);
    return rc;
}

int xml_transform(struct xml_doc **out, const struct xml_stylesheet *s, struct gln_context *ctx,
                  const struct xml_doc *in, const struct xml_run *run)
{
    xmlDocPtr result;
    *out = NULL;
    int rc = run_sheet(&result, s, ctx, in, run, NULL);
    if (rc == GLN_OK && xmlDocGetRootElement(result) == NULL) {
        xmlFreeDoc(result);
        rc = context_fail(ctx, GLN_E_INTERNAL, MSG_XML_NO_RESULT, s->name);
    }
    return rc == GLN_OK ? xml_doc_adopt(out, ctx, result) : rc;
}

int xml_transform_text(struct buf *out, const struct xml_stylesheet *s, struct gln_context *ctx,
                       const struct xml_doc *in, const struct xml_run *run)
{
    xmlDocPtr result;
    int rc = run_sheet(&result, s, ctx, in, run, NULL);
    if (rc != GLN_OK)
        return rc;
    for (const xmlNode *n = result->children; n != NULL; n = n->next)
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
            buf_puts(out, (const char *)n->content);
    xmlFreeDoc(result);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}
