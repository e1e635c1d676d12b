/* base_text.c - base64, numbers, UTF-8 and instants as people write them */
#include "base/clock.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void base64_agrees_with_the_vectors_of_rfc_4648(void **state)
{
        static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
        static const char *const coded[] = { "",         "Zg==",     "Zm8=",    "Zm9v",
                                             "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };

        for (size_t i = 0; i < 7; i++) {
                BUF_OWNED out = { 0 };
                BUF_OWNED back = { 0 };

                text_put_base64(&out, slice_str(plain[i]));
                assert_true(slice_is(buf_slice(&out), coded[i]));
                assert_true(text_get_base64_any(slice_str(coded[i]), &back));
                assert_true(slice_is(buf_slice(&back), plain[i]));
        }
}

static void base64_that_is_not_canonical_is_refused(void **state)
{
        static const char *const bad[] = { "Zh==",   "Zm9=", "Zg",   "Zg=",     "Z===",
                                           "Zm9v\n", "Zm 9", "====", "Zg==Zg==" };
        uint8_t one[1];

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                BUF_OWNED out = { 0 };

                assert_false(text_get_base64_any(slice_str(bad[i]), &out));
                assert_int_equal(out.len, 0);
        }
        assert_false(text_get_base64_raw(slice_str("Zh"), one, 1));
        assert_true(text_get_base64_raw(slice_str("Zg"), one, 1));
}

static void numbers_have_one_spelling(void **state)
{
        uint64_t v = 7;

        assert_true(text_get_u64(slice_str("18446744073709551615"), &v));
        assert_true(v == UINT64_MAX);
        v = 7;
        assert_false(text_get_u64(slice_str("18446744073709551616"), &v));
        assert_false(text_get_u64(slice_str("01"), &v));
        assert_false(text_get_u64(slice_str(""), &v));
        assert_false(text_get_u64(slice_str("+1"), &v));
        assert_int_equal(v, 7);
}

static void utf8_is_judged_by_the_unicode_table(void **state)
{
        assert_true(text_is_utf8(slice_str("生命保険料控除証明書 𠮷")));
        assert_false(text_is_utf8(slice_str("\xc0\x80")));
        assert_false(text_is_utf8(slice_str("\xed\xa0\x80")));
        assert_false(text_is_utf8(slice_str("\xf4\x90\x80\x80")));
        assert_false(text_is_utf8(slice_str("\xe3\x81")));
}

static void instants_are_read_with_offset_and_fraction(void **state)
{
        char out[CLOCK_RFC3339];
        instant t;

        assert_true(clock_parse(slice_str("2026-10-15T09:00:00+09:00"), &t));
        clock_rfc3339(out, t);
        assert_string_equal(out, "2026-10-15T00:00:00Z");
        assert_true(clock_parse(slice_str("2026-10-15T00:00:00.123Z"), &t));
        assert_int_equal(t % 1000, 123);
        assert_true(clock_parse(slice_str("2024-02-29T23:59:59Z"), &t));
        assert_false(clock_parse(slice_str("2026-02-29T00:00:00Z"), &t));
        assert_false(clock_parse(slice_str("2026-10-15 00:00:00Z"), &t));
        assert_false(clock_parse(slice_str("2026-10-15T00:00:00"), &t));
        assert_false(clock_parse(slice_str("2026-10-15T00:00:00.Z"), &t));
        assert_false(clock_parse(slice_str("2026-10-15T24:00:00Z"), &t));
}

static void json_strings_are_safe(void **state)
{
        BUF_OWNED out = { 0 };

        text_put_json(&out, slice_str("a\"b\\c\n\x1b\xff箱"));
        assert_true(slice_is(buf_slice(&out), "\"a\\\"b\\\\c\\u000a\\u001b\xef\xbf\xbd箱\""));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(base64_agrees_with_the_vectors_of_rfc_4648),
                cmocka_unit_test(base64_that_is_not_canonical_is_refused),
                cmocka_unit_test(numbers_have_one_spelling),
                cmocka_unit_test(utf8_is_judged_by_the_unicode_table),
                cmocka_unit_test(instants_are_read_with_offset_and_fraction),
                cmocka_unit_test(json_strings_are_safe),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
