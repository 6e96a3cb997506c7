/*
 * The gateway's own key, and the heads it signs.
 *
 * The key is made with the ledger (EC P-256), sealed in table meta; its certificate is the first row of the chain. Before each
 * commit the chain's last link is signed into table heads, one head a commit group. Heads are numbered without gaps; the number is
 * part of what is signed.
 *
 * A ledger whose sealed key does not fit its certificate is not opened: somebody put in a certificate of his own.
 */
#include "ledger/own.h"

#include <string.h>

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

/* The last head's id and link; zeros when there is none. */
static int last_head(struct store_conn *c, struct gln_context *ctx, int64_t *id, int64_t *seq)
{
    struct store_stmt *st = store_stmt(c, ctx, "SELECT id, seq FROM heads ORDER BY id DESC LIMIT 1");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *id = more > 0 ? stmt_col_int(st, 0) : 0;
    *seq = more > 0 ? stmt_col_int(st, 1) : 0;
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int head_sign(struct store_conn *c, struct gln_context *ctx, void *ledger)
{
    const struct ledger *l = ledger;
    struct buf text = BUF_INIT, signature = BUF_INIT;
    struct chain_link head = {0};
    int64_t id, seq;
    int64_t now = clock_wall_ms(ctx->clock);
    int status = last_head(c, ctx, &id, &seq);

    if (status == GLN_OK)
        status = chain_head(c, ctx, &head);
    if (status != GLN_OK || head.seq == seq)
        return status;
    head_text(&text, id + 1, head.seq, head.hash, now);
    status = text.failed ? context_no_memory(ctx)
                         : key_sign(&signature, ctx, l->key, DIGEST_SHA256, text.data, text.len);
    if (status == GLN_OK)
        status = sql_run(
            c, ctx,
            "INSERT INTO heads(id, seq, at_ms, hash, certificate, signature) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            CELLS(cell_int(id + 1), cell_int(head.seq), cell_int(now),
                  cell_blob(head.hash, sizeof head.hash, NULL), cell_int(l->cert_id),
                  cell_blob(signature.data, signature.len, NULL)));
    buf_free(&text);
    buf_free(&signature);
    return status;
}

struct kept_key {
    struct ledger *l;
    struct buf sealed, der;
    bool found;
};

static int read_key(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct kept_key *k = arg;
    struct store_stmt *st =
        store_stmt(c, ctx,
                   "SELECT m.value, x.id, x.der FROM meta m, certificates x WHERE m.key = "
                   "'gateway-key' ORDER BY x.id DESC LIMIT 1");
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more > 0) {
        size_t len;
        const void *p = stmt_col_blob(st, 0, &len);

        buf_put(&k->sealed, p, len);
        k->l->cert_id = stmt_col_int(st, 1);
        p = stmt_col_blob(st, 2, &len);
        buf_put(&k->der, p, len);
        k->found = true;
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
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

int head_key_open(struct ledger *l, struct gln_context *ctx)
{
    struct kept_key k = {.l = l, .sealed = BUF_INIT, .der = BUF_INIT};
    int status = store_read(l->store, ctx, read_key, &k);

    store_before_commit(l->store, head_sign, l);
    if (status == GLN_OK)
        status = k.found ? open_key(l, ctx, &k) : make_key(l, ctx, &k);
    base64_put(&l->cert_base64, k.der.data, k.der.len);
    if (status == GLN_OK && l->cert_base64.failed)
        status = context_no_memory(ctx);
    buf_free(&k.sealed);
    buf_free(&k.der);
    return status;
}
