/* evidence_policy.c - which witnesses are enough (E7.6): the grammar of tlog-policy, and who is
 * missing */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/cosign.h"
#include "evidence/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static char vkey[6][128]; /* of witnesses X1 X2 X3 Y1 Y2 Y3 */

static int set_up(void **state)
{
        struct sign_sec *sec;

        if (secret_init() || !(sec = secret_new(sizeof(*sec))))
                return -1;
        for (int i = 0; i < 6; i++) {
                struct note_key key = { "witness.example", { { 0 } } };
                BUF_OWNED text = { 0 };

                keys_sign_new(&key.pub, sec);
                cosign_vkey_put(&text, &key);
                snprintf(vkey[i], sizeof(vkey[i]), "%s", buf_cstr(&text));
        }
        secret_free(sec);
        return 0;
}

/* Lines with $0 to $5 for the keys; NULL or what is wrong. */
static const char *read_policy(struct policy *p, const char *text)
{
        BUF_OWNED lines = { 0 };
        struct slice rest, line, word;

        *p = (struct policy){ .witnesses = 0 };
        for (; *text; text++)
                if (*text == '$')
                        buf_puts(&lines, vkey[*++text - '0']);
                else
                        buf_putc(&lines, (uint8_t)*text);
        rest = buf_slice(&lines);
        while (slice_split(&rest, '\n', &line)) {
                const char *cause;

                assert_true(slice_split(&line, ' ', &word));
                cause = policy_line(p, word, line);
                if (cause)
                        return cause;
        }
        return policy_end(p);
}

#define SIX                                                                                        \
        "witness X1 $0\nwitness X2 $1\nwitness X3 $2\nwitness Y1 $3\nwitness Y2 $4\nwitness Y3 "   \
        "$5\n"
/* The example of the specification. */
#define EXAMPLE                                                                                    \
        SIX "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n"                       \
            "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"

static void the_example_of_the_specification_asks_for_two_and_one(void **state)
{
        struct policy p;

        assert_null(read_policy(&p, EXAMPLE));
        assert_int_equal(policy_least(&p), 3);
        for (uint32_t set = 0; set < 64; set++) {
                unsigned x = (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);
                bool met = x >= 2 && set >> 3;

                assert_int_equal(policy_met(&p, set), met);
                assert_int_equal(policy_missing(&p, set) == 0, met);
                assert_int_equal(policy_missing(&p, set) & set, 0);
                if (x >= 2 && !(set >> 3))
                        assert_int_equal(policy_missing(&p, set), 0x38); /* none of X can help */
        }
}

static void one_witness_alone_can_be_the_quorum(void **state)
{
        struct policy p;

        assert_null(read_policy(&p, "witness a $0\nwitness b $1\nquorum b\n"));
        assert_int_equal(policy_least(&p), 1);
        assert_false(policy_met(&p, 1));
        assert_true(policy_met(&p, 2));
        assert_int_equal(policy_missing(&p, 1), 2);
}

static void without_a_quorum_everything_is_met(void **state)
{
        struct policy p = { .witnesses = 0 };

        assert_null(policy_end(&p));
        assert_true(policy_met(&p, 0));
        assert_int_equal(policy_least(&p), 0);
        assert_null(read_policy(&p, "witness a $0\nquorum none\n"));
        assert_true(policy_met(&p, 0));
        assert_int_equal(policy_missing(&p, 0), 0);
        assert_null(read_policy(&p, "quorum none\n"));
}

static void the_fewest_that_suffice_are_counted_through_groups(void **state)
{
        struct policy p;

        assert_null(read_policy(&p, SIX "group a all X1 X2 X3\ngroup b 1 a Y1\nquorum b\n"));
        assert_int_equal(policy_least(&p), 1);
        assert_null(read_policy(&p, SIX "group a all X1 X2\ngroup b 2 a X3 Y1\nquorum b\n"));
        assert_int_equal(policy_least(&p), 2);
        assert_null(read_policy(&p, SIX "group a all X1 X2\ngroup b all a Y1\nquorum b\n"));
        assert_int_equal(policy_least(&p), 3);
}

