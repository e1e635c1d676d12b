/* channel.h - frames between front and keeper over a socketpair, many in one system call
 *
 *      front -> keeper   be32 length | be32 route | 32 bytes peer key | request
 *      keeper -> front   be32 length | be32 route | answer
 *
 * length counts what follows it. A route is the front's number for a connection; a keeper only echoes it.
 * The channel owns two bounded buffers; when the way out is full, channel_room() says so and the
 * caller stops taking in work, so that pressure travels back to the senders. Not shared between threads. */
#pragma once

#include "base/bytes.h"

struct channel;

enum channel_outcome { CHANNEL_NOTHING = 1, CHANNEL_CLOSED = 2 };

/* Takes over the non-blocking @fd. @in_most: largest frame accepted; @head: bytes between length and
 * payload (36 towards the keeper, 4 towards the front). -EPROTO for a larger frame from the other side. */
int channel_open(struct channel **out, int fd, size_t head, size_t in_most, size_t out_most);
void channel_close(struct channel **c);
int channel_fd(const struct channel *c);

/* Read what has arrived, at most one read(2). CHANNEL_NOTHING, CHANNEL_CLOSED or a fault. */
int channel_fill(struct channel *c);
/* Next whole frame in the buffer, or CHANNEL_NOTHING. Slices are valid until the next channel_fill. */
int channel_next(struct channel *c, struct slice *head, struct slice *payload);

bool channel_room(const struct channel *c, size_t payload);
int channel_put(struct channel *c, struct slice head, struct slice payload);    /* into the buffer */
int channel_flush(struct channel *c);           /* CHANNEL_NOTHING when bytes remain: poll for POLLOUT */
bool channel_pending(const struct channel *c);
