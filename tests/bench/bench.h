/** @file
 * The benchmark's parts: declarations it makes up, the whole path through the gateway, the plain use of the same libraries that it
 * is compared with, clients of a daemon. `make bench` runs it all; docs/performance.md says what is measured and how.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/flow.h"

/** Where a declaration goes. */
enum road { ROAD_MX, ROAD_US, ROAD_COUNT };
/** How large it is: one item; 99 short ones; as short, but as many as a declaration may have; those with all their details. */
enum size { SIZE_5K, SIZE_66K, SIZE_600K, SIZE_1M, SIZE_COUNT };
/** What the path is measured in. */
enum leg { LEG_PARSE, LEG_VALIDATE, LEG_LANE, LEG_TRANSFORM, LEG_SIGN, LEG_COUNT };

extern const char
    *const road_names[ROAD_COUNT]; /**< "mx-vucem/cove" ...: what gln_declaration_transform() takes */
extern const char *const size_names[SIZE_COUNT]; /**< "5k" ... */
extern const char *const leg_names[LEG_COUNT];

/** A declaration of the shape of the examples, the same for the same arguments; `serial` makes its reference its own. */
void declare(struct buf *out, enum road road, enum size size, unsigned serial);

/** What all measurements share; read-only once it is open. */
struct bed {
    char folder[256]; /**< removed by bed_close() */
    struct gln_config *config;
    struct gln_engine *engine;
    struct gln_context *ctx; /**< the first thread's */
    struct gln_gateway *gw;  /**< for the evidence's key */
    struct key *key;         /**< RSA-2048, the e.firma */
    struct cert *cert;
    struct buf pem; /**< the same key, for the plain use */
    void *native;   /**< the same key: EVP_PKEY */
    struct buf text[ROAD_COUNT][SIZE_COUNT];
    const struct route_destination *destination[ROAD_COUNT];
    const struct route_message *message[ROAD_COUNT];
};
/** False, with a word on stderr, if something is wrong. */
bool bed_open(struct bed *b);
void bed_close(struct bed *b);

/** Seconds of this thread's processor time, and seconds on the wall. */
double cpu_now(void);
double wall_now(void);

/** One declaration from bytes to signed message and evidence. `stages`: microseconds are added; may be NULL. */
bool path_once(const struct bed *b, struct gln_context *ctx, enum road road, enum size size, double *stages);
/** Its parts that are calls of the xml, codec and crypto rooms, each by itself: one JSON line for each, mean of `count`. */
bool path_parts(const struct bed *b, enum road road, enum size size, int count);
/** A certificate for an EVP_PKEY, valid at the clock's day: an X509, to be freed. */
void *bed_cert(void *pkey);
/** One RSA-2048 SHA-256 signature by OpenSSL. */
bool limit_once(const struct bed *b);

/** The same declaration by libxml2, libxslt and xmlsec as their manuals use them: all contexts new. */
struct plain;
struct plain *plain_open(const struct bed *b);
bool plain_once(struct plain *p, enum road road, enum size size);
void plain_close(struct plain *p);

/**
 * A lane decision over six parties with so many operators in memory, against a signature; and a list of so many rows written into the
 * register's tables, against a bare loop of the same INSERTs. One JSON line each.
 */
bool register_measure(const struct bed *b, unsigned operators, unsigned rows, int rounds, double slice);
/** The decision so often and nothing else, for a profiler. */
bool register_walk(const struct bed *b, unsigned operators, int count);

/** Clients that send declarations to a daemon, each over one kept connection; prints a JSON line. */
struct load {
    const char *url;  /**< https://localhost:8443 */
    const char *name; /**< of the line */
    const char *ca, *cert, *key;
    enum road road;
    enum size size;
    unsigned clients, count, first; /**< declarations `first` to `first + count - 1` */
};
bool load_run(const struct load *l);

#endif
