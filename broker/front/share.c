/* share.c - a place for each connection, by its number
 *
 * libzmq counts connections up, so those that live at the same time have different places as long
 * as there are fewer than PLACES of them; two that share one share its limits, no more. */
#include "front/share.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { PLACES = 1 << 16, SECOND_US = 1000000 };

struct place {
        uint32_t under_way;
        uint32_t second; /* in which @sent was right */
        uint64_t sent;
};

struct share {
        struct place place[PLACES];
};

int share_new(struct share **out)
{
        *out = calloc(1, sizeof(**out));
        return *out ? 0 : fault(-ENOMEM);
}

void share_free(struct share *s)
{
        free(s);
}

static struct place *place_of(struct share *s, const uint8_t route[static 4])
{
        return &s->place[get_be32(route) % PLACES];
}

static struct place *place_now(struct share *s, const uint8_t route[static 4], int64_t now_us)
{
        struct place *p = place_of(s, route);
        uint32_t second = (uint32_t)(now_us / SECOND_US), passed = second - p->second;

        p->sent = passed < 64 ? p->sent >> passed : 0;
        p->second = second;
        return p;
}

bool share_ask(struct share *s, const uint8_t route[static 4])
{
        struct place *p = place_of(s, route);

        if (p->under_way >= SHARE_UNDER_WAY)
                return false;
        p->under_way++;
        return true;
}

void share_answered(struct share *s, const uint8_t route[static 4])
{
        struct place *p = place_of(s, route);

        assert(p->under_way);
        p->under_way--;
}

void share_sent(struct share *s, const uint8_t route[static 4], size_t bytes, int64_t now_us)
{
        place_now(s, route, now_us)->sent += bytes;
}

bool share_greedy(struct share *s, const uint8_t route[static 4], int64_t now_us)
{
        return place_now(s, route, now_us)->sent > SHARE_GREEDY;
}
