/* fork.h - the proof that a log has told two histories (E6.9)
 *
 * Two checkpoints that the log signed, and, when one tree is larger, hashes out of the larger one
 * that show what its first leaves were. Convinces whoever has the log's key, and asks nobody. */
#pragma once

#include "evidence/checkpoint.h"
#include "evidence/tile.h"

enum { FORK_MOST = 32768, FORK_NODES_MOST = TREE_DEPTH_MOST + 1 };

enum fork_outcome {
        FORK_MALFORMED = 1,
        FORK_UNSIGNED = 2, /* one of them is not signed by a key at hand */
        FORK_NONE = 3,     /* the two are of one history, or of two logs, or falsely signed */
        FORK_UNPROVEN = 4, /* nodes are missing that lead from the smaller tree to the larger */
};

struct fork {
        struct slice one, other; /* the notes. Borrow from @store. */
        struct hash node[FORK_NODES_MOST];
        size_t nodes;
        struct buf store; /* freed by fork_free */
};

/* FORK_MALFORMED, or 0, or a fault. The checkpoints are not looked at yet. */
int fork_read(struct fork *out, struct slice bytes);
void fork_write(struct buf *out, const struct fork *f);
void fork_free(struct fork *f);

/* What becomes of the first @old leaves in the tree of @size, from its tiles: fills node and nodes.
 * A fault when they cannot be had; 0 says nothing about where they lead. */
int fork_nodes(struct fork *f, uint64_t old, uint64_t size, const struct tree_source *src);

/* 0: proven, under the log keys @log. Else a FORK_* outcome; @one and @other are filled when both
 * could be read. */
int fork_judge(const struct fork *f, const struct note_key *log, size_t logs,
               struct checkpoint *one, struct checkpoint *other);
