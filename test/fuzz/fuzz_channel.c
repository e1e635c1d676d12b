/* fuzz_channel.c - any bytes between front and keeper
 *
 * They arrive in pieces of the size that the first byte says. Frames come out whole, inside the
 * limits, and together never more than went in. */
#include "ipc/channel.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Take out what is whole; false when the channel is of no use any more. */
static bool take_frames(struct channel *c, size_t *out)
{
        struct slice head, payload;
        int r;

        while ((r = channel_next(c, &head, &payload)) == 0) {
                assert(head.len == CHANNEL_ASK_HEAD);
                assert(payload.len <= MOST);
                *out += 4 + head.len + payload.len;
        }
        return r == CHANNEL_NOTHING;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct slice rest = slice_of(data + 1, size ? size - 1 : 0);
        size_t piece = size ? 1 + data[0] : 1, out = 0;
        struct channel *c;
        int fd[2];

        if (size > 4096 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd))
                return 0;
        if (channel_open(&c, fd[0], CHANNEL_ASK_HEAD, MOST, 4096))
                abort();
        while (rest.len) {
                struct slice now = slice_upto(rest, piece);

                if (write(fd[1], now.at, now.len) != (ssize_t)now.len)
                        abort();
                rest = slice_from(rest, now.len);
                if (channel_fill(c) || !take_frames(c, &out))
                        break;
        }
        assert(out <= size);
        channel_close(&c);
        close(fd[1]);
        return 0;
}
