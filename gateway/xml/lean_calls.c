/*
 * The functions of the second evaluator (xml/lean.h): those of XPath that rules use, and the gateway's own that compare, compute and look
 * up. Each must answer as its namesake in libxml2 or in functions_*.c does in a lenient run, or give up.
 *
 * Texts that are made belong to the run's arena; those that are only looked at stay the document's. A function gets its arguments as
 * expressions, so that it asks of them what it needs: a text, a yes or no, nodes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/decimal.h"
#include "util/str.h"
#include "xml/check_digit.h"
#include "xml/dates.h"
#include "xml/lean.h"

static const char blanks[] = " \t\r\n";

static bool give_bool(struct lean_value *out, bool truth)
{
    *out = (struct lean_value){.type = LEAN_BOOL, .truth = truth};
    return true;
}

static bool give_number(struct lean_value *out, double number)
{
    *out = (struct lean_value){.type = LEAN_NUMBER, .number = number};
    return true;
}

bool lean_give_text(struct lean_run *r, struct lean_value *out, const char *text)
{
    *out = (struct lean_value){.type = LEAN_TEXT, .text = text != NULL ? text : ""};
    return text != NULL || lean_give_up(r);
}

/** Without the blanks around it, as the gateway's own functions take their arguments. */
const char *lean_trimmed(struct lean_run *r, const struct lean_expr *e, const xmlNode *at)
{
    const char *s = lean_text(r, e, at);
    s += strspn(s, blanks);
    size_t n = strlen(s), all = n;
    while (n > 0 && strchr(blanks, s[n - 1]) != NULL)
        n--;
    if (n == all)
        return s;
    const char *copy = arena_text(r->arena, s, n);
    if (copy == NULL)
        lean_give_up(r);
    return copy != NULL ? copy : "";
}

/** An argument that may be left out: the node itself then. */
static const char *text_or_node(struct lean_run *r, const struct lean_expr *args, const xmlNode *at)
{
    return args != NULL ? lean_text(r, args, at) : lean_node_text(r, at);
}

/* --- XPath's --- */

static bool call_not(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    return give_bool(out, !lean_truth(r, args, at));
}

static bool call_true(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                      struct lean_value *out)
{
    (void)r;
    (void)args;
    (void)at;
    return give_bool(out, true);
}

static bool call_false(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    (void)r;
    (void)args;
    (void)at;
    return give_bool(out, false);
}

static bool call_boolean(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                         struct lean_value *out)
{
    return give_bool(out, lean_truth(r, args, at));
}

static bool call_count(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    struct lean_value v;
    if (!lean_eval(r, args, at, &v) || v.type != LEAN_NODES)
        return lean_give_up(r);
    return give_number(out, (double)v.count);
}

static bool call_current(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                         struct lean_value *out)
{
    xmlNodePtr *one = arena_take(r->arena, sizeof *one);
    (void)args;
    (void)at;
    if (one == NULL)
        return lean_give_up(r);
    *one = (xmlNodePtr)(uintptr_t)r->current;
    *out = (struct lean_value){.type = LEAN_NODES, .nodes = one, .count = 1};
    return true;
}

static bool call_name(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                      struct lean_value *out)
{
    struct lean_value v = {.type = LEAN_NODES};
    struct buf b = BUF_INIT;
    if (args != NULL && (!lean_eval(r, args, at, &v) || v.type != LEAN_NODES || v.count == 0))
        return lean_give_up(r);
    const xmlNode *n = args != NULL ? v.nodes[0] : at;
    if (n->type != XML_ELEMENT_NODE)
        return lean_give_up(r);
    if (n->ns == NULL || n->ns->prefix == NULL)
        return lean_give_text(r, out, (const char *)n->name);
    buf_printf(&b, "%s:%s", (const char *)n->ns->prefix, (const char *)n->name);
    const char *text = b.failed ? NULL : arena_text(r->arena, b.data, b.len);
    buf_free(&b);
    return lean_give_text(r, out, text);
}

static bool call_string(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    return lean_give_text(r, out, text_or_node(r, args, at));
}

static bool call_normalize(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                           struct lean_value *out)
{
    const char *s = text_or_node(r, args, at);
    char *copy = arena_take(r->arena, strlen(s) + 1);
    size_t n = 0;
    if (copy == NULL)
        return lean_give_up(r);
    for (s += strspn(s, blanks); *s != '\0'; s += strspn(s, blanks)) {
        size_t word = strcspn(s, blanks);
        if (n > 0)
            copy[n++] = ' ';
        memcpy(copy + n, s, word);
        n += word;
        s += word;
    }
    return lean_give_text(r, out, copy);
}

