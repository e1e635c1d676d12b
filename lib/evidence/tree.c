/* tree.c - RFC 6962 section 2.1, and RFC 9162 for the verifying side
 *
 * A tree of n leaves is its complete subtrees from left to right, one for each bit set in n,
 * largest first; its root folds their roots from the right:
 *
 *      n = 7 = 4 + 2 + 1        root = H( peak0, H( peak1, peak2 ) )
 *
 * So the split of a tree of n > 1 leaves, the largest power of two below n, always leaves a
 * complete subtree on the left, and every hash that a path or a consistency proof needs is either
 * complete or the fold of the right edge. Both are said by a tree_source. */
#include "evidence/tree.h"

#include "base/fault.h"
#include "crypt/hash.h"

#include <assert.h>
#include <errno.h>

enum { LEAF = 0x00, NODE = 0x01 };

void tree_leaf(struct hash *out, struct slice data)
{
        const uint8_t mark = LEAF;
        uint8_t bytes[256];

        if (data.len < sizeof(bytes)) {
                bytes[0] = mark;
                if (data.len)
                        memcpy(bytes + 1, data.at, data.len);
                hash_sha256(out, slice_of(bytes, 1 + data.len));
        } else {
                const struct slice parts[] = { slice_of(&mark, 1), data };

                hash_sha256_parts(out, parts, 2);
        }
}

void tree_node(struct hash *out, const struct hash *left, const struct hash *right)
{
        uint8_t bytes[1 + 2 * sizeof(struct hash)];

        bytes[0] = NODE;
        memcpy(bytes + 1, left->b, sizeof(left->b));
        memcpy(bytes + 1 + sizeof(left->b), right->b, sizeof(right->b));
        hash_sha256(out, slice_of(bytes, sizeof(bytes)));
}

void tree_empty(struct hash *out)
{
        hash_sha256(out, (struct slice){ 0 });
}

unsigned tree_peaks(uint64_t size)
{
        return (unsigned)__builtin_popcountll(size);
}

/* Each bit that the new size carries over is a pair of peaks grown together. */
void tree_append(struct tree_frontier *f, const struct hash *leaf)
{
        unsigned n = tree_peaks(f->size);
        struct hash h = *leaf;

        assert(f->size < TREE_SIZE_MOST);
        for (uint64_t s = f->size; s & 1; s >>= 1)
                tree_node(&h, &f->peak[--n], &h);
        f->peak[n] = h;
        f->size++;
}

/* The root over @n peaks, at least one. */
static void fold(struct hash *out, const struct hash *peak, unsigned n)
{
        struct hash h = peak[n - 1];

        while (--n)
                tree_node(&h, &peak[n - 1], &h);
        *out = h;
}

void tree_root(struct hash *out, const struct tree_frontier *f)
{
        if (f->size == 0)
                tree_empty(out);
        else
                fold(out, f->peak, tree_peaks(f->size));
}

