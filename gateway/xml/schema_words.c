/*
 * libxml2's schema errors in our words and languages: one table from its codes to rule ids and texts.
 *
 * | rule        | class                                          |
 * | GLN-XSD-001 | no such document, or part, in this schema       |
 * | GLN-XSD-002 | an element that may not stand where it does     |
 * | GLN-XSD-003 | an element is missing                           |
 * | GLN-XSD-004 | text or elements where none may be              |
 * | GLN-XSD-005 | an attribute that is not allowed                |
 * | GLN-XSD-006 | an attribute is missing                         |
 * | GLN-XSD-007 | not a value of the type     GLN-XSD-008 length   GLN-XSD-009 digits   GLN-XSD-010 pattern |
 * | GLN-XSD-011 | not one of the values       GLN-XSD-012 bounds   GLN-XSD-013 keys     GLN-XSD-014 nil, type, fixed |
 *
 * Long values are cut in the text, never in the document.
 */
#include <stdlib.h>
#include <string.h>

#include "util/str.h"
#include "xml/schema_check.h"

/* {1} is the element or attribute; what {2} and {3} are depends on the form: strings of libxml2's error. */
enum form { PLAIN, FIRST, SECOND, BOTH, LENGTHS };

static const struct word {
    int code;
    const char *rule;
    enum message_id id;
    enum form form;
} words[] = {
    {XML_SCHEMAV_CVC_ELT_1, "GLN-XSD-001", MSG_XSD_ROOT, PLAIN},
    {XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1, "GLN-XSD-004", MSG_XSD_NOT_EMPTY, PLAIN},
    {XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2, "GLN-XSD-004", MSG_XSD_CHILDREN, PLAIN},
    {XML_SCHEMAV_CVC_TYPE_3_1_2, "GLN-XSD-004", MSG_XSD_CHILDREN, PLAIN},
    {XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3, "GLN-XSD-004", MSG_XSD_STRAY_TEXT, PLAIN},
    {XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1, "GLN-XSD-005", MSG_XSD_ATTRIBUTE, PLAIN},
    {XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2, "GLN-XSD-005", MSG_XSD_ATTRIBUTE, PLAIN},
    {XML_SCHEMAV_CVC_TYPE_3_1_1, "GLN-XSD-005", MSG_XSD_ATTRIBUTE, PLAIN},
    {XML_SCHEMAV_CVC_WILDCARD, "GLN-XSD-005", MSG_XSD_ATTRIBUTE, PLAIN},
    {XML_SCHEMAV_CVC_COMPLEX_TYPE_4, "GLN-XSD-006", MSG_XSD_NO_ATTRIBUTE, FIRST},
    {XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1, "GLN-XSD-007", MSG_XSD_TYPE, FIRST},
    {XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2, "GLN-XSD-007", MSG_XSD_TYPE, FIRST},
    {XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3, "GLN-XSD-007", MSG_XSD_TYPE, FIRST},
    {XML_SCHEMAV_CVC_LENGTH_VALID, "GLN-XSD-008", MSG_XSD_LENGTH, LENGTHS},
    {XML_SCHEMAV_CVC_MINLENGTH_VALID, "GLN-XSD-008", MSG_XSD_SHORT, LENGTHS},
    {XML_SCHEMAV_CVC_MAXLENGTH_VALID, "GLN-XSD-008", MSG_XSD_LONG, LENGTHS},
    {XML_SCHEMAV_CVC_TOTALDIGITS_VALID, "GLN-XSD-009", MSG_XSD_DIGITS, BOTH},
    {XML_SCHEMAV_CVC_FRACTIONDIGITS_VALID, "GLN-XSD-009", MSG_XSD_FRACTION, BOTH},
    {XML_SCHEMAV_CVC_PATTERN_VALID, "GLN-XSD-010", MSG_XSD_PATTERN, SECOND},
    {XML_SCHEMAV_CVC_ENUMERATION_VALID, "GLN-XSD-011", MSG_XSD_VALUES, BOTH},
    {XML_SCHEMAV_CVC_MININCLUSIVE_VALID, "GLN-XSD-012", MSG_XSD_LOW, BOTH},
    {XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID, "GLN-XSD-012", MSG_XSD_HIGH, BOTH},
    {XML_SCHEMAV_CVC_MINEXCLUSIVE_VALID, "GLN-XSD-012", MSG_XSD_LOW_OR_EQUAL, BOTH},
    {XML_SCHEMAV_CVC_MAXEXCLUSIVE_VALID, "GLN-XSD-012", MSG_XSD_HIGH_OR_EQUAL, BOTH},
    {XML_SCHEMAV_CVC_IDC, "GLN-XSD-013", MSG_XSD_KEY, PLAIN},
    {XML_SCHEMAV_CVC_ELT_2, "GLN-XSD-014", MSG_XSD_ABSTRACT, PLAIN},
    {XML_SCHEMAV_CVC_TYPE_2, "GLN-XSD-014", MSG_XSD_ABSTRACT, PLAIN},
    {XML_SCHEMAV_CVC_ELT_3_1, "GLN-XSD-014", MSG_XSD_NIL, PLAIN},
    {XML_SCHEMAV_CVC_ELT_3_2_1, "GLN-XSD-014", MSG_XSD_NIL, PLAIN},
    {XML_SCHEMAV_CVC_ELT_3_2_2, "GLN-XSD-014", MSG_XSD_NIL, PLAIN},
    {XML_SCHEMAV_CVC_ELT_4_2, "GLN-XSD-014", MSG_XSD_XSI_TYPE, PLAIN},
    {XML_SCHEMAV_CVC_ELT_4_3, "GLN-XSD-014", MSG_XSD_XSI_TYPE, PLAIN},
    {XML_SCHEMAV_CVC_ELT_5_2_2_1, "GLN-XSD-014", MSG_XSD_FIXED, PLAIN},
    {XML_SCHEMAV_CVC_ELT_5_2_2_2_1, "GLN-XSD-014", MSG_XSD_FIXED, PLAIN},
    {XML_SCHEMAV_CVC_ELT_5_2_2_2_2, "GLN-XSD-014", MSG_XSD_FIXED, PLAIN},
    {XML_SCHEMAV_CVC_AU, "GLN-XSD-014", MSG_XSD_FIXED, PLAIN},
};
static const struct word other = {0, "GLN-XSD-090", MSG_XSD_OTHER, PLAIN};

