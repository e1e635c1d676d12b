/* evidence_note.c - signed notes: the published ones verify, every other reading of them does not
 */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/note.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* C2SP signed-note, "Example". */
#define SPEC_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define SPEC_TEXT "This is an example message.\n"
#define SPEC_NOTE                                                                                  \
        SPEC_TEXT                                                                                  \
        "\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOB" \
        "H3mFXmRKuwHjG1Yu72IneyaQM=\n"

/* The keys and the note by which implementations of the format compare themselves. */
#define PETER_VKEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_SEED "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define ENOCH_VKEY "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define TEXT                                                                                       \
        "If you think cryptography is the answer to your problem,\n"                               \
        "then you don't know what your problem is.\n"
#define PETER_BASE64                                                                               \
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJ" \
        "nAM="
#define PETER_LINE "— PeterNeumann " PETER_BASE64 "\n"
#define ENOCH_LINE                                                                                   \
        "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWL" \
        "ox33WWd1RvMc+QQ=\n"

static struct note_key key_of(const char *vkey)
{
        struct note_key key;

        assert_true(note_vkey_get(slice_str(vkey), &key));
        return key;
}

/* Read and verify in one: NOTE_MALFORMED, NOTE_UNSIGNED, NOTE_FORGED or 0. */
static int judge(struct slice bytes, const char *vkey)
{
        struct note_key key = key_of(vkey);
        struct note n;
        int r = note_read(&n, bytes);

        return r ? r : note_verify(&n, &key);
}

static struct sign_sec *peter_secret(void)
{
        struct sign_sec *sec = secret_new(sizeof(*sec));
        struct note_key key = key_of(PETER_VKEY);
        uint8_t typed[33];

        assert_non_null(sec);
        assert_true(text_get_base64(slice_str(PETER_SEED), typed, sizeof(typed)));
        memcpy(sec->b, typed + 1, 32);
        memcpy(sec->b + 32, key.pub.b, 32);
        return sec;
}

static void the_example_of_the_specification_verifies(void **state)
{
        struct note_key key = key_of(SPEC_VKEY);
        struct note n;

        assert_int_equal(note_read(&n, slice_str(SPEC_NOTE)), 0);
        assert_int_equal(note_verify(&n, &key), 0);
        assert_true(slice_is(n.text, SPEC_TEXT));
        assert_int_equal(n.lines, 1);
        assert_true(slice_is(n.line[0].name, "example.com/foo"));
        assert_int_equal(n.line[0].id, 0x530d903a);
        assert_int_equal(judge(slice_str(SPEC_NOTE), PETER_VKEY), NOTE_UNSIGNED);
}

static void a_note_is_signed_byte_for_byte_as_others_sign_it(void **state)
{
        SECRET_OWNED struct sign_sec *sec = peter_secret();
        BUF_OWNED out = { 0 };

        note_sign(&out, slice_str(TEXT), "PeterNeumann", sec);
        assert_int_equal(buf_fault(&out), 0);
        assert_true(slice_is(buf_slice(&out), TEXT "\n" PETER_LINE));
}

static void several_signers_verify_each_alone(void **state)
{
        static const char both[] = TEXT "\n" PETER_LINE ENOCH_LINE;

        assert_int_equal(judge(slice_str(both), PETER_VKEY), 0);
        assert_int_equal(judge(slice_str(both), ENOCH_VKEY), 0);
        assert_int_equal(judge(slice_str(both), SPEC_VKEY), NOTE_UNSIGNED);
}

static void a_cosigned_note_verifies_for_both(void **state)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));
        SECRET_OWNED struct sign_sec *peter = peter_secret();
        struct note_key witness = { .name = "witness.example/町" };
        BUF_OWNED out = { 0 };
        struct note n;

        keys_sign_new(&witness.pub, sec);
        note_sign(&out, slice_str("一行\n"), "PeterNeumann", peter);
        note_cosign(&out, slice_str("一行\n"), witness.name, sec);
        assert_int_equal(judge(buf_slice(&out), PETER_VKEY), 0);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_int_equal(n.lines, 2);
        assert_int_equal(note_verify(&n, &witness), 0);
        witness.pub.b[0] ^= 1;
        assert_int_equal(note_verify(&n, &witness), NOTE_UNSIGNED);
}

