/*
 * Whole files (util/file.h). Writing goes to a temporary name in the same folder, is flushed, renamed over the old file, and
 * the folder is flushed: after a crash the old file or the whole new one is there, never a part.
 * Errors are errno values; a partly written temporary file is removed.
 */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/str.h"

static int read_fd(struct buf *out, int fd, size_t cap)
{
    size_t start = out->len;
    for (;;) {
        if (!buf_reserve(out, 65536))
            return ENOMEM;
        ssize_t n = read(fd, out->data + out->len, 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            return 0;
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        if (cap != 0 && out->len - start > cap)
            return EFBIG;
    }
}

int file_read(struct buf *out, const char *path, size_t cap)
{
    if (strcmp(path, "-") == 0)
        return read_fd(out, STDIN_FILENO, cap);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    struct stat st;
    int err = 0;
    if (fstat(fd, &st) != 0)
        err = errno;
    else if (S_ISDIR(st.st_mode))
        err = EISDIR;
    else if (cap != 0 && S_ISREG(st.st_mode) && (unsigned long long)st.st_size > cap)
        err = EFBIG;
    else
        err = read_fd(out, fd, cap);
    close(fd);
    return err;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0 ? 0 : errno;
}

static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL ? str_dup(".") : str_ndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (dir == NULL)
        return ENOMEM;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    free(dir);
    return err;
}

int file_write(const char *path, const void *data, size_t len, int mode)
{
    struct buf temp = BUF_INIT;
    buf_printf(&temp, "%s.tmp-XXXXXX", path);
    if (temp.failed)
        return ENOMEM;
    int err = 0;
    int fd = mkstemp(temp.data);
    if (fd < 0) {
        err = errno;
        goto out;
    }
    if (fchmod(fd, (mode_t)mode) != 0)
        err = errno;
    if (err == 0)
        err = write_all(fd, data, len);
    if (close(fd) != 0 && err == 0)
        err = errno;
    if (err == 0 && rename(temp.data, path) != 0)
        err = errno;
    if (err != 0)
        unlink(temp.data);
    else
        err = sync_folder_of(path);
out:
    buf_free(&temp);
    return err;
}

char *path_join(const char *dir, const char *name)
{
    if (name[0] == '/' || dir == NULL || dir[0] == '\0')
        return str_dup(name);
    struct buf b = BUF_INIT;
    buf_puts(&b, dir);
    if (b.len > 0 && b.data[b.len - 1] != '/')
        buf_putc(&b, '/');
    buf_puts(&b, name);
    return buf_take(&b, NULL);
}

bool path_is_plain(const char *name)
{
    if (name == NULL || name[0] == '\0' || name[0] == '.')
        return false;
    return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}
