/* wire_mp.c - the cursor at every boundary of the format, and against msgpack-c */
#include "help/agree.h"
#include "help/any.h"
#include "wire/mp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* The bytes of a string literal with NULs in it. */
#define BYTES(s) slice_of("" s, sizeof(s) - 1)

static bool skips(struct slice s)
{
        struct mp m = mp_of(s);

        mp_skip(&m);
        return mp_end(&m);
}

static void numbers_come_back_as_they_were_written(void **state)
{
        for (unsigned bit = 0; bit < 64; bit++)
                for (int step = -1; step <= 1; step++) {
                        uint64_t v = ((uint64_t)1 << bit) + (uint64_t)step;
                        BUF_OWNED out = { 0 };
                        struct mp m;

                        mp_put_u64(&out, v);
                        m = mp_of(buf_slice(&out));
                        assert_true(mp_u64(&m, v) == v);
                        assert_true(mp_end(&m));
                        if (v == 0)
                                continue;
                        m = mp_of(buf_slice(&out));
                        assert_true(mp_u64(&m, v - 1) == 0);
                        assert_false(mp_ok(&m));
                }
}

/* P3.2 */
static void a_number_has_one_spelling(void **state)
{
        const struct {
                struct slice bytes;
                bool good;
        } spelled[] = {
                { BYTES("\x7f"), true },
                { BYTES("\xcc\x7f"), false },
                { BYTES("\xcc\x80"), true },
                { BYTES("\xcd\x00\xff"), false },
                { BYTES("\xcd\x01\x00"), true },
                { BYTES("\xce\x00\x00\xff\xff"), false },
                { BYTES("\xce\x00\x01\x00\x00"), true },
                { BYTES("\xcf\x00\x00\x00\x00\xff\xff\xff\xff"), false },
                { BYTES("\xcf\x00\x00\x00\x01\x00\x00\x00\x00"), true },
        };

        for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++) {
                struct mp m = mp_of(spelled[i].bytes);

                mp_u64(&m, UINT64_MAX);
                assert_int_equal(mp_end(&m), spelled[i].good);
                assert_int_equal(skips(spelled[i].bytes), spelled[i].good);
        }
}

static void a_negative_number_is_stepped_over_in_its_one_spelling(void **state)
{
        const struct slice good[] = {
                BYTES("\xe0"),
                BYTES("\xff"),
                BYTES("\xd0\xdf"),
                BYTES("\xd0\x80"),
                BYTES("\xd1\xff\x7f"),
                BYTES("\xd1\x80\x00"),
                BYTES("\xd2\xff\xff\x7f\xff"),
                BYTES("\xd2\x80\x00\x00\x00"),
                BYTES("\xd3\xff\xff\xff\xff\x7f\xff\xff\xff"),
                BYTES("\xd3\x80\0\0\0\0\0\0\0"),
        };
        const struct slice bad[] = {
                BYTES("\xd0\xe0"),
                BYTES("\xd0\x01"),
                BYTES("\xd1\xff\x80"),
                BYTES("\xd1\x12\x34"),
                BYTES("\xd2\xff\xff\x80\x00"),
                BYTES("\xd3\xff\xff\xff\xff\x80\x00\x00\x00"),
                BYTES("\xd3\x7f\xff\xff\xff\xff\xff\xff\xff"),
        };
        struct mp m;

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(skips(good[i]));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(skips(bad[i]));
        m = mp_of(BYTES("\xff"));
        mp_u64(&m, UINT64_MAX);
        assert_false(mp_ok(&m));
}

