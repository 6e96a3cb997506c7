/*
 * Runs the tests of golden.h. A difference is shown by the first line that differs, not by two whole files.
 */
#include "unit/golden.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "unit/twins.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

void source_path(char *out, size_t size, const char *name)
{
    const char *top = getenv("GREENLANE_SRCDIR");

    snprintf(out, size, "%s/%s", top != NULL ? top : "..", name);
}

static void list(glob_t *found, const char *bundle)
{
    char path[512];
    char pattern[640];

    source_path(path, sizeof path, "tests/transforms");
    snprintf(pattern, sizeof pattern, "%s/%s/*.in.xml", path, bundle);
    if (glob(pattern, 0, NULL, found) != 0)
        found->gl_pathc = 0;
}

size_t golden_count(const char *bundle)
{
    glob_t found = {0};
    size_t count;

    list(&found, bundle);
    count = found.gl_pathc;
    globfree(&found);
    return count;
}

/* `words` becomes name, value, name, value ...; the stylesheet is taken out. */
static void read_params(struct golden *g, const char *bundle)
{
    char path[640];
    struct buf b = BUF_INIT;
    size_t n = 0;
    char *line;
    char *rest;

    snprintf(path, sizeof path, "%s.params", g->stem);
    ck_assert_msg(file_read(&b, path, 0) == 0, "%s is missing", path);
    g->words = buf_take(&b, NULL);
    rest = g->words;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *value = strchr(line, '=');

        if (*line == '\0')
            continue;
        ck_assert_msg(value != NULL, "%s: %s", path, line);
        *value++ = '\0';
        if (strcmp(line, "sheet") == 0) {
            char name[256];

            snprintf(name, sizeof name, "transforms/%s/%s", bundle, value);
            source_path(g->sheet, sizeof g->sheet, name);
            continue;
        }
        ck_assert_uint_lt(n, 2 * GOLDEN_PARAMS);
        g->params[n++] = line;
        g->params[n++] = value;
    }
    g->params[n] = NULL;
}

/* The tree as it would be written, a line for each tag. */
static void show(struct buf *out, struct gln_context *ctx, const struct xml_doc *doc)
{
    struct buf text = BUF_INIT;

    ck_assert_int_eq(xml_write(&text, NULL, ctx, xml_root(doc), true), GLN_OK);
    for (size_t i = 0; i < text.len; i++) {
        buf_putc(out, text.data[i]);
        if (text.data[i] == '>' && i + 1 < text.len && text.data[i + 1] == '<')
            buf_putc(out, '\n');
    }
    buf_putc(out, '\n');
    buf_free(&text);
}

static void compare(const struct golden *g, const char *ending, const struct buf *have)
{
    char path[640];
    struct buf want = BUF_INIT;
    const char *mode = getenv("GREENLANE_GOLDEN");
    size_t line = 1;
    size_t start = 0;
    size_t i = 0;

    snprintf(path, sizeof path, "%s%s", g->stem, ending);
    if (str_eq(mode, "write")) {
        ck_assert_int_eq(file_write(path, have->data, have->len, 0644), 0);
        return;
    }
    ck_assert_msg(file_read(&want, path, 0) == 0, "%s is missing; it would be:\n%s", path, have->data);
    while (i < have->len && i < want.len && have->data[i] == want.data[i]) {
        if (have->data[i] == '\n') {
            line++;
            start = i + 1;
        }
        i++;
    }
    ck_assert_msg(have->len == want.len && i == have->len, "%s:%zu:\n  is      %.*s\n  must be %.*s", path,
                  line, (int)strcspn(have->data + start, "\n"), have->data + start,
                  (int)strcspn(want.data + start, "\n"), want.data + start);
    buf_free(&want);
}

static bool is_there(const struct golden *g, const char *ending)
{
    char path[640];
    struct buf b = BUF_INIT;
    bool there;

    snprintf(path, sizeof path, "%s%s", g->stem, ending);
    there = file_read(&b, path, 0) == 0;
    buf_free(&b);
    return there;
}

static void read_input(struct golden *g, struct gln_context *ctx)
{
    char path[640];
    struct buf b = BUF_INIT;

    snprintf(path, sizeof path, "%s.in.xml", g->stem);
    ck_assert_int_eq(file_read(&b, path, 0), 0);
    ck_assert_msg(xml_read(&g->in, ctx, b.data, b.len) == GLN_OK, "%s: %s", path, context_text(ctx, LANG_EN));
    buf_free(&b);
}

void golden_run(struct golden *g, struct gln_context *ctx, const struct xml_codes *codes, const char *bundle,
                size_t index)
{
    glob_t found = {0};
    struct buf text = BUF_INIT;
    struct xml_stylesheet *sheet = NULL;
    struct xml_run run = {.codes = codes};
    int status;

    memset(g, 0, sizeof *g);
    list(&found, bundle);
    ck_assert_uint_lt(index, found.gl_pathc);
    snprintf(g->stem, sizeof g->stem, "%s", found.gl_pathv[index]);
    g->stem[strlen(g->stem) - strlen(".in.xml")] = '\0';
    globfree(&found);
    read_params(g, bundle);
    read_input(g, ctx);
    run.params = g->params;
    ck_assert_msg(twins_agree(ctx, g->sheet, g->in, &run), "%s", g->stem);
    ck_assert_msg(xml_stylesheet_load(&sheet, ctx, g->sheet) == GLN_OK, "%s", context_text(ctx, LANG_EN));
    if (is_there(g, ".out.txt")) {
        status = xml_transform_text(&text, sheet, ctx, g->in, &run);
        ck_assert_msg(status == GLN_OK, "%s: %s", g->stem, context_text(ctx, LANG_EN));
        buf_putc(&text, '\n');
        compare(g, ".out.txt", &text);
    } else {
        status = xml_transform(&g->out, sheet, ctx, g->in, &run);
        if (is_there(g, ".error")) {
            ck_assert_msg(status != GLN_OK, "%s: it came out", g->stem);
            buf_printf(&text, "%s\n%s\n", context_text(ctx, LANG_EN), context_text(ctx, LANG_ES));
            compare(g, ".error", &text);
        } else {
            ck_assert_msg(status == GLN_OK, "%s: %s", g->stem, context_text(ctx, LANG_EN));
            show(&text, ctx, g->out);
            compare(g, ".out.xml", &text);
        }
    }
    buf_free(&text);
    xml_stylesheet_free(sheet);
}

void golden_clear(struct golden *g)
{
    xml_doc_free(g->in);
    xml_doc_free(g->out);
    free(g->words);
}
