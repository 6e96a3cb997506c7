/*
 * Steps 6 to 11 of the decision for one certificate: environment, age of the list, status, class, then the path: the
 * destination's own programme for the importer, or an arrangement for a partner. The first test that fails is the reason.
 *
 * Owns nothing; a pure function of register, facts and T. Certificates are judged in the issuer's zone, arrangements in the
 * destination's, the age of a list in UTC days. Last days are inclusive; a status counts from 00:00 of its day.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

static const struct programme *programme_of(const struct operators *o, const struct certificate *c)
{
    return &o->programmes.items[c->programme_index];
}

static int severity(enum status s)
{
    static const int by_status[] = {[STATUS_VALIDATED] = 0, [STATUS_CERTIFIED] = 1, [STATUS_APPLIED] = 2,
                                    [STATUS_WITHDRAWN] = 3, [STATUS_SUSPENDED] = 4, [STATUS_REVOKED] = 5};
    return by_status[s];
}

/* Of two events of a voice the one that counts. */
static bool outdoes(const struct event *e, const struct event *last)
{
    if (last == NULL || e->from != last->from)
        return last == NULL || e->from > last->from;
    if (e->told != last->told)
        return e->told > last->told;
    if (e->learned_ms != last->learned_ms)
        return e->learned_ms > last->learned_ms;
    return severity(e->status) > severity(last->status);
}

/* The last word of the voice that begins at *i, by what is in effect and known; NULL: it has said nothing yet. *i goes on to the next. */
static const struct event *last_word(const struct certificate *c, size_t *i, day_number today,
                                     int64_t known_ms, bool withdrawn)
{
    const struct event *last = NULL;
    for (unsigned voice = c->events[*i].voice; *i < c->event_count && c->events[*i].voice == voice; (*i)++) {
        const struct event *e = &c->events[*i];
        if (e->from <= today && e->learned_ms <= known_ms && outdoes(e, last) &&
            (withdrawn || e->status != STATUS_WITHDRAWN))
            last = e;
    }
    return last;
}

enum status certificate_status(const struct certificate *c, day_number today, int64_t known_ms,
                               bool withdrawn)
{
    const struct event *source = NULL, *person = NULL; /* the worst of each */
    for (size_t i = 0; i < c->event_count;) {
        const struct event *last = last_word(c, &i, today, known_ms, withdrawn);
        if (last == NULL)
            continue;
        const struct event **worst = last->person ? &person : &source;
        if (*worst == NULL || severity(last->status) > severity((*worst)->status))
            *worst = last;
    }
    enum status said = source == NULL ? STATUS_APPLIED : source->status;
    return person != NULL && severity(person->status) > severity(said) ? person->status : said;
}

static int64_t known(const struct lane_facts *f)
{
    return f->known_ms != 0 ? f->known_ms : f->at_ms;
}

enum lane_reason certificate_negative(const struct operators *o, const struct lane_facts *f,
                                      const struct certificate *c)
{
    /* who leaves while suspended is suspended still */
    switch (
        certificate_status(c, day_at_kept(f->at_ms, programme_of(o, c)->zone, f->zones), known(f), false)) {
    case STATUS_SUSPENDED:
        return REASON_C03;
    case STATUS_REVOKED:
        return REASON_C04;
    default:
        return REASON_NONE;
    }
}

/* A list may be newer than T where the decision is made again later; newer than what is known it may not be. */
static enum lane_reason list_age(const struct certificate *c, const struct programme *p,
                                 const struct lane_facts *f)
{
    if (c->list_date == 0)
        return REASON_F01;
    int64_t age = day_count(day_at(f->at_ms, "UTC")) - day_count(c->list_date);
    int most = c->max_age_days != 0 ? c->max_age_days : p->max_list_age_days;
    if (c->list_date > day_at(known(f), "UTC"))
        return REASON_F05;
    return age > most ? REASON_F01 : REASON_NONE;
}

