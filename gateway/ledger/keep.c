/*
 * Keep: the one durable commit of a declaration.
 *
 * Rows, in this order: the declaration, who signed it if somebody did, then of each filing the filing itself, its number made final and its first change of state,
 * then the receipt, which names the chain's head as it stands before the receipt's own row. Digests of the big blobs are computed
 * before the write, by the caller's thread, so that whoever commits has little to do for others.
 *
 * Idempotency is decided inside the commit: of two senders of the same key at the same moment one keeps, the other gets his receipt.
 */
#include "ledger/own.h"

#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "util/str.h"

struct keep {
    const struct ledger *l;
    const struct ledger_new_declaration *d;
    unsigned char original_digest[32];
    char original_hex[65];
    unsigned char (*outbound_digest)[32]; /**< owned, one a filing */
    int64_t at_ms;
    struct buf *receipt;
    struct buf lane_receipt; /**< signed; empty: none */
    bool replayed;
};

/* Looks for the key; *found and the receipt, or GLN_E_CONFLICT. */
static int replay(struct store_conn *c, struct gln_context *ctx, const char *submitter, const char *key,
                  const char *hex, bool *found, struct buf *receipt)
{
    struct store_stmt *st = sql_bind(
        c, ctx,
        "SELECT d.uid, d.original_sha256, r.body FROM (SELECT uid, original_sha256 FROM declarations "
        "WHERE submitter = ?1 AND idempotency_key = ?2 UNION ALL SELECT uid, original_sha256 FROM "
        "archived WHERE submitter = ?1 AND idempotency_key = ?2) d JOIN receipts r "
        "ON r.declaration = d.uid LIMIT 1",
        CELLS(cell_text(submitter ? submitter : ""), cell_text(key)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    *found = false;
    if (more > 0 && !str_eq(stmt_col_text(st, 1), hex)) {
        more = context_fail(ctx, GLN_E_CONFLICT, MSG_KEEP_KEY_REUSED, key, stmt_col_text(st, 0));
    } else if (more > 0) {
        *found = true;
        buf_clear(receipt);
        buf_puts(receipt, stmt_col_text(st, 2));
        more = receipt->failed ? context_no_memory(ctx) : GLN_OK;
    }
    stmt_done(st);
    return more;
}

/* Whose it is: the signer's, else his who sent it. */
static const char *owner(const struct ledger_new_declaration *d)
{
    return d->signer != NULL ? d->signer : d->submitter != NULL ? d->submitter : "";
}

/* The same reference of the same owner in something alive. */
static int check_lrn(struct store_conn *c, struct gln_context *ctx, const struct ledger_new_declaration *d)
{
    struct store_stmt *st;
    int more;

    if (!d->lrn || !*d->lrn)
        return GLN_OK;
    st = sql_bind(
        c, ctx,
        "SELECT d.uid FROM declarations d WHERE d.lrn = ?1 AND " OWNER_OF(
            "d") " = ?2 AND EXISTS("
                 "SELECT 1 FROM filings f JOIN filings_now n ON n.filing = f.id WHERE f.declaration = d.uid "
                 "AND n.state <> 'cancelled' AND n.outcome NOT IN ('rejected', 'not-processed')) UNION ALL "
                 "SELECT uid FROM archived "
                 "a "
                 "WHERE lrn = ?1 AND " OWNER_OF("a") " = ?2 AND alive LIMIT 1",
        CELLS(cell_text(d->lrn), cell_text(owner(d))));
    more = st ? stmt_step(st, ctx) : ctx->error.status;
    if (more > 0)
        more = context_fail(ctx, GLN_E_CONFLICT, MSG_KEEP_LRN_REUSED, d->lrn, stmt_col_text(st, 0));
    stmt_done(st);
    return more;
}

/* The same reference lately, whatever became of it. */
static int check_lrn_window(struct store_conn *c, struct gln_context *ctx, const struct keep *k)
{
    int64_t window = option_int(ctx->options, OPT_LRN_WINDOW);
    struct store_stmt *st;
    char when[25];
    int more;

    if (window == 0 || !k->d->lrn || !*k->d->lrn)
        return GLN_OK;
    st = sql_bind(
        c, ctx,
        "SELECT uid, received_ms FROM (SELECT uid, received_ms FROM declarations d WHERE lrn = ?1 "
        "AND " OWNER_OF("d") " = ?2 UNION ALL SELECT uid, received_ms FROM archived a WHERE lrn = ?1 "
                             "AND " OWNER_OF(
                                 "a") " = ?2) WHERE received_ms > ?3 ORDER BY received_ms DESC LIMIT 1",
        CELLS(cell_text(k->d->lrn), cell_text(owner(k->d)), cell_int(k->at_ms - window)));
    more = st ? stmt_step(st, ctx) : ctx->error.status;
    if (more > 0) {
        time_format(when, stmt_col_int(st, 1));
        more = context_fail(ctx, GLN_E_CONFLICT, MSG_KEEP_LRN_WINDOW, k->d->lrn, stmt_col_text(st, 0), when);
    }
    stmt_done(st);
    return more;
}

/* A number customs knows a filing by, given to something new, stands in nothing else that lives. */
static int check_number(struct store_conn *c, struct gln_context *ctx, const struct ledger_new_filing *f)
{
    struct store_stmt *st;
    int more;

    if (!f->number_is_new || !f->number || !*f->number)
        return GLN_OK;
    st = sql_bind(
        c, ctx,
        "SELECT f.declaration FROM filings f JOIN filings_now n ON n.filing = f.id WHERE f.number = ?1 "
        "AND f.destination = ?2 AND f.environment = ?3 AND f.message = ?4 AND n.state <> 'cancelled' "
        "AND n.outcome NOT IN ('rejected', 'not-processed') UNION ALL SELECT uid FROM archived WHERE number "
        "= ?1 "
        "AND destination = ?2 AND environment = ?3 AND message = ?4 AND alive LIMIT 1",
        CELLS(cell_text(f->number), cell_text(f->destination), cell_text(f->environment),
              cell_text(f->message)));
    more = st ? stmt_step(st, ctx) : ctx->error.status;
    if (more > 0)
        more = context_fail(ctx, GLN_E_CONFLICT, MSG_KEEP_NUMBER_USED, f->number, stmt_col_text(st, 0));
    stmt_done(st);
    return more;
}

struct used_arg {
    const char *destination, *environment, *number;
    bool used;
};

static int number_used(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct used_arg *a = arg;
    struct store_stmt *st = sql_bind(
        c, ctx,
        "SELECT 1 FROM filings WHERE number = ?1 AND destination = ?2 AND environment = ?3 UNION ALL "
        "SELECT 1 FROM archived WHERE number = ?1 AND destination = ?2 AND environment = ?3 LIMIT 1",
        CELLS(cell_text(a->number), cell_text(a->destination), cell_text(a->environment)));
    int more = st ? stmt_step(st, ctx) : ctx->error.status;

    a->used = more > 0;
    stmt_done(st);
    return more < 0 ? more : GLN_OK;
}

int ledger_number_used(struct ledger *l, struct gln_context *ctx, const char *destination,
                       const char *environment, const char *number, bool *used)
{
    struct used_arg a = {destination, environment, number, false};
    int status = store_read(l->store, ctx, number_used, &a);

    *used = a.used;
    return status;
}

static int put_declaration(struct store_conn *c, struct gln_context *ctx, const struct keep *k)
{
    const struct ledger_new_declaration *d = k->d;

    return row_put(c, ctx, TABLE_DECLARATIONS,
                   CELLS(cell_text(d->id), cell_text(d->submitter ? d->submitter : ""), cell_text(d->lrn),
                         cell_text(d->idempotency_key), cell_text(d->format), cell_text(lane_name(d->lane)),
                         cell_int(k->at_ms), cell_text(k->original_hex), cell_text(d->decision),
                         cell_text(d->findings), cell_blob(d->original, d->original_len, k->original_digest)),
                   NULL);
}

/* Where a new filing starts, and why. */
static void first_step(struct step *s, struct reason *why, const struct ledger_new_filing *f)
{
    s->from = FILING_ACCEPTED;
    s->to = FILING_QUEUED;
    s->reason = reason_make(why, MSG_REASON_KEPT, NULL, 0);
    s->due_ms = 0;
    if (f->hold_reason) {
        s->to = FILING_HELD;
        s->reason = f->hold_reason;
        s->due_ms = -1;
    } else if (f->waits_for) {
        s->to = FILING_WAITING;
        s->reason = f->waits_for;
        s->due_ms = -1;
    }
}

static int put_filing(struct store_conn *c, struct gln_context *ctx, const struct keep *k, size_t index)
{
    const struct ledger_new_declaration *d = k->d;
    const struct ledger_new_filing *f = &d->filings[index];
    struct reason why;
    struct step s = {.who = d->submitter && *d->submitter ? d->submitter : "local", .at_ms = k->at_ms};
    int status = check_number(c, ctx, f);

    if (status == GLN_OK)
        status = row_put(c, ctx, TABLE_FILINGS,
                         CELLS(cell_text(d->id), cell_int((int64_t)index + 1), cell_text(f->destination),
                               cell_text(f->message), cell_text(f->action), cell_text(f->identity),
                               cell_text(f->environment), cell_text(f->key), cell_text(f->number),
                               cell_text(f->series_kind), cell_int(f->series_year), cell_text(f->serial),
                               cell_text(lane_name(d->lane)), cell_int(k->at_ms), cell_text(f->source_map),
                               cell_text(f->slots),
                               cell_blob(f->outbound, f->outbound_len, k->outbound_digest[index])),
                         &s.filing);

    if (status == GLN_OK && k->lane_receipt.len > 0)
        status = row_put(c, ctx, TABLE_ATTACHMENTS,
                         CELLS(cell_int(s.filing), cell_int(k->at_ms), cell_text("lane-receipt"),
                               cell_blob(k->lane_receipt.data, k->lane_receipt.len, NULL)),
                         NULL);
    if (status == GLN_OK && f->series_kind && f->serial)
        status = series_final(c, ctx, f->identity ? f->identity : "", f->series_kind, f->series_year,
                              f->serial, s.filing, k->at_ms);
    if (status == GLN_OK)
        status = sql_run(c, ctx,
                         "INSERT INTO filings_now(filing, state, lane, due_ms, attempts, changed_ms, reason, "
                         "operation, document, outcome, destination) "
                         "VALUES(?1, ?2, ?3, -1, 0, ?4, '', '', '', '', ?5)",
                         CELLS(cell_int(s.filing), cell_text(filing_state_name(FILING_ACCEPTED)),
                               cell_int(d->lane), cell_int(k->at_ms), cell_text(f->destination)));
    if (status == GLN_OK && f->deadline_ms > 0)
        status = attach_deadline(c, ctx, s.filing, f->deadline_ms, k->at_ms);
    first_step(&s, &why, f);
    return status == GLN_OK ? state_change(c, ctx, &s) : status;
}

static int put_receipt(struct store_conn *c, struct gln_context *ctx, const struct keep *k)
{
    struct receipt r;
    struct chain_link head;
    int status = chain_head(c, ctx, &head);

    if (status != GLN_OK)
        return status;
    str_copy(r.id, sizeof r.id, k->d->id);
    time_format(r.received, k->at_ms);
    str_copy(r.sha256, sizeof r.sha256, k->original_hex);
    digest_hex(r.hash, head.hash);
    r.seq = head.seq;
    buf_clear(k->receipt);
    status = receipt_make(k->receipt, ctx, k->l, &r);
    if (status == GLN_OK)
        status = row_put(c, ctx, TABLE_RECEIPTS,
                         CELLS(cell_text(k->d->id), cell_int(k->at_ms), cell_text(k->receipt->data)), NULL);
    return status;
}

static int keep(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct keep *k = arg;
    int status = GLN_OK;

    if (k->d->idempotency_key) {
        status =
            replay(c, ctx, k->d->submitter, k->d->idempotency_key, k->original_hex, &k->replayed, k->receipt);
        if (status != GLN_OK || k->replayed)
            return status;
    }
    status = check_lrn(c, ctx, k->d);
    if (status == GLN_OK)
        status = check_lrn_window(c, ctx, k);
    if (status == GLN_OK)
        status = put_declaration(c, ctx, k);
    if (status == GLN_OK && k->d->signer != NULL)
        status = row_put(c, ctx, TABLE_SIGNATURES,
                         CELLS(cell_text(k->d->id), cell_int(k->at_ms), cell_text(k->d->signer),
                               cell_text(k->d->signer_fingerprint)),
                         NULL);
    for (size_t i = 0; i < k->d->filing_count && status == GLN_OK; i++)
        status = put_filing(c, ctx, k, i);
    if (status == GLN_OK)
        status = put_receipt(c, ctx, k);
    if (status == GLN_OK && k->d->also)
        status = k->d->also(c, ctx, k->d->also_arg);
    return status;
}

static bool id_good(const char *id)
{
    size_t n = 0;

    while (id && id[n] && strchr("0123456789abcdef", id[n]))
        n++;
    return id && n == 32 && id[n] == '\0';
}

int ledger_keep(struct ledger *l, struct gln_context *ctx, const struct ledger_new_declaration *d,
                struct buf *receipt, bool *replayed)
{
    struct keep k = {.l = l, .d = d, .at_ms = clock_wall_ms(ctx->clock), .receipt = receipt};
    int status;

    *replayed = false;
    if (!id_good(d->id))
        return context_fail(ctx, GLN_E_ARGUMENT, MSG_KEEP_ID, d->id ? d->id : "");
    k.outbound_digest = calloc(d->filing_count + 1, sizeof *k.outbound_digest);
    if (!k.outbound_digest)
        return context_no_memory(ctx);
    digest_sha256(k.original_digest, d->original, d->original_len);
    digest_hex(k.original_hex, k.original_digest);
    for (size_t i = 0; i < d->filing_count; i++)
        digest_sha256(k.outbound_digest[i], d->filings[i].outbound, d->filings[i].outbound_len);
    status = d->lane_receipt == NULL
                 ? GLN_OK
                 : receipt_lane_make(&k.lane_receipt, ctx, l, d->id, k.original_hex, d->lane_receipt);
    if (status == GLN_OK)
        status = store_write(l->store, ctx, keep, &k);
    if (status == GLN_OK)
        *replayed = k.replayed;
    else
        buf_clear(receipt);
    free(k.outbound_digest);
    buf_free(&k.lane_receipt);
    return status;
}

struct replay_arg {
    const char *submitter, *key;
    char hex[65];
    bool *found;
    struct buf *receipt;
};

static int replay_read(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct replay_arg *a = arg;

    return replay(c, ctx, a->submitter, a->key, a->hex, a->found, a->receipt);
}

int ledger_replay(struct ledger *l, struct gln_context *ctx, const char *submitter,
                  const char *idempotency_key, const void *original, size_t len, bool *found,
                  struct buf *receipt)
{
    struct replay_arg a = {submitter, idempotency_key, "", found, receipt};
    unsigned char digest[32];

    *found = false;
    if (!idempotency_key)
        return GLN_OK;
    digest_sha256(digest, original, len);
    digest_hex(a.hex, digest);
    return store_read(l->store, ctx, replay_read, &a);
}
