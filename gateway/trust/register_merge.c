/*
 * Rows of many sources into operators, and what several sources say of one certificate into one course of events.
 *
 * Two rows are one operator when they carry the same importer, tax, EORI or AEO number; a MID is shared by many and counts only with the same
 * name, and so does any number inside one source (there two names under one number are two operators, and the number is ambiguous). Where
 * sources differ over the status of the same programme and class, the worst that any of them says counts, on every day for
 * itself; a person's revocation is one more voice. All in n log n: sorted, then walked. Owns its scratch.
 */
#include "trust/register_merge.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void register_raw_free(struct register_raw *raw)
{
    free(raw->operators.items);
    free(raw->certificates.items);
    free(raw->dates.items);
    free(raw->events.items);
}

size_t raw_lower(const int64_t *first, size_t count, size_t stride, int64_t entry)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int64_t at;
        memcpy(&at, (const char *)first + middle * stride, sizeof at);
        if (at < entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- which rows are one operator ---- */

struct merging {
    struct operators *o;
    struct register_raw *raw;
    size_t *root;  /* owned; union-find over the rows, the smallest index of a set is its root */
    size_t *index; /* owned; of a root, where its operator will stand; SIZE_MAX: nowhere */
};

static size_t find(struct merging *m, size_t i)
{
    while (m->root[i] != i) {
        m->root[i] = m->root[m->root[i]];
        i = m->root[i];
    }
    return i;
}

static void join(struct merging *m, size_t a, size_t b)
{
    a = find(m, a);
    b = find(m, b);
    if (a < b)
        m->root[b] = a;
    else
        m->root[a] = b;
}

struct link {
    const struct identifier *id;
    const struct raw_operator *raw;
};

static int by_number_and_name(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    int order = strcmp(x->id->kind, y->id->kind);
    if (order == 0)
        order = strcmp(x->id->value, y->id->value);
    if (order == 0)
        order = (int)x->raw->foreign - (int)y->raw->foreign;
    if (order == 0)
        order = strcmp(x->raw->folded, y->raw->folded);
    if (order == 0)
        order =
            (x->id->operator_index > y->id->operator_index) - (x->id->operator_index < y->id->operator_index);
    return order;
}

static bool same_number(const struct link *a, const struct link *b)
{
    return strcmp(a->id->kind, b->id->kind) == 0 && strcmp(a->id->value, b->id->value) == 0 &&
           a->raw->foreign == b->raw->foreign;
}

static bool strong(const char *kind)
{
    static const char *const kinds[] = {"EI", "34", "ANI", "RFC", "EORI", "AEO"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_eq(kinds[i], kind))
            return true;
    return false;
}

/* A run of one number: equal names first, then, for a number that names one operator, the sources. */
static void join_run(struct merging *m, const struct link *run, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        bool same_name = strcmp(run[i - 1].raw->folded, run[i].raw->folded) == 0;
        bool other_source = strcmp(run[0].raw->source, run[i].raw->source) != 0;
        if (same_name)
            join(m, run[i - 1].id->operator_index, run[i].id->operator_index);
        else if (strong(run[i].id->kind) && other_source)
            join(m, run[0].id->operator_index, run[i].id->operator_index);
    }
}

/* Rows of the other environment that share any number with this one do not exist here. */
static void drop_foreign(struct merging *m, const struct link *links, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (links[i].raw->foreign && strcmp(links[i - 1].id->kind, links[i].id->kind) == 0 &&
            strcmp(links[i - 1].id->value, links[i].id->value) == 0 &&
            (!links[i - 1].raw->foreign || m->index[links[i - 1].id->operator_index] == SIZE_MAX))
            m->index[links[i].id->operator_index] = SIZE_MAX;
}

