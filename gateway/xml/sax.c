/*
 * The SAX layer (xml/sax.h) around libxml2's own tree builder.
 *
 * Before an element enters the tree its depth, number, attributes and names are held against the limits; behind it the byte
 * offset of its '<' goes into the place table and the row's number into the node. Comments are left out, CDATA becomes text.
 * A document type declaration ends the reading where it begins: no entity is ever declared.
 *
 * The parser walks a block of memory that does not move (struct places), so its position is a pointer into that block.
 * Only the first error counts; it is recorded in the context, in our words, and the parser is stopped.
 */
#include "xml/sax.h"

#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

enum { MOST_ATTRIBUTES = 256, MOST_NAMESPACES = 256, LONGEST_NAME = 1000, LONGEST_VALUE = 65536 };

static struct place place_of_parser(const struct reading *r, xmlParserCtxtPtr parser)
{
    const struct places *p = &r->doc->places;
    const char *cur = parser->input != NULL ? (const char *)parser->input->cur : NULL;
    if (cur == NULL || cur < p->text || cur > p->text + p->len)
        return PLACE_NONE;
    return places_at(p, (size_t)(cur - p->text));
}

static void stop(struct reading *r, xmlParserCtxtPtr parser, int status)
{
    r->status = status;
    xmlStopParser(parser);
}

/** The '<' of the start tag the parser has just read. */
static size_t tag_offset(const struct reading *r, xmlParserCtxtPtr parser)
{
    const char *text = r->doc->places.text;
    const char *s = (const char *)parser->input->cur;
    while (s > text && *s != '<')
        s--;
    return (size_t)(s - text);
}

static int over_limit(struct reading *r, xmlParserCtxtPtr parser, enum message_id id, size_t limit)
{
    struct buf number = BUF_INIT;
    buf_printf(&number, "%zu", limit);
    struct place place = places_at(&r->doc->places, tag_offset(r, parser));
    int rc = context_fail_at(r->ctx, GLN_E_LIMIT, place, id, number.data);
    buf_free(&number);
    return rc;
}

static int check_attributes(struct reading *r, xmlParserCtxtPtr parser, int count, const xmlChar **attributes)
{
    for (int i = 0; i < count; i++) {
        const xmlChar **a = attributes + 5 * (size_t)i;
        if (a[4] - a[3] > LONGEST_VALUE)
            return over_limit(r, parser, MSG_XML_LONG_ATTRIBUTE, LONGEST_VALUE);
        if (xmlStrlen(a[0]) > LONGEST_NAME)
            return over_limit(r, parser, MSG_XML_LONG_NAME, LONGEST_NAME);
    }
    return GLN_OK;
}

static int check_element(struct reading *r, xmlParserCtxtPtr parser, const xmlChar *name, int attributes)
{
    r->doc->nodes += 1 + (size_t)attributes;
    if (r->max_depth != 0 && (size_t)parser->nodeNr + 1 > r->max_depth)
        return over_limit(r, parser, MSG_XML_DEEP, r->max_depth);
    if (r->max_nodes != 0 && r->doc->nodes > r->max_nodes)
        return over_limit(r, parser, MSG_XML_MANY_NODES, r->max_nodes);
    if (attributes > MOST_ATTRIBUTES)
        return over_limit(r, parser, MSG_XML_MANY_ATTRIBUTES, MOST_ATTRIBUTES);
    if (parser->nsNr / 2 > MOST_NAMESPACES)
        return over_limit(r, parser, MSG_XML_MANY_NAMESPACES, MOST_NAMESPACES);
    if (xmlStrlen(name) > LONGEST_NAME)
        return over_limit(r, parser, MSG_XML_LONG_NAME, LONGEST_NAME);
    return GLN_OK;
}

static void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int ns_count, const xmlChar **ns, int count, int defaulted,
                          const xmlChar **attributes)
{
    xmlParserCtxtPtr parser = data;
    struct reading *r = parser->_private;
    if (r->status != GLN_OK)
        return;
    int rc = check_element(r, parser, name, count);
    if (rc == GLN_OK)
        rc = check_attributes(r, parser, count, attributes);
    if (rc != GLN_OK) {
        stop(r, parser, rc);
        return;
    }
    xmlSAX2StartElementNs(parser, name, prefix, uri, ns_count, ns, count, defaulted, attributes);
    size_t number;
    if (parser->node == NULL)
        return;
    if (!places_add(&r->doc->places, tag_offset(r, parser), parser->node, &number)) {
        stop(r, parser, context_no_memory(r->ctx));
        return;
    }
    parser->node->_private = (void *)(number + 1);
}

