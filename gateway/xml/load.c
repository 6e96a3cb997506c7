/*
 * Compiling stylesheets (xml/transform.h).
 *
 * Every file that a stylesheet imports or includes is read by our own reader first: errors come with file, line and column in
 * both languages, and an address that is not a plain relative path is refused. Compiled stylesheets are read-only.
 *
 * What libxslt itself has to say at compile time goes through a variable of the whole process, and so does every file that an import
 * or include names: a host whose entity loader refuses all files would refuse ours. Both are taken over while we compile, one at a
 * time, and given back; what other threads want of them meanwhile goes to the host's own.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parserInternals.h>
#include <libxslt/xsltutils.h>

#include "util/file.h"
#include "util/str.h"
#include "xml/graph.h"
#include "xml/load.h"
#include "xml/quick.h"
#include "xml/run.h"

enum { MOST_BYTES = 64 << 20 };

static struct {
    pthread_mutex_t lock;
    pthread_t owner;
    struct buf *text; /* of the stylesheet that is being compiled; NULL: none is */
    xmlExternalEntityLoader host_loader;
    xmlGenericErrorFunc host_error;
    void *host_error_data;
} loading = {.lock = PTHREAD_MUTEX_INITIALIZER};

static xmlParserInputPtr open_file(const char *path, xmlParserCtxtPtr parser)
{
    struct buf bytes = BUF_INIT;
    xmlParserInputBufferPtr source = NULL;
    xmlParserInputPtr input = NULL;
    if (file_read(&bytes, path, MOST_BYTES) == 0 && bytes.len > 0)
        source = xmlParserInputBufferCreateMem(bytes.data, (int)bytes.len, XML_CHAR_ENCODING_NONE);
    if (source != NULL)
        input = xmlNewIOInputStream(parser, source, XML_CHAR_ENCODING_NONE);
    if (input != NULL)
        input->filename = (char *)xmlStrdup((const xmlChar *)path);
    else
        xmlFreeParserInputBuffer(source);
    buf_free(&bytes);
    return input;
}

/** For us a plain file, already read once and found near (xml/graph.h); for any other thread whatever the host's loader says. */
static xmlParserInputPtr load_file(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    if (!pthread_equal(loading.owner, pthread_self()))
        return loading.host_loader != NULL ? loading.host_loader(url, id, parser) : NULL;
    return url != NULL ? open_file(url, parser) : NULL;
}

void load_lock(void)
{
    pthread_mutex_lock(&loading.lock);
    loading.owner = pthread_self();
    loading.host_loader = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(load_file);
}

void load_unlock(void)
{
    if (xmlGetExternalEntityLoader() == load_file)
        xmlSetExternalEntityLoader(loading.host_loader);
    pthread_mutex_unlock(&loading.lock);
}

