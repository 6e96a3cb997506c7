/*
 * The service as a whole: started, reloaded, stopped.
 *
 * Order of the start: settings, engine, ledger (its lock says whether another process owns it; what was being sent is in doubt from
 * here on), certificates, listeners, dispatchers. Stopping goes backwards: no new requests, those that run end, sendings end, the ledger is
 * closed. A reload makes the new engine beside the old one and changes over only when all of it is good; threads take the
 * new one with their next request, so no message is dropped or judged by half of each.
 */
#include "relay/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow/revocation.h"
#include "util/clock.h"
#include "util/str.h"

static int settings_read(gln_config **out, const struct arguments *args, char *error, size_t size)
{
    int status = gln_config_new(out);
    if (status != GLN_OK) {
        str_copy(error, size, gln_status_text(status));
        return status;
    }
    if (args->config != NULL) {
        status = gln_config_load(*out, args->config);
    }
    for (size_t i = 0; i < args->set_count && status == GLN_OK; i++) {
        const char *equals = strchr(args->sets[i], '=');
        char *name = equals != NULL ? str_ndup(args->sets[i], (size_t)(equals - args->sets[i])) : NULL;
        status = name != NULL ? gln_config_set(*out, name, equals + 1) : GLN_E_CONFIG;
        free(name);
        if (equals == NULL) {
            snprintf(error, size, "--set wants NAME=VALUE, not '%.200s'", args->sets[i]);
            return status;
        }
    }
    if (status != GLN_OK) {
        str_copy(error, size, gln_config_error(*out));
    }
    return status;
}

/* Threads log meanwhile: where to is said once, before there are any; form and severity are atomic. */
static void set_log(struct daemon *d, const struct options *o)
{
    if (d->log.write == NULL) {
        d->file.fd = 2;
        d->log.arg = &d->file;
        d->log.write = log_file_write;
    }
    d->file.json = option_int(o, OPT_LOG_FORMAT) == 0;
    d->log.threshold = (int)option_int(o, OPT_LOG_LEVEL);
}

/* A new engine from the settings as they are now; of wrong ones nothing comes into force. */
static int engine_make(struct daemon *d, struct gln_engine **out, char *error, size_t size)
{
    gln_config *config = NULL;
    int status = settings_read(&config, d->args, error, size);
    if (status == GLN_OK) {
        config->log.write = log_file_write;
        config->log.arg = &d->file;
        config->log.threshold = (int)option_int(&config->options, OPT_LOG_LEVEL);
        if (d->log.write == NULL) {
            set_log(d, &config->options);
        }
        status = gln_engine_new(out, config);
        if (status != GLN_OK) {
            str_copy(error, size, gln_config_error(config));
        } else {
            set_log(d, &config->options);
        }
    }
    gln_config_free(config);
    return status;
}

static int tls_make(struct gln_context *ctx, const struct options *o, struct tls_server **out)
{
    const char *cert = option_text(o, OPT_TLS_CERT), *key = option_text(o, OPT_TLS_KEY);
    const char *ca = option_text(o, OPT_CLIENT_CA);
    if (*cert == '\0' && *key == '\0') {
        return GLN_OK;
    }
    if (*cert == '\0' || *key == '\0') {
        return context_fail(ctx, GLN_E_CONFIG, MSG_RELAY_TLS_HALF);
    }
    const struct tls_clients clients = {*ca != '\0' ? ca : NULL, false,
                                        option_int(o, OPT_REVOCATION) == REVOCATION_HARD};
    return tls_server_new(out, ctx, cert, key, &clients);
}

int daemon_check(const struct arguments *args, char *error, size_t size)
{
    struct daemon d = {.args = args};
    struct gln_engine *engine = NULL;
    struct gln_context *ctx = NULL;
    struct tls_server *tls = NULL;
    int status = engine_make(&d, &engine, error, size);
    if (status == GLN_OK) {
        status = gln_context_new(&ctx, engine);
    }
    if (status == GLN_OK) {
        status = tls_make(ctx, ctx->options, &tls);
        if (status != GLN_OK) {
            str_copy(error, size, context_text(ctx, LANG_EN));
        }
    }
    tls_server_free(tls);
    gln_context_free(ctx);
    gln_engine_free(engine);
    return status;
}

