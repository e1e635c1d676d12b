/* form_nta_check.c - what may stand in a sender's record, and what is said when it may not (N1.3,
 * N1.4, N1.5). test/vector/nta/columns.py goes through every column; these are the stories. */
#include "form_nta_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* One record, changed in one column: what is said? */
static void check_one(const char *form, unsigned column, const char *text, const char *want)
{
        BUF_OWNED file = { 0 };

        world_put(&file, form, "\r\n", column, text, 0);
        assert_string_equal(world_findings(&file), want);
}

static void names_as_people_write_them_pass(void **state)
{
        check_one("TEG822", 4, "㈱髙﨑①　Ⅳ号　彅～－∥￢瀨", "");
}

/* N1.3 */
static void what_cannot_stand_in_a_text_is_named_with_its_place(void **state)
{
        BUF_OWNED file = { 0 };

        check_one("TEG822", 4, "山田ﾀﾛｳ★",
                  "CSV_HALF_WIDTH_KANA 1.4 [山田ﾀﾛｳ★] U+FF80 ﾀ #3\n"
                  "CSV_HALF_WIDTH_KANA 1.4 [山田ﾀﾛｳ★] U+FF9B ﾛ #4\n"
                  "CSV_HALF_WIDTH_KANA 1.4 [山田ﾀﾛｳ★] U+FF73 ｳ #5\n"
                  "CSV_SYMBOL 1.4 [山田ﾀﾛｳ★] U+2605 ★ #6\n");
        check_one("TEG822", 8, "℡03№",
                  "CSV_SYMBOL 1.8 [℡03№] U+2121 ℡ #1\nCSV_SYMBOL 1.8 [℡03№] U+2116 № #4\n");
        world_put_raw(&file, "TEG822", 4, "\x8e\x52\xf0\x40\xf9\xfc"); /* 山 and two 外字 */
        world_put_raw(&file, "TEG822", 8, "A\tB\x7f\x1b[2J");
        world_put_raw(&file, "TEG822", 9, "A\x86\x40\xfd\x8e");
        assert_string_equal(world_findings(&file),
                            "CSV_GAIJI 1.4 [山\\uE000\\uE757] F040 #2\n"
                            "CSV_GAIJI 1.4 [山\\uE000\\uE757] F9FC #3\n"
                            "CSV_CONTROL 2.8 [A\\u0009B\\u007F\\u001B[2J] U+0009 #2\n"
                            "CSV_CONTROL 2.8 [A\\u0009B\\u007F\\u001B[2J] U+007F #4\n"
                            "CSV_CONTROL 2.8 [A\\u0009B\\u007F\\u001B[2J] U+001B #5\n"
                            "CSV_NO_CHARACTER 3.9 [A\\x86\\xFD\\x8E] 8640 #2\n"
                            "CSV_NO_CHARACTER 3.9 [A\\x86\\xFD\\x8E] FD #3\n"
                            "CSV_NO_CHARACTER 3.9 [A\\x86\\xFD\\x8E] 8E #4\n");
}

/* N1.5 */
static void every_finding_of_a_file_is_said_and_nothing_comes_of_it(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG822", "\r\n", 3, "", 5, "17", 7, "1,000", 12, "32", 14, "Ａ", 0);
        world_put(&file, "TEG822", "\r\n", 0);
        world_put(&file, "TEG822", "\r\n", 10, "26", 11, "13", 0);
        assert_string_equal(world_findings(&file), "CSV_TOO_MANY_COLUMNS 1.0 15 > 14\n"
                                                   "CSV_WRONG_LENGTH 3.10 [26] 2 ≠ 4\n"
                                                   "CSV_OUT_OF_RANGE 3.11 [13] 1-12\n");
        buf_clear(&file);
        world_put(&file, "TEG822", "\r\n", 3, "", 5, "17", 7, "\"1,000\"", 12, "32", 14, "Ａ", 0);
        assert_string_equal(
                world_findings(&file),
                "CSV_MISSING 1.3\n"
                "CSV_WRONG_CODE 1.5 [17] 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 8\n"
                "CSV_WRONG_CHARACTERS 1.7 [1,000] 0-9 +\n"
                "CSV_OUT_OF_RANGE 1.12 [32] 1-31\n"
                "CSV_WRONG_CHARACTERS 1.14 [Ａ] ASCII\n");
}

