/*
 * Endpoints: where an identity's messages go and answers come from, read out of its settings, with the client certificate it shows
 * there; and trying them without filing anything.
 *
 * The certificate is a file the settings name (endpoint.client-certificate), its key is the identity's sealed secret `client-key`, in
 * memory only while the endpoint is open. One without the other is an error: a server that wants it would refuse the line.
 *
 * Whether what goes there is SOAP is the bundle's to say, not a setting's: a message that has a SOAPAction goes by the carrier `soap`.
 */
#include "flow/internal.h"

#include <errno.h>
#include <string.h>

#include "util/file.h"
#include "util/str.h"

/** Setting endpoint.NAME.PROPERTY, else endpoint.PROPERTY; NULL if neither is there. */
static const char *endpoint_setting(const struct identity *id, const char *name, const char *property)
{
    struct buf key = BUF_INIT;
    const char *value = NULL;

    buf_printf(&key, "endpoint.%s.%s", name, property);
    if (!key.failed)
        value = identity_setting(id, key.data);
    buf_clear(&key);
    buf_printf(&key, "endpoint.%s", property);
    if (value == NULL && !key.failed)
        value = identity_setting(id, key.data);
    buf_free(&key);
    return value;
}

int64_t endpoint_ms(const struct identity *id, const char *endpoint, const char *property, int64_t otherwise)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
    const char *text = endpoint_setting(id, endpoint, property);
    int64_t n = 0;

    if (text == NULL || *text < '0' || *text > '9')
        return otherwise;
    for (; *text >= '0' && *text <= '9' && n < 100000000; text++)
        n = n * 10 + (*text - '0');
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (str_eq(units[i].unit, text))
            return n * units[i].ms;
    return otherwise;
}

int endpoint_of(struct carry_endpoint *out, struct gln_context *ctx, const struct identity *id,
                const char *name)
{
    const char *carrier = endpoint_setting(id, name, "carrier");

    *out = (struct carry_endpoint){
        .carrier = carrier != NULL ? carrier : "https",
        .url = endpoint_setting(id, name, "url"),
        .ca_file = endpoint_setting(id, name, "ca"),
        .ciphers = endpoint_setting(id, name, "ciphers"),
        .connect_timeout_ms = endpoint_ms(id, name, "connect-timeout", 15000),
        .timeout_ms = endpoint_ms(id, name, "timeout", 120000),
    };
    return out->url != NULL ? GLN_OK : context_fail(ctx, GLN_E_CONFIG, MSG_FLOW_NO_ENDPOINT, id->name, name);
}

static int client_open(struct endpoint *out, struct gln_gateway *gw, struct gln_context *ctx,
                       const struct identity *id, const char *name)
{
    const char *path = endpoint_setting(id, name, "client-certificate");
    char why[160];
    int status, err;

    if (path == NULL)
        return GLN_OK;
    err = file_read(&out->cert, path, 1 << 20);
    if (err != 0)
        return context_fail(ctx, GLN_E_CONFIG, MSG_FLOW_FILE, path, strerror_r(err, why, sizeof why));
    status = identity_secret(ledger_store(gw->ledger), ctx, gw->sealer, id->name, "client-key", &out->key);
    out->at.client_cert_pem = out->cert.data;
    out->at.client_key_pem = out->key.data;
    return status;
}

int endpoint_open(struct endpoint *out, struct gln_gateway *gw, struct gln_context *ctx,
                  const struct identity *id, const char *name)
{
    /* to no address but those that were entered with it */
    int status = identity_unchanged(ledger_store(gw->ledger), ctx, gw->sealer, id);

    if (status == GLN_OK)
        status = endpoint_of(&out->at, ctx, id, name);
    return status == GLN_OK ? client_open(out, gw, ctx, id, name) : status;
}

int endpoint_for(struct endpoint *out, struct gln_gateway *gw, struct gln_context *ctx,
                 const struct identity *id, const struct route_carrier *how)
{
    int status = endpoint_open(out, gw, ctx, id, how->endpoint);

    out->at.soap_action = how->soap_action;
    out->at.content_type = how->content_type;
    if (status == GLN_OK && how->soap_action != NULL && str_eq(out->at.carrier, "https"))
        out->at.carrier = "soap";
    return status;
}

void endpoint_close(struct endpoint *e)
{
    buf_free(&e->cert);
    secret_buf_free(&e->key);
    memset(e, 0, sizeof *e);
}

/** The name between "endpoint." and ".url"; "" for the address all share. False: another setting. */
static bool address_name(char name[64], const char *setting)
{
    static const char first[] = "endpoint.", last[] = ".url";
    size_t n = strlen(setting), head = sizeof first - 1, tail = sizeof last - 1;

    name[0] = '\0';
    if (str_eq(setting, "endpoint.url"))
        return true;
    if (!str_starts(setting, first) || n <= head + tail || n - head - tail >= 64 ||
        !str_eq(setting + n - tail, last))
        return false;
    memcpy(name, setting + head, n - head - tail);
    name[n - head - tail] = '\0';
    return true;
}

int flow_probe(struct gln_gateway *gw, struct gln_context *ctx, const struct identity *id,
               int (*each)(void *arg, const char *name, const char *url, const char *why), void *arg)
{
    int status = GLN_OK;

    for (size_t i = 0; status == GLN_OK && i < id->setting_count; i++) {
        struct endpoint e = {0};
        struct buf why = BUF_INIT;
        char name[64];

        if (!address_name(name, id->settings[i].name))
            continue;
        status = endpoint_open(&e, gw, ctx, id, name);
        if (status == GLN_OK)
            status = carry_probe(ctx, &e.at, &why);
        if (status != GLN_OK && status != GLN_E_STORE && status != GLN_E_MEMORY) {
            buf_puts(&why, reason_of_error(ctx));
            context_ok(ctx);
            status = GLN_OK;
        }
        if (status == GLN_OK)
            status = each(arg, name, id->settings[i].value, why.len > 0 ? why.data : NULL);
        buf_free(&why);
        endpoint_close(&e);
    }
    return status;
}
