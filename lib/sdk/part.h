/* part.h - where the bytes of a letter's parts come from while it is composed: files and memory */
#pragma once

#include "letter/seal.h"
#include "schemas/rows.h"
#include "sdk/fumibako.h"

struct part {
        char *name, *media;
        char *path;         /* absolute; NULL when in memory */
        struct slice bytes; /* in memory; the caller's */
        int fd;             /* of the file */
        uint64_t size;
        struct hash digest;
};

/* Open what the caller named: a file, or a name and bytes. 0, -errno or TOO_LARGE. */
int part_open(struct part *p, const struct fumi_part *from);
/* The same part again, from a draft. PART_DISAGREES when the file is gone or another one now. */
int part_reopen(struct part *p, const struct draft_part *from);
void part_close(struct part *p); /* what part_open() or part_reopen() made, whatever they said */

/* For seal_compose() and for the draft; both borrow from @p. */
struct seal_part part_seal(struct part *p);
struct draft_part part_draft(const struct part *p);
