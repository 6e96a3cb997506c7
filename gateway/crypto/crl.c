/*
 * Authorities and their revocation lists, as read from one file; what such a list says of a certificate.
 *
 * The judgement is OpenSSL's own (which list is whose, of what scope, signed by whom, of what time); a callback writes down what it finds
 * instead of stopping at the first trouble, for a list that is out of date may still name the certificate. Checking the signature of a
 * long list costs more than our own signature, so that the last judgements are kept with the lists, each until the list's next update.
 *
 * Owns its certificates and lists. The time is the context's; five minutes of difference between two clocks are forgiven.
 */
#include "crypto/revocation.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto/internal.h"

enum { REMEMBERED = 64 };

struct authorities {
    atomic_int refs;
    STACK_OF(X509) * certs;
    STACK_OF(X509_CRL) * lists;
    pthread_mutex_t lock; /* of all below */
    struct {
        unsigned char who[32]; /* digest of certificate and issuer */
        struct saying saying;
        int64_t asked_ms; /* it is not used for an earlier time */
    } last[REMEMBERED];
    size_t count, next;
};

struct authorities *authorities_ref(struct authorities *a)
{
    if (a != NULL)
        atomic_fetch_add(&a->refs, 1);
    return a;
}

void authorities_free(struct authorities *a)
{
    if (a == NULL || atomic_fetch_sub(&a->refs, 1) != 1)
        return;
    sk_X509_pop_free(a->certs, X509_free);
    sk_X509_CRL_pop_free(a->lists, X509_CRL_free);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

/* Takes what is not NULL. */
static bool put(struct authorities *a, X509 *x509, X509_CRL *list)
{
    bool good = (x509 == NULL || sk_X509_push(a->certs, x509) > 0) &&
                (list == NULL || sk_X509_CRL_push(a->lists, list) > 0);

    if (!good) {
        X509_free(x509);
        X509_CRL_free(list);
    }
    return good;
}

static bool read_der(struct authorities *a, const void *data, size_t len)
{
    const unsigned char *at = data;
    X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)len);

    if (list != NULL)
        return put(a, NULL, list);
    at = data;
    return put(a, d2i_X509(NULL, &at, (long)len), NULL);
}

static bool read_pem(struct authorities *a, const void *data, size_t len)
{
    BIO *bio = crypto_bio(data, len);
    STACK_OF(X509_INFO) *infos = bio != NULL ? PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL) : NULL;
    bool good = bio != NULL;

    for (int i = 0; good && i < sk_X509_INFO_num(infos); i++) {
        X509_INFO *info = sk_X509_INFO_value(infos, i);

        good = put(a, info->x509, info->crl);
        info->x509 = NULL;
        info->crl = NULL;
    }
    sk_X509_INFO_pop_free(infos, X509_INFO_free);
    BIO_free(bio);
    return good;
}

int authorities_parse(struct authorities **out, struct gln_context *ctx, const void *data, size_t len)
{
    struct authorities *a = calloc(1, sizeof *a);
    bool good;

    *out = NULL;
    if (a == NULL)
        return context_no_memory(ctx);
    CRYPTO_ENTER();
    atomic_init(&a->refs, 1);
    pthread_mutex_init(&a->lock, NULL);
    a->certs = sk_X509_new_null();
    a->lists = sk_X509_CRL_new_null();
    good = a->certs != NULL && a->lists != NULL && len <= INT32_MAX;
    if (good)
        good =
            len > 0 && *(const unsigned char *)data == 0x30 ? read_der(a, data, len) : read_pem(a, data, len);
    CRYPTO_LEAVE();
    if (good && sk_X509_num(a->certs) + sk_X509_CRL_num(a->lists) > 0) {
        *out = a;
        return GLN_OK;
    }
    authorities_free(a);
    return good ? context_fail(ctx, GLN_E_CONFIG, MSG_CRL_FORMAT) : context_no_memory(ctx);
}

struct cert *authorities_issuer(struct gln_context *ctx, const struct authorities *a, const struct cert *c)
{
    struct cert *found = NULL;

