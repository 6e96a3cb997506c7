/* Context and messages, findings, options, filing states, status codes. */
#include "unit/main.h"

#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "core/filing.h"
#include "core/finding.h"
#include "core/reason.h"
#include "util/json.h"

Suite *core_suite(void);

START_TEST(errors_are_bilingual_and_placed)
{
    struct options o;
    struct gln_context ctx;
    ck_assert_int_eq(options_init(&o), GLN_OK);
    context_init(&ctx, &o);
    ck_assert_str_eq(context_text(&ctx, LANG_EN), "");
    struct place at = {true, 10, 2, 3};
    int rc = context_fail_at(&ctx, GLN_E_CONFIG, at, MSG_OPTION_VALUE, "a", "b", "c");
    ck_assert_int_eq(rc, GLN_E_CONFIG);
    ck_assert_str_eq(context_text(&ctx, LANG_EN), "2:3: option 'a': 'b' is not c");
    ck_assert_str_eq(context_text(&ctx, LANG_ES), "2:3: opción 'a': 'b' no es c");
    /* the old text may be an argument of the new one */
    context_fail(&ctx, GLN_E_INPUT, MSG_TEXT, context_text(&ctx, LANG_EN));
    ck_assert_str_eq(context_text(&ctx, LANG_ES), "2:3: option 'a': 'b' is not c");
    ck_assert_int_eq(context_no_memory(&ctx), GLN_E_MEMORY);
    context_ok(&ctx);
    ck_assert_str_eq(context_text(&ctx, LANG_EN), "");
    context_clear(&ctx);
    options_free(&o);
}
END_TEST

START_TEST(every_message_has_both_languages)
{
    struct buf en = BUF_INIT, es = BUF_INIT;
    const char *args[9] = {"<1>", "<2>", "<3>", "<4>", "<5>", "<6>", "<7>", "<8>", "<9>"};
    for (int id = 1; id < MSG_COUNT; id++) {
        buf_clear(&en);
        buf_clear(&es);
        message_put(&en, (enum message_id)id, LANG_EN, args, 9);
        message_put(&es, (enum message_id)id, LANG_ES, args, 9);
        ck_assert_msg(en.len > 0 && es.len > 0, "message %d is empty", id);
        for (int i = 0; i < 9; i++)
            ck_assert_msg((strstr(en.data, args[i]) != NULL) == (strstr(es.data, args[i]) != NULL),
                          "message %d uses other arguments in Spanish: %s | %s", id, en.data, es.data);
    }
    buf_free(&en);
    buf_free(&es);
    ck_assert_int_eq(language_parse("es-MX,es;q=0.9"), LANG_ES);
    ck_assert_int_eq(language_parse("ES"), LANG_ES);
    ck_assert_int_eq(language_parse("en"), LANG_EN);
    ck_assert_int_eq(language_parse("e"), LANG_EN);
    ck_assert_int_eq(language_parse(""), LANG_EN);
    ck_assert_int_eq(language_parse(NULL), LANG_EN);
}
END_TEST

static void say(struct findings *list, const char *rule, size_t offset)
{
    struct place at = {true, offset, (uint32_t)offset, 1};
    ck_assert_int_eq(
        findings_say(list, rule, GLN_WARNING, at, "/a/b", MSG_TEXT, (const char *const[]){"x"}, 1), GLN_OK);
}

