/** @file
 * One run of a stylesheet: what the extension functions see, and the helpers they share.
 */
#ifndef XML_RUN_H
#define XML_RUN_H

#include <stdatomic.h>

#include <libxml/xmlregexp.h>
#include <libxml/xpath.h>
#include <libxslt/security.h>
#include <libxslt/xsltInternals.h>

#include "xml/native.h"
#include "xml/rules.h"
#include "xml/scratch.h"
#include "xml/transform.h"

struct quick;
struct quick_run;
struct xml_stylesheet {
    xsltStylesheetPtr style;     /**< owned */
    struct quick *quick;         /**< owned: what of its XPath is answered by xml/lean.h; NULL: nothing */
    xsltSecurityPrefsPtr denied; /**< owned: no file, no network */
    char *name;                  /**< owned: for messages */
    atomic_uint more;            /**< who holds it besides the first */
};
/** Holds it once more; xml_stylesheet_free() lets go. */
struct xml_stylesheet *xml_stylesheet_ref(const struct xml_stylesheet *s);

/** Rules, compiled. */
struct xml_rules {
    struct xml_stylesheet *sheet; /**< owned: says what is wrong with the elements it is given */
    struct rules_plan *plan;      /**< owned: which elements those are; NULL: all */
};

/** Elements, in document order. */
struct elements {
    xmlNodePtr *items; /**< owned */
    size_t count, cap;
};
bool elements_add(struct elements *list, const xmlNode *n); /**< false: no memory */

struct run {
    struct gln_context *ctx;
    const struct xml_stylesheet *sheet;
    const struct xml_run *how; /**< never NULL */
    const struct xml_doc *in;
    const struct xml_doc *source; /**< whose places gln:src() gives */
    xsltTransformContextPtr transform;
    struct xml_scratch *scratch;
    struct quick_run *quick; /**< NULL: the stylesheet has none */
    unsigned uses;           /**< of the context of libxslt, before */
    bool unclean;            /**< libxslt remembers something of the document; not to be kept */
    bool lenient;            /**< rules: what cannot be computed is empty; transforms: it ends the run */
    const struct elements *unsound; /**< rules: what gln:unsound() gives; NULL in transforms */
    int status;                     /**< of what a function refused; its message is in the context */
    struct buf messages;            /**< what libxslt and xsl:message said, cut at 4 KiB */
    xmlNodePtr *items;              /**< owned: the goods items in order, once gln:item() was asked */
    size_t item_count;
    bool items_known;
    char today[9]; /**< CCYYMMDD; "" until asked */
};

/** Templates may nest this deep. */
enum { RUN_DEEP = 1500 };

/** The most that any function takes. */
enum { ARGS_MOST = 4 };

/** The arguments of a call, popped off the stack: texts without the blanks around them. */
struct args {
    struct run *run;
    xmlXPathParserContextPtr xpath;
    int count;
    xmlXPathObjectPtr object[ARGS_MOST]; /**< owned */
    char *text[ARGS_MOST];               /**< owned or NULL; see arg_text() */
};

/** Pops `count` arguments, which must be between `least` and `most`; false: the error is raised and nothing is to be freed. */
bool args_take(struct args *a, xmlXPathParserContextPtr xpath, int count, int least, int most);
void args_free(struct args *a);
/** Argument `i` as text; a node set counts as its first node. "" if there are fewer; never NULL. */
const char *arg_text(struct args *a, int i);
/** The first node of argument `i` in document order; NULL if it is no node set or an empty one. */
xmlNodePtr arg_node(const struct args *a, int i);

void return_text(struct args *a, const char *text);
void return_bool(struct args *a, bool value);
void return_number(struct args *a, double value);
void return_nothing(struct args *a); /**< "" */

/** Ends the run with an error at `node`, or in a lenient run returns "". `node` NULL: the current node. Pushes a value. */
void refuse(struct args *a, xmlNodePtr node, enum message_id id, const char *first, const char *second);
/** The same in every run; for texts that are made already. */
void refuse_with(struct args *a, xmlNodePtr node, const char *en, const char *es);
/** Ends the transform at once; its message is in the context. */
void run_stop(struct run *run, int status);
/** An error of two texts, with a place. */
int run_fail(struct gln_context *ctx, int status, struct place place, const char *en, const char *es);

/** The number that stands for a node's place, in `out`; "" if it has none. */
void src_of(const struct run *run, const xmlNode *node, char out[24]);
struct place place_of(const struct run *run, const xmlNode *node);
const char *run_today(struct run *run);
/** What an AdditionalInformation tells under a key; NULL if `n` is none or has another key. */
xmlNodePtr fact_told(const xmlNode *n, const char *key);
/** The compiled form of a pattern, kept in the context; NULL: it is none. */
xmlRegexpPtr pattern_of(struct xml_scratch *s, const char *text);

/** Function of the gateway's namespace by name, NULL if there is none. */
xmlXPathFunction function_find(const char *name);
/** What libxslt asks for every function that a stylesheet calls. */
xmlXPathFunction function_lookup(void *run, const xmlChar *name, const xmlChar *ns);
/** Knows the functions of EXSLT sets. False: no memory. */
bool exslt_known(struct xml_scratch *s);

/** A context of libxslt for the run, new or kept; NULL: no memory. */
xsltTransformContextPtr context_take(struct run *run);
/** Keeps it for the next run, or frees it. */
void context_give(struct run *run);
/** As xml_stylesheet_load(), but not made quick: for comparing. */
int xml_stylesheet_load_plain(struct xml_stylesheet **out, struct gln_context *ctx, const char *path);
/** Runs `sheet`; *result is the tree (never NULL on success), of which xml_doc_adopt() or the caller takes care. With `unsound` it is the compiled rules, and lenient. */
int run_sheet(xmlDocPtr *result, const struct xml_stylesheet *sheet, struct gln_context *ctx,
              const struct xml_doc *in, const struct xml_run *how, const struct elements *unsound);

/** Reads the plan that the rule compiler wrote into the compiled rules. */
int rules_plan_read(struct rules_plan **out, struct gln_context *ctx, const struct xml_doc *compiled);
void rules_plan_free(struct rules_plan *p);
/** The elements with which something is, or may be, wrong. `plan` NULL: all there are. */
int rules_plan_ask(struct elements *out, const struct rules_plan *plan, struct gln_context *ctx,
                   const struct xml_doc *pivot, const struct xml_run *how);

/* Groups of functions, each an array that ends with a NULL name. */
struct function_row {
    const char *name;
    xmlXPathFunction call;
};
extern const struct function_row functions_amount[];
extern const struct function_row functions_text[];
extern const struct function_row functions_node[];

#endif
