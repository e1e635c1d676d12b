/* ack.c - a device says that it has letters: ContentHandover */
#include "world.h"

#include "crypt/hash.h"

static void an_acknowledged_letter_has_a_receipt_of_its_own(void **state)
{
        struct world *w = world_new();
        struct answer_ack told;
        struct letter l;
        struct acked a;

        world_file(w, &l, 64);
        w->now += CLOCK_MINUTE;
        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, (const struct letter *[]){ &l }, 1), 0);
        a = world_acked(w, 0);
        assert_int_equal(a.code, 0);
        assert_true(a.has_leaf && a.has_salt && !a.has_duplicate);
        assert_true(a.time == (uint64_t)w->now);
        world_told(w, &told);
        assert_true(told.has_checkpoint);
        assert_true(check_checkpoint(w, told.checkpoint) == a.leaf + 1);
        assert_int_equal(w->woken, 0);
        letter_free(&l);
        world_end(w);
}

static void an_acknowledgement_again_gets_the_same_receipt(void **state)
{
        struct world *w = world_new();
        const struct letter *both[2];
        BUF_OWNED first = { 0 };
        struct answer_ack told;
        struct acked was = { 0 }, is;
        struct letter l, other;

        world_file(w, &l, 64);
        world_file(w, &other, 64);
        both[0] = &l;
        both[1] = &other;
        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, both, 1), 0);
        buf_put(&first, buf_slice(&w->answer));
        assert_int_equal(field_read_message(&answer_ack_table, buf_slice(&first), &told, NULL), 0);
        field_list_next(&told.letters, &acked_table, &was);
        w->now += 10 * CLOCK_DAY;
        assert_int_equal(world_ack(w, (uint64_t[]){ 1, 2, 2 },
                                   (const struct letter *[]){ &l, &other, &other }, 3),
                         0);
        is = world_acked(w, 0);
        assert_true(is.duplicate);
        assert_true(is.leaf == was.leaf && is.time == was.time);
        assert_memory_equal(is.salt, was.salt, sizeof(is.salt));
        assert_true(slice_eq(is.checkpoint, told.checkpoint));
        assert_false(world_acked(w, 1).duplicate);
        assert_true(world_acked(w, 2).duplicate);
        assert_true(world_acked(w, 1).leaf == world_acked(w, 2).leaf);
        world_remember(w);
        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, both, 1), 0);
        check_unchanged(w);
        letter_free(&l);
        letter_free(&other);
        world_end(w);
}

static void a_position_without_that_letter_is_named(void **state)
{
        struct world *w = world_new();
        struct letter l, never;

        world_file(w, &l, 64);
        letter_new(&never, w, 64);
        world_remember(w);
        assert_int_equal(world_ack(w, (uint64_t[]){ 1, 0, 2 },
                                   (const struct letter *[]){ &never, &l, &l }, 3),
                         0);
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(world_acked(w, i).code, OUTCOME_NO_SUCH_LETTER);
        check_unchanged(w);
        letter_free(&l);
        letter_free(&never);
        world_end(w);
}

static void nobody_has_a_letter_before_its_time(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.has_not_before = true;
        l.h.not_before = (uint64_t)w->now + 1000;
        letter_pack(&l);
        assert_int_equal(world_send(w, &l), 0);
        world_remember(w);
        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, (const struct letter *[]){ &l }, 1), 0);
        assert_int_equal(world_acked(w, 0).code, OUTCOME_NOT_YET);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

static void an_acknowledgement_from_the_future_is_refused(void **state)
{
        struct world *w = world_new();
        struct letter l;

        world_file(w, &l, 64);
        world_remember(w);
        w->now += 2 * w->cfg.clock_window;
        {
                struct ask_ack ask = { .mailbox = slice_str(w->mailbox.s),
                                       .time = (uint64_t)w->now };
                BUF_OWNED numbers = { 0 };
                BUF_OWNED message = { 0 };
                struct signature sig;

                field_numbers_put(&ask.seqs, &numbers, 1);
                ask.letters = slice_hash(&l.id);
                statement_ack_message(&message, ask.mailbox, w->now, ask.letters);
                sign_make(&sig, buf_slice(&message), w->holder.sec);
                memcpy(ask.signature, sig.b, sizeof(ask.signature));
                w->now -= 2 * w->cfg.clock_window;
                assert_int_equal(world_ask(w, &w->holder, VERB_ACK, &ask), 0);
        }
        assert_int_equal(world_acked(w, 0).code, OUTCOME_CLOCK_WINDOW);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

/* P4.11 */
static void only_the_mailbox_key_acknowledges(void **state)
{
        struct world *w = world_new();
        struct party holder = w->holder, other = party_new();
        struct mailbox mailbox = w->mailbox;
        struct letter l;

        world_file(w, &l, 64);
        world_remember(w);
        w->holder = other;
        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, (const struct letter *[]){ &l }, 1),
                         OUTCOME_BAD_SIGNATURE);
        check_where(w, "signature");
        name_mailbox_of(&w->mailbox, &other.pub);
        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, (const struct letter *[]){ &l }, 1),
                         OUTCOME_UNKNOWN_MAILBOX);
        check_unchanged(w);
        w->holder = holder;
        w->mailbox = mailbox;
        letter_free(&l);
        party_free(&other);
        world_end(w);
}

static void positions_and_letters_are_as_many(void **state)
{
        struct world *w = world_new();
        struct ask_ack ask = { .mailbox = slice_str(w->mailbox.s) };
        BUF_OWNED numbers = { 0 };
        struct letter l;

        world_file(w, &l, 64);
        field_numbers_put(&ask.seqs, &numbers, 1);
        field_numbers_put(&ask.seqs, &numbers, 2);
        ask.letters = slice_hash(&l.id);
        assert_int_equal(world_ask(w, &w->holder, VERB_ACK, &ask), OUTCOME_MALFORMED);
        check_where(w, "letters");
        ask = (struct ask_ack){ .mailbox = slice_str(w->mailbox.s) };
        assert_int_equal(world_ask(w, &w->holder, VERB_ACK, &ask), OUTCOME_MALFORMED);
        letter_free(&l);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_acknowledged_letter_has_a_receipt_of_its_own),
                cmocka_unit_test(an_acknowledgement_again_gets_the_same_receipt),
                cmocka_unit_test(a_position_without_that_letter_is_named),
                cmocka_unit_test(nobody_has_a_letter_before_its_time),
                cmocka_unit_test(an_acknowledgement_from_the_future_is_refused),
                cmocka_unit_test(only_the_mailbox_key_acknowledges),
                cmocka_unit_test(positions_and_letters_are_as_many),
        };

        return WORLD_MAIN(argc, argv, tests);
}
