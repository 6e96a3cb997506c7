/*
 * Identities, and when certificates end, for the local operator. Files an identity names (keys, passwords) are read on this machine, from
 * the folder given as `base`, so an identity cannot be added from afar.
 *
 * No reply ever holds a secret; a key shows as "held", or as where it is on its token.
 */
#include "desk/internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "trust/register_acts.h"
#include "util/str.h"

struct listing {
    struct desk *k;
    struct json_out j;
    size_t count;
};

static void identity_json(struct json_out *j, const struct identity *id)
{
    char at[25];

    json_open_object(j, NULL);
    json_str(j, "name", id->name);
    json_str(j, "environment", id->environment);
    json_str(j, "destination", id->destination);
    json_str(j, "principal", id->principal);
    json_str(j, "role", id->role);
    json_str(j, "custody", id->custody);
    if (id->key_uri != NULL)
        json_str(j, "key", id->key_uri);
    if (id->pin_refused_ms != 0) {
        time_format(at, id->pin_refused_ms);
        json_str(j, "pin_refused", at);
    }
    if (id->valid_from_ms != 0) {
        time_format(at, id->valid_from_ms);
        json_str(j, "valid_from", at);
    }
    if (id->valid_to_ms != 0) {
        time_format(at, id->valid_to_ms);
        json_str(j, "valid_to", at);
    }
    if (id->cert != NULL) {
        struct buf text = BUF_INIT;
        int64_t from;
        int64_t to;

        cert_subject(&text, id->cert);
        json_str(j, "certificate", text.data != NULL ? text.data : "");
        buf_clear(&text);
        cert_fingerprint(&text, id->cert);
        json_str(j, "fingerprint", text.data != NULL ? text.data : "");
        buf_free(&text);
        cert_validity(id->cert, &from, &to);
        time_format(at, to);
        json_str(j, "certificate_valid_to", at);
    }
    json_open_object(j, "settings");
    for (size_t i = 0; i < id->setting_count; i++)
        json_str(j, id->settings[i].name, id->settings[i].value);
    json_end_object(j);
    json_end_object(j);
}

static int identity_row(void *arg, const struct identity *id)
{
    struct listing *l = arg;

    l->count++;
    if (l->k->in->text)
        desk_say(l->k, MSG_DESK_IDENTITY,
                 CTX_ARGS(id->name, id->environment, id->destination, id->principal, id->role, id->custody,
                          id->cert != NULL ? "*" : ""));
    else
        identity_json(&l->j, id);
    return 0;
}

int desk_identities(struct desk *k)
{
    struct listing l = {.k = k};
    int status;

    json_begin(&l.j, &k->out->body);
    if (!k->in->text) {
        json_open_object(&l.j, NULL);
        json_open_array(&l.j, "identities");
    }
    status = identity_list(ledger_store(k->gw->ledger), k->ctx, identity_row, &l);
    if (!k->in->text) {
        json_end_array(&l.j);
        json_end_object(&l.j);
        buf_putc(&k->out->body, '\n');
    } else if (status == GLN_OK && l.count == 0) {
        DESK_SAY(k, MSG_DESK_IDENTITY_LIST_NONE, "");
    }
    return status;
}

int desk_identity_show(struct desk *k)
{
    struct identity id = {0};
    struct listing l = {.k = k};
    int status = identity_get(ledger_store(k->gw->ledger), k->ctx, desk_segment(k, 2), &id);

    json_begin(&l.j, &k->out->body);
    if (status == GLN_OK)
        (void)identity_row(&l, &id);
    if (status == GLN_OK && !k->in->text)
        buf_putc(&k->out->body, '\n');
    identity_free(&id);
    return status;
}

/** Name of the identity an XML document describes, for the reply; owned by the caller. */
static char *name_in(struct desk *k)
{
    struct xml_doc *doc = NULL;
    const char *name = NULL;
    char *copy;

    if (xml_read(&doc, k->ctx, k->in->body, k->in->body_len) == GLN_OK) {
        name = xml_attr(xml_root(doc), "name");
        if (name == NULL)
            name = xml_find_text(xml_root(doc), "name");
    }
    copy = str_dup(name != NULL ? name : "");
    xml_doc_free(doc);
    return copy;
}

static const char *base(const struct desk *k)
{
    const char *dir = desk_query(k, "base");

    return dir != NULL && *dir != '\0' ? dir : ".";
}