    CRYPTO_ENTER();
    for (int i = 0; found == NULL && i < sk_X509_num(a->certs); i++) {
        X509 *x509 = sk_X509_value(a->certs, i);

        if (X509_check_issued(x509, c->x509) == X509_V_OK &&
            X509_verify(c->x509, X509_get0_pubkey(x509)) == 1 && X509_up_ref(x509) == 1 &&
            cert_wrap(&found, ctx, x509) != GLN_OK)
            break;
    }
    CRYPTO_LEAVE();
    return found;
}

bool cert_own_issuer(const struct cert *c)
{
    bool own;

    CRYPTO_ENTER();
    own = X509_self_signed(c->x509, 1) == 1;
    CRYPTO_LEAVE();
    return own;
}

static void put_address(struct buf *out, const char *text, int len)
{
    if (len > 8 && (memcmp(text, "http://", 7) == 0 || memcmp(text, "https://", 8) == 0) &&
        memchr(text, '\0', (size_t)len) == NULL && memchr(text, '\n', (size_t)len) == NULL)
        buf_printf(out, "%.*s\n", len, text);
}

/* A point that is another authority's (an indirect list) is left out. */
static void put_point(struct buf *out, const DIST_POINT *point)
{
    if (point->CRLissuer != NULL || point->distpoint == NULL || point->distpoint->type != 0)
        return;
    for (int i = 0; i < sk_GENERAL_NAME_num(point->distpoint->name.fullname); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(point->distpoint->name.fullname, i);

        if (name->type == GEN_URI)
            put_address(out, (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
                        ASN1_STRING_length(name->d.uniformResourceIdentifier));
    }
}

void cert_addresses(struct buf *out, const struct cert *c, bool ocsp)
{
    CRYPTO_ENTER();
    if (ocsp) {
        STACK_OF(OPENSSL_STRING) *texts = X509_get1_ocsp(c->x509);

        for (int i = 0; i < sk_OPENSSL_STRING_num(texts); i++)
            put_address(out, sk_OPENSSL_STRING_value(texts, i),
                        (int)strlen(sk_OPENSSL_STRING_value(texts, i)));
        X509_email_free(texts);
    } else {
        CRL_DIST_POINTS *points = X509_get_ext_d2i(c->x509, NID_crl_distribution_points, NULL, NULL);

        for (int i = 0; i < sk_DIST_POINT_num(points); i++)
            put_point(out, sk_DIST_POINT_value(points, i));
        CRL_DIST_POINTS_free(points);
    }
    CRYPTO_LEAVE();
}

/* --- judging --- */

struct watched {
    bool revoked, stale, forged, silent;
    int64_t now_ms;
};

/* Called for each trouble: it is written down, and the check goes on. */
static int watch(int good, X509_STORE_CTX *check)
{
    struct watched *w = X509_STORE_CTX_get_app_data(check);
    const X509_CRL *list = X509_STORE_CTX_get0_current_crl(check);

    if (good)
        return 1;
    switch (X509_STORE_CTX_get_error(check)) {
    case X509_V_ERR_CERT_REVOKED:
        w->revoked = true;
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: /* others judge that */
        break;
    case X509_V_ERR_CRL_NOT_YET_VALID:
        w->stale = w->stale || list == NULL ||
                   crypto_time_ms(X509_CRL_get0_lastUpdate(list)) > w->now_ms + CRYPTO_CLOCKS_DIFFER_MS;
        break;
    case X509_V_ERR_CRL_HAS_EXPIRED:
        w->stale = true;
        break;
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
        w->forged = true;
        break;
    default:
        w->silent = true;
    }
    return 1;
}

/* When the list says that it happened, and its next update. */
static void details(struct saying *s, const struct authorities *a, const struct cert *c, int64_t now_ms)
{
    for (int i = 0; i < sk_X509_CRL_num(a->lists); i++) {
        X509_CRL *list = sk_X509_CRL_value(a->lists, i);
        const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);
        int64_t until = next != NULL ? crypto_time_ms(next) : 0;
        X509_REVOKED *entry = NULL;

        if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_issuer_name(c->x509)) != 0)
            continue;
        if (X509_CRL_get0_by_cert(list, &entry, c->x509) == 1 && entry != NULL)
            s->revoked_ms = crypto_time_ms(X509_REVOKED_get0_revocationDate(entry));
        if (until > now_ms && (s->until_ms == 0 || until < s->until_ms))
            s->until_ms = until;
    }
}