static bool call_length(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    const char *s = text_or_node(r, args, at);
    return give_number(out, (double)utf8_chars(s, strlen(s)));
}

static bool call_starts(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    const char *text = lean_text(r, args, at);
    return give_bool(out, str_starts(text, lean_text(r, args->next, at)));
}

static bool call_contains(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                          struct lean_value *out)
{
    const char *text = lean_text(r, args, at);
    return give_bool(out, strstr(text, lean_text(r, args->next, at)) != NULL);
}

static bool call_concat(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    struct buf b = BUF_INIT;
    for (; args != NULL; args = args->next)
        buf_puts(&b, lean_text(r, args, at));
    const char *text = b.failed ? NULL : arena_text(r->arena, b.data != NULL ? b.data : "", b.len);
    buf_free(&b);
    return lean_give_text(r, out, text);
}

static bool call_before(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    const char *text = lean_text(r, args, at);
    const char *mark = strstr(text, lean_text(r, args->next, at));
    return lean_give_text(r, out, arena_text(r->arena, text, mark != NULL ? (size_t)(mark - text) : 0));
}

static bool call_after(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    const char *text = lean_text(r, args, at), *mark = lean_text(r, args->next, at);
    const char *found = strstr(text, mark);
    return lean_give_text(r, out, found != NULL ? found + strlen(mark) : "");
}

/** A number of characters that is whole and not negative. */
static bool whole(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, size_t *out)
{
    struct lean_value v;
    if (!lean_eval(r, e, at, &v) || v.type != LEAN_NUMBER || !(v.number >= 0 && v.number < 1e9) ||
        v.number > floor(v.number))
        return lean_give_up(r);
    *out = (size_t)v.number;
    return true;
}

static bool call_substring(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                           struct lean_value *out)
{
    const char *from = lean_text(r, args, at), *end = from + strlen(from);
    const struct lean_expr *length = args->next->next;
    size_t start, count = SIZE_MAX;
    if (!whole(r, args->next, at, &start) || start == 0 || (length != NULL && !whole(r, length, at, &count)))
        return lean_give_up(r);
    while (--start > 0 && from < end)
        utf8_next(&from, end);
    const char *to = from;
    for (; to < end && count > 0; count--)
        utf8_next(&to, end);
    return lean_give_text(r, out, arena_text(r->arena, from, (size_t)(to - from)));
}

static bool call_number(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                        struct lean_value *out)
{
    return give_number(out, xmlXPathCastStringToNumber((const xmlChar *)text_or_node(r, args, at)));
}

static bool is_ascii(const char *s)
{
    while (*s != '\0' && (unsigned char)*s < 0x80)
        s++;
    return *s == '\0';
}

static bool call_translate(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                           struct lean_value *out)
{
    const char *text = lean_text(r, args, at);
    const char *from = lean_text(r, args->next, at), *to = lean_text(r, args->next->next, at);
    size_t limit = strlen(to), n = 0;
    char *copy = arena_take(r->arena, strlen(text) + 1);
    if (copy == NULL || !is_ascii(from) || !is_ascii(to))
        return lean_give_up(r);
    for (; *text != '\0'; text++) {
        const char *found = strchr(from, *text);
        if (found == NULL)
            copy[n++] = *text;
        else if ((size_t)(found - from) < limit)
            copy[n++] = to[found - from];
    }
    return lean_give_text(r, out, copy);
}

/* --- the gateway's --- */

static bool call_code(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                      struct lean_value *out)
{
    const struct lean_expr *value = args->next;
    const char *date = value->next != NULL ? lean_trimmed(r, value->next, at) : run_today(r->run);
    bool known = false;
    bool has = xml_codes_has(r->run->how->codes, lean_trimmed(r, args, at), lean_trimmed(r, value, at), date,
                             &known);
    return known ? give_bool(out, has) : lean_give_up(r);
}

static bool call_match(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    xmlRegexpPtr pattern = pattern_of(r->run->scratch, lean_trimmed(r, args->next, at));
    if (pattern == NULL)
        return lean_give_up(r);
    return give_bool(out, xmlRegexpExec(pattern, (const xmlChar *)lean_trimmed(r, args, at)) == 1);
}

static bool call_date_valid(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                            struct lean_value *out)
{
    struct date_parts d;
    return give_bool(out, date_read(&d, lean_trimmed(r, args, at), lean_trimmed(r, args->next, at)));
}

static bool call_check_digit_of(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                                struct lean_value *out)
{
    char digit[2] = "";
    if (!check_digit_of(digit, lean_trimmed(r, args, at), lean_trimmed(r, args->next, at)))
        return lean_give_up(r);
    return lean_give_text(r, out, arena_text(r->arena, digit, 1));
}

