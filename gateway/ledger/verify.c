/*
 * ledger_verify(): one walk along the chain.
 *
 * Each link is computed anew from the one before, its row is read and digested anew, rows of a table must come as 1, 2, 3 ..., and
 * each signed head is checked where the walk passes its link; after the last head there may be no link, for a commit writes both together. After a fault the walk goes on from what is stored, so that one changed
 * row is one line. Then the tables are counted (rows that no link names), the receipts that are kept are held against the chain
 * (receipt.c), and verify_now.c derives the current states.
 *
 * What cannot be seen from inside: rows, links and heads cut at the end together, by somebody who also puts back the current states. A
 * receipt (or any head told to the outside) shows it: see receipt.c.
 *
 * Memory does not grow with the ledger.
 */
#include "ledger/archive.h"
#include "ledger/check.h"

#include <string.h>

#define LINES_MAX 100

struct walk {
    struct check k;
    struct chain_link link;    /**< the last one, as stored */
    int64_t rows[TABLE_COUNT]; /**< last id seen of each table */
    int64_t gone[TABLE_COUNT]; /**< rows that are not there and need not be */
    bool file;                 /**< an archive's: any row may be elsewhere */
    size_t width[TABLE_COUNT];
    struct store_stmt *heads;         /**< cursor */
    bool more_heads;                  /**< a head is under the cursor */
    int64_t head_id, head_seq, count; /**< of the last head passed; how many */
    struct cert *cert;                /**< of the last head */
    int64_t cert_id;
};

void check_say(struct check *k, enum message_id id, const char *const *args, size_t n)
{
    if (k->wrong++ > LINES_MAX)
        return;
    if (k->wrong > LINES_MAX)
        message_put(k->report, MSG_VERIFY_MORE, k->language, NULL, 0);
    else
        message_put(k->report, id, k->language, args, n);
    buf_putc(k->report, '\n');
}

/* One link: follows from the one before? */
static int check_link(struct walk *w, int64_t seq, const char *table, int64_t row, const void *digest,
                      const unsigned char hash[32])
{
    struct number_text a, b;
    struct chain_link next;
    int status;

    if (seq != w->link.seq + 1) {
        CHECK_SAY(&w->k, MSG_VERIFY_CHAIN_GAP, number_text(&a, w->link.seq + 1), number_text(&b, seq));
    } else {
        status = chain_next(&next, w->k.ctx, &w->link, table, row, digest);
        if (status != GLN_OK)
            return status;
        if (memcmp(next.hash, hash, sizeof next.hash) != 0)
            CHECK_SAY(&w->k, MSG_VERIFY_CHAIN_LINK, number_text(&a, seq), table, number_text(&b, row));
    }
    w->link.seq = seq;
    memcpy(w->link.hash, hash, sizeof w->link.hash);
    return GLN_OK;
}

/* A row that is not there: in an archive, or the ledger, or nowhere. */
static int check_gone(struct walk *w, enum ledger_table t, int64_t row)
{
    struct check *k = &w->k;
    struct number_text a, b;
    bool archived = w->file;
    int status = w->file ? GLN_OK : archive_has(&archived, k->c, k->ctx, table_specs[t].name, row);

    if (archived)
        w->gone[t]++;
    else if (status == GLN_OK)
        CHECK_SAY(k, MSG_VERIFY_ROW_MISSING, table_specs[t].name, number_text(&a, row),
                  number_text(&b, w->link.seq));
    return status;
}

/* The row a link stands for. */
static int check_row(struct walk *w, enum ledger_table t, int64_t row, const unsigned char digest[32])
{
    struct check *k = &w->k;
    struct cell cells[CELLS_MAX];
    struct number_text a, b;
    unsigned char now[32];
    struct store_stmt *st = sql_bind(k->c, k->ctx, table_specs[t].select, CELLS(cell_int(row)));
    int more = st ? stmt_step(st, k->ctx) : k->ctx->error.status;

    number_text(&a, row);
    if (row != w->rows[t] + 1)
        CHECK_SAY(k, MSG_VERIFY_ROW_ORDER, table_specs[t].name, a.s, number_text(&b, w->rows[t] + 1));
    w->rows[t] = row;
    if (more == 0)
        more = check_gone(w, t, row);
    else if (more > 0) {
        row_cells(st, cells, w->width[t]);
        more = row_digest(now, k->ctx, t, row, cells, w->width[t]);
        if (more == GLN_OK && memcmp(now, digest, sizeof now) != 0)
            CHECK_SAY(k, MSG_VERIFY_ROW_CHANGED, table_specs[t].name, a.s, number_text(&b, w->link.seq));
    }
    stmt_done(st);
    return more;
}

