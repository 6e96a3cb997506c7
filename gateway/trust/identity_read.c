/*
 * Reads an identity's XML document: who, for which destination, under which settings, and which files hold its key, certificate and
 * secrets. Secrets stand in files of their own, never in the document.
 *
 * Owns what it puts into the draft; secrets are wiped when it is freed. Everything is checked here, before anything is stored: the key
 * opens with its password and belongs to the certificate, the certificate is valid now, the custody allows what is given. A refusal has
 * the line of the document.
 */
#include "trust/identity_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/token.h"
#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

#define IDENTITY_NS "urn:greenlane:identity:1"

struct reading {
    struct identity_draft *d;
    struct gln_context *ctx;
    const struct xml_doc *doc;
    const char *base_dir;
    bool partial;
};

void identity_free(struct identity *id)
{
    if (id == NULL)
        return;
    free(id->name);
    free(id->environment);
    free(id->destination);
    free(id->principal);
    free(id->role);
    free(id->custody);
    for (size_t i = 0; i < id->setting_count; i++) {
        free(id->settings[i].name);
        free(id->settings[i].value);
    }
    free(id->settings);
    cert_free(id->cert);
    free(id->key_uri);
    memset(id, 0, sizeof *id);
}

const char *identity_setting(const struct identity *id, const char *name)
{
    for (size_t i = 0; i < id->setting_count; i++)
        if (strcmp(id->settings[i].name, name) == 0)
            return id->settings[i].value;
    return NULL;
}

int identity_setting_add(struct identity *id, struct gln_context *ctx, const char *name, const char *value)
{
    void *more = realloc(id->settings, (id->setting_count + 1) * sizeof *id->settings);
    if (more == NULL)
        return context_no_memory(ctx);
    id->settings = more;
    size_t i = id->setting_count;
    id->settings[i].name = str_dup(name);
    id->settings[i].value = str_dup(value);
    id->setting_count++;
    return id->settings[i].name != NULL && id->settings[i].value != NULL ? GLN_OK : context_no_memory(ctx);
}

static void secret_free(struct buf *b)
{
    if (b->data != NULL)
        bytes_wipe(b->data, b->cap);
    buf_free(b);
}

void identity_draft_free(struct identity_draft *d)
{
    identity_free(&d->identity);
    for (size_t i = 0; i < d->secret_count; i++) {
        free(d->secrets[i].name);
        secret_free(&d->secrets[i].value);
    }
    d->secret_count = 0;
}

static int refuse(struct reading *r, const struct xml_node *n, int status, enum message_id id, const char *a,
                  const char *b)
{
    return context_fail_at(r->ctx, status, xml_place(r->doc, n), id, a == NULL ? "" : a, b == NULL ? "" : b);
}

/* A file the document names, relative to the document's folder. Capped: keys and passwords are small. */
static int read_file(struct reading *r, const struct xml_node *n, const char *attribute, struct buf *out)
{
    const char *name = xml_attr(n, attribute);
    if (name == NULL || name[0] == '\0')
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ATTRIBUTE, xml_name(n), attribute);
    char *path = path_join(r->base_dir, name);
    if (path == NULL)
        return context_no_memory(r->ctx);
    int err = file_read(out, path, 1 << 20);
    int status = err == 0 ? GLN_OK : refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_FILE, path, strerror(err));
    free(path);
    return status;
}

/* Without the line end an editor adds. */
static int read_secret_file(struct reading *r, const struct xml_node *n, const char *attribute,
                            struct buf *out)
{
    int status = read_file(r, n, attribute, out);
    while (out->len > 0 && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
        out->data[--out->len] = '\0';
    if (status == GLN_OK && (out->len == 0 || memchr(out->data, '\0', out->len) != NULL))
        status = refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_SECRET_EMPTY, xml_attr(n, attribute), NULL);
    return status;
}

