/* The lane decision: the published table of cases, each with its expected decision. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/lane.h"
#include "util/file.h"
#include "util/json.h"
#include "util/str.h"

static struct options options;
static struct gln_context ctx;

static void setup(void)
{
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
}

static void teardown(void)
{
    context_clear(&ctx);
    options_free(&options);
}

/* ---- from the cases' JSON to an operators file ---- */

static const char *get(const struct json_in *o, const char *key)
{
    const char *s = json_in_str(json_in_get(o, key));
    return s == NULL ? "" : s;
}

static bool flag(const struct json_in *o, const char *key)
{
    return json_in_true(json_in_get(o, key));
}

static void attribute(struct buf *b, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    buf_printf(b, " %s=\"", name);
    buf_put_xml(b, value);
    buf_puts(b, "\"");
}

static void put_programmes(struct buf *b, const struct json_in *root)
{
    static const char *const codes[] = {"US-CTPAT", "MX-OEA", "MX-SCC", "MX-CIVA", "EU-AEO",
                                        "KR-AEO",   "HK-AEO", "IN-AEO", "PE-OEA",  "ZZ-AEO"};
    static const char *const classes[] = {"T1", "T2",  "T3", "A",  "O",   "TT",   "AA",   "TF",   "PI", "RF",
                                          "MP", "AAA", "B",  "LO", "OEA", "AEOC", "AEOS", "AEOF", "X"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const struct json_in *p = json_in_get(json_in_get(root, "programmes"), codes[i]);
        ck_assert_ptr_nonnull(p);
        buf_puts(b, "<programme");
        attribute(b, "code", codes[i]);
        attribute(b, "country", get(p, "country"));
        attribute(b, "zone", get(json_in_get(root, "zones"), get(p, "country")));
        for (int d = 0; d < 2; d++)
            if (str_eq(json_in_str(json_in_at(
                           json_in_get(json_in_get(root, "own_programme"), d == 0 ? "US" : "MX"), 0)),
                       codes[i]))
                attribute(b, "own-of", d == 0 ? "US" : "MX");
        buf_puts(b, ">");
        for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++) {
            const struct json_in *security = json_in_get(json_in_get(p, "security_class"), classes[c]);
            if (security != NULL)
                buf_printf(b, "<class code=\"%s\" security=\"%s\"/>", classes[c],
                           json_in_true(security) ? "yes" : "no");
        }
        buf_puts(b, "</programme>");
    }
}

static void put_words(struct buf *b, const char *name, const struct json_in *list)
{
    struct buf words = BUF_INIT;
    for (size_t i = 0; i < json_in_len(list); i++)
        buf_printf(&words, "%s%s", i > 0 ? " " : "", json_in_str(json_in_at(list, i)));
    attribute(b, name, words.data);
    buf_free(&words);
}

static void put_arrangements(struct buf *b, const struct json_in *list)
{
    for (size_t i = 0; i < json_in_len(list); i++) {
        const struct json_in *a = json_in_at(list, i);
        buf_puts(b, "<arrangement source=\"cases\"");
        attribute(b, "id", get(a, "id"));
        attribute(b, "home", get(a, "home"));
        attribute(b, "destination", get(a, "dest"));
        attribute(b, "state", get(a, "state"));
        attribute(b, "effective", get(a, "eff"));
        attribute(b, "ended", get(a, "end"));
        attribute(b, "consent", flag(a, "consent") ? "yes" : "no");
        put_words(b, "roles", json_in_get(a, "roles"));
        put_words(b, "identifiers", json_in_get(a, "idt"));
        buf_puts(b, "/>");
    }
}

static void put_certificate(struct buf *b, const struct json_in *c)
{
    const struct json_in *events = json_in_get(c, "events");
    buf_puts(b, "<certificate");
    attribute(b, "programme", get(c, "prog"));
    attribute(b, "class", get(c, "cls"));
    attribute(b, "environment", get(c, "env"));
    attribute(b, "from", get(c, "vf"));
    attribute(b, "to", get(c, "vt"));
    attribute(b, "list-date", get(c, "asof"));
    attribute(b, "consent", flag(c, "consent") ? "yes" : "no");
    buf_puts(b, ">");
    for (size_t i = 0; i < json_in_len(events); i++) {
        const struct json_in *e = json_in_at(events, i);
        buf_printf(b, "<status value=\"%s\" from=\"%s\" learned=\"%sZ\"/>", get(e, "status"), get(e, "from"),
                   get(e, "learned"));
    }
    buf_puts(b, "</certificate>");
}

static void put_operators(struct buf *b, const struct json_in *registry)
{
    const struct json_in *ops = json_in_get(registry, "ops"), *certs = json_in_get(registry, "certs");
    for (size_t i = 0; i < json_in_len(ops); i++) {
        const struct json_in *o = json_in_at(ops, i), *ids = json_in_get(o, "ids");
        buf_puts(b, "<operator");
        attribute(b, "id", get(o, "id"));
        attribute(b, "name", get(o, "name"));
        attribute(b, "tax", get(o, "tax"));
        buf_puts(b, ">");
        for (size_t k = 0; k < json_in_len(ids); k++) {
            buf_puts(b, "<identifier");
            attribute(b, "kind", json_in_str(json_in_at(json_in_at(ids, k), 0)));
            attribute(b, "value", json_in_str(json_in_at(json_in_at(ids, k), 1)));
            buf_puts(b, "/>");
        }
        for (size_t k = 0; k < json_in_len(certs); k++)
            if (str_eq(get(json_in_at(certs, k), "op"), get(o, "id")))
                put_certificate(b, json_in_at(certs, k));
        buf_puts(b, "</operator>");
    }
}

