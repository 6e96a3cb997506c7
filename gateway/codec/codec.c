/*
 * The table of codecs, and what outbound bytes come with: slots of secrets and the map to the sender's places.
 *
 * Owns the rows' strings: a map may outlive the layout and the trees it was made from. A row that cannot be copied is not
 * added, and the caller says that memory ran out.
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

bool source_map_add(struct source_map *m, const struct source_row *row)
{
    struct source_row *r;

    if (m->count == m->cap) {
        size_t cap = m->cap != 0 ? m->cap * 2 : 64;
        struct source_row *grown = realloc(m->items, cap * sizeof *grown);

        if (grown == NULL)
            return false;
        m->items = grown;
        m->cap = cap;
    }
    r = &m->items[m->count];
    *r = *row;
    r->name = str_dup(row->name);
    r->title = str_dup(row->title);
    r->src = str_dup(row->src);
    if ((row->name != NULL && r->name == NULL) || (row->title != NULL && r->title == NULL) ||
        (row->src != NULL && r->src == NULL)) {
        free(r->name);
        free(r->title);
        free(r->src);
        return false;
    }
    m->count++;
    return true;
}

void source_map_free(struct source_map *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->count; i++) {
        free(m->items[i].name);
        free(m->items[i].title);
        free(m->items[i].src);
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
