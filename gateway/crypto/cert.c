/*
 * Certificates: reading, naming, judging.
 *
 * A cert is a counted, read-only X509 and may be used by many threads. Times come in as wall-clock milliseconds of
 * the caller's clock, never from the system. SAT's certificates keep the RFC in x500UniqueIdentifier (2.5.4.45) and
 * their number as 20 ASCII digits in the serial's bytes. Whether one was revoked is asked elsewhere (revocation.h).
 */
#include "crypto/internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

int cert_wrap(struct cert **out, struct gln_context *ctx, X509 *x509)
{
    unsigned char *der = NULL;
    int len = x509 != NULL ? i2d_X509(x509, &der) : -1;
    struct cert *c = len > 0 ? malloc(sizeof *c) : NULL;

    if (c == NULL) {
        X509_free(x509);
        OPENSSL_free(der);
        return context_no_memory(ctx);
    }
    atomic_init(&c->refs, 1);
    c->x509 = x509;
    c->der = der;
    c->der_len = len;
    *out = c;
    return GLN_OK;
}

struct cert *cert_ref(struct cert *c)
{
    if (c != NULL)
        atomic_fetch_add(&c->refs, 1);
    return c;
}

void cert_free(struct cert *c)
{
    if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
        return;
    X509_free(c->x509);
    OPENSSL_free(c->der);
    free(c);
}

int cert_parse(struct cert **out, struct gln_context *ctx, const void *data, size_t len)
{
    X509 *x509 = NULL;
    BIO *bio;
    int status;

    *out = cert_recall(ctx, data, len);
    if (*out != NULL)
        return GLN_OK;
    CRYPTO_ENTER();
    bio = crypto_bio(data, len);
    if (bio != NULL && len > 0 && *(const unsigned char *)data == 0x30)
        x509 = d2i_X509_bio(bio, NULL);
    else if (bio != NULL)
        x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (x509 == NULL)
        status = context_fail(ctx, GLN_E_KEY, MSG_CERT_FORMAT);
    else
        status = cert_wrap(out, ctx, x509);
    CRYPTO_LEAVE();
    if (status == GLN_OK)
        cert_remember(ctx, data, len, *out);
    return status;
}

int cert_der(struct buf *out, struct gln_context *ctx, const struct cert *c)
{
    buf_put(out, c->der, (size_t)c->der_len);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}

int cert_pem(struct buf *out, struct gln_context *ctx, const struct cert *c)
{
    BIO *bio;
    int status = GLN_OK;

    CRYPTO_ENTER();
    bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio_X509(bio, c->x509) != 1)
        status = context_no_memory(ctx);
    else
        crypto_bio_put(out, bio);
    BIO_free(bio);
    CRYPTO_LEAVE();
    return status == GLN_OK && out->failed ? context_no_memory(ctx) : status;
}