static int series_one(struct desk *k, const struct xml_node *identity, const struct xml_node *n)
{
    const struct route_destination *d = route_find(k->ctx->engine->routes, xml_attr(identity, "destination"));
    const struct route_series *s = d != NULL ? route_series(d, xml_attr(n, "kind")) : NULL;
    const char *year = xml_attr(n, "year");

    if (s == NULL)
        return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_SERIES_KIND, d != NULL ? d->name : "",
                            xml_attr(n, "kind"));
    return series_define(k->gw->ledger, k->ctx, xml_attr(identity, "name"), s->kind,
                         s->yearly && year != NULL ? (int)strtol(year, NULL, 10) : 0,
                         strtoll(xml_attr(n, "first"), NULL, 10), strtoll(xml_attr(n, "last"), NULL, 10),
                         s->width);
}

/** The series an identity's document brings along. Which there are, and how wide, is the destination's to say. */
static int series_of_document(struct desk *k)
{
    struct xml_doc *doc = NULL;
    int status = xml_read(&doc, k->ctx, k->in->body, k->in->body_len);

    if (status == GLN_OK)
        for (const struct xml_node *n = xml_first(xml_root(doc)); status == GLN_OK && n != NULL;
             n = xml_next(n))
            if (xml_is(n, "series"))
                status = series_one(k, xml_root(doc), n);
    xml_doc_free(doc);
    return status;
}

/** A certificate that is revoked does not come in. Asked before anything is stored: it may wait for the network. */
static int certificate_counts(struct desk *k, bool rotation)
{
    struct identity id;
    int status = identity_read(&id, k->ctx, k->in->body, k->in->body_len, base(k), rotation);

    if (status == GLN_OK && id.cert != NULL)
        status = flow_may_seal(k->ctx, &id);
    identity_free(&id);
    return status;
}

/** Nothing is stored where there are findings; what stopped the reading is the last of them. */
static int with_findings(struct desk *k, int status)
{
    const struct error *e = &k->ctx->error;
    struct finding last = {.rule = DESK_IDENTITY_RULE, .severity = GLN_ERROR};

    if (k->found.count == 0)
        return status;
    if (status != GLN_OK) {
        last.place = e->place;
        for (int i = 0; i < LANG_COUNT; i++)
            last.text[i] = e->text[i] != NULL ? e->text[i] : "";
        if (findings_add(&k->found, &last) != GLN_OK)
            return context_no_memory(k->ctx);
    }
    findings_sort(&k->found);
    context_ok(k->ctx);
    return GLN_E_CONFIG;
}

int desk_identity_add(struct desk *k)
{
    char *name = NULL;
    int status;

    flow_identities_changed(k->gw);
    status = desk_identity_check(k);
    if (status == GLN_OK)
        status = with_findings(k, certificate_counts(k, false));
    if (status == GLN_OK)
        status = identity_add(ledger_store(k->gw->ledger), k->ctx, k->gw->sealer, k->in->body,
                              k->in->body_len, base(k), DESK_ENTERED(k));
    if (status != GLN_OK)
        return status;
    flow_identities_changed(k->gw);
    status = series_of_document(k);
    if (status != GLN_OK)
        return status;
    name = name_in(k);
    status = name != NULL ? desk_done(k, MSG_DESK_IDENTITY_ADDED, name, NULL) : context_no_memory(k->ctx);
    free(name);
    return status;
}

static bool wants_seal(const struct desk *k, const struct identity *id)
{
    const struct route_destination *d = route_find(k->ctx->engine->routes, id->destination);

    for (size_t i = 0; d != NULL && i < d->message_count; i++)
        if (d->messages[i].seal.kind != NULL)
            return true;
    return false;
}

/** Opens the key and signs a probe with it, as a filing would. *has_key: false where the identity has none and needs none. */
static int test_key(struct desk *k, const struct identity *id, bool *has_key)
{
    static const char probe[] = "greenlane identity test";
    struct key *key = NULL;
    struct buf signature = BUF_INIT;
    bool good = false;
    int status;

    *has_key = id->cert != NULL || wants_seal(k, id);
    if (!*has_key)
        return GLN_OK;
    status = identity_key(ledger_store(k->gw->ledger), k->ctx, k->gw->sealer, id, &key);
    if (status == GLN_OK)
        status = key_sign(&signature, k->ctx, key, DIGEST_SHA256, probe, sizeof probe - 1);
    if (status == GLN_OK)
        status = cert_verify(&good, k->ctx, id->cert, DIGEST_SHA256, probe, sizeof probe - 1, signature.data,
                             signature.len);
    if (status == GLN_OK && !good)
        status = context_fail(k->ctx, GLN_E_KEY, MSG_DESK_KEY_MISMATCH, id->name);
    if (status == GLN_OK)
        status = flow_may_seal(k->ctx, id);
    buf_free(&signature);
    key_free(key);
    return status;
}

struct probing {
    struct desk *k;
    struct json_out *json;
};