START_TEST(findings_are_sorted_and_printed)
{
    struct findings list = {0};
    for (size_t i = 0; i < 40; i++)
        say(&list, "R-1", 40 - i);
    say(&list, "R-0", 7);
    struct finding f = {.rule = "E-1", .severity = GLN_ERROR, .text = {"wrong", "mal"}, .field = "SE10"};
    ck_assert_int_eq(findings_add(&list, &f), GLN_OK);
    findings_sort(&list);
    for (size_t i = 1; i + 1 < list.count; i++)
        ck_assert(list.items[i - 1].place.offset <= list.items[i].place.offset);
    ck_assert_str_eq(list.items[6].rule, "R-0");
    ck_assert_str_eq(list.items[list.count - 1].rule, "E-1");
    ck_assert_uint_eq(list.errors, 1);
    struct buf out = BUF_INIT;
    findings_text(&out, &list, "f.xml", LANG_ES);
    ck_assert_ptr_nonnull(strstr(out.data, "f.xml:1:1: advertencia: x [R-1]\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "f.xml: error: mal [E-1] (SE10)\n"));
    buf_clear(&out);
    struct json_out j;
    json_begin(&j, &out);
    findings_json(&j, NULL, &list, LANG_EN);
    struct json_in *in = json_in_parse(out.data, out.len, NULL, 0);
    ck_assert_uint_eq(json_in_len(in), list.count);
    json_in_free(in);
    buf_free(&out);
    findings_free(&list);
}
END_TEST

START_TEST(options_keep_their_limits)
{
    static const struct {
        const char *name, *value;
        int status;
    } rows[] = {{"max-size", "1MiB", GLN_OK},
                {"max-size", "1", GLN_E_CONFIG},
                {"max-size", "1MB", GLN_E_CONFIG},
                {"max-size", "-1", GLN_E_CONFIG},
                {"max-size", "", GLN_E_CONFIG},
                {"max-depth", "256", GLN_OK},
                {"max-depth", "99999999999999999999", GLN_E_CONFIG},
                {"extended-pivot", "off", GLN_OK},
                {"extended-pivot", "maybe", GLN_E_CONFIG},
                {"unbound-importer", "file", GLN_OK},
                {"unbound-importer", "fil", GLN_E_CONFIG},
                {"clock", "2026-07-23T18:00:00Z", GLN_OK},
                {"clock", "yesterday", GLN_E_CONFIG},
                {"no-such", "x", GLN_E_CONFIG}};
    struct options o, copy;
    ck_assert_int_eq(options_init(&o), GLN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char err[256] = "";
        ck_assert_int_eq(options_set(&o, rows[i].name, rows[i].value, err, sizeof err), rows[i].status);
        ck_assert_int_eq(err[0] == '\0', rows[i].status == GLN_OK);
    }
    ck_assert_int_eq(options_copy(&copy, &o), GLN_OK);
    options_free(&o);
    ck_assert_int_eq(option_int(&copy, OPT_MAX_SIZE), 1 << 20);
    ck_assert(!option_on(&copy, OPT_EXTENDED_PIVOT));
    ck_assert_str_eq(option_text(&copy, OPT_IMPORTER_UNBOUND), "file");
    options_free(&copy);
}
END_TEST

START_TEST(options_are_sorted_and_told)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        ck_assert(option_table[i].text[0][0] != '\0' && option_table[i].text[1][0] != '\0');
        if (i > 0)
            ck_assert_str_lt(option_table[i - 1].name, option_table[i].name);
    }
}
END_TEST

START_TEST(states_have_ways_out)
{
    ck_assert(filing_transition_legal(FILING_QUEUED, FILING_SENDING));
    ck_assert(!filing_transition_legal(FILING_SENDING, FILING_QUEUED));
    ck_assert(!filing_transition_legal(FILING_IN_DOUBT, FILING_SENDING));
    ck_assert(!filing_transition_legal(FILING_SENT, FILING_QUEUED));
    ck_assert(!filing_transition_legal(FILING_SENT, FILING_CANCELLED));
    for (int s = 0; s < FILING_STATE_COUNT; s++) {
        bool out = false;
        for (int t = 0; t < FILING_STATE_COUNT; t++)
            out = out || filing_transition_legal((enum filing_state)s, (enum filing_state)t);
        ck_assert_int_eq(out, s != FILING_CLOSED && s != FILING_CANCELLED);
        enum filing_state back;
        ck_assert(filing_state_parse(&back, filing_state_name((enum filing_state)s)) && (int)back == s);
    }
    enum filing_state s;
    ck_assert(!filing_state_parse(&s, "lost"));
    ck_assert(!filing_transition_legal((enum filing_state)99, FILING_SENT));
}
END_TEST

START_TEST(status_codes_end_in_an_exit_code)
{
    ck_assert_int_eq(gln_status_exit(GLN_OK), 0);
    ck_assert_int_eq(gln_status_exit(GLN_E_FINDINGS), 1);
    ck_assert_int_eq(gln_status_exit(GLN_E_ARGUMENT), 2);
    ck_assert_int_eq(gln_status_exit(GLN_E_STORE), 3);
    ck_assert_int_eq(gln_status_exit(12345), 3);
    ck_assert_int_eq(status_http(GLN_E_FORBIDDEN), 403);
}
END_TEST

