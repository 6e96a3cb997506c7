/* Properties of the lane decision over registers made up by chance, with a fixed seed: what must hold whatever the register says. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/decide.h"
#include "util/str.h"

enum { OPERATORS = 6, CERTIFICATES = 9, EVENTS = 4, ROWS = 5, BINDINGS = 6, PARTIES = 4, WORLDS = 4000 };

static struct options options;
static struct gln_context ctx;
static uint64_t seed;

static unsigned chance(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

/* ---- a register as a model, which can be written down in any order ---- */

struct model_certificate {
    unsigned owner, programme, class_index;
    bool prod, consent;
    day_number from, to, list;
    struct event events[EVENTS];
    unsigned event_count;
};
struct model {
    struct model_certificate certificates[CERTIFICATES];
    struct arrangement rows[ROWS];
    struct binding bindings[BINDINGS];
    unsigned binding_count;
};

static const char *const programme_codes[] = {"US-CTPAT", "EU-AEO", "MX-OEA"};
static const char *const owns[] = {" US ", NULL, " MX "};
static const char *const classes[] = {"X", "Y"};
static const char *const operator_names[OPERATORS] = {"ALPHA", "BRAVO", "CHARLIE",
                                                      "DELTA", "ECHO",  "FOXTROT"};
static const char *const numbers[OPERATORS] = {"100000001", "100000002", "100000003",
                                               "100000004", "100000005", "100000006"};
static const char *const mids[OPERATORS] = {"DEALP1BER", "DEBRA2BER", "DECHA3BER",
                                            "DEDEL4BER", "DEECH5BER", "DEFOX6BER"};

static day_number any_day(void)
{
    static const day_number days[] = {20240101, 20260601, 20260701, 20260702, 20260703, 20270101};
    return days[chance(6)];
}

static int64_t any_instant(void)
{
    return 1782993600000 + ((int64_t)chance(21) - 10) * 43200000; /* around 2026-07-02T12:00Z */
}

static struct event any_event(void)
{
    return (struct event){.status = (enum status)chance(6),
                          .from = any_day(),
                          .learned_ms = chance(2) ? INT64_MIN : any_instant()};
}

static struct model_certificate any_certificate(void)
{
    struct model_certificate c = {.owner = chance(OPERATORS),
                                  .programme = chance(3),
                                  .class_index = chance(8) == 0,
                                  .prod = chance(8) != 0,
                                  .consent = chance(4) != 0,
                                  .from = chance(3) ? 20240101 : any_day(),
                                  .to = chance(3) ? 0 : any_day(),
                                  .list = chance(4) ? 20260701 : any_day()};
    c.events[c.event_count++] =
        (struct event){.status = STATUS_CERTIFIED, .from = 20240101, .learned_ms = INT64_MIN};
    for (unsigned more = chance(3); more > 0; more--)
        c.events[c.event_count++] = any_event();
    return c;
}

static struct arrangement any_row(bool first)
{
    return (struct arrangement){.id = first ? "A" : "B",
                                .home = programme_codes[1 + chance(2)],
                                .destination = chance(5) ? "US" : "MX",
                                .effective = chance(5) ? 20200101 : any_day(),
                                .ended = chance(3) ? 0 : any_day(),
                                .roles = chance(3) ? " EX MF " : " EX ",
                                .kinds = chance(4) ? " MID " : " AEO ",
                                .consent = chance(2),
                                .state = chance(3) ? ARRANGEMENT_FORCE : (enum arrangement_state)chance(4)};
}

static void any_model(struct model *m)
{
    memset(m, 0, sizeof *m);
    for (int i = 0; i < CERTIFICATES; i++)
        m->certificates[i] = any_certificate();
    for (int i = 0; i < ROWS; i++)
        m->rows[i] = any_row(i % 2);
    m->binding_count = chance(BINDINGS + 1);
    for (unsigned i = 0; i < m->binding_count; i++)
        m->bindings[i] = (struct binding){.submitter = chance(2) ? "s1" : "s2",
                                          .operator_index = chance(OPERATORS),
                                          .from = chance(3) ? 0 : any_day(),
                                          .to = chance(3) ? 0 : any_day()};
}

