/* keys.c - making keys: from randomness, from a root seed, from their other half */
#include "crypt/keys.h"

#include "base/fault.h"
#include "base/secret.h"
#include "crypt/hash.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>

static_assert(sizeof(struct sign_sec) == crypto_sign_ed25519_SECRETKEYBYTES, "seed || public key");
static_assert(sizeof(struct seal_sec) == crypto_scalarmult_curve25519_SCALARBYTES, "X25519");

void keys_random(void *out, size_t len)
{
        randombytes_buf(out, len);
}

void keys_sign_new(struct sign_pub *pub, struct sign_sec *sec)
{
        crypto_sign_ed25519_keypair(pub->b, sec->b);
}

/* Only an X25519 base point multiplication, which has no bad inputs; libsodium lets it fail. */
static int x25519_pub(uint8_t pub[static 32], const uint8_t sec[static 32])
{
        if (crypto_scalarmult_curve25519_base(pub, sec) != 0)
                return fault(-EINVAL);
        return 0;
}

int keys_seal_pub(struct seal_pub *pub, const struct seal_sec *sec)
{
        return x25519_pub(pub->b, sec->b);
}

int keys_curve_pub(struct curve_pub *pub, const struct curve_sec *sec)
{
        return x25519_pub(pub->b, sec->b);
}

void keys_seal_new(struct seal_pub *pub, struct seal_sec *sec)
{
        int r;

        keys_random(sec->b, sizeof(sec->b));
        r = keys_seal_pub(pub, sec);
        assert(r == 0);
}

void keys_curve_new(struct curve_pub *pub, struct curve_sec *sec)
{
        int r;

        keys_random(sec->b, sizeof(sec->b));
        r = keys_curve_pub(pub, sec);
        assert(r == 0);
}

void keys_sign_pub(struct sign_pub *pub, const struct sign_sec *sec)
{
        crypto_sign_ed25519_sk_to_pk(pub->b, sec->b);
}

/* E2.1. Labels are the program's own, so one that does not fit is a mistake of ours. */
static void derive(uint8_t out[static 32], const struct seed *seed, const char *label,
                   uint32_t epoch)
{
        char info[128];
        int n = snprintf(info, sizeof(info), "fumibako %s %u", label, (unsigned)epoch);

        assert(n > 0 && (size_t)n < sizeof(info));
        hash_hkdf(out, 32, slice_of(seed->b, sizeof(seed->b)), slice_of(NULL, 0),
                  slice_of(info, (size_t)n));
}

void keys_derive_sign(struct sign_sec *out, const struct seed *seed, const char *label,
                      uint32_t epoch)
{
        uint8_t own[crypto_sign_ed25519_SEEDBYTES];
        struct sign_pub pub;

        derive(own, seed, label, epoch);
        crypto_sign_ed25519_seed_keypair(pub.b, out->b, own);
        secret_wipe(own, sizeof(own));
}

void keys_derive_seal(struct seal_sec *out, const struct seed *seed, const char *label,
                      uint32_t epoch)
{
        derive(out->b, seed, label, epoch);
}

void keys_derive_curve(struct curve_sec *out, const struct seed *seed, const char *label,
                       uint32_t epoch)
{
        derive(out->b, seed, label, epoch);
}
