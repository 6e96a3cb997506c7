/*
 * Looking at what was kept: one declaration, its parts, the list, and why its lane and what its answers mean.
 *
 * A declaration's own state is derived from its filings: rejected if one is, in doubt if one is, still moving while something
 * happens by itself. `GET /v1/declarations/{id}` answers 202 while it moves and 200 once it rests.
 */
#include "desk/internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "util/str.h"

int desk_declaration(struct desk *k, const char *id, struct ledger_declaration *out)
{
    int status = ledger_declaration_get(k->gw->ledger, k->ctx, id, k->in->submitter, out);

    /* to the operator the ledger's own words, which name the archive it may be in */
    return status == GLN_E_NOT_FOUND && k->in->submitter != NULL
               ? context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_NO_DECLARATION, id)
               : status;
}

struct gathering {
    struct ledger_filing *items;
    size_t count;
    bool failed;
};
static int gather(void *arg, const struct ledger_filing *f)
{
    struct gathering *g = arg;
    struct ledger_filing *more = realloc(g->items, (g->count + 1) * sizeof *more);

    if (more == NULL) {
        g->failed = true;
        return 1;
    }
    g->items = more;
    more[g->count++] = *f;
    return 0;
}

int desk_filings(struct desk *k, const char *declaration, struct ledger_filing **items, size_t *count)
{
    struct gathering g = {0};
    int status = ledger_filings(k->gw->ledger, k->ctx, declaration, gather, &g);

    if (status == GLN_OK && g.failed)
        status = context_no_memory(k->ctx);
    *items = g.items;
    *count = g.count;
    return status;
}

static bool rejected(const struct ledger_filing *f)
{
    return str_eq(f->outcome, "rejected") || str_eq(f->outcome, "not-processed");
}

/** Whether something will happen to the filing without a person. */
static bool moves(const struct ledger_filing *f)
{
    switch (f->state) {
    case FILING_ANSWERED:
        return str_eq(f->outcome, "pending");
    case FILING_HELD:
    case FILING_IN_DOUBT:
    case FILING_CLOSED:
    case FILING_CANCELLED:
    case FILING_WAITING:
        return false;
    default:
        return true;
    }
}

int desk_outcome(const struct ledger_filing *items, size_t count, bool *open)
{
    int status = GLN_OK;

    *open = false;
    for (size_t i = 0; i < count; i++) {
        *open = *open || moves(&items[i]);
        if (items[i].state == FILING_IN_DOUBT)
            status = GLN_E_IN_DOUBT;
        else if (rejected(&items[i]) && status == GLN_OK)
            status = GLN_E_REJECTED;
    }
    return status;
}

/* --- one declaration as JSON --- */

struct telling {
    struct desk *k;
    struct json_out *j;
};
/** In words of the asked language, and its code where it is one of ours. */
static void reason_json(struct desk *k, struct json_out *j, const char *stored)
{
    struct buf text = BUF_INIT;
    char code[64];

    reason_show(&text, stored, k->in->language);
    json_str(j, "reason", text.data != NULL ? text.data : "");
    if (*reason_code(code, stored) != '\0')
        json_str(j, "reason_code", code);
    buf_free(&text);
}

static int change_json(void *arg, const struct ledger_change *c)
{
    struct telling *t = arg;
    char at[25];

    time_format(at, c->at_ms);
    json_open_object(t->j, NULL);
    json_str(t->j, "at", at);
    json_str(t->j, "from", filing_state_name(c->from));
    json_str(t->j, "to", filing_state_name(c->to));
    reason_json(t->k, t->j, c->reason);
    json_str(t->j, "who", c->who);
    json_end_object(t->j);
    return 0;
}

static int answer_json(void *arg, int64_t at_ms, const void *data, size_t len)
{
    struct telling *t = arg;

    (void)at_ms;
    json_raw(t->j, NULL, data, len);
    return 0;
}

