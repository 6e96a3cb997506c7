/*
 * Validate: the pivot's schema, then the business rules: the core's, or, with a destination, the core's and the destination's in
 * one walk. All findings, sorted by place, each with its WCO pointer. An error refuses the declaration; a warning files on.
 *
 * An amendment that says only what changes is merged with what the ledger holds, and the whole is judged (flow/amend.c).
 * Rules run also when the schema found something: who mends a file wants to hear everything at once.
 */
#include "flow/internal.h"
#include "flow/merge.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

/** One step "Name" or "Name[3]" of a path: the child of `n` it stands for. */
static struct xml_node *step(const struct xml_node *n, const char *name, size_t len, size_t position)
{
    for (struct xml_node *c = xml_first(n); c != NULL; c = xml_next(c))
        if (strlen(xml_name(c)) == len && memcmp(xml_name(c), name, len) == 0 && --position == 0)
            return c;
    return NULL;
}

struct xml_node *flow_node_at(const struct xml_doc *doc, const char *xpath)
{
    struct xml_node *n = NULL;

    while (xpath != NULL && *xpath == '/') {
        const char *name = xpath + 1;
        size_t len = strcspn(name, "/[");
        const char *colon = memchr(name, ':', len);
        size_t position = 1;

        xpath = name + len;
        if (*xpath == '[') {
            position = strtoul(xpath + 1, NULL, 10);
            xpath += strcspn(xpath, "/");
        }
        if (colon != NULL) {
            len -= (size_t)(colon + 1 - name);
            name = colon + 1;
        }
        if (n == NULL)
            n = position == 1 && strlen(xml_name(xml_root(doc))) == len &&
                        memcmp(xml_name(xml_root(doc)), name, len) == 0
                    ? xml_root(doc)
                    : NULL;
        else if (*name != '@')
            n = step(n, name, len, position);
        if (n == NULL)
            return NULL;
    }
    return n;
}

/** Fills in the pointer of every finding that has a path but no pointer yet; what came from a kept declaration says so. */
int findings_point(struct gln_declaration *d)
{
    for (size_t i = 0; i < d->findings.count; i++) {
        struct finding *f = &d->findings.items[i];
        struct buf pointer = BUF_INIT;
        const struct xml_node *n;

        if (f->pointer != NULL || f->xpath == NULL)
            continue;
        n = flow_node_at(d->pivot, f->xpath);
        if (n == NULL)
            continue;
        xml_pointer_put(&pointer, d->ctx->engine->pointers, n);
        if (pointer.failed)
            return context_no_memory(d->ctx);
        if (pointer.len > 0)
            f->pointer = buf_take(&pointer, NULL);
        buf_free(&pointer);
    }
    return amend_tell(d);
}

/** Past the cap the list is cut; an error among those cut must still refuse. */
static int cut(struct gln_declaration *d)
{
    int64_t most = option_int(d->ctx->options, OPT_MAX_FINDINGS);
    enum gln_severity severity = d->findings.errors > 0 ? GLN_ERROR : GLN_WARNING;

    if ((int64_t)d->findings.count <= most)
        return GLN_OK;
    findings_truncate(&d->findings, (size_t)most);
    d->findings.cut = true;
    return findings_say(&d->findings, "GLN-FLOW-002", severity, PLACE_NONE, NULL, MSG_FLOW_CUT,
                        CTX_ARGS(option_text(d->ctx->options, OPT_MAX_FINDINGS)));
}

/** An amendment is judged as the whole it makes, once it is a good document by itself. */
static int merged(struct gln_declaration *d, struct gln_gateway *gw)
{
    int status = d->findings.errors == 0 ? amend_merge(d, gw) : GLN_OK;

    if (status != GLN_OK || d->findings.errors > 0 || merge_is_delta(d->pivot))
        return status;
    return xml_schema_check(d->ctx->engine->pivot_schema, d->ctx, d->pivot, &d->findings);
}

int flow_validate(struct gln_declaration *d, struct gln_gateway *gw)
{
    const struct gln_engine *e = d->ctx->engine;
    const struct xml_rules *rules = e->core_rules;
    struct xml_run run = {.codes = e->codes, .source = d->pivot};
    int status;

    if (d->wish.destination != NULL && d->wish.destination->rules != NULL)
        rules = d->wish.destination->rules;
    status = xml_schema_check(e->pivot_schema, d->ctx, d->pivot, &d->findings);
    if (status == GLN_OK && !d->wish.schema_only && merge_is_delta(d->pivot))
        status = merged(d, gw);
    run.source = d->pivot;
    if (status == GLN_OK && !d->wish.schema_only && !merge_is_delta(d->pivot))
        status = xml_rules_check(rules, d->ctx, d->pivot, &run, &d->findings);
    if (status == GLN_OK)
        status = findings_point(d);
    if (status != GLN_OK)
        return status;
    findings_sort(&d->findings);
    return cut(d);
}
