/** @file
 * XSD validation with all findings, not only the first: where libxml2 stops at a parent's first content error, a copy is
 * mended and validated again, up to a cap. Texts come from our own table, both languages.
 */
#ifndef XML_SCHEMA_H
#define XML_SCHEMA_H

#include "core/finding.h"
#include "xml/tree.h"

struct xml_schema; /**< compiled, read-only, shared by threads */

int xml_schema_load(struct xml_schema **out, struct gln_context *ctx, const char *path);
void xml_schema_free(struct xml_schema *s);
/** Adds findings with rule GLN-XSD-... ; GLN_OK when it ran. */
int xml_schema_check(const struct xml_schema *s, struct gln_context *ctx, const struct xml_doc *doc,
                     struct findings *out);
/** Yes or no only, fast, for outbound messages; *valid set; first error text in `err` (may be NULL). */
int xml_schema_valid(const struct xml_schema *s, struct gln_context *ctx, const struct xml_doc *doc,
                     bool *valid, struct buf *err);

#endif
