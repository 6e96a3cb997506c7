/*
 * Alerts about what is unusual (trust/watch.h). They are counted in the transaction that keeps a declaration, so a repetition of the
 * same submission counts once, and what is not kept does not count; those of a decision made again, when it is written down.
 *
 * Three tables, each asked by its key only: what each importer has used so far, the doubtful numbers of each submitter that are still
 * within the window, and how often each kind of alert was raised for each submitter. A doubtful number counts once however often it
 * is named, and every number is told of once: the next alert wants as many new ones again.
 *
 * Nothing in here refuses, holds or re-lanes anything. What is said is kept as a reason and told in the reader's language.
 */
#include "trust/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/decide.h"
#include "trust/register_sql.h"
#include "util/str.h"

const char watch_schema[] =
    "CREATE TABLE IF NOT EXISTS watch_use(environment TEXT NOT NULL, destination TEXT NOT NULL, importer "
    "TEXT NOT NULL, what TEXT NOT NULL, value TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY "
    "KEY(environment, "
    "destination, importer, what, value)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS watch_number(environment TEXT NOT NULL, submitter TEXT NOT NULL, number TEXT "
    "NOT NULL, seen_ms INTEGER NOT NULL, told INTEGER NOT NULL, PRIMARY KEY(environment, submitter, number)) "
    "WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS watch_number_seen ON watch_number(environment, submitter, seen_ms);"
    "CREATE INDEX IF NOT EXISTS watch_number_untold ON watch_number(environment, submitter) WHERE told=0;"
    "CREATE TABLE IF NOT EXISTS watch_count(environment TEXT NOT NULL, submitter TEXT NOT NULL, kind TEXT "
    "NOT "
    "NULL, times INTEGER NOT NULL, PRIMARY KEY(environment, submitter, kind)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS watch_alert(id INTEGER PRIMARY KEY, declaration TEXT NOT NULL, at_ms INTEGER "
    "NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS watch_alert_of ON watch_alert(declaration, id);";

static const char *const words[WATCH_COUNT] = {
#define ROW(name, word) [WATCH_##name] = word,
    WATCH_KINDS(ROW)
#undef ROW
};

const char *watch_word(enum watch_kind kind)
{
    return (unsigned)kind < WATCH_COUNT ? words[kind] : "";
}

/* ---- while the parties are at hand ---- */

static void number_write(char out[80], const char *kind, const char *value)
{
    snprintf(out, 80, "%.14s:%.64s", kind != NULL && kind[0] != '\0' ? kind : "-", value);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

bool doubts_gather(struct lane_decision *d, const struct match *matches, size_t count)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < count; i++)
        n += matches[i].trouble == REASON_B03 || matches[i].trouble == REASON_B07;
    if (n == 0)
        return true;
    d->doubts = calloc(n, sizeof *d->doubts);
    if (d->doubts == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (matches[i].trouble == REASON_B03 || matches[i].trouble == REASON_B07)
            number_write(d->doubts[d->doubt_count++], matches[i].kind, matches[i].value);
    qsort(d->doubts, n, sizeof *d->doubts, by_text);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(d->doubts[kept - 1], d->doubts[i]) != 0)
            memmove(d->doubts[kept++], d->doubts[i], sizeof *d->doubts);
    d->doubt_count = kept;
    return true;
}

/* The importer whom a register need not know; a number that is none tells nobody apart. */
static void importer_write(char out[80], const struct lane_facts *f)
{
    char value[64];
    bool changed;
    out[0] = '\0';
    for (size_t i = 0; i < f->party_count && out[0] == '\0'; i++) {
        const struct party *p = &f->parties[i];
        bool typed = p->kind != NULL && p->kind[0] != '\0';
        if (str_eq(p->role, "IM") && p->id != NULL &&
            identifier_normalise(value, sizeof value, typed ? p->kind : UNTYPED_KIND, p->id, &changed))
            number_write(out, typed ? p->kind : UNTYPED_KIND, value);
    }
}

