/*
 * The reference: the same declarations, schemas and stylesheets by libxml2, libxslt and xmlsec as their manuals use them. What is
 * compiled (schemas, stylesheets, the key) is compiled once; parser, validator, transform and signature contexts are made anew for
 * each document.
 *
 * It does what the gateway's path does with those libraries: parse, pivot schema, rules, stylesheet, outbound schema, for Mexico
 * the cadena and the envelope, one RSA-2048 signature for Mexico and one of ECDSA P-256 for ACE, serialised. xmlsec makes
 * that signature, enveloped. What the gateway signs besides for Mexico, the evidence, is CMS_sign() of OpenSSL here; for ACE the evidence
 * is its only signature, which stands against xmlsec's. It leaves out what is no work of theirs: places, the lane, the fixed columns.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpathInternals.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xsltutils.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "xml/run.h"
#include "xml/schema_check.h"

struct plain {
    const struct bed *bed;
    struct gln_context *ctx; /* the extension functions' */
    xmlSecKeyPtr key[ROAD_COUNT];
    EVP_PKEY *witness; /* of the evidence, P-256 */
    X509 *witness_cert;
    struct params params[ROAD_COUNT];
    struct xml_stylesheet *message[ROAD_COUNT], *cadena, *envelope; /* of their own: ours are made quick */
};

