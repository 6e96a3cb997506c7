/*
 * The layouts and the codec against the corpus: CBP's tables, what CBP printed and batches made from the tables. A program of
 * its own, skipped as a whole where $GREENLANE_CORPUS is not set.
 */
#include "unit/codec_fixture.h"
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/file.h"
#include "util/str.h"

static char *corpus_path(const char *name)
{
    return path_join(getenv("GREENLANE_CORPUS"), name);
}

/* --- against CBP's tables --- */

struct tsv_row {
    const char *chapter, *record, *from, *to, *cls, *use, *element, *blank;
};

static bool row_split(struct tsv_row *out, char *line)
{
    const char *cells[10] = {NULL};
    size_t n = 0;

    for (char *p = line; n < 10; p++) {
        char *tab = strchr(p, '\t');

        cells[n++] = p;
        if (tab == NULL)
            break;
        *tab = '\0';
        p = tab;
    }
    *out = (struct tsv_row){cells[0], cells[1], cells[2], cells[3], cells[5], cells[6], cells[7], cells[8]};
    return n >= 9;
}

/* Which application the table's record belongs to, and its plain name. */
static bool row_application(const struct tsv_row *r, char name[16], const char **application)
{
    const char *text = r->record;
    bool generated = strstr(text, "ACE-generated") != NULL;

    *application = str_eq(r->chapter, "SO") ? "SO" : str_eq(r->record, "SE90") ? "SX" : "SE";
    if (str_eq(r->chapter, "B&B")) {
        *application = str_starts(text, "input ") ? "SE" : "SX";
        text = strchr(text, ' ') + 1;
        if (generated || str_starts(text, "X"))
            *application = "-";
    }
    snprintf(name, 16, "%.*s", (int)strcspn(text, " "), text);
    return !str_eq(r->chapter, "AE/AX");
}

static const struct layout_field *field_at(const struct layout_record *r, unsigned from)
{
    for (size_t i = 0; r != NULL && i < r->count; i++) {
        if (r->fields[i].from == from)
            return &r->fields[i];
    }
    return NULL;
}

static const char *const class_names[CLASS_COUNT] = {"S", "A", "N", "(S)N", "AN", "D", "X"};

static void row_check(const struct layout *l, const struct tsv_row *row, const char *name,
                      const char *application)
{
    unsigned from = (unsigned)strtoul(row->from, NULL, 10);
    unsigned to = (unsigned)strtoul(row->to, NULL, 10);
    const struct layout_record *r = layout_record_find(l, name, application, NULL);
    const struct layout_field *f = field_at(r, from);
    char use = str_eq(row->use, "(blank)") ? '-' : row->use[0];

    ck_assert_msg(f != NULL, "%s %s: no field at %u", application, name, from);
    ck_assert_msg(f->from + f->length - 1u == to, "%s %s %u: ends at %u, not %u", application, name, from,
                  f->from + f->length - 1u, to);
    ck_assert_msg(str_eq(class_names[f->cls], row->cls), "%s %s %u: class %s", application, name, from,
                  row->cls);
    ck_assert_msg(f->use == use, "%s %s %u: %c, not %c", application, name, from, f->use, use);
    ck_assert_msg(str_eq(f->title, row->element), "%s %s %u: '%s', not '%s'", application, name, from,
                  f->title, row->element);
}

START_TEST(layouts_agree_with_the_tables_of_cbp)
{
    struct codec_fixture f;
    struct buf text = BUF_INIT;
    size_t rows = 0;
    char *path, *line, *rest;

    codec_open(&f);
    path = corpus_path("us/layouts.tsv");
    ck_assert_int_eq(file_read(&text, path, 0), 0);
    line = strchr(text.data, '\n') + 1;
    for (; *line != '\0'; line = rest) {
        struct tsv_row row;
        const char *application;
        char name[16];

        rest = line + strcspn(line, "\n");
        if (*rest != '\0')
            *rest++ = '\0';
        if (!row_split(&row, line) || !row_application(&row, name, &application))
            continue;
        row_check(f.layout, &row, name, application);
        rows++;
    }
    ck_assert_uint_eq(rows, 115 + 179 + 98);
    free(path);
    buf_free(&text);
    codec_close(&f);
}
END_TEST

/* --- messages --- */

static void read_all(struct buf *out, const char *name)
{
    char *path = corpus_path(name);

    ck_assert_msg(file_read(out, path, 0) == 0, "%s cannot be read", path);
    free(path);
}

