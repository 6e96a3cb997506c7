/*
 * Compiling (xml/lean.h): a descent over XPath's grammar, operators from the weakest to the strongest.
 *
 * The prefixes are the fixed ones of the rules. Whatever is not of the known part ends the compilation with NULL: an arithmetic
 * operator, an axis, a function, a variable that nobody declared. All memory is the arena's; nothing is freed here.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xml/lean.h"

struct parse {
    struct arena *arena;
    const char *at;
    const struct lean_names *names;
    int depth;
    bool bad;
};

enum { DEEPEST = 200 };

static const struct {
    const char *prefix, *uri;
} prefixes[] = {{"md", "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"},
                {"dec", "urn:wco:datamodel:WCO:DEC-DMS:2"},
                {"ds", "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"},
                {"res", "urn:wco:datamodel:WCO:RES-DMS:2"},
                {"rds", "urn:wco:datamodel:WCO:Response_DS:DMS:2"}};

const char *lean_namespace(const char *prefix, size_t len)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strlen(prefixes[i].prefix) == len && memcmp(prefixes[i].prefix, prefix, len) == 0)
            return prefixes[i].uri;
    return NULL;
}

static const struct {
    const char *text;
    enum lean_axis axis;
} axes[] = {{"child::", AXIS_CHILD},       {"attribute::", AXIS_ATTRIBUTE},
            {"self::", AXIS_SELF},         {"parent::", AXIS_PARENT},
            {"ancestor::", AXIS_ANCESTOR}, {"preceding-sibling::", AXIS_PRECEDING_SIBLING}};

static struct lean_expr *parse_or(struct parse *p);

static const char *uri_of(const struct parse *p, const char *prefix, size_t len)
{
    const struct lean_scope *scope = p->names->scope;
    return scope != NULL ? scope->uri(scope, prefix, len) : lean_namespace(prefix, len);
}

static struct lean_expr *fail(struct parse *p)
{
    p->bad = true;
    return NULL;
}

static void skip(struct parse *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

static bool take(struct parse *p, const char *token)
{
    size_t n = strlen(token);
    skip(p);
    if (strncmp(p->at, token, n) != 0)
        return false;
    p->at += n;
    return true;
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static size_t name_length(const char *s)
{
    size_t n = 0;
    if (!isalpha((unsigned char)*s) && *s != '_')
        return 0;
    while (name_char(s[n]))
        n++;
    return n;
}

/** An operator that is a word. */
static bool take_word(struct parse *p, const char *word)
{
    size_t n = strlen(word);
    skip(p);
    if (strncmp(p->at, word, n) != 0 || name_char(p->at[n]) || p->at[n] == ':')
        return false;
    p->at += n;
    return true;
}

static struct lean_expr *node(struct parse *p, enum lean_op op)
{
    struct lean_expr *e = arena_take(p->arena, sizeof *e);
    if (e == NULL)
        return fail(p);
    e->op = op;
    return e;
}

static struct lean_expr *binary(struct parse *p, enum lean_op op, struct lean_expr *a, struct lean_expr *b)
{
    struct lean_expr *e = a != NULL && b != NULL ? node(p, op) : fail(p);
    if (e != NULL) {
        e->a = a;
        e->b = b;
        e->unordered = op == LEAN_UNION;
    }
    return e;
}

/** Predicates; a number is a position, anything else a yes or no. */
static struct lean_expr *parse_tests(struct parse *p)
{
    struct lean_expr *first = NULL, **last = &first;
    while (!p->bad && take(p, "[")) {
        struct lean_expr *e = parse_or(p);
        if (e == NULL || !take(p, "]"))
            return fail(p);
        *last = e;
        last = &e->next;
    }
    return first;
}

/** prefix:name, name, prefix:*, * */
static bool parse_test(struct parse *p, struct lean_step *s)
{
    size_t n = name_length(p->at);
    if (n == 0)
        return *p->at == '*' && (p->at++, true);
    if (p->at[n] == ':' && p->at[n + 1] != ':') {
        s->ns = uri_of(p, p->at, n);
        p->at += n + 1;
        n = name_length(p->at);
        if (s->ns == NULL || n == 0)
            return s->ns != NULL && *p->at == '*' && (p->at++, true);
    }
    s->name = arena_text(p->arena, p->at, n);
    p->at += n;
    return s->name != NULL && *p->at != '(';
}

