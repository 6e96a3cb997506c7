/*
 * Taking a declaration in: submit, check and transform. All three run the rows of the stage table; they differ in how far, and in
 * whether anything is kept.
 *
 * Where it goes is the parameter `to`; it is never guessed. The reply to a submit holds the signed receipt byte for byte.
 */
#include "desk/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

/** A copy of a word of the request; none of one that is missing or empty. */
static int take_word(struct desk *k, char **to, const char *word)
{
    if (word == NULL || *word == '\0')
        return GLN_OK;
    *to = str_dup(word);
    return *to != NULL ? GLN_OK : context_no_memory(k->ctx);
}

/** The body as a declaration, with what the request says of it. */
static int receive(struct desk *k)
{
    int status = flow_receive(&k->d, k->ctx, k->in->body, k->in->body_len);

    if (status == GLN_OK)
        status = take_word(k, &k->d->submitter, k->in->submitter);
    if (status == GLN_OK)
        status = take_word(k, &k->d->idempotency_key, k->in->idempotency_key);
    if (status == GLN_OK)
        status = take_word(k, &k->d->wish.identity, desk_query(k, "identity"));
    return status;
}

const char *desk_lane_text(const struct desk *k, enum lane lane)
{
    static const char *const words[LANG_COUNT][2] = {{"standard", "expedited"}, {"normal", "expedito"}};

    return words[k->in->language][lane == LANE_EXPEDITED];
}

static void filing_json(struct json_out *j, const struct ledger_filing *f)
{
    json_open_object(j, NULL);
    json_int(j, "id", f->id);
    json_str(j, "destination", f->destination);
    json_str(j, "message", f->message);
    json_str(j, "action", f->action);
    json_str(j, "number", f->number);
    json_str(j, "key", f->key);
    json_str(j, "identity", f->identity);
    json_str(j, "state", filing_state_name(f->state));
    json_end_object(j);
}

static int kept_json(struct desk *k, const struct ledger_filing *items, size_t count)
{
    struct json_out j;

    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_str(&j, "id", k->d->id);
    json_bool(&j, "replayed", k->d->replayed);
    if (!k->d->replayed)
        json_str(&j, "lane", lane_name(k->d->decision.lane));
    json_open_array(&j, "filings");
    for (size_t i = 0; i < count; i++)
        filing_json(&j, &items[i]);
    json_end_array(&j);
    findings_json(&j, "warnings", &k->d->findings, k->in->language);
    json_raw(&j, "receipt", k->d->receipt.data, k->d->receipt.len);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return GLN_OK;
}

static void kept_text(struct desk *k, const struct ledger_filing *items, size_t count)
{
    findings_text(&k->out->body, &k->d->findings, desk_query(k, "file"), k->in->language);
    if (k->d->replayed)
        DESK_SAY(k, MSG_DESK_REPLAYED, k->d->id);
    else
        DESK_SAY(k, MSG_DESK_KEPT, k->d->id, desk_lane_text(k, k->d->decision.lane), k->d->decision.primary);
    for (size_t i = 0; i < count; i++) {
        char number[24];

        desk_number(number, items[i].id);
        DESK_SAY(k, MSG_DESK_FILING, number, items[i].destination, items[i].message, items[i].key,
                 filing_state_text(items[i].state, k->in->language));
    }
}

/** A repetition asks for what was asked for then: the same place, message and identity. Of what is in an archive only the receipt is left. */
static int same_wish(struct desk *k, const struct ledger_filing *items, size_t count)
{
    const struct wish *w = &k->d->wish;

    for (size_t i = 0; i < count; i++)
        if (str_eq(items[i].destination, w->destination->name) &&
            (w->message == NULL || str_eq(items[i].message, w->message->name)) &&
            (w->identity == NULL || str_eq(items[i].identity, w->identity)))
            return GLN_OK;
    if (count == 0)
        return GLN_OK;
    return context_fail(k->ctx, GLN_E_CONFLICT, MSG_DESK_KEY_ELSEWHERE, k->d->idempotency_key, k->d->id,
                        items[0].destination, items[0].message, items[0].identity);
}

