/* lmdb_sync.c - the base: a state of the data file that is wholly on disk, and follows behind
 *
 * While the store is open LMDB syncs nothing (MDB_NOSYNC): its pages and both meta pages reach the
 * disk whenever the kernel likes. What makes that safe:
 *
 *  - A read transaction stands on the base, the pin, so LMDB uses none of the base's pages again.
 *    Whatever else the disk holds after a power cut, the base is whole.
 *  - The journal's head holds the base's meta page, and the ring every batch since. An opening
 *    that finds no clean end puts the meta page back and does the batches again (lmdb_open.c).
 *
 * From time to time the last commit becomes the base. The writer pins it and hands it over; a
 * thread syncs the data file and writes the head; the writer, at its next batch, lets the old pin
 * go. The thread touches two descriptors and nothing of LMDB's.
 *
 * A data file that could not be synced once may have lost pages without a trace, so nothing is
 * written to the store from then on, until an opening begins again at the base. */
#include "store/lmdb_env.h"

#include "base/fault.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

enum {
        META_AT = 16,       /* behind the head of LMDB's page */
        META_TXN = 128,     /* in JOURNAL_META */
        COMMITS_MOST = 512, /* while one base lasts: each keeps a few dozen pages from use */
        SIZE_MOST = 16 << 20,
        SHORT_FOR = 1000, /* batches after one that had no room, each with a fresh base */
        SHORT_FIRST = 16, /* after opening, which may have been for want of room */
};

static uint64_t txn_of_meta(const uint8_t *meta)
{
        uint64_t txn;

        memcpy(&txn, meta + META_TXN, sizeof(txn)); /* as LMDB does: this machine's order */
        return txn;
}

static int read_meta(uint8_t *meta, int fd, uint64_t page, unsigned which)
{
        ssize_t n = pread(fd, meta, JOURNAL_META, (off_t)(which * page + META_AT));

        return n == JOURNAL_META ? 0 : fault(n < 0 ? -errno : -EBADMSG);
}

/* @head's base is the last commit, under a pin of its own. Nobody commits meanwhile. */
static int take_base(struct lmdb_store *s, struct journal_head *head, MDB_txn **pin)
{
        MDB_envinfo info;
        MDB_stat st;
        int r, fd;

        mdb_env_info(s->env, &info);
        mdb_env_stat(s->env, &st);
        head->txn = info.me_last_txnid;
        head->page = st.ms_psize;
        r = mdb_env_get_fd(s->env, &fd) ? fault(-EIO) : 0;
        if (!r)
                r = read_meta(head->meta, fd, head->page, (unsigned)(head->txn & 1));
        if (!r && txn_of_meta(head->meta) != head->txn)
                r = fault(-EBADMSG);
        if (!r)
                r = lmdb_env_word(mdb_txn_begin(s->env, NULL, MDB_RDONLY, pin));
        return r;
}

static void *follow(void *ctx)
{
        struct lmdb_sync *y = &((struct lmdb_store *)ctx)->sync;
        int r;

        pthread_mutex_lock(&y->lock);
        for (;;) {
                while (y->state != SYNC_ASKED && !y->quit)
                        pthread_cond_wait(&y->asked, &y->lock);
                if (y->state != SYNC_ASKED)
                        break;
                pthread_mutex_unlock(&y->lock);
                r = fdatasync(y->data) < 0 ? fault(-errno)
                                           : journal_write_head(y->journal, &y->next);
                pthread_mutex_lock(&y->lock);
                y->result = r;
                y->state = SYNC_DONE;
                pthread_cond_broadcast(&y->done);
        }
        pthread_mutex_unlock(&y->lock);
        return NULL;
}

/* Hand the last commit over to the thread, unless it is busy. */
static int ask(struct lmdb_store *s)
{
        struct lmdb_sync *y = &s->sync;
        int r;

        if (y->next_pin)
                return 0;
        y->next = s->journal.head;
        y->next.serial++;
        y->next.start = s->journal.at;
        r = take_base(s, &y->next, &y->next_pin);
        if (r)
                return r;
        y->commits = 0;
        pthread_mutex_lock(&y->lock);
        y->state = SYNC_ASKED;
        pthread_cond_signal(&y->asked);
        pthread_mutex_unlock(&y->lock);
        return 0;
}

/* What the thread has done becomes true for the writer. */
static void adopt(struct lmdb_store *s, bool wait)
{
        struct lmdb_sync *y = &s->sync;
        bool done;

        pthread_mutex_lock(&y->lock);
        while (wait && y->state == SYNC_ASKED)
                pthread_cond_wait(&y->done, &y->lock);
        done = y->state == SYNC_DONE;
        if (done)
                y->state = SYNC_IDLE;
        pthread_mutex_unlock(&y->lock);
        if (!done)
                return;
        if (y->result) {
                log_error("the data file cannot be synced: nothing more is written to it", "file",
                          "%s", s->file);
                y->lost = y->result < 0 ? y->result : fault(-EIO);
                mdb_txn_abort(y->next_pin);
        } else {
                s->journal.head = y->next;
                mdb_txn_abort(y->pin);
                y->pin = y->next_pin;
        }
        y->next_pin = NULL;
}

/* The last commit is the base when it says 0. */
static int catch_up(struct lmdb_store *s)
{
        int r;

        adopt(s, true);
        r = s->sync.lost ? s->sync.lost : ask(s);
        if (!r)
                adopt(s, true);
        return r ? r : s->sync.lost;
}

/* ---- a store's life ---- */

