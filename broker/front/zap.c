/* zap.c - who may connect */
#include "front/zap.h"

#include "base/fault.h"
#include "base/buf.h"
#include "base/text.h"
#include "metric/metric.h"

#include <errno.h>
#include <zmq.h>

enum {
        FRAMES = 7,
        FRAME_MOST = 256,
        FRAME_VERSION = 0,
        FRAME_REQUEST = 1,
        FRAME_MECHANISM = 5,
        FRAME_KEY = 6
};

struct zap_ask {
        uint8_t bytes[FRAMES][FRAME_MOST];
        size_t len[FRAMES];
        size_t count;
};

void *zap_open(void *zmq)
{
        void *socket = zmq_socket(zmq, ZMQ_REP);
        const int none = 0;

        if (!socket)
                return NULL;
        zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none));
        if (zmq_bind(socket, "inproc://zeromq.zap.01") == 0)
                return socket;
        zmq_close(socket);
        return NULL;
}

/* All frames of one question; what is longer or more than a question has is cut off and then
 * refused. */
static bool take(struct zap_ask *ask, void *socket)
{
        int more = 1;
        size_t size = sizeof(more);

        for (ask->count = 0; more; ask->count++) {
                uint8_t beyond[FRAME_MOST];
                uint8_t *to = ask->count < FRAMES ? ask->bytes[ask->count] : beyond;
                int n = zmq_recv(socket, to, FRAME_MOST, ask->count ? 0 : ZMQ_DONTWAIT);

                if (n < 0)
                        return false;
                if (ask->count < FRAMES)
                        ask->len[ask->count] = n < FRAME_MOST ? (size_t)n : FRAME_MOST;
                if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) < 0)
                        return false;
        }
        return true;
}

static bool frame_is(const struct zap_ask *ask, size_t frame, const char *text)
{
        return slice_is(slice_of(ask->bytes[frame], ask->len[frame]), text);
}

static bool acceptable(const struct zap_ask *ask)
{
        return ask->count == FRAMES && frame_is(ask, FRAME_VERSION, "1.0") &&
               frame_is(ask, FRAME_MECHANISM, "CURVE") &&
               ask->len[FRAME_KEY] == sizeof(struct curve_pub);
}

static int send_text(void *socket, const char *text, int flags)
{
        return zmq_send(socket, text, strlen(text), flags);
}

static int answer(void *socket, const struct zap_ask *ask)
{
        bool yes = acceptable(ask);
        BUF_OWNED user = { 0 };

        if (yes)
                text_put_hex(&user, slice_of(ask->bytes[FRAME_KEY], ask->len[FRAME_KEY]));
        if (send_text(socket, "1.0", ZMQ_SNDMORE) < 0 ||
            zmq_send(socket, ask->bytes[FRAME_REQUEST],
                     ask->count > FRAME_REQUEST ? ask->len[FRAME_REQUEST] : 0, ZMQ_SNDMORE) < 0 ||
            send_text(socket, yes ? "200" : "400", ZMQ_SNDMORE) < 0 ||
            send_text(socket, "", ZMQ_SNDMORE) < 0 ||
            zmq_send(socket, user.at, user.len, ZMQ_SNDMORE) < 0 || send_text(socket, "", 0) < 0)
                return fault(-errno);
        metric_add(METRIC_FRONT_HANDSHAKES, yes);
        return 0;
}

int zap_answer(void *socket)
{
        struct zap_ask ask;

        while (take(&ask, socket)) {
                int r = answer(socket, &ask);

                if (r)
                        return r;
        }
        return errno == EAGAIN || errno == EINTR ? 0 : fault(-errno);
}

bool zap_peer(struct curve_pub *out, const char *user_id)
{
        return user_id && text_get_hex(slice_str(user_id), out->b, sizeof(out->b));
}
