/*
 * Submitters, for the local operator: who may send, whose signature is whose, who may bring what another signed, and under which
 * identities each may file.
 *
 * A certificate comes in the body of a request, or as its fingerprint; nothing here is a secret.
 */
#include "desk/internal.h"

#include <string.h>

#include "util/str.h"

void desk_day_text(char out[25], int64_t ms)
{
    if (ms == 0) {
        str_copy(out, 25, "-");
        return;
    }
    time_format(out, ms);
    out[10] = '\0';
}

int desk_done(struct desk *k, enum message_id id, const char *name, const char *more)
{
    struct json_out j;

    if (k->in->text) {
        DESK_SAY(k, id, name, more != NULL ? more : "");
        return GLN_OK;
    }
    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_str(&j, "name", name);
    json_bool(&j, "done", true);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return GLN_OK;
}

struct listing {
    struct desk *k;
    struct json_out j;
    size_t count;
};

/** The fingerprint of the client certificate in the body. */
static int body_fingerprint(struct desk *k, struct buf *out)
{
    struct cert *cert = NULL;
    int status = cert_parse(&cert, k->ctx, k->in->body, k->in->body_len);

    if (status == GLN_OK)
        cert_fingerprint(out, cert);
    cert_free(cert);
    return status;
}

int desk_submitter_add(struct desk *k)
{
    const char *name = desk_query(k, "name");
    const char *fingerprint = desk_query(k, "fingerprint");
    struct buf of_body = BUF_INIT;
    int status = GLN_OK;

    if (name == NULL || *name == '\0')
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_SUBMITTER_ARGS);
    if (k->in->body_len > 0)
        status = body_fingerprint(k, &of_body);
    if (status == GLN_OK)
        status = submitter_add(ledger_store(k->gw->ledger), k->ctx, name,
                               of_body.len > 0 ? of_body.data : fingerprint, DESK_ENTERED(k));
    buf_free(&of_body);
    return status == GLN_OK ? desk_done(k, MSG_DESK_SUBMITTER_ADDED, name, NULL) : status;
}

/** Another client certificate: in the body, or its fingerprint; none: he is known by none any more. */
static int rotated(struct desk *k, const char *name)
{
    struct buf of_body = BUF_INIT;
    int status = k->in->body_len > 0 ? body_fingerprint(k, &of_body) : GLN_OK;

    if (status == GLN_OK)
        status =
            submitter_rotate(ledger_store(k->gw->ledger), k->ctx, name,
                             of_body.len > 0 ? of_body.data : desk_query(k, "fingerprint"), DESK_ENTERED(k));
    buf_free(&of_body);
    return status == GLN_OK ? desk_done(k, MSG_DESK_SUBMITTER_ROTATED, name, NULL) : status;
}

static int removed(struct desk *k, const char *name)
{
    int status = submitter_end(ledger_store(k->gw->ledger), k->ctx, name, DESK_ENTERED(k));

    return status == GLN_OK ? desk_done(k, MSG_DESK_SUBMITTER_REMOVED, name, NULL) : status;
}

int desk_submitter_act(struct desk *k)
{
    static const struct {
        const char *name;
        int (*act)(struct desk *k, const char *submitter);
    } rows[] = {{"rotate", rotated}, {"remove", removed}};
    const char *name = desk_segment(k, 3);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (str_eq(rows[i].name, name))
            return rows[i].act(k, desk_segment(k, 2));
    return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_SUBMITTER_ACTION, name);
}

static void listing_open(struct listing *l, const char *key)
{
    json_begin(&l->j, &l->k->out->body);
    if (!l->k->in->text) {
        json_open_object(&l->j, NULL);
        json_open_array(&l->j, key);
    }
}

static void listing_close(struct listing *l)
{
    if (l->k->in->text) {
        if (l->count == 0)
            DESK_SAY(l->k, MSG_DESK_NONE, "");
        return;
    }
    json_end_array(&l->j);
    json_end_object(&l->j);
    buf_putc(&l->k->out->body, '\n');
}

