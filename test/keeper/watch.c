/* watch.c - held watches: who is woken, when, and that no wake is lost */
#include "keeper/watch.h"

#include "metric/metric.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <cmocka.h>

static struct watch_table *t;
static unsigned answers;
static uint64_t last_route, last_count;

static void say(void *ctx, const struct watch *w, uint64_t count)
{
        answers++;
        last_route = get_be32(w->route);
        last_count = count;
}

static unsigned others;

static void say_other(void *ctx, const struct watch *w, uint64_t count)
{
        others++;
}

static int begin(void **state)
{
        answers = others = 0;
        return watch_new(&t, say, NULL);
}

static int end(void **state)
{
        watch_free(t);
        return 0;
}

/* The request is of no account to the table but to be freed. */
static struct watch a_watch(uint32_t route, uint8_t device, uint64_t box, uint64_t after,
                            uint64_t seconds)
{
        struct watch w = { .peer = { { device } }, .box = box, .after = after, .seconds = seconds };

        put_be32(w.route, route);
        return w;
}

static int hold(struct watch w)
{
        return watch_hold(t, &w, watch_generation(t));
}

static void a_letter_wakes_those_who_wait_for_its_box(void **state)
{
        assert_int_equal(hold(a_watch(1, 1, 10, 4, 100)), 0);
        assert_int_equal(hold(a_watch(2, 1, 11, 4, 100)), 0);
        watch_wake(t, 12, 5);
        assert_int_equal(answers, 0);
        watch_wake(t, 10, 5);
        assert_int_equal(answers, 1);
        assert_int_equal(last_route, 1);
        assert_int_equal(last_count, 5);
        watch_wake(t, 10, 6); /* it is answered once */
        assert_int_equal(answers, 1);
}

static void a_letter_at_or_before_the_position_wakes_nobody(void **state)
{
        assert_int_equal(hold(a_watch(1, 1, 10, 4, 100)), 0);
        watch_wake(t, 10, 4);
        assert_int_equal(answers, 0);
}

static void boxes_that_share_a_chain_are_told_apart(void **state)
{
        assert_int_equal(hold(a_watch(1, 1, 10, 0, 100)), 0);
        assert_int_equal(hold(a_watch(2, 1, 10 + 4096, 0, 100)), 0);
        watch_wake(t, 10 + 4096, 1);
        assert_int_equal(answers, 1);
        assert_int_equal(last_route, 2);
}

static void a_commit_between_look_and_hold_is_noticed(void **state)
{
        uint64_t looked = watch_generation(t);
        struct watch w = a_watch(1, 1, 10, 0, 100);

        watch_commit(t);
        watch_wake(t, 10, 1); /* before it was held: it would have been lost */
        assert_int_equal(watch_hold(t, &w, looked), WATCH_STALE);
        assert_int_equal(answers, 0);
        assert_int_equal(watch_hold(t, &w, watch_generation(t)), 0);
}

static void a_time_that_is_up_is_answered_with_the_position(void **state)
{
        struct pollfd p = { .fd = watch_fd(t), .events = POLLIN };

        assert_int_equal(hold(a_watch(1, 1, 10, 7, 0)), 0);
        assert_int_equal(hold(a_watch(2, 1, 11, 7, 300)), 0);
        while (answers == 0) {
                assert_int_equal(poll(&p, 1, 60000), 1);
                watch_expire(t);
        }
        assert_int_equal(answers, 1);
        assert_int_equal(last_route, 1);
        assert_int_equal(last_count, 7);
        assert_int_equal(poll(&p, 1, 0), 0); /* and the timer sleeps until the next */
}

/* P4.12 */
static void a_device_that_comes_again_and_again_takes_its_own_places(void **state)
{
        for (uint32_t i = 0; i < WATCH_SAME_MOST; i++)
                assert_int_equal(hold(a_watch(i, 1, 10, 0, 100)), 0);
        assert_int_equal(hold(a_watch(50, 2, 10, 0, 100)), 0);
        assert_int_equal(answers, 0);
        assert_int_equal(hold(a_watch(60, 1, 10, 0, 100)), 0);
        assert_int_equal(answers, 1); /* the oldest of that device gave way */
        assert_int_equal(last_route, 0);
}

static void a_full_table_says_so_and_has_room_again(void **state)
{
        for (uint32_t i = 0; i < WATCH_MOST; i++)
                assert_int_equal(hold(a_watch(i, 1, i, 0, 100)), 0);
        assert_int_equal(hold(a_watch(0, 1, WATCH_MOST, 0, 100)), WATCH_FULL);
        watch_wake(t, 5, 1);
        assert_int_equal(hold(a_watch(0, 1, WATCH_MOST, 0, 100)), 0);
        assert_int_equal(metric_get(METRIC_WATCHES), WATCH_MOST);
}

static void at_the_end_everybody_is_answered(void **state)
{
        for (uint32_t i = 0; i < 100; i++)
                assert_int_equal(hold(a_watch(i, 1, i, 0, i * 3)), 0);
        watch_empty(t, say_other);
        assert_int_equal(others, 100);
        assert_int_equal(answers, 0);
        assert_int_equal(metric_get(METRIC_WATCHES), 0);
}

/* ---- no wake is lost ---- */

enum { LETTERS = 20000 };
static atomic_uint_fast64_t kept; /* letters in the box, as a store would show them */
static atomic_uint_fast64_t told; /* the count that the last answer named */

static void say_told(void *ctx, const struct watch *w, uint64_t count)
{
        atomic_store(&told, count);
}

/* Each letter only once the one before was heard of, so a wake that is lost is waited for in vain.
 */
static void *commit_letters(void *heard)
{
        for (uint64_t n = 1; n <= LETTERS; n++) {
                while (atomic_load((atomic_uint_fast64_t *)heard) < n - 1)
                        sched_yield();
                atomic_store(&kept, n);
                watch_commit(t);
                watch_wake(t, 10, n);
        }
        return NULL;
}

static void whoever_watches_while_letters_come_hears_of_every_one(void **state)
{
        atomic_uint_fast64_t heard = 0;
        pthread_t thread;
        int r;

        watch_free(t);
        assert_int_equal(watch_new(&t, say_told, NULL), 0);
        assert_int_equal(pthread_create(&thread, NULL, commit_letters, &heard), 0);
        while (heard < LETTERS) {
                struct watch w = a_watch(1, 1, 10, heard, 300);
                uint64_t looked = watch_generation(t);

                if (atomic_load(&kept) > heard) { /* as core_read would see it */
                        heard++;
                        continue;
                }
                r = watch_hold(t, &w, looked);
                assert_true(r == 0 || r == WATCH_STALE);
                while (r == 0 && atomic_load(&told) <= heard)
                        sched_yield();
                if (r == 0)
                        heard++;
        }
        assert_int_equal(pthread_join(thread, NULL), 0);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORY(a_letter_wakes_those_who_wait_for_its_box),
                STORY(a_letter_at_or_before_the_position_wakes_nobody),
                STORY(boxes_that_share_a_chain_are_told_apart),
                STORY(a_commit_between_look_and_hold_is_noticed),
                STORY(a_time_that_is_up_is_answered_with_the_position),
                STORY(a_device_that_comes_again_and_again_takes_its_own_places),
                STORY(a_full_table_says_so_and_has_room_again),
                STORY(at_the_end_everybody_is_answered),
                STORY(whoever_watches_while_letters_come_hears_of_every_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