static void a_column_that_another_one_asks_for_names_the_other(void **state)
{
        check_one("TEG822", 5, "8", "CSV_MISSING_HERE 1.6 5 寄附の種類 = 8\n");
        check_one("TEG822", 5, "9", "");
        check_one("TEG800", 60, "4",
                  "CSV_MISSING_HERE 1.59 60 証明対象保険料の月分（自）  月 = 4\n");
}

static void days_have_to_exist(void **state)
{
        BUF_OWNED file = { 0 };

        check_one("TEG822", 11, "02", "");
        world_put(&file, "TEG822", "\r\n", 11, "2", 12, "29", 0);
        world_put(&file, "TEG822", "\r\n", 10, "2024", 11, "2", 12, "29", 0);
        world_put(&file, "TEG822", "\r\n", 11, "04", 12, "31", 0);
        assert_string_equal(world_findings(&file), "CSV_NO_SUCH_DAY 1.10 [2026] 2026-2-29\n"
                                                   "CSV_NO_SUCH_DAY 3.10 [2026] 2026-04-31\n");
}

static void an_era_ends_and_the_next_begins(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG850", "\n", 17, "4", 18, "31", 19, "4", 20, "30", 0);
        world_put(&file, "TEG850", "\n", 17, "4", 18, "31", 19, "5", 20, "1", 0);
        world_put(&file, "TEG850", "\n", 17, "5", 18, "1", 19, "5", 20, "1", 0);
        world_put(&file, "TEG850", "\n", 17, "5", 18, "1", 19, "4", 20, "30", 0);
        world_put(&file, "TEG850", "\n", 17, "3", 18, "64", 19, "1", 20, "7", 0);
        world_put(&file, "TEG850", "\n", 17, "3", 18, "64", 19, "1", 20, "8", 0);
        world_put(&file, "TEG850", "\n", 17, "4", 18, "1", 19, "1", 20, "8", 0);
        world_put(&file, "TEG850", "\n", 2, "4", 3, "31", 0);
        world_put(&file, "TEG850", "\n", 2, "4", 3, "32", 0);
        assert_string_equal(world_findings(&file), "CSV_NO_SUCH_DAY 2.17 [4] 4-31-5-1\n"
                                                   "CSV_NO_SUCH_DAY 4.17 [5] 5-1-4-30\n"
                                                   "CSV_NO_SUCH_DAY 6.17 [3] 3-64-1-8\n"
                                                   "CSV_NO_SUCH_DAY 9.3 [32] 4-32\n");
}

static void a_year_that_goes_to_two_elements_is_one_finding(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG840", "\n", 4, "4", 5, "32", 0);
        assert_string_equal(world_findings(&file), "CSV_NO_SUCH_DAY 1.5 [32] 4-32\n");
}

static void half_a_date_is_none(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG800", "\n", 10, "1990", 12, "2", 0);
        world_put(&file, "TEG800", "\n", 53, "2001", 54, "13", 0);
        assert_string_equal(world_findings(&file), "CSV_INCOMPLETE 1.11\n"
                                                   "CSV_OUT_OF_RANGE 2.54 [13] 1-12\n"
                                                   "CSV_INCOMPLETE 2.55\n");
        check_one("TEG840", 34, "5", "CSV_INCOMPLETE 1.35\n");
        check_one("TEG840", 20, "8", "CSV_INCOMPLETE 1.19\n");
}

static void a_period_begins_before_it_ends(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG800", "\n", 59, "2025", 60, "12", 61, "2026", 62, "01", 0);
        world_put(&file, "TEG800", "\n", 59, "2026", 60, "09", 61, "2026", 62, "9", 0);
        world_put(&file, "TEG800", "\n", 59, "2026", 60, "10", 61, "2026", 62, "9", 0);
        world_put(&file, "TEG800", "\n", 61, "2026", 62, "9", 0);
        world_put(&file, "TEG800", "\n", 59, "2026", 60, "10", 61, "2026", 62, "99", 0);
        assert_string_equal(world_findings(&file), "CSV_NOT_BEFORE 2.59 [2026] 2026-09 ≥ 2026-09\n"
                                                   "CSV_NOT_BEFORE 3.59 [2026] 2026-10 ≥ 2026-09\n"
                                                   "CSV_OUT_OF_RANGE 5.62 [99] 1-12\n");
}

