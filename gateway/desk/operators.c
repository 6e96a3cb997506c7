/*
 * What the register says, for the local operator: the operators, one of them, his history, and the arrangements.
 *
 * The register in use is read under the gateway's lock and only as long as it takes to copy; what everybody said of one operator comes
 * from its tables, as known now or ever.
 */
#include "desk/internal.h"

#include <stdlib.h>
#include <string.h>

#include "trust/register_acts.h"
#include "util/str.h"

enum { LISTED = 100 }; /* operators shown when no limit is given */

int desk_operator(struct desk *k, const char *text, struct register_entries *entries, struct buf *id)
{
    const struct operators *o;
    size_t index;
    int status;

    *entries = (struct register_entries){NULL, 0};
    if (desk_register_down(k))
        return k->ctx->error.status;
    pthread_mutex_lock(&k->gw->lock);
    o = k->gw->operators;
    status = register_operator(o, k->ctx, text, &index);
    if (status == GLN_OK) {
        buf_puts(id, o->rows.items[index].id);
        status = register_entries_of(entries, k->ctx, o, index);
    }
    pthread_mutex_unlock(&k->gw->lock);
    return status == GLN_OK && id->failed ? context_no_memory(k->ctx) : status;
}

/* --- the list --- */

/** The status a decision of this moment uses. */
static enum status status_today(const struct operators *o, const struct certificate *c, int64_t now_ms)
{
    return certificate_status(c, day_at(now_ms, o->programmes.items[c->programme_index].zone), now_ms, true);
}

static bool holds(const struct operators *o, const struct operator_row *row, const char *programme)
{
    if (programme == NULL)
        return true;
    for (size_t i = 0; i < row->certificate_count; i++)
        if (str_eq(
                o->programmes.items[o->certificates.items[row->first_certificate + i].programme_index].code,
                programme))
            return true;
    return false;
}

static void list_text(struct desk *k, const struct operators *o, const struct operator_row *row)
{
    struct buf *out = &k->out->body;

    operator_id_put(out, row->id);
    buf_printf(out, "  %s", row->name);
    for (size_t i = 0; i < row->certificate_count; i++) {
        const struct certificate *c = &o->certificates.items[row->first_certificate + i];

        buf_printf(out, "  %s/%s %s %s", o->programmes.items[c->programme_index].code, c->class_code,
                   c->environment, status_text(status_today(o, c, clock_wall_ms(k->ctx->clock))));
    }
    buf_putc(out, '\n');
}

static void json_day(struct json_out *j, const char *key, day_number d)
{
    char text[11];

    day_text(text, d);
    json_str(j, key, d == 0 ? NULL : text);
}

static void certificates_json(struct desk *k, struct json_out *j, const struct operators *o,
                              const struct operator_row *row)
{
    json_open_array(j, "certificates");
    for (size_t i = 0; i < row->certificate_count; i++) {
        const struct certificate *c = &o->certificates.items[row->first_certificate + i];

        json_open_object(j, NULL);
        json_str(j, "programme", o->programmes.items[c->programme_index].code);
        json_str(j, "class", c->class_code);
        json_str(j, "environment", c->environment);
        json_str(j, "status", status_text(status_today(o, c, clock_wall_ms(k->ctx->clock))));
        json_day(j, "from", c->from);
        json_day(j, "to", c->to);
        json_str(j, "source", c->source);
        json_day(j, "list_date", c->list_date);
        json_end_object(j);
    }
    json_end_array(j);
}

static void list_json(struct desk *k, struct json_out *j, const struct operators *o,
                      const struct operator_row *row)
{
    struct buf id = BUF_INIT;

    operator_id_put(&id, row->id);
    json_open_object(j, NULL);
    json_str(j, "id", id.failed ? "***" : id.data);
    json_str(j, "name", row->name);
    json_str(j, "tax", row->tax);
    certificates_json(k, j, o, row);
    json_end_object(j);
    buf_free(&id);
}

