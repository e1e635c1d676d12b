/* treap.h - an ordered map of which any number of versions live side by side
 *
 * A search tree by key and a heap by a number drawn per record, so it stays about balanced. Nodes
 * are counted and shared between versions: to take a version is to count its root once more, and
 * whoever changes a shared node copies it first. A version never changes under its reader. */
#pragma once

#include "base/bytes.h"

struct treap_node;

/* A version of the map. Zeroed: empty. One thread at a time may change or free it, while other
 * threads read or free versions that share nodes with it. */
struct treap {
        struct treap_node *root;
};

/* The record a visit stands on; @key and @value live as long as the version. */
struct treap_record {
        struct slice key;
        struct slice value;
};

struct treap treap_share(const struct treap *t); /* the same version, once more */
void treap_free(struct treap *t);

bool treap_get(const struct treap *t, struct slice key, struct treap_record *out);
/* The first record with a key >= @key (> when @open), or the last one <= @key (< when @open). */
bool treap_seek(const struct treap *t, struct slice key, bool down, bool open,
                struct treap_record *out);
bool treap_last(const struct treap *t, struct treap_record *out);

/* Put under @key; @draw decides the balance and should look random. 0 or -ENOMEM, then the map
 * holds what it held. @grown gets the change of key and value bytes held. */
int treap_put(struct treap *t, struct slice key, struct slice value, uint64_t draw, int64_t *grown);
/* The record must be there. 0 or -ENOMEM, then the map holds what it held. */
int treap_del(struct treap *t, struct slice key, int64_t *grown);