/* Lengths on both sides of every step between spellings. */
static const size_t steps[] = { 0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536 };
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void bytes_and_texts_of_every_length_come_back(void **state)
{
        for (size_t i = 0; i < STEPS; i++) {
                BUF_OWNED out = { 0 };
                BUF_OWNED content = { 0 };
                struct mp m;

                memset(buf_extend(&content, steps[i] + 1), 'x', steps[i] + 1);
                content.len--;
                mp_put_bin(&out, buf_slice(&content));
                mp_put_str(&out, buf_slice(&content));
                m = mp_of(buf_slice(&out));
                assert_true(slice_eq(mp_bin(&m, steps[i], steps[i]), buf_slice(&content)));
                assert_true(slice_eq(mp_str(&m, steps[i]), buf_slice(&content)));
                assert_true(mp_end(&m));

                m = mp_of(buf_slice(&out));
                assert_int_equal(mp_bin(&m, steps[i] + 1, SIZE_MAX).len, 0);
                assert_false(mp_ok(&m));
                if (steps[i] == 0)
                        continue;
                m = mp_of(buf_slice(&out));
                assert_int_equal(mp_bin(&m, 0, steps[i] - 1).len, 0);
                assert_false(mp_ok(&m));
        }
}

static void containers_of_every_size_come_back(void **state)
{
        for (size_t i = 0; i < STEPS; i++) {
                BUF_OWNED out = { 0 };
                uint32_t n = (uint32_t)steps[i];
                struct mp m;

                mp_put_array(&out, n);
                for (size_t k = 0; k < n; k++)
                        mp_put_bool(&out, k & 1);
                mp_put_map(&out, n);
                for (size_t k = 0; k < (size_t)2 * n; k++)
                        mp_put_u64(&out, k & 0x7f);
                m = mp_of(buf_slice(&out));
                assert_int_equal(mp_array(&m, n), n);
                for (size_t k = 0; k < n; k++)
                        assert_int_equal(mp_bool(&m), k & 1);
                assert_int_equal(mp_map(&m, n), n);
                for (size_t k = 0; k < (size_t)2 * n; k++)
                        assert_int_equal(mp_u64(&m, 0x7f), k & 0x7f);
                assert_true(mp_end(&m));
                m = mp_of(buf_slice(&out));
                mp_skip(&m);
                mp_skip(&m);
                assert_true(mp_end(&m));
                if (n == 0)
                        continue;
                m = mp_of(buf_slice(&out));
                assert_int_equal(mp_array(&m, n - 1), 0);
                assert_false(mp_ok(&m));
        }
}

static void a_length_longer_than_need_be_is_refused(void **state)
{
        static uint8_t bytes[70000];
        /* First byte, width of the length, the longest length that the next shorter spelling holds.
         */
        static const struct {
                uint8_t head;
                uint8_t width;
                uint32_t most;
                uint8_t per_item;
        } spelled[] = {
                { 0xd9, 1, 31, 1 },    { 0xda, 2, 255, 1 },   { 0xdb, 4, 65535, 1 },
                { 0xc5, 2, 255, 1 },   { 0xc6, 4, 65535, 1 }, { 0xc8, 2, 255, 1 },
                { 0xc9, 4, 65535, 1 }, { 0xdc, 2, 15, 1 },    { 0xdd, 4, 65535, 1 },
                { 0xde, 2, 15, 2 },    { 0xdf, 4, 32767, 2 },
        };

        for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++) {
                size_t ext = spelled[i].head == 0xc8 || spelled[i].head == 0xc9;
                uint8_t be[4];

                memset(bytes, 'x', sizeof(bytes));
                bytes[0] = spelled[i].head;
                put_be32(be, spelled[i].most);
                memcpy(bytes + 1, be + 4 - spelled[i].width, spelled[i].width);
                assert_false(skips(
                        slice_of(bytes, 1 + spelled[i].width + ext +
                                                (size_t)spelled[i].most * spelled[i].per_item)));
                if (spelled[i].head == 0xdf)
                        continue;
                put_be32(be, spelled[i].most + 1);
                memcpy(bytes + 1, be + 4 - spelled[i].width, spelled[i].width);
                assert_true(skips(slice_of(bytes, 1 + spelled[i].width + ext +
                                                          ((size_t)spelled[i].most + 1) *
                                                                  spelled[i].per_item)));
        }
}

