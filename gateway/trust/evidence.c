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

/* The last event in effect on `today`, of those learned by the time that counts. */
static enum status status_at(const struct certificate *c, day_number today, int64_t known_ms)
{
    const struct event *last = NULL;
    for (size_t i = 0; i < c->event_count; i++) {
        const struct event *e = &c->events[i];
        if (e->from <= today && e->learned_ms <= known_ms && (last == NULL || e->from >= last->from))
            last = e;
    }
    return last == NULL ? STATUS_APPLIED : last->status;
}

static int64_t known(const struct lane_facts *f)
{
    return f->known_ms != 0 ? f->known_ms : f->at_ms;
}

enum lane_reason certificate_negative(const struct operators *o, const struct lane_facts *f,
                                      const struct certificate *c)
{
    switch (status_at(c, day_at(f->at_ms, programme_of(o, c)->zone), known(f))) {
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
    day_number today = day_at(f->at_ms, f->zone);
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

/* The best any row of the pair gives: one that grants, else the first that does not. */
static void by_arrangement(struct worth *w, const struct operators *o, const struct lane_facts *f,
                           const struct match *m)
{
    w->reason = REASON_D01;
    for (size_t i = 0; i < o->arrangements.count; i++) {
        const struct arrangement *a = &o->arrangements.items[i];
        if (!str_eq(a->home, w->programme->code) || !str_eq(a->destination, f->destination))
            continue;
        enum lane_reason r = under(a, f, m, w->certificate);
        if (w->arrangement == NULL || r == REASON_P02) {
            w->arrangement = a;
            w->reason = r;
        }
        if (r == REASON_P02)
            return;
    }
}

struct worth certificate_worth(const struct operators *o, const struct lane_facts *f, const struct match *m,
                               const struct certificate *c)
{
    struct worth w = {.certificate = c, .programme = programme_of(o, c), .reason = REASON_NONE};
    day_number today = day_at(f->at_ms, w.programme->zone);
    w.own = register_lists(w.programme->own_of, f->destination);
    w.status = status_at(c, today, known(f));
    if (!str_eq(c->environment, f->environment))
        w.reason = REASON_A04;
    if (w.reason == REASON_NONE)
        w.reason = list_age(c, w.programme, f);
    if (w.reason == REASON_NONE)
        w.reason = standing(c, w.status, today);
    if (w.reason == REASON_NONE && !register_lists(w.programme->security_classes, c->class_code))
        w.reason = REASON_C07;
    if (w.reason != REASON_NONE)
        return w;
    if (w.own)
        w.reason = str_eq(m->party->role, "IM") ? REASON_P01 : REASON_NONE;
    else if (role_is_partner(match_role(m)))
        by_arrangement(&w, o, f, m);
    return w;
}
