/** @file
 * Findings: what is wrong with a declaration, each with its place, in both languages.
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include <stddef.h>

#include "core/messages.h"
#include "core/place.h"
#include "core/status.h"
#include "util/buf.h"

struct finding {
    const char *rule; /**< owned; rule id, e.g. GLN-CORE-003; never NULL */
    enum gln_severity severity;
    const char *text[LANG_COUNT]; /**< owned; never NULL */
    struct place place;
    const char *xpath;   /**< owned; may be NULL */
    const char *pointer; /**< owned; WCO pointer 42A/67A/...; may be NULL */
    const char *field;   /**< owned; the destination's name of the field; may be NULL */
};

struct findings {
    struct finding *items; /**< owned */
    size_t count, cap;
    size_t errors; /**< how many are GLN_ERROR */
    bool cut;      /**< the cap on findings was reached; the last one says so */
};

/** Adds one; strings are copied. GLN_OK or GLN_E_MEMORY. `f->text` may hold the same pointer twice. */
int findings_add(struct findings *list, const struct finding *f);
/** Adds one whose texts come from the message table. xpath, pointer, field may be NULL. */
int findings_say(struct findings *list, const char *rule, enum gln_severity severity, struct place place,
                 const char *xpath, enum message_id id, const char *const *args, size_t n);
void findings_sort(struct findings *list);                   /**< by place, then rule; stable */
void findings_truncate(struct findings *list, size_t count); /**< drops all after the first `count` */
void findings_free(struct findings *list);                   /**< frees the items; the struct stays usable */
/** A line each: `name:line:column: error: text [rule] (field)`; `name` may be NULL. */
void findings_text(struct buf *out, const struct findings *list, const char *name, int language);
/** A JSON array of objects rule, severity, text, line, column, offset, xpath, pointer, field. */
struct json_out;
void findings_json(struct json_out *out, const char *key, const struct findings *list, int language);

#endif
