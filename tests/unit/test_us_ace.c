/*
 * The bundle us-ace against samples, tests/transforms/us-ace/, one TAP line a file:
 *
 *   NAME.in.xml   a declaration; its cargo release is NAME.out.txt, or the error it ends in is NAME.err.txt
 *   NAME.in.txt   bytes from CBP; the answers they become are NAME.out.xml
 *   NAME.params   lines NAME=VALUE that add to the parameters below or replace them; may be absent
 *
 * Besides: every field of the example's message points at the sender's bytes, and its batch has the shape of the corpus's.
 *
 * With GREENLANE_UPDATE=1 the expected files are written, to be read before they are committed.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "unit/twins.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"
#include "xml/schema.h"
#include "xml/transform.h"

enum { PARAMS_MOST = 40 };

struct bench {
    struct options options;
    struct gln_context ctx;
    struct xml_codes *codes;
    struct layout *layout;
    struct xml_stylesheet *release, *answers;
    struct xml_schema *answer;
    int number, failed;
};

struct params {
    const char *items[2 * PARAMS_MOST + 1];
    size_t count;
};

static char *top_path(const char *name)
{
    const char *top = getenv("GREENLANE_SRCDIR");

    return path_join(top != NULL ? top : ".", name);
}

static void must(struct bench *b, int status)
{
    if (status == GLN_OK)
        return;
    printf("Bail out! %s\n", context_text(&b->ctx, LANG_EN));
    exit(EXIT_FAILURE);
}

static void bench_open(struct bench *b)
{
    char *codes = top_path("schemas/codes"), *layout = top_path("schemas/us-ace/ace.xml");
    char *release = top_path("transforms/us-ace/cargo-release.xsl");
    char *answers = top_path("transforms/us-ace/answers.xsl"), *answer = top_path("schemas/wco/answer.xsd");

    must(b, options_init(&b->options));
    context_init(&b->ctx, &b->options);
    must(b, xml_codes_load(&b->codes, &b->ctx, codes));
    must(b, layout_load(&b->layout, &b->ctx, layout));
    must(b, xml_stylesheet_load(&b->release, &b->ctx, release));
    must(b, xml_stylesheet_load(&b->answers, &b->ctx, answers));
    must(b, xml_schema_load(&b->answer, &b->ctx, answer));
    free(codes);
    free(layout);
    free(release);
    free(answers);
    free(answer);
}

static void bench_close(struct bench *b)
{
    xml_stylesheet_free(b->release);
    xml_stylesheet_free(b->answers);
    xml_schema_free(b->answer);
    xml_codes_free(b->codes);
    layout_free(b->layout);
    context_clear(&b->ctx);
    options_free(&b->options);
}

/* --- parameters --- */

static void param(struct params *p, const char *name, const char *value)
{
    for (size_t i = 0; i < p->count; i += 2) {
        if (str_eq(p->items[i], name)) {
            p->items[i + 1] = value;
            return;
        }
    }
    if (p->count == 2 * PARAMS_MOST)
        return;
    p->items[p->count++] = name;
    p->items[p->count++] = value;
    p->items[p->count] = NULL;
}

static const char *action_of(const char *function, const char *type)
{
    static const struct {
        const char *function, *type, *action;
    } rows[] = {{"9", NULL, "add"},    {"5", NULL, "replace"},  {"4", NULL, "update"},
                {"1", NULL, "cancel"}, {"13", "INV", "cancel"}, {"13", "COR", "replace"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (str_eq(rows[i].function, function) && (rows[i].type == NULL || str_eq(rows[i].type, type)))
            return rows[i].action;
    }
    return "";
}

static const char *text_or(const struct xml_node *n, const char *path, const char *otherwise)
{
    const char *text = xml_find_text(n, path);

    return text != NULL ? text : otherwise;
}

/* As the flow would give them to an identity 9ZZ on 24 November 2026. `extra` is cut up. */
static void params_fill(struct params *p, const struct xml_doc *pivot, struct buf *extra)
{
    const struct xml_node *d = xml_child(xml_root(pivot), "Declaration");

    p->count = 0;
    param(p, "action", action_of(text_or(d, "FunctionCode", ""), text_or(d, "TypeCode", "")));
    param(p, "number", text_or(d, "ID", "9ZZ00000110"));
    param(p, "lrn", text_or(d, "FunctionalReferenceID", ""));
    param(p, "principal", "9ZZ");
    param(p, "date", "20261124");
    param(p, "identity-site", "2304");
    param(p, "identity-id", "9ZZ");
    param(p, "identity-port", "2304");
    for (char *line = extra->data; line != NULL && *line != '\0';) {
        char *end = line + strcspn(line, "\n");
        char *equals = strchr(line, '=');

        if (*end != '\0')
            *end++ = '\0';
        if (equals != NULL) {
            *equals = '\0';
            param(p, line, equals + 1);
        }
        line = end;
    }
}

/* --- one sample --- */

static char *sibling(const char *path, const char *from, const char *to)
{
    struct buf b = BUF_INIT;

    buf_put(&b, path, strlen(path) - strlen(from));
    buf_puts(&b, to);
    return buf_take(&b, NULL);
}

static bool updating(void)
{
    return getenv("GREENLANE_UPDATE") != NULL;
}

static void verdict(struct bench *b, const char *path, const char *expected_path, const struct buf *got)
{
    struct buf expected = BUF_INIT;
    bool good;

    if (updating())
        (void)file_write(expected_path, got->data != NULL ? got->data : "", got->len, 0644);
    good = file_read(&expected, expected_path, 0) == 0 && expected.len == got->len &&
           (got->len == 0 || memcmp(expected.data, got->data, got->len) == 0);
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++b->number, strrchr(path, '/') + 1);
    if (!good) {
        b->failed++;
        fprintf(stderr, "--- expected (%s)\n%s\n--- got\n%s\n", expected_path,
                expected.data != NULL ? expected.data : "", got->data != NULL ? got->data : "");
    }
    buf_free(&expected);
}

