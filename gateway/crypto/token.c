/*
 * Private keys that never leave a token (smart card, HSM): loaded by the URI of RFC 7512 through OpenSSL's engine `pkcs11`
 * (Debian: libengine-pkcs11-openssl), which is looked for when the first such key is asked for and is no part of the build.
 *
 * Engines are deprecated in OpenSSL 3, yet what Debian 12 has for tokens; this file alone knows them. The engine is loaded privately:
 * it enters no list of the process and becomes no default. What cannot be ours alone is the PKCS#11 module: its C_Initialize and the
 * login to a token are the process's. So there is one entry for each module and process (`modules`), open while a key of it lives.
 *
 * A token counts wrong PINs and locks. One that was refused is kept in mind and not tried again unless a person gives it anew; the
 * caller keeps it across processes. The engine clears the caller's OpenSSL errors, so it loads on a thread of its own; it never
 * prints, and never asks a terminal.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* engines */
#include "crypto/token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/ui.h>

#include "crypto/internal.h"
#include "util/str.h"

/* --- the URI --- */

/** Names of `list`, each between blanks. */
static bool stands_in(const char *list, const char *name, size_t len)
{
    const char *at = list;

    while ((at = strchr(at, ' ')) != NULL && at[1] != '\0') {
        at++;
        if (strncmp(at, name, len) == 0 && at[len] == ' ')
            return true;
    }
    return false;
}

/** Printable, without the blank, and each '%' before two hexadecimal digits; '&' and '?' would part it for the engine. */
static bool value_reads(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] <= ' ' || s[i] > '~' || s[i] == '&' || s[i] == '?')
            return false;
        if (s[i] != '%')
            continue;
        if (len - i < 3 || strspn(s + i + 1, "0123456789abcdefABCDEF") < 2)
            return false;
        i += 2;
    }
    return len > 0;
}

enum attribute { ATTRIBUTE_NONE, ATTRIBUTE_TOKEN, ATTRIBUTE_KEY };

/** What attribute begins at `p`, which is `len` long; NONE also where its value does not read. */
static enum attribute attribute_at(const char *p, size_t len)
{
    size_t name = strcspn(p, "=;?&");

    if (name >= len || p[len] == '?' || p[len] == '&' || !value_reads(p + name + 1, len - name - 1))
        return ATTRIBUTE_NONE;
    if (stands_in(" token serial manufacturer model ", p, name))
        return ATTRIBUTE_TOKEN;
    return stands_in(" object id type ", p, name) ? ATTRIBUTE_KEY : ATTRIBUTE_NONE;
}

static int attribute_refused(struct gln_context *ctx, const char *p)
{
    struct buf name = BUF_INIT;
    int status;

    if (strstr(p, "pin-") != NULL)
        return context_fail(ctx, GLN_E_CONFIG, MSG_TOKEN_URI_PIN);
    buf_put(&name, p, strcspn(p, "=;?&"));
    buf_putc(&name, '\0');
    status = name.failed ? context_no_memory(ctx)
                         : context_fail(ctx, GLN_E_CONFIG, MSG_TOKEN_URI_ATTRIBUTE, name.data);
    buf_free(&name);
    return status;
}

/** Parts `uri` and appends to `token` (may be NULL) what names the token alone. */
static int uri_read(struct buf *token, struct gln_context *ctx, const char *uri)
{
    bool named = false;

    if (strncmp(uri, "pkcs11:", 7) != 0)
        return context_fail(ctx, GLN_E_CONFIG, MSG_TOKEN_URI);
    for (const char *p = uri + 7; *p != '\0';) {
        size_t len = strcspn(p, ";?&");
        enum attribute what = attribute_at(p, len);

        if (what == ATTRIBUTE_NONE)
            return attribute_refused(ctx, p);
        named = named || what == ATTRIBUTE_TOKEN;
        if (what == ATTRIBUTE_TOKEN && token != NULL)
            buf_printf(token, "%s%.*s", token->len == 0 ? "pkcs11:" : ";", (int)len, p);
        p += len + (p[len] == ';');
    }
    if (token != NULL && token->failed)
        return context_no_memory(ctx);
    return named ? GLN_OK : context_fail(ctx, GLN_E_CONFIG, MSG_TOKEN_URI);
}

