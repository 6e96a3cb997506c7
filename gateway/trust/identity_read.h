/** @file
 * An identity's XML document (schemas/greenlane/identity.xsd) read and checked, before it is stored: identity_read.c for identity.c.
 */
#ifndef TRUST_IDENTITY_READ_H
#define TRUST_IDENTITY_READ_H

#include "trust/identity.h"

enum { IDENTITY_MAX_SECRETS = 16 };

/** A document's content. Secrets are in clear here and wiped by identity_draft_free(). */
struct identity_draft {
    struct identity identity;
    struct {
        char *name; /**< owned; "key" for the private key (PEM), "pin" for that of its token */
        struct buf value;
    } secrets[IDENTITY_MAX_SECRETS];
    size_t secret_count;
};
/** `partial`: a rotation, which may name only what it replaces. */
int identity_draft_read(struct identity_draft *out, struct gln_context *ctx, const void *doc, size_t len,
                        const char *base_dir, bool partial);
void identity_draft_free(struct identity_draft *d);
/** Whether its key, if it brings one, is where `custody` has it; GLN_E_CONFIG: it is not, with `place`. */
int identity_draft_custody(const struct identity_draft *d, struct gln_context *ctx, struct place place,
                           const char *custody);
/** Adds one setting; strings are copied. */
int identity_setting_add(struct identity *id, struct gln_context *ctx, const char *name, const char *value);

#endif
