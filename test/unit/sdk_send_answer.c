/* sdk_send_answer.c - what a broker's answers do to the letters they are about, lies included */
#include "sdk_world.h"

#include "schemas/messages.h"
#include "schemas/outcomes.h"
#include "sdk/send.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { LETTERS = 3 };

static struct sdk_world sw;
static struct send sending;
static struct send_job *job;
static fumi_id ids[LETTERS];

/* The answer that is being made up. */
static struct buf items, own_checkpoint, message;
static uint32_t count;

static int set_up(void **state)
{
        sdk_world_new(&sw);
        sending = (struct send){ .s = sw.s, .window = 1 };
        for (int i = 0; i < LETTERS; i++)
                ids[i] = sdk_world_compose(&sw, NULL, "body");
        assert_int_equal(spool_commit(sw.s->spool), 0);
        assert_int_equal(send_job_next(&sending, &job), 0);
        assert_int_equal(job->count, LETTERS);
        job->state = SEND_FLYING;
        sending.flying = 1;
        sdk_world_checkpoint(&sw, &own_checkpoint, 10, sw.log);
        return 0;
}

static int tear_down(void **state)
{
        while (sending.jobs) {
                struct send_job *j = sending.jobs;

                sending.jobs = j->next;
                free(j);
        }
        free(sending.settled);
        buf_free(&items);
        buf_free(&own_checkpoint);
        buf_free(&message);
        count = 0;
        sdk_world_free(&sw);
        return 0;
}

static void put(const struct filed *f)
{
        field_write(&filed_table, &items, f);
        count++;
}

static struct filed filed_at(uint64_t leaf)
{
        return (struct filed){ .leaf = leaf,
                               .has_leaf = true,
                               .has_salt = true,
                               .time = WORLD_NOW,
                               .has_time = true };
}

static struct filed refused(uint64_t code)
{
        return (struct filed){ .code = code, .has_where = true, .where = slice_str("nonce") };
}

static void put_filed(uint64_t leaf)
{
        struct filed f = filed_at(leaf);

        put(&f);
}

static void put_refused(uint64_t code)
{
        struct filed f = refused(code);

        put(&f);
}

static int take_code(uint64_t code)
{
        const struct answer_submit a = {
                .has_letters = count > 0,
                .letters = { buf_slice(&items), count },
                .has_checkpoint = true,
                .checkpoint = buf_slice(&own_checkpoint),
        };
        const struct frame f = { .verb = VERB_SUBMIT, .code = code };

        buf_clear(&message);
        frame_write_answer(&message, VERB_SUBMIT, 1, code, slice_str(""), &answer_submit_table, &a);
        return send_answer_take(&sending, job, &f, buf_slice(&message));
}

static int take(void)
{
        return take_code(0);
}

static struct row_spool_letter row_of(int i)
{
        struct row_spool_letter row;
        struct hash id;
        uint64_t place;

        memcpy(id.b, ids[i].b, sizeof(id.b));
        assert_int_equal(spool_letter_find(sw.s->spool, &id, &place), 0);
        assert_int_equal(spool_letter_get(sw.s->spool, place, &row), 0);
        return row;
}

static void check_states(enum spool_state a, enum spool_state b, enum spool_state c)
{
        assert_int_equal(row_of(0).state, a);
        assert_int_equal(row_of(1).state, b);
        assert_int_equal(row_of(2).state, c);
}

static void check_all_wait(void)
{
        check_states(SPOOL_WAITING, SPOOL_WAITING, SPOOL_WAITING);
        assert_int_equal(sending.settled_count, 0);
}

/* Letters in jobs that are still to be asked. */
static size_t to_be_asked(void)
{
        size_t n = 0;

        for (struct send_job *j = sending.jobs; j; j = j->next)
                n += j->state == SEND_READY ? j->count : 0;
        return n;
}

static void filed_letters_are_filed_with_what_proves_them(void **state)
{
        struct row_spool_letter row;
        struct slice kept;

        put_filed(7);
        put_filed(8);
        put_filed(9);
        assert_int_equal(take(), 0);
        check_states(SPOOL_FILED, SPOOL_FILED, SPOOL_FILED);
        assert_int_equal(sending.settled_count, 3);
        assert_int_equal(sending.stop, 0);
        row = row_of(1);
        assert_int_equal(row.leaf, 8);
        assert_int_equal(row.time, WORLD_NOW);
        assert_int_equal(spool_checkpoint(sw.s->spool, &row.checkpoint, &kept), 0);
        assert_true(slice_eq(kept, buf_slice(&own_checkpoint)));
        assert_int_equal(to_be_asked(), 0);
}

static void a_checkpoint_of_another_key_is_not_believed(void **state)
{
        buf_clear(&own_checkpoint);
        sdk_world_checkpoint(&sw, &own_checkpoint, 10, sw.attest);
        for (int i = 0; i < LETTERS; i++)
                put_filed((uint64_t)i);
        assert_int_equal(take(), 0);
        assert_int_equal(sending.stop, OUTCOME_RECEIPT_FORGED);
        check_all_wait();
}

