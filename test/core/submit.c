/* submit.c - a batch of letters under one signature is filed, once */
#include "world.h"

#include "crypt/hash.h"

static void a_letter_is_filed_and_its_leaf_proves_it(void **state)
{
        struct world *w = world_new();
        struct letter l;
        struct answer_submit told;
        struct filed f;

        world_file(w, &l, 2000);
        world_told(w, &told);
        f = world_filed(w, 0);
        assert_true(f.has_leaf && f.has_salt && f.has_time && !f.has_duplicate);
        assert_false(f.has_checkpoint);
        assert_true(f.time == (uint64_t)w->now);
        assert_true(told.has_checkpoint);
        assert_true(check_checkpoint(w, told.checkpoint) == f.leaf + 1);
        check_filed_leaf(w, &l, &f);
        assert_int_equal(w->woken, 1);
        assert_int_equal(w->tally.filed, 1);
        letter_free(&l);
        world_end(w);
}

static void a_batch_is_filed_in_its_order(void **state)
{
        struct world *w = world_new();
        struct letter l[5];
        struct answer_submit told;
        uint64_t first = 0;

        for (size_t i = 0; i < 5; i++)
                letter_new(&l[i], w, 100 + i);
        assert_int_equal(world_submit(w, l, 5), 0);
        world_told(w, &told);
        assert_int_equal(told.letters.count, 5);
        for (size_t i = 0; i < 5; i++) {
                struct filed f = world_filed(w, i);

                assert_int_equal(f.code, 0);
                if (i == 0)
                        first = f.leaf;
                assert_true(f.leaf == first + i);
                check_filed_leaf(w, &l[i], &f);
                letter_free(&l[i]);
        }
        world_told(w, &told);
        assert_true(check_checkpoint(w, told.checkpoint) == first + 5);
        world_end(w);
}

/* Leaf, salt, time and checkpoint of the first answer against those of a later one. */
static void check_same_receipt(struct world *w, const struct buf *first)
{
        struct answer_submit told;
        struct filed was = { 0 }, is;

        assert_int_equal(field_read_message(&answer_submit_table, buf_slice(first), &told, NULL),
                         0);
        assert_true(field_list_next(&told.letters, &filed_table, &was));
        is = world_filed(w, 0);
        assert_int_equal(is.code, 0);
        assert_true(is.has_duplicate && is.duplicate);
        assert_true(is.leaf == was.leaf);
        assert_true(is.time == was.time);
        assert_memory_equal(is.salt, was.salt, sizeof(is.salt));
        assert_true(slice_eq(is.checkpoint, told.checkpoint));
}

/* P4.2.10 */
static void the_same_letter_gets_the_same_receipt_for_ever(void **state)
{
        struct world *w = world_new();
        BUF_OWNED first = { 0 };
        struct answer_submit told;
        struct letter l, other;

        world_file(w, &l, 500);
        buf_put(&first, buf_slice(&w->answer));
        world_file(w, &other, 500);
        world_remember(w);

        assert_int_equal(world_send(w, &l), 0);
        check_same_receipt(w, &first);
        world_told(w, &told);
        assert_false(told.has_checkpoint);
        assert_int_equal(w->tally.duplicates, 1);
        check_unchanged(w);

        /* Without its body, with the core started anew, and when everything has expired. */
        l.alone = true;
        world_reopen_core(w);
        w->now += 1000 * CLOCK_DAY;
        assert_int_equal(world_send(w, &l), 0);
        check_same_receipt(w, &first);
        check_unchanged(w);
        letter_free(&l);
        letter_free(&other);
        world_end(w);
}

