/* Bundles: those of the project say of the example declarations what they should; broken ones are refused with file and line. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "route/route.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

static Suite *route_suite(void);

struct fixture {
    struct options options;
    struct gln_context ctx;
    struct xml_codes *codes;
    struct route_table *table;
    char dir[256];
};

static char *data_path(const char *name)
{
    const char *data = getenv("GREENLANE_DATADIR");

    return path_join(data != NULL ? data : ".", name);
}

static int load(struct fixture *f, const char *transforms)
{
    char *schema = data_path("schemas/greenlane/destination.xsd");
    char *compiler = data_path("schemas/greenlane/compile-rules.xsl");
    char *core = data_path("schemas/wco/rules/wco-core.sch");
    char *keys = data_path("schemas/greenlane/keys.xml");
    const char *const rules[] = {core, keys, NULL};
    int status = route_load(&f->table, &f->ctx, transforms, schema, compiler, rules);

    free(schema);
    free(compiler);
    free(core);
    free(keys);
    return status;
}

static void setup(struct fixture *f)
{
    char *codes = data_path("schemas/codes");
    const char *tmp = getenv("TMPDIR");

    memset(f, 0, sizeof *f);
    ck_assert_int_eq(options_init(&f->options), GLN_OK);
    context_init(&f->ctx, &f->options);
    ck_assert_msg(xml_codes_load(&f->codes, &f->ctx, codes) == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    snprintf(f->dir, sizeof f->dir, "%s/route-XXXXXX", tmp != NULL ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(f->dir));
    free(codes);
}

static void teardown(struct fixture *f)
{
    route_free(f->table);
    xml_codes_free(f->codes);
    context_clear(&f->ctx);
    options_free(&f->options);
}

static void load_ours(struct fixture *f)
{
    char *transforms = data_path("transforms");

    ck_assert_msg(load(f, transforms) == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    free(transforms);
}

static struct xml_doc *example(struct fixture *f, const char *name)
{
    char path[128];
    char *full;
    struct xml_doc *doc = NULL;

    snprintf(path, sizeof path, "examples/declarations/%s", name);
    full = data_path(path);
    ck_assert_msg(xml_read_file(&doc, &f->ctx, full) == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    free(full);
    return doc;
}

START_TEST(finds_the_bundles)
{
    struct fixture f;

    setup(&f);
    load_ours(&f);
    ck_assert_uint_ge(route_count(f.table), 2);
    ck_assert_ptr_nonnull(route_find(f.table, "us-ace"));
    ck_assert_ptr_nonnull(route_find(f.table, "mx-vucem"));
    ck_assert_ptr_null(route_find(f.table, "atlantis"));
    ck_assert_ptr_null(route_at(f.table, route_count(f.table)));
    ck_assert_ptr_null(route_message(route_find(f.table, "us-ace"), "nonsense"));
    ck_assert_str_eq(route_find(f.table, "mx-vucem")->country, "MX");
    ck_assert_ptr_nonnull(route_find(f.table, "mx-vucem")->title[LANG_ES]);
    teardown(&f);
}
END_TEST

static const struct {
    const char *file, *destination, *message, *principal, *number, *action;
} seen[] = {
    {"us-truck-entry.xml", "us-ace", "cargo-release", "", "", "add"},
    {"us-truck-entry-numbered.xml", "us-ace", "cargo-release", "9ZZ", NULL, "add"},
    {"us-replace.xml", "us-ace", "cargo-release", "9ZZ", "9ZZ00000128", "replace"},
    {"us-update.xml", "us-ace", "cargo-release", "9ZZ", "9ZZ00000128", "update"},
    {"us-cancel.xml", "us-ace", "cargo-release", "9ZZ", "9ZZ00000128", "cancel"},
    {"mx-import-cove.xml", "mx-vucem", "cove", "AAFI800101QZ6", "", "add"},
};

/* The questions are asked without a stylesheet; the stylesheet must say just the same. */
static void probe_by_stylesheet(struct fixture *f, const struct route_destination *d,
                                const struct route_message *m, const struct xml_doc *doc,
                                const struct route_probe *p)
{
    struct route_destination plain = *d;
    struct route_probe same;

    ck_assert_ptr_nonnull(d->probe_asks);
    plain.probe_asks = NULL;
    ck_assert_int_eq(route_probe(&same, &f->ctx, &plain, doc, f->codes), GLN_OK);
    ck_assert_str_eq(same.principal, p->principal);
    ck_assert_int_eq(route_probe_applies(&same, m), route_probe_applies(p, m));
    ck_assert_str_eq(route_probe_number(&same, m), route_probe_number(p, m));
    ck_assert_str_eq(route_probe_key(&same, m), route_probe_key(p, m));
    ck_assert_str_eq(route_probe_deadline(&same, m), route_probe_deadline(p, m));
    ck_assert_ptr_eq(route_probe_action(&same, m), route_probe_action(p, m));
    route_probe_free(&same);
}

