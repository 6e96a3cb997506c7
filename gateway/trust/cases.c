/*
 * A file of lane cases (docs/lanes.md): the register, arrangements and cases in one JSON; every case decided, a line each, and compared
 * with what the file expects. It shows what the rules do before anybody relies on them, without a ledger.
 *
 * Owns nothing beyond a call. A file that cannot be right is refused whole with the row's name; a case that comes out otherwise than
 * expected is no failure of the call, but its result.
 */
#include <greenlane.h>

#include "trust/decide.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct running {
    struct gln_context *ctx;
    const struct json_in *root;
    struct operators *o;
    int language;
    bool as_json;
    struct buf lines, differences;
    struct json_out j;
    size_t differing;
};

struct gathering {
    struct party *items;
    size_t count, room;
};

static void party_take(struct gathering *g, const char *role, const struct json_in *v)
{
    if (g->count < g->room)
        g->items[g->count++] = (struct party){.role = role,
                                              .kind = json_in_str(json_in_get(v, "t")),
                                              .id = json_in_str(json_in_get(v, "id")),
                                              .name = json_in_str(json_in_get(v, "name")),
                                              .tax = json_in_str(json_in_get(v, "tax")),
                                              .code = json_in_str(json_in_get(v, "code"))};
}

/* One party of a role, or an array of them. */
static int party_role(void *arg, const char *role, const struct json_in *v)
{
    struct gathering *g = arg;
    if (!json_in_is_array(v))
        party_take(g, role, v);
    for (size_t i = 0; i < json_in_len(v); i++)
        party_take(g, role, json_in_at(v, i));
    return 0;
}

static int party_count(void *arg, const char *role, const struct json_in *v)
{
    (void)role;
    ((struct gathering *)arg)->room += json_in_is_array(v) ? json_in_len(v) : 1;
    return 0;
}

static bool flag(const struct json_in *c, const char *key)
{
    return json_in_true(json_in_get(c, key));
}

/* The case as the decision wants it; the parties to be freed. */
static int facts_of(struct running *r, const struct json_in *c, struct lane_facts *f, struct party **parties)
{
    const struct json_in *known = json_in_get(c, "known");
    const char *zone = case_text(json_in_get(r->root, "zones"), case_text(c, "dest"));
    struct gathering g = {0};
    *f = (struct lane_facts){.destination = case_text(c, "dest"),
                             .zone = zone[0] != '\0' ? zone : "UTC",
                             .environment = case_text(c, "env"),
                             .submitter = json_in_str(json_in_get(c, "sender")),
                             .claimed = flag(c, "tag"),
                             .other_sellers = flag(c, "other_sellers"),
                             .fast = flag(c, "fast"),
                             .driver = flag(c, "driver"),
                             .seal = flag(c, "seal")};
    if (f->destination[0] == '\0' || f->environment[0] == '\0')
        return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_MISSING, case_text(c, "no"),
                            f->destination[0] == '\0' ? "dest" : "env");
    if (!time_parse(&f->at_ms, case_text(c, "T")))
        return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_VALUE, case_text(c, "no"), "T", case_text(c, "T"));
    if (!json_in_null(known) && !time_parse(&f->known_ms, case_text(c, "known")))
        return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_VALUE, case_text(c, "no"), "known",
                            case_text(c, "known"));
    (void)json_in_each(json_in_get(c, "parties"), party_count, &g);
    *parties = g.items = calloc(g.room + 1, sizeof *g.items);
    if (g.items == NULL)
        return context_no_memory(r->ctx);
    (void)json_in_each(json_in_get(c, "parties"), party_role, &g);
    f->parties = g.items;
    f->party_count = g.count;
    return GLN_OK;
}

static bool listed(const struct lane_decision *d, const char *reason)
{
    for (size_t i = 0; i < d->reason_count; i++)
        if (str_eq(d->reasons[i], reason))
            return true;
    return false;
}

static void differs(struct running *r, enum message_id id, const char *no, const char *expected,
                    const char *decided)
{
    message_put(&r->differences, id, r->language, (const char *const[]){no, expected, decided}, 3);
    buf_putc(&r->differences, '\n');
}

