/** @file
 * Why something happened, as the ledger keeps it: not a sentence but the code of a message and its arguments, so that it can be read in
 * either language later. "gln:" and the message's name in small letters, then each argument after a tab. What a person wrote, and
 * rows of earlier versions, are plain text and shown as they are.
 */
#ifndef CORE_REASON_H
#define CORE_REASON_H

#include "core/context.h"

struct reason {
    char text[240];
};
/** The stored form; what does not fit is cut off its last argument. Returns r->text. */
const char *reason_make(struct reason *r, enum message_id id, const char *const *args, size_t n);
/** REASON(MSG_X, "argument" or ""); lives as long as the block it stands in. */
#define REASON(id, ...) reason_make(&(struct reason){""}, id, CTX_ARGS(__VA_ARGS__))
/** The stored form, owned by the caller; for context.c. */
char *reason_text(enum message_id id, const char *const *args, size_t n);
/** The context's error as a reason; lives as long as the error. */
const char *reason_of_error(const struct gln_context *ctx);
/** What a person wrote, so that it is never taken for one of ours. */
const char *reason_by_person(struct reason *r, const char *text);
/** In words. */
void reason_show(struct buf *out, const char *stored, int language);
/** The code without its prefix; "" of plain text. */
const char *reason_code(char out[64], const char *stored);
/** The message for an outcome of customs; {1}: ": " and their own words, or "". */
enum message_id reason_customs(const char *outcome);

#endif
