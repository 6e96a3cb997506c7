/*
 * Private keys: reading every form customs brokers have, making our own, signing and verifying.
 *
 * A key is a counted, read-only EVP_PKEY and may be used by many threads. Bytes of a key that pass through our hands are
 * wiped. A wrong password, a missing one and an unknown cipher are three different messages.
 */
#include "crypto/internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

int key_wrap(struct key **out, struct gln_context *ctx, EVP_PKEY *evp)
{
    struct key *k = evp != NULL ? calloc(1, sizeof *k) : NULL;

    if (k == NULL) {
        EVP_PKEY_free(evp);
        return context_no_memory(ctx);
    }
    atomic_init(&k->refs, 1);
    k->evp = evp;
    *out = k;
    return GLN_OK;
}

int key_external(struct key **out, struct gln_context *ctx, const struct cert *c, key_signer *signer,
                 void *arg)
{
    EVP_PKEY *evp = X509_get_pubkey(c->x509);
    int status;

    *out = NULL;
    if (evp == NULL)
        return context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, crypto_reason());
    status = key_wrap(out, ctx, evp);
    if (status == GLN_OK) {
        (*out)->signer = signer;
        (*out)->signer_arg = arg;
    }
    return status;
}

struct key *key_ref(struct key *k)
{
    if (k != NULL)
        atomic_fetch_add(&k->refs, 1);
    return k;
}

void key_free(struct key *k)
{
    if (k == NULL || atomic_fetch_sub(&k->refs, 1) != 1)
        return;
    EVP_PKEY_free(k->evp);
    if (k->module != NULL)
        token_release(k->module);
    free(k);
}

/* Why an encrypted key did not open: by trying whether its method can be set up at all. */
static int not_opened(struct gln_context *ctx, const X509_SIG *sealed, const char *password)
{
    const X509_ALGOR *method = NULL;
    EVP_CIPHER_CTX *trial = EVP_CIPHER_CTX_new();
    bool offered;

    X509_SIG_get0(sealed, &method, NULL);
    offered = trial != NULL && EVP_PBE_CipherInit(method->algorithm, password, (int)strlen(password),
                                                  method->parameter, trial, 0) == 1;
    EVP_CIPHER_CTX_free(trial);
    return offered ? context_fail(ctx, GLN_E_KEY, MSG_KEY_PASSWORD)
                   : context_fail(ctx, GLN_E_KEY, MSG_KEY_CIPHER, crypto_reason());
}

static int take_info(struct key **out, struct gln_context *ctx, const PKCS8_PRIV_KEY_INFO *info)
{
    EVP_PKEY *evp = EVP_PKCS82PKEY(info);

    return evp != NULL ? key_wrap(out, ctx, evp) : context_fail(ctx, GLN_E_KEY, MSG_KEY_FORMAT);
}

/* EncryptedPrivateKeyInfo. */
static int take_encrypted(struct key **out, struct gln_context *ctx, const X509_SIG *sealed,
                          const char *password)
{
    PKCS8_PRIV_KEY_INFO *info;
    int status;

    if (password == NULL)
        return context_fail(ctx, GLN_E_KEY, MSG_KEY_NO_PASSWORD);
    info = PKCS8_decrypt(sealed, password, (int)strlen(password));
    status = info != NULL ? take_info(out, ctx, info) : not_opened(ctx, sealed, password);
    PKCS8_PRIV_KEY_INFO_free(info);
    return status;
}

static int take_pkcs12(struct key **out, struct cert **cert, struct gln_context *ctx, PKCS12 *box,
                       const char *password)
{
    EVP_PKEY *evp = NULL;
    X509 *x509 = NULL;
    const char *word = password != NULL ? password : "";
    int status;

    if (PKCS12_verify_mac(box, word, -1) != 1 && (*word != '\0' || PKCS12_verify_mac(box, NULL, 0) != 1))
        return context_fail(ctx, GLN_E_KEY, password != NULL ? MSG_KEY_PASSWORD : MSG_KEY_NO_PASSWORD);
    if (PKCS12_parse(box, word, &evp, &x509, NULL) != 1)
        return context_fail(ctx, GLN_E_KEY, MSG_KEY_CIPHER, crypto_reason());
    if (evp == NULL) {
        X509_free(x509);
        return context_fail(ctx, GLN_E_KEY, MSG_KEY_FORMAT);
    }
    status = key_wrap(out, ctx, evp);
    if (status == GLN_OK && cert != NULL && x509 != NULL)
        status = cert_wrap(cert, ctx, x509);
    else
        X509_free(x509);
    return status;
}

