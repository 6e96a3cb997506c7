/*
 * What <greenlane.h> promises a host program, kept while the library does all it does: nothing printed, no signal handler, mask, locale,
 * umask, folder or environment touched, no error handler, loader or extension of the host's own libxml2 and libxslt lost, no
 * clean-up of theirs called, no file left open; gln_init() counted; four threads, each with a context of its own.
 *
 * A program as a vendor would write it: it links libgreenlane and libxml2, and nothing of ours but the public header. It sets up its own
 * state first, uses libxml2 before, while and after, and looks at its state again at the end. Prints TAP. Standard output and
 * standard error go to a file while the library runs.
 */
#include <greenlane.h>

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/xmlIO.h>
#include <libxslt/extensions.h>
#include <libxslt/xsltutils.h>

enum { THREADS = 4, ROUNDS = 5 };

static int count, failed;
static FILE *told; /* where the TAP lines go, also while standard output is watched */

static void ok(int good, const char *text)
{
    fprintf(told, "%sok %d - %s\n", good ? "" : "not ", ++count, text);
    failed += good ? 0 : 1;
}

/* ---- the host's own state ---- */

static int host_errors, host_loads;

static void host_generic(void *data, const char *format, ...)
{
    (void)data;
    (void)format;
    host_errors++;
}

static void host_structured(void *data, xmlErrorPtr error)
{
    (void)data;
    (void)error;
    host_errors++;
}

static xmlParserInputPtr host_loader(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)url;
    (void)id;
    (void)parser;
    host_loads++;
    return NULL;
}

static void host_signal(int number)
{
    (void)number;
}

static int host_match(const char *name)
{
    return strncmp(name, "host:", 5) == 0;
}

static void *host_open(const char *name)
{
    static int handle;

    (void)name;
    handle = 0;
    return &handle;
}

static int host_read(void *handle, char *buffer, int length)
{
    static const char text[] = "<host/>";
    int *done = handle;

    if (*done != 0 || length < (int)sizeof text)
        return 0;
    *done = 1;
    memcpy(buffer, text, sizeof text - 1);
    return sizeof text - 1;
}

static int host_close(void *handle)
{
    (void)handle;
    return 0;
}

static void host_function(xmlXPathParserContextPtr context, int arguments)
{
    (void)context;
    (void)arguments;
}

struct state {
    struct sigaction actions[NSIG];
    sigset_t mask;
    char locale[256], folder[1024];
    mode_t umask;
    size_t environment, files;
    int keep_blanks, entities, line_numbers, indent;
};

static size_t open_files(void)
{
    size_t n = 0;
    DIR *folder = opendir("/proc/self/fd");

    while (folder != NULL && readdir(folder) != NULL)
        n++;
    if (folder != NULL)
        closedir(folder);
    return n;
}

static void look(struct state *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 1; i < NSIG; i++)
        sigaction(i, NULL, &s->actions[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &s->mask);
    snprintf(s->locale, sizeof s->locale, "%s", setlocale(LC_ALL, NULL));
    if (getcwd(s->folder, sizeof s->folder) == NULL)
        s->folder[0] = '\0';
    s->umask = umask(0);
    umask(s->umask);
    for (char **e = environ; *e != NULL; e++)
        for (const char *c = *e; *c != '\0'; c++)
            s->environment = s->environment * 131 + (unsigned char)*c;
    s->files = open_files();
    s->keep_blanks = xmlKeepBlanksDefaultValue;
    s->entities = xmlSubstituteEntitiesDefaultValue;
    s->line_numbers = xmlLineNumbersDefaultValue;
    s->indent = xmlIndentTreeOutput;
}

static void set_up(void)
{
    struct sigaction action = {.sa_handler = host_signal};
    sigset_t mask;

    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    setlocale(LC_ALL, "C.UTF-8");
    setlocale(LC_NUMERIC, "C");
    umask(027);
    xmlSetGenericErrorFunc(&count, host_generic);
    xmlSetStructuredErrorFunc(&failed, host_structured);
    xsltSetGenericErrorFunc(&count, host_generic);
    xmlSetExternalEntityLoader(host_loader);
    xmlRegisterInputCallbacks(host_match, host_open, host_read, host_close);
    xsltRegisterExtModuleFunction(BAD_CAST "own", BAD_CAST "urn:host", host_function);
    xmlKeepBlanksDefault(0);
    xmlLineNumbersDefault(0);
}

