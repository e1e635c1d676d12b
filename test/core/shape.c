/* shape.c - strangers' bytes, and the broker's own state: what is refused before anybody decides */
#include "world.h"

#include <errno.h>

static void bytes_that_are_no_message_are_malformed(void **state)
{
        struct world *w = world_new();
        BUF_OWNED large = { 0 };

        world_remember(w);
        assert_int_equal(world_ask_bytes(w, &w->sender, slice_str("")), OUTCOME_MALFORMED);
        assert_int_equal(world_ask_bytes(w, &w->sender, slice_str("hello")), OUTCOME_MALFORMED);
        assert_non_null(buf_extend(&large, MESSAGES_FRAME_MOST + 1));
        assert_int_equal(world_ask_bytes(w, &w->sender, buf_slice(&large)), OUTCOME_TOO_LARGE);
        check_unchanged(w);
        world_end(w);
}

static void a_verb_nobody_knows_is_named(void **state)
{
        struct world *w = world_new();
        BUF_OWNED bytes = { 0 };

        frame_write_ask(&bytes, 99, 7, NULL, NULL);
        assert_int_equal(world_ask_bytes(w, &w->sender, buf_slice(&bytes)), OUTCOME_UNKNOWN_VERB);
        assert_int_equal(w->frame.number, 7);
        world_end(w);
}

static void the_field_at_fault_is_named(void **state)
{
        struct world *w = world_new();
        BUF_OWNED bytes = { 0 };

        frame_write_ask(&bytes, VERB_LIST, 5, NULL, NULL);
        assert_int_equal(world_ask_bytes(w, &w->sender, buf_slice(&bytes)), OUTCOME_MALFORMED);
        check_where(w, "mailbox");
        assert_int_equal(w->frame.number, 5);
        world_end(w);
}

/* Every shorter beginning of a good submission, and every bit of it turned: no answer is a fault,
 * and no letter is filed. (With the key of the body turned into one that readers skip, the letter
 * is announced without a body: what is signed is still whole.) */
static void a_damaged_submission_is_refused_wherever_it_is_damaged(void **state)
{
        struct world *w = world_new();
        BUF_OWNED items = { 0 };
        BUF_OWNED bytes = { 0 };
        struct ask_submit ask;
        struct letter l;
        uint64_t size;

        letter_new(&l, w, 40);
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        frame_write_ask(&bytes, VERB_SUBMIT, 1, &ask_submit_table, &ask);
        size = world_tree_size(w);
        for (size_t len = 0; len < bytes.len; len++)
                assert_int_not_equal(world_ask_bytes(w, &w->sender, slice_of(bytes.at, len)), 0);
        for (size_t i = 0; i < bytes.len * 8; i++) {
                uint64_t code;

                if (i / 8 == 4)
                        continue; /* the number, which is the asker's own */
                bytes.at[i / 8] ^= (uint8_t)(1U << i % 8);
                code = world_ask_bytes(w, &w->sender, buf_slice(&bytes));
                if (!code && w->frame.verb == VERB_SUBMIT)
                        assert_int_not_equal(world_filed(w, 0).code, 0);
                bytes.at[i / 8] ^= (uint8_t)(1U << i % 8);
        }
        assert_true(world_tree_size(w) == size);
        letter_free(&l);
        world_end(w);
}

static void an_answer_can_be_any_code_instead(void **state)
{
        static const uint64_t codes[] = { OUTCOME_BUSY, OUTCOME_STORE_FULL, OUTCOME_STOPPING,
                                          OUTCOME_RATE, OUTCOME_BROKER_FAULT };
        struct world *w = world_new();
        BUF_OWNED items = { 0 };
        struct core_request *r;
        struct ask_submit ask;
        struct letter l;

        letter_new(&l, w, 40);
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        world_remember(w);
        r = world_check(w, &w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
        world_run(w, &r, 1, false);
        assert_true(core_request_weight(r) > 40);
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
                buf_clear(&w->answer);
                core_answer_code(r, codes[i], &w->answer);
                assert_int_equal(frame_read(&w->frame, buf_slice(&w->answer), true), 0);
                assert_true(w->frame.code == codes[i]);
                assert_true(w->frame.number == w->number);
        }
        core_request_free(r);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

static void a_store_is_founded_once_and_for_one_log(void **state)
{
        struct world *w = world_new();
        struct core_config other = w->cfg;
        struct core *c;

        world_remember(w);
        assert_int_equal(core_found(w->core, w->store, w->now + 1), 0);
        check_unchanged(w);
        memcpy(other.origin, "post.other/log/0", sizeof("post.other/log/0"));
        assert_int_equal(core_new(&c, &other), 0);
        assert_int_equal(core_found(c, w->store, w->now), -EPERM);
        check_unchanged(w);
        core_free(c);
        world_end(w);
}

static void a_batch_of_refusals_has_nothing_to_commit(void **state)
{
        struct world *w = world_new();
        struct core_batch *b;
        struct core_request *r;
        struct store_txn *t;
        BUF_OWNED items = { 0 };
        struct ask_submit ask;
        struct letter l;
        bool done, changed = true;

        letter_begin(&l, w, 40);
        l.h.created = 0;
        letter_pack(&l);
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        r = world_check(w, &w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
        assert_int_equal(store_begin(w->store, ++w->batch, &t, &done), 0);
        assert_int_equal(core_begin(w->core, &b, t, w->now), 0);
        assert_int_equal(core_step(b, r), 0);
        assert_int_equal(core_seal(b, &changed), 0);
        assert_false(changed);
        core_batch_free(b);
        store_abort(&t);
        core_request_free(r);
        letter_free(&l);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bytes_that_are_no_message_are_malformed),
                cmocka_unit_test(a_verb_nobody_knows_is_named),
                cmocka_unit_test(the_field_at_fault_is_named),
                cmocka_unit_test(a_damaged_submission_is_refused_wherever_it_is_damaged),
                cmocka_unit_test(an_answer_can_be_any_code_instead),
                cmocka_unit_test(a_store_is_founded_once_and_for_one_log),
                cmocka_unit_test(a_batch_of_refusals_has_nothing_to_commit),
        };

        return WORLD_MAIN(argc, argv, tests);
}