int lmdb_sync_restore(struct lmdb_store *s, struct store_why *why)
{
        const struct journal_head *h = &s->journal.head;
        uint8_t meta[2][JOURNAL_META];
        int fd = open(s->file, O_RDWR | O_CLOEXEC | O_NOFOLLOW), r = fd < 0 ? fault(-errno) : 0;

        for (unsigned i = 0; !r && i < 2; i++)
                r = read_meta(meta[i], fd, h->page, i);
        /* What the base is true of has been synced with a state at least as new. */
        if (!r && txn_of_meta(meta[0]) < h->txn && txn_of_meta(meta[1]) < h->txn) {
                store_explain(why,
                              "%s is older than the journal beside it: put the right one back, or "
                              "remove the journal if this is a backup",
                              s->file);
                r = STORE_FOREIGN;
        }
        for (unsigned i = 0; !r && i < 2; i++)
                if (pwrite(fd, h->meta, JOURNAL_META, (off_t)(i * h->page + META_AT)) !=
                    JOURNAL_META)
                        r = fault(-EIO);
        if (!r && fdatasync(fd) < 0)
                r = fault(-errno);
        if (fd >= 0)
                close(fd);
        if (r < 0)
                store_explain(why, "cannot restore %s: %s", s->file, strerror(-r));
        return r;
}

int lmdb_sync_begin(struct lmdb_store *s)
{
        struct lmdb_sync *y = &s->sync;
        struct journal_head head = { .serial = s->journal.head.serial + 1,
                                     .size = s->journal.head.size };
        int r;

        assert(!y->pin && !y->next_pin);
        if (!head.size)
                head.size = JOURNAL_SIZE_FIRST;
        if (getrandom(head.salt, sizeof(head.salt), 0) != sizeof(head.salt))
                return fault(-EIO);
        r = lmdb_env_word(mdb_env_sync(s->env, 1));
        if (!r)
                r = take_base(s, &head, &y->pin);
        if (!r)
                r = journal_write_head(s->journal.fd, &head);
        if (!r)
                r = lmdb_env_word(mdb_env_set_flags(s->env, MDB_NOSYNC, 1));
        if (!r && mdb_env_get_fd(s->env, &y->data))
                r = fault(-EIO);
        if (r) {
                lmdb_sync_let_go(s);
                y->lost = r < 0 ? r : fault(-EIO);
                return r;
        }
        s->journal.head = head;
        s->journal.at = head.start;
        y->journal = s->journal.fd;
        y->lost = 0;
        y->commits = 0;
        return 0;
}

int lmdb_sync_start(struct lmdb_store *s)
{
        int r = pthread_create(&s->sync.thread, NULL, follow, s);

        s->sync.short_for = SHORT_FIRST;
        s->sync.runs = r == 0;
        return r ? fault(-r) : 0;
}

void lmdb_sync_let_go(struct lmdb_store *s)
{
        adopt(s, true);
        mdb_txn_abort(s->sync.pin);
        s->sync.pin = NULL;
}

void lmdb_sync_stop(struct lmdb_store *s)
{
        struct lmdb_sync *y = &s->sync;
        struct journal_head head;

        if (!y->runs)
                return;
        adopt(s, true);
        pthread_mutex_lock(&y->lock);
        y->quit = true;
        pthread_cond_signal(&y->asked);
        pthread_mutex_unlock(&y->lock);
        pthread_join(y->thread, NULL);
        y->runs = false;
        if (!s->env || y->lost || mdb_env_sync(s->env, 1) != 0)
                return; /* the next opening restores */
        head = s->journal.head;
        head.serial++;
        head.closed = true;
        if (journal_write_head(s->journal.fd, &head) != 0)
                log_warn("the journal was not closed, the next opening does its batches again",
                         "file", "%s", s->file);
}

/* ---- by the writer ---- */

/* Another ring, of @size. The last commit is the base. */
static int resize(struct lmdb_store *s, uint64_t size)
{
        s->journal.head.size = size;
        mdb_txn_abort(s->sync.pin);
        s->sync.pin = NULL;
        return lmdb_sync_begin(s);
}

/* The ring is half full and not many batches are in it: a larger one, or the next base. */
static int move_on(struct lmdb_store *s)
{
        uint64_t size = s->journal.head.size * 4;
        int r;

        if (size > SIZE_MOST || !journal_fill(&s->journal, size))
                return ask(s);
        r = catch_up(s);
        return r ? r : resize(s, size);
}

int lmdb_sync_look(struct lmdb_store *s)
{
        struct lmdb_sync *y = &s->sync;

        adopt(s, false);
        if (y->lost)
                return y->lost;
        if (y->short_for) {
                y->short_for--;
                return catch_up(s);
        }
        if (++y->commits > COMMITS_MOST)
                return ask(s);
        if (s->journal.at - s->journal.head.start > s->journal.head.size / 2)
                return move_on(s);
        return 0;
}

void lmdb_sync_is_short(struct lmdb_store *s)
{
        s->sync.short_for = SHORT_FOR;
}

int lmdb_sync_room(struct lmdb_store *s)
{
        uint64_t size = s->journal.head.size;
        int r;

        if (journal_has_room(&s->journal))
                return 0;
        r = catch_up(s);
        while (size < 2 * s->journal.room)
                size *= 2;
        if (!r && size != s->journal.head.size)
                r = resize(s, size);
        if (!r && !journal_has_room(&s->journal))
                r = fault(-EIO);
        return r;
}

int lmdb_sync_rewind(struct lmdb_store *s)
{
        struct journal *j = &s->journal;
        int r;

        if (j->at % j->head.size == 0)
                return STORE_FULL;
        j->at += j->head.size - j->at % j->head.size;
        r = catch_up(s);
        if (!r && !journal_has_room(j))
                r = STORE_FULL;
        return r;
}
