/*
 * Mappings: which column of a publisher's list is what (trust/list.h). A small XML file of its own, or nothing, and then the columns'
 * names speak for themselves.
 *
 * Owns the document its strings are in. A mapping that cannot be meant is refused with its place.
 */
#include "trust/list.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/reader.h"

#define MAPPING_NS "urn:greenlane:list-mapping:1"

static const char *const targets[TARGET_COUNT] = {[TARGET_NONE] = "ignore",
                                                  [TARGET_ADDRESS] = "address",
                                                  [TARGET_CLASS] = "class",
                                                  [TARGET_CONSENT] = "consent",
                                                  [TARGET_CONSENT_FROM] = "consent-from",
                                                  [TARGET_CONSENT_TO] = "consent-to",
                                                  [TARGET_COUNTRY] = "country",
                                                  [TARGET_EFFECTIVE] = "effective",
                                                  [TARGET_FROM] = "from",
                                                  [TARGET_IDENTIFIER] = "identifier",
                                                  [TARGET_NAME] = "name",
                                                  [TARGET_NUMBER] = "number",
                                                  [TARGET_PROGRAMME] = "programme",
                                                  [TARGET_STATUS] = "status",
                                                  [TARGET_TAX] = "tax",
                                                  [TARGET_TO] = "to"};

static bool target_parse(enum list_target *out, const char *text)
{
    for (int i = 0; i < TARGET_COUNT; i++)
        if (str_eq(targets[i], text)) {
            *out = (enum list_target)i;
            return true;
        }
    return false;
}

void mapping_free(struct list_mapping *m)
{
    for (size_t i = 0; i < m->columns.count; i++)
        free(m->columns.items[i].values.items);
    free(m->columns.items);
    xml_doc_free(m->doc);
    *m = (struct list_mapping){.doc = NULL};
}

static int wrong(const struct list_mapping *m, struct gln_context *ctx, const struct xml_node *n,
                 const char *what)
{
    return context_fail_at(ctx, GLN_E_INPUT, xml_place(m->doc, n), MSG_LIST_MAPPING, xml_name(n), what);
}

static int read_column(struct list_mapping *m, struct gln_context *ctx, const struct xml_node *n)
{
    struct list_column *c = REGISTER_MORE(m->columns);
    if (c == NULL)
        return context_no_memory(ctx);
    c->at = SIZE_MAX;
    c->name = xml_attr(n, "name");
    c->kind = xml_attr(n, "kind");
    c->required = str_eq(xml_attr(n, "required"), "yes");
    c->key = str_eq(xml_attr(n, "key"), "yes");
    if (!xml_is(n, "column") || c->name == NULL || c->name[0] == '\0')
        return wrong(m, ctx, n, "name");
    if (!target_parse(&c->target, xml_attr(n, "to")))
        return wrong(m, ctx, n, "to");
    if ((c->target == TARGET_IDENTIFIER) != (c->kind != NULL) ||
        (c->kind != NULL && identifier_kind(c->kind) == NULL))
        return wrong(m, ctx, n, "kind");
    for (const struct xml_node *v = xml_first(n); v != NULL; v = xml_next(v)) {
        struct list_value *value = REGISTER_MORE(c->values);
        if (value == NULL)
            return context_no_memory(ctx);
        *value = (struct list_value){xml_attr(v, "from"), xml_attr(v, "to")};
        if (!xml_is(v, "value") || value->from == NULL || value->to == NULL)
            return wrong(m, ctx, v, "from, to");
    }
    return GLN_OK;
}

int mapping_read(struct list_mapping *m, struct gln_context *ctx, const void *bytes, size_t len)
{
    *m = (struct list_mapping){.doc = NULL};
    int status = xml_read(&m->doc, ctx, bytes, len);
    if (status != GLN_OK)
        return status;
    const struct xml_node *root = xml_root(m->doc);
    const char *separator = xml_attr(root, "separator"), *format = xml_attr(root, "format");
    if (!xml_is(root, "list-mapping") || !str_eq(xml_ns(root), MAPPING_NS))
        return wrong(m, ctx, root, MAPPING_NS);
    m->xml = str_eq(format, "xml");
    m->rows = xml_attr(root, "rows");
    m->separator = separator == NULL ? ',' : str_eq(separator, "tab") ? '\t' : separator[0];
    m->dates = xml_attr(root, "dates");
    m->programme = xml_attr(root, "programme");
    m->class_code = xml_attr(root, "class");
    m->status = xml_attr(root, "status");
    m->list_name = xml_attr(root, "list");
    m->consent = str_eq(xml_attr(root, "consent"), "yes");
    m->ignore_others = str_eq(xml_attr(root, "others"), "ignore");
    if (!m->xml && !str_eq(format, "csv"))
        return wrong(m, ctx, root, "format");
    if (m->xml && (m->rows == NULL || m->rows[0] == '\0'))
        return wrong(m, ctx, root, "rows");
    if (m->status != NULL && !status_known(m->status))
        return wrong(m, ctx, root, "status");
    for (const struct xml_node *n = xml_first(root); status == GLN_OK && n != NULL; n = xml_next(n))
        status = read_column(m, ctx, n);
    return status;
}

int mapping_default(struct list_mapping *m, struct gln_context *ctx, const char *const *names, size_t count)
{
    *m = (struct list_mapping){.separator = ','};
    for (size_t i = 0; i < count; i++) {
        struct list_column *c = REGISTER_MORE(m->columns);
        if (c == NULL)
            return context_no_memory(ctx);
        c->name = names[i];
        c->at = i;
        if (identifier_kind(names[i]) != NULL) {
            c->target = TARGET_IDENTIFIER;
            c->kind = names[i];
        } else if (!target_parse(&c->target, names[i]) || c->target == TARGET_IDENTIFIER ||
                   c->target == TARGET_NONE) {
            return context_fail(ctx, GLN_E_INPUT, MSG_LIST_WHAT_COLUMN, names[i]);
        }
        c->required = c->target == TARGET_NAME || c->target == TARGET_PROGRAMME || c->target == TARGET_CLASS;
    }
    return GLN_OK;
}
