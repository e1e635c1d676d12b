/* send.c - the spool to the broker: several questions in flight, each asked until it is answered
 *
 *      spool --> job --> in flight --> answer --> commit --> told to the caller
 *                 ^          |            |
 *                 '-silence--'            '--> sealed again, put off: a new job
 *
 * Nothing here knows whether a question or its answer was lost, and need not: the broker answers
 * the same letter with the same receipt. What was in flight when the connection ended is asked
 * again at once, and after a silence over a new connection. How long a silence may be follows from
 * how long answers took; the window of questions opens with each answer and closes to one with each
 * silence, so that a slow line is not asked for ever for more than it can carry. */
#include "sdk/send.h"

#include "base/fault.h"
#include "sdk/results.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

enum {
        WINDOW_FIRST = 2,
        WINDOW_MOST = 8,
        SILENCE_LEAST = 1000,
        SILENCE_FIRST = SESSION_TIMEOUT,
        SILENCE_MOST = 120000,
        SILENCE_FACTOR = 8, /* times what an answer took */
        PASS = 3600000,     /* longest wait in one go */
};

int64_t send_now(void)
{
        return clock_mono_us() / 1000;
}

/* ---- asking ---- */

static void remove_done(struct send *p)
{
        struct send_job **at = &p->jobs;

        while (*at) {
                struct send_job *j = *at;

                if (j->state == SEND_DONE) {
                        *at = j->next;
                        free(j);
                } else {
                        at = &j->next;
                }
        }
}

/* The next job that may be asked now: one that is at hand, or one made of the next letters. */
static int next_job(struct send *p, struct send_job **out)
{
        int64_t now = send_now();

        for (struct send_job *j = p->jobs; j; j = j->next)
                if (j->state == SEND_READY && j->not_before <= now) {
                        *out = j;
                        return 0;
                }
        return send_job_next(p, out);
}

static int fill_window(struct send *p)
{
        while (p->flying < p->window) {
                struct send_job *j;
                int r = next_job(p, &j);

                if (!r && j)
                        r = send_job_ask(p, j);
                if (r)
                        return r;
                if (!j)
                        return 0;
        }
        return 0;
}

/* ---- listening ---- */

/* Until when nothing happens by itself. */
static int64_t wait_ms(const struct send *p, int64_t give_up)
{
        int64_t until = give_up, now = send_now();

        for (const struct send_job *j = p->jobs; j; j = j->next) {
                int64_t t = j->state == SEND_FLYING ? j->asked + p->silence : j->not_before;

                if (p->flying >= p->window && j->state == SEND_READY)
                        continue;
                if (t < until)
                        until = t;
        }
        return until <= now ? 0 : until - now < PASS ? until - now : PASS;
}

/* Nothing of what is in flight will be answered. */
static void ask_again(struct send *p)
{
        for (struct send_job *j = p->jobs; j; j = j->next)
                if (j->state == SEND_FLYING)
                        j->state = SEND_READY;
        p->flying = 0;
}

static int after_silence(struct send *p)
{
        ask_again(p);
        p->window = 1;
        p->silence = 2 * p->silence < SILENCE_MOST ? 2 * p->silence : SILENCE_MOST;
        return sender_tell(p->s, session_reconnect(p->s->session), p->s->trust.endpoint);
}

static bool silent(const struct send *p)
{
        int64_t now = send_now();

        for (const struct send_job *j = p->jobs; j; j = j->next)
                if (j->state == SEND_FLYING && now - j->asked >= p->silence)
                        return true;
        return false;
}

static struct send_job *job_of(struct send *p, uint64_t number)
{
        for (struct send_job *j = p->jobs; j; j = j->next)
                if (j->state == SEND_FLYING && j->number == number)
                        return j;
        return NULL;
}

