/*
 * One HTTP exchange over libcurl. A context keeps one easy handle and with it its connections: a TLS handshake costs
 * milliseconds, a request on a kept connection a twentieth of one.
 *
 * Two things are done to libcurl so that its word can be trusted about a filing:
 *  - its callback "about to send" tells the moment after which a byte of the request may have left;
 *  - when a kept connection turns out dead, libcurl sends the request once more by itself. For a filing that could be twice, so
 *    the second "about to send" ends the exchange.
 * HTTP/1.1 only (an HTTP/2 server that answers early leaves requests of unknown fate), no redirects, no proxy and no .netrc from
 * the environment, TLS 1.2 or later, the server verified. Without TLS only a loopback address or a local socket is spoken to, but for what
 * is public and signed in itself.
 */
#include "carry/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "util/str.h"

enum { CONNECT_MS = 30000, TOTAL_MS = 600000, CONNECTION_AGE_S = 60 };

struct web_state {
    CURL *easy;
};

/* One exchange under way. */
struct running {
    struct web_call *call;
    int begun; /**< how often sending was about to start */
};

static void state_free(void *p)
{
    struct web_state *state = p;
    curl_easy_cleanup(state->easy);
    free(state);
}

/* The context's handle, reset but with its connections; NULL without memory. */
static CURL *state_handle(struct gln_context *ctx)
{
    struct web_state *state = ctx->slot[SLOT_CARRY].p;
    if (state == NULL) {
        state = calloc(1, sizeof *state);
        if (state == NULL) {
            return NULL;
        }
        state->easy = curl_easy_init();
        if (state->easy == NULL) {
            free(state);
            return NULL;
        }
        ctx->slot[SLOT_CARRY].p = state;
        ctx->slot[SLOT_CARRY].free = state_free;
    }
    curl_easy_reset(state->easy);
    return state->easy;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct web_call *call = ((struct running *)arg)->call;
    size_t len = size * n;
    if (call->reply == NULL) {
        return len;
    }
    if (call->reply->len + len > (call->most > 0 ? call->most : CARRY_REPLY_MAX)) {
        call->too_long = true;
        return 0;
    }
    buf_put(call->reply, data, len);
    return call->reply->failed ? 0 : len;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct web_call *call = ((struct running *)arg)->call;
    size_t len = size * n;
    if (call->head != NULL) {
        if (len > 5 && memcmp(data, "HTTP/", 5) == 0) {
            buf_clear(call->head); /* a 100 came first */
        }
        buf_put(call->head, data, len);
    }
    return len;
}

static int on_begin(void *arg, char *to, char *from, int to_port, int from_port)
{
    struct running *run = arg;
    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    run->call->begun = true;
    /* a question that may be asked twice goes out again when a kept connection turns out dead */
    return ++run->begun == 1 || run->call->published ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static struct curl_blob blob_of(const char *text)
{
    /* libcurl copies it (CURL_BLOB_COPY) and has no const in this struct. */
    struct curl_blob blob = {.len = strlen(text), .flags = CURL_BLOB_COPY};
    memcpy(&blob.data, &text, sizeof text);
    return blob;
}

static CURLcode set_tls(CURL *easy, const struct carry_endpoint *e)
{
    CURLcode c = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (e == NULL) {
        return c;
    }
    if (c == CURLE_OK && e->ca_file != NULL) {
        c = curl_easy_setopt(easy, CURLOPT_CAINFO, e->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (c == CURLE_OK && e->client_cert_pem != NULL && e->client_key_pem != NULL) {
        struct curl_blob cert = blob_of(e->client_cert_pem), key = blob_of(e->client_key_pem);
        c = curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &cert);
        if (c == CURLE_OK) {
            c = curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
        }
    }
    if (c == CURLE_OK && e->ciphers != NULL) {
        c = curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, e->ciphers);
    }
    return c;
}

static CURLcode set_body(CURL *easy, const struct web_call *call)
{
    CURLcode c = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
        c = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    } else if (strcmp(call->method, "HEAD") == 0) {
        c = curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    return c;
}

static void set_ground_rules(CURL *easy, bool plain)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "greenlane/" PACKAGE_VERSION);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
}

static void set_times(CURL *easy, const struct carry_endpoint *e)
{
    long connect = e != NULL && e->connect_timeout_ms > 0 ? (long)e->connect_timeout_ms : CONNECT_MS;
    long total = e != NULL && e->timeout_ms > 0 ? (long)e->timeout_ms : TOTAL_MS;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, total);
}

static void set_callbacks(CURL *easy, struct running *run, char *error)
{
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, run);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, run);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_begin);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, run);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
}

static struct curl_slist *header_list(const struct web_call *call)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; list != NULL && call->headers != NULL && call->headers[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(list, call->headers[i]);
        if (longer == NULL) {
            curl_slist_free_all(list);
        }
        list = longer;
    }
    return list;
}

/* What an address may be used for. A password in one would be kept and shown, and confuse who reads where it leads. */
enum address { ADDRESS_BAD, ADDRESS_TLS, ADDRESS_PLAIN_HERE, ADDRESS_PLAIN_AFAR };

static enum address address_kind(const char *url)
{
    static const char *const loopback[] = {"127.0.0.1", "[::1]", "localhost"};
    enum address kind = ADDRESS_BAD;
    char *scheme = NULL;
    char *host = NULL;
    char *user = NULL;
    CURLU *parts = curl_url();
    if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER) {
        if (str_eq(scheme, "https")) {
            kind = ADDRESS_TLS;
        } else if (str_eq(scheme, "http")) {
            kind = ADDRESS_PLAIN_AFAR;
            for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++) {
                if (strcasecmp(loopback[i], host) == 0) {
                    kind = ADDRESS_PLAIN_HERE;
                }
            }
        }
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(parts);
    return kind;
}