/* Takes the bytes of `value`. */
static int keep_secret(struct reading *r, const struct xml_node *n, const char *name, struct buf *value)
{
    struct identity_draft *d = r->d;
    for (size_t i = 0; i < d->secret_count; i++)
        if (strcmp(d->secrets[i].name, name) == 0)
            return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_TWICE, name, NULL);
    if (d->secret_count == IDENTITY_MAX_SECRETS)
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_TWICE, name, NULL);
    d->secrets[d->secret_count].name = str_dup(name);
    d->secrets[d->secret_count].value = *value;
    *value = (struct buf)BUF_INIT;
    d->secret_count++;
    return d->secrets[d->secret_count - 1].name != NULL ? GLN_OK : context_no_memory(r->ctx);
}

static int read_setting(struct reading *r, const struct xml_node *n)
{
    const char *name = xml_attr(n, "name"), *value = xml_attr(n, "value"), *file = xml_attr(n, "file");
    if (name == NULL || name[0] == '\0' || (value == NULL) == (file == NULL))
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ATTRIBUTE, "setting", "name, value / file");
    if (value != NULL)
        return identity_setting_add(&r->d->identity, r->ctx, name, value);
    char *path = path_join(r->base_dir, file);
    int status =
        path == NULL ? context_no_memory(r->ctx) : identity_setting_add(&r->d->identity, r->ctx, name, path);
    free(path);
    return status;
}

static int read_secret(struct reading *r, const struct xml_node *n)
{
    struct buf value = BUF_INIT;
    const char *name = xml_attr(n, "name");
    if (!path_is_plain(name) || strcmp(name, "key") == 0 || strcmp(name, "pin") == 0)
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ATTRIBUTE, "secret", "name");
    int status = read_secret_file(r, n, "file", &value);
    if (status == GLN_OK)
        status = keep_secret(r, n, name, &value);
    secret_free(&value);
    return status;
}

static int read_certificate(struct reading *r, const struct xml_node *n)
{
    struct buf file = BUF_INIT;
    if (r->d->identity.cert != NULL)
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_TWICE, "certificate", NULL);
    int status = read_file(r, n, "file", &file);
    if (status == GLN_OK)
        status = cert_parse(&r->d->identity.cert, r->ctx, file.data, file.len);
    buf_free(&file);
    return status;
}

/* A key on a token stays there: its place and the PIN are kept. */
static int read_token(struct reading *r, const struct xml_node *n)
{
    struct identity *id = &r->d->identity;
    struct buf pin = BUF_INIT;
    if (xml_attr(n, "file") != NULL)
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ATTRIBUTE, "key", "file / uri");
    int status = token_uri_check(r->ctx, xml_attr(n, "uri"));
    if (status == GLN_OK)
        status = read_secret_file(r, n, "pin-file", &pin);
    if (status == GLN_OK)
        status = keep_secret(r, n, "pin", &pin);
    if (status == GLN_OK && (id->key_uri = str_dup(xml_attr(n, "uri"))) == NULL)
        status = context_no_memory(r->ctx);
    secret_free(&pin);
    return status;
}

/* The key is kept as plain PEM in the draft, to be sealed at once. */
static int read_key(struct reading *r, const struct xml_node *n)
{
    struct buf file = BUF_INIT, password = BUF_INIT, pem = BUF_INIT;
    struct key *key = NULL;
    struct cert *cert = NULL;
    if (xml_attr(n, "uri") != NULL)
        return read_token(r, n);
    int status = read_file(r, n, "file", &file);
    if (status == GLN_OK && xml_attr(n, "password-file") != NULL)
        status = read_secret_file(r, n, "password-file", &password);
    if (status == GLN_OK)
        status = key_parse(&key, &cert, r->ctx, file.data, file.len, password.data);
    if (status == GLN_OK)
        status = key_pem(&pem, r->ctx, key);
    if (status == GLN_OK)
        status = keep_secret(r, n, "key", &pem);
    if (status == GLN_OK && cert != NULL && r->d->identity.cert == NULL)
        r->d->identity.cert = TAKE(&cert);
    cert_free(cert);
    key_free(key);
    secret_free(&file);
    secret_free(&password);
    secret_free(&pem);
    return status;
}