static void compare_twins(struct bench *b, const char *name, const struct xml_doc *in,
                          const struct xml_run *run)
{
    char *sheet = top_path(name);
    bool same = twins_agree(&b->ctx, sheet, in, run);

    b->failed += !same;
    printf("%s %d - %s made quick does the same\n", same ? "ok" : "not ok", ++b->number, name);
    free(sheet);
}

static int release(struct bench *b, struct outbound *out, const struct xml_doc *pivot, struct buf *extra)
{
    struct params params;
    struct xml_run run = {.codes = b->codes, .source = pivot};
    struct xml_doc *records = NULL;
    int status;

    params_fill(&params, pivot, extra);
    run.params = params.items;
    compare_twins(b, "transforms/us-ace/cargo-release.xsl", pivot, &run);
    status = xml_transform(&records, b->release, &b->ctx, pivot, &run);
    if (status == GLN_OK)
        status = codec_find("fixed")->encode(out, &b->ctx, b->layout, records, pivot);
    xml_doc_free(records);
    return status;
}

static void outbound_sample(struct bench *b, const char *path)
{
    struct buf in = BUF_INIT, extra = BUF_INIT, error = BUF_INIT;
    struct xml_doc *pivot = NULL;
    struct outbound out = {0};
    char *params_path = sibling(path, ".in.xml", ".params");
    char *bytes_path = sibling(path, ".in.xml", ".out.txt");
    char *error_path = sibling(path, ".in.xml", ".err.txt");
    int status;

    (void)file_read(&in, path, 0);
    (void)file_read(&extra, params_path, 0);
    must(b, xml_read(&pivot, &b->ctx, in.data, in.len));
    status = release(b, &out, pivot, &extra);
    if (status == GLN_OK) {
        verdict(b, path, bytes_path, &out.bytes);
    } else {
        buf_printf(&error, "%s\n%s\n", context_text(&b->ctx, LANG_EN), context_text(&b->ctx, LANG_ES));
        verdict(b, path, error_path, &error);
    }
    outbound_free(&out);
    xml_doc_free(pivot);
    buf_free(&in);
    buf_free(&extra);
    buf_free(&error);
    free(params_path);
    free(bytes_path);
    free(error_path);
}

/* Each Response is valid in an envelope of its own. */
static void check_responses(struct bench *b, const char *path, const struct xml_doc *answers)
{
    struct buf err = BUF_INIT;
    size_t count = 0, good = 0;

    for (const struct xml_node *n = xml_first(xml_root(answers)); n != NULL; n = xml_next(n)) {
        const struct xml_node *response = xml_child(n, "Response");
        struct xml_doc *doc = NULL;
        bool valid = false;

        count++;
        if (response == NULL)
            continue;
        must(b, xml_doc_new(&doc, &b->ctx, "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2", "MetaData"));
        must(b, xml_graft(&b->ctx, xml_root(doc), response));
        buf_clear(&err);
        must(b, xml_schema_valid(b->answer, &b->ctx, doc, &valid, &err));
        good += valid;
        if (!valid)
            printf("# %s\n", err.data);
        xml_doc_free(doc);
    }
    b->failed += count == 0 || good != count;
    printf("%s %d - %s: each Response keeps its schema\n", count > 0 && good == count ? "ok" : "not ok",
           ++b->number, strrchr(path, '/') + 1);
    buf_free(&err);
}

static void answer_sample(struct bench *b, const char *path)
{
    struct buf in = BUF_INIT, text = BUF_INIT;
    struct xml_doc *records = NULL, *answers = NULL;
    struct xml_run run = {.codes = b->codes};
    char *expected = sibling(path, ".in.txt", ".out.xml");

    (void)file_read(&in, path, 0);
    must(b, codec_find("fixed")->decode(&records, &b->ctx, b->layout, in.data, in.len));
    compare_twins(b, "transforms/us-ace/answers.xsl", records, &run);
    must(b, xml_transform(&answers, b->answers, &b->ctx, records, &run));
    must(b, xml_write(&text, NULL, &b->ctx, xml_root(answers), true));
    /* a line each, so that the expected files can be read */
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.data[i] == '>' && text.data[i + 1] == '<') {
            struct buf wide = BUF_INIT;

            buf_put(&wide, text.data, i + 1);
            buf_putc(&wide, '\n');
            buf_put(&wide, text.data + i + 1, text.len - i - 1);
            buf_free(&text);
            text = wide;
        }
    }
    buf_putc(&text, '\n');
    verdict(b, path, expected, &text);
    check_responses(b, path, answers);
    xml_doc_free(records);
    xml_doc_free(answers);
    buf_free(&in);
    buf_free(&text);
    free(expected);
}

