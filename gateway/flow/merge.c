/*
 * Merging an amendment: the changes that a declaration with FunctionCode 13 and TypeCode COR names, applied to the whole.
 *
 * Each Amendment points down from the declaration, a class and an occurrence at a level, to a class or to one value of it. What
 * stands at that place in the amendment is put into the whole; what is pointed at and left out there is taken out of the whole.
 * Classes with a SequenceNumeric are told apart by it, others by position. An amendment may hold just the objects it points
 * at or all up to them; where neither reading fits it is a finding, for a guess would declare what nobody wrote.
 *
 * The whole keeps its kind: TypeCode stays the original's and FunctionCode becomes 5 (replace). Places of several files live in one
 * document: the top bits of an offset number the file, see merge_file().
 */
#include "flow/merge.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/rules.h"

enum { DEEPEST = 12, FILE_SHIFT = sizeof(size_t) * CHAR_BIT - 6 };

/** One level of a pointer. */
struct level {
    const char *name; /**< element; borrowed from the table of pointers */
    bool many;
    unsigned number; /**< occurrence; 1 for a class that occurs once */
};

struct change {
    const struct xml_node *at; /**< its Amendment */
    struct level levels[DEEPEST];
    size_t depth;
    const char *leaf; /**< element the TagID stands for; NULL: the whole class */
};

struct pair {
    const struct xml_node *sent, *whole;
};

struct merge {
    struct gln_context *ctx;
    const struct xml_pointers *pointers;
    const struct xml_doc *delta;
    struct findings *out;
    unsigned file;
    struct change *changes; /**< owned */
    size_t change_count;
    struct pair *pairs; /**< owned: objects of both that belong together */
    size_t pair_count;
    const struct xml_node **used; /**< owned: what was taken over from the delta */
    size_t used_count;
    struct xml_node **gone; /**< owned: what is taken out at the end, so that positions stay */
    size_t gone_count;
};

static const struct xml_node *declaration_of(const struct xml_doc *doc)
{
    return xml_child(xml_root(doc), "Declaration");
}

bool merge_is_delta(const struct xml_doc *doc)
{
    const struct xml_node *d = declaration_of(doc);

    return str_eq(xml_find_text(d, "FunctionCode"), "13") && str_eq(xml_find_text(d, "TypeCode"), "COR");
}

/* --- places --- */

unsigned merge_file(struct place *place)
{
    unsigned file = place->known ? (unsigned)(place->offset >> FILE_SHIFT) : 0;

    place->offset &= ((size_t)1 << FILE_SHIFT) - 1;
    return file;
}

static int place_all(struct gln_context *ctx, struct xml_node *to, const struct xml_doc *doc,
                     const struct xml_node *from, unsigned file)
{
    struct place place = xml_place(doc, from);
    const struct xml_node *f = xml_first(from);
    int status;

    place.offset |= (size_t)file << FILE_SHIFT;
    status = xml_set_place(ctx, to, place);
    for (struct xml_node *t = xml_first(to); status == GLN_OK && t != NULL && f != NULL; t = xml_next(t)) {
        status = place_all(ctx, t, doc, f, file);
        f = xml_next(f);
    }
    return status;
}

int merge_copy(struct xml_doc **out, struct gln_context *ctx, const struct xml_doc *doc, unsigned file)
{
    int status = xml_doc_of(out, ctx, xml_root(doc));

    return status == GLN_OK ? place_all(ctx, xml_root(*out), doc, xml_root(doc), file) : status;
}

static int say(struct merge *m, const struct xml_node *at, enum gln_severity severity, const char *rule,
               enum message_id id, const char *arg)
{
    struct buf path = BUF_INIT;
    int status;

    xml_path(&path, at);
    status = findings_say(m->out, rule, severity, xml_place(m->delta, at), path.data, id, CTX_ARGS(arg));
    buf_free(&path);
    return status;
}

/* --- reading the pointers --- */

/** Which occurrence is meant: the only one when nothing is said; 0 for a number none can have. */
static unsigned number_of(const struct xml_node *pointer)
{
    const char *text = xml_find_text(pointer, "SequenceNumeric");
    unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 1;

    return n < 100000 ? (unsigned)n : 0;
}

