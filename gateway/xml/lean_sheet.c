/*
 * The functions of the second evaluator (xml/lean.h) that only stylesheets have: places, facts, texts that must fit.
 *
 * Each answers as its namesake in functions_*.c does in a transform, and gives up where that would refuse: libxslt is asked then, and
 * says what is wrong, where. Owns nothing; texts that are made belong to the run's arena.
 */
#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/fold.h"
#include "xml/lean.h"

static bool call_src(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    char number[24];
    src_of(r->run, args != NULL ? lean_first(r, args, at) : at, number);
    return lean_give_text(r, out, arena_text(r->arena, number, strlen(number)));
}

static bool call_facts(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    struct lean_value from;
    size_t cap = 0;
    const char *key = lean_trimmed(r, args->next, at);
    if (!lean_eval(r, args, at, &from) || from.type != LEAN_NODES)
        return lean_give_up(r);
    *out = (struct lean_value){.type = LEAN_NODES};
    for (size_t i = 0; i < from.count; i++)
        for (const xmlNode *n = from.nodes[i]->children; n != NULL; n = n->next) {
            const xmlNode *fact = fact_told(n, key);
            if (fact != NULL && !lean_add_node(r, out, &cap, fact))
                return false;
        }
    return true;
}

static bool call_code_attr(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                           struct lean_value *out)
{
    const struct lean_expr *value = args->next;
    const char *found = xml_codes_attr(r->run->how->codes, lean_trimmed(r, args, at),
                                       lean_trimmed(r, value, at), lean_trimmed(r, value->next, at));
    return lean_give_text(r, out, found != NULL ? found : "");
}

/** What is in `b`, in the arena. */
static bool give_buf(struct lean_run *r, struct lean_value *out, struct buf *b)
{
    const char *text = b->failed ? NULL : arena_text(r->arena, b->data != NULL ? b->data : "", b->len);
    buf_free(b);
    return lean_give_text(r, out, text);
}

static bool call_upper(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    struct buf b = BUF_INIT;
    text_upper(&b, lean_trimmed(r, args, at));
    return give_buf(r, out, &b);
}

static bool call_fold(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                      struct lean_value *out)
{
    struct buf b = BUF_INIT;
    const char *text = lean_trimmed(r, args, at), *charset = lean_trimmed(r, args->next, at);
    if (text_is_plain(text) && strcmp(charset, "ascii") == 0)
        return lean_give_text(r, out, text);
    text_fold(&b, text, charset);
    return give_buf(r, out, &b);
}

static bool call_text(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                      struct lean_value *out)
{
    struct buf b = BUF_INIT;
    const char *text = lean_trimmed(r, args, at), *charset = lean_trimmed(r, args->next, at);
    const char *limit = args->next->next != NULL ? lean_trimmed(r, args->next->next, at) : "";
    unsigned long most = strtoul(limit, NULL, 10);
    bool plain = text_is_plain(text), fits;
    if (*charset == '\0')
        charset = "ascii";
    if (plain && strcmp(charset, "ascii") == 0)
        return most > 0 && strlen(text) > most ? lean_give_up(r) : lean_give_text(r, out, text);
    fits = text_fold(&b, text, charset);
    if (fits && most > 0)
        fits = utf8_chars(b.data != NULL ? b.data : "", b.len) <= most;
    if (fits)
        return give_buf(r, out, &b);
    buf_free(&b);
    return lean_give_up(r);
}

static bool call_fields(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    struct buf b = BUF_INIT;
    struct lean_value v;
    const char *mark = lean_trimmed(r, args->next, at);
    if (!lean_eval(r, args, at, &v) || v.type != LEAN_NODES)
        return lean_give_up(r);
    for (size_t i = 0; i < v.count; i++) {
        const char *text = lean_node_text(r, v.nodes[i]);
        if (*text != '\0') {
            buf_puts(&b, mark);
            buf_puts(&b, text);
        }
    }
    return give_buf(r, out, &b);
}

/** A tree that was built is one node already, its document. */
static bool call_node_set(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                          struct lean_value *out)
{
    return (lean_eval(r, args, at, out) && out->type == LEAN_NODES) || lean_give_up(r);
}

static const struct lean_function functions[] = {
    {"exsl:node-set", 1, 1, call_node_set}, {"gln:code-attr", 3, 3, call_code_attr},
    {"gln:facts", 2, 2, call_facts},        {"gln:fields", 2, 2, call_fields},
    {"gln:fold", 2, 2, call_fold},          {"gln:src", 0, 1, call_src},
    {"gln:text", 2, 3, call_text},          {"gln:upper", 1, 1, call_upper},
};

const struct lean_function *lean_sheet_function_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
            return &functions[i];
    return NULL;
}
