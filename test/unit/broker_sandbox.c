/* broker_sandbox.c - what a confined process can still do: each try in a child of its own */
#include "sandbox/drop.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { FINE = 0, REFUSED = 40, OTHER = 41, UNCONFINED = 42, KILLED = 43 };

static char folder[] = "/tmp/fumibako-sandbox-XXXXXX";

static int make_folder(void **state)
{
        return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/file", folder);
        unlink(path);
        return rmdir(folder);
}

static int judge(long r)
{
        return r >= 0 ? FINE : errno == EPERM || errno == EACCES ? REFUSED : OTHER;
}

typedef int (*try_function)(void);

/* What becomes of a try in a child confined as @room. */
static int try_as(enum seccomp_room room, try_function try)
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
                if (drop_privileges() != 0 ||
                    landlock_confine(room == SECCOMP_KEEPER ? folder : NULL) != 0 ||
                    seccomp_confine(room) != 0)
                        _exit(UNCONFINED);
                _exit(try());
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFSIGNALED(status) ? WTERMSIG(status) == SIGSYS ? KILLED : OTHER
                                   : WEXITSTATUS(status);
}

/* Landlock alone, so that it is not only the call list that forbids. */
static int try_with_landlock(const char *allowed, try_function try)
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
                if (drop_privileges() != 0 || landlock_confine(allowed) != 0)
                        _exit(UNCONFINED);
                _exit(try());
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : OTHER;
}

static int open_elsewhere(void)
{
        return judge(open("/etc/passwd", O_RDONLY));
}

static int list_elsewhere(void)
{
        return judge(open("/etc", O_RDONLY | O_DIRECTORY));
}

static int write_elsewhere(void)
{
        return judge(open("/tmp/fumibako-should-not-be", O_WRONLY | O_CREAT, 0600));
}

static int write_inside(void)
{
        char path[128];
        int fd;

        snprintf(path, sizeof(path), "%s/file", folder);
        fd = open(path, O_RDWR | O_CREAT, 0600);
        if (fd < 0)
                return judge(fd);
        return judge(write(fd, "letters", 7) == 7 && ftruncate(fd, 3) == 0 && fdatasync(fd) == 0
                             ? 0
                             : -1);
}

