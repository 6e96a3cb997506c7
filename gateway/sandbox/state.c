/*
 * The sandbox as a whole: its accounts, and what it judges messages by, which are the project's own layouts, schema and
 * stylesheet of the cadena.
 * Owns all memory of the sandbox; nothing is kept on disk and nothing here is fatal.
 */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "util/file.h"

static int load(struct sandbox *s, struct gln_context *ctx, const char *data_dir)
{
    char *ace = path_join(data_dir, "schemas/us-ace/ace.xml");
    char *cove = path_join(data_dir, "schemas/mx-vucem/cove.xsd");
    char *cadena = path_join(data_dir, "transforms/mx-vucem/cadena.xsl");
    int status = ace != NULL && cove != NULL && cadena != NULL ? GLN_OK : context_no_memory(ctx);
    if (status == GLN_OK) {
        status = layout_load(&s->layout, ctx, ace);
    }
    if (status == GLN_OK) {
        status = xml_schema_load(&s->cove_schema, ctx, cove);
    }
    if (status == GLN_OK) {
        status = xml_stylesheet_load(&s->cadena, ctx, cadena);
    }
    free(ace);
    free(cove);
    free(cadena);
    return status;
}

int sandbox_open(struct sandbox *s, struct gln_context *ctx, const char *accounts, const char *data_dir)
{
    pthread_mutex_init(&s->mutex, NULL);
    int status = accounts_load(&s->accounts, ctx, accounts);
    if (status == GLN_OK) {
        status = load(s, ctx, data_dir);
    }
    if (status == GLN_OK) {
        s->ace.boxes = calloc(s->accounts.transmitter_count + 1, sizeof *s->ace.boxes);
        if (s->ace.boxes == NULL) {
            status = context_no_memory(ctx);
        }
    }
    return status;
}

void sandbox_close(struct sandbox *s)
{
    ace_free(&s->ace, s->accounts.transmitter_count);
    vucem_free(&s->vucem);
    layout_free(s->layout);
    xml_schema_free(s->cove_schema);
    xml_stylesheet_free(s->cadena);
    accounts_free(&s->accounts);
    pthread_mutex_destroy(&s->mutex);
}
