/*
 * Runs certs/make-pki.sh for a unit test program. The runner gives each program a TMPDIR of its own and removes it.
 */
#include "unit/pki.h"

#include <stdio.h>
#include <stdlib.h>

#include <check.h>

#include "util/file.h"

bool pki_make(char *folder, size_t size, const char *more)
{
    const char *top = getenv("GREENLANE_SRCDIR");
    const char *tmp = getenv("TMPDIR");
    char command[2048];

    snprintf(folder, size, "%s/pki-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL)
        return false;
    snprintf(command, sizeof command, "'%s/certs/make-pki.sh' '%s' %s", top != NULL ? top : "..", folder,
             more);
    if (system(command) == 0)
        return true;
    fprintf(stderr, "cannot make a PKI: %s\n", command);
    return false;
}

void pki_read(struct buf *out, const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    int error = file_read(out, path, 0);

    free(path);
    ck_assert_msg(error == 0, "%s: error %d", name, error);
}

struct cert *pki_cert(struct gln_context *ctx, const char *folder, const char *name)
{
    struct buf b = BUF_INIT;
    struct cert *c = NULL;

    pki_read(&b, folder, name);
    ck_assert_int_eq(cert_parse(&c, ctx, b.data, b.len), GLN_OK);
    buf_free(&b);
    return c;
}