/* The largest power of two below @n, which is at least 2. */
static uint64_t split_of(uint64_t n)
{
        return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static void reverse(struct hash *path, size_t len)
{
        for (size_t i = 0; i < len / 2; i++) {
                struct hash h = path[i];

                path[i] = path[len - 1 - i];
                path[len - 1 - i] = h;
        }
}

void tree_root_of(struct hash *out, const struct hash *leaves, size_t count)
{
        struct tree_frontier f;

        f.size = 0;
        for (size_t i = 0; i < count; i++)
                tree_append(&f, &leaves[i]);
        tree_root(out, &f);
}

size_t tree_path_of(struct hash *path, const struct hash *leaves, size_t count, size_t index)
{
        size_t len = 0;

        assert(index < count && count <= TREE_SIZE_MOST);
        while (count > 1) {
                size_t k = split_of(count);

                if (index < k) {
                        tree_root_of(&path[len++], leaves + k, count - k);
                        count = k;
                } else {
                        tree_root_of(&path[len++], leaves, k);
                        leaves += k;
                        index -= k;
                        count -= k;
                }
        }
        reverse(path, len);
        return len;
}

/* The hash of the @n leaves from @first on, @first being a multiple of the power of two that @n
 * fits in. */
static int range_root(struct hash *out, uint64_t first, uint64_t n, const struct tree_source *src)
{
        struct hash peak[TREE_DEPTH_MOST + 1];
        unsigned peaks = 0;

        while (n) {
                unsigned level = 63 - (unsigned)__builtin_clzll(n);
                int r = src->node(src->ctx, level, first >> level, &peak[peaks++]);

                if (r)
                        return r;
                first += UINT64_C(1) << level;
                n -= UINT64_C(1) << level;
        }
        fold(out, peak, peaks);
        return 0;
}

/* Written from the root down and turned round: a proof begins at the leaf. */
int tree_path(struct hash *path, size_t *len, uint64_t index, uint64_t size,
              const struct tree_source *src)
{
        uint64_t first = 0, n = size;
        size_t got = 0;

        if (index >= size || size > TREE_SIZE_MOST)
                return fault(-ERANGE);
        while (n > 1) {
                uint64_t k = split_of(n);
                bool left = index - first < k;
                int r = left ? range_root(&path[got++], first + k, n - k, src)
                             : range_root(&path[got++], first, k, src);

                if (r)
                        return r;
                first += left ? 0 : k;
                n = left ? k : n - k;
        }
        reverse(path, got);
        *len = got;
        return 0;
}

/* SUBPROOF of the RFC: down the right edge of the old tree. Where that edge ends in a complete
 * subtree of the new tree its hash is known to whoever knows the old root, when it is that root. */
int tree_consistency(struct hash *proof, size_t *len, uint64_t old, uint64_t size,
                     const struct tree_source *src)
{
        uint64_t first = 0, m = old, n = size;
        size_t got = 0;
        int r;

        if (old > size || size > TREE_SIZE_MOST)
                return fault(-ERANGE);
        if (old == 0)
                n = 0;
        while (m < n) {
                uint64_t k = split_of(n);
                bool left = m <= k;

                r = left ? range_root(&proof[got++], first + k, n - k, src)
                         : range_root(&proof[got++], first, k, src);
                if (r)
                        return r;
                first += left ? 0 : k;
                m -= left ? 0 : k;
                n = left ? k : n - k;
        }
        if (first) {
                r = range_root(&proof[got++], first, n, src);
                if (r)
                        return r;
        }
        reverse(proof, got);
        *len = got;
        return 0;
}

/* RFC 9162 2.1.3.2 and 2.1.4.2 walk up from a node and from the last node of its level, side by
 * side. One step: true when the node is a right child (or the lone last one, after the levels on
 * which it had no sibling), so that the hash of the proof stands on its left. */
struct walk {
        uint64_t node, last;
};

static bool walk_up(struct walk *w)
{
        bool right = (w->node & 1) || w->node == w->last;

        if (right)
                while (!(w->node & 1) && w->node) {
                        w->node >>= 1;
                        w->last >>= 1;
                }
        w->node >>= 1;
        w->last >>= 1;
        return right;
}

bool tree_root_by_path(struct hash *root, const struct hash *leaf, uint64_t index, uint64_t size,
                       const struct hash *path, size_t len)
{
        struct walk w = { index, size - 1 };
        struct hash h = *leaf;

        if (index >= size || size > TREE_SIZE_MOST)
                return false;
        for (size_t i = 0; i < len; i++) {
                if (w.last == 0)
                        return false;
                if (walk_up(&w))
                        tree_node(&h, &path[i], &h);
                else
                        tree_node(&h, &h, &path[i]);
        }
        if (w.last != 0)
                return false;
        *root = h;
        return true;
}

bool tree_verify_path(const struct hash *leaf, uint64_t index, uint64_t size,
                      const struct hash *path, size_t len, const struct hash *root)
{
        struct hash led;

        return tree_root_by_path(&led, leaf, index, size, path, len) && hash_eq(&led, root);
}

bool tree_roots_by_proof(struct hash *old_root, struct hash *root, uint64_t old, uint64_t size,
                         const struct hash *first, const struct hash *proof, size_t len)
{
        struct walk w = { old - 1, size - 1 };
        struct hash was = *first, is = *first;

        if (old == 0 || old >= size || size > TREE_SIZE_MOST)
                return false;
        for (; w.node & 1; w.node >>= 1)
                w.last >>= 1;
        for (size_t i = 0; i < len; i++) {
                if (w.last == 0)
                        return false;
                if (walk_up(&w)) {
                        tree_node(&was, &proof[i], &was);
                        tree_node(&is, &proof[i], &is);
                } else {
                        tree_node(&is, &is, &proof[i]);
                }
        }
        if (w.last != 0)
                return false;
        *old_root = was;
        *root = is;
        return true;
}

bool tree_verify_consistency(uint64_t old, const struct hash *old_root, uint64_t size,
                             const struct hash *root, const struct hash *proof, size_t len)
{
        struct hash was, is;
        bool whole = (old & (old - 1)) == 0; /* the old root is itself the first hash */

        if (old > size || size > TREE_SIZE_MOST)
                return false;
        if (old == size)
                return len == 0 && hash_eq(old_root, root);
        if (old == 0) {
                tree_empty(&was);
                return len == 0 && hash_eq(old_root, &was);
        }
        if (!whole && len == 0)
                return false;
        return tree_roots_by_proof(&was, &is, old, size, whole ? old_root : proof,
                                   whole ? proof : proof + 1, whole ? len : len - 1) &&
               hash_eq(&was, old_root) && hash_eq(&is, root);
}
