/** @file
 * Between the files of flow/.
 */
#ifndef FLOW_INTERNAL_H
#define FLOW_INTERNAL_H

#include "carry/carry.h"
#include "core/reason.h"
#include "flow/flow.h"

struct gln_engine *engine_ref(struct gln_engine *e); /**< counts; gln_engine_free() counts back */

/** `name` in the folder that holds transforms/ and schemas/; owned by the caller, NULL without memory. */
char *engine_data_path(const struct options *o, const char *name);

/* --- inbound half --- */
/** Verifies the signature of the declaration, takes it off, and sets who signed. GLN_OK when there is none. */
int signature_take(struct gln_declaration *d, struct gln_gateway *gw);
/** Takes signatures off that were judged before. */
void signature_strip(struct xml_doc *doc);
/** Takes every trusted-trader claim out below `parent` (the Declaration), so that no stylesheet can send one on by accident. */
void claims_strip(struct xml_node *parent);
/** Parties and claims of the declaration. */
void parties_free(struct gln_declaration *d);
/** What the options and code lists add to the facts of a decision, kept or new. */
void facts_settings(struct lane_facts *f, const struct gln_context *ctx);
/** Gives a WCO pointer to every finding that has a path and none yet, and the kept declaration to those that came from one (amend_tell()). */
int findings_point(struct gln_declaration *d);

/** The context's error as one more finding. */
int error_as_finding(struct findings *list, const struct gln_context *ctx, const char *rule);
void draft_clear(struct draft *t);
/** When the declaration's message must be there, by its bundle's deadline; 0 when it says nothing. */
int64_t draft_deadline(const struct gln_declaration *d, const struct draft *t);
/** Numbers drawn for drafts that will not be kept become recorded gaps. */
void drafts_gap(struct gln_declaration *d, struct gln_gateway *gw, const char *reason);

/* --- amendments --- */
/** An amendment that is a difference: d->pivot becomes the whole it makes with what the ledger holds. What cannot be merged is a finding. */
int amend_merge(struct gln_declaration *d, struct gln_gateway *gw);
/** Findings about elements that came from a kept declaration say so instead of a place in the amendment. */
int amend_tell(struct gln_declaration *d);
/** The whole a kept declaration stands for, merged as it was when it was filed; `ids` as in struct gln_declaration, freed by the caller. */
int amend_load(struct xml_doc **out, char (**ids)[33], size_t *count, struct gln_gateway *gw,
               struct gln_context *ctx, const char *id);

/* --- outbound half --- */
/** How a document of ours is sealed and wrapped. */
struct sealing {
    const struct route_seal *seal;
    struct xml_stylesheet *envelope; /**< may be NULL */
    const struct identity *identity;
    const char *const *params;
    struct key *key; /**< signs instead of the identity's own; NULL: the identity's */
};
/** Seals `doc` in place, wraps and writes it with secrets masked. No evidence. */
int sealed_write(struct signed_message *out, struct gln_gateway *gw, struct gln_context *ctx,
                 const struct sealing *how, struct xml_doc *doc);

/** A filing on its way, with what it needs at hand. */
struct errand {
    struct gln_gateway *gw;
    struct gln_context *ctx;
    struct ledger_filing f;
    const struct route_destination *destination;
    const struct route_message *message;
    struct identity identity;
    struct params params;
    struct key *key; /**< owned; a key that is elsewhere, for identities of custody remote; may be NULL */
};
/** Looks up destination, message and identity of e->f. GLN_E_NOT_FOUND etc. with a text fit to be a reason. */
int errand_prepare(struct errand *e);
void errand_clear(struct errand *e);
/** Milliseconds since 1970 by the system's clock: waiting goes by it also when option `clock` freezes the gateway's. */
int64_t due_now(void);
/** Moves the filing of an errand; e->f.state follows. `reason` NULL and the state kept: a new due time only, which leaves no row in its history. A conflict (another thread or an answer was faster) is GLN_E_CONFLICT, without an error text. */
int errand_move(struct errand *e, enum filing_state to, const char *reason, int64_t due_ms,
                const struct ledger_blob *blobs, size_t count);

void errand_alert(const struct errand *e, const char *what,
                  const char *why); /**< a log line that wants a person; `why`: text, or a reason */

/** The endpoint `name` of an identity; strings borrowed from it. GLN_E_CONFIG without an address. */
int endpoint_of(struct carry_endpoint *out, struct gln_context *ctx, const struct identity *id,
                const char *name);
/** An endpoint with the client certificate its identity shows there. Starts zeroed. */
struct endpoint {
    struct carry_endpoint at; /**< borrows from the identity and from what is below */
    struct buf cert, key;
};
int endpoint_open(struct endpoint *out, struct gln_gateway *gw, struct gln_context *ctx,
                  const struct identity *id, const char *name);
/** The same for what a bundle sends, with its SOAPAction and Content-Type: with the first it is SOAP, whatever the web is called in the settings. */
int endpoint_for(struct endpoint *out, struct gln_gateway *gw, struct gln_context *ctx,
                 const struct identity *id, const struct route_carrier *how);
