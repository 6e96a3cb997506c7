/** @file
 * Whether a certificate was revoked: what lists (CRL) and responders (OCSP) say of it. Bytes in, a word out; who fetches them, how
 * long a word is kept and what follows from silence is flow/revocation.h.
 *
 * Nothing is believed that the certificate's own authority did not sign, itself or by a responder it certified for that. A list that names
 * the certificate, or an answer that says it is revoked, is believed however old it is; what says that it is good, only until its next update.
 */
#ifndef CRYPTO_REVOCATION_H
#define CRYPTO_REVOCATION_H

#include "crypto/crypto.h"

/** What a source says of a certificate. From SAYS_NOTHING up, the later ones say more. */
enum says {
    SAYS_NOTHING, /**< it is not about this certificate, or its responder does not know it */
    SAYS_RUBBISH, /**< it cannot be read */
    SAYS_FORGED,  /**< another than the certificate's authority signed it */
    SAYS_STALE,   /**< its next update has passed, or its time has not come */
    SAYS_GOOD,
    SAYS_REVOKED
};
struct saying {
    enum says word;
    int64_t revoked_ms; /**< of SAYS_REVOKED; 0: not said */
    int64_t until_ms;   /**< it holds until its next update; 0: it names none */
};

/** Certificates and lists of one file. Counted, usable by many threads. */
struct authorities;
/** PEM (any number of both) or DER (one of either). GLN_E_CONFIG: neither is in it. */
int authorities_parse(struct authorities **out, struct gln_context *ctx, const void *data, size_t len);
struct authorities *authorities_ref(struct authorities *a);
void authorities_free(struct authorities *a);
/** The certificate in `a` that issued `c`: its name and its signature fit. NULL if there is none. */
struct cert *authorities_issuer(struct gln_context *ctx, const struct authorities *a, const struct cert *c);
/** What the lists in `a` say of `c`, whose issuer is `issuer`, by the context's clock. */
struct saying authorities_say(struct gln_context *ctx, struct authorities *a, const struct cert *c,
                              const struct cert *issuer);

/** Signed by itself: there is nobody who could revoke it. */
bool cert_own_issuer(const struct cert *c);
/** The addresses a certificate names for itself, http and https, one a line: of its responders (`ocsp`) or of its lists. */
void cert_addresses(struct buf *out, const struct cert *c, bool ocsp);

/** A request about one certificate, DER, without a nonce, so that a responder may answer from its store. */
int ocsp_ask(struct buf *out, struct gln_context *ctx, const struct cert *c, const struct cert *issuer);
/** What an answer says. One without a next update holds for `age_ms` from when it was true. */
struct saying ocsp_say(struct gln_context *ctx, const struct cert *c, const struct cert *issuer,
                       const void *data, size_t len, int64_t age_ms);

#endif
