/* broker_channel.c - frames over a socketpair: order, limits, pressure */
#include "ipc/channel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { MOST = 100000, OUT = 300000 };

static struct channel *near, *far;
static int raw; /* the far end, when a test wants to write nonsense */

static int begin(void **state)
{
        int fd[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
        assert_int_equal(channel_open(&near, fd[0], CHANNEL_ROUTE, MOST, OUT), 0);
        assert_int_equal(channel_open(&far, fd[1], CHANNEL_ROUTE, MOST, OUT), 0);
        raw = fd[1];
        return 0;
}

static int end(void **state)
{
        channel_close(&near);
        channel_close(&far);
        return 0;
}

static void put(struct channel *c, uint32_t route, const void *bytes, size_t len)
{
        uint8_t head[CHANNEL_ROUTE];

        put_be32(head, route);
        channel_put(c, slice_of(head, sizeof(head)), slice_of(bytes, len));
}

/* The next frame, reading as long as there is something. */
static int next(struct channel *c, struct slice *head, struct slice *payload)
{
        int r;

        while ((r = channel_next(c, head, payload)) == CHANNEL_NOTHING) {
                r = channel_fill(c);
                if (r)
                        return r;
        }
        return r;
}

static void frames_arrive_whole_and_in_order(void **state)
{
        struct slice head, payload;

        put(near, 7, "first", 5);
        put(near, 8, "", 0);
        put(near, 9, "third", 5);
        assert_true(channel_pending(near));
        assert_int_equal(channel_flush(near), 0);
        assert_false(channel_pending(near));
        assert_int_equal(next(far, &head, &payload), 0);
        assert_int_equal(get_be32(head.at), 7);
        assert_true(slice_is(payload, "first"));
        assert_int_equal(next(far, &head, &payload), 0);
        assert_int_equal(get_be32(head.at), 8);
        assert_int_equal(payload.len, 0);
        assert_int_equal(next(far, &head, &payload), 0);
        assert_true(slice_is(payload, "third"));
        assert_int_equal(next(far, &head, &payload), CHANNEL_NOTHING);
}

static void a_frame_cut_anywhere_waits_for_its_rest(void **state)
{
        static const uint8_t frame[] = { 0, 0, 0, 6, 1, 2, 3, 4, 'o', 'k' };
        struct slice head, payload;

        for (size_t i = 0; i < sizeof(frame); i++) {
                assert_int_equal(next(near, &head, &payload), CHANNEL_NOTHING);
                assert_int_equal(write(raw, frame + i, 1), 1);
        }
        assert_int_equal(next(near, &head, &payload), 0);
        assert_int_equal(get_be32(head.at), 0x01020304);
        assert_true(slice_is(payload, "ok"));
}

static void a_frame_larger_than_agreed_or_without_a_head_is_refused(void **state)
{
        static const uint8_t large[] = { 0, 1, 0x86, 0xa5 }; /* head and MOST and one byte more */
        static const uint8_t headless[] = { 0, 0, 0, 3, 1, 2, 3 };
        struct slice head, payload;

        assert_int_equal(get_be32(large), CHANNEL_ROUTE + MOST + 1);
        assert_int_equal(write(raw, large, sizeof(large)), sizeof(large));
        assert_int_equal(next(near, &head, &payload), -EPROTO);
        end(state);
        begin(state);
        assert_int_equal(write(raw, headless, sizeof(headless)), sizeof(headless));
        assert_int_equal(next(near, &head, &payload), -EPROTO);
}

static void a_way_out_that_nobody_reads_fills_up_and_says_so(void **state)
{
        static const uint8_t block[10000];
        struct slice head, payload;
        size_t put_in = 0, came_out = 0;

        while (channel_room(near, CHANNEL_ROUTE, sizeof(block))) {
                put(near, (uint32_t)put_in++, block, sizeof(block));
                channel_flush(near);
                assert_true(put_in < 1000);
        }
        assert_int_equal(channel_flush(near), CHANNEL_NOTHING);
        assert_true(channel_pending(near));
        while (came_out < put_in) { /* once it is read, everything arrives */
                if (next(far, &head, &payload) == 0) {
                        assert_int_equal(get_be32(head.at), came_out++);
                        assert_int_equal(payload.len, sizeof(block));
                }
                channel_flush(near);
        }
        assert_true(channel_room(near, CHANNEL_ROUTE, sizeof(block)));
}

static void any_mixture_of_sizes_survives_small_steps(void **state)
{
        static uint8_t bytes[MOST];
        struct slice head, payload;
        unsigned random = 1, sent = 0, got = 0, size_sent[400], wanted = 400;

        while (got < wanted) {
                random = random * 1103515245 + 12345;
                if (sent < wanted) {
                        unsigned len =
                                random >> 8 & 1 ? (random >> 12) % MOST : (random >> 12) % 200;

                        if (channel_room(near, CHANNEL_ROUTE, len)) {
                                memset(bytes, (int)sent, len);
                                size_sent[sent] = len;
                                put(near, sent++, bytes, len);
                        }
                }
                channel_flush(near);
                if (random >> 20 & 1 && next(far, &head, &payload) == 0) {
                        assert_int_equal(get_be32(head.at), got);
                        assert_int_equal(payload.len, size_sent[got]);
                        if (payload.len) {
                                assert_int_equal(payload.at[0], (uint8_t)got);
                                assert_int_equal(payload.at[payload.len - 1], (uint8_t)got);
                        }
                        got++;
                }
        }
}

static void the_end_comes_after_everything_that_was_sent(void **state)
{
        struct slice head, payload;

        put(near, 1, "last words", 10);
        assert_int_equal(channel_flush(near), 0);
        channel_shut(near);
        assert_int_equal(next(far, &head, &payload), 0);
        assert_int_equal(next(far, &head, &payload), CHANNEL_CLOSED);
        put(far, 2, "heard", 5); /* the other way stays open */
        assert_int_equal(channel_flush(far), 0);
        assert_int_equal(next(near, &head, &payload), 0);
        assert_true(slice_is(payload, "heard"));
}

static void writing_to_one_who_is_gone_says_closed_and_raises_no_signal(void **state)
{
        channel_close(&far);
        put(near, 1, "anybody", 7);
        assert_int_equal(channel_flush(near), CHANNEL_CLOSED);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORY(frames_arrive_whole_and_in_order),
                STORY(a_frame_cut_anywhere_waits_for_its_rest),
                STORY(a_frame_larger_than_agreed_or_without_a_head_is_refused),
                STORY(a_way_out_that_nobody_reads_fills_up_and_says_so),
                STORY(any_mixture_of_sizes_survives_small_steps),
                STORY(the_end_comes_after_everything_that_was_sent),
                STORY(writing_to_one_who_is_gone_says_closed_and_raises_no_signal),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