static xmlSecKeyPtr load_key(const void *pem, size_t len)
{
    return xmlSecCryptoAppKeyLoadMemory(pem, (xmlSecSize)len, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
}

static xmlSecKeyPtr key_of(EVP_PKEY *pkey)
{
    BIO *bio = BIO_new(BIO_s_mem());
    xmlSecKeyPtr key = NULL;
    char *data = NULL;

    if (pkey != NULL && bio != NULL && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        long len = BIO_get_mem_data(bio, &data);

        key = load_key(data, (size_t)len);
    }
    BIO_free(bio);
    return key;
}

/* The parameters of a road's stylesheets, as the gateway's own path has them. */
static bool take_params(struct plain *p, enum road road)
{
    const struct buf *text = &p->bed->text[road][SIZE_5K];
    struct gln_declaration *d = NULL;
    bool ok = flow_receive(&d, p->ctx, text->data, text->len) == GLN_OK;

    if (ok) {
        d->wish.destination = p->bed->destination[road];
        d->wish.message = p->bed->message[road];
        ok = flow_run(d, NULL, "transform") == GLN_OK;
    }
    if (ok)
        flow_draft_params(&p->params[road], d, &d->drafts[0]);
    gln_declaration_free(d);
    return ok;
}

static bool load_sheets(struct plain *p)
{
    const struct route_message *cove = p->bed->message[ROAD_MX], *release = p->bed->message[ROAD_US];

    return xml_stylesheet_load_plain(&p->message[ROAD_MX], p->ctx, cove->transform->name) == GLN_OK &&
           xml_stylesheet_load_plain(&p->message[ROAD_US], p->ctx, release->transform->name) == GLN_OK &&
           xml_stylesheet_load_plain(&p->cadena, p->ctx, cove->seal.cadena->name) == GLN_OK &&
           xml_stylesheet_load_plain(&p->envelope, p->ctx, cove->envelope->name) == GLN_OK;
}

struct plain *plain_open(const struct bed *b)
{
    struct plain *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->bed = b;
    if (xmlSecInit() >= 0 && xmlSecCryptoAppInit(NULL) >= 0 && xmlSecCryptoInit() >= 0 &&
        gln_context_new(&p->ctx, b->engine) == GLN_OK && load_sheets(p)) {
        p->key[ROAD_MX] = load_key(b->pem.data, b->pem.len);
        p->witness = EVP_EC_gen("P-256");
        p->witness_cert = p->witness != NULL ? bed_cert(p->witness) : NULL;
        p->key[ROAD_US] = key_of(p->witness);
        if (p->key[ROAD_MX] != NULL && p->key[ROAD_US] != NULL && p->witness_cert != NULL &&
            take_params(p, ROAD_MX) && take_params(p, ROAD_US))
            return p;
    }
    fprintf(stderr, "bench: the reference cannot start\n");
    plain_close(p);
    return NULL;
}

void plain_close(struct plain *p)
{
    if (p == NULL)
        return;
    for (int road = 0; road < ROAD_COUNT; road++) {
        if (p->key[road] != NULL)
            xmlSecKeyDestroy(p->key[road]);
        params_free(&p->params[road]);
        xml_stylesheet_free(p->message[road]);
    }
    xml_stylesheet_free(p->cadena);
    xml_stylesheet_free(p->envelope);
    EVP_PKEY_free(p->witness);
    X509_free(p->witness_cert);
    gln_context_free(p->ctx);
    xmlSecCryptoShutdown();
    xmlSecCryptoAppShutdown();
    xmlSecShutdown();
    free(p);
}

/* Numbers the elements, which is what gln:src() gives back. */
static size_t number(xmlNodePtr n, size_t count)
{
    for (; n != NULL; n = n->next)
        if (n->type == XML_ELEMENT_NODE) {
            n->_private = (void *)(uintptr_t)++count;
            count = number(n->children, count);
        }
    return count;
}

/* Takes gln:src off, which no schema of others knows. */
static void strip(xmlNodePtr n)
{
    for (; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        for (xmlAttrPtr a = n->properties, next; a != NULL; a = next) {
            next = a->next;
            if (a->ns != NULL && xmlStrEqual(a->ns->href, BAD_CAST GLN_NS))
                xmlRemoveProp(a);
        }
        strip(n->children);
    }
}

/* The node after `n` in document order. */
static const xmlNode *follow(const xmlNode *n)
{
    const xmlNode *next = n->children;

    for (; next == NULL && n->type != XML_DOCUMENT_NODE; n = n->parent)
        next = n->next;
    return next;
}

static bool valid(const struct xml_schema *schema, xmlDocPtr doc)
{
    xmlSchemaValidCtxtPtr validator;
    bool ok;

    if (schema == NULL)
        return true;
    validator = xmlSchemaNewValidCtxt(schema->compiled);
    ok = validator != NULL && xmlSchemaValidateDoc(validator, doc) == 0;
    xmlSchemaFreeValidCtxt(validator);
    return ok;
}

static xmlDocPtr transform(struct plain *p, const struct xml_stylesheet *sheet, xmlDocPtr in,
                           const char *const *params, const struct elements *unsound)
{
    struct xml_doc doc = {.tree = in};
    struct xml_run how = {.codes = p->bed->engine->codes, .params = params, .source = &doc};
    struct run run = {.ctx = p->ctx,
                      .sheet = sheet,
                      .how = &how,
                      .in = &doc,
                      .source = &doc,
                      .lenient = unsound != NULL,
                      .unsound = unsound};
    xsltTransformContextPtr t = xsltNewTransformContext(sheet->style, in);
    xmlDocPtr out = NULL;

    run.scratch = xml_scratch(p->ctx);
    run.transform = t;
    if (t != NULL && run.scratch != NULL && exslt_known(run.scratch)) {
        t->_private = &run;
        t->maxTemplateVars = 1 << 30;
        xmlXPathRegisterFuncLookup(t->xpathCtxt, function_lookup, &run);
        if (params == NULL || xsltQuoteUserParams(t, (const char **)(uintptr_t)params) == 0)
            out = xsltApplyStylesheetUser(sheet->style, in, NULL, NULL, NULL, t);
        if (run.status != GLN_OK || t->state != XSLT_STATE_OK) {
            xmlFreeDoc(out);
            out = NULL;
        }
    }
    xsltFreeTransformContext(t);
    free(run.items);
    return out;
}

static bool sign(xmlDocPtr doc, xmlSecKeyPtr key, enum road road)
{
    xmlSecTransformId method = road == ROAD_MX ? xmlSecTransformRsaSha256Id : xmlSecTransformEcdsaSha256Id;
    xmlNodePtr node = xmlSecTmplSignatureCreate(doc, xmlSecTransformExclC14NId, method, NULL);
    xmlNodePtr reference = NULL;
    xmlSecDSigCtxPtr dsig = xmlSecDSigCtxCreate(NULL);
    bool ok = node != NULL && dsig != NULL && xmlAddChild(xmlDocGetRootElement(doc), node) != NULL;

    if (ok)
        reference = xmlSecTmplSignatureAddReference(node, xmlSecTransformSha256Id, NULL, BAD_CAST "", NULL);
    ok = reference != NULL &&
         xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId) != NULL &&
         xmlSecTmplReferenceAddTransform(reference, xmlSecTransformExclC14NId) != NULL;
    if (ok) {
        dsig->signKey = xmlSecKeyDuplicate(key);
        ok = dsig->signKey != NULL && xmlSecDSigCtxSign(dsig, node) == 0 &&
             dsig->status == xmlSecDSigStatusSucceeded;
    }
    if (dsig != NULL)
        xmlSecDSigCtxDestroy(dsig);
    return ok;
}

