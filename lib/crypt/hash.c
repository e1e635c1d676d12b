/* hash.c - SHA-256, HMAC-SHA-256, HKDF-SHA-256, PBKDF2-HMAC-SHA-256
 *
 * SHA-256 by OpenSSL's low-level SHA256_*: it uses the processor's SHA instructions like EVP does,
 * but needs no fetched algorithm, no allocation and no thread's own context, and its chaining value
 * lies open, so that it can be parked. OpenSSL 3 calls these functions deprecated; they are part of
 * its stable interface. HMAC is libsodium's: it runs over short things only. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypt/hash.h"

#include "base/secret.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>

static_assert(sizeof(SHA256_CTX) <= sizeof(struct hash_state), "OpenSSL's state fits into ours");

static void update(SHA256_CTX *c, struct slice s)
{
        int ok = SHA256_Update(c, s.at, s.len);

        assert(ok == 1);
}

void hash_sha256(struct hash *out, struct slice s)
{
        hash_sha256_parts(out, &s, 1);
}

void hash_sha256_parts(struct hash *out, const struct slice *parts, size_t count)
{
        SHA256_CTX c;
        int ok = SHA256_Init(&c);

        assert(ok == 1);
        for (size_t i = 0; i < count; i++)
                update(&c, parts[i]);
        ok = SHA256_Final(out->b, &c);
        assert(ok == 1);
}

/* The caller's bytes are copied in and out, as they have no declared type that OpenSSL could use in
 * place; a hundred bytes are nothing beside the hashing. */
static void load(SHA256_CTX *c, const struct hash_state *st)
{
        memcpy(c, st->opaque, sizeof(*c));
}

static void store(struct hash_state *st, const SHA256_CTX *c)
{
        memcpy(st->opaque, c, sizeof(*c));
}

void hash_begin(struct hash_state *st)
{
        SHA256_CTX c;
        int ok = SHA256_Init(&c);

        assert(ok == 1);
        store(st, &c);
}

void hash_more(struct hash_state *st, struct slice s)
{
        SHA256_CTX c;

        load(&c, st);
        update(&c, s);
        store(st, &c);
}

void hash_end(struct hash_state *st, struct hash *out)
{
        SHA256_CTX c;
        int ok;

        load(&c, st);
        ok = SHA256_Final(out->b, &c);
        assert(ok == 1);
        secret_wipe(st, sizeof(*st));
}

void hash_more_sized(struct hash_state *st, struct slice s)
{
        uint8_t len[8];

        put_be64(len, s.len);
        hash_more(st, slice_of(len, sizeof(len)));
        hash_more(st, s);
}

void hash_park(const struct hash_state *st, uint8_t out[static HASH_PARKED])
{
        SHA256_CTX c;

        load(&c, st);
        assert(c.num == 0);
        for (size_t i = 0; i < 8; i++)
                put_be32(out + 4 * i, c.h[i]);
}

void hash_resume(struct hash_state *st, const uint8_t parked[static HASH_PARKED],
                 uint64_t bytes_so_far)
{
        SHA256_CTX c;
        int ok = SHA256_Init(&c);

        assert(ok == 1);
        assert(bytes_so_far % HASH_BLOCK == 0 && bytes_so_far < UINT64_MAX / 8);
        for (size_t i = 0; i < 8; i++)
                c.h[i] = get_be32(parked + 4 * i);
        /* OpenSSL counts bits, in two halves. */
        c.Nl = (SHA_LONG)(bytes_so_far << 3);
        c.Nh = (SHA_LONG)(bytes_so_far >> 29);
        store(st, &c);
}

static void hmac_parts(struct hash *out, struct slice key, const struct slice *parts, size_t count)
{
        crypto_auth_hmacsha256_state st;

        static_assert(sizeof(out->b) == crypto_auth_hmacsha256_BYTES, "a tag is a hash");
        /* libsodium wants an address even for the empty key. */
        crypto_auth_hmacsha256_init(&st, key.at ? key.at : out->b, key.len);
        for (size_t i = 0; i < count; i++)
                crypto_auth_hmacsha256_update(&st, parts[i].at, parts[i].len);
        crypto_auth_hmacsha256_final(&st, out->b);
        secret_wipe(&st, sizeof(st));
}

void hash_hmac(struct hash *out, struct slice key, struct slice msg)
{
        hmac_parts(out, key, &msg, 1);
}

void hash_hkdf(uint8_t *out, size_t len, struct slice ikm, struct slice salt, struct slice info)
{
        struct hash prk, t;

        assert(len <= 255 * sizeof(t.b));
        hash_hmac(&prk, salt, ikm);
        for (uint8_t i = 1; len; i++) {
                /* T(0) is empty: the first round leaves it out. */
                struct slice parts[] = { slice_hash(&t), info, slice_of(&i, 1) };
                size_t n = len < sizeof(t.b) ? len : sizeof(t.b);

                hmac_parts(&t, slice_hash(&prk), i == 1 ? parts + 1 : parts, i == 1 ? 2 : 3);
                memcpy(out, t.b, n);
                out += n;
                len -= n;
        }
        secret_wipe(&prk, sizeof(prk));
        secret_wipe(&t, sizeof(t));
}

void hash_pbkdf2(uint8_t *out, size_t len, struct slice password, struct slice salt,
                 unsigned iterations)
{
        int ok = PKCS5_PBKDF2_HMAC((const char *)password.at, (int)password.len, salt.at,
                                   (int)salt.len, (int)iterations, EVP_sha256(), (int)len, out);

        assert(ok == 1);
}
