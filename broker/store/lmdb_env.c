/* lmdb_env.c - the LMDB environment of a store: its tables and the engine's own rows (FORMAT.md)
 *
 * One LMDB database a table, by the names below, and one more, "store", for the engine's own rows,
 * which no caller sees. The format number is read before anything else is believed. */
#include "store/lmdb_env.h"

#include "base/fault.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

static const char OWN[] = "store";

/* Names on disk: never renamed, never used again for something else. */
static const char *const table_names[TABLE_COUNT] = {
        [TABLE_META] = "meta",     [TABLE_SENDER] = "sender",   [TABLE_MAILBOX] = "mailbox",
        [TABLE_DEVICE] = "device", [TABLE_ADDRESS] = "address", [TABLE_STATEMENT] = "statement",
        [TABLE_BOX] = "box",       [TABLE_LETTER] = "letter",   [TABLE_NONCE] = "nonce",
        [TABLE_BATCH] = "batch",   [TABLE_BODY] = "body",       [TABLE_UPLOAD] = "upload",
        [TABLE_EVENT] = "event",   [TABLE_TILE] = "tile",
};

int lmdb_env_word(int rc)
{
        switch (rc) {
        case 0:
                return 0;
        case MDB_NOTFOUND:
                return STORE_ABSENT;
        case MDB_MAP_FULL:
                return STORE_AGAIN;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
                return STORE_FULL;
        case MDB_READERS_FULL:
                return fault(-EAGAIN);
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_INVALID:
        case MDB_VERSION_MISMATCH:
                return fault(-EBADMSG);
        default:
                return fault(rc > 0 ? -rc : -EIO);
        }
}

/* LMDB calls a write that ended early EIO; only a failed call leaves its reason in errno. Disks and
 * file size limits that have room for a part of a write take the part, so early means full. */
int lmdb_env_commit(MDB_txn *txn)
{
        int rc;

        errno = 0;
        rc = mdb_txn_commit(txn);
        return lmdb_env_word(rc == EIO && errno != EIO ? ENOSPC : rc);
}

/* LMDB wants whole pages. */
static size_t whole_pages(uint64_t bytes)
{
        uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

        return (size_t)((bytes + page - 1) / page * page);
}

static MDB_val val_str(const char *s)
{
        return (MDB_val){ .mv_size = strlen(s), .mv_data = (void *)(uintptr_t)s };
}

int lmdb_env_get_own(struct lmdb_store *s, MDB_txn *txn, const char *name, uint64_t *out)
{
        MDB_val key = val_str(name), value;
        int r = lmdb_env_word(mdb_get(txn, s->own, &key, &value));

        if (r)
                return r;
        if (value.mv_size != 8)
                return STORE_FOREIGN;
        *out = get_be64(value.mv_data);
        return 0;
}

int lmdb_env_put_own(struct lmdb_store *s, MDB_txn *txn, const char *name, uint64_t number)
{
        uint8_t bytes[8];
        MDB_val key = val_str(name), value = { .mv_size = sizeof(bytes), .mv_data = bytes };

        put_be64(bytes, number);
        return lmdb_env_word(mdb_put(txn, s->own, &key, &value, 0));
}

static int fill_empty(MDB_txn *txn)
{
        struct lmdb_store s = { 0 };
        uint8_t id[16];
        MDB_val key = val_str("id"), value = { .mv_size = sizeof(id), .mv_data = id };
        MDB_dbi dbi;
        int r;

        if (getrandom(id, sizeof(id), 0) != sizeof(id))
                return fault(-EIO);
        r = lmdb_env_word(mdb_dbi_open(txn, OWN, MDB_CREATE, &s.own));
        if (!r)
                r = lmdb_env_word(mdb_put(txn, s.own, &key, &value, 0));
        if (!r)
                r = lmdb_env_put_own(&s, txn, "format", STORE_FORMAT);
        if (!r)
                r = lmdb_env_put_own(&s, txn, "epoch", 0);
        if (!r)
                r = lmdb_env_put_own(&s, txn, "batch", 0);
        for (int i = 0; !r && i < TABLE_COUNT; i++)
                r = lmdb_env_word(mdb_dbi_open(txn, table_names[i], MDB_CREATE, &dbi));
        return r;
}

