/*
 * Contexts of libxslt kept for the next run of the same stylesheet (xml/run.h), a few in each of our contexts: making one registers
 * the functions of XPath and XSLT one by one, which costs more than a small stylesheet's run.
 *
 * A kept context is as a new one: no document, no variable, no tree, no template. Only a run that ended well leaves one, and none in
 * which a key or generate-id() was asked for, since libxslt keeps more about the document then. It holds its stylesheet. A dictionary
 * is thrown away with its context after USES runs, so that what names a run may have made do not stay for ever; the trees that runs of
 * one context made share it, and belong to one thread at a time as that context does.
 */
#include <string.h>

#include <libxml/xpathInternals.h>
#include <libxslt/documents.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>

#include "xml/run.h"

enum { USES = 1000 };

/** What patterns remember of the nodes they met. */
static void forget_extras(xsltTransformContextPtr t)
{
    for (int i = 0; i < t->extrasNr; i++)
        if (t->extras[i].deallocate != NULL && t->extras[i].info != NULL)
            t->extras[i].deallocate(t->extras[i].info);
    if (t->extras != NULL)
        memset(t->extras, 0, (size_t)t->extrasMax * sizeof *t->extras);
}

/** False: it is not as it should be after a run. */
static bool emptied(xsltTransformContextPtr t)
{
    if (t->state != XSLT_STATE_OK || t->styleList != NULL || t->hasTemplKeyPatterns != 0 || t->varsNr != 0 ||
        t->templNr != 0 || t->style->extInfos != NULL)
        return false;
    xsltFreeGlobalVariables(t);
    t->globalVars = NULL;
    xsltFreeDocuments(t);
    t->docList = NULL;
    t->document = NULL;
    xsltFreeRVTs(t);
    forget_extras(t);
    t->localRVT = t->tmpRVT = t->persistRVT = NULL; /* libxslt before 1.1.33 leaves them */
    t->node = t->inst = t->insert = NULL;
    t->templ = t->currentTemplateRule = NULL;
    t->mode = t->modeURI = NULL;
    t->depth = 0;
    t->output = NULL;
    t->initialContextNode = NULL;
    t->initialContextDoc = NULL;
    t->nodeList = NULL;
    t->lasttext = NULL;
    t->vars = NULL;
    t->varsBase = 0;
    t->_private = NULL;
    t->opCount = 0;
    t->xpathCtxt->opCount = 0;
    t->xpathCtxt->doc = NULL;
    t->xpathCtxt->node = NULL;
    t->xpathCtxt->namespaces = NULL;
    t->xpathCtxt->nsNr = 0;
    t->xpathCtxt->contextSize = t->xpathCtxt->proximityPosition = -1;
    return true;
}

static bool armed(xsltTransformContextPtr t, xmlDocPtr doc)
{
    xmlXPathOrderDocElems(doc);
    t->document = xsltNewDocument(t, doc);
    if (t->document == NULL)
        return false;
    t->document->main = 1;
    t->xpathCtxt->doc = doc;
    return true;
}

xsltTransformContextPtr context_take(struct run *run)
{
    for (size_t i = 0; i < KEPT_CONTEXTS; i++) {
        struct kept_context *k = &run->scratch->kept[i];
        if (k->sheet != run->sheet)
            continue;
        xsltTransformContextPtr t = k->transform;
        run->uses = k->uses + 1;
        xml_stylesheet_free(k->sheet);
        memset(k, 0, sizeof *k);
        if (armed(t, run->in->tree))
            return t;
        xsltFreeTransformContext(t);
        return NULL;
    }
    return xsltNewTransformContext(run->sheet->style, run->in->tree);
}

void context_give(struct run *run)
{
    struct kept_context *place = NULL;
    for (size_t i = 0; i < KEPT_CONTEXTS && place == NULL; i++)
        if (run->scratch->kept[i].sheet == NULL)
            place = &run->scratch->kept[i];
    if (place == NULL) /* the first is as good as any: stylesheets come in turns */
        place = &run->scratch->kept[0];
    if (run->sheet->quick == NULL || run->status != GLN_OK || run->unclean || run->uses > USES ||
        !emptied(run->transform)) {
        xsltFreeTransformContext(run->transform);
        return;
    }
    kept_context_free(place);
    *place = (struct kept_context){xml_stylesheet_ref(run->sheet), run->transform, run->uses};
}

void kept_context_free(struct kept_context *k)
{
    if (k->transform != NULL)
        xsltFreeTransformContext(k->transform);
    xml_stylesheet_free(k->sheet);
    memset(k, 0, sizeof *k);
}
