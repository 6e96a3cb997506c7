/** @file
 * The one option table: name, type, default, minimum, maximum, unit, text in both languages. Parser, `greenlane help options`,
 * the settings file's schema check and the manual page come from core/options.def.
 */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

enum option_type {
    OPTION_TEXT,
    OPTION_PATH,
    OPTION_INT,
    OPTION_SIZE,
    OPTION_MS,
    OPTION_BOOL,
    OPTION_CHOICE,
    OPTION_INSTANT
};

/* OPTION(ID, "name", TYPE, default text, min, max, "unit or choices a|b", "English", "Spanish") */
enum option_id {
#define OPTION(id, name, type, def, min, max, unit, en, es) OPT_##id,
#include "core/options.def"
#undef OPTION
    OPT_COUNT
};

struct option_spec {
    const char *name;
    enum option_type type;
    const char *def;
    int64_t min, max;
    const char *unit;
    const char *text[2];
};
extern const struct option_spec option_table[OPT_COUNT];

struct options {
    char *text[OPT_COUNT];     /**< owned; never NULL after options_init */
    int64_t number[OPT_COUNT]; /**< INT as is, SIZE in bytes, MS in milliseconds, BOOL 0/1, CHOICE index */
};

int options_init(struct options *o); /**< all defaults */
void options_free(struct options *o);
int options_copy(struct options *to, const struct options *from);
/** GLN_E_CONFIG and a message in `err` (bytes `size`) when the name or value is wrong. SIZE takes KiB/MiB/GiB, MS takes ms/s/min/h/d. */
int options_set(struct options *o, const char *name, const char *value, char *err, size_t size);
const char *option_text(const struct options *o, enum option_id id);
int64_t option_int(const struct options *o, enum option_id id);
bool option_on(const struct options *o, enum option_id id);

#endif
