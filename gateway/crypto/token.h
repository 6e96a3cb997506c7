/** @file
 * A private key that stays on a token (PKCS#11) and signs there. Loaded when it is needed, by OpenSSL's engine `pkcs11`.
 */
#ifndef CRYPTO_TOKEN_H
#define CRYPTO_TOKEN_H

#include "crypto/crypto.h"

struct token_key {
    const char *
        module; /**< the PKCS#11 library; NULL or "": the engine's own choice ($PKCS11_MODULE_PATH, else p11-kit) */
    const char *uri; /**< RFC 7512; without a PIN */
    const char *pin; /**< never NULL */
};

/**
 * Whether `uri` names a token (token, serial, manufacturer, model) and nothing we do not know (object, id, type). GLN_E_CONFIG: no;
 * a PIN in it has a message of its own, which does not repeat it.
 */
int token_uri_check(struct gln_context *ctx, const char *uri);
/**
 * The key. One attempt with the PIN; *refused: the token refused it (or did before), and it must not be tried again. `anew`: a person
 * gave it just now, so what was refused before is forgotten. GLN_E_KEY says what is missing: engine, module, token, PIN or key.
 */
int key_token(struct key **out, struct gln_context *ctx, const struct token_key *where, bool anew,
              bool *refused);
/** It failed to sign, or another key of its module did (the token was taken out): let go of it, and load it again. */
bool key_spent(const struct key *k);

#endif
