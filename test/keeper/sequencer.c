/* sequencer.c - many requests, one commit: order, release, and every answer a store can give */
#include "keeper/sequencer.h"

#include "../core/world.h"
#include "metric/metric.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { MOST = 4096, THREADS = 4, ROUNDS = 60, IN_BATCH = 3 };

static struct world *w;
static struct sequencer *s;

/* What was released: by route, which is the number of the request here. */
static struct {
        unsigned answers;
        uint64_t code; /* of the message, or of the one letter in it */
        uint64_t leaf;
        bool duplicate;
} said[MOST];
static unsigned durables, wakes, releases_before_durable, flushes;

static void release(void *ctx, const struct sequencer_work *work, uint64_t code)
{
        uint32_t n = get_be32(work->route);
        BUF_OWNED answer = { 0 };
        struct answer_submit told;
        struct field_list letters;
        struct filed filed = { 0 };
        struct frame frame;

        releases_before_durable += !code && !durables;
        if (code)
                core_answer_code(work->request, code, &answer);
        else
                core_answer(work->request, &answer);
        said[n].answers++;
        if (frame_read(&frame, buf_slice(&answer), true) != 0 ||
            (!frame.code &&
             field_read_message(&answer_submit_table, buf_slice(&answer), &told, NULL) != 0)) {
                said[n].code = 9999;
                return;
        }
        said[n].code = frame.code;
        if (frame.code)
                return;
        letters = told.letters;
        if (!field_list_next(&letters, &filed_table, &filed))
                filed.code = 9998;
        said[n].code = filed.code;
        said[n].leaf = filed.leaf;
        said[n].duplicate = filed.duplicate;
}

static void wake(void *ctx, uint64_t box, uint64_t count)
{
        wakes++;
}

static void durable(void *ctx)
{
        durables++;
}

static void released(void *ctx)
{
        flushes++;
}

static int begin(void **state)
{
        struct sequencer_config cfg = { .commit_bytes = 1 << 20,
                                        .release = release,
                                        .wake = wake,
                                        .durable = durable,
                                        .released = released };

        memset(said, 0, sizeof(said));
        durables = wakes = releases_before_durable = flushes = 0;
        w = world_new();
        clock_set(w->now);
        cfg.store = w->store;
        cfg.core = w->core;
        assert_int_equal(sequencer_new(&s, &cfg), 0);
        return 0;
}

static int end(void **state)
{
        sequencer_free(s);
        world_end(w);
        clock_set(0);
        return 0;
}

/* A checked request that files one letter. */
static struct core_request *submission(struct letter *l)
{
        BUF_OWNED items = { 0 };
        struct ask_submit ask;

