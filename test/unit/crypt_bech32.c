/* crypt_bech32.c - bech32 against BIP 173 and age's own keys */
#include "base/secret.h"
#include "crypt/bech32.h"
#include "crypt/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MOST = 60 };

/* BIP 173's valid strings whose data is a whole number of bytes with zero padding. */
static const struct {
        const char *text, *hrp;
        size_t len;
} valid[] = {
        { "A12UEL5L", "a", 0 },
        { "a12uel5l", "a", 0 },
        { "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5t"
          "gs",
          "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
          0 },
        { "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", 20 },
        { "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc824"
          "7j",
          "1", 51 },
        { "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split", 30 },
        { "?1ezyfcl", "?", 0 },
};

static void the_valid_strings_of_bip_173_go_both_ways(void **state)
{
        for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
                uint8_t out[MOST];
                BUF_OWNED again = { 0 };
                bool upper = valid[i].text[0] == 'A';

                assert_true(bech32_get(slice_str(valid[i].text), valid[i].hrp, out, valid[i].len));
                bech32_put(&again, valid[i].hrp, slice_of(out, valid[i].len));
                assert_string_equal(buf_cstr(&again), upper ? "a12uel5l" : valid[i].text);
        }
}

static void the_invalid_strings_of_bip_173_are_refused(void **state)
{
        /* Their other ones have an empty or unprintable prefix, which no caller asks for. */
        static const char *const bad[][2] = {
                { "pzry9x0s0muk", "pzry" }, { "x1b4n0q5v", "x" }, { "li1dgmt3", "li" },
                { "de1lg7wt\xff", "de" },   { "A1G7SGD8", "a" },
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                for (size_t len = 0; len < 8; len++) {
                        uint8_t out[MOST] = { 0 }, untouched[MOST] = { 0 };

                        assert_false(bech32_get(slice_str(bad[i][0]), bad[i][1], out, len));
                        assert_memory_equal(out, untouched, sizeof(out));
                }
}

/* The checksum holds in all of these; only the first is how the bytes are written. */
static void padding_that_is_not_zero_or_too_long_is_refused(void **state)
{
        uint8_t out[21] = { 0 }, untouched[21] = { 0 };

        assert_false(bech32_get(slice_str("fumi1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzdsmsnz6"), "fumi",
                                out, 21));
        assert_false(bech32_get(slice_str("fumi1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzw7g99v9"), "fumi",
                                out, 21));
        assert_false(bech32_get(slice_str("fumi1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzvqpv5q95"), "fumi",
                                out, 21));
        assert_memory_equal(out, untouched, 21);
        assert_true(bech32_get(slice_str("fumi1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzvddyxlg"), "fumi",
                               out, 21));
        assert_int_equal(out[20], 19);
}

/* One thing at a time: every other length, another hrp, mixed case, each letter changed. */
static void a_text_that_differs_in_anything_is_refused_and_nothing_written(void **state)
{
        static const char hrp[] = "fumi";
        uint8_t bytes[21], out[MOST] = { 0 }, untouched[MOST] = { 0 };
        BUF_OWNED text = { 0 };
        struct slice s;

        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(37 * i + 1);
        bech32_put(&text, hrp, slice_of(bytes, sizeof(bytes)));
        s = buf_slice(&text);
        for (size_t len = 0; len < MOST; len++)
                assert_int_equal(bech32_get(s, hrp, out, len), len == sizeof(bytes));
        assert_memory_equal(out, bytes, sizeof(bytes));
        memset(out, 0, sizeof(out));
        assert_false(bech32_get(s, "fum", out, sizeof(bytes)));
        assert_false(bech32_get(s, "fumi1", out, sizeof(bytes)));
        for (size_t i = 0; i < s.len; i++) {
                uint8_t was = text.at[i];

                for (unsigned c = 0; c < 256; c++) {
                        text.at[i] = (uint8_t)c;
                        if (c != was)
                                assert_false(bech32_get(s, hrp, out, sizeof(bytes)));
                }
                text.at[i] = was;
                assert_false(bech32_get(slice_upto(s, i), hrp, out, sizeof(bytes)));
        }
        assert_memory_equal(out, untouched, sizeof(out));
}

/* From the age specification. */
static const char identity[] =
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static const char recipient[] = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

static void ages_own_keys_go_both_ways(void **state)
{
        struct seal_sec *sec = secret_new(sizeof(*sec));
        char *text = secret_new(BECH32_AGE_SECRET);
        struct seal_pub pub, read;
        BUF_OWNED out = { 0 };

        assert_true(bech32_get_identity(slice_str(identity), sec));
        for (size_t i = 0; i < sizeof(sec->b); i++)
                assert_int_equal(sec->b[i], 0x42);
        bech32_put_identity(text, sec);
        assert_string_equal(text, identity);
        assert_int_equal(keys_seal_pub(&pub, sec), 0);
        bech32_put_recipient(&out, &pub);
        assert_string_equal(buf_cstr(&out), recipient);
        assert_int_equal(out.len + 1, BECH32_AGE_RECIPIENT);
        assert_true(bech32_get_recipient(slice_str(recipient), &read));
        assert_memory_equal(&read, &pub, sizeof(pub));
        secret_free(sec);
        secret_free(text);
}

static void age_keys_have_one_spelling(void **state)
{
        struct seal_sec *sec = secret_new(sizeof(*sec));
        struct seal_pub pub;
        char text[sizeof(identity)];

        for (size_t i = 0; i < sizeof(identity); i++)
                text[i] = identity[i] >= 'A' && identity[i] <= 'Z' ? (char)(identity[i] + 32)
                                                                   : identity[i];
        assert_false(bech32_get_identity(slice_str(text), sec));
        for (size_t i = 0; i < sizeof(recipient); i++)
                text[i] = recipient[i] >= 'a' && recipient[i] <= 'z' ? (char)(recipient[i] - 32)
                                                                     : recipient[i];
        assert_false(bech32_get_recipient(slice_str(text), &pub));
        assert_false(bech32_get_recipient(slice_str(identity), &pub));
        assert_false(bech32_get_identity(slice_str(recipient), sec));
        assert_false(bech32_get_recipient(slice_of(NULL, 0), &pub));
        secret_free(sec);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_valid_strings_of_bip_173_go_both_ways),
                cmocka_unit_test(the_invalid_strings_of_bip_173_are_refused),
                cmocka_unit_test(padding_that_is_not_zero_or_too_long_is_refused),
                cmocka_unit_test(a_text_that_differs_in_anything_is_refused_and_nothing_written),
                cmocka_unit_test(ages_own_keys_go_both_ways),
                cmocka_unit_test(age_keys_have_one_spelling),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, NULL, NULL);
}