static struct lean_step *parse_step(struct parse *p)
{
    struct lean_step *s = arena_take(p->arena, sizeof *s);
    if (s == NULL)
        return NULL;
    s->axis = AXIS_CHILD;
    skip(p);
    if (strncmp(p->at, "..", 2) == 0 || *p->at == '.') {
        s->axis = p->at[1] == '.' ? AXIS_PARENT : AXIS_SELF;
        s->any = true;
        p->at += p->at[1] == '.' ? 2 : 1;
        return s;
    }
    if (*p->at == '@') {
        s->axis = AXIS_ATTRIBUTE;
        p->at++;
    }
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++)
        if (strncmp(p->at, axes[i].text, strlen(axes[i].text)) == 0) {
            s->axis = axes[i].axis;
            p->at += strlen(axes[i].text);
            break;
        }
    if (!parse_test(p, s))
        return NULL;
    s->tests = parse_tests(p);
    return s;
}

/** Steps behind each other into e; `alone`: they start at one node. */
static struct lean_expr *parse_steps(struct parse *p, struct lean_expr *e, bool alone)
{
    struct lean_step **last = &e->steps;
    do {
        struct lean_step *s = p->bad ? NULL : parse_step(p);
        if (s == NULL)
            return fail(p);
        bool forward = s->axis == AXIS_CHILD || s->axis == AXIS_ATTRIBUTE || s->axis == AXIS_SELF;
        bool lone = alone && (s->axis == AXIS_PARENT || s->axis == AXIS_SELF);
        e->unordered = e->unordered || !(forward || lone);
        alone = lone;
        *last = s;
        last = &s->next;
        skip(p);
    } while (p->at[0] == '/' && p->at[1] != '/' && p->at++);
    return *p->at == '/' ? fail(p) : e;
}

static struct lean_expr *parse_literal(struct parse *p)
{
    char quote = *p->at++;
    const char *end = strchr(p->at, quote);
    struct lean_expr *e = end != NULL ? node(p, LEAN_LITERAL) : fail(p);
    if (e == NULL)
        return NULL;
    e->text = arena_text(p->arena, p->at, (size_t)(end - p->at));
    p->at = end + 1;
    return e->text != NULL ? e : fail(p);
}

static struct lean_expr *parse_number(struct parse *p)
{
    char *end;
    struct lean_expr *e = node(p, LEAN_CONSTANT);
    if (e == NULL)
        return NULL;
    e->number = strtod(p->at, &end);
    p->at = end;
    return e;
}

static struct lean_expr *parse_variable(struct parse *p)
{
    size_t n = name_length(++p->at), slot;
    if (p->names->scope != NULL && p->at[n] != ':' &&
        p->names->scope->slot(p->names->scope, p->at, n, &slot)) {
        struct lean_expr *e = node(p, LEAN_VARIABLE);
        p->at += n;
        if (e != NULL)
            e->slot = slot;
        return e;
    }
    for (size_t i = p->names->count; i-- > 0;)
        if (strlen(p->names->names[i]) == n && memcmp(p->names->names[i], p->at, n) == 0) {
            struct lean_expr *e = node(p, LEAN_VARIABLE);
            p->at += n;
            if (e != NULL)
                e->slot = i;
            return e;
        }
    return fail(p);
}

/** In a stylesheet the prefixes of functions are its own, too. */
static const struct lean_function *function_of(const struct parse *p, size_t n)
{
    const char *colon = memchr(p->at, ':', n);
    if (p->names->scope != NULL && colon != NULL) {
        const char *uri = uri_of(p, p->at, (size_t)(colon - p->at));
        const char *fixed = p->at[0] == 'g' ? GLN_NS : "http://exslt.org/common";
        if (uri == NULL || strcmp(uri, fixed) != 0)
            return NULL;
    }
    const struct lean_function *f = lean_function_find(p->at, n);
    return f == NULL && p->names->scope != NULL ? lean_sheet_function_find(p->at, n) : f;
}

