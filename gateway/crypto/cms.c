/*
 * Detached CMS signatures, the gateway's evidence: DER, SHA-256, the signer's certificate inside, the signing time that of
 * the context's clock. Verifying takes the one certificate that must have signed; what else the message carries is not
 * believed, and a message that cannot be read is simply not good.
 */
#include "crypto/internal.h"

#include <openssl/cms.h>

static bool add_time(CMS_SignerInfo *signer, int64_t now_ms)
{
    ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)(now_ms / 1000));
    bool added = when != NULL && CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime,
                                                             ASN1_STRING_type(when), when, -1) == 1;

    ASN1_TIME_free(when);
    return added;
}

static bool put_der(struct buf *out, CMS_ContentInfo *cms)
{
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);

    if (len < 0)
        return false;
    buf_put(out, der, (size_t)len);
    OPENSSL_free(der);
    return !out->failed;
}

int cms_sign(struct buf *out, struct gln_context *ctx, const struct key *k, const struct cert *c,
             const void *data, size_t len)
{
    const unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = NULL;
    CMS_SignerInfo *signer;
    BIO *content;
    int status = GLN_OK;

    CRYPTO_ENTER();
    content = crypto_bio(data, len);
    if (content == NULL || (cms = CMS_sign(NULL, NULL, NULL, NULL, flags)) == NULL ||
        (signer = CMS_add1_signer(cms, c->x509, k->evp, EVP_sha256(), flags)) == NULL ||
        !add_time(signer, clock_wall_ms(ctx->clock)) || CMS_final(cms, content, NULL, flags) != 1 ||
        !put_der(out, cms))
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, crypto_reason());
    CMS_ContentInfo_free(cms);
    BIO_free(content);
    CRYPTO_LEAVE();
    return status;
}

int cms_verify(bool *good, struct gln_context *ctx, const struct cert *expected, const void *cms,
               size_t cms_len, const void *data, size_t len)
{
    const unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN;
    STACK_OF(X509) *certs = NULL;
    CMS_ContentInfo *info = NULL;
    BIO *message;
    BIO *content;
    int status = GLN_OK;

    *good = false;
    CRYPTO_ENTER();
    message = crypto_bio(cms, cms_len);
    content = crypto_bio(data, len);
    certs = sk_X509_new_null();
    if (message == NULL || content == NULL || certs == NULL || sk_X509_push(certs, expected->x509) <= 0) {
        status = context_no_memory(ctx);
        goto out;
    }
    info = d2i_CMS_bio(message, NULL);
    *good = info != NULL && CMS_verify(info, certs, NULL, content, NULL, flags) == 1;
out:
    CMS_ContentInfo_free(info);
    sk_X509_free(certs);
    BIO_free(content);
    BIO_free(message);
    CRYPTO_LEAVE();
    return status;
}