int lmdb_env_make(const char *file)
{
        MDB_env *env;
        MDB_txn *txn;
        int r;

        r = lmdb_env_word(mdb_env_create(&env));
        if (r)
                return r;
        r = lmdb_env_word(mdb_env_set_maxdbs(env, TABLE_COUNT + 1));
        /* Nobody else can see it yet, so no lock file either. */
        if (!r)
                r = lmdb_env_word(mdb_env_open(env, file, MDB_NOSUBDIR | MDB_NOLOCK, 0600));
        if (!r)
                r = lmdb_env_word(mdb_txn_begin(env, NULL, 0, &txn));
        if (!r) {
                r = fill_empty(txn);
                if (r)
                        mdb_txn_abort(txn);
                else
                        r = lmdb_env_commit(txn);
        }
        /* The two meta pages LMDB began with were not synced by any commit. */
        if (!r)
                r = lmdb_env_word(mdb_env_sync(env, 1));
        mdb_env_close(env);
        if (r)
                unlink(file);
        return r;
}

int lmdb_env_check_format(struct lmdb_store *s, MDB_txn *txn, struct store_why *why)
{
        uint64_t format;
        int r;

        r = lmdb_env_word(mdb_dbi_open(txn, OWN, 0, &s->own));
        if (!r)
                r = lmdb_env_get_own(s, txn, "format", &format);
        if (r == STORE_ABSENT || r == STORE_FOREIGN || (!r && format == 0)) {
                store_explain(why, "%s is no fumibako store: it names no format", s->file);
                return STORE_FOREIGN;
        }
        if (!r && format > STORE_FORMAT) {
                store_explain(why, "%s has format %llu; this program knows formats up to %d",
                              s->file, (unsigned long long)format, STORE_FORMAT);
                return STORE_NEWER;
        }
        return r;
}

static int open_tables(struct lmdb_store *s, struct store_why *why)
{
        MDB_txn *txn;
        int r;

        r = lmdb_env_word(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));
        if (r)
                return r;
        r = lmdb_env_check_format(s, txn, why);
        for (int i = 0; !r && i < TABLE_COUNT; i++) {
                r = lmdb_env_word(mdb_dbi_open(txn, table_names[i], 0, &s->table[i]));
                if (r != STORE_ABSENT)
                        continue;
                store_explain(why, "%s is damaged: table %s is missing", s->file, table_names[i]);
                r = STORE_FOREIGN;
        }
        /* Handles stay open only when their transaction commits, even one that reads. */
        if (r)
                mdb_txn_abort(txn);
        else
                r = lmdb_env_word(mdb_txn_commit(txn));
        return r;
}

int lmdb_env_opened(struct lmdb_store *s, int rc, struct store_why *why)
{
        int r = lmdb_env_word(rc);

        if (!r)
                return 0;
        if (r == -EBADMSG) {
                store_explain(why, "%s is no store, or damaged: %s", s->file, mdb_strerror(rc));
                return STORE_FOREIGN;
        }
        store_explain(why, "cannot open %s: %s", s->file, mdb_strerror(rc));
        return r;
}

int lmdb_env_open(struct lmdb_store *s, uint64_t map, struct store_why *why)
{
        struct store_why unread;
        int r;

        if (!why)
                why = &unread;
        r = lmdb_env_word(mdb_env_create(&s->env));
        if (r) {
                s->env = NULL;
                store_explain(why, "no memory to open %s", s->file);
                return r;
        }
        r = mdb_env_set_maxdbs(s->env, TABLE_COUNT + 1);
        if (!r)
                r = mdb_env_set_mapsize(s->env, whole_pages(map));
        /* Three more than callers may have: store_stat looks too, and there are two pins. */
        if (!r)
                r = mdb_env_set_maxreaders(s->env, s->readers_most + 3);
        if (!r)
                r = mdb_env_open(s->env, s->file, MDB_NOSUBDIR | MDB_NOTLS, 0600);
        r = lmdb_env_opened(s, r, why);
        if (!r)
                r = lmdb_check_length(s, why);
        if (!r) {
                r = open_tables(s, why);
                if (r == -EBADMSG) {
                        store_explain(why, "%s is damaged", s->file);
                        r = STORE_FOREIGN;
                } else if (r < 0) {
                        store_explain(why, "cannot read %s: %s", s->file, strerror(-r));
                }
        }
        if (r)
                lmdb_env_close(s);
        return r;
}

void lmdb_env_close(struct lmdb_store *s)
{
        if (!s->env)
                return;
        lmdb_sync_let_go(s);
        mdb_env_close(s->env);
        s->env = NULL;
}
