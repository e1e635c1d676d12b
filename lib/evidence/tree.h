/* tree.h - RFC 6962 section 2.1: Merkle tree hashes, inclusion and consistency, over SHA-256
 *
 * Two users: the broker's log, which grows for years, and the sender's batch of 1 to 256 letters. */
#pragma once

#include "base/bytes.h"

/* Leaves of the largest tree: an inclusion path then has at most 62 hashes, a consistency proof 63. */
#define TREE_SIZE_MOST (UINT64_C(1) << 62)
enum { TREE_DEPTH_MOST = 63 };

void tree_leaf(struct hash *out, struct slice data);            /* SHA-256(0x00 || data) */
void tree_node(struct hash *out, const struct hash *left, const struct hash *right);
void tree_empty(struct hash *out);                              /* SHA-256("") */

/* The frontier of a growing tree: roots of its complete subtrees, largest first. It is all that is
 * needed to append and to know the root. peak[i] belongs to the i-th highest bit set in @size. */
struct tree_frontier {
        uint64_t size;
        struct hash peak[TREE_DEPTH_MOST + 1];
};
unsigned tree_peaks(uint64_t size);                             /* bits set in @size */
void tree_append(struct tree_frontier *f, const struct hash *leaf);
void tree_root(struct hash *out, const struct tree_frontier *f);

/* Root and inclusion path over @count leaf hashes in memory, for batches. @path has room for
 * TREE_DEPTH_MOST hashes; leaf's sibling first, as tlog-proof writes it. */
void tree_root_of(struct hash *out, const struct hash *leaves, size_t count);
size_t tree_path_of(struct hash *path, const struct hash *leaves, size_t count, size_t index);

/* Whoever can say the hash of a complete subtree: nodes [index << level, (index + 1) << level). */
struct tree_source {
        int (*node)(void *ctx, unsigned level, uint64_t index, struct hash *out);      /* 0 or a fault */
        void *ctx;
};
/* Inclusion path of leaf @index in the tree of the first @size leaves; RFC 6962 2.1.1. @path has room
 * for TREE_DEPTH_MOST hashes. -ERANGE for an index outside, else what the source said. */
int tree_path(struct hash *path, size_t *len, uint64_t index, uint64_t size, const struct tree_source *src);
/* Consistency proof between the first @old and the first @size leaves; RFC 6962 2.1.2. Room and
 * faults as above. Empty when @old is 0 or @size. */
int tree_consistency(struct hash *proof, size_t *len, uint64_t old, uint64_t size, const struct tree_source *src);

/* The root that @path leads to from @leaf at @index in a tree of @size leaves; RFC 9162 2.1.3.2. False when no
 * path of that length exists there. For those who know the root by a signature over it only. */
bool tree_root_by_path(struct hash *root, const struct hash *leaf, uint64_t index, uint64_t size,
                       const struct hash *path, size_t len);
/* True when @path leads from @leaf at @index to @root in a tree of @size leaves; RFC 9162 2.1.3.2.
 * A root does not bind the size by itself: the same path may do for several sizes. Take size and root
 * from one checkpoint. */
bool tree_verify_path(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path,
                      size_t len, const struct hash *root);
/* RFC 9162 2.1.4.2. Everything is consistent with the empty tree, by the empty proof. */
bool tree_verify_consistency(uint64_t old, const struct hash *old_root, uint64_t size, const struct hash *root,
                             const struct hash *proof, size_t len);
/* Both roots that a consistency proof leads to: of the first @old leaves, and of all @size. @first is the hash at
 * which it begins: where @old is a power of two that is the old root itself and not in @proof, else proof[0] and
 * @proof goes on behind it. False when no proof of that length exists for 0 < @old < @size. */
bool tree_roots_by_proof(struct hash *old_root, struct hash *root, uint64_t old, uint64_t size,
                         const struct hash *first, const struct hash *proof, size_t len);
