/* Tree -> columns: fills, what does not fit and where it came from, secrets, the source map. */
#include "unit/codec_fixture.h"
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

#define HEAD                                                                                                 \
    "<batch application='SE'><A><SiteCode>2304</SiteCode><IdCode>9ZZ</IdCode>"                               \
    "<Password gln:secret='abi-password'/><TransmissionDate>112426</TransmissionDate>"                       \
    "<Application>SE</Application></A>"                                                                      \
    "<B><ProcessingPort>2304</ProcessingPort><ProcessingFiler>9ZZ</ProcessingFiler>"                         \
    "<Application>SE</Application></B>"
#define SE10                                                                                                 \
    "<SE10><Action>A</Action><Filer>9ZZ</Filer><EntryNumber>00000128</EntryNumber><EntryType>01</EntryType>" \
    "<BondType>8</BondType><EstimatedValue>25000</EstimatedValue></SE10>"
#define SE13 "<SE13><ContactName>A B</ContactName><ContactPhone>1</ContactPhone></SE13>"
#define TAIL                                                                                                 \
    "<Y><ProcessingPort>2304</ProcessingPort><ProcessingFiler>9ZZ</ProcessingFiler>"                         \
    "<Application>SE</Application></Y>"                                                                      \
    "<Z><SiteCode>2304</SiteCode><IdCode>9ZZ</IdCode></Z></batch>"

START_TEST(a_batch)
{
    static const char *const lines[] = {
        "A23049ZZ******112426     SE",
        "B  23049ZZSE",
        "SE10A9ZZ  00000128 01                 80000025000",
        "SE13A B                                     1",
        "SE15RABCD12                                                00000024     N",
        "Y  23049ZZSE",
        "Z23049ZZ",
    };
    struct codec_fixture f;
    struct outbound out;
    struct buf expected = BUF_INIT;

    codec_open(&f);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        codec_line(&expected, lines[i]);
    ck_assert_msg(codec_encode(&f, &out,
                               HEAD SE10 SE13
                               "<Bill><SE15><BillType>R</BillType><BillIssuer>ABCD</BillIssuer>"
                               "<BillNumber>12</BillNumber><Quantity>24</Quantity><NonAms>N</NonAms></SE15>"
                               "</Bill>" TAIL,
                               NULL) == GLN_OK,
                  "%s", codec_error(&f));
    ck_assert_str_eq(out.bytes.data, expected.data);
    ck_assert_uint_eq(out.slots.count, 1);
    ck_assert_str_eq(out.slots.items[0].name, "abi-password");
    ck_assert_uint_eq(out.slots.items[0].offset, 8);
    ck_assert_uint_eq(out.slots.items[0].length, 6);
    ck_assert(out.slots.items[0].fixed);
    outbound_free(&out);
    buf_free(&expected);
    codec_close(&f);
}
END_TEST

