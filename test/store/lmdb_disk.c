/* lmdb_disk.c - a disk that is full or fails: nothing of the batch is kept, and the store goes on
 *
 * First by making each single call to the disk fail in turn, then with limits the kernel itself
 * keeps: a largest file size, and (for root) a disk of two megabytes. */
#include "disk.h"
#include "world.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

static uint8_t body[STORE_VALUE_MOST];

/* Rows in two tables and a body, all carrying @n. */
static int write_all(struct world *w, uint64_t batch, const char *n)
{
        struct store_txn *t;
        bool done = true;
        int r;

        r = store_begin(w->store, batch, &t, &done);
        if (r)
                return r;
        assert_false(done);
        r = store_put(t, TABLE_BOX, str("n"), str(n));
        if (!r)
                r = store_put(t, TABLE_LETTER, str(n), str(n));
        if (!r)
                r = store_put(t, TABLE_BODY, str(n), slice_of(body, 30000));
        if (r) {
                store_abort(&t);
                return r;
        }
        return store_commit(&t);
}

static void check_holds(struct world *w, const char *n, const char * not )
{
        struct store_txn *t = world_look(w);

        check_is(t, TABLE_BOX, "n", n);
        check_is(t, TABLE_LETTER, n, n);
        if (not ) {
                check_absent(t, TABLE_LETTER, not );
                check_absent(t, TABLE_BODY, not );
        }
        store_abort(&t);
}

static bool is_done(struct world *w, uint64_t batch)
{
        struct store_txn *t;
        bool done;

        assert_int_equal(store_begin(w->store, batch, &t, &done), 0);
        store_abort(&t);
        return done;
}

/* Past what would have the engine's thread sync beside us: the batches behind an opening, and a
 * ring that is soon half full. */
static void settle_in(struct world *w)
{
        struct store_txn *t = world_begin(w);
        char key[16];

        for (unsigned i = 0; i < 40; i++) {
                snprintf(key, sizeof(key), "ballast-%u", i);
                assert_int_equal(store_put(t, TABLE_BODY, str(key), slice_of(body, sizeof(body))),
                                 0);
        }
        keep(t);
        for (unsigned i = 0; i < 20; i++)
                assert_int_equal(write_all(w, 1000 + i, "first"), 0);
}

/* Fail the nth disk call of a batch for every n there is. A batch that was kept in the end had its
 * record written again in another place. */
static void each_call_failing(int error, enum disk_manner manner, int says)
{
        struct world *w = world_new("lmdb");
        char last[16] = "first", now[16];
        unsigned n = 0, kept = 0;

        settle_in(w);
        for (bool failed = true; failed;) {
                int r;

                snprintf(now, sizeof(now), "second-%u", ++n);
                disk_fail(n, error, manner);
                r = write_all(w, n, now);
                failed = disk_failed();
                disk_heal();
                if (r == 0) {
                        kept += failed;
                        strcpy(last, now);
                }
                assert_true(r == 0 || r == says);
                check_holds(w, last, r ? now : NULL);
                assert_int_equal(is_done(w, n), r == 0);
                assert_true(n < 100);
        }
        /* The record, its sync, data pages and the meta page at the least. */
        assert_true(n > 4);
        assert_true(kept <= (says == STORE_FULL ? 4 : 0));
        world_reopen(w);
        check_holds(w, now, NULL);
        world_end(w);
}

static void no_room_at_any_call_is_full_and_keeps_nothing(void **state)
{
        each_call_failing(ENOSPC, DISK_ONCE, STORE_FULL);
        each_call_failing(ENOSPC, DISK_LATE, STORE_FULL);
        each_call_failing(EDQUOT, DISK_ONCE, STORE_FULL);
}

static void an_error_at_any_call_is_a_fault_and_keeps_nothing(void **state)
{
        each_call_failing(EIO, DISK_ONCE, -EIO);
        each_call_failing(EIO, DISK_LATE, -EIO);
}

