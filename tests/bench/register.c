/*
 * The register of operators: what a decision costs against many, and what writing a list into the tables costs.
 *
 * A list of made-up rows, each an operator with one number, one certificate and one status, goes in by register_begin(), _put() and
 * _end() inside one write. The same rows go into a second file of the same tables by a bare loop of the same four INSERTs over
 * sqlite3, in one transaction too; it neither looks for rows that were there before nor computes a digest. Both on the wall, since
 * the disk is part of it. The decision is asked of a snapshot as greenlaned holds one, over six parties that are all known.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "flow/internal.h"
#include "trust/identity.h"
#include "trust/register_store.h"
#include "util/str.h"

/* --- the rows --- */

struct made {
    char key[24], name[40], number[16];
    bool importer; /* one of C-TPAT; else an exporter of the European Union */
};

static void make_row(struct made *m, unsigned i)
{
    m->importer = i % 2 == 0;
    snprintf(m->key, sizeof m->key, "%07u", i);
    snprintf(m->name, sizeof m->name, "Operator %u of the List, Inc.", i);
    snprintf(m->number, sizeof m->number, m->importer ? "%09u" : "DEOPE%07uX", i);
}

static const char *kind_of(const struct made *m)
{
    return m->importer ? "EI" : "MID";
}

static const char *programme_of(const struct made *m)
{
    return m->importer ? "US-CTPAT" : "EU-AEO";
}

static const char *class_of(const struct made *m)
{
    return m->importer ? "T2" : "AEOF";
}

struct list {
    unsigned rows;
    struct register_counts counts;
};

static int put_row(struct register_import *im, unsigned i)
{
    struct made m;
    const struct event certified = {.status = STATUS_CERTIFIED, .from = 20240101, .learned_ms = INT64_MIN};

    make_row(&m, i);
    const struct identifier number = {.kind = kind_of(&m), .value = m.number, .given = m.number};
    const struct row_certificate held = {.programme = programme_of(&m),
                                         .class_code = class_of(&m),
                                         .consent = true,
                                         .from = 20240101,
                                         .to = 20271231,
                                         .list_date = 20260720,
                                         .events = &certified,
                                         .event_count = 1};
    const struct register_row row = {.key = m.key,
                                     .name = m.name,
                                     .identifiers = &number,
                                     .identifier_count = 1,
                                     .certificates = &held,
                                     .certificate_count = 1};
    return register_put(im, &row, (int64_t)i + 1);
}

/* What the chain's row says is made, its one row is not. */
static int no_chain(struct store_conn *c, struct gln_context *ctx, int64_t at_ms, const char *kind,
                    const char *who, const char *data)
{
    (void)c, (void)ctx, (void)at_ms, (void)kind, (void)who, (void)data;
    return GLN_OK;
}

static int put_list(struct store_conn *c, struct gln_context *ctx, void *arg)
{
    struct list *l = arg;
    const struct register_batch batch = {.kind = SOURCE_LIST,
                                         .source = "bench",
                                         .environment = "TEST",
                                         .who = "bench",
                                         .sha256 = "00",
                                         .as_of = 20260720,
                                         .max_shrink = 100};
    struct register_import *im = NULL;
    int status = register_begin(&im, c, ctx, &batch);

    for (unsigned i = 0; status == GLN_OK && i < l->rows; i++)
        status = put_row(im, i);
    if (status == GLN_OK)
        status = register_end(im, no_chain, &l->counts);
    register_import_free(im);
    return status;
}

/* --- the bare loop --- */

static const char *const inserts[] = {
    "INSERT INTO operator(id, entry, source, environment, key, name, name_folded, country, address, tax, "
    "listed, digest, batch, learned_ms) VALUES(?1, ?1, 'bench', 'TEST', ?2, ?3, ?3, NULL, NULL, NULL, 1, "
    "x'00112233445566778899aabbccddeeff', 1, 1784829600000)",
    "INSERT INTO operator_identifier(operator, position, kind, value_norm, value_as_given) "
    "VALUES(?1, 0, ?2, ?3, ?3)",
    "INSERT INTO certificate(entry, programme, class, number, environment, day_from, day_to, consent, "
    "consent_from, consent_to, list_date, days, batch, learned_ms) VALUES(?1, ?2, ?3, NULL, 'TEST', "
    "20240101, "
    "20271231, 1, NULL, NULL, 20260720, 0, 1, 1784829600000)",
    "INSERT INTO status_event(entry, programme, class, status, effective, learned_ms, learned_said, "
    "kept_ms, batch, who) VALUES(?1, ?2, ?3, 'CERTIFIED', 20240101, 1784829600000, 0, 1784829600000, 1, "
    "'bench')",
};
enum { INSERTS = sizeof inserts / sizeof inserts[0] };