static void same_state(const struct state *before)
{
    struct state after;
    int signals = 1;

    look(&after);
    for (int i = 1; i < NSIG; i++)
        signals = signals && before->actions[i].sa_handler == after.actions[i].sa_handler &&
                  before->actions[i].sa_flags == after.actions[i].sa_flags;
    ok(signals, "no signal handler has changed");
    ok(memcmp(&before->mask, &after.mask, sizeof after.mask) == 0, "nor the signal mask");
    ok(strcmp(before->locale, after.locale) == 0, "nor the locale");
    ok(before->umask == after.umask, "nor the umask");
    ok(strcmp(before->folder, after.folder) == 0, "nor the folder");
    ok(before->environment == after.environment, "nor the environment");
    ok(before->files == after.files, "no file is left open");
    ok(xmlGenericError == host_generic && xmlGenericErrorContext == &count,
       "libxml2's generic error handler is the host's");
    ok(xmlStructuredError == host_structured && xmlStructuredErrorContext == &failed,
       "its structured error handler too");
    ok(xsltGenericError == host_generic && xsltGenericErrorContext == &count, "and that of libxslt");
    ok(xmlGetExternalEntityLoader() == host_loader, "the entity loader is the host's");
    ok(before->keep_blanks == after.keep_blanks && before->entities == after.entities &&
           before->line_numbers == after.line_numbers && before->indent == after.indent,
       "the parser's defaults are as they were");
    ok(xsltExtModuleFunctionLookup(BAD_CAST "own", BAD_CAST "urn:host") == host_function,
       "the host's XSLT function is still known: nobody cleaned libxslt up");
}

/* The host's own use of libxml2: true when it works as ever, its callbacks and handlers included. */
static int own_use(void)
{
    int errors = host_errors;
    xmlDocPtr good = xmlReadFile("host:any", NULL, 0);
    xmlDocPtr bad = xmlReadMemory("<a>", 3, "bad.xml", NULL, 0);
    int works = bad == NULL && host_errors > errors;

    /* The host's loader says no to everything, so its input callbacks are asked directly. */
    xmlParserInputBufferPtr input = xmlParserInputBufferCreateFilename("host:any", XML_CHAR_ENCODING_NONE);
    works = works && good == NULL && input != NULL && xmlParserInputBufferRead(input, 100) > 0;
    xmlFreeParserInputBuffer(input);
    return works;
}

/* ---- what the library is asked to do ---- */

static const char *source_folder(void)
{
    const char *folder = getenv("GREENLANE_SRCDIR");

    return folder != NULL ? folder : ".";
}

static char *example(const char *name, size_t *length)
{
    char path[1024];
    FILE *file;
    char *data = malloc(1 << 20);

    snprintf(path, sizeof path, "%s/examples/declarations/%s", source_folder(), name);
    file = fopen(path, "rb");
    *length = file != NULL && data != NULL ? fread(data, 1, 1 << 20, file) : 0;
    if (file != NULL)
        fclose(file);
    return data;
}

static const struct {
    const char *file, *to, *destination;
} cases[] = {
    {"us-truck-entry.xml", "us-ace/cargo-release", "us-ace"},
    {"mx-import-cove.xml", "mx-vucem/cove", "mx-vucem"},
    {"error-counts.xml", NULL, NULL},
    {"error-order.xml", NULL, "us-ace"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* One declaration from bytes to findings and message, as one text. NULL when a call fails. */
static char *judge(gln_context *context, int i)
{
    gln_declaration *declaration = NULL;
    char *report = NULL, *message = NULL, *text = NULL;
    size_t length = 0, size = 0;
    char *data = example(cases[i].file, &length);
    int status = gln_declaration_read(&declaration, context, data, length);

    if (status == GLN_OK)
        status = gln_declaration_check(declaration, cases[i].destination, GLN_CHECK_ALL);
    if (status == GLN_OK)
        status = gln_declaration_report(declaration, cases[i].file, GLN_EN, 0, &report);
    if (status == GLN_OK && cases[i].to != NULL)
        status = gln_declaration_transform(declaration, cases[i].to, &message, &size);
    if (status == GLN_OK) {
        text = malloc(strlen(report) + size + 1);
        snprintf(text, strlen(report) + size + 1, "%s%.*s", report, (int)size,
                 message != NULL ? message : "");
    }
    gln_free(message);
    gln_free(report);
    gln_declaration_free(declaration);
    free(data);
    return text;
}

struct worker {
    pthread_t thread;
    gln_engine *engine;
    char *const *wanted;
    int good;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    gln_context *context = NULL;

    w->good = gln_init() == GLN_OK && gln_context_new(&context, w->engine) == GLN_OK;
    for (int round = 0; w->good && round < ROUNDS * CASES; round++) {
        char *text = judge(context, round % CASES);
        xmlDocPtr own = xmlReadMemory("<own><a/></own>", 15, "own.xml", NULL, 0);

        w->good = text != NULL && strcmp(text, w->wanted[round % CASES]) == 0 && own != NULL;
        xmlFreeDoc(own);
        free(text);
    }
    if (w->good) /* what cannot be read is told to this context alone */
        w->good = gln_declaration_read(&(gln_declaration *){NULL}, context, "<a", 2) == GLN_E_INPUT &&
                  gln_context_error(context, GLN_ES)[0] != '\0';
    gln_context_free(context);
    gln_shutdown();
    return NULL;
}

static int four_threads(gln_engine *engine, char *const *wanted)
{
    struct worker workers[THREADS];
    int good = 1;

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.engine = engine, .wanted = wanted};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        good = good && workers[i].good;
    }
    return good;
}