static void a_leaf_beyond_the_tree_is_not_believed(void **state)
{
        put_filed(9);
        put_filed(10);
        put_filed(8);
        assert_int_equal(take(), 0);
        assert_int_equal(sending.stop, OUTCOME_RECEIPT_FORGED);
        check_states(SPOOL_FILED, SPOOL_WAITING, SPOOL_WAITING);
}

static void a_duplicate_is_proved_by_the_checkpoint_of_then(void **state)
{
        struct filed f = filed_at(3);
        struct row_spool_letter row;
        BUF_OWNED then = { 0 };
        struct slice kept;

        sdk_world_checkpoint(&sw, &then, 4, sw.log);
        f.has_duplicate = f.duplicate = f.has_checkpoint = true;
        f.checkpoint = buf_slice(&then);
        put(&f);
        f.has_checkpoint =
                false; /* without one it is not believed, whatever the answer's own says */
        put(&f);
        put_filed(9);
        assert_int_equal(take(), 0);
        assert_int_equal(sending.stop, OUTCOME_RECEIPT_FORGED);
        check_states(SPOOL_FILED, SPOOL_WAITING, SPOOL_WAITING);
        row = row_of(0);
        assert_true(row.duplicate);
        assert_int_equal(spool_checkpoint(sw.s->spool, &row.checkpoint, &kept), 0);
        assert_true(slice_eq(kept, buf_slice(&then)));
}

static void a_duplicate_beyond_its_own_tree_is_not_believed(void **state)
{
        struct filed f = filed_at(4);
        BUF_OWNED then = { 0 };

        sdk_world_checkpoint(&sw, &then, 4, sw.log);
        f.has_duplicate = f.duplicate = f.has_checkpoint = true;
        f.checkpoint = buf_slice(&then);
        for (int i = 0; i < LETTERS; i++)
                put(&f);
        assert_int_equal(take(), 0);
        assert_int_equal(sending.stop, OUTCOME_RECEIPT_FORGED);
        check_all_wait();
}

static void a_refusal_for_good_settles_the_letter_and_names_the_field(void **state)
{
        struct row_spool_letter row;

        put_refused(OUTCOME_NONCE_CONFLICT);
        put_filed(8);
        put_refused(OUTCOME_NOT_ACCEPTED);
        assert_int_equal(take(), 0);
        check_states(SPOOL_REFUSED, SPOOL_FILED, SPOOL_REFUSED);
        row = row_of(0);
        assert_int_equal(row.code, OUTCOME_NONCE_CONFLICT);
        assert_true(slice_is(row.where, "nonce"));
        assert_int_equal(to_be_asked(), 0);
}

static void what_a_retry_can_cure_waits_and_is_asked_later(void **state)
{
        put_refused(OUTCOME_BOX_FULL);
        put_filed(8);
        put_refused(OUTCOME_BUSY);
        assert_int_equal(take(), 0);
        check_states(SPOOL_WAITING, SPOOL_FILED, SPOOL_WAITING);
        assert_int_equal(row_of(0).code, OUTCOME_BOX_FULL);
        assert_int_equal(to_be_asked(), 2);
        assert_true(sending.jobs->next->not_before > send_now());
        assert_int_equal(sending.settled_count, 1);
}

static void a_superseded_statement_makes_a_new_letter_under_the_old_place(void **state)
{
        struct filed f = refused(OUTCOME_STATEMENT_SUPERSEDED);

        sdk_world_next_epoch(&sw, 1);
        f.has_statement = true;
        f.statement = buf_slice(&sw.w.to_note);
        put_filed(7);
        put(&f);
        put_filed(8);
        assert_int_equal(take(), 0);
        check_states(SPOOL_FILED, SPOOL_WAITING, SPOOL_FILED);
        assert_memory_not_equal(row_of(1).id.b, ids[1].b, sizeof(ids[1].b));
        assert_int_equal(to_be_asked(), 1);
}

/* The broker says "superseded" and hands out what was in force before. */
static void an_older_statement_does_not_make_the_sender_seal_to_an_old_key(void **state)
{
        struct filed f = refused(OUTCOME_STATEMENT_SUPERSEDED);
        BUF_OWNED old = { 0 };

        buf_put(&old, buf_slice(&sw.w.to_note));
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(address_book_take(NULL, sw.s->spool, &sw.trust, sw.w.to.address.s,
                                           buf_slice(&sw.w.to_note), slice_str(""), WORLD_NOW),
                         0);
        f.has_statement = true;
        f.statement = buf_slice(&old);
        put_filed(7);
        put(&f);
        put_filed(8);
        assert_int_equal(take(), 0);
        check_states(SPOOL_FILED, SPOOL_REFUSED, SPOOL_FILED);
        assert_int_equal(row_of(1).code, OUTCOME_EPOCH_CONFLICT);
        assert_memory_equal(row_of(1).id.b, ids[1].b, sizeof(ids[1].b));
}

