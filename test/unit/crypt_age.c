/* crypt_age.c - age files written, read, cut and bent */
#include "base/secret.h"
#include "base/text.h"
#include "crypt/age.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Three readers: two that letters go to here, and one who gets none. */
enum { ADA, BERT, EVE, PEOPLE };
static struct seal_sec *sec;
static struct seal_pub pub[PEOPLE];

enum { SMALL_WORK = 4 };

static int meet(void **state)
{
        sec = secret_new(PEOPLE * sizeof(*sec));
        if (!sec)
                return -1;
        for (size_t i = 0; i < PEOPLE; i++)
                keys_seal_new(&pub[i], &sec[i]);
        return 0;
}

static int part(void **state)
{
        secret_free(sec);
        return 0;
}

static struct slice some_plain(struct buf *b, size_t len)
{
        uint8_t *at = buf_extend(b, len);

        for (size_t i = 0; i < len; i++)
                at[i] = (uint8_t)(i * 31 + i / 251);
        return buf_slice(b);
}

/* Feed @sealed in pieces of @step bytes. The result, and what came out in @plain. */
static int read_in_steps(struct slice sealed, size_t step, size_t who, struct buf *plain)
{
        struct age_reader *r = age_reader_new();
        int e;

        assert_int_equal(age_reader_add_identity(r, &sec[who]), 0);
        for (; sealed.len; sealed = slice_from(sealed, step)) {
                e = age_read(r, slice_upto(sealed, step), plain);
                if (e)
                        break;
        }
        e = age_read_end(r, plain);
        age_reader_free(r);
        return e;
}

static void a_file_of_any_size_comes_back_whole_and_has_the_promised_size(void **state)
{
        static const size_t size[] = { 0,
                                       1,
                                       15,
                                       16,
                                       17,
                                       2048,
                                       AGE_CHUNK - 1,
                                       AGE_CHUNK,
                                       AGE_CHUNK + 1,
                                       2 * AGE_CHUNK - 1,
                                       2 * AGE_CHUNK,
                                       2 * AGE_CHUNK + 1,
                                       3 * AGE_CHUNK - 5,
                                       3 * AGE_CHUNK };

        for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++)
                for (size_t people = 1; people <= 2; people++) {
                        BUF_OWNED bytes = { 0 };
                        BUF_OWNED sealed = { 0 };
                        BUF_OWNED back = { 0 };
                        struct slice plain = some_plain(&bytes, size[i]);

                        assert_int_equal(age_seal(&sealed, plain, pub, people), 0);
                        assert_int_equal(sealed.len, age_sealed_size(size[i], people));
                        assert_int_equal(age_open(&back, buf_slice(&sealed), sec, 1), 0);
                        assert_true(slice_eq(buf_slice(&back), plain));
                        buf_free(&back);
                        assert_int_equal(read_in_steps(buf_slice(&sealed), 3000, ADA, &back), 0);
                        assert_true(slice_eq(buf_slice(&back), plain));
                }
}

static void every_recipient_opens_it_and_nobody_else(void **state)
{
        BUF_OWNED sealed = { 0 };
        BUF_OWNED back = { 0 };

        assert_int_equal(age_seal(&sealed, slice_str("for two"), pub, 2), 0);
        assert_int_equal(age_open(&back, buf_slice(&sealed), &sec[ADA], 1), 0);
        assert_true(slice_is(buf_slice(&back), "for two"));
        buf_clear(&back);
        assert_int_equal(age_open(&back, buf_slice(&sealed), &sec[BERT], 1), 0);
        assert_true(slice_is(buf_slice(&back), "for two"));
        buf_clear(&back);
        assert_int_equal(age_open(&back, buf_slice(&sealed), &sec[EVE], 1), AGE_NO_MATCH);
        assert_int_equal(back.len, 0);
        assert_int_equal(age_open(&back, buf_slice(&sealed), NULL, 0), AGE_NO_MATCH);
        assert_int_equal(age_open_passphrase(&back, buf_slice(&sealed), slice_str("x")),
                         AGE_NO_MATCH);
}

