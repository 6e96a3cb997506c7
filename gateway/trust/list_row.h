/** @file
 * Between list_import.c, which reads records, and list_row.c, which makes register rows of them.
 */
#ifndef TRUST_LIST_ROW_H
#define TRUST_LIST_ROW_H

#include "trust/list.h"

enum { LIST_IDENTIFIERS = 16 };

struct list_reader {
    struct gln_context *ctx;
    struct list_mapping *m;
    struct register_import *im;
    struct operators *programmes; /**< owned; only the programmes in it count */
    day_number as_of;
    /* of the record at hand */
    int64_t row;
    struct register_row out;
    struct row_certificate certificate;
    struct event event;
    const struct programme *programme;
    struct identifier identifiers[LIST_IDENTIFIERS];
    char numbers[LIST_IDENTIFIERS][64];
    size_t identifier_count;
    struct buf key;
};
void reader_free(struct list_reader *l);

#endif
