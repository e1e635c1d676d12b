/* form_cp932.c - code page 932, read from the front (N1.2). test/vector/nta_cp932.py has every
 * character; here is how text is walked. */
#include "form/character.h"
#include "form/cp932.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void check(const char *bytes, const char *want)
{
        struct slice text = slice_str(bytes);
        uint8_t utf8[64];
        size_t len = 0;

        while (text.len) {
                uint32_t c = cp932_next(&text);

                len += character_put(utf8 + len, c == CP932_NONE ? '#' : c);
                assert_true(len < sizeof(utf8) - CHARACTER_UTF8);
        }
        utf8[len] = 0;
        assert_string_equal((char *)utf8, want);
}

static void a_wave_dash_is_what_microsoft_makes_of_it(void **state)
{
        check("\x81\x60\x81\x7c\x81\x61\x81\xca\\~", "～－∥￢\\~");
        check("\x87\x8a\xfb\xfc\xfa\xb1\x87\x40", "㈱髙﨑①");
        check("A\xb1\xdf", "Aｱﾟ");
}

static void what_is_no_character_takes_one_byte_or_an_unassigned_place_two(void **state)
{
        check("\x86\x40X", "#X");
        check("\x81", "#");
        check("\x81,\x81\x7f\x81\xfdX", "#,#\x7f##X");
        check("\x80\x40\xa0\x40\xfd\x40\xff", "#@#@#@#");
        check("\xf0\x40\xf9\xfc\xfc\x4b\xfc\x4c", "\ue000\ue757黑#");
}

static void what_can_be_said_is_what_some_bytes_say(void **state)
{
        static uint8_t said[0x10000];
        uint8_t bytes[2];

        for (unsigned i = 0; i < 0x10000; i++) {
                struct slice text = { bytes, 2 };

                bytes[0] = (uint8_t)(i >> 8);
                bytes[1] = (uint8_t)i;
                said[cp932_next(&text)] = 1;
        }
        for (uint32_t c = 1; c < 0x110000; c++) {
                bool users = c >= 0xe000 && c <= 0xe757;

                if (cp932_has(c) != (c < 0x10000 && said[c] && !users))
                        fail_msg("U+%04X", c);
        }
        assert_true(cp932_has(0x9d0e));  /* 鴎 */
        assert_false(cp932_has(0x9dd7)); /* 鷗 */
        assert_false(cp932_has(0x301c));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_wave_dash_is_what_microsoft_makes_of_it),
                cmocka_unit_test(what_is_no_character_takes_one_byte_or_an_unassigned_place_two),
                cmocka_unit_test(what_can_be_said_is_what_some_bytes_say),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
