/*
 * Is this certificate one of those we trust, or issued by one of them?
 *
 * The bundle is PEM: authorities, or the very certificates of partners (a chain may end at any certificate of the bundle).
 * Revocation lists in the bundle count too. The time of the check is the context's clock.
 */
#include "crypto/internal.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

/* Fills the store; the number of certificates, -1 without memory. */
static int store_fill(X509_STORE *store, STACK_OF(X509_INFO) * infos)
{
    int count = 0;

    for (int i = 0; i < sk_X509_INFO_num(infos); i++) {
        const X509_INFO *info = sk_X509_INFO_value(infos, i);

        if (info->x509 != NULL) {
            if (X509_STORE_add_cert(store, info->x509) != 1)
                return -1;
            count++;
        }
        if (info->crl != NULL) {
            if (X509_STORE_add_crl(store, info->crl) != 1 ||
                X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) != 1)
                return -1;
        }
    }
    return count;
}

static int chain_check(bool *good, struct gln_context *ctx, X509_STORE *store, X509 *x509)
{
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    int status = GLN_OK;

    if (check == NULL || X509_STORE_CTX_init(check, store, x509, NULL) != 1) {
        status = context_no_memory(ctx);
    } else {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(check);

        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_time(param, (time_t)(clock_wall_ms(ctx->clock) / 1000));
        *good = X509_verify_cert(check) == 1;
    }
    X509_STORE_CTX_free(check);
    return status;
}

int cert_trusted(bool *good, struct gln_context *ctx, const struct cert *c, const void *pem, size_t len)
{
    STACK_OF(X509_INFO) *infos = NULL;
    X509_STORE *store = NULL;
    BIO *bio;
    int count;
    int status;

    *good = false;
    CRYPTO_ENTER();
    bio = crypto_bio(pem, len);
    store = X509_STORE_new();
    if (bio != NULL)
        infos = PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL);
    if (bio == NULL || store == NULL) {
        status = context_no_memory(ctx);
        goto out;
    }
    count = infos != NULL ? store_fill(store, infos) : 0;
    if (count < 0)
        status = context_no_memory(ctx);
    else if (count == 0)
        status = context_fail(ctx, GLN_E_CONFIG, MSG_TRUST_FORMAT);
    else
        status = chain_check(good, ctx, store, c->x509);
out:
    sk_X509_INFO_pop_free(infos, X509_INFO_free);
    X509_STORE_free(store);
    BIO_free(bio);
    CRYPTO_LEAVE();
    return status;
}