static void one_of_many_identities_is_enough(void **state)
{
        BUF_OWNED sealed = { 0 };
        BUF_OWNED back = { 0 };
        struct seal_sec *many = secret_new(20 * sizeof(*many));
        struct seal_pub ignored;

        for (size_t i = 0; i < 19; i++)
                keys_seal_new(&ignored, &many[i]);
        many[19] = sec[ADA];
        assert_int_equal(age_seal(&sealed, slice_str("hello"), &pub[ADA], 1), 0);
        assert_int_equal(age_open(&back, buf_slice(&sealed), many, 19), AGE_NO_MATCH);
        assert_int_equal(age_open(&back, buf_slice(&sealed), many, 20), 0);
        assert_true(slice_is(buf_slice(&back), "hello"));
        secret_free(many);
}

static void the_same_plaintext_never_seals_to_the_same_bytes(void **state)
{
        BUF_OWNED one = { 0 };
        BUF_OWNED two = { 0 };

        assert_int_equal(age_seal(&one, slice_str("again"), pub, 1), 0);
        assert_int_equal(age_seal(&two, slice_str("again"), pub, 1), 0);
        assert_int_equal(one.len, two.len);
        /* share, wrapped key, mac, payload: all of them are new */
        assert_memory_not_equal(one.at + 32, two.at + 32, 43);
        assert_memory_not_equal(one.at + 76, two.at + 76, 43);
        assert_memory_not_equal(one.at + 124, two.at + 124, 43);
        assert_memory_not_equal(one.at + one.len - 21, two.at + two.len - 21, 21);
}

static void how_a_file_is_cut_into_pieces_makes_no_difference(void **state)
{
        static const size_t step[] = {
                1, 7, 4096, AGE_CHUNK, AGE_CHUNK + AGE_TAG, 100000, SIZE_MAX
        };
        BUF_OWNED bytes = { 0 };
        struct slice plain = some_plain(&bytes, 2 * AGE_CHUNK + 100);

        for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
                BUF_OWNED sealed = { 0 };
                BUF_OWNED back = { 0 };
                struct age_writer *w;

                assert_int_equal(age_write_x25519(&w, &sealed, pub, 1), 0);
                for (struct slice s = plain; s.len; s = slice_from(s, step[i]))
                        assert_int_equal(age_write(w, slice_upto(s, step[i]), &sealed), 0);
                assert_int_equal(age_write_end(w, &sealed), 0);
                age_writer_free(w);
                assert_int_equal(sealed.len, age_sealed_size(plain.len, 1));
                assert_int_equal(read_in_steps(buf_slice(&sealed), step[i], ADA, &back), 0);
                assert_true(slice_eq(buf_slice(&back), plain));
        }
}

static bool is_base64(uint8_t c)
{
        return c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", c);
}

/* What a reader must say when byte @at of a file for Ada and Bert became @c. Ada's stanza is bytes
 * 22 to 119, Bert's 120 to 217, the MAC's line 218 to 265: 10 bytes "-> X25519 ", 43 of share, LF,
 * 43 of body, LF; "--- ", 43, LF. A changed stanza of Ada's does not open; one of Bert's opens, but
 * is not what was authenticated. What is no base64, or not canonical, is bad grammar before any key
 * is tried. */
static int expected(size_t at, uint8_t c)
{
        size_t stanza = 22, in = at - stanza;
        int changed = at < stanza + 98 ? AGE_NO_MATCH : AGE_BAD_MAC;
        uint8_t one[32];
        char text[44] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

        if (at >= 266)
                return AGE_BAD_PAYLOAD;
        if (at < stanza)
                return AGE_BAD_HEADER;
        if (at < 218) {
                in %= 98;
                if (in >= 3 && in < 10) /* "X25519 ": another type, which is not for us to judge */
                        return c > 0x20 && c < 0x7f ? changed : AGE_BAD_HEADER;
                in = in >= 54 ? in - 54 : in - 10;
        } else {
                in = at - 222;
        }
        if (in >= 43 || !is_base64(c))
                return AGE_BAD_HEADER;
        text[in] = (char)c;
        return text_get_base64_raw(slice_str(text), one, 32) ? changed : AGE_BAD_HEADER;
}

