/* Transforms: places through them, parameters, messages that end them, budgets, rights, stylesheets that do not compile. */
#include "unit/main.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/xml_fixture.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/transform.h"

Suite *xml_transform_suite(void);

#define SHEET(body)                                                                                          \
    "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "                        \
    "xmlns:gln='urn:greenlane:xslt:1' xmlns:exsl='http://exslt.org/common' exclude-result-prefixes='gln "    \
    "exsl'>" body "</xsl:stylesheet>"

static struct xml_stylesheet *sheet(struct fixture *f, const char *text)
{
    struct xml_stylesheet *s = NULL;
    struct xml_doc *doc = fixture_read(f, text);
    ck_assert_msg(xml_stylesheet_from(&s, &f->ctx, doc, "test.xsl") == GLN_OK, "%s",
                  context_text(&f->ctx, LANG_EN));
    xml_doc_free(doc);
    return s;
}

static struct xml_doc *transform(struct fixture *f, const struct xml_stylesheet *s, const struct xml_doc *in,
                                 const struct xml_run *run)
{
    struct xml_doc *out = NULL;
    ck_assert_msg(xml_transform(&out, s, &f->ctx, in, run) == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    return out;
}

START_TEST(places_come_through_two_transforms)
{
    struct fixture f;
    fixture_open(&f);
    struct xml_stylesheet *first =
        sheet(&f, SHEET("<xsl:template match='/d'><o><xsl:for-each select='a'>"
                        "<p gln:src='{gln:src(.)}'><q><xsl:value-of select='.'/></q></p></xsl:for-each></o>"
                        "</xsl:template>"));
    struct xml_stylesheet *second = sheet(&f, SHEET("<xsl:template match='/o'><r><xsl:copy-of select='p'/>"
                                                    "<s gln:src='{gln:src(p[2]/q)}'/></r></xsl:template>"));
    struct xml_doc *in = fixture_read(&f, "<d>\n<a>1</a>\n <a>2</a></d>");
    struct xml_doc *middle = transform(&f, first, in, NULL);
    struct xml_run run = {.source = in};
    struct xml_doc *out = transform(&f, second, middle, &run);
    struct xml_node *p = xml_child(xml_root(out), "p");
    ck_assert_str_eq(xml_find_text(p, "q"), "1");
    struct place at = xml_place_by_src(in, xml_attr_ns(xml_next(p), GLN_NS, "src"));
    ck_assert_uint_eq(at.line, 3);
    ck_assert_uint_eq(at.column, 2);
    at = xml_place_by_src(in, xml_attr_ns(xml_child(xml_root(out), "s"), GLN_NS, "src"));
    ck_assert_uint_eq(at.line, 3);
    char *text = fixture_text(&f, xml_root(out));
    ck_assert_str_eq(text, "<r><p><q>1</q></p><p><q>2</q></p><s/></r>");
    free(text);
    xml_doc_free(in);
    xml_doc_free(middle);
    xml_doc_free(out);
    xml_stylesheet_free(first);
    xml_stylesheet_free(second);
    fixture_close(&f);
}
END_TEST

START_TEST(parameters_are_strings)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    fixture_open(&f);
    struct xml_stylesheet *s =
        sheet(&f, SHEET("<xsl:output method='text'/><xsl:param name='a'/><xsl:param name='identity-b'/>"
                        "<xsl:template match='/'>[<xsl:value-of select='$a'/>|<xsl:value-of "
                        "select='$identity-b'/>]</xsl:template>"));
    struct xml_doc *in = fixture_read(&f, "<d/>");
    const char *const params[] = {"a", "it's \"quoted\" /d", "identity-b", "", "unused", "x", NULL};
    struct xml_run run = {.params = params};
    ck_assert_int_eq(xml_transform_text(&out, s, &f.ctx, in, &run), GLN_OK);
    ck_assert_str_eq(out.data, "[it's \"quoted\" /d|]");
    buf_free(&out);
    xml_doc_free(in);
    xml_stylesheet_free(s);
    fixture_close(&f);
}
END_TEST

static int run_of(struct fixture *f, const char *text, const char *input)
{
    struct xml_doc *out = NULL;
    struct xml_stylesheet *s = sheet(f, text);
    struct xml_doc *in = fixture_read(f, input);
    int rc = xml_transform(&out, s, &f->ctx, in, NULL);
    if (rc != GLN_OK)
        ck_assert_ptr_null(out);
    xml_doc_free(out);
    xml_doc_free(in);
    xml_stylesheet_free(s);
    return rc;
}