static int level_read(struct merge *m, struct change *c, const struct xml_node *pointer, struct buf *path)
{
    const char *class = xml_find_text(pointer, "DocumentSectionCode");
    const char *tag = xml_find_text(pointer, "TagID");
    struct level *level = &c->levels[c->depth];

    if (class == NULL || c->depth == DEEPEST || c->leaf != NULL)
        return say(m, pointer, GLN_ERROR, "GLN-FLOW-010", MSG_FLOW_MERGE_POINTER,
                   class != NULL ? class : "-");
    level->name = xml_pointers_name(m->pointers, path->data != NULL ? path->data : "", class, &level->many);
    if (level->name == NULL)
        return say(m, pointer, GLN_ERROR, "GLN-FLOW-010", MSG_FLOW_MERGE_POINTER, class);
    level->number = level->many ? number_of(pointer) : 1;
    if (level->number == 0)
        return say(m, pointer, GLN_ERROR, "GLN-FLOW-010", MSG_FLOW_MERGE_NUMBER,
                   xml_find_text(pointer, "SequenceNumeric"));
    c->depth++;
    buf_printf(path, "%s%s", path->len > 0 ? "/" : "", level->name);
    if (path->failed)
        return context_no_memory(m->ctx);
    if (tag == NULL)
        return GLN_OK;
    c->leaf = xml_pointers_name(m->pointers, path->data, tag, NULL);
    return c->leaf != NULL ? GLN_OK : say(m, pointer, GLN_ERROR, "GLN-FLOW-010", MSG_FLOW_MERGE_POINTER, tag);
}

static int change_read(struct merge *m, const struct xml_node *amendment)
{
    struct change *c = &m->changes[m->change_count++];
    struct buf path = BUF_INIT;
    size_t errors = m->out->errors;
    int status = GLN_OK;

    c->at = amendment;
    for (const struct xml_node *p = xml_first(amendment);
         status == GLN_OK && m->out->errors == errors && p != NULL; p = xml_next(p))
        if (xml_is(p, "Pointer"))
            status = level_read(m, c, p, &path);
    buf_free(&path);
    if (status == GLN_OK && m->out->errors == errors &&
        (c->depth == 0 || !str_eq(c->levels[0].name, "Declaration") || (c->depth == 1 && c->leaf == NULL)))
        status = say(m, amendment, GLN_ERROR, "GLN-FLOW-010", MSG_FLOW_MERGE_POINTER, "42A");
    return status;
}

/* --- finding the two ends --- */

static size_t count_of(const struct xml_node *parent, const char *name)
{
    size_t n = 0;

    for (const struct xml_node *c = parent != NULL ? xml_first(parent) : NULL; c != NULL; c = xml_next(c))
        n += xml_is(c, name);
    return n;
}

static struct xml_node *nth(const struct xml_node *parent, const char *name, size_t number)
{
    for (struct xml_node *c = parent != NULL ? xml_first(parent) : NULL; c != NULL; c = xml_next(c))
        if (xml_is(c, name) && --number == 0)
            return c;
    return NULL;
}

static bool numbered(const struct xml_node *parent, const char *name)
{
    const struct xml_node *first = nth(parent, name, 1);

    return first != NULL && xml_child(first, "SequenceNumeric") != NULL;
}

static struct xml_node *by_number(const struct xml_node *parent, const char *name, unsigned number)
{
    for (struct xml_node *c = parent != NULL ? xml_first(parent) : NULL; c != NULL; c = xml_next(c)) {
        const char *text = xml_is(c, name) ? xml_find_text(c, "SequenceNumeric") : NULL;

        if (text != NULL && strtoul(text, NULL, 10) == number)
            return c;
    }
    return NULL;
}

static bool same_levels(const struct change *a, const struct change *b, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        if (!str_eq(a->levels[i].name, b->levels[i].name) || a->levels[i].number != b->levels[i].number)
            return false;
    return true;
}

