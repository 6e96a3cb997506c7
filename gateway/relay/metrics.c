/*
 * Numbers about the service, in the text form Prometheus reads. Counters live here, under one mutex that is held for a few additions;
 * what stands in the ledger is asked of it when the page is read.
 * Owns only its counters; nothing here is fatal, and what cannot be read from the ledger is left out of the page.
 */
#include "relay/relay.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/version.h"

/* Upper bounds of the histogram in milliseconds; the last is everything. */
static const struct {
    int64_t ms;
    const char *label;
} bounds[METRICS_BUCKETS] = {{1, "0.001"}, {3, "0.003"}, {10, "0.01"}, {30, "0.03"},  {100, "0.1"},
                             {300, "0.3"}, {1000, "1"},  {3000, "3"},  {10000, "10"}, {INT64_MAX, "+Inf"}};

void metrics_init(struct metrics *m)
{
    memset(m, 0, sizeof *m);
    pthread_mutex_init(&m->mutex, NULL);
    m->started_ms = clock_wall_ms(NULL);
}

void metrics_answer(struct metrics *m, int http_status, int64_t took_ms)
{
    pthread_mutex_lock(&m->mutex);
    if (http_status > 0 && http_status < 600) {
        m->by_status[http_status]++;
    }
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        m->buckets[i] += took_ms <= bounds[i].ms;
    }
    m->count++;
    m->seconds += (double)took_ms / 1000;
    pthread_mutex_unlock(&m->mutex);
}

void metrics_step(struct metrics *m, bool failed)
{
    pthread_mutex_lock(&m->mutex);
    m->steps++;
    m->step_failures += failed;
    pthread_mutex_unlock(&m->mutex);
}

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP greenlane_%s %s\n# TYPE greenlane_%s %s\n", name, help, name, type);
}

static void put_requests(struct buf *out, struct metrics *m)
{
    pthread_mutex_lock(&m->mutex);
    head(out, "answers_total", "counter", "Answers to requests, by HTTP status.");
    for (int i = 0; i < 600; i++) {
        if (m->by_status[i] > 0) {
            buf_printf(out, "greenlane_answers_total{status=\"%d\"} %llu\n", i,
                       (unsigned long long)m->by_status[i]);
        }
    }
    head(out, "request_seconds", "histogram", "Time a request took in its worker.");
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        buf_printf(out, "greenlane_request_seconds_bucket{le=\"%s\"} %llu\n", bounds[i].label,
                   (unsigned long long)m->buckets[i]);
    }
    buf_printf(out, "greenlane_request_seconds_sum %.3f\ngreenlane_request_seconds_count %llu\n", m->seconds,
               (unsigned long long)m->count);
    head(out, "steps_total", "counter", "Pieces of outbound work done.");
    buf_printf(out, "greenlane_steps_total %llu\n", (unsigned long long)m->steps);
    head(out, "step_failures_total", "counter",
         "Pieces of outbound work that failed for trouble of our own.");
    buf_printf(out, "greenlane_step_failures_total %llu\n", (unsigned long long)m->step_failures);
    head(out, "start_time_seconds", "gauge", "When the service started.");
    buf_printf(out, "greenlane_start_time_seconds %.3f\n", (double)m->started_ms / 1000);
    pthread_mutex_unlock(&m->mutex);
}

static int put_filings(struct buf *out, struct gln_gateway *gw, struct gln_context *ctx)
{
    int64_t counts[FILING_STATE_COUNT];
    int status = ledger_counts(gw->ledger, ctx, counts);
    if (status != GLN_OK) {
        return status;
    }
    head(out, "filings", "gauge", "Filings in the ledger, by state.");
    for (int i = 0; i < FILING_STATE_COUNT; i++) {
        buf_printf(out, "greenlane_filings{state=\"%s\"} %lld\n", filing_state_name((enum filing_state)i),
                   (long long)counts[i]);
    }
    return GLN_OK;
}

