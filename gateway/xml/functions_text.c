/*
 * Texts, codes and dates in stylesheets and rules: code, code-attr, match, pad, upper, fold, text, fields, date, date-valid, check-digit,
 * check-digit-of, today, now, later.
 *
 * Lengths count characters. A value that is longer than its field ends a transform; nothing is ever cut. Patterns are
 * regular expressions of XML Schema, over the whole value; compiled ones are kept in the context, and are only ours: no
 * pattern comes from a sender.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlregexp.h>
#include <libxml/xpathInternals.h>

#include "util/clock.h"
#include "util/str.h"
#include "xml/check_digit.h"
#include "xml/dates.h"
#include "xml/fold.h"
#include "xml/run.h"

static void return_buf(struct args *a, struct buf *b)
{
    return_text(a, b->data != NULL && !b->failed ? b->data : "");
    buf_free(b);
}

static void code(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    bool known;
    if (!args_take(&a, xpath, count, 2, 3))
        return;
    const char *date = count == 3 ? arg_text(&a, 2) : run_today(a.run);
    bool has = xml_codes_has(a.run->how->codes, arg_text(&a, 0), arg_text(&a, 1), date, &known);
    if (known) {
        return_bool(&a, has);
    } else {
        return_bool(&a, false);
        run_stop(a.run, context_fail(a.run->ctx, GLN_E_CONFIG, MSG_XML_NO_LIST, a.run->sheet->name,
                                     arg_text(&a, 0)));
    }
    args_free(&a);
}

static void code_attr(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 3, 3))
        return;
    const char *value = xml_codes_attr(a.run->how->codes, arg_text(&a, 0), arg_text(&a, 1), arg_text(&a, 2));
    return_text(&a, value != NULL ? value : "");
    args_free(&a);
}

static void silent(void *data, xmlErrorPtr e)
{
    (void)data;
    (void)e;
}

/** libxml2 tells a bad pattern to this thread's handler, which may be the host's: it does not hear of ours. */
static xmlRegexpPtr compile_quietly(const char *text)
{
    xmlStructuredErrorFunc handler = xmlStructuredError;
    void *data = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(NULL, silent);
    xmlRegexpPtr compiled = xmlRegexpCompile((const xmlChar *)text);
    xmlSetStructuredErrorFunc(data, handler);
    return compiled;
}

xmlRegexpPtr pattern_of(struct xml_scratch *s, const char *text)
{
    enum { KEPT = 512 };
    if (s->patterns == NULL)
        s->patterns = xmlHashCreate(64);
    if (s->patterns == NULL)
        return NULL;
    xmlRegexpPtr compiled = xmlHashLookup(s->patterns, (const xmlChar *)text);
    if (compiled == NULL && xmlHashSize(s->patterns) < KEPT) {
        compiled = compile_quietly(text);
        if (compiled != NULL && xmlHashAddEntry(s->patterns, (const xmlChar *)text, compiled) != 0) {
            xmlRegFreeRegexp(compiled);
            compiled = NULL;
        }
    }
    return compiled;
}

static void match(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    xmlRegexpPtr pattern = pattern_of(a.run->scratch, arg_text(&a, 1));
    return_bool(&a, pattern != NULL && xmlRegexpExec(pattern, (const xmlChar *)arg_text(&a, 0)) == 1);
    if (pattern == NULL)
        run_stop(a.run, context_fail(a.run->ctx, GLN_E_INTERNAL, MSG_XML_PATTERN, a.run->sheet->name,
                                     arg_text(&a, 1)));
    args_free(&a);
}

static void pad(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 4, 4))
        return;
    const char *text = arg_text(&a, 0);
    const char *fill =
        a.object[3]->type == XPATH_STRING ? (const char *)a.object[3]->stringval : arg_text(&a, 3);
    size_t have = utf8_chars(text, strlen(text));
    unsigned long width = strtoul(arg_text(&a, 1), NULL, 10);
    if (have > width || width > 4096) {
        refuse(&a, arg_node(&a, 0), MSG_XML_TOO_LONG, text, arg_text(&a, 1));
    } else {
        bool left = strcmp(arg_text(&a, 2), "left") == 0;
        if (!left)
            buf_puts(&b, text);
        for (size_t i = have; i < width; i++)
            buf_puts(&b, *fill != '\0' ? fill : " ");
        if (left)
            buf_puts(&b, text);
        return_buf(&a, &b);
    }
    args_free(&a);
}

static void upper(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 1, 1))
        return;
    text_upper(&b, arg_text(&a, 0));
    return_buf(&a, &b);
    args_free(&a);
}

static void fold(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    text_fold(&b, arg_text(&a, 0), arg_text(&a, 1));
    return_buf(&a, &b);
    args_free(&a);
}