int token_uri_check(struct gln_context *ctx, const char *uri)
{
    return uri_read(NULL, ctx, uri);
}

/* --- modules --- */

/** What is known of a PIN at a token: `good` while the module is open, else refused, which is not forgotten. */
struct login {
    struct login *next;
    char *token;
    unsigned char pin[32]; /* SHA-256 */
    bool good;
};

struct token_module {
    struct token_module *next;
    char *path; /* "": the engine's own choice */
    struct login *logins;
    size_t users; /* keys and loads; the module is open while there are any */
    bool spent;   /* a signature failed: to be closed and opened anew */
#ifndef OPENSSL_NO_ENGINE
    ENGINE *engine;    /* for the life of the process */
    UI_METHOD *silent; /* asks nobody */
#endif
};

static pthread_mutex_t modules_lock = PTHREAD_MUTEX_INITIALIZER;
static struct token_module *modules;

static void logins_drop(struct token_module *m, bool good, const char *token)
{
    for (struct login **at = &m->logins; *at != NULL;) {
        struct login *l = *at;

        if (l->good != good || (token != NULL && strcmp(l->token, token) != 0)) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        free(l->token);
        free(l);
    }
}

static const struct login *login_find(const struct token_module *m, bool good, const char *token)
{
    const struct login *l = m->logins;

    while (l != NULL && (l->good != good || strcmp(l->token, token) != 0))
        l = l->next;
    return l;
}

/** Without memory it is not kept in mind. */
static void login_note(struct token_module *m, bool good, const char *token, const unsigned char pin[32])
{
    struct login *l = calloc(1, sizeof *l);

    if (l != NULL && (l->token = str_dup(token)) != NULL) {
        memcpy(l->pin, pin, sizeof l->pin);
        l->good = good;
        l->next = m->logins;
        m->logins = l;
    } else {
        free(l);
    }
}

#ifndef OPENSSL_NO_ENGINE

static int say_nothing(UI *ui, UI_STRING *s)
{
    (void)ui;
    (void)s;
    return 0;
}

/** The engine as a private one: loaded from OpenSSL's folder of engines, added to no list. */
static ENGINE *engine_load(void)
{
    const char *dir = getenv("OPENSSL_ENGINES"); /* OpenSSL's own word for it */
    ENGINE *e;

    if (dir == NULL)
        dir = OPENSSL_info(OPENSSL_INFO_ENGINES_DIR);
    ENGINE_load_dynamic();
    e = ENGINE_by_id("dynamic");
    if (e != NULL && ENGINE_ctrl_cmd_string(e, "ID", "pkcs11", 0) == 1 &&
        ENGINE_ctrl_cmd_string(e, "DIR_LOAD", "2", 0) == 1 &&
        ENGINE_ctrl_cmd_string(e, "DIR_ADD", dir != NULL ? dir : "", 0) == 1 &&
        ENGINE_ctrl_cmd_string(e, "LIST_ADD", "0", 0) == 1 && ENGINE_ctrl_cmd_string(e, "LOAD", NULL, 0) == 1)
        return e;
    ENGINE_free(e);
    return NULL;
}

static void module_free(struct token_module *m)
{
    ENGINE_free(m->engine);
    UI_destroy_method(m->silent);
    free(m->path);
    free(m);
}

static int module_new(struct token_module **out, struct gln_context *ctx, const char *path)
{
    struct token_module *m = calloc(1, sizeof *m);
    int status = GLN_OK;

    if (m == NULL || (m->path = str_dup(path)) == NULL ||
        (m->silent = UI_create_method("greenlane: nobody is asked")) == NULL ||
        UI_method_set_reader(m->silent, say_nothing) != 0)
        status = context_no_memory(ctx);
    else if ((m->engine = engine_load()) == NULL)
        status = context_fail(ctx, GLN_E_KEY, MSG_TOKEN_NO_ENGINE);
    else if (ENGINE_ctrl_cmd_string(m->engine, "QUIET", NULL, 0) != 1 ||
             (*path != '\0' && ENGINE_ctrl_cmd_string(m->engine, "MODULE_PATH", path, 0) != 1) ||
             ENGINE_ctrl_cmd(m->engine, "SET_USER_INTERFACE", 0, m->silent, NULL, 0) != 1)
        status = context_fail(ctx, GLN_E_KEY, MSG_TOKEN_FAILED, path, crypto_reason());
    if (status == GLN_OK)
        *out = m;
    else if (m != NULL)
        module_free(m);
    return status;
}

