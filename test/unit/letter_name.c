/* letter_name.c - names certify their keys, and have one spelling */
#include "base/text.h"
#include "letter/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* RFC 8032 7.1, test 1. The names were computed apart from this program, with Python's hashlib and
 * the reference implementation of BIP 173. */
#define KEY     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define ADDRESS "fumi1qysluvwl5922yctzd0u9gpr06gn3k7ldfvywu0s0"
#define MAILBOX "fumibox1qysluvwl5922yctzd0u9gpr06gn3k7ldfvd0knrr"

static struct sign_pub key(void)
{
        struct sign_pub pub;

        assert_true(text_get_hex(slice_str(KEY), pub.b, sizeof(pub.b)));
        return pub;
}

static void names_agree_with_values_computed_elsewhere(void **state)
{
        struct sign_pub pub = key();
        struct address a;
        struct mailbox m;

        name_address_of(&a, &pub);
        name_mailbox_of(&m, &pub);
        assert_string_equal(a.s, ADDRESS);
        assert_string_equal(m.s, MAILBOX);
}

static void a_name_certifies_its_key_and_no_other(void **state)
{
        struct sign_pub pub = key();
        struct address a;
        struct mailbox m;

        name_address_of(&a, &pub);
        name_mailbox_of(&m, &pub);
        assert_true(name_address_certifies(&a, &pub));
        assert_true(name_mailbox_certifies(&m, &pub));
        for (size_t bit = 0; bit < 8 * sizeof(pub.b); bit++) {
                struct sign_pub other = pub;

                other.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_false(name_address_certifies(&a, &other));
                assert_false(name_mailbox_certifies(&m, &other));
        }
        a = (struct address){ "" };
        assert_false(name_address_certifies(&a, &pub));
}

static void no_changed_byte_is_still_a_name(void **state)
{
        for (size_t i = 0; i < strlen(ADDRESS); i++) {
                for (unsigned c = 0; c < 256; c++) {
                        char text[] = ADDRESS;
                        struct address a = { "kept" };

                        if ((uint8_t)text[i] == c)
                                continue;
                        text[i] = (char)c;
                        assert_false(name_address_get(slice_of(text, strlen(ADDRESS)), &a));
                        assert_string_equal(a.s, "kept");
                }
        }
}

static void a_name_is_read_whole_in_lower_case_and_under_its_own_prefix(void **state)
{
        struct address a;
        struct mailbox m;
        char upper[] = ADDRESS;

        for (char *p = upper; *p; p++)
                if (*p >= 'a' && *p <= 'z')
                        *p -= 'a' - 'A';
        assert_true(name_address_get(slice_str(ADDRESS), &a));
        assert_string_equal(a.s, ADDRESS);
        assert_true(name_address_get(slice_str(ADDRESS), NULL));
        assert_true(name_mailbox_get(slice_str(MAILBOX), &m));
        assert_string_equal(m.s, MAILBOX);
        assert_false(name_address_get(slice_str(upper), NULL));
        assert_false(name_address_get(slice_str(MAILBOX), NULL));
        assert_false(name_mailbox_get(slice_str(ADDRESS), NULL));
        assert_false(name_address_get(slice_str(ADDRESS " "), NULL));
        assert_false(name_address_get(slice_upto(slice_str(ADDRESS), 44), NULL));
        assert_false(name_address_get(slice_str(""), NULL));
}

static void another_version_byte_is_no_name(void **state)
{
        /* 0x02 and the same fingerprint, with a right checksum. */
        assert_false(
                name_address_get(slice_str("fumi1qgsluvwl5922yctzd0u9gpr06gn3k7ldfvttwq7q"), NULL));
}

/* E2.5 */
static void a_party_is_named_in_small_letters_digits_and_three_marks(void **state)
{
        static const char *const good[] = { "a", "org.example-life", "broker.example/log/0", "z9" };
        static const char *const bad[] = { "",    "9a",  "-a",  "A",         "aB", "a b",
                                           "a+b", "a_b", "a\n", "a\xc3\xa9", ".a", "/a" };
        char longest[130];

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(name_party_ok(slice_str(good[i])));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(name_party_ok(slice_str(bad[i])));
        memset(longest, 'a', sizeof(longest));
        assert_true(name_party_ok(slice_of(longest, 128)));
        assert_false(name_party_ok(slice_of(longest, 129)));
}

/* E2.8 */
static void a_device_has_up_to_thirty_two_small_letters_digits_and_dashes(void **state)
{
        char longest[33];

        memset(longest, '-', sizeof(longest));
        assert_true(name_device_ok(slice_str("phone-2")));
        assert_true(name_device_ok(slice_of(longest, 32)));
        assert_false(name_device_ok(slice_of(longest, 33)));
        assert_false(name_device_ok(slice_str("")));
        assert_false(name_device_ok(slice_str("Phone")));
        assert_false(name_device_ok(slice_str("my.phone")));
        assert_false(name_device_ok(slice_str("my phone")));
}

static void every_class_has_a_number_and_a_word(void **state)
{
        static const char *const words[] = { "certificate", "notice", "referral", "application",
                                             "decision",    "record", "message" };

        for (unsigned i = 0; i < 7; i++) {
                assert_string_equal(name_class(i + 1), words[i]);
                assert_int_equal(name_class_get(slice_str(words[i])), i + 1);
        }
        assert_null(name_class(0));
        assert_null(name_class(8));
        assert_null(name_class(UINT32_MAX));
        assert_int_equal(name_class_get(slice_str("Notice")), 0);
        assert_int_equal(name_class_get(slice_str("notices")), 0);
        assert_int_equal(name_class_get(slice_str("")), 0);
}

static void every_set_of_classes_is_written_and_read_back(void **state)
{
        for (uint32_t set = 2; set < 256; set += 2) {
                BUF_OWNED text = { 0 };
                uint32_t back = 0;

                name_classes_put(&text, set);
                assert_true(name_classes_get(buf_slice(&text), &back));
                assert_int_equal(back, set);
        }
}

/* E1.4 */
static void a_list_of_classes_has_one_spelling(void **state)
{
        static const char *const bad[] = {
                "",        "letter",         "notice,certificate", "notice,notice", "notice,",
                ",notice", "notice,,record", "notice, record",     "notice record", "1"
        };
        uint32_t set = 77;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(name_classes_get(slice_str(bad[i]), &set));
        assert_int_equal(set, 77);
        assert_true(name_classes_get(slice_str("certificate,record"), &set));
        assert_int_equal(set, 1u << CLASS_CERTIFICATE | 1u << CLASS_RECORD);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_agree_with_values_computed_elsewhere),
                cmocka_unit_test(a_name_certifies_its_key_and_no_other),
                cmocka_unit_test(no_changed_byte_is_still_a_name),
                cmocka_unit_test(a_name_is_read_whole_in_lower_case_and_under_its_own_prefix),
                cmocka_unit_test(another_version_byte_is_no_name),
                cmocka_unit_test(a_party_is_named_in_small_letters_digits_and_three_marks),
                cmocka_unit_test(a_device_has_up_to_thirty_two_small_letters_digits_and_dashes),
                cmocka_unit_test(every_class_has_a_number_and_a_word),
                cmocka_unit_test(every_set_of_classes_is_written_and_read_back),
                cmocka_unit_test(a_list_of_classes_has_one_spelling),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