static void put_bindings(struct buf *b, const struct json_in *bind)
{
    static const char *const senders[] = {"B1", "B2", "B7"};
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
        const struct json_in *list = json_in_get(bind, senders[i]);
        for (size_t k = 0; k < json_in_len(list); k++)
            buf_printf(b, "<binding submitter=\"%s\" operator=\"%s\"/>", senders[i],
                       json_in_str(json_in_at(list, k)));
    }
}

static struct operators *load_cases(const struct json_in *root)
{
    struct buf b = BUF_INIT;
    struct operators *o = NULL;
    buf_puts(&b, "<operators xmlns=\"urn:greenlane:operators:1\">");
    put_programmes(&b, root);
    put_arrangements(&b, json_in_get(root, "arrangements"));
    put_operators(&b, json_in_get(root, "registry"));
    put_bindings(&b, json_in_get(json_in_get(root, "registry"), "bind"));
    buf_puts(&b, "</operators>");
    ck_assert_msg(operators_load(&o, &ctx, b.data, b.len, "cases") == GLN_OK, "%s",
                  context_text(&ctx, LANG_EN));
    buf_free(&b);
    return o;
}

/* ---- one case ---- */

static size_t case_parties(const struct json_in *c, struct party *out)
{
    static const char *const roles[] = {"IM", "EX", "MF", "CA", "AG", "ACTOR"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        const struct json_in *p = json_in_get(json_in_get(c, "parties"), roles[i]);
        if (p != NULL)
            out[n++] = (struct party){.role = roles[i],
                                      .kind = json_in_str(json_in_get(p, "t")),
                                      .id = json_in_str(json_in_get(p, "id")),
                                      .name = json_in_str(json_in_get(p, "name")),
                                      .tax = json_in_str(json_in_get(p, "tax")),
                                      .code = json_in_str(json_in_get(p, "code"))};
    }
    return n;
}

static bool listed(const struct lane_decision *d, const char *reason)
{
    for (size_t i = 0; i < d->reason_count; i++)
        if (strcmp(d->reasons[i], reason) == 0)
            return true;
    return false;
}

static void check_case(const struct json_in *root, const struct json_in *c, const struct operators *o)
{
    static const char *const alerts[] = {"NONE", "REVIEW", "SECURITY"};
    struct party parties[8];
    struct lane_facts f = {.destination = get(c, "dest"),
                           .zone = get(json_in_get(root, "zones"), get(c, "dest")),
                           .environment = get(c, "env"),
                           .submitter = get(c, "sender"),
                           .claimed = flag(c, "tag"),
                           .other_sellers = flag(c, "other_sellers"),
                           .fast = flag(c, "fast"),
                           .driver = flag(c, "driver"),
                           .seal = flag(c, "seal"),
                           .parties = parties,
                           .party_count = case_parties(c, parties)};
    const struct json_in *expect = json_in_get(c, "expect"), *also = json_in_get(c, "also");
    struct lane_decision d;
    ck_assert(time_parse(&f.at_ms, get(c, "T")));
    if (json_in_get(c, "known") != NULL)
        ck_assert(time_parse(&f.known_ms, get(c, "known")));
    ck_assert_int_eq(lane_decide(&d, &ctx, str_eq(get(c, "registry"), "down") ? NULL : o, &f), GLN_OK);
    ck_assert_msg(
        str_eq(json_in_str(json_in_at(expect, 0)), d.lane == LANE_EXPEDITED ? "EXPEDITED" : "STANDARD") &&
            str_eq(json_in_str(json_in_at(expect, 1)), d.fast ? "FAST" : "-") &&
            str_eq(json_in_str(json_in_at(expect, 2)), d.primary) &&
            str_eq(json_in_str(json_in_at(expect, 3)), alerts[d.alert]),
        "%s %s: lane %d fast %d primary %s alert %s", get(c, "no"), get(c, "title"), d.lane, d.fast,
        d.primary, alerts[d.alert]);
    for (size_t i = 0; i < json_in_len(also); i++)
        ck_assert_msg(listed(&d, json_in_str(json_in_at(also, i))), "%s lacks %s", get(c, "no"),
                      json_in_str(json_in_at(also, i)));
    lane_decision_free(&d);
}

START_TEST(published_cases)
{
    struct buf path = BUF_INIT, file = BUF_INIT;
    char err[256] = "";
    setup();
    buf_printf(&path, "%s/../trust/cases.json", getenv("GREENLANE_CORPUS"));
    ck_assert_int_eq(file_read(&file, path.data, 0), 0);
    struct json_in *root = json_in_parse(file.data, file.len, err, sizeof err);
    ck_assert_msg(root != NULL, "%s", err);
    struct operators *o = load_cases(root);
    const struct json_in *cases = json_in_get(root, "cases");
    ck_assert_uint_ge(json_in_len(cases), 39);
    for (size_t i = 0; i < json_in_len(cases); i++)
        check_case(root, json_in_at(cases, i), o);
    operators_free(o);
    json_in_free(root);
    buf_free(&path);
    buf_free(&file);
    teardown();
}
END_TEST

static Suite *suite(void)
{
    static const TTest *tests[2];
    tests[0] = published_cases;
    return unit_suite("trust/cases", tests);
}

int main(void)
{
    static unit_suite_fn *const suites[] = {suite};
    if (getenv("GREENLANE_CORPUS") == NULL) {
        printf("1..0 # SKIP GREENLANE_CORPUS is not set\n");
        return 0;
    }
    return unit_run(suites, 1);
}
