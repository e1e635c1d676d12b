/* spool.c - the LMDB environment of a spool: one transaction that everything gathers in
 *
 * The transaction begins with the first touch and ends with spool_commit(). One process, one
 * thread, one transaction: so LMDB's own locks are off, and a flock(2), which the kernel releases
 * however the process ends, keeps others out.
 *
 * The map cannot grow while a transaction is open. So each begins with room for far more than a
 * transaction may gather (PENDING_MOST; callers commit by spool_pending()). */
#include "sdk/spool_impl.h"

#include "base/fault.h"
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { FORMAT = 1 };
#define MAP_FIRST (UINT64_C(512) << 20)
#define MAP_ROOM  (UINT64_C(384) << 20) /* free at the beginning of each transaction */

struct spool {
        char *folder;
        int lock;
        MDB_env *env;
        MDB_dbi dbi[SPOOL_TABLES];
        MDB_txn *txn; /* NULL between commit and the next touch */
        bool changed;
        uint64_t pending;
        struct row_spool_state state;
};

static const char *const names[SPOOL_TABLES] = {
        [SPOOL_STATE] = "state",     [SPOOL_LETTER] = "letter",
        [SPOOL_DRAFT] = "draft",     [SPOOL_BODY] = "body",
        [SPOOL_ID] = "id",           [SPOOL_KEY] = "key",
        [SPOOL_QUEUE] = "waiting",   [SPOOL_CHECKPOINT] = "checkpoint",
        [SPOOL_RECEIPT] = "receipt", [SPOOL_ADDRESS] = "address",
};

static MDB_val val(struct slice s)
{
        return (MDB_val){ .mv_size = s.len, .mv_data = (void *)(uintptr_t)s.at };
}

static int word(int rc)
{
        switch (rc) {
        case 0:
                return 0;
        case MDB_NOTFOUND:
                return SPOOL_ABSENT;
        case MDB_MAP_FULL:
        case MDB_TXN_FULL:
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
                return SPOOL_NO_ROOM;
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_INVALID:
        case MDB_VERSION_MISMATCH:
                return fault(-EBADMSG);
        default:
                return fault(rc > 0 ? -rc : -EIO);
        }
}

static int load_state(struct spool *s);

static int make_room(struct spool *s)
{
        MDB_envinfo info;
        uint64_t used, size;

        mdb_env_info(s->env, &info);
        used = ((uint64_t)info.me_last_pgno + 1) * (uint64_t)sysconf(_SC_PAGESIZE);
        size = info.me_mapsize;
        if (used + MAP_ROOM <= size)
                return 0;
        while (used + MAP_ROOM > size)
                size *= 2;
        return word(mdb_env_set_mapsize(s->env, size));
}

static int begin(struct spool *s)
{
        int r;

        if (s->txn)
                return 0;
        r = make_room(s);
        return r ? r : word(mdb_txn_begin(s->env, NULL, 0, &s->txn));
}

int spool_get(struct spool *s, enum spool_table t, struct slice key, struct slice *out)
{
        MDB_val k = val(key), v;
        int r = begin(s);

        if (!r)
                r = word(mdb_get(s->txn, s->dbi[t], &k, &v));
        if (!r)
                *out = slice_of(v.mv_data, v.mv_size);
        return r;
}

/* A transaction in which a write failed is of no more use. */
static int written(struct spool *s, int r)
{
        if (r < 0 || r == SPOOL_NO_ROOM)
                spool_revert(s);
        else
                s->changed = true;
        return r;
}

int spool_put(struct spool *s, enum spool_table t, struct slice key, struct slice value)
{
        MDB_val k = val(key), v = val(value);
        int r = begin(s);

        s->pending += value.len + (uint64_t)sysconf(_SC_PAGESIZE); /* the leaf that is copied */
        return written(s, r ? r : word(mdb_put(s->txn, s->dbi[t], &k, &v, 0)));
}

int spool_del(struct spool *s, enum spool_table t, struct slice key)
{
        MDB_val k = val(key);
        int r = begin(s);

        s->pending += (uint64_t)sysconf(_SC_PAGESIZE);
        return written(s, r ? r : word(mdb_del(s->txn, s->dbi[t], &k, NULL)));
}

int spool_after(struct spool *s, enum spool_table t, struct slice after, uint8_t *key, size_t len)
{
        MDB_val k = val(after), v;
        MDB_cursor *c;
        int r = begin(s);

        if (!r)
                r = word(mdb_cursor_open(s->txn, s->dbi[t], &c));
        if (r)
                return r;
        r = word(mdb_cursor_get(c, &k, &v, MDB_SET_RANGE));
        if (!r && slice_eq(slice_of(k.mv_data, k.mv_size), after))
                r = word(mdb_cursor_get(c, &k, &v, MDB_NEXT));
        if (!r && k.mv_size != len)
                r = fault(-EBADMSG);
        if (!r)
                memcpy(key, k.mv_data, len);
        mdb_cursor_close(c);
        return r;
}