static int ask(gln_gateway *gateway, gln_context *context, const char *path, const char *body, size_t length,
               const char *wanted)
{
    gln_reply reply = {.struct_size = sizeof reply};
    gln_request request = {.struct_size = sizeof request,
                           .method = body != NULL ? "POST" : "GET",
                           .path = path,
                           .body = body,
                           .body_length = length};
    int status = gln_gateway_request(gateway, context, &request, &reply);
    int good = status == GLN_OK && reply.status == GLN_OK && reply.body != NULL &&
               strstr(reply.body, wanted) != NULL;

    if (!good)
        fprintf(told, "# %s: %s %s\n", path, gln_context_error(context, GLN_EN),
                reply.body != NULL ? reply.body : "");
    gln_free(reply.body);
    return good;
}

static const char identity[] =
    "<identity xmlns='urn:greenlane:identity:1' name='host' environment='TEST' destination='us-ace' "
    "principal='9ZZ' role='filer' custody='held'>"
    "<setting name='site' value='2304'/><setting name='id' value='AAA'/><setting name='port' value='2304'/>"
    "<setting name='endpoint.submit.url' value='http://127.0.0.1:1/none'/>"
    "<setting name='endpoint.answers.url' value='http://127.0.0.1:1/none'/>"
    "<secret name='abi-password' file='abi'/>"
    "<series kind='entry-number' first='1' last='99'/></identity>";

/* The one-call form: the other side is not there, which is told, kept and nothing worse. */
static int one_call(gln_gateway *gateway, gln_context *context)
{
    int wait_ms = 0, status = GLN_OK;

    for (int i = 0; i < 20 && status == GLN_OK && wait_ms == 0; i++)
        status = gln_gateway_step(gateway, context, &wait_ms);
    return status == GLN_OK && ask(gateway, context, "/v1/declarations?state=deferred", NULL, 0, "GL0000102");
}

/* Step by step: the host is given what to send, and says that it arrived. */
static int step_wise(gln_gateway *gateway, gln_context *context)
{
    for (int i = 0; i < 20; i++) {
        gln_task task = {.struct_size = sizeof task};
        gln_work *given = NULL;
        int wait_ms = 0, status = gln_gateway_next(gateway, context, &given, &wait_ms), sent;

        if (status != GLN_OK || given == NULL)
            return 0;
        sent = gln_work_task(given, &task) == GLN_OK && task.kind == GLN_WORK_SEND && task.length > 80 &&
               memchr(task.data, 'A', task.length) != NULL &&
               memmem(task.data, task.length, "SECRET", 6) != NULL &&
               gln_work_sent(given, GLN_DELIVERED, task.data, task.length, NULL) == GLN_OK;
        gln_work_free(given);
        if (sent) /* the other side echoed all it got: the password is kept nowhere */
            return ask(gateway, context, "/v1/declarations?state=sent", NULL, 0, "GL0000101") &&
                   ask(gateway, context, "/v1/declarations/GL0000101/reply", NULL, 0, "A2304AAA******");
    }
    return 0;
}

