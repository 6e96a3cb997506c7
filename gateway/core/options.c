/*
 * The option table (core/options.h, core/options.def) and its values. A value that does not parse or lies outside its limits
 * leaves the old one in place.
 * Owns the values' text. The message of a refusal names the option, the value and what is accepted, in English: it is read
 * by whoever writes the settings file or the program.
 */
#include "core/options.h"

#include <stdlib.h>
#include <string.h>

#include "core/messages.h"
#include "util/clock.h"
#include "util/str.h"

const struct option_spec option_table[OPT_COUNT] = {
#define OPTION(id, name, type, def, min, max, unit, en, es)                                                  \
    [OPT_##id] = {name, OPTION_##type, def, min, max, unit, {en, es}},
#include "core/options.def"
#undef OPTION
};

struct suffix {
    const char *name;
    int64_t times;
};
static const struct suffix sizes[] = {
    {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0}};
static const struct suffix times[] = {{"ms", 1},       {"s", 1000}, {"min", 60000}, {"h", 3600000},
                                      {"d", 86400000}, {"", 1000},  {NULL, 0}};
static const struct suffix plain[] = {{"", 1}, {NULL, 0}};

static bool parse_number(int64_t *out, const char *text, const struct suffix *suffixes)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 15)
        return false;
    int64_t v = strtoll(text, NULL, 10);
    for (; suffixes->name != NULL; suffixes++)
        if (strcmp(text + n, suffixes->name) == 0)
            return !__builtin_mul_overflow(v, suffixes->times, out);
    return false;
}

static bool parse_bool(int64_t *out, const char *text)
{
    static const char *const on[] = {"on", "yes", "true", "1"}, *const off[] = {"off", "no", "false", "0"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(text, on[i]) == 0 || strcmp(text, off[i]) == 0) {
            *out = strcmp(text, on[i]) == 0;
            return true;
        }
    }
    return false;
}

static bool parse_choice(int64_t *out, const char *text, const char *choices)
{
    size_t len = strlen(text);
    for (int64_t i = 0;; i++) {
        size_t n = strcspn(choices, "|");
        if (n == len && memcmp(choices, text, n) == 0) {
            *out = i;
            return true;
        }
        if (choices[n] == '\0')
            return false;
        choices += n + 1;
    }
}

static bool parse_instant(const char *text)
{
    int64_t instant;
    return text[0] == '\0' || time_parse(&instant, text);
}

static bool parse_ranged(int64_t *out, const struct option_spec *spec, const char *text)
{
    static const struct suffix *const suffixes[] = {
        [OPTION_INT] = plain, [OPTION_SIZE] = sizes, [OPTION_MS] = times};
    return parse_number(out, text, suffixes[spec->type]) && *out >= spec->min && *out <= spec->max;
}

static bool parse_value(int64_t *out, const struct option_spec *spec, const char *text)
{
    *out = 0;
    switch (spec->type) {
    case OPTION_INT:
    case OPTION_SIZE:
    case OPTION_MS:
        return parse_ranged(out, spec, text);
    case OPTION_BOOL:
        return parse_bool(out, text);
    case OPTION_CHOICE:
        return parse_choice(out, text, spec->unit);
    case OPTION_INSTANT:
        return parse_instant(text);
    case OPTION_TEXT:
    case OPTION_PATH:
        return true;
    }
    return false;
}

int options_init(struct options *o)
{
    memset(o, 0, sizeof *o);
    for (int i = 0; i < OPT_COUNT; i++) {
        o->text[i] = str_dup(option_table[i].def);
        if (o->text[i] == NULL || !parse_value(&o->number[i], &option_table[i], option_table[i].def)) {
            options_free(o);
            return GLN_E_MEMORY;
        }
    }
    return GLN_OK;
}

void options_free(struct options *o)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        free(o->text[i]);
        o->text[i] = NULL;
    }
}

int options_copy(struct options *to, const struct options *from)
{
    *to = *from;
    bool good = true;
    for (int i = 0; i < OPT_COUNT; i++) {
        to->text[i] = str_dup(from->text[i]);
        good = good && to->text[i] != NULL;
    }
    if (good)
        return GLN_OK;
    options_free(to);
    return GLN_E_MEMORY;
}

static void say(char *err, size_t size, enum message_id id, const char *a, const char *b, const char *c)
{
    struct buf text = BUF_INIT;
    message_put(&text, id, LANG_EN, (const char *const[]){a, b, c}, 3);
    str_copy(err, size, text.data);
    buf_free(&text);
}

/* "a number of elements from 8 to 4096", for the message */
static void expected(struct buf *out, const struct option_spec *spec)
{
    static const char *const kind[] = {[OPTION_TEXT] = "a text",    [OPTION_PATH] = "a path",
                                       [OPTION_INT] = "a number",   [OPTION_SIZE] = "a size",
                                       [OPTION_MS] = "a time",      [OPTION_BOOL] = "on or off",
                                       [OPTION_CHOICE] = "one of ", [OPTION_INSTANT] = "an RFC 3339 instant"};
    buf_puts(out, kind[spec->type]);
    if (spec->type == OPTION_CHOICE)
        buf_puts(out, spec->unit);
    if (spec->type == OPTION_INT || spec->type == OPTION_SIZE || spec->type == OPTION_MS)
        buf_printf(out, " from %lld to %lld (%s)", (long long)spec->min, (long long)spec->max, spec->unit);
}

int options_set(struct options *o, const char *name, const char *value, char *err, size_t size)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_spec *spec = &option_table[i];
        if (strcmp(spec->name, name) != 0)
            continue;
        int64_t number;
        if (!parse_value(&number, spec, value)) {
            struct buf want = BUF_INIT;
            expected(&want, spec);
            say(err, size, MSG_OPTION_VALUE, name, value, want.data);
            buf_free(&want);
            return GLN_E_CONFIG;
        }
        char *copy = str_dup(value);
        if (copy == NULL)
            return GLN_E_MEMORY;
        free(o->text[i]);
        o->text[i] = copy;
        o->number[i] = number;
        return GLN_OK;
    }
    say(err, size, MSG_OPTION_UNKNOWN, name, NULL, NULL);
    return GLN_E_CONFIG;
}

const char *option_text(const struct options *o, enum option_id id)
{
    return o->text[id];
}

int64_t option_int(const struct options *o, enum option_id id)
{
    return o->number[id];
}

bool option_on(const struct options *o, enum option_id id)
{
    return o->number[id] != 0;
}
