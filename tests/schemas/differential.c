/*
 * The pivot's schema against the one that the UK's administration publishes: do both say the same?
 *
 * Called with our driver, the published driver and the folders of declarations to start from. The verdicts on all files of
 * the folders and on mutants of them (a fixed seed) are compared; at least 98 in 100 must agree, and each disagreement must
 * fall into a class of the table below, which says why it is one. Mutants are made in the tree, so that not only what a
 * writer would write is tried. The test links libxml2 itself: it judges the schemas, not the gateway.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>

enum { MAX_FILES = 2000, MUTANTS_PER_KIND = 1500, WANTED_PERCENT = 98 };

/*
 * A disagreement that is known: our driver, the kind of mutant, the element it was made in (NULL: any), and why we say
 * valid where they say invalid. The other way round nothing is explained.
 */
struct explained {
    const char *driver;
    const char *kind;
    const char *element;
    const char *why;
};

static const struct explained explained[] = {
    {"answer.xsd", "wrong type", "FunctionCode",
     "the corrected declaration inside an answer may be one of the pivot's, with function code 1, 4 or 5"},
    {"answer.xsd", "unknown element", "Manufacturer",
     "the corrected declaration inside an answer may be one of the pivot's, with older nodes"},
    {NULL, NULL, NULL, NULL},
};

static uint64_t random_state = 20260724;

static unsigned draw(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((random_state >> 33) % below);
}

static xmlDoc *files[MAX_FILES];
static char *names[MAX_FILES];
static unsigned file_count;

static void quiet(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static void quiet_error(void *context, xmlError *error)
{
    (void)context;
    (void)error;
}

static xmlSchema *schema_load(const char *path)
{
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path);
    xmlSchema *schema = NULL;

    if (parser != NULL) {
        schema = xmlSchemaParse(parser);
    }
    xmlSchemaFreeParserCtxt(parser);
    if (schema == NULL) {
        printf("Bail out! cannot compile %s\n", path);
        exit(1);
    }
    return schema;
}

static bool valid(xmlSchema *schema, xmlDoc *doc)
{
    xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema);
    int result = -1;

    if (context != NULL) {
        xmlSchemaSetValidStructuredErrors(context, quiet_error, NULL);
        result = xmlSchemaValidateDoc(context, doc);
    }
    xmlSchemaFreeValidCtxt(context);
    if (result < 0) {
        printf("Bail out! the validator itself failed\n");
        exit(1);
    }
    return result == 0;
}

static void read_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    int i;

    for (i = 0; i < count; i++) {
        char path[1024];
        xmlDoc *doc;

        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        doc = strstr(entries[i]->d_name, ".xml") == NULL
                  ? NULL
                  : xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        if (doc != NULL && xmlDocGetRootElement(doc) != NULL && file_count < MAX_FILES) {
            files[file_count] = doc;
            names[file_count++] = strdup(entries[i]->d_name);
        } else {
            xmlFreeDoc(doc);
        }
        free(entries[i]);
    }
    free(entries);
}

/* --- choosing a node ------------------------------------------------------------------------------------ */

static unsigned count_elements(xmlNode *node, bool leaves)
{
    unsigned count = 0;

    for (; node != NULL; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            bool leaf = xmlFirstElementChild(node) == NULL;
            count += (!leaves || leaf) + count_elements(node->children, leaves);
        }
    }
    return count;
}

