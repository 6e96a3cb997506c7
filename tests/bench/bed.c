/*
 * What the measurements share: an engine over the source tree's data, a gateway in a folder of its own, an RSA-2048 key with a
 * certificate as an e.firma has, the declarations.
 *
 * The clock stands still at a day of 2026, so that nothing depends on today. Whatever fails says so on stderr and ends the run.
 */
#include "bench.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double cpu_now(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double wall_now(void)
{
    return seconds(CLOCK_MONOTONIC);
}

static bool take_pem(struct buf *out, BIO *bio)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);

    if (len > 0)
        buf_put(out, data, (size_t)len);
    BIO_free(bio);
    return len > 0 && !out->failed;
}

static bool set_name(X509_NAME *name, const char *text)
{
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0) == 1;
}

/* A certificate for the key, valid over all of the frozen clock. An authority issues an e.firma, so the issuer has another name; nobody
 * here asks whose key signed it. */
void *bed_cert(void *pkey)
{
    X509 *x = X509_new();
    bool ok = x != NULL && set_name(X509_get_subject_name(x), "Ana Ficticia") &&
              set_name(X509_get_issuer_name(x), "Autoridad Ficticia");

    ok = ok && X509_set_version(x, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1;
    ok = ok && ASN1_TIME_set_string(X509_getm_notBefore(x), "20200101000000Z") == 1 &&
         ASN1_TIME_set_string(X509_getm_notAfter(x), "20491231235959Z") == 1 &&
         X509_set_pubkey(x, pkey) == 1 && X509_sign(x, pkey, EVP_sha256()) > 0;
    if (ok)
        return x;
    X509_free(x);
    return NULL;
}

static bool make_key(struct bed *b)
{
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    X509 *x = pkey != NULL ? bed_cert(pkey) : NULL;
    BIO *key = BIO_new(BIO_s_mem()), *cert = BIO_new(BIO_s_mem());
    struct buf pem = BUF_INIT;
    bool ok = x != NULL && key != NULL && cert != NULL && PEM_write_bio_X509(cert, x) == 1 &&
              PEM_write_bio_PrivateKey(key, pkey, NULL, NULL, 0, NULL, NULL) == 1;

    b->native = pkey;
    ok = take_pem(&b->pem, key) && take_pem(&pem, cert) && ok;
    ok = ok && key_parse(&b->key, NULL, b->ctx, b->pem.data, b->pem.len, NULL) == GLN_OK &&
         cert_parse(&b->cert, b->ctx, pem.data, pem.len) == GLN_OK;
    X509_free(x);
    buf_free(&pem);
    return ok;
}

static bool set(struct bed *b, const char *name, const char *value)
{
    return gln_config_set(b->config, name, value) == GLN_OK;
}

static bool open_engine(struct bed *b)
{
    char ledger[300];

    snprintf(ledger, sizeof ledger, "%s/ledger", b->folder);
    return gln_init() == GLN_OK && gln_config_new(&b->config) == GLN_OK && set(b, "ledger", ledger) &&
           set(b, "clock", "2026-07-23T18:00:00Z") && gln_engine_new(&b->engine, b->config) == GLN_OK &&
           gln_context_new(&b->ctx, b->engine) == GLN_OK && gateway_open(&b->gw, b->ctx) == GLN_OK;
}

bool bed_open(struct bed *b)
{
    const char *tmp = getenv("TMPDIR");
    bool ok;

    memset(b, 0, sizeof *b);
    snprintf(b->folder, sizeof b->folder, "%s/gln-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
    ok = mkdtemp(b->folder) != NULL && open_engine(b) && make_key(b);
    for (int road = 0; ok && road < ROAD_COUNT; road++) {
        const char *to = road_names[road];
        struct gln_declaration *d = NULL;

        ok = flow_receive(&d, b->ctx, "<", 1) == GLN_OK && flow_wish(d, to) == GLN_OK;
        b->destination[road] = ok ? d->wish.destination : NULL;
        b->message[road] = ok ? d->wish.message : NULL;
        gln_declaration_free(d);
        for (int size = 0; ok && size < SIZE_COUNT; size++) {
            declare(&b->text[road][size], (enum road)road, (enum size)size, 1);
            ok = !b->text[road][size].failed;
        }
    }
    if (!ok)
        fprintf(stderr, "bench: %s %s\n", b->config != NULL ? gln_config_error(b->config) : "",
                b->ctx != NULL ? gln_context_error(b->ctx, GLN_EN) : "");
    return ok;
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    char path[600];

    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        (void)unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
    (void)rmdir(folder);
}

void bed_close(struct bed *b)
{
    for (int road = 0; road < ROAD_COUNT; road++)
        for (int size = 0; size < SIZE_COUNT; size++)
            buf_free(&b->text[road][size]);
    EVP_PKEY_free(b->native);
    buf_free(&b->pem);
    key_free(b->key);
    cert_free(b->cert);
    gateway_close(b->gw);
    gln_context_free(b->ctx);
    gln_engine_free(b->engine);
    gln_config_free(b->config);
    remove_folder(b->folder);
    gln_shutdown();
}

bool limit_once(const struct bed *b)
{
    static const unsigned char data[512] = {1};
    unsigned char signature[256];
    size_t len = sizeof signature;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md != NULL && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, b->native) == 1 &&
              EVP_DigestSign(md, signature, &len, data, sizeof data) == 1;

    EVP_MD_CTX_free(md);
    return ok;
}
