/*
 * The ledger's own requests (verify, export), the destinations, and whether the gateway is alive and ready.
 *
 * A ledger or receipt that does not hold is GLN_E_FINDINGS: the check ran, and this is what it found.
 */
#include "desk/internal.h"

#include <string.h>

#include "trust/register_store.h"
#include "util/str.h"

static int verdict(struct desk *k, bool good, const struct buf *report, enum message_id yes,
                   enum message_id no)
{
    struct json_out j;

    if (k->in->text) {
        desk_say(k, good ? yes : no, NULL, 0);
        if (report->len > 0)
            buf_put(&k->out->body, report->data, report->len);
    } else {
        json_begin(&j, &k->out->body);
        json_open_object(&j, NULL);
        json_bool(&j, "good", good);
        json_strn(&j, "report", report->data != NULL ? report->data : "", report->len);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    return GLN_OK;
}

/** The receipt alone, byte for byte, where the body is the whole reply of a submit (its last member is "receipt"). */
static void receipt_in(const struct desk *k, const char **text, size_t *len)
{
    static const char mark[] = "\"receipt\":";
    const char *body = k->in->body;
    const char *at = NULL;
    size_t end = k->in->body_len;

    for (size_t i = 0; i + sizeof mark < k->in->body_len; i++)
        if (memcmp(body + i, mark, sizeof mark - 1) == 0)
            at = body + i + sizeof mark - 1;
    *text = body;
    *len = k->in->body_len;
    if (at == NULL)
        return;
    while (end > 0 && body[end - 1] != '}')
        end--;
    if (end == 0 || body + end - 1 <= at)
        return;
    *text = at + (*at == ' ');
    *len = (size_t)(body + end - 1 - *text);
}

/** GET: the whole ledger, or an archive of it; POST: the receipt in the body against either. `archive` is a file of this machine. */
/** The whole ledger, and the register of operators that its chain vouches for. */
static int verify_all(struct desk *k, bool *good, struct buf *report)
{
    bool chain = false;
    int status = register_verify(k->ctx, ledger_store(k->gw->ledger), ledger_register_each, k->in->language,
                                 good, report);

    if (status == GLN_OK)
        status = ledger_verify(k->gw->ledger, k->ctx, k->in->language, &chain, report);
    *good = *good && chain;
    return status;
}

int desk_ledger_verify(struct desk *k)
{
    static const enum message_id words[2][2][2] = {
        {{MSG_DESK_LEDGER_BAD, MSG_DESK_LEDGER_GOOD}, {MSG_DESK_ARCHIVE_BAD, MSG_DESK_ARCHIVE_GOOD}},
        {{MSG_DESK_RECEIPT_BAD, MSG_DESK_RECEIPT_GOOD}, {MSG_DESK_RECEIPT_BAD, MSG_DESK_RECEIPT_IN_ARCHIVE}}};
    struct ledger *l = k->gw->ledger;
    int language = k->in->language;
    struct buf report = BUF_INIT;
    bool good = false;
    bool receipt = str_eq(k->in->method, "POST");
    const char *archive = desk_query(k, "archive");
    const char *text = NULL;
    size_t len = 0;
    int status;

    if (archive != NULL && k->in->submitter != NULL)
        return context_fail(k->ctx, GLN_E_FORBIDDEN, MSG_DESK_LOCAL_ONLY);
    receipt_in(k, &text, &len);
    if (receipt)
        status = archive != NULL
                     ? ledger_verify_receipt_in(l, k->ctx, language, archive, text, len, &good, &report)
                     : ledger_verify_receipt(l, k->ctx, language, text, len, &good, &report);
    else
        status = archive != NULL ? ledger_verify_archive(l, k->ctx, language, archive, &good, &report)
                                 : verify_all(k, &good, &report);
    if (status == GLN_OK)
        status = verdict(k, good, &report, words[receipt][archive != NULL][true],
                         words[receipt][archive != NULL][false]);
    buf_free(&report);
    if (status == GLN_OK && !good)
        k->untrue = true;
    return status;
}

/** ?before=2026-01-01&output=FILE, a file of this machine. */
int desk_ledger_archive(struct desk *k)
{
    const char *before = desk_query(k, "before");
    const char *path = desk_query(k, "output");
    struct json_out j;
    int64_t before_ms = 0;
    int64_t count = 0;
    char number[24];
    int status;

    if (before == NULL || *before == '\0' || path == NULL || *path == '\0')
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_ARCHIVE_ARGS);
    status = desk_instant(k, "before", false, &before_ms);
    if (status == GLN_OK)
        status = ledger_archive(k->gw->ledger, k->ctx, before_ms, path, &count);
    if (status != GLN_OK)
        return status;
    desk_number(number, count);
    if (k->in->text && count > 0) {
        DESK_SAY(k, MSG_DESK_ARCHIVED, number, path);
    } else if (k->in->text) {
        DESK_SAY(k, MSG_DESK_ARCHIVED_NONE, before);
    } else {
        json_begin(&j, &k->out->body);
        json_open_object(&j, NULL);
        json_int(&j, "declarations", count);
        json_str(&j, "file", count > 0 ? path : NULL);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    return GLN_OK;
}

static int export_line(void *arg, const char *text, size_t len)
{
    struct buf *out = arg;

    buf_put(out, text, len);
    return out->failed ? 1 : 0;
}

int desk_ledger_export(struct desk *k)
{
    desk_type(k, "application/jsonl");
    return ledger_export(k->gw->ledger, k->ctx, export_line, &k->out->body);
}

static void destination_json(struct json_out *j, const struct route_destination *d, int language)
{
    json_open_object(j, NULL);
    json_str(j, "name", d->name);
    json_str(j, "title", d->title[language]);
    json_str(j, "country", d->country);
    json_str(j, "zone", d->zone);
    json_open_array(j, "messages");
    for (size_t i = 0; i < d->message_count; i++) {
        json_open_object(j, NULL);
        json_str(j, "name", d->messages[i].name);
        json_bool(j, "default", d->messages[i].is_default);
        json_open_array(j, "actions");
        for (size_t a = 0; a < d->messages[i].action_count; a++)
            json_str(j, NULL, d->messages[i].actions[a].name);
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

int desk_destinations(struct desk *k)
{
    const struct route_table *t = k->ctx->engine->routes;
    struct json_out j;

    if (k->in->text) {
        for (size_t i = 0; i < route_count(t); i++) {
            const struct route_destination *d = route_at(t, i);

            buf_printf(&k->out->body, "%s  %s\n", d->name, d->title[k->in->language]);
            for (size_t m = 0; m < d->message_count; m++)
                buf_printf(&k->out->body, "  %s/%s\n", d->name, d->messages[m].name);
        }
        return GLN_OK;
    }
    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_open_array(&j, "destinations");
    for (size_t i = 0; i < route_count(t); i++)
        destination_json(&j, route_at(t, i), k->in->language);
    json_end_array(&j);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return GLN_OK;
}

int desk_health(struct desk *k)
{
    desk_type(k, "text/plain; charset=utf-8");
    buf_puts(&k->out->body, "alive\n");
    return GLN_OK;
}

/** Ready: the ledger answers. */
int desk_ready(struct desk *k)
{
    int64_t counts[FILING_STATE_COUNT];
    int status = ledger_counts(k->gw->ledger, k->ctx, counts);

    if (status == GLN_OK) {
        desk_type(k, "text/plain; charset=utf-8");
        buf_puts(&k->out->body, "ready\n");
    }
    return status;
}