int spool_commit(struct spool *s)
{
        BUF_OWNED row = { 0 };
        MDB_txn *txn;
        int r;

        if (!s->changed) {
                spool_revert(s);
                return 0;
        }
        field_write(&row_spool_state_table, &row, &s->state);
        r = buf_fault(&row) ? fault(buf_fault(&row))
                            : spool_put(s, SPOOL_STATE, slice_str("state"), buf_slice(&row));
        if (r) {
                spool_revert(s);
                return r;
        }
        txn = s->txn;
        s->txn = NULL;
        s->changed = false;
        s->pending = 0;
        errno = 0;
        r = mdb_txn_commit(txn);
        if (r == EIO && errno != EIO)
                r = ENOSPC; /* a write that ended early: LMDB has no other word for it */
        if (r)
                load_state(s);
        return word(r);
}

void spool_revert(struct spool *s)
{
        bool changed = s->changed;

        mdb_txn_abort(s->txn);
        s->txn = NULL;
        s->changed = false;
        s->pending = 0;
        if (changed)
                load_state(s);
}

uint64_t spool_pending(const struct spool *s)
{
        return s->changed ? s->pending : 0;
}

const struct row_spool_state *spool_counts(const struct spool *s)
{
        return &s->state;
}

struct row_spool_state *spool_state(struct spool *s)
{
        return &s->state;
}

const char *spool_folder(const struct spool *s)
{
        return s->folder;
}

/* ---- opening ---- */

static int load_state(struct spool *s)
{
        struct slice row;
        int r = spool_get(s, SPOOL_STATE, slice_str("state"), &row);

        if (r == SPOOL_ABSENT) {
                s->state = (struct row_spool_state){ .version = FORMAT };
                return 0;
        }
        if (r)
                return r;
        if (field_read(&row_spool_state_table, row, &s->state, NULL))
                return fault(-EBADMSG);
        return s->state.version > FORMAT ? SPOOL_NEWER : 0;
}

static int take_lock(struct spool *s)
{
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), "%s/lock", s->folder) >= (int)sizeof(path))
                return fault(-ENAMETOOLONG);
        s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (s->lock < 0)
                return fault(-errno);
        if (flock(s->lock, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? -EBUSY : fault(-errno);
        return 0;
}

static int open_tables(struct spool *s)
{
        MDB_txn *txn;
        int r = word(mdb_txn_begin(s->env, NULL, 0, &txn));

        if (r)
                return r;
        for (int t = 0; t < SPOOL_TABLES && !r; t++)
                r = word(mdb_dbi_open(txn, names[t], MDB_CREATE, &s->dbi[t]));
        if (r) {
                mdb_txn_abort(txn);
                return r;
        }
        return word(mdb_txn_commit(txn));
}

static int open_env(struct spool *s)
{
        char path[PATH_MAX];
        int r = word(mdb_env_create(&s->env));

        if (r)
                return r;
        if (snprintf(path, sizeof(path), "%s/data.mdb", s->folder) >= (int)sizeof(path))
                return fault(-ENAMETOOLONG);
        r = word(mdb_env_set_maxdbs(s->env, SPOOL_TABLES));
        if (!r)
                r = word(mdb_env_set_mapsize(s->env, MAP_FIRST));
        if (!r)
                r = word(mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_NOLOCK, 0600));
        if (!r)
                r = file_sync_folder(path);
        return r ? r : open_tables(s);
}

static int open_folder(struct spool *s, const char *folder)
{
        char path[PATH_MAX];
        int r;

        s->folder = strdup(folder);
        if (!s->folder)
                return fault(-ENOMEM);
        if (snprintf(path, sizeof(path), "%s/bodies", folder) >= (int)sizeof(path))
                return fault(-ENAMETOOLONG);
        r = file_make_folder(path, 0700);
        if (!r)
                r = take_lock(s);
        if (!r)
                r = open_env(s);
        if (!r)
                r = load_state(s);
        return r ? r : spool_body_sweep(s);
}

int spool_open(struct spool **out, const char *folder)
{
        struct spool *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return fault(-ENOMEM);
        s->lock = -1;
        r = open_folder(s, folder);
        if (r) {
                spool_close(&s);
                return r;
        }
        spool_revert(s);
        *out = s;
        return 0;
}

void spool_close(struct spool **s)
{
        if (!*s)
                return;
        if ((*s)->txn)
                mdb_txn_abort((*s)->txn);
        if ((*s)->env)
                mdb_env_close((*s)->env);
        if ((*s)->lock >= 0)
                close((*s)->lock);
        free((*s)->folder);
        free(*s);
        *s = NULL;
}