/* 0..n-1 in an order by chance, or as they are. */
static void any_order(unsigned *order, unsigned n, bool mixed)
{
    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    for (unsigned i = n; mixed && i > 1; i--) {
        unsigned k = chance(i), swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
}

static void put_certificate(struct operators *o, const struct model_certificate *c, size_t owner, bool mixed)
{
    struct certificate *to = REGISTER_MORE(o->certificates);
    unsigned order[EVENTS];
    *to = (struct certificate){.operator_index = owner,
                               .programme_index = c->programme,
                               .class_code = classes[c->class_index],
                               .environment = c->prod ? "PROD" : "TEST",
                               .from = c->from,
                               .to = c->to,
                               .list_date = c->list,
                               .consent = c->consent};
    to->events = calloc(EVENTS, sizeof *to->events);
    any_order(order, c->event_count, mixed);
    for (unsigned i = 0; i < c->event_count; i++)
        to->events[to->event_count++] = c->events[order[i]];
}

static void put_operator(struct operators *o, const struct model *m, unsigned who, bool mixed)
{
    size_t index = o->rows.count;
    struct operator_row *row = REGISTER_MORE(o->rows);
    unsigned order[CERTIFICATES];
    *row = (struct operator_row){
        .id = operator_names[who], .name = operator_names[who], .first_certificate = o->certificates.count};
    *(struct identifier *)REGISTER_MORE(o->identifiers) =
        (struct identifier){.kind = "EI", .value = numbers[who], .operator_index = index};
    *(struct identifier *)REGISTER_MORE(o->identifiers) =
        (struct identifier){.kind = "MID", .value = mids[who], .operator_index = index};
    any_order(order, CERTIFICATES, mixed);
    for (int i = 0; i < CERTIFICATES; i++)
        if (m->certificates[order[i]].owner == who)
            put_certificate(o, &m->certificates[order[i]], index, mixed);
    row = &o->rows.items[index];
    row->certificate_count = o->certificates.count - row->first_certificate;
}

static struct operators *build(const struct model *m, bool mixed)
{
    struct operators *o = calloc(1, sizeof *o);
    unsigned order[16];
    size_t index_of[OPERATORS];
    for (int i = 0; i < 3; i++)
        *(struct programme *)REGISTER_MORE(o->programmes) = (struct programme){.code = programme_codes[i],
                                                                               .country = "ZZ",
                                                                               .zone = "UTC",
                                                                               .max_list_age_days = 31,
                                                                               .security_classes = " X ",
                                                                               .own_of = owns[i]};
    any_order(order, OPERATORS, mixed);
    for (int i = 0; i < OPERATORS; i++) {
        index_of[order[i]] = o->rows.count;
        put_operator(o, m, order[i], mixed);
    }
    any_order(order, ROWS, mixed);
    for (int i = 0; i < ROWS; i++)
        *(struct arrangement *)REGISTER_MORE(o->arrangements) = m->rows[order[i]];
    any_order(order, m->binding_count, mixed);
    for (unsigned i = 0; i < m->binding_count; i++) {
        struct binding *b = REGISTER_MORE(o->bindings);
        *b = m->bindings[order[i]];
        b->operator_index = index_of[b->operator_index];
    }
    register_close(o);
    return o;
}

/* ---- facts ---- */

struct world {
    struct model m;
    struct party parties[PARTIES];
    struct lane_facts f;
};

static void any_world(struct world *w)
{
    any_model(&w->m);
    w->f = (struct lane_facts){.destination = chance(12) ? "US" : "MX",
                               .zone = "UTC",
                               .environment = "PROD",
                               .submitter = chance(2)   ? NULL
                                            : chance(2) ? "s1"
                                                        : "s2",
                               .claimed = chance(4) == 0,
                               .at_ms = 1782993600000,
                               .known_ms = chance(2) ? 0 : any_instant(),
                               .parties = w->parties,
                               .party_count = 1 + chance(PARTIES)};
    for (size_t i = 0; i < w->f.party_count; i++) {
        unsigned who = chance(OPERATORS);
        bool importer = i == 0 && chance(5) != 0;
        w->parties[i] = (struct party){.role = importer    ? "IM"
                                               : chance(2) ? "EX"
                                                           : "MF",
                                       .kind = importer ? "EI" : "MID",
                                       .id = importer ? numbers[who] : mids[who],
                                       .name = chance(6) ? NULL : operator_names[chance(OPERATORS)]};
    }
}

static struct lane_decision decide(const struct model *m, const struct lane_facts *f, bool mixed)
{
    struct operators *o = build(m, mixed);
    struct lane_decision d;
    ck_assert_int_eq(lane_decide(&d, &ctx, o, f), GLN_OK);
    operators_free(o);
    lane_decision_free(&d);
    return d;
}

static void setup(void)
{
    seed = 20260702;
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
}

static void teardown(void)
{
    context_clear(&ctx);
    options_free(&options);
}

/* Each way of taking the ground from under an expedited decision, applied to every certificate or binding. */
static void all_revoked(struct model *m)
{
    for (int i = 0; i < CERTIFICATES; i++) {
        m->certificates[i].events[0] =
            (struct event){.status = STATUS_REVOKED, .from = 20260702, .learned_ms = INT64_MIN};
        m->certificates[i].event_count = 1;
    }
}

static void all_expired(struct model *m)
{
    for (int i = 0; i < CERTIFICATES; i++)
        m->certificates[i].to = 20260701;
}

static void all_applied(struct model *m)
{
    for (int i = 0; i < CERTIFICATES; i++)
        m->certificates[i].event_count = 0;
}

static void all_of_test(struct model *m)
{
    for (int i = 0; i < CERTIFICATES; i++)
        m->certificates[i].prod = false;
}

START_TEST(no_ground_no_lane)
{
    static void (*const ways[])(struct model *) = {all_revoked, all_expired, all_applied, all_of_test};
    unsigned expedited = 0, unbound = 0;
    setup();
    for (int i = 0; i < WORLDS; i++) {
        struct world w;
        any_world(&w);
        if (decide(&w.m, &w.f, false).lane != LANE_EXPEDITED)
            continue;
        expedited++;
        for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
            struct model m = w.m;
            ways[k](&m);
            ck_assert_msg(decide(&m, &w.f, false).lane == LANE_STANDARD, "world %d, way %zu", i, k);
        }
        if (!str_eq(w.parties[0].role, "IM") || w.f.submitter == NULL)
            continue;
        unbound++;
        struct model m = w.m;
        m.binding_count = 0;
        struct lane_decision d = decide(&m, &w.f, false);
        ck_assert_msg(d.lane == LANE_STANDARD && str_eq(d.primary, "A03"), "world %d, unbound", i);
    }
    /* the worlds are such that this was tried */
    ck_assert_uint_ge(expedited, WORLDS / 20);
    ck_assert_uint_ge(unbound, WORLDS / 400);
    teardown();
}
END_TEST

