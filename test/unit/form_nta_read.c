/* form_nta_read.c - a sender's CSV as a file: lines, quotes, encodings, forms (N1.1) */
#include "form_nta_world.h"

#include "base/file.h"
#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void a_line_is_a_record_and_an_empty_line_is_none(void **state)
{
        BUF_OWNED file = { 0 };
        unsigned record, line, records;
        struct nta_csv *csv;

        buf_puts(&file, "\r\n\n");
        world_put(&file, "TEG822", "\n", 0);
        buf_puts(&file, "\n\r\n");
        world_put(&file, "TEG822", "\r\n", 0);
        world_put(&file, "TEG822", "", 0);
        csv = world_open(&file);
        assert_int_equal(nta_csv_records(csv), 3);
        assert_int_equal(nta_csv_certificates(csv), 3);
        nta_csv_origin(csv, 0, &record, &line, &records);
        assert_int_equal(record, 1);
        assert_int_equal(line, 3);
        nta_csv_origin(csv, 1, &record, &line, &records);
        assert_int_equal(record, 2);
        assert_int_equal(line, 6);
        assert_int_equal(records, 1);
        assert_true(slice_eq(nta_csv_record(csv, 0, 0), nta_csv_record(csv, 1, 0)));
        assert_true(slice_eq(nta_csv_record(csv, 0, 0), nta_csv_record(csv, 2, 0)));
        nta_csv_free(csv);
}

static void quotes_hold_commas_and_quotes(void **state)
{
        BUF_OWNED file = { 0 };
        BUF_OWNED value = { 0 };
        struct nta_csv *csv;

        world_put(&file, "TEG822", "\r\n", 1, "\"TEG822\"", 8, "\"A,\"\"B\"\",C\"", 13, "\"\"\"\"",
                  14, "\"\"", 0);
        csv = world_open(&file);
        assert_non_null(strstr(world_certificate(csv, 0), "WLB00070=A,\"B\",C "));
        assert_non_null(strstr(world_certificate(csv, 0), "WLB00100=\" "));
        assert_null(strstr(world_certificate(csv, 0), "WLB00090"));
        nta_csv_value(csv, 0, 0, 8, &value);
        assert_string_equal(buf_cstr(&value), "A,\"B\",C");
        nta_csv_free(csv);
}

static void a_quote_out_of_place_is_named_and_the_rest_is_read(void **state)
{
        BUF_OWNED file = { 0 };

        world_put_raw(&file, "TEG822", 8, "A\"B");
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        world_put_raw(&file, "TEG822", 9, "\"A\"B");
        world_put(&file, "TEG822", "\r\n", 4, "", 0);
        assert_string_equal(world_findings(&file), "CSV_BAD_QUOTES 1.8\nCSV_MISSING 2.3\n"
                                                   "CSV_BAD_QUOTES 3.9\nCSV_MISSING 4.4\n");
}

static void a_quote_that_is_not_closed_does_not_swallow_the_file(void **state)
{
        BUF_OWNED file = { 0 };

        world_put_raw(&file, "TEG822", 8, "\"A");
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        world_put_raw(&file, "TEG822", 14, "\"");
        assert_string_equal(world_findings(&file),
                            "CSV_BAD_QUOTES 1.8\nCSV_MISSING 2.3\nCSV_BAD_QUOTES 3.14\n");
}

/* N1.5 */
static void bad_quotes_are_named_in_each_record_when_no_form_is_known(void **state)
{
        BUF_OWNED file = { 0 };

        buf_puts(&file, "\"a\n\"b\n\"c\n");
        assert_string_equal(world_findings(&file), "CSV_BAD_QUOTES 1.1\nCSV_BAD_QUOTES 2.1\n"
                                                   "CSV_BAD_QUOTES 3.1\n");
        buf_puts(&file, "x,y\nx,\"y\nz\n");
        assert_string_equal(world_findings(&file),
                            "CSV_BAD_QUOTES 1.1\nCSV_BAD_QUOTES 2.1\nCSV_BAD_QUOTES 3.1\n"
                            "CSV_UNKNOWN_FORM 4.1 [x]\nCSV_BAD_QUOTES 5.2\n");
}

/* It closes in a later line, and both together have too many columns: two records, not one. */
static void a_quote_that_closes_in_another_record_does_not_join_the_two(void **state)
{
        BUF_OWNED file = { 0 };

        world_put_raw(&file, "TEG822", 8, "\"A");
        world_put_raw(&file, "TEG822", 3, "B\"");
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        assert_string_equal(world_findings(&file),
                            "CSV_BAD_QUOTES 1.8\nCSV_BAD_QUOTES 2.3\nCSV_MISSING 3.3\n");
}

/* N1.1 */
static void lines_that_end_with_cr_alone_are_told_so(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG822", "\r", 0);
        assert_string_equal(world_findings(&file), "");
        world_put(&file, "TEG822", "\r", 0);
        assert_string_equal(world_findings(&file), "CSV_LINE_ENDS 0.0 CR\n");
}

