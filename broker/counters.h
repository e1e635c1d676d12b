/* counters.h - the counters, for whoever may open <run>/counters.sock (mode 0600)
 *
 * Connect and read: one line "name value" for each counter, then the end. Who writes "json\n" first
 * gets one JSON object instead. */
#pragma once

#include "config.h"

enum counters_outcome { COUNTERS_BAD = 1 };

/* A listening socket, its path made anew. COUNTERS_BAD: @why. */
int counters_open(int *fd, const struct config *c, struct buf *why);
void counters_serve(int fd); /* one visitor, for at most a second */
