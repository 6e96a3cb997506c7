/*
 * Receipts about a lane: who is certified by what, checked when, by which rules, until when, for which bytes; signed by the gateway's key
 * like every receipt, and kept with each filing of an expedited declaration.
 *
 * The signature is over a line for each member, path="value" in the order of the JSON, values quoted as JSON quotes them, so that
 * reformatting does no harm and no value can pass for a line (docs/ledger.md).
 */
#include "ledger/own.h"

#include <stdio.h>
#include <string.h>

#include "util/str.h"

enum { MAX_DEPTH = 8, MAX_PATH = 160 };

struct walk {
    struct buf *out;
    char path[MAX_PATH];
    int depth;
};

static void walk_value(struct walk *w, const char *key, const struct json_in *v);

static int walk_member(void *arg, const char *key, const struct json_in *v)
{
    struct walk *w = arg;
    if (w->depth > 1 || (!str_eq(key, "signature") && !str_eq(key, "certificate")))
        walk_value(w, key, v);
    return 0;
}

static void walk_inside(struct walk *w, const struct json_in *v)
{
    char number[24];
    w->depth++;
    if (w->depth > MAX_DEPTH)
        w->out->failed = true;
    else if (json_in_is_object(v))
        (void)json_in_each(v, walk_member, w);
    else
        for (size_t i = 0; i < json_in_len(v); i++) {
            snprintf(number, sizeof number, "%zu", i);
            walk_value(w, number, json_in_at(v, i));
        }
    w->depth--;
}

static void walk_value(struct walk *w, const char *key, const struct json_in *v)
{
    size_t before = strlen(w->path);
    struct json_out j;
    int64_t number;
    int n = snprintf(w->path + before, sizeof w->path - before, "%s%s", before > 0 ? "." : "", key);
    if (n < 0 || (size_t)n >= sizeof w->path - before) {
        w->out->failed = true;
    } else if (json_in_is_object(v) || json_in_is_array(v)) {
        walk_inside(w, v);
    } else {
        buf_printf(w->out, "%s=", w->path);
        json_begin(&j, w->out);
        if (json_in_int(v, &number))
            json_int(&j, NULL, number);
        else if (json_in_str(v) != NULL || json_in_null(v))
            json_str(&j, NULL, json_in_str(v));
        else
            json_bool(&j, NULL, json_in_true(v));
        buf_putc(w->out, '\n');
    }
    w->path[before] = '\0';
}

void receipt_lane_text(struct buf *out, const struct json_in *j)
{
    struct walk w = {.out = out};
    walk_inside(&w, j);
}

static void put_members(struct json_out *j, const char *id, const char *sha256, const char *lane)
{
    json_open_object(j, NULL);
    json_str(j, "type", RECEIPT_LANE_TYPE);
    json_str(j, "id", id);
    json_str(j, "sha256", sha256);
    json_raw(j, "lane", lane, strlen(lane));
}

int receipt_lane_make(struct buf *out, struct gln_context *ctx, const struct ledger *l, const char *id,
                      const char *sha256, const char *lane)
{
    struct buf bare = BUF_INIT, text = BUF_INIT;
    struct json_out j;
    char why[128] = "";
    int status;

    /* the text is made from the JSON as read, as whoever checks it will make it */
    json_begin(&j, &bare);
    put_members(&j, id, sha256, lane);
    json_end_object(&j);
    struct json_in *read = bare.failed ? NULL : json_in_parse(bare.data, bare.len, why, sizeof why);
    if (read != NULL)
        receipt_lane_text(&text, read);
    json_in_free(read);
    if (bare.failed || text.failed)
        status = context_no_memory(ctx);
    else if (read == NULL)
        status = context_fail(ctx, GLN_E_INTERNAL, MSG_RECEIPT_FORM, why);
    else {
        json_begin(&j, out);
        put_members(&j, id, sha256, lane);
        status = receipt_sign(&j, ctx, l, &text);
        json_end_object(&j);
    }
    buf_free(&bare);
    buf_free(&text);
    return status;
}
