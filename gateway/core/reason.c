/*
 * Reasons (core/reason.h): the code of a message with its arguments, and back into words of either language.
 *
 * Names of messages are codes that stand in ledgers, so a REASON_ message keeps its name for good; its words may change. A code this
 * version does not know is shown as it is stored. Owns nothing; nothing here is fatal.
 */
#include "core/reason.h"

#include <string.h>

#include "util/str.h"

#define PREFIX "gln:"
#define OURS "reason-"
enum { ARGS_MAX = 9, WITHIN = '\x1f' };

static const char *const names[MSG_COUNT] = {
    [MSG_NONE] = "",
#define MSG(id, en, es) [MSG_##id] = #id,
#include "core/messages/all.def"
#undef MSG
};

static void name_code(char out[64], enum message_id id)
{
    size_t n = 0;

    for (const char *p = names[id]; *p != '\0' && n < 63; p++, n++)
        out[n] = *p == '_' ? '-' : (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    out[n] = '\0';
    if (str_starts(out, OURS))
        memmove(out, out + strlen(OURS), n + 1 - strlen(OURS));
}

static void put(struct buf *out, enum message_id id, const char *const *args, size_t n)
{
    char code[64];

    name_code(code, id);
    buf_printf(out, PREFIX "%s", code);
    while (n > 0 && (args[n - 1] == NULL || *args[n - 1] == '\0'))
        n--;
    for (size_t i = 0; i < n; i++) {
        buf_putc(out, '\t');
        /* a reason in a reason keeps its arguments, behind another sign */
        for (const char *p = args[i]; p != NULL && *p != '\0'; p++)
            buf_putc(out, *p != '\t' ? *p : str_starts(args[i], PREFIX) ? WITHIN : ' ');
    }
}

const char *reason_make(struct reason *r, enum message_id id, const char *const *args, size_t n)
{
    struct buf b = BUF_INIT;

    put(&b, id, args, n);
    str_copy(r->text, sizeof r->text, b.failed || b.data == NULL ? "" : b.data);
    buf_free(&b);
    return r->text;
}

char *reason_text(enum message_id id, const char *const *args, size_t n)
{
    struct buf b = BUF_INIT;

    put(&b, id, args, n);
    return buf_take(&b, NULL);
}

const char *reason_of_error(const struct gln_context *ctx)
{
    return ctx->error.reason != NULL ? ctx->error.reason : context_text(ctx, LANG_EN);
}

const char *reason_by_person(struct reason *r, const char *text)
{
    /* a blank before it, and it is text again */
    r->text[0] = ' ';
    str_copy(r->text + 1, sizeof r->text - 1, text);
    return str_starts(text, PREFIX) ? r->text : text;
}

const char *reason_code(char out[64], const char *stored)
{
    size_t n = 0;

    if (stored != NULL && str_starts(stored, PREFIX))
        n = strcspn(stored + strlen(PREFIX), "\t");
    if (n > 63)
        n = 0;
    if (n > 0)
        memcpy(out, stored + strlen(PREFIX), n);
    out[n] = '\0';
    return out;
}

static enum message_id find(const char *code)
{
    char name[64];
    int i = MSG_COUNT - 1;

    for (; i > MSG_NONE; i--) {
        name_code(name, (enum message_id)i);
        if (str_eq(name, code))
            break;
    }
    return (enum message_id)i;
}

/* Cuts `text` at its tabs; the message it names, MSG_NONE: it names none and is as it was. */
static enum message_id cut(char *text, const char **args, size_t *n)
{
    char code[64];
    enum message_id id = *reason_code(code, text) != '\0' ? find(code) : MSG_NONE;

    *n = 0;
    for (char *p = id == MSG_NONE ? NULL : strchr(text, '\t'); p != NULL && *n < ARGS_MAX;
         p = strchr(p, '\t')) {
        *p++ = '\0';
        args[(*n)++] = p;
    }
    return id;
}

/* An argument that is a reason itself, in words; as it is when it is none. */
static void show_within(struct buf *out, const char *stored, int language)
{
    char copy[512];
    const char *args[ARGS_MAX] = {NULL};
    size_t n;
    enum message_id id;

    str_copy(copy, sizeof copy, stored);
    for (char *p = copy; *p != '\0'; p++)
        if (*p == WITHIN)
            *p = '\t';
    id = cut(copy, args, &n);
    if (id == MSG_NONE)
        buf_puts(out, stored);
    else
        message_put(out, id, language, args, n);
}

void reason_show(struct buf *out, const char *stored, int language)
{
    char copy[512];
    const char *args[ARGS_MAX] = {NULL};
    struct buf words[ARGS_MAX] = {{0}};
    enum message_id id;
    size_t n;

    str_copy(copy, sizeof copy, stored);
    id = cut(copy, args, &n);
    if (id == MSG_NONE) {
        buf_puts(out, stored);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (str_starts(args[i], PREFIX)) {
            show_within(&words[i], args[i], language);
            args[i] = words[i].data != NULL ? words[i].data : args[i];
        }
    message_put(out, id, language, args, n);
    for (size_t i = 0; i < n; i++)
        buf_free(&words[i]);
}

enum message_id reason_customs(const char *outcome)
{
    static const struct {
        const char *outcome;
        enum message_id id;
    } rows[] = {
        {"accepted", MSG_REASON_CUSTOMS_ACCEPTED},
        {"accepted-with-warning", MSG_REASON_CUSTOMS_ACCEPTED_WITH_WARNING},
        {"rejected", MSG_REASON_CUSTOMS_REJECTED},
        {"pending", MSG_REASON_CUSTOMS_PENDING},
        {"not-processed", MSG_REASON_CUSTOMS_NOT_PROCESSED},
        {"received", MSG_REASON_CUSTOMS_RECEIVED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (str_eq(rows[i].outcome, outcome))
            return rows[i].id;
    return MSG_REASON_CUSTOMS_INFO;
}