static void compile_error(void *data, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void compile_error(void *data, const char *fmt, ...)
{
    char piece[1024];
    va_list args;
    (void)data;
    va_start(args, fmt);
    vsnprintf(piece, sizeof piece, fmt, args);
    va_end(args);
    if (!pthread_equal(loading.owner, pthread_self())) {
        if (loading.host_error != NULL)
            loading.host_error(loading.host_error_data, "%s", piece);
    } else if (loading.text != NULL && loading.text->len <= 4096) {
        buf_puts(loading.text, piece);
    }
}

static void xpath_error(void *data, xmlErrorPtr e)
{
    compile_error(data, "XPath: %s in '%s'", e->message != NULL ? e->message : "error",
                  e->str1 != NULL ? e->str1 : "");
}

static void silent(void *data, xmlErrorPtr e)
{
    (void)data;
    (void)e;
}

/** NULL and a text if it does not compile; `tree` is taken either way. */
static xsltStylesheetPtr compile(xmlDocPtr tree, struct buf *text)
{
    load_lock();
    loading.host_error = xsltGenericError;
    loading.host_error_data = xsltGenericErrorContext;
    loading.text = text;
    xsltSetGenericErrorFunc(NULL, compile_error);
    xsltStylesheetPtr style = xsltNewStylesheet();
    if (style != NULL)
        style->xpathCtxt->error = xpath_error;
    bool taken = style != NULL && xsltParseStylesheetUser(style, tree) == 0;
    if (!taken)
        xmlFreeDoc(tree);
    if (style != NULL && (!taken || style->errors != 0)) {
        xsltFreeStylesheet(style);
        style = NULL;
    }
    if (style != NULL)
        style->xpathCtxt->error = silent;
    xsltSetGenericErrorFunc(loading.host_error_data, loading.host_error);
    loading.text = NULL;
    load_unlock();
    return style;
}

static xsltSecurityPrefsPtr deny_all(void)
{
    static const xsltSecurityOption options[] = {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE,
                                                 XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
                                                 XSLT_SECPREF_WRITE_NETWORK};
    xsltSecurityPrefsPtr prefs = xsltNewSecurityPrefs();
    for (size_t i = 0; prefs != NULL && i < sizeof options / sizeof options[0]; i++)
        xsltSetSecurityPrefs(prefs, options[i], xsltSecurityForbid);
    return prefs;
}

struct xml_stylesheet *xml_stylesheet_ref(const struct xml_stylesheet *s)
{
    struct xml_stylesheet *held = (struct xml_stylesheet *)(uintptr_t)s;
    atomic_fetch_add(&held->more, 1);
    return held;
}

void xml_stylesheet_free(struct xml_stylesheet *s)
{
    if (s == NULL || atomic_fetch_sub(&s->more, 1) > 0)
        return;
    if (s->style != NULL)
        xsltFreeStylesheet(s->style);
    quick_free(s->quick);
    if (s->denied != NULL)
        xsltFreeSecurityPrefs(s->denied);
    free(s->name);
    free(s);
}

/** Newlines of libxslt's texts become blanks: an error is one line. */
static void one_line(struct buf *b)
{
    while (b->len > 0 && (b->data[b->len - 1] == '\n' || b->data[b->len - 1] == ' '))
        b->data[--b->len] = '\0';
    for (size_t i = 0; i < b->len; i++)
        if (b->data[i] == '\n')
            b->data[i] = ' ';
}

static int make(struct xml_stylesheet **out, struct gln_context *ctx, xmlDocPtr tree, const char *name)
{
    struct buf text = BUF_INIT;
    struct xml_stylesheet *s = calloc(1, sizeof *s);
    int rc = GLN_OK;
    if (s == NULL || (s->name = str_dup(name)) == NULL || (s->denied = deny_all()) == NULL) {
        xmlFreeDoc(tree);
        rc = context_no_memory(ctx);
    } else if ((s->style = compile(tree, &text)) == NULL) {
        one_line(&text);
        rc = context_fail(ctx, GLN_E_CONFIG, MSG_XML_STYLESHEET, name, text.data);
    }
    buf_free(&text);
    if (rc == GLN_OK)
        *out = s;
    else
        xml_stylesheet_free(s);
    return rc;
}

int xml_stylesheet_load_plain(struct xml_stylesheet **out, struct gln_context *ctx, const char *path)
{
    struct xml_doc *doc = NULL;
    *out = NULL;
    int rc = xml_graph_read(&doc, ctx, path, &xml_graph_xslt, NULL, NULL);
    return rc == GLN_OK ? make(out, ctx, xml_doc_release(doc), path) : rc;
}

int xml_stylesheet_load(struct xml_stylesheet **out, struct gln_context *ctx, const char *path)
{
    int rc = xml_stylesheet_load_plain(out, ctx, path);
    if (rc == GLN_OK && !quick_attach(&(*out)->quick, (*out)->style)) {
        rc = context_no_memory(ctx);
        xml_stylesheet_free(*out);
        *out = NULL;
    }
    return rc;
}

int xml_stylesheet_from(struct xml_stylesheet **out, struct gln_context *ctx, const struct xml_doc *doc,
                        const char *base)
{
    /* Written and read again, so that all names lie in one dictionary: libxslt compares them by address then. */
    struct xml_doc *copy = NULL;
    xmlChar *bytes = NULL;
    int size = 0;
    *out = NULL;
    xmlDocDumpMemoryEnc(doc->tree, &bytes, &size, "UTF-8");
    if (bytes == NULL)
        return context_no_memory(ctx);
    int rc = xml_read_own(&copy, ctx, bytes, (size_t)size, base);
    xmlFree(bytes);
    return rc == GLN_OK ? make(out, ctx, xml_doc_release(copy), base) : rc;
}