static void an_extension_has_one_spelling(void **state)
{
        static const uint8_t fixed[] = { 1, 2, 4, 8, 16 };
        uint8_t bytes[20] = { 0xc7 };

        for (size_t i = 0; i < sizeof(fixed); i++) {
                bytes[0] = (uint8_t)(0xd4 + i);
                assert_true(skips(slice_of(bytes, (size_t)2 + fixed[i])));
                bytes[0] = 0xc7;
                bytes[1] = fixed[i];
                assert_false(skips(slice_of(bytes, (size_t)3 + fixed[i])));
        }
        bytes[1] = 3;
        assert_true(skips(slice_of(bytes, 6)));
        assert_false(skips(slice_of(bytes, 5)));
        bytes[1] = 0;
        assert_true(skips(slice_of(bytes, 3)));
        assert_false(skips(slice_of(bytes, 2)));
}

static void every_other_type_is_trouble(void **state)
{
        const struct slice any[] = {
                BYTES("\x01"),     BYTES("\xc3"),         BYTES("\xa1x"), BYTES("\xc4\x01x"),
                BYTES("\x91\x01"), BYTES("\x81\x01\x02"), BYTES("\xc0"),  BYTES("\xca\0\0\0\0"),
                BYTES("\xff"),     BYTES("\xd4xx"),
        };

        for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
                struct mp m[6];

                for (size_t k = 0; k < 6; k++)
                        m[k] = mp_of(any[i]);
                mp_u64(&m[0], UINT64_MAX);
                mp_bool(&m[1]);
                mp_str(&m[2], SIZE_MAX);
                mp_bin(&m[3], 0, SIZE_MAX);
                mp_array(&m[4], UINT32_MAX);
                mp_map(&m[5], UINT32_MAX);
                for (size_t k = 0; k < 6; k++)
                        assert_int_equal(mp_ok(&m[k]), k == i);
                assert_true(skips(any[i]));
        }
}

static void a_text_that_is_no_utf8_is_refused_wherever_it_breaks(void **state)
{
        uint8_t bytes[33] = { 0xd9, 0x1f };
        struct mp m;

        for (size_t i = 1; i < 24; i++) {
                memset(bytes, 'x', sizeof(bytes));
                bytes[0] = 0xa0 | 24;
                bytes[i] = 0x80;
                m = mp_of(slice_of(bytes, 25));
                assert_int_equal(mp_str(&m, 24).len, 0);
                assert_false(mp_ok(&m));
        }
}

static void a_count_beyond_what_is_left_is_refused_at_once(void **state)
{
        struct mp m = mp_of(BYTES("\xdd\xff\xff\xff\xff\x01"));

        assert_int_equal(mp_array(&m, UINT32_MAX), 0);
        assert_false(mp_ok(&m));
        m = mp_of(BYTES("\xdf\xff\xff\xff\xff\x01"));
        assert_int_equal(mp_map(&m, UINT32_MAX), 0);
        assert_false(mp_ok(&m));
        assert_false(skips(BYTES("\xdf\xff\xff\xff\xff\x01")));
        assert_false(skips(BYTES("\xdb\xff\xff\xff\xff\x01")));
        assert_false(skips(BYTES("\xc6\xff\xff\xff\xff\x01")));
}

/* P3.4 */
static void containers_are_stepped_over_down_to_the_depth_allowed(void **state)
{
        uint8_t bytes[32];

        memset(bytes, 0x91, sizeof(bytes));
        bytes[MP_DEPTH_MOST] = 0x01;
        assert_true(skips(slice_of(bytes, MP_DEPTH_MOST + 1)));
        bytes[MP_DEPTH_MOST - 1] = 0x90;
        assert_true(skips(slice_of(bytes, MP_DEPTH_MOST)));
        bytes[MP_DEPTH_MOST - 1] = 0x91;
        bytes[MP_DEPTH_MOST] = 0x90;
        assert_false(skips(slice_of(bytes, MP_DEPTH_MOST + 1)));
        bytes[MP_DEPTH_MOST] = 0x80;
        assert_false(skips(slice_of(bytes, MP_DEPTH_MOST + 1)));
}

static void trouble_stays_and_values_after_it_are_empty(void **state)
{
        struct mp m = mp_of(BYTES("\xc1\x01\xc3\xa1x\xc4\x01x\x91\x01\x81\x01\x02"));

        mp_skip(&m);
        assert_false(mp_ok(&m));
        assert_true(mp_u64(&m, UINT64_MAX) == 0);
        assert_false(mp_bool(&m));
        assert_int_equal(mp_str(&m, 9).len, 0);
        assert_int_equal(mp_bin(&m, 0, 9).len, 0);
        assert_int_equal(mp_array(&m, 9), 0);
        assert_int_equal(mp_map(&m, 9), 0);
        assert_int_equal(mp_skip(&m).len, 0);
        assert_false(mp_end(&m));
}

