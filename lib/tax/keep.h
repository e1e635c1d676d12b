/* keep.h - strings that live and go together
 *
 * A certificate's facts are some dozens of short strings. They are laid one behind the other and
 * freed at once; none moves while the keep lives. A zeroed struct is an empty keep. */
#pragma once

#include "base/bytes.h"

struct keep {
        struct keep_piece *piece;
        bool failed; /* memory ran out: some strings are "" that should not be */
};

/* @text with a terminator, borrowed from the keep. Never NULL: "" when memory ran out. */
const char *keep_text(struct keep *k, struct slice text);
/* @size bytes, aligned for anything, zeroed; NULL when memory ran out. */
void *keep_room(struct keep *k, size_t size);
void keep_free(struct keep *k); /* and zeroes it */
