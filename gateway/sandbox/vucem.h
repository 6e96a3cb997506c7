/** @file
 * Inside of the sandbox's VUCEM: a SOAP request taken apart, and the two operations on a COVE.
 */
#ifndef SANDBOX_VUCEM_H
#define SANDBOX_VUCEM_H

#include "sandbox/sandbox.h"

#define COVE_NS "http://www.ventanillaunica.gob.mx/cove/ws/oxml/"

struct soap {
    struct xml_doc *doc;
    const struct xml_node *request; /**< the body's child */
    const char *rfc;                /**< who asks, by his UsernameToken */
    const char *fault_code, *fault; /**< not NULL: the answer is this fault */
};

/** Signature of a cadena by the certificate inside `firma` (certificado, cadenaOriginal, firma): whose RFC it must be and who may
 * have issued it. Appends VUCEM's words for what is wrong, one a line; nothing when it is good. */
void firma_check(struct buf *errors, const struct sandbox *s, struct gln_context *ctx,
                 const struct xml_node *firma, const struct buf *cadena, const char *rfc);

/** RecibirCove: keeps the operation, appends the acuse. A message that breaks the schema becomes a fault in `q`. */
void cove_receive(struct sandbox *s, struct gln_context *ctx, struct soap *q, struct buf *out);
/** ConsultarRespuestaCove. */
void cove_ask(struct sandbox *s, struct gln_context *ctx, struct soap *q, struct buf *out);
/** The sandbox's clock in Mexico City, as VUCEM writes it: 2015-11-10T16:39:47.000-06:00 */
void vucem_time(char out[40], int64_t wall_ms);

#endif