static int kept_reply(struct desk *k)
{
    struct ledger_filing *items = NULL;
    size_t count = 0;
    int status = desk_filings(k, k->d->id, &items, &count);

    if (status == GLN_OK && k->d->replayed)
        status = same_wish(k, items, count);

    if (status == GLN_OK && k->in->text)
        kept_text(k, items, count);
    else if (status == GLN_OK)
        status = kept_json(k, items, count);
    free(items);
    return status;
}

static int located_reply(struct desk *k)
{
    snprintf(k->out->location, sizeof k->out->location, "/v1/declarations/%s", k->d->id);
    if (k->d->replayed)
        k->out->http_status = 200;
    return kept_reply(k);
}

/** The declaration in k->d is kept, or found to have been; the reply is its receipt. */
static int keep_and_reply(struct desk *k)
{
    int status = flow_run(k->d, k->gw, "keep");

    if (status == GLN_E_FINDINGS)
        log_write(k->ctx->log, LOG_LEVEL_NOTICE, "desk", NULL,
                  "refused a declaration of '%s': %zu error(s), first: %s", desk_who(k),
                  k->d->findings.errors,
                  k->d->findings.count > 0 ? k->d->findings.items[0].text[LANG_EN] : "");
    return status == GLN_OK ? located_reply(k) : status;
}

/**
 * What was rejected or cancelled goes again, as a new declaration from the same bytes, for the same sender and destination and under the
 * same identity, if no other is asked for; a signed one is still the signer's, and brought by who asks. Only when nothing of the old one is
 * alive: two living ones would be filing twice.
 */
int desk_again(struct desk *k, const struct ledger_declaration *old, const struct ledger_filing *items,
               size_t count)
{
    const char *who = old->signer[0] != '\0' ? k->in->submitter : old->submitter;
    struct buf original = BUF_INIT;
    const char *identity = desk_query(k, "identity");
    int status = ledger_declaration_part(k->gw->ledger, k->ctx, old->id, "original", &original);

    if (identity == NULL || *identity == '\0')
        identity = items[0].identity;
    if (status == GLN_OK)
        status = flow_receive(&k->d, k->ctx, original.data, original.len);
    buf_free(&original);
    if (status == GLN_OK)
        status = flow_wish(k->d, items[0].destination);
    if (status == GLN_OK && count == 1)
        k->d->wish.message = route_message(k->d->wish.destination, items[0].message);
    if (status == GLN_OK)
        status = take_word(k, &k->d->submitter, who);
    if (status == GLN_OK)
        status = take_word(k, &k->d->wish.identity, identity);
    k->out->http_status = 201;
    return status == GLN_OK ? keep_and_reply(k) : status;
}

/** A key that was kept before answers at once, before a number is drawn. */
static int replay(struct desk *k, bool *found)
{
    int status;

    *found = false;
    if (k->d->idempotency_key == NULL)
        return GLN_OK;
    status =
        ledger_replay(k->gw->ledger, k->ctx, k->d->submitter != NULL ? k->d->submitter : "",
                      k->d->idempotency_key, k->d->original.data, k->d->original.len, found, &k->d->receipt);
    if (status == GLN_OK && *found) {
        k->d->replayed = true;
        status = flow_receipt_id(k->d);
    }
    return status;
}

/** `once`: the content is the key, so that the same file sent twice to the same place is filed once. */
static int key_of_content(struct desk *k)
{
    const char *to = desk_query(k, "to");
    struct buf all = BUF_INIT;
    unsigned char digest[32];
    char hex[65];

    if (k->d->idempotency_key != NULL || !desk_yes(k, "once"))
        return GLN_OK;
    buf_puts(&all, to);
    buf_putc(&all, '\n');
    buf_put(&all, k->in->body, k->in->body_len);
    digest_sha256(digest, all.data, all.len);
    digest_hex(hex, digest);
    buf_clear(&all);
    buf_printf(&all, "sha256:%s", hex);
    k->d->idempotency_key = buf_take(&all, NULL);
    return k->d->idempotency_key != NULL ? GLN_OK : context_no_memory(k->ctx);
}

