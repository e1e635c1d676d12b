/* engine.h - what an engine brings, seen by store.c and the engines only
 *
 * store.c checks limits, keeps the promises that are the same everywhere (a broken transaction
 * stays broken, a done one stays empty, readers are counted) and calls the engine for the rest. An
 * engine may rely on: keys and values within limits, tables below TABLE_COUNT, writes only in an
 * unbroken write transaction that is not done, commit only of one that has written. */
#pragma once

#include "store/span.h"
#include "store/store.h"

#include <stdatomic.h>

struct store_engine {
        const char *name;
        int (*open)(struct store **out, const struct store_config *cfg, struct store_why *why);
        int (*peek)(const char *folder, struct store_why *why); /* NULL: nothing to look at */
        void (*close)(struct store *s);
        int (*lease)(struct store *s, uint64_t *epoch);
        /* Sets txn->done when @batch is the one kept last. */
        int (*begin)(struct store *s, uint64_t batch, struct store_txn **out);
        int (*look)(struct store *s, struct store_txn **out);
        int (*get)(struct store_txn *t, enum store_table table, struct slice key,
                   struct slice *value);
        int (*put)(struct store_txn *t, enum store_table table, struct slice key,
                   struct slice value);
        int (*append)(struct store_txn *t, enum store_table table, struct slice key,
                      struct slice value);
        int (*del)(struct store_txn *t, enum store_table table, struct slice key);
        int (*range)(struct store_txn *t, enum store_table table, const struct span *span,
                     store_visit visit, void *ctx);
        int (*commit)(struct store_txn *t); /* frees @t, whatever it says */
        void (*abort)(struct store_txn *t); /* frees @t */
        int (*purge)(struct store *s, uint64_t budget, bool *left);
        int (*stat)(struct store *s, struct store_stat *out);
        int (*inject)(struct store *s, int outcome, bool kept);
};

extern const struct store_engine lmdb_engine;
extern const struct store_engine mem_engine;

/* The head of every engine's store and transaction. */
struct store {
        const struct store_engine *engine;
        atomic_uint readers;
        unsigned readers_most;
        atomic_ullong commits;
        atomic_ullong written;
};

struct store_txn {
        struct store *store;
        uint64_t batch;
        uint64_t written; /* key and value bytes put */
        bool writes;      /* a write transaction */
        bool done;        /* its batch has been kept before */
        bool dirty;       /* something to commit */
        int broken;       /* the first outcome or fault that allows only abort */
};

/* Fill @why for a person. */
void store_explain(struct store_why *why, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