static void a_flipped_bit_anywhere_is_refused_with_its_outcome(void **state)
{
        BUF_OWNED sealed = { 0 };

        assert_int_equal(age_seal(&sealed, slice_str("a small letter"), pub, 2), 0);
        assert_memory_equal(sealed.at + 218, "--- ", 4);
        for (size_t bit = 0; bit < sealed.len * 8; bit++) {
                BUF_OWNED back = { 0 };
                BUF_OWNED bytewise = { 0 };
                uint8_t was = sealed.at[bit / 8];
                int want;

                sealed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
                want = expected(bit / 8, sealed.at[bit / 8]);
                assert_int_equal(age_open(&back, buf_slice(&sealed), &sec[ADA], 1), want);
                assert_int_equal(back.len, 0);
                assert_int_equal(read_in_steps(buf_slice(&sealed), 1, ADA, &bytewise), want);
                assert_int_equal(bytewise.len, 0);
                sealed.at[bit / 8] = was;
        }
}

static void a_file_cut_off_at_any_length_is_refused(void **state)
{
        BUF_OWNED sealed = { 0 };
        size_t payload;

        assert_int_equal(age_seal(&sealed, slice_str("a small letter"), pub, 1), 0);
        payload = sealed.len - strlen("a small letter") - AGE_TAG;
        for (size_t len = 0; len < sealed.len; len++) {
                BUF_OWNED back = { 0 };

                assert_int_equal(age_open(&back, slice_upto(buf_slice(&sealed), len), sec, 1),
                                 len < payload ? AGE_BAD_HEADER : AGE_BAD_PAYLOAD);
                assert_int_equal(back.len, 0);
        }
}

static void a_long_file_cut_at_a_chunk_is_refused_after_its_whole_chunks(void **state)
{
        BUF_OWNED bytes = { 0 };
        BUF_OWNED sealed = { 0 };
        struct slice plain = some_plain(&bytes, 3 * AGE_CHUNK);
        size_t header;

        assert_int_equal(age_seal(&sealed, plain, pub, 1), 0);
        header = sealed.len - 3 * (AGE_CHUNK + AGE_TAG);
        for (size_t chunks = 0; chunks < 3; chunks++)
                for (size_t more = 0; more < 40; more += 13) {
                        BUF_OWNED back = { 0 };
                        size_t len = header + chunks * (AGE_CHUNK + AGE_TAG) + more;

                        assert_int_equal(read_in_steps(slice_upto(buf_slice(&sealed), len), 5000,
                                                       ADA, &back),
                                         AGE_BAD_PAYLOAD);
                        assert_true(
                                slice_eq(buf_slice(&back), slice_upto(plain, chunks * AGE_CHUNK)));
                        buf_clear(&back);
                        assert_int_equal(
                                age_open(&back, slice_upto(buf_slice(&sealed), len), sec, 1),
                                AGE_BAD_PAYLOAD);
                        assert_int_equal(back.len, 0);
                }
}

static void chunks_that_changed_places_are_refused(void **state)
{
        enum { SEALED = AGE_CHUNK + AGE_TAG };
        BUF_OWNED bytes = { 0 };
        BUF_OWNED sealed = { 0 };
        BUF_OWNED swapped = { 0 };
        BUF_OWNED back = { 0 };
        struct slice plain = some_plain(&bytes, 2 * AGE_CHUNK + 1), s;
        size_t header;

        assert_int_equal(age_seal(&sealed, plain, pub, 1), 0);
        header = sealed.len - 2 * SEALED - 1 - AGE_TAG;
        s = slice_from(buf_slice(&sealed), header);
        buf_put(&swapped, slice_upto(buf_slice(&sealed), header));
        buf_put(&swapped, slice_upto(slice_from(s, SEALED), SEALED));
        buf_put(&swapped, slice_upto(s, SEALED));
        buf_put(&swapped, slice_from(s, 2 * SEALED));
        assert_int_equal(swapped.len, sealed.len);
        assert_int_equal(read_in_steps(buf_slice(&swapped), SIZE_MAX, ADA, &back), AGE_BAD_PAYLOAD);
        assert_int_equal(back.len, 0);
}

