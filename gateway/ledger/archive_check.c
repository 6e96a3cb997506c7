/*
 * Checking archives: which rows a ledger let go, and whether a file holds them.
 *
 * A file is checked by the walk of verify.c over the file's own chain, where rows that are not in the file are no fault. That proves its
 * rows up to its last link. That link must be the ledger's own of the same number, and every row the ledger let go into this file must be
 * in it. Nothing is written, into neither of the two.
 */
#include "ledger/archive.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/check.h"
#include "util/str.h"

const char archive_schema[] =
#define ARCHIVE_TABLE_DDL(id, name, columns, declared, places)                                               \
    "CREATE TABLE " name "(id INTEGER PRIMARY KEY, " declared ");"
    LEDGER_TABLES(ARCHIVE_TABLE_DDL)
#undef ARCHIVE_TABLE_DDL
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB);"
        "CREATE TABLE chain(seq INTEGER PRIMARY KEY, tbl TEXT, row INTEGER, digest BLOB, hash BLOB);"
        "CREATE TABLE heads(id INTEGER PRIMARY KEY, seq INTEGER, at_ms INTEGER, hash BLOB, certificate "
        "INTEGER, signature BLOB);"
        "CREATE UNIQUE INDEX declarations_uid ON declarations(uid);"
        "CREATE INDEX filings_declaration ON filings(declaration);"
        "CREATE INDEX changes_filing ON changes(filing);"
        "CREATE INDEX dues_filing ON dues(filing);"
        "CREATE INDEX attachments_filing ON attachments(filing, kind);"
        "CREATE INDEX receipts_declaration ON receipts(declaration);"
        "CREATE INDEX signatures_declaration ON signatures(declaration);";

const char *archive_rows_of(const char *rows, const char *table)
{
    size_t len = strlen(table);

    while (rows && *rows) {
        if (strncmp(rows, table, len) == 0 && (rows[len] == ' ' || rows[len] == '\n'))
            return rows + len;
        rows = strchr(rows, '\n');
        rows += rows != NULL;
    }
    return NULL;
}

static bool named(const char *rows, const char *table, int64_t row)
{
    const char *at = archive_rows_of(rows, table);

    while (at && *at == ' ') {
        char *end;

        if (strtoll(at, &end, 10) == row)
            return true;
        at = end;
    }
    return false;
}

int archive_has(bool *archived, struct store_conn *c, struct gln_context *ctx, const char *table, int64_t row)
{
    struct store_stmt *st = sql_bind(c, ctx,
                                     "SELECT a.rows FROM archived_rows r JOIN archived a ON a.id = "
                                     "r.archived WHERE r.tbl = ?1 AND r.row = ?2",
                                     CELLS(cell_text(table), cell_int(row)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *archived = more > 0 && named(stmt_col_text(st, 0), table, row);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* --- a file against its ledger --- */

struct file_check {
    struct check k; /**< k.c is the ledger's connection */
    struct store_conn *file;
    struct chain_link head;        /**< of the file */
    int64_t archive, declarations; /**< 0: the ledger has let nothing go into it */
};

/* The ledger's own link of that number. */
static int check_origin(struct file_check *f, const char *hex)
{
    struct number_text a;
    struct store_stmt *st =
        sql_bind(f->k.c, f->k.ctx, "SELECT hash FROM chain WHERE seq = ?1", CELLS(cell_int(f->head.seq)));
    int more = st ? stmt_step(st, f->k.ctx) : f->k.ctx->error.status;
    size_t len = 0;
    const void *hash = more > 0 ? stmt_col_blob(st, 0, &len) : NULL;

    if (more >= 0 && (len != 32 || memcmp(hash, f->head.hash, 32) != 0))
        CHECK_SAY(&f->k, MSG_ARCHIVE_ALIEN, number_text(&a, f->head.seq));
    stmt_done(st);
    if (more < 0)
        return more;
    st = sql_bind(f->k.c, f->k.ctx, "SELECT id FROM archives WHERE link = ?1 AND hash = ?2",
                  CELLS(cell_int(f->head.seq), cell_text(hex)));
    more = st ? stmt_step(st, f->k.ctx) : f->k.ctx->error.status;
    f->archive = more > 0 ? stmt_col_int(st, 0) : 0;
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* Each row of the list is in the file. */
static int check_list(struct file_check *f, const char *rows)
{
    struct number_text a;
    int more = GLN_OK;

    for (int t = 0; t < TABLE_COUNT && more == GLN_OK; t++) {
        const char *at = archive_rows_of(rows, table_specs[t].name);

        while (at && *at == ' ' && more == GLN_OK) {
            char *end;
            int64_t id = strtoll(at, &end, 10);
            struct store_stmt *st = sql_bind(f->file, f->k.ctx, table_specs[t].select, CELLS(cell_int(id)));

            at = end;
            more = st ? stmt_step(st, f->k.ctx) : f->k.ctx->error.status;
            if (more == 0)
                CHECK_SAY(&f->k, MSG_ARCHIVE_LACKS, table_specs[t].name, number_text(&a, id));
            stmt_done(st);
            more = more < 0 ? more : GLN_OK;
        }
    }
    return more;
}

static int check_lists(struct file_check *f)
{
    struct store_stmt *st = sql_bind(
        f->k.c, f->k.ctx, "SELECT rows FROM archived WHERE archive = ?1 AND rows IS NOT NULL ORDER BY id",
        CELLS(cell_int(f->archive)));
    int more = st ? GLN_OK : f->k.ctx->error.status;

    while (more == GLN_OK && (more = stmt_step(st, f->k.ctx)) > 0) {
        more = check_list(f, stmt_col_text(st, 0));
        f->declarations++;
    }
    stmt_done(st);
    return more;
}

static int check_against(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct file_check *f = arg;
    char hex[65];
    int status;

    (void)ctx;
    f->k.c = c;
    digest_hex(hex, f->head.hash);
    status = check_origin(f, hex);
    return status == GLN_OK && f->archive > 0 ? check_lists(f) : status;
}

struct opened {
    struct ledger *l;
    struct file_check *f;
};

static int check_file(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct opened *o = arg;
    int status = verify_file(&o->f->k, c, &o->f->head);

    o->f->file = c;
    return status == GLN_OK ? store_read(o->l->store, ctx, check_against, o->f) : status;
}

int ledger_verify_archive(struct ledger *l, struct gln_context *ctx, int language, const char *path,
                          bool *good, struct buf *report)
{
    struct file_check f = {.k = {.ctx = ctx, .language = language, .report = report}};
    struct opened o = {l, &f};
    struct store *file = NULL;
    struct number_text link, declarations;
    int status = store_open_file(&file, ctx, path);

    if (status == GLN_OK)
        status = store_read(file, ctx, check_file, &o);
    store_close(file);
    *good = status == GLN_OK && f.k.wrong == 0;
    if (*good) {
        message_put(report, f.archive > 0 ? MSG_ARCHIVE_GOOD : MSG_ARCHIVE_COPY, language,
                    CTX_ARGS(number_text(&link, f.head.seq), number_text(&declarations, f.declarations)));
        buf_putc(report, '\n');
    }
    return status == GLN_OK && report->failed ? context_no_memory(ctx) : status;
}
