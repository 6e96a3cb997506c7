/*
 * The benchmark program: how fast and in how much memory declarations become signed messages, held against what bounds it.
 *
 *   bench [--once] [--rounds N] [--rows N]   everything on this machine; JSON lines; rows of the list that is imported
 *   bench --peak ROAD SIZE            one declaration; its peak memory
 *   bench --walk ROAD SIZE COUNT      the path COUNT times and nothing else, for a profiler
 *   bench --decide OPERATORS COUNT    the lane decision COUNT times, for a profiler too
 *   bench --load URL CA CERT KEY ROAD SIZE CLIENTS COUNT FIRST NAME   clients of a daemon
 *
 * A machine is never quite idle, so only ratios within one run count: for each size the limit, both destinations and the reference take
 * turns on one processor, a slice each in every round; what is printed is the median of the rounds, each compared with itself. Times are this thread's processor time. The reference runs in a process of its own,
 * which was forked before our heap was tuned as greenlaned tunes its own; the two take turns as well.
 */
#include "bench.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS_MOST = 64 };

struct settings {
    int rounds;
    double slice; /* seconds; 0: once each */
    unsigned rows, operators;
};

/* --- the reference, behind a pipe --- */

struct wanted {
    int road, size;
    double slice;
};
struct reference {
    int ask, answer;
    pid_t pid;
};

static void reference_serve(const struct bed *b, int ask, int answer)
{
    struct plain *p = plain_open(b);
    struct wanted w;

    while (read(ask, &w, sizeof w) == (ssize_t)sizeof w) {
        double since = cpu_now(), took = 0, rate = -1;
        unsigned count = 0;
        bool ok = p != NULL;

        while (ok && (count == 0 || took < w.slice)) {
            ok = plain_once(p, (enum road)w.road, (enum size)w.size);
            count++;
            took = cpu_now() - since;
        }
        if (ok)
            rate = count / took;
        if (write(answer, &rate, sizeof rate) != (ssize_t)sizeof rate)
            break;
    }
    plain_close(p);
}

static bool reference_start(struct reference *r, const struct bed *b)
{
    int ask[2], answer[2];

    if (pipe(ask) != 0 || pipe(answer) != 0)
        return false;
    fflush(stdout);
    r->pid = fork();
    if (r->pid == 0) {
        close(ask[1]);
        close(answer[0]);
        reference_serve(b, ask[0], answer[1]);
        _exit(0);
    }
    close(ask[0]);
    close(answer[1]);
    r->ask = ask[1];
    r->answer = answer[0];
    return r->pid > 0;
}

static bool reference_rate(const struct reference *r, enum road road, enum size size, double slice,
                           double *rate)
{
    const struct wanted w = {(int)road, (int)size, slice};

    return write(r->ask, &w, sizeof w) == (ssize_t)sizeof w &&
           read(r->answer, rate, sizeof *rate) == (ssize_t)sizeof *rate && *rate > 0;
}

static void reference_stop(const struct reference *r)
{
    if (r->pid <= 0)
        return;
    close(r->ask);
    close(r->answer);
    waitpid(r->pid, NULL, 0);
}

/* --- rates --- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(const double *values, int count)
{
    double sorted[ROUNDS_MOST];

    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    return count % 2 != 0 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

/* The median of a[i] / b[i]: rounds are compared with themselves. */
static double median_ratio(const double *a, const double *b, int count)
{
    double ratios[ROUNDS_MOST];

    for (int i = 0; i < count; i++)
        ratios[i] = a[i] / b[i];
    return median(ratios, count);
}

struct rates {
    double limit[SIZE_COUNT][ROUNDS_MOST];
    double path[ROAD_COUNT][SIZE_COUNT][ROUNDS_MOST];
    double plain[ROAD_COUNT][SIZE_COUNT][ROUNDS_MOST];
    double stages[ROAD_COUNT][SIZE_COUNT][LEG_COUNT];
    double walks[ROAD_COUNT][SIZE_COUNT];
};

