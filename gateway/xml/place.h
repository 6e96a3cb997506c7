/** @file
 * The place table of a document: the byte offset of the '<' of each element's start tag, in document order, and how to get from
 * it to line and column, and to the sender's own bytes when those were not UTF-8.
 */
#ifndef XML_PLACE_H
#define XML_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/place.h"

enum text_encoding { TEXT_UTF8, TEXT_LATIN1, TEXT_UTF16 };

/** What is known at a character about every 4096 bytes, so that a place costs no more than a walk of one such stretch. */
struct place_mark {
    size_t offset;   /**< in the UTF-8 text */
    size_t original; /**< in the sender's bytes */
    uint32_t line;   /**< from 1 */
    uint32_t column; /**< from 1 */
};

struct place_row {
    size_t offset; /**< of the '<' in `text` */
    void *node;    /**< the element; NULL once it was removed */
};

struct places {
    char *
        text; /**< owned: the document in UTF-8, without byte order mark, NUL-terminated; NULL: it was not read */
    size_t len;
    enum text_encoding encoding; /**< of the sender's bytes */
    size_t skipped;              /**< bytes of the byte order mark in them */
    struct place_row *rows;      /**< owned */
    size_t count, cap;
    struct place_mark *marks; /**< owned; NULL until the first question */
    size_t mark_count;
    struct place *
        given; /**< owned: places set by hand, `rows` being parallel to it; NULL in documents that were read */
};

void places_free(struct places *p);
/** Adds a row; its number from 0 in *number. False: no memory. */
bool places_add(struct places *p, size_t offset, void *node, size_t *number);
/** Adds a row with a place that is known already. */
bool places_give(struct places *p, struct place place, void *node, size_t *number);
/** Line, column and original offset of byte `offset` of the text. */
struct place places_at(const struct places *p, size_t offset);
struct place places_row(const struct places *p, size_t number); /**< PLACE_NONE if there is no such row */
/** Computes the marks now, so that the table is read-only from here on and may be shared by threads. */
void places_settle(struct places *p);

#endif