/* The peer's alert means that it never read the request: it had not finished the handshake. */
static bool is_tls_refusal(const char *text)
{
    static const char *const alerts[] = {
        "certificate required", "bad certificate",     "unsupported certificate",
        "certificate revoked",  "certificate expired", "certificate unknown",
        "unknown ca",           "access denied",       "handshake failure"};
    if (strstr(text, "alert") == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (strstr(text, alerts[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Runs what is set up, and writes down what came of it. */
static void perform(struct gln_context *ctx, CURL *easy, struct running *run)
{
    struct web_call *call = run->call;
    char error[CURL_ERROR_SIZE] = "";
    set_callbacks(easy, run, error);
    CURLcode c = curl_easy_perform(easy);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
    call->failed = (int)c;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &call->status);
    if (c != CURLE_OK) {
        const char *text = run->begun > 1 && !call->published
                               ? "the kept connection broke while the request was sent"
                               : error;
        str_copy(call->text, sizeof call->text, text[0] != '\0' ? text : curl_easy_strerror(c));
        call->refused = is_tls_refusal(error);
    }
    long connects = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    if (call->endpoint != NULL && call->endpoint->ciphers != NULL && connects > 0) {
        log_write(ctx->log, LOG_LEVEL_ALERT, "carry", NULL,
                  "the cipher policy of %s is not the default but %s", call->url, call->endpoint->ciphers);
    }
}

int web_run(struct gln_context *ctx, struct web_call *call)
{
    struct running run = {.call = call};
    enum address kind = address_kind(call->url);
    bool plain = kind == ADDRESS_PLAIN_HERE ||
                 (kind == ADDRESS_PLAIN_AFAR && (call->published || call->unix_socket != NULL));
    if (!plain && kind != ADDRESS_TLS) {
        return context_fail(ctx, GLN_E_CONFIG, MSG_CARRY_URL, call->url);
    }
    CURL *easy = state_handle(ctx);
    struct curl_slist *headers = header_list(call);
    if (easy == NULL || headers == NULL) {
        curl_slist_free_all(headers);
        return context_no_memory(ctx);
    }
    set_ground_rules(easy, plain);
    set_times(easy, call->endpoint);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    CURLcode c = curl_easy_setopt(easy, CURLOPT_URL, call->url);
    if (c == CURLE_OK && call->unix_socket != NULL) {
        c = curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, call->unix_socket);
    }
    if (c == CURLE_OK) {
        c = set_tls(easy, call->endpoint);
    }
    if (c == CURLE_OK) {
        c = set_body(easy, call);
    }
    int status = GLN_OK;
    if (c == CURLE_OK) {
        perform(ctx, easy, &run);
    } else {
        status = context_fail(ctx, GLN_E_CONFIG, MSG_CARRY_FAILED, call->url, curl_easy_strerror(c));
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return status;
}

int web_probe(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *why)
{
    char error[CURL_ERROR_SIZE] = "";
    enum address kind = address_kind(e->url);
    bool plain = kind == ADDRESS_PLAIN_HERE;
    if (!plain && kind != ADDRESS_TLS) {
        return context_fail(ctx, GLN_E_CONFIG, MSG_CARRY_URL, e->url);
    }
    /* not the context's handle: a connection that was only opened cannot carry a request */
    CURL *easy = curl_easy_init();
    if (easy == NULL) {
        return context_no_memory(ctx);
    }
    set_ground_rules(easy, plain);
    set_times(easy, e);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    CURLcode c = curl_easy_setopt(easy, CURLOPT_URL, e->url);
    if (c == CURLE_OK) {
        c = set_tls(easy, e);
    }
    if (c == CURLE_OK) {
        c = curl_easy_perform(easy);
    }
    if (c != CURLE_OK) {
        buf_printf(why, "%s: %s", e->url, error[0] != '\0' ? error : curl_easy_strerror(c));
    }
    curl_easy_cleanup(easy);
    return why->failed ? context_no_memory(ctx) : GLN_OK;
}

static void put_trimmed(struct buf *out, const char *value, const char *end)
{
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    buf_put(out, value, (size_t)(end - value));
}

bool web_header(struct buf *out, const struct buf *head, const char *name)
{
    size_t n = strlen(name);
    const char *line = head->data;
    const char *end = head->data != NULL ? head->data + head->len : NULL;
    while (line != NULL && line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = stop != NULL ? (size_t)(stop - line) : (size_t)(end - line);
        if (len > n && line[n] == ':' && strncasecmp(line, name, n) == 0) {
            put_trimmed(out, line + n + 1, line + len);
            return true;
        }
        line = stop != NULL ? stop + 1 : NULL;
    }
    return false;
}

/* One part of both URLs is the same. */
static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = NULL, *y = NULL;
    bool same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(x, y) == 0;
    curl_free(x);
    curl_free(y);
    return same;
}

bool web_resolve(struct buf *out, const char *base, const char *reference)
{
    CURLU *from = curl_url(), *to = curl_url();
    char *text = NULL;
    bool good = from != NULL && to != NULL && curl_url_set(from, CURLUPART_URL, base, 0) == CURLUE_OK &&
                curl_url_set(to, CURLUPART_URL, base, 0) == CURLUE_OK &&
                curl_url_set(to, CURLUPART_URL, reference, 0) == CURLUE_OK &&
                same_part(from, to, CURLUPART_SCHEME) && same_part(from, to, CURLUPART_HOST) &&
                same_part(from, to, CURLUPART_PORT) && curl_url_get(to, CURLUPART_URL, &text, 0) == CURLUE_OK;
    if (good) {
        buf_puts(out, text);
    }
    curl_free(text);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return good;
}
