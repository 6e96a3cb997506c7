/*
 * The rows of the register of operators, of identities and of submitters in the hash chain. A change (an import, a person's act) is one row of
 * the chain; it names, for each of these tables, the rows the change put there, by their numbers and by a digest over all their columns,
 * so that they can be checked against the chain (register_verify()) and a row that was altered, added or taken out beside Greenlane shows.
 *
 * Rows are only ever added, but for the time they end. That is a row too: triggers write each end into `register_ended`, which is
 * sealed like the rest. The digest is SHA-256 over pieces: each over the digest of the piece before (first: 32 zero bytes) and rows, until
 * they are 64 KiB or more; a column is its kind and its value, a text or blob with its length before it.
 *
 * What an import puts goes into the digest as it is put (struct register_sealing); any other row is read. Both make the same bytes of a
 * row. Owns nothing but the statements it steps.
 */
#include "trust/register_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trust/register_sql.h"
#include "util/str.h"

enum { PIECE = 65536 };

/* A table: what numbers its rows, its columns (all but the end), what orders them, and its end if it has one. */
static const struct sealed {
    const char *name, *newest; /**< newest: the last row's number */
    const char *rows;          /**< of the numbers ?1 to ?2, in order; the columns of each */
    const char *loose;         /**< how many rows are not of the numbers 1 to ?1 */
    const char *ends;          /**< a row whose end is not the last one logged; NULL: it has none */
    const char *logged;        /**< ends of a version that logged none, once */
    bool persons;              /**< of identities and submitters, which were sealed later than operators */
} sealed[] = {
#define NUMBERED(name, number, columns, order)                                                               \
    name, "SELECT max(" number ") FROM " name,                                                               \
        "SELECT " columns " FROM " name " WHERE " number ">=?1 AND " number "<=?2 ORDER BY " order,          \
        "SELECT count(*) FROM " name " WHERE " number "<1 OR " number ">?1"
#define ENDING(name, end) ENDING_OF(name, "id", end)
#define ENDING_OF(name, number, end)                                                                         \
    "SELECT " number " FROM " name " t WHERE " end                                                           \
    " IS NOT (SELECT at_ms FROM register_ended e WHERE e.tbl='" name "' AND e.row=t." number                 \
    " ORDER BY e.id DESC LIMIT 1) LIMIT 1",                                                                  \
        "INSERT INTO register_ended(tbl, row, at_ms) SELECT '" name "', " number ", " end " FROM " name      \
        " t WHERE " end " IS NOT NULL AND NOT EXISTS(SELECT 1 FROM register_ended e WHERE e.tbl='" name      \
        "' AND e.row=t." number ")"
    {NUMBERED("source_batch", "id",
              "id, source, environment, kind, list_name, document, as_of, fetched_ms, days, sha256, "
              "signature_ok, rows, added, changed, removed, previous, who",
              "id"),
     NULL, NULL, false},
    {NUMBERED(
         "operator", "id",
         "id, entry, source, environment, key, name, name_folded, country, address, tax, listed, digest, "
         "batch, learned_ms",
         "id"),
     ENDING("operator", "until_ms"), false},
    {NUMBERED("operator_identifier", "operator", "operator, position, kind, value_norm, value_as_given",
              "operator, position"),
     NULL, NULL, false},
    {NUMBERED("certificate", "id",
              "id, entry, programme, class, number, environment, day_from, day_to, consent, consent_from, "
              "consent_to, list_date, days, batch, learned_ms",
              "id"),
     ENDING("certificate", "until_ms"), false},
    {NUMBERED(
         "status_event", "id",
         "id, entry, programme, class, status, effective, learned_ms, learned_said, kept_ms, batch, who, "
         "note",
         "id"),
     ENDING("status_event", "until_ms"), false},
    {NUMBERED(
         "operator_binding", "id",
         "id, environment, submitter, entry, capacity, day_from, day_to, document, learned_ms, batch, who",
         "id"),
     ENDING("operator_binding", "revoked_ms"), false},
    {NUMBERED("register_programme", "id",
              "id, environment, code, country, zone, own_of, classes, security_classes, max_list_age_days, "
              "batch, learned_ms",
              "id"),
     ENDING("register_programme", "until_ms"), false},
    {NUMBERED("register_arrangement", "id",
              "id, environment, name, home, destination, state, effective, ended, roles, kinds, consent, "
              "source, who, sha256, batch, learned_ms",
              "id"),
     ENDING("register_arrangement", "until_ms"), false},
    /* who may file, and where to */
    {NUMBERED(
         "identity", "rowid",
         "rowid, name, environment, destination, principal, role, custody, valid_from, valid_to, added_ms",
         "rowid"),
     ENDING_OF("identity", "rowid", "removed_ms"), true},
    {NUMBERED("identity_setting", "id", "id, identity, position, name, value, since_ms", "id"),
     ENDING("identity_setting", "until_ms"), true},
    {NUMBERED("identity_secret", "id", "id, identity, name, sealed, since_ms", "id"),
     ENDING("identity_secret", "until_ms"), true},
    {NUMBERED("identity_certificate", "id", "id, identity, der, since_ms", "id"),
     ENDING("identity_certificate", "until_ms"), true},
    {NUMBERED("identity_token", "id", "id, identity, uri, since_ms", "id"),
     ENDING("identity_token", "until_ms"), true},
    {NUMBERED("submitter", "id", "id, name, fingerprint, added_ms", "id"), ENDING("submitter", "ended_ms"),
     true},
    {NUMBERED("submitter_binding", "id", "id, submitter, identity, from_ms, to_ms, document, added_ms", "id"),
     ENDING("submitter_binding", "ended_ms"), true},
    {NUMBERED("submitter_signer", "id", "id, submitter, fingerprint, subject, added_ms", "id"),
     ENDING("submitter_signer", "ended_ms"), true},
    {NUMBERED("submitter_messenger", "id", "id, messenger, signer, from_ms, to_ms, document, added_ms", "id"),
     ENDING("submitter_messenger", "ended_ms"), true},
    /* the last: what the others' ends are checked against */
    {NUMBERED("register_ended", "id", "id, tbl, row, at_ms", "id"), NULL, NULL, false},
};
enum { TABLES = sizeof sealed / sizeof sealed[0] };