/* One field in SE15 or elsewhere that does not fit, the source's line 3 as its place. */
START_TEST(what_does_not_fit)
{
    static const struct {
        const char *records;
        const char *says, *dice;
    } rows[] = {
        {HEAD SE10 SE13 "<SE17 gln:src='3'><EquipmentNumber>ABC</EquipmentNumber></SE17>",
         "3:5: record 5 (SE17) may not stand there", "fuera de secuencia"},
        {HEAD SE10 "<SE13><ContactName gln:src='3'>A B</ContactName></SE13>",
         "SE13 \"Contact Phone\" (columns 45-59) is mandatory", "es obligatorio y falta"},
        {HEAD SE10 "<SE13 gln:src='3'><ContactName>A B</ContactName><ContactPhone> </ContactPhone></SE13>",
         "3:5: SE13 \"Contact Phone\" (columns 45-59) is mandatory", "3:5: SE13"},
        {HEAD SE10 "<SE13><ContactName gln:src='3'>ÁB</ContactName><ContactPhone>1</ContactPhone></SE13>",
         "3:5: SE13 \"Contact Name\" (columns 5-44) takes only letters A-Z, digits and blanks; 'ÁB' holds "
         "'Á'",
         "admite solo letras A-Z, dígitos y espacios; 'ÁB' contiene 'Á'"},
        {HEAD SE10 "<SE13><ContactName gln:src='3'>AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDE</ContactName>"
                   "<ContactPhone>1</ContactPhone></SE13>",
         "3:5: SE13 \"Contact Name\" (columns 5-44) takes 40 characters; "
         "'AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDE' has 41: shorten it, nothing is cut",
         "admite 40 caracteres"},
        {HEAD SE10 SE13 "<SE20><Qualifier>CR</Qualifier><Reference gln:src='3'>lower</Reference></SE20>",
         "3:5: SE20 \"Reference Identifier\" (columns 8-57)", "signos imprimibles"},
        {HEAD SE10 "<SE13><ContactName>A</ContactName><ContactPhone>1</ContactPhone>"
                   "<ReasonCode gln:src='3'>AB</ReasonCode></SE13>",
         "takes only digits; 'AB' holds 'A'", "admite solo dígitos"},
        {"<batch application='SE'><A><SiteCode>2304</SiteCode><IdCode>9ZZ</IdCode><Password>X</Password>"
         "<TransmissionDate gln:src='3'>133126</TransmissionDate><Application>SE</Application></A></batch>",
         "takes a date MMDDYY; '133126' is none", "admite una fecha MMDDAA"},
        {HEAD SE10 SE13 SE13, "record 5 (SE13) comes more often", "se repite"},
        {HEAD SE13, "before record 3 (SE13) the mandatory record SE10", "falta el registro"},
        {HEAD SE10 SE13 "<SE11/>", "record 5 (SE11) may not stand there", "fuera de secuencia"},
        {HEAD SE10 SE13 "</batch>", "ends after record 4 without the mandatory record Y", "termina tras"},
        {HEAD SE10 SE13 "<SE40><Line>1</Line><CountryOfOrigin>MX</CountryOfOrigin></SE40><SE60><HtsNumber>1"
                        "</HtsNumber></SE60><PGA><Record gln:src='3'>XX01</Record></PGA>",
         "has no record that begins 'XX01'", "que empiece 'XX01'"},
    };
    struct codec_fixture f;
    struct xml_doc *source;

    codec_open(&f);
    source = fixture_read(&f.xml, "<a>\n  <b/>\n    <c>x</c>\n</a>");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outbound out;
        struct buf records = BUF_INIT;

        buf_puts(&records, rows[i].records);
        if (strstr(rows[i].records, "</batch>") == NULL)
            buf_puts(&records, "</batch>");
        ck_assert_int_eq(codec_encode(&f, &out, records.data, source), GLN_E_INPUT);
        ck_assert_msg(strstr(codec_error(&f), rows[i].says) != NULL, "row %zu: %s", i, codec_error(&f));
        ck_assert_msg(strstr(context_text(&f.xml.ctx, LANG_ES), rows[i].dice) != NULL, "row %zu: %s", i,
                      context_text(&f.xml.ctx, LANG_ES));
        ck_assert_ptr_null(out.bytes.data);
        buf_free(&records);
    }
    xml_doc_free(source);
    codec_close(&f);
}
END_TEST

START_TEST(a_wrong_bundle_is_told_apart)
{
    static const struct {
        const char *records, *says;
    } rows[] = {
        {HEAD "<SE10><Colour>RED</Colour></SE10></batch>", "no field 'Colour'"},
        {HEAD "<SE10><Action>A</Action><Action>A</Action></SE10></batch>", "has field 'Action' twice"},
        {"<batch application='QQ'><A/></batch>", "no layout for application 'QQ'"},
        {HEAD "<Unknown/></batch>", "neither a record nor a group 'Unknown'"},
        {"", "no record"},
    };
    struct codec_fixture f;

    codec_open(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outbound out;

        ck_assert_int_eq(codec_encode(&f, &out, rows[i].records, NULL), GLN_E_CONFIG);
        ck_assert_msg(strstr(codec_error(&f), rows[i].says) != NULL, "row %zu: %s", i, codec_error(&f));
    }
    codec_close(&f);
}
END_TEST

