/*
 * Judges an inbound XML-DSig. What is accepted is narrow on purpose, since signatures are attacked by what they admit, not by their
 * arithmetic: one Signature, child of the root; one Reference, URI "", with the transforms enveloped and exclusive c14n and no
 * others; RSA or ECDSA with SHA-256, 384 or 512; no parameters, no Object, no Manifest, no key but that of a certificate in KeyInfo
 * which is trusted. Everything else is "not good", and the context's error says why though the status is GLN_OK.
 *
 * The signature is taken off the tree before the digest is made, so what was signed is exactly what later rooms see. It goes
 * back in its place when it is not good.
 */
#include "seal/dsig.h"

#include <string.h>

struct method {
    const char *uri;
    enum digest digest;
    bool rsa; /**< of signature methods */
};

static const struct method signature_methods[] = {
    {DSIG_RSA_SHA256, DIGEST_SHA256, true},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", DIGEST_SHA384, true},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", DIGEST_SHA512, true},
    {DSIG_ECDSA_SHA256, DIGEST_SHA256, false},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", DIGEST_SHA384, false},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", DIGEST_SHA512, false},
    {NULL, DIGEST_SHA256, false},
};

static const struct method digest_methods[] = {
    {DSIG_SHA256, DIGEST_SHA256, false},
    {"http://www.w3.org/2001/04/xmldsig-more#sha384", DIGEST_SHA384, false},
    {"http://www.w3.org/2001/04/xmlenc#sha512", DIGEST_SHA512, false},
    {NULL, DIGEST_SHA256, false},
};

/* The parts of a signature that has the one form we take. Pointers into the tree. */
struct parts {
    xmlNodePtr info;
    const struct method *signing, *digesting;
    xmlNodePtr value, digest, cert;
};

static bool is_dsig(const xmlNode *n, const char *name)
{
    return n != NULL && n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, BAD_CAST name) && n->ns != NULL &&
           xmlStrEqual(n->ns->href, BAD_CAST DSIG_NS);
}

/* Counts Signature elements of a tree; *found is the last one. */
static size_t count_signatures(xmlNodePtr n, xmlNodePtr *found)
{
    size_t count = 0;

    for (; n != NULL; n = n->next) {
        if (is_dsig(n, "Signature")) {
            *found = n;
            count++;
        }
        if (n->type == XML_ELEMENT_NODE)
            count += count_signatures(n->children, found);
    }
    return count;
}

/* The first element at or after `n`; NULL when only blanks follow. *clean becomes false if anything else stands between. */
static xmlNodePtr element_from(xmlNodePtr n, bool *clean)
{
    for (; n != NULL && n->type != XML_ELEMENT_NODE; n = n->next)
        if (n->type != XML_TEXT_NODE || !xmlIsBlankNode(n))
            *clean = false;
    return n;
}

/* The named children of `parent`, in this order and no others; ends at the first NULL name. A name with "?" may be absent. */
static bool children(xmlNodePtr parent, const char *const *names, xmlNodePtr *out)
{
    bool clean = true;
    xmlNodePtr n = element_from(parent->children, &clean);

    for (size_t i = 0; names[i] != NULL; i++) {
        bool optional = names[i][0] == '?';

        out[i] = NULL;
        if (is_dsig(n, names[i] + (optional ? 1 : 0))) {
            out[i] = n;
            n = element_from(n->next, &clean);
        } else if (!optional) {
            return false;
        }
    }
    return clean && n == NULL;
}

/* The value of the one attribute `name` of an element that has no other, and no content; NULL otherwise. */
static const char *only_attribute(const xmlNode *n, const char *name)
{
    const xmlAttr *a = n->properties;

    if (n->children != NULL || a == NULL || a->next != NULL || a->ns != NULL ||
        !xmlStrEqual(a->name, BAD_CAST name))
        return NULL;
    if (a->children == NULL)
        return "";
    return a->children->type == XML_TEXT_NODE && a->children->next == NULL
               ? (const char *)a->children->content
               : NULL;
}

