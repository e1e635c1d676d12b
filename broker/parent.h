/* parent.h - the process that starts front and keeper, watches over them, and stops them in order
 *
 * It holds the listening sockets, the lock on the run folder and the counters socket. It reads no
 * stranger's byte and no secret. When one of the two dies it ends the other and starts both again;
 * a keeper that says it is of no use to try again ends the broker. */
#pragma once

#include "config.h"

enum parent_exit { PARENT_DONE = 0, PARENT_FAILED = 1 };

/* Run the broker until it is told to stop (SIGTERM, SIGINT). @ready_fd (-1: none) gets one byte
 * once it serves. Returns the exit code; everything there is to say has been logged. */
int parent_run(const struct config *c, int ready_fd);
