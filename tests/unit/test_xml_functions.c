/* The extension functions, a row a case: expression, result; and what ends a transform, with its place. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "unit/xml_fixture.h"
#include "util/str.h"
#include "xml/check_digit.h"
#include "xml/fold.h"
#include "xml/transform.h"

Suite *xml_functions_suite(void);

static const char input[] = "<d>\n"
                            "<a>0.1</a>\n"
                            "<a> 0.2 </a>\n"
                            "<b>x</b>\n"
                            "<c k='7'><e>1</e><e>2</e></c>\n"
                            "<n/>\n"
                            "<w>Espa\xc3\xb1"
                            "a &amp; \xc3\x81lvarez</w>\n"
                            "</d>";

static const char codes[] =
    "<codes xmlns='urn:greenlane:codes:1' id='lands' complete='yes' source='test'>"
    "<code value='MX' alpha3='MEX'/><code value='US' alpha3='USA' from='20200101'/>"
    "<code value='XX' to='20191231' alpha3='OLD'/><code value='XX' from='20250101' alpha3='NEW'/></codes>";

/** Evaluates one XPath over the input. */
static int evaluate(struct buf *out, struct fixture *f, const struct xml_codes *lists, const char *expression)
{
    struct buf sheet = BUF_INIT, error = BUF_INIT;
    struct xml_stylesheet *s = NULL;
    buf_puts(&sheet, "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
                     "xmlns:gln='urn:greenlane:xslt:1' xmlns:set='http://exslt.org/sets' "
                     "xmlns:str='http://exslt.org/strings' xmlns:exsl='http://exslt.org/common' "
                     "xmlns:math='http://exslt.org/math'><xsl:output method='text'/>"
                     "<xsl:template match='/'><xsl:value-of select=\"");
    buf_put_xml(&sheet, expression);
    buf_puts(&sheet, "\"/></xsl:template></xsl:stylesheet>");
    struct xml_doc *text = fixture_read_n(f, sheet.data, sheet.len);
    struct xml_doc *doc = fixture_read(f, input);
    struct xml_run run = {.codes = lists};
    ck_assert_msg(xml_stylesheet_from(&s, &f->ctx, text, "test.xsl") == GLN_OK, "%s: %s", expression,
                  context_text(&f->ctx, LANG_EN));
    int rc = xml_transform_text(out, s, &f->ctx, doc, &run);
    buf_puts(out, "");
    xml_stylesheet_free(s);
    xml_doc_free(doc);
    xml_doc_free(text);
    buf_free(&sheet);
    buf_free(&error);
    return rc;
}

