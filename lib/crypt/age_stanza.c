/* age_stanza.c - one file key, wrapped for one reader: by X25519 or by a pass-phrase
 *
 * Either way a wrap key is agreed on, and the file key is sealed under it by ChaCha20-Poly1305. A
 * wrap key is used once, so the nonce is all zero. */
#include "crypt/age_impl.h"

#include "base/fault.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/hash.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

static const char x25519_label[] = "age-encryption.org/v1/X25519";
static const char scrypt_label[] = "age-encryption.org/v1/scrypt";
static const uint8_t zero_nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

struct wrap_key {
        uint8_t b[32];
};

static_assert(sizeof(struct age_file_key) + AGE_TAG == AGE_BODY, "a body is a sealed file key");
static_assert(AGE_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "Poly1305");

static void put_body(struct buf *out, const struct wrap_key *wrap, const struct age_file_key *key)
{
        uint8_t body[AGE_BODY];

        crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, key->b, sizeof(key->b), NULL, 0, NULL,
                                                  zero_nonce, wrap->b);
        text_put_base64_raw(out, slice_of(body, sizeof(body)));
        buf_putc(out, '\n');
}

static int open_body(struct age_file_key *key, const struct age_stanza *s,
                     const struct wrap_key *wrap)
{
        struct age_file_key opened;

        assert(s->body_len == AGE_BODY);
        if (crypto_aead_chacha20poly1305_ietf_decrypt(opened.b, NULL, NULL, s->body, AGE_BODY, NULL,
                                                      0, zero_nonce, wrap->b) != 0)
                return AGE_NO_MATCH;
        *key = opened;
        secret_wipe(&opened, sizeof(opened));
        return 0;
}

/* The wrap key that the ephemeral pair and the recipient's pair agree on: @ours times @theirs.
 * False for a low-order point. */
static bool agree(struct wrap_key *wrap, const struct seal_sec *ours, const struct seal_pub *theirs,
                  const struct seal_pub *share, const struct seal_pub *recipient)
{
        uint8_t shared[32], salt[64];
        bool ok;

        memcpy(salt, share->b, 32);
        memcpy(salt + 32, recipient->b, 32);
        /* libsodium refuses the all-zero product in constant time. */
        ok = crypto_scalarmult_curve25519(shared, ours->b, theirs->b) == 0;
        if (ok)
                hash_hkdf(wrap->b, sizeof(wrap->b), slice_of(shared, sizeof(shared)),
                          slice_of(salt, sizeof(salt)), slice_str(x25519_label));
        secret_wipe(shared, sizeof(shared));
        return ok;
}

int age_stanza_put_x25519(struct buf *out, const struct age_file_key *key,
                          const struct seal_pub *to)
{
        struct seal_pub share;
        struct seal_sec ephemeral;
        struct wrap_key wrap;
        bool ok;

        keys_seal_new(&share, &ephemeral);
        ok = agree(&wrap, &ephemeral, to, &share, to);
        secret_wipe(&ephemeral, sizeof(ephemeral));
        if (!ok)
                return fault(-EINVAL);
        buf_puts(out, "-> X25519 ");
        text_put_base64_raw(out, slice_of(share.b, sizeof(share.b)));
        buf_putc(out, '\n');
        put_body(out, &wrap, key);
        secret_wipe(&wrap, sizeof(wrap));
        return buf_fault(out);
}

int age_stanza_open_x25519(struct age_file_key *key, const struct age_stanza *s,
                           const struct seal_sec *sec, const struct seal_pub *pub)
{
        struct wrap_key wrap;
        int r;

        assert(s->type == AGE_STANZA_X25519);
        if (!agree(&wrap, sec, &s->share, &s->share, pub))
                return AGE_BAD_HEADER;
        r = open_body(key, s, &wrap);
        secret_wipe(&wrap, sizeof(wrap));
        return r;
}

/* Takes 2^work KiB of memory while it runs. */
static int stretch(struct wrap_key *wrap, struct slice passphrase, const uint8_t *salt,
                   unsigned work)
{
        uint8_t labelled[sizeof(scrypt_label) - 1 + AGE_SALT];

        memcpy(labelled, scrypt_label, sizeof(scrypt_label) - 1);
        memcpy(labelled + sizeof(scrypt_label) - 1, salt, AGE_SALT);
        if (crypto_pwhash_scryptsalsa208sha256_ll(passphrase.at, passphrase.len, labelled,
                                                  sizeof(labelled), UINT64_C(1) << work, 8, 1,
                                                  wrap->b, sizeof(wrap->b)) != 0)
                return fault(-ENOMEM);
        return 0;
}

int age_stanza_put_scrypt(struct buf *out, const struct age_file_key *key, struct slice passphrase,
                          unsigned work)
{
        uint8_t salt[AGE_SALT];
        struct wrap_key wrap;
        int r;

        keys_random(salt, sizeof(salt));
        r = stretch(&wrap, passphrase, salt, work);
        if (r)
                return r;
        buf_puts(out, "-> scrypt ");
        text_put_base64_raw(out, slice_of(salt, sizeof(salt)));
        buf_printf(out, " %u\n", work);
        put_body(out, &wrap, key);
        secret_wipe(&wrap, sizeof(wrap));
        return buf_fault(out);
}

int age_stanza_open_scrypt(struct age_file_key *key, const struct age_stanza *s,
                           struct slice passphrase)
{
        struct wrap_key wrap;
        int r;

        assert(s->type == AGE_STANZA_SCRYPT);
        if (s->work > AGE_WORK_MOST)
                return AGE_WORK_TOO_HIGH;
        r = stretch(&wrap, passphrase, s->salt, (unsigned)s->work);
        if (r)
                return r;
        r = open_body(key, s, &wrap);
        secret_wipe(&wrap, sizeof(wrap));
        return r;
}
