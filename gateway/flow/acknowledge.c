/*
 * Acknowledge: customs' bytes become answers, each tied to its filing by key, by customs' number, or because it is the reply to it.
 *
 * What is stored with the filing: the answer as a WCO Response for the sender, and what it says in JSON, where a rejection's place in our
 * message is followed back to the sender's own line. An answer that says nothing new (a poll that is still pending) is
 * not stored again. An answer to a filing that is not waiting for one is stored too, with an alert; the outcome of a closed one stays.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/json.h"
#include "util/str.h"

#define NS_ANSWER "urn:greenlane:answer:1"
#define NS_ENVELOPE "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
#define NS_RESPONSE "urn:wco:datamodel:WCO:RES-DMS:2"

static const char *attr(const struct xml_node *n, const char *name)
{
    const char *value = xml_attr(n, name);

    return value != NULL ? value : "";
}

/* --- tying --- */

static int find_filing(struct gln_gateway *gw, struct gln_context *ctx, const struct inbound *in,
                       const struct xml_node *answer, struct ledger_filing *f)
{
    const char *key = attr(answer, "key");
    const char *operation = attr(answer, "operation");
    int status = GLN_E_NOT_FOUND;

    if (in->about != 0)
        return ledger_filing_get(gw->ledger, ctx, in->about, f);
    if (*key != '\0')
        status = ledger_filing_by_key(gw->ledger, ctx, in->destination->name, in->environment, key,
                                      attr(answer, "action"), str_eq(attr(answer, "notice"), "yes"), f);
    if (status == GLN_E_NOT_FOUND && *operation != '\0')
        status =
            ledger_filing_by_operation(gw->ledger, ctx, in->destination->name, in->environment, operation, f);
    return status;
}

/* --- the answer for the sender --- */

static bool is_class(const char *id, size_t len)
{
    return len == 3 && id[0] >= '0' && id[0] <= '9' && id[1] >= '0' && id[1] <= '9' && id[2] >= 'A' &&
           id[2] <= 'Z';
}

/** One Pointer of a chain: class id, its occurrence if the text names one. */
static int class_add(struct xml_node **out, struct gln_context *ctx, struct xml_node *error, const char *part,
                     size_t len)
{
    const char *bracket = memchr(part, '[', len);
    char *id = str_ndup(part, bracket != NULL ? (size_t)(bracket - part) : len);
    char *n = bracket != NULL ? str_ndup(bracket + 1, len - (size_t)(bracket - part) - 2) : NULL;
    int status = id != NULL ? xml_add(out, ctx, error, NS_RESPONSE, "Pointer") : context_no_memory(ctx);

    if (status == GLN_OK && n != NULL)
        status = xml_add_text(ctx, *out, NS_RESPONSE, "SequenceNumeric", n);
    if (status == GLN_OK)
        status = xml_add_text(ctx, *out, NS_RESPONSE, "DocumentSectionCode", id);
    free(id);
    free(n);
    return status;
}

/** 42A/67A/68A[2]/23A/145 as the chain of Pointer elements WCO has for it. */
static int pointers_add(struct gln_context *ctx, struct xml_node *error, const char *pointer)
{
    struct xml_node *last = NULL;
    int status = GLN_OK;

    while (status == GLN_OK && *pointer != '\0') {
        size_t len = strcspn(pointer, "/");
        size_t plain = strcspn(pointer, "/[");

        if (is_class(pointer, plain)) {
            status = class_add(&last, ctx, error, pointer, len);
        } else if (last != NULL) {
            char *tag = str_ndup(pointer, plain);

            status =
                tag != NULL ? xml_add_text(ctx, last, NS_RESPONSE, "TagID", tag) : context_no_memory(ctx);
            free(tag);
        }
        pointer += len + (pointer[len] == '/');
    }
    return status;
}

/** The i-th Error of a Response that has no pointer of its own yet. */
static struct xml_node *error_at(const struct xml_node *response, size_t i)
{
    for (struct xml_node *c = xml_first(response); c != NULL; c = xml_next(c))
        if (xml_is(c, "Error") && i-- == 0)
            return xml_child(c, "Pointer") == NULL ? c : NULL;
    return NULL;
}

