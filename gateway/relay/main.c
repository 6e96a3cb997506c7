/*
 * greenlaned: the relay service. Reads its command line, starts the daemon, and waits for signals: SIGHUP reloads, SIGTERM and SIGINT end
 * it in good order. Exit status: 0 ended as asked, 2 a wrong call or setting, 3 it could not start (another process
 * owns the ledger, a port in use, a ledger that cannot be read).
 */
#include "relay/relay.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/version.h"

static const char help_text[] =
    "Usage: greenlaned [OPTION...]\n"
    "The relay service of Greenlane: takes declarations by HTTPS and by its local socket, files them, brings "
    "answers back.\n"
    "\n"
    "  --config FILE      settings file (default: $GREENLANE_CONFIG, else the system's greenlane.xml if "
    "there is one)\n"
    "  --set NAME=VALUE   sets one option, over the file; may repeat. greenlane.xml(5) lists them\n"
    "  --check            only reads the settings and what they name\n"
    "  --version\n"
    "  --help\n"
    "\n"
    "SIGHUP reloads settings, rules, bundles, the register of operators and certificates. SIGTERM ends the "
    "service.\n";

enum { ARG_CONFIG = 1000, ARG_SET, ARG_CHECK, ARG_VERSION, ARG_HELP };

static const struct option longs[] = {
    {"config", required_argument, NULL, ARG_CONFIG}, {"set", required_argument, NULL, ARG_SET},
    {"check", no_argument, NULL, ARG_CHECK},         {"version", no_argument, NULL, ARG_VERSION},
    {"help", no_argument, NULL, ARG_HELP},           {NULL, 0, NULL, 0}};

static int wrong_call(const char *text)
{
    fprintf(stderr, "greenlaned: %s\n", text);
    return 2;
}

/* Reads the command line; -1 to go on, else the exit status. */
static int read_arguments(struct arguments *a, bool *check, int argc, char **argv)
{
    int c;
    opterr = 0; /* one line is said, and it is ours */
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c == ARG_CONFIG) {
            a->config = optarg;
        } else if (c == ARG_SET && a->set_count < RELAY_SETS_MAX) {
            a->sets[a->set_count++] = optarg;
        } else if (c == ARG_CHECK) {
            *check = true;
        } else if (c == ARG_VERSION) {
            printf("greenlaned %s\n", version_text());
            return 0;
        } else if (c == ARG_HELP) {
            fputs(help_text, stdout);
            return 0;
        } else {
            return wrong_call(c == ARG_SET ? "too many --set"
                                           : "that option is not known or wants a value; see --help");
        }
    }
    if (optind != argc) {
        return wrong_call("takes no arguments, only options; see --help");
    }
    if (a->config == NULL) {
        a->config = getenv("GREENLANE_CONFIG");
    }
    if (a->config == NULL && access(GREENLANE_SYSCONFDIR "/greenlane.xml", R_OK) == 0) {
        a->config = GREENLANE_SYSCONFDIR "/greenlane.xml";
    }
    if (a->config != NULL && *a->config == '\0') {
        a->config = NULL;
    }
    return -1;
}

/*
 * Heap that is given back to the kernel after every document costs a page fault for each page when it is taken again; so a
 * few megabytes are kept. A few arenas do for a few threads.
 */
static void tune_heap(void)
{
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_ARENA_MAX, 4);
}

static void announce(const struct daemon *d)
{
    const char *listen = option_text(&d->options, OPT_LISTEN);
    if (*listen == '\0') {
        log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "greenlaned %s is ready on its local socket",
                  version_text());
    } else {
        const char *colon = strrchr(listen, ':');
        log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "greenlaned %s is ready on %.*s:%u",
                  version_text(), (int)(colon - listen), listen, (unsigned)http_server_port(d->server));
    }
    notify("READY=1\nSTATUS=ready");
}

/* Until SIGTERM or SIGINT; the exit status. */
static int serve(struct daemon *d, const sigset_t *wanted)
{
    int caught = 0;
    announce(d);
    while (sigwait(wanted, &caught) == 0 && caught == SIGHUP) {
        daemon_reload(d);
    }
    notify("STOPPING=1");
    log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "stopping");
    if (!daemon_stop(d)) {
        log_write(&d->log, LOG_LEVEL_ALERT, "relay", NULL,
                  "a sending did not end in time; its filing will be in doubt at the next start");
        _exit(0);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct daemon d;
    struct arguments args = {NULL, {NULL}, 0};
    char error[1024] = "";
    bool check = false;
    sigset_t wanted;
    int exit_status = read_arguments(&args, &check, argc, argv);
    if (exit_status >= 0) {
        return exit_status;
    }
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk, not an end */
    umask(077);
    tune_heap();
    int status = gln_init();
    if (status == GLN_OK) {
        status =
            check ? daemon_check(&args, error, sizeof error) : daemon_start(&d, &args, error, sizeof error);
    }
    if (status != GLN_OK) {
        fprintf(stderr, "greenlaned: %s\n", error[0] != '\0' ? error : gln_status_text(status));
        exit_status = gln_status_exit(status) == 1 ? 3 : gln_status_exit(status);
        if (!check) {
            daemon_stop(&d);
        }
    } else {
        exit_status = check ? 0 : serve(&d, &wanted);
    }
    gln_shutdown();
    return exit_status;
}
