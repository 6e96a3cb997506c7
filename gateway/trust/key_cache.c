/*
 * Keys kept in memory (struct key_cache of trust/identity.h), at most KEPT of them, each with the identity's name and the SHA-256 of
 * what it was opened from: its PEM, or its place on a token and the PIN. A full cache gives the place of the one that was not asked for longest.
 *
 * Owns a reference to each key; who gets one has a reference of its own, so that a key may leave the cache while it signs. What it was
 * opened from is never kept. A key whose token failed to sign leaves, with all of that token, since the module must be closed to be opened anew.
 */
#include "trust/key_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/token.h"
#include "util/str.h"

enum { KEPT = 64 };

struct kept_key {
    char *identity; /* NULL: free */
    unsigned char digest[32];
    struct key *key;
    uint64_t asked; /* by the cache's count */
};

struct key_cache {
    pthread_mutex_t lock;
    uint64_t asked, cleared;
    struct kept_key keys[KEPT];
};

int key_cache_new(struct key_cache **out, struct gln_context *ctx)
{
    struct key_cache *c = calloc(1, sizeof *c);
    *out = c;
    if (c == NULL)
        return context_no_memory(ctx);
    pthread_mutex_init(&c->lock, NULL);
    return GLN_OK;
}

static void forget(struct kept_key *k)
{
    free(k->identity);
    key_free(k->key);
    memset(k, 0, sizeof *k);
}

void key_cache_clear(struct key_cache *c)
{
    pthread_mutex_lock(&c->lock);
    c->cleared++;
    for (size_t i = 0; i < KEPT; i++)
        forget(&c->keys[i]);
    pthread_mutex_unlock(&c->lock);
}

uint64_t key_cache_cleared(struct key_cache *c)
{
    if (c == NULL)
        return 0;
    pthread_mutex_lock(&c->lock);
    uint64_t times = c->cleared;
    pthread_mutex_unlock(&c->lock);
    return times;
}

void key_cache_free(struct key_cache *c)
{
    if (c == NULL)
        return;
    key_cache_clear(c);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* The kept key of an identity; NULL, and *room the place for it, if there is none or it is of other bytes. */
static struct key *find(struct key_cache *c, const char *identity, const unsigned char digest[32],
                        struct kept_key **room)
{
    *room = &c->keys[0];
    for (size_t i = 0; i < KEPT; i++)
        if (c->keys[i].key != NULL && key_spent(c->keys[i].key))
            forget(&c->keys[i]);
    for (size_t i = 0; i < KEPT; i++) {
        struct kept_key *k = &c->keys[i];
        if (k->identity != NULL && strcmp(k->identity, identity) == 0) {
            *room = k;
            if (memcmp(k->digest, digest, sizeof k->digest) != 0)
                return NULL;
            k->asked = ++c->asked;
            return key_ref(k->key);
        }
        if (k->asked < (*room)->asked)
            *room = k;
    }
    return NULL;
}

/* Of the secret and, for a token, where the key is. */
static void digest_of(unsigned char out[32], const struct identity *id, const struct buf *secret)
{
    unsigned char parts[64] = {0};
    digest_sha256(parts, secret->data, secret->len);
    if (id->key_uri != NULL)
        digest_sha256(parts + 32, id->key_uri, strlen(id->key_uri));
    digest_sha256(out, parts, sizeof parts);
}

int key_cache_read(struct key_cache *c, uint64_t cleared, struct gln_context *ctx, const struct identity *id,
                   const struct buf *secret, key_open *open, void *arg, struct key **out)
{
    unsigned char digest[32];
    struct kept_key *room;
    if (c == NULL)
        return open(out, ctx, secret, arg);
    digest_of(digest, id, secret);
    pthread_mutex_lock(&c->lock);
    *out = find(c, id->name, digest, &room);
    pthread_mutex_unlock(&c->lock);
    if (*out != NULL)
        return GLN_OK;
    int status = open(out, ctx, secret, arg);
    if (status != GLN_OK)
        return status;
    pthread_mutex_lock(&c->lock);
    struct key *other = find(c, id->name, digest, &room); /* another thread may have been as quick */
    if (other == NULL && c->cleared == cleared) {
        forget(room);
        room->identity = str_dup(id->name); /* without memory it is not kept */
        if (room->identity != NULL) {
            memcpy(room->digest, digest, sizeof digest);
            room->key = key_ref(*out);
            room->asked = ++c->asked;
        }
    }
    pthread_mutex_unlock(&c->lock);
    key_free(other);
    return GLN_OK;
}
