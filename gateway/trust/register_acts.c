/*
 * What persons do to the register (trust/register_acts.h), each in one write with its row in the chain: who, when, and what as JSON.
 *
 * An attestation is a source's batch of one row. A revocation is a status event without a batch: one more voice beside the lists', so that
 * no list that comes later speaks over it. Owns nothing.
 */
#include "trust/register_acts.h"

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trust/register_sql.h"
#include "util/json.h"
#include "util/str.h"

struct act {
    const void *what;
    const struct register_entries *entries;
    register_note *note;
    int64_t now_ms;
};

/* One pair of the chain's row: what it is called, what it says. */
struct pair {
    const char *name, *value;
};

static int put_note(struct store_conn *c, struct gln_context *ctx, const struct act *act, const char *kind,
                    const char *who, const struct pair *pairs, size_t n)
{
    struct buf data = BUF_INIT;
    struct json_out j;
    if (act->note == NULL)
        return GLN_OK;
    json_begin(&j, &data);
    json_open_object(&j, NULL);
    for (size_t i = 0; i < n; i++)
        json_str(&j, pairs[i].name, pairs[i].value);
    int status = register_seal(&j, NULL, c, ctx);
    json_end_object(&j);
    if (status == GLN_OK)
        status = data.failed ? context_no_memory(ctx) : act->note(c, ctx, act->now_ms, kind, who, data.data);
    buf_free(&data);
    return status;
}
#define PAIRS(...)                                                                                           \
    ((const struct pair[]){__VA_ARGS__}), sizeof((const struct pair[]){__VA_ARGS__}) / sizeof(struct pair)

/* ---- attestations ---- */

static int write_attestation(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct act *act = arg;
    const struct register_attestation *a = act->what;
    const struct register_batch batch = {.kind = SOURCE_ATTESTATION,
                                         .source = NAME_ATTESTATION,
                                         .environment = a->environment,
                                         .who = a->who,
                                         .sha256 = a->sha256,
                                         .list_name = a->programme,
                                         .document = a->document,
                                         .as_of = a->seen,
                                         .days = a->days};
    const struct event event = {.status = STATUS_CERTIFIED, .from = a->from, .learned_ms = INT64_MIN};
    const struct identifier id = {.kind = a->kind, .value = a->value, .given = a->given};
    const struct row_certificate certificate = {.programme = a->programme,
                                                .class_code = a->class_code,
                                                .number = a->number,
                                                .from = a->from,
                                                .to = a->to,
                                                .consent = a->consent,
                                                .events = &event,
                                                .event_count = 1};
    struct buf key = BUF_INIT;
    buf_printf(&key, "%s:%s:%s", a->kind, a->value, a->programme);
    const struct register_row row = {.key = key.data,
                                     .name = a->name,
                                     .tax = a->tax,
                                     .identifiers = &id,
                                     .identifier_count = 1,
                                     .certificates = &certificate,
                                     .certificate_count = 1};
    struct register_import *im = NULL;
    struct register_counts counts;
    int status = key.failed ? context_no_memory(ctx) : register_begin(&im, c, ctx, &batch);
    if (status == GLN_OK)
        status = register_put(im, &row, 1);
    if (status == GLN_OK)
        status = register_end(im, NULL, &counts);
    register_import_free(im);
    char seen[11], days[24];
    day_text(seen, a->seen);
    snprintf(days, sizeof days, "%d", a->days);
    if (status == GLN_OK)
        status =
            put_note(c, ctx, act, "attestation", a->who,
                     PAIRS({"environment", a->environment}, {"kind", a->kind}, {"number", a->value},
                           {"name", a->name}, {"programme", a->programme}, {"class", a->class_code},
                           {"seen", seen}, {"days", days}, {"evidence", a->document}, {"sha256", a->sha256}));
    buf_free(&key);
    return status;
}

int register_attest(struct gln_context *ctx, struct store *s, const struct register_attestation *a,
                    register_note *note)
{
    struct act act = {a, NULL, note, clock_wall_ms(ctx->clock)};
    return store_write(s, ctx, write_attestation, &act);
}

/* ---- bindings ---- */

