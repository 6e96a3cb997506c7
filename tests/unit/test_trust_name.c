/* Names and makers' codes: what is the same, what is near, what is another's. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "trust/decide.h"

START_TEST(names)
{
    static const struct {
        const char *a, *b;
        enum name_match match;
    } rows[] = {
        /* case, accents, punctuation, blanks */
        {"ORION IMPORTS INC", "orion imports inc", NAME_SAME},
        {"Orion Imports, Inc.", "ORION  IMPORTS  INC", NAME_SAME},
        {"TALLERES DEL R\xC3\x8DO SA DE CV", "Talleres del Rio, S.A. de C.V.", NAME_SAME},
        {"TALLERES DEL RI\xCC\x81O", "Talleres del Rio", NAME_SAME},
        {"PE\xC3\x91"
         "A Y HIJOS SA",
         "pena e hijos sa", NAME_NEAR},
        {"PE\xC3\x91"
         "A Y HIJOS SA",
         "Pena & Hijos S.A.", NAME_SAME},
        {"Smith and Sons", "SMITH & SONS", NAME_SAME},
        {"O'Brien Tools", "OBRIEN TOOLS", NAME_SAME},
        {"A.B.C. Company", "ABC Co", NAME_SAME},
        {"A B C Company", "A.B.C. Co.", NAME_SAME},
        {"North-West Tools", "NORTH WEST TOOLS", NAME_SAME},
        {"NORTHWEST TOOLS", "NORTH WEST TOOLS", NAME_SAME},
        {"\xC5\x81\xC3\xB3"
         "d\xC5\xBA Tools Sp. z o.o.",
         "LODZ TOOLS SP Z OO", NAME_SAME},
        {"M\xC3\xBCller GmbH", "MULLER GMBH", NAME_SAME},
        {"M\xC3\xBCller GmbH", "MUELLER GMBH", NAME_SAME},
        {"Wei\xC3\x9F KG", "WEISS KG", NAME_SAME},
        {"J\xC3\xB8rgensen ApS", "Joergensen ApS", NAME_SAME},
        {"\xEF\xBC\xAF\xEF\xBC\xB2\xEF\xBC\xA9\xEF\xBC\xAF\xEF\xBC\xAE", "ORION", NAME_SAME},
        /* legal forms: one way or another of writing, or left out */
        {"LUNA MANUFACTURAS SA DE CV", "Luna Manufacturas", NAME_SAME},
        {"LUNA MANUFACTURAS S DE RL DE CV", "Luna Manufacturas, S. de R.L. de C.V.", NAME_SAME},
        {"LUNA MANUFACTURAS SAPI", "Luna Manufacturas S.A.P.I. de C.V.", NAME_SAME},
        {"Orion Corporation", "ORION CORP.", NAME_SAME},
        {"Orion Limited", "Orion Co., Ltd.", NAME_SAME},
        {"Nordwerk GmbH & Co. KG", "NORDWERK GMBH CO KG", NAME_SAME},
        {"Bella Spa", "BELLA S.p.A.", NAME_SAME},
        {"Lumi\xC3\xA8re SARL", "LUMIERE S.A.R.L.", NAME_SAME},
        {"Tulp B.V.", "TULP BV", NAME_SAME},
        {"CO LTD", "co. ltd", NAME_SAME},
        /* a person should look */
        {"ORION IMPORTS INC", "ORION IMPORTS LLC", NAME_NEAR},
        {"LUNA MANUFACTURAS SA DE CV", "LUNA MANUFACTURAS S DE RL DE CV", NAME_NEAR},
        {"ORION IMPORTS", "ORION INPORTS", NAME_NEAR},
        {"ORION IMPORTS", "ORION IMPOTRS", NAME_NEAR},
        {"ORION IMPORTS", "IMPORTS ORION", NAME_NEAR},
        {"ORION IMPORTS OF TEXAS INC", "ORION IMPORTS TEXAS INC", NAME_NEAR},
        {"ORION IMPORTS INC", "ORION INC", NAME_NEAR},
        /* another's */
        {"NORDWERK GMBH", "SHADY TRADING LTD", NAME_OTHER},
        {"ORION IMPORTS INC", "ORION EXPORTS INC", NAME_OTHER},
        {"TRANSPORTATION PARTNERS", "TRANSPORTAITON PARTNER", NAME_NEAR},
        {"NORTH WEST TOOLS", "NORTHWEST TOLS", NAME_NEAR},
        {"ALPHA BRAVO DELTA", "ALFA BRAVA DELTO", NAME_OTHER},
        {"ORION IMPORTS INC", "VEGA EXPORTS INC", NAME_OTHER},
        {"ABC LTD", "ABD LTD", NAME_OTHER},
        {"ABC IMPORTS LTD", "XYZ IMPORTS LTD", NAME_OTHER},
        {"ORION", "", NAME_OTHER},
        /* letters that only look alike: Cyrillic o, Greek O, Cyrillic a, all-Cyrillic, one that cannot be seen */
        {"ORION IMPORTS INC", "\xD0\x9ERION IMPORTS INC", NAME_OTHER},
        {"ORION IMPORTS INC", "\xCE\x9FRION IMPORTS INC", NAME_OTHER},
        {"Nordwerk Aktien GmbH", "Nordwerk \xD0\x90ktien GmbH", NAME_OTHER},
        {"PACO", "\xD0\xA0\xD0\x90\xD0\xA1\xD0\x9E", NAME_OTHER},
        {"ORION IMPORTS INC", "ORI\xE2\x80\x8BON IMPORTS INC", NAME_OTHER},
        {"ORION IMPORTS INC", "ORION \xFF IMPORTS INC", NAME_OTHER},
        /* names in another alphabet are compared as they are */
        {"\xD0\x97\xD0\xB0\xD1\x80\xD1\x8F", "\xD0\x97\xD0\xB0\xD1\x80\xD1\x8F", NAME_SAME},
        {"\xE4\xB8\x8A\xE6\xB5\xB7 TOOLS", "\xE4\xB8\x8A\xE6\xB5\xB7 Tools Co.", NAME_SAME},
        {"\xE4\xB8\x8A\xE6\xB5\xB7 TOOLS", "\xE5\x8C\x97\xE4\xBA\xAC TOOLS", NAME_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(name_compare(rows[i].a, rows[i].b) == rows[i].match, "'%s' and '%s': %d", rows[i].a,
                      rows[i].b, name_compare(rows[i].a, rows[i].b));
        ck_assert_msg(name_compare(rows[i].b, rows[i].a) == rows[i].match, "'%s' and '%s', turned round",
                      rows[i].b, rows[i].a);
    }
}
END_TEST

