/* contract_batch.c - what store.h promises of transactions, batches, leases and threads, on every
 * engine
 *
 * The companion of contract.c; argv[1] names the engine. */
#include "world.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const char *engine;

static struct world *new_world(void)
{
        return world_new(engine);
}

static bool keeps(void)
{
        return strcmp(engine, "mem") != 0;
}

/* ---- transactions ---- */

static void nobody_sees_a_batch_before_it_is_committed(void **state)
{
        struct world *w = new_world();
        struct store_txn *t, *before, *after;

        put_kept(w, TABLE_BOX, "a", "old");
        before = world_look(w);
        t = world_begin(w);
        put(t, TABLE_BOX, "a", "new");
        put(t, TABLE_LETTER, "b", "new");
        check_kept(w, TABLE_BOX, "a", "old");
        check_not_kept(w, TABLE_LETTER, "b");
        keep(t);
        after = world_look(w);
        check_is(before, TABLE_BOX, "a", "old");
        check_absent(before, TABLE_LETTER, "b");
        check_range(before, TABLE_LETTER, "", "", false, "");
        check_is(after, TABLE_BOX, "a", "new");
        check_is(after, TABLE_LETTER, "b", "new");
        store_abort(&before);
        store_abort(&after);
        world_end(w);
}

static void an_aborted_batch_leaves_nothing(void **state)
{
        struct world *w = new_world();
        struct store_txn *t;

        put_kept(w, TABLE_BOX, "a", "old");
        t = world_begin(w);
        put(t, TABLE_BOX, "a", "new");
        put(t, TABLE_BOX, "b", "new");
        assert_int_equal(store_append(t, TABLE_EVENT, str("e"), str("v")), 0);
        store_abort(&t);
        assert_null(t);
        store_abort(&t);
        t = world_begin(w);
        check_is(t, TABLE_BOX, "a", "old");
        assert_int_equal(store_del(t, TABLE_BOX, str("a")), 0);
        store_abort(&t);
        check_kept(w, TABLE_BOX, "a", "old");
        check_not_kept(w, TABLE_BOX, "b");
        check_not_kept(w, TABLE_EVENT, "e");
        world_end(w);
}

static void a_thread_has_one_write_transaction_at_a_time(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w), *second = NULL;
        bool done;

        assert_int_equal(store_begin(w->store, 77, &second, &done), -EDEADLK);
        assert_null(second);
        put(t, TABLE_BOX, "a", "v");
        keep(t);
        check_kept(w, TABLE_BOX, "a", "v");
        world_end(w);
}

/* ---- batch names and leases ---- */

static bool begin_named(struct world *w, uint64_t batch, struct store_txn **t)
{
        bool done;

        assert_int_equal(store_begin(w->store, batch, t, &done), 0);
        return done;
}

static void the_last_batch_is_known_again(void **state)
{
        struct world *w = new_world();
        struct store_txn *t;

        assert_false(begin_named(w, 7, &t));
        put(t, TABLE_BOX, "a", "once");
        keep(t);
        assert_true(begin_named(w, 7, &t));
        check_is(t, TABLE_BOX, "a", "once");
        keep(t);
        assert_true(begin_named(w, 7, &t));
        assert_int_equal(store_put(t, TABLE_BOX, str("a"), str("twice")), -EALREADY);
        assert_int_equal(store_commit(&t), -EALREADY);
        check_kept(w, TABLE_BOX, "a", "once");
        if (keeps()) {
                world_reopen(w);
                assert_true(begin_named(w, 7, &t));
                store_abort(&t);
        }
        assert_false(begin_named(w, 8, &t));
        store_abort(&t);
        world_end(w);
}

static void a_batch_that_was_not_kept_is_not_done(void **state)
{
        struct world *w = new_world();
        struct store_txn *t;

        assert_false(begin_named(w, 7, &t));
        put(t, TABLE_BOX, "a", "v");
        store_abort(&t);
        assert_false(begin_named(w, 7, &t));
        keep(t);
        /* It had nothing in it, so it left no trace. */
        assert_false(begin_named(w, 7, &t));
        store_abort(&t);
        check_not_kept(w, TABLE_BOX, "a");
        world_end(w);
}

static void number_nought_names_no_batch(void **state)
{
        struct world *w = new_world();
        struct store_txn *t;

        for (int i = 0; i < 2; i++) {
                assert_false(begin_named(w, 0, &t));
                put(t, TABLE_BOX, "a", "v");
                keep(t);
        }
        world_end(w);
}

static void the_lease_grows_with_every_owner(void **state)
{
        struct world *w = new_world();
        uint64_t first = 0, again = 0, next = 0;

        assert_int_equal(store_lease(w->store, &first), 0);
        assert_int_equal(store_lease(w->store, &again), 0);
        assert_true(first > 0);
        assert_int_equal(first, again);
        if (keeps()) {
                world_reopen(w);
                assert_int_equal(store_lease(w->store, &next), 0);
                assert_int_equal(next, first + 1);
        }
        world_end(w);
}

/* ---- volume and threads ---- */

static struct slice numbered(char room[static 16], unsigned n)
{
        return slice_of(room, (size_t)snprintf(room, 16, "%08x", n));
}

static unsigned scattered(unsigned i)
{
        return i * 2654435761u;
}

struct counted {
        char last[16];
        unsigned n;
};

static int count_up(void *ctx, struct slice key, struct slice value)
{
        struct counted *c = ctx;

        assert_true(slice_cmp(slice_str(c->last), key) < 0);
        memcpy(c->last, key.at, key.len);
        assert_true(slice_eq(slice_upto(value, 8), key));
        c->n++;
        return 0;
}

