/*
 * Keep: one durable commit of the original, what is to be sent, the decision and the numbers. Only when it is on disk is there a
 * receipt; before, the sender keeps the duty and may try again.
 *
 * Trying again is safe with an Idempotency-Key: the same key with the same bytes gives the first receipt again, and the numbers
 * drawn meanwhile become recorded gaps. Without a key the FunctionalReferenceID protects: it is used once per signer, of an unsigned one once per submitter.
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/json.h"
#include "util/str.h"

/** The texts of one filing that the ledger borrows during keep. */
struct kept {
    struct buf map, slots;
};

static void filing_fill(struct ledger_new_filing *f, struct kept *k, const struct draft *t)
{
    map_put(&k->map, &t->outbound.map);
    slots_put(&k->slots, &t->outbound.slots);
    *f = (struct ledger_new_filing){
        .destination = t->destination->name,
        .message = t->message->name,
        .action = t->action->name,
        .identity = t->identity.name,
        .environment = t->identity.environment,
        .key = t->key,
        .series_kind = t->serial != NULL ? t->message->series->kind : NULL,
        .serial = t->serial,
        .number = t->number,
        .number_is_new = t->message->series != NULL && str_eq(t->action->function, "9"),
        .series_year = t->serial_year,
        .deadline_ms = t->deadline_ms,
        .waits_for = *t->waits_for != '\0' ? t->waits_for : NULL,
        .hold_reason = t->hold_reason,
        .outbound = t->outbound.bytes.data,
        .outbound_len = t->outbound.bytes.len,
        .source_map = k->map.data != NULL ? k->map.data : "",
        .slots = k->slots.data != NULL ? k->slots.data : "",
    };
}

/** Warnings, and of an amendment which declaration it amends: reading it again needs both. */
static void findings_to_json(struct buf *out, const struct gln_declaration *d)
{
    const struct findings *list = &d->findings;
    struct json_out j;

    json_begin(&j, out);
    json_open_object(&j, NULL);
    findings_json(&j, "en", list, LANG_EN);
    findings_json(&j, "es", list, LANG_ES);
    if (d->amended_count > 0)
        json_str(&j, "amends", d->amended[0]);
    json_end_object(&j);
}

/** A reference or a number that is used already is the sender's mistake, so it is a finding at that element. */
static int used_already(struct gln_declaration *d)
{
    static const struct {
        const char *code, *rule, *path;
    } rows[] = {{"keep-lrn-reused", "GLN-FLOW-005", "Declaration/FunctionalReferenceID"},
                {"keep-lrn-window", "GLN-FLOW-007", "Declaration/FunctionalReferenceID"},
                {"keep-number-used", "GLN-FLOW-006", "Declaration/ID"}};
    const struct xml_node *n = NULL;
    struct buf path = BUF_INIT;
    char code[64];
    int status = GLN_E_CONFLICT;

    reason_code(code, d->ctx->error.reason);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (str_eq(rows[i].code, code) && (n = xml_find(xml_root(d->pivot), rows[i].path)) != NULL) {
            struct finding f = {.rule = rows[i].rule,
                                .severity = GLN_ERROR,
                                .text = {context_text(d->ctx, LANG_EN), context_text(d->ctx, LANG_ES)},
                                .place = xml_place(d->pivot, n)};

            xml_path(&path, n);
            f.xpath = path.data;
            status = findings_add(&d->findings, &f) == GLN_OK ? GLN_E_CONFLICT : context_no_memory(d->ctx);
        }
    buf_free(&path);
    return status;
}

/** What was found unusual, in a line of the log each: it is kept already, whatever becomes of the line. */
static void alerts_log(const struct gln_declaration *d, const struct watch_note *note, const char *id)
{
    for (size_t i = 0; i < sizeof note->found / sizeof note->found[0]; i++) {
        struct buf text = BUF_INIT;

        if (note->found[i].text[0] == '\0')
            continue;
        reason_show(&text, note->found[i].text, LANG_EN);
        log_write(d->ctx->log, LOG_LEVEL_ALERT, "watch", id, "%s", text.data != NULL ? text.data : "");
        buf_free(&text);
    }
}

