/* sdk_send_job.c - which letters go into one question */
#include "sdk_world.h"

#include "schemas/messages.h"
#include "sdk/send.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct sdk_world sw;
static struct send sending;

static int set_up(void **state)
{
        sdk_world_new(&sw);
        sending = (struct send){ .s = sw.s };
        return 0;
}

static int tear_down(void **state)
{
        while (sending.jobs) {
                struct send_job *j = sending.jobs;

                sending.jobs = j->next;
                free(j);
        }
        sdk_world_free(&sw);
        return 0;
}

static void compose(size_t size)
{
        char *text = malloc(size + 1);

        memset(text, 'x', size);
        text[size] = 0;
        sdk_world_compose(&sw, NULL, text);
        free(text);
}

static void check_next(size_t count)
{
        struct send_job *j;

        assert_int_equal(send_job_next(&sending, &j), 0);
        assert_non_null(j);
        assert_int_equal(j->count, count);
}

static void check_none(void)
{
        struct send_job *j;

        assert_int_equal(send_job_next(&sending, &j), 0);
        assert_null(j);
}

static void a_batch_has_256_letters_at_most(void **state)
{
        for (int i = 0; i < MESSAGES_BATCH_MOST + 3; i++)
                compose(1);
        check_next(MESSAGES_BATCH_MOST);
        check_next(3);
        check_none();
        compose(1); /* what is composed meanwhile is found */
        check_next(1);
}

static void the_bodies_of_a_batch_fit_into_one_question(void **state)
{
        compose(400000);
        compose(400000);
        compose(400000);
        compose(100);
        check_next(2);
        check_next(2);
        check_none();
}

static void a_large_letter_travels_alone(void **state)
{
        compose(100);
        compose(2 << 20);
        compose(100);
        check_next(1);
        check_next(1);
        check_next(1);
        check_none();
}

static void putting_off_takes_longer_each_time_up_to_seconds(void **state)
{
        int64_t last = 0;

        for (unsigned tries = 0; tries < 5; tries++) {
                assert_true(send_job_delay(tries) > last);
                last = send_job_delay(tries);
        }
        assert_int_equal(send_job_delay(1000000), send_job_delay(20));
        assert_int_equal(send_job_delay(20), 5000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_batch_has_256_letters_at_most),
                TEST(the_bodies_of_a_batch_fit_into_one_question),
                TEST(a_large_letter_travels_alone),
                TEST(putting_off_takes_longer_each_time_up_to_seconds),
        };

        if (fumi_start() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