/* Upper case, without the blanks around it; what is longer than any office's code is none. */
static void place_write(char *out, size_t size, const char *place)
{
    size_t n = 0;
    for (; place != NULL && *place == ' '; place++)
        ;
    for (; place != NULL && place[n] != '\0' && n + 1 < size; n++)
        out[n] = str_upper(place[n]);
    if (place == NULL || place[n] != '\0')
        n = 0;
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

void watch_take(struct watch *out, const struct lane_facts *facts, struct lane_decision *d, const char *place)
{
    *out = (struct watch){.numbers = d->doubts, .number_count = d->doubt_count, .alert = d->alert};
    d->doubts = NULL;
    d->doubt_count = 0;
    importer_write(out->importer, facts);
    place_write(out->place, sizeof out->place, place);
    str_copy(out->destination, sizeof out->destination, facts->destination != NULL ? facts->destination : "");
    str_copy(out->environment, sizeof out->environment, facts->environment != NULL ? facts->environment : "");
}

void watch_free(struct watch *w)
{
    free(w->numbers);
    w->numbers = NULL;
    w->number_count = 0;
}

/* ---- in the transaction of keep ---- */

static int count_for(struct store_conn *c, struct gln_context *ctx, const char *environment,
                     const char *submitter, enum watch_kind kind)
{
    return register_run(c, ctx,
                        "INSERT INTO watch_count(environment, submitter, kind, times) VALUES(?1, ?2, ?3, 1) "
                        "ON CONFLICT DO UPDATE SET times = times + 1",
                        ARGS(arg_text(environment), arg_text(submitter), arg_text(words[kind])));
}

static int count_alert(struct store_conn *c, struct gln_context *ctx, const struct watch_note *n,
                       enum watch_kind kind)
{
    return count_for(c, ctx, n->watch->environment, n->submitter, kind);
}

static int raise_alert(struct store_conn *c, struct gln_context *ctx, struct watch_note *n,
                       enum watch_kind kind)
{
    int status = register_run(
        c, ctx, "INSERT INTO watch_alert(declaration, at_ms, kind, reason) VALUES(?1, ?2, ?3, ?4)",
        ARGS(arg_text(n->declaration), arg_int(n->at_ms), arg_text(words[kind]),
             arg_text(n->found[kind].text)));
    return status == GLN_OK ? count_alert(c, ctx, n, kind) : status;
}

/* One more use of a port or a submitter by the importer: *before all uses of the sort, *known whether this one was among them. */
static int use(struct store_conn *c, struct gln_context *ctx, const struct watch *w, const char *what,
               const char *value, int64_t *before, bool *known)
{
    int64_t times = 0;
    int status = register_number(
        c, ctx, before, 0,
        "SELECT sum(times) FROM watch_use WHERE environment=?1 AND destination=?2 AND importer=?3 AND "
        "what=?4",
        ARGS(arg_text(w->environment), arg_text(w->destination), arg_text(w->importer), arg_text(what)));
    if (status == GLN_OK)
        status = register_number(
            c, ctx, &times, 0,
            "SELECT times FROM watch_use WHERE environment=?1 AND destination=?2 AND importer=?3 AND what=?4 "
            "AND value=?5",
            ARGS(arg_text(w->environment), arg_text(w->destination), arg_text(w->importer), arg_text(what),
                 arg_text(value)));
    *known = times > 0;
    return status != GLN_OK
               ? status
               : register_run(c, ctx,
                              "INSERT INTO watch_use(environment, destination, importer, what, value, times) "
                              "VALUES(?1, ?2, ?3, ?4, ?5, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                              ARGS(arg_text(w->environment), arg_text(w->destination), arg_text(w->importer),
                                   arg_text(what), arg_text(value)));
}

static const char *shown(const char *submitter)
{
    return submitter[0] != '\0' ? submitter : "local";
}

