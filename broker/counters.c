/* counters.c - the counters, for whoever may open the socket
 *
 * A visitor is one of our own user, so serving one after the other, each with a short patience, is
 * fine. */
#include "counters.h"

#include "base/fault.h"
#include "metric/metric.h"
#include "place.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { ASK_MS = 100, BACKLOG = 16 };

int counters_open(int *out, const struct config *c, struct buf *why)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        mode_t before;
        int fd, r;

        if (!place_path(at.sun_path, sizeof(at.sun_path), c, "counters.sock"))
                return fault(-ENAMETOOLONG);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return fault(-errno);
        unlink(at.sun_path); /* of a broker that was killed: we hold the lock on the place */
        before = umask(0177);
        r = bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0 ? -errno
                                                                                        : 0;
        umask(before);
        if (r) {
                buf_printf(why, "%s: %s\n", at.sun_path, strerror(-r));
                close(fd);
                return COUNTERS_BAD;
        }
        *out = fd;
        return 0;
}

static bool wants_json(int fd)
{
        struct pollfd p = { .fd = fd, .events = POLLIN };
        char ask[8] = "";

        return poll(&p, 1, ASK_MS) > 0 && recv(fd, ask, sizeof(ask) - 1, 0) > 0 &&
               strncmp(ask, "json", 4) == 0;
}

void counters_serve(int fd)
{
        const struct timeval patience = { .tv_sec = 1 };
        BUF_OWNED text = { 0 };
        int visitor = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (visitor < 0)
                return;
        setsockopt(visitor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (wants_json(visitor))
                metric_put_json(&text);
        else
                metric_put_text(&text);
        /* What a visitor does not read within its time is the visitor's loss. */
        if (!buf_fault(&text) && send(visitor, text.at, text.len, MSG_NOSIGNAL) < 0)
                fault(-errno);
        close(visitor);
}