static enum lane_reason standing(const struct certificate *c, enum status status, day_number today)
{
    static const enum lane_reason by_status[] = {
        [STATUS_APPLIED] = REASON_C05,   [STATUS_CERTIFIED] = REASON_NONE, [STATUS_VALIDATED] = REASON_NONE,
        [STATUS_SUSPENDED] = REASON_C03, [STATUS_REVOKED] = REASON_C04,    [STATUS_WITHDRAWN] = REASON_C04};
    if (status == STATUS_REVOKED || status == STATUS_SUSPENDED || status == STATUS_WITHDRAWN)
        return by_status[status];
    if (today == 0 || (c->to != 0 && today > c->to))
        return REASON_C02;
    if (today < c->from)
        return REASON_C01;
    return by_status[status];
}

static enum lane_reason under(const struct arrangement *a, const struct lane_facts *f, const struct match *m,
                              const struct certificate *c)
{
    day_number today = day_at_kept(f->at_ms, f->zone, f->zones);
    if (a->ended != 0 && today > a->ended)
        return REASON_D03;
    if (a->state == ARRANGEMENT_PILOT)
        return REASON_D09;
    if (a->state != ARRANGEMENT_FORCE || a->effective == 0 || today < a->effective)
        return REASON_D02;
    if (!register_lists(a->roles, match_role(m)))
        return REASON_D04;
    if (!register_lists(a->kinds, m->kind))
        return REASON_B06;
    if (a->consent && !certificate_consents(c, today))
        return REASON_D08;
    return f->other_sellers ? REASON_E07 : REASON_P02;
}

/* Which of two rows answers for a pair: one that grants, else the reason that ranks first, else by name, whatever their order. */
static bool answers_better(const struct arrangement *a, enum lane_reason r, const struct worth *w)
{
    if (w->arrangement == NULL || r == w->reason)
        return w->arrangement == NULL || strcmp(a->id, w->arrangement->id) < 0;
    return r == REASON_P02 || (w->reason != REASON_P02 && r < w->reason);
}

static void by_arrangement(struct worth *w, const struct operators *o, const struct lane_facts *f,
                           const struct match *m)
{
    w->reason = REASON_D01;
    for (size_t i = 0; i < o->arrangements.count; i++) {
        const struct arrangement *a = &o->arrangements.items[i];
        if (!str_eq(a->home, w->programme->code) || !str_eq(a->destination, f->destination))
            continue;
        enum lane_reason r = under(a, f, m, w->certificate);
        if (answers_better(a, r, w)) {
            w->arrangement = a;
            w->reason = r;
        }
    }
}

static day_number earlier(day_number a, day_number b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The last day it counts if nothing new is learned: its own, that of its list's age, that of the arrangement. */
static day_number counts_until(const struct worth *w)
{
    const struct certificate *c = w->certificate;
    if (!w->sound) /* it does not count today */
        return 0;
    int most = c->max_age_days != 0 ? c->max_age_days : w->programme->max_list_age_days;
    day_number list = c->list_date == 0 ? 0 : day_at((day_count(c->list_date) + most) * 86400000, "UTC");
    return earlier(earlier(c->to, list), w->arrangement != NULL ? w->arrangement->ended : 0);
}

struct worth certificate_worth(const struct operators *o, const struct lane_facts *f, const struct match *m,
                               const struct certificate *c)
{
    struct worth w = {.certificate = c, .programme = programme_of(o, c), .reason = REASON_NONE};
    day_number today = day_at_kept(f->at_ms, w.programme->zone, f->zones);
    w.own = register_lists(w.programme->own_of, f->destination);
    w.status = certificate_status(c, today, known(f), true);
    if (!str_eq(c->environment, f->environment))
        w.reason = REASON_A04;
    if (w.reason == REASON_NONE)
        w.reason = list_age(c, w.programme, f);
    if (w.reason == REASON_NONE)
        w.reason = standing(c, w.status, today);
    w.sound = w.reason == REASON_NONE;
    w.until = counts_until(&w);
    if (w.reason == REASON_NONE && !register_lists(w.programme->security_classes, c->class_code))
        w.reason = REASON_C07;
    if (w.reason != REASON_NONE)
        return w;
    if (w.own)
        w.reason = str_eq(m->party->role, "IM") ? REASON_P01 : REASON_NONE;
    else if (role_is_partner(match_role(m)))
        by_arrangement(&w, o, f, m);
    w.until = counts_until(&w);
    return w;
}
