/*
 * ACE's side of the wire. CBP is reached by IBM MQ; HTTPS stands in for its queues and for nothing else:
 *
 *   POST   /ace/inbound              puts one transmission (any number of batches): 202, and nothing is said about its content
 *   GET    /ace/outbound/SSSSIII     the oldest message for that site and id, again and again: 200 with its Location, or 204
 *   DELETE /ace/outbound/SSSSIII/N   takes it off: 204, or 404
 *
 * Every answer comes by the queue, a rejected envelope's too. A batch whose A record names nobody has nowhere to be answered.
 */
#include "sandbox/ace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void columns_get(char *out, const char *line, int from, int to)
{
    int n = to - from + 1;
    memcpy(out, line + from - 1, (size_t)n);
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    out[n] = '\0';
}

bool columns_blank(const char *line, int from, int to)
{
    for (int i = from - 1; i < to; i++) {
        if (line[i] != ' ') {
            return false;
        }
    }
    return true;
}

bool columns_same(const char *a, const char *b, int from, int to)
{
    return memcmp(a + from - 1, b + from - 1, (size_t)(to - from + 1)) == 0;
}

void record_begin(char line[81], const char *id)
{
    memset(line, ' ', 80);
    line[80] = '\0';
    memcpy(line, id, strlen(id));
}

void record_put(char line[81], int from, int to, const char *text)
{
    for (int i = from - 1; i < to && *text != '\0'; i++) {
        line[i] = *text++;
    }
}

void record_end(struct buf *out, const char line[81])
{
    buf_put(out, line, 80);
    buf_putc(out, '\n');
}

/* Cuts a transmission into lines: by line ends where there are some, else every 80 columns. */
static bool split(struct lines *l, const char *data, size_t len)
{
    size_t cap = len / 80 + 2;
    for (const char *p = data; p < data + len; p++) {
        cap += *p == '\n';
    }
    l->at = cap <= ACE_LINES_MAX ? calloc(cap, sizeof *l->at) : NULL;
    if (l->at == NULL) {
        return false;
    }
    for (size_t i = 0; i < len;) {
        size_t n = 0;
        while (i + n < len && n < 80 && data[i + n] != '\n' && data[i + n] != '\r') {
            n++;
        }
        char *line = l->at[l->count++];
        memset(line, ' ', 80);
        memcpy(line, data + i, n);
        l->last_short = n < 80;
        i += n;
        if (i < len && data[i] == '\r') {
            i++;
        }
        if (i < len && data[i] == '\n') {
            i++;
        }
    }
    return true;
}

void ace_now(struct sandbox *s, char date[7], char time[5])
{
    struct civil c;
    char text[32];
    if (!time_civil(&c, clock_wall_ms(&s->clock), "America/New_York")) {
        memset(&c, 0, sizeof c);
    }
    snprintf(text, sizeof text, "%02d%02d%02d", c.month, c.day, c.year % 100);
    str_copy(date, 7, text);
    snprintf(text, sizeof text, "%02d%02d", c.hour, c.minute);
    str_copy(time, 5, text);
}

static void append(struct message **list, struct message *m)
{
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = m;
}

void ace_deliver(struct sandbox *s, size_t box, struct buf *bytes)
{
    struct message *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return;
    }
    m->number = ++s->ace.last_message;
    m->bytes = *bytes;
    memset(bytes, 0, sizeof *bytes);
    append(s->faults.manual ? &s->ace.boxes[box].waiting : &s->ace.boxes[box].ready, m);
}

void ace_answer_waiting(struct sandbox *s)
{
    for (size_t i = 0; i < s->accounts.transmitter_count; i++) {
        append(&s->ace.boxes[i].ready, TAKE(&s->ace.boxes[i].waiting));
    }
}

/* The answer to a batch that is rejected as a whole. */
static void reject_batch(struct sandbox *s, size_t box, const char *a, struct rejection *why)
{
    struct buf out = BUF_INIT;
    char line[81], count[8];
    memcpy(line, a, sizeof line);
    memset(line + 8, ' ', 6);
    memset(line + 25, ' ', 2);
    record_end(&out, line);
    record_begin(line, "B");
    line[79] = 'B';
    record_end(&out, line);
    buf_put(&out, why->records.data, why->records.len);
    record_begin(line, "X1RF999");
    record_put(line, 11, 50, "BATCH REJECTED");
    record_end(&out, line);
    record_begin(line, "Y");
    snprintf(count, sizeof count, "%05d", (why->count + 1) % 100000);
    record_put(line, 13, 17, count);
    line[79] = 'Y';
    record_end(&out, line);
    record_begin(line, "Z");
    line[79] = 'Z';
    record_end(&out, line);
    ace_deliver(s, box, &out);
}