/** The register in use; the gateway's lock is held. */
static void list_register(struct desk *k, const struct operators *o, int64_t most)
{
    const char *programme = desk_query(k, "programme");
    const char *why = k->gw->down[k->in->language]; /* NULL: nothing is missing in it */
    struct json_out j;
    int64_t shown = 0;
    char number[24];

    desk_number(number, (int64_t)operators_count(o));
    json_begin(&j, &k->out->body);
    if (k->in->text) {
        DESK_SAY(k, MSG_DESK_OPERATORS, number);
        if (why != NULL)
            DESK_SAY(k, MSG_REGISTER_BEHIND, why);
    } else {
        json_open_object(&j, NULL);
        json_bool(&j, "register", true);
        json_str(&j, "why", why);
        json_raw(&j, "count", number, strlen(number));
        json_open_array(&j, "operators");
    }
    for (size_t i = 0; i < o->rows.count && shown < most; i++) {
        if (!holds(o, &o->rows.items[i], programme))
            continue;
        shown++;
        if (k->in->text)
            list_text(k, o, &o->rows.items[i]);
        else
            list_json(k, &j, o, &o->rows.items[i]);
    }
    if (!k->in->text) {
        json_end_array(&j);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
}

static void list_nothing(struct desk *k)
{
    const char *why = k->gw->down[k->in->language];
    struct buf more = BUF_INIT;
    struct json_out j;

    if (k->in->text) {
        if (why != NULL)
            buf_printf(&more, ": %s", why);
        DESK_SAY(k, MSG_REGISTER_DOWN, more.data != NULL ? more.data : "");
    } else {
        json_begin(&j, &k->out->body);
        json_open_object(&j, NULL);
        json_bool(&j, "register", false);
        json_int(&j, "count", 0);
        json_str(&j, "why", why);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    buf_free(&more);
}

int desk_operators(struct desk *k)
{
    const char *limit = desk_query(k, "limit");
    int64_t most = limit == NULL || *limit == '\0' ? LISTED : strtoll(limit, NULL, 10);

    if (most < 1 || most > 999999)
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_LIMIT, limit);
    pthread_mutex_lock(&k->gw->lock);
    if (k->gw->operators != NULL)
        list_register(k, k->gw->operators, most);
    else
        list_nothing(k);
    pthread_mutex_unlock(&k->gw->lock);
    return GLN_OK;
}

/* --- one operator --- */

struct saying {
    struct desk *k;
    struct json_out j;
    struct fact {
        struct register_fact f; /* its strings owned, in this order: source, who, a, b, c */
        char *texts[5];
    } * items;
    size_t count, cap;
    bool failed;
};

/** What is told of a fact's third text: the key of a row, or a number as it was given, without a person's. */
static char *told(const struct register_fact *f, const char *text)
{
    struct buf key = BUF_INIT;

    if (f->kind == FACT_IDENTIFIER && str_eq(f->a, PERSON_KIND))
        return str_dup("***");
    if (f->kind != FACT_ROW || text == NULL)
        return str_dup(text);
    operator_id_put(&key, text);
    return buf_take(&key, NULL);
}

static int collect(void *arg, const struct register_fact *f)
{
    struct saying *s = arg;

    if (s->count == s->cap) {
        size_t wanted = s->cap == 0 ? 32 : s->cap * 2;
        struct fact *more = realloc(s->items, wanted * sizeof *more);

        if (more == NULL) {
            s->failed = true;
            return 1;
        }
        s->items = more;
        s->cap = wanted;
    }
    struct fact *item = &s->items[s->count++];
    *item =
        (struct fact){.f = *f,
                      .texts = {str_dup(f->source), str_dup(f->who), str_dup(f->a),
                                f->kind == FACT_IDENTIFIER ? told(f, f->b) : str_dup(f->b), told(f, f->c)}};
    item->f.source = item->texts[0];
    item->f.who = item->texts[1];
    item->f.a = item->texts[2];
    item->f.b = item->texts[3];
    item->f.c = item->texts[4];
    return 0;
}

static void saying_free(struct saying *s)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t t = 0; t < 5; t++)
            free(s->items[i].texts[t]);
    free(s->items);
}

static const char *text_or(const char *text, const char *otherwise)
{
    return text != NULL && *text != '\0' ? text : otherwise;
}

static void fact_text(struct desk *k, const struct register_fact *f, bool history)
{
    static const enum message_id ids[FACT_END] = {[FACT_ROW] = MSG_DESK_FACT_ROW,
                                                  [FACT_IDENTIFIER] = MSG_DESK_FACT_IDENTIFIER,
                                                  [FACT_CERTIFICATE] = MSG_DESK_FACT_CERTIFICATE,
                                                  [FACT_STATUS] = MSG_DESK_FACT_STATUS,
                                                  [FACT_BINDING] = MSG_DESK_FACT_BINDING};
    enum message_id id = f->kind == FACT_ROW && !f->listed ? MSG_DESK_FACT_GONE : ids[f->kind];
    char at[25];
    char until[25];
    char d1[11];
    char d2[11];

    day_text(d1, f->d1);
    day_text(d2, f->d2);
    if (history) {
        time_format(at, f->at_ms);
        time_format(until, f->until_ms);
        buf_printf(&k->out->body, "%s%s%s", at, f->until_ms != 0 ? " - " : "", f->until_ms != 0 ? until : "");
    }
    DESK_SAY(k, id, text_or(f->source, text_or(f->who, "-")), text_or(f->a, "-"), text_or(f->b, "-"),
             text_or(f->c, "-"), text_or(d1, "-"), text_or(d2, "-"), text_or(f->who, "-"));
}