/* Cadena and envelope. `out` is taken; what comes back replaces it. */
static xmlDocPtr seal(struct plain *p, enum road road, xmlDocPtr out)
{
    const struct route_message *m = p->bed->message[road];
    xmlChar *text = NULL;
    int len = 0;
    xmlDocPtr result;

    if (m->seal.kind != NULL) {
        result = transform(p, p->cadena, out, NULL, NULL);
        if (result == NULL || xsltSaveResultToString(&text, &len, result, p->cadena->style) != 0)
            len = 0;
        xmlFree(text);
        xmlFreeDoc(result);
        if (len == 0) {
            xmlFreeDoc(out);
            return NULL;
        }
    }
    if (m->envelope == NULL)
        return out;
    result = transform(p, p->envelope, out, p->params[road].items, NULL);
    xmlFreeDoc(out);
    return result;
}

static bool evidence(const struct plain *p, const xmlChar *bytes, int len)
{
    BIO *content = BIO_new_mem_buf(bytes, len);
    CMS_ContentInfo *cms = content != NULL ? CMS_sign(p->witness_cert, p->witness, NULL, content,
                                                      CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP)
                                           : NULL;
    unsigned char *der = NULL;
    int size = cms != NULL ? i2d_CMS_ContentInfo(cms, &der) : -1;

    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(content);
    return size > 0;
}

bool plain_once(struct plain *p, enum road road, enum size size)
{
    const struct buf *text = &p->bed->text[road][size];
    const struct route_message *m = p->bed->message[road];
    xmlDocPtr in = xmlReadMemory(text->data, (int)text->len, NULL, NULL, XML_PARSE_NONET);
    xmlDocPtr found = NULL, out = NULL;
    struct elements all = {0};
    xmlChar *bytes = NULL;
    int len = 0;
    bool ok = in != NULL;

    if (ok) {
        number(in->children, 0);
        ok = valid(p->bed->engine->pivot_schema, in);
    }
    for (const xmlNode *n = ok ? in->children : NULL; n != NULL; n = follow(n))
        ok = n->type != XML_ELEMENT_NODE || elements_add(&all, n);
    if (ok)
        found = transform(p, p->bed->destination[road]->rules->sheet, in, NULL, &all);
    if (found != NULL)
        out = transform(p, p->message[road], in, p->params[road].items, NULL);
    if (out != NULL) {
        strip(out->children);
        ok = valid(m->schema, out);
        out = seal(p, road, out);
    }
    ok = ok && out != NULL && sign(out, p->key[road], road);
    if (ok)
        xmlDocDumpMemory(out, &bytes, &len);
    ok = ok && len > 0 && (road != ROAD_MX || evidence(p, bytes, len));
    free(all.items);
    xmlFree(bytes);
    xmlFreeDoc(out);
    xmlFreeDoc(found);
    xmlFreeDoc(in);
    if (!ok)
        fprintf(stderr, "bench: %s %s by the reference: %s\n", road_names[road], size_names[size],
                context_text(p->ctx, LANG_EN));
    return ok;
}
