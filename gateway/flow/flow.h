/** @file
 * The journey: one file a verb, one table of rows that runs them in order. Pure over one struct gln_declaration; nothing here
 * knows sockets, threads or SQL.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "codec/codec.h"
#include "core/declaration.h"
#include "ledger/ledger.h"
#include "route/route.h"
#include "trust/identity.h"
#include "trust/lane.h"
#include "xml/reader.h"

/** What is compiled once and shared (public: gln_engine). Counted. */
struct gln_engine {
    struct options options;
    struct clock_source clock;
    struct log_sink log;
    struct xml_schema *pivot_schema, *response_schema;
    struct xml_rules *core_rules;
    struct xml_pointers *pointers;
    struct xml_codes *codes;
    struct route_table *routes;
    int refs; /**< atomic */
};

/** One filing in the making. */
struct draft {
    const struct route_destination *destination;
    const struct route_message *message;
    const struct route_action *action;
    struct identity identity; /**< the one it is filed under */
    char *number;             /**< owned; drawn or found, with its check digit; NULL: none */
    bool number_reserved;     /**< drawn from a series: made final by keep, or recorded as a gap */
    int number_year;
    char *key;                /**< owned; correlation key */
    struct xml_doc *document; /**< owned; the outbound XML before sealing, with gln:src */
    struct outbound outbound; /**< what is kept: bytes before sealing, slots, map */
};

struct gln_declaration {
    struct gln_context *ctx; /**< borrowed */
    enum declaration_phase phase;
    struct buf original;
    const char *format;    /**< "dms", ... static text */
    char *submitter;       /**< owned; NULL: the local operator */
    char *idempotency_key; /**< owned; NULL: none */
    struct xml_doc *pivot; /**< owned */
    struct findings findings;
    struct party *parties; /**< owned array; strings belong to the pivot, `path` owned */
    size_t party_count;
    bool claimed;
    struct lane_decision decision;
    struct lane_facts facts;
    struct draft *drafts; /**< owned */
    size_t draft_count;
    char *id; /**< owned; after keep */
    struct buf receipt;
};

/** The gateway on one machine (public: gln_gateway). */
struct gln_gateway {
    struct gln_engine *engine;
    struct ledger *ledger;
    struct sealer *sealer;
    struct operators *operators; /**< may be NULL: register down */
};

/** What one row of the stage table needs from outside. */
enum stage_need { NEED_OUTSIDE_BYTES = 1, NEED_KEYS = 2, NEED_LEDGER = 4, NEED_NETWORK = 8 };
struct stage {
    const char *name;
    int (*run)(
        struct gln_declaration *d,
        struct gln_gateway *gw); /**< gw NULL in library use without a ledger, for rows that need none */
    unsigned needs;
    enum declaration_phase after;
};
extern const struct stage stage_table[];
extern const size_t stage_count;

int flow_parse(struct gln_declaration *d, struct gln_gateway *gw);
int flow_validate(struct gln_declaration *d, struct gln_gateway *gw);
int flow_recognise(struct gln_declaration *d, struct gln_gateway *gw);
int flow_lane(struct gln_declaration *d, struct gln_gateway *gw);
int flow_transform(struct gln_declaration *d, struct gln_gateway *gw);
int flow_keep(struct gln_declaration *d, struct gln_gateway *gw);

/** Outbound: takes the next due filing and does its next thing (sign, send, poll, ask the inbox). *wait_ms until something is due; -1: nothing. */
int flow_step(struct gln_gateway *gw, struct gln_context *ctx, int64_t *wait_ms);
/** Reads one message of customs (fetched or a reply) and ties its answers to their filings. */
int flow_acknowledge(struct gln_gateway *gw, struct gln_context *ctx, const struct route_destination *dest,
                     const char *environment, const struct xml_stylesheet *how, const struct codec *codec,
                     const struct layout *layout, const void *data, size_t len, int64_t filing_hint);

#endif
