/* form_nta_certificate.c - records become certificates (N1.6, N1.7) */
#include "form_nta_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

static unsigned count(const char *text, const char *what)
{
        unsigned n = 0;

        while ((text = strstr(text, what))) {
                n++;
                text += strlen(what);
        }
        return n;
}

/* @n records under one grouping code, each with its number in @column. */
static void put_group(struct buf *file, const char *form, const char *code, unsigned column,
                      unsigned n)
{
        for (unsigned i = 1; i <= n; i++) {
                char number[16];

                snprintf(number, sizeof(number), "N%u", i);
                world_put(file, form, "\r\n", 2, code, column, number, 0);
        }
}

static void what_is_empty_is_left_out_with_the_groups_around_it(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        world_put(&file, "TEG800", "\r\n", 0);
        world_put(&file, "TEG800", "\r\n", 13, "確定年金", 30, "-5", 0);
        csv = world_open(&file);
        assert_string_equal(
                world_certificate(csv, 0),
                "WCA00000=文箱生命 WCC00000=2026/10/9 WCD00000=山田　太郎 WCE00000( WCE00010=2026 "
                "WCE00020=生命保険料控除証明書 WCE00030=1/新生命保険料控除制度 WCE00040=第１号 )");
        assert_string_equal(
                world_certificate(csv, 1),
                "WCA00000=文箱生命 WCC00000=2026/10/9 WCD00000=山田　太郎 WCE00000( WCE00010=2026 "
                "WCE00020=生命保険料控除証明書 WCE00030=1/新生命保険料控除制度 WCE00040=第１号 "
                "WCE00130( WCE00160=確定年金 ) WCE00190( WCE00310( WCE00320( WCE00350=-5 ) ) ) )");
        nta_csv_free(csv);
}

static void a_plus_and_the_zeros_of_a_month_are_left_out_and_no_others(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        world_put(&file, "TEG800", "\r\n", 6, "005", 19, "+000100", 20, "0", 21, "-0100", 53,
                  "0990", 54, "04", 55, "09", 0);
        csv = world_open(&file);
        assert_non_null(strstr(world_certificate(csv, 0), "WCE00060=0990/4/9 WCE00120=005 "));
        assert_non_null(
                strstr(world_certificate(csv, 0), "WCE00280=000100 WCE00290=0 WCE00300=-0100 "));
        nta_csv_free(csv);
}

static void records_of_one_code_make_a_certificate_wherever_they_stand(void **state)
{
        BUF_OWNED file = { 0 };
        BUF_OWNED value = { 0 };
        unsigned record, line, records;
        struct nta_csv *csv;

        world_put(&file, "TEG822", "\r\n", 2, "b", 3, "R1", 0);
        world_put(&file, "TEG822", "\r\n", 3, "R2", 0);
        world_put(&file, "TEG822", "\r\n", 2, "a", 3, "R3", 0);
        world_put(&file, "TEG822", "\r\n\r\n", 2, "b", 3, "R4", 0);
        world_put(&file, "TEG822", "\r\n", 3, "R5", 0);
        world_put(&file, "TEG822", "\r\n", 2, "B", 3, "R6", 4, "佐藤", 0);
        world_put(&file, "TEG822", "\r\n", 2, "0b", 3, "R7", 4, "鈴木", 0);
        csv = world_open(&file);
        assert_int_equal(nta_csv_certificates(csv), 6);
        for (unsigned i = 0; i < 6; i++) {
                static const char *const first[] = { "R1", "R2", "R3", "R5", "R6", "R7" };

                buf_clear(&value);
                nta_csv_value(csv, i, 0, 3, &value);
                assert_string_equal(buf_cstr(&value), first[i]);
                nta_csv_origin(csv, i, &record, &line, &records);
                assert_int_equal(records, i == 0 ? 2 : 1);
                assert_int_equal(line, i < 3 ? i + 1 : i + 3);
        }
        assert_int_equal(count(world_certificate(csv, 0), "WLA00000"), 1);
        assert_non_null(strstr(world_certificate(csv, 0), "WLB00010=R1 "));
        assert_non_null(strstr(world_certificate(csv, 0), "WLB00010=R4 "));
        buf_clear(&value);
        nta_csv_value(csv, 0, 1, 3, &value);
        assert_string_equal(buf_cstr(&value), "R4");
        assert_int_equal(nta_csv_record(csv, 0, 1).at[9], 'R');
        nta_csv_free(csv);
}

static void what_stands_outside_the_rows_is_equal_in_a_group(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        world_put(&file, "TEG800", "\r\n", 2, "1", 64, "09", 65, "1", 0);
        world_put(&file, "TEG800", "\r\n", 2, "1", 64, "9", 65, "01", 4, "第２号", 0);
        csv = world_open(&file);
        assert_int_equal(nta_csv_certificates(csv), 1);
        nta_csv_free(csv);
        world_put(&file, "TEG800", "\r\n", 2, "1", 7, "山田　花子", 50, "8010001000123", 64, "9",
                  65, "1", 0);
        assert_string_equal(world_findings(&file),
                            "CSV_GROUP_DIFFERS 3.7 [山田　花子] ≠ record 1: 山田　太郎\n"
                            "CSV_GROUP_DIFFERS 3.50 [8010001000123] ≠ record 1: \n");
        buf_clear(&file);
        world_put(&file, "TEG800", "\r\n", 2, "1", 7, "A\x1b[2J", 0);
        world_put(&file, "TEG800", "\r\n", 2, "1", 0);
        assert_non_null(strstr(world_findings(&file),
                               "CSV_GROUP_DIFFERS 2.7 [山田　太郎] ≠ record 1: A\\u001B[2J\n"));
}

