/** @file
 * Archive files, inside the ledger room: their tables, and how the rows that went are written down.
 */
#ifndef LEDGER_ARCHIVE_H
#define LEDGER_ARCHIVE_H

#include "ledger/own.h"

/** The tables of an archive file: the ledger's, with nothing that follows from rows. */
extern const char archive_schema[];

/** Of the list "TABLE id id ...\n..." what follows the table's name: " id id ...\n"; NULL when it has none. */
const char *archive_rows_of(const char *rows, const char *table);

/** Whether a row that is not there was archived, by what the chain says: of its table, named in a row of `archived`. */
int archive_has(bool *archived, struct store_conn *c, struct gln_context *ctx, const char *table,
                int64_t row);

#endif
