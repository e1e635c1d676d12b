/* store.h - the seam between what the broker decides and where it is kept
 *
 * A store is one partition: ordered records in a few tables, changed by atomic batches that are
 * durable when store_commit() says 0. Everything a letter needs (boxes, rows, dedupe keys, bodies, the
 * evidence log) lies in one partition, so nothing ever needs two.
 *
 * Engines: `lmdb` (default) and `mem` (tests, simulation). No caller may know which one it has, nor
 * where a body lies. One contract test (test/store) runs on every engine.
 *
 * Threads: one write transaction at a time, begun, used and ended on one thread; a second thread's
 * store_begin() waits for it. Any number of read transactions beside it, each used by one thread at a
 * time; they see the last commit before they began. A thread must hold no other transaction while it
 * calls store_begin(), store_look() or store_stat(): they may wait for every reader to end (growth).
 *
 * Results: 0; a positive outcome named here; a negative fault. After AGAIN, FULL, FENCED, UNKNOWN or
 * the fault of a put, append or del, a write transaction can only be aborted (every further call and
 * commit say the same again and change nothing). */
#pragma once

#include "base/bytes.h"

enum {
        STORE_KEY_MOST = 255,
        STORE_VALUE_MOST = 65536,
        STORE_FORMAT = 1,               /* version of the layout below this seam and of the rows above it */
};

enum store_outcome {
        STORE_ABSENT = 1,               /* no such record */
        STORE_FULL = 2,                 /* disk or map limit: nothing of this batch was kept */
        STORE_FENCED = 3,               /* another owner has the partition: stop serving */
        STORE_UNKNOWN = 4,              /* may or may not be kept: ask again with the same batch id, tell the client nothing */
        STORE_IN_USE = 5,               /* open: another process has it */
        STORE_NEWER = 6,                /* open: written by a newer format version */
        STORE_FOREIGN = 7,              /* open: not a fumibako store, or damaged */
        STORE_OWNER = 8,                /* open: wrong owner or mode */
        STORE_AGAIN = 9,                /* nothing of this batch was kept; abort, begin and run the same batch again */
};

/* A table has its own key space, ordered by memcmp. Which rows live in which table: record.h. */
enum store_table {
        TABLE_META,                     /* small single rows: log state, counters */
        TABLE_SENDER,
        TABLE_MAILBOX,
        TABLE_DEVICE,
        TABLE_ADDRESS,
        TABLE_STATEMENT,
        TABLE_BOX,
        TABLE_LETTER,
        TABLE_NONCE,
        TABLE_BATCH,
        TABLE_BODY,
        TABLE_UPLOAD,
        TABLE_EVENT,
        TABLE_TILE,
        TABLE_COUNT,
};

struct store;
struct store_txn;

struct store_config {
        const char *engine;             /* "lmdb" or "mem" */
        const char *path;               /* folder; ignored by mem */
        uint64_t map_first;             /* lmdb: first map size, bytes; 0 for the default 1 GiB */
        uint64_t map_most;              /* lmdb: never grow beyond; 0 for no limit but the disk */
        bool create;                    /* make an empty store where there is none; without, STORE_ABSENT */
        unsigned readers;               /* most read transactions at once, the next is -EAGAIN; 0 for 126 */
};

/* Why an open failed, for a person: names path and cause. */
struct store_why {
        char text[512];
};

/* Open and take the folder's lock. On any other result than 0, @why is filled and @out untouched.
 * The folder must belong to the effective user and be closed to group and others (STORE_OWNER). */
int store_open(struct store **out, const struct store_config *cfg, struct store_why *why);
void store_close(struct store **s);

/* Could this program read the store in folder @path? Takes no lock and writes nothing. 0, STORE_ABSENT,
 * STORE_NEWER, STORE_FOREIGN or a fault. A damaged store may end the process: ask in one of your own. */
int store_peek(const char *engine, const char *path, struct store_why *why);

/* The epoch under which this process owns the partition; grows with every new owner. A store that has
 * been leased elsewhere since says STORE_FENCED. lmdb: grows by one at each open. */
