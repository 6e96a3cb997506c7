/** @file greenlane.h
 * libgreenlane: check, transform, sign and forward customs declarations.
 *
 * Plain C types and opaque pointers only. Every function that can fail returns an enum gln_status value; the message is in
 * the context it was given. The library never exits, never prints, and touches no signal handler, locale, environment or
 * global clean-up of the host program.
 *
 * Threads: a gln_engine and a gln_gateway may be used by many threads at once; a gln_context and what was made with it by one
 * at a time.
 */
#ifndef GREENLANE_H
#define GREENLANE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GLN_API __attribute__((visibility("default")))
#else
#define GLN_API
#endif

/** X(name, value, exit code of the command, HTTP status, English text) */
#define GLN_STATUS_TABLE(X)                                                                                  \
    X(OK, 0, 0, 200, "done")                                                                                 \
    X(E_ARGUMENT, -1, 2, 400, "wrong call")                                                                  \
    X(E_MEMORY, -2, 3, 503, "out of memory")                                                                 \
    X(E_INPUT, -3, 1, 422, "the input cannot be read")                                                       \
    X(E_LIMIT, -4, 1, 413, "the input is over a limit")                                                      \
    X(E_FINDINGS, -5, 1, 422, "the declaration has errors")                                                  \
    X(E_FORBIDDEN, -6, 1, 403, "not allowed for this submitter")                                             \
    X(E_NOT_FOUND, -7, 1, 404, "not found")                                                                  \
    X(E_CONFLICT, -8, 1, 409, "not possible in this state")                                                  \
    X(E_CONFIG, -9, 2, 500, "a setting is wrong")                                                            \
    X(E_KEY, -10, 3, 500, "a key or certificate cannot be used")                                             \
    X(E_STORE, -11, 3, 503, "the ledger cannot be read or written")                                          \
    X(E_BUSY, -12, 3, 503, "held by another process")                                                        \
    X(E_NETWORK, -13, 3, 502, "the other side cannot be reached")                                            \
    X(E_IN_DOUBT, -14, 3, 502, "sent, but not known whether it arrived")                                     \
    X(E_REJECTED, -15, 1, 200, "rejected by customs")                                                        \
    X(E_TIMEOUT, -16, 3, 504, "no answer in time")                                                           \
    X(E_INTERNAL, -17, 3, 500, "trouble of our own")

/** Status codes; texts, exit codes and HTTP codes stand in GLN_STATUS_TABLE. */
enum gln_status {
#define GLN_STATUS_ENUM(name, value, exit_code, http, text) GLN_##name = (value),
    GLN_STATUS_TABLE(GLN_STATUS_ENUM)
#undef GLN_STATUS_ENUM
};

/** Languages of texts for people. */
enum gln_language { GLN_EN = 0, GLN_ES = 1 };

typedef struct gln_config gln_config;
typedef struct gln_engine gln_engine;
typedef struct gln_context gln_context;
typedef struct gln_declaration gln_declaration;
typedef struct gln_gateway gln_gateway;

/** @name Library @{ */
/** Counted: call once per user of the library in a process, each with its gln_shutdown(). */
GLN_API int gln_init(void);
GLN_API void gln_shutdown(void);
GLN_API const char *gln_version(void);
GLN_API const char *gln_status_text(int status);
/** Exit code the command uses for a status: 0 good, 1 findings or rejection, 2 wrong call, 3 trouble of our own. */
GLN_API int gln_status_exit(int status);
/** @} */

/** @name Settings
 * Names, types, units, defaults and texts: `greenlane help options`, or the manual page greenlane.xml(5).
 * @{ */
