/* letter_trust.c - the trust file: read as written, and a mistake is named with its line */
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "letter/trust.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define BROKER                                                                                     \
        "broker post.example tcp://post.example:7733 "                                             \
        "sbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbE=\n"
/* C2SP signed-note, "Example": one key is as good as another for reading. */
#define VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define GOOD "fumibako trust v1\n" BROKER "attest " VKEY "\nlog " VKEY "\nregistrar " VKEY "\n"

static void check_refused(const char *text, const char *why)
{
        struct trust t = { .logs = 77 };
        struct trust_why said;

        assert_int_equal(trust_of_text(&t, slice_str(text), "t", &said), TRUST_BAD);
        assert_string_equal(said.text, why);
        assert_int_equal(t.logs, 77);
}

/* E7.1 */
static void a_good_file_is_read(void **state)
{
        struct trust_why why;
        struct trust t;
        uint8_t curve[32];

        memset(curve, 0xb1, sizeof(curve));
        assert_int_equal(trust_of_text(&t, slice_str(GOOD), "t", &why), 0);
        assert_string_equal(t.broker, "post.example");
        assert_string_equal(t.endpoint, "tcp://post.example:7733");
        assert_memory_equal(t.curve.b, curve, 32);
        assert_int_equal(t.attests, 1);
        assert_int_equal(t.logs, 1);
        assert_int_equal(t.registrars, 1);
        assert_string_equal(t.registrar[0].name, "example.com/foo");
        assert_ptr_equal(trust_log(&t, "example.com/foo"), &t.log[0]);
        assert_null(trust_log(&t, "example.com/fo"));
        assert_null(trust_log(&t, ""));
}

static void comments_empty_lines_and_the_order_of_facts_do_not_matter(void **state)
{
        static const char text[] = "# whom we believe\n"
                                   "\n"
                                   "fumibako trust v1   # the first version\n"
                                   "  registrar " VKEY "  # of the town\n"
                                   "#log nothing\n"
                                   "log " VKEY "\n"
                                   "attest  " VKEY "\n" BROKER "registrar " VKEY;
        struct trust_why why;
        struct trust t;

        assert_int_equal(trust_of_text(&t, slice_str(text), "t", &why), 0);
        assert_int_equal(t.registrars, 2);
        assert_int_equal(t.logs, 1);
}

static void what_is_written_is_read_back(void **state)
{
        struct trust t, back;
        struct trust_why why;
        BUF_OWNED text = { 0 };
        BUF_OWNED again = { 0 };

        assert_int_equal(trust_of_text(&t, slice_str(GOOD), "t", &why), 0);
        t.log[t.logs++] = (struct note_key){ "other.example/log/0", t.log[0].pub };
        trust_write(&text, &t);
        assert_int_equal(trust_of_text(&back, buf_slice(&text), "t", &why), 0);
        assert_memory_equal(&back, &t, sizeof(t));
        trust_write(&again, &back);
        assert_true(slice_eq(buf_slice(&text), buf_slice(&again)));
}

static void a_mistake_is_named_with_its_line(void **state)
{
        check_refused("", "t: there is no broker line");
        check_refused("fumibako trust v2\n", "t:1: expected \"fumibako trust v1\"");
        check_refused("\n" BROKER, "t:2: expected \"fumibako trust v1\"");
        check_refused("fumibako trust v1\n# x\nwitnesses " VKEY "\n",
                      "t:3: unknown word: expected broker, attest, log, registrar, witness, group "
                      "or quorum");
        check_refused("fumibako trust v1\nlog\n", "t:2: not a verifier key (name+id+base64)");
        check_refused(GOOD "log " VKEY "x\n", "t:6: not a verifier key (name+id+base64)");
        check_refused(GOOD "log " VKEY " " VKEY "\n", "t:6: not a verifier key (name+id+base64)");
        check_refused(GOOD BROKER, "t:6: a second broker line");
        check_refused(GOOD "log x\r\n", "t:6: not a verifier key (name+id+base64)");
}

#define WITNESS                                                                                    \
        "witness w1 witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+"                   \
        "INwJrfUlgz7W55dSZReusH/GhUhJ/G\n"

/* E7.6 */
static void a_policy_is_part_of_the_file_and_old_files_have_none(void **state)
{
        struct trust t, back;
        struct trust_why why;
        BUF_OWNED text = { 0 };

        assert_int_equal(trust_of_text(&t, slice_str(GOOD), "t", &why), 0);
        assert_true(policy_met(&t.policy, 0));
        assert_int_equal(trust_of_text(&t, slice_str(GOOD WITNESS "quorum w1  # one is enough\n"),
                                       "t", &why),
                         0);
        assert_false(policy_met(&t.policy, 0));
        assert_true(policy_met(&t.policy, 1));
        trust_write(&text, &t);
        assert_int_equal(trust_of_text(&back, buf_slice(&text), "t", &why), 0);
        assert_memory_equal(&back, &t, sizeof(t));
        check_refused(GOOD WITNESS, "t: there are witnesses and no quorum line");
        check_refused(GOOD WITNESS "quorum w2\n", "t:7: a quorum that no line before defines");
        check_refused(GOOD WITNESS WITNESS "quorum w1\n", "t:7: this name is defined already");
}