static void shown(const char *stored, int language, const char *wanted)
{
    struct buf b = BUF_INIT;

    reason_show(&b, stored, language);
    ck_assert_str_eq(b.data != NULL ? b.data : "", wanted);
    buf_free(&b);
}

START_TEST(reasons_in_both_languages)
{
    struct gln_context ctx;
    struct options options;
    struct reason r;
    char code[64], long_text[600];
    const char *stored = REASON(MSG_REASON_NOT_ARRIVED, "HTTP\t503");

    ck_assert_str_eq(stored, "gln:not-arrived\tHTTP 503");
    shown(stored, LANG_EN, "did not arrive: HTTP 503");
    shown(stored, LANG_ES, "no llegó: HTTP 503");
    ck_assert_str_eq(reason_code(code, stored), "not-arrived");
    ck_assert_str_eq(REASON(MSG_REASON_KEPT, ""), "gln:kept");
    shown("gln:kept", LANG_ES, "guardada");
    shown("gln:customs-rejected\t: BAD", LANG_EN, "customs: rejected: BAD");
    /* rows of before, what a later version wrote, and what somebody typed */
    shown("kept", LANG_ES, "kept");
    shown("gln:of-tomorrow\tx", LANG_ES, "gln:of-tomorrow\tx");
    shown("", LANG_ES, "");
    ck_assert_str_eq(reason_code(code, "kept"), "");
    ck_assert_str_eq(reason_by_person(&r, "seen"), "seen");
    ck_assert_str_eq(reason_code(code, reason_by_person(&r, "gln:kept")), "");
    shown(reason_by_person(&r, "gln:kept"), LANG_ES, " gln:kept");
    ck_assert_int_eq(reason_customs("of-tomorrow"), MSG_REASON_CUSTOMS_INFO);
    ck_assert_int_eq(reason_customs("rejected"), MSG_REASON_CUSTOMS_REJECTED);
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ck_assert_uint_lt(strlen(reason_make(&r, MSG_REASON_REFUSED, CTX_ARGS(long_text))), sizeof r.text);
    ck_assert_str_eq(reason_code(code, r.text), "refused");
    /* a reason in a reason, with arguments of its own */
    {
        struct reason inner;

        stored = reason_make(&r, MSG_REASON_NOT_ARRIVED,
                             CTX_ARGS(reason_make(&inner, MSG_REASON_CUSTOMS_REJECTED, CTX_ARGS(": x"))));
        shown(stored, LANG_EN, "did not arrive: customs: rejected: x");
        shown(stored, LANG_ES, "no llegó: aduana: rechazada: x");
        shown(reason_make(&r, MSG_REASON_NOT_ARRIVED, CTX_ARGS("gln:of-tomorrow")), LANG_EN,
              "did not arrive: gln:of-tomorrow");
    }
    /* an error is a reason too */
    ck_assert_int_eq(options_init(&options), GLN_OK);
    context_init(&ctx, &options);
    context_fail(&ctx, GLN_E_CONFIG, MSG_FLOW_NO_ENDPOINT, "alfa", "submit");
    ck_assert_str_eq(reason_of_error(&ctx), "gln:flow-no-endpoint\talfa\tsubmit");
    shown(reason_of_error(&ctx), LANG_EN, context_text(&ctx, LANG_EN));
    shown(reason_of_error(&ctx), LANG_ES, context_text(&ctx, LANG_ES));
    context_clear(&ctx);
    options_free(&options);
}
END_TEST

Suite *core_suite(void)
{
    static const TTest *tests[9];
    tests[0] = errors_are_bilingual_and_placed;
    tests[1] = every_message_has_both_languages;
    tests[2] = findings_are_sorted_and_printed;
    tests[3] = options_keep_their_limits;
    tests[4] = options_are_sorted_and_told;
    tests[5] = states_have_ways_out;
    tests[6] = status_codes_end_in_an_exit_code;
    tests[7] = reasons_in_both_languages;
    return unit_suite("core", tests);
}

UNIT_MAIN(core_suite)
