/* tree_batch.c - the whole tree of a small batch, level upon level
 *
 *      level 3   [          0123456          ]
 *      level 2   [     0123     ][    456    ]
 *      level 1   [  01  ][  23  ][  45  ][ 6 ]
 *      level 0   [0 ][1 ][2 ][3 ][4 ][5 ][ 6 ]
 *
 * Two neighbours make a node of the level above, and the last one of an odd level goes up as it is.
 * That is the tree of RFC 6962: splitting at the largest power of two leaves every incomplete
 * subtree on the right edge, and there a lone node is its own parent. A path takes the neighbour on
 * each level where there is one. */
#include "evidence/tree.h"

#include <assert.h>

static size_t above(size_t width)
{
        return (width + 1) / 2;
}

void tree_batch_build(struct tree_batch *b, const struct hash *leaves, size_t count)
{
        struct hash *level = b->node;

        assert(count >= 1 && count <= TREE_BATCH_MOST);
        b->count = count;
        memcpy(level, leaves, count * sizeof(*leaves));
        for (size_t width = count; width > 1; width = above(width)) {
                struct hash *up = level + width;

                for (size_t i = 0; i < width / 2; i++)
                        tree_node(&up[i], &level[2 * i], &level[2 * i + 1]);
                if (width % 2)
                        up[width / 2] = level[width - 1];
                level = up;
        }
}

void tree_batch_root(struct hash *out, const struct tree_batch *b)
{
        const struct hash *level = b->node;

        for (size_t width = b->count; width > 1; width = above(width))
                level += width;
        *out = *level;
}

size_t tree_batch_path(struct hash *path, const struct tree_batch *b, size_t index)
{
        const struct hash *level = b->node;
        size_t len = 0;

        assert(index < b->count);
        for (size_t width = b->count; width > 1; width = above(width)) {
                if ((index ^ 1) < width)
                        path[len++] = level[index ^ 1];
                level += width;
                index /= 2;
        }
        return len;
}
