/*
 * Comma-separated values, one record at a time (trust/list_csv.h). Linear in the bytes; holds one record.
 *
 * Owns the text of the record. A NUL, a byte that is no UTF-8, another control character, a quote out of place, a field or a record out of
 * bounds: one message with record and column, and the caller stops.
 */
#include "trust/list_csv.h"

#include <stdio.h>
#include <string.h>

#include "util/str.h"

void csv_begin(struct csv *r, const void *data, size_t len, char separator)
{
    *r = (struct csv){.p = data, .separator = separator};
    if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        r->p += 3;
    r->end = data == NULL ? NULL : (const char *)data + len;
}

void csv_free(struct csv *r)
{
    buf_free(&r->text);
}

const char *csv_field(const struct csv *r, size_t i)
{
    return i < r->count ? r->text.data + r->at[i] : "";
}

static int refuse(const struct csv *r, struct gln_context *ctx, enum message_id id)
{
    char row[24], column[24];
    snprintf(row, sizeof row, "%lld", (long long)r->record);
    snprintf(column, sizeof column, "%zu", r->count + 1);
    return context_fail(ctx, GLN_E_INPUT, id, row, column);
}

/* The field that begins at `from` ends: blanks off, its bytes checked. */
static int end_field(struct csv *r, struct gln_context *ctx, size_t from)
{
    size_t bad;
    while (r->text.len > from && r->text.data[r->text.len - 1] == ' ')
        r->text.len--;
    if (r->text.len - from > CSV_FIELD)
        return refuse(r, ctx, MSG_LIST_LONG);
    if (r->text.len > from && memchr(r->text.data + from, '\0', r->text.len - from) != NULL)
        return refuse(r, ctx, MSG_LIST_NUL);
    if (r->text.len > from && !utf8_valid(r->text.data + from, r->text.len - from, &bad))
        return refuse(r, ctx, MSG_LIST_UTF8);
    for (size_t i = from; i < r->text.len; i++)
        if ((unsigned char)r->text.data[i] < 0x20 && strchr("\t\r\n", r->text.data[i]) == NULL)
            return refuse(r, ctx, MSG_LIST_CONTROL);
    buf_putc(&r->text, '\0');
    if (r->text.failed)
        return context_no_memory(ctx);
    r->count++;
    return GLN_OK;
}

static int read_quoted(struct csv *r, struct gln_context *ctx)
{
    r->p++;
    for (;;) {
        const char *quote = memchr(r->p, '"', (size_t)(r->end - r->p));
        if (quote == NULL)
            return refuse(r, ctx, MSG_LIST_OPEN_QUOTE);
        buf_put(&r->text, r->p, (size_t)(quote - r->p));
        r->p = quote + 1;
        if (r->p == r->end || *r->p != '"')
            return GLN_OK;
        buf_putc(&r->text, '"');
        r->p++;
    }
}

static int read_plain(struct csv *r, struct gln_context *ctx)
{
    const char *from = r->p;
    while (r->p < r->end && *r->p != r->separator && *r->p != '\n' && *r->p != '\r' && *r->p != '"')
        r->p++;
    buf_put(&r->text, from, (size_t)(r->p - from));
    return r->p < r->end && *r->p == '"' ? refuse(r, ctx, MSG_LIST_QUOTE) : GLN_OK;
}

static void pass_blanks(struct csv *r)
{
    while (r->p < r->end && *r->p == ' ')
        r->p++;
}

static bool field_over(const struct csv *r)
{
    return r->p == r->end || *r->p == r->separator || *r->p == '\n' || *r->p == '\r';
}

/* One field; *more: another one follows in this record. */
static int read_field(struct csv *r, struct gln_context *ctx, bool *more)
{
    size_t from = r->text.len;
    if (r->count == CSV_COLUMNS)
        return refuse(r, ctx, MSG_LIST_COLUMNS);
    pass_blanks(r);
    r->at[r->count] = from;
    int status = r->p < r->end && *r->p == '"' ? read_quoted(r, ctx) : read_plain(r, ctx);
    pass_blanks(r);
    if (status == GLN_OK && !field_over(r))
        status = refuse(r, ctx, MSG_LIST_QUOTE);
    if (status == GLN_OK)
        status = end_field(r, ctx, from);
    *more = r->p < r->end && *r->p == r->separator;
    if (*more)
        r->p++;
    return status;
}

int csv_next(struct csv *r, struct gln_context *ctx)
{
    bool more = true;
    while (r->p < r->end && (*r->p == '\n' || *r->p == '\r'))
        r->p++;
    if (r->p >= r->end)
        return 0;
    buf_clear(&r->text);
    r->count = 0;
    r->record++;
    int status = GLN_OK;
    while (status == GLN_OK && more)
        status = read_field(r, ctx, &more);
    return status == GLN_OK ? 1 : status;
}
