/** @file
 * Comma-separated values (RFC 4180), one record at a time, from bytes in memory: quoting, embedded line ends, CRLF or LF, UTF-8 with or
 * without BOM. What is not of that form is refused with record and column.
 */
#ifndef TRUST_LIST_CSV_H
#define TRUST_LIST_CSV_H

#include "core/context.h"
#include "util/buf.h"

enum { CSV_COLUMNS = 256, CSV_FIELD = 65536 };

struct csv {
    const char *p, *end;
    char separator;
    int64_t record; /**< of the last record read, the first is 1 */
    struct buf text;
    size_t at[CSV_COLUMNS]; /**< of each field in `text` */
    size_t count;
};
void csv_begin(struct csv *r, const void *data, size_t len, char separator);
void csv_free(struct csv *r);
/** 1: a record is there; 0: the end; < 0: status. Empty lines are none. */
int csv_next(struct csv *r, struct gln_context *ctx);
/** A field of the last record, without blanks at its ends; "" past the last. */
const char *csv_field(const struct csv *r, size_t i);

#endif
