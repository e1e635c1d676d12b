/* lmdb_growth.c - the map grows under writers and readers until it may not, and then says so */
#include "world.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

enum { SMALL = 1 << 20 };

static uint8_t body[STORE_VALUE_MOST];

static struct world *small_world(uint64_t most)
{
        struct world *w = world_plan("lmdb", "/tmp");

        w->cfg.map_first = SMALL;
        w->cfg.map_most = most;
        world_open(w);
        return w;
}

static uint64_t map_size(struct world *w)
{
        struct store_stat st;

        assert_int_equal(store_stat(w->store, &st), 0);
        return st.map_size;
}

/* Put @n bodies numbered from @first in one batch. What the put or commit said that ended it. */
static int put_bodies(struct world *w, unsigned first, unsigned n)
{
        struct store_txn *t = world_begin(w);
        char key[16];
        int r = 0;

        for (unsigned i = 0; i < n && !r; i++) {
                snprintf(key, sizeof(key), "%08u", first + i);
                r = store_put(t, TABLE_BODY, str(key), slice_of(body, sizeof(body)));
        }
        if (r) {
                struct slice v;

                /* Whatever is asked now, the answer stays the same. */
                assert_int_equal(store_get(t, TABLE_BODY, str("0"), &v), r);
                assert_int_equal(store_del(t, TABLE_BODY, str("0")), r);
                assert_int_equal(store_commit(&t), r);
                return r;
        }
        return store_commit(&t);
}

static unsigned bodies(struct world *w)
{
        struct store_txn *t = world_look(w);
        char key[16];
        struct slice v;
        unsigned n = 0;

        for (;; n++) {
                snprintf(key, sizeof(key), "%08u", n);
                if (store_get(t, TABLE_BODY, str(key), &v))
                        break;
                assert_int_equal(v.len, sizeof(body));
        }
        store_abort(&t);
        return n;
}

static void a_store_grows_far_beyond_its_first_map(void **state)
{
        struct world *w = small_world(0);
        unsigned again = 0;

        assert_int_equal(map_size(w), SMALL);
        for (unsigned n = 0; n < 640;) {
                int r = put_bodies(w, n, 4);

                assert_true(r == 0 || r == STORE_AGAIN);
                again += r == STORE_AGAIN;
                n += r ? 0 : 4;
        }
        assert_int_equal(bodies(w), 640);
        assert_true(map_size(w) >= 40 * SMALL);
        /* Growth looks ahead: with batches of one size, only the first may be a surprise. */
        assert_true(again <= 1);
        world_reopen(w);
        assert_int_equal(bodies(w), 640);
        assert_int_equal(put_bodies(w, 640, 4), 0);
        world_end(w);
}

static void a_batch_larger_than_the_map_comes_again_until_it_fits(void **state)
{
        struct world *w = small_world(0);
        int r, again = 0;

        put_kept(w, TABLE_BOX, "a", "v");
        while ((r = put_bodies(w, 0, 100)) == STORE_AGAIN) {
                assert_int_equal(bodies(w), 0);
                assert_true(++again < 10);
        }
        assert_int_equal(r, 0);
        assert_true(again >= 1);
        assert_int_equal(bodies(w), 100);
        check_kept(w, TABLE_BOX, "a", "v");
        world_end(w);
}

static void a_store_at_its_limit_refuses_takes_deletions_and_goes_on(void **state)
{
        struct world *w = small_world(4 * SMALL);
        unsigned n = 0;
        char key[16];
        int r;

        while ((r = put_bodies(w, n, 1)) == 0 || r == STORE_AGAIN)
                n += !r;
        assert_int_equal(r, STORE_FULL);
        assert_int_equal(map_size(w), 4 * SMALL);
        assert_true(n > 30);
        assert_int_equal(bodies(w), n);
        assert_int_equal(put_bodies(w, n, 20), STORE_FULL);
        assert_int_equal(bodies(w), n);

        for (unsigned i = n; i-- > n / 2;) {
                struct store_txn *t = world_begin(w);

                snprintf(key, sizeof(key), "%08u", i);
                assert_int_equal(store_del(t, TABLE_BODY, str(key)), 0);
                keep(t);
        }
        assert_int_equal(bodies(w), n / 2);
        assert_int_equal(put_bodies(w, n / 2, 5), 0);
        assert_int_equal(bodies(w), n / 2 + 5);
        world_reopen(w);
        assert_int_equal(bodies(w), n / 2 + 5);
        world_end(w);
}

