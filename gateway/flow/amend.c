/*
 * Amendments by their differences (FunctionCode 13, TypeCode COR): which kept declaration they change, and the whole that comes of it.
 *
 * The original is the newest declaration of the same signer (unsigned: submitter) with a filing at the destination that carries the number in
 * Declaration/ID; one that was cancelled or that customs rejected does not count. It may be an amendment itself: then it is merged
 * first. The ledger keeps the amendment as it came, the original stays as it was, and which one it amends stands beside the
 * amendment's warnings, so that a later answer of customs finds its way back to the right file.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/merge.h"
#include "util/json.h"
#include "util/str.h"

struct load {
    struct gln_gateway *gw;
    struct gln_context *ctx;
    char (*ids)[33]; /**< MERGE_FILES of them */
    size_t count;
};

/** Which declaration a kept amendment amends; "" if it is none. */
static int amends(struct load *l, const char *id, char base[33])
{
    struct buf text = BUF_INIT;
    char why[160];
    struct json_in *root;
    const char *found;
    int status = ledger_declaration_part(l->gw->ledger, l->ctx, id, "findings", &text);

    base[0] = '\0';
    if (status != GLN_OK)
        return status;
    root = json_in_parse(text.data, text.len, why, sizeof why);
    found = root != NULL ? json_in_str(json_in_get(root, "amends")) : NULL;
    if (found != NULL)
        str_copy(base, 33, found);
    json_in_free(root);
    buf_free(&text);
    return GLN_OK;
}

static int read_kept(struct xml_doc **out, struct load *l, const char *id)
{
    struct buf bytes = BUF_INIT;
    int status = ledger_declaration_part(l->gw->ledger, l->ctx, id, "original", &bytes);

    if (status == GLN_OK)
        status = xml_read(out, l->ctx, bytes.data, bytes.len);
    if (status == GLN_OK)
        signature_strip(*out);
    buf_free(&bytes);
    return status;
}

/** The whole that kept declaration `id` stands for. The first file read has number `first`, those it amends the next ones. */
static int load_whole(struct xml_doc **out, struct load *l, const char *id, unsigned first)
{
    struct xml_doc *files[MERGE_FILES] = {NULL};
    struct findings none = {0};
    char base[33] = "";
    size_t n = 0;
    int status = GLN_OK;

    *out = NULL;
    for (const char *next = id; status == GLN_OK && *next != '\0'; next = base) {
        char this[33];

        if (first + n >= MERGE_FILES) {
            status = context_fail(l->ctx, GLN_E_INPUT, MSG_FLOW_MERGE_DEEP, id);
            break;
        }
        str_copy(this, sizeof this, next);
        if (first + n > 0)
            str_copy(l->ids[l->count++], 33, this);
        status = read_kept(&files[n++], l, this);
        if (status == GLN_OK)
            status = amends(l, this, base);
    }
    if (status == GLN_OK)
        status = merge_copy(out, l->ctx, files[n - 1], first + (unsigned)n - 1);
    for (size_t i = n - 1; status == GLN_OK && i > 0; i--)
        status = merge_apply(l->ctx, *out, files[i - 1], first + (unsigned)i - 1, &none);
    /* It could be merged when it was filed; a table of pointers may have been replaced since, and half a merge is not filed. */
    if (status == GLN_OK && none.errors > 0)
        status = context_fail(l->ctx, GLN_E_INPUT, MSG_FLOW_MERGE_AGAIN, id);
    for (size_t i = 0; i < n; i++)
        xml_doc_free(files[i]);
    findings_free(&none);
    return status;
}

int amend_load(struct xml_doc **out, char (**ids)[33], size_t *count, struct gln_gateway *gw,
               struct gln_context *ctx, const char *id)
{
    struct load l = {.gw = gw, .ctx = ctx, .ids = calloc(MERGE_FILES, 33)};
    char base[33];
    int status = l.ids != NULL ? amends(&l, id, base) : context_no_memory(ctx);

