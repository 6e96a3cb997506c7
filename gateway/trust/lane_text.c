/*
 * The lane decision as JSON, which the ledger keeps, and from that JSON as text for people in either language: each party, each
 * certificate, each reason in words, and what would have to change.
 *
 * Owns nothing. The text is made from the kept JSON and never from today's register, so that it says what was decided then.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/json.h"
#include "util/str.h"

const char *lane_verdict(const struct lane_decision *d)
{
    return d->lane == LANE_EXPEDITED ? "EXPEDITED" : "STANDARD";
}

const char *lane_alert_name(enum lane_alert alert)
{
    static const char *const names[] = {"NONE", "REVIEW", "SECURITY"};
    return names[alert];
}

void lane_json(struct buf *out, const struct lane_decision *d, const struct lane_facts *facts)
{
    struct json_out j;
    char at[25];
    time_format(at, facts->at_ms);
    json_begin(&j, out);
    json_open_object(&j, NULL);
    json_str(&j, "ruleset", LANE_RULESET);
    json_str(&j, "verdict", lane_verdict(d));
    json_str(&j, "lane", d->fast ? "FAST" : NULL);
    json_str(&j, "primary", d->primary);
    json_open_array(&j, "reasons");
    for (size_t i = 0; i < d->reason_count; i++)
        json_str(&j, NULL, d->reasons[i]);
    json_end_array(&j);
    json_str(&j, "alert", lane_alert_name(d->alert));
    json_str(&j, "at", at);
    json_str(&j, "destination", facts->destination);
    json_str(&j, "environment", facts->environment);
    json_str(&j, "submitter", facts->submitter);
    json_bool(&j, "claimed", facts->claimed);
    json_raw(&j, "evidence", d->evidence == NULL ? "[]" : d->evidence,
             d->evidence == NULL ? 2 : strlen(d->evidence));
    json_raw(&j, "claims", d->claims == NULL ? "[]" : d->claims, d->claims == NULL ? 2 : strlen(d->claims));
    json_raw(&j, "emitted_claims", d->emitted == NULL ? "[]" : d->emitted,
             d->emitted == NULL ? 2 : strlen(d->emitted));
    facts_write(&j, facts);
    json_end_object(&j);
}

static const struct {
    const char *code;
    enum message_id text,
        change; /* change: what would have to change; MSG_NONE: nothing, or not by anybody */
} words[] = {
    {"P01", MSG_LANE_P01, MSG_NONE},
    {"P02", MSG_LANE_P02, MSG_NONE},
    {"P03", MSG_LANE_P03, MSG_NONE},
    {"A01", MSG_LANE_A01, MSG_NONE},
    {"A02", MSG_LANE_A02, MSG_LANE_FIX_CLAIM},
    {"A03", MSG_LANE_A03, MSG_LANE_FIX_BINDING},
    {"A04", MSG_LANE_A04, MSG_LANE_FIX_ENVIRONMENT},
    {"B01", MSG_LANE_B01, MSG_LANE_FIX_IDENTIFIER},
    {"B02", MSG_LANE_B02, MSG_LANE_FIX_IDENTIFIER},
    {"B03", MSG_LANE_B03, MSG_LANE_FIX_REGISTER},
    {"B04", MSG_LANE_B04, MSG_NONE},
    {"B05", MSG_LANE_B05, MSG_LANE_FIX_KIND},
    {"B06", MSG_LANE_B06, MSG_LANE_FIX_KIND},
    {"B07", MSG_LANE_B07, MSG_LANE_FIX_NAME},
    {"B10", MSG_LANE_B10, MSG_LANE_FIX_IDENTIFIER},
    {"C01", MSG_LANE_C01, MSG_LANE_FIX_CERTIFICATE},
    {"C02", MSG_LANE_C02, MSG_LANE_FIX_CERTIFICATE},
    {"C03", MSG_LANE_C03, MSG_LANE_FIX_CERTIFICATE},
    {"C04", MSG_LANE_C04, MSG_LANE_FIX_CERTIFICATE},
    {"C05", MSG_LANE_C05, MSG_LANE_FIX_CERTIFICATE},
    {"C07", MSG_LANE_C07, MSG_NONE},
    {"D01", MSG_LANE_D01, MSG_NONE},
    {"D02", MSG_LANE_D02, MSG_NONE},
    {"D03", MSG_LANE_D03, MSG_NONE},
    {"D04", MSG_LANE_D04, MSG_NONE},
    {"D08", MSG_LANE_D08, MSG_LANE_FIX_CONSENT},
    {"D09", MSG_LANE_D09, MSG_NONE},
    {"E01", MSG_LANE_E01, MSG_LANE_FIX_REGISTER},
    {"E02", MSG_LANE_E02, MSG_NONE},
    {"E03", MSG_LANE_E03, MSG_NONE},
    {"E07", MSG_LANE_E07, MSG_NONE},
    {"E08", MSG_LANE_E08, MSG_NONE},
    {"F01", MSG_LANE_F01, MSG_LANE_FIX_LIST},
    {"F02", MSG_LANE_F02, MSG_LANE_FIX_LIST},
    {"F05", MSG_LANE_F05, MSG_LANE_FIX_LIST},
    {"F06", MSG_LANE_F06, MSG_NONE},
    {"G01", MSG_LANE_G01, MSG_LANE_FIX_MID},
    {"G02", MSG_LANE_G02, MSG_LANE_FIX_CLAIM},
};

