/*
 * Commands that are one request: to the ledger in this process, or, where another process owns it (greenlaned), the same request
 * over that process' local socket.
 *
 * Owns nothing beyond a call. The reply's body is printed as it is: text for people comes ready, in the language asked for.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* What only looks makes no ledger: a new one is empty and whole, whatever became of the one that was meant. The destinations are the
   installation's, and wanted before there is a first identity. */
static bool only_looks(const char *method, const char *path)
{
    if (starts(path, "/v1/ledger/") || starts(path, "/v1/transform"))
        return true;
    return strcmp(method, "GET") == 0 && !starts(path, "/v1/destinations");
}

/* As it stands: what is to be proved is not touched. */
static bool proves(const char *path)
{
    return starts(path, "/v1/ledger/verify") || starts(path, "/v1/ledger/export");
}

/* Opens the ledger, or finds that another process has it. */
static int find_owner(struct cli *c, const char *method, const char *path)
{
    if (c->asked)
        return GLN_OK;
    int status = GLN_OK;
    if (proves(path)) {
        status = gln_gateway_look(&c->gateway, c->context);
    } else if (only_looks(method, path) && !starts(path, "/v1/ledger/")) {
        status = gln_gateway_find(&c->gateway, c->context);
    } else {
        if (only_looks(method, path)) { /* an archive is made of a ledger that is there, and changes it */
            status = gln_gateway_look(&c->gateway, c->context);
            gln_gateway_close(c->gateway);
            c->gateway = NULL;
        }
        if (status == GLN_OK)
            status = gln_gateway_open(&c->gateway, c->context);
    }
    if (status != GLN_OK && status != GLN_E_BUSY)
        return status;
    c->asked = true;
    return GLN_OK;
}

int cli_request(struct cli *c, const char *method, const char *path, const void *body, size_t length,
                gln_reply *reply)
{
    *reply = (gln_reply){.struct_size = sizeof *reply};
    int status = find_owner(c, method, path);
    if (status != GLN_OK)
        return status;
    gln_request request = {
        .struct_size = sizeof request,
        .method = method,
        .path = path,
        .submitter = c->value[CLI_AS],
        .accept = c->value[CLI_JSON] != NULL ? "application/json" : "text/plain",
        .language = c->language == GLN_ES ? "es" : "en",
        .idempotency_key = c->value[CLI_KEY],
        .body = body,
        .body_length = length,
    };
    return c->gateway != NULL ? gln_gateway_request(c->gateway, c->context, &request, reply)
                              : gln_local_request(c->context, NULL, &request, reply);
}

int cli_show_reply(struct cli *c, int status, gln_reply *reply)
{
    int exit_code;
    if (status != GLN_OK) {
        cli_say(stderr, c, TEXT_ERROR, gln_context_error(c->context, c->language), NULL, NULL);
        exit_code = gln_status_exit(status);
    } else {
        exit_code = gln_status_exit(reply->status);
        bool refused = reply->http_status >= 400;
        if (refused && reply->body_length > 0)
            fwrite(reply->body, 1, reply->body_length, stderr);
        else if (reply->body_length > 0 && !cli_write_output(c, reply->body, reply->body_length))
            exit_code = 3;
    }
    gln_free(reply->body);
    reply->body = NULL;
    return exit_code;
}

/* A growing path; `failed` once memory ran out. */
struct path {
    char *text;
    size_t length, size;
};

static void put(struct path *p, const char *s, size_t n)
{
    if (p->text != NULL && p->length + n + 1 > p->size) {
        p->size = (p->length + n + 1) * 2;
        char *more = realloc(p->text, p->size);
        if (more == NULL)
            free(p->text);
        p->text = more;
    }
    if (p->text == NULL)
        return;
    memcpy(p->text + p->length, s, n);
    p->length += n;
    p->text[p->length] = '\0';
}

static void put_escaped(struct path *p, const char *s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *s != '\0'; s++) {
        char hex[4];
        if (strchr(plain, *s) != NULL) {
            put(p, s, 1);
        } else {
            snprintf(hex, sizeof hex, "%%%02X", (unsigned char)*s);
            put(p, hex, 3);
        }
    }
}

