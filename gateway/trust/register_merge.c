/*
 * Rows of many sources into operators, and what several sources say of one certificate into one course of events.
 *
 * Two rows are one operator when they carry the same importer, tax, EORI or AEO number; a MID is shared by many and counts only with the same
 * name. A number that one source lists under two names says nobody, whoever else carries it; a row its source no longer lists makes no name
 * ambiguous. What each source says of a programme and class, and what persons say of the programme, are the voices of its certificates
 * (certificate_status()). All in n log n: sorted, then walked. Owns its scratch.
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

size_t raw_of_entry(const struct register_raw *raw, int64_t entry)
{
    if (raw->operators.count == 0)
        return SIZE_MAX;
    size_t low = raw_lower(&raw->operators.items[0].entry, raw->operators.count,
                           sizeof raw->operators.items[0], entry);
    return low < raw->operators.count && raw->operators.items[low].entry == entry ? low : SIZE_MAX;
}

/* ---- which rows are one operator ---- */

struct merging {
    struct operators *o;
    struct register_raw *raw;
    size_t *root;  /* owned; union-find over the rows, the smallest index of a set is its root */
    size_t *index; /* owned; of a root, where its operator will stand; SIZE_MAX: nowhere */
    size_t *
        shown; /* owned; of an operator, the row whose name and id are his: one that is listed, if there is one */
    bool
        *past; /* owned; of an identifier: of a row no longer listed, where others that are have the number */
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
    struct identifier *id;
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

static int by_source_and_name(const void *a, const void *b)
{
    const struct raw_operator *x = ((const struct link *)a)->raw, *y = ((const struct link *)b)->raw;
    int order = (int)y->listed - (int)x->listed;
    if (order == 0)
        order = strcmp(x->source, y->source);
    return order != 0 ? order : strcmp(x->folded, y->folded);
}

/* Whether one source lists the number of the run under several names. The run is sorted anew, what is listed first. */
static bool several_names(struct link *run, size_t n)
{
    if (n > 1)
        qsort(run, n, sizeof *run, by_source_and_name);
    for (size_t i = 1; i < n && run[i].raw->listed; i++)
        if (strcmp(run[i - 1].raw->source, run[i].raw->source) == 0 &&
            strcmp(run[i - 1].raw->folded, run[i].raw->folded) != 0)
            return true;
    return false;
}

/* A run of one number: equal names are one operator, and so are all whose number names one operator. */
static void join_run(struct merging *m, struct link *run, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(run[i - 1].raw->folded, run[i].raw->folded) == 0)
            join(m, run[i - 1].id->operator_index, run[i].id->operator_index);
    bool ambiguous = several_names(run, n);
    for (size_t i = 0; i < n; i++) {
        run[i].id->ambiguous = ambiguous;
        if (!ambiguous && strong(run[i].id->kind))
            join(m, run[0].id->operator_index, run[i].id->operator_index);
        m->past[run[i].id - m->o->identifiers.items] = run[0].raw->listed && !run[i].raw->listed;
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

/* A set any of whose rows was left out is left out whole; so is one of which nothing but what was taken back is there. */
static void number_roots(struct merging *m)
{
    size_t n = m->o->rows.count, count = 0;
    for (size_t i = 0; i < n; i++)
        m->shown[i] = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (!m->raw->operators.items[i].gone)
            m->shown[find(m, i)] = i;
    for (size_t i = 0; i < n; i++)
        if (m->index[i] == SIZE_MAX || m->shown[find(m, i)] == SIZE_MAX)
            m->index[find(m, i)] = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (m->index[find(m, i)] == SIZE_MAX)
            m->index[i] = SIZE_MAX;
        else if (m->root[i] == i)
            m->index[i] = count++;
        else
            m->index[i] = 0;
}

/* Which row of each operator names him; his tax id, which any may have said, at the root. False without memory. */
static bool choose_rows(struct merging *m)
{
    struct operators *o = m->o;
    const struct raw_operator *raw = m->raw->operators.items;
    for (size_t i = 0; i < o->rows.count; i++)
        m->shown[i] = SIZE_MAX;
    for (size_t i = 0; i < o->rows.count; i++) {
        size_t at = operator_of(m, i);
        if (at == SIZE_MAX)
            continue;
        struct source_entry *e = REGISTER_MORE(o->entries);
        if (e == NULL)
            return false;
        *e = (struct source_entry){raw[i].entry, at};
        if (m->shown[at] == SIZE_MAX || (raw[i].listed && !raw[m->shown[at]].listed))
            m->shown[at] = i;
        if (o->rows.items[find(m, i)].tax == NULL)
            o->rows.items[find(m, i)].tax = o->rows.items[i].tax;
    }
    return true;
}

/* An operator stands at or before his root and the row that names him, so none is written over before it is read. */
static bool move_rows(struct merging *m)
{
    struct operators *o = m->o;
    size_t count = 0;
    if (!choose_rows(m))
        return false;
    for (; count < o->rows.count && m->shown[count] != SIZE_MAX; count++) {
        struct operator_row row = o->rows.items[m->shown[count]];
        if (row.tax == NULL)
            row.tax = o->rows.items[find(m, m->shown[count])].tax;
        row.first_certificate = row.certificate_count = 0;
        o->rows.items[count] = row;
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
        if (id.operator_index != SIZE_MAX && !m->past[i])
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
    const struct raw_operator *row; /* whose it is */
    const struct raw_event *events; /* of its entry */
    size_t event_count;
};

/* By operator, then by programme. */
static int order_of(size_t operator_a, size_t programme_a, size_t operator_b, size_t programme_b)
{
    int order = (operator_a > operator_b) - (operator_a < operator_b);
    return order != 0 ? order : (programme_a > programme_b) - (programme_a < programme_b);
}

static int by_operator(const void *a, const void *b)
{
    const struct course *x = a, *y = b;
    const struct certificate *c = &x->certificate, *d = &y->certificate;
    int order = order_of(c->operator_index, c->programme_index, d->operator_index, d->programme_index);
    if (order == 0)
        order = strcmp(c->class_code, d->class_code);
    if (order == 0)
        order = (x->raw.entry > y->raw.entry) - (x->raw.entry < y->raw.entry);
    return order != 0 ? order : (c->from > d->from) - (c->from < d->from);
}

/* What persons said of one row of a source, of a programme. */
struct word {
    size_t operator_index, programme_index;
    const struct raw_event *event;
};
struct words {
    struct word *items; /* owned */
    size_t count;
};

static int by_programme(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    int order = order_of(x->operator_index, x->programme_index, y->operator_index, y->programme_index);
    return order != 0 ? order : (x->event > y->event) - (x->event < y->event); /* by entry */
}

static bool words_of(struct merging *m, struct words *out)
{
    const struct register_raw *raw = m->raw;
    out->items = calloc(raw->events.count + 1, sizeof *out->items);
    out->count = 0;
    for (size_t i = 0; out->items != NULL && i < raw->events.count; i++) {
        const struct raw_event *e = &raw->events.items[i];
        if (!e->event.person || e->programme == NULL)
            continue;
        size_t row = raw_of_entry(raw, e->entry);
        size_t index = row == SIZE_MAX ? SIZE_MAX : operator_of(m, row);
        if (index != SIZE_MAX)
            out->items[out->count++] =
                (struct word){index, (size_t)(e->programme - m->o->programmes.items), e};
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, by_programme);
    return out->items != NULL;
}

/* Those of a group's operator and programme; `words` goes on to them, for groups come in the same order. */
static struct words words_for(struct words *words, const struct course *group)
{
    const struct certificate *c = &group->certificate;
    struct words out = {NULL, 0};
    while (words->count > 0 && order_of(words->items->operator_index, words->items->programme_index,
                                        c->operator_index, c->programme_index) < 0) {
        words->items++;
        words->count--;
    }
    out.items = words->items;
    while (out.count < words->count && out.items[out.count].operator_index == c->operator_index &&
           out.items[out.count].programme_index == c->programme_index)
        out.count++;
    return out;
}

/* What the source of one row says of its certificate. Returns how many events. */
static size_t put_said(const struct merging *m, const struct course *c, unsigned voice, struct event *out)
{
    size_t count = 0;
    for (size_t i = 0; i < c->event_count; i++) {
        const struct raw_event *e = &c->events[i];
        if (e->event.person || e->programme != &m->o->programmes.items[c->certificate.programme_index] ||
            strcmp(e->class_code, c->certificate.class_code) != 0)
            continue;
        out[count] = e->event;
        out[count].voice = voice;
        if (c->row->whole)
            out[count].told = 0;
        if (!e->said && e->event.learned_ms <= c->raw.learned_ms)
            out[count].learned_ms = INT64_MIN;
        count++;
    }
    return count;
}

/* The voices about a group of certificates: each source's row, then the persons' words about each. NULL without memory. */
static struct event *voices_of(const struct merging *m, const struct course *group, size_t n,
                               const struct words *words, size_t *count)
{
    size_t most = words->count;
    unsigned voice = 0;
    for (size_t i = 0; i < n; i++)
        most += group[i].event_count;
    struct event *events = calloc(most + 1, sizeof *events);
    *count = 0;
    for (size_t i = 0; events != NULL && i < n; i++)
        if (i == 0 || group[i].raw.entry != group[i - 1].raw.entry)
            *count += put_said(m, &group[i], voice++, events + *count);
    for (size_t i = 0; events != NULL && i < words->count; i++) {
        voice += i == 0 || words->items[i].event->entry != words->items[i - 1].event->entry;
        events[*count] = words->items[i].event->event;
        events[(*count)++].voice = voice;
    }
    return events;
}

static bool set_events(const struct merging *m, struct course *group, size_t n, const struct words *words)
{
    size_t count;
    struct event *events = voices_of(m, group, n, words, &count);
    bool good = events != NULL;
    for (size_t i = 0; good && i < n; i++) {
        struct event *own = calloc(count + 1, sizeof *own);
        good = own != NULL;
        if (good && count > 0)
            memcpy(own, events, count * sizeof *own);
        group[i].certificate.events = own;
        group[i].certificate.event_count = good ? count : 0;
    }
    free(events);
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
    struct words words;
    bool good = words_of(m, &words);
    struct word *all = words.items;
    o->certificates.count = 0;
    for (size_t first = 0; first < n;) {
        size_t length = group_length(courses + first, n - first);
        if (good) {
            struct words about = words_for(&words, courses + first);
            good = set_events(m, courses + first, length, &about);
        }
        for (size_t i = first; i < first + length; i++) {
            struct course *c = &courses[i];
            struct operator_row *row = &o->rows.items[c->certificate.operator_index];
            if (row->certificate_count++ == 0)
                row->first_certificate = o->certificates.count;
            o->certificates.items[o->certificates.count++] = c->certificate;
        }
        first += length;
    }
    free(all);
    return good;
}

static int by_source(const void *a, const void *b)
{
    const struct course *x = a, *y = b;
    const struct certificate *c = &x->certificate, *d = &y->certificate;
    int order = order_of(c->operator_index, c->programme_index, d->operator_index, d->programme_index);
    if (order == 0)
        order = strcmp(x->row->source, y->row->source);
    return order != 0 ? order : (int)y->row->listed - (int)x->row->listed;
}

/*
 * A source that lists an operator anew, under another key (his class or name changed), did not withdraw him: rows it no longer lists say
 * nothing of a programme in which it lists him. Returns how many courses are left.
 */
static size_t without_past(struct course *courses, size_t n)
{
    size_t past = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        past += !courses[i].row->listed;
    if (past == 0 || past == n)
        return n;
    qsort(courses, n, sizeof *courses, by_source);
    for (size_t first = 0, i = 0; i < n; i++) {
        const struct certificate *c = &courses[i].certificate, *d = &courses[first].certificate;
        if (c->operator_index != d->operator_index || c->programme_index != d->programme_index ||
            strcmp(courses[i].row->source, courses[first].row->source) != 0)
            first = i;
        if (courses[i].row->listed || !courses[first].row->listed)
            courses[kept++] = courses[i];
    }
    return kept;
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
        c->row = &m->raw->operators.items[c->certificate.operator_index];
        c->certificate.operator_index = operator_of(m, c->certificate.operator_index);
        c->events = events_of(m->raw, c->raw.entry, &c->event_count);
        count += c->certificate.operator_index != SIZE_MAX;
    }
    count = without_past(courses, count);
    if (count > 1)
        qsort(courses, count, sizeof *courses, by_operator);
    bool good = settle(m, courses, count);
    free(courses);
    return good;
}

bool register_merge(struct operators *o, struct register_raw *raw)
{
    struct merging m = {.o = o, .raw = raw};
    size_t n = o->rows.count;
    m.root = malloc((n + 1) * sizeof *m.root);
    m.index = calloc(n + 1, sizeof *m.index);
    m.shown = malloc((n + 1) * sizeof *m.shown);
    m.past = calloc(o->identifiers.count + 1, sizeof *m.past);
    bool good = m.root != NULL && m.index != NULL && m.shown != NULL && m.past != NULL;
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
    free(m.shown);
    free(m.past);
    return good;
}