/* The four words of a decision, against those expected. */
static bool as_expected(struct running *r, const struct json_in *c, const struct lane_decision *d,
                        const char *const words[4])
{
    const struct json_in *expect = json_in_get(c, "expect"), *also = json_in_get(c, "also");
    struct buf expected = BUF_INIT, decided = BUF_INIT;
    bool same = true, all = true;
    for (size_t i = 0; i < 4; i++) {
        const char *word = json_in_str(json_in_at(expect, i));
        buf_printf(&expected, "%s%s", i > 0 ? " " : "", word != NULL ? word : "?");
        buf_printf(&decided, "%s%s", i > 0 ? " " : "", words[i]);
        same = same && str_eq(word, words[i]);
    }
    if (json_in_null(expect))
        same = true;
    if (!same)
        differs(r, MSG_CASES_DIFFERS, case_text(c, "no"), expected.data, decided.data);
    for (size_t i = 0; i < json_in_len(also); i++) {
        const char *reason = json_in_str(json_in_at(also, i));
        if (reason != NULL && listed(d, reason))
            continue;
        all = false;
        differs(r, MSG_CASES_LACKS, case_text(c, "no"), reason != NULL ? reason : "?", NULL);
    }
    r->differences.failed = r->differences.failed || expected.failed || decided.failed;
    buf_free(&expected);
    buf_free(&decided);
    return same && all;
}

static void write_case(struct running *r, const char *no, const struct lane_decision *d,
                       const char *const words[4], bool same)
{
    if (!r->as_json) {
        buf_printf(&r->lines, "%s", no);
        for (size_t i = 0; i < 4; i++)
            buf_printf(&r->lines, " %s", words[i]);
        for (size_t i = 0; i < d->reason_count; i++)
            buf_printf(&r->lines, " %s", d->reasons[i]);
        buf_putc(&r->lines, '\n');
        return;
    }
    json_open_object(&r->j, NULL);
    json_str(&r->j, "no", no);
    json_str(&r->j, "verdict", words[0]);
    json_str(&r->j, "lane", d->fast ? words[1] : NULL);
    json_str(&r->j, "primary", words[2]);
    json_str(&r->j, "alert", words[3]);
    json_open_array(&r->j, "reasons");
    for (size_t i = 0; i < d->reason_count; i++)
        json_str(&r->j, NULL, d->reasons[i]);
    json_end_array(&r->j);
    json_bool(&r->j, "as_expected", same);
    json_end_object(&r->j);
}

static int decide_case(struct running *r, const struct json_in *c)
{
    struct lane_facts f;
    struct lane_decision d = {0};
    struct party *parties = NULL;
    const char *no = case_text(c, "no");
    if (no[0] == '\0')
        return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_MISSING, "cases", "no");
    int status = facts_of(r, c, &f, &parties);
    if (status == GLN_OK)
        status = lane_decide(&d, r->ctx, str_eq(case_text(c, "registry"), "down") ? NULL : r->o, &f);
    if (status == GLN_OK) {
        const char *words[4] = {lane_verdict(&d), d.fast ? "FAST" : "-", d.primary, lane_alert_name(d.alert)};
        bool same = as_expected(r, c, &d, words);
        write_case(r, no, &d, words, same);
        r->differing += same ? 0 : 1;
    }
    lane_decision_free(&d);
    free(parties);
    return status;
}

static int decide_all(struct running *r)
{
    const struct json_in *cases = json_in_get(r->root, "cases");
    if (!json_in_is_array(cases))
        return context_fail(r->ctx, GLN_E_INPUT, MSG_CASES_MISSING, "root", "cases");
    int status = cases_register(&r->o, r->ctx, r->root);
    json_begin(&r->j, &r->lines);
    if (r->as_json)
        json_open_array(&r->j, NULL);
    for (size_t i = 0; status == GLN_OK && i < json_in_len(cases); i++)
        status = decide_case(r, json_in_at(cases, i));
    if (r->as_json) {
        json_end_array(&r->j);
        buf_putc(&r->lines, '\n');
    }
    buf_puts(&r->lines, "");
    buf_puts(&r->differences, "");
    return status;
}

GLN_API int gln_lane_cases(gln_context *context, const void *json, size_t length, enum gln_language language,
                           int as_json, char **lines, char **differences)
{
    char err[256];
    struct running r = {.ctx = context, .language = language == GLN_ES ? LANG_ES : LANG_EN};
    if (context == NULL || json == NULL || lines == NULL || differences == NULL)
        return GLN_E_ARGUMENT;
    *lines = *differences = NULL;
    r.as_json = as_json != 0;
    struct json_in *root = json_in_parse(json, length, err, sizeof err);
    r.root = root;
    int status = root == NULL ? context_fail(context, GLN_E_INPUT, MSG_CASES_JSON, err) : decide_all(&r);
    if (status == GLN_OK) {
        *lines = buf_take(&r.lines, NULL);
        *differences = buf_take(&r.differences, NULL);
        if (*lines == NULL || *differences == NULL)
            status = context_no_memory(context);
        else if (r.differing > 0)
            status = GLN_E_FINDINGS;
    }
    buf_free(&r.lines);
    buf_free(&r.differences);
    operators_free(r.o);
    json_in_free(root);
    return status;
}
