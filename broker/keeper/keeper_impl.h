/* keeper_impl.h - what the keeper's files share: the process's one struct, and the way out */
#pragma once

#include "keeper/keeper.h"
#include "keeper/sequencer.h"
#include "keeper/watch.h"

#include <pthread.h>
#include <stdatomic.h>

struct channel;

struct keeper {
        struct store *store;
        struct core *core;
        struct channel *channel;
        struct sequencer *sequencer;
        struct watch_table *watches;
        unsigned threads;
        pthread_mutex_t intake;  /* the channel's way in, and the order of batches */
        pthread_mutex_t out;     /* the channel's way out */
        int end;                 /* eventfd, readable once anything has ended the keeper */
        atomic_int result;       /* the first outcome or fault */
        int64_t stat_at;         /* when the store's figures were taken; the committing thread's */
        struct buf answer;       /* the committing thread's */
        struct buf watch_answer; /* under the table's lock */
};

/* keeper_out.c: the first thing that ends the keeper; all threads leave. */
void keeper_end(struct keeper *k, int result);
/* Put an answer on its way; waits for the front, which never waits for us. */
void keeper_say(struct keeper *k, const uint8_t route[static 4], struct slice answer);
void keeper_flush(struct keeper *k);
void keeper_say_watch(void *ctx, const struct watch *w, uint64_t count);
void keeper_say_stopping(void *ctx, const struct watch *w, uint64_t count);

/* keeper_check.c: one batch, from intake to its answers. */
struct keeper_taken {
        uint8_t *bytes;
        size_t len;
        uint8_t route[4];
        struct curve_pub peer;
};
enum { KEEPER_TAKE_MOST = 64, KEEPER_TAKE_BYTES = 1 << 20 };
struct keeper_batch {
        struct keeper_taken taken[KEEPER_TAKE_MOST];
        size_t count;
        struct sequencer_batch *order;
};
/* Check everything, answer what can be answered, add the rest to @b->order. */
int keeper_check(struct keeper *k, struct keeper_batch *b, struct buf *scratch);
