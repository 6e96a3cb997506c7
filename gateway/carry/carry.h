/** @file
 * Carriers: bytes out, bytes in. A carrier says one of four things of a send, and never pretends.
 */
#ifndef CARRY_CARRY_H
#define CARRY_CARRY_H

#include "core/context.h"
#include "util/buf.h"

enum carry_outcome {
    CARRY_DELIVERED, /**< the other side has it; `reply` holds its synchronous answer, if any */
    CARRY_NOT_SENT,  /**< certainly did not arrive: may be sent again */
    CARRY_IN_DOUBT,  /**< may have arrived: must not be sent again by itself */
    CARRY_REFUSED /**< arrived and was refused as such (HTTP 4xx, a SOAP fault under any status): `reply` holds why */
};

/** Where and how; all strings borrowed for the call. From the identity's endpoint settings. */
struct carry_endpoint {
    const char *carrier; /**< "https", "soap", "folder" */
    const char *url;     /**< https://host:port/path; or a folder */
    const char *ca_file; /**< PEM of the CAs the server is verified against; NULL: the system's */
    const char *client_cert_pem, *client_key_pem; /**< PEM text, may be NULL */
    const char *ciphers; /**< per-endpoint policy ("DEFAULT@SECLEVEL=1"); NULL: default. Logged when set */
    const char *soap_action, *content_type;
    int64_t connect_timeout_ms, timeout_ms;
};

/** Sends `data` (secrets already in). *outcome tells; GLN_OK when the attempt was made (whatever came of it). Text of trouble in `why`. */
int carry_send(struct gln_context *ctx, const struct carry_endpoint *e, const void *data, size_t len,
               enum carry_outcome *outcome, struct buf *reply, struct buf *why);
/** A SOAP 1.1 or 1.2 envelope whose body's first element is a Fault. */
bool carry_is_fault(const char *xml, size_t len);
/** Fetches what waits for us (folder: the in-folder's files one by one; https: GET). GLN_E_NOT_FOUND: nothing waits. `tag` names it for carry_done(). */
int carry_fetch(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *out, struct buf *tag);
/** What was fetched is safe now: the other side may forget it. */
int carry_done(struct gln_context *ctx, const struct carry_endpoint *e, const char *tag);
/** Whether the place can be reached: connected, TLS agreed and verified; a folder, whether it can be written. Sends nothing. GLN_OK when it was tried; what was wrong in `why`, empty: nothing. */
int carry_probe(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *why);
/** One plain request (the local socket of the daemon): method, path; unix_socket may be NULL. headers: "Name: value" strings, NULL-terminated. */
int carry_request(struct gln_context *ctx, const char *unix_socket, const char *method, const char *url,
                  const char *const *headers, const void *body, size_t len, int *http_status,
                  struct buf *reply, struct buf *reply_headers);
/** What is public and signed in itself (a revocation list, an OCSP answer), so that plain HTTP will do with any host. */
struct carry_published {
    const char *url;
    const char *content_type; /**< of `body` */
    const void *body;         /**< NULL: GET; else POST */
    size_t body_len;
    size_t most;        /**< bytes of the answer that are taken */
    int64_t timeout_ms; /**< for all of it */
};
/** Appends the answer to `reply`. GLN_OK when the exchange was tried; what was wrong in `why`, empty: HTTP 200 and the whole of it is there. */
int carry_published(struct gln_context *ctx, const struct carry_published *what, struct buf *reply,
                    struct buf *why);
/** Once at start and end of the process' use of the library (counted by core). */
int carry_init(void);
void carry_shutdown(void);

#endif
