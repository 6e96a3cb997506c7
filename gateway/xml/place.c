/*
 * Places (xml/place.h): from a byte offset to line and column.
 *
 * Most declarations are read without anybody asking for a place, so reading keeps offsets only. The first question walks the
 * text once and leaves a mark about every 4096 bytes; each question then starts at the nearest mark, also in a document of one
 * line of 60 MiB. Columns count characters. Lines end with a line feed; a carriage return before it belongs to the line.
 * Running out of memory for the marks costs speed only: the walk then starts at the beginning.
 */
#include "xml/place.h"

#include <stdlib.h>
#include <string.h>

enum { STRETCH = 4096 };

void places_free(struct places *p)
{
    free(p->text);
    free(p->rows);
    free(p->marks);
    free(p->given);
    memset(p, 0, sizeof *p);
}

static bool grow(struct places *p, bool given)
{
    size_t cap = p->cap == 0 ? 128 : p->cap * 2;
    struct place_row *rows = realloc(p->rows, cap * sizeof *rows);
    if (rows == NULL)
        return false;
    p->rows = rows;
    if (given) {
        struct place *places = realloc(p->given, cap * sizeof *places);
        if (places == NULL)
            return false;
        p->given = places;
    }
    p->cap = cap;
    return true;
}

bool places_add(struct places *p, size_t offset, void *node, size_t *number)
{
    if (p->count == p->cap && !grow(p, false))
        return false;
    *number = p->count;
    p->rows[p->count++] = (struct place_row){offset, node};
    return true;
}

bool places_give(struct places *p, struct place place, void *node, size_t *number)
{
    if (p->text != NULL || (p->count == p->cap && !grow(p, true)))
        return false;
    *number = p->count;
    p->given[p->count] = place;
    p->rows[p->count++] = (struct place_row){place.offset, node};
    return true;
}

/** Bytes the character starting with `c` took at the sender. */
static size_t original_size(enum text_encoding encoding, unsigned char c)
{
    size_t here = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (encoding == TEXT_LATIN1)
        return 1;
    if (encoding == TEXT_UTF16)
        return here == 4 ? 4 : 2;
    return here;
}

/** Moves `m` to the first character that starts at `offset` or later. */
static void walk(const struct places *p, struct place_mark *m, size_t offset)
{
    const unsigned char *text = (const unsigned char *)p->text;
    while (m->offset < offset && m->offset < p->len) {
        unsigned char c = text[m->offset];
        m->original += original_size(p->encoding, c);
        m->offset += c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        if (c == '\n') {
            m->line++;
            m->column = 1;
        } else {
            m->column++;
        }
    }
}

static struct place_mark beginning(const struct places *p)
{
    return (struct place_mark){0, p->skipped, 1, 1};
}

void places_settle(struct places *p)
{
    if (p->text == NULL || p->marks != NULL)
        return;
    size_t count = p->len / STRETCH + 1;
    p->marks = malloc(count * sizeof *p->marks);
    if (p->marks == NULL)
        return;
    struct place_mark m = beginning(p);
    for (size_t i = 0; i < count; i++) {
        walk(p, &m, i * STRETCH);
        p->marks[i] = m;
    }
    p->mark_count = count;
}

struct place places_at(const struct places *p, size_t offset)
{
    if (p->text == NULL)
        return PLACE_NONE;
    if (offset > p->len)
        offset = p->len;
    if (p->marks == NULL && p->len > STRETCH)
        places_settle((struct places *)(uintptr_t)p);
    struct place_mark m = p->marks != NULL ? p->marks[offset / STRETCH] : beginning(p);
    if (m.offset > offset) /* inside a character: its own place */
        return (struct place){true, m.original, m.line, m.column};
    walk(p, &m, offset);
    return (struct place){true, m.original, m.line, m.column};
}

struct place places_row(const struct places *p, size_t number)
{
    if (number >= p->count)
        return PLACE_NONE;
    return p->given != NULL ? p->given[number] : places_at(p, p->rows[number].offset);
}
