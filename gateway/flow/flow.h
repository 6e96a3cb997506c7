/** @file
 * The journey: one file a verb, one table of rows that runs them in order. Pure over one struct gln_declaration; nothing here
 * knows sockets, threads or SQL.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <pthread.h>

#include "codec/codec.h"
#include "core/declaration.h"
#include "core/reason.h"
#include "ledger/ledger.h"
#include "route/route.h"
#include "trust/identity.h"
#include "trust/lane.h"
#include "trust/watch.h"
#include "xml/reader.h"

/** What is compiled once and shared (public: gln_engine). Counted. */
struct gln_engine {
    struct options options;
    struct clock_source clock;
    struct log_sink log;
    struct xml_schema *pivot_schema;
    struct xml_rules *
        core_rules; /**< wco-core, the keys and those of option `rules`; a destination's rules hold these too */
    struct xml_pointers *pointers;
    struct xml_codes *codes;
    struct route_table *routes;
    struct revocation *revocation; /**< locks itself */
    pthread_mutex_t lock;          /**< of refs */
    int refs;
};

/** One filing in the making. */
struct draft {
    const struct route_destination *destination;
    const struct route_message *message;
    const struct route_action *action;
    struct identity identity; /**< the one it is filed under */
    char *number;             /**< owned; the whole number, drawn or found; NULL: none */
    char *serial;             /**< owned; as drawn from the series; NULL: found, or a practice number */
    int serial_year;          /**< of the series; 0: not yearly */
    char *key;                /**< owned; correlation key */
    struct xml_doc *document; /**< owned; the outbound XML before sealing, with gln:src */
    struct outbound outbound; /**< what is kept: bytes before sealing, slots, map */
    const char *hold_reason;  /**< `hold`, or NULL */
    struct reason hold;
    int64_t deadline_ms; /**< by law, as far as the declaration says; 0: unknown */
    char waits_for[64];  /**< "" or why it may not go yet */
};

/** What a caller asks for; set before the rows run. */
struct wish {
    const struct route_destination *destination; /**< NULL: check by the core rules only */
    const struct route_message *message;         /**< NULL: every default message that applies */
    char *identity;                              /**< owned; asked for by name; NULL: picked */
    bool schema_only;
    bool preview; /**< show what would be sent: no number is drawn, a practice identity will do */
    bool sealed;  /**< show it with its signature: a practice identity, which has no key, will not do */
    bool judged;  /**< the bytes are the ledger's own: a signature on them was judged when they came */
    const char *instead_action; /**< borrowed; NULL, or the action to use in place of the declaration's own */
    const char *instead_number; /**< borrowed; NULL, or the number it has already */
};

/** X(name, as /metrics says it): why a declaration that was brought was not kept (flow/refused.c). */
#define REFUSALS(X)                                                                                          \
    X(REFUSAL_TRUST, "signature-trust")                                                                      \
    X(REFUSAL_SIGNATURE, "signature")                                                                        \
    X(REFUSAL_REVOKED, "revoked")                                                                            \
    X(REFUSAL_SIGNER, "signer")                                                                              \
    X(REFUSAL_MESSENGER, "messenger")                                                                        \
    X(REFUSAL_IDENTITY, "identity")                                                                          \
    X(REFUSAL_FINDINGS, "findings")                                                                          \
    X(REFUSAL_INPUT, "input")                                                                                \
    X(REFUSAL_CONFLICT, "conflict")
enum refusal {
#define REFUSAL_ENUM(id, name) id,
    REFUSALS(REFUSAL_ENUM)
#undef REFUSAL_ENUM
        REFUSAL_COUNT
};

struct gln_declaration {
    struct gln_context *ctx; /**< borrowed */
    enum declaration_phase phase;
    size_t next_stage; /**< index of the next row of the stage table */
    struct wish wish;
    struct buf original;
    const char *format; /**< "dms", ... static text */
    char *submitter;    /**< owned; who brought it; NULL: the local operator */
    char *
        signer; /**< owned; after parse: the submitter whose signature it carries; NULL: unsigned, or no gateway */
    struct buf signer_fingerprint; /**< of his certificate */
    bool is_signed;                /**< it carries a signature, good or not */
    enum refusal refusal;          /**< why its signature was refused; REFUSAL_COUNT: it was not */
    char *idempotency_key;         /**< owned; NULL: none */
    struct xml_doc *pivot;         /**< owned */
    struct findings findings;
    struct party *parties; /**< owned array, NULL after the lane row; strings belong to the pivot */
    size_t party_count;
    struct claim *claims; /**< owned array, as `parties` */
    size_t claim_count;
    char **
        texts; /**< owned, as are its strings: what parties and claims say beyond the pivot's texts, their paths for one */
    size_t text_count;
    bool claimed;
    struct lane_decision decision;
    struct lane_facts facts;
    struct watch watch; /**< what is looked at for alerts when it is kept */
    struct buf decision_json;
    struct buf lane_receipt; /**< what a receipt about an expedited lane says; empty: standard */
    char (*amended)
        [33]; /**< owned array; the declarations the pivot was merged with, by the number of their file from 1 */
    size_t amended_count;
    struct route_probe probe; /**< of wish.destination */
    struct draft *drafts;     /**< owned */
    size_t draft_count;
    char *id;      /**< owned; after keep */
    bool replayed; /**< this key had been kept before: `receipt` is the first one's */
    struct buf receipt;
};

