/* witness.c - cosignatures are kept from configured witnesses only, once each, and found again */
#include "world.h"

#include "base/secret.h"
#include "core/row.h"
#include "evidence/checkpoint.h"
#include "evidence/cosign.h"

#include <stdio.h>

enum { WITNESSES = 3 };

static struct sign_sec *sec;

/* A core that knows the first two of three witnesses. */
static struct world *world_with_witnesses(void)
{
        struct world *w = world_new();

        sec = secret_new(WITNESSES * sizeof(*sec));
        assert_non_null(sec);
        for (int i = 0; i < WITNESSES; i++) {
                struct note_key key = { "", { { 0 } } };

                keys_sign_new(&key.pub, &sec[i]);
                snprintf(key.name, sizeof(key.name), "w%d.example", i);
                w->cfg.witness[i] = key;
        }
        w->cfg.witnesses = 2;
        core_free(w->core);
        assert_int_equal(core_new(&w->core, &w->cfg), 0);
        return w;
}

static void world_done(struct world *w)
{
        secret_free(sec);
        world_end(w);
}

/* The newest checkpoint, after one more letter. */
static uint64_t grow(struct world *w, struct buf *note)
{
        struct answer_submit told;
        struct letter l;

        letter_new(&l, w, 16);
        assert_int_equal(world_submit(w, &l, 1), 0);
        world_told(w, &told);
        buf_clear(note);
        buf_put(note, told.checkpoint);
        letter_free(&l);
        return check_checkpoint(w, buf_slice(note));
}

static void put_line(struct buf *out, const struct buf *checkpoint, int i, uint64_t time)
{
        char name[32];
        struct note n;

        assert_int_equal(note_read(&n, buf_slice(checkpoint)), 0);
        snprintf(name, sizeof(name), "w%d.example", i);
        cosign_make(out, n.text, name, time, &sec[i]);
}

static uint64_t hand_in(struct world *w, uint64_t size, struct slice lines)
{
        const struct ask_cosign ask = { .size = size, .lines = lines };

        return world_ask(w, &w->registrar, VERB_COSIGN, &ask);
}

static struct answer_checkpoint find(struct world *w, uint64_t from, uint64_t cosignatures)
{
        const struct ask_checkpoint ask = { .from = from, .cosignatures = cosignatures };
        struct answer_checkpoint told;

        assert_int_equal(world_ask(w, &w->registrar, VERB_CHECKPOINT, &ask), 0);
        world_told(w, &told);
        return told;
}

/* P4.15 */
static void a_cosignature_is_kept_once_and_stands_under_its_checkpoint(void **state)
{
        struct world *w = world_with_witnesses();
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED line = { 0 };
        BUF_OWNED later = { 0 };
        BUF_OWNED whole = { 0 };
        uint64_t size = grow(w, &checkpoint);

        put_line(&line, &checkpoint, 0, 1000);
        assert_int_equal(hand_in(w, size, buf_slice(&line)), 0);
        assert_int_equal(w->tally.cosignatures, 1);
        buf_put(&whole, buf_slice(&checkpoint));
        buf_put(&whole, buf_slice(&line));
        assert_true(slice_eq(find(w, 0, 1).checkpoint, buf_slice(&whole)));
        put_line(&later, &checkpoint, 0, 2000);
        world_remember(w);
        assert_int_equal(hand_in(w, size, buf_slice(&later)), 0);
        assert_int_equal(hand_in(w, size, buf_slice(&line)), 0);
        check_unchanged(w);
        put_line(&later, &checkpoint, 1, 3000);
        assert_int_equal(hand_in(w, size, buf_slice(&later)), 0); /* one known, one new */
        assert_int_equal(w->tally.cosignatures, 1);
        assert_false(find(w, 0, 3).has_checkpoint);
        assert_true(find(w, 0, 2).has_checkpoint);
        world_done(w);
}

