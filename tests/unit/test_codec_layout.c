/* Classes, the layout files and what a wrong one is told. */
#include "unit/codec_fixture.h"
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

START_TEST(classes)
{
    static const struct {
        enum field_class cls;
        const char *text;
        size_t misfit; /* length: all fits */
    } rows[] = {
        {CLASS_S, "   ", 3},    {CLASS_S, " A ", 1},       {CLASS_A, "ABZ", 3},    {CLASS_A, "AB1", 2},
        {CLASS_A, "A B", 1},    {CLASS_N, "0129", 4},      {CLASS_N, "1 2", 1},    {CLASS_N, "12A", 2},
        {CLASS_AN, "A 1Z9", 5}, {CLASS_AN, "A-1", 1},      {CLASS_AN, "aB", 0},    {CLASS_X, "A-1/#~`", 7},
        {CLASS_X, "Ab", 1},     {CLASS_X, "A\xC3\x91", 1}, {CLASS_X, "A\tB", 1},   {CLASS_X, "A\x7F", 1},
        {CLASS_D, "123125", 6}, {CLASS_D, "133125", 0},    {CLASS_D, "013226", 2}, {CLASS_D, "010026", 2},
        {CLASS_D, "0101", 0},   {CLASS_D, "", 0},          {CLASS_SN, "0001", 4},  {CLASS_D, "0101A6", 4},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(class_misfit(rows[i].cls, rows[i].text, strlen(rows[i].text)) == rows[i].misfit,
                      "row %zu: '%s'", i, rows[i].text);
}
END_TEST

START_TEST(every_record_tiles_the_line)
{
    struct codec_fixture f;

    codec_open(&f);
    ck_assert_uint_eq(f.layout->width, 80);
    ck_assert_uint_eq(f.layout->count, 54);
    for (size_t i = 0; i < f.layout->count; i++) {
        const struct layout_record *r = &f.layout->records[i];
        unsigned next = 1;

        for (size_t k = 0; k < r->count; k++) {
            ck_assert_uint_eq(r->fields[k].from, next);
            next += r->fields[k].length;
        }
        ck_assert_msg(next == 81, "%s ends at %u", r->name, next - 1);
    }
    codec_close(&f);
}
END_TEST

START_TEST(records_by_application)
{
    struct codec_fixture f;
    const struct layout_record *r;

    codec_open(&f);
    r = layout_record_find(f.layout, "A", "SE", NULL);
    ck_assert_ptr_nonnull(layout_field_find(r, "Password"));
    r = layout_record_find(f.layout, "A", "SX", NULL);
    ck_assert_ptr_null(layout_field_find(r, "Password"));
    ck_assert_ptr_null(layout_record_find(f.layout, "SE90", "SE", NULL));
    ck_assert_ptr_null(layout_record_find(f.layout, "SO10", "SX", NULL));
    r = layout_record_find(f.layout, "SO70", "SO", "lines-4-1-3");
    ck_assert_uint_eq(layout_field_find(r, "FirstLine")->length, 4);
    codec_close(&f);
}
END_TEST

START_TEST(a_wrong_layout_is_refused)
{
    static const struct {
        const char *inside, *says;
    } rows[] = {
        {"<record name='R' id='R' application='Q' title='t'><filler title='f' from='1' len='79' class='S' "
         "use='M'/></record>",
         "do not fill"},
        {"<record name='R' id='R' application='Q' title='t'><filler title='f' from='1' len='40' class='S' "
         "use='M'/><filler title='f' from='42' len='39' class='S' use='M'/></record>",
         "without a gap"},
        {"<record name='R' id='R' application='Q' title='t'><filler title='f' from='1' len='81' class='S' "
         "use='M'/></record>",
         "columns"},
        {"<record name='R' id='R' application='Q' title='t'><filler title='f' from='1' len='80' class='Q' "
         "use='M'/></record>",
         "class"},
        {"<record id='R' application='Q' title='t'/>", "needs name"},
        {"<structure application='Q' order='strict'><record ref='NONE'/></structure>", "no layout"},
        {"<structure application='Q' order='strict'/>", "empty"},
        {"<fancy/>", "no such element"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        struct layout *l = NULL;
        struct buf text = BUF_INIT;
        char *path;

        fixture_open(&f);
        buf_printf(&text,
                   "<layout xmlns='urn:greenlane:layout:1' name='t' source='t'><switch record='R' "
                   "field='F'/>%s</layout>",
                   rows[i].inside);
        path = fixture_file("layout.xml", text.data);
        ck_assert_int_eq(layout_load(&l, &f.ctx, path), GLN_E_CONFIG);
        ck_assert_ptr_null(l);
        ck_assert_msg(strstr(context_text(&f.ctx, LANG_EN), rows[i].says) != NULL, "row %zu: %s", i,
                      context_text(&f.ctx, LANG_EN));
        free(path);
        buf_free(&text);
        fixture_close(&f);
    }
}
END_TEST

Suite *codec_layout_suite(void);

Suite *codec_layout_suite(void)
{
    const TTest *const tests[] = {classes, every_record_tiles_the_line, records_by_application,
                                  a_wrong_layout_is_refused, NULL};

    return unit_suite("codec/layout", tests);
}
