/*
 * JSON (util/json.h). The writer appends straight to the buffer and keeps the commas right; strings are escaped, and bytes
 * that are not UTF-8 come out as U+FFFD so that the document stays JSON whatever is put in. Reading is jansson's.
 * Owns nothing but the value json_in_parse() returns. Duplicate keys are refused, for two readers could differ on them.
 */
#include "util/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "util/str.h"

/* Stands in a string as it is. */
static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void put_escaped(struct buf *b, unsigned char c)
{
    if (c == '"' || c == '\\')
        buf_printf(b, "\\%c", c);
    else if (c == '\n')
        buf_puts(b, "\\n");
    else
        buf_printf(b, "\\u%04x", c);
}

static void put_string(struct buf *b, const char *s, size_t len)
{
    const char *end = s + len;
    buf_putc(b, '"');
    while (s < end) {
        const char *run = s;
        while (s < end && plain((unsigned char)*s))
            s++;
        buf_put(b, run, (size_t)(s - run));
        if (s == end)
            break;
        if ((unsigned char)*s >= 0x80)
            utf8_put(b, utf8_next(&s, end));
        else
            put_escaped(b, (unsigned char)*s++);
    }
    buf_putc(b, '"');
}

static void member(struct json_out *j, const char *key)
{
    if (j->comma)
        buf_putc(j->buf, ',');
    j->comma = true;
    if (key != NULL) {
        put_string(j->buf, key, strlen(key));
        buf_putc(j->buf, ':');
    }
}

static void open_with(struct json_out *j, const char *key, char c)
{
    member(j, key);
    buf_putc(j->buf, c);
    j->depth++;
    j->comma = false;
}

static void close_with(struct json_out *j, char c)
{
    buf_putc(j->buf, c);
    j->depth--;
    j->comma = true;
}

void json_begin(struct json_out *j, struct buf *buf)
{
    *j = (struct json_out){.buf = buf};
}

void json_open_object(struct json_out *j, const char *key)
{
    open_with(j, key, '{');
}

void json_open_array(struct json_out *j, const char *key)
{
    open_with(j, key, '[');
}

void json_end_object(struct json_out *j)
{
    close_with(j, '}');
}

void json_end_array(struct json_out *j)
{
    close_with(j, ']');
}

void json_str(struct json_out *j, const char *key, const char *value)
{
    json_strn(j, key, value, value == NULL ? 0 : strlen(value));
}

void json_strn(struct json_out *j, const char *key, const char *value, size_t len)
{
    member(j, key);
    if (value == NULL)
        buf_puts(j->buf, "null");
    else
        put_string(j->buf, value, len);
}

void json_int(struct json_out *j, const char *key, int64_t value)
{
    member(j, key);
    buf_printf(j->buf, "%" PRId64, value);
}

void json_bool(struct json_out *j, const char *key, bool value)
{
    member(j, key);
    buf_puts(j->buf, value ? "true" : "false");
}

void json_raw(struct json_out *j, const char *key, const char *value, size_t len)
{
    member(j, key);
    buf_put(j->buf, value, len);
}

/* jansson's values behind our own name: struct json_in is never defined, only pointed to. */
static const json_t *in(const struct json_in *v)
{
    return (const json_t *)(const void *)v;
}

static const struct json_in *out(const json_t *v)
{
    return (const struct json_in *)(const void *)v;
}

struct json_in *json_in_parse(const char *data, size_t len, char *err, size_t err_size)
{
    json_error_t e;
    json_t *v = json_loadb(data, len, JSON_REJECT_DUPLICATES, &e);
    if (v == NULL && err != NULL)
        snprintf(err, err_size, "%d:%d: %s", e.line, e.column, e.text);
    return (struct json_in *)(void *)v;
}

void json_in_free(struct json_in *v)
{
    json_decref((json_t *)(void *)v);
}

const struct json_in *json_in_get(const struct json_in *object, const char *key)
{
    return out(json_object_get(in(object), key));
}

const struct json_in *json_in_at(const struct json_in *array, size_t i)
{
    return out(json_array_get(in(array), i));
}

size_t json_in_len(const struct json_in *array)
{
    return json_array_size(in(array));
}

const char *json_in_str(const struct json_in *v)
{
    return json_string_value(in(v));
}

bool json_in_int(const struct json_in *v, int64_t *value)
{
    if (!json_is_integer(in(v)))
        return false;
    *value = json_integer_value(in(v));
    return true;
}

bool json_in_true(const struct json_in *v)
{
    return json_is_true(in(v)) || (json_is_integer(in(v)) && json_integer_value(in(v)) != 0);
}

bool json_in_null(const struct json_in *v)
{
    return v == NULL || json_is_null(in(v));
}

bool json_in_is_object(const struct json_in *v)
{
    return json_is_object(in(v));
}

bool json_in_is_array(const struct json_in *v)
{
    return json_is_array(in(v));
}

int json_in_each(const struct json_in *object,
                 int (*visit)(void *arg, const char *key, const struct json_in *value), void *arg)
{
    /* jansson's iterators take a value that may be changed; this one is not */
    json_t *o = (json_t *)(uintptr_t)object;
    int result = 0;
    for (void *at = json_object_iter(o); result == 0 && at != NULL; at = json_object_iter_next(o, at))
        result = visit(arg, json_object_iter_key(at), out(json_object_iter_value(at)));
    return result;
}
