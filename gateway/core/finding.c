/*
 * Findings (core/finding.h): a growing list that owns its strings, sorted by place, printed as text and JSON.
 * A finding that cannot be stored for lack of memory is GLN_E_MEMORY to the caller, who must not then call the declaration
 * clean. Severity counts are kept with the list, so that nobody counts twice.
 */
#include "core/finding.h"

#include <stdlib.h>
#include <string.h>

#include "util/json.h"
#include "util/str.h"

static const char *const severity_name[LANG_COUNT][3] = {{"info", "warning", "error"},
                                                         {"información", "advertencia", "error"}};

/* The members are const for those who read; what is in a list was copied by findings_add() and is ours to free. */
static void release(const char *s)
{
    union {
        const char *kept;
        char *owned;
    } u = {s};
    free(u.owned);
}

static void finding_clear(struct finding *f)
{
    release(f->rule);
    for (int i = 0; i < LANG_COUNT; i++)
        release(f->text[i]);
    release(f->xpath);
    release(f->pointer);
    release(f->field);
}

void findings_free(struct findings *list)
{
    for (size_t i = 0; i < list->count; i++)
        finding_clear(&list->items[i]);
    free(list->items);
    *list = (struct findings){0};
}

void findings_truncate(struct findings *list, size_t count)
{
    while (list->count > count) {
        struct finding *last = &list->items[--list->count];

        list->errors -= last->severity == GLN_ERROR;
        finding_clear(last);
    }
}

static bool grow(struct findings *list)
{
    if (list->count < list->cap)
        return true;
    size_t cap = list->cap == 0 ? 16 : list->cap * 2;
    struct finding *items = realloc(list->items, cap * sizeof *items);
    if (items == NULL)
        return false;
    list->items = items;
    list->cap = cap;
    return true;
}

int findings_add(struct findings *list, const struct finding *f)
{
    if (!grow(list))
        return GLN_E_MEMORY;
    struct finding n = {.rule = str_dup(f->rule),
                        .severity = f->severity,
                        .text = {str_dup(f->text[0]), str_dup(f->text[1] != NULL ? f->text[1] : f->text[0])},
                        .place = f->place,
                        .xpath = str_dup(f->xpath),
                        .pointer = str_dup(f->pointer),
                        .field = str_dup(f->field)};
    if (n.rule == NULL || n.text[0] == NULL || n.text[1] == NULL) {
        finding_clear(&n);
        return GLN_E_MEMORY;
    }
    list->items[list->count++] = n;
    list->errors += n.severity == GLN_ERROR;
    return GLN_OK;
}

int findings_say(struct findings *list, const char *rule, enum gln_severity severity, struct place place,
                 const char *xpath, enum message_id id, const char *const *args, size_t n)
{
    struct buf text[LANG_COUNT] = {BUF_INIT, BUF_INIT};
    for (int i = 0; i < LANG_COUNT; i++) {
        buf_puts(&text[i], "");
        buf_reserve(&text[i], 1);
        message_put(&text[i], id, i, args, n);
    }
    int rc = GLN_E_MEMORY;
    if (!text[0].failed && !text[1].failed) {
        struct finding f = {.rule = rule,
                            .severity = severity,
                            .text = {text[0].data, text[1].data},
                            .place = place,
                            .xpath = xpath};
        rc = findings_add(list, &f);
    }
    buf_free(&text[0]);
    buf_free(&text[1]);
    return rc;
}

/* Stable merge sort: findings at one place stay in the order the rules ran. */
static bool before(const struct finding *a, const struct finding *b)
{
    size_t x = a->place.known ? a->place.offset : SIZE_MAX, y = b->place.known ? b->place.offset : SIZE_MAX;
    return x != y ? x < y : strcmp(a->rule, b->rule) <= 0;
}

static void merge_sort(struct finding *v, struct finding *scratch, size_t n)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    merge_sort(v, scratch, half);
    merge_sort(v + half, scratch, n - half);
    memcpy(scratch, v, half * sizeof *v);
    for (size_t i = 0, j = half, k = 0; i < half; k++)
        v[k] = j >= n || before(&scratch[i], &v[j]) ? scratch[i++] : v[j++];
}

void findings_sort(struct findings *list)
{
    struct finding *scratch = malloc((list->count / 2 + 1) * sizeof *scratch);
    if (scratch != NULL)
        merge_sort(list->items, scratch, list->count);
    free(scratch);
}

void findings_text(struct buf *out, const struct findings *list, const char *name, int language)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct finding *f = &list->items[i];
        if (name != NULL)
            buf_printf(out, "%s:", name);
        if (f->place.known)
            buf_printf(out, "%u:%u:", (unsigned)f->place.line, (unsigned)f->place.column);
        if (name != NULL || f->place.known)
            buf_putc(out, ' ');
        buf_printf(out, "%s: %s [%s]", severity_name[language][f->severity], f->text[language], f->rule);
        if (f->field != NULL && f->field[0] != '\0')
            buf_printf(out, " (%s)", f->field);
        buf_putc(out, '\n');
    }
}

void findings_json(struct json_out *j, const char *key, const struct findings *list, int language)
{
    json_open_array(j, key);
    for (size_t i = 0; i < list->count; i++) {
        const struct finding *f = &list->items[i];
        json_open_object(j, NULL);
        json_str(j, "rule", f->rule);
        json_str(j, "severity", severity_name[LANG_EN][f->severity]);
        json_str(j, "text", f->text[language]);
        if (f->place.known) {
            json_int(j, "line", f->place.line);
            json_int(j, "column", f->place.column);
            json_int(j, "offset", (int64_t)f->place.offset);
        }
        json_str(j, "xpath", f->xpath);
        json_str(j, "pointer", f->pointer);
        json_str(j, "field", f->field);
        json_end_object(j);
    }
    json_end_array(j);
}