static void trailing_bytes_are_trouble(void **state)
{
        struct mp m = mp_of(BYTES("\x01\x02"));

        assert_int_equal(mp_u64(&m, 9), 1);
        assert_true(mp_ok(&m));
        assert_false(mp_end(&m));
}

static void nothing_at_all_is_trouble(void **state)
{
        struct mp m = mp_of(slice_of(NULL, 0));

        assert_true(mp_end(&m));
        mp_skip(&m);
        assert_false(mp_ok(&m));
}

static void check_agreement(struct slice s)
{
        const char *why = agree_on(s);

        if (why)
                fail_msg("%s: %zu bytes from %02x %02x", why, s.len, s.at[0],
                         s.len > 1 ? s.at[1] : 0);
}

/* Every first two bytes, then bytes that make lengths small, so that deep values come about. */
static void msgpack_c_agrees_on_random_bytes(void **state)
{
        struct any a;

        any_begin(&a, 4711);
        for (unsigned head = 0; head < 0x10000; head++) {
                uint8_t bytes[40];

                bytes[0] = (uint8_t)(head >> 8);
                bytes[1] = (uint8_t)head;
                for (size_t i = 2; i < sizeof(bytes); i++)
                        bytes[i] = (uint8_t)(any_u64(&a, 2) ? any_u64(&a, 255) : any_u64(&a, 3));
                check_agreement(slice_of(bytes, sizeof(bytes)));
                check_agreement(slice_of(bytes, 1 + any_u64(&a, 12)));
        }
        any_end(&a);
}

/* Heads of types rather than any bytes: most of these are values, many of them nested. */
static void msgpack_c_agrees_on_bytes_that_look_like_values(void **state)
{
        static const uint8_t heads[] = { 0x80, 0x81, 0x82, 0x90, 0x91, 0x92, 0x93, 0xa0,
                                         0xa1, 0xa3, 0xc0, 0xc2, 0xc3, 0xc4, 0xc5, 0xc7,
                                         0xca, 0xcc, 0xcd, 0xd0, 0xd1, 0xd4, 0xd5, 0xd9,
                                         0xda, 0xdc, 0xde, 0xe0, 0x00, 0x01, 0x02, 0x20 };
        struct any a;

        any_begin(&a, 42);
        for (size_t round = 0; round < 200000; round++) {
                uint8_t bytes[48];

                for (size_t i = 0; i < sizeof(bytes); i++)
                        bytes[i] = heads[any_u64(&a, sizeof(heads) - 1)];
                check_agreement(slice_of(bytes, sizeof(bytes)));
        }
        any_end(&a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(numbers_come_back_as_they_were_written),
                cmocka_unit_test(a_number_has_one_spelling),
                cmocka_unit_test(a_negative_number_is_stepped_over_in_its_one_spelling),
                cmocka_unit_test(bytes_and_texts_of_every_length_come_back),
                cmocka_unit_test(containers_of_every_size_come_back),
                cmocka_unit_test(a_length_longer_than_need_be_is_refused),
                cmocka_unit_test(an_extension_has_one_spelling),
                cmocka_unit_test(every_other_type_is_trouble),
                cmocka_unit_test(a_text_that_is_no_utf8_is_refused_wherever_it_breaks),
                cmocka_unit_test(a_count_beyond_what_is_left_is_refused_at_once),
                cmocka_unit_test(containers_are_stepped_over_down_to_the_depth_allowed),
                cmocka_unit_test(trouble_stays_and_values_after_it_are_empty),
                cmocka_unit_test(trailing_bytes_are_trouble),
                cmocka_unit_test(nothing_at_all_is_trouble),
                cmocka_unit_test(msgpack_c_agrees_on_random_bytes),
                cmocka_unit_test(msgpack_c_agrees_on_bytes_that_look_like_values),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