static void doctype(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    xmlParserCtxtPtr parser = data;
    struct reading *r = parser->_private;
    (void)name;
    (void)external;
    (void)system;
    if (r->status != GLN_OK)
        return;
    const char *text = r->doc->places.text;
    size_t at = (size_t)((const char *)parser->input->cur - text);
    while (at > 0 && strncmp(text + at, "<!DOCTYPE", 9) != 0)
        at--;
    stop(r, parser, context_fail_at(r->ctx, GLN_E_INPUT, places_at(&r->doc->places, at), MSG_XML_DOCTYPE));
}

/** What libxml2's codes are called here; str1 and str2 of the error are {1} and {2}. */
static const struct {
    int code;
    enum message_id id;
} words[] = {
    {XML_ERR_DOCUMENT_EMPTY, MSG_XML_NO_ELEMENT},
    {XML_ERR_DOCUMENT_END, MSG_XML_AFTER_END},
    {XML_ERR_INVALID_CHAR, MSG_XML_CHARACTER},
    {XML_ERR_INVALID_CHARREF, MSG_XML_CHARREF},
    {XML_ERR_INVALID_HEX_CHARREF, MSG_XML_CHARREF},
    {XML_ERR_INVALID_DEC_CHARREF, MSG_XML_CHARREF},
    {XML_ERR_NAME_REQUIRED, MSG_XML_NAME},
    {XML_ERR_ENTITYREF_SEMICOL_MISSING, MSG_XML_AMPERSAND},
    {XML_ERR_UNDECLARED_ENTITY, MSG_XML_ENTITY},
    {XML_ERR_LT_IN_ATTRIBUTE, MSG_XML_LT_IN_ATTRIBUTE},
    {XML_ERR_ATTRIBUTE_NOT_STARTED, MSG_XML_ATTRIBUTE_QUOTES},
    {XML_ERR_ATTRIBUTE_NOT_FINISHED, MSG_XML_ATTRIBUTE_QUOTES},
    {XML_ERR_ATTRIBUTE_WITHOUT_VALUE, MSG_XML_ATTRIBUTE_VALUE},
    {XML_ERR_ATTRIBUTE_REDEFINED, MSG_XML_ATTRIBUTE_TWICE},
    {XML_NS_ERR_ATTRIBUTE_REDEFINED, MSG_XML_ATTRIBUTE_TWICE},
    {XML_ERR_HYPHEN_IN_COMMENT, MSG_XML_COMMENT},
    {XML_ERR_COMMENT_NOT_FINISHED, MSG_XML_COMMENT},
    {XML_ERR_CDATA_NOT_FINISHED, MSG_XML_CDATA},
    {XML_ERR_MISPLACED_CDATA_END, MSG_XML_CDATA_END},
    {XML_ERR_RESERVED_XML_NAME, MSG_XML_DECLARATION_LATE},
    {XML_ERR_XMLDECL_NOT_FINISHED, MSG_XML_DECLARATION},
    {XML_ERR_VERSION_MISSING, MSG_XML_DECLARATION},
    {XML_ERR_UNKNOWN_VERSION, MSG_XML_DECLARATION},
    {XML_ERR_GT_REQUIRED, MSG_XML_TAG_END},
    {XML_ERR_LT_REQUIRED, MSG_XML_TAG_END},
    {XML_ERR_SPACE_REQUIRED, MSG_XML_SPACE},
    {XML_ERR_LTSLASH_REQUIRED, MSG_XML_CUT},
    {XML_ERR_TAG_NOT_FINISHED, MSG_XML_CUT},
    {XML_ERR_TAG_NAME_MISMATCH, MSG_XML_TAGS_DIFFER},
    {XML_NS_ERR_UNDEFINED_NAMESPACE, MSG_XML_PREFIX},
    {XML_ERR_NO_MEMORY, MSG_MEMORY},
};