static int submitter_row(void *arg, const char *name, const char *fingerprint, int64_t added_ms,
                         int64_t unused, const char *none)
{
    struct listing *l = arg;
    char at[25];

    (void)unused;
    (void)none;
    l->count++;
    time_format(at, added_ms);
    if (l->k->in->text) {
        buf_printf(&l->k->out->body, "%s  %s  %.10s\n", name, fingerprint != NULL ? fingerprint : "-", at);
        return 0;
    }
    json_open_object(&l->j, NULL);
    json_str(&l->j, "name", name);
    json_str(&l->j, "fingerprint", fingerprint);
    json_str(&l->j, "added", at);
    json_end_object(&l->j);
    return 0;
}

int desk_submitters(struct desk *k)
{
    struct listing l = {.k = k};
    int status;

    listing_open(&l, "submitters");
    status = submitter_list(ledger_store(k->gw->ledger), k->ctx, submitter_row, &l);
    listing_close(&l);
    return status;
}

/** Who may do what, from when to when, on which paper. */
static int dated_row(struct listing *l, const char *const keys[2], const char *const names[2],
                     int64_t from_ms, int64_t to_ms, const char *document)
{
    char from[25];
    char to[25];

    l->count++;
    desk_day_text(from, from_ms);
    desk_day_text(to, to_ms);
    if (l->k->in->text) {
        buf_printf(&l->k->out->body, "%s  %s  %s  %s  %s\n", names[0], names[1], from, to,
                   document != NULL ? document : "");
        return 0;
    }
    json_open_object(&l->j, NULL);
    json_str(&l->j, keys[0], names[0]);
    json_str(&l->j, keys[1], names[1]);
    json_str(&l->j, "from", from);
    json_str(&l->j, "until", to);
    json_str(&l->j, "document", document);
    json_end_object(&l->j);
    return 0;
}

static int binding_row(void *arg, const char *submitter, const char *identity, int64_t from_ms, int64_t to_ms,
                       const char *document)
{
    return dated_row(arg, (const char *const[]){"submitter", "identity"},
                     (const char *const[]){submitter, identity}, from_ms, to_ms, document);
}

int desk_bindings(struct desk *k)
{
    struct listing l = {.k = k};
    int status;

    listing_open(&l, "bindings");
    status = binding_list(ledger_store(k->gw->ledger), k->ctx, binding_row, &l);
    listing_close(&l);
    return status;
}

int desk_instant(struct desk *k, const char *name, bool last, int64_t *out)
{
    const char *text = desk_query(k, name);
    struct buf b = BUF_INIT;
    bool good;

    *out = 0;
    if (text == NULL || *text == '\0')
        return GLN_OK;
    buf_printf(&b, "%s%s", text, strlen(text) != 10 ? "" : last ? "T23:59:59.999Z" : "T00:00:00Z");
    good = !b.failed && time_parse(out, b.data);
    buf_free(&b);
    return good ? GLN_OK : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_DATE, text);
}

int desk_binding_add(struct desk *k)
{
    const char *submitter = desk_query(k, "submitter");
    const char *identity = desk_query(k, "identity");
    int64_t from = 0;
    int64_t to = 0;
    int status;

    if (submitter == NULL || identity == NULL || *submitter == '\0' || *identity == '\0')
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_BINDING_ARGS);
    status = desk_instant(k, "from", false, &from);
    if (status == GLN_OK)
        status = desk_instant(k, "until", true, &to);
    if (status == GLN_OK)
        status = submitter_bind(ledger_store(k->gw->ledger), k->ctx, submitter, identity, from, to,
                                desk_query(k, "document"), DESK_ENTERED(k));
    return status == GLN_OK ? desk_done(k, MSG_DESK_BOUND, submitter, identity) : status;
}

int desk_binding_remove(struct desk *k)
{
    const char *submitter = desk_query(k, "submitter");
    const char *identity = desk_query(k, "identity");
    int status;

    if (submitter == NULL || identity == NULL || *submitter == '\0' || *identity == '\0')
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_BINDING_ARGS);
    status = submitter_unbind(ledger_store(k->gw->ledger), k->ctx, submitter, identity, DESK_ENTERED(k));
    return status == GLN_OK ? desk_done(k, MSG_DESK_UNBOUND, submitter, identity) : status;
}

/* --- signers, and who brings what they signed --- */