static bool find_one(struct merging *m)
{
    size_t n = m->o->identifiers.count;
    struct link *links = malloc((n + 1) * sizeof *links);
    if (links == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        links[i] = (struct link){&m->o->identifiers.items[i],
                                 &m->raw->operators.items[m->o->identifiers.items[i].operator_index]};
    if (n > 1)
        qsort(links, n, sizeof *links, by_number_and_name);
    for (size_t first = 0, i = 1; i <= n; i++)
        if (i == n || !same_number(&links[first], &links[i])) {
            join_run(m, links + first, i - first);
            first = i;
        }
    drop_foreign(m, links, n);
    free(links);
    return true;
}

/* ---- the operators ---- */

static size_t operator_of(struct merging *m, size_t row)
{
    return m->index[row] == SIZE_MAX ? SIZE_MAX : m->index[find(m, row)];
}

/* A set any of whose rows was left out is left out whole. */
static void number_roots(struct merging *m)
{
    size_t n = m->o->rows.count, count = 0;
    for (size_t i = 0; i < n; i++)
        if (m->index[i] == SIZE_MAX)
            m->index[find(m, i)] = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (m->index[find(m, i)] == SIZE_MAX)
            m->index[i] = SIZE_MAX;
        else if (m->root[i] == i)
            m->index[i] = count++;
        else
            m->index[i] = 0;
}

static bool move_rows(struct merging *m)
{
    struct operators *o = m->o;
    size_t count = 0;
    for (size_t i = 0; i < o->rows.count; i++) {
        size_t at = operator_of(m, i);
        if (at == SIZE_MAX)
            continue;
        struct source_entry *e = REGISTER_MORE(o->entries);
        if (e == NULL)
            return false;
        *e = (struct source_entry){m->raw->operators.items[i].entry, at};
        struct operator_row *row = &o->rows.items[at];
        if (m->root[i] == i) {
            *row = o->rows.items[i];
            row->first_certificate = row->certificate_count = 0;
            count++;
        } else if (row->tax == NULL) {
            row->tax = o->rows.items[i].tax;
        }
    }
    o->rows.count = count;
    return true;
}

static void move_identifiers(struct merging *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->o->identifiers.count; i++) {
        struct identifier id = m->o->identifiers.items[i];
        id.operator_index = operator_of(m, id.operator_index);
        if (id.operator_index != SIZE_MAX)
            m->o->identifiers.items[count++] = id;
    }
    m->o->identifiers.count = count;
}

static void move_bindings(struct merging *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->o->bindings.count; i++) {
        struct binding b = m->o->bindings.items[i];
        b.operator_index = operator_of(m, b.operator_index);
        if (b.operator_index != SIZE_MAX)
            m->o->bindings.items[count++] = b;
    }
    m->o->bindings.count = count;
}

/* ---- certificates and their events ---- */

struct course {
    struct certificate certificate;
    struct raw_certificate raw;
    const struct raw_event *events; /* of its entry */
    size_t event_count;
};

static int by_operator(const void *a, const void *b)
{
    const struct course *x = a, *y = b;
    const struct certificate *c = &x->certificate, *d = &y->certificate;
    int order = (c->operator_index > d->operator_index) - (c->operator_index < d->operator_index);
    if (order == 0)
        order = (c->programme_index > d->programme_index) - (c->programme_index < d->programme_index);
    if (order == 0)
        order = strcmp(c->class_code, d->class_code);
    if (order == 0)
        order = (x->raw.entry > y->raw.entry) - (x->raw.entry < y->raw.entry);
    return order != 0 ? order : (c->from > d->from) - (c->from < d->from);
}

static bool is_of(const struct raw_event *e, const struct operators *o, const struct course *c)
{
    return e->programme == &o->programmes.items[c->certificate.programme_index] &&
           strcmp(e->class_code, c->certificate.class_code) == 0;
}

static int severity(enum status s)
{
    static const int by_status[] = {[STATUS_VALIDATED] = 0, [STATUS_CERTIFIED] = 1, [STATUS_APPLIED] = 2,
                                    [STATUS_WITHDRAWN] = 3, [STATUS_SUSPENDED] = 4, [STATUS_REVOKED] = 5};
    return by_status[s];
}

/* What somebody said on a day; a voice is a source's row, or the persons who spoke about it. */
struct point {
    struct event event;
    size_t voice, order;
};

static int by_day(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    int order = (x->event.from > y->event.from) - (x->event.from < y->event.from);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* All points of a group, by day. *out owned by the caller. */
static bool points_of(const struct operators *o, const struct course *group, size_t n, struct point **out,
                      size_t *count)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += group[i].event_count;
    struct point *points = calloc(most + 1, sizeof *points);
    *out = points;
    *count = 0;
    if (points == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < group[i].event_count; k++) {
            const struct raw_event *e = &group[i].events[k];
            if (!is_of(e, o, &group[i]))
                continue;
            struct point *p = &points[*count];
            *p = (struct point){e->event, i * 2 + e->person, (*count)++};
            if (!e->said && !e->person && p->event.learned_ms <= group[i].raw.learned_ms)
                p->event.learned_ms = INT64_MIN;
        }
    if (*count > 1)
        qsort(points, *count, sizeof *points, by_day);
    return true;
}

/*
 * Turns the points into the course of the group: after each, the worst that any voice says at that time. A point that changes
 * nothing, and that nobody learned earlier than what is there, falls away. Returns how many are left.
 */
