/* engines_agree.c - two engines, one seeded stream of calls, the same answers
 *
 * Keys come from a small alphabet, so that prefixes, neighbours and edges meet all the time. */
#include "world.h"

#include <errno.h>
#include <stdlib.h>

enum { BATCHES = 400, CALLS = 30, KEY = 4 };

struct pair {
        struct world *a;
        struct world *b;
        struct store_txn *ta;
        struct store_txn *tb;
};

struct heard {
        unsigned n;
        unsigned stop; /* after so many, 0 for never */
        uint64_t sum;
};

/* Everything heard, in order, in one number. */
static int hear(void *ctx, struct slice key, struct slice value)
{
        struct heard *h = ctx;

        for (size_t i = 0; i < key.len; i++)
                h->sum = (h->sum ^ key.at[i]) * 0x100000001b3;
        for (size_t i = 0; i < value.len; i++)
                h->sum = (h->sum ^ value.at[i] ^ 0x100) * 0x100000001b3;
        return ++h->n == h->stop;
}

static struct slice some_key(uint8_t room[static KEY], size_t least)
{
        static const uint8_t letters[] = { 0x00, 0x01, 'a', 0xfe, 0xff };
        size_t len = least + (size_t)rand() % (KEY + 1 - least);

        for (size_t i = 0; i < len; i++)
                room[i] = letters[(size_t)rand() % sizeof(letters)];
        return slice_of(room, len);
}

static void same_get(struct pair *p, enum store_table table, struct slice key)
{
        struct slice a = { 0 }, b = { 0 };
        int r = store_get(p->ta, table, key, &a);

        assert_int_equal(store_get(p->tb, table, key, &b), r);
        assert_true(slice_eq(a, b));
}

static void same_range(struct pair *p, enum store_table table)
{
        struct heard a = { .stop = (unsigned)rand() % 8 }, b = a;
        uint8_t prefix[KEY], from[KEY];
        struct slice sp = some_key(prefix, 0), sf = some_key(from, 0);
        bool down = rand() & 64;

        assert_int_equal(store_range(p->ta, table, sp, sf, down, hear, &a), 0);
        assert_int_equal(store_range(p->tb, table, sp, sf, down, hear, &b), 0);
        assert_int_equal(a.n, b.n);
        assert_int_equal(a.sum, b.sum);
}

/* False when the transaction is broken, on both sides. */
static bool same_write(struct pair *p, enum store_table table)
{
        static uint8_t value[6000];
        uint8_t room[KEY];
        struct slice key = some_key(room, 1), v = slice_of(value, (size_t)rand() % sizeof(value));
        int r;

        memset(value, rand(), sizeof(value));
        /* Most appends break their promise, and with it the batch: few, or nothing would be kept.
         */
        if (rand() % 128 == 0) {
                r = store_append(p->ta, table, key, v);
                assert_int_equal(store_append(p->tb, table, key, v), r);
                return r == 0;
        }
        if (rand() % 8 < 3) {
                r = store_del(p->ta, table, key);
                assert_int_equal(store_del(p->tb, table, key), r);
        } else {
                r = store_put(p->ta, table, key, v);
                assert_int_equal(store_put(p->tb, table, key, v), r);
        }
        return true;
}

static void one_batch(struct pair *p)
{
        int r = 0;

        p->ta = world_begin(p->a);
        p->tb = world_begin(p->b);
        for (int i = 0; i < CALLS && !r; i++) {
                enum store_table table = rand() & 64 ? TABLE_BOX : TABLE_EVENT;
                uint8_t key[KEY];

                if (rand() & 64)
                        same_range(p, table);
                same_get(p, table, some_key(key, 1));
                if (!same_write(p, table))
                        r = -EINVAL;
        }
        if (!r && rand() % 8 == 0) {
                store_abort(&p->ta);
                store_abort(&p->tb);
                return;
        }
        assert_int_equal(store_commit(&p->ta), r);
        assert_int_equal(store_commit(&p->tb), r);
}

static void two_engines_give_the_same_answers(void **state)
{
        struct pair p = { .a = world_new("mem"), .b = world_new("lmdb") };
        struct store_stat st;

        srand(20261123);
        for (int i = 0; i < BATCHES; i++) {
                one_batch(&p);
                p.ta = world_look(p.a);
                p.tb = world_look(p.b);
                same_range(&p, TABLE_BOX);
                same_range(&p, TABLE_EVENT);
                store_abort(&p.ta);
                store_abort(&p.tb);
                if (i % 100 == 99)
                        world_reopen(p.b);
        }
        assert_int_equal(store_stat(p.a->store, &st), 0);
        assert_true(st.commits > BATCHES / 2);
        world_end(p.a);
        world_end(p.b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(two_engines_give_the_same_answers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