static int probed(void *arg, const char *name, const char *url, const char *why)
{
    struct probing *p = arg;
    struct buf words = BUF_INIT;

    p->k->untrue = p->k->untrue || why != NULL;
    if (why != NULL)
        reason_show(&words, why, p->k->in->language);
    if (p->k->in->text) {
        DESK_SAY(p->k, why == NULL ? MSG_DESK_ENDPOINT_GOOD : MSG_DESK_ENDPOINT_BAD,
                 name[0] != '\0' ? name : "*", words.data == NULL ? url : words.data);
        buf_free(&words);
        return GLN_OK;
    }
    json_open_object(p->json, NULL);
    json_str(p->json, "name", name);
    json_str(p->json, "url", url);
    json_bool(p->json, "reached", why == NULL);
    json_str(p->json, "why", words.data);
    json_end_object(p->json);
    buf_free(&words);
    return GLN_OK;
}

/** Its key, by a signature, looked for anew; its addresses, by connecting. Nothing is filed. */
static int test(struct desk *k, const char *name)
{
    struct identity id = {0};
    struct json_out j;
    struct probing p = {k, &j};
    bool has_key = false;
    int status = identity_get(ledger_store(k->gw->ledger), k->ctx, name, &id);

    flow_identities_changed(k->gw);
    if (status == GLN_OK)
        status = test_key(k, &id, &has_key);
    if (status == GLN_OK && k->in->text) {
        status = desk_done(k, has_key ? MSG_DESK_IDENTITY_GOOD : MSG_DESK_IDENTITY_NO_KEY, name, NULL);
    } else if (status == GLN_OK) {
        json_begin(&j, &k->out->body);
        json_open_object(&j, NULL);
        json_str(&j, "name", name);
        json_bool(&j, "signs", has_key);
        json_open_array(&j, "endpoints");
    }
    if (status == GLN_OK)
        status = flow_probe(k->gw, k->ctx, &id, probed, &p);
    if (status == GLN_OK && !k->in->text) {
        json_end_array(&j);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    identity_free(&id);
    return status;
}

static int rotate(struct desk *k, const char *name)
{
    int status;

    flow_identities_changed(k->gw);
    status = certificate_counts(k, true);
    if (status == GLN_OK)
        status = identity_rotate(ledger_store(k->gw->ledger), k->ctx, k->gw->sealer, name, k->in->body,
                                 k->in->body_len, base(k), DESK_ENTERED(k));
    flow_identities_changed(k->gw);
    return status == GLN_OK ? desk_done(k, MSG_DESK_IDENTITY_ROTATED, name, NULL) : status;
}

static int removed(struct desk *k, const char *name)
{
    int status = identity_remove(ledger_store(k->gw->ledger), k->ctx, name, DESK_ENTERED(k));

    flow_identities_changed(k->gw);
    return status == GLN_OK ? desk_done(k, MSG_DESK_IDENTITY_REMOVED, name, NULL) : status;
}

/** Numbers an identity may give: ?kind=entry-number&first=1&last=9999999[&year=2026]. */
static int series(struct desk *k, const char *name)
{
    const char *kind = desk_query(k, "kind");
    const char *first = desk_query(k, "first");
    const char *last = desk_query(k, "last");
    const char *year = desk_query(k, "year");
    const struct route_destination *d;
    const struct route_series *s = NULL;
    struct identity id = {0};
    int status;

    if (kind == NULL || first == NULL || last == NULL || !str_is_digits(first, strlen(first)) ||
        !str_is_digits(last, strlen(last)))
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_SERIES_ARGS);
    status = identity_get(ledger_store(k->gw->ledger), k->ctx, name, &id);
    if (status == GLN_OK) {
        d = route_find(k->ctx->engine->routes, id.destination);
        s = d != NULL ? route_series(d, kind) : NULL;
        if (s == NULL)
            status = context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_SERIES_KIND, id.destination, kind);
    }
    if (status == GLN_OK)
        status = series_define(k->gw->ledger, k->ctx, name, kind,
                               s->yearly && year != NULL ? (int)strtol(year, NULL, 10) : 0,
                               strtoll(first, NULL, 10), strtoll(last, NULL, 10), s->width);
    identity_free(&id);
    if (status == GLN_OK && k->in->text)
        DESK_SAY(k, MSG_DESK_SERIES, name, kind, first, last);
    else if (status == GLN_OK)
        status = desk_done(k, MSG_DESK_SERIES, name, NULL);
    return status;
}

