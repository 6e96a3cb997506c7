/*
 * What goes wrong on purpose. A fault is set by an option at the start or by the control listener later; counters count down, so that
 * a test says exactly which request meets which trouble.
 * Owns nothing; a fault that cannot be read is refused and the ones in force stay.
 */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/clock.h"
#include "util/str.h"

bool faults_add_reject(struct faults *f, const char *rule)
{
    const size_t most = sizeof f->rejects / sizeof f->rejects[0];
    if (f->reject_count == most) {
        return false;
    }
    struct reject_rule *r = &f->rejects[f->reject_count];
    memset(r, 0, sizeof *r);
    if (str_starts(rule, "cove:") && rule[5] != '\0') {
        r->cove = true;
        str_copy(r->text, sizeof r->text, rule + 5);
    } else if (str_starts(rule, "se:") && str_is_digits(rule + 3, 3) && rule[6] == ':' && rule[7] != '\0') {
        memcpy(r->code, rule + 3, 3);
        str_copy(r->text, sizeof r->text, rule + 7);
    } else {
        return false;
    }
    f->reject_count++;
    return true;
}

bool faults_set_down(struct faults *f, const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 8) {
        return false;
    }
    long n = strtol(text, NULL, 10);
    if (text[digits] == '\0') {
        f->down_requests = n;
        return true;
    }
    if (strcmp(text + digits, "s") == 0) {
        f->down_until_ms = clock_mono_ms() + (int64_t)n * 1000;
        return true;
    }
    return false;
}

bool sandbox_enter(struct sandbox *s, struct http_response *out)
{
    struct faults *f = &s->faults;
    pthread_mutex_lock(&s->mutex);
    int64_t slow_ms = f->slow_ms;
    bool down = f->down_requests > 0 || clock_mono_ms() < f->down_until_ms;
    if (f->down_requests > 0) {
        f->down_requests--;
    }
    pthread_mutex_unlock(&s->mutex);
    if (slow_ms > 0) {
        struct timespec wait = {.tv_sec = slow_ms / 1000, .tv_nsec = (slow_ms % 1000) * 1000000};
        nanosleep(&wait, NULL);
    }
    if (down) {
        out->status = 503;
        str_copy(out->retry_after, sizeof out->retry_after, "1");
    }
    return !down;
}

bool sandbox_drops(struct sandbox *s)
{
    pthread_mutex_lock(&s->mutex);
    bool drops = s->faults.drop_after_read > 0;
    if (drops) {
        s->faults.drop_after_read--;
    }
    pthread_mutex_unlock(&s->mutex);
    return drops;
}
