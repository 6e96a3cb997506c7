/*
 * Receipts: made in the commit that keeps a declaration, checked with the ledger or without it.
 *
 * The signature is not over the JSON but over a text of six lines made from its members (docs/ledger.md), so that a receipt
 * survives being reformatted, and can be checked with openssl alone.
 */
#include "ledger/check.h"

#include <string.h>

#include "util/json.h"
#include "util/str.h"

static void signed_text(struct buf *out, const struct receipt *r)
{
    buf_printf(out, "greenlane-receipt:1\nid:%s\nreceived:%s\nsha256:%s\nlink:%lld\nhash:%s\n", r->id,
               r->received, r->sha256, (long long)r->seq, r->hash);
}

int receipt_sign(struct json_out *j, struct gln_context *ctx, const struct ledger *l, const struct buf *text)
{
    struct buf signature = BUF_INIT, base64 = BUF_INIT;
    int status = text->failed ? context_no_memory(ctx)
                              : key_sign(&signature, ctx, l->key, DIGEST_SHA256, text->data, text->len);

    if (status == GLN_OK) {
        base64_put(&base64, signature.data, signature.len);
        json_str(j, "signature", base64.data);
        json_str(j, "certificate", l->cert_base64.data);
        if (j->buf->failed || base64.failed)
            status = context_no_memory(ctx);
    }
    buf_free(&signature);
    buf_free(&base64);
    return status;
}

int receipt_make(struct buf *out, struct gln_context *ctx, const struct ledger *l, const struct receipt *r)
{
    struct buf text = BUF_INIT;
    struct json_out j;
    int status;

    signed_text(&text, r);
    json_begin(&j, out);
    json_open_object(&j, NULL);
    json_str(&j, "type", "greenlane-receipt:1");
    json_str(&j, "id", r->id);
    json_str(&j, "received", r->received);
    json_str(&j, "sha256", r->sha256);
    json_int(&j, "link", r->seq);
    json_str(&j, "hash", r->hash);
    status = receipt_sign(&j, ctx, l, &text);
    json_end_object(&j);
    buf_free(&text);
    return status;
}

/* How much later than in UTC a day ends in the last of the zones. */
enum { LAST_ZONE_MS = 12 * 60 * 60 * 1000 };

struct proof {
    const struct receipt *r;
    struct buf signature, der, text; /**< text: what the signature is over */
    int language;
    struct buf *report;
    bool good;
    bool lane;                   /**< a lane receipt */
    const char *primary, *until; /**< of it; until NULL: open */
};

static bool take(char *to, size_t size, const struct json_in *from, const char *key, size_t length)
{
    const char *s = json_in_str(json_in_get(from, key));

    if (!s || strlen(s) != length)
        return false;
    str_copy(to, size, s);
    return true;
}

static bool take_base64(struct buf *out, const struct json_in *from, const char *key)
{
    const char *s = json_in_str(json_in_get(from, key));

    return s && base64_get(out, s, strlen(s));
}

/* A lane receipt: what it is about; all it says is signed as it stands. */
static const char *lane_receipt_parse(struct proof *k, struct receipt *r, const struct json_in *j)
{
    if (!take(r->received, sizeof r->received, json_in_get(j, "lane"), "checked", 24))
        return "checked";
    k->primary = json_in_str(json_in_get(json_in_get(j, "lane"), "primary"));
    k->until = json_in_str(json_in_get(json_in_get(j, "lane"), "valid_until"));
    if (k->primary == NULL)
        return "primary";
    receipt_lane_text(&k->text, j);
    return NULL;
}

static const char *filing_parse(struct proof *k, struct receipt *r, const struct json_in *j)
{
    if (!take(r->received, sizeof r->received, j, "received", 24))
        return "received";
    if (!json_in_int(json_in_get(j, "link"), &r->seq) || r->seq < 1)
        return "link";
    if (!take(r->hash, sizeof r->hash, j, "hash", 64))
        return "hash";
    signed_text(&k->text, r);
    return NULL;
}