/** The gateway on one machine (public: gln_gateway). */
struct gln_gateway {
    struct gln_engine *engine; /**< a counted reference */
    struct ledger *ledger;
    struct sealer *sealer;
    struct key_cache *keys;      /**< locks itself */
    struct operators *operators; /**< may be NULL: register down, or not asked for yet */
    bool looks;                  /**< nothing is written: what the tables hold is what counts */
    bool register_read;          /**< it was asked for: from now on it is kept up to date */
    char *down[LANG_COUNT];      /**< owned; why it could not be read last time; NULL: it could */
    int64_t down_ms;             /**< monotonic; when that was tried */
    pthread_mutex_t building;    /**< of the register: one is built at a time, so that the last change wins */
    pthread_mutex_t lock;        /**< of all below, and of `operators` */
    struct in_hand *busy;        /**< owned; filings in some thread's hands, see flow/step.c */
    size_t busy_count, busy_cap;
    struct inbox *inboxes; /**< owned; where answers are fetched, see flow/inbox.c */
    size_t inbox_count;
    int64_t inboxes_read_ms;            /**< monotonic; when the list was made */
    uint64_t refused[2][REFUSAL_COUNT]; /**< declarations that were not kept: unsigned, signed */
};

/** What one row of the stage table needs from outside. */
enum stage_need { NEED_OUTSIDE_BYTES = 1, NEED_KEYS = 2, NEED_LEDGER = 4, NEED_NETWORK = 8 };
struct stage {
    const char *name;
    int (*run)(struct gln_declaration *d,
               struct gln_gateway *gw); /**< gw NULL in library use, for rows that need no ledger */
    unsigned needs;
    enum declaration_phase after;
};
extern const struct stage stage_table[];
extern const size_t stage_count;

/* --- shared by the files of flow/ and by desk/ --- */
/** String parameters for a bundle's stylesheets, as route.h lists them. */
struct params {
    const char *items[192]; /**< name, value ..., NULL */
    size_t count;
    char *owned[96];
    size_t owned_count;
    bool failed;
};
void params_init(struct params *p);
void params_free(struct params *p);
void params_put(struct params *p, const char *name, const char *value); /**< copies the value */
void params_identity(struct params *p, const struct identity *id);
void params_now(struct params *p, struct gln_context *ctx, const char *zone);

/* --- the rows, one file each --- */
int flow_parse(struct gln_declaration *d, struct gln_gateway *gw);
int flow_validate(struct gln_declaration *d, struct gln_gateway *gw);
int flow_recognise(struct gln_declaration *d, struct gln_gateway *gw);
int flow_lane(struct gln_declaration *d, struct gln_gateway *gw);
int flow_transform(struct gln_declaration *d, struct gln_gateway *gw);
int flow_keep(struct gln_declaration *d, struct gln_gateway *gw);
/**
 * Runs the rows not yet run, up to and with the one named. GLN_E_FINDINGS as soon as a row leaves an error among the findings;
 * they all are then in d->findings.
 */
int flow_run(struct gln_declaration *d, struct gln_gateway *gw, const char *last_row);

/** Sets d->id from the receipt of an earlier keep. */
int flow_receipt_id(struct gln_declaration *d);
/** The parameters the stylesheets of a draft's message see. */
void flow_draft_params(struct params *p, const struct gln_declaration *d, const struct draft *t);

/* --- parse: whose declaration it is --- */
/** Who has to have the power to act: the signer, else the submitter. NULL: the local operator. */
const char *flow_actor(const struct gln_declaration *d);

/* --- receive: the declaration in memory --- */
/** Takes a copy of the bytes; nothing is read yet. */
int flow_receive(struct gln_declaration **out, struct gln_context *ctx, const void *data, size_t len);
/** "us-ace" or "us-ace/cargo-release"; *message is NULL where none is named. GLN_E_ARGUMENT: there is no such; its text names what there is. */
int flow_destination(const struct route_destination **destination, const struct route_message **message,
                     struct gln_context *ctx, const char *to);
/** Sets wish.destination and message so; NULL and "" are wrong too, for a destination is never guessed. */
int flow_wish(struct gln_declaration *d, const char *to);

/* --- the gateway --- */
int gateway_open(struct gln_gateway **out, struct gln_context *ctx);
/** For requests that only read, of a ledger as it stands (see ledger_look()). */
int gateway_look(struct gln_gateway **out, struct gln_context *ctx);
void gateway_close(struct gln_gateway *gw);
/**
 * Builds the register in use anew: after a change of it, and at SIGHUP. The operators file is read again if it is another; when that is refused the register
 * stays as it was. When the tables cannot be read there is no register (F02) until they can, which gateway_register_again() tries.
 * What is not sent yet is decided again (flow_recall()).
 */
