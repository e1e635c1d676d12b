/* upload.c - bodies that come in pieces */
#include "world.h"

#include "crypt/hash.h"

enum { UNIT = MESSAGES_CHUNK_UNIT };

static uint64_t send_chunk_as(struct world *w, const struct party *who, const struct letter *l,
                              size_t from, size_t to)
{
        const struct ask_chunk ask = { .letter = l->id,
                                       .offset = from,
                                       .bytes = slice_of(l->body.at + from, to - from) };

        return world_ask(w, who, VERB_CHUNK, &ask);
}

static uint64_t send_chunk(struct world *w, const struct letter *l, size_t from, size_t to)
{
        return send_chunk_as(w, &w->sender, l, from, to);
}

static struct answer_chunk told_chunk(struct world *w)
{
        struct answer_chunk told;

        world_told(w, &told);
        return told;
}

static struct filed told_letter(struct world *w)
{
        struct answer_chunk told = told_chunk(w);
        struct filed f;

        assert_true(told.has_letter);
        assert_int_equal(field_read(&filed_table, told.letter, &f, NULL), 0);
        return f;
}

static void open_upload(struct world *w, struct letter *l, size_t size)
{
        letter_new(l, w, size);
        l->alone = true;
        assert_int_equal(world_send(w, l), OUTCOME_BODY_WANTED);
        assert_true(world_filed(w, 0).has_offset);
        assert_int_equal(world_filed(w, 0).offset, 0);
}

static void check_body(struct world *w, const struct letter *l, uint64_t seq)
{
        BUF_OWNED body = { 0 };

        while (body.len < l->body.len) {
                const struct ask_fetch ask = { .mailbox = slice_str(w->mailbox.s),
                                               .seq = seq,
                                               .offset = body.len,
                                               .limit = 1 << 20 };
                struct answer_fetch told;

                assert_int_equal(world_ask(w, &w->holder, VERB_FETCH, &ask), 0);
                world_told(w, &told);
                assert_true(told.body.len > 0);
                buf_put(&body, told.body);
        }
        assert_int_equal(body.len, l->body.len);
        assert_memory_equal(body.at, l->body.at, body.len);
}

/* P4.3.8 */
static void a_large_letter_comes_in_pieces_and_is_filed_with_the_last(void **state)
{
        struct world *w = world_new();
        struct answer_chunk told;
        struct letter l;
        struct filed f;
        size_t size = 5 * UNIT + 77;

        open_upload(w, &l, size);
        assert_int_equal(w->woken, 0);
        assert_int_equal(send_chunk(w, &l, 0, 2 * UNIT), 0);
        assert_int_equal(told_chunk(w).offset, 2 * UNIT);
        assert_false(told_chunk(w).has_letter);
        assert_int_equal(send_chunk(w, &l, 2 * UNIT, 5 * UNIT), 0);
        assert_int_equal(w->tally.leaves, 0);
        assert_int_equal(send_chunk(w, &l, 5 * UNIT, size), 0);
        assert_int_equal(w->woken, 1);
        told = told_chunk(w);
        f = told_letter(w);
        assert_int_equal(told.offset, size);
        assert_int_equal(f.code, 0);
        assert_true(f.has_leaf && f.has_salt && f.has_time && !f.has_duplicate);
        assert_true(check_checkpoint(w, told.checkpoint) == f.leaf + 1);
        check_filed_leaf(w, &l, &f);
        check_body(w, &l, 1);
        letter_free(&l);
        world_end(w);
}

