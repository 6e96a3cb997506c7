/*
 * Who signed a declaration. Its XML signature is verified against the anchors of the setting signature-trust, its certificate must not be
 * revoked, and it must be a submitter's: then he, and not whoever brought it, is the one whose power to act counts, for the identity it is
 * filed under and for the operator it is about. Who brings another's must be let to, by name (trust/submitter.c); the local operator is.
 * What fails is refused, and nothing of it is kept.
 *
 * Owns nothing. Without a gateway there are no submitters, so the signature is verified and that is all.
 */
#include "flow/internal.h"

#include <string.h>

#include "flow/revocation.h"
#include "seal/seal.h"
#include "util/file.h"
#include "util/str.h"

const char *flow_actor(const struct gln_declaration *d)
{
    return d->signer != NULL ? d->signer : d->submitter;
}

void signature_strip(struct xml_doc *doc)
{
    xml_remove(xml_find(xml_root(doc), "Signature"));
    xml_remove(xml_find(xml_root(doc), "Declaration/Signature"));
}

/** A signature by a certificate that is revoked does not count; where that is not known, a warning says so. */
static int not_revoked(struct gln_declaration *d, const struct cert *signer)
{
    struct buf subject = BUF_INIT;
    struct revocation_answer told;
    struct revocation_question q = {
        .cert = signer, .bundle = option_text(d->ctx->options, OPT_SIGNATURE_TRUST), .refusal = GLN_E_INPUT};
    int status;

    cert_subject(&subject, signer);
    q.whose = subject.data != NULL ? subject.data : "";
    status = revocation_permits(d->ctx, &q, &told);
    if (status == GLN_OK && told.word < SAYS_GOOD && !told.nobody_asked)
        status =
            findings_say(&d->findings, "GLN-SIGNER", GLN_WARNING, xml_place(d->pivot, xml_root(d->pivot)),
                         NULL, told.why, CTX_ARGS(q.whose, told.source, told.detail));
    buf_free(&subject);
    return status;
}

/** The signature is verified and gone from the tree; *out: its certificate, owned by the caller. */
static int verify(struct cert **out, struct gln_declaration *d)
{
    const char *path = option_text(d->ctx->options, OPT_SIGNATURE_TRUST);
    struct buf trusted = BUF_INIT;
    bool present = false;
    bool good = false;
    char why[160];
    int status = GLN_OK;
    int err;

    d->refusal = *path == '\0' ? REFUSAL_TRUST : REFUSAL_SIGNATURE;
    if (*path == '\0')
        return context_fail(d->ctx, GLN_E_INPUT, MSG_FLOW_SIGNATURE_UNTRUSTED);
    err = file_read(&trusted, path, 1 << 20);
    if (err != 0)
        status = context_fail(d->ctx, GLN_E_CONFIG, MSG_FLOW_FILE, path, strerror_r(err, why, sizeof why));
    else
        status = seal_verify(d->ctx, d->pivot, trusted.data, trusted.len, &present, &good, out);
    buf_free(&trusted);
    if (status == GLN_OK && !good)
        status = context_fail(d->ctx, GLN_E_INPUT, MSG_FLOW_SIGNATURE_BAD);
    return status;
}

/** Refused for want of power: a person wants to know. */
static int forbidden(struct gln_declaration *d, int status)
{
    if (status == GLN_E_FORBIDDEN)
        log_write(d->ctx->log, LOG_LEVEL_ALERT, "flow", NULL,
                  "refused a signed declaration brought by '%s': %s",
                  d->submitter != NULL ? d->submitter : "local", context_text(d->ctx, LANG_EN));
    return status;
}

/** Whose certificate it is, and whether he who brought it may. */
static int take_signer(struct gln_declaration *d, struct gln_gateway *gw, const struct cert *cert)
{
    struct store *s = ledger_store(gw->ledger);
    struct buf name = BUF_INIT;
    struct buf subject = BUF_INIT;
    int status;

    d->refusal = REFUSAL_SIGNER;
    cert_fingerprint(&d->signer_fingerprint, cert);
    cert_subject(&subject, cert);
    if (d->signer_fingerprint.failed || subject.failed)
        status = context_no_memory(d->ctx);
    else
        status = signer_by_cert(s, d->ctx, d->signer_fingerprint.data, &name);
    if (status == GLN_E_NOT_FOUND)
        status = context_fail(d->ctx, GLN_E_FORBIDDEN, MSG_FLOW_SIGNER_UNKNOWN, subject.data,
                              d->signer_fingerprint.data);
    if (status == GLN_OK)
        d->refusal = REFUSAL_MESSENGER;
    if (status == GLN_OK && d->submitter != NULL && !str_eq(d->submitter, name.data))
        status = messenger_may(s, d->ctx, d->submitter, name.data);
    if (status == GLN_OK && (d->signer = str_dup(name.data)) == NULL)
        status = context_no_memory(d->ctx);
    buf_free(&name);
    buf_free(&subject);
    return forbidden(d, status);
}

int signature_take(struct gln_declaration *d, struct gln_gateway *gw)
{
    const struct xml_node *root = xml_root(d->pivot);
    struct cert *cert = NULL;
    int status;

    /* the usual, unsigned declaration: no key material is read */
    if (xml_find(root, "Signature") == NULL && xml_find(root, "Declaration/Signature") == NULL)
        return GLN_OK;
    if (d->wish.judged) {
        signature_strip(d->pivot);
        return GLN_OK;
    }
    d->is_signed = true;
    status = verify(&cert, d);
    if (status == GLN_OK) {
        d->refusal = REFUSAL_REVOKED;
        status = not_revoked(d, cert);
    }
    if (status == GLN_OK && gw != NULL)
        status = take_signer(d, gw, cert);
    if (status == GLN_OK)
        d->refusal = REFUSAL_COUNT;
    cert_free(cert);
    return status;
}
