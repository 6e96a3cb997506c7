/* Schemas: all findings of a document in one answer, in which words, at which place; the cost of many; what does not load. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/xml_fixture.h"
#include "util/str.h"
#include "xml/schema.h"

Suite *xml_schema_suite(void);

static const char xsd[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:s' xmlns='urn:s' "
    "elementFormDefault='qualified'>"
    "<xs:simpleType name='code'><xs:restriction base='xs:token'><xs:maxLength value='3'/><xs:pattern "
    "value='[A-Z0-9].*'/></xs:restriction></xs:simpleType>"
    "<xs:simpleType name='amount'><xs:restriction base='xs:decimal'><xs:totalDigits "
    "value='5'/><xs:fractionDigits "
    "value='2'/><xs:minInclusive value='0'/></xs:restriction></xs:simpleType>"
    "<xs:element name='doc'><xs:complexType><xs:sequence>"
    "<xs:element name='id' type='code'/>"
    "<xs:element name='note' type='xs:string' minOccurs='0' maxOccurs='2'/>"
    "<xs:element name='kind' minOccurs='0'><xs:simpleType><xs:restriction base='xs:token'><xs:enumeration "
    "value='A'/><xs:enumeration value='B'/></xs:restriction></xs:simpleType></xs:element>"
    "<xs:element name='head'><xs:complexType><xs:sequence><xs:element name='one' type='code'/><xs:element "
    "name='two' type='code'/><xs:element name='three' "
    "type='code'/></xs:sequence></xs:complexType></xs:element>"
    "<xs:element name='item' minOccurs='0' maxOccurs='unbounded'><xs:complexType><xs:sequence>"
    "<xs:element name='n' type='xs:positiveInteger'/><xs:element name='value' minOccurs='0'><xs:complexType>"
    "<xs:simpleContent><xs:extension base='amount'><xs:attribute name='unit' type='code' use='required'/>"
    "</xs:extension></xs:simpleContent></xs:complexType></xs:element><xs:element name='end' minOccurs='0'>"
    "<xs:complexType/></xs:element></xs:sequence></xs:complexType></xs:element>"
    "</xs:sequence></xs:complexType></xs:element></xs:schema>";

#define DOC(body) "<doc xmlns='urn:s'>" body "</doc>"
#define ID "<id>A</id>"
#define HEAD "<head><one>1</one><two>2</two><three>3</three></head>"

/* Each finding: "line:column rule xpath|text", in English, one a line. */
static const struct {
    const char *what, *input, *findings;
} rows[] = {
    {"valid", DOC(ID HEAD), ""},
    {"unknown element", DOC(ID "<x>1</x>" HEAD),
     "1:30 GLN-XSD-002 /doc/x|there is no element 'x'; expected here: note, kind, head\n"},
    {"unknown and everything behind it", DOC(ID "<x/>" HEAD "<y/><item>\n<n>0</n></item>"),
     "1:30 GLN-XSD-002 /doc/x|there is no element 'x'; expected here: note, kind, head\n"
     "1:87 GLN-XSD-002 /doc/y|there is no element 'y'; expected here: item\n"
     "2:1 GLN-XSD-007 /doc/item/n|'n': '0' is not a value of its type\n"},
    {"missing", DOC(HEAD), "1:20 GLN-XSD-003 /doc/head|'id' is missing before 'head'\n"},
    {"missing at the end", DOC(ID),
     "1:1 GLN-XSD-003 /doc|'doc' is not complete; missing: note, kind, head\n"},
    {"three missing in a row", DOC(ID "<note/><item><n>1</n></item>"),
     "1:37 GLN-XSD-003 /doc/item|'head' is missing before 'item'\n"},
    {"two missing before one that is there", DOC(ID "<head><three>3</three></head>"),
     "1:36 GLN-XSD-003 /doc/head/three|'one' is missing before 'three'\n"
     "1:36 GLN-XSD-003 /doc/head/three|'two' is missing before 'three'\n"},
    {"out of order", DOC(ID "<head><two>2</two><one>1</one><three>3</three></head>"),
     "1:36 GLN-XSD-002 /doc/head/two|'two' may not stand here; expected: one\n"},
    {"too many", DOC(ID "<note/><note/><note/><note/>" HEAD),
     "1:44 GLN-XSD-002 /doc/note[3]|'note' stands here more often than it may\n"
     "1:51 GLN-XSD-002 /doc/note[4]|'note' stands here more often than it may\n"},
    {"after the end", DOC(ID HEAD "<id>B</id>"),
     "1:83 GLN-XSD-002 /doc/id[2]|'id' may not stand here; expected: item\n"},
    {"other namespace", DOC(ID "<kind xmlns='urn:t'>A</kind>" HEAD),
     "1:30 GLN-XSD-002 /doc/kind|'kind' is in the namespace 'urn:t' but must be in 'urn:s'\n"},
    {"wrong root", "<id xmlns='urn:s'/>",
     "1:1 GLN-XSD-001 /id|'id' in namespace 'urn:s' is not known to this schema\n"},
    {"no namespace", "<doc/>",
     "1:1 GLN-XSD-001 /doc|'doc' has no namespace; without it nothing of this document can be recognised\n"},
    {"too long and of the wrong form", DOC("<id>abcd</id>" HEAD),
     "1:20 GLN-XSD-008 /doc/id|'id' has 4 characters, more than 3\n"
     "1:20 GLN-XSD-010 /doc/id|'id' has not the form that is asked for: [A-Z0-9].*\n"},
    {"empty", DOC("<id> </id>" HEAD), "1:20 GLN-XSD-010 /doc/id|'id' is empty\n"},
    {"not one of the values", DOC(ID "<kind>C</kind>" HEAD),
     "1:30 GLN-XSD-011 /doc/kind|'kind': 'C' is not one of 'A', 'B'\n"},
    {"values of an item", DOC(ID HEAD "<item><n>x</n><value>123456.789<e/></value></item>"),
     "1:89 GLN-XSD-007 /doc/item/n|'n': 'x' is not a value of its type\n"
     "1:97 GLN-XSD-004 /doc/item/value|'value' may hold text only, no elements\n"
     "1:97 GLN-XSD-006 /doc/item/value|'value' lacks the attribute 'unit'\n"
     "1:97 GLN-XSD-009 /doc/item/value|'value': '123456.789' has more than 5 digits\n"
     "1:97 GLN-XSD-009 /doc/item/value|'value': '123456.789' has more than 2 decimals\n"},
    {"digits and bounds",
     DOC(ID HEAD "<item><n>1</n><value unit='KGM'>123456.7</value></item>"
                 "<item><n>1</n><value unit='KGM'>1.234</value></item><item><n>1</n><value "
                 "unit='KGM'>-1</value></item>"),
     "1:97 GLN-XSD-009 /doc/item[1]/value|'value': '123456.7' has more than 5 digits\n"
     "1:152 GLN-XSD-009 /doc/item[2]/value|'value': '1.234' has more than 2 decimals\n"
     "1:204 GLN-XSD-012 /doc/item[3]/value|'value': '-1' is below 0\n"},
    {"attributes", DOC(ID HEAD "<item k='1'><n>1</n><value unit='KILO'>1</value><end>x</end></item>"),
     "1:83 GLN-XSD-005 /doc/item/@k|the attribute 'item/@k' is not allowed\n"
     "1:103 GLN-XSD-008 /doc/item/value/@unit|'value/@unit' has 4 characters, more than 3\n"
     "1:131 GLN-XSD-004 /doc/item/end|'end' must be empty\n"},
    {"stray text", DOC("stray" ID HEAD), "1:1 GLN-XSD-004 /doc|'doc' may hold elements only, no text\n"},
    {"our attributes from outside",
     "<doc xmlns='urn:s' xmlns:g='urn:greenlane:xslt:1' g:src='1'>" ID HEAD "</doc>",
     "1:1 GLN-XSD-005 /doc/@src|the attribute 'doc/@src' is not allowed\n"},
};

