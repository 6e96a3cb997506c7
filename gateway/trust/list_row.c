/*
 * One record of a list into one register row: dates, words, numbers checked, the key made. The first thing that is wrong refuses the
 * list, with row and column.
 *
 * Borrows the values for the length of a call; owns its scratch.
 */
#include "trust/list_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void reader_free(struct list_reader *l)
{
    buf_free(&l->key);
    operators_free(l->programmes);
}

static int refuse(struct list_reader *l, enum message_id id, const struct list_column *c, const char *value)
{
    char row[24];
    snprintf(row, sizeof row, "%lld", (long long)l->row);
    return context_fail(l->ctx, GLN_E_INPUT, id, row, c != NULL ? c->name : "", value);
}

static const char *meaning(const struct list_column *c, const char *value)
{
    for (size_t i = 0; i < c->values.count; i++)
        if (str_eq(c->values.items[i].from, value))
            return c->values.items[i].to;
    return value;
}

/* A date by its pattern (CCYY, MM, DD and what stands between them) into a day; "" is none. */
static bool parse_date(day_number *out, const char *pattern, const char *text)
{
    char iso[11] = "0000-00-00";
    *out = 0;
    if (text[0] == '\0')
        return true;
    if (pattern == NULL)
        return day_parse(out, text);
    if (strlen(text) != strlen(pattern))
        return false;
    for (size_t i = 0, year = 0, month = 5, day = 8; pattern[i] != '\0'; i++) {
        char p = pattern[i];
        size_t *at = p == 'C' || p == 'Y' ? &year : p == 'M' ? &month : p == 'D' ? &day : NULL;
        if (at == NULL ? text[i] != p : text[i] < '0' || text[i] > '9')
            return false;
        if (at != NULL && *at < 10)
            iso[(*at)++] = text[i];
    }
    return day_parse(out, iso);
}

static int take_date(struct list_reader *l, const struct list_column *c, const char *value, day_number *out)
{
    return parse_date(out, l->m->dates, value) && (*out == 0 || *out >= 19000101)
               ? GLN_OK
               : refuse(l, MSG_LIST_DATE, c, value);
}

static int take_identifier(struct list_reader *l, const struct list_column *c, const char *value)
{
    const char *kind = c->kind;
    bool changed;
    if (value[0] == '\0')
        return GLN_OK;
    if (str_eq(kind, UNTYPED_KIND) && (kind = identifier_importer_kind(value)) == NULL)
        return refuse(l, MSG_LIST_IOR, c, NULL);
    if (l->identifier_count == LIST_IDENTIFIERS ||
        !identifier_normalise(l->numbers[l->identifier_count], sizeof l->numbers[0], kind, value, &changed))
        return refuse(l, MSG_LIST_IDENTIFIER, c, str_eq(kind, PERSON_KIND) ? "***" : value);
    l->identifiers[l->identifier_count] =
        (struct identifier){.kind = kind, .value = l->numbers[l->identifier_count], .given = value};
    l->identifier_count++;
    return GLN_OK;
}

static int take_programme(struct list_reader *l, const struct list_column *c, const char *value)
{
    const struct programme *p = register_programme(l->programmes, value);
    if (p == NULL)
        return refuse(l, MSG_LIST_PROGRAMME, c, value);
    l->programme = p;
    return GLN_OK;
}

static bool says_yes(const char *value)
{
    static const char *const words[] = {"yes", "YES", "Y", "si", "SI", "S", "true", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq(words[i], value))
            return true;
    return false;
}

static const char *or_null(const char *value)
{
    return value[0] == '\0' ? NULL : value;
}

static int take(struct list_reader *l, const struct list_column *c, const char *value)
{
    switch (c->target) {
    case TARGET_ADDRESS:
        l->out.address = or_null(value);
        break;
    case TARGET_CLASS:
        l->certificate.class_code = value;
        break;
    case TARGET_CONSENT:
        l->certificate.consent = says_yes(value);
        break;
    case TARGET_COUNTRY:
        l->out.country = or_null(value);
        break;
    case TARGET_NAME:
        l->out.name = value;
        break;
    case TARGET_NUMBER:
        l->certificate.number = or_null(value);
        break;
    case TARGET_STATUS:
        if (!status_known(value))
            return refuse(l, MSG_LIST_STATUS, c, value);
        l->event.status = status_parse(value);
        break;
    case TARGET_TAX:
        l->out.tax = or_null(value);
        break;
    case TARGET_PROGRAMME:
        return take_programme(l, c, value);
    case TARGET_IDENTIFIER:
        return take_identifier(l, c, value);
    default:
        return GLN_OK;
    }
    return GLN_OK;
}