static enum message_id word_for(int code)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].code == code)
            return words[i].id;
    return MSG_XML_NOT_WELL_FORMED;
}

static void parser_error(void *data, xmlErrorPtr e)
{
    xmlParserCtxtPtr parser = data;
    struct reading *r = parser->_private;
    if (r == NULL || r->status != GLN_OK || e->level < XML_ERR_ERROR)
        return;
    struct buf own = BUF_INIT;
    enum message_id id = word_for(e->code);
    const char *first = e->str1;
    if (id == MSG_XML_CHARACTER || id == MSG_XML_CHARREF) {
        buf_printf(&own, "U+%04X", (unsigned)e->int1);
        first = own.data;
    } else if (id == MSG_XML_NOT_WELL_FORMED) {
        buf_puts(&own, e->message);
        while (own.len > 0 && (own.data[own.len - 1] == '\n' || own.data[own.len - 1] == ' '))
            own.data[--own.len] = '\0';
        first = own.data;
    }
    int status = id == MSG_MEMORY ? GLN_E_MEMORY : GLN_E_INPUT;
    status = context_fail_at(r->ctx, status, place_of_parser(r, parser), id, first, e->str2);
    buf_free(&own);
    stop(r, parser, status);
}

xmlParserCtxtPtr sax_parser_new(void)
{
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (parser == NULL)
        return NULL;
    /* Our own limits take the place of libxml2's fixed ones (XML_PARSE_HUGE). */
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT | XML_PARSE_HUGE |
                                  XML_PARSE_IGNORE_ENC);
    parser->sax->startElementNs = start_element;
    parser->sax->internalSubset = doctype;
    parser->sax->externalSubset = NULL;
    parser->sax->resolveEntity = NULL;
    parser->sax->comment = NULL;
    parser->sax->warning = NULL;
    parser->sax->error = NULL;
    parser->sax->fatalError = NULL;
    parser->sax->serror = parser_error;
    return parser;
}

static void ignore_blanks(void *data, const xmlChar *text, int len)
{
    (void)data;
    (void)text;
    (void)len;
}

void sax_keep_blanks(xmlParserCtxtPtr parser, bool keep)
{
    parser->keepBlanks = keep ? 1 : 0;
    parser->sax->ignorableWhitespace = keep ? xmlSAX2Characters : ignore_blanks;
}

/** Where markup that is no start tag ends. */
static const char *skip_markup(const char *s, const char *end)
{
    const char *close = NULL;
    if (end - s >= 4 && memcmp(s, "<!--", 4) == 0)
        close = memmem(s + 4, (size_t)(end - s - 4), "-->", 3);
    else if (end - s >= 9 && memcmp(s, "<![CDATA[", 9) == 0)
        close = memmem(s + 9, (size_t)(end - s - 9), "]]>", 3);
    else
        close = memchr(s, '>', (size_t)(end - s));
    return close != NULL ? close + 1 : end;
}

/** Counts the '=' of a start tag outside its quotes; *s moves behind the tag. */
static int count_attributes(const char **s, const char *end)
{
    int count = 0;
    const char *at = *s + 1;
    while (at < end && *at != '>') {
        if (*at == '"' || *at == '\'') {
            const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
            at = close != NULL ? close : end - 1;
        } else if (*at == '=') {
            count++;
        }
        at++;
    }
    *s = at;
    return count;
}

int sax_foresee(struct gln_context *ctx, const struct places *p)
{
    const char *end = p->text + p->len;
    const char *s = p->text;
    while (s < end && (s = memchr(s, '<', (size_t)(end - s))) != NULL) {
        if (end - s > 1 && (s[1] == '!' || s[1] == '?' || s[1] == '/')) {
            s = skip_markup(s, end);
            continue;
        }
        size_t at = (size_t)(s - p->text);
        if (count_attributes(&s, end) > MOST_ATTRIBUTES + MOST_NAMESPACES) {
            struct buf number = BUF_INIT;
            buf_printf(&number, "%d", (int)MOST_ATTRIBUTES);
            int rc =
                context_fail_at(ctx, GLN_E_LIMIT, places_at(p, at), MSG_XML_MANY_ATTRIBUTES, number.data);
            buf_free(&number);
            return rc;
        }
    }
    return GLN_OK;
}
