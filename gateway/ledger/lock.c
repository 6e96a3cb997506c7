/*
 * One owner at a time: a lock on a side file, "<ledger>.lock", which also says who the owner is (program and process id).
 *
 * The lock belongs to the open file (flock), so the kernel gives it back when the owner dies, however it dies; the file itself stays
 * and means nothing without the lock. A second opening in the same process is refused too. The lock is taken before the database is
 * opened: whoever is refused has touched nothing. Who only looks goes on where the side file cannot be made or written (a full disk, one that is
 * only read): where it cannot be made, nobody else can own the ledger either.
 */
#include "ledger/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "util/str.h"

/* What the owner wrote: "greenlaned (process 4711)". */
static int tell_owner(struct gln_context *ctx, const char *path, int fd)
{
    char text[128];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    char *end;

    if (n <= 0)
        return context_fail(ctx, GLN_E_BUSY, MSG_LEDGER_HELD_UNKNOWN, path);
    text[n] = '\0';
    end = strchr(text, '\n');
    if (!end)
        return context_fail(ctx, GLN_E_BUSY, MSG_LEDGER_HELD_UNKNOWN, path);
    *end = '\0';
    return context_fail(ctx, GLN_E_BUSY, MSG_LEDGER_HELD, path, text);
}

static bool write_owner(int fd)
{
    char text[128];
    int n =
        snprintf(text, sizeof text, "%.60s (process %ld)\n", program_invocation_short_name, (long)getpid());

    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

static int fail_errno(struct gln_context *ctx, const char *name, int error)
{
    char text[128];

    if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        return context_fail(ctx, GLN_E_STORE, MSG_STORE_FULL, name);
    return context_fail(ctx, GLN_E_STORE, MSG_LEDGER_LOCK, name, strerror_r(error, text, sizeof text));
}

int lock_take(int *fd, struct gln_context *ctx, const char *path, bool looks)
{
    struct buf name = BUF_INIT;
    int status = GLN_OK;

    *fd = -1;
    buf_puts(&name, path);
    buf_puts(&name, ".lock");
    if (name.failed)
        return context_no_memory(ctx);
    *fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (*fd < 0 && looks)
        *fd = open(name.data, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? tell_owner(ctx, path, *fd) : fail_errno(ctx, name.data, errno);
    else if ((*fd < 0 || !write_owner(*fd)) && !looks)
        status = fail_errno(ctx, name.data, errno);
    if (status != GLN_OK) {
        lock_release(*fd);
        *fd = -1;
    }
    buf_free(&name);
    return status;
}

void lock_release(int fd)
{
    if (fd >= 0)
        close(fd);
}
