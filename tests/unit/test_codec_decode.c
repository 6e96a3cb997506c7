/* Columns -> tree: delimiters, strict and lenient structures, variants, implied decimals, caps. */
#include "unit/codec_fixture.h"
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

static const char *const accepted[] = {
    "A23049ZZ      112426     SX                                        00000128x",
    "B  23049ZZSX",
    "SE10A9ZZ  00000128 01EI 12-3456789  30800000250002304",
    "SE15RABCDPAPS0001234                                       00000024     N",
    "SE9002   TRANSACTION ACCEPTED",
    "Y  23049ZZSX00003",
    "Z23049ZZ      112426",
};

static void lines(struct buf *b, const char *const *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        codec_line(b, rows[i]);
}
#define LINES(b, rows) lines(b, rows, sizeof rows / sizeof rows[0])

static const char *text_at(const struct xml_doc *doc, const char *path)
{
    const char *text = xml_find_text(xml_root(doc), path);

    return text != NULL ? text : "(none)";
}

START_TEST(groups_and_fields)
{
    struct codec_fixture f;
    struct buf b = BUF_INIT;
    struct xml_doc *doc;
    struct xml_node *bill;

    codec_open(&f);
    LINES(&b, accepted);
    doc = codec_decode(&f, b.data);
    ck_assert_str_eq(xml_attr(xml_first(xml_root(doc)), "application"), "SX");
    ck_assert_str_eq(text_at(doc, "batch/Block/Entry/SE10/Importer"), "12-3456789");
    ck_assert_str_eq(text_at(doc, "batch/Block/Entry/SE10/EstimatedValue"), "0000025000");
    ck_assert_str_eq(text_at(doc, "batch/Block/Entry/SE10/PortOfUnlading"), "(none)");
    ck_assert_str_eq(text_at(doc, "batch/Block/Entry/SE90/Narrative"), "TRANSACTION ACCEPTED");
    ck_assert_str_eq(text_at(doc, "batch/Block/Y/RecordCount"), "00003");
    bill = xml_find(xml_root(doc), "batch/Block/Entry/SE15");
    ck_assert_str_eq(xml_attr(bill, "n"), "4");
    ck_assert_uint_eq(strlen(xml_attr(bill, "text")), 80);
    ck_assert_str_eq(xml_attr(xml_find(xml_root(doc), "batch/A"), "flaw"), "60-80");
    xml_doc_free(doc);
    buf_free(&b);
    codec_close(&f);
}
END_TEST

/* The same records with every delimiter, blank lines and blanks behind column 80. */
START_TEST(delimiters)
{
    static const char *const ends[] = {"\n", "\r\n", "\r", "", "  \n", "\n\n"};
    struct codec_fixture f;
    struct buf plain = BUF_INIT;
    char *expected;
    struct xml_doc *doc;

    codec_open(&f);
    LINES(&plain, accepted);
    doc = codec_decode(&f, plain.data);
    expected = fixture_text(&f.xml, xml_root(doc));
    xml_doc_free(doc);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct buf b = BUF_INIT;
        char *text;

        for (const char *p = plain.data; *p != '\0'; p += 81) {
            buf_put(&b, p, 80);
            buf_puts(&b, ends[i]);
        }
        doc = codec_decode(&f, b.data);
        text = fixture_text(&f.xml, xml_root(doc));
        ck_assert_str_eq(text, expected);
        free(text);
        xml_doc_free(doc);
        buf_free(&b);
    }
    free(expected);
    buf_free(&plain);
    codec_close(&f);
}
END_TEST