static void bytes_behind_the_end_are_refused(void **state)
{
        static const size_t size[] = { 0, 5, AGE_CHUNK, AGE_CHUNK + 5 };

        for (size_t i = 0; i < 4; i++) {
                BUF_OWNED bytes = { 0 };
                BUF_OWNED sealed = { 0 };
                BUF_OWNED back = { 0 };

                assert_int_equal(age_seal(&sealed, some_plain(&bytes, size[i]), pub, 1), 0);
                buf_putc(&sealed, 0);
                assert_int_equal(age_open(&back, buf_slice(&sealed), sec, 1), AGE_BAD_PAYLOAD);
                assert_int_equal(back.len, 0);
        }
}

static void a_reader_that_has_refused_says_it_again_and_gives_nothing_more(void **state)
{
        BUF_OWNED sealed = { 0 };
        BUF_OWNED back = { 0 };
        struct age_reader *r = age_reader_new();

        assert_int_equal(age_seal(&sealed, slice_str("hello"), pub, 1), 0);
        assert_int_equal(age_reader_add_identity(r, &sec[ADA]), 0);
        assert_int_equal(age_read(r, slice_str("-----BEGIN AGE ENCRYPTED FILE-----\n"), &back),
                         AGE_BAD_HEADER);
        assert_int_equal(age_read(r, buf_slice(&sealed), &back), AGE_BAD_HEADER);
        assert_int_equal(age_read_end(r, &back), AGE_BAD_HEADER);
        assert_int_equal(back.len, 0);
        age_reader_free(r);
}

static void a_failed_opening_wipes_what_it_had(void **state)
{
        BUF_OWNED bytes = { 0 };
        BUF_OWNED sealed = { 0 };
        BUF_OWNED back = { 0 };

        assert_int_equal(age_seal(&sealed, some_plain(&bytes, AGE_CHUNK + 10), pub, 1), 0);
        sealed.at[sealed.len - 1] ^= 1;
        assert_int_equal(age_open(&back, buf_slice(&sealed), sec, 1), AGE_BAD_PAYLOAD);
        assert_int_equal(back.len, 0);
        for (size_t i = 0; i < back.cap; i++)
                assert_int_equal(back.at[i], 0);
}

static void a_passphrase_opens_what_it_sealed(void **state)
{
        BUF_OWNED bytes = { 0 };
        BUF_OWNED sealed = { 0 };
        BUF_OWNED back = { 0 };
        struct slice plain = some_plain(&bytes, 1000);

        assert_int_equal(
                age_seal_passphrase(&sealed, plain, slice_str("correct horse"), SMALL_WORK), 0);
        assert_int_equal(age_open_passphrase(&back, buf_slice(&sealed), slice_str("correct horse")),
                         0);
        assert_true(slice_eq(buf_slice(&back), plain));
        assert_int_equal(age_open_passphrase(&back, buf_slice(&sealed), slice_str("correct hors")),
                         AGE_NO_MATCH);
        assert_int_equal(back.len, 0);
        assert_int_equal(age_open(&back, buf_slice(&sealed), sec, 1), AGE_NO_MATCH);
}

static void too_much_work_is_refused_before_it_is_done(void **state)
{
        static const char file[] = "age-encryption.org/v1\n"
                                   "-> scrypt rF0/NwblUHHTpgQgRpe5CQ %s\n"
                                   "gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n"
                                   "--- IOXLaRTaG06dbLfQZNmPxJdPPNV5EfPjJlBOJVrZyOE\n";
        static const char *const work[] = { "23", "63", "64", "18446744073709551616",
                                            "99999999999999999999999999" };
        static const char *const spelling[] = { "0", "01", "+1", "-1", "0x1", "1e1", "", " 1" };
        BUF_OWNED text = { 0 };
        BUF_OWNED back = { 0 };

        for (size_t i = 0; i < sizeof(work) / sizeof(work[0]); i++) {
                buf_clear(&text);
                buf_printf(&text, file, work[i]);
                assert_int_equal(age_open_passphrase(&back, buf_slice(&text), slice_str("x")),
                                 AGE_WORK_TOO_HIGH);
        }
        for (size_t i = 0; i < sizeof(spelling) / sizeof(spelling[0]); i++) {
                buf_clear(&text);
                buf_printf(&text, file, spelling[i]);
                assert_int_equal(age_open_passphrase(&back, buf_slice(&text), slice_str("x")),
                                 AGE_BAD_HEADER);
        }
}