START_TEST(messages_that_terminate)
{
    struct fixture f;
    fixture_open(&f);
    ck_assert_int_eq(
        run_of(&f,
               SHEET("<xsl:template match='/'><xsl:message terminate='yes'>gln:fail <xsl:value-of "
                     "select='gln:src(/d/a)'/>|Too long: \xc3\xb1|Muy largo</xsl:message><o/>"
                     "</xsl:template>"),
               "<d>\n\n <a/></d>"),
        GLN_E_INPUT);
    ck_assert_str_eq(context_text(&f.ctx, LANG_EN), "3:2: Too long: \xc3\xb1");
    ck_assert_str_eq(context_text(&f.ctx, LANG_ES), "3:2: Muy largo");
    ck_assert_int_eq(
        run_of(&f,
               SHEET("<xsl:template match='/'><xsl:message terminate='yes'>gln:fail |No place|Sin "
                     "lugar</xsl:message></xsl:template>"),
               "<d/>"),
        GLN_E_INPUT);
    ck_assert_str_eq(context_text(&f.ctx, LANG_ES), "Sin lugar");
    ck_assert_int_eq(run_of(&f,
                            SHEET("<xsl:template match='/'><xsl:message terminate='yes'>stop</xsl:message>"
                                  "</xsl:template>"),
                            "<d/>"),
                     GLN_E_INTERNAL);
    ck_assert_ptr_nonnull(strstr(context_text(&f.ctx, LANG_EN), "stop"));
    ck_assert_int_eq(run_of(&f,
                            SHEET("<xsl:template match='/'><xsl:message>a remark</xsl:message><o/>"
                                  "</xsl:template>"),
                            "<d/>"),
                     GLN_OK);
    ck_assert_int_eq(run_of(&f, SHEET("<xsl:template match='/'>text only</xsl:template>"), "<d/>"),
                     GLN_E_INTERNAL);
    fixture_close(&f);
}
END_TEST

