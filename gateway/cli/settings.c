/*
 * From options to an engine: the settings file, --ledger, --set; and the files a command reads and writes.
 *
 * Owns what it puts into struct cli, freed by cli_close(). A failure is told on standard error at once, in one line, and becomes
 * the exit code of the status.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int bad_setting(struct cli *c, int status)
{
    cli_say(stderr, c, TEXT_ERROR, gln_config_error(c->config), NULL, NULL);
    return gln_status_exit(status);
}

static int load_file(struct cli *c)
{
    const char *path = c->value[CLI_CONFIG] != NULL ? c->value[CLI_CONFIG] : getenv("GREENLANE_CONFIG");
    if (path == NULL && access(GREENLANE_SYSCONFDIR "/greenlane.xml", R_OK) == 0)
        path = GREENLANE_SYSCONFDIR "/greenlane.xml";
    return path == NULL || path[0] == '\0' ? GLN_OK : gln_config_load(c->config, path);
}

static int apply_sets(struct cli *c)
{
    for (size_t i = 0; i < c->set_count; i++) {
        const char *equals = strchr(c->set[i], '=');
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(equals - c->set[i]), c->set[i]);
        int status = gln_config_set(c->config, name, equals + 1);
        if (status != GLN_OK)
            return status;
    }
    return c->value[CLI_LEDGER] == NULL ? GLN_OK : gln_config_set(c->config, "ledger", c->value[CLI_LEDGER]);
}

int cli_open_engine(struct cli *c)
{
    if (c->context != NULL)
        return 0;
    int status = gln_config_new(&c->config);
    if (status == GLN_OK)
        status = load_file(c);
    if (status == GLN_OK)
        status = apply_sets(c);
    if (status == GLN_OK)
        status = gln_engine_new(&c->engine, c->config);
    if (status == GLN_OK)
        status = gln_context_new(&c->context, c->engine);
    return status == GLN_OK ? 0 : bad_setting(c, status);
}

void cli_close(struct cli *c)
{
    gln_gateway_close(c->gateway);
    gln_context_free(c->context);
    gln_engine_free(c->engine);
    gln_config_free(c->config);
    c->gateway = NULL;
    c->context = NULL;
    c->engine = NULL;
    c->config = NULL;
}

/* As much as is accepted and one byte more, by which it is seen to be too much: input may have no end. */
static char *slurp(FILE *in, size_t most, size_t *length)
{
    size_t size = 65536, used = 0;
    char *data = malloc(size);
    while (data != NULL && used <= most) {
        size_t n = fread(data + used, 1, size - used, in);
        used += n;
        if (n == 0)
            break;
        if (used == size) {
            char *more = realloc(data, size *= 2);
            if (more == NULL) {
                free(data);
                errno = ENOMEM;
            }
            data = more;
        }
    }
    if (data != NULL && ferror(in)) {
        free(data);
        return NULL;
    }
    *length = used <= most ? used : most + 1;
    return data;
}

int cli_read_file(struct cli *c, const char *path, char **data, size_t *length)
{
    long long most = 0;
    if (gln_config_number(c->config, "max-size", &most) != GLN_OK)
        return 3;
    errno = 0;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    *data = NULL;
    if (in != NULL) {
        *data = slurp(in, (size_t)most, length);
        int err = errno;
        if (in != stdin)
            fclose(in);
        errno = err;
    }
    if (*data != NULL)
        return 0;
    if (errno == EISDIR)
        cli_say(stderr, c, TEXT_FOLDER, path, NULL, NULL);
    else
        cli_say(stderr, c, TEXT_FILE_ERROR, path, strerror(errno), NULL);
    return 2;
}

bool cli_write_output(struct cli *c, const void *data, size_t length)
{
    const char *path = c->value[CLI_OUTPUT];
    FILE *out = path == NULL ? stdout : fopen(path, c->wrote ? "ab" : "wb");
    c->wrote = c->wrote || out != NULL;
    bool good = out != NULL && (length == 0 || fwrite(data, 1, length, out) == length) && fflush(out) == 0;
    if (out != NULL && out != stdout && fclose(out) != 0)
        good = false;
    if (!good)
        cli_say(stderr, c, TEXT_FILE_ERROR, path == NULL ? "standard output" : path, strerror(errno), NULL);
    return good;
}
