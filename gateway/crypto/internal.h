/** @file
 * Inside the crypto room: what stands behind the opaque types, and how an OpenSSL failure becomes our error.
 *
 * The host program may use OpenSSL too: its error queue is left as we found it (a mark before, popped after), and no provider,
 * property or default of the process is changed.
 */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#include <stdatomic.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/crypto.h"

struct key {
    atomic_int refs;
    EVP_PKEY *evp;      /**< never NULL; of an external key the public half only */
    key_signer *signer; /**< NULL: signed here */
    void *signer_arg;
    struct token_module *module; /**< where the key is on a token; NULL: it is here */
};

/** A key of this module is gone; the last one closes it. */
void token_release(struct token_module *m);
/** A key of this module could not sign. */
void token_failed(struct token_module *m);

struct cert {
    atomic_int refs;
    X509 *x509;         /**< never NULL */
    unsigned char *der; /**< owned: its bytes, which a seal and the evidence each want */
    int der_len;
};

/** Wraps an object and takes it over, also on failure. */
int key_wrap(struct key **out, struct gln_context *ctx, EVP_PKEY *evp);
int cert_wrap(struct cert **out, struct gln_context *ctx, X509 *x509);

/** The certificate of just these bytes, if this context read it lately; NULL if not. */
struct cert *cert_recall(struct gln_context *ctx, const void *data, size_t len);
/** Keeps it for cert_recall(); without memory it is not kept. */
void cert_remember(struct gln_context *ctx, const void *data, size_t len, struct cert *c);

const EVP_MD *digest_evp(enum digest d);

/** Milliseconds since 1970; 0 for a time that cannot be read. */
int64_t crypto_time_ms(const ASN1_TIME *t);
/** So much two clocks may differ. */
#define CRYPTO_CLOCKS_DIFFER_MS 300000

/** The host's errors stay in the queue, ours are taken off it again. */
#define CRYPTO_ENTER() ((void)ERR_set_mark())
#define CRYPTO_LEAVE() ((void)ERR_pop_to_mark())

/** OpenSSL's own word for the newest failure, "" if it has none. */
const char *crypto_reason(void);

/** A read-only BIO over memory; NULL if `len` does not fit. */
BIO *crypto_bio(const void *data, size_t len);
/** Appends what was written into a memory BIO. */
void crypto_bio_put(struct buf *out, BIO *bio);

#endif
