/* examine.c - would a broker start? (--check-config) */
#include "examine.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/secret.h"
#include "place.h"
#include "sandbox/drop.h"
#include "seed.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void peek(const struct config *c)
{
        struct store_why why = { "" };
        int r;

        log_open("check", LOG_QUIET, LOG_TEXT);
        drop_privileges(); /* a store that ends this process leaves no core file behind */
        r = store_peek(config_engines[c->engine], c->store, &why);
        if (r == 0 || r == STORE_ABSENT)
                _exit(0);
        fprintf(stderr, "%s (store)\n", why.text[0] ? why.text : strerror(-r));
        _exit(EXAMINE_BAD);
}

/* In a process of its own, see store_peek(). If that is lost nothing is known: a store that was not
 * closed in order is put right by the start, and only there. */
static int look_at_store(const struct config *c)
{
        pid_t pid;
        int status;

        fflush(NULL);
        pid = fork();
        if (pid < 0)
                return fault(-errno);
        if (pid == 0)
                peek(c);
        if (waitpid(pid, &status, 0) != pid)
                return fault(-errno);
        return WIFEXITED(status) && WEXITSTATUS(status) ? EXAMINE_BAD : 0;
}

static int look_at_seed(const struct config *c, const struct drop_user *user, struct buf *why)
{
        struct seed *seed;
        int r = seed_read(&seed, c->keys, user->uid, why);

        if (!r)
                secret_free(seed);
        return r;
}

/* As the user that the broker would be: what he cannot reach the broker could not either. */
int examine_config(const struct config *c, struct buf *why)
{
        struct drop_user user;
        int r, seed, place;

        if (place_user(&user, c, why) != 0)
                return EXAMINE_BAD;
        r = user.uid == geteuid() ? 0 : drop_to(&user);
        if (r)
                return r;
        seed = look_at_seed(c, &user, why);
        place = place_check(c, &user, why);
        if (seed < 0)
                return seed;
        return seed || place ? EXAMINE_BAD : look_at_store(c);
}
