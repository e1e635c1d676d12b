/* sign.c - Ed25519 (RFC 8032) over whole messages */
#include "crypt/keys.h"

#include <assert.h>
#include <sodium.h>

static_assert(sizeof(struct signature) == crypto_sign_ed25519_BYTES, "Ed25519");

void sign_make(struct signature *out, struct slice msg, const struct sign_sec *sec)
{
        crypto_sign_ed25519_detached(out->b, NULL, msg.at, msg.len, sec->b);
}

bool sign_verify(const struct signature *sig, struct slice msg, const struct sign_pub *pub)
{
        return crypto_sign_ed25519_verify_detached(sig->b, msg.at, msg.len, pub->b) == 0;
}