START_TEST(check_finds_all)
{
    struct codec_fixture f;
    struct xml_doc *source, *doc;
    struct findings found = {0};

    codec_open(&f);
    source = fixture_read(&f.xml, "<a>\n  <b/>\n    <c>x</c>\n</a>");
    doc = fixture_read(
        &f.xml, "<records xmlns='" RECORDS_NS "' xmlns:gln='" GLN_NS "'>" HEAD SE10
                "<SE13><ContactName gln:src='3'>ñ</ContactName><ContactPhone gln:src='2'>1234567890123456"
                "</ContactPhone><ReasonCode>X</ReasonCode></SE13>" TAIL "</records>");
    ck_assert_int_eq(fixed_check(&found, &f.xml.ctx, f.layout, doc, source), GLN_OK);
    ck_assert_uint_eq(found.count, 3);
    ck_assert_str_eq(found.items[0].rule, "GLN-FIELD-002");
    ck_assert_uint_eq(found.items[0].place.line, 3);
    ck_assert_str_eq(found.items[0].xpath, "/a/c");
    ck_assert_str_eq(found.items[0].field, "SE13 Contact Name (5-44)");
    ck_assert_str_eq(found.items[1].rule, "GLN-FIELD-001");
    ck_assert_uint_eq(found.items[1].place.line, 2);
    ck_assert(!found.items[2].place.known);
    ck_assert(strstr(found.items[1].text[LANG_ES], "admite 15 caracteres") != NULL);
    findings_free(&found);
    xml_doc_free(doc);
    xml_doc_free(source);
    codec_close(&f);
}
END_TEST

static const struct source_row *row_named(const struct outbound *out, const char *name)
{
    for (size_t i = 0; i < out->map.count; i++) {
        if (strcmp(out->map.items[i].name, name) == 0)
            return &out->map.items[i];
    }
    return NULL;
}

START_TEST(the_map_and_what_an_answer_points_at)
{
    struct codec_fixture f;
    struct outbound out;
    const struct source_row *r;
    char text[81] = "";

    codec_open(&f);
    ck_assert_int_eq(
        codec_encode(&f, &out,
                     HEAD SE10 SE13
                     "<SE15 gln:src='7'><BillType>R</BillType><BillNumber gln:src='8'>12</BillNumber>"
                     "<NonAms>N</NonAms></SE15><SE15 gln:src='9'><BillType>R</BillType>"
                     "<BillNumber gln:src='10'>13</BillNumber><NonAms>N</NonAms></SE15>"
                     "<SE17><EquipmentNumber gln:src='11'>X</EquipmentNumber></SE17>" TAIL,
                     NULL),
        GLN_OK);
    r = row_named(&out, "SE15/BillNumber");
    ck_assert_uint_eq(r->record, 5);
    ck_assert_uint_eq(r->from, 10);
    ck_assert_uint_eq(r->to, 59);
    ck_assert_uint_eq(r->offset, 4 * 81 + 9);
    ck_assert_str_eq(r->title, "Bill of Lading Number");
    ck_assert_str_eq(r->src, "8");

#define LOCATE(...)                                                                                          \
    outbound_locate(&out.map, out.bytes.data, out.bytes.len, &(struct outbound_place){__VA_ARGS__})
    ck_assert_str_eq(LOCATE(.record = "SE15", .occurrence = 2)->src, "9");
    ck_assert_str_eq(LOCATE(.record = "SE15", .occurrence = 2, .from = 12, .to = 12)->src, "10");
    ck_assert_str_eq(LOCATE(.number = 5, .from = 10)->src, "8");
    ck_assert_str_eq(LOCATE(.number = 6, .from = 79)->src, "9");
    memcpy(text, out.bytes.data + 5 * 81, 80);
    ck_assert_str_eq(LOCATE(.record = "SE15", .text = text, .from = 10)->src, "10");
    ck_assert_uint_eq(LOCATE(.record = "SE13")->record, 4);
    ck_assert_str_eq(LOCATE(.record = "SE17")->src, "11");
    ck_assert_ptr_null(LOCATE(.record = "SE15"));
    ck_assert_ptr_null(LOCATE(.record = "SE15", .occurrence = 3));
    ck_assert_ptr_null(LOCATE(.record = "SE60", .occurrence = 1));
    ck_assert_ptr_null(LOCATE(.number = 99));
    outbound_free(&out);
    codec_close(&f);
}
END_TEST

