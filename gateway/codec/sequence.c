/*
 * The order of records and the limits of loops. A structure is a tree of items; the machine keeps the open groups as a
 * stack of frames, each with the item it has reached and how often each item was met in this round. A record is looked
 * for from the innermost group outwards, never backwards: what is skipped on the way must not be mandatory. Since an item is
 * told by the first record it begins with, no look-ahead is needed.
 */
#include "codec/layout.h"

#include <string.h>

/* Whether `item` can begin with `record`. Leading items of a group that may be absent are looked through. */
static bool begins_with(const struct layout_item *item, const char *record)
{
    if (item->kind == ITEM_RECORD)
        return strcmp(item->name, record) == 0;
    if (item->kind == ITEM_ANY)
        return words_have(item->refs, record, strlen(record));
    for (size_t i = 0; i < item->count; i++) {
        if (begins_with(&item->children[i], record))
            return true;
        if (item->children[i].least > 0)
            return false;
    }
    return false;
}

/* Whether `record` may stand anywhere in `item`. */
static bool holds(const struct layout_item *item, const char *record)
{
    for (size_t i = 0; i < item->count; i++) {
        if (holds(&item->children[i], record))
            return true;
    }
    return item->kind != ITEM_GROUP && begins_with(item, record);
}

static const char *first_name(const struct layout_item *item)
{
    while (item->kind == ITEM_GROUP && item->count > 0)
        item = &item->children[0];
    return item->name != NULL ? item->name : "?";
}

/* The name of a mandatory item that was not met enough, from item `from` up to but without `to`. */
static const char *unmet(const struct sequence_frame *f, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (f->counts[i] < f->group->children[i].least)
            return first_name(&f->group->children[i]);
    }
    return NULL;
}

static void frame_open(struct sequence *s, const struct layout_item *group)
{
    struct sequence_frame *f = &s->frames[s->depth++];

    memset(f, 0, sizeof *f);
    f->group = group;
}

void sequence_start(struct sequence *s, const struct layout_structure *structure)
{
    s->structure = structure;
    s->depth = 0;
    s->opened_from = 0;
    s->missing = NULL;
    frame_open(s, &structure->root);
}

/* Enters the item: counts it, and opens the groups down to the record itself. */
static void enter(struct sequence *s, size_t item, const char *record)
{
    for (;;) {
        struct sequence_frame *f = &s->frames[s->depth - 1];
        const struct layout_item *it = &f->group->children[item];

        f->at = item;
        f->counts[item]++;
        if (it->kind != ITEM_GROUP)
            return;
        frame_open(s, it);
        for (item = 0; !begins_with(&it->children[item], record); item++)
            ;
    }
}

/* A record that fits nowhere: because the one its group begins with was left out? */
static const char *left_out(const struct sequence *s, const char *record)
{
    const struct sequence_frame *f = &s->frames[s->depth - 1];

    for (size_t i = f->at; i < f->group->count; i++) {
        if (f->counts[i] < f->group->children[i].least)
            return holds(&f->group->children[i], record) ? first_name(&f->group->children[i]) : NULL;
    }
    return NULL;
}

enum sequence_result sequence_next(struct sequence *s, const char *record)
{
    enum sequence_result why = SEQUENCE_UNEXPECTED;
    const char *missing = NULL;

    for (size_t depth = s->depth; depth > 0; depth--) {
        struct sequence_frame *f = &s->frames[depth - 1];

        for (size_t i = f->at; i < f->group->count; i++) {
            const struct layout_item *it = &f->group->children[i];
            const char *gap;

            if (!begins_with(it, record))
                continue;
            if (f->counts[i] >= it->most) {
                why = SEQUENCE_TOO_MANY;
                continue;
            }
            gap = unmet(f, f->at, i);
            if (missing == NULL)
                missing = gap;
            if (missing != NULL) {
                s->missing = missing;
                return SEQUENCE_MISSING;
            }
            s->depth = depth;
            s->opened_from = depth;
            s->missing = NULL;
            enter(s, i, record);
            return SEQUENCE_OK;
        }
        if (missing == NULL)
            missing = unmet(f, f->at, f->group->count);
    }
    s->missing = why == SEQUENCE_UNEXPECTED ? left_out(s, record) : NULL;
    return s->missing != NULL ? SEQUENCE_MISSING : why;
}

enum sequence_result sequence_end(struct sequence *s)
{
    for (size_t depth = s->depth; depth > 0; depth--) {
        struct sequence_frame *f = &s->frames[depth - 1];

        s->missing = unmet(f, f->at, f->group->count);
        if (s->missing != NULL)
            return SEQUENCE_MISSING;
    }
    return SEQUENCE_OK;
}
