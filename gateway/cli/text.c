/*
 * The command's own texts in both languages (cli/texts.def). The library's texts come with its replies and errors, already in the
 * language asked for.
 *
 * Owns nothing. {1} to {3} are put in as they are; an argument that is not given is nothing.
 */
#include "cli/cli.h"

static const char *const table[TEXT_COUNT][2] = {
#define TEXT(id, en, es) [TEXT_##id] = {en, es},
#include "cli/texts.def"
#undef TEXT
};

void cli_say(FILE *to, const struct cli *c, enum cli_text id, const char *a, const char *b, const char *d)
{
    const char *args[3] = {a, b, d};
    for (const char *p = table[id][c->language]; *p != '\0'; p++) {
        if (p[0] == '{' && p[1] >= '1' && p[1] <= '3' && p[2] == '}') {
            const char *arg = args[p[1] - '1'];
            fputs(arg == NULL ? "" : arg, to);
            p += 2;
        } else {
            fputc(*p, to);
        }
    }
}