int64_t crypto_time_ms(const ASN1_TIME *t)
{
    struct tm tm;

    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

void cert_validity(const struct cert *c, int64_t *from_ms, int64_t *to_ms)
{
    CRYPTO_ENTER();
    *from_ms = crypto_time_ms(X509_get0_notBefore(c->x509));
    *to_ms = crypto_time_ms(X509_get0_notAfter(c->x509));
    CRYPTO_LEAVE();
}

bool cert_valid_at(const struct cert *c, int64_t wall_ms)
{
    int64_t from;
    int64_t to;

    cert_validity(c, &from, &to);
    /* notAfter is a whole second that still belongs to the life of the certificate. */
    return from <= wall_ms && wall_ms < to + 1000;
}

void cert_subject(struct buf *out, const struct cert *c)
{
    BIO *bio;

    CRYPTO_ENTER();
    bio = BIO_new(BIO_s_mem());
    if (bio != NULL && X509_NAME_print_ex(bio, X509_get_subject_name(c->x509), 0,
                                          XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
        crypto_bio_put(out, bio);
    BIO_free(bio);
    CRYPTO_LEAVE();
}

void cert_subject_part(struct buf *out, const struct cert *c, const char *oid)
{
    ASN1_OBJECT *object;
    const ASN1_STRING *value = NULL;
    unsigned char *text = NULL;
    int at = -1;
    int len;

    CRYPTO_ENTER();
    object = OBJ_txt2obj(oid, 1);
    if (object != NULL)
        at = X509_NAME_get_index_by_OBJ(X509_get_subject_name(c->x509), object, -1);
    if (at >= 0)
        value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(X509_get_subject_name(c->x509), at));
    if (value != NULL && ASN1_STRING_type(value) == V_ASN1_BIT_STRING) {
        /* The standard's own type for x500UniqueIdentifier: the bytes are the text. */
        buf_put(out, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    } else if (value != NULL) {
        len = ASN1_STRING_to_UTF8(&text, value);
        if (len > 0)
            buf_put(out, text, (size_t)len);
        OPENSSL_free(text);
    }
    ASN1_OBJECT_free(object);
    CRYPTO_LEAVE();
}

void cert_serial(struct buf *out, const struct cert *c)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(c->x509);
    const unsigned char *bytes = ASN1_STRING_get0_data(serial);
    int len = ASN1_STRING_length(serial);

    for (int i = 0; i < len; i++)
        buf_printf(out, "%02X", bytes[i]);
}

void cert_sat_serial(struct buf *out, const struct cert *c)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(c->x509);
    const unsigned char *bytes = ASN1_STRING_get0_data(serial);

    if (ASN1_STRING_length(serial) != 20)
        return;
    for (int i = 0; i < 20; i++)
        if (bytes[i] < '0' || bytes[i] > '9')
            return;
    buf_put(out, bytes, 20);
}

void cert_rfc(struct buf *out, const struct cert *c)
{
    struct buf part = BUF_INIT;
    const char *end;
    size_t len;

    cert_subject_part(&part, c, "2.5.4.45");
    if (part.len > 0 && !part.failed) {
        end = strchr(part.data, '/');
        len = end != NULL ? (size_t)(end - part.data) : strlen(part.data);
        while (len > 0 && part.data[len - 1] == ' ')
            len--;
        buf_put(out, part.data, len);
    }
    buf_free(&part);
}

void cert_fingerprint(struct buf *out, const struct cert *c)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[65];
    unsigned len = 0;

    CRYPTO_ENTER();
    if (X509_digest(c->x509, EVP_sha256(), digest, &len) == 1 && len == 32) {
        digest_hex(hex, digest);
        buf_puts(out, hex);
    }
    CRYPTO_LEAVE();
}

/* The RFC where there is one, else the whole subject: what a person calls the certificate. */
static void name_put(struct buf *out, const struct cert *c)
{
    cert_rfc(out, c);
    if (out->len == 0)
        cert_subject(out, c);
}

int cert_usable(struct gln_context *ctx, const struct cert *c, const struct key *k)
{
    int64_t now = clock_wall_ms(ctx->clock);
    struct buf name = BUF_INIT;
    char when[25];
    int64_t from;
    int64_t to;
    int status = GLN_OK;

    cert_validity(c, &from, &to);
    name_put(&name, c);
    if (name.failed) {
        status = context_no_memory(ctx);
    } else if (k != NULL && !key_matches(k, c)) {
        status = context_fail(ctx, GLN_E_KEY, MSG_CERT_OTHER_KEY, name.data);
    } else if (now < from) {
        time_format(when, from);
        status = context_fail(ctx, GLN_E_KEY, MSG_CERT_NOT_YET, name.data, when);
    } else if (!cert_valid_at(c, now)) {
        time_format(when, to);
        status = context_fail(ctx, GLN_E_KEY, MSG_CERT_EXPIRED, name.data, when);
    }
    buf_free(&name);
    return status;
}
