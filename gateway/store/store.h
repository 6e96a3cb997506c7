/** @file
 * SQLite: the database file, prepared statements kept, and grouped commits.
 *
 * store_write() hands a function to whichever thread is committing next; all that have gathered run in one transaction, each in
 * its own savepoint, and return when it is on disk (WAL, synchronous=FULL). There is no waiting timer. The function may run on
 * another thread than the caller's (who is blocked meanwhile), and must not call store_write() or store_read() itself.
 * Reading happens on pooled read-only connections, beside the writer.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/context.h"
#include "util/buf.h"

struct store;
struct store_conn; /**< a connection, valid only inside the function it was given to */
struct store_stmt; /**< a prepared statement of that connection */

/** Opens or makes the file, runs `schema` (idempotent DDL). Full disk, unreadable, not a database: GLN_E_STORE with one clear line. */
int store_open(struct store **out, struct gln_context *ctx, const char *path, const char *schema);
/** Opens a file that is there to be read only: nothing is written, not even beside it, unless another left a log there that is not in the file yet. store_write() then fails. */
int store_open_file(struct store **out, struct gln_context *ctx, const char *path);
/** Everything into the one file, which needs no other beside it then; for a store that is complete. */
int store_make_plain(struct store *s, struct gln_context *ctx);
void store_close(struct store *s);
/** Runs further idempotent DDL, in one transaction: the tables of another room. */
int store_schema(struct store *s, struct gln_context *ctx, const char *schema);
/** fn returns GLN_OK to keep its changes, anything else rolls back its own part only; that status is returned. */
int store_write(struct store *s, struct gln_context *ctx,
                int (*fn)(struct store_conn *c, struct gln_context *ctx, void *arg), void *arg);
int store_read(struct store *s, struct gln_context *ctx,
               int (*fn)(struct store_conn *c, struct gln_context *ctx, void *arg), void *arg);
/**
 * Called once in every transaction of store_write(), with the committing thread's context: `begun` when it holds the file and nothing is
 * written yet, `before_commit` after all its writes. Anything but GLN_OK undoes the whole group. Set before the first write.
 */
struct store_hooks {
    int (*begun)(struct store_conn *c, struct gln_context *ctx, void *arg);
    int (*before_commit)(struct store_conn *c, struct gln_context *ctx, void *arg);
    void *arg;
};
void store_hook(struct store *s, const struct store_hooks *hooks);
/** How many commits (fsyncs) and how many writes they carried, for metrics and tests. */
void store_stats(struct store *s, uint64_t *commits, uint64_t *writes);

/** Statement by its SQL text (kept prepared per connection; the pointer of `sql` may be its key only if it is a literal). NULL: error in ctx. */
struct store_stmt *store_stmt(struct store_conn *c, struct gln_context *ctx, const char *sql);
void stmt_int(struct store_stmt *st, int index, int64_t v);      /**< bind, from 1 */
void stmt_text(struct store_stmt *st, int index, const char *v); /**< NULL binds NULL; copied */
void stmt_blob(struct store_stmt *st, int index, const void *v, size_t len);
/** 1: a row is there; 0: done; < 0: status. */
int stmt_step(struct store_stmt *st, struct gln_context *ctx);
int stmt_run(struct store_stmt *st, struct gln_context *ctx); /**< steps to the end, resets; GLN_OK */
void stmt_done(struct store_stmt *st);                        /**< reset and clear bindings; safe on NULL */
int stmt_columns(struct store_stmt *st);                      /**< of a row */
int64_t stmt_col_int(struct store_stmt *st, int col);         /**< from 0 */
const char *stmt_col_text(struct store_stmt *st, int col);    /**< NULL for NULL; valid until the next step */
const void *stmt_col_blob(struct store_stmt *st, int col, size_t *len); /**< of a text too */
/** 'n' NULL, 'i' integer, 't' text, 'b' blob, 'f' anything else. */
char stmt_col_kind(struct store_stmt *st, int col);
bool stmt_col_null(struct store_stmt *st, int col);
int64_t store_last_id(struct store_conn *c);
int64_t store_changes(struct store_conn *c);

#endif
