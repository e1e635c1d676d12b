/* form_date.c - which days exist, in which era, and how they are said (N1.4, N3.3) */
#include "form/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* Parts as a certificate writes them; NULL: not there. */
static int read4(struct form_date *d, enum form_type type, const char *a, const char *b,
                 const char *c, const char *e)
{
        struct doc_node n = { .part = { slice_str(a), slice_str(b), slice_str(c), slice_str(e) } };

        return form_date_read(d, &n, type);
}

static int in_era(const char *era, const char *year, const char *month, const char *day)
{
        struct form_date d;

        return read4(&d, FORM_YYMMDD, era, year, month, day);
}

static int gregorian(const char *year, const char *month, const char *day)
{
        struct form_date d;

        return read4(&d, FORM_YYYYMMDD, year, month, day, NULL);
}

static void an_era_has_the_days_from_its_first_to_its_last(void **state)
{
        static const struct {
                const char *era, *year, *month, *day;
                int result;
        } limit[] = {
                { "1", "1", "1", "24", DATE_BAD },  { "1", "1", "1", "25", 0 },
                { "1", "45", "7", "30", 0 },        { "1", "45", "7", "31", DATE_BAD },
                { "2", "1", "7", "29", DATE_BAD },  { "2", "1", "7", "30", 0 },
                { "2", "15", "12", "25", 0 },       { "2", "15", "12", "26", DATE_BAD },
                { "3", "1", "12", "24", DATE_BAD }, { "3", "1", "12", "25", 0 },
                { "3", "64", "1", "7", 0 },         { "3", "64", "1", "8", DATE_BAD },
                { "4", "1", "1", "7", DATE_BAD },   { "4", "1", "1", "8", 0 },
                { "4", "31", "4", "30", 0 },        { "4", "31", "5", "1", DATE_BAD },
                { "5", "1", "4", "30", DATE_BAD },  { "5", "1", "5", "1", 0 },
                { "5", "99", "12", "31", 0 },
        };

        for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++) {
                int r = in_era(limit[i].era, limit[i].year, limit[i].month, limit[i].day);

                if (r != limit[i].result)
                        fail_msg("era %s %s-%s-%s: %d", limit[i].era, limit[i].year, limit[i].month,
                                 limit[i].day, r);
        }
}

static void a_year_of_an_era_exists_when_one_of_its_days_does(void **state)
{
        struct form_date d;

        assert_int_equal(read4(&d, FORM_YY, "4", "31", NULL, NULL), 0);
        assert_int_equal(d.year, 2019);
        assert_int_equal(read4(&d, FORM_YY, "5", "1", NULL, NULL), 0);
        assert_int_equal(d.year, 2019);
        assert_int_equal(read4(&d, FORM_YY, "4", "32", NULL, NULL), DATE_BAD);
        assert_int_equal(read4(&d, FORM_YY, "3", "65", NULL, NULL), DATE_BAD);
        assert_int_equal(read4(&d, FORM_YY, "2", "16", NULL, NULL), DATE_BAD);
        assert_int_equal(read4(&d, FORM_YY, "1", "46", NULL, NULL), DATE_BAD);
        assert_int_equal(in_era("4", "31", "4", NULL), 0);
        assert_int_equal(in_era("4", "31", "5", NULL), DATE_BAD);
        assert_int_equal(in_era("5", "1", "4", NULL), DATE_BAD);
}

static void an_era_that_is_none_or_a_part_that_is_zero_or_no_number_is_bad(void **state)
{
        assert_int_equal(in_era("0", "1", "5", "1"), DATE_BAD);
        assert_int_equal(in_era("6", "1", "5", "1"), DATE_BAD);
        assert_int_equal(in_era("5", "0", "5", "1"), DATE_BAD);
        assert_int_equal(in_era("5", "8", "0", "1"), DATE_BAD);
        assert_int_equal(in_era("5", "8", "1", "0"), DATE_BAD);
        assert_int_equal(in_era("5", NULL, "1", "1"), DATE_BAD);
        assert_int_equal(in_era(NULL, "8", "1", "1"), DATE_BAD);
        assert_int_equal(in_era("5", "8", "1x", "1"), DATE_BAD);
        assert_int_equal(in_era("5", "8", "", "1"), DATE_BAD);
        assert_int_equal(in_era("5", "8", "-1", "1"), DATE_BAD);
        assert_int_equal(gregorian("20266", "1", "1"), DATE_BAD);
        assert_int_equal(gregorian("２026", "1", "1"), DATE_BAD);
}

static void february_ends_by_the_gregorian_rule(void **state)
{
        assert_int_equal(gregorian("2024", "2", "29"), 0);
        assert_int_equal(gregorian("2000", "2", "29"), 0);
        assert_int_equal(gregorian("2026", "2", "29"), DATE_BAD);
        assert_int_equal(gregorian("1900", "2", "29"), DATE_BAD);
        assert_int_equal(gregorian("2024", "2", "30"), DATE_BAD);
        assert_int_equal(in_era("5", "6", "2", "29"), 0);
        assert_int_equal(in_era("5", "7", "2", "29"), DATE_BAD);
}

