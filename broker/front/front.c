/* front.c - the front's loop
 *
 * One thread polls four things: the ROUTER, the ZAP handler, the channel, and the order to stop;
 * libzmq's one I/O thread does the sockets and the cryptography. Nothing here waits for anybody
 * (P2.4):
 *
 *  - the channel is full: the ROUTER is not read, libzmq's queues fill (RCVHWM messages each), then
 *    TCP slows the senders down;
 *  - a connection does not read: its queue fills (SNDHWM), further answers to it are dropped, which
 *    is harmless since every request may be asked again; TCP_MAXRT and heartbeats end it;
 *  - many connections do not read: memory.h.
 *
 * Stopping: requests that come are answered STOPPING; the channel's way out is shut, so the keeper
 * answers what it has and ends; then the last answers get a second to leave. */
#include "front/front.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "front/gate.h"
#include "front/memory.h"
#include "front/route.h"
#include "front/share.h"
#include "front/zap.h"
#include "ipc/channel.h"
#include "ipc/permit.h"
#include "metric/metric.h"
#include "net/curve.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

enum {
        CHANNEL_OUT = 3 * MESSAGES_FRAME_MOST,
        TURN = 256,         /* messages taken before looking at the other things */
        RECEIVE_QUEUE = 32, /* messages of one connection that wait to be taken */
        SEND_QUEUE = 1024,  /* answers of one connection that wait to leave */
        HANDSHAKE_MS = 10000,
        HEARTBEAT_MS = 15000,
        UNREAD_MS = 30000, /* a peer that reads nothing for so long is dropped */
        LINGER_MS = 1000,
        BACKLOG = 1024,
};

struct front {
        void *zmq;
        void *router;
        void *zap;
        struct channel *channel;
        struct rate *rate;
        struct share *share;
        int stop;
        bool stopping, shut;
        struct memory memory;
        struct buf answer; /* of our own: refusals */
};

/* ---- sockets ---- */

static int set_number(void *socket, int option, int value)
{
        return zmq_setsockopt(socket, option, &value, sizeof(value)) < 0 ? fault(-errno) : 0;
}

static int set_options(void *router, const struct front_config *cfg)
{
        const int64_t most = MESSAGES_FRAME_MOST;
        const struct {
                int option, value;
        } numbers[] = {
                { ZMQ_LINGER, 0 },
                { ZMQ_ROUTER_MANDATORY, 1 }, /* so that answers that cannot leave are counted */
                { ZMQ_RCVHWM, RECEIVE_QUEUE },
                { ZMQ_SNDHWM, SEND_QUEUE },
                { ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS },
                { ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS },
                { ZMQ_HEARTBEAT_TIMEOUT, UNREAD_MS },
                { ZMQ_TCP_MAXRT, UNREAD_MS },
                { ZMQ_BACKLOG, BACKLOG },
        };
        int r = 0;

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && !r; i++)
                r = set_number(router, numbers[i].option, numbers[i].value);
        if (!r && zmq_setsockopt(router, ZMQ_MAXMSGSIZE, &most, sizeof(most)) < 0)
                r = fault(-errno);
        return r ? r : curve_serve(router, cfg->transport);
}

static int open_sockets(struct front *f, const struct front_config *cfg)
{
        int r;

        f->zmq = zmq_ctx_new();
        if (!f->zmq)
                return fault(-errno);
        f->zap = zap_open(f->zmq);
        f->router = f->zap ? zmq_socket(f->zmq, ZMQ_ROUTER) : NULL;
        if (!f->router)
                return fault(-errno);
        r = set_options(f->router, cfg);
        for (size_t i = 0; i < cfg->listens && !r; i++) {
                r = set_number(f->router, ZMQ_USE_FD, cfg->listen[i]);
                if (!r && zmq_bind(f->router, cfg->endpoint[i]) < 0)
                        r = fault(-errno);
        }
        return r;
}

int front_open(struct front **out, const struct front_config *cfg)
{
        struct front *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return fault(-ENOMEM);
        memory_begin();
        f->stop = cfg->stop;
        r = channel_open(&f->channel, cfg->keeper, CHANNEL_ROUTE, MESSAGES_FRAME_MOST, CHANNEL_OUT);
        if (!r)
                r = rate_new(&f->rate, cfg->rate);
        if (!r)
                r = share_new(&f->share);
        if (!r)
                r = open_sockets(f, cfg);
        if (r) {
                front_close(&f);
                return r;
        }
        *out = f;
        return 0;
}

