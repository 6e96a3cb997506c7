/** @file
 * What the parts of xml/quick.h share: quick.c makes and asks, quick_steps.c carries out instructions.
 */
#ifndef XML_QUICK_PARTS_H
#define XML_QUICK_PARTS_H

#include "xml/lean.h"
#include "xml/quick.h"

enum { VARIABLES_MOST = 256, PARAMS_MOST = 128 };

struct quick_expr {
    const struct lean_expr *lean;
    xmlXPathCompExprPtr plain; /**< owned */
};

/** An attribute of a literal result element. */
struct quick_attr {
    struct quick_attr *next;
    const xmlAttr *source;
    const struct lean_expr *value; /**< NULL: `fixed`, or libxslt is asked */
    const xmlChar *fixed;
};

/**
 * An instruction or literal result element that is carried out here. It stands where libxslt keeps its own compiled form, so that
 * form's copy comes first.
 */
struct quick_step {
    xsltStylePreComp own;
    xsltStylePreCompPtr plain; /**< libxslt's; NULL: a literal result element */
    const struct lean_expr *value;
    bool plain_list;     /**< the children are for libxslt: one may need the frame of variables it makes */
    xmlNsPtr *inherited; /**< of a template's top elements: what its own element declares */
    int inherited_count; /**< of them */
    struct quick_attr *attrs; /**< in order */
    struct quick_step *next;  /**< of the stylesheet */
};

struct quick {
    struct arena arena;
    struct quick_expr *exprs; /**< owned */
    size_t count, cap;
    struct quick_step *steps;
    const xmlChar *params[PARAMS_MOST]; /**< that it declares; in its dictionary */
    size_t param_count;
    const xmlChar *variables[VARIABLES_MOST]; /**< in the stylesheet's dictionary, as libxslt compares them */
    size_t variable_count;
};

struct quick_run {
    struct lean_run lean;
    struct arena arena;
    int asking; /**< questions inside each other: a variable may need one */
    xsltStackElemPtr globals[VARIABLES_MOST];
};

/** Where a question was begun. */
struct asking {
    const xmlNode *current;
    bool lost;
};
/** Between the two the answer lives. */
struct lean_run *ask_begin(struct asking *before, struct run *run);
void ask_end(struct run *run, const struct asking *before);

/** Puts the step in the place of the instruction; its function by the instruction's kind. False: it has none. */
bool step_take(struct quick_step *s, xmlNodePtr inst);
/** Once all steps are taken: which lists of children can do without libxslt. */
void step_settle(struct quick_step *s);

#endif
