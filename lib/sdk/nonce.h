/* nonce.h - nonces for letters: UUID version 7 (RFC 9562), rising within a process (E3.6)
 *
 * Rising, so that the broker's table of nonces grows at one end. What makes them differ for certain
 * is their 62 random bits: two processes, or a clock that was set back, do no harm. */
#pragma once

#include "base/clock.h"

enum { NONCE_BYTES = 16 };

struct nonce_source {
        uint64_t ms;    /* of the last one */
        unsigned count; /* within that millisecond: 12 bits */
};
void nonce_next(struct nonce_source *n, instant now, uint8_t out[static NONCE_BYTES]);
