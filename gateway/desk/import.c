/*
 * A list into the register, for the local operator: read from a file of this machine or from the body, its checksum or signature checked
 * before anything else, then imported or only compared.
 *
 * Owns the bytes. A list that is refused leaves the register as it was, and the answer says why in one line.
 */
#include "desk/internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/crypto.h"
#include "trust/list.h"
#include "util/file.h"
#include "util/str.h"

enum { LIST_MOST = 1 << 30, SMALL_MOST = 16 << 20, SHRINK = 20, SHOWN = 20 };

struct sources {
    struct buf list, mapping;
    char sha256[65];
    bool signed_by_anchor;
};

/** The checksum somebody was told beside the list. */
static int check_sum(struct desk *k, const struct sources *s)
{
    const char *wanted = desk_query(k, "sha256");

    if (wanted == NULL || strcasecmp(wanted, s->sha256) == 0)
        return GLN_OK;
    return context_fail(k->ctx, GLN_E_CONFLICT, MSG_DESK_IMPORT_SUM, s->sha256);
}

static int check_signature(struct desk *k, struct sources *s, const char *list, size_t len)
{
    const char *signature = desk_query(k, "signature");
    const char *anchor = desk_query(k, "anchor");
    struct buf cms = BUF_INIT;
    struct buf pem = BUF_INIT;
    struct cert *cert = NULL;
    bool good = false;
    int status;

    if (signature == NULL && anchor == NULL)
        return GLN_OK;
    if (signature == NULL || anchor == NULL)
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_MUST,
                            signature == NULL ? "signature" : "anchor");
    status = desk_file(k, signature, SMALL_MOST, &cms);
    if (status == GLN_OK)
        status = desk_file(k, anchor, SMALL_MOST, &pem);
    if (status == GLN_OK)
        status = cert_parse(&cert, k->ctx, pem.data, pem.len);
    if (status == GLN_OK &&
        (cms_verify(&good, k->ctx, cert, cms.data, cms.len, list, len) != GLN_OK || !good))
        status = context_fail(k->ctx, GLN_E_CONFLICT, MSG_DESK_IMPORT_SIGNATURE, signature, anchor);
    s->signed_by_anchor = good;
    cert_free(cert);
    buf_free(&cms);
    buf_free(&pem);
    return status;
}

static int max_shrink(struct desk *k, int *out)
{
    const char *text = desk_query(k, "max-shrink");
    size_t digits = text == NULL ? 0 : strlen(text);

    *out = SHRINK;
    if (digits == 0)
        return GLN_OK;
    *out = digits <= 3 && str_is_digits(text, digits) ? (int)strtol(text, NULL, 10) : 101;
    return *out <= 100 ? GLN_OK : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_PERCENT, text);
}

/* The first changes of a dry run: lines for people, or the members of an array. */
struct shown {
    struct desk *k;
    struct buf text;
    struct json_out json;
    int64_t count;
};

static void show_line(struct shown *s, const struct register_change *c)
{
    char line[24];
    enum message_id id = MSG_DESK_IMPORT_CHANGE;

    desk_number(line, c->line);
    if (c->before == NULL)
        id = MSG_DESK_IMPORT_ADD;
    else if (c->after == NULL)
        id = MSG_DESK_IMPORT_REMOVE;
    else if (str_eq(c->before, c->after))
        id = MSG_DESK_IMPORT_SAME;
    message_put(&s->text, id, s->k->in->language,
                (const char *const[]){line, c->key, c->before != NULL ? c->before : c->after, c->after}, 4);
    buf_putc(&s->text, '\n');
}

static void show(void *arg, const struct register_change *c)
{
    struct shown *s = arg;

    s->count++;
    if (s->k->in->text) {
        show_line(s, c);
        return;
    }
    json_open_object(&s->json, NULL);
    json_str(&s->json, "change", c->before == NULL ? "added" : c->after == NULL ? "removed" : "changed");
    if (c->line != 0)
        json_int(&s->json, "row", c->line);
    json_str(&s->json, "key", c->key);
    json_str(&s->json, "before", c->before);
    json_str(&s->json, "after", c->after);
    json_end_object(&s->json);
}

static void show_begin(struct shown *s, struct desk *k, struct register_batch *b)
{
    *s = (struct shown){.k = k, .text = BUF_INIT};
    if (!b->dry_run)
        return;
    b->show = SHOWN;
    b->shown = show;
    b->shown_arg = s;
    json_begin(&s->json, &s->text);
    if (!k->in->text)
        json_open_array(&s->json, NULL);
}

/* The lines before the sum, and how many more there are. */
static void show_lines(struct desk *k, const struct shown *s, const struct register_counts *c)
{
    char more[24];

    desk_number(more, c->added + c->changed + c->removed - s->count);
    buf_put(&k->out->body, s->text.data, s->text.len);
    if (c->added + c->changed + c->removed > s->count)
        DESK_SAY(k, MSG_DESK_IMPORT_MORE, more);
}