/* Messages of the applications we have: they decode, and encoded again are the same bytes. */
START_TEST(messages_survive_the_round_trip)
{
    static const char *const names[] = {
        "us/constructed/se-add-truck-mx.input.txt",
        "us/constructed/se-cancel.input.txt",
        "us/constructed/sx-accepted.response.txt",
        "us/constructed/sx-rejected.response.txt",
        "us/constructed/so-released.notification.txt",
        "us/cbp-printed/bb-a-batch-reject.response.txt",
        "us/cbp-printed/bb-b-block-reject.response.txt",
        "us/cbp-printed/bb-c-transaction-syntax-reject.response.txt",
    };
    struct codec_fixture f;

    codec_open(&f);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf text = BUF_INIT;
        struct xml_doc *doc;
        struct outbound out;

        read_all(&text, names[i]);
        doc = codec_decode(&f, text.data);
        ck_assert_msg(fixed_encode(&out, &f.xml.ctx, f.layout, doc, NULL) == GLN_OK, "%s: %s", names[i],
                      codec_error(&f));
        ck_assert_msg(out.bytes.len == text.len && memcmp(out.bytes.data, text.data, text.len) == 0,
                      "%s comes back as\n%s", names[i], out.bytes.data);
        outbound_free(&out);
        xml_doc_free(doc);
        buf_free(&text);
    }
    codec_close(&f);
}
END_TEST

/* Answers hold no flaw the layout sees: what CBP printed and what was made from its tables. */
START_TEST(answers_are_read_without_flaws)
{
    static const char *const names[] = {
        "us/constructed/sx-accepted.response.txt",
        "us/constructed/sx-rejected.response.txt",
        "us/constructed/so-released.notification.txt",
        "us/cbp-printed/bb-a-batch-reject.response.txt",
        "us/cbp-printed/bb-b-block-reject.response.txt",
        "us/cbp-printed/bb-c-transaction-syntax-reject.response.txt",
    };
    struct codec_fixture f;

    codec_open(&f);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf text = BUF_INIT;
        struct xml_doc *doc;
        char *xml;

        read_all(&text, names[i]);
        doc = codec_decode(&f, text.data);
        xml = fixture_text(&f.xml, xml_root(doc));
        ck_assert_msg(strstr(xml, "flaw=") == NULL && strstr(xml, "unexpected=") == NULL &&
                          strstr(xml, "incomplete=") == NULL && strstr(xml, "<Unknown") == NULL,
                      "%s: %s", names[i], xml);
        free(xml);
        xml_doc_free(doc);
        buf_free(&text);
    }
    codec_close(&f);
}
END_TEST

/* Applications without a layout are kept as they came, not refused. */
START_TEST(other_applications_are_kept_whole)
{
    static const char *const names[] = {
        "us/constructed/ae-add-truck-mx.input.txt",
        "us/constructed/ax-accepted.response.txt",
        "us/constructed/ax-rejected.response.txt",
        "us/cbp-printed/bb-d-accepted.response.txt",
        "us/cbp-printed/bb-d-accepted.response.AS-PRINTED.txt",
    };
    struct codec_fixture f;

    codec_open(&f);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf text = BUF_INIT;
        struct xml_doc *doc;
        struct xml_node *batch;
        size_t lines = 0, kept = 0;

        read_all(&text, names[i]);
        doc = codec_decode(&f, text.data);
        batch = xml_first(xml_root(doc));
        ck_assert_str_eq(xml_attr(batch, "unknown"), "yes");
        for (const char *p = text.data; *p != '\0'; p++)
            lines += *p == '\n';
        for (struct xml_node *n = xml_first(batch); n != NULL; n = xml_next(n))
            kept++;
        ck_assert_uint_eq(kept, lines);
        xml_doc_free(doc);
        buf_free(&text);
    }
    codec_close(&f);
}
END_TEST

static Suite *codec_corpus_suite(void)
{
    const TTest *const tests[] = {layouts_agree_with_the_tables_of_cbp, messages_survive_the_round_trip,
                                  answers_are_read_without_flaws, other_applications_are_kept_whole, NULL};

    return unit_suite("codec/corpus", tests);
}

int main(void)
{
    static unit_suite_fn *const suites[] = {codec_corpus_suite};

    if (getenv("GREENLANE_CORPUS") == NULL) {
        printf("1..0 # SKIP GREENLANE_CORPUS is not set\n");
        return EXIT_SUCCESS;
    }
    return unit_run(suites, 1);
}
