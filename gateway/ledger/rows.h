/** @file
 * The ledger's append-only tables, and the one way a row gets into them: inserted and put into the hash chain at once.
 *
 * A row's digest is SHA-256 over its table's name, its id and its cells (kind, length, bytes; of a blob its own SHA-256). A link's
 * hash is SHA-256 over the hash before, the link's number, the table's name, the row's id and the row's digest. docs/ledger.md says it
 * byte by byte. Ids of a table are 1, 2, 3 ... in the order of the chain, so that a missing or added row shows.
 */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H

#include <stdint.h>

#include "core/context.h"
#include "store/store.h"

/* X(NAME, "table", "columns", "declared columns", "places") */
#define LEDGER_TABLES(X)                                                                                     \
    X(CERTIFICATES, "certificates", "at_ms, der", "at_ms INTEGER, der BLOB", "?1, ?2")                       \
    X(DECLARATIONS, "declarations",                                                                          \
      "uid, submitter, lrn, idempotency_key, format, lane, received_ms, original_sha256, decision, "         \
      "findings, original",                                                                                  \
      "uid TEXT, submitter TEXT, lrn TEXT, idempotency_key TEXT, format TEXT, lane TEXT, received_ms "       \
      "INTEGER, original_sha256 TEXT, decision TEXT, findings TEXT, original BLOB",                          \
      "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11")                                                        \
    X(FILINGS, "filings",                                                                                    \
      "declaration, position, destination, message, action, identity, environment, key, number, "            \
      "series_kind, series_year, serial, lane, created_ms, source_map, slots, outbound",                     \
      "declaration TEXT, position INTEGER, destination TEXT, message TEXT, action TEXT, identity TEXT, "     \
      "environment TEXT, key TEXT, number TEXT, series_kind TEXT, series_year INTEGER, serial TEXT, lane "   \
      "TEXT, created_ms INTEGER, source_map TEXT, slots TEXT, outbound BLOB",                                \
      "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17")                          \
    X(RECEIPTS, "receipts", "declaration, at_ms, body", "declaration TEXT, at_ms INTEGER, body TEXT",        \
      "?1, ?2, ?3")                                                                                          \
    X(SIGNATURES, "signatures", "declaration, at_ms, signer, fingerprint",                                   \
      "declaration TEXT, at_ms INTEGER, signer TEXT, fingerprint TEXT", "?1, ?2, ?3, ?4")                    \
    X(CHANGES, "changes", "filing, at_ms, from_state, to_state, reason, who, due_ms",                        \
      "filing INTEGER, at_ms INTEGER, from_state TEXT, to_state TEXT, reason TEXT, who TEXT, due_ms "        \
      "INTEGER",                                                                                             \
      "?1, ?2, ?3, ?4, ?5, ?6, ?7")                                                                          \
    X(DUES, "dues", "filing, at_ms, due_ms, change",                                                         \
      "filing INTEGER, at_ms INTEGER, due_ms INTEGER, change INTEGER", "?1, ?2, ?3, ?4")                     \
    X(ATTACHMENTS, "attachments", "filing, at_ms, kind, data",                                               \
      "filing INTEGER, at_ms INTEGER, kind TEXT, data BLOB", "?1, ?2, ?3, ?4")                               \
    X(SERIES, "series", "identity, kind, year, first, last, width, at_ms",                                   \
      "identity TEXT, kind TEXT, year INTEGER, first INTEGER, last INTEGER, width INTEGER, at_ms INTEGER",   \
      "?1, ?2, ?3, ?4, ?5, ?6, ?7")                                                                          \
    X(NUMBERS, "numbers", "identity, kind, year, value, event, at_ms, filing, note",                         \
      "identity TEXT, kind TEXT, year INTEGER, value INTEGER, event TEXT, at_ms INTEGER, filing INTEGER, "   \
      "note TEXT",                                                                                           \
      "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8")                                                                      \
    X(INBOUND, "inbound", "destination, environment, received_ms, sha256, data",                             \
      "destination TEXT, environment TEXT, received_ms INTEGER, sha256 TEXT, data BLOB",                     \
      "?1, ?2, ?3, ?4, ?5")                                                                                  \
    X(SETTLEMENTS, "settlements", "inbound, at_ms, what", "inbound INTEGER, at_ms INTEGER, what TEXT",       \
      "?1, ?2, ?3")                                                                                          \
    X(REGISTER, "register", "at_ms, kind, who, data", "at_ms INTEGER, kind TEXT, who TEXT, data TEXT",       \
      "?1, ?2, ?3, ?4")                                                                                      \
    X(ARCHIVES, "archives", "at_ms, before_ms, file, link, hash",                                            \
      "at_ms INTEGER, before_ms INTEGER, file TEXT, link INTEGER, hash TEXT", "?1, ?2, ?3, ?4, ?5")          \
    X(ARCHIVED, "archived",                                                                                  \
      "archive, uid, submitter, lrn, idempotency_key, received_ms, original_sha256, destination, "           \
      "environment, message, number, alive, rows",                                                           \
      "archive INTEGER, uid TEXT, submitter TEXT, lrn TEXT, idempotency_key TEXT, received_ms INTEGER, "     \
      "original_sha256 TEXT, destination TEXT, environment TEXT, message TEXT, number TEXT, alive INTEGER, " \
      "rows TEXT",                                                                                           \
      "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13")