START_TEST(strict_input)
{
    static const char head[] = "A23049ZZPASSWD112426     SE";
    static const char block[] = "B  23049ZZSE";
    static const char entry[] = "SE10A9ZZ  00000128 01                 80000025000";
    static const struct {
        const char *rows[6];
        const char *says;
    } cases[] = {
        {{head, block, "SE10A9ZZ  00000128 01                 X0000025000"},
         "3 SE10 \"Bond Type Code\" (columns 39-39) takes only digits; 'X' holds 'X'"},
        {{head, block, "SE10A9ZZ  00000128 01                 8          "},
         "3 SE10 \"Estimated Entry Value\" (columns 40-49) is mandatory"},
        {{head, block, "SE10A9ZZX 00000128 01                 80000025000"},
         "3 SE10 \"Filler\" (columns 9-10) takes only blanks; 'X' holds 'X'"},
        {{head, block, entry, "SE99"}, "record 4: application SE has no record that begins 'SE99'"},
        {{head, block, entry, "SE40001MX"}, "before record 4 (SE40) the mandatory record SE13 is missing"},
        {{head, block, entry, "SE13A                                       1", "SE11"},
         "record 5 (SE11) may not stand there"},
        {{head, block, entry, "SE13A                                       1"},
         "ends after record 4 without the mandatory record Y"},
        {{"SE10"}, "record 1: a batch begins with record A, not with 'SE10'"},
    };
    struct codec_fixture f;

    codec_open(&f);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = BUF_INIT;
        struct xml_doc *doc = NULL;

        for (size_t k = 0; k < 6 && cases[i].rows[k] != NULL; k++)
            codec_line(&b, cases[i].rows[k]);
        ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, b.data, b.len), GLN_E_INPUT);
        ck_assert_ptr_null(doc);
        ck_assert_msg(strstr(codec_error(&f), cases[i].says) != NULL, "case %zu: %s", i, codec_error(&f));
        buf_free(&b);
    }
    codec_close(&f);
}
END_TEST

START_TEST(bytes_and_widths)
{
    struct codec_fixture f;
    struct xml_doc *doc = NULL;
    struct buf b = BUF_INIT;

    codec_open(&f);
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, "", 0), GLN_E_INPUT);
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, "\n\r\n", 3), GLN_E_INPUT);
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, NULL, "A", 1), GLN_E_CONFIG);
    codec_line(&b, "A23049ZZPASSWD112426     SE");
    buf_puts(&b, "B  23049ZZSE\n");
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, b.data, b.len), GLN_E_INPUT);
    ck_assert(strstr(codec_error(&f), "record 2 has 12 columns; each has exactly 80") != NULL);
    buf_clear(&b);
    codec_line(&b, "A23049ZZPASSWD112426     SE");
    b.data[70] = '\0';
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, b.data, b.len), GLN_E_INPUT);
    ck_assert(strstr(codec_error(&f), "record 1, column 71: byte 00") != NULL);
    b.data[70] = (char)0xD1;
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, b.data, b.len), GLN_E_INPUT);
    ck_assert(strstr(codec_error(&f), "holds 'Ñ'") != NULL);
    buf_fill(&b, 'X', 85);
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, b.data + 81, 85), GLN_E_INPUT);
    buf_free(&b);
    codec_close(&f);
}
END_TEST

/* Answers are read whatever they hold: nothing of customs' is refused for a flaw. */
START_TEST(lenient_answers)
{
    static const char *const rows[] = {
        "A23049ZZ      112426     SX", "B  23049ZZSX",
        "SE9001   BEFORE ITS ENTRY",   "SE10A9ZZ  00000128 01EI 12-3456789  X0800000250002304",
        "QQ99 WHAT IS THIS",           "SE9001",
        "Y  23049ZZSX00003",
    };
    struct codec_fixture f;
    struct buf b = BUF_INIT;
    struct xml_doc *doc;
    struct xml_node *n;

    codec_open(&f);
    LINES(&b, rows);
    b.data[2 * 81 + 20] = '\x01';
    doc = codec_decode(&f, b.data);
    n = xml_find(xml_root(doc), "batch/Block/SE90");
    ck_assert_str_eq(xml_attr(n, "unexpected"), "yes");
    ck_assert_str_eq(xml_attr(n, "flaw"), "21-21");
    ck_assert_str_eq(text_at(doc, "batch/Block/SE90/Narrative"), "BEFORE ITS ?NTRY");
    ck_assert_str_eq(text_at(doc, "batch/Block/Entry/SE10/ModeOfTransport"), "X0");
    n = xml_find(xml_root(doc), "batch/Block/Entry/Unknown");
    ck_assert(str_starts(xml_attr(n, "text"), "QQ99 WHAT IS THIS "));
    n = xml_find(xml_root(doc), "batch/Block/Entry/SE90");
    ck_assert_str_eq(xml_attr(n, "flaw"), "10-49");
    ck_assert_str_eq(xml_attr(xml_first(xml_root(doc)), "incomplete"), "Z");
    xml_doc_free(doc);
    buf_free(&b);
    codec_close(&f);
}
END_TEST

