/* span.h - the stretch of a table that one visit covers, the same for every engine
 *
 * A visit begins at a key (or an end of the table) and goes on while keys begin with the prefix. */
#pragma once

#include "store/store.h"

struct span {
        struct slice prefix;
        struct slice start; /* begin here; empty: at the table's end in that direction */
        bool open;          /* down only: @start itself is not part of it */
        bool down;
        uint8_t room[STORE_KEY_MOST]; /* holds @start when it is no slice of the caller's */
};

/* Up: begin at the first key >= @start. Down: at the last key <= @start, or < @start when open.
 * @out borrows @prefix and @from, both at most STORE_KEY_MOST long, and must not be copied. */
void span_set(struct span *out, struct slice prefix, struct slice from, bool down);

bool span_covers(const struct span *s, struct slice key); /* begins with the prefix */