static void what_no_witness_signed_is_refused_and_changes_nothing(void **state)
{
        struct world *w = world_with_witnesses();
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED line = { 0 };
        BUF_OWNED unknown = { 0 };
        BUF_OWNED plain = { 0 };
        BUF_OWNED many = { 0 };
        uint64_t size = grow(w, &checkpoint);
        struct note n;

        put_line(&line, &checkpoint, 0, 1000);
        put_line(&unknown, &checkpoint, 2, 1000);
        assert_int_equal(note_read(&n, buf_slice(&checkpoint)), 0);
        note_cosign(&plain, n.text, "w0.example", &sec[0]); /* true, but of type 1 */
        for (int i = 0; i < 17; i++)
                buf_put(&many, buf_slice(&line));
        world_remember(w);
        assert_int_equal(hand_in(w, size + 1, buf_slice(&line)), OUTCOME_NO_SUCH_CHECKPOINT);
        assert_int_equal(hand_in(w, size - 1, buf_slice(&line)), OUTCOME_BAD_SIGNATURE);
        assert_int_equal(hand_in(w, size, buf_slice(&unknown)), OUTCOME_UNKNOWN_WITNESS);
        assert_int_equal(hand_in(w, size, buf_slice(&plain)), OUTCOME_UNKNOWN_WITNESS);
        assert_int_equal(hand_in(w, size, buf_slice(&many)), OUTCOME_MALFORMED);
        assert_int_equal(hand_in(w, size, slice_str("")), OUTCOME_MALFORMED);
        assert_int_equal(hand_in(w, size, slice_str("\n")), OUTCOME_MALFORMED);
        assert_int_equal(hand_in(w, size, slice_str("a line\n")), OUTCOME_MALFORMED);
        assert_int_equal(hand_in(w, size, buf_slice(&checkpoint)), OUTCOME_MALFORMED);
        check_unchanged(w);
        assert_false(find(w, 0, 1).has_checkpoint);
        world_done(w);
}

/* P4.16 */
static void the_first_with_as_many_cosignatures_is_found(void **state)
{
        struct world *w = world_with_witnesses();
        BUF_OWNED checkpoint = { 0 };
        struct checkpoint c;
        struct note n;
        uint64_t size[4];

        for (int i = 0; i < 4; i++) {
                size[i] = grow(w, &checkpoint);
                for (int who = 0; who < 2; who++) {
                        BUF_OWNED line = { 0 };

                        put_line(&line, &checkpoint, who, 1000);
                        if (i == 3 ||
                            (i == 1 && who == 0)) /* one at the second, both at the last */
                                assert_int_equal(hand_in(w, size[i], buf_slice(&line)), 0);
                }
        }
        assert_int_equal(checkpoint_read(&c, &n, find(w, size[0], 1).checkpoint), 0);
        assert_true(c.size == size[1]);
        assert_int_equal(n.lines, 2);
        assert_int_equal(checkpoint_read(&c, &n, find(w, size[1] + 1, 1).checkpoint), 0);
        assert_true(c.size == size[3]);
        assert_int_equal(checkpoint_read(&c, &n, find(w, 0, 2).checkpoint), 0);
        assert_true(c.size == size[3]);
        assert_int_equal(n.lines, 3);
        assert_false(find(w, size[3] + 1, 1).has_checkpoint);
        assert_int_equal(world_ask(w, &w->registrar, VERB_CHECKPOINT,
                                   &(struct ask_checkpoint){ .from = 0, .cosignatures = 0 }),
                         OUTCOME_MALFORMED);
        world_done(w);
}

/* A stranger's question is bounded: the answer says where to go on. */
static void a_long_search_is_broken_off_and_taken_up_again(void **state)
{
        struct world *w = world_with_witnesses();
        struct answer_checkpoint told;
        struct rows t = { 0 };
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED lines = { 0 };
        bool done;
        uint64_t size = grow(w, &checkpoint);

        assert_int_equal(store_begin(w->store, 0, &t.txn, &done), 0);
        for (uint64_t i = 0; i < 2 * ROW_LOOK_MOST; i++) /* of a log that is larger than it is */
                assert_int_equal(row_put_cosignatures(&t, size + 1 + i, slice_str("one line\n")),
                                 0);
        buf_free(&t.scratch);
        assert_int_equal(store_commit(&t.txn), 0);
        told = find(w, size, 2);
        assert_false(told.has_checkpoint);
        assert_true(told.has_next && told.next == size + 1 + ROW_LOOK_MOST);
        told = find(w, told.next, 2);
        assert_true(told.has_next && told.next == size + 1 + 2 * ROW_LOOK_MOST);
        told = find(w, told.next, 2);
        assert_false(told.has_next || told.has_checkpoint);
        put_line(&lines, &checkpoint, 0, 1);
        put_line(&lines, &checkpoint, 1, 1);
        assert_int_equal(hand_in(w, size, buf_slice(&lines)), 0);
        assert_true(find(w, 0, 2).has_checkpoint);
        world_done(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_cosignature_is_kept_once_and_stands_under_its_checkpoint),
                cmocka_unit_test(what_no_witness_signed_is_refused_and_changes_nothing),
                cmocka_unit_test(a_long_search_is_broken_off_and_taken_up_again),
                cmocka_unit_test(the_first_with_as_many_cosignatures_is_found),
        };

        return WORLD_MAIN(argc, argv, tests);
}