/** How many different occurrences up to `most` are pointed at on level `i` of `c`. */
static size_t pointed(const struct merge *m, const struct change *c, size_t i, unsigned most)
{
    size_t n = 0;

    for (size_t k = 0; k < m->change_count; k++) {
        const struct change *o = &m->changes[k];
        bool before = false;

        if (o->depth <= i || !same_levels(o, c, i) || !str_eq(o->levels[i].name, c->levels[i].name) ||
            o->levels[i].number > most)
            continue;
        for (size_t j = 0; j < k && !before; j++)
            before = m->changes[j].depth > i && same_levels(&m->changes[j], o, i + 1);
        n += !before;
    }
    return n;
}

static bool all_there(const struct merge *m, const struct change *c, size_t i, size_t have)
{
    return pointed(m, c, i, UINT_MAX) == pointed(m, c, i, (unsigned)have);
}

/** What the amendment holds at level `i`; NULL in *out: left out. False: it cannot be told. */
static bool sent_at(const struct merge *m, const struct change *c, size_t i, const struct xml_node *parent,
                    bool by_sequence, const struct xml_node **out)
{
    const struct level *l = &c->levels[i];
    size_t have = count_of(parent, l->name);

    *out = NULL;
    if (have == 0)
        return true;
    if (!l->many)
        *out = nth(parent, l->name, 1);
    else if (by_sequence)
        *out = by_number(parent, l->name, l->number);
    else if (have == pointed(m, c, i, UINT_MAX))
        *out = nth(parent, l->name, pointed(m, c, i, l->number));
    else if (all_there(m, c, i, have))
        *out = nth(parent, l->name, l->number);
    else
        return false;
    return true;
}

/* --- changing the whole --- */

/** Puts a copy of `sent`, or with `bare` only its element and number, below `parent` where the schema wants it. */
static int put(struct merge *m, struct xml_node **out, struct xml_node *parent, const struct xml_node *sent,
               const char *path, bool bare)
{
    size_t order = xml_pointers_order(m->pointers, path, xml_name(sent));
    struct xml_node *before = xml_first(parent);
    const struct xml_node *number = xml_child(sent, "SequenceNumeric");
    struct place place = xml_place(m->delta, sent);
    int status;

    while (before != NULL && xml_pointers_order(m->pointers, path, xml_name(before)) <= order)
        before = xml_next(before);
    if (!bare) {
        status = xml_graft_before(out, m->ctx, parent, before, sent);
        return status == GLN_OK ? place_all(m->ctx, *out, m->delta, sent, m->file) : status;
    }
    status = before != NULL ? xml_add_before(out, m->ctx, before, NULL, xml_name(sent))
                            : xml_add(out, m->ctx, parent, NULL, xml_name(sent));
    place.offset |= (size_t)m->file << FILE_SHIFT;
    if (status == GLN_OK)
        status = xml_set_place(m->ctx, *out, place);
    if (status == GLN_OK && number != NULL)
        status = xml_add_text(m->ctx, *out, NULL, "SequenceNumeric", xml_text(number));
    return status;
}

static bool lies_in(const struct xml_node *n, const struct xml_node *top)
{
    while (n != NULL && n != top)
        n = xml_parent(n);
    return n != NULL;
}

/** `sent` instead of `old`, in its place. */
static int replace(struct merge *m, struct xml_node *old, const struct xml_node *sent)
{
    struct xml_node *copy = NULL;
    size_t kept = 0;
    int status = xml_graft_before(&copy, m->ctx, xml_parent(old), old, sent);

    if (status == GLN_OK)
        status = place_all(m->ctx, copy, m->delta, sent, m->file);
    if (status != GLN_OK)
        return status;
    for (size_t i = 0; i < m->gone_count; i++)
        if (!lies_in(m->gone[i], old))
            m->gone[kept++] = m->gone[i];
    m->gone_count = kept;
    xml_remove(old);
    return GLN_OK;
}

/** The last step: the value or object itself. */
static int settle(struct merge *m, const struct change *c, struct xml_node *parent, struct xml_node *old,
                  const struct xml_node *sent, const char *path)
{
    struct xml_node *made = NULL;

    if (sent == NULL && old == NULL)
        return say(m, c->at, GLN_ERROR, "GLN-FLOW-011", MSG_FLOW_MERGE_NOTHING, path);
    if (sent == NULL) {
        m->gone[m->gone_count++] = old;
        return GLN_OK;
    }
    m->used[m->used_count++] = sent;
    return old != NULL ? replace(m, old, sent) : put(m, &made, parent, sent, path, false);
}

