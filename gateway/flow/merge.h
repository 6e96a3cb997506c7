/** @file
 * A declaration and the amendments to it, made one (flow/merge.c).
 */
#ifndef FLOW_MERGE_H
#define FLOW_MERGE_H

#include "flow/flow.h"

/** FunctionCode 13 with TypeCode COR: a change by its differences. */
bool merge_is_delta(const struct xml_doc *doc);
/**
 * `whole` becomes what it is after the changes `delta` names. What cannot be merged is a finding at its place in `delta`; `whole` is
 * then good for nothing. Elements taken over get places with the number `file` (merge_file()).
 */
int merge_apply(struct gln_context *ctx, struct xml_doc *whole, const struct xml_doc *delta, unsigned file,
                struct findings *out);
/** A copy of a document whose places carry the number `file`. */
int merge_copy(struct xml_doc **out, struct gln_context *ctx, const struct xml_doc *doc, unsigned file);
/** The number of the file a place of a merged document lies in, 0 the amendment itself; it is taken out of the place. */
unsigned merge_file(struct place *place);

/** How deep amendments of amendments may go. */
enum { MERGE_FILES = 32 };

#endif