struct gln_context *seat_context(struct daemon *d, struct seat *seat)
{
    pthread_mutex_lock(&d->mutex);
    if (seat->ctx == NULL || seat->generation != d->generation) {
        gln_context_free(TAKE(&seat->ctx));
        if (gln_context_new(&seat->ctx, d->engine) == GLN_OK) {
            seat->generation = d->generation;
        }
    }
    pthread_mutex_unlock(&d->mutex);
    return seat->ctx;
}

void seat_leave(struct seat *seat)
{
    gln_context_free(TAKE(&seat->ctx));
}

/* "127.0.0.1:8443", "[::1]:8443", ":8443"; false if there is no port. */
static bool split_listen(const char *text, char *host, size_t size, uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    char *end = NULL;
    if (colon == NULL || colon[1] < '0' || colon[1] > '9') {
        return false;
    }
    unsigned long number = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || number > 65535 || n >= size) {
        return false;
    }
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    }
    memcpy(host, text, n);
    host[n] = '\0';
    if (n == 0) {
        str_copy(host, size, "0.0.0.0");
    }
    *port = (uint16_t)number;
    return true;
}

static int listen_now(struct daemon *d)
{
    const struct options *o = &d->options;
    const char *address = option_text(o, OPT_LISTEN);
    char host[256];
    uint16_t port = 0;
    struct buf path = BUF_INIT;
    if (*address != '\0' && !split_listen(address, host, sizeof host, &port)) {
        return context_fail(d->ctx, GLN_E_CONFIG, MSG_RELAY_LISTEN, address);
    }
    buf_puts(&path, option_text(o, OPT_SOCKET));
    if (path.len == 0) {
        buf_printf(&path, "%s.sock", option_text(o, OPT_LEDGER));
    }
    struct http_settings s = {.address = *address != '\0' ? host : NULL,
                              .port = port,
                              .unix_socket = path.data,
                              .tls = d->tls,
                              .max_body = (size_t)option_int(o, OPT_MAX_SIZE),
                              .max_in_flight = (size_t)option_int(o, OPT_MAX_IN_FLIGHT),
                              .workers = (int)option_int(o, OPT_WORKERS),
                              .idle_ms = option_int(o, OPT_IDLE_TIMEOUT)};
    d->worker_seats = calloc((size_t)s.workers, sizeof *d->worker_seats);
    int status = d->worker_seats != NULL && path.data != NULL
                     ? http_server_start(&d->server, d->ctx, &s, relay_handle, d)
                     : context_no_memory(d->ctx);
    buf_free(&path);
    return status;
}

static void init_sync(struct daemon *d)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&d->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&d->work, &attr);
    pthread_condattr_destroy(&attr);
    metrics_init(&d->metrics);
}

int daemon_start(struct daemon *d, const struct arguments *args, char *error, size_t size)
{
    memset(d, 0, sizeof *d);
    d->args = args;
    d->generation = 1;
    init_sync(d);
    int status = engine_make(d, &d->engine, error, size);
    if (status == GLN_OK) {
        status = gln_context_new(&d->ctx, d->engine);
    }
    if (status != GLN_OK) {
        return status;
    }
    status = options_copy(&d->options, d->ctx->options);
    if (status == GLN_OK) {
        status = gateway_open(&d->gateway, d->ctx);
        if (status == GLN_OK) {
            gateway_register(d->gateway, d->ctx);
        }
    }
    if (status == GLN_OK) {
        status = tls_make(d->ctx, &d->options, &d->tls);
    }
    if (status == GLN_OK) {
        status = listen_now(d);
    }
    if (status == GLN_OK) {
        status = dispatch_start(d, (int)option_int(&d->options, OPT_DISPATCHERS));
    }
    if (status != GLN_OK) {
        str_copy(error, size, context_text(d->ctx, LANG_EN));
    }
    return status;
}

