/* passphrase.c - a pass-phrase from the terminal or a file descriptor, never from argv or the
 * environment */
#include "cli/cli.h"

#include "base/secret.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught; /* a signal at the prompt */

/* One line from @fd into @to without its newline. -1 when it is longer than @room, reading broke,
 * or a signal was caught: with @during (may be NULL) as signal mask while it waits, and only then,
 * so that none slips in between looking and waiting. */
static ssize_t read_line(int fd, char *to, size_t room, const sigset_t *during)
{
        size_t n = 0;

        for (;;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                ssize_t r;

                if (during && ppoll(&p, 1, NULL, during) < 0) {
                        if (errno == EINTR && !caught)
                                continue;
                        return -1;
                }
                r = read(fd, to + n, 1);
                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -1;
                if (r == 0 || to[n] == '\n')
                        break;
                if (++n == room)
                        return -1;
        }
        to[n] = 0;
        return (ssize_t)n;
}

/* The signals that end or stop a program at a prompt, kept waiting until the echo is back: whoever
 * presses Ctrl-C must find the terminal as it was. They are blocked but while ppoll(2) waits. */
static const int prompt_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { PROMPT_SIGNALS = sizeof(prompt_signals) / sizeof(prompt_signals[0]) };

static void note_signal(int number)
{
        caught = number;
}

struct held_signals {
        struct sigaction action[PROMPT_SIGNALS];
        sigset_t mask; /* as it was */
};

static void catch_signals(struct held_signals *held)
{
        const struct sigaction note = { .sa_handler = note_signal };
        sigset_t block;

        caught = 0;
        sigemptyset(&block);
        for (int i = 0; i < PROMPT_SIGNALS; i++)
                sigaddset(&block, prompt_signals[i]);
        pthread_sigmask(SIG_BLOCK, &block, &held->mask);
        for (int i = 0; i < PROMPT_SIGNALS; i++)
                sigaction(prompt_signals[i], &note, &held->action[i]);
}

static void restore_signals(const struct held_signals *held)
{
        for (int i = 0; i < PROMPT_SIGNALS; i++)
                sigaction(prompt_signals[i], &held->action[i], NULL);
        pthread_sigmask(SIG_SETMASK, &held->mask, NULL);
        if (caught)
                raise(caught);
}

/* Echo off before the prompt: who sees it may type at once, and nothing of that is shown or lost.
 */
static ssize_t ask_terminal(int tty, const char *prompt, char *to, size_t room)
{
        struct held_signals held;
        struct termios old, quiet;
        ssize_t n = -1;

        if (tcgetattr(tty, &old) < 0)
                return -1;
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        catch_signals(&held);
        if (tcsetattr(tty, TCSAFLUSH, &quiet) == 0) {
                dprintf(tty, "%s: ", prompt);
                n = read_line(tty, to, room, &held.mask);
                tcsetattr(tty, TCSADRAIN, &old);
                dprintf(tty, "\n");
        }
        restore_signals(&held);
        return n;
}

static int from_terminal(const struct cli *c, const char *prompt, bool confirm, char *to,
                         size_t room, size_t *len)
{
        int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
        ssize_t n;

        if (tty < 0)
                return cli_fail(c, "a pass-phrase is needed, and there is no terminal; give it "
                                   "with --passphrase-fd N");
        n = ask_terminal(tty, prompt, to, room);
        if (n > 0 && confirm) {
                char *again = secret_new(room);
                ssize_t m = again ? ask_terminal(tty, cli_japanese() ? "もう一度" : "again", again,
                                                 room)
                                  : -1;
                bool same =
                        m == n && secret_equal(slice_of(to, (size_t)n), slice_of(again, (size_t)n));

                secret_free(again);
                if (!same) {
                        close(tty);
                        secret_wipe(to, room);
                        return cli_fail(c, "the two pass-phrases differ; nothing was made");
                }
        }
        close(tty);
        if (n <= 0)
                return cli_fail(c, "no pass-phrase was given");
        *len = (size_t)n;
        return 0;
}

int cli_passphrase(const struct cli *c, const char *prompt, bool confirm, char *to, size_t room,
                   size_t *len)
{
        uint64_t fd;
        ssize_t n;

        if (!cli_has(c, "passphrase-fd"))
                return from_terminal(c, prompt, confirm, to, room, len);
        fd = cli_number(c, "passphrase-fd", 0, 1023, 0);
        n = read_line((int)fd, to, room, NULL);
        if (n <= 0)
                return cli_fail(c, "no pass-phrase could be read from file descriptor %d", (int)fd);
        *len = (size_t)n;
        return 0;
}
