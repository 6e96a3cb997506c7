/*
 * What an exchange means for a filing. The rule behind every row: "not sent" only where it is certain that the other side did
 * not take the message, "in doubt" wherever it may have.
 *
 *   nothing was begun (no name, no connection, no TLS), or TLS refused us    not sent
 *   begun, and no status came, or a good one whose answer was cut off        in doubt
 *   a SOAP fault (soap carrier), under any status                            refused
 *   2xx                                                                      delivered
 *   301, 302, 307, 308 (elsewhere; we do not follow)                         refused
 *   408 (the request did not arrive whole), 429 (too many)                   not sent
 *   other 4xx                                                                refused
 *   503 that says when to come back (Retry-After)                            not sent
 *   everything else, other 5xx first: may have been taken before the trouble in doubt
 *
 * A 503 without Retry-After stays in doubt, for proxies answer so when the server behind them died over a request it had read.
 */
#include "carry/web.h"

#include <string.h>

static const struct {
    int from, to;
    enum carry_outcome outcome;
} by_status[] = {
    {200, 299, CARRY_DELIVERED}, {301, 302, CARRY_REFUSED},  {307, 308, CARRY_REFUSED},
    {408, 408, CARRY_NOT_SENT},  {429, 429, CARRY_NOT_SENT}, {400, 499, CARRY_REFUSED},
};

/* 503 is a promise that nothing was done only where it says when to come back. */
static enum carry_outcome of_unavailable(const struct web_call *call)
{
    struct buf when = BUF_INIT;
    bool says_when = call->head != NULL && web_header(&when, call->head, "Retry-After");
    buf_free(&when);
    return says_when ? CARRY_NOT_SENT : CARRY_IN_DOUBT;
}

static enum carry_outcome of_status(const struct web_call *call)
{
    if (call->status == 503) {
        return of_unavailable(call);
    }
    for (size_t i = 0; i < sizeof by_status / sizeof by_status[0]; i++) {
        if (call->status >= by_status[i].from && call->status <= by_status[i].to) {
            return by_status[i].outcome;
        }
    }
    return CARRY_IN_DOUBT;
}

enum carry_outcome outcome_of(const struct web_call *call, bool soap)
{
    if (!call->begun || (call->refused && call->status == 0)) {
        return CARRY_NOT_SENT;
    }
    if (call->status < 200) {
        return CARRY_IN_DOUBT;
    }
    bool whole = call->failed == 0 && !call->too_long;
    if (soap && whole && call->reply->len > 0 && carry_is_fault(call->reply->data, call->reply->len)) {
        return CARRY_REFUSED;
    }
    return call->status < 300 && !whole ? CARRY_IN_DOUBT : of_status(call);
}

/* The end of the markup that starts at `p` ('<'), past its last character; NULL if it does not end. */
static const char *markup_end(const char *p, const char *end)
{
    static const struct {
        const char *start, *stop;
    } kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i].start);
        if ((size_t)(end - p) >= n && memcmp(p, kinds[i].start, n) == 0) {
            size_t stop = strlen(kinds[i].stop);
            const char *q = memmem(p + n, (size_t)(end - p) - n, kinds[i].stop, stop);
            return q == NULL ? NULL : q + stop;
        }
    }
    char quote = '\0';
    for (const char *q = p + 1; q < end; q++) {
        if (quote != '\0') {
            quote = *q == quote ? '\0' : quote;
        } else if (*q == '"' || *q == '\'') {
            quote = *q;
        } else if (*q == '>') {
            return q + 1;
        }
    }
    return NULL;
}

/* The tag at `p` has this local name. */
static bool tag_is(const char *p, const char *end, const char *name)
{
    const char *start = ++p;
    while (p < end && strchr(" \t\r\n/>", *p) == NULL) {
        if (*p == ':') {
            start = p + 1;
        }
        p++;
    }
    return (size_t)(p - start) == strlen(name) && memcmp(start, name, strlen(name)) == 0;
}

bool carry_is_fault(const char *xml, size_t len)
{
    static const char *const path[] = {"Envelope", "Body", "Fault"};
    const char *end = xml + len;
    size_t depth = 0, matched = 0; /* open elements; how many of them lie on the path */
    const char *next;
    for (const char *p = memchr(xml, '<', len); p != NULL; p = memchr(next, '<', (size_t)(end - next))) {
        next = markup_end(p, end);
        if (next == NULL) {
            return false;
        }
        if (p[1] == '!' || p[1] == '?') {
            continue;
        }
        if (p[1] == '/') {
            depth -= depth > 0;
            matched = matched > depth ? depth : matched;
            continue;
        }
        if (depth == matched && tag_is(p, end, path[matched])) {
            matched++;
            if (matched == sizeof path / sizeof path[0]) {
                return true;
            }
        } else if (matched == 2 && depth == 2) {
            return false;
        }
        depth += next[-2] != '/';
    }
    return false;
}