static int filing_json(struct desk *k, struct json_out *j, const struct ledger_filing *f)
{
    struct telling t = {k, j};
    char at[25];
    int status;

    json_open_object(j, NULL);
    json_int(j, "id", f->id);
    json_str(j, "destination", f->destination);
    json_str(j, "message", f->message);
    json_str(j, "action", f->action);
    json_str(j, "identity", f->identity);
    json_str(j, "environment", f->environment);
    json_str(j, "number", f->number);
    json_str(j, "key", f->key);
    json_str(j, "state", filing_state_name(f->state));
    json_str(j, "state_text", filing_state_text(f->state, k->in->language));
    reason_json(k, j, f->reason);
    json_int(j, "attempts", f->attempts);
    if (f->deadline_ms != 0) {
        time_format(at, f->deadline_ms);
        json_str(j, "deadline", at);
    }
    json_str(j, "operation", f->operation);
    json_str(j, "document", f->document);
    json_str(j, "outcome", f->outcome);
    json_open_array(j, "answers");
    status = ledger_attachments(k->gw->ledger, k->ctx, f->id, "answer-info", answer_json, &t);
    json_end_array(j);
    json_open_array(j, "history");
    if (status == GLN_OK || status == GLN_E_NOT_FOUND)
        status = ledger_history(k->gw->ledger, k->ctx, f->id, change_json, &t);
    json_end_array(j);
    json_end_object(j);
    return status;
}

static void head_json(struct json_out *j, const struct ledger_declaration *d)
{
    char at[25];

    time_format(at, d->received_ms);
    json_str(j, "id", d->id);
    json_str(j, "lrn", d->lrn);
    json_str(j, "submitter", d->submitter);
    if (d->signer[0] != '\0') {
        json_str(j, "signer", d->signer);
        json_str(j, "signer_fingerprint", d->signer_fingerprint);
    }
    json_str(j, "lane", lane_name(d->lane_now));
    if (d->lane_now != d->lane)
        json_str(j, "lane_kept", lane_name(d->lane));
    json_str(j, "received", at);
}

static void alert_json(void *arg, const char *kind, int64_t at_ms, const char *reason)
{
    struct telling *t = arg;
    char at[25];

    time_format(at, at_ms);
    json_open_object(t->j, NULL);
    json_str(t->j, "kind", kind);
    json_str(t->j, "at", at);
    reason_json(t->k, t->j, reason);
    json_end_object(t->j);
}

/** For the operator only: they tell one submitter about others. */
static int alerts_json(struct desk *k, struct json_out *j, const char *id)
{
    struct telling t = {k, j};
    int status;

    if (k->in->submitter != NULL)
        return GLN_OK;
    json_open_array(j, "alerts");
    status = watch_of(ledger_store(k->gw->ledger), k->ctx, id, alert_json, &t);
    json_end_array(j);
    return status;
}

static int show_json(struct desk *k, const struct ledger_declaration *d, const struct ledger_filing *items,
                     size_t count, int outcome)
{
    struct json_out j;
    int status = GLN_OK;

    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    head_json(&j, d);
    json_str(&j, "outcome",
             outcome == GLN_E_REJECTED   ? "rejected"
             : outcome == GLN_E_IN_DOUBT ? "in-doubt"
                                         : "ok");
    json_open_array(&j, "filings");
    for (size_t i = 0; status == GLN_OK && i < count; i++)
        status = filing_json(k, &j, &items[i]);
    json_end_array(&j);
    if (status == GLN_OK)
        status = alerts_json(k, &j, d->id);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return status;
}

/* --- the same for people --- */

static int change_text(void *arg, const struct ledger_change *c)
{
    struct desk *k = arg;
    struct buf text = BUF_INIT;
    char at[25];

    time_format(at, c->at_ms);
    reason_show(&text, c->reason, k->in->language);
    DESK_SAY(k, MSG_DESK_HISTORY, at, filing_state_text(c->to, k->in->language),
             text.data != NULL ? text.data : "", c->who);
    buf_free(&text);
    return 0;
}

static const char *member(const struct json_in *object, const char *key)
{
    const char *text = json_in_str(json_in_get(object, key));

    return text != NULL ? text : "";
}

static void place_text(struct desk *k, const struct json_in *place)
{
    char line[24];
    char column[24];
    int64_t n = 0;

    if (!json_in_int(json_in_get(place, "line"), &n))
        return;
    desk_number(line, n);
    (void)json_in_int(json_in_get(place, "column"), &n);
    desk_number(column, n);
    if (*member(place, "from") != '\0')
        DESK_SAY(k, MSG_DESK_ANSWER_PLACE_KEPT, line, column, member(place, "field"),
                 member(place, "pointer"), member(place, "from"));
    else
        DESK_SAY(k, MSG_DESK_ANSWER_PLACE, line, column, member(place, "field"), member(place, "pointer"));
}

