/*
 * Transform: the pivot becomes the destination's message, once for every message of the destination that applies.
 *
 * For each: the action the declaration asks for, the one identity it is filed under, its number (carried, or drawn from the
 * identity's series), then stylesheet, schema and codec. What does not fit the destination is a finding at the sender's
 * place. A number that was drawn for a message that then failed is recorded as a gap: it is never given again.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void draft_clear(struct draft *t)
{
    identity_free(&t->identity);
    free(t->number);
    free(t->serial);
    free(t->key);
    xml_doc_free(t->document);
    outbound_free(&t->outbound);
    memset(t, 0, sizeof *t);
}

void drafts_gap(struct gln_declaration *d, struct gln_gateway *gw, const char *reason)
{
    for (size_t i = 0; gw != NULL && i < d->draft_count; i++) {
        struct draft *t = &d->drafts[i];

        if (t->serial == NULL)
            continue;
        (void)series_gap(gw->ledger, d->ctx, t->identity.name, t->message->series->kind, t->serial_year,
                         t->serial, reason);
        free(TAKE(&t->serial));
    }
}

static const struct xml_node *declaration_of(const struct gln_declaration *d)
{
    return xml_child(xml_root(d->pivot), "Declaration");
}

static const char *text_of(const struct gln_declaration *d, const char *path)
{
    const char *text = xml_find_text(declaration_of(d), path);

    return text != NULL ? text : "";
}

/** A finding at the node `path` of the declaration, or at the declaration itself. */
static int say(struct gln_declaration *d, const char *rule, const char *path, enum message_id id,
               const char *const *args, size_t n)
{
    const struct xml_node *at = xml_find(declaration_of(d), path);
    struct buf xpath = BUF_INIT;
    int status;

    if (at == NULL)
        at = declaration_of(d);
    xml_path(&xpath, at);
    status = findings_say(&d->findings, rule, GLN_ERROR, xml_place(d->pivot, at), xpath.data, id, args, n);
    buf_free(&xpath);
    return status;
}

int error_as_finding(struct findings *list, const struct gln_context *ctx, const char *rule)
{
    const struct error *e = &ctx->error;
    struct finding f = {.rule = rule, .severity = GLN_ERROR, .place = e->place};
    struct buf prefix = BUF_INIT;

    /* the text already starts with the place, which a finding says by itself */
    if (e->place.known)
        buf_printf(&prefix, "%u:%u: ", (unsigned)e->place.line, (unsigned)e->place.column);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const char *full = context_text(ctx, lang);

        f.text[lang] = prefix.len > 0 && str_starts(full, prefix.data) ? full + prefix.len : full;
    }
    buf_free(&prefix);
    return findings_add(list, &f);
}

/** What a stylesheet or codec could not do becomes a finding. */
static int say_failure(struct gln_declaration *d)
{
    int status = error_as_finding(&d->findings, d->ctx, "GLN-OUT-001");

    context_ok(d->ctx);
    return status;
}

/* --- identity --- */

static int practice_identity(struct gln_declaration *d, struct draft *t)
{
    const struct route_destination *dest = t->destination;
    struct identity *id = &t->identity;
    const char *principal = *d->probe.principal != '\0' ? d->probe.principal : dest->practice_principal;
    bool ok;

    id->name = str_dup("practice");
    id->environment = str_dup("TEST");
    id->destination = str_dup(dest->name);
    id->principal = str_dup(principal);
    id->role = str_dup(dest->practice_role);
    id->custody = str_dup("remote");
    id->settings = calloc(dest->practice_count + 1, sizeof *id->settings);
    ok = id->name != NULL && id->environment != NULL && id->destination != NULL && id->principal != NULL &&
         id->role != NULL && id->custody != NULL && id->settings != NULL;
    for (size_t i = 0; ok && i < dest->practice_count; i++) {
        id->settings[i].name = str_dup(dest->practice[i].name);
        id->settings[i].value = str_dup(dest->practice[i].value);
        id->setting_count++;
        ok = id->settings[i].name != NULL && id->settings[i].value != NULL;
    }
    return ok ? GLN_OK : context_no_memory(d->ctx);
}

