/*
 * Sign: what a destination wants sealed is sealed with the identity's key and put into its envelope; and of every outbound message
 * a detached CMS signature by the gateway's own key is made, our evidence of what was sent.
 *
 * Secrets are still masked here. The evidence covers the masked bytes followed by one line for each masked range, so that it can be
 * shown to anybody and yet says where something was put in. It is made anew for each attempt, since an envelope may hold the time.
 */
#include "flow/internal.h"

#include <string.h>

#include "crypto/crypto.h"
#include "flow/revocation.h"
#include "seal/seal.h"
#include "util/str.h"

void signed_message_free(struct signed_message *s)
{
    buf_free(&s->bytes);
    buf_free(&s->evidence);
    secret_slots_free(&s->slots);
}

void flow_evidence_content(struct buf *out, const void *bytes, size_t len, const struct secret_slots *slots)
{
    buf_put(out, bytes, len);
    for (size_t i = 0; i < slots->count; i++)
        buf_printf(out, "\nmasked %zu %zu %s", slots->items[i].offset, slots->items[i].length,
                   slots->items[i].name);
}

static enum digest digest_of(const char *name)
{
    return str_eq(name, "sha1") ? DIGEST_SHA1 : DIGEST_SHA256;
}

int flow_may_seal(struct gln_context *ctx, const struct identity *id)
{
    const struct revocation_question q = {.cert = id->cert, .whose = id->name, .refusal = GLN_E_KEY};
    int status = identity_may_sign(id, ctx);

    return status == GLN_OK && id->cert != NULL ? revocation_permits(ctx, &q, NULL) : status;
}

/** Seals `doc` in place with the identity's key; nothing to do for a message without a seal. */
static int seal_document(struct gln_gateway *gw, struct gln_context *ctx, const struct sealing *with,
                         struct xml_doc *doc)
{
    const struct route_seal *seal = with->seal;
    const struct identity *id = with->identity;
    struct key *key = key_ref(with->key);
    int status = GLN_OK;

    if (seal->kind == NULL) {
        key_free(key);
        return GLN_OK;
    }
    /* a key that is elsewhere was asked already; its certificate must be good all the same */
    status = flow_may_seal(ctx, id);
    if (status == GLN_OK && key == NULL)
        status = identity_key_kept(gw->keys, ledger_store(gw->ledger), ctx, gw->sealer, id, &key);
    if (status != GLN_OK) {
        key_free(key);
        return status;
    }
    if (key == NULL || id->cert == NULL) {
        status = context_fail(ctx, GLN_E_KEY, MSG_FLOW_SEAL_NO_KEY, id->name);
    } else if (str_eq(seal->kind, "cadena")) {
        const char *charset = identity_setting(id, "seal.charset");
        const struct seal_cadena how = {.cadena = seal->cadena,
                                        .unit = seal->unit,
                                        .into = seal->into,
                                        .charset = charset != NULL ? charset : "ascii",
                                        .digest = digest_of(identity_setting(id, "seal.digest"))};

        status = seal_cadena(ctx, doc, &how, key, id->cert);
    } else {
        status = seal_xmldsig(ctx, doc, key, id->cert);
    }
    key_free(key);
    return status;
}

int sealed_write(struct signed_message *out, struct gln_gateway *gw, struct gln_context *ctx,
                 const struct sealing *how, struct xml_doc *doc)
{
    const struct xml_run run = {.codes = ctx->engine->codes, .params = how->params, .source = doc};
    struct xml_doc *wrapped = NULL;
    int status = seal_document(gw, ctx, how, doc);

    if (status == GLN_OK && how->envelope != NULL)
        status = xml_transform(&wrapped, how->envelope, ctx, doc, &run);
    if (status == GLN_OK)
        status = xml_write(&out->bytes, &out->slots, ctx, xml_root(wrapped != NULL ? wrapped : doc), false);
    xml_doc_free(wrapped);
    return status;
}

static int slots_copy(struct secret_slots *out, struct gln_context *ctx, const struct secret_slots *in)
{
    for (size_t i = 0; i < in->count; i++)
        if (secret_slots_add(out, in->items[i].offset, in->items[i].length, in->items[i].name,
                             in->items[i].fixed) != GLN_OK)
            return context_no_memory(ctx);
    return GLN_OK;
}

static int evidence_make(struct signed_message *s, struct gln_gateway *gw, struct gln_context *ctx)
{
    struct buf content = BUF_INIT;
    struct key *key = NULL;
    struct cert *cert = NULL;
    int status = ledger_signer(gw->ledger, ctx, &key, &cert);

    flow_evidence_content(&content, s->bytes.data, s->bytes.len, &s->slots);
    if (status == GLN_OK && content.failed)
        status = context_no_memory(ctx);
    if (status == GLN_OK)
        status = cms_sign(&s->evidence, ctx, key, cert, content.data, content.len);
    key_free(key);
    cert_free(cert);
    buf_free(&content);
    return status;
}

int flow_sign(struct signed_message *out, struct gln_gateway *gw, struct gln_context *ctx,
              const struct route_message *m, const struct identity *id, const char *const *params,
              struct key *key, const void *outbound, size_t len, const struct secret_slots *slots)
{
    const struct sealing how = {&m->seal, m->envelope, id, params, key};
    struct xml_doc *doc = NULL;
    int status;

    memset(out, 0, sizeof *out);
    if (m->seal.kind == NULL && m->envelope == NULL) {
        buf_put(&out->bytes, outbound, len);
        status = out->bytes.failed ? context_no_memory(ctx) : slots_copy(&out->slots, ctx, slots);
    } else {
        status = xml_read(&doc, ctx, outbound, len);
        if (status == GLN_OK)
            status = sealed_write(out, gw, ctx, &how, doc);
        xml_doc_free(doc);
    }
    return status == GLN_OK ? evidence_make(out, gw, ctx) : status;
}
