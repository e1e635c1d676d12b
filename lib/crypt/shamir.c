/* shamir.c - points of random polynomials, and the polynomials from their points
 *
 * For a threshold of T, T - 2 shares are random, and so is most of the digest; with the value that
 * makes T points, and everything else follows from them. */
#include "crypt/shamir.h"

#include "base/fault.h"
#include "base/secret.h"
#include "crypt/gf256.h"
#include "crypt/hash.h"
#include "crypt/keys.h"

#include <assert.h>
#include <errno.h>

enum { AT_DIGEST = 254, AT_VALUE = 255 };

/* The first bytes of HMAC-SHA-256(key = the random part of the digest, the value). */
static void digest_of(uint8_t out[static SHAMIR_DIGEST], struct slice random, struct slice value)
{
        struct hash mac;

        hash_hmac(&mac, random, value);
        memcpy(out, mac.b, SHAMIR_DIGEST);
        secret_wipe(&mac, sizeof(mac));
}

int shamir_split(struct shamir_value *out, unsigned threshold, unsigned count, struct slice secret)
{
        struct gf256_point known[SHAMIR_SHARES_MOST];
        SECRET_OWNED struct shamir_value *digest = secret_new(sizeof(*digest));
        unsigned drawn = threshold > 2 ? threshold - 2 : 0, n = 0;

        assert(threshold >= 1 && threshold <= count && count <= SHAMIR_SHARES_MOST);
        assert(secret.len >= SHAMIR_LEAST && secret.len <= SHAMIR_MOST && secret.len % 2 == 0);
        if (!digest)
                return fault(-ENOMEM);
        if (threshold == 1) {
                for (unsigned i = 0; i < count; i++)
                        memcpy(out[i].b, secret.at, secret.len);
                return 0;
        }
        keys_random(digest->b + SHAMIR_DIGEST, secret.len - SHAMIR_DIGEST);
        digest_of(digest->b, slice_of(digest->b + SHAMIR_DIGEST, secret.len - SHAMIR_DIGEST),
                  secret);
        for (; n < drawn; n++) {
                keys_random(out[n].b, secret.len);
                known[n] = (struct gf256_point){ (uint8_t)n, out[n].b };
        }
        known[n++] = (struct gf256_point){ AT_DIGEST, digest->b };
        known[n++] = (struct gf256_point){ AT_VALUE, secret.at };
        for (unsigned i = drawn; i < count; i++)
                gf256_interpolate(out[i].b, secret.len, (uint8_t)i, known, n);
        return 0;
}

int shamir_join(struct shamir_value *out, size_t len, const struct shamir_point *points,
                unsigned count)
{
        struct gf256_point known[SHAMIR_SHARES_MOST];
        SECRET_OWNED struct shamir_value *found = secret_new(2 * sizeof(*found));
        struct shamir_value *digest = found + 1;
        uint8_t wanted[SHAMIR_DIGEST];
        bool same;

        assert(count >= 1 && count <= SHAMIR_SHARES_MOST);
        assert(len >= SHAMIR_LEAST && len <= SHAMIR_MOST);
        if (!found)
                return fault(-ENOMEM);
        if (count == 1) {
                memcpy(out->b, points[0].y.b, len);
                return 0;
        }
        for (unsigned i = 0; i < count; i++)
                known[i] = (struct gf256_point){ points[i].x, points[i].y.b };
        gf256_interpolate(found->b, len, AT_VALUE, known, count);
        gf256_interpolate(digest->b, len, AT_DIGEST, known, count);
        digest_of(wanted, slice_of(digest->b + SHAMIR_DIGEST, len - SHAMIR_DIGEST),
                  slice_of(found->b, len));
        same = secret_equal(slice_of(wanted, sizeof(wanted)), slice_of(digest->b, sizeof(wanted)));
        secret_wipe(wanted, sizeof(wanted));
        if (!same)
                return SHAMIR_FALSE;
        memcpy(out->b, found->b, len);
        return 0;
}
