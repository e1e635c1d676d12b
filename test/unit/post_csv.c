/* post_csv.c - manifests as CSV: RFC 4180, and what people's spreadsheets make of it */
#include "base/buf.h"
#include "post/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* All records of @text as "a|b\nc|d\n", or where it went wrong: "!line:column". */
static void check(const char *text, const char *want)
{
        struct csv_field field[CSV_FIELDS_MOST];
        BUF_OWNED bytes = { 0 };
        BUF_OWNED out = { 0 };
        struct csv_why why;
        struct csv csv;
        size_t count;
        int r;

        buf_puts(&bytes, text);
        csv_begin(&csv, bytes.at, bytes.len);
        while ((r = csv_next(&csv, field, &count, &why)) != CSV_END) {
                if (r == CSV_BAD)
                        buf_printf(&out, "!%u:%u", why.line, why.column);
                for (size_t i = 0; r == 0 && i < count; i++) {
                        if (i)
                                buf_putc(&out, '|');
                        buf_put(&out, field[i].text);
                }
                buf_putc(&out, '\n');
        }
        assert_string_equal(buf_cstr(&out), want);
}

static void records_end_with_lf_crlf_or_the_file(void **state)
{
        check("", "");
        check("a,b\nc,d\n", "a|b\nc|d\n");
        check("a,b\r\nc,d\r\n", "a|b\nc|d\n");
        check("a,b\nc,d", "a|b\nc|d\n");
        check("\r\n\na\n\n\r\nb\n\n", "a\nb\n");
}

static void empty_fields_are_fields(void **state)
{
        check(",\n", "|\n");
        check("a,,\n,b,\n", "a||\n|b|\n");
        check("\"\",\"\"\n", "|\n");
}

static void quotes_hold_commas_quotes_and_lines(void **state)
{
        check("\"a,b\",c\n", "a,b|c\n");
        check("\"a\"\"b\",\"\"\"\"\n", "a\"b|\"\n");
        check("\"a\r\nb\",c\n", "a\r\nb|c\n");
        check("\"a\",\"b\"", "a|b\n");
}

static void a_byte_order_mark_is_no_part_of_the_first_field(void **state)
{
        check("\xef\xbb\xbf"
              "address,b\n",
              "address|b\n");
        check("\xef\xbb\xbf\"a\"\n", "a\n");
}

static void errors_name_line_and_character_and_the_rest_is_read(void **state)
{
        check("a,b\"c\nd,e\n", "!1:4\nd|e\n");
        check("\"a\"b,c\nd\n", "!1:4\nd\n");
        check("証明,b\"\nd\n", "!1:5\nd\n");
        check("a\n\"b\n\"c\nd\n", "a\n!3:2\nd\n");
        check("a\nb,\"c", "a\n!2:3\n");
        check("a\rb\n", "!1:2\n");
}

static void a_field_knows_where_it_began(void **state)
{
        uint8_t text[] = "x\n\"a\nb\",証,c\n";
        struct csv_field f[CSV_FIELDS_MOST];
        struct csv_why why;
        struct csv csv;
        size_t count;

        csv_begin(&csv, text, sizeof(text) - 1);
        assert_int_equal(csv_next(&csv, f, &count, &why), 0);
        assert_int_equal(csv_next(&csv, f, &count, &why), 0);
        assert_int_equal(count, 3);
        assert_int_equal(f[0].line, 2);
        assert_int_equal(f[0].column, 1);
        assert_int_equal(f[1].line, 3);
        assert_int_equal(f[1].column, 4);
        assert_int_equal(f[2].column, 6);
}

static void more_fields_than_any_manifest_has_are_an_error(void **state)
{
        check("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
              "32,33\na\n",
              "!1:88\na\n");
}

static void text_that_is_no_utf8_is_found_and_shift_jis_is_known(void **state)
{
        unsigned line, column;
        struct slice sjis = slice_str("a\nb,\x8f\xd8\x96\xbe\x8f\x91\n"); /* 証明書 */

        assert_false(csv_not_utf8(slice_str("a\n証明\n"), &line, &column));
        assert_true(csv_not_utf8(sjis, &line, &column));
        assert_int_equal(line, 2);
        assert_int_equal(column, 3);
        assert_true(csv_is_cp932(sjis));
        assert_true(csv_is_cp932(slice_str("\xb1\xb2"))); /* half-width */
        assert_false(csv_is_cp932(slice_str("abc")));
        assert_false(csv_is_cp932(slice_str("\xff\xfe")));
        assert_false(csv_is_cp932(slice_str("\x8f")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(records_end_with_lf_crlf_or_the_file),
                cmocka_unit_test(empty_fields_are_fields),
                cmocka_unit_test(quotes_hold_commas_quotes_and_lines),
                cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_field),
                cmocka_unit_test(errors_name_line_and_character_and_the_rest_is_read),
                cmocka_unit_test(a_field_knows_where_it_began),
                cmocka_unit_test(more_fields_than_any_manifest_has_are_an_error),
                cmocka_unit_test(text_that_is_no_utf8_is_found_and_shift_jis_is_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
