/*
 * Envelope and syntax of a batch (CBP, ABI Batch and Block Control): A, blocks of B .. Y, Z, and the records between them by the
 * layouts of schemas/us-ace. Any condition rejects the whole batch and nothing in it is looked at further.
 *
 * The narratives of most conditions are not printed in the documents we have; their wording here is ours, the codes are CBP's.
 */
#include "sandbox/ace.h"

#include <stdio.h>
#include <string.h>

#include "codec/layout.h"
#include "util/str.h"

static const struct {
    int code;
    const char *text;
} conditions[] = {
    {3, "BLOCK HEADER (B) MISSING"},
    {4, "NO DETAIL RECORDS IN BLOCK"},
    {5, "BLOCK TRAILER (Y) MISSING"},
    {6, "BATCH TRAILER (Z) MISSING"},
    {9, "SENDER NOT AUTHORIZED"},
    {10, "TRANSMISSION DATE UNKNOWN"},
    {11, "APPLICATION ID MISSING"},
    {12, "NOT A KNOWN ACE APPLICATION ID CODE"},
    {13, "APPLICATION NOT AVAILABLE"},
    {14, "Z-REC DOES NOT MATCH A-REC"},
    {15, "PORT MISSING"},
    {16, "FILER MISSING"},
    {17, "FILER NOT AUTHORIZED"},
    {19, "BLOCK APP ID / BATCH APP ID CONFLICT"},
    {32, "Y-REC DOES NOT MATCH B-REC"},
    {33, "HEADER RECORD MISSING"},
    {34, "UNKNOWN RECORD ID FOUND IN GROUPING"},
    {35, "RECORD OUT OF SEQUENCE"},
    {36, "LOOP EXCEEDED"},
    {37, "REQUIRED RECORD MISSING"},
    {39, "DATA FOUND IN FILLER"},
    {40, "NON-STANDARD DATA"},
    {42, "LAST RECORD LENGTH LESS THAN 80 CHAR"},
};

struct checker {
    const struct sandbox *s;
    const struct lines *l;
    size_t first;    /* line of A */
    int block;       /* the present one, from 1; 0 outside */
    int transaction; /* in it, from 1; 0 outside */
    bool named;      /* X0 of the present block was written */
    struct rejection *why;
};

static void add(struct checker *c, const char line[81])
{
    record_end(&c->why->records, line);
    c->why->count++;
}

static void condition(struct checker *c, int code)
{
    char line[81], text[8];
    const char *narrative = "";
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (conditions[i].code == code) {
            narrative = conditions[i].text;
        }
    }
    record_begin(line, "X1");
    snprintf(text, sizeof text, " FX%02d", code % 100);
    record_put(line, 3, 7, text);
    record_put(line, 11, 50, narrative);
    add(c, line);
}

/* X0 that names the block a condition is about. */
static void name_block(struct checker *c, const char *b)
{
    static const struct {
        int from, to, at;
    } parts[] = {{4, 7, 26},   {8, 10, 31},  {45, 46, 35}, {11, 12, 38}, {60, 80, 41},
                 {47, 50, 63}, {51, 53, 67}, {54, 55, 70}, {56, 56, 72}};
    char line[81], text[32];
    if (c->named) {
        return;
    }
    c->named = true;
    record_begin(line, "X0 BLOCK");
    snprintf(text, sizeof text, "%06d REF ID:", c->block % 1000000);
    record_put(line, 11, 24, text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        columns_get(text, b, parts[i].from, parts[i].to);
        record_put(line, parts[i].at, 80, text);
    }
    add(c, line);
}

/* X0 that names a record and a column of it; the condition follows. */
static void syntax(struct checker *c, const char *b, size_t record, int column, int code)
{
    char line[81], text[48];
    name_block(c, b);
    record_begin(line, "X0 TRNACT");
    snprintf(text, sizeof text, "%06d REF ID: %07zu %02d", c->transaction % 1000000, record % 10000000,
             column % 100);
    record_put(line, 11, 80, text);
    add(c, line);
    condition(c, code);
}

/* One field of a record: 0, or its condition. */
static int judge_field(const struct layout_field *f, const char *line)
{
    char value[81];
    columns_get(value, line, f->from, f->from + f->length - 1);
    size_t n = strlen(value);
    if (f->name == NULL) {
        return n == 0 ? 0 : 39;
    }
    if (n == 0) {
        return f->use == 'M' && !f->blank_allowed ? 40 : 0;
    }
    if (class_misfit(f->accept, value, n) < n) {
        return 40;
    }
    return f->constant != NULL && strcmp(f->constant, value) != 0 ? 40 : 0;
}

static const int by_sequence[] = {
    [SEQUENCE_OK] = 0, [SEQUENCE_UNEXPECTED] = 35, [SEQUENCE_MISSING] = 37, [SEQUENCE_TOO_MANY] = 36};

