/** @file
 * A server and a hand-held client for the tests of the HTTP room.
 */
#ifndef UNIT_HTTP_FIXTURE_H
#define UNIT_HTTP_FIXTURE_H

#include <semaphore.h>

#include "http/http.h"

/** The handler: "/echo" gives the body back, "/hold" waits for `go`, "/drop" hangs up, "/big" sends 5 MB, else 404. */
struct fixture {
    struct options options;
    struct gln_context ctx;
    struct http_server *server;
    sem_t entered, go;    /**< "/hold" posts the first and waits for the second */
    bool was_local;       /**< of the last request */
    char fingerprint[65]; /**< of the last request's client certificate, "" none */
};

/** A server on any loopback port; `change` (may be NULL) changes the settings first. Returns the status of the start. */
int fixture_start(struct fixture *f, void (*change)(struct http_settings *s));
void fixture_stop(struct fixture *f);

/** A connected socket with a 20 s receive time limit. */
int dial(const struct fixture *f);
void say(int fd, const char *text);
/** Reads one answer, or up to the end of the stream: head and body as one NUL-terminated text, "" if closed without a byte. */
void hear(int fd, struct buf *out);
/** dial, say, hear, close; returns the status code of the answer, 0 if there was none. */
int ask(const struct fixture *f, const char *text, struct buf *out);
int status_of(const struct buf *answer);
/** The stream ends here, without a further byte. */
bool at_end(int fd);

#endif
