/*
 * Judges the samples of a rule set with the gateway's own rule engine.
 *
 *   rules SAMPLES.tsv FOLDER TROUBLE CODES COMPILER RULES...
 *
 * For each line of the table FOLDER/valid/RULE.xml must not break RULE, and FOLDER/invalid/RULE.xml must break it and
 * nothing else but the rules the line excuses, at the element the line names, with a place and a text in both languages.
 * TROUBLE is how many complaints the making of the samples had; they are the first test. The clock stands still.
 * Of each sample MUTANTS are made (always the same ones): what is found in them must not depend on the plan of the rules.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "core/finding.h"
#include "util/file.h"
#include "xml/reader.h"
#include "xml/rules.h"
#include "xml/run.h"
#include "xml/transform.h"

enum { COLUMNS = 6, MUTANTS = 6 };

struct sample {
    char *rule, *base, *good, *bad, *at, *also;
};

struct bench {
    struct options options;
    struct clock_source clock;
    struct gln_context ctx;
    struct xml_codes *codes;
    struct xml_rules *rules;
    const char *folder;
    unsigned number, failed;
};

static void say(struct bench *b, bool good, const char *rule, const char *what)
{
    printf("%s %u - %s: %s\n", good ? "ok" : "not ok", ++b->number, rule, what);
    b->failed += !good;
}

/* The plan only says where to look: asked of every element, the stylesheet finds just the same. */
static bool same_without_plan(struct bench *b, const struct xml_doc *doc, const struct xml_run *run,
                              const struct findings *found)
{
    struct rules_plan *plan = b->rules->plan;
    struct findings all = {0};
    bool same;

    b->rules->plan = NULL;
    same = xml_rules_check(b->rules, &b->ctx, doc, run, &all) == GLN_OK && all.count == found->count;
    b->rules->plan = plan;
    for (size_t i = 0; same && i < all.count; i++) {
        same = strcmp(all.items[i].rule, found->items[i].rule) == 0 &&
               all.items[i].place.offset == found->items[i].place.offset;
    }
    findings_free(&all);
    return same;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One leaf of the document, picked at random, gets another value, stands twice or not at all. */
static void mutate(struct buf *out, const struct buf *in, uint32_t *seed)
{
    static const char *const values[] = {"",       "0",        "-1",       "1.5",      "999999999999999999",
                                         "USD",    "MX",       "20250230", "\xC3\x91", "<?part x?>",
                                         "US.ETA", "20250301", "GN",       "Z.Z"};
    const char *from = in->data + next_random(seed) % in->len;
    const char *close = strstr(from, "</");
    const char *open = close;

    while (open != NULL && open > in->data && *open != '>') {
        open--;
    }
    const char *start = open;
    while (start != NULL && start > in->data && *start != '<') {
        start--;
    }
    const char *end = close == NULL ? NULL : strchr(close, '>');
    unsigned what = next_random(seed) % 8;
    if (end == NULL || start[1] == '/' || open[-1] == '/') {
        buf_put(out, in->data, in->len);
        return;
    }
    end++;
    buf_put(out, in->data, (size_t)(start - in->data));
    if (what == 0) {
        buf_put(out, start, (size_t)(end - start));
        buf_put(out, start, (size_t)(end - start));
    } else if (what > 1) {
        buf_put(out, start, (size_t)(open + 1 - start));
        if (what > 5) {
            buf_puts(out, " \n");
            buf_put(out, open + 1, (size_t)(close - open - 1));
        }
        buf_puts(out, values[next_random(seed) % (sizeof values / sizeof values[0])]);
        buf_put(out, close, (size_t)(end - close));
    }
    buf_puts(out, end);
}

static bool mutants_agree(struct bench *b, const struct buf *sample, const struct xml_run *run)
{
    uint32_t seed = (uint32_t)sample->len;
    bool good = true;

    for (int i = 0; good && i < MUTANTS; i++) {
        struct findings found = {0};
        struct buf bytes = BUF_INIT;
        struct xml_doc *doc = NULL;

        mutate(&bytes, sample, &seed);
        if (xml_read_compact(&doc, &b->ctx, bytes.data, bytes.len) == GLN_OK) {
            good = xml_rules_check(b->rules, &b->ctx, doc, run, &found) == GLN_OK &&
                   same_without_plan(b, doc, run, &found);
        }
        if (!good) {
            printf("# the plan changes what is found in:\n# %s\n", bytes.data);
        }
        findings_free(&found);
        xml_doc_free(doc);
        buf_free(&bytes);
    }
    return good;
}

/* Reads a sample and judges it; false when that did not run. */
static bool judge(struct bench *b, const char *kind, const char *rule, struct findings *out)
{
    struct xml_run run = {b->codes, NULL, NULL};
    struct buf bytes = BUF_INIT;
    struct xml_doc *doc = NULL;
    char path[512];
    int status;

    snprintf(path, sizeof path, "%s/%s/%s.xml", b->folder, kind, rule);
    status = file_read(&bytes, path, 0) == 0 ? GLN_OK : GLN_E_INPUT;
    if (status == GLN_OK) {
        status = xml_read(&doc, &b->ctx, bytes.data, bytes.len);
    }
    if (status == GLN_OK) {
        status = xml_rules_check(b->rules, &b->ctx, doc, &run, out);
    }
    if (status != GLN_OK) {
        printf("# %s: %s\n", path, context_text(&b->ctx, LANG_EN));
    }
    if (status == GLN_OK && !same_without_plan(b, doc, &run, out)) {
        printf("# %s: the plan changes what is found\n", path);
        status = GLN_E_INTERNAL;
    }
    if (status == GLN_OK && !mutants_agree(b, &bytes, &run)) {
        status = GLN_E_INTERNAL;
    }
    xml_doc_free(doc);
    buf_free(&bytes);
    return status == GLN_OK;
}

/* The last name of an XPath, without position and namespace prefix. */
static bool path_ends_in(const char *xpath, const char *name)
{
    const char *last = xpath == NULL ? NULL : strrchr(xpath, '/');
    size_t len;

    if (last == NULL) {
        return false;
    }
    last++;
    if (strchr(last, ':') != NULL) {
        last = strchr(last, ':') + 1;
    }
    len = strcspn(last, "[");
    return strlen(name) == len && strncmp(last, name, len) == 0;
}

static bool told_well(const struct finding *f, const char *at)
{
    return f->place.known && f->place.line > 1 && path_ends_in(f->xpath, at) && f->text[LANG_EN][0] != '\0' &&
           f->text[LANG_ES][0] != '\0' && strcmp(f->text[LANG_EN], f->text[LANG_ES]) != 0;
}

static void show(const struct findings *list)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        printf("# found %s at %s (line %u): %s\n", list->items[i].rule,
               list->items[i].xpath == NULL ? "?" : list->items[i].xpath, list->items[i].place.line,
               list->items[i].text[LANG_EN]);
    }
}

