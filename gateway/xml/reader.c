/*
 * The safe reader (xml/reader.h): size, encoding, first look, then libxml2's parser behind xml/sax.h.
 *
 * A context keeps one parser. It is thrown away after a document that failed, since libxml2 does not reset all of it, and when its
 * dictionary of names has grown past a mebibyte, since names of hostile documents would stay there for ever.
 * Files of our own are read with a parser of their own: their trees are shared by threads, a parser's dictionary must not be.
 */
#include "xml/reader.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parserInternals.h>
#include <libxml/uri.h>

#include "util/file.h"
#include "util/str.h"
#include "xml/encoding.h"
#include "xml/sax.h"
#include "xml/scratch.h"

enum { DICTIONARY_LIMIT = 1 << 20, FORESEE_FROM = 65536 };

static xmlParserInputPtr input_of(xmlParserCtxtPtr parser, const struct places *p)
{
    xmlParserInputPtr input = xmlNewInputStream(parser);
    if (input == NULL)
        return NULL;
    input->base = (const xmlChar *)p->text;
    input->cur = input->base;
    input->length = (int)p->len;
    input->end = input->base + p->len;
    return input;
}

/** Runs the parser over doc->places.text. */
static int parse(struct xml_doc *doc, struct gln_context *ctx, xmlParserCtxtPtr parser, bool limited)
{
    struct reading r = {ctx, doc, 0, 0, GLN_OK};
    if (limited) {
        r.max_depth = (size_t)option_int(ctx->options, OPT_MAX_DEPTH);
        r.max_nodes = (size_t)option_int(ctx->options, OPT_MAX_NODES);
    }
    xmlParserInputPtr input = input_of(parser, &doc->places);
    if (input == NULL || inputPush(parser, input) < 0) {
        xmlFreeInputStream(input);
        return context_no_memory(ctx);
    }
    parser->_private = &r;
    xmlParseDocument(parser);
    parser->_private = NULL;
    doc->tree = parser->myDoc;
    parser->myDoc = NULL;
    if (r.status == GLN_OK && (!parser->wellFormed || doc->tree == NULL))
        r.status = context_fail(ctx, GLN_E_INPUT, MSG_XML_NOT_WELL_FORMED, "");
    if (doc->tree != NULL)
        doc->tree->_private = doc;
    return r.status;
}

/** What is no XML at all is said in fewer words than a parser would use. */
static int first_look(struct gln_context *ctx, const struct places *p)
{
    size_t i = strspn(p->text, " \t\r\n");
    if (i == p->len)
        return context_fail(ctx, GLN_E_INPUT, MSG_XML_EMPTY);
    if (p->text[i] != '<')
        return context_fail_at(ctx, GLN_E_INPUT, places_at(p, i), MSG_XML_NOT_XML);
    return GLN_OK;
}

static int over_size(struct gln_context *ctx)
{
    return context_fail(ctx, GLN_E_LIMIT, MSG_XML_LARGE, option_text(ctx->options, OPT_MAX_SIZE));
}

static int read_with(struct xml_doc **out, struct gln_context *ctx, xmlParserCtxtPtr parser, const void *data,
                     size_t len, bool limited)
{
    struct xml_doc *doc = calloc(1, sizeof *doc);
    int rc = doc != NULL && parser != NULL ? GLN_OK : context_no_memory(ctx);
    if (rc == GLN_OK)
        rc = text_take(&doc->places, ctx, data, len);
    if (rc == GLN_OK && doc->places.len > INT32_MAX)
        rc = over_size(ctx);
    if (rc == GLN_OK)
        rc = first_look(ctx, &doc->places);
    if (rc == GLN_OK && limited && doc->places.len >= FORESEE_FROM)
        rc = sax_foresee(ctx, &doc->places);
    if (rc == GLN_OK)
        rc = parse(doc, ctx, parser, limited);
    if (rc == GLN_OK)
        *out = doc;
    else
        xml_doc_free(doc);
    return rc;
}

static int read_outside(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len,
                        bool keep_blanks)
{
    *out = NULL;
    if (len == 0)
        return context_fail(ctx, GLN_E_INPUT, MSG_XML_EMPTY);
    if (len > (size_t)option_int(ctx->options, OPT_MAX_SIZE))
        return over_size(ctx);
    struct xml_scratch *s = xml_scratch(ctx);
    if (s == NULL)
        return context_no_memory(ctx);
    if (s->parser == NULL)
        s->parser = sax_parser_new();
    if (s->parser != NULL)
        sax_keep_blanks(s->parser, keep_blanks);
    int rc = read_with(out, ctx, s->parser, data, len, true);
    if (s->parser != NULL && (rc != GLN_OK || xmlDictGetUsage(s->parser->dict) > DICTIONARY_LIMIT)) {
        xmlFreeParserCtxt(s->parser);
        s->parser = NULL;
    } else if (s->parser != NULL) {
        xmlCtxtReset(s->parser);
    }
    return rc;
}

int xml_read(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len)
{
    return read_outside(out, ctx, data, len, true);
}

int xml_read_compact(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len)
{
    /* an XML signature covers the blanks; UTF-16 has no such bytes and keeps them always */
    bool maybe_signed = len == 0 || memchr(data, '\0', len) != NULL ||
                        memmem(data, len, "Signature", strlen("Signature")) != NULL;
    return read_outside(out, ctx, data, len, maybe_signed);
}

/** Puts `name:` before the error's texts; the place becomes part of them, for it is not one of the sender's. */
static int name_error(struct gln_context *ctx, const char *name)
{
    for (int i = 0; i < LANG_COUNT; i++) {
        struct buf b = BUF_INIT;
        buf_printf(&b, ctx->error.place.known ? "%s:%s" : "%s: %s", name, context_text(ctx, i));
        char *text = buf_take(&b, NULL);
        if (text == NULL)
            continue;
        free(ctx->error.text[i]);
        ctx->error.text[i] = text;
    }
    ctx->error.place = PLACE_NONE;
    if (ctx->error.status == GLN_E_INPUT || ctx->error.status == GLN_E_LIMIT)
        ctx->error.status = GLN_E_CONFIG;
    return ctx->error.status;
}

int xml_read_own(struct xml_doc **out, struct gln_context *ctx, const void *data, size_t len,
                 const char *name)
{
    *out = NULL;
    if (xml_scratch(ctx) == NULL)
        return context_no_memory(ctx);
    xmlParserCtxtPtr parser = sax_parser_new();
    int rc = read_with(out, ctx, parser, data, len, false);
    if (parser != NULL)
        xmlFreeParserCtxt(parser);
    if (rc == GLN_E_MEMORY)
        return rc;
    if (rc != GLN_OK)
        return name_error(ctx, name);
    (*out)->tree->URL = xmlPathToURI((const xmlChar *)name);
    places_settle(&(*out)->places);
    return GLN_OK;
}

int xml_read_file(struct xml_doc **out, struct gln_context *ctx, const char *path)
{
    struct buf bytes = BUF_INIT;
    *out = NULL;
    int err = file_read(&bytes, path, INT32_MAX);
    char why[128];
    int rc = err != 0 ? context_fail(ctx, GLN_E_CONFIG, MSG_XML_FILE, path, strerror_r(err, why, sizeof why))
                      : xml_read_own(out, ctx, bytes.data != NULL ? bytes.data : "", bytes.len, path);
    buf_free(&bytes);
    return rc;
}