/** The identity asked for by name: it must be of this destination and environment, file for whom the declaration names, and be this submitter's. */
static int named_identity(struct gln_declaration *d, struct gln_gateway *gw, struct draft *t)
{
    const char *environment = option_text(d->ctx->options, OPT_ENVIRONMENT);
    struct store *s = ledger_store(gw->ledger);
    struct identity *id = &t->identity;
    struct identity picked = {0};
    int status = identity_get(s, d->ctx, d->wish.identity, id);

    if (status != GLN_OK)
        return status;
    if (!str_eq(id->destination, t->destination->name) || !str_eq(id->environment, environment))
        return context_fail(d->ctx, GLN_E_CONFLICT, MSG_FLOW_IDENTITY_DESTINATION, id->name, id->destination,
                            id->environment, t->destination->name, environment);
    if (*d->probe.principal != '\0' && !str_eq(id->principal, d->probe.principal))
        return context_fail(d->ctx, GLN_E_CONFLICT, MSG_FLOW_IDENTITY_PRINCIPAL, d->probe.principal, id->name,
                            id->principal);
    if (flow_actor(d) == NULL)
        return GLN_OK;
    status = identity_pick(s, d->ctx, flow_actor(d), environment, id->destination, id->principal, id->name,
                           &picked);
    identity_free(&picked);
    return status;
}

static int find_identity(struct gln_declaration *d, struct gln_gateway *gw, struct draft *t, bool *stored)
{
    int status;

    if (d->wish.identity != NULL)
        return named_identity(d, gw, t);
    status = identity_pick(ledger_store(gw->ledger), d->ctx, flow_actor(d),
                           option_text(d->ctx->options, OPT_ENVIRONMENT), t->destination->name,
                           *d->probe.principal != '\0' ? d->probe.principal : NULL, NULL, &t->identity);
    if (status == GLN_E_NOT_FOUND && d->wish.preview && !d->wish.sealed) {
        context_ok(d->ctx);
        *stored = false;
        return practice_identity(d, t);
    }
    if (status == GLN_E_FORBIDDEN)
        log_write(d->ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
                  "submitter '%s' tried to file for %s %s, which is not his to use",
                  flow_actor(d) != NULL ? flow_actor(d) : "local", t->destination->name, d->probe.principal);
    return status;
}

static int draft_identity(struct gln_declaration *d, struct gln_gateway *gw, struct draft *t)
{
    bool stored = true;
    int status;

    if (gw == NULL)
        return practice_identity(d, t);
    status = find_identity(d, gw, t, &stored);
    if (status == GLN_OK && stored)
        status = identity_unchanged(ledger_store(gw->ledger), d->ctx, gw->sealer, &t->identity);
    return status;
}

/* --- number and key --- */

/** Whose numbers an identity gives: what customs tells numbers apart by. */
static void owner_put(struct buf *out, const struct identity *id)
{
    buf_printf(out, "%s %s %s", id->destination, id->environment, id->principal);
}

int flow_number_owner(struct gln_gateway *gw, struct gln_context *ctx, const struct identity *id)
{
    struct buf owner = BUF_INIT;
    int status;

    owner_put(&owner, id);
    status = owner.failed ? context_no_memory(ctx) : series_owner(gw->ledger, ctx, id->name, owner.data);
    buf_free(&owner);
    return status;
}

/** The whole number of a serial. */
static int number_make(struct buf *out, const struct gln_declaration *d, const struct draft *t,
                       const char *serial)
{
    struct params params;
    char year[16];
    int status;

    params_init(&params);
    snprintf(year, sizeof year, "%d", t->serial_year);
    params_identity(&params, &t->identity);
    params_put(&params, "year", year);
    buf_clear(out);
    status = route_make_number(out, d->ctx, t->destination, t->message->series, serial, params.items);
    params_free(&params);
    return status == GLN_OK && (out->failed || out->len == 0) ? context_no_memory(d->ctx) : status;
}

