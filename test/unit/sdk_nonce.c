/* sdk_nonce.c - nonces rise and never come twice, whatever the clock does */
#include "sdk/nonce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void nonces_are_uuids_of_version_7(void **state)
{
        struct nonce_source n = { 0 };
        uint8_t u[NONCE_BYTES];

        nonce_next(&n, 0x0123456789abLL, u);
        assert_memory_equal(u, "\x01\x23\x45\x67\x89\xab", 6);
        assert_int_equal(u[6] >> 4, 7);
        assert_int_equal(u[8] >> 6, 2);
}

/* E3.6 */
static void nonces_rise_within_a_millisecond_and_beyond_its_counter(void **state)
{
        struct nonce_source n = { 0 };
        uint8_t last[NONCE_BYTES] = { 0 }, u[NONCE_BYTES];

        for (int i = 0; i < 10000; i++) {
                nonce_next(&n, 1000, u);
                assert_true(memcmp(last, u, 8) < 0);
                memcpy(last, u, sizeof(last));
        }
}

static void nonces_rise_when_the_clock_is_set_back(void **state)
{
        struct nonce_source n = { 0 };
        uint8_t before[NONCE_BYTES], after[NONCE_BYTES];

        nonce_next(&n, 2000, before);
        nonce_next(&n, 1000, after);
        assert_true(memcmp(before, after, 8) < 0);
}

/* Two processes that begin at the same instant, or one that forgot. */
static void the_same_instant_gives_two_processes_different_nonces(void **state)
{
        struct nonce_source n = { 0 }, m = { 0 };
        uint8_t u[NONCE_BYTES], v[NONCE_BYTES];

        nonce_next(&n, 5000, u);
        nonce_next(&m, 5000, v);
        assert_memory_equal(u, v, 8);
        assert_memory_not_equal(u + 8, v + 8, 8);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nonces_are_uuids_of_version_7),
                cmocka_unit_test(nonces_rise_within_a_millisecond_and_beyond_its_counter),
                cmocka_unit_test(nonces_rise_when_the_clock_is_set_back),
                cmocka_unit_test(the_same_instant_gives_two_processes_different_nonces),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