static void put_query(struct path *p, const char *name, const char *value)
{
    if (p->text == NULL)
        return;
    put(p, strchr(p->text, '?') == NULL ? "?" : "&", 1);
    put(p, name, strlen(name));
    put(p, "=", 1);
    put_escaped(p, value);
}

/* A file's full name; as it was typed if there is no such file, for whoever reads it to say. */
static void put_file(struct path *p, const char *name, const char *file)
{
    char *full = realpath(file, NULL);
    put_query(p, name, full != NULL ? full : file);
    free(full);
}

/* The folder files named inside the body are relative to. */
static void put_base(struct path *p, const char *file)
{
    char *full = strcmp(file, "-") == 0 ? realpath(".", NULL) : realpath(file, NULL);
    if (full == NULL)
        return;
    char *slash = strrchr(full, '/');
    if (strcmp(file, "-") != 0 && slash != NULL)
        *(slash == full ? slash + 1 : slash) = '\0';
    put_query(p, "base", full);
    free(full);
}

char *cli_path(const struct cli *c)
{
    struct path p = {.text = malloc(128), .size = 128};
    const struct command *command = c->command;
    for (const char *s = command->path; *s != '\0'; s++) {
        size_t i = s[0] == '{' ? (size_t)(s[1] - '1') : CLI_MAX_ARGS;
        if (i < c->arg_count) {
            put_escaped(&p, c->arg[i]);
            s += 2;
        } else {
            put(&p, s, 1);
        }
    }
    /* files are read by whoever owns the ledger: on this machine, but not in this folder */
    const uint64_t query = BIT(AS_OF) | BIT(BEFORE) | BIT(BY) | BIT(CAPACITY) | BIT(CLASS) | BIT(COLUMNS) |
                           BIT(CONSENT) | BIT(DOCUMENT) | BIT(DRY_RUN) | BIT(EFFECTIVE) | BIT(FROM) |
                           BIT(IDENTITY) | BIT(KNOWN) | BIT(LIMIT) | BIT(LRN) | BIT(MAX_SHRINK) | BIT(NAME) |
                           BIT(NOTE) | BIT(NUMBER) | BIT(OPERATION) | BIT(PROGRAMME) | BIT(REASON) |
                           BIT(ROLES) | BIT(SEEN) | BIT(SHA256) | BIT(SIGNED) | BIT(SOURCE) | BIT(STATE) |
                           BIT(TAX) | BIT(TO) | BIT(UNTIL) | BIT(VALID_DAYS);
    const uint64_t files = BIT(ANCHOR) | BIT(ARCHIVE) | BIT(EVIDENCE) | BIT(MAPPING) | BIT(SIGNATURE);
    for (int i = 0; i < CLI_OPTION_COUNT; i++) {
        if (c->value[i] == NULL)
            continue;
        if ((query >> i & 1) != 0)
            put_query(&p, cli_option_table[i].name, c->value[i]);
        else if ((files >> i & 1) != 0)
            put_file(&p, cli_option_table[i].name, c->value[i]);
    }
    if (command->body > 0 && (size_t)command->body <= c->arg_count) {
        put_query(&p, "file", c->arg[command->body - 1]);
        put_base(&p, c->arg[command->body - 1]);
    }
    return p.text;
}

void cli_add_query(char **path, const char *name, const char *value)
{
    size_t length = *path == NULL ? 0 : strlen(*path);
    struct path p = {.text = *path, .length = length, .size = length + 1};
    put_query(&p, name, value);
    *path = p.text;
}

int cli_ask(struct cli *c)
{
    int exit_code = cli_open_engine(c);
    if (exit_code != 0)
        return exit_code;
    char *body = NULL, *path = NULL;
    size_t length = 0;
    bool has_body = c->command->body > 0 && (size_t)c->command->body <= c->arg_count;
    if (has_body)
        exit_code = cli_read_file(c, c->arg[c->command->body - 1], &body, &length);
    if (exit_code == 0) {
        gln_reply reply;
        path = cli_path(c);
        int status = path == NULL
                         ? GLN_E_MEMORY
                         : cli_request(c, has_body ? "POST" : c->command->method, path, body, length, &reply);
        exit_code = path == NULL ? 3 : cli_show_reply(c, status, &reply);
    }
    free(path);
    free(body);
    return exit_code;
}