/** Numbers in a row that senders had brought before: more are a range that is not this identity's. */
enum { PASS_OVER = 1000 };

/** Reserves a serial whose number no filing ever carried; one that a sender had brought himself is passed over. */
static int number_reserve(struct buf *number, struct buf *serial, struct gln_declaration *d,
                          struct gln_gateway *gw, const struct draft *t)
{
    const char *kind = t->message->series->kind, *name = t->identity.name;
    struct buf owner = BUF_INIT;
    char most[16];
    bool used = true;
    int status = GLN_OK;

    owner_put(&owner, &t->identity);
    if (owner.failed)
        status = context_no_memory(d->ctx);
    for (int i = 0; status == GLN_OK && used && i < PASS_OVER; i++) {
        status = series_reserve(gw->ledger, d->ctx, name, owner.data, kind, t->serial_year, serial);
        if (status == GLN_OK)
            status = number_make(number, d, t, serial->data);
        if (status == GLN_OK)
            status = ledger_number_used(gw->ledger, d->ctx, t->destination->name, t->identity.environment,
                                        number->data, &used);
        if (status == GLN_OK && used)
            status = series_gap(gw->ledger, d->ctx, name, kind, t->serial_year, serial->data,
                                REASON(MSG_REASON_GAP_USED, ""));
    }
    snprintf(most, sizeof most, "%d", PASS_OVER);
    if (status == GLN_OK && used)
        status = context_fail(d->ctx, GLN_E_CONFLICT, MSG_FLOW_NUMBERS_TAKEN, most, kind, name);
    buf_free(&owner);
    return status;
}

static void year_set(const struct gln_declaration *d, struct draft *t)
{
    struct civil today = {0};

    if (t->message->series->yearly &&
        time_civil_kept(&today, clock_wall_ms(d->ctx->clock), t->destination->zone, &d->ctx->zones))
        t->serial_year = today.year;
}

static int draft_draw(struct gln_declaration *d, struct gln_gateway *gw, struct draft *t)
{
    const struct route_series *series = t->message->series;
    bool real = gw != NULL && !d->wish.preview;
    struct buf serial = BUF_INIT;
    struct buf number = BUF_INIT;
    int status;

    year_set(d, t);
    if (!real)
        buf_printf(&serial, "%0*d", series->width, 1);
    status = real ? number_reserve(&number, &serial, d, gw, t) : number_make(&number, d, t, serial.data);
    if (status == GLN_OK && real)
        t->serial = str_dup(serial.data);
    if (status == GLN_OK)
        t->number = buf_take(&number, NULL);
    buf_free(&serial);
    buf_free(&number);
    return status;
}

/** Whether a range of the identity holds the number a sender brought: one of its digits' runs is a serial that makes this very number. */
static int number_held(const struct gln_declaration *d, struct gln_gateway *gw, const struct draft *t,
                       bool *any, bool *held)
{
    const struct route_series *series = t->message->series;
    size_t width = (size_t)series->width, len = strlen(t->number);
    struct buf number = BUF_INIT;
    int status = series_holds(gw->ledger, d->ctx, t->identity.name, series->kind, NULL, any);

    *held = false;
    for (size_t i = 0; status == GLN_OK && *any && !*held && i + width <= len; i++) {
        char *serial = str_is_digits(t->number + i, width) ? str_ndup(t->number + i, width) : NULL;

        if (serial == NULL)
            continue;
        status = number_make(&number, d, t, serial);
        if (status == GLN_OK && str_eq(number.data, t->number))
            status = series_holds(gw->ledger, d->ctx, t->identity.name, series->kind, serial, held);
        free(serial);
    }
    buf_free(&number);
    return status;
}