static void a_new_key_does_not_take_back_the_receipts_of_the_old_one(void **state)
{
        struct world *w = world_new();
        BUF_OWNED first = { 0 };
        struct letter l, fresh;
        struct party old = w->sender;

        world_file(w, &l, 500);
        buf_put(&first, buf_slice(&w->answer));
        letter_new(&fresh, w, 10);
        w->sender = party_new();
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        world_remember(w);

        assert_int_equal(world_submit_as(w, &old, WORLD_SENDER, &l, 1), 0);
        check_same_receipt(w, &first);
        {
                BUF_OWNED items = { 0 };
                struct ask_submit ask;

                /* Knowing the ids is not enough: it takes the very batch. */
                world_submission(w, &old, WORLD_SENDER, &l, 1, &items, &ask);
                ask.signature[9] ^= 1;
                assert_int_equal(world_ask(w, &old, VERB_SUBMIT, &ask), OUTCOME_BAD_SIGNATURE);
        }
        /* The old key files nothing new. */
        assert_int_equal(world_submit_as(w, &old, WORLD_SENDER, &fresh, 1), OUTCOME_BAD_SIGNATURE);
        check_unchanged(w);
        letter_free(&l);
        letter_free(&fresh);
        party_free(&old);
        world_end(w);
}

static void what_the_old_key_signed_and_the_broker_refused_stays_refused(void **state)
{
        struct world *w = world_new();
        struct letter l[2];
        struct party old = w->sender;

        letter_new(&l[0], w, 500);
        letter_begin(&l[1], w, 500);
        l[1].h.created += 2 * (uint64_t)w->cfg.clock_window;
        letter_pack(&l[1]);
        assert_int_equal(world_submit(w, l, 2), 0);
        assert_int_equal(world_filed(w, 0).code, 0);
        assert_int_equal(world_filed(w, 1).code, OUTCOME_CLOCK_WINDOW);
        w->sender = party_new();
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        w->now += 2 * w->cfg.clock_window;
        world_remember(w);
        assert_int_equal(world_submit_as(w, &old, WORLD_SENDER, l, 2), 0);
        assert_int_equal(world_filed(w, 0).code, 0);
        assert_int_equal(world_filed(w, 1).code, OUTCOME_BAD_SIGNATURE);
        check_unchanged(w);
        letter_free(&l[0]);
        letter_free(&l[1]);
        party_free(&old);
        world_end(w);
}

static void a_letter_twice_in_a_batch_is_filed_once(void **state)
{
        struct world *w = world_new();
        struct letter l;
        struct filed one, two;
        struct answer_submit told;
        uint64_t size = world_tree_size(w);

        letter_new(&l, w, 64);
        assert_int_equal(world_submit(w, (struct letter[]){ l, l }, 2), 0);
        one = world_filed(w, 0);
        two = world_filed(w, 1);
        world_told(w, &told);
        assert_false(one.has_duplicate);
        assert_true(two.has_duplicate);
        assert_true(one.leaf == two.leaf);
        assert_memory_equal(one.salt, two.salt, sizeof(one.salt));
        assert_true(slice_eq(two.checkpoint, told.checkpoint));
        assert_true(world_tree_size(w) == size + 1);
        letter_free(&l);
        world_end(w);
}

