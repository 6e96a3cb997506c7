/*
 * Codec `fixed` on arbitrary bytes: what decodes encodes again, and decoding that gives the same tree. Bytes that are refused are
 * refused with a message.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/layout.h"
#include "util/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct layout *layout_get(struct gln_context *ctx)
{
    static struct layout *layout;
    const char *top = getenv("GREENLANE_SRCDIR");
    char *path;

    if (layout != NULL)
        return layout;
    path = path_join(top != NULL ? top : ".", "schemas/us-ace/ace.xml");
    if (path == NULL || layout_load(&layout, ctx, path) != GLN_OK) {
        fprintf(stderr, "%s\n", context_text(ctx, LANG_EN));
        exit(EXIT_FAILURE);
    }
    free(path);
    return layout;
}

/* A tree of strict input survives the way to columns and back. */
static int there_and_back(struct gln_context *ctx, const struct layout *l, const struct xml_doc *doc)
{
    struct outbound out;
    struct xml_doc *again = NULL;
    struct buf one = {0}, two = {0};
    int bad = 0;

    if (fixed_encode(&out, ctx, l, doc, NULL) != GLN_OK)
        return 0; /* lenient answers hold what we would not write */
    if (fixed_decode(&again, ctx, l, out.bytes.data, out.bytes.len) != GLN_OK ||
        xml_write(&one, NULL, ctx, xml_root(doc), true) != GLN_OK ||
        xml_write(&two, NULL, ctx, xml_root(again), true) != GLN_OK)
        bad = 1;
    /* Records that were short or held odd bytes are told as flaws the first time only. */
    else if (strstr(one.data, "flaw=") == NULL && strcmp(one.data, two.data) != 0)
        bad = 1;
    if (bad)
        fprintf(stderr, "differs: %s\n%s\n%s\n", context_text(ctx, LANG_EN), one.data, two.data);
    buf_free(&one);
    buf_free(&two);
    xml_doc_free(again);
    outbound_free(&out);
    return bad;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options options;
    struct gln_context ctx;
    struct xml_doc *doc = NULL;
    const struct layout *l;
    int bad = 0;

    if (options_init(&options) != GLN_OK)
        return 0;
    context_init(&ctx, &options);
    l = layout_get(&ctx);
    if (fixed_decode(&doc, &ctx, l, data, size) != GLN_OK)
        bad = context_text(&ctx, LANG_EN)[0] == '\0' || doc != NULL;
    else
        bad = there_and_back(&ctx, l, doc);
    xml_doc_free(doc);
    context_clear(&ctx);
    options_free(&options);
    if (bad)
        abort();
    return 0;
}
