/* treap.c - a persistent treap: path copying, with counted nodes
 *
 *        root v1     root v2             v2 put one record below C: A and C were copied,
 *           A           A'               B and D are shared by both versions.
 *          / \         / \
 *         B   C       B   C'
 *              \         / \
 *               D       new D
 *
 * A node whose count is 1, below a path of counts of 1, belongs to one version only and is changed
 * in place; own() makes it so. Depth is about 2 ln n, so recursion is fine. */
#include "store/treap.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct record {
        atomic_uint count;
        uint32_t key;
        uint32_t value;
        uint8_t bytes[];
};

struct treap_node {
        atomic_uint count;
        uint64_t draw;
        struct record *record;
        struct treap_node *left;
        struct treap_node *right;
};

static struct slice record_key(const struct record *r)
{
        return slice_of(r->bytes, r->key);
}

static struct record *record_new(struct slice key, struct slice value)
{
        struct record *r = malloc(sizeof(*r) + key.len + value.len);

        if (!r)
                return NULL;
        atomic_init(&r->count, 1);
        r->key = (uint32_t)key.len;
        r->value = (uint32_t)value.len;
        memcpy(r->bytes, key.at, key.len);
        if (value.len)
                memcpy(r->bytes + key.len, value.at, value.len);
        return r;
}

static void record_free(struct record *r)
{
        if (r && atomic_fetch_sub(&r->count, 1) == 1)
                free(r);
}

static struct treap_node *node_share(struct treap_node *n)
{
        if (n)
                atomic_fetch_add(&n->count, 1);
        return n;
}

static void node_free(struct treap_node *n)
{
        if (!n || atomic_fetch_sub(&n->count, 1) != 1)
                return;
        node_free(n->left);
        node_free(n->right);
        record_free(n->record);
        free(n);
}

/* Make *@at ours alone, its parents being so already. */
static struct treap_node *own(struct treap_node **at)
{
        struct treap_node *old = *at, *n;

        assert(old);
        if (atomic_load(&old->count) == 1)
                return old;
        n = malloc(sizeof(*n));
        if (!n)
                return NULL;
        atomic_init(&n->count, 1);
        n->draw = old->draw;
        n->record = old->record;
        atomic_fetch_add(&n->record->count, 1);
        n->left = node_share(old->left);
        n->right = node_share(old->right);
        *at = n;
        node_free(old);
        return n;
}

/* The child of *@at rises over it. Both are ours. */
static void rise_left(struct treap_node **at)
{
        struct treap_node *n = *at, *l = n->left;

        n->left = l->right;
        l->right = n;
        *at = l;
}

static void rise_right(struct treap_node **at)
{
        struct treap_node *n = *at, *r = n->right;

        n->right = r->left;
        r->left = n;
        *at = r;
}

/* Hang @add below *@at, or give its record to the node that has the key (then @add is spent). */
static int insert(struct treap_node **at, struct treap_node *add, int64_t *grown)
{
        struct treap_node *n;
        struct record *r;
        int c, f;

        if (!*at) {
                *at = add;
                return 0;
        }
        n = own(at);
        if (!n)
                return fault(-ENOMEM);
        c = slice_cmp(record_key(add->record), record_key(n->record));
        if (c == 0) {
                r = n->record;
                n->record = add->record;
                add->record = r;
                *grown -= (int64_t)r->key + r->value;
                node_free(add);
                return 0;
        }
        f = insert(c < 0 ? &n->left : &n->right, add, grown);
        if (f)
                return f;
        if (n->left && n->left->draw > n->draw)
                rise_left(at);
        else if (n->right && n->right->draw > n->draw)
                rise_right(at);
        return 0;
}

int treap_put(struct treap *t, struct slice key, struct slice value, uint64_t draw, int64_t *grown)
{
        struct treap_node *n = calloc(1, sizeof(*n));
        int64_t by = (int64_t)(key.len + value.len);
        int r = 0;

        if (n)
                n->record = record_new(key, value);
        if (!n || !n->record) {
                free(n);
                return fault(-ENOMEM);
        }
        atomic_init(&n->count, 1);
        n->draw = draw;
        r = insert(&t->root, n, &by);
        if (r) {
                node_free(n);
                return r;
        }
        *grown += by;
        return 0;
}

/* Sink the node until one side of it is empty, then let the other side take its place. */
static int remove_root(struct treap_node **at)
{
        struct treap_node *n;

        for (;;) {
                n = own(at);
                if (!n)
                        return fault(-ENOMEM);
                if (!n->left || !n->right)
                        break;
                if (n->left->draw > n->right->draw) {
                        if (!own(&n->left))
                                return fault(-ENOMEM);
                        rise_left(at);
                        at = &(*at)->right;
                } else {
                        if (!own(&n->right))
                                return fault(-ENOMEM);
                        rise_right(at);
                        at = &(*at)->left;
                }
        }
        *at = n->left ? n->left : n->right;
        n->left = n->right = NULL;
        node_free(n);
        return 0;
}

int treap_del(struct treap *t, struct slice key, int64_t *grown)
{
        struct treap_node **at = &t->root;
        int64_t size;
        int r;

        for (;;) {
                struct treap_node *n = own(at);
                int c;

                if (!n)
                        return fault(-ENOMEM);
                c = slice_cmp(key, record_key(n->record));
                if (c == 0)
                        break;
                at = c < 0 ? &n->left : &n->right;
        }
        size = (int64_t)(*at)->record->key + (*at)->record->value;
        r = remove_root(at);
        if (!r)
                *grown -= size;
        return r;
}

struct treap treap_share(const struct treap *t)
{
        return (struct treap){ node_share(t->root) };
}

void treap_free(struct treap *t)
{
        node_free(t->root);
        t->root = NULL;
}

static bool show(const struct treap_node *n, struct treap_record *out)
{
        if (!n)
                return false;
        out->key = record_key(n->record);
        out->value = slice_of(n->record->bytes + n->record->key, n->record->value);
        return true;
}

bool treap_get(const struct treap *t, struct slice key, struct treap_record *out)
{
        return treap_seek(t, key, false, false, out) && slice_eq(out->key, key);
}

bool treap_seek(const struct treap *t, struct slice key, bool down, bool open,
                struct treap_record *out)
{
        const struct treap_node *best = NULL;

        for (const struct treap_node *n = t->root; n;) {
                int c = slice_cmp(record_key(n->record), key);
                bool fits = c == 0 ? !open : (c < 0) == down;

                if (fits)
                        best = n;
                /* A key that fits may have a nearer one on the side towards @key; one that does
                 * not fit has every candidate on the other side. */
                n = fits == down ? n->right : n->left;
        }
        return show(best, out);
}

bool treap_last(const struct treap *t, struct treap_record *out)
{
        const struct treap_node *n = t->root;

        while (n && n->right)
                n = n->right;
        return show(n, out);
}