void front_close(struct front **fp)
{
        struct front *f = *fp;

        if (!f)
                return;
        if (f->router) {
                set_number(f->router, ZMQ_LINGER, f->stopping ? LINGER_MS : 0);
                zmq_close(f->router);
        }
        if (f->zap)
                zmq_close(f->zap);
        if (f->zmq)
                zmq_ctx_term(f->zmq);
        channel_close(&f->channel);
        rate_free(f->rate);
        share_free(f->share);
        buf_free(&f->answer);
        close(f->stop);
        free(f);
        *fp = NULL;
}

/* ---- answers ---- */

static int send_answer(struct front *f, const uint8_t route[static 4], struct slice answer)
{
        uint8_t identity[ROUTE_IDENTITY];

        if (f->memory.level != MEMORY_LOW && answer.len > MEMORY_LARGE) {
                metric_add(METRIC_FRONT_ANSWERS_UNREAD, 1);
                return 0;
        }
        route_identity(identity, route);
        if (zmq_send(f->router, identity, sizeof(identity), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
                if (errno == EHOSTUNREACH)
                        metric_add(METRIC_FRONT_ANSWERS_GONE, 1);
                else if (errno == EAGAIN)
                        metric_add(METRIC_FRONT_ANSWERS_UNREAD, 1);
                else
                        return fault(-errno);
                return 0;
        }
        if (zmq_send(f->router, answer.at, answer.len, ZMQ_DONTWAIT) < 0)
                return fault(-errno);
        metric_add(METRIC_FRONT_ANSWERS, 1);
        metric_add(METRIC_FRONT_BYTES_OUT, answer.len);
        memory_sent(&f->memory, answer.len);
        share_sent(f->share, route, answer.len, clock_mono_us());
        return 0;
}

static int refuse(struct front *f, const uint8_t route[static 4], const struct gate_said *said)
{
        buf_clear(&f->answer);
        frame_write_answer(&f->answer, said->frame.verb, said->frame.number, said->code,
                           slice_str(said->where.where), NULL, NULL);
        return buf_fault(&f->answer) ? buf_fault(&f->answer)
                                     : send_answer(f, route, buf_slice(&f->answer));
}

/* Everything the keeper has to say. FRONT_KEEPER_GONE at its end. */
static int take_answers(struct front *f)
{
        struct slice head, answer;
        int r;

        for (int turn = 0; turn < TURN; turn++) {
                r = channel_fill(f->channel);
                if (r)
                        return r == CHANNEL_CLOSED    ? FRONT_KEEPER_GONE
                               : r == CHANNEL_NOTHING ? 0
                                                      : r;
                while (!(r = channel_next(f->channel, &head, &answer))) {
                        share_answered(f->share, head.at);
                        r = send_answer(f, head.at, answer);
                        if (r)
                                return r;
                }
                if (r != CHANNEL_NOTHING)
                        return r;
        }
        return 0;
}

/* ---- requests ---- */

/* Is there memory for the answer to this? */
static bool affordable(struct front *f, const uint8_t route[static 4], uint64_t verb)
{
        if (f->memory.level == MEMORY_LOW)
                return true;
        return f->memory.level == MEMORY_TIGHT && permit_of(verb)->answer_most <= MEMORY_LARGE &&
               !share_greedy(f->share, route, clock_mono_us());
}

/* What the front itself has to say against a request that passed the gates. */
static uint64_t our_state(struct front *f, const uint8_t route[static 4], uint64_t verb)
{
        if (f->stopping)
                return OUTCOME_STOPPING;
        if (affordable(f, route, verb) && share_ask(f->share, route))
                return OUTCOME_DONE;
        metric_add(METRIC_FRONT_BUSY, 1);
        return OUTCOME_BUSY;
}

static int take_request(struct front *f, const uint8_t route[static 4], zmq_msg_t *message)
{
        struct slice request = slice_of(zmq_msg_data(message), zmq_msg_size(message));
        uint8_t head[CHANNEL_ASK_HEAD];
        struct curve_pub peer;
        struct gate_said said;
        int r;

        if (!zap_peer(&peer, zmq_msg_gets(message, "User-Id"))) {
                metric_add(METRIC_FRONT_DROPPED, 1);
                return 0;
        }
        r = gate_check(&said, request, &peer, f->rate, clock_mono_us());
        if (r == GATE_UNREADABLE) {
                metric_add(METRIC_FRONT_DROPPED, 1);
                return 0;
        }
        if (r == 0 && (said.code = our_state(f, route, said.frame.verb)))
                r = GATE_REFUSED;
        if (r)
                return refuse(f, route, &said);
        memcpy(head, route, CHANNEL_ROUTE);
        memcpy(head + CHANNEL_ROUTE, peer.b, CHANNEL_PEER);
        channel_put(f->channel, slice_of(head, sizeof(head)), request);
        metric_add(METRIC_FRONT_PASSED, 1);
        return 0;
}

enum { NO_MESSAGE = 1 };

/* One message: its connection and exactly one part. All parts are read in any case. */
static int take_message(struct front *f)
{
        zmq_msg_t identity, part, beyond;
        uint8_t route[4];
        int r = 0, parts = 1;
        bool known;

        zmq_msg_init(&identity);
        if (zmq_msg_recv(&identity, f->router, ZMQ_DONTWAIT) < 0) {
                zmq_msg_close(&identity);
                return errno == EAGAIN || errno == EINTR ? NO_MESSAGE : fault(-errno);
        }
        known = route_read(slice_of(zmq_msg_data(&identity), zmq_msg_size(&identity)), route);
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, f->router, 0) < 0)
                r = fault(-errno);
        zmq_msg_init(&beyond);
        for (bool more = zmq_msg_more(&part); more && !r; more = zmq_msg_more(&beyond)) {
                parts++;
                if (zmq_msg_recv(&beyond, f->router, 0) < 0)
                        r = fault(-errno);
        }
        metric_add(METRIC_FRONT_REQUESTS, 1);
        metric_add(METRIC_FRONT_BYTES_IN, zmq_msg_size(&part));
        if (!r && known && parts == 1)
                r = take_request(f, route, &part);
        else
                metric_add(METRIC_FRONT_DROPPED, 1);
        zmq_msg_close(&beyond);
        zmq_msg_close(&part);
        zmq_msg_close(&identity);
        return r;
}

