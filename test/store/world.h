/* world.h - a store in a temporary folder and short words for stories about it */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

struct world {
        char folder[64]; /* temporary; the store lies in its folder "store" */
        struct store_config cfg;
        char path[96];
        struct store *store;
        uint64_t batch; /* named last */
};

/* An empty store of that engine, open. Ended by world_end, which removes everything. */
struct world *world_new(const char *engine);
/* The same, and not yet open: cfg may be changed before world_open. */
struct world *world_plan(const char *engine, const char *below);
void world_open(struct world *w);
void world_reopen(struct world *w);
void world_end(struct world *w);

int world_try_open(struct world *w, struct store_why *why); /* and closes again */

struct store_txn *world_begin(struct world *w); /* with a new batch number */
struct store_txn *world_look(struct world *w);

struct slice str(const char *s);
void put(struct store_txn *t, enum store_table table, const char *key, const char *value);
void keep(struct store_txn *t); /* commit must say 0 */
void put_kept(struct world *w, enum store_table table, const char *key, const char *value);

void check_is(struct store_txn *t, enum store_table table, const char *key, const char *value);
void check_absent(struct store_txn *t, enum store_table table, const char *key);
/* What a visit meets, keys joined by blanks. */
void check_range(struct store_txn *t, enum store_table table, const char *prefix, const char *from,
                 bool down, const char *keys);
/* What a fresh reader sees. */
void check_kept(struct world *w, enum store_table table, const char *key, const char *value);
void check_not_kept(struct world *w, enum store_table table, const char *key);