static int text_attribute(struct reading *r, const struct xml_node *n, const char *name, char **out)
{
    const char *value = xml_attr(n, name);
    if (value == NULL || value[0] == '\0')
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ATTRIBUTE, xml_name(n), name);
    *out = str_dup(value);
    return *out != NULL ? GLN_OK : context_no_memory(r->ctx);
}

static int instant_attribute(struct reading *r, const struct xml_node *n, const char *name, int64_t *out)
{
    const char *value = xml_attr(n, name);
    return value == NULL || time_parse(out, value)
               ? GLN_OK
               : refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_INSTANT, name, value);
}

static bool is_custody(const char *word)
{
    return str_eq(word, "held") || str_eq(word, "token") || str_eq(word, "remote");
}

static int read_head(struct reading *r, const struct xml_node *n)
{
    struct identity *id = &r->d->identity;
    const struct {
        const char *name;
        char **out;
    } texts[] = {{"environment", &id->environment},
                 {"destination", &id->destination},
                 {"principal", &id->principal},
                 {"role", &id->role},
                 {"custody", &id->custody}};
    int status = text_attribute(r, n, "name", &id->name);
    for (size_t i = 0; status == GLN_OK && i < sizeof texts / sizeof texts[0]; i++)
        if (!r->partial || xml_attr(n, texts[i].name) != NULL)
            status = text_attribute(r, n, texts[i].name, texts[i].out);
    if (status == GLN_OK)
        status = instant_attribute(r, n, "from", &id->valid_from_ms);
    if (status == GLN_OK)
        status = instant_attribute(r, n, "until", &id->valid_to_ms);
    if (status == GLN_OK && !path_is_plain(id->name))
        status = refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_NAME, id->name, NULL);
    if (status != GLN_OK || r->partial)
        return status;
    if (!str_eq(id->environment, "TEST") && !str_eq(id->environment, "PROD"))
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ENVIRONMENT, id->environment, NULL);
    if (!is_custody(id->custody))
        return refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_CUSTODY, id->custody, NULL);
    return GLN_OK;
}

static const struct xml_node *has_key(const struct reading *r)
{
    return xml_child(xml_root(r->doc), "key");
}

static const struct buf *secret_in(const struct identity_draft *d, const char *name)
{
    for (size_t i = 0; i < d->secret_count; i++)
        if (strcmp(d->secrets[i].name, name) == 0)
            return &d->secrets[i].value;
    return NULL;
}

int identity_draft_custody(const struct identity_draft *d, struct gln_context *ctx, struct place place,
                           const char *custody)
{
    bool file = secret_in(d, "key") != NULL, token = d->identity.key_uri != NULL;
    if (str_eq(custody, "remote") && (file || token))
        return context_fail_at(ctx, GLN_E_CONFIG, place, MSG_IDENTITY_REMOTE_KEY, d->identity.name);
    if (str_eq(custody, "token") && file)
        return context_fail_at(ctx, GLN_E_CONFIG, place, MSG_IDENTITY_KEY_TOKEN, d->identity.name);
    if (str_eq(custody, "held") && token)
        return context_fail_at(ctx, GLN_E_CONFIG, place, MSG_IDENTITY_KEY_HELD, d->identity.name);
    return GLN_OK;
}

/* The key the document brings: opened from its PEM, or on its token by the PIN as a person gave it just now. */
static int open_key(struct reading *r, struct key **out)
{
    const struct buf *pem = secret_in(r->d, "key"), *pin = secret_in(r->d, "pin");
    bool refused;
    if (r->d->identity.key_uri == NULL)
        return key_parse(out, NULL, r->ctx, pem->data, pem->len, NULL);
    const struct token_key where = {option_text(r->ctx->options, OPT_PKCS11_MODULE), r->d->identity.key_uri,
                                    pin->data};
    return key_token(out, r->ctx, &where, true, &refused);
}