/* --- what no sample can show --- */

static void say(struct bench *b, bool good, const char *text)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++b->number, text);
    b->failed += !good;
}

/* What comes from settings, parameters or the message itself: the envelope and these. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {"SE10/Filer",     "SE10/EntryNumber", "SE15/NonAms",
                                       "SE20/Qualifier", "SE30/EntityCode",  "SE35/Qualifier1"};

    if (strchr("ABYZ", name[0]) != NULL)
        return true;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (str_eq(name, ours[i]))
            return true;
    }
    return false;
}

/* Every field of the message points at the element of the sender's bytes it was made from. */
static bool row_points(const struct source_row *r, const struct xml_doc *pivot, const struct buf *sent)
{
    struct place place = xml_place_by_src(pivot, r->src);
    const struct xml_node *n = xml_node_by_src(pivot, r->src);
    const char *name = n != NULL ? xml_name(n) : "";

    if (r->src == NULL)
        return is_ours(r->name);
    return place.known && place.offset + 1 + strlen(name) < sent->len && sent->data[place.offset] == '<' &&
           strncmp(sent->data + place.offset + 1, name, strlen(name)) == 0;
}

static void places_test(struct bench *b, const struct xml_doc *pivot, const struct buf *sent,
                        const struct outbound *out)
{
    bool good = out->map.count > 60;

    for (size_t i = 0; i < out->map.count; i++) {
        if (row_points(&out->map.items[i], pivot, sent))
            continue;
        good = false;
        fprintf(stderr, "%s does not point at what it is made from\n", out->map.items[i].name);
    }
    say(b, good, "every field points at the sender's bytes");
}

/* Appends the record ids of a message, without those that are optional where the other has none. */
static void shape(struct buf *out, const char *text)
{
    for (; strlen(text) >= 80; text += strcspn(text, "\n") + (strchr(text, '\n') != NULL)) {
        size_t n = strncmp(text, "SE", 2) == 0 ? 4 : 1;

        if (strncmp(text, "SE11", 4) == 0 || strncmp(text, "SE17", 4) == 0)
            continue;
        buf_put(out, text, n);
        if (n == 4 && (strncmp(text, "SE20", 4) == 0 || strncmp(text, "SE30", 4) == 0))
            buf_put(out, text + 4, 3);
        buf_putc(out, ' ');
    }
}

static void shape_test(struct bench *b, const struct outbound *out)
{
    const char *corpus = getenv("GREENLANE_CORPUS");
    struct buf theirs = BUF_INIT, ours = BUF_INIT, sample = BUF_INIT;
    char *path;

    if (corpus == NULL) {
        printf("ok %d - the shape of a batch # SKIP GREENLANE_CORPUS is not set\n", ++b->number);
        return;
    }
    path = path_join(corpus, "us/constructed/se-add-truck-mx.input.txt");
    (void)file_read(&sample, path, 0);
    shape(&theirs, sample.data != NULL ? sample.data : "");
    shape(&ours, out->bytes.data);
    say(b, theirs.len > 0 && str_eq(theirs.data, ours.data), "the shape of a batch");
    if (!str_eq(theirs.data, ours.data))
        fprintf(stderr, "theirs %s\nours   %s\n", theirs.data, ours.data);
    free(path);
    buf_free(&theirs);
    buf_free(&ours);
    buf_free(&sample);
}

static void example_tests(struct bench *b)
{
    char *path = top_path("examples/declarations/us-truck-entry.xml");
    struct buf in = BUF_INIT, extra = BUF_INIT;
    struct xml_doc *pivot = NULL;
    struct outbound out = {0};

    (void)file_read(&in, path, 0);
    must(b, xml_read(&pivot, &b->ctx, in.data, in.len));
    must(b, release(b, &out, pivot, &extra));
    places_test(b, pivot, &in, &out);
    shape_test(b, &out);
    outbound_free(&out);
    xml_doc_free(pivot);
    buf_free(&in);
    free(path);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n > m && strcmp(text + n - m, end) == 0;
}

int main(void)
{
    struct bench b = {0};
    char *folder = top_path("tests/transforms/us-ace");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);

    bench_open(&b);
    for (int i = 0; i < count; i++) {
        char *path = path_join(folder, entries[i]->d_name);

        if (ends_with(path, ".in.xml"))
            outbound_sample(&b, path);
        else if (ends_with(path, ".in.txt"))
            answer_sample(&b, path);
        free(path);
        free(entries[i]);
    }
    free(entries);
    free(folder);
    example_tests(&b);
    bench_close(&b);
    printf("1..%d\n", b.number);
    return b.failed != 0 || b.number == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