static void any_flipped_bit_spoils_a_note(void **state)
{
        uint8_t bytes[] = SPEC_NOTE;
        size_t len = sizeof(bytes) - 1;

        assert_int_equal(judge(slice_of(bytes, len), SPEC_VKEY), 0);
        for (size_t bit = 0; bit < len * 8; bit++) {
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_int_not_equal(judge(slice_of(bytes, len), SPEC_VKEY), 0);
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t n = 0; n < len; n++)
                assert_int_equal(judge(slice_of(bytes, n), SPEC_VKEY), NOTE_MALFORMED);
}

static void a_false_line_of_a_known_key_spoils_the_note(void **state)
{
        /* The key id of Peter before a signature that is Enoch's, and before one byte. */
        static const char other[] =
                "— PeterNeumann x08goxzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ov"
                "TG01oOTGwnWLox33WWd1RvMc+QQ=\n";
        static const char brief[] = "— PeterNeumann x08goxw=\n";
        const char *const false_lines[] = { other, brief };

        for (size_t i = 0; i < 2; i++) {
                BUF_OWNED before = { 0 };
                BUF_OWNED after = { 0 };

                buf_printf(&before, "%s\n%s%s", TEXT, false_lines[i], PETER_LINE);
                buf_printf(&after, "%s\n%s%s", TEXT, PETER_LINE, false_lines[i]);
                assert_int_equal(judge(buf_slice(&before), PETER_VKEY), NOTE_FORGED);
                assert_int_equal(judge(buf_slice(&after), PETER_VKEY), NOTE_FORGED);
        }
}

static void lines_of_strangers_are_kept_and_ignored(void **state)
{
        /* His name with another id, his id with another name, and something long. */
        BUF_OWNED bytes = { 0 };
        BUF_OWNED junk = { 0 };
        struct note n;

        assert_non_null(buf_extend(&junk, 5000));
        memset(junk.at, 0x5a, 5000);
        buf_puts(&bytes, TEXT "\n— PeterNeumann AAAAABw=\n— Peter " PETER_BASE64
                              "\n— postquantum.example ");
        text_put_base64(&bytes, buf_slice(&junk));
        buf_puts(&bytes, "\n" PETER_LINE);
        assert_int_equal(judge(buf_slice(&bytes), PETER_VKEY), 0);
        assert_int_equal(note_read(&n, buf_slice(&bytes)), 0);
        assert_int_equal(n.lines, 4);
        assert_int_equal(n.line[2].id, 0x5a5a5a5a);
        assert_int_equal(n.line[2].signature.len, 6668);
}

static void too_many_signatures_are_refused(void **state)
{
        BUF_OWNED bytes = { 0 };

        buf_puts(&bytes, TEXT "\n");
        for (size_t i = 0; i < NOTE_SIGNATURES_MOST; i++)
                buf_puts(&bytes, PETER_LINE);
        assert_int_equal(judge(buf_slice(&bytes), PETER_VKEY), 0);
        buf_puts(&bytes, PETER_LINE);
        assert_int_equal(judge(buf_slice(&bytes), PETER_VKEY), NOTE_MALFORMED);
}

static void a_note_has_a_largest_size(void **state)
{
        SECRET_OWNED struct sign_sec *sec = peter_secret();
        const size_t most = NOTE_MOST - strlen("\n" PETER_LINE);

        for (size_t over = 0; over < 2; over++) {
                BUF_OWNED text = { 0 };
                BUF_OWNED out = { 0 };

                for (size_t i = 0; i < most - 1 + over; i++)
                        buf_putc(&text, 'x');
                buf_putc(&text, '\n');
                note_sign(&out, buf_slice(&text), "PeterNeumann", sec);
                assert_int_equal(buf_fault(&out), over ? -EINVAL : 0);
                assert_int_equal(judge(buf_slice(&out), PETER_VKEY), over ? NOTE_MALFORMED : 0);
        }
}

static void text_and_signatures_part_at_the_last_empty_line(void **state)
{
        SECRET_OWNED struct sign_sec *sec = peter_secret();
        BUF_OWNED out = { 0 };
        struct note n;

        /* A note inside a note: the inner signature is text now. */
        note_sign(&out, slice_str("\n\n" TEXT "\n" ENOCH_LINE), "PeterNeumann", sec);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_int_equal(n.lines, 1);
        assert_true(slice_is(n.text, "\n\n" TEXT "\n" ENOCH_LINE));
        assert_int_equal(judge(buf_slice(&out), PETER_VKEY), 0);
        assert_int_equal(judge(buf_slice(&out), ENOCH_VKEY), NOTE_UNSIGNED);
}

