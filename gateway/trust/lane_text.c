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
    {"C07", MSG_LANE_C07, MSG_LANE_FIX_CLASS},
    {"D01", MSG_LANE_D01, MSG_LANE_FIX_NO_ROW},
    {"D02", MSG_LANE_D02, MSG_LANE_FIX_ROW},
    {"D03", MSG_LANE_D03, MSG_LANE_FIX_ENDED},
    {"D04", MSG_LANE_D04, MSG_LANE_FIX_ROLE},
    {"D08", MSG_LANE_D08, MSG_LANE_FIX_CONSENT},
    {"D09", MSG_LANE_D09, MSG_LANE_FIX_ROW},
    {"E01", MSG_LANE_E01, MSG_LANE_FIX_REGISTER},
    {"E02", MSG_LANE_E02, MSG_LANE_FIX_CHAIN},
    {"E03", MSG_LANE_E03, MSG_LANE_FIX_BROKER},
    {"E07", MSG_LANE_E07, MSG_LANE_FIX_PARTNERS},
    {"E08", MSG_LANE_E08, MSG_NONE},
    {"F01", MSG_LANE_F01, MSG_LANE_FIX_LIST},
    {"F02", MSG_LANE_F02, MSG_LANE_FIX_LIST},
    {"F05", MSG_LANE_F05, MSG_LANE_FIX_LIST},
    {"F06", MSG_LANE_F06, MSG_NONE},
    {"G01", MSG_LANE_G01, MSG_LANE_FIX_MID},
    {"G02", MSG_LANE_G02, MSG_LANE_FIX_CLAIM},
};

static const char *text_of(const struct json_in *v, const char *key)
{
    const char *s = json_in_str(json_in_get(v, key));
    return s == NULL ? "" : s;
}

static void say(struct buf *out, int language, enum message_id id, const char *a, const char *b,
                const char *c)
{
    message_put(out, id, language, (const char *const[]){a, b, c}, 3);
}

/* The operator the importer is, to be typed; a number of a person is not told. */
static const char *importer_of(const struct json_in *d)
{
    const struct json_in *parties = json_in_get(d, "evidence");
    for (size_t i = 0; i < json_in_len(parties); i++) {
        const char *id = text_of(json_in_at(parties, i), "operator");
        if (str_eq(text_of(json_in_at(parties, i), "role"), "IM") && id[0] != '\0' && strchr(id, '*') == NULL)
            return id;
    }
    return "OPERATOR";
}

/* A reason in words; with_change: and what would have to change. A reason that is none says nothing. */
static void say_reason(struct buf *out, int language, const struct json_in *d, const char *code,
                       bool with_change)
{
    for (size_t i = 0; code != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].code, code) != 0)
            continue;
        buf_printf(out, "%s: ", code);
        say(out, language, words[i].text, text_of(d, "submitter"), NULL, NULL);
        if (with_change && words[i].change != MSG_NONE) {
            buf_puts(out, " ");
            say(out, language, words[i].change, text_of(d, "submitter"), importer_of(d), NULL);
        }
        return;
    }
}

/* A code in words, itself if there are none for it. */
struct word {
    const char *code;
    enum message_id text;
};
static void say_word(struct buf *out, int language, const struct word *of, size_t count, const char *code)
{
    size_t i = 0;
    while (i < count && !str_eq(of[i].code, code))
        i++;
    if (i < count)
        say(out, language, of[i].text, NULL, NULL, NULL);
    else
        buf_puts(out, code);
}

static void say_role(struct buf *out, int language, const char *code)
{
    static const struct word roles[] = {{"IM", MSG_LANE_ROLE_IM}, {"EX", MSG_LANE_ROLE_EX},
                                        {"MF", MSG_LANE_ROLE_MF}, {"SE", MSG_LANE_ROLE_SE},
                                        {"CA", MSG_LANE_ROLE_CA}, {"AG", MSG_LANE_ROLE_AG},
                                        {"CS", MSG_LANE_ROLE_CS}, {"FW", MSG_LANE_ROLE_FW},
                                        {"WH", MSG_LANE_ROLE_WH}, {"ACTOR", MSG_LANE_ROLE_ACTOR}};
    say_word(out, language, roles, sizeof roles / sizeof roles[0], code);
}

static void say_status(struct buf *out, int language, const char *code)
{
    static const struct word statuses[] = {
        {"APPLIED", MSG_LANE_STATUS_APPLIED},     {"CERTIFIED", MSG_LANE_STATUS_CERTIFIED},
        {"VALIDATED", MSG_LANE_STATUS_VALIDATED}, {"SUSPENDED", MSG_LANE_STATUS_SUSPENDED},
        {"REVOKED", MSG_LANE_STATUS_REVOKED},     {"WITHDRAWN", MSG_LANE_STATUS_WITHDRAWN}};
    say_word(out, language, statuses, sizeof statuses / sizeof statuses[0], code);
}

