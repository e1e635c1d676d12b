/* rate.h - how often one key may ask: a token bucket for each, in a table of fixed size
 *
 * A bucket holds one second's worth. Keys that were not heard of for longest lose their place,
 * which gives them a full bucket again; who changes keys to profit from that pays a handshake each
 * time. */
#pragma once

#include "crypt/keys.h"

struct rate;
enum rate_outcome { RATE_EXCEEDED = 1 };

int rate_new(struct rate **out, uint64_t a_second); /* 0: no limit */
void rate_free(struct rate *r);                     /* NULL is fine */
int rate_take(struct rate *r, const struct curve_pub *peer, int64_t now_us);