int gateway_reload_operators(struct gln_gateway *gw, struct gln_context *ctx);
/** Whether a filing that is not sent yet is there, which a change of the register could matter to. */
int flow_waits(struct gln_gateway *gw, struct gln_context *ctx, bool *waits);
/** Decides the lane of every filing not sent yet again, by the register in use; what changed is in the ledger and the log. */
int flow_recall(struct gln_gateway *gw, struct gln_context *ctx);

/**
 * Before the register is asked: reads it if nobody has yet (a command that decides nothing never does), and where it could not be read or brought up to date
 * tries again, once in a while. Never fails: what it could not do is in the log, and there is no register then.
 */
void gateway_register(struct gln_gateway *gw, struct gln_context *ctx);
/** Counts a declaration that was brought and not kept; `d` NULL: it was not even read. */
void gateway_refused(struct gln_gateway *gw, const struct gln_declaration *d, int status);
void gateway_refusals(struct gln_gateway *gw, uint64_t out[2][REFUSAL_COUNT]);
const char *refusal_name(enum refusal r);
/** After a change of the register's tables: as gateway_reload_operators(), but a failure is a log line, for the change is kept. */
void gateway_register_changed(struct gln_gateway *gw, struct gln_context *ctx);
/** The programmes and arrangements that ship; owned by the caller, NULL without memory. */
char *gateway_shipped(const struct gln_context *ctx);

/** Tells the ledger whose numbers the identity gives. */
int flow_number_owner(struct gln_gateway *gw, struct gln_context *ctx, const struct identity *id);
/** Called when the gateway opens and when its settings were read anew: what waits in doubt is looked at again where they now let it go. */
int flow_settings_changed(struct gln_gateway *gw, struct gln_context *ctx);
/** The list of inboxes is made anew at the next step, and no key that was read before stays in memory. */
void flow_identities_changed(struct gln_gateway *gw);
/** An expired, not yet valid or revoked certificate does not sign, wherever its key is: GLN_E_KEY. GLN_E_NETWORK: whether it is revoked is not known, and must be (flow/revocation.h). May wait for the network. */
int flow_may_seal(struct gln_context *ctx, const struct identity *id);

/** Tries every address of an identity: name resolved, connected, TLS agreed, certificates verified; nothing is filed. `each` gets what was wrong, NULL: nothing. */
int flow_probe(struct gln_gateway *gw, struct gln_context *ctx, const struct identity *id,
               int (*each)(void *arg, const char *name, const char *url, const char *why), void *arg);

/* --- outbound: sign, forward, acknowledge --- */
/** Takes the next due filing and does its next thing (sign and send, poll, fetch answers). *wait_ms until something is due; -1: nothing. */
int flow_step(struct gln_gateway *gw, struct gln_context *ctx, int64_t *wait_ms);
/** What is sent for a filing, sealed and enveloped, with secrets still masked; and our evidence over it. Nothing is stored. */
struct signed_message {
    struct buf bytes;          /**< masked */
    struct secret_slots slots; /**< where secrets go in `bytes` */
    struct buf evidence;       /**< CMS, DER */
};
int flow_sign(struct signed_message *out, struct gln_gateway *gw, struct gln_context *ctx,
              const struct route_message *m, const struct identity *id, const char *const *params,
              struct key *key, const void *outbound, size_t len,
              const struct secret_slots *slots); /**< key: signs instead of the identity's own; may be NULL */
void signed_message_free(struct signed_message *s);
/** The bytes the evidence is a signature over: the masked message and, after it, a line for each masked range. */
void flow_evidence_content(struct buf *out, const void *bytes, size_t len, const struct secret_slots *slots);
/** Reads one message of customs and ties its answers to their filings. `about`: the filing it is a reply to, 0: fetched. *tied: how many answers found theirs. */
struct inbound {
    const struct route_destination *destination;
    const struct route_reply *how;
    const char *environment;
    int64_t about;
    const void *data;
    size_t len;
};
int flow_acknowledge(struct gln_gateway *gw, struct gln_context *ctx, const struct inbound *in, size_t *tied,
                     struct buf *what);
/** A person decides a filing in doubt: "arrived" (customs has it; `operation` its number or NULL), "not-arrived" (send again), "closed"; `why` in his words, or NULL. */
int flow_resolve(struct gln_gateway *gw, struct gln_context *ctx, int64_t filing, const char *decision,
                 const char *operation, const char *why, const char *who);

/** Slots and maps as text, for the ledger. */
void slots_put(struct buf *out, const struct secret_slots *slots);
int slots_get(struct secret_slots *out, struct gln_context *ctx, const char *text, size_t len);
void map_put(struct buf *out, const struct source_map *map);
int map_get(struct source_map *out, struct gln_context *ctx, const char *text, size_t len);

/** A kept decision again by what was known then, or is known now: in words, and the new decision. */
int flow_decide_again(struct buf *decision, struct buf *text, struct gln_gateway *gw, struct gln_context *ctx,
                      const struct buf *kept, bool now, int language);

/** The node an XPath of ours (xml_path) stands for; NULL if none. */
struct xml_node *flow_node_at(const struct xml_doc *doc, const char *xpath);

#endif
