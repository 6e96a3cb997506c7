/*
 * The append-only tables and the hash chain over them.
 *
 * row_put() is the only INSERT into them; nothing updates there, and only what an archive took is deleted (archive.c), which triggers
 * enforce against our own mistakes (they are no guard against whoever may write the file: the chain is). The tables whose name ends in _now hold what follows from the
 * rows (a filing's state, a series' next number); they are updated in the same transaction and ledger_verify() derives them anew.
 *
 * All functions run inside store_write() or store_read(): they own nothing but the statements they step.
 */
#include "ledger/rows.h"

#include <string.h>

#include "crypto/crypto.h"
#include "util/str.h"

const struct table_spec table_specs[TABLE_COUNT] = {
#define LEDGER_TABLE_SPEC(id, name, columns, declared, places)                                               \
    {name,                                                                                                   \
     columns,                                                                                                \
     "INSERT INTO " name "(" columns ") VALUES(" places ")",                                                 \
     "SELECT id, " columns " FROM " name " WHERE id = ?1",                                                   \
     "SELECT count(*), max(id) FROM " name,                                                                  \
     "INSERT INTO " name "(" columns ", id) VALUES(" places ", ?)",                                          \
     "DELETE FROM " name " WHERE id = ?1"},
    LEDGER_TABLES(LEDGER_TABLE_SPEC)
#undef LEDGER_TABLE_SPEC
};

const char ledger_schema[] =
#define LEDGER_TABLE_DDL(id, name, columns, declared, places)                                                \
    "CREATE TABLE IF NOT EXISTS " name "(id INTEGER PRIMARY KEY, " declared ");"                             \
    "CREATE TRIGGER IF NOT EXISTS " name "_no_update BEFORE UPDATE ON " name                                 \
    " BEGIN SELECT RAISE(ABORT, '" name " is append-only'); END;"                                            \
    "DROP TRIGGER IF EXISTS " name "_no_delete;"                                                             \
    "CREATE TRIGGER IF NOT EXISTS " name "_kept BEFORE DELETE ON " name                                      \
    " WHEN NOT EXISTS(SELECT 1 FROM archived_rows WHERE tbl = '" name "' AND row = OLD.id)"                  \
    " BEGIN SELECT RAISE(ABORT, '" name " is append-only'); END;"
    "CREATE TABLE IF NOT EXISTS archived_rows(tbl TEXT, row INTEGER, archived INTEGER, PRIMARY KEY(tbl, row))"
    " WITHOUT ROWID;" LEDGER_TABLES(LEDGER_TABLE_DDL)
