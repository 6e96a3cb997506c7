/** @file
 * One SQLite connection with the statements it keeps; seen inside store/ only.
 */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include <sqlite3.h>

#include "store/store.h"

struct store_stmt {
    struct store_conn *conn;
    sqlite3_stmt *stmt;
    char *sql;               /**< owned */
    unsigned hash;           /**< of sql */
    int bind_rc;             /**< first error of a bind, told by the next step */
    struct store_stmt *next; /**< of the same bucket */
};

#define CONN_BUCKETS 64

struct store_conn {
    sqlite3 *db;
    char *path; /**< owned; for messages */
    struct store_stmt *bucket[CONN_BUCKETS];
    struct store_conn *next; /**< in the pool of idle readers */
};

enum conn_mode { CONN_WRITER, CONN_READER, CONN_FILE /**< read only, for good */ };

int conn_open(struct store_conn **out, struct gln_context *ctx, const char *path, enum conn_mode mode);
void conn_close(struct store_conn *c);
/** Runs SQL text that gives no rows. */
int conn_exec(struct store_conn *c, struct gln_context *ctx, const char *sql);
/** Puts the connection's last error into the context as one line; returns the status. */
int conn_fail(struct store_conn *c, struct gln_context *ctx, int rc);

#endif
