/** @file
 * Identities: under whose name we file. Stored in the ledger's database, secrets sealed. There is no default key; TEST and PROD
 * never mix.
 */
#ifndef TRUST_IDENTITY_H
#define TRUST_IDENTITY_H

#include "core/context.h"
#include "crypto/crypto.h"
#include "store/store.h"
#include "trust/register_store.h"

/** One identity as an XML document describes it (schemas/greenlane/identity.xsd), parsed. Strings owned by the struct. */
struct identity {
    char *name;                         /**< unique, [A-Za-z0-9._-]+ */
    char *environment;                  /**< TEST or PROD */
    char *destination;                  /**< us-ace, mx-vucem */
    char *principal;                    /**< filer code or RFC */
    char *role;                         /**< filer, transmitter, agente, apoderado, importador, exportador */
    char *custody;                      /**< held, token, remote */
    int64_t valid_from_ms, valid_to_ms; /**< 0: open */
    struct {
        char *name, *value;
    } * settings; /**< site, id, office, port, patente (may repeat), aduana, mailbox, email, endpoint.url, endpoint.ca, ... */
    size_t setting_count;
    struct cert *cert;      /**< may be NULL */
    char *key_uri;          /**< custody token: where the key is (RFC 7512, without a PIN); else NULL */
    int64_t pin_refused_ms; /**< its token refused the PIN then, which is not tried again; 0: it did not */
};
void identity_free(struct identity *id);
const char *identity_setting(const struct identity *id, const char *name); /**< first; NULL */
/** NULL-terminated string parameters for stylesheets are made from these by flow/. */

/** DDL of trust's tables; identity_tables() makes them, those of an earlier version too, after the ledger is opened. */
extern const char trust_schema[];
int identity_tables(struct store *s, struct gln_context *ctx);
/**
 * In a ledger whose chain does not vouch for identities and submitters: they are what counts as they are now, *count of them. Never where
 * the chain does.
 */
int identity_seal_first(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                        const struct entered *by, size_t *count);

/** `doc`: identity XML. Secrets it names by file (key file, password file, ABI password file, web-service key file) are read, checked (key opens, here or on its token, matches its certificate, certificate valid now) and sealed. GLN_E_CONFLICT: name taken. */
int identity_add(struct store *s, struct gln_context *ctx, const struct sealer *sealer, const void *doc,
                 size_t len, const char *base_dir, const struct entered *by);
/** The identity a document describes, with its certificate, checked as above; nothing is stored, and its secrets are forgotten. `partial`: a rotation. */
int identity_read(struct identity *out, struct gln_context *ctx, const void *doc, size_t len,
                  const char *base_dir, bool partial);
int identity_get(struct store *s, struct gln_context *ctx, const char *name, struct identity *out);
int identity_list(struct store *s, struct gln_context *ctx, int (*each)(void *arg, const struct identity *id),
                  void *arg);
/** Replaces key and certificate, or a secret; the old ones stay in history with their dates. */
int identity_rotate(struct store *s, struct gln_context *ctx, const struct sealer *sealer, const char *name,
                    const void *doc, size_t len, const char *base_dir, const struct entered *by);
/** With who may use it. */
int identity_remove(struct store *s, struct gln_context *ctx, const char *name, const struct entered *by);
/** The key, unsealed, or where it is on its token; GLN_E_KEY when custody is remote or the certificate does not sign at the context's clock (expired, not yet valid). */
int identity_key(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                 const struct identity *id, struct key **out);

/**
 * Keys that were read lately, for who signs much: reading one costs more than twice what it signs in. Found by identity and by
 * a digest of what is stored, so that a rotated key is never answered by the old one. Used by many threads at once.
 */
struct key_cache;
int key_cache_new(struct key_cache **out, struct gln_context *ctx);
void key_cache_free(struct key_cache *c);
/** No key stays in it; to be called once an identity was changed or removed. */
void key_cache_clear(struct key_cache *c);
/** As identity_key(), every check included; the key itself is the kept one if there is. */
int identity_key_kept(struct key_cache *c, struct store *s, struct gln_context *ctx,
                      const struct sealer *sealer, const struct identity *id, struct key **out);
/** Whether its certificate, if it has one, is valid now, wherever its key is; GLN_E_KEY: it has ended or has not begun. */
int identity_may_sign(const struct identity *id, struct gln_context *ctx);
/** Whether it is as it was entered through Greenlane; GLN_E_KEY: somebody changed it in the database. To be asked before anything goes out under it. */
int identity_unchanged(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                       const struct identity *id);
/** A sealed secret ("abi-password", "ws-password"); wipe after use. */
int identity_secret(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                    const char *identity, const char *secret, struct buf *out);
/**
 * Every secret that messages to a destination carry or carried, of all its identities in an environment: no keys, but replaced ones
 * too. Each is wiped after `each`. What does not open is left out.
 */
