/* Rules compiled from Schematron and run over a declaration; WCO pointers there and back. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "unit/xml_fixture.h"
#include "xml/reader.h"
#include "xml/rules.h"

Suite *xml_rules_suite(void);

static const char sch[] =
    "<sch:schema xmlns:sch='http://purl.oclc.org/dsdl/schematron' xmlns:g='urn:greenlane:rules:1' "
    "queryBinding='xslt'><sch:pattern><sch:rule context='dec:Declaration'>"
    "<sch:let name='items' value='dec:GoodsShipment/dec:GovernmentAgencyGoodsItem'/>"
    "<sch:assert id='T-001' role='error' g:at='dec:GoodsItemQuantity' g:field='Count' "
    "test='gln:cmp(dec:GoodsItemQuantity, count($items)) = 0'>it counts <sch:value-of "
    "select='dec:GoodsItemQuantity'/>,\n   there are <sch:value-of select='count($items)'/>"
    "<g:es>cuenta <sch:value-of select='dec:GoodsItemQuantity'/></g:es></sch:assert>"
    "<sch:report id='T-002' role='warning' test=\"gln:sum($items/dec:CustomsValueAmount) = ''\">"
    "no sum<g:es>sin suma</g:es></sch:report></sch:rule></sch:pattern></sch:schema>";

#define DECLARATION(body)                                                                                    \
    "<md:MetaData xmlns:md='urn:wco:datamodel:WCO:DocumentMetaData-DMS:2' "                                  \
    "xmlns='urn:wco:datamodel:WCO:DEC-DMS:2'>\n<Declaration>" body "</Declaration></md:MetaData>"
#define ITEM(value)                                                                                          \
    "<GovernmentAgencyGoodsItem><CustomsValueAmount>" value                                                  \
    "</CustomsValueAmount></GovernmentAgencyGoodsItem>"

static struct xml_rules *rules(struct fixture *f, const char *text)
{
    struct xml_rules *r = NULL;
    char *path = fixture_file("t.sch", text);
    char *compiler = fixture_path("schemas/greenlane/compile-rules.xsl");
    const char *const paths[] = {path, NULL};
    int rc = xml_rules_load(&r, &f->ctx, compiler, paths);
    ck_assert_msg(rc == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    free(path);
    free(compiler);
    return r;
}

START_TEST(rules_find_what_they_should)
{
    struct fixture f;
    struct findings list = {0};
    fixture_open(&f);
    struct xml_rules *r = rules(&f, sch);
    struct xml_doc *good =
        fixture_read(&f, DECLARATION("<GoodsItemQuantity>2</GoodsItemQuantity><GoodsShipment>" ITEM("1.10")
                                         ITEM("2") "</GoodsShipment>"));
    ck_assert_msg(xml_rules_check(r, &f.ctx, good, NULL, &list) == GLN_OK, "%s",
                  context_text(&f.ctx, LANG_EN));
    ck_assert_uint_eq(list.count, 0);
    xml_doc_free(good);
    struct xml_doc *bad =
        fixture_read(&f, DECLARATION("\n  <GoodsItemQuantity>3</GoodsItemQuantity><GoodsShipment>" ITEM(
                             "x") "</GoodsShipment>"));
    /* a value that is no number is the schema's finding: it ends nothing here */
    ck_assert_int_eq(xml_rules_check(r, &f.ctx, bad, NULL, &list), GLN_OK);
    findings_sort(&list);
    ck_assert_uint_eq(list.count, 2);
    const struct finding *w = &list.items[0], *e = &list.items[1];
    ck_assert_str_eq(w->rule, "T-002");
    ck_assert_int_eq(w->severity, GLN_WARNING);
    ck_assert_uint_eq(w->place.line, 2);
    ck_assert_str_eq(e->rule, "T-001");
    ck_assert_int_eq(e->severity, GLN_ERROR);
    ck_assert_str_eq(e->text[LANG_EN], "it counts 3, there are 1");
    ck_assert_str_eq(e->text[LANG_ES], "cuenta 3");
    ck_assert_str_eq(e->xpath, "/MetaData/Declaration/GoodsItemQuantity");
    ck_assert_str_eq(e->field, "Count");
    ck_assert_uint_eq(e->place.line, 3);
    ck_assert_uint_eq(e->place.column, 3);
    ck_assert_uint_eq(list.errors, 1);
    findings_free(&list);
    fixture_set(&f, "max-findings", "1");
    ck_assert_int_eq(xml_rules_check(r, &f.ctx, bad, NULL, &list), GLN_OK);
    ck_assert_uint_eq(list.count, 1);
    ck_assert(list.cut);
    findings_free(&list);
    xml_doc_free(bad);
    xml_rules_free(r);
    fixture_close(&f);
}
END_TEST