/** A new declaration's own number must be one this identity may give, if it has a series to say which these are. */
static int number_brought(struct gln_declaration *d, struct gln_gateway *gw, struct draft *t)
{
    bool any = false, held = false;
    int status = GLN_OK;

    if (gw == NULL || t->message->series == NULL || !str_eq(t->action->function, "9") ||
        d->wish.instead_number != NULL)
        return GLN_OK;
    year_set(d, t);
    status = number_held(d, gw, t, &any, &held);
    if (status != GLN_OK || held || !any)
        return status;
    return say(d, "GLN-FLOW-008", "ID", MSG_FLOW_NUMBER_OUTSIDE,
               CTX_ARGS(t->number, t->message->series->kind, t->identity.name));
}

static int draft_number(struct gln_declaration *d, struct gln_gateway *gw, struct draft *t)
{
    const char *found =
        d->wish.instead_number != NULL ? d->wish.instead_number : route_probe_number(&d->probe, t->message);
    const char *key = route_probe_key(&d->probe, t->message);
    int status = GLN_OK;

    if (*found != '\0') {
        t->number = str_dup(found);
        status = t->number != NULL ? number_brought(d, gw, t) : context_no_memory(d->ctx);
    } else if (t->message->series != NULL && str_eq(t->action->function, "9")) {
        status = draft_draw(d, gw, t);
    } else if (t->message->series != NULL) {
        return say(d, "GLN-FLOW-003", "FunctionCode", MSG_FLOW_NEEDS_NUMBER, CTX_ARGS(t->action->name));
    }
    if (status != GLN_OK)
        return status;
    if (*key == '\0')
        key = t->number != NULL ? t->number : text_of(d, "FunctionalReferenceID");
    t->key = str_dup(key);
    return t->key != NULL ? GLN_OK : context_no_memory(d->ctx);
}

/* --- the message --- */

void flow_draft_params(struct params *p, const struct gln_declaration *d, const struct draft *t)
{
    struct buf reasons = BUF_INIT;

    params_init(p);
    params_identity(p, &t->identity);
    params_put(p, "action", t->action->name);
    params_put(p, "number", t->number);
    params_put(p, "key", t->key);
    params_put(p, "lrn", text_of(d, "FunctionalReferenceID"));
    params_put(p, "environment", t->identity.environment);
    params_put(p, "lane", lane_name(d->decision.lane));
    for (size_t i = 0; i < d->decision.reason_count; i++)
        buf_printf(&reasons, "%s%s", i > 0 ? " " : "", d->decision.reasons[i]);
    params_put(p, "reasons", reasons.data);
    params_put(p, "operation", "");
    params_put(p, "document", "");
    params_now(p, d->ctx, t->destination->zone);
    p->failed = p->failed || reasons.failed;
    buf_free(&reasons);
}

static int draft_schema(struct gln_declaration *d, const struct draft *t)
{
    struct buf why = BUF_INIT;
    bool valid = true;
    int status;

    if (t->message->schema == NULL)
        return GLN_OK;
    status = xml_schema_valid(t->message->schema, d->ctx, t->document, &valid, &why);
    if (status == GLN_OK && !valid)
        status = context_fail(d->ctx, GLN_E_INPUT, MSG_FLOW_OUTBOUND_SCHEMA, t->destination->name,
                              why.data != NULL ? why.data : "");
    buf_free(&why);
    return status;
}

/* The message as bytes. Values that do not fit become findings, all of them, where the codec can tell. */
static int draft_encode(struct gln_declaration *d, struct draft *t)
{
    const struct codec *codec = t->message->codec;
    size_t before = d->findings.count;
    int status = codec->encode(&t->outbound, d->ctx, t->message->layout, t->document, d->pivot);

    if (status == GLN_E_INPUT && codec->check != NULL) {
        int checked = codec->check(&d->findings, d->ctx, t->message->layout, t->document, d->pivot);

        if (checked != GLN_OK)
            return checked;
        if (d->findings.count > before) {
            context_ok(d->ctx);
            status = GLN_OK;
        }
    }
    return status == GLN_OK && t->outbound.bytes.failed ? context_no_memory(d->ctx) : status;
}