static const struct word *word_of(int code)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].code == code)
            return &words[i];
    return &other;
}

static const xmlNode *element_of(const xmlNode *n)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->parent;
    return n;
}

const xmlNode *schema_original(const struct schema_check *c, const xmlNode *node)
{
    const xmlNode *element = element_of(node);
    return element != NULL && c->on_copy ? element->_private : element;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

static bool seen_grow(struct schema_check *c)
{
    size_t cap = c->seen_cap == 0 ? 256 : c->seen_cap * 2;
    uint64_t *seen = calloc(cap, sizeof *seen);
    if (seen == NULL)
        return false;
    for (size_t i = 0; i < c->seen_cap; i++) {
        size_t at = c->seen[i] & (cap - 1);
        while (c->seen[i] != 0 && seen[at] != 0)
            at = (at + 1) & (cap - 1);
        if (c->seen[i] != 0)
            seen[at] = c->seen[i];
    }
    free(c->seen);
    c->seen = seen;
    c->seen_cap = cap;
    return true;
}

static uint64_t key_of(const xmlNode *original, const char *name, uint64_t kind)
{
    uint64_t key = mix(mix((uint64_t)(uintptr_t)original, 17), kind);
    for (; name != NULL && *name != '\0'; name++)
        key = mix(key, (unsigned char)*name);
    return key | (key == 0);
}

static bool remembered(const struct schema_check *c, uint64_t key)
{
    if (c->seen_cap == 0)
        return false;
    for (size_t at = key & (c->seen_cap - 1); c->seen[at] != 0; at = (at + 1) & (c->seen_cap - 1))
        if (c->seen[at] == key)
            return true;
    return false;
}

/** True the first time. */
static bool remember(struct schema_check *c, uint64_t key)
{
    if (remembered(c, key))
        return false;
    if ((c->seen_count + 1) * 2 > c->seen_cap && !seen_grow(c)) {
        c->rc = context_no_memory(c->ctx);
        return false;
    }
    size_t at = key & (c->seen_cap - 1);
    while (c->seen[at] != 0)
        at = (at + 1) & (c->seen_cap - 1);
    c->seen[at] = key;
    c->seen_count++;
    return true;
}

enum { KIND_DROPPED = MSG_COUNT };

void schema_note_dropped(struct schema_check *c, const xmlNode *parent, const xmlChar *name)
{
    const xmlNode *original = schema_original(c, parent);
    if (original != NULL)
        remember(c, key_of(original, (const char *)name, KIND_DROPPED));
}

static void say(struct schema_check *c, const xmlNode *original, const char *attribute, const char *rule,
                enum message_id id, const char *second, const char *third)
{
    struct buf path = BUF_INIT, name = BUF_INIT;
    if (c->out->count >= c->most) {
        c->out->cut = true;
        return;
    }
    if (!remember(c, key_of(original, id == MSG_XSD_MISSING_BEFORE ? second : attribute, id)))
        return;
    xml_path(&path, xml_keyhole(original));
    buf_puts(&name, (const char *)original->name);
    if (attribute != NULL) {
        buf_printf(&path, "/@%s", attribute);
        buf_printf(&name, "/@%s", attribute);
    }
    const char *args[] = {name.data, second, third};
    if (path.failed || name.failed ||
        findings_say(c->out, rule, GLN_ERROR, xml_place(c->doc, xml_keyhole(original)), path.data, id, args,
                     3) != GLN_OK)
        c->rc = context_no_memory(c->ctx);
    buf_free(&path);
    buf_free(&name);
}

/** A value for people: one line, not too long. */
static void put_value(struct buf *out, const char *value)
{
    enum { MOST = 200 };
    const char *end = value + strlen(value);
    const char *s = value;
    for (int n = 0; s < end && n < MOST; n++) {
        const char *from = s;
        uint32_t ch = utf8_next(&s, end);
        if (ch < 0x20)
            buf_putc(out, ' ');
        else
            buf_put(out, from, (size_t)(s - from));
    }
    if (s < end)
        buf_puts(out, "...");
    buf_puts(out, "");
}

bool schema_next_name(const char **list, struct buf *name, struct buf *ns)
{
    const char *s = *list;
    buf_clear(name);
    buf_clear(ns);
    if (s == NULL)
        return false;
    s += strspn(s, ", ");
    if (*s == '#') /* ##other{ns}* */
        s += strcspn(s, "{*");
    if (*s == '{') {
        size_t n = strcspn(s, "}");
        buf_put(ns, s + 1, n - 1);
        s += n;
        s += *s == '}';
    }
    size_t n = strcspn(s, ", ");
    buf_put(name, s, n);
    *list = s + n;
    return n > 0;
}

static void put_names(struct buf *out, const char *list)
{
    struct buf name = BUF_INIT, ns = BUF_INIT;
    while (schema_next_name(&list, &name, &ns)) {
        if (out->len > 0)
            buf_puts(out, ", ");
        buf_puts(out, strcmp(name.data, "*") == 0 ? "..." : name.data);
    }
    buf_free(&name);
    buf_free(&ns);
}

/** Does `list` hold an element of this local name in another namespace? */
static bool other_namespace(const char *list, const xmlNode *node, struct buf *ns)
{
    struct buf name = BUF_INIT;
    bool found = false;
    while (!found && schema_next_name(&list, &name, ns))
        found = strcmp(name.data, (const char *)node->name) == 0;
    buf_free(&name);
    return found;
}

static bool repeats(const xmlNode *node)
{
    const xmlNode *before = node->prev;
    while (before != NULL && before->type != XML_ELEMENT_NODE)
        before = before->prev;
    return before != NULL && xmlStrEqual(before->name, node->name);
}

void schema_say_unexpected(struct schema_check *c, const xmlNode *node, const char *expected)
{
    const xmlNode *original = schema_original(c, node);
    struct buf names = BUF_INIT, ns = BUF_INIT;
    if (original == NULL)
        return;
    put_names(&names, expected);
    enum message_id id = names.len > 0 ? MSG_XSD_UNEXPECTED : MSG_XSD_NOTHING_MORE;
    const char *second = names.data;
    if (xmlHashLookup(c->schema->names, node->name) == NULL) {
        id = names.len > 0 ? MSG_XSD_UNKNOWN : MSG_XSD_UNKNOWN_ALONE;
    } else if (expected != NULL && other_namespace(expected, node, &ns)) {
        id = MSG_XSD_NAMESPACE;
        second = xml_ns(xml_keyhole(original));
    } else if (repeats(original)) {
        id = MSG_XSD_TOO_MANY;
    }
    say(c, original, NULL, "GLN-XSD-002", id, second, ns.data);
    buf_free(&names);
    buf_free(&ns);
}

void schema_say_missing(struct schema_check *c, const xmlNode *node, const char *name)
{
    const xmlNode *original = schema_original(c, node);
    /* What was taken out as out of place is not missing as well. */
    if (original != NULL && !remembered(c, key_of(original->parent, name, KIND_DROPPED)))
        say(c, original, NULL, "GLN-XSD-003", MSG_XSD_MISSING_BEFORE, name, NULL);
}

void schema_say_more(struct schema_check *c)
{
    const xmlNode *root = xmlDocGetRootElement(c->doc->tree);
    if (root != NULL && findings_say(c->out, "GLN-XSD-099", GLN_INFO, xml_place(c->doc, xml_keyhole(root)),
                                     NULL, MSG_XSD_MORE, NULL, 0) != GLN_OK)
        c->rc = context_no_memory(c->ctx);
}

void schema_forget_complaints(struct schema_check *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->complaints[i].expected);
    c->count = 0;
}

