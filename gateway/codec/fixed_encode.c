/*
 * Codec `fixed`, tree -> bytes. The tree is <records><batch application="SE">...</batch></records> in urn:greenlane:records:1:
 * elements named after records, grouped or not, each with elements named after fields. Every value is judged by
 * character class and by length in characters; a value that does not fit is an error that says where the sender wrote it
 * (gln:src of the field, else of what is around it), and nothing is cut. The order and number of records is checked by the
 * structure of the application. An element with gln:secret is written as asterisks and its place noted.
 *
 * With a list of findings (fixed_check) all misfits are collected; without one the first ends the work.
 */
#include "codec/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/decimal.h"
#include "util/str.h"

struct encoder {
    struct gln_context *ctx;
    const struct layout *l;
    const struct xml_doc *source;
    struct outbound *out;
    struct findings *findings; /**< NULL: stop at the first misfit */
    const char *application;
    struct sequence sequence;
    uint32_t number; /**< of the record, from 1 */
};

/* The place in the sender's bytes: of the element, else of the nearest one around it that has one. */
static const char *src_of(const struct xml_node *n)
{
    for (; n != NULL; n = xml_parent(n)) {
        const char *src = xml_attr_ns(n, GLN_NS, "src");

        if (src != NULL && src[0] != '\0')
            return src;
    }
    return NULL;
}

static int misfit(struct encoder *e, const struct xml_node *at, const char *rule, const char *field,
                  enum message_id id, const char *const *args, size_t n)
{
    const char *src = e->source != NULL ? src_of(at) : NULL;
    struct place place = src != NULL ? xml_place_by_src(e->source, src) : PLACE_NONE;
    struct buf text[LANG_COUNT] = {BUF_INIT, BUF_INIT};
    struct buf xpath = BUF_INIT;
    struct finding f = {0};
    const struct xml_node *node;
    int status;

    if (e->findings == NULL)
        return context_fail_args(e->ctx, GLN_E_INPUT, place, id, args, n);
    for (int i = 0; i < LANG_COUNT; i++)
        message_put(&text[i], id, i, args, n);
    node = src != NULL ? xml_node_by_src(e->source, src) : NULL;
    if (node != NULL)
        xml_path(&xpath, node);
    f.rule = rule;
    f.severity = GLN_ERROR;
    f.place = place;
    f.xpath = xpath.len != 0 ? xpath.data : NULL;
    f.field = field;
    for (int i = 0; i < LANG_COUNT; i++)
        f.text[i] = text[i].data != NULL ? text[i].data : "";
    status = findings_add(e->findings, &f);
    for (int i = 0; i < LANG_COUNT; i++)
        buf_free(&text[i]);
    buf_free(&xpath);
    return status == GLN_OK ? GLN_OK : context_no_memory(e->ctx);
}

/* What the messages about a field have in common: {1} record, {2} title, {3} columns, {4} and {6} vary, {5} the value. */
static int field_misfit(struct encoder *e, const struct xml_node *at, const struct layout_record *r,
                        const struct layout_field *f, const char *rule, enum message_id id,
                        const char *expected, const char *value, const char *detail)
{
    char columns[24];
    char name[160];
    const char *args[6] = {r->name, f->title, columns, expected, value, detail};

    if (f->length == 1)
        snprintf(columns, sizeof columns, "%u", (unsigned)f->from);
    else
        snprintf(columns, sizeof columns, "%u-%u", (unsigned)f->from, (unsigned)f->from + f->length - 1u);
    snprintf(name, sizeof name, "%s %s (%s)", r->name, f->title, columns);
    return misfit(e, at, rule, name, id, args, 6);
}

/* The UTF-8 character at `at`, for a message. */
static void character_at(char out[8], const char *text, size_t at)
{
    size_t n = 1;

    while (n < 4 && ((unsigned char)text[at + n] & 0xC0) == 0x80)
        n++;
    memcpy(out, text + at, n);
    out[n] = '\0';
}