static void a_lost_answer_to_the_last_piece_comes_again(void **state)
{
        struct world *w = world_new();
        BUF_OWNED first = { 0 };
        struct answer_chunk was;
        struct letter l;
        struct filed f, again;

        open_upload(w, &l, UNIT + 5);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        assert_int_equal(send_chunk(w, &l, UNIT, UNIT + 5), 0);
        buf_put(&first, buf_slice(&w->answer));
        assert_int_equal(field_read_message(&answer_chunk_table, buf_slice(&first), &was, NULL), 0);
        assert_int_equal(field_read(&filed_table, was.letter, &f, NULL), 0);
        world_remember(w);
        assert_int_equal(send_chunk(w, &l, UNIT, UNIT + 5), 0);
        again = told_letter(w);
        assert_true(again.duplicate);
        assert_true(again.leaf == f.leaf && again.time == f.time);
        assert_memory_equal(again.salt, f.salt, sizeof(f.salt));
        assert_true(slice_eq(again.checkpoint, was.checkpoint));
        assert_int_equal(world_send(w, &l), 0);
        assert_true(world_filed(w, 0).duplicate);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

static void a_submission_again_asks_for_the_rest(void **state)
{
        struct world *w = world_new();
        struct letter l;

        open_upload(w, &l, 3 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, 2 * UNIT), 0);
        world_remember(w);
        assert_int_equal(world_send(w, &l), OUTCOME_BODY_WANTED);
        assert_int_equal(world_filed(w, 0).offset, 2 * UNIT);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

/* P4.3.5 */
static void pieces_come_in_order(void **state)
{
        struct world *w = world_new();
        struct letter l;

        open_upload(w, &l, 3 * UNIT + 1);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        world_remember(w);
        assert_int_equal(send_chunk(w, &l, 2 * UNIT, 3 * UNIT), OUTCOME_OUT_OF_ORDER);
        check_where(w, "offset");
        assert_int_equal(told_chunk(w).offset, UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), OUTCOME_OUT_OF_ORDER);
        assert_int_equal(told_chunk(w).offset, UNIT);
        assert_int_equal(send_chunk(w, &l, 7, UNIT), OUTCOME_MALFORMED);
        check_where(w, "offset");
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT - 1), OUTCOME_MALFORMED);
        check_where(w, "bytes");
        l.body.len += 9;
        assert_int_equal(send_chunk(w, &l, UNIT, 3 * UNIT + 2), OUTCOME_TOO_LARGE);
        check_where(w, "bytes");
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

/* P4.3.7 */
static void another_body_than_announced_begins_anew(void **state)
{
        struct world *w = world_new();
        struct letter l;

        open_upload(w, &l, 2 * UNIT);
        world_remember(w);
        l.body.at[UNIT + 1] ^= 1;
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_DIGEST_MISMATCH);
        assert_true(told_chunk(w).has_offset);
        assert_int_equal(told_chunk(w).offset, 0);
        l.body.at[UNIT + 1] ^= 1;
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_OUT_OF_ORDER);
        check_unchanged(w); /* as if no piece had come */
        assert_int_equal(send_chunk(w, &l, 0, 2 * UNIT), 0);
        assert_int_equal(told_letter(w).code, 0);
        check_body(w, &l, 1);
        letter_free(&l);
        world_end(w);
}

static void a_piece_of_an_unknown_letter_is_refused(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_new(&l, w, UNIT);
        world_remember(w);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), OUTCOME_NO_SUCH_LETTER);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

/* P4.3.3 */
static void only_the_sender_sends_pieces(void **state)
{
        struct world *w = world_new();
        struct letter l;

        open_upload(w, &l, UNIT);
        world_remember(w);
        assert_int_equal(send_chunk_as(w, &w->holder, &l, 0, UNIT), OUTCOME_NOT_YOURS);
        check_unchanged(w);
        letter_free(&l);
        world_end(w);
}

static void a_sender_has_only_so_many_uploads_at_once(void **state)
{
        struct world *w = world_new();
        struct letter one, two, three;

        open_upload(w, &one, UNIT);
        open_upload(w, &two, UNIT);
        letter_new(&three, w, UNIT);
        three.alone = true;
        world_remember(w);
        assert_int_equal(world_send(w, &three), OUTCOME_BUSY);
        check_unchanged(w);
        assert_int_equal(send_chunk(w, &one, 0, UNIT), 0);
        assert_int_equal(world_send(w, &three), OUTCOME_BODY_WANTED);
        letter_free(&one);
        letter_free(&two);
        letter_free(&three);
        world_end(w);
}