static int draft_message(struct gln_declaration *d, struct draft *t)
{
    const struct gln_engine *e = d->ctx->engine;
    struct params params;
    struct xml_run run = {.codes = e->codes, .source = d->pivot};
    int status;

    flow_draft_params(&params, d, t);
    run.params = params.items;
    status = params.failed ? context_no_memory(d->ctx)
                           : xml_transform(&t->document, t->message->transform, d->ctx, d->pivot, &run);
    params_free(&params);
    if (status == GLN_OK)
        status = draft_schema(d, t);
    if (status == GLN_OK)
        status = draft_encode(d, t);
    return status == GLN_E_INPUT ? say_failure(d) : status;
}

/** The action the declaration asks for, or the one it is to be sent as instead. */
static const struct route_action *draft_action(const struct gln_declaration *d, const struct route_message *m)
{
    return d->wish.instead_action == NULL ? route_probe_action(&d->probe, m)
                                          : route_action(m, d->wish.instead_action);
}

static int draft_make(struct gln_declaration *d, struct gln_gateway *gw, const struct route_message *m)
{
    struct draft *t = &d->drafts[d->draft_count];
    int status;

    t->destination = d->wish.destination;
    t->message = m;
    t->action = draft_action(d, m);
    if (t->action == NULL)
        return say(d, "GLN-FLOW-004", "FunctionCode", MSG_FLOW_NO_ACTION,
                   CTX_ARGS(m->name, text_of(d, "FunctionCode"), text_of(d, "TypeCode")));
    d->draft_count++;
    t->deadline_ms = draft_deadline(d, t);
    if (d->decision.importer_unbound && str_eq(option_text(d->ctx->options, OPT_IMPORTER_UNBOUND), "hold"))
        t->hold_reason = reason_make(&t->hold, MSG_REASON_UNBOUND, NULL, 0);
    status = draft_identity(d, gw, t);
    if (status == GLN_OK)
        status = draft_number(d, gw, t);
    return status == GLN_OK && d->findings.errors == 0 ? draft_message(d, t) : status;
}

static bool wanted(const struct gln_declaration *d, const struct route_message *m)
{
    if (d->wish.message != NULL && m != d->wish.message)
        return false;
    return (m->is_default || m == d->wish.message) && route_probe_applies(&d->probe, m);
}

int flow_transform(struct gln_declaration *d, struct gln_gateway *gw)
{
    const struct route_destination *dest = d->wish.destination;
    int status;

    if (dest == NULL)
        return context_fail(d->ctx, GLN_E_ARGUMENT, MSG_FLOW_NO_DESTINATION);
    status = route_probe(&d->probe, d->ctx, dest, d->pivot, d->ctx->engine->codes);
    if (status != GLN_OK)
        return status;
    d->drafts = calloc(dest->message_count, sizeof *d->drafts);
    if (d->drafts == NULL)
        return context_no_memory(d->ctx);
    for (size_t i = 0; status == GLN_OK && i < dest->message_count; i++)
        if (wanted(d, &dest->messages[i]))
            status = draft_make(d, gw, &dest->messages[i]);
    if (status == GLN_OK && d->draft_count == 0 && d->findings.errors == 0)
        status = d->wish.message != NULL ? context_fail(d->ctx, GLN_E_INPUT, MSG_FLOW_NOT_APPLICABLE,
                                                        d->wish.message->name, dest->name)
                                         : context_fail(d->ctx, GLN_E_INPUT, MSG_FLOW_NO_MESSAGE, dest->name);
    if (status != GLN_OK || d->findings.errors > 0) {
        struct error saved = d->ctx->error;

        d->ctx->error = (struct error){.status = GLN_OK};
        drafts_gap(d, gw, saved.reason != NULL ? saved.reason : REASON(MSG_REASON_GAP_NOT_MADE, ""));
        context_ok(d->ctx);
        d->ctx->error = saved;
    }
    if (status == GLN_OK)
        status = findings_point(d);
    findings_sort(&d->findings);
    return status;
}
