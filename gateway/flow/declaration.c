/*
 * The public face of a declaration (<greenlane.h>): read, check, transform, and what was found. Each call runs the rows of the stage
 * table that are still missing; a call that comes too late for its wish (a check for another destination, say) starts the judging
 * anew from the same bytes.
 *
 * Library use: no gateway, so nothing here draws numbers, keeps or sends. Owned: everything; freed by gln_declaration_free().
 */
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/json.h"
#include "util/str.h"

static void judged_clear(struct gln_declaration *d)
{
    findings_free(&d->findings);
    parties_free(d);
    lane_decision_free(&d->decision);
    memset(&d->decision, 0, sizeof d->decision);
    watch_free(&d->watch);
    buf_free(&d->decision_json);
    buf_free(&d->lane_receipt);
    free(d->amended);
    d->amended = NULL;
    d->amended_count = 0;
    route_probe_free(&d->probe);
    for (size_t i = 0; i < d->draft_count; i++)
        draft_clear(&d->drafts[i]);
    free(d->drafts);
    d->drafts = NULL;
    d->draft_count = 0;
    d->claimed = false;
}

void gln_declaration_free(gln_declaration *d)
{
    if (d == NULL)
        return;
    judged_clear(d);
    buf_free(&d->original);
    buf_free(&d->receipt);
    free(d->wish.identity);
    free(d->submitter);
    free(d->signer);
    buf_free(&d->signer_fingerprint);
    free(d->idempotency_key);
    xml_doc_free(d->pivot);
    free(d->id);
    free(d);
}

int gln_declaration_read(gln_declaration **out, gln_context *context, const void *data, size_t length)
{
    struct gln_declaration *d = NULL;
    int status;

    if (out == NULL || context == NULL || context->engine == NULL || (data == NULL && length > 0))
        return GLN_E_ARGUMENT;
    *out = NULL;
    context_ok(context);
    status = flow_receive(&d, context, data, length);
    if (status == GLN_OK)
        status = flow_run(d, NULL, "parse");
    if (status == GLN_OK)
        *out = TAKE(&d);
    gln_declaration_free(d);
    return status;
}

/** Back to just after parse: the pivot is read again, for the lane row took things out of it. */
static int restart(struct gln_declaration *d)
{
    if (d->phase == DECL_PARSED)
        return GLN_OK;
    judged_clear(d);
    xml_doc_free(d->pivot);
    d->pivot = NULL;
    d->next_stage = 0;
    d->phase = DECL_RECEIVED;
    return flow_run(d, NULL, "parse");
}

int gln_declaration_check(gln_declaration *d, const char *destination, unsigned flags)
{
    int status;

    if (d == NULL || (flags & ~(unsigned)GLN_CHECK_SCHEMA_ONLY) != 0)
        return GLN_E_ARGUMENT;
    context_ok(d->ctx);
    status = restart(d);
    d->wish.destination = NULL;
    d->wish.message = NULL;
    d->wish.schema_only = (flags & GLN_CHECK_SCHEMA_ONLY) != 0;
    d->wish.preview = true;
    if (status == GLN_OK && destination != NULL)
        status = flow_wish(d, destination);
    if (status == GLN_OK)
        status = flow_run(d, NULL, "validate");
    /* What a field of the destination's message cannot take shows only when the message is made. */
    if (status == GLN_OK && destination != NULL && !d->wish.schema_only)
        status = flow_run(d, NULL, "transform");
    return status == GLN_E_FINDINGS ? GLN_OK : status;
}

/** Up to the outbound message, under a practice identity. */
static int preview(struct gln_declaration *d, const char *to)
{
    int status;

    context_ok(d->ctx);
    status = restart(d);
    d->wish.schema_only = false;
    d->wish.preview = true;
    if (status == GLN_OK)
        status = flow_wish(d, to);
    return status == GLN_OK ? flow_run(d, NULL, "transform") : status;
}

