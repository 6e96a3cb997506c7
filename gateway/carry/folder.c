/*
 * The carrier `folder`: messages are files. What goes out is written whole under its final name or not at all; what comes in is taken
 * oldest name first and, when it is safe with us, moved to the sub-folder `done`.
 *
 * Names of ours begin with the time, so that they sort by age. Left alone: sub-folders, names that begin with a dot, and names of
 * files still being written (.tmp, .part, or .tmp- before an ending). A file over the reply cap is set aside in `refused`.
 */
#include "carry/web.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/str.h"

static int trouble(struct gln_context *ctx, const char *path, int error)
{
    char text[128];
    return context_fail(ctx, GLN_E_NETWORK, MSG_CARRY_FAILED, path, strerror_r(error, text, sizeof text));
}

/* 20260723T180000.123Z-1f2e3d4c.msg */
static bool new_name(struct buf *out, struct gln_context *ctx)
{
    char time[25];
    unsigned char salt[4];
    time_format(time, clock_wall_ms(ctx->clock));
    if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt) {
        return false;
    }
    for (const char *p = time; *p != '\0'; p++) {
        if (*p != '-' && *p != ':') {
            buf_putc(out, *p);
        }
    }
    buf_printf(out, "-%02x%02x%02x%02x.msg", salt[0], salt[1], salt[2], salt[3]);
    return !out->failed;
}

static int folder_send(struct gln_context *ctx, const struct carry_endpoint *e, const void *data, size_t len,
                       enum carry_outcome *outcome, struct buf *reply, struct buf *why)
{
    struct buf name = BUF_INIT;
    (void)reply;
    char *path = new_name(&name, ctx) ? path_join(e->url, name.data) : NULL;
    buf_free(&name);
    if (path == NULL) {
        return context_no_memory(ctx);
    }
    int error = file_write(path, data, len, 0640);
    if (error == 0) {
        *outcome = CARRY_DELIVERED;
    } else {
        /* If the name is there, only flushing the folder failed: it may be taken, and may be lost by a crash. */
        char text[128];
        *outcome = access(path, F_OK) == 0 ? CARRY_IN_DOUBT : CARRY_NOT_SENT;
        buf_printf(why, "%s: %s", path, strerror_r(error, text, sizeof text));
    }
    free(path);
    return GLN_OK;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

static bool is_message(int dir, const char *name)
{
    struct stat st;
    return name[0] != '.' && !ends_with(name, ".tmp") && !ends_with(name, ".part") &&
           strstr(name, ".tmp-") == NULL && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(st.st_mode);
}

/* The first name in order; 0, ENOENT when there is none, or errno. */
static int first_name(const char *folder, struct buf *name)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return errno;
    }
    const struct dirent *d;
    buf_clear(name);
    while ((d = readdir(dir)) != NULL) {
        if (is_message(dirfd(dir), d->d_name) && (name->len == 0 || strcmp(d->d_name, name->data) < 0)) {
            buf_clear(name);
            buf_puts(name, d->d_name);
        }
    }
    closedir(dir);
    if (name->failed) {
        return ENOMEM;
    }
    return name->len > 0 ? 0 : ENOENT;
}

static int sync_fd(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

/* Moves a file into a sub-folder, under its own name or, when that is taken, the next free one. 0 or errno. */
static int set_aside(const char *folder, const char *name, const char *into)
{
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return errno;
    }
    int error = mkdirat(dir, into, 0750) == 0 || errno == EEXIST ? EEXIST : errno;
    for (int i = 0; error == EEXIST && i < 10000; i++) {
        struct buf to = BUF_INIT;
        buf_printf(&to, i == 0 ? "%s/%s" : "%s/%s.%d", into, name, i);
        error = to.failed ? ENOMEM : renameat2(dir, name, dir, to.data, RENAME_NOREPLACE) == 0 ? 0 : errno;
        buf_free(&to);
    }
    if (error == 0) {
        error = sync_fd(dir, into);
    }
    if (error == 0 && fsync(dir) != 0) {
        error = errno;
    }
    close(dir);
    return error;
}

static int folder_fetch(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *out,
                        struct buf *tag)
{
    struct buf name = BUF_INIT;
    char *path = NULL;
    size_t before = out->len;
    int error;
    while ((error = first_name(e->url, &name)) == 0) {
        free(path);
        path = path_join(e->url, name.data);
        error = path == NULL ? ENOMEM : file_read(out, path, CARRY_REPLY_MAX);
        if (error != EFBIG) {
            break;
        }
        out->len = before;
        log_write(ctx->log, LOG_LEVEL_ALERT, "carry", NULL, "%s is over %zu bytes; set aside in refused/",
                  path, CARRY_REPLY_MAX);
        error = set_aside(e->url, name.data, "refused");
        free(TAKE(&path));
        if (error != 0) {
            break;
        }
    }
    int status = GLN_OK;
    if (error == 0) {
        buf_puts(tag, name.data);
    } else {
        out->len = before;
        status = path == NULL && error == ENOENT && access(e->url, F_OK) == 0
                     ? context_fail(ctx, GLN_E_NOT_FOUND, MSG_CARRY_NOTHING, e->url)
                     : trouble(ctx, path != NULL ? path : e->url, error);
    }
    free(path);
    buf_free(&name);
    return status;
}

static int folder_done(struct gln_context *ctx, const struct carry_endpoint *e, const char *tag)
{
    if (tag[0] == '.' || tag[0] == '\0' || strchr(tag, '/') != NULL) {
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_CARRY_TAG, tag, e->url);
    }
    int error = set_aside(e->url, tag, "done");
    return error == 0 || error == ENOENT ? GLN_OK : trouble(ctx, e->url, error);
}

static int folder_probe(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *why)
{
    char text[128];
    if (access(e->url, R_OK | W_OK | X_OK) != 0) {
        buf_printf(why, "%s: %s", e->url, strerror_r(errno, text, sizeof text));
    }
    return why->failed ? context_no_memory(ctx) : GLN_OK;
}

const struct carrier carrier_folder = {"folder", folder_send, folder_fetch, folder_done, folder_probe};
