/* letter_recovery.c - a seed on paper, and whatever people hand in for it (E8) */
#include "base/secret.h"
#include "crypt/slip39_words.h"
#include "letter/recovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct identity *id;
static struct slip39_share *share;
static char (*spelt)[RECOVERY_SPELT];
static struct recovery_text *text;
static const char *word[2][RECOVERY_WORDS]; /* of the first two shares */

static int begin(void **state)
{
        struct seed *seed = secret_new(sizeof(*seed));

        share = secret_new(4 * sizeof(*share));
        spelt = secret_new(3 * sizeof(*spelt));
        text = secret_new(sizeof(*text));
        if (!seed || !share || !spelt || !text)
                return -1;
        for (size_t i = 0; i < sizeof(seed->b); i++)
                seed->b[i] = (uint8_t)(i * 7 + 1);
        if (identity_of_seed(&id, seed) || recovery_split(share, 2, 3, id))
                return -1;
        secret_free(seed);
        for (size_t i = 0; i < 3; i++)
                recovery_spell(spelt[i], &share[i]);
        for (size_t i = 0; i < 2; i++) {
                struct slice rest = slice_str(spelt[i]), one;

                for (size_t n = 0; n < RECOVERY_WORDS; n++) {
                        if (!slice_split(&rest, ' ', &one))
                                one = rest;
                        word[i][n] = slip39_words_at((unsigned)slip39_words_find(one));
                }
        }
        return 0;
}

static int end(void **state)
{
        identity_free(id);
        secret_free(share);
        secret_free(spelt);
        secret_free(text);
        return 0;
}

/* The only share in @s, read: gives what recovery_read gives. */
static int read_only(struct buf *s, struct slip39_share *out)
{
        struct recovery_source source = recovery_of(buf_slice(s));

        assert_int_equal(buf_fault(s), 0);
        assert_true(recovery_next(text, &source));
        assert_int_equal(source.rest.len, 0);
        return recovery_read(out, text);
}

static void check_is(const struct slip39_share *got, const struct slip39_share *wanted)
{
        assert_int_equal(got->member, wanted->member);
        assert_memory_equal(got->value.b, wanted->value.b, sizeof(got->value.b));
}

/* E8.1 */
static void any_two_of_three_shares_give_the_seed(void **state)
{
        struct seed was, got;

        identity_seed(id, &was);
        for (size_t i = 0; i < 3; i++) {
                memset(&got, 0, sizeof(got));
                share[3] = share[0]; /* so that (2, 0) lie side by side */
                assert_int_equal(recovery_join(&got, i < 2 ? &share[i] : &share[2], 2), 0);
                assert_memory_equal(&got, &was, sizeof(got));
                assert_int_equal(recovery_join(&got, &share[i], 1), SLIP39_TOO_FEW);
        }
        assert_true(share[0].extendable);
        assert_int_equal(share[0].exponent, 1);
        assert_int_equal(share[0].groups, 1);
        assert_int_equal(share[0].threshold, 2);
}

/* E8.2: with words of every width, prose around, and page ends. */
static void a_printed_page_is_read_as_it_is(void **state)
{
        struct slip39_share got;

        for (unsigned columns = 1; columns <= RECOVERY_WORDS; columns++) {
                BUF_OWNED page = { 0 };

                buf_puts(&page,
                         "RECOVERY SHARE 1 OF 3\n\nAny 2 of the 3 are enough\r\nset 4711\n\n");
                for (unsigned n = 0; n < RECOVERY_WORDS; n++)
                        buf_printf(&page, "%4u%s %-8s%s", n + 1, columns % 2 ? "." : "", word[0][n],
                                   (n + 1) % columns == 0 || n + 1 == RECOVERY_WORDS ? "\r\n" : "");
                buf_puts(&page, "\nTo use it: fumibako recover\n  \xe2\x96\x88\xe2\x96\x80\n");
                assert_int_equal(read_only(&page, &got), 0);
                check_is(&got, &share[0]);
        }
}

static void several_pages_are_several_shares(void **state)
{
        BUF_OWNED page = { 0 };
        struct slip39_share got;
        struct recovery_source source;

        for (unsigned i = 0; i < 2; i++) {
                buf_printf(&page, "%sShare %u\n", i ? "\f" : "", i + 1);
                for (unsigned n = 0; n < RECOVERY_WORDS; n++)
                        buf_printf(&page, "%u %s\n", n + 1, word[i][n]);
        }
        source = recovery_of(buf_slice(&page));
        for (unsigned i = 0; i < 2; i++) {
                assert_true(recovery_next(text, &source));
                assert_int_equal(recovery_read(&got, text), 0);
                check_is(&got, &share[i]);
        }
        assert_false(recovery_next(text, &source));
}

