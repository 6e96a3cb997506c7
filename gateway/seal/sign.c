/*
 * Enveloped XML-DSig: one Reference to the whole document, enveloped and exclusive c14n, SHA-256, the certificate in KeyInfo.
 *
 * The signature is composed by hand: SignedInfo is written in canonical form to begin with, so it is signed as written. That
 * costs a tenth of what libxmlsec1 needs beside the signature itself; xmlsec1 verifies what comes out (a test does). The Signature becomes
 * the last child of the root. Text of gln:secret elements is not known here, so a document that holds one is refused.
 */
#include "seal/dsig.h"

#include <libxml/parser.h>

/* SignedInfo alone has its namespace declared; inside Signature it inherits it. */
static const char info_alone[] = "<SignedInfo xmlns=\"" DSIG_NS "\">";

/* True if an element waits for a secret: what is signed must be what is sent. */
static bool has_secret(const xmlNode *n)
{
    for (; n != NULL; n = n->next)
        if (n->type == XML_ELEMENT_NODE &&
            (xmlHasNsProp(n, BAD_CAST "secret", BAD_CAST GLN_NS) != NULL || has_secret(n->children)))
            return true;
    return false;
}

static int info_put(struct buf *out, struct gln_context *ctx, xmlDocPtr tree, bool rsa)
{
    struct buf canonical = BUF_INIT;
    unsigned char digest[32];
    int status = dsig_canonical(&canonical, ctx, tree, false);

    if (status == GLN_OK) {
        digest_sha256(digest, canonical.data, canonical.len);
        buf_puts(out, info_alone);
        buf_puts(out, "<CanonicalizationMethod Algorithm=\"" DSIG_EXC_C14N "\"></CanonicalizationMethod>"
                      "<SignatureMethod Algorithm=\"");
        buf_puts(out, rsa ? DSIG_RSA_SHA256 : DSIG_ECDSA_SHA256);
        buf_puts(out, "\"></SignatureMethod><Reference URI=\"\"><Transforms>"
                      "<Transform Algorithm=\"" DSIG_ENVELOPED "\"></Transform>"
                      "<Transform Algorithm=\"" DSIG_EXC_C14N "\"></Transform></Transforms>"
                      "<DigestMethod Algorithm=\"" DSIG_SHA256 "\"></DigestMethod><DigestValue>");
        base64_put(out, digest, sizeof digest);
        buf_puts(out, "</DigestValue></Reference></SignedInfo>");
        status = out->failed ? context_no_memory(ctx) : GLN_OK;
    }
    buf_free(&canonical);
    return status;
}

/* Hangs the Signature, given as text, under the root. */
static int attach(struct gln_context *ctx, xmlDocPtr tree, const struct buf *text)
{
    xmlDocPtr own;
    xmlNodePtr node = NULL;

    if (text->failed || text->len > 1 << 24)
        return context_no_memory(ctx);
    own = xmlReadMemory(text->data, (int)text->len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
    if (own != NULL)
        node = xmlDocCopyNode(xmlDocGetRootElement(own), tree, 1);
    xmlFreeDoc(own);
    if (node == NULL || xmlAddChild(xmlDocGetRootElement(tree), node) == NULL) {
        xmlFreeNode(node);
        return context_no_memory(ctx);
    }
    return GLN_OK;
}

int seal_xmldsig(struct gln_context *ctx, struct xml_doc *doc, const struct key *key, const struct cert *cert)
{
    struct buf info = BUF_INIT;
    struct buf raw = BUF_INIT;
    struct buf der = BUF_INIT;
    struct buf text = BUF_INIT;
    int status = cert_usable(ctx, cert, key);

    if (status == GLN_OK && has_secret(xmlDocGetRootElement(doc->tree)))
        status = context_fail(ctx, GLN_E_CONFIG, MSG_SEAL_SECRET);
    if (status == GLN_OK)
        status = info_put(&info, ctx, doc->tree, key_is_rsa(key));
    if (status == GLN_OK)
        status = key_sign_raw(&raw, ctx, key, DIGEST_SHA256, info.data, info.len);
    if (status == GLN_OK)
        status = cert_der(&der, ctx, cert);
    if (status == GLN_OK) {
        buf_puts(&text, "<Signature xmlns=\"" DSIG_NS "\">");
        buf_puts(&text, "<SignedInfo>");
        buf_puts(&text, info.data + sizeof info_alone - 1);
        buf_puts(&text, "<SignatureValue>");
        base64_put(&text, raw.data, raw.len);
        buf_puts(&text, "</SignatureValue><KeyInfo><X509Data><X509Certificate>");
        base64_put(&text, der.data, der.len);
        buf_puts(&text, "</X509Certificate></X509Data></KeyInfo></Signature>");
        status = attach(ctx, doc->tree, &text);
    }
    buf_free(&info);
    buf_free(&raw);
    buf_free(&der);
    buf_free(&text);
    return status;
}
