/* The carriers over TLS and the local socket, against the HTTP room's own server. */
#include "unit/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carry/carry.h"
#include "http/http.h"
#include "unit/pki.h"
#include "util/file.h"
#include "util/str.h"

static char pki[200];

struct side {
    struct options options;
    struct gln_context ctx;
    struct tls_server *tls;
    struct http_server *server;
    char url[80], fingerprint[65];
    int handled;
    char *ca;
    struct buf cert, key, reply, why, head;
    struct carry_endpoint e;
    enum carry_outcome outcome;
};

static void handle(void *arg, int worker, const struct http_request *in, struct http_response *out)
{
    struct side *s = arg;
    (void)worker;
    s->handled++;
    str_copy(s->fingerprint, sizeof s->fingerprint, in->cert_fingerprint != NULL ? in->cert_fingerprint : "");
    out->status = 200;
    str_copy(out->location, sizeof out->location, "/found");
    buf_puts(&out->body, in->cert_subject != NULL ? in->cert_subject : "nobody");
}

static struct tls_server *new_tls(struct side *s, bool require)
{
    struct tls_server *tls = NULL;
    char *cert = path_join(pki, "server.pem"), *key = path_join(pki, "server.key");
    int status = tls_server_new(&tls, &s->ctx, cert, key, &(struct tls_clients){s->ca, require, true});
    ck_assert_msg(status == GLN_OK, "%s", context_text(&s->ctx, LANG_EN));
    free(cert);
    free(key);
    return tls;
}

static void side_begin(struct side *s, bool require)
{
    memset(s, 0, sizeof *s);
    ck_assert_int_eq(carry_init(), GLN_OK);
    ck_assert_int_eq(options_init(&s->options), GLN_OK);
    context_init(&s->ctx, &s->options);
    s->ca = path_join(pki, "ca.pem");
    s->tls = new_tls(s, require);
    struct http_settings settings = {
        .address = "127.0.0.1", .tls = s->tls, .max_body = 1000000, .workers = 1, .idle_ms = 20000};
    ck_assert_int_eq(http_server_start(&s->server, &s->ctx, &settings, handle, s), GLN_OK);
    snprintf(s->url, sizeof s->url, "https://localhost:%u/x", (unsigned)http_server_port(s->server));
    pki_read(&s->cert, pki, "client-broker.pem");
    pki_read(&s->key, pki, "client-broker.key");
    s->e = (struct carry_endpoint){.carrier = "https",
                                   .url = s->url,
                                   .ca_file = s->ca,
                                   .client_cert_pem = s->cert.data,
                                   .client_key_pem = s->key.data,
                                   .connect_timeout_ms = 20000,
                                   .timeout_ms = 20000};
}

static void side_end(struct side *s)
{
    http_server_stop(s->server, 1000);
    tls_server_free(s->tls);
    context_clear(&s->ctx);
    options_free(&s->options);
    free(s->ca);
    buf_free(&s->cert);
    buf_free(&s->key);
    buf_free(&s->reply);
    buf_free(&s->why);
    buf_free(&s->head);
}

static void post(struct side *s, size_t len)
{
    struct buf data = BUF_INIT;
    buf_fill(&data, 'x', len);
    buf_clear(&s->reply);
    buf_clear(&s->why);
    int status = carry_send(&s->ctx, &s->e, data.data, data.len, &s->outcome, &s->reply, &s->why);
    ck_assert_msg(status == GLN_OK, "%s", context_text(&s->ctx, LANG_EN));
    buf_free(&data);
}

START_TEST(both_sides_are_known)
{
    struct side s;
    side_begin(&s, true);
    for (int i = 0; i < 3; i++) {
        post(&s, i == 2 ? 900000 : 10);
        ck_assert_msg(s.outcome == CARRY_DELIVERED, "%s", s.why.data);
        ck_assert_ptr_nonnull(strstr(s.reply.data, "CN=broker"));
    }
    struct cert *cert = NULL;
    struct buf print = BUF_INIT;
    ck_assert_int_eq(cert_parse(&cert, &s.ctx, s.cert.data, s.cert.len), GLN_OK);
    cert_fingerprint(&print, cert);
    ck_assert_str_eq(print.data, s.fingerprint);
    cert_free(cert);
    buf_free(&print);
    ck_assert_int_eq(s.handled, 3);
    side_end(&s);
}
END_TEST