/** What the whole has at a level; NULL: nothing. */
static struct xml_node *old_at(const struct level *l, const struct xml_node *parent, bool by_sequence)
{
    if (!l->many)
        return nth(parent, l->name, 1);
    return by_sequence ? by_number(parent, l->name, l->number) : nth(parent, l->name, l->number);
}

/** Level `i` of `c`: from the parents to the objects below, or to the end. Sets *done when nothing is left to do. */
static int descend(struct merge *m, const struct change *c, size_t i, struct xml_node **whole,
                   const struct xml_node **sent, const char *path, bool *done)
{
    const struct level *l = &c->levels[i];
    bool by_sequence = numbered(*whole, l->name) || numbered(*sent, l->name);
    const struct xml_node *below = NULL;
    struct xml_node *old = old_at(l, *whole, by_sequence);
    bool last = i + 1 == c->depth && c->leaf == NULL;
    int status = GLN_OK;

    *done = true;
    if (!sent_at(m, c, i, *sent, by_sequence, &below))
        return say(m, c->at, GLN_ERROR, "GLN-FLOW-012", MSG_FLOW_MERGE_UNCLEAR, l->name);
    if (old == NULL && below != NULL && l->many && !by_sequence && l->number != count_of(*whole, l->name) + 1)
        return say(m, c->at, GLN_ERROR, "GLN-FLOW-011", MSG_FLOW_MERGE_NOTHING, l->name);
    if (last)
        return settle(m, c, *whole, old, below, path);
    if (old == NULL && below == NULL)
        return say(m, c->at, GLN_ERROR, "GLN-FLOW-011", MSG_FLOW_MERGE_NOTHING, l->name);
    if (old == NULL)
        status = put(m, &old, *whole, below, path, true);
    *done = status != GLN_OK;
    if (below != NULL)
        m->pairs[m->pair_count++] = (struct pair){below, old};
    *whole = old;
    *sent = below;
    return status;
}

static int change_apply(struct merge *m, struct xml_doc *whole, const struct change *c)
{
    struct xml_node *w = xml_child(xml_root(whole), "Declaration");
    const struct xml_node *s = declaration_of(m->delta);
    struct buf path = BUF_INIT;
    bool done = false;
    int status = GLN_OK;

    buf_puts(&path, "Declaration");
    m->pairs[m->pair_count++] = (struct pair){s, w};
    for (size_t i = 1; status == GLN_OK && !done && i < c->depth; i++) {
        status = descend(m, c, i, &w, &s, path.data, &done);
        buf_printf(&path, "/%s", c->levels[i].name);
        if (path.failed)
            status = context_no_memory(m->ctx);
    }
    if (status == GLN_OK && !done)
        status = settle(m, c, w, xml_child(w, c->leaf), s != NULL ? xml_child(s, c->leaf) : NULL, path.data);
    buf_free(&path);
    return status;
}

/* --- the rest of it --- */

/** What the amendment says of itself replaces what the original said of itself. */
static int header_apply(struct merge *m, struct xml_doc *whole)
{
    static const char *const names[] = {"FunctionCode", "FunctionalReferenceID", "ID"};
    struct xml_node *to = xml_child(xml_root(whole), "Declaration");
    int status = GLN_OK;

    for (size_t i = 0; status == GLN_OK && i < sizeof names / sizeof names[0]; i++) {
        const struct xml_node *sent = xml_child(declaration_of(m->delta), names[i]);
        struct xml_node *old = xml_child(to, names[i]);
        struct xml_node *made = NULL;

        if (sent != NULL)
            status = old != NULL ? replace(m, old, sent) : put(m, &made, to, sent, "Declaration", false);
    }
    return status == GLN_OK ? xml_set_text(m->ctx, xml_child(to, "FunctionCode"), "5") : status;
}

static const struct xml_node *partner(const struct merge *m, const struct xml_node *sent)
{
    for (size_t i = 0; i < m->pair_count; i++)
        if (m->pairs[i].sent == sent)
            return m->pairs[i].whole;
    return NULL;
}

static bool is_used(const struct merge *m, const struct xml_node *n)
{
    for (size_t i = 0; i < m->used_count; i++)
        if (m->used[i] == n)
            return true;
    return false;
}

