/** @file
 * A second evaluator for the XPath that business rules are written in, many times faster than libxml2's because it makes no node
 * sets and copies no strings where a yes or no is asked. It knows a part of the language only, and is never the last word: what it
 * does not know, or is not sure of, it says so, and libxml2 is asked. Where it does answer, it answers as libxml2 would.
 *
 * Known: or, and, =, !=, <, <=, >, >=, |; paths of the axes child, attribute, self, parent, ancestor, preceding-sibling with name
 * tests, * and predicates (a number, or a yes or no); variables; literals; the functions in lean_calls.c.
 */
#ifndef XML_LEAN_H
#define XML_LEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "xml/arena.h"
#include "xml/run.h"

enum lean_type { LEAN_BOOL, LEAN_NUMBER, LEAN_TEXT, LEAN_NODES };

/** A value; texts and arrays belong to the document or to the run's arena. */
struct lean_value {
    enum lean_type type;
    bool truth;
    double number;
    const char *text;
    xmlNodePtr *nodes; /**< in document order, each once */
    size_t count;
};

enum lean_op {
    LEAN_OR,
    LEAN_AND,
    LEAN_EQ,
    LEAN_NE,
    LEAN_LT,
    LEAN_LE,
    LEAN_GT,
    LEAN_GE,
    LEAN_UNION,
    LEAN_PATH, /**< from `a`, else from the root if `absolute`, else from the context node */
    LEAN_LITERAL,
    LEAN_CONSTANT,
    LEAN_VARIABLE,
    LEAN_CALL
};

enum lean_axis { AXIS_CHILD, AXIS_ATTRIBUTE, AXIS_SELF, AXIS_PARENT, AXIS_ANCESTOR, AXIS_PRECEDING_SIBLING };

struct lean_expr;
struct lean_step {
    enum lean_axis axis;
    const char *ns;   /**< URI; NULL: none, or any if `name` is NULL */
    const char *name; /**< NULL: any element or attribute (of the namespace) */
    bool any;         /**< node() */
    struct lean_expr *tests;
    struct lean_step *next;
};

struct lean_run;
typedef bool lean_call(struct lean_run *r, const struct lean_expr *args, const xmlNode *at,
                       struct lean_value *out);
struct lean_function {
    const char *name; /**< with "gln:" before those of our own */
    int least, most;
    lean_call *call;
};

struct lean_expr {
    enum lean_op op;
    struct lean_expr *a, *b; /**< operands; `a` also a call's first argument and a path's start */
    struct lean_expr *next;  /**< of arguments or predicates */
    struct lean_step *steps;
    struct lean_expr *tests; /**< predicates of a path's start: ($a | $b)[1] */
    bool absolute;
    bool unordered; /**< the nodes may come out of order or twice */
    const char *text;
    double number;
    size_t slot; /**< of a variable */
    const struct lean_function *function;
};

/** What names mean in a stylesheet: its own prefixes, any variable. */
struct lean_scope {
    const char *(*uri)(const struct lean_scope *s, const char *prefix, size_t len); /**< NULL: none */
    bool (*slot)(const struct lean_scope *s, const char *name, size_t len, size_t *slot);
};

/** The variables an expression may name: slot = index. */
struct lean_names {
    const char *const *names;
    size_t count;
    const struct lean_scope *scope; /**< NULL: in rules and questions, whose prefixes are fixed */
};

/** Compiles into `arena`. NULL: not of the part it knows (or no memory, which is no worse). */
struct lean_expr *lean_compile(struct arena *arena, const char *text, const struct lean_names *names);

/** One run over one document. */
struct lean_run {
    struct run *run;           /**< code lists, patterns, today */
    struct arena *arena;       /**< of what lasts no longer than one node's questions */
    struct arena *keep;        /**< of the globals' values */
    const xmlNode *current;    /**< current() */
    struct lean_value *values; /**< by slot */
    bool *known;
    struct lean_expr *const
        *globals; /**< by slot: computed when first asked for; each names earlier ones only */
    size_t global_count;
    bool (*variable)(struct lean_run *r, size_t slot,
                     struct lean_value *out); /**< stylesheets: asked for each; NULL: `values` has them */
    size_t steps, most;                       /**< nodes looked at, and how many may be */
    bool lost;                                /**< not sure: nothing that came out counts */
    const xmlNs *ns;                          /**< the last namespace compared, and with what */
    const char *ns_uri;
};

bool lean_truth(struct lean_run *r, const struct lean_expr *e, const xmlNode *at);
bool lean_eval(struct lean_run *r, const struct lean_expr *e, const xmlNode *at, struct lean_value *out);
/** As XPath's string(): of nodes, the first one's. */
const char *lean_text(struct lean_run *r, const struct lean_expr *e, const xmlNode *at);
/** The same of a value, and of a node. */
const char *lean_text_of(struct lean_run *r, const struct lean_value *v);
const char *lean_node_text(struct lean_run *r, const xmlNode *n);
bool lean_give_up(struct lean_run *r); /**< false */
/** As lean_text(), without the blanks around it. */
const char *lean_trimmed(struct lean_run *r, const struct lean_expr *e, const xmlNode *at);
/** The first node of what `e` gives; NULL: there is none, or it is no nodes. */
const xmlNode *lean_first(struct lean_run *r, const struct lean_expr *e, const xmlNode *at);
/** A result that is a text; NULL: no memory. */
bool lean_give_text(struct lean_run *r, struct lean_value *out, const char *text);
/** Adds a node to a value that is nodes; *cap counts what there is room for. */
bool lean_add_node(struct lean_run *r, struct lean_value *v, size_t *cap, const xmlNode *n);

const struct lean_function *lean_function_find(const char *name, size_t len);
/** Of those that only stylesheets have. */
const struct lean_function *lean_sheet_function_find(const char *name, size_t len);
/** The URI of a fixed prefix; NULL: none. */
const char *lean_namespace(const char *prefix, size_t len);

#endif