static void say(struct buf *out, int language, enum message_id id, const char *a, const char *b,
                const char *c)
{
    message_put(out, id, language, (const char *const[]){a, b, c}, 3);
}

static void say_reason(struct buf *out, int language, const char *code, bool with_change)
{
    for (size_t i = 0; code != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].code, code) != 0)
            continue;
        buf_printf(out, "%s: ", code);
        say(out, language, words[i].text, NULL, NULL, NULL);
        if (with_change && words[i].change != MSG_NONE) {
            buf_puts(out, " ");
            say(out, language, words[i].change, NULL, NULL, NULL);
        }
        return;
    }
}

static const char *text_of(const struct json_in *v, const char *key)
{
    const char *s = json_in_str(json_in_get(v, key));
    return s == NULL ? "" : s;
}

/* A text with one argument, when there is one. */
static void say_if(struct buf *out, int language, enum message_id id, const char *a)
{
    if (a[0] != '\0')
        say(out, language, id, a, NULL, NULL);
}

static void say_arrangement(struct buf *out, int language, const struct json_in *c)
{
    if (text_of(c, "arrangement")[0] == '\0')
        return;
    say(out, language, MSG_LANE_ARRANGEMENT, text_of(c, "arrangement"), text_of(c, "effective"), NULL);
    say_if(out, language, MSG_LANE_ARRANGEMENT_ENDED, text_of(c, "ended"));
    say_if(out, language, MSG_LANE_ARRANGEMENT_SOURCE, text_of(c, "arrangement_source"));
    if (!json_in_null(json_in_get(c, "confirmed_by")))
        say(out, language, MSG_LANE_ARRANGEMENT_VOUCHED, text_of(c, "confirmed_by"), NULL, NULL);
}

static void say_certificate(struct buf *out, int language, const struct json_in *c)
{
    struct buf dates = BUF_INIT, what = BUF_INIT;
    buf_printf(&dates, "%s..%s", text_of(c, "from"), text_of(c, "to"));
    buf_printf(&what, "%s/%s %s", text_of(c, "programme"), text_of(c, "class"), text_of(c, "status"));
    buf_puts(out, "    ");
    say(out, language, MSG_LANE_CERTIFICATE, what.data, dates.data, text_of(c, "list_date"));
    if (text_of(c, "number")[0] != '\0' || text_of(c, "source")[0] != '\0')
        say(out, language, MSG_LANE_CERTIFICATE_SOURCE,
            text_of(c, "number")[0] != '\0' ? text_of(c, "number") : "-",
            text_of(c, "source")[0] != '\0' ? text_of(c, "source") : "-", NULL);
    say_arrangement(out, language, c);
    say_if(out, language, MSG_LANE_COUNTS_UNTIL, text_of(c, "counts_until"));
    buf_puts(out, ". ");
    say_reason(out, language, text_of(c, "reason"), false);
    buf_puts(out, "\n");
    buf_free(&what);
    buf_free(&dates);
}

/* What is not in order about a party, in a line each. */
static void say_trouble(struct buf *out, int language, const struct json_in *p)
{
    const char *name = text_of(p, "given_name");
    if (text_of(p, "trouble")[0] != '\0') {
        buf_puts(out, "    ");
        say_reason(out, language, text_of(p, "trouble"), false);
        buf_puts(out, "\n");
    }
    if (name[0] != '\0') {
        buf_puts(out, "    ");
        say(out, language, json_in_true(json_in_get(p, "near")) ? MSG_LANE_NEAR : MSG_LANE_ANOTHER, name,
            NULL, NULL);
        buf_puts(out, "\n");
    }
    if (text_of(p, "computed")[0] != '\0') {
        buf_puts(out, "    ");
        say(out, language, MSG_LANE_COMPUTED, text_of(p, "computed"), NULL, NULL);
        buf_puts(out, "\n");
    }
}

