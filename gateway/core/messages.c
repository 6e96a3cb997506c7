/*
 * The bilingual table (core/messages.h). Placeholders {1}..{9} take string arguments; there is no printf here, so a
 * translated text can never read an argument that is not there. Arguments are often strangers' words, and a message is one line on
 * somebody's terminal: their control characters are shown, never passed on.
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

/* How many bytes at `p` are a control character: C0, DEL, or C1 in UTF-8. */
static size_t control_at(const unsigned char *p)
{
    if (*p < 0x20 || *p == 0x7f)
        return 1;
    return p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0 ? 2 : 0;
}

static void put_argument(struct buf *out, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    while (*p != '\0') {
        const unsigned char *from = p;
        size_t n = 0;

        while (*p != '\0' && (n = control_at(p)) == 0)
            p++;
        buf_put(out, from, (size_t)(p - from));
        if (n == 1 && (*p == '\n' || *p == '\r' || *p == '\t'))
            buf_putc(out, ' ');
        else if (n > 0)
            buf_printf(out, "\\x%02x", p[n - 1]);
        p += n;
    }
}

void message_put(struct buf *out, enum message_id id, int language, const char *const *args, size_t n)
{
    if ((unsigned)id >= MSG_COUNT || (unsigned)language >= LANG_COUNT)
        return;
    for (const char *p = table[id][language]; *p != '\0'; p++) {
        if (p[0] == '{' && p[1] >= '1' && p[1] <= '9' && p[2] == '}') {
            size_t i = (size_t)(p[1] - '1');
            if (i < n && args[i] != NULL)
                put_argument(out, args[i]);
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
