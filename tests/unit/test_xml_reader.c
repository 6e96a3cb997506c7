/* The safe reader: what is refused, where, and in which words; what is accepted; what does not stay behind. */
#include "unit/main.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/xml_fixture.h"
#include "util/file.h"
#include "xml/reader.h"

Suite *xml_reader_suite(void);

struct refusal {
    const char *what;
    const char *input;
    size_t len; /* 0: strlen */
    int status;
    unsigned line, column; /* 0: no place */
    const char *english;   /* part of the message */
};

static const struct refusal refusals[] = {
    {"empty", "", 0, GLN_E_INPUT, 0, 0, "empty"},
    {"blanks only", " \n\t ", 0, GLN_E_INPUT, 0, 0, "empty"},
    {"text", "hello", 0, GLN_E_INPUT, 1, 1, "not XML"},
    {"EDIFACT", "UNB+UNOA:1+", 0, GLN_E_INPUT, 1, 1, "not XML"},
    {"zero byte", "<a>\0</a>", 8, GLN_E_INPUT, 1, 4, "zero byte"},
    {"zero byte after the end", "<a/>\0<!DOCTYPE b>", 17, GLN_E_INPUT, 1, 5, "zero byte"},
    {"binary noise", "\x7f\x45LF\x02\x01\x01\x80\x99", 0, GLN_E_INPUT, 1, 8, "not valid UTF-8"},
    {"DOCTYPE", "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a/>", 0, GLN_E_INPUT, 2, 1, "DOCTYPE"},
    {"DOCTYPE with subset", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>", 0,
     GLN_E_INPUT, 1, 1, "DOCTYPE"},
    {"entity bomb",
     "<!DOCTYPE z [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>\n<z>&b;&b;&b;</z>", 0,
     GLN_E_INPUT, 1, 1, "DOCTYPE"},
    {"unknown entity", "<a>\n &euro;</a>", 0, GLN_E_INPUT, 2, 8, "no entity 'euro'"},
    {"bare ampersand", "<a>A & B</a>", 0, GLN_E_INPUT, 1, 7, "&amp;"},
    {"bad UTF-8", "<a>\n<b>caf\xe9</b></a>", 0, GLN_E_INPUT, 2, 7, "not valid UTF-8: hexadecimal E9"},
    {"overlong UTF-8", "<a>\xc0\xaf</a>", 0, GLN_E_INPUT, 1, 4, "not valid UTF-8"},
    {"surrogate in UTF-8", "<a>\xed\xa0\x80</a>", 0, GLN_E_INPUT, 1, 4, "not valid UTF-8"},
    {"control character", "<a>\x01</a>", 0, GLN_E_INPUT, 1, 4, "U+0001"},
    {"control reference", "<a>&#1;</a>", 0, GLN_E_INPUT, 1, 8, "U+0001"},
    {"tags differ", "<a>\n <b></a>", 0, GLN_E_INPUT, 2, 9, "start tag 'b'"},
    {"cut", "<a><b>x</b>", 0, GLN_E_INPUT, 1, 12, "ends before"},
    {"cut in a tag", "<a><b", 0, GLN_E_INPUT, 1, 6, ""},
    {"two roots", "<a/><b/>", 0, GLN_E_INPUT, 1, 5, "follows after the end"},
    {"log dump behind the root", "<a/>\nheaders=List((Content-Type", 0, GLN_E_INPUT, 2, 1,
     "follows after the end"},
    {"unbound prefix", "<a><md:b/></a>", 0, GLN_E_INPUT, 1, 9, "prefix 'md'"},
    {"unbound attribute prefix", "<a md:b=''/>", 0, GLN_E_INPUT, 1, 11, "prefix 'md'"},
    {"attribute twice", "<a b='1' b='2'/>", 0, GLN_E_INPUT, 1, 15, "'b' stands twice"},
    {"attribute without quotes", "<a b=1/>", 0, GLN_E_INPUT, 1, 6, "quotes"},
    {"less-than in attribute", "<a b='<'/>", 0, GLN_E_INPUT, 1, 7, "&lt;"},
    {"comment with two hyphens", "<a><!-- x -- y --></a>", 0, GLN_E_INPUT, 1, 11, "two hyphens"},
    {"late declaration", "\n<?xml version='1.0'?><a/>", 0, GLN_E_INPUT, 2, 6, "very beginning"},
    {"unknown encoding", "<?xml version='1.0' encoding='Shift_JIS'?><a/>", 0, GLN_E_INPUT, 1, 1,
     "'Shift_JIS' is not accepted"},
    {"encoding lie", "<?xml version='1.0' encoding='UTF-16'?><a/>", 0, GLN_E_INPUT, 1, 1, "bytes are 8-bit"},
    {"UTF-8 mark, declared Latin-1", "\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>", 0,
     GLN_E_INPUT, 1, 1, "bytes are UTF-8"},
    {"half a surrogate pair", "\xff\xfe<\0a\0>\0\x00\xd8<\0", 12, GLN_E_INPUT, 1, 4, "UTF-16"},
    {"odd UTF-16", "\xff\xfe<\0a\0/\0>\0x", 11, GLN_E_INPUT, 1, 5, "UTF-16"},
    {"UTF-16, declared UTF-8",
     "<\0?\0x\0m\0l\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0U\0T\0F\0-\0"
     "8\0'\0?\0>\0<\0a\0/\0>\0",
     54, GLN_E_INPUT, 1, 1, "bytes are UTF-16"},
    {"UTF-32", "\xff\xfe\0\0<\0\0\0", 8, GLN_E_INPUT, 1, 1, "UTF-32"},
};

