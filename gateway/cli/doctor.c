/*
 * doctor: tries, one after the other, what every other command needs, and says what is wrong with each.
 *
 * Owns nothing beyond a call. Goes on after a failure, so that one call shows all troubles; the exit code is the worst. A ledger that
 * does not open, or is not there, ends it: every further question would have the same answer.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *what[2], *method, *path;
} asked[] = {
    {{"the ledger's chain", "la cadena del libro"}, "GET", "/v1/ledger/verify"},
    {{"identities", "identidades"}, "GET", "/v1/identities"},
    {{"register of operators", "registro de operadores"}, "GET", "/v1/operators"},
    {{"destinations", "destinos"}, "GET", "/v1/destinations"},
    {{"certificates", "certificados"}, "GET", "/v1/certs"},
    {{"ready to work", "listo para trabajar"}, "GET", "/readyz"},
};

static int try_one(struct cli *c, size_t i)
{
    gln_reply reply;
    int status = cli_request(c, asked[i].method, asked[i].path, NULL, 0, &reply);
    const char *why = gln_context_error(c->context, c->language);
    if (status == GLN_OK && reply.http_status >= 400) {
        status = reply.status == GLN_OK ? GLN_E_INTERNAL : reply.status;
        why = reply.body;
        if (why != NULL && reply.body_length > 0 && reply.body[reply.body_length - 1] == '\n')
            reply.body[reply.body_length - 1] = '\0';
    }
    if (status == GLN_OK)
        cli_say(stdout, c, TEXT_DOCTOR_GOOD, asked[i].what[c->language], NULL, NULL);
    else
        cli_say(stdout, c, TEXT_DOCTOR_BAD, asked[i].what[c->language],
                why != NULL ? why : gln_status_text(status), NULL);
    gln_free(reply.body);
    return status == GLN_OK ? 0 : gln_status_exit(status);
}

int cli_doctor(struct cli *c)
{
    int worst = cli_open_engine(c);
    if (worst != 0)
        return worst;
    cli_say(stdout, c, TEXT_DOCTOR_GOOD,
            c->language == GLN_ES ? "configuración y datos" : "settings and data", NULL, NULL);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        int exit_code = try_one(c, i);
        if (exit_code > worst)
            worst = exit_code;
        if (!c->asked)
            break;
    }
    return worst;
}
