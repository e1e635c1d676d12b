/* keeper.c - a whole keeper behind its channel: what a front sends, and what comes back */
#include "keeper/keeper.h"

#include "../core/world.h"
#include "ipc/channel.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LETTERS = 300 };

static struct world *w;
static struct keeper *k;
static struct channel *front;
static pthread_t thread;
static int result;

static void *run(void *unused)
{
        result = keeper_run(k);
        return NULL;
}

/* The world's store, given over to a keeper of @threads. */
static void open_keeper(unsigned threads)
{
        struct keeper_config cfg = { .threads = threads, .commit_bytes = 1 << 20 };
        char path[96];
        int fd[2];

        snprintf(path, sizeof(path), "%s/store", w->folder);
        store_close(&w->store);
        cfg.store = (struct store_config){ .engine = "lmdb", .path = path };
        cfg.core = w->cfg;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
        cfg.front = fd[0];
        assert_int_equal(channel_open(&front, fd[1], CHANNEL_ROUTE, MESSAGES_FRAME_MOST, 8 << 20),
                         0);
        assert_int_equal(keeper_open(&k, &cfg), 0);
        assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
}

static int begin(void **state)
{
        w = world_new();
        clock_set(w->now);
        open_keeper(2);
        return 0;
}

static int stop(void)
{
        if (front)
                channel_close(&front);
        if (k)
                pthread_join(thread, NULL);
        keeper_close(&k);
        return result;
}

static int end(void **state)
{
        stop();
        world_end(w);
        clock_set(0);
        return 0;
}

static void send_bytes(uint32_t route, const struct party *who, struct slice bytes)
{
        uint8_t head[CHANNEL_ASK_HEAD];

        put_be32(head, route);
        memcpy(head + CHANNEL_ROUTE, who->transport.b, CHANNEL_PEER);
        channel_put(front, slice_of(head, sizeof(head)), bytes);
        while (channel_flush(front) == CHANNEL_NOTHING)
                poll(&(struct pollfd){ .fd = channel_fd(front), .events = POLLOUT }, 1, -1);
}

static void send_ask(uint32_t route, const struct party *who, uint64_t verb, const void *ask)
{
        BUF_OWNED bytes = { 0 };

        frame_write_ask(&bytes, verb, route, frame_verb_of(verb)->ask, ask);
        send_bytes(route, who, buf_slice(&bytes));
}

static void send_letter(uint32_t route)
{
        BUF_OWNED items = { 0 };
        struct ask_submit ask;
        struct letter l;

        letter_new(&l, w, 300);
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        send_ask(route, &w->sender, VERB_SUBMIT, &ask);
        letter_free(&l);
}

/* The next answer; its route, or 0 at the end of the keeper. The slice is valid until the next
 * call. */
static uint32_t next_answer(struct frame *frame, struct slice *answer)
{
        struct slice head;
        int r;

        while ((r = channel_next(front, &head, answer)) == CHANNEL_NOTHING) {
                r = channel_fill(front);
                if (r == CHANNEL_CLOSED)
                        return 0;
                if (r == CHANNEL_NOTHING)
                        poll(&(struct pollfd){ .fd = channel_fd(front), .events = POLLIN }, 1, -1);
                assert_true(r >= 0);
        }
        assert_int_equal(r, 0);
        assert_int_equal(frame_read(frame, *answer, true), 0);
        return get_be32(head.at);
}

static uint64_t next_code(uint32_t route)
{
        struct frame frame;
        struct slice answer;

        assert_int_equal(next_answer(&frame, &answer), route);
        return frame.code;
}

static void send_watch(uint32_t route, uint64_t after, uint64_t seconds)
{
        struct ask_watch ask = { .mailbox = slice_str(w->mailbox.s),
                                 .after = after,
                                 .seconds = seconds };

        send_ask(route, &w->holder, VERB_WATCH, &ask);
}

static void what_front_sends_comes_back_by_its_route(void **state)
{
        struct ask_info info = { 0 };

        send_ask(7, &w->holder, VERB_INFO, &info);
        assert_int_equal(next_code(7), 0);
        send_letter(8);
        assert_int_equal(next_code(8), 0);
}

static void it_does_not_believe_its_front(void **state)
{
        BUF_OWNED bytes = { 0 };

        frame_write_ask(&bytes, VERB_LOOKUP, 3, NULL, NULL);
        send_bytes(1, &w->holder, buf_slice(&bytes));
        assert_int_equal(next_code(1), OUTCOME_MALFORMED);
        buf_clear(&bytes);
        frame_write_ask(&bytes, 999, 3, NULL, NULL);
        send_bytes(2, &w->holder, buf_slice(&bytes));
        assert_int_equal(next_code(2), OUTCOME_UNKNOWN_VERB);
        send_watch(3, 0, 0);
        send_bytes(4, &w->sender, slice_str("x")); /* no head at all: named, and no harm */
        for (unsigned seen = 0; seen != (1u << 3 | 1u << 4);) {
                struct frame frame;
                struct slice answer;
                uint32_t route = next_answer(&frame, &answer);

                assert_false(seen & 1u << route);
                seen |= 1u << route;
                assert_int_equal(frame.code, route == 3 ? 0 : OUTCOME_MALFORMED);
        }
}

