/** @file
 * Between identity.c and the cache of keys (trust/identity.h).
 */
#ifndef TRUST_KEY_CACHE_H
#define TRUST_KEY_CACHE_H

#include "trust/identity.h"

/** How often the cache was cleared; ask before the key is looked up in the store. `c` may be NULL. */
uint64_t key_cache_cleared(struct key_cache *c);
/**
 * The key of `pem`, kept under the identity's name; read anew when there is none or it is another. It is not kept if the cache was cleared
 * since `cleared` was asked: the PEM may be one that is gone by now. `c` may be NULL.
 */
int key_cache_read(struct key_cache *c, uint64_t cleared, struct gln_context *ctx, const char *identity,
                   const struct buf *pem, struct key **out);

#endif
