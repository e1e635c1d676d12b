/* tally.h - how often a digest has occurred, and where first
 *
 * So that two letters that say the same are two letters, by their number, and the same ones next
 * time. */
#pragma once

#include "base/bytes.h"

struct tally_of {
        struct hash digest;
        unsigned first; /* line */
        unsigned count;
};

struct tally {
        struct tally_of *place;
        size_t places; /* a power of two, at least twice what goes in */
};

int tally_begin(struct tally *t, size_t most); /* for up to @most digests; 0, -ENOMEM */
void tally_free(struct tally *t);
/* Count one more. Valid until the next call. */
const struct tally_of *tally_add(struct tally *t, const struct hash *digest, unsigned line);
