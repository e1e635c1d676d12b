/* channel.c - frames between front and keeper
 *
 * Each way is one flat buffer with the live bytes between two marks:
 *
 *      |  taken  |  live bytes  |  free  |
 *      0        from           upto     size
 *
 * Frames are handed out where they lie. Live bytes move to the beginning only when the frame in
 * progress does not fit behind them, which at ordinary load is when nothing is live. The pages
 * behind the busiest moment so far are never touched, so an idle broker is small. */
#include "ipc/channel.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LENGTH = 4, READ_LEAST = 65536 };

struct way {
        uint8_t *at;
        size_t size, from, upto;
};

struct channel {
        int fd;
        size_t in_head, in_most;
        struct way in;
        struct way out __attribute__((aligned(64))); /* two threads, two cache lines */
};

int channel_open(struct channel **out, int fd, size_t in_head, size_t in_most, size_t out_most)
{
        struct channel *c = aligned_alloc(64, sizeof(*c));

        if (!c) {
                close(fd);
                return fault(-ENOMEM);
        }
        *c = (struct channel){ .fd = fd, .in_head = in_head, .in_most = in_most };
        c->in.size = LENGTH + in_head + in_most + READ_LEAST;
        c->out.size = out_most;
        c->in.at = malloc(c->in.size);
        c->out.at = malloc(c->out.size);
        if (!c->in.at || !c->out.at) {
                channel_close(&c);
                return fault(-ENOMEM);
        }
        *out = c;
        return 0;
}

void channel_close(struct channel **c)
{
        if (!*c)
                return;
        close((*c)->fd);
        free((*c)->in.at);
        free((*c)->out.at);
        free(*c);
        *c = NULL;
}

int channel_fd(const struct channel *c)
{
        return c->fd;
}

static size_t live(const struct way *w)
{
        return w->upto - w->from;
}

static void to_beginning(struct way *w)
{
        memmove(w->at, w->at + w->from, live(w));
        w->upto = live(w);
        w->from = 0;
}

int channel_fill(struct channel *c)
{
        struct way *w = &c->in;
        ssize_t n;

        if (w->from == w->upto)
                w->from = w->upto = 0;
        else if (w->size - w->upto < READ_LEAST)
                to_beginning(w);
        if (w->upto == w->size)
                return CHANNEL_NOTHING; /* whole frames wait to be taken */
        do
                n = read(c->fd, w->at + w->upto, w->size - w->upto);
        while (n < 0 && errno == EINTR);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                return CHANNEL_NOTHING;
        if (n == 0 || (n < 0 && errno == ECONNRESET))
                return CHANNEL_CLOSED;
        if (n < 0)
                return fault(-errno);
        w->upto += (size_t)n;
        return 0;
}

int channel_next(struct channel *c, struct slice *head, struct slice *payload)
{
        struct way *w = &c->in;
        const uint8_t *at = w->at + w->from;
        size_t len;

        if (live(w) < LENGTH)
                return CHANNEL_NOTHING;
        len = get_be32(at);
        if (len < c->in_head || len - c->in_head > c->in_most)
                return fault(-EPROTO);
        if (live(w) - LENGTH < len)
                return CHANNEL_NOTHING;
        *head = slice_of(at + LENGTH, c->in_head);
        *payload = slice_of(at + LENGTH + c->in_head, len - c->in_head);
        w->from += LENGTH + len;
        return 0;
}

bool channel_room(const struct channel *c, size_t head, size_t payload)
{
        return c->out.size - live(&c->out) >= LENGTH + head + payload;
}

void channel_put(struct channel *c, struct slice head, struct slice payload)
{
        struct way *w = &c->out;

        assert(channel_room(c, head.len, payload.len));
        if (w->size - w->upto < LENGTH + head.len + payload.len)
                to_beginning(w);
        put_be32(w->at + w->upto, (uint32_t)(head.len + payload.len));
        w->upto += LENGTH;
        memcpy(w->at + w->upto, head.at, head.len);
        w->upto += head.len;
        if (payload.len)
                memcpy(w->at + w->upto, payload.at, payload.len);
        w->upto += payload.len;
}

int channel_flush(struct channel *c)
{
        struct way *w = &c->out;

        while (live(w)) {
                ssize_t n = send(c->fd, w->at + w->from, live(w), MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                        return CHANNEL_NOTHING;
                if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
                        return CHANNEL_CLOSED;
                if (n < 0)
                        return fault(-errno);
                w->from += (size_t)n;
        }
        w->from = w->upto = 0;
        return 0;
}

bool channel_pending(const struct channel *c)
{
        return live(&c->out) != 0;
}

void channel_shut(struct channel *c)
{
        shutdown(c->fd, SHUT_WR);
}