static bool call_check_digit(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                             struct lean_value *out)
{
    return give_bool(out, check_digit_right(lean_trimmed(r, args, at), lean_trimmed(r, args->next, at)));
}

static bool decimal_arg(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, struct decimal *out)
{
    return decimal_parse(out, lean_trimmed(r, e, at));
}

/** `good` false: what cannot be computed is empty in rules, and an error elsewhere. */
static bool give_decimal(struct lean_run *r, struct lean_value *out, bool good, struct decimal d)
{
    char text[64];
    if (!good || !decimal_text(text, sizeof text, d))
        return r->run->lenient ? lean_give_text(r, out, "") : lean_give_up(r);
    return lean_give_text(r, out, arena_text(r->arena, text, strlen(text)));
}

static bool call_cmp(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    struct decimal x, y;
    bool good = decimal_arg(r, args, at, &x) && decimal_arg(r, args->next, at, &y);
    return give_number(out, good ? (double)decimal_cmp(x, y) : (double)NAN);
}

static bool two(struct lean_run *r, const struct lean_expr *args, const xmlNode *at, struct lean_value *out,
                bool (*compute)(struct decimal *, struct decimal, struct decimal))
{
    struct decimal x, y, result = {0, 0};
    bool good = decimal_arg(r, args, at, &x) && decimal_arg(r, args->next, at, &y) && compute(&result, x, y);
    return give_decimal(r, out, good, result);
}

static bool call_add(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    return two(r, args, at, out, decimal_add);
}

static bool call_sub(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    return two(r, args, at, out, decimal_sub);
}

static bool call_mul(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    return two(r, args, at, out, decimal_mul);
}

static bool scale_arg(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, int *scale)
{
    const char *text = lean_trimmed(r, e, at);
    char *end;
    long n = strtol(text, &end, 10);
    *scale = (int)n;
    return end != text && *end == '\0' && n >= 0 && n <= 18;
}

static bool call_div(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    struct decimal x, y, result = {0, 0};
    int scale;
    bool good = decimal_arg(r, args, at, &x) && decimal_arg(r, args->next, at, &y) &&
                scale_arg(r, args->next->next, at, &scale) && decimal_div(&result, x, y, scale);
    return give_decimal(r, out, good, result);
}

static bool call_round(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out)
{
    struct decimal x, result = {0, 0};
    int scale;
    bool good = decimal_arg(r, args, at, &x) && scale_arg(r, args->next, at, &scale) &&
                decimal_round(&result, x, scale);
    return give_decimal(r, out, good, result);
}

static bool call_sum(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                     struct lean_value *out)
{
    struct decimal total = {0, 0}, one;
    struct lean_value v;
    bool good = true;
    if (!lean_eval(r, args, at, &v) || v.type != LEAN_NODES)
        return lean_give_up(r);
    for (size_t i = 0; good && i < v.count; i++)
        good = decimal_parse(&one, lean_node_text(r, v.nodes[i])) && decimal_add(&total, total, one);
    return give_decimal(r, out, good, total);
}

enum { ANY = 1000 };

static const struct lean_function functions[] = {
    {"boolean", 1, 1, call_boolean},
    {"concat", 2, ANY, call_concat},
    {"contains", 2, 2, call_contains},
    {"count", 1, 1, call_count},
    {"current", 0, 0, call_current},
    {"false", 0, 0, call_false},
    {"gln:add", 2, 2, call_add},
    {"gln:check-digit", 2, 2, call_check_digit},
    {"gln:check-digit-of", 2, 2, call_check_digit_of},
    {"gln:cmp", 2, 2, call_cmp},
    {"gln:code", 2, 3, call_code},
    {"gln:date-valid", 2, 2, call_date_valid},
    {"gln:div", 3, 3, call_div},
    {"gln:match", 2, 2, call_match},
    {"gln:mul", 2, 2, call_mul},
    {"gln:round", 2, 2, call_round},
    {"gln:sub", 2, 2, call_sub},
    {"gln:sum", 1, 1, call_sum},
    {"name", 0, 1, call_name},
    {"normalize-space", 0, 1, call_normalize},
    {"not", 1, 1, call_not},
    {"number", 0, 1, call_number},
    {"starts-with", 2, 2, call_starts},
    {"string", 0, 1, call_string},
    {"string-length", 0, 1, call_length},
    {"substring", 2, 3, call_substring},
    {"substring-after", 2, 2, call_after},
    {"substring-before", 2, 2, call_before},
    {"translate", 3, 3, call_translate},
    {"true", 0, 0, call_true},
};

const struct lean_function *lean_function_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
            return &functions[i];
    return NULL;
}