static void a_spreadsheet_that_took_zeros_away_is_told_to_put_them_back(void **state)
{
        check_one("TEG800", 6, "5", "CSV_WRONG_LENGTH 1.6 [5] 1 ≠ 3\n");
        check_one("TEG800", 6, "005", "");
        check_one("TEG800", 50, "8010001000123", "");
        check_one("TEG800", 50, "7010001000123", "CSV_CHECK_DIGIT 1.50 [7010001000123]\n");
        check_one("TEG800", 50, "8.01E+12", "CSV_WRONG_CHARACTERS 1.50 [8.01E+12] 0-9\n");
}

static void amounts_have_fifteen_digits_and_some_a_sign(void **state)
{
        check_one("TEG800", 19, "-999999999999999", "");
        check_one("TEG800", 19, "+999999999999999", "");
        check_one("TEG800", 19, "1000000000000000",
                  "CSV_OUT_OF_RANGE 1.19 [1000000000000000] -999999999999999 - 999999999999999\n");
        check_one("TEG800", 20, "-1", "CSV_WRONG_CHARACTERS 1.20 [-1] 0-9 +\n");
        check_one("TEG800", 20, "+", "CSV_WRONG_CHARACTERS 1.20 [+] 0-9 +\n");
        check_one("TEG830", 23, "10000000000000",
                  "CSV_OUT_OF_RANGE 1.23 [10000000000000] 0 - 9999999999999\n");
        check_one("TEG800", 19, "１０００", "CSV_WRONG_CHARACTERS 1.19 [１０００] 0-9 + -\n");
}

static void a_long_value_is_shown_cut_between_characters(void **state)
{
        BUF_OWNED file = { 0 };
        BUF_OWNED text = { 0 };
        const char *said;

        for (unsigned i = 0; i < 36; i++)
                buf_puts(&text, "証");
        world_put(&file, "TEG800", "\n", 3, buf_cstr(&text), 0);
        said = world_findings(&file);
        assert_non_null(strstr(said, "CSV_TOO_LONG 1.3 [証証"));
        assert_non_null(strstr(said, "証…] 36 > 35\n"));
        assert_true(strlen(said) < 140);
}

static void what_would_turn_a_terminal_s_text_around_is_shown_by_number(void **state)
{
        BUF_OWNED file = { 0 };

        world_as_utf8(true);
        world_put(&file, "TEG822", "\n", 4, "山田", 5, "\u202e1\u200b\u2066", 0);
        assert_non_null(
                strstr(world_findings(&file), "CSV_WRONG_CODE 1.5 [\\u202E1\\u200B\\u2066] "));
        world_as_utf8(false);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_as_people_write_them_pass),
                cmocka_unit_test(what_cannot_stand_in_a_text_is_named_with_its_place),
                cmocka_unit_test(every_finding_of_a_file_is_said_and_nothing_comes_of_it),
                cmocka_unit_test(a_column_that_another_one_asks_for_names_the_other),
                cmocka_unit_test(days_have_to_exist),
                cmocka_unit_test(an_era_ends_and_the_next_begins),
                cmocka_unit_test(a_year_that_goes_to_two_elements_is_one_finding),
                cmocka_unit_test(half_a_date_is_none),
                cmocka_unit_test(a_period_begins_before_it_ends),
                cmocka_unit_test(a_spreadsheet_that_took_zeros_away_is_told_to_put_them_back),
                cmocka_unit_test(amounts_have_fifteen_digits_and_some_a_sign),
                cmocka_unit_test(a_long_value_is_shown_cut_between_characters),
                cmocka_unit_test(what_would_turn_a_terminal_s_text_around_is_shown_by_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
