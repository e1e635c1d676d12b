/* examine.h - would a broker start with this configuration? (--check-config)
 *
 * Key file, folders, the files of the store and its format are looked at as the start looks at
 * them; nothing is changed. What only shows by doing it is left to the start: whether the endpoints
 * are free, whether another broker runs there, and whose the store is. */
#pragma once

#include "config.h"

enum examine_outcome { EXAMINE_BAD = 1 };

/* EXAMINE_BAD: @why, or standard error for the store, has a line for each trouble. The process
 * becomes the configuration's user for good. */
int examine_config(const struct config *c, struct buf *why);