static int with_ledger(gln_engine *engine)
{
    gln_context *context = NULL;
    gln_gateway *gateway = NULL;
    char path[1200];
    size_t length = 0;
    char *data = example("us-truck-entry.xml", &length), *second = strstr(data, "GL0000101");
    FILE *file = fopen("abi", "w");
    int good = file != NULL && fputs("SECRET\n", file) >= 0;

    good = file != NULL && fclose(file) == 0 && good;
    good = good && chmod("abi", 0600) == 0 && gln_context_new(&context, engine) == GLN_OK &&
           gln_gateway_open(&gateway, context) == GLN_OK;
    snprintf(path, sizeof path, "/v1/identities?base=%s", getenv("TMPDIR"));
    good = good && ask(gateway, context, path, identity, sizeof identity - 1, "host");
    good = good && step_wise(gateway, context) == 0; /* nothing to do yet */
    good = good && ask(gateway, context, "/v1/declarations?to=us-ace", data, length, "id");
    ok(good && step_wise(gateway, context), "step by step: told what to send, and sent");
    if (second != NULL)
        second[8] = '2';
    good = good && ask(gateway, context, "/v1/declarations?to=us-ace", data, length, "id");
    ok(good && one_call(gateway, context), "in one call: an unreachable customs leaves it deferred");
    gln_gateway_close(gateway);
    gln_context_free(context);
    free(data);
    return good;
}

/* Everything the library can do without a network; its engine is gone at the end. */
static void use_all(void)
{
    gln_config *config = NULL;
    gln_engine *engine = NULL;
    gln_context *context = NULL;
    char *texts[CASES] = {NULL};
    int good = gln_config_new(&config) == GLN_OK && gln_config_set(config, "ledger", "host.ledger") == GLN_OK;

    ok(gln_config_set(config, "no-such-option", "1") == GLN_E_CONFIG, "a wrong setting is an error code");
    good = good && gln_engine_new(&engine, config) == GLN_OK && gln_context_new(&context, engine) == GLN_OK;
    ok(good, "an engine and a context");
    if (!good)
        fprintf(told, "# %s\n", gln_config_error(config));
    gln_config_free(config);
    for (int i = 0; good && i < CASES; i++)
        good = (texts[i] = judge(context, i)) != NULL;
    ok(good && strstr(texts[0], "SE10") != NULL && strstr(texts[2], "error") != NULL,
       "declarations are checked and transformed");
    ok(good && four_threads(engine, texts), "four threads come to the same, each with its context");
    if (good)
        with_ledger(engine);
    ok(own_use(), "the host's own libxml2 works meanwhile");
    for (int i = 0; i < CASES; i++)
        free(texts[i]);
    gln_context_free(context);
    gln_engine_free(engine);
}

/* Runs `use_all` with both outputs in a file, and says how much came into it. */
static long printed_while_used(void)
{
    struct stat about = {0};
    int sink = open("printed", O_CREAT | O_TRUNC | O_RDWR, 0600);
    int error = dup(STDERR_FILENO), output = dup(STDOUT_FILENO);

    if (sink < 0 || dup2(sink, STDOUT_FILENO) < 0 || dup2(sink, STDERR_FILENO) < 0)
        return -1;
    use_all();
    gln_shutdown();
    fflush(stdout);
    fstat(sink, &about);
    dup2(output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close(output);
    close(error);
    close(sink);
    return (long)about.st_size;
}

int main(void)
{
    struct state before;
    xmlDocPtr kept;

    told = fdopen(dup(STDOUT_FILENO), "w");
    if (told == NULL)
        return 3;
    setvbuf(told, NULL, _IOLBF, 0);
    if (chdir(getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/nowhere") != 0) {
        fprintf(told, "Bail out! $TMPDIR is not a folder\n");
        return 3;
    }
    set_up();
    kept = xmlReadMemory("<kept a='1'>text</kept>", 23, "kept.xml", NULL, 0);
    ok(own_use() && kept != NULL, "the host's own libxml2 works before");
    look(&before);
    ok(gln_init() == GLN_OK && gln_init() == GLN_OK, "gln_init() twice");
    gln_shutdown();
    ok(printed_while_used() == 0, "nothing was printed");
    same_state(&before);
    ok(host_loads == 2, "the host's entity loader was asked by the host alone");
    ok(own_use(), "the host's own libxml2 works after the last gln_shutdown()");
    ok(kept != NULL && xmlStrEqual(xmlDocGetRootElement(kept)->name, BAD_CAST "kept"),
       "and a document read before is whole");
    ok(gln_init() == GLN_OK, "and the library can be started again");
    gln_shutdown();
    xmlFreeDoc(kept);
    fprintf(told, "1..%d\n", count);
    fclose(told);
    return failed != 0;
}
