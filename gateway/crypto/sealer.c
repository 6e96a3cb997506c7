/*
 * Secrets at rest: AES-256-GCM under a key kept in a file.
 *
 * A sealed secret is: version byte 1, nonce (12 random bytes), ciphertext, tag (16). `aad`, the place it is kept at, is bound
 * in, so that a sealed secret moved to another identity does not open. The key file is exactly 32 bytes, a plain file that
 * nobody but its owner may read. It is made whole (temporary name, fsync, link): a crash leaves no half key.
 */
#include "crypto/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_LEN = 32, NONCE_LEN = 12, TAG_LEN = 16, SEAL_VERSION = 1, HEAD_LEN = 1 + NONCE_LEN };

struct sealer {
    unsigned char key[KEY_LEN];
};

static int fail_errno(struct gln_context *ctx, const char *path, int error)
{
    char text[128];

    return context_fail(ctx, GLN_E_KEY, MSG_SEALER_READ, path, strerror_r(error, text, sizeof text));
}

static bool write_all(int fd, const unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return fsync(fd) == 0;
}

static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    int fd = dir != NULL ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(dir);
}

/* Makes the key file unless there is one by now. */
static int make_file(struct gln_context *ctx, const char *path)
{
    unsigned char key[KEY_LEN];
    struct buf name = BUF_INIT;
    int status = random_bytes(ctx, key, sizeof key);
    int fd;

    if (status != GLN_OK)
        return status;
    buf_printf(&name, "%s.XXXXXX", path);
    if (name.failed)
        return context_no_memory(ctx);
    fd = mkostemp(name.data, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        status = fail_errno(ctx, path, errno);
    } else {
        if (!write_all(fd, key, sizeof key) || (link(name.data, path) != 0 && errno != EEXIST))
            status = fail_errno(ctx, path, errno);
        close(fd);
        unlink(name.data);
        sync_folder(path);
    }
    bytes_wipe(key, sizeof key);
    buf_free(&name);
    return status;
}

static int check_file(struct gln_context *ctx, int fd, const char *path)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return fail_errno(ctx, path, errno);
    if (S_ISDIR(st.st_mode))
        return fail_errno(ctx, path, EISDIR);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return context_fail(ctx, GLN_E_KEY, MSG_SEALER_OWNER, path);
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return context_fail(ctx, GLN_E_KEY, MSG_SEALER_MODE, path);
    if (!S_ISREG(st.st_mode) || st.st_size != KEY_LEN)
        return context_fail(ctx, GLN_E_KEY, MSG_SEALER_SIZE, path);
    return GLN_OK;
}

int sealer_open(struct sealer **out, struct gln_context *ctx, const char *path, bool create)
{
    struct sealer *s = NULL;
    int status = GLN_OK;
    int fd;

    *out = NULL;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT && create) {
        status = make_file(ctx, path);
        if (status != GLN_OK)
            return status;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0)
        return fail_errno(ctx, path, errno);
    status = check_file(ctx, fd, path);
    if (status == GLN_OK && (s = calloc(1, sizeof *s)) == NULL)
        status = context_no_memory(ctx);
    if (status == GLN_OK && read(fd, s->key, KEY_LEN) != KEY_LEN)
        status = context_fail(ctx, GLN_E_KEY, MSG_SEALER_SIZE, path);
    close(fd);
    if (status == GLN_OK)
        *out = s;
    else
        sealer_free(s);
    return status;
}

void sealer_free(struct sealer *s)
{
    if (s == NULL)
        return;
    bytes_wipe(s->key, sizeof s->key);
    free(s);
}

int sealer_seal(struct buf *out, struct gln_context *ctx, const struct sealer *s, const char *aad,
                const void *data, size_t len)
{
    unsigned char head[HEAD_LEN] = {SEAL_VERSION};
    unsigned char tag[TAG_LEN];
    EVP_CIPHER_CTX *c = NULL;
    int n = 0;
    int status = random_bytes(ctx, head + 1, NONCE_LEN);

    if (status != GLN_OK)
        return status;
    CRYPTO_ENTER();
    buf_put(out, head, sizeof head);
    if (len > 1 << 20 || !buf_reserve(out, len + TAG_LEN) || (c = EVP_CIPHER_CTX_new()) == NULL ||
        EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, s->key, head + 1) != 1 ||
        EVP_EncryptUpdate(c, NULL, &n, (const unsigned char *)aad, (int)strlen(aad)) != 1 ||
        EVP_EncryptUpdate(c, (unsigned char *)out->data + out->len, &n, data, (int)len) != 1 ||
        EVP_EncryptFinal_ex(c, tag, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) != 1) {
        status = context_fail(ctx, GLN_E_KEY, MSG_CRYPTO_SEAL, crypto_reason());
    } else {
        out->len += len;
        buf_put(out, tag, sizeof tag);
    }
    EVP_CIPHER_CTX_free(c);
    CRYPTO_LEAVE();
    return status;
}

int sealer_unseal(struct buf *out, struct gln_context *ctx, const struct sealer *s, const char *aad,
                  const void *data, size_t len)
{
    const unsigned char *in = data;
    size_t body = len >= HEAD_LEN + TAG_LEN ? len - HEAD_LEN - TAG_LEN : 0;
    unsigned char tag[TAG_LEN];
    EVP_CIPHER_CTX *c = NULL;
    int n = 0;
    int status = GLN_OK;

    if (len < HEAD_LEN + TAG_LEN || len > 2 << 20 || in[0] != SEAL_VERSION)
        return context_fail(ctx, GLN_E_KEY, MSG_SEALER_OPEN, aad);
    CRYPTO_ENTER();
    memcpy(tag, in + HEAD_LEN + body, TAG_LEN);
    if (!buf_reserve(out, body) || (c = EVP_CIPHER_CTX_new()) == NULL ||
        EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, s->key, in + 1) != 1 ||
        EVP_DecryptUpdate(c, NULL, &n, (const unsigned char *)aad, (int)strlen(aad)) != 1 ||
        EVP_DecryptUpdate(c, (unsigned char *)out->data + out->len, &n, in + HEAD_LEN, (int)body) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) != 1 ||
        EVP_DecryptFinal_ex(c, tag, &n) != 1) {
        if (out->data != NULL && body > 0)
            bytes_wipe(out->data + out->len, body);
        status = context_fail(ctx, GLN_E_KEY, MSG_SEALER_OPEN, aad);
    } else {
        out->len += body;
        out->data[out->len] = '\0';
    }
    EVP_CIPHER_CTX_free(c);
    CRYPTO_LEAVE();
    return status;
}
