/* store.c - the seam: limits and promises that hold for every engine, then the engine */
#include "store/engine.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { READERS_DEFAULT = 126 };

void store_explain(struct store_why *why, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(why->text, sizeof(why->text), fmt, ap);
        va_end(ap);
}

int store_open(struct store **out, const struct store_config *cfg, struct store_why *why)
{
        const struct store_engine *const engines[] = { &lmdb_engine, &mem_engine };
        struct store_config c = *cfg;

        why->text[0] = 0;
        if (!c.readers)
                c.readers = READERS_DEFAULT;
        for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++) {
                struct store *s;
                int r;

                if (strcmp(engines[i]->name, c.engine) != 0)
                        continue;
                r = engines[i]->open(&s, &c, why);
                if (r && !why->text[0])
                        store_explain(why, "cannot open the store: %s", r < 0 ? strerror(-r) : "");
                if (r)
                        return r;
                s->engine = engines[i];
                s->readers_most = c.readers;
                *out = s;
                return 0;
        }
        store_explain(why, "there is no store engine \"%s\": it is lmdb or mem", c.engine);
        return fault(-EINVAL);
}

int store_peek(const char *engine, const char *path, struct store_why *why)
{
        return strcmp(engine, lmdb_engine.name) == 0 ? lmdb_engine.peek(path, why) : 0;
}

void store_close(struct store **s)
{
        if (!*s)
                return;
        assert(atomic_load(&(*s)->readers) == 0);
        (*s)->engine->close(*s);
        *s = NULL;
}

int store_lease(struct store *s, uint64_t *epoch)
{
        return s->engine->lease(s, epoch);
}

int store_begin(struct store *s, uint64_t batch, struct store_txn **out, bool *done)
{
        struct store_txn *t;
        int r = s->engine->begin(s, batch, &t);

        if (r)
                return r;
        t->store = s;
        t->batch = batch;
        t->writes = true;
        *done = t->done;
        *out = t;
        return 0;
}

int store_look(struct store *s, struct store_txn **out)
{
        struct store_txn *t;
        int r;

        if (atomic_fetch_add(&s->readers, 1) >= s->readers_most) {
                atomic_fetch_sub(&s->readers, 1);
                return fault(-EAGAIN);
        }
        r = s->engine->look(s, &t);
        if (r) {
                atomic_fetch_sub(&s->readers, 1);
                return r;
        }
        t->store = s;
        *out = t;
        return 0;
}

static bool key_fits(struct slice key)
{
        return key.len >= 1 && key.len <= STORE_KEY_MOST;
}

int store_get(struct store_txn *t, enum store_table table, struct slice key, struct slice *value)
{
        assert(table < TABLE_COUNT);
        if (t->broken)
                return t->broken;
        if (!key_fits(key))
                return fault(-EINVAL);
        return t->store->engine->get(t, table, key, value);
}

/* May this transaction be written? Whatever else it says sticks. */
static int writable(struct store_txn *t, struct slice key, size_t value)
{
        if (!t->writes)
                return fault(-EINVAL);
        if (t->broken)
                return t->broken;
        if (t->done)
                return t->broken = fault(-EALREADY);
        if (!key_fits(key) || value > STORE_VALUE_MOST)
                return t->broken = fault(-EINVAL);
        return 0;
}

static int written(struct store_txn *t, int r, size_t bytes)
{
        if (r == STORE_ABSENT)
                return r;
        if (r)
                return t->broken = r;
        t->dirty = true;
        t->written += bytes;
        return 0;
}

int store_put(struct store_txn *t, enum store_table table, struct slice key, struct slice value)
{
        int r = writable(t, key, value.len);

        assert(table < TABLE_COUNT);
        if (r)
                return r;
        return written(t, t->store->engine->put(t, table, key, value), key.len + value.len);
}

int store_append(struct store_txn *t, enum store_table table, struct slice key, struct slice value)
{
        int r = writable(t, key, value.len);

        assert(table < TABLE_COUNT);
        if (r)
                return r;
        return written(t, t->store->engine->append(t, table, key, value), key.len + value.len);
}

int store_del(struct store_txn *t, enum store_table table, struct slice key)
{
        int r = writable(t, key, 0);

        assert(table < TABLE_COUNT);
        if (r)
                return r;
        return written(t, t->store->engine->del(t, table, key), 0);
}

int store_range(struct store_txn *t, enum store_table table, struct slice prefix, struct slice from,
                bool down, store_visit visit, void *ctx)
{
        struct span span;

        assert(table < TABLE_COUNT);
        if (t->broken)
                return t->broken;
        if (prefix.len > STORE_KEY_MOST || from.len > STORE_KEY_MOST)
                return fault(-EINVAL);
        span_set(&span, prefix, from, down);
        return t->store->engine->range(t, table, &span, visit, ctx);
}

int store_commit(struct store_txn **txn)
{
        struct store_txn *t = *txn;
        struct store *s = t->store;
        uint64_t bytes = t->written;
        int r = t->broken;

        if (r || !t->dirty) {
                store_abort(txn);
                return r;
        }
        *txn = NULL;
        r = s->engine->commit(t);
        if (!r) {
                atomic_fetch_add(&s->commits, 1);
                atomic_fetch_add(&s->written, bytes);
        }
        return r;
}

void store_abort(struct store_txn **txn)
{
        struct store_txn *t = *txn;
        struct store *s;
        bool reads;

        if (!t)
                return;
        *txn = NULL;
        s = t->store;
        reads = !t->writes;
        s->engine->abort(t);
        if (reads)
                atomic_fetch_sub(&s->readers, 1);
}

int store_purge(struct store *s, uint64_t budget, bool *left)
{
        return s->engine->purge(s, budget, left);
}

int store_stat(struct store *s, struct store_stat *out)
{
        struct store_stat st = { 0 };
        int r = s->engine->stat(s, &st);

        if (r)
                return r;
        st.commits = atomic_load(&s->commits);
        st.bytes_written = atomic_load(&s->written);
        *out = st;
        return 0;
}

int store_inject(struct store *s, int outcome, bool kept)
{
        return s->engine->inject(s, outcome, kept);
}
