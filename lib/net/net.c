/* net.c - one connection of a client to a broker (P1.1, P1.4)
 *
 * A DEALER and a monitor beside it, which reports handshakes and the end of connections: to tell a
 * wrong key from a broker that is away, and to know at once when what is in flight is lost. The
 * context is shared and counted, because each one costs two threads. */
#include "net/net.h"

#include "base/clock.h"
#include "base/fault.h"
#include "net/curve.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum {
        QUEUE = 1000, /* messages each way; a client keeps fewer unanswered */
        HANDSHAKE_MS = 10000,
        RECONNECT_MS = 100,
        RECONNECT_MOST_MS = 5000,
        HEARTBEAT_MS = 15000,
        HEARTBEAT_TIMEOUT_MS = 30000,
};

struct net_client {
        void *socket;
        void *monitor;
        bool refused;
        bool joined; /* the last handshake succeeded, and that connection stands */
        bool lost;   /* one that stood did end, and nobody was told yet */
};

static struct {
        pthread_mutex_t lock;
        void *zmq;
        size_t users;
        uint64_t taken; /* times that the context was taken */
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *context_take(uint64_t *which)
{
        void *zmq;

        pthread_mutex_lock(&shared.lock);
        if (!shared.users)
                shared.zmq = zmq_ctx_new();
        zmq = shared.zmq;
        if (zmq)
                shared.users++;
        *which = ++shared.taken;
        pthread_mutex_unlock(&shared.lock);
        return zmq;
}

static void context_give_back(void)
{
        pthread_mutex_lock(&shared.lock);
        assert(shared.users);
        if (!--shared.users) {
                zmq_ctx_term(shared.zmq);
                shared.zmq = NULL;
        }
        pthread_mutex_unlock(&shared.lock);
}

static int set_number(void *socket, int option, int value)
{
        return zmq_setsockopt(socket, option, &value, sizeof(value)) < 0 ? fault(-errno) : 0;
}

static int set_options(void *socket, const struct net_config *cfg)
{
        const int64_t most = (int64_t)cfg->message_most;
        const struct {
                int option, value;
        } numbers[] = {
                { ZMQ_LINGER, 0 },
                { ZMQ_SNDHWM, QUEUE },
                { ZMQ_RCVHWM, QUEUE },
                { ZMQ_IPV6, 1 },
                { ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS },
                { ZMQ_RECONNECT_IVL, RECONNECT_MS },
                { ZMQ_RECONNECT_IVL_MAX, RECONNECT_MOST_MS },
                { ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS },
                { ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS },
        };
        int r = 0;

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && !r; i++)
                r = set_number(socket, numbers[i].option, numbers[i].value);
        if (!r && zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof(most)) < 0)
                r = fault(-errno);
        return r ? r : curve_join(socket, cfg->broker, cfg->pub, cfg->sec);
}

/* What the monitor hears of is rare, so its queue stays short. Its name was never used before:
 * libzmq gives a closed socket's name back some time later. */
static int watch_connections(struct net_client *c, void *zmq, uint64_t which)
{
        char name[64];

        snprintf(name, sizeof(name), "inproc://net-monitor-%llu", (unsigned long long)which);
        if (zmq_socket_monitor(c->socket, name,
                               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) < 0)
                return fault(-errno);
        c->monitor = zmq_socket(zmq, ZMQ_PAIR);
        if (!c->monitor || zmq_connect(c->monitor, name) < 0)
                return fault(-errno);
        return set_number(c->monitor, ZMQ_LINGER, 0);
}

int net_open(struct net_client **out, const struct net_config *cfg)
{
        struct net_client *c = calloc(1, sizeof(*c));
        uint64_t which;
        void *zmq = c ? context_take(&which) : NULL;
        int r;

        if (!zmq) {
                free(c);
                return fault(-ENOMEM);
        }
        c->socket = zmq_socket(zmq, ZMQ_DEALER);
        r = c->socket ? set_options(c->socket, cfg) : fault(-errno);
        if (!r)
                r = watch_connections(c, zmq, which);
        if (!r && zmq_connect(c->socket, cfg->endpoint) < 0)
                r = errno == EINVAL || errno == EPROTONOSUPPORT ? NET_ENDPOINT : fault(-errno);
        if (r) {
                net_close(&c);
                return r;
        }
        *out = c;
        return 0;
}

