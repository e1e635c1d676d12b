/* lmdb_journal.h - what was committed since the data file was last synced, in a file beside it
 *
 * A commit has to reach the disk before it is answered. LMDB's way there is long: dozens of pages
 * here and there, a sync, a meta page, another sync. So the records of a batch go to this file
 * first, in one piece, and one sync makes them true; LMDB's pages follow when there is time
 * (lmdb_sync.c).
 *
 *      | head | head |                    ring                     |
 *      0     4096  8192    … old … [record][record][record] … old …
 *                                   start                  at
 *
 * Two heads are written in turn; the valid one with the greater serial counts. It names the base, a
 * state of the data file that is wholly on disk, and the place of the first record after it. Places
 * only grow; place % size is where in the ring. A record lies in one piece: what does not fit
 * before the end of the ring begins at its beginning.
 *
 * Heads and records begin with a SHA-256 of themselves. It covers sixteen random bytes of the head,
 * drawn at each opening, so that nobody can prepare a letter that reads like a record.
 *
 * Only the file is known here, no LMDB. Not shared between threads. */
#pragma once

#include "base/buf.h"

enum {
        JOURNAL_META = 136, /* bytes of LMDB's meta page that say which state is in force */
        JOURNAL_SALT = 16,
        JOURNAL_PAGE = 4096, /* heads and records begin at a multiple of it */
        JOURNAL_SIZE_FIRST = 256 << 10,
};

enum journal_outcome {
        JOURNAL_NONE = 101, /* no valid head: the data file was never changed unsynced */
};

struct journal_head {
        uint64_t serial;
        uint64_t size;  /* of the ring */
        uint64_t start; /* place of the first record behind the base */
        bool closed;    /* the data file was synced at the end; nothing is missing in it */
        uint8_t salt[JOURNAL_SALT];
        uint64_t txn;  /* LMDB's number of the base */
        uint64_t page; /* LMDB's page size */
        uint8_t meta[JOURNAL_META];
};

struct journal {
        int fd;
        struct journal_head head; /* the newest on disk */
        uint64_t at;              /* place of the next record */
        uint64_t room;            /* bytes that the record under way takes in the ring */
        struct buf record;
};

/* JOURNAL_NONE, STORE_NEWER, or 0 with j->head and j->at = its start. */
int journal_read_head(struct journal *j);
/* On disk when it says 0. May be called for a head that is not the journal's yet, beside records
 * being written. */
int journal_write_head(int fd, const struct journal_head *head);

/* Give a ring of @size bytes its place on the disk beforehand: writing over bytes is twice as quick
 * as lengthening a file. False, and nothing taken, when there is no room for it. */
bool journal_fill(const struct journal *j, uint64_t size);

/* ---- a record ---- */

void journal_begin(struct journal *j); /* forgets what was gathered */
void journal_put(struct journal *j, unsigned table, struct slice key, struct slice value);
void journal_del(struct journal *j, unsigned table, struct slice key);
/* The record is whole: j->room says what it takes. The fault of its buffer. */
int journal_seal(struct journal *j, uint64_t batch);
/* Is there room for the sealed record? Steps over the end of the ring when it must. */
bool journal_has_room(struct journal *j);
/* On disk when it says 0; else it may be or not, and is to be revoked. It is the last one once
 * journal_keep has been called. */
int journal_write(struct journal *j);
/* The record at j->at is none. */
int journal_revoke(struct journal *j);
void journal_keep(struct journal *j);

/* ---- after a crash ---- */

struct journal_visit {
        void *ctx;
        int (*put)(void *ctx, unsigned table, struct slice key, struct slice value);
        int (*del)(void *ctx, unsigned table, struct slice key);
        int (*batch)(void *ctx, uint64_t batch); /* a record's number, before its puts and dels */
};
/* Every whole record from the head's start on, in order; j->at is behind the last. */
int journal_replay(struct journal *j, const struct journal_visit *visit);
