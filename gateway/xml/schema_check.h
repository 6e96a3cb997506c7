/** @file
 * One validation with all its findings: what schema.c, schema_words.c and schema_mend.c share.
 */
#ifndef XML_SCHEMA_CHECK_H
#define XML_SCHEMA_CHECK_H

#include <libxml/hash.h>
#include <libxml/xmlschemas.h>

#include "xml/native.h"
#include "xml/schema.h"

struct xml_schema {
    xmlSchemaPtr compiled; /**< owned */
    xmlHashTablePtr names; /**< owned: local names of all elements that the schema's files declare */
};

/** A child element that its parent's content model does not take at that place. */
struct complaint {
    xmlNodePtr node; /**< in the tree that was validated */
    char *expected;  /**< owned: as libxml2 lists it; NULL: nothing more may come */
};

struct schema_check {
    struct gln_context *ctx;
    const struct xml_schema *schema;
    const struct xml_doc *doc;
    struct findings *out;
    size_t most; /**< findings */
    bool
        on_copy; /**< what is validated is a copy whose elements' `_private` are the originals; NULL: put in by us */
    xmlNodePtr faceted;           /**< the last node with a facet error: its type error says the same again */
    struct complaint *complaints; /**< owned: of one validation, in document order */
    size_t count, cap;
    uint64_t *seen; /**< owned: what was said already, a hash set */
    size_t seen_count, seen_cap;
    int rc;
};

/** Says one error of libxml2's in our words, unless it was said; content errors become complaints. */
void schema_word(struct schema_check *c, const xmlError *e);
/** A child that may not stand where it does; `expected` as libxml2 lists it. */
void schema_say_unexpected(struct schema_check *c, const xmlNode *node, const char *expected);
/** `name` should have come before `node`. */
void schema_say_missing(struct schema_check *c, const xmlNode *node, const char *name);
/** `name` was taken out below `parent`: its absence there is no second finding. */
void schema_note_dropped(struct schema_check *c, const xmlNode *parent, const xmlChar *name);
/** More errors may show once these are mended. */
void schema_say_more(struct schema_check *c);
/** The element of the sender's document that a node of the validated tree stands for; NULL if there is none. */
const xmlNode *schema_original(const struct schema_check *c, const xmlNode *node);
/** One name of libxml2's list "{ns}a, {ns}b"; false at its end. `ns` is NULL without one. */
bool schema_next_name(const char **list, struct buf *name, struct buf *ns);
void schema_forget_complaints(struct schema_check *c);
/** Mends a copy at each complaint and validates again, until nothing complains or the cap. */
void schema_mend(struct schema_check *c);
/** Validates a tree; errors go to schema_word(). */
void schema_run(struct schema_check *c, xmlDocPtr tree);

#endif