/* DER of any kind; the outer shapes of the four differ, so the first that reads is the right one. */
static int take_der(struct key **out, struct cert **cert, struct gln_context *ctx, const unsigned char *der,
                    size_t len, const char *password)
{
    const unsigned char *p = der;
    X509_SIG *sealed = NULL;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    PKCS12 *box = NULL;
    EVP_PKEY *evp = NULL;
    int status;

    if (len > LONG_MAX)
        return context_fail(ctx, GLN_E_KEY, MSG_KEY_FORMAT);
    if ((sealed = d2i_X509_SIG(NULL, &p, (long)len)) != NULL)
        status = take_encrypted(out, ctx, sealed, password);
    else if ((p = der, info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len)) != NULL)
        status = take_info(out, ctx, info);
    else if ((p = der, box = d2i_PKCS12(NULL, &p, (long)len)) != NULL)
        status = take_pkcs12(out, cert, ctx, box, password);
    else if ((p = der, evp = d2i_AutoPrivateKey(NULL, &p, (long)len)) != NULL)
        status = key_wrap(out, ctx, evp);
    else
        status = context_fail(ctx, GLN_E_KEY, MSG_KEY_FORMAT);
    X509_SIG_free(sealed);
    PKCS8_PRIV_KEY_INFO_free(info);
    PKCS12_free(box);
    return status;
}

/* The password for an old "Proc-Type: 4,ENCRYPTED" block; never asks a terminal. */
static int give_password(char *out, int size, int writing, void *arg)
{
    const char *password = arg;
    size_t len = password != NULL ? strlen(password) : 0;

    (void)writing;
    if (password == NULL || len > (size_t)size)
        return -1;
    memcpy(out, password, len);
    return (int)len;
}

static int take_block(struct key **out, struct gln_context *ctx, char *header, unsigned char *data, long len,
                      const char *password)
{
    EVP_CIPHER_INFO cipher;
    char *word = NULL;
    int status;
    int opened;

    if (PEM_get_EVP_CIPHER_INFO(header, &cipher) != 1)
        return context_fail(ctx, GLN_E_KEY, MSG_KEY_FORMAT);
    if (cipher.cipher != NULL) {
        if (password != NULL && (word = strdup(password)) == NULL)
            return context_no_memory(ctx);
        opened = PEM_do_header(&cipher, data, &len, give_password, word);
        if (word != NULL)
            bytes_wipe(word, strlen(word));
        free(word);
        if (opened != 1)
            return context_fail(ctx, GLN_E_KEY, password != NULL ? MSG_KEY_PASSWORD : MSG_KEY_NO_PASSWORD);
    }
    status = take_der(out, NULL, ctx, data, (size_t)len, password);
    /* A wrong password may leave padding that looks right by chance: one time in 256. */
    if (status != GLN_OK && cipher.cipher != NULL)
        status = context_fail(ctx, GLN_E_KEY, MSG_KEY_PASSWORD);
    return status;
}

/* Walks the PEM blocks to the first private key: parameters and certificates may stand before it. */
static int take_pem(struct key **out, struct gln_context *ctx, BIO *bio, const char *password)
{
    static const char word[] = "PRIVATE KEY";
    char *name = NULL;
    char *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    int status = GLN_E_NOT_FOUND;

    while (status == GLN_E_NOT_FOUND && PEM_read_bio(bio, &name, &header, &data, &len) == 1) {
        size_t n = strlen(name);

        if (n >= sizeof word - 1 && strcmp(name + n - (sizeof word - 1), word) == 0)
            status = take_block(out, ctx, header, data, len, password);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, len > 0 ? (size_t)len : 0);
    }
    return status == GLN_E_NOT_FOUND ? context_fail(ctx, GLN_E_KEY, MSG_KEY_FORMAT) : status;
}