static void bare_words_are_read_up_to_an_empty_line(void **state)
{
        BUF_OWNED page = { 0 };
        struct slip39_share got;
        struct recovery_source source;

        buf_puts(&page, "\n\n");
        for (unsigned n = 0; n < RECOVERY_WORDS; n++)
                buf_printf(&page, "%.4s%s", word[0][n],
                           n % 7 == 6   ? "\n"
                           : n % 7 == 2 ? "\u3000"
                                        : ", ");
        buf_printf(&page, "\n \n\n%s", spelt[1]);
        source = recovery_of(buf_slice(&page));
        for (unsigned i = 0; i < 2; i++) {
                assert_true(recovery_next(text, &source));
                assert_int_equal(recovery_read(&got, text), 0);
                check_is(&got, &share[i]);
        }
        assert_false(recovery_next(text, &source));
}

static void what_is_wrong_is_known_by_its_place(void **state)
{
        struct slip39_share got = { .member = 15 };
        BUF_OWNED page = { 0 };

        for (unsigned n = 0; n < RECOVERY_WORDS; n++)
                if (n != 8)
                        buf_printf(&page, "%u) %s\n", n + 1,
                                   n == 20 ? "fumibako-is-no-word-of-it" : word[0][n]);
        buf_printf(&page, "3) %s\n34) acid\n4) %s\n",
                   word[0][2] == word[0][3] ? "acne" : word[0][3], word[0][3]);
        assert_int_equal(read_only(&page, &got), RECOVERY_WRONG_WORDS);
        assert_int_equal(text->word[8].number, RECOVERY_WORD_MISSING);
        assert_int_equal(text->word[20].number, RECOVERY_WORD_UNKNOWN);
        assert_string_equal(text->word[20].typed, "fumibako-is-no-word-of-");
        assert_true(text->word[2].twice);
        assert_false(text->word[3].twice); /* the same word again is no trouble */
        assert_int_equal(text->too_many, 1);
        assert_int_equal(got.member, 15);
        assert_int_equal(recovery_suspect(text), -1);
}

static void a_false_word_is_pointed_at_and_not_put_right(void **state)
{
        struct slip39_share got = { .member = 15 };

        for (unsigned wrong = 0; wrong < RECOVERY_WORDS; wrong += 4) {
                BUF_OWNED page = { 0 };
                unsigned number = (unsigned)slip39_words_find(slice_str(word[0][wrong]));

                for (unsigned n = 0; n < RECOVERY_WORDS; n++)
                        buf_printf(&page, "%s\n",
                                   n == wrong ? slip39_words_at((number + 5) % 1024) : word[0][n]);
                assert_int_equal(read_only(&page, &got), RECOVERY_CHECKSUM);
                assert_int_equal(recovery_suspect(text), wrong);
                assert_int_equal(got.member, 15);
        }
}

/* Of another tool: a secret of 128 bits, or shared among groups. */
static void a_share_that_is_none_of_ours_is_known_as_such(void **state)
{
        struct slip39_share got, of_groups = share[0];
        uint16_t words[SLIP39_MNEMONIC_MOST];
        BUF_OWNED page = { 0 };

        of_groups.groups = 3;
        for (size_t i = 0, n = slip39_mnemonic_write(words, &of_groups); i < n; i++)
                buf_printf(&page, "%s ", slip39_words_at(words[i]));
        assert_int_equal(read_only(&page, &got), RECOVERY_FOREIGN);
        buf_clear(&page);
        buf_puts(&page,
                 "duckling enlarge academic academic agency result length solution fridge kidney "
                 "coal piece deal husband erode duke ajar critical decision keyboard");
        assert_int_equal(read_only(&page, &got), RECOVERY_WRONG_WORDS); /* 13 are missing */
        assert_int_equal(text->count, 20);
}

static void there_is_nothing_in_an_empty_text(void **state)
{
        static const char *const empty[] = { "", "\n", " \t\r\n\f\n , ,\n\u3000", "\f\f" };

        for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
                struct recovery_source source = recovery_of(slice_str(empty[i]));

                assert_false(recovery_next(text, &source));
        }
}

/* E8.3 */
static void the_fingerprint_is_the_end_of_the_name(void **state)
{
        char out[RECOVERY_FINGERPRINT + 1];
        struct mailbox name;
        struct sign_pub key;

        identity_mailbox(id, &name, &key);
        recovery_fingerprint(out, &name);
        assert_int_equal(strlen(out), RECOVERY_FINGERPRINT);
        assert_memory_equal(out, name.s + strlen(name.s) - 8, 4);
        assert_int_equal(out[4], '-');
        assert_string_equal(out + 5, name.s + strlen(name.s) - 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(any_two_of_three_shares_give_the_seed),
                cmocka_unit_test(a_printed_page_is_read_as_it_is),
                cmocka_unit_test(several_pages_are_several_shares),
                cmocka_unit_test(bare_words_are_read_up_to_an_empty_line),
                cmocka_unit_test(what_is_wrong_is_known_by_its_place),
                cmocka_unit_test(a_false_word_is_pointed_at_and_not_put_right),
                cmocka_unit_test(a_share_that_is_none_of_ours_is_known_as_such),
                cmocka_unit_test(there_is_nothing_in_an_empty_text),
                cmocka_unit_test(the_fingerprint_is_the_end_of_the_name),
        };

        if (secret_init())
                return 1;
        return cmocka_run_group_tests(tests, begin, end);
}