static struct xml_schema *schema(struct fixture *f)
{
    struct xml_schema *s = NULL;
    char *path = fixture_file("s.xsd", xsd);
    ck_assert_msg(xml_schema_load(&s, &f->ctx, path) == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    free(path);
    return s;
}

static void put_findings(struct buf *out, const struct findings *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct finding *x = &list->items[i];
        buf_printf(out, "%u:%u %s %s|%s\n", x->place.line, x->place.column, x->rule,
                   x->xpath != NULL ? x->xpath : "", x->text[LANG_EN]);
        ck_assert_str_ne(x->text[LANG_EN], x->text[LANG_ES]);
    }
    buf_puts(out, "");
    buf_reserve(out, 1);
}

START_TEST(all_findings_with_their_places)
{
    struct fixture f;
    fixture_open(&f);
    struct xml_schema *s = schema(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct findings list = {0};
        struct buf got = BUF_INIT;
        bool valid;
        struct xml_doc *doc = fixture_read(&f, rows[i].input);
        char *before = fixture_text(&f, xml_root(doc));
        ck_assert_int_eq(xml_schema_check(s, &f.ctx, doc, &list), GLN_OK);
        put_findings(&got, &list);
        ck_assert_msg(strcmp(got.data, rows[i].findings) == 0, "%s:\n%s", rows[i].what, got.data);
        buf_clear(&got);
        ck_assert_int_eq(xml_schema_valid(s, &f.ctx, doc, &valid, &got), GLN_OK);
        ck_assert_msg(valid == (rows[i].findings[0] == '\0') && valid == (got.len == 0), "%s: %s",
                      rows[i].what, got.len > 0 ? got.data : "");
        char *after = fixture_text(&f, xml_root(doc));
        ck_assert_str_eq(before, after);
        free(before);
        free(after);
        findings_free(&list);
        buf_free(&got);
        xml_doc_free(doc);
    }
    xml_schema_free(s);
    fixture_close(&f);
}
END_TEST