static struct saying judge(const struct authorities *a, const struct cert *c, const struct cert *issuer,
                           int64_t now_ms)
{
    struct saying s = {SAYS_NOTHING, 0, 0};
    struct watched w = {.now_ms = now_ms};
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    bool ready = store != NULL && check != NULL && X509_STORE_add_cert(store, issuer->x509) == 1;

    for (int i = 0; ready && i < sk_X509_CRL_num(a->lists); i++)
        ready = X509_STORE_add_crl(store, sk_X509_CRL_value(a->lists, i)) == 1;
    if (ready && X509_STORE_CTX_init(check, store, c->x509, NULL) == 1) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(check);

        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK);
        X509_VERIFY_PARAM_set_time(param, (time_t)(now_ms / 1000));
        X509_STORE_CTX_set_app_data(check, &w);
        X509_STORE_CTX_set_verify_cb(check, watch);
        w.silent = X509_verify_cert(check) != 1 || w.silent;
        if (w.forged)
            s.word = SAYS_FORGED;
        else if (w.revoked)
            s.word = SAYS_REVOKED;
        else if (!w.silent)
            s.word = w.stale ? SAYS_STALE : SAYS_GOOD;
        details(&s, a, c, now_ms);
    }
    X509_STORE_CTX_free(check);
    X509_STORE_free(store);
    return s;
}

/* Which certificate of whose: two authorities may bear one name. */
static bool digest_pair(unsigned char out[32], const struct cert *c, const struct cert *issuer)
{
    unsigned char both[2 * EVP_MAX_MD_SIZE];
    unsigned a = 0;
    unsigned b = 0;

    if (X509_digest(c->x509, EVP_sha256(), both, &a) != 1 ||
        X509_digest(issuer->x509, EVP_sha256(), both + a, &b) != 1)
        return false;
    digest_sha256(out, both, a + b);
    return true;
}

static bool recall(struct saying *s, struct authorities *a, const unsigned char who[32], int64_t now_ms)
{
    bool found = false;

    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; !found && i < a->count; i++)
        if (memcmp(a->last[i].who, who, 32) == 0 && a->last[i].asked_ms <= now_ms &&
            (a->last[i].saying.until_ms == 0 || now_ms < a->last[i].saying.until_ms)) {
            *s = a->last[i].saying;
            found = true;
        }
    pthread_mutex_unlock(&a->lock);
    return found;
}

static void remember(struct authorities *a, const unsigned char who[32], struct saying s, int64_t now_ms)
{
    if (s.word != SAYS_GOOD && s.word != SAYS_REVOKED)
        return;
    pthread_mutex_lock(&a->lock);
    memcpy(a->last[a->next].who, who, 32);
    a->last[a->next].saying = s;
    a->last[a->next].asked_ms = now_ms;
    a->next = (a->next + 1) % REMEMBERED;
    if (a->count < REMEMBERED)
        a->count++;
    pthread_mutex_unlock(&a->lock);
}

struct saying authorities_say(struct gln_context *ctx, struct authorities *a, const struct cert *c,
                              const struct cert *issuer)
{
    struct saying s = {SAYS_NOTHING, 0, 0};
    int64_t now_ms = clock_wall_ms(ctx->clock);
    unsigned char who[32];

    if (sk_X509_CRL_num(a->lists) == 0)
        return s;
    CRYPTO_ENTER();
    if (digest_pair(who, c, issuer) && !recall(&s, a, who, now_ms)) {
        s = judge(a, c, issuer, now_ms);
        remember(a, who, s, now_ms);
    }
    CRYPTO_LEAVE();
    return s;
}