static void a_line_end_inside_quotes_is_no_text(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG822", "\r\n", 8, "\"AB\r\nC\"", 0);
        world_put(&file, "TEG822", "\r\n", 4, "", 0);
        assert_string_equal(world_findings(&file), "CSV_CONTROL 1.8 [AB\\u000D\\u000AC] U+000D #3\n"
                                                   "CSV_CONTROL 1.8 [AB\\u000D\\u000AC] U+000A #4\n"
                                                   "CSV_MISSING 2.4\n");
}

static void one_comma_too_many_is_a_finding_of_its_own(void **state)
{
        BUF_OWNED file = { 0 };

        world_put(&file, "TEG822", ",\r\n", 4, "", 0);
        world_put(&file, "TEG822", ",,,\n", 0);
        world_put(&file, "TEG822", ",x\r\n", 4, "", 0);
        buf_puts(&file, "TEG822,,,,\r\n");
        assert_string_equal(world_findings(&file),
                            "CSV_TRAILING_COMMA 1.0 15 > 14\nCSV_MISSING 1.4\n"
                            "CSV_TRAILING_COMMA 2.0 17 > 14\n"
                            "CSV_TOO_MANY_COLUMNS 3.0 15 > 14\n"
                            "CSV_TOO_FEW_COLUMNS 4.0 5 < 14\n");
}

static void a_utf8_file_is_told_so_and_looked_at_all_the_same(void **state)
{
        BUF_OWNED file = { 0 };
        BUF_OWNED marked = { 0 };

        world_as_utf8(true);
        world_put(&file, "TEG822", "\r\n", 4, "𠮷野　葛\U000e0100城", 0);
        world_put(&file, "TEG822", "\r\n", 3, "", 8, "㐂", 9, "鷗ヶ丘〜～", 0);
        buf_puts(&marked, "\xef\xbb\xbf");
        buf_put(&marked, buf_slice(&file));
        assert_string_equal(world_findings(&file),
                            "CSV_UTF8 0.0\n"
                            "CSV_BEYOND_BMP 1.4 [𠮷野　葛\\uE0100城] U+20BB7 𠮷 #1\n"
                            "CSV_VARIATION 1.4 [𠮷野　葛\\uE0100城] 葛 U+E0100 #5\n"
                            "CSV_MISSING 2.3\n"
                            "CSV_UNUSABLE_CHARACTER 2.8 [㐂] U+3402 㐂 #1\n"
                            "CSV_NOT_SHIFT_JIS 2.9 [鷗ヶ丘〜～] U+9DD7 鷗 #1\n"
                            "CSV_NOT_SHIFT_JIS 2.9 [鷗ヶ丘〜～] U+301C 〜 #4\n");
        assert_non_null(
                strstr(world_findings(&marked), "CSV_BYTE_ORDER_MARK 0.0 UTF-8\nCSV_BEYOND"));
        buf_clear(&file);
        world_put(&file, "TEG822", "\r\n", 0);
        assert_string_equal(world_findings(&file), "CSV_UTF8 0.0\n");
        world_as_utf8(false);
}

static void a_byte_order_mark_is_refused_even_before_plain_ascii(void **state)
{
        BUF_OWNED file = { 0 };

        buf_puts(&file, "\xef\xbb\xbf");
        world_put(&file, "TEG822", "\r\n", 4, "A", 8, "B", 9, "C", 13, "D", 0);
        assert_string_equal(world_findings(&file), "CSV_BYTE_ORDER_MARK 0.0 UTF-8\n");
        buf_clear(&file);
        buf_puts(&file, "\xff\xfeT");
        assert_string_equal(world_findings(&file), "CSV_BYTE_ORDER_MARK 0.0 UTF-16\n");
}

static void ten_thousand_records_pass_and_one_more_does_not(void **state)
{
        BUF_OWNED file = { 0 };
        struct nta_csv *csv;

        for (unsigned i = 0; i < NTA_CSV_RECORDS_MOST; i++)
                world_put(&file, "TEG822", "\r\n\r\n", 0);
        csv = world_open(&file);
        assert_int_equal(nta_csv_certificates(csv), NTA_CSV_RECORDS_MOST);
        nta_csv_free(csv);
        world_put(&file, "TEG822", "\r\n", 3, "", 0); /* 10,001: not looked at */
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        assert_string_equal(world_findings(&file), "CSV_TOO_MANY_RECORDS 10001.0 10002 > 10000\n");
        buf_clear(&file);
        for (unsigned i = 1; i < NTA_CSV_RECORDS_MOST; i++)
                world_put(&file, "TEG822", "\r\n", 0);
        world_put(&file, "TEG822", "\r\n", 3, "", 0); /* 10,000: looked at */
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        assert_string_equal(world_findings(&file), "CSV_MISSING 10000.3\n"
                                                   "CSV_TOO_MANY_RECORDS 10001.0 10001 > 10000\n");
}

