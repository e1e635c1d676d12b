/* crypt_slip39.c - secrets shared and brought together: published vectors, every subset, every slip
 *
 * All 45 vectors of the standard are in test/vector/slip39_vectors.c; the few here need no npm. */
#include "base/secret.h"
#include "base/text.h"
#include "crypt/gf256.h"
#include "crypt/keys.h"
#include "crypt/slip39_mnemonic.h"
#include "crypt/slip39_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { LEN = 32, SPLITS = 4096, MOST = 6 };

static struct shamir_value secret_a, secret_b; /* of no use to anybody */
static struct slip39_share share[SHAMIR_SHARES_MOST];

static void read_words(struct slip39_share *out, const char *text)
{
        uint16_t words[SLIP39_MNEMONIC_MOST];
        struct slice rest = slice_str(text), word;
        size_t count = 0;

        while (slice_split(&rest, ' ', &word))
                words[count++] = (uint16_t)slip39_words_find(word);
        words[count++] = (uint16_t)slip39_words_find(rest);
        assert_int_equal(slip39_mnemonic_read(out, words, count), 0);
}

/* Numbers 36 and 45 of the standard's vectors. */
static void two_groups_of_several_members_give_their_secret(void **state)
{
        static const char *const text[] = {
                "wildlife deal ceramic round aluminum pitch goat racism employer miracle percent "
                "math "
                "decision episode dramatic editor lily prospect program scene rebuild display "
                "sympathy "
                "have single mustang junction relate often chemical society wits estate",
                "wildlife deal decision scared acne fatal snake paces obtain election dryer "
                "dominant "
                "romp tactics railroad marvel trust helpful flip peanut theory theater photo luck "
                "install entrance taxi step oven network dictate intimate listen",
                "wildlife deal ceramic scatter argue equip vampire together ruin reject literary "
                "rival "
                "distance aquatic agency teammate rebound false argue miracle stay again blessing "
                "peaceful unknown cover beard acid island language debris industry idle",
                "wildlife deal ceramic snake agree voter main lecture axis kitchen physics arcade "
                "velvet spine idea scroll promise platform firm sharp patrol divorce ancestor "
                "fantasy "
                "forbid goat ajar believe swimming cowboy symbolic plastic spelling",
                "wildlife deal decision shadow analysis adjust bulb skunk muscle mandate obesity "
                "total "
                "guitar coal gravity carve slim jacket ruin rebuild ancestor numerous hour "
                "mortgage "
                "require herd maiden public ceiling pecan pickup shadow club",
        };
        struct shamir_value out;
        uint8_t wanted[LEN];
        size_t len;

        for (size_t i = 0; i < 5; i++)
                read_words(&share[i], text[i]);
        assert_true(text_get_hex(
                slice_str("5385577c8cfc6c1a8aa0f7f10ecde0a3318493262591e78b8c14c6686167123b"),
                wanted, LEN));
        assert_int_equal(slip39_join(&out, &len, share, 5, slice_str("TREZOR")), 0);
        assert_int_equal(len, LEN);
        assert_memory_equal(out.b, wanted, LEN);
        assert_int_equal(slip39_join(&out, &len, share, 4, slice_str("TREZOR")), SLIP39_TOO_FEW);
        assert_int_equal(slip39_join(&out, &len, share, 5, slice_str("trezor")), 0);
        assert_memory_not_equal(out.b, wanted, LEN); /* another pass-phrase, another secret */
}

static void an_extendable_set_of_two_gives_its_secret(void **state)
{
        struct shamir_value out;
        uint8_t wanted[LEN];
        size_t len;

        read_words(
                &share[0],
                "western apart academic always artist resident briefing sugar woman oven coding "
                "club ajar merit pecan answer prisoner artist fraction amount desktop mild false "
                "necklace muscle photo wealthy alpha category unwrap spew losing making");
        read_words(&share[1],
                   "western apart academic acid answer ancient auction flip image penalty oasis "
                   "beaver "
                   "multiple thunder problem switch alive heat inherit superior teaspoon explain "
                   "blanket pencil numb lend punish endless aunt garlic humidity kidney observe");
        assert_true(text_get_hex(
                slice_str("8dc652d6d6cd370d8c963141f6d79ba440300f25c467302c1d966bff8f62300d"),
                wanted, LEN));
        assert_int_equal(slip39_join(&out, &len, share, 2, slice_str("TREZOR")), 0);
        assert_memory_equal(out.b, wanted, LEN);
}