GLN_API int gln_config_new(gln_config **out);
GLN_API void gln_config_free(gln_config *config);
/** Sets one option; on GLN_E_CONFIG gln_config_error() says why. */
GLN_API int gln_config_set(gln_config *config, const char *name, const char *value);
/** Reads a settings file (XML, urn:greenlane:config:1); errors carry the line. */
GLN_API int gln_config_load(gln_config *config, const char *path);
GLN_API const char *gln_config_error(const gln_config *config);
/** What an option that is a number, size or duration is now, in bytes or milliseconds. GLN_E_NOT_FOUND: there is none of that name. */
GLN_API int gln_config_number(const gln_config *config, const char *name, long long *out);
/** One row of the table of options; strings are constant. */
typedef struct gln_option {
    size_t struct_size; /**< set by the caller to sizeof(gln_option) */
    const char *name, *default_value;
    const char *unit; /**< unit of the value, or the choices with | between */
    const char *text;
} gln_option;
/** GLN_E_NOT_FOUND past the last one. */
GLN_API int gln_option_at(size_t index, enum gln_language language, gln_option *out);
/** One log line. `level` 0 alert (wants a person now), 1 error, 2 notice, 3 debug; `subject` a declaration's or filing's id or NULL. Called from any thread. */
typedef void gln_log_fn(void *arg, int level, const char *room, const char *subject, const char *text);
/** Where engines made from this configuration log; lines above `threshold` are dropped. NULL: nowhere, the default. */
GLN_API int gln_config_log(gln_config *config, gln_log_fn *write, void *arg, int threshold);
/** @} */

/** @name Engine and context
 * The engine holds what is compiled once and shared: schemas, rules, stylesheets, layouts, code lists.
 * @{ */
/** On failure *out is NULL and gln_config_error(config) holds the message. The config may be freed after. */
GLN_API int gln_engine_new(gln_engine **out, gln_config *config);
GLN_API void gln_engine_free(gln_engine *engine);
/** A context keeps its engine alive. */
GLN_API int gln_context_new(gln_context **out, gln_engine *engine);
GLN_API void gln_context_free(gln_context *context);
/** Told how far a long request has come: `done` of `total` bytes. Called on the thread that does the work. */
typedef void gln_progress(void *arg, unsigned long long done, unsigned long long total);
/** Calls `fn` during long requests of this context (the import of a list); NULL: no more. */
GLN_API void gln_context_progress(gln_context *context, gln_progress *fn, void *arg);
/** The last failure's message, "" if none; valid until the next call with this context. */
GLN_API const char *gln_context_error(const gln_context *context, enum gln_language language);
/** The last failure as gln_declaration_report() would say it: file:line:column: error: text, or JSON. Free with gln_free(). */
GLN_API int gln_context_report(const gln_context *context, const char *file_name, enum gln_language language,
                               int as_json, char **out);
/** @} */

/** @name Declarations
 * Phases: parsed -> checked -> transformed. A later call runs the earlier ones that are missing.
 * @{ */
/** Takes a copy of the bytes, sniffs and parses them. GLN_E_INPUT / GLN_E_LIMIT: the context's message has the place. */
GLN_API int gln_declaration_read(gln_declaration **out, gln_context *context, const void *data,
                                 size_t length);
GLN_API void gln_declaration_free(gln_declaration *declaration);

/** What gln_declaration_check() looks at. */
enum gln_check_flag { GLN_CHECK_ALL = 0, GLN_CHECK_SCHEMA_ONLY = 1 };
/**
 * Schema, business rules, code lists; `destination` NULL or e.g. "us-ace" adds its rules and field rules.
 * Returns GLN_OK when the check ran (whatever it found), see gln_declaration_findings().
 */
GLN_API int gln_declaration_check(gln_declaration *declaration, const char *destination, unsigned flags);

