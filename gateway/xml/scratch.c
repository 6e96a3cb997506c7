/*
 * The room's scratch in the context's slot (xml/scratch.h).
 *
 * One thread at a time uses a context, so nothing here is locked. Freed with the context.
 * libxml2 is initialised here, by its own counted and thread-safe call; it is never cleaned up, since that is the host's.
 */
#include "xml/scratch.h"

#include <stdlib.h>

#include <libxml/xmlregexp.h>

static void free_pattern(void *pattern, const xmlChar *name)
{
    (void)name;
    xmlRegFreeRegexp(pattern);
}

static void scratch_free(void *p)
{
    struct xml_scratch *s = p;
    if (s == NULL)
        return;
    if (s->parser != NULL)
        xmlFreeParserCtxt(s->parser);
    if (s->patterns != NULL)
        xmlHashFree(s->patterns, free_pattern);
    if (s->exslt != NULL)
        xmlHashFree(s->exslt, NULL);
    for (size_t i = 0; i < KEPT_CONTEXTS; i++)
        kept_context_free(&s->kept[i]);
    free(s);
}

struct xml_scratch *xml_scratch(struct gln_context *ctx)
{
    if (ctx->slot[SLOT_XML].p == NULL) {
        xmlInitParser();
        ctx->slot[SLOT_XML].p = calloc(1, sizeof(struct xml_scratch));
        ctx->slot[SLOT_XML].free = scratch_free;
    }
    return ctx->slot[SLOT_XML].p;
}
