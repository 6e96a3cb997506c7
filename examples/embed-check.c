/*
 * Checks a declaration inside a program of your own: no daemon, no ledger, no network.
 *
 *   cc embed-check.c $(pkg-config --cflags --libs greenlane) -o embed-check
 *   ./embed-check declaration.xml [us-ace]
 *
 * The library prints nothing, ends nothing and changes nothing of the process; what it has to say is returned.
 */
#include <greenlane.h>

#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    long size;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        data = malloc((size_t)size + 1);
        *length = data != NULL ? fread(data, 1, (size_t)size, file) : 0;
    }
    fclose(file);
    return data;
}

static void print_findings(const gln_declaration *declaration)
{
    gln_finding f = {.struct_size = sizeof f};

    for (size_t i = 0; gln_declaration_finding(declaration, i, GLN_EN, &f) == GLN_OK; i++)
        printf("%u:%u %s %s [%s] %s\n", f.line, f.column, f.severity == GLN_ERROR ? "error" : "warning",
               f.text, f.rule, f.pointer);
}

int main(int argc, char **argv)
{
    gln_config *config = NULL;
    gln_engine *engine = NULL;
    gln_context *context = NULL;
    gln_declaration *declaration = NULL;
    size_t length = 0;
    char *data = argc > 1 ? read_file(argv[1], &length) : NULL;
    int status = GLN_E_ARGUMENT;

    if (data == NULL) {
        fprintf(stderr, "usage: embed-check FILE [DESTINATION]\n");
        return 2;
    }
    if (gln_init() != GLN_OK)
        return 3;
    /* once in the life of the program: an engine may be used by all threads */
    status = gln_config_new(&config);
    if (status == GLN_OK)
        status = gln_engine_new(&engine, config);
    if (status != GLN_OK)
        fprintf(stderr, "%s\n", gln_config_error(config));
    /* once per thread */
    if (status == GLN_OK)
        status = gln_context_new(&context, engine);
    /* once per declaration */
    if (status == GLN_OK)
        status = gln_declaration_read(&declaration, context, data, length);
    if (status == GLN_OK)
        status = gln_declaration_check(declaration, argc > 2 ? argv[2] : NULL, GLN_CHECK_ALL);
    if (status == GLN_OK) {
        print_findings(declaration);
        printf("%zu error(s)\n", gln_declaration_error_count(declaration));
    } else if (context != NULL) {
        fprintf(stderr, "%s\n", gln_context_error(context, GLN_EN));
    }
    if (status == GLN_OK && gln_declaration_error_count(declaration) > 0)
        status = GLN_E_FINDINGS;
    gln_declaration_free(declaration);
    gln_context_free(context);
    gln_engine_free(engine);
    gln_config_free(config);
    gln_shutdown();
    free(data);
    return gln_status_exit(status);
}