/* A name longer than any: compared by its beginning, and nothing is written past an end. */
START_TEST(long_names)
{
    char a[2000], b[2000];
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = i % 7 == 6 ? ' ' : 'A';
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    ck_assert_int_eq(name_compare(a, b), NAME_SAME);
    for (size_t i = 0; i + 1 < sizeof a; i += 2)
        a[i] = ' ';
    ck_assert_int_ne(name_compare(a, b), NAME_NEAR);
    b[0] = 'B';
    b[1] = 'C';
    b[8] = b[15] = b[22] = b[29] = 'Z';
    ck_assert_int_eq(name_compare(a, b), NAME_OTHER);
}
END_TEST

/* The vectors of the rule itself (19 CFR 102, appendix) and those of the pages that explain it. */
START_TEST(makers_codes)
{
    static const struct {
        const char *name, *address, *city, *code;
    } rows[] = {
        {"Amalgamated Plastics Corp.", "", "", "AMAPLA"},
        {"Bergstrom", "", "", "BER"},
        {"A.B.C. Company", "", "", "ABCCOM"},
        {"A B C Company", "", "", "ABCCOM"},
        {"O.A.S.I.S. Corp.", "", "", "OASCOR"},
        {"Dr. S.A. Smith", "", "", "DRSA"},
        {"Shavings B L Inc.", "", "", "SHABL"},
        {"The Bank of Ideas", "", "", "BANIDE"},
        {"A Tool Company", "", "", "TOOCOM"},
        {"X", "11455 Main Street Suite 9999", "", "X1145"},
        {"X", "12,34,56 Akasaka Road", "", "X1234"},
        {"X", "12-34 56 Akasaka Road", "", "X1234"},
        {"X", "7 12th street", "", "X7"},
        {"X", "12th street", "", "X"},
        {"X", "Suite 7, 0012 Road", "", "X12"},
        {"X", "no number", "St. Louis", "XSTL"},
        {"Nordwerk GmbH", "Hafenweg 12", "Hamburg", "NORGMB12HAM"},
        {"Luna Manufacturas SA de CV", "Av. Industrial 1200", "Tijuana", "LUNMAN1200TIJ"},
        {"Pe\xC3\xB1"
         "a Hermanos",
         "Calle 5, 77", "Ciudad Ju\xC3\xA1rez", "PENHER77CIU"},
    };
    char code[MID_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert(mid_compute(code, rows[i].name, rows[i].address, rows[i].city));
        ck_assert_msg(strcmp(code, rows[i].code) == 0, "'%s', '%s', '%s': %s", rows[i].name, rows[i].address,
                      rows[i].city, code);
    }
    ck_assert(!mid_compute(code, "", "1", "Paris"));
    ck_assert(!mid_compute(code, "\xE4\xB8\x8A\xE6\xB5\xB7", "1", "Paris"));
    ck_assert(!mid_compute(code, "of the", "1", "Paris"));
}
END_TEST

START_TEST(makers_codes_compared)
{
    char code[MID_SIZE];
    ck_assert(!mid_differs(code, "MXLUNMAN1200TIJ", "Luna Manufacturas", "Av. Industrial 1200", "Tijuana"));
    /* the country is the goods', not the maker's */
    ck_assert(!mid_differs(code, "USLUNMAN1200TIJ", "Luna Manufacturas", "Av. Industrial 1200", "Tijuana"));
    ck_assert(mid_differs(code, "MXLUNMAN1200TIJ", "Luna Manufacturas", "Av. Industrial 1201", "Tijuana"));
    ck_assert(mid_differs(code, "MXLUNMAN1200TIJ", "Sol Manufacturas", "Av. Industrial 1200", "Tijuana"));
    /* not known, so not compared */
    ck_assert(!mid_differs(code, "MXLUNMAN1200TIJ", "Luna Manufacturas", NULL, "Tijuana"));
    ck_assert(!mid_differs(code, "MXLUNMAN1200TIJ", NULL, "Av. Industrial 1200", "Tijuana"));
}
END_TEST

static Suite *suite(void)
{
    static const TTest *tests[5];
    tests[0] = names;
    tests[1] = long_names;
    tests[2] = makers_codes;
    tests[3] = makers_codes_compared;
    return unit_suite("trust/name", tests);
}

UNIT_MAIN(suite)