static xmlNode *find_element(xmlNode *node, bool leaves, unsigned *index)
{
    for (; node != NULL; node = node->next) {
        xmlNode *found;

        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        if ((!leaves || xmlFirstElementChild(node) == NULL) && (*index)-- == 0) {
            return node;
        }
        found = find_element(node->children, leaves, index);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* Any element below the root, or any leaf. */
static xmlNode *pick(xmlDoc *doc, bool leaves)
{
    xmlNode *first = xmlDocGetRootElement(doc)->children;
    unsigned count = count_elements(first, leaves);
    unsigned index;

    if (count == 0) {
        return NULL;
    }
    index = draw(count);
    return find_element(first, leaves, &index);
}

/* --- the mutations: each returns the element it was made in, NULL if it could not be made ----------------- */

static xmlNode *drop(xmlDoc *doc)
{
    xmlNode *node = pick(doc, false);
    xmlNode *parent = node == NULL ? NULL : node->parent;

    if (node != NULL) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
    return parent;
}

static xmlNode *duplicate(xmlDoc *doc)
{
    xmlNode *node = pick(doc, false);

    if (node != NULL) {
        xmlAddNextSibling(node, xmlCopyNode(node, 1));
    }
    return node;
}

static xmlNode *reorder(xmlDoc *doc)
{
    xmlNode *node = pick(doc, false);
    xmlNode *next = node == NULL ? NULL : xmlNextElementSibling(node);

    if (next == NULL) {
        return NULL;
    }
    xmlUnlinkNode(next);
    xmlAddPrevSibling(node, next);
    return node;
}

static xmlNode *overlong(xmlDoc *doc)
{
    static const unsigned lengths[] = {2, 3, 4, 5, 8, 9, 10, 17, 18, 35, 36, 70, 71, 256, 257, 512, 513, 600};
    static const char fill[] = "9X a1";
    xmlNode *node = pick(doc, true);
    char text[601];
    unsigned length = lengths[draw(sizeof lengths / sizeof lengths[0])];
    char with = fill[draw(sizeof fill - 1)];

    if (node == NULL) {
        return NULL;
    }
    memset(text, with, length);
    text[0] = 'A';
    if (with == '9') {
        text[0] = '9';
    }
    text[length] = '\0';
    xmlNodeSetContent(node, (const xmlChar *)text);
    return node;
}

static const char *const odd_texts[] = {
    "",
    " ",
    "\n",
    "a\nb",
    "a\n",
    "\ta",
    " I M ",
    "-1",
    "+5",
    "5E3",
    "1.",
    ".5",
    "0",
    "00",
    "1.2345",
    "1.1234567",
    "12345678901234567",
    "123456789012345.12",
    "9",
    "13",
    "14",
    "1",
    "4",
    " 9 ",
    "09",
    "true",
    "NaN",
    "INF",
    "ABC",
    "ab",
    "A",
    "12",
    "1a",
    "20260724",
    "20260724101112Z",
    "20260724101112+01",
    "20260724101112+0100",
    "20260724101112",
    "19991231",
    "2026-07-24",
    "\xc3\xb1",
    "\xc2\xa0",
    "&<>",
    "XX",
    "x y",
    "  two  blanks  ",
};

static xmlNode *wrong_type(xmlDoc *doc)
{
    xmlNode *node = pick(doc, true);
    xmlChar *text;

    if (node == NULL) {
        return NULL;
    }
    text =
        xmlEncodeSpecialChars(doc, (const xmlChar *)odd_texts[draw(sizeof odd_texts / sizeof odd_texts[0])]);
    xmlNodeSetContent(node, text);
    xmlFree(text);
    return node;
}

static xmlNode *unknown_element(xmlDoc *doc)
{
    static const char *const strangers[] = {"Stranger", "Name",         "ID",
                                            "TypeCode", "Manufacturer", "Declaration"};
    xmlNode *node = pick(doc, false);
    xmlNode *stranger;

    if (node == NULL) {
        return NULL;
    }
    stranger = xmlNewDocNode(doc, draw(4) == 0 ? NULL : node->ns,
                             (const xmlChar *)strangers[draw(sizeof strangers / sizeof strangers[0])],
                             (const xmlChar *)"x");
    if (draw(2) == 0) {
        xmlAddNextSibling(node, stranger);
    } else {
        xmlAddChild(node, stranger);
    }
    return node;
}

static xmlNode *attribute(xmlDoc *doc)
{
    static const char *const attributes[] = {"listID",         "listAgencyID", "listName",     "name",
                                             "languageID",     "listURI",      "schemeID",     "schemeName",
                                             "schemeAgencyID", "schemeURI",    "currencyID",   "unitCode",
                                             "formatCode",     "strange",      "listVersionID"};
    static const char *const values[] = {"",    "x",       "GBP", "gbp",    "GBPX",  "ZZZ", "102",
                                         "304", "203",     "KGM", "KGM#GX", "KGM#G", "en",  "en-GB",
                                         "e n", "urn:a:b", "%zz", "abcd",   " a ",   "a b"};
    xmlNode *node = pick(doc, true);

    if (node != NULL) {
        xmlSetProp(node, (const xmlChar *)attributes[draw(sizeof attributes / sizeof attributes[0])],
                   (const xmlChar *)values[draw(sizeof values / sizeof values[0])]);
    }
    return node;
}

struct mutation {
    const char *name;
    xmlNode *(*make)(xmlDoc *doc);
};

static const struct mutation mutations[] = {
    {"drop", drop},           {"duplicate", duplicate},   {"reorder", reorder},
    {"overlong", overlong},   {"wrong type", wrong_type}, {"unknown element", unknown_element},
    {"attribute", attribute},
};

/* --- judging --------------------------------------------------------------------------------------------- */

struct tally {
    unsigned tried, agreed, unexplained, both_valid;
};

static const char *our_driver;

static const struct explained *explain(const char *kind, const char *element)
{
    const struct explained *row;

    for (row = explained; row->why != NULL; row++) {
        if (strcmp(row->driver, our_driver) == 0 && strcmp(row->kind, kind) == 0 &&
            (row->element == NULL || strcmp(row->element, element) == 0)) {
            return row;
        }
    }
    return NULL;
}

/* Returns whether both say valid. */
static bool compare(struct tally *tally, xmlSchema *ours, xmlSchema *theirs, xmlDoc *doc, const char *kind,
                    const char *element, const char *file)
{
    bool we = valid(ours, doc);
    bool they = valid(theirs, doc);
    const struct explained *row;

    tally->tried++;
    tally->both_valid += we && they;
    if (we == they) {
        tally->agreed++;
        return we;
    }
    row = we ? explain(kind, element) : NULL;
    tally->unexplained += row == NULL;
    printf("# %s in %s of %s: we say %s, they say %s: %s\n", kind, element, file, we ? "valid" : "invalid",
           they ? "valid" : "invalid", row == NULL ? "not explained" : row->why);
    return false;
}

static unsigned report(unsigned number, const struct tally *tally, const char *what)
{
    bool good =
        tally->tried > 0 && tally->unexplained == 0 && tally->agreed * 100 >= tally->tried * WANTED_PERCENT;

    printf("%s %u - %s: %u of %u verdicts agree (%u valid), %u disagreements not explained\n",
           good ? "ok" : "not ok", number, what, tally->agreed, tally->tried, tally->both_valid,
           tally->unexplained);
    return good ? 0 : 1;
}

static void mutate(struct tally *tally, xmlSchema *ours, xmlSchema *theirs, const struct mutation *mutation)
{
    while (file_count > 0 && tally->tried < MUTANTS_PER_KIND) {
        unsigned index = draw(file_count);
        xmlDoc *doc = xmlCopyDoc(files[index], 1);
        xmlNode *where = doc == NULL ? NULL : mutation->make(doc);

        if (where != NULL) {
            char element[128];

            snprintf(element, sizeof element, "%s", (const char *)where->name);
            compare(tally, ours, theirs, doc, mutation->name, element, names[index]);
        }
        xmlFreeDoc(doc);
    }
}

/* Compares all files and keeps those that both take: a mutant of a bad file would be bad for the old reason. */
static void compare_originals(struct tally *tally, xmlSchema *ours, xmlSchema *theirs)
{
    unsigned kept = 0;
    unsigned i;

    for (i = 0; i < file_count; i++) {
        if (compare(tally, ours, theirs, files[i], "original", "MetaData", names[i])) {
            names[kept] = names[i];
            files[kept++] = files[i];
        } else {
            xmlFreeDoc(files[i]);
            free(names[i]);
        }
    }
    file_count = kept;
}

int main(int argc, char **argv)
{
    const unsigned kinds = sizeof mutations / sizeof mutations[0];
    xmlSchema *ours, *theirs;
    struct tally originals = {0, 0, 0, 0};
    unsigned failed = 0;
    unsigned i;

    if (argc < 4) {
        fprintf(stderr, "usage: differential OURS.xsd PUBLISHED.xsd FOLDER...\n");
        return 2;
    }
    our_driver = strrchr(argv[1], '/') == NULL ? argv[1] : strrchr(argv[1], '/') + 1;
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, quiet);
    ours = schema_load(argv[1]);
    theirs = schema_load(argv[2]);
    for (i = 3; i < (unsigned)argc; i++) {
        read_folder(argv[i]);
    }
    printf("1..%u\n", 1 + kinds);
    if (file_count == 0) {
        printf("Bail out! no declarations to start from\n");
        return 1;
    }
    compare_originals(&originals, ours, theirs);
    failed += report(1, &originals, "the files as they are");
    for (i = 0; i < kinds; i++) {
        struct tally tally = {0, 0, 0, 0};
        char what[64];

        mutate(&tally, ours, theirs, &mutations[i]);
        snprintf(what, sizeof what, "mutants of kind \"%s\"", mutations[i].name);
        failed += report(2 + i, &tally, what);
    }
    for (i = 0; i < file_count; i++) {
        xmlFreeDoc(files[i]);
        free(names[i]);
    }
    xmlSchemaFree(ours);
    xmlSchemaFree(theirs);
    xmlCleanupParser();
    return failed == 0 ? 0 : 1;
}