static bool insert(sqlite3_stmt *st, unsigned id, const char *second, const char *third)
{
    bool ok = sqlite3_bind_int64(st, 1, id) == SQLITE_OK &&
              sqlite3_bind_text(st, 2, second, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
              sqlite3_bind_text(st, 3, third, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_DONE;

    sqlite3_reset(st);
    return ok;
}

static bool insert_all(sqlite3 *db, unsigned rows)
{
    sqlite3_stmt *st[INSERTS] = {NULL};
    bool ok = sqlite3_exec(db, "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; BEGIN IMMEDIATE", NULL, NULL,
                           NULL) == SQLITE_OK;

    for (int i = 0; ok && i < INSERTS; i++)
        ok = sqlite3_prepare_v2(db, inserts[i], -1, &st[i], NULL) == SQLITE_OK;
    for (unsigned i = 0; ok && i < rows; i++) {
        struct made m;

        make_row(&m, i);
        ok = insert(st[0], i + 1, m.key, m.name) && insert(st[1], i + 1, kind_of(&m), m.number) &&
             insert(st[2], i + 1, programme_of(&m), class_of(&m)) &&
             insert(st[3], i + 1, programme_of(&m), class_of(&m));
    }
    for (int i = 0; i < INSERTS; i++)
        sqlite3_finalize(st[i]);
    return ok && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

/* --- measuring --- */

static void remove_store(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char file[400];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        (void)unlink(file);
    }
}

/* With the tables of identities: a change of the register seals all that is sealed. */
static bool open_tables(const struct bed *b, const char *path, struct store **s)
{
    return store_open(s, b->ctx, path, trust_schema) == GLN_OK &&
           store_schema(*s, b->ctx, register_schema) == GLN_OK;
}

/* Seconds for a list in tables that were empty; the store stays open. */
static bool time_import(const struct bed *b, const char *path, unsigned rows, struct store **s, double *took)
{
    struct list l = {.rows = rows};
    bool ok = open_tables(b, path, s);
    double since = wall_now();

    ok = ok && store_write(*s, b->ctx, put_list, &l) == GLN_OK && l.counts.added == rows;
    *took = wall_now() - since;
    return ok;
}

static bool time_bare(const struct bed *b, const char *path, unsigned rows, double *took)
{
    struct store *s = NULL;
    sqlite3 *db = NULL;
    bool ok = open_tables(b, path, &s);

    store_close(s);
    ok = ok && sqlite3_open(path, &db) == SQLITE_OK;
    double since = wall_now();
    ok = ok && insert_all(db, rows);
    *took = wall_now() - since;
    sqlite3_close(db);
    remove_store(path);
    return ok;
}

static bool compare_import(const struct bed *b, unsigned rows)
{
    char path[300], bare_path[300];
    struct store *s = NULL;
    double took = 0, bare = 0;

    snprintf(path, sizeof path, "%s/list", b->folder);
    snprintf(bare_path, sizeof bare_path, "%s/bare", b->folder);
    bool ok = time_bare(b, bare_path, rows, &bare) && time_import(b, path, rows, &s, &took);
    if (ok)
        printf("{\"name\":\"register import\",\"rows\":%u,\"per_s\":%.1f,\"limit_per_s\":%.1f,"
               "\"ratio\":%.3f,\"times_the_bare_loop\":%.2f}\n",
               rows, rows / took, rows / bare, bare / took, took / bare);
    store_close(s);
    remove_store(path);
    return ok;
}

static bool decide(const struct bed *b, const struct operators *o, const struct party *parties, size_t count)
{
    const struct lane_facts facts = {.destination = "US",
                                     .zone = "America/New_York",
                                     .environment = "TEST",
                                     .claimed = true,
                                     .at_ms = clock_wall_ms(b->ctx->clock),
                                     .parties = parties,
                                     .party_count = count};
    struct lane_decision d;
    bool ok = lane_decide(&d, b->ctx, o, &facts) == GLN_OK && d.lane == LANE_EXPEDITED;

    lane_decision_free(&d);
    return ok;
}

enum { PARTIES = 6 };

/* Six parties spread over the register, every other one written as the register has it, the others in capitals. */
static void make_parties(struct party parties[PARTIES], struct made made[PARTIES], unsigned operators)
{
    static const char *const roles[PARTIES] = {"IM", "EX", "MF", "FW", "CS", "WH"};

    for (unsigned i = 0; i < PARTIES; i++) {
        bool actor = i >= 3;

        make_row(&made[i], (operators / 7 * (i + 1) & ~1u) + (i > 0));
        for (char *c = made[i].name; i % 2 == 0 && *c != '\0'; c++)
            *c = str_upper(*c);
        parties[i] = (struct party){.role = actor ? "ACTOR" : roles[i],
                                    .code = actor ? roles[i] : NULL,
                                    .kind = kind_of(&made[i]),
                                    .id = made[i].number,
                                    .name = made[i].name,
                                    .path = "/"};
    }
}

/* Decisions a second over six parties; the rounds alternate with signatures. */
static bool compare_decision(const struct bed *b, const struct operators *o, unsigned operators, int rounds,
                             double slice)
{
    struct made made[PARTIES];
    struct party parties[PARTIES];
    double best = 0, limit = 0, cost = 0;
    bool ok = true;

    make_parties(parties, made, operators);
    for (int round = 0; ok && round < rounds; round++) {
        double took[2] = {0, 0};
        unsigned count[2] = {0, 0};

        for (int what = 0; what < 2; what++) {
            double since = cpu_now();

            while (ok && (count[what] == 0 || took[what] < slice)) {
                ok = what == 0 ? limit_once(b) : decide(b, o, parties, PARTIES);
                count[what]++;
                took[what] = cpu_now() - since;
            }
        }
        limit += count[0] / took[0] / rounds;
        best += count[1] / took[1] / rounds;
        cost += took[1] / count[1] / (took[0] / count[0]) / rounds;
    }
    if (ok)
        printf("{\"name\":\"lane decision over six parties\",\"operators\":%u,\"per_s\":%.1f,\"limit_per_s\":"
               "%.1f,\"ratio\":%.2f,\"of_a_signature\":%.4f}\n",
               operators, best, limit, 1 / cost, cost);
    return ok;
}

/* The snapshot greenlaned would hold of so many operators; the store stays open. */
static bool load_register(const struct bed *b, unsigned operators, const char *path, struct store **s,
                          struct operators **o)
{
    char *shipped = engine_data_path(b->ctx->options, "schemas/greenlane/programmes.xml");
    double took;
    bool ok = shipped != NULL && time_import(b, path, operators, s, &took) &&
              register_load(o, b->ctx, *s, "TEST", 0, shipped) == GLN_OK && operators_count(*o) == operators;

    free(shipped);
    return ok;
}

static bool with_register(const struct bed *b, unsigned operators,
                          bool (*then)(const struct bed *b, const struct operators *o, void *arg), void *arg)
{
    char path[300];
    struct store *s = NULL;
    struct operators *o = NULL;

    snprintf(path, sizeof path, "%s/operators", b->folder);
    bool ok = load_register(b, operators, path, &s, &o) && then(b, o, arg);
    if (!ok)
        fprintf(stderr, "bench: register: %s\n", gln_context_error(b->ctx, GLN_EN));
    operators_free(o);
    store_close(s);
    remove_store(path);
    return ok;
}

struct measuring {
    unsigned operators, rows;
    int rounds;
    double slice;
};

static bool measure(const struct bed *b, const struct operators *o, void *arg)
{
    const struct measuring *m = arg;

    return compare_decision(b, o, m->operators, m->rounds, m->slice) && compare_import(b, m->rows);
}

bool register_measure(const struct bed *b, unsigned operators, unsigned rows, int rounds, double slice)
{
    struct measuring m = {operators, rows, rounds, slice};

    return with_register(b, operators, measure, &m);
}

static bool decide_often(const struct bed *b, const struct operators *o, void *arg)
{
    struct made made[PARTIES];
    struct party parties[PARTIES];
    bool ok = true;

    make_parties(parties, made, (unsigned)operators_count(o));
    for (int count = *(const int *)arg; ok && count > 0; count--)
        ok = decide(b, o, parties, PARTIES);
    return ok;
}

bool register_walk(const struct bed *b, unsigned operators, int count)
{
    return with_register(b, operators, decide_often, &count);
}
