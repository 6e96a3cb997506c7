/*
 * A list into the register (trust/list.h): records of CSV, rows of XML by a mapping, or an XML list of our own form, each into
 * reader_put() inside one store_write().
 *
 * Owns the mapping and the reader for the length of the import. Nothing of a refused list stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/list_csv.h"
#include "trust/list_row.h"
#include "util/str.h"
#include "xml/reader.h"

struct import {
    const struct list_request *r;
    struct list_mapping mapping;
    struct list_reader reader;
    struct operators *own; /* a list of the operators file's own form; owned */
    struct register_counts *counts;
    const char *values[CSV_COLUMNS];
};

static void progress(const struct gln_context *ctx, size_t done, size_t total)
{
    if (ctx->progress != NULL)
        ctx->progress(ctx->progress_arg, done, total);
}

/* ---- CSV ---- */

/* Where each column of the mapping is, by the first record; every column must be one of them, unless others are ignored. */
static int find_columns(struct import *i, struct gln_context *ctx, const struct csv *csv)
{
    struct list_mapping *m = &i->mapping;
    for (size_t at = 0; at < csv->count; at++) {
        bool known = false;
        for (size_t k = 0; k < m->columns.count; k++)
            if (str_eq(m->columns.items[k].name, csv_field(csv, at))) {
                m->columns.items[k].at = at;
                known = true;
            }
        if (!known && !m->ignore_others)
            return context_fail(ctx, GLN_E_INPUT, MSG_LIST_WHAT_COLUMN, csv_field(csv, at));
    }
    for (size_t k = 0; k < m->columns.count; k++)
        if (m->columns.items[k].at == SIZE_MAX)
            return context_fail(ctx, GLN_E_INPUT, MSG_LIST_NO_COLUMN, m->columns.items[k].name);
    return GLN_OK;
}

static int head_without_mapping(struct import *i, struct gln_context *ctx, struct csv *csv, char **heads)
{
    const char *names[CSV_COLUMNS];
    /* the record's text goes with the next record, the names do not */
    *heads = malloc(csv->text.len + 1);
    if (*heads == NULL)
        return context_no_memory(ctx);
    memcpy(*heads, csv->text.data, csv->text.len);
    for (size_t k = 0; k < csv->count; k++)
        names[k] = *heads + csv->at[k];
    return mapping_default(&i->mapping, ctx, names, csv->count);
}

static int record(struct import *i, struct gln_context *ctx, const struct csv *csv, size_t columns)
{
    char row[24], has[24], wants[24];
    if (csv->count != columns) {
        snprintf(row, sizeof row, "%lld", (long long)csv->record);
        snprintf(has, sizeof has, "%zu", csv->count);
        snprintf(wants, sizeof wants, "%zu", columns);
        return context_fail(ctx, GLN_E_INPUT, MSG_LIST_WIDTH, row, has, wants);
    }
    for (size_t k = 0; k < i->mapping.columns.count; k++)
        i->values[k] = csv_field(csv, i->mapping.columns.items[k].at);
    return reader_put(&i->reader, i->values, csv->record);
}

static int read_csv(struct import *i, struct gln_context *ctx)
{
    struct csv csv;
    char *heads = NULL;
    bool mapped = i->r->mapping != NULL;
    csv_begin(&csv, i->r->bytes, i->r->len, mapped ? i->mapping.separator : ',');
    int step = csv_next(&csv, ctx);
    int status = step == 0 ? context_fail(ctx, GLN_E_INPUT, MSG_LIST_NOTHING) : step < 0 ? step : GLN_OK;
    size_t columns = csv.count;
    if (status == GLN_OK)
        status = mapped ? find_columns(i, ctx, &csv) : head_without_mapping(i, ctx, &csv, &heads);
    while (status == GLN_OK && (step = csv_next(&csv, ctx)) == 1) {
        status = record(i, ctx, &csv, columns);
        if (csv.record % 4096 == 0)
            progress(ctx, i->r->len - (size_t)(csv.end - csv.p), i->r->len);
    }
    csv_free(&csv);
    if (!mapped) /* its names go with the head */
        mapping_free(&i->mapping);
    free(heads);
    return status != GLN_OK ? status : step < 0 ? step : GLN_OK;
}

/* ---- XML ---- */

static const char *value_at(const struct xml_node *n, const char *name)
{
    const char *value = name[0] == '@' ? xml_attr(n, name + 1) : xml_find_text(n, name);
    return value == NULL ? "" : value;
}