/* As fold, but what does not fit ends the transform at the node. */
static void text_fitting(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 2, 3))
        return;
    const char *text = arg_text(&a, 0);
    const char *charset = *arg_text(&a, 1) != '\0' ? arg_text(&a, 1) : "ascii";
    unsigned long most = strtoul(arg_text(&a, 2), NULL, 10);
    if (!text_fold(&b, text, charset))
        refuse(&a, arg_node(&a, 0), MSG_XML_NO_FORM, text, charset);
    else if (most > 0 && utf8_chars(b.data != NULL ? b.data : "", b.len) > most)
        refuse(&a, arg_node(&a, 0), MSG_XML_TOO_LONG, b.data, arg_text(&a, 2));
    else
        return_text(&a, b.data != NULL && !b.failed ? b.data : "");
    buf_free(&b);
    args_free(&a);
}

/* The texts of nodes, in document order, each with the separator before it; empty ones are left out with theirs. */
static void fields(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    xmlNodeSetPtr set = a.object[0]->type == XPATH_NODESET ? a.object[0]->nodesetval : NULL;
    if (set != NULL)
        xmlXPathNodeSetSort(set);
    for (int i = 0; set != NULL && i < set->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(set->nodeTab[i]);
        if (text != NULL && *text != '\0') {
            buf_puts(&b, arg_text(&a, 1));
            buf_puts(&b, (const char *)text);
        }
        xmlFree(text);
    }
    return_buf(&a, &b);
    args_free(&a);
}

static void date(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct date_parts d;
    struct buf b = BUF_INIT;
    if (!args_take(&a, xpath, count, 3, 3))
        return;
    if (!date_read(&d, arg_text(&a, 0), arg_text(&a, 1))) {
        refuse(&a, arg_node(&a, 0), MSG_XML_DATE, arg_text(&a, 0), arg_text(&a, 1));
    } else {
        date_write(&b, &d, arg_text(&a, 2));
        return_buf(&a, &b);
    }
    args_free(&a);
}

static void date_is_valid(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    struct date_parts d;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    return_bool(&a, date_read(&d, arg_text(&a, 0), arg_text(&a, 1)));
    args_free(&a);
}

static void check_digit(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    return_bool(&a, check_digit_right(arg_text(&a, 0), arg_text(&a, 1)));
    args_free(&a);
}

static void check_digit_made(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    char digit[2] = "";
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    if (check_digit_of(digit, arg_text(&a, 0), arg_text(&a, 1)))
        return_text(&a, digit);
    else
        refuse(&a, arg_node(&a, 1), MSG_XML_CHECK_DIGIT, arg_text(&a, 1), arg_text(&a, 0));
    args_free(&a);
}

const char *run_today(struct run *run)
{
    char now[25];
    struct date_parts d;
    if (run->today[0] == '\0') {
        time_format(now, clock_wall_ms(run->ctx->clock)); /* CCYY-MM-DDT... */
        memcpy(run->today, now, 4);
        memcpy(run->today + 4, now + 5, 2);
        memcpy(run->today + 6, now + 8, 2);
        run->today[8] = '\0';
        if (!date_read(&d, run->today, "102"))
            run->today[0] = '\0';
    }
    return run->today;
}

static void today(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    if (!args_take(&a, xpath, count, 0, 0))
        return;
    return_text(&a, run_today(a.run));
    args_free(&a);
}

static void now(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    char text[25];
    if (!args_take(&a, xpath, count, 0, 0))
        return;
    time_format(text, clock_wall_ms(a.run->ctx->clock));
    return_text(&a, text);
    args_free(&a);
}

static void later(xmlXPathParserContextPtr xpath, int count)
{
    struct args a;
    int64_t instant;
    char text[25];
    if (!args_take(&a, xpath, count, 2, 2))
        return;
    long seconds = strtol(arg_text(&a, 1), NULL, 10);
    if (!time_parse(&instant, arg_text(&a, 0)) || seconds < -1000000000 || seconds > 1000000000) {
        refuse(&a, arg_node(&a, 0), MSG_XML_INSTANT, arg_text(&a, 0), "");
    } else {
        time_format(text, instant + (int64_t)seconds * 1000);
        return_text(&a, text);
    }
    args_free(&a);
}

const struct function_row functions_text[] = {
    {"code", code},
    {"code-attr", code_attr},
    {"match", match},
    {"pad", pad},
    {"upper", upper},
    {"fold", fold},
    {"text", text_fitting},
    {"fields", fields},
    {"date", date},
    {"date-valid", date_is_valid},
    {"check-digit", check_digit},
    {"check-digit-of", check_digit_made},
    {"today", today},
    {"now", now},
    {"later", later},
    {NULL, NULL},
};
