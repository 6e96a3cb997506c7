/*
 * greenlane-sandbox: an ACE and a VUCEM on loopback, over TLS. Prints one JSON line with its ports when it listens, and runs until
 * SIGTERM or SIGINT. Exit status: 0, 2 for a wrong call or setting, 3 when it cannot listen.
 * Owns the listeners and the state until it ends; a port in use or an account file that cannot be read is fatal, in one line.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/str.h"

enum switch_id {
#define SWITCH(id, name, arg, text) SW_##id,
#include "sandbox/options.def"
#undef SWITCH
    SW_COUNT
};

static const struct switch_spec {
    const char *name, *arg, *text;
} switches[SW_COUNT] = {
#define SWITCH(id, name, arg, text) {name, arg, text},
#include "sandbox/options.def"
#undef SWITCH
};

enum face_id { FACE_ACE, FACE_VUCEM, FACE_CONTROL, FACE_COUNT };

struct program {
    const char *value[SW_COUNT]; /* of the last one given; "" for a switch without argument */
    struct sandbox sandbox;
    struct gln_context ctx;
    struct log_file file;
    struct tls_server *ace_tls, *vucem_tls;
    struct face faces[FACE_COUNT];
    struct http_server *servers[FACE_COUNT];
};

static void help(void)
{
    printf("Usage: greenlane-sandbox --accounts FILE --cert FILE --key FILE [OPTION...]\n"
           "An ACE and a VUCEM to practise on, as we read the public documents of CBP and VUCEM.\n\n");
    for (int i = 0; i < SW_COUNT; i++) {
        char head[40];
        snprintf(head, sizeof head, "--%s%s%s", switches[i].name, switches[i].arg != NULL ? " " : "",
                 switches[i].arg != NULL ? switches[i].arg : "");
        printf("  %-22s %s\n", head, switches[i].text);
    }
}

static int complain(const char *text)
{
    fprintf(stderr, "greenlane-sandbox: %s\n", text);
    return 2;
}

/* A whole number from 0 to `most`. */
static bool number(int64_t *out, const char *text, int64_t most)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 9 || text[n] != '\0') {
        return false;
    }
    *out = strtol(text, NULL, 10);
    return *out <= most;
}

/* Reads the command line; 0, or the exit status (-1: the help was asked for). */
static int read_switches(struct program *p, int argc, char **argv)
{
    struct option longs[SW_COUNT + 1];
    memset(longs, 0, sizeof longs);
    for (int i = 0; i < SW_COUNT; i++) {
        longs[i].name = switches[i].name;
        longs[i].has_arg = switches[i].arg != NULL ? required_argument : no_argument;
        longs[i].val = 1000 + i;
    }
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c < 1000) {
            return 2;
        }
        p->value[c - 1000] = optarg != NULL ? optarg : "";
        if (c - 1000 == SW_REJECT && !faults_add_reject(&p->sandbox.faults, optarg)) {
            return complain("--reject wants se:CODE:TEXT (three digits) or cove:TEXT, at most 16 times");
        }
    }
    if (p->value[SW_HELP] != NULL) {
        return -1;
    }
    return optind == argc ? 0 : complain("takes no arguments, only options");
}

static int read_faults(struct program *p)
{
    struct faults *f = &p->sandbox.faults;
    static const struct {
        enum switch_id id;
        size_t at;
    } numbers[] = {{SW_SLOW, offsetof(struct faults, slow_ms)},
                   {SW_DROP, offsetof(struct faults, drop_after_read)},
                   {SW_PENDING, offsetof(struct faults, pending)}};
    f->pending = 1;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *text = p->value[numbers[i].id];
        int64_t n = 0;
        if (text != NULL && !number(&n, text, 1000000)) {
            char line[120];
            snprintf(line, sizeof line, "--%s wants a whole number", switches[numbers[i].id].name);
            return complain(line);
        }
        if (text != NULL) {
            memcpy((char *)f + numbers[i].at, &n, sizeof n);
        }
    }
    f->manual = p->value[SW_MANUAL] != NULL;
    f->review = p->value[SW_REVIEW] != NULL;
    f->hold_release = p->value[SW_HOLD_RELEASE] != NULL;
    if (p->value[SW_DOWN] != NULL && !faults_set_down(f, p->value[SW_DOWN])) {
        return complain("--down-for wants a number of requests, or seconds as in 5s");
    }
    return 0;
}

static int fail(const struct program *p)
{
    complain(context_text(&p->ctx, LANG_EN));
    return gln_status_exit(p->ctx.error.status);
}