START_TEST(a_client_without_certificate_sent_nothing)
{
    struct side s;
    side_begin(&s, true);
    s.e.client_cert_pem = NULL;
    s.e.client_key_pem = NULL;
    post(&s, 10);
    ck_assert_msg(s.outcome == CARRY_NOT_SENT, "%d %s", (int)s.outcome, s.why.data);
    ck_assert_int_eq(s.handled, 0);
    side_end(&s);
}
END_TEST

START_TEST(where_it_is_not_required_it_is_not_needed)
{
    struct side s;
    side_begin(&s, false);
    s.e.client_cert_pem = NULL;
    s.e.client_key_pem = NULL;
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_DELIVERED);
    ck_assert_str_eq(s.reply.data, "nobody");
    ck_assert_str_eq(s.fingerprint, "");
    side_end(&s);
}
END_TEST

START_TEST(a_server_that_is_not_trusted_gets_nothing)
{
    struct side s;
    side_begin(&s, true);
    char *other = path_join(pki, "sat-ca.pem");
    s.e.ca_file = other;
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    s.e.ca_file = "/nowhere/ca.pem";
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    s.e.ca_file = s.ca;
    s.e.client_key_pem = "not a key";
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    ck_assert_int_eq(s.handled, 0);
    free(other);
    side_end(&s);
}
END_TEST

static void count_alert(void *arg, int level, const char *room, const char *subject, const char *text)
{
    (void)room;
    (void)subject;
    *(int *)arg += level == LOG_LEVEL_ALERT && strstr(text, "SECLEVEL=1") != NULL;
}

START_TEST(a_cipher_policy_is_logged_once_a_connection)
{
    struct side s;
    int alerts = 0;
    struct log_sink sink = {count_alert, &alerts, LOG_LEVEL_DEBUG};
    side_begin(&s, true);
    s.ctx.log = &sink;
    s.e.ciphers = "DEFAULT@SECLEVEL=1";
    post(&s, 10);
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_DELIVERED);
    ck_assert_int_eq(alerts, 1);
    side_end(&s);
}
END_TEST

START_TEST(the_servers_tls_is_swapped_while_it_runs)
{
    struct side s;
    side_begin(&s, true);
    s.e.client_cert_pem = NULL;
    s.e.client_key_pem = NULL;
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_NOT_SENT);
    struct tls_server *open = new_tls(&s, false);
    http_server_set_tls(s.server, open);
    tls_server_free(s.tls);
    s.tls = open;
    post(&s, 10);
    ck_assert_int_eq(s.outcome, CARRY_DELIVERED);
    side_end(&s);
}
END_TEST

START_TEST(a_plain_request_by_the_local_socket)
{
    struct side s;
    const char *tmp = getenv("TMPDIR");
    char path[100];
    struct http_server *local = NULL;
    int http_status = 0;
    side_begin(&s, true);
    snprintf(path, sizeof path, "%s/local.sock", tmp != NULL ? tmp : "/tmp");
    struct http_settings settings = {.unix_socket = path, .max_body = 1000, .workers = 1, .idle_ms = 20000};
    ck_assert_int_eq(http_server_start(&local, &s.ctx, &settings, handle, &s), GLN_OK);
    const char *const headers[] = {"Accept: text/plain", NULL};
    int status = carry_request(&s.ctx, path, "PUT", "http://localhost/a", headers, "x", 1, &http_status,
                               &s.reply, &s.head);
    ck_assert_msg(status == GLN_OK, "%s", context_text(&s.ctx, LANG_EN));
    ck_assert_int_eq(http_status, 200);
    ck_assert_str_eq(s.reply.data, "nobody");
    ck_assert_ptr_nonnull(strstr(s.head.data, "Location: /found\r\n"));
    http_server_stop(local, 1000);
    status =
        carry_request(&s.ctx, path, "GET", "http://localhost/a", NULL, NULL, 0, &http_status, &s.reply, NULL);
    ck_assert_int_eq(status, GLN_E_NETWORK);
    ck_assert_ptr_nonnull(strstr(context_text(&s.ctx, LANG_EN), path));
    side_end(&s);
}
END_TEST

Suite *carry_tls_suite(void);
Suite *carry_tls_suite(void)
{
    const TTest *const tests[] = {both_sides_are_known,
                                  a_client_without_certificate_sent_nothing,
                                  where_it_is_not_required_it_is_not_needed,
                                  a_server_that_is_not_trusted_gets_nothing,
                                  a_cipher_policy_is_logged_once_a_connection,
                                  the_servers_tls_is_swapped_while_it_runs,
                                  a_plain_request_by_the_local_socket,
                                  NULL};
    if (!pki_make(pki, sizeof pki, "--client broker")) {
        exit(1);
    }
    return unit_suite("carry/tls", tests);
}
