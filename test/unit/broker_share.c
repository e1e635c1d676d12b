/* broker_share.c - what one connection has does not count against another */
#include "front/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const uint8_t ada[4] = { 1, 2, 3, 4 }, bob[4] = { 1, 2, 3, 5 };
static const int64_t now = INT64_C(5000000000000), second = 1000000;

static int open_share(void **state)
{
        return share_new((struct share **)state);
}

static int close_share(void **state)
{
        share_free(*state);
        return 0;
}

static void one_connection_has_so_many_requests_under_way_and_no_more(void **state)
{
        struct share *s = *state;

        for (int i = 0; i < SHARE_UNDER_WAY; i++)
                assert_true(share_ask(s, ada));
        assert_false(share_ask(s, ada));
        assert_true(share_ask(s, bob));
        share_answered(s, ada);
        assert_true(share_ask(s, ada));
        assert_false(share_ask(s, ada));
}

static void who_was_sent_much_is_greedy_and_nobody_else(void **state)
{
        struct share *s = *state;

        share_sent(s, ada, SHARE_GREEDY, now);
        assert_false(share_greedy(s, ada, now));
        share_sent(s, ada, 1, now);
        assert_true(share_greedy(s, ada, now));
        assert_false(share_greedy(s, bob, now));
}

static void what_was_sent_is_forgotten_by_and_by(void **state)
{
        struct share *s = *state;

        share_sent(s, ada, 8 * (size_t)SHARE_GREEDY, now);
        assert_true(share_greedy(s, ada, now + 2 * second));
        assert_false(share_greedy(s, ada, now + 3 * second));
        share_sent(s, ada, 8 * (size_t)SHARE_GREEDY, now + 3 * second);
        assert_false(share_greedy(s, ada, now + 1000 * second));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        one_connection_has_so_many_requests_under_way_and_no_more, open_share,
                        close_share),
                cmocka_unit_test_setup_teardown(who_was_sent_much_is_greedy_and_nobody_else,
                                                open_share, close_share),
                cmocka_unit_test_setup_teardown(what_was_sent_is_forgotten_by_and_by, open_share,
                                                close_share),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