        letter_new(l, w, 300);
        world_submission(w, &w->sender, WORLD_SENDER, l, 1, &items, &ask);
        return world_check(w, &w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
}

static void add(struct sequencer_batch *b, uint32_t n, struct core_request *r)
{
        uint8_t route[4];

        put_be32(route, n);
        assert_int_equal(sequencer_add(b, r, route), 0);
}

/* Letters @from to @upto in one batch; gives what sequencer_ready says. */
static int submit_some(uint32_t from, uint32_t upto)
{
        struct sequencer_batch *b = sequencer_enter(s);
        struct letter l;

        assert_non_null(b);
        for (uint32_t n = from; n < upto; n++) {
                add(b, n, submission(&l));
                letter_free(&l);
        }
        return sequencer_ready(s, b);
}

static void check_said(uint32_t from, uint32_t upto, uint64_t code)
{
        for (uint32_t n = from; n < upto; n++) {
                assert_int_equal(said[n].answers, 1);
                assert_int_equal(said[n].code, code);
        }
}

/* P2.5 */
static void what_is_acknowledged_was_durable_before(void **state)
{
        uint64_t size = world_tree_size(w);

        assert_int_equal(submit_some(0, 5), 0);
        check_said(0, 5, 0);
        assert_int_equal(durables, 1);
        assert_int_equal(releases_before_durable, 0);
        assert_int_equal(flushes, 1);
        assert_int_equal(wakes, 1); /* one box, however many letters */
        assert_int_equal(world_tree_size(w), size + 5);
}

static void an_empty_batch_holds_nobody_up(void **state)
{
        struct sequencer_batch *empty = sequencer_enter(s);

        assert_int_equal(submit_some(0, 1), 0);
        assert_int_equal(said[0].answers,
                         0); /* its turn is behind the batch that is being checked */
        assert_int_equal(sequencer_ready(s, empty), 0);
        check_said(0, 1, 0);
}

static void a_full_store_is_told_and_keeps_nothing_and_goes_on(void **state)
{
        world_remember(w);
        assert_int_equal(store_inject(w->store, STORE_FULL, false), 0);
        assert_int_equal(submit_some(0, 3), 0);
        check_said(0, 3, OUTCOME_STORE_FULL);
        assert_int_equal(durables, 0);
        assert_int_equal(wakes, 0);
        check_unchanged(w);
        assert_int_equal(submit_some(3, 6), 0);
        check_said(3, 6, 0);
}

static void a_commit_that_must_run_again_files_once(void **state)
{
        uint64_t size = world_tree_size(w);

        assert_int_equal(store_inject(w->store, STORE_AGAIN, false), 0);
        assert_int_equal(submit_some(0, 3), 0);
        check_said(0, 3, 0);
        assert_false(said[0].duplicate);
        assert_int_equal(world_tree_size(w), size + 3);
}

static void a_commit_nobody_knows_of_is_asked_about_until_known(void **state)
{
        uint64_t size = world_tree_size(w);

        assert_int_equal(store_inject(w->store, STORE_UNKNOWN, true), 0);
        assert_int_equal(submit_some(0, 3), 0);
        assert_int_equal(store_inject(w->store, STORE_UNKNOWN, false), 0);
        assert_int_equal(submit_some(3, 6), 0);
        check_said(0, 6, 0);
        for (uint32_t n = 0; n < 6; n++) {
                assert_false(said[n].duplicate);
                assert_int_equal(said[n].leaf, size + n);
        }
        assert_int_equal(world_tree_size(w), size + 6);
        assert_int_equal(durables, 2);
}

static void a_store_of_another_stops_us_without_a_word(void **state)
{
        assert_int_equal(store_inject(w->store, STORE_FENCED, false), 0);
        assert_int_equal(submit_some(0, 3), SEQUENCER_FENCED);
        for (uint32_t n = 0; n < 3; n++)
                assert_int_equal(said[n].answers, 0);
}

static void a_fault_in_one_commit_is_not_the_end_of_its_neighbours(void **state)
{
        uint64_t size = world_tree_size(w), faults = metric_get(METRIC_KEEPER_FAULTS);

        assert_int_equal(store_inject(w->store, -EIO, false), 0);
        assert_int_equal(submit_some(0, 3), 0);
        check_said(0, 3, 0);
        assert_int_equal(world_tree_size(w), size + 3);
        assert_int_equal(metric_get(METRIC_KEEPER_FAULTS), faults);
}

static void what_was_not_committed_is_forgotten_at_the_end(void **state)
{
        struct sequencer_batch *b = sequencer_enter(s);
        struct letter l;

        add(b, 0, submission(&l));
        letter_free(&l);
        sequencer_free(s); /* the sanitizer sees whether anything is left */
        s = NULL;
        assert_int_equal(said[0].answers, 0);
}

/* ---- threads ---- */

static struct core_request *ready_made[THREADS * ROUNDS * IN_BATCH];
static pthread_mutex_t intake = PTHREAD_MUTEX_INITIALIZER;
static uint32_t taken;

static void *go_round(void *failed)
{
        for (int round = 0; round < ROUNDS; round++) {
                struct sequencer_batch *b;
                uint8_t route[4];
                uint32_t first;

                sequencer_wait(s);
                pthread_mutex_lock(&intake);
                first = taken;
                taken += IN_BATCH;
                b = sequencer_enter(s);
                pthread_mutex_unlock(&intake);
                for (uint32_t n = first; n < first + IN_BATCH; n++) {
                        put_be32(route, n);
                        if (sequencer_add(b, ready_made[n], route) != 0)
                                *(int *)failed = 1;
                }
                if (sequencer_ready(s, b) != 0)
                        *(int *)failed = 1;
        }
        return NULL;
}

/* P2.2 */
static void threads_side_by_side_keep_the_order_of_intake(void **state)
{
        const uint32_t all = THREADS * ROUNDS * IN_BATCH;
        pthread_t thread[THREADS];
        int failed[THREADS] = { 0 };
        uint64_t size = world_tree_size(w);
        struct letter l;

        for (uint32_t n = 0; n < all; n++) {
                ready_made[n] = submission(&l);
                letter_free(&l);
        }
        taken = 0;
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&thread[i], NULL, go_round, &failed[i]), 0);
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_join(thread[i], NULL), 0);
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(failed[i], 0);
        check_said(0, all, 0);
        for (uint32_t n = 0; n < all; n++)
                assert_int_equal(said[n].leaf, size + n);
        assert_true(durables <= THREADS * ROUNDS);
        assert_int_equal(releases_before_durable, 0);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                STORY(what_is_acknowledged_was_durable_before),
                STORY(an_empty_batch_holds_nobody_up),
                STORY(a_full_store_is_told_and_keeps_nothing_and_goes_on),
                STORY(a_commit_that_must_run_again_files_once),
                STORY(a_commit_nobody_knows_of_is_asked_about_until_known),
                STORY(a_store_of_another_stops_us_without_a_word),
                STORY(a_fault_in_one_commit_is_not_the_end_of_its_neighbours),
                STORY(what_was_not_committed_is_forgotten_at_the_end),
                STORY(threads_side_by_side_keep_the_order_of_intake),
        };
        return WORLD_MAIN(argc, argv, tests);
}
