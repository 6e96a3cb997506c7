/*
 * Codec `fixed`, bytes -> tree. Records of the layout's width, delimited by LF, CR LF or nothing; which application a batch
 * belongs to is read from its first record. The tree is what fixed_encode() takes, with more said about how it came:
 *
 *   records/batch     @application, @n (its first record); @unknown="yes": no layout for the application, all records are
 *                     <Unknown>; @incomplete: the mandatory record that did not come
 *   a record          @n its number from 1, @variant of its layout; and in lenient structures (answers): @text the whole record,
 *                     @flaw the columns that break the layout, @unexpected="yes" if it is out of sequence
 *   Unknown           @n, @text: a record that has no layout
 *   a field           its columns without the blanks at the end; absent if they are blank
 *
 * A strict structure turns each of these flaws into an error that names record and columns. Bytes over 0x7F, which no class
 * admits, are read as ISO-8859-1 so that the text can be shown. Nothing is believed about the length of the input but the cap
 * on nodes.
 */
#include "codec/layout.h"

#include <stdio.h>
#include <string.h>

#include "util/str.h"

struct decoder {
    struct gln_context *ctx;
    const struct layout *l;
    const unsigned char *at, *end;
    struct xml_node *root, *batch;
    const struct layout_structure *structure; /**< NULL: unknown application */
    struct sequence sequence;
    char application[RECORD_WIDTH_MOST + 1];
    uint32_t number;
    int64_t nodes;
    char line[RECORD_WIDTH_MOST + 1]; /**< the record, filled with blanks */
    struct buf flaw;                  /**< columns that break the layout, of the current record */
    struct buf text;                  /**< scratch */
};

static void number_text(char out[16], uint32_t n)
{
    snprintf(out, 16, "%u", (unsigned)n);
}

static bool is_lenient(const struct decoder *d)
{
    return d->structure == NULL || d->structure->lenient;
}

/* A flaw: an error where order is strict, else noted. {1} record number, {2}, {3} as the message wants them. */
static int flaw(struct decoder *d, unsigned from, unsigned to, enum message_id id, const char *two,
                const char *three)
{
    char number[16];

    number_text(number, d->number);
    if (!is_lenient(d))
        return context_fail(d->ctx, GLN_E_INPUT, id, number, two, three);
    if (d->flaw.len != 0)
        buf_putc(&d->flaw, ' ');
    buf_printf(&d->flaw, "%u-%u", from, to);
    return GLN_OK;
}

static int node_add(struct decoder *d, struct xml_node **out, struct xml_node *parent, const char *name)
{
    char most[32];

    if (d->nodes-- <= 0) {
        snprintf(most, sizeof most, "%lld", (long long)option_int(d->ctx->options, OPT_MAX_NODES));
        return context_fail(d->ctx, GLN_E_LIMIT, MSG_NODES_MANY, most);
    }
    return xml_add(out, d->ctx, parent, RECORDS_NS, name);
}

/* Columns as UTF-8 text in the scratch buffer. */
static const char *columns_text(struct decoder *d, const char *columns, size_t length)
{
    buf_clear(&d->text);
    for (size_t i = 0; i < length; i++)
        utf8_put(&d->text, (unsigned char)columns[i]);
    return d->text.data != NULL && !d->text.failed ? d->text.data : "";
}

/* --- records --- */

/* Bytes up to the next delimiter or the end. */
static size_t chunk_length(const struct decoder *d)
{
    size_t n = 0;

    while (d->at + n < d->end && d->at[n] != '\n' && d->at[n] != '\r')
        n++;
    return n;
}

static int bytes_check(struct decoder *d, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)d->line[i];
        char column[16], byte[8];
        int status;

        if (c >= ' ' && c != 0x7F && !(c >= 0x80 && c < 0xA0))
            continue;
        number_text(column, (uint32_t)i + 1);
        snprintf(byte, sizeof byte, "%02X", c);
        status = flaw(d, (unsigned)i + 1, (unsigned)i + 1, MSG_RECORD_BYTE, column, byte);
        if (status != GLN_OK)
            return status;
        d->line[i] = '?';
    }
    return GLN_OK;
}