int gln_declaration_transform(gln_declaration *d, const char *to, char **out, size_t *length)
{
    struct buf all = BUF_INIT;
    int status;

    if (d == NULL || out == NULL)
        return GLN_E_ARGUMENT;
    *out = NULL;
    status = preview(d, to);
    if (status != GLN_OK)
        return status;
    for (size_t i = 0; i < d->draft_count; i++)
        buf_put(&all, d->drafts[i].outbound.bytes.data, d->drafts[i].outbound.bytes.len);
    *out = buf_take(&all, length);
    return *out != NULL ? GLN_OK : context_no_memory(d->ctx);
}

int gln_declaration_columns(gln_declaration *d, const char *to, enum gln_language language, char **out,
                            size_t *length)
{
    struct buf all = BUF_INIT;
    int status;

    if (d == NULL || out == NULL || (unsigned)language >= LANG_COUNT)
        return GLN_E_ARGUMENT;
    *out = NULL;
    status = preview(d, to);
    if (status != GLN_OK)
        return status;
    for (size_t i = 0; i < d->draft_count; i++)
        outbound_explain(&all, &d->drafts[i].outbound, d->pivot, d->ctx->engine->pointers, (int)language);
    if (status == GLN_OK) {
        *out = buf_take(&all, length);
        status = *out != NULL ? GLN_OK : context_no_memory(d->ctx);
    }
    buf_free(&all);
    return status;
}

void gln_free(void *memory)
{
    free(memory);
}

size_t gln_declaration_finding_count(const gln_declaration *d)
{
    return d != NULL ? d->findings.count : 0;
}

size_t gln_declaration_error_count(const gln_declaration *d)
{
    return d != NULL ? d->findings.errors : 0;
}

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

int gln_declaration_finding(const gln_declaration *d, size_t index, enum gln_language language,
                            gln_finding *out)
{
    const struct finding *f;

    if (d == NULL || out == NULL || out->struct_size != sizeof *out || index >= d->findings.count ||
        (unsigned)language >= LANG_COUNT)
        return GLN_E_ARGUMENT;
    f = &d->findings.items[index];
    *out = (gln_finding){
        .struct_size = sizeof *out,
        .rule = f->rule,
        .severity = (int)f->severity,
        .text = f->text[language],
        .xpath = or_empty(f->xpath),
        .pointer = or_empty(f->pointer),
        .field = or_empty(f->field),
        .line = f->place.known ? f->place.line : 0,
        .column = f->place.known ? f->place.column : 0,
        .offset = f->place.known ? f->place.offset : 0,
    };
    return GLN_OK;
}

int gln_declaration_report(const gln_declaration *d, const char *file_name, enum gln_language language,
                           int as_json, char **out)
{
    struct buf b = BUF_INIT;

    if (d == NULL || out == NULL || (unsigned)language >= LANG_COUNT)
        return GLN_E_ARGUMENT;
    if (as_json != 0) {
        struct json_out j;

        json_begin(&j, &b);
        json_open_object(&j, NULL);
        json_str(&j, "file", file_name);
        json_int(&j, "errors", (int64_t)d->findings.errors);
        findings_json(&j, "findings", &d->findings, (int)language);
        json_end_object(&j);
        buf_putc(&b, '\n');
    } else {
        buf_reserve(&b, 1);
        findings_text(&b, &d->findings, file_name, (int)language);
    }
    *out = buf_take(&b, NULL);
    return *out != NULL ? GLN_OK : context_no_memory(d->ctx);
}

int gln_context_report(const gln_context *context, const char *file_name, enum gln_language language,
                       int as_json, char **out)
{
    struct findings one = {0};
    struct buf b = BUF_INIT;
    struct json_out j;
    int status;

    if (context == NULL || out == NULL || (unsigned)language >= LANG_COUNT)
        return GLN_E_ARGUMENT;
    *out = NULL;
    status = error_as_finding(&one, context, "GLN-READ-001");
    if (status != GLN_OK)
        return status;
    json_begin(&j, &b);
    if (as_json != 0) {
        json_open_object(&j, NULL);
        json_str(&j, "file", file_name);
        json_int(&j, "errors", 1);
        findings_json(&j, "findings", &one, (int)language);
        json_end_object(&j);
        buf_putc(&b, '\n');
    } else {
        findings_text(&b, &one, file_name, (int)language);
    }
    findings_free(&one);
    *out = buf_take(&b, NULL);
    return *out != NULL ? GLN_OK : GLN_E_MEMORY;
}
