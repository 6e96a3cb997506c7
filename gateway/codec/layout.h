/** @file
 * A layout in memory: the records of fixed-column messages, their fields, and which record may follow which. Read-only once
 * loaded, so that all threads share it.
 */
#ifndef CODEC_LAYOUT_H
#define CODEC_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"

/** What a column may hold. F(NAME, "text in the layout", says what is allowed: a message) */
#define FIELD_CLASSES(F)                                                                                     \
    F(S, "S", MSG_CLASS_S)                                                                                   \
    F(A, "A", MSG_CLASS_A)                                                                                   \
    F(N, "N", MSG_CLASS_N)                                                                                   \
    F(SN, "(S)N", MSG_CLASS_N)                                                                               \
    F(AN, "AN", MSG_CLASS_AN)                                                                                \
    F(D, "D", MSG_CLASS_D)                                                                                   \
    F(X, "X", MSG_CLASS_X)
enum field_class {
#define FIELD_CLASS_ENUM(name, text, message) CLASS_##name,
    FIELD_CLASSES(FIELD_CLASS_ENUM)
#undef FIELD_CLASS_ENUM
        CLASS_COUNT
};

struct layout_field {
    char *name;            /**< element name; NULL: filler, which holds blanks */
    char *title;           /**< official name */
    uint16_t from, length; /**< columns, from 1 */
    enum field_class cls;  /**< as printed by the authority */
    enum field_class
        accept;         /**< as taken; differs from `cls` where the printed class cannot hold the codes */
    char use;           /**< M, C, O, or '-' where none is printed */
    char *constant;     /**< NULL: none */
    uint8_t decimals;   /**< implied decimals */
    bool blank_allowed; /**< mandatory, but a blank is one of its values */
    bool zeros_unused;  /**< unused means zeros, not blanks */
    bool blanks_left;   /**< numbers are filled with blanks on the left, not with zeros */
};

struct layout_record {
    char *name;           /**< element name */
    char *ids;            /**< texts at column 1 that tell it, separated by blanks */
    char *title;          /**< in words */
    char *applications;   /**< codes it has this layout for, separated by blanks; "-" is the blank code */
    uint16_t when_from;   /**< this layout only if these columns ... 0: no condition */
    uint16_t when_length; /**< ... */
    char *when;           /**< ... hold one of these texts, separated by '|' */
    char *variant;        /**< name of a layout with a condition; NULL: the usual one */
    bool passed;          /**< one field that holds the whole record, the id included */
    struct layout_field *fields;
    size_t count;
};

enum item_kind { ITEM_RECORD, ITEM_ANY, ITEM_GROUP };
/** A place in a structure: one record, any of several, or a group of places. */
struct layout_item {
    enum item_kind kind;
    char *name;                   /**< record or group; NULL for ITEM_ANY */
    char *refs;                   /**< ITEM_ANY: record names, each between blanks */
    uint32_t least, most;         /**< UINT32_MAX: any number */
    struct layout_item *children; /**< ITEM_GROUP */
    size_t count;
};

struct layout_structure {
    char *application;
    bool lenient;            /**< a record in the wrong place is kept and marked */
    struct layout_item root; /**< ITEM_GROUP */
};

struct layout {
    char *name;
    uint16_t width;
    char *delimiter; /**< written after each record: "\n", "\r\n" or "" */
    char *switch_record, *switch_field;
    struct layout_record *records;
    size_t count, cap;
    struct layout_structure *structures;
    size_t structure_count, structure_cap;
};

/** Limits of a structure, checked when it is loaded. */
enum { STRUCTURE_DEPTH = 12, GROUP_ITEMS = 32, RECORD_WIDTH_MOST = 1024 };

const struct layout_structure *layout_structure_find(const struct layout *l, const char *application,
                                                     size_t length);
/** By element name, for an application; `variant` NULL: the usual layout. NULL: there is none. */
const struct layout_record *layout_record_find(const struct layout *l, const char *name,
                                               const char *application, const char *variant);
/** By the columns of a record as it came; `line` has the layout's width. NULL: unknown. */
const struct layout_record *layout_record_match(const struct layout *l, const char *application,
                                                const char *line);
const struct layout_field *layout_field_find(const struct layout_record *r, const char *name);
/** Whether `word` is one of the words of `list`, which are separated by blanks. */
bool words_have(const char *list, const char *word, size_t length);

/** The first byte of `text` that `cls` does not admit; `length` if all fit. Blanks are judged too. */
size_t class_misfit(enum field_class cls, const char *text, size_t length);
/** What a class takes, as a message about a field. */
extern const enum message_id class_message[CLASS_COUNT];

/** Follows the records of one application through its structure. */
struct sequence_frame {
    const struct layout_item *group;
    size_t at;                    /**< item reached */
    uint32_t counts[GROUP_ITEMS]; /**< how often each item was met in this round of the group */
    struct xml_node *node;        /**< the caller's; NULL when it makes none */
};
struct sequence {
    const struct layout_structure *structure;
    struct sequence_frame frames[STRUCTURE_DEPTH];
    size_t depth;        /**< open groups */
    size_t opened_from;  /**< frames from here on were opened by the last record */
    const char *missing; /**< SEQUENCE_MISSING: what should have come; SEQUENCE_UNEXPECTED: NULL */
};
enum sequence_result { SEQUENCE_OK, SEQUENCE_UNEXPECTED, SEQUENCE_MISSING, SEQUENCE_TOO_MANY };
void sequence_start(struct sequence *s, const struct layout_structure *structure);
/** The next record. On anything but SEQUENCE_OK the state is as before. */
enum sequence_result sequence_next(struct sequence *s, const char *record);
enum sequence_result sequence_end(struct sequence *s); /**< OK, or MISSING with `missing` */

int fixed_encode(struct outbound *out, struct gln_context *ctx, const struct layout *l,
                 const struct xml_doc *in, const struct xml_doc *source);
int fixed_check(struct findings *findings, struct gln_context *ctx, const struct layout *l,
                const struct xml_doc *in, const struct xml_doc *source);
int fixed_decode(struct xml_doc **out, struct gln_context *ctx, const struct layout *l, const void *data,
                 size_t len);

/** Namespace of the trees the fixed codec reads and writes. */
#define RECORDS_NS "urn:greenlane:records:1"

#endif