static int take_any(struct list_reader *l, const struct list_column *c, const char *value)
{
    const struct {
        enum list_target target;
        day_number *out;
    } dates[] = {{TARGET_FROM, &l->certificate.from},
                 {TARGET_TO, &l->certificate.to},
                 {TARGET_EFFECTIVE, &l->event.from},
                 {TARGET_CONSENT_FROM, &l->certificate.consent_from},
                 {TARGET_CONSENT_TO, &l->certificate.consent_to}};
    if ((c->required || c->key) && value[0] == '\0')
        return refuse(l, MSG_LIST_EMPTY, c, "");
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        if (dates[i].target == c->target)
            return take_date(l, c, value, dates[i].out);
    return take(l, c, value);
}

/* The key columns, or number, programme and class: an operator may hold several certificates. */
static bool make_key(struct list_reader *l, const char *const *values)
{
    bool any = false;
    buf_clear(&l->key);
    for (size_t i = 0; i < l->m->columns.count; i++) {
        const struct list_column *c = &l->m->columns.items[i];
        if (!c->key)
            continue;
        buf_printf(&l->key, "%s%s", any ? ":" : "", values[i]);
        any = true;
    }
    if (!any && l->identifier_count > 0)
        buf_printf(&l->key, "%s:%s:%s:%s", l->identifiers[0].kind, l->identifiers[0].value,
                   l->programme->code, l->certificate.class_code);
    return any || l->identifier_count > 0;
}

/* The column that says it; NULL: the mapping does. */
static const struct list_column *column_of(const struct list_reader *l, enum list_target target)
{
    for (size_t i = 0; i < l->m->columns.count; i++)
        if (l->m->columns.items[i].target == target)
            return &l->m->columns.items[i];
    return NULL;
}

static int whole(struct list_reader *l, const char *const *values)
{
    if (l->out.name == NULL || l->out.name[0] == '\0')
        return refuse(l, MSG_LIST_LACKS, NULL, "name");
    if (l->programme == NULL || l->certificate.class_code == NULL)
        return refuse(l, MSG_LIST_LACKS, NULL, "programme, class");
    if (!register_lists(l->programme->classes, l->certificate.class_code))
        return refuse(l, MSG_LIST_CLASS, column_of(l, TARGET_CLASS), l->certificate.class_code);
    if (!make_key(l, values))
        return refuse(l, MSG_LIST_LACKS, NULL, "identifier");
    return l->key.failed ? context_no_memory(l->ctx) : GLN_OK;
}

int reader_put(struct list_reader *l, const char *const *values, int64_t row)
{
    int status = GLN_OK;
    l->row = row;
    l->identifier_count = 0;
    l->out = (struct register_row){.key = NULL};
    l->certificate = (struct row_certificate){.class_code = l->m->class_code, .consent = l->m->consent};
    l->event = (struct event){.status = l->m->status == NULL ? STATUS_CERTIFIED : status_parse(l->m->status),
                              .learned_ms = INT64_MIN};
    l->programme = l->m->programme == NULL ? NULL : register_programme(l->programmes, l->m->programme);
    for (size_t i = 0; status == GLN_OK && i < l->m->columns.count; i++)
        status = take_any(l, &l->m->columns.items[i], meaning(&l->m->columns.items[i], values[i]));
    if (status == GLN_OK)
        status = whole(l, values);
    if (status != GLN_OK)
        return status;
    /* a status without a day of its own: a good one began with the certificate, any other with the list */
    if (l->event.from == 0 && (l->event.status == STATUS_CERTIFIED || l->event.status == STATUS_VALIDATED))
        l->event.from = l->certificate.from;
    l->certificate.programme = l->programme->code;
    l->certificate.events = &l->event;
    l->certificate.event_count = 1;
    l->out.key = l->key.data;
    l->out.identifiers = l->identifiers;
    l->out.identifier_count = l->identifier_count;
    l->out.certificates = &l->certificate;
    l->out.certificate_count = 1;
    return register_put(l->im, &l->out, row);
}
