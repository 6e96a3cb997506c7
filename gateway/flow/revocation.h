/** @file
 * Is this certificate revoked now? One place answers it for everybody who lets a certificate count: the signature under a filing, the
 * signature on a declaration, the client certificate of a submitter.
 *
 * Asked in this order, until one knows: lists in the files of the settings `authorities` and `revocation-lists` and in `bundle`; the
 * responder `revocation-responder`; the addresses in `revocation-lists`; the addresses the certificate names itself, if
 * `revocation-own-addresses` is on. Not to be called inside a transaction of the ledger: it may wait for the network.
 */
#ifndef FLOW_REVOCATION_H
#define FLOW_REVOCATION_H

#include "crypto/revocation.h"

/** The setting `revocation`: what follows when nobody can say whether a certificate is revoked. A revoked one never counts, unless OFF. */
enum revocation_policy {
    REVOCATION_OFF,  /**< nobody is asked */
    REVOCATION_SOFT, /**< it counts, and a log line says why that is not known */
    REVOCATION_HARD  /**< it does not count */
};

/** What was read and heard so far, shared by all threads of an engine; locks itself. Bounded in number and bytes. */
struct revocation;
int revocation_new(struct revocation **out, struct gln_context *ctx);
void revocation_free(struct revocation *r);

struct revocation_question {
    const struct cert *cert;
    const char *whose;  /**< for messages */
    const char *bundle; /**< a PEM file that may hold its authority, and lists; NULL or "": none */
    int refusal;        /**< status when it is revoked */
};

struct revocation_answer {
    enum says word;      /**< SAYS_GOOD, SAYS_REVOKED, or less: not known */
    int64_t revoked_ms;  /**< 0: not said */
    int64_t until_ms;    /**< 0: not said */
    enum message_id why; /**< when it is not known; {1} whose, {2} source, {3} detail */
    bool nobody_asked;   /**< no source is set for it: the settings say nothing of this authority */
    char source[240];    /**< file or address; "" where there is none */
    char detail[240];
};

/** Asks. GLN_OK whatever came of it, but for GLN_E_MEMORY. */
int revocation_ask(struct revocation *r, struct gln_context *ctx, const struct revocation_question *q,
                   struct revocation_answer *out);
/**
 * May the certificate count, by the setting `revocation`? GLN_OK; q->refusal: it is revoked; GLN_E_NETWORK: not known, and the setting is
 * `hard`. `told` (may be NULL): what was heard, its word SAYS_NOTHING with `nobody_asked` when nobody was asked.
 */
int revocation_permits(struct gln_context *ctx, const struct revocation_question *q,
                       struct revocation_answer *told);

#endif