START_TEST(probes_the_examples)
{
    struct fixture f;
    const struct route_destination *d;
    const struct route_message *m;
    const struct route_action *action;
    struct route_probe p;
    struct xml_doc *doc;

    setup(&f);
    load_ours(&f);
    d = route_find(f.table, seen[_i].destination);
    m = route_message(d, seen[_i].message);
    ck_assert_ptr_nonnull(m);
    doc = example(&f, seen[_i].file);
    ck_assert_msg(route_probe(&p, &f.ctx, d, doc, f.codes) == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
    ck_assert(route_probe_applies(&p, m));
    ck_assert_str_eq(p.principal, seen[_i].principal);
    if (seen[_i].number != NULL)
        ck_assert_str_eq(route_probe_number(&p, m), seen[_i].number);
    else
        ck_assert_uint_eq(strlen(route_probe_number(&p, m)), 11);
    action = route_probe_action(&p, m);
    ck_assert_ptr_nonnull(action);
    ck_assert_str_eq(action->name, seen[_i].action);
    probe_by_stylesheet(&f, d, m, doc, &p);
    route_probe_free(&p);
    xml_doc_free(doc);
    teardown(&f);
}
END_TEST

START_TEST(makes_an_entry_number_with_its_digit)
{
    struct fixture f;
    const struct route_destination *d;
    struct buf number = BUF_INIT;
    const char *const params[] = {"principal", "9ZZ", "year", "0", NULL};

    setup(&f);
    load_ours(&f);
    d = route_find(f.table, "us-ace");
    ck_assert_msg(route_make_number(&number, &f.ctx, d, route_series(d, "entry-number"), "0000012", params) ==
                      GLN_OK,
                  "%s", context_text(&f.ctx, LANG_EN));
    ck_assert_str_eq(number.data, "9ZZ00000128");
    buf_clear(&number);
    ck_assert_ptr_nonnull(d->maker_asks);
    struct route_destination plain = *d; /* the stylesheet says the same */
    plain.maker_asks = NULL;
    ck_assert_int_eq(
        route_make_number(&number, &f.ctx, &plain, route_series(d, "entry-number"), "0000012", params),
        GLN_OK);
    ck_assert_str_eq(number.data, "9ZZ00000128");
    buf_free(&number);
    teardown(&f);
}
END_TEST

/* A small good bundle; each bad one differs from it by one replacement. */
static const char good[] =
    "<destination xmlns='urn:greenlane:destination:1' name='tiny' country='ZZ' zone='UTC'>\n"
    "<title xml:lang='en'>Tiny</title><title xml:lang='es'>Chico</title>\n"
    "<principal from='dec:ID'/>\n"
    "<practice principal='P' role='filer'/>\n"
    "<series kind='n' width='3'/>\n"
    "<message name='m' default='yes'>\n"
    "<when test=\"dec:TypeCode = 'IMA'\"/>\n"
    "<action function='9' name='add'/>\n"
    "<number from='dec:ID' series='n'/>\n"
    "<transform href='t.xsl'/>\n"
    "<codec name='xml'/>\n"
    "<carrier endpoint='submit'/>\n"
    "<doubt><send action='add' as='add'/></doubt>\n"
    "</message>\n"
    "</destination>\n";
static const char sheet[] = "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
                            "<xsl:template match='/'><o/></xsl:template></xsl:stylesheet>";

static void write_bundle(struct fixture *f, const char *folder, const char *old, const char *new)
{
    struct buf text = BUF_INIT;
    char path[512];
    const char *at = old != NULL ? strstr(good, old) : NULL;

    if (old != NULL) {
        ck_assert_ptr_nonnull(at);
        buf_put(&text, good, (size_t)(at - good));
        buf_puts(&text, new);
        buf_puts(&text, at + strlen(old));
    } else {
        buf_puts(&text, good);
    }
    snprintf(path, sizeof path, "%s/%s", f->dir, folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/%s/destination.xml", f->dir, folder);
    ck_assert_int_eq(file_write(path, text.data, text.len, 0600), 0);
    snprintf(path, sizeof path, "%s/%s/t.xsl", f->dir, folder);
    ck_assert_int_eq(file_write(path, sheet, sizeof sheet - 1, 0600), 0);
    buf_free(&text);
}

START_TEST(a_small_bundle_is_enough)
{
    struct fixture f;
    const struct route_message *m;

    setup(&f);
    write_bundle(&f, "tiny", NULL, NULL);
    ck_assert_msg(load(&f, f.dir) == GLN_OK, "%s", context_text(&f.ctx, LANG_EN));
    ck_assert_uint_eq(route_count(f.table), 1);
    m = route_message(route_at(f.table, 0), "m");
    ck_assert_int_eq(m->retry_times, 8);
    ck_assert_int_eq(m->retry_first_ms, 5000);
    ck_assert_int_eq(m->overdue_ms, 0);
    ck_assert_int_eq(m->doubt_after_ms, 1800000);
    ck_assert_str_eq(route_action(m, "add")->doubt_as, "add");
    ck_assert_ptr_null(route_action(m, "drop"));
    ck_assert_ptr_null(m->seal.kind);
    ck_assert_ptr_eq(m->series, route_series(route_at(f.table, 0), "n"));
    teardown(&f);
}
END_TEST

static const struct {
    const char *what, *old, *new, *said;
} broken[] = {
    {"unknown element", "<practice", "<practise", "destination.xml"},
    {"no second title", "<title xml:lang='es'>Chico</title>", "", "destination.xml"},
    {"a bad duration", "<doubt>", "<doubt after='soon'>", "destination.xml"},
    {"a codec that is not there", "name='xml'", "name='morse'", "morse"},
    {"a layout that is not there", "name='xml'", "name='xml' layout='ace'", "ace"},
    {"a series that is not there", "series='n'", "series='k'", "'k'"},
    {"doubt of no action", "action='add' as", "action='drop' as", "'drop'"},
    {"doubt as no action", "as='add'", "as='resend'", "'resend'"},
    {"an XPath that does not compile", "from='dec:ID'/>\n<practice", "from='dec:ID['/>\n<practice", "XPath"},
    {"a prefix nobody declared", "test=\"dec:TypeCode", "test=\"foo:TypeCode", "XPath"},
    {"a stylesheet that is not there", "href='t.xsl'", "href='u.xsl'", "u.xsl"},
    {"a name that is not its folder's", "name='tiny'", "name='huge'", "huge"},
    {"not well-formed", "</destination>", "", "destination.xml"},
};

START_TEST(a_broken_bundle_is_refused)
{
    struct fixture f;
    int status;

    setup(&f);
    write_bundle(&f, "tiny", broken[_i].old, broken[_i].new);
    status = load(&f, f.dir);
    ck_assert_msg(status == GLN_E_CONFIG || status == GLN_E_INPUT, "%s: %d", broken[_i].what, status);
    ck_assert_ptr_null(f.table);
    ck_assert_msg(strstr(context_text(&f.ctx, LANG_EN), broken[_i].said) != NULL, "%s: %s", broken[_i].what,
                  context_text(&f.ctx, LANG_EN));
    ck_assert_uint_gt(strlen(context_text(&f.ctx, LANG_ES)), 0);
    teardown(&f);
}
END_TEST

START_TEST(a_folder_that_is_not_there)
{
    struct fixture f;

    setup(&f);
    ck_assert_int_eq(load(&f, "/nowhere/at/all"), GLN_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(context_text(&f.ctx, LANG_EN), "/nowhere/at/all"));
    teardown(&f);
}
END_TEST

static Suite *route_suite(void)
{
    Suite *suite = suite_create("route");
    TCase *tcase = tcase_create("route");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, finds_the_bundles);
    tcase_add_loop_test(tcase, probes_the_examples, 0, (int)(sizeof seen / sizeof seen[0]));
    tcase_add_test(tcase, makes_an_entry_number_with_its_digit);
    tcase_add_test(tcase, a_small_bundle_is_enough);
    tcase_add_loop_test(tcase, a_broken_bundle_is_refused, 0, (int)(sizeof broken / sizeof broken[0]));
    tcase_add_test(tcase, a_folder_that_is_not_there);
    suite_add_tcase(suite, tcase);
    return suite;
}

UNIT_MAIN(route_suite)