static void try_valid(struct bench *b, const struct sample *s)
{
    struct findings found = {0};
    bool good = judge(b, "valid", s->rule, &found);
    size_t i;

    for (i = 0; i < found.count; i++) {
        good = good && strcmp(found.items[i].rule, s->rule) != 0;
    }
    say(b, good, s->rule, "the valid sample keeps it");
    if (!good) {
        show(&found);
    }
    findings_free(&found);
}

static void try_invalid(struct bench *b, const struct sample *s)
{
    struct findings found = {0};
    bool good = judge(b, "invalid", s->rule, &found);
    bool seen = false;
    size_t i;

    for (i = 0; i < found.count; i++) {
        const struct finding *f = &found.items[i];
        bool own = strcmp(f->rule, s->rule) == 0;

        good = good && (own ? told_well(f, s->at) : strstr(s->also, f->rule) != NULL);
        seen = seen || own;
    }
    say(b, good && seen, s->rule, "the invalid sample breaks it, and only it, where it says");
    if (!good || !seen) {
        show(&found);
    }
    findings_free(&found);
}

/* Splits a line at its tabs; false when it has not as many columns as it should. */
static bool split(char *line, struct sample *s)
{
    char *columns[COLUMNS];
    unsigned count = 0;

    line[strcspn(line, "\n")] = '\0';
    while (line != NULL && count < COLUMNS) {
        columns[count++] = line;
        line = strchr(line, '\t');
        if (line != NULL) {
            *line++ = '\0';
        }
    }
    if (count != COLUMNS || line != NULL) {
        return false;
    }
    *s = (struct sample){columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]};
    return true;
}

static int run_samples(struct bench *b, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;

    if (file == NULL) {
        printf("Bail out! cannot read %s\n", path);
        return -1;
    }
    while (getline(&line, &size, file) > 0) {
        struct sample s;

        if (line[0] == '#') {
            continue;
        }
        if (!split(line, &s)) {
            say(b, false, line, "the line of the table has six columns");
            continue;
        }
        try_valid(b, &s);
        try_invalid(b, &s);
    }
    free(line);
    fclose(file);
    return 0;
}

int main(int argc, char **argv)
{
    struct bench b = {.clock = {.frozen = true, .frozen_ms = 1784894400000}}; /* 2026-07-24T12:00:00Z */
    int status;

    if (argc < 7) {
        fprintf(stderr, "usage: rules SAMPLES.tsv FOLDER TROUBLE CODES COMPILER RULES...\n");
        return 2;
    }
    if (options_init(&b.options) != GLN_OK) {
        return 3;
    }
    context_init(&b.ctx, &b.options);
    b.ctx.clock = &b.clock;
    b.folder = argv[2];
    status = xml_codes_load(&b.codes, &b.ctx, argv[4]);
    if (status == GLN_OK) {
        status = xml_rules_load(&b.rules, &b.ctx, argv[5], (const char *const *)&argv[6]);
    }
    if (status != GLN_OK) {
        printf("Bail out! %s\n", context_text(&b.ctx, LANG_EN));
    } else {
        say(&b, strcmp(argv[3], "0") == 0, "samples", "the making of them had no complaint");
        status = run_samples(&b, argv[1]);
        printf("1..%u\n", b.number);
    }
    xml_rules_free(b.rules);
    xml_codes_free(b.codes);
    context_clear(&b.ctx);
    options_free(&b.options);
    return status != GLN_OK || b.failed != 0;
}
