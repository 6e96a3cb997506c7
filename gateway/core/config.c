/*
 * gln_config of <greenlane.h>: option values by name. Reading a settings file is flow/settings.c's, for it needs XML.
 * Owns its strings. A refused value leaves the old one in place and its reason in `error`; nothing here is fatal.
 * Not for use by two threads at once: an engine copies the options when it is made.
 */
#include "core/config.h"

#include <stdlib.h>
#include <string.h>

int gln_config_new(gln_config **out)
{
    if (out == NULL)
        return GLN_E_ARGUMENT;
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return GLN_E_MEMORY;
    if (options_init(&(*out)->options) == GLN_OK)
        return GLN_OK;
    free(*out);
    *out = NULL;
    return GLN_E_MEMORY;
}

void gln_config_free(gln_config *config)
{
    if (config == NULL)
        return;
    options_free(&config->options);
    free(config);
}

int gln_config_set(gln_config *config, const char *name, const char *value)
{
    if (config == NULL || name == NULL || value == NULL)
        return GLN_E_ARGUMENT;
    config->error[0] = '\0';
    return options_set(&config->options, name, value, config->error, sizeof config->error);
}

const char *gln_config_error(const gln_config *config)
{
    return config == NULL ? "" : config->error;
}

int gln_config_number(const gln_config *config, const char *name, long long *out)
{
    if (config == NULL || name == NULL || out == NULL)
        return GLN_E_ARGUMENT;
    for (int i = 0; i < OPT_COUNT; i++) {
        enum option_type type = option_table[i].type;
        if ((type == OPTION_INT || type == OPTION_SIZE || type == OPTION_MS) &&
            strcmp(option_table[i].name, name) == 0) {
            *out = option_int(&config->options, (enum option_id)i);
            return GLN_OK;
        }
    }
    return GLN_E_NOT_FOUND;
}

int gln_option_at(size_t index, enum gln_language language, gln_option *out)
{
    if (out == NULL || out->struct_size < sizeof *out || (language != GLN_EN && language != GLN_ES))
        return GLN_E_ARGUMENT;
    if (index >= OPT_COUNT)
        return GLN_E_NOT_FOUND;
    const struct option_spec *spec = &option_table[index];
    out->name = spec->name;
    out->default_value = spec->def;
    out->unit = spec->unit;
    out->text = spec->text[language];
    return GLN_OK;
}

int gln_config_log(gln_config *config, gln_log_fn *write, void *arg, int threshold)
{
    if (config == NULL || threshold < LOG_LEVEL_ALERT || threshold > LOG_LEVEL_DEBUG)
        return GLN_E_ARGUMENT;
    config->log = (struct log_sink){write, arg, (enum log_level)threshold};
    return GLN_OK;
}
