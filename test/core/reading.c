/* reading.c - list, fetch, watch, status, info and tiles: who may ask, and what is told */
#include "world.h"

#include "crypt/hash.h"

#include <stdlib.h>

static struct answer_list list(struct world *w, uint64_t after, uint64_t limit)
{
        const struct ask_list ask = { .mailbox = slice_str(w->mailbox.s),
                                      .after = after,
                                      .limit = limit };
        struct answer_list told;

        assert_int_equal(world_ask(w, &w->holder, VERB_LIST, &ask), 0);
        world_told(w, &told);
        return told;
}

/* P4.9 */
static void a_list_shows_what_lies_in_the_box(void **state)
{
        struct world *w = world_new();
        struct letter l[3];
        struct answer_list told;
        struct listed one;

        assert_int_equal(list(w, 0, 10).count, 0);
        for (size_t i = 0; i < 3; i++) {
                w->now += 1000;
                world_file(w, &l[i], 64);
        }
        assert_int_equal(world_ack(w, (uint64_t[]){ 2 }, (const struct letter *[]){ &l[1] }, 1), 0);
        world_remember(w);
        told = list(w, 0, 10);
        assert_int_equal(told.count, 3);
        assert_int_equal(told.letters.count, 3);
        for (size_t i = 0; i < 3; i++) {
                assert_true(field_list_next(&told.letters, &listed_table, &one));
                assert_int_equal(one.seq, i + 1);
                assert_true(slice_eq(one.header, buf_slice(&l[i].header)));
                assert_int_equal(one.has_handed, i == 1);
        }
        assert_true(one.filed == (uint64_t)w->now);
        told = list(w, 1, 1);
        assert_int_equal(told.letters.count, 1);
        field_list_next(&told.letters, &listed_table, &one);
        assert_int_equal(one.seq, 2);
        assert_int_equal(list(w, 3, 10).letters.count, 0);
        assert_int_equal(list(w, 0, 0).letters.count, 0);
        check_unchanged(w);
        for (size_t i = 0; i < 3; i++)
                letter_free(&l[i]);
        world_end(w);
}

static void the_head_of_a_box_chains_the_leaves_of_its_letters(void **state)
{
        struct world *w = world_new();
        struct hash head = { 0 }, leaf;
        struct answer_list told;

        for (size_t i = 0; i < 3; i++) {
                BUF_OWNED event = { 0 };
                struct letter l;
                struct filed f;

                world_file(w, &l, 64);
                f = world_filed(w, 0);
                event_put_filed(&event, slice_str(WORLD_BROKER), &l.h, &l.id, (instant)f.time);
                event_leaf(&leaf, f.salt, buf_slice(&event));
                event_head(&head, &leaf);
                told = list(w, 0, 1);
                assert_true(hash_eq(&told.head, &head));
                letter_free(&l);
        }
        world_end(w);
}

static struct answer_fetch fetch(struct world *w, uint64_t seq, uint64_t offset, uint64_t limit)
{
        const struct ask_fetch ask = {
                .mailbox = slice_str(w->mailbox.s), .seq = seq, .offset = offset, .limit = limit
        };
        struct answer_fetch told;

        assert_int_equal(world_ask(w, &w->holder, VERB_FETCH, &ask), 0);
        world_told(w, &told);
        return told;
}

static uint64_t fetch_refused(struct world *w, uint64_t seq, uint64_t offset, const char *where)
{
        const struct ask_fetch ask = {
                .mailbox = slice_str(w->mailbox.s), .seq = seq, .offset = offset, .limit = 10
        };
        uint64_t code = world_ask(w, &w->holder, VERB_FETCH, &ask);

        check_where(w, where);
        return code;
}

