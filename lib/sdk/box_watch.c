/* box_watch.c - wait for a letter without asking again and again
 *
 * One question stays with the broker until there is something to say or its time is up. A lost
 * connection takes the question with it, and is told as OUTCOME_NO_ANSWER at once: the caller asks
 * again. */
#include "sdk/box.h"

#include "base/clock.h"
#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>

enum { SECONDS_MOST = 300, GRACE_MS = 10000 };

/* The answer to question @number; others are late ones of questions given up. */
static int await(struct fumi_box *b, uint64_t number, uint64_t seconds, uint64_t *newest)
{
        int64_t until = clock_mono_us() + (int64_t)seconds * 1000000 + GRACE_MS * 1000;

        for (;;) {
                int64_t left = (until - clock_mono_us()) / 1000;
                struct answer_watch answer;
                BUF_OWNED bytes = { 0 };
                struct frame frame;
                int r = session_hear(b->session, &frame, &bytes, left > 0 ? left : 0);

                if (r == -EINTR)
                        return r;
                if (r == OUTCOME_NO_ANSWER || r == SESSION_LOST)
                        return box_silent(b);
                if (r)
                        return r;
                if (frame.number != number)
                        continue;
                if (frame.code)
                        return box_say(b, (int)frame.code, "%.*s", (int)frame.where.len,
                                       (const char *)frame.where.at);
                if (field_read_message(&answer_watch_table, buf_slice(&bytes), &answer, NULL) ||
                    !answer.has_count)
                        return box_say(b, fault(-EPROTO),
                                       "%s sent an answer that is not in the protocol",
                                       b->trust.broker);
                *newest = answer.count;
                return 0;
        }
}

int fumi_watch(fumi_box *b, uint64_t after, unsigned seconds, uint64_t *newest)
{
        const struct ask_watch ask = {
                .mailbox = slice_str(b->mailbox.s),
                .after = after,
                .seconds = seconds < SECONDS_MOST ? seconds : SECONDS_MOST,
        };
        struct session *s;
        uint64_t number;
        int r = box_session(b, &s);

        if (!r)
                r = session_send(s, VERB_WATCH, &ask, &number);
        if (!r)
                r = await(b, number, ask.seconds, newest);
        if (r == OUTCOME_NO_ANSWER)
                session_reconnect(s);
        return r;
}
