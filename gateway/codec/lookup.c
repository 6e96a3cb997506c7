/*
 * Finding things in a loaded layout: a structure by application, a record by name or by its columns, a field by name.
 * The tables are short (some 70 records), so they are searched from front to back; a layout with a condition stands before
 * the usual one of the same record.
 */
#include "codec/layout.h"

#include <string.h>

#include "util/str.h"

bool words_have(const char *list, const char *word, size_t length)
{
    for (const char *p = list; *p != '\0';) {
        size_t n = strcspn(p, " ");

        if (n == length && memcmp(p, word, length) == 0)
            return true;
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

const struct layout_structure *layout_structure_find(const struct layout *l, const char *application,
                                                     size_t length)
{
    for (size_t i = 0; i < l->structure_count; i++) {
        const char *name = l->structures[i].application;

        if (strlen(name) == length && memcmp(name, application, length) == 0)
            return &l->structures[i];
    }
    return NULL;
}

const struct layout_record *layout_record_find(const struct layout *l, const char *name,
                                               const char *application, const char *variant)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct layout_record *r = &l->records[i];

        if (strcmp(r->name, name) == 0 && str_eq(r->variant, variant) &&
            words_have(r->applications, application, strlen(application)))
            return r;
    }
    return NULL;
}

static bool id_matches(const char *ids, const char *line)
{
    for (const char *p = ids; *p != '\0';) {
        size_t n = strcspn(p, " ");

        if (n != 0 && memcmp(line, p, n) == 0)
            return true;
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

/* Whether the columns, blanks at their end dropped, are one of the texts. */
static bool condition_holds(const struct layout_record *r, const char *line)
{
    const char *columns = line + r->when_from - 1;
    size_t length = r->when_length;

    while (length > 0 && columns[length - 1] == ' ')
        length--;
    for (const char *p = r->when;; p++) {
        size_t n = strcspn(p, "|");

        if (n == length && memcmp(p, columns, n) == 0)
            return true;
        p += n;
        if (*p == '\0')
            return false;
    }
}

const struct layout_record *layout_record_match(const struct layout *l, const char *application,
                                                const char *line)
{
    size_t length = strlen(application);

    for (size_t i = 0; i < l->count; i++) {
        const struct layout_record *r = &l->records[i];

        if (!id_matches(r->ids, line) || !words_have(r->applications, application, length))
            continue;
        if (r->when == NULL || condition_holds(r, line))
            return r;
    }
    return NULL;
}

const struct layout_field *layout_field_find(const struct layout_record *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        if (str_eq(r->fields[i].name, name))
            return &r->fields[i];
    }
    return NULL;
}
