/** @file
 * Single questions, XPaths a bundle brings, answered by the second evaluator (xml/lean.h) without making a stylesheet's context for
 * each. It does not know all of XPath and is not always sure: who asks has a stylesheet for the same questions too.
 */
#ifndef XML_ASK_H
#define XML_ASK_H

#include "xml/transform.h"

struct xml_asks; /**< read-only once made; shared by threads */
/** `variables`: names a question may use, ended by NULL; NULL: none. NULL: no memory. */
struct xml_asks *xml_asks_new(const char *const *variables);
void xml_asks_free(struct xml_asks *a);
/** Adds the next question, counted from 0. False: it cannot be answered here. */
bool xml_asks_add(struct xml_asks *a, const char *xpath);
/**
 * Puts the answer, a text as XPath's string() has it, at an element of `doc`. `run`: code lists, and the variables' values, by name; one
 * without is "". False: not sure; nothing was put then.
 */
bool xml_ask(struct buf *out, const struct xml_asks *a, size_t question, struct gln_context *ctx,
             const struct xml_doc *doc, const struct xml_node *at, const struct xml_run *run);

#endif