START_TEST(explained_for_people)
{
    struct codec_fixture f;
    struct outbound out;
    struct xml_doc *source;
    struct buf text = BUF_INIT;

    codec_open(&f);
    source = fixture_read(&f.xml, "<a>\n  <b/>\n    <c>x</c>\n</a>");
    ck_assert_int_eq(codec_encode(&f, &out,
                                  HEAD SE10 "<SE13><ContactName gln:src='3'>A B</ContactName>"
                                            "<ContactPhone>1</ContactPhone></SE13>" TAIL,
                                  source),
                     GLN_OK);
    outbound_explain(&text, &out, source, NULL, LANG_EN);
    ck_assert(strstr(text.data, "record 4: SE13 Contact\n  |SE13A B  ") != NULL);
    ck_assert(strstr(text.data,
                     "  5-44    Contact Name                          A B                           "
                     "      3:5     /a/c\n") != NULL);
    ck_assert(strstr(text.data, "Communication Password                ******\n") != NULL);
    buf_clear(&text);
    outbound_explain(&text, &out, source, NULL, LANG_ES);
    ck_assert(strstr(text.data, "registro 4: SE13") != NULL);
    buf_free(&text);
    xml_doc_free(source);
    outbound_free(&out);
    codec_close(&f);
}
END_TEST

START_TEST(xml_out_has_a_map_by_path)
{
    const struct codec *codec = codec_find("xml");
    struct fixture f;
    struct xml_doc *doc;
    struct outbound out;

    fixture_open(&f);
    doc = fixture_read(&f, "<s:env xmlns:s='urn:s' xmlns:gln='" GLN_NS "'><pw gln:secret='ws-password'>x</pw>"
                           "<doc><line gln:src='4'>a&amp;b</line><line gln:src='5'><id gln:src='6'>ñ</id>"
                           "</line><one gln:src='7'/></doc></s:env>");
    ck_assert_int_eq(codec->encode(&out, &f.ctx, NULL, doc, NULL), GLN_OK);
    ck_assert(str_starts(out.bytes.data, "<?xml"));
    ck_assert(strstr(out.bytes.data, "gln:src") == NULL);
    ck_assert(strstr(out.bytes.data, "<pw>********</pw>") != NULL);
    ck_assert_uint_eq(out.slots.count, 1);
    ck_assert_uint_eq(out.map.count, 4);
    ck_assert_str_eq(out.map.items[0].name, "doc/line[1]");
    ck_assert_str_eq(out.map.items[2].name, "doc/line[2]/id");
    ck_assert_str_eq(out.map.items[2].src, "6");
    ck_assert_str_eq(out.map.items[3].name, "doc/one");
    ck_assert_str_eq(LOCATE(.path = "doc/line[2]/id")->src, "6");
    ck_assert_str_eq(LOCATE(.path = "doc/line[2]/other")->src, "5");
    ck_assert_str_eq(LOCATE(.path = "doc/line")->src, "4");
    ck_assert_str_eq(LOCATE(.path = "doc/one[1]")->src, "7");
    ck_assert_ptr_null(LOCATE(.path = "doc/lin"));
    outbound_free(&out);
    xml_doc_free(doc);
    fixture_close(&f);
}
END_TEST

Suite *codec_encode_suite(void);

Suite *codec_encode_suite(void)
{
    const TTest *const tests[] = {a_batch,
                                  what_does_not_fit,
                                  a_wrong_bundle_is_told_apart,
                                  check_finds_all,
                                  the_map_and_what_an_answer_points_at,
                                  explained_for_people,
                                  xml_out_has_a_map_by_path,
                                  NULL};

    return unit_suite("codec/encode", tests);
}
