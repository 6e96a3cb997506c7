/** @file
 * Between the files of route/: reading a bundle, and the two stylesheets generated from its XPaths.
 */
#ifndef ROUTE_INTERNAL_H
#define ROUTE_INTERNAL_H

#include "route/route.h"

struct route_loader {
    struct gln_context *ctx;
    const struct xml_schema *schema; /**< of destination.xml */
    const char *rules_compiler;
    const char *const *core_rules;
};

/** Reads <dir>/destination.xml into `d` (all zero). On failure `d` may be partly filled; destination_clear() it. */
int destination_load(struct route_destination *d, const struct route_loader *with, const char *dir,
                     const char *folder_name);
void destination_clear(struct route_destination *d);
/** Generates and compiles d->probe and d->maker. */
int probe_compile(struct route_destination *d, struct gln_context *ctx);

#endif
