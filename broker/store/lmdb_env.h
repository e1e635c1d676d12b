/* lmdb_env.h - the inside of the lmdb engine, shared by its files
 *
 *   lmdb_open     the steps of an opening, in order
 *   lmdb_folder   the folder: owner, mode, the lock, the making of an empty store
 *   lmdb_env      the environment: opening, tables, the engine's own rows, LMDB's words in ours
 *   lmdb_check    whether the data file is whole
 *   lmdb_journal  what was committed since the data file was last synced
 *   lmdb_sync     how the data file follows it
 *   lmdb_map      the gate at which readers are held while the map grows or the environment is
 *                 opened anew
 *   lmdb          the engine's calls */
#pragma once

#include "store/engine.h"
#include "store/lmdb_journal.h"

#include <lmdb.h>
#include <pthread.h>
#include <sys/types.h>

/* How the data file follows the journal. The thread reads what lies behind the lock and sets
 * result; all else is the writer's. */
struct lmdb_sync {
        pthread_t thread;
        bool runs;
        MDB_txn *pin;       /* stands on the base, the state that the journal's head names */
        MDB_txn *next_pin;  /* on the one that is to be the next */
        int lost;           /* why nothing can be written any more; 0 */
        unsigned commits;   /* since a base was asked for */
        unsigned short_for; /* batches that begin with a fresh base, for want of room */

        pthread_mutex_t lock;
        pthread_cond_t asked, done;
        enum { SYNC_IDLE, SYNC_ASKED, SYNC_DONE } state;
        bool quit;
        int result;
        int data, journal; /* descriptors */
        struct journal_head next;
};

struct lmdb_store {
        struct store base;
        char *folder;
        char *file; /* data.mdb, absolute */
        int lock;   /* fd of the locked file */
        unsigned readers_most;
        MDB_env *env; /* NULL when opening it anew failed */
        MDB_dbi own;  /* the engine's rows */
        MDB_dbi table[TABLE_COUNT];
        uint64_t epoch;
        uint64_t map_most;
        struct journal journal; /* the writer's */
        struct lmdb_sync sync;

        pthread_mutex_t writer; /* held by the one write transaction */
        bool must_grow;         /* the writer's: the last batch did not fit */
        uint64_t batch_most;    /* the writer's: bytes of the largest batch so far */

        pthread_mutex_t gate; /* guards what follows */
        pthread_cond_t moved;
        unsigned inside; /* readers in the environment */
        bool shut;
};

/* ---- lmdb_open.c ---- */

/* The environment as it was at the last commit, whatever happened to the process or the machine
 * since; @raise the epoch as well. On anything but 0 s->env is NULL. */
int lmdb_open_env(struct lmdb_store *s, uint64_t map, bool raise, struct store_why *why);
int lmdb_open_store(struct store **out, const struct store_config *cfg, struct store_why *why);
void lmdb_open_undo(struct store *s);

/* ---- lmdb_folder.c ---- */

/* Find, check or make the folder, its data file and its journal, and take the lock. Fills folder,
 * file, lock and journal. */
int lmdb_folder_take(struct lmdb_store *s, const struct store_config *cfg, struct store_why *why);
void lmdb_folder_give_back(struct lmdb_store *s);

/* ---- lmdb_env.c ---- */

/* What LMDB says in the words of store.h: 0, STORE_ABSENT, STORE_AGAIN (the map is full),
 * STORE_FULL (the disk is) or a fault. */
int lmdb_env_word(int rc);
int lmdb_env_commit(MDB_txn *txn);
/* Make @file an empty store; it must not exist. Leaves nothing behind unless 0. */
int lmdb_env_make(const char *file);
/* Open s->file and its tables with a map of @map bytes at least. @why may be NULL. Says
 * STORE_NEWER, STORE_FOREIGN or a fault, and then s->env is NULL. */
int lmdb_env_open(struct lmdb_store *s, uint64_t map, struct store_why *why);
void lmdb_env_close(struct lmdb_store *s);
/* What mdb_env_open() said, in our words: most of it means "not ours", STORE_FOREIGN. */
int lmdb_env_opened(struct lmdb_store *s, int rc, struct store_why *why);
/* Opens the own table, too. STORE_NEWER, STORE_FOREIGN or a fault. */
int lmdb_env_check_format(struct lmdb_store *s, MDB_txn *txn, struct store_why *why);
/* The number in an own row; STORE_ABSENT, or STORE_FOREIGN when it is none. */
int lmdb_env_get_own(struct lmdb_store *s, MDB_txn *txn, const char *name, uint64_t *out);
int lmdb_env_put_own(struct lmdb_store *s, MDB_txn *txn, const char *name, uint64_t value);

/* ---- lmdb_peek.c ---- */

/* store_peek() */
int lmdb_peek_store(const char *folder, struct store_why *why);

/* ---- lmdb_check.c ---- */

/* STORE_FOREIGN when pages that are in use lie beyond the end of the file, which stays as it is. */
int lmdb_check_length(struct lmdb_store *s, struct store_why *why);

/* ---- lmdb_sync.c: all by the writer ---- */

/* Put the base's meta page back into the data file, which nobody has open. */
int lmdb_sync_restore(struct lmdb_store *s, struct store_why *why);
/* The last commit is the base, the ring is empty, and LMDB syncs no more. */
int lmdb_sync_begin(struct lmdb_store *s);
int lmdb_sync_start(struct lmdb_store *s); /* the thread */
void lmdb_sync_stop(struct lmdb_store *s); /* and close the journal, if all is well */
/* Before the environment is closed: no pins. */
void lmdb_sync_let_go(struct lmdb_store *s);
/* At the beginning of a batch. Not 0: nothing can be written any more. */
int lmdb_sync_look(struct lmdb_store *s);
/* There was no room: from now on given back pages are to be used soon. */
void lmdb_sync_is_short(struct lmdb_store *s);
/* Make room in the ring for the sealed record. */
int lmdb_sync_room(struct lmdb_store *s);
/* The journal's file could not grow: begin its ring anew. STORE_FULL when that is of no use. */
int lmdb_sync_rewind(struct lmdb_store *s);

/* ---- lmdb_map.c ---- */

void lmdb_map_enter(struct lmdb_store *s); /* a reader; waits while the gate is shut */
void lmdb_map_leave(struct lmdb_store *s);
/* By the writer before its transaction: grow when it should, or must. STORE_FULL when it must and
 * cannot. */
int lmdb_map_make_room(struct lmdb_store *s);
/* By the writer after a commit that LMDB failed in a way it does not recover from, and that the
 * journal does not have: open anew. */
int lmdb_map_settle(struct lmdb_store *s);
