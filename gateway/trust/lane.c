/*
 * The lane decision (trust/lane.h): a pure function of the register, the facts of a declaration and T. STANDARD is never a refusal,
 * and an inbound claim never grants anything: without the register behind it, it is an alert.
 *
 * Blocks every path: a forged claim (A02), a submitter who is not bound to the importer (A03), an importer of whom the register cannot say
 * who he is, an identifier whose name or tax id is another's (B07), and the importer or the partner itself suspended or revoked in the
 * destination's own programme.
 * Everything else only fails to grant. All reasons are kept; the primary one is the first in LANE_REASONS that occurred.
 */
#include "trust/decide.h"

#include <stdlib.h>
#include <string.h>

#include "trust/batches.h"
#include "util/json.h"
#include "util/str.h"

struct judge {
    const struct operators *o;
    const struct lane_facts *f;
    struct match *matches; /* one a party */
    bool has[REASON_COUNT];
    unsigned claimed; /* the roles claims name: CLAIMED_... */
    bool unbound;     /* the submitter and the importer */
    bool stranger;    /* an importer who is nobody the register knows: nobody is bound to him */
    bool blocked;     /* by an own programme's suspension or revocation */
    bool unknown_partner, unknown_other; /* B03 of those who may be a path, and of those who are none */
    bool broker_certified, negative_elsewhere;
    bool clearly_another; /* a B07 that is no near miss */
    struct json_out json;
    struct emission emission;
};

static const char *const codes[REASON_COUNT] = {
#define ROW(code, alert) [REASON_##code] = #code,
    LANE_REASONS(ROW)
#undef ROW
};
static const enum lane_alert alerts[REASON_COUNT] = {
#define ROW(code, alert) [REASON_##code] = ALERT_##alert,
    LANE_REASONS(ROW)
#undef ROW
};

const char *lane_reason_code(enum lane_reason r)
{
    return (unsigned)r < REASON_COUNT ? codes[r] : "";
}

static void note(struct judge *j, enum lane_reason r)
{
    if ((unsigned)r < REASON_COUNT)
        j->has[r] = true;
}

/* ---- one certificate ---- */

static void write_day(struct json_out *json, const char *key, day_number d)
{
    char text[11];
    day_text(text, d);
    json_str(json, key, d == 0 ? NULL : text);
}

void operator_write(struct json_out *j, const struct operator_row *row)
{
    struct buf id = BUF_INIT;
    if (row != NULL && row->id != NULL)
        operator_id_put(&id, row->id);
    json_str(j, "operator", id.failed ? "***" : id.data);
    buf_free(&id);
}

/* The list or attestation it stands on, by its number and the digest of its bytes. */
static void write_batch(struct json_out *json, const struct batch *b)
{
    if (b == NULL)
        return;
    json_int(json, "batch", b->id);
    json_str(json, "sha256", b->sha256);
    if (b->attested_by != NULL)
        json_str(json, "attested_by", b->attested_by);
}

static void write_worth(struct json_out *json, const struct operators *o, const struct worth *w)
{
    json_open_object(json, NULL);
    json_str(json, "programme", w->programme->code);
    json_str(json, "class", w->certificate->class_code);
    json_str(json, "status", status_text(w->status));
    write_day(json, "from", w->certificate->from);
    write_day(json, "to", w->certificate->to);
    write_day(json, "list_date", w->certificate->list_date);
    json_str(json, "number", w->certificate->number);
    json_str(json, "source", w->certificate->source);
    write_batch(json, batch_behind(o, w->certificate));
    write_day(json, "counts_until", w->until);
    if (w->arrangement != NULL) {
        json_str(json, "arrangement", w->arrangement->id);
        json_str(json, "arrangement_state", arrangement_state_text(w->arrangement->state));
        json_str(json, "arrangement_roles", w->arrangement->roles);
        json_str(json, "signed", w->arrangement->signed_on);
        write_day(json, "effective", w->arrangement->effective);
        write_day(json, "ended", w->arrangement->ended);
        json_str(json, "arrangement_source", w->arrangement->source);
        if (w->arrangement->confirmed)
            json_str(json, "confirmed_by",
                     w->arrangement->confirmed_by != NULL ? w->arrangement->confirmed_by : "");
    }
    json_str(json, "reason", lane_reason_code(w->reason));
    json_end_object(json);
}