static void fact_json(struct json_out *j, const struct register_fact *f)
{
    static const struct {
        const char *kind, *a, *b, *c, *d1, *d2;
    } names[FACT_END] = {[FACT_ROW] = {"row", "name", "tax", "key", "list_date", NULL},
                         [FACT_IDENTIFIER] = {"identifier", "kind", "value", "given", NULL, NULL},
                         [FACT_CERTIFICATE] = {"certificate", "programme", "class", "number", "from", "to"},
                         [FACT_STATUS] = {"status", "programme", "class", "status", "effective", NULL},
                         [FACT_BINDING] = {"binding", "submitter", "capacity", "document", "from", "until"}};
    char at[25];

    json_open_object(j, NULL);
    json_str(j, "fact", names[f->kind].kind);
    json_str(j, "source", text_or(f->source, NULL));
    json_str(j, "who", f->who);
    json_str(j, names[f->kind].a, f->a);
    json_str(j, names[f->kind].b, f->b);
    json_str(j, names[f->kind].c, f->c);
    if (names[f->kind].d1 != NULL)
        json_day(j, names[f->kind].d1, f->d1);
    if (names[f->kind].d2 != NULL)
        json_day(j, names[f->kind].d2, f->d2);
    if (f->kind == FACT_ROW)
        json_bool(j, "listed", f->listed);
    time_format(at, f->at_ms);
    json_str(j, "learned", at);
    time_format(at, f->until_ms);
    json_str(j, "until", f->until_ms != 0 ? at : NULL);
    json_end_object(j);
}

static int by_time(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    int order = (x->f.at_ms > y->f.at_ms) - (x->f.at_ms < y->f.at_ms);

    if (order == 0)
        order = (int)x->f.kind - (int)y->f.kind;
    return order != 0 ? order : (x->f.entry > y->f.entry) - (x->f.entry < y->f.entry);
}

/** Two words of one voice: a source's row about a programme and class, or what persons said of it about a programme. */
static bool same_voice(const struct register_fact *f, const struct register_fact *g)
{
    return g->kind == FACT_STATUS && g->entry == f->entry && (g->who == NULL) == (f->who == NULL) &&
           str_eq(g->a, f->a) && (f->who != NULL || str_eq(g->b, f->b));
}

/** A voice's last word, of a row that is listed; a person who reinstates says no more than that he has no objection. */
static bool stands(const struct saying *s, size_t at)
{
    const struct register_fact *f = &s->items[at].f;

    if (f->kind != FACT_STATUS || (f->who != NULL && str_eq(f->c, status_text(STATUS_CERTIFIED))))
        return false;
    for (size_t i = 0; i < s->count; i++) {
        const struct register_fact *g = &s->items[i].f;

        if ((i > at && same_voice(f, g)) ||
            (f->who == NULL && g->kind == FACT_ROW && g->entry == f->entry && !g->listed))
            return false;
    }
    return true;
}

static bool differ(const struct register_fact *f, const struct register_fact *g)
{
    return str_eq(f->a, g->a) && (f->who != NULL || g->who != NULL || str_eq(f->b, g->b)) &&
           !str_eq(f->c, g->c);
}

static void conflicts(struct desk *k, const struct saying *s)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t n = 0; stands(s, i) && n < i; n++) {
            const struct register_fact *f = &s->items[i].f;
            const struct register_fact *g = &s->items[n].f;

            if (stands(s, n) && differ(f, g))
                DESK_SAY(k, MSG_DESK_CONFLICT, f->a, f->who == NULL ? f->b : g->b,
                         text_or(g->source, text_or(g->who, "-")), g->c,
                         text_or(f->source, text_or(f->who, "-")), f->c);
        }
}

/** Of each certificate the status that counts today, as a decision takes it. */
static void counting(struct saying *s, const char *id)
{
    struct desk *k = s->k;
    const struct operators *o;

    pthread_mutex_lock(&k->gw->lock);
    o = k->gw->operators;
    for (size_t i = 0; o != NULL && i < o->rows.count; i++) {
        const struct operator_row *row = &o->rows.items[i];

        if (strcmp(row->id, id) != 0)
            continue;
        if (!k->in->text)
            certificates_json(k, &s->j, o, row);
        for (size_t n = 0; k->in->text && n < row->certificate_count; n++) {
            const struct certificate *c = &o->certificates.items[row->first_certificate + n];

            DESK_SAY(k, MSG_DESK_COUNTS, o->programmes.items[c->programme_index].code, c->class_code,
                     c->environment, status_text(status_today(o, c, clock_wall_ms(k->ctx->clock))));
        }
        break;
    }
    pthread_mutex_unlock(&k->gw->lock);
}