/* How long the filing that goes next has been due. */
static void put_queue_age(struct buf *out, struct gln_gateway *gw, struct gln_context *ctx)
{
    struct ledger_filing next;
    int64_t now = clock_wall_ms(NULL), later = -1, age = 0;
    const struct ledger_due q = {.mask = 1U << FILING_QUEUED,
                                 .now_ms = now,
                                 .aged_ms = now - option_int(ctx->options, OPT_QUEUE_FLOOR)};
    if (ledger_next_due(gw->ledger, ctx, &q, &next, &later) == GLN_OK) {
        age = now - next.changed_ms;
    }
    context_ok(ctx);
    head(out, "queue_age_seconds", "gauge", "How long the filing that goes next has been in the queue.");
    buf_printf(out, "greenlane_queue_age_seconds %.3f\n", age > 0 ? (double)age / 1000 : 0.0);
}

static void put_refusals(struct buf *out, struct gln_gateway *gw)
{
    uint64_t counts[2][REFUSAL_COUNT];
    gateway_refusals(gw, counts);
    head(out, "refused_total", "counter", "Declarations that were brought and not kept, by cause.");
    for (int i = 0; i < 2; i++) {
        for (int r = 0; r < REFUSAL_COUNT; r++) {
            if (counts[i][r] > 0) {
                buf_printf(out, "greenlane_refused_total{cause=\"%s\",signed=\"%s\"} %llu\n",
                           refusal_name((enum refusal)r), i == 1 ? "yes" : "no",
                           (unsigned long long)counts[i][r]);
            }
        }
    }
}

static void put_store(struct buf *out, struct gln_gateway *gw)
{
    uint64_t commits = 0, writes = 0;
    store_stats(ledger_store(gw->ledger), &commits, &writes);
    head(out, "commits_total", "counter", "Durable commits of the ledger.");
    buf_printf(out, "greenlane_commits_total %llu\n", (unsigned long long)commits);
    head(out, "writes_total", "counter", "Writes those commits carried.");
    buf_printf(out, "greenlane_writes_total %llu\n", (unsigned long long)writes);
}

/* A label's value as Prometheus reads it. */
static void put_label(struct buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            buf_puts(out, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, *value);
    }
}

static void put_alert(void *arg, const char *submitter, const char *kind, int64_t times)
{
    struct buf *out = arg;
    buf_puts(out, "greenlane_alerts_total{submitter=\"");
    put_label(out, submitter);
    buf_printf(out, "\",kind=\"%s\"} %lld\n", kind, (long long)times);
}

static int put_alerts(struct buf *out, struct gln_gateway *gw, struct gln_context *ctx, const char *asker)
{
    head(out, "alerts_total", "counter",
         "Alerts about kept declarations, when kept and when decided again, by submitter and kind.");
    return watch_counts(ledger_store(gw->ledger), ctx, option_text(ctx->options, OPT_ENVIRONMENT), asker,
                        put_alert, out);
}

static void put_process(struct buf *out)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f != NULL) {
        if (fscanf(f, "%*u %lu", &pages) != 1) {
            pages = 0;
        }
        fclose(f);
    }
    head(out, "resident_bytes", "gauge", "Resident memory of the service.");
    buf_printf(out, "greenlane_resident_bytes %llu\n",
               (unsigned long long)pages * (unsigned long long)sysconf(_SC_PAGESIZE));
    head(out, "info", "gauge", "The version that runs.");
    buf_printf(out, "greenlane_info{version=\"%s\"} 1\n", version_text());
}

int metrics_page(struct buf *out, struct metrics *m, struct gln_gateway *gw, struct gln_context *ctx,
                 const char *asker)
{
    int status = put_filings(out, gw, ctx);
    if (status != GLN_OK) {
        return status;
    }
    put_queue_age(out, gw, ctx);
    status = put_alerts(out, gw, ctx, asker);
    if (status != GLN_OK) {
        return status;
    }
    put_refusals(out, gw);
    put_store(out, gw);
    put_requests(out, m);
    put_process(out);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}
