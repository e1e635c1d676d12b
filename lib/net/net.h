/* net.h - one connection of a client to a broker: a ZeroMQ DEALER over CURVE
 *
 * Connecting, and connecting again after a loss, happen in the background; a message that was given to
 * net_send before that waits in the queue. Nothing says whether a message arrived: only an answer does.
 * What is in flight when a connection is lost is lost, so whoever asks asks again.
 *
 * Threads: a connection is used by one thread at a time; different ones are independent. All connections
 * of the process share one ZeroMQ context with one I/O thread, made with the first and ended with the
 * last. After fork() only the parent may go on using them. */
#pragma once

#include "base/buf.h"
#include "crypt/keys.h"

struct net_client;

enum net_outcome {
        NET_NOTHING = 1,        /* the time is up */
        NET_ENDPOINT = 2,       /* not an address that can be connected to */
        NET_REFUSED = 3,        /* net_trouble: the other side does not hold the broker's key, or refuses ours */
        NET_LOST = 4,           /* net_receive: the connection was lost, and what was in flight may be */
};

struct net_config {
        const char *endpoint;           /* "tcp://host:port" */
        const struct curve_pub *broker; /* the key that the other side must prove to hold */
        const struct curve_pub *pub;    /* ours */
        const struct curve_sec *sec;    /* copied by libzmq, which does not lock it; wiped when closed */
        size_t message_most;            /* a larger one from the other side ends the connection */
};

/* 0, NET_ENDPOINT or a fault. */
int net_open(struct net_client **out, const struct net_config *cfg);
void net_close(struct net_client **c);          /* messages not sent yet are dropped; NULL inside is fine */

/* Queue one message. Waits at most @wait_ms (0: not at all, -1: for ever) for room: NET_NOTHING. */
int net_send(struct net_client *c, struct slice message, int64_t wait_ms);

/* Append the next message to @out, waiting at most @wait_ms. NET_NOTHING, then @out is as it was; NET_LOST the same,
 * once for each time that an established connection was lost; a new one is being made already. A message of
 * several parts, which no broker sends, is dropped. -EINTR when a signal came while waiting. */
int net_receive(struct net_client *c, struct buf *out, int64_t wait_ms);

/* Why nothing comes: NET_REFUSED when the last handshake failed, else 0. */
int net_trouble(struct net_client *c);