static int judge(struct encoder *e, const struct xml_node *at, const struct layout_record *r,
                 const struct layout_field *f, const char *value, size_t length)
{
    size_t bad = class_misfit(f->accept, value, length);
    size_t characters = utf8_chars(value, length);

    if (bad < length && f->accept == CLASS_D && strspn(value, "0123456789") == length)
        return field_misfit(e, at, r, f, "GLN-FIELD-003", MSG_FIELD_DATE, "", value, "");
    if (bad < length) {
        char character[8];

        character_at(character, value, bad);
        return field_misfit(e, at, r, f, "GLN-FIELD-002", class_message[f->accept], "", value, character);
    }
    if (characters > f->length) {
        char most[16], has[32];

        snprintf(most, sizeof most, "%u", (unsigned)f->length);
        snprintf(has, sizeof has, "%zu", characters);
        return field_misfit(e, at, r, f, "GLN-FIELD-001", MSG_FIELD_LONG, most, value, has);
    }
    return GLN_OK;
}

/* A number with implied decimals: "12.5" with two of them is 1250. False if it has more, or is no number. */
static bool imply_decimals(char *out, size_t size, const char *value, int decimals)
{
    struct decimal d, r;
    char text[64];
    size_t n = 0;

    if (!decimal_parse(&d, value) || !decimal_round(&r, d, decimals) || decimal_cmp(d, r) != 0 ||
        !decimal_text(text, sizeof text, r))
        return false;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '.')
            continue;
        if (n + 1 >= size)
            return false;
        out[n++] = *p;
    }
    out[n] = '\0';
    return true;
}

static bool is_number(const struct layout_field *f)
{
    return f->accept == CLASS_N || f->accept == CLASS_SN;
}

/* Puts a value that fits into its columns: numbers to the right, all else to the left. */
static void place_value(char *line, const struct layout_field *f, const char *value, size_t length)
{
    char *at = line + f->from - 1;

    if (!is_number(f)) {
        memcpy(at, value, length);
        return;
    }
    memset(at, f->blanks_left ? ' ' : '0', f->length - length);
    memcpy(at + f->length - length, value, length);
}

static int map_add(struct encoder *e, const struct xml_node *at, const struct layout_record *r,
                   const struct layout_field *f, size_t line)
{
    char name[128];
    const char *src = xml_attr_ns(at, GLN_NS, "src");
    struct source_row row = {0};

    if (f == NULL)
        snprintf(name, sizeof name, "%s", r->name);
    else
        snprintf(name, sizeof name, "%s/%s", r->name, f->name);
    row.record = e->number;
    row.offset = f != NULL ? line + f->from - 1 : line;
    row.length = f != NULL ? f->length : e->l->width;
    row.from = f != NULL ? f->from : 0;
    row.to = f != NULL ? (uint16_t)(f->from + f->length - 1) : 0;
    row.name = name;
    row.title = f != NULL ? f->title : r->title;
    row.src = src != NULL && src[0] != '\0' ? (char *)(uintptr_t)src : NULL;
    return source_map_add(&e->out->map, &row) ? GLN_OK : context_no_memory(e->ctx);
}

static int secret_put(struct encoder *e, const struct layout_field *f, size_t line, const char *name)
{
    memset(e->out->bytes.data + line + f->from - 1, '*', f->length);
    return secret_slots_add(&e->out->slots, line + f->from - 1, f->length, name, true) == GLN_OK
               ? GLN_OK
               : context_no_memory(e->ctx);
}

/* A value without the blanks around it and, where the layout implies decimals, without its point. */
struct value {
    const char *text;
    size_t length;
    char digits[64];
};

static bool value_ready(struct value *v, const struct layout_field *f, const char *text)
{
    size_t length = strlen(text);

    while (is_number(f) && *text == ' ')
        text++, length--;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    v->text = text;
    v->length = length;
    if (length == 0 || f->decimals == 0)
        return true;
    if (!imply_decimals(v->digits, sizeof v->digits, text, f->decimals))
        return false;
    v->text = v->digits;
    v->length = strlen(v->digits);
    return true;
}

static bool is_constant(const struct layout_field *f, const struct value *v)
{
    return f->constant == NULL ||
           (strlen(f->constant) == v->length && memcmp(v->text, f->constant, v->length) == 0);
}