static int answer_text(void *arg, int64_t at_ms, const void *data, size_t len)
{
    struct desk *k = arg;
    char why[160];
    struct json_in *root = json_in_parse(data, len, why, sizeof why);
    const struct json_in *texts = json_in_get(root, "texts");
    const struct json_in *places = json_in_get(root, "places");
    struct buf all = BUF_INIT, said = BUF_INIT;
    const char *meaning;

    (void)at_ms;
    for (size_t i = 0; i < json_in_len(texts); i++)
        buf_printf(&all, "%s%s", i == 0 ? ": " : "; ", json_in_str(json_in_at(texts, i)));
    if (*member(root, "document") != '\0')
        buf_printf(&all, " [%s]", member(root, "document"));
    message_put(&said, reason_customs(member(root, "outcome")), k->in->language,
                CTX_ARGS(all.data != NULL ? all.data : ""));
    DESK_SAY(k, MSG_DESK_ANSWER, said.data != NULL ? said.data : "");
    buf_free(&said);
    meaning = member(json_in_get(root, "meaning"), k->in->language == LANG_ES ? "es" : "en");
    if (*meaning != '\0')
        DESK_SAY(k, MSG_DESK_MEANING, meaning);
    for (size_t i = 0; i < json_in_len(places); i++)
        place_text(k, json_in_at(places, i));
    buf_free(&all);
    json_in_free(root);
    return 0;
}

static int filing_text(struct desk *k, const struct ledger_filing *f, bool history)
{
    char number[24];
    int status;

    desk_number(number, f->id);
    DESK_SAY(k, MSG_DESK_FILING, number, f->destination, f->message, f->key,
             filing_state_text(f->state, k->in->language));
    status = ledger_attachments(k->gw->ledger, k->ctx, f->id, "answer-info", answer_text, k);
    if (status == GLN_E_NOT_FOUND)
        status = GLN_OK;
    if (status == GLN_OK && history)
        status = ledger_history(k->gw->ledger, k->ctx, f->id, change_text, k);
    return status;
}

static void head_text(struct desk *k, const struct ledger_declaration *d)
{
    char at[25];

    time_format(at, d->received_ms);
    DESK_SAY(k, MSG_DESK_SHOW, d->id, d->lrn, desk_lane_text(k, d->lane_now), at);
}

static void heading_text(struct desk *k, const struct ledger_declaration *d)
{
    head_text(k, d);
    if (d->signer[0] != '\0')
        DESK_SAY(k, MSG_DESK_SIGNED_BY, d->signer, d->signer_fingerprint);
}

int desk_show(struct desk *k)
{
    struct ledger_declaration d;
    struct ledger_filing *items = NULL;
    size_t count = 0;
    bool open = false;
    int outcome = GLN_OK;
    int status = desk_declaration(k, desk_segment(k, 2), &d);

    if (status == GLN_OK)
        status = desk_filings(k, d.id, &items, &count);
    if (status == GLN_OK) {
        outcome = desk_outcome(items, count, &open);
        if (open)
            k->out->http_status = 202;
    }
    if (status == GLN_OK && !k->in->text) {
        status = show_json(k, &d, items, count, outcome);
    } else if (status == GLN_OK) {
        heading_text(k, &d);
        for (size_t i = 0; status == GLN_OK && i < count; i++)
            status = filing_text(k, &items[i], !desk_yes(k, "short"));
    }
    free(items);
    return status == GLN_OK ? outcome : status;
}

/** "yes" once nothing moves by itself any more: every filing has its answer, or needs a person. */
int desk_settled(struct desk *k)
{
    struct ledger_declaration d;
    struct ledger_filing *items = NULL;
    size_t count = 0;
    bool open = true;
    int status = desk_declaration(k, desk_segment(k, 2), &d);

    if (status == GLN_OK)
        status = desk_filings(k, d.id, &items, &count);
    if (status == GLN_OK) {
        (void)desk_outcome(items, count, &open);
        desk_type(k, "text/plain; charset=utf-8");
        buf_puts(&k->out->body, open ? "no\n" : "yes\n");
    }
    free(items);
    return status;
}

/* --- the list --- */

struct listing {
    struct desk *k;
    struct json_out j;
    size_t count;
};
static int list_row(void *arg, const struct ledger_declaration *d)
{
    struct listing *l = arg;

    l->count++;
    if (l->k->in->text) {
        head_text(l->k, d);
    } else {
        json_open_object(&l->j, NULL);
        head_json(&l->j, d);
        json_end_object(&l->j);
    }
    return 0;
}

