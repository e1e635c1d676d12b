/* sdk_safe_name.c - whatever a sender calls a part, its file stays in the folder and can be read by
 * eye */
#include "sdk/safe_name.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static const char *safe(const char *name)
{
        static char out[SAFE_NAME_ROOM];

        safe_name(out, slice_str(name));
        return out;
}

/* What holds of every name that comes out, whatever went in. */
static void check_harmless(const char *name)
{
        size_t len = strlen(name);

        assert_in_range(len, 1, SAFE_NAME_MOST);
        assert_null(strpbrk(name, "/\\:*?\"<>|"));
        assert_false(strchr(".-~ ", name[0]));
        assert_false(strchr(". ", name[len - 1]));
        assert_true(text_is_utf8(slice_str(name)));
        for (size_t i = 0; i < len; i++)
                assert_true((uint8_t)name[i] >= 0x20 && name[i] != 0x7f);
}

static void an_ordinary_name_is_left_as_it_is(void **state)
{
        static const char *const names[] = {
                "TEG800-202610150001.xml",
                "生命保険料控除証明書（令和8年分）.pdf",
                "Bescheid für März.pdf",
                "a b.txt",
                "README",
                "x.tar.gz",
                "한국어.txt",
                "葛\xf3\xa0\x84\x80城市.txt",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                assert_string_equal(safe(names[i]), names[i]);
}

/* E4.5 */
static void a_name_cannot_lead_out_of_the_folder(void **state)
{
        assert_string_equal(safe("../../etc/passwd"), "_._.._etc_passwd");
        assert_string_equal(safe("/etc/passwd"), "_etc_passwd");
        assert_string_equal(safe(".."), "_");
        assert_string_equal(safe("."), "_");
        assert_string_equal(safe("C:\\autoexec.bat"), "C__autoexec.bat");
}

static void nothing_is_hidden_and_nothing_is_an_option(void **state)
{
        assert_string_equal(safe(".bashrc"), "_bashrc");
        assert_string_equal(safe("-rf"), "_rf");
        assert_string_equal(safe("~root"), "_root");
        assert_string_equal(safe("  x.pdf"), "_ x.pdf");
        assert_string_equal(safe("x.pdf . ."), "x.pdf");
}

static void controls_and_turning_characters_are_shown_as_gaps(void **state)
{
        assert_string_equal(safe("a\nb\033[2J\x7f.txt"), "a_b_[2J_.txt");
        assert_string_equal(safe("invoice\xe2\x80\xae"
                                 "fdp.exe"),
                            "invoice_fdp.exe"); /* U+202E */
        assert_string_equal(safe("a\xc2\x85"
                                 "b"),
                            "a_b"); /* U+0085 */
        assert_string_equal(safe("a\xe2\x80\x8b"
                                 "b\xef\xbb\xbf"),
                            "a_b_"); /* ZWSP, BOM */
        assert_string_equal(safe("a\xe2\x80\xa8"
                                 "b"),
                            "a_b"); /* line separator */
}

static void bytes_that_are_no_text_are_shown_as_gaps(void **state)
{
        char out[SAFE_NAME_ROOM];

        assert_string_equal(safe("a\xff\xc0\xaf.txt"), "a___.txt");
        safe_name(out, slice_of("a\0b", 3));
        assert_string_equal(out, "a_b");
}

static void names_of_devices_are_set_apart(void **state)
{
        assert_string_equal(safe("CON"), "_CON");
        assert_string_equal(safe("con.xml"), "_con.xml");
        assert_string_equal(safe("Lpt1.tar.gz"), "_Lpt1.tar.gz");
        assert_string_equal(safe("NUL .txt"), "_NUL .txt");
        assert_string_equal(safe("CONTRACT.pdf"), "CONTRACT.pdf");
        assert_string_equal(safe("COM10.txt"), "COM10.txt");
}

static void an_empty_name_is_something_still(void **state)
{
        assert_string_equal(safe(""), "_");
        assert_string_equal(safe("   "), "_");
}

static void a_long_name_is_cut_between_characters_and_keeps_its_ending(void **state)
{
        char name[256] = "";

        for (int i = 0; i < 83; i++)
                strcat(name, "控");
        strcat(name, ".pdf");
        check_harmless(safe(name));
        assert_in_range(strlen(safe(name)), SAFE_NAME_MOST - 3, SAFE_NAME_MOST);
        assert_string_equal(safe(name) + strlen(safe(name)) - 4, ".pdf");
        memset(name, 'x', 255);
        assert_int_equal(strlen(safe(name)), SAFE_NAME_MOST);
        memcpy(name, "CON.", 4);
        check_harmless(safe(name));
        assert_int_equal(safe(name)[0], '_');
}

static void a_second_file_of_a_name_is_numbered_before_the_ending(void **state)
{
        char out[SAFE_NAME_ROOM], longest[SAFE_NAME_MOST + 1] = "";

        safe_name_again(out, "a.pdf", 2);
        assert_string_equal(out, "a (2).pdf");
        safe_name_again(out, "README", 3);
        assert_string_equal(out, "README (3)");
        memset(longest, 'x', SAFE_NAME_MOST);
        memcpy(longest + SAFE_NAME_MOST - 4, ".pdf", 4);
        safe_name_again(out, longest, 9999);
        assert_string_equal(out + strlen(out) - 11, " (9999).pdf");
}

/* Every run of up to three of the bytes that matter, and every single byte between letters. */
static void no_combination_gets_through(void **state)
{
        static const char bytes[] = "./\\-~ :\n\x7f\xe2\x80\xae\xc2\xffNUCO\0";
        const size_t n = sizeof(bytes);
        char out[SAFE_NAME_ROOM];

        for (size_t i = 0; i < n * n * n; i++) {
                const char name[] = { bytes[i % n], bytes[i / n % n], bytes[i / n / n] };

                for (size_t len = 0; len <= sizeof(name); len++) {
                        safe_name(out, slice_of(name, len));
                        check_harmless(out);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_ordinary_name_is_left_as_it_is),
                cmocka_unit_test(a_name_cannot_lead_out_of_the_folder),
                cmocka_unit_test(nothing_is_hidden_and_nothing_is_an_option),
                cmocka_unit_test(controls_and_turning_characters_are_shown_as_gaps),
                cmocka_unit_test(bytes_that_are_no_text_are_shown_as_gaps),
                cmocka_unit_test(names_of_devices_are_set_apart),
                cmocka_unit_test(an_empty_name_is_something_still),
                cmocka_unit_test(a_long_name_is_cut_between_characters_and_keeps_its_ending),
                cmocka_unit_test(a_second_file_of_a_name_is_numbered_before_the_ending),
                cmocka_unit_test(no_combination_gets_through),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
