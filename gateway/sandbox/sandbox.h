/** @file
 * The sandbox: an ACE and a VUCEM to practise on, as we read the public documents of CBP and VUCEM. What they do not say is not
 * offered; what they leave open is listed in docs/sandbox.md. Everything is in memory and gone at the end.
 *
 * Threads: HTTP workers. The mutex guards everything below it; a context belongs to one worker of one listener.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <pthread.h>

#include "codec/codec.h"
#include "http/http.h"
#include "util/json.h"
#include "xml/schema.h"
#include "xml/transform.h"

#define SANDBOX_WORKERS 4

/* --- accounts: who may file, read from an XML file (urn:greenlane:sandbox:1) --- */
struct transmitter {
    char site[5], id[4], office[3], password[7];
    char (*filers)[4]; /**< owned; filer codes it may file for */
    size_t filer_count;
};
struct web_user {
    char rfc[14];
    char *password; /**< owned */
};
struct accounts {
    struct transmitter *transmitters;
    size_t transmitter_count;
    char (*importers)[13]; /**< on file; none listed: all are */
    size_t importer_count;
    struct web_user *users;
    size_t user_count;
    struct buf authorities; /**< PEM: who issues e.firmas, with their lists */
};
int accounts_load(struct accounts *out, struct gln_context *ctx, const char *path);
void accounts_free(struct accounts *a);
const struct transmitter *accounts_transmitter(const struct accounts *a, const char *site, const char *id);
bool accounts_has_filer(const struct transmitter *t, const char *filer);
bool accounts_has_importer(const struct accounts *a, const char *number);
const struct web_user *accounts_user(const struct accounts *a, const char *rfc);

/* --- faults: what goes wrong on purpose --- */
struct reject_rule {
    bool cove;      /**< else a cargo release */
    char code[4];   /**< condition code of SE90; "" for a COVE */
    char text[200]; /**< narrative, or VUCEM's message */
};
struct faults {
    int64_t slow_ms;         /**< every answer takes so much longer */
    int64_t drop_after_read; /**< so many filings are taken and their line is dropped unanswered */
    int64_t down_requests;   /**< so many requests are turned away (503) */
    int64_t down_until_ms;   /**< monotonic; turned away until then */
    int64_t pending;         /**< so many questions about a COVE are answered "not yet" */
    bool manual;             /**< answers wait for POST /answer */
    bool review;             /**< cargo releases are referred to a person (SX 04) */
    bool hold_release;       /**< SO 98 waits for POST /release */
    struct reject_rule rejects[16];
    size_t reject_count;
};
/** "se:208:MISSING CONTACT INFO" or "cove:text"; false if it is neither. */
bool faults_add_reject(struct faults *f, const char *rule);
/** "COUNT" or "N s": requests or seconds. */
bool faults_set_down(struct faults *f, const char *text);

/* --- ACE --- */
struct message {
    struct message *next;
    long number;
    struct buf bytes;
};
struct mailbox {                     /**< one per transmitter, in the accounts' order */
    struct message *ready, *waiting; /**< oldest first; `waiting` until POST /answer */
};
enum entry_status { ENTRY_REJECTED, ENTRY_ACCEPTED, ENTRY_REVIEW, ENTRY_CANCELLED };
struct entry {
    char number[12]; /**< filer and number with its check digit */
    enum entry_status status;
    bool released;
    size_t box;   /**< mailbox it answers to */
    int received; /**< transactions about it, those that were refused too */
    char se10[81], se15[81], port[5], user_text[22];
};
struct ace {
    struct mailbox *boxes;
    long last_message;
    struct entry *entries;
    size_t entry_count, entry_cap;
    int batches; /**< received */
};

/* --- VUCEM --- */
struct invoice {
    char number[32];
    char document[16]; /**< eDocument; "" when refused */
    char adenda[16];   /**< "" when it amends nothing */
    struct buf errors; /**< one a line */
};
struct operation {
    long number;
    char rfc[14];
    int64_t received_ms;
    int64_t pending; /**< questions still to be answered "not yet" */
    bool waiting;    /**< until POST /answer */
    struct invoice *invoices;
    size_t invoice_count;
};
struct vucem {
    struct operation *operations;
    size_t operation_count, operation_cap;
    long last_operation, last_document;
    int coves, questions; /**< received */
};

struct sandbox {
    struct options options;
    struct clock_source clock;
    struct log_sink log;
    struct accounts accounts;
    struct layout *layout;
    struct xml_schema *cove_schema;
    struct xml_stylesheet *cadena;
    pthread_mutex_t mutex;
    struct faults faults;
    struct ace ace;
    struct vucem vucem;
};
/** A listener's side of the sandbox: the argument of its handler. */
struct face {
    struct sandbox *sandbox;
    struct gln_context contexts[SANDBOX_WORKERS];
};

int sandbox_open(struct sandbox *s, struct gln_context *ctx, const char *accounts, const char *data_dir);
void sandbox_close(struct sandbox *s);

/** Before a request is looked at: waits, or turns it away (false, `out` filled). */
bool sandbox_enter(struct sandbox *s, struct http_response *out);
/** After a filing was taken: true when its line is to be dropped. */
bool sandbox_drops(struct sandbox *s);

/* http handlers; `arg` is a struct face */
void ace_handle(void *arg, int worker, const struct http_request *in, struct http_response *out);
void vucem_handle(void *arg, int worker, const struct http_request *in, struct http_response *out);
void control_handle(void *arg, int worker, const struct http_request *in, struct http_response *out);

/* with the mutex held */
void ace_receive(struct sandbox *s, struct gln_context *ctx, const void *data, size_t len);
void ace_answer_waiting(struct sandbox *s);
/** Releases one entry (NULL: all that are accepted); how many. */
int ace_release(struct sandbox *s, struct gln_context *ctx, const char *entry);
void ace_free(struct ace *a, size_t boxes);
void vucem_answer_waiting(struct sandbox *s);
void vucem_free(struct vucem *v);

#endif
