/** @file
 * Compiled stylesheets made quick. libxslt runs them as it runs any other, but asks the second evaluator (xml/lean.h) for what it knows
 * of their XPath; for the rest, and where that is not sure, libxml2's own as before.
 */
#ifndef XML_QUICK_H
#define XML_QUICK_H

#include <libxslt/xsltInternals.h>

#include "xml/run.h"

struct quick;     /**< of a stylesheet: read-only once made; shared by threads */
struct quick_run; /**< of one run */

/** Makes `style` quick. It must not be run without xml/transform.h from here on. False: no memory. */
bool quick_attach(struct quick **out, xsltStylesheetPtr style);
/** After `style` was freed. */
void quick_free(struct quick *q);
/** What a run needs; false: no memory. */
bool quick_begin(struct run *run);
/** Gives the stylesheet those of the run's parameters that it declares. False: no memory. */
bool quick_params(struct run *run);
void quick_end(struct run *run);
/** The function that stands in the stylesheet where an expression stood; NULL: `name` is none. */
xmlXPathFunction quick_function(const char *name);

#endif