START_TEST(variants_of_answers)
{
    static const char *const rows[] = {
        "A23049ZZ      112426                                       9ZZ00000128",
        "B                                                                              B",
        "X0 TRNACT 000001 REFID: 0000005 12",
        "X0 BLOCK  000001 REF ID: 1201 N01    CW BLOCK-AAAAAA-TEXT-001 1232N01  1",
        "X1 F   X34UNKNOWN RECORD ID",
        "X1RF999   BATCH REJECTED",
        "Y           00004                                                              Y",
        "Z                                                                              Z",
    };
    struct codec_fixture f;
    struct buf b = BUF_INIT;
    struct xml_doc *doc;
    struct xml_node *x0;
    char *text;

    codec_open(&f);
    LINES(&b, rows);
    doc = codec_decode(&f, b.data);
    x0 = xml_find(xml_root(doc), "batch/Block/Condition/X0");
    ck_assert_str_eq(xml_attr(x0, "variant"), "refid");
    ck_assert_str_eq(xml_find_text(x0, "ReferenceText"), "0000005 12");
    ck_assert_ptr_null(xml_attr(xml_next(x0), "variant"));
    ck_assert_str_eq(text_at(doc, "batch/Block/Condition/X1/ConditionCode"), "X34");
    text = fixture_text(&f.xml, xml_root(doc));
    ck_assert_msg(strstr(text, "flaw") == NULL, "%s", text);
    free(text);
    xml_doc_free(doc);
    buf_free(&b);
    codec_close(&f);
}
END_TEST

START_TEST(two_batches_and_an_unknown_one)
{
    struct codec_fixture f;
    struct buf b = BUF_INIT;
    struct xml_doc *doc;
    struct xml_node *n;

    codec_open(&f);
    LINES(&b, accepted);
    codec_line(&b, "A23049ZZ      112426     UC");
    codec_line(&b, "B  23049ZZUC");
    codec_line(&b, "UC10 SOMETHING");
    LINES(&b, accepted);
    doc = codec_decode(&f, b.data);
    n = xml_first(xml_root(doc));
    ck_assert_ptr_null(xml_attr(n, "unknown"));
    n = xml_next(n);
    ck_assert_str_eq(xml_attr(n, "unknown"), "yes");
    ck_assert_str_eq(xml_attr(n, "n"), "8");
    ck_assert_str_eq(xml_attr(xml_first(n), "n"), "8");
    n = xml_next(n);
    ck_assert_str_eq(xml_attr(n, "n"), "11");
    ck_assert_ptr_null(xml_next(n));
    xml_doc_free(doc);
    buf_free(&b);
    codec_close(&f);
}
END_TEST

START_TEST(nodes_are_capped)
{
    struct codec_fixture f;
    struct buf b = BUF_INIT;
    struct xml_doc *doc = NULL;

    codec_open(&f);
    fixture_set(&f.xml, "max-nodes", "100");
    codec_line(&b, "A23049ZZ      112426     SX");
    codec_line(&b, "B  23049ZZSX");
    for (int i = 0; i < 100; i++)
        codec_line(&b, "SE9001   AGAIN");
    ck_assert_int_eq(fixed_decode(&doc, &f.xml.ctx, f.layout, b.data, b.len), GLN_E_LIMIT);
    ck_assert(strstr(codec_error(&f), "max-nodes") != NULL);
    ck_assert_ptr_null(doc);
    buf_free(&b);
    codec_close(&f);
}
END_TEST