/** The process's entry for a module, with one user more. */
static int module_take(struct token_module **out, struct gln_context *ctx, const char *path)
{
    struct token_module *m = modules;
    int status = GLN_OK;

    while (m != NULL && strcmp(m->path, path) != 0)
        m = m->next;
    /* looked for here, since libp11 would say on stderr that it is not there */
    if (strchr(path, '/') != NULL && access(path, R_OK) != 0)
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_NO_MODULE, path);
    if (m == NULL) {
        status = module_new(&m, ctx, path);
        if (status != GLN_OK)
            return status;
        m->next = modules;
        modules = m;
    }
    if (m->spent)
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_BUSY);
    if (m->users == 0 && ENGINE_init(m->engine) != 1)
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_FAILED, path, crypto_reason());
    m->users++;
    *out = m;
    return GLN_OK;
}

static void module_leave(struct token_module *m)
{
    if (--m->users > 0)
        return;
    (void)ENGINE_finish(m->engine); /* logs out and closes the module */
    logins_drop(m, true, NULL);
    m->spent = false;
}

/* --- a key --- */

/** Why there is no key. */
enum cause { CAUSE_NONE, CAUSE_MODULE, CAUSE_TOKEN, CAUSE_KEY, CAUSE_PIN, CAUSE_LOCKED, CAUSE_OTHER };

struct loading {
    struct token_module *m;
    const char *uri, *token, *pin;
    EVP_PKEY *evp;
    enum cause cause;
    char reason[128];
};

/** What the engine left in the queue of this thread. */
static enum cause cause_of(char *reason, size_t size)
{
    /* Return values of PKCS#11 2.40, section 2: CKR_PIN_INCORRECT, _INVALID, _LEN_RANGE, _LOCKED; CKR_TOKEN_NOT_PRESENT. */
    static const struct {
        const char *library;
        int code;
        enum cause cause;
    } rows[] = {{"PKCS#11 module", 0xa0, CAUSE_PIN},   {"PKCS#11 module", 0xa1, CAUSE_PIN},
                {"PKCS#11 module", 0xa2, CAUSE_PIN},   {"PKCS#11 module", 0xa4, CAUSE_LOCKED},
                {"PKCS#11 module", 0xe0, CAUSE_TOKEN}, {"libp11", 1025 /* it did not load */, CAUSE_MODULE}};
    enum cause cause = CAUSE_NONE;
    unsigned long code;

    while (cause == CAUSE_NONE && (code = ERR_get_error()) != 0) {
        const char *library = ERR_lib_error_string(code), *text = ERR_reason_error_string(code);

        if (library == NULL || str_eq(library, "pkcs11 engine") || str_eq(library, "engine routines"))
            continue; /* they add nothing to what the others said */
        cause = CAUSE_OTHER;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (str_eq(library, rows[i].library) && ERR_GET_REASON(code) == rows[i].code)
                cause = rows[i].cause;
        str_copy(reason, size, text != NULL ? text : library);
    }
    return cause;
}

/** The engine keeps each key it gives away, and the key would keep the engine: for ever. So the key lets go; `users` counts instead. */
static EVP_PKEY *ask(const struct loading *l, const char *uri)
{
    EVP_PKEY *evp = ENGINE_load_private_key(l->m->engine, uri, l->m->silent, NULL);

    if (evp != NULL)
        (void)EVP_PKEY_set1_engine(evp, NULL);
    return evp;
}

static void *load_key(void *arg)
{
    struct loading *l = arg;
    EVP_PKEY *any;

    if (ENGINE_ctrl_cmd_string(l->m->engine, "PIN", l->pin, 0) == 1)
        l->evp = ask(l, l->uri);
    if (l->evp != NULL)
        return NULL;
    l->cause = cause_of(l->reason, sizeof l->reason);
    if (l->cause != CAUSE_NONE)
        return NULL;
    /* Nothing was said against PIN and module. If the token has another key, it is there and this one is not. */
    any = ask(l, l->token);
    l->cause = any != NULL ? CAUSE_KEY : CAUSE_TOKEN;
    EVP_PKEY_free(any);
    return NULL;
}