/** What the request asks for. */
static int list_query(struct ledger_query *q, struct desk *k)
{
    const char *to = desk_query(k, "to");
    const char *limit = desk_query(k, "limit");
    const struct route_destination *destination = NULL;
    const struct route_message *message = NULL;
    int status = to != NULL ? flow_destination(&destination, &message, k->ctx, to) : GLN_OK;
    enum filing_state ignored;

    if (status != GLN_OK)
        return status;
    *q = (struct ledger_query){
        .state = desk_query(k, "state"),
        .destination = destination != NULL ? destination->name : NULL,
        .message = message != NULL ? message->name : NULL,
        .lrn = desk_query(k, "lrn"),
        .submitter = k->in->submitter != NULL ? k->in->submitter : desk_query(k, "submitter"),
        .after = desk_query(k, "after"),
        .limit = limit != NULL ? (int)strtol(limit, NULL, 10) : 100, /* checked below */
    };
    if (q->state != NULL && !filing_state_parse(&ignored, q->state))
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_STATE, q->state);
    if (limit != NULL && (strlen(limit) > 6 || limit[strspn(limit, "0123456789")] != '\0' || q->limit < 1))
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_LIMIT, limit);
    return GLN_OK;
}

int desk_list(struct desk *k)
{
    struct listing l = {.k = k};
    struct ledger_query q;
    int status = list_query(&q, k);

    if (status != GLN_OK)
        return status;
    if (!k->in->text) {
        json_begin(&l.j, &k->out->body);
        json_open_object(&l.j, NULL);
        json_open_array(&l.j, "declarations");
    }
    status = ledger_list(k->gw->ledger, k->ctx, &q, list_row, &l);
    if (!k->in->text) {
        json_end_array(&l.j);
        json_end_object(&l.j);
        buf_putc(&k->out->body, '\n');
    } else if (status == GLN_OK && l.count == 0) {
        DESK_SAY(k, MSG_DESK_NONE, "");
    }
    return status;
}

/* --- parts --- */

static const struct part {
    const char *name, *kind; /**< kind of the attachment; NULL: a part of the declaration */
    const char *type;
} parts[] = {
    {"original", NULL, "application/xml"},
    {"decision", NULL, "application/json"},
    {"findings", NULL, "application/json"},
    {"receipt", NULL, "application/json"},
    {"outbound", "outbound", "application/octet-stream"},
    {"signed", "signed", "application/octet-stream"},
    {"lane", "lane", "application/json"},
    {"answer", "answer", "application/xml"},
    {"reply", "reply", "application/octet-stream"},
    {"evidence", "evidence", "application/pkcs7-signature"},
    {"lane-receipt", "lane-receipt", "application/json"},
};

/** The filing asked for (?filing=), or the first. */
static int part_filing(struct desk *k, const char *declaration, int64_t *filing)
{
    const char *wanted = desk_query(k, "filing");
    struct ledger_filing *items = NULL;
    size_t count = 0;
    int status = desk_filings(k, declaration, &items, &count);

    *filing = 0;
    for (size_t i = 0; status == GLN_OK && i < count; i++)
        if (*filing == 0 && (wanted == NULL || items[i].id == strtoll(wanted, NULL, 10)))
            *filing = items[i].id;
    free(items);
    if (status == GLN_OK && *filing == 0)
        status = context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_NO_FILING, declaration,
                              wanted != NULL ? wanted : "");
    return status;
}

/** What the evidence is a signature over: the message as sent, and a line for each masked range. */
static int evidence_content(struct desk *k, int64_t filing)
{
    struct buf bytes = BUF_INIT;
    struct buf text = BUF_INIT;
    struct secret_slots slots = {0};
    int status = ledger_attachment(k->gw->ledger, k->ctx, filing, "signed", &bytes);

    if (status == GLN_OK) {
        status = ledger_attachment(k->gw->ledger, k->ctx, filing, "signed-slots", &text);
        if (status == GLN_E_NOT_FOUND)
            status = GLN_OK;
    }
    if (status == GLN_OK)
        status = slots_get(&slots, k->ctx, text.data != NULL ? text.data : "", text.len);
    if (status == GLN_OK)
        flow_evidence_content(&k->out->body, bytes.data, bytes.len, &slots);
    desk_type(k, "application/octet-stream");
    secret_slots_free(&slots);
    buf_free(&text);
    buf_free(&bytes);
    return status;
}

