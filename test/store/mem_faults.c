/* mem_faults.c - the faults that the engine mem gives on request, and what a caller can rely on
 * then */
#include "world.h"

#include <errno.h>

static bool begin_named(struct world *w, uint64_t batch, struct store_txn **t)
{
        bool done;

        assert_int_equal(store_begin(w->store, batch, t, &done), 0);
        return done;
}

static void a_batch_refused_for_room_leaves_nothing_and_fits_later(void **state)
{
        const int refusals[] = { STORE_FULL, STORE_AGAIN, -EIO };
        struct world *w = world_new("mem");
        struct store_stat st;
        struct store_txn *t;

        put_kept(w, TABLE_BOX, "a", "old");
        for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
                assert_int_equal(store_inject(w->store, refusals[i], false), 0);
                assert_false(begin_named(w, 50 + i, &t));
                put(t, TABLE_BOX, "a", "new");
                put(t, TABLE_LETTER, "b", "new");
                assert_int_equal(store_commit(&t), refusals[i]);
                assert_null(t);
                check_kept(w, TABLE_BOX, "a", "old");
                check_not_kept(w, TABLE_LETTER, "b");
                assert_false(begin_named(w, 50 + i, &t));
                store_abort(&t);
        }
        assert_int_equal(store_stat(w->store, &st), 0);
        assert_int_equal(st.commits, 1);
        put_kept(w, TABLE_BOX, "a", "new");
        check_kept(w, TABLE_BOX, "a", "new");
        world_end(w);
}

static void an_unknown_commit_is_cleared_up_by_asking_again(void **state)
{
        for (int kept = 0; kept < 2; kept++) {
                struct world *w = world_new("mem");
                struct store_txn *t;

                assert_int_equal(store_inject(w->store, STORE_UNKNOWN, kept), 0);
                assert_false(begin_named(w, 7, &t));
                put(t, TABLE_BOX, "a", "once");
                assert_int_equal(store_commit(&t), STORE_UNKNOWN);
                assert_int_equal(begin_named(w, 7, &t), kept);
                if (!kept)
                        put(t, TABLE_BOX, "a", "once");
                keep(t);
                check_kept(w, TABLE_BOX, "a", "once");
                world_end(w);
        }
}

static void a_fenced_store_keeps_nothing_and_serves_no_more(void **state)
{
        struct world *w = world_new("mem");
        struct store_txn *t;
        uint64_t epoch = 0;
        bool done;

        put_kept(w, TABLE_BOX, "a", "old");
        assert_int_equal(store_inject(w->store, STORE_FENCED, false), 0);
        t = world_begin(w);
        put(t, TABLE_BOX, "a", "new");
        assert_int_equal(store_commit(&t), STORE_FENCED);
        assert_int_equal(store_begin(w->store, 9, &t, &done), STORE_FENCED);
        assert_null(t);
        assert_int_equal(store_lease(w->store, &epoch), STORE_FENCED);
        assert_int_equal(epoch, 0);
        check_kept(w, TABLE_BOX, "a", "old");

        assert_int_equal(store_inject(w->store, 0, false), 0);
        put_kept(w, TABLE_BOX, "a", "new");
        check_kept(w, TABLE_BOX, "a", "new");
        world_end(w);
}

static void a_fault_waits_for_a_commit_that_has_something_to_keep(void **state)
{
        struct world *w = world_new("mem");
        struct store_txn *t;

        assert_int_equal(store_inject(w->store, STORE_FULL, false), 0);
        keep(world_begin(w));
        t = world_begin(w);
        put(t, TABLE_BOX, "a", "v");
        store_abort(&t);
        t = world_begin(w);
        put(t, TABLE_BOX, "a", "v");
        assert_int_equal(store_commit(&t), STORE_FULL);
        put_kept(w, TABLE_BOX, "a", "v");
        world_end(w);
}

static void only_what_a_commit_can_say_is_injected(void **state)
{
        struct world *w = world_new("mem"), *disk = world_new("lmdb");

        assert_int_equal(store_inject(w->store, STORE_ABSENT, false), -EINVAL);
        assert_int_equal(store_inject(w->store, STORE_OWNER, false), -EINVAL);
        put_kept(w, TABLE_BOX, "a", "v");
        assert_int_equal(store_inject(disk->store, STORE_FULL, false), -ENOTSUP);
        put_kept(disk, TABLE_BOX, "a", "v");
        world_end(w);
        world_end(disk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_batch_refused_for_room_leaves_nothing_and_fits_later),
                cmocka_unit_test(an_unknown_commit_is_cleared_up_by_asking_again),
                cmocka_unit_test(a_fenced_store_keeps_nothing_and_serves_no_more),
                cmocka_unit_test(a_fault_waits_for_a_commit_that_has_something_to_keep),
                cmocka_unit_test(only_what_a_commit_can_say_is_injected),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