static bool rate_limit(const struct bed *b, double slice, double *rate)
{
    double since = cpu_now(), took = 0;
    unsigned count = 0;
    bool ok = true;

    while (ok && (count == 0 || took < slice)) {
        ok = limit_once(b);
        count++;
        took = cpu_now() - since;
    }
    *rate = count / took;
    return ok;
}

static bool rate_path(const struct bed *b, enum road road, enum size size, double slice, struct rates *r,
                      int round)
{
    double since = cpu_now(), took = 0;
    unsigned count = 0;
    bool ok = true;

    while (ok && (count == 0 || took < slice)) {
        ok = path_once(b, b->ctx, road, size, r->stages[road][size]);
        count++;
        took = cpu_now() - since;
    }
    r->walks[road][size] += count;
    r->path[road][size][round] = count / took;
    return ok;
}

static bool round_run(const struct bed *b, const struct reference *ref, enum size size, double slice,
                      struct rates *r, int round)
{
    bool ok = rate_limit(b, slice, &r->limit[size][round]);

    for (int road = 0; ok && road < ROAD_COUNT; road++)
        ok = rate_path(b, (enum road)road, size, slice, r, round) &&
             reference_rate(ref, (enum road)road, size, slice, &r->plain[road][size][round]);
    return ok;
}

static void print_rates(const struct bed *b, const struct rates *r, enum size size, int rounds)
{
    double limit = median(r->limit[size], rounds);

    if (size == SIZE_5K)
        printf("{\"name\":\"rsa-2048 sha-256 signature\",\"per_s\":%.1f}\n", limit);
    for (int road = 0; road < ROAD_COUNT; road++) {
        const double *path = r->path[road][size], *plain = r->plain[road][size];

        printf("{\"name\":\"%s %s\",\"bytes\":%zu,\"per_s\":%.1f,\"limit_per_s\":%.1f,\"ratio\":%.5f,"
               "\"reference_per_s\":%.1f,\"of_reference\":%.2f}\n",
               road_names[road], size_names[size], b->text[road][size].len, median(path, rounds), limit,
               median_ratio(path, r->limit[size], rounds), median(plain, rounds),
               median_ratio(path, plain, rounds));
        for (int leg = 0; leg < LEG_COUNT; leg++)
            printf("{\"name\":\"%s %s stage: %s\",\"us\":%.1f}\n", road_names[road], size_names[size],
                   leg_names[leg], r->stages[road][size][leg] / r->walks[road][size]);
    }
}

/* What a kilobyte costs, of more items against 99, both in signatures of their rounds. */
static void print_growth(const struct bed *b, const struct rates *r, int rounds)
{
    for (int road = 0; road < ROAD_COUNT; road++)
        for (int size = SIZE_600K; size < SIZE_COUNT; size++) {
            const struct buf *few = &b->text[road][SIZE_66K], *many = &b->text[road][size];
            double ratio = median_ratio(r->path[road][SIZE_66K], r->limit[SIZE_66K], rounds) /
                           median_ratio(r->path[road][size], r->limit[size], rounds);

            printf("{\"name\":\"%s cost of a KB, %s against 66k\",\"ratio\":%.2f}\n", road_names[road],
                   size_names[size], ratio * (double)few->len / (double)many->len);
        }
}

/* --- threads --- */

struct worker {
    const struct bed *bed;
    struct gln_context *ctx;
    enum road road;
    enum size size;
    double until;
    unsigned count;
    bool ok;
};

static void *work(void *arg)
{
    struct worker *w = arg;

    do {
        w->ok = path_once(w->bed, w->ctx, w->road, w->size, NULL);
        w->count++;
    } while (w->ok && wall_now() < w->until);
    return NULL;
}

/* Declarations a second on the wall by `threads` threads at once. */
static bool rate_threads(struct worker *workers, int threads, double seconds, double *rate)
{
    pthread_t ids[2];
    double since = wall_now();
    unsigned count = 0;
    bool ok = true;
    int started = 0;

    for (; started < threads; started++) {
        workers[started].until = since + seconds;
        workers[started].count = 0;
        if (pthread_create(&ids[started], NULL, work, &workers[started]) != 0)
            break;
    }
    for (int i = 0; i < started; i++) {
        pthread_join(ids[i], NULL);
        count += workers[i].count;
        ok = ok && workers[i].ok;
    }
    *rate = count / (wall_now() - since);
    return ok && started == threads;
}

