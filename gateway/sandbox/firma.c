/*
 * The electronic signature inside a message to VUCEM: the cadena original must be the one we make of the message, the signature must be
 * the certificate's, the certificate must be an e.firma of a known authority, valid now, and of the RFC that asks.
 *
 * Public sources do not settle two things, so both readings are taken: SHA-256 or SHA-1, and the cadena's bytes in UTF-8 or ISO-8859-1.
 */
#include "sandbox/vucem.h"

#include <string.h>

#include "crypto/crypto.h"
#include "util/str.h"

static const char invalid_cadena[] = "Cadena original : La cadena original es inválida\n";
static const char invalid_firma[] = "Firma Electrónica : Firma inválida\n";
static const char missing_firma[] = "Firma Electrónica : La firma de la firma electronica es obligatoria\n";

/* UTF-8 to ISO-8859-1; false if a character has no place there. */
static bool to_latin1(struct buf *out, const struct buf *text)
{
    const char *p = text->data;
    const char *end = p != NULL ? p + text->len : NULL;
    while (p != NULL && p < end) {
        uint32_t c = utf8_next(&p, end);
        if (c > 0xFF) {
            return false;
        }
        buf_putc(out, (char)(unsigned char)c);
    }
    return true;
}

static bool verifies(struct gln_context *ctx, const struct cert *c, const struct buf *text,
                     const struct buf *sig)
{
    static const enum digest digests[] = {DIGEST_SHA256, DIGEST_SHA1};
    bool good = false;
    for (size_t i = 0; !good && i < 2; i++) {
        if (cert_verify(&good, ctx, c, digests[i], text->data, text->len, sig->data, sig->len) != GLN_OK) {
            good = false;
        }
    }
    return good;
}

static bool is_believed(const struct sandbox *s, struct gln_context *ctx, const struct cert *c,
                        const char *rfc)
{
    struct buf holder = BUF_INIT;
    bool trusted = false;
    cert_rfc(&holder, c);
    bool good =
        holder.data != NULL && strcmp(holder.data, rfc) == 0 && cert_valid_at(c, clock_wall_ms(&s->clock)) &&
        cert_trusted(&trusted, ctx, c, s->accounts.authorities.data, s->accounts.authorities.len) == GLN_OK &&
        trusted;
    buf_free(&holder);
    return good;
}

static const char *text_of(const struct xml_node *firma, const char *name)
{
    const char *text = firma != NULL ? xml_find_text(firma, name) : NULL;
    return text != NULL ? text : "";
}

void firma_check(struct buf *errors, const struct sandbox *s, struct gln_context *ctx,
                 const struct xml_node *firma, const struct buf *cadena, const char *rfc)
{
    struct buf der = BUF_INIT, sig = BUF_INIT, latin1 = BUF_INIT;
    struct cert *cert = NULL;
    const char *cert_text = text_of(firma, "certificado");
    const char *sig_text = text_of(firma, "firma");
    if (cadena->data == NULL || strcmp(text_of(firma, "cadenaOriginal"), cadena->data) != 0) {
        buf_puts(errors, invalid_cadena);
    }
    if (*sig_text == '\0') {
        buf_puts(errors, missing_firma);
        return;
    }
    bool good = base64_get(&der, cert_text, strlen(cert_text)) &&
                base64_get(&sig, sig_text, strlen(sig_text)) && der.len > 0 &&
                cert_parse(&cert, ctx, der.data, der.len) == GLN_OK && is_believed(s, ctx, cert, rfc) &&
                (verifies(ctx, cert, cadena, &sig) ||
                 (to_latin1(&latin1, cadena) && verifies(ctx, cert, &latin1, &sig)));
    if (!good) {
        buf_puts(errors, invalid_firma);
    }
    cert_free(cert);
    buf_free(&der);
    buf_free(&sig);
    buf_free(&latin1);
}