START_TEST(bad_news_never_speeds_up)
{
    static const enum status bad[] = {STATUS_SUSPENDED, STATUS_REVOKED, STATUS_WITHDRAWN};
    unsigned slowed = 0;
    setup();
    for (int i = 0; i < 2 * WORLDS; i++) {
        struct world w;
        any_world(&w);
        enum lane before = decide(&w.m, &w.f, false).lane;
        struct model_certificate *c = &w.m.certificates[chance(CERTIFICATES)];
        c->events[c->event_count++] = (struct event){.status = bad[chance(3)],
                                                     .from = chance(2) ? any_day() : 20260702,
                                                     .learned_ms = chance(2) ? INT64_MIN : any_instant()};
        enum lane after = decide(&w.m, &w.f, false).lane;
        ck_assert_msg(!(before == LANE_STANDARD && after == LANE_EXPEDITED), "world %d", i);
        slowed += before != after;
    }
    ck_assert_uint_ge(slowed, 20);
    teardown();
}
END_TEST

START_TEST(order_of_rows_is_nothing)
{
    setup();
    for (int i = 0; i < WORLDS; i++) {
        struct world w;
        any_world(&w);
        struct lane_decision a = decide(&w.m, &w.f, false), b;
        for (size_t k = w.f.party_count; k > 1; k--) {
            size_t other = chance((unsigned)k);
            struct party swap = w.parties[k - 1];
            w.parties[k - 1] = w.parties[other];
            w.parties[other] = swap;
        }
        b = decide(&w.m, &w.f, true);
        ck_assert_msg(a.lane == b.lane && a.alert == b.alert && a.reason_count == b.reason_count,
                      "world %d: %s, %s", i, a.primary, b.primary);
        for (size_t k = 0; k < a.reason_count; k++)
            ck_assert_msg(str_eq(a.reasons[k], b.reasons[k]), "world %d: %s, %s", i, a.reasons[k],
                          b.reasons[k]);
    }
    teardown();
}
END_TEST