START_TEST(bad_input_is_refused_with_its_place)
{
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *r = &refusals[i];
        size_t len = r->len != 0 ? r->len : strlen(r->input);
        struct xml_doc *doc = NULL;
        int rc = xml_read(&doc, &f.ctx, r->input, len);
        const char *en = context_text(&f.ctx, LANG_EN);
        const char *es = context_text(&f.ctx, LANG_ES);
        ck_assert_msg(rc == r->status && doc == NULL, "%s: status %d: %s", r->what, rc, en);
        ck_assert_msg(strstr(en, r->english) != NULL, "%s: '%s' lacks '%s'", r->what, en, r->english);
        ck_assert_msg(strchr(en, '\n') == NULL, "%s: more than a line: %s", r->what, en);
        ck_assert_msg(*es != '\0' && strcmp(en, es) != 0, "%s: no Spanish: %s", r->what, es);
        ck_assert_msg(f.ctx.error.place.line == r->line && f.ctx.error.place.column == r->column,
                      "%s: %u:%u, not %u:%u: %s", r->what, f.ctx.error.place.line, f.ctx.error.place.column,
                      r->line, r->column, en);
        /* the next good one is served */
        doc = fixture_read(&f, "<a xmlns='urn:x'><b/></a>");
        ck_assert_str_eq(xml_ns(xml_child(xml_root(doc), "b")), "urn:x");
        xml_doc_free(doc);
    }
    fixture_close(&f);
}
END_TEST

static void refuse(struct fixture *f, const struct buf *b, int status, const char *english)
{
    struct xml_doc *doc = NULL;
    ck_assert(!b->failed);
    long start = fixture_cpu_ms();
    ck_assert_int_eq(xml_read(&doc, &f->ctx, b->data, b->len), status);
    ck_assert_ptr_null(doc);
    ck_assert_msg(strstr(context_text(&f->ctx, LANG_EN), english) != NULL, "%s",
                  context_text(&f->ctx, LANG_EN));
    ck_assert_int_lt(fixture_cpu_ms() - start, 5000);
}

