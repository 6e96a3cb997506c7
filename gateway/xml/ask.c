/*
 * Questions to the second evaluator (xml/ask.h): a list of compiled expressions in an arena, and a run of its own for each answer.
 *
 * Owns the expressions and the names of their variables. Answers are strict: where a transform would end with an error (a list that
 * does not exist, an amount that is none) the caller's stylesheet says so, not this.
 */
#include "xml/ask.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/lean.h"
#include "xml/native.h"

enum { MOST = 64, VARIABLES_MOST = 64, MEMORY_MOST = 1 << 20 };

struct xml_asks {
    struct arena arena;
    struct lean_expr *questions[MOST];
    size_t count;
    const char *variables[VARIABLES_MOST]; /* in the arena */
    size_t variable_count;
};

struct xml_asks *xml_asks_new(const char *const *variables)
{
    struct xml_asks *a = calloc(1, sizeof *a);
    for (; a != NULL && variables != NULL && *variables != NULL; variables++) {
        const char *name =
            a->variable_count < VARIABLES_MOST ? arena_text(&a->arena, *variables, strlen(*variables)) : NULL;
        if (name == NULL) {
            xml_asks_free(a);
            return NULL;
        }
        a->variables[a->variable_count++] = name;
    }
    return a;
}

void xml_asks_free(struct xml_asks *a)
{
    if (a == NULL)
        return;
    arena_free(&a->arena);
    free(a);
}

bool xml_asks_add(struct xml_asks *a, const char *xpath)
{
    const struct lean_names names = {.names = a->variables, .count = a->variable_count};
    if (a->count == MOST)
        return false;
    a->questions[a->count] = lean_compile(&a->arena, xpath, &names);
    return a->questions[a->count] != NULL && ++a->count > 0;
}

static const char *value_of(const struct xml_run *run, const char *name)
{
    const char *const *p = run->params;
    for (; p != NULL && *p != NULL; p += 2)
        if (strcmp(p[0], name) == 0)
            return p[1];
    return "";
}

bool xml_ask(struct buf *out, const struct xml_asks *a, size_t question, struct gln_context *ctx,
             const struct xml_doc *doc, const struct xml_node *at, const struct xml_run *run)
{
    struct lean_value values[VARIABLES_MOST];
    bool known[VARIABLES_MOST];
    struct arena arena = {.most = MEMORY_MOST};
    struct run state = {.ctx = ctx, .how = run, .in = doc};
    struct lean_run r = {.run = &state,
                         .arena = &arena,
                         .keep = &arena,
                         .current = xml_native(at),
                         .values = values,
                         .known = known};
    state.scratch = xml_scratch(ctx);
    r.most = 100000 + 100 * xml_doc_node_count(doc);
    for (size_t i = 0; i < a->variable_count; i++) {
        known[i] = true;
        values[i] = (struct lean_value){.type = LEAN_TEXT, .text = value_of(run, a->variables[i])};
    }
    const char *text = state.scratch != NULL ? lean_text(&r, a->questions[question], r.current) : NULL;
    bool sure = text != NULL && !r.lost;
    if (sure)
        buf_puts(out, text);
    arena_free(&arena);
    return sure && !out->failed;
}