static const struct {
    const char *expression, *result;
} rows[] = {
    {"gln:sum(/d/a)", "0.3"},
    {"gln:sum(/d/none)", "0"},
    {"gln:sum('1.50')", "1.50"},
    {"gln:sum(/d/c/e)", "3"},
    {"gln:add(/d/a[1], /d/a[2])", "0.3"},
    {"gln:add('99999999999999999999.99', '0.01')", "100000000000000000000.00"},
    {"gln:sub('1', '1.001')", "-0.001"},
    {"gln:mul('1.10', '1.10')", "1.21"},
    {"gln:mul(/d/c/@k, 3)", "21"},
    {"gln:div('1', '3', 4)", "0.3333"},
    {"gln:div('2', '3', 0)", "1"},
    {"gln:div('-1', '2', 0)", "-1"},
    {"gln:round('2.345', 2)", "2.35"},
    {"gln:round('-0.5', '0')", "-1"},
    {"gln:round('7', 2)", "7.00"},
    {"gln:cmp('1.0', '1')", "0"},
    {"gln:cmp('0.3', gln:add('0.1', '0.2'))", "0"},
    {"gln:cmp(/d/a[1], /d/a[2])", "-1"},
    {"gln:cmp('10', '9')", "1"},
    {"gln:cmp('ten', '9')", "NaN"},
    {"gln:cmp('', '9')", "NaN"},
    {"gln:code('lands', 'MX')", "true"},
    {"gln:code('lands', ' MX ')", "true"},
    {"gln:code('lands', 'mx')", "false"},
    {"gln:code('lands', 'US', '20191231')", "false"},
    {"gln:code('lands', 'US', '20200101')", "true"},
    {"gln:code('lands', 'XX', '20191231')", "true"},
    {"gln:code('lands', 'XX', '20200101')", "false"},
    {"gln:code('lands', 'XX', '20250101')", "true"},
    {"gln:code('lands', 'XX')", "true"},
    {"gln:code-attr('lands', 'US', 'alpha3')", "USA"},
    {"gln:code-attr('lands', 'ZZ', 'alpha3')", ""},
    {"gln:code-attr('lands', 'US', 'none')", ""},
    {"gln:match('AB1', '[A-Z]{2}[0-9]')", "true"},
    {"gln:match('AB12', '[A-Z]{2}[0-9]')", "false"},
    {"gln:match(/d/w, '.*\xc3\xb1.*')", "true"},
    {"gln:match('', '')", "true"},
    {"gln:pad('7', 3, 'left', '0')", "007"},
    {"gln:pad('7', '3', 'right', ' ')", "7  "},
    {"gln:pad('\xc3\xb1', 3, 'right', '.')", "\xc3\xb1.."},
    {"gln:pad('abc', 3, 'left', ' ')", "abc"},
    {"gln:upper('espa\xc3\xb1ol \xc3\xbf \xc5\x93 1')", "ESPA\xc3\x91OL \xc5\xb8 \xc5\x92 1"},
    {"gln:upper('\xc4\x81\xc4\xb1\xc4\xba\xc5\x8b\xc5\xbe\xc3\xb7\xc3\x9f')",
     "\xc4\x80I\xc4\xb9\xc5\x8a\xc5\xbd\xc3\xb7\xc3\x9f"},
    {"gln:fold(/d/w, 'ascii')", "Espana & Alvarez"},
    {"gln:fold(/d/w, 'latin1')", "Espa\xc3\xb1"
                                 "a & \xc3\x81lvarez"},
    {"gln:fold('\xe2\x80\x9cna\xc3\xafve\xe2\x80\x9d \xe2\x80\x93 \xc3\x86r\xc3\xb8 stra\xc3\x9f"
     "e',  'ascii')",
     "\"naive\" - AEro strasse"},
    {"gln:fold('\xc5\x81\xc3\xb3\xc4\x91\xc5\xba', 'latin1')", "L\xc3\xb3"
                                                               "dz"},
    {"gln:fold('n\xcc\x83"
     "a\xcc\x81', 'latin1')",
     "\xc3\xb1\xc3\xa1"},
    {"gln:fold('n\xcc\x83', 'ascii')", "n"},
    {"gln:fold('\xe4\xb8\xad', 'ascii')", ""},
    {"gln:fold('\xe4\xb8\xad', 'utf8')", "\xe4\xb8\xad"},
    {"gln:fold('a', 'ebcdic')", ""},
    {"gln:date('20260723', '102', 'MMDDYY')", "072326"},
    {"gln:date('20260723', '102', 'CCYY-MM-DD')", "2026-07-23"},
    {"gln:date('20260723', '102', 'DD/MM/CCYY hh:mm:ss')", "23/07/2026 00:00:00"},
    {"gln:date('20260723180500-06', '304', 'CCYYMMDDhhmmss')", "20260723180500"},
    {"gln:date('202607231805', '203', 'hh.mm')", "18.05"},
    {"gln:date('260723', '101', 'CCYYMMDD')", "20260723"},
    {"gln:date-valid('20240229', '102')", "true"},
    {"gln:date-valid('20260229', '102')", "false"},
    {"gln:date-valid('20261301', '102')", "false"},
    {"gln:date-valid('2026010', '102')", "false"},
    {"gln:date-valid('202601011', '102')", "false"},
    {"gln:date-valid('20260101235959Z', '304')", "true"},
    {"gln:date-valid('20260101240000Z', '304')", "false"},
    {"gln:date-valid('20260101235959', '304')", "false"},
    {"gln:date-valid('20260101235959+1', '304')", "false"},
    {"gln:date-valid('20260101', '999')", "false"},
    {"gln:date-valid(/d/n, '102')", "false"},
    {"gln:check-digit('us-entry', 'B7603245278')", "true"},
    {"gln:check-digit('us-entry', 'ZZZ00000615')", "true"},
    {"gln:check-digit('us-entry', 'ZZZ00000011')", "true"},
    {"gln:check-digit('us-entry', 'ZZZ00000012')", "false"},
    {"gln:check-digit-of('us-entry', 'B760324527')", "8"},
    {"gln:check-digit-of('us-entry', 'ZZZ0000061')", "5"},
    {"gln:check-digit-of('us-entry', 'ZZZ0000001')", "1"},
    {"gln:check-digit('iso6346', 'APHU7215244')", "true"},
    {"gln:check-digit('iso6346', 'APHU7215245')", "false"},
    {"gln:check-digit('iso6346', 'DM1234')", "false"},
    {"gln:check-digit('rfc', 'HEGT7610034S2')", "true"},
    {"gln:check-digit('rfc', 'SAT970701NN3')", "true"},
    {"gln:check-digit('rfc', 'XEXX010101000')", "true"},
    {"gln:check-digit('rfc', 'AAA010101AAA')", "false"},
    {"gln:check-digit('rfc', 'XAXX010101000')", "false"},
    {"gln:check-digit('none', '1')", "false"},
    {"gln:check-digit('rfc', '')", "false"},
    {"gln:today()", "20260723"},
    {"gln:now()", "2026-07-23T18:00:00.000Z"},
    {"gln:later(gln:now(), '0')", "2026-07-23T18:00:00.000Z"},
    {"gln:later(gln:now(), 86400)", "2026-07-24T18:00:00.000Z"},
    {"gln:src(/d)", "1"},
    {"gln:src(/d/a[2])", "3"},
    {"gln:src(/d/c/@k)", "5"},
    {"gln:src(/d/b/text())", "4"},
    {"gln:src(/d/none)", ""},
    {"gln:src(/)", ""},
    {"gln:path(/d/a[2])", "/d/a[2]"},
    {"gln:path(/d/c/@k)", "/d/c/@k"},
    {"gln:path(/d/none)", ""},
    {"count(set:distinct(/d/a | /d/b | /d/b))", "3"},
    {"count(exsl:node-set(/d/a))", "2"},
    {"count(gln:item(1))", "0"},
    {"current()/d/b", "x"},
    {"generate-id(/d) = generate-id(/d/a/..)", "true"},
};

