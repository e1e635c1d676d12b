/* session.c - questions to a broker and their answers, over one CURVE connection
 *
 * Numbers tell answers apart: an answer to a question that was given up long ago, or asked twice,
 * is recognised by its number and dropped (P2.1). A question asked again keeps its number and its
 * bytes (P2.3).
 */
#include "sdk/session.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/secret.h"
#include "evidence/tile.h"
#include "net/net.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

struct session {
        struct net_client *net;
        struct trust trust; /* where, and under which key */
        struct curve_pub pub;
        struct curve_sec *sec;
        uint64_t number; /* last one given out */
        bool refused;    /* the connection before this one was */
};

static int connect_net(struct session *s)
{
        const struct net_config cfg = {
                .endpoint = s->trust.endpoint,
                .broker = &s->trust.curve,
                .pub = &s->pub,
                .sec = s->sec,
                .message_most = MESSAGES_FRAME_MOST,
        };
        int r = net_open(&s->net, &cfg);

        return r == NET_ENDPOINT ? fault(-EADDRNOTAVAIL) : r;
}

int session_open(struct session **out, const struct trust *trust, const struct curve_pub *pub,
                 const struct curve_sec *sec)
{
        struct session *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return fault(-ENOMEM);
        s->trust = *trust;
        s->pub = *pub;
        s->sec = secret_new(sizeof(*s->sec));
        if (!s->sec) {
                free(s);
                return fault(-ENOMEM);
        }
        *s->sec = *sec;
        r = connect_net(s);
        if (r) {
                session_close(&s);
                return r;
        }
        *out = s;
        return 0;
}

void session_close(struct session **s)
{
        if (!*s)
                return;
        net_close(&(*s)->net);
        secret_free((*s)->sec);
        free(*s);
        *s = NULL;
}

int session_reconnect(struct session *s)
{
        s->refused = s->net && net_trouble(s->net) == NET_REFUSED;
        net_close(&s->net);
        return connect_net(s);
}

bool session_refused(struct session *s)
{
        return s->refused || (s->net && net_trouble(s->net) == NET_REFUSED);
}

int session_send(struct session *s, uint64_t verb, const void *ask, uint64_t *number)
{
        const struct frame_verb *v = frame_verb_of(verb);
        BUF_OWNED out = { 0 };
        int r;

        frame_write_ask(&out, verb, s->number + 1, v->ask, ask);
        if (buf_fault(&out))
                return fault(buf_fault(&out));
        r = net_send(s->net, buf_slice(&out), SESSION_TIMEOUT);
        if (r)
                return r == NET_NOTHING ? OUTCOME_NO_ANSWER : r;
        *number = ++s->number;
        return 0;
}

int session_hear(struct session *s, struct frame *frame, struct buf *bytes, int64_t timeout_ms)
{
        int r;

        buf_clear(bytes);
        r = net_receive(s->net, bytes, timeout_ms);
        if (r == NET_NOTHING)
                return OUTCOME_NO_ANSWER;
        if (r)
                return r == NET_LOST ? SESSION_LOST : r;
        return frame_read(frame, buf_slice(bytes), true) ? fault(-EPROTO) : 0;
}

int session_receive(struct session *s, struct frame *frame, struct buf *bytes, int64_t timeout_ms)
{
        int64_t end = clock_mono_us() + timeout_ms * 1000;

        for (;;) {
                int64_t left = (end - clock_mono_us()) / 1000;
                int r = session_hear(s, frame, bytes, left > 0 ? left : 0);

                if (r != SESSION_LOST)
                        return r;
        }
}

/* Wait for the answer to @number until @until (monotonic microseconds), or until it can no longer
 * come. */
static int await(struct session *s, uint64_t number, struct buf *bytes, struct frame *frame,
                 int64_t until)
{
        for (;;) {
                int64_t left = (until - clock_mono_us()) / 1000;
                int r;

                if (left < 0)
                        return OUTCOME_NO_ANSWER;
                r = session_hear(s, frame, bytes, left);
                if (r || frame->number == number)
                        return r;
        }
}

static int read_answer(const struct frame_verb *v, const struct frame *frame,
                       const struct buf *bytes, void *answer, struct field_trouble *where)
{
        struct field_trouble trouble;

        if (frame->verb != v->verb)
                return fault(-EPROTO);
        if (where) {
                size_t n = frame->where.len < sizeof(where->where) ? frame->where.len
                                                                   : sizeof(where->where) - 1;

                if (n)
                        memcpy(where->where, frame->where.at, n);
                where->where[n] = 0;
        }
        if (field_read_message(v->answer, buf_slice(bytes), answer, &trouble)) {
                if (frame->code == 0)
                        return fault(-EPROTO);
                memset(answer, 0, v->answer_size); /* a refusal may be the bare head */
        }
        return (int)frame->code;
}

int session_ask(struct session *s, uint64_t verb, const void *ask, struct buf *bytes, void *answer,
                int64_t timeout_ms, struct field_trouble *where)
{
        const struct frame_verb *v = frame_verb_of(verb);
        int64_t end = clock_mono_us() + timeout_ms * 1000;
        uint64_t number = ++s->number;
        BUF_OWNED out = { 0 };
        struct frame frame;
        int r;

        frame_write_ask(&out, verb, number, v->ask, ask);
        if (buf_fault(&out))
                return fault(buf_fault(&out));
        for (;;) {
                int64_t now = clock_mono_us(), until = now + SESSION_TIMEOUT * 1000;

                r = net_send(s->net, buf_slice(&out), (end - now) / 1000 + 1);
                if (r)
                        return r == NET_NOTHING ? OUTCOME_NO_ANSWER : r;
                r = await(s, number, bytes, &frame, until < end ? until : end);
                if (!r)
                        return read_answer(v, &frame, bytes, answer, where);
                if (r == SESSION_LOST)
                        continue; /* a new one is being made */
                if (r != OUTCOME_NO_ANSWER || clock_mono_us() >= end)
                        return r;
                /* Whatever broke, a fresh connection is the cure that is known. */
                r = session_reconnect(s);
                if (r)
                        return r;
        }
}

/* ---- tiles ---- */

static int ask_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        const struct ask_tile ask = { .level = level, .index = n, .width = width };
        struct answer_tile answer;
        BUF_OWNED bytes = { 0 };
        int r = session_ask(ctx, VERB_TILE, &ask, &bytes, &answer, 3 * SESSION_TIMEOUT, NULL);

        if (r < 0)
                return r;
        if (r || !answer.has_hashes || answer.hashes.len != (size_t)width * sizeof(struct hash))
                return fault(-EPROTO);
        memcpy(out, answer.hashes.at, answer.hashes.len);
        return 0;
}

struct tile_source session_tiles(struct session *s, uint64_t size)
{
        return (struct tile_source){ .tile = ask_tile, .ctx = s, .size = size };
}