int desk_identity_act(struct desk *k)
{
    static const struct {
        const char *name;
        int (*act)(struct desk *k, const char *identity);
    } rows[] = {{"test", test}, {"rotate", rotate}, {"series", series}, {"remove", removed}};
    const char *name = desk_segment(k, 3);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (str_eq(rows[i].name, name))
            return rows[i].act(k, desk_segment(k, 2));
    return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_IDENTITY_ACTION, name);
}

/* --- certificates and when they end --- */

#define SOON_MS (30LL * 86400000)

static void cert_row(struct listing *l, const char *name, const struct cert *c)
{
    struct desk *k = l->k;
    struct buf subject = BUF_INIT;
    int64_t now = clock_wall_ms(k->ctx->clock);
    int64_t from;
    int64_t to;
    char a[25];
    char b[25];
    struct buf word = BUF_INIT;

    cert_validity(c, &from, &to);
    cert_subject(&subject, c);
    desk_day_text(a, from);
    desk_day_text(b, to);
    l->count++;
    if (k->in->text) {
        enum message_id id = !cert_valid_at(c, now) ? MSG_DESK_CERT_OVER
                             : to - now < SOON_MS   ? MSG_DESK_CERT_SOON
                                                    : MSG_DESK_CERT_OK;

        message_put(&word, id, k->in->language, NULL, 0);
        DESK_SAY(k, MSG_DESK_CERT, name, subject.data, a, b, word.data);
    } else {
        json_open_object(&l->j, NULL);
        json_str(&l->j, "name", name);
        json_str(&l->j, "subject", subject.data);
        json_str(&l->j, "valid_from", a);
        json_str(&l->j, "valid_to", b);
        json_bool(&l->j, "valid", cert_valid_at(c, now));
        json_bool(&l->j, "soon", to - now < SOON_MS);
        json_end_object(&l->j);
    }
    buf_free(&word);
    buf_free(&subject);
}

static int cert_of_identity(void *arg, const struct identity *id)
{
    if (id->cert != NULL)
        cert_row(arg, id->name, id->cert);
    return 0;
}

/** An attestation in the calendar: it wants to be renewed before it ends. */
static int attestation_row(void *arg, const char *operator_id, const char *name, const char *what,
                           const char *who, day_number seen, day_number last)
{
    struct listing *l = arg;
    int64_t left = day_count(last) - day_count(day_at(clock_wall_ms(l->k->ctx->clock), "UTC"));
    struct buf word = BUF_INIT;
    struct buf shown = BUF_INIT;
    char from[11];
    char to[11];

    operator_id_put(&shown, operator_id);
    operator_id = shown.failed ? "***" : shown.data;
    day_text(from, seen);
    day_text(to, last);
    l->count++;
    if (l->k->in->text) {
        message_put(&word,
                    left < 0    ? MSG_DESK_ATTESTATION_OVER
                    : left < 30 ? MSG_DESK_ATTESTATION_SOON
                                : MSG_DESK_CERT_OK,
                    l->k->in->language, NULL, 0);
        DESK_SAY(l->k, MSG_DESK_ATTESTATION, operator_id, name, what, who, from, to, word.data);
        buf_free(&word);
        buf_free(&shown);
        return 0;
    }
    json_open_object(&l->j, NULL);
    json_str(&l->j, "operator", operator_id);
    json_str(&l->j, "name", name);
    json_str(&l->j, "attested", what);
    json_str(&l->j, "by", who);
    json_str(&l->j, "seen", from);
    json_str(&l->j, "holds_to", to);
    json_bool(&l->j, "valid", left >= 0);
    json_bool(&l->j, "soon", left < 30);
    json_end_object(&l->j);
    buf_free(&shown);
    return 0;
}

int desk_certs(struct desk *k)
{
    struct listing l = {.k = k};
    struct key *key = NULL;
    struct cert *cert = NULL;
    int status;

    json_begin(&l.j, &k->out->body);
    if (!k->in->text) {
        json_open_object(&l.j, NULL);
        json_open_array(&l.j, "certificates");
    }
    status = identity_list(ledger_store(k->gw->ledger), k->ctx, cert_of_identity, &l);
    if (status == GLN_OK)
        status = ledger_signer(k->gw->ledger, k->ctx, &key, &cert);
    if (status == GLN_OK)
        cert_row(&l, "greenlane", cert);
    if (!k->in->text) {
        json_end_array(&l.j);
        json_open_array(&l.j, "attestations");
    }
    if (status == GLN_OK)
        status = register_attestations(k->ctx, ledger_store(k->gw->ledger),
                                       option_text(k->ctx->options, OPT_ENVIRONMENT), attestation_row, &l);
    if (!k->in->text) {
        json_end_array(&l.j);
        json_end_object(&l.j);
        buf_putc(&k->out->body, '\n');
    }
    key_free(key);
    cert_free(cert);
    return status;
}
