/* shamir.h - a value shared among up to 16, as SLIP-0039 does it (SplitSecret, RecoverSecret)
 *
 *      x:   0 .. N-1   the shares          254   a digest of the value        255   the value
 *
 * Each byte lies on a random polynomial of its own, of degree threshold - 1. The digest tells
 * whether what came out is what went in; with a threshold of 1 there is none, every share is the
 * value. */
#pragma once

#include "base/bytes.h"

enum { SHAMIR_SHARES_MOST = 16, SHAMIR_LEAST = 16, SHAMIR_MOST = 32, SHAMIR_DIGEST = 4 };
enum shamir_outcome { SHAMIR_FALSE = 1 };

struct shamir_value {
        uint8_t b[SHAMIR_MOST];
}; /* secret memory */

struct shamir_point {
        uint8_t x;
        struct shamir_value y;
};

/* @out: @count values, that of place 0 first. @secret: an even number of bytes, SHAMIR_LEAST to
 * SHAMIR_MOST. 1 <= @threshold <= @count <= SHAMIR_SHARES_MOST. 0 or a fault. */
int shamir_split(struct shamir_value *out, unsigned threshold, unsigned count, struct slice secret);

/* From exactly as many shares as the threshold, at places that differ. SHAMIR_FALSE: they are not
 * shares of one value, or not enough of them. */
int shamir_join(struct shamir_value *out, size_t len, const struct shamir_point *points,
                unsigned count);
