/* lmdb_crash.c - a writer that dies at any moment: what it reported is there, and nothing by halves
 *
 * kill -9 spares what the kernel has taken; a power cut does not. That is lmdb_power.c's subject.
 */
#include "ledger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 30 };

/* The child: batches from @from on, each reported when its commit has said 0. Ends by being killed.
 */
static void write_until_killed(struct world *w, uint64_t from, int report)
{
        struct store_why why;
        struct store *s;

        w->cfg.create = true;
        if (store_open(&s, &w->cfg, &why))
                _exit(1);
        for (uint64_t batch = from;; batch++) {
                int r = ledger_write(s, batch);

                if (r == STORE_AGAIN)
                        r = ledger_write(s, batch);
                if (r || write(report, &batch, sizeof(batch)) != sizeof(batch))
                        _exit(2);
        }
}

static uint64_t run_and_kill(struct world *w, uint64_t from, useconds_t after)
{
        uint64_t batch, last = from - 1;
        int pipes[2], status;
        pid_t child;

        assert_int_equal(pipe(pipes), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                close(pipes[0]);
                write_until_killed(w, from, pipes[1]);
        }
        close(pipes[1]);
        /* Counted from its first report, so that every round has something to lose. */
        if (read(pipes[0], &batch, sizeof(batch)) == sizeof(batch))
                last = batch;
        usleep(after);
        kill(child, SIGKILL);
        while (read(pipes[0], &batch, sizeof(batch)) == sizeof(batch))
                last = batch;
        close(pipes[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_true(last >= from);
        return last;
}

static void check_done(struct world *w, uint64_t batch, bool want)
{
        struct store_txn *t;
        bool done = !want;

        assert_int_equal(store_begin(w->store, batch, &t, &done), 0);
        assert_int_equal(done, want);
        store_abort(&t);
}

static void what_was_reported_outlives_the_writer(void **state)
{
        struct world *w = world_plan("lmdb", "/tmp");
        uint64_t last = 0, epoch = 0;

        srand(20261123);
        w->cfg.map_first = 1 << 20;
        for (int round = 0; round < ROUNDS; round++) {
                uint64_t told = run_and_kill(w, last + 1, (useconds_t)(rand() % 12000)),
                         before = epoch;

                world_open(w);
                assert_int_equal(store_lease(w->store, &epoch), 0);
                assert_true(epoch == before + 2 || !before);
                last = ledger_last(w);
                /* The last commit may have been kept and its report lost, never the other way. */
                assert_true(last == told || last == told + 1);
                ledger_check(w, last);
                check_done(w, last, true);
                check_done(w, last + 1, false);
                store_close(&w->store);
        }
        world_end(w);
}

static void a_writer_that_dies_holding_a_batch_blocks_nobody(void **state)
{
        struct world *w = world_new("lmdb");
        int status;
        pid_t child;

        put_kept(w, TABLE_BOX, "a", "v");
        store_close(&w->store);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct store_txn *t;

                world_open(w);
                world_look(w);
                t = world_begin(w);
                put(t, TABLE_BOX, "a", "half");
                raise(SIGKILL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        world_open(w);
        check_kept(w, TABLE_BOX, "a", "v");
        put_kept(w, TABLE_BOX, "a", "next");
        check_kept(w, TABLE_BOX, "a", "next");
        world_end(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_reported_outlives_the_writer),
                cmocka_unit_test(a_writer_that_dies_holding_a_batch_blocks_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