static void every_request_of_a_flood_is_answered_once_and_filed_once(void **state)
{
        static unsigned answers[LETTERS + 1];
        uint64_t leaf[LETTERS + 1];
        struct slice answer;
        struct frame frame;
        uint32_t sent = 0, got = 0;

        memset(answers, 0, sizeof(answers));
        while (sent < LETTERS)
                send_letter(++sent);
        while (got < LETTERS) {
                uint32_t route = next_answer(&frame, &answer);
                struct answer_submit told;
                struct filed filed;

                assert_in_range(route, 1, LETTERS);
                assert_int_equal(frame.number, route);
                assert_int_equal(frame.code, 0);
                assert_int_equal(field_read_message(&answer_submit_table, answer, &told, NULL), 0);
                assert_true(field_list_next(&told.letters, &filed_table, &filed));
                assert_int_equal(filed.code, 0);
                assert_false(filed.duplicate);
                leaf[route] = filed.leaf;
                answers[route]++;
                got++;
        }
        for (uint32_t route = 1; route <= LETTERS; route++) {
                assert_int_equal(answers[route], 1);
                assert_int_equal(leaf[route], leaf[1] + route - 1);
        }
}

static void a_watch_is_answered_when_a_letter_comes(void **state)
{
        struct answer_watch told;
        struct slice answer;
        struct frame frame;
        bool woken = false, filed = false;

        send_watch(1, 0, 300);
        send_letter(2);
        for (int i = 0; i < 2; i++) {
                uint32_t route = next_answer(&frame, &answer);

                assert_int_equal(frame.code, 0);
                filed |= route == 2;
                if (route != 1)
                        continue;
                woken = true;
                assert_int_equal(field_read_message(&answer_watch_table, answer, &told, NULL), 0);
                assert_int_equal(told.count, 1);
        }
        assert_true(woken && filed);
}

static void a_watch_of_a_strangers_box_is_refused(void **state)
{
        struct ask_watch ask = { .mailbox = slice_str(w->mailbox.s), .seconds = 300 };

        send_ask(1, &w->sender, VERB_WATCH, &ask);
        assert_int_equal(next_code(1), OUTCOME_NOT_YOURS);
}

static void a_watch_whose_time_is_up_is_answered(void **state)
{
        send_watch(1, 0, 1);
        assert_int_equal(next_code(1), 0);
}

static void at_the_end_everything_taken_in_is_answered(void **state)
{
        unsigned filed = 0, watched = 0;
        struct slice answer;
        struct frame frame;
        uint32_t route;

        send_watch(1000, 0, 300);
        for (uint32_t i = 1; i <= 50; i++)
                send_letter(i);
        channel_shut(front);
        while ((route = next_answer(&frame, &answer))) {
                filed += route <= 50 && frame.code == 0;
                watched += route == 1000;
                if (filed + watched == 51)
                        break;
        }
        assert_int_equal(filed, 50);
        assert_int_equal(watched, 1);
        assert_int_equal(stop(), 0);
        open_keeper(1); /* and it is all there */
        send_watch(1, 49, 0);
        assert_int_equal(next_code(1), 0);
}

static void a_held_watch_is_told_of_the_stop(void **state)
{
        struct ask_info info = { 0 };

        send_watch(1, 0, 300);
        send_ask(2, &w->holder, VERB_INFO, &info);
        assert_int_equal(next_code(2), 0);
        channel_shut(front);
        assert_int_equal(next_code(1), OUTCOME_STOPPING);
}

static void a_front_that_speaks_another_language_ends_the_keeper(void **state)
{
        uint8_t head[CHANNEL_ASK_HEAD] = { 0 };

        channel_put(front, slice_of(head, 3), slice_of("", 0));
        assert_int_equal(channel_flush(front), 0);
        pthread_join(thread, NULL);
        assert_true(result < 0);
        keeper_close(&k);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        char *argv[] = { (char[]){ "keeper" }, (char[]){ "lmdb" }, NULL };
        const struct CMUnitTest tests[] = {
                STORY(what_front_sends_comes_back_by_its_route),
                STORY(it_does_not_believe_its_front),
                STORY(every_request_of_a_flood_is_answered_once_and_filed_once),
                STORY(a_watch_is_answered_when_a_letter_comes),
                STORY(a_watch_of_a_strangers_box_is_refused),
                STORY(a_watch_whose_time_is_up_is_answered),
                STORY(at_the_end_everything_taken_in_is_answered),
                STORY(a_held_watch_is_told_of_the_stop),
                STORY(a_front_that_speaks_another_language_ends_the_keeper),
        };
        return WORLD_MAIN(2, argv, tests);
}
