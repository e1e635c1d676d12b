/* sequencer.h - many requests, one commit
 *
 * Threads take requests in, in batches, and check them side by side. The order of intake is kept
 * (P2.2): a sender's chunks are stepped in the order in which they came. Whoever finishes a batch
 * while nobody commits becomes the one who commits, and goes on until nothing is ready; what the
 * others finish meanwhile goes into the next commit. So nobody waits on a timer, an idle broker
 * commits a request at once, and the busier it is the more share a commit.
 *
 *      enter ─┬─ check ── ready ─┐
 *             └─ check ── ready ─┴─ begin, step…, seal, commit ── release
 *
 * Nothing is released before it is durable (P2.5). Safe from every thread; the callbacks run on the
 * committing thread, without locks. */
#pragma once

#include "core/core.h"

struct sequencer;
struct sequencer_batch;

/* One request on its way through a commit. The sequencer frees the request after releasing it. */
struct sequencer_work {
        struct core_request *request;
        uint8_t route[4];
};

enum sequencer_outcome {
        SEQUENCER_FENCED = 1, /* the store is another's: stop serving */
};

struct sequencer_config {
        struct store *store;
        struct core *core;
        uint64_t commit_bytes; /* weight at which a commit takes no further batch */
        void *ctx;
        /* Answer @work, which the commit decided, or with @code when it is not 0. */
        void (*release)(void *ctx, const struct sequencer_work *work, uint64_t code);
        void (*wake)(void *ctx, uint64_t box, uint64_t count);
        void (*durable)(void *ctx);  /* a commit succeeded: before its releases and wakes */
        void (*released)(void *ctx); /* all releases of a commit are done */
};

int sequencer_new(struct sequencer **out, const struct sequencer_config *cfg);
void sequencer_free(struct sequencer *s); /* NULL is fine; no batch may be under way */

/* Wait until there is little enough to commit that more may be taken in. */
void sequencer_wait(struct sequencer *s);

/* A place in the order; in the order of intake, so under the lock of whoever takes in. NULL without
 * memory. */
struct sequencer_batch *sequencer_enter(struct sequencer *s);
/* Takes the request over. Only the thread that entered the batch, until it says ready. */
int sequencer_add(struct sequencer_batch *b, struct core_request *request,
                  const uint8_t route[static 4]);
/* Everything of this batch is checked and added. May commit, this batch and others. The calling
 * thread must hold no transaction. 0, SEQUENCER_FENCED, or a fault that nothing can be done about.
 */
int sequencer_ready(struct sequencer *s, struct sequencer_batch *b);
