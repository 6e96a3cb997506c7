/** @file
 * Which list, file or attestation a certificate stands on (batches.c).
 */
#ifndef TRUST_BATCHES_H
#define TRUST_BATCHES_H

#include "store/store.h"
#include "trust/register.h"

/** All batches that were there at an instant, onto the register; in a transaction of reading. */
int batches_load(struct operators *o, struct gln_context *ctx, struct store_conn *c, int64_t known_ms);
/** The batch a certificate stands on; NULL: the register is not from the tables. */
const struct batch *batch_behind(const struct operators *o, const struct certificate *c);

#endif
