/* lmdb_open.c - from a folder's name to a store that is ours, and back
 *
 * Folder, lock, environment, epoch: each only when the one before is in order (FORMAT.md). */
#include "store/lmdb_env.h"

#include "base/fault.h"

#include <errno.h>
#include <stdlib.h>

static const uint64_t MAP_FIRST = UINT64_C(1) << 30;
static const uint64_t MAP_LEAST = UINT64_C(1) << 20;
static const uint64_t MAP_MOST = UINT64_C(1) << 45; /* what 47 bits of addresses hold with ease */

static void free_store(struct lmdb_store *s)
{
        lmdb_env_close(s);
        lmdb_folder_give_back(s);
        pthread_mutex_destroy(&s->writer);
        pthread_mutex_destroy(&s->gate);
        pthread_cond_destroy(&s->moved);
        free(s);
}

static uint64_t clamp(uint64_t v, uint64_t least, uint64_t most)
{
        return v < least ? least : v > most ? most : v;
}

static struct lmdb_store *new_store(const struct store_config *cfg)
{
        struct lmdb_store *s = calloc(1, sizeof(*s));
        pthread_mutexattr_t attr;

        if (!s)
                return NULL;
        s->lock = -1;
        s->readers_most = cfg->readers;
        s->map_most = cfg->map_most ? clamp(cfg->map_most, MAP_LEAST, MAP_MOST) : MAP_MOST;
        s->map_most &= ~UINT64_C(0xffff); /* whole pages on any machine */
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
        pthread_mutex_init(&s->writer, &attr);
        pthread_mutexattr_destroy(&attr);
        pthread_mutex_init(&s->gate, NULL);
        pthread_cond_init(&s->moved, NULL);
        return s;
}

/* Every opening is a new owner. */
static int raise_epoch(struct lmdb_store *s)
{
        MDB_txn *txn;
        int r;

        r = lmdb_map_make_room(s);
        if (!r)
                r = lmdb_env_word(mdb_txn_begin(s->env, NULL, 0, &txn));
        if (r)
                return r;
        r = lmdb_env_get_own(s, txn, "epoch", &s->epoch);
        if (!r)
                r = lmdb_env_put_own(s, txn, "epoch", ++s->epoch);
        if (r) {
                mdb_txn_abort(txn);
                return r == STORE_ABSENT ? STORE_FOREIGN : r == STORE_AGAIN ? STORE_FULL : r;
        }
        r = lmdb_env_commit(txn);
        return r == STORE_AGAIN ? STORE_FULL : r;
}

int lmdb_open_store(struct store **out, const struct store_config *cfg, struct store_why *why)
{
        struct lmdb_store *s = new_store(cfg);
        uint64_t map = cfg->map_first ? cfg->map_first : MAP_FIRST;
        int r;

        if (!s) {
                store_explain(why, "no memory for a store");
                return fault(-ENOMEM);
        }
        r = lmdb_folder_take(s, cfg, why);
        if (!r)
                r = lmdb_env_open(s, clamp(map, MAP_LEAST, s->map_most), why);
        if (!r) {
                r = raise_epoch(s);
                if (r == STORE_FOREIGN)
                        store_explain(why, "%s is damaged: it has no epoch", s->file);
                else if (r == STORE_FULL)
                        store_explain(why, "no room on the disk to open %s", s->file);
                else if (r)
                        store_explain(why, "cannot write to %s: %s", s->file, strerror(-r));
        }
        if (r) {
                free_store(s);
                return r;
        }
        *out = &s->base;
        return 0;
}

void lmdb_open_undo(struct store *store)
{
        free_store((struct lmdb_store *)store);
}
