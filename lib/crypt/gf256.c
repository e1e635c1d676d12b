/* gf256.c - bytes as elements of a field: addition is exclusive or, multiplication is modulo 0x11b
 */
#include "crypt/gf256.h"

#include <assert.h>

enum { REDUCE = 0x1b };

/* All bits of the byte when @bit is 1, none when it is 0. */
static uint8_t mask(unsigned bit)
{
        return (uint8_t) - (bit & 1);
}

uint8_t gf256_mul(uint8_t a, uint8_t b)
{
        uint8_t product = 0;

        for (unsigned i = 0; i < 8; i++) {
                product ^= a & mask(b >> i);
                a = (uint8_t)(a << 1) ^ (REDUCE & mask(a >> 7));
        }
        return product;
}

/* a^254, as a^255 is 1: 254 = 2 + 4 + ... + 128. */
uint8_t gf256_inverse(uint8_t a)
{
        uint8_t power = a, inverse = 1;

        for (unsigned i = 1; i < 8; i++) {
                power = gf256_mul(power, power);
                inverse = gf256_mul(inverse, power);
        }
        return inverse;
}

/* Lagrange's factor of point @i at @x, of public places only. */
static uint8_t factor(uint8_t x, const struct gf256_point *points, size_t count, size_t i)
{
        uint8_t above = 1, below = 1;

        for (size_t j = 0; j < count; j++) {
                if (j == i)
                        continue;
                assert(points[i].x != points[j].x);
                above = gf256_mul(above, x ^ points[j].x);
                below = gf256_mul(below, points[i].x ^ points[j].x);
        }
        return gf256_mul(above, gf256_inverse(below));
}

void gf256_interpolate(uint8_t *out, size_t len, uint8_t x, const struct gf256_point *points,
                       size_t count)
{
        assert(count > 0);
        memset(out, 0, len);
        for (size_t i = 0; i < count; i++) {
                uint8_t f = factor(x, points, count, i);

                for (size_t k = 0; k < len; k++)
                        out[k] ^= gf256_mul(points[i].y[k], f);
        }
}