static void a_letter_in_two_requests_of_one_commit_has_one_receipt(void **state)
{
        struct world *w = world_new();
        BUF_OWNED items = { 0 };
        BUF_OWNED first = { 0 };
        struct core_request *r[2];
        struct ask_submit ask;
        struct letter l;

        letter_new(&l, w, 64);
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        for (int i = 0; i < 2; i++)
                r[i] = world_check(w, &w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
        world_run(w, r, 2, true);
        assert_int_equal(w->tally.filed, 1);
        assert_int_equal(w->tally.leaves, 1);
        assert_int_equal(world_answer(w, r[0]), 0);
        buf_put(&first, buf_slice(&w->answer));
        assert_int_equal(world_answer(w, r[1]), 0);
        check_same_receipt(w, &first);
        letter_free(&l);
        world_end(w);
}

/* P4.2.9 */
static void a_nonce_is_never_used_for_two_letters(void **state)
{
        struct world *w = world_new();
        struct letter l, other;

        world_file(w, &l, 64);
        letter_begin(&other, w, 65);
        memcpy(other.h.nonce, l.h.nonce, sizeof(l.h.nonce));
        letter_pack(&other);
        world_remember(w);
        assert_int_equal(world_send(w, &other), OUTCOME_NONCE_CONFLICT);
        assert_true(slice_is(world_filed(w, 0).where, "nonce"));
        check_unchanged(w);
        letter_free(&l);
        letter_free(&other);
        world_end(w);
}

static void a_refused_letter_does_not_hold_up_the_others(void **state)
{
        struct world *w = world_new();
        struct letter l[3];

        for (size_t i = 0; i < 3; i++)
                letter_new(&l[i], w, 64);
        l[1].body.at[3] ^= 1;
        assert_int_equal(world_submit(w, l, 3), 0);
        assert_int_equal(world_filed(w, 0).code, 0);
        assert_int_equal(world_filed(w, 1).code, OUTCOME_DIGEST_MISMATCH);
        assert_true(slice_is(world_filed(w, 1).where, "digest"));
        assert_int_equal(world_filed(w, 2).code, 0);
        assert_int_equal(w->tally.refused, 1);
        for (size_t i = 0; i < 3; i++)
                letter_free(&l[i]);
        world_end(w);
}

static void a_step_that_is_run_again_after_an_abort_decides_the_same(void **state)
{
        struct world *w = world_new();
        BUF_OWNED items = { 0 };
        struct core_request *r;
        struct ask_submit ask;
        struct letter l[2];

        letter_new(&l[0], w, 64);
        letter_new(&l[1], w, 70000);
        world_submission(w, &w->sender, WORLD_SENDER, l, 2, &items, &ask);
        r = world_check(w, &w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
        world_remember(w);
        world_run(w, &r, 1, false);
        check_unchanged(w);
        world_run(w, &r, 1, false);
        world_run(w, &r, 1, true);
        assert_int_equal(w->tally.filed, 2);
        assert_int_equal(world_answer(w, r), 0);
        for (size_t i = 0; i < 2; i++) {
                struct filed f = world_filed(w, i);

                assert_int_equal(f.code, 0);
                assert_false(f.has_duplicate);
                check_filed_leaf(w, &l[i], &f);
        }
        letter_free(&l[0]);
        letter_free(&l[1]);
        world_end(w);
}

static void a_key_changed_between_check_and_step_is_noticed(void **state)
{
        struct world *w = world_new();
        BUF_OWNED items = { 0 };
        struct core_request *r;
        struct ask_submit ask;
        struct party old = w->sender;
        struct letter l;

        letter_new(&l, w, 64);
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        r = world_check(w, &w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
        w->sender = party_new();
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        world_remember(w);
        world_run(w, &r, 1, true);
        assert_int_equal(world_answer(w, r), 0);
        assert_int_equal(world_filed(w, 0).code, OUTCOME_BAD_SIGNATURE);
        check_unchanged(w);
        letter_free(&l);
        party_free(&old);
        world_end(w);
}

static void event_times_never_go_back(void **state)
{
        struct world *w = world_new();
        struct letter one, two;
        uint64_t time;

        world_file(w, &one, 64);
        time = world_filed(w, 0).time;
        w->now -= 10 * CLOCK_MINUTE;
        world_file(w, &two, 64);
        assert_true(world_filed(w, 0).time == time);
        letter_free(&one);
        letter_free(&two);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_letter_is_filed_and_its_leaf_proves_it),
                cmocka_unit_test(a_batch_is_filed_in_its_order),
                cmocka_unit_test(the_same_letter_gets_the_same_receipt_for_ever),
                cmocka_unit_test(a_new_key_does_not_take_back_the_receipts_of_the_old_one),
                cmocka_unit_test(what_the_old_key_signed_and_the_broker_refused_stays_refused),
                cmocka_unit_test(a_letter_twice_in_a_batch_is_filed_once),
                cmocka_unit_test(a_letter_in_two_requests_of_one_commit_has_one_receipt),
                cmocka_unit_test(a_nonce_is_never_used_for_two_letters),
                cmocka_unit_test(a_refused_letter_does_not_hold_up_the_others),
                cmocka_unit_test(a_step_that_is_run_again_after_an_abort_decides_the_same),
                cmocka_unit_test(a_key_changed_between_check_and_step_is_noticed),
                cmocka_unit_test(event_times_never_go_back),
        };

        return WORLD_MAIN(argc, argv, tests);
}