static int field_encode(struct encoder *e, const struct xml_node *n, const struct layout_record *r,
                        const struct layout_field *f, size_t line)
{
    const char *secret = xml_attr_ns(n, GLN_NS, "secret");
    struct value v;
    char decimals[16];
    int status;

    if (secret != NULL) {
        status = secret_put(e, f, line, secret);
        return status == GLN_OK ? map_add(e, n, r, f, line) : status;
    }
    if (!value_ready(&v, f, xml_text(n))) {
        snprintf(decimals, sizeof decimals, "%u", (unsigned)f->decimals);
        return field_misfit(e, n, r, f, "GLN-FIELD-004", MSG_FIELD_DECIMALS, decimals, xml_text(n), "");
    }
    if (v.length == 0)
        return GLN_OK;
    if (!is_constant(f, &v))
        return field_misfit(e, n, r, f, "GLN-FIELD-005", MSG_FIELD_CONSTANT, f->constant, v.text, "");
    status = judge(e, n, r, f, v.text, v.length);
    if (status != GLN_OK || class_misfit(f->accept, v.text, v.length) < v.length || v.length > f->length)
        return status;
    place_value(e->out->bytes.data + line, f, v.text, v.length);
    return map_add(e, n, r, f, line);
}

/* Constants, zeros of unused numbers, and whether what is mandatory is there. */
static int finish_record(struct encoder *e, const struct xml_node *n, const struct layout_record *r,
                         const bool *seen, size_t line)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct layout_field *f = &r->fields[i];
        char *at = e->out->bytes.data + line + f->from - 1;
        int status = GLN_OK;

        if (f->name == NULL)
            continue;
        if (f->constant != NULL)
            memcpy(at, f->constant, strlen(f->constant));
        else if (seen[i])
            continue;
        else if (f->use == 'M' && !f->blank_allowed)
            status = field_misfit(e, n, r, f, "GLN-FIELD-006", MSG_FIELD_MISSING, "", "", "");
        else if (f->zeros_unused)
            memset(at, '0', f->length);
        if (status != GLN_OK)
            return status;
    }
    return GLN_OK;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " ")] == '\0';
}

static int fields_encode(struct encoder *e, const struct xml_node *n, const struct layout_record *r,
                         size_t line)
{
    bool seen[RECORD_WIDTH_MOST] = {false};
    int status;

    for (const struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c)) {
        const struct layout_field *f = layout_field_find(r, xml_name(c));
        size_t i;

        if (f == NULL)
            return context_fail(e->ctx, GLN_E_CONFIG, MSG_FIELD_UNKNOWN, r->name, xml_name(c),
                                e->application);
        i = (size_t)(f - r->fields);
        if (seen[i])
            return context_fail(e->ctx, GLN_E_CONFIG, MSG_FIELD_TWICE, r->name, xml_name(c), e->application);
        seen[i] = !is_blank(xml_text(c)) || xml_attr_ns(c, GLN_NS, "secret") != NULL;
        status = field_encode(e, c, r, f, line);
        if (status != GLN_OK)
            return status;
    }
    return finish_record(e, n, r, seen, line);
}

/* What is wrong with a record's place, if anything. */
static int order_check(struct encoder *e, const struct xml_node *n, const struct layout_record *r)
{
    char number[16];
    const char *args[3] = {number, r->name, NULL};

    snprintf(number, sizeof number, "%u", (unsigned)e->number);
    switch (sequence_next(&e->sequence, r->name)) {
    case SEQUENCE_OK:
        return GLN_OK;
    case SEQUENCE_MISSING:
        args[2] = e->sequence.missing;
        return misfit(e, n, "GLN-FIELD-008", r->name, MSG_RECORD_MISSING, args, 3);
    case SEQUENCE_TOO_MANY:
        return misfit(e, n, "GLN-FIELD-009", r->name, MSG_RECORD_MANY, args, 2);
    default:
        if (e->sequence.structure->lenient)
            return GLN_OK;
        return misfit(e, n, "GLN-FIELD-007", r->name, MSG_RECORD_UNEXPECTED, args, 2);
    }
}