START_TEST(bad_rules_do_not_load)
{
    static const char *const bad[] = {
        ("<sch:schema xmlns:sch='http://purl.oclc.org/dsdl/schematron'><sch:pattern><sch:rule "
         "context='dec:A'>"
         "<sch:assert id='T-1' role='error' test='1 +'>x</sch:assert></sch:rule></sch:pattern></sch:schema>"),
        "<sch:schema xmlns:sch='http://purl.oclc.org/dsdl/schematron'><sch:phase id='x'/></sch:schema>",
        "<sch:schema",
    };
    struct fixture f;
    fixture_open(&f);
    char *compiler = fixture_path("schemas/greenlane/compile-rules.xsl");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct xml_rules *r = NULL;
        char *path = fixture_file("t.sch", bad[i]);
        const char *const paths[] = {path, NULL};
        int rc = xml_rules_load(&r, &f.ctx, compiler, paths);
        ck_assert_msg(rc == GLN_E_CONFIG && r == NULL, "case %zu: %d: %s", i, rc,
                      context_text(&f.ctx, LANG_EN));
        ck_assert_ptr_nonnull(strstr(context_text(&f.ctx, LANG_EN), path));
        free(path);
    }
    free(compiler);
    fixture_close(&f);
}
END_TEST

START_TEST(pointers_there_and_back)
{
    static const struct {
        const char *find, *pointer;
    } rows[] = {
        {"Declaration", "42A"},
        {"Declaration/FunctionCode", "42A/017"},
        {"Declaration/AcceptanceDateTime", "42A/023"},
        {"Declaration/GoodsShipment", "42A/67A"},
    };
    struct fixture f;
    struct xml_pointers *p;
    struct buf out = BUF_INIT;
    fixture_open(&f);
    char *path = fixture_path("schemas/wco/pointers.xml");
    ck_assert_msg(xml_pointers_load(&p, &f.ctx, path) == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
    struct xml_doc *doc = fixture_read(
        &f, DECLARATION("<AcceptanceDateTime><DateTimeString>20260101</DateTimeString></AcceptanceDateTime>"
                        "<FunctionCode>9</FunctionCode><GoodsShipment><GovernmentAgencyGoodsItem/>"
                        "<GovernmentAgencyGoodsItem><Commodity><Classification><ID>1</ID></Classification>"
                        "<Classification><ID>2</ID></Classification></Commodity></GovernmentAgencyGoodsItem>"
                        "</GoodsShipment>"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xml_node *n = xml_find(xml_root(doc), rows[i].find);
        buf_clear(&out);
        xml_pointer_put(&out, p, n);
        ck_assert_str_eq(out.data, rows[i].pointer);
        ck_assert_ptr_eq(xml_pointer_find(p, doc, rows[i].pointer), n);
    }
    struct xml_node *item =
        xml_next(xml_find(xml_root(doc), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem"));
    struct xml_node *id = xml_child(xml_next(xml_find(item, "Commodity/Classification")), "ID");
    buf_clear(&out);
    xml_pointer_put(&out, p, id);
    ck_assert_str_eq(out.data, "42A/67A/68A[2]/23A/21A[2]/145");
    ck_assert_ptr_eq(xml_pointer_find(p, doc, out.data), id);
    /* inside a known one */
    buf_clear(&out);
    xml_pointer_put(&out, p, xml_find(xml_root(doc), "Declaration/AcceptanceDateTime/DateTimeString"));
    ck_assert_str_eq(out.data, "42A/023");
    buf_clear(&out);
    xml_pointer_put(&out, p, xml_root(doc));
    ck_assert_uint_eq(out.len, 0);
    static const char *const none[] = {
        "", "07B", "42A/67A/68A[3]", "42A/67A/68A[0]", "42A/67A/68A[", "42A/999", "42A//67A", "42A/67A[x]"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_msg(xml_pointer_find(p, doc, none[i]) == NULL, "%s", none[i]);
    xml_doc_free(doc);
    xml_pointers_free(p);
    free(path);
    path = fixture_file("p.xml", "<pointers><node path='a'/></pointers>");
    ck_assert_int_eq(xml_pointers_load(&p, &f.ctx, path), GLN_E_CONFIG);
    ck_assert_ptr_null(p);
    free(path);
    buf_free(&out);
    fixture_close(&f);
}
END_TEST

Suite *xml_rules_suite(void)
{
    static const TTest *tests[4];

    tests[0] = rules_find_what_they_should;
    tests[1] = bad_rules_do_not_load;
    tests[2] = pointers_there_and_back;
    return unit_suite("xml/rules", tests);
}
