/*
 * Cargo release: what CBP answers to a batch that could be read (SX), and what it tells later unasked (SO).
 *
 * An entry is accepted, referred to a person, or rejected with one SE90 a condition behind the record it is about. The entry number
 * must have its check digit and, for an add, must never have been used; the other actions need an entry that is on file.
 * Of the conditions the published part of CBP's list is used (001 to 014) and what an option or a test adds.
 */
#include "sandbox/ace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/str.h"

struct transaction {
    const struct lines *l;
    size_t first, end; /* its records */
    const char *b;     /* its block's header */
    char action, number[12];
    int conditions;
};

static int letter_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'I') {
        return c - 'A' + 1;
    }
    if (c >= 'J' && c <= 'R') {
        return c - 'J' + 1;
    }
    return c >= 'S' && c <= 'Z' ? c - 'S' + 2 : -1;
}

bool entry_check_digit(const char *number)
{
    int sum = 0;
    if (strlen(number) != 11 || !str_is_digits(number + 3, 8)) {
        return false;
    }
    for (int i = 0; i < 10; i++) {
        int v = letter_value(number[i]);
        if (v < 0) {
            return false;
        }
        if (i % 2 == 1) {
            v *= 2;
            v = v > 9 ? (v + 1) % 10 : v;
        }
        sum += v;
    }
    return number[10] - '0' == (10 - sum % 10) % 10;
}

static void se90(struct buf *out, const char *type, const char *code, const char *text)
{
    char line[81];
    record_begin(line, "SE90");
    record_put(line, 5, 6, type);
    record_put(line, 7, 9, code);
    record_put(line, 10, 49, text);
    record_end(out, line);
}

static void refuse(struct transaction *t, struct buf *out, const char *code, const char *text)
{
    if (t->conditions < 9) {
        se90(out, "11", code, text);
    }
    t->conditions++;
}

/* Whether the entry number may be used for this action. */
static void judge_number(struct sandbox *s, struct transaction *t, struct buf *out)
{
    const struct entry *e = ace_entry(&s->ace, t->number);
    bool on_file = e != NULL && (e->status == ENTRY_ACCEPTED || e->status == ENTRY_REVIEW);
    if (!entry_check_digit(t->number)) {
        refuse(t, out, "006", "ENTRY NUMBER INVALID");
    } else if (t->action == 'A' && (on_file || (e != NULL && e->status == ENTRY_CANCELLED))) {
        refuse(t, out, "007", "ENTRY NUMBER ALREADY ON FILE");
    } else if (t->action != 'A' && !on_file) {
        refuse(t, out, "008", "ENTRY NUMBER NOT ON FILE");
    }
}

/* SE10, the entry's header. */
static void judge_header(struct sandbox *s, struct transaction *t, struct buf *out)
{
    static const char types[] = "01 02 03 06 07 11 12 21 22 23 52 86";
    const char *line = t->l->at[t->first];
    char type[3], party[4], importer[13];
    columns_get(type, line, 20, 21);
    columns_get(party, line, 22, 24);
    columns_get(importer, line, 25, 36);
    if (strchr("ARUD", t->action) == NULL) {
        refuse(t, out, "002", "ACTION CODE INVALID");
    }
    if (memcmp(line + 5, t->b + 7, 3) != 0) {
        refuse(t, out, "004", "FILER CODE NOT ON FILE");
    }
    judge_number(s, t, out);
    if (strlen(type) != 2 || strstr(types, type) == NULL) {
        refuse(t, out, "010", "ENTRY TYPE INVALID");
    }
    if (strcmp(type, "86") == 0 || t->action == 'D') {
        return;
    }
    if (party[0] == '\0') {
        refuse(t, out, "011", "IMPORTER TYPE MISSING");
    } else if (strcmp(party, "EI") != 0 && strcmp(party, "ANI") != 0 && strcmp(party, "34") != 0) {
        refuse(t, out, "012", "IMPORTER TYPE INVALID");
    }
    if (importer[0] == '\0') {
        refuse(t, out, "013", "IMPORTER NUMBER MISSING");
    } else if (!accounts_has_importer(&s->accounts, importer)) {
        refuse(t, out, "014", "IMPORTER NUMBER NOT ON FILE");
    }
}

/* What an option or a test wants refused. */
static void judge_rules(struct sandbox *s, struct transaction *t, struct buf *out)
{
    for (size_t i = 0; i < s->faults.reject_count; i++) {
        const struct reject_rule *r = &s->faults.rejects[i];
        if (!r->cove) {
            refuse(t, out, r->code, r->text);
        }
    }
}

/* The entry a transaction is about, made if need be; NULL without memory. */
static struct entry *keep_entry(struct ace *a, const struct transaction *t, size_t box)
{
    struct entry *e = ace_entry(a, t->number);
    if (e == NULL) {
        if (a->entry_count == a->entry_cap) {
            size_t cap = a->entry_cap != 0 ? 2 * a->entry_cap : 16;
            struct entry *more = realloc(a->entries, cap * sizeof *more);
            if (more == NULL) {
                return NULL;
            }
            a->entries = more;
            a->entry_cap = cap;
        }
        e = &a->entries[a->entry_count++];
        memset(e, 0, sizeof *e);
        str_copy(e->number, sizeof e->number, t->number);
    }
    e->box = box;
    e->received++;
    return e;
}