int identity_secrets(struct store *s, struct gln_context *ctx, const struct sealer *sealer,
                     const char *destination, const char *environment,
                     void (*each)(void *arg, const struct buf *secret), void *arg);

/* submitters and bindings */
enum { SUBMITTER_NAME_MAX = 64 };
/** The name: as path_is_plain() wants it and of at most SUBMITTER_NAME_MAX characters, else GLN_E_ARGUMENT. */
int submitter_add(struct store *s, struct gln_context *ctx, const char *name, const char *cert_fingerprint,
                  const struct entered *by); /**< fingerprint NULL: local user */
/** Another client certificate instead of the one he had; NULL: none. GLN_E_NOT_FOUND: no such submitter; GLN_E_CONFLICT: it is another's. */
int submitter_rotate(struct store *s, struct gln_context *ctx, const char *name, const char *cert_fingerprint,
                     const struct entered *by);
/** He may send no more: his certificate, his bindings, what he signs and brings end with him. His declarations stay his, and his name is not given again. */
int submitter_end(struct store *s, struct gln_context *ctx, const char *name, const struct entered *by);
int submitter_by_cert(struct store *s, struct gln_context *ctx, const char *fingerprint,
                      struct buf *name); /**< GLN_E_NOT_FOUND */
/** GLN_E_NOT_FOUND: no submitter has this name. */
int submitter_known(struct store *s, struct gln_context *ctx, const char *name);
int submitter_bind(struct store *s, struct gln_context *ctx, const char *submitter, const char *identity,
                   int64_t from_ms, int64_t to_ms, const char *document, const struct entered *by);
/** Ends every binding of the two; GLN_E_NOT_FOUND: there is none. */
int submitter_unbind(struct store *s, struct gln_context *ctx, const char *submitter, const char *identity,
                     const struct entered *by);
/** Calls `each` (fingerprint may be NULL) until it returns nonzero. */
int submitter_list(struct store *s, struct gln_context *ctx,
                   int (*each)(void *arg, const char *name, const char *fingerprint, int64_t added_ms,
                               int64_t unused, const char *none),
                   void *arg);
int binding_list(struct store *s, struct gln_context *ctx,
                 int (*each)(void *arg, const char *submitter, const char *identity, int64_t from_ms,
                             int64_t to_ms, const char *document),
                 void *arg);
/* who signs declarations, and who may bring what another signed */
/** A certificate whose signature on a declaration is this submitter's. GLN_E_NOT_FOUND: no such submitter; GLN_E_CONFLICT: it is somebody's already. */
int signer_add(struct store *s, struct gln_context *ctx, const char *submitter, const struct cert *cert,
               const struct entered *by);
/** GLN_E_NOT_FOUND: it is nobody's now. */
int signer_end(struct store *s, struct gln_context *ctx, const char *fingerprint, const struct entered *by);
/** Whose certificate it is now. GLN_E_NOT_FOUND: nobody's. */
int signer_by_cert(struct store *s, struct gln_context *ctx, const char *fingerprint, struct buf *name);
/** Lets `messenger` bring what `signer` signed, from an instant until another (0: open). GLN_E_NOT_FOUND: one of the two is no submitter. */
int messenger_add(struct store *s, struct gln_context *ctx, const char *messenger, const char *signer,
                  int64_t from_ms, int64_t to_ms, const char *document, const struct entered *by);
int messenger_end(struct store *s, struct gln_context *ctx, const char *messenger, const char *signer,
                  const struct entered *by);
/** GLN_OK: he may now; else GLN_E_FORBIDDEN. */
int messenger_may(struct store *s, struct gln_context *ctx, const char *messenger, const char *signer);
/** Calls `each` with what holds, and did not end, until it returns nonzero: submitter, fingerprint, added, 0, subject; messenger, signer, from, to, document. */
int signer_list(struct store *s, struct gln_context *ctx,
                int (*each)(void *arg, const char *submitter, const char *fingerprint, int64_t added_ms,
                            int64_t unused, const char *subject),
                void *arg);
int messenger_list(struct store *s, struct gln_context *ctx,
                   int (*each)(void *arg, const char *messenger, const char *signer, int64_t from_ms,
                               int64_t to_ms, const char *document),
                   void *arg);
/**
 * Picks exactly one identity for a filing: environment + destination + principal it names (NULL: none named) and the submitter's
 * bindings; `wanted`: only the identity of this name will do (NULL: any). GLN_E_FORBIDDEN: it exists but this submitter may not use it; GLN_E_NOT_FOUND: none fits; GLN_E_CONFLICT: two fit.
 * submitter NULL = the local operator, who may use all.
 */
int identity_pick(struct store *s, struct gln_context *ctx, const char *submitter, const char *environment,
                  const char *destination, const char *principal, const char *wanted, struct identity *out);

#endif