static int width_check(struct decoder *d, size_t length)
{
    char has[32], width[16];

    if (length == d->l->width)
        return GLN_OK;
    snprintf(has, sizeof has, "%zu", length);
    number_text(width, d->l->width);
    if (length < d->l->width)
        return flaw(d, (unsigned)length + 1, d->l->width, MSG_RECORD_WIDTH, has, width);
    char number[16];
    number_text(number, d->number);
    return context_fail(d->ctx, GLN_E_INPUT, MSG_RECORD_WIDTH, number, has, width);
}

/* The next record in d->line; *more false at the end. */
static bool line_next(struct decoder *d, size_t *length)
{
    size_t width = d->l->width;
    size_t n;

    while (d->at < d->end && (*d->at == '\n' || *d->at == '\r'))
        d->at++;
    if (d->at == d->end)
        return false;
    n = chunk_length(d);
    *length = n;
    while (*length > width && *length % width != 0 && d->at[*length - 1] == ' ')
        --*length;
    if (*length > width && *length % width == 0)
        *length = n = width;
    memset(d->line, ' ', width);
    memcpy(d->line, d->at, *length < width ? *length : width);
    d->line[width] = '\0';
    d->at += n;
    d->number++;
    buf_clear(&d->flaw);
    return true;
}

/* --- fields --- */

static void trim(const struct layout_field *f, const char **value, size_t *length)
{
    while (*length > 0 && (*value)[*length - 1] == ' ')
        --*length;
    while (*length > 0 && **value == ' ' && (f->accept == CLASS_N || f->accept == CLASS_SN))
        ++*value, --*length;
}

/* Which message fits a value that breaks the layout; MSG_NONE if it keeps it. `bad` as class_misfit() says. */
static enum message_id field_flaw(const struct layout_field *f, const char *value, size_t length, size_t bad)
{
    if (f->name == NULL)
        return length != 0 ? MSG_CLASS_S : MSG_NONE;
    if (length == 0)
        return f->use == 'M' && !f->blank_allowed ? MSG_FIELD_MISSING : MSG_NONE;
    if (bad < length && f->accept == CLASS_D && class_misfit(CLASS_N, value, length) == length)
        return MSG_FIELD_DATE;
    if (bad < length)
        return class_message[f->accept];
    if (f->constant != NULL && (strlen(f->constant) != length || memcmp(f->constant, value, length) != 0))
        return MSG_FIELD_CONSTANT;
    return MSG_NONE;
}

static int field_check(struct decoder *d, const struct layout_record *r, const struct layout_field *f,
                       const char *value, size_t length)
{
    size_t bad = f->name == NULL ? 0 : class_misfit(f->accept, value, length);
    enum message_id id = field_flaw(f, value, length, bad);
    unsigned to = f->from + f->length - 1u;
    char columns[24], character[8], record[160];

    if (id == MSG_NONE)
        return GLN_OK;
    if (is_lenient(d))
        return flaw(d, f->from, to, id, "", "");
    snprintf(columns, sizeof columns, "%u-%u", (unsigned)f->from, to);
    snprintf(record, sizeof record, "%u %s", (unsigned)d->number, r->name);
    str_copy(character, sizeof character, columns_text(d, bad < length ? value + bad : "", bad < length));
    return context_fail(d->ctx, GLN_E_INPUT, id, record, f->title, columns,
                        f->constant != NULL ? f->constant : "", columns_text(d, value, length), character);
}

/* Columns as a number with the decimal point the layout implies: 00001250 with two decimals is 12.50. */
static void decimal_text_put(struct decoder *d, const char *value, size_t length, size_t decimals)
{
    buf_clear(&d->text);
    while (length > decimals + 1 && *value == '0')
        value++, length--;
    if (length <= decimals) {
        buf_putc(&d->text, '0');
    } else {
        buf_put(&d->text, value, length - decimals);
        value += length - decimals;
        length = decimals;
    }
    buf_putc(&d->text, '.');
    buf_fill(&d->text, '0', decimals - length);
    buf_put(&d->text, value, length);
}

