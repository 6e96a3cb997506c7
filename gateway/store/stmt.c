/*
 * Statements: prepared once per connection and found again by their text. A statement that is being stepped is left
 * alone: the same text asked for meanwhile gives a second one, so that a loop over rows may call what asks the same.
 *
 * A bind that fails (memory, a value over SQLite's limit) is remembered and told by the next step, so that callers
 * check once.
 */
#include "store/conn.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

static unsigned text_hash(const char *s)
{
    unsigned h = 2166136261u;

    while (*s)
        h = (h ^ (unsigned char)*s++) * 16777619u;
    return h;
}

struct store_stmt *store_stmt(struct store_conn *c, struct gln_context *ctx, const char *sql)
{
    unsigned hash = text_hash(sql);
    struct store_stmt **bucket = &c->bucket[hash % CONN_BUCKETS];
    struct store_stmt *st;
    int rc;

    for (st = *bucket; st; st = st->next)
        if (st->hash == hash && !sqlite3_stmt_busy(st->stmt) && strcmp(st->sql, sql) == 0)
            return st;
    st = calloc(1, sizeof *st);
    if (!st || !(st->sql = str_dup(sql))) {
        free(st);
        context_no_memory(ctx);
        return NULL;
    }
    rc = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->stmt, NULL);
    if (rc != SQLITE_OK) {
        conn_fail(c, ctx, rc);
        free(st->sql);
        free(st);
        return NULL;
    }
    st->conn = c;
    st->hash = hash;
    st->next = *bucket;
    *bucket = st;
    return st;
}

static void remember(struct store_stmt *st, int rc)
{
    if (rc != SQLITE_OK && st->bind_rc == SQLITE_OK)
        st->bind_rc = rc;
}

void stmt_int(struct store_stmt *st, int index, int64_t v)
{
    remember(st, sqlite3_bind_int64(st->stmt, index, v));
}

void stmt_text(struct store_stmt *st, int index, const char *v)
{
    remember(st, v ? sqlite3_bind_text64(st->stmt, index, v, strlen(v), SQLITE_TRANSIENT, SQLITE_UTF8)
                   : sqlite3_bind_null(st->stmt, index));
}

void stmt_blob(struct store_stmt *st, int index, const void *v, size_t len)
{
    if (!v && len == 0)
        remember(st, sqlite3_bind_zeroblob(st->stmt, index, 0));
    else
        remember(st, sqlite3_bind_blob64(st->stmt, index, v, len, SQLITE_TRANSIENT));
}

int stmt_step(struct store_stmt *st, struct gln_context *ctx)
{
    int rc;

    if (st->bind_rc != SQLITE_OK)
        return conn_fail(st->conn, ctx, st->bind_rc);
    rc = sqlite3_step(st->stmt);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE)
        return 0;
    return conn_fail(st->conn, ctx, rc);
}

int stmt_run(struct store_stmt *st, struct gln_context *ctx)
{
    int more;

    do
        more = stmt_step(st, ctx);
    while (more > 0);
    stmt_done(st);
    return more;
}

void stmt_done(struct store_stmt *st)
{
    if (!st)
        return;
    sqlite3_reset(st->stmt);
    sqlite3_clear_bindings(st->stmt);
    st->bind_rc = SQLITE_OK;
}

int64_t stmt_col_int(struct store_stmt *st, int col)
{
    return sqlite3_column_int64(st->stmt, col);
}

const char *stmt_col_text(struct store_stmt *st, int col)
{
    return (const char *)sqlite3_column_text(st->stmt, col);
}

const void *stmt_col_blob(struct store_stmt *st, int col, size_t *len)
{
    const void *p = sqlite3_column_blob(st->stmt, col);

    *len = (size_t)sqlite3_column_bytes(st->stmt, col);
    return p;
}

int stmt_columns(struct store_stmt *st)
{
    return sqlite3_column_count(st->stmt);
}

char stmt_col_kind(struct store_stmt *st, int col)
{
    switch (sqlite3_column_type(st->stmt, col)) {
    case SQLITE_NULL:
        return 'n';
    case SQLITE_INTEGER:
        return 'i';
    case SQLITE_TEXT:
        return 't';
    case SQLITE_BLOB:
        return 'b';
    default:
        return 'f';
    }
}

bool stmt_col_null(struct store_stmt *st, int col)
{
    return sqlite3_column_type(st->stmt, col) == SQLITE_NULL;
}

int64_t store_last_id(struct store_conn *c)
{
    return sqlite3_last_insert_rowid(c->db);
}

int64_t store_changes(struct store_conn *c)
{
    return sqlite3_changes64(c->db);
}