/* NULL: none of ours. */
static const struct sealed *table_of(const char *name)
{
    for (size_t t = 0; t < TABLES; t++)
        if (str_eq(sealed[t].name, name))
            return &sealed[t];
    return NULL;
}

/* ---- the digest ---- */

static void put_number(struct buf *b, uint64_t v)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(v >> (56 - 8 * i));
    buf_put(b, bytes, sizeof bytes);
}

static void put_column(struct buf *b, const struct arg *a)
{
    buf_putc(b, a->kind);
    if (a->kind == 'i') {
        put_number(b, (uint64_t)a->i);
    } else if (a->kind != 'n') {
        put_number(b, a->len);
        buf_put(b, a->p, a->len);
    }
}

/* A digest under way: the digest of the pieces so far, and the piece that is not full yet. */
static void digest_begin(struct buf *piece)
{
    static const unsigned char zero[32] = {0};
    buf_clear(piece);
    buf_put(piece, zero, sizeof zero);
}

/* After each row. */
static void digest_go_on(struct buf *piece)
{
    unsigned char digest[32];
    if (piece->failed || piece->len < PIECE)
        return;
    digest_sha256(digest, piece->data, piece->len);
    buf_clear(piece);
    buf_put(piece, digest, sizeof digest);
}

static int digest_end(char hex[65], struct gln_context *ctx, const struct buf *piece)
{
    unsigned char digest[32];
    if (piece->failed)
        return context_no_memory(ctx);
    digest_sha256(digest, piece->data, piece->len);
    digest_hex(hex, digest);
    return GLN_OK;
}

/* Rows of the table into a digest under way. */
static int read_rows(struct buf *piece, struct store_conn *c, struct gln_context *ctx, const struct sealed *t,
                     int64_t first, int64_t last)
{
    struct store_stmt *st = register_bind(c, ctx, t->rows, ARGS(arg_int(first), arg_int(last)));
    int columns = st != NULL ? stmt_columns(st) : 0;
    int step = st == NULL ? ctx->error.status : 1;
    while (step == 1 && (step = stmt_step(st, ctx)) == 1) {
        for (int i = 0; i < columns; i++) {
            struct arg a = {.kind = stmt_col_kind(st, i)};
            if (a.kind == 'i')
                a.i = stmt_col_int(st, i);
            else if (a.kind != 'n')
                a.p = stmt_col_blob(st, i, &a.len);
            put_column(piece, &a);
        }
        digest_go_on(piece);
    }
    stmt_done(st);
    return step;
}

static int digest_rows(char hex[65], struct store_conn *c, struct gln_context *ctx, const struct sealed *t,
                       int64_t first, int64_t last)
{
    struct buf piece = BUF_INIT;
    digest_begin(&piece);
    int status = read_rows(&piece, c, ctx, t, first, last);
    if (status == GLN_OK)
        status = digest_end(hex, ctx, &piece);
    buf_free(&piece);
    return status;
}

