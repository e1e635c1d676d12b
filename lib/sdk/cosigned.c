/* cosigned.c - a checkpoint that enough witnesses have cosigned
 *
 * The broker does not know the policy: it is asked for checkpoints with as many cosignatures as
 * the policy needs at least, one after the other, until there is one by the right witnesses. */
#include "sdk/cosigned.h"

#include "base/clock.h"
#include "evidence/checkpoint.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <time.h>

enum { ASKS_MOST = 256, PAUSE_MS = 250, COSIGNERS_ASKED_MOST = 16 };

struct search {
        struct session *s;
        const struct trust *trust;
        uint64_t leaf;
        struct buf best;
        unsigned cosigners; /* of the best */
};

/* Is this a checkpoint over the leaf, truly signed? Then its size and who cosigned it. */
static bool believable(const struct search *q, struct slice note, uint64_t *size,
                       uint32_t *cosigned)
{
        const struct note_key *log;
        struct checkpoint c;
        struct note n;

        if (checkpoint_read(&c, &n, note))
                return false;
        log = trust_log(q->trust, c.origin);
        if (!log || note_verify(&n, log) || c.size <= q->leaf ||
            policy_cosigned(&q->trust->policy, &n, cosigned))
                return false;
        *size = c.size;
        return true;
}

static unsigned count(uint32_t set)
{
        unsigned n = 0;

        for (; set; set &= set - 1)
                n++;
        return n;
}

static int ask(const struct search *q, uint64_t from, unsigned least, struct buf *bytes,
               struct answer_checkpoint *answer)
{
        const struct ask_checkpoint what = { .from = from, .cosignatures = least };

        return session_ask(q->s, VERB_CHECKPOINT, &what, bytes, answer, 3 * SESSION_TIMEOUT, NULL);
}

/* Go through the checkpoints with at least @least cosignatures. 0, COSIGNED_SHORT, or what asking
 * said; outcomes of the broker mean that it has nothing of the kind. */
static int walk(struct search *q, unsigned least)
{
        uint64_t from = q->leaf + 1, size;
        uint32_t cosigned = 0;

        for (unsigned asks = 0; asks < ASKS_MOST; asks++) {
                struct answer_checkpoint answer;
                BUF_OWNED bytes = { 0 };
                int r = ask(q, from, least, &bytes, &answer);

                if (r)
                        return r < 0 || r == OUTCOME_NO_ANSWER ? r : COSIGNED_SHORT;
                if (!answer.has_checkpoint && !answer.has_next)
                        return COSIGNED_SHORT;
                if (!answer.has_checkpoint) {
                        from = answer.next;
                        continue;
                }
                if (!believable(q, answer.checkpoint, &size, &cosigned))
                        return COSIGNED_SHORT;
                if (count(cosigned) > q->cosigners || policy_met(&q->trust->policy, cosigned)) {
                        buf_clear(&q->best);
                        buf_put(&q->best, answer.checkpoint);
                        q->cosigners = count(cosigned);
                }
                if (policy_met(&q->trust->policy, cosigned))
                        return buf_fault(&q->best);
                from = size + 1;
        }
        return COSIGNED_SHORT;
}

static void pause_a_little(void)
{
        const struct timespec t = { .tv_nsec = PAUSE_MS * 1000000L };

        nanosleep(&t, NULL);
}

int cosigned_find(struct buf *out, struct session *s, const struct trust *trust, uint64_t leaf,
                  int64_t wait_ms)
{
        int64_t end = clock_mono_us() + wait_ms * 1000;
        struct search q = { .s = s, .trust = trust, .leaf = leaf };
        unsigned least = policy_least(&trust->policy);
        int r = COSIGNED_SHORT;

        if (trust->policy.says != POLICY_QUORUM)
                return COSIGNED_SHORT;
        while (least <= COSIGNERS_ASKED_MOST) {
                r = walk(&q, least);
                if (r != COSIGNED_SHORT || clock_mono_us() >= end)
                        break;
                pause_a_little();
        }
        for (unsigned fewer = least; r == COSIGNED_SHORT && --fewer && !q.best.len;)
                r = walk(&q, fewer < COSIGNERS_ASKED_MOST ? fewer : COSIGNERS_ASKED_MOST);
        if (r == 0 || r == COSIGNED_SHORT)
                buf_put(out, buf_slice(&q.best));
        if (buf_fault(&q.best))
                r = buf_fault(&q.best);
        buf_free(&q.best);
        return r;
}