/* From the nth call on nothing works. Nothing may be claimed: not kept, unless it says unknown. */
static void a_disk_that_dies_for_good_is_never_believed(void **state)
{
        unsigned unknown = 0;

        for (unsigned n = 1;; n++) {
                struct world *w = world_new("lmdb");
                struct store_txn *t;
                bool failed;
                int r, known = 0;

                settle_in(w);
                disk_fail(n, EIO, DISK_EVER);
                r = write_all(w, 2, "second");
                failed = disk_failed();
                if (failed) {
                        bool done;

                        assert_true(r == -EIO || r == STORE_UNKNOWN);
                        known = r;
                        unknown += r == STORE_UNKNOWN;
                        /* Still dead: a new batch must not be acknowledged either. */
                        r = store_begin(w->store, 3, &t, &done);
                        if (!r) {
                                put(t, TABLE_BOX, "n", "third");
                                assert_true(store_commit(&t) != 0);
                        }
                }
                disk_heal();
                world_reopen(w);
                /* Unknown may turn out either way, and a fault only one. */
                if (!failed || (known == STORE_UNKNOWN && is_done(w, 2)))
                        check_holds(w, "second", NULL);
                else
                        check_holds(w, "first", "second");
                world_end(w);
                if (!failed)
                        break;
        }
        assert_true(unknown > 1);
}

/* The kernel tells of a lost page once, and then calls it clean. */
static void a_data_file_that_failed_to_sync_is_written_no_more_until_reopened(void **state)
{
        struct world *w = world_new("lmdb");
        struct store_txn *t;

        put_kept(w, TABLE_BOX, "n", "before");
        /* Soon after an opening a batch begins with a sync of the data file. */
        disk_fail(1, EIO, DISK_ONCE);
        assert_int_equal(write_all(w, 2, "lost"), -EIO);
        assert_true(disk_failed());
        disk_heal();
        assert_int_equal(write_all(w, 3, "later"), -EIO);
        t = world_look(w);
        check_is(t, TABLE_BOX, "n", "before");
        store_abort(&t);
        world_reopen(w);
        check_kept(w, TABLE_BOX, "n", "before");
        assert_int_equal(write_all(w, 4, "again"), 0);
        check_holds(w, "again", "lost");
        world_end(w);
}

/* Batches of one body until one does not fit. Returns how many did; checks that nothing of the last
 * remained, that deletions are taken, and that there is room again afterwards. */
static unsigned fill_and_go_on(struct world *w)
{
        unsigned n = 0;
        char key[16];
        struct store_txn *t;
        int r;

        for (;; n++) {
                snprintf(key, sizeof(key), "%04u", n);
                r = write_all(w, n + 1, key);
                if (r == STORE_AGAIN)
                        r = write_all(w, n + 1, key);
                if (r)
                        break;
                assert_true(n < 1000);
        }
        assert_int_equal(r, STORE_FULL);
        snprintf(key, sizeof(key), "%04u", n - 1);
        check_kept(w, TABLE_BOX, "n", key);
        assert_false(is_done(w, n + 1));
        world_reopen(w);
        check_kept(w, TABLE_BOX, "n", key);
        for (unsigned i = 0; i < 5; i++) {
                t = world_begin(w);
                snprintf(key, sizeof(key), "%04u", i);
                assert_int_equal(store_del(t, TABLE_BODY, str(key)), 0);
                keep(t);
        }
        assert_int_equal(write_all(w, 10000, "late"), 0);
        check_kept(w, TABLE_BOX, "n", "late");
        return n;
}

static void a_file_at_its_largest_size_is_full_and_goes_on(void **state)
{
        struct world *w = world_new("lmdb");
        struct rlimit old, limit;

        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
        limit = old;
        limit.rlim_cur = 2 << 20;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_true(fill_and_go_on(w) > 20);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        world_end(w);
}

static void a_full_disk_is_full_and_goes_on(void **state)
{
        char below[] = "/tmp/fumibako-disk-XXXXXX";
        struct world *w;

        if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
                skip();
        assert_non_null(mkdtemp(below));
        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("tmpfs", below, "tmpfs", 0, "size=2m") != 0) {
                rmdir(below);
                skip();
        }
        w = world_plan("lmdb", below);
        world_open(w);
        assert_true(fill_and_go_on(w) > 20);
        world_end(w);
        assert_int_equal(umount(below), 0);
        rmdir(below);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_room_at_any_call_is_full_and_keeps_nothing),
                cmocka_unit_test(an_error_at_any_call_is_a_fault_and_keeps_nothing),
                cmocka_unit_test(a_disk_that_dies_for_good_is_never_believed),
                cmocka_unit_test(a_data_file_that_failed_to_sync_is_written_no_more_until_reopened),
                cmocka_unit_test(a_file_at_its_largest_size_is_full_and_goes_on),
                cmocka_unit_test(a_full_disk_is_full_and_goes_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