static void the_shortest_text_is_one_newline(void **state)
{
        SECRET_OWNED struct sign_sec *sec = peter_secret();
        BUF_OWNED out = { 0 };
        struct note n;

        note_sign(&out, slice_str("\n"), "PeterNeumann", sec);
        assert_int_equal(judge(buf_slice(&out), PETER_VKEY), 0);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_true(slice_is(n.text, "\n"));
}

static void what_is_not_a_note_is_refused(void **state)
{
        static const char *const bad[] = {
                "",
                "\n",
                "\n\n",
                "\n" PETER_LINE,
                PETER_LINE,
                TEXT,
                TEXT "\n",
                TEXT "\n\n" PETER_LINE "\n",
                TEXT PETER_LINE,
                TEXT "\n— PeterNeumann " PETER_BASE64,
                "\x01" TEXT "\n" PETER_LINE,
                "\t" TEXT "\n" PETER_LINE,
                "\r\n" TEXT "\n" PETER_LINE,
                "\xff" TEXT "\n" PETER_LINE,
                "\xed\xa0\x80" TEXT "\n" PETER_LINE,
                TEXT "\n— Bad Name " PETER_BASE64 "\n",
                TEXT "\n— Bad+Name " PETER_BASE64 "\n",
                TEXT "\n— Bad\xc2\xa0Name " PETER_BASE64 "\n",
                TEXT "\n—  " PETER_BASE64 "\n",
                TEXT "\n— PeterNeumann  " PETER_BASE64 "\n",
                TEXT "\n— PeterNeumann " PETER_BASE64 " \n",
                TEXT "\n— PeterNeumann\n",
                TEXT "\n— PeterNeumann \n",
                TEXT "\n- PeterNeumann " PETER_BASE64 "\n",
                TEXT "\n—PeterNeumann " PETER_BASE64 "\n",
                TEXT "\n" PETER_LINE "Unexpected line.\n",
                TEXT "\nUnexpected line.\n" PETER_LINE,
                TEXT "\n" PETER_LINE "\n" TEXT,
                TEXT "\n" PETER_LINE "— Other x08gow==\n", /* a key id and nothing more */
                TEXT "\n" PETER_LINE "— Other x08goxw\n",  /* without its padding */
                TEXT "\n" PETER_LINE "— Other x08goxx=\n", /* bits left over */
                TEXT "\n" PETER_LINE "— Other x08=oxw=\n",
                TEXT "\n" PETER_LINE "— Other ====\n",
                TEXT "\n" PETER_LINE "— Other x08goxxx====\n",
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct note n = { .lines = 77 };

                if (note_read(&n, slice_str(bad[i])) != NOTE_MALFORMED)
                        fail_msg("number %zu is taken for a note", i);
                assert_int_equal(n.lines, 77);
        }
        assert_int_equal(
                judge(slice_of(TEXT "\0\n\n" PETER_LINE, sizeof(TEXT PETER_LINE) + 2), PETER_VKEY),
                NOTE_MALFORMED);
}

static void what_no_reader_would_take_is_not_signed(void **state)
{
        static const char *const texts[] = { "", "no newline", "tab\t\n", "\xff\n" };
        static const char *const names[] = { "", "two words", "a+b" };
        SECRET_OWNED struct sign_sec *sec = peter_secret();

        for (size_t i = 0; i < 4; i++) {
                BUF_OWNED out = { 0 };

                note_sign(&out, slice_str(texts[i]), "PeterNeumann", sec);
                assert_int_equal(buf_fault(&out), -EINVAL);
        }
        for (size_t i = 0; i < 3; i++) {
                BUF_OWNED out = { 0 };

                note_sign(&out, slice_str(TEXT), names[i], sec);
                assert_int_equal(buf_fault(&out), -EINVAL);
                assert_null(memmem(out.at, out.len, "—", 3));
        }
}

