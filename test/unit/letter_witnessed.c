/* letter_witnessed.c - receipts under a policy (E6.8): enough witnesses, too few, false and unknown
 * ones */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/cosign.h"
#include "letter/event.h"
#include "letter/receipt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define ORIGIN "post.example/log/0"
enum { SIZE = 5, AT = 2, WITNESSES = 3 };

static struct sign_sec *sec; /* the log's, the witnesses', a stranger's */
static struct trust trust;   /* two of three */
static struct trust plain;   /* no policy */
static struct hash leaf[SIZE];
static struct buf event;
static const uint8_t salt[EVENT_SALT] = "sixteen of salt";

static void name_witness(char out[static 32], int i)
{
        snprintf(out, 32, "w%d.example", i);
}

static int set_up(void **state)
{
        const struct hash statement = { { 1, 2, 3 } };

        if (secret_init() || !(sec = secret_new((WITNESSES + 2) * sizeof(*sec))))
                return -1;
        memcpy(trust.log[0].name, ORIGIN, sizeof(ORIGIN));
        keys_sign_new(&trust.log[0].pub, &sec[0]);
        trust.logs = 1;
        plain = trust;
        for (int i = 0; i < WITNESSES; i++) {
                struct policy_witness *w = &trust.policy.witness[trust.policy.witnesses++];

                snprintf(w->name, sizeof(w->name), "w%d", i);
                name_witness(w->key.name, i);
                keys_sign_new(&w->key.pub, &sec[1 + i]);
        }
        assert_null(policy_line(&trust.policy, slice_str("group"), slice_str("g 2 w0 w1 w2")));
        assert_null(policy_line(&trust.policy, slice_str("quorum"), slice_str("g")));
        keys_sign_new(&(struct sign_pub){ { 0 } }, &sec[1 + WITNESSES]);
        event_put_statement(&event, 16, slice_str("post.example"), slice_str("org.example-life"),
                            &statement, -1, INT64_C(1764547200123));
        for (size_t i = 0; i < SIZE; i++)
                tree_leaf(&leaf[i], slice_of(&i, sizeof(i)));
        event_leaf(&leaf[AT], salt, buf_slice(&event));
        return 0;
}

static int tear_down(void **state)
{
        buf_free(&event);
        secret_free(sec);
        return 0;
}

static int tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        memcpy(out, leaf, width * sizeof(*out));
        return 0;
}

/* The checkpoint with a line of each witness in @set (bits), by number. */
static void put_checkpoint(struct buf *out, uint32_t set)
{
        struct checkpoint c = { .origin = ORIGIN, .size = SIZE };
        BUF_OWNED text = { 0 };
        char name[32];
        struct note n;

        tree_root_of(&c.root, leaf, SIZE);
        checkpoint_write(out, &c, &sec[0]);
        assert_int_equal(note_read(&n, buf_slice(out)), 0);
        buf_put(&text, n.text);
        for (int i = 0; i <= WITNESSES; i++) {
                name_witness(name, i);
                if (set >> i & 1)
                        cosign_make(out, buf_slice(&text), name, 1764547200, &sec[1 + i]);
        }
}

static int make(struct buf *out, const struct trust *by, struct slice checkpoint)
{
        struct tile_source tiles = { tile, NULL, SIZE };

        return receipt_make(out, buf_slice(&event), salt, AT, checkpoint, &by->log[0], &by->policy,
                            &tiles);
}

static void put_receipt(struct buf *out, const struct trust *by, uint32_t set)
{
        BUF_OWNED checkpoint = { 0 };

        put_checkpoint(&checkpoint, set);
        assert_int_equal(make(out, by, buf_slice(&checkpoint)), 0);
}

static void check_verdict(struct slice receipt, const struct trust *by,
                          enum receipt_verdict verdict, const char *reason)
{
        struct receipt_finding f;

        assert_int_equal(receipt_judge(&f, receipt, by), 0);
        if (reason)
                assert_string_equal(f.reason, reason);
        assert_int_equal(f.verdict, verdict);
        receipt_finding_free(&f);
}

static void enough_witnesses_are_ok_and_are_named(void **state)
{
        BUF_OWNED two = { 0 };
        BUF_OWNED three = { 0 };
        struct receipt_finding f;

        put_receipt(&two, &trust, 1 | 4);
        check_verdict(buf_slice(&two), &trust, RECEIPT_OK,
                      "The event is leaf 2 of " ORIGIN ", cosigned by w0, w2.");
        put_receipt(&three, &trust, 7);
        assert_int_equal(receipt_judge(&f, buf_slice(&three), &trust), 0);
        assert_int_equal(f.verdict, RECEIPT_OK);
        assert_int_equal(f.cosigned, 7);
        assert_true(f.logged);
        receipt_finding_free(&f);
}

static void too_few_are_incomplete_and_who_is_missing_is_named(void **state)
{
        BUF_OWNED none = { 0 };
        BUF_OWNED one = { 0 };

        put_receipt(&none, &trust, 0);
        check_verdict(buf_slice(&none), &trust, RECEIPT_INCOMPLETE,
                      "Not enough witnesses have cosigned the checkpoint: missing w0, w1, w2.");
        put_receipt(&one, &trust, 2);
        check_verdict(buf_slice(&one), &trust, RECEIPT_INCOMPLETE,
                      "Not enough witnesses have cosigned the checkpoint: missing w0, w2.");
        check_verdict(buf_slice(&none), &plain, RECEIPT_OK, NULL); /* who asks for none */
}

