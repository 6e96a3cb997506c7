/*
 * TLS contexts for the HTTP server: TLS 1.2 and 1.3, no renegotiation, no compression; client certificates by the authorities
 * of one PEM file, which may hold revocation lists too: when it does, a client that a list names is refused. What follows from a list that
 * is out of date or not there is the caller's to say.
 *
 * OpenSSL judges a client's dates by the system's clock, since the handshake is the system's business.
 */
#include "crypto/internal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#include "util/file.h"

struct tls_server {
    SSL_CTX *ssl;
};

/* The file's own lists switch revocation checking on. */
static bool holds_list(const char *path)
{
    struct buf text = BUF_INIT;
    bool found = file_read(&text, path, 64u << 20) == 0 && text.len > 0 &&
                 memmem(text.data, text.len, "-----BEGIN X509 CRL", 19) != NULL;

    buf_free(&text);
    return found;
}

/* Silence of the lists is no refusal: whether it is one, who answers the request may ask again. */
static int forgive_silence(int good, X509_STORE_CTX *check)
{
    static const int silent[] = {X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED,
                                 X509_V_ERR_CRL_NOT_YET_VALID};
    int error = X509_STORE_CTX_get_error(check);

    for (size_t i = 0; good == 0 && i < sizeof silent / sizeof silent[0]; i++)
        if (error == silent[i]) {
            X509_STORE_CTX_set_error(check, X509_V_OK);
            good = 1;
        }
    return good;
}

static int ask_clients(SSL_CTX *ssl, struct gln_context *ctx, const struct tls_clients *clients)
{
    const char *client_ca = clients->ca;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(client_ca);

    if (names == NULL || SSL_CTX_load_verify_locations(ssl, client_ca, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return context_fail(ctx, GLN_E_CONFIG, MSG_TLS_CLIENT_CA, client_ca, crypto_reason());
    }
    SSL_CTX_set_client_CA_list(ssl, names); /* takes it over */
    if (holds_list(client_ca))
        X509_STORE_set_flags(SSL_CTX_get_cert_store(ssl), X509_V_FLAG_CRL_CHECK);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | (clients->required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       clients->strict_lists ? NULL : forgive_silence);
    return GLN_OK;
}

static int give_identity(SSL_CTX *ssl, struct gln_context *ctx, const char *cert_path, const char *key_path)
{
    if (SSL_CTX_use_certificate_chain_file(ssl, cert_path) != 1)
        return context_fail(ctx, GLN_E_CONFIG, MSG_TLS_CERT, cert_path, crypto_reason());
    if (SSL_CTX_use_PrivateKey_file(ssl, key_path, SSL_FILETYPE_PEM) != 1) {
        if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
            return context_fail(ctx, GLN_E_CONFIG, MSG_TLS_MATCH, key_path, cert_path);
        return context_fail(ctx, GLN_E_CONFIG, MSG_TLS_KEY, key_path, crypto_reason());
    }
    if (SSL_CTX_check_private_key(ssl) != 1)
        return context_fail(ctx, GLN_E_CONFIG, MSG_TLS_MATCH, key_path, cert_path);
    return GLN_OK;
}

/* A key file that is encrypted must not make OpenSSL ask the terminal. */
static int no_password(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

int tls_server_new(struct tls_server **out, struct gln_context *ctx, const char *cert_path,
                   const char *key_path, const struct tls_clients *clients)
{
    static const unsigned char session_id[] = "greenlane";
    struct tls_server *t = NULL;
    SSL_CTX *ssl;
    int status;

    *out = NULL;
    CRYPTO_ENTER();
    ssl = SSL_CTX_new(TLS_server_method());
    if (ssl == NULL || (t = calloc(1, sizeof *t)) == NULL ||
        SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_session_id_context(ssl, session_id, sizeof session_id - 1) != 1) {
        status = context_no_memory(ctx);
        goto out;
    }
    SSL_CTX_set_default_passwd_cb(ssl, no_password);
    SSL_CTX_set_options(ssl,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    status = give_identity(ssl, ctx, cert_path, key_path);
    if (status == GLN_OK && clients->ca != NULL)
        status = ask_clients(ssl, ctx, clients);
    if (status == GLN_OK) {
        t->ssl = ssl;
        *out = t;
        ssl = NULL;
        t = NULL;
    }
out:
    free(t);
    SSL_CTX_free(ssl);
    CRYPTO_LEAVE();
    return status;
}

void tls_server_free(struct tls_server *t)
{
    if (t == NULL)
        return;
    SSL_CTX_free(t->ssl); /* counted by OpenSSL: sessions keep it alive */
    free(t);
}

void *tls_server_session(struct tls_server *t)
{
    SSL *ssl;

    CRYPTO_ENTER();
    ssl = SSL_new(t->ssl);
    CRYPTO_LEAVE();
    return ssl;
}

static bool put_der(struct buf *out, X509 *x509)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x509, &der);

    if (len > 0)
        buf_put(out, der, (size_t)len);
    OPENSSL_free(der);
    return len > 0 && !out->failed;
}

bool tls_session_peer(void *ssl, char fingerprint[65], struct buf *subject, struct buf *der)
{
    struct cert peer = {.x509 = NULL};
    struct buf hex = BUF_INIT;
    bool shown = false;

    CRYPTO_ENTER();
    peer.x509 = SSL_get1_peer_certificate(ssl);
    if (peer.x509 != NULL && SSL_get_verify_result(ssl) == X509_V_OK) {
        cert_fingerprint(&hex, &peer);
        if (hex.len == 64) {
            memcpy(fingerprint, hex.data, 65);
            if (subject != NULL)
                cert_subject(subject, &peer);
            shown = der == NULL || put_der(der, peer.x509);
        }
    }
    buf_free(&hex);
    X509_free(peer.x509);
    CRYPTO_LEAVE();
    return shown;
}