START_TEST(functions_give_what_is_written)
{
    struct fixture f;
    struct xml_codes *lists;
    struct clock_source clock = {true, 0};
    struct buf out = BUF_INIT;
    fixture_open(&f);
    ck_assert(time_parse(&clock.frozen_ms, "2026-07-23T18:00:00Z"));
    f.ctx.clock = &clock;
    char *path = fixture_file("lands.xml", codes);
    char *folder = str_ndup(path, (size_t)(strrchr(path, '/') - path));
    ck_assert_msg(xml_codes_load(&lists, &f.ctx, folder) == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&out);
        int rc = evaluate(&out, &f, lists, rows[i].expression);
        ck_assert_msg(rc == GLN_OK, "%s: %s", rows[i].expression, context_text(&f.ctx, LANG_EN));
        const char *got = out.len > 0 ? out.data : "";
        ck_assert_msg(strcmp(got, rows[i].result) == 0, "%s: '%s', not '%s'", rows[i].expression, got,
                      rows[i].result);
    }
    xml_codes_free(lists);
    buf_free(&out);
    free(path);
    free(folder);
    fixture_close(&f);
}
END_TEST

static const struct {
    const char *expression;
    int status;
    unsigned line, column;
    const char *english;
} failures[] = {
    {"gln:sum(/d/*[self::a or self::b])", GLN_E_INPUT, 4, 1, "'x' is not a decimal"},
    {"gln:sum(/d/n)", GLN_E_INPUT, 6, 1, "'' is not a decimal"},
    {"gln:add(/d/a[1], /d/b)", GLN_E_INPUT, 4, 1, "'x' is not a decimal"},
    {"gln:add(/d/a[1], /d/none)", GLN_E_INPUT, 0, 0, "'' is not a decimal"},
    {"gln:mul('99999999999999999999999999999999999999', 100)", GLN_E_INPUT, 0, 0, "too many digits"},
    {"gln:div(/d/a, '0', 2)", GLN_E_INPUT, 0, 0, "division by zero"},
    {"gln:div(/d/a, '1', 19)", GLN_E_INPUT, 0, 0, "0 to 18"},
    {"gln:round(/d/b, 2)", GLN_E_INPUT, 4, 1, "'x' is not a decimal"},
    {"gln:pad(/d/w, 3, 'left', ' ')", GLN_E_INPUT, 7, 1, "longer than 3"},
    {"gln:date(/d/a[2], '102', 'CCYY')", GLN_E_INPUT, 3, 1, "'0.2' is not a date of the form 102"},
    {"gln:check-digit-of('mrn', /d/b)", GLN_E_INPUT, 4, 1, "no check digit of kind mrn"},
    {"gln:later(/d/b, 0)", GLN_E_INPUT, 4, 1, "RFC 3339"},
    {"gln:fail(/d/c/@k, 'English words', 'palabras')", GLN_E_INPUT, 5, 1, "5:1: English words"},
    {"gln:code('none', 'MX')", GLN_E_CONFIG, 0, 0, "no code list 'none'"},
    {"gln:match('a', '[')", GLN_E_INTERNAL, 0, 0, "pattern '['"},
    {"gln:nothing(1)", GLN_E_INTERNAL, 0, 0, "no function 'nothing'"},
    {"math:max(/d/a)", GLN_E_INTERNAL, 0, 0, "no function 'max'"},
    {"nothing(1)", GLN_E_INTERNAL, 0, 0, "no function 'nothing'"},
    {"gln:sum()", GLN_E_INTERNAL, 0, 0, "test.xsl"},
    {"gln:cmp(1, 2, 3)", GLN_E_INTERNAL, 0, 0, "test.xsl"},
    {"document('/etc/passwd')", GLN_E_INTERNAL, 0, 0, "test.xsl"},
    {"document('http://127.0.0.1:9/')", GLN_E_INTERNAL, 0, 0, "test.xsl"},
    {"$none", GLN_E_INTERNAL, 0, 0, "test.xsl"},
};

