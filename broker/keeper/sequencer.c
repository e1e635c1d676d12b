/* sequencer.c - many requests, one commit
 *
 * What a commit may say: done; run it again (AGAIN, and UNKNOWN with the same batch number, which
 * tells whether it was kept); full, and everything in it is answered STORE_FULL; fenced. A fault in
 * one request's step must not take its neighbours with it: the requests are then run again one by
 * one, and only those that fail alone are answered BROKER_FAULT. */
#include "keeper/sequencer.h"

#include "base/fault.h"
#include "base/log.h"
#include "metric/metric.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

enum {
        REQUESTS_MOST = 4096, /* in one commit */
        TRIES = 8,            /* of a commit that says AGAIN */
        PAUSE_MS = 200,       /* before asking again about one that says UNKNOWN */
        LOG_FULL_US = 10000000,
};

struct sequencer_batch {
        STAILQ_ENTRY(sequencer_batch) next;
        struct sequencer_work *work;
        size_t count, room;
        uint64_t weight;
        bool ready;
};
STAILQ_HEAD(batches, sequencer_batch);

struct sequencer {
        struct sequencer_config cfg;
        pthread_mutex_t lock;
        pthread_cond_t drained;
        struct batches queue; /* in the order of intake */
        uint64_t waiting;     /* weight of what is ready and not yet committed */
        bool committing;

        /* Only the committing thread: */
        uint64_t epoch, commits;
        instant last; /* time of the last commit: never goes back */
        int64_t logged_full;
        struct sequencer_work *work; /* of this commit */
        size_t count, room;
};

int sequencer_new(struct sequencer **out, const struct sequencer_config *cfg)
{
        struct sequencer *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return fault(-ENOMEM);
        r = store_lease(cfg->store, &s->epoch);
        if (r) {
                free(s);
                return r == STORE_FENCED ? SEQUENCER_FENCED : r;
        }
        s->cfg = *cfg;
        pthread_mutex_init(&s->lock, NULL);
        pthread_cond_init(&s->drained, NULL);
        STAILQ_INIT(&s->queue);
        *out = s;
        return 0;
}

void sequencer_free(struct sequencer *s)
{
        struct sequencer_batch *b;

        if (!s)
                return;
        while ((b = STAILQ_FIRST(&s->queue))) {
                STAILQ_REMOVE_HEAD(&s->queue, next);
                for (size_t i = 0; i < b->count; i++)
                        core_request_free(b->work[i].request);
                free(b->work);
                free(b);
        }
        pthread_cond_destroy(&s->drained);
        pthread_mutex_destroy(&s->lock);
        free(s->work);
        free(s);
}

void sequencer_wait(struct sequencer *s)
{
        pthread_mutex_lock(&s->lock);
        while (s->committing && s->waiting > s->cfg.commit_bytes)
                pthread_cond_wait(&s->drained, &s->lock);
        pthread_mutex_unlock(&s->lock);
}

struct sequencer_batch *sequencer_enter(struct sequencer *s)
{
        struct sequencer_batch *b = calloc(1, sizeof(*b));

        if (!b)
                return NULL;
        pthread_mutex_lock(&s->lock);
        STAILQ_INSERT_TAIL(&s->queue, b, next);
        pthread_mutex_unlock(&s->lock);
        return b;
}

/* Room for one more in a growing array of work. */
static int make_room(struct sequencer_work **work, size_t count, size_t *room)
{
        size_t more = *room ? 2 * *room : 16;
        struct sequencer_work *grown;

        if (count < *room)
                return 0;
        grown = realloc(*work, more * sizeof(**work));
        if (!grown)
                return fault(-ENOMEM);
        *work = grown;
        *room = more;
        return 0;
}

int sequencer_add(struct sequencer_batch *b, struct core_request *request,
                  const uint8_t route[static 4])
{
        int r = make_room(&b->work, b->count, &b->room);

        if (r)
                return r;
        b->work[b->count].request = request;
        memcpy(b->work[b->count].route, route, 4);
        b->count++;
        b->weight += core_request_weight(request);
        return 0;
}

/* ---- one commit ---- */

struct commit {
        struct sequencer_work *work;
        size_t count;
        uint64_t number;
        struct core_batch *batch; /* what the last run decided */
};

/* Seal and commit. Nothing changed (all refused, all duplicates) needs no commit. */
static int finish(struct commit *c, struct store_txn **txn)
{
        bool changed;
        int r = core_seal(c->batch, &changed);

        if (r || !changed)
                return r;
        r = store_commit(txn);
        metric_add(METRIC_KEEPER_COMMITS, r == 0);
        return r;
}

/* Run all steps in one transaction. After anything but 0 nothing has been kept, but after UNKNOWN
 * perhaps. */
static int run(struct sequencer *s, struct commit *c)
{
        struct store_txn *txn = NULL;
        bool done = false;
        int r = store_begin(s->cfg.store, c->number, &txn, &done);

        if (r == 0 && done) {
                assert(c->batch); /* a number is used again only after UNKNOWN */
                store_abort(&txn);
                return 0;
        }
        core_batch_free(c->batch);
        c->batch = NULL;
        if (r == 0)
                r = core_begin(s->cfg.core, &c->batch, txn, s->last);
        for (size_t i = 0; i < c->count && r == 0; i++)
                r = core_step(c->batch, c->work[i].request);
        if (r == 0)
                r = finish(c, &txn);
        store_abort(&txn);
        return r;
}

static void pause_a_little(void)
{
        const struct timespec t = { .tv_nsec = PAUSE_MS * 1000000L };

        nanosleep(&t, NULL);
}

/* The same batch until the store knows. UNKNOWN for ever is a broken disk: nothing is answered
 * meanwhile, which is the truth. */