START_TEST(limits_hold)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    struct xml_doc *doc = NULL;
    fixture_open(&f);

    buf_fill(&b, ' ', 100000000);
    refuse(&f, &b, GLN_E_LIMIT, "max-size");
    ck_assert(!f.ctx.error.place.known);
    buf_free(&b);
    buf_fill(&b, ' ', 5000000);
    refuse(&f, &b, GLN_E_INPUT, "empty");
    buf_clear(&b);

    for (int i = 0; i < 256; i++)
        buf_puts(&b, "<a>");
    for (int i = 0; i < 256; i++)
        buf_puts(&b, "</a>");
    doc = fixture_read_n(&f, b.data, b.len);
    ck_assert_uint_eq(xml_doc_node_count(doc), 256);
    xml_doc_free(doc);
    buf_clear(&b);
    buf_fill(&b, ' ', 7);
    for (int i = 0; i < 1000000; i++)
        buf_puts(&b, "<a>");
    refuse(&f, &b, GLN_E_LIMIT, "1:776: elements are nested deeper than the limit of 256");

    fixture_set(&f, "max-nodes", "1000");
    buf_clear(&b);
    buf_puts(&b, "<r>");
    for (int i = 0; i < 600; i++)
        buf_puts(&b, "<a b='1'/>");
    buf_puts(&b, "</r>");
    refuse(&f, &b, GLN_E_LIMIT, "max-nodes");
    fixture_set(&f, "max-nodes", "2000000");

    buf_clear(&b);
    buf_puts(&b, "<r>\n<a b='");
    buf_fill(&b, 'x', 65537);
    buf_puts(&b, "'/></r>");
    refuse(&f, &b, GLN_E_LIMIT, "2:1: an attribute is longer");

    buf_clear(&b);
    buf_puts(&b, "<r>\n<");
    buf_fill(&b, 'x', 2000);
    buf_puts(&b, "/></r>");
    refuse(&f, &b, GLN_E_LIMIT, "2:1: a name is longer");

    /* libxml2 compares each attribute of an element with each: it must not come to that */
    buf_clear(&b);
    buf_puts(&b, "<r>\n <a");
    for (int i = 0; i < 1000000; i++)
        buf_printf(&b, " a%d=''", i);
    buf_puts(&b, "/></r>");
    refuse(&f, &b, GLN_E_LIMIT, "2:2: an element has more than 256 attributes");
    buf_clear(&b);
    buf_puts(&b, "<r>\n <a");
    for (int i = 0; i < 257; i++)
        buf_printf(&b, " a%d=''", i);
    buf_puts(&b, "/></r>");
    refuse(&f, &b, GLN_E_LIMIT, "2:2: an element has more than 256 attributes");
    buf_clear(&b);
    buf_puts(&b, "<r>\n <a");
    for (int i = 0; i < 257; i++)
        buf_printf(&b, " xmlns:a%d='urn:%d'", i, i);
    buf_puts(&b, "/></r>");
    refuse(&f, &b, GLN_E_LIMIT, "namespaces are declared");
    buf_free(&b);
    fixture_close(&f);
}
END_TEST

START_TEST(markup_that_looks_like_attributes_is_not_counted)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    fixture_open(&f);
    buf_puts(&b, "<r a='");
    buf_fill(&b, '=', 3000);
    buf_puts(&b, "'><!--<x ");
    buf_fill(&b, '=', 30000);
    buf_puts(&b, "--><![CDATA[<x ");
    buf_fill(&b, '=', 30000);
    buf_puts(&b, "]]><b/>");
    buf_fill(&b, '=', 30000);
    buf_puts(&b, "</r>");
    struct xml_doc *doc = fixture_read_n(&f, b.data, b.len);
    ck_assert_uint_eq(xml_doc_node_count(doc), 3);
    xml_doc_free(doc);
    buf_free(&b);
    fixture_close(&f);
}
END_TEST

START_TEST(invented_names_do_not_stay)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    fixture_open(&f);
    size_t before = 0;
    for (int round = 0; round < 12; round++) {
        buf_clear(&b);
        buf_puts(&b, "<r>");
        for (int i = 0; i < 10000; i++)
            buf_printf(&b, "<invented-element-name-that-fills-a-dictionary-%d-%d/>", round, i);
        buf_puts(&b, "</r>");
        struct xml_doc *doc = fixture_read_n(&f, b.data, b.len);
        ck_assert_uint_eq(xml_doc_node_count(doc), 10001);
        xml_doc_free(doc);
        if (round == 3)
            before = mallinfo2().uordblks;
    }
    /* eight rounds more are 4 MB of names; none of them may be held beyond the dictionary's cap */
    ck_assert_uint_lt(mallinfo2().uordblks, before + (2u << 20));
    buf_free(&b);
    fixture_close(&f);
}
END_TEST

