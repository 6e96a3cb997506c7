/*
 * Archiving: declarations that have ended go into a file of their own, and the ledger keeps what proves it.
 *
 * First the file: their rows, the whole chain up to now, its heads and certificates, in one transaction under another name; made one
 * plain file, brought to disk, given its name, opened again and checked against the ledger's chain (archive_check.c). Only then, in one
 * transaction of the ledger: a row of `archives` (the checkpoint: up to which link the file proves itself), a row of `archived` for each
 * filing with what must never be given again (reference, idempotency key, number) and which rows went, and those rows deleted. Killed
 * before that, the ledger is as it was and the file is a copy; killed after, all is done. Links, receipts and who signed stay.
 *
 * A declaration that changed meanwhile stays. So does one that has the newest row of a table, because ids go on from the newest.
 */
#include "ledger/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/str.h"

/* What of a declaration (?1) goes, a column of ids; receipts and who signed are copied and stay. */
static const struct part {
    enum ledger_table table;
    bool stays;
    const char *ids;
} parts[] = {
    {TABLE_DECLARATIONS, false, "SELECT id FROM declarations WHERE uid = ?1"},
    {TABLE_FILINGS, false, "SELECT id FROM filings WHERE declaration = ?1 ORDER BY id"},
    {TABLE_CHANGES, false,
     "SELECT x.id FROM filings f JOIN changes x ON x.filing = f.id WHERE f.declaration = ?1 ORDER BY x.id"},
    {TABLE_DUES, false,
     "SELECT x.id FROM filings f JOIN dues x ON x.filing = f.id WHERE f.declaration = ?1 ORDER BY x.id"},
    {TABLE_ATTACHMENTS, false,
     "SELECT x.id FROM filings f JOIN attachments x ON x.filing = f.id WHERE f.declaration = ?1 ORDER BY "
     "x.id"},
    {TABLE_RECEIPTS, true, "SELECT id FROM receipts WHERE declaration = ?1"},
    {TABLE_SIGNATURES, true, "SELECT id FROM signatures WHERE declaration = ?1"},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

/* Ended: every filing closed, cancelled, or finally answered, and nothing since ?1. */
#define ENDED_SQL                                                                                            \
    "d.received_ms < ?1 AND EXISTS(SELECT 1 FROM filings f WHERE f.declaration = d.uid) AND NOT EXISTS("     \
    "SELECT 1 FROM filings f LEFT JOIN filings_now n ON n.filing = f.id WHERE f.declaration = d.uid AND ("   \
    "n.changed_ms IS NULL OR n.changed_ms >= ?1 OR NOT (n.state IN ('closed', 'cancelled') OR n.state = "    \
    "'answered' AND n.outcome IN ('accepted', 'accepted-with-warning', 'rejected', 'not-processed'))))"

struct archiving {
    struct ledger *l;
    int64_t before_ms;
    const char *path;
    char *draft; /**< owned; the name the file has until it is whole */
    struct store *file;
    struct store_conn *from, *to; /**< while rows are copied */
    struct chain_link head;
    int64_t declarations, released;
};

/* --- the file --- */

static void copy_blob(struct store_stmt *to, struct store_stmt *from, int column)
{
    size_t len;
    const void *p = stmt_col_blob(from, column, &len);

    stmt_blob(to, column, p ? p : "", len);
}

static int copy_row(struct archiving *a, struct gln_context *ctx, enum ledger_table t, int64_t id)
{
    const struct table_spec *spec = &table_specs[t];
    int width = (int)table_width(t), more;
    struct store_stmt *to, *st = sql_bind(a->from, ctx, spec->select, CELLS(cell_int(id)));

    more = st ? stmt_step(st, ctx) : ctx->error.status;
    to = more > 0 ? store_stmt(a->to, ctx, spec->copy) : NULL;
    if (more > 0 && !to)
        more = ctx->error.status;
    for (int i = 1; to && i <= width; i++) {
        char kind = stmt_col_kind(st, i);

        if (kind == 'i')
            stmt_int(to, i, stmt_col_int(st, i));
        else if (kind == 'b')
            copy_blob(to, st, i);
        else
            stmt_text(to, i, stmt_col_text(st, i));
    }
    if (to) {
        stmt_int(to, width + 1, id);
        more = stmt_run(to, ctx);
    }
    stmt_done(st);
    return more;
}

/* All of one declaration. */
static int copy_declaration(struct archiving *a, struct gln_context *ctx, const char *uid)
{
    int more = GLN_OK;

    for (size_t i = 0; i < PARTS && more == GLN_OK; i++) {
        struct store_stmt *st = sql_bind(a->from, ctx, parts[i].ids, CELLS(cell_text(uid)));

        more = st ? GLN_OK : ctx->error.status;
        while (more == GLN_OK && (more = stmt_step(st, ctx)) > 0)
            more = copy_row(a, ctx, parts[i].table, stmt_col_int(st, 0));
        stmt_done(st);
    }
    return more;
}

/* The declarations that have ended, but for those that have the newest row of a table. */
static int copy_ended(struct archiving *a, struct gln_context *ctx)
{
    static const char sql[] =
        "SELECT d.uid FROM declarations d WHERE " ENDED_SQL
        " AND d.id <> (SELECT max(id) FROM declarations) AND NOT EXISTS(SELECT 1 FROM filings f WHERE "
        "f.declaration = d.uid AND f.id IN ((SELECT max(id) FROM filings),"
        "(SELECT filing FROM changes ORDER BY id DESC LIMIT 1), (SELECT filing FROM dues ORDER BY id DESC "
        "LIMIT "
        "1), (SELECT filing FROM attachments ORDER BY id DESC LIMIT 1))) ORDER BY d.id";
    struct store_stmt *st = sql_bind(a->from, ctx, sql, CELLS(cell_int(a->before_ms)));
    int more = st ? GLN_OK : ctx->error.status;

    while (more == GLN_OK && (more = stmt_step(st, ctx)) > 0) {
        more = copy_declaration(a, ctx, stmt_col_text(st, 0));
        a->declarations++;
    }
    stmt_done(st);
    return more;
}

static struct cell blob_cell(struct store_stmt *st, int column)
{
    size_t len;
    const void *p = stmt_col_blob(st, column, &len);

    return cell_blob(p, len, NULL);
}

/* What proves the rows: certificates, links, heads. */
static int copy_proof(struct archiving *a, struct gln_context *ctx)
{
    static const struct {
        const char *from, *to;
        const char *kinds; /**< of the columns */
    } rows[] = {
        {"SELECT id, at_ms, der FROM certificates",
         "INSERT INTO certificates(id, at_ms, der) VALUES(?1, ?2, ?3)", "iib"},
        {"SELECT seq, tbl, row, digest, hash FROM chain",
         "INSERT INTO chain(seq, tbl, row, digest, hash) VALUES(?1, ?2, ?3, ?4, ?5)", "itibb"},
        {"SELECT id, seq, at_ms, hash, certificate, signature FROM heads",
         "INSERT INTO heads(id, seq, at_ms, hash, certificate, signature) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
         "iiibib"},
    };
    int more = chain_head(a->from, ctx, &a->head);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && more == GLN_OK; i++) {
        struct store_stmt *st = store_stmt(a->from, ctx, rows[i].from);

        more = st ? GLN_OK : ctx->error.status;
        while (more == GLN_OK && (more = stmt_step(st, ctx)) > 0) {
            struct cell cells[6];
            size_t n = strlen(rows[i].kinds);

            for (size_t k = 0; k < n; k++) {
                cells[k] = cell_int(stmt_col_int(st, (int)k));
                if (rows[i].kinds[k] == 't')
                    cells[k] = cell_text(stmt_col_text(st, (int)k));
                else if (rows[i].kinds[k] == 'b')
                    cells[k] = blob_cell(st, (int)k);
            }
            more = sql_run(a->to, ctx, rows[i].to, cells, n);
        }
        stmt_done(st);
    }
    return more;
}

