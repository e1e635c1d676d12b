/* lmdb_map.c - growing the map, and starting over when LMDB gave up
 *
 * Both need the environment to be empty: LMDB moves or closes its map under whoever reads. Readers
 * pass a gate; the writer, who holds the writer's lock and has no transaction yet or any more,
 * shuts it and waits until the last reader has left.
 *
 * Growing before it is needed does not wait: when readers are inside, the next batch is soon
 * enough. Only after a batch really met the end of the map (STORE_AGAIN) is growth worth waiting
 * for. */
#include "store/lmdb_env.h"

#include "base/fault.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>

void lmdb_map_enter(struct lmdb_store *s)
{
        pthread_mutex_lock(&s->gate);
        while (s->shut)
                pthread_cond_wait(&s->moved, &s->gate);
        s->inside++;
        pthread_mutex_unlock(&s->gate);
}

void lmdb_map_leave(struct lmdb_store *s)
{
        pthread_mutex_lock(&s->gate);
        assert(s->inside > 0);
        s->inside--;
        if (!s->inside)
                pthread_cond_broadcast(&s->moved);
        pthread_mutex_unlock(&s->gate);
}

/* False, and nothing shut, when readers are inside and we may not @wait for them. */
static bool shut_gate(struct lmdb_store *s, bool wait)
{
        bool empty;

        pthread_mutex_lock(&s->gate);
        s->shut = true;
        while (wait && s->inside)
                pthread_cond_wait(&s->moved, &s->gate);
        empty = !s->inside;
        s->shut = empty;
        if (!empty)
                pthread_cond_broadcast(&s->moved);
        pthread_mutex_unlock(&s->gate);
        return empty;
}

static void open_gate(struct lmdb_store *s)
{
        pthread_mutex_lock(&s->gate);
        s->shut = false;
        pthread_cond_broadcast(&s->moved);
        pthread_mutex_unlock(&s->gate);
}

/* The map's size and what lies behind the last page ever used. Pages given back inside are not
 * counted, so this errs towards growing early, which costs address space only. */
static void measure(struct lmdb_store *s, uint64_t *map, uint64_t *behind)
{
        MDB_envinfo info;
        MDB_stat st;
        uint64_t used;

        mdb_env_info(s->env, &info);
        mdb_env_stat(s->env, &st);
        used = (uint64_t)(info.me_last_pgno + 1) * st.ms_psize;
        *map = info.me_mapsize;
        *behind = info.me_mapsize > used ? info.me_mapsize - used : 0;
}

/* Room for an eighth of the map, and for three of the largest batch (its pages, those it copies and
 * what a half-empty page wastes). */
static bool is_tight(struct lmdb_store *s, uint64_t map, uint64_t behind)
{
        return behind < map / 8 || behind < 3 * s->batch_most;
}

/* The pins are read transactions too, but nobody reads through them. */
static int grow(struct lmdb_store *s, uint64_t map)
{
        uint64_t to = map > s->map_most / 2 ? s->map_most : map * 2;
        bool follows = s->sync.pin; /* else an opening is under way, and will see to it */
        int rc = mdb_env_set_mapsize(s->env, (size_t)to);

        if (!rc) {
                log_info("the map has grown", "bytes", "%llu", (unsigned long long)to);
                return 0;
        }
        /* LMDB let go of the old map before it asked for the new one. */
        lmdb_env_close(s);
        if (lmdb_env_open(s, map, NULL))
                return fault(-EIO);
        if (follows && lmdb_sync_begin(s)) {
                lmdb_env_close(s);
                return fault(-EIO);
        }
        log_warn("the map cannot grow", "bytes", "%llu", (unsigned long long)to);
        return STORE_FULL;
}

int lmdb_map_make_room(struct lmdb_store *s)
{
        uint64_t map, behind;
        int r;

        if (!s->env)
                return fault(-EIO);
        measure(s, &map, &behind);
        if (map >= s->map_most || (!s->must_grow && !is_tight(s, map, behind)))
                return 0;
        if (!shut_gate(s, s->must_grow))
                return 0;
        r = grow(s, map);
        open_gate(s);
        /* Early growth that fails is no reason to refuse what may well fit. */
        if (r == STORE_FULL && !s->must_grow)
                r = 0;
        if (!r)
                s->must_grow = false;
        return r;
}

int lmdb_map_settle(struct lmdb_store *s)
{
        uint64_t map, behind;
        int r;

        shut_gate(s, true);
        measure(s, &map, &behind);
        lmdb_env_close(s);
        r = lmdb_open_env(s, map, false, NULL);
        open_gate(s);
        return r;
}
