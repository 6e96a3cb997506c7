/* Places: every element of documents in every encoding, past line 65,535, held against a count made by hand. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "unit/xml_fixture.h"
#include "util/str.h"
#include "xml/reader.h"

Suite *xml_places_suite(void);

enum shape { UTF8, UTF8_MARK, LATIN1, UTF16LE, UTF16BE_BARE, SHAPES };

/** The same document in another encoding; `text` has no character outside Latin-1 unless `wide`. */
static void encode(struct buf *out, const char *text, size_t len, enum shape shape)
{
    const char *s = text, *end = text + len;
    if (shape == UTF8_MARK)
        buf_puts(out, "\xef\xbb\xbf");
    if (shape == UTF8 || shape == UTF8_MARK) {
        buf_put(out, text, len);
        return;
    }
    if (shape == LATIN1)
        buf_puts(out, "<?xml version='1.0' encoding='ISO-8859-1'?>");
    if (shape == UTF16LE)
        buf_put(out, "\xff\xfe", 2);
    while (s < end) {
        uint32_t c = utf8_next(&s, end);
        uint32_t units[2] = {c, 0};
        int n = 1;
        if (c > 0xFFFF) {
            units[0] = 0xD800 + ((c - 0x10000) >> 10);
            units[1] = 0xDC00 + ((c - 0x10000) & 0x3FF);
            n = 2;
        }
        if (shape == LATIN1) {
            buf_putc(out, (char)c);
            continue;
        }
        for (int i = 0; i < n; i++) {
            char high = (char)(units[i] >> 8), low = (char)(units[i] & 0xFF);
            buf_putc(out, shape == UTF16LE ? low : high);
            buf_putc(out, shape == UTF16LE ? high : low);
        }
    }
}

/** Counts line, column and original offset up to byte `at`, the slow way. */
static struct place count(const char *text, size_t at, enum shape shape)
{
    static const char declaration[] = "<?xml version='1.0' encoding='ISO-8859-1'?>";
    struct place p = {true, 0, 1, 1};
    const char *s = text, *end = text + at;
    if (shape == UTF8_MARK)
        p.offset = 3;
    if (shape == UTF16LE)
        p.offset = 2;
    if (shape == LATIN1) {
        p.offset = sizeof declaration - 1;
        p.column += sizeof declaration - 1;
    }
    while (s < end) {
        const char *from = s;
        uint32_t c = utf8_next(&s, end);
        if (shape == UTF8 || shape == UTF8_MARK)
            p.offset += (size_t)(s - from);
        else
            p.offset += shape == LATIN1 ? 1 : c > 0xFFFF ? 4 : 2;
        p.column++;
        if (c == '\n') {
            p.line++;
            p.column = 1;
        }
    }
    return p;
}

static struct xml_node *following(struct xml_node *n)
{
    if (xml_first(n) != NULL)
        return xml_first(n);
    while (n != NULL && xml_next(n) == NULL)
        n = xml_parent(n);
    return n != NULL ? xml_next(n) : NULL;
}

/** Each element's place, in document order, is that of the next "<" that starts a tag. `step`: check each step-th only. */
static void check_all(struct fixture *f, const char *text, size_t len, enum shape shape, size_t step)
{
    struct buf bytes = BUF_INIT, src = BUF_INIT;
    encode(&bytes, text, len, shape);
    struct xml_doc *doc = fixture_read_n(f, bytes.data, bytes.len);
    size_t at = 0, number = 0;
    for (struct xml_node *n = xml_root(doc); n != NULL; n = following(n), at++) {
        while (text[at] != '<' || strchr("/!?", text[at + 1]) != NULL)
            at++;
        number++;
        if (number % step != 0)
            continue;
        struct place want = count(text, at, shape), got = xml_place(doc, n);
        ck_assert_msg(got.known && got.line == want.line && got.column == want.column &&
                          got.offset == want.offset,
                      "shape %d, element %zu: %u:%u @%zu, not %u:%u @%zu", (int)shape, number, got.line,
                      got.column, got.offset, want.line, want.column, want.offset);
        buf_clear(&src);
        buf_printf(&src, "%zu", number);
        ck_assert_ptr_eq(xml_node_by_src(doc, src.data), n);
        ck_assert_uint_eq(xml_place_by_src(doc, src.data).offset, want.offset);
        ck_assert_ptr_eq(xml_node_at(doc, got), n);
    }
    ck_assert_uint_gt(number, 0);
    xml_doc_free(doc);
    buf_free(&bytes);
    buf_free(&src);
}