static void complain(struct schema_check *c, xmlNodePtr node, const char *expected, size_t len)
{
    if (c->count == c->cap) {
        size_t cap = c->cap == 0 ? 16 : c->cap * 2;
        struct complaint *more = realloc(c->complaints, cap * sizeof *more);
        if (more == NULL) {
            c->rc = context_no_memory(c->ctx);
            return;
        }
        c->complaints = more;
        c->cap = cap;
    }
    c->complaints[c->count++] = (struct complaint){node, expected != NULL ? str_ndup(expected, len) : NULL};
}

/** "... Expected is one of ( {ns}a, {ns}b )." */
static void content_error(struct schema_check *c, const xmlError *e, const xmlNode *original)
{
    const char *list = strstr(e->message, " Expected is ");
    size_t len = 0;
    list = list != NULL ? strchr(list, '(') : NULL;
    if (list != NULL) {
        list += 2;
        const char *end = strstr(list, " )");
        len = end != NULL ? (size_t)(end - list) : strlen(list);
    }
    if (strstr(e->message, "Missing child element") == NULL) {
        complain(c, e->node, list, len);
        return;
    }
    struct buf names = BUF_INIT;
    char *copy = list != NULL ? str_ndup(list, len) : NULL;
    put_names(&names, copy);
    if (!remembered(c, key_of(original, names.data, KIND_DROPPED)))
        say(c, original, NULL, "GLN-XSD-003", MSG_XSD_MISSING, names.data, NULL);
    buf_free(&names);
    free(copy);
}

