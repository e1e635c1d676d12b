/* send.h - the spool on its way to the broker
 *
 *      send.c          the loop: what to ask next, silence, when to stop
 *      send_job.c      questions: batches, and bodies in pieces
 *      send_answer.c   what an answer does to the letters it is about
 *
 * A job is one question that is asked until it has an answer: a batch of letters of up to 1 MiB in
 * all, or one larger letter, which is announced and then sent in pieces. */
#pragma once

#include "schemas/messages.h"
#include "sdk/sender.h"

enum send_state { SEND_READY, SEND_FLYING, SEND_DONE };

struct send_job {
        struct send_job *next;
        enum send_state state;
        uint64_t number;    /* of the question in flight */
        int64_t asked;      /* when, in monotonic ms */
        int64_t not_before; /* when it may be asked */
        unsigned tries;
        bool announced; /* the broker wants the body, from @offset */
        uint64_t offset;
        size_t count;
        uint64_t place[MESSAGES_BATCH_MOST];
};

struct send {
        struct fumi_sender *s;
        struct send_job *jobs;
        uint64_t cursor; /* places up to here are in jobs or need none */
        size_t flying, window;
        int64_t silence;   /* ms after which an unanswered question is asked again */
        int64_t progress;  /* when the last letter was settled */
        uint64_t *settled; /* places whose results are to be told after the commit */
        size_t settled_count, settled_cap;
        int stop; /* not 0: give up with this result */
};

int64_t send_now(void); /* monotonic ms */

/* The next letters behind the cursor as a job; NULL in @out when there are none. */
int send_job_next(struct send *p, struct send_job **out);
/* A job of one or more given places, to be asked @delay ms from now. */
int send_job_add(struct send *p, const uint64_t *place, size_t count, int64_t delay,
                 unsigned tries);
/* Ask it. OUTCOME_NO_ANSWER when the connection takes nothing. */
int send_job_ask(struct send *p, struct send_job *j);
/* How long to wait after so many tries that were put off. */
int64_t send_job_delay(unsigned tries);

/* Take an answer in. Faults and p->stop end the sending. */
int send_answer_take(struct send *p, struct send_job *j, const struct frame *f,
                     struct slice message);