static int fill(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct archiving *a = arg;
    int status;

    a->to = c;
    status = copy_ended(a, ctx);
    if (status == GLN_OK && a->declarations > 0)
        status = copy_proof(a, ctx);
    return status == GLN_OK ? sql_run(c, ctx,
                                      "INSERT INTO meta(key, value) VALUES('format', '" LEDGER_FORMAT
                                      "'), ('archive', ?1)",
                                      CELLS(cell_int(a->before_ms)))
                            : status;
}

static int read_and_fill(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct archiving *a = arg;

    a->from = c;
    return store_write(a->file, ctx, fill, a);
}

/* A leftover of a run that was killed, or this one's own. */
static void remove_draft(const struct archiving *a)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    struct buf name = BUF_INIT;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        buf_clear(&name);
        buf_printf(&name, "%s%s", a->draft, ends[i]);
        if (!name.failed)
            unlink(name.data);
    }
    buf_free(&name);
}

static int file_trouble(struct gln_context *ctx, const char *path)
{
    char why[128];

    return context_fail(ctx, GLN_E_STORE, MSG_ARCHIVE_FILE, path, strerror_r(errno, why, sizeof why));
}

static bool folder_to_disk(const char *path)
{
    char *folder = str_dup(path), *slash = folder ? strrchr(folder, '/') : NULL;
    int fd;
    bool good;

    if (slash)
        slash[slash == folder] = '\0';
    fd = folder ? open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    free(folder);
    return good;
}

