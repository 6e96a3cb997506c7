/*
 * Export: the whole ledger as JSON lines, chain included, so that somebody else can check it with other tools.
 *
 * First the links with their rows, in the order of the chain, then the signed heads. Columns keep their names; blobs are base64.
 * A row that is missing has no "columns"; whether all is well is for ledger_verify() to say, export gives what is there.
 * One line is in memory at a time; a reader sees one state of the ledger, however long it takes.
 */
#include "ledger/own.h"

#include <string.h>

#include "util/json.h"
#include "util/str.h"

struct export
{
    int (*line)(void *arg, const char *text, size_t len);
    void *arg;
    struct buf text, base64;
    bool stopped;
};

static void put_hex(struct json_out *j, const char *key, const void *digest, size_t len)
{
    unsigned char bytes[32];
    char hex[65] = "";

    if (len == sizeof bytes) {
        memcpy(bytes, digest, sizeof bytes);
        digest_hex(hex, bytes);
    }
    json_str(j, key, hex);
}

static void put_base64(struct export *e, struct json_out *j, const char *key, const void *data, size_t len)
{
    buf_clear(&e->base64);
    base64_put(&e->base64, data, len);
    json_strn(j, key, e->base64.data ? e->base64.data : "", e->base64.len);
}

static int hand_out(struct export *e, struct gln_context *ctx)
{
    buf_putc(&e->text, '\n');
    if (e->text.failed || e->base64.failed)
        return context_no_memory(ctx);
    e->stopped = e->line(e->arg, e->text.data, e->text.len) != 0;
    buf_clear(&e->text);
    return GLN_OK;
}

static void put_cell(struct export *e, struct json_out *j, const char *key, const struct cell *cell)
{
    if (cell->kind == 'i')
        json_int(j, key, cell->i);
    else if (cell->kind == 't')
        json_strn(j, key, cell->p, cell->len);
    else if (cell->kind == 'b')
        put_base64(e, j, key, cell->p, cell->len);
    else
        json_str(j, key, NULL);
}

/* The members of a row, named as the columns. */
static int put_row(struct export *e, struct json_out *j, struct store_conn *c, struct gln_context *ctx,
                   enum ledger_table t, int64_t row)
{
    struct cell cells[CELLS_MAX];
    size_t n = table_width(t);
    const char *name = table_specs[t].columns;
    struct store_stmt *st = sql_bind(c, ctx, table_specs[t].select, CELLS(cell_int(row)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0) {
        row_cells(st, cells, n);
        json_open_object(j, "columns");
        for (size_t i = 0; i < n; i++) {
            size_t length = strcspn(name, ",");
            char key[64];

            str_copy(key, length + 1 < sizeof key ? length + 1 : sizeof key, name);
            put_cell(e, j, key, &cells[i]);
            name += length + strspn(name + length, ", ");
        }
        json_end_object(j);
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static int export_link(struct export *e, struct store_conn *c, struct gln_context *ctx, struct store_stmt *st)
{
    struct json_out j;
    enum ledger_table t = table_find(stmt_col_text(st, 1));
    size_t len;
    const void *p;
    int status = GLN_OK;

    json_begin(&j, &e->text);
    json_open_object(&j, NULL);
    json_int(&j, "link", stmt_col_int(st, 0));
    json_str(&j, "table", stmt_col_text(st, 1));
    json_int(&j, "row", stmt_col_int(st, 2));
    if (t != TABLE_COUNT)
        status = put_row(e, &j, c, ctx, t, stmt_col_int(st, 2));
    p = stmt_col_blob(st, 3, &len);
    put_hex(&j, "digest", p, len);
    p = stmt_col_blob(st, 4, &len);
    put_hex(&j, "hash", p, len);
    json_end_object(&j);
    return status == GLN_OK ? hand_out(e, ctx) : status;
}

static int export_head(struct export *e, struct gln_context *ctx, struct store_stmt *st)
{
    struct json_out j;
    size_t len;
    const void *p;

    json_begin(&j, &e->text);
    json_open_object(&j, NULL);
    json_int(&j, "head", stmt_col_int(st, 0));
    json_int(&j, "link", stmt_col_int(st, 1));
    json_int(&j, "at_ms", stmt_col_int(st, 2));
    p = stmt_col_blob(st, 3, &len);
    put_hex(&j, "hash", p, len);
    json_int(&j, "certificate", stmt_col_int(st, 4));
    p = stmt_col_blob(st, 5, &len);
    put_base64(e, &j, "signature", p, len);
    json_end_object(&j);
    return hand_out(e, ctx);
}

static int export_all(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct export *e = arg;
    struct store_stmt *st = store_stmt(c, ctx, "SELECT seq, tbl, row, digest, hash FROM chain ORDER BY seq");
    int more = st ? GLN_OK : ctx->error.status;

    while (more == GLN_OK && !e->stopped && (more = stmt_step(st, ctx)) > 0)
        more = export_link(e, c, ctx, st);
    stmt_done(st);
    if (more != GLN_OK || e->stopped)
        return more;
    st = store_stmt(c, ctx, "SELECT id, seq, at_ms, hash, certificate, signature FROM heads ORDER BY id");
    more = st ? GLN_OK : ctx->error.status;
    while (more == GLN_OK && !e->stopped && (more = stmt_step(st, ctx)) > 0)
        more = export_head(e, ctx, st);
    stmt_done(st);
    return more;
}

int ledger_export(struct ledger *l, struct gln_context *ctx,
                  int (*line)(void *arg, const char *text, size_t len), void *arg)
{
    struct export e = {.line = line, .arg = arg, .text = BUF_INIT, .base64 = BUF_INIT};
    int status = store_read(l->store, ctx, export_all, &e);

    buf_free(&e.text);
    buf_free(&e.base64);
    return status;
}
