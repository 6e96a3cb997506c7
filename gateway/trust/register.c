/*
 * The register in memory (trust/register.h): tables that grow while a loader fills them, sorted once, then only read.
 *
 * Owns every string it hands out. Nothing here is fatal: without memory a loader is told and gives up, and the register in use stays
 * the old one.
 */
#include "trust/register.h"

#include <stdlib.h>
#include <string.h>

#include "util/civil.h"
#include "util/str.h"

enum { BLOCK = 65536 }; /* bytes of text at once: an operator has few and short ones */

void *register_more(void **items, size_t *count, size_t *cap, size_t size)
{
    if (*count == *cap) {
        size_t wanted = *cap == 0 ? 16 : *cap * 2;
        void *more = realloc(*items, wanted * size);
        if (more == NULL)
            return NULL;
        *items = more;
        *cap = wanted;
    }
    char *slot = (char *)*items + *count * size;
    memset(slot, 0, size);
    (*count)++;
    return slot;
}

const char *register_keep(struct operators *o, const char *text, bool *failed)
{
    if (text == NULL)
        return NULL;
    size_t n = strlen(text) + 1;
    if (n > o->free_text_len) {
        size_t room = n > BLOCK / 4 ? n : BLOCK;
        char **slot = REGISTER_MORE(o->strings);
        if (slot != NULL)
            *slot = malloc(room);
        if (slot == NULL || *slot == NULL) {
            *failed = true;
            return NULL;
        }
        if (n == room)
            return memcpy(*slot, text, n);
        o->free_text = *slot;
        o->free_text_len = room;
    }
    char *kept = memcpy(o->free_text, text, n);
    o->free_text += n;
    o->free_text_len -= n;
    return kept;
}

const char *register_keep_list(struct operators *o, const char *text, bool *failed)
{
    struct buf b = BUF_INIT;
    buf_putc(&b, ' ');
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        bool blank = *p == ' ' || *p == ',' || *p == '\t' || *p == '\n';
        if (!blank || b.data[b.len - 1] != ' ')
            buf_putc(&b, blank ? ' ' : *p);
        if (b.failed)
            break;
    }
    if (!b.failed && b.data[b.len - 1] != ' ')
        buf_putc(&b, ' ');
    *failed = *failed || b.failed;
    const char *kept = b.failed ? NULL : register_keep(o, b.data, failed);
    buf_free(&b);
    return kept;
}

bool register_lists(const char *list, const char *entry)
{
    size_t n = entry == NULL ? 0 : strlen(entry);
    for (const char *p = list; n > 0 && p != NULL && (p = strstr(p, entry)) != NULL; p++)
        if (p > list && p[-1] == ' ' && p[n] == ' ')
            return true;
    return false;
}

static int by_kind_and_value(const void *a, const void *b)
{
    const struct identifier *x = a, *y = b;
    int order = strcmp(x->kind, y->kind);
    if (order == 0)
        order = strcmp(x->value, y->value);
    return order != 0 ? order
                      : (x->operator_index > y->operator_index) - (x->operator_index < y->operator_index);
}

void register_close(struct operators *o)
{
    if (o->identifiers.count > 1)
        qsort(o->identifiers.items, o->identifiers.count, sizeof *o->identifiers.items, by_kind_and_value);
}