static int tell(struct desk *k, const struct list_request *r, const struct register_counts *c,
                struct shown *s)
{
    char rows[24];
    char added[24];
    char changed[24];
    char removed[24];
    char doubtful[24];
    char first[24];
    struct json_out j;

    desk_number(rows, c->rows);
    desk_number(added, c->added);
    desk_number(changed, c->changed);
    desk_number(removed, c->removed);
    desk_number(doubtful, c->doubtful);
    desk_number(first, c->first_doubtful);
    if (k->in->text) {
        if (r->batch.dry_run)
            show_lines(k, s, c);
        DESK_SAY(k, r->batch.dry_run ? MSG_DESK_IMPORT_WOULD : MSG_DESK_IMPORTED, r->batch.source, rows,
                 added, changed, removed);
        if (c->doubtful > 0)
            DESK_SAY(k, MSG_DESK_IMPORT_DIGITS, doubtful, first);
        return GLN_OK;
    }
    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_str(&j, "source", r->batch.source);
    json_bool(&j, "dry_run", r->batch.dry_run);
    json_int(&j, "rows", c->rows);
    json_int(&j, "added", c->added);
    json_int(&j, "changed", c->changed);
    json_int(&j, "removed", c->removed);
    json_int(&j, "doubtful", c->doubtful);
    if (c->doubtful > 0)
        json_int(&j, "first_doubtful", c->first_doubtful);
    json_str(&j, "sha256", r->batch.sha256);
    json_bool(&j, "signature", r->batch.signature_ok);
    if (r->batch.dry_run) {
        json_end_array(&s->json);
        json_raw(&j, "changes", s->text.data, s->text.len);
    }
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return GLN_OK;
}

static int import(struct desk *k, struct list_request *r)
{
    struct register_counts counts;
    struct shown shown;
    int status;

    show_begin(&shown, k, &r->batch);
    status = list_import(k->ctx, ledger_store(k->gw->ledger), r, &counts);
    if (status == GLN_OK && !r->batch.dry_run)
        gateway_register_changed(k->gw, k->ctx);
    if (status == GLN_OK)
        status = tell(k, r, &counts, &shown);
    buf_free(&shown.text);
    return status;
}

/** What the request says of the list, and who says it. */
static int read_batch(struct desk *k, struct register_batch *b)
{
    const char *file = desk_query(k, "file");
    const char *by = desk_query(k, "by");
    const char *name = file == NULL ? NULL : strrchr(file, '/');
    int status = desk_must(k, "source", &b->source);

    if (status == GLN_OK)
        status = desk_day(k, "as-of", true, &b->as_of);
    if (status == GLN_OK)
        status = max_shrink(k, &b->max_shrink);
    b->document = name != NULL ? name + 1 : file;
    b->environment = option_text(k->ctx->options, OPT_ENVIRONMENT);
    b->who = by != NULL ? by : desk_who(k);
    b->dry_run = desk_yes(k, "dry-run");
    return status;
}

static int read_request(struct desk *k, struct list_request *r, struct sources *s)
{
    const char *file = desk_query(k, "file");
    const char *mapping = desk_query(k, "mapping");
    unsigned char digest[32];
    int status = read_batch(k, &r->batch);

    if (status == GLN_OK && file != NULL)
        status = desk_file(k, file, LIST_MOST, &s->list);
    if (status == GLN_OK && mapping != NULL)
        status = desk_file(k, mapping, SMALL_MOST, &s->mapping);
    r->bytes = file != NULL ? s->list.data : k->in->body;
    r->len = file != NULL ? s->list.len : k->in->body_len;
    r->mapping = mapping != NULL ? (s->mapping.data != NULL ? s->mapping.data : "") : NULL;
    r->mapping_len = s->mapping.len;
    r->note = ledger_register_put;
    if (status != GLN_OK)
        return status;
    digest_sha256(digest, r->bytes != NULL ? r->bytes : "", r->len);
    digest_hex(s->sha256, digest);
    r->batch.sha256 = s->sha256;
    status = check_sum(k, s);
    if (status == GLN_OK)
        status = check_signature(k, s, r->bytes != NULL ? r->bytes : "", r->len);
    r->batch.signature_ok = s->signed_by_anchor;
    return status;
}

int desk_operator_import(struct desk *k)
{
    struct sources s = {BUF_INIT, BUF_INIT, "", false};
    struct list_request r = {.batch = {.kind = SOURCE_LIST}};
    char *shipped = gateway_shipped(k->ctx);
    int status = shipped != NULL ? read_request(k, &r, &s) : context_no_memory(k->ctx);

    r.shipped = shipped;
    if (status == GLN_OK)
        status = import(k, &r);
    buf_free(&s.list);
    buf_free(&s.mapping);
    free(shipped);
    return status;
}
