/** @file
 * Text in the characters an authority can take: gln:fold() and gln:upper(), and the same for other rooms.
 */
#ifndef XML_FOLD_H
#define XML_FOLD_H

#include <stdbool.h>

#include "util/buf.h"

/**
 * Appends `text` (UTF-8) with blanks collapsed, in the characters of `charset`: "ascii" drops accents and writes ligatures and
 * typographic marks plainly, "latin1" does that only to what ISO-8859-1 lacks, "utf8" leaves characters alone. False, and
 * nothing appended, if a character has no form there or there is no such charset.
 */
bool text_fold(struct buf *out, const char *text, const char *charset);
/** Printable ASCII, single blanks, none at the ends: what text_fold() leaves as it is, for any charset. */
bool text_is_plain(const char *text);
/** Appends `text` with the letters of ASCII, Latin-1 and Latin Extended-A in upper case. */
void text_upper(struct buf *out, const char *text);

#endif
