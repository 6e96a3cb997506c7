/**
 * @file unit/pki.h
 * @brief A throw-away PKI for unit tests, made by certs/make-pki.sh, and files of it.
 */
#ifndef UNIT_PKI_H
#define UNIT_PKI_H

#include <stdbool.h>

#include "crypto/crypto.h"
#include "util/buf.h"

/**
 * Makes the PKI in `folder` (room for `size` bytes) under $TMPDIR; `more` are further arguments of the script. Call it in
 * the suite's function, before the tests fork. False, with a word on stderr, when the script failed.
 */
bool pki_make(char *folder, size_t size, const char *more);

/** Appends the file `name` of `folder`; fails the test when it cannot be read. */
void pki_read(struct buf *out, const char *folder, const char *name);

/** The certificate in the file `name` of `folder`, to free with cert_free(); fails the test when it is none. */
struct cert *pki_cert(struct gln_context *ctx, const char *folder, const char *name);

#endif