static void days_that_no_month_has_are_bad(void **state)
{
        assert_int_equal(gregorian("2026", "4", "31"), DATE_BAD);
        assert_int_equal(gregorian("2026", "12", "31"), 0);
        assert_int_equal(gregorian("2026", "12", "32"), DATE_BAD);
        assert_int_equal(gregorian("2026", "13", "1"), DATE_BAD);
}

static void a_day_without_a_year_may_be_the_29th_of_february(void **state)
{
        struct form_date d;

        assert_int_equal(read4(&d, FORM_MMDD, "2", "29", NULL, NULL), 0);
        assert_int_equal(d.year, 0);
        assert_int_equal(read4(&d, FORM_MMDD, "2", "30", NULL, NULL), DATE_BAD);
        assert_int_equal(read4(&d, FORM_MM, "09", NULL, NULL, NULL), 0);
        assert_int_equal(d.month, 9);
        assert_int_equal(read4(&d, FORM_MM, "13", NULL, NULL, NULL), DATE_BAD);
}

static void others_zeros_before_a_number_mean_nothing(void **state)
{
        struct form_date d;

        assert_int_equal(read4(&d, FORM_YYMMDD, "5", "08", "01", "02"), 0);
        assert_int_equal(d.year, 2026);
        assert_int_equal(d.era, 5);
        assert_int_equal(d.era_year, 8);
        assert_int_equal(d.month, 1);
        assert_int_equal(d.day, 2);
}

static void what_is_not_there_is_absent_and_what_is_bad_changes_nothing(void **state)
{
        struct form_date d = { .year = 7 };

        assert_int_equal(read4(&d, FORM_YYYYMMDD, NULL, NULL, NULL, NULL), DATE_ABSENT);
        assert_int_equal(read4(&d, FORM_STR, "8", NULL, NULL, NULL), DATE_ABSENT);
        assert_int_equal(read4(&d, FORM_YYYYMMDD, "2026", "2", "29", NULL), DATE_BAD);
        assert_int_equal(d.year, 7);
        assert_int_equal(read4(&d, FORM_YYYYMM, "2026", NULL, NULL, NULL), 0);
        assert_int_equal(d.month, 0);
}

static void check_shown(struct form_date d, const char *plain, const char *both)
{
        char text[FORM_DATE_TEXT];

        form_date_show(text, &d);
        assert_string_equal(text, plain);
        form_date_show_both(text, &d);
        assert_string_equal(text, both);
}

static void a_date_is_said_as_it_was_written_and_in_its_era(void **state)
{
        check_shown((struct form_date){ 2026, 11, 2, 5, 8 }, "令和8年11月2日", "令和8年11月2日");
        check_shown((struct form_date){ 2019, 5, 1, 5, 1 }, "令和元年5月1日", "令和元年5月1日");
        check_shown((struct form_date){ 2026, 11, 2, 0, 0 }, "2026年11月2日",
                    "2026年（令和8年）11月2日");
        check_shown((struct form_date){ 2026, 0, 0, 0, 0 }, "2026年", "2026年（令和8年）");
        check_shown((struct form_date){ 0, 1, 0, 0, 0 }, "1月", "1月");
        check_shown((struct form_date){ 0, 2, 29, 0, 0 }, "2月29日", "2月29日");
        check_shown((struct form_date){ 1850, 1, 1, 0, 0 }, "1850年1月1日", "1850年1月1日");
}

static void a_year_of_two_eras_says_both_and_a_day_the_one_that_begins(void **state)
{
        check_shown((struct form_date){ .year = 2019 }, "2019年", "2019年（平成31年・令和元年）");
        check_shown((struct form_date){ .year = 1989, .month = 1 }, "1989年1月",
                    "1989年（昭和64年・平成元年）1月");
        check_shown((struct form_date){ .year = 2019, .month = 4 }, "2019年4月",
                    "2019年（平成31年）4月");
        check_shown((struct form_date){ .year = 1912, .month = 7, .day = 30 }, "1912年7月30日",
                    "1912年（大正元年）7月30日");
        check_shown((struct form_date){ .year = 1989, .month = 1, .day = 7 }, "1989年1月7日",
                    "1989年（昭和64年）1月7日");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_era_has_the_days_from_its_first_to_its_last),
                cmocka_unit_test(a_year_of_an_era_exists_when_one_of_its_days_does),
                cmocka_unit_test(an_era_that_is_none_or_a_part_that_is_zero_or_no_number_is_bad),
                cmocka_unit_test(february_ends_by_the_gregorian_rule),
                cmocka_unit_test(days_that_no_month_has_are_bad),
                cmocka_unit_test(a_day_without_a_year_may_be_the_29th_of_february),
                cmocka_unit_test(others_zeros_before_a_number_mean_nothing),
                cmocka_unit_test(what_is_not_there_is_absent_and_what_is_bad_changes_nothing),
                cmocka_unit_test(a_date_is_said_as_it_was_written_and_in_its_era),
                cmocka_unit_test(a_year_of_two_eras_says_both_and_a_day_the_one_that_begins),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
