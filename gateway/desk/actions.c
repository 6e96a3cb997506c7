/*
 * What a person may do with what was kept: hold, release, resubmit, cancel, and decide a filing in doubt.
 *
 * Each is one move of the filings for which it is legal; if it is for none, the refusal says in which state they are. Cancelling after
 * sending is not an action here but a new filing, since customs must be told.
 */
#include "desk/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "util/str.h"

static const struct action {
    const char *name;
    enum filing_state from[3];
    size_t from_count;
    enum filing_state to;
    int64_t due_ms;
    enum message_id reason;
} actions[] = {
    {"hold", {FILING_QUEUED, FILING_WAITING, FILING_DEFERRED}, 3, FILING_HELD, -1, MSG_REASON_PERSON_HELD},
    {"release", {FILING_HELD, FILING_WAITING}, 2, FILING_QUEUED, 0, MSG_REASON_PERSON_RELEASED},
    {"resubmit", {FILING_HELD, FILING_DEFERRED}, 2, FILING_QUEUED, 0, MSG_REASON_PERSON_RESUBMITTED},
    {"cancel", {FILING_QUEUED, FILING_HELD, FILING_WAITING}, 3, FILING_CANCELLED, -1, MSG_REASON_CANCELLED},
};

static bool is_from(const struct action *a, enum filing_state s)
{
    for (size_t i = 0; i < a->from_count; i++)
        if (a->from[i] == s)
            return true;
    return false;
}

static void acted(struct desk *k, struct json_out *j, int64_t filing, enum filing_state to)
{
    char number[24];

    desk_number(number, filing);
    if (k->in->text) {
        DESK_SAY(k, MSG_DESK_ACTED, number, filing_state_text(to, k->in->language));
        return;
    }
    json_open_object(j, NULL);
    json_int(j, "id", filing);
    json_str(j, "state", filing_state_name(to));
    json_end_object(j);
}

struct stopper {
    enum filing_state state;
    char who[96];
};

static int last_stop(void *arg, const struct ledger_change *c)
{
    struct stopper *s = arg;

    if (c->to ==
        s->state) /* what was stopped as it was kept was stopped by the gateway's rules, whoever sent it */
        str_copy(s->who, sizeof s->who, c->from != FILING_ACCEPTED && c->who != NULL ? c->who : "gateway");
    return 0;
}

/** A submitter lets go what he held himself. What a person of this gateway or its rules stopped, the operator lets go. */
static int may_go(struct desk *k, const struct action *a, const struct ledger_filing *f)
{
    struct stopper s = {.state = f->state};
    char number[24];
    int status;

    if (k->in->submitter == NULL || a->to != FILING_QUEUED || f->state == FILING_DEFERRED)
        return GLN_OK;
    status = ledger_history(k->gw->ledger, k->ctx, f->id, last_stop, &s);
    if (status != GLN_OK || str_eq(s.who, k->in->submitter))
        return status;
    desk_number(number, f->id);
    return context_fail(k->ctx, GLN_E_FORBIDDEN, MSG_DESK_HELD_BY_OTHER, number, s.who);
}

/** Moves the filings the action is for; *done counts them. */
static int act_all(struct desk *k, const struct action *a, const struct ledger_filing *items, size_t count,
                   struct json_out *j, size_t *done)
{
    const char *given = desk_query(k, "reason");
    struct reason r;
    const char *reason =
        given != NULL && *given != '\0' ? reason_by_person(&r, given) : reason_make(&r, a->reason, NULL, 0);
    int status = GLN_OK;

    for (size_t i = 0; status == GLN_OK && i < count; i++) {
        if (!is_from(a, items[i].state))
            continue;
        status = may_go(k, a, &items[i]);
        if (status == GLN_OK)
            status = ledger_move(k->gw->ledger, k->ctx, items[i].id, items[i].state, a->to, reason,
                                 desk_who(k), a->due_ms);
        if (status == GLN_OK) {
            acted(k, j, items[i].id, a->to);
            ++*done;
        }
    }
    return status;
}

