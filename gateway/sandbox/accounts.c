/*
 * Who may file in the sandbox: transmitters with their filer codes for ACE, RFCs with their web-service keys for VUCEM, and the
 * authorities whose e.firmas are believed.
 *
 *   <accounts xmlns="urn:greenlane:sandbox:1">
 *     <transmitter site="2304" id="ZZZ" office="" password="PASSWD"><filer code="ZZZ"/></transmitter>
 *     <importer number="12-3456789"/>            none listed: every importer is on file
 *     <user rfc="AAA010101AAA" password="..."/>
 *     <authority file="sat-ca.pem"/>             beside this file, or absolute; may hold revocation lists
 *   </accounts>
 */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "util/file.h"
#include "util/str.h"
#include "xml/reader.h"

/* Copies an attribute into a fixed array; false if it is missing, or longer than fits. */
static bool take_attr(char *out, size_t size, const struct xml_node *n, const char *name, bool may_be_empty)
{
    const char *value = xml_attr(n, name);
    if (value == NULL) {
        value = "";
    }
    size_t len = strlen(value);
    str_copy(out, size, value);
    return len < size && (len > 0 || may_be_empty);
}

/* One more element at the end of an owned array. */
static void *grow(void *array, size_t count, size_t size)
{
    char *more = realloc(array, (count + 1) * size);
    if (more != NULL) {
        memset(more + count * size, 0, size);
    }
    return more;
}

static int add_transmitter(struct accounts *a, const struct xml_node *n)
{
    struct transmitter *more = grow(a->transmitters, a->transmitter_count, sizeof *more);
    if (more == NULL) {
        return GLN_E_MEMORY;
    }
    a->transmitters = more;
    struct transmitter *t = &more[a->transmitter_count++];
    bool good = take_attr(t->site, sizeof t->site, n, "site", false) &&
                take_attr(t->id, sizeof t->id, n, "id", false) &&
                take_attr(t->office, sizeof t->office, n, "office", true) &&
                take_attr(t->password, sizeof t->password, n, "password", false);
    for (const struct xml_node *f = xml_first(n); good && f != NULL; f = xml_next(f)) {
        char(*filers)[4] = grow(t->filers, t->filer_count, sizeof *filers);
        if (filers == NULL) {
            return GLN_E_MEMORY;
        }
        t->filers = filers;
        good = xml_is(f, "filer") && take_attr(filers[t->filer_count++], sizeof *filers, f, "code", false);
    }
    return good ? GLN_OK : GLN_E_CONFIG;
}

static int add_importer(struct accounts *a, const struct xml_node *n)
{
    char(*more)[13] = grow(a->importers, a->importer_count, sizeof *more);
    if (more == NULL) {
        return GLN_E_MEMORY;
    }
    a->importers = more;
    return take_attr(more[a->importer_count++], sizeof *more, n, "number", false) ? GLN_OK : GLN_E_CONFIG;
}

static int add_user(struct accounts *a, const struct xml_node *n)
{
    struct web_user *more = grow(a->users, a->user_count, sizeof *more);
    if (more == NULL) {
        return GLN_E_MEMORY;
    }
    a->users = more;
    struct web_user *u = &more[a->user_count++];
    u->password = str_dup(xml_attr(n, "password"));
    return u->password != NULL && take_attr(u->rfc, sizeof u->rfc, n, "rfc", false) ? GLN_OK : GLN_E_CONFIG;
}

static int add_authority(struct accounts *a, const struct xml_node *n, const char *base)
{
    const char *file = xml_attr(n, "file");
    const char *slash = strrchr(base, '/');
    char *dir = slash != NULL ? str_ndup(base, (size_t)(slash - base)) : str_dup(".");
    char *path = file != NULL && dir != NULL ? path_join(dir, file) : NULL;
    int error = path != NULL ? file_read(&a->authorities, path, 1 << 20) : -1;
    free(path);
    free(dir);
    return error == 0 ? GLN_OK : GLN_E_CONFIG;
}

static int add_child(struct accounts *a, const struct xml_node *n, const char *path)
{
    if (xml_is(n, "transmitter")) {
        return add_transmitter(a, n);
    }
    if (xml_is(n, "importer")) {
        return add_importer(a, n);
    }
    if (xml_is(n, "user")) {
        return add_user(a, n);
    }
    return xml_is(n, "authority") ? add_authority(a, n, path) : GLN_E_CONFIG;
}

int accounts_load(struct accounts *out, struct gln_context *ctx, const char *path)
{
    struct xml_doc *doc = NULL;
    memset(out, 0, sizeof *out);
    int status = xml_read_file(&doc, ctx, path);
    if (status != GLN_OK) {
        return status;
    }
    const struct xml_node *root = xml_root(doc);
    if (!xml_is(root, "accounts") || strcmp(xml_ns(root), "urn:greenlane:sandbox:1") != 0) {
        status = context_fail(ctx, GLN_E_CONFIG, MSG_SANDBOX_ACCOUNTS, path, xml_name(root));
    }
    for (const struct xml_node *n = xml_first(root); status == GLN_OK && n != NULL; n = xml_next(n)) {
        status = add_child(out, n, path);
        if (status == GLN_E_CONFIG) {
            context_fail_at(ctx, status, xml_place(doc, n), MSG_SANDBOX_ACCOUNTS, path, xml_name(n));
        } else if (status != GLN_OK) {
            context_no_memory(ctx);
        }
    }
    xml_doc_free(doc);
    return status;
}

void accounts_free(struct accounts *a)
{
    for (size_t i = 0; i < a->transmitter_count; i++) {
        free(a->transmitters[i].filers);
    }
    for (size_t i = 0; i < a->user_count; i++) {
        free(a->users[i].password);
    }
    free(a->transmitters);
    free(a->importers);
    free(a->users);
    buf_free(&a->authorities);
    memset(a, 0, sizeof *a);
}

const struct transmitter *accounts_transmitter(const struct accounts *a, const char *site, const char *id)
{
    for (size_t i = 0; i < a->transmitter_count; i++) {
        if (strcmp(a->transmitters[i].site, site) == 0 && strcmp(a->transmitters[i].id, id) == 0) {
            return &a->transmitters[i];
        }
    }
    return NULL;
}

bool accounts_has_filer(const struct transmitter *t, const char *filer)
{
    for (size_t i = 0; i < t->filer_count; i++) {
        if (strcmp(t->filers[i], filer) == 0) {
            return true;
        }
    }
    return false;
}

bool accounts_has_importer(const struct accounts *a, const char *number)
{
    bool found = a->importer_count == 0;
    for (size_t i = 0; i < a->importer_count && !found; i++) {
        found = strcmp(a->importers[i], number) == 0;
    }
    return found;
}

const struct web_user *accounts_user(const struct accounts *a, const char *rfc)
{
    for (size_t i = 0; i < a->user_count; i++) {
        if (strcmp(a->users[i].rfc, rfc) == 0) {
            return &a->users[i];
        }
    }
    return NULL;
}