const struct identifier *register_find(const struct operators *o, const char *kind, const char *value,
                                       size_t *count)
{
    const struct identifier wanted = {.kind = kind, .value = value};
    size_t low = 0, high = o->identifiers.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (by_kind_and_value(&o->identifiers.items[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < o->identifiers.count &&
           strcmp(o->identifiers.items[low + *count].kind, kind) == 0 &&
           strcmp(o->identifiers.items[low + *count].value, value) == 0)
        (*count)++;
    return *count == 0 ? NULL : &o->identifiers.items[low];
}

void operators_free(struct operators *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->certificates.count; i++)
        free(o->certificates.items[i].events);
    for (size_t i = 0; i < o->strings.count; i++)
        free(o->strings.items[i]);
    free(o->programmes.items);
    free(o->rows.items);
    free(o->identifiers.items);
    free(o->certificates.items);
    free(o->arrangements.items);
    free(o->bindings.items);
    free(o->entries.items);
    free(o->batches.items);
    free(o->shapes.items);
    free(o->supplier_claims.items);
    free(o->strings.items);
    free(o);
}

bool certificate_consents(const struct certificate *c, day_number day)
{
    return c->consent && day >= c->consent_from && (c->consent_to == 0 || day <= c->consent_to);
}

const struct programme *register_programme(const struct operators *o, const char *code)
{
    for (size_t i = o->programmes.count; code != NULL && i-- > 0;)
        if (str_eq(o->programmes.items[i].code, code))
            return &o->programmes.items[i];
    for (size_t i = o->programmes.count; code != NULL && i-- > 0;)
        if (register_lists(o->programmes.items[i].aliases, code))
            return &o->programmes.items[i];
    return NULL;
}

static const char *const status_names[] = {
    [STATUS_APPLIED] = "APPLIED",     [STATUS_CERTIFIED] = "CERTIFIED", [STATUS_VALIDATED] = "VALIDATED",
    [STATUS_SUSPENDED] = "SUSPENDED", [STATUS_REVOKED] = "REVOKED",     [STATUS_WITHDRAWN] = "WITHDRAWN"};
enum { STATUSES = sizeof status_names / sizeof status_names[0] };

enum status status_parse(const char *text)
{
    for (int i = 0; i < STATUSES; i++)
        if (str_eq(status_names[i], text))
            return (enum status)i;
    return STATUS_APPLIED;
}

bool status_known(const char *text)
{
    return status_parse(text) != STATUS_APPLIED || str_eq(text, status_names[STATUS_APPLIED]);
}

const char *status_text(enum status s)
{
    return (unsigned)s < STATUSES ? status_names[s] : "APPLIED";
}

const char *arrangement_state_text(enum arrangement_state s)
{
    static const char *const names[] = {[ARRANGEMENT_PLAN] = "plan",
                                        [ARRANGEMENT_PILOT] = "pilot",
                                        [ARRANGEMENT_FORCE] = "force",
                                        [ARRANGEMENT_UNCONFIRMED] = "unconfirmed"};
    return (unsigned)s < sizeof names / sizeof names[0] ? names[s] : "plan";
}

size_t operators_count(const struct operators *o)
{
    return o == NULL ? 0 : o->rows.count;
}

bool day_parse(day_number *out, const char *text)
{
    *out = 0;
    if (text == NULL || text[0] == '\0')
        return true;
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || !str_is_digits(text, 4) ||
        !str_is_digits(text + 5, 2) || !str_is_digits(text + 8, 2))
        return false;
    int year = (int)strtol(text, NULL, 10), month = (int)strtol(text + 5, NULL, 10);
    int day = (int)strtol(text + 8, NULL, 10);
    if (!date_valid(year, month, day))
        return false;
    *out = year * 10000 + month * 100 + day;
    return true;
}

void day_text(char out[11], day_number d)
{
    out[0] = '\0';
    if (d <= 0 || d > 99991231)
        return;
    for (int i = 9; i >= 0; i--) { /* by hand: each certificate of a decision says four days */
        out[i] = i == 4 || i == 7 ? '-' : (char)('0' + d % 10);
        d = i == 4 || i == 7 ? d : d / 10;
    }
    out[10] = '\0';
}

day_number day_at(int64_t wall_ms, const char *zone)
{
    return day_at_kept(wall_ms, zone, NULL);
}

day_number day_at_kept(int64_t wall_ms, const char *zone, struct zones_kept *kept)
{
    struct civil c;
    return time_civil_kept(&c, wall_ms, zone, kept) ? c.year * 10000 + c.month * 100 + c.day : 0;
}

int64_t day_count(day_number d)
{
    return civil_to_days(d / 10000, d / 100 % 100, d % 100);
}