/* A text with one argument, when there is one. */
static void say_if(struct buf *out, int language, enum message_id id, const char *a)
{
    if (a[0] != '\0')
        say(out, language, id, a, NULL, NULL);
}

/* The roles a row covers, " EX MF ", in words. */
static void say_roles(struct buf *out, int language, const char *roles)
{
    struct buf all = BUF_INIT;
    while (*(roles += strspn(roles, " ")) != '\0') {
        struct buf code = BUF_INIT;
        size_t n = strcspn(roles, " ");
        buf_put(&code, roles, n);
        buf_puts(&all, all.len > 0 ? ", " : "");
        say_role(&all, language, code.data != NULL ? code.data : "");
        buf_free(&code);
        roles += n;
    }
    if (all.len > 0)
        say(out, language, MSG_LANE_ROW_ROLES, all.data, NULL, NULL);
    buf_free(&all);
}

/* What status a row has: MSG_NONE where the decision was kept without it. */
static enum message_id row_status(const struct json_in *c)
{
    static const struct word states[] = {{"plan", MSG_LANE_ROW_PLAN},
                                         {"pilot", MSG_LANE_ROW_PILOT},
                                         {"unconfirmed", MSG_LANE_ROW_UNCONFIRMED}};
    const char *state = text_of(c, "arrangement_state");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (str_eq(state, states[i].code))
            return states[i].text;
    if (text_of(c, "effective")[0] == '\0')
        return str_eq(state, "force") ? MSG_LANE_ROW_NO_DAY : MSG_NONE;
    return str_eq(text_of(c, "reason"), "D02") ? MSG_LANE_ROW_FUTURE : MSG_LANE_ROW_FORCE;
}

/* The row of the arrangement: its status, dates and source, who vouches for it, and what would have to change. */
static void say_arrangement(struct buf *out, int language, const struct json_in *c)
{
    const char *id = text_of(c, "arrangement");
    enum message_id status = row_status(c);
    bool granting = status == MSG_LANE_ROW_FORCE || status == MSG_LANE_ROW_FUTURE;
    if (id[0] == '\0')
        return;
    buf_puts(out, "      ");
    say(out, language, MSG_LANE_ARRANGEMENT, id, NULL, NULL);
    if (status != MSG_NONE)
        say(out, language, status, id, text_of(c, "effective"), NULL);
    say_roles(out, language, text_of(c, "arrangement_roles"));
    say_if(out, language, MSG_LANE_ROW_SIGNED, text_of(c, "signed"));
    say_if(out, language, MSG_LANE_ARRANGEMENT_ENDED, text_of(c, "ended"));
    say_if(out, language, MSG_LANE_ARRANGEMENT_SOURCE, text_of(c, "arrangement_source"));
    if (!json_in_null(json_in_get(c, "confirmed_by")))
        say(out, language, MSG_LANE_ARRANGEMENT_VOUCHED, text_of(c, "confirmed_by"), NULL, NULL);
    buf_puts(out, "\n");
    if (status == MSG_LANE_ROW_FORCE || status == MSG_NONE || text_of(c, "ended")[0] != '\0')
        return;
    buf_puts(out, "      ");
    say(out, language, granting ? MSG_LANE_FIX_AWAIT : MSG_LANE_FIX_CONFIRM, id, NULL, NULL);
    buf_puts(out, "\n");
}

static void say_validity(struct buf *out, int language, const char *from, const char *to)
{
    if (from[0] != '\0' || to[0] != '\0')
        say(out, language,
            to[0] == '\0'     ? MSG_LANE_VALID_FROM
            : from[0] == '\0' ? MSG_LANE_VALID_TO
                              : MSG_LANE_VALID,
            from, to, NULL);
}

/* What it stands on, by the digest of its bytes. */
static void say_evidence(struct buf *out, int language, const struct json_in *c)
{
    if (text_of(c, "sha256")[0] == '\0')
        return;
    buf_puts(out, "      ");
    say(out, language, text_of(c, "attested_by")[0] != '\0' ? MSG_LANE_EVIDENCE : MSG_LANE_LIST,
        text_of(c, "sha256"), NULL, NULL);
    buf_puts(out, "\n");
}

static void say_certificate(struct buf *out, int language, const struct json_in *d, const struct json_in *c)
{
    struct buf status = BUF_INIT;
    const char *reason = text_of(c, "reason");
    say_status(&status, language, text_of(c, "status"));
    buf_puts(out, "    ");
    say(out, language, MSG_LANE_CERTIFICATE, text_of(c, "programme"), text_of(c, "class"), status.data);
    say_validity(out, language, text_of(c, "from"), text_of(c, "to"));
    say_if(out, language, MSG_LANE_LIST_DATE, text_of(c, "list_date"));
    say_if(out, language, MSG_LANE_CERTIFICATE_NUMBER, text_of(c, "number"));
    say_if(out, language, MSG_LANE_CERTIFICATE_SOURCE, text_of(c, "source"));
    say_if(out, language, MSG_LANE_ATTESTED, text_of(c, "attested_by"));
    say_if(out, language, MSG_LANE_COUNTS_UNTIL, text_of(c, "counts_until"));
    buf_puts(out, ". ");
    if (reason[0] != '\0')
        say_reason(out, language, d, reason, false);
    else
        say(out, language, MSG_LANE_CERTIFICATE_IDLE, NULL, NULL, NULL);
    buf_puts(out, "\n");
    say_evidence(out, language, c);
    say_arrangement(out, language, c);
    buf_free(&status);
}