static int submitter_there(struct store_conn *c, struct gln_context *ctx, const char *name)
{
    int64_t there = 0;
    int status = register_untouched(c, ctx);
    if (status == GLN_OK)
        status = register_number(c, ctx, &there, 0,
                                 "SELECT count(*) FROM submitter WHERE name=?1 AND ended_ms IS NULL",
                                 ARGS(arg_text(name)));
    return status == GLN_OK && there == 0 ? context_fail(ctx, GLN_E_NOT_FOUND, MSG_SUBMITTER_NONE, name)
                                          : status;
}

static int note_bond(struct store_conn *c, struct gln_context *ctx, const struct act *act, const char *kind)
{
    const struct register_bond *b = act->what;
    char from[11], to[11];
    day_text(from, b->from);
    day_text(to, b->to);
    return put_note(c, ctx, act, kind, b->who,
                    PAIRS({"environment", b->environment}, {"submitter", b->submitter},
                          {"operator", b->operator_id}, {"capacity", b->capacity}, {"from", from},
                          {"until", to}, {"document", b->document}));
}

static int write_bond(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct act *act = arg;
    const struct register_bond *b = act->what;
    int status = submitter_there(c, ctx, b->submitter);
    if (status == GLN_OK)
        status = register_run(c, ctx,
                              "INSERT INTO operator_binding(environment, submitter, entry, capacity, "
                              "day_from, day_to, document, "
                              "learned_ms, who) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                              ARGS(arg_text(b->environment), arg_text(b->submitter), arg_int(b->entry),
                                   arg_text(b->capacity), arg_day(b->from), arg_day(b->to),
                                   arg_text(b->document), arg_int(act->now_ms), arg_text(b->who)));
    return status == GLN_OK ? note_bond(c, ctx, act, "binding") : status;
}

int register_bond(struct gln_context *ctx, struct store *s, const struct register_bond *b,
                  register_note *note)
{
    struct act act = {b, NULL, note, clock_wall_ms(ctx->clock)};
    return store_write(s, ctx, write_bond, &act);
}

static int write_unbond(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct act *act = arg;
    const struct register_bond *b = act->what;
    int64_t ended = 0;
    int status = register_untouched(c, ctx);
    for (size_t i = 0; status == GLN_OK && i < act->entries->count; i++) {
        status = register_run(c, ctx,
                              "UPDATE operator_binding SET revoked_ms=?4 WHERE environment=?1 AND "
                              "submitter=?2 AND entry=?3 AND "
                              "batch IS NULL AND revoked_ms IS NULL",
                              ARGS(arg_text(b->environment), arg_text(b->submitter),
                                   arg_int(act->entries->items[i]), arg_int(act->now_ms)));
        ended += status == GLN_OK ? store_changes(c) : 0;
    }
    if (status == GLN_OK && ended == 0)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_REGISTER_NOT_BOUND, b->submitter, b->operator_id);
    return status == GLN_OK ? note_bond(c, ctx, act, "unbinding") : status;
}

int register_unbond(struct gln_context *ctx, struct store *s, const struct register_bond *b,
                    const struct register_entries *entries, register_note *note)
{
    struct act act = {b, entries, note, clock_wall_ms(ctx->clock)};
    return store_write(s, ctx, write_unbond, &act);
}

/* ---- a person's word about a status ---- */