static size_t members(unsigned set)
{
        return (size_t)__builtin_popcount(set);
}

/* Every threshold of up to six, every subset of the shares. */
static void exactly_as_many_as_needed_give_the_value_back(void **state)
{
        struct shamir_value y[MOST], out;

        for (unsigned n = 1; n <= MOST; n++) {
                for (unsigned k = n == 1 ? 1 : 2; k <= n; k++) {
                        keys_random(secret_a.b, LEN);
                        assert_int_equal(shamir_split(y, k, n, slice_of(secret_a.b, LEN)), 0);
                        for (unsigned set = 1; set < 1U << n; set++) {
                                struct shamir_point p[MOST];
                                unsigned count = 0;

                                for (unsigned i = 0; i < n; i++)
                                        if (set >> i & 1)
                                                p[count++] =
                                                        (struct shamir_point){ (uint8_t)i, y[i] };
                                memset(&out, 0, sizeof(out));
                                if (members(set) >= k) { /* more lie on the same polynomial */
                                        assert_int_equal(shamir_join(&out, LEN, p, count), 0);
                                        assert_memory_equal(out.b, secret_a.b, LEN);
                                } else if (count > 1) {
                                        assert_int_equal(shamir_join(&out, LEN, p, count),
                                                         SHAMIR_FALSE);
                                        assert_memory_not_equal(out.b, secret_a.b, LEN);
                                } else {
                                        assert_memory_not_equal(p[0].y.b, secret_a.b, LEN);
                                }
                        }
                }
        }
}

/* Whatever the secret was: with any two of three needed shares there is a third that makes it
 * another one. So the two say nothing about it (but for the digest, which only tests a guess). */
static void too_few_shares_fit_every_secret(void **state)
{
        struct shamir_value y[5], third;

        for (unsigned round = 0; round < 200; round++) {
                uint8_t found[LEN];

                keys_random(secret_a.b, LEN);
                keys_random(secret_b.b, LEN);
                assert_int_equal(shamir_split(y, 3, 5, slice_of(secret_a.b, LEN)), 0);
                for (unsigned i = 0; i < 5; i++) {
                        for (unsigned j = 0; j < i; j++) {
                                const struct gf256_point other[] = { { (uint8_t)i, y[i].b },
                                                                     { (uint8_t)j, y[j].b },
                                                                     { 255, secret_b.b } };
                                uint8_t at = (uint8_t)((i + j) * 7 + 16);
                                const struct gf256_point whole[] = { { (uint8_t)i, y[i].b },
                                                                     { (uint8_t)j, y[j].b },
                                                                     { at, third.b } };

                                gf256_interpolate(third.b, LEN, at, other, 3);
                                gf256_interpolate(found, LEN, 255, whole, 3);
                                assert_memory_equal(found, secret_b.b, LEN);
                        }
                }
        }
}

/* 255 degrees of freedom: 255 on average, deviation 22.6. Nothing honest is ten deviations off. */
static void check_even(const unsigned counts[static 256], unsigned total)
{
        double expected = total / 256.0, sum = 0;

        for (unsigned v = 0; v < 256; v++)
                sum += (counts[v] - expected) * (counts[v] - expected) / expected;
        assert_true(sum < 255 + 226);
}

/* Sums of two shares' bytes with every weight, also none: were any of them not even, the two would
 * say something of the third, or of the secret. */
static void count_sums(const struct shamir_value y[static 3], unsigned byte,
                       unsigned counts[static 3][256][256])
{
        for (unsigned pair = 0; pair < 3; pair++)
                for (unsigned weight = 0; weight < 256; weight++)
                        counts[pair][weight][gf256_mul((uint8_t)weight, y[pair].b[byte]) ^
                                             y[(pair + 1) % 3].b[byte]]++;
}