static bool has_algorithm(const xmlNode *n, const char *uri)
{
    const char *value = only_attribute(n, "Algorithm");

    return value != NULL && strcmp(value, uri) == 0;
}

static const struct method *method_of(const xmlNode *n, const struct method *table)
{
    const char *value = only_attribute(n, "Algorithm");

    for (; value != NULL && table->uri != NULL; table++)
        if (strcmp(table->uri, value) == 0)
            return table;
    return NULL;
}

/* URI must be there and empty; Id and Type do no harm and are not looked at. */
static bool covers_all(const xmlNode *reference)
{
    const xmlAttr *uri = xmlHasNsProp(reference, BAD_CAST "URI", NULL);

    return uri != NULL &&
           (uri->children == NULL || (uri->children->type == XML_TEXT_NODE && uri->children->next == NULL &&
                                      *uri->children->content == '\0'));
}

static int refuse(struct gln_context *ctx, enum message_id why)
{
    context_fail(ctx, GLN_E_INPUT, why);
    return GLN_E_INPUT;
}

/* The first element `name` under `parent`; others before it are passed over, text is not. */
static xmlNodePtr first_named(xmlNodePtr parent, const char *name)
{
    bool clean = true;
    xmlNodePtr n = parent != NULL ? element_from(parent->children, &clean) : NULL;

    while (n != NULL && !is_dsig(n, name))
        n = element_from(n->next, &clean);
    return clean ? n : NULL;
}

/* The signer's certificate is the first one; names, serials and further certificates beside it are not looked at. */
static xmlNodePtr signer_of(xmlNodePtr key_info)
{
    return first_named(first_named(key_info, "X509Data"), "X509Certificate");
}

/* Takes a Signature apart; GLN_E_INPUT if it has any other form than ours. */
static int take_apart(struct parts *p, struct gln_context *ctx, xmlNodePtr signature)
{
    static const char *const top[] = {"SignedInfo", "SignatureValue", "KeyInfo", NULL};
    static const char *const info[] = {"CanonicalizationMethod", "SignatureMethod", "Reference", NULL};
    static const char *const reference[] = {"Transforms", "DigestMethod", "DigestValue", NULL};
    static const char *const transforms[] = {"Transform", "Transform", NULL};
    xmlNodePtr s[3];
    xmlNodePtr i[3];
    xmlNodePtr r[3];
    xmlNodePtr t[2];

    if (!children(signature, top, s) || !children(s[0], info, i) || !children(i[2], reference, r))
        return refuse(ctx, MSG_SEAL_FORM);
    if (!covers_all(i[2]))
        return refuse(ctx, MSG_SEAL_REFERENCE);
    if (!children(r[0], transforms, t) || !has_algorithm(t[0], DSIG_ENVELOPED) ||
        !has_algorithm(t[1], DSIG_EXC_C14N) || !has_algorithm(i[0], DSIG_EXC_C14N))
        return refuse(ctx, MSG_SEAL_TRANSFORMS);
    p->info = s[0];
    p->value = s[1];
    p->digest = r[2];
    p->signing = method_of(i[1], signature_methods);
    p->digesting = method_of(r[1], digest_methods);
    if (p->signing == NULL || p->digesting == NULL)
        return refuse(ctx, MSG_SEAL_ALGORITHM);
    p->cert = signer_of(s[2]);
    return p->cert != NULL ? GLN_OK : refuse(ctx, MSG_SEAL_KEYINFO);
}

/* The base64 content of an element. */
static bool content(struct buf *out, xmlNodePtr n)
{
    xmlChar *text = xmlNodeGetContent(n);
    bool good = text != NULL && base64_get(out, (const char *)text, strlen((const char *)text)) &&
                !out->failed && out->len > 0;

    xmlFree(text);
    return good;
}