static int act_none(struct desk *k, const struct action *a, const char *id, const struct ledger_filing *items,
                    size_t count)
{
    struct buf states = BUF_INIT;
    int status;

    if (a->to == FILING_CANCELLED)
        return context_fail(k->ctx, GLN_E_CONFLICT, MSG_DESK_CANCEL_LATE, id);
    for (size_t i = 0; i < count; i++)
        buf_printf(&states, "%s%s", i > 0 ? ", " : "", filing_state_name(items[i].state));
    status = context_fail(k->ctx, GLN_E_CONFLICT, MSG_DESK_NOT_NOW, id, a->name,
                          states.data != NULL ? states.data : "");
    buf_free(&states);
    return status;
}

/** Nothing of it is or will be at customs. */
static bool all_dead(const struct ledger_filing *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].state != FILING_CANCELLED && !str_eq(items[i].outcome, "rejected") &&
            !str_eq(items[i].outcome, "not-processed"))
            return false;
    return count > 0;
}

int desk_act(struct desk *k)
{
    const char *name = desk_segment(k, 3);
    const struct action *a = NULL;
    struct ledger_declaration d;
    struct ledger_filing *items = NULL;
    struct json_out j;
    size_t count = 0;
    size_t done = 0;
    int status;

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (str_eq(actions[i].name, name))
            a = &actions[i];
    if (a == NULL)
        return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_NO_ACTION, name);
    status = desk_declaration(k, desk_segment(k, 2), &d);
    if (status == GLN_OK)
        status = desk_filings(k, d.id, &items, &count);
    json_begin(&j, &k->out->body);
    if (!k->in->text) {
        json_open_object(&j, NULL);
        json_open_array(&j, "filings");
    }
    if (status == GLN_OK)
        status = act_all(k, a, items, count, &j, &done);
    if (status == GLN_OK && done == 0 && str_eq(name, "resubmit") && all_dead(items, count)) {
        buf_clear(&k->out->body);
        status = desk_again(k, &d, items, count);
        free(items);
        return status;
    }
    if (status == GLN_OK && done == 0)
        status = act_none(k, a, d.id, items, count);
    if (!k->in->text) {
        json_end_array(&j);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    free(items);
    return status;
}

static int filing_number(struct desk *k, const char *text, int64_t *out)
{
    char *end = NULL;

    errno = 0;
    *out = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || *out <= 0)
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_FILING_NUMBER, text);
    return GLN_OK;
}

/** Decision, operation number and reason stand in the query, or in a JSON body. */
int desk_resolve(struct desk *k)
{
    const char *decision = desk_query(k, "outcome");
    const char *operation = desk_query(k, "operation");
    const char *reason = desk_query(k, "reason");
    struct json_in *body = NULL;
    struct ledger_filing f;
    struct json_out j;
    char why[160];
    char number[24];
    int64_t id = 0;
    int status = filing_number(k, desk_segment(k, 2), &id);

    if (status == GLN_OK && decision == NULL && k->in->body_len > 0) {
        body = json_in_parse(k->in->body, k->in->body_len, why, sizeof why);
        if (body == NULL)
            return context_fail(k->ctx, GLN_E_INPUT, MSG_DESK_BAD_JSON, why);
        decision = json_in_str(json_in_get(body, "outcome"));
        operation = json_in_str(json_in_get(body, "operation"));
        reason = json_in_str(json_in_get(body, "reason"));
    }
    if (status == GLN_OK)
        status = flow_resolve(k->gw, k->ctx, id, decision, operation, reason, desk_who(k));
    json_in_free(body);
    if (status == GLN_OK)
        status = ledger_filing_get(k->gw->ledger, k->ctx, id, &f);
    if (status != GLN_OK)
        return status;
    desk_number(number, id);
    if (k->in->text) {
        DESK_SAY(k, MSG_DESK_RESOLVED, number, filing_state_text(f.state, k->in->language));
        return GLN_OK;
    }
    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_int(&j, "id", id);
    json_str(&j, "state", filing_state_name(f.state));
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return GLN_OK;
}
