/*
 * The string parameters every stylesheet of a bundle gets (route/route.h lists them), and the small text forms in which
 * slots and source maps lie in the ledger.
 *
 * Text forms, one row a line, fields separated by a tab, empty where there is nothing; names hold no tab and no line end:
 *   slots   offset  length  fixed(0|1)  name
 *   map     offset  length  record  from  to  name  title  src
 */
#include "flow/flow.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

void params_init(struct params *p)
{
    memset(p, 0, sizeof *p);
}

void params_free(struct params *p)
{
    for (size_t i = 0; i < p->owned_count; i++)
        free(p->owned[i]);
    params_init(p);
}

/** Takes `text`; NULL (no memory) marks the whole set as failed. */
static const char *own(struct params *p, char *text)
{
    if (text == NULL || p->owned_count == sizeof p->owned / sizeof p->owned[0]) {
        free(text);
        p->failed = true;
        return "";
    }
    p->owned[p->owned_count++] = text;
    return text;
}

static void put_owned(struct params *p, const char *name, const char *value)
{
    if (p->count + 3 > sizeof p->items / sizeof p->items[0]) {
        p->failed = true;
        return;
    }
    p->items[p->count++] = name;
    p->items[p->count++] = value;
    p->items[p->count] = NULL;
}

void params_put(struct params *p, const char *name, const char *value)
{
    put_owned(p, name, value == NULL || *value == '\0' ? "" : own(p, str_dup(value)));
}

static bool seen_before(const struct identity *id, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (str_eq(id->settings[j].name, id->settings[i].name))
            return true;
    return false;
}

void params_identity(struct params *p, const struct identity *id)
{
    params_put(p, "principal", id->principal);
    params_put(p, "role", id->role);
    for (size_t i = 0; i < id->setting_count; i++) {
        struct buf name = BUF_INIT;
        struct buf value = BUF_INIT;

        if (seen_before(id, i))
            continue;
        buf_printf(&name, "identity-%s", id->settings[i].name);
        for (size_t j = i; j < id->setting_count; j++)
            if (str_eq(id->settings[j].name, id->settings[i].name)) {
                if (value.len > 0)
                    buf_putc(&value, ' ');
                buf_puts(&value, id->settings[j].value);
            }
        put_owned(p, own(p, buf_take(&name, NULL)), value.len > 0 ? own(p, buf_take(&value, NULL)) : "");
        buf_free(&value);
    }
}

void params_now(struct params *p, struct gln_context *ctx, const char *zone)
{
    int64_t now = clock_wall_ms(ctx->clock);
    struct civil c = {0};
    char text[25];
    struct buf date = BUF_INIT;

    time_format(text, now);
    params_put(p, "now", text);
    if (!time_civil_kept(&c, now, zone, &ctx->zones))
        (void)time_civil(&c, now, "UTC");
    buf_printf(&date, "%04d%02d%02d", c.year, c.month, c.day);
    put_owned(p, "date", own(p, buf_take(&date, NULL)));
    buf_printf(&date, "%02d%02d%02d", c.hour, c.minute, c.second);
    put_owned(p, "time", own(p, buf_take(&date, NULL)));
}

void slots_put(struct buf *out, const struct secret_slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        const struct secret_slot *s = &slots->items[i];

        buf_printf(out, "%zu\t%zu\t%d\t%s\n", s->offset, s->length, s->fixed ? 1 : 0, s->name);
    }
}

void map_put(struct buf *out, const struct source_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct source_row *r = &map->items[i];

        buf_printf(out, "%zu\t%zu\t%u\t%u\t%u\t%s\t%s\t%s\n", r->offset, r->length, (unsigned)r->record,
                   (unsigned)r->from, (unsigned)r->to, r->name != NULL ? r->name : "",
                   r->title != NULL ? r->title : "", r->src != NULL ? r->src : "");
    }
}

/** The next tab- or line-separated field of a row, not terminated; *end is set behind its separator. */
struct field {
    const char *text;
    size_t len;
};
static struct field field_next(const char **at, const char *end)
{
    struct field f = {*at, 0};

    while (*at < end && **at != '\t' && **at != '\n')
        ++*at;
    f.len = (size_t)(*at - f.text);
    if (*at < end)
        ++*at;
    return f;
}

static size_t field_number(struct field f)
{
    size_t n = 0;

    for (size_t i = 0; i < f.len && f.text[i] >= '0' && f.text[i] <= '9'; i++)
        n = n * 10 + (size_t)(f.text[i] - '0');
    return n;
}

int slots_get(struct secret_slots *out, struct gln_context *ctx, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        size_t offset = field_number(field_next(&text, end));
        size_t length = field_number(field_next(&text, end));
        bool fixed = field_number(field_next(&text, end)) != 0;
        struct field f = field_next(&text, end);
        char name[32] = "";

        memcpy(name, f.text, f.len < sizeof name ? f.len : sizeof name - 1);
        if (secret_slots_add(out, offset, length, name, fixed) != GLN_OK)
            return context_no_memory(ctx);
    }
    return GLN_OK;
}

static char *field_dup(struct field f, bool *failed)
{
    char *s;

    if (f.len == 0)
        return NULL;
    s = str_ndup(f.text, f.len);
    *failed = *failed || s == NULL;
    return s;
}

int map_get(struct source_map *out, struct gln_context *ctx, const char *text, size_t len)
{
    const char *end = text + len;
    bool failed = false;

    while (text < end && !failed) {
        struct source_row r = {0};
        char *name;

        r.offset = field_number(field_next(&text, end));
        r.length = field_number(field_next(&text, end));
        r.record = (uint32_t)field_number(field_next(&text, end));
        r.from = (uint16_t)field_number(field_next(&text, end));
        r.to = (uint16_t)field_number(field_next(&text, end));
        r.name = name = field_dup(field_next(&text, end), &failed);
        r.title = field_dup(field_next(&text, end), &failed);
        r.src = field_dup(field_next(&text, end), &failed);
        if (r.name == NULL)
            r.name = (char[1]){""};
        failed = failed || !source_map_add(out, &r);
        free(name);
        free(r.title);
        free(r.src);
    }
    return failed ? context_no_memory(ctx) : GLN_OK;
}