static void a_fetched_letter_proves_itself(void **state)
{
        struct world *w = world_new();
        struct letter l[5];
        struct answer_fetch told;
        struct envelope e;
        struct signature sig;
        struct filed f;

        for (size_t i = 0; i < 5; i++)
                letter_new(&l[i], w, 64 + i);
        assert_int_equal(world_submit(w, l, 5), 0);
        for (size_t i = 0; i < 5; i++) {
                told = fetch(w, i + 1, 0, 1000);
                assert_true(slice_eq(told.header, buf_slice(&l[i].header)));
                assert_true(slice_eq(told.body, buf_slice(&l[i].body)));
                assert_int_equal(field_read(&envelope_table, told.envelope, &e, NULL), 0);
                assert_int_equal(e.index, i);
                assert_int_equal(e.count, 5);
                memcpy(sig.b, e.signature, sizeof(sig.b));
                assert_true(submit_verify_letter(&l[i].id, e.index, e.count,
                                                 (const struct hash *)e.path.at, e.path.len / 32,
                                                 slice_str(WORLD_SENDER), &sig, &w->sender.pub));
                assert_true(slice_eq(e.sender, buf_slice(&w->sender_note)));
                f = (struct filed){ .leaf = e.leaf, .time = e.time };
                memcpy(f.salt, e.salt, sizeof(f.salt));
                check_filed_leaf(w, &l[i], &f);
                check_checkpoint(w, e.checkpoint);
        }
        for (size_t i = 0; i < 5; i++)
                letter_free(&l[i]);
        world_end(w);
}

/* The registration that held at the filing, though the sender has another one now. */
static void an_envelope_keeps_the_registration_of_its_time(void **state)
{
        struct world *w = world_new();
        BUF_OWNED then = { 0 };
        struct envelope e;
        struct letter l;

        world_file(w, &l, 64);
        buf_put(&then, buf_slice(&w->sender_note));
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        assert_int_equal(field_read(&envelope_table, fetch(w, 1, 0, 10).envelope, &e, NULL), 0);
        assert_true(slice_eq(e.sender, buf_slice(&then)));
        letter_free(&l);
        world_end(w);
}

static void a_body_is_read_from_any_offset(void **state)
{
        struct world *w = world_new();
        struct letter l;
        const struct {
                uint64_t offset, limit, gives;
        } reads[] = { { 0, 10, 10 },    { 65530, 12, 12 }, { 65536, 65536, 65536 },
                      { 199999, 9, 1 }, { 200000, 9, 0 },  { 1, 1 << 20, 199999 },
                      { 0, 0, 0 } };

        world_file(w, &l, 200000);
        for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
                struct answer_fetch told = fetch(w, 1, reads[i].offset, reads[i].limit);

                assert_int_equal(told.body.len, reads[i].gives);
                if (told.body.len)
                        assert_memory_equal(told.body.at, l.body.at + reads[i].offset,
                                            told.body.len);
                assert_int_equal(told.has_envelope, reads[i].offset == 0);
                assert_int_equal(told.has_header, reads[i].offset == 0);
        }
        assert_int_equal(fetch_refused(w, 1, 200001, "offset"), OUTCOME_MALFORMED);
        letter_free(&l);
        world_end(w);
}

static void there_is_no_letter_where_none_was_filed(void **state)
{
        struct world *w = world_new();
        struct letter l;

        world_file(w, &l, 64);
        assert_int_equal(fetch_refused(w, 0, 0, "seq"), OUTCOME_NO_SUCH_LETTER);
        assert_int_equal(fetch_refused(w, 2, 0, "seq"), OUTCOME_NO_SUCH_LETTER);
        letter_free(&l);
        world_end(w);
}

/* P4.10 */
static void a_letter_is_handed_out_in_its_time(void **state)
{
        struct world *w = world_new();
        struct letter l[2];

        for (size_t i = 0; i < 2; i++) {
                letter_begin(&l[i], w, 64);
                l[i].h.has_not_before = l[i].h.has_expires = true;
                l[i].h.not_before = (uint64_t)w->now + 1000;
                l[i].h.expires = (uint64_t)w->now + 2000;
                letter_pack(&l[i]);
                assert_int_equal(world_send(w, &l[i]), 0);
        }
        assert_int_equal(fetch_refused(w, 1, 0, "seq"), OUTCOME_NOT_YET);
        w->now += 1000;
        fetch(w, 1, 0, 10);
        assert_int_equal(world_ack(w, (uint64_t[]){ 2 }, (const struct letter *[]){ &l[1] }, 1), 0);
        w->now += 1000;
        assert_int_equal(fetch_refused(w, 1, 0, "seq"), OUTCOME_LETTER_EXPIRED);
        assert_int_equal(list(w, 0, 10).letters.count, 2);
        fetch(w, 2, 0, 10); /* the holder's own since it was acknowledged */
        letter_free(&l[0]);
        letter_free(&l[1]);
        world_end(w);
}

