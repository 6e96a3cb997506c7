/*
 * Business rules (xml/rules.h): Schematron files and key lists, compiled by a stylesheet of ours into one stylesheet, and
 * what that says of a declaration.
 *
 * The declaration is walked once by a plan (xml/rules_plan.c) that only asks whether all holds at an element; the stylesheet is
 * run for those where it does not, and only it makes findings. In it what cannot be computed is empty instead of an error, for the schema has
 * said already that it is no number. Its result is a list of findings in urn:greenlane:findings:1; anything
 * else in it is a fault of the compiler and fails the check: a rule must not be lost quietly.
 */
#include "xml/rules.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/reader.h"
#include "xml/run.h"

#define RULES_NS "urn:greenlane:rules:1"
#define FINDINGS_NS "urn:greenlane:findings:1"

/** <rule-sets> with the root of each file. */
static int gather(struct xml_doc **out, struct gln_context *ctx, const char *const *paths)
{
    int rc = xml_doc_new(out, ctx, RULES_NS, "rule-sets");
    for (; rc == GLN_OK && *paths != NULL; paths++) {
        struct xml_doc *file;
        rc = xml_read_file(&file, ctx, *paths);
        if (rc == GLN_OK)
            rc = xml_graft(ctx, xml_root(*out), xml_root(file));
        xml_doc_free(file);
    }
    return rc;
}

int xml_rules_load(struct xml_rules **out, struct gln_context *ctx, const char *compiler,
                   const char *const *paths)
{
    struct xml_stylesheet *make = NULL;
    struct xml_doc *sets = NULL, *compiled = NULL;
    struct xml_rules *r = calloc(1, sizeof *r);
    *out = NULL;
    int rc = r != NULL ? xml_stylesheet_load(&make, ctx, compiler) : context_no_memory(ctx);
    if (rc == GLN_OK)
        rc = gather(&sets, ctx, paths);
    if (rc == GLN_OK) {
        rc = xml_transform(&compiled, make, ctx, sets, NULL);
        if (rc == GLN_E_INTERNAL || rc == GLN_E_INPUT)
            rc = context_fail(ctx, GLN_E_CONFIG, MSG_XML_RULES, paths[0], context_text(ctx, LANG_EN));
    }
    if (rc == GLN_OK)
        rc = rules_plan_read(&r->plan, ctx, compiled);
    if (rc == GLN_OK)
        rc = xml_stylesheet_from(&r->sheet, ctx, compiled, paths[0]);
    if (rc == GLN_OK)
        *out = TAKE(&r);
    xml_doc_free(sets);
    xml_doc_free(compiled);
    xml_stylesheet_free(make);
    xml_rules_free(r);
    return rc;
}

void xml_rules_free(struct xml_rules *r)
{
    if (r == NULL)
        return;
    xml_stylesheet_free(r->sheet);
    rules_plan_free(r->plan);
    free(r);
}

static bool severity_of(enum gln_severity *out, const char *text)
{
    static const char *const names[] = {"info", "warning", "error"};
    for (size_t i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0) {
            *out = (enum gln_severity)i;
            return true;
        }
    }
    return false;
}

/** Blanks of the rule file's layout collapse. */
static char *tidy(const char *text)
{
    struct buf b = BUF_INIT;
    buf_reserve(&b, strlen(text) + 1);
    while (*text != '\0') {
        size_t blanks = strspn(text, " \t\r\n");
        size_t plain = strcspn(text + blanks, " \t\r\n");
        if (blanks > 0 && b.len > 0 && plain > 0)
            buf_putc(&b, ' ');
        buf_put(&b, text + blanks, plain);
        text += blanks + plain;
    }
    return buf_take(&b, NULL);
}

static const char *not_empty(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

static int add_finding(const struct xml_rules *r, struct gln_context *ctx, const struct xml_doc *pivot,
                       const struct xml_node *n, struct findings *out)
{
    char *text[LANG_COUNT] = {NULL, NULL};
    struct finding f = {.rule = xml_attr(n, "rule"),
                        .place = xml_place_by_src(pivot, xml_attr(n, "src")),
                        .xpath = not_empty(xml_attr(n, "xpath")),
                        .field = not_empty(xml_attr(n, "field"))};
    for (const struct xml_node *t = xml_first(n); t != NULL; t = xml_next(t)) {
        const char *lang = xml_attr_ns(t, "http://www.w3.org/XML/1998/namespace", "lang");
        int i = str_eq(lang, "es") ? LANG_ES : LANG_EN;
        free(text[i]);
        text[i] = tidy(xml_text(t));
    }
    if (text[LANG_ES] == NULL && text[LANG_EN] != NULL)
        text[LANG_ES] = str_dup(text[LANG_EN]);
    int rc;
    if (f.rule == NULL || !severity_of(&f.severity, xml_attr(n, "severity")) || text[LANG_EN] == NULL ||
        text[LANG_ES] == NULL) {
        rc = context_fail(ctx, GLN_E_INTERNAL, MSG_XML_FINDING, r->sheet->name);
    } else {
        f.text[LANG_EN] = text[LANG_EN];
        f.text[LANG_ES] = text[LANG_ES];
        rc = findings_add(out, &f) == GLN_OK ? GLN_OK : context_no_memory(ctx);
    }
    free(text[LANG_EN]);
    free(text[LANG_ES]);
    return rc;
}

/** What the stylesheet says of some elements. */
static int judge(const struct xml_rules *r, struct gln_context *ctx, const struct xml_doc *pivot,
                 const struct xml_run *run, const struct elements *unsound, struct findings *out)
{
    struct xml_doc *result = NULL;
    xmlDocPtr tree;
    size_t most = (size_t)option_int(ctx->options, OPT_MAX_FINDINGS);
    int rc = run_sheet(&tree, r->sheet, ctx, pivot, run, unsound);
    if (rc == GLN_OK)
        rc = xml_doc_adopt(&result, ctx, tree);
    const struct xml_node *root = rc == GLN_OK ? xml_root(result) : NULL;
    if (rc == GLN_OK && (root == NULL || !xml_is(root, "findings") || strcmp(xml_ns(root), FINDINGS_NS) != 0))
        rc = context_fail(ctx, GLN_E_INTERNAL, MSG_XML_FINDING, r->sheet->name);
    for (const struct xml_node *n = xml_first(root); n != NULL && rc == GLN_OK; n = xml_next(n)) {
        if (out->count >= most) {
            out->cut = true;
            break;
        }
        rc = add_finding(r, ctx, pivot, n, out);
    }
    xml_doc_free(result);
    return rc;
}

int xml_rules_check(const struct xml_rules *r, struct gln_context *ctx, const struct xml_doc *pivot,
                    const struct xml_run *run, struct findings *out)
{
    enum { AT_ONCE = 256 }; /* a document where everything is wrong is not judged to its end */
    struct elements unsound = {0};
    int rc = rules_plan_ask(&unsound, r->plan, ctx, pivot, run);
    for (size_t i = 0; i < unsound.count && rc == GLN_OK && !out->cut; i += AT_ONCE) {
        size_t left = unsound.count - i;
        struct elements some = {unsound.items + i, left < AT_ONCE ? left : AT_ONCE, 0};
        rc = judge(r, ctx, pivot, run, &some, out);
    }
    free(unsound.items);
    return rc;
}