static bool grants(enum lane_reason r)
{
    return r == REASON_P01 || r == REASON_P02;
}

/* What a sound certificate makes usable besides a path: the broker alone, and the links of the FAST chain. */
static void count_links(struct judge *j, struct match *m, const struct worth *w)
{
    const char *role = match_role(m);
    bool sound = grants(w->reason) || (w->reason == REASON_NONE && w->own);
    bool maker = sound && (w->own || !j->f->own_maker);
    m->link = m->link || (str_eq(role, "MF") ? maker : str_eq(role, "IM") ? w->reason == REASON_P01 : sound);
    if (str_eq(role, "AG") && w->reason == REASON_NONE)
        j->broker_certified = true;
}

/*
 * A further party of the chain has no name in the message. Number and name are compared of every other party before its certificate counts;
 * here there is nothing to compare, and a MID or an AEO number is public: alone it says of nobody that he is in the chain.
 */
static bool is_nameless_actor(const struct party *p)
{
    return str_eq(p->role, "ACTOR") && (p->name == NULL || p->name[0] == '\0');
}

/* Suspended or revoked: in the destination's own programme that blocks, for whom it matters; in another it is told. */
static void note_negative(struct judge *j, enum lane_reason negative, bool own, bool matters)
{
    if (negative == REASON_NONE)
        return;
    if (own && matters) {
        j->blocked = true;
        note(j, negative);
    } else if (!own) {
        j->negative_elsewhere = true;
    }
}

static void judge_certificate(struct judge *j, struct match *m, const struct certificate *c)
{
    struct worth w = certificate_worth(j->o, j->f, m, c);
    if (w.reason == REASON_P02 && is_nameless_actor(m->party))
        w.reason = REASON_B01;
    bool importer = str_eq(m->party->role, "IM"), partner = role_is_partner(match_role(m));
    write_worth(&j->json, j->o, &w);
    count_links(j, m, &w);
    if (!j->unbound || !importer)
        emit_certificate(&j->emission, m, &w);
    note_negative(j, certificate_negative(j->o, j->f, c), w.own, importer || partner);
    m->covered = m->covered || w.reason == REASON_P02;
    /* a certificate that could have granted says why it did not, or that it did */
    if ((importer && w.own) || (partner && !w.own))
        note(j, w.reason);
}

/* ---- one party ---- */

static bool bound(const struct judge *j, size_t operator_index)
{
    day_number today = day_at_kept(j->f->at_ms, j->f->zone, j->f->zones);
    if (j->f->submitter == NULL)
        return true; /* the local operator answers for himself */
    for (size_t i = 0; i < j->o->bindings.count; i++) {
        const struct binding *b = &j->o->bindings.items[i];
        if (b->operator_index == operator_index && str_eq(b->submitter, j->f->submitter) &&
            today >= b->from && (b->to == 0 || today <= b->to))
            return true;
    }
    return false;
}

static bool is_claimed(const struct judge *j, const struct party *p)
{
    static const struct {
        const char *role;
        unsigned bit;
    } roles[] = {{"IM", CLAIMED_IM}, {"EX", CLAIMED_EX}, {"CA", CLAIMED_CA}, {"AG", CLAIMED_AG}};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if ((j->claimed & roles[i].bit) != 0 && str_eq(p->role, roles[i].role))
            return true;
    return (j->claimed & CLAIMED_ALL) != 0 || str_eq(p->role, "ACTOR");
}

/* An unknown carrier or broker would have been no path: it is told, but it is not why. */
static void note_unknown(struct judge *j, const struct match *m)
{
    if (is_claimed(j, m->party))
        note(j, REASON_A02);
    if (str_eq(m->party->role, "IM"))
        note(j, REASON_B03);
    else if (role_is_partner(match_role(m)))
        j->unknown_partner = true;
    else
        j->unknown_other = true;
}

