/* world.c - a store in a temporary folder and short words for stories about it */
#include "world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world *world_plan(const char *engine, const char *below)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        snprintf(w->folder, sizeof(w->folder), "%s/fumibako-store-XXXXXX", below);
        assert_non_null(mkdtemp(w->folder));
        snprintf(w->path, sizeof(w->path), "%s/store", w->folder);
        w->cfg.engine = engine;
        w->cfg.path = w->path;
        w->cfg.create = true;
        return w;
}

void world_open(struct world *w)
{
        struct store_why why;
        int r = store_open(&w->store, &w->cfg, &why);

        if (r)
                fail_msg("open said %d: %s", r, why.text);
}

struct world *world_new(const char *engine)
{
        struct world *w = world_plan(engine, "/tmp");

        world_open(w);
        return w;
}

void world_reopen(struct world *w)
{
        store_close(&w->store);
        assert_null(w->store);
        world_open(w);
}

int world_try_open(struct world *w, struct store_why *why)
{
        struct store *s = NULL;
        int r = store_open(&s, &w->cfg, why);

        if (r)
                assert_null(s);
        store_close(&s);
        return r;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        return remove(path);
}

void world_end(struct world *w)
{
        store_close(&w->store);
        nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(w);
}

struct store_txn *world_begin(struct world *w)
{
        struct store_txn *t = NULL;
        bool done = true;

        assert_int_equal(store_begin(w->store, ++w->batch, &t, &done), 0);
        assert_false(done);
        return t;
}

struct store_txn *world_look(struct world *w)
{
        struct store_txn *t = NULL;

        assert_int_equal(store_look(w->store, &t), 0);
        return t;
}

struct slice str(const char *s)
{
        return slice_str(s);
}

void put(struct store_txn *t, enum store_table table, const char *key, const char *value)
{
        assert_int_equal(store_put(t, table, str(key), str(value)), 0);
}

void keep(struct store_txn *t)
{
        assert_int_equal(store_commit(&t), 0);
        assert_null(t);
}

void put_kept(struct world *w, enum store_table table, const char *key, const char *value)
{
        struct store_txn *t = world_begin(w);

        put(t, table, key, value);
        keep(t);
}

void check_is(struct store_txn *t, enum store_table table, const char *key, const char *value)
{
        struct slice v;

        assert_int_equal(store_get(t, table, str(key), &v), 0);
        assert_int_equal(v.len, strlen(value));
        assert_memory_equal(v.at, value, v.len);
}

void check_absent(struct store_txn *t, enum store_table table, const char *key)
{
        struct slice v = str("untouched");

        assert_int_equal(store_get(t, table, str(key), &v), STORE_ABSENT);
        assert_true(slice_is(v, "untouched"));
}

struct joined {
        char keys[512];
        size_t len;
};

static int join(void *ctx, struct slice key, struct slice value)
{
        struct joined *j = ctx;

        assert_true(j->len + key.len + 2 < sizeof(j->keys));
        if (j->len)
                j->keys[j->len++] = ' ';
        memcpy(j->keys + j->len, key.at, key.len);
        j->len += key.len;
        return 0;
}

void check_range(struct store_txn *t, enum store_table table, const char *prefix, const char *from,
                 bool down, const char *keys)
{
        struct joined j = { 0 };

        assert_int_equal(store_range(t, table, str(prefix), str(from), down, join, &j), 0);
        assert_string_equal(j.keys, keys);
}

void check_kept(struct world *w, enum store_table table, const char *key, const char *value)
{
        struct store_txn *t = world_look(w);

        check_is(t, table, key, value);
        store_abort(&t);
}

void check_not_kept(struct world *w, enum store_table table, const char *key)
{
        struct store_txn *t = world_look(w);

        check_absent(t, table, key);
        store_abort(&t);
}