/* A word is of the programme, whatever classes a source gives it now or later; also where only what persons said is left of a row. */
static int write_word(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct act *act = arg;
    const struct register_word *w = act->what;
    int64_t said = 0;
    char effective[11];
    int status = register_untouched(c, ctx);
    for (size_t i = 0; status == GLN_OK && i < act->entries->count; i++) {
        status = register_run(
            c, ctx,
            "INSERT INTO status_event(entry, programme, class, status, effective, learned_ms, learned_said, "
            "kept_ms, who, note) SELECT ?1, ?2, '*', ?3, ?4, ?5, 0, ?5, ?6, ?7 WHERE EXISTS(SELECT 1 FROM "
            "operator WHERE entry=?1 AND environment=?8) AND (EXISTS(SELECT 1 FROM certificate WHERE "
            "entry=?1 "
            "AND programme=?2 AND until_ms IS NULL) OR EXISTS(SELECT 1 FROM status_event WHERE entry=?1 AND "
            "programme=?2 AND batch IS NULL))",
            ARGS(arg_int(act->entries->items[i]), arg_text(w->programme), arg_text(status_text(w->status)),
                 arg_int(w->effective), arg_int(act->now_ms), arg_text(w->who), arg_text(w->why),
                 arg_text(w->environment)));
        said += status == GLN_OK ? store_changes(c) : 0;
    }
    if (status == GLN_OK && said == 0)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_REGISTER_NO_CERTIFICATE, w->operator_id, w->programme,
                              w->environment);
    day_text(effective, w->effective);
    if (status == GLN_OK)
        status = put_note(c, ctx, act, "status", w->who,
                          PAIRS({"environment", w->environment}, {"operator", w->operator_id},
                                {"programme", w->programme}, {"status", status_text(w->status)},
                                {"effective", effective}, {"note", w->why}));
    return status;
}

int register_say(struct gln_context *ctx, struct store *s, const struct register_word *w,
                 const struct register_entries *entries, register_note *note)
{
    struct act act = {w, entries, note, clock_wall_ms(ctx->clock)};
    return store_write(s, ctx, write_word, &act);
}

/* ---- arrangements ---- */

/* What the person put his name to, in one number. */
static int digest_confirmation(char out[65], struct gln_context *ctx, const struct register_confirmation *a,
                               int64_t at_ms)
{
    unsigned char digest[32];
    struct buf b = BUF_INIT;
    char at[25], day[11];
    time_format(at, at_ms);
    day_text(day, a->effective);
    buf_printf(&b, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n", a->environment, a->id, day,
               a->roles == NULL ? "" : a->roles, a->source == NULL ? "" : a->source, a->who, at);
    int status = b.failed ? context_no_memory(ctx) : GLN_OK;
    if (status == GLN_OK) {
        digest_sha256(digest, b.data, b.len);
        digest_hex(out, digest);
    }
    buf_free(&b);
    return status;
}

static int write_confirmation(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct act *act = arg;
    const struct register_confirmation *a = act->what;
    char sha256[65], effective[11];
    int status = register_untouched(c, ctx);
    if (status == GLN_OK)
        status = digest_confirmation(sha256, ctx, a, act->now_ms);
    if (status == GLN_OK)
        status =
            register_run(c, ctx,
                         "UPDATE register_arrangement SET until_ms=?3 WHERE environment=?1 AND name=?2 AND "
                         "batch IS NULL AND until_ms IS NULL",
                         ARGS(arg_text(a->environment), arg_text(a->id), arg_int(act->now_ms)));
    if (status == GLN_OK && a->roles == NULL && store_changes(c) == 0)
        status = context_fail(ctx, GLN_E_NOT_FOUND, MSG_REGISTER_NOT_CONFIRMED, a->id);
    if (status == GLN_OK && a->roles != NULL)
        status = register_run(c, ctx,
                              "INSERT INTO register_arrangement(environment, name, state, effective, roles, "
                              "consent, source, who, "
                              "sha256, learned_ms) VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9)",
                              ARGS(arg_text(a->environment), arg_text(a->id), arg_int(ARRANGEMENT_FORCE),
                                   arg_day(a->effective), arg_text(a->roles), arg_text(a->source),
                                   arg_text(a->who), arg_text(sha256), arg_int(act->now_ms)));
    day_text(effective, a->effective);
    if (status == GLN_OK)
        status =
            put_note(c, ctx, act, a->roles != NULL ? "confirmation" : "withdrawal", a->who,
                     PAIRS({"environment", a->environment}, {"arrangement", a->id}, {"effective", effective},
                           {"roles", a->roles}, {"source", a->source}, {"sha256", sha256}));
    return status;
}

int register_confirm(struct gln_context *ctx, struct store *s, const struct register_confirmation *a,
                     register_note *note)
{
    struct act act = {a, NULL, note, clock_wall_ms(ctx->clock)};
    return store_write(s, ctx, write_confirmation, &act);
}