void net_close(struct net_client **c)
{
        struct net_client *n = *c;

        if (!n)
                return;
        if (n->socket) {
                zmq_socket_monitor(n->socket, NULL, 0);
                zmq_close(n->socket);
        }
        if (n->monitor)
                zmq_close(n->monitor);
        free(n);
        *c = NULL;
        context_give_back();
}

static void take_event(struct net_client *c, uint16_t event)
{
        switch (event) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
                c->joined = true;
                c->refused = false;
                break;
        case ZMQ_EVENT_DISCONNECTED:
                c->lost |= c->joined;     /* a handshake that failed has lost nothing */
                c->refused |= !c->joined; /* so a CURVE server ends it for another's key */
                c->joined = false;
                break;
        default:
                c->refused = true;
        }
}

/* An event is two parts: number and value, then the endpoint. */
static void take_events(struct net_client *c)
{
        for (;;) {
                uint8_t event[16];
                uint16_t which;
                int n = zmq_recv(c->monitor, event, sizeof(event), ZMQ_DONTWAIT);

                if (n < 0)
                        return;
                if (n < (int)sizeof(which))
                        continue;
                memcpy(&which, event, sizeof(which));
                zmq_recv(c->monitor, event, sizeof(event), ZMQ_DONTWAIT);
                take_event(c, which);
        }
}

int net_trouble(struct net_client *c)
{
        take_events(c);
        return c->refused ? NET_REFUSED : 0;
}

/* Wait for @events until @deadline (monotonic µs; negative: for ever). Also returns 0 when the
 * monitor has something to say: callers look again. */
static int wait_for(struct net_client *c, short events, int64_t deadline)
{
        zmq_pollitem_t item[2] = { { .socket = c->socket, .events = events },
                                   { .socket = c->monitor, .events = ZMQ_POLLIN } };
        long ms = -1;
        int n;

        if (deadline >= 0) {
                int64_t left = deadline - clock_mono_us();

                ms = left > 0 ? (long)((left + 999) / 1000) : 0;
        }
        n = zmq_poll(item, 2, ms);
        if (n < 0)
                return errno == EINTR ? -EINTR : fault(-errno);
        return item[0].revents || item[1].revents ? 0 : NET_NOTHING;
}

static int64_t deadline_in(int64_t wait_ms)
{
        return wait_ms < 0 || wait_ms > INT_MAX ? -1 : clock_mono_us() + wait_ms * 1000;
}

int net_send(struct net_client *c, struct slice message, int64_t wait_ms)
{
        int64_t deadline = deadline_in(wait_ms);
        int r;

        while (zmq_send(c->socket, message.at, message.len, ZMQ_DONTWAIT) < 0) {
                if (errno == EINTR)
                        continue;
                if (errno != EAGAIN)
                        return fault(-errno);
                take_events(c);
                r = wait_for(c, ZMQ_POLLOUT, deadline);
                if (r)
                        return r;
        }
        return 0;
}

/* Append the first part of the next message to @out, read the others away. NET_NOTHING, or the
 * number of parts in @parts. */
static int take_parts(struct net_client *c, struct buf *out, size_t *parts)
{
        zmq_msg_t part;
        int more = 1;

        for (*parts = 0; more; ++*parts) {
                zmq_msg_init(&part);
                if (zmq_msg_recv(&part, c->socket, *parts ? 0 : ZMQ_DONTWAIT) < 0) {
                        zmq_msg_close(&part);
                        return errno == EAGAIN || errno == EINTR ? NET_NOTHING : fault(-errno);
                }
                more = zmq_msg_more(&part);
                if (!*parts)
                        buf_put(out, slice_of(zmq_msg_data(&part), zmq_msg_size(&part)));
                zmq_msg_close(&part);
        }
        return 0;
}

static int take(struct net_client *c, struct buf *out)
{
        size_t before = out->len, parts;
        int r;

        while (!(r = take_parts(c, out, &parts)) && parts > 1)
                out->len = before;
        return r ? r : buf_fault(out);
}

int net_receive(struct net_client *c, struct buf *out, int64_t wait_ms)
{
        int64_t deadline = deadline_in(wait_ms);
        int r;

        for (;;) {
                bool lost;

                take_events(c);
                lost = c->lost;
                r = take(c, out); /* what came before the end comes first */
                if (r != NET_NOTHING)
                        return r;
                if (lost) {
                        c->lost = false;
                        return NET_LOST;
                }
                r = wait_for(c, ZMQ_POLLIN, deadline);
                if (r)
                        return r;
        }
}