/* Two secrets as unlike as can be, each shared again and again, bytes of the digest and behind it.
 */
static void too_few_shares_look_the_same_whatever_the_secret(void **state)
{
        static const unsigned bytes[] = { 0, 3, 4, 31 };
        static unsigned counts[4][3][256][256];
        struct shamir_value y[3];

        for (unsigned s = 0; s < 2; s++) {
                memset(secret_a.b, s ? 0xff : 0x00, LEN);
                memset(counts, 0, sizeof(counts));
                for (unsigned i = 0; i < SPLITS; i++) {
                        assert_int_equal(shamir_split(y, 3, 3, slice_of(secret_a.b, LEN)), 0);
                        for (unsigned k = 0; k < 4; k++)
                                count_sums(y, bytes[k], counts[k]);
                }
                for (unsigned k = 0; k < 4; k++)
                        for (unsigned pair = 0; pair < 3; pair++)
                                for (unsigned weight = 0; weight < 256; weight++)
                                        check_even(counts[k][pair][weight], SPLITS);
        }
}

static void what_was_split_comes_back_by_words(void **state)
{
        static const size_t lens[] = { 16, 18, 24, 30, 32 };
        struct shamir_value out;

        for (size_t l = 0; l < sizeof(lens) / sizeof(lens[0]); l++) {
                uint16_t words[SLIP39_MNEMONIC_MOST];
                struct slip39_share again[2];
                size_t len, count;

                keys_random(secret_a.b, LEN);
                assert_int_equal(slip39_split(share, 2, 3, slice_of(secret_a.b, lens[l]),
                                              slice_str("x y"), 0),
                                 0);
                for (size_t i = 0; i < 2; i++) {
                        count = slip39_mnemonic_write(words, &share[2 - i]);
                        assert_int_equal(count, 7 + (lens[l] * 8 + 9) / 10);
                        assert_int_equal(slip39_mnemonic_read(&again[i], words, count), 0);
                }
                assert_int_equal(slip39_join(&out, &len, again, 2, slice_str("x y")), 0);
                assert_int_equal(len, lens[l]);
                assert_memory_equal(out.b, secret_a.b, len);
        }
}

static void shares_that_do_not_go_together_are_told_apart(void **state)
{
        struct slip39_share *other = share + 4;
        struct shamir_value out = { { 0 } }, nothing = { { 0 } };
        size_t len = 0;

        keys_random(secret_a.b, LEN);
        assert_int_equal(slip39_split(share, 2, 3, slice_of(secret_a.b, LEN), slice_str(""), 0), 0);
        do
                assert_int_equal(
                        slip39_split(other, 2, 3, slice_of(secret_a.b, LEN), slice_str(""), 0), 0);
        while (other->id == share->id);
        assert_int_equal(slip39_join(&out, &len, share, 0, slice_str("")), SLIP39_TOO_FEW);
        assert_int_equal(slip39_join(&out, &len, share, 1, slice_str("")), SLIP39_TOO_FEW);
        assert_int_equal(slip39_join(&out, &len, share, 3, slice_str("")), SLIP39_TOO_MANY);
        share[3] = other[1];
        assert_int_equal(slip39_join(&out, &len, share + 2, 2, slice_str("")), SLIP39_OTHER_SET);
        share[3].id = share[2].id; /* as one set in 32768 has */
        assert_int_equal(slip39_join(&out, &len, share + 2, 2, slice_str("")), SLIP39_FALSE);
        share[3] = share[2];
        assert_int_equal(slip39_join(&out, &len, share + 2, 2, slice_str("")), SLIP39_TWICE);
        assert_int_equal(len, 0);
        assert_memory_equal(&out, &nothing, sizeof(out));
}