/* ---- rows as they are put ---- */

struct register_sealing {
    struct run {
        struct buf piece;     /* owned */
        int64_t before, last; /* the number of the last row that was there, and that was put */
    } runs[TABLES_PUT];
};

static const char *const put_tables[TABLES_PUT] = {[TABLE_OPERATOR] = "operator",
                                                   [TABLE_IDENTIFIER] = "operator_identifier",
                                                   [TABLE_CERTIFICATE] = "certificate",
                                                   [TABLE_EVENT] = "status_event"};

int register_sealing_begin(struct register_sealing **out, struct store_conn *c, struct gln_context *ctx)
{
    struct register_sealing *s = calloc(1, sizeof *s);
    int status = s == NULL ? context_no_memory(ctx) : GLN_OK;
    for (size_t t = 0; status == GLN_OK && t < TABLES_PUT; t++) {
        digest_begin(&s->runs[t].piece);
        status = register_number(c, ctx, &s->runs[t].before, 0, table_of(put_tables[t])->newest, NULL, 0);
        s->runs[t].last = s->runs[t].before;
    }
    *out = s;
    return status;
}

int64_t register_sealing_next(const struct register_sealing *s, enum register_table t)
{
    return s->runs[t].last + 1;
}

void register_sealing_put(struct register_sealing *s, enum register_table t, const struct arg *args, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_column(&s->runs[t].piece, &args[i]);
    s->runs[t].last = args[0].i;
    digest_go_on(&s->runs[t].piece);
}

void register_sealing_free(struct register_sealing *s)
{
    for (size_t t = 0; s != NULL && t < TABLES_PUT; t++)
        buf_free(&s->runs[t].piece);
    free(s);
}

/* What was put of a table; NULL: nothing, or rows before it are not sealed yet. */
static struct run *run_of(struct register_sealing *s, const struct sealed *table, int64_t reached)
{
    for (size_t t = 0; s != NULL && t < TABLES_PUT; t++)
        if (str_eq(put_tables[t], table->name) && s->runs[t].before == reached && s->runs[t].last > reached)
            return &s->runs[t];
    return NULL;
}

/* ---- sealing ---- */

/* A table no row of the chain named yet is named also where it is empty: from then on what stands in it is known. */
static int seal_table(struct json_out *j, struct register_sealing *sealing, struct store_conn *c,
                      struct gln_context *ctx, const struct sealed *t)
{
    int64_t reached, newest;
    char hex[65];
    int status = register_number(c, ctx, &reached, -1, "SELECT reached FROM register_sealed WHERE tbl=?1",
                                 ARGS(arg_text(t->name)));
    if (status == GLN_OK)
        status = register_number(c, ctx, &newest, 0, t->newest, NULL, 0);
    if (status != GLN_OK || newest <= reached)
        return status;
    if (reached < 0)
        reached = 0;
    struct run *run = run_of(sealing, t, reached);
    if (run != NULL) {
        if (run->last < newest)
            status = read_rows(&run->piece, c, ctx, t, run->last + 1, newest);
        if (status == GLN_OK)
            status = digest_end(hex, ctx, &run->piece);
    } else {
        status = digest_rows(hex, c, ctx, t, reached + 1, newest);
    }
    if (status != GLN_OK)
        return status;
    json_open_object(j, NULL);
    json_str(j, "table", t->name);
    json_int(j, "from", reached + 1);
    json_int(j, "to", newest);
    json_str(j, "sha256", hex);
    json_end_object(j);
    return register_run(
        c, ctx,
        "INSERT INTO register_sealed(tbl, reached) VALUES(?1, ?2) ON CONFLICT(tbl) DO UPDATE SET "
        "reached=excluded.reached",
        ARGS(arg_text(t->name), arg_int(newest)));
}

/* Rows that ended before ends were logged: of a table that no change has sealed yet. */
static int log_old_ends(struct store_conn *c, struct gln_context *ctx)
{
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < TABLES; i++) {
        int64_t any = 1;
        if (sealed[i].logged != NULL)
            status = register_number(c, ctx, &any, 0, "SELECT count(*) FROM register_sealed WHERE tbl=?1",
                                     ARGS(arg_text(sealed[i].name)));
        if (status == GLN_OK && any == 0)
            status = register_run(c, ctx, sealed[i].logged, NULL, 0);
    }
    return status;
}