static void a_limit_below_what_is_there_keeps_it_readable(void **state)
{
        struct world *w = small_world(0);

        while (bodies(w) < 100)
                put_bodies(w, bodies(w), 4);
        w->cfg.map_most = 2 * SMALL;
        world_reopen(w);
        assert_int_equal(bodies(w), 100);
        assert_int_equal(put_bodies(w, 100, 100), STORE_FULL);
        assert_int_equal(bodies(w), 100);
        world_end(w);
}

struct reading {
        pthread_t thread;
        struct world *w;
        _Atomic bool *stop;
        unsigned rounds;
        unsigned wrong;
};

static void *read_on(void *ctx)
{
        struct reading *r = ctx;

        while (!*r->stop || !r->rounds) {
                struct store_txn *t;
                struct slice v;

                if (store_look(r->w->store, &t)) {
                        r->wrong++;
                        continue;
                }
                if (store_get(t, TABLE_BOX, str("a"), &v) || !slice_is(v, "steady"))
                        r->wrong++;
                store_abort(&t);
                r->rounds++;
        }
        return NULL;
}

static void readers_read_on_while_the_map_grows(void **state)
{
        struct world *w = small_world(0);
        struct reading r[3] = { 0 };
        _Atomic bool stop = false;
        unsigned n = 0;

        put_kept(w, TABLE_BOX, "a", "steady");
        for (int i = 0; i < 3; i++) {
                r[i] = (struct reading){ .w = w, .stop = &stop };
                assert_int_equal(pthread_create(&r[i].thread, NULL, read_on, &r[i]), 0);
        }
        while (n < 400)
                n += put_bodies(w, n, 8) ? 0 : 8;
        stop = true;
        for (int i = 0; i < 3; i++) {
                pthread_join(r[i].thread, NULL);
                assert_int_equal(r[i].wrong, 0);
                assert_true(r[i].rounds > 0);
        }
        assert_int_equal(bodies(w), 400);
        assert_true(map_size(w) > 16 * SMALL);
        world_end(w);
}

struct holding {
        struct world *w;
        sem_t has;
        sem_t let_go;
        bool same;
};

/* Holds a snapshot and a value in it for as long as the test likes. */
static void *hold(void *ctx)
{
        struct holding *h = ctx;
        struct store_txn *t;
        struct slice v = { 0 };

        if (store_look(h->w->store, &t))
                return NULL;
        h->same = store_get(t, TABLE_BOX, str("a"), &v) == 0;
        sem_post(&h->has);
        sem_wait(&h->let_go);
        h->same = h->same && slice_is(v, "held");
        store_abort(&t);
        return NULL;
}

static void a_reader_that_stays_does_not_hold_up_batches_that_fit(void **state)
{
        struct world *w = small_world(0);
        struct holding h = { .w = w };
        pthread_t thread;
        unsigned n = 0;
        int r;

        put_kept(w, TABLE_BOX, "a", "held");
        sem_init(&h.has, 0, 0);
        sem_init(&h.let_go, 0, 0);
        assert_int_equal(pthread_create(&thread, NULL, hold, &h), 0);
        sem_wait(&h.has);
        /* Past the mark where it would like to grow, up to the very end of the map. */
        while ((r = put_bodies(w, n, 1)) == 0)
                n++;
        assert_int_equal(r, STORE_AGAIN);
        assert_true(n >= 10);
        assert_int_equal(map_size(w), SMALL);
        sem_post(&h.let_go);
        assert_int_equal(put_bodies(w, n, 1), 0);
        pthread_join(thread, NULL);
        assert_true(h.same);
        assert_int_equal(map_size(w), 2 * SMALL);
        assert_int_equal(bodies(w), n + 1);
        sem_destroy(&h.has);
        sem_destroy(&h.let_go);
        world_end(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_store_grows_far_beyond_its_first_map),
                cmocka_unit_test(a_batch_larger_than_the_map_comes_again_until_it_fits),
                cmocka_unit_test(a_store_at_its_limit_refuses_takes_deletions_and_goes_on),
                cmocka_unit_test(a_limit_below_what_is_there_keeps_it_readable),
                cmocka_unit_test(readers_read_on_while_the_map_grows),
                cmocka_unit_test(a_reader_that_stays_does_not_hold_up_batches_that_fit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
