/** @file
 * The HTTPS server: libevent, HTTP/1.1 kept alive, client certificates, capped bodies. Requests are handed to a
 * handler on worker threads; the handler knows no sockets.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/context.h"
#include "crypto/crypto.h"
#include "util/buf.h"

struct http_server;

struct http_request {
    const char *method, *path;                                             /**< path with query, as sent */
    const char *content_type, *accept, *accept_language, *idempotency_key; /**< NULL if absent */
    const char *soap_action, *authorization;
    bool local;            /**< came by the local socket */
    const char *submitter; /**< whom its user acts for; NULL: himself, and always by HTTPS */
    const char *cert_fingerprint, *cert_subject; /**< of the verified client certificate; NULL if none */
    const void *cert_der;                        /**< the same, whole; NULL if none */
    size_t cert_der_len;
    const void *body;
    size_t body_len;
};
struct http_response {
    int status;
    char content_type[96];
    char location[256];
    char retry_after[16]; /**< seconds, "" none */
    char own_status[8];   /**< the status of <greenlane.h>, sent as Greenlane-Status; "" none */
    struct buf body;
    bool drop; /**< close the connection without an answer (the sandbox's faults) */
};
struct http_settings {
    const char *address;            /**< "127.0.0.1" */
    uint16_t port;                  /**< 0: any; see http_server_port() */
    const char *unix_socket;        /**< NULL: none; mode 0600 */
    struct tls_server *tls;         /**< NULL: plain (tests and the unix socket only) */
    size_t max_body, max_in_flight; /**< bytes, per request and in all */
    int workers;                    /**< threads that run the handler */
    int64_t idle_ms;                /**< a connection that says nothing for so long is closed */
};
/** Runs on a worker thread; `worker` from 0. Must fill `out`. */
typedef void (*http_handler)(void *arg, int worker, const struct http_request *in, struct http_response *out);

/** Listens (GLN_E_BUSY and a clear text when the port is in use) and starts its threads. */
int http_server_start(struct http_server **out, struct gln_context *ctx, const struct http_settings *s,
                      http_handler handler, void *arg);
uint16_t http_server_port(const struct http_server *s);
/** New connections refused, running requests finished (up to `grace_ms`), threads joined, freed. */
void http_server_stop(struct http_server *s, int64_t grace_ms);
/** Swaps the TLS context for new connections (SIGHUP). */
void http_server_set_tls(struct http_server *s, struct tls_server *tls);

#endif