int register_seal(struct json_out *j, struct register_sealing *sealing, struct store_conn *c,
                  struct gln_context *ctx)
{
    int status = log_old_ends(c, ctx);
    json_open_array(j, "sealed");
    for (size_t i = 0; status == GLN_OK && i < TABLES; i++)
        status = seal_table(j, sealing, c, ctx, &sealed[i]);
    json_end_array(j);
    return status;
}

/* ---- what persons enter ---- */

struct entering {
    const struct entered *by;
    const char *kind, *name;
    int (*fn)(struct store_conn *c, struct gln_context *ctx, void *arg);
    void *arg;
};

/* Rows that came in beside Greenlane must not go into the chain with the next that come in through it. */
int register_untouched(struct store_conn *c, struct gln_context *ctx)
{
    int status = GLN_OK;
    for (size_t i = 0; status == GLN_OK && i < TABLES; i++) {
        int64_t reached, newest = 0;
        status = register_number(c, ctx, &reached, -1, "SELECT reached FROM register_sealed WHERE tbl=?1",
                                 ARGS(arg_text(sealed[i].name)));
        if (status == GLN_OK && reached >= 0)
            status = register_number(c, ctx, &newest, 0, sealed[i].newest, NULL, 0);
        if (status == GLN_OK && reached >= 0 && newest != reached)
            status = context_fail(ctx, GLN_E_STORE, MSG_REGISTER_TOUCHED, sealed[i].name);
    }
    return status;
}

static int enter(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct entering *e = arg;
    struct buf data = BUF_INIT;
    struct json_out j;
    int status = e->by != NULL ? register_untouched(c, ctx) : GLN_OK;
    if (status == GLN_OK)
        status = e->fn(c, ctx, e->arg);
    if (status != GLN_OK || e->by == NULL)
        return status;
    json_begin(&j, &data);
    json_open_object(&j, NULL);
    json_str(&j, "name", e->name);
    status = register_seal(&j, NULL, c, ctx);
    json_end_object(&j);
    if (status == GLN_OK)
        status = data.failed ? context_no_memory(ctx)
                             : e->by->note(c, ctx, clock_wall_ms(ctx->clock), e->kind, e->by->who, data.data);
    buf_free(&data);
    return status;
}

int register_enter(struct store *s, struct gln_context *ctx, const struct entered *by, const char *kind,
                   const char *name, int (*fn)(struct store_conn *c, struct gln_context *ctx, void *arg),
                   void *arg)
{
    struct entering e = {by, kind, name, fn, arg};
    return store_write(s, ctx, enter, &e);
}

/* ---- checking ---- */

struct checking {
    struct store_conn *c;
    struct gln_context *ctx;
    register_notes *notes;
    struct buf *report;
    int language, status;
    int64_t reached[TABLES];
    size_t changes, seals, wrong;
    bool persons; /**< the chain names their tables */
};

/* A line about a table, of `t` where that is one of ours; the first word is what it belongs to. */
static void say(struct checking *k, const struct sealed *t, enum message_id id, const char *a, const char *b,
                const char *c, const char *d)
{
    struct buf what = BUF_INIT;
    message_put(&what, t != NULL && t->persons ? MSG_REGISTER_VERIFY_PERSONS : MSG_REGISTER_VERIFY_OPERATORS,
                k->language, NULL, 0);
    const char *const args[] = {what.data != NULL ? what.data : "", a, b, c, d};
    k->wrong++;
    message_put(k->report, id, k->language, args, sizeof args / sizeof args[0]);
    buf_putc(k->report, '\n');
    buf_free(&what);
}

struct text {
    char s[24];
};
static const char *text_of(struct text *t, int64_t v)
{
    snprintf(t->s, sizeof t->s, "%lld", (long long)v);
    return t->s;
}

/* One range of one table, as a row of the chain names it. */
static int check_range(struct checking *k, const char *change, const struct json_in *r)
{
    const char *name = json_in_str(json_in_get(r, "table")), *said = json_in_str(json_in_get(r, "sha256"));
    int64_t from = 0, to = 0;
    const struct sealed *t = table_of(name);
    int64_t *reached = t != NULL ? &k->reached[t - sealed] : NULL;
    char hex[65];
    struct text a, b;
    if (t == NULL || !json_in_int(json_in_get(r, "from"), &from) || !json_in_int(json_in_get(r, "to"), &to) ||
        from != *reached + 1 || to < from - 1) {
        say(k, t, MSG_REGISTER_VERIFY_ORDER, change, name != NULL ? name : "", "", "");
        return GLN_OK;
    }
    k->seals++;
    k->persons = k->persons || t->persons;
    *reached = to;
    int status = digest_rows(hex, k->c, k->ctx, t, from, to);
    if (status == GLN_OK && !str_eq(hex, said))
        say(k, t, MSG_REGISTER_VERIFY_CHANGED, t->name, text_of(&a, from), text_of(&b, to), change);
    return status;
}