START_TEST(budgets_end_what_does_not_end)
{
    static const char *const endless[] = {
        /* recursion */
        SHEET("<xsl:template match='/' name='t'><xsl:param name='n' select='1'/><o><xsl:if test='$n'>"
              "<xsl:call-template name='t'/></xsl:if></o></xsl:template>"),
        /* instructions: 10^8 of them */
        SHEET("<xsl:template name='t'><xsl:param name='n'/><xsl:if test='$n &gt; 0'>"
              "<xsl:for-each select='/d/*'><xsl:call-template name='t'><xsl:with-param name='n' select='$n - "
              "1'/>"
              "</xsl:call-template></xsl:for-each></xsl:if></xsl:template>"
              "<xsl:template match='/'><o><xsl:call-template name='t'><xsl:with-param name='n' select='8'/>"
              "</xsl:call-template></o></xsl:template>"),
        /* one XPath */
        SHEET("<xsl:template match='/'><o><xsl:value-of "
              "select='count(//*[count(//*[count(//*[count(//*[count(//*"
              "[count(//*[count(//*[count(//*) &gt; 1]) &gt; 1]) &gt; 1]) &gt; 1]) &gt; 1]) &gt; 1]) &gt; "
              "1])'/></o></xsl:template>"),
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
        long start = fixture_cpu_ms();
        int rc = run_of(&f, endless[i], "<d><a/><a/><a/><a/><a/><a/><a/><a/><a/><a/></d>");
        ck_assert_msg(rc == GLN_E_LIMIT, "case %zu: %d: %s", i, rc, context_text(&f.ctx, LANG_EN));
        ck_assert_ptr_nonnull(strstr(context_text(&f.ctx, LANG_EN), "budget"));
        ck_assert_int_lt(fixture_cpu_ms() - start, 30000);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(files_cannot_be_written)
{
    struct fixture f;
    struct buf text = BUF_INIT;
    fixture_open(&f);
    char *path = fixture_file("guard", "");
    buf_printf(&text,
               SHEET("<xsl:template match='/'><o/><exsl:document href='%s.out'><x/></exsl:document>"
                     "</xsl:template>"),
               path);
    (void)run_of(&f, text.data, "<d/>");
    buf_clear(&text);
    buf_printf(&text, "%s.out", path);
    ck_assert_int_ne(access(text.data, F_OK), 0);
    buf_free(&text);
    free(path);
    fixture_close(&f);
}
END_TEST

static int load(struct fixture *f, const char *text)
{
    struct xml_stylesheet *s = NULL;
    char *path = fixture_file("a.xsl", text);
    int rc = xml_stylesheet_load(&s, &f->ctx, path);
    if (rc == GLN_OK)
        xml_stylesheet_free(s);
    else
        ck_assert_ptr_null(s);
    free(path);
    return rc;
}

START_TEST(bad_stylesheets_are_named)
{
    static const struct {
        const char *text, *english;
    } bad[] = {
        {"<a", "a.xsl:1:3: "},
        {SHEET("<xsl:template match='/'><xsl:value-of select='1 +'/></xsl:template>"), "1 +"},
        {SHEET("<xsl:import href='none.xsl'/>"), "none.xsl"},
        {SHEET("<xsl:import href='http://127.0.0.1:9/a.xsl'/>"), "not a relative path"},
        {SHEET("<xsl:include href='/etc/passwd'/>"), "not a relative path"},
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int rc = load(&f, bad[i].text);
        const char *en = context_text(&f.ctx, LANG_EN);
        ck_assert_msg(rc == GLN_E_CONFIG && strstr(en, bad[i].english) != NULL && strchr(en, '\n') == NULL,
                      "case %zu: %d: %s", i, rc, en);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(imports_are_followed)
{
    struct fixture f;
    struct buf out = BUF_INIT, path = BUF_INIT;
    struct xml_stylesheet *s;
    fixture_open(&f);
    char *a =
        fixture_file("a.xsl", SHEET("<xsl:import href='b.xsl'/><xsl:output method='text'/>"
                                    "<xsl:template match='/'><xsl:call-template name='b'/></xsl:template>"));
    static const char b[] = SHEET("<xsl:template name='b'>from b</xsl:template>");
    buf_put(&path, a, (size_t)(strrchr(a, '/') - a));
    buf_puts(&path, "/b.xsl");
    ck_assert_int_eq(file_write(path.data, b, strlen(b), 0600), 0);
    ck_assert_msg(xml_stylesheet_load(&s, &f.ctx, a) == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
    struct xml_doc *in = fixture_read(&f, "<d/>");
    ck_assert_int_eq(xml_transform_text(&out, s, &f.ctx, in, NULL), GLN_OK);
    ck_assert_str_eq(out.data, "from b");
    xml_doc_free(in);
    xml_stylesheet_free(s);
    buf_free(&out);
    buf_free(&path);
    free(a);
    fixture_close(&f);
}
END_TEST

struct worker {
    const struct xml_stylesheet *sheet;
    pthread_t thread;
    int failed;
};

static void *work(void *data)
{
    struct worker *w = data;
    struct options options;
    struct gln_context ctx;
    static const char input[] = "<d><a>1.10</a><a>2.20</a></d>";
    options_init(&options);
    context_init(&ctx, &options);
    for (int i = 0; i < 300; i++) {
        struct xml_doc *in = NULL, *out = NULL;
        if (xml_read(&in, &ctx, input, sizeof input - 1) != GLN_OK ||
            xml_transform(&out, w->sheet, &ctx, in, NULL) != GLN_OK ||
            strcmp(xml_text(xml_root(out)), "3.30") != 0)
            w->failed++;
        xml_doc_free(in);
        xml_doc_free(out);
    }
    context_clear(&ctx);
    options_free(&options);
    return NULL;
}

START_TEST(threads_share_a_stylesheet)
{
    struct fixture f;
    struct worker workers[4];
    fixture_open(&f);
    struct xml_stylesheet *s = sheet(
        &f, SHEET("<xsl:template match='/'><o gln:src='{gln:src(/d)}'><xsl:value-of select='gln:sum(/d/a)'/>"
                  "</o></xsl:template>"));
    for (int i = 0; i < 4; i++) {
        workers[i] = (struct worker){.sheet = s};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert_int_eq(workers[i].failed, 0);
    }
    xml_stylesheet_free(s);
    fixture_close(&f);
}
END_TEST

/* What a run says: its text, or the number of its error. */
static void say_run(struct buf *out, struct gln_context *ctx, const struct xml_stylesheet *s,
                    const struct xml_doc *in, const char *param)
{
    const char *const params[] = {"who", param, NULL};
    struct xml_run run = {.params = param != NULL ? params : NULL};
    int rc = xml_transform_text(out, s, ctx, in, &run);
    if (rc != GLN_OK)
        buf_printf(out, "error %d", rc);
}

/* What libxslt keeps for the next run of a stylesheet is as new: no parameter, no variable, no tree, no document of the run before. */
START_TEST(a_run_leaves_nothing_to_the_next)
{
    static const char *const sheets[] = {
        SHEET(
            "<xsl:output method='text'/><xsl:param name='who' select=\"'nobody'\"/><xsl:param name='what' "
            "select='/d/@what'/><xsl:variable name='all'><v><xsl:value-of "
            "select='count(//a)'/></v></xsl:variable>"
            "<xsl:variable name='first' select='/d/a[1]'/><xsl:template match='/d'><xsl:variable name='t'><u>"
            "<xsl:value-of select='a[last()]'/></u></xsl:variable><xsl:value-of "
            "select=\"concat($who,'|',$what,'|',"
            "$first,'|')\"/><xsl:value-of select='exsl:node-set($all)/v'/>|<xsl:value-of "
            "select='exsl:node-set($t)/u'/>"
            "<xsl:apply-templates select='a' mode='m'/><xsl:if test='bad'><xsl:value-of "
            "select=\"gln:fail(bad,'no',"
            "'no')\"/></xsl:if></xsl:template><xsl:template match='a[1]' mode='m'>|one</xsl:template>"
            "<xsl:template match='a' mode='m'>|<xsl:number/></xsl:template>"),
        SHEET("<xsl:output method='text'/><xsl:key name='k' match='a' use='.'/><xsl:param name='who'/>"
              "<xsl:template match='/'><xsl:value-of select=\"$who\"/>|<xsl:value-of "
              "select=\"count(key('k','1'))\"/>|"
              "<xsl:value-of select='generate-id(/d/a[1])=generate-id(/d/a[1])'/></xsl:template>")};
    static const char *const inputs[] = {"<d what='x'><a>1</a><a>2</a></d>", "<d><a>1</a></d>",
                                         "<d what='y'><a>1</a><bad/></d>", "<d/>",
                                         "<d what='z'><a>1</a><a>1</a><a>3</a></d>"};
    static const char *const names[] = {"alfa", NULL, "beta"};
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++) {
        char *path = fixture_file("again.xsl", sheets[i]);
        struct xml_stylesheet *s = NULL;
        ck_assert_msg(xml_stylesheet_load(&s, &f.ctx, path) == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
        free(path);
        for (size_t n = 0; n < (i == 0 ? 1100 : 60); n++) { /* more than one context of libxslt lives for */
            struct buf again = BUF_INIT, fresh = BUF_INIT;
            struct gln_context other;
            struct xml_doc *in = fixture_read(&f, inputs[n % 5]), *same = NULL;
            say_run(&again, &f.ctx, s, in, names[n % 3]);
            context_init(&other, &f.options);
            ck_assert_int_eq(xml_read(&same, &other, inputs[n % 5], strlen(inputs[n % 5])), GLN_OK);
            say_run(&fresh, &other, s, same, names[n % 3]);
            ck_assert_str_eq(again.data, fresh.data);
            xml_doc_free(same);
            context_clear(&other);
            xml_doc_free(in);
            buf_free(&again);
            buf_free(&fresh);
        }
        xml_stylesheet_free(s);
    }
    fixture_close(&f);
}
END_TEST

Suite *xml_transform_suite(void)
{
    static const TTest *tests[10];

    tests[0] = places_come_through_two_transforms;
    tests[1] = parameters_are_strings;
    tests[2] = messages_that_terminate;
    tests[3] = budgets_end_what_does_not_end;
    tests[4] = files_cannot_be_written;
    tests[5] = bad_stylesheets_are_named;
    tests[6] = imports_are_followed;
    tests[7] = threads_share_a_stylesheet;
    tests[8] = a_run_leaves_nothing_to_the_next;
    return unit_suite("xml/transform", tests);
}