static bool may_take(const struct front *f)
{
        return f->memory.level == MEMORY_HIGH || f->stopping ||
               channel_room(f->channel, CHANNEL_ASK_HEAD, MESSAGES_FRAME_MOST);
}

static int take_messages(struct front *f)
{
        for (int turn = 0; turn < TURN && may_take(f); turn++) {
                int r = take_message(f);

                if (r)
                        return r == NO_MESSAGE ? 0 : r;
        }
        return 0;
}

/* ---- the loop ---- */

static int flush(struct front *f)
{
        int r = channel_flush(f->channel);

        if (r == 0 && f->stopping && !f->shut) {
                channel_shut(f->channel);
                f->shut = true;
        }
        return r == CHANNEL_CLOSED ? FRONT_KEEPER_GONE : r == CHANNEL_NOTHING ? 0 : r;
}

/* The last one is left out once it has been heard: an end stays readable for ever. */
enum { ITEM_CHANNEL, ITEM_ZAP, ITEM_ROUTER, ITEM_STOP, ITEMS };

static int wait_for_work(struct front *f, short ready[static ITEMS])
{
        zmq_pollitem_t item[ITEMS] = {
                [ITEM_CHANNEL] = { .fd = channel_fd(f->channel), .events = ZMQ_POLLIN },
                [ITEM_STOP] = { .fd = f->stop, .events = ZMQ_POLLIN },
                [ITEM_ZAP] = { .socket = f->zap, .events = ZMQ_POLLIN },
                [ITEM_ROUTER] = { .socket = f->router, .events = may_take(f) ? ZMQ_POLLIN : 0 },
        };

        if (channel_pending(f->channel))
                item[ITEM_CHANNEL].events |= ZMQ_POLLOUT;
        if (zmq_poll(item, f->stopping ? ITEM_STOP : ITEMS, -1) < 0 && errno != EINTR)
                return fault(-errno);
        for (int i = 0; i < ITEMS; i++)
                ready[i] = item[i].revents;
        return 0;
}

int front_run(struct front *f)
{
        short ready[ITEMS];
        int r;

        for (;;) {
                r = wait_for_work(f, ready);
                if (!r && ready[ITEM_STOP])
                        f->stopping = true;
                if (!r && ready[ITEM_ZAP])
                        r = zap_answer(f->zap);
                if (!r && ready[ITEM_CHANNEL])
                        r = take_answers(f);
                memory_look(&f->memory, clock_mono_us());
                if (!r && ready[ITEM_ROUTER])
                        r = take_messages(f);
                if (!r)
                        r = flush(f);
                if (r)
                        return r == FRONT_KEEPER_GONE && f->stopping ? 0 : r;
        }
}