static void a_file_is_of_one_form_that_can_be_made(void **state)
{
        BUF_OWNED file = { 0 };

        assert_string_equal(world_findings(&file), "CSV_EMPTY 0.0\n");
        buf_puts(&file, "\r\n\r\n");
        assert_string_equal(world_findings(&file), "CSV_EMPTY 0.0\n");
        world_put(&file, "TEG822", "\r\n", 0);
        world_put(&file, "TEG850", "\r\n", 0);
        world_put(&file, "TEG822", "\r\n", 1, "TEG８２２", 0);
        world_put(&file, "TEG822", "\r\n", 1, "", 0);
        buf_puts(&file, "TEG820,x\r\n");
        assert_string_equal(world_findings(&file), "CSV_TWO_FORMS 2.1 [TEG850] ≠ TEG822\n"
                                                   "CSV_UNKNOWN_FORM 3.1 [TEG８２２] ≠ TEG822\n"
                                                   "CSV_UNKNOWN_FORM 4.1 ≠ TEG822\n"
                                                   "CSV_TWO_FORMS 5.1 [TEG820] ≠ TEG822\n");
        buf_clear(&file);
        buf_puts(&file, "TEG821,x\r\n");
        assert_string_equal(world_findings(&file), "CSV_READ_ONLY_FORM 1.1 [TEG821]\n");
        buf_clear(&file);
        buf_puts(&file, "a;b;c\r\nd;e;f\r\n");
        assert_string_equal(world_findings(&file), "CSV_UNKNOWN_FORM 1.1 [a;b;c]\n");
        buf_clear(&file);
        buf_puts(&file, "a\"b\n");
        assert_string_equal(world_findings(&file), "CSV_BAD_QUOTES 1.1\n");
}

static void a_heading_is_taken_for_one(void **state)
{
        BUF_OWNED file = { 0 };

        world_put_text(&file, "控除証明書の種類,グルーピングコード\r\n");
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        assert_string_equal(world_findings(&file),
                            "CSV_HEADING 1.1 [控除証明書の種類] ≠ TEG822\nCSV_MISSING 2.3\n");
        buf_clear(&file);
        world_put(&file, "TEG822", "\r\n", 1, "TEG8２2", 0);
        world_put(&file, "TEG822", "\r\n", 0);
        assert_string_equal(world_findings(&file), "CSV_UNKNOWN_FORM 1.1 [TEG8２2] ≠ TEG822\n");
}

static void a_record_longer_than_any_can_be_is_not_looked_at(void **state)
{
        BUF_OWNED file = { 0 };
        char *text = calloc(1, 70000);

        assert_non_null(text);
        memset(text, 'x', 69000);
        world_put_raw(&file, "TEG822", 8, text);
        world_put(&file, "TEG822", "\r\n", 3, "", 0);
        assert_string_equal(world_findings(&file),
                            "CSV_TOO_LARGE 1.0 69060 > 65536\nCSV_MISSING 2.3\n");
        free(text);
}

static int refuse_any(const char *path)
{
        struct nta_csv *csv = NULL;
        int r = nta_csv_open(&csv, path, NULL, NULL);

        assert_true(r == 0 || csv == NULL);
        nta_csv_free(csv);
        return r;
}

static void a_file_is_read_from_disk(void **state)
{
        char path[] = "/tmp/fumibako-csv-XXXXXX";
        BUF_OWNED file = { 0 };
        int fd = mkstemp(path);

        assert_true(fd >= 0);
        world_put(&file, "TEG822", "\r\n", 0);
        assert_int_equal(write(fd, file.at, file.len), file.len);
        assert_int_equal(refuse_any(path), 0);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(refuse_any(path), OUTCOME_CSV_EMPTY);
        assert_int_equal(ftruncate(fd, (off_t)NTA_CSV_BYTES_MOST + 1), 0);
        assert_int_equal(refuse_any(path), OUTCOME_CSV_TOO_LARGE);
        close(fd);
        unlink(path);
        assert_int_equal(refuse_any(path), -ENOENT);
        assert_true(refuse_any("/tmp") < 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_line_is_a_record_and_an_empty_line_is_none),
                cmocka_unit_test(quotes_hold_commas_and_quotes),
                cmocka_unit_test(a_quote_out_of_place_is_named_and_the_rest_is_read),
                cmocka_unit_test(a_quote_that_is_not_closed_does_not_swallow_the_file),
                cmocka_unit_test(bad_quotes_are_named_in_each_record_when_no_form_is_known),
                cmocka_unit_test(a_quote_that_closes_in_another_record_does_not_join_the_two),
                cmocka_unit_test(lines_that_end_with_cr_alone_are_told_so),
                cmocka_unit_test(a_line_end_inside_quotes_is_no_text),
                cmocka_unit_test(one_comma_too_many_is_a_finding_of_its_own),
                cmocka_unit_test(a_utf8_file_is_told_so_and_looked_at_all_the_same),
                cmocka_unit_test(a_byte_order_mark_is_refused_even_before_plain_ascii),
                cmocka_unit_test(ten_thousand_records_pass_and_one_more_does_not),
                cmocka_unit_test(a_file_is_of_one_form_that_can_be_made),
                cmocka_unit_test(a_heading_is_taken_for_one),
                cmocka_unit_test(a_record_longer_than_any_can_be_is_not_looked_at),
                cmocka_unit_test(a_file_is_read_from_disk),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