START_TEST(failures_end_the_transform_at_their_place)
{
    struct fixture f;
    struct buf out = BUF_INIT;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        int rc = evaluate(&out, &f, NULL, failures[i].expression);
        const char *en = context_text(&f.ctx, LANG_EN);
        struct place at = f.ctx.error.place;
        ck_assert_msg(rc == failures[i].status, "%s: status %d: %s", failures[i].expression, rc, en);
        ck_assert_msg(strstr(en, failures[i].english) != NULL && strchr(en, '\n') == NULL, "%s: %s",
                      failures[i].expression, en);
        ck_assert_msg(at.line == failures[i].line && at.column == failures[i].column, "%s: at %u:%u: %s",
                      failures[i].expression, at.line, at.column, en);
        ck_assert_uint_eq(out.len, 0);
    }
    ck_assert_int_eq(evaluate(&out, &f, NULL, "gln:fail(/d/b, 'English', 'castellano')"), GLN_E_INPUT);
    ck_assert_str_eq(context_text(&f.ctx, LANG_ES), "4:1: castellano");
    buf_free(&out);
    fixture_close(&f);
}
END_TEST

START_TEST(mrn_digits)
{
    char digit;
    ck_assert(check_digit_of(&digit, "mrn", "23GB1234567890ABC"));
    char whole[19] = "23GB1234567890ABC";
    whole[17] = digit;
    ck_assert(check_digit_right("mrn", whole));
    whole[17] = digit == '9' ? '0' : (char)(digit + 1);
    ck_assert(!check_digit_right("mrn", whole));
    ck_assert(!check_digit_of(&digit, "mrn", "2AGB1234567890ABC"));
    ck_assert(!check_digit_of(&digit, "mrn", "23GB1234567890AB"));
    ck_assert(!check_digit_of(&digit, "mrn", "23gb1234567890ABC"));
    /* N with tilde is one character of an RFC */
    ck_assert(check_digit_of(&digit, "rfc",
                             "\xc3\x91"
                             "A&010101AA"));
}
END_TEST

START_TEST(code_lists_must_be_whole)
{
    static const struct {
        const char *text, *english;
    } bad[] = {
        {"<codes xmlns='urn:greenlane:codes:1'/>", "is not a code list"},
        {"<other id='a'/>", "is not a code list"},
        {"<codes id='a'><code/></codes>", "a code has no value"},
        {"<codes id='a'>", "ends before"},
    };
    struct fixture f;
    struct xml_codes *lists;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *path = fixture_file("a.xml", bad[i].text);
        char *folder = str_ndup(path, (size_t)(strrchr(path, '/') - path));
        ck_assert_int_eq(xml_codes_load(&lists, &f.ctx, folder), GLN_E_CONFIG);
        ck_assert_ptr_null(lists);
        ck_assert_msg(strstr(context_text(&f.ctx, LANG_EN), bad[i].english) != NULL, "%s",
                      context_text(&f.ctx, LANG_EN));
        free(path);
        free(folder);
    }
    ck_assert_int_eq(xml_codes_load(&lists, &f.ctx, "/nowhere/at/all"), GLN_E_CONFIG);
    fixture_close(&f);
}
END_TEST

Suite *xml_functions_suite(void)
{
    static const TTest *tests[5];

    tests[0] = functions_give_what_is_written;
    tests[1] = failures_end_the_transform_at_their_place;
    tests[2] = mrn_digits;
    tests[3] = code_lists_must_be_whole;
    return unit_suite("xml/functions", tests);
}
