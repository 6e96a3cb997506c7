/*
 * Documents from strangers. Either a refusal with a message, or a tree of which every element has its place inside the
 * bytes, in document order, and which writes out as something the reader takes again with the same number of nodes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "xml/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t last_offset;
static size_t elements;

static void walk(const struct xml_doc *doc, const struct xml_node *node, size_t size)
{
    for (; node != NULL; node = xml_next(node)) {
        struct place place = xml_place(doc, node);

        if (!place.known || place.offset >= size || place.line == 0 || place.column == 0)
            abort();
        if (elements++ > 0 && place.offset <= last_offset)
            abort();
        last_offset = place.offset;
        walk(doc, xml_first(node), size);
    }
}

static void write_and_read(struct gln_context *ctx, const struct xml_doc *doc)
{
    struct buf written = BUF_INIT;
    struct buf rewritten = BUF_INIT;
    struct xml_doc *again = NULL;

    if (xml_write(&written, NULL, ctx, xml_root(doc), false) != GLN_OK)
        abort();
    if (xml_read(&again, ctx, written.data, written.len) != GLN_OK)
        abort();
    if (xml_write(&rewritten, NULL, ctx, xml_root(again), false) != GLN_OK || rewritten.len != written.len)
        abort();
    xml_doc_free(again);
    buf_free(&rewritten);
    buf_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options options;
    struct gln_context ctx;
    struct xml_doc *doc = NULL;
    char err[100];

    if (options_init(&options) != GLN_OK ||
        options_set(&options, "max-nodes", "5000", err, sizeof err) != GLN_OK)
        abort();
    context_init(&ctx, &options);
    if (xml_read(&doc, &ctx, data, size) == GLN_OK) {
        last_offset = 0;
        elements = 0;
        walk(doc, xml_root(doc), size);
        write_and_read(&ctx, doc);
    } else if (context_text(&ctx, LANG_EN)[0] == '\0' || context_text(&ctx, LANG_ES)[0] == '\0') {
        abort();
    }
    xml_doc_free(doc);
    context_clear(&ctx);
    options_free(&options);
    return 0;
}
