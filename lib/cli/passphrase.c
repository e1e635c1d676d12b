/* passphrase.c - a pass-phrase from the terminal or a file descriptor, never from argv or the
 * environment */
#include "cli/cli.h"

#include "base/secret.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

/* One line from @fd into @to without its newline. -1 when it is longer than @room or reading broke.
 */
static ssize_t read_line(int fd, char *to, size_t room)
{
        size_t n = 0;

        for (;;) {
                ssize_t r = read(fd, to + n, 1);

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

static ssize_t ask_terminal(int tty, const char *prompt, char *to, size_t room)
{
        struct termios old, quiet;
        ssize_t n;

        if (tcgetattr(tty, &old) < 0)
                return -1;
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        dprintf(tty, "%s: ", prompt);
        tcsetattr(tty, TCSAFLUSH, &quiet);
        n = read_line(tty, to, room);
        tcsetattr(tty, TCSAFLUSH, &old);
        dprintf(tty, "\n");
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
        n = read_line((int)fd, to, room);
        if (n <= 0)
                return cli_fail(c, "no pass-phrase could be read from file descriptor %d", (int)fd);
        *len = (size_t)n;
        return 0;
}
