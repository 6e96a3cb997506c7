/*
 * The gateway's own key, and the heads it signs.
 *
 * The key is made with the ledger (EC P-256), sealed in table meta; its certificate is the first row of the chain. Before each
 * commit the chain's last link is signed into table heads, one head a commit group. Heads are numbered without gaps; the number is
 * part of what is signed.
 *
 * A ledger whose sealed key does not fit its certificate is not opened: somebody put in a certificate of his own. Nor is one whose last
 * row no head of this key covers: a commit writes its rows and their head together, so such a row is somebody else's, and signing after it
 * would vouch for it. Later the same is asked at the beginning of every commit, of what this process itself signed last.
 */
#include "ledger/own.h"

#include <string.h>

#include "util/str.h"

#define KEY_AAD "greenlane ledger: the gateway's key"
#define CERTIFICATE_DAYS                                                                                     \
    7300 /* receipts are checked years later; the certificate's end does not spoil them */

void head_text(struct buf *out, int64_t id, int64_t seq, const unsigned char hash[32], int64_t at_ms)
{
    char hex[65], time[25];

    digest_hex(hex, hash);
    time_format(time, at_ms);
    buf_printf(out, "greenlane-head:1\nhead:%lld\nlink:%lld\nhash:%s\ntime:%s\n", (long long)id,
               (long long)seq, hex, time);
}

