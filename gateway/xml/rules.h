/** @file
 * Business rules: ISO Schematron files compiled by schemas/greenlane/compile-rules.xsl into one walk, run against a pivot.
 */
#ifndef XML_RULES_H
#define XML_RULES_H

#include "core/finding.h"
#include "xml/transform.h"

struct xml_rules;
/** `paths`: Schematron files and lists of keys, NULL-terminated; compiled together into one walk. `compiler`: path of compile-rules.xsl. */
int xml_rules_load(struct xml_rules **out, struct gln_context *ctx, const char *compiler,
                   const char *const *paths);
void xml_rules_free(struct xml_rules *r);
int xml_rules_check(const struct xml_rules *r, struct gln_context *ctx, const struct xml_doc *pivot,
                    const struct xml_run *run, struct findings *out);

struct xml_pointers;
/** The table of WCO class and tag ids (schemas/wco/pointers.*). */
int xml_pointers_load(struct xml_pointers **out, struct gln_context *ctx, const char *path);
void xml_pointers_free(struct xml_pointers *p);
/** 42A/67A/68A[2]/23A/21A[1]/145 of a node of a pivot; of the nearest known ancestor where the table does not know it. */
void xml_pointer_put(struct buf *out, const struct xml_pointers *p, const struct xml_node *n);
/** The node of a pivot that a pointer (our text form) stands for, NULL if there is none. */
struct xml_node *xml_pointer_find(const struct xml_pointers *p, const struct xml_doc *pivot,
                                  const char *pointer);

/** The element that class or attribute `id` stands for below the element path `path` ("" for the top); NULL: none. `many` may be NULL. */
const char *xml_pointers_name(const struct xml_pointers *p, const char *path, const char *id, bool *many);
/** A number that grows in the schema's order among the elements below `path`; 0 for one the table does not know. */
size_t xml_pointers_order(const struct xml_pointers *p, const char *path, const char *name);

#endif