/* Settings that only count at the start. */
static void warn_of_fixed(struct daemon *d, const struct options *now)
{
    static const enum option_id fixed[] = {
        OPT_LEDGER,   OPT_SOCKET,       OPT_LISTEN,        OPT_WORKERS,  OPT_DISPATCHERS,
        OPT_MAX_SIZE, OPT_IDLE_TIMEOUT, OPT_MAX_IN_FLIGHT, OPT_KEY_FILE, OPT_ENVIRONMENT};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(option_text(now, fixed[i]), option_text(&d->options, fixed[i])) != 0) {
            log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "setting %s takes effect at the next start",
                      option_table[fixed[i]].name);
        }
    }
}

/* Certificates and the register of operators, with the new engine's settings. */
static void reload_rest(struct daemon *d, struct gln_context *ctx)
{
    struct tls_server *tls = NULL;
    if (d->tls != NULL) {
        if (tls_make(ctx, ctx->options, &tls) == GLN_OK && tls != NULL) {
            http_server_set_tls(d->server, tls);
            tls_server_free(d->tls);
            d->tls = tls;
        } else {
            log_write(&d->log, LOG_LEVEL_ERROR, "relay", NULL, "the old server certificate stays: %s",
                      context_text(ctx, LANG_EN));
        }
    }
    if (gateway_reload_operators(d->gateway, ctx) != GLN_OK) {
        log_write(&d->log, LOG_LEVEL_ERROR, "relay", NULL,
                  "the register of operators was not brought up to date: %s", context_text(ctx, LANG_EN));
    }
    if (flow_settings_changed(d->gateway, ctx) != GLN_OK) {
        log_write(&d->log, LOG_LEVEL_ERROR, "relay", NULL, "what is in doubt was not looked at again: %s",
                  context_text(ctx, LANG_EN));
    }
}

void daemon_reload(struct daemon *d)
{
    struct gln_engine *engine = NULL;
    struct gln_context *ctx = NULL;
    char error[1024] = "";
    notify("RELOADING=1");
    int status = engine_make(d, &engine, error, sizeof error);
    if (status == GLN_OK) {
        status = gln_context_new(&ctx, engine);
    }
    if (status != GLN_OK) {
        log_write(&d->log, LOG_LEVEL_ERROR, "relay", NULL, "not reloaded, the old settings stay: %s",
                  error[0] != '\0' ? error : gln_status_text(status));
        gln_engine_free(engine);
        notify("READY=1");
        return;
    }
    warn_of_fixed(d, ctx->options);
    pthread_mutex_lock(&d->mutex);
    struct gln_engine *old = d->engine;
    d->engine = engine;
    d->generation++;
    pthread_mutex_unlock(&d->mutex);
    gln_engine_free(old);
    reload_rest(d, ctx);
    gln_context_free(ctx);
    flow_identities_changed(d->gateway);
    dispatch_wake(d);
    log_write(&d->log, LOG_LEVEL_NOTICE, "relay", NULL, "reloaded");
    notify("READY=1");
}

bool daemon_stop(struct daemon *d)
{
    /* One grace for both: what the requests took of it, the sendings do not have. */
    int64_t end_ms = clock_mono_ms() + option_int(&d->options, OPT_STOP_GRACE);
    dispatch_leave(d);
    http_server_stop(TAKE(&d->server), option_int(&d->options, OPT_STOP_GRACE));
    int64_t left_ms = end_ms - clock_mono_ms();
    if (!dispatch_stop(d, left_ms > 0 ? left_ms : 0)) {
        return false;
    }
    for (int i = 0; d->worker_seats != NULL && i < (int)option_int(&d->options, OPT_WORKERS); i++) {
        seat_leave(&d->worker_seats[i]);
    }
    free(d->worker_seats);
    gateway_close(d->gateway);
    tls_server_free(d->tls);
    gln_context_free(d->ctx);
    gln_engine_free(d->engine);
    options_free(&d->options);
    pthread_cond_destroy(&d->work);
    pthread_mutex_destroy(&d->mutex);
    return true;
}
