/* rate.c - token buckets in a table of fixed size
 *
 * A bucket is one instant: the time up to which its owner has used up its share. A request moves it
 * on by 1/rate of a second; it may not pass the present, and it never lags more than a second
 * behind, which is the burst. The table has sets of a few places; a key's set follows from its
 * bytes and a secret number, so that nobody can choose to share a set with another. */
#include "front/rate.h"

#include "base/fault.h"

#include <errno.h>
#include <stdlib.h>

enum { SETS = 4096, PLACES = 4, SECOND = 1000000000 }; /* ns */

struct bucket {
        struct curve_pub peer;
        int64_t used_up_to; /* ns */
        int64_t seen;
};

struct rate {
        uint64_t a_second;
        uint64_t secret[2];
        struct bucket bucket[SETS][PLACES];
};

int rate_new(struct rate **out, uint64_t a_second)
{
        struct rate *r = calloc(1, sizeof(*r));

        if (!r)
                return fault(-ENOMEM);
        r->a_second = a_second;
        keys_random(r->secret, sizeof(r->secret));
        *out = r;
        return 0;
}

void rate_free(struct rate *r)
{
        free(r);
}

/* Transport keys are points that strangers may try out; two rounds of multiply and fold with a
 * secret are enough for a table whose worst case is a full bucket. */
static size_t set_of(const struct rate *r, const struct curve_pub *peer)
{
        uint64_t h = r->secret[0];

        for (size_t i = 0; i < sizeof(peer->b); i += 8) {
                h ^= get_be64(peer->b + i);
                h *= r->secret[1] | 1;
                h ^= h >> 29;
        }
        return h % SETS;
}

static struct bucket *find(struct rate *r, const struct curve_pub *peer, int64_t now)
{
        struct bucket *set = r->bucket[set_of(r, peer)], *oldest = set;

        for (size_t i = 0; i < PLACES; i++) {
                if (memcmp(&set[i].peer, peer, sizeof(*peer)) == 0)
                        return &set[i];
                if (set[i].seen < oldest->seen)
                        oldest = &set[i];
        }
        *oldest = (struct bucket){ .peer = *peer, .used_up_to = now - SECOND };
        return oldest;
}

int rate_take(struct rate *r, const struct curve_pub *peer, int64_t now_us)
{
        int64_t now = now_us * 1000, cost;
        struct bucket *b;

        if (!r->a_second)
                return 0;
        cost = SECOND / (int64_t)r->a_second;
        b = find(r, peer, now);
        b->seen = now;
        if (b->used_up_to < now - SECOND)
                b->used_up_to = now - SECOND;
        if (b->used_up_to + cost > now)
                return RATE_EXCEEDED;
        b->used_up_to += cost;
        return 0;
}