static int refuse(struct gln_context *ctx, const struct loading *l)
{
    const char *path = l->m->path[0] != '\0' ? l->m->path : "p11-kit";

    switch (l->cause) {
    case CAUSE_MODULE:
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_NO_MODULE, path);
    case CAUSE_TOKEN:
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_ABSENT, l->token);
    case CAUSE_KEY:
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_NO_KEY, l->uri);
    case CAUSE_PIN:
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_PIN, l->token);
    case CAUSE_LOCKED:
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_LOCKED, l->token);
    default:
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_FAILED, path, l->reason);
    }
}

/** Under the lock, in an open module. */
static int load(struct loading *l, struct gln_context *ctx, bool anew, bool *refused)
{
    unsigned char pin[32];
    const struct login *known;
    pthread_t thread;

    digest_sha256(pin, l->pin, strlen(l->pin));
    if (anew)
        logins_drop(l->m, false, l->token);
    known = login_find(l->m, false, l->token);
    if (known != NULL && bytes_equal(known->pin, pin, sizeof pin)) {
        *refused = true;
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_PIN, l->token);
    }
    /* Who is logged in already is not asked for a PIN, so a wrong one would pass. */
    known = login_find(l->m, true, l->token);
    if (known != NULL && !bytes_equal(known->pin, pin, sizeof pin))
        return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_PIN_OTHER, l->token);
    if (pthread_create(&thread, NULL, load_key, l) != 0)
        return context_no_memory(ctx);
    pthread_join(thread, NULL);
    if (l->evp != NULL) {
        if (known == NULL)
            login_note(l->m, true, l->token, pin);
        return GLN_OK;
    }
    *refused = l->cause == CAUSE_PIN || l->cause == CAUSE_LOCKED;
    if (*refused)
        login_note(l->m, false, l->token, pin);
    return refuse(ctx, l);
}

int key_token(struct key **out, struct gln_context *ctx, const struct token_key *where, bool anew,
              bool *refused)
{
    struct buf token = BUF_INIT;
    struct loading l = {.uri = where->uri, .pin = where->pin};
    int status = uri_read(&token, ctx, where->uri);

    *out = NULL;
    *refused = false;
    if (status == GLN_OK) {
        l.token = token.data;
        pthread_mutex_lock(&modules_lock);
        CRYPTO_ENTER();
        status = module_take(&l.m, ctx, where->module != NULL ? where->module : "");
        if (status == GLN_OK) {
            status = load(&l, ctx, anew, refused);
            if (status == GLN_OK)
                status = key_wrap(out, ctx, l.evp);
            if (status == GLN_OK)
                (*out)->module = l.m;
            else
                module_leave(l.m);
        }
        CRYPTO_LEAVE();
        pthread_mutex_unlock(&modules_lock);
    }
    buf_free(&token);
    return status;
}

void token_release(struct token_module *m)
{
    pthread_mutex_lock(&modules_lock);
    CRYPTO_ENTER();
    module_leave(m);
    CRYPTO_LEAVE();
    pthread_mutex_unlock(&modules_lock);
}

#else /* an OpenSSL without engines */

int key_token(struct key **out, struct gln_context *ctx, const struct token_key *where, bool anew,
              bool *refused)
{
    (void)where;
    (void)anew;
    *out = NULL;
    *refused = false;
    return context_fail(ctx, GLN_E_KEY, MSG_TOKEN_NO_ENGINE);
}

void token_release(struct token_module *m)
{
    (void)m;
}

#endif

void token_failed(struct token_module *m)
{
    pthread_mutex_lock(&modules_lock);
    m->spent = true;
    pthread_mutex_unlock(&modules_lock);
}

bool key_spent(const struct key *k)
{
    bool spent = false;

    if (k->module != NULL) {
        pthread_mutex_lock(&modules_lock);
        spent = k->module->spent;
        pthread_mutex_unlock(&modules_lock);
    }
    return spent;
}