static int record_encode(struct encoder *e, const struct xml_node *n, const struct layout_record *r)
{
    struct buf *b = &e->out->bytes;
    size_t line = b->len;
    int status;

    e->number++;
    buf_fill(b, ' ', e->l->width);
    buf_puts(b, e->l->delimiter);
    if (b->failed)
        return context_no_memory(e->ctx);
    status = order_check(e, n, r);
    if (status == GLN_OK)
        status = map_add(e, n, r, NULL, line);
    if (status == GLN_OK)
        status = fields_encode(e, n, r, line);
    if (status == GLN_OK && r->passed && layout_record_match(e->l, e->application, b->data + line) != r) {
        char number[16];

        snprintf(number, sizeof number, "%u", (unsigned)e->number);
        b->data[line + 4] = '\0';
        return misfit(e, n, "GLN-FIELD-010", r->name, MSG_RECORD_UNKNOWN,
                      (const char *const[]){number, e->application, b->data + line}, 3);
    }
    return status;
}

static bool is_group(const struct layout_item *it, const char *name)
{
    if (it->kind == ITEM_GROUP && str_eq(it->name, name))
        return true;
    for (size_t i = 0; i < it->count; i++) {
        if (is_group(&it->children[i], name))
            return true;
    }
    return false;
}

static int children_encode(struct encoder *e, const struct xml_node *parent)
{
    int status = GLN_OK;

    for (const struct xml_node *n = xml_first(parent); n != NULL && status == GLN_OK; n = xml_next(n)) {
        const struct layout_record *r =
            layout_record_find(e->l, xml_name(n), e->application, xml_attr(n, "variant"));

        if (r != NULL)
            status = record_encode(e, n, r);
        else if (is_group(&e->sequence.structure->root, xml_name(n)))
            status = children_encode(e, n);
        else
            status = context_fail(e->ctx, GLN_E_CONFIG, MSG_RECORD_NONE, xml_name(n), e->application);
    }
    return status;
}

static int batch_encode(struct encoder *e, const struct xml_node *batch)
{
    const char *application = xml_attr(batch, "application");
    const struct layout_structure *s;
    char number[16];
    int status;

    snprintf(number, sizeof number, "%u", (unsigned)e->number + 1);
    if (application == NULL)
        application = "";
    s = layout_structure_find(e->l, application, strlen(application));
    if (s == NULL)
        return context_fail(e->ctx, GLN_E_CONFIG, MSG_RECORD_APPLICATION, number, application);
    e->application = application;
    sequence_start(&e->sequence, s);
    status = children_encode(e, batch);
    if (status != GLN_OK || s->lenient || sequence_end(&e->sequence) == SEQUENCE_OK)
        return status;
    snprintf(number, sizeof number, "%u", (unsigned)e->number);
    return misfit(e, batch, "GLN-FIELD-008", NULL, MSG_BATCH_CUT,
                  (const char *const[]){number, e->sequence.missing}, 2);
}

static int encode(struct encoder *e, const struct xml_doc *in)
{
    const struct xml_node *root = xml_root(in);
    int status = GLN_OK;

    if (e->l == NULL)
        return context_fail(e->ctx, GLN_E_CONFIG, MSG_LAYOUT_NONE, "fixed");
    if (xml_first(root) == NULL)
        return context_fail(e->ctx, GLN_E_CONFIG, MSG_BATCH_EMPTY);
    for (const struct xml_node *n = xml_first(root); n != NULL && status == GLN_OK; n = xml_next(n))
        status = batch_encode(e, n);
    return status;
}

int fixed_encode(struct outbound *out, struct gln_context *ctx, const struct layout *l,
                 const struct xml_doc *in, const struct xml_doc *source)
{
    struct encoder e = {.ctx = ctx, .l = l, .source = source, .out = out};
    int status;

    memset(out, 0, sizeof *out);
    status = encode(&e, in);
    if (status != GLN_OK)
        outbound_free(out);
    return status;
}

int fixed_check(struct findings *findings, struct gln_context *ctx, const struct layout *l,
                const struct xml_doc *in, const struct xml_doc *source)
{
    struct outbound out = {0};
    struct encoder e = {.ctx = ctx, .l = l, .source = source, .out = &out, .findings = findings};
    int status = encode(&e, in);

    outbound_free(&out);
    return status;
}