static int field_decode(struct decoder *d, struct xml_node *record, const struct layout_record *r,
                        const struct layout_field *f)
{
    const char *value = d->line + f->from - 1;
    size_t length = f->length;
    struct xml_node *n;
    int status;

    trim(f, &value, &length);
    status = field_check(d, r, f, value, length);
    if (status != GLN_OK || f->name == NULL || length == 0 ||
        (f->constant != NULL && f->from == 1 && memcmp(value, f->constant, length) == 0))
        return status;
    if (f->decimals > 0 && class_misfit(CLASS_N, value, length) == length)
        decimal_text_put(d, value, length, f->decimals);
    else
        columns_text(d, value, length);
    if (d->text.failed)
        return context_no_memory(d->ctx);
    status = node_add(d, &n, record, f->name);
    return status == GLN_OK ? xml_set_text(d->ctx, n, d->text.data) : status;
}

/* --- order --- */

/* Where the record belongs: opens the groups it begins. *parent the node it goes into. */
static int order(struct decoder *d, const char *name, struct xml_node **parent, bool *unexpected)
{
    struct sequence *s = &d->sequence;
    enum sequence_result result = sequence_next(s, name);
    char number[16];
    int status = GLN_OK;

    *unexpected = result != SEQUENCE_OK;
    if (*unexpected && !is_lenient(d)) {
        number_text(number, d->number);
        if (result == SEQUENCE_MISSING)
            return context_fail(d->ctx, GLN_E_INPUT, MSG_RECORD_MISSING, number, name, s->missing);
        return context_fail(d->ctx, GLN_E_INPUT,
                            result == SEQUENCE_TOO_MANY ? MSG_RECORD_MANY : MSG_RECORD_UNEXPECTED, number,
                            name);
    }
    for (size_t i = *unexpected ? s->depth : s->opened_from; i < s->depth && status == GLN_OK; i++)
        status = node_add(d, &s->frames[i].node, s->frames[i - 1].node, s->frames[i].group->name);
    *parent = s->frames[s->depth - 1].node;
    return status;
}

static int batch_end(struct decoder *d)
{
    char number[16];

    if (d->batch == NULL || d->structure == NULL || sequence_end(&d->sequence) == SEQUENCE_OK)
        return GLN_OK;
    if (is_lenient(d))
        return xml_set_attr(d->ctx, d->batch, "incomplete", d->sequence.missing);
    number_text(number, d->number);
    return context_fail(d->ctx, GLN_E_INPUT, MSG_BATCH_CUT, number, d->sequence.missing);
}

/* The record all layouts of the switch share its place in, or NULL. */
static const struct layout_field *switch_field(const struct layout *l, const struct layout_record **record)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->records[i].name, l->switch_record) != 0)
            continue;
        *record = &l->records[i];
        return layout_field_find(&l->records[i], l->switch_field);
    }
    return NULL;
}

/* Begins a batch if the record is one that does; *begun says so. */
static int batch_begin(struct decoder *d, bool *begun)
{
    const struct layout_record *r = NULL;
    const struct layout_field *f = switch_field(d->l, &r);
    char number[16];
    size_t length;
    int status;

    number_text(number, d->number);
    *begun = f != NULL && strncmp(d->line, r->ids, strlen(r->ids)) == 0;
    if (!*begun) {
        if (d->batch != NULL)
            return GLN_OK;
        d->line[4] = '\0';
        return context_fail(d->ctx, GLN_E_INPUT, MSG_RECORD_FIRST, number, d->l->switch_record,
                            columns_text(d, d->line, strlen(d->line)));
    }
    status = batch_end(d);
    if (status != GLN_OK)
        return status;
    length = f->length;
    while (length > 0 && d->line[f->from - 1 + length - 1] == ' ')
        length--;
    memcpy(d->application, d->line + f->from - 1, length);
    d->application[length] = '\0';
    if (length == 0)
        str_copy(d->application, sizeof d->application, "-");
    d->structure = layout_structure_find(d->l, d->application, strlen(d->application));
    status = node_add(d, &d->batch, d->root, "batch");
    if (status == GLN_OK)
        status = xml_set_attr(d->ctx, d->batch, "application",
                              columns_text(d, d->application, strlen(d->application)));
    if (status == GLN_OK)
        status = xml_set_attr(d->ctx, d->batch, "n", number);
    if (status == GLN_OK && d->structure == NULL)
        return xml_set_attr(d->ctx, d->batch, "unknown", "yes");
    if (status == GLN_OK) {
        sequence_start(&d->sequence, d->structure);
        d->sequence.frames[0].node = d->batch;
    }
    return status;
}

