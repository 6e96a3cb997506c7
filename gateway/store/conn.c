/*
 * A connection: opened with the settings the promise of durability rests on (WAL, synchronous=FULL), its statements
 * kept prepared, its errors turned into one line that says what to do.
 *
 * The file is made with mode 0600 before SQLite sees it, since it holds declarations and sealed keys; SQLite gives its
 * side files the same mode. A full disk comes from SQLite as SQLITE_FULL or as an I/O error with ENOSPC, EDQUOT or EFBIG
 * behind it; all are told as "no space". Nothing here is fatal to the process.
 */
#include "store/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/str.h"

static bool no_space(int saved_errno)
{
    return saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EFBIG;
}

/* The system's error behind an I/O error. SQLite forgets it when a COMMIT fails, but the files remember. */
static int system_error(sqlite3 *db)
{
    int error = db ? sqlite3_system_errno(db) : 0;
    sqlite3_file *wal = NULL;

    if (!db || error != 0)
        return error;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (wal && wal->pMethods)
        wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (error == 0)
        sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

/* What each primary result code is told as; `detail`: the text's second argument says more. */
static const struct told {
    int rc, status;
    enum message_id id;
    bool detail;
} told_table[] = {
    {SQLITE_FULL, GLN_E_STORE, MSG_STORE_FULL, false},
    {SQLITE_NOTADB, GLN_E_STORE, MSG_STORE_NOT_A_DATABASE, false},
    {SQLITE_CORRUPT, GLN_E_STORE, MSG_STORE_DAMAGED, true},
    {SQLITE_READONLY, GLN_E_STORE, MSG_STORE_READ_ONLY, false},
    {SQLITE_TOOBIG, GLN_E_LIMIT, MSG_STORE_TOO_BIG, false},
    {SQLITE_BUSY, GLN_E_BUSY, MSG_STORE_BUSY, false},
    {SQLITE_LOCKED, GLN_E_BUSY, MSG_STORE_BUSY, false},
    {SQLITE_CANTOPEN, GLN_E_STORE, MSG_STORE_CANNOT_OPEN, true},
    {SQLITE_IOERR, GLN_E_STORE, MSG_STORE_IO, true},
    {SQLITE_ERROR, GLN_E_INTERNAL, MSG_STORE_SQL, true},
};

int conn_fail(struct store_conn *c, struct gln_context *ctx, int rc)
{
    const size_t count = sizeof told_table / sizeof told_table[0];
    const struct told *told = told_table;
    int primary = rc & 0xff;
    int os_error = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN ? system_error(c->db) : 0;
    char text[128];
    const char *detail = c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc);

    if (primary == SQLITE_NOMEM)
        return context_no_memory(ctx);
    if (no_space(os_error))
        primary = SQLITE_FULL;
    if (os_error != 0)
        detail = strerror_r(os_error, text, sizeof text);
    while (told < told_table + count - 1 && told->rc != primary)
        told++;
    return context_fail(ctx, told->status, told->id, c->path, told->detail ? detail : "");
}

int conn_exec(struct store_conn *c, struct gln_context *ctx, const char *sql)
{
    int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? GLN_OK : conn_fail(c, ctx, rc);
}

/* Looks before SQLite does, for SQLite says no more than "unable to open database file". */
static int check_file(struct gln_context *ctx, const char *path)
{
    struct stat st;
    char text[128];
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

    if (fd < 0 && (errno == EACCES || errno == EROFS) && access(path, R_OK) == 0)
        return context_fail(ctx, GLN_E_STORE, MSG_STORE_READ_ONLY, path);
    if (fd < 0 && no_space(errno))
        return context_fail(ctx, GLN_E_STORE, MSG_STORE_FULL, path);
    if (fd < 0)
        return context_fail(ctx, GLN_E_STORE, MSG_STORE_CANNOT_OPEN, path,
                            strerror_r(errno, text, sizeof text));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return context_fail(ctx, GLN_E_STORE, MSG_STORE_NOT_A_DATABASE, path);
    }
    close(fd);
    return GLN_OK;
}

/* Whether all there is to read is in the file itself: no log beside it. */
static bool stands_alone(const char *path)
{
    struct buf wal = BUF_INIT;
    struct stat st;
    bool alone;

    buf_puts(&wal, path);
    buf_puts(&wal, "-wal");
    alone = !wal.failed && (stat(wal.data, &st) != 0 || st.st_size == 0);
    buf_free(&wal);
    return alone;
}

/* A file that stands alone, told to SQLite so that it makes no side files: on a full disk, or one that is only read, it could not. */
static int open_alone(struct store_conn *c, int flags)
{
    struct buf uri = BUF_INIT;
    int rc = SQLITE_NOMEM;

    buf_puts(&uri, *c->path == '/' ? "file://" : "file:");
    for (const char *p = c->path; *p; p++)
        if (strchr("%?#", *p))
            buf_printf(&uri, "%%%02X", (unsigned char)*p);
        else
            buf_putc(&uri, *p);
    buf_puts(&uri, "?immutable=1");
    if (!uri.failed)
        rc = sqlite3_open_v2(uri.data, &c->db, flags | SQLITE_OPEN_URI, NULL);
    buf_free(&uri);
    return rc;
}

int conn_open(struct store_conn **out, struct gln_context *ctx, const char *path, enum conn_mode mode)
{
    struct store_conn *c = NULL;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (mode == CONN_FILE ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    int status = GLN_OK;
    int rc;

    *out = NULL;
    if (mode == CONN_WRITER && (status = check_file(ctx, path)) != GLN_OK)
        return status;
    c = calloc(1, sizeof *c);
    if (!c || !(c->path = str_dup(path))) {
        free(c);
        return context_no_memory(ctx);
    }
    rc = mode == CONN_FILE && stands_alone(path) ? open_alone(c, flags)
                                                 : sqlite3_open_v2(path, &c->db, flags, NULL);
    if (rc != SQLITE_OK) {
        status = conn_fail(c, ctx, rc);
        goto out;
    }
    sqlite3_busy_timeout(c->db, 5000);
    if (mode == CONN_WRITER)
        status = conn_exec(c, ctx,
                           "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                           "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;"
                           "PRAGMA journal_size_limit=67108864;");
    else
        status = conn_exec(c, ctx,
                           "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;"
                           "PRAGMA cache_size=-1024;");
out:
    if (status != GLN_OK)
        conn_close(c);
    else
        *out = c;
    return status;
}

void conn_close(struct store_conn *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < CONN_BUCKETS; i++) {
        struct store_stmt *st = c->bucket[i];

        while (st) {
            struct store_stmt *next = st->next;

            sqlite3_finalize(st->stmt);
            free(st->sql);
            free(st);
            st = next;
        }
    }
    sqlite3_close(c->db);
    free(c->path);
    free(c);
}
