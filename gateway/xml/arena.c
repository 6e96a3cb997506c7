/*
 * A bump allocator (xml/arena.h): blocks in a list, each at least BLOCK bytes, the newest first.
 *
 * Nothing is freed by itself. A cleared arena keeps the first block it took, so that short runs in a row take no memory at
 * all. What a hostile document can make grow has a limit. Not for many threads at once.
 */
#include "xml/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16384, ALIGN = 16 };

struct arena_block {
    struct arena_block *next; /* the one before */
    size_t size;
    _Alignas(ALIGN) unsigned char bytes[];
};

static struct arena_block *grow(struct arena *a, size_t size)
{
    size_t room = size > BLOCK ? size : BLOCK;
    struct arena_block *b = NULL;
    if (a->most == 0 || room <= a->most - a->held)
        b = malloc(sizeof *b + room);
    if (b == NULL)
        return NULL;
    a->held += room;
    b->next = a->first;
    b->size = room;
    a->first = b;
    a->used = 0;
    return b;
}

void *arena_take(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct arena_block *b = a->first;
    if (b == NULL || b->size - a->used < size)
        b = grow(a, size);
    if (b == NULL)
        return NULL;
    void *p = b->bytes + a->used;
    a->used += size;
    return memset(p, 0, size);
}

char *arena_text(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_take(a, len + 1);
    if (copy != NULL)
        memcpy(copy, text, len);
    return copy;
}

void arena_clear(struct arena *a)
{
    while (a->first != NULL && a->first->next != NULL) {
        struct arena_block *b = a->first;
        a->first = b->next;
        a->held -= b->size;
        free(b);
    }
    a->used = 0;
}

void arena_free(struct arena *a)
{
    arena_clear(a);
    free(a->first);
    a->first = NULL;
    a->held = 0;
}
