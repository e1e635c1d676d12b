/* age_stream.c - the payload: chunks of 64 KiB, each sealed with its number and whether it is the
 * last
 *
 * The nonce of a chunk is 11 bytes of counter, big-endian, and one byte that is 1 for the last
 * chunk: so chunks cannot be reordered, dropped or cut off at the end without a tag failing. */
#include "crypt/age_impl.h"

#include "base/fault.h"
#include "crypt/hash.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

enum { NONCE = crypto_aead_chacha20poly1305_ietf_NPUBBYTES };

void age_stream_begin(struct age_stream *st, const struct age_file_key *key,
                      const uint8_t nonce[static AGE_NONCE])
{
        hash_hkdf(st->key, sizeof(st->key), slice_of(key->b, sizeof(key->b)),
                  slice_of(nonce, AGE_NONCE), slice_str("payload"));
        st->chunk = 0;
}

static void chunk_nonce(uint8_t out[static NONCE], const struct age_stream *st, bool last)
{
        memset(out, 0, NONCE);
        put_be64(out + 3, st->chunk);
        out[NONCE - 1] = last;
}

int age_stream_seal(struct age_stream *st, struct slice plain, bool last, struct buf *out)
{
        uint8_t nonce[NONCE];
        uint8_t *at;

        assert(plain.len <= AGE_CHUNK);
        at = buf_extend(out, plain.len + AGE_TAG);
        if (!at)
                return fault(-ENOMEM);
        chunk_nonce(nonce, st, last);
        crypto_aead_chacha20poly1305_ietf_encrypt(at, NULL, plain.at, plain.len, NULL, 0, NULL,
                                                  nonce, st->key);
        st->chunk++;
        return 0;
}

int age_stream_open(struct age_stream *st, struct slice sealed, bool last, struct buf *plain)
{
        uint8_t nonce[NONCE];
        uint8_t *at;

        if (sealed.len < AGE_TAG)
                return AGE_BAD_PAYLOAD;
        assert(sealed.len <= AGE_CHUNK_SEALED);
        at = buf_extend(plain, sealed.len - AGE_TAG); /* NULL too for nothing in an empty buffer */
        if (buf_fault(plain))
                return fault(-ENOMEM);
        chunk_nonce(nonce, st, last);
        if (crypto_aead_chacha20poly1305_ietf_decrypt(at, NULL, NULL, sealed.at, sealed.len, NULL,
                                                      0, nonce, st->key) != 0) {
                plain->len -= sealed.len - AGE_TAG;
                return AGE_BAD_PAYLOAD;
        }
        st->chunk++;
        return 0;
}