static void remember(struct entry *e, const struct transaction *t)
{
    memcpy(e->se10, t->l->at[t->first], sizeof e->se10);
    columns_get(e->port, t->b, 4, 7);
    columns_get(e->user_text, t->b, 60, 80);
    for (size_t i = t->first; i < t->end; i++) {
        if (strncmp(t->l->at[i], "SE15", 4) == 0) {
            memcpy(e->se15, t->l->at[i], sizeof e->se15);
            break;
        }
    }
}

/* The last record of the answer, and what becomes of the entry. */
static void conclude(struct sandbox *s, struct transaction *t, struct entry *e, struct buf *out)
{
    if (t->conditions > 0) {
        se90(out, "01", "", "TRANSACTION REJECTED");
        return;
    }
    if (t->action != 'D') {
        remember(e, t);
    }
    if (s->faults.review) {
        e->status = ENTRY_REVIEW;
        se90(out, "04", "", "REFERRED FOR REVIEW");
        return;
    }
    e->status = t->action == 'D' ? ENTRY_CANCELLED : ENTRY_ACCEPTED;
    se90(out, "02", "", "TRANSACTION ACCEPTED");
}

static void answer_transaction(struct sandbox *s, struct transaction *t, size_t box, struct buf *out)
{
    const char *se10 = t->l->at[t->first];
    char filer[4], number[9];
    columns_get(filer, se10, 6, 8);
    columns_get(number, se10, 11, 18);
    snprintf(t->number, sizeof t->number, "%s%s", filer, number);
    t->action = se10[4];
    record_end(out, se10);
    judge_header(s, t, out);
    judge_rules(s, t, out);
    for (size_t i = t->first + 1; i < t->end; i++) {
        if (strncmp(t->l->at[i], "SE15", 4) == 0) {
            record_end(out, t->l->at[i]);
        }
    }
    struct entry *e = keep_entry(&s->ace, t, box);
    if (e != NULL) {
        conclude(s, t, e, out);
    }
}

/* A or Z of an answer; `like` is the one received. */
static void put_batch_record(struct buf *out, const char *like, const char *app)
{
    char line[81];
    memcpy(line, like, sizeof line);
    memset(line + 8, ' ', 6);
    if (line[0] == 'A') {
        record_put(line, 26, 27, app);
    }
    record_end(out, line);
}

/* B or Y; `count` < 0 for B. */
static void put_block_record(struct buf *out, const char *b, const char *app, int count)
{
    char line[81], text[16];
    memcpy(line, b, sizeof line);
    record_put(line, 11, 12, app);
    if (count >= 0) {
        record_begin(line, "Y");
        memcpy(line + 3, b + 3, 7);
        memcpy(line + 44, b + 44, 2);
        record_put(line, 11, 12, app);
        snprintf(text, sizeof text, "%05d", count % 100000);
        record_put(line, 13, 17, text);
    }
    record_end(out, line);
}

static size_t answer_block(struct sandbox *s, const struct lines *l, size_t i, size_t box, struct buf *out)
{
    const char *b = l->at[i++];
    size_t before = out->len + 81;
    put_block_record(out, b, "SX", -1);
    while (l->at[i][0] != 'Y') {
        struct transaction t = {.l = l, .first = i, .b = b};
        for (i++; l->at[i][0] != 'Y' && strncmp(l->at[i], "SE10", 4) != 0; i++) {
        }
        t.end = i;
        answer_transaction(s, &t, box, out);
    }
    put_block_record(out, b, "SX", (int)((out->len - before) / 81));
    return i + 1;
}

/* Tells by SO what became of the entries that this batch changed for good. */
static void notify_all(struct sandbox *s, struct gln_context *ctx, const struct lines *l, size_t first,
                       size_t end)
{
    for (size_t i = first; i < end; i++) {
        char number[12], filer[4];
        if (strncmp(l->at[i], "SE10", 4) != 0) {
            continue;
        }
        columns_get(filer, l->at[i], 6, 8);
        columns_get(number, l->at[i], 11, 18);
        char whole[16];
        snprintf(whole, sizeof whole, "%s%s", filer, number);
        struct entry *e = ace_entry(&s->ace, whole);
        if (e != NULL && e->status == ENTRY_CANCELLED && l->at[i][4] == 'D') {
            release_notify(s, ctx, e, "23");
        } else if (e != NULL && e->status == ENTRY_ACCEPTED && !e->released && !s->faults.hold_release) {
            release_notify(s, ctx, e, "98");
        }
    }
}

void release_answer(struct sandbox *s, struct gln_context *ctx, const struct lines *l, size_t first,
                    size_t end, size_t box)
{
    struct buf out = BUF_INIT;
    put_batch_record(&out, l->at[first], "SX");
    size_t i = first + 1;
    while (l->at[i][0] == 'B') {
        i = answer_block(s, l, i, box, &out);
    }
    put_batch_record(&out, l->at[i], "SX");
    ace_deliver(s, box, &out);
    notify_all(s, ctx, l, first, end);
}
