/** @file
 * Between identity.c and the cache of keys (trust/identity.h).
 */
#ifndef TRUST_KEY_CACHE_H
#define TRUST_KEY_CACHE_H

#include "trust/identity.h"

/** The key of `pem`, kept under the identity's name; read anew when there is none or it is another. `c` may be NULL. */
int key_cache_read(struct key_cache *c, struct gln_context *ctx, const char *identity, const struct buf *pem,
                   struct key **out);

#endif