static void say_claims(struct buf *out, int language, const struct json_in *claims)
{
    for (size_t i = 0; i < json_in_len(claims); i++) {
        const struct json_in *c = json_in_at(claims, i);
        const char *number = text_of(c, "number");
        buf_puts(out, "  ");
        say(out, language, MSG_LANE_CLAIM, text_of(c, "carrier"), text_of(c, "code"),
            number[0] != '\0' ? number : "-");
        say_if(out, language, MSG_LANE_CLAIM_KNOWN, text_of(c, "name"));
        buf_puts(out, ". ");
        say_reason(out, language, text_of(c, "reason"), true);
        buf_puts(out, "\n");
    }
}

static void say_emitted(struct buf *out, int language, const struct json_in *d)
{
    static const char *const members[] = {"key",         "kind",        "value",
                                          "complement1", "complement2", "complement3"};
    const struct json_in *list = json_in_get(d, "emitted_claims");
    bool us = str_eq(text_of(d, "destination"), "US"), mx = str_eq(text_of(d, "destination"), "MX");
    if (json_in_null(list) || (!us && !mx))
        return;
    say(out, language, json_in_len(list) > 0 ? MSG_LANE_REACHES : MSG_LANE_REACHES_NONE, NULL, NULL, NULL);
    buf_puts(out, "\n");
    for (size_t i = 0; i < json_in_len(list); i++) {
        const struct json_in *e = json_in_at(list, i);
        buf_printf(out, "  %s", text_of(e, "field"));
        for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
            if (text_of(e, members[k])[0] != '\0')
                buf_printf(out, " %s", text_of(e, members[k]));
        say_if(out, language, MSG_LANE_REACHES_LACKS, text_of(e, "lacks"));
        buf_puts(out, "\n");
    }
    say(out, language, us ? MSG_LANE_REACHES_US : MSG_LANE_REACHES_MX, NULL, NULL, NULL);
    buf_puts(out, "\n");
}

static void say_party(struct buf *out, int language, const struct json_in *p)
{
    const struct json_in *certificates = json_in_get(p, "certificates");
    const char *name = text_of(p, "name"), *given = text_of(p, "given");
    struct buf id = BUF_INIT;
    buf_printf(&id, "%s%s%s", text_of(p, "kind"),
               text_of(p, "kind")[0] != '\0' && given[0] != '\0' ? " " : "", given);
    buf_puts(out, "  ");
    if (name[0] != '\0')
        say(out, language, MSG_LANE_PARTY_KNOWN, text_of(p, "role"), id.data, name);
    else
        say(out, language, id.len == 0 ? MSG_LANE_PARTY_NO_ID : MSG_LANE_PARTY_UNKNOWN, text_of(p, "role"),
            id.data, NULL);
    buf_puts(out, "\n");
    say_trouble(out, language, p);
    for (size_t i = 0; i < json_in_len(certificates); i++)
        say_certificate(out, language, json_in_at(certificates, i));
    buf_free(&id);
}

int lane_explain(struct buf *out, struct gln_context *ctx, const char *decision_json, size_t len,
                 int language)
{
    char err[256];
    struct json_in *d = json_in_parse(decision_json, len, err, sizeof err);
    if (d == NULL)
        return context_fail(ctx, GLN_E_STORE, MSG_LANE_UNREADABLE, err);
    const struct json_in *reasons = json_in_get(d, "reasons"), *parties = json_in_get(d, "evidence");
    bool expedited = str_eq(text_of(d, "verdict"), "EXPEDITED");
    say(out, language, expedited ? MSG_LANE_EXPEDITED : MSG_LANE_STANDARD, text_of(d, "lane"),
        text_of(d, "at"), NULL);
    buf_puts(out, "\n");
    for (size_t i = 0; i < json_in_len(reasons); i++) {
        buf_puts(out, i == 0 ? "* " : "  ");
        say_reason(out, language, json_in_str(json_in_at(reasons, i)), !expedited || i > 0);
        buf_puts(out, "\n");
    }
    if (!str_eq(text_of(d, "alert"), "NONE")) {
        say(out, language,
            str_eq(text_of(d, "alert"), "SECURITY") ? MSG_LANE_ALERT_SECURITY : MSG_LANE_ALERT_REVIEW, NULL,
            NULL, NULL);
        buf_puts(out, "\n");
    }
    for (size_t i = 0; i < json_in_len(parties); i++)
        say_party(out, language, json_in_at(parties, i));
    say_claims(out, language, json_in_get(d, "claims"));
    say_emitted(out, language, d);
    say(out, language, MSG_LANE_PROMISE, NULL, NULL, NULL);
    buf_puts(out, "\n");
    json_in_free(d);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}
