/** @file
 * Whole files and folders. Writing is to a temporary name, fsync, rename, fsync of the folder: a reader sees the old
 * file or the whole new one.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/** Appends the file's bytes to `out`. 0, or errno (EISDIR for a folder, EFBIG past `cap` bytes; cap 0 = none). "-" is standard input. */
int file_read(struct buf *out, const char *path, size_t cap);
/** Durable, atomic; mode as for open(2). 0 or errno. */
int file_write(const char *path, const void *data, size_t len, int mode);
char *path_join(const char *dir,
                const char *name); /**< owned by the caller; `name` absolute: a copy of `name` */
bool path_is_plain(
    const char *name); /**< [A-Za-z0-9._-]+, not starting with a dot: fit to become a file name */

#endif