static bool is_facet(int code)
{
    return code >= XML_SCHEMAV_CVC_FACET_VALID && code <= XML_SCHEMAV_CVC_ENUMERATION_VALID;
}

static bool is_type(int code)
{
    return code >= XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1 && code <= XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3;
}

static bool all_blank(const char *s)
{
    return s != NULL && s[strspn(s, " \t\r\n")] == '\0';
}

/** The attribute an error is about: libxml2 says it in the text only. "Element '{ns}e', attribute '{ns}a': ..." */
static void put_attribute(struct buf *out, const char *message)
{
    static const char mark[] = "', attribute '";
    const char *s = strstr(message, mark);
    const char *colon = strstr(message, "': ");
    if (s == NULL || colon == NULL || s > colon)
        return;
    s += strlen(mark);
    if (*s == '{')
        s += strcspn(s, "}") + 1;
    buf_put(out, s, strcspn(s, "'"));
}

/** The error of a value or an attribute, by the table. */
static void say_value(struct schema_check *c, const xmlError *e, const xmlNode *original)
{
    const struct word *w = word_of(e->code);
    enum message_id id = w->id;
    struct buf value = BUF_INIT, bound = BUF_INIT, attribute = BUF_INIT;
    put_attribute(&attribute, e->message);
    /* Of an attribute's length error the value comes first. */
    bool shift = w->form == LENGTHS && attribute.len > 0;
    const char *first = w->form == SECOND || shift ? e->str2 : e->str1;
    const char *second = shift ? e->str3 : e->str2;
    if (w->form == SECOND && all_blank(e->str1))
        id = MSG_XSD_EMPTY;
    if (id == MSG_XSD_ROOT)
        first = xml_ns(xml_keyhole(original));
    if (id == MSG_XSD_ROOT && *first == '\0')
        id = MSG_XSD_NO_NAMESPACE;
    if (id == MSG_XSD_OTHER)
        first = e->message;
    put_value(&value, first != NULL ? first : "");
    put_value(&bound, second != NULL ? second : "");
    say(c, original, attribute.data, w->rule, id, value.data, bound.data);
    buf_free(&value);
    buf_free(&bound);
    buf_free(&attribute);
}

void schema_word(struct schema_check *c, const xmlError *e)
{
    const xmlNode *original = schema_original(c, e->node);
    if (original == NULL || (is_type(e->code) && c->faceted == e->node) ||
        (e->code == XML_SCHEMAV_CVC_IDC && c->on_copy))
        return;
    if (e->code == XML_SCHEMAV_ELEMENT_CONTENT) {
        content_error(c, e, original);
        return;
    }
    if (is_facet(e->code))
        c->faceted = e->node;
    say_value(c, e, original);
}