static int check_change(void *arg, int64_t id, const char *data)
{
    struct checking *k = arg;
    char why[160];
    struct text change;
    struct json_in *root = json_in_parse(data, strlen(data), why, sizeof why);
    const struct json_in *list = root != NULL ? json_in_get(root, "sealed") : NULL;
    text_of(&change, id);
    k->changes++;
    if (root == NULL)
        say(k, NULL, MSG_REGISTER_VERIFY_ORDER, change.s, "", "", "");
    for (size_t i = 0; k->status == GLN_OK && i < json_in_len(list); i++)
        k->status = check_range(k, change.s, json_in_at(list, i));
    json_in_free(root);
    return k->status;
}

/* Ends that no change put into the chain, by the table whose row ended: triggers log them, whoever ends it. */
static int check_ends(struct checking *k, int64_t reached)
{
    struct store_stmt *st = register_bind(
        k->c, k->ctx, "SELECT DISTINCT tbl, row FROM register_ended WHERE id>?1 ORDER BY tbl, row LIMIT 100",
        ARGS(arg_int(reached)));
    int step = st == NULL ? k->ctx->error.status : 1;
    struct text a;
    while (step == 1 && (step = stmt_step(st, k->ctx)) == 1) {
        const char *name = stmt_col_text(st, 0);
        say(k, table_of(name), MSG_REGISTER_VERIFY_ENDED, name != NULL ? name : "",
            text_of(&a, stmt_col_int(st, 1)), "", "");
    }
    stmt_done(st);
    return step;
}

/* Rows that no change named, and ends that no change logged. */
static int check_table(struct checking *k, size_t t)
{
    struct text a;
    int64_t found = 0, row = 0;
    int status = register_number(k->c, k->ctx, &found, 0, sealed[t].loose, ARGS(arg_int(k->reached[t])));
    if (status == GLN_OK && found > 0)
        say(k, &sealed[t], MSG_REGISTER_VERIFY_LOOSE, sealed[t].name, text_of(&a, found), "", "");
    if (status == GLN_OK && sealed[t].ends != NULL)
        status = register_number(k->c, k->ctx, &row, 0, sealed[t].ends, NULL, 0);
    if (status == GLN_OK && row != 0)
        say(k, &sealed[t], MSG_REGISTER_VERIFY_ENDED, sealed[t].name, text_of(&a, row), "", "");
    return status == GLN_OK && t == TABLES - 1 ? check_ends(k, k->reached[t]) : status;
}

/* Tables of a version that did not seal them: said once, and not wrong. */
static int check_old(struct checking *k, bool persons)
{
    int64_t any = 0;
    for (size_t t = 0; any == 0 && t < TABLES; t++) {
        int status = sealed[t].persons == persons
                         ? register_number(k->c, k->ctx, &any, 0, sealed[t].newest, NULL, 0)
                         : GLN_OK;
        if (status != GLN_OK)
            return status;
    }
    if (any == 0)
        return GLN_OK;
    say(k, &(const struct sealed){.persons = persons}, MSG_REGISTER_VERIFY_OLD, "", "", "", "");
    k->wrong--;
    return GLN_OK;
}

static int check(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct checking *k = arg;
    k->c = c;
    k->ctx = ctx;
    int status = k->notes(c, ctx, check_change, k);
    if (status == GLN_OK)
        status = k->status;
    bool old[2] = {k->changes > 0 && k->seals == 0, !k->persons};
    for (int i = 0; status == GLN_OK && i < 2; i++)
        if (old[i])
            status = check_old(k, i != 0);
    for (size_t t = 0; status == GLN_OK && t < TABLES; t++)
        if (!old[sealed[t].persons])
            status = check_table(k, t);
    return status;
}

int register_verify(struct gln_context *ctx, struct store *s, register_notes *notes, int language, bool *good,
                    struct buf *report)
{
    struct checking k = {.notes = notes, .report = report, .language = language};
    int status = store_read(s, ctx, check, &k);
    *good = status == GLN_OK && k.wrong == 0;
    return status == GLN_OK && report->failed ? context_no_memory(ctx) : status;
}
