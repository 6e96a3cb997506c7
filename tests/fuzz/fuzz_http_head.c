/*
 * Heads of HTTP requests from strangers. What is taken has a method, a target and fields that lie inside the text, and a
 * length only one way; what is refused is refused with a status of the contract.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const char *text, size_t size, const char *part)
{
    if (part == NULL || part < text || part + strlen(part) > text + size)
        abort();
}

static void judge(const struct http_head *head, const char *text, size_t size)
{
    inside(text, size, head->method);
    inside(text, size, head->target);
    if (head->method[0] == '\0' || head->target[0] == '\0' || head->count > HTTP_FIELDS_MAX)
        abort();
    for (size_t i = 0; i < head->count; i++) {
        inside(text, size, head->fields[i].name);
        inside(text, size, head->fields[i].value);
        if (strpbrk(head->fields[i].value, "\r\n") != NULL || strpbrk(head->fields[i].name, "\r\n :") != NULL)
            abort();
    }
    if (head->chunked && head->has_length)
        abort();
    if (!head->has_length && head->length != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {400, 415, 417, 431, 501, 505};
    struct http_head head;
    char *text = malloc(size + 1);
    int status;

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    status = http_head_parse(&head, text, size);
    if (status == 0) {
        judge(&head, text, size);
    } else {
        size_t i = 0;

        while (i < sizeof statuses / sizeof statuses[0] && statuses[i] != status)
            i++;
        if (i == sizeof statuses / sizeof statuses[0])
            abort();
    }
    free(text);
    return 0;
}