static int head_next(struct walk *w)
{
    int more = stmt_step(w->heads, w->k.ctx);

    w->more_heads = more > 0;
    return more < 0 ? more : GLN_OK;
}

/* The certificate a head names; NULL when there is none that can be read (said). */
static struct cert *head_certificate(struct walk *w, int64_t id)
{
    struct check *k = &w->k;
    struct number_text a;
    struct store_stmt *st;

    if (w->cert && w->cert_id == id)
        return w->cert;
    cert_free(w->cert);
    w->cert = NULL;
    w->cert_id = id;
    st = sql_bind(k->c, k->ctx, "SELECT der FROM certificates WHERE id = ?1", CELLS(cell_int(id)));
    if (st && stmt_step(st, k->ctx) > 0) {
        size_t len;
        const void *p = stmt_col_blob(st, 0, &len);

        if (cert_parse(&w->cert, k->ctx, p, len) != GLN_OK)
            w->cert = NULL;
    }
    stmt_done(st);
    if (!w->cert)
        CHECK_SAY(k, MSG_VERIFY_CERTIFICATE, number_text(&a, id));
    return w->cert;
}

/* The head under the cursor: its number, the link it signs, its signature. */
static int check_head(struct walk *w, bool in_chain)
{
    struct check *k = &w->k;
    struct buf text = BUF_INIT;
    struct number_text a, b;
    unsigned char signed_hash[32];
    size_t len, signature_len;
    int64_t id = stmt_col_int(w->heads, 0);
    const void *hash = stmt_col_blob(w->heads, 3, &len);
    const void *signature;
    struct cert *cert;
    bool good = false;
    int status = GLN_OK;

    while (++w->head_id < id)
        CHECK_SAY(k, MSG_VERIFY_HEAD_GAP, number_text(&a, w->head_id));
    w->head_id = id;
    w->head_seq = stmt_col_int(w->heads, 1);
    w->count++;
    number_text(&a, id);
    if (!in_chain || len != 32 || memcmp(hash, w->link.hash, 32) != 0)
        CHECK_SAY(k, MSG_VERIFY_HEAD_CHAIN, a.s, number_text(&b, w->head_seq));
    cert = head_certificate(w, stmt_col_int(w->heads, 4));
    if (cert && len == 32) {
        memcpy(signed_hash, hash, 32);
        head_text(&text, id, w->head_seq, signed_hash, stmt_col_int(w->heads, 2));
        signature = stmt_col_blob(w->heads, 5, &signature_len);
        status =
            cert_verify(&good, k->ctx, cert, DIGEST_SHA256, text.data, text.len, signature, signature_len);
    }
    if (k->l &&
        stmt_col_int(w->heads, 4) != k->l->cert_id) /* there is one key, the one that is sealed in it */
        good = false;
    if (status == GLN_OK && !good)
        CHECK_SAY(k, MSG_VERIFY_HEAD_SIGNATURE, a.s);
    buf_free(&text);
    return status;
}

/* All heads of links up to the last one passed. */
static int check_heads(struct walk *w, bool all)
{
    int status = GLN_OK;

    while (status == GLN_OK && w->more_heads && (all || stmt_col_int(w->heads, 1) <= w->link.seq)) {
        status = check_head(w, stmt_col_int(w->heads, 1) == w->link.seq);
        if (status == GLN_OK)
            status = head_next(w);
    }
    return status;
}

/* The link under the cursor of `st`, the row it stands for, the heads that sign it. */
static int pass_link(struct walk *w, struct store_stmt *st)
{
    static const unsigned char none[32];
    struct number_text a;
    size_t digest_len, hash_len;
    int64_t seq = stmt_col_int(st, 0), row = stmt_col_int(st, 2);
    const char *table = stmt_col_text(st, 1) ? stmt_col_text(st, 1) : "";
    const void *digest = stmt_col_blob(st, 3, &digest_len), *hash = stmt_col_blob(st, 4, &hash_len);
    enum ledger_table t = table_find(table);
    int status =
        check_link(w, seq, table, row, digest_len == 32 ? digest : none, hash_len == 32 ? hash : none);

    if (status == GLN_OK && t == TABLE_COUNT)
        CHECK_SAY(&w->k, MSG_VERIFY_TABLE, number_text(&a, seq), table);
    else if (status == GLN_OK)
        status = check_row(w, t, row, digest_len == 32 ? digest : none);
    return status == GLN_OK ? check_heads(w, false) : status;
}

