/*
 * The small things of the crypto room: digests, base64, random bytes, comparing and wiping.
 *
 * Nothing here keeps state. digest_sha256() has no status because it cannot fail: where OpenSSL has no memory for it, a small one of our
 * own (sha256.c) that needs none takes its place.
 */
#include "crypto/internal.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

const char *crypto_reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    return text != NULL ? text : "";
}

BIO *crypto_bio(const void *data, size_t len)
{
    return len <= INT_MAX ? BIO_new_mem_buf(len == 0 ? "" : data, (int)len) : NULL;
}

void crypto_bio_put(struct buf *out, BIO *bio)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);

    if (len > 0)
        buf_put(out, data, (size_t)len);
}

const EVP_MD *digest_evp(enum digest d)
{
    static const EVP_MD *(*const table[])(void) = {
        [DIGEST_SHA1] = EVP_sha1,
        [DIGEST_SHA256] = EVP_sha256,
        [DIGEST_SHA384] = EVP_sha384,
        [DIGEST_SHA512] = EVP_sha512,
    };

    return (size_t)d < sizeof table / sizeof table[0] ? table[d]() : NULL;
}

void digest_sha256(unsigned char out[32], const void *data, size_t len)
{
    CRYPTO_ENTER();
    if (EVP_Digest(len == 0 ? "" : data, len, out, NULL, EVP_sha256(), NULL) != 1)
        sha256_plain(out, data, len);
    CRYPTO_LEAVE();
}

int digest_put(struct buf *out, struct gln_context *ctx, enum digest d, const void *data, size_t len)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int status = GLN_OK;

    CRYPTO_ENTER();
    if (EVP_Digest(len == 0 ? "" : data, len, digest, &size, digest_evp(d), NULL) == 1)
        buf_put(out, digest, size);
    else
        status = context_fail(ctx, GLN_E_INTERNAL, MSG_CRYPTO_VERIFY, crypto_reason());
    CRYPTO_LEAVE();
    return status == GLN_OK && out->failed ? context_no_memory(ctx) : status;
}

void digest_hex(char out[65], const unsigned char digest[32])
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < 32; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[64] = '\0';
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct buf *out, const void *data, size_t len)
{
    const unsigned char *in = data;
    char *to;

    if (!buf_reserve(out, len / 3 * 4 + 5))
        return;
    to = out->data + out->len;
    while (len > 0) {
        unsigned bits = (unsigned)in[0] << 16 | (len > 1 ? (unsigned)in[1] << 8 : 0) | (len > 2 ? in[2] : 0);

        *to++ = alphabet[bits >> 18];
        *to++ = alphabet[bits >> 12 & 63];
        *to++ = len > 1 ? alphabet[bits >> 6 & 63] : '=';
        *to++ = len > 2 ? alphabet[bits & 63] : '=';
        in += len > 2 ? 3 : len;
        len -= len > 2 ? 3 : len;
    }
    out->len = (size_t)(to - out->data);
    *to = '\0';
}

/* What a character is: 0..63 its value, or one of these. */
enum { BLANK = -1, PAD = -2, FOREIGN = -3 };

static int sextet(char c)
{
    const char *at;

    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return BLANK;
    if (c == '=')
        return PAD;
    at = c != '\0' ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : FOREIGN;
}

/* The last, padded group: `count` sextets in `bits`. The bits below its last byte must be zero, or two texts would
 * stand for the same bytes. */
static bool last_group(struct buf *out, unsigned bits, unsigned count, unsigned pads)
{
    if (count == 0)
        return pads == 0;
    if (count == 1 || count + pads != 4 || (bits & (count == 2 ? 15u : 3u)) != 0)
        return false;
    bits <<= 6 * (4 - count);
    buf_putc(out, (char)(bits >> 16 & 255));
    if (count == 3)
        buf_putc(out, (char)(bits >> 8 & 255));
    return true;
}

bool base64_get(struct buf *out, const char *text, size_t len)
{
    unsigned bits = 0;
    unsigned count = 0; /* sextets of the present group */
    unsigned pads = 0;

    for (size_t i = 0; i < len; i++) {
        int value = sextet(text[i]);

        if (value == BLANK)
            continue;
        if (value == PAD) {
            pads++;
            continue;
        }
        if (value == FOREIGN || pads > 0)
            return false;
        bits = bits << 6 | (unsigned)value;
        if (++count == 4) {
            char group[3] = {(char)(bits >> 16 & 255), (char)(bits >> 8 & 255), (char)(bits & 255)};
            buf_put(out, group, 3);
            bits = 0;
            count = 0;
        }
    }
    return last_group(out, bits, count, pads);
}

int random_bytes(struct gln_context *ctx, void *out, size_t len)
{
    int status = GLN_OK;

    CRYPTO_ENTER();
    if (len > INT_MAX || RAND_bytes(out, (int)len) != 1)
        status = context_fail(ctx, GLN_E_INTERNAL, MSG_CRYPTO_RANDOM, crypto_reason());
    CRYPTO_LEAVE();
    return status;
}

bool bytes_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void bytes_wipe(void *p, size_t len)
{
    if (p != NULL)
        OPENSSL_cleanse(p, len);
}