static int open_tls(struct program *p)
{
    const char *cert = p->value[SW_CERT], *key = p->value[SW_KEY];
    if (p->value[SW_ACCOUNTS] == NULL || cert == NULL || key == NULL) {
        return complain("--accounts, --cert and --key are needed; see --help");
    }
    const struct tls_clients clients = {p->value[SW_CLIENT_CA], true, true};
    const struct tls_clients anybody = {0};
    if (tls_server_new(&p->ace_tls, &p->ctx, cert, key, &clients) != GLN_OK ||
        tls_server_new(&p->vucem_tls, &p->ctx, cert, key, &anybody) != GLN_OK) {
        return fail(p);
    }
    return 0;
}

static int start_face(struct program *p, enum face_id which, int64_t port)
{
    static const http_handler handlers[FACE_COUNT] = {ace_handle, vucem_handle, control_handle};
    struct tls_server *tls[FACE_COUNT] = {p->ace_tls, p->vucem_tls, NULL};
    struct http_settings s = {.address = "127.0.0.1",
                              .port = (uint16_t)(port == 0 ? 0 : port + which),
                              .tls = tls[which],
                              .max_body = (size_t)64 << 20,
                              .max_in_flight = (size_t)256 << 20,
                              .workers = SANDBOX_WORKERS,
                              .idle_ms = 60000};
    struct face *face = &p->faces[which];
    face->sandbox = &p->sandbox;
    for (int i = 0; i < SANDBOX_WORKERS; i++) {
        face->contexts[i].clock = &p->sandbox.clock;
    }
    return http_server_start(&p->servers[which], &p->ctx, &s, handlers[which], face) == GLN_OK ? 0 : fail(p);
}

static int open_all(struct program *p)
{
    int64_t port = 0;
    const char *data_dir = p->value[SW_DATA_DIR];
    if (data_dir == NULL) {
        data_dir = getenv("GREENLANE_DATADIR");
    }
    if (data_dir == NULL) {
        data_dir = GREENLANE_DATADIR;
    }
    if (p->value[SW_PORT] != NULL && !number(&port, p->value[SW_PORT], 65533)) {
        return complain("--port wants a port number");
    }
    if (p->value[SW_CLOCK] != NULL) {
        p->sandbox.clock.frozen = time_parse(&p->sandbox.clock.frozen_ms, p->value[SW_CLOCK]);
        if (!p->sandbox.clock.frozen) {
            return complain("--clock wants an instant like 2026-07-23T18:00:00Z");
        }
    }
    int exit_status = open_tls(p);
    if (exit_status == 0 && sandbox_open(&p->sandbox, &p->ctx, p->value[SW_ACCOUNTS], data_dir) != GLN_OK) {
        exit_status = fail(p);
    }
    for (int i = 0; exit_status == 0 && i < FACE_COUNT; i++) {
        exit_status = start_face(p, (enum face_id)i, port);
    }
    return exit_status;
}

static void print_ports(const struct program *p)
{
    printf("{\"ace\":%u,\"vucem\":%u,\"control\":%u}\n", (unsigned)http_server_port(p->servers[FACE_ACE]),
           (unsigned)http_server_port(p->servers[FACE_VUCEM]),
           (unsigned)http_server_port(p->servers[FACE_CONTROL]));
    fflush(stdout);
}

static void close_all(struct program *p)
{
    for (int i = 0; i < FACE_COUNT; i++) {
        http_server_stop(p->servers[i], 1000);
        for (int k = 0; k < SANDBOX_WORKERS; k++) {
            context_clear(&p->faces[i].contexts[k]);
        }
    }
    sandbox_close(&p->sandbox);
    tls_server_free(p->ace_tls);
    tls_server_free(p->vucem_tls);
    context_clear(&p->ctx);
    options_free(&p->sandbox.options);
}

int main(int argc, char **argv)
{
    static struct program p;
    sigset_t wanted;
    int caught;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    int exit_status = read_switches(&p, argc, argv);
    if (exit_status == -1) {
        help();
        return 0;
    }
    if (exit_status == 0) {
        exit_status = read_faults(&p);
    }
    if (exit_status != 0) {
        return exit_status;
    }
    if (options_init(&p.sandbox.options) != GLN_OK) {
        return 3;
    }
    p.file.fd = STDERR_FILENO;
    p.sandbox.log = (struct log_sink){log_file_write, &p.file,
                                      p.value[SW_VERBOSE] != NULL ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR};
    context_init(&p.ctx, &p.sandbox.options);
    p.ctx.clock = &p.sandbox.clock;
    p.ctx.log = &p.sandbox.log;
    for (int i = 0; i < FACE_COUNT; i++) {
        for (int k = 0; k < SANDBOX_WORKERS; k++) {
            context_init(&p.faces[i].contexts[k], &p.sandbox.options);
        }
    }
    exit_status = open_all(&p);
    if (exit_status == 0) {
        print_ports(&p);
        sigwait(&wanted, &caught);
    }
    close_all(&p);
    return exit_status;
}
