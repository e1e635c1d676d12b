/* form_number.c - check digits and amounts, by public vectors */
#include "form/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static bool hojin(const char *s)
{
        return form_hojinbango_ok(slice_str(s));
}

static bool kojin(const char *s)
{
        return form_kojinbango_ok(slice_str(s));
}

/* The National Tax Agency, Chiyoda City, Koganei City and Tokyo; a local government's number ends
 * with its code. */
static void a_corporate_number_is_known_by_its_check_digit(void **state)
{
        assert_true(hojin("7000012050002"));
        assert_true(hojin("8000020131016"));
        assert_true(hojin("3000020132101"));
        assert_true(hojin("8000020130001"));
        assert_false(hojin("9000020131016"));
}

static void a_personal_number_is_known_by_its_check_digit(void **state)
{
        assert_true(kojin("123456789018"));
        assert_true(kojin("987654321093"));
        assert_false(kojin("210987654321"));
        /* A remainder of 0 or 1 gives the digit 0. */
        assert_true(kojin("000000000000"));
        assert_true(kojin("000000000060"));
}

static void any_other_check_digit_is_wrong(void **state)
{
        char h[] = "7000012050002", k[] = "123456789018";
        int right = 0;

        for (char d = '0'; d <= '9'; d++) {
                h[0] = d;
                k[11] = d;
                right += hojin(h) + kojin(k);
        }
        assert_int_equal(right, 2);
}

static void a_number_of_another_length_or_with_a_letter_is_none(void **state)
{
        assert_false(hojin(""));
        assert_false(hojin("700001205000"));
        assert_false(hojin("70000120500020"));
        assert_false(hojin("700001205000A"));
        assert_false(hojin("700001205000２"));
        assert_false(kojin("12345678901"));
        assert_false(kojin("1234567890181"));
        assert_false(kojin("12345678901 "));
}

static void amounts_have_a_minus_and_up_to_fifteen_digits(void **state)
{
        int64_t v = 7;

        assert_true(form_amount_read(&v, slice_str("0")) && v == 0);
        assert_true(form_amount_read(&v, slice_str("-0")) && v == 0);
        assert_true(form_amount_read(&v, slice_str("-12")) && v == -12);
        assert_true(form_amount_read(&v, slice_str("000005678")) && v == 5678);
        assert_true(form_amount_read(&v, slice_str("999999999999999")) && v == 999999999999999);
        assert_true(form_amount_read(&v, slice_str("-999999999999999")) && v == -999999999999999);
}

static void what_is_no_amount_changes_nothing(void **state)
{
        static const char *const bad[] = { "",   "-",     "+1",  "1,000",           "1.0",
                                           " 1", "１000", "1-2", "1000000000000000" };
        int64_t v = 7;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(form_amount_read(&v, slice_str(bad[i])));
        assert_int_equal(v, 7);
}

static void amounts_are_shown_in_thousands(void **state)
{
        static const struct {
                int64_t amount;
                const char *text;
        } shown[] = {
                { 0, "0" },
                { 999, "999" },
                { 1000, "1,000" },
                { -5, "-5" },
                { -123456, "-123,456" },
                { 1234567, "1,234,567" },
                { 999999999999999, "999,999,999,999,999" },
                { INT64_MIN, "-9,223,372,036,854,775,808" },
        };
        char text[FORM_AMOUNT_TEXT];

        for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
                form_amount_show(text, shown[i].amount);
                assert_string_equal(text, shown[i].text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_corporate_number_is_known_by_its_check_digit),
                cmocka_unit_test(a_personal_number_is_known_by_its_check_digit),
                cmocka_unit_test(any_other_check_digit_is_wrong),
                cmocka_unit_test(a_number_of_another_length_or_with_a_letter_is_none),
                cmocka_unit_test(amounts_have_a_minus_and_up_to_fifteen_digits),
                cmocka_unit_test(what_is_no_amount_changes_nothing),
                cmocka_unit_test(amounts_are_shown_in_thousands),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
