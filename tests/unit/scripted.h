/** @file
 * A TCP server that does what a script says, for the tests of the carriers.
 */
#ifndef UNIT_SCRIPTED_H
#define UNIT_SCRIPTED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"

/**
 * Steps, in order: "accept"; "read" (one whole request); "close"; "flood" (110 MB of answer); "wait" (until the client leaves);
 * "file:PATH" (an answer with the file's bytes); anything else is sent as it is.
 */
struct scripted {
    int listener, peer;
    uint16_t port;
    const char *const *steps; /**< NULL-terminated */
    int requests;             /**< read whole; to be looked at after scripted_end() */
    struct buf last;          /**< the last request */
    pthread_t thread;
    char url[64]; /**< http://127.0.0.1:port/x */
};

void scripted_begin(struct scripted *s, const char *const *steps);
/** Waits for the script's end; true if no further connection was made than the script accepted. */
bool scripted_end(struct scripted *s);
void scripted_free(struct scripted *s);

#endif