/* Takes the members out of the JSON; NULL or the name of what is wrong. */
static const char *receipt_parse(struct proof *k, struct receipt *r, const struct json_in *j)
{
    const char *type = json_in_str(json_in_get(j, "type")), *wrong;

    k->lane = str_eq(type, RECEIPT_LANE_TYPE);
    if (!k->lane && !str_eq(type, "greenlane-receipt:1"))
        return "type";
    if (!take(r->id, sizeof r->id, j, "id", 32))
        return "id";
    if (!take(r->sha256, sizeof r->sha256, j, "sha256", 64))
        return "sha256";
    if (!take_base64(&k->signature, j, "signature"))
        return "signature";
    if (!take_base64(&k->der, j, "certificate"))
        return "certificate";
    wrong = k->lane ? lane_receipt_parse(k, r, j) : filing_parse(k, r, j);
    return wrong;
}

static void say(struct proof *k, bool good, enum message_id id, const char *a, const char *b)
{
    const char *args[] = {a, b};

    message_put(k->report, id, k->language, args, 2);
    buf_putc(k->report, '\n');
    k->good = k->good && good;
}

static int check_signer(struct store_conn *c, struct gln_context *ctx, struct proof *k)
{
    struct store_stmt *st = sql_bind(c, ctx, "SELECT 1 FROM certificates WHERE der = ?1",
                                     CELLS(cell_blob(k->der.data, k->der.len, NULL)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    stmt_done(st);
    if (more == 0)
        say(k, false, MSG_RECEIPT_OTHER_SIGNER, "", "");
    return more < 0 ? more : GLN_OK;
}

/* Not there: the ledger knows which archive has it, and what its bytes were. */
static int check_archived(struct store_conn *c, struct gln_context *ctx, struct proof *k)
{
    struct store_stmt *st =
        sql_bind(c, ctx,
                 "SELECT a.original_sha256, x.file FROM archived a JOIN archives x ON x.id "
                 "= a.archive WHERE a.uid = ?1 LIMIT 1",
                 CELLS(cell_text(k->r->id)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more == 0)
        say(k, false, MSG_RECEIPT_LOST, k->r->id, "");
    else if (more > 0 && !str_eq(stmt_col_text(st, 0), k->r->sha256))
        say(k, false, MSG_RECEIPT_OTHER_BYTES, k->r->id, "");
    else if (more > 0)
        say(k, true, MSG_RECEIPT_ARCHIVED, k->r->id, stmt_col_text(st, 1));
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

static int check_original(struct store_conn *c, struct gln_context *ctx, struct proof *k)
{
    struct store_stmt *st =
        sql_bind(c, ctx, "SELECT original FROM declarations WHERE uid = ?1", CELLS(cell_text(k->r->id)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    if (more == 0) {
        more = check_archived(c, ctx, k);
    } else if (more > 0) {
        unsigned char digest[32];
        char hex[65];
        size_t len;
        const void *p = stmt_col_blob(st, 0, &len);

        digest_sha256(digest, p, len);
        digest_hex(hex, digest);
        if (!str_eq(hex, k->r->sha256))
            say(k, false, MSG_RECEIPT_OTHER_BYTES, k->r->id, "");
    }
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* Recomputes the chain from its beginning to the link the receipt names, so that one row put back in place does not do. */
static int check_head(struct store_conn *c, struct gln_context *ctx, struct proof *k)
{
    struct store_stmt *st =
        sql_bind(c, ctx, "SELECT tbl, row, digest FROM chain WHERE seq <= ?1 ORDER BY seq",
                 CELLS(cell_int(k->r->seq)));
    struct chain_link link = {0};
    struct number_text number;
    char hex[65];
    int more = ctx->error.status;

    while (st && (more = stmt_step(st, ctx)) > 0) {
        size_t len;
        const void *digest = stmt_col_blob(st, 2, &len);
        const char *table = stmt_col_text(st, 0);

        if (len != 32 || !table)
            break;
        more = chain_next(&link, ctx, &link, table, stmt_col_int(st, 1), digest);
        if (more != GLN_OK)
            break;
    }
    stmt_done(st);
    if (more < 0)
        return more;
    digest_hex(hex, link.hash);
    number_text(&number, k->r->seq);
    if (link.seq != k->r->seq || !str_eq(hex, k->r->hash))
        say(k, false, MSG_RECEIPT_HEAD, number.s, "");
    else if (k->good)
        say(k, true, MSG_RECEIPT_HELD, k->r->id, number.s);
    return GLN_OK;
}

static int check_ledger(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct proof *k = arg;
    int status = check_signer(c, ctx, k);

    if (status == GLN_OK)
        status = check_original(c, ctx, k);
    if (status == GLN_OK && !k->lane)
        status = check_head(c, ctx, k);
    return status;
}

static void say_good(struct proof *k)
{
    if (!k->lane) {
        say(k, true, MSG_RECEIPT_GOOD, k->r->id, k->r->received);
        return;
    }
    message_put(
        k->report, MSG_RECEIPT_LANE_GOOD, k->language,
        (const char *const[]){k->r->id, k->primary, k->r->received, k->until != NULL ? k->until : "-"}, 4);
    buf_putc(k->report, '\n');
}

/* A lane receipt whose last day is over wherever its day is kept: it says what was, and nothing about today. */
static void check_until(struct gln_context *ctx, struct proof *k)
{
    char now[25];

    time_format(now, clock_wall_ms(ctx->clock) - LAST_ZONE_MS);
    if (k->lane && k->until != NULL && strncmp(k->until, now, 10) < 0)
        say(k, false, MSG_RECEIPT_LANE_PASSED, k->until, "");
}

/* Whether the certificate is the anchor, or was issued by it. No anchor: the ledger's own certificates are asked (check_signer()). */
static int check_anchor(bool *trusted, struct gln_context *ctx, struct proof *k, const struct cert *signer,
                        const void *anchor, size_t len)
{
    struct cert *c = NULL;
    struct buf der = BUF_INIT;
    bool good = false;
    int status;

    *trusted = anchor == NULL;
    if (anchor == NULL)
        return GLN_OK;
    status = cert_parse(&c, ctx, anchor, len);

    if (status == GLN_OK)
        status = cert_der(&der, ctx, c);
    if (status == GLN_OK)
        good = der.len == k->der.len && memcmp(der.data, k->der.data, der.len) == 0;
    if (status == GLN_OK && !good) {
        buf_clear(&der);
        status = cert_pem(&der, ctx, c);
        if (status == GLN_OK)
            status = cert_trusted(&good, ctx, signer, der.data, der.len);
    }
    if (status == GLN_OK && !good)
        say(k, false, MSG_RECEIPT_OTHER_ANCHOR, "", "");
    *trusted = good;
    cert_free(c);
    buf_free(&der);
    return status;
}

static int check_signature(struct gln_context *ctx, struct proof *k, const void *anchor, size_t len)
{
    struct cert *cert = NULL;
    bool good = false, trusted = false;
    int status = cert_parse(&cert, ctx, k->der.data, k->der.len);

    if (status != GLN_OK) {
        context_ok(ctx);
        say(k, false, MSG_RECEIPT_FORM, "certificate", "");
        return status == GLN_E_MEMORY ? status : GLN_OK;
    }
    status = k->text.failed ? context_no_memory(ctx)
                            : cert_verify(&good, ctx, cert, DIGEST_SHA256, k->text.data, k->text.len,
                                          k->signature.data, k->signature.len);
    if (status == GLN_OK && !good)
        say(k, false, MSG_RECEIPT_SIGNATURE, "", "");
    if (status == GLN_OK && good)
        status = check_anchor(&trusted, ctx, k, cert, anchor, len);
    if (status == GLN_OK && trusted)
        say_good(k);
    if (status == GLN_OK && trusted && anchor != NULL)
        check_until(ctx, k);
    cert_free(cert);
    return status;
}

/* With a ledger, an anchor, or neither. */
static int verify(struct store *store, struct gln_context *ctx, struct proof *k, const void *receipt,
                  size_t len, const void *anchor, size_t anchor_len)
{
    struct receipt r = {.seq = 0};
    char error[128];
    struct json_in *j = json_in_parse(receipt, len, error, sizeof error);
    int status = GLN_OK;
    const char *wrong = j ? receipt_parse(k, &r, j) : error;

    k->r = &r;
    if (wrong) {
        say(k, false, MSG_RECEIPT_FORM, wrong, "");
    } else {
        status = check_signature(ctx, k, anchor, anchor_len);
        if (status == GLN_OK && store)
            status = store_read(store, ctx, check_ledger, k);
    }
    if (status == GLN_OK && k->report->failed)
        status = context_no_memory(ctx);
    k->r = NULL;
    json_in_free(j);
    buf_free(&k->signature);
    buf_free(&k->der);
    buf_free(&k->text);
    return status;
}

int ledger_verify_receipt(struct ledger *l, struct gln_context *ctx, int language, const void *receipt,
                          size_t len, bool *good, struct buf *report)
{
    struct proof k = {.language = language, .report = report, .good = true};
    int status = verify(l ? l->store : NULL, ctx, &k, receipt, len, NULL, 0);

    *good = status == GLN_OK && k.good;
    return status;
}

int ledger_verify_receipt_in(struct ledger *l, struct gln_context *ctx, int language, const char *path,
                             const void *receipt, size_t len, bool *good, struct buf *report)
{
    struct proof k = {.language = language, .report = report, .good = true};
    struct store *file = NULL;
    int status = store_open_file(&file, ctx, path);

    (void)l;
    if (status == GLN_OK)
        status = verify(file, ctx, &k, receipt, len, NULL, 0);
    store_close(file);
    *good = status == GLN_OK && k.good;
    return status;
}

/* --- those that are kept, for ledger_verify() --- */

static int link_hash(struct store_conn *c, struct gln_context *ctx, int64_t seq, char hex[65])
{
    struct store_stmt *st = sql_bind(c, ctx, "SELECT hash FROM chain WHERE seq = ?1", CELLS(cell_int(seq)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;
    size_t len = 0;
    const void *hash = more > 0 ? stmt_col_blob(st, 0, &len) : NULL;

    hex[0] = '\0';
    if (len == 32)
        digest_hex(hex, hash);
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

/* Under the cursor: row, declaration, receipt, checksum of its bytes (NULL: archived). */
static int check_kept(struct check *k, struct store_stmt *st)
{
    struct proof p = {.good = true};
    struct receipt r = {.seq = 0};
    struct number_text row, link;
    char error[128], hex[65];
    bool good = false;
    const char *body = stmt_col_text(st, 2), *sha256 = stmt_col_text(st, 3);
    struct json_in *j = json_in_parse(body ? body : "", body ? strlen(body) : 0, error, sizeof error);
    int status = GLN_OK;

    number_text(&row, stmt_col_int(st, 0));
    if (!j || receipt_parse(&p, &r, j) || p.lane) {
        CHECK_SAY(k, MSG_VERIFY_RECEIPT_FORM, row.s, stmt_col_text(st, 1));
        goto out;
    }
    status = p.text.failed ? context_no_memory(k->ctx)
                           : cert_verify(&good, k->ctx, k->l->cert, DIGEST_SHA256, p.text.data, p.text.len,
                                         p.signature.data, p.signature.len);
    if (status == GLN_OK)
        status = link_hash(k->c, k->ctx, r.seq, hex);
    if (status != GLN_OK)
        goto out;
    if (!good || !str_eq(r.id, stmt_col_text(st, 1)))
        CHECK_SAY(k, MSG_VERIFY_RECEIPT_SIGNATURE, row.s, stmt_col_text(st, 1));
    else if (sha256 && !str_eq(sha256, r.sha256))
        CHECK_SAY(k, MSG_RECEIPT_OTHER_BYTES, r.id);
    else if (!str_eq(hex, r.hash))
        CHECK_SAY(k, MSG_VERIFY_RECEIPT_LINK, row.s, r.id, number_text(&link, r.seq));
out:
    json_in_free(j);
    buf_free(&p.signature);
    buf_free(&p.der);
    buf_free(&p.text);
    return status;
}

int check_receipts(struct check *k)
{
    struct store_stmt *st = store_stmt(
        k->c, k->ctx,
        "SELECT r.id, r.declaration, r.body, d.original_sha256 FROM receipts r LEFT JOIN declarations "
        "d ON d.uid = r.declaration ORDER BY r.id");
    int more = st ? GLN_OK : k->ctx->error.status;

    while (more == GLN_OK && (more = stmt_step(st, k->ctx)) > 0)
        more = check_kept(k, st);
    stmt_done(st);
    return more;
}

GLN_API int gln_receipt_verify(gln_context *context, const void *receipt, size_t length, const void *anchor,
                               size_t anchor_length, enum gln_language language, char **report)
{
    struct buf text = BUF_INIT;
    struct proof k = {.language = language == GLN_ES ? LANG_ES : LANG_EN, .report = &text, .good = true};
    int status;

    if (context == NULL || receipt == NULL || anchor == NULL || report == NULL)
        return GLN_E_ARGUMENT;
    *report = NULL;
    status = verify(NULL, context, &k, receipt, length, anchor, anchor_length);
    if (status == GLN_OK) {
        *report = buf_take(&text, NULL);
        status = *report == NULL ? context_no_memory(context) : k.good ? GLN_OK : GLN_E_FINDINGS;
    }
    buf_free(&text);
    return status;
}
