/* lmdb_open.c - from a folder's name to a store that is ours, and back
 *
 * Folder, lock, journal, environment, epoch: each only when the one before is in order (FORMAT.md).
 *
 * After a crash the data file may be anything but its base. So the base is put back, and the
 * journal's batches are done again in a single transaction: LMDB keeps the pages of the state
 * before a transaction, so a second crash finds the base as the first one did. */
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
        pthread_mutex_destroy(&s->sync.lock);
        pthread_cond_destroy(&s->sync.asked);
        pthread_cond_destroy(&s->sync.done);
        buf_free(&s->journal.record);
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
        s->lock = s->journal.fd = -1;
        s->readers_most = cfg->readers;
        s->map_most = cfg->map_most ? clamp(cfg->map_most, MAP_LEAST, MAP_MOST) : MAP_MOST;
        s->map_most &= ~UINT64_C(0xffff); /* whole pages on any machine */
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
        pthread_mutex_init(&s->writer, &attr);
        pthread_mutexattr_destroy(&attr);
        pthread_mutex_init(&s->gate, NULL);
        pthread_cond_init(&s->moved, NULL);
        pthread_mutex_init(&s->sync.lock, NULL);
        pthread_cond_init(&s->sync.asked, NULL);
        pthread_cond_init(&s->sync.done, NULL);
        return s;
}

/* ---- the journal's batches ---- */

struct again {
        struct lmdb_store *s;
        MDB_txn *txn;
};

static MDB_val val_of(struct slice s)
{
        return (MDB_val){ .mv_size = s.len, .mv_data = (void *)(uintptr_t)s.at };
}

static int put_again(void *ctx, unsigned table, struct slice key, struct slice value)
{
        struct again *a = ctx;
        MDB_val k = val_of(key), v = val_of(value);

        if (table >= TABLE_COUNT)
                return fault(-EBADMSG);
        return lmdb_env_word(mdb_put(a->txn, a->s->table[table], &k, &v, 0));
}

static int del_again(void *ctx, unsigned table, struct slice key)
{
        struct again *a = ctx;
        MDB_val k = val_of(key);
        int r;

        if (table >= TABLE_COUNT)
                return fault(-EBADMSG);
        r = lmdb_env_word(mdb_del(a->txn, a->s->table[table], &k, NULL));
        return r == STORE_ABSENT ? fault(-EBADMSG) : r;
}

static int name_again(void *ctx, uint64_t batch)
{
        struct again *a = ctx;

        return lmdb_env_put_own(a->s, a->txn, "batch", batch);
}

static int do_again(struct lmdb_store *s, MDB_txn *txn)
{
        struct again a = { s, txn };
        const struct journal_visit visit = {
                .ctx = &a, .put = put_again, .del = del_again, .batch = name_again
        };

        return journal_replay(&s->journal, &visit);
}

/* ---- opening ---- */

/* Every opening is a new owner. */
static int raise_epoch(struct lmdb_store *s, MDB_txn *txn)
{
        int r = lmdb_env_get_own(s, txn, "epoch", &s->epoch);

        if (!r)
                r = lmdb_env_put_own(s, txn, "epoch", ++s->epoch);
        return r == STORE_ABSENT ? STORE_FOREIGN : r;
}

static int first_commit(struct lmdb_store *s, bool behind, bool raise)
{
        MDB_txn *txn;
        int r;

        r = lmdb_map_make_room(s);
        if (!r)
                r = lmdb_env_word(mdb_txn_begin(s->env, NULL, 0, &txn));
        if (r)
                return r;
        if (behind)
                r = do_again(s, txn);
        if (!r && raise)
                r = raise_epoch(s, txn);
        if (r) {
                mdb_txn_abort(txn);
                return r;
        }
        return lmdb_env_commit(txn);
}

/* The same as often as the map must grow for it. */
static int catch_up(struct lmdb_store *s, bool behind, bool raise)
{
        MDB_envinfo info;
        int r;

        while ((r = first_commit(s, behind, raise)) == STORE_AGAIN) {
                mdb_env_info(s->env, &info);
                if (info.me_mapsize >= s->map_most)
                        return STORE_FULL;
                s->must_grow = true;
        }
        return r;
}

static void explain(struct lmdb_store *s, int r, struct store_why *why)
{
        if (r == STORE_FOREIGN)
                store_explain(why, "%s is damaged: it has no epoch", s->file);
        else if (r == STORE_FULL)
                store_explain(why, "no room on the disk to open %s", s->file);
        else if (r)
                store_explain(why, "cannot write to %s: %s", s->file, strerror(-r));
}

int lmdb_open_env(struct lmdb_store *s, uint64_t map, bool raise, struct store_why *why)
{
        bool behind = s->journal.head.serial && !s->journal.head.closed;
        struct store_why unread;
        int r = 0;

        if (!why)
                why = &unread;
        if (behind)
                r = lmdb_sync_restore(s, why);
        if (!r)
                r = lmdb_env_open(s, map, why);
        if (r)
                return r;
        r = catch_up(s, behind, raise);
        if (!r)
                r = lmdb_sync_begin(s);
        if (r) {
                explain(s, r, why);
                lmdb_env_close(s);
        }
        return r;
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
                r = lmdb_open_env(s, clamp(map, MAP_LEAST, s->map_most), true, why);
        if (!r)
                r = lmdb_sync_start(s);
        if (r) {
                free_store(s);
                return r;
        }
        *out = &s->base;
        return 0;
}

void lmdb_open_undo(struct store *store)
{
        struct lmdb_store *s = (struct lmdb_store *)store;

        lmdb_sync_stop(s);
        free_store(s);
}