static void an_announced_letter_may_also_come_whole(void **state)
{
        struct world *w = world_new();
        struct letter l, next;

        open_upload(w, &l, 2 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        l.alone = false;
        assert_int_equal(world_send(w, &l), 0);
        check_body(w, &l, 1);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_NO_SUCH_LETTER);
        w->cfg.uploads_most = 1;
        world_reopen_core(w);
        open_upload(w, &next, UNIT);
        letter_free(&l);
        letter_free(&next);
        world_end(w);
}

/* Between announcement and last piece the recipient may have said no. */
static void the_last_piece_is_judged_by_what_holds_then(void **state)
{
        struct world *w = world_new();
        struct letter l;
        uint64_t size;

        open_upload(w, &l, 2 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        world_next_published(w);
        assert_int_equal(world_publish(w), 0);
        size = world_tree_size(w);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_STATEMENT_SUPERSEDED);
        check_where(w, "statement");
        assert_true(slice_eq(told_letter(w).statement, buf_slice(&w->address_note)));
        assert_true(world_tree_size(w) == size);
        /* The upload is gone, and its nonce is free again. */
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_NO_SUCH_LETTER);
        l.h.statement = w->published.hash;
        letter_pack(&l);
        assert_int_equal(world_send(w, &l), OUTCOME_BODY_WANTED);
        letter_free(&l);
        world_end(w);
}

/* A renewed registration may have another validity: the letter is proved by the one it was filed
 * under. */
static void a_letter_is_filed_under_the_registration_of_its_last_piece(void **state)
{
        struct world *w = world_new();
        const struct ask_fetch ask = { .mailbox = slice_str(w->mailbox.s), .seq = 1, .limit = 1 };
        struct answer_fetch told;
        struct envelope e;
        struct signature sig;
        struct letter l;

        open_upload(w, &l, 2 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), 0);
        assert_int_equal(told_letter(w).code, 0);
        assert_int_equal(world_ask(w, &w->holder, VERB_FETCH, &ask), 0);
        world_told(w, &told);
        assert_int_equal(field_read(&envelope_table, told.envelope, &e, NULL), 0);
        assert_true(slice_eq(e.sender, buf_slice(&w->sender_note)));
        memcpy(sig.b, e.signature, sizeof(sig.b));
        assert_true(submit_verify_letter(&l.id, e.index, e.count, NULL, 0, slice_str(WORLD_SENDER),
                                         &sig, &w->sender.pub));
        letter_free(&l);
        world_end(w);
}

static void the_old_key_finishes_no_upload(void **state)
{
        struct world *w = world_new();
        struct party old = w->sender, fresh = party_new();
        struct letter l;
        uint64_t size;

        open_upload(w, &l, 2 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        w->sender.pub = fresh.pub;
        w->sender.sec = fresh.sec;
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        size = world_tree_size(w);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_BAD_SIGNATURE);
        assert_true(world_tree_size(w) == size);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_NO_SUCH_LETTER);
        party_free(&old);
        letter_free(&l);
        world_end(w);
}

static void a_full_box_keeps_the_upload_waiting_for_room(void **state)
{
        struct world *w = world_new();
        struct letter l, other;

        w->cfg.box_bytes = 2 * UNIT + 10;
        world_reopen_core(w);
        open_upload(w, &l, 2 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        world_file(w, &other, 11);
        world_remember(w);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_BOX_FULL);
        assert_int_equal(told_chunk(w).offset, UNIT);
        check_unchanged(w);
        w->cfg.box_bytes = 3 * UNIT;
        world_reopen_core(w);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), 0);
        assert_int_equal(told_letter(w).code, 0);
        check_body(w, &l, 2);
        letter_free(&l);
        letter_free(&other);
        world_end(w);
}

