/* base_file.c - files are written whole or not at all, and only files are exchanged */
#include "base/file.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/base_file.XXXXXX";

static const char *at(const char *name)
{
        static char path[4][256];
        static int turn;

        turn = (turn + 1) % 4;
        snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
        return path[turn];
}

static void check_holds(const char *path, const char *text)
{
        BUF_OWNED b = { 0 };

        assert_int_equal(file_read(&b, path, 1000), 0);
        assert_true(slice_is(buf_slice(&b), text));
}

/* How many names are in the folder: leftovers show. */
static size_t names(void)
{
        DIR *d = opendir(folder);
        size_t n = 0;

        assert_non_null(d);
        while (readdir(d))
                n++;
        closedir(d);
        return n - 2;
}

static void a_file_is_replaced_with_its_mode(void **state)
{
        struct stat st;

        assert_int_equal(file_replace(at("a"), slice_str("old"), 0644), 0);
        assert_int_equal(file_replace(at("a"), slice_str("new"), 0600), 0);
        check_holds(at("a"), "new");
        assert_int_equal(stat(at("a"), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(names(), 1);
}

static void what_does_not_fit_leaves_the_old_file_and_nothing_else(void **state)
{
        const struct rlimit small = { 16, RLIM_INFINITY }, none = { RLIM_INFINITY, RLIM_INFINITY };

        assert_int_equal(file_replace(at("a"), slice_str("old"), 0600), 0);
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        assert_int_equal(file_replace(at("a"), slice_str("longer than sixteen bytes"), 0600),
                         -EFBIG);
        assert_int_equal(file_create(at("b"), slice_str("longer than sixteen bytes"), 0600),
                         -EFBIG);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
        check_holds(at("a"), "old");
        assert_int_equal(names(), 1);
}

static void creating_never_overwrites(void **state)
{
        assert_int_equal(file_replace(at("a"), slice_str("mine"), 0600), 0);
        assert_int_equal(file_create(at("a"), slice_str("theirs"), 0600), FILE_EXISTS);
        check_holds(at("a"), "mine");
        assert_int_equal(names(), 1);
}

static void a_link_is_followed_to_its_file(void **state)
{
        struct stat st;

        assert_int_equal(file_replace(at("a"), slice_str("old"), 0600), 0);
        assert_int_equal(symlink(at("a"), at("link")), 0);
        assert_int_equal(file_deliver(at("link"), slice_str("new"), 0600), 0);
        assert_int_equal(lstat(at("link"), &st), 0);
        assert_true(S_ISLNK(st.st_mode));
        check_holds(at("a"), "new");
        unlink(at("a"));
        assert_int_equal(file_deliver(at("link"), slice_str("first"), 0600), 0);
        check_holds(at("a"), "first");
        assert_int_equal(lstat(at("link"), &st), 0);
        assert_true(S_ISLNK(st.st_mode));
        unlink(at("link"));
}

static void a_pipe_is_written_through_and_stays_a_pipe(void **state)
{
        struct stat st;
        char got[8];
        int fd;

        assert_int_equal(mkfifo(at("pipe"), 0600), 0);
        fd = open(at("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(file_deliver(at("pipe"), slice_str("through"), 0600), 0);
        assert_int_equal(read(fd, got, sizeof(got)), 7);
        close(fd);
        assert_int_equal(lstat(at("pipe"), &st), 0);
        assert_true(S_ISFIFO(st.st_mode));
        unlink(at("pipe"));
}

static void a_full_device_says_so_and_stays_a_device(void **state)
{
        struct stat st;

        assert_int_equal(file_deliver("/dev/full", slice_str("x"), 0600), -ENOSPC);
        assert_int_equal(lstat("/dev/full", &st), 0);
        assert_true(S_ISCHR(st.st_mode));
}

static void reading_has_a_limit_and_wants_a_file(void **state)
{
        BUF_OWNED b = { 0 };

        assert_int_equal(file_replace(at("a"), slice_str("12345"), 0600), 0);
        assert_int_equal(file_read(&b, at("a"), 4), FILE_TOO_LARGE);
        assert_int_equal(file_read(&b, at("none"), 4), FILE_ABSENT);
        assert_int_equal(file_read(&b, folder, 4), -EINVAL);
        assert_int_equal(b.len, 0);
        assert_int_equal(file_read(&b, at("a"), 5), 0);
        assert_int_equal(b.len, 5);
}

static int begin(void **state)
{
        return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
        unlink(at("a"));
        return rmdir(folder); /* fails when something was left behind */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_is_replaced_with_its_mode),
                cmocka_unit_test(what_does_not_fit_leaves_the_old_file_and_nothing_else),
                cmocka_unit_test(creating_never_overwrites),
                cmocka_unit_test(a_link_is_followed_to_its_file),
                cmocka_unit_test(a_pipe_is_written_through_and_stays_a_pipe),
                cmocka_unit_test(a_full_device_says_so_and_stays_a_device),
                cmocka_unit_test(reading_has_a_limit_and_wants_a_file),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
