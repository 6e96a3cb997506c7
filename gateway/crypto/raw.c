/*
 * Signatures in the form of XML-DSig: RSA as it is, ECDSA as r and s side by side, each as wide as the curve, where OpenSSL
 * speaks a DER sequence of two integers.
 *
 * A signature of another length than the key's is not good; it is never padded or cut to fit.
 */
#include "crypto/internal.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

/* Bytes of r and of s for a key. */
static int half_of(const EVP_PKEY *evp)
{
    return (EVP_PKEY_get_bits(evp) + 7) / 8;
}

static bool put_halves(struct buf *out, const struct buf *der, int half)
{
    const unsigned char *p = (const unsigned char *)der->data;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der->len);
    bool put = false;

    if (sig != NULL && buf_reserve(out, 2 * (size_t)half)) {
        unsigned char *to = (unsigned char *)out->data + out->len;

        put = BN_bn2binpad(ECDSA_SIG_get0_r(sig), to, half) == half &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), to + half, half) == half;
        if (put) {
            out->len += 2 * (size_t)half;
            out->data[out->len] = '\0';
        }
    }
    ECDSA_SIG_free(sig);
    return put;
}

int key_sign_raw(struct buf *out, struct gln_context *ctx, const struct key *k, enum digest d,
                 const void *data, size_t len)
{
    struct buf der = BUF_INIT;
    int status;

    if (key_is_rsa(k))
        return key_sign(out, ctx, k, d, data, len);
    status = key_sign(&der, ctx, k, d, data, len);
    if (status == GLN_OK) {
        CRYPTO_ENTER();
        if (!put_halves(out, &der, half_of(k->evp)))
            status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, crypto_reason());
        CRYPTO_LEAVE();
    }
    buf_free(&der);
    return status;
}

/* The DER form of r and s; nothing if there is no memory. */
static bool put_sequence(struct buf *out, const unsigned char *raw, int half)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, half, NULL);
    BIGNUM *s = BN_bin2bn(raw + half, half, NULL);
    unsigned char *der = NULL;
    int len = -1;

    if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = NULL;
        s = NULL;
        len = i2d_ECDSA_SIG(sig, &der);
    }
    if (len > 0)
        buf_put(out, der, (size_t)len);
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return len > 0 && !out->failed;
}

int cert_verify_raw(bool *good, struct gln_context *ctx, const struct cert *c, enum digest d,
                    const void *data, size_t len, const void *sig, size_t sig_len)
{
    const EVP_PKEY *evp = X509_get0_pubkey(c->x509);
    struct buf der = BUF_INIT;
    int status = GLN_OK;
    int half;
    bool made;

    *good = false;
    if (evp == NULL || cert_is_rsa(c))
        return cert_verify(good, ctx, c, d, data, len, sig, sig_len);
    half = half_of(evp);
    if (half <= 0 || sig_len != 2 * (size_t)half)
        return GLN_OK;
    CRYPTO_ENTER();
    made = put_sequence(&der, sig, half);
    CRYPTO_LEAVE();
    status = made ? cert_verify(good, ctx, c, d, data, len, der.data, der.len) : context_no_memory(ctx);
    buf_free(&der);
    return status;
}