/* ---- voices ---- */

enum { VOICES = 4, SAID = 4 };

/* Some voices about one certificate, the first a source, each with words of few days, so that many fall on one. */
static void any_voices(struct certificate *c, struct event *events)
{
    static const day_number days[] = {20260630, 20260701, 20260702};
    *c = (struct certificate){.events = events};
    for (unsigned voice = 0; voice < VOICES; voice++)
        for (unsigned n = chance(SAID + 1); n > 0; n--)
            events[c->event_count++] = (struct event){.status = (enum status)chance(6),
                                                      .from = days[chance(3)],
                                                      .learned_ms = chance(2) ? INT64_MIN : any_instant(),
                                                      .told = chance(3),
                                                      .voice = voice,
                                                      .person = voice > 1};
}

/* The same words, those of a voice in another order, the voices in another order. */
static void mixed_voices(struct certificate *to, struct event *events, const struct certificate *c)
{
    unsigned voices[VOICES], order[VOICES * SAID + 1];
    *to = (struct certificate){.events = events};
    any_order(voices, VOICES, true);
    any_order(order, (unsigned)c->event_count, true);
    for (unsigned v = 0; v < VOICES; v++)
        for (size_t i = 0; i < c->event_count; i++)
            if (c->events[order[i]].voice == voices[v])
                events[to->event_count++] = c->events[order[i]];
}

static bool entitles(enum status s)
{
    return s == STATUS_CERTIFIED || s == STATUS_VALIDATED;
}

static bool negative(enum status s)
{
    return s == STATUS_SUSPENDED || s == STATUS_REVOKED;
}

START_TEST(voices_of_one_certificate)
{
    static const enum status bad[] = {STATUS_SUSPENDED, STATUS_REVOKED, STATUS_WITHDRAWN};
    enum { TODAY = 20260702 };
    unsigned entitled = 0, lost = 0;
    setup();
    for (int i = 0; i < 20 * WORLDS; i++) {
        struct event events[VOICES * SAID + 1], others[VOICES * SAID + 1];
        struct certificate c, mixed;
        int64_t known = any_instant();
        any_voices(&c, events);
        mixed_voices(&mixed, others, &c);
        enum status left = certificate_status(&c, TODAY, known, true);
        enum status before = certificate_status(&c, TODAY, known, false);
        ck_assert_int_eq(left, certificate_status(&mixed, TODAY, known, true));
        ck_assert_int_eq(before, certificate_status(&mixed, TODAY, known, false));
        /* persons give nothing: without the sources' words there is no status */
        size_t sources = 0, count = c.event_count;
        while (sources < count && !events[sources].person)
            sources++;
        c.event_count = sources;
        ck_assert(entitles(certificate_status(&c, TODAY, known, true)) || !entitles(left));
        c.event_count = count;
        /* one more bad word of any voice, of any day, told and learned at any time */
        struct event *e = &events[c.event_count++];
        *e = (struct event){.status = bad[chance(3)],
                            .from = 20260630 + (int)chance(2) * 71,
                            .learned_ms = chance(2) ? INT64_MIN : any_instant(),
                            .told = chance(3),
                            .voice = chance(2)   ? VOICES
                                     : count > 0 ? events[count - 1].voice
                                                 : 0,
                            .person = chance(2)};
        if (count > 0 && e->voice == events[count - 1].voice)
            e->person = events[count - 1].person;
        enum status after = certificate_status(&c, TODAY, known, true);
        ck_assert_msg(entitles(left) || !entitles(after), "%d: %s, then %s", i, status_text(left),
                      status_text(after));
        ck_assert_msg(!negative(before) || negative(certificate_status(&c, TODAY, known, false)),
                      "%d: %s is forgotten", i, status_text(before));
        entitled += entitles(left);
        lost += entitles(left) && !entitles(after);
    }
    ck_assert_uint_ge(entitled, WORLDS / 2);
    ck_assert_uint_ge(lost, WORLDS / 4);
    teardown();
}
END_TEST

static Suite *suite(void)
{
    static const TTest *tests[5];
    tests[0] = no_ground_no_lane;
    tests[1] = bad_news_never_speeds_up;
    tests[2] = order_of_rows_is_nothing;
    tests[3] = voices_of_one_certificate;
    return unit_suite("trust/property", tests);
}

UNIT_MAIN(suite)