int desk_signer_add(struct desk *k)
{
    const char *submitter = desk_query(k, "submitter");
    struct cert *cert = NULL;
    int status;

    if (submitter == NULL || *submitter == '\0' || k->in->body_len == 0)
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_SIGNER_ARGS);
    status = cert_parse(&cert, k->ctx, k->in->body, k->in->body_len);
    if (status == GLN_OK)
        status = signer_add(ledger_store(k->gw->ledger), k->ctx, submitter, cert, DESK_ENTERED(k));
    cert_free(cert);
    return status == GLN_OK ? desk_done(k, MSG_DESK_SIGNER_ADDED, submitter, NULL) : status;
}

int desk_signer_remove(struct desk *k)
{
    const char *fingerprint = desk_segment(k, 2);
    int status = signer_end(ledger_store(k->gw->ledger), k->ctx, fingerprint, DESK_ENTERED(k));

    return status == GLN_OK ? desk_done(k, MSG_DESK_SIGNER_ENDED, fingerprint, NULL) : status;
}

static int signer_row(void *arg, const char *submitter, const char *fingerprint, int64_t added_ms,
                      int64_t unused, const char *subject)
{
    struct listing *l = arg;
    char at[25];

    (void)unused;
    l->count++;
    time_format(at, added_ms);
    if (l->k->in->text) {
        buf_printf(&l->k->out->body, "%s  %s  %.10s  %s\n", submitter, fingerprint, at,
                   subject != NULL ? subject : "");
        return 0;
    }
    json_open_object(&l->j, NULL);
    json_str(&l->j, "submitter", submitter);
    json_str(&l->j, "fingerprint", fingerprint);
    json_str(&l->j, "added", at);
    json_str(&l->j, "certificate", subject);
    json_end_object(&l->j);
    return 0;
}

int desk_signers(struct desk *k)
{
    struct listing l = {.k = k};
    int status;

    listing_open(&l, "signers");
    status = signer_list(ledger_store(k->gw->ledger), k->ctx, signer_row, &l);
    listing_close(&l);
    return status;
}

/** Both names of a messenger's row. */
static int messenger_names(struct desk *k, const char **messenger, const char **signer)
{
    *messenger = desk_query(k, "messenger");
    *signer = desk_query(k, "signer");
    if (*messenger == NULL || *signer == NULL || **messenger == '\0' || **signer == '\0')
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_MESSENGER_ARGS);
    return GLN_OK;
}

int desk_messenger_add(struct desk *k)
{
    const char *messenger;
    const char *signer;
    int64_t from = 0;
    int64_t to = 0;
    int status = messenger_names(k, &messenger, &signer);

    if (status == GLN_OK)
        status = desk_instant(k, "from", false, &from);
    if (status == GLN_OK)
        status = desk_instant(k, "until", true, &to);
    if (status == GLN_OK)
        status = messenger_add(ledger_store(k->gw->ledger), k->ctx, messenger, signer, from, to,
                               desk_query(k, "document"), DESK_ENTERED(k));
    return status == GLN_OK ? desk_done(k, MSG_DESK_MESSENGER_ADDED, messenger, signer) : status;
}

int desk_messenger_remove(struct desk *k)
{
    const char *messenger;
    const char *signer;
    int status = messenger_names(k, &messenger, &signer);

    if (status == GLN_OK)
        status = messenger_end(ledger_store(k->gw->ledger), k->ctx, messenger, signer, DESK_ENTERED(k));
    return status == GLN_OK ? desk_done(k, MSG_DESK_MESSENGER_ENDED, messenger, signer) : status;
}

static int messenger_row(void *arg, const char *messenger, const char *signer, int64_t from_ms, int64_t to_ms,
                         const char *document)
{
    return dated_row(arg, (const char *const[]){"messenger", "signer"},
                     (const char *const[]){messenger, signer}, from_ms, to_ms, document);
}

int desk_messengers(struct desk *k)
{
    struct listing l = {.k = k};
    int status;

    listing_open(&l, "messengers");
    status = messenger_list(ledger_store(k->gw->ledger), k->ctx, messenger_row, &l);
    listing_close(&l);
    return status;
}
