/*
 * Detached CMS signatures, the gateway's evidence: DER, SHA-256, the signer's certificate inside, the signing time that of
 * the context's clock. Verifying takes the one certificate that must have signed; what else the message carries is not
 * believed, and a message that cannot be read is simply not good.
 *
 * A signed message is put together here, piece by piece as RFC 5652 has it, from its end to its start, since each piece says first how
 * long it is: OpenSSL's way to the same bytes takes as long as the signature in it. Only the signature, the digest and the pieces
 * of the certificate are OpenSSL's.
 */
#include "crypto/internal.h"

#include <string.h>

#include <openssl/cms.h>

/* Pieces that are always the same, with their tags and lengths. */
#define OID_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_CONTENT_TYPE "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"
#define OID_MESSAGE_DIGEST "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"
#define OID_SIGNING_TIME "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"
#define SHA256 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define ECDSA_SHA256 "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define RSA "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
#define VERSION_ONE "\x02\x01\x01"

enum { OCTETS = 0x04, SEQUENCE = 0x30, SET = 0x31, FIRST = 0xa0 };
/* More than the fixed pieces, all heads and the attributes take. */
enum { FRAME_MOST = 512, ATTRIBUTES_MOST = 160 };

static unsigned char *put(unsigned char *at, const void *data, size_t len)
{
    memcpy(at - len, data, len);
    return at - len;
}
#define PUT(at, text) put((at), (text), sizeof(text) - 1)

/* The head of what stands from `at` to before `end`. */
static unsigned char *head(unsigned char *at, unsigned char tag, const unsigned char *end)
{
    size_t len = (size_t)(end - at);
    unsigned char bytes = 0;

    for (size_t rest = len; len >= 0x80 && rest > 0; rest >>= 8, bytes++)
        *--at = (unsigned char)(rest & 0xff);
    *--at = bytes > 0 ? 0x80 | bytes : (unsigned char)len;
    *--at = tag;
    return at;
}

/* One attribute: its type and, between `at` and `end`, its value. */
#define ATTRIBUTE(at, type, end) head(PUT(head((at), SET, (end)), type), SEQUENCE, (end))

/* What is signed: content type, signing time and digest, as a set, whose parts stand in the order of their bytes. NULL: no memory. */
static unsigned char *attributes(unsigned char *end, int64_t now_ms, const unsigned char digest[32])
{
    ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)(now_ms / 1000));
    unsigned char *time = NULL;
    int len = when != NULL ? i2d_ASN1_TIME(when, &time) : -1;
    unsigned char *at = NULL;

    if (len > 0 && len <= 32) {
        unsigned char *part = end;

        at = ATTRIBUTE(head(put(part, digest, 32), OCTETS, part), OID_MESSAGE_DIGEST, part);
        part = at;
        at = ATTRIBUTE(put(part, time, (size_t)len), OID_SIGNING_TIME, part);
        part = at;
        at = head(ATTRIBUTE(PUT(part, OID_DATA), OID_CONTENT_TYPE, part), SET, end);
    }
    OPENSSL_free(time);
    ASN1_TIME_free(when);
    return at;
}

/* How a signer's certificate is named: its issuer and its number, as bytes. */
struct named {
    unsigned char *issuer, *serial; /* owned */
    int issuer_len, serial_len;
};

static bool name_take(struct named *n, const struct cert *c)
{
    memset(n, 0, sizeof *n);
    n->issuer_len = i2d_X509_NAME(X509_get_issuer_name(c->x509), &n->issuer);
    n->serial_len = i2d_ASN1_INTEGER(X509_get0_serialNumber(c->x509), &n->serial);
    return n->issuer_len > 0 && n->serial_len > 0;
}

static void named_free(struct named *n)
{
    OPENSSL_free(n->issuer);
    OPENSSL_free(n->serial);
}

/* All of it, ending at `end`; returns where it starts. */
static unsigned char *compose(unsigned char *end, const struct cert *c, const struct named *n,
                              const unsigned char *attrs, size_t attrs_len, bool rsa,
                              const struct buf *signature)
{
    unsigned char *at = head(put(end, signature->data, signature->len), OCTETS, end);
    unsigned char *part;

    at = rsa ? PUT(at, RSA) : PUT(at, ECDSA_SHA256);
    at = put(at, attrs, attrs_len);
    *at = FIRST; /* a set when it is signed, the signer's first optional piece here */
    part = at = PUT(at, SHA256);
    at = put(put(at, n->serial, (size_t)n->serial_len), n->issuer, (size_t)n->issuer_len);
    at = PUT(head(at, SEQUENCE, part), VERSION_ONE);
    part = at = head(head(at, SEQUENCE, end), SET, end);
    at = head(put(at, c->der, (size_t)c->der_len), FIRST, part);
    part = at;
    at = head(PUT(at, OID_DATA), SEQUENCE, part);
    part = at;
    at = PUT(head(PUT(at, SHA256), SET, part), VERSION_ONE);
    at = head(head(at, SEQUENCE, end), FIRST, end);
    return head(PUT(at, OID_SIGNED_DATA), SEQUENCE, end);
}

static bool compose_into(struct buf *out, const struct cert *c, const unsigned char *attrs, size_t attrs_len,
                         bool rsa, const struct buf *signature)
{
    struct named n;
    bool good = name_take(&n, c);

    if (good) {
        size_t most =
            FRAME_MOST + (size_t)c->der_len + (size_t)n.issuer_len + (size_t)n.serial_len + signature->len;
        good = buf_reserve(out, most);
        if (good) {
            unsigned char *start = (unsigned char *)out->data + out->len;
            unsigned char *at = compose(start + most, c, &n, attrs, attrs_len, rsa, signature);

            memmove(start, at, (size_t)(start + most - at));
            out->len += (size_t)(start + most - at);
            out->data[out->len] = '\0';
        }
    }
    named_free(&n);
    return good;
}

int cms_sign(struct buf *out, struct gln_context *ctx, const struct key *k, const struct cert *c,
             const void *data, size_t len)
{
    unsigned char space[ATTRIBUTES_MOST];
    unsigned char *const end = space + sizeof space;
    unsigned char digest[32];
    struct buf signature = BUF_INIT;
    unsigned char *attrs;
    int status = GLN_OK;

    if (!key_matches(k, c))
        return context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, "");
    digest_sha256(digest, data, len);
    CRYPTO_ENTER();
    attrs = attributes(end, clock_wall_ms(ctx->clock), digest);
    if (attrs == NULL)
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, crypto_reason());
    else
        status = key_sign(&signature, ctx, k, DIGEST_SHA256, attrs, (size_t)(end - attrs));
    if (status == GLN_OK && !compose_into(out, c, attrs, (size_t)(end - attrs), key_is_rsa(k), &signature))
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, crypto_reason());
    CRYPTO_LEAVE();
    buf_free(&signature);
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
