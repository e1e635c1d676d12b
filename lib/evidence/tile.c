/* tile.c - C2SP tlog-tiles: where a tile lies, how wide it is, what it says about its subtrees
 *
 * Tile (l, n) holds the roots of the complete subtrees of 256^l leaves, 256 in a row: each hash of
 * a tile is the root of a full tile of the level below. The seven levels between two tiles are
 * hashed again when somebody asks. */
#include "evidence/tile.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

unsigned tile_width(unsigned level, uint64_t n, uint64_t size)
{
        uint64_t hashes = level < 64 / TILE_HEIGHT ? size >> (TILE_HEIGHT * level) : 0;

        if (n > hashes / TILE_WIDTH)
                return 0;
        hashes -= n * TILE_WIDTH;
        return hashes < TILE_WIDTH ? (unsigned)hashes : TILE_WIDTH;
}

void tile_name(char out[static 96], unsigned level, uint64_t n, unsigned width)
{
        uint64_t unit = 1;
        int at;

        assert(level < 64 && width >= 1 && width <= TILE_WIDTH);
        at = snprintf(out, 96, "tile/%u/", level);
        while (n / unit >= 1000)
                unit *= 1000;
        for (; unit > 1; unit /= 1000)
                at += snprintf(out + at, 96 - (size_t)at, "x%03u/", (unsigned)(n / unit % 1000));
        at += snprintf(out + at, 96 - (size_t)at, "%03u", (unsigned)(n % 1000));
        if (width < TILE_WIDTH)
                snprintf(out + at, 96 - (size_t)at, ".p/%u", width);
}

static int hold(struct tile_source *ts, unsigned level, uint64_t n, unsigned width)
{
        int r;

        if (ts->held.level == level && ts->held.n == n && ts->held.width == width)
                return 0;
        ts->held.width = 0;
        r = ts->tile(ts->ctx, level, n, width, ts->held.hash);
        if (r)
                return r;
        ts->held.level = level;
        ts->held.n = n;
        ts->held.width = width;
        return 0;
}

/* A complete subtree of 2^level leaves is 2^(level mod 8) hashes of one tile, folded. */
static int node_from_tile(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
        struct tile_source *ts = ctx;
        unsigned above = level % TILE_HEIGHT, run = 1u << above;
        uint64_t first = index << above;
        unsigned at = (unsigned)(first % TILE_WIDTH);
        unsigned width = tile_width(level / TILE_HEIGHT, first / TILE_WIDTH, ts->size);
        int r;

        if (first >> above != index || at + run > width)
                return fault(-ERANGE);
        r = hold(ts, level / TILE_HEIGHT, first / TILE_WIDTH, width);
        if (r)
                return r;
        tree_root_of(out, ts->held.hash + at, run);
        return 0;
}

struct tree_source tile_tree_source(struct tile_source *ts)
{
        return (struct tree_source){ node_from_tile, ts };
}
