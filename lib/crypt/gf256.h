/* gf256.h - the field of 256 elements in which secrets are shared (AES's: x^8 + x^4 + x^3 + x + 1)
 *
 * No tables and no branches on a value: what a secret is does not show in time or cache lines. */
#pragma once

#include "base/bytes.h"

uint8_t gf256_mul(uint8_t a, uint8_t b);
uint8_t gf256_inverse(uint8_t a); /* of 0: 0 */

/* Values of several polynomials, one a byte, at one place. Places are public, values are not. */
struct gf256_point {
        uint8_t x;
        const uint8_t *y;
};

/* The @len polynomials of least degree through @points, at @x. No two points have the same place.
 * @out may be none of the points' values. */
void gf256_interpolate(uint8_t *out, size_t len, uint8_t x, const struct gf256_point *points,
                       size_t count);