static int make_socket(void)
{
        return judge(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_local_socket(void)
{
        return judge(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int run_program(void)
{
        char *const argv[] = { (char[]){ "true" }, NULL };

        return judge(execv("/bin/true", argv));
}

static int trace(void)
{
        return judge(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static int start_process(void)
{
        return judge(fork());
}

static int make_code(void)
{
        return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                               MAP_FAILED
                       ? judge(-1)
                       : FINE;
}

static int become_dumpable(void)
{
        return judge(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static void *do_nothing(void *seen)
{
        *(int *)seen = 1;
        return NULL;
}

static int start_thread(void)
{
        pthread_t thread;
        int seen = 0;

        if (pthread_create(&thread, NULL, do_nothing, &seen) != 0 ||
            pthread_join(thread, NULL) != 0)
                return OTHER;
        return seen ? FINE : OTHER;
}

static void *exec_anyway(void *judged)
{
        *(int *)judged = make_socket();
        return NULL;
}

static int try_from_a_thread(void)
{
        pthread_t thread;
        int judged = OTHER;

        if (pthread_create(&thread, NULL, exec_anyway, &judged) != 0 ||
            pthread_join(thread, NULL) != 0)
                return OTHER;
        return judged;
}

static void the_front_reaches_no_file(void **state)
{
        assert_int_equal(try_as(SECCOMP_FRONT, open_elsewhere), REFUSED);
        assert_int_equal(try_as(SECCOMP_FRONT, write_inside), REFUSED);
}

static void the_front_can_call_nobody(void **state)
{
        assert_int_equal(try_as(SECCOMP_FRONT, make_socket), REFUSED);
        assert_int_equal(try_as(SECCOMP_FRONT, make_local_socket), REFUSED);
        assert_int_equal(try_as(SECCOMP_FRONT, try_from_a_thread), REFUSED);
}

static void the_keeper_reaches_its_folder_and_nothing_else(void **state)
{
        assert_int_equal(try_as(SECCOMP_KEEPER, write_inside), FINE);
        assert_int_equal(try_as(SECCOMP_KEEPER, open_elsewhere), REFUSED);
        assert_int_equal(try_as(SECCOMP_KEEPER, write_elsewhere), REFUSED);
        assert_int_not_equal(access("/tmp/fumibako-should-not-be", F_OK), 0);
}

static void the_keeper_has_no_network(void **state)
{
        assert_int_equal(try_as(SECCOMP_KEEPER, make_socket), REFUSED);
        assert_int_equal(try_as(SECCOMP_KEEPER, make_local_socket), REFUSED);
}

static void neither_runs_another_program(void **state)
{
        assert_int_equal(try_as(SECCOMP_FRONT, run_program), KILLED);
        assert_int_equal(try_as(SECCOMP_KEEPER, run_program), KILLED);
        assert_int_equal(try_as(SECCOMP_FRONT, trace), KILLED);
        assert_int_equal(try_as(SECCOMP_KEEPER, trace), KILLED);
}

static void neither_starts_a_process_or_makes_code(void **state)
{
        assert_int_equal(try_as(SECCOMP_FRONT, start_process), REFUSED);
        assert_int_equal(try_as(SECCOMP_KEEPER, start_process), REFUSED);
        assert_int_equal(try_as(SECCOMP_FRONT, make_code), REFUSED);
        assert_int_equal(try_as(SECCOMP_KEEPER, make_code), REFUSED);
        assert_int_equal(try_as(SECCOMP_FRONT, become_dumpable), REFUSED);
}

static void both_may_start_threads(void **state)
{
        assert_int_equal(try_as(SECCOMP_FRONT, start_thread), FINE);
        assert_int_equal(try_as(SECCOMP_KEEPER, start_thread), FINE);
}

static void landlock_alone_keeps_a_process_in_its_folder(void **state)
{
        assert_int_equal(try_with_landlock(folder, write_inside), FINE);
        assert_int_equal(try_with_landlock(folder, open_elsewhere), REFUSED);
        assert_int_equal(try_with_landlock(folder, list_elsewhere), REFUSED);
        assert_int_equal(try_with_landlock(folder, run_program), REFUSED);
        assert_int_equal(try_with_landlock(NULL, write_inside), REFUSED);
}

static int no_core_files(void)
{
        struct rlimit core;

        return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
                               prctl(PR_GET_DUMPABLE) == 0 &&
                               prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
                       ? FINE
                       : OTHER;
}

static void rights_that_were_given_up_stay_so(void **state)
{
        assert_int_equal(try_with_landlock(folder, no_core_files), FINE);
}

/* In a child with all the rights that we have. */
static int try_free(try_function try)
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(try());
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : OTHER;
}

static int become_nobody_and_try_to_return(void)
{
        struct drop_user nobody;

        if (drop_find(&nobody, "nobody") != 0 || drop_to(&nobody) != 0)
                return OTHER;
        return getuid() == nobody.uid && setuid(0) < 0 && setgid(0) < 0 ? FINE : OTHER;
}

static void a_user_that_was_left_does_not_come_back(void **state)
{
        if (geteuid() != 0)
                skip();
        assert_int_equal(try_free(become_nobody_and_try_to_return), FINE);
}

/* How many of the five sets in /proc/self/status are empty; -1 when it cannot be read. */
static int empty_sets(void)
{
        FILE *f = fopen("/proc/self/status", "r");
        unsigned long long set;
        char line[256], name[8];
        int empty = 0;

        if (!f)
                return -1;
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "Cap%7[A-Za-z]: %llx", name, &set) == 2)
                        empty += set == 0;
        fclose(f);
        return empty;
}

static int drop_and_count(void)
{
        if (drop_privileges() != 0)
                return OTHER;
        return empty_sets() == 5 ? FINE : OTHER;
}

static int become_nobody_and_count(void)
{
        struct drop_user nobody;

        if (drop_find(&nobody, "nobody") != 0 || drop_to(&nobody) != 0)
                return OTHER;
        return drop_and_count();
}

static int drop_and_read_what_others_closed(void)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/file", folder);
        return drop_privileges() != 0 ? OTHER : judge(open(path, O_RDONLY));
}

static int drop_and_become_nobody(void)
{
        return drop_privileges() != 0 ? OTHER : judge(setuid(65534));
}

static void root_keeps_no_capability_in_any_set(void **state)
{
        if (geteuid() != 0)
                skip();
        assert_int_equal(try_free(drop_and_count), FINE);
        assert_int_equal(try_free(become_nobody_and_count), FINE);
}

static void root_without_capabilities_obeys_as_others_do(void **state)
{
        char path[128];

        if (geteuid() != 0)
                skip();
        snprintf(path, sizeof(path), "%s/file", folder);
        close(open(path, O_WRONLY | O_CREAT, 0));
        assert_int_equal(chmod(path, 0), 0);
        assert_int_equal(try_free(drop_and_read_what_others_closed), REFUSED);
        assert_int_equal(try_free(drop_and_become_nobody), REFUSED);
        unlink(path);
}

static void a_user_nobody_knows_is_an_outcome(void **state)
{
        struct drop_user user;

        assert_int_equal(drop_find(&user, "no-such-user-here"), DROP_NO_USER);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_front_reaches_no_file),
                cmocka_unit_test(the_front_can_call_nobody),
                cmocka_unit_test(the_keeper_reaches_its_folder_and_nothing_else),
                cmocka_unit_test(the_keeper_has_no_network),
                cmocka_unit_test(neither_runs_another_program),
                cmocka_unit_test(neither_starts_a_process_or_makes_code),
                cmocka_unit_test(both_may_start_threads),
                cmocka_unit_test(landlock_alone_keeps_a_process_in_its_folder),
                cmocka_unit_test(rights_that_were_given_up_stay_so),
                cmocka_unit_test(a_user_that_was_left_does_not_come_back),
                cmocka_unit_test(root_keeps_no_capability_in_any_set),
                cmocka_unit_test(root_without_capabilities_obeys_as_others_do),
                cmocka_unit_test(a_user_nobody_knows_is_an_outcome),
        };
        if (landlock_confine("/nowhere") == LANDLOCK_MISSING) {
                puts("this kernel has no Landlock");
                return 77;
        }
        return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
