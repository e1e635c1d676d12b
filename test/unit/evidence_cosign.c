/* evidence_cosign.c - cosignatures: those of a witness of the public network verify (E6.7), and
 * what is changed does not */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/checkpoint.h"
#include "evidence/cosign.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Published: a witness of the public network, and two checkpoints that it cosigned in 2026. */
#define NAVIGLI                                                                                    \
        "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/"       \
        "GhUhJ/G"
#define OF_NAVIGLI "— witness.navigli.sunlight.geomys.org "
#define FIRST                                                                                      \
        "coachandhorses2026h1.staging.certificate.transparency.goog\n185550722\n"                  \
        "YXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=\n"
#define FIRST_LINE                                                                                 \
        OF_NAVIGLI "o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk+lKnZ7dKq"  \
                   "kYKER1s/KxLTaVwQD7lJZTC/CQ==\n"
#define SECOND "markovianprotocol.com/log\n9266\nQnwPzJywq5AyOk9k1zLqfryh6Ktw1CnaaKplELApoxw=\n"
#define SECOND_LOG                                                                                  \
        "— markovianprotocol.com/log AwLGyIvuxLXZM101mKdNCPTsl9GgtiG/wzbd8cGru0pGnWVMXI06twIsEIZ" \
        "ho7n8id+w2EO0BZCalxuEm6BauQGNmgo=\n"
#define SECOND_LINE                                                                                \
        OF_NAVIGLI "o+AP4gAAAABqwX+So8evhUsltetL+QnwUxEYMNrD25pJYOTFHwDCopbgQMl2AEh583AxfFNMDZz"   \
                   "E73rdjK62tUN8oUBfd9p6usq+BA==\n"
/* C2SP tlog-cosignature, the example: its key is nowhere published, so only its form can be held
 * against it. */
#define SPEC "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define SPEC_LINE                                                                                  \
        "— witness.example.com/w1 "                                                              \
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"                         \
        "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"

static struct note_key navigli;
static struct sign_sec *sec;
static struct note_key own;

static int set_up(void **state)
{
        if (secret_init() || !(sec = secret_new(sizeof(*sec))))
                return -1;
        keys_sign_new(&own.pub, sec);
        memcpy(own.name, "witness.example", 15);
        return cosign_vkey_get(slice_str(NAVIGLI), &navigli) ? 0 : -1;
}

static int tear_down(void **state)
{
        secret_free(sec);
        return 0;
}

static struct note read_note(const char *text)
{
        struct note n;

        assert_int_equal(note_read(&n, slice_str(text)), 0);
        return n;
}

static void the_key_of_a_public_witness_is_read_and_written(void **state)
{
        struct note_key plain;
        BUF_OWNED again = { 0 };

        assert_string_equal(navigli.name, "witness.navigli.sunlight.geomys.org");
        assert_int_equal(note_key_id(&navigli, NOTE_COSIGNATURE), 0xa3e00fe2);
        cosign_vkey_put(&again, &navigli);
        assert_true(slice_is(buf_slice(&again), NAVIGLI));
        assert_false(note_vkey_get(slice_str(NAVIGLI), &plain)); /* no key of a log */
        buf_clear(&again);
        note_vkey_put(&again, &navigli);
        assert_false(cosign_vkey_get(buf_slice(&again), &plain)); /* and the other way round */
}

static void cosignatures_of_a_public_witness_verify(void **state)
{
        struct note first = read_note(FIRST "\n" FIRST_LINE);
        struct note second = read_note(SECOND "\n" SECOND_LOG SECOND_LINE);
        uint64_t seconds = 0;

        assert_int_equal(cosign_verify(&first, &navigli), 0);
        assert_int_equal(cosign_verify(&second, &navigli), 0);
        assert_true(cosign_line_verify(&first.line[0], first.text, &navigli, &seconds));
        assert_int_equal(seconds, 0x6a6fb0f3);
        assert_true(cosign_line_verify(&second.line[1], second.text, &navigli, &seconds));
        assert_int_equal(seconds, 0x6ac17f92);
        assert_false(cosign_line_verify(&first.line[0], second.text, &navigli, &seconds));
        assert_int_equal(cosign_verify(&second, &own), NOTE_UNSIGNED);
        /* A cosignature is no signature of type 1, whoever asks for one. */
        assert_int_equal(note_verify(&first, &navigli), NOTE_UNSIGNED);
}

