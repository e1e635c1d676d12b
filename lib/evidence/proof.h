/* proof.h - C2SP tlog-proof: one leaf of a log, provable offline (E7.3) */
#pragma once

#include "evidence/checkpoint.h"

enum { PROOF_MOST = 131072 };

struct proof {
        struct slice extra;             /* decoded; empty when the line is missing. Borrows from @store. */
        uint64_t index;
        struct hash path[TREE_DEPTH_MOST];
        size_t path_len;
        struct slice checkpoint;        /* the signed note, verbatim. Borrows from the input. */
        struct buf store;               /* freed by proof_free */
};

enum { PROOF_MALFORMED = 1 };

/* PROOF_MALFORMED, or 0, or a fault. The checkpoint is well formed then, and nothing is believed. */
int proof_read(struct proof *out, struct slice bytes);
/* Append the proof. @extra may be empty; @checkpoint is the whole signed note. */
void proof_write(struct buf *out, struct slice extra, uint64_t index, const struct hash *path, size_t len,
                 struct slice checkpoint);
void proof_free(struct proof *p);
