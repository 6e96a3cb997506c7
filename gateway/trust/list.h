/** @file
 * Lists of operators as their publishers make them, CSV or XML, into register rows: what each column is says a mapping
 * (schemas/greenlane/list-mapping.xsd), or, without one, the columns' own names.
 */
#ifndef TRUST_LIST_H
#define TRUST_LIST_H

#include "trust/register_store.h"

struct list_request {
    const void *bytes;
    size_t len;
    const void *mapping; /**< XML; NULL: none */
    size_t mapping_len;
    const char *shipped; /**< the programmes that ship */
    struct register_batch batch;
    register_note *note;
};
/** One list into the register: all of it or nothing. GLN_E_INPUT: the list cannot be read (row and column); GLN_E_CONFLICT: it is refused as a whole. */
int list_import(struct gln_context *ctx, struct store *s, const struct list_request *r,
                struct register_counts *counts);

/* --- between the files of the list --- */
enum list_target {
    TARGET_NONE,
    TARGET_ADDRESS,
    TARGET_CLASS,
    TARGET_CONSENT,
    TARGET_CONSENT_FROM,
    TARGET_CONSENT_TO,
    TARGET_COUNTRY,
    TARGET_EFFECTIVE,
    TARGET_FROM,
    TARGET_IDENTIFIER,
    TARGET_NAME,
    TARGET_NUMBER,
    TARGET_PROGRAMME,
    TARGET_STATUS,
    TARGET_TAX,
    TARGET_TO,
    TARGET_COUNT
};
struct list_value {
    const char *from, *to;
};
struct list_column {
    const char *name; /**< its head; in XML "@attribute" or "Child/Grandchild" */
    enum list_target target;
    const char *kind; /**< of an identifier */
    bool required, key;
    TABLE(struct list_value) values; /**< what its words mean; empty: as they stand */
    size_t at;                       /**< in the file; SIZE_MAX: not there */
};
struct list_mapping {
    struct xml_doc *doc; /**< owned; the strings are its */
    bool xml, ignore_others;
    char separator;
    const char *rows;  /**< XML: path of the rows from the root: "Entries/Entry" */
    const char *dates; /**< CCYY-MM-DD, DD/MM/CCYY, ... */
    const char *programme, *class_code, *status, *list_name;
    bool consent;
    TABLE(struct list_column) columns;
};
int mapping_read(struct list_mapping *m, struct gln_context *ctx, const void *bytes, size_t len);
void mapping_free(struct list_mapping *m);
/** Without a mapping: the columns are named as their targets are, or as a kind of identifier. GLN_E_INPUT names the first that is not. */
int mapping_default(struct list_mapping *m, struct gln_context *ctx, const char *const *names, size_t count);

/** A record's values in the order of the mapping's columns, as a register row into `im`. */
struct list_reader;
int reader_put(struct list_reader *l, const char *const *values, int64_t row);

#endif
