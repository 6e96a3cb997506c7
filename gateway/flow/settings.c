/*
 * The settings file: <settings xmlns="urn:greenlane:config:1"> with one element per option, named as the option is.
 *
 * Nothing is ignored: an unknown element or a wrong value is refused with file and line. Elements in other namespaces belong to
 * other programs of ours (the daemon's own part) and are skipped here.
 */
#include "core/config.h"
#include "xml/reader.h"

#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "util/str.h"

#define NS_SETTINGS "urn:greenlane:config:1"

static int fail(gln_config *config, const char *path, struct place at, const char *why)
{
    char text[sizeof config->error];

    str_copy(text, sizeof text, why);
    snprintf(config->error, sizeof config->error, "%s:%u: %.900s", path, at.known ? (unsigned)at.line : 1U,
             text);
    return GLN_E_CONFIG;
}

static int settings_read(gln_config *config, const char *path, const struct xml_doc *doc)
{
    const struct xml_node *root = xml_root(doc);

    if (!xml_is(root, "settings") || !str_eq(xml_ns(root), NS_SETTINGS))
        return fail(config, path, xml_place(doc, root), "settings in urn:greenlane:config:1 is wanted");
    for (const struct xml_node *n = xml_first(root); n != NULL; n = xml_next(n)) {
        if (!str_eq(xml_ns(n), NS_SETTINGS))
            continue;
        if (gln_config_set(config, xml_name(n), xml_text(n)) != GLN_OK)
            return fail(config, path, xml_place(doc, n), config->error);
    }
    return GLN_OK;
}

int gln_config_load(gln_config *config, const char *path)
{
    struct gln_context ctx;
    struct xml_doc *doc = NULL;
    int status;

    if (config == NULL || path == NULL)
        return GLN_E_ARGUMENT;
    config->error[0] = '\0';
    context_init(&ctx, &config->options);
    status = xml_read_file(&doc, &ctx, path);
    if (status == GLN_OK) {
        status = settings_read(config, path, doc);
    } else {
        str_copy(config->error, sizeof config->error, context_text(&ctx, LANG_EN));
        status = status == GLN_E_MEMORY ? status : GLN_E_CONFIG;
    }
    xml_doc_free(doc);
    context_clear(&ctx);
    return status;
}
