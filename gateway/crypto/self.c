/*
 * The gateway's own certificate: self-signed, for evidence and receipts. Its dates count from the context's clock; a minute
 * is given for clocks that differ. Who verifies a receipt years later keeps this certificate, so it names no authority and
 * carries no extended key usage that a verifier could miss.
 */
#include "crypto/internal.h"

#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

static bool add_extension(X509 *x509, int nid, const char *value)
{
    X509V3_CTX how;
    X509_EXTENSION *extension;
    bool added;

    X509V3_set_ctx_nodb(&how);
    X509V3_set_ctx(&how, x509, x509, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &how, nid, value);
    added = extension != NULL && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *x509)
{
    unsigned char bytes[16];
    BIGNUM *number;
    bool set;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] &= 0x7f;
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    set = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    return set;
}

static bool set_name(X509 *x509, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(x509);

    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name,
                                      -1, -1, 0) == 1 &&
           X509_set_issuer_name(x509, name) == 1;
}

static bool set_dates(X509 *x509, int64_t now_ms, int days)
{
    time_t now = (time_t)(now_ms / 1000);

    return ASN1_TIME_set(X509_getm_notBefore(x509), now - 60) != NULL &&
           ASN1_TIME_adj(X509_getm_notAfter(x509), now, days, 0) != NULL;
}

int key_self_sign(struct cert **out, struct gln_context *ctx, const struct key *k, const char *common_name,
                  int days)
{
    X509 *x509;
    int status;

    *out = NULL;
    CRYPTO_ENTER();
    x509 = X509_new();
    if (x509 != NULL && X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509) &&
        set_name(x509, common_name) && set_dates(x509, clock_wall_ms(ctx->clock), days) &&
        X509_set_pubkey(x509, k->evp) == 1 &&
        add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(x509, NID_key_usage, "critical,digitalSignature,nonRepudiation") &&
        add_extension(x509, NID_subject_key_identifier, "hash") &&
        X509_sign(x509, k->evp, EVP_sha256()) > 0) {
        status = cert_wrap(out, ctx, x509);
    } else {
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_CERTIFY, crypto_reason());
        X509_free(x509);
    }
    CRYPTO_LEAVE();
    return status;
}
