/** @file
 * From the sender's bytes to UTF-8, strictly: what is not valid in its encoding is refused with its place.
 */
#ifndef XML_ENCODING_H
#define XML_ENCODING_H

#include "core/context.h"
#include "xml/place.h"

/** Fills text, len, encoding and skipped of an empty `p`. GLN_E_INPUT with the place, GLN_E_MEMORY. */
int text_take(struct places *p, struct gln_context *ctx, const void *data, size_t len);

/** The encoding the bytes begin with: 16-bit units by mark or by their zero bytes, else TEXT_UTF8. */
struct text_start {
    enum text_encoding encoding;
    bool big_endian;
    bool wide;   /**< 32-bit units or another form that is not read */
    size_t skip; /**< of a byte order mark */
};
struct text_start text_look(const void *data, size_t len);

#endif