/* Closed, on disk, under its own name. Never over a file that came there meanwhile. */
static int give_name(struct archiving *a, struct gln_context *ctx)
{
    int status = store_make_plain(a->file, ctx), fd;
    bool good;

    store_close(a->file);
    a->file = NULL;
    if (status != GLN_OK)
        return status;
    fd = open(a->draft, O_RDONLY | O_CLOEXEC);
    good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (!good || link(a->draft, a->path) != 0)
        return file_trouble(ctx, a->path);
    unlink(a->draft);
    return folder_to_disk(a->path) ? GLN_OK : file_trouble(ctx, a->path);
}

static int write_file(struct archiving *a, struct gln_context *ctx)
{
    int status;

    remove_draft(a);
    status = store_open(&a->file, ctx, a->draft, archive_schema);
    if (status == GLN_OK)
        status = store_read(a->l->store, ctx, read_and_fill, a);
    if (status == GLN_OK && a->declarations > 0)
        status = give_name(a, ctx);
    store_close(a->file);
    a->file = NULL;
    remove_draft(a);
    return status;
}

/* --- the release --- */

/* "TABLE id id ...\n" for each table of what goes. */
static int list_rows(struct buf *out, struct store_conn *c, struct gln_context *ctx, const char *uid)
{
    int more = GLN_OK;

    buf_clear(out);
    for (size_t i = 0; i < PARTS && more == GLN_OK; i++) {
        struct store_stmt *st = parts[i].stays ? NULL : sql_bind(c, ctx, parts[i].ids, CELLS(cell_text(uid)));

        if (parts[i].stays)
            continue;
        more = st ? GLN_OK : ctx->error.status;
        buf_puts(out, table_specs[parts[i].table].name);
        while (more == GLN_OK && (more = stmt_step(st, ctx)) > 0) {
            buf_printf(out, " %lld", (long long)stmt_col_int(st, 0));
            more = GLN_OK;
        }
        buf_putc(out, '\n');
        stmt_done(st);
    }
    return more == GLN_OK && out->failed ? context_no_memory(ctx) : more;
}

/* A row of `archived` for each filing; the first one says which rows went. *id: of that first one. */
static int put_archived(struct archiving *a, struct gln_context *ctx, int64_t archive, const char *uid,
                        const char *rows, int64_t *id)
{
    struct store_stmt *st = sql_bind(
        a->to, ctx,
        "SELECT d.submitter, d.lrn, d.idempotency_key, d.received_ms, d.original_sha256, f.destination, "
        "f.environment, f.message, f.number, n.state <> 'cancelled' AND n.outcome NOT IN ('rejected', "
        "'not-processed') FROM declarations d JOIN filings f ON f.declaration = d.uid JOIN filings_now n ON "
        "n.filing = f.id WHERE d.uid = ?1 ORDER BY f.id",
        CELLS(cell_text(uid)));
    int64_t row;
    int more = st ? GLN_OK : ctx->error.status;

    *id = 0;
    while (more == GLN_OK && (more = stmt_step(st, ctx)) > 0) {
        more = row_put(a->to, ctx, TABLE_ARCHIVED,
                       CELLS(cell_int(archive), cell_text(uid), cell_text(stmt_col_text(st, 0)),
                             cell_text(stmt_col_text(st, 1)), cell_text(stmt_col_text(st, 2)),
                             cell_int(stmt_col_int(st, 3)), cell_text(stmt_col_text(st, 4)),
                             cell_text(stmt_col_text(st, 5)), cell_text(stmt_col_text(st, 6)),
                             cell_text(stmt_col_text(st, 7)), cell_text(stmt_col_text(st, 8)),
                             cell_int(stmt_col_int(st, 9)), cell_text(*id == 0 ? rows : NULL)),
                       &row);
        *id = *id == 0 ? row : *id;
    }
    stmt_done(st);
    return more;
}

