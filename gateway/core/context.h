/** @file
 * The context: what one thread of work carries through every room. Holds the last error in both languages, and slots
 * where rooms keep scratch they reuse (a parser context, a connection).
 */
#ifndef CORE_CONTEXT_H
#define CORE_CONTEXT_H

#include <stddef.h>

#include "core/log.h"
#include "core/messages.h"
#include "core/options.h"
#include "core/place.h"
#include "core/status.h"
#include "util/clock.h"

enum context_slot { SLOT_XML, SLOT_CARRY, SLOT_CRYPTO, SLOT_COUNT };

struct error {
    int status; /**< GLN_OK: none */
    struct place place;
    char *text[LANG_COUNT]; /**< owned; NULL: none */
    char *reason;           /**< owned; the same as the ledger keeps it, see core/reason.h; NULL: none */
};

struct gln_context {
    struct gln_engine *engine;        /**< a counted reference; NULL in unit tests of the lower rooms */
    const struct options *options;    /**< the engine's; never NULL */
    const struct clock_source *clock; /**< the engine's; may be NULL: system time */
    const struct log_sink *log;       /**< the engine's; may be NULL */
    struct error error;
    struct zones_kept zones; /**< of the last destinations and programmes */
    gln_progress *progress;  /**< told how far a long request has come; may be NULL */
    void *progress_arg;
    struct {
        void *p;
        void (*free)(void *p);
    } slot[SLOT_COUNT];
};

/** For the rooms' own tests and for flow: fills a context over options that outlive it. */
void context_init(struct gln_context *ctx, const struct options *options);
void context_clear(struct gln_context *ctx); /**< frees error and slots, not `ctx` */

/** Records the error (both languages) and returns `status`. Arguments: `n` strings. */
int context_fail_args(struct gln_context *ctx, int status, struct place place, enum message_id id,
                      const char *const *args, size_t n);
/** context_fail(ctx, GLN_E_INPUT, MSG_X, "a", "b"): strings only. */
#define CTX_ARGS(...)                                                                                        \
    ((const char *const[]){__VA_ARGS__}), sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)
#define context_fail(ctx, status, ...) context_fail_(ctx, status, PLACE_NONE, __VA_ARGS__, "")
#define context_fail_at(ctx, status, place, ...) context_fail_(ctx, status, place, __VA_ARGS__, "")
#define context_fail_(ctx, status, place, id, ...)                                                           \
    context_fail_args(ctx, status, place, id, CTX_ARGS(__VA_ARGS__))
int context_no_memory(struct gln_context *ctx); /**< returns GLN_E_MEMORY */
void context_ok(struct gln_context *ctx);       /**< forgets the error */
const char *context_text(const struct gln_context *ctx,
                         int language); /**< "" if none; a place, if known, comes first as line:column: */

#endif