static bool sweep(struct point *points, size_t *count, size_t voices)
{
    enum status *said = calloc(voices, sizeof *said);
    bool *spoke = calloc(voices, sizeof *spoke);
    size_t by_severity[6] = {0}, kept = 0;
    bool good = said != NULL && spoke != NULL;
    for (size_t i = 0; good && i < *count; i++) {
        struct point p = points[i];
        if (spoke[p.voice])
            by_severity[severity(said[p.voice])]--;
        spoke[p.voice] = true;
        said[p.voice] = p.event.status;
        by_severity[severity(p.event.status)]++;
        for (int s = STATUS_APPLIED; s <= STATUS_WITHDRAWN; s++)
            if (by_severity[severity((enum status)s)] > 0 &&
                severity((enum status)s) > severity(p.event.status))
                p.event.status = (enum status)s;
        if (kept == 0 || points[kept - 1].event.status != p.event.status ||
            points[kept - 1].event.learned_ms > p.event.learned_ms)
            points[kept++] = p;
    }
    *count = kept;
    free(said);
    free(spoke);
    return good;
}

static bool set_events(const struct operators *o, struct course *group, size_t n)
{
    struct point *points;
    size_t count;
    bool good = points_of(o, group, n, &points, &count) && sweep(points, &count, n * 2);
    for (size_t i = 0; good && i < n; i++) {
        struct event *events = calloc(count + 1, sizeof *events);
        good = events != NULL;
        for (size_t k = 0; good && k < count; k++)
            events[k] = points[k].event;
        group[i].certificate.events = events;
        group[i].certificate.event_count = good ? count : 0;
    }
    free(points);
    return good;
}

/* The events of one entry, whose rows stand together. */
static const struct raw_event *events_of(const struct register_raw *raw, int64_t entry, size_t *count)
{
    size_t low = 0;
    *count = 0;
    if (raw->events.count > 0)
        low = raw_lower(&raw->events.items[0].entry, raw->events.count, sizeof raw->events.items[0], entry);
    while (low + *count < raw->events.count && raw->events.items[low + *count].entry == entry)
        (*count)++;
    return *count == 0 ? NULL : &raw->events.items[low];
}

static size_t group_length(const struct course *courses, size_t n)
{
    size_t i = 1;
    while (i < n && courses[i].certificate.operator_index == courses[0].certificate.operator_index &&
           courses[i].certificate.programme_index == courses[0].certificate.programme_index &&
           strcmp(courses[i].certificate.class_code, courses[0].certificate.class_code) == 0)
        i++;
    return i;
}

static bool settle(struct merging *m, struct course *courses, size_t n)
{
    struct operators *o = m->o;
    bool good = true;
    o->certificates.count = 0;
    for (size_t first = 0; first < n;) {
        size_t length = group_length(courses + first, n - first);
        good = good && set_events(o, courses + first, length);
        for (size_t i = first; i < first + length; i++) {
            struct course *c = &courses[i];
            struct operator_row *row = &o->rows.items[c->certificate.operator_index];
            if (row->certificate_count++ == 0)
                row->first_certificate = o->certificates.count;
            o->certificates.items[o->certificates.count++] = c->certificate;
        }
        first += length;
    }
    return good;
}

static bool move_certificates(struct merging *m)
{
    size_t n = m->o->certificates.count, count = 0;
    struct course *courses = calloc(n + 1, sizeof *courses);
    if (courses == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct course *c = &courses[count];
        c->certificate = m->o->certificates.items[i];
        c->raw = m->raw->certificates.items[i];
        c->certificate.operator_index = operator_of(m, c->certificate.operator_index);
        c->events = events_of(m->raw, c->raw.entry, &c->event_count);
        count += c->certificate.operator_index != SIZE_MAX;
    }
    if (count > 1)
        qsort(courses, count, sizeof *courses, by_operator);
    bool good = settle(m, courses, count);
    free(courses);
    return good;
}

bool register_merge(struct operators *o, struct register_raw *raw)
{
    struct merging m = {o, raw, NULL, NULL};
    size_t n = o->rows.count;
    m.root = malloc((n + 1) * sizeof *m.root);
    m.index = calloc(n + 1, sizeof *m.index);
    bool good = m.root != NULL && m.index != NULL;
    for (size_t i = 0; good && i < n; i++)
        m.root[i] = i;
    good = good && find_one(&m);
    if (good) {
        number_roots(&m);
        move_bindings(&m);
        move_identifiers(&m);
        good = move_rows(&m) && move_certificates(&m);
    }
    free(m.root);
    free(m.index);
    return good;
}