/* Names each row as gone, which lets it be deleted, and deletes it. From the leaves to the root: the lists go by the filings. */
static int delete_rows(struct archiving *a, struct gln_context *ctx, const char *rows, int64_t archived)
{
    int status = GLN_OK;

    for (size_t i = PARTS; i-- > 0 && status == GLN_OK;) {
        const struct table_spec *spec = &table_specs[parts[i].table];
        const char *at = parts[i].stays ? NULL : archive_rows_of(rows, spec->name);

        while (at && *at == ' ' && status == GLN_OK) {
            char *end;
            int64_t id = strtoll(at, &end, 10);

            at = end;
            status = sql_run(a->to, ctx, "INSERT INTO archived_rows(tbl, row, archived) VALUES(?1, ?2, ?3)",
                             CELLS(cell_text(spec->name), cell_int(id), cell_int(archived)));
            if (status == GLN_OK && parts[i].table == TABLE_FILINGS)
                status =
                    sql_run(a->to, ctx, "DELETE FROM filings_now WHERE filing = ?1", CELLS(cell_int(id)));
            if (status == GLN_OK)
                status = sql_run(a->to, ctx, spec->remove, CELLS(cell_int(id)));
        }
    }
    return status;
}

static int still_ended(struct archiving *a, struct gln_context *ctx, const char *uid, bool *ended)
{
    struct store_stmt *st =
        sql_bind(a->to, ctx, "SELECT 1 FROM declarations d WHERE d.uid = ?2 AND " ENDED_SQL,
                 CELLS(cell_int(a->before_ms), cell_text(uid)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *ended = more > 0;
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static int release_one(struct archiving *a, struct gln_context *ctx, int64_t archive, const char *uid)
{
    struct buf filed = BUF_INIT, now = BUF_INIT;
    bool ended = false;
    int64_t id = 0;
    int status = list_rows(&filed, a->from, ctx, uid);

    if (status == GLN_OK)
        status = list_rows(&now, a->to, ctx, uid);
    if (status == GLN_OK)
        status = still_ended(a, ctx, uid, &ended);
    if (status == GLN_OK && ended && filed.len == now.len && memcmp(filed.data, now.data, now.len) == 0) {
        status = put_archived(a, ctx, archive, uid, now.data, &id);
        if (status == GLN_OK)
            status = delete_rows(a, ctx, now.data, id);
        a->released++;
    }
    buf_free(&filed);
    buf_free(&now);
    return status;
}

static int release(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct archiving *a = arg;
    const char *slash = strrchr(a->path, '/');
    char hash[65];
    int64_t archive = 0;
    struct store_stmt *st;
    int more;

    a->to = c;
    digest_hex(hash, a->head.hash);
    more = row_put(c, ctx, TABLE_ARCHIVES,
                   CELLS(cell_int(clock_wall_ms(ctx->clock)), cell_int(a->before_ms),
                         cell_text(slash ? slash + 1 : a->path), cell_int(a->head.seq), cell_text(hash)),
                   &archive);
    st = more == GLN_OK ? store_stmt(a->from, ctx, "SELECT uid FROM declarations ORDER BY id") : NULL;
    if (more == GLN_OK && !st)
        more = ctx->error.status;
    while (more == GLN_OK && (more = stmt_step(st, ctx)) > 0)
        more = release_one(a, ctx, archive, stmt_col_text(st, 0));
    stmt_done(st);
    return more;
}

static int read_and_release(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct archiving *a = arg;

    a->from = c;
    return store_write(a->l->store, ctx, release, a);
}

/* Opened anew: what is on disk is what counts. */
static int check_and_release(struct archiving *a, struct gln_context *ctx)
{
    struct buf report = BUF_INIT;
    bool good = false;
    int status = ledger_verify_archive(a->l, ctx, LANG_EN, a->path, &good, &report);

    if (report.data)
        report.data[strcspn(report.data, "\n")] = '\0';
    if (status == GLN_OK && !good)
        status = context_fail(ctx, GLN_E_STORE, MSG_ARCHIVE_BAD, a->path, report.data ? report.data : "");
    if (status == GLN_OK)
        status = store_open_file(&a->file, ctx, a->path);
    if (status == GLN_OK)
        status = store_read(a->file, ctx, read_and_release, a);
    store_close(a->file);
    a->file = NULL;
    buf_free(&report);
    return status;
}

int ledger_archive(struct ledger *l, struct gln_context *ctx, int64_t before_ms, const char *path,
                   int64_t *declarations)
{
    struct archiving a = {.l = l, .before_ms = before_ms, .path = path};
    struct buf draft = BUF_INIT;
    int status;

    *declarations = 0;
    if (access(path, F_OK) == 0)
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_ARCHIVE_THERE, path);
    buf_printf(&draft, "%s.new", path);
    a.draft = buf_take(&draft, NULL);
    if (!a.draft)
        return context_no_memory(ctx);
    pthread_mutex_lock(&l->archive_mutex);
    status = write_file(&a, ctx);
    if (status == GLN_OK && a.declarations > 0)
        status = check_and_release(&a, ctx);
    pthread_mutex_unlock(&l->archive_mutex);
    *declarations = status == GLN_OK ? a.released : 0;
    free(a.draft);
    return status;
}
