/*
 * Documents from strangers against the pivot's schema: whatever is mended on the way to all findings, both answers agree, each
 * finding has its place and path, and the document is as it was.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/file.h"
#include "xml/reader.h"
#include "xml/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct options options;
static struct gln_context ctx;
static struct xml_schema *schema;

static void start(void)
{
    const char *top = getenv("GREENLANE_SRCDIR");
    char *path = path_join(top != NULL ? top : ".", "schemas/wco/pivot.xsd");
    char err[100];

    if (path == NULL || options_init(&options) != GLN_OK ||
        options_set(&options, "max-nodes", "5000", err, sizeof err) != GLN_OK)
        abort();
    context_init(&ctx, &options);
    if (xml_schema_load(&schema, &ctx, path) != GLN_OK) {
        fprintf(stderr, "%s\n", context_text(&ctx, LANG_EN));
        abort();
    }
    free(path);
}

static void judge(const struct xml_doc *doc)
{
    struct findings list = {0};
    struct buf before = BUF_INIT, after = BUF_INIT, first = BUF_INIT;
    bool valid = false;

    if (xml_write(&before, NULL, &ctx, xml_root(doc), true) != GLN_OK ||
        xml_schema_check(schema, &ctx, doc, &list) != GLN_OK ||
        xml_schema_valid(schema, &ctx, doc, &valid, &first) != GLN_OK ||
        xml_write(&after, NULL, &ctx, xml_root(doc), true) != GLN_OK)
        abort();
    if (valid != (list.errors == 0) || valid != (first.len == 0))
        abort();
    if (before.len != after.len || memcmp(before.data, after.data, before.len) != 0)
        abort();
    for (size_t i = 0; i < list.count; i++)
        if (!list.items[i].place.known ||
            (list.items[i].severity == GLN_ERROR && list.items[i].xpath == NULL))
            abort();
    findings_free(&list);
    buf_free(&before);
    buf_free(&after);
    buf_free(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xml_doc *doc = NULL;

    if (schema == NULL)
        start();
    if (xml_read(&doc, &ctx, data, size) == GLN_OK)
        judge(doc);
    xml_doc_free(doc);
    return 0;
}