static void a_vkey_has_one_spelling(void **state)
{
        static const char *const keys[] = { SPEC_VKEY, PETER_VKEY, ENOCH_VKEY };

        for (size_t i = 0; i < 3; i++) {
                struct note_key key = key_of(keys[i]);
                BUF_OWNED out = { 0 };

                note_vkey_put(&out, &key);
                assert_true(slice_is(buf_slice(&out), keys[i]));
        }
        assert_int_equal(strcmp(key_of(SPEC_VKEY).name, "example.com/foo"), 0);
}

static void a_mangled_vkey_is_refused(void **state)
{
        uint8_t b[] = PETER_VKEY;
        size_t len = sizeof(b) - 1;
        struct note_key key;

        for (size_t i = 0; i <= len; i++)
                for (size_t j = i; j <= len; j++)
                        if (i != 0 || j != len)
                                assert_false(note_vkey_get(slice_of(b + i, j - i), &key));
        for (size_t bit = 0; bit < len * 8; bit++) {
                b[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_false(note_vkey_get(slice_of(b, len), &key));
                b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        /* A key of the wrong length, and one of an unknown type, each with the id it would have. */
        assert_false(note_vkey_get(slice_str("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq"
                                             "/LDE4izWy10TWBADKEY=="),
                                   &key));
        assert_false(note_vkey_get(
                slice_str("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                &key));
}

static void one_key_has_an_id_for_each_use(void **state)
{
        struct note_key key = key_of(PETER_VKEY), other = key;

        other.name[0] = 'p';
        assert_int_equal(note_key_id(&key, 0x01), 0xc74f20a3);
        assert_int_not_equal(note_key_id(&key, 0x04), 0xc74f20a3);
        assert_int_not_equal(note_key_id(&other, 0x01), 0xc74f20a3);
}

static void names_hold_no_spaces_pluses_or_controls(void **state)
{
        static const char *const good[] = { "a",         "org.example-life", "broker.example/log/0",
                                            "fumi1qqqq", "日本年金機構",     "x\xe2\x80\x8b" };
        static const char *const bad[] = { "",
                                           " ",
                                           "a b",
                                           "a+b",
                                           "a\nb",
                                           "\x7f",
                                           "\xc2\x85",
                                           "\xc2\xa0",
                                           "\xe1\x9a\x80",
                                           "\xe2\x80\x80",
                                           "\xe2\x80\x8a",
                                           "\xe2\x80\xa8",
                                           "\xe2\x80\xa9",
                                           "\xe2\x80\xaf",
                                           "\xe2\x81\x9f",
                                           "\xe3\x80\x80",
                                           "\xff",
                                           "a\xe3\x80" };
        char most[NOTE_NAME_MOST + 1];

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(note_name_ok(slice_str(good[i])));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(note_name_ok(slice_str(bad[i])));
        memset(most, 'n', sizeof(most));
        assert_true(note_name_ok(slice_of(most, NOTE_NAME_MOST)));
        assert_false(note_name_ok(slice_of(most, NOTE_NAME_MOST + 1)));
        assert_false(note_name_ok(slice_of("a\0b", 3)));
}

static int start(void **state)
{
        return secret_init();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_example_of_the_specification_verifies),
                cmocka_unit_test(a_note_is_signed_byte_for_byte_as_others_sign_it),
                cmocka_unit_test(several_signers_verify_each_alone),
                cmocka_unit_test(a_cosigned_note_verifies_for_both),
                cmocka_unit_test(any_flipped_bit_spoils_a_note),
                cmocka_unit_test(a_false_line_of_a_known_key_spoils_the_note),
                cmocka_unit_test(lines_of_strangers_are_kept_and_ignored),
                cmocka_unit_test(too_many_signatures_are_refused),
                cmocka_unit_test(a_note_has_a_largest_size),
                cmocka_unit_test(text_and_signatures_part_at_the_last_empty_line),
                cmocka_unit_test(the_shortest_text_is_one_newline),
                cmocka_unit_test(what_is_not_a_note_is_refused),
                cmocka_unit_test(what_no_reader_would_take_is_not_signed),
                cmocka_unit_test(a_vkey_has_one_spelling),
                cmocka_unit_test(a_mangled_vkey_is_refused),
                cmocka_unit_test(one_key_has_an_id_for_each_use),
                cmocka_unit_test(names_hold_no_spaces_pluses_or_controls),
        };

        return cmocka_run_group_tests(tests, start, NULL);
}
