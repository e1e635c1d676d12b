/* lmdb_folder.c - whose folder, what is in it, who has it: every way an open is refused */
#include "world.h"

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A path in the store's folder. The next call takes it back. */
static const char *in(struct world *w, const char *name)
{
        static char path[400];

        snprintf(path, sizeof(path), "%s/%s", w->path, name);
        return path;
}

static void check_refused(struct world *w, int outcome, const char *says)
{
        struct store_why why;
        int r = world_try_open(w, &why);

        if (r != outcome || !strstr(why.text, says))
                fail_msg("wanted %d with \"%s\", got %d: %s", outcome, says, r, why.text);
}

/* A store with one record in it, closed. */
static struct world *closed_world(void)
{
        struct world *w = world_new("lmdb");

        put_kept(w, TABLE_BOX, "a", "v");
        store_close(&w->store);
        return w;
}

/* Run @change on the closed environment, with LMDB itself. */
static void meddle(struct world *w, void (*change)(MDB_txn *txn))
{
        MDB_env *env;
        MDB_txn *txn;

        assert_int_equal(mdb_env_create(&env), 0);
        assert_int_equal(mdb_env_set_maxdbs(env, 32), 0);
        assert_int_equal(mdb_env_open(env, in(w, "data.mdb"), MDB_NOSUBDIR | MDB_NOLOCK, 0600), 0);
        assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
        change(txn);
        assert_int_equal(mdb_txn_commit(txn), 0);
        mdb_env_close(env);
}

static void check_still_good(struct world *w)
{
        world_open(w);
        check_kept(w, TABLE_BOX, "a", "v");
        world_end(w);
}

