/* mem.c - the engine for tests and simulation: everything in memory, nothing kept
 *
 * One version of a map per table (treap.h) is the last commit; a reader shares it, the writer
 * shares and changes it, a commit replaces it. The engine is a strict referee: what store_get lends
 * to a writer is freed at the next write, so that a borrow held too long shows under a sanitizer,
 * and commits fail on request. */
#include "store/engine.h"
#include "store/treap.h"

#include "base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct lent {
        struct lent *next;
        uint8_t bytes[];
};

struct mem_store {
        struct store base;
        pthread_mutex_t writer; /* held by the one write transaction */
        pthread_mutex_t gate;   /* guards what follows */
        struct treap table[TABLE_COUNT];
        int64_t held;   /* key and value bytes */
        uint64_t batch; /* kept last */
        uint64_t draws;
        int inject; /* what the next commit says, 0 for the truth */
        bool inject_kept;
        bool fenced;
};

struct mem_txn {
        struct store_txn base;
        struct treap table[TABLE_COUNT];
        int64_t held;
        struct lent *lent;
};

static struct mem_store *store_of(struct store_txn *t)
{
        return (struct mem_store *)t->store;
}

static int mem_open(struct store **out, const struct store_config *cfg, struct store_why *why)
{
        struct mem_store *s = calloc(1, sizeof(*s));
        pthread_mutexattr_t attr;

        if (!s) {
                store_explain(why, "no memory for a store");
                return fault(-ENOMEM);
        }
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
        pthread_mutex_init(&s->writer, &attr);
        pthread_mutexattr_destroy(&attr);
        pthread_mutex_init(&s->gate, NULL);
        *out = &s->base;
        return 0;
}

static void mem_close(struct store *store)
{
        struct mem_store *s = (struct mem_store *)store;

        for (int i = 0; i < TABLE_COUNT; i++)
                treap_free(&s->table[i]);
        pthread_mutex_destroy(&s->writer);
        pthread_mutex_destroy(&s->gate);
        free(s);
}

static int mem_lease(struct store *store, uint64_t *epoch)
{
        struct mem_store *s = (struct mem_store *)store;
        bool fenced;

        pthread_mutex_lock(&s->gate);
        fenced = s->fenced;
        pthread_mutex_unlock(&s->gate);
        if (fenced)
                return STORE_FENCED;
        *epoch = 1;
        return 0;
}

static int txn_new(struct mem_store *s, struct mem_txn **out)
{
        struct mem_txn *t = calloc(1, sizeof(*t));

        if (!t)
                return fault(-ENOMEM);
        pthread_mutex_lock(&s->gate);
        for (int i = 0; i < TABLE_COUNT; i++)
                t->table[i] = treap_share(&s->table[i]);
        t->held = s->held;
        pthread_mutex_unlock(&s->gate);
        *out = t;
        return 0;
}

static void take_back(struct mem_txn *t)
{
        while (t->lent) {
                struct lent *l = t->lent;

                t->lent = l->next;
                free(l);
        }
}

static void txn_free(struct mem_txn *t)
{
        take_back(t);
        for (int i = 0; i < TABLE_COUNT; i++)
                treap_free(&t->table[i]);
        free(t);
}

static int mem_begin(struct store *store, uint64_t batch, struct store_txn **out)
{
        struct mem_store *s = (struct mem_store *)store;
        struct mem_txn *t;
        uint64_t epoch;
        int r;

        r = pthread_mutex_lock(&s->writer);
        if (r)
                return fault(-r);
        r = mem_lease(store, &epoch);
        if (!r)
                r = txn_new(s, &t);
        if (r) {
                pthread_mutex_unlock(&s->writer);
                return r;
        }
        t->base.done = batch && batch == s->batch;
        *out = &t->base;
        return 0;
}

static int mem_look(struct store *store, struct store_txn **out)
{
        struct mem_txn *t;
        int r = txn_new((struct mem_store *)store, &t);

        if (!r)
                *out = &t->base;
        return r;
}

static int lend(struct mem_txn *t, struct slice *value)
{
        struct lent *l = malloc(sizeof(*l) + value->len);

        if (!l)
                return fault(-ENOMEM);
        if (value->len)
                memcpy(l->bytes, value->at, value->len);
        l->next = t->lent;
        t->lent = l;
        value->at = l->bytes;
        return 0;
}

static int mem_get(struct store_txn *txn, enum store_table table, struct slice key,
                   struct slice *value)
{
        struct mem_txn *t = (struct mem_txn *)txn;
        struct treap_record found;
        int r = 0;