/* Rows that no link names. */
static int check_tally(struct walk *w, enum ledger_table t)
{
    struct number_text a, b;
    struct store_stmt *st = store_stmt(w->k.c, w->k.ctx, table_specs[t].tally);
    int more = st ? stmt_step(st, w->k.ctx) : w->k.ctx->error.status;

    if (more > 0 && (stmt_col_int(st, 0) != w->rows[t] - w->gone[t] ||
                     (w->file ? stmt_col_int(st, 1) > w->rows[t] : stmt_col_int(st, 1) != w->rows[t])))
        CHECK_SAY(&w->k, MSG_VERIFY_ROW_ADDED, table_specs[t].name, number_text(&a, stmt_col_int(st, 0)),
                  number_text(&b, w->rows[t] - w->gone[t]));
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static int walk_chain(struct walk *w)
{
    struct check *k = &w->k;
    struct number_text a, b;
    struct store_stmt *st =
        store_stmt(k->c, k->ctx, "SELECT seq, tbl, row, digest, hash FROM chain ORDER BY seq");
    int more = st ? GLN_OK : k->ctx->error.status;

    w->heads = store_stmt(k->c, k->ctx,
                          "SELECT id, seq, at_ms, hash, certificate, signature FROM heads ORDER BY id");
    if (!w->heads)
        more = k->ctx->error.status;
    if (more == GLN_OK)
        more = head_next(w);
    while (more == GLN_OK && (more = stmt_step(st, k->ctx)) > 0)
        more = pass_link(w, st);
    if (more == GLN_OK)
        more = check_heads(w, true);
    stmt_done(st);
    stmt_done(w->heads);
    if (more == GLN_OK && w->head_seq < w->link.seq)
        CHECK_SAY(k, MSG_VERIFY_HEAD_CUT, number_text(&a, w->head_seq), number_text(&b, w->link.seq));
    for (enum ledger_table t = 0; t < TABLE_COUNT && more == GLN_OK; t++)
        more = check_tally(w, t);
    return more;
}

static int walk(struct walk *w, struct store_conn *c)
{
    int status;

    w->k.c = c;
    for (enum ledger_table t = 0; t < TABLE_COUNT; t++)
        w->width[t] = table_width(t);
    status = walk_chain(w);
    cert_free(w->cert);
    return status;
}

int verify_file(struct check *k, struct store_conn *c, struct chain_link *head)
{
    struct walk w = {.k = *k, .file = true};
    int status = walk(&w, c);

    *k = w.k;
    *head = w.link;
    return status;
}

static int verify(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct walk *w = arg;
    int status;

    w->k.ctx = ctx;
    status = walk(w, c);
    if (status == GLN_OK)
        status = check_receipts(&w->k);
    return status == GLN_OK ? check_now(&w->k) : status;
}

int ledger_verify(struct ledger *l, struct gln_context *ctx, int language, bool *good, struct buf *report)
{
    struct walk w = {.k = {.l = l, .language = language, .report = report}};
    struct number_text rows, heads;
    char hash[65];
    int status = store_read(l->store, ctx, verify, &w);

    *good = status == GLN_OK && w.k.wrong == 0;
    if (*good && w.gone[TABLE_DECLARATIONS] > 0) {
        message_put(report, MSG_VERIFY_ARCHIVED, language,
                    CTX_ARGS(number_text(&rows, w.gone[TABLE_DECLARATIONS])));
        buf_putc(report, '\n');
    }
    if (*good) {
        digest_hex(hash, w.link.hash);
        message_put(report, MSG_VERIFY_GOOD, language,
                    CTX_ARGS(number_text(&rows, w.link.seq), number_text(&heads, w.count), hash));
        buf_putc(report, '\n');
    }
    return status == GLN_OK && report->failed ? context_no_memory(ctx) : status;
}