static void a_second_open_is_told_who_has_it(void **state)
{
        struct world *w = world_new("lmdb");
        char pid[16];
        int status;
        pid_t child;

        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        check_refused(w, STORE_IN_USE, "/lock");
        check_refused(w, STORE_IN_USE, pid);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct store_why why;
                struct store *s;

                _exit(store_open(&s, &w->cfg, &why) == STORE_IN_USE && strstr(why.text, pid) ? 0
                                                                                             : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        put_kept(w, TABLE_BOX, "a", "v");
        world_reopen(w);
        check_kept(w, TABLE_BOX, "a", "v");
        world_end(w);
}

static void a_store_is_made_only_when_asked(void **state)
{
        struct world *w = world_plan("lmdb", "/tmp");

        w->cfg.create = false;
        check_refused(w, STORE_ABSENT, w->path);
        assert_int_equal(access(w->path, F_OK), -1);
        assert_int_equal(mkdir(w->path, 0700), 0);
        check_refused(w, STORE_ABSENT, "data.mdb");
        assert_int_equal(rmdir(w->path), 0);
        w->cfg.create = true;
        world_open(w);
        w->cfg.create = false;
        world_reopen(w);
        world_end(w);
}

static void what_is_made_is_closed_to_everyone_else(void **state)
{
        mode_t mask = umask(0);
        struct world *w = world_new("lmdb");
        struct stat st;
        struct dirent *e;
        DIR *d;

        umask(mask);
        assert_int_equal(stat(w->path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        d = opendir(w->path);
        assert_non_null(d);
        while ((e = readdir(d))) {
                if (e->d_name[0] == '.')
                        continue;
                assert_int_equal(stat(in(w, e->d_name), &st), 0);
                assert_int_equal(st.st_mode & 07777, 0600);
        }
        closedir(d);
        world_end(w);
}

static void a_folder_open_to_others_is_refused(void **state)
{
        const mode_t modes[] = { 0755, 0750, 0701, 0720 };
        struct world *w = closed_world();

        for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
                char says[8];

                snprintf(says, sizeof(says), "%04o", (unsigned)modes[i]);
                assert_int_equal(chmod(w->path, modes[i]), 0);
                check_refused(w, STORE_OWNER, says);
                check_refused(w, STORE_OWNER, "0700");
                check_refused(w, STORE_OWNER, w->path);
        }
        assert_int_equal(chmod(w->path, 0700), 0);
        check_still_good(w);
}

static void a_data_file_open_to_others_is_refused(void **state)
{
        struct world *w = closed_world();

        assert_int_equal(chmod(in(w, "data.mdb"), 0644), 0);
        check_refused(w, STORE_OWNER, "data.mdb");
        check_refused(w, STORE_OWNER, "0644");
        assert_int_equal(chmod(in(w, "data.mdb"), 0600), 0);
        assert_int_equal(chmod(in(w, "lock"), 0660), 0);
        check_refused(w, STORE_OWNER, "lock");
        assert_int_equal(chmod(in(w, "lock"), 0600), 0);
        assert_int_equal(chmod(in(w, "journal"), 0604), 0);
        check_refused(w, STORE_OWNER, "journal");
        assert_int_equal(chmod(in(w, "journal"), 0600), 0);
        check_still_good(w);
}

static void what_belongs_to_someone_else_is_refused(void **state)
{
        struct world *w;

        if (geteuid() != 0)
                skip();
        w = closed_world();
        assert_int_equal(chown(w->path, 12345, (gid_t)-1), 0);
        check_refused(w, STORE_OWNER, "12345");
        assert_int_equal(chown(w->path, 0, (gid_t)-1), 0);
        assert_int_equal(chown(in(w, "data.mdb"), 12345, (gid_t)-1), 0);
        check_refused(w, STORE_OWNER, "data.mdb");
        assert_int_equal(chown(in(w, "data.mdb"), 0, (gid_t)-1), 0);
        check_still_good(w);
}

static void set_format_2(MDB_txn *txn)
{
        MDB_val key = { 6, (void *)(uintptr_t) "format" };
        MDB_val value = { 8, (void *)(uintptr_t) "\0\0\0\0\0\0\0\2" };
        MDB_dbi dbi;

        assert_int_equal(mdb_dbi_open(txn, "store", 0, &dbi), 0);
        assert_int_equal(mdb_put(txn, dbi, &key, &value, 0), 0);
}

static void a_newer_format_is_refused_and_left_alone(void **state)
{
        struct world *w = closed_world();
        BUF_OWNED before = { 0 };
        BUF_OWNED after = { 0 };

        meddle(w, set_format_2);
        assert_int_equal(file_read(&before, in(w, "data.mdb"), 1 << 24), 0);
        check_refused(w, STORE_NEWER, "format 2");
        check_refused(w, STORE_NEWER, "up to 1");
        assert_int_equal(file_read(&after, in(w, "data.mdb"), 1 << 24), 0);
        assert_true(slice_eq(buf_slice(&before), buf_slice(&after)));
        world_end(w);
}

static void drop_letters(MDB_txn *txn)
{
        MDB_dbi dbi;

        assert_int_equal(mdb_dbi_open(txn, "letter", 0, &dbi), 0);
        assert_int_equal(mdb_drop(txn, dbi, 1), 0);
}

static void drop_own_rows(MDB_txn *txn)
{
        MDB_dbi dbi;

        assert_int_equal(mdb_dbi_open(txn, "store", 0, &dbi), 0);
        assert_int_equal(mdb_drop(txn, dbi, 0), 0);
}

static void an_environment_that_is_no_store_is_refused(void **state)
{
        struct world *w = closed_world();

        meddle(w, drop_letters);
        check_refused(w, STORE_FOREIGN, "letter");
        meddle(w, drop_own_rows);
        check_refused(w, STORE_FOREIGN, "format");
        world_end(w);
}

static void write_data(struct world *w, struct slice bytes)
{
        assert_int_equal(file_replace(in(w, "data.mdb"), bytes, 0600), 0);
}

static void a_file_that_is_no_environment_is_refused_and_left_alone(void **state)
{
        struct world *w = closed_world();
        BUF_OWNED text = { 0 };
        BUF_OWNED after = { 0 };

        write_data(w, str(""));
        check_refused(w, STORE_FOREIGN, "empty");
        write_data(w, str("short"));
        check_refused(w, STORE_FOREIGN, "data.mdb");
        while (text.len < 40000)
                buf_puts(&text, "Dear Sir, this is a letter and no store. ");
        write_data(w, buf_slice(&text));
        check_refused(w, STORE_FOREIGN, "data.mdb");
        assert_int_equal(file_read(&after, in(w, "data.mdb"), 1 << 20), 0);
        assert_true(slice_eq(buf_slice(&text), buf_slice(&after)));
        world_end(w);
}

static void a_link_in_place_of_the_data_is_refused(void **state)
{
        struct world *w = closed_world(), *other = closed_world();
        char target[400];

        snprintf(target, sizeof(target), "%s", in(other, "data.mdb"));
        assert_int_equal(unlink(in(w, "data.mdb")), 0);
        assert_int_equal(symlink(target, in(w, "data.mdb")), 0);
        check_refused(w, STORE_FOREIGN, "regular");
        check_still_good(other);
        world_end(w);
}

/* A copy or a backup that was cut short must be an explanation, not a crash. */
static void a_file_cut_short_is_refused_and_left_alone(void **state)
{
        struct world *w = world_new("lmdb");
        BUF_OWNED whole = { 0 };
        char key[16];

        for (int i = 0; i < 200; i++) {
                static uint8_t body[20000];
                struct store_txn *t = world_begin(w);

                snprintf(key, sizeof(key), "%d", i);
                put(t, TABLE_BOX, key, "v");
                assert_int_equal(store_put(t, TABLE_BODY, str(key), slice_of(body, sizeof(body))),
                                 0);
                keep(t);
        }
        store_close(&w->store);
        assert_int_equal(file_read(&whole, in(w, "data.mdb"), 1 << 26), 0);
        for (size_t len = 4096; len < whole.len; len += whole.len / 23) {
                BUF_OWNED after = { 0 };

                write_data(w, slice_upto(buf_slice(&whole), len));
                check_refused(w, STORE_FOREIGN, "data.mdb");
                assert_int_equal(file_read(&after, in(w, "data.mdb"), 1 << 26), 0);
                assert_int_equal(after.len, len);
        }
        write_data(w, buf_slice(&whole));
        world_open(w);
        check_kept(w, TABLE_BOX, "0", "v");
        check_kept(w, TABLE_BOX, key, "v");
        world_end(w);
}

/* How many pages the environment counts beyond the end of its file. */
static uint64_t missing_pages(struct world *w)
{
        struct stat st;
        MDB_envinfo info;
        MDB_env *env;

        assert_int_equal(stat(in(w, "data.mdb"), &st), 0);
        assert_int_equal(mdb_env_create(&env), 0);
        assert_int_equal(mdb_env_open(env, in(w, "data.mdb"), MDB_NOSUBDIR | MDB_NOLOCK, 0600), 0);
        assert_int_equal(mdb_env_info(env, &info), 0);
        mdb_env_close(env);
        return info.me_last_pgno + 1 - (uint64_t)st.st_size / 4096;
}

/* Pages taken and given back within one batch are never written, so a good file may be short too.
 */
static void a_file_short_of_free_pages_only_is_good(void **state)
{
        static uint8_t body[STORE_VALUE_MOST];
        struct world *w = closed_world();
        struct store_txn *t;

        world_open(w);
        t = world_begin(w);
        put(t, TABLE_BOX, "b", "v");
        assert_int_equal(store_put(t, TABLE_BODY, str("body"), slice_of(body, sizeof(body))), 0);
        assert_int_equal(store_del(t, TABLE_BODY, str("body")), 0);
        keep(t);
        store_close(&w->store);
        assert_true(missing_pages(w) > 0);
        world_open(w);
        check_kept(w, TABLE_BOX, "b", "v");
        put_kept(w, TABLE_BOX, "c", "v");
        store_close(&w->store);
        check_still_good(w);
}

/* Opens the store, keeps enough for the base to move several times, and dies. */
static void write_and_die(struct world *w)
{
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
                world_open(w);
                for (int i = 0; i < 100; i++)
                        put_kept(w, TABLE_BOX, "crashed", "v");
                raise(SIGKILL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_backup_beside_the_journal_of_a_crash_is_refused_and_left_alone(void **state)
{
        struct world *w = closed_world();
        BUF_OWNED backup = { 0 };
        BUF_OWNED after = { 0 };

        assert_int_equal(file_read(&backup, in(w, "data.mdb"), 1 << 24), 0);
        write_and_die(w);
        write_data(w, buf_slice(&backup));
        check_refused(w, STORE_FOREIGN, "remove the journal");
        assert_int_equal(file_read(&after, in(w, "data.mdb"), 1 << 24), 0);
        assert_true(slice_eq(buf_slice(&backup), buf_slice(&after)));
        assert_int_equal(unlink(in(w, "journal")), 0);
        world_open(w);
        check_not_kept(w, TABLE_BOX, "crashed");
        store_close(&w->store);
        check_still_good(w);
}

static void what_a_crash_left_to_the_journal_is_there_again(void **state)
{
        struct world *w = closed_world();

        write_and_die(w);
        world_open(w);
        check_kept(w, TABLE_BOX, "crashed", "v");
        store_close(&w->store);
        check_still_good(w);
}

static void what_an_interrupted_making_left_is_cleared_away(void **state)
{
        struct world *w = world_plan("lmdb", "/tmp");

        assert_int_equal(mkdir(w->path, 0700), 0);
        assert_int_equal(file_create(in(w, "data.mdb.new"), str("half a store"), 0600), 0);
        world_open(w);
        assert_int_equal(access(in(w, "data.mdb.new"), F_OK), -1);
        world_end(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_second_open_is_told_who_has_it),
                cmocka_unit_test(a_store_is_made_only_when_asked),
                cmocka_unit_test(what_is_made_is_closed_to_everyone_else),
                cmocka_unit_test(a_folder_open_to_others_is_refused),
                cmocka_unit_test(a_data_file_open_to_others_is_refused),
                cmocka_unit_test(what_belongs_to_someone_else_is_refused),
                cmocka_unit_test(a_newer_format_is_refused_and_left_alone),
                cmocka_unit_test(an_environment_that_is_no_store_is_refused),
                cmocka_unit_test(a_file_that_is_no_environment_is_refused_and_left_alone),
                cmocka_unit_test(a_link_in_place_of_the_data_is_refused),
                cmocka_unit_test(a_file_cut_short_is_refused_and_left_alone),
                cmocka_unit_test(a_file_short_of_free_pages_only_is_good),
                cmocka_unit_test(a_backup_beside_the_journal_of_a_crash_is_refused_and_left_alone),
                cmocka_unit_test(what_a_crash_left_to_the_journal_is_there_again),
                cmocka_unit_test(what_an_interrupted_making_left_is_cleared_away),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