/** What the stylesheet left open, for it sees only customs' bytes: the sender's own reference. */
static int reference_fill(struct gln_context *ctx, const struct xml_node *response, const char *lrn)
{
    struct xml_node *declaration = xml_child(response, "Declaration");
    struct xml_node *n = declaration != NULL ? xml_child(declaration, "FunctionalReferenceID") : NULL;
    struct xml_node *before = declaration != NULL ? xml_first(declaration) : NULL;
    int status = GLN_OK;

    if (declaration == NULL || *lrn == '\0' || (n != NULL && *xml_text(n) != '\0'))
        return GLN_OK;
    /* the schema's order: two instants stand before it, everything else behind */
    while (before != NULL && (xml_is(before, "AcceptanceDateTime") || xml_is(before, "CancellationDateTime")))
        before = xml_next(before);
    if (n == NULL)
        status = before != NULL ? xml_add_before(&n, ctx, before, NS_RESPONSE, "FunctionalReferenceID")
                                : xml_add(&n, ctx, declaration, NS_RESPONSE, "FunctionalReferenceID");
    return status == GLN_OK ? xml_set_text(ctx, n, lrn) : status;
}

struct telling {
    struct gln_gateway *gw;
    struct gln_context *ctx;
    const struct ledger_filing *f;
    const struct xml_node *answer;
    struct xml_node *response; /**< the copy that goes to the sender; NULL: none */
    struct json_out json;
};

static void blamed_json(struct json_out *j, const struct blamed *b)
{
    json_open_object(j, NULL);
    if (b->place.known) {
        json_int(j, "line", b->place.line);
        json_int(j, "column", b->place.column);
    }
    if (b->from != NULL)
        json_str(j, "from", b->from);
    json_str(j, "field", b->title);
    json_str(j, "xpath", b->xpath.data);
    json_str(j, "pointer", b->pointer.data);
    json_end_object(j);
}

/** Every location of the answer that leads to the sender's line: into the JSON, and as pointers into the Response. */
static int places_tell(struct telling *t)
{
    struct blame blame = {0};
    size_t i = 0;
    int status;

    if (xml_child(t->answer, "location") == NULL)
        return GLN_OK;
    status = blame_load(&blame, t->gw, t->ctx, t->f);
    for (const struct xml_node *c = xml_first(t->answer); status == GLN_OK && c != NULL; c = xml_next(c)) {
        struct blamed b;
        struct xml_node *error;

        if (!xml_is(c, "location"))
            continue;
        if (blame_find(&blame, t->ctx, c, &b)) {
            blamed_json(&t->json, &b);
            error = t->response != NULL ? error_at(t->response, i) : NULL;
            if (error != NULL && b.pointer.len > 0)
                status = pointers_add(t->ctx, error, b.pointer.data);
        }
        blamed_free(&b);
        i++;
    }
    blame_clear(&blame);
    return status;
}

/** The Response in its envelope; `out` owned by the caller, NULL if the answer brings none. */
static int response_wrap(struct xml_doc **out, struct telling *t)
{
    const struct xml_node *response = xml_child(t->answer, "Response");
    struct ledger_declaration d;
    struct xml_node *root;
    int status;

    *out = NULL;
    if (response == NULL)
        return GLN_OK;
    status = xml_doc_new(out, t->ctx, NS_ENVELOPE, "MetaData");
    if (status != GLN_OK)
        return status;
    root = xml_root(*out);
    status = xml_add_text(t->ctx, root, NS_ENVELOPE, "WCODataModelVersionCode", "3.6");
    if (status == GLN_OK)
        status = xml_add_text(t->ctx, root, NS_ENVELOPE, "WCOTypeName", "RES");
    if (status == GLN_OK)
        status = xml_graft(t->ctx, root, response);
    if (status != GLN_OK)
        return status;
    t->response = xml_child(root, "Response");
    status = ledger_declaration_get(t->gw->ledger, t->ctx, t->f->declaration, NULL, &d);
    return status == GLN_OK ? reference_fill(t->ctx, t->response, d.lrn) : status;
}

