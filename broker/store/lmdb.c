/* lmdb.c - the engine `lmdb`: one LMDB environment in a folder of its own (FORMAT.md)
 *
 * Every put and del goes to LMDB's transaction and to the record that is gathered for the journal.
 * A commit is durable when the journal has that record: one write in one piece, one sync. Then LMDB
 * commits, which is how readers come to see it, without a sync of its own (lmdb_sync.c). */
#include "store/lmdb_env.h"

#include "base/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct lmdb_txn {
        struct store_txn base;
        MDB_txn *txn;
};

static struct lmdb_store *store_of(struct store_txn *t)
{
        return (struct lmdb_store *)t->store;
}

static MDB_txn *txn_of(struct store_txn *t)
{
        return ((struct lmdb_txn *)t)->txn;
}

static MDB_val val_of(struct slice s)
{
        return (MDB_val){ .mv_size = s.len, .mv_data = (void *)(uintptr_t)s.at };
}

static struct slice slice_val(MDB_val v)
{
        return slice_of(v.mv_data, v.mv_size);
}

static int lmdb_lease(struct store *store, uint64_t *epoch)
{
        *epoch = ((struct lmdb_store *)store)->epoch;
        return 0;
}

static int begin_inside(struct lmdb_store *s, uint64_t batch, struct lmdb_txn *t)
{
        uint64_t kept;
        int r;

        r = s->env ? lmdb_sync_look(s) : fault(-EIO);
        if (!r)
                r = lmdb_map_make_room(s);
        if (r)
                return r;
        journal_begin(&s->journal);
        r = lmdb_env_word(mdb_txn_begin(s->env, NULL, 0, &t->txn));
        if (r)
                return r;
        r = lmdb_env_get_own(s, t->txn, "batch", &kept);
        if (r) {
                mdb_txn_abort(t->txn);
                return r > 0 ? fault(-EBADMSG) : r;
        }
        t->base.done = batch && batch == kept;
        return 0;
}

static int lmdb_begin(struct store *store, uint64_t batch, struct store_txn **out)
{
        struct lmdb_store *s = (struct lmdb_store *)store;
        struct lmdb_txn *t = calloc(1, sizeof(*t));
        int r;

        if (!t)
                return fault(-ENOMEM);
        r = pthread_mutex_lock(&s->writer);
        if (r) {
                free(t);
                return fault(-r);
        }
        r = begin_inside(s, batch, t);
        if (r) {
                pthread_mutex_unlock(&s->writer);
                free(t);
                return r;
        }
        *out = &t->base;
        return 0;
}

/* Begin reading, inside the gate. */
static int look_inside(struct lmdb_store *s, MDB_txn **out)
{
        int r;

        lmdb_map_enter(s);
        r = s->env ? lmdb_env_word(mdb_txn_begin(s->env, NULL, MDB_RDONLY, out)) : fault(-EIO);
        if (r)
                lmdb_map_leave(s);
        return r;
}

static int lmdb_look(struct store *store, struct store_txn **out)
{
        struct lmdb_txn *t = calloc(1, sizeof(*t));
        int r;

        if (!t)
                return fault(-ENOMEM);
        r = look_inside((struct lmdb_store *)store, &t->txn);
        if (r) {
                free(t);
                return r;
        }
        *out = &t->base;
        return 0;
}

static int lmdb_get(struct store_txn *t, enum store_table table, struct slice key,
                    struct slice *value)
{
        MDB_val k = val_of(key), v;
        int r = lmdb_env_word(mdb_get(txn_of(t), store_of(t)->table[table], &k, &v));

        if (!r)
                *value = slice_val(v);
        return r;
}

/* The end of the map: grow before the next batch, or say for good that there is no room. */
static int no_room(struct lmdb_store *s, int r)
{
        MDB_envinfo info;

        if (r == STORE_FULL)
                lmdb_sync_is_short(s);
        if (r != STORE_AGAIN)
                return r;
        mdb_env_info(s->env, &info);
        if (info.me_mapsize >= s->map_most)
                return no_room(s, STORE_FULL);
        s->must_grow = true;
        return STORE_AGAIN;
}

static int put(struct store_txn *t, enum store_table table, struct slice key, struct slice value,
               unsigned flags)
{
        MDB_val k = val_of(key), v = val_of(value);
        struct lmdb_store *s = store_of(t);
        int rc = mdb_put(txn_of(t), s->table[table], &k, &v, flags);

        if (rc == MDB_KEYEXIST)
                return fault(-EINVAL);
        journal_put(&s->journal, table, key, value);
        return no_room(s, lmdb_env_word(rc));
}

static int lmdb_put(struct store_txn *t, enum store_table table, struct slice key,
                    struct slice value)
{
        return put(t, table, key, value, 0);
}

static int lmdb_append(struct store_txn *t, enum store_table table, struct slice key,
                       struct slice value)
{
        return put(t, table, key, value, MDB_APPEND);
}

static int lmdb_del(struct store_txn *t, enum store_table table, struct slice key)
{
        MDB_val k = val_of(key);
        struct lmdb_store *s = store_of(t);
        int rc = mdb_del(txn_of(t), s->table[table], &k, NULL);

        if (!rc)
                journal_del(&s->journal, table, key);
        return no_room(s, lmdb_env_word(rc));
}

