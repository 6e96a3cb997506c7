/** @file
 * The filing: one message to one destination, and its states.
 *
 * Legal transitions (ledger/ refuses all others):
 *
 *   accepted -> waiting | queued | held | cancelled
 *   waiting  -> queued | held | cancelled
 *   queued   -> sending | held | cancelled
 *   held     -> queued | cancelled
 *   sending  -> sent | answered | deferred | in-doubt | held
 *   deferred -> queued | held | cancelled
 *   in-doubt -> sent | answered | queued | closed
 *   sent     -> answered | overdue | closed
 *   overdue  -> answered | sent | closed
 *   answered -> answered | closed
 */
#ifndef CORE_FILING_H
#define CORE_FILING_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, "text", English, Spanish) */
#define FILING_STATES(X)                                                                                     \
    X(ACCEPTED, "accepted", "accepted", "aceptada")                                                          \
    X(WAITING, "waiting", "waiting for a value, a release or a signature",                                   \
      "en espera de un dato, liberación o firma")                                                            \
    X(QUEUED, "queued", "in the queue", "en cola")                                                           \
    X(SENDING, "sending", "being sent", "en envío")                                                          \
    X(DEFERRED, "deferred", "certainly not arrived, will be sent again", "no llegó; se enviará de nuevo")    \
    X(HELD, "held", "held for a person", "retenida para una persona")                                        \
    X(IN_DOUBT, "in-doubt", "may have arrived; a person or an inquiry decides",                              \
      "pudo haber llegado; decide una persona o una consulta")                                               \
    X(SENT, "sent", "sent, no answer yet", "enviada, sin respuesta aún")                                     \
    X(OVERDUE, "overdue", "sent, the answer is overdue", "enviada, respuesta atrasada")                      \
    X(ANSWERED, "answered", "answered by customs, open for more",                                            \
      "respondida por la aduana, abierta a más avisos")                                                      \
    X(CLOSED, "closed", "closed", "cerrada")                                                                 \
    X(CANCELLED, "cancelled", "cancelled before sending", "cancelada antes de enviar")

enum filing_state {
#define FILING_STATE_ENUM(name, text, en, es) FILING_##name,
    FILING_STATES(FILING_STATE_ENUM)
#undef FILING_STATE_ENUM
        FILING_STATE_COUNT
};

enum lane { LANE_STANDARD = 0, LANE_EXPEDITED = 1 };

/** "standard", "expedited": as the ledger, JSON and stylesheets say it. */
const char *lane_name(enum lane lane);
enum lane lane_parse(const char *name); /**< any other word, and NULL, is standard */

const char *filing_state_name(enum filing_state s);
const char *filing_state_text(enum filing_state s, int language);
bool filing_state_parse(enum filing_state *out, const char *name);
bool filing_transition_legal(enum filing_state from, enum filing_state to);

#endif