static void a_box_is_its_holders_alone(void **state)
{
        struct world *w = world_new();
        struct ask_list ask_list = { .mailbox = slice_str(w->mailbox.s), .limit = 1 };
        struct ask_fetch ask_fetch = { .mailbox = slice_str(w->mailbox.s), .seq = 1 };
        struct ask_watch ask_watch = { .mailbox = slice_str(w->mailbox.s), .seconds = 0 };
        struct party nobody = party_new();
        const struct party *others[] = { &w->sender, &w->registrar, &nobody };
        struct letter l;

        world_file(w, &l, 64);
        for (size_t i = 0; i < 3; i++) {
                assert_int_equal(world_ask(w, others[i], VERB_LIST, &ask_list), OUTCOME_NOT_YOURS);
                check_where(w, "mailbox");
                assert_int_equal(world_ask(w, others[i], VERB_FETCH, &ask_fetch),
                                 OUTCOME_NOT_YOURS);
                assert_int_equal(world_ask(w, others[i], VERB_WATCH, &ask_watch),
                                 OUTCOME_NOT_YOURS);
        }
        ask_list.mailbox = slice_str(""); /* nor does a device read another box */
        assert_int_equal(world_ask(w, &w->holder, VERB_LIST, &ask_list), OUTCOME_NOT_YOURS);
        party_free(&nobody);
        letter_free(&l);
        world_end(w);
}

/* P4.12 */
static void a_watch_waits_only_when_there_is_nothing_new(void **state)
{
        struct world *w = world_new();
        struct ask_watch ask = { .mailbox = slice_str(w->mailbox.s), .after = 0, .seconds = 30 };
        struct answer_watch told;
        uint64_t box = 0, after = 9, seconds = 0;
        struct store_txn *look;
        struct core_request *r;
        struct letter l;

        r = world_check(w, &w->holder, VERB_WATCH, &ask, CORE_WAITS);
        assert_int_equal(store_look(w->store, &look), 0);
        buf_clear(&w->answer);
        assert_int_equal(core_read(w->core, r, look, w->now, &w->answer, &box, &after, &seconds),
                         CORE_WAITS);
        store_abort(&look);
        assert_int_equal(w->answer.len, 0);
        assert_true(box > 0 && after == 0 && seconds == 30);
        core_answer_watch(r, 7, &w->answer);
        assert_int_equal(frame_read(&w->frame, buf_slice(&w->answer), true), 0);
        world_told(w, &told);
        assert_int_equal(told.count, 7);
        core_request_free(r);

        world_file(w, &l, 64);
        assert_int_equal(world_ask(w, &w->holder, VERB_WATCH, &ask), 0);
        world_told(w, &told);
        assert_int_equal(told.count, 1);
        ask.after = 1;
        ask.seconds = 0;
        assert_int_equal(world_ask(w, &w->holder, VERB_WATCH, &ask), 0);
        letter_free(&l);
        world_end(w);
}

static uint64_t ask_status(struct world *w, const struct party *who, const struct letter *l)
{
        struct ask_status ask = { .sender = slice_str(WORLD_SENDER) };

        memcpy(ask.nonce, l->h.nonce, sizeof(ask.nonce));
        return world_ask(w, who, VERB_STATUS, &ask);
}

/* P4.14 */
static void a_sender_learns_what_became_of_a_letter(void **state)
{
        struct world *w = world_new();
        BUF_OWNED first = { 0 };
        struct answer_submit was;
        struct answer_status told;
        struct filed f = { 0 }, again;
        struct acked a;
        struct letter l;

        letter_new(&l, w, 70000);
        assert_int_equal(ask_status(w, &w->sender, &l), OUTCOME_NO_SUCH_LETTER);
        check_where(w, "nonce");
        l.alone = true;
        assert_int_equal(world_send(w, &l), OUTCOME_BODY_WANTED);
        assert_int_equal(ask_status(w, &w->sender, &l), 0);
        world_told(w, &told);
        assert_int_equal(field_read(&filed_table, told.filed, &again, NULL), 0);
        assert_int_equal(again.code, OUTCOME_BODY_WANTED);
        assert_true(again.has_offset && again.offset == 0);
        l.alone = false;
        assert_int_equal(world_send(w, &l), 0);
        buf_put(&first, buf_slice(&w->answer));
        field_read_message(&answer_submit_table, buf_slice(&first), &was, NULL);
        field_list_next(&was.letters, &filed_table, &f);

        assert_int_equal(ask_status(w, &w->sender, &l), 0);
        world_told(w, &told);
        assert_true(hash_eq(&told.letter, &l.id));
        assert_int_equal(field_read(&filed_table, told.filed, &again, NULL), 0);
        assert_true(again.code == 0 && again.leaf == f.leaf && again.time == f.time);
        assert_true(slice_eq(again.checkpoint, was.checkpoint));
        assert_false(told.has_handed);

        assert_int_equal(world_ack(w, (uint64_t[]){ 1 }, (const struct letter *[]){ &l }, 1), 0);
        assert_int_equal(ask_status(w, &w->sender, &l), 0);
        world_told(w, &told);
        assert_true(told.has_handed);
        assert_int_equal(field_read(&acked_table, told.handed, &a, NULL), 0);
        assert_true(a.leaf > f.leaf);
        assert_int_equal(check_checkpoint(w, a.checkpoint), a.leaf + 1);
        letter_free(&l);
        world_end(w);
}