static void a_hundred_rows_fit_and_the_next_does_not(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        put_group(&file, "TEG800", "1", 4, 100);
        csv = world_open(&file);
        assert_int_equal(nta_csv_certificates(csv), 1);
        assert_int_equal(count(world_certificate(csv, 0), "WCE00000("), 100);
        assert_non_null(strstr(world_certificate(csv, 0), "WCE00040=N100 "));
        nta_csv_free(csv);
        put_group(&file, "TEG800", "1", 4, 2);
        assert_string_equal(world_findings(&file), "CSV_TOO_MANY_ROWS 101.2 [1] 102 > 100\n");
}

static void donations_go_on_on_page_two_and_only_then_is_there_one(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;
        const char *text;

        put_group(&file, "TEG830", "1", 17, 10);
        put_group(&file, "TEG830", "2", 17, 11);
        put_group(&file, "TEG830", "3", 17, 31);
        put_group(&file, "TEG830", "4", 17, 1010);
        csv = world_open(&file);
        assert_int_equal(nta_csv_certificates(csv), 4);
        text = world_certificate(csv, 0);
        assert_int_equal(count(text, "WML00010("), 10);
        assert_null(strstr(text, "TEG830-2"));
        assert_null(strstr(text, "WMM00000"));
        text = world_certificate(csv, 1);
        assert_int_equal(count(text, "WML00010("), 10);
        assert_non_null(strstr(text, "WML00020=N10 "));
        assert_non_null(
                strstr(text, ") TEG830-2( WMM00000=山田　太郎 WMN00000( WMN00010( WMN00020=N11 "
                             "WMN00030=2026/4/1 WMN00040( WMN00050=紋別市 ) WMN00070=5000 ) ) )"));
        text = world_certificate(csv, 2);
        assert_int_equal(count(text, "WMN00000("), 2);
        assert_int_equal(count(text, "WMN00010("), 21);
        assert_non_null(strstr(text, "WMN00070=5000 ) ) WMN00000( WMN00010( WMN00020=N31 "));
        text = world_certificate(csv, 3);
        assert_int_equal(count(text, "WMN00000("), 50);
        assert_int_equal(count(text, "WMN00010("), 1000);
        assert_int_equal(count(text, "TEG830-2("), 1);
        nta_csv_free(csv);
        put_group(&file, "TEG830", "4", 17, 1);
        assert_string_equal(world_findings(&file), "CSV_TOO_MANY_ROWS 1063.2 [4] 1011 > 1010\n");
}

static void a_donation_that_was_not_cancelled_says_nothing_about_it(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        world_put(&file, "TEG830", "\r\n", 25, "0", 0);
        world_put(&file, "TEG830", "\r\n", 25, "1", 0);
        csv = world_open(&file);
        assert_null(strstr(world_certificate(csv, 0), "WML00090"));
        assert_non_null(strstr(world_certificate(csv, 1), "WML00070=5000 WML00090=1 ) )"));
        nta_csv_free(csv);
}

static void texts_follow_from_codes(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        world_put(&file, "TEG822", "\r\n", 5, "12", 0);
        world_put(&file, "TEG822", "\r\n", 5, "8", 6, "その他の法", 0);
        csv = world_open(&file);
        assert_non_null(
                strstr(world_certificate(csv, 0), "WLB00030=新型コロナ法第５条 WLB00050=1000 "));
        assert_null(strstr(world_certificate(csv, 1), "WLB00030"));
        assert_non_null(strstr(world_certificate(csv, 1), "WLB00040=その他の法 WLB00050=1000 "));
        nta_csv_free(csv);
}

static void thirteen_years_of_contributions_are_thirteen_groups(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;
        const char *text;

        world_put(&file, "TEG840", "\r\n", 0);
        world_put(&file, "TEG840", "\r\n", 34, "4", 35, "30", 36, "1", 62, "5", 63, "01", 75, "2",
                  202, "5", 203, "13", 204, "1", 215, "2", 0);
        csv = world_open(&file);
        text = world_certificate(csv, 0);
        assert_null(strstr(text, "WOO"));
        assert_non_null(strstr(
                text, "WOA00000=1/国民年金保険料 WOB00000=1/無 WOC00000=5/8 WOD00000=１２３４ "));
        assert_non_null(strstr(text, "WOG00000=5/8 WOJ00000=1/国民年金保険料 "));
        text = world_certificate(csv, 1);
        assert_int_equal(count(text, "WOO00000("), 3);
        assert_non_null(
                strstr(text, "WOO00000( WOO00010=4/30 WOO00020( WOO00030=1/済 ) ) "
                             "WOO00000( WOO00010=5/1 WOO00020( WOO00140=2/見 ) ) "
                             "WOO00000( WOO00010=5/13 WOO00020( WOO00030=1/済 WOO00140=2/見 ) ) "));
        nta_csv_free(csv);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_empty_is_left_out_with_the_groups_around_it),
                cmocka_unit_test(a_plus_and_the_zeros_of_a_month_are_left_out_and_no_others),
                cmocka_unit_test(records_of_one_code_make_a_certificate_wherever_they_stand),
                cmocka_unit_test(what_stands_outside_the_rows_is_equal_in_a_group),
                cmocka_unit_test(a_hundred_rows_fit_and_the_next_does_not),
                cmocka_unit_test(donations_go_on_on_page_two_and_only_then_is_there_one),
                cmocka_unit_test(a_donation_that_was_not_cancelled_says_nothing_about_it),
                cmocka_unit_test(texts_follow_from_codes),
                cmocka_unit_test(thirteen_years_of_contributions_are_thirteen_groups),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
