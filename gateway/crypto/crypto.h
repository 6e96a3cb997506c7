/** @file
 * Keys, certificates, digests, signatures, CMS, sealing, TLS contexts: OpenSSL behind opaque types.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/context.h"
#include "util/buf.h"

struct key;  /**< a private key; counted, usable by many threads */
struct cert; /**< a certificate; counted */

enum digest { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

/* --- certificates --- */
int cert_parse(struct cert **out, struct gln_context *ctx, const void *data,
               size_t len); /**< DER or PEM (the first one) */
struct cert *cert_ref(struct cert *c);
void cert_free(struct cert *c);
int cert_der(struct buf *out, struct gln_context *ctx, const struct cert *c);
int cert_pem(struct buf *out, struct gln_context *ctx, const struct cert *c);
bool cert_valid_at(const struct cert *c, int64_t wall_ms);
void cert_validity(const struct cert *c, int64_t *from_ms, int64_t *to_ms);
void cert_subject(struct buf *out, const struct cert *c); /**< RFC 2253 text */
void cert_subject_part(struct buf *out, const struct cert *c,
                       const char *oid);                 /**< e.g. "2.5.4.45"; nothing if absent */
void cert_serial(struct buf *out, const struct cert *c); /**< hexadecimal, upper case */
void cert_sat_serial(
    struct buf *out,
    const struct cert
        *c); /**< SAT's 20 digits (the serial's bytes read as ASCII), nothing if it is not of that form */
void cert_rfc(struct buf *out,
              const struct cert *c); /**< RFC of a SAT certificate: x500UniqueIdentifier up to " / " */
void cert_fingerprint(struct buf *out, const struct cert *c); /**< SHA-256, lower-case hexadecimal */
/** May `c` sign now, by the context's clock, and does `k` (may be NULL) belong to it? GLN_E_KEY with the reason: expired, not yet valid,
 * other key. */
int cert_usable(struct gln_context *ctx, const struct cert *c, const struct key *k);
/** *good: `c` stands in the PEM bundle or was issued by an authority in it, by the context's clock; lists (CRL) in the bundle count. */
int cert_trusted(bool *good, struct gln_context *ctx, const struct cert *c, const void *pem, size_t len);
bool cert_is_rsa(const struct cert *c);

/* --- keys --- */
/** PEM (plain or encrypted), PKCS#8 DER, SAT's encrypted PKCS#8 DER, or PKCS#12 (then *cert too, if not NULL). Wrong password: GLN_E_KEY with that text. */
int key_parse(struct key **out, struct cert **cert, struct gln_context *ctx, const void *data, size_t len,
              const char *password);
int key_generate_ec(struct key **out, struct gln_context *ctx); /**< P-256 */
int key_self_sign(struct cert **out, struct gln_context *ctx, const struct key *k, const char *common_name,
                  int days); /**< for the gateway's own evidence and receipt key */
/** Signs elsewhere: appends the signature of `data` to `out`, as key_sign() would. */
typedef int key_signer(void *arg, struct gln_context *ctx, enum digest d, const void *data, size_t len,
                       struct buf *out);
/** A key that is not here: its public half is the certificate's, signing is the function's. `arg` must outlive it. */
int key_external(struct key **out, struct gln_context *ctx, const struct cert *c, key_signer *signer,
                 void *arg);
struct key *key_ref(struct key *k);
void key_free(struct key *k);
int key_pem(struct buf *out, struct gln_context *ctx,
            const struct key *k); /**< plain PKCS#8 PEM: only to be sealed at once */
bool key_matches(const struct key *k, const struct cert *c);
bool key_is_rsa(const struct key *k);

/* --- digests and signatures --- */
/** Cannot fail. */
void digest_sha256(unsigned char out[32], const void *data, size_t len);
/** The same without OpenSSL and without memory: what it falls back on. */
void sha256_plain(unsigned char out[32], const void *data, size_t len);
int digest_put(struct buf *out, struct gln_context *ctx, enum digest d, const void *data, size_t len);
void digest_hex(char out[65], const unsigned char digest[32]);
/** RSA: PKCS#1 v1.5; EC: ECDSA DER. Appends the raw signature. */
int key_sign(struct buf *out, struct gln_context *ctx, const struct key *k, enum digest d, const void *data,
             size_t len);
/** *good tells; GLN_OK when the check ran. */
int cert_verify(bool *good, struct gln_context *ctx, const struct cert *c, enum digest d, const void *data,
                size_t len, const void *sig, size_t sig_len);
/** As key_sign() and cert_verify(), but an ECDSA signature is r and s side by side, as XML-DSig wants it. */
int key_sign_raw(struct buf *out, struct gln_context *ctx, const struct key *k, enum digest d,
                 const void *data, size_t len);
int cert_verify_raw(bool *good, struct gln_context *ctx, const struct cert *c, enum digest d,
                    const void *data, size_t len, const void *sig, size_t sig_len);
/** Detached CMS SignedData, DER, with the signer's certificate and signing time from the context's clock; `openssl cms -verify -binary` accepts it. */
int cms_sign(struct buf *out, struct gln_context *ctx, const struct key *k, const struct cert *c,
             const void *data, size_t len);
int cms_verify(bool *good, struct gln_context *ctx, const struct cert *expected, const void *cms,
               size_t cms_len, const void *data, size_t len);
void base64_put(struct buf *out, const void *data, size_t len); /**< one line, no breaks */
bool base64_get(struct buf *out, const char *text, size_t len); /**< blanks allowed; false if malformed */
int random_bytes(struct gln_context *ctx, void *out, size_t len);
bool bytes_equal(const void *a, const void *b, size_t len); /**< constant time */
void bytes_wipe(void *p, size_t len);

/* --- sealing of secrets at rest: AES-256-GCM, random nonce, `aad` binds the place it is kept at --- */
struct sealer;
int sealer_open(struct sealer **out, struct gln_context *ctx, const char *path,
                bool create); /**< a file of 32 random bytes, mode 0600; refuses a file others may read */
void sealer_free(struct sealer *s);
int sealer_seal(struct buf *out, struct gln_context *ctx, const struct sealer *s, const char *aad,
                const void *data, size_t len);
int sealer_unseal(struct buf *out, struct gln_context *ctx, const struct sealer *s, const char *aad,
                  const void *data, size_t len);

/* --- TLS for the HTTP server (http room) --- */
struct tls_server;
/** How a server judges the certificates of its clients. */
struct tls_clients {
    const char *ca; /**< PEM of their authorities, may hold revocation lists; NULL: none are asked for */
    bool required;  /**< without one there is no connection */
    bool
        strict_lists; /**< a list that is out of date or missing refuses; else only one that names the client does */
};
/** Server context: TLS 1.2+, certificate and key PEM files. */
int tls_server_new(struct tls_server **out, struct gln_context *ctx, const char *cert_path,
                   const char *key_path, const struct tls_clients *clients);
void tls_server_free(struct tls_server *t);
void *tls_server_session(
    struct tls_server
        *t); /**< a fresh SSL for one connection, as struct ssl_st *; NULL if none could be made */
/** The peer's verified certificate on an SSL made above: fingerprint (SHA-256 hex, lower case), subject, DER; false if it showed none. */
bool tls_session_peer(void *ssl, char fingerprint[65], struct buf *subject, struct buf *der);

#endif