static int unknown_record(struct decoder *d)
{
    struct xml_node *n = NULL;
    struct xml_node *parent =
        d->structure != NULL ? d->sequence.frames[d->sequence.depth - 1].node : d->batch;
    char number[16];
    int status;

    number_text(number, d->number);
    if (!is_lenient(d)) {
        char id[5];

        str_copy(id, sizeof id, d->line);
        return context_fail(d->ctx, GLN_E_INPUT, MSG_RECORD_UNKNOWN, number, d->application,
                            columns_text(d, id, strlen(id)));
    }
    status = node_add(d, &n, parent, "Unknown");
    if (status == GLN_OK)
        status = xml_set_attr(d->ctx, n, "n", number);
    if (status == GLN_OK)
        status = xml_set_attr(d->ctx, n, "text", columns_text(d, d->line, d->l->width));
    return status;
}

/* What a record's element says about how it came. */
static int record_attributes(struct decoder *d, struct xml_node *n, const struct layout_record *r,
                             bool unexpected)
{
    char number[16];
    int status;

    number_text(number, d->number);
    status = xml_set_attr(d->ctx, n, "n", number);
    if (status == GLN_OK && r->variant != NULL)
        status = xml_set_attr(d->ctx, n, "variant", r->variant);
    if (status == GLN_OK && unexpected)
        status = xml_set_attr(d->ctx, n, "unexpected", "yes");
    if (status == GLN_OK && is_lenient(d))
        status = xml_set_attr(d->ctx, n, "text", columns_text(d, d->line, d->l->width));
    return status;
}

static int record_decode(struct decoder *d, size_t length)
{
    const struct layout_record *r;
    struct xml_node *parent = NULL, *n = NULL;
    bool begun = false, unexpected = false;
    int status;

    status = batch_begin(d, &begun);
    if (status == GLN_OK)
        status = width_check(d, length);
    if (status == GLN_OK)
        status = bytes_check(d, d->l->width);
    if (status != GLN_OK)
        return status;
    r = d->structure != NULL ? layout_record_match(d->l, d->application, d->line) : NULL;
    if (r == NULL)
        return unknown_record(d);
    status = order(d, r->name, &parent, &unexpected);
    if (status == GLN_OK)
        status = node_add(d, &n, parent, r->name);
    if (status == GLN_OK)
        status = record_attributes(d, n, r, unexpected);
    for (size_t i = 0; i < r->count && status == GLN_OK; i++)
        status = field_decode(d, n, r, &r->fields[i]);
    if (status == GLN_OK && d->flaw.len != 0 && is_lenient(d))
        status = xml_set_attr(d->ctx, n, "flaw", d->flaw.data);
    return status;
}

int fixed_decode(struct xml_doc **out, struct gln_context *ctx, const struct layout *l, const void *data,
                 size_t len)
{
    struct decoder d = {.ctx = ctx, .l = l, .at = data, .flaw = BUF_INIT, .text = BUF_INIT};
    struct xml_doc *doc = NULL;
    size_t length;
    int status;

    *out = NULL;
    if (l == NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_LAYOUT_NONE, "fixed");
    d.end = len != 0 ? d.at + len : d.at;
    d.nodes = option_int(ctx->options, OPT_MAX_NODES);
    status = xml_doc_new(&doc, ctx, RECORDS_NS, "records");
    if (status != GLN_OK)
        return status;
    d.root = xml_root(doc);
    while (status == GLN_OK && line_next(&d, &length))
        status = record_decode(&d, length);
    if (status == GLN_OK && d.batch == NULL)
        status = context_fail(ctx, GLN_E_INPUT, MSG_BATCH_EMPTY);
    if (status == GLN_OK)
        status = batch_end(&d);
    if (status == GLN_OK)
        *out = TAKE(&doc);
    xml_doc_free(doc);
    buf_free(&d.flaw);
    buf_free(&d.text);
    return status;
}