enum gln_severity { GLN_INFO = 0, GLN_WARNING = 1, GLN_ERROR = 2 };
/** One finding; strings live as long as the declaration, "" where there is nothing to say. */
typedef struct gln_finding {
    size_t struct_size; /**< set by the caller to sizeof(gln_finding) */
    const char *rule;
    int severity; /**< enum gln_severity */
    const char *text;
    const char *xpath;
    const char *pointer; /**< WCO pointer, 42A/67A/68A[2]/... */
    const char *field;   /**< the destination's name of the field */
    unsigned line;       /**< from 1; 0 if the place is not known */
    unsigned column;     /**< from 1, in characters */
    size_t offset;       /**< byte offset in the sender's bytes */
} gln_finding;
GLN_API size_t gln_declaration_finding_count(const gln_declaration *declaration);
GLN_API int gln_declaration_finding(const gln_declaration *declaration, size_t index,
                                    enum gln_language language, gln_finding *out);
/** Number of findings of severity GLN_ERROR. */
GLN_API size_t gln_declaration_error_count(const gln_declaration *declaration);
/** All findings as one text for people, a line each (file:line:column: severity: text [rule]); or as JSON. Free with gln_free(). */
GLN_API int gln_declaration_report(const gln_declaration *declaration, const char *file_name,
                                   enum gln_language language, int as_json, char **out);

/** The outbound message as `to` ("us-ace/cargo-release") wants it, before secrets and sending, under a practice identity. Free with gln_free(). */
GLN_API int gln_declaration_transform(gln_declaration *declaration, const char *to, char **out,
                                      size_t *length);
/** The same as a table for people: each field with record, columns, official name, value, place in the sender's bytes and WCO path. */
GLN_API int gln_declaration_columns(gln_declaration *declaration, const char *to, enum gln_language language,
                                    char **out, size_t *length);
GLN_API void gln_free(void *memory);
/** @} */

/** @name Lane
 * The decision about the expedited lane without a gateway, over a file of cases (docs/lanes.md).
 * @{ */
/**
 * Decides each case of a JSON file that holds programmes, arrangements, a register and cases. `lines`: NO VERDICT LANE PRIMARY ALERT
 * REASONS..., a line a case, or a JSON array; `differences`: a line for people for each case whose `expect` or `also` is another.
 * Both to be freed with gln_free(). GLN_E_FINDINGS when some differ, with both texts; GLN_E_INPUT: the file is broken, both NULL.
 */
GLN_API int gln_lane_cases(gln_context *context, const void *json, size_t length, enum gln_language language,
                           int as_json, char **lines, char **differences);
/**
 * Checks a receipt, of a declaration or of its lane, without a gateway: that it is signed as it stands, by `anchor` (a certificate, PEM or
 * DER) or one it issued, and that the last day of a lane receipt is not over. `report`: lines for people, to be freed with gln_free().
 * GLN_E_FINDINGS, with the report: it is not, or the day is over.
 */
GLN_API int gln_receipt_verify(gln_context *context, const void *receipt, size_t length, const void *anchor,
                               size_t anchor_length, enum gln_language language, char **report);
/** @} */

/** @name Gateway
 * The ledger, identities and queues on one machine. One owner at a time: gln_gateway_open() fails with GLN_E_BUSY when another
 * process (greenlaned, say) owns the ledger; talk to it through its local socket then (gln_local_request()).
 * @{ */
GLN_API int gln_gateway_open(gln_gateway **out, gln_context *context);
/**
 * The same for who only looks at a ledger: GLN_E_NOT_FOUND where there is none, and none is made. One that cannot be written (the disk is full,
 * say) or that somebody worked on is opened to be read.
 */
GLN_API int gln_gateway_find(gln_gateway **out, gln_context *context);
/** To read a ledger as it stands: nothing in it is written, signed or mended. What would write fails. */
GLN_API int gln_gateway_look(gln_gateway **out, gln_context *context);
GLN_API void gln_gateway_close(gln_gateway *gateway);