START_TEST(trees_of_our_own_are_judged_without_our_attributes)
{
    struct fixture f;
    struct xml_doc *doc;
    struct xml_node *n;
    bool valid;
    fixture_open(&f);
    struct xml_schema *s = schema(&f);
    struct xml_doc *read = fixture_read(&f, DOC(ID HEAD "<item><n>1</n><value unit='KGM'>1</value></item>"));
    ck_assert_int_eq(xml_doc_of(&doc, &f.ctx, xml_root(read)), GLN_OK);
    n = xml_find(xml_root(doc), "item/value");
    ck_assert_int_eq(xml_set_attr(&f.ctx, n, "gln:src", "9"), GLN_OK);
    ck_assert_int_eq(xml_set_attr(&f.ctx, xml_root(doc), "gln:src", "1"), GLN_OK);
    ck_assert_int_eq(xml_set_attr(&f.ctx, xml_root(doc), "gln:secret", "x"), GLN_OK);
    ck_assert_int_eq(xml_schema_valid(s, &f.ctx, doc, &valid, NULL), GLN_OK);
    ck_assert(valid);
    ck_assert_str_eq(xml_attr_ns(n, GLN_NS, "src"), "9");
    ck_assert_str_eq(xml_attr(n, "unit"), "KGM");
    ck_assert_str_eq(xml_attr_ns(xml_root(doc), GLN_NS, "src"), "1");
    ck_assert_str_eq(xml_attr_ns(xml_root(doc), GLN_NS, "secret"), "x");
    xml_doc_free(doc);
    xml_doc_free(read);
    xml_schema_free(s);
    fixture_close(&f);
}
END_TEST

