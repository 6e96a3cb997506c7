/*
 * The gateway's own path, as the daemon's threads walk it: the rows of the stage table from the bytes to the outbound message, then
 * its seal, its envelope and the evidence. What it leaves out is what needs a disk or a network: keep and forward.
 *
 * The identity is the practice one, with the e.firma's certificate: looking one up is the ledger's work. The context is used again
 * and again, as a thread does.
 */
#include "bench.h"

#include <stdio.h>

#include "flow/internal.h"
#include "seal/seal.h"

const char *const leg_names[LEG_COUNT] = {"parse", "validate", "recognise and lane", "transform",
                                          "sign with evidence"};

static bool complain(struct gln_context *ctx, const struct gln_declaration *d, enum road road,
                     const char *what)
{
    fprintf(stderr, "bench: %s, %s: %s\n", road_names[road], what, context_text(ctx, LANG_EN));
    for (size_t i = 0; d != NULL && i < d->findings.count && i < 5; i++)
        fprintf(stderr, "bench:   %s %s\n", d->findings.items[i].rule, d->findings.items[i].text[LANG_EN]);
    return false;
}

static void mark(double *stages, enum leg leg, double *since)
{
    double now = cpu_now();

    if (stages != NULL)
        stages[leg] += (now - *since) * 1e6;
    *since = now;
}

static bool sign(const struct bed *b, struct gln_context *ctx, struct gln_declaration *d)
{
    struct draft *t = &d->drafts[0];
    struct signed_message message;
    struct params params;
    int status;

    t->identity.cert = cert_ref(b->cert);
    flow_draft_params(&params, d, t);
    status = flow_sign(&message, b->gw, ctx, t->message, &t->identity, params.items, b->key,
                       t->outbound.bytes.data, t->outbound.bytes.len, &t->outbound.slots);
    params_free(&params);
    signed_message_free(&message);
    return status == GLN_OK;
}

static struct gln_declaration *begin(const struct bed *b, struct gln_context *ctx, enum road road,
                                     enum size size)
{
    const struct buf *text = &b->text[road][size];
    struct gln_declaration *d = NULL;

    if (flow_receive(&d, ctx, text->data, text->len) != GLN_OK)
        return NULL;
    d->wish.destination = b->destination[road];
    d->wish.message = b->message[road];
    return d;
}

bool path_once(const struct bed *b, struct gln_context *ctx, enum road road, enum size size, double *stages)
{
    static const struct {
        const char *row;
        enum leg leg;
    } rows[] = {
        {"parse", LEG_PARSE}, {"validate", LEG_VALIDATE}, {"lane", LEG_LANE}, {"transform", LEG_TRANSFORM}};
    double since = cpu_now();
    struct gln_declaration *d = begin(b, ctx, road, size);
    bool ok = d != NULL;

    for (size_t i = 0; ok && i < sizeof rows / sizeof rows[0]; i++) {
        ok = flow_run(d, NULL, rows[i].row) == GLN_OK || complain(ctx, d, road, rows[i].row);
        mark(stages, rows[i].leg, &since);
    }
    if (ok)
        ok = sign(b, ctx, d) || complain(ctx, d, road, "sign");
    mark(stages, LEG_SIGN, &since);
    gln_declaration_free(d);
    return ok;
}

/* --- parts --- */

static bool part_parse(const struct bed *b, struct gln_declaration *d)
{
    struct xml_doc *doc = NULL;
    bool ok = xml_read_compact(&doc, b->ctx, d->original.data, d->original.len) == GLN_OK;

    xml_doc_free(doc);
    return ok;
}

static bool part_schema(const struct bed *b, struct gln_declaration *d)
{
    struct findings found = {0};
    bool ok = xml_schema_check(b->engine->pivot_schema, b->ctx, d->pivot, &found) == GLN_OK;

    findings_free(&found);
    return ok;
}

static bool part_rules(const struct bed *b, struct gln_declaration *d)
{
    const struct xml_run run = {.codes = b->engine->codes, .source = d->pivot};
    struct findings found = {0};
    bool ok = xml_rules_check(d->wish.destination->rules, b->ctx, d->pivot, &run, &found) == GLN_OK;

    findings_free(&found);
    return ok;
}