int key_parse(struct key **out, struct cert **cert, struct gln_context *ctx, const void *data, size_t len,
              const char *password)
{
    BIO *bio;
    int status;

    *out = NULL;
    if (cert != NULL)
        *cert = NULL;
    CRYPTO_ENTER();
    if (len > 0 && *(const unsigned char *)data == 0x30) {
        status = take_der(out, cert, ctx, data, len, password);
    } else {
        bio = crypto_bio(data, len);
        status = bio != NULL ? take_pem(out, ctx, bio, password) : context_no_memory(ctx);
        BIO_free(bio);
    }
    CRYPTO_LEAVE();
    if (status != GLN_OK) {
        key_free(*out);
        *out = NULL;
    }
    return status;
}

int key_generate_ec(struct key **out, struct gln_context *ctx)
{
    EVP_PKEY *evp;
    int status;

    *out = NULL;
    CRYPTO_ENTER();
    evp = EVP_EC_gen("P-256");
    status = evp != NULL ? key_wrap(out, ctx, evp)
                         : context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_KEYGEN, crypto_reason());
    CRYPTO_LEAVE();
    return status;
}

int key_pem(struct buf *out, struct gln_context *ctx, const struct key *k)
{
    BIO *bio;
    int status = GLN_OK;

    CRYPTO_ENTER();
    bio = BIO_new(BIO_s_secmem()); /* wiped when freed */
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, k->evp, NULL, NULL, 0, NULL, NULL) != 1)
        status = context_no_memory(ctx);
    else
        crypto_bio_put(out, bio);
    BIO_free(bio);
    CRYPTO_LEAVE();
    return status == GLN_OK && out->failed ? context_no_memory(ctx) : status;
}

bool key_matches(const struct key *k, const struct cert *c)
{
    bool same;

    CRYPTO_ENTER();
    same = X509_check_private_key(c->x509, k->evp) == 1;
    CRYPTO_LEAVE();
    return same;
}

bool key_is_rsa(const struct key *k)
{
    return EVP_PKEY_get_base_id(k->evp) == EVP_PKEY_RSA;
}

bool cert_is_rsa(const struct cert *c)
{
    const EVP_PKEY *evp = X509_get0_pubkey(c->x509);

    return evp != NULL && EVP_PKEY_get_base_id(evp) == EVP_PKEY_RSA;
}

int key_sign(struct buf *out, struct gln_context *ctx, const struct key *k, enum digest d, const void *data,
             size_t len)
{
    EVP_MD_CTX *md;
    size_t size = 0;
    int status = GLN_OK;

    if (k->signer != NULL)
        return k->signer(k->signer_arg, ctx, d, data, len, out);
    CRYPTO_ENTER();
    md = EVP_MD_CTX_new();
    if (md == NULL || EVP_DigestSignInit(md, NULL, digest_evp(d), NULL, k->evp) != 1 ||
        EVP_DigestSign(md, NULL, &size, data, len) != 1 || !buf_reserve(out, size) ||
        EVP_DigestSign(md, (unsigned char *)out->data + out->len, &size, data, len) != 1) {
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SIGN, crypto_reason());
        if (k->module != NULL)
            token_failed(k->module);
    } else {
        out->len += size;
        out->data[out->len] = '\0';
    }
    EVP_MD_CTX_free(md);
    CRYPTO_LEAVE();
    return status;
}

int cert_verify(bool *good, struct gln_context *ctx, const struct cert *c, enum digest d, const void *data,
                size_t len, const void *sig, size_t sig_len)
{
    EVP_PKEY *evp;
    EVP_MD_CTX *md;
    int status = GLN_OK;

    *good = false;
    CRYPTO_ENTER();
    evp = X509_get0_pubkey(c->x509);
    md = EVP_MD_CTX_new();
    if (evp == NULL || md == NULL || EVP_DigestVerifyInit(md, NULL, digest_evp(d), NULL, evp) != 1)
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_VERIFY, crypto_reason());
    else
        *good = EVP_DigestVerify(md, sig, sig_len, data, len) == 1;
    EVP_MD_CTX_free(md);
    CRYPTO_LEAVE();
    return status;
}
