/* Walking, building and writing trees; what secrets and our own namespace leave behind. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "unit/xml_fixture.h"

Suite *xml_tree_suite(void);

static void same(struct fixture *f, const struct xml_node *n, const char *want)
{
    char *text = fixture_text(f, n);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(trees_are_walked)
{
    struct fixture f;
    struct buf path = BUF_INIT;
    fixture_open(&f);
    struct xml_doc *doc =
        fixture_read(&f, "<m:a xmlns:m='urn:m' xmlns='urn:d' m:k='1' k='2'> <b>x</b>\n<c><d>y</d>"
                         "<d/></c><b/></m:a>");
    struct xml_node *a = xml_root(doc);
    ck_assert_str_eq(xml_name(a), "a");
    ck_assert_str_eq(xml_ns(a), "urn:m");
    ck_assert_ptr_null(xml_parent(a));
    ck_assert_str_eq(xml_attr(a, "k"), "2");
    ck_assert_str_eq(xml_attr_ns(a, "urn:m", "k"), "1");
    ck_assert_ptr_null(xml_attr(a, "none"));
    ck_assert_str_eq(xml_find_text(a, "c/d"), "y");
    ck_assert_ptr_null(xml_find(a, "c/e"));
    ck_assert_ptr_null(xml_find_text(a, "c/d/e"));
    ck_assert_ptr_eq(xml_find(a, ""), a);
    ck_assert_str_eq(xml_text(xml_next(xml_first(xml_child(a, "c")))), "");
    ck_assert(xml_is(xml_first(a), "b"));
    ck_assert_str_eq(xml_ns(xml_first(a)), "urn:d");
    xml_path(&path, xml_next(xml_first(xml_child(a, "c"))));
    ck_assert_str_eq(path.data, "/a/c/d[2]");
    buf_clear(&path);
    xml_path(&path, xml_first(a));
    ck_assert_str_eq(path.data, "/a/b[1]");
    ck_assert_uint_eq(xml_doc_node_count(doc), 8);
    buf_free(&path);
    xml_doc_free(doc);
    fixture_close(&f);
}
END_TEST

START_TEST(trees_are_built)
{
    struct fixture f;
    struct xml_doc *doc, *part;
    struct xml_node *n;
    fixture_open(&f);
    ck_assert_int_eq(xml_doc_new(&doc, &f.ctx, "urn:x", "a"), GLN_OK);
    ck_assert_int_eq(xml_add(&n, &f.ctx, xml_root(doc), "urn:x", "b"), GLN_OK);
    ck_assert_int_eq(xml_set_attr(&f.ctx, n, "k", "<\"&\n>"), GLN_OK);
    ck_assert_int_eq(xml_set_attr(&f.ctx, n, "gln:src", "7"), GLN_OK);
    ck_assert_int_eq(xml_set_text(&f.ctx, n, "1 < 2 & 3 > 2\r"), GLN_OK);
    ck_assert_int_eq(xml_add_text(&f.ctx, xml_root(doc), "urn:y", "c", "\xc3\xb1"), GLN_OK);
    ck_assert_int_eq(xml_add_text(&f.ctx, xml_root(doc), NULL, "d", ""), GLN_OK);
    same(&f, xml_root(doc),
         "<a xmlns=\"urn:x\"><b k=\"&lt;&quot;&amp;&#10;>\">1 &lt; 2 &amp; 3 &gt; 2&#13;</b>"
         "<c xmlns=\"urn:y\">\xc3\xb1</c><d/></a>");
    ck_assert_str_eq(xml_attr_ns(n, GLN_NS, "src"), "7");
    ck_assert_int_eq(xml_set_text(&f.ctx, n, "bell \x07"), GLN_E_INPUT);
    ck_assert_int_eq(xml_set_text(&f.ctx, n, "latin \xf1"), GLN_E_INPUT);
    ck_assert_int_eq(xml_set_attr(&f.ctx, n, "k", "\x01"), GLN_E_INPUT);

    ck_assert_int_eq(xml_doc_of(&part, &f.ctx, n), GLN_OK);
    ck_assert_str_eq(xml_attr_ns(xml_root(part), GLN_NS, "src"), "7");
    ck_assert_str_eq(xml_ns(xml_root(part)), "urn:x");
    ck_assert_int_eq(xml_graft(&f.ctx, xml_root(doc), xml_root(part)), GLN_OK);
    xml_doc_free(part);
    xml_remove(n);
    xml_remove(NULL);
    same(&f, xml_root(doc),
         "<a xmlns=\"urn:x\"><c xmlns=\"urn:y\">\xc3\xb1</c><d/><b xmlns=\"urn:x\" "
         "k=\"&lt;&quot;&amp;&#10;>\">1 "
         "&lt; 2 &amp; 3 &gt; 2&#13;</b></a>");
    xml_doc_free(doc);
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
    static const char text[] = "<m:a xmlns:m=\"urn:m\" xmlns=\"urn:d\" m:k=\"1\"><b>x &amp; y</b><?do it?><c "
                               "xmlns=\"\"><d>\xc3\xb1</d></c></m:a>";
    struct fixture f;
    struct buf out = BUF_INIT;
    fixture_open(&f);
    struct xml_doc *doc = fixture_read(&f, text);
    same(&f, xml_root(doc), text);
    ck_assert_int_eq(xml_write(&out, NULL, &f.ctx, xml_root(doc), false), GLN_OK);
    ck_assert_ptr_eq(strstr(out.data, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<m:a "), out.data);
    /* a part takes the namespaces with it that are in scope there */
    same(&f, xml_child(xml_root(doc), "b"), "<b xmlns:m=\"urn:m\" xmlns=\"urn:d\">x &amp; y</b>");
    buf_free(&out);
    xml_doc_free(doc);
    fixture_close(&f);
}
END_TEST

START_TEST(secrets_are_masked)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    struct secret_slots slots = {0};
    fixture_open(&f);
    struct xml_doc *doc =
        fixture_read(&f, "<a xmlns:g='" GLN_NS "' g:src='1'><u>me</u>"
                         "<p g:secret='ws-password'>hunter2<b>deep</b></p><q g:secret='other'/></a>");
    ck_assert_int_eq(xml_write(&out, &slots, &f.ctx, xml_root(doc), true), GLN_OK);
    ck_assert_str_eq(out.data, "<a><u>me</u><p>********</p><q>********</q></a>");
    ck_assert_uint_eq(slots.count, 2);
    ck_assert_str_eq(slots.items[0].name, "ws-password");
    ck_assert_uint_eq(slots.items[0].length, 8);
    ck_assert(!slots.items[0].fixed);
    ck_assert_int_eq(memcmp(out.data + slots.items[0].offset, "********</p>", 12), 0);
    ck_assert_int_eq(memcmp(out.data + slots.items[1].offset, "********</q>", 12), 0);
    secret_slots_free(&slots);
    ck_assert_uint_eq(slots.count, 0);
    buf_free(&out);
    xml_doc_free(doc);
    fixture_close(&f);
}
END_TEST

Suite *xml_tree_suite(void)
{
    static const TTest *tests[5];

    tests[0] = trees_are_walked;
    tests[1] = trees_are_built;
    tests[2] = what_is_written_is_read_back;
    tests[3] = secrets_are_masked;
    return unit_suite("xml/tree", tests);
}
