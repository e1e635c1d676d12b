/* evidence_checkpoint.c - checkpoints: one spelling, one log, one key */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define LINE                                                                                        \
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/" \
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
#define SPEC "example.com/behind-the-sofa\n20852163\n" ROOT "\n" LINE

struct keeper {
        struct note_key key;
        struct sign_sec *sec;
};

static struct keeper keeper_of(const char *name)
{
        struct keeper k = { .sec = secret_new(sizeof(*k.sec)) };

        assert_non_null(k.sec);
        keys_sign_new(&k.key.pub, k.sec);
        memcpy(k.key.name, name, strlen(name));
        return k;
}

static void the_example_of_the_specification_is_read(void **state)
{
        struct checkpoint c;
        struct note n;
        BUF_OWNED root = { 0 };

        assert_int_equal(checkpoint_read(&c, &n, slice_str(SPEC)), 0);
        assert_string_equal(c.origin, "example.com/behind-the-sofa");
        assert_int_equal(c.size, 20852163);
        text_put_base64(&root, slice_hash(&c.root));
        buf_putc(&root, '\n');
        assert_true(slice_is(buf_slice(&root), ROOT));
        assert_int_equal(n.lines, 1);
        assert_int_equal(n.line[0].id, 0x033de0ae);
}

static void what_was_written_opens_under_its_key_only(void **state)
{
        struct keeper k = keeper_of("broker.example/log/0"), other = keeper_of(k.key.name);
        struct keeper elsewhere = keeper_of("broker.example/log/1");
        struct checkpoint c = { .origin = "broker.example/log/0", .size = 7 }, got = { .size = 99 };
        BUF_OWNED out = { 0 };

        keys_random(c.root.b, sizeof(c.root.b));
        checkpoint_write(&out, &c, k.sec);
        assert_int_equal(buf_fault(&out), 0);
        assert_int_equal(checkpoint_open(&got, buf_slice(&out), &other.key), CHECKPOINT_UNSIGNED);
        assert_int_equal(checkpoint_open(&got, buf_slice(&out), &elsewhere.key),
                         CHECKPOINT_OTHER_LOG);
        assert_int_equal(got.size, 99);
        assert_int_equal(checkpoint_open(&got, buf_slice(&out), &k.key), 0);
        assert_string_equal(got.origin, c.origin);
        assert_int_equal(got.size, 7);
        assert_true(hash_eq(&got.root, &c.root));
        secret_free(k.sec);
        secret_free(other.sec);
        secret_free(elsewhere.sec);
}

static void another_log_signed_by_the_same_key_is_another_log(void **state)
{
        struct keeper k = keeper_of("broker.example/log/0");
        struct checkpoint got;
        BUF_OWNED out = { 0 };

        note_sign(&out, slice_str("broker.example/log/1\n7\n" ROOT), k.key.name, k.sec);
        assert_int_equal(checkpoint_open(&got, buf_slice(&out), &k.key), CHECKPOINT_OTHER_LOG);
        secret_free(k.sec);
}

static void any_flipped_bit_spoils_a_checkpoint(void **state)
{
        struct keeper k = keeper_of("log.example");
        struct checkpoint c = { .origin = "log.example", .size = 1234567 }, got = { .size = 99 };
        BUF_OWNED out = { 0 };

        checkpoint_write(&out, &c, k.sec);
        for (size_t bit = 0; bit < out.len * 8; bit++) {
                out.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_int_not_equal(checkpoint_open(&got, buf_slice(&out), &k.key), 0);
                out.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_int_equal(got.size, 99);
        assert_int_equal(checkpoint_open(&got, buf_slice(&out), &k.key), 0);
        secret_free(k.sec);
}

static void sizes_and_extension_lines_have_their_limits(void **state)
{
        static const char *const good[] = {
                "o\n0\n" ROOT,
                "o\n1\n" ROOT,
                "o\n4611686018427387904\n" ROOT,
                "an origin with spaces+\n1\n" ROOT,
                "o\n1\n" ROOT "extension\nand another one\n",
        };
        static const char *const bad[] = {
                "o\n1\n",
                "o\n",
                "\n1\n" ROOT,
                "o\n\n" ROOT,
                "o\n01\n" ROOT,
                "o\n00\n" ROOT,
                "o\n-1\n" ROOT,
                "o\n1 \n" ROOT,
                "o\n0x1\n" ROOT,
                "o\n4611686018427387905\n" ROOT,
                "o\n18446744073709551616\n" ROOT,
                "o\n1\n \n",
                "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
                "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
                "o\n1\n" ROOT "\n",
                "o\n1\n" ROOT "\nextension\n",
                "o\n1\n" ROOT "extension\n\n",
        };

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]) + sizeof(bad) / sizeof(bad[0]); i++) {
                bool fine = i < sizeof(good) / sizeof(good[0]);
                const char *text = fine ? good[i] : bad[i - sizeof(good) / sizeof(good[0])];
                struct checkpoint c = { .size = 99 };
                struct note n;
                BUF_OWNED bytes = { 0 };

                buf_printf(&bytes, "%s\n%s", text, LINE);
                if (checkpoint_read(&c, &n, buf_slice(&bytes)) != (fine ? 0 : CHECKPOINT_MALFORMED))
                        fail_msg("number %zu is misjudged: %s", i, text);
                assert_true(fine || c.size == 99);
        }
}

static void an_origin_that_is_too_long_is_refused(void **state)
{
        struct checkpoint c;
        struct note n;

        for (size_t over = 0; over < 2; over++) {
                BUF_OWNED bytes = { 0 };

                for (size_t i = 0; i < NOTE_NAME_MOST + over; i++)
                        buf_putc(&bytes, 'o');
                buf_puts(&bytes, "\n1\n" ROOT "\n" LINE);
                assert_int_equal(checkpoint_read(&c, &n, buf_slice(&bytes)),
                                 over ? CHECKPOINT_MALFORMED : 0);
        }
        assert_int_equal(strlen(c.origin), NOTE_NAME_MOST);
}

static int start(void **state)
{
        return secret_init();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_example_of_the_specification_is_read),
                cmocka_unit_test(what_was_written_opens_under_its_key_only),
                cmocka_unit_test(another_log_signed_by_the_same_key_is_another_log),
                cmocka_unit_test(any_flipped_bit_spoils_a_checkpoint),
                cmocka_unit_test(sizes_and_extension_lines_have_their_limits),
                cmocka_unit_test(an_origin_that_is_too_long_is_refused),
        };

        return cmocka_run_group_tests(tests, start, NULL);
}
