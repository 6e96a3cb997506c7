/*
 * The tables of identities and submitters, and what makes those of an earlier version like them.
 *
 * Rows are only added; each that holds no more has the time it ended. That is what lets register_seal.c vouch for them.
 * Owns nothing.
 */
#include "trust/identity.h"

#define SETTINGS_TABLE                                                                                       \
    "CREATE TABLE IF NOT EXISTS identity_setting(id INTEGER PRIMARY KEY, identity TEXT NOT NULL, position "  \
    "INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms "        \
    "INTEGER);"

#define SUBMITTER_TABLE                                                                                      \
    "CREATE TABLE IF NOT EXISTS submitter(id INTEGER PRIMARY KEY, name TEXT NOT NULL, fingerprint TEXT, "    \
    "added_ms INTEGER NOT NULL, ended_ms INTEGER);"

const char trust_schema[] =
    "CREATE TABLE IF NOT EXISTS identity(name TEXT PRIMARY KEY, environment TEXT NOT NULL, destination TEXT "
    "NOT NULL,"
    " principal TEXT NOT NULL, role TEXT NOT NULL, custody TEXT NOT NULL, valid_from INTEGER NOT NULL,"
    " valid_to INTEGER NOT NULL, added_ms INTEGER NOT NULL, removed_ms INTEGER);" SETTINGS_TABLE
    "CREATE INDEX IF NOT EXISTS identity_setting_now ON identity_setting(identity, position) "
    "WHERE until_ms IS NULL;"
    "CREATE TABLE IF NOT EXISTS identity_secret(id INTEGER PRIMARY KEY, identity TEXT NOT NULL, name TEXT "
    "NOT NULL,"
    " sealed BLOB NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS identity_secret_now ON identity_secret(identity, name) WHERE until_ms IS "
    "NULL;"
    "CREATE TABLE IF NOT EXISTS identity_certificate(id INTEGER PRIMARY KEY, identity TEXT NOT NULL, der "
    "BLOB NOT NULL,"
    " since_ms INTEGER NOT NULL, until_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS identity_certificate_now ON identity_certificate(identity) WHERE until_ms IS "
    "NULL;"
    "CREATE TABLE IF NOT EXISTS identity_token(id INTEGER PRIMARY KEY, identity TEXT NOT NULL, uri TEXT NOT "
    "NULL,"
    " since_ms INTEGER NOT NULL, until_ms INTEGER, refused_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS identity_token_now ON identity_token(identity) WHERE until_ms IS "
    "NULL;" SUBMITTER_TABLE
    "CREATE UNIQUE INDEX IF NOT EXISTS submitter_name ON submitter(name) WHERE ended_ms IS NULL;"
    "CREATE UNIQUE INDEX IF NOT EXISTS submitter_certificate ON submitter(fingerprint) WHERE ended_ms IS "
    "NULL;"
    "CREATE TABLE IF NOT EXISTS submitter_binding(id INTEGER PRIMARY KEY, submitter TEXT NOT NULL, identity "
    "TEXT NOT NULL,"
    " from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, document TEXT, added_ms INTEGER NOT NULL, ended_ms "
    "INTEGER);"
    "CREATE INDEX IF NOT EXISTS submitter_binding_of ON submitter_binding(submitter, identity);"
    "CREATE TABLE IF NOT EXISTS submitter_signer(id INTEGER PRIMARY KEY, submitter TEXT NOT NULL, "
    "fingerprint "
    "TEXT NOT NULL, subject TEXT, added_ms INTEGER NOT NULL, ended_ms INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS submitter_signer_now ON submitter_signer(fingerprint) WHERE ended_ms "
    "IS "
    "NULL;"
    "CREATE TABLE IF NOT EXISTS submitter_messenger(id INTEGER PRIMARY KEY, messenger TEXT NOT NULL, signer "
    "TEXT "
    "NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, document TEXT, added_ms INTEGER NOT NULL,"
    " ended_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS submitter_messenger_of ON submitter_messenger(messenger, signer);";

/** What an earlier version's tables lack: a query that says 1 where they are such, and the steps then. */
static const struct upgrade {
    const char *old;
    const char *steps[4];
} upgrades[] = {
    /* settings were replaced in place; by now they end, as secrets do */
    {"SELECT count(*)=1 FROM pragma_table_info('identity_setting') WHERE name IN ('identity', 'id')",
     {"ALTER TABLE identity_setting RENAME TO identity_setting_1", SETTINGS_TABLE,
      "INSERT INTO identity_setting(identity, position, name, value, since_ms) SELECT s.identity, "
      "s.position, s.name, s.value, i.added_ms FROM identity_setting_1 s JOIN identity i ON i.name = "
      "s.identity ORDER BY s.identity, s.position",
      "DROP TABLE identity_setting_1"}},
    /* a submitter was one for ever */
    {"SELECT count(*)=1 FROM pragma_table_info('submitter') WHERE name IN ('name', 'id')",
     {"ALTER TABLE submitter RENAME TO submitter_1", SUBMITTER_TABLE,
      "INSERT INTO submitter(name, fingerprint, added_ms) SELECT name, fingerprint, added_ms FROM "
      "submitter_1 "
      "ORDER BY rowid",
      "DROP TABLE submitter_1"}},
    {"SELECT count(*)=1 FROM pragma_table_info('submitter_binding') WHERE name IN ('id', 'ended_ms')",
     {"ALTER TABLE submitter_binding ADD COLUMN ended_ms INTEGER"}},
};

static int upgrade(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct upgrade *u = arg;
    struct store_stmt *st = store_stmt(c, ctx, u->old);
    int more = st != NULL ? stmt_step(st, ctx) : ctx->error.status;
    bool old = more > 0 && stmt_col_int(st, 0) == 1;
    stmt_done(st);
    int status = more < 0 ? more : GLN_OK;
    for (size_t i = 0; old && status == GLN_OK && i < sizeof u->steps / sizeof u->steps[0]; i++)
        if (u->steps[i] != NULL) {
            st = store_stmt(c, ctx, u->steps[i]);
            status = st != NULL ? stmt_run(st, ctx) : ctx->error.status;
        }
    return status;
}

int identity_tables(struct store *s, struct gln_context *ctx)
{
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < sizeof upgrades / sizeof upgrades[0]; i++) {
        struct upgrade u = upgrades[i];
        status = store_write(s, ctx, upgrade, &u);
    }
    return status == GLN_OK ? store_schema(s, ctx, trust_schema) : status;
}
