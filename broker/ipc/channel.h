/* channel.h - frames between front and keeper over a socketpair, many in one system call
 *
 *      front -> keeper   be32 length | be32 route | 32 bytes peer key | request
 *      keeper -> front   be32 length | be32 route | answer
 *
 * length counts what follows it. A route is the front's number for a connection; a keeper only
 * echoes it. The channel owns two bounded buffers; when the way out is full, channel_room() says so
 * and the caller stops taking in work, so that pressure travels back to the senders.
 *
 * Threads: the way in (fill, next) and the way out (room, put, flush, pending, shut) share nothing,
 * so one thread may be in each; two in the same one need a lock around it. */
#pragma once

#include "base/bytes.h"

struct channel;

enum channel_outcome { CHANNEL_NOTHING = 1, CHANNEL_CLOSED = 2 };

/* Bytes between length and payload, by direction: a route with the peer's key, or a route alone. */
enum { CHANNEL_ROUTE = 4, CHANNEL_PEER = 32, CHANNEL_ASK_HEAD = CHANNEL_ROUTE + CHANNEL_PEER };

/* Takes over the non-blocking @fd, also when it fails. @in_head and @in_most: bytes of head and
 * most bytes of payload in a frame coming in; @out_most: size of the buffer for what goes out. */
int channel_open(struct channel **out, int fd, size_t in_head, size_t in_most, size_t out_most);
void channel_close(struct channel **c); /* NULL inside is fine */
int channel_fd(const struct channel *c);

/* Read what has arrived, at most one read(2). CHANNEL_NOTHING, CHANNEL_CLOSED or a fault. */
int channel_fill(struct channel *c);
/* Next whole frame in the buffer, or CHANNEL_NOTHING. -EPROTO for a frame larger than agreed or
 * shorter than its head; the channel is of no use then. Slices are valid until the next
 * channel_fill. */
int channel_next(struct channel *c, struct slice *head, struct slice *payload);

/* Is there room for a frame with @head and @payload bytes? The caller keeps to @out_most of one
 * frame. */
bool channel_room(const struct channel *c, size_t head, size_t payload);
/* Into the buffer; asserts that there is room. */
void channel_put(struct channel *c, struct slice head, struct slice payload);
/* 0 when everything is gone, CHANNEL_NOTHING when bytes remain (poll for POLLOUT), CHANNEL_CLOSED
 * or a fault. */
int channel_flush(struct channel *c);
bool channel_pending(const struct channel *c);
void channel_shut(struct channel *c); /* nothing more will be put: the other side reads an end */