static void a_letters_fate_is_its_senders_to_ask(void **state)
{
        struct world *w = world_new();
        struct ask_status ask = { .sender = slice_str("org.nobody") };
        struct letter l;

        world_file(w, &l, 64);
        assert_int_equal(ask_status(w, &w->holder, &l), OUTCOME_NOT_YOURS);
        check_where(w, "sender");
        assert_int_equal(world_ask(w, &w->sender, VERB_STATUS, &ask), OUTCOME_NOT_YOURS);
        ask.sender = slice_str("");
        assert_int_equal(world_ask(w, &w->sender, VERB_STATUS, &ask), OUTCOME_NOT_YOURS);
        letter_free(&l);
        world_end(w);
}

/* P4.1 */
static void the_broker_says_who_it_is(void **state)
{
        struct world *w = world_empty();
        const struct ask_info ask = { 0 };
        struct answer_info told;

        assert_int_equal(world_ask(w, &w->holder, VERB_INFO, &ask), 0);
        world_told(w, &told);
        assert_true(slice_is(told.broker, WORLD_BROKER));
        assert_true(slice_is(told.origin, WORLD_ORIGIN));
        assert_int_equal(told.protocol, MESSAGES_VERSION);
        assert_true(told.time == (uint64_t)w->now);
        assert_int_equal(check_checkpoint(w, told.checkpoint), 0);
        world_end(w);
}

static void a_tile_is_given_as_far_as_it_goes(void **state)
{
        struct world *w = world_new();
        struct ask_tile ask = { .level = 0, .index = 0, .width = 4 };

        assert_int_equal(world_tree_size(w), 3);
        assert_int_equal(world_ask(w, &w->holder, VERB_TILE, &ask), OUTCOME_MALFORMED);
        check_where(w, "width");
        ask.width = 0;
        assert_int_equal(world_ask(w, &w->holder, VERB_TILE, &ask), OUTCOME_MALFORMED);
        ask.width = 1;
        ask.index = 1;
        assert_int_equal(world_ask(w, &w->holder, VERB_TILE, &ask), OUTCOME_MALFORMED);
        ask.index = UINT64_C(9007199254740991);
        ask.level = 7;
        assert_int_equal(world_ask(w, &w->holder, VERB_TILE, &ask), OUTCOME_MALFORMED);
        ask = (struct ask_tile){ .level = 0, .index = 0, .width = 2 };
        assert_int_equal(world_ask(w, &w->holder, VERB_TILE, &ask), 0);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_list_shows_what_lies_in_the_box),
                cmocka_unit_test(the_head_of_a_box_chains_the_leaves_of_its_letters),
                cmocka_unit_test(a_fetched_letter_proves_itself),
                cmocka_unit_test(an_envelope_keeps_the_registration_of_its_time),
                cmocka_unit_test(a_body_is_read_from_any_offset),
                cmocka_unit_test(there_is_no_letter_where_none_was_filed),
                cmocka_unit_test(a_letter_is_handed_out_in_its_time),
                cmocka_unit_test(a_box_is_its_holders_alone),
                cmocka_unit_test(a_watch_waits_only_when_there_is_nothing_new),
                cmocka_unit_test(a_sender_learns_what_became_of_a_letter),
                cmocka_unit_test(a_letters_fate_is_its_senders_to_ask),
                cmocka_unit_test(the_broker_says_who_it_is),
                cmocka_unit_test(a_tile_is_given_as_far_as_it_goes),
        };

        return WORLD_MAIN(argc, argv, tests);
}