/** Fills `xml` (the Response) and `json` (what it says). */
static int answer_tell(struct telling *t, struct buf *xml, struct buf *json)
{
    static const char *const names[] = {"outcome", "at", "key", "operation", "document"};
    struct xml_doc *wrapped = NULL;
    char now[25];
    int status = response_wrap(&wrapped, t);

    time_format(now, clock_wall_ms(t->ctx->clock));
    json_begin(&t->json, json);
    json_open_object(&t->json, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        json_str(&t->json, names[i], attr(t->answer, names[i]));
    json_str(&t->json, "received", now);
    json_open_array(&t->json, "texts");
    for (const struct xml_node *c = xml_first(t->answer); c != NULL; c = xml_next(c))
        if (xml_is(c, "text"))
            json_str(&t->json, NULL, xml_text(c));
    json_end_array(&t->json);
    json_open_object(&t->json, "meaning");
    for (const struct xml_node *c = xml_first(t->answer); c != NULL; c = xml_next(c))
        if (xml_is(c, "meaning")) {
            const char *lang = xml_attr_ns(c, "http://www.w3.org/XML/1998/namespace", "lang");

            json_str(&t->json, str_eq(lang, "es") ? "es" : "en", xml_text(c));
        }
    json_end_object(&t->json);
    json_open_array(&t->json, "places");
    if (status == GLN_OK)
        status = places_tell(t);
    json_end_array(&t->json);
    json_end_object(&t->json);
    if (status == GLN_OK && wrapped != NULL)
        status = xml_write(xml, NULL, t->ctx, xml_root(wrapped), false);
    xml_doc_free(wrapped);
    return status;
}

/* --- recording --- */

/** Customs' first words, with our word for the outcome. */
static const char *answer_reason(struct reason *out, const struct xml_node *answer)
{
    const char *text = xml_find_text(answer, "text");
    char words[200] = "";

    if (text != NULL)
        snprintf(words, sizeof words, ": %.180s", text);
    return reason_make(out, reason_customs(attr(answer, "outcome")), CTX_ARGS(words));
}

/** A poll that says what is known already, or a receipt whose number is stored. */
static bool says_nothing_new(const struct ledger_filing *f, const struct inbound *in,
                             const struct xml_node *answer)
{
    const char *outcome = attr(answer, "outcome");
    struct reason reason;

    if (in->about == 0)
        return false;
    if (str_eq(outcome, "info"))
        return str_eq(f->outcome, outcome) && str_eq(f->reason, answer_reason(&reason, answer));
    if (str_eq(outcome, "received"))
        return f->operation[0] != '\0' && str_eq(f->operation, attr(answer, "operation"));
    return str_eq(outcome, "pending") && str_eq(f->outcome, "pending");
}

/** What ended the filing is its outcome for good: a later word is stored and changes nothing. */
static bool has_ended(const struct ledger_filing *f)
{
    return f->state == FILING_CLOSED && f->outcome[0] != '\0';
}

static bool awaits_answer(enum filing_state s)
{
    return s == FILING_SENDING || s == FILING_SENT || s == FILING_OVERDUE || s == FILING_IN_DOUBT ||
           s == FILING_ANSWERED;
}

static size_t blob_put(struct ledger_blob *blobs, size_t n, const char *kind, const char *data, size_t len)
{
    if (len == 0)
        return n;
    blobs[n] = (struct ledger_blob){kind, data, len};
    return n + 1;
}

/** State and due time after an answer. */
static int filing_after(struct errand *e, const struct inbound *in, const struct xml_node *answer,
                        const struct ledger_blob *blobs, size_t count)
{
    const char *outcome = attr(answer, "outcome");
    bool closes = str_eq(attr(answer, "closes"), "yes");
    enum filing_state to = e->f.state;
    struct reason scratch;
    const char *reason = answer_reason(&scratch, answer);

    /* a reply that does not say whether the message was taken ends no doubt */
    if (e->f.state == FILING_IN_DOUBT && in->about != 0 && !closes && str_eq(outcome, "info"))
        return errand_move(e, e->f.state, reason, e->f.due_ms, blobs, count);
    if (!awaits_answer(e->f.state)) {
        if (e->f.state != FILING_CLOSED || !str_eq(e->f.outcome, outcome))
            errand_alert(e, "an answer to a filing that waits for none", reason);
        return errand_move(e, e->f.state, reason, e->f.due_ms, blobs, count); /* it is still to be sent */
    }
    if (closes && filing_transition_legal(e->f.state, FILING_CLOSED))
        to = FILING_CLOSED;
    else if (!str_eq(outcome, "received"))
        to = FILING_ANSWERED;
    else if (e->f.state == FILING_IN_DOUBT)
        to = FILING_SENT;
    if (to == FILING_CLOSED)
        return errand_move(e, to, reason, -1, blobs, count);
    return errand_move(e, to, reason, ask_due(e), blobs, count);
}

static int answer_record(struct errand *e, const struct inbound *in, const struct xml_node *answer)
{
    struct telling t = {.gw = e->gw, .ctx = e->ctx, .f = &e->f, .answer = answer};
    struct buf xml = BUF_INIT;
    struct buf json = BUF_INIT;
    struct ledger_blob blobs[6];
    size_t n = 0;
    int status;

    if (says_nothing_new(&e->f, in, answer))
        return GLN_OK;
    status = errand_prepare(e);
    if (status == GLN_OK)
        status = answer_tell(&t, &xml, &json);
    if (status == GLN_OK && (xml.failed || json.failed))
        status = context_no_memory(e->ctx);
    if (status == GLN_OK) {
        static const char *const kinds[] = {"operation", "document"};

        n = blob_put(blobs, n, "answer", xml.data, xml.len);
        n = blob_put(blobs, n, "answer-info", json.data, json.len);
        for (size_t i = 0; i < 2; i++)
            n = blob_put(blobs, n, kinds[i], attr(answer, kinds[i]), strlen(attr(answer, kinds[i])));
        if (!str_eq(attr(answer, "outcome"), "received") && !has_ended(&e->f))
            n = blob_put(blobs, n, "outcome", attr(answer, "outcome"), strlen(attr(answer, "outcome")));
        status = filing_after(e, in, answer, blobs, n);
    }
    buf_free(&xml);
    buf_free(&json);
    return status;
}

/** One answer; a filing that moved under our hands is looked at again. */
static int answer_take(struct gln_gateway *gw, struct gln_context *ctx, const struct inbound *in,
                       const struct xml_node *answer, bool *tied)
{
    int status = GLN_E_CONFLICT;

    *tied = false;
    for (int tries = 0; status == GLN_E_CONFLICT && tries < 5; tries++) {
        struct errand e = {.gw = gw, .ctx = ctx};

        status = find_filing(gw, ctx, in, answer, &e.f);
        if (status == GLN_E_NOT_FOUND) {
            context_ok(ctx);
            return GLN_OK;
        }
        if (status == GLN_OK)
            status = answer_record(&e, in, answer);
        errand_clear(&e);
    }
    *tied = status == GLN_OK;
    return status;
}

static int answers_read(struct xml_doc **out, struct gln_context *ctx, const struct inbound *in)
{
    struct xml_doc *doc = NULL;
    struct params params;
    struct xml_run run = {.codes = ctx->engine->codes};
    int status = in->how->codec->decode(&doc, ctx, in->how->layout, in->data, in->len);

    params_init(&params);
    params_put(&params, "environment", in->environment);
    params_now(&params, ctx, in->destination->zone);
    run.params = params.items;
    run.source = doc;
    if (status == GLN_OK)
        status = xml_transform(out, in->how->sheet, ctx, doc, &run);
    if (status == GLN_OK &&
        (!xml_is(xml_root(*out), "answers") || !str_eq(xml_ns(xml_root(*out)), NS_ANSWER)))
        status = context_fail(ctx, GLN_E_INTERNAL, MSG_FLOW_ANSWERS_ROOT);
    params_free(&params);
    xml_doc_free(doc);
    return status;
}

int flow_acknowledge(struct gln_gateway *gw, struct gln_context *ctx, const struct inbound *in, size_t *tied,
                     struct buf *what)
{
    struct xml_doc *answers = NULL;
    int status = answers_read(&answers, ctx, in);

    *tied = 0;
    if (status == GLN_OK && xml_first(xml_root(answers)) == NULL)
        buf_puts(what, "holds no answer");
    if (status == GLN_OK)
        for (const struct xml_node *a = xml_first(xml_root(answers)); status == GLN_OK && a != NULL;
             a = xml_next(a)) {
            bool found = false;

            if (!xml_is(a, "answer"))
                continue;
            status = answer_take(gw, ctx, in, a, &found);
            if (found)
                ++*tied;
            else if (status == GLN_OK)
                buf_printf(what, "%sno filing for key '%s' operation '%s'", what->len > 0 ? "; " : "",
                           attr(a, "key"), attr(a, "operation"));
        }
    xml_doc_free(answers);
    return status;
}