static void a_broker_line_says_name_endpoint_and_key(void **state)
{
        static const char head[] = "fumibako trust v1\n";
        static const struct {
                const char *line, *why;
        } bad[] = {
                { "broker Post.example tcp://a:1 sbGxsbGx", "t:2: not a broker name" },
                { "broker", "t:2: not a broker name" },
                { "broker post.example",
                  "t:2: not a ZeroMQ endpoint such as tcp://post.example:7733" },
                { "broker post.example post.example:7733 x",
                  "t:2: not a ZeroMQ endpoint such as tcp://post.example:7733" },
                { "broker post.example tcp://a:1",
                  "t:2: the broker line does not end with the base64 of a 32-byte transport key" },
                { "broker post.example tcp://a:1 sbGx",
                  "t:2: the broker line does not end with the base64 of a 32-byte transport key" },
                { "broker post.example tcp://a:1 sbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbE= x",
                  "t:2: the broker line does not end with the base64 of a 32-byte transport key" },
                { "broker post.example tcp://a:1 sbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbF=",
                  "t:2: the broker line does not end with the base64 of a 32-byte transport key" },
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                BUF_OWNED text = { 0 };

                buf_puts(&text, head);
                buf_puts(&text, bad[i].line);
                check_refused(buf_cstr(&text), bad[i].why);
        }
}

static void a_missing_fact_is_named(void **state)
{
        static const char head[] = "fumibako trust v1\n";
        static const char *const facts[] = { BROKER, "attest " VKEY "\n", "log " VKEY "\n",
                                             "registrar " VKEY "\n" };
        static const char *const why[] = { "t: there is no broker line",
                                           "t: there is no attest line", "t: there is no log line",
                                           "t: there is no registrar line" };

        for (size_t without = 0; without < 4; without++) {
                BUF_OWNED text = { 0 };

                buf_puts(&text, head);
                for (size_t i = 0; i < 4; i++)
                        if (i != without)
                                buf_puts(&text, facts[i]);
                check_refused(buf_cstr(&text), why[without]);
        }
}

static void sixteen_keys_of_a_kind_are_enough(void **state)
{
        BUF_OWNED text = { 0 };
        struct trust_why why;
        struct trust t;

        buf_puts(&text, GOOD);
        for (size_t i = 1; i < TRUST_KEYS_MOST; i++)
                buf_puts(&text, "log " VKEY "\n");
        assert_int_equal(trust_of_text(&t, buf_slice(&text), "t", &why), 0);
        assert_int_equal(t.logs, TRUST_KEYS_MOST);
        buf_puts(&text, "log " VKEY "\n");
        check_refused(buf_cstr(&text), "t:21: too many keys of this kind");
}

static void a_file_is_read_and_its_absence_told_apart_from_its_faults(void **state)
{
        char folder[] = "/tmp/letter_trust.XXXXXX", path[64];
        struct trust_why why;
        struct trust t;

        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof(path), "%s/trust", folder);
        assert_int_equal(trust_read(&t, path, &why), TRUST_ABSENT);
        assert_non_null(strstr(why.text, "/trust: there is no such file"));
        assert_int_equal(file_create(path, slice_str(GOOD "x\n"), 0600), 0);
        assert_int_equal(trust_read(&t, path, &why), TRUST_BAD);
        assert_non_null(strstr(why.text, "/trust:6: unknown word"));
        assert_int_equal(file_replace(path, slice_str(GOOD), 0600), 0);
        assert_int_equal(trust_read(&t, path, &why), 0);
        assert_int_equal(trust_read(&t, folder, &why), -EINVAL);
        unlink(path);
        rmdir(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_good_file_is_read),
                cmocka_unit_test(comments_empty_lines_and_the_order_of_facts_do_not_matter),
                cmocka_unit_test(what_is_written_is_read_back),
                cmocka_unit_test(a_policy_is_part_of_the_file_and_old_files_have_none),
                cmocka_unit_test(a_mistake_is_named_with_its_line),
                cmocka_unit_test(a_broker_line_says_name_endpoint_and_key),
                cmocka_unit_test(a_missing_fact_is_named),
                cmocka_unit_test(sixteen_keys_of_a_kind_are_enough),
                cmocka_unit_test(a_file_is_read_and_its_absence_told_apart_from_its_faults),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