    /* the usual one is no amendment, and what was read tells its own places */
    if (status == GLN_OK)
        status = base[0] != '\0' ? load_whole(out, &l, id, 0) : read_kept(out, &l, id);
    *ids = l.ids;
    *count = l.count;
    return status;
}

static int say(struct gln_declaration *d, const char *path, enum gln_severity severity, enum message_id id,
               const char *a, const char *b)
{
    const struct xml_node *at = xml_find(xml_root(d->pivot), path);
    struct buf xpath = BUF_INIT;
    int status;

    if (at == NULL)
        at = xml_child(xml_root(d->pivot), "Declaration");
    xml_path(&xpath, at);
    status = findings_say(&d->findings, "GLN-FLOW-001", severity, xml_place(d->pivot, at), xpath.data, id,
                          CTX_ARGS(a, b));
    buf_free(&xpath);
    return status;
}

static int merge_with(struct gln_declaration *d, struct load *l, const char *base)
{
    struct xml_doc *whole = NULL;
    int status = load_whole(&whole, l, base, 1);

    if (status == GLN_OK)
        status = merge_apply(d->ctx, whole, d->pivot, 0, &d->findings);
    if (status == GLN_OK)
        status = findings_point(d);
    if (status == GLN_OK && d->findings.errors == 0) {
        struct xml_doc *delta = d->pivot;

        d->pivot = whole;
        whole = delta;
        d->amended = TAKE(&l->ids);
        d->amended_count = l->count;
    }
    xml_doc_free(whole);
    return status;
}

int amend_merge(struct gln_declaration *d, struct gln_gateway *gw)
{
    const char *number = xml_find_text(xml_root(d->pivot), "Declaration/ID");
    struct load l = {.gw = gw, .ctx = d->ctx};
    char base[33];
    int status;

    if (gw == NULL || d->wish.destination == NULL)
        return say(d, "Declaration/FunctionCode", d->wish.destination != NULL ? GLN_ERROR : GLN_WARNING,
                   MSG_FLOW_DELTA, "COR", "");
    if (number == NULL)
        number = "";
    status = ledger_amended(gw->ledger, d->ctx, d->wish.destination->name,
                            option_text(d->ctx->options, OPT_ENVIRONMENT),
                            flow_actor(d) != NULL ? flow_actor(d) : "", number, base);
    if (status == GLN_E_NOT_FOUND) {
        context_ok(d->ctx);
        return say(d, "Declaration/ID", GLN_ERROR, MSG_FLOW_MERGE_ORIGINAL, number,
                   d->wish.destination->name);
    }
    l.ids = calloc(MERGE_FILES, 33);
    if (status == GLN_OK)
        status = l.ids != NULL ? merge_with(d, &l, base) : context_no_memory(d->ctx);
    free(l.ids);
    return status;
}

/** Moves one finding's place, which is of kept declaration `id`, into its text. */
static bool tell(struct finding *f, const char *id)
{
    char line[16];
    char column[16];

    snprintf(line, sizeof line, "%u", (unsigned)f->place.line);
    snprintf(column, sizeof column, "%u", (unsigned)f->place.column);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        union {
            const char *kept;
            char *owned;
        } text = {f->text[lang]};
        struct buf b = BUF_INIT;

        message_put(&b, MSG_FLOW_MERGE_KEPT, lang, CTX_ARGS(text.kept, line, column, id));
        if (b.failed) {
            buf_free(&b);
            return false;
        }
        free(text.owned);
        f->text[lang] = buf_take(&b, NULL);
    }
    f->place = PLACE_NONE;
    return true;
}

int amend_tell(struct gln_declaration *d)
{
    for (size_t i = 0; i < d->findings.count; i++) {
        struct finding *f = &d->findings.items[i];
        unsigned file = d->amended_count > 0 ? merge_file(&f->place) : 0;

        if (file > 0 && file <= d->amended_count && !tell(f, d->amended[file - 1]))
            return context_no_memory(d->ctx);
    }
    return GLN_OK;
}