static int run_until_known(struct sequencer *s, struct commit *c)
{
        int tries = 0, r;

        c->number = s->epoch << 32 | ++s->commits;
        while ((r = run(s, c)) == STORE_UNKNOWN || (r == STORE_AGAIN && ++tries < TRIES)) {
                metric_add(METRIC_KEEPER_AGAIN, 1);
                if (r == STORE_UNKNOWN) {
                        log_error("a commit may or may not be kept, asking again", "batch", "%llu",
                                  (unsigned long long)c->number);
                        pause_a_little();
                }
        }
        return r == STORE_AGAIN ? STORE_FULL : r;
}

static void count_tally(const struct core_batch *b)
{
        const struct core_tally *t = core_batch_tally(b);

        metric_add(METRIC_LETTERS_FILED, t->filed);
        metric_add(METRIC_LETTERS_DUPLICATE, t->duplicates);
        metric_add(METRIC_LETTERS_REFUSED, t->refused);
        metric_add(METRIC_LETTERS_ACKED, t->acked);
        metric_add(METRIC_STATEMENTS, t->statements);
        metric_add(METRIC_CHUNKS, t->chunks);
        metric_add(METRIC_LEAVES, t->leaves);
        metric_add(METRIC_COSIGNATURES, t->cosignatures);
}

static void release(struct sequencer *s, const struct commit *c, uint64_t code)
{
        for (size_t i = 0; i < c->count; i++)
                s->cfg.release(s->cfg.ctx, &c->work[i], code);
}

static void say_full(struct sequencer *s, size_t count)
{
        metric_add(METRIC_KEEPER_FULL, count);
        if (s->logged_full && clock_mono_us() - s->logged_full < LOG_FULL_US)
                return;
        s->logged_full = clock_mono_us();
        log_error("the store is full: disk or map_most; nothing is lost, senders are told to try "
                  "later",
                  "requests", "%zu", count);
}

/* 0 when everything was answered. */
static int commit_and_release(struct sequencer *s, struct sequencer_work *work, size_t count)
{
        struct commit c = { .work = work, .count = count };
        int r = run_until_known(s, &c);

        if (r == 0) {
                s->cfg.durable(s->cfg.ctx);
                release(s, &c, 0);
                core_wakes(c.batch, s->cfg.wake, s->cfg.ctx);
                count_tally(c.batch);
        } else if (r == STORE_FULL) {
                say_full(s, count);
                release(s, &c, OUTCOME_STORE_FULL);
                r = 0;
        } else if (r == STORE_FENCED) {
                r = SEQUENCER_FENCED;
        }
        core_batch_free(c.batch);
        return r;
}

/* A fault: alone, it is the request's own; among others, each is tried by itself. */
static int commit_one_by_one(struct sequencer *s)
{
        for (size_t i = 0; i < s->count; i++) {
                struct commit alone = { .work = &s->work[i], .count = 1 };
                int r = commit_and_release(s, alone.work, 1);

                if (r > 0)
                        return r;
                if (r < 0) {
                        metric_add(METRIC_KEEPER_FAULTS, 1);
                        log_error("a request broke", "verb", "%llu: %s",
                                  (unsigned long long)core_request_verb(s->work[i].request),
                                  strerror(-r));
                        release(s, &alone, OUTCOME_BROKER_FAULT);
                }
        }
        return 0;
}

static int commit(struct sequencer *s)
{
        int64_t began = clock_mono_us(), took;
        instant now = clock_now();
        int r;

        s->last = now > s->last ? now : s->last;
        r = commit_and_release(s, s->work, s->count);
        if (r < 0)
                r = commit_one_by_one(s);
        s->cfg.released(s->cfg.ctx);
        took = clock_mono_us() - began;
        metric_add(METRIC_KEEPER_COMMIT_US, (uint64_t)took);
        metric_raise(METRIC_KEEPER_COMMIT_US_MOST, (uint64_t)took);
        metric_raise(METRIC_KEEPER_COMMIT_REQUESTS_MOST, s->count);
        metric_add(METRIC_KEEPER_WRITES, s->count);
        for (size_t i = 0; i < s->count; i++)
                core_request_free(s->work[i].request);
        return r;
}

/* ---- who commits ---- */

/* Move what is ready at the head of the queue into s->work, up to the limits. Under the lock. */
static int gather(struct sequencer *s)
{
        struct sequencer_batch *b;
        uint64_t weight = 0;
        int r = 0;

        s->count = 0;
        while ((b = STAILQ_FIRST(&s->queue)) && b->ready && !r &&
               (!s->count || (weight + b->weight <= s->cfg.commit_bytes &&
                              s->count + b->count <= REQUESTS_MOST))) {
                for (size_t i = 0; i < b->count && !r; i++) {
                        r = make_room(&s->work, s->count, &s->room);
                        if (!r)
                                s->work[s->count++] = b->work[i];
                }
                weight += b->weight;
                s->waiting -= b->weight;
                STAILQ_REMOVE_HEAD(&s->queue, next);
                free(b->work);
                free(b);
        }
        pthread_cond_broadcast(&s->drained);
        return r;
}

int sequencer_ready(struct sequencer *s, struct sequencer_batch *b)
{
        int r = 0;

        pthread_mutex_lock(&s->lock);
        b->ready = true;
        s->waiting += b->weight;
        while (!s->committing && !r && (b = STAILQ_FIRST(&s->queue)) && b->ready) {
                r = gather(s);
                if (r || !s->count)
                        continue;
                s->committing = true;
                pthread_mutex_unlock(&s->lock);
                r = commit(s);
                pthread_mutex_lock(&s->lock);
                s->committing = false;
                pthread_cond_broadcast(&s->drained);
        }
        pthread_mutex_unlock(&s->lock);
        return r;
}