static void answer(struct saying *s, const char *id, bool history)
{
    struct desk *k = s->k;
    struct buf shown = BUF_INIT;

    operator_id_put(&shown, id);
    const char *named = shown.failed ? "***" : shown.data;
    if (history && s->count > 1)
        qsort(s->items, s->count, sizeof *s->items, by_time);
    if (k->in->text) {
        buf_printf(&k->out->body, "%s\n", named);
        for (size_t i = 0; i < s->count; i++)
            fact_text(k, &s->items[i].f, history);
        if (!history) {
            conflicts(k, s);
            counting(s, id);
        }
        buf_free(&shown);
        return;
    }
    json_begin(&s->j, &k->out->body);
    json_open_object(&s->j, NULL);
    json_str(&s->j, "id", named);
    json_open_array(&s->j, "facts");
    for (size_t i = 0; i < s->count; i++)
        fact_json(&s->j, &s->items[i].f);
    json_end_array(&s->j);
    if (!history)
        counting(s, id);
    json_end_object(&s->j);
    buf_putc(&k->out->body, '\n');
    buf_free(&shown);
}

static int one(struct desk *k, bool history)
{
    struct saying s = {.k = k};
    struct register_entries entries;
    struct buf id = BUF_INIT;
    int status = desk_operator(k, desk_segment(k, 2), &entries, &id);

    if (status == GLN_OK)
        status = register_facts(k->ctx, ledger_store(k->gw->ledger), &entries, history, collect, &s);
    if (status == GLN_OK && s.failed)
        status = context_no_memory(k->ctx);
    if (status == GLN_OK)
        answer(&s, id.data, history);
    saying_free(&s);
    free(entries.items);
    buf_free(&id);
    return status;
}

int desk_operator_show(struct desk *k)
{
    return one(k, false);
}

int desk_operator_history(struct desk *k)
{
    return one(k, true);
}

/* --- arrangements --- */

static void arrangement_text(struct desk *k, const struct arrangement *a)
{
    char effective[11];
    char ended[11];
    struct buf vouches = BUF_INIT;

    day_text(effective, a->effective);
    day_text(ended, a->ended);
    if (a->confirmed)
        message_put(&vouches, MSG_DESK_VOUCHES, k->in->language, CTX_ARGS(text_or(a->confirmed_by, "-")));
    buf_printf(&k->out->body, "%s  %s -> %s  %s  %s%s%s  %s %s%s\n    %s\n", a->id, a->home, a->destination,
               arrangement_state_text(a->state), text_or(effective, "-"), *ended != '\0' ? " - " : "", ended,
               a->roles != NULL && a->roles[1] != '\0' ? a->roles : "-", a->kinds,
               vouches.data != NULL ? vouches.data : "", text_or(a->source, "-"));
    buf_free(&vouches);
}

static void arrangement_json(struct json_out *j, const struct arrangement *a)
{
    json_open_object(j, NULL);
    json_str(j, "id", a->id);
    json_str(j, "home", a->home);
    json_str(j, "destination", a->destination);
    json_str(j, "state", arrangement_state_text(a->state));
    json_day(j, "effective", a->effective);
    json_day(j, "ended", a->ended);
    json_str(j, "roles", a->roles);
    json_str(j, "identifiers", a->kinds);
    json_bool(j, "consent", a->consent);
    json_bool(j, "confirmed", a->confirmed);
    json_str(j, "confirmed_by", a->confirmed_by);
    json_str(j, "source", a->source);
    json_end_object(j);
}

int desk_arrangements(struct desk *k)
{
    struct json_out j;
    const struct operators *o;

    json_begin(&j, &k->out->body);
    if (!k->in->text) {
        json_open_object(&j, NULL);
        json_open_array(&j, "arrangements");
    }
    pthread_mutex_lock(&k->gw->lock);
    o = k->gw->operators;
    for (size_t i = 0; o != NULL && i < o->arrangements.count; i++)
        if (k->in->text)
            arrangement_text(k, &o->arrangements.items[i]);
        else
            arrangement_json(&j, &o->arrangements.items[i]);
    if (o == NULL && k->in->text)
        list_nothing(k);
    pthread_mutex_unlock(&k->gw->lock);
    if (!k->in->text) {
        json_end_array(&j);
        json_end_object(&j);
        buf_putc(&k->out->body, '\n');
    }
    return GLN_OK;
}