static void what_is_no_policy_is_refused(void **state)
{
        static const struct {
                const char *text, *why;
        } bad[] = {
                { "witness a $0\n", "there are witnesses and no quorum line" },
                { "witness a $0\nwitness a $1\n", "this name is defined already" },
                { "witness a $0\nwitness b $0\n", "another witness has the same key" },
                { "witness none $0\n",
                  "the name none is taken: it is the quorum that asks for nobody" },
                { "witness a\n", "not the verifier key of a witness (name+id+base64, type 4)" },
                { "witness a "
                  "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
                  "not the verifier key of a witness (name+id+base64, type 4)" },
                { "witness a $0 https://a.example/\n", "something follows the witness's key" },
                { "witness \n", "expected a name of at most 64 bytes without plus and controls" },
                { "witness "
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa $0\n",
                  "expected a name of at most 64 bytes without plus and controls" },
                { "witness a $0\ngroup a any a\n", "this name is defined already" },
                { "witness a $0\ngroup g any b\n", "a member that no line before defines" },
                { "witness a $0\ngroup g any g\n", "a member that no line before defines" },
                { "witness a $0\ngroup g any none\n", "a member that no line before defines" },
                { "witness a $0\ngroup g any a a\n", "a member that is in a group already" },
                { "witness a $0\ngroup g any a\ngroup h any a\n",
                  "a member that is in a group already" },
                { "witness a $0\ngroup g any\n", "a group without members" },
                { "witness a $0\ngroup g 0 a\n",
                  "expected any, all, or a number from 1 to that of the members" },
                { "witness a $0\ngroup g 2 a\n",
                  "expected any, all, or a number from 1 to that of the members" },
                { "witness a $0\ngroup g 01 a\n",
                  "expected any, all, or a number from 1 to that of the members" },
                { "witness a $0\nquorum b\n", "a quorum that no line before defines" },
                { "witness a $0\nquorum a\nquorum a\n", "a second quorum line" },
                { "witness a $0\nquorum a a\n", "something follows the quorum's name" },
                { "quorum a\nwitness a $0\n", "a quorum that no line before defines" },
                { "log x\n", "" },
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct policy p;
                const char *why = read_policy(&p, bad[i].text);

                assert_non_null(why);
                assert_string_equal(why, bad[i].why);
        }
}

static void more_than_there_is_room_for_is_refused(void **state)
{
        struct policy p = { .witnesses = POLICY_WITNESSES_MOST };
        BUF_OWNED line = { 0 };

        buf_printf(&line, "more %s", vkey[0]);
        assert_string_equal(policy_line(&p, slice_str("witness"), buf_slice(&line)),
                            "more than 32 witnesses");
        p = (struct policy){ .groups = POLICY_GROUPS_MOST };
        assert_string_equal(policy_line(&p, slice_str("group"), slice_str("more any x")),
                            "more than 32 groups");
}

static void what_is_written_says_the_same(void **state)
{
        static const char *const texts[] = { EXAMPLE, "witness a $0\nquorum a\n", "quorum none\n" };

        for (size_t i = 0; i < 3; i++) {
                struct policy p, again = { .witnesses = 0 };
                BUF_OWNED text = { 0 };
                struct slice rest, line, word;

                assert_null(read_policy(&p, texts[i]));
                policy_write(&text, &p);
                rest = buf_slice(&text);
                while (slice_split(&rest, '\n', &line)) {
                        assert_true(slice_split(&line, ' ', &word));
                        assert_null(policy_line(&again, word, line));
                }
                assert_memory_equal(&again, &p, sizeof(p));
        }
}

/* Who cosigned is told from the note, and one false line of a known witness spoils it. */
static void who_has_cosigned_is_told_from_the_lines(void **state)
{
        static const char text[] = "log.example\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        struct sign_sec *sec = secret_new(2 * sizeof(*sec));
        struct policy p = { .witnesses = 2 };
        uint32_t cosigned = 77;
        BUF_OWNED out = { 0 };
        struct note n;

        for (int i = 0; i < 2; i++) {
                snprintf(p.witness[i].key.name, sizeof(p.witness[i].key.name), "w%d.example", i);
                keys_sign_new(&p.witness[i].key.pub, &sec[i]);
        }
        buf_puts(&out, text);
        buf_puts(&out, "\n");
        cosign_make(&out, slice_str(text), "w1.example", 9, &sec[1]);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_int_equal(policy_cosigned(&p, &n, &cosigned), 0);
        assert_int_equal(cosigned, 2);
        cosign_make(&out, slice_str("other text\n"), "w0.example", 9, &sec[0]);
        assert_int_equal(note_read(&n, buf_slice(&out)), 0);
        assert_int_equal(policy_cosigned(&p, &n, &cosigned), NOTE_FORGED);
        assert_int_equal(cosigned, 2);
        secret_free(sec);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_example_of_the_specification_asks_for_two_and_one),
                cmocka_unit_test(one_witness_alone_can_be_the_quorum),
                cmocka_unit_test(without_a_quorum_everything_is_met),
                cmocka_unit_test(the_fewest_that_suffice_are_counted_through_groups),
                cmocka_unit_test(what_is_no_policy_is_refused),
                cmocka_unit_test(more_than_there_is_room_for_is_refused),
                cmocka_unit_test(what_is_written_says_the_same),
                cmocka_unit_test(who_has_cosigned_is_told_from_the_lines),
        };

        return cmocka_run_group_tests(tests, set_up, NULL);
}
