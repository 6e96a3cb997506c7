/* The order of records and the limits of loops, with the structure of cargo release. */
#include "unit/codec_fixture.h"
#include "unit/main.h"

#include <stdio.h>
#include <string.h>

/* Runs names separated by blanks; *at the one that failed. */
static enum sequence_result run(struct codec_fixture *f, struct sequence *s, const char *names, char at[8])
{
    enum sequence_result result = SEQUENCE_OK;

    sequence_start(s, layout_structure_find(f->layout, "SE", 2));
    while (*names != '\0' && result == SEQUENCE_OK) {
        size_t n = strcspn(names, " ");

        snprintf(at, 8, "%.*s", (int)n, names);
        result = sequence_next(s, at);
        names += n + (names[n] == ' ');
    }
    if (result == SEQUENCE_OK) {
        at[0] = '\0';
        result = sequence_end(s);
    }
    return result;
}

START_TEST(orders)
{
    static const struct {
        const char *names;
        enum sequence_result result;
        const char *at, *missing;
    } rows[] = {
        {"A B SE10 SE13 Y Z", SEQUENCE_OK, "", NULL},
        {"A B SE10 SE11 SE13 SE15 SE17 SE20 SE30 SE35 SE36 SE40 SE60 Y Z", SEQUENCE_OK, "", NULL},
        {"A B SE10 SE13 Y B SE10 SE13 SE10 SE13 Y Z", SEQUENCE_OK, "", NULL},
        {"A B SE10 SE13 SE15 SE15 SE15 SE15 SE16 SE17 SE15 SE20 SE20 Y Z", SEQUENCE_OK, "", NULL},
        {"A B SE10 SE13 SE30 SE36 SE30 SE35 SE35 SE35 SE36 Y Z", SEQUENCE_OK, "", NULL},
        {"A B SE10 SE13 SE40 SE50 SE55 SE56 SE50 SE60 SE61 PGA PGA SE60 SE40 SE60 Y Z", SEQUENCE_OK, "",
         NULL},
        {"A B SE10 SE13 SE40 SE60 SF10 SF20 SF25 SF30 SF31 SF35 SF36 SF30 SF36 Y Z", SEQUENCE_OK, "", NULL},
        {"B SE10", SEQUENCE_MISSING, "B", "A"},
        {"A SE10", SEQUENCE_MISSING, "SE10", "B"},
        {"A B Y", SEQUENCE_MISSING, "Y", "SE10"},
        {"A B SE10 SE15", SEQUENCE_MISSING, "SE15", "SE13"},
        {"A B SE10 SE13 SE40 Y", SEQUENCE_MISSING, "Y", "SE60"},
        {"A B SE10 SE13 Z", SEQUENCE_MISSING, "Z", "Y"},
        {"A B SE10 SE13 Y", SEQUENCE_MISSING, "", "Z"},
        {"A B SE10 SE13", SEQUENCE_MISSING, "", "Y"},
        {"A B SE10 SE13 SE11", SEQUENCE_UNEXPECTED, "SE11", NULL},
        {"A B SE10 SE13 SE20 SE15", SEQUENCE_UNEXPECTED, "SE15", NULL},
        {"A B SE10 SE13 SE35", SEQUENCE_UNEXPECTED, "SE35", NULL},
        {"A B SE10 SE13 SE13", SEQUENCE_TOO_MANY, "SE13", NULL},
        {"A B SE10 SE13 SE30 SE35 SE35 SE35 SE35", SEQUENCE_TOO_MANY, "SE35", NULL},
    };
    struct codec_fixture f;

    codec_open(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sequence s;
        char at[8];
        enum sequence_result result = run(&f, &s, rows[i].names, at);

        ck_assert_msg(result == rows[i].result, "%s: result %d at %s", rows[i].names, result, at);
        ck_assert_str_eq(at, rows[i].at);
        if (rows[i].missing != NULL)
            ck_assert_str_eq(s.missing, rows[i].missing);
    }
    codec_close(&f);
}
END_TEST

START_TEST(loops_have_limits)
{
    struct codec_fixture f;
    struct sequence s;
    char at[8];

    codec_open(&f);
    ck_assert_int_eq(run(&f, &s, "A B SE10 SE13 SE20", at), SEQUENCE_MISSING);
    for (int i = 1; i < 99; i++)
        ck_assert_int_eq(sequence_next(&s, "SE20"), SEQUENCE_OK);
    ck_assert_int_eq(sequence_next(&s, "SE20"), SEQUENCE_TOO_MANY);
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(sequence_next(&s, "SE30"), SEQUENCE_OK);
    ck_assert_int_eq(sequence_next(&s, "SE30"), SEQUENCE_TOO_MANY);
    ck_assert_int_eq(sequence_next(&s, "SE40"), SEQUENCE_OK);
    for (int i = 0; i < 32; i++)
        ck_assert_int_eq(sequence_next(&s, "SE60"), SEQUENCE_OK);
    ck_assert_int_eq(sequence_next(&s, "SE60"), SEQUENCE_TOO_MANY);
    ck_assert_int_eq(sequence_next(&s, "SE40"), SEQUENCE_OK);
    codec_close(&f);
}
END_TEST

START_TEST(groups_open_and_close)
{
    struct codec_fixture f;
    struct sequence s;
    char at[8];

    codec_open(&f);
    run(&f, &s, "A B SE10 SE13 SE40 SE60", at);
    ck_assert_str_eq(s.frames[s.depth - 1].group->name, "Tariff");
    ck_assert_uint_eq(s.depth, 5);
    sequence_next(&s, "SE60");
    ck_assert_uint_eq(s.opened_from, 4);
    sequence_next(&s, "Y");
    ck_assert_str_eq(s.frames[s.depth - 1].group->name, "Block");
    ck_assert_uint_eq(s.opened_from, s.depth);
    codec_close(&f);
}
END_TEST

Suite *codec_sequence_suite(void);

Suite *codec_sequence_suite(void)
{
    const TTest *const tests[] = {orders, loops_have_limits, groups_open_and_close, NULL};

    return unit_suite("codec/sequence", tests);
}