static void receive_batch(struct sandbox *s, struct gln_context *ctx, const struct lines *l, size_t first,
                          size_t end)
{
    char site[5], id[4];
    columns_get(site, l->at[first], 2, 5);
    columns_get(id, l->at[first], 6, 8);
    const struct transmitter *t = accounts_transmitter(&s->accounts, site, id);
    s->ace.batches++;
    if (t == NULL) {
        log_write(&s->log, LOG_LEVEL_NOTICE, "sandbox", NULL,
                  "ACE: a batch of site %s id %s, who is nobody here", site, id);
        return;
    }
    size_t box = (size_t)(t - s->accounts.transmitters);
    struct rejection why = {BUF_INIT, 0};
    if (envelope_check(s, l, first, end, &why)) {
        release_answer(s, ctx, l, first, end, box);
    } else {
        reject_batch(s, box, l->at[first], &why);
    }
    buf_free(&why.records);
}

void ace_receive(struct sandbox *s, struct gln_context *ctx, const void *data, size_t len)
{
    struct lines l = {NULL, 0, false};
    if (!split(&l, data, len)) {
        return;
    }
    size_t first = 0;
    for (size_t i = 1; i <= l.count; i++) {
        if (i == l.count || l.at[i][0] == 'A') {
            receive_batch(s, ctx, &l, first, i);
            first = i;
        }
    }
    free(l.at);
}

struct entry *ace_entry(struct ace *a, const char *number)
{
    for (size_t i = 0; i < a->entry_count; i++) {
        if (strcmp(a->entries[i].number, number) == 0) {
            return &a->entries[i];
        }
    }
    return NULL;
}

static void free_messages(struct message *m)
{
    while (m != NULL) {
        struct message *next = m->next;
        buf_free(&m->bytes);
        free(m);
        m = next;
    }
}

void ace_free(struct ace *a, size_t boxes)
{
    for (size_t i = 0; a->boxes != NULL && i < boxes; i++) {
        free_messages(a->boxes[i].ready);
        free_messages(a->boxes[i].waiting);
    }
    free(a->boxes);
    free(a->entries);
}

/* "/ace/outbound/2304ZZZ" or ".../17": the box, and the number or 0. NULL if there is none. */
static struct mailbox *find_box(struct sandbox *s, const char *path, long *number)
{
    static const char prefix[] = "/ace/outbound/";
    char site[5] = "", id[4] = "";
    const char *name = path + sizeof prefix - 1;
    if (!str_starts(path, prefix) || strlen(name) < 7) {
        return NULL;
    }
    memcpy(site, name, 4);
    memcpy(id, name + 4, 3);
    *number = 0;
    if (name[7] == '/') {
        *number = strtol(name + 8, NULL, 10);
    } else if (name[7] != '\0') {
        return NULL;
    }
    const struct transmitter *t = accounts_transmitter(&s->accounts, site, id);
    return t == NULL ? NULL : &s->ace.boxes[t - s->accounts.transmitters];
}

static void give(struct mailbox *box, const char *path, struct http_response *out)
{
    const struct message *m = box->ready;
    out->status = m != NULL ? 200 : 204;
    if (m != NULL) {
        str_copy(out->content_type, sizeof out->content_type, "text/plain; charset=us-ascii");
        snprintf(out->location, sizeof out->location, "%.200s/%ld", path, m->number);
        buf_put(&out->body, m->bytes.data, m->bytes.len);
    }
}

static void take_off(struct mailbox *box, long number, struct http_response *out)
{
    struct message *m = box->ready;
    out->status = 404;
    if (m != NULL && m->number == number) {
        box->ready = m->next;
        m->next = NULL;
        free_messages(m);
        out->status = 204;
    }
}

void ace_handle(void *arg, int worker, const struct http_request *in, struct http_response *out)
{
    struct face *face = arg;
    struct sandbox *s = face->sandbox;
    if (!sandbox_enter(s, out)) {
        return;
    }
    long number = 0;
    pthread_mutex_lock(&s->mutex);
    if (strcmp(in->path, "/ace/inbound") == 0) {
        out->status = strcmp(in->method, "POST") == 0 ? 202 : 405;
        if (out->status == 202) {
            ace_receive(s, &face->contexts[worker], in->body, in->body_len);
        }
    } else {
        struct mailbox *box = find_box(s, in->path, &number);
        out->status = box == NULL ? 404 : 405;
        if (box != NULL && number == 0 && strcmp(in->method, "GET") == 0) {
            give(box, in->path, out);
        } else if (box != NULL && number != 0 && strcmp(in->method, "DELETE") == 0) {
            take_off(box, number, out);
        }
    }
    pthread_mutex_unlock(&s->mutex);
    if (out->status == 202) {
        out->drop = sandbox_drops(s);
    }
}
