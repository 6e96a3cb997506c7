/*
 * Parses the head of a request in place: every name and value becomes a NUL-terminated piece of the text.
 *
 * Strict on purpose. A line ends in CRLF and in nothing else, a field is never folded, a name is a token right before its colon,
 * Content-Length is one run of digits given once and never beside Transfer-Encoding. What two programs could read in two ways is
 * answered with 400 and the connection is closed by the caller, since nobody can say where the next request starts.
 */
#include "http/head.h"

#include <string.h>
#include <strings.h>

static bool is_token_char(unsigned char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
        return true;
    }
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(const char *s)
{
    if (*s == '\0') {
        return false;
    }
    for (; *s != '\0'; s++) {
        if (!is_token_char((unsigned char)*s)) {
            return false;
        }
    }
    return true;
}

/* Cuts the next line off `*at`; NULL when it does not end in CRLF or holds a control character. */
static char *next_line(char **at, const char *end)
{
    char *line = *at;
    char *cr = memchr(line, '\r', (size_t)(end - line));
    if (cr == NULL || cr + 1 >= end || cr[1] != '\n') {
        return NULL;
    }
    for (const char *p = line; p < cr; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return NULL;
        }
    }
    *cr = '\0';
    *at = cr + 2;
    return line;
}

static int parse_request_line(struct http_head *h, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target == NULL ? NULL : strchr(target + 1, ' ');
    if (version == NULL) {
        return 400;
    }
    *target++ = '\0';
    *version++ = '\0';
    if (!is_token(line) || strlen(line) > 16 || target[0] != '/' || strchr(target, '\t') != NULL) {
        return 400;
    }
    if (strncmp(version, "HTTP/", 5) != 0) {
        return 400;
    }
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) {
        return 505;
    }
    h->method = line;
    h->target = target;
    h->minor = version[7] - '0';
    return 0;
}

static int parse_field(struct http_head *h, char *line)
{
    char *colon = strchr(line, ':');
    if (colon == NULL) {
        return 400;
    }
    *colon = '\0';
    if (!is_token(line)) {
        return 400;
    }
    if (h->count == HTTP_FIELDS_MAX) {
        return 431;
    }
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t n = strlen(value);
    while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t')) {
        value[--n] = '\0';
    }
    h->fields[h->count].name = line;
    h->fields[h->count].value = value;
    h->count++;
    return 0;
}

const char *http_head_get(const struct http_head *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++) {
        if (strcasecmp(h->fields[i].name, name) == 0) {
            return h->fields[i].value;
        }
    }
    return NULL;
}

static size_t field_count(const struct http_head *h, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++) {
        n += strcasecmp(h->fields[i].name, name) == 0;
    }
    return n;
}

static int parse_length(struct http_head *h, const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > 18 || strspn(text, "0123456789") != n) {
        return 400;
    }
    for (size_t i = 0; i < n; i++) {
        h->length = h->length * 10 + (uint64_t)(text[i] - '0');
    }
    h->has_length = true;
    return 0;
}

/* How long the body is, by the two fields that may say so. */
static int judge_body(struct http_head *h)
{
    const char *coding = http_head_get(h, "Transfer-Encoding");
    const char *length = http_head_get(h, "Content-Length");
    if (field_count(h, "Transfer-Encoding") > 1 || field_count(h, "Content-Length") > 1 ||
        (coding != NULL && (length != NULL || h->minor == 0))) {
        return 400;
    }
    if (coding != NULL) {
        h->chunked = strcasecmp(coding, "chunked") == 0;
        return h->chunked ? 0 : 501;
    }
    return length == NULL ? 0 : parse_length(h, length);
}

/* True if the comma-separated list `value` (may be NULL) has the word. */
static bool list_has(const char *value, const char *word)
{
    size_t n = strlen(word);
    while (value != NULL && *value != '\0') {
        value += strspn(value, " \t,");
        size_t len = strcspn(value, " \t,");
        if (len == n && strncasecmp(value, word, n) == 0) {
            return true;
        }
        value += len;
    }
    return false;
}

static int judge_fields(struct http_head *h)
{
    if (field_count(h, "Host") != 1 && (h->minor == 1 || field_count(h, "Host") > 1)) {
        return 400;
    }
    const char *expect = http_head_get(h, "Expect");
    if (expect != NULL) {
        if (strcasecmp(expect, "100-continue") != 0) {
            return 417;
        }
        h->expect_continue = h->minor == 1;
    }
    const char *encoding = http_head_get(h, "Content-Encoding");
    if (encoding != NULL && strcasecmp(encoding, "identity") != 0) {
        return 415;
    }
    const char *connection = http_head_get(h, "Connection");
    h->keep_alive = h->minor == 1 ? !list_has(connection, "close") : list_has(connection, "keep-alive");
    return judge_body(h);
}

int http_head_parse(struct http_head *h, char *text, size_t len)
{
    memset(h, 0, sizeof *h);
    if (memchr(text, '\0', len) != NULL) {
        return 400;
    }
    char *at = text;
    const char *end = text + len;
    char *line = next_line(&at, end);
    int status = line == NULL ? 400 : parse_request_line(h, line);
    while (status == 0) {
        line = next_line(&at, end);
        if (line == NULL) {
            return 400;
        }
        if (*line == '\0') {
            return at == end ? judge_fields(h) : 400;
        }
        status = parse_field(h, line);
    }
    return status;
}
