/* cli_prompt.c - a pass-phrase typed at a real terminal: never shown, never lost, and the terminal
 * is given back */
#include "base/secret.h"
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* What the person on the other side of the terminal sees. */
struct screen {
        int fd;
        pid_t pid;
        char text[4096];
        size_t len;
};

/* The program: asks, and says on its exit code whether it got "open sesame". */
static void ask(bool confirm)
{
        static const struct cli_program program = { .name = "prompt" };
        static const struct cli_command command = { .name = "test" };
        const struct cli c = { .program = &program, .command = &command };
        char *to;
        size_t len;

        if (secret_init())
                _exit(9);
        to = secret_new(256);
        if (cli_passphrase(&c, "pass-phrase", confirm, to, 256, &len))
                _exit(1);
        _exit(strcmp(to, "open sesame") == 0 ? 0 : 2);
}

static struct screen begin(bool confirm)
{
        struct screen s = { .fd = -1 };

        s.pid = forkpty(&s.fd, NULL, NULL, NULL);
        assert_true(s.pid >= 0);
        if (s.pid == 0) {
                signal(SIGINT, SIG_DFL); /* a shell's background command has it ignored */
                ask(confirm);
        }
        return s;
}

/* Read until @text is on the screen, or the program ended. */
static bool see(struct screen *s, const char *text)
{
        size_t from = s->len;

        for (;;) {
                struct pollfd p = { .fd = s->fd, .events = POLLIN };
                ssize_t n;

                s->text[s->len] = 0;
                if (text && strstr(s->text + from, text))
                        return true;
                if (poll(&p, 1, 20000) <= 0)
                        return false;
                n = read(s->fd, s->text + s->len, sizeof(s->text) - s->len - 1);
                if (n <= 0)
                        return false;
                s->len += (size_t)n;
        }
}

static void type(struct screen *s, const char *text)
{
        assert_int_equal(write(s->fd, text, strlen(text)), (ssize_t)strlen(text));
}

static int end(struct screen *s)
{
        int status;

        see(s, NULL);
        assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
        close(s->fd);
        return status;
}

static bool echoes(const struct screen *s)
{
        struct termios t;

        assert_int_equal(tcgetattr(s->fd, &t), 0);
        return t.c_lflag & ECHO;
}

static void what_is_typed_at_once_is_taken_and_not_shown(void **state)
{
        for (int i = 0; i < 20; i++) {
                struct screen s = begin(false);
                int status;

                assert_true(see(&s, "pass-phrase: "));
                assert_false(echoes(&s));
                type(&s, "open sesame\n");
                status = end(&s);
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
                assert_null(strstr(s.text, "sesame"));
        }
}

static void two_that_differ_are_refused(void **state)
{
        struct screen s = begin(true);
        int status;

        assert_true(see(&s, "pass-phrase: "));
        type(&s, "open sesame\n");
        assert_true(see(&s, "again: "));
        type(&s, "open barley\n");
        status = end(&s);
        assert_int_equal(WEXITSTATUS(status), 1);
        assert_non_null(strstr(s.text, "differ"));
        assert_null(strstr(s.text, "sesame"));
}

static void whoever_interrupts_gets_the_terminal_back(void **state)
{
        const int with[] = { SIGINT, SIGTERM };

        for (size_t i = 0; i < 2; i++) {
                struct screen s = begin(false);
                int status;

                assert_true(see(&s, "pass-phrase: "));
                assert_false(echoes(&s));
                if (with[i] == SIGINT)
                        type(&s, "\x03");
                else
                        kill(s.pid, with[i]);
                assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
                assert_true(WIFSIGNALED(status));
                assert_int_equal(WTERMSIG(status), with[i]);
                assert_true(echoes(&s));
                close(s.fd);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_typed_at_once_is_taken_and_not_shown),
                cmocka_unit_test(two_that_differ_are_refused),
                cmocka_unit_test(whoever_interrupts_gets_the_terminal_back),
        };

        setenv("LC_ALL", "C", 1); /* the words below are English */
        return cmocka_run_group_tests(tests, NULL, NULL);
}
