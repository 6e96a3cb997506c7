/** @file
 * The libxml2 side of xml/tree.h: for this room, and for seal/, which canonicalises what it signs. Nobody else includes it.
 */
#ifndef XML_NATIVE_H
#define XML_NATIVE_H

#include <stdint.h>

#include <libxml/tree.h>

#include "xml/place.h"
#include "xml/tree.h"

/**
 * A document. `tree->_private` points back here. In a document that was read, `_private` of an element is its number in the
 * place table plus one; in others it is NULL, or the number of a place set by xml_set_place().
 */
struct xml_doc {
    xmlDocPtr tree; /**< owned; NULL only while being built or taken apart */
    struct places places;
    size_t nodes; /**< elements and attributes read; 0 if the tree was not read */
};

/** An element as libxml2's node: the same pointer. The constness of the keyhole is not libxml2's. */
static inline xmlNodePtr xml_native(const struct xml_node *n)
{
    return (xmlNodePtr)(uintptr_t)n;
}
static inline struct xml_node *xml_keyhole(const xmlNode *n)
{
    return (struct xml_node *)(uintptr_t)n;
}

/** Takes ownership of `tree`, also when it fails. */
int xml_doc_adopt(struct xml_doc **out, struct gln_context *ctx, xmlDocPtr tree);
/** The document a node lies in; NULL for a tree that is none of ours. */
struct xml_doc *xml_doc_behind(const xmlNode *n);
/** Hands the tree over and frees the rest. */
xmlDocPtr xml_doc_release(struct xml_doc *doc);
/** Reads bytes of our own, without caps, with a parser and dictionary of their own; `name` as for xml_read_file(). */
int xml_read_own(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len,
                 const char *name);
/** The number of a node's place plus one; 0 if it has none of its own. */
size_t xml_place_number(const xmlNode *n);

#endif