START_TEST(good_input_is_read)
{
    struct fixture f;
    fixture_open(&f);
    struct xml_doc *doc =
        fixture_read(&f, "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- c --><a x=\"1&amp;2\">"
                         "t<!-- c -->u<![CDATA[<v>]]>&lt;&#x41;<b/></a><!-- end -->\n");
    ck_assert_str_eq(xml_text(xml_root(doc)), "tu<v><A");
    ck_assert_str_eq(xml_attr(xml_root(doc), "x"), "1&2");
    xml_doc_free(doc);
    doc = fixture_read(&f, "<?xml version='1.0' encoding='ISO-8859-1'?><a>Espa\xf1"
                           "a</a>");
    ck_assert_str_eq(xml_text(xml_root(doc)), "Espa\xc3\xb1"
                                              "a");
    xml_doc_free(doc);
    /* a location hint is never followed, a name in an odd namespace is only a name */
    doc = fixture_read(&f, "<a xmlns='urnwcodatamodel' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                           "xsi:schemaLocation='x http://127.0.0.1:9/x.xsd'/>");
    ck_assert_str_eq(xml_ns(xml_root(doc)), "urnwcodatamodel");
    xml_doc_free(doc);
    fixture_close(&f);
}
END_TEST

START_TEST(files_are_named_in_errors)
{
    struct fixture f;
    struct xml_doc *doc = NULL;
    struct buf want = BUF_INIT;
    fixture_open(&f);
    char *path = fixture_file("bad.xml", "<a>\n<b></a>");
    ck_assert_int_eq(xml_read_file(&doc, &f.ctx, path), GLN_E_CONFIG);
    buf_printf(&want, "%s:2:8: ", path);
    ck_assert_msg(strncmp(context_text(&f.ctx, LANG_ES), want.data, want.len) == 0, "%s",
                  context_text(&f.ctx, LANG_ES));
    ck_assert_int_eq(xml_read_file(&doc, &f.ctx, "/nowhere/at/all.xml"), GLN_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(context_text(&f.ctx, LANG_EN), "/nowhere/at/all.xml"));
    ck_assert_int_eq(xml_read_file(&doc, &f.ctx, "/"), GLN_E_CONFIG);
    ck_assert_ptr_null(doc);
    free(path);
    path = fixture_file("good.xml", "<a>\n<b/></a>");
    ck_assert_int_eq(xml_read_file(&doc, &f.ctx, path), GLN_OK);
    ck_assert_uint_eq(xml_place(doc, xml_child(xml_root(doc), "b")).line, 2);
    xml_doc_free(doc);
    free(path);
    buf_free(&want);
    fixture_close(&f);
}
END_TEST

START_TEST(content_is_sniffed)
{
    static const struct {
        const char *input;
        size_t len;
        enum xml_sniff want;
    } rows[] = {
        {"", 0, SNIFF_EMPTY},
        {" \r\n", 3, SNIFF_EMPTY},
        {"\xef\xbb\xbf", 3, SNIFF_EMPTY},
        {"<a/>", 4, SNIFF_XML},
        {"\xef\xbb\xbf \n<a/>", 9, SNIFF_XML},
        {"\xff\xfe<\0a\0", 6, SNIFF_XML},
        {"\0<\0a", 4, SNIFF_XML},
        {"\xff\xfex\0a\0", 6, SNIFF_BINARY},
        {"UNA:+.? 'UNB+", 13, SNIFF_EDIFACT},
        {"\r\nUNB+UNOC:3", 12, SNIFF_EDIFACT},
        {"ISA*00*", 7, SNIFF_X12},
        {"ISAAC", 5, SNIFF_TEXT},
        {"A2304B76", 8, SNIFF_TEXT},
        {"\x7f\x45LF\x02\x01", 6, SNIFF_BINARY},
        {"\xff\xfe\0\0<\0\0\0", 8, SNIFF_BINARY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(xml_sniff(rows[i].input, rows[i].len) == rows[i].want, "row %zu: %d", i,
                      (int)xml_sniff(rows[i].input, rows[i].len));
}
END_TEST

/* What xml_write() makes of a document that was read compactly. */
START_TEST(compact_drops_blanks_between_elements_only)
{
    static const struct {
        const char *input, *output;
    } rows[] = {
        {"<a>\n  <b>x</b>\n  <c> </c>\n</a>", "<a><b>x</b><c> </c></a>"},
        {"<a>\r\n<b> x </b></a>", "<a><b> x </b></a>"},
        {"<a>text <b/> <c/></a>", "<a>text <b/> <c/></a>"},
        {"<a> <b/> <Signature/></a>", "<a> <b/> <Signature/></a>"},
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xml_doc *doc = NULL;
        ck_assert_int_eq(xml_read_compact(&doc, &f.ctx, rows[i].input, strlen(rows[i].input)), GLN_OK);
        char *text = fixture_text(&f, xml_root(doc));
        ck_assert_str_eq(text, rows[i].output);
        free(text);
        xml_doc_free(doc);
        /* the next document of the same parser has its blanks */
        ck_assert_int_eq(xml_read(&doc, &f.ctx, "<a> <b/></a>", 12), GLN_OK);
        text = fixture_text(&f, xml_root(doc));
        ck_assert_str_eq(text, "<a> <b/></a>");
        free(text);
        xml_doc_free(doc);
    }
    fixture_close(&f);
}
END_TEST

Suite *xml_reader_suite(void)
{
    static const TTest *tests[9];

    tests[0] = bad_input_is_refused_with_its_place;
    tests[1] = limits_hold;
    tests[2] = markup_that_looks_like_attributes_is_not_counted;
    tests[3] = invented_names_do_not_stay;
    tests[4] = good_input_is_read;
    tests[5] = files_are_named_in_errors;
    tests[6] = content_is_sniffed;
    tests[7] = compact_drops_blanks_between_elements_only;
    return unit_suite("xml/reader", tests);
}
