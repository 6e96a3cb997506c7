/*
 * Mexico's seal: the cadena original of each unit of a message, signed, and put back into the message.
 *
 * The cadena is made by the bundle's stylesheet from the message as it will be sent. With several units each is handed over as a
 * document of its own, so that the stylesheet sees one. Bytes signed: UTF-8 for the charset "utf8"; else ISO-8859-1, where an
 * ASCII text is the same and only the Ñ of an RFC is not; a character beyond Latin-1 is an error, never a question mark.
 *
 * A certificate that is expired, not yet valid or of another key does not sign. Owns nothing beyond a call.
 */
#include "seal/seal.h"

#include <string.h>

#include "util/str.h"

/* The first child in document order from `n` on whose name is the first step of `path`; *rest is what follows it. */
static struct xml_node *step(const struct xml_node *first, const char *path, const char **rest)
{
    size_t len = strcspn(path, "/");

    *rest = path[len] == '/' ? path + len + 1 : path + len;
    for (const struct xml_node *n = first; n != NULL; n = xml_next(n)) {
        const char *name = xml_name(n);

        if (strlen(name) == len && memcmp(name, path, len) == 0)
            return (struct xml_node *)(uintptr_t)n;
    }
    return NULL;
}

/* First unit: the element at `path` below the root; "." or nothing is the root itself. */
static struct xml_node *unit_first(const struct xml_doc *doc, const char *path)
{
    struct xml_node *n = xml_root(doc);

    if (path == NULL || *path == '\0' || strcmp(path, ".") == 0)
        return n;
    while (n != NULL && *path != '\0')
        n = step(xml_first(n), path, &path);
    return n;
}

/* The next sibling of the same name: units stand beside each other. */
static struct xml_node *unit_next(const struct xml_node *unit)
{
    const char *rest;

    return xml_parent(unit) != NULL ? step(xml_next(unit), xml_name(unit), &rest) : NULL;
}

static int unit_text(struct buf *out, struct gln_context *ctx, const struct xml_doc *doc,
                     const struct xml_node *unit, bool alone, const struct seal_cadena *how)
{
    const struct xml_run run = {.codes = NULL, .params = NULL, .source = NULL};
    struct xml_doc *own = NULL;
    int status = GLN_OK;

    if (!alone)
        status = xml_doc_of(&own, ctx, unit);
    if (status == GLN_OK)
        status = xml_transform_text(out, how->cadena, ctx, alone ? doc : own, &run);
    if (status == GLN_OK && out->failed)
        status = context_no_memory(ctx);
    xml_doc_free(own);
    return status;
}

/* UTF-8 to the bytes that are signed. */
static int encode(struct buf *out, struct gln_context *ctx, const struct buf *text, const char *charset)
{
    const char *at = text->data;
    const char *end = text->data + text->len;

    if (charset != NULL && strcmp(charset, "utf8") == 0) {
        buf_put(out, text->data, text->len);
        return out->failed ? context_no_memory(ctx) : GLN_OK;
    }
    while (at < end) {
        const char *from = at;

        while (at < end && (unsigned char)*at < 0x80)
            at++;
        buf_put(out, from, (size_t)(at - from));
        if (at == end)
            break;
        from = at;

        uint32_t c = utf8_next(&at, end);

        if (c > 0xff) {
            char shown[8] = "";

            memcpy(shown, from, (size_t)(at - from) < sizeof shown ? (size_t)(at - from) : 0);
            return context_fail(ctx, GLN_E_INPUT, MSG_SEAL_CHARSET, shown,
                                charset != NULL ? charset : "ascii");
        }
        buf_putc(out, (char)c);
    }
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}

/* Sets the text of the child `name` of the signature element. */
static int put(struct gln_context *ctx, struct xml_node *into, const char *name, const struct buf *text)
{
    struct xml_node *child = xml_child(into, name);

    if (text->failed)
        return context_no_memory(ctx);
    if (child == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_SEAL_PLACE, name);
    return xml_set_text(ctx, child, text->data);
}

static int unit_seal(struct gln_context *ctx, struct xml_doc *doc, struct xml_node *unit, bool alone,
                     const struct seal_cadena *how, const struct key *key, const struct buf *cert)
{
    struct xml_node *into = how->into != NULL ? xml_find(unit, how->into) : NULL;
    struct buf text = BUF_INIT;
    struct buf bytes = BUF_INIT;
    struct buf raw = BUF_INIT;
    struct buf firma = BUF_INIT;
    int status;

    if (into == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_SEAL_PLACE, how->into != NULL ? how->into : "");
    status = unit_text(&text, ctx, doc, unit, alone, how);
    if (status == GLN_OK)
        status = encode(&bytes, ctx, &text, how->charset);
    if (status == GLN_OK)
        status = key_sign(&raw, ctx, key, how->digest, bytes.data, bytes.len);
    if (status == GLN_OK) {
        base64_put(&firma, raw.data, raw.len);
        status = put(ctx, into, "certificado", cert);
    }
    if (status == GLN_OK)
        status = put(ctx, into, "cadenaOriginal", &text);
    if (status == GLN_OK)
        status = put(ctx, into, "firma", &firma);
    buf_free(&text);
    buf_free(&bytes);
    buf_free(&raw);
    buf_free(&firma);
    return status;
}

int seal_cadena(struct gln_context *ctx, struct xml_doc *doc, const struct seal_cadena *how,
                const struct key *key, const struct cert *cert)
{
    struct xml_node *unit = unit_first(doc, how->unit);
    struct buf der = BUF_INIT;
    struct buf text = BUF_INIT;
    bool alone = unit != NULL && unit_next(unit) == NULL;
    int status;

    if (unit == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_SEAL_PLACE, how->unit);
    if (!key_is_rsa(key))
        return context_fail(ctx, GLN_E_KEY, MSG_SEAL_RSA);
    status = cert_usable(ctx, cert, key);
    if (status == GLN_OK)
        status = cert_der(&der, ctx, cert);
    if (status == GLN_OK)
        base64_put(&text, der.data, der.len);
    for (; status == GLN_OK && unit != NULL; unit = unit_next(unit))
        status = unit_seal(ctx, doc, unit, alone, how, key, &text);
    buf_free(&der);
    buf_free(&text);
    return status;
}

int seal_cadena_text(struct buf *out, struct gln_context *ctx, const struct xml_doc *doc,
                     const struct seal_cadena *how)
{
    const struct xml_node *unit = unit_first(doc, how->unit);

    if (unit == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_SEAL_PLACE, how->unit);
    return unit_text(out, ctx, doc, unit, unit_next(unit) == NULL, how);
}