/* The element whose children the rows are, and what they are called; `path` is cut. NULL: there is none. */
static const struct xml_node *rows_of(const struct xml_doc *doc, char *path, const char **name)
{
    char *slash = strrchr(path, '/');
    *name = slash == NULL ? path : slash + 1;
    if (slash == NULL)
        return xml_root(doc);
    *slash = '\0';
    return xml_find(xml_root(doc), path);
}

static int read_rows(struct import *i, struct gln_context *ctx, const struct xml_doc *doc, char *path)
{
    const char *name;
    const struct xml_node *n = rows_of(doc, path, &name);
    int64_t row = 0;
    int status = GLN_OK;
    if (n == NULL || xml_child(n, name) == NULL)
        return context_fail(ctx, GLN_E_INPUT, MSG_LIST_NO_COLUMN, i->mapping.rows);
    for (n = xml_first(n); status == GLN_OK && n != NULL; n = xml_next(n)) {
        if (!xml_is(n, name))
            continue;
        for (size_t k = 0; k < i->mapping.columns.count; k++)
            i->values[k] = value_at(n, i->mapping.columns.items[k].name);
        status = reader_put(&i->reader, i->values, ++row);
    }
    return status;
}

static int read_xml(struct import *i, struct gln_context *ctx)
{
    struct xml_doc *doc = NULL;
    char *path = str_dup(i->mapping.rows);
    int status = path == NULL ? context_no_memory(ctx) : xml_read(&doc, ctx, i->r->bytes, i->r->len);
    if (status == GLN_OK)
        status = read_rows(i, ctx, doc, path);
    xml_doc_free(doc);
    free(path);
    return status;
}

/* ---- all of it ---- */

static bool looks_like_xml(const struct list_request *r)
{
    return xml_sniff(r->bytes, r->len) == SNIFF_XML;
}

static int write_list(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct import *i = arg;
    int status = register_begin(&i->reader.im, c, ctx, &i->r->batch);
    i->reader.ctx = ctx;
    if (status == GLN_OK && i->own != NULL)
        status = register_put_all(i->reader.im, ctx, i->own, i->r->batch.environment);
    else if (status == GLN_OK)
        status = i->mapping.xml ? read_xml(i, ctx) : read_csv(i, ctx);
    if (status == GLN_OK)
        status = register_end(i->reader.im, i->r->note, i->counts);
    register_import_free(i->reader.im);
    i->reader.im = NULL;
    return status;
}

static int prepare(struct import *i, struct gln_context *ctx)
{
    const struct list_request *r = i->r;
    i->reader.m = &i->mapping;
    i->reader.as_of = r->batch.as_of;
    i->reader.programmes = calloc(1, sizeof *i->reader.programmes);
    if (i->reader.programmes == NULL)
        return context_no_memory(ctx);
    int status = register_shipped(i->reader.programmes, ctx, r->shipped);
    if (status != GLN_OK)
        return status;
    if (r->mapping != NULL) {
        status = mapping_read(&i->mapping, ctx, r->mapping, r->mapping_len);
        if (status == GLN_OK && i->mapping.columns.count > CSV_COLUMNS)
            status = context_fail(ctx, GLN_E_INPUT, MSG_LIST_COLUMNS, "1", "256");
    } else if (looks_like_xml(r)) {
        i->own = calloc(1, sizeof *i->own);
        if (i->own == NULL)
            return context_no_memory(ctx);
        status = register_shipped(i->own, ctx, r->shipped);
        if (status == GLN_OK)
            status = operators_read(i->own, ctx, r->bytes, r->len, NULL);
    }
    return status;
}

int list_import(struct gln_context *ctx, struct store *s, const struct list_request *r,
                struct register_counts *counts)
{
    struct import *i = calloc(1, sizeof *i);
    *counts = (struct register_counts){0};
    if (i == NULL)
        return context_no_memory(ctx);
    i->r = r;
    i->counts = counts;
    int status = prepare(i, ctx);
    progress(ctx, 0, r->len);
    if (status == GLN_OK)
        status = store_write(s, ctx, write_list, i);
    if (status == GLN_OK)
        progress(ctx, r->len, r->len);
    mapping_free(&i->mapping);
    reader_free(&i->reader);
    operators_free(i->own);
    free(i);
    return status;
}
