/*
 * The bilingual table (core/messages.h). Placeholders {1}..{9} take string arguments; there is no printf here, so a
 * translated text can never read an argument that is not there.
 * Owns nothing: the table is constant. An id or a language that does not exist writes nothing.
 */
#include "core/messages.h"

#include <string.h>

#include "util/str.h"

static const char *const table[MSG_COUNT][LANG_COUNT] = {
    [MSG_NONE] = {"", ""},
#define MSG(id, en, es) [MSG_##id] = {en, es},
#include "core/messages/all.def"
#undef MSG
};

void message_put(struct buf *out, enum message_id id, int language, const char *const *args, size_t n)
{
    if ((unsigned)id >= MSG_COUNT || (unsigned)language >= LANG_COUNT)
        return;
    for (const char *p = table[id][language]; *p != '\0'; p++) {
        if (p[0] == '{' && p[1] >= '1' && p[1] <= '9' && p[2] == '}') {
            size_t i = (size_t)(p[1] - '1');
            buf_puts(out, i < n ? args[i] : NULL);
            p += 2;
        } else {
            buf_putc(out, *p);
        }
    }
}

int language_parse(const char *text)
{
    return text != NULL && str_upper(text[0]) == 'E' && str_upper(text[0] == '\0' ? '\0' : text[1]) == 'S'
               ? LANG_ES
               : LANG_EN;
}
