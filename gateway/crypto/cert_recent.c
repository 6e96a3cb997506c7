/*
 * The certificates a context read last (crypto/internal.h), by their bytes. Reading one costs as much as a signature, since its key is
 * decoded with it, and the same identity's is wanted several times for each filing.
 *
 * At most KEPT, the oldest gives place, and only bytes that are the certificate's DER and nothing else: a PEM file may have a key in it
 * too, of which no copy must stay. Each holds a reference of its own and a copy of the bytes; freed with the context, which one
 * thread at a time uses, so nothing is locked. A certificate is read-only and says nothing about now: its validity is always asked anew.
 */
#include "crypto/internal.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT = 8, LARGEST = 16384 };

struct recent {
    struct {
        void *data; /* owned; NULL: free */
        size_t len;
        struct cert *cert;
    } items[KEPT];
    size_t next; /* the oldest */
};

static void recent_free(void *p)
{
    struct recent *r = p;
    if (r == NULL)
        return;
    for (size_t i = 0; i < KEPT; i++) {
        free(r->items[i].data);
        cert_free(r->items[i].cert);
    }
    free(r);
}

struct cert *cert_recall(struct gln_context *ctx, const void *data, size_t len)
{
    const struct recent *r = ctx->slot[SLOT_CRYPTO].p;
    for (size_t i = 0; r != NULL && i < KEPT; i++)
        if (r->items[i].data != NULL && r->items[i].len == len && memcmp(r->items[i].data, data, len) == 0)
            return cert_ref(r->items[i].cert);
    return NULL;
}

void cert_remember(struct gln_context *ctx, const void *data, size_t len, struct cert *c)
{
    if (len > LARGEST || c->der_len != (int)len)
        return;
    if (ctx->slot[SLOT_CRYPTO].p == NULL) {
        ctx->slot[SLOT_CRYPTO].p = calloc(1, sizeof(struct recent));
        ctx->slot[SLOT_CRYPTO].free = recent_free;
    }
    struct recent *r = ctx->slot[SLOT_CRYPTO].p;
    void *copy = r != NULL ? malloc(len) : NULL;
    if (copy == NULL)
        return;
    memcpy(copy, data, len);
    free(r->items[r->next].data);
    cert_free(r->items[r->next].cert);
    r->items[r->next].data = copy;
    r->items[r->next].len = len;
    r->items[r->next].cert = cert_ref(c);
    r->next = (r->next + 1) % KEPT;
}