static void an_answer_about_fewer_letters_breaks_the_protocol(void **state)
{
        put_filed(7);
        put_filed(8);
        assert_int_equal(take(), -EPROTO);
        check_all_wait();
}

static void an_answer_that_says_filed_without_where_breaks_the_protocol(void **state)
{
        struct filed f = filed_at(1);

        f.has_leaf = false;
        for (int i = 0; i < LETTERS; i++)
                put(&f);
        assert_int_equal(take(), -EPROTO);
        check_all_wait();
}

static void an_unknown_sender_keeps_its_letters(void **state)
{
        assert_int_equal(take_code(OUTCOME_UNKNOWN_SENDER), 0);
        assert_int_equal(sending.stop, OUTCOME_UNKNOWN_SENDER);
        check_all_wait();
}

static void a_busy_broker_is_asked_the_same_later(void **state)
{
        assert_int_equal(take_code(OUTCOME_BUSY), 0);
        check_all_wait();
        assert_int_equal(job->state, SEND_READY);
        assert_int_equal(job->count, LETTERS);
        assert_true(job->not_before > send_now());
}

static void a_batch_that_is_refused_whole_is_asked_letter_by_letter(void **state)
{
        assert_int_equal(take_code(OUTCOME_MALFORMED), 0);
        check_all_wait();
        assert_int_equal(job->state, SEND_DONE);
        assert_int_equal(to_be_asked(), LETTERS);
        job = job->next;
        assert_int_equal(job->count, 1);
        job->state = SEND_FLYING;
        assert_int_equal(take_code(OUTCOME_MALFORMED), 0);
        check_states(SPOOL_REFUSED, SPOOL_WAITING, SPOOL_WAITING);
}

static void an_announced_body_is_sent_from_where_the_broker_says(void **state)
{
        struct filed f = { .code = OUTCOME_BODY_WANTED, .has_offset = true, .offset = 65536 };

        job->count = 1;
        put(&f);
        assert_int_equal(take(), 0);
        assert_true(job->announced);
        assert_int_equal(job->offset, 65536);
        assert_int_equal(job->state, SEND_READY);
        check_all_wait();
}

static void a_body_wanted_of_one_among_others_gets_a_job_of_its_own(void **state)
{
        struct filed f = { .code = OUTCOME_BODY_WANTED, .has_offset = true };

        put_filed(7);
        put(&f);
        put_filed(8);
        assert_int_equal(take(), 0);
        check_states(SPOOL_FILED, SPOOL_WAITING, SPOOL_FILED);
        assert_int_equal(to_be_asked(), 1);
        assert_false(sending.jobs->next->announced);
}

static int take_chunk(uint64_t code, uint64_t offset)
{
        const struct answer_chunk a = { .has_offset = true, .offset = offset };
        const struct frame f = { .verb = VERB_CHUNK, .code = code };

        job->state = SEND_FLYING;
        job->announced = true;
        job->count = 1;
        job->offset = 65536;
        buf_clear(&message);
        frame_write_answer(&message, VERB_CHUNK, 1, code, slice_str(""), &answer_chunk_table, &a);
        return send_answer_take(&sending, job, &f, buf_slice(&message));
}

static void pieces_go_on_and_step_back_as_the_broker_says(void **state)
{
        assert_int_equal(take_chunk(0, 131072), 0);
        assert_int_equal(job->offset, 131072);
        assert_int_equal(take_chunk(OUTCOME_OUT_OF_ORDER, 0), 0);
        assert_true(job->announced);
        assert_int_equal(job->offset, 0);
        assert_int_equal(take_chunk(0, 65536), -EPROTO); /* no step on would be for ever */
        check_all_wait();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(filed_letters_are_filed_with_what_proves_them),
                TEST(a_checkpoint_of_another_key_is_not_believed),
                TEST(a_leaf_beyond_the_tree_is_not_believed),
                TEST(a_duplicate_is_proved_by_the_checkpoint_of_then),
                TEST(a_duplicate_beyond_its_own_tree_is_not_believed),
                TEST(a_refusal_for_good_settles_the_letter_and_names_the_field),
                TEST(what_a_retry_can_cure_waits_and_is_asked_later),
                TEST(a_superseded_statement_makes_a_new_letter_under_the_old_place),
                TEST(an_older_statement_does_not_make_the_sender_seal_to_an_old_key),
                TEST(an_answer_about_fewer_letters_breaks_the_protocol),
                TEST(an_answer_that_says_filed_without_where_breaks_the_protocol),
                TEST(an_unknown_sender_keeps_its_letters),
                TEST(a_busy_broker_is_asked_the_same_later),
                TEST(a_batch_that_is_refused_whole_is_asked_letter_by_letter),
                TEST(an_announced_body_is_sent_from_where_the_broker_says),
                TEST(a_body_wanted_of_one_among_others_gets_a_job_of_its_own),
                TEST(pieces_go_on_and_step_back_as_the_broker_says),
        };

        if (fumi_start() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