static void learn_pace(struct send *p, const struct send_job *j)
{
        int64_t want = SILENCE_FACTOR * (send_now() - j->asked);

        if (p->window < WINDOW_MOST)
                p->window++;
        if (want < SILENCE_LEAST)
                want = SILENCE_LEAST;
        /* Down slowly, up at once. */
        p->silence = want > p->silence ? want : (3 * p->silence + want) / 4;
        if (p->silence > SILENCE_MOST)
                p->silence = SILENCE_MOST;
}

/* Take what has come, waiting at most @wait for the first of it. */
static int listen(struct send *p, int64_t wait)
{
        BUF_OWNED bytes = { 0 };

        for (size_t taken = 0; taken < WINDOW_MOST && !p->stop; wait = 0) {
                struct send_job *j;
                struct frame f;
                int r = session_hear(p->s->session, &f, &bytes, wait);

                if (r == OUTCOME_NO_ANSWER)
                        break;
                if (r == SESSION_LOST) {
                        ask_again(p);
                        break;
                }
                if (r == -EINTR)
                        continue;
                if (r)
                        return sender_tell(p->s, r, p->s->trust.endpoint);
                j = job_of(p, f.number);
                if (!j)
                        continue; /* an answer to what was asked before a silence */
                learn_pace(p, j);
                r = send_answer_take(p, j, &f, buf_slice(&bytes));
                if (r)
                        return r;
                taken++;
        }
        return 0;
}

/* Nobody asks for the body of a filed letter again: its receipt is made from the row. It goes with
 * the next commit; on a disk without room for that it stays until fumi_forget(). */
static int drop_bodies(struct send *p)
{
        struct row_spool_letter row;
        int r = 0;

        for (size_t i = 0; i < p->settled_count && !r; i++) {
                r = spool_letter_get(p->s->spool, p->settled[i], &row);
                if (!r && row.state == SPOOL_FILED)
                        r = spool_letter_drop_body(p->s->spool, p->settled[i]);
        }
        return r == SPOOL_NO_ROOM ? 0 : sender_spool(p->s, r);
}

/* Durable first, then told. */
static int tell(struct send *p, fumi_on_result on_result, void *ctx)
{
        int r = sender_commit(p->s);

        if (!r && p->settled_count)
                p->progress = send_now();
        for (size_t i = 0; i < p->settled_count && !r && on_result; i++)
                r = results_tell(p->s, p->settled[i], on_result, ctx);
        if (!r)
                r = drop_bodies(p);
        p->settled_count = 0;
        return r;
}

/* ---- the loop ---- */

static int turn(struct send *p, int64_t timeout_ms, fumi_on_result on_result, void *ctx)
{
        int r = fill_window(p);

        if (!r)
                r = listen(p, wait_ms(p, p->progress + timeout_ms));
        if (r == OUTCOME_NO_ANSWER || (!r && silent(p)))
                r = after_silence(p);
        remove_done(p);
        if (!r)
                r = tell(p, on_result, ctx);
        if (!r)
                r = p->stop;
        if (!r && spool_counts(p->s->spool)->waiting && send_now() - p->progress >= timeout_ms)
                r = sender_say(p->s, OUTCOME_NO_ANSWER,
                               "%s: no answer within %lld ms; what waits is kept in the spool",
                               p->s->trust.endpoint, (long long)timeout_ms);
        return r;
}

int fumi_send(fumi_sender *s, int64_t timeout_ms, fumi_on_result on_result, void *ctx)
{
        struct send p = {
                .s = s,
                .window = WINDOW_FIRST,
                .silence = SILENCE_FIRST,
                .progress = send_now(),
        };
        int r;

        sender_begin(s);
        r = sender_commit(s);
        if (!r && spool_counts(s->spool)->waiting)
                r = sender_connect(s);
        while (!r && spool_counts(s->spool)->waiting)
                r = turn(&p, timeout_ms, on_result, ctx);
        while (p.jobs) {
                struct send_job *j = p.jobs;

                p.jobs = j->next;
                free(j);
        }
        free(p.settled);
        return r;
}
