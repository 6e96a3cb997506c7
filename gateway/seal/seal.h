/** @file
 * Signatures over documents. A destination's bundle names the seal it wants; each is one table row.
 */
#ifndef SEAL_SEAL_H
#define SEAL_SEAL_H

#include "crypto/crypto.h"
#include "xml/transform.h"

/**
 * Mexico's cadena original: `cadena` (a text stylesheet) over `doc` gives the string, in `charset` ("ascii": accents folded in
 * the message itself so nothing else may occur, "latin1", "utf8"); signed RSA PKCS#1 v1.5 with `digest`; certificate (base64 DER),
 * cadena and signature are put into the element `into` (path of local names from the root, repeated for each
 * occurrence, the cadena being taken for that occurrence's parent).
 */
struct seal_cadena {
    const struct xml_stylesheet *cadena;
    const char *unit; /**< path of the element one cadena covers: "comprobantes" */
    const char *
        into; /**< path below the unit: "firmaElectronica"; its children certificado, cadenaOriginal, firma are set */
    const char *charset;
    enum digest digest;
};
int seal_cadena(struct gln_context *ctx, struct xml_doc *doc, const struct seal_cadena *how,
                const struct key *key, const struct cert *cert);
/** The cadena of the first unit only, for showing. */
int seal_cadena_text(struct buf *out, struct gln_context *ctx, const struct xml_doc *doc,
                     const struct seal_cadena *how);

/** Enveloped XML-DSig, exclusive c14n, RSA-SHA256 or ECDSA-SHA256 by the key, certificate in KeyInfo; last child of the root. */
int seal_xmldsig(struct gln_context *ctx, struct xml_doc *doc, const struct key *key,
                 const struct cert *cert);
/**
 * Verifies an inbound XML-DSig: exactly one Signature, one Reference with URI "" over the whole document, enveloped + exclusive c14n,
 * allowed algorithms only, signed by a certificate of `trusted` (PEM bundle) or one issued by it. *present, *good, *signer (may be NULL) set;
 * on success the signature is removed from `doc` (strip). Not good: the status is GLN_OK all the same and the context's
 * error says why.
 */
int seal_verify(struct gln_context *ctx, struct xml_doc *doc, const void *trusted_pem, size_t trusted_len,
                bool *present, bool *good, struct cert **signer);

#endif