/* Those that are why the lane is what it is, then the others. */
static void say_certificates(struct buf *out, int language, const struct json_in *d,
                             const struct json_in *list)
{
    for (int why = 1; why >= 0; why--)
        for (size_t i = 0; i < json_in_len(list); i++) {
            const struct json_in *c = json_in_at(list, i);
            if (str_eq(text_of(c, "reason"), text_of(d, "primary")) == (why == 1))
                say_certificate(out, language, d, c);
        }
}

/* What is not in order about a party, in a line each. */
static void say_trouble(struct buf *out, int language, const struct json_in *d, const struct json_in *p)
{
    const char *name = text_of(p, "given_name");
    if (text_of(p, "trouble")[0] != '\0') {
        buf_puts(out, "    ");
        say_reason(out, language, d, text_of(p, "trouble"), false);
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

static void say_claims(struct buf *out, int language, const struct json_in *d)
{
    const struct json_in *claims = json_in_get(d, "claims");
    for (size_t i = 0; i < json_in_len(claims); i++) {
        const struct json_in *c = json_in_at(claims, i);
        const char *number = text_of(c, "number");
        buf_puts(out, "  ");
        say(out, language, MSG_LANE_CLAIM, text_of(c, "carrier"), text_of(c, "code"),
            number[0] != '\0' ? number : "-");
        say_if(out, language, MSG_LANE_CLAIM_KNOWN, text_of(c, "name"));
        buf_puts(out, text_of(c, "reason")[0] != '\0' ? ". " : ".");
        say_reason(out, language, d, text_of(c, "reason"), true);
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
            if (text_of(e, members[k])[0] != '\0' && !str_eq(text_of(e, members[k]), text_of(e, "field")))
                buf_printf(out, " %s", text_of(e, members[k]));
        say_if(out, language, MSG_LANE_REACHES_LACKS, text_of(e, "lacks"));
        buf_puts(out, "\n");
    }
    say(out, language, us ? MSG_LANE_REACHES_US : MSG_LANE_REACHES_MX, NULL, NULL, NULL);
    buf_puts(out, "\n");
}

static void say_party(struct buf *out, int language, const struct json_in *d, const struct json_in *p)
{
    const char *name = text_of(p, "name"), *given = text_of(p, "given"), *kind = text_of(p, "kind");
    struct buf id = BUF_INIT, role = BUF_INIT;
    buf_printf(&id, "%s%s%s", kind, kind[0] != '\0' && given[0] != '\0' ? " " : "", given);
    say_role(&role, language, text_of(p, "role"));
    buf_puts(out, "  ");
    say(out, language,
        id.len == 0       ? MSG_LANE_PARTY_NO_ID
        : name[0] != '\0' ? MSG_LANE_PARTY_KNOWN
                          : MSG_LANE_PARTY,
        role.data, id.data, name);
    buf_puts(out, "\n");
    say_trouble(out, language, d, p);
    say_certificates(out, language, d, json_in_get(p, "certificates"));
    buf_free(&id);
    buf_free(&role);
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
    say(out, language, expedited ? MSG_LANE_EXPEDITED : MSG_LANE_STANDARD,
        text_of(d, "lane")[0] != '\0' ? " FAST" : "", text_of(d, "at"), NULL);
    buf_puts(out, "\n");
    for (size_t i = 0; i < json_in_len(reasons); i++) {
        buf_puts(out, i == 0 ? "* " : "  ");
        say_reason(out, language, d, json_in_str(json_in_at(reasons, i)), !expedited || i > 0);
        buf_puts(out, "\n");
    }
    if (!str_eq(text_of(d, "alert"), "NONE")) {
        say(out, language,
            str_eq(text_of(d, "alert"), "SECURITY") ? MSG_LANE_ALERT_SECURITY : MSG_LANE_ALERT_REVIEW, NULL,
            NULL, NULL);
        buf_puts(out, "\n");
    }
    for (size_t i = 0; i < json_in_len(parties); i++)
        say_party(out, language, d, json_in_at(parties, i));
    say_claims(out, language, d);
    say_emitted(out, language, d);
    say(out, language, MSG_LANE_PROMISE, NULL, NULL, NULL);
    buf_puts(out, "\n");
    json_in_free(d);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}
