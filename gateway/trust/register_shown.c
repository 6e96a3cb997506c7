/*
 * What a dry run would change of one operator, in a line for people: its name, and each certificate with its class, status and validity, as the
 * register has them and as the list does.
 *
 * Only reads. Of persons' numbers nothing is told (operator_id_put()).
 */
#include "trust/register_sql.h"
#include "trust/register_store.h"
#include "util/str.h"

static void put_certificate(struct buf *out, const char *programme, const char *class_code,
                            const char *status, day_number from, day_number to)
{
    char first[11], last[11];
    day_text(first, from);
    day_text(last, to);
    buf_printf(out, "; %s/%s", programme, class_code);
    if (status[0] != '\0')
        buf_printf(out, " %s", status);
    if (from != 0 || to != 0)
        buf_printf(out, " %s..%s", first, last);
}

static void put_row(struct buf *out, const struct register_row *r)
{
    buf_puts(out, r->name);
    for (size_t i = 0; i < r->certificate_count; i++) {
        const struct row_certificate *c = &r->certificates[i];
        const struct event *last = c->event_count > 0 ? &c->events[c->event_count - 1] : NULL;
        put_certificate(out, c->programme, c->class_code, last != NULL ? status_text(last->status) : "",
                        c->from, c->to);
    }
}

static int read_name(struct store_conn *c, struct gln_context *ctx, int64_t entry, struct buf *out)
{
    struct store_stmt *st = register_bind(
        c, ctx, "SELECT name FROM operator WHERE entry=?1 AND until_ms IS NULL", ARGS(arg_int(entry)));
    int step = st == NULL ? ctx->error.status : stmt_step(st, ctx);
    if (step == 1)
        buf_puts(out, stmt_col_text(st, 0));
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

static int read_entry(struct store_conn *c, struct gln_context *ctx, int64_t entry, struct buf *out)
{
    int status = read_name(c, ctx, entry, out);
    struct store_stmt *st =
        status != GLN_OK
            ? NULL
            : register_bind(
                  c, ctx,
                  "SELECT programme, class, (SELECT status FROM status_event e WHERE e.entry=c.entry AND "
                  "e.programme=c.programme AND e.class=c.class AND e.until_ms IS NULL ORDER BY e.effective "
                  "DESC, e.id DESC LIMIT 1), day_from, day_to FROM certificate c WHERE entry=?1 AND "
                  "until_ms IS NULL ORDER BY id",
                  ARGS(arg_int(entry)));
    int step = status != GLN_OK ? status : st == NULL ? ctx->error.status : 1;
    while (step == 1 && (step = stmt_step(st, ctx)) == 1)
        put_certificate(out, stmt_col_text(st, 0), stmt_col_text(st, 1),
                        stmt_col_null(st, 2) ? "" : stmt_col_text(st, 2), (day_number)stmt_col_int(st, 3),
                        (day_number)stmt_col_int(st, 4));
    stmt_done(st);
    return step < 0 ? step : GLN_OK;
}

int register_show(struct store_conn *c, struct gln_context *ctx, const struct register_batch *b,
                  int64_t entry, const struct register_row *row, const char *key, int64_t line)
{
    struct buf id = BUF_INIT, before = BUF_INIT, after = BUF_INIT;
    int status = entry != 0 ? read_entry(c, ctx, entry, &before) : GLN_OK;
    operator_id_put(&id, key);
    if (row != NULL)
        put_row(&after, row);
    if (status == GLN_OK && (id.failed || before.failed || after.failed))
        status = context_no_memory(ctx);
    if (status == GLN_OK)
        b->shown(b->shown_arg,
                 &(struct register_change){line, id.data != NULL ? id.data : "",
                                           entry != 0 ? before.data : NULL, row != NULL ? after.data : NULL});
    buf_free(&id);
    buf_free(&before);
    buf_free(&after);
    return status;
}