static int write_port(struct store_conn *c, struct gln_context *ctx, struct watch_note *n)
{
    const struct watch *w = n->watch;
    int64_t before = 0;
    bool known = true;
    char count[24];
    int status = w->place[0] != '\0' ? use(c, ctx, w, words[WATCH_PORT], w->place, &before, &known) : GLN_OK;
    if (status != GLN_OK || known || n->past == 0 || before < n->past)
        return status;
    snprintf(count, sizeof count, "%lld", (long long)before);
    reason_make(&n->found[WATCH_PORT], MSG_REASON_WATCH_PORT, CTX_ARGS(w->place, count, shown(n->submitter)));
    return raise_alert(c, ctx, n, WATCH_PORT);
}

static int write_submitter(struct store_conn *c, struct gln_context *ctx, struct watch_note *n)
{
    int64_t before = 0;
    bool known = true;
    char count[24];
    int status = use(c, ctx, n->watch, words[WATCH_SUBMITTER], n->submitter, &before, &known);
    if (status != GLN_OK || known || before == 0)
        return status;
    snprintf(count, sizeof count, "%lld", (long long)before);
    reason_make(&n->found[WATCH_SUBMITTER], MSG_REASON_WATCH_SUBMITTER, CTX_ARGS(shown(n->submitter), count));
    return raise_alert(c, ctx, n, WATCH_SUBMITTER);
}

static int note_numbers(struct store_conn *c, struct gln_context *ctx, const struct watch_note *n)
{
    const struct watch *w = n->watch;
    int status = register_run(
        c, ctx, "DELETE FROM watch_number WHERE environment=?1 AND submitter=?2 AND seen_ms<?3",
        ARGS(arg_text(w->environment), arg_text(n->submitter), arg_int(n->at_ms - n->window_ms)));
    for (size_t i = 0; status == GLN_OK && i < w->number_count; i++)
        status = register_run(
            c, ctx,
            "INSERT INTO watch_number(environment, submitter, number, seen_ms, told) VALUES(?1, ?2, ?3, ?4, "
            "0) ON CONFLICT DO UPDATE SET seen_ms = excluded.seen_ms",
            ARGS(arg_text(w->environment), arg_text(n->submitter), arg_text(w->numbers[i]),
                 arg_int(n->at_ms)));
    return status;
}

static int write_numbers(struct store_conn *c, struct gln_context *ctx, struct watch_note *n)
{
    const char *environment = n->watch->environment;
    int64_t untold = 0;
    char count[24], minutes[24];
    int status = GLN_OK;
    if (n->numbers == 0 || n->watch->number_count == 0)
        return GLN_OK;
    status = note_numbers(c, ctx, n);
    if (status == GLN_OK)
        status = register_number(
            c, ctx, &untold, 0,
            "SELECT count(*) FROM watch_number WHERE environment=?1 AND submitter=?2 AND told=0",
            ARGS(arg_text(environment), arg_text(n->submitter)));
    if (status != GLN_OK || untold < n->numbers)
        return status;
    snprintf(count, sizeof count, "%lld", (long long)untold);
    snprintf(minutes, sizeof minutes, "%lld", (long long)((n->window_ms + 59999) / 60000));
    reason_make(&n->found[WATCH_NUMBERS], MSG_REASON_WATCH_NUMBERS,
                CTX_ARGS(count, shown(n->submitter), minutes));
    status = register_run(c, ctx, "UPDATE watch_number SET told=1 WHERE environment=?1 AND submitter=?2",
                          ARGS(arg_text(environment), arg_text(n->submitter)));
    return status == GLN_OK ? raise_alert(c, ctx, n, WATCH_NUMBERS) : status;
}

