/* base_plain_text.c - what strangers wrote, made safe for a terminal and measured */
#include "base/plain_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void check_put(const char *text, const char *shown, size_t columns)
{
        BUF_OWNED out = { 0 };

        assert_int_equal(plain_text_put(&out, slice_str(text)), columns);
        assert_string_equal(buf_cstr(&out), shown);
        assert_int_equal(plain_text_columns(slice_str(text)), columns);
}

static void what_a_terminal_obeys_is_replaced(void **state)
{
        check_put("a\x1b[2Jb", "a\xef\xbf\xbd[2Jb", 6);
        check_put("a\nb\tc\r",
                  "a\xef\xbf\xbd"
                  "b\xef\xbf\xbd"
                  "c\xef\xbf\xbd",
                  6);
        check_put("\xc2\x9b"
                  "31m",
                  "\xef\xbf\xbd"
                  "31m",
                  4); /* CSI in one character */
        check_put("\x7f", "\xef\xbf\xbd", 1);
}

static void what_misleads_an_eye_is_replaced(void **state)
{
        check_put("1\xe2\x80\xae"
                  "23",
                  "1\xef\xbf\xbd"
                  "23",
                  4); /* right-to-left override */
        check_put("a\xe2\x80\x8b"
                  "b",
                  "a\xef\xbf\xbd"
                  "b",
                  3);                                         /* zero width space */
        check_put("\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd", 2); /* no UTF-8 */
}

static void east_asian_characters_take_two_columns(void **state)
{
        check_put("生命保険㈱", "生命保険㈱", 10);
        check_put("ｱｲｳ", "ｱｲｳ", 3);
        check_put("①", "①", 1);
        check_put("𠮷", "𠮷", 2);
        check_put("Ａ１（", "Ａ１（", 6);
}

static void a_mark_upon_a_character_takes_none(void **state)
{
        check_put("か\xe3\x82\x99", "か\xe3\x82\x99", 2);
        check_put("葛\xf3\xa0\x84\x80", "葛\xf3\xa0\x84\x80", 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_terminal_obeys_is_replaced),
                cmocka_unit_test(what_misleads_an_eye_is_replaced),
                cmocka_unit_test(east_asian_characters_take_two_columns),
                cmocka_unit_test(a_mark_upon_a_character_takes_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