int store_lease(struct store *s, uint64_t *epoch);

/* A write transaction. @batch names it, so that after STORE_UNKNOWN the same batch can be tried
 * again without being applied twice: if @batch is the batch kept last, *@done is true and the
 * transaction is empty (reads are fine, writes are -EALREADY, commit says 0). Only the last kept
 * batch is remembered, across restarts too, so a batch is tried again before the next one is begun,
 * and no two batches share a number in the store's whole life (epoch << 32 | count will do). 0 names
 * nothing and is never done. Grows lmdb's map when it is nearly full. -EDEADLK when this thread has a
 * write transaction already. */
int store_begin(struct store *s, uint64_t batch, struct store_txn **out, bool *done);
/* A read transaction on the last commit. -EAGAIN when cfg->readers are open already. */
int store_look(struct store *s, struct store_txn **out);

/* Keys have 1 to STORE_KEY_MOST bytes, values 0 to STORE_VALUE_MOST; anything else is -EINVAL, and so
 * is a write in a read transaction. (lmdb keeps a value above 2000 bytes in pages of 4096 with one
 * header of 16 bytes: 65520 bytes fill sixteen pages, 65536 need a seventeenth.) */

/* STORE_ABSENT or the record. @value is valid until the next put, append or del in this transaction, or its end. */
int store_get(struct store_txn *t, enum store_table table, struct slice key, struct slice *value);
/* STORE_AGAIN or STORE_FULL when there is no room, else 0 or a fault. A record under @key is replaced. */
int store_put(struct store_txn *t, enum store_table table, struct slice key, struct slice value);
/* STORE_ABSENT, the transaction as before, when there is no such record. Else as put. */
int store_del(struct store_txn *t, enum store_table table, struct slice key);
/* As put, promising that @key sorts behind every key of the table: the quick way for logs and bodies.
 * -EINVAL when the promise is broken. */
int store_append(struct store_txn *t, enum store_table table, struct slice key, struct slice value);

/* Visit records with keys from @from (inclusive) that begin with @prefix, in order; from the last one down
 * when @down (then @from is the highest, inclusive; an empty @from means the end of the prefix).
 * @visit says 0 to go on, 1 to stop (store_range says 0), anything negative is passed up. No writes meanwhile. */
typedef int (*store_visit)(void *ctx, struct slice key, struct slice value);
int store_range(struct store_txn *t, enum store_table table, struct slice prefix, struct slice from, bool down,
                store_visit visit, void *ctx);

/* Durable when it says 0. Ends the transaction and nulls the pointer, whatever it says. A transaction
 * without writes leaves no trace, its batch included. Of a read transaction it is the end. lmdb says
 * STORE_UNKNOWN in one case only: the disk failed on the record that makes a batch true, and failed
 * again when it was to be taken back. */
int store_commit(struct store_txn **t);
/* Ends a read or write transaction without keeping anything. NULL inside is fine. */
void store_abort(struct store_txn **t);

/* Give back what deleted records left behind, doing at most @budget bytes of work; *@left says whether
 * more is to do. Neither engine leaves work: lmdb takes the pages of deleted records for new ones (its
 * file never shrinks), mem frees. */
int store_purge(struct store *s, uint64_t budget, bool *left);

struct store_stat {
        uint64_t bytes_used;            /* by live records and their structure */
        uint64_t bytes_disk;            /* on disk */
        uint64_t commits;               /* since open */
        uint64_t bytes_written;         /* keys and values put since open; the pages around them are not counted */
        uint64_t map_size;
};
int store_stat(struct store *s, struct store_stat *out);

/* Faults on request, for tests with the `mem` engine: the next commit that has something to keep says
 * @outcome (FULL, AGAIN, FENCED, UNKNOWN or a negative fault). For STORE_UNKNOWN @kept says whether the
 * batch was kept all the same. After FENCED store_lease and store_begin say so too. @outcome 0 takes
 * everything back, being fenced included. -ENOTSUP on other engines. */
int store_inject(struct store *s, int outcome, bool kept);