static bool compare_threads(const struct bed *b, const struct settings *s, enum road road, enum size size)
{
    struct worker workers[2] = {{.bed = b, .road = road, .size = size},
                                {.bed = b, .road = road, .size = size}};
    double one[ROUNDS_MOST], two[ROUNDS_MOST];
    bool ok = gln_context_new(&workers[0].ctx, b->engine) == GLN_OK &&
              gln_context_new(&workers[1].ctx, b->engine) == GLN_OK;

    for (int round = 0; ok && round < s->rounds; round++)
        ok = rate_threads(workers, 1, s->slice * 3, &one[round]) &&
             rate_threads(workers, 2, s->slice * 3, &two[round]);
    if (ok)
        printf("{\"name\":\"%s %s by two threads\",\"per_s\":%.1f,\"one_per_s\":%.1f,\"ratio\":%.2f}\n",
               road_names[road], size_names[size], median(two, s->rounds), median(one, s->rounds),
               median_ratio(two, one, s->rounds));
    gln_context_free(workers[0].ctx);
    gln_context_free(workers[1].ctx);
    return ok;
}

/* --- one processor --- */

static bool pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

/* Virtual processors may differ by half, as their neighbours are busy: all that is compared runs on one, the quickest just now. */
static void pin_to_quickest(const struct bed *b, const cpu_set_t *allowed)
{
    double best = 0, rate;
    int quickest = -1;

    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, allowed) && pin(cpu) && rate_limit(b, 0.05, &rate) && rate > best) {
            best = rate;
            quickest = cpu;
        }
    if (quickest < 0 || !pin(quickest))
        (void)sched_setaffinity(0, sizeof *allowed, allowed);
}

/* --- memory --- */

/* greenlaned's own (relay/main.c): what is freed stays for the next document. */
static void tune_heap(void)
{
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_ARENA_MAX, 4);
}

static double status_mb(const char *field)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double kb = 0;

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            kb = strtod(line + strlen(field) + 1, NULL);
    if (f != NULL)
        fclose(f);
    return kb / 1024;
}

static bool peak(const struct bed *b, enum road road, enum size size)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    double before;
    bool ok;

    /* 5: the peak is counted anew from here */
    if (f != NULL)
        (void)fputs("5", f);
    if (f != NULL)
        fclose(f);
    before = status_mb("VmRSS:");
    ok = path_once(b, b->ctx, road, size, NULL);
    if (ok)
        printf("{\"name\":\"%s %s peak memory\",\"mb\":%.1f,\"process_mb\":%.1f}\n", road_names[road],
               size_names[size], status_mb("VmHWM:") - before, status_mb("VmHWM:"));
    return ok;
}

/* In a process of its own, whose heap is fresh. */
static bool peak_apart(enum road road, enum size size)
{
    int status = 1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "bench", "--peak", road_names[road], size_names[size], (char *)NULL);
        _exit(3);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* --- the program --- */

static bool measure(const struct bed *b, const struct reference *ref, const struct settings *s)
{
    struct rates *r = calloc(1, sizeof *r);
    bool ok = r != NULL;

    for (int size = 0; ok && size < SIZE_COUNT; size++) {
        for (int round = 0; ok && round < s->rounds; round++)
            ok = round_run(b, ref, (enum size)size, s->slice, r, round);
        if (ok)
            print_rates(b, r, (enum size)size, s->rounds);
    }
    if (ok)
        print_growth(b, r, s->rounds);
    for (int road = 0; ok && road < ROAD_COUNT; road++)
        ok = path_parts(b, (enum road)road, SIZE_5K, s->slice > 0 ? 300 : 1) &&
             path_parts(b, (enum road)road, SIZE_66K, s->slice > 0 ? 20 : 1) &&
             path_parts(b, (enum road)road, SIZE_1M, 1);
    free(r);
    return ok;
}

