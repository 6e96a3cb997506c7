/*
 * Canonical XML by libxml2, the same for signing and for verifying.
 *
 * Only the exclusive form without comments is made: its result does not depend on what stands around an element, so a part
 * may be copied out and canonicalised alone. Attributes in GLN_NS are the gateway's notes on a tree and never leave it: when we
 * sign they are not seen. When we verify they are, since a sender could have written them. A tree that has no canonical form (a relative namespace name) is an error of the input.
 */
#include "seal/dsig.h"

#include <libxml/c14n.h>
#include <libxml/xmlIO.h>

/* libxml2 asks for each node whether it belongs to the set. */
static int is_seen(void *arg, xmlNodePtr node, xmlNodePtr parent)
{
    const bool *notes = arg;

    (void)parent;
    return *notes || node->type != XML_ATTRIBUTE_NODE || node->ns == NULL ||
           !xmlStrEqual(node->ns->href, BAD_CAST GLN_NS);
}

static int take(void *arg, const char *data, int len)
{
    struct buf *out = arg;

    buf_put(out, data, (size_t)len);
    return out->failed ? -1 : len;
}

int dsig_canonical(struct buf *out, struct gln_context *ctx, xmlDocPtr tree, bool notes)
{
    xmlOutputBufferPtr sink = xmlOutputBufferCreateIO(take, NULL, out, NULL);
    int done = -1;

    if (sink == NULL)
        return context_no_memory(ctx);
    done = xmlC14NExecute(tree, is_seen, &notes, XML_C14N_EXCLUSIVE_1_0, NULL, 0, sink);
    if (xmlOutputBufferClose(sink) < 0)
        done = -1;
    if (out->failed)
        return context_no_memory(ctx);
    return done >= 0 ? GLN_OK : context_fail(ctx, GLN_E_INPUT, MSG_SEAL_CANONICAL);
}

int dsig_canonical_node(struct buf *out, struct gln_context *ctx, xmlNodePtr node)
{
    xmlDocPtr alone = xmlNewDoc(BAD_CAST "1.0");
    xmlNodePtr copy = alone != NULL ? xmlDocCopyNode(node, alone, 1) : NULL;
    int status;

    if (copy == NULL) {
        xmlFreeDoc(alone);
        return context_no_memory(ctx);
    }
    xmlDocSetRootElement(alone, copy);
    status = dsig_canonical(out, ctx, alone, true);
    xmlFreeDoc(alone);
    return status;
}