enum ledger_table {
#define LEDGER_TABLE_ENUM(id, name, columns, declared, places) TABLE_##id,
    LEDGER_TABLES(LEDGER_TABLE_ENUM)
#undef LEDGER_TABLE_ENUM
        TABLE_COUNT
};

struct table_spec {
    const char *name, *columns;
    const char *insert; /**< INSERT with all columns but id */
    const char *select; /**< all columns, id first, of ?1 = id */
    const char *tally;  /**< count(*), max(id) */
    const char *copy;   /**< INSERT with all columns, id last */
    const char *remove; /**< DELETE of ?1 = id */
};
extern const struct table_spec table_specs[TABLE_COUNT];
extern const char ledger_schema[];

/** TABLE_COUNT if there is none of that name. */
enum ledger_table table_find(const char *name);

struct cell {
    char kind; /**< n, i, t, b */
    int64_t i;
    const void *p; /**< borrowed */
    size_t len;
    const unsigned char *digest; /**< of a blob, if known already; may be NULL */
};
#define CELLS_MAX 17

static inline struct cell cell_int(int64_t v)
{
    return (struct cell){'i', v, NULL, 0, NULL};
}
struct cell cell_text(const char *s); /**< NULL: a null cell */
struct cell cell_blob(const void *p, size_t len, const unsigned char *digest);

/** Inserts and chains. `id` may be NULL. */
int row_put(struct store_conn *c, struct gln_context *ctx, enum ledger_table table, const struct cell *cells,
            size_t count, int64_t *id);
/** The digest of a row's cells. */
int row_digest(unsigned char out[32], struct gln_context *ctx, enum ledger_table table, int64_t id,
               const struct cell *cells, size_t count);
/** Reads the cells of the row under the cursor of a `select` statement; they live until its next step. Returns their number. */
size_t row_cells(struct store_stmt *st, struct cell cells[CELLS_MAX], size_t columns);
/** Number of columns of a table, id not counted. */
size_t table_width(enum ledger_table table);

struct chain_link {
    int64_t seq;
    unsigned char hash[32];
};
/** The last link; seq 0 and zeros of an empty chain. */
int chain_head(struct store_conn *c, struct gln_context *ctx, struct chain_link *out);
/** What follows `before` when row `id` of the table named `table` with `digest` is chained. */
int chain_next(struct chain_link *out, struct gln_context *ctx, const struct chain_link *before,
               const char *table, int64_t id, const unsigned char digest[32]);

/** Bound and run: for the tables of current states. */
int sql_run(struct store_conn *c, struct gln_context *ctx, const char *sql, const struct cell *cells,
            size_t count);
/** Prepared and bound; NULL: the error is in ctx. */
struct store_stmt *sql_bind(struct store_conn *c, struct gln_context *ctx, const char *sql,
                            const struct cell *cells, size_t count);
/** cells as an argument pair */
#define CELLS(...)                                                                                           \
    ((const struct cell[]){__VA_ARGS__}), sizeof((const struct cell[]){__VA_ARGS__}) / sizeof(struct cell)

#endif
