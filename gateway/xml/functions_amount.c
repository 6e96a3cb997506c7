/*
 * Amounts in stylesheets and rules: sum, add, sub, mul, div, round, cmp, all by util/decimal.h.
 *
 * Results are texts, so that XPath's doubles never see them. What is not a decimal, or a result that does not fit, ends a
 * transform at the node at fault; in rules the result is empty, for the schema has its own finding then. cmp is NaN in both,
 * so that a comparison with it is false.
 */
#include <math.h>
#include <stdlib.h>

#include "util/decimal.h"
#include "xml/run.h"

static void return_decimal(struct args *a, struct decimal d)
{
    char text[64];
    if (decimal_text(text, sizeof text, d))
        return_text(a, text);
    else
        refuse(a, arg_node(a, 0), MSG_XML_OVERFLOW, "", "");
}

static bool arg_decimal(struct args *a, int i, struct decimal *out)
{
    if (decimal_parse(out, arg_text(a, i)))
        return true;
    refuse(a, arg_node(a, i), MSG_XML_NUMBER, arg_text(a, i), "");
    return false;
}

static bool arg_scale(struct args *a, int i, int *scale)
{
    const char *text = arg_text(a, i);
    char *end;
    long n = strtol(text, &end, 10);
    *scale = (int)n;
    if (end != text && *end == '\0' && n >= 0 && n <= 18)
        return true;
    refuse(a, NULL, MSG_XML_SCALE, text, "");
    return false;
}

static void sum(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct decimal total = {0, 0}, one;
    if (!args_take(&a, xpath, count, 1, 1))
        return;
    const xmlXPathObject *o = a.object[0];
    xmlNodeSetPtr set = o->type == XPATH_NODESET || o->type == XPATH_XSLT_TREE ? o->nodesetval : NULL;
    if (o->type != XPATH_NODESET && o->type != XPATH_XSLT_TREE) {
        if (arg_decimal(&a, 0, &one))
            return_decimal(&a, one);
        args_free(&a);
        return;
    }
    for (int i = 0; set != NULL && i < set->nodeNr; i++) {
        xmlChar *text = xmlXPathCastNodeToString(set->nodeTab[i]);
        bool good = text != NULL && decimal_parse(&one, (const char *)text);
        bool fits = good && decimal_add(&total, total, one);
        if (!fits)
            refuse(&a, set->nodeTab[i], good ? MSG_XML_OVERFLOW : MSG_XML_NUMBER, (const char *)text, "");
        xmlFree(text);
        if (!fits) {
            args_free(&a);
            return;
        }
    }
    return_decimal(&a, total);
    args_free(&a);
}

static void two(xmlXPathParserContextPtr xpath, int count,
                bool (*compute)(struct decimal *, struct decimal, struct decimal))
{
    struct args a;
    struct decimal x, y, result;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    if (arg_decimal(&a, 0, &x) && arg_decimal(&a, 1, &y)) {
        if (compute(&result, x, y))
            return_decimal(&a, result);
        else
            refuse(&a, arg_node(&a, 0), MSG_XML_OVERFLOW, "", "");
    }
    args_free(&a);
}

static void add(xmlXPathParserContextPtr xpath, int count)
{
    two(xpath, count, decimal_add);
}

static void sub(xmlXPathParserContextPtr xpath, int count)
{
    two(xpath, count, decimal_sub);
}

static void mul(xmlXPathParserContextPtr xpath, int count)
{
    two(xpath, count, decimal_mul);
}

static void divide(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct decimal x, y, result;
    int scale;
    if (!args_take(&a, xpath, count, 3, 3))
        return;
    if (arg_decimal(&a, 0, &x) && arg_decimal(&a, 1, &y) && arg_scale(&a, 2, &scale)) {
        if (y.digits == 0)
            refuse(&a, arg_node(&a, 1), MSG_XML_ZERO, "", "");
        else if (decimal_div(&result, x, y, scale))
            return_decimal(&a, result);
        else
            refuse(&a, arg_node(&a, 0), MSG_XML_OVERFLOW, "", "");
    }
    args_free(&a);
}

static void round_to(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct decimal x, result;
    int scale;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    if (arg_decimal(&a, 0, &x) && arg_scale(&a, 1, &scale)) {
        if (decimal_round(&result, x, scale))
            return_decimal(&a, result);
        else
            refuse(&a, arg_node(&a, 0), MSG_XML_OVERFLOW, "", "");
    }
    args_free(&a);
}

static void cmp(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct decimal x, y;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    bool good = decimal_parse(&x, arg_text(&a, 0)) && decimal_parse(&y, arg_text(&a, 1));
    return_number(&a, good ? (double)decimal_cmp(x, y) : (double)NAN);
    args_free(&a);
}

const struct function_row functions_amount[] = {
    {"sum", sum},    {"add", add},        {"sub", sub}, {"mul", mul},
    {"div", divide}, {"round", round_to}, {"cmp", cmp}, {NULL, NULL},
};