static int outbound_columns(struct desk *k, const struct ledger_declaration *d, int64_t filing)
{
    struct outbound o = {0};
    struct buf map = BUF_INIT;
    struct buf original = BUF_INIT;
    struct xml_doc *source = NULL;
    int status = ledger_attachment(k->gw->ledger, k->ctx, filing, "outbound", &o.bytes);

    if (status == GLN_OK)
        status = ledger_attachment(k->gw->ledger, k->ctx, filing, "source-map", &map);
    if (status == GLN_OK)
        status = map_get(&o.map, k->ctx, map.data != NULL ? map.data : "", map.len);
    if (status == GLN_OK)
        status = ledger_declaration_part(k->gw->ledger, k->ctx, d->id, "original", &original);
    if (status == GLN_OK)
        status = xml_read(&source, k->ctx, original.data, original.len);
    if (status == GLN_OK)
        outbound_explain(&k->out->body, &o, source, k->ctx->engine->pointers, k->in->language);
    desk_type(k, "text/plain; charset=utf-8");
    xml_doc_free(source);
    buf_free(&original);
    buf_free(&map);
    outbound_free(&o);
    return status;
}

static int filing_part(struct desk *k, const struct ledger_declaration *d, const struct part *p)
{
    int64_t filing = 0;
    int status = part_filing(k, d->id, &filing);

    if (status != GLN_OK)
        return status;
    if (p == NULL)
        return evidence_content(k, filing);
    if (desk_yes(k, "columns"))
        return outbound_columns(k, d, filing);
    desk_type(k, p->type);
    return ledger_attachment(k->gw->ledger, k->ctx, filing, p->kind, &k->out->body);
}

/** A decision about the lane leaves without the numbers of persons in it. */
static int decision_shown(struct desk *k)
{
    struct buf kept = k->out->body;
    int status;

    k->out->body = (struct buf)BUF_INIT;
    status = lane_shown(&k->out->body, k->ctx, kept.data != NULL ? kept.data : "", kept.len);
    buf_free(&kept);
    return status;
}

int desk_part(struct desk *k)
{
    const char *name = desk_segment(k, 3);
    const struct part *p = NULL;
    struct ledger_declaration d;
    int status = desk_declaration(k, desk_segment(k, 2), &d);

    if (status != GLN_OK)
        return status;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (str_eq(parts[i].name, name))
            p = &parts[i];
    if (p == NULL && !str_eq(name, "evidence-content"))
        return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_NO_GATEWAY_PART, name);
    if (p != NULL && p->kind == NULL) {
        desk_type(k, p->type);
        status = ledger_declaration_part(k->gw->ledger, k->ctx, d.id, name, &k->out->body);
    } else {
        status = filing_part(k, &d, p);
    }
    if (status == GLN_OK && (str_eq(name, "decision") || str_eq(name, "lane")))
        status = decision_shown(k);
    return status == GLN_E_NOT_FOUND && context_text(k->ctx, LANG_EN)[0] == '\0'
               ? context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_NO_PART, d.id, name)
               : status;
}

/* --- explain --- */

struct recalled {
    int64_t at_ms;
    struct buf newest;
};

static int take_newest(void *arg, int64_t at_ms, const void *data, size_t len)
{
    struct recalled *r = arg;

    r->at_ms = at_ms;
    buf_clear(&r->newest);
    buf_put(&r->newest, data, len);
    return 0;
}

/** The newest decision about a filing, where it is another than the one that was kept; *any then. */
static int explain_recalled(struct desk *k, const struct ledger_filing *f, bool *any)
{
    struct recalled r = {0};
    char number[24], at[25];
    int status = ledger_attachments(k->gw->ledger, k->ctx, f->id, "lane", take_newest, &r);

    if (status == GLN_OK && r.newest.failed)
        status = context_no_memory(k->ctx);
    if (status == GLN_OK && r.newest.len > 0) {
        *any = true;
        desk_number(number, f->id);
        time_format(at, r.at_ms);
        DESK_SAY(k, MSG_DESK_RECALLED, number, at, desk_lane_text(k, f->lane));
        status = lane_explain(&k->out->body, k->ctx, r.newest.data, r.newest.len, k->in->language);
    }
    buf_free(&r.newest);
    return status;
}

static int decision_json(struct desk *k, struct json_out *j, const char *key, const struct buf *decision)
{
    struct buf shown = BUF_INIT;
    int status = lane_shown(&shown, k->ctx, decision->data, decision->len);

    if (status == GLN_OK)
        json_raw(j, key, shown.data, shown.len);
    buf_free(&shown);
    return status;
}