static void note_match(struct judge *j, const struct match *m)
{
    if (m->trouble == REASON_B03)
        note_unknown(j, m);
    else
        note(j, m->trouble);
    if (str_eq(m->party->role, "IM") && m->row == NULL)
        j->stranger = true;
    if (m->normalised && m->row != NULL)
        note(j, REASON_B04);
    if (m->computed[0] != '\0')
        note(j, REASON_G01);
    if (m->trouble == REASON_B07 && !m->near)
        j->clearly_another = true;
    if (m->row != NULL && str_eq(m->party->role, "IM") && !bound(j, m->row_index)) {
        j->unbound = true;
        note(j, REASON_A03);
    }
}

static void judge_party(struct judge *j, struct match *m)
{
    const struct party *p = m->party;
    bool seller = str_eq(p->role, "SE"); /* whose goods they are, but no party whose certificate counts */
    match_party(m, j->o, p);
    json_open_object(&j->json, NULL);
    json_str(&j->json, "role", match_role(m));
    json_str(&j->json, "kind", p->kind);
    json_str(&j->json, "given", str_eq(m->kind, PERSON_KIND) ? "***" : p->id);
    json_str(&j->json, "path", p->path);
    operator_write(&j->json, m->row);
    json_str(&j->json, "name", m->row != NULL ? m->row->name : NULL);
    json_str(&j->json, "trouble", m->trouble == REASON_NONE ? NULL : lane_reason_code(m->trouble));
    if (m->trouble == REASON_B07) {
        json_str(&j->json, "given_name", p->name);
        json_bool(&j->json, "near", m->near);
    }
    if (m->computed[0] != '\0')
        json_str(&j->json, "computed", m->computed);
    json_open_array(&j->json, "certificates");
    if (!seller || m->trouble == REASON_B07)
        note_match(j, m);
    if (m->row != NULL && m->trouble == REASON_NONE && !seller) {
        emit_identifier(&j->emission, m);
        for (size_t i = 0; i < m->row->certificate_count; i++)
            judge_certificate(j, m, &j->o->certificates.items[m->row->first_certificate + i]);
    }
    json_end_array(&j->json);
    json_end_object(&j->json);
}

/* ---- all together ---- */

static bool routed(const struct judge *j)
{
    for (size_t i = 0; i < j->o->programmes.count; i++)
        if (register_lists(j->o->programmes.items[i].own_of, j->f->destination))
            return true;
    return false;
}

static bool any_trouble(const struct judge *j)
{
    for (int r = 0; r < REASON_E01; r++)
        if (j->has[r])
            return true;
    return false;
}

/*
 * What blocks every path. An importer who is named and whom nobody knows is among it, though he alone is no alert: a filing has an importer
 * somebody is bound to, or a declarant (whose identity it is filed under) where the entry names no importer; a number that is not found
 * is neither, and would hide one that is suspended.
 */
static bool forbidden(const struct judge *j)
{
    return j->blocked || j->stranger || j->has[REASON_A02] || j->has[REASON_A03] || j->has[REASON_B07];
}

static void not_granted(struct judge *j)
{
    j->has[REASON_P01] = j->has[REASON_P02] = false;
    if (j->broker_certified && !any_trouble(j))
        note(j, REASON_E03);
    if (!any_trouble(j))
        note(j, REASON_E01);
}

/* Whether the parties of a role, and there are some, are all certified. */
static bool all_links(const struct judge *j, size_t count, const char *role)
{
    size_t links = 0;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(match_role(&j->matches[i]), role) || is_nameless_actor(j->matches[i].party))
            continue;
        if (!j->matches[i].link)
            return false;
        links++;
    }
    return links > 0;
}

/* FAST: every link of the chain, and the option that says which the maker's is. */
static bool fast_chain(const struct judge *j, size_t count)
{
    bool maker = (all_links(j, count, "MF") && j->f->seal) || (j->f->own_maker && !j->f->southern);
    return all_links(j, count, "IM") && maker && all_links(j, count, "CA") && j->f->driver;
}

static void conclude(struct judge *j, size_t count, struct lane_decision *d)
{
    /* where the importer or a partner himself blocks every path, nobody else's number could have opened one */
    if (j->unknown_partner && !j->blocked)
        note(j, REASON_B03);
    if (j->has[REASON_P02] && !goods_covered(j->o, j->matches, count)) {
        j->has[REASON_P02] = false;
        note(j, REASON_E07);
    }
    if (!(j->has[REASON_P01] || j->has[REASON_P02]) || forbidden(j)) {
        not_granted(j);
        return;
    }
    d->lane = LANE_EXPEDITED;
    if (j->negative_elsewhere)
        note(j, REASON_F06);
    if (j->f->fast) {
        d->fast = fast_chain(j, count);
        note(j, d->fast ? REASON_P03 : REASON_E02);
    }
}

