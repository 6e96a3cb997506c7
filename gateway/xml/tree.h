/** @file
 * XML trees seen through a keyhole: the other rooms read and build trees with these and never see libxml2.
 * An xml_node belongs to its xml_doc; strings returned live as long as the document is unchanged.
 */
#ifndef XML_TREE_H
#define XML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/context.h"
#include "core/place.h"
#include "util/buf.h"

struct xml_doc;  /**< a document with its place table */
struct xml_node; /**< an element */

void xml_doc_free(struct xml_doc *doc);
size_t xml_doc_node_count(const struct xml_doc *doc);

struct xml_node *xml_root(const struct xml_doc *doc);
struct xml_node *xml_first(const struct xml_node *n);    /**< first child element or NULL */
struct xml_node *xml_next(const struct xml_node *n);     /**< next sibling element or NULL */
struct xml_node *xml_parent(const struct xml_node *n);   /**< parent element or NULL */
const char *xml_name(const struct xml_node *n);          /**< local name */
const char *xml_ns(const struct xml_node *n);            /**< namespace URI or "" */
bool xml_is(const struct xml_node *n, const char *name); /**< local name equals */
/** Attribute without namespace, NULL if absent. */
const char *xml_attr(const struct xml_node *n, const char *name);
/** Attribute in a namespace, NULL if absent. */
const char *xml_attr_ns(const struct xml_node *n, const char *ns, const char *name);
/** Text of an element that holds only text (CDATA joined); "" for an empty one. */
const char *xml_text(const struct xml_node *n);
/** Walks child element names: xml_child(root, "GoodsShipment"); namespace ignored; NULL if absent. */
struct xml_node *xml_child(const struct xml_node *n, const char *name);
/** "GoodsShipment/Importer/ID" from `n`, first match at each step; NULL if absent. */
struct xml_node *xml_find(const struct xml_node *n, const char *path);
const char *xml_find_text(const struct xml_node *n, const char *path); /**< NULL if absent */

struct place xml_place(const struct xml_doc *doc, const struct xml_node *n);
/** Place by the number gln:src() wrote ("src" attribute). PLACE_NONE if out of range. */
struct place xml_place_by_src(const struct xml_doc *doc, const char *src);
/** The node a `src` number stands for, NULL if none. */
struct xml_node *xml_node_by_src(const struct xml_doc *doc, const char *src);
/** /md:MetaData/Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/..., without prefixes, positions only where siblings share the name. */
void xml_path(struct buf *out, const struct xml_node *n);

/** The element that has just this place in a document (as findings have it); NULL if none. */
struct xml_node *xml_node_at(const struct xml_doc *doc, struct place place);

/* building; `ns` NULL: the parent's namespace, "": none */
int xml_doc_new(struct xml_doc **out, struct gln_context *ctx, const char *ns, const char *root_name);
int xml_add(struct xml_node **out, struct gln_context *ctx, struct xml_node *parent, const char *ns,
            const char *name);
/** The same, before an element that is there. */
int xml_add_before(struct xml_node **out, struct gln_context *ctx, struct xml_node *before, const char *ns,
                   const char *name);
int xml_add_text(struct gln_context *ctx, struct xml_node *parent, const char *ns, const char *name,
                 const char *text);
int xml_set_text(struct gln_context *ctx, struct xml_node *n, const char *text);
/** `name` without prefix, or "gln:src", "gln:secret" ... for an attribute in GLN_NS. */
int xml_set_attr(struct gln_context *ctx, struct xml_node *n, const char *name, const char *value);
/** Where the element came from, for trees that a codec builds; elements without take the place of the nearest ancestor that has one. */
int xml_set_place(struct gln_context *ctx, struct xml_node *n, struct place place);
/** Deep copy of `n` as last child of `parent` (other document allowed); keeps gln:src attributes. */
int xml_graft(struct gln_context *ctx, struct xml_node *parent, const struct xml_node *n);
/** The same, before `before` (NULL: last); the copy in *out. */
int xml_graft_before(struct xml_node **out, struct gln_context *ctx, struct xml_node *parent,
                     struct xml_node *before, const struct xml_node *n);
void xml_remove(struct xml_node *n); /**< unlinks and frees */
/** A new document whose root is a copy of `n`. */
int xml_doc_of(struct xml_doc **out, struct gln_context *ctx, const struct xml_node *n);

/** A place in the outbound bytes that a secret will take when the carrier sends. */
struct secret_slot {
    size_t offset, length; /**< of the mask in the masked bytes */
    char name[32];         /**< "abi-password", "ws-password" */
    bool
        fixed; /**< fixed width: pad the secret with blanks to `length`, never longer; else XML-escaped text of any length */
};
struct secret_slots {
    struct secret_slot *items; /**< owned */
    size_t count, cap;
};
int secret_slots_add(struct secret_slots *s, size_t offset, size_t length, const char *name, bool fixed);
void secret_slots_free(struct secret_slots *s);

/**
 * Serialises as UTF-8 without indentation, XML declaration first unless `fragment`. Attributes in GLN_NS (gln:src, gln:secret)
 * are left out; the text of an element with gln:secret="name" is written as ******** and its place added to `slots` (may be NULL).
 */
int xml_write(struct buf *out, struct secret_slots *slots, struct gln_context *ctx, const struct xml_node *n,
              bool fragment);

/** Namespace of the attributes and elements of the gateway's own inside transforms. */
#define GLN_NS "urn:greenlane:xslt:1"

#endif