static bool same(const struct xml_node *a, const struct xml_node *b)
{
    const struct xml_node *x = xml_first(a);
    const struct xml_node *y = xml_first(b);

    if (!xml_is(a, xml_name(b)) || (x == NULL) != (y == NULL))
        return false;
    if (x == NULL)
        return str_eq(xml_text(a), xml_text(b));
    while (x != NULL && y != NULL && same(x, y)) {
        x = xml_next(x);
        y = xml_next(y);
    }
    return x == NULL && y == NULL;
}

/** Whether the original has it too: an amendment may repeat what stands before the object it points at. */
static bool has_same(const struct xml_node *whole, const struct xml_node *sent)
{
    for (const struct xml_node *c = whole != NULL ? xml_first(whole) : NULL; c != NULL; c = xml_next(c))
        if (same(c, sent))
            return true;
    return false;
}

/** A value that is sent, differs from the original's and is pointed at by nothing is not taken over; that is said. */
static int rest_tell(struct merge *m, const struct xml_node *n)
{
    static const char *const own[] = {"FunctionCode", "FunctionalReferenceID", "ID",
                                      "TypeCode",     "AdditionalInformation", "Amendment"};
    const struct xml_node *above = xml_parent(n);
    const struct xml_node *whole = partner(m, above);
    int status = GLN_OK;

    for (size_t i = 0; above == declaration_of(m->delta) && i < sizeof own / sizeof own[0]; i++)
        if (xml_is(n, own[i]))
            return GLN_OK;
    if (is_used(m, n) || xml_is(n, "SequenceNumeric"))
        return GLN_OK;
    /* an object on the way that holds nothing any more says that something goes */
    if (has_same(whole, n) || (xml_first(n) == NULL && partner(m, n) != NULL))
        return GLN_OK;
    if (xml_first(n) == NULL)
        return say(m, n, GLN_WARNING, "GLN-FLOW-013", MSG_FLOW_MERGE_UNPOINTED, xml_text(n));
    for (const struct xml_node *c = xml_first(n); status == GLN_OK && c != NULL; c = xml_next(c))
        status = rest_tell(m, c);
    return status;
}

static int merge_run(struct merge *m, struct xml_doc *whole)
{
    const struct xml_node *d = declaration_of(m->delta);
    int status = GLN_OK;

    for (const struct xml_node *c = xml_first(d); status == GLN_OK && c != NULL; c = xml_next(c))
        if (xml_is(c, "Amendment"))
            status = change_read(m, c);
    if (status == GLN_OK && m->change_count == 0)
        status = say(m, d, GLN_ERROR, "GLN-FLOW-010", MSG_FLOW_MERGE_POINTER, "06A");
    if (status != GLN_OK || m->out->errors > 0)
        return status;
    status = header_apply(m, whole);
    for (size_t i = 0; status == GLN_OK && i < m->change_count; i++)
        status = change_apply(m, whole, &m->changes[i]);
    for (const struct xml_node *c = xml_first(d); status == GLN_OK && c != NULL; c = xml_next(c))
        status = rest_tell(m, c);
    for (size_t i = 0; status == GLN_OK && i < m->gone_count; i++)
        xml_remove(m->gone[i]);
    return status;
}

int merge_apply(struct gln_context *ctx, struct xml_doc *whole, const struct xml_doc *delta, unsigned file,
                struct findings *out)
{
    size_t most = count_of(declaration_of(delta), "Amendment") + 1;
    struct merge m = {
        .ctx = ctx, .pointers = ctx->engine->pointers, .delta = delta, .out = out, .file = file};
    int status;

    m.changes = calloc(most, sizeof *m.changes);
    m.pairs = calloc(most * (DEEPEST + 1), sizeof *m.pairs);
    m.used = calloc(most, sizeof *m.used);
    m.gone = calloc(most, sizeof *m.gone);
    status = m.changes != NULL && m.pairs != NULL && m.used != NULL && m.gone != NULL
                 ? merge_run(&m, whole)
                 : context_no_memory(ctx);
    free(m.changes);
    free(m.pairs);
    free(m.used);
    free(m.gone);
    return status;
}
