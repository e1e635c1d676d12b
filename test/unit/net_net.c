/* net_net.c - a connection without a broker */
#include "net/net.h"

#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void a_connection_may_be_dropped_and_made_again_at_once(void **state)
{
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        struct curve_pub pub;
        const struct net_config cfg = {
                .endpoint = "tcp://127.0.0.1:9",
                .broker = &pub,
                .pub = &pub,
                .sec = sec,
                .message_most = 1000,
        };

        struct net_client *other = NULL;

        /* The other one keeps the threads alive that the connections share. */
        keys_curve_new(&pub, sec);
        assert_int_equal(net_open(&other, &cfg), 0);
        for (int i = 0; i < 300; i++) {
                struct net_client *c = NULL;

                assert_int_equal(net_open(&c, &cfg), 0);
                net_close(&c);
                assert_null(c);
        }
        net_close(&other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_connection_may_be_dropped_and_made_again_at_once),
        };

        return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