void endpoint_close(struct endpoint *e); /**< wipes the key */
/** A duration setting of an endpoint ("every"); `otherwise` if absent or malformed. */
int64_t endpoint_ms(const struct identity *id, const char *endpoint, const char *property, int64_t otherwise);
/** `bytes` with the secrets of the slots put in. The caller wipes and frees `out`. */
int secrets_insert(struct buf *out, struct gln_gateway *gw, struct gln_context *ctx,
                   const struct identity *id, const struct buf *bytes, const struct secret_slots *slots);
void secret_buf_free(struct buf *b); /**< wiped first */
/** A reply to the filing's message, as it may be kept: its secrets, should the other side have given them back, under stars. */
int reply_cover(struct buf *out, struct errand *e, const struct buf *reply);
/** The same, in place, of bytes that were fetched and may be about anybody's message: all secrets of the destination's identities. */
int inbound_cover(struct buf *bytes, struct gln_gateway *gw, struct gln_context *ctx, const char *destination,
                  const char *environment);

/** Decides the lane again at the moment of leaving. GLN_E_CONFLICT, without an error text: it does not leave now. */
int recall_departing(struct errand *e);

/** Sends a queued filing. */
int filing_send(struct errand *e);
/** A message ready to go: `bytes` with secrets in, to be wiped (secret_buf_free()). */
struct parcel {
    struct endpoint endpoint;
    struct buf bytes;
};
void parcel_clear(struct parcel *p); /**< wipes */
/** Signs, puts the secrets in and marks the filing `sending`, durably. GLN_E_CONFLICT: another was faster. Anything else but OK: not marked. */
int filing_depart(struct errand *e, struct parcel *out);
/** Holds the filing with the context's error as the reason, if that is what `status` calls for; otherwise gives it back. */
int filing_hold(struct errand *e, int status);
/** Records what came of a send. */
int filing_arrive(struct errand *e, enum carry_outcome outcome, const struct buf *reply, const char *why);
/** The same for a poll: the question, and what came of it. `why` of trouble, or NULL. */
int poll_depart(struct errand *e, struct parcel *out);
int poll_arrive(struct errand *e, enum carry_outcome outcome, const struct buf *reply, const char *why);
/** What came back for a SOAP message is a fault, which is an answer and for the bundle to read. */
bool reply_is_fault(const struct route_carrier *how, enum carry_outcome outcome, const struct buf *reply);
/** Whether what is due for the filing is a question to customs. */
bool filing_polls(const struct errand *e);
/** The next filing that is due, taken into this thread's hands and looked up; GLN_E_NOT_FOUND and *wait_ms when none is. `share`: filings of one destination in hand at once, at most; 0: any number. */
int errand_next(struct errand *e, size_t share, int64_t *wait_ms);
/** Does what its state wants, by itself. */
int errand_act(struct errand *e);
void errand_done(struct errand *e); /**< out of hand, cleared */
/** Asks customs about a filing, or sees that its answer is overdue. */
int filing_ask(struct errand *e);
/** A filing in doubt whose time has come. */
int filing_doubt(struct errand *e);
/** Reads the reply to a filing or to a poll about it. One that cannot be read is an alert; the filing goes on waiting. */
int reply_read(struct errand *e, const struct route_reply *how, const struct buf *reply);
/** When a filing that waits for its answer wants attention next. */
int64_t ask_due(const struct errand *e);

/* --- from customs' words back to the sender's line --- */
struct blame {
    struct xml_doc *original; /**< owned; merged, if it was an amendment */
    char (*amended)[33];      /**< owned; as in struct gln_declaration */
    size_t amended_count;
    struct buf outbound; /**< as kept */
    struct source_map map;
};
struct blamed {
    struct place place;
    const char *from;  /**< the kept declaration the place lies in; NULL: the sender's own file; borrowed */
    const char *title; /**< the destination's name of the field; borrowed from the blame */
    struct buf xpath, pointer;
};
int blame_load(struct blame *b, struct gln_gateway *gw, struct gln_context *ctx,
               const struct ledger_filing *f);
void blame_clear(struct blame *b);
/** False if the location leads nowhere. `out` is to be freed either way. */
bool blame_find(const struct blame *b, const struct gln_context *ctx, const struct xml_node *location,
                struct blamed *out);
void blamed_free(struct blamed *b);

/* --- inboxes --- */
/** Fetches from the next inbox that is due. *did: something was fetched; *next_mono: when one is due next, -1 none. */
int inbox_step(struct gln_gateway *gw, struct gln_context *ctx, bool *did, int64_t *next_mono);
void inboxes_free(struct gln_gateway *gw);
/** Bytes a host received itself: stored, then read. */
int inbox_receive(struct gln_gateway *gw, struct gln_context *ctx, const char *destination, const void *data,
                  size_t len);
/** Reads what was stored before a crash and not read. */
int inbox_recover(struct gln_gateway *gw, struct gln_context *ctx);

#endif