static void the_example_of_the_specification_has_the_form_that_is_made_here(void **state)
{
        struct note n = read_note(SPEC "\n" SPEC_LINE);
        uint8_t bytes[76], made[76];
        BUF_OWNED out = { 0 };

        assert_true(text_get_base64(n.line[0].signature, bytes, sizeof(bytes)));
        assert_int_equal(get_be64(bytes + 4), 1679315147);
        buf_puts(&out, SPEC "\n");
        cosign_make(&out, slice_str(SPEC), own.name, 1679315147, sec);
        buf_putc(&out, 0);
        n = read_note((const char *)out.at);
        assert_true(text_get_base64(n.line[0].signature, made, sizeof(made)));
        assert_memory_equal(made + 4, bytes + 4, 8);
}

/* The one byte that is different, for every byte of text and line. */
static void every_changed_bit_is_seen(void **state)
{
        char text[] = FIRST "\n" FIRST_LINE;
        size_t body = strlen(FIRST);

        for (size_t i = 0; i < sizeof(text) - 1; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        struct note n;
                        int r;

                        text[i] ^= (char)(1 << bit);
                        r = note_read(&n, slice_of(text, sizeof(text) - 1));
                        if (r == 0)
                                r = cosign_verify(&n, &navigli);
                        assert_int_not_equal(r, 0);
                        /* Of the text, only the signature's own line could make it another's. */
                        if (i < body)
                                assert_int_not_equal(r, NOTE_UNSIGNED);
                        text[i] ^= (char)(1 << bit);
                }
}

static void what_is_made_verifies_and_says_its_time(void **state)
{
        static const uint64_t times[] = { 0, 1, 1764547200, INT64_MAX };

        for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
                BUF_OWNED out = { 0 };
                uint64_t seconds = 77;
                struct note n;

                buf_puts(&out, SPEC "\n");
                cosign_make(&out, slice_str(SPEC), own.name, times[i], sec);
                assert_int_equal(buf_fault(&out), 0);
                assert_int_equal(note_read(&n, buf_slice(&out)), 0);
                assert_int_equal(n.line[0].id, note_key_id(&own, NOTE_COSIGNATURE));
                assert_true(cosign_line_verify(&n.line[0], n.text, &own, &seconds));
                assert_true(seconds == times[i]);
        }
}

static void what_no_reader_would_take_is_not_made(void **state)
{
        static const struct {
                const char *text, *name;
                uint64_t seconds;
        } bad[] = {
                { SPEC, "with space", 1 },
                { SPEC, "plus+plus", 1 },
                { SPEC, "", 1 },
                { "no newline", "witness.example", 1 },
                { "", "witness.example", 1 },
                { SPEC, "witness.example", (uint64_t)INT64_MAX + 1 },
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                BUF_OWNED out = { 0 };

                cosign_make(&out, slice_str(bad[i].text), bad[i].name, bad[i].seconds, sec);
                assert_int_equal(buf_fault(&out), -EINVAL);
                assert_int_equal(out.len, 0);
        }
}

/* A second line of a known key that is false spoils the true one; lines of others do not. */
static void one_false_line_of_the_witness_spoils_the_note(void **state)
{
        struct sign_sec *other = secret_new(sizeof(*other));
        struct note_key stranger = { "stranger.example", { { 0 } } };
        BUF_OWNED out = { 0 };
        struct note n;

        keys_sign_new(&stranger.pub, other);
        buf_puts(&out, SPEC "\n");
        cosign_make(&out, slice_str(SPEC), stranger.name, 5, other);
        cosign_make(&out, slice_str(SPEC), own.name, 5, sec);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_int_equal(cosign_verify(&n, &own), 0);
        cosign_make(&out, slice_str(FIRST), own.name, 6, sec);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_int_equal(cosign_verify(&n, &own), NOTE_FORGED);
        assert_int_equal(cosign_verify(&n, &stranger), 0);
        secret_free(other);
}

static bool keep_second(void *ctx, const struct note_line *line)
{
        const struct note *n = ctx;

        return line == &n->line[1];
}

static void lines_are_left_out_and_the_rest_is_byte_for_byte_the_same(void **state)
{
        struct note n = read_note(SECOND "\n" SECOND_LOG SECOND_LINE SECOND_LOG);
        BUF_OWNED out = { 0 };

        cosign_strip(&out, &n, keep_second, &n);
        assert_true(slice_is(buf_slice(&out), SECOND "\n" SECOND_LINE));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_key_of_a_public_witness_is_read_and_written),
                cmocka_unit_test(cosignatures_of_a_public_witness_verify),
                cmocka_unit_test(the_example_of_the_specification_has_the_form_that_is_made_here),
                cmocka_unit_test(every_changed_bit_is_seen),
                cmocka_unit_test(what_is_made_verifies_and_says_its_time),
                cmocka_unit_test(what_no_reader_would_take_is_not_made),
                cmocka_unit_test(one_false_line_of_the_witness_spoils_the_note),
                cmocka_unit_test(lines_are_left_out_and_the_rest_is_byte_for_byte_the_same),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