#undef LEDGER_TABLE_DDL
        "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB);"
        "CREATE TABLE IF NOT EXISTS chain(seq INTEGER PRIMARY KEY, tbl TEXT, row INTEGER, digest BLOB, hash "
        "BLOB);"
        "CREATE TABLE IF NOT EXISTS heads(id INTEGER PRIMARY KEY, seq INTEGER, at_ms INTEGER, hash BLOB, "
        "certificate INTEGER, signature BLOB);"
        "CREATE TABLE IF NOT EXISTS filings_now(filing INTEGER PRIMARY KEY, state TEXT, lane INTEGER, due_ms "
        "INTEGER,"
        " attempts INTEGER, changed_ms INTEGER, reason TEXT, operation TEXT, document TEXT, outcome TEXT,"
        " destination TEXT, deadline_ms INTEGER);"
        "CREATE TABLE IF NOT EXISTS series_now(identity TEXT, kind TEXT, year INTEGER, first INTEGER, last "
        "INTEGER,"
        " width INTEGER, next INTEGER, PRIMARY KEY(identity, kind, year)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS numbers_now(identity TEXT, kind TEXT, year INTEGER, value INTEGER, state "
        "TEXT,"
        " PRIMARY KEY(identity, kind, year, value)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS number_owners(identity TEXT PRIMARY KEY, owner TEXT) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS number_owners_owner ON number_owners(owner);"
        "CREATE TABLE IF NOT EXISTS inbound_now(inbound INTEGER PRIMARY KEY, settled TEXT);"
        "CREATE UNIQUE INDEX IF NOT EXISTS declarations_uid ON declarations(uid);"
        "CREATE INDEX IF NOT EXISTS declarations_lrn ON declarations(lrn);"
        "CREATE UNIQUE INDEX IF NOT EXISTS declarations_key ON declarations(submitter, idempotency_key)"
        " WHERE idempotency_key IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS filings_declaration ON filings(declaration);"
        "CREATE INDEX IF NOT EXISTS filings_key ON filings(key);"
        "CREATE INDEX IF NOT EXISTS archived_uid ON archived(uid);"
        "CREATE INDEX IF NOT EXISTS archived_lrn ON archived(lrn) WHERE lrn IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS archived_key ON archived(submitter, idempotency_key)"
        " WHERE idempotency_key IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS archived_number ON archived(number) WHERE number IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS filings_number ON filings(number) WHERE number IS NOT NULL;"
        "CREATE UNIQUE INDEX IF NOT EXISTS receipts_declaration ON receipts(declaration);"
        "CREATE UNIQUE INDEX IF NOT EXISTS signatures_declaration ON signatures(declaration);"
        "CREATE INDEX IF NOT EXISTS signatures_signer ON signatures(signer);"
        "CREATE INDEX IF NOT EXISTS changes_filing ON changes(filing);"
        "CREATE INDEX IF NOT EXISTS dues_filing ON dues(filing);"
        "CREATE INDEX IF NOT EXISTS numbers_value ON numbers(identity, kind, year, value);"
        "CREATE INDEX IF NOT EXISTS settlements_inbound ON settlements(inbound);"
        "CREATE INDEX IF NOT EXISTS attachments_filing ON attachments(filing, kind);"
        "CREATE INDEX IF NOT EXISTS inbound_digest ON inbound(sha256);"
        "CREATE INDEX IF NOT EXISTS inbound_settled ON inbound_now(settled);"
        "CREATE INDEX IF NOT EXISTS filings_ready ON filings_now(state, destination, lane, due_ms);"
        "DROP INDEX IF EXISTS filings_deadline;" /* of before reception was the order */
        "CREATE INDEX IF NOT EXISTS filings_order ON filings_now(state, destination, lane, deadline_ms, "
        "filing, "
        "due_ms);"
        "CREATE INDEX IF NOT EXISTS filings_operation ON filings_now(operation) WHERE operation <> '';"
        "CREATE INDEX IF NOT EXISTS numbers_reserved ON numbers_now(state) WHERE state = 'reserved';";

enum ledger_table table_find(const char *name)
{
    enum ledger_table t = 0;

    while (t < TABLE_COUNT && !str_eq(table_specs[t].name, name))
        t++;
    return t;
}

size_t table_width(enum ledger_table table)
{
    size_t n = 1;

    for (const char *p = table_specs[table].columns; *p; p++)
        n += *p == ',';
    return n;
}

struct cell cell_text(const char *s)
{
    struct cell c = {s ? 't' : 'n', 0, s, s ? strlen(s) : 0, NULL};

    return c;
}

struct cell cell_blob(const void *p, size_t len, const unsigned char *digest)
{
    return (struct cell){'b', 0, p ? p : "", len, digest};
}

struct store_stmt *sql_bind(struct store_conn *c, struct gln_context *ctx, const char *sql,
                            const struct cell *cells, size_t count)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);

    for (size_t i = 0; st && i < count; i++) {
        if (cells[i].kind == 'i')
            stmt_int(st, (int)i + 1, cells[i].i);
        else if (cells[i].kind == 't')
            stmt_text(st, (int)i + 1, cells[i].p);
        else if (cells[i].kind == 'b')
            stmt_blob(st, (int)i + 1, cells[i].p, cells[i].len);
        else
            stmt_text(st, (int)i + 1, NULL);
    }
    return st;
}

int sql_run(struct store_conn *c, struct gln_context *ctx, const char *sql, const struct cell *cells,
            size_t count)
{
    struct store_stmt *st = sql_bind(c, ctx, sql, cells, count);

    return st ? stmt_run(st, ctx) : ctx->error.status;
}