/** One request in the gateway's own vocabulary: the HTTP interface's methods and paths (docs/http.md). */
typedef struct gln_request {
    size_t struct_size;    /**< set by the caller to sizeof(gln_request) */
    const char *method;    /**< "GET", "POST" */
    const char *path;      /**< "/v1/declarations?state=held" */
    const char *submitter; /**< who asks: a registered one, else GLN_E_NOT_FOUND; NULL: the local operator */
    const char *accept;    /**< "text/plain" (for people) or "application/json"; NULL: JSON */
    const char *language;  /**< "en", "es"; NULL: en */
    const char *content_type;
    const char *idempotency_key;
    const void *body;
    size_t body_length;
} gln_request;
typedef struct gln_reply {
    size_t struct_size; /**< set by the caller to sizeof(gln_reply) */
    int status;         /**< enum gln_status */
    int http_status;
    char content_type[64];
    char location[256];
    char *body; /**< owned by the caller: gln_free() */
    size_t body_length;
} gln_reply;
GLN_API int gln_gateway_request(gln_gateway *gateway, gln_context *context, const gln_request *request,
                                gln_reply *reply);
/** The same request to the process that owns the ledger, over its local socket; `socket_path` NULL: the settings' one. */
GLN_API int gln_local_request(gln_context *context, const char *socket_path, const gln_request *request,
                              gln_reply *reply);
/** Does the next piece of outbound work (send, poll, read an answer). *wait_ms: how long nothing is due; -1: nothing left to do. */
GLN_API int gln_gateway_step(gln_gateway *gateway, gln_context *context, int *wait_ms);
/** @} */

/** @name Step by step
 * For hosts that sign, send and wait themselves: gln_gateway_next() says what is to be done, the host does it and says what came
 * of it. Nothing here uses the network. A filing handed out to be sent is durably "sending" before it is; one whose outcome
 * is never told is in doubt.
 * @{ */
enum gln_work_kind {
    GLN_WORK_SIGN = 1, /**< sign `data` with the identity's key, then gln_work_signed() */
    GLN_WORK_SEND = 2  /**< send `data` to `url`, then gln_work_sent() */
};
/** What came of a send. Only what certainly did not arrive is ever sent again by itself. */
enum gln_outcome { GLN_DELIVERED = 0, GLN_NOT_SENT = 1, GLN_MAYBE_SENT = 2, GLN_REFUSED = 3 };
typedef struct gln_work gln_work;
typedef struct gln_task {
    size_t struct_size; /**< set by the caller to sizeof(gln_task) */
    int kind;           /**< enum gln_work_kind */
    int64_t filing;
    const char *identity; /**< under whose name */
    const void *data;     /**< to sign: the bytes, not their digest; to send: the message, secrets in */
    size_t length;
    const char *digest; /**< SIGN: "sha256" or "sha1"; RSA: PKCS#1 v1.5, EC: DER */
    const char *carrier, *url, *soap_action, *content_type; /**< SEND; the last two may be "" */
} gln_task;
/** The next piece of work, NULL when nothing is due: *wait_ms is how long, -1: nothing left. Free with gln_work_free(). */
GLN_API int gln_gateway_next(gln_gateway *gateway, gln_context *context, gln_work **out, int *wait_ms);
/** Strings live as long as the work. */
GLN_API int gln_work_task(const gln_work *work, gln_task *out);
/** The signature is checked against the identity's certificate: GLN_E_KEY if it is not of these bytes. */
GLN_API int gln_work_signed(gln_work *work, const void *signature, size_t length);
/** `reply`: what the other side said, may be NULL; `why` of trouble, may be NULL. */
GLN_API int gln_work_sent(gln_work *work, int outcome, const void *reply, size_t length, const char *why);
/** Work that was to be sent and of which nothing was told is in doubt from here on. */
GLN_API void gln_work_free(gln_work *work);
/** Bytes customs sent without being asked (from an inbox the host reads). Stored before they are read; the same bytes twice are read once. */
GLN_API int gln_gateway_receive(gln_gateway *gateway, gln_context *context, const char *destination,
                                const void *data, size_t length);
/** @} */

#ifdef __cplusplus
}
#endif
#endif