START_TEST(every_element_in_every_encoding)
{
    static const char *const documents[] = {
        "<a><b/><c x='1'>t</c>\n  <d\n   y='2'\n   z='\xc3\xb1'>\xc3\xa9</d></a>",
        "<!-- no -->\n\n<a>\xc3\xb1\xc3\xb1<b>\xc3\xb1</b>\r\n<c/>\t<d>&lt;&amp;</d></a>\n",
        "<p:a xmlns:p='urn:p'>\xc3\x91<p:b p:x='>'/><p:c>\n<p:d/></p:c>\xc2\xa0<p:e/></p:a>",
    };
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        for (int shape = 0; shape < SHAPES; shape++)
            check_all(&f, documents[i], strlen(documents[i]), (enum shape)shape, 1);
    /* outside Latin-1, and outside the first plane */
    static const char wide[] = "<a>\xe2\x82\xac<b>\xf0\x9f\x9a\x9a</b><c/>\n\xf0\x9f\x9a\x9a<d/></a>";
    for (int shape = 0; shape < SHAPES; shape++)
        if (shape != LATIN1)
            check_all(&f, wide, strlen(wide), (enum shape)shape, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(past_line_65535)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    fixture_open(&f);
    buf_puts(&b, "<r>");
    for (int i = 0; i < 70000; i++)
        buf_printf(&b, "<i n='%d'>\xc3\xb1</i>\n", i);
    buf_puts(&b, "<last/></r>");
    for (int shape = 0; shape < SHAPES; shape++)
        check_all(&f, b.data, b.len, (enum shape)shape, 9999);
    struct xml_doc *doc = fixture_read_n(&f, b.data, b.len);
    ck_assert_uint_eq(xml_place(doc, xml_child(xml_root(doc), "last")).line, 70001);
    ck_assert_uint_eq(xml_place(doc, xml_child(xml_root(doc), "last")).column, 1);
    xml_doc_free(doc);
    /* and an error behind it */
    buf_puts(&b, "<x/>");
    ck_assert_int_eq(xml_read(&doc, &f.ctx, b.data, b.len), GLN_E_INPUT);
    ck_assert_uint_eq(f.ctx.error.place.line, 70001);
    ck_assert_uint_eq(f.ctx.error.place.column, 12);
    buf_free(&b);
    fixture_close(&f);
}
END_TEST

START_TEST(one_long_line_is_not_walked_again_and_again)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    fixture_open(&f);
    buf_puts(&b, "<r>");
    for (int i = 0; i < 200000; i++)
        buf_puts(&b, "<item>text of some length</item>");
    buf_puts(&b, "</r>");
    struct xml_doc *doc = fixture_read_n(&f, b.data, b.len);
    long start = fixture_cpu_ms();
    size_t number = 0;
    for (struct xml_node *n = xml_first(xml_root(doc)); n != NULL; n = xml_next(n), number++)
        ck_assert_uint_eq(xml_place(doc, n).column, 4 + 32 * number);
    ck_assert_uint_eq(number, 200000);
    ck_assert_int_lt(fixture_cpu_ms() - start, 20000);
    xml_doc_free(doc);
    buf_free(&b);
    fixture_close(&f);
}
END_TEST

START_TEST(places_of_removed_and_of_built_elements)
{
    struct fixture f;
    struct xml_doc *doc, *built;
    struct xml_node *n;
    fixture_open(&f);
    doc = fixture_read(&f, "<a><b><c/></b><d/></a>");
    xml_remove(xml_child(xml_root(doc), "b"));
    ck_assert_ptr_null(xml_node_by_src(doc, "2"));
    ck_assert_ptr_null(xml_node_by_src(doc, "3"));
    ck_assert_str_eq(xml_name(xml_node_by_src(doc, "4")), "d");
    ck_assert(xml_place_by_src(doc, "3").known);
    ck_assert(!xml_place_by_src(doc, "5").known);
    ck_assert(!xml_place_by_src(doc, "0").known);
    ck_assert(!xml_place_by_src(doc, "x").known);
    ck_assert(!xml_place_by_src(doc, "").known);
    ck_assert(!xml_place_by_src(doc, "99999999999999999999999").known);
    xml_doc_free(doc);

    ck_assert_int_eq(xml_doc_new(&built, &f.ctx, "urn:x", "a"), GLN_OK);
    ck_assert_int_eq(xml_add(&n, &f.ctx, xml_root(built), NULL, "b"), GLN_OK);
    ck_assert(!xml_place(built, n).known);
    struct place given = {true, 77, 3, 4};
    ck_assert_int_eq(xml_set_place(&f.ctx, xml_root(built), given), GLN_OK);
    ck_assert_uint_eq(xml_place(built, n).offset, 77);
    ck_assert_ptr_eq(xml_node_at(built, given), xml_root(built));
    xml_doc_free(built);
    fixture_close(&f);
}
END_TEST

Suite *xml_places_suite(void)
{
    static const TTest *tests[5];

    tests[0] = every_element_in_every_encoding;
    tests[1] = past_line_65535;
    tests[2] = one_long_line_is_not_walked_again_and_again;
    tests[3] = places_of_removed_and_of_built_elements;
    return unit_suite("xml/place", tests);
}