static void put_number(struct buf *b, uint64_t v)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(v >> (56 - 8 * i));
    buf_put(b, bytes, sizeof bytes);
}

int row_digest(unsigned char out[32], struct gln_context *ctx, enum ledger_table table, int64_t id,
               const struct cell *cells, size_t count)
{
    struct buf b = BUF_INIT;
    unsigned char blob[32];

    buf_put(&b, table_specs[table].name, strlen(table_specs[table].name) + 1);
    put_number(&b, (uint64_t)id);
    for (size_t i = 0; i < count; i++) {
        buf_putc(&b, cells[i].kind);
        if (cells[i].kind == 'i') {
            put_number(&b, (uint64_t)cells[i].i);
            continue;
        }
        put_number(&b, cells[i].len);
        if (cells[i].kind == 'b') {
            if (!cells[i].digest)
                digest_sha256(blob, cells[i].p, cells[i].len);
            buf_put(&b, cells[i].digest ? cells[i].digest : blob, sizeof blob);
        } else {
            buf_put(&b, cells[i].p, cells[i].len);
        }
    }
    if (b.failed)
        return context_no_memory(ctx);
    digest_sha256(out, b.data, b.len);
    buf_free(&b);
    return GLN_OK;
}

int chain_head(struct store_conn *c, struct gln_context *ctx, struct chain_link *out)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT seq, hash FROM chain ORDER BY seq DESC LIMIT 1");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    memset(out, 0, sizeof *out);
    if (more > 0) {
        size_t len;
        const void *hash = stmt_col_blob(st, 1, &len);

        out->seq = stmt_col_int(st, 0);
        if (len == sizeof out->hash)
            memcpy(out->hash, hash, len);
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int chain_next(struct chain_link *out, struct gln_context *ctx, const struct chain_link *before,
               const char *table, int64_t id, const unsigned char digest[32])
{
    struct buf b = BUF_INIT;

    buf_put(&b, before->hash, sizeof before->hash);
    put_number(&b, (uint64_t)before->seq + 1);
    buf_put(&b, table, strlen(table) + 1);
    put_number(&b, (uint64_t)id);
    buf_put(&b, digest, 32);
    if (b.failed)
        return context_no_memory(ctx);
    out->seq = before->seq + 1;
    digest_sha256(out->hash, b.data, b.len);
    buf_free(&b);
    return GLN_OK;
}

int row_put(struct store_conn *c, struct gln_context *ctx, enum ledger_table table, const struct cell *cells,
            size_t count, int64_t *id)
{
    struct chain_link before, next;
    unsigned char digest[32];
    int64_t row;
    int status = sql_run(c, ctx, table_specs[table].insert, cells, count);

    if (status != GLN_OK)
        return status;
    row = store_last_id(c);
    if ((status = row_digest(digest, ctx, table, row, cells, count)) != GLN_OK ||
        (status = chain_head(c, ctx, &before)) != GLN_OK ||
        (status = chain_next(&next, ctx, &before, table_specs[table].name, row, digest)) != GLN_OK)
        return status;
    if (id)
        *id = row;
    return sql_run(c, ctx, "INSERT INTO chain(seq, tbl, row, digest, hash) VALUES(?1, ?2, ?3, ?4, ?5)",
                   CELLS(cell_int(next.seq), cell_text(table_specs[table].name), cell_int(row),
                         cell_blob(digest, sizeof digest, NULL),
                         cell_blob(next.hash, sizeof next.hash, NULL)));
}

size_t row_cells(struct store_stmt *st, struct cell cells[CELLS_MAX], size_t columns)
{
    for (size_t i = 0; i < columns && i < CELLS_MAX; i++) {
        struct cell *cell = &cells[i];
        int col = (int)i + 1;

        *cell = (struct cell){.kind = stmt_col_kind(st, col)};
        if (cell->kind == 'i')
            cell->i = stmt_col_int(st, col);
        else if (cell->kind != 'n')
            cell->p = stmt_col_blob(st, col, &cell->len);
        if (!cell->p)
            cell->p = "";
    }
    return columns;
}
