/* form_character.c - what a certificate may hold, and what is wrong with what it may not */
#include "form/character.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static uint32_t first(const char *text)
{
        struct slice s = slice_str(text);
        uint32_t c = 0;

        assert_true(character_next(&s, &c));
        return c;
}

/* N1.3 */
static void names_as_people_write_them_are_fine(void **state)
{
        struct slice name = slice_str("㈱髙﨑ビル①号室　Ａ-101～（仮）ヴ゛々〆ヶⅣ①㍻〜−");
        uint32_t c;

        while (character_next(&name, &c))
                assert_int_equal(character_kind(c), CHARACTER_FINE);
        assert_int_equal(name.len, 0);
}

static void what_cannot_stand_is_told_apart_by_what_to_do_about_it(void **state)
{
        static const struct {
                const char *text;
                enum character_kind kind;
        } cases[] = {
                { "ｱ", CHARACTER_KANA },
                { "ﾟ", CHARACTER_KANA },
                { "･", CHARACTER_FINE },
                { "ﾠ", CHARACTER_FINE },
                { "𠮷", CHARACTER_BEYOND },
                { "😀", CHARACTER_BEYOND },
                { "\ue000", CHARACTER_PRIVATE },
                { "\uf8ff", CHARACTER_PRIVATE },
                { "\U000f0000", CHARACTER_PRIVATE },
                { "\U000e0100", CHARACTER_VARIATION },
                { "\ufe00", CHARACTER_VARIATION },
                { "\x01", CHARACTER_CONTROL },
                { "\x7f", CHARACTER_CONTROL },
                { "\xc2\x85", CHARACTER_CONTROL },
                { "\t", CHARACTER_FINE },
                { "㐂", CHARACTER_OTHER },
                { "☎", CHARACTER_OTHER },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(character_kind(first(cases[i].text)), cases[i].kind);
}

static void the_twelve_symbols_are_known_and_their_neighbours_are_not(void **state)
{
        struct slice s = slice_str("♂♀℃☆★⌒\u212b♯♭♪№℡");
        unsigned symbols = 0;
        uint32_t c;

        while (character_next(&s, &c))
                assert_int_equal(character_kind(c), CHARACTER_SYMBOL);
        for (c = 0; c <= 0x10ffff; c++)
                symbols += character_kind(c) == CHARACTER_SYMBOL;
        assert_int_equal(symbols, 12);
        assert_true(character_ok(first("\u00c5"))); /* the other Å, a letter */
}

static void text_is_walked_as_utf8_and_never_past_its_end(void **state)
{
        static const char *const bad[] = { "\x80",         "\xc0\xaf", "\xe0\x80\x80",
                                           "\xed\xa0\x80", "\xe8\xa8", "\xf4\x90\x80\x80",
                                           "\xf8\x88",     "\xff" };
        uint32_t c = 77;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct slice s = slice_str(bad[i]);

                assert_false(character_next(&s, &c));
                assert_int_equal(s.len, strlen(bad[i]));
                assert_int_equal(c, 77);
                assert_false(text_is_utf8(slice_str(bad[i])));
        }
        assert_int_equal(character_count(slice_str("aé証𠮷")), 4);
        assert_int_equal(character_count(slice_str("a\xff証")), 3);
}

static void every_code_point_comes_back_as_it_was_put(void **state)
{
        uint8_t out[CHARACTER_UTF8];

        for (uint32_t c = 0; c <= 0x10ffff; c++) {
                struct slice s = { out, c >= 0xd800 && c < 0xe000 ? 0 : character_put(out, c) };
                uint32_t back;

                if (s.len == 0)
                        continue;
                assert_true(text_is_utf8(s));
                assert_true(character_next(&s, &back));
                assert_int_equal(back, c);
                assert_int_equal(s.len, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_as_people_write_them_are_fine),
                cmocka_unit_test(what_cannot_stand_is_told_apart_by_what_to_do_about_it),
                cmocka_unit_test(the_twelve_symbols_are_known_and_their_neighbours_are_not),
                cmocka_unit_test(text_is_walked_as_utf8_and_never_past_its_end),
                cmocka_unit_test(every_code_point_comes_back_as_it_was_put),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
