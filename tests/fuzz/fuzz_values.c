/*
 * Decimals and JSON from strangers: whatever is read must write out as something that reads as the same value.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/decimal.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_decimal(const char *text)
{
    struct decimal value;
    struct decimal again;
    struct decimal rounded;
    char written[64];

    if (!decimal_parse(&value, text))
        return;
    if (!decimal_text(written, sizeof written, value) || !decimal_parse(&again, written) ||
        decimal_cmp(value, again) != 0)
        abort();
    if (decimal_round(&rounded, value, value.scale) && decimal_cmp(value, rounded) != 0)
        abort();
    if (decimal_sub(&rounded, value, value) && rounded.digits != 0)
        abort();
}

static void try_json(const char *text, size_t size)
{
    char error[200];
    struct json_in *value = json_in_parse(text, size, error, sizeof error);
    const char *string = json_in_str(json_in_get(value, "a"));
    struct buf written = BUF_INIT;
    struct json_out out;

    if (string != NULL) {
        struct json_in *again;

        json_begin(&out, &written);
        json_open_object(&out, NULL);
        json_str(&out, "a", string);
        json_end_object(&out);
        again = json_in_parse(written.data, written.len, error, sizeof error);
        if (again == NULL || strcmp(json_in_str(json_in_get(again, "a")), string) != 0)
            abort();
        json_in_free(again);
    }
    buf_free(&written);
    json_in_free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    try_decimal(text);
    try_json(text, size);
    free(text);
    return 0;
}
