/** @file
 * XSLT under a budget, without file or network rights, and the extension functions of urn:greenlane:xslt:1 (schemas/README.md
 * lists them). Compiled stylesheets are read-only and shared by threads.
 */
#ifndef XML_TRANSFORM_H
#define XML_TRANSFORM_H

#include "core/finding.h"
#include "xml/tree.h"

struct xml_stylesheet;
struct xml_codes; /**< the code lists, compiled */

int xml_codes_load(struct xml_codes **out, struct gln_context *ctx,
                   const char *folder); /**< all *.xml of schemas/codes */
void xml_codes_free(struct xml_codes *c);
/** True if `value` is in `list` on `date` (CCYYMMDD; NULL: whenever). *known_list false if there is no such list. */
bool xml_codes_has(const struct xml_codes *c, const char *list, const char *value, const char *date,
                   bool *known_list);
/** Attribute `name` of the row (e.g. alpha3), NULL if none. */
const char *xml_codes_attr(const struct xml_codes *c, const char *list, const char *value, const char *name);

/** What the extension functions see during one run. */
struct xml_run {
    const struct xml_codes *codes;
    const char *const *params;    /**< name, value, name, value, ..., NULL: XSLT string parameters */
    const struct xml_doc *source; /**< for gln:src(): the document places belong to; NULL: the input itself */
};

int xml_stylesheet_load(struct xml_stylesheet **out, struct gln_context *ctx, const char *path);
/** From a document in memory (the compiled rules). Takes a copy. `base` names it in messages. */
int xml_stylesheet_from(struct xml_stylesheet **out, struct gln_context *ctx, const struct xml_doc *doc,
                        const char *base);
void xml_stylesheet_free(struct xml_stylesheet *s);
/** Result tree. An xsl:message terminate="yes" of the form `gln:fail src|text en|text es` becomes GLN_E_INPUT with the place. */
int xml_transform(struct xml_doc **out, const struct xml_stylesheet *s, struct gln_context *ctx,
                  const struct xml_doc *in, const struct xml_run *run);
/** Text output (cadena original): bytes appended to `out`. */
int xml_transform_text(struct buf *out, const struct xml_stylesheet *s, struct gln_context *ctx,
                       const struct xml_doc *in, const struct xml_run *run);

#endif
