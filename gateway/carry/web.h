/** @file
 * Inside of the carrier room: one HTTP exchange over libcurl, what may be concluded from it, and the table of carriers.
 */
#ifndef CARRY_WEB_H
#define CARRY_WEB_H

#include "carry/carry.h"

#define CARRY_REPLY_MAX                                                                                      \
    ((size_t)100 << 20) /* customs may send so much (ACE ABI requirements); more is cut off */

struct web_call {
    const struct carry_endpoint *endpoint; /**< NULL: carry_request() */
    const char *unix_socket;               /**< NULL: TCP */
    const char *method, *url;
    const char *const *headers; /**< "Name: value", NULL-terminated; may be NULL */
    const void *body;           /**< NULL: none */
    size_t body_len;
    struct buf *reply; /**< body of the answer is appended */
    struct buf *head;  /**< header lines of the answer are appended; may be NULL */
    size_t most;       /**< bytes of the answer that are taken; 0: CARRY_REPLY_MAX */
    bool published;    /**< public and signed in itself: plain HTTP will do, with any host */

    /* what came of it */
    int failed;  /**< libcurl's code, 0: the exchange is complete */
    long status; /**< HTTP status of the answer, 0: none came */
    bool begun;  /**< sending may have started: from here on a byte of the request may have left */
    bool
        refused; /**< the other side broke the TLS handshake off by an alert, so it read nothing of the request */
    bool too_long;  /**< the answer went over `most` */
    char text[320]; /**< of what failed, "" if nothing did */
};

/** Makes the exchange on the context's kept connections. GLN_OK when it was tried, whatever came of it. */
int web_run(struct gln_context *ctx, struct web_call *call);
/** carry_probe() of an address: a connection of its own, closed again. */
int web_probe(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *why);
/** The value of a header line in `head`, appended to `out`; false if there is none. */
bool web_header(struct buf *out, const struct buf *head, const char *name);
/** `reference` (a Location) resolved against `base`: same scheme, host and port, or nothing and false. */
bool web_resolve(struct buf *out, const char *base, const char *reference);

/** What a finished exchange of a filing means; `soap`: a SOAP fault is a refusal under any status. */
enum carry_outcome outcome_of(const struct web_call *call, bool soap);

struct carrier {
    const char *name;
    int (*send)(struct gln_context *ctx, const struct carry_endpoint *e, const void *data, size_t len,
                enum carry_outcome *outcome, struct buf *reply, struct buf *why);
    int (*fetch)(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *out, struct buf *tag);
    int (*done)(struct gln_context *ctx, const struct carry_endpoint *e, const char *tag);
    int (*probe)(struct gln_context *ctx, const struct carry_endpoint *e, struct buf *why);
};
extern const struct carrier carrier_https, carrier_soap, carrier_folder;

#endif