/* Implied decimals and other fills, with a layout made for it. */
START_TEST(fills)
{
    static const char layout[] =
        "<layout xmlns='urn:greenlane:layout:1' name='t' width='40' delimiter='crlf' source='t'>"
        "<switch record='H' field='App'/>"
        "<record name='H' id='H' application='Q' title='head'>"
        "<field name='Id' title='Id' from='1' len='1' class='A' use='M' constant='H'/>"
        "<field name='App' title='App' from='2' len='1' class='A' use='M'/>"
        "<field name='Money' title='Money' from='3' len='8' class='N' use='C' decimals='2'/>"
        "<field name='Count' title='Count' from='11' len='4' class='(S)N' use='C' fill='blanks'/>"
        "<field name='Tax' title='Tax' from='15' len='5' class='N' use='C' unused='zeros'/>"
        "<field name='Text' title='Text' from='20' len='21' class='X' use='O'/></record>"
        "<structure application='Q' order='strict'><record ref='H' max='n'/></structure></layout>";
    static const struct {
        const char *fields, *line, *back;
    } rows[] = {
        {"<Money>12.5</Money>", "HQ00001250    00000                     ", "12.50"},
        {"<Money>0.05</Money><Tax>7</Tax>", "HQ00000005    00007                     ", "0.05"},
        {"<Money>12</Money><Count>3</Count>", "HQ00001200   300000                     ", "12.00"},
        {"<Money>999999.99</Money><Text> A B </Text>", "HQ99999999    00000 A B                 ",
         "999999.99"},
        {"<Money>1.005</Money>", NULL, "at most 2 decimals; '1.005'"},
        {"<Money>1000000</Money>", NULL, "takes 8 characters"},
        {"<Money>-1</Money>", NULL, "takes only digits"},
        {"<Money>x</Money>", NULL, "is none"},
    };
    struct fixture f;
    struct layout *l = NULL;
    char *path;

    fixture_open(&f);
    path = fixture_file("layout.xml", layout);
    ck_assert_int_eq(layout_load(&l, &f.ctx, path), GLN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = BUF_INIT;
        struct xml_doc *doc, *back = NULL;
        struct outbound out;
        int rc;

        buf_printf(&b, "<records xmlns='%s'><batch application='Q'><H><App>Q</App>%s</H></batch></records>",
                   RECORDS_NS, rows[i].fields);
        doc = fixture_read(&f, b.data);
        rc = fixed_encode(&out, &f.ctx, l, doc, NULL);
        if (rows[i].line == NULL) {
            ck_assert_int_eq(rc, GLN_E_INPUT);
            ck_assert_msg(strstr(context_text(&f.ctx, LANG_EN), rows[i].back) != NULL, "%s",
                          context_text(&f.ctx, LANG_EN));
        } else {
            ck_assert_msg(rc == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
            ck_assert_uint_eq(out.bytes.len, 42);
            ck_assert_msg(memcmp(out.bytes.data, rows[i].line, 40) == 0, "'%s'", out.bytes.data);
            ck_assert_int_eq(fixed_decode(&back, &f.ctx, l, out.bytes.data, out.bytes.len), GLN_OK);
            ck_assert_str_eq(text_at(back, "batch/H/Money"), rows[i].back);
            outbound_free(&out);
        }
        xml_doc_free(back);
        xml_doc_free(doc);
        buf_free(&b);
    }
    layout_free(l);
    free(path);
    fixture_close(&f);
}
END_TEST

Suite *codec_decode_suite(void);

Suite *codec_decode_suite(void)
{
    const TTest *const tests[] = {groups_and_fields,
                                  delimiters,
                                  strict_input,
                                  bytes_and_widths,
                                  lenient_answers,
                                  variants_of_answers,
                                  two_batches_and_an_unknown_one,
                                  nodes_are_capped,
                                  fills,
                                  NULL};

    return unit_suite("codec/decode", tests);
}