START_TEST(many_errors_cost_in_proportion)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    struct findings list = {0};
    fixture_open(&f);
    fixture_set(&f, "max-findings", "100000");
    struct xml_schema *s = schema(&f);
    buf_puts(&b, "<doc xmlns='urn:s'>" ID HEAD);
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "<item><n>%d</n><x/><value>1</value><x/><end/></item>\n<bad/>", i + 1);
    buf_puts(&b, "</doc>");
    struct xml_doc *doc = fixture_read_n(&f, b.data, b.len);
    long start = fixture_cpu_ms();
    ck_assert_int_eq(xml_schema_check(s, &f.ctx, doc, &list), GLN_OK);
    ck_assert_int_lt(fixture_cpu_ms() - start, 30000);
    /* two unknown elements, an attribute and a bad neighbour for each item */
    ck_assert_uint_eq(list.count, 20000);
    ck_assert(!list.cut);
    findings_free(&list);
    fixture_set(&f, "max-findings", "100");
    ck_assert_int_eq(xml_schema_check(s, &f.ctx, doc, &list), GLN_OK);
    ck_assert(list.cut);
    ck_assert_uint_eq(list.count, 101);
    findings_free(&list);
    xml_doc_free(doc);
    buf_free(&b);
    xml_schema_free(s);
    fixture_close(&f);
}
END_TEST

START_TEST(rounds_end)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    struct findings list = {0};
    fixture_open(&f);
    struct xml_schema *s = schema(&f);
    buf_puts(&b, "<doc xmlns='urn:s'>" ID HEAD);
    /* a new error at each step of one parent, none of which is a namesake of the last */
    for (int i = 0; i < 200; i++)
        buf_puts(&b, "<id>A</id><item><n>1</n></item><kind>A</kind>");
    buf_puts(&b, "</doc>");
    struct xml_doc *doc = fixture_read_n(&f, b.data, b.len);
    ck_assert_int_eq(xml_schema_check(s, &f.ctx, doc, &list), GLN_OK);
    ck_assert_uint_gt(list.count, 30);
    ck_assert_uint_lt(list.count, 60);
    bool more = false;
    for (size_t i = 0; i < list.count; i++)
        more = more || strcmp(list.items[i].rule, "GLN-XSD-099") == 0;
    ck_assert(more);
    findings_free(&list);
    xml_doc_free(doc);
    buf_free(&b);
    xml_schema_free(s);
    fixture_close(&f);
}
END_TEST

START_TEST(bad_schemas_are_named)
{
    static const struct {
        const char *text, *english;
    } bad[] = {
        {"<xs:schema", "s.xsd:1:11: "},
        {"<a/>", "does not compile"},
        {"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a' "
         "type='none'/></xs:schema>",
         "none"},
        {"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:import namespace='urn:x' "
         "schemaLocation='http://127.0.0.1:9/x.xsd'/></xs:schema>",
         "not a relative path"},
        {"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:include "
         "schemaLocation='gone.xsd'/></xs:schema>",
         "gone.xsd"},
    };
    struct fixture f;
    struct xml_schema *s;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *path = fixture_file("s.xsd", bad[i].text);
        int rc = xml_schema_load(&s, &f.ctx, path);
        const char *en = context_text(&f.ctx, LANG_EN);
        ck_assert_msg(rc == GLN_E_CONFIG && s == NULL && strstr(en, bad[i].english) != NULL &&
                          strchr(en, '\n') == NULL,
                      "case %zu: %d: %s", i, rc, en);
        free(path);
    }
    fixture_close(&f);
}
END_TEST

Suite *xml_schema_suite(void)
{
    static const TTest *tests[6];

    tests[0] = all_findings_with_their_places;
    tests[1] = trees_of_our_own_are_judged_without_our_attributes;
    tests[2] = many_errors_cost_in_proportion;
    tests[3] = rounds_end;
    tests[4] = bad_schemas_are_named;
    return unit_suite("xml/schema", tests);
}