static bool part_stylesheet(const struct bed *b, struct gln_declaration *d)
{
    struct xml_run run = {.codes = b->engine->codes, .source = d->pivot};
    struct xml_doc *out = NULL;
    struct params params;
    bool ok;

    flow_draft_params(&params, d, &d->drafts[0]);
    run.params = params.items;
    ok = xml_transform(&out, d->wish.message->transform, b->ctx, d->pivot, &run) == GLN_OK;
    params_free(&params);
    xml_doc_free(out);
    return ok;
}

static bool part_outbound_schema(const struct bed *b, struct gln_declaration *d)
{
    bool valid = true;

    return d->wish.message->schema == NULL ||
           xml_schema_valid(d->wish.message->schema, b->ctx, d->drafts[0].document, &valid, NULL) == GLN_OK;
}

static bool part_encode(const struct bed *b, struct gln_declaration *d)
{
    struct outbound out = {0};
    bool ok = d->wish.message->codec->encode(&out, b->ctx, d->wish.message->layout, d->drafts[0].document,
                                             d->pivot) == GLN_OK;

    outbound_free(&out);
    return ok;
}

static bool part_cadena(const struct bed *b, struct gln_declaration *d)
{
    const struct route_seal *seal = &d->wish.message->seal;
    const struct seal_cadena how = {.cadena = seal->cadena, .unit = seal->unit, .into = seal->into};
    struct buf text = BUF_INIT;
    bool ok = seal->kind == NULL || seal_cadena_text(&text, b->ctx, d->drafts[0].document, &how) == GLN_OK;

    buf_free(&text);
    return ok;
}

/* What identity_key() does beside unsealing, and the first signature of a key. */
static bool part_key(const struct bed *b, struct gln_declaration *d)
{
    struct key *key = NULL;
    struct buf out = BUF_INIT;
    bool ok = d->wish.message->seal.kind == NULL ||
              (key_parse(&key, NULL, b->ctx, b->pem.data, b->pem.len, NULL) == GLN_OK &&
               key_sign(&out, b->ctx, key, DIGEST_SHA256, "x", 1) == GLN_OK);

    key_free(key);
    buf_free(&out);
    return ok;
}

static bool part_evidence(const struct bed *b, struct gln_declaration *d)
{
    struct buf out = BUF_INIT;
    struct key *key = NULL;
    struct cert *cert = NULL;
    bool ok = ledger_signer(b->gw->ledger, b->ctx, &key, &cert) == GLN_OK &&
              cms_sign(&out, b->ctx, key, cert, d->drafts[0].outbound.bytes.data,
                       d->drafts[0].outbound.bytes.len) == GLN_OK;

    key_free(key);
    cert_free(cert);
    buf_free(&out);
    return ok;
}

static const struct {
    const char *name;
    bool (*run)(const struct bed *b, struct gln_declaration *d);
} parts[] = {
    {"xml reader", part_parse},
    {"pivot schema", part_schema},
    {"rules", part_rules},
    {"stylesheet", part_stylesheet},
    {"outbound schema", part_outbound_schema},
    {"encode", part_encode},
    {"cadena", part_cadena},
    {"evidence", part_evidence},
    {"key read and used once", part_key},
};

bool path_parts(const struct bed *b, enum road road, enum size size, int count)
{
    struct gln_declaration *d = begin(b, b->ctx, road, size);
    bool ok = d != NULL && flow_run(d, NULL, "transform") == GLN_OK;

    for (size_t i = 0; ok && i < sizeof parts / sizeof parts[0]; i++) {
        double since = cpu_now();

        for (int n = 0; ok && n < count; n++)
            ok = parts[i].run(b, d);
        if (ok)
            printf("{\"name\":\"%s %s part: %s\",\"us\":%.1f}\n", road_names[road], size_names[size],
                   parts[i].name, (cpu_now() - since) / count * 1e6);
    }
    if (!ok)
        complain(b->ctx, d, road, "parts");
    gln_declaration_free(d);
    return ok;
}