static struct lean_expr *parse_call(struct parse *p, size_t n)
{
    struct lean_expr *e = node(p, LEAN_CALL);
    int count = 0;
    if (e == NULL)
        return NULL;
    e->function = function_of(p, n);
    p->at += n;
    if (e->function == NULL || !take(p, "("))
        return fail(p);
    for (struct lean_expr **last = &e->a; !take(p, ")"); last = &(*last)->next, count++)
        if (p->bad || (count > 0 && !take(p, ",")) || (*last = parse_or(p)) == NULL)
            return fail(p);
    return count >= e->function->least && count <= e->function->most ? e : fail(p);
}

/** Length of a function's name with its prefix, if a parenthesis follows. */
static size_t call_length(const char *s)
{
    size_t n = name_length(s);
    if (n > 0 && s[n] == ':' && s[n + 1] != ':')
        n += 1 + name_length(s + n + 1);
    return n > 0 && s[n + strspn(s + n, " \t\r\n")] == '(' ? n : 0;
}

/** What a path may start with, or NULL if it is a plain path; `p->bad` tells the two apart. */
static struct lean_expr *parse_primary(struct parse *p)
{
    size_t n;
    skip(p);
    if (*p->at == '$')
        return parse_variable(p);
    if (*p->at == '\'' || *p->at == '"')
        return parse_literal(p);
    if (isdigit((unsigned char)*p->at))
        return parse_number(p);
    if (take(p, "(")) {
        struct lean_expr *e = parse_or(p);
        return e != NULL && take(p, ")") ? e : fail(p);
    }
    n = call_length(p->at);
    return n > 0 ? parse_call(p, n) : NULL;
}

static struct lean_expr *parse_path(struct parse *p)
{
    struct lean_expr *start = parse_primary(p), *e;
    if (p->bad)
        return NULL;
    skip(p);
    if (start != NULL && *p->at != '[' && *p->at != '/')
        return start;
    e = node(p, LEAN_PATH);
    if (e == NULL)
        return NULL;
    e->a = start;
    if (start != NULL) {
        e->tests = parse_tests(p);
        skip(p);
        if (*p->at != '/')
            return p->bad ? NULL : e;
        p->at++;
        return parse_steps(p, e, false);
    }
    if (*p->at == '/') {
        p->at++;
        e->absolute = true;
    }
    return parse_steps(p, e, true);
}

static struct lean_expr *parse_union(struct parse *p)
{
    struct lean_expr *e = parse_path(p);
    while (!p->bad && take(p, "|"))
        e = binary(p, LEAN_UNION, e, parse_path(p));
    return e;
}

static struct lean_expr *parse_relation(struct parse *p)
{
    static const struct {
        const char *text;
        enum lean_op op;
    } table[] = {{"<=", LEAN_LE}, {">=", LEAN_GE}, {"<", LEAN_LT}, {">", LEAN_GT}};
    struct lean_expr *e = parse_union(p);
    for (size_t i = 0; !p->bad && i < sizeof table / sizeof table[0]; i++)
        if (take(p, table[i].text))
            return binary(p, table[i].op, e, parse_union(p));
    return e;
}

static struct lean_expr *parse_equality(struct parse *p)
{
    struct lean_expr *e = parse_relation(p);
    if (!p->bad && take(p, "="))
        return binary(p, LEAN_EQ, e, parse_relation(p));
    if (!p->bad && take(p, "!="))
        return binary(p, LEAN_NE, e, parse_relation(p));
    return e;
}

static struct lean_expr *parse_and(struct parse *p)
{
    struct lean_expr *e = parse_equality(p);
    while (!p->bad && take_word(p, "and"))
        e = binary(p, LEAN_AND, e, parse_equality(p));
    return e;
}

static struct lean_expr *parse_or(struct parse *p)
{
    struct lean_expr *e;
    if (++p->depth > DEEPEST)
        return fail(p);
    e = parse_and(p);
    while (!p->bad && take_word(p, "or"))
        e = binary(p, LEAN_OR, e, parse_and(p));
    p->depth--;
    return p->bad ? NULL : e;
}

struct lean_expr *lean_compile(struct arena *arena, const char *text, const struct lean_names *names)
{
    struct parse p = {.arena = arena, .at = text, .names = names};
    struct lean_expr *e = parse_or(&p);
    skip(&p);
    return p.bad || *p.at != '\0' ? NULL : e;
}
