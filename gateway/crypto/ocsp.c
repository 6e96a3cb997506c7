/*
 * OCSP (RFC 6960) about one certificate: the request, and what an answer says.
 *
 * An answer counts when the certificate's authority signed it, or a responder whose certificate that same authority issued for the purpose
 * (id-kp-OCSPSigning) and that is valid by the context's clock. The request has no nonce: responders give answers made beforehand, and how
 * old one may be is said by its next update.
 *
 * Whether a responder's own certificate is revoked is not asked in turn. Owns nothing; nothing here is fatal.
 */
#include "crypto/revocation.h"

#include <openssl/ocsp.h>

#include "crypto/internal.h"

int ocsp_ask(struct buf *out, struct gln_context *ctx, const struct cert *c, const struct cert *issuer)
{
    OCSP_REQUEST *request;
    OCSP_CERTID *id;
    unsigned char *der = NULL;
    int len = -1;

    CRYPTO_ENTER();
    request = OCSP_REQUEST_new();
    id = request != NULL ? OCSP_cert_to_id(NULL, c->x509, issuer->x509) : NULL;
    if (id != NULL && OCSP_request_add0_id(request, id) != NULL)
        len = i2d_OCSP_REQUEST(request, &der);
    else
        OCSP_CERTID_free(id);
    if (len > 0)
        buf_put(out, der, (size_t)len);
    OPENSSL_free(der);
    OCSP_REQUEST_free(request);
    CRYPTO_LEAVE();
    return len > 0 && !out->failed ? GLN_OK : context_no_memory(ctx);
}

/* By its authority, or by one whom its authority certified to answer. */
static bool signed_by(OCSP_BASICRESP *basic, const struct cert *issuer, int64_t now_ms)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *known = sk_X509_new_null();
    bool good = false;

    if (store != NULL && known != NULL && X509_STORE_add_cert(store, issuer->x509) == 1 &&
        sk_X509_push(known, issuer->x509) > 0) {
        X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);

        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_time(param, (time_t)(now_ms / 1000));
        good = OCSP_basic_verify(basic, known, store, OCSP_NOEXPLICIT) == 1;
    }
    sk_X509_free(known);
    X509_STORE_free(store);
    return good;
}

static struct saying single(OCSP_BASICRESP *basic, OCSP_CERTID *id, int64_t now_ms, int64_t age_ms)
{
    struct saying s = {SAYS_NOTHING, 0, 0};
    ASN1_GENERALIZEDTIME *at = NULL;
    ASN1_GENERALIZEDTIME *since = NULL;
    ASN1_GENERALIZEDTIME *next = NULL;
    int reason = 0;
    int code = 0;
    int64_t from;

    if (OCSP_resp_find_status(basic, id, &code, &reason, &at, &since, &next) != 1 ||
        code == V_OCSP_CERTSTATUS_UNKNOWN)
        return s;
    from = crypto_time_ms(since);
    s.until_ms = next != NULL ? crypto_time_ms(next) : from + age_ms;
    if (code == V_OCSP_CERTSTATUS_REVOKED) {
        s.word = SAYS_REVOKED;
        s.revoked_ms = at != NULL ? crypto_time_ms(at) : 0;
    } else if (from > now_ms + CRYPTO_CLOCKS_DIFFER_MS || s.until_ms <= now_ms) {
        s.word = SAYS_STALE;
    } else {
        s.word = SAYS_GOOD;
    }
    return s;
}

struct saying ocsp_say(struct gln_context *ctx, const struct cert *c, const struct cert *issuer,
                       const void *data, size_t len, int64_t age_ms)
{
    struct saying s = {SAYS_RUBBISH, 0, 0};
    int64_t now_ms = clock_wall_ms(ctx->clock);
    const unsigned char *at = data;
    OCSP_RESPONSE *answer;
    OCSP_BASICRESP *basic = NULL;
    OCSP_CERTID *id = NULL;

    CRYPTO_ENTER();
    answer = len > 0 && len <= INT32_MAX ? d2i_OCSP_RESPONSE(NULL, &at, (long)len) : NULL;
    if (answer != NULL && OCSP_response_status(answer) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        s.word = SAYS_NOTHING;
    else if (answer != NULL)
        basic = OCSP_response_get1_basic(answer);
    if (basic != NULL)
        id = OCSP_cert_to_id(NULL, c->x509, issuer->x509);
    if (id != NULL && !signed_by(basic, issuer, now_ms))
        s.word = SAYS_FORGED;
    else if (id != NULL)
        s = single(basic, id, now_ms, age_ms);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(answer);
    CRYPTO_LEAVE();
    return s;
}
