/** @file
 * The bilingual table of every text for people: MSG(ID, English, Spanish). `{1}` .. `{9}` stand for arguments.
 * Each room keeps its part in core/messages/<room>.def; the ids are global.
 */
#ifndef CORE_MESSAGES_H
#define CORE_MESSAGES_H

#include "util/buf.h"

enum message_id {
    MSG_NONE = 0,
#define MSG(id, en, es) MSG_##id,
#include "core/messages/all.def"
#undef MSG
    MSG_COUNT
};

enum { LANG_EN = 0, LANG_ES = 1, LANG_COUNT = 2 };

/** Appends the text of `id` in `language` with the arguments put in; `args` may be NULL when `n` is 0; a NULL argument is "". */
void message_put(struct buf *out, enum message_id id, int language, const char *const *args, size_t n);
/** "en", "es", "es-MX,es;q=0.9": LANG_ES if Spanish comes first, else LANG_EN. */
int language_parse(const char *text);

#endif
