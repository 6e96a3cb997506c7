/*
 * submit: accept a declaration, print the receipt, and with --wait go on until customs has answered.
 *
 * Owns nothing beyond a call. Where this process owns the ledger it does the outbound work itself, step by step; where the daemon
 * owns it, the daemon does, and the command asks how far it is. What is accepted is safe before anything is waited for: a
 * time-out here loses nothing.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void pause_ms(int ms)
{
    struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&ts, NULL);
}

/* One piece of work, or a pause until there may be one. */
static int work_on(struct cli *c)
{
    int wait_ms = 200;
    if (c->gateway != NULL) {
        int status = gln_gateway_step(c->gateway, c->context, &wait_ms);
        if (status != GLN_OK)
            return status;
    }
    if (wait_ms != 0)
        pause_ms(wait_ms < 0 || wait_ms > 500 ? 200 : wait_ms);
    return GLN_OK;
}

/* The state of the declaration as one word: settled=yes|no comes from the gateway, so that the rule is written once. */
static int ask_settled(struct cli *c, const char *id, bool *settled)
{
    char path[320];
    gln_reply reply;
    snprintf(path, sizeof path, "/v1/declarations/%s/settled", id);
    int status = cli_request(c, "GET", path, NULL, 0, &reply);
    if (status == GLN_OK && reply.http_status >= 400)
        status = reply.status;
    *settled = status == GLN_OK && reply.body_length >= 3 && memcmp(reply.body, "yes", 3) == 0;
    gln_free(reply.body);
    return status;
}

static int seconds(struct cli *c, double *out)
{
    const char *text = c->value[CLI_WAIT];
    char *end = NULL;
    *out = text[0] == '\0' ? 60.0 : strtod(text, &end);
    if (text[0] != '\0' && (end == text || *end != '\0' || !(*out > 0 && *out < 1e7))) {
        cli_say(stderr, c, TEXT_BAD_NUMBER, c->command->name, text, NULL);
        return 2;
    }
    return 0;
}

static int wait_for_answer(struct cli *c, const char *id, double limit_s)
{
    double end = now_s() + limit_s;
    bool settled = false;
    int status = ask_settled(c, id, &settled);
    while (status == GLN_OK && !settled && now_s() < end) {
        status = work_on(c);
        if (status == GLN_OK)
            status = ask_settled(c, id, &settled);
    }
    if (status == GLN_OK && !settled) {
        char text[32];
        snprintf(text, sizeof text, "%.0f", limit_s);
        cli_say(stderr, c, TEXT_NO_ANSWER, text, id, NULL);
        return 3;
    }
    char path[320];
    gln_reply reply = {0};
    snprintf(path, sizeof path, "/v1/declarations/%s", id);
    if (status == GLN_OK)
        status = cli_request(c, "GET", path, NULL, 0, &reply);
    return cli_show_reply(c, status, &reply);
}

int cli_submit(struct cli *c)
{
    double limit_s = 0;
    char *data = NULL, id[256] = "";
    size_t length = 0;
    if (c->value[CLI_TO] == NULL) {
        cli_say(stderr, c, TEXT_WANTS, c->command->name, "--to", c->command->args);
        return 2;
    }
    int exit_code = c->value[CLI_WAIT] != NULL ? seconds(c, &limit_s) : 0;
    if (exit_code == 0)
        exit_code = cli_open_engine(c);
    if (exit_code == 0)
        exit_code = cli_read_file(c, c->arg[0], &data, &length);
    if (exit_code != 0)
        return exit_code;
    char *path = cli_path(c);
    gln_reply reply = {0};
    int status = path == NULL ? GLN_E_MEMORY : cli_request(c, "POST", path, data, length, &reply);
    const char *last = strrchr(reply.location, '/');
    snprintf(id, sizeof id, "%s", last == NULL ? "" : last + 1);
    exit_code = cli_show_reply(c, status, &reply);
    free(path);
    free(data);
    if (exit_code == 0 && limit_s > 0 && id[0] != '\0')
        exit_code = wait_for_answer(c, id, limit_s);
    return exit_code;
}