/* The cursor on the first record of the visit, which may lie outside the prefix. */
static int seek(MDB_cursor *c, const struct span *span, MDB_val *k, MDB_val *v)
{
        struct slice found;
        int rc;

        *k = val_of(span->start);
        if (!span->start.len)
                return mdb_cursor_get(c, k, v, span->down ? MDB_LAST : MDB_FIRST);
        rc = mdb_cursor_get(c, k, v, MDB_SET_RANGE);
        if (!span->down)
                return rc;
        if (rc == MDB_NOTFOUND)
                return mdb_cursor_get(c, k, v, MDB_LAST);
        found = slice_val(*k);
        if (!rc && (span->open || !slice_eq(found, span->start)))
                return mdb_cursor_get(c, k, v, MDB_PREV);
        return rc;
}

static int lmdb_range(struct store_txn *t, enum store_table table, const struct span *span,
                      store_visit visit, void *ctx)
{
        MDB_cursor *c;
        MDB_val k, v;
        int rc, r;

        r = lmdb_env_word(mdb_cursor_open(txn_of(t), store_of(t)->table[table], &c));
        if (r)
                return r;
        rc = seek(c, span, &k, &v);
        while (!rc && span_covers(span, slice_val(k))) {
                r = visit(ctx, slice_val(k), slice_val(v));
                if (r)
                        break;
                rc = mdb_cursor_get(c, &k, &v, span->down ? MDB_PREV : MDB_NEXT);
        }
        mdb_cursor_close(c);
        if (r)
                return r < 0 ? r : 0;
        return rc == MDB_NOTFOUND ? 0 : lmdb_env_word(rc);
}

/* Has LMDB given up on the environment? It tells only by refusing the next transaction. */
static bool is_lost(struct lmdb_store *s)
{
        MDB_txn *txn;
        int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

        if (!rc)
                mdb_txn_abort(txn);
        return rc == MDB_PANIC;
}

/* Take the record back that was written, or half written. What is left is the batch's @r, or
 * STORE_UNKNOWN: after a crash the record may be found. */
static int take_back(struct lmdb_store *s, int r)
{
        return journal_revoke(&s->journal) == 0 ? r : STORE_UNKNOWN;
}

/* The record is on disk when it says 0, and nowhere unless it says STORE_UNKNOWN. */
static int write_record(struct lmdb_store *s, uint64_t batch)
{
        int r = journal_seal(&s->journal, batch);

        if (!r)
                r = lmdb_sync_room(s);
        if (r)
                return r;
        r = journal_write(&s->journal);
        if (r == STORE_FULL && lmdb_sync_rewind(s) == 0)
                r = journal_write(&s->journal);
        return r ? take_back(s, r) : 0;
}

static int lmdb_commit(struct store_txn *txn)
{
        struct lmdb_txn *t = (struct lmdb_txn *)txn;
        struct lmdb_store *s = store_of(txn);
        int r;

        r = lmdb_env_put_own(s, t->txn, "batch", txn->batch);
        if (!r)
                r = write_record(s, txn->batch);
        if (r) {
                mdb_txn_abort(t->txn);
        } else {
                r = lmdb_env_commit(t->txn);
                if (!r)
                        journal_keep(&s->journal);
                else
                        r = take_back(s, r);
                if (r && is_lost(s))
                        lmdb_map_settle(s);
        }
        r = no_room(s, r);
        if (txn->written > s->batch_most)
                s->batch_most = txn->written;
        pthread_mutex_unlock(&s->writer);
        free(t);
        return r;
}

static void lmdb_abort(struct store_txn *txn)
{
        struct lmdb_store *s = store_of(txn);

        mdb_txn_abort(txn_of(txn));
        if (txn->writes)
                pthread_mutex_unlock(&s->writer);
        else
                lmdb_map_leave(s);
        free(txn);
}

static int lmdb_purge(struct store *store, uint64_t budget, bool *left)
{
        *left = false;
        return 0;
}

static int lmdb_stat(struct store *store, struct store_stat *out)
{
        struct lmdb_store *s = (struct lmdb_store *)store;
        MDB_envinfo info;
        MDB_stat st;
        MDB_txn *txn;
        struct stat file;
        int r, fd;

        r = look_inside(s, &txn);
        if (r)
                return r;
        for (int i = 0; !r && i < TABLE_COUNT; i++) {
                r = lmdb_env_word(mdb_stat(txn, s->table[i], &st));
                if (!r)
                        out->bytes_used +=
                                (st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages) *
                                (uint64_t)st.ms_psize;
        }
        mdb_env_info(s->env, &info);
        out->map_size = info.me_mapsize;
        if (!r && (mdb_env_get_fd(s->env, &fd) || fstat(fd, &file) < 0))
                r = fault(-EIO);
        if (!r)
                out->bytes_disk = (uint64_t)file.st_blocks * 512;
        mdb_txn_abort(txn);
        lmdb_map_leave(s);
        return r;
}

static int lmdb_inject(struct store *s, int outcome, bool kept)
{
        return fault(-ENOTSUP);
}

const struct store_engine lmdb_engine = {
        .name = "lmdb",
        .open = lmdb_open_store,
        .peek = lmdb_peek_store,
        .close = lmdb_open_undo,
        .lease = lmdb_lease,
        .begin = lmdb_begin,
        .look = lmdb_look,
        .get = lmdb_get,
        .put = lmdb_put,
        .append = lmdb_append,
        .del = lmdb_del,
        .range = lmdb_range,
        .commit = lmdb_commit,
        .abort = lmdb_abort,
        .purge = lmdb_purge,
        .stat = lmdb_stat,
        .inject = lmdb_inject,
};