/* One word by any other, at any place; and any two that are exchanged. */
static void every_wrong_word_is_found(void **state)
{
        uint16_t words[SLIP39_MNEMONIC_MOST];
        struct slip39_share out;
        size_t count;

        keys_random(secret_a.b, LEN);
        assert_int_equal(slip39_split(share, 1, 1, slice_of(secret_a.b, LEN), slice_str(""), 0), 0);
        count = slip39_mnemonic_write(words, share);
        assert_int_equal(slip39_mnemonic_suspect(words, count), -1);
        for (size_t i = 0; i < count; i++) {
                uint16_t right = words[i];

                for (unsigned w = 0; w < SLIP39_WORDS; w++) {
                        words[i] = (uint16_t)w;
                        assert_int_equal(slip39_mnemonic_read(&out, words, count),
                                         w == right ? 0 : SLIP39_MNEMONIC_CHECKSUM);
                }
                words[i] = right ^ 1;
                assert_int_equal(slip39_mnemonic_suspect(words, count), (int)i);
                words[i] = right;
        }
        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < i; j++) {
                        uint16_t kept = words[i];

                        if (words[i] == words[j])
                                continue;
                        words[i] = words[j], words[j] = kept;
                        assert_int_equal(slip39_mnemonic_read(&out, words, count),
                                         SLIP39_MNEMONIC_CHECKSUM);
                        words[j] = words[i], words[i] = kept;
                }
        }
}

static void up_to_three_wrong_words_never_pass(void **state)
{
        uint16_t words[SLIP39_MNEMONIC_MOST], wrong[SLIP39_MNEMONIC_MOST], random[6];
        struct slip39_share out;
        size_t count;

        keys_random(secret_a.b, LEN);
        assert_int_equal(slip39_split(share, 1, 1, slice_of(secret_a.b, LEN), slice_str(""), 0), 0);
        count = slip39_mnemonic_write(words, share);
        for (unsigned round = 0; round < 100000; round++) {
                memcpy(wrong, words, sizeof(words));
                keys_random(random, sizeof(random));
                for (size_t i = 0; i < 3; i++)
                        wrong[random[i] % count] = random[3 + i] % SLIP39_WORDS;
                if (memcmp(wrong, words, count * sizeof(*words)) != 0)
                        assert_int_equal(slip39_mnemonic_read(&out, wrong, count),
                                         SLIP39_MNEMONIC_CHECKSUM);
        }
}

static void four_letters_say_which_word_it_is(void **state)
{
        uint16_t near[3];

        for (unsigned i = 0; i < SLIP39_WORDS; i++) {
                struct slice word = slice_str(slip39_words_at(i));

                for (size_t n = SLIP39_WORDS_SHORTEST; n <= word.len; n++)
                        assert_int_equal(slip39_words_find(slice_upto(word, n)), i);
                assert_int_equal(slip39_words_near(word, near, 1), 1);
                assert_int_equal(near[0], i);
        }
        assert_int_equal(slip39_words_find(slice_str("ACADemic")), 0);
        assert_int_equal(slip39_words_find(slice_str("aca")), -1);
        assert_int_equal(slip39_words_find(slice_str("academics")), -1);
        assert_int_equal(slip39_words_find(slice_str("acadfmic")), -1);
        assert_int_equal(slip39_words_find(slice_str("")), -1);
        assert_int_equal(slip39_words_near(slice_str("caademic"), near, 3), 1); /* exchanged */
        assert_int_equal(near[0], 0);
        assert_int_equal(slip39_words_near(slice_str("xxxxxxxxxxxxxxxxxxxxxxxx"), near, 3), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(two_groups_of_several_members_give_their_secret),
                cmocka_unit_test(an_extendable_set_of_two_gives_its_secret),
                cmocka_unit_test(exactly_as_many_as_needed_give_the_value_back),
                cmocka_unit_test(too_few_shares_fit_every_secret),
                cmocka_unit_test(too_few_shares_look_the_same_whatever_the_secret),
                cmocka_unit_test(what_was_split_comes_back_by_words),
                cmocka_unit_test(shares_that_do_not_go_together_are_told_apart),
                cmocka_unit_test(every_wrong_word_is_found),
                cmocka_unit_test(up_to_three_wrong_words_never_pass),
                cmocka_unit_test(four_letters_say_which_word_it_is),
        };

        if (secret_init())
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