static void add_reason(struct lane_decision *d, enum lane_reason r, enum lane_alert alert)
{
    if (d->reason_count < sizeof d->reasons / sizeof d->reasons[0])
        str_copy(d->reasons[d->reason_count++], sizeof d->reasons[0], codes[r]);
    if (alert > d->alert)
        d->alert = alert;
}

/* A name that is nearly the register's wants a person, not an alarm. */
static enum lane_alert alert_of(const struct judge *j, enum lane_reason r)
{
    return r == REASON_B07 && !j->clearly_another ? ALERT_REVIEW : alerts[r];
}

/* Reasons in their order; an expedited decision has its path first. */
static void tell(const struct judge *j, struct lane_decision *d)
{
    if (d->lane == LANE_EXPEDITED)
        for (int r = REASON_P01; r <= REASON_P03; r++)
            if (j->has[r])
                add_reason(d, (enum lane_reason)r, alerts[r]);
    for (int r = 0; r < REASON_COUNT; r++)
        if (j->has[r] && !(r >= REASON_P01 && r <= REASON_P03))
            add_reason(d, (enum lane_reason)r, alert_of(j, (enum lane_reason)r));
    if (!j->has[REASON_B03] && (j->unknown_partner || j->unknown_other))
        add_reason(d, REASON_B03, alerts[REASON_B03]);
    str_copy(d->primary, sizeof d->primary, d->reason_count > 0 ? d->reasons[0] : "");
}

static void judge_all(struct judge *j, size_t count, struct json_out *claims, struct lane_decision *d)
{
    for (size_t i = 0; i < count; i++) {
        j->matches[i].party = &j->f->parties[i];
        judge_party(j, &j->matches[i]);
    }
    claims_judge(claims, j->o, j->f, j->matches, count, j->has);
    conclude(j, count, d);
}

static void begin_array(struct json_out *json, struct buf *b)
{
    json_begin(json, b);
    json_open_array(json, NULL);
}

int lane_decide(struct lane_decision *out, struct gln_context *ctx, const struct operators *ops,
                const struct lane_facts *facts)
{
    struct buf evidence = BUF_INIT, emitted = BUF_INIT, claimed = BUF_INIT;
    struct json_out claims;
    struct lane_facts asked = *facts;
    struct judge j = {.o = ops,
                      .f = &asked,
                      .claimed = claims_roles(facts),
                      .emission = {.operators = ops, .facts = &asked}};
    bool gathered;
    size_t count = facts->party_count;
    memset(out, 0, sizeof *out);
    asked.zones = &ctx->zones;
    j.matches = calloc(count + 1, sizeof *j.matches);
    if (j.matches == NULL)
        return context_no_memory(ctx);
    begin_array(&j.json, &evidence);
    begin_array(&j.emission.json, &emitted);
    begin_array(&claims, &claimed);
    if (facts->claimed)
        note(&j, REASON_A01);
    if (ops == NULL)
        note(&j, REASON_F02);
    else if (!routed(&j))
        note(&j, REASON_E08);
    else
        judge_all(&j, count, &claims, out);
    tell(&j, out);
    json_end_array(&j.json);
    json_end_array(&j.emission.json);
    json_end_array(&claims);
    gathered = doubts_gather(out, j.matches, count);
    free(j.matches);
    out->importer_unbound = j.unbound;
    out->evidence = buf_take(&evidence, NULL);
    out->emitted = buf_take(&emitted, NULL);
    out->claims = buf_take(&claimed, NULL);
    if (gathered && out->evidence != NULL && out->emitted != NULL && out->claims != NULL)
        return GLN_OK;
    lane_decision_free(out);
    return context_no_memory(ctx);
}

void lane_decision_free(struct lane_decision *d)
{
    free(d->evidence);
    free(d->claims);
    free(d->emitted);
    free(d->doubts);
    d->doubts = NULL;
    d->doubt_count = 0;
    d->evidence = d->claims = d->emitted = NULL;
}
