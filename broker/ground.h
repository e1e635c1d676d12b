/* ground.h - what the broker stands on: its place, and the descriptors that are taken before the
 * first child and kept to the end
 *
 * Everything that may need root is done here, in the order in which a person would want to hear of
 * trouble; then root and every capability are given up. */
#pragma once

#include "config.h"

struct ground {
        int lock;                        /* place_lock() */
        int counters;                    /* counters_open() */
        int listen[CONFIG_LISTENS_MOST]; /* config.listens of them */
        char endpoint[CONFIG_LISTENS_MOST][128];
};

/* Take it, as the configuration's user for good. A positive outcome: @why has a line for each
 * trouble. */
int ground_take(struct ground *g, const struct config *c, struct buf *why);