/* What wants all processors, or a process of its own. */
static bool measure_apart(const struct bed *b, const struct settings *s)
{
    bool ok = true;

    for (int road = 0; ok && road < ROAD_COUNT; road++)
        ok = compare_threads(b, s, (enum road)road, SIZE_5K) &&
             compare_threads(b, s, (enum road)road, SIZE_66K) && peak_apart((enum road)road, SIZE_1M);
    return ok;
}

static bool find_name(const char *const *names, int count, const char *name, int *found)
{
    for (*found = 0; *found < count; ++*found)
        if (strcmp(names[*found], name) == 0)
            return true;
    fprintf(stderr, "bench: there is no %s\n", name);
    return false;
}

static bool run_one(const struct bed *b, char **argv, bool walk)
{
    int road, size, count = walk ? (int)strtol(argv[4], NULL, 10) : 0;
    bool ok = find_name(road_names, ROAD_COUNT, argv[2], &road) &&
              find_name(size_names, SIZE_COUNT, argv[3], &size);

    if (!walk)
        return ok && peak(b, (enum road)road, (enum size)size);
    while (ok && count-- > 0)
        ok = path_once(b, b->ctx, (enum road)road, (enum size)size, NULL);
    return ok;
}

static bool run_load(char **argv)
{
    struct load l = {.url = argv[2], .ca = argv[3], .cert = argv[4], .key = argv[5], .name = argv[11]};
    int road, size;

    if (!find_name(road_names, ROAD_COUNT, argv[6], &road) ||
        !find_name(size_names, SIZE_COUNT, argv[7], &size))
        return false;
    l.road = (enum road)road;
    l.size = (enum size)size;
    l.clients = (unsigned)strtoul(argv[8], NULL, 10);
    l.count = (unsigned)strtoul(argv[9], NULL, 10);
    l.first = (unsigned)strtoul(argv[10], NULL, 10);
    return load_run(&l);
}

static bool is_call(int argc, const char *word, const char *wanted, int count)
{
    return argc == count && strcmp(word, wanted) == 0;
}

/* False: a wrong call. */
static bool read_settings(struct settings *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--once") == 0)
            *s = (struct settings){.rounds = 1, .rows = 2000, .operators = 1000};
        else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            s->rounds = (int)strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--rows") == 0 && i + 1 < argc)
            s->rows = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            return false;
    }
    return s->rounds >= 1 && s->rounds <= ROUNDS_MOST && s->rows > 0;
}

static bool run_all(const struct bed *b, const struct settings *s)
{
    struct reference ref = {-1, -1, -1};
    cpu_set_t allowed;
    bool pinned = s->slice > 0 && sched_getaffinity(0, sizeof allowed, &allowed) == 0;
    bool ok;

    if (pinned)
        pin_to_quickest(b, &allowed);
    ok = reference_start(&ref, b);
    tune_heap();
    ok = ok && measure(b, &ref, s);
    reference_stop(&ref);
    ok = ok && register_measure(b, s->operators, s->rows, s->rounds, s->slice);
    if (pinned)
        (void)sched_setaffinity(0, sizeof allowed, &allowed);
    return ok && measure_apart(b, s);
}

int main(int argc, char **argv)
{
    struct settings s = {.rounds = 7, .slice = 0.15, .rows = 500000, .operators = 100000};
    const char *word = argc > 1 ? argv[1] : "";
    bool one = is_call(argc, word, "--peak", 4) || is_call(argc, word, "--walk", 5);
    bool decide = is_call(argc, word, "--decide", 4);
    struct bed bed;
    bool ok;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (is_call(argc, word, "--load", 12))
        return run_load(argv) ? 0 : 1;
    if (!one && !decide && !read_settings(&s, argc, argv)) {
        fprintf(stderr, "bench: how it is called stands at the top of tests/bench/bench.c\n");
        return 2;
    }
    ok = bed_open(&bed);
    if (ok && decide) {
        ok = register_walk(&bed, (unsigned)strtoul(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
    } else if (ok && one) {
        tune_heap();
        ok = run_one(&bed, argv, word[2] == 'w');
    } else if (ok) {
        ok = run_all(&bed, &s);
    }
    bed_close(&bed);
    return ok ? 0 : 1;
}
