/*
 * Amendments by their differences: what each kind of pointer does to the whole, as a table; and the published amendments merged with
 * the published declarations they belong to (only with GREENLANE_CORPUS).
 *
 * A row gives what stands below Declaration in both documents and, after the merge, in the whole; or the finding it ends in.
 */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/merge.h"
#include "unit/golden.h"
#include "unit/pki.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/rules.h"
#include "xml/schema.h"

static struct options options;
static struct gln_engine engine;
static struct gln_context ctx;

static void setup(void)
{
    char path[512];

    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    source_path(path, sizeof path, "schemas/wco/pointers.xml");
    ck_assert_int_eq(xml_pointers_load(&engine.pointers, &ctx, path), GLN_OK);
    ctx.engine = &engine;
}

static void teardown(void)
{
    ctx.engine = NULL;
    xml_pointers_free(engine.pointers);
    context_clear(&ctx);
    options_free(&options);
}

static struct xml_doc *read_doc(const char *text, size_t len)
{
    struct xml_doc *doc = NULL;

    ck_assert_msg(xml_read(&doc, &ctx, text, len) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    return doc;
}

/* ---- the table ---- */

#define HEAD(function, type)                                                                                 \
    "<FunctionCode>" function "</FunctionCode><FunctionalReferenceID>R1</FunctionalReferenceID>"             \
    "<ID>N1</ID><TypeCode>" type "</TypeCode>"
#define POINTER(class) "<Pointer><DocumentSectionCode>" class "</DocumentSectionCode></Pointer>"
#define POINTER_AT(class, number)                                                                            \
    "<Pointer><SequenceNumeric>" number                                                                      \
    "</SequenceNumeric><DocumentSectionCode>" class "</DocumentSectionCode></Pointer>"
#define POINTER_TAG(class, number, tag)                                                                      \
    "<Pointer><SequenceNumeric>" number                                                                      \
    "</SequenceNumeric><DocumentSectionCode>" class "</DocumentSectionCode><TagID>" tag "</TagID></Pointer>"
#define AMEND(pointers)                                                                                      \
    "<Amendment><ChangeReasonCode>21</ChangeReasonCode>" POINTER("42A") pointers "</Amendment>"
#define SHIPMENT(inside) "<GoodsShipment>" inside "</GoodsShipment>"
#define ITEM(number, inside)                                                                                 \
    "<GovernmentAgencyGoodsItem><SequenceNumeric>" number "</SequenceNumeric>" inside                        \
    "</GovernmentAgencyGoodsItem>"
#define GOODS(words) "<Commodity><Description>" words "</Description></Commodity>"
#define ORIGIN(country) "<Origin><CountryCode>" country "</CountryCode></Origin>"

static const struct row {
    const char *name;
    const char *whole, *delta; /**< below the heads */
    const char *after;         /**< below the head of the merged whole; NULL: a finding */
    const char *finding;       /**< rule of the first finding; NULL: none */
} rows[] = {
    {"a value is replaced", SHIPMENT(ITEM("1", GOODS("old"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_TAG("23A", "1", "137"))
         SHIPMENT(ITEM("1", GOODS("new"))),
     SHIPMENT(ITEM("1", GOODS("new"))), NULL},
    {"items are told apart by their numbers, not by their place",
     SHIPMENT(ITEM("1", GOODS("one")) ITEM("2", GOODS("two")) ITEM("3", GOODS("three"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "3") POINTER_TAG("23A", "1", "137"))
         SHIPMENT(ITEM("3", GOODS("drei"))),
     SHIPMENT(ITEM("1", GOODS("one")) ITEM("2", GOODS("two")) ITEM("3", GOODS("drei"))), NULL},
    {"an item is added where it belongs", SHIPMENT(ITEM("1", GOODS("one"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "2")) SHIPMENT(ITEM("2", GOODS("two"))),
     SHIPMENT(ITEM("1", GOODS("one")) ITEM("2", GOODS("two"))), NULL},
    {"what is pointed at and left out is deleted", SHIPMENT(ITEM("1", GOODS("one")) ITEM("2", GOODS("two"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1")) SHIPMENT(""), SHIPMENT(ITEM("2", GOODS("two"))), NULL},
    {"two deletions do not move each other's place",
     SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("US") ORIGIN("CA"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_AT("92A", "1"))
         AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_AT("92A", "2")) SHIPMENT(ITEM("1", "")),
     SHIPMENT(ITEM("1", ORIGIN("CA"))), NULL},
    {"a class without numbers goes by position", SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("US"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_AT("92A", "2")) SHIPMENT(ITEM("1", ORIGIN("CA"))),
     SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("CA"))), NULL},
    {"or holds all up to it", SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("US"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_AT("92A", "2"))
         SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("CA"))),
     SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("CA"))), NULL},
    {"where neither reading fits it is not guessed",
     SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("US") ORIGIN("CA"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_AT("92A", "3"))
         SHIPMENT(ITEM("1", ORIGIN("MX") ORIGIN("DE"))),
     NULL, "GLN-FLOW-012"},
    {"nothing on either side", SHIPMENT(ITEM("1", GOODS("one"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "2")) SHIPMENT(""), NULL, "GLN-FLOW-011"},
    {"a position past the next free one", SHIPMENT(ITEM("1", ORIGIN("MX"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_AT("92A", "3")) SHIPMENT(ITEM("1", ORIGIN("DE"))),
     NULL, "GLN-FLOW-011"},
    {"a class that is not at its level", SHIPMENT(ITEM("1", GOODS("one"))),
     AMEND(POINTER("23A")) SHIPMENT(""), NULL, "GLN-FLOW-010"},
    {"a tag that is not of its class", SHIPMENT(ITEM("1", GOODS("one"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_TAG("23A", "1", "999")) SHIPMENT(""), NULL,
     "GLN-FLOW-010"},
    {"occurrence 0", SHIPMENT(ITEM("1", GOODS("one"))), AMEND(POINTER("67A") POINTER_AT("68A", "0")), NULL,
     "GLN-FLOW-010"},
    {"the whole declaration is no target", SHIPMENT(""), AMEND(""), NULL, "GLN-FLOW-010"},
    {"no amendment at all", SHIPMENT(""), SHIPMENT(ITEM("1", GOODS("one"))), NULL, "GLN-FLOW-010"},
    {"what nothing points at is not taken over, and said", SHIPMENT(ITEM("1", GOODS("old") ORIGIN("MX"))),
     AMEND(POINTER("67A") POINTER_AT("68A", "1") POINTER_TAG("23A", "1", "137"))
         SHIPMENT(ITEM("1", GOODS("new") ORIGIN("US"))),
     SHIPMENT(ITEM("1", GOODS("new") ORIGIN("MX"))), "GLN-FLOW-013"},
};

/* As amend.c does it: what changes is a copy, whose places can say whose they are. */
static struct xml_doc *copy_of(struct xml_doc *doc)
{
    struct xml_doc *copy = NULL;

    ck_assert_msg(merge_copy(&copy, &ctx, doc, 2) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    xml_doc_free(doc);
    return copy;
}

static struct xml_doc *made(const char *head, const char *inside)
{
    struct buf b = BUF_INIT;

    buf_puts(&b, "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" "
                 "xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\"><Declaration>");
    buf_printf(&b, "%s%s</Declaration></md:MetaData>", head, inside);
    struct xml_doc *doc = read_doc(b.data, b.len);
    buf_free(&b);
    return doc;
}

static void put(struct buf *out, const struct xml_node *n)
{
    buf_printf(out, "<%s>", xml_name(n));
    if (xml_first(n) == NULL)
        buf_puts(out, xml_text(n));
    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        put(out, c);
    buf_printf(out, "</%s>", xml_name(n));
}

START_TEST(table)
{
    const struct row *r = &rows[_i];
    struct xml_doc *whole, *delta;
    struct findings found = {0};
    struct buf is = BUF_INIT;

    setup();
    whole = copy_of(made(HEAD("9", "IMA"), r->whole));
    delta = made(HEAD("13", "COR"), r->delta);
    ck_assert(merge_is_delta(delta));
    ck_assert(!merge_is_delta(whole));
    ck_assert_msg(merge_apply(&ctx, whole, delta, 0, &found) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    ck_assert_msg(str_eq(found.count > 0 ? found.items[0].rule : NULL, r->finding), "%s: %s", r->name,
                  found.count > 0 ? found.items[0].text[LANG_EN] : "no finding");
    ck_assert_msg((found.errors > 0) == (r->after == NULL), "%s", r->name);
    if (found.count > 0)
        ck_assert_msg(found.items[0].place.known, "%s: no place", r->name);
    if (r->after != NULL) {
        struct xml_doc *wanted = made(HEAD("5", "IMA"), r->after);
        struct buf want = BUF_INIT;

        put(&is, xml_root(whole));
        put(&want, xml_root(wanted));
        ck_assert_msg(str_eq(is.data, want.data), "%s:\nis     %s\nwanted %s", r->name, is.data, want.data);
        buf_free(&want);
        xml_doc_free(wanted);
    }
    buf_free(&is);
    findings_free(&found);
    xml_doc_free(whole);
    xml_doc_free(delta);
    teardown();
}
END_TEST

START_TEST(places_name_their_file)
{
    struct findings found = {0};
    struct xml_doc *first, *whole = NULL, *delta;
    const struct xml_node *items[2];
    struct place kept, changed;

    setup();
    first = made(HEAD("9", "IMA"), SHIPMENT(ITEM("1", GOODS("one")) ITEM("2", GOODS("two"))));
    delta = made(HEAD("13", "COR"),
                 AMEND(POINTER("67A") POINTER_AT("68A", "2")) SHIPMENT(ITEM("2", GOODS("zwei"))));
    ck_assert_int_eq(merge_copy(&whole, &ctx, first, 3), GLN_OK);
    ck_assert_int_eq(merge_apply(&ctx, whole, delta, 1, &found), GLN_OK);
    items[0] = xml_find(xml_root(whole), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem");
    items[1] = xml_next(items[0]);
    kept = xml_place(whole, items[0]);
    changed = xml_place(whole, items[1]);
    ck_assert_uint_eq(merge_file(&kept), 3);
    ck_assert_uint_eq(merge_file(&changed), 1);
    ck_assert_uint_eq(kept.offset, xml_place(first, xml_find(xml_root(first), "Declaration/GoodsShipment/"
                                                                              "GovernmentAgencyGoodsItem"))
                                       .offset);
    findings_free(&found);
    xml_doc_free(first);
    xml_doc_free(whole);
    xml_doc_free(delta);
    teardown();
}
END_TEST

/* ---- the published ones ---- */

static const struct published {
    const char *original, *change; /**< below wco/declaration and wco/change of the corpus */
} pairs[] = {
    {"TT_EX09a_v1.0-a84e9132", "TT_EX09a_Amendment_v1.0-6b4b2b51"},
    {"TT_IM002a-0f072237", "TT_IM002b_Amendment-6abfca71"},
    {"TT_IM002a-0f072237", "TT_IM002c_Complex_Multi_Amendment-42dc397a"},
    {"TT_IM002a-0f072237", "TT_IM002c_Complex_Multi_Amendment-6d90d56c"},
    {"TT_IM003a-a8a019ef", "TT_IM003b_Amendment__Step_3_-87280af8"},
    {"TT_IM005a-4bc0f6d0", "TT_IM005b_Amendment-26c94c32"},
    {"Step1_TT_IM008a-8b7d0369", "TT_IM008b_Amendment-036e4969"},
    {"Step1_TT_IM017a-06510d87", "TT_IM017a_Amendment-4d6416e4"},
    {"TT_IM02a_v1.6-816dba23", "TT_IM02b_Amendment_V1.2-a530ee42"},
    {"TT_IM11a_v1.4-afff23da", "TT_IM11a_Amendment_v.1.2-616d9aac"},
    {"TT_IM16a_v1.0-ada64550", "TT_IM16a_Amendment_v1.2-47b06c64"},
    {"TT_IM068a-a2cf0ec5", "Step2_TT_IM68a_Amendment-4264a4a4"},
};

static struct xml_doc *corpus_doc(const char *folder, const char *name)
{
    char path[256];
    struct buf b = BUF_INIT;

    snprintf(path, sizeof path, "wco/%s/%s.xml", folder, name);
    pki_read(&b, getenv("GREENLANE_CORPUS"), path);
    struct xml_doc *doc = read_doc(b.data, b.len);
    buf_free(&b);
    return doc;
}

START_TEST(published)
{
    const struct published *p = &pairs[_i];
    struct xml_schema *schema = NULL;
    struct findings found = {0}, before = {0}, wrong = {0};
    struct xml_doc *whole, *delta;
    struct buf text = BUF_INIT;
    char path[512];

    setup();
    source_path(path, sizeof path, "schemas/wco/pivot.xsd");
    ck_assert_int_eq(xml_schema_load(&schema, &ctx, path), GLN_OK);
    whole = copy_of(corpus_doc("declaration", p->original));
    /* one of the published originals is not valid itself; the merge must not make it worse */
    ck_assert_int_eq(xml_schema_check(schema, &ctx, whole, &before), GLN_OK);
    delta = corpus_doc("change", p->change);
    ck_assert(merge_is_delta(delta));
    ck_assert_msg(merge_apply(&ctx, whole, delta, 0, &found) == GLN_OK, "%s", context_text(&ctx, LANG_EN));
    findings_text(&text, &found, p->change, LANG_EN);
    ck_assert_msg(found.errors == 0, "%s", text.data);
    ck_assert_int_eq(xml_schema_check(schema, &ctx, whole, &wrong), GLN_OK);
    buf_clear(&text);
    findings_text(&text, &wrong, p->change, LANG_EN);
    ck_assert_msg(wrong.errors == before.errors, "%s", text.data);
    ck_assert_str_eq(xml_find_text(xml_root(whole), "Declaration/FunctionCode"), "5");
    ck_assert_str_eq(xml_find_text(xml_root(whole), "Declaration/ID"),
                     xml_find_text(xml_root(delta), "Declaration/ID"));
    buf_free(&text);
    findings_free(&found);
    findings_free(&before);
    findings_free(&wrong);
    xml_doc_free(whole);
    xml_doc_free(delta);
    xml_schema_free(schema);
    teardown();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("flow/merge");
    TCase *c = tcase_create("flow/merge");

    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, table, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(c, places_name_their_file);
    if (getenv("GREENLANE_CORPUS") != NULL)
        tcase_add_loop_test(c, published, 0, sizeof pairs / sizeof pairs[0]);
    suite_add_tcase(s, c);
    return s;
}

UNIT_MAIN(suite)
