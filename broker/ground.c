/* ground.c - what the broker stands on */
#include "ground.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/secret.h"
#include "counters.h"
#include "listen.h"
#include "place.h"
#include "sandbox/drop.h"
#include "seed.h"

#include <unistd.h>

static int listen_all(struct ground *g, const struct config *c, struct buf *why)
{
        char cause[256];

        for (size_t i = 0; i < c->listens; i++) {
                int r = listen_open(&g->listen[i], g->endpoint[i], c->listen[i], cause);

                if (r == LISTEN_BAD)
                        buf_printf(why, "listen: %s\n", cause);
                if (r)
                        return r;
        }
        return 0;
}

static int check_seed(const struct config *c, const struct drop_user *user, struct buf *why)
{
        struct seed *seed;
        int r = seed_read(&seed, c->keys, user->uid, why);

        if (!r)
                secret_free(seed);
        return r;
}

static int become(const struct drop_user *user)
{
        int r = user->uid == geteuid() ? 0 : drop_to(user);

        if (!r)
                r = drop_privileges();
        if (!r && user->uid == 0)
                log_warn("running as root", "user", "%s",
                         "none is configured; there should be one for the broker alone");
        return r;
}

int ground_take(struct ground *g, const struct config *c, struct buf *why)
{
        struct drop_user user;
        int r = place_user(&user, c, why);

        if (!r)
                r = check_seed(c, &user, why);
        if (!r)
                r = place_make(c, &user, why);
        if (!r)
                r = listen_all(g, c, why);
        if (!r)
                r = become(&user);
        if (!r)
                r = place_lock(&g->lock, c, why);
        return r ? r : counters_open(&g->counters, c, why);
}
