/*
 * The register's tables, and the little that its files share to run statements over them.
 *
 * An operator's row is a version: `entry` names the operator within his source for good (it is the id of his first version), and a
 * change ends one version and begins another. Certificates are versions too; status events hang on entry, programme and class, so that a status outlives a
 * changed validity. `learned_ms` is when a row came in, `until_ms` when it ended; both are null or instants, never dates. Events of a
 * person (a revocation) have no batch. Owns nothing but the statements it steps.
 */
#include "trust/register_sql.h"

#include <string.h>

#include "trust/register_store.h"
#include "util/str.h"

/* Every end of a row is a row of register_ended; see register_seal.c. */
#define ENDS(name, end) ENDS_OF(name, "id", end)
#define ENDS_OF(name, number, end)                                                                           \
    "CREATE TRIGGER IF NOT EXISTS " name "_ends AFTER UPDATE OF " end " ON " name " WHEN NEW." end           \
    " IS NOT OLD." end " BEGIN INSERT INTO register_ended(tbl, row, at_ms) VALUES('" name "', NEW." number   \
    ", NEW." end "); END;"

const char register_schema[] =
    "CREATE TABLE IF NOT EXISTS source_batch(id INTEGER PRIMARY KEY, source TEXT NOT NULL, environment TEXT "
    "NOT NULL, kind INTEGER NOT NULL, list_name TEXT, document TEXT, as_of INTEGER NOT NULL, fetched_ms "
    "INTEGER NOT NULL, days INTEGER NOT NULL, sha256 TEXT NOT NULL, signature_ok INTEGER NOT NULL, rows "
    "INTEGER NOT NULL, added INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL, previous "
    "INTEGER, who TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS source_batch_of ON source_batch(source, environment, as_of, id);"
    "CREATE TABLE IF NOT EXISTS operator(id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, source TEXT NOT "
    "NULL, environment TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, name_folded TEXT NOT NULL, "
    "country TEXT, address TEXT, tax TEXT, listed INTEGER NOT NULL, digest BLOB NOT NULL, batch INTEGER NOT "
    "NULL, learned_ms INTEGER NOT NULL, until_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS operator_entry ON operator(entry);"
    "CREATE INDEX IF NOT EXISTS operator_key ON operator(source, environment, key);"
    "CREATE TABLE IF NOT EXISTS operator_identifier(operator INTEGER NOT NULL, position INTEGER NOT NULL, "
    "kind TEXT NOT NULL, value_norm TEXT NOT NULL, value_as_given TEXT NOT NULL, PRIMARY KEY(operator, "
    "position)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS operator_identifier_value ON operator_identifier(kind, value_norm);"
    "CREATE TABLE IF NOT EXISTS certificate(id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, programme TEXT "
    "NOT NULL, class TEXT NOT NULL, number TEXT, environment TEXT NOT NULL, day_from INTEGER, day_to "
    "INTEGER, consent INTEGER NOT NULL, consent_from INTEGER, consent_to INTEGER, list_date INTEGER, days "
    "INTEGER NOT NULL, batch INTEGER NOT NULL, learned_ms INTEGER NOT NULL, until_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS certificate_entry ON certificate(entry);"
    "CREATE TABLE IF NOT EXISTS status_event(id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, programme TEXT "
    "NOT NULL, class TEXT NOT NULL, status TEXT NOT NULL, effective INTEGER NOT NULL, learned_ms INTEGER NOT "
    "NULL, learned_said INTEGER NOT NULL, kept_ms INTEGER NOT NULL, until_ms INTEGER, batch INTEGER, who "
    "TEXT NOT NULL, note TEXT);"
    "CREATE INDEX IF NOT EXISTS status_event_entry ON status_event(entry);"
    "CREATE TABLE IF NOT EXISTS operator_binding(id INTEGER PRIMARY KEY, environment TEXT NOT NULL, "
    "submitter TEXT NOT NULL, entry INTEGER NOT NULL, capacity TEXT, day_from INTEGER, day_to INTEGER, "
    "document TEXT, learned_ms INTEGER NOT NULL, revoked_ms INTEGER, batch INTEGER, who TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS operator_binding_entry ON operator_binding(entry);"
    "CREATE TABLE IF NOT EXISTS register_programme(id INTEGER PRIMARY KEY, environment TEXT NOT NULL, code "
    "TEXT NOT NULL, country TEXT, zone TEXT NOT NULL, own_of TEXT, classes TEXT, security_classes TEXT, "
    "max_list_age_days INTEGER NOT NULL, batch INTEGER NOT NULL, learned_ms INTEGER NOT NULL, until_ms "
    "INTEGER);"
    "CREATE TABLE IF NOT EXISTS register_arrangement(id INTEGER PRIMARY KEY, environment TEXT NOT NULL, name "
    "TEXT NOT NULL, home TEXT, destination TEXT, state INTEGER NOT NULL, effective INTEGER, ended INTEGER, "
    "roles TEXT, kinds TEXT, consent INTEGER NOT NULL, source TEXT, who TEXT NOT NULL, sha256 TEXT NOT NULL, "
    "batch INTEGER, learned_ms INTEGER NOT NULL, until_ms INTEGER);"
    "CREATE TABLE IF NOT EXISTS register_ended(id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, row INTEGER NOT "
    "NULL, at_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS register_ended_row ON register_ended(tbl, row);"
    "CREATE TABLE IF NOT EXISTS register_sealed(tbl TEXT PRIMARY KEY, reached INTEGER NOT NULL) WITHOUT "
    "ROWID;" ENDS("operator", "until_ms") ENDS("certificate", "until_ms") ENDS("status_event", "until_ms")
        ENDS("operator_binding", "revoked_ms") ENDS("register_programme", "until_ms")
            ENDS("register_arrangement", "until_ms");

/* Of the tables of trust_schema, which are there by then. */
const char register_ends[] = ENDS_OF("identity", "rowid", "removed_ms") ENDS("identity_setting", "until_ms")
    ENDS("identity_secret", "until_ms") ENDS("identity_certificate", "until_ms")
        ENDS("identity_token", "until_ms") ENDS("submitter", "ended_ms") ENDS("submitter_binding", "ended_ms")
            ENDS("submitter_signer", "ended_ms") ENDS("submitter_messenger", "ended_ms");

struct store_stmt *register_bind(struct store_conn *c, struct gln_context *ctx, const char *sql,
                                 const struct arg *args, size_t n)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);
    for (size_t i = 0; st != NULL && i < n; i++) {
        if (args[i].kind == 'i')
            stmt_int(st, (int)i + 1, args[i].i);
        else if (args[i].kind == 'b')
            stmt_blob(st, (int)i + 1, args[i].p, args[i].len);
        else
            stmt_text(st, (int)i + 1, args[i].kind == 't' ? args[i].p : NULL);
    }
    return st;
}

int register_run(struct store_conn *c, struct gln_context *ctx, const char *sql, const struct arg *args,
                 size_t n)
{
    struct store_stmt *st = register_bind(c, ctx, sql, args, n);
    return st == NULL ? ctx->error.status : stmt_run(st, ctx);
}

int register_number(struct store_conn *c, struct gln_context *ctx, int64_t *out, int64_t none,
                    const char *sql, const struct arg *args, size_t n)
{
    struct store_stmt *st = register_bind(c, ctx, sql, args, n);
    int step = st == NULL ? ctx->error.status : stmt_step(st, ctx);
    *out = step == 1 && !stmt_col_null(st, 0) ? stmt_col_int(st, 0) : none;
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}
