/*
 * The context (core/context.h): options, clock, log, the last error in both languages, and the rooms' scratch.
 * Borrows options, clock and log from the engine; owns error and slots.
 * Nothing here is fatal: without memory for a text the status' own text stands in its place.
 */
#include "core/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "util/str.h"

void context_init(struct gln_context *ctx, const struct options *options)
{
    memset(ctx, 0, sizeof *ctx);
    ctx->options = options;
}

void context_ok(struct gln_context *ctx)
{
    for (int i = 0; i < LANG_COUNT; i++) {
        free(ctx->error.text[i]);
        ctx->error.text[i] = NULL;
    }
    free(ctx->error.reason);
    ctx->error.reason = NULL;
    ctx->error.status = GLN_OK;
    ctx->error.place = PLACE_NONE;
}

void context_clear(struct gln_context *ctx)
{
    context_ok(ctx);
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (ctx->slot[i].free != NULL)
            ctx->slot[i].free(ctx->slot[i].p);
        ctx->slot[i].p = NULL;
        ctx->slot[i].free = NULL;
    }
    zones_kept_free(&ctx->zones);
}

static char *render(struct place place, enum message_id id, int language, const char *const *args, size_t n)
{
    struct buf b = BUF_INIT;
    if (place.known)
        buf_printf(&b, "%u:%u: ", (unsigned)place.line, (unsigned)place.column);
    message_put(&b, id, language, args, n);
    return buf_take(&b, NULL);
}

int context_fail_args(struct gln_context *ctx, int status, struct place place, enum message_id id,
                      const char *const *args, size_t n)
{
    /* Rendered before the old error goes: an argument may be the old text. */
    char *text[LANG_COUNT], *reason = reason_text(id, args, n);
    for (int i = 0; i < LANG_COUNT; i++)
        text[i] = render(place, id, i, args, n);
    context_ok(ctx);
    ctx->error.status = status;
    ctx->error.place = place;
    ctx->error.reason = reason;
    for (int i = 0; i < LANG_COUNT; i++)
        ctx->error.text[i] = text[i];
    return status;
}

int context_no_memory(struct gln_context *ctx)
{
    return context_fail(ctx, GLN_E_MEMORY, MSG_MEMORY);
}

const char *context_text(const struct gln_context *ctx, int language)
{
    if (ctx == NULL || ctx->error.status == GLN_OK || (unsigned)language >= LANG_COUNT)
        return "";
    return ctx->error.text[language] != NULL ? ctx->error.text[language] : gln_status_text(ctx->error.status);
}