/* A record by its layout and its place. False when it is wrong and was said to be. */
static bool judge_record(struct checker *c, struct sequence *seq, const char *b, size_t i)
{
    const char *line = c->l->at[i];
    size_t number = i - c->first + 1;
    const struct layout_record *r = layout_record_match(c->s->layout, "SE", line);
    if (r == NULL) {
        syntax(c, b, number, 0, 34);
        return false;
    }
    int code = by_sequence[sequence_next(seq, r->name)];
    if (code != 0) {
        syntax(c, b, number, 0, code);
        return false;
    }
    bool good = true;
    for (size_t k = 0; k < r->count; k++) {
        code = judge_field(&r->fields[k], line);
        if (code != 0) {
            syntax(c, b, number, r->fields[k].from, code);
            good = false;
        }
    }
    return good;
}

/* The B record, before its block is looked into. */
static void judge_block(struct checker *c, const char *b)
{
    char filer[4], site[5], id[4];
    const char *a = c->l->at[c->first];
    columns_get(filer, b, 8, 10);
    columns_get(site, a, 2, 5);
    columns_get(id, a, 6, 8);
    const struct transmitter *t = accounts_transmitter(&c->s->accounts, site, id);
    int codes[4], n = 0;
    if (columns_blank(b, 4, 7)) {
        codes[n++] = 15;
    }
    if (columns_blank(b, 8, 10)) {
        codes[n++] = 16;
    } else if (t != NULL && !accounts_has_filer(t, filer)) {
        codes[n++] = 17;
    }
    if (memcmp(b + 10, a + 25, 2) != 0) {
        codes[n++] = 19;
    }
    for (int i = 0; i < n; i++) {
        name_block(c, b);
        condition(c, codes[i]);
    }
}

static void judge_trailer(struct checker *c, const char *b, const char *y, bool detail)
{
    if (!detail) {
        name_block(c, b);
        condition(c, 4);
    }
    if (!columns_same(b, y, 4, 12) || !columns_same(b, y, 45, 46)) {
        name_block(c, b);
        condition(c, 32);
    }
}

/* Goes through a block that begins at line `i`; the line after it. */
static size_t judge_block_lines(struct checker *c, struct sequence *seq, size_t i, size_t end)
{
    const char *b = c->l->at[i];
    c->block++;
    c->transaction = 0;
    c->named = false;
    judge_block(c, b);
    bool readable = judge_record(c, seq, b, i);
    for (i++; i < end && c->l->at[i][0] != 'Z' && c->l->at[i][0] != 'B'; i++) {
        if (c->l->at[i][0] == 'Y') {
            judge_trailer(c, b, c->l->at[i], c->transaction > 0);
            if (readable) {
                judge_record(c, seq, b, i);
            }
            return i + 1;
        }
        c->transaction += strncmp(c->l->at[i], "SE10", 4) == 0;
        /* After a record that does not belong there, what follows cannot be judged. */
        readable = readable && judge_record(c, seq, b, i);
    }
    name_block(c, b);
    condition(c, 5);
    return i;
}

/* The A record. False when nothing after it can be judged. */
static bool judge_header(struct checker *c)
{
    const char *a = c->l->at[c->first];
    char password[7], site[5], id[4], date[7], app[3];
    if (a[0] != 'A') {
        condition(c, 33);
        return false;
    }
    columns_get(site, a, 2, 5);
    columns_get(id, a, 6, 8);
    columns_get(password, a, 9, 14);
    columns_get(date, a, 15, 20);
    columns_get(app, a, 26, 27);
    const struct transmitter *t = accounts_transmitter(&c->s->accounts, site, id);
    if (t == NULL || strcmp(t->password, password) != 0) {
        condition(c, 9);
    }
    if (date[0] != '\0' && class_misfit(CLASS_D, date, strlen(date)) < strlen(date)) {
        condition(c, 10);
    }
    if (app[0] == '\0') {
        condition(c, 11);
        return false;
    }
    if (strcmp(app, "SE") != 0) {
        condition(c, strcmp(app, "AE") == 0 ? 13 : 12);
        return false;
    }
    return true;
}

static void judge_end(struct checker *c, size_t i, size_t end)
{
    const char *a = c->l->at[c->first];
    if (i >= end || c->l->at[i][0] != 'Z') {
        condition(c, 6);
    } else if (!columns_same(a, c->l->at[i], 2, 8) || !columns_same(a, c->l->at[i], 15, 20)) {
        condition(c, 14);
    } else if (i + 1 < end) {
        condition(c, 33);
    }
    if (end == c->l->count && c->l->last_short) {
        condition(c, 42);
    }
}

bool envelope_check(const struct sandbox *s, const struct lines *l, size_t first, size_t end,
                    struct rejection *why)
{
    struct checker c = {.s = s, .l = l, .first = first, .why = why};
    const struct layout_structure *structure = layout_structure_find(s->layout, "SE", 2);
    struct sequence seq;
    if (structure == NULL || !judge_header(&c)) {
        return false;
    }
    sequence_start(&seq, structure);
    sequence_next(&seq, "A");
    size_t i = first + 1;
    if (i >= end || l->at[i][0] != 'B') {
        condition(&c, 3);
        return false;
    }
    while (i < end && l->at[i][0] == 'B') {
        i = judge_block_lines(&c, &seq, i, end);
    }
    judge_end(&c, i, end);
    return why->count == 0;
}
