/* tile.h - C2SP tlog-tiles: the tree as runs of 256 hashes, and tree_source over them */
#pragma once

#include "evidence/tree.h"

enum { TILE_WIDTH = 256, TILE_HEIGHT = 8, TILE_BYTES = TILE_WIDTH * 32 };

/* Width of tile (@level, @n) in a tree of @size leaves: 0 when it does not exist, else 1-256. */
unsigned tile_width(unsigned level, uint64_t n, uint64_t size);

/* The path of a tile in the specification's spelling, "tile/0/x001/x234/067.p/12". @out: 96 bytes. */
void tile_name(char out[static 96], unsigned level, uint64_t n, unsigned width);

/* Where tiles come from: up to TILE_WIDTH hashes into @out, @width asked for; 0 or a fault. The tile
 * read last is held, because the neighbours on a path lie together: a path of twenty hashes asks for
 * about four tiles. Not shared between threads. */
struct tile_source {
        int (*tile)(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out);
        void *ctx;
        uint64_t size;                  /* of the tree */
        struct {
                unsigned level, width;  /* width 0: none is held */
                uint64_t n;
                struct hash hash[TILE_WIDTH];
        } held;
};
/* A tree_source that answers from tiles. @ts must outlive it. */
struct tree_source tile_tree_source(struct tile_source *ts);
