/*
 * Receive: the sender's bytes become a declaration in memory, and the caller's wish (where it goes) is looked up.
 *
 * The destination is what the caller declares. It is never guessed from the content: a declaration for the wrong country
 * would be found out by the other side only.
 */
#include "flow/flow.h"

#include <stdlib.h>
#include <string.h>

#include "util/str.h"

int flow_receive(struct gln_declaration **out, struct gln_context *ctx, const void *data, size_t len)
{
    struct gln_declaration *d = calloc(1, sizeof *d);

    *out = NULL;
    if (d == NULL)
        return context_no_memory(ctx);
    d->ctx = ctx;
    d->phase = DECL_RECEIVED;
    d->format = "";
    d->probe.principal = "";
    d->refusal = REFUSAL_COUNT;
    buf_put(&d->original, data, len);
    if (d->original.failed) {
        gln_declaration_free(d);
        return context_no_memory(ctx);
    }
    *out = d;
    return GLN_OK;
}

static int no_destination(struct gln_context *ctx, const char *name)
{
    const struct route_table *t = ctx->engine->routes;
    struct buf known = BUF_INIT;
    int status;

    for (size_t i = 0; i < route_count(t); i++)
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", route_at(t, i)->name);
    status =
        context_fail(ctx, GLN_E_ARGUMENT, MSG_FLOW_DESTINATION, name, known.data != NULL ? known.data : "-");
    buf_free(&known);
    return status;
}

static int no_message(struct gln_context *ctx, const struct route_destination *dest, const char *name)
{
    struct buf known = BUF_INIT;
    int status;

    for (size_t i = 0; i < dest->message_count; i++)
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", dest->messages[i].name);
    status = context_fail(ctx, GLN_E_ARGUMENT, MSG_FLOW_MESSAGE, dest->name, name,
                          known.data != NULL ? known.data : "-");
    buf_free(&known);
    return status;
}

int flow_destination(const struct route_destination **destination, const struct route_message **message,
                     struct gln_context *ctx, const char *to)
{
    const char *slash = strchr(to, '/');
    char *name = str_ndup(to, slash != NULL ? (size_t)(slash - to) : strlen(to));

    *message = NULL;
    if (name == NULL)
        return context_no_memory(ctx);
    *destination = route_find(ctx->engine->routes, name);
    free(name);
    if (*destination == NULL)
        return no_destination(ctx, to);
    *message = slash != NULL ? route_message(*destination, slash + 1) : NULL;
    return slash != NULL && *message == NULL ? no_message(ctx, *destination, slash + 1) : GLN_OK;
}

int flow_wish(struct gln_declaration *d, const char *to)
{
    if (to == NULL || *to == '\0')
        return context_fail(d->ctx, GLN_E_ARGUMENT, MSG_FLOW_NO_DESTINATION);
    return flow_destination(&d->wish.destination, &d->wish.message, d->ctx, to);
}