static void an_upload_that_nobody_finishes_is_swept_away(void **state)
{
        struct world *w = world_new();
        struct letter l, other;

        open_upload(w, &l, 2 * UNIT);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), 0);
        w->now += 7 * CLOCK_DAY - 1;
        world_file(w, &other, 11);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), OUTCOME_OUT_OF_ORDER);
        w->now += 1;
        letter_free(&other);
        world_file(w, &other, 11);
        assert_int_equal(send_chunk(w, &l, UNIT, 2 * UNIT), OUTCOME_NO_SUCH_LETTER);
        letter_free(&l);
        letter_free(&other);
        world_end(w);
}

static void a_filed_upload_outlives_the_sweep_of_its_traces(void **state)
{
        struct world *w = world_new();
        struct letter l, other;

        open_upload(w, &l, UNIT + 1);
        assert_int_equal(send_chunk(w, &l, 0, UNIT + 1), 0);
        w->now += 8 * CLOCK_DAY;
        world_file(w, &other, 11);
        assert_int_equal(send_chunk(w, &l, 0, UNIT), OUTCOME_NO_SUCH_LETTER);
        check_body(w, &l, 1);
        assert_int_equal(world_send(w, &l), 0);
        assert_true(world_filed(w, 0).duplicate);
        letter_free(&l);
        letter_free(&other);
        world_end(w);
}

/* Two pieces in one commit: the second could not be hashed ahead from the last commit. */
static void pieces_may_share_a_commit_and_a_commit_may_be_run_again(void **state)
{
        struct world *w = world_new();
        struct core_request *r[2];
        struct letter l;

        open_upload(w, &l, 2 * UNIT);
        for (size_t i = 0; i < 2; i++) {
                const struct ask_chunk ask = { .letter = l.id,
                                               .offset = i * UNIT,
                                               .bytes = slice_of(l.body.at + i * UNIT, UNIT) };

                r[i] = world_check(w, &w->sender, VERB_CHUNK, &ask, CORE_WRITES);
        }
        world_remember(w);
        world_run(w, r, 2, false);
        check_unchanged(w);
        world_run(w, r, 2, true);
        assert_int_equal(world_answer(w, r[0]), 0);
        assert_int_equal(told_chunk(w).offset, UNIT);
        assert_int_equal(world_answer(w, r[1]), 0);
        assert_int_equal(told_letter(w).code, 0);
        check_body(w, &l, 1);
        letter_free(&l);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_large_letter_comes_in_pieces_and_is_filed_with_the_last),
                cmocka_unit_test(a_lost_answer_to_the_last_piece_comes_again),
                cmocka_unit_test(a_submission_again_asks_for_the_rest),
                cmocka_unit_test(pieces_come_in_order),
                cmocka_unit_test(another_body_than_announced_begins_anew),
                cmocka_unit_test(a_piece_of_an_unknown_letter_is_refused),
                cmocka_unit_test(only_the_sender_sends_pieces),
                cmocka_unit_test(a_sender_has_only_so_many_uploads_at_once),
                cmocka_unit_test(an_announced_letter_may_also_come_whole),
                cmocka_unit_test(the_last_piece_is_judged_by_what_holds_then),
                cmocka_unit_test(a_letter_is_filed_under_the_registration_of_its_last_piece),
                cmocka_unit_test(the_old_key_finishes_no_upload),
                cmocka_unit_test(a_full_box_keeps_the_upload_waiting_for_room),
                cmocka_unit_test(an_upload_that_nobody_finishes_is_swept_away),
                cmocka_unit_test(a_filed_upload_outlives_the_sweep_of_its_traces),
                cmocka_unit_test(pieces_may_share_a_commit_and_a_commit_may_be_run_again),
        };

        return WORLD_MAIN(argc, argv, tests);
}