int watch_write(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct watch_note *n = arg;
    int status = GLN_OK;
    memset(n->found, 0, sizeof n->found);
    if (n->watch->importer[0] != '\0') {
        status = write_port(c, ctx, n);
        if (status == GLN_OK)
            status = write_submitter(c, ctx, n);
    }
    if (status == GLN_OK)
        status = write_numbers(c, ctx, n);
    if (status == GLN_OK && n->watch->alert != ALERT_NONE)
        status = count_alert(c, ctx, n, n->watch->alert == ALERT_SECURITY ? WATCH_SECURITY : WATCH_REVIEW);
    return status;
}

/* ---- a decision made again ---- */

static int write_recall(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    const struct watch_recall *r = arg;
    enum watch_kind kind = r->alert == ALERT_SECURITY ? WATCH_SECURITY : WATCH_REVIEW;
    struct reason why;
    int status = register_run(
        c, ctx,
        "INSERT INTO watch_alert(declaration, at_ms, kind, reason) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS("
        "SELECT 1 FROM watch_alert WHERE declaration=?1 AND at_ms=?2 AND kind=?3 AND reason=?4)",
        ARGS(arg_text(r->declaration), arg_int(r->at_ms), arg_text(words[kind]),
             arg_text(reason_make(&why, MSG_REASON_WATCH_RECALL, CTX_ARGS(r->primary)))));
    return status == GLN_OK && store_changes(c) > 0 ? count_for(c, ctx, r->environment, r->submitter, kind)
                                                    : status;
}

int watch_recalled(struct store *s, struct gln_context *ctx, const struct watch_recall *r)
{
    struct watch_recall copy = *r;
    return store_write(s, ctx, write_recall, &copy);
}

/* ---- telling ---- */

struct asked {
    const char *key; /* a declaration, or an environment */
    const char *asker;
    void (*alert)(void *arg, const char *kind, int64_t at_ms, const char *reason);
    void (*count)(void *arg, const char *submitter, const char *kind, int64_t times);
    void *arg;
};

static int read_rows(struct store_conn *c, struct gln_context *ctx, const struct asked *a, const char *sql)
{
    struct store_stmt *st = register_bind(c, ctx, sql, ARGS(arg_text(a->key), arg_text(a->asker)));
    int more = st != NULL ? 1 : ctx->error.status;
    while (more > 0 && (more = stmt_step(st, ctx)) > 0) {
        if (a->alert != NULL)
            a->alert(a->arg, stmt_col_text(st, 0), stmt_col_int(st, 2), stmt_col_text(st, 1));
        else
            a->count(a->arg, stmt_col_text(st, 0), stmt_col_text(st, 1), stmt_col_int(st, 2));
    }
    stmt_done(st);
    return more;
}

static int read_alerts(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    return read_rows(
        c, ctx, arg,
        "SELECT kind, reason, at_ms FROM watch_alert WHERE declaration=?1 AND ?2 IS NULL ORDER BY id");
}

static int read_counts(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    return read_rows(
        c, ctx, arg,
        "SELECT CASE WHEN submitter<>coalesce(?2, submitter) THEN '(others)' WHEN submitter='' THEN "
        "'(local)' WHEN EXISTS(SELECT 1 FROM submitter s WHERE s.name=watch_count.submitter) THEN "
        "submitter ELSE '(others)' END AS who, kind, "
        "sum(times) FROM watch_count WHERE environment=?1 GROUP BY who, kind ORDER BY who, kind");
}

int watch_of(struct store *s, struct gln_context *ctx, const char *declaration,
             void (*each)(void *arg, const char *kind, int64_t at_ms, const char *reason), void *arg)
{
    struct asked a = {.key = declaration, .alert = each, .arg = arg};
    return store_read(s, ctx, read_alerts, &a);
}

int watch_counts(struct store *s, struct gln_context *ctx, const char *environment, const char *asker,
                 void (*each)(void *arg, const char *submitter, const char *kind, int64_t times), void *arg)
{
    struct asked a = {.key = environment, .asker = asker, .count = each, .arg = arg};
    return store_read(s, ctx, read_counts, &a);
}