static int commit(struct gln_declaration *d, struct gln_gateway *gw, struct ledger_new_filing *filings,
                  struct kept *kept)
{
    const struct xml_node *lrn = xml_find(xml_root(d->pivot), "Declaration/FunctionalReferenceID");
    struct buf warnings = BUF_INIT;
    char id[33];
    struct ledger_new_declaration n = {
        .id = id,
        .submitter = d->submitter != NULL ? d->submitter : "",
        .signer = d->signer,
        .signer_fingerprint = d->signer_fingerprint.data,
        .lrn = lrn != NULL ? xml_text(lrn) : "",
        .idempotency_key = d->idempotency_key,
        .format = d->format,
        .original = d->original.data,
        .original_len = d->original.len,
        .lane = d->decision.lane,
        .decision = d->decision_json.data,
        .lane_receipt = d->lane_receipt.data,
        .filings = filings,
        .filing_count = d->draft_count,
    };
    struct watch_note note = {
        .watch = &d->watch,
        .declaration = id,
        .submitter = flow_actor(d) != NULL ? flow_actor(d) : "",
        .at_ms = clock_wall_ms(d->ctx->clock),
        .past = option_int(d->ctx->options, OPT_ALERT_PAST),
        .numbers = option_int(d->ctx->options, OPT_ALERT_NUMBERS),
        .window_ms = option_int(d->ctx->options, OPT_ALERT_WINDOW),
    };
    int status = GLN_OK;

    n.also = watch_write;
    n.also_arg = &note;
    ledger_new_id(gw->ledger, d->ctx, id);
    findings_to_json(&warnings, d);
    for (size_t i = 0; i < d->draft_count; i++) {
        filing_fill(&filings[i], &kept[i], &d->drafts[i]);
        if (kept[i].map.failed || kept[i].slots.failed)
            status = context_no_memory(d->ctx);
    }
    n.findings = warnings.data;
    if (warnings.failed)
        status = context_no_memory(d->ctx);
    if (status == GLN_OK)
        status = ledger_keep(gw->ledger, d->ctx, &n, &d->receipt, &d->replayed);
    if (status == GLN_E_CONFLICT)
        status = used_already(d);
    buf_free(&warnings);
    if (status == GLN_OK && !d->replayed) {
        d->id = str_dup(id);
        status = d->id != NULL ? GLN_OK : context_no_memory(d->ctx);
        alerts_log(d, &note, id);
    }
    return status;
}

/** The id a receipt names: that of the first keep when this one was a repetition. */
int flow_receipt_id(struct gln_declaration *d)
{
    char why[160];
    struct json_in *root = json_in_parse(d->receipt.data, d->receipt.len, why, sizeof why);
    const char *id = root != NULL ? json_in_str(json_in_get(root, "id")) : NULL;
    int status = GLN_OK;

    if (id == NULL)
        status = context_fail(d->ctx, GLN_E_INTERNAL, MSG_TEXT, "a stored receipt names no declaration");
    else if ((d->id = str_dup(id)) == NULL)
        status = context_no_memory(d->ctx);
    json_in_free(root);
    return status;
}

int flow_keep(struct gln_declaration *d, struct gln_gateway *gw)
{
    struct ledger_new_filing *filings;
    struct kept *kept;
    int status;

    if (gw == NULL || d->draft_count == 0)
        return context_fail(d->ctx, GLN_E_ARGUMENT, MSG_FLOW_PHASE);
    filings = calloc(d->draft_count, sizeof *filings);
    kept = calloc(d->draft_count, sizeof *kept);
    status = filings != NULL && kept != NULL ? commit(d, gw, filings, kept) : context_no_memory(d->ctx);
    for (size_t i = 0; kept != NULL && i < d->draft_count; i++) {
        buf_free(&kept[i].map);
        buf_free(&kept[i].slots);
    }
    free(filings);
    free(kept);
    if (status != GLN_OK || d->replayed) {
        struct error saved = d->ctx->error;

        d->ctx->error = (struct error){.status = GLN_OK};
        drafts_gap(d, gw, REASON(d->replayed ? MSG_REASON_GAP_KEPT_BEFORE : MSG_REASON_GAP_NOT_KEPT, ""));
        context_ok(d->ctx);
        d->ctx->error = saved;
    }
    if (status == GLN_OK && d->replayed)
        status = flow_receipt_id(d);
    if (status == GLN_OK && !d->replayed)
        log_write(d->ctx->log, LOG_LEVEL_NOTICE, "flow", d->id, "kept, %zu filing(s), %s lane (%s)",
                  d->draft_count, lane_name(d->decision.lane), d->decision.primary);
    return status;
}