static int check_digest(struct gln_context *ctx, xmlDocPtr tree, const struct parts *p)
{
    struct buf canonical = BUF_INIT;
    struct buf want = BUF_INIT;
    struct buf have = BUF_INIT;
    int status = dsig_canonical(&canonical, ctx, tree, true);

    if (status == GLN_OK)
        status = digest_put(&have, ctx, p->digesting->digest, canonical.data, canonical.len);
    if (status == GLN_OK &&
        (!content(&want, p->digest) || want.len != have.len || !bytes_equal(want.data, have.data, have.len)))
        status = refuse(ctx, MSG_SEAL_CHANGED);
    buf_free(&canonical);
    buf_free(&want);
    buf_free(&have);
    return status;
}

static int check_value(struct cert **signer, struct gln_context *ctx, const struct parts *p,
                       const void *trusted, size_t trusted_len)
{
    struct buf info = BUF_INIT;
    struct buf value = BUF_INIT;
    struct buf der = BUF_INIT;
    struct cert *cert = NULL;
    bool good = false;
    int status;

    if (!content(&der, p->cert) || cert_parse(&cert, ctx, der.data, der.len) != GLN_OK ||
        cert_is_rsa(cert) != p->signing->rsa || !content(&value, p->value)) {
        status = refuse(ctx, MSG_SEAL_KEYINFO);
        goto out;
    }
    status = cert_trusted(&good, ctx, cert, trusted, trusted_len);
    if (status == GLN_OK && !good)
        status = refuse(ctx, MSG_SEAL_UNTRUSTED);
    if (status == GLN_OK)
        status = dsig_canonical_node(&info, ctx, p->info);
    if (status == GLN_OK)
        status =
            cert_verify_raw(&good, ctx, cert, p->signing->digest, info.data, info.len, value.data, value.len);
    if (status == GLN_OK && !good)
        status = refuse(ctx, MSG_SEAL_FORGED);
    if (status == GLN_OK) {
        *signer = cert;
        cert = NULL;
    }
out:
    cert_free(cert);
    buf_free(&info);
    buf_free(&value);
    buf_free(&der);
    return status;
}

/* Unlinks the signature, judges the rest, and puts it back unless it is good. */
static int judge(struct cert **signer, struct gln_context *ctx, xmlDocPtr tree, xmlNodePtr signature,
                 const void *trusted, size_t trusted_len)
{
    xmlNodePtr before = signature->prev;
    xmlNodePtr root = signature->parent;
    struct parts p;
    int status = take_apart(&p, ctx, signature);

    if (status != GLN_OK)
        return status;
    xmlUnlinkNode(signature);
    status = check_digest(ctx, tree, &p);
    if (status == GLN_OK)
        status = check_value(signer, ctx, &p, trusted, trusted_len);
    if (status == GLN_OK) {
        xmlFreeNode(signature);
    } else if (before != NULL) {
        xmlAddNextSibling(before, signature);
    } else if (root->children != NULL) {
        xmlAddPrevSibling(root->children, signature);
    } else {
        xmlAddChild(root, signature);
    }
    return status;
}

int seal_verify(struct gln_context *ctx, struct xml_doc *doc, const void *trusted_pem, size_t trusted_len,
                bool *present, bool *good, struct cert **signer)
{
    xmlNodePtr root = xmlDocGetRootElement(doc->tree);
    xmlNodePtr signature = NULL;
    struct cert *cert = NULL;
    size_t count = count_signatures(root, &signature);
    int status;

    *present = count > 0;
    *good = false;
    if (signer != NULL)
        *signer = NULL;
    if (count == 0)
        return GLN_OK;
    if (count > 1)
        status = refuse(ctx, MSG_SEAL_MANY);
    else if (signature->parent != root)
        status = refuse(ctx, MSG_SEAL_MOVED);
    else
        status = judge(&cert, ctx, doc->tree, signature, trusted_pem, trusted_len);
    if (status == GLN_E_INPUT)
        return GLN_OK; /* it ran: the signature is not good, and the context says why */
    *good = status == GLN_OK;
    if (signer != NULL && *good)
        *signer = cert;
    else
        cert_free(cert);
    return status;
}