static int check_key(struct reading *r, const struct xml_node *n)
{
    const struct identity *id = &r->d->identity;
    struct key *key = NULL;
    if (id->cert == NULL)
        return refuse(r, n, GLN_E_KEY, MSG_IDENTITY_NO_CERTIFICATE, id->name, NULL);
    int status = open_key(r, &key);
    if (status == GLN_OK && !key_matches(key, id->cert))
        status = refuse(r, n, GLN_E_KEY, MSG_IDENTITY_MISMATCH, id->name, NULL);
    key_free(key);
    return status;
}

/* Key, certificate and custody must agree, and the certificate must be able to sign today. */
static int check_together(struct reading *r)
{
    struct identity *id = &r->d->identity;
    const struct xml_node *root = xml_root(r->doc);
    int status = GLN_OK;
    if (id->custody != NULL)
        status = identity_draft_custody(r->d, r->ctx, xml_place(r->doc, has_key(r)), id->custody);
    if (status == GLN_OK && has_key(r) != NULL)
        status = check_key(r, has_key(r));
    else if (status == GLN_OK && !r->partial && str_eq(id->custody, "token"))
        status = refuse(r, root, GLN_E_CONFIG, MSG_IDENTITY_KEY_TOKEN, id->name, NULL);
    if (status == GLN_OK && id->cert != NULL && !cert_valid_at(id->cert, clock_wall_ms(r->ctx->clock)))
        status = refuse(r, root, GLN_E_KEY, MSG_IDENTITY_CERTIFICATE_TIME, id->name, NULL);
    return status;
}

static int read_children(struct reading *r)
{
    static const struct {
        const char *name;
        int (*read)(struct reading *r, const struct xml_node *n);
    } elements[] = {{"setting", read_setting},
                    {"secret", read_secret},
                    {"certificate", read_certificate},
                    {"key", read_key}};
    int status = GLN_OK;
    for (const struct xml_node *n = xml_first(xml_root(r->doc)); status == GLN_OK && n != NULL;
         n = xml_next(n)) {
        size_t i = 0;
        while (i < sizeof elements / sizeof elements[0] && !xml_is(n, elements[i].name))
            i++;
        if (i < sizeof elements / sizeof elements[0])
            status = elements[i].read(r, n);
        else if (!xml_is(n, "series")) /* the ledger's; desk/ reads it */
            status = refuse(r, n, GLN_E_CONFIG, MSG_IDENTITY_ELEMENT, xml_name(n), NULL);
    }
    return status;
}

int identity_read(struct identity *out, struct gln_context *ctx, const void *doc, size_t len,
                  const char *base_dir, bool partial)
{
    struct identity_draft draft;
    int status = identity_draft_read(&draft, ctx, doc, len, base_dir, partial);
    memset(out, 0, sizeof *out);
    if (status != GLN_OK)
        return status;
    *out = draft.identity;
    memset(&draft.identity, 0, sizeof draft.identity);
    identity_draft_free(&draft);
    return GLN_OK;
}

int identity_draft_read(struct identity_draft *out, struct gln_context *ctx, const void *doc, size_t len,
                        const char *base_dir, bool partial)
{
    struct xml_doc *tree = NULL;
    struct reading r = {.d = out, .ctx = ctx, .base_dir = base_dir, .partial = partial};
    memset(out, 0, sizeof *out);
    int status = xml_read(&tree, ctx, doc, len);
    r.doc = tree;
    const struct xml_node *root = status == GLN_OK ? xml_root(tree) : NULL;
    if (status == GLN_OK && (!xml_is(root, "identity") || !str_eq(xml_ns(root), IDENTITY_NS)))
        status = refuse(&r, root, GLN_E_CONFIG, MSG_IDENTITY_ROOT, xml_name(root), IDENTITY_NS);
    if (status == GLN_OK)
        status = read_head(&r, root);
    if (status == GLN_OK)
        status = read_children(&r);
    if (status == GLN_OK)
        status = check_together(&r);
    if (status != GLN_OK)
        identity_draft_free(out);
    xml_doc_free(tree);
    return status;
}
