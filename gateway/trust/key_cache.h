/** @file
 * Between identity.c and the cache of keys (trust/identity.h).
 */
#ifndef TRUST_KEY_CACHE_H
#define TRUST_KEY_CACHE_H

#include "trust/identity.h"

/** How often the cache was cleared; ask before the key is looked up in the store. `c` may be NULL. */
uint64_t key_cache_cleared(struct key_cache *c);
/** Makes a key of what is stored for an identity. */
typedef int key_open(struct key **out, struct gln_context *ctx, const struct buf *secret, void *arg);
/**
 * The key of an identity and what is stored for it (`secret`, with the place on a token), kept under its name; opened when there is none,
 * it is another or its token failed. It is not kept if the cache was cleared since `cleared` was asked: the secret may be one that is gone
 * by now. `c` may be NULL.
 */
int key_cache_read(struct key_cache *c, uint64_t cleared, struct gln_context *ctx, const struct identity *id,
                   const struct buf *secret, key_open *open, void *arg, struct key **out);

#endif