static void a_header_that_never_ends_is_refused_in_bounded_room(void **state)
{
        for (int lines = 0; lines < 2; lines++) {
                struct age_reader *r = age_reader_new();
                BUF_OWNED back = { 0 };
                size_t fed = 0;
                int e = age_read(r, slice_str("age-encryption.org/v1\n-> grease\n"), &back);

                for (; e == 0 && fed < 10 * AGE_HEADER_MOST; fed += 65)
                        e = age_read(
                                r,
                                slice_str(lines ? "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                                  "AAAAAAAAAAAAAAAAAA\n"
                                                : "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                                  "AAAAAAAAAAAAAAAAAAA"),
                                &back);
                assert_int_equal(e, AGE_BAD_HEADER);
                assert_in_range(fed, AGE_HEADER_MOST - 200, AGE_HEADER_MOST);
                age_reader_free(r);
        }
}

#define MAC     "--- IOXLaRTaG06dbLfQZNmPxJdPPNV5EfPjJlBOJVrZyOE\n"
#define VERSION "age-encryption.org/v1\n"
#define SHARE   "CJM36AHmTbdHSuOQL+NESqyVQE75f2e610iRdLPEN20"
#define SALT    "rF0/NwblUHHTpgQgRpe5CQ"
#define BODY    "C3ZAeY64NXS4QFrksLm3EGz+uPRyI0eQsWw7LWbbYig\n"

static void a_header_that_breaks_the_grammar_is_bad_and_an_unknown_stanza_is_not(void **state)
{
        static const char *const bad[] = {
                VERSION MAC,
                VERSION "-> X25519 " SHARE "\n" BODY "-> scrypt " SALT " 4\n" BODY MAC,
                VERSION "-> scrypt " SALT " 4\n" BODY "-> grease\n\n" MAC,
                VERSION "-> X25519\n" BODY MAC,
                VERSION "-> X25519 " SHARE " more\n" BODY MAC,
                VERSION "-> X25519 " SHARE "\n\n" MAC,
                VERSION "-> scrypt " SALT "\n" BODY MAC,
                VERSION "-> grease \n\n" MAC,
                VERSION "->  grease\n\n" MAC,
                VERSION "-> gr\x7f\n\n" MAC,
                VERSION "-> grease\nA\n" MAC,
                VERSION "-> grease\nAB\n" MAC,
                VERSION "-> grease\nAA==\n" MAC,
                VERSION "-> grease\n" MAC,
                VERSION "-> grease\r\n\r\n" MAC,
                VERSION "-> grease\n\n---" MAC,
                "age-encryption.org/v2\n-> grease\n\n" MAC,
                "age-encryption.org/v1 \n-> grease\n\n" MAC,
                "\n" VERSION "-> grease\n\n" MAC,
        };
        static const char *const fine[] = {
                VERSION "-> grease\n\n" MAC,
                VERSION "-> !~ # $\nAAAA\n-> x y\n\n" MAC,
                VERSION "-> x25519 what ever\nAA\n" MAC,
        };
        BUF_OWNED back = { 0 };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_int_equal(age_open(&back, slice_str(bad[i]), sec, 1), AGE_BAD_HEADER);
        for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
                assert_int_equal(age_open(&back, slice_str(fine[i]), sec, 1), AGE_NO_MATCH);
}

static void more_stanzas_than_agreed_are_refused(void **state)
{
        for (size_t count = AGE_STANZAS_MOST; count <= AGE_STANZAS_MOST + 1; count++) {
                BUF_OWNED text = { 0 };
                BUF_OWNED back = { 0 };

                buf_puts(&text, "age-encryption.org/v1\n");
                for (size_t i = 0; i < count; i++)
                        buf_puts(&text, "-> grease\n\n");
                buf_puts(&text, "--- IOXLaRTaG06dbLfQZNmPxJdPPNV5EfPjJlBOJVrZyOE\n");
                assert_int_equal(age_open(&back, buf_slice(&text), sec, 1),
                                 count == AGE_STANZAS_MOST ? AGE_NO_MATCH : AGE_BAD_HEADER);
        }
}

static void a_file_to_nobody_to_too_many_or_to_a_low_order_point_is_not_begun(void **state)
{
        static struct seal_pub crowd[AGE_STANZAS_MOST + 1];
        struct seal_pub bad[2] = { pub[ADA], { { 0 } } };
        struct age_writer *w = NULL;
        BUF_OWNED out = { 0 };

        for (size_t i = 0; i <= AGE_STANZAS_MOST; i++)
                crowd[i] = pub[ADA];
        buf_puts(&out, "kept");
        assert_int_equal(age_write_x25519(&w, &out, bad, 2), -EINVAL);
        assert_int_equal(age_write_x25519(&w, &out, bad, 0), -EINVAL);
        assert_int_equal(age_write_x25519(&w, &out, crowd, AGE_STANZAS_MOST + 1), -EINVAL);
        assert_int_equal(age_write_scrypt(&w, &out, slice_str("x"), 0), -EINVAL);
        assert_int_equal(age_write_scrypt(&w, &out, slice_str("x"), AGE_WORK_MOST + 1), -EINVAL);
        assert_null(w);
        assert_true(slice_is(buf_slice(&out), "kept"));
        assert_int_equal(age_write_x25519(&w, &out, crowd, AGE_STANZAS_MOST), 0);
        age_writer_free(w);
}

static void what_was_in_the_buffer_before_stays(void **state)
{
        BUF_OWNED sealed = { 0 };
        BUF_OWNED back = { 0 };

        buf_puts(&sealed, "before");
        buf_puts(&back, "before ");
        assert_int_equal(age_seal(&sealed, slice_str("hello"), pub, 1), 0);
        assert_int_equal(age_open(&back, slice_from(buf_slice(&sealed), 6), sec, 1), 0);
        assert_true(slice_is(buf_slice(&back), "before hello"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_of_any_size_comes_back_whole_and_has_the_promised_size),
                cmocka_unit_test(every_recipient_opens_it_and_nobody_else),
                cmocka_unit_test(one_of_many_identities_is_enough),
                cmocka_unit_test(the_same_plaintext_never_seals_to_the_same_bytes),
                cmocka_unit_test(how_a_file_is_cut_into_pieces_makes_no_difference),
                cmocka_unit_test(a_flipped_bit_anywhere_is_refused_with_its_outcome),
                cmocka_unit_test(a_file_cut_off_at_any_length_is_refused),
                cmocka_unit_test(a_long_file_cut_at_a_chunk_is_refused_after_its_whole_chunks),
                cmocka_unit_test(chunks_that_changed_places_are_refused),
                cmocka_unit_test(bytes_behind_the_end_are_refused),
                cmocka_unit_test(a_reader_that_has_refused_says_it_again_and_gives_nothing_more),
                cmocka_unit_test(a_failed_opening_wipes_what_it_had),
                cmocka_unit_test(a_passphrase_opens_what_it_sealed),
                cmocka_unit_test(too_much_work_is_refused_before_it_is_done),
                cmocka_unit_test(a_header_that_never_ends_is_refused_in_bounded_room),
                cmocka_unit_test(
                        a_header_that_breaks_the_grammar_is_bad_and_an_unknown_stanza_is_not),
                cmocka_unit_test(more_stanzas_than_agreed_are_refused),
                cmocka_unit_test(a_file_to_nobody_to_too_many_or_to_a_low_order_point_is_not_begun),
                cmocka_unit_test(what_was_in_the_buffer_before_stays),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, meet, part);
}
