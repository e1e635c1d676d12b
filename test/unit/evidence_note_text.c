/* evidence_note_text.c - statements are read line by line, in their order, or not at all */
#include "evidence/note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define HASH_LINE "previous AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

static void a_statement_is_read_in_its_order(void **state)
{
        struct note_text t = note_text_of(slice_str(
                "fumibako address v1\naddress fumi1q\n" HASH_LINE "seal age1a\nseal age1b x=1\n"));
        struct slice seal, none = { 0 };
        struct hash h;

        note_text_line(&t, "fumibako address v1");
        assert_true(slice_is(note_text_field(&t, "address"), "fumi1q"));
        assert_false(note_text_field_if(&t, "epoch", &none));
        h = note_text_hash(&t, "previous");
        assert_int_equal(h.b[0], 0);
        assert_int_equal(h.b[31], 31);
        assert_false(note_text_end(&t));
        assert_true(note_text_field_if(&t, "seal", &seal));
        assert_true(slice_is(seal, "age1a"));
        assert_true(note_text_field_if(&t, "seal", &seal));
        assert_true(slice_is(seal, "age1b x=1"));
        assert_false(note_text_field_if(&t, "seal", &seal));
        assert_true(slice_is(seal, "age1b x=1"));
        assert_true(note_text_end(&t));
        assert_null(none.at);
}

static void the_first_trouble_stays(void **state)
{
        struct note_text t = note_text_of(slice_str("one a\ntwo b\nthree c\n"));
        struct slice got = { 0 };

        assert_int_equal(note_text_field(&t, "two").len, 0);
        assert_true(t.trouble);
        assert_int_equal(note_text_field(&t, "one").len, 0);
        assert_int_equal(note_text_field(&t, "two").len, 0);
        assert_false(note_text_field_if(&t, "one", &got));
        note_text_line(&t, "one a");
        note_text_line(&t, "two b");
        note_text_line(&t, "three c");
        assert_false(note_text_end(&t));
        assert_null(got.at);
}

static void a_line_that_is_not_the_one_asked_for_is_trouble(void **state)
{
        static const char *const bad[] = {
                "",           "word",       "word x",         "word\n",    "word \n",
                "words x\n",  "wor x\n",    "Word x\n",       " word x\n", "word\tx\n",
                "\nword x\n", "word x\n\n", "word x\nmore\n",
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct note_text t = note_text_of(slice_str(bad[i]));

                note_text_field(&t, "word");
                assert_false(note_text_end(&t));
        }
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct note_text t = note_text_of(slice_str(bad[i]));

                note_text_line(&t, "word x y");
                assert_true(t.trouble);
        }
}

static void a_value_is_what_follows_one_space(void **state)
{
        struct note_text t = note_text_of(slice_str("title  生命 保険 \n"));

        assert_true(slice_is(note_text_field(&t, "title"), " 生命 保険 "));
        assert_true(note_text_end(&t));
}

static void an_empty_field_that_may_be_missing_is_trouble(void **state)
{
        struct note_text t = note_text_of(slice_str("word \nnext x\n"));
        struct slice got = { 0 };

        assert_false(note_text_field_if(&t, "word", &got));
        assert_true(t.trouble);
}

static void a_hash_is_thirty_two_bytes_of_canonical_base64(void **state)
{
        static const char *const bad[] = {
                "previous AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
                "previous AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
                "previous AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ==\n",
                "previous AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
                "previous AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= \n",
        };
        static const struct hash zero;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct note_text t = note_text_of(slice_str(bad[i]));
                struct hash h = note_text_hash(&t, "previous");

                assert_false(note_text_end(&t));
                assert_true(hash_eq(&h, &zero));
        }
}

static void an_empty_text_is_read_at_once(void **state)
{
        struct note_text t = note_text_of(slice_str(""));

        assert_true(note_text_end(&t));
        assert_false(note_text_ok(slice_str("")));
        assert_true(note_text_ok(slice_str("\n")));
}

static void a_text_holds_no_control_but_newline(void **state)
{
        for (unsigned c = 0; c < 0x80; c++) {
                const uint8_t text[] = { 'a', (uint8_t)c, 'b', '\n' };

                assert_true(note_text_ok(slice_of(text, 4)) == (c >= 0x20 || c == '\n'));
        }
        assert_false(note_text_ok(slice_str("no newline")));
        assert_false(note_text_ok(slice_str("\xc0\x80\n")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_statement_is_read_in_its_order),
                cmocka_unit_test(the_first_trouble_stays),
                cmocka_unit_test(a_line_that_is_not_the_one_asked_for_is_trouble),
                cmocka_unit_test(a_value_is_what_follows_one_space),
                cmocka_unit_test(an_empty_field_that_may_be_missing_is_trouble),
                cmocka_unit_test(a_hash_is_thirty_two_bytes_of_canonical_base64),
                cmocka_unit_test(a_text_holds_no_control_but_newline),
                cmocka_unit_test(an_empty_text_is_read_at_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
