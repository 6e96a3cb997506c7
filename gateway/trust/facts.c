/*
 * The facts of a declaration a decision was made from, beside the decision and back: what was decided can be decided again, with the
 * register of today or with what was known on another day.
 *
 * What is read back owns the parsed JSON, whose strings the facts point into. Every member lane_decide() looks at stands here; one that
 * is added there is written and read here, or a kept decision would not repeat.
 */
#include "trust/decide.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

/* The texts of the facts and of a party, by name and place. */
struct text_member {
    const char *name;
    size_t offset;
};
static const struct text_member fact_texts[] = {
    {"destination", offsetof(struct lane_facts, destination)},
    {"zone", offsetof(struct lane_facts, zone)},
    {"environment", offsetof(struct lane_facts, environment)},
    {"submitter", offsetof(struct lane_facts, submitter)},
};
static const struct text_member fact_flags[] = {
    {"claimed", offsetof(struct lane_facts, claimed)},
    {"other_sellers", offsetof(struct lane_facts, other_sellers)},
    {"fast", offsetof(struct lane_facts, fast)},
    {"driver", offsetof(struct lane_facts, driver)},
    {"seal", offsetof(struct lane_facts, seal)},
    {"southern", offsetof(struct lane_facts, southern)},
    {"own_maker", offsetof(struct lane_facts, own_maker)},
};
static const struct text_member party_texts[] = {
    {"role", offsetof(struct party, role)}, {"kind", offsetof(struct party, kind)},
    {"id", offsetof(struct party, id)},     {"name", offsetof(struct party, name)},
    {"tax", offsetof(struct party, tax)},   {"code", offsetof(struct party, code)},
    {"path", offsetof(struct party, path)}, {"line", offsetof(struct party, line)},
    {"city", offsetof(struct party, city)},
};
static const struct text_member claim_texts[] = {
    {"carrier", offsetof(struct claim, carrier)},
    {"code", offsetof(struct claim, code)},
    {"number", offsetof(struct claim, number)},
    {"path", offsetof(struct claim, path)},
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

static const char *text_at(const void *of, size_t offset)
{
    return *(const char *const *)(const void *)((const char *)of + offset);
}

static void texts_write(struct json_out *j, const void *of, const struct text_member *m, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_str(j, m[i].name, text_at(of, m[i].offset));
}

static void texts_read(void *to, const struct json_in *from, const struct text_member *m, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(const char **)(void *)((char *)to + m[i].offset) = json_in_str(json_in_get(from, m[i].name));
}

static void instant_write(struct json_out *j, const char *key, int64_t at_ms)
{
    char text[25];
    time_format(text, at_ms);
    json_str(j, key, text);
}

void facts_write(struct json_out *j, const struct lane_facts *f)
{
    json_open_object(j, "facts");
    texts_write(j, f, fact_texts, COUNT(fact_texts));
    for (size_t i = 0; i < COUNT(fact_flags); i++)
        json_bool(j, fact_flags[i].name,
                  *(const bool *)(const void *)((const char *)f + fact_flags[i].offset));
    instant_write(j, "at", f->at_ms);
    if (f->known_ms != 0)
        instant_write(j, "known", f->known_ms);
    json_open_array(j, "parties");
    for (size_t i = 0; i < f->party_count; i++) {
        json_open_object(j, NULL);
        texts_write(j, &f->parties[i], party_texts, COUNT(party_texts));
        json_end_object(j);
    }
    json_end_array(j);
    json_open_array(j, "claims");
    for (size_t i = 0; i < f->claim_count; i++) {
        json_open_object(j, NULL);
        texts_write(j, &f->claims[i], claim_texts, COUNT(claim_texts));
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

/* What is handed out is its first member. */
struct kept_facts {
    struct lane_facts facts;
    struct json_in *json;
    struct party *parties;
    struct claim *claims;
};

static bool facts_fill(struct kept_facts *k, const struct json_in *from)
{
    struct lane_facts *f = &k->facts;
    const struct json_in *known = json_in_get(from, "known"), *parties = json_in_get(from, "parties");
    const struct json_in *claims = json_in_get(from, "claims");

    texts_read(f, from, fact_texts, COUNT(fact_texts));
    for (size_t i = 0; i < COUNT(fact_flags); i++)
        *(bool *)(void *)((char *)f + fact_flags[i].offset) =
            json_in_true(json_in_get(from, fact_flags[i].name));
    if (f->destination == NULL || f->zone == NULL || f->environment == NULL)
        return false;
    if (!time_parse(&f->at_ms, or_empty(json_in_str(json_in_get(from, "at")))))
        return false;
    if (!json_in_null(known) && !time_parse(&f->known_ms, or_empty(json_in_str(known))))
        return false;
    f->party_count = json_in_len(parties);
    k->parties = calloc(f->party_count + 1, sizeof *k->parties);
    f->parties = k->parties;
    f->claim_count = json_in_len(claims);
    k->claims = calloc(f->claim_count + 1, sizeof *k->claims);
    f->claims = k->claims;
    for (size_t i = 0; k->claims != NULL && i < f->claim_count; i++)
        texts_read(&k->claims[i], json_in_at(claims, i), claim_texts, COUNT(claim_texts));
    for (size_t i = 0; k->parties != NULL && i < f->party_count; i++) {
        texts_read(&k->parties[i], json_in_at(parties, i), party_texts, COUNT(party_texts));
        if (k->parties[i].role == NULL)
            return false;
    }
    return true;
}

int lane_facts_read(struct lane_facts **out, struct gln_context *ctx, const char *decision_json, size_t len)
{
    char err[256] = "facts";
    struct kept_facts *k = calloc(1, sizeof *k);
    const struct json_in *facts;
    int status = GLN_OK;

    *out = NULL;
    if (k == NULL)
        return context_no_memory(ctx);
    k->json = json_in_parse(decision_json, len, err, sizeof err);
    facts = json_in_get(k->json, "facts");
    if (k->json == NULL)
        status = context_fail(ctx, GLN_E_STORE, MSG_LANE_UNREADABLE, err);
    else if (json_in_null(facts))
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_LANE_NO_FACTS,
                              or_empty(json_in_str(json_in_get(k->json, "at"))));
    else if (!facts_fill(k, facts))
        status = context_fail(ctx, GLN_E_STORE, MSG_LANE_UNREADABLE, err);
    else if (k->parties == NULL || k->claims == NULL)
        status = context_no_memory(ctx);
    if (status == GLN_OK)
        *out = &k->facts;
    else
        lane_facts_free(&k->facts);
    return status;
}

void lane_facts_free(struct lane_facts *f)
{
    struct kept_facts *k = (struct kept_facts *)(void *)f;

    if (k == NULL)
        return;
    json_in_free(k->json);
    free(k->parties);
    free(k->claims);
    free(k);
}

/* The member "id" of that value, as JSON writes it. */
static void id_member(struct buf *out, const char *value)
{
    struct buf object = BUF_INIT;
    struct json_out j;
    json_begin(&j, &object);
    json_open_object(&j, NULL);
    json_str(&j, "id", value);
    json_end_object(&j);
    if (object.failed)
        out->failed = true;
    else
        buf_put(out, object.data + 1, object.len - 2);
    buf_free(&object);
}

static void replace_all(struct buf *text, const char *what, const char *by)
{
    struct buf out = BUF_INIT;
    const char *from = text->data, *at;
    while ((at = strstr(from, what)) != NULL) {
        buf_put(&out, from, (size_t)(at - from));
        buf_puts(&out, by);
        from = at + strlen(what);
    }
    buf_puts(&out, from);
    buf_free(text);
    *text = out;
}

int lane_shown(struct buf *out, struct gln_context *ctx, const char *decision_json, size_t len)
{
    char err[256];
    struct buf text = BUF_INIT;
    struct json_in *d = json_in_parse(decision_json, len, err, sizeof err);
    const struct json_in *parties = json_in_get(json_in_get(d, "facts"), "parties");
    if (d == NULL)
        return context_fail(ctx, GLN_E_STORE, MSG_LANE_UNREADABLE, err);
    buf_put(&text, decision_json, len);
    for (size_t i = 0; i < json_in_len(parties) && !text.failed; i++) {
        const struct json_in *p = json_in_at(parties, i);
        const char *id = json_in_str(json_in_get(p, "id"));
        /* a number without a kind that was found to be a person's is masked in the evidence already */
        const char *given = json_in_str(json_in_get(json_in_at(json_in_get(d, "evidence"), i), "given"));
        struct buf member = BUF_INIT;
        if (id == NULL || !(str_eq(json_in_str(json_in_get(p, "kind")), PERSON_KIND) || str_eq(given, "***")))
            continue;
        id_member(&member, id);
        if (!member.failed)
            replace_all(&text, member.data, "\"id\":\"***\"");
        text.failed = text.failed || member.failed;
        buf_free(&member);
    }
    if (!text.failed)
        buf_put(out, text.data, text.len);
    out->failed = out->failed || text.failed;
    buf_free(&text);
    json_in_free(d);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}