static unsigned count(struct store_txn *t, enum store_table table)
{
        struct counted c = { 0 };

        assert_int_equal(store_range(t, table, str(""), str(""), false, count_up, &c), 0);
        return c.n;
}

static void many_records_are_kept_in_order(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = NULL;
        char key[16];
        enum { MANY = 50000, BATCH = 1000 };

        for (unsigned i = 0; i < MANY; i++) {
                if (i % BATCH == 0)
                        t = world_begin(w);
                struct slice k = numbered(key, scattered(i));

                assert_int_equal(store_put(t, TABLE_LETTER, k, k), 0);
                k = numbered(key, i);
                assert_int_equal(store_append(t, TABLE_EVENT, k, k), 0);
                if (i % BATCH == BATCH - 1)
                        keep(t);
        }
        t = world_look(w);
        assert_int_equal(count(t, TABLE_LETTER), MANY);
        assert_int_equal(count(t, TABLE_EVENT), MANY);
        store_abort(&t);

        t = world_begin(w);
        for (unsigned i = 0; i < MANY; i += 2)
                assert_int_equal(store_del(t, TABLE_LETTER, numbered(key, scattered(i))), 0);
        assert_int_equal(count(t, TABLE_LETTER), MANY / 2);
        keep(t);
        if (keeps())
                world_reopen(w);
        t = world_look(w);
        assert_int_equal(count(t, TABLE_LETTER), MANY / 2);
        assert_int_equal(count(t, TABLE_EVENT), MANY);
        store_abort(&t);
        world_end(w);
}

struct reading {
        pthread_t thread;
        struct world *w;
        _Atomic bool *stop;
        unsigned rounds;
        unsigned torn;
};

/* Every batch writes the same number in two tables; a reader that ever sees two numbers saw half.
 */
static void *read_on(void *ctx)
{
        struct reading *r = ctx;

        while (!*r->stop || !r->rounds) {
                struct store_txn *t;
                struct slice a, b;

                if (store_look(r->w->store, &t))
                        continue;
                if (store_get(t, TABLE_BOX, str("n"), &a) ||
                    store_get(t, TABLE_LETTER, str("n"), &b) || !slice_eq(a, b))
                        r->torn++;
                store_abort(&t);
                r->rounds++;
        }
        return NULL;
}

static void readers_on_other_threads_see_whole_batches(void **state)
{
        struct world *w = new_world();
        struct reading r[4] = { 0 };
        _Atomic bool stop = false;
        struct store_txn *t;
        char number[16];

        put_kept(w, TABLE_BOX, "n", "first");
        t = world_begin(w);
        put(t, TABLE_BOX, "n", "0");
        put(t, TABLE_LETTER, "n", "0");
        keep(t);
        for (int i = 0; i < 4; i++) {
                r[i] = (struct reading){ .w = w, .stop = &stop };
                assert_int_equal(pthread_create(&r[i].thread, NULL, read_on, &r[i]), 0);
        }
        for (unsigned n = 1; n <= 300; n++) {
                t = world_begin(w);
                numbered(number, n);
                put(t, TABLE_BOX, "n", number);
                put(t, TABLE_LETTER, "n", number);
                keep(t);
        }
        stop = true;
        for (int i = 0; i < 4; i++) {
                pthread_join(r[i].thread, NULL);
                assert_int_equal(r[i].torn, 0);
                assert_true(r[i].rounds > 0);
        }
        check_kept(w, TABLE_BOX, "n", number);
        world_end(w);
}

static void *add_fifty(void *ctx)
{
        struct world *w = ctx;
        char number[16];

        for (unsigned i = 0; i < 50; i++) {
                struct store_txn *t;
                struct slice v;
                bool done;
                unsigned n = 0;

                assert_int_equal(store_begin(w->store, 0, &t, &done), 0);
                if (!store_get(t, TABLE_BOX, str("n"), &v))
                        n = (unsigned)strtoul((const char *)v.at, NULL, 16);
                numbered(number, n + 1);
                assert_int_equal(store_put(t, TABLE_BOX, str("n"), slice_of(number, 9)), 0);
                assert_int_equal(store_commit(&t), 0);
        }
        return NULL;
}

static void writers_on_two_threads_take_turns(void **state)
{
        struct world *w = new_world();
        pthread_t a, b;
        struct store_txn *t;
        struct slice v;

        assert_int_equal(pthread_create(&a, NULL, add_fifty, w), 0);
        assert_int_equal(pthread_create(&b, NULL, add_fifty, w), 0);
        pthread_join(a, NULL);
        pthread_join(b, NULL);
        t = world_look(w);
        assert_int_equal(store_get(t, TABLE_BOX, str("n"), &v), 0);
        assert_string_equal((const char *)v.at, "00000064");
        store_abort(&t);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nobody_sees_a_batch_before_it_is_committed),
                cmocka_unit_test(an_aborted_batch_leaves_nothing),
                cmocka_unit_test(a_thread_has_one_write_transaction_at_a_time),
                cmocka_unit_test(the_last_batch_is_known_again),
                cmocka_unit_test(a_batch_that_was_not_kept_is_not_done),
                cmocka_unit_test(number_nought_names_no_batch),
                cmocka_unit_test(the_lease_grows_with_every_owner),
                cmocka_unit_test(many_records_are_kept_in_order),
                cmocka_unit_test(readers_on_other_threads_see_whole_batches),
                cmocka_unit_test(writers_on_two_threads_take_turns),
        };

        assert_int_equal(argc, 2);
        engine = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
