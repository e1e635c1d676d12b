/* permit.h - which requests the front passes on to the keeper, and how large each may be
 *
 * The outermost statement of what a stranger can reach: a verb that is not in this table does not
 * get past the front, whatever the schemas say. */
#pragma once

#include "base/bytes.h"

struct permit {
        uint64_t verb;
        const char *name;
        size_t most;        /* bytes of the whole request */
        size_t answer_most; /* bytes that an ordinary answer does not exceed */
};

const struct permit *permit_of(uint64_t verb); /* NULL: nobody may ask this */
