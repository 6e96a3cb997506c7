/*
 * SO, the status of a cargo release that CBP sends unasked: the bill arrived (95), the entry is released (98) or cancelled (23).
 * The layout of SO is known at second hand only (docs/profile-us.md).
 * Owns nothing but the message it appends to the queue; nothing here is fatal.
 */
#include "sandbox/ace.h"

#include <stdio.h>
#include <string.h>

static void put_header(struct buf *out, const struct entry *e)
{
    char line[81], text[16];
    record_begin(line, "SO10");
    columns_get(text, e->se10, 50, 53);
    record_put(line, 5, 8, text);
    columns_get(text, e->se10, 6, 8);
    record_put(line, 9, 11, text);
    columns_get(text, e->se10, 11, 18);
    record_put(line, 14, 21, text);
    columns_get(text, e->se10, 20, 21);
    record_put(line, 23, 24, text);
    columns_get(text, e->se10, 25, 36);
    record_put(line, 25, 36, text);
    record_end(out, line);
}

static int put_bill(struct buf *out, const struct entry *e, const char *date, const char *time)
{
    char line[81];
    if (e->se15[0] == '\0') {
        return 0;
    }
    record_begin(line, "SO40");
    memcpy(line + 4, e->se15 + 4, 63);
    record_end(out, line);
    record_begin(line, "SO50");
    record_put(line, 5, 10, date);
    record_put(line, 11, 14, time);
    record_put(line, 15, 16, "95");
    record_put(line, 17, 56, "BILL ARRIVED");
    line[56] = 'N';
    record_end(out, line);
    return 2;
}

static void put_disposition(struct buf *out, const char *code, const char *date, const char *time)
{
    char line[81];
    bool released = strcmp(code, "98") == 0;
    record_begin(line, "SO60");
    record_put(line, 5, 10, date);
    record_put(line, 11, 14, time);
    record_put(line, 15, 16, code);
    record_put(line, 17, 56, released ? "RELEASED" : "CANCELLED");
    if (released) {
        record_put(line, 57, 62, date);
        record_put(line, 63, 64, "03");
    }
    record_end(out, line);
}

void release_notify(struct sandbox *s, struct gln_context *ctx, struct entry *e, const char *code)
{
    const struct transmitter *t = &s->accounts.transmitters[e->box];
    struct buf out = BUF_INIT;
    char line[81], date[7], time[5], text[16], filer[4];
    (void)ctx;
    ace_now(s, date, time);
    columns_get(filer, e->se10, 6, 8);
    record_begin(line, "A");
    record_put(line, 2, 5, t->site);
    record_put(line, 6, 8, t->id);
    record_put(line, 15, 20, date);
    record_put(line, 26, 27, "SO");
    record_put(line, 38, 39, t->office);
    record_end(&out, line);
    record_begin(line, "B");
    record_put(line, 4, 7, e->port);
    record_put(line, 8, 10, filer);
    record_put(line, 11, 12, "SO");
    record_put(line, 60, 80, e->user_text);
    record_end(&out, line);
    put_header(&out, e);
    int count = 2;
    if (strcmp(code, "98") == 0) {
        count += put_bill(&out, e, date, time);
        e->released = true;
    }
    put_disposition(&out, code, date, time);
    record_begin(line, "Y");
    record_put(line, 4, 7, e->port);
    record_put(line, 8, 10, filer);
    record_put(line, 11, 12, "SO");
    snprintf(text, sizeof text, "%05d", count);
    record_put(line, 13, 17, text);
    record_end(&out, line);
    record_begin(line, "Z");
    record_put(line, 2, 5, t->site);
    record_put(line, 6, 8, t->id);
    record_put(line, 15, 20, date);
    record_put(line, 38, 39, t->office);
    record_end(&out, line);
    ace_deliver(s, e->box, &out);
}

int ace_release(struct sandbox *s, struct gln_context *ctx, const char *entry)
{
    int count = 0;
    for (size_t i = 0; i < s->ace.entry_count; i++) {
        struct entry *e = &s->ace.entries[i];
        bool open = (e->status == ENTRY_ACCEPTED || e->status == ENTRY_REVIEW) && !e->released;
        if (open && (entry == NULL || strcmp(entry, e->number) == 0)) {
            e->status = ENTRY_ACCEPTED;
            release_notify(s, ctx, e, "98");
            count++;
        }
    }
    return count;
}