/* The last head; zeros when there is none. `st`, if wanted, stays on its row for the rest: certificate, time, signature. */
static int last_head(struct store_conn *c, struct gln_context *ctx, struct head_mark *out,
                     struct store_stmt **cursor)
{
    struct store_stmt *st = store_stmt(
        c, ctx, "SELECT id, seq, hash, certificate, at_ms, signature FROM heads ORDER BY id DESC LIMIT 1");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    memset(out, 0, sizeof *out);
    if (more > 0) {
        size_t len;
        const void *hash = stmt_col_blob(st, 2, &len);

        out->id = stmt_col_int(st, 0);
        out->seq = stmt_col_int(st, 1);
        if (len == sizeof out->hash)
            memcpy(out->hash, hash, len);
    }
    if (cursor && more > 0)
        *cursor = st;
    else
        stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static bool same_mark(const struct head_mark *a, const struct head_mark *b)
{
    return a->id == b->id && a->seq == b->seq && memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

static int unsigned_end(const struct ledger *l, struct gln_context *ctx, const struct chain_link *end)
{
    struct number_text number;

    return context_fail(ctx, GLN_E_STORE, MSG_LEDGER_UNSIGNED, l->path, number_text(&number, end->seq));
}

/*
 * Nobody but this ledger writes in its chain: what is to follow must follow the head it signed last. The second mark is of a commit
 * whose end was not learned: it is stored, or it is not.
 */
static int head_begun(struct store_conn *c, struct gln_context *ctx, void *ledger)
{
    struct ledger *l = ledger;
    struct chain_link end = {0};
    struct head_mark head;
    int status = last_head(c, ctx, &head, NULL);

    if (status == GLN_OK)
        status = chain_head(c, ctx, &end);
    if (status != GLN_OK)
        return status;
    if (end.seq != head.seq || memcmp(end.hash, head.hash, sizeof end.hash) != 0 ||
        (!same_mark(&head, &l->signed_heads[0]) && !same_mark(&head, &l->signed_heads[1])))
        return unsigned_end(l, ctx, &end);
    l->signed_heads[0] = l->signed_heads[1] = head;
    return GLN_OK;
}

static int head_sign(struct store_conn *c, struct gln_context *ctx, void *ledger)
{
    struct ledger *l = ledger;
    struct buf text = BUF_INIT, signature = BUF_INIT;
    struct head_mark next = {.id = l->signed_heads[0].id + 1};
    struct chain_link head = {0};
    int64_t now = clock_wall_ms(ctx->clock);
    int status = chain_head(c, ctx, &head);

    if (status != GLN_OK || head.seq == l->signed_heads[0].seq)
        return status;
    next.seq = head.seq;
    memcpy(next.hash, head.hash, sizeof next.hash);
    head_text(&text, next.id, head.seq, head.hash, now);
    status = text.failed ? context_no_memory(ctx)
                         : key_sign(&signature, ctx, l->key, DIGEST_SHA256, text.data, text.len);
    if (status == GLN_OK)
        status = sql_run(
            c, ctx,
            "INSERT INTO heads(id, seq, at_ms, hash, certificate, signature) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            CELLS(cell_int(next.id), cell_int(head.seq), cell_int(now),
                  cell_blob(head.hash, sizeof head.hash, NULL), cell_int(l->cert_id),
                  cell_blob(signature.data, signature.len, NULL)));
    if (status == GLN_OK)
        l->signed_heads[1] = next;
    buf_free(&text);
    buf_free(&signature);
    return status;
}

/* The last head: signed with this ledger's key, over the chain's last link. */
static int check_end(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct ledger *l = arg;
    struct store_stmt *st = NULL;
    struct buf text = BUF_INIT;
    struct chain_link end = {0};
    struct head_mark head;
    bool good = false;
    int status = last_head(c, ctx, &head, &st);

    if (status == GLN_OK)
        status = chain_head(c, ctx, &end);
    if (status == GLN_OK && st && end.seq == head.seq && stmt_col_int(st, 3) == l->cert_id &&
        memcmp(end.hash, head.hash, sizeof end.hash) == 0) {
        size_t len;
        const void *signature = stmt_col_blob(st, 5, &len);

        head_text(&text, head.id, head.seq, head.hash, stmt_col_int(st, 4));
        status = text.failed
                     ? context_no_memory(ctx)
                     : cert_verify(&good, ctx, l->cert, DIGEST_SHA256, text.data, text.len, signature, len);
    }
    stmt_done(st);
    buf_free(&text);
    if (status == GLN_OK && !good)
        return unsigned_end(l, ctx, &end);
    l->signed_heads[0] = l->signed_heads[1] = head;
    return status;
}

struct kept_key {
    struct ledger *l;
    struct buf sealed, der;
    bool there; /**< there is a ledger in the file */
};

static int read_text(struct store_conn *c, struct gln_context *ctx, const char *sql, struct buf *out)
{
    struct store_stmt *st = store_stmt(c, ctx, sql);
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0)
        buf_puts(out, stmt_col_text(st, 0));
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* A file without these tables is no ledger yet, and one with them and nothing in them neither. */
static int read_there(struct store_conn *c, struct gln_context *ctx, struct kept_key *k)
{
    struct buf tables = BUF_INIT, rows = BUF_INIT;
    int status = read_text(c, ctx,
                           "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('meta', "
                           "'chain', 'heads', 'certificates')",
                           &tables);

    k->there = status == GLN_OK && !str_eq(tables.data, "0");
    if (k->there && str_eq(tables.data, "4"))
        status = read_text(c, ctx,
                           "SELECT EXISTS(SELECT 1 FROM meta) OR EXISTS(SELECT 1 FROM chain) OR "
                           "EXISTS(SELECT 1 FROM heads) OR EXISTS(SELECT 1 FROM certificates)",
                           &rows);
    k->there = k->there && !str_eq(rows.data, "0");
    buf_free(&tables);
    buf_free(&rows);
    return status;
}

static int check_format(struct store_conn *c, struct gln_context *ctx, const struct ledger *l)
{
    struct buf format = BUF_INIT;
    int status = read_text(c, ctx, "SELECT value FROM meta WHERE key = 'format'", &format);

    if (status == GLN_OK && format.len > 0 && !str_eq(format.data, LEDGER_FORMAT))
        status = context_fail(ctx, GLN_E_STORE, MSG_LEDGER_FORMAT, l->path, format.data, LEDGER_FORMAT);
    buf_free(&format);
    return status;
}

static int read_key(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct kept_key *k = arg;
    struct store_stmt *st;
    int status = read_there(c, ctx, k);
    int more;

    if (status == GLN_OK && k->there)
        status = check_format(c, ctx, k->l);
    if (status != GLN_OK || !k->there)
        return status;
    st = store_stmt(c, ctx,
                    "SELECT m.value, x.id, x.der FROM meta m, certificates x WHERE m.key = "
                    "'gateway-key' ORDER BY x.id DESC LIMIT 1");
    more = st ? stmt_step(st, ctx) : ctx->error.status;
    if (more > 0) {
        size_t len;
        const void *p = stmt_col_blob(st, 0, &len);

        buf_put(&k->sealed, p, len);
        k->l->cert_id = stmt_col_int(st, 1);
        p = stmt_col_blob(st, 2, &len);
        buf_put(&k->der, p, len);
    }
    stmt_done(st);
    return more == 0  ? context_fail(ctx, GLN_E_KEY, MSG_LEDGER_KEY_GONE, k->l->path)
           : more < 0 ? more
                      : GLN_OK;
}

static int write_key(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct kept_key *k = arg;
    int status = sql_run(
        c, ctx, "INSERT INTO meta(key, value) VALUES('gateway-key', ?1), ('format', '" LEDGER_FORMAT "')",
        CELLS(cell_blob(k->sealed.data, k->sealed.len, NULL)));

    if (status == GLN_OK)
        status = row_put(c, ctx, TABLE_CERTIFICATES,
                         CELLS(cell_int(clock_wall_ms(ctx->clock)), cell_blob(k->der.data, k->der.len, NULL)),
                         &k->l->cert_id);
    return status;
}

static int make_key(struct ledger *l, struct gln_context *ctx, struct kept_key *k)
{
    struct buf pem = BUF_INIT;
    int status = key_generate_ec(&l->key, ctx);

    if (status == GLN_OK)
        status = key_self_sign(&l->cert, ctx, l->key, "Greenlane gateway", CERTIFICATE_DAYS);
    if (status == GLN_OK)
        status = cert_der(&k->der, ctx, l->cert);
    if (status == GLN_OK)
        status = key_pem(&pem, ctx, l->key);
    if (status == GLN_OK)
        status = sealer_seal(&k->sealed, ctx, l->sealer, KEY_AAD, pem.data, pem.len);
    if (pem.data)
        bytes_wipe(pem.data, pem.len);
    buf_free(&pem);
    l->cert_id = 1;
    if (status == GLN_OK)
        status = store_write(l->store, ctx, write_key, k);
    return status;
}

static int open_key(struct ledger *l, struct gln_context *ctx, struct kept_key *k)
{
    struct buf pem = BUF_INIT;
    int status = sealer_unseal(&pem, ctx, l->sealer, KEY_AAD, k->sealed.data, k->sealed.len);

    if (status == GLN_OK)
        status = key_parse(&l->key, NULL, ctx, pem.data, pem.len, NULL);
    if (status == GLN_OK)
        status = cert_parse(&l->cert, ctx, k->der.data, k->der.len);
    if (status == GLN_OK && !key_matches(l->key, l->cert))
        status = context_fail(ctx, GLN_E_KEY, MSG_LEDGER_KEY_OF_ANOTHER, l->path);
    if (pem.data)
        bytes_wipe(pem.data, pem.len);
    buf_free(&pem);
    return status;
}

static int keep_base64(struct ledger *l, struct gln_context *ctx, const struct kept_key *k)
{
    base64_put(&l->cert_base64, k->der.data, k->der.len);
    return l->cert_base64.failed ? context_no_memory(ctx) : GLN_OK;
}

int head_open(struct ledger *l, struct gln_context *ctx, bool *there)
{
    struct kept_key k = {.l = l, .sealed = BUF_INIT, .der = BUF_INIT};
    int status = store_read(l->store, ctx, read_key, &k);

    *there = k.there;
    if (status == GLN_OK && k.there)
        status = open_key(l, ctx, &k);
    if (status == GLN_OK && k.there)
        status = keep_base64(l, ctx, &k);
    buf_free(&k.sealed);
    buf_free(&k.der);
    return status;
}

int head_begin(struct ledger *l, struct gln_context *ctx, bool there)
{
    struct kept_key k = {.l = l, .sealed = BUF_INIT, .der = BUF_INIT};
    int status = there ? store_read(l->store, ctx, check_end, l) : GLN_OK;

    if (status == GLN_OK && there)
        status = store_write(l->store, ctx, ledger_add_columns, NULL);
    if (status == GLN_OK)
        status = store_schema(l->store, ctx, ledger_schema);
    store_hook(l->store, &(struct store_hooks){head_begun, head_sign, l});
    if (status == GLN_OK && !there)
        status = make_key(l, ctx, &k);
    if (status == GLN_OK && !there)
        status = keep_base64(l, ctx, &k);
    buf_free(&k.sealed);
    buf_free(&k.der);
    return status;
}
