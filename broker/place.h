/* place.h - the folders and files around a running broker
 *
 *      <run>/pid               locked as long as the broker runs: a second one in the same place is
 * refused <run>/endpoint          where it listens, one line each, once it is ready
 *      <run>/counters.sock     counters.h
 *      <store>/                store.h */
#pragma once

#include "config.h"
#include "sandbox/drop.h"

enum place_outcome { PLACE_BAD = 1 };

/* Whom the broker runs as: @user from the configuration, or who we are. PLACE_BAD: @why. */
int place_user(struct drop_user *out, const struct config *c, struct buf *why);

/* Is everything that exists as it must be? Changes nothing. PLACE_BAD: @why has a line for each
 * trouble. */
int place_check(const struct config *c, const struct drop_user *user, struct buf *why);

/* Make the folders that do not exist, mode 0700, belonging to @user. PLACE_BAD: @why. */
int place_make(const struct config *c, const struct drop_user *user, struct buf *why);

/* Write <run>/pid and lock it: the descriptor holds the lock. PLACE_BAD: @why names who is there
 * already. */
int place_lock(int *fd, const struct config *c, struct buf *why);
int place_endpoints(const struct config *c, char endpoint[][128], size_t count);
void place_leave(const struct config *c); /* remove what a stopped broker leaves no meaning to */

/* "<run>/NAME"; false when it does not fit. */
bool place_path(char *out, size_t room, const struct config *c, const char *name);
