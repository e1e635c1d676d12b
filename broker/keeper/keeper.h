/* keeper.h - the process that owns the store and the evidence key, and sees no network
 *
 * A few threads, each going round: take in what the channel has, check it beside the others, answer
 * what only reads or is refused, and hand what writes to the sequencer, where one of them commits
 * for all. Answers leave when they are true: reads at once, writes after their commit. */
#pragma once

#include "core/core.h"

struct keeper_config {
        int front; /* the channel; taken over */
        struct store_config store;
        struct core_config core;
        unsigned threads;
        uint64_t commit_bytes;
};

enum keeper_outcome {
        KEEPER_STORE =
                1, /* the store cannot be opened; said why in the log. Trying again is of no use */
        KEEPER_FENCED = 2, /* the store is another's now */
};

struct keeper;

/* Opens the store, after the process has been confined to it. */
int keeper_open(struct keeper **out, const struct keeper_config *cfg);
/* Until the front shuts its way out. Everything taken in is answered then: 0. Or an outcome or
 * fault. */
int keeper_run(struct keeper *k);
void keeper_close(struct keeper **k); /* NULL inside is fine */
