/* crypt_gf256.c - the field against its definition and against FIPS 197's examples */
#include "crypt/gf256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Schoolbook: the product of two polynomials, then the remainder by long division. */
static uint8_t by_hand(unsigned a, unsigned b)
{
        unsigned product = 0;

        for (unsigned i = 0; i < 8; i++)
                if (b >> i & 1)
                        product ^= a << i;
        for (unsigned i = 15; i >= 8; i--)
                if (product >> i & 1)
                        product ^= 0x11bU << (i - 8);
        return (uint8_t)product;
}

static void every_product_is_that_of_the_definition(void **state)
{
        assert_int_equal(gf256_mul(0x57, 0x83), 0xc1); /* FIPS 197, 4.2 */
        assert_int_equal(gf256_mul(0x57, 0x13), 0xfe); /* FIPS 197, 4.2.1 */
        for (unsigned a = 0; a < 256; a++)
                for (unsigned b = 0; b < 256; b++)
                        assert_int_equal(gf256_mul((uint8_t)a, (uint8_t)b), by_hand(a, b));
}

static void every_element_but_zero_has_its_inverse(void **state)
{
        assert_int_equal(gf256_inverse(0), 0);
        for (unsigned a = 1; a < 256; a++)
                assert_int_equal(gf256_mul((uint8_t)a, gf256_inverse((uint8_t)a)), 1);
}

/* y = 7 + 3x + 29x^2, from any three of its points, also at one of them. */
static void three_points_give_the_whole_parabola(void **state)
{
        uint8_t y[256];

        for (unsigned x = 0; x < 256; x++)
                y[x] = 7 ^ by_hand(3, x) ^ by_hand(29, by_hand(x, x));
        for (unsigned a = 0; a < 256; a += 5) {
                uint8_t b = (uint8_t)(a + 91), c = (uint8_t)(a + 200), at = (uint8_t)a;
                const struct gf256_point p[] = { { b, &y[b] }, { at, &y[a] }, { c, &y[c] } };

                for (unsigned x = 0; x < 256; x++) {
                        uint8_t out;

                        gf256_interpolate(&out, 1, (uint8_t)x, p, 3);
                        assert_int_equal(out, y[x]);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_product_is_that_of_the_definition),
                cmocka_unit_test(every_element_but_zero_has_its_inverse),
                cmocka_unit_test(three_points_give_the_whole_parabola),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