        if (!treap_get(&t->table[table], key, &found))
                return STORE_ABSENT;
        if (txn->writes)
                r = lend(t, &found.value);
        if (!r)
                *value = found.value;
        return r;
}

/* splitmix64: the same store and calls give the same tree, which a simulation likes. */
static uint64_t draw(struct mem_store *s)
{
        uint64_t z = s->draws += 0x9e3779b97f4a7c15;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
}

static int mem_put(struct store_txn *txn, enum store_table table, struct slice key,
                   struct slice value)
{
        struct mem_txn *t = (struct mem_txn *)txn;
        int r = treap_put(&t->table[table], key, value, draw(store_of(txn)), &t->held);

        /* Only now: the caller may be putting what it borrowed. */
        take_back(t);
        return r;
}

static int mem_append(struct store_txn *txn, enum store_table table, struct slice key,
                      struct slice value)
{
        struct mem_txn *t = (struct mem_txn *)txn;
        struct treap_record last;

        if (treap_last(&t->table[table], &last) && slice_cmp(key, last.key) <= 0)
                return fault(-EINVAL);
        return mem_put(txn, table, key, value);
}

static int mem_del(struct store_txn *txn, enum store_table table, struct slice key)
{
        struct mem_txn *t = (struct mem_txn *)txn;
        struct treap_record found;
        int r = STORE_ABSENT;

        if (treap_get(&t->table[table], key, &found))
                r = treap_del(&t->table[table], key, &t->held);
        take_back(t);
        return r;
}

static int mem_range(struct store_txn *txn, enum store_table table, const struct span *span,
                     store_visit visit, void *ctx)
{
        const struct treap *tree = &((struct mem_txn *)txn)->table[table];
        struct treap_record at;
        bool more;
        int r;

        if (span->down && !span->start.len)
                more = treap_last(tree, &at);
        else
                more = treap_seek(tree, span->start, span->down, span->open, &at);
        while (more && span_covers(span, at.key)) {
                r = visit(ctx, at.key, at.value);
                if (r)
                        return r < 0 ? r : 0;
                more = treap_seek(tree, at.key, span->down, true, &at);
        }
        return 0;
}

static int mem_commit(struct store_txn *txn)
{
        struct mem_txn *t = (struct mem_txn *)txn;
        struct mem_store *s = store_of(txn);
        int r;

        pthread_mutex_lock(&s->gate);
        r = s->inject;
        s->inject = 0;
        if (r == STORE_FENCED)
                s->fenced = true;
        if (!r || (r == STORE_UNKNOWN && s->inject_kept)) {
                for (int i = 0; i < TABLE_COUNT; i++) {
                        struct treap old = s->table[i];

                        s->table[i] = t->table[i];
                        t->table[i] = old;
                }
                s->held = t->held;
                s->batch = txn->batch;
        }
        pthread_mutex_unlock(&s->gate);
        pthread_mutex_unlock(&s->writer);
        txn_free(t);
        return r;
}

static void mem_abort(struct store_txn *txn)
{
        struct mem_store *s = store_of(txn);
        bool writes = txn->writes;

        txn_free((struct mem_txn *)txn);
        if (writes)
                pthread_mutex_unlock(&s->writer);
}

static int mem_purge(struct store *store, uint64_t budget, bool *left)
{
        *left = false;
        return 0;
}

static int mem_stat(struct store *store, struct store_stat *out)
{
        struct mem_store *s = (struct mem_store *)store;

        pthread_mutex_lock(&s->gate);
        out->bytes_used = (uint64_t)s->held;
        pthread_mutex_unlock(&s->gate);
        return 0;
}

static int mem_inject(struct store *store, int outcome, bool kept)
{
        struct mem_store *s = (struct mem_store *)store;

        if (outcome > 0 && outcome != STORE_FULL && outcome != STORE_AGAIN &&
            outcome != STORE_FENCED && outcome != STORE_UNKNOWN)
                return fault(-EINVAL);
        pthread_mutex_lock(&s->gate);
        s->inject = outcome;
        s->inject_kept = kept;
        s->fenced = s->fenced && outcome;
        pthread_mutex_unlock(&s->gate);
        return 0;
}

const struct store_engine mem_engine = {
        .name = "mem",
        .open = mem_open,
        .close = mem_close,
        .lease = mem_lease,
        .begin = mem_begin,
        .look = mem_look,
        .get = mem_get,
        .put = mem_put,
        .append = mem_append,
        .del = mem_del,
        .range = mem_range,
        .commit = mem_commit,
        .abort = mem_abort,
        .purge = mem_purge,
        .stat = mem_stat,
        .inject = mem_inject,
};