int desk_submit(struct desk *k)
{
    bool found = false;
    int status = receive(k);

    if (status == GLN_OK)
        status = flow_wish(k->d, desk_query(k, "to"));
    if (status == GLN_OK)
        status = key_of_content(k);
    if (status == GLN_OK)
        status = replay(k, &found);
    if (status == GLN_OK)
        status = found ? located_reply(k) : keep_and_reply(k);
    if (status != GLN_OK)
        gateway_refused(k->gw, k->d, status);
    return status;
}

int desk_check(struct desk *k)
{
    const char *file = desk_query(k, "file");
    unsigned flags = desk_yes(k, "schema-only") ? GLN_CHECK_SCHEMA_ONLY : GLN_CHECK_ALL;
    const char *destination = desk_query(k, "for");
    char *report = NULL;
    int status = gln_declaration_read(&k->d, k->ctx, k->in->body, k->in->body_len);

    if (status == GLN_OK)
        status = gln_declaration_check(k->d, destination, flags);
    if (status != GLN_OK)
        return status;
    if (k->in->text && k->d->findings.count == 0) {
        struct buf prefix = BUF_INIT;

        if (file != NULL)
            buf_printf(&prefix, "%s: ", file);
        DESK_SAY(k, MSG_DESK_CHECK_GOOD, prefix.data != NULL ? prefix.data : "");
        buf_free(&prefix);
        return GLN_OK;
    }
    if (k->d->findings.errors > 0)
        return GLN_E_FINDINGS;
    status = gln_declaration_report(k->d, file, (enum gln_language)k->in->language, !k->in->text, &report);
    buf_puts(&k->out->body, report);
    gln_free(report);
    return status;
}

/** One outbound message, sealed if that is wanted. */
static int outbound_put(struct desk *k, struct draft *t, bool sealed)
{
    struct signed_message s = {0};
    struct params params;
    int status;

    desk_type(k, t->document != NULL && str_eq(t->message->codec->name, "xml") ? "application/xml"
                                                                               : "text/plain");
    if (!sealed) {
        buf_put(&k->out->body, t->outbound.bytes.data, t->outbound.bytes.len);
        return GLN_OK;
    }
    flow_draft_params(&params, k->d, t);
    status = params.failed ? context_no_memory(k->ctx)
                           : flow_sign(&s, k->gw, k->ctx, t->message, &t->identity, params.items, NULL,
                                       t->outbound.bytes.data, t->outbound.bytes.len, &t->outbound.slots);
    if (status == GLN_OK)
        buf_put(&k->out->body, s.bytes.data, s.bytes.len);
    params_free(&params);
    signed_message_free(&s);
    return status;
}

int desk_transform(struct desk *k)
{
    bool sealed = desk_yes(k, "signed");
    int status = receive(k);

    if (status == GLN_OK)
        status = flow_wish(k->d, desk_query(k, "to"));
    if (status == GLN_OK) {
        k->d->wish.preview = true;
        k->d->wish.sealed = sealed;
        status = flow_run(k->d, k->gw, "transform");
    }
    for (size_t i = 0; status == GLN_OK && i < k->d->draft_count; i++) {
        if (desk_yes(k, "columns")) {
            desk_type(k, "text/plain; charset=utf-8");
            outbound_explain(&k->out->body, &k->d->drafts[i].outbound, k->d->pivot, k->ctx->engine->pointers,
                             k->in->language);
        } else {
            status = outbound_put(k, &k->d->drafts[i], sealed);
        }
    }
    return status;
}
