/* leaf.c - an event becomes a leaf of the log; a batch's leaves become tiles and a checkpoint
 *
 *      leaf_add    event row 'e' || index, leaf hash into the frontier
 *      leaf_seal   level 0:  [tile, full][tile, full][right edge |new new new ...]
 *                  level 1:  one hash for each full tile below, and so on upwards
 *
 * Only the right edge of each level is written again. Proofs are made by others, from the tiles. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

void leaf_salts(struct core_batch *b, size_t count)
{
        assert(count <= SALTS_MOST);
        if (b->salts >= count)
                return;
        b->core->cfg.random(b->salt, count * EVENT_SALT);
        b->salts = count;
}

int leaf_add(struct core_batch *b, struct verdict *v, struct hash *hash)
{
        struct row_event row = { .event = buf_slice(&b->event) };
        struct hash leaf;
        int r;

        if (buf_fault(&b->event))
                return fault(buf_fault(&b->event));
        leaf_salts(b, 1);
        b->salts--;
        memcpy(row.salt, b->salt[b->salts], EVENT_SALT);
        event_leaf(&leaf, row.salt, row.event); /* E6.1 */
        r = row_append_event(&b->rows, b->frontier.size, &row);
        if (r)
                return r;
        v->done = v->fresh = v->has_salt = true;
        memcpy(v->salt, row.salt, EVENT_SALT);
        v->leaf = b->frontier.size;
        v->time = b->now;
        tree_append(&b->frontier, &leaf);
        buf_put(&b->leaves, slice_hash(&leaf));
        b->changed = true;
        b->tally.leaves++;
        if (hash)
                *hash = leaf;
        return buf_fault(&b->leaves);
}

int leaf_load(struct rows *t, struct tree_frontier *f)
{
        struct row_log row;
        int r = row_get_log(t, &row);

        if (r == STORE_ABSENT)
                return fault(-EBADMSG);
        if (r)
                return r;
        if (row.peaks.len != tree_peaks(row.size) * sizeof(struct hash))
                return fault(-EBADMSG);
        *f = (struct tree_frontier){ .size = row.size };
        if (row.peaks.len)
                memcpy(f->peak, row.peaks.at, row.peaks.len);
        return 0;
}

int leaf_keep(struct rows *t, const struct tree_frontier *f)
{
        const struct row_log row = {
                .size = f->size,
                .peaks = slice_of(f->peak, tree_peaks(f->size) * sizeof(struct hash)),
        };

        return row_put_log(t, &row);
}

void leaf_checkpoint(const struct core *c, const struct tree_frontier *f, struct buf *note)
{
        struct checkpoint checkpoint = { .size = f->size };

        snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s", c->cfg.origin);
        tree_root(&checkpoint.root, f);
        checkpoint_write(note, &checkpoint, c->cfg.log_key);
}

/* A tile being filled. */
struct edge {
        unsigned level;
        uint64_t n;
        size_t width;
        struct hash hash[TILE_WIDTH];
};

/* The right edge of a level that holds @size hashes so far. */
static int edge_open(struct edge *e, struct rows *t, unsigned level, uint64_t size)
{
        struct slice kept;
        int r;

        e->level = level;
        e->n = size / TILE_WIDTH;
        e->width = size % TILE_WIDTH;
        if (e->width == 0)
                return 0;
        r = row_get_tile(t, level, e->n, &kept);
        if (r == STORE_ABSENT || (!r && kept.len != e->width * sizeof(struct hash)))
                return fault(-EBADMSG);
        if (!r)
                memcpy(e->hash, kept.at, kept.len);
        return r;
}

static int edge_keep(struct edge *e, struct rows *t)
{
        return row_put_tile(t, e->level, e->n, slice_of(e->hash, e->width * sizeof(struct hash)));
}

/* Append @hashes to a level of @size; the hashes of tiles that become full go to @up. */
static int level_grow(struct rows *t, unsigned level, uint64_t size, struct slice hashes,
                      struct buf *up)
{
        struct edge e;
        struct hash whole;
        int r = edge_open(&e, t, level, size);

        while (!r && hashes.len) {
                memcpy(&e.hash[e.width++], hashes.at, sizeof(struct hash));
                hashes = slice_from(hashes, sizeof(struct hash));
                if (e.width < TILE_WIDTH)
                        continue;
                r = edge_keep(&e, t);
                tree_root_of(&whole, e.hash, TILE_WIDTH);
                buf_put(up, slice_hash(&whole));
                e.n++;
                e.width = 0;
        }
        if (!r && e.width)
                r = edge_keep(&e, t);
        return r ? r : buf_fault(up);
}

static int tiles_grow(struct core_batch *b)
{
        BUF_OWNED one = { 0 };
        BUF_OWNED other = { 0 };
        struct buf *up = &one, *spare = &other, *swap;
        struct slice hashes = buf_slice(&b->leaves);
        uint64_t size = b->first;
        int r;

        for (unsigned level = 0; hashes.len; level++) {
                buf_clear(up);
                r = level_grow(&b->rows, level, size, hashes, up);
                if (r)
                        return r;
                hashes = buf_slice(up);
                swap = up, up = spare, spare = swap;
                size /= TILE_WIDTH;
        }
        return 0;
}

int leaf_seal(struct core_batch *b, struct buf *note)
{
        int r = tiles_grow(b);

        if (!r)
                r = leaf_keep(&b->rows, &b->frontier);
        if (r)
                return r;
        leaf_checkpoint(b->core, &b->frontier, note);
        if (buf_fault(note))
                return fault(buf_fault(note));
        return row_put_checkpoint(&b->rows, b->frontier.size, buf_slice(note));
}
