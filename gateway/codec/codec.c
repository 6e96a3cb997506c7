/*
 * The table of codecs, and what outbound bytes come with: slots of secrets and the map to the sender's places.
 *
 * Owns the rows' strings, each row's in one block that begins with its name: a map may outlive the layout and the trees it was
 * made from. A row that cannot be copied is not added, and the caller says that memory ran out.
 */
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

#include "codec/layout.h"
#include "codec/tree.h"
#include "util/str.h"

static const struct codec codecs[] = {
    {"fixed", fixed_encode, fixed_decode, fixed_check},
    {"xml", tree_encode, tree_decode, NULL},
};

const struct codec *codec_find(const char *name)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        if (str_eq(codecs[i].name, name))
            return &codecs[i];
    }
    return NULL;
}

/* Copies `text` to *at and moves on; NULL stays NULL. */
static char *put(char **at, const char *text, size_t length)
{
    char *copy = *at;

    if (text == NULL)
        return NULL;
    memcpy(copy, text, length + 1);
    *at += length + 1;
    return copy;
}

bool source_map_add(struct source_map *m, const struct source_row *row)
{
    size_t name = strlen(row->name);
    size_t title = row->title != NULL ? strlen(row->title) : 0;
    size_t src = row->src != NULL ? strlen(row->src) : 0;
    struct source_row *r;
    char *at;

    if (m->count == m->cap) {
        size_t cap = m->cap != 0 ? m->cap * 2 : 64;
        struct source_row *grown = realloc(m->items, cap * sizeof *grown);

        if (grown == NULL)
            return false;
        m->items = grown;
        m->cap = cap;
    }
    at = malloc(name + title + src + 3);
    if (at == NULL)
        return false;
    r = &m->items[m->count++];
    *r = *row;
    r->name = put(&at, row->name, name);
    r->title = put(&at, row->title, title);
    r->src = put(&at, row->src, src);
    return true;
}

void source_map_free(struct source_map *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->count; i++) {
        free(m->items[i].name);
    }
    free(m->items);
    memset(m, 0, sizeof *m);
}

void outbound_free(struct outbound *o)
{
    if (o == NULL)
        return;
    buf_free(&o->bytes);
    secret_slots_free(&o->slots);
    source_map_free(&o->map);
}