/* Changed by hand: the line of w1 says another text, another name, another key. */
static void a_false_cosignature_fails_even_when_there_are_enough_others(void **state)
{
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED receipt = { 0 };
        BUF_OWNED made = { 0 };
        struct hash path[TREE_DEPTH_MOST];
        struct disclosure d = { .event = buf_slice(&event) };
        BUF_OWNED extra = { 0 };
        size_t len = tree_path_of(path, leaf, SIZE, AT);

        memcpy(d.salt, salt, sizeof(d.salt));
        field_write(&disclosure_table, &extra, &d);
        put_checkpoint(&checkpoint, 1 | 4);
        cosign_make(&checkpoint, slice_str("another text\n"), "w1.example", 5, &sec[2]);
        proof_write(&receipt, buf_slice(&extra), AT, path, len, buf_slice(&checkpoint));
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_FAIL,
                      "A witness's cosignature under the checkpoint is false.");
        assert_int_equal(make(&made, &trust, buf_slice(&checkpoint)), -EPROTO);
        assert_int_equal(made.len, 0);
}

static void a_cosigner_that_the_trust_file_does_not_know_is_a_missing_input(void **state)
{
        struct trust all = trust;
        BUF_OWNED receipt = { 0 };
        BUF_OWNED ours = { 0 };

        /* Made by somebody who knows one witness more. */
        snprintf(all.policy.witness[3].name, 8, "w3");
        name_witness(all.policy.witness[3].key.name, 3);
        keys_sign_pub(&all.policy.witness[3].key.pub, &sec[4]);
        all.policy.witnesses = 4;
        put_receipt(&receipt, &all, 1 | 2 | 8);
        check_verdict(buf_slice(&receipt), &all, RECEIPT_OK, NULL);
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_INCOMPLETE,
                      "The trust file has no key for w3.example, which signed the checkpoint too.");
        check_verdict(buf_slice(&receipt), &plain, RECEIPT_INCOMPLETE,
                      "The trust file has no key for w0.example, which signed the checkpoint too.");
        /* Made under our own trust file, it has no such line. */
        put_receipt(&ours, &trust, 1 | 2 | 8);
        check_verdict(buf_slice(&ours), &trust, RECEIPT_OK, NULL);
        assert_null(memmem(ours.at, ours.len, "w3.example", 10));
}

/* Neither by itself, nor behind the whole one whose checkpoint is remembered. */
static void no_flipped_bit_is_ok(void **state)
{
        struct receipt_memory memory = { .held = false };
        size_t incomplete = 0, lines;
        struct receipt_finding whole;
        BUF_OWNED receipt = { 0 };

        put_receipt(&receipt, &trust, 7);
        assert_int_equal(receipt_judge_next(&whole, buf_slice(&receipt), &trust, &memory), 0);
        assert_int_equal(whole.verdict, RECEIPT_OK);
        assert_true(memory.held);
        receipt_finding_free(&whole);
        lines = (size_t)((const uint8_t *)memmem(receipt.at, receipt.len, "w0.example", 10) -
                         receipt.at);
        for (size_t i = 0; i < receipt.len; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        struct receipt_finding f;

                        receipt.at[i] ^= (uint8_t)(1 << bit);
                        assert_int_equal(receipt_judge(&f, buf_slice(&receipt), &trust), 0);
                        assert_int_not_equal(f.verdict, RECEIPT_OK);
                        receipt_finding_free(&f);
                        assert_int_equal(
                                receipt_judge_next(&f, buf_slice(&receipt), &trust, &memory), 0);
                        assert_int_not_equal(f.verdict, RECEIPT_OK);
                        if (f.verdict == RECEIPT_INCOMPLETE && i >= lines)
                                incomplete++;
                        receipt_finding_free(&f);
                        receipt.at[i] ^= (uint8_t)(1 << bit);
                }
        assert_in_range(incomplete, 1, WITNESSES * 8 * 20); /* names and key ids */
}

static void receipts_of_one_checkpoint_are_judged_alike_with_and_without_memory(void **state)
{
        struct receipt_memory memory = { .held = false };

        for (uint32_t set = 0; set < 16; set++) {
                BUF_OWNED receipt = { 0 };

                put_receipt(&receipt, &trust, set);
                for (int again = 0; again < 2; again++) {
                        struct receipt_finding one, other;

                        assert_int_equal(receipt_judge(&one, buf_slice(&receipt), &trust), 0);
                        assert_int_equal(
                                receipt_judge_next(&other, buf_slice(&receipt), &trust, &memory),
                                0);
                        assert_int_equal(one.verdict, other.verdict);
                        assert_int_equal(one.cosigned, other.cosigned);
                        assert_string_equal(one.reason, other.reason);
                        receipt_finding_free(&one);
                        receipt_finding_free(&other);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(enough_witnesses_are_ok_and_are_named),
                cmocka_unit_test(too_few_are_incomplete_and_who_is_missing_is_named),
                cmocka_unit_test(a_false_cosignature_fails_even_when_there_are_enough_others),
                cmocka_unit_test(a_cosigner_that_the_trust_file_does_not_know_is_a_missing_input),
                cmocka_unit_test(no_flipped_bit_is_ok),
                cmocka_unit_test(
                        receipts_of_one_checkpoint_are_judged_alike_with_and_without_memory),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
