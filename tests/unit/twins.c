/*
 * Compares the two runs (unit/twins.h) by all that comes out, gln:src included, or by the error's texts in both languages.
 */
#include "unit/twins.h"

#include <stdio.h>
#include <string.h>

#include "xml/native.h"
#include "xml/run.h"

static void outcome(struct buf *out, struct gln_context *ctx, const struct xml_stylesheet *sheet,
                    const struct xml_doc *in, const struct xml_run *run)
{
    xmlDocPtr tree = NULL;
    xmlChar *bytes = NULL;
    int size = 0;

    if (run_sheet(&tree, sheet, ctx, in, run, NULL) == GLN_OK) {
        xmlDocDumpMemory(tree, &bytes, &size);
        buf_put(out, bytes, (size_t)size);
    } else {
        buf_printf(out, "%s\n%s\n", context_text(ctx, LANG_EN), context_text(ctx, LANG_ES));
    }
    xmlFree(bytes);
    xmlFreeDoc(tree);
}

bool twins_agree(struct gln_context *ctx, const char *sheet, const struct xml_doc *in,
                 const struct xml_run *run)
{
    struct xml_stylesheet *plain = NULL, *quick = NULL;
    struct buf one = BUF_INIT, other = BUF_INIT;
    bool same = xml_stylesheet_load_plain(&plain, ctx, sheet) == GLN_OK &&
                xml_stylesheet_load(&quick, ctx, sheet) == GLN_OK && plain->quick == NULL &&
                quick->quick != NULL;

    if (same) {
        outcome(&one, ctx, plain, in, run);
        outcome(&other, ctx, quick, in, run);
        same = one.len > 0 && one.len == other.len && memcmp(one.data, other.data, one.len) == 0;
    }
    if (!same)
        fprintf(stderr, "--- %s, alone\n%s\n--- quick\n%s\n", sheet, one.data != NULL ? one.data : "",
                other.data != NULL ? other.data : "");
    xml_stylesheet_free(plain);
    xml_stylesheet_free(quick);
    buf_free(&one);
    buf_free(&other);
    return same;
}