/** The same for programs: every decision about the lane, the one that was kept first. */
static int explain_json(struct desk *k, const struct ledger_declaration *d, const struct ledger_filing *items,
                        size_t count, const struct buf *decision)
{
    struct json_out j;
    int status;

    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    head_json(&j, d);
    status = decision_json(k, &j, "decision", decision);
    json_open_array(&j, "recalled");
    for (size_t i = 0; status == GLN_OK && i < count; i++) {
        struct recalled r = {0};
        char at[25];

        status = ledger_attachments(k->gw->ledger, k->ctx, items[i].id, "lane", take_newest, &r);
        if (status == GLN_OK && r.newest.len > 0) {
            time_format(at, r.at_ms);
            json_open_object(&j, NULL);
            json_int(&j, "filing", items[i].id);
            json_str(&j, "at", at);
            status = decision_json(k, &j, "decision", &r.newest);
            json_end_object(&j);
        }
        buf_free(&r.newest);
    }
    json_end_array(&j);
    json_open_array(&j, "filings");
    for (size_t i = 0; status == GLN_OK && i < count; i++)
        status = filing_json(k, &j, &items[i]);
    json_end_array(&j);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return status;
}

/** Why the lane is what it is: what was decided last, then what was decided first. */
static int explain_lane(struct desk *k, const struct ledger_filing *items, size_t count,
                        const struct buf *decision)
{
    bool any = false;
    int status = GLN_OK;

    for (size_t i = 0; status == GLN_OK && i < count; i++)
        status = explain_recalled(k, &items[i], &any);
    if (any)
        DESK_SAY(k, MSG_DESK_DECIDED_FIRST, "");
    return status == GLN_OK
               ? lane_explain(&k->out->body, k->ctx, decision->data, decision->len, k->in->language)
               : status;
}

static void alert_text(void *arg, const char *kind, int64_t at_ms, const char *reason)
{
    struct desk *k = arg;
    struct buf text = BUF_INIT;
    char at[25];

    (void)kind;
    time_format(at, at_ms);
    reason_show(&text, reason, k->in->language);
    DESK_SAY(k, MSG_DESK_ALERT, at, text.data != NULL ? text.data : "");
    buf_free(&text);
}

/** The kept decision again, by what was known then or is known now. */
static int explain_again(struct desk *k, const char *known, const struct buf *kept)
{
    struct buf again = BUF_INIT, text = BUF_INIT;
    bool now = str_eq(known, "now");
    struct json_out j;
    int status;

    if (!now && !str_eq(known, "then"))
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_KNOWN, known);
    if (now) /* the operators file of now among it */
        gateway_register(k->gw, k->ctx);
    status = flow_decide_again(&again, &text, k->gw, k->ctx, kept, now, k->in->language);
    if (status == GLN_OK && k->in->text) {
        buf_put(&k->out->body, text.data, text.len);
        status = lane_explain(&k->out->body, k->ctx, again.data, again.len, k->in->language);
    } else if (status == GLN_OK) {
        json_begin(&j, &k->out->body);
        json_open_object(&j, NULL);
        json_str(&j, "known", known);
        json_str(&j, "text", text.data);
        status = decision_json(k, &j, "decision", &again);
        if (status == GLN_OK)
            status = decision_json(k, &j, "kept", kept);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    buf_free(&again);
    buf_free(&text);
    return status;
}

int desk_explain(struct desk *k)
{
    const char *known = desk_query(k, "known");
    struct ledger_declaration d;
    struct ledger_filing *items = NULL;
    size_t count = 0;
    struct buf decision = BUF_INIT;
    int status = desk_declaration(k, desk_segment(k, 2), &d);

    if (status == GLN_OK)
        status = ledger_declaration_part(k->gw->ledger, k->ctx, d.id, "decision", &decision);
    if (status == GLN_OK)
        status = desk_filings(k, d.id, &items, &count);
    if (status == GLN_OK && known != NULL) {
        status = explain_again(k, known, &decision);
    } else if (status == GLN_OK && !k->in->text) {
        status = explain_json(k, &d, items, count, &decision);
    } else if (status == GLN_OK) {
        heading_text(k, &d);
        status = explain_lane(k, items, count, &decision);
        if (status == GLN_OK && k->in->submitter == NULL)
            status = watch_of(ledger_store(k->gw->ledger), k->ctx, d.id, alert_text, k);
        for (size_t i = 0; status == GLN_OK && i < count; i++)
            status = filing_text(k, &items[i], false);
    }
    free(items);
    buf_free(&decision);
    return status;
}
