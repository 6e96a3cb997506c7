/** @file
 * The desk: the one set of requests (method, path, body -> status, body) behind the command, HTTPS and the local socket, so that
 * what one face can do the others can, in the same words. docs/http.md lists them; the table in desk/desk.c is the list.
 *
 * Texts: `Accept: text/plain` gives text for people in the asked language, JSON otherwise. Problems are RFC 9457 documents.
 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "flow/flow.h"

struct desk_request {
    const char *method, *path;
    const char *
        submitter; /**< NULL: the local operator (command or local socket): may do everything. One that is not registered is refused */
    bool text;     /**< answer for people */
    int language;
    const char *content_type, *idempotency_key;
    const void *body;
    size_t body_len;
};
struct desk_reply {
    int status; /**< enum gln_status */
    int http_status;
    char content_type[96];
    char location[256];
    struct buf body;
};
/** Always fills `out`; never fails itself. */
void desk_request(struct gln_gateway *gw, struct gln_context *ctx, const struct desk_request *in,
                  struct desk_reply *out);

#endif
